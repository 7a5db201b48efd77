#pragma once

#include <span>
#include <string_view>

#include <atalaya/base/text.hpp>

namespace atalaya::text {

/// Function words of a language, folded, sorted by bytes.
[[nodiscard]] std::span<const std::string_view> stop_words(Language language) noexcept;

/// `folded` must be folded.
[[nodiscard]] bool is_folded_stop_word(std::string_view folded, Language language) noexcept;

}  // namespace atalaya::text
