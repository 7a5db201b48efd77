#pragma once
// Names as files write them, brought to one spelling, and the distance between two of them.

#include <cstddef>
#include <string>
#include <string_view>

namespace atalaya::observatory {

/// Folded, without punctuation and bracketed additions, single letters joined ("D.C." → "dc"),
/// "St." and "Sto." written out; of territories also without "Departamento de" and the like.
/// Empty only where nothing is left to compare.
[[nodiscard]] std::string match_key(std::string_view text, bool is_territory);

/// Letters to insert, delete, replace or swap with a neighbour; any number above `most` is
/// `most` + 1.
[[nodiscard]] std::size_t spelling_distance(std::string_view a, std::string_view b,
                                            std::size_t most);

}  // namespace atalaya::observatory
