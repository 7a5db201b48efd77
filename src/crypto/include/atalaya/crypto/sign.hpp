#pragma once
// Ed25519 signatures (RFC 8032). Pure; any thread.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/base/secret.hpp>

namespace atalaya::crypto {

inline constexpr std::size_t kSeedBytes = 32;
using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// A private key; moves, never copies, wipes itself.
class SigningKey {
 public:
  [[nodiscard]] static SigningKey generate();
  /// `seed` is RFC 8032's 32-byte private key. Fails with invalid_argument (crypto.seed_size).
  [[nodiscard]] static Result<SigningKey> from_seed(Secret seed);

  [[nodiscard]] Signature sign(std::string_view message) const noexcept;

  [[nodiscard]] const PublicKey& public_key() const noexcept { return public_key_; }

  /// The 32 bytes that from_seed() takes, for writing a key file.
  [[nodiscard]] const Secret& seed() const noexcept { return seed_; }

 private:
  SigningKey(Secret seed, Secret expanded, const PublicKey& public_key);

  Secret seed_;
  Secret expanded_;  // libsodium's 64-byte form: seed and public key
  PublicKey public_key_;
};

/// Refuses signatures that are not canonical (S not below the group's order) and public keys of
/// small order, so that one message and key have one accepted signature. `signature` of another
/// length than 64 is refused.
[[nodiscard]] bool verify_signature(const PublicKey& key, std::string_view message,
                                    std::span<const std::uint8_t> signature) noexcept;

}  // namespace atalaya::crypto
