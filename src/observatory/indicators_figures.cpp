#include <atalaya/observatory/indicators_figures.hpp>

#include <fmt/format.h>

#include "codelists_row.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::string_view kReason = "observatory.figures.bad";

std::unexpected<Error> bad(std::string_view what) {
  return fail(ErrorCode::invalid_argument, kReason, what);
}

FigureSource read_source(NamedRow& row) {
  FigureSource about;
  about.id = row.text("id");
  about.name = row.names("name");
  about.vintage = row.text("vintage");
  about.licence = row.text("licence");
  about.source = row.text("source");
  return about;
}

/// Whole numbers or nulls; complains and yields what it has where the list is of another length.
std::vector<std::optional<std::int64_t>> read_counts(NamedRow& row, const json::value* value,
                                                     std::size_t expected) {
  std::vector<std::optional<std::int64_t>> counts;
  const auto* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr || array->size() != expected) {
    row.complain("a list of figures is missing or not as long as its heads");
    return counts;
  }
  for (const auto& element : *array) {
    if (element.is_null()) {
      counts.emplace_back();
    } else if (element.is_int64() && element.get_int64() >= 0) {
      counts.emplace_back(element.get_int64());
    } else {
      row.complain("a figure is neither null nor a whole number of zero or more");
      return counts;
    }
  }
  return counts;
}

std::vector<std::int32_t> read_years(NamedRow& row) {
  std::vector<std::int32_t> years;
  const auto* value = row.value("years");
  const auto* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) {
    row.complain("\"years\" is not a list");
    return years;
  }
  for (const auto& year : *array) {
    years.push_back(year.is_int64() ? static_cast<std::int32_t>(year.get_int64()) : 0);
  }
  return years;
}

const json::array& territories_of(NamedRow& row) {
  static const json::array none;
  const auto* value = row.value("territories");
  if (value == nullptr || !value->is_array()) {
    row.complain("\"territories\" is not a list");
    return none;
  }
  return value->get_array();
}

std::vector<AgeRange> read_ages(NamedRow& row) {
  std::vector<AgeRange> ages;
  for (const auto& code : row.list("ages")) {
    const auto range = parse_age_code(code);
    if (!range) {
      row.complain(fmt::format("\"ages\" holds {}", code));
      return ages;
    }
    ages.push_back(*range);
  }
  return ages;
}

/// One territory: `T` is a list by year, `M` and `F` are lists by age in a list by year.
void read_population(NamedRow& row, const json::value& value,
                     const std::vector<std::int32_t>& years, const std::vector<AgeRange>& ages,
                     std::vector<PopulationFact>& facts) {
  NamedRow inner("observatory/populations.json", 0, value);
  const std::string id = inner.text("id");
  if (ages.empty()) {
    const auto totals = read_counts(inner, inner.value("T"), years.size());
    for (std::size_t i = 0; i < totals.size(); ++i) {
      if (totals[i]) {
        facts.push_back({id, "_T", {0, kAgeOpen}, years[i], static_cast<double>(*totals[i])});
      }
    }
  } else {
    for (const std::string_view sex : {"M", "F"}) {
      const auto* by_year = inner.value(sex);
      if (by_year == nullptr || !by_year->is_array() ||
          by_year->get_array().size() != years.size()) {
        inner.complain(fmt::format("\"{}\" is not a list by year", sex));
        break;
      }
      for (std::size_t i = 0; i < years.size(); ++i) {
        const auto persons = read_counts(inner, &by_year->get_array()[i], ages.size());
        for (std::size_t k = 0; k < persons.size(); ++k) {
          facts.push_back({id, std::string(sex), ages[k], years[i],
                           static_cast<double>(persons[k].value_or(0))});
        }
      }
    }
  }
  inner.finish();
  if (!inner.ok()) {
    row.complain(inner.problem());
  }
}

std::optional<double> rate_at(const json::value* rates, std::size_t at) {
  const auto* array = rates == nullptr ? nullptr : rates->if_array();
  if (array == nullptr || at >= array->size() || !(*array)[at].is_number()) {
    return std::nullopt;
  }
  return (*array)[at].to_number<double>();
}

void read_homicides(NamedRow& row, const json::value& value, const std::vector<std::int32_t>& years,
                    std::vector<HomicideFigure>& figures) {
  NamedRow inner("observatory/homicides.json", 0, value);
  const std::string id = inner.text("id");
  const auto victims = read_counts(inner, inner.value("victims"), years.size());
  const auto men = read_counts(inner, inner.value("victims_M"), years.size());
  const auto women = read_counts(inner, inner.value("victims_F"), years.size());
  const auto firearm = read_counts(inner, inner.value("victims_firearm"), years.size());
  const auto* rates = inner.value("rate");
  inner.finish();
  if (!inner.ok()) {
    row.complain(inner.problem());
    return;
  }
  for (std::size_t i = 0; i < years.size(); ++i) {
    if (victims[i]) {
      figures.push_back(
          {id, years[i], *victims[i], men[i], women[i], firearm[i], rate_at(rates, i)});
    }
  }
}

}  // namespace

Result<std::vector<ShippedPopulations>> shipped_populations() {
  constexpr std::string_view kFile = "observatory/populations.json";
  const auto rows = ATALAYA_TRY(read_rows(embedded_catalogue(), kFile, kReason));
  std::vector<ShippedPopulations> result;
  std::size_t number = 0;
  for (const auto& value : rows) {
    NamedRow row(kFile, ++number, value);
    ShippedPopulations shipped;
    shipped.about = read_source(row);
    if (row.text("date") != "mid_year") {
      row.complain("\"date\" is not mid_year");
    }
    const auto years = read_years(row);
    const auto ages = read_ages(row);
    const auto* kinds = row.value("kinds");
    for (std::size_t i = 0;
         kinds != nullptr && kinds->is_array() && i < years.size() && i < kinds->get_array().size();
         ++i) {
      if (kinds->get_array()[i] == "projection") {
        shipped.projected_years.push_back(years[i]);
      }
    }
    for (const auto& territory : territories_of(row)) {
      read_population(row, territory, years, ages, shipped.facts);
    }
    row.finish();
    if (!row.ok()) {
      return bad(row.problem());
    }
    result.push_back(std::move(shipped));
  }
  return result;
}

Result<ShippedHomicides> shipped_homicides() {
  constexpr std::string_view kFile = "observatory/homicides.json";
  const auto rows = ATALAYA_TRY(read_rows(embedded_catalogue(), kFile, kReason));
  if (rows.size() != 1) {
    return bad("catalogue/observatory/homicides.json: not exactly one row");
  }
  NamedRow row(kFile, 1, rows.front());
  ShippedHomicides result;
  result.about = read_source(row);
  if (row.text("unit") != "victims" || row.text("iccs") != "0101") {
    row.complain("its figures are not victims of ICCS 0101");
  }
  const auto years = read_years(row);
  for (const auto& territory : territories_of(row)) {
    read_homicides(row, territory, years, result.figures);
  }
  row.finish();
  if (!row.ok()) {
    return bad(row.problem());
  }
  return result;
}

std::vector<std::pair<std::string, std::int64_t>> by_sex(const HomicideFigure& figure) {
  std::vector<std::pair<std::string, std::int64_t>> facts;
  std::int64_t rest = figure.victims;
  if (figure.men && figure.women && *figure.men + *figure.women <= figure.victims) {
    facts.emplace_back("M", *figure.men);
    facts.emplace_back("F", *figure.women);
    rest -= *figure.men + *figure.women;
  }
  if (rest > 0 || facts.empty()) {
    facts.emplace_back(kUnknown, rest);
  }
  return facts;
}

}  // namespace atalaya::observatory
