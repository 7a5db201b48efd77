#pragma once
// A line of the history in words: pages and feeds say what changed, never with the names that rows
// are kept under.

#include <string>

#include <atalaya/followup/cube.hpp>

namespace atalaya::followup {

struct ChangeWords {
  std::string kind;           // "Treaty act"; of a register its own name
  std::string before, after;  // empty where there was none
  std::string why;            // the day that a report speaks of and the scale of a mark included
};

[[nodiscard]] ChangeWords words_of(const Parts& parts, Language language, const ChangeView& change);

/// "Panama", "Parliament of Panama", "CICAD": whoever a cell is of.
[[nodiscard]] std::string actor_words(const commitments::Catalogue& catalogue, Language language,
                                      std::string_view actor);

}  // namespace atalaya::followup
