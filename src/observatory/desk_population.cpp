// Denominators from populations: one source, one level of territories, person-years by the months
// that the facts cover.
#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

using namespace detail;

// Populations by the table's territory, sex and age, a value for each year.
struct Population {
  std::vector<std::size_t> places;  // of the table's dimensions that the key is made of
  std::map<std::vector<std::string>, std::map<std::int32_t, double>> by_year;
  bool interpolated = false;
  bool coarser = false;  // it does not know a dimension that the table is broken down by
};

bool is_population_dimension(std::string_view name) {
  return name == "territory" || name == "sex" || name == "age";
}

// Of a source that gives several levels, facts of one level only: else people count twice.
std::string level_in(const Territories& territories, const columns::Dictionary& dictionary,
                     std::string_view wanted) {
  const std::vector<std::string> order = {"country", "admin1", "admin2", "admin3"};
  std::set<std::string> levels;
  for (std::uint32_t code = 0; code < dictionary.size(); ++code) {
    levels.insert(territories.level(dictionary.text(code)));
  }
  const auto from = std::ranges::find(order, wanted.empty() ? "country" : wanted);
  for (auto at = from; at != order.end(); ++at) {
    if (levels.contains(*at)) {
      return *at;
    }
  }
  return "";
}

class PopulationReader {
 public:
  // `of` says whose population it is where the query does not: an indicator's sex and age.
  PopulationReader(const Desk::State& state, const Territories& territories,
                   const TableQuery& query, Denominator of, std::set<std::string> countries)
      : state_(state),
        territories_(territories),
        query_(query),
        of_(std::move(of)),
        countries_(std::move(countries)) {}

  Result<Population> read(const std::vector<Current>& submissions,
                          std::vector<std::int64_t>& used) const {
    Population out;
    Adding adding;
    adding.by.push_back({"period", "year"});
    for (std::size_t place = 0; place < query_.by.size(); ++place) {
      if (is_population_dimension(query_.by[place].name)) {
        out.places.push_back(place);
        adding.by.push_back(query_.by[place]);
      }
    }
    for (const auto& [name, codes] : query_.where) {
      if (is_population_dimension(name)) {
        adding.filters.emplace_back(name, codes);
      }
    }
    if (!of_.sex.empty()) {
      add_filter(adding.filters, "sex", of_.sex);
    }
    if (!of_.age.empty()) {
      add_filter(adding.filters, "age", of_.age);
    }
    if (find_where(adding.filters, "territory") == nullptr && !countries_.empty()) {
      adding.filters.emplace_back("territory",
                                  std::vector<std::string>(countries_.begin(), countries_.end()));
    }
    std::vector<Current> one_level = submissions;
    ATALAYA_TRY(keep_one_level(adding, one_level));
    Adder adder(state_, territories_, adding);
    const Cells cells = ATALAYA_TRY(adder.add(one_level));
    used = adder.used();
    for (const auto& [codes, sums] : cells) {
      const auto period = parse_period(codes[0]);
      if (period) {
        out.by_year[{codes.begin() + 1, codes.end()}][period->begin.year] += sums.low;
      }
    }
    return out;
  }

 private:
  static void add_filter(Where& where, const std::string& name, const std::string& code) {
    // A reader's own choice within the indicator's is narrower already.
    if (find_where(where, name) == nullptr) {
      where.emplace_back(name, std::vector<std::string>{code});
    }
  }

  // Narrows the territories to the codes of one level.
  Result<void> keep_one_level(Adding& adding, const std::vector<Current>& submissions) const {
    std::string wanted;
    for (const auto& dimension : query_.by) {
      if (dimension.name == "territory" && dimension.level.empty()) {
        return {};  // every code stands for itself, so that nothing is added up
      }
      if (dimension.name == "territory") {
        wanted = dimension.level;
      }
    }
    if (const auto* where = find_where(query_.where, "territory"); where != nullptr) {
      for (const auto& code : *where) {
        const std::string level = territories_.level(code);
        wanted = wanted.empty() || (wanted == "country" && level != "country") ? level : wanted;
      }
    }
    std::vector<std::string> keep;
    for (const auto& current : submissions) {
      const auto segment = ATALAYA_TRY(state_.segment(current.submission.segment));
      if (!segment->has("territory")) {
        continue;
      }
      const auto dictionary = ATALAYA_TRY(segment->dictionary("territory"));
      std::string level = level_in(territories_, *dictionary, wanted);
      const auto* own = find_where(adding.filters, "territory");
      for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
        const std::string text(dictionary->text(code));
        const bool inside = own == nullptr || std::ranges::any_of(*own, [&](const auto& outer) {
                              return territories_.is_within(text, outer);
                            });
        if (inside && territories_.level(text) == level) {
          keep.push_back(text);
        }
      }
    }
    std::erase_if(adding.filters, [](const auto& f) { return f.first == "territory"; });
    adding.filters.emplace_back("territory", std::move(keep));
    return {};
  }

  const Desk::State& state_;
  const Territories& territories_;
  const TableQuery& query_;
  Denominator of_;
  std::set<std::string> countries_;
};

// By equal factors between the years that are held (by equal amounts from or to nobody); nothing
// outside them.
std::optional<double> population_of(const std::map<std::int32_t, double>& years, std::int32_t year,
                                    bool& interpolated) {
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

// Months of each year that the table's facts speak of.
std::map<std::int32_t, std::int32_t> months_by_year(const std::set<std::string>& months) {
  std::map<std::int32_t, std::int32_t> out;
  for (const auto& month : months) {
    ++out[std::stoi(month.substr(0, 4))];
  }
  return out;
}

// Person-years of a cell: the population of each year it speaks of, by the months covered.
class Exposure {
 public:
  Exposure(Population population, std::map<std::int32_t, std::int32_t> months,
           std::optional<std::size_t> period_place)
      : population_(std::move(population)),
        months_(std::move(months)),
        period_place_(period_place) {}

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
    const auto years = population_.by_year.find(key);
    if (years == population_.by_year.end()) {
      return std::nullopt;
    }
    if (period_place_) {
      const auto period = parse_period(codes[*period_place_]);
      return period ? of_period(years->second, *period) : std::nullopt;
    }
    double sum = 0;
    for (const auto& [year, months] : months_) {
      const auto people = population_of(years->second, year, interpolated_);
      if (!people) {
        return std::nullopt;
      }
      persons_ = std::min(persons_.value_or(*people), *people);
      sum += *people * share(months);
    }
    return sum > 0 ? std::optional(sum) : std::nullopt;
  }

  [[nodiscard]] std::optional<double> persons() const { return persons_; }

  [[nodiscard]] bool interpolated() const { return interpolated_; }

  [[nodiscard]] bool part_years() const { return part_years_; }

 private:
  double share(std::int32_t months) {
    part_years_ = part_years_ || months < 12;
    return static_cast<double>(months) / 12;
  }

  std::optional<double> of_period(const std::map<std::int32_t, double>& years,
                                  const Period& period) {
    const auto people = population_of(years, period.begin.year, interpolated_);
    if (!people) {
      return std::nullopt;
    }
    persons_ = people;
    if (period.kind == PeriodKind::year) {
      const auto at = months_.find(period.begin.year);
      return *people * share(at == months_.end() ? 12 : at->second);
    }
    part_years_ = true;
    const double days = static_cast<double>(days_in(period));
    const double year_days =
        static_cast<double>(days_in(period_of(period.begin, PeriodKind::year)));
    return period.kind == PeriodKind::day || period.kind == PeriodKind::week
               ? *people * days / year_days
               : *people *
                     (period.kind == PeriodKind::month     ? 1.0
                      : period.kind == PeriodKind::quarter ? 3.0
                                                           : 6.0) /
                     12;
  }

  Population population_;
  std::map<std::int32_t, std::int32_t> months_;
  std::optional<std::size_t> period_place_;
  std::optional<double> persons_;
  bool interpolated_ = false, part_years_ = false;
};

// The national office's population for one country, WPP for several: never both in one series.
std::string choose_population(const TableQuery& query, const std::vector<Current>& populations,
                              const std::set<std::string>& countries) {
  if (!query.population.empty()) {
    return query.population;
  }
  std::string international;
  for (const auto& current : populations) {
    const auto& s = current.submission;
    if (s.source_kind == kInternational) {
      international = international.empty() ? s.source : international;  // WPP is the first
    } else if (countries.size() == 1 && (s.country == *countries.begin())) {
      return s.source;
    }
  }
  return international;
}

std::set<std::string> countries_in(const Desk::State& state, const Territories& territories,
                                   const std::vector<Current>& chosen, const TableQuery& query) {
  auto out = countries_of(query.where, territories);
  if (!out.empty()) {
    return out;
  }
  for (const auto& current : chosen) {
    if (!current.submission.country.empty()) {
      out.insert(current.submission.country);
      continue;
    }
    const auto segment = state.segment(current.submission.segment);
    const auto dictionary = segment ? (*segment)->dictionary("territory")
                                    : Result<std::shared_ptr<const columns::Dictionary>>(
                                          fail(ErrorCode::internal, "observatory.segment"));
    for (std::uint32_t code = 0; dictionary && code < (*dictionary)->size(); ++code) {
      out.insert(territories.lists().country_of((*dictionary)->text(code)));
    }
  }
  return out;
}

// The source's submissions that a table divides by, and the countries that it is about.
struct Held {
  std::vector<Current> submissions;
  std::set<std::string> countries;
  std::string source;
};

Held held_populations(const Desk::State& state, const Territories& territories,
                      std::vector<Submission> all, const std::vector<Current>& chosen,
                      const TableQuery& query) {
  Held out;
  out.submissions = current(std::move(all), "population", query.as_of);
  out.countries = countries_in(state, territories, chosen, query);
  out.source = choose_population(query, out.submissions, out.countries);
  std::erase_if(out.submissions,
                [&](const Current& c) { return c.submission.source != out.source; });
  return out;
}

bool is_of_persons(std::string_view name) {
  return name == "sex" || name == "age";
}

// Who lives there, whatever sex and age the table is about.
Result<void> mark_small(const Desk::State& state, const Territories& territories, const Held& held,
                        const std::set<std::string>& months, Exposure& own, Table& table) {
  TableQuery everybody = table.query;
  const bool narrowed =
      std::erase_if(everybody.where, [](const auto& w) { return is_of_persons(w.first); }) > 0 ||
      std::ranges::any_of(everybody.by, [](const auto& d) { return is_of_persons(d.name); }) ||
      !table.indicator->denominator.sex.empty() || !table.indicator->denominator.age.empty();
  if (!narrowed) {
    for (auto& cell : table.cells) {
      static_cast<void>(own.of(cell.codes));
      cell.small_population = own.persons() && *own.persons() < kSmallPopulation;
    }
    return {};
  }
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < table.query.by.size(); ++place) {
    if (!is_of_persons(table.query.by[place].name)) {
      places.push_back(place);
    }
  }
  std::erase_if(everybody.by, [](const auto& d) { return is_of_persons(d.name); });
  std::vector<std::int64_t> used;
  auto population = ATALAYA_TRY(PopulationReader(state, territories, everybody, {}, held.countries)
                                    .read(held.submissions, used));
  Exposure exposure(std::move(population), months_by_year(months), place_of(everybody, "period"));
  for (auto& cell : table.cells) {
    std::vector<std::string> codes;
    for (const std::size_t place : places) {
      codes.push_back(cell.codes[place]);
    }
    static_cast<void>(exposure.of(codes));
    cell.small_population = exposure.persons() && *exposure.persons() < kSmallPopulation;
  }
  return {};
}

}  // namespace

namespace detail {

Result<void> add_population(const Desk::State& state, const Territories& territories,
                            std::vector<Submission> all, const std::vector<Current>& chosen,
                            const std::set<std::string>& months, Table& table) {
  const Held held = held_populations(state, territories, std::move(all), chosen, table.query);
  table.population_source = held.source;
  Population population;
  if (!held.submissions.empty()) {
    table.population_title = held.submissions.back().submission.title;
    table.population_titles = held.submissions.back().submission.titles;
    table.synthetic = table.synthetic || held.submissions.back().submission.synthetic;
    population = ATALAYA_TRY(PopulationReader(state, territories, table.query,
                                              table.indicator->denominator, held.countries)
                                 .read(held.submissions, table.populations));
  }
  Exposure exposure(std::move(population), months_by_year(months), place_of(table.query, "period"));
  for (auto& cell : table.cells) {
    cell.population = exposure.of(cell.codes);
  }
  if (exposure.interpolated()) {
    table.notes.emplace_back("observatory.note.population_interpolated");
  }
  if (exposure.part_years()) {
    table.notes.emplace_back("observatory.note.exposure_months");
  }
  return mark_small(state, territories, held, months, exposure, table);
}

Result<AgedPopulation> population_by_age(const Desk::State& state, const Territories& territories,
                                         std::vector<Submission> all,
                                         const std::vector<Current>& chosen,
                                         const std::set<std::string>& months, const Table& table) {
  const Held held = held_populations(state, territories, std::move(all), chosen, table.query);
  TableQuery aged = table.query;
  aged.by.push_back({"age", ""});
  std::vector<std::int64_t> used;
  auto population = ATALAYA_TRY(
      PopulationReader(state, territories, aged, table.indicator->denominator, held.countries)
          .read(held.submissions, used));
  std::map<std::string, AgeRange> ages;
  for (const auto& [codes, years] : population.by_year) {
    if (const auto range = codes.empty() ? std::nullopt : parse_age_code(codes.back())) {
      ages.emplace(codes.back(), *range);
    }
  }
  Exposure exposure(std::move(population), months_by_year(months), place_of(table.query, "period"));
  AgedPopulation out;
  for (const auto& cell : table.cells) {
    auto& groups = out.emplace_back();
    auto codes = cell.codes;
    codes.emplace_back();
    for (const auto& [code, range] : ages) {
      codes.back() = code;
      if (const auto persons = exposure.of(codes)) {
        groups.emplace(range, *persons);
      }
    }
  }
  return out;
}

}  // namespace detail
}  // namespace atalaya::observatory
