#include "audit_exact.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <set>

namespace atalaya::columns::disclosure {

namespace {

constexpr std::uint64_t kCombinationsMax = 400'000;
constexpr std::size_t kUnknownsMax = 60'000;
constexpr std::size_t kBlockMax = 4'000;      // unknowns of a block that is searched at all
constexpr std::size_t kBlockEasy = 400;       // searched for every cell, satisfied or not
constexpr std::size_t kExplainedMax = 6'000;  // unknowns up to which a leak is explained
constexpr std::size_t kFewEquations = 1'000;  // or of so few equations
constexpr std::size_t kProgramsMax = 60'000;
constexpr int kBranchesMax = 60;
constexpr double kClose = 1e-6;

/// Has each combination of codes a cell of its own?
bool names_positions(const Model& model, const Grid& grid) {
  for (std::size_t d = 0; d < model.dimensions; ++d) {
    auto shares = grid.part[d];
    std::ranges::sort(shares);
    const bool apart = !shares.empty() && shares.back() != kOutside &&
                       std::ranges::adjacent_find(shares) == shares.end();
    if (!apart && model.plan->dimensions[d].codes > 1) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool ExactAudit::add_position(const std::uint32_t* codes) {
  std::vector<std::uint32_t> cells;
  for (const Grid& grid : model_.grids) {
    const std::uint64_t key = grid.key(codes);
    if (key == kOutside) {
      continue;
    }
    const std::uint32_t cell = model_.find_cell(key);
    if (cell == kNone &&
        (grid.rest || (against_ == Against::bound && !model_.zero_is_bound(grid)))) {
      continue;  // no figure of any table, or one that can be hidden
    }
    if (cell == kNone || (is_visible(cell) && model_.cells[cell].value == 0)) {
      return true;  // a published zero
    }
    cells.push_back(cell);
  }
  const std::uint32_t position = model_.find_position(codes);
  const std::int64_t count = position == kNone ? 0 : model_.count[position];
  const auto [at, is_new] = same_.try_emplace(cells, static_cast<std::uint32_t>(truth_.size()));
  if (!is_new) {
    truth_[at->second] += count;
    return true;
  }
  if (truth_.size() >= kUnknownsMax) {
    return false;
  }
  for (const std::uint32_t cell : cells) {
    members_[cell].push_back(at->second);
  }
  cells_.push_back(std::move(cells));
  truth_.push_back(count);
  return true;
}

bool ExactAudit::is_visible(std::uint32_t cell) const noexcept {
  const CellState& state = model_.cells[cell];
  return state.shown == Shown::visible && (state.bound || against_ == Against::pattern);
}

std::int64_t ExactAudit::least_of(std::uint32_t cell) const noexcept {
  const CellState& state = model_.cells[cell];
  // Of complements only the pattern at hand says that somebody is in them.
  const bool counts = against_ == Against::pattern || state.shown != Shown::complement;
  return counts && state.shown != Shown::visible ? model_.least_of(state) : 0;
}

bool ExactAudit::is_small(std::uint64_t combinations) const noexcept {
  std::uint64_t all = 1;
  for (const Dimension& dimension : model_.plan->dimensions) {
    all *= dimension.codes;
    if (all > combinations) {
      return false;
    }
  }
  return true;
}

bool ExactAudit::list_positions() {
  const std::size_t dimensions = model_.dimensions;
  std::array<std::uint32_t, kDimensionsMax> codes{};
  if (is_small(kCombinationsMax)) {
    std::uint64_t combinations = 1;
    for (const Dimension& dimension : model_.plan->dimensions) {
      combinations *= dimension.codes;
    }
    for (std::uint64_t i = 0; i < combinations; ++i) {
      std::uint64_t rest = i;
      for (std::size_t d = 0; d < dimensions; ++d) {
        codes[d] = static_cast<std::uint32_t>(rest % model_.plan->dimensions[d].codes);
        rest /= model_.plan->dimensions[d].codes;
      }
      if (!add_position(codes.data())) {
        return false;
      }
    }
    return true;
  }
  // A published table of the base itself names every position that is not a published zero.
  const auto finest = std::ranges::find_if(model_.grids, [this](const Grid& grid) {
    return !grid.rest && names_positions(model_, grid);
  });
  if (finest == model_.grids.end()) {
    return false;
  }
  std::vector<std::vector<std::pair<std::uint64_t, std::uint32_t>>> shares;  // with their codes
  for (const std::uint32_t d : finest->broken_down) {
    auto& list = shares.emplace_back();
    for (std::uint32_t code = 0; code < finest->part[d].size(); ++code) {
      list.emplace_back(finest->part[d][code], code);
    }
    std::ranges::sort(list);
  }
  const auto number = static_cast<std::uint32_t>(finest - model_.grids.begin());
  for (const CellState& cell : model_.cells) {
    if (cell.grid != number) {
      continue;
    }
    codes.fill(0);
    std::uint64_t rest = cell.key - finest->offset;
    // Shares grow with the dimension: the largest that fits is the last dimension's.
    for (std::size_t i = finest->broken_down.size(); i-- > 0;) {
      const auto at = std::prev(std::ranges::upper_bound(
          shares[i], rest, {}, &std::pair<std::uint64_t, std::uint32_t>::first));
      codes[finest->broken_down[i]] = at->second;
      rest -= at->first;
    }
    if (!add_position(codes.data())) {
      return false;
    }
  }
  return true;
}

void ExactAudit::fix() {
  fixed_.assign(truth_.size(), false);

  struct Equation {
    std::int64_t rest;
    std::size_t open;
  };

  std::map<std::uint32_t, Equation> equations;
  std::vector<std::uint32_t> ready;
  for (const auto& [cell, unknowns] : members_) {
    if (is_visible(cell)) {
      Equation& equation = equations[cell];
      equation = {model_.cells[cell].value, unknowns.size()};
      for (const std::uint32_t unknown : unknowns) {
        equation.rest -= floor_[unknown];
      }
      ready.push_back(cell);
    }
  }
  while (!ready.empty()) {
    const std::uint32_t cell = ready.back();
    ready.pop_back();
    const Equation equation = equations[cell];
    if (equation.open == 0 || (equation.open > 1 && equation.rest > 0)) {
      continue;
    }
    for (const std::uint32_t unknown : members_[cell]) {
      if (fixed_[unknown]) {
        continue;
      }
      // What the equations force is the truth, because the truth fulfils them.
      fixed_[unknown] = true;
      for (const std::uint32_t other : cells_[unknown]) {
        if (is_visible(other)) {
          Equation& touched = equations[other];
          touched.rest -= room(unknown);
          --touched.open;
          ready.push_back(other);
        }
      }
    }
  }
}

bool ExactAudit::raise_floors() {
  bool raised = false;
  some_.clear();
  for (const auto& [cell, unknowns] : members_) {
    const std::int64_t least = least_of(cell);
    std::size_t open = 0;
    std::uint32_t last = 0;
    std::int64_t known = 0;
    for (const std::uint32_t unknown : unknowns) {
      known += fixed_[unknown] ? truth_[unknown] : floor_[unknown];
      open += fixed_[unknown] ? 0U : 1U;
      last = fixed_[unknown] ? last : unknown;
    }
    if (known >= least) {
      continue;
    }
    if (open == 1) {
      floor_[last] = least;
      raised = true;
    } else {
      some_.push_back(cell);
    }
  }
  return raised;
}

void ExactAudit::make_blocks() {
  std::vector<std::uint32_t> parent(truth_.size());
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&parent](std::uint32_t x) {
    while (parent[x] != x) {
      parent[x] = parent[parent[x]];
      x = parent[x];
    }
    return x;
  };
  const auto binds = [this](std::uint32_t cell) {
    return is_visible(cell) || std::ranges::binary_search(some_, cell);
  };
  for (const auto& [cell, unknowns] : members_) {
    if (!binds(cell)) {
      continue;
    }
    std::uint32_t first = kNone;
    for (const std::uint32_t unknown : unknowns) {
      if (!fixed_[unknown]) {
        first = first == kNone ? root(unknown) : first;
        parent[root(unknown)] = first;
      }
    }
  }
  std::map<std::uint32_t, std::size_t> number;
  block_of_.assign(truth_.size(), 0);
  place_.assign(truth_.size(), 0);
  for (std::uint32_t unknown = 0; unknown < truth_.size(); ++unknown) {
    if (fixed_[unknown]) {
      continue;
    }
    const auto [at, is_new] = number.try_emplace(root(unknown), blocks_.size());
    if (is_new) {
      blocks_.emplace_back();
    }
    Block& block = blocks_[at->second];
    block_of_[unknown] = at->second;
    place_[unknown] = static_cast<std::uint32_t>(block.unknowns.size());
    block.unknowns.push_back(unknown);
  }
  for (const auto& [cell, unknowns] : members_) {
    if (!binds(cell)) {
      continue;
    }
    Program::Row row;
    row.equal = is_visible(cell);
    row.sum = row.equal ? model_.cells[cell].value : least_of(cell);
    std::size_t in = 0;
    for (const std::uint32_t unknown : unknowns) {
      if (fixed_[unknown]) {
        row.sum -= truth_[unknown];
      } else {
        in = block_of_[unknown];
        row.columns.push_back(place_[unknown]);
      }
    }
    if (!row.columns.empty()) {
      blocks_[in].rows.push_back(cell);
      blocks_[in].equations.push_back(std::move(row));
    }
  }
}

bool ExactAudit::prepare() {
  if (!list_positions()) {
    return false;
  }
  floor_.assign(truth_.size(), 0);
  do {
    fix();
  } while (raise_floors());
  make_blocks();
  return true;
}

std::map<std::size_t, std::vector<std::uint32_t>> ExactAudit::by_block(std::uint32_t cell) const {
  std::map<std::size_t, std::vector<std::uint32_t>> split;
  const auto at = members_.find(cell);
  if (at != members_.end()) {
    for (const std::uint32_t unknown : at->second) {
      if (!fixed_[unknown]) {
        split[block_of_[unknown]].push_back(place_[unknown]);
      }
    }
  }
  return split;
}

Program& ExactAudit::program_of(Block& block) {
  if (!block.program) {
    block.program = std::make_unique<Program>(block.unknowns.size(), block.equations);
    for (std::size_t i = 0; i < block.unknowns.size(); ++i) {
      if (const std::int64_t floor = floor_[block.unknowns[i]]; floor > 0) {
        block.program->limit(i, static_cast<double>(floor), -1);
      }
    }
  }
  return *block.program;
}

bool ExactAudit::whole(const Block& block, const std::vector<double>& values,
                       std::vector<std::int64_t>& counts) {
  counts.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double near = std::round(values[i]);
    if (near < static_cast<double>(floor_[block.unknowns[i]]) || near > 9e15) {
      return false;
    }
    counts[i] = static_cast<std::int64_t>(near);
  }
  const bool fits = std::ranges::all_of(block.equations, [&counts](const Program::Row& row) {
    std::int64_t sum = 0;
    for (const std::uint32_t column : row.columns) {
      sum += counts[column];
    }
    return row.equal ? sum == row.sum : sum >= row.sum;
  });
  if (fits && examples_ != nullptr) {
    share(block, counts);
  }
  return fits;
}

/// One table is an example for every cell that it changes, not only for the one it was sought for.
void ExactAudit::share(const Block& block, const std::vector<std::int64_t>& counts) {
  std::map<std::uint32_t, std::int64_t> changes;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::uint32_t unknown = block.unknowns[i];
    if (counts[i] != truth_[unknown]) {
      for (const std::uint32_t cell : cells_[unknown]) {
        changes[cell] += counts[i] - truth_[unknown];
      }
    }
  }
  std::vector<Alternatives::Change> list;
  for (const auto& [cell, by] : changes) {
    if (by != 0) {
      list.push_back({cell, by});
    }
  }
  if (!list.empty()) {
    examples_->add_example(list);
  }
}

void ExactAudit::branch(Block& block, const std::vector<std::uint32_t>& columns, bool largest,
                        Range& range, int& budget) {
  if (range.high - range.low >= range.enough || budget-- <= 0) {
    return;
  }
  const std::vector<double> ones(columns.size(), 1.0);
  ++programs_;
  const Program::Answer answer = program_of(block).optimise(columns, ones, largest);
  if (!answer.solved || !answer.bounded) {
    return;
  }
  if (largest ? answer.value < static_cast<double>(range.high) + 1 - kClose
              : answer.value > static_cast<double>(range.low) - 1 + kClose) {
    return;  // cannot reach further than what is reached
  }
  std::vector<std::int64_t> counts;
  if (whole(block, answer.columns, counts)) {
    std::int64_t sum = 0;
    for (const std::uint32_t column : columns) {
      sum += counts[column];
    }
    range.low = std::min(range.low, sum);
    range.high = std::max(range.high, sum);
    return;
  }
  std::size_t split = 0;
  double worst = 0;
  for (std::size_t i = 0; i < answer.columns.size(); ++i) {
    const double off = std::abs(answer.columns[i] - std::round(answer.columns[i]));
    if (off > worst) {
      worst = off;
      split = i;
    }
  }
  const double at = answer.columns[split];
  Program& program = program_of(block);
  const auto [least, most] = program.limits(split);
  program.limit(split, least, std::floor(at));
  branch(block, columns, largest, range, budget);
  program.limit(split, std::ceil(at), most);
  branch(block, columns, largest, range, budget);
  program.limit(split, least, most);
}

/// Few equations are solved quickly, however many combinations of codes they leave open.
bool ExactAudit::is_searched(const Block& block) const {
  return (block.unknowns.size() <= kBlockMax || block.equations.size() <= kFewEquations) &&
         programs_ <= kProgramsMax;
}

/// The bound that the program gives, and the whole table behind it if it is one.
void ExactAudit::bound(Block& block, const std::vector<std::uint32_t>& columns, bool largest,
                       Range& range) {
  const std::vector<double> ones(columns.size(), 1.0);
  ++programs_;
  const Program::Answer answer = program_of(block).optimise(columns, ones, largest);
  if (!answer.solved) {
    return;
  }
  if (!answer.bounded) {
    range.most = range.high = kUnbounded;
    return;
  }
  if (largest) {
    range.most = static_cast<std::int64_t>(std::floor(answer.value + kClose));
  } else {
    range.least =
        std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(answer.value - kClose)));
  }
  std::vector<std::int64_t> counts;
  if (whole(block, answer.columns, counts)) {
    std::int64_t sum = 0;
    for (const std::uint32_t column : columns) {
      sum += counts[column];
    }
    range.low = std::min(range.low, sum);
    range.high = std::max(range.high, sum);
  }
}

/// Branching is dear: it ends where the tables found reach far enough apart, and does not begin in
/// a large block where the bounds say that none can.
void ExactAudit::seek(Block& block, const std::vector<std::uint32_t>& columns, bool largest,
                      Range& range) {
  const bool is_far = range.high - range.low >= range.enough;
  const bool hopeless = block.unknowns.size() > kBlockEasy && range.most != kUnbounded &&
                        range.most - range.least < range.enough;
  if ((largest ? range.high >= range.most : range.low <= range.least) || is_far || hopeless) {
    return;
  }
  int budget = kBranchesMax;
  branch(block, columns, largest, range, budget);
  if (budget > 0 && range.high - range.low < range.enough) {  // the whole tree was seen
    (largest ? range.most : range.least) = largest ? range.high : range.low;
  }
}

ExactAudit::Range ExactAudit::range_in(Block& block, const std::vector<std::uint32_t>& columns,
                                       std::int64_t enough) {
  Range range;
  for (const std::uint32_t column : columns) {
    range.low += truth_[block.unknowns[column]];
  }
  range.high = range.low;
  range.most = kUnbounded;
  range.enough = enough;
  if (block.equations.empty()) {
    range.high = kUnbounded;
    range.low = 0;
    for (const std::uint32_t column : columns) {
      range.low += floor_[block.unknowns[column]];
    }
    range.least = range.low;
    return range;
  }
  if (!is_searched(block)) {
    return range;
  }
  bound(block, columns, false, range);
  if (range.high - range.low < enough || block.unknowns.size() <= kBlockEasy) {
    bound(block, columns, true, range);
  }
  if (range.high != kUnbounded) {
    seek(block, columns, false, range);
    seek(block, columns, true, range);
  }
  return range;
}

void ExactAudit::run() {
  for (std::uint32_t number = 0; number < model_.cells.size(); ++number) {
    const CellState& cell = model_.cells[number];
    if (cell.shown == Shown::visible) {
      continue;
    }
    if (!model_.is_satisfied(cell)) {
      stretch(number);
    }
    if (!model_.is_satisfied(cell) && programs_ <= kProgramsMax) {
      measure(number);
    }
  }
}

void ExactAudit::complete() {
  for (std::uint32_t number = 0; number < model_.cells.size(); ++number) {
    if (model_.cells[number].shown == Shown::visible || programs_ > kProgramsMax) {
      continue;
    }
    const auto split = by_block(number);
    if (std::ranges::all_of(split, [this](const auto& part) {
          return blocks_[part.first].unknowns.size() <= kBlockEasy;
        })) {
      measure(number);
    }
  }
}

void ExactAudit::measure(std::uint32_t number) {
  CellState& cell = model_.cells[number];
  const auto split = by_block(number);
  Range sum;
  if (const auto at = members_.find(number); at != members_.end()) {
    for (const std::uint32_t unknown : at->second) {
      sum.low += fixed_[unknown] ? truth_[unknown] : 0;
    }
  }
  sum.high = sum.least = sum.most = sum.low;
  for (const auto& [block, columns] : split) {
    // Blocks vary apart from each other: what one leaves to be reached, the next may reach.
    const std::int64_t reached = sum.high == kUnbounded ? kUnbounded : sum.high - sum.low;
    const std::int64_t wanted = cell.covers ? kUnbounded - 1 : cell.width;
    const Range range =
        range_in(blocks_[block], columns, std::max<std::int64_t>(wanted - reached, 0));
    sum.low += range.low;
    sum.least += range.least;
    sum.high =
        range.high == kUnbounded || sum.high == kUnbounded ? kUnbounded : sum.high + range.high;
    sum.most =
        range.most == kUnbounded || sum.most == kUnbounded ? kUnbounded : sum.most + range.most;
  }
  cell.low = std::min(cell.low, sum.low);
  cell.high = std::max(cell.high, sum.high);
  cell.exact = cell.low == sum.least && cell.high == sum.most;
  cell.narrow = sum.most != kUnbounded && sum.most - sum.least < cell.width;
}

/// A block of its own, with the insider's cell as one more equation.
ExactAudit::Block ExactAudit::beside(std::size_t number, std::uint32_t insider) const {
  const Block& block = blocks_[number];
  Block with;
  with.unknowns = block.unknowns;
  with.rows = block.rows;
  with.equations = block.equations;
  const auto known = insider == kNone ? decltype(by_block(0)){} : by_block(insider);
  if (const auto at = known.find(number); at != known.end()) {
    Program::Row row;
    row.columns = at->second;
    for (const std::uint32_t column : row.columns) {
      row.sum += truth_[block.unknowns[column]];
    }
    with.rows.push_back(insider);
    with.equations.push_back(std::move(row));
  }
  return with;
}

/// What each block leaves open of the cell to whoever knows the insider's; of a block too large to
/// be searched nothing is known, neither way.
std::vector<ExactAudit::Range> ExactAudit::ranges_beside(std::uint32_t cell,
                                                         std::uint32_t insider) {
  std::vector<Range> out;
  for (const auto& [number, columns] : by_block(cell)) {
    if (!is_searched(blocks_[number])) {
      out.push_back({.most = 1});
      continue;
    }
    Block with = beside(number, insider);
    out.push_back(range_in(with, columns, 1));
  }
  return out;
}

std::vector<std::uint32_t> ExactAudit::binding(std::uint32_t cell, std::uint32_t insider) {
  std::set<std::uint32_t> found;
  const std::int64_t width = insider == kNone ? model_.cells[cell].width : 1;
  for (const auto& [number, columns] : by_block(cell)) {
    if (!is_searched(blocks_[number])) {
      continue;
    }
    Block with = beside(number, insider);
    const std::vector<double> ones(columns.size(), 1.0);
    const std::set<std::uint32_t> own(columns.begin(), columns.end());
    std::array<Program::Answer, 2> answers;
    for (const bool largest : {false, true}) {
      ++programs_;
      answers[largest ? 1 : 0] = program_of(with).optimise(columns, ones, largest);
    }
    const bool is_wide = answers[0].bounded && answers[1].bounded &&
                         answers[1].value - answers[0].value >= static_cast<double>(width) - kClose;
    for (std::size_t row = 0; row < with.rows.size(); ++row) {
      const bool binds =
          is_wide ? std::ranges::any_of(with.equations[row].columns,
                                        [&own](std::uint32_t c) { return own.contains(c); })
                  : std::ranges::any_of(answers, [row](const Program::Answer& answer) {
                      return answer.bounded && std::abs(answer.duals[row]) > kClose;
                    });
      if (binds) {
        found.insert(with.rows[row]);
      }
    }
  }
  // What the equations fix is in no block: they hold it by themselves.
  if (const auto at = members_.find(cell); at != members_.end()) {
    for (const std::uint32_t unknown : at->second) {
      if (fixed_[unknown]) {
        std::ranges::copy_if(cells_[unknown], std::inserter(found, found.end()),
                             [this](std::uint32_t c) { return is_visible(c); });
      }
    }
  }
  return {found.begin(), found.end()};
}

bool ExactAudit::safe_from(std::uint32_t cell, std::uint32_t insider) {
  if (step(cell, -1, insider) || step(cell, 1, insider)) {
    return true;
  }
  return std::ranges::any_of(ranges_beside(cell, insider), [](const Range& range) {
    return range.high == kUnbounded || range.high > range.low;
  });
}

bool ExactAudit::follows_from(std::uint32_t cell, std::uint32_t insider) {
  return std::ranges::all_of(ranges_beside(cell, insider),
                             [](const Range& range) { return range.least == range.most; });
}

void ExactAudit::explain(std::uint32_t cell, Leak& leak) {
  const CellState& state = model_.cells[cell];
  leak.low = state.low;
  leak.high = state.high;
  leak.kind = !state.exact              ? LeakKind::unproven
              : state.low == state.high ? LeakKind::exact
                                        : LeakKind::narrow;
  if (truth_.size() > kExplainedMax) {
    return;
  }
  if (!whole_program_) {
    std::vector<Program::Row> rows;
    for (const auto& [number, unknowns] : members_) {
      const bool shown = model_.cells[number].shown == Shown::visible;
      const std::int64_t sum = shown ? model_.cells[number].value : least_of(number);
      if (shown || sum > 0) {
        rows.push_back({.columns = unknowns, .less = {}, .sum = sum, .equal = shown});
        whole_rows_.push_back(number);
      }
    }
    whole_program_ = std::make_unique<Program>(truth_.size(), rows);
  }
  const auto at = members_.find(cell);
  if (at == members_.end()) {
    return;
  }
  const std::vector<double> ones(at->second.size(), 1.0);
  for (const bool largest : {false, true}) {
    ++programs_;
    const Program::Answer answer = whole_program_->optimise(at->second, ones, largest);
    if (!answer.bounded) {
      continue;
    }
    for (std::size_t row = 0; row < whole_rows_.size(); ++row) {
      if (std::abs(answer.duals[row]) > kClose) {
        const CellState& shown = model_.cells[whole_rows_[row]];
        const bool is_shown = shown.shown == Shown::visible;
        (largest ? leak.upper : leak.lower)
            .push_back({.id = {shown.grid, shown.key - model_.grids[shown.grid].offset},
                        .coefficient = answer.duals[row],
                        .value = is_shown ? shown.value : least_of(whole_rows_[row]),
                        .hidden = !is_shown});
      }
    }
  }
}

}  // namespace atalaya::columns::disclosure
