#pragma once
// The items of a held document below the texts that govern them, with what persons set of those.
// Private to the module.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/store/database.hpp>

#include "chapeau.hpp"
#include "row_digest.hpp"

namespace atalaya::commitments::detail {

struct GovernedItem {
  ParsedItem item;
  std::string commitment;
  std::vector<TextAbove> above;  // the nearest first
};

struct GovernedItems {
  std::vector<GovernedItem> items;  // in their order; ordinals count from 1 without gaps
  std::vector<LeadIn> leads;
  std::map<std::string, std::vector<SetClause>, std::less<>> set;  // by commitment

  /// The texts above one of its items, for the rules.
  [[nodiscard]] std::vector<GoverningText> texts_above(const GovernedItem& one) const;
  /// Whether the commitment governs the item here.
  [[nodiscard]] bool governs(std::string_view commitment, const GovernedItem& one) const;
};

[[nodiscard]] Result<GovernedItems> read_governed(store::Transaction& tx,
                                                  const std::string& source);

/// Who changed a clause of a governing text, for the histories of what follows it. Without a reason
/// nothing is written there: the items are new.
struct ChangedAbove {
  std::string reason, by, at;
};

/// After a change of what persons set of `commitment`: reads the clauses anew of the items below
/// it, which take from it what they do not say themselves. What an earlier program read is left to
/// Desk::reread(), which does the same. Answers the commitments that changed and adds what is held
/// of them to `record`.
[[nodiscard]] Result<std::vector<std::string>> follow_above(store::Transaction& tx,
                                                            const Recogniser& recogniser,
                                                            const std::string& commitment,
                                                            const ChangedAbove& change,
                                                            RowRecord& record);

}  // namespace atalaya::commitments::detail
