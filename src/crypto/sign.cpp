#include <atalaya/crypto/sign.hpp>

#include <string>

#include <fmt/format.h>
#include <sodium.h>

#include <atalaya/crypto/hash.hpp>

#include "sodium.hpp"

namespace atalaya::crypto {
namespace {

const std::uint8_t* data_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

SigningKey::SigningKey(Secret seed, Secret expanded, const PublicKey& public_key)
    : seed_(std::move(seed)), expanded_(std::move(expanded)), public_key_(public_key) {}

SigningKey SigningKey::generate() {
  std::string seed(kSeedBytes, '\0');
  random_bytes({reinterpret_cast<std::uint8_t*>(seed.data()), seed.size()});
  auto key = from_seed(Secret(std::move(seed)));
  ATALAYA_CHECK(key.has_value());
  return std::move(*key);
}

Result<SigningKey> SigningKey::from_seed(Secret seed) {
  ensure_sodium();
  // The key pair is computed from the seed's bytes.
  const std::string_view bytes = seed.unsafe_reveal();
  if (bytes.size() != kSeedBytes) {
    return fail(ErrorCode::invalid_argument, "crypto.seed_size",
                fmt::format("an Ed25519 seed has {} bytes, not {}", kSeedBytes, bytes.size()));
  }
  PublicKey public_key;
  std::string expanded(crypto_sign_SECRETKEYBYTES, '\0');
  crypto_sign_seed_keypair(public_key.data(), reinterpret_cast<std::uint8_t*>(expanded.data()),
                           data_of(bytes));
  return SigningKey(std::move(seed), Secret(std::move(expanded)), public_key);
}

Signature SigningKey::sign(std::string_view message) const noexcept {
  Signature signature;
  // Signing needs the private key.
  crypto_sign_detached(signature.data(), nullptr, data_of(message), message.size(),
                       data_of(expanded_.unsafe_reveal()));
  return signature;
}

bool verify_signature(const PublicKey& key, std::string_view message,
                      std::span<const std::uint8_t> signature) noexcept {
  ensure_sodium();
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(signature.data(), data_of(message), message.size(),
                                     key.data()) == 0;
}

}  // namespace atalaya::crypto
