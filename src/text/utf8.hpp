#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace atalaya::text {

/// The character at byte `i`, which moves behind it; -1 for a byte that is not UTF-8 (RFC 3629),
/// which is stepped over alone. `i` must be < text.size().
[[nodiscard]] inline std::int32_t decode_utf8(std::string_view text, std::size_t& i) noexcept {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char first = byte(i);
  ++i;
  if (first < 0x80) {
    return first;
  }
  const std::size_t extra = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || text.size() - i < extra) {
    return -1;
  }
  std::int32_t c = first & (0x3F >> extra);
  for (std::size_t k = 0; k < extra; ++k) {
    if ((byte(i + k) & 0xC0U) != 0x80U) {
      return -1;
    }
    c = (c << 6) | (byte(i + k) & 0x3F);
  }
  const bool overlong = (extra == 2 && c < 0x800) || (extra == 3 && c < 0x10000);
  if (overlong || (c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) {
    return -1;
  }
  i += extra;
  return c;
}

/// The largest character bound of well-formed text that is <= `at`.
[[nodiscard]] inline std::size_t utf8_floor(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) {
    return text.size();
  }
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
    --at;
  }
  return at;
}

}  // namespace atalaya::text
