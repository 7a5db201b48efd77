#pragma once
// The facts under a group of tables, where sources give totals of their own (`_T`, ADR 5) beside
// parts: rows of which every figure that the tables print is a sum, and no other.

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

/// A code of a row. `totalled`: its source totals this dimension by itself, so that a table that
/// does not tell the dimension apart takes the total whatever it excepts. Empty and totalled: what
/// the source's total holds beside the parts that it gives.
struct GroupCode {
  std::string code;
  bool totalled = false;

  [[nodiscard]] bool is_rest() const { return totalled && code.empty(); }

  friend auto operator<=>(const GroupCode&, const GroupCode&) = default;
};

/// Which tables take a row: those that, of the dimensions in `totals`, tell a set apart that is in
/// `told`. Sets are bits by the number of the dimension.
struct RowFamily {
  std::uint32_t totals = 0;
  std::set<std::uint32_t> told;

  [[nodiscard]] bool is_taken(std::uint32_t tells) const { return told.contains(tells & totals); }

  friend auto operator<=>(const RowFamily&, const RowFamily&) = default;
};

struct GroupRow {
  std::vector<GroupCode> codes;
  std::size_t family = 0;
  std::int64_t value = 0;
};

struct GroupFacts {
  std::vector<GroupRow> rows;
  std::vector<RowFamily> families;
  /// Sets of dimensions that tables tell apart, of sources that total: by `totals`.
  std::set<RowFamily> used;
  std::int64_t apart = 0;  // totals that do not hold their parts: nobody can subtract them
};

/// `told`: of each table the dimensions (bits) by which it is broken down or chosen. Figures of a
/// source that do not agree with each other become rows of their own. Fails as the store does.
[[nodiscard]] Result<GroupFacts> read_group_facts(const Desk::State& state,
                                                  const Territories& territories,
                                                  const std::vector<Current>& submissions,
                                                  const std::vector<TableDimension>& dimensions,
                                                  const std::set<std::uint32_t>& told);

}  // namespace atalaya::observatory::detail
