#include <atalaya/observatory/populations.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace atalaya::observatory {
namespace {

constexpr double kHoldYearsMax = 0.5;
constexpr double kSameDate = 1e-9;

std::unexpected<Error> bad(std::string_view reason, const std::string& detail) {
  return fail(ErrorCode::invalid_argument, reason, detail);
}

// The groups that tile a range, widest first; nothing where there is a gap or one sticks out.
std::optional<double> tile(const std::map<AgeRange, double>& groups, AgeRange wanted) {
  std::set<std::int32_t> dead;  // ages from which the end cannot be reached
  const std::function<std::optional<double>(std::int32_t)> from =
      [&](std::int32_t age) -> std::optional<double> {
    if (age == wanted.high) {
      return 0.0;
    }
    if (dead.contains(age)) {
      return std::nullopt;
    }
    auto at = groups.upper_bound(AgeRange{age, wanted.high});
    while (at != groups.begin()) {
      --at;
      if (at->first.low != age) {
        break;
      }
      if (const auto rest = from(at->first.high)) {
        return *rest + at->second;
      }
    }
    dead.insert(age);
    return std::nullopt;
  };
  return from(wanted.low);
}

std::string list_of(const std::map<AgeRange, double>& groups) {
  constexpr std::size_t kShownMax = 24;
  std::string list;
  std::size_t shown = 0;
  for (const auto& [range, persons] : groups) {
    if (shown++ == kShownMax) {
      return list + fmt::format(" and {} more", groups.size() - kShownMax);
    }
    list += (list.empty() ? "" : ", ") + age_code(range);
  }
  return list;
}

double middle_between(double a, double b, double share, Interpolation interpolation) noexcept {
  // Nothing grows by factors from zero: equal amounts there.
  if (interpolation == Interpolation::geometric && a > 0 && b > 0) {
    return a * std::pow(b / a, share);
  }
  return a + (b - a) * share;
}

bool is_leap(std::int32_t year) noexcept {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// "2023-07-01" as 2023.5: months are twelfths, days parts of their month.
double in_years(CivilDate date) noexcept {
  constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const auto month = static_cast<std::size_t>(date.month - 1);
  const int days = kDays[month] + (month == 1 && is_leap(date.year) ? 1 : 0);
  return date.year + (static_cast<double>(month) + static_cast<double>(date.day - 1) / days) / 12;
}

}  // namespace

Result<Populations> Populations::create(PopulationSource source,
                                        std::vector<PopulationFact> facts) {
  Populations table;
  table.source_ = std::move(source);
  for (PopulationFact& fact : facts) {
    const auto where = [&] {
      return fmt::format("{} {} {} {}", fact.territory, fact.year, fact.sex, age_code(fact.age));
    };
    if (!std::isfinite(fact.persons) || fact.persons < 0) {
      return bad(
          "observatory.populations.bad",
          fmt::format("{}: {} persons; a population is zero or more", where(), fact.persons));
    }
    if (fact.sex != "M" && fact.sex != "F" && fact.sex != "_T") {
      return bad("observatory.populations.bad", where() + ": sex must be M, F or _T");
    }
    if (fact.age.low < 0 || fact.age.high <= fact.age.low) {
      return bad("observatory.populations.bad", where() + ": the age range is empty");
    }
    Bands& bands = table.cells_[{fact.territory, fact.year, fact.sex}];
    if (!bands.emplace(fact.age, fact.persons).second) {
      return bad("observatory.populations.bad",
                 where() + " stands twice: one source gives one figure, remove the other");
    }
    auto& years = table.years_[fact.territory];
    if (std::ranges::find(years, fact.year) == years.end()) {
      years.insert(std::ranges::lower_bound(years, fact.year), fact.year);
    }
  }
  return table;
}

double Populations::date_of(std::int32_t year) const noexcept {
  switch (source_.date) {
    case PopulationDate::start_of_year:
      return year;
    case PopulationDate::mid_year:
      return year + 0.5;
    case PopulationDate::end_of_year:
      return year + 1.0;
  }
  return year;
}

Result<double> Populations::of_sex(const PopulationQuery& query, std::int32_t year,
                                   const std::string& sex) const {
  const auto cell = cells_.find({query.territory, year, sex});
  if (cell == cells_.end()) {
    return fail(ErrorCode::not_found, "observatory.populations.none",
                fmt::format("{} has no population of sex {} in {} ({})", query.territory, sex, year,
                            source_.vintage));
  }
  const auto sum = tile(cell->second, query.age);
  if (!sum) {
    return bad("observatory.populations.bands_do_not_nest",
               fmt::format("the age groups of {} in {} ({}) do not add up to {}: there are {}. "
                           "Ask for a group made of whole ones",
                           query.territory, year, source_.vintage, age_code(query.age),
                           list_of(cell->second)));
  }
  return *sum;
}

Result<double> Populations::in_year(const PopulationQuery& query, std::int32_t year) const {
  if (query.sex != "_T" || cells_.contains({query.territory, year, "_T"})) {
    return of_sex(query, year, query.sex);
  }
  const double women = ATALAYA_TRY(of_sex(query, year, "F"));
  const double men = ATALAYA_TRY(of_sex(query, year, "M"));
  return women + men;
}

Result<PopulationFigure> Populations::persons_at(const PopulationQuery& query, double date,
                                                 Interpolation interpolation) const {
  const auto found = years_.find(query.territory);
  if (found == years_.end()) {
    return fail(ErrorCode::not_found, "observatory.populations.none",
                fmt::format("{} has no population in {}: load one, or show counts only",
                            query.territory, source_.vintage));
  }
  const auto& years = found->second;
  PopulationFigure figure;
  figure.vintage = source_.vintage;
  const double first = date_of(years.front());
  const double last = date_of(years.back());
  if (date < first - kHoldYearsMax - kSameDate || date > last + kHoldYearsMax + kSameDate) {
    return fail(ErrorCode::not_found, "observatory.populations.outside",
                fmt::format("{} is outside the years {} to {} of {} for {}", date, years.front(),
                            years.back(), source_.vintage, query.territory));
  }
  if (date <= first + kSameDate || date >= last - kSameDate) {
    const bool early = date <= first + kSameDate;
    figure.held = early ? date < first - kSameDate : date > last + kSameDate;
    figure.persons = ATALAYA_TRY(in_year(query, early ? years.front() : years.back()));
  } else {
    const auto after = std::ranges::upper_bound(years, date + kSameDate, {},
                                                [&](std::int32_t year) { return date_of(year); });
    const std::int32_t before = *(after - 1);
    const double a = ATALAYA_TRY(in_year(query, before));
    figure.persons = a;
    if (date - date_of(before) > kSameDate) {
      const double b = ATALAYA_TRY(in_year(query, *after));
      const double share = (date - date_of(before)) / (date_of(*after) - date_of(before));
      figure.persons = middle_between(a, b, share, interpolation);
      figure.interpolated = true;
    }
  }
  figure.person_years = figure.persons;
  return figure;
}

Result<PopulationFigure> Populations::exposure(const PopulationQuery& query, const Period& period,
                                               Interpolation interpolation) const {
  double years = 1;
  switch (period.kind) {
    case PeriodKind::year:
      break;
    case PeriodKind::semester:
      years = 6.0 / 12;
      break;
    case PeriodKind::quarter:
      years = 3.0 / 12;
      break;
    case PeriodKind::month:
      years = 1.0 / 12;
      break;
    case PeriodKind::week:
    case PeriodKind::day:
      years = (period.kind == PeriodKind::week ? 7.0 : 1.0) /
              (is_leap(period.begin.year) ? 366.0 : 365.0);
      break;
  }
  const double middle = (in_years(period.begin) + in_years(period.end)) / 2;
  PopulationFigure figure = ATALAYA_TRY(persons_at(query, middle, interpolation));
  figure.person_years = figure.persons * years;
  return figure;
}

Result<std::vector<double>> add_up_ages(const std::map<AgeRange, double>& groups,
                                        const std::vector<AgeRange>& wanted) {
  std::vector<double> sums;
  for (const AgeRange range : wanted) {
    const auto sum = tile(groups, range);
    if (!sum) {
      return bad(
          "observatory.populations.bands_do_not_nest",
          fmt::format("the age groups {} do not add up to {}", list_of(groups), age_code(range)));
    }
    sums.push_back(*sum);
  }
  return sums;
}

}  // namespace atalaya::observatory
