// Denominators from populations: one source, one level of territories, part by part, person-years
// by the days that the facts cover.
#include "desk_exposure.hpp"

namespace atalaya::observatory {
namespace {

using namespace detail;

bool is_of_persons(std::string_view name) {
  return name == "sex" || name == "age";
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
                   const TableQuery& query, Denominator of, const CoveredBy& coverage,
                   std::set<std::string> countries)
      : state_(state),
        territories_(territories),
        query_(query),
        of_(std::move(of)),
        coverage_(coverage),
        countries_(std::move(countries)) {}

  Result<Population> read(const std::vector<Current>& submissions,
                          std::vector<std::int64_t>& used) const {
    Population out;
    Adding adding;
    adding.by = {{"territory", ""}, {"period", ""}};
    for (std::size_t place = 0; place < query_.by.size(); ++place) {
      if (is_of_persons(query_.by[place].name)) {
        out.places.push_back(place);
        adding.by.push_back(query_.by[place]);
      }
    }
    for (const auto& [name, codes] : query_.where) {
      if (name == "territory" || is_of_persons(name)) {
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
    ATALAYA_TRY(keep_one_level(adding, submissions));
    Adder adder(state_, territories_, adding);
    const Cells cells = ATALAYA_TRY(adder.add(submissions));
    used = adder.used();
    for (const auto& [codes, sums] : cells) {
      const auto period = parse_period(codes[1]);
      if (!period) {
        continue;
      }
      // A number of inhabitants is never added up over time: the year's own figure counts, else the
      // last of those within it.
      std::vector<std::string> key(codes.begin() + 2, codes.end());
      auto year = codes;
      year[1] = codes[1].substr(0, 4);
      if (period->kind == PeriodKind::year || !cells.contains(year)) {
        out.by_part[std::move(key)][codes[0]][period->begin.year] = sums.low;
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

  // Where only parts of a country are covered, people are counted there.
  [[nodiscard]] std::string level_covered() const {
    if (coverage_.by_facts || find_where(query_.where, "territory") != nullptr) {
      return "";
    }
    std::string coarsest;
    for (const auto& part : coverage_.parts) {
      for (const auto& code : part.territories) {
        const std::string level = territories_.level(code);
        if (level == "country") {
          return "";
        }
        coarsest = coarsest.empty() ? level : std::min(coarsest, level);  // admin1, admin2 …
      }
    }
    return coarsest;
  }

  [[nodiscard]] bool is_covered(std::string_view code) const {
    return coverage_.parts.empty() ||
           std::ranges::any_of(coverage_.parts, [&](const CoveredBy::Part& part) {
             return part.territories.empty() ||
                    std::ranges::any_of(part.territories, [&](const std::string& own) {
                      return territories_.is_within(code, own);
                    });
           });
  }

  // Narrows the territories to the codes of one level.
  Result<void> keep_one_level(Adding& adding, const std::vector<Current>& submissions) const {
    std::string wanted = level_covered();
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
        const bool chosen = own == nullptr || std::ranges::any_of(*own, [&](const auto& outer) {
                              return territories_.is_within(text, outer);
                            });
        const bool inside = chosen && is_covered(text);
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
  const CoveredBy& coverage_;
  std::set<std::string> countries_;
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
    // A file of many countries is about those that it names, not about the node that holds it.
    if (!current.submission.country.empty() &&
        current.submission.source_kind != kInternational) {
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

// What an exposure is made of, for a table or for everybody who lives there.
Result<Exposure> exposure_of(const Desk::State& state, const Territories& territories,
                             const Held& held, const std::vector<Current>& chosen,
                             const CoveredBy& coverage, const Table& table, const TableQuery& cells,
                             const TableQuery& people, const Denominator& of,
                             std::vector<std::int64_t>& used) {
  Population population;
  if (!held.submissions.empty()) {
    population =
        ATALAYA_TRY(PopulationReader(state, territories, people, of, coverage, held.countries)
                        .read(held.submissions, used));
  }
  auto reported = ATALAYA_TRY(find_reported(state, territories, chosen, cells,
                                            table.indicator->numerator, coverage.by_facts));
  return Exposure(territories, std::move(population), coverage, cells, std::move(reported));
}

// Whether a source writes down cases and not how many there were: a number that it leaves out, a
// row that was refused, or a zero that it writes, tells that a missing one is not known to be zero.
Result<bool> lists_cases(const Desk::State& state, const std::vector<Current>& chosen,
                         const std::vector<std::int64_t>& used) {
  for (const auto& current : chosen) {
    const auto& s = current.submission;
    if (std::ranges::find(used, s.id) == used.end()) {
      continue;
    }
    for (const std::string_view unknown : {"empty_values", "rejected"}) {
      const auto* rows = s.report.if_contains(unknown);
      if (rows != nullptr && rows->is_number() && rows->to_number<double>() > 0) {
        return false;
      }
    }
    if (const auto* zeros = s.report.if_contains("zeros"); zeros != nullptr && zeros->is_bool()) {
      if (zeros->get_bool()) {
        return false;
      }
      continue;
    }
    const auto segment = ATALAYA_TRY(state.segment(s.segment));
    const auto values = ATALAYA_TRY(segment->values("value"));
    if (std::ranges::find(*values, 0) != values->end()) {
      return false;
    }
  }
  return true;
}

// A file may speak of one offence for fewer years than of another: no zero lies before the first or
// behind the last period that has a fact of this one, wherever it is.
Result<std::pair<std::string, std::string>> span_of_facts(const Desk::State& state,
                                                          const Territories& territories,
                                                          const std::vector<Current>& chosen,
                                                          const Table& table) {
  const auto period = place_of(table.query, "period");
  if (!period) {
    return std::pair<std::string, std::string>();
  }
  Adding adding;
  adding.by = {table.query.by[*period]};
  adding.indicator = &table.indicator->numerator;
  Adder adder(state, territories, adding);
  const Cells cells = ATALAYA_TRY(adder.add(chosen));
  if (cells.empty()) {
    return std::pair<std::string, std::string>();
  }
  const auto [first, last] = std::ranges::minmax_element(
      cells, {}, [](const auto& cell) { return cell.first.front(); });
  return std::pair(first->first.front(), last->first.front());
}

// Places with inhabitants and periods that are covered, where nothing happened.
void add_zeros(Exposure& exposure, const CoveredBy& coverage, const std::string& first,
               const std::string& last, Table& table) {
  constexpr std::size_t kCellsMax = 200'000;
  const auto period = place_of(table.query, "period");
  const auto territory = place_of(table.query, "territory");
  if (table.cells.empty() || table.by.size() != (period ? 1U : 0U) + (territory ? 1U : 0U) ||
      table.by.empty() || (territory && table.by[*territory].level.empty())) {
    return;
  }
  std::set<std::string> periods;
  if (period) {
    const auto kind = parse_period_kind(table.by[*period].level);
    for (const auto& part : coverage.parts) {
      for (const auto& days : part.days) {
        for (auto at = kind ? std::optional(period_of(date_of(days.from), *kind)) : std::nullopt;
             at && span_of(*at).from < days.to; at = next_period(*at)) {
          const std::string code = period_code(*at);
          if (code >= first && code <= last) {
            periods.insert(code);
          }
        }
      }
    }
  } else {
    periods.insert("");
  }
  const auto places = exposure.groups();
  if (places.size() * periods.size() > kCellsMax) {
    return;
  }
  std::set<std::vector<std::string>> have;
  for (const auto& cell : table.cells) {
    have.insert(cell.codes);
  }
  for (const auto& place : places) {
    for (const auto& code : periods) {
      std::vector<std::string> codes(table.by.size());
      if (period) {
        codes[*period] = code;
      }
      if (territory) {
        codes[*territory] = place;
      }
      if (!have.contains(codes) && exposure.of(codes)) {
        Cell cell;
        cell.codes = std::move(codes);
        cell.count = 0;
        table.cells.push_back(std::move(cell));
      }
    }
  }
  std::ranges::sort(table.cells, {}, &Cell::codes);
}

// Who lives there, whatever sex and age the table is about.
Result<void> mark_small(const Desk::State& state, const Territories& territories, const Held& held,
                        const std::vector<Current>& chosen, const CoveredBy& coverage,
                        Exposure& own, Table& table) {
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
  auto exposure = ATALAYA_TRY(exposure_of(state, territories, held, chosen, coverage, table,
                                          everybody, everybody, {}, used));
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
                            const CoveredBy& coverage,
                            const std::map<std::vector<std::string>, std::int32_t>& days,
                            Table& table) {
  const Held held = held_populations(state, territories, std::move(all), chosen, table.query);
  table.population_source = held.source;
  if (!held.submissions.empty()) {
    table.population_title = held.submissions.back().submission.title;
    table.population_titles = held.submissions.back().submission.titles;
    table.synthetic = table.synthetic || held.submissions.back().submission.synthetic;
  }
  auto exposure =
      ATALAYA_TRY(exposure_of(state, territories, held, chosen, coverage, table, table.query,
                              table.query, table.indicator->denominator, table.populations));
  for (const auto& used : held.submissions) {
    if (std::ranges::find(table.populations, used.submission.id) == table.populations.end()) {
      continue;
    }
    for (const auto& entry : used.submission.breaks) {  // a rate breaks where its population does
      auto object = entry.as_object();
      object["source"] = used.submission.source;
      table.breaks.push_back(std::move(object));
    }
  }
  if (table.indicator->is_stock) {
    exposure.set_days(days);
  }
  if (!table.indicator->is_stock && !coverage.by_facts) {
    const bool cases = ATALAYA_TRY(lists_cases(state, chosen, table.submissions));
    if (cases) {
      const auto [first, last] =
          ATALAYA_TRY(span_of_facts(state, territories, chosen, table));
      add_zeros(exposure, coverage, first, last, table);
    }
  }
  for (auto& cell : table.cells) {
    cell.population = exposure.of(cell.codes);
  }
  if (exposure.interpolated()) {
    table.notes.emplace_back("observatory.note.population_interpolated");
  }
  if (exposure.part_years()) {
    table.notes.emplace_back("observatory.note.exposure_months");
  }
  if (!exposure.missing().empty()) {
    // Which villages have a case of what is protected is not said.
    table.notes.push_back(note_with("observatory.note.part_without_population", "territories",
                                    table.indicator->disclosure.is_protected
                                        ? std::set<std::string>{"…"}
                                        : exposure.missing()));
  }
  return mark_small(state, territories, held, chosen, coverage, exposure, table);
}

Result<AgedPopulation> population_by_age(const Desk::State& state, const Territories& territories,
                                         std::vector<Submission> all,
                                         const std::vector<Current>& chosen,
                                         const CoveredBy& coverage, const Table& table) {
  const Held held = held_populations(state, territories, std::move(all), chosen, table.query);
  TableQuery aged = table.query;
  aged.by.push_back({"age", ""});
  std::vector<std::int64_t> used;
  auto population =
      ATALAYA_TRY(PopulationReader(state, territories, aged, table.indicator->denominator, coverage,
                                   held.countries)
                      .read(held.submissions, used));
  std::map<std::string, AgeRange> ages;
  for (const auto& [codes, parts] : population.by_part) {
    if (const auto range = codes.empty() ? std::nullopt : parse_age_code(codes.back())) {
      ages.emplace(codes.back(), *range);
    }
  }
  auto reported = ATALAYA_TRY(find_reported(state, territories, chosen, table.query,
                                            table.indicator->numerator, coverage.by_facts));
  Exposure exposure(territories, std::move(population), coverage, table.query, std::move(reported));
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
