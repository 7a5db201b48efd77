#include "audit_nearby.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace atalaya::columns::disclosure {

namespace {

constexpr std::size_t kVisitedMax = 6'000;
constexpr std::size_t kMembersSeen = 24;
constexpr std::size_t kPartnersSeen = 96;
constexpr int kProgramsMax = 8;  // for one change
constexpr double kClose = 1e-6;
constexpr double kShownZero = 1;  // to hide it
constexpr double kOnePerson = 0.01;

/// A number of [1, 2), another one at each turn.
double jitter(std::uint64_t seed) {
  constexpr double kRange = 1U << 20U;
  return 1 + static_cast<double>(mix(seed) & 0xfffffU) / kRange;
}

/// A column that stands for hiding a figure: for how much it grows or falls.
struct Price {
  std::uint32_t column = 0;
  double cost = 0;
  double most = -1;  // none
};

}  // namespace

bool NearbySearch::is_told_apart(std::uint32_t d) const {
  return std::ranges::any_of(model_.grids, [d](const Grid& grid) { return !grid.part[d].empty(); });
}

bool NearbySearch::may_hide(const CellState& cell) const {
  return !cell.bound && (cell.value > 0 || model_.plan->policy.zeros != Zeros::published);
}

/// Fills touched_; answers how many figures show this combination of codes, or nothing where one
/// says for good that nobody has it.
std::optional<std::size_t> NearbySearch::look(const std::uint32_t* codes) {
  std::size_t shown = 0;
  touched_.clear();
  for (std::uint32_t g = 0; g < model_.grids.size(); ++g) {
    const Grid& grid = model_.grids[g];
    const std::uint64_t key = grid.key(codes);
    const std::uint32_t cell = key == kOutside ? kNone : model_.find_cell(key);
    if (key == kOutside || (cell == kNone && grid.rest)) {
      continue;
    }
    const bool is_shown = cell == kNone || model_.cells[cell].shown == Shown::visible;
    const bool is_zero = cell == kNone || (is_shown && model_.cells[cell].value == 0);
    const bool is_bound =
        cell == kNone ? model_.zero_is_bound(grid) || model_.plan->policy.zeros == Zeros::published
                      : !may_hide(model_.cells[cell]);
    if (is_zero && (is_bound || !hides_)) {
      return {};
    }
    shown += is_shown ? 1U : 0U;
    touched_.push_back({key, g, cell});
  }
  return shown;
}

/// Calls use(codes) for combinations that lie in the cell of `home`, not for all where they are
/// many.
template <class Use>
void NearbySearch::visit_cell(const Grid& grid, const std::uint32_t* home, Use use) const {
  std::array<std::uint32_t, kDimensionsMax> codes{};
  std::vector<std::vector<std::uint32_t>> lists;
  for (std::uint32_t d = 0; d < model_.dimensions; ++d) {
    auto& list = lists.emplace_back();
    for (std::uint32_t code = 0; code < model_.plan->dimensions[d].codes; ++code) {
      if (!grid.tells_apart(d, code, home[d])) {
        list.push_back(code);
      }
    }
  }
  std::vector<std::size_t> at(lists.size(), 0);
  std::size_t visited = 0;
  for (std::size_t d = 0; d < lists.size() && visited < kVisitedMax; ++visited) {
    for (std::size_t e = 0; e < lists.size(); ++e) {
      codes[e] = lists[e][at[e]];
    }
    use(codes.data());
    for (d = 0; d < lists.size() && ++at[d] == lists[d].size(); ++d) {
      at[d] = 0;
    }
  }
}

/// By dimension the codes that the persons near the cell have, more of those where little is shown,
/// and above all those of a combination in the cell itself.
std::vector<NearbySearch::Scores> NearbySearch::score_codes(const Wanted& wanted) {
  const auto members = model_.positions_of(wanted.cell);
  std::array<std::uint32_t, kDimensionsMax> home{};
  std::copy_n(finder_.home_of(wanted.cell), model_.dimensions, home.begin());
  std::vector<Scores> score(model_.dimensions);
  const auto see = [&](const std::uint32_t* codes) {
    const auto shown = look(codes);
    for (std::uint32_t d = 0; d < model_.dimensions && shown; ++d) {
      score[d][codes[d]] += 1 / static_cast<double>(1 + *shown);
    }
    return shown;
  };
  for (std::size_t i = 0; i < std::min(members.size(), kMembersSeen); ++i) {
    see(model_.codes_of(members[i * members.size() / std::min(members.size(), kMembersSeen)]));
  }
  if (members.empty()) {
    std::size_t least = std::numeric_limits<std::size_t>::max();
    const auto inside = home;
    visit_cell(model_.grids[model_.cells[wanted.cell].grid], inside.data(),
               [&](const std::uint32_t* codes) {
                 const auto shown = see(codes);
                 if (shown && *shown < least) {
                   least = *shown;
                   std::copy_n(codes, model_.dimensions, home.begin());
                 }
               });
  }
  for (std::uint32_t d = 0; d < model_.dimensions; ++d) {
    for (std::uint32_t e = d + 1; e < model_.dimensions; ++e) {
      if (!is_told_apart(d) || !is_told_apart(e)) {
        continue;
      }
      const auto found = finder_.partners(home.data(), 1U << d | 1U << e, false);
      const std::size_t most = std::min(found.size(), kPartnersSeen);
      for (std::size_t i = 0; i < most; ++i) {
        see(model_.codes_of(found[(i * found.size() / most + mix(wanted.turn)) % found.size()]));
      }
    }
  }
  for (std::uint32_t d = 0; d < model_.dimensions; ++d) {
    score[d][home[d]] = std::numeric_limits<double>::infinity();
  }
  return score;
}

void NearbySearch::choose_codes(const Wanted& wanted) {
  const auto dimensions = static_cast<std::uint32_t>(model_.dimensions);
  std::vector<Scores> score = score_codes(wanted);
  codes_.assign(dimensions, {});
  std::vector<std::vector<std::uint32_t>> ranked(dimensions);
  for (std::uint32_t d = 0; d < dimensions; ++d) {
    for (auto& [code, sum] : score[d]) {
      sum *= jitter((std::uint64_t{wanted.turn} << 32U) + code);
      ranked[d].push_back(code);
    }
    std::ranges::sort(ranked[d], [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(-score[d][a], a) < std::pair(-score[d][b], b);
    });
    codes_[d].push_back(ranked[d].front());
  }
  // Dimension by dimension one code more, until there are too many combinations.
  for (std::size_t more = 1; more < wanted.codes; ++more) {
    for (std::uint32_t d = 0; d < dimensions; ++d) {
      std::size_t combinations = 1;
      for (const auto& list : codes_) {
        combinations *= list.size();
      }
      const bool fits =
          combinations / codes_[d].size() * (codes_[d].size() + 1) <= wanted.combinations;
      if (more < ranked[d].size() && fits) {
        codes_[d].push_back(ranked[d][more]);
      }
    }
  }
}

void NearbySearch::add_unknown(const std::uint32_t* codes) {
  if (!look(codes) || touched_.empty()) {
    return;
  }
  const auto unknown = static_cast<std::uint32_t>(count_.size());
  const std::uint32_t position = model_.find_position(codes);
  count_.push_back(position == kNone ? 0 : model_.count[position]);
  for (const auto& [key, grid, cell] : touched_) {
    const auto [at, is_new] = sum_of_.try_emplace(key, static_cast<std::uint32_t>(sums_.size()));
    if (is_new) {
      sums_.push_back({.key = key, .grid = grid, .cell = cell, .unknowns = {}});
    }
    sums_[at->second].unknowns.push_back(unknown);
    sums_[at->second].falls += count_.back();
  }
}

void NearbySearch::gather() {
  count_.clear();
  sums_.clear();
  sum_of_.clear();
  std::array<std::uint32_t, kDimensionsMax> codes{};
  std::vector<std::size_t> at(codes_.size(), 0);
  for (std::size_t d = 0; d < codes_.size();) {
    for (std::size_t e = 0; e < codes_.size(); ++e) {
      codes[e] = codes_[e][at[e]];
    }
    add_unknown(codes.data());
    for (d = 0; d < codes_.size() && ++at[d] == codes_[d].size(); ++d) {
      at[d] = 0;
    }
  }
}

void NearbySearch::make_program(const Wanted& wanted) {
  auto columns = static_cast<std::uint32_t>(count_.size());
  falls_.assign(count_.size(), kNone);
  for (std::size_t i = 0; i < count_.size(); ++i) {
    falls_[i] = count_[i] > 0 ? columns++ : kNone;
  }
  std::vector<Program::Row> rows;
  std::vector<Price> prices;
  for (const Sum& sum : sums_) {
    const bool is_target = sum.cell == wanted.cell;
    const bool is_known = std::ranges::find(wanted.known, sum.cell) != wanted.known.end();
    const CellState* cell = sum.cell == kNone ? nullptr : &model_.cells[sum.cell];
    const bool is_shown = cell == nullptr || cell->shown == Shown::visible;
    const std::int64_t room = cell == nullptr ? 0 : cell->value - model_.least_of(*cell);
    if (!is_target && !is_known && !is_shown && room >= sum.falls) {
      continue;  // binds nothing
    }
    Program::Row row{.columns = sum.unknowns, .less = {}, .sum = 0, .equal = is_shown || is_known};
    for (const std::uint32_t unknown : sum.unknowns) {
      if (falls_[unknown] != kNone) {
        row.less.push_back(falls_[unknown]);
      }
    }
    if (is_shown && !is_known && hides_ && (cell == nullptr || may_hide(*cell))) {
      const double cost =
          cell == nullptr || cell->value == 0
              ? kShownZero
              : static_cast<double>(cell->value + 2 * model_.plan->policy.threshold);
      prices.push_back({columns, cost, -1});
      row.less.push_back(columns++);
      if (room > 0) {
        prices.push_back({columns, cost, static_cast<double>(room)});
        row.columns.push_back(columns++);
      }
    } else if (!row.equal) {
      row.sum = -room;
    }
    if (is_target) {
      target_row_ = rows.size();
    }
    rows.push_back(std::move(row));
  }
  program_.emplace(columns, rows, kOnePerson);
  for (std::size_t i = 0; i < count_.size(); ++i) {
    if (falls_[i] != kNone) {
      program_->limit(falls_[i], 0, static_cast<double>(count_[i]));
    }
  }
  for (const Price& price : prices) {
    program_->limit(price.column, 0, price.most);
    program_->charge(price.column, price.cost);
  }
}

/// The table found, if it is whole and true to all that stays shown; hides what it changes of the
/// rest.
bool NearbySearch::take(const std::vector<double>& columns) {
  std::vector<std::int64_t> change(count_.size());
  for (std::size_t i = 0; i < count_.size(); ++i) {
    const double by = columns[i] - (falls_[i] == kNone ? 0 : columns[falls_[i]]);
    change[i] = std::llround(by);
    if (std::abs(by - std::round(by)) > kClose || change[i] < -count_[i]) {
      return false;
    }
  }
  std::vector<std::pair<const Sum*, std::int64_t>> changed;
  for (const Sum& sum : sums_) {
    std::int64_t by = 0;
    for (const std::uint32_t unknown : sum.unknowns) {
      by += change[unknown];
    }
    const CellState* cell = sum.cell == kNone ? nullptr : &model_.cells[sum.cell];
    const bool is_shown = cell == nullptr || cell->shown == Shown::visible;
    const bool is_bound = is_shown && cell != nullptr && !may_hide(*cell);
    if (by != 0 && (is_bound || (is_shown && !hides_) ||
                    (cell != nullptr ? cell->value : 0) + by <
                        (cell == nullptr ? 0 : model_.least_of(*cell)))) {
      return false;
    }
    if (by != 0) {
      changed.emplace_back(&sum, by);
    }
  }
  std::vector<Alternatives::Change> list;
  for (const auto& [sum, by] : changed) {
    const std::uint32_t number =
        sum->cell != kNone ? sum->cell : model_.ensure_cell(sum->grid, sum->key);
    if (model_.cells[number].shown == Shown::visible) {
      model_.hide(number, Shown::complement, Reason::complement);
      ++hidden_;
    }
    list.push_back({number, by});
  }
  examples_.add_example(list);
  ++found_;
  return true;
}

/// The nearest table is mostly whole by itself; else the column that is farthest from whole is
/// tried above and below.
bool NearbySearch::seek(int& budget) {
  if (budget-- <= 0) {
    return false;
  }
  ++programs_;
  const Program::Answer answer = program_->reoptimise();
  if (!answer.solved || !answer.bounded) {
    return false;
  }
  if (take(answer.columns)) {
    return true;
  }
  return program_->branch(answer.columns, [&] { return seek(budget); });
}

/// Changes the cell in one direction as far as it must go or, failing that, as far as it goes.
bool NearbySearch::shift(const Wanted& wanted, std::int64_t direction) {
  const CellState cell = model_.cells[wanted.cell];
  const std::int64_t down = cell.value - model_.least_of(cell);
  std::int64_t reached = 0;
  std::int64_t missing = 1;
  if (wanted.known.empty()) {
    reached = direction < 0 ? cell.value - cell.low : cell.high - cell.value;
    missing = cell.width - (cell.high - cell.low);
    if (cell.covers) {
      missing = std::max(
          missing,
          (direction < 0 ? down : model_.plan->policy.threshold - 1 - cell.value) - reached);
    }
  }
  for (; missing > 0; --missing) {
    const std::int64_t by = direction < 0 ? std::min(reached + missing, down) : reached + missing;
    program_->bind(target_row_, direction * by);
    int budget = kProgramsMax;
    if (by > reached && seek(budget)) {
      return true;
    }
  }
  return false;
}

std::optional<std::size_t> NearbySearch::widen(const Wanted& wanted) {
  hidden_ = 0;
  hides_ = wanted.may_hide;
  choose_codes(wanted);
  gather();
  if (std::ranges::find(sums_, wanted.cell, &Sum::cell) == sums_.end()) {
    return {};
  }
  make_program(wanted);
  bool found = shift(wanted, 1);
  if (!found || (wanted.known.empty() && !model_.is_satisfied(model_.cells[wanted.cell]))) {
    found = shift(wanted, -1) || found;
  }
  return found ? std::optional(hidden_) : std::nullopt;
}

}  // namespace atalaya::columns::disclosure
