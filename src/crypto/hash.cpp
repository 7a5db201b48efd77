#include <atalaya/crypto/hash.hpp>

#include <algorithm>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "sodium.hpp"

namespace atalaya::crypto {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void ensure_sodium() noexcept {
  static const bool ready = sodium_init() >= 0;
  ATALAYA_CHECK(ready);
}

void random_bytes(std::span<std::uint8_t> out) noexcept {
  ensure_sodium();
  randombytes_buf(out.data(), out.size());
}

Hash sha256(std::span<const std::uint8_t> bytes) noexcept {
  // Every row is hashed: OpenSSL's uses the processor's instructions for it, libsodium's does not.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> kContext(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  Hash hash;
  unsigned length = 0;
  const bool done = EVP_DigestInit_ex2(kContext.get(), kSha256, nullptr) == 1 &&
                    EVP_DigestUpdate(kContext.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(kContext.get(), hash.data(), &length) == 1;
  ATALAYA_CHECK(done && length == hash.size());
  return hash;
}

Hash sha256(std::string_view bytes) noexcept {
  return sha256(bytes_of(bytes));
}

struct Sha256::State {
  crypto_hash_sha256_state value;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  crypto_hash_sha256_init(&state_->value);
}

Sha256::~Sha256() {
  wipe(state_.get(), sizeof(State));
}

Sha256& Sha256::update(std::span<const std::uint8_t> bytes) noexcept {
  crypto_hash_sha256_update(&state_->value, bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::update(std::string_view bytes) noexcept {
  return update(bytes_of(bytes));
}

Hash Sha256::finish() noexcept {
  Hash hash;
  crypto_hash_sha256_final(&state_->value, hash.data());
  return hash;
}

bool read_hash(std::span<const std::uint8_t> bytes, Hash& out) noexcept {
  if (bytes.size() != out.size()) {
    return false;
  }
  std::ranges::copy(bytes, out.begin());
  return true;
}

bool equal_constant_time(std::span<const std::uint8_t> a,
                         std::span<const std::uint8_t> b) noexcept {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
  return equal_constant_time(bytes_of(a), bytes_of(b));
}

Hash hmac_sha256(std::span<const std::uint8_t> key,
                 std::span<const std::uint8_t> message) noexcept {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, message.data(), message.size());
  Hash mac;
  crypto_auth_hmacsha256_final(&state, mac.data());
  wipe(&state, sizeof state);
  return mac;
}

Result<Secret> hkdf_sha256(const Secret& key, std::string_view salt, std::string_view info,
                           std::size_t size) {
  if (size == 0 || size > kHkdfBytesMax) {
    return fail(ErrorCode::invalid_argument, "crypto.hkdf.size",
                fmt::format("{} bytes asked for; 1 to {} can be derived", size, kHkdfBytesMax));
  }
  // The input key is revealed to the extract step only.
  Hash pseudorandom = hmac_sha256(bytes_of(salt), bytes_of(key.unsafe_reveal()));
  std::string out;
  out.reserve(size + kHashBytes);
  std::string message;
  for (std::uint8_t round = 1; out.size() < size; ++round) {
    message = out.empty() ? std::string() : out.substr(out.size() - kHashBytes);
    message += info;
    message += static_cast<char>(round);
    const Hash block = hmac_sha256(pseudorandom, bytes_of(message));
    out.append(reinterpret_cast<const char*>(block.data()), block.size());
    wipe(message.data(), message.size());
  }
  wipe(out.data() + size, out.size() - size);
  out.resize(size);
  wipe(pseudorandom.data(), pseudorandom.size());
  return Secret(std::move(out));
}

}  // namespace atalaya::crypto
