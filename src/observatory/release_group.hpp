#pragma once
// The facts under a release's tables, and its tables in the terms of disclosure control. Shared by
// suppression and rounding; not for other sources.

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <atalaya/columns/disclosure.hpp>

#include "release_protect.hpp"
#include "release_same_cases.hpp"

namespace atalaya::observatory::detail {

namespace dc = columns::disclosure;

// One published table in the terms of disclosure control: for every dimension the level that its
// cells have, and what of the facts it holds.
struct Shape {
  std::string name;
  std::vector<TableDimension> by;
  // What the facts must be: every list must agree (the reader's choice, the indicator's filter).
  std::vector<std::pair<std::string, std::vector<std::string>>> where;
  const FactFilter* filter = nullptr;
  std::set<std::string> sources;
};

inline Shape shape_of(const Table& table, const FactFilter& filter, std::string name,
                      std::set<std::string> sources) {
  return {std::move(name), table.query.by, table.query.where, &filter, std::move(sources)};
}

inline Shape shape_of(const PastTable& past, const FactFilter& filter) {
  return shape_of(past.table, filter, past.release, past.sources);
}

inline bool chooses_by(const Shape& shape, const std::string& name) {
  const auto is = [&](const auto& entry) { return entry.first == name; };
  return std::ranges::any_of(shape.where, is) || detail::names_dimension(*shape.filter, name);
}

inline const TableDimension* by_dimension(const Shape& shape, const std::string& name) {
  const auto at = std::ranges::find(shape.by, name, &TableDimension::name);
  return at == shape.by.end() ? nullptr : &*at;
}

/// Keeps rows apart of which not every table takes; see RowFamily.
inline constexpr std::string_view kFamily = "family of totals";
inline constexpr std::string_view kSourceTotals = "totals of the source";

class Group {
 public:
  Group(const Desk::State& state, const Territories& territories)
      : state_(state), territories_(territories) {}

  void add(const Shape& shape) { shapes_.push_back(shape); }

  /// `columns`: by source, where sources under other names count the same cases, which of them.
  Result<void> read(const std::vector<Current>& submissions,
                    std::map<std::string, std::size_t> columns) {
    columns_ = std::move(columns);
    auto facts = ATALAYA_TRY(read_facts(submissions));
    apart_ = facts.apart;
    families_ = std::move(facts.families);
    has_totals_ = !facts.used.empty();
    const bool has_families = has_totals_ || families_.size() > 1;
    if (has_families) {
      family_ = dimensions_.size();
      dimensions_.push_back({std::string(kFamily), ""});
      owner_.emplace_back();
    }
    members_.assign(dimensions_.size(), {});
    plan.base.codes.assign(dimensions_.size(), {});
    for (auto& row : facts.rows) {
      if (has_families) {
        row.codes.push_back({std::to_string(row.family), false});
      }
      for (std::size_t d = 0; d < row.codes.size(); ++d) {
        const auto [at, is_new] =
            members_[d].emplace(row.codes[d], static_cast<std::uint32_t>(members_[d].size()));
        plan.base.codes[d].push_back(at->second);
      }
      plan.base.value.push_back(row.value);
    }
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      dc::Dimension dimension;
      dimension.name = dimensions_[d].name;
      dimension.codes = static_cast<std::uint32_t>(members_[d].size());
      plan.dimensions.push_back(std::move(dimension));
      std::vector<GroupCode> codes(members_[d].size());
      std::vector<std::string> names(codes.size());
      for (const auto& [code, id] : members_[d]) {
        codes[id] = code;
        names[id] = code.code;
      }
      codes_.push_back(std::move(codes));
      labels_.push_back({std::move(names)});  // level 0: the codes themselves
      keys_.push_back({""});
    }
    std::uint32_t totals = 0;
    for (const auto& used : facts.used) {
      tell_whole_totals(used);
      totals |= used.totals;
    }
    bool is_any_not_known = false;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      is_any_not_known = is_any_not_known || (owner_[d] && level_of_known(d) != dc::kTotal);
    }
    if (families_.size() > 1 || is_any_not_known) {
      tell_families(totals);
    }
    return {};
  }

  /// Do tables of several sources take rows of the same persons?
  [[nodiscard]] bool is_joined() const { return column_count() > 1; }

  /// Does any source total by itself beside its parts?
  [[nodiscard]] bool has_totals() const { return has_totals_; }

  /// Can a table of its sources tell anything of the dimension?
  [[nodiscard]] bool is_known(const Shape& shape, std::size_t d) const {
    return !owner_[d] || *owner_[d] == column_of(shape);
  }

  /// What a table's breakdown by a dimension is; null where it has none, or where only tables of
  /// other sources know this one.
  [[nodiscard]] const TableDimension* by(const Shape& shape, std::size_t d) const {
    return is_known(shape, d) ? by_dimension(shape, dimensions_[d].name) : nullptr;
  }

  /// Does the table count the same way as another: by sources of the same column?
  [[nodiscard]] std::size_t column_of(const Shape& shape) const {
    const auto at = shape.sources.empty() ? columns_.end() : columns_.find(*shape.sources.begin());
    return at == columns_.end() ? 0 : at->second;
  }

  /// How many of plan.past are releases, and not what totals of sources say.
  [[nodiscard]] std::size_t past_releases() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        plan.past, [](const dc::PastRelease& past) { return past.name != kSourceTotals; }));
  }

  /// Totals of sources that do not hold their parts.
  [[nodiscard]] std::int64_t apart() const { return apart_; }

  /// The dimension that keeps figures apart which do not agree with each other: no table shows it.
  [[nodiscard]] bool is_family(std::size_t d) const { return d == family_; }

  /// The level number of each dimension for this table's cells.
  Result<std::vector<std::uint32_t>> levels(const Shape& shape) {
    std::vector<std::uint32_t> out;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      out.push_back(ATALAYA_TRY(level(shape, d)));
    }
    return out;
  }

  /// Codes of a cell in the order of the table's dimensions; nothing if it is no cell of it.
  [[nodiscard]] std::optional<std::vector<std::string>> codes_of(
      const dc::Cell& cell, const std::vector<std::uint32_t>& levels, const Shape& shape) const {
    if (cell.level != levels) {
      return std::nullopt;
    }
    std::vector<std::string> out;
    for (const auto& dimension : shape.by) {
      const std::size_t d = place(shape, dimension.name);
      out.push_back(labels_[d][cell.level[d]][cell.group[d]]);
    }
    return out;
  }

  /// The cell of these codes; nothing where no fact of today lies in it.
  [[nodiscard]] std::optional<dc::Cell> cell_of(const std::vector<std::string>& codes,
                                                const std::vector<std::uint32_t>& levels,
                                                const Shape& shape) const {
    dc::Cell cell{levels, std::vector<std::uint32_t>(levels.size(), 0)};
    for (std::size_t i = 0; i < shape.by.size(); ++i) {
      const std::size_t d = place(shape, shape.by[i].name);
      const auto& labels = labels_[d][levels[d]];
      const auto at = std::ranges::find(labels, codes[i]);
      if (at == labels.end()) {
        return std::nullopt;
      }
      cell.group[d] = static_cast<std::uint32_t>(at - labels.begin());
    }
    return cell;
  }

  /// The rows under each cell of a table, by its codes.
  [[nodiscard]] std::map<std::vector<std::string>, std::vector<std::uint32_t>> rows(
      const std::vector<std::uint32_t>& levels, const Shape& shape) const;

  /// Leaves out rows that no table of today or before holds: nothing is published of them. Not
  /// where totals of sources say what nobody else is.
  Result<void> leave_out_unseen();

  /// Today's sums of a table by its codes.
  [[nodiscard]] std::map<std::vector<std::string>, std::int64_t> sums(
      const std::vector<std::uint32_t>& levels, const Shape& shape) const {
    std::map<std::vector<std::string>, std::int64_t> out;
    for (const auto& [codes, members] : rows(levels, shape)) {
      auto& sum = out[codes];
      for (const std::uint32_t row : members) {
        sum += plan.base.value[row];
      }
    }
    return out;
  }

  [[nodiscard]] std::size_t dimensions() const { return dimensions_.size(); }

  [[nodiscard]] const TableDimension& dimension(std::size_t d) const { return dimensions_[d]; }

  /// What a level of a dimension calls its groups.
  [[nodiscard]] std::vector<std::string> labels(std::size_t d, std::uint32_t level) const {
    return level == dc::kTotal ? std::vector{std::string(kTotal)} : labels_[d][level];
  }

  /// The group of a code of today; dc::kNoGroup where the level leaves it out.
  [[nodiscard]] std::uint32_t group_of(std::size_t d, std::uint32_t level,
                                       std::uint32_t code) const {
    return level == dc::kTotal   ? 0
           : level == dc::kCodes ? code
                                 : plan.dimensions[d].levels[level - 1].group[code];
  }

  /// How many of today's codes lie in a group.
  [[nodiscard]] std::size_t codes_in(std::size_t d, std::uint32_t level,
                                     std::uint32_t group) const {
    if (level == dc::kTotal || level == dc::kCodes) {
      return level == dc::kTotal ? plan.dimensions[d].codes : 1;
    }
    return static_cast<std::size_t>(
        std::ranges::count(plan.dimensions[d].levels[level - 1].group, group));
  }

  /// Would a table hold a code that no fact of today has?
  [[nodiscard]] bool takes(const Shape& shape, std::size_t d, const std::string& code) const {
    const std::string& name = dimensions_[d].name;
    return !is_known(shape, d) || !chooses_by(shape, name) || inside(shape, name, code);
  }

  /// What a table calls a code of any level of the dimension.
  [[nodiscard]] Result<std::string> label_of(const Shape& shape, std::size_t d,
                                             const std::string& code) const {
    const auto* told = by(shape, d);
    return told == nullptr ? std::string(kTotal) : place_code(territories_, *told, code);
  }

  /// Sums of cells that nobody may compute, as a table of their own that publishes nothing else:
  /// of each sum the codes by dimension. The sets of one dimension are equal or share no code.
  void forbid_sums(const std::vector<std::vector<std::vector<std::uint32_t>>>& sums) {
    dc::Table table;
    table.name = "sums over several cells";
    std::vector<dc::Cell> cells(sums.size());
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      dc::Level made;
      made.name = "sum";
      made.group.assign(plan.dimensions[d].codes, dc::kNoGroup);
      std::vector<std::string> names;
      for (std::size_t s = 0; s < sums.size(); ++s) {
        auto& group = made.group[sums[s][d].front()];
        if (group == dc::kNoGroup) {
          std::string name;
          for (const std::uint32_t code : sums[s][d]) {
            made.group[code] = static_cast<std::uint32_t>(names.size());
            name += (name.empty() ? "" : " + ") + codes_[d][code].code;
          }
          names.push_back(std::move(name));
        }
        cells[s].group.push_back(group);
      }
      made.groups = static_cast<std::uint32_t>(names.size());
      const bool is_total =
          names.size() == 1 && std::ranges::find(made.group, dc::kNoGroup) == made.group.end();
      std::uint32_t level = dc::kTotal;
      if (!is_total) {
        plan.dimensions[d].levels.push_back(std::move(made));
        labels_[d].push_back(std::move(names));
        keys_[d].push_back(fmt::format("sum {}", keys_[d].size()));
        level = static_cast<std::uint32_t>(keys_[d].size() - 1);
      }
      table.levels.push_back({level});
      for (auto& cell : cells) {
        cell.level.push_back(level);
      }
    }
    plan.tables.push_back(std::move(table));
    plan.sensitive.insert(plan.sensitive.end(), cells.begin(), cells.end());
  }

  /// What is left of published sums, as cells that nobody may compute: by dimension the group of
  /// each code, what the groups are called, what is chosen, who is left out, and the cells.
  void forbid_rest(const std::vector<std::vector<std::uint32_t>>& groups,
                   const std::vector<std::vector<std::string>>& labels,
                   const std::vector<std::string>& chosen, std::vector<std::vector<bool>> without,
                   std::vector<std::vector<std::uint32_t>> cells) {
    dc::Rest rest;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      rest.level.push_back(level_with(d, groups[d], labels[d]));
    }
    for (auto& cell : cells) {
      for (std::size_t d = 0; d < cell.size(); ++d) {
        cell[d] = rest.level[d] == dc::kTotal ? 0 : cell[d];
      }
    }
    rest.without = std::move(without);
    rest.cells = std::move(cells);
    plan.rests.push_back(std::move(rest));
    chosen_.push_back(chosen);
  }

  void protect_dimension(const std::string& name) {
    for (auto& dimension : plan.dimensions) {
      dimension.is_protected = dimension.is_protected || dimension.name == name;
    }
  }

  [[nodiscard]] json::object explain(const dc::Report& report, dc::CellId id) const {
    const dc::Cell cell = report.cell(plan, id);
    json::object out;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      if (is_family(d)) {
        continue;
      }
      std::string text;
      if (cell.level[d] != dc::kTotal) {
        text = labels_[d][cell.level[d]][cell.group[d]];
      }
      // "_T − F" is what is left of all without the women.
      const auto chosen = report.is_rest(id) ? chosen_[id.grid - report.printed][d] : std::string();
      if (chosen.find(" − ") != std::string::npos) {
        text = text.empty() || text == kTotal ? chosen : text + ": " + chosen;
      }
      if (!text.empty()) {
        out[dimensions_[d].name] = text;
      }
    }
    return out;
  }

  dc::Plan plan;

 private:
  // Does a table of these levels hold the row?
  [[nodiscard]] bool holds(const std::vector<std::uint32_t>& levels, std::size_t row) const {
    for (std::size_t d = 0; d < levels.size(); ++d) {
      if (group_of(d, levels[d], plan.base.codes[d][row]) == dc::kNoGroup) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] std::size_t column_count() const {
    std::size_t out = 1;
    for (const auto& [source, column] : columns_) {
      out = std::max(out, column + 1);
    }
    return out;
  }

  void note(const Shape& shape) {
    for (const auto& dimension : shape.by) {
      note(dimension.name, dimension.level);
    }
    for (const auto& [name, codes] : shape.where) {
      note(name, name == "period" ? period_level(codes) : "");
    }
    for (const auto& [name, codes] : shape.filter->terms) {
      note(name, "");
    }
    for (const auto& [name, codes] : shape.filter->except) {
      note(name, "");
    }
  }

  Result<JoinedFacts> read_facts(const std::vector<Current>& submissions) {
    for (const auto& shape : shapes_) {
      note(shape);
    }
    std::vector<FactColumn> columns;
    for (std::size_t c = 0; c < column_count(); ++c) {
      auto& column = columns.emplace_back();
      dimensions_ = column.dimensions = dimensions_told(c);
      owner_.assign(dimensions_.size(), std::nullopt);
      std::vector<Current> ours;
      std::ranges::copy_if(submissions, std::back_inserter(ours), [&](const Current& current) {
        const auto at = columns_.find(current.submission.source);
        return (at == columns_.end() ? 0 : at->second) == c;
      });
      column.facts = ATALAYA_TRY(
          read_group_facts(state_, territories_, ours, dimensions_, sets_told_apart(c)));
    }
    auto out = join_columns(territories_, std::move(columns));
    dimensions_ = out.dimensions;
    owner_ = out.owner;
    return out;
  }

  // What the tables of a column are broken down or chosen by, at the finest level of any table.
  [[nodiscard]] std::vector<TableDimension> dimensions_told(std::size_t column) const {
    std::vector<TableDimension> out;
    for (const auto& [name, level] : levels_) {
      const bool is_told = std::ranges::any_of(shapes_, [&](const Shape& shape) {
        return column_of(shape) == column &&
               (chooses_by(shape, name) || by_dimension(shape, name) != nullptr);
      });
      if (is_told) {
        out.push_back({name, level});
      }
    }
    return out;
  }

  // The finest level that any table shows; codes as they are are finer than every level.
  void note(const std::string& name, const std::string& level) {
    const auto [at, is_new] = levels_.emplace(name, level);
    if (is_new || at->second.empty()) {
      return;
    }
    if (level.empty()) {
      at->second.clear();
      return;
    }
    const auto order = Hierarchy::levels(territories_.lists(), name);
    const auto depth = [&](const std::string& l) { return std::ranges::find(order, l); };
    // Periods are ordered from coarse to fine, ages from fine to coarse and not always nested.
    // Weeks lie across months, quarters and years.
    if (name == "age" && at->second != level) {
      at->second.clear();
    } else if (name == "period" && at->second != level &&
               (at->second == "week" || level == "week")) {
      at->second = "day";
    } else if (depth(level) > depth(at->second)) {
      at->second = level;
    }
  }

  static std::string period_level(const std::vector<std::string>& codes) {
    const bool years = std::ranges::all_of(codes, [](const std::string& code) {
      const auto period = parse_period(code);
      return period && period->kind == PeriodKind::year;
    });
    return years ? "year" : "";
  }

  [[nodiscard]] std::size_t place(const Shape& shape, const std::string& name) const {
    std::size_t d = 0;
    while (d < dimensions_.size() && (dimensions_[d].name != name || !is_known(shape, d))) {
      ++d;
    }
    return d;
  }

  [[nodiscard]] bool inside(const Shape& shape, const std::string& name,
                            const std::string& code) const {
    if (!shape.filter->accepts(territories_.lists(), name, code)) {
      return false;
    }
    return std::ranges::all_of(shape.where, [&](const auto& entry) {
      return entry.first != name ||
             std::ranges::any_of(entry.second, [&](const std::string& outer) {
               return name == "territory" ? territories_.is_within(code, outer)
                                          : territories_.lists().is_within(name, code, outer);
             });
    });
  }

  // The dimensions that a table is broken down by or chosen by: excepting some chooses no others.
  [[nodiscard]] std::uint32_t told_apart(const Shape& shape) const {
    std::uint32_t out = 0;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      const std::string& name = dimensions_[d].name;
      const auto is = [&](const auto& entry) { return entry.first == name; };
      const bool tells = by_dimension(shape, name) != nullptr ||
                         std::ranges::any_of(shape.where, is) ||
                         shape.filter->find(name) != nullptr;
      out |= tells && is_known(shape, d) ? std::uint32_t{1} << d : 0;
    }
    return out;
  }

  [[nodiscard]] std::set<std::uint32_t> sets_told_apart(std::size_t column) const {
    std::set<std::uint32_t> out;
    for (const auto& shape : shapes_) {
      if (column_of(shape) == column) {
        out.insert(told_apart(shape));
      }
    }
    return out;
  }

  // Where parts of all persons add up to the source's total, a reader takes them for all there are,
  // and reckons with nobody beside them: it is as if a zero had been published there. Where they do
  // not, what is beside them is unknown.
  void tell_whole_totals(const RowFamily& used) {
    for (const std::uint32_t less : used.told) {
      for (const std::uint32_t more : used.told) {
        for (std::size_t d = 0; less != more && (less & more) == less && d < family_; ++d) {
          const bool parted = ((more & ~less) >> d & 1U) != 0;
          if (parted) {
            tell_rest_of(d, less, used.totals);
          }
        }
      }
    }
  }

  void tell_rest_of(std::size_t parted, std::uint32_t told, std::uint32_t totals) {
    if (std::ranges::none_of(codes_[parted], &GroupCode::is_rest)) {
      return;
    }
    std::vector<std::uint32_t> levels;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      const bool is_open = (totals >> d & 1U) != 0 && (told >> d & 1U) == 0;
      levels.push_back(d == parted ? level_of_rest(d) : is_open ? dc::kTotal : dc::kCodes);
    }
    tell_zeros(levels);
  }

  // Rows of one place and time are of one family, or of those that stand apart there: that persons
  // could be of another is nothing that a reader has to think of.
  void tell_families(std::uint32_t totals) {
    std::vector<std::uint32_t> levels;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      levels.push_back(owner_[d]                 ? level_of_known(d)
                       : (totals >> d & 1U) != 0 ? dc::kTotal
                                                 : dc::kCodes);
    }
    tell_zeros(levels);
  }

  // Whether a column's tables tell of the persons: those that several know, all of these tell of.
  std::uint32_t level_of_known(std::size_t d) {
    std::vector<std::uint32_t> group;
    for (const auto& code : codes_[d]) {
      group.push_back(code.is_rest() ? 1 : 0);
    }
    return std::ranges::find(group, 1U) == group.end() ? dc::kTotal
                                                       : level_with(d, group, {"known", "rest"});
  }

  // As if a table of these levels had told where nobody is, and nothing else.
  void tell_zeros(const std::vector<std::uint32_t>& levels) {
    dc::PastRelease known;
    known.name = kSourceTotals;
    dc::Table table;
    table.name = known.name;
    for (const std::uint32_t level : levels) {
      table.levels.push_back({level});
    }
    if (std::ranges::any_of(plan.past, [&](const dc::PastRelease& past) {
          return past.tables.front().levels == table.levels;
        })) {
      return;  // several sets of dimensions have the same rest
    }
    std::set<std::vector<std::uint32_t>> more;  // where there is somebody
    for (std::size_t row = 0; row < plan.base.value.size(); ++row) {
      std::vector<std::uint32_t> group;
      for (std::size_t d = 0; d < levels.size(); ++d) {
        group.push_back(group_of(d, levels[d], plan.base.codes[d][row]));
      }
      if (plan.base.value[row] != 0 && std::ranges::find(group, dc::kNoGroup) == group.end()) {
        more.insert(std::move(group));
      }
    }
    for (const auto& group : more) {
      known.revised.push_back({levels, group});
    }
    known.tables.push_back(std::move(table));
    plan.past.push_back(std::move(known));
  }

  std::uint32_t level_of_rest(std::size_t d) {
    std::vector<std::uint32_t> group;
    for (const auto& code : codes_[d]) {
      group.push_back(code.is_rest() ? 0 : dc::kNoGroup);
    }
    return level_with(d, group, {"rest"});
  }

  // Which rows a table takes, of sources that give totals beside parts.
  std::uint32_t family_level(const Shape& shape) {
    std::vector<std::uint32_t> group;
    for (const auto& code : codes_[family_]) {
      const auto& takers = families_[std::stoul(code.code)];
      const auto at = takers.find(column_of(shape));
      const bool is_taken = at != takers.end() && at->second.is_taken(told_apart(shape));
      group.push_back(is_taken ? 0 : dc::kNoGroup);
    }
    return level_with(family_, group, {std::string(kTotal)});
  }

  Result<std::uint32_t> level(const Shape& shape, std::size_t d) {
    if (is_family(d)) {
      return family_level(shape);
    }
    if (!is_known(shape, d)) {
      return dc::kTotal;
    }
    const std::string& name = dimensions_[d].name;
    const auto* by = by_dimension(shape, name);
    const bool filtered = chooses_by(shape, name);
    const bool tells = (told_apart(shape) >> d & 1U) != 0;
    const bool totalled = std::ranges::any_of(codes_[d], &GroupCode::totalled);
    if (by == nullptr && !filtered) {
      return dc::kTotal;
    }
    std::vector<std::string> groups;
    std::vector<std::uint32_t> group;
    std::string key = by == nullptr ? "one" : "by " + by->level;
    for (const auto& code : codes_[d]) {
      const bool is_in = tells || !code.totalled
                             ? !code.is_rest() && (!filtered || inside(shape, name, code.code))
                             : true;  // the source's own total
      if (!is_in) {
        group.push_back(dc::kNoGroup);
        key += "\n-";
        continue;
      }
      const std::string label = by == nullptr
                                    ? std::string(kTotal)
                                    : ATALAYA_TRY(place_code(territories_, *by, code.code));
      auto at = std::ranges::find(groups, label);
      if (at == groups.end()) {
        groups.push_back(label);
        at = std::prev(groups.end());
      }
      group.push_back(static_cast<std::uint32_t>(at - groups.begin()));
      key += fmt::format("\n{}", group.back());
    }
    if (by != nullptr && by->level == dimensions_[d].level && !filtered && !totalled) {
      return dc::kCodes;
    }
    const auto known = std::ranges::find(keys_[d], key);
    if (known != keys_[d].end()) {
      return static_cast<std::uint32_t>(known - keys_[d].begin());
    }
    dc::Level made;
    made.name = fmt::format("{}{}", by == nullptr ? "" : by->level, filtered ? " (some)" : "");
    made.group = std::move(group);
    made.groups = static_cast<std::uint32_t>(groups.size());
    plan.dimensions[d].levels.push_back(std::move(made));
    labels_[d].push_back(std::move(groups));
    keys_[d].push_back(std::move(key));
    return static_cast<std::uint32_t>(keys_[d].size() - 1);
  }

  // The number of a level of these groups, made where there is none.
  std::uint32_t level_with(std::size_t d, const std::vector<std::uint32_t>& group,
                           const std::vector<std::string>& labels) {
    const bool is_whole = std::ranges::all_of(
        group, [&](std::uint32_t g) { return g == group.front() && g != dc::kNoGroup; });
    if (is_whole) {
      return dc::kTotal;
    }
    std::vector<std::uint32_t> codes(group.size());
    std::iota(codes.begin(), codes.end(), 0U);
    if (group == codes) {
      return dc::kCodes;
    }
    auto& levels = plan.dimensions[d].levels;
    const auto known = std::ranges::find(levels, group, &dc::Level::group);
    if (known != levels.end()) {
      return static_cast<std::uint32_t>(known - levels.begin() + 1);
    }
    dc::Level made;
    made.name = "rest";
    made.group = group;
    made.groups = static_cast<std::uint32_t>(labels.size());
    levels.push_back(std::move(made));
    labels_[d].push_back(labels);
    keys_[d].push_back(fmt::format("rest {}", keys_[d].size()));
    return static_cast<std::uint32_t>(keys_[d].size() - 1);
  }

  const Desk::State& state_;
  const Territories& territories_;
  std::map<std::string, std::string> levels_;  // by dimension, the finest
  std::vector<TableDimension> dimensions_;
  std::vector<Shape> shapes_;
  std::vector<Takers> families_;
  std::map<std::string, std::size_t> columns_;         // by source
  std::vector<std::optional<std::size_t>> owner_;      // by dimension: JoinedFacts::owner
  std::size_t family_ = static_cast<std::size_t>(-1);  // the dimension; none: no source totals
  bool has_totals_ = false;
  std::int64_t apart_ = 0;
  std::vector<std::map<GroupCode, std::uint32_t>> members_;
  std::vector<std::vector<GroupCode>> codes_;
  std::vector<std::vector<std::vector<std::string>>> labels_;  // [dimension][level][group]
  std::vector<std::vector<std::string>> keys_;                 // [dimension][level]
  std::vector<std::vector<std::string>> chosen_;               // [rest][dimension]
};

inline std::string decision_of(const PlannedTable& planned, const Indicator& indicator,
                               const ReleasePlan& plan) {
  if (!planned.is_protected) {
    return fmt::format("default of the indicator {}; released by {}", indicator.id,
                       plan.decided_by);
  }
  return fmt::format("{}: {}", plan.decided_by,
                     planned.reason.empty() ? plan.reason : planned.reason);
}

// A table as planned, and where it stands in disclosure control's plan.
struct Placed {
  std::size_t table = 0;  // of the release
  bool whole = false;     // the denominator of a share: published as a number too
  Shape shape;
  std::vector<std::uint32_t> levels;
};

/// What rounding a group of tables needs and answers; see release_rounding.cpp.
struct RoundingTask {
  const ReleasePlan& plan;
  std::uint64_t seed = 0;
  Group& group;
  const std::vector<Placed>& placed;
  const std::vector<const PastTable*>& past;
  std::vector<Table>& tables;
};

/// Rounds the counts (and denominators that are counts) of what is not exempt, audits the whole and
/// notes it in `out`.
[[nodiscard]] Result<void> round_tables(const RoundingTask& task, Protected& out);

/// What one earlier release and this one tell together over several cells.
struct SumsFound {
  std::vector<dc::Cell> cells;   // of protected tables: a sum of the past, changed by little
  std::vector<dc::Cell> hidden;  // then; and what was left of their total changed by little
  std::vector<std::vector<std::uint32_t>> rows;  // under each change, ascending
  // Sums that are no cell: for forbid_sums(), those of one table each.
  std::vector<std::vector<std::vector<std::vector<std::uint32_t>>>> sums;
  std::size_t rests = 0;  // totals of which the hidden parts together changed by little
};

/// Sums that a protected table of this release and one of the past both come to.
[[nodiscard]] Result<void> find_sums(Group& group, const Territories& territories,
                                     const std::vector<Placed>& placed,
                                     const std::vector<const PastTable*>& past, SumsFound& out);
/// Totals shown by one table of a past release whose parts another hid.
[[nodiscard]] Result<void> find_rests(Group& group, const Territories& territories,
                                      const std::vector<const PastTable*>& past, SumsFound& out);

/// Cells of protected tables that differ from what past releases show by so little that the
/// difference itself is a small cell, and cells that a past release hid and whose totals changed by
/// as little: they are made sensitive in `group.plan`. Adds what it found to `out`.
[[nodiscard]] Result<void> guard_differences(const ReleasePlan& plan,
                                             const Territories& territories, Group& group,
                                             const std::vector<Placed>& placed,
                                             const std::vector<const PastTable*>& past,
                                             Protected& out);

/// What two tables, of this release or of past ones, leave of each other where the one holds a part
/// of what the other holds: where that is small and one of them is protected, it becomes a rest in
/// `group.plan`. Adds what it found to `out`.
[[nodiscard]] Result<void> guard_rests(const ReleasePlan& plan, Group& group,
                                       const std::vector<Placed>& placed,
                                       const std::vector<const PastTable*>& past,
                                       const std::vector<Table>& tables, Protected& out);

}  // namespace atalaya::observatory::detail
