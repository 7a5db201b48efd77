#pragma once
// Passwords and second factors. Any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/base/secret.hpp>
#include <atalaya/base/time.hpp>

namespace atalaya::crypto {

/// What one guess costs. The product's values are RFC 9106's choice for machines that share their
/// memory with other work (section 4, second option: 3 passes over 64 MiB): a small server can
/// check a dozen sign-ins at once without running out.
struct PasswordCost {
  std::uint64_t passes = 3;
  std::size_t memory_bytes = std::size_t{64} << 20U;
};

inline constexpr PasswordCost kPasswordCost{};
/// The least that Argon2id accepts: for tests that check logic, never for a real account.
inline constexpr PasswordCost kPasswordCostForTests{.passes = 1, .memory_bytes = 8192};
inline constexpr std::size_t kPasswordBytesMax = 1024;

/// An Argon2id string "$argon2id$v=19$m=…" with a fresh salt, to be stored as it is.
/// Fails with invalid_argument (crypto.password_size) when empty or over 1024 bytes, and with
/// exhausted (crypto.password_memory) when the memory cannot be had. Takes some 100 ms.
[[nodiscard]] Result<std::string> hash_password(const Secret& password,
                                                PasswordCost cost = kPasswordCost);

/// False for a wrong password and for a stored string that is not Argon2's. As slow as hashing;
/// fails only with exhausted (crypto.password_memory), which must not count as a wrong guess.
[[nodiscard]] Result<bool> verify_password(const std::string& stored, const Secret& password);

/// True when `stored` was made with another cost: hash again after the next good sign-in.
[[nodiscard]] bool password_needs_rehash(const std::string& stored,
                                         PasswordCost cost = kPasswordCost) noexcept;

enum class TotpHash { sha1, sha256 };

/// RFC 6238 with T0 = 0. The defaults are what every authenticator app understands.
struct TotpOptions {
  TotpHash hash = TotpHash::sha1;
  std::int64_t step_s = 30;  // > 0
  int digits = 6;            // 6 to 8
};

inline constexpr std::size_t kTotpKeyBytes = 20;

/// A fresh random key of 20 bytes (RFC 4226 section 4, R6).
[[nodiscard]] Secret generate_totp_key();

/// The code at the time step number `step` (seconds since 1970 divided by options.step_s).
[[nodiscard]] std::string totp_at_step(const Secret& key, std::int64_t step,
                                       TotpOptions options = {});
[[nodiscard]] std::string totp(const Secret& key, UtcTime at, TotpOptions options = {});

/// The step that `code` is right for, looking one step back and one ahead (RFC 6238 section 5.2),
/// in constant time; nothing where it is wrong. Keep the answered step and refuse every later code
/// whose step is not greater: a code works once.
[[nodiscard]] std::optional<std::int64_t> find_totp_step(const Secret& key, std::string_view code,
                                                         UtcTime at, TotpOptions options = {});

/// The key as authenticator apps take it: RFC 4648 base 32, upper case, without padding.
[[nodiscard]] Secret totp_key_text(const Secret& key);

}  // namespace atalaya::crypto
