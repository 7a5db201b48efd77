// A country's picture: its key figures, series, ages and sexes, and what lies below it.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_figures.hpp"

namespace atalaya::api {
namespace {

using observatory::Cell;

void write_keys(Html& h, const PageContext& context, const FigureCountryView& view) {
  h.open("dl", {{"class", "keys"}});
  for (const auto& slice : view.series) {
    const auto& indicator = *slice.table.indicator;
    const auto& cells = slice.table.cells;
    const auto last = std::ranges::find_if(cells.rbegin(), cells.rend(), [&](const Cell& cell) {
      return shown(indicator, cell).has_value();
    });
    if (last == cells.rend()) {
      continue;
    }
    h.open("div").element(
        "dt", titled(context, indicator.name.in(context.language), slice.held.synthetic));
    h.open("dd").open("a", {{"href", link(context, figure_path(indicator.id, view.country))}});
    h.element("b", shown_text(context, indicator, *last)).close("a");
    const std::string interval = interval_text(context, indicator, *last);
    h.text(code_name(context, view.base, "period", last->codes[0]));
    h.text(interval.empty() ? "" : " · " + interval);
    h.text(" · ").text(unit_text(context, view.base, indicator)).close("dd").close("div");
  }
  h.close("dl");
}

void write_series(Html& h, const PageContext& context, const FigureCountryView& view) {
  const Say say(context);
  std::size_t n = 0;
  for (const auto& slice : view.series) {
    open_band(h);
    h.append(figures::figure(
        figure_frame(
            context, fmt::format("series-{}", ++n),
            slice.table.indicator->name.in(context.language) + ": " + newest_text(context, slice),
            unit_text(context, view.base, *slice.table.indicator), slice),
        series_chart(context, view.base, slice)));
    write_notes(h, context, slice.table);
    close_band(h);
  }
}

// The newest period of a table by period and others; its codes without the period.
observatory::Table newest_of(const FigureSlice& slice, std::string& period) {
  for (std::size_t place = 0; place < slice.table.by.size(); ++place) {
    if (slice.table.by[place].name == "period") {
      for (const auto& cell : slice.table.cells) {
        period = std::max(period, cell.codes[place]);
      }
    }
  }
  return fixed(slice.table, "period", period);
}

void write_by_sex(Html& h, const PageContext& context, const FigureCountryView& view) {
  const Say say(context);
  std::string period;
  const auto table = newest_of(*view.by_sex, period);
  figures::DotsSpec spec;
  spec.language = context.language;
  spec.label_header = dimension_name(context, view.base, table.by[0]);
  spec.value_header = say("figures.value");
  spec.interval_header = say("figures.interval");
  for (const auto& cell : table.cells) {
    spec.rows.push_back(datum(context, *table.indicator, cell,
                              code_name(context, view.base, table.by[0].name, cell.codes[0])));
  }
  figures::Chart chart;
  chart.view = figures::dot_strip(spec);
  open_band(h);
  h.append(figures::figure(
      figure_frame(
          context, "by-sex",
          say("figures.by_sex", {{"indicator", table.indicator->name.in(context.language)},
                                 {"period", code_name(context, view.base, "period", period)}}),
          unit_text(context, view.base, *table.indicator), *view.by_sex),
      chart));
  write_notes(h, context, table);
  close_band(h);
}

void write_pyramid(Html& h, const PageContext& context, const FigureCountryView& view) {
  const Say say(context);
  std::string period;
  const auto table = newest_of(*view.by_age_and_sex, period);
  const std::size_t age = table.by[0].name == "age" ? 0 : 1;
  std::map<std::string, std::map<std::string, const Cell*>> by_age;
  for (const auto& cell : table.cells) {
    by_age[cell.codes[age]][cell.codes[1 - age]] = &cell;
  }
  std::vector<std::string> ages;
  for (const auto& [code, cells] : by_age) {
    if (!code.starts_with('_')) {
      ages.push_back(code);
    }
  }
  const auto begins = [](const std::string& code) {
    const auto bounds = observatory::parse_age_code(code);
    return bounds ? bounds->low : 0;
  };
  std::ranges::stable_sort(ages, std::ranges::greater(), begins);
  figures::PyramidSpec spec;
  spec.language = context.language;
  spec.label_header = dimension_name(context, view.base, table.by[age]);
  spec.left_header = code_name(context, view.base, "sex", "M");
  spec.right_header = code_name(context, view.base, "sex", "F");
  for (const auto& code : ages) {
    figures::PyramidBand band;
    band.label = code_name(context, view.base, "age", code);
    const auto fill = [&](const char* sex, std::optional<double>& value, std::string& text) {
      const auto at = by_age[code].find(sex);
      text = at == by_age[code].end() ? say("figure.no_data")
                                      : shown_text(context, *table.indicator, *at->second);
      value = at == by_age[code].end() ? std::nullopt : shown(*table.indicator, *at->second);
    };
    fill("M", band.left, band.left_text);
    fill("F", band.right, band.right_text);
    spec.bands.push_back(std::move(band));
  }
  figures::Chart chart;
  chart.view = figures::pyramid(spec);
  open_band(h);
  h.append(figures::figure(
      figure_frame(
          context, "pyramid",
          say("figures.pyramid", {{"indicator", table.indicator->name.in(context.language)},
                                  {"period", code_name(context, view.base, "period", period)}}),
          unit_text(context, view.base, *table.indicator), *view.by_age_and_sex),
      chart));
  write_notes(h, context, table);
  close_band(h);
}

void write_below(Html& h, const PageContext& context, const FigureCountryView& view) {
  const Say say(context);
  const auto& slice = *view.below;
  figures::DotsSpec spec;
  spec.language = context.language;
  spec.label_header = say("figures.subdivision");
  spec.value_header = say("figures.value");
  spec.interval_header = say("figures.interval");
  for (const auto& cell : slice.table.cells) {
    auto row = datum(context, *slice.table.indicator, cell,
                     code_name(context, view.base, "territory", cell.codes[0]));
    row.url = link(context, explorer_path(slice.held) + "&territory=" + cell.codes[0]);
    spec.rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(spec.rows, {}, &figures::Datum::label);
  figures::Chart chart;
  chart.view = figures::dot_strip(spec);
  open_band(h);
  h.append(figures::figure(
      figure_frame(
          context, "below",
          say("figures.below", {{"indicator", slice.table.indicator->name.in(context.language)},
                                {"period", code_name(context, view.base, "period", slice.period)}}),
          unit_text(context, view.base, *slice.table.indicator), slice),
      chart));
  h.element("p", {{"class", "sub"}}, say("figures.below.sub"));
  write_notes(h, context, slice.table);
  close_band(h);
}

}  // namespace

std::string render_figure_country(const PageContext& context, const FigureCountryView& view) {
  const Say say(context);
  const std::string name = code_name(context, view.base, "territory", view.country);
  const std::string title = say("figures.country", {{"country", name}});
  const bool synthetic = std::ranges::any_of(
      view.series, [](const FigureSlice& slice) { return slice.held.synthetic; });
  Html h;
  write_head(h, {"", titled(context, title, synthetic), say("figures.country.lead")});
  h.open("div", {{"class", "wrap stack country-keys"}});
  write_synthetic(h, context, synthetic);
  if (view.series.empty()) {
    h.element("p", {{"class", "note"}}, say("figures.country.none"));
  }
  write_keys(h, context, view);
  if (context.catalogue->find_country(view.country) != nullptr) {
    h.open("p").element("a", {{"href", link(context, "/countries/" + view.country)}},
                        say("figures.country.commitments", {{"country", name}}));
    h.close("p");
  }
  h.close("div");
  write_series(h, context, view);
  if (view.by_sex) {
    write_by_sex(h, context, view);
  }
  if (view.by_age_and_sex) {
    write_pyramid(h, context, view);
  }
  if (view.below) {
    write_below(h, context, view);
  }
  Shell frame;
  frame.title = title;
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}, {title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
