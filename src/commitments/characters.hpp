#pragma once
// How long a text is for whoever writes it. Private to the module.

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace atalaya::commitments::detail {

/// Of valid UTF-8, in characters.
inline std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace atalaya::commitments::detail
