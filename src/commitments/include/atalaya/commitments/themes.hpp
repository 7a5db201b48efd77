#pragma once
// What stands under a theme. The catalogue's themes are a tree (skos:broader), and commitments name
// themes of any level of it: a theme holds what names it or a narrower one, and the theme that all
// others are narrower than holds what names none, too. Whoever counts or filters by theme asks
// here.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/catalogue.hpp>

namespace atalaya::commitments {

/// Whether all other themes are narrower, so that everything stands under it.
[[nodiscard]] bool holds_all(const Catalogue& catalogue, std::string_view theme);

/// The themes themselves, then every narrower one, without repetition.
[[nodiscard]] std::vector<std::string> with_narrower(const Catalogue& catalogue,
                                                     std::vector<std::string> themes);

/// All themes that hold what names `named`: those, every broader one, and what holds all.
[[nodiscard]] std::vector<std::string> with_broader(const Catalogue& catalogue,
                                                    std::vector<std::string> named);

/// Whether `theme` holds what names `named`; an empty theme is none in particular and holds all.
[[nodiscard]] bool stands_under(const Catalogue& catalogue, std::string_view theme,
                                std::span<const std::string> named);

}  // namespace atalaya::commitments
