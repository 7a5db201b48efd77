#pragma once
// What a text on public security is about, in the vocabulary of the field and in four languages:
// so that "forfeiture of assets" and "lavado de activos" meet although they share no word.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis_words.hpp"

namespace atalaya::commitments {

/// Subject number and how often the words name it; sorted by subject.
using Subjects = std::vector<std::pair<std::uint8_t, float>>;

[[nodiscard]] std::size_t subject_count() noexcept;

/// Linear in the words.
[[nodiscard]] Subjects subjects_of(const std::vector<Word>& words);

}  // namespace atalaya::commitments
