// Steps of the exact audit: the whole table nearest to the truth that shows a cell changed by so
// much. A program for the largest and the smallest value answers with tables far away, of which
// few are whole and which change nearly every lone contributor's cell; the nearest one moves a few
// persons, so it is mostly whole by itself and an example against nearly every contributor. The
// program is in differences from the truth: one column for what grows and one for what shrinks,
// each at the cost of one, so that from one cell to the next only bounds change.
#include <algorithm>

#include "audit_exact.hpp"

namespace atalaya::columns::disclosure {

namespace {

constexpr int kStepsMax = 12;  // programs for one step

}  // namespace

void ExactAudit::prepare_steps(std::size_t number) {
  Block& block = blocks_[number];
  const auto unknowns = static_cast<std::uint32_t>(block.unknowns.size());
  std::uint32_t columns = unknowns;
  block.shrinks.assign(unknowns, kNone);
  for (std::uint32_t i = 0; i < unknowns; ++i) {
    if (room(block.unknowns[i]) > 0) {
      block.shrinks[i] = columns++;
    }
  }
  std::vector<Program::Row> rows;
  const auto add = [&](const std::vector<std::uint32_t>& members, std::int64_t sum, bool equal) {
    Program::Row& row = rows.emplace_back(members, std::vector<std::uint32_t>{}, sum, equal);
    for (const std::uint32_t member : members) {
      if (block.shrinks[member] != kNone) {
        row.less.push_back(block.shrinks[member]);
      }
    }
  };
  std::map<std::uint32_t, std::int64_t> least;  // changes of hidden cells
  for (std::size_t i = 0; i < block.equations.size(); ++i) {
    const Program::Row& equation = block.equations[i];
    if (equation.equal) {
      add(equation.columns, 0, true);
    } else {
      least[block.rows[i]] = equation.sum;
      for (const std::uint32_t column : equation.columns) {
        least[block.rows[i]] -= truth_[block.unknowns[column]];
      }
    }
  }
  std::map<std::uint32_t, std::vector<std::uint32_t>> hidden;
  for (std::uint32_t i = 0; i < unknowns; ++i) {
    for (const std::uint32_t cell : cells_[block.unknowns[i]]) {
      if (!is_visible(cell)) {
        hidden[cell].push_back(i);
      }
    }
  }
  for (const auto& [cell, members] : hidden) {
    if (members.size() > 1) {
      block.step_row[cell] = static_cast<std::uint32_t>(rows.size());
      const auto at = least.find(cell);
      add(members, at == least.end() ? Program::kAnything : at->second, false);
    }
  }
  block.steps = std::make_unique<Program>(columns, rows, 1.0);
  for (std::uint32_t i = 0; i < unknowns; ++i) {
    if (block.shrinks[i] != kNone) {
      block.steps->limit(block.shrinks[i], 0, static_cast<double>(room(block.unknowns[i])));
    }
  }
}

bool ExactAudit::fix_change(Block& block, std::uint32_t cell,
                            const std::vector<std::uint32_t>& columns, std::int64_t by) {
  if (const auto row = block.step_row.find(cell); row != block.step_row.end()) {
    block.steps->bind(row->second, by);
    return true;
  }
  const auto up = static_cast<double>(std::max<std::int64_t>(by, 0));
  const auto down = static_cast<double>(std::max<std::int64_t>(-by, 0));
  block.steps->limit(columns[0], up, up);
  if (const std::uint32_t shrinks = block.shrinks[columns[0]]; shrinks != kNone) {
    block.steps->limit(shrinks, down, down);
  }
  return -by <= room(block.unknowns[columns[0]]);
}

void ExactAudit::free_change(Block& block, std::uint32_t cell,
                             const std::vector<std::uint32_t>& columns) {
  if (const auto row = block.step_row.find(cell); row != block.step_row.end()) {
    block.steps->release(row->second);
    return;
  }
  block.steps->limit(columns[0], 0, -1);
  if (const std::uint32_t shrinks = block.shrinks[columns[0]]; shrinks != kNone) {
    block.steps->limit(shrinks, 0, static_cast<double>(room(block.unknowns[columns[0]])));
  }
}

/// The nearest table is mostly whole by itself, as swaps of a few persons are; else the column that
/// is farthest from whole is tried above and below.
bool ExactAudit::settle_steps(Block& block, int& budget) {
  if (budget-- <= 0) {
    return false;
  }
  ++programs_;
  const Program::Answer answer = block.steps->reoptimise();
  if (!answer.solved || !answer.bounded) {
    return false;
  }
  std::vector<double> values;
  for (std::size_t i = 0; i < block.unknowns.size(); ++i) {
    const std::uint32_t shrinks = block.shrinks[i];
    values.push_back(static_cast<double>(truth_[block.unknowns[i]]) + answer.columns[i] -
                     (shrinks == kNone ? 0 : answer.columns[shrinks]));
  }
  std::vector<std::int64_t> counts;
  if (whole(block, values, counts)) {
    return true;
  }
  return block.steps->branch(answer.columns, [&] { return settle_steps(block, budget); });
}

bool ExactAudit::step(std::uint32_t cell, std::int64_t by, std::uint32_t insider) {
  if (examples_ == nullptr) {
    return false;
  }
  const auto known = insider == kNone ? decltype(by_block(0)){} : by_block(insider);
  for (const auto& [number, columns] : by_block(cell)) {
    Block& block = blocks_[number];
    if (block.equations.empty() || !is_searched(block)) {
      continue;
    }
    if (!block.steps) {
      prepare_steps(number);
    }
    const auto beside = known.find(number);
    const bool is_same = beside != known.end() && beside->second == columns;
    if (is_same) {
      continue;
    }
    bool is_found = false;
    if (fix_change(block, cell, columns, by)) {
      if (beside != known.end()) {
        fix_change(block, insider, beside->second, 0);
      }
      int budget = kStepsMax;
      is_found = settle_steps(block, budget);
      if (beside != known.end()) {
        free_change(block, insider, beside->second);
      }
    }
    free_change(block, cell, columns);
    if (is_found) {
      return true;
    }
  }
  return false;
}

/// Moves the cell as far as it must be able to go, down and up, if that is possible.
void ExactAudit::stretch(std::uint32_t number) {
  const CellState& cell = model_.cells[number];
  for (const std::int64_t direction : {-1, 1}) {
    for (std::int64_t more = cell.width; more > 0 && !model_.is_satisfied(cell); --more) {
      const std::int64_t reached = direction < 0 ? cell.value - cell.low : cell.high - cell.value;
      const std::int64_t wanted = std::min(more, cell.width - (cell.high - cell.low)) + reached;
      const std::int64_t by =
          direction < 0 ? std::min(wanted, cell.value - model_.least_of(cell)) : wanted;
      if (by > reached && step(number, direction * by, kNone)) {
        break;
      }
    }
  }
}

}  // namespace atalaya::columns::disclosure
