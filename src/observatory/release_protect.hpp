#pragma once
// Disclosure control of a release's tables (columns/disclosure.hpp does the work).

#include <atalaya/base/json.hpp>

#include "desk_state.hpp"
#include "release_plan.hpp"

namespace atalaya::observatory::detail {

struct PastTable {
  std::string release;
  TableQuery query;
  std::set<std::string> sources;
  Table table;
  bool open = false;    // published as it was, by its plan's decision or by default
  bool chosen = false;  // the plan itself said whether it was protected
  bool hides_zeros = false;  // zeros may be among what it hid
  std::vector<std::string> same_cases;  // sources that its plan said count the same
  std::vector<DifferentCases> different_cases;
};

/// The sources that a table rests on.
[[nodiscard]] std::set<std::string> sources_of(const Table& table,
                                               const std::vector<Current>& submissions);

struct Protected {
  bool safe = true;
  json::object audit;
  json::object policy;
};

/// What rounds a node's cells alike for ever; secret. Fails as the store does.
[[nodiscard]] Result<std::uint64_t> rounding_seed(store::Database& database);

/// Marks cells of `tables` (beside plan.tables) as suppressed and takes their numbers away.
/// All tables that rest on a common submission are protected together, with what past releases
/// show of the same sources.
[[nodiscard]] Result<Protected> protect_tables(const Desk::State& state,
                                               const Territories& territories,
                                               const std::vector<Current>& submissions,
                                               const ReleasePlan& plan,
                                               const std::vector<PastTable>& past,
                                               std::uint64_t seed, std::vector<Table>& tables);
/// Takes the exact measures of data away that earlier versions froze beside protected tables.
[[nodiscard]] Result<void> coarsen_release(const Indicators& indicators, Release& release);

}  // namespace atalaya::observatory::detail
