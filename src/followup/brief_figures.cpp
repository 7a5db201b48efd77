// The section of figures, and those of a theme's offices and articles.
#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/commitments/themes.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/registers.hpp>

#include "brief_charts.hpp"
#include "brief_parts.hpp"

ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup::detail {
namespace {

using figures::PaperChart;
using figures::PaperStyle;
using figures::PaperTable;

constexpr std::size_t kChartRows = 36;
constexpr std::size_t kSeriesYears = 3;  // fewer are in the table
constexpr std::size_t kAuthoritiesMax = 12;

const json::object& lists_of_briefs() {
  static const json::value lists = [] {
    for (const EmbeddedFile& file : atalaya::embedded::followup_catalogue_all()) {
      if (file.path == "brief.json") {
        auto value = parse_json(file.bytes, file.path);
        ATALAYA_CHECK(value.has_value() && value->is_object());
        return *std::move(value);
      }
    }
    ATALAYA_CHECK(false);
    return json::value();
  }();
  return lists.get_object();
}

// The middle of the states that have a figure, which is what "the region" can mean without
// weighing states against each other; how many they are stands beside it.
std::optional<double> median(std::vector<double> values) {
  if (values.empty()) {
    return std::nullopt;
  }
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

using Across = std::map<std::string, IndicatorFigure>;

// The states with a figure, by name: an order by value would be a ranking.
PaperChart chart_of(const PaperWriter& to, const IndicatorFigure& figure, const Across& across,
                    const std::string& country) {
  std::vector<std::pair<std::string, const IndicatorFigure*>> states;
  for (const auto& [id, other] : across) {
    const auto* known = to.parts().catalogue().find_country(id);
    if (known != nullptr && known->is_state && other.value) {
      states.emplace_back(known->name.in(to.language()), &other);
    }
  }
  std::ranges::sort(states, {}, [](const auto& one) { return fold(one.first); });
  const std::string own = to.parts().catalogue().find_country(country)->name.in(to.language());
  std::vector<DotRow> rows;
  PaperChart chart;
  chart.table.header = {to.say("registers.country"), to.say("brief.year"), to.say("brief.value")};
  chart.table.numeric = {false, true, true};
  for (const auto& [name, other] : states) {
    rows.push_back({.label = name,
                    .text = figures::decimal(to.language(), *other->value, decimals_of(*other)),
                    .value = *other->value,
                    .low = other->low,
                    .high = other->high,
                    .chosen = name == own});
    chart.table.rows.push_back({PaperWriter::plain(name), PaperWriter::plain(other->period),
                                PaperWriter::plain(figure_words(to.language(), *other))});
  }
  rows.resize(std::min(rows.size(), kChartRows));
  chart.table.caption = to.say("brief.chart.table");
  chart.title = figure.title;
  chart.subtitle = fmt::format("{} {}", to.say("brief.chart.unit", {{"unit", figure.unit}}),
                               to.say("brief.chart.sub"));
  chart.source = to.say("brief.chart.source", {{"release", figure.release}}) +
                 (figure.synthetic ? " (synthetic)" : "");
  chart.svg = dot_rows(rows, figure.title);
  return chart;
}

// The country's own figures over the years; nothing where there are fewer than three.
Result<std::optional<PaperChart>> series_of(const PaperWriter& to, const std::string& indicator,
                                            const std::string& country) {
  std::optional<PaperChart> out;
  const auto series = ATALAYA_TRY(to.parts().indicators->series(indicator, country, to.language()));
  if (series.size() < kSeriesYears) {
    return out;
  }
  PaperChart chart;
  std::vector<YearValue> values;
  chart.table.header = {to.say("brief.year"), to.say("brief.value")};
  chart.table.numeric = {true, true};
  for (const IndicatorFigure& figure : series) {
    YearValue point{0, *figure.value, figure.low, figure.high};
    std::from_chars(figure.period.data(), figure.period.data() + figure.period.size(), point.year);
    values.push_back(point);
    chart.table.rows.push_back({PaperWriter::plain(figure.period),
                                PaperWriter::plain(figure_words(to.language(), figure))});
  }
  const std::string own = to.parts().catalogue().find_country(country)->name.in(to.language());
  const IndicatorFigure& last = series.back();
  chart.title = fmt::format("{}, {}", last.title, own);
  chart.subtitle = fmt::format("{} {}", to.say("brief.chart.unit", {{"unit", last.unit}}),
                               to.say("brief.chart.series"));
  chart.source = to.say("brief.chart.source", {{"release", last.release}}) +
                 (last.synthetic ? " (synthetic)" : "");
  chart.table.caption = to.say("brief.chart.table");
  chart.svg = year_line(to.language(), values, chart.title);
  out = std::move(chart);
  return out;
}

}  // namespace

std::vector<std::string> wanted_figures(const Parts& parts, std::string_view theme) {
  std::vector<std::string> out;
  const auto add = [&](const json::value* ids) {
    if (ids == nullptr || !ids->is_array()) {
      return;
    }
    for (const json::value& id : ids->get_array()) {
      const std::string name(id.as_string());
      if (std::ranges::find(out, name) == out.end() && parts.indicators->knows(name)) {
        out.push_back(name);
      }
    }
  };
  const auto& catalogue = parts.catalogue();
  const bool of_everything = theme.empty() || commitments::is_subject(catalogue, theme);
  if (!of_everything) {
    for (const auto& one : commitments::with_narrower(catalogue, {std::string(theme)})) {
      add(lists_of_briefs().at("themes").as_object().if_contains(one));
    }
  }
  if (out.empty()) {
    add(lists_of_briefs().if_contains("headlines"));
  }
  return out;
}

bool is_of_theme(const commitments::Catalogue& catalogue, std::string_view instrument,
                 std::string_view theme) {
  std::vector<std::string> themes;
  for (const auto& [one, ids] : lists_of_briefs().at("instruments").as_object()) {
    if (std::ranges::any_of(ids.as_array(), [&](const json::value& id) {
          return std::string_view(id.as_string()) == instrument;
        })) {
      themes.emplace_back(one);
    }
  }
  return commitments::concerns(catalogue, theme, themes);
}

QuestionNeeds needs_of(std::string_view question, Language language) {
  QuestionNeeds out;
  const auto* needs = lists_of_briefs().at("questions").as_object().if_contains(question);
  if (needs == nullptr) {
    return out;
  }
  const json::object& row = needs->as_object();
  for (const json::value& id : row.at("themes").as_array()) {
    out.themes.emplace_back(id.as_string());
  }
  for (const json::value& id : row.at("indicators").as_array()) {
    out.indicators.emplace_back(id.as_string());
  }
  out.source = row.at("source").as_object().at(to_string(language)).as_string();
  return out;
}

Result<void> add_figures(PaperWriter& to, const std::string& country, const std::string& theme,
                         Gaps& gaps) {
  const Parts& parts = to.parts();
  const Language language = to.language();
  to.heading("brief.figures", "figures");
  if (parts.indicators == nullptr) {
    to.paragraph(to.say("brief.figures.none"), PaperStyle::mark);
    return {};
  }
  PaperTable table;
  table.header = {to.say("brief.figure"), to.say("brief.value"), to.say("brief.year"),
                  to.say("brief.region"), to.say("brief.release")};
  table.numeric = {false, true, true, true, false};
  std::vector<std::string>& missing = gaps.figures;
  std::vector<std::string> releases;
  std::optional<PaperChart> chart;
  std::optional<PaperChart> series;
  for (const std::string& id : wanted_figures(parts, theme)) {
    const auto figure = ATALAYA_TRY(parts.indicators->figure(id, country, "", language));
    if (figure.release.empty()) {
      missing.push_back(figure.title);
      continue;
    }
    const auto others = ATALAYA_TRY(parts.indicators->across(id, "", language));
    std::vector<double> values;
    for (const auto& [code, other] : others) {
      const auto* known = parts.catalogue().find_country(code);
      if (known != nullptr && known->is_state && other.value) {
        values.push_back(*other.value);
      }
    }
    const auto middle = median(values);
    // Between two counts there may be a half.
    const int decimals = middle && *middle != std::floor(*middle) ? 1 : decimals_of(figure);
    table.rows.push_back(
        {to.linked(fmt::format("{} ({}){}", figure.title, figure.unit,
                               figure.synthetic ? " (synthetic)" : ""),
                   "/figures/" + figure.indicator),
         PaperWriter::plain(figure_words(language, figure)), PaperWriter::plain(figure.period),
         PaperWriter::plain(middle ? fmt::format("{} (n = {})",
                                                 figures::decimal(language, *middle, decimals),
                                                 values.size())
                                   : std::string("–")),
         to.linked(figure.release, "/figures/releases/" + figure.release)});
    if (std::ranges::find(releases, figure.release) == releases.end()) {
      releases.push_back(figure.release);
    }
    if (!chart && values.size() >= 2) {
      chart = chart_of(to, figure, others, country);
    }
    if (!series) {
      series = ATALAYA_TRY(series_of(to, id, country));
    }
  }
  if (!table.rows.empty()) {
    to.add(std::move(table));
    to.paragraph(to.say("brief.figures.note"), PaperStyle::small);
    for (const std::string& release : releases) {
      to.paragraph(to.located(release, "/figures/releases/" + release), PaperStyle::small);
    }
  }
  if (chart) {
    to.add(*std::move(chart));
  }
  if (series) {
    to.add(*std::move(series));
  }
  if (!missing.empty()) {
    to.paragraph(to.say("brief.figures.missing", {{"list", figures::list(language, missing)}}),
                 PaperStyle::mark);
  }
  return {};
}

Result<void> add_authorities(PaperWriter& to, const std::string& country, const std::string& theme,
                             const std::vector<std::string>& instruments) {
  const auto* kind = ATALAYA_TRY(Registers::find_kind("authorities"));
  const auto rows = ATALAYA_TRY(Registers(to.parts()).list({.kind = kind->id, .country = country}));
  PaperTable table;
  table.header = {to.say("brief.authority"), to.say("brief.authority.role"),
                  to.say("brief.authority.of"), to.say("treaty.source")};
  std::size_t all = 0;
  for (const RegisterRecord& row : rows) {
    const std::string instrument(row.value("instrument"));
    const std::vector<std::string> own = {std::string(row.value("theme"))};
    const bool ours = commitments::concerns(to.parts().catalogue(), theme, own) ||
                      std::ranges::find(instruments, instrument) != instruments.end();
    if (!ours || ++all > kAuthoritiesMax) {
      continue;
    }
    const auto* role = kind->find("role")->find_choice(row.value("role"));
    auto source = to.sourced(row.value("source"), "");
    source.push_back({.text = fmt::format(" ({})", to.shown_date(row.value("read_on")))});
    if (row.value("said_by") == "state") {
      source.push_back({.text = fmt::format(" ({})", to.say("deadlines.said_by_state"))});
    }
    table.rows.push_back({to.linked(std::string(row.value("name")),
                                    fmt::format("/registers/authorities/{}", row.id)),
                          PaperWriter::plain(role == nullptr ? "–" : role->label.in(to.language())),
                          PaperWriter::plain(instrument.empty() ? to.theme_name(own.front())
                                                                : to.instrument_name(instrument)),
                          std::move(source)});
  }
  to.heading("brief.authorities", "authorities");
  if (table.rows.empty()) {
    to.paragraph(to.say("brief.authorities.none"), PaperStyle::mark);
    return {};
  }
  const std::size_t shown = table.rows.size();
  to.add(std::move(table));
  to.more(all - shown, "/registers/authorities?country=" + country);
  return {};
}

}  // namespace atalaya::followup::detail
