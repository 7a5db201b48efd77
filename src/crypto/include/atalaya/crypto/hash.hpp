#pragma once
// Randomness, hashing and what is derived from it. Every function may be called by any thread;
// libsodium is set up by the first call.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/secret.hpp>

namespace atalaya::crypto {

inline constexpr std::size_t kHashBytes = 32;

/// A SHA-256 value (FIPS 180-4).
using Hash = std::array<std::uint8_t, kHashBytes>;

/// Fills `out` from the operating system's generator. Aborts where the machine has none.
void random_bytes(std::span<std::uint8_t> out) noexcept;

[[nodiscard]] Hash sha256(std::span<const std::uint8_t> bytes) noexcept;
[[nodiscard]] Hash sha256(std::string_view bytes) noexcept;

/// SHA-256 of pieces put one after another. finish() once, then no more.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  Sha256& update(std::span<const std::uint8_t> bytes) noexcept;
  Sha256& update(std::string_view bytes) noexcept;
  [[nodiscard]] Hash finish() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Copies `bytes` into `out`; false, and `out` as it was, where they are not exactly 32.
[[nodiscard]] bool read_hash(std::span<const std::uint8_t> bytes, Hash& out) noexcept;

/// Takes the same time wherever the first difference is. False when the lengths differ.
[[nodiscard]] bool equal_constant_time(std::span<const std::uint8_t> a,
                                       std::span<const std::uint8_t> b) noexcept;
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

/// RFC 2104 with SHA-256; any key length.
[[nodiscard]] Hash hmac_sha256(std::span<const std::uint8_t> key,
                               std::span<const std::uint8_t> message) noexcept;

inline constexpr std::size_t kHkdfBytesMax = 255 * kHashBytes;

/// HKDF with SHA-256 (RFC 5869): extract with `salt` (may be empty), expand with `info`.
/// `size` in [1, 8160] bytes: fails with invalid_argument (crypto.hkdf.size) outside.
[[nodiscard]] Result<Secret> hkdf_sha256(const Secret& key, std::string_view salt,
                                         std::string_view info, std::size_t size);

}  // namespace atalaya::crypto
