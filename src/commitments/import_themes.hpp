#pragma once
// What the items of a page are about, where nobody says so: what its title names. Private to the
// module.

#include <span>
#include <string>
#include <vector>

#include <atalaya/commitments/import.hpp>

namespace atalaya::commitments {

/// The themes that an item's chapter names, where its page says none for all, else those that the
/// page's theme or title names.
[[nodiscard]] std::vector<std::string> themes_of(const Catalogue& catalogue,
                                                 const ParsedDocument& document,
                                                 const ParsedItem& item);

/// Fills `themes`, which of the items get them, and `unthemed`, with a warning that says what to
/// do. `before` are the other files of the command.
[[nodiscard]] Result<void> plan_themes(store::Transaction& tx, const Catalogue& catalogue,
                                       std::span<const FilePlan> before, FilePlan& plan);

/// The themes that the titles of its pages give a commitment now: where nobody else says any, those
/// of the first page whose title names some. Whoever takes places away from it runs this, and
/// settles the main theme after.
[[nodiscard]] Result<void> hold_title_themes(store::Transaction& tx, const Catalogue& catalogue,
                                             const std::string& commitment);

}  // namespace atalaya::commitments
