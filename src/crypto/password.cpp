#include <atalaya/crypto/password.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <atalaya/crypto/hash.hpp>

#include "sodium.hpp"

namespace atalaya::crypto {
namespace {

constexpr std::int64_t kTotpStepsEachWay = 1;

std::unexpected<Error> no_memory(std::size_t bytes) {
  return fail(ErrorCode::exhausted, "crypto.password_memory",
              fmt::format("checking a password needs {} MiB of memory and the machine has none "
                          "free: try again, or give the node more memory",
                          bytes >> 20U));
}

/// The memory that a stored string asks for ("…$m=65536,…", in KiB), for the message only.
std::size_t memory_of(const std::string& stored) {
  const auto at = stored.find("$m=");
  return at == std::string::npos
             ? 0
             : static_cast<std::size_t>(std::strtoull(stored.c_str() + at + 3, nullptr, 10)) << 10U;
}

}  // namespace

Result<std::string> hash_password(const Secret& password, PasswordCost cost) {
  ensure_sodium();
  // Hashing needs the bytes of the password.
  const std::string_view bytes = password.unsafe_reveal();
  if (bytes.empty() || bytes.size() > kPasswordBytesMax) {
    return fail(ErrorCode::invalid_argument, "crypto.password_size",
                fmt::format("a password has 1 to {} bytes", kPasswordBytesMax));
  }
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str(out.data(), bytes.data(), bytes.size(), cost.passes, cost.memory_bytes) !=
      0) {
    return no_memory(cost.memory_bytes);
  }
  return std::string(out.data());
}

Result<bool> verify_password(const std::string& stored, const Secret& password) {
  ensure_sodium();
  // Checking needs the bytes of the password.
  const std::string_view bytes = password.unsafe_reveal();
  if (bytes.size() > kPasswordBytesMax || stored.size() >= crypto_pwhash_STRBYTES) {
    return false;
  }
  // libsodium reads a whole array.
  std::array<char, crypto_pwhash_STRBYTES> padded{};
  std::ranges::copy(stored, padded.begin());
  errno = 0;
  if (crypto_pwhash_str_verify(padded.data(), bytes.data(), bytes.size()) == 0) {
    return true;
  }
  if (errno == ENOMEM) {
    return no_memory(memory_of(stored));
  }
  return false;
}

bool password_needs_rehash(const std::string& stored, PasswordCost cost) noexcept {
  ensure_sodium();
  return crypto_pwhash_str_needs_rehash(stored.c_str(), cost.passes, cost.memory_bytes) != 0;
}

Secret generate_totp_key() {
  std::string key(kTotpKeyBytes, '\0');
  random_bytes({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
  return Secret(std::move(key));
}

std::string totp_at_step(const Secret& key, std::int64_t step, TotpOptions options) {
  ATALAYA_CHECK(options.digits >= 6 && options.digits <= 8 && options.step_s > 0);
  std::array<std::uint8_t, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(step) >> (56U - 8U * i));
  }
  // The code is a MAC under the key.
  const std::string_view bytes = key.unsafe_reveal();
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  const bool done = HMAC(options.hash == TotpHash::sha1 ? EVP_sha1() : EVP_sha256(), bytes.data(),
                         static_cast<int>(bytes.size()), counter.data(), counter.size(), mac.data(),
                         &size) != nullptr;
  ATALAYA_CHECK(done && size >= 20);
  // RFC 4226 section 5.3: the last nibble says where to take 31 bits.
  const std::size_t offset = mac[size - 1] & 0x0FU;
  const std::uint32_t number =
      (std::uint32_t{mac[offset]} & 0x7FU) << 24U | std::uint32_t{mac[offset + 1]} << 16U |
      std::uint32_t{mac[offset + 2]} << 8U | std::uint32_t{mac[offset + 3]};
  std::uint32_t modulus = 1;
  for (int i = 0; i < options.digits; ++i) {
    modulus *= 10;
  }
  return fmt::format("{:0{}}", number % modulus, options.digits);
}

std::string totp(const Secret& key, UtcTime at, TotpOptions options) {
  return totp_at_step(key, at.ms / 1000 / options.step_s, options);
}

std::optional<std::int64_t> find_totp_step(const Secret& key, std::string_view code, UtcTime at,
                                           TotpOptions options) {
  const std::int64_t now = at.ms / 1000 / options.step_s;
  std::optional<std::int64_t> found;
  for (std::int64_t step = now - kTotpStepsEachWay; step <= now + kTotpStepsEachWay; ++step) {
    if (equal_constant_time(totp_at_step(key, step, options), code)) {
      found = step;
    }
  }
  return found;
}

Secret totp_key_text(const Secret& key) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  // The text is the key in another spelling, and a Secret as well.
  for (const char c : key.unsafe_reveal()) {
    bits = (bits << 8U) | static_cast<std::uint8_t>(c);
    count += 8;
    while (count >= 5) {
      count -= 5;
      out += kAlphabet[(bits >> count) & 31U];
    }
  }
  if (count > 0) {
    out += kAlphabet[(bits << (5 - count)) & 31U];
  }
  return Secret(std::move(out));
}

}  // namespace atalaya::crypto
