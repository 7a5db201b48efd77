#pragma once
// Likeness of names, numbers and dates. Arguments are folded text (base::fold), bytes are letters.

#include <string>
#include <string_view>
#include <vector>

namespace atalaya::observatory::detail {

/// In [0, 1]; 1 for the same. Winkler's prefix counts 0.1 a letter, up to four.
/// Source: Winkler, Proc. Section on Survey Research Methods, ASA 1990, 354-9.
[[nodiscard]] double jaro_winkler(std::string_view a, std::string_view b) noexcept;

/// Whether one letter wrong, missing or too many, or two neighbours swapped, is all the difference.
[[nodiscard]] bool one_slip(std::string_view a, std::string_view b) noexcept;

/// The words of a name without particles (de, la, del, y, da, dos, van …); all words where nothing
/// else is left.
[[nodiscard]] std::vector<std::string> name_words(std::string_view folded);

/// How a name sounds, roughly: h silent, b=v, s=z=c(e,i), c(a,o,u)=k=q, ll=y, g(e,i)=j, ph=f,
/// vowels but the first and double letters dropped.
[[nodiscard]] std::string phonetic(std::string_view folded);

}  // namespace atalaya::observatory::detail
