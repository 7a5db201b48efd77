#pragma once
// Person-years of a table's cells, from populations by territory. Of desk_population.cpp alone.

#include <fmt/format.h>

#include "desk_coverage.hpp"
#include "table_parts.hpp"

namespace atalaya::observatory::detail {

using Years = std::map<std::int32_t, double>;

// Populations by sex and age as the table is broken down, then by territory, a value for each year.
struct Population {
  std::vector<std::size_t> places;  // of the table's dimensions that the key is made of
  std::map<std::vector<std::string>, std::map<std::string, Years>> by_part;
};

// By equal factors between the years that are held (by equal amounts from or to nobody); nothing
// outside them.
inline std::optional<double> population_of(const std::map<std::int32_t, double>& years,
                                           std::int32_t year, bool& interpolated) {
  const auto at = years.find(year);
  if (at != years.end()) {
    return at->second;
  }
  const auto after = years.lower_bound(year);
  if (after == years.end() || after == years.begin()) {
    return std::nullopt;
  }
  const auto before = std::prev(after);
  interpolated = true;
  const double part = static_cast<double>(year - before->first) / (after->first - before->first);
  return before->second > 0 && after->second > 0
             ? before->second * std::pow(after->second / before->second, part)
             : before->second + (after->second - before->second) * part;
}

// Where there are facts: by territory as the facts name it, the years. Of sources that cover
// everything in their bounds for the table as a whole; of others for each cell, because one country
// may tell the sex of its victims and another not.
struct Reported {
  using Places = std::map<std::string, std::set<std::int32_t>>;
  Places all;
  std::map<std::vector<std::string>, Places> by_cell;
};

inline Result<Reported> find_reported(const Desk::State& state, const Territories& territories,
                                      const std::vector<Current>& chosen, const TableQuery& query,
                                      const FactFilter& numerator, bool by_cell) {
  Adding adding;
  adding.filters = query.where;
  adding.indicator = &numerator;
  if (by_cell) {
    adding.by = query.by;
  }
  const auto add = [&](std::string_view name, std::string_view level) {
    const auto at = std::ranges::find(adding.by, name, &TableDimension::name);
    if (at == adding.by.end()) {
      adding.by.push_back({std::string(name), std::string(level)});
      return adding.by.size() - 1;
    }
    return static_cast<std::size_t>(at - adding.by.begin());
  };
  const std::size_t period = add("period", "year");
  const std::size_t territory = add("territory", "");
  const std::string level = adding.by[territory].level;
  adding.by[territory].level.clear();
  const Cells cells = ATALAYA_TRY(Adder(state, territories, adding).add(chosen));
  Reported out;
  for (const auto& [codes, sums] : cells) {
    const auto when = parse_period(codes[period]);
    if (!when) {
      continue;
    }
    out.all[codes[territory]].insert(when->begin.year);
    if (by_cell) {
      std::vector<std::string> cell(codes.begin(),
                                    codes.begin() + static_cast<std::ptrdiff_t>(query.by.size()));
      if (territory < cell.size()) {
        cell[territory] =
            ATALAYA_TRY(place_code(territories, {"territory", level}, codes[territory]));
      }
      out.by_cell[std::move(cell)][codes[territory]].insert(when->begin.year);
    }
  }
  return out;
}

// Person-years of a cell: of each territory that it speaks of, the population of each year, by the
// days covered. Of a stock the persons of its day's year.
class Exposure {
 public:
  Exposure(const Territories& territories, Population population, const CoveredBy& coverage,
           const TableQuery& query, Reported reported)
      : territories_(territories),
        population_(std::move(population)),
        coverage_(coverage),
        reported_(std::move(reported)),
        dimensions_(query.by.size()),
        period_place_(place_of(query, "period")),
        territory_place_(place_of(query, "territory")) {
    if (territory_place_) {
      level_ = query.by[*territory_place_].level;
    }
    for (const auto& [key, parts] : population_.by_part) {
      for (const auto& [part, years] : parts) {
        groups_[outer(part)].insert(part);
        if (!kinds_.contains(part)) {
          kinds_[part] = kind_of(part);
        }
      }
    }
    for (const auto& [place, years] : reported_.all) {
      parts_of_[place] = find_parts(place);
      reported_groups_[outer(place)].insert(place);
    }
    for (const auto& part : coverage_.parts) {
      for (const auto& days : part.days) {
        for (std::int32_t year = year_of(days.from); year <= year_of(days.to - 1); ++year) {
          years_.insert(year);
        }
      }
    }
  }

  /// Of stocks: the year of each cell's day.
  void set_days(const std::map<std::vector<std::string>, std::int32_t>& years) {
    stock_ = &years;
    for (const auto& [codes, year] : years) {
      newest_ = std::max(newest_, year);
    }
  }

  /// Person-years, and `persons`: the fewest of any year that it speaks of.
  std::optional<double> of(const std::vector<std::string>& codes) {
    persons_.reset();
    std::vector<std::string> key;
    for (const std::size_t place : population_.places) {
      if (codes[place].starts_with('_')) {
        return std::nullopt;  // of the unknown there is no population
      }
      key.push_back(codes[place]);
    }
    if (!population_.by_part.contains(key) ||
        (territory_place_ && codes[*territory_place_].starts_with('_'))) {
      return std::nullopt;
    }
    const auto period =
        period_place_ ? parse_period(codes[*period_place_]) : std::optional<Period>();
    if (period_place_ && !period) {
      return std::nullopt;
    }
    if (stock_ != nullptr) {
      const auto at = stock_->find(codes);
      const std::int32_t year = at != stock_->end() ? at->second
                                : period            ? period->begin.year
                                                    : newest_;
      const auto people = in_year(key, codes, year);
      double sum = 0;
      for (const auto& [kind, n] : people ? *people : People{}) {
        sum += n;
      }
      return sum > 0 ? std::optional(sum) : std::nullopt;
    }
    double sum = 0;
    if (period) {
      const DaySpan span = span_of(*period);
      const auto people = in_year(key, codes, period->begin.year);
      for (const auto& [kind, n] : people ? *people : People{}) {
        sum += n * years_of(kind, span);
      }
      part_years_ = part_years_ || period->kind != PeriodKind::year;
      return sum > 0 ? std::optional(sum) : std::nullopt;
    }
    for (const std::int32_t year : years_) {
      const auto people = in_year(key, codes, year);
      if (!people) {
        return std::nullopt;
      }
      const DaySpan span = span_of(*parse_period(fmt::format("{:04}", year)));
      for (const auto& [kind, n] : *people) {
        sum += n * years_of(kind, span);
      }
    }
    return sum > 0 ? std::optional(sum) : std::nullopt;
  }

  [[nodiscard]] std::optional<double> persons() const { return persons_; }

  /// The table's codes of territories with inhabitants; one empty code where it is not broken down.
  [[nodiscard]] std::vector<std::string> groups() const {
    std::vector<std::string> out;
    for (const auto& [group, parts] : groups_) {
      out.push_back(group);
    }
    return out;
  }

  [[nodiscard]] bool interpolated() const { return interpolated_; }

  [[nodiscard]] bool part_years() const { return part_years_; }

  /// Territories with facts and without a population, because of which a sum has none.
  [[nodiscard]] const std::set<std::string>& missing() const { return missing_; }

 private:
  // By the days that are covered: which of coverage_.parts speak of the territory.
  using Kind = std::vector<std::size_t>;
  using People = std::map<Kind, double>;

  [[nodiscard]] std::string outer(const std::string& code) const {
    if (!territory_place_) {
      return "";
    }
    const std::string found = level_.empty() ? "" : territories_.ancestor(code, level_);
    return found.empty() ? code : found;
  }

  [[nodiscard]] Kind kind_of(const std::string& part) const {
    Kind out;
    for (std::size_t i = 0; i < coverage_.parts.size(); ++i) {
      const auto& own = coverage_.parts[i].territories;
      if (own.empty() || std::ranges::any_of(own, [&](const std::string& code) {
            return territories_.is_within(part, code);
          })) {
        out.push_back(i);
      }
    }
    return out;
  }

  // The territories of the population in which the facts of a territory lie, or which lie in it.
  [[nodiscard]] std::vector<std::string> find_parts(const std::string& place) const {
    for (std::string at = place; !at.empty(); at = territories_.parent(at)) {
      if (kinds_.contains(at)) {
        return {at};
      }
    }
    std::vector<std::string> out;
    for (const auto& [part, kind] : kinds_) {
      if (territories_.is_within(part, place)) {
        out.push_back(part);
      }
    }
    return out;
  }

  // Persons by kind in one year; nothing where somebody is missing.
  std::optional<People> in_year(const std::vector<std::string>& key,
                                const std::vector<std::string>& codes, std::int32_t year) {
    const std::string group = territory_place_ ? codes[*territory_place_] : std::string();
    const Reported::Places* own = nullptr;
    if (coverage_.by_facts) {
      const auto at = reported_.by_cell.find(
          {codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(dimensions_)});
      if (at == reported_.by_cell.end()) {
        return std::nullopt;
      }
      own = &at->second;
    }
    std::pair memo(group, year);
    auto& known = known_[key];
    const auto at = known.find(memo);
    std::optional<People> people;
    if (own == nullptr && at != known.end()) {
      people = at->second;
    } else {
      people = add_up(population_.by_part.at(key), group, own, year);
      if (own == nullptr) {
        known.emplace(std::move(memo), people);
      }
    }
    double sum = 0;
    for (const auto& [kind, n] : people ? *people : People{}) {
      sum += n;
    }
    if (people && !people->empty()) {
      persons_ = std::min(persons_.value_or(sum), sum);
    }
    return people;
  }

  // `own`: only these territories were counted; else all of the group that have inhabitants.
  std::optional<People> add_up(const std::map<std::string, Years>& parts, const std::string& group,
                               const Reported::Places* own, std::int32_t year) {
    const auto of_part = [&](const std::string& part) -> std::optional<double> {
      const auto years = parts.find(part);
      return years == parts.end() ? std::nullopt
                                  : population_of(years->second, year, interpolated_);
    };
    std::set<std::string> counted;
    bool complete = true;
    const auto report = [&](const std::string& place, const std::set<std::int32_t>& years) {
      if (!years.contains(year) || place.starts_with('_')) {
        return;
      }
      bool any = false;
      for (const auto& part : parts_of_.at(place)) {
        if (outer(part) == group && of_part(part)) {
          counted.insert(part);
          any = true;
        }
      }
      if (!any) {
        complete = false;
        if (place != group) {
          missing_.insert(place);
        }
      }
    };
    if (own != nullptr) {
      for (const auto& [place, years] : *own) {
        report(place, years);
      }
    } else {
      if (const auto at = groups_.find(group); at != groups_.end()) {
        counted = at->second;
      }
      if (const auto at = reported_groups_.find(group); at != reported_groups_.end()) {
        for (const auto& place : at->second) {
          report(place, reported_.all.at(place));
        }
      }
    }
    People out;
    for (const auto& part : counted) {
      if (const auto persons = of_part(part)) {
        out[kinds_.at(part)] += *persons;
      }
    }
    // A year in which none of those that a cell is about reported adds nothing to it.
    const bool silent = own != nullptr && counted.empty();
    return complete && (silent || !out.empty()) ? std::optional(std::move(out)) : std::nullopt;
  }

  double years_of(const Kind& kind, DaySpan span) {
    auto& known = shares_[{kind, span.from, span.to}];
    if (!known) {
      std::vector<DaySpan> days;
      for (const std::size_t i : kind) {
        days.insert(days.end(), coverage_.parts[i].days.begin(), coverage_.parts[i].days.end());
      }
      known = years_in(merged(std::move(days)), span);
    }
    part_years_ = part_years_ || *known < 1 - 1e-9;
    return *known;
  }

  const Territories& territories_;
  Population population_;
  const CoveredBy& coverage_;
  Reported reported_;
  std::size_t dimensions_;
  std::optional<std::size_t> period_place_, territory_place_;
  std::string level_;
  std::map<std::string, std::set<std::string>> groups_, reported_groups_;  // by the table's code
  std::map<std::string, Kind> kinds_;                                      // by part
  std::map<std::string, std::vector<std::string>> parts_of_;               // by place of facts
  std::set<std::int32_t> years_;                                           // covered
  const std::map<std::vector<std::string>, std::int32_t>* stock_ = nullptr;
  std::int32_t newest_ = 0;
  std::map<std::vector<std::string>,
           std::map<std::pair<std::string, std::int32_t>, std::optional<People>>>
      known_;
  std::map<std::tuple<Kind, std::int64_t, std::int64_t>, std::optional<double>> shares_;
  std::optional<double> persons_;
  bool interpolated_ = false, part_years_ = false;
  std::set<std::string> missing_;
};

}  // namespace atalaya::observatory::detail
