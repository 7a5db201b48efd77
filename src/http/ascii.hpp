#pragma once
// Comparisons of protocol elements, which are ASCII whatever the locale.

#include <algorithm>
#include <string>
#include <string_view>

namespace atalaya::http {

[[nodiscard]] constexpr char lower_ascii(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool equal_ascii(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower_ascii, lower_ascii);
}

[[nodiscard]] inline std::string lower_ascii(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower_ascii(c); });
  return out;
}

// Blanks and tabs only: the optional white space of RFC 9110 section 5.6.3.
[[nodiscard]] constexpr std::string_view trim_ows(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// The part of `text` before `separator`; `text` becomes what follows it.
[[nodiscard]] constexpr std::string_view take(std::string_view& text, char separator) noexcept {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return part;
}

// Whether a comma-separated field has this member.
[[nodiscard]] constexpr bool has_token(std::string_view field, std::string_view token) noexcept {
  while (!field.empty()) {
    if (equal_ascii(trim_ows(take(field, ',')), token)) {
      return true;
    }
  }
  return false;
}

}  // namespace atalaya::http
