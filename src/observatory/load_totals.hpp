#pragma once
// Totals that a source gives beside parts (`_T`, ADR 5), where it gives them for some places or
// periods only: which facts a total stands for, row by row.

#include <string_view>
#include <vector>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

/// A column of a set of facts beside its dimensions. Without it every part has a total.
inline constexpr std::string_view kTotalsColumn = "_totals";

/// The status of a fact that the source names and gives no number of.
inline constexpr std::string_view kMissingStatus = "missing";

/// A text of that column: of the dimensions that have totals, those that the fact tells apart; then
/// sets of them of which each names a total that holds the fact.
struct TotalsOfFact {
  struct Total {
    std::vector<std::string_view> together;
    bool wider = false;  // of a larger place, a longer period or a wider offence
  };

  std::vector<std::string_view> told;
  std::vector<Total> held;
};

[[nodiscard]] TotalsOfFact totals_of_fact(std::string_view text);

/// Makes facts without a value, of the status "missing", of what the files name and leave without a
/// number, so that no sum passes for the whole: the rows of Facts::not_given that missed_rows()
/// names. The new ones stand last.
void append_not_given(const std::vector<std::size_t>& rows, Facts& facts);
/// Those of months of which the files say something else, and of no total: its parts say more.
[[nodiscard]] std::vector<std::size_t> missed_rows(const Territories& territories,
                                                   const std::vector<NewTerritory>& joining,
                                                   const std::vector<std::string>& months,
                                                   const Facts& facts);

/// Gives the facts that column where some parts have no total or only a wider one, and the report a
/// finding of how much that is and where. `joining`: places that the load brings along.
void mark_totals(const Territories& territories, const std::vector<NewTerritory>& joining,
                 Facts& facts, LoadReport& report, std::size_t not_given = 0);

}  // namespace atalaya::observatory::detail
