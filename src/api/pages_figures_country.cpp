// A country's picture: its key figures, series, ages and sexes, and what lies below it.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/locale.hpp>

#include "figure_charts.hpp"
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
    h.text(period_name(context, view.base, {*last}, last->codes[0]));
    const std::string bound = bound_text(context, *last);
    h.text(bound.empty() ? "" : " · " + bound);
    h.text(interval.empty() ? "" : " · " + interval);
    h.text(" · ").text(unit_text(context, view.base, indicator));
    if (!slice.table.quality.empty()) {
      const Say say(context);
      const bool rated = last->rating != observatory::RatingLetter::not_rated;
      h.text(" · ").text(
          say("figures.quality.of", {{"rating", rated ? std::string(to_string(last->rating))
                                                      : say("figures.quality.not_rated")}}));
    }
    h.close("dd").close("div");
  }
  h.close("dl");
}

void write_series(Html& h, const PageContext& context, const FigureCountryView& view) {
  std::size_t n = 0;
  for (const auto& slice : view.series) {
    const auto& indicator = *slice.table.indicator;
    auto chart = chart_of_series(context, view.base, slice);
    chart.frame.id = fmt::format("series-{}", ++n);
    chart.frame.finding =
        titled(context,
               fmt::format("{}{}{}", indicator.name.in(context.language), colon(context),
                           newest_text(context, slice)),
               slice.held.synthetic);
    open_band(h);
    h.append(drawn(context, std::move(chart), {indicator.id, "series", view.country, ""}));
    write_beside(h, context, slice);
    write_notes(h, context, view.base, slice.table, slice.territory);
    close_band(h);
  }
}

// A page draws some series and names the others.
void write_further(Html& h, const PageContext& context, const FigureCountryView& view) {
  if (view.further.empty()) {
    return;
  }
  open_band(h);
  h.element("h2", Say(context).count("figures.country.further",
                                     static_cast<std::int64_t>(view.further.size())));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& id : view.further) {
    h.open("li").element("a", {{"href", link(context, figure_path(id, view.country))}},
                         view.base.indicators->find(id)->name.in(context.language));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
}

void write_chart(Html& h, const PageContext& context, const FigureCountryView& view,
                 const FigureSlice& slice, FigureChart chart, std::string_view name) {
  open_band(h);
  h.append(drawn(context, std::move(chart),
                 {slice.table.indicator->id, std::string(name), view.country, ""}));
  if (name == "below") {
    h.element("p", {{"class", "sub"}}, Say(context)("figures.below.sub"));
  }
  write_notes(h, context, view.base, slice.table, slice.territory);
  close_band(h);
}

// What whoever runs the node types to bring shapes.
void write_command(Html& h, std::string_view country, int level) {
  h.open("p").element("code", {},
                      fmt::format("atalaya observatory boundaries --node NODE --country {} --level "
                                  "{} --source … FILE",
                                  country, level));
  h.close("p");
}

struct Choice {
  std::string value, label;
};

void write_choice(Html& h, std::string_view name, const std::string& label,
                  const std::vector<Choice>& choices, std::string_view chosen) {
  const std::string id = fmt::format("within-{}", name);
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", id}}, label);
  h.open("select", {{"id", id}, {"name", name}});
  for (const auto& choice : choices) {
    h.element("option", {{"value", choice.value}, attribute_if(choice.value == chosen, "selected")},
              choice.label);
  }
  h.close("select").close("div");
}

void write_within_form(Html& h, const PageContext& context, const FigureCountryView& view) {
  const Say say(context);
  std::vector<Choice> places;
  for (const auto& code : view.subdivisions) {
    places.push_back({code, code_name(context, view.base, "territory", code)});
  }
  std::ranges::sort(places, {}, [](const Choice& choice) { return fold(choice.label); });
  places.insert(places.begin(), {view.country, say("figures.within.whole")});
  h.open("form", {{"class", "row fields no-print"},
                  {"method", "get"},
                  {"action", link(context, "/figures/countries/" + view.country) + "#within"}});
  write_choice(h, "within", say("figures.within.place"), places, view.subdivision);
  if (view.within_indicators.size() > 1) {
    std::vector<Choice> indicators;
    for (const auto& id : view.within_indicators) {
      indicators.push_back({id, view.base.indicators->find(id)->name.in(context.language)});
    }
    write_choice(h, "indicator", say("figures.indicator"), indicators, view.within_indicator);
  }
  if (view.within) {
    std::vector<Choice> periods;
    for (const auto& code : view.within->choices) {
      periods.insert(periods.begin(), {code, code_name(context, view.base, "period", code)});
    }
    write_choice(h, "period", say("figures.period"), periods, view.within->period);
  }
  write_choice(h, "rates", say("figures.within.rates"),
               {{"smoothed", say("figures.within.rates.smoothed")},
                {"crude", say("figures.within.rates.crude")}},
               view.within_crude ? "crude" : "smoothed");
  h.element("button", {}, say("figures.within.show")).close("form");
}

// Municipalities, of one subdivision or of the whole country.
void write_within(Html& h, const PageContext& context, const FigureCountryView& view) {
  if (view.subdivisions.empty() && view.within_indicators.empty()) {
    return;
  }
  const Say say(context);
  open_band(h, {{"id", "within"}});
  h.element("h2", say("figures.within"));
  if (view.subdivisions.empty()) {
    h.element("p", {{"class", "note"}}, say("figures.within.no_shapes"));
    write_command(h, view.country, 2);
    close_band(h);
    return;
  }
  h.element("p", {{"class", "sub"}}, say("figures.within.lead"));
  write_within_form(h, context, view);
  if (!view.subdivision.empty() && view.within && view.within_shapes != nullptr) {
    const bool has_smoothed = view.within->held.query.rate.kind == observatory::RateKind::smoothed;
    const std::string chart =
        fmt::format("{}{}", view.subdivision == view.country ? "municipalities" : "places",
                    view.within_crude ? "-crude" : "");
    h.append(
        drawn(context, chart_of_places(context, view.base, *view.within, *view.within_shapes),
              {view.within->table.indicator->id, chart, view.subdivision, view.within->period}));
    const auto& cells = view.within->table.cells;
    const bool without_rates =
        view.within->table.indicator->denominator.kind != observatory::DenominatorKind::none &&
        std::ranges::none_of(cells, [](const Cell& cell) { return cell.rate.has_value(); });
    if (without_rates) {
      h.element("p", {{"class", "note"}}, say("figures.within.no_population"));
    }
    h.element("p", {{"class", "note"}},
              say(!has_smoothed       ? "figures.within.only_crude"
                  : view.within_crude ? "figures.within.crude"
                                      : "figures.within.smoothed"));
    write_notes(h, context, view.base, view.within->table, view.within->territory);
  } else if (!view.subdivision.empty()) {
    h.element("p", {{"class", "note"}}, say("figures.within.none"));
  }
  close_band(h);
}

void write_parts(Html& h, const PageContext& context, const FigureCountryView& view) {
  const Say say(context);
  if (view.by_sex) {
    write_chart(h, context, view, *view.by_sex, chart_of_sexes(context, view.base, *view.by_sex),
                "sex");
  }
  if (view.by_age_and_sex) {
    write_chart(h, context, view, *view.by_age_and_sex,
                chart_of_ages(context, view.base, *view.by_age_and_sex), "ages");
  }
  if (view.below && view.shapes != nullptr) {
    write_chart(h, context, view, *view.below,
                chart_of_places(context, view.base, *view.below, *view.shapes), "places");
  }
  if (view.below) {
    write_chart(h, context, view, *view.below, chart_of_below(context, view.base, *view.below),
                "below");
    if (view.shapes == nullptr) {
      open_band(h);
      h.element("p", {{"class", "note"}}, say("figures.below.no_shapes"));
      write_command(h, view.country, 1);
      close_band(h);
    }
  }
  write_within(h, context, view);
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
  if (view.series.empty() && !view.below && !view.by_sex && !view.by_age_and_sex && !view.within) {
    h.element("p", {{"class", "note"}}, say("figures.country.none"));
  }
  write_keys(h, context, view);
  if (context.catalogue->find_country(view.country) != nullptr) {
    h.open("p").element("a", {{"href", link(context, "/countries/" + view.country)}},
                        say("figures.country.commitments", {{"country", name}}));
    h.close("p");
  }
  h.open("p");
  if (!view.series.empty()) {
    h.element("a", {{"href", link(context, "/figures/countries/" + view.country + "/bulletin")}},
              say("bulletin.title", {{"country", name}}));
    h.text(" · ");
  }
  h.element("a", {{"href", link(context, "/figures/quality/" + view.country)}},
            say("quality.title.country", {{"country", name}}));
  h.close("p").close("div");
  write_series(h, context, view);
  write_further(h, context, view);
  write_parts(h, context, view);
  Shell frame;
  frame.title = title;
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}, {title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
