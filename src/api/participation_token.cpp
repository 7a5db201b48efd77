#include "participation_token.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::api {
namespace {

using Key = std::array<std::uint8_t, 32>;

const Key& process_key() {
  static const Key key = [] {
    Key made{};
    crypto::random_bytes(made);
    return made;
  }();
  return key;
}

std::string seal(std::string_view text, std::string_view subject) {
  const std::string message = fmt::format("form\n{}\n{}", text, subject);
  return to_hex(crypto::hmac_sha256(process_key(), as_bytes(message)));
}

}  // namespace

std::string make_form_token(std::string_view subject, UtcTime now) {
  std::array<std::uint8_t, 12> nonce{};
  crypto::random_bytes(nonce);
  const std::string text = fmt::format("{}.{}", now.ms, to_hex(nonce));
  return fmt::format("{}.{}", text, seal(text, subject));
}

Result<void> check_form_token(std::string_view token, std::string_view subject, UtcTime now) {
  const auto bad = [] {
    return fail(ErrorCode::invalid_argument, "followup.submission.form",
                "the form was open for too short or too long, or is not of this page");
  };
  const std::size_t last = token.rfind('.');
  const std::size_t first = token.find('.');
  if (token.size() > 200 || last == std::string_view::npos || first == last) {
    return bad();
  }
  const std::string_view text = token.substr(0, last);
  if (!crypto::equal_constant_time(seal(text, subject), token.substr(last + 1))) {
    return bad();
  }
  std::int64_t made = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + first, made);
  const std::int64_t age = now.ms - made;
  if (error != std::errc{} || age < kFormMsMin || age > kFormMsMax) {
    return bad();
  }
  return {};
}

}  // namespace atalaya::api
