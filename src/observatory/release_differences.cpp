// What two releases of one table say together. A total of 120 that was 119 tells that one person
// came in between; beside the same table by sex and age, who. So a protected cell that differs from
// what an earlier release shows by less than the threshold is treated as the small cell that the
// difference is, and hidden with its complements. And a cell that was hidden, whose total changed
// by as little, stays hidden: shown now, it would give away what it was then.
#include "release_group.hpp"

namespace atalaya::observatory::detail {
namespace {

using Codes = std::vector<std::string>;
using Rows = std::vector<std::uint32_t>;

std::string key_of(const dc::Cell& cell) {
  return fmt::format("{}/{}", fmt::join(cell.level, ","), fmt::join(cell.group, ","));
}

// One past release's cells as today's facts see them.
struct PastCells {
  std::map<std::string, std::int64_t> small;         // by cell: shown, and changed by so little
  std::vector<Rows> small_rows;                      // the rows under each of them
  std::vector<std::pair<std::string, Rows>> hidden;  // by cell
  std::size_t compared = 0, revised = 0;
};

Result<PastCells> look_at(Group& group, const PastTable& past, std::int64_t threshold) {
  PastCells out;
  const Shape shape = shape_of(past, past.table.indicator->numerator);
  const auto levels = ATALAYA_TRY(group.levels(shape));
  const auto rows = group.rows(levels, shape);
  for (const auto& cell : past.table.cells) {
    const auto at = rows.find(cell.codes);
    const auto id = group.cell_of(cell.codes, levels, shape);
    if (at == rows.end() || !id) {
      continue;
    }
    if (cell.status == CellStatus::suppressed) {
      out.hidden.emplace_back(key_of(*id), at->second);
      continue;
    }
    ++out.compared;
    std::int64_t now = 0;
    for (const std::uint32_t row : at->second) {
      now += group.plan.base.value[row];
    }
    const std::int64_t difference = std::abs(now - std::llround(cell.count.value_or(0)));
    out.revised += difference != 0 ? 1U : 0U;
    if (difference > 0 && difference < threshold) {
      out.small.emplace(key_of(*id), difference);
      out.small_rows.push_back(at->second);
    }
  }
  return out;
}

// Sets of rows, of which large revised series have thousands, by the rows that they hold.
class RowSets {
 public:
  RowSets(const std::vector<Rows>& sets, std::size_t rows) : sets_(sets), holding_(rows) {
    for (std::size_t i = 0; i < sets.size(); ++i) {
      for (const std::uint32_t row : sets[i]) {
        holding_[row].push_back(i);
      }
    }
  }

  [[nodiscard]] bool hold(const Rows& rows) const {
    if (rows.empty()) {
      return !sets_.empty();
    }
    return std::ranges::any_of(holding_[rows.front()], [&](std::size_t i) {
      return std::ranges::includes(sets_[i], rows);
    });
  }

 private:
  const std::vector<Rows>& sets_;
  std::vector<std::vector<std::size_t>> holding_;  // by row: which sets
};

// What this release shows of protected tables.
std::map<std::string, dc::Cell> protected_cells(const Group& group,
                                                const std::vector<Placed>& placed) {
  std::map<std::string, dc::Cell> out;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (group.plan.tables[i].exempt) {
      continue;
    }
    for (const auto& [codes, rows] : group.rows(placed[i].levels, placed[i].shape)) {
      if (const auto cell = group.cell_of(codes, placed[i].levels, placed[i].shape)) {
        out.emplace(key_of(*cell), *cell);
      }
    }
  }
  return out;
}

using Values = std::map<std::vector<std::uint32_t>, std::int64_t>;  // by group, of some levels

Values values_of(const Group& group, const std::vector<std::uint32_t>& levels) {
  const auto& base = group.plan.base;
  Values out;
  std::vector<std::uint32_t> groups(levels.size());
  for (std::size_t row = 0; row < base.value.size(); ++row) {
    for (std::size_t d = 0; d < levels.size(); ++d) {
      groups[d] = group.group_of(d, levels[d], base.codes[d][row]);
    }
    out[groups] += base.value[row];
  }
  return out;
}

// What the plan decides to show does not stay hidden because an earlier release hid it for its
// difference; a small count does.
void show_accepted(Group& group, const std::set<std::string>& guarded) {
  std::map<std::vector<std::uint32_t>, Values> values;
  const auto value_of = [&](const dc::Cell& cell) {
    const auto [at, is_new] = values.emplace(cell.level, Values());
    if (is_new) {
      at->second = values_of(group, cell.level);
    }
    const auto found = at->second.find(cell.group);
    return found == at->second.end() ? 0 : found->second;
  };
  for (auto& past : group.plan.past) {
    const auto accepted = std::ranges::stable_partition(past.hidden, [&](const dc::Cell& cell) {
      return !guarded.contains(key_of(cell)) || value_of(cell) < group.plan.policy.threshold;
    });
    past.revised.insert(past.revised.end(), accepted.begin(), accepted.end());
    past.hidden.erase(accepted.begin(), accepted.end());
  }
}

// The cells that one past release and today's facts tell of together, and what the audit says.
Result<std::set<std::string>> compare_release(Group& group, const std::string& release,
                                              const std::vector<const PastTable*>& tables,
                                              const std::map<std::string, dc::Cell>& ours,
                                              const SumsFound& sums, json::array& notes) {
  std::vector<PastCells> looked;
  std::vector<Rows> small_rows = sums.rows;
  std::size_t compared = 0;
  std::size_t revised = 0;
  std::set<std::string> small;
  std::set<std::string> hidden;
  for (const auto* table : tables) {
    looked.push_back(ATALAYA_TRY(look_at(group, *table, group.plan.policy.threshold)));
    const auto& cells = looked.back();
    small_rows.insert(small_rows.end(), cells.small_rows.begin(), cells.small_rows.end());
    compared += cells.compared;
    revised += cells.revised;
    for (const auto& [key, difference] : cells.small) {
      small.insert(key);
    }
  }
  const RowSets changed(small_rows, group.plan.base.value.size());
  for (const auto& cells : looked) {
    for (const auto& [key, rows] : cells.hidden) {
      if (changed.hold(rows)) {
        hidden.insert(key);
      }
    }
  }
  for (const auto& cell : sums.hidden) {
    hidden.insert(key_of(cell));
  }
  std::set<std::string> added;
  for (const auto& cell : sums.cells) {
    if (!small.contains(key_of(cell))) {
      added.insert(key_of(cell));
    }
  }
  std::size_t several = 0;
  for (const auto& list : sums.sums) {
    several += list.size();
  }
  const auto is_ours = [&](const std::string& key) { return ours.contains(key); };
  notes.push_back(json::object{{"release", release},
                               {"compared", static_cast<std::int64_t>(compared)},
                               {"revised", static_cast<std::int64_t>(revised)},
                               {"small", std::ranges::count_if(small, is_ours)},
                               {"sums", static_cast<std::int64_t>(several + added.size())},
                               {"rests", static_cast<std::int64_t>(sums.rests)},
                               {"hidden_then", std::ranges::count_if(hidden, is_ours)}});
  small.merge(hidden);
  small.merge(added);
  return small;
}

}  // namespace

Result<void> guard_differences(const ReleasePlan& plan, const Territories& territories,
                               Group& group, const std::vector<Placed>& placed,
                               const std::vector<const PastTable*>& past, Protected& out) {
  const auto ours = protected_cells(group, placed);
  std::map<std::string, std::vector<const PastTable*>> releases;
  for (const auto* table : past) {
    // Rounded figures move by the base at once and say nothing of one person.
    if (table->table.rounded_to == 0 && !ours.empty()) {
      releases[table->release].push_back(table);
    }
  }
  auto& notes = out.audit["differences"].is_array() ? out.audit["differences"].as_array()
                                                    : out.audit["differences"].emplace_array();
  std::set<std::string> guarded;
  std::vector<std::vector<std::vector<std::vector<std::uint32_t>>>> forbidden;
  for (const auto& [release, tables] : releases) {
    SumsFound sums;
    ATALAYA_TRY(find_sums(group, territories, placed, tables, sums));
    ATALAYA_TRY(find_rests(group, territories, tables, sums));
    auto found = ATALAYA_TRY(compare_release(group, release, tables, ours, sums, notes));
    guarded.merge(found);
    std::ranges::move(sums.sums, std::back_inserter(forbidden));
  }
  for (const auto& key : guarded) {
    const auto at = ours.find(key);
    if (at != ours.end() && plan.differences == Differences::protect) {
      group.plan.sensitive.push_back(at->second);
    }
  }
  if (plan.differences == Differences::accept) {
    show_accepted(group, guarded);
  }
  // Levels are added only now: the searches above go by those of the tables.
  std::ranges::sort(forbidden);
  const auto twice = std::ranges::unique(forbidden);
  forbidden.erase(twice.begin(), twice.end());
  for (const auto& sums : forbidden) {
    if (plan.differences == Differences::protect) {
      group.forbid_sums(sums);
    }
  }
  return {};
}

}  // namespace atalaya::observatory::detail
