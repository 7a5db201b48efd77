// Rates beside the crude one: standardised by age, smoothed over small areas; several years
// together where few people live; and intervals held against the difference between sources. Rules:
// docs/methods/rates.md.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/observatory/populations.hpp>

#include "table_parts.hpp"

namespace atalaya::observatory::detail {
namespace {

// With fewer groups the ages are hardly taken account of.
constexpr std::size_t kStrataMin = 5;
// Events without an age, of all, above which a standardised rate says too little.
constexpr double kAgelessShareMax = 0.10;
// An age group of the source across two groups of the standard costs the bound between them when it
// holds more than this share of the events.
constexpr double kAcrossShareMax = 0.005;

std::unexpected<Error> bad_rate(std::string_view what) {
  return fail(Error{ErrorCode::invalid_argument,
                    "observatory.query.rate",
                    std::string(what),
                    {{"what", std::string(what)}}});
}

struct AgedEvents {
  std::map<AgeRange, double> by_age;
  double ageless = 0;
};

// Strata that the standard, the population and the source's ages have in common.
struct Strata {
  std::vector<AgeRange> ranges;
  std::vector<double> weights;
};

struct Counted {
  std::vector<double> events, persons;  // by stratum; persons empty where not held
  double ageless = 0;                   // events
};

class Adjuster {
 public:
  Adjuster(const Desk::State& state, const Territories& territories, Table& table)
      : state_(state), territories_(territories), table_(table) {}

  Result<void> run(std::vector<Submission> all, const std::vector<Current>& chosen,
                   const CoveredBy& coverage) {
    if (table_.query.rate.kind == RateKind::smoothed) {
      return smooth();
    }
    const auto populations = ATALAYA_TRY(
        population_by_age(state_, territories_, std::move(all), chosen, coverage, table_));
    const auto events = ATALAYA_TRY(events_by_age(chosen));
    find_strata(populations, events);
    if (strata_.ranges.size() < kStrataMin) {
      table_.notes.emplace_back("observatory.note.standard_too_coarse");
      for (auto& cell : table_.cells) {
        cell.adjusted = AdjustedRate{.status = RateStatus::withheld};
      }
      return {};
    }
    std::vector<Counted> counted;
    for (std::size_t i = 0; i < table_.cells.size(); ++i) {
      const auto at = events.find(table_.cells[i].codes);
      counted.push_back(count(populations[i], at == events.end() ? AgedEvents() : at->second));
    }
    note_ageless(counted);
    return table_.query.rate.kind == RateKind::standardised ? standardise(counted)
                                                            : indirectly(counted);
  }

 private:
  Result<std::map<std::vector<std::string>, AgedEvents>> events_by_age(
      const std::vector<Current>& chosen) const {
    TableQuery aged = table_.query;
    aged.by.push_back({"age", ""});
    Adding adding;
    adding.by = aged.by;
    adding.filters = aged.where;
    adding.indicator = &table_.indicator->numerator;
    Cells cells = ATALAYA_TRY(Adder(state_, territories_, adding).add(chosen));
    ATALAYA_TRY(
        split_by_shares(state_, territories_, chosen, aged, table_.indicator->numerator, cells));
    std::map<std::vector<std::string>, AgedEvents> out;
    for (const auto& [codes, sums] : cells) {
      auto& cell = out[{codes.begin(), codes.end() - 1}];
      if (const auto range = parse_age_code(codes.back())) {
        cell.by_age[*range] += sums.low;
      } else {
        cell.ageless += sums.low;
      }
    }
    return out;
  }

  void find_strata(const AgedPopulation& populations,
                   const std::map<std::vector<std::string>, AgedEvents>& events) {
    const auto* standard = find_standard_population(table_.query.rate.standard);
    std::set<std::int32_t> held;  // ages at which a group of the population begins
    for (const auto& groups : populations) {
      for (const auto& [range, persons] : groups) {
        held.insert(range.low);
      }
    }
    std::set<std::int32_t> cuts;
    for (const auto& weight : standard->weights) {
      const auto range = parse_age_code(weight.age);
      if (range && held.contains(range->low)) {
        cuts.insert(range->low);
      }
    }
    std::map<AgeRange, double> all;
    double sum = 0;
    for (const auto& [codes, cell] : events) {
      for (const auto& [range, n] : cell.by_age) {
        all[range] += n;
        sum += n;
      }
    }
    for (const auto& [range, n] : all) {
      if (n > kAcrossShareMax * sum) {
        std::erase_if(cuts, [&](std::int32_t cut) { return range.low < cut && cut < range.high; });
      }
    }
    for (auto cut = cuts.begin(); cut != cuts.end() && cuts.contains(0); ++cut) {
      const auto next = std::next(cut);
      const AgeRange range{*cut, next == cuts.end() ? kAgeOpen : *next};
      double share = 0;
      for (const auto& weight : standard->weights) {
        const auto band = parse_age_code(weight.age);
        share += band && holds(range, *band) ? weight.weight : 0;
      }
      strata_.ranges.push_back(range);
      strata_.weights.push_back(share);
    }
  }

  [[nodiscard]] Counted count(const std::map<AgeRange, double>& population,
                              const AgedEvents& events) const {
    Counted out;
    out.ageless = events.ageless;
    out.events.assign(strata_.ranges.size(), 0);
    for (const auto& [range, n] : events.by_age) {
      const auto at = std::ranges::find_if(
          strata_.ranges, [&](const AgeRange& stratum) { return holds(stratum, range); });
      if (at == strata_.ranges.end()) {
        out.ageless += n;
      } else {
        out.events[static_cast<std::size_t>(at - strata_.ranges.begin())] += n;
      }
    }
    if (auto persons = add_up_ages(population, strata_.ranges)) {
      out.persons = *std::move(persons);
    }
    return out;
  }

  void note_ageless(const std::vector<Counted>& counted) {
    if (std::ranges::any_of(counted, [](const Counted& c) { return c.ageless > 0; })) {
      table_.notes.emplace_back("observatory.note.ages_unknown_left_out");
    }
  }

  [[nodiscard]] static bool says_too_little(const Counted& counted) {
    double known = 0;
    for (const double n : counted.events) {
      known += n;
    }
    return counted.ageless > kAgelessShareMax * (known + counted.ageless);
  }

  // A group in which nobody lives is joined with the one below it, which holds somebody.
  [[nodiscard]] std::vector<Stratum> strata_of(const Counted& counted) const {
    std::vector<Stratum> out;
    for (std::size_t i = 0; i < strata_.ranges.size(); ++i) {
      if (!out.empty() && (!(counted.persons[i] > 0) || !(out.back().population > 0))) {
        out.back().events += counted.events[i];
        out.back().population += counted.persons[i];
        out.back().weight += strata_.weights[i];
      } else {
        out.push_back({counted.events[i], counted.persons[i], strata_.weights[i], {}});
      }
    }
    return out;
  }

  // Whether the cell can have a rate at all; else its status says why not.
  [[nodiscard]] static bool may_have(const Counted& counted, AdjustedRate& rate) {
    double persons = 0;
    for (const double n : counted.persons) {
      persons += n;
    }
    if (!(persons > 0)) {
      rate.status = RateStatus::no_denominator;
    } else if (says_too_little(counted)) {
      rate.status = RateStatus::withheld;
    }
    return rate.status == RateStatus::normal;
  }

  static void take(const Rate& from, AdjustedRate& to) {
    to.rate = from.rate;
    to.status = from.status;
    if (from.interval) {
      to.low = from.interval->low;
      to.high = from.interval->high;
    }
  }

  Result<void> standardise(const std::vector<Counted>& counted) {
    const RateOptions options{static_cast<double>(table_.indicator->scale), kConfidence};
    for (std::size_t i = 0; i < counted.size(); ++i) {
      AdjustedRate rate;
      if (may_have(counted[i], rate)) {
        const auto strata = strata_of(counted[i]);
        const auto made = ATALAYA_TRY(table_.query.rate.interval == IntervalMethod::fay_feuer
                                          ? direct_rate_gamma(strata, options)
                                          : direct_rate(strata, options));
        take(made, rate);
      }
      table_.cells[i].adjusted = rate;
    }
    return {};
  }

  // The reference are all cells of the table that differ by their territory alone.
  Result<void> indirectly(const std::vector<Counted>& counted) {
    std::map<std::vector<std::string>, Counted> references;
    for (std::size_t i = 0; i < counted.size(); ++i) {
      auto& sum = references[group_of(table_.cells[i].codes)];
      sum.events.resize(strata_.ranges.size());
      sum.persons.resize(strata_.ranges.size());
      for (std::size_t s = 0; s < counted[i].persons.size(); ++s) {
        sum.events[s] += counted[i].events[s];
        sum.persons[s] += counted[i].persons[s];
      }
    }
    for (std::size_t i = 0; i < counted.size(); ++i) {
      AdjustedRate rate;
      if (may_have(counted[i], rate)) {
        ATALAYA_TRY(refer(counted[i], references[group_of(table_.cells[i].codes)], rate));
      }
      table_.cells[i].adjusted = rate;
    }
    return {};
  }

  Result<void> refer(const Counted& own, const Counted& reference, AdjustedRate& rate) const {
    std::vector<ReferenceStratum> strata;
    double observed = 0;
    double events = 0;
    double persons = 0;
    for (std::size_t s = 0; s < own.events.size(); ++s) {
      observed += own.events[s];
      events += reference.events[s];
      persons += reference.persons[s];
      if (reference.persons[s] > 0) {
        strata.push_back({own.persons[s], reference.events[s], reference.persons[s]});
      }
    }
    const double expected = ATALAYA_TRY(expected_events(strata));
    if (!(expected > 0)) {
      rate.status = RateStatus::no_denominator;
      return {};
    }
    const double scale = static_cast<double>(table_.indicator->scale);
    const auto made = ATALAYA_TRY(indirect_rate(observed, expected, events / persons * scale));
    take(made, rate);
    return {};
  }

  [[nodiscard]] std::vector<std::string> group_of(const std::vector<std::string>& codes) const {
    std::vector<std::string> out;
    for (std::size_t place = 0; place < codes.size(); ++place) {
      if (table_.query.by[place].name != "territory") {
        out.push_back(codes[place]);
      }
    }
    return out;
  }

  Result<void> smooth() {
    std::map<std::vector<std::string>, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < table_.cells.size(); ++i) {
      auto& cell = table_.cells[i];
      cell.adjusted = AdjustedRate{.status = RateStatus::no_denominator};
      if (cell.count && cell.population.value_or(0) > 0) {
        groups[group_of(cell.codes)].push_back(i);
      }
    }
    for (const auto& [codes, members] : groups) {
      if (members.size() < 2) {
        continue;
      }
      std::vector<SmallArea> areas;
      for (const std::size_t i : members) {
        areas.push_back({*table_.cells[i].count, *table_.cells[i].population});
      }
      const auto rates = ATALAYA_TRY(empirical_bayes_rates(areas));
      for (std::size_t m = 0; m < members.size(); ++m) {
        auto& adjusted = *table_.cells[members[m]].adjusted;
        adjusted.rate = rates[m] * static_cast<double>(table_.indicator->scale);
        adjusted.status = RateStatus::normal;
      }
    }
    return {};
  }

  const Desk::State& state_;
  const Territories& territories_;
  Table& table_;
  Strata strata_;
};

// ---- the difference between sources ----

void compare(Cell& cell, double other) {
  const double own = *cell.count;
  if (!cell.other_count || std::abs(other - own) > std::abs(*cell.other_count - own)) {
    cell.other_count = other;
  }
}

void drop_where_narrower(Cell& cell, double scale) {
  if (!cell.other_count || !cell.rate_low || !cell.rate_high || !(cell.population > 0)) {
    return;
  }
  const double factor = scale / *cell.population;
  if (interval_may_stand({*cell.rate_low, *cell.rate_high}, *cell.count * factor,
                         *cell.other_count * factor)) {
    return;
  }
  cell.interval_dropped = true;
  cell.rate_low.reset();
  cell.rate_high.reset();
  if (cell.adjusted) {
    cell.adjusted->low.reset();
    cell.adjusted->high.reset();
  }
}

void drop_narrow_intervals(Table& table) {
  for (auto& cell : table.cells) {
    drop_where_narrower(cell, static_cast<double>(table.indicator->scale));
  }
  constexpr std::string_view kNote = "observatory.note.interval_dropped";
  if (std::ranges::any_of(table.cells, &Cell::interval_dropped) &&
      std::ranges::find(table.notes, kNote) == table.notes.end()) {
    table.notes.emplace_back(kNote);
  }
}

// Months by year.
using Months = std::map<std::string, std::set<std::string>>;

// The countries in which these submissions have facts that the query asks for.
Result<std::set<std::string>> countries_counted(const Desk::State& state,
                                                const Territories& territories,
                                                const std::vector<Current>& submissions,
                                                const Table& table) {
  Adding adding;
  adding.by = {{"territory", "country"}};
  adding.filters = table.query.where;
  adding.indicator = &table.indicator->numerator;
  const Cells cells = ATALAYA_TRY(Adder(state, territories, adding).add(submissions));
  std::set<std::string> out;
  for (const auto& [codes, sums] : cells) {
    out.insert(territories.lists().country_of(codes[0]));
  }
  return out;
}

// Without a choice of territories a sum is of what its source covers: another source's is compared
// where it covers that, too.
bool speaks_of_same(const Territories& territories, const std::vector<Current>& others,
                    const CoveredBy& ours) {
  if (ours.by_facts) {
    return true;
  }
  return std::ranges::all_of(ours.parts, [&](const CoveredBy::Part& part) {
    return std::ranges::all_of(part.territories, [&](const std::string& own) {
      return std::ranges::any_of(others, [&](const Current& c) {
        return c.covers.empty() || std::ranges::any_of(c.covers, [&](const std::string& other) {
                 return territories.is_within(own, other) || territories.is_within(other, own);
               });
      });
    });
  });
}

// Half a year differs from a whole one by itself, and one country from another: only what speaks of
// the same months and places is compared.
Result<void> compare_with(const Desk::State& state, const Territories& territories,
                          const std::vector<Current>& submissions,
                          const std::set<std::string>& countries, const CoveredBy& coverage,
                          Table& table) {
  Adding adding;
  adding.by = table.query.by;
  adding.filters = table.query.where;
  adding.indicator = &table.indicator->numerator;
  if (find_where(adding.filters, "territory") == nullptr) {
    adding.filters.emplace_back("territory",
                                std::vector<std::string>(countries.begin(), countries.end()));
  }
  std::vector<Current> fit = submissions;
  std::erase_if(fit, [&](const Current& c) { return is_only_part(territories, c, table.query); });
  const auto theirs_in = ATALAYA_TRY(countries_counted(state, territories, fit, table));
  const bool one_sum = !place_of(table.query, "territory");
  if (one_sum && !std::ranges::includes(theirs_in, countries)) {
    return {};
  }
  if (one_sum && !speaks_of_same(territories, fit, coverage)) {
    return {};
  }
  const auto counted =
      ATALAYA_TRY(count_facts(state, territories, fit, adding, measure_of(*table.indicator)));
  Months ours;
  for (const auto& month : coverage.months) {
    ours[month.substr(0, 4)].insert(month);
    ours[""].insert(month);
  }
  Months theirs;
  const auto others =
      ATALAYA_TRY(coverage_of(state, territories, fit, fit, counted.used, table.query.where));
  for (const auto& month : others.months) {
    theirs[month.substr(0, 4)].insert(month);
    theirs[""].insert(month);
  }
  std::map<std::string, bool> same;
  for (const auto& [year, list] : ours) {
    same[year] = list == theirs[year];
  }
  const auto period = place_of(table.query, "period");
  for (auto& cell : table.cells) {
    const auto at = counted.cells.find(cell.codes);
    if (at != counted.cells.end() && cell.count &&
        same[period ? cell.codes[*period].substr(0, 4) : std::string()]) {
      compare(cell, at->second.low);
    }
  }
  return {};
}

// Sources beside each other in one table.
void compare_beside(Table& table, std::size_t source) {
  std::map<std::vector<std::string>, std::vector<Cell*>> same;
  for (auto& cell : table.cells) {
    auto codes = cell.codes;
    codes.erase(codes.begin() + static_cast<std::ptrdiff_t>(source));
    same[codes].push_back(&cell);
  }
  for (const auto& [codes, cells] : same) {
    for (auto* cell : cells) {
      for (const auto* other : cells) {
        if (other != cell && cell->count && other->count) {
          compare(*cell, *other->count);
        }
      }
    }
  }
}

}  // namespace

Result<void> check_rate(const TableQuery& query, const Indicator& indicator) {
  const auto shows = [&](std::string_view name) {
    return place_of(query, name).has_value() || find_where(query.where, name) != nullptr;
  };
  if (query.rate.kind == RateKind::crude) {
    return {};
  }
  if (indicator.denominator.kind != DenominatorKind::population) {
    return bad_rate(fmt::format("{} is not divided by a population and has no {} rate",
                                indicator.id, to_string(query.rate.kind)));
  }
  if (indicator.is_stock) {
    return bad_rate(
        fmt::format("{} is counted on a day and has the crude rate alone", indicator.id));
  }
  const bool needs_places = query.rate.kind != RateKind::standardised;
  if (needs_places && !place_of(query, "territory")) {
    return bad_rate(fmt::format("an {} rate compares territories: add territory to the breakdown",
                                to_string(query.rate.kind)));
  }
  if (query.rate.kind == RateKind::smoothed) {
    return {};
  }
  if (shows("age") || !indicator.denominator.age.empty() ||
      names_dimension(indicator.numerator, "age")) {
    return bad_rate("a rate standardised by age is of all ages: leave age out");
  }
  if (find_standard_population(query.rate.standard) == nullptr) {
    return bad_rate(fmt::format("\"{}\" is no standard population; there are who2000 and esp2013",
                                query.rate.standard));
  }
  return {};
}

Result<void> add_adjusted_rates(const Desk::State& state, const Territories& territories,
                                std::vector<Submission> all, const std::vector<Current>& chosen,
                                const CoveredBy& coverage, Table& table) {
  if (table.query.rate.kind == RateKind::crude) {
    return {};
  }
  return Adjuster(state, territories, table).run(std::move(all), chosen, coverage);
}

Result<void> fill_several_years(Table& table) {
  const auto at = std::ranges::find(table.by, "period", &TableDimension::name);
  if (table.indicator->denominator.kind != DenominatorKind::population || at == table.by.end()) {
    return {};
  }
  const auto place = static_cast<std::size_t>(at - table.by.begin());
  std::map<std::vector<std::string>, const Cell*> by_codes;
  for (const auto& cell : table.cells) {
    by_codes.emplace(cell.codes, &cell);
  }
  const RateOptions options{static_cast<double>(table.indicator->scale), kConfidence};
  for (auto& cell : table.cells) {
    const auto period = parse_period(cell.codes[place]);
    if (!cell.small_population || !period || period->kind != PeriodKind::year) {
      continue;
    }
    SeveralYears several;
    double persons = 0;
    double highest = 0;  // events, where the source hid a part
    auto codes = cell.codes;
    for (std::int32_t back = 0; back < kSeveralYears; ++back) {
      codes[place] = fmt::format("{:04}", period->begin.year - back);
      const auto year = by_codes.find(codes);
      if (year == by_codes.end() || !year->second->count || !(year->second->population > 0) ||
          year->second->status == CellStatus::incomplete) {
        break;
      }
      ++several.years;
      several.events += *year->second->count;
      highest += year->second->count_high.value_or(*year->second->count);
      persons += *year->second->population;
    }
    if (several.years < 2) {
      continue;
    }
    const auto rate = ATALAYA_TRY(crude_rate(several.events, persons, options));
    several.rate = *rate.rate;
    several.low = rate.interval->low;
    several.high = ATALAYA_TRY(crude_rate(highest, persons, options)).interval->high;
    cell.several_years = several;
  }
  return {};
}

Result<void> compare_sources(const Desk::State& state, const Territories& territories,
                             const std::vector<Current>& all, const std::vector<Current>& chosen,
                             const CoveredBy& coverage, Table& table) {
  if (table.indicator->denominator.kind == DenominatorKind::facts) {
    return {};
  }
  if (const auto source = place_of(table.query, "source")) {
    compare_beside(table, *source);
  } else if (table.query.draft) {
    std::map<std::string, std::vector<Current>> others;
    for (const auto& current : all) {
      const bool ours = std::ranges::any_of(chosen, [&](const Current& c) {
        return c.submission.source == current.submission.source;
      });
      if (!ours) {
        others[current.submission.source].push_back(current);
      }
    }
    const auto countries = ATALAYA_TRY(countries_counted(state, territories, chosen, table));
    for (const auto& [name, submissions] : others) {
      ATALAYA_TRY(compare_with(state, territories, submissions, countries, coverage, table));
    }
  }
  drop_narrow_intervals(table);
  return {};
}

void compare_with_tables(const std::vector<const Table*>& others, Table& table) {
  for (const auto* other : others) {
    std::map<std::vector<std::string>, double> counts;
    for (const auto& cell : other->cells) {
      if (cell.count) {
        counts.emplace(cell.codes, *cell.count);
      }
    }
    for (auto& cell : table.cells) {
      const auto at = counts.find(cell.codes);
      if (cell.count && at != counts.end()) {
        compare(cell, at->second);
      }
    }
  }
  drop_narrow_intervals(table);
}

}  // namespace atalaya::observatory::detail
