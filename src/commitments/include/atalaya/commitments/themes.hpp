#pragma once
// What stands under a theme. The catalogue's themes are trees (skos:broader), and commitments name
// themes of any level: a theme holds what names it or a narrower one. The first theme of the
// catalogue, security, is the one that the program is about; the others that have no broader one
// are those of pages that stand beside it. What names no theme stands under none, but for what the
// node keeps besides commitments (registers, figures, guidance): that is about the first theme.
// Whoever counts or filters by theme asks here.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/catalogue.hpp>

namespace atalaya::commitments {

/// Whether it is the theme that the program is about.
[[nodiscard]] bool is_subject(const Catalogue& catalogue, std::string_view theme);

/// The themes themselves, then every narrower one, without repetition.
[[nodiscard]] std::vector<std::string> with_narrower(const Catalogue& catalogue,
                                                     std::vector<std::string> themes);

/// All themes that hold what names `named`: those and every broader one.
[[nodiscard]] std::vector<std::string> with_broader(const Catalogue& catalogue,
                                                    std::vector<std::string> named);

/// Whether `theme` holds what names `named`; an empty theme is none in particular and holds all.
[[nodiscard]] bool stands_under(const Catalogue& catalogue, std::string_view theme,
                                std::span<const std::string> named);

/// The same of what is no commitment: all of that stands under the theme the program is about.
[[nodiscard]] bool concerns(const Catalogue& catalogue, std::string_view theme,
                            std::span<const std::string> named);

/// The themes whose names, in any language, a page's title is made of: all of it, or what stands
/// between its colons, commas or "and". None that is broader than another of them; of a title of
/// more than 500 bytes none.
[[nodiscard]] std::vector<std::string> themes_named(const Catalogue& catalogue,
                                                    std::string_view title);

}  // namespace atalaya::commitments
