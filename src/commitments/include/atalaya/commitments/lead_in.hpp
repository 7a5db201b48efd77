#pragma once
// The lines of a document that are no item and lead to its items: "Commit, by 31 December 2030, to
// the following:". They are found again from the lines that are held, wherever they are needed.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <atalaya/commitments/parse.hpp>

namespace atalaya::commitments {

struct LeadIn {
  std::int32_t line = 0;      // of the source, its first
  std::int32_t line_end = 0;  // its last
  std::string text;        // without emphasis, wrapped lines joined by one blank; ends in a colon
  std::int32_t first = 0;  // ordinals of the items that it governs
  std::int32_t last = 0;
};

/// In the order of the document; no item stands below two. `items` are all of the document's, in
/// its order, and `lines` the lines that their numbers count, lines[0] being line 1. A lead-in
/// governs until another one, a sentence between two items, or an item of another document.
[[nodiscard]] std::vector<LeadIn> leads_of(std::span<const std::string> lines,
                                           std::span<const ParsedItem> items);

}  // namespace atalaya::commitments
