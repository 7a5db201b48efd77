#pragma once
// Plans and look-ups that the tests of disclosure control share.

#include <algorithm>
#include <cstdint>
#include <vector>

#include <atalaya/columns/disclosure.hpp>

namespace atalaya::columns::disclosure {

using Numbers = std::vector<std::int64_t>;

/// A table of rows and columns with both margins.
inline Plan two_way(std::uint32_t rows, std::uint32_t columns, const Numbers& counts) {
  Plan plan;
  plan.dimensions = {{.name = "row", .codes = rows, .levels = {}},
                     {.name = "column", .codes = columns, .levels = {}}};
  plan.base.codes.resize(2);
  for (std::uint32_t r = 0; r < rows; ++r) {
    for (std::uint32_t c = 0; c < columns; ++c) {
      plan.base.codes[0].push_back(r);
      plan.base.codes[1].push_back(c);
    }
  }
  plan.base.value = counts;
  plan.tables = {{.name = "table", .levels = {{kCodes, kTotal}, {kCodes, kTotal}}, .decision = {}}};
  plan.policy.threshold = 1;  // tests list what is sensitive
  plan.policy.width = 1;
  plan.policy.contributors = false;
  return plan;
}

inline Cell inner(std::uint32_t row, std::uint32_t column) {
  return {.level = {kCodes, kCodes}, .group = {row, column}};
}

inline std::vector<Cell> hidden_cells(const Plan& plan, const Report& report) {
  std::vector<Cell> cells;
  for (const HiddenCell& cell : report.hidden) {
    cells.push_back(report.cell(plan, cell.id));
  }
  return cells;
}

inline const HiddenCell* find_hidden(const Plan& plan, const Report& report, const Cell& wanted) {
  for (const HiddenCell& cell : report.hidden) {
    if (report.cell(plan, cell.id) == wanted) {
      return &cell;
    }
  }
  return nullptr;
}

inline bool contains(const std::vector<Cell>& cells, const Cell& wanted) {
  return std::ranges::find(cells, wanted) != cells.end();
}

}  // namespace atalaya::columns::disclosure
