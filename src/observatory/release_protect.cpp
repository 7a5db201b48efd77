#include "release_protect.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "release_group.hpp"
#include "table_parts.hpp"

namespace atalaya::observatory::detail {
namespace {

constexpr std::int64_t kThreshold = 5;
constexpr std::size_t kLeaksShown = 50;

// What a protected cell must not say of itself, shown or not: another source's count of it.
void keep_to_itself(Cell& cell) {
  cell.other_count.reset();
}

void hide(Cell& cell) {
  cell.count.reset();
  cell.count_high.reset();
  cell.population.reset();
  cell.rate.reset();
  cell.rate_low.reset();
  cell.rate_high.reset();
  cell.adjusted.reset();
  cell.several_years.reset();
  cell.interval_dropped = false;
  cell.status = CellStatus::suppressed;
}

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
            const std::vector<PastTable>& past, std::uint64_t seed, std::vector<Table>& tables)
      : state_(state),
        territories_(territories),
        plan_(plan),
        past_(past),
        seed_(seed),
        tables_(tables) {}

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
        placed.push_back(
            {t,
             true,
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
    if (plan_.rounding > 0) {
      return round_tables({plan_, seed_, group, placed, past, tables_}, out);
    }
    ATALAYA_TRY(fill_past(group, past));
    ATALAYA_TRY(guard_differences(plan_, territories_, group, placed, past, out));
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
    policies.push_back(
        json::object{{"threshold", policy.threshold},
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
  std::uint64_t seed_;
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
        std::ranges::replace(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                             from, to);
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
                                 const std::vector<PastTable>& past, std::uint64_t seed,
                                 std::vector<Table>& tables) {
  Protected out;
  out.audit["tables"].emplace_array();
  out.audit["leaks"].emplace_array();
  out.audit["leaks_in_all"] = 0;
  out.policy["groups"].emplace_array();
  if (plan.rounding > 0) {
    out.policy["rounding"] =
        json::object{{"base", plan.rounding},
                     {"method", plan.method == RoundingMethod::random ? "random" : "controlled"}};
  }
  out.policy["differences"] = plan.differences == Differences::accept ? "accept" : "protect";
  Protector protector(state, territories, plan, past, seed, tables);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (!is_exempt(plan.tables[t], *tables[t].indicator)) {
      std::ranges::for_each(tables[t].cells, &keep_to_itself);
    }
  }
  for (const auto& members : groups_of(tables)) {
    ATALAYA_TRY(protector.run(members, submissions, out));
  }
  // What was hidden or rounded is not part of several years either.
  for (auto& table : tables) {
    for (auto& cell : table.cells) {
      cell.several_years.reset();
    }
    ATALAYA_TRY(fill_several_years(table));
  }
  return out;
}

}  // namespace atalaya::observatory::detail
