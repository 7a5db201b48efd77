#include "release_protect.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "release_group.hpp"
#include "release_leaks.hpp"
#include "table_parts.hpp"

namespace atalaya::observatory::detail {
namespace {

constexpr std::int64_t kThreshold = 5;
constexpr std::size_t kLeaksShown = 50;

// What a protected table must not say, of shown cells or hidden ones: another source's counts, and
// whether they are far from its own.
Result<void> keep_to_itself(Table& table) {
  for (auto& cell : table.cells) {
    cell.other_count.reset();
    if (std::exchange(cell.interval_dropped, false)) {
      ATALAYA_TRY(fill_rate(cell, *table.indicator));
    }
  }
  std::erase(table.notes, "observatory.note.interval_dropped");
  for (auto& note : table.notes) {
    if (note.starts_with(kPartsAdded)) {
      note = note_with(kPartsAdded, "territories", {"…"});  // a place that has facts has a case
    }
  }
  return {};
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

class Protector {
 public:
  Protector(const Desk::State& state, const Territories& territories, const ReleasePlan& plan,
            const std::vector<PastTable>& past, const CaseSystems& systems, std::uint64_t seed,
            std::vector<Table>& tables)
      : state_(state),
        territories_(territories),
        plan_(plan),
        past_(past),
        systems_(systems),
        seed_(seed),
        tables_(tables) {}

  Result<void> run(const std::vector<std::size_t>& members, const std::vector<Current>& submissions,
                   Protected& out) {
    std::set<std::int64_t> ids;
    std::set<std::string> sources;
    std::vector<std::set<std::string>> by_table;
    for (const std::size_t t : members) {
      ids.insert(tables_[t].submissions.begin(), tables_[t].submissions.end());
      by_table.push_back(sources_of(tables_[t], submissions));
      sources.insert(by_table.back().begin(), by_table.back().end());
    }
    const auto all = systems_.with_same(sources);
    std::vector<Current> ours;
    std::ranges::copy_if(submissions, std::back_inserter(ours), [&](const Current& current) {
      const auto& source = current.submission.source;
      return ids.contains(current.submission.id) ||
             (all.contains(source) && !sources.contains(source));
    });
    Group group(state_, territories_);
    auto placed = place(members, by_table);
    std::vector<const PastTable*> past;
    for (const auto& table : past_) {
      if (std::ranges::any_of(table.sources, [&](const auto& s) { return all.contains(s); })) {
        past.push_back(&table);
        by_table.push_back(table.sources);
      }
    }
    for (const auto& p : placed) {
      group.add(p.shape);
    }
    for (const auto* p : past) {
      group.add(shape_of(*p, p->table.indicator->numerator));
    }
    ATALAYA_TRY(group.read(ours, systems_.columns(by_table)));
    if (group.plan.base.value.empty() && hides_nothing(placed, past)) {
      note_open(placed, out);
      return {};
    }
    ATALAYA_TRY(fill_plan(group, placed));
    ATALAYA_TRY(group.leave_out_unseen());
    check_weighed(group, placed, out);
    if (plan_.rounding > 0) {
      ATALAYA_TRY(guard_rests(plan_, group, placed, past, tables_, out));
      return round_tables({plan_, seed_, group, placed, past, tables_}, out);
    }
    ATALAYA_TRY(fill_past(group, past));
    ATALAYA_TRY(guard_differences(plan_, territories_, group, placed, past, out));
    ATALAYA_TRY(guard_rests(plan_, group, placed, past, tables_, out));
    auto report = protect_beside(group);
    if (report && !report->safe && group.plan.policy.zeros == dc::Zeros::complement) {
      group.plan.policy.zeros = dc::Zeros::published;
      auto more = protect_beside(group);
      if (!more || more->safe) {
        report = std::move(more);
      } else {
        group.plan.policy.zeros = dc::Zeros::complement;
      }
    }
    if (!report) {
      return fail(report.error());
    }
    apply(group, *report, placed);
    note(group, *report, placed, out);
    return {};
  }

 private:
  // Tables as they stand in the plan; of shares also their denominators.
  [[nodiscard]] std::vector<Placed> place(const std::vector<std::size_t>& members,
                                          const std::vector<std::set<std::string>>& sources) const {
    std::vector<Placed> placed;
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto& table = tables_[members[i]];
      const auto& indicator = *table.indicator;
      placed.push_back(
          {members[i], false, shape_of(table, indicator.numerator, indicator.id, sources[i]), {}});
      if (indicator.denominator.kind == DenominatorKind::facts) {
        placed.push_back(
            {members[i],
             true,
             shape_of(table, indicator.denominator.filter, indicator.id + " (whole)", sources[i]),
             {}});
      }
    }
    return placed;
  }

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
        for (const auto& dimension : planned.query.by) {
          protect_identity(group, dimension.name, indicator);
        }
        for (const auto& [name, codes] : planned.query.where) {
          protect_identity(group, name, indicator);
        }
      }
      group.plan.tables.push_back(std::move(table));
    }
    policy.threshold = policy.threshold < 2 ? kThreshold : policy.threshold;
    policy.dominance_contributors = plan_.dominance_contributors;
    policy.dominance_percent = plan_.dominance_percent;
    policy.p_percent = plan_.p_percent;
    // A zero that is hidden with small counts costs least: without any, whatever is hidden is known
    // to hold somebody, and totals have to go with it.
    policy.zeros = plan_.zeros_sensitive ? dc::Zeros::sensitive : dc::Zeros::complement;
    policy.scope = any && narrow ? dc::Scope::protected_dimensions : dc::Scope::all;
    return {};
  }

  // What is proved is proved of the figures that are printed: a protected count that the facts
  // under the group do not come to is a leak, whatever made it.
  void check_weighed(const Group& group, const std::vector<Placed>& placed, Protected& out) const {
    auto* apart = out.audit.if_contains("totals_apart");
    out.audit["totals_apart"] = (apart == nullptr ? 0 : apart->as_int64()) + group.apart();
    auto& leaks = out.audit["leaks"].as_array();
    for (std::size_t i = 0; i < placed.size(); ++i) {
      const auto& table = tables_[placed[i].table];
      if (group.plan.tables[i].exempt || placed[i].whole || table.indicator->is_stock) {
        continue;
      }
      const auto sums = group.sums(placed[i].levels, placed[i].shape);
      for (const auto& cell : table.cells) {
        const auto at = sums.find(cell.codes);
        const std::int64_t printed = std::llround(cell.count.value_or(0));
        const std::int64_t weighed = at == sums.end() ? 0 : at->second;
        if (printed == weighed) {
          continue;
        }
        json::object codes;
        for (std::size_t d = 0; d < cell.codes.size(); ++d) {
          codes[placed[i].shape.by[d].name] = cell.codes[d];
        }
        out.safe = false;
        out.audit["leaks_in_all"] = out.audit["leaks_in_all"].to_number<std::int64_t>() + 1;
        if (leaks.size() < kLeaksShown) {
          leaks.push_back(json::object{{"kind", dc::to_string(dc::LeakKind::unproven)},
                                       {"cell", std::move(codes)},
                                       {"value", printed},
                                       {"low", weighed},
                                       {"high", weighed},
                                       {"lower_from", json::array()},
                                       {"upper_from", json::array()},
                                       {"past", ""}});
        }
      }
    }
  }

  static void protect_identity(Group& group, const std::string& name, const Indicator& indicator) {
    if (is_identity(name, indicator)) {
      group.protect_dimension(name);
    }
  }

  // One earlier table as today's facts see it; of a share also its denominator, which was published
  // as a number too.
  struct Seen {
    const PastTable* past = nullptr;
    bool whole = false;
    Shape shape;
    std::vector<std::uint32_t> levels;
    std::map<std::vector<std::string>, std::vector<std::uint32_t>> rows;  // under each cell
  };

  static Result<std::vector<Seen>> see_past(Group& group,
                                            const std::vector<const PastTable*>& past) {
    std::vector<Seen> out;
    for (const auto* p : past) {
      const auto& indicator = *p->table.indicator;
      Seen seen{p, false, shape_of(*p, indicator.numerator), {}, {}};
      seen.levels = ATALAYA_TRY(group.levels(seen.shape));
      seen.rows = group.rows(seen.levels, seen.shape);
      out.push_back(std::move(seen));
      if (indicator.denominator.kind == DenominatorKind::facts) {
        Seen whole{p, true, shape_of(*p, indicator.denominator.filter), {}, {}};
        whole.levels = ATALAYA_TRY(group.levels(whole.shape));
        whole.rows = group.rows(whole.levels, whole.shape);
        out.push_back(std::move(whole));
      }
    }
    return out;
  }

  static std::int64_t today(const Group& group, const std::vector<std::uint32_t>& rows) {
    std::int64_t sum = 0;
    for (const std::uint32_t row : rows) {
      sum += group.plan.base.value[row];
    }
    return sum;
  }

  // A row of shares is hidden where either of its two numbers is: what another table shows of the
  // same persons is no secret, and must not be asked for again.
  static std::set<std::vector<std::uint32_t>> known_counts(const Group& group,
                                                           const std::vector<Seen>& seen) {
    std::set<std::vector<std::uint32_t>> out;
    if (std::ranges::none_of(seen, &Seen::whole)) {
      return out;
    }
    for (const auto& one : seen) {
      for (const auto& cell : one.past->table.cells) {
        const auto at = one.rows.find(cell.codes);
        if (cell.status != CellStatus::suppressed && at != one.rows.end() &&
            shown_then(one, cell) == today(group, at->second)) {
          out.insert(at->second);
        }
      }
    }
    return out;
  }

  static std::int64_t shown_then(const Seen& seen, const Cell& cell) {
    return std::llround((seen.whole ? cell.population : cell.count).value_or(0));
  }

  // What readers hold already binds today's tables where its numbers still are today's.
  static Result<void> fill_past(Group& group, const std::vector<const PastTable*>& past) {
    const auto seen = ATALAYA_TRY(see_past(group, past));
    const auto known = known_counts(group, seen);
    for (const auto& one : seen) {
      dc::PastRelease release;
      release.name = one.past->release;
      release.hides_zeros = one.past->hides_zeros;
      dc::Table table;
      table.name = one.past->release;
      for (const std::uint32_t level : one.levels) {
        table.levels.push_back({level});
      }
      release.tables.push_back(std::move(table));
      auto left = one.rows;
      for (const auto& cell : one.past->table.cells) {
        const auto at = group.cell_of(cell.codes, one.levels, one.shape);
        if (!at) {
          continue;
        }
        const auto rows = left.find(cell.codes);
        if (cell.status == CellStatus::suppressed) {
          if (rows == left.end() || !known.contains(rows->second)) {
            release.hidden.push_back(*at);
          }
        } else if (shown_then(one, cell) != (rows == left.end() ? 0 : today(group, rows->second))) {
          release.revised.push_back(*at);
        }
        if (rows != left.end()) {
          left.erase(rows);
        }
      }
      for (const auto& [codes, rows] : left) {
        const auto at =
            today(group, rows) != 0 ? group.cell_of(codes, one.levels, one.shape) : std::nullopt;
        if (at) {
          release.revised.push_back(*at);  // it was not there then
        }
      }
      group.plan.past.push_back(std::move(release));
    }
    return {};
  }

  // What earlier releases by themselves let a reader compute is no secret that this one could
  // betray, and what they narrowed too far cannot be taken back: such cells need only stay as
  // wide as they were. A row of shares is one: whichever of its numbers was hidden, both look so.
  static Result<dc::Report> protect_beside(Group& group) {
    auto report = dc::protect(group.plan);
    if (!report || report->safe || group.past_releases() == 0) {
      return report;
    }
    dc::Plan alone = group.plan;
    alone.tables.clear();
    alone.sensitive.clear();
    const auto before = dc::audit(alone, {});
    if (!before || before->safe) {
      return report;
    }
    const LeaksByCell leaks(alone, *before);
    dc::Plan known = group.plan;  // without what a reader computes already
    dc::Plan eased = group.plan;  // nor what is too narrow already
    for (std::size_t r = 0; r < group.plan.past.size(); ++r) {
      known.past[r].hidden.clear();
      eased.past[r].hidden.clear();
      for (const auto& cell : group.plan.past[r].hidden) {
        const auto* leak = leaks.find(cell, std::nullopt);
        if (leak == nullptr) {
          eased.past[r].hidden.push_back(cell);
        } else if (leak->kind != dc::LeakKind::exact) {
          eased.past[r].revised.push_back(cell);
        }
        if (leak == nullptr || leak->kind != dc::LeakKind::exact) {
          known.past[r].hidden.push_back(cell);
        }
      }
    }
    for (std::size_t r = 0; r < group.plan.rests.size(); ++r) {
      known.rests[r].cells.clear();
      eased.rests[r].cells.clear();
      for (const auto& cell : group.plan.rests[r].cells) {
        const auto* leak = leaks.find({group.plan.rests[r].level, cell}, r);
        if (leak == nullptr) {
          eased.rests[r].cells.push_back(cell);
        }
        if (leak == nullptr || leak->kind != dc::LeakKind::exact) {
          known.rests[r].cells.push_back(cell);
        }
      }
    }
    auto second = dc::protect(eased);
    if (!second || !second->safe) {
      return report;
    }
    std::vector<dc::Cell> hidden;
    for (const auto& cell : second->hidden) {
      if (!second->is_rest(cell.id)) {
        hidden.push_back(second->cell(eased, cell.id));
      }
    }
    const auto after = dc::audit(known, hidden);
    const bool unchanged =
        after && std::ranges::all_of(after->leaks, [&](const dc::Leak& leak) {
          const bool is_rest = after->is_rest(leak.id);
          const auto* earlier =
              leaks.find(after->cell(known, leak.id),
                         is_rest ? std::optional(leak.id.grid - after->printed) : std::nullopt);
          return earlier != nullptr && leak.low <= earlier->low && leak.high >= earlier->high;
        });
    return unchanged ? second : report;
  }

  void apply(const Group& group, const dc::Report& report, const std::vector<Placed>& placed) {
    std::vector<std::map<std::vector<std::string>, Cell*>> index(tables_.size());
    for (const auto& p : placed) {
      for (auto& cell : tables_[p.table].cells) {
        index[p.table].emplace(cell.codes, &cell);
      }
    }
    std::map<std::size_t, std::set<std::vector<std::string>>> zeros;
    for (const auto& hidden : report.hidden) {
      if (report.is_rest(hidden.id)) {
        continue;
      }
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
        } else if (hidden.value == 0) {
          zeros[p.table].insert(*codes);
        }
      }
    }
    // A zero has no row; one that is hidden has, like whatever else is hidden.
    for (const auto& [table, rows] : zeros) {
      for (const auto& codes : rows) {
        auto& cell = tables_[table].cells.emplace_back();
        cell.codes = codes;
        hide(cell);
      }
      std::ranges::sort(tables_[table].cells, {}, &Cell::codes);
    }
  }

  void note(const Group& group, const dc::Report& report, const std::vector<Placed>& placed,
            Protected& out) const {
    out.safe = out.safe && report.safe;
    const auto& policy = group.plan.policy;
    const bool may_hide_zeros = policy.zeros != dc::Zeros::published &&
                                std::ranges::any_of(report.hidden, [&](const dc::HiddenCell& cell) {
                                  return !report.is_rest(cell.id);
                                });
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
                                    {"zeros_hidden", counts.zeros_hidden},
                                    {"may_hide_zeros", may_hide_zeros}});
    }
    auto& leaks = out.audit["leaks"].is_array() ? out.audit["leaks"].as_array()
                                                : out.audit["leaks"].emplace_array();
    for (std::size_t i = 0; i < report.leaks.size() && i < kLeaksShown; ++i) {
      leaks.push_back(leak_json(group, placed, report, report.leaks[i]));
    }
    auto* more = out.audit.if_contains("leaks_in_all");
    out.audit["leaks_in_all"] =
        (more == nullptr ? 0 : more->as_int64()) + static_cast<std::int64_t>(report.leaks.size());
    auto& policies = out.policy["groups"].is_array() ? out.policy["groups"].as_array()
                                                     : out.policy["groups"].emplace_array();
    policies.push_back(
        json::object{{"threshold", policy.threshold},
                     {"may_hide_zeros", may_hide_zeros},
                     {"scope", policy.scope == dc::Scope::all ? "all" : "protected_dimensions"},
                     {"dominance_contributors", policy.dominance_contributors},
                     {"past_releases", group.past_releases()},
                     {"alternatives", report.alternatives},
                     {"programs", report.programs}});
  }

  const Desk::State& state_;
  const Territories& territories_;
  const ReleasePlan& plan_;
  const std::vector<PastTable>& past_;
  const CaseSystems& systems_;
  std::uint64_t seed_;
  std::vector<Table>& tables_;
};

constexpr double kFewAt = 0.05;
constexpr double kManyAt = 0.2;
constexpr double kMonth = 30;

struct Band {
  std::string_view code;
  double at_most;
};

constexpr std::array<Band, 3> kBands = {
    Band{"below_5", kFewAt}, {"5_to_20", kManyAt}, {"from_20", 1}};

const Band& band_of(double share) {
  return share < kFewAt ? kBands[0] : share < kManyAt ? kBands[1] : kBands[2];
}

// The largest share of unknown values among the figures that this table shows for one source,
// country and year: whatever it says, a reader can compute from the table. Nothing where a cell of
// unknown values is hidden, or where the table is not broken down by such a dimension.
std::optional<double> unknown_among_shown(const Table& table, const Codelists& lists,
                                          const SourceQuality& quality) {
  const auto place = [&](std::string_view name) {
    const auto at = std::ranges::find(table.by, name, &TableDimension::name);
    return static_cast<std::size_t>(at - table.by.begin());
  };
  const std::size_t source = place("source");
  const std::size_t territory = place("territory");
  const std::size_t period = place("period");
  std::optional<double> worst;
  for (const auto& name : rating_scheme().dimensions) {
    const std::size_t at = place(name);
    if (name == "territory" || at == table.by.size() || period == table.by.size()) {
      continue;
    }
    double asked = 0;
    double unknown = 0;
    for (const auto& cell : table.cells) {
      const bool fits = (source == table.by.size() || cell.codes[source] == quality.source) &&
                        cell.codes[period].starts_with(quality.period) &&
                        (territory == table.by.size() ||
                         lists.country_of(cell.codes[territory]) == quality.territory);
      if (!fits || cell.codes[at] == "_Z") {
        continue;
      }
      if (cell.status == CellStatus::suppressed && cell.codes[at] == kUnknown) {
        return std::nullopt;
      }
      asked += cell.count.value_or(0);
      unknown += cell.codes[at] == kUnknown ? cell.count.value_or(0) : 0;
    }
    if (asked > 0) {
      worst = std::max(worst.value_or(0), unknown / asked);
    }
  }
  return worst;
}

// Does a table stand beside hidden cells of the same kind of persons, in this release or before?
bool is_beside_protected(const ReleasePlan& plan, const std::vector<PastTable>& past,
                         const std::vector<Table>& tables, std::size_t of) {
  const auto& group = tables[of].indicator->group;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (tables[t].indicator->group == group && !is_exempt(plan.tables[t], *tables[t].indicator)) {
      return true;
    }
  }
  return tables[of].indicator->disclosure.is_protected ||
         std::ranges::any_of(past, [&](const PastTable& p) {
           return p.table.indicator->group == group &&
                  std::ranges::any_of(p.table.cells, [](const Cell& cell) {
                    return cell.status == CellStatus::suppressed;
                  });
         });
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
  const auto systems =
      ATALAYA_TRY(CaseSystems::create(state, territories, submissions, plan, past, tables));
  std::set<std::string> sources;
  for (const auto& table : tables) {
    sources.merge(sources_of(table, submissions));
  }
  note_same_cases(systems, systems.with_same(std::move(sources)), out.audit);
  ATALAYA_TRY(check_side_by_side(systems, submissions, plan, tables));
  const auto earlier = systems.apart(past);
  Protector protector(state, territories, plan, earlier, systems, seed, tables);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (!is_exempt(plan.tables[t], *tables[t].indicator)) {
      ATALAYA_TRY(keep_to_itself(tables[t]));
    }
  }
  for (const auto& members : groups_of(tables, submissions, systems)) {
    ATALAYA_TRY(protector.run(members, submissions, out));
  }
  // What was hidden or rounded is not part of several years either.
  for (auto& table : tables) {
    for (auto& cell : table.cells) {
      cell.several_years.reset();
    }
    ATALAYA_TRY(fill_several_years(table));
  }
  const auto& lists = territories.lists();
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (!is_beside_protected(plan, past, tables, t)) {
      continue;
    }
    for (auto& quality : tables[t].quality) {
      quality =
          ATALAYA_TRY(coarse_quality(quality, unknown_among_shown(tables[t], lists, quality)));
    }
    fill_ratings(lists, tables[t]);
  }
  return out;
}

Result<SourceQuality> coarse_quality(const SourceQuality& quality,
                                     const std::optional<double>& unknown) {
  if (!quality.bands.empty()) {
    return quality;  // frozen like this
  }
  SourceQuality out = quality;
  out.score.reset();
  out.measures.clear();
  std::map<std::string, double> values;
  const auto tell = [&](const std::string& rule, double share) {
    const Band& band = band_of(share);
    out.bands.emplace_back(rule, band.code);
    values[rule] = band.at_most;
  };
  for (const auto& [rule, value] : quality.measures) {
    if (rule == "days_to_load") {
      values[rule] = kMonth * std::ceil(value / kMonth);
      out.measures.emplace_back(rule, values[rule]);
    } else if (rule == "coverage_gap") {
      tell(rule, value);
    }
  }
  if (unknown) {
    tell("unknown_share", *unknown);
  }
  // What is not said of any protected table does not count against one.
  const auto rating = ATALAYA_TRY(rate_quality(values));
  double all = 0;
  double measured = 0;
  double points = 0;
  for (const auto& rule : rating_rules()) {
    const bool is_said =
        rule.id == "unknown_share" || rule.id == "days_to_load" || rule.id == "coverage_gap";
    all += is_said ? rule.weight : 0;
    const auto part = std::ranges::find(rating.parts, rule.id, &RatingPart::rule);
    if (part != rating.parts.end()) {
      measured += rule.weight;
      points += rule.weight * part->points;
    }
  }
  const auto& scheme = rating_scheme();
  const double score = measured > 0 ? 100 * points / measured : 0;
  out.letter = measured < scheme.measured_share_min * all ? RatingLetter::not_rated
               : score >= scheme.a_from                   ? RatingLetter::a
               : score >= scheme.b_from                   ? RatingLetter::b
               : score >= scheme.c_from                   ? RatingLetter::c
                                                          : RatingLetter::d;
  return out;
}

// Releases of earlier versions froze exact shares; beside protected tables they are told coarsely,
// as those of today are. The rating of their cells follows.
Result<void> coarsen_release(const Indicators& indicators, Release& release) {
  const auto group_of = [&](std::string_view id) {
    const auto* indicator = indicators.find(id);
    return indicator == nullptr ? std::string() : indicator->group;
  };
  std::set<std::string> groups;
  const auto* tables = release.audit.if_contains("tables");
  for (const auto& value :
       tables != nullptr && tables->is_array() ? tables->get_array() : json::array()) {
    const auto* object = value.if_object();
    const auto* exempt = object == nullptr ? nullptr : object->if_contains("exempt");
    const auto* table = object == nullptr ? nullptr : object->if_contains("table");
    if (exempt == nullptr || !exempt->is_bool() || exempt->get_bool() || table == nullptr ||
        !table->is_int64()) {
      continue;
    }
    const auto at =
        std::ranges::find(release.tables, table->get_int64() + 1, &Release::Entry::position);
    if (at != release.tables.end()) {
      groups.insert(group_of(at->indicator));
    }
  }
  for (auto& entry : release.tables) {
    const auto* indicator = indicators.find(entry.indicator);
    const auto* list = entry.query.if_contains("quality");
    const bool is_meant = groups.contains(group_of(entry.indicator)) ||
                          (indicator != nullptr && indicator->disclosure.is_protected);
    if (!is_meant || list == nullptr || !list->is_array()) {
      continue;
    }
    auto ratings = quality_from_json(list->get_array());
    for (auto& rating : ratings) {
      entry.rated_anew = entry.rated_anew || rating.bands.empty();
      rating = ATALAYA_TRY(coarse_quality(rating, std::nullopt));
    }
    entry.query["quality"] = quality_json(ratings);
  }
  return {};
}

}  // namespace atalaya::observatory::detail
