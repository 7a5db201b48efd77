#include "release_protect.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/columns/disclosure.hpp>

namespace atalaya::observatory::detail {
namespace {

namespace dc = columns::disclosure;

constexpr std::int64_t kThreshold = 5;
constexpr std::size_t kLeaksShown = 50;

// One published table in the terms of disclosure control: for every dimension the level that its
// cells have, and what of the facts it holds.
struct Shape {
  std::string name;
  std::vector<TableDimension> by;
  // What the facts must be: every list must agree (the reader's choice, the indicator's filter).
  std::vector<std::pair<std::string, std::vector<std::string>>> where;
  const FactFilter* filter = nullptr;
};

Shape shape_of(const Table& table, const FactFilter& filter, std::string name) {
  return {std::move(name), table.query.by, table.query.where, &filter};
}

bool chooses_by(const Shape& shape, const std::string& name) {
  const auto is = [&](const auto& entry) { return entry.first == name; };
  return std::ranges::any_of(shape.where, is) || detail::names_dimension(*shape.filter, name);
}

const TableDimension* by_dimension(const Shape& shape, const std::string& name) {
  const auto at = std::ranges::find(shape.by, name, &TableDimension::name);
  return at == shape.by.end() ? nullptr : &*at;
}

class Group {
 public:
  Group(const Desk::State& state, const Territories& territories)
      : state_(state), territories_(territories) {}

  void add(const Shape& shape) {
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

  Result<void> read(const std::vector<Current>& submissions) {
    for (const auto& [name, level] : levels_) {
      dimensions_.push_back({name, level});
    }
    const auto facts = ATALAYA_TRY(add_facts(state_, territories_, submissions, dimensions_));
    members_.assign(dimensions_.size(), {});
    plan.base.codes.assign(dimensions_.size(), {});
    for (const auto& [codes, value] : facts) {
      for (std::size_t d = 0; d < codes.size(); ++d) {
        const auto [at, is_new] =
            members_[d].emplace(codes[d], static_cast<std::uint32_t>(members_[d].size()));
        plan.base.codes[d].push_back(at->second);
      }
      plan.base.value.push_back(static_cast<std::int64_t>(std::llround(value)));
    }
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      dc::Dimension dimension;
      dimension.name = dimensions_[d].name;
      dimension.codes = static_cast<std::uint32_t>(members_[d].size());
      plan.dimensions.push_back(std::move(dimension));
      std::vector<std::string> codes(members_[d].size());
      for (const auto& [code, id] : members_[d]) {
        codes[id] = code;
      }
      codes_.push_back(codes);
      labels_.push_back({codes});  // level 0: the codes themselves
      keys_.push_back({""});
    }
    return {};
  }

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
      const std::size_t d = place(dimension.name);
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
      const std::size_t d = place(shape.by[i].name);
      const auto& labels = labels_[d][levels[d]];
      const auto at = std::ranges::find(labels, codes[i]);
      if (at == labels.end()) {
        return std::nullopt;
      }
      cell.group[d] = static_cast<std::uint32_t>(at - labels.begin());
    }
    return cell;
  }

  /// Today's sums of a table by its codes.
  [[nodiscard]] std::map<std::vector<std::string>, std::int64_t> sums(
      const std::vector<std::uint32_t>& levels, const Shape& shape) const {
    std::map<std::vector<std::string>, std::int64_t> out;
    for (std::size_t row = 0; row < plan.base.value.size(); ++row) {
      std::vector<std::uint32_t> groups;
      bool inside = true;
      for (std::size_t d = 0; d < dimensions_.size() && inside; ++d) {
        const std::uint32_t code = plan.base.codes[d][row];
        const std::uint32_t group = levels[d] == dc::kTotal  ? 0
                                    : levels[d] == dc::kCodes ? code
                                        : plan.dimensions[d].levels[levels[d] - 1].group[code];
        inside = group != dc::kNoGroup;
        groups.push_back(group);
      }
      if (!inside) {
        continue;
      }
      std::vector<std::string> codes;
      for (const auto& dimension : shape.by) {
        const std::size_t d = place(dimension.name);
        codes.push_back(labels_[d][levels[d]][groups[d]]);
      }
      out[codes] += plan.base.value[row];
    }
    return out;
  }

  void protect_dimension(const std::string& name) {
    for (auto& dimension : plan.dimensions) {
      dimension.is_protected = dimension.is_protected || dimension.name == name;
    }
  }

  [[nodiscard]] json::object explain(const dc::Cell& cell) const {
    json::object out;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      if (cell.level[d] != dc::kTotal) {
        out[dimensions_[d].name] = labels_[d][cell.level[d]][cell.group[d]];
      }
    }
    return out;
  }

  dc::Plan plan;

 private:
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
    if (name == "age" && at->second != level) {
      at->second.clear();
    } else if (depth(level) > depth(at->second)) {
      at->second = level;
    }
    if (name == "period" && (at->second == "week" || level == "week") && at->second != level) {
      at->second = "day";
    }
  }

  static std::string period_level(const std::vector<std::string>& codes) {
    const bool years = std::ranges::all_of(codes, [](const std::string& code) {
      const auto period = parse_period(code);
      return period && period->kind == PeriodKind::year;
    });
    return years ? "year" : "";
  }

  [[nodiscard]] std::size_t place(const std::string& name) const {
    const auto at = std::ranges::find(dimensions_, name, &TableDimension::name);
    return static_cast<std::size_t>(at - dimensions_.begin());
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

  Result<std::uint32_t> level(const Shape& shape, std::size_t d) {
    const std::string& name = dimensions_[d].name;
    const auto* by = by_dimension(shape, name);
    const bool filtered = chooses_by(shape, name);
    if (by == nullptr && !filtered) {
      return dc::kTotal;
    }
    std::vector<std::string> groups;
    std::vector<std::uint32_t> group;
    std::string key = by == nullptr ? "one" : "by " + by->level;
    for (const auto& code : codes_[d]) {
      if (filtered && !inside(shape, name, code)) {
        group.push_back(dc::kNoGroup);
        key += "\n-";
        continue;
      }
      const std::string label =
          by == nullptr ? std::string(kTotal) : ATALAYA_TRY(place_code(territories_, *by, code));
      auto at = std::ranges::find(groups, label);
      if (at == groups.end()) {
        groups.push_back(label);
        at = std::prev(groups.end());
      }
      group.push_back(static_cast<std::uint32_t>(at - groups.begin()));
      key += fmt::format("\n{}", group.back());
    }
    if (by != nullptr && by->level == dimensions_[d].level && !filtered) {
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

  const Desk::State& state_;
  const Territories& territories_;
  std::map<std::string, std::string> levels_;  // by dimension, the finest
  std::vector<TableDimension> dimensions_;
  std::vector<std::map<std::string, std::uint32_t>> members_;
  std::vector<std::vector<std::string>> codes_;
  std::vector<std::vector<std::vector<std::string>>> labels_;  // [dimension][level][group]
  std::vector<std::vector<std::string>> keys_;                 // [dimension][level]
};

void hide(Cell& cell) {
  cell.count.reset();
  cell.count_high.reset();
  cell.population.reset();
  cell.rate.reset();
  cell.rate_low.reset();
  cell.rate_high.reset();
  cell.status = CellStatus::suppressed;
}

bool is_protected(const PlannedTable& planned, const Indicator& indicator) {
  return planned.is_protected.value_or(indicator.disclosure.is_protected);
}

// Measured amounts count no persons; nobody is recognised by a weight.
bool is_exempt(const PlannedTable& planned, const Indicator& indicator) {
  return !is_protected(planned, indicator) || indicator.kind == NumeratorKind::amount ||
         indicator.kind == NumeratorKind::survey_share;
}

std::string decision_of(const PlannedTable& planned, const Indicator& indicator,
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

json::object leak_json(const Group& group, const dc::Report& report, const dc::Leak& leak) {
  const auto terms = [&](const std::vector<dc::Term>& list) {
    json::array out;
    for (const auto& term : list) {
      out.push_back(json::object{{"cell", group.explain(report.cell(group.plan, term.id))},
                                 {"value", term.value},
                                 {"times", term.coefficient}});
    }
    return out;
  };
  json::object out{{"kind", dc::to_string(leak.kind)},
                   {"cell", group.explain(report.cell(group.plan, leak.id))},
                   {"value", leak.value},
                   {"low", leak.low},
                   {"lower_from", terms(leak.lower)},
                   {"upper_from", terms(leak.upper)},
                   {"past", leak.past}};
  out["high"] = leak.high == dc::kUnbounded ? json::value(nullptr) : json::value(leak.high);
  return out;
}

class Protector {
 public:
  Protector(const Desk::State& state, const Territories& territories, const ReleasePlan& plan,
            const std::vector<PastTable>& past, std::vector<Table>& tables)
      : state_(state), territories_(territories), plan_(plan), past_(past), tables_(tables) {}

  Result<void> run(const std::vector<std::size_t>& members, const std::vector<Current>& submissions,
                   Protected& out) {
    std::set<std::int64_t> ids;
    for (const std::size_t t : members) {
      ids.insert(tables_[t].submissions.begin(), tables_[t].submissions.end());
    }
    std::vector<Current> ours;
    std::set<std::string> sources;
    for (const auto& current : submissions) {
      if (ids.contains(current.submission.id)) {
        ours.push_back(current);
        sources.insert(current.submission.source);
      }
    }
    Group group(state_, territories_);
    std::vector<Placed> placed;
    for (const std::size_t t : members) {
      const auto& indicator = *tables_[t].indicator;
      placed.push_back({t, false, shape_of(tables_[t], indicator.numerator, indicator.id), {}});
      if (indicator.denominator.kind == DenominatorKind::facts) {
        placed.push_back({t, true,
                          shape_of(tables_[t], indicator.denominator.filter, indicator.id + " (whole)"),
                          {}});
      }
    }
    std::vector<const PastTable*> past;
    for (const auto& table : past_) {
      if (std::ranges::any_of(table.sources, [&](const auto& s) { return sources.contains(s); })) {
        past.push_back(&table);
      }
    }
    for (const auto& p : placed) {
      group.add(p.shape);
    }
    for (const auto* p : past) {
      group.add(shape_of(p->table, p->table.indicator->numerator, p->release));
    }
    ATALAYA_TRY(group.read(ours));
    if (group.plan.base.value.empty() && hides_nothing(placed, past)) {
      note_open(placed, out);
      return {};
    }
    ATALAYA_TRY(fill_plan(group, placed));
    ATALAYA_TRY(fill_past(group, past));
    auto report = dc::protect(group.plan);
    if (!report) {
      return fail(std::move(report).error());
    }
    apply(group, *report, placed);
    note(group, *report, placed, out);
    return {};
  }

 private:
  // A source that totals by itself (by sex, and by mechanism, never by both) has no fact in which
  // all tables meet. Where every table is published as it is and no earlier one hid a cell, there
  // is nothing to work out.
  [[nodiscard]] bool hides_nothing(const std::vector<Placed>& placed,
                                   const std::vector<const PastTable*>& past) const {
    return std::ranges::all_of(placed,
                               [&](const Placed& p) {
                                 return is_exempt(plan_.tables[p.table],
                                                  *tables_[p.table].indicator);
                               }) &&
           std::ranges::none_of(past, [](const PastTable* p) {
             return std::ranges::any_of(p->table.cells, [](const Cell& cell) {
               return cell.status == CellStatus::suppressed;
             });
           });
  }

  void note_open(const std::vector<Placed>& placed, Protected& out) const {
    auto& tables = out.audit["tables"].is_array() ? out.audit["tables"].as_array()
                                                  : out.audit["tables"].emplace_array();
    for (const auto& p : placed) {
      const auto& indicator = *tables_[p.table].indicator;
      tables.push_back(
          json::object{{"table", p.table},
                       {"name", p.shape.name},
                       {"whole", p.whole},
                       {"exempt", true},
                       {"decision", decision_of(plan_.tables[p.table], indicator, plan_)},
                       {"shown", static_cast<std::int64_t>(tables_[p.table].cells.size())},
                       {"primary", 0},
                       {"complement", 0},
                       {"zeros_hidden", 0}});
    }
    if (!out.audit["leaks"].is_array()) {
      out.audit["leaks"].emplace_array();
    }
    if (out.audit.if_contains("leaks_in_all") == nullptr) {
      out.audit["leaks_in_all"] = std::int64_t{0};
    }
    if (!out.policy["groups"].is_array()) {
      out.policy["groups"].emplace_array();
    }
  }

  Result<void> fill_plan(Group& group, std::vector<Placed>& placed) {
    auto& policy = group.plan.policy;
    policy.threshold = plan_.threshold.value_or(0);
    bool narrow = true;
    bool any = false;
    for (auto& p : placed) {
      const auto& planned = plan_.tables[p.table];
      const auto& indicator = *tables_[p.table].indicator;
      p.levels = ATALAYA_TRY(group.levels(p.shape));
      dc::Table table;
      table.name = p.shape.name;
      for (const std::uint32_t level : p.levels) {
        table.levels.push_back({level});
      }
      table.exempt = is_exempt(planned, indicator);
      if (table.exempt) {
        table.decision = decision_of(planned, indicator, plan_);
      } else {
        any = true;
        if (!plan_.threshold) {
          policy.threshold = std::max(policy.threshold, indicator.disclosure.threshold);
        }
        narrow = narrow && !indicator.disclosure.dimensions.empty() && !planned.is_protected;
        for (const auto& name : indicator.disclosure.dimensions) {
          group.protect_dimension(name);
        }
      }
      group.plan.tables.push_back(std::move(table));
    }
    policy.threshold = policy.threshold < 2 ? kThreshold : policy.threshold;
    policy.dominance_contributors = plan_.dominance_contributors;
    policy.dominance_percent = plan_.dominance_percent;
    policy.p_percent = plan_.p_percent;
    policy.zeros = plan_.zeros_sensitive ? dc::Zeros::sensitive : dc::Zeros::published;
    policy.scope = any && narrow ? dc::Scope::protected_dimensions : dc::Scope::all;
    return {};
  }

  // What readers hold already binds today's tables where its numbers still are today's.
  static Result<void> fill_past(Group& group, const std::vector<const PastTable*>& past) {
    for (const auto* p : past) {
      const Shape shape = shape_of(p->table, p->table.indicator->numerator, p->release);
      const auto levels = ATALAYA_TRY(group.levels(shape));
      dc::PastRelease release;
      release.name = p->release;
      dc::Table table;
      table.name = p->release;
      for (const std::uint32_t level : levels) {
        table.levels.push_back({level});
      }
      release.tables.push_back(std::move(table));
      auto today = group.sums(levels, shape);
      for (const auto& cell : p->table.cells) {
        const auto at = group.cell_of(cell.codes, levels, shape);
        if (!at) {
          continue;
        }
        if (cell.status == CellStatus::suppressed) {
          release.hidden.push_back(*at);
        } else if (std::llround(cell.count.value_or(0)) != today[cell.codes]) {
          release.revised.push_back(*at);
        }
        today.erase(cell.codes);
      }
      for (const auto& [codes, value] : today) {
        const auto at = value != 0 ? group.cell_of(codes, levels, shape) : std::nullopt;
        if (at) {
          release.revised.push_back(*at);  // it was not there then
        }
      }
      group.plan.past.push_back(std::move(release));
    }
    return {};
  }

  void apply(const Group& group, const dc::Report& report, const std::vector<Placed>& placed) {
    std::vector<std::map<std::vector<std::string>, Cell*>> index(tables_.size());
    for (const auto& p : placed) {
      for (auto& cell : tables_[p.table].cells) {
        index[p.table].emplace(cell.codes, &cell);
      }
    }
    for (const auto& hidden : report.hidden) {
      const dc::Cell cell = report.cell(group.plan, hidden.id);
      for (const auto& p : placed) {
        if (group.plan.tables[static_cast<std::size_t>(&p - placed.data())].exempt) {
          continue;
        }
        const auto codes = group.codes_of(cell, p.levels, p.shape);
        if (!codes) {
          continue;
        }
        const auto at = index[p.table].find(*codes);
        if (at != index[p.table].end()) {
          hide(*at->second);
        }
      }
    }
  }

  void note(const Group& group, const dc::Report& report, const std::vector<Placed>& placed,
            Protected& out) const {
    out.safe = out.safe && report.safe;
    auto& tables = out.audit["tables"].is_array() ? out.audit["tables"].as_array()
                                                  : out.audit["tables"].emplace_array();
    for (std::size_t i = 0; i < report.tables.size() && i < placed.size(); ++i) {
      const auto& counts = report.tables[i];
      tables.push_back(json::object{{"table", placed[i].table},
                                    {"name", counts.name},
                                    {"whole", placed[i].whole},
                                    {"exempt", group.plan.tables[i].exempt},
                                    {"decision", group.plan.tables[i].decision},
                                    {"shown", counts.shown},
                                    {"primary", counts.primary},
                                    {"complement", counts.complement},
                                    {"zeros_hidden", counts.zeros_hidden}});
    }
    auto& leaks = out.audit["leaks"].is_array() ? out.audit["leaks"].as_array()
                                                : out.audit["leaks"].emplace_array();
    for (std::size_t i = 0; i < report.leaks.size() && i < kLeaksShown; ++i) {
      leaks.push_back(leak_json(group, report, report.leaks[i]));
    }
    auto* more = out.audit.if_contains("leaks_in_all");
    out.audit["leaks_in_all"] =
        (more == nullptr ? 0 : more->as_int64()) + static_cast<std::int64_t>(report.leaks.size());
    auto& policies = out.policy["groups"].is_array() ? out.policy["groups"].as_array()
                                                     : out.policy["groups"].emplace_array();
    const auto& policy = group.plan.policy;
    policies.push_back(json::object{
        {"threshold", policy.threshold},
        {"scope", policy.scope == dc::Scope::all ? "all" : "protected_dimensions"},
        {"dominance_contributors", policy.dominance_contributors},
        {"past_releases", group.plan.past.size()},
        {"alternatives", report.alternatives},
        {"programs", report.programs}});
  }

  const Desk::State& state_;
  const Territories& territories_;
  const ReleasePlan& plan_;
  const std::vector<PastTable>& past_;
  std::vector<Table>& tables_;
};

// Tables that share a submission are one group, directly or over others.
std::vector<std::vector<std::size_t>> groups_of(const std::vector<Table>& tables) {
  std::vector<std::size_t> group(tables.size());
  for (std::size_t i = 0; i < tables.size(); ++i) {
    group[i] = i;
    for (std::size_t j = 0; j < i; ++j) {
      const bool shared = std::ranges::any_of(tables[i].submissions, [&](std::int64_t id) {
        return std::ranges::find(tables[j].submissions, id) != tables[j].submissions.end();
      });
      if (shared && group[j] != group[i]) {
        const std::size_t from = std::max(group[i], group[j]);
        const std::size_t to = std::min(group[i], group[j]);
        std::ranges::replace(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(i) + 1, from,
                             to);
      }
    }
  }
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    members[group[i]].push_back(i);
  }
  std::vector<std::vector<std::size_t>> out;
  for (auto& [id, list] : members) {
    out.push_back(std::move(list));
  }
  return out;
}

}  // namespace

Result<Protected> protect_tables(const Desk::State& state, const Territories& territories,
                                 const std::vector<Current>& submissions, const ReleasePlan& plan,
                                 const std::vector<PastTable>& past, std::vector<Table>& tables) {
  Protected out;
  out.audit["tables"].emplace_array();
  out.audit["leaks"].emplace_array();
  out.audit["leaks_in_all"] = 0;
  out.policy["groups"].emplace_array();
  Protector protector(state, territories, plan, past, tables);
  for (const auto& members : groups_of(tables)) {
    ATALAYA_TRY(protector.run(members, submissions, out));
  }
  return out;
}

}  // namespace atalaya::observatory::detail
