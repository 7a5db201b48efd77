#pragma once
// What the ranking of antecedents reads from a node.

#include <cstdint>
#include <string_view>
#include <vector>

#include <atalaya/commitments/lineage.hpp>
#include <atalaya/text/search.hpp>

#include "desk_state.hpp"

namespace atalaya::commitments::detail {

/// Above so many commitments a question is answered from a shortlist: an index of all of them
/// would take seconds and hundreds of megabytes, and be built anew after every change.
inline constexpr std::int64_t kRankAllMax = 20'000;

struct ShortlistSize {
  std::size_t each_search = 50;  // of at most eight
  std::int64_t by_treaty = 200;
  std::int64_t by_chance = 2'000;  // about
};

/// Every commitment.
[[nodiscard]] Result<std::vector<LineageItem>> lineage_items(store::Transaction& tx,
                                                             const Catalogue& catalogue);

/// The commitment `id`, what the search index finds for its words (also among those that share
/// a theme alone), what names the same treaties, and some commitments taken by chance from their
/// ids, so that a word's rarity is the one it has in the node. Empty when the id is unknown. Fails
/// as the index's search does.
[[nodiscard]] Result<std::vector<LineageItem>> lineage_shortlist(store::Transaction& tx,
                                                                 const Catalogue& catalogue,
                                                                 const text::SearchIndex& index,
                                                                 std::string_view id,
                                                                 ShortlistSize size = {});

}  // namespace atalaya::commitments::detail
