#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <ranges>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/observatory/rows.hpp>

#include "pages_figures.hpp"

namespace atalaya::api {

using observatory::Cell;
using observatory::CellStatus;
using observatory::DenominatorKind;
using observatory::Indicator;
using observatory::Table;
using observatory::TableDimension;

namespace {

bool is_rate(const Indicator& indicator) {
  return indicator.denominator.kind != DenominatorKind::none;
}

std::string decimal_text(const PageContext& context, const Indicator& indicator, double value) {
  return figures::measure(context.language, value, std::clamp(indicator.decimals, 0, 6));
}

figures::DatumMark mark_of(CellStatus status) {
  switch (status) {
    case CellStatus::unstable:
      return figures::DatumMark::unstable;
    case CellStatus::suppressed:
      return figures::DatumMark::suppressed;
    case CellStatus::no_denominator:
      return figures::DatumMark::missing;
    case CellStatus::provisional:
    case CellStatus::estimated:
    case CellStatus::masked:
    case CellStatus::incomplete:
    case CellStatus::part_of_period:
      return figures::DatumMark::provisional;
    case CellStatus::normal:
      break;
  }
  return figures::DatumMark::normal;
}

// Where a period lies on the axis of years.
// Where a period stands on the axis, in years.
double year_of(std::string_view code) {
  const auto period = observatory::parse_period(code);
  return period ? period->begin.year + (period->begin.month - 1) / 12.0 +
                      (period->begin.day - 1) / 372.0
                : 0;
}

// The distance of two neighbours on the axis, in years.
double step_of(std::string_view code) {
  using observatory::PeriodKind;
  const auto period = observatory::parse_period(code);
  switch (period ? period->kind : PeriodKind::year) {
    case PeriodKind::semester:
      return 1.0 / 2;
    case PeriodKind::quarter:
      return 1.0 / 4;
    case PeriodKind::month:
      return 1.0 / 12;
    case PeriodKind::week:
      return 1.0 / 52;
    case PeriodKind::day:
      return 1.0 / 365;
    case PeriodKind::year:
      break;
  }
  return 1;
}

// What a place on the axis is called where nothing stands; empty for weeks and days.
std::string code_at(double x, double step) {
  const auto parts = static_cast<int>(std::lround(1 / step));
  const auto at = static_cast<int>(std::lround(x * parts));
  switch (parts) {
    case 1:
      return std::to_string(at);
    case 2:
      return fmt::format("{}-S{}", at / 2, at % 2 + 1);
    case 4:
      return fmt::format("{}-Q{}", at / 4, at % 4 + 1);
    case 12:
      return fmt::format("{}-{:02}", at / 12, at % 12 + 1);
    default:
      return {};
  }
}

// Where the source hid a part of it, from the lowest that it can be to the highest.
std::string count_text(const PageContext& context, const Cell& cell) {
  const auto text = [&](double count) {
    const bool whole = count == static_cast<double>(static_cast<std::int64_t>(count));
    return whole ? figures::number(context.language, static_cast<std::int64_t>(count))
                 : figures::decimal(context.language, count, 1);
  };
  const std::string low = text(cell.count.value_or(0));
  return cell.count_high ? low + "–" + text(*cell.count_high) : low;
}

// What another source says of the cell, and that its interval was dropped for that.
std::string mark_of_sources(const PageContext& context, const Cell& cell) {
  const Say say(context);
  if (!cell.interval_dropped) {
    return {};
  }
  std::string out = say("figures.interval_dropped");
  if (cell.other_count) {
    out += ", " + say("figures.other_source",
                      {{"n", figures::decimal(context.language, *cell.other_count, 0)}});
  }
  return out;
}

std::string mark_text(const PageContext& context, const Cell& cell) {
  const Say say(context);
  std::string out = cell.status == CellStatus::normal
                        ? std::string()
                        : say.value("cell_status", to_string(cell.status));
  const std::string sources = mark_of_sources(context, cell);
  return sources.empty() || out.empty() ? out + sources : out + "; " + sources;
}

// One source's ratings over the years of a table: from the lowest to the highest.
std::string rating_entry(const PageContext& context, const Table& table,
                         const std::string& source) {
  const Say say(context);
  std::string first;
  std::string last;
  std::optional<observatory::RatingLetter> best;
  std::optional<observatory::RatingLetter> worst;
  for (const auto& quality : table.quality) {
    if (quality.source != source) {
      continue;
    }
    first = first.empty() ? quality.period : std::min(first, quality.period);
    last = std::max(last, quality.period);
    if (quality.letter != observatory::RatingLetter::not_rated) {
      best = best ? std::min(*best, quality.letter) : quality.letter;
      worst = worst ? std::max(*worst, quality.letter) : quality.letter;
    }
  }
  const std::string period = first == last ? first : first + "–" + last;
  if (!best || *best == *worst) {
    const std::string rating =
        best ? std::string(to_string(*best)) : say("figures.quality.not_rated");
    return say("figures.quality.entry",
               {{"rating", rating}, {"source", source}, {"period", period}});
  }
  return say("figures.quality.mixed", {{"low", to_string(*worst)},
                                       {"high", to_string(*best)},
                                       {"source", source},
                                       {"period", period}});
}

}  // namespace

std::optional<double> shown(const Indicator& indicator, const Cell& cell) {
  if (cell.status == CellStatus::suppressed) {
    return std::nullopt;
  }
  // Where few people live, one year's rate is mostly chance: several years stand for it.
  if (is_rate(indicator) && cell.small_population) {
    return cell.several_years ? std::optional(cell.several_years->rate) : std::nullopt;
  }
  return is_rate(indicator) ? cell.rate : cell.count;
}

std::string shown_text(const PageContext& context, const Indicator& indicator, const Cell& cell) {
  const Say say(context);
  if (cell.status == CellStatus::suppressed) {
    return say("cell_status.suppressed");
  }
  const auto value = shown(indicator, cell);
  if (is_rate(indicator) && cell.small_population && cell.count) {
    std::string text = say("figures.n_of", {{"n", count_text(context, cell)}});
    if (value) {
      text += " · " +
              say("figures.several_years", {{"years", std::to_string(cell.several_years->years)},
                                            {"rate", decimal_text(context, indicator, *value)}});
    }
    return text;
  }
  if (!value) {  // the mark beside it says why there is no rate
    return cell.count ? say("figures.n_of", {{"n", count_text(context, cell)}})
                      : say("figure.no_data");
  }
  return is_rate(indicator) ? decimal_text(context, indicator, *value) : count_text(context, cell);
}

std::string tile_text(const PageContext& context, const Indicator& indicator, const Cell& cell) {
  const auto value = shown(indicator, cell);
  return is_rate(indicator) && cell.small_population && value
             ? decimal_text(context, indicator, *value) + "*"
             : std::string();
}

std::string interval_text(const PageContext& context, const Indicator& indicator,
                          const Cell& cell) {
  if (cell.small_population && cell.status != CellStatus::suppressed) {
    return cell.several_years ? decimal_text(context, indicator, cell.several_years->low) + "–" +
                                    decimal_text(context, indicator, cell.several_years->high)
                              : std::string();
  }
  if (!cell.rate_low || !cell.rate_high || cell.status == CellStatus::suppressed) {
    return {};
  }
  return decimal_text(context, indicator, *cell.rate_low) + "–" +
         decimal_text(context, indicator, *cell.rate_high);
}

std::string unit_text(const PageContext& context, const FigureBase& base,
                      const Indicator& indicator) {
  const Say say(context);
  const std::string scale = figures::number(context.language, indicator.scale);
  const std::string unit =
      base.territories->lists().label("unit", indicator.unit, context.language);
  if (indicator.denominator.kind == DenominatorKind::population) {
    return say("figures.unit.rate", {{"unit", unit}, {"scale", scale}});
  }
  if (indicator.denominator.kind == DenominatorKind::facts) {
    return indicator.scale == 100 ? say("figures.unit.share")
                                  : say("figures.unit.ratio", {{"unit", unit}, {"scale", scale}});
  }
  return unit;
}

figures::Datum datum(const PageContext& context, const Indicator& indicator, const Cell& cell,
                     std::string label) {
  const Say say(context);
  figures::Datum out;
  out.label = std::move(label);
  out.value = shown(indicator, cell);
  if (is_rate(indicator) && out.value && cell.small_population) {
    out.low = cell.several_years->low;
    out.high = cell.several_years->high;
  } else if (is_rate(indicator) && out.value) {
    out.low = cell.rate_low;
    out.high = cell.rate_high;
  }
  out.value_text = shown_text(context, indicator, cell);
  out.interval_text = interval_text(context, indicator, cell);
  out.mark = mark_of(cell.status);
  if (cell.status == CellStatus::unstable) {
    out.note = say("figures.unstable.of", {{"n", count_text(context, cell)}});
  } else if (cell.status != CellStatus::normal && cell.status != CellStatus::suppressed) {
    out.note = say.value("cell_status", to_string(cell.status));
  }
  if (const std::string more = mark_of_sources(context, cell); !more.empty()) {
    out.note += (out.note.empty() ? "" : "; ") + more;
  }
  return out;
}

std::string code_name(const PageContext& context, const FigureBase& base,
                      std::string_view dimension, std::string_view code) {
  if (code == observatory::kTotal) {
    return Say(context)("figure.all");
  }
  if (dimension == "territory") {
    return base.territories->name(code, context.language);
  }
  if (dimension == "source") {
    return std::string(code);
  }
  if (dimension == "period" && !observatory::is_composed(code)) {
    return figures::edtf(context.language, code);
  }
  return base.territories->lists().label(dimension, code, context.language);
}

std::string dimension_name(const PageContext& context, const FigureBase& base,
                           const TableDimension& dimension) {
  const auto* list = base.territories->lists().find(dimension.name);
  if (list == nullptr) {
    return dimension.name == "source" ? Say(context)("figures.source") : dimension.name;
  }
  return list->name().in(context.language);
}

std::string by_name(const PageContext& context, const FigureBase& base,
                    const observatory::TableQuery& query) {
  // Two tables by territory and period are told apart by what their rows are.
  static constexpr std::array kLevels{"country", "admin1", "admin2", "year", "semester",
                                      "quarter", "month",  "week",   "day"};
  std::vector<std::string> names;
  for (const auto& dimension : query.by) {
    names.push_back(dimension_name(context, base, dimension));
    if (std::ranges::find(kLevels, dimension.level) != kLevels.end()) {
      names.back() += " (" + Say(context).value("figures.level", dimension.level) + ")";
    }
  }
  std::string out = figures::list(context.language, names);
  std::vector<std::string> places;
  for (const auto& [name, codes] : query.where) {
    for (const auto& code : codes) {
      places.push_back(code_name(context, base, name, code));
    }
  }
  if (!places.empty()) {
    out += " · " + figures::list(context.language, places);
  }
  const std::string rate = rate_name(context, query.rate);
  return rate.empty() ? out : out + " · " + rate;
}

std::string day_of(const PageContext& context, std::string_view instant) {
  return figures::edtf(context.language, instant.substr(0, 10));
}

std::string source_text(const PageContext& context, const FigureSlice& slice) {
  const Say say(context);
  std::string out =
      say("figures.caption", {{"sources", figures::list(context.language, slice.held.sources)},
                              {"release", slice.held.release_name},
                              {"date", day_of(context, slice.held.published_at)}});
  if (!slice.table.population_title.empty()) {
    out +=
        " " + say("figures.caption.population",
                  {{"title", observatory::words_in(slice.table.population_titles, context.language,
                                                   slice.table.population_title)}});
  }
  if (const std::string ratings = ratings_text(context, slice.table); !ratings.empty()) {
    out += " " + say("figures.quality.caption", {{"ratings", ratings}});
  }
  for (const auto& shares : slice.table.query.shares) {
    out += " " + say("figures.shares.source", {{"source", shares.source}}) + ".";
  }
  return out;
}

std::string ratings_text(const PageContext& context, const Table& table) {
  std::set<std::string> sources;
  for (const auto& quality : table.quality) {
    sources.insert(quality.source);
  }
  std::vector<std::string> entries;
  for (const auto& source : sources) {
    entries.push_back(rating_entry(context, table, source));
  }
  return figures::list(context.language, entries);
}

std::string rate_name(const PageContext& context, const observatory::RateChoice& rate) {
  const Say say(context);
  switch (rate.kind) {
    case observatory::RateKind::crude:
      break;
    case observatory::RateKind::standardised: {
      const auto* standard = observatory::find_standard_population(rate.standard);
      return say(
          "figures.rate.standardised",
          {{"standard", standard == nullptr ? std::string_view(rate.standard) : standard->name}});
    }
    case observatory::RateKind::indirect:
      return say("figures.rate.indirect");
    case observatory::RateKind::smoothed:
      return say("figures.rate.smoothed");
  }
  return {};
}

std::string titled(const PageContext& context, std::string title, bool synthetic) {
  return synthetic ? title + " (" + Say(context)("figures.synthetic") + ")" : title;
}

void write_synthetic(Html& h, const PageContext& context, bool synthetic) {
  if (synthetic) {
    const Say say(context);
    h.open("p", {{"class", "note warn"}});
    h.element("span", {{"class", "tag warn"}}, say("figures.synthetic"));
    h.text(" ").text(say("figures.synthetic.note")).close("p");
  }
}

namespace {

// Years that only a source has which is not used here.
void write_elsewhere(Html& h, const PageContext& context, const Table& table) {
  if (table.elsewhere.empty()) {
    return;
  }
  const Say say(context);
  h.open("details", {{"class", "note"}});
  h.element("summary",
            say.count("figures.elsewhere", static_cast<std::int64_t>(table.elsewhere.size())));
  h.element("p", say("figures.elsewhere.why")).open("ul");
  for (const auto& one : table.elsewhere) {
    h.element("li",
              say("figures.elsewhere.years", {{"country", country_name(context, one.territory)},
                                              {"years", years_text(one.years)},
                                              {"source", one.source}}));
  }
  h.close("ul").close("details");
}

}  // namespace

namespace {

// The places of a note ("CHL, CO-BOY, …") by name, those alone that the table shows, lie in one
// that it shows, or hold one; empty where it concerns none of them.
std::string places_text(const PageContext& context, const FigureBase& base, const Table& table,
                        std::string_view territory, std::string_view list) {
  std::set<std::string> shown;
  const auto by = std::ranges::find(table.by, "territory", &TableDimension::name);
  if (!territory.empty()) {
    shown.emplace(territory);
  } else if (by != table.by.end()) {
    for (const auto& cell : table.cells) {
      shown.insert(cell.codes[static_cast<std::size_t>(by - table.by.begin())]);
    }
  }
  const auto concerns = [&](const std::string& code) {
    return shown.empty() || std::ranges::any_of(shown, [&](const std::string& place) {
             return base.territories->is_within(code, place) ||
                    base.territories->is_within(place, code);
           });
  };
  std::vector<std::string> out;
  for (const auto part : std::views::split(list, std::string_view(", "))) {
    const std::string code(std::string_view(part.begin(), part.end()));
    if (code == "…") {
      out.push_back(code);
    } else if (concerns(code)) {
      out.push_back(code_name(context, base, "territory", code));
    }
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

}  // namespace

void write_notes(Html& h, const PageContext& context, const FigureBase& base, const Table& table,
                 std::string_view territory) {
  const Say say(context);
  write_synthetic(h, context, table.synthetic);
  for (const auto& note : table.notes) {
    // "key|name=what is named in it"
    const std::size_t bar = note.find('|');
    const std::size_t equals = bar == std::string::npos ? bar : note.find('=', bar);
    if (equals == std::string::npos) {
      h.element("p", {{"class", "note"}}, say(note));
      continue;
    }
    const std::string name = note.substr(bar + 1, equals - bar - 1);
    std::string what = note.substr(equals + 1);
    if (name == "territories") {
      what = places_text(context, base, table, territory, what);
    } else if (name == "periods") {
      what = sent_text(context, what);
    }
    if (!what.empty()) {
      h.element("p", {{"class", "note"}}, say(note.substr(0, bar), {{name, what}}));
    }
  }
  if (std::ranges::any_of(table.cells, &Cell::small_population)) {
    h.element("p", {{"class", "note"}}, say("figures.small_population"));
  }
  write_elsewhere(h, context, table);
}

figures::FigureFrame figure_frame(const PageContext& context, std::string id, std::string finding,
                                  std::string subtitle, const FigureSlice& slice) {
  const Say say(context);
  figures::FigureFrame frame;
  frame.language = context.language;
  frame.id = std::move(id);
  frame.finding = titled(context, std::move(finding), slice.held.synthetic);
  frame.subtitle = std::move(subtitle);
  frame.source = source_text(context, slice);
  frame.links = {
      {say("figures.link.release"), link(context, "/figures/releases/" + slice.held.release)},
      {say("figures.link.explorer"), link(context, explorer_path(slice.held))},
      {"CSV", link(context, csv_path(slice.held))},
      {"xlsx", link(context, file_path(slice.held, "xlsx"))}};
  return frame;
}

namespace {

// Beside a column of counts the count need not be said again.
std::string value_text(const PageContext& context, const Indicator& indicator, const Cell& cell) {
  if (!cell.small_population || !cell.count) {
    return shown_text(context, indicator, cell);
  }
  return cell.several_years
             ? Say(context)("figures.several_years",
                            {{"years", std::to_string(cell.several_years->years)},
                             {"rate", decimal_text(context, indicator, cell.several_years->rate)}})
             : std::string();
}

// The rate beside the crude one, or why there is none.
void write_further(Html& h, const PageContext& context, const Indicator& indicator,
                   const Cell& cell) {
  const Say say(context);
  std::string rate;
  std::string interval;
  if (cell.adjusted && cell.adjusted->rate) {
    rate = decimal_text(context, indicator, *cell.adjusted->rate);
    if (cell.adjusted->low && cell.adjusted->high) {
      interval = decimal_text(context, indicator, *cell.adjusted->low) + "–" +
                 decimal_text(context, indicator, *cell.adjusted->high);
    }
  } else if (cell.status != CellStatus::suppressed) {
    const bool withheld =
        cell.adjusted && cell.adjusted->status == observatory::RateStatus::withheld;
    rate = say(withheld ? "figures.rate.withheld" : "cell_status.no_denominator");
  }
  h.element("td", {{"class", "num"}}, rate);
  h.element("td", {{"class", "num nowrap"}}, interval);
}

// The first `n` rows as people look them up: places by name, all else by code.
std::vector<std::size_t> rows_by_name(const PageContext& context, const FigureBase& base,
                                      const Table& table, std::size_t n) {
  std::map<std::string, std::string, std::less<>> names;
  for (std::size_t d = 0; d < table.by.size(); ++d) {
    for (const auto& cell : table.cells) {
      const std::string& code = cell.codes[d];
      if (table.by[d].name == "territory" && !names.contains(code)) {
        names[code] = fold(code_name(context, base, "territory", code));
      }
    }
  }
  const auto key = [&](std::size_t row, std::size_t d) -> const std::string& {
    const std::string& code = table.cells[row].codes[d];
    return table.by[d].name == "territory" ? names.find(code)->second : code;
  };
  std::vector<std::size_t> rows(table.cells.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  std::ranges::partial_sort(rows, rows.begin() + static_cast<std::ptrdiff_t>(n),
                            [&](std::size_t a, std::size_t b) {
                              for (std::size_t d = 0; d < table.by.size(); ++d) {
                                if (const int order = key(a, d).compare(key(b, d)); order != 0) {
                                  return order < 0;
                                }
                              }
                              return a < b;
                            });
  rows.resize(n);
  return rows;
}

}  // namespace

// The value stands before what it is made of: a phone shows the first columns.
void write_cells(Html& h, const PageContext& context, const FigureBase& base, const Table& table,
                 std::size_t limit, std::string_view csv) {
  const Say say(context);
  const bool rate = is_rate(*table.indicator);
  const auto n = std::min(limit, table.cells.size());
  h.open("div", {{"class", "scroll"},
                 {"tabindex", "0"},
                 {"role", "region"},
                 {"aria-label", say("figure.table")}});
  h.open("table").open("thead").open("tr");
  for (const auto& dimension : table.by) {
    h.element("th", {{"scope", "col"}}, dimension_name(context, base, dimension));
  }
  const auto head = [&](std::string_view words) {
    h.element("th", {{"scope", "col"}, {"class", "num"}}, words);
  };
  if (rate) {
    head(say("figures.value"));
    head(say("figures.interval"));
  }
  const std::string further = rate_name(context, table.query.rate);
  if (!further.empty()) {
    head(further);
    head(say("figures.interval"));
  }
  head(say("figures.count"));
  if (rate) {
    head(say("figures.denominator"));
  }
  if (!table.quality.empty()) {
    h.element("th", {{"scope", "col"}}, say("figures.quality"));
  }
  h.element("th", {{"scope", "col"}}, say("figures.mark"));
  h.close("tr").close("thead").open("tbody");
  for (const std::size_t row : rows_by_name(context, base, table, n)) {
    const auto& cell = table.cells[row];
    h.open("tr");
    for (std::size_t d = 0; d < table.by.size(); ++d) {
      h.element("td", code_name(context, base, table.by[d].name, cell.codes[d]));
    }
    if (rate) {
      h.element("td", {{"class", "num"}}, value_text(context, *table.indicator, cell));
      h.element("td", {{"class", "num nowrap"}}, interval_text(context, *table.indicator, cell));
    }
    if (!further.empty()) {
      write_further(h, context, *table.indicator, cell);
    }
    h.element("td", {{"class", "num"}},
              cell.count ? count_text(context, cell) : say("cell_status.suppressed"));
    if (rate) {
      h.element("td", {{"class", "num"}},
                cell.population ? figures::number(context.language,
                                                  static_cast<std::int64_t>(*cell.population + 0.5))
                                : std::string());
    }
    if (!table.quality.empty()) {
      h.element("td", cell.rating == observatory::RatingLetter::not_rated
                          ? say("figures.quality.not_rated")
                          : std::string(to_string(cell.rating)));
    }
    h.element("td", mark_text(context, cell));
    h.close("tr");
  }
  h.close("tbody").close("table").close("div");
  if (n < table.cells.size()) {
    const auto left = static_cast<std::int64_t>(table.cells.size() - n);
    h.open("p", {{"class", "small"}}).text(say.count("figures.not_shown", left)).text(" ");
    h.element("a", {{"href", link(context, csv)}}, say("figures.all_csv")).close("p");
  }
}

figures::SeriesSpec series_spec(const PageContext& context, const FigureBase& base,
                                const FigureSlice& slice) {
  const Say say(context);
  const auto& indicator = *slice.table.indicator;
  figures::SeriesSpec spec;
  spec.language = context.language;
  spec.name = titled(context,
                     indicator.name.in(context.language) + ", " +
                         code_name(context, base, "territory", slice.territory),
                     slice.held.synthetic);
  spec.label_header = say("figures.period");
  spec.value_header = say("figures.value");
  spec.interval_header = say("figures.interval");
  spec.note_header = say("figures.mark");
  spec.interval_label = say("figures.interval.key");
  spec.break_label = say("figures.break");
  spec.unstable_label = say("figures.unstable.key");
  spec.suppressed_label = say("cell_status.suppressed");
  spec.missing_label = say("figure.no_data");
  spec.decimals = indicator.decimals;
  if (!slice.table.cells.empty()) {
    spec.step = step_of(slice.table.cells.front().codes[0]);
  }
  double before = 0;
  for (const auto& cell : slice.table.cells) {
    auto point = datum(context, indicator, cell, period_name(context, base, {cell}, cell.codes[0]));
    point.x = year_of(cell.codes[0]);
    // Periods between that have no figure are a gap with a word, never a line across.
    for (double x = before + spec.step; before > 0 && x < point.x - spec.step / 2; x += spec.step) {
      const std::string code = code_at(x, spec.step);
      if (code.empty()) {
        break;
      }
      figures::Datum gap;
      gap.x = x;
      gap.label = code_name(context, base, "period", code);
      gap.value_text = say("figure.no_data");
      gap.mark = figures::DatumMark::missing;
      spec.points.push_back(std::move(gap));
    }
    before = point.x;
    spec.points.push_back(std::move(point));
  }
  for (const auto& value : slice.table.breaks) {
    const auto* object = value.if_object();
    const auto* period = object == nullptr ? nullptr : object->if_contains("period");
    const auto* note = object == nullptr ? nullptr : object->if_contains("note");
    if (period != nullptr && period->is_string() && note != nullptr && note->is_string()) {
      const std::string code(period->get_string());
      const auto* notes = object->if_contains("notes");
      std::string words(note->get_string());
      if (notes != nullptr && notes->is_object()) {
        words = observatory::words_in(notes->get_object(), context.language, words);
      }
      // One that lies before or behind the series parts nothing in it.
      const double at = year_of(code);
      if (!spec.points.empty() && at > spec.points.front().x && at <= spec.points.back().x) {
        spec.breaks.push_back({at, code_name(context, base, "period", code), std::move(words)});
      }
    }
  }
  // Every submission of a source says its breaks; they are numbered from left to right, once.
  std::ranges::sort(spec.breaks, {}, [](const auto& b) { return std::tie(b.x, b.note); });
  const auto again =
      std::ranges::unique(spec.breaks, {}, [](const auto& b) { return std::tie(b.x, b.note); });
  spec.breaks.erase(again.begin(), again.end());
  return spec;
}

std::string newest_text(const PageContext& context, const FigureSlice& slice) {
  const Say say(context);
  const auto& indicator = *slice.table.indicator;
  for (auto cell = slice.table.cells.rbegin(); cell != slice.table.cells.rend(); ++cell) {
    if (shown(indicator, *cell)) {
      const std::string bound = bound_text(context, *cell);
      const std::string value =
          shown_text(context, indicator, *cell) + (bound.empty() ? "" : ", " + bound);
      const std::string interval = interval_text(context, indicator, *cell);
      const std::string period = cell->sent.empty()
                                     ? figures::edtf(context.language, cell->codes[0])
                                     : sent_text(context, cell->sent);
      return interval.empty() ? say("figures.newest", {{"period", period}, {"value", value}})
                              : say("figures.newest.interval",
                                    {{"period", period}, {"value", value}, {"interval", interval}});
    }
  }
  return say("figures.newest.none");
}

std::string explorer_path(const HeldTable& held) {
  return fmt::format("/figures/explorer?indicator={}&release={}&table={}", held.query.indicator,
                     held.release, held.position);
}

std::string csv_path(const HeldTable& held) {
  return file_path(held, "csv");
}

std::string file_path(const HeldTable& held, std::string_view suffix) {
  return fmt::format("/figures/{}.{}?release={}&table={}", held.query.indicator, suffix,
                     held.release, held.position);
}

std::string figure_path(std::string_view indicator, std::string_view territory) {
  return territory.empty() ? fmt::format("/figures/{}", indicator)
                           : fmt::format("/figures/{}?territory={}", indicator, territory);
}

void write_same_cases(Html& h, const PageContext& context, const json::object& audit,
                      std::string_view kind, std::string_view css_class) {
  const Say say(context);
  const auto* list = audit.if_contains(kind);
  if (list == nullptr || !list->is_array()) {
    return;
  }
  for (const auto& entry : list->get_array()) {
    const auto& pair = entry.is_array() ? entry.get_array() : entry.at("sources").as_array();
    const auto value = [&](std::string_view name) {
      const auto* found = entry.is_object() ? entry.get_object().if_contains(name) : nullptr;
      return found == nullptr ? std::string()
             : found->is_string()
                 ? std::string(found->get_string())
                 : figures::number(context.language, found->to_number<std::int64_t>());
    };
    h.element(
        "p", {{"class", css_class}},
        say("figures.audit." + std::string(kind), {{"source", std::string(pair.at(0).as_string())},
                                                   {"other", std::string(pair.at(1).as_string())},
                                                   {"equal", value("equal")},
                                                   {"compared", value("compared")},
                                                   {"reason", value("reason")}}));
  }
}

}  // namespace atalaya::api
