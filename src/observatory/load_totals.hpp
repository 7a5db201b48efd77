#pragma once
// Totals that a source gives beside parts (`_T`, ADR 5), where it gives them for some places or
// periods only: which facts a total stands for, row by row.

#include <string_view>
#include <vector>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

/// A column of a set of facts beside its dimensions. Without it every part has a total.
inline constexpr std::string_view kTotalsColumn = "_totals";

/// A text of that column: of the dimensions that have totals, those that the fact tells apart; then
/// sets of them of which each names a total that holds the fact.
struct TotalsOfFact {
  std::vector<std::string_view> told;
  std::vector<std::vector<std::string_view>> held;
};

[[nodiscard]] TotalsOfFact totals_of_fact(std::string_view text);

/// Gives the facts that column where some parts have no total, and the report a finding of how much
/// that is and where. `joining`: places that the load brings along.
void mark_totals(const Territories& territories, const std::vector<NewTerritory>& joining,
                 Facts& facts, LoadReport& report);

}  // namespace atalaya::observatory::detail
