// Goal: what is called safe withstands an attack that knows nothing of moves or programs.
// Method: random plans against an enumeration of every whole table that agrees with what is
// published, and larger ones against linear programs that the test sets up by itself.

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "audit_nearby.hpp"
#include "audit_program.hpp"
#include "disclosure_test_parts.hpp"

namespace {

using namespace atalaya::columns::disclosure;

struct Interval {
  std::int64_t low = kUnbounded;
  std::int64_t high = -1;
};

/// Every whole table over the combinations of codes that shows the same in every visible cell, and
/// somebody in each cell that a release hides which shows its zeros, or all those in line with it.
class Enumeration {
 public:
  static constexpr std::int64_t kMost = 7;  // per position, where nothing published bounds it

  Enumeration(const Plan& plan, const std::vector<Cell>& hidden) : plan_(plan) {
    std::set<std::vector<std::uint32_t>> levels;
    for (const Table& table : plan.tables) {
      collect(table, levels);
    }
    std::set<std::vector<std::uint32_t>> before;
    for (const PastRelease& past : plan.past) {
      for (const Table& table : past.tables) {
        collect(table, before);
      }
    }
    now_ = levels;
    then_ = before;
    levels.insert(before.begin(), before.end());
    std::size_t size = 1;
    for (const Dimension& dimension : plan.dimensions) {
      size *= dimension.codes;
    }
    truth_.assign(size, 0);
    for (std::size_t row = 0; row < plan.base.value.size(); ++row) {
      std::size_t at = 0;
      for (std::size_t d = plan.dimensions.size(); d-- > 0;) {
        at = at * plan.dimensions[d].codes + plan.base.codes[d][row];
      }
      truth_[at] += plan.base.value[row];
    }
    for (const auto& level : levels) {
      add_cells(level, hidden, size);
    }
  }

  struct Sum {
    Cell cell;
    std::vector<std::size_t> positions;
    std::int64_t value = 0;
    std::int64_t least = 0;  // of a hidden one, known
    bool visible = true;
  };

  const std::vector<Sum>& sums() const { return sums_; }

  /// A sum that nothing shows: the cells of a rest, by the plan's own words.
  std::vector<Sum> rest_of(const Rest& rest) {
    const std::size_t before = sums_.size();
    add_cells(rest.level, {}, truth_.size());
    std::vector<Sum> out(sums_.begin() + static_cast<std::ptrdiff_t>(before), sums_.end());
    sums_.resize(before);
    for (Sum& sum : out) {
      sum.visible = false;
      sum.least = 0;
      std::erase_if(sum.positions, [&](std::size_t p) {
        bool left_out = true;
        for (std::size_t d = 0; d < plan_.dimensions.size(); ++d) {
          left_out = left_out && rest.without[d][p % plan_.dimensions[d].codes];
          p /= plan_.dimensions[d].codes;
        }
        return left_out;
      });
      sum.value = 0;
      for (const std::size_t p : sum.positions) {
        sum.value += truth_[p];
      }
    }
    return out;
  }

  void add(const Sum& sum) { sums_.push_back(sum); }

  /// What totals that an earlier release shows leave to a part whose like are all hidden.
  std::int64_t room_in_past(const Sum& part) const {
    std::int64_t room = kUnbounded;
    for (const Sum& total : sums_) {
      const auto is_within = [&total](const Sum& sum) {
        return std::ranges::includes(total.positions, sum.positions);
      };
      if (total.visible && then_.contains(total.cell.level) && is_within(part)) {
        const auto parts = std::ranges::count_if(sums_, [&](const Sum& sum) {
          return sum.cell.level == part.cell.level && sum.least > 0 && is_within(sum);
        });
        room = total.value > parts ? std::min<std::int64_t>(room, total.value - parts) : room;
      }
    }
    return room;
  }

  /// Intervals of the hidden sums, by index; with one more sum known.
  std::vector<Interval> intervals(std::optional<std::size_t> known = {}) {
    result_.assign(sums_.size(), {});
    known_ = known;
    x_.assign(truth_.size(), 0);
    steps_ = 0;
    descend(0);
    return steps_ < kStepsMax ? result_ : std::vector<Interval>{};
  }

 private:
  static constexpr std::size_t kStepsMax = 60'000;

  static void collect(const Table& table, std::set<std::vector<std::uint32_t>>& levels) {
    std::vector<std::vector<std::uint32_t>> all = {{}};
    for (const auto& list : table.levels) {
      std::vector<std::vector<std::uint32_t>> next;
      for (const auto& begun : all) {
        for (const std::uint32_t level : list.empty() ? std::vector{kTotal} : list) {
          next.push_back(begun);
          next.back().push_back(level);
        }
      }
      all = next;
    }
    levels.insert(all.begin(), all.end());
  }

  void add_cells(const std::vector<std::uint32_t>& level, const std::vector<Cell>& hidden,
                 std::size_t size) {
    std::vector<Sum> found;
    for (std::size_t p = 0; p < size; ++p) {
      Cell cell{.level = level, .group = {}};
      std::size_t rest = p;
      bool inside = true;
      for (std::size_t d = 0; d < plan_.dimensions.size(); ++d) {
        const auto code = static_cast<std::uint32_t>(rest % plan_.dimensions[d].codes);
        rest /= plan_.dimensions[d].codes;
        const std::uint32_t group = level[d] == kTotal ? 0
                                    : level[d] == kCodes
                                        ? code
                                        : plan_.dimensions[d].levels[level[d] - 1].group[code];
        inside = inside && group != kNoGroup;
        cell.group.push_back(group);
      }
      if (!inside) {
        continue;
      }
      auto at = std::ranges::find(found, cell, &Sum::cell);
      if (at == found.end()) {
        found.push_back({.cell = cell, .positions = {}});
        at = found.end() - 1;
        at->visible = !contains(hidden, cell);
      }
      at->positions.push_back(p);
      at->value += truth_[p];
    }
    for (Sum& sum : found) {
      const bool may_now =
          plan_.policy.zeros != Zeros::published && may_be_zero(sum, found, hidden);
      const bool now = now_.contains(level) && !may_now;
      const bool then = std::ranges::any_of(plan_.past, [&](const PastRelease& past) {
        const bool may_then = past.hides_zeros && may_be_zero(sum, found, past.hidden);
        return contains(past.hidden, sum.cell) && !may_then;
      });
      sum.least = !sum.visible && (now || then) ? std::min<std::int64_t>(sum.value, 1) : 0;
    }
    sums_.insert(sums_.end(), found.begin(), found.end());
  }

  using Levels = std::vector<std::uint32_t>;

  /// Does equal place in `inner` always mean equal place in `outer`, for all codes?
  bool nests(const Levels& inner, const Levels& outer) const {
    for (std::size_t d = 0; d < plan_.dimensions.size(); ++d) {
      const auto place = [&](std::uint32_t level, std::uint32_t code) {
        return level == kTotal   ? 0
               : level == kCodes ? code
                                 : plan_.dimensions[d].levels[level - 1].group[code];
      };
      for (std::uint32_t a = 0; a < plan_.dimensions[d].codes; ++a) {
        for (std::uint32_t b = 0; b < a; ++b) {
          if (place(inner[d], a) != kNoGroup && place(inner[d], a) == place(inner[d], b) &&
              place(outer[d], a) != place(outer[d], b)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /// Below one total just above it, is a zero hidden, or none that could be shown?
  bool may_be_zero(const Sum& sum, const std::vector<Sum>& grid,
                   const std::vector<Cell>& hidden) const {
    const auto is_above = [this](const Levels& outer, const Levels& inner) {
      return nests(inner, outer) && !nests(outer, inner);
    };
    const Levels& own = sum.cell.level;
    std::set<Levels> every = now_;
    every.insert(then_.begin(), then_.end());
    for (const Levels& above : every) {
      if (!is_above(above, own) || std::ranges::any_of(every, [&](const Levels& between) {
            return is_above(between, own) && is_above(above, between);
          })) {
        continue;
      }
      const auto total = place_of(above, sum.positions.front());
      std::size_t parts = 0;
      bool all_some = true;
      for (const Sum& other : grid) {
        if (!total || place_of(above, other.positions.front()) != total) {
          continue;
        }
        ++parts;
        all_some = all_some && other.value > 0;
        if (other.value == 0 && contains(hidden, other.cell)) {
          return true;
        }
      }
      if (all_some && parts > 1) {
        return true;
      }
    }
    return false;
  }

  /// Groups of a position; nothing where a level leaves it out.
  std::optional<Levels> place_of(const Levels& level, std::size_t position) const {
    Levels out;
    for (std::size_t d = 0; d < plan_.dimensions.size(); ++d) {
      const std::size_t code = position % plan_.dimensions[d].codes;
      position /= plan_.dimensions[d].codes;
      out.push_back(level[d] == kTotal   ? 0
                    : level[d] == kCodes ? static_cast<std::uint32_t>(code)
                                         : plan_.dimensions[d].levels[level[d] - 1].group[code]);
      if (out.back() == kNoGroup) {
        return std::nullopt;
      }
    }
    return out;
  }

  /// Largest value that position p may still take.
  std::int64_t room(std::size_t p) const {
    std::int64_t most = kUnbounded;
    for (const Sum& sum : sums_) {
      if (sum.visible && std::ranges::binary_search(sum.positions, p)) {
        std::int64_t used = 0;
        for (const std::size_t q : sum.positions) {
          used += q < p ? x_[q] : 0;
        }
        most = std::min(most, sum.value - used);
      }
    }
    return most == kUnbounded ? kMost : most;
  }

  bool holds(std::size_t upto) const {
    for (std::size_t s = 0; s < sums_.size(); ++s) {
      const bool counts = sums_[s].visible || sums_[s].least > 0 || s == known_;
      if (counts && sums_[s].positions.back() + 1 == upto) {
        std::int64_t sum = 0;
        for (const std::size_t q : sums_[s].positions) {
          sum += x_[q];
        }
        const bool is_exact = sums_[s].visible || s == known_;
        if (is_exact ? sum != sums_[s].value : sum < sums_[s].least) {
          return false;
        }
      }
    }
    return true;
  }

  void descend(std::size_t p) {
    if (++steps_ > kStepsMax || !holds(p)) {
      return;
    }
    if (p == x_.size()) {
      for (std::size_t s = 0; s < sums_.size(); ++s) {
        std::int64_t sum = 0;
        for (const std::size_t q : sums_[s].positions) {
          sum += x_[q];
        }
        result_[s].low = std::min(result_[s].low, sum);
        result_[s].high = std::max(result_[s].high, sum);
      }
      return;
    }
    const std::int64_t most = room(p);
    for (std::int64_t value = 0; value <= most; ++value) {
      x_[p] = value;
      descend(p + 1);
    }
    x_[p] = 0;
  }

  const Plan& plan_;
  std::set<std::vector<std::uint32_t>> now_;   // levels that this release prints
  std::set<std::vector<std::uint32_t>> then_;  // and earlier ones
  Numbers truth_;
  std::vector<Sum> sums_;
  Numbers x_;
  std::vector<Interval> result_;
  std::optional<std::size_t> known_;
  std::size_t steps_ = 0;
};

template <class T>
T pick(T low, T high) {  // both included
  return *rc::gen::inRange<T>(low, static_cast<T>(high + 1));
}

std::vector<std::uint32_t> some_levels(const Dimension& dimension) {
  std::vector<std::uint32_t> list;
  for (std::uint32_t level = 0; level <= dimension.levels.size(); ++level) {
    if (pick(0, 2) > 0) {
      list.push_back(level);
    }
  }
  if (pick(0, 3) > 0) {
    list.push_back(kTotal);
  }
  return list;
}

Plan random_plan() {
  Plan plan;
  const auto dimensions = pick<std::size_t>(1, 3);
  std::uint32_t size = 1;
  for (std::size_t d = 0; d < dimensions; ++d) {
    Dimension& dimension = plan.dimensions.emplace_back();
    dimension.name = "d" + std::to_string(d);
    dimension.codes = dimensions == 1   ? pick(3U, 8U)
                      : dimensions == 2 ? pick(2U, 3U)
                                        : pick(1U, 2U) + (d == 0 ? 1U : 0U);
    for (int levels = pick(0, dimensions == 1 ? 2 : 1); levels > 0; --levels) {
      Level level{.name = "level", .group = {}, .groups = 2};
      for (std::uint32_t code = 0; code < dimension.codes; ++code) {
        level.group.push_back(pick(0, 7) == 0 ? kNoGroup : pick(0U, 1U));
      }
      dimension.levels.push_back(level);
    }
    size *= dimension.codes;
  }
  plan.base.codes.resize(dimensions);
  for (std::uint32_t p = 0; p < size; ++p) {
    std::uint32_t rest = p;
    for (std::size_t d = 0; d < dimensions; ++d) {
      plan.base.codes[d].push_back(rest % plan.dimensions[d].codes);
      rest /= plan.dimensions[d].codes;
    }
    plan.base.value.push_back(std::max(0, pick(-2, 4)));
  }
  for (int tables = pick(1, 2); tables > 0; --tables) {
    Table table;
    table.name = "table";
    for (const Dimension& dimension : plan.dimensions) {
      table.levels.push_back(some_levels(dimension));
    }
    plan.tables.push_back(table);
  }
  plan.policy.threshold = pick<std::int64_t>(2, 4);
  plan.policy.width = pick<std::int64_t>(0, 2);
  plan.policy.zeros = pick(0, 1) == 0 ? Zeros::published : Zeros::complement;
  plan.policy.contributors = pick(0, 1) == 1;
  return plan;
}

std::int64_t width_for(const Plan& plan, std::int64_t value, bool primary, bool rest = false) {
  if (!primary || value == 0 || value >= plan.policy.threshold) {
    return plan.policy.width_secondary;
  }
  const std::int64_t all = std::max<std::int64_t>(plan.policy.threshold - (rest ? 1 : 2), 1);
  return plan.policy.width > 0 ? plan.policy.width : all;
}

/// Every interval of the report is one that enumeration finds too, and wide enough where the
/// report says safe.
void check_report(const Plan& plan, const Report& report) {
  Enumeration every(plan, hidden_cells(plan, report));
  const auto intervals = every.intervals();
  if (intervals.empty()) {
    return;  // too many to enumerate
  }
  for (std::size_t s = 0; s < intervals.size(); ++s) {
    const Enumeration::Sum& sum = every.sums()[s];
    const HiddenCell* cell = find_hidden(plan, report, sum.cell);
    if (cell == nullptr) {
      RC_ASSERT(intervals[s].low == sum.value && intervals[s].high == sum.value);
      continue;
    }
    RC_ASSERT(intervals[s].low <= cell->low);
    const auto most = Enumeration::kMost;
    RC_ASSERT(intervals[s].high >= std::min(cell->high, most) || cell->high > most);
    if (cell->exact && cell->high < most) {
      RC_ASSERT(intervals[s].low == cell->low && intervals[s].high == cell->high);
    }
    if (report.safe && cell->reason == Reason::past) {
      RC_ASSERT(intervals[s].high > intervals[s].low);
    } else if (report.safe) {
      RC_ASSERT(intervals[s].high - intervals[s].low >=
                std::min(width_for(plan, sum.value, cell->reason == Reason::threshold),
                         every.room_in_past(sum)));
    }
  }
}

void check_contributors(const Plan& plan, const Report& report) {
  Enumeration every(plan, hidden_cells(plan, report));
  const auto& sums = every.sums();
  for (std::size_t s = 0; s < sums.size(); ++s) {
    if (sums[s].visible || sums[s].value != 1) {
      continue;
    }
    const auto intervals = every.intervals(s);
    for (std::size_t t = 0; t < intervals.size(); ++t) {
      const HiddenCell* cell = find_hidden(plan, report, sums[t].cell);
      const bool apart = std::ranges::none_of(sums[s].positions, [&](std::size_t p) {
        return std::ranges::binary_search(sums[t].positions, p);
      });
      if (cell != nullptr && cell->reason == Reason::threshold && apart) {
        RC_ASSERT(intervals[t].high > intervals[t].low);
      }
    }
  }
}

RC_GTEST_PROP(DisclosureProperty, ProtectedPlansWithstandEnumeration, ()) {
  const Plan plan = random_plan();
  const auto report = protect(plan);
  RC_ASSERT(report.has_value());
  RC_ASSERT(report->safe);
  const auto hidden = hidden_cells(plan, *report);
  Enumeration every(plan, hidden);
  for (const Enumeration::Sum& sum : every.sums()) {
    RC_ASSERT(!sum.visible || sum.value == 0 || sum.value >= plan.policy.threshold);
    RC_ASSERT(sum.visible || sum.value > 0 || plan.policy.zeros != Zeros::published);
  }
  check_report(plan, *report);
  if (plan.policy.contributors) {
    check_contributors(plan, *report);
  }
}

/// What is left of some table without a box of codes is as safe as a small cell, whatever a reader
/// subtracts, and is never a cell that is shown.
RC_GTEST_PROP(DisclosureProperty, RestsWithstandEnumeration, ()) {
  Plan plan = random_plan();
  plan.policy.contributors = false;
  Rest rest;
  for (std::size_t d = 0; d < plan.dimensions.size(); ++d) {
    const auto& levels = plan.tables[0].levels[d];
    rest.level.push_back(levels.empty() ? kTotal : levels.front());
    auto& box = rest.without.emplace_back();
    for (std::uint32_t code = 0; code < plan.dimensions[d].codes; ++code) {
      box.push_back(pick(0, 2) > 0);
    }
  }
  std::vector<Enumeration::Sum> small;
  for (const auto& sum : Enumeration(plan, {}).rest_of(rest)) {
    if (sum.value > 0 && sum.value < plan.policy.threshold) {
      small.push_back(sum);
      rest.cells.push_back(sum.cell.group);
    }
  }
  plan.rests.push_back(rest);
  const auto report = protect(plan);
  RC_ASSERT(report.has_value());
  RC_ASSERT(report->safe);
  std::vector<Cell> hidden;
  std::size_t rests = 0;
  for (const HiddenCell& cell : report->hidden) {
    if (report->is_rest(cell.id)) {
      ++rests;
    } else {
      hidden.push_back(report->cell(plan, cell.id));
    }
  }
  RC_ASSERT(rests == small.size());
  Enumeration every(plan, hidden);
  const std::size_t printed = every.sums().size();
  std::ranges::for_each(small, [&](const auto& sum) { every.add(sum); });
  const auto intervals = every.intervals();
  for (std::size_t s = printed; s < intervals.size(); ++s) {
    RC_ASSERT(intervals[s].high - intervals[s].low >=
              width_for(plan, every.sums()[s].value, true, true));
  }
}

RC_GTEST_PROP(DisclosureProperty, AuditFindsEveryTrueLeak, ()) {
  Plan plan = random_plan();
  plan.policy.contributors = false;
  Enumeration all(plan, {});
  std::vector<Cell> hidden;
  for (const Enumeration::Sum& sum : all.sums()) {
    const bool small = sum.value > 0 && sum.value < plan.policy.threshold;
    if (small || pick(0, 3) == 0) {
      hidden.push_back(sum.cell);
    }
  }
  const auto report = audit(plan, hidden);
  RC_ASSERT(report.has_value());
  check_report(plan, *report);
  Enumeration every(plan, hidden);
  const auto intervals = every.intervals();
  for (std::size_t s = 0; s < intervals.size(); ++s) {
    const Enumeration::Sum& sum = every.sums()[s];
    const auto width = width_for(plan, sum.value, true);
    const bool bounded = intervals[s].high < Enumeration::kMost;
    if (!sum.visible && bounded && intervals[s].high - intervals[s].low < width) {
      RC_ASSERT(std::ranges::any_of(report->leaks, [&](const Leak& leak) {
        return report->cell(plan, leak.id) == sum.cell;
      }));
    }
  }
}

RC_GTEST_PROP(DisclosureProperty, LaterReleasesCountWithEarlierOnes, ()) {
  Plan plan = random_plan();
  plan.policy.contributors = false;
  const auto first = protect(plan);
  RC_ASSERT(first.has_value());
  Plan later = plan;
  later.past = {{.name = "first",
                 .tables = plan.tables,
                 .hidden = hidden_cells(plan, *first),
                 .revised = {},
                 .hides_zeros = plan.policy.zeros != Zeros::published}};
  later.tables.clear();
  Table table;
  table.name = "second";
  for (const Dimension& dimension : plan.dimensions) {
    table.levels.push_back(some_levels(dimension));
  }
  later.tables.push_back(table);
  const auto second = protect(later);
  RC_ASSERT(second.has_value());
  for (const Cell& cell : hidden_cells(later, *second)) {
    // Nothing that the first release shows can be hidden now.
    const bool in_first = std::ranges::any_of(
        first->grids, [&cell](const auto& levels) { return levels == cell.level; });
    RC_ASSERT(!in_first || contains(later.past[0].hidden, cell));
  }
  check_report(later, *second);
}

/// What a search near single cells takes for possible is so, and what it hides besides makes it so.
RC_GTEST_PROP(DisclosureProperty, ExamplesNearACellWithstandEnumeration, ()) {
  Plan plan = random_plan();
  plan.policy.contributors = true;
  Model model = *Model::create(plan);
  RC_ASSERT(mark_primary(model).has_value());
  MoveFinder finder(model);
  Alternatives examples(model);
  NearbySearch nearby(model, finder, examples);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> apart;  // cell, whose reader was told of it
  for (std::uint32_t c = 0; c < model.cells.size(); ++c) {
    if (model.cells[c].shown == Shown::visible) {
      continue;
    }
    (void)nearby.widen({.cell = c, .may_hide = pick(0, 1) == 1});
    for (const std::uint32_t s : examples.dependence(c)) {
      if (s != c && nearby.widen({.cell = c, .may_hide = pick(0, 1) == 1, .known = {&s, 1}})) {
        apart.emplace_back(c, s);
      }
    }
  }
  Report report;
  fill_report(model, report);
  check_report(plan, report);
  Enumeration every(plan, hidden_cells(plan, report));
  const auto place = [&](std::uint32_t c) {
    const CellState& cell = model.cells[c];
    const Cell named = report.cell(plan, {cell.grid, cell.key - model.grids[cell.grid].offset});
    return static_cast<std::size_t>(
        std::ranges::find(every.sums(), named, &Enumeration::Sum::cell) - every.sums().begin());
  };
  for (const auto& [c, s] : apart) {
    const auto intervals = every.intervals(place(s));
    if (!intervals.empty()) {
      RC_ASSERT(intervals[place(c)].high > intervals[place(c)].low);
    }
  }
}

bool prints(const std::vector<Table>& tables, const Cell& cell) {
  return std::ranges::any_of(tables, [&](const Table& table) {
    for (std::size_t d = 0; d < table.levels.size(); ++d) {
      const auto& list = table.levels[d];
      const bool listed = list.empty() ? cell.level[d] == kTotal
                                       : std::ranges::find(list, cell.level[d]) != list.end();
      if (!listed) {
        return false;
      }
    }
    return true;
  });
}

/// Two dimensions, each with a grouping; some counts are large, so that there is a choice of what
/// to hide beside the small ones.
Plan plan_of_a_series() {
  Plan plan;
  plan.base.codes.resize(2);
  for (int d = 0; d < 2; ++d) {
    Dimension& dimension = plan.dimensions.emplace_back();
    dimension.name = "d" + std::to_string(d);
    dimension.codes = pick(2U, 4U);
    Level& level = dimension.levels.emplace_back();
    level.name = "level";
    level.groups = 2;
    for (std::uint32_t code = 0; code < dimension.codes; ++code) {
      level.group.push_back(pick(0U, 1U));
    }
  }
  for (std::uint32_t a = 0; a < plan.dimensions[0].codes; ++a) {
    for (std::uint32_t b = 0; b < plan.dimensions[1].codes; ++b) {
      plan.base.codes[0].push_back(a);
      plan.base.codes[1].push_back(b);
      plan.base.value.push_back(std::max(0, pick(-3, 5)) + (pick(0, 5) == 0 ? pick(0, 12) : 0));
    }
  }
  plan.policy.threshold = pick<std::int64_t>(3, 5);
  plan.policy.zeros = Zeros::complement;
  return plan;
}

/// Releases of one base, each of other tables, and then each of them once more: what is hidden
/// stays so, and what repeats an earlier release can be published and hides what that one hid.
RC_GTEST_PROP(DisclosureProperty, ARepeatedReleaseHidesWhatTheFirstHid, ()) {
  constexpr std::size_t kReleases = 3;
  Plan plan = plan_of_a_series();
  std::vector<PastRelease> published;
  for (std::size_t release = 0; release < 2 * kReleases; ++release) {
    const bool repeats = release >= kReleases;
    if (repeats && release - kReleases >= published.size()) {
      continue;
    }
    plan.tables.clear();
    for (int tables = repeats ? 0 : pick(1, 2); tables > 0; --tables) {
      Table& table = plan.tables.emplace_back();
      table.name = "table";
      for (const Dimension& dimension : plan.dimensions) {
        table.levels.push_back(some_levels(dimension));
      }
    }
    if (repeats) {
      plan.tables = published[release - kReleases].tables;
    }
    const auto report = protect(plan);
    RC_ASSERT(report.has_value());
    std::vector<Cell> hidden = hidden_cells(plan, *report);
    std::erase_if(hidden, [&](const Cell& cell) { return !prints(plan.tables, cell); });
    for (const PastRelease& past : plan.past) {
      for (const Cell& cell : past.hidden) {
        RC_ASSERT(!prints(plan.tables, cell) || contains(hidden, cell));
      }
    }
    if (repeats) {
      RC_ASSERT(report->safe);
      RC_ASSERT(hidden == published[release - kReleases].hidden);
    }
    if (report->safe) {
      plan.past.push_back({.name = "release " + std::to_string(release),
                           .tables = plan.tables,
                           .hidden = hidden,
                           .revised = {},
                           .hides_zeros = true});
      published = repeats ? published : plan.past;
    }
  }
}

/// Plans too large to enumerate and for the quick paths of small ones: what moves prove must lie
/// within the bounds of a linear program that the test sets up by itself.
RC_GTEST_PROP(DisclosureProperty, ExamplesLieWithinTheBoundsOfLinearPrograms, ()) {
  static int runs = 0;
  if (++runs > 60) {
    return;  // each run is hundreds of programs
  }
  Plan plan;
  const std::uint32_t sizes[3] = {pick(8U, 12U), pick(6U, 9U), pick(5U, 7U)};
  plan.base.codes.resize(3);
  for (const std::uint32_t size : sizes) {
    Dimension& dimension = plan.dimensions.emplace_back();
    dimension.name = "d";
    dimension.codes = size;
    Level level{.name = "half", .group = {}, .groups = 2};
    for (std::uint32_t code = 0; code < size; ++code) {
      level.group.push_back(code < size / 2 ? 0 : 1);
    }
    dimension.levels.push_back(level);
  }
  for (int row = pick(60, 300); row > 0; --row) {
    for (std::size_t d = 0; d < 3; ++d) {
      plan.base.codes[d].push_back(pick(0U, sizes[d] - 1));
    }
    plan.base.value.push_back(pick(1, 3));
  }
  plan.tables = {
      {.name = "1", .levels = {{kCodes, 1, kTotal}, {kCodes, kTotal}, {}}, .decision = {}},
      {.name = "2", .levels = {{kCodes, kTotal}, {}, {kCodes, 1, kTotal}}, .decision = {}}};
  plan.policy.threshold = pick<std::int64_t>(2, 5);
  plan.policy.width = pick<std::int64_t>(1, 3);
  plan.policy.zeros = pick(0, 1) == 0 ? Zeros::published : Zeros::complement;
  const auto report = protect(plan);
  RC_ASSERT(report.has_value());
  RC_ASSERT(report->safe);
  Enumeration every(plan, hidden_cells(plan, *report));
  std::vector<Program::Row> rows;
  for (const Enumeration::Sum& sum : every.sums()) {
    if (sum.visible) {
      Program::Row& row = rows.emplace_back();
      row.columns.assign(sum.positions.begin(), sum.positions.end());
      row.sum = sum.value;
    }
  }
  Program program(std::size_t{sizes[0]} * sizes[1] * sizes[2], rows);
  std::size_t checked = 0;
  for (const Enumeration::Sum& sum : every.sums()) {
    if (sum.visible || ++checked % 7 != 0) {
      continue;
    }
    const HiddenCell* cell = find_hidden(plan, *report, sum.cell);
    RC_ASSERT(cell != nullptr);
    const std::vector<std::uint32_t> columns(sum.positions.begin(), sum.positions.end());
    const std::vector<double> ones(columns.size(), 1.0);
    const auto least = program.optimise(columns, ones, false);
    const auto most = program.optimise(columns, ones, true);
    RC_ASSERT(least.value <= static_cast<double>(cell->low) + 1e-6);
    RC_ASSERT(!most.bounded || most.value >= static_cast<double>(cell->high) - 1e-6);
  }
}

}  // namespace
