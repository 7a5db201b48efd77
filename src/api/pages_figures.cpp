// Indicators by group, and one indicator.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/locale.hpp>

#include "figure_charts.hpp"
#include "pages_figures.hpp"

namespace atalaya::api {
namespace {

using observatory::Cell;
using observatory::Indicator;

constexpr std::size_t kNewestReleases = 5;

// Names are set with the apostrophe of print; keyboards have the straight one.
std::string typed(std::string_view text) {
  constexpr std::string_view kPrinted = "’";
  std::string out = fold(text);
  for (std::size_t at = 0; (at = out.find(kPrinted, at)) != std::string::npos;) {
    out.replace(at, kPrinted.size(), "'");
  }
  return out;
}

bool matches(const PageContext& context, const Indicator& indicator, std::string_view search) {
  const std::string words = typed(search);
  std::string all = typed(indicator.name.in(context.language) + " " +
                          indicator.definition.in(context.language) + " " + indicator.id);
  for (const auto& series : indicator.series) {
    all += " " + fold(series);
  }
  std::size_t at = 0;
  while (at < words.size()) {
    const auto end = std::min(words.find(' ', at), words.size());
    if (all.find(words.substr(at, end - at)) == std::string::npos) {
      return false;
    }
    at = end + 1;
  }
  return true;
}

std::size_t releases_of(const FigureBase& base, std::string_view indicator) {
  std::set<std::string_view> releases;
  for (const auto& held : base.held) {
    if (held.query.indicator == indicator) {
      releases.insert(held.release);
    }
  }
  return releases.size();
}

// Whether all that is held of it is made up.
bool only_synthetic(const FigureBase& base, std::string_view indicator) {
  bool any = false;
  for (const auto& held : base.held) {
    if (held.query.indicator == indicator && !held.synthetic) {
      return false;
    }
    any = any || held.query.indicator == indicator;
  }
  return any;
}

void write_filter(Html& h, const PageContext& context, const FigureIndexView& view) {
  const Say say(context);
  h.open("form", {{"class", "row fields no-print"}, {"action", link(context, "/figures")}});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "figure-search"}}, say("figures.search"));
  h.empty("input", {{"type", "search"},
                    {"id", "figure-search"},
                    {"name", "q"},
                    {"value", view.search},
                    {"maxlength", "100"}});
  h.close("div").open("label", {{"class", "check"}});
  h.empty("input", {{"type", "checkbox"},
                    {"name", "held"},
                    {"value", "1"},
                    attribute_if(view.only_held, "checked")});
  h.text(say("figures.only_held")).close("label");
  h.element("button", {{"class", "primary"}}, say("figures.search.go")).close("form");
}

void write_release_rows(Html& h, const PageContext& context, const FigureBase& base,
                        std::size_t limit) {
  const Say say(context);
  h.open("ul", {{"class", "rows tight"}});
  for (std::size_t i = 0; i < std::min(limit, base.releases.size()); ++i) {
    const auto& release = base.releases[i];
    h.open("li").open("h3");
    h.element("a", {{"href", link(context, "/figures/releases/" + release.id)}},
              titled(context, release.name, release.synthetic));
    h.close("h3").open("p", {{"class", "meta"}});
    h.text(day_of(context, release.published_at)).text(" · ");
    h.text(say.count("figures.tables", static_cast<std::int64_t>(release.tables.size())));
    h.close("p").close("li");
  }
  h.close("ul");
}

void write_indicator_row(Html& h, const PageContext& context, const FigureIndexView& view,
                         const Indicator& indicator) {
  const Say say(context);
  const auto n = static_cast<std::int64_t>(releases_of(view.base, indicator.id));
  const auto slice = view.series.find(indicator.id);
  const bool known = slice != view.series.end();
  h.open("tr").open("th", {{"scope", "row"}});
  h.element("a", {{"href", link(context, figure_path(indicator.id))}},
            titled(context, indicator.name.in(context.language),
                   known ? slice->second.held.synthetic : only_synthetic(view.base, indicator.id)));
  h.close("th");
  h.element("td", {{"data-l", say("figures.unit")}}, unit_text(context, view.base, indicator));
  h.element("td", {{"data-l", say("figures.releases")}},
            n == 0 ? say("figures.no_data_node") : say.count("figures.releases.n", n));
  h.element("td", {{"data-l", say("figures.newest.head")}},
            known ? newest_text(context, slice->second) : std::string());
  h.close("tr");
}

void write_group_table(Html& h, const PageContext& context, const FigureIndexView& view,
                       const std::vector<const Indicator*>& rows) {
  const Say say(context);
  h.open("table", {{"class", "stacks figure-list"}}).open("thead").open("tr");
  const std::string newest =
      view.base.country.empty()
          ? say("figures.newest.head")
          : say("figures.newest.of",
                {{"country", code_name(context, view.base, "territory", view.base.country)}});
  for (const std::string& head :
       {say("figures.indicator"), say("figures.unit"), say("figures.releases"), newest}) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto* row : rows) {
    write_indicator_row(h, context, view, *row);
  }
  h.close("tbody").close("table");
}

// What has no figure here is named all the same: nothing is a finding too.
void write_without(Html& h, const PageContext& context, const FigureIndexView& view,
                   const std::vector<const Indicator*>& rows) {
  const Say say(context);
  if (rows.empty()) {
    return;
  }
  h.open("details", {{"class", "disclose"}, attribute_if(!view.search.empty(), "open")});
  h.element("summary", say.count("figures.without", static_cast<std::int64_t>(rows.size())));
  h.open("ul", {{"class", "plain small"}});
  for (const auto* row : rows) {
    h.open("li").element("a", {{"href", link(context, figure_path(row->id))}},
                         row->name.in(context.language));
    h.close("li");
  }
  h.close("ul").close("details");
}

void write_group(Html& h, const PageContext& context, const FigureIndexView& view,
                 const observatory::IndicatorGroup& group) {
  const Say say(context);
  std::vector<const Indicator*> rows;
  for (const auto& indicator : view.base.indicators->all()) {
    if (indicator.group == group.id && matches(context, indicator, view.search) &&
        (!view.only_held || releases_of(view.base, indicator.id) > 0)) {
      rows.push_back(&indicator);
    }
  }
  if (rows.empty()) {
    return;
  }
  std::vector<const Indicator*> without;
  std::erase_if(rows, [&](const Indicator* row) {
    if (releases_of(view.base, row->id) == 0) {
      without.push_back(row);
    }
    return releases_of(view.base, row->id) == 0;
  });
  open_band(h, {{"id", "group-" + group.id}});
  h.element("h2", group.name.in(context.language));
  if (!rows.empty()) {
    write_group_table(h, context, view, rows);
  }
  write_without(h, context, view, without);
  close_band(h);
}

// ---- one indicator ----

void write_definition(Html& h, const PageContext& context, const FigureView& view) {
  const Say say(context);
  const auto& indicator = *view.indicator;
  const auto& lists = view.base.territories->lists();
  h.element("h2", say("figures.definition"));
  h.open("dl", {{"class", "facts two"}});
  write_fact(h, say("figures.unit"), unit_text(context, view.base, indicator));
  write_fact(h, say("figures.numerator"), lists.label("unit", indicator.unit, context.language));
  std::string denominator = say("figures.denominator.none");
  if (indicator.denominator.kind == observatory::DenominatorKind::population) {
    denominator = say("figures.denominator.population");
  } else if (indicator.denominator.kind == observatory::DenominatorKind::facts) {
    denominator = say("figures.denominator.facts");
  }
  write_fact(h, say("figures.denominator"), denominator);
  write_fact(h, say("figures.comparability"), indicator.comparability.in(context.language));
  write_fact(h, say("figures.protection"),
             say(indicator.disclosure.is_protected ? "figures.protected" : "figures.unprotected"));
  write_fact(h, say("figures.series"), figures::list(context.language, indicator.series));
  write_fact(h, say("figures.defined_by"),
             indicator.source + (indicator.is_confirmed ? "" : " · " + say("figures.unconfirmed")));
  h.close("dl");
  h.open("p").element("a", {{"href", link(context, "/figures/method")}},
                      say("figures.method.link"));
  h.close("p");
}

void write_series(Html& h, const PageContext& context, const FigureView& view) {
  const Say say(context);
  const auto& slice = *view.series;
  const std::string place = code_name(context, view.base, "territory", slice.territory);
  open_band(h);
  if (view.other_than_asked) {
    h.element("p", {{"class", "note"}},
              say("figures.other_country",
                  {{"country", code_name(context, view.base, "territory", view.base.country)},
                   {"other", place}}));
  }
  h.append(drawn(context, chart_of_series(context, view.base, slice),
                 {view.indicator->id, "series", slice.territory, ""}));
  write_beside(h, context, slice);
  write_notes(h, context, view.base, slice.table, slice.territory);
  h.element("p", {{"class", "sub"}}, say("figures.interval.note"));
  close_band(h);
}

void write_across(Html& h, const PageContext& context, const FigureView& view) {
  const Say say(context);
  const auto& slice = *view.across;
  const ChartAsked asked{view.indicator->id, "tiles", "", slice.period};
  open_band(h, {{"id", "countries"}});
  h.append(drawn(context, chart_of_tiles(context, view.base, slice), asked));
  h.element("p", {{"class", "note"}},
            say(view.indicator->is_comparable ? "figures.comparable" : "figures.not_comparable") +
                " " + view.indicator->comparability.in(context.language));
  h.open("form", {{"class", "row fields no-print"},
                  {"action", link(context, figure_path(view.indicator->id))}});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "across-period"}}, say("figures.period"));
  h.open("select", {{"id", "across-period"}, {"name", "period"}});
  for (auto period = slice.choices.rbegin(); period != slice.choices.rend(); ++period) {
    h.element("option", {{"value", *period}, attribute_if(*period == slice.period, "selected")},
              code_name(context, view.base, "period", *period));
  }
  h.close("select").close("div");
  h.empty("input", {{"type", "hidden"}, {"name", "territory"}, {"value", view.territory}});
  h.element("button", say("figures.show")).close("form");
  h.append(drawn(context, chart_of_states(context, view.base, slice, view.territory),
                 {view.indicator->id, "states", view.territory, slice.period}));
  write_notes(h, context, view.base, slice.table, slice.territory);
  close_band(h);
  open_band(h);
  h.append(drawn(context, chart_of_americas(context, view.base, slice, view.territory),
                 {view.indicator->id, "map", view.territory, slice.period}));
  close_band(h);
}

void write_held(Html& h, const PageContext& context, const FigureView& view) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("figures.held"));
  h.element("p", {{"class", "sub"}}, say("figures.held.sub"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& held : view.base.held) {
    if (held.query.indicator != view.indicator->id) {
      continue;
    }
    h.open("li").open("h3");
    h.element("a", {{"href", link(context, explorer_path(held))}},
              titled(context, by_name(context, view.base, held.query), held.synthetic));
    h.close("h3").open("p", {{"class", "meta"}});
    h.text(held.release_name).text(" · ").text(say.count("figures.cells", held.cells));
    if (held.suppressed > 0) {
      h.text(" · ").text(say.count("figures.cells.hidden", held.suppressed));
    }
    h.text(" · ").element("a", {{"href", link(context, csv_path(held))}}, "CSV");
    h.close("p").close("li");
  }
  h.close("ul");
  close_band(h);
}

void write_citation(Html& h, const PageContext& context, const FigureView& view) {
  const Say say(context);
  const HeldTable* newest = nullptr;
  for (const auto& held : view.base.held) {
    if (held.query.indicator == view.indicator->id && newest == nullptr) {
      newest = &held;
    }
  }
  const auto& held = view.series ? view.series->held : *newest;
  open_band(h);
  h.element("h2", {{"class", "as-h3"}}, say("figures.cite"));
  h.element("p", {{"class", "citation"}, {"id", "citation"}},
            say("figures.citation",
                {{"indicator",
                  titled(context, view.indicator->name.in(context.language), held.synthetic)},
                 {"sources", figures::list(context.language, held.sources)},
                 {"release", held.release_name},
                 {"date", day_of(context, held.published_at)},
                 {"node", context.node_name},
                 {"url", context.origin + link(context, explorer_path(held))}}));
  h.element("button",
            {{"type", "button"},
             {"class", "primary"},
             {"data-copy", "citation"},
             {"data-done", say("cite.copied")},
             {"hidden"}},
            say("cite.copy"));
  close_band(h);
}

void write_no_data(Html& h, const PageContext& context) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("figures.no_data_node"));
  h.element("p", say("figures.no_data_node.what"));
  h.element("p", {{"class", "note"}}, say("figures.no_data_node.operator"));
  h.open("p").element("a", {{"class", "button"}, {"href", link(context, "/figures?held=1")}},
                      say("figures.only_held"));
  h.close("p");
  close_band(h);
}

}  // namespace

std::string render_figures(const PageContext& context, const FigureIndexView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("nav.figures"), say("figures.lead")});
  h.open("div", {{"class", "wrap stack country-keys"}});
  write_filter(h, context, view);
  h.open("p", {{"class", "row small"}});
  for (const auto& [path, key] : {std::pair{"/figures/explorer", "figures.explorer"},
                                  std::pair{"/figures/releases", "figures.releases"},
                                  std::pair{"/figures/quality", "quality.title"},
                                  std::pair{"/figures/codes", "figures.codes"},
                                  std::pair{"/figures/method", "figures.method.title"}}) {
    h.element("a", {{"href", link(context, path)}}, say(key));
  }
  if (!view.base.country.empty()) {
    h.element("a", {{"href", link(context, "/figures/countries/" + view.base.country)}},
              code_name(context, view.base, "territory", view.base.country));
  }
  h.close("p").close("div");
  if (view.search.empty() && !view.base.releases.empty()) {
    open_band(h);
    h.element("h2", say("figures.newest_releases"));
    write_release_rows(h, context, view.base, kNewestReleases);
    if (view.base.releases.size() > kNewestReleases) {
      h.element("p", {{"class", "small"}},
                say.count("figdesk.more",
                          static_cast<std::int64_t>(view.base.releases.size() - kNewestReleases)));
    }
    close_band(h);
  }
  Html groups;
  for (const auto& group : view.base.indicators->groups()) {
    write_group(groups, context, view, group);
  }
  if (groups.is_empty()) {
    open_band(h);
    h.element("p", say("figures.search.none"));
    close_band(h);
  }
  h.append(groups);
  Shell frame;
  frame.title = say("nav.figures");
  frame.description = say("figures.lead");
  frame.nav = "figures";
  frame.crumbs = {{frame.title, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_figure(const PageContext& context, const FigureView& view) {
  const Say say(context);
  const std::string name = view.indicator->name.in(context.language);
  const bool synthetic =
      view.series ? view.series->held.synthetic : only_synthetic(view.base, view.indicator->id);
  const auto groups = view.base.indicators->groups();
  const auto group =
      std::ranges::find(groups, view.indicator->group, &observatory::IndicatorGroup::id);
  Html h;
  write_head(h,
             {group == groups.end() ? "" : group->name.in(context.language),
              titled(context, name, synthetic), view.indicator->definition.in(context.language)});
  const bool any = releases_of(view.base, view.indicator->id) > 0;
  if (view.series) {
    write_series(h, context, view);
  }
  if (view.across) {
    write_across(h, context, view);
  }
  if (any) {
    write_held(h, context, view);
  } else {
    write_no_data(h, context);
  }
  open_band(h);
  write_definition(h, context, view);
  close_band(h);
  if (any) {
    write_citation(h, context, view);
  }
  Shell frame;
  frame.title = name;
  frame.description = view.indicator->definition.in(context.language);
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}, {name, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_releases(const PageContext& context, const FigureBase& base) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("figures.releases"), say("figures.releases.lead")});
  open_band(h);
  if (base.releases.empty()) {
    h.element("p", say("figures.releases.none"));
    h.element("p", {{"class", "note"}}, say("figures.no_data_node.operator"));
  } else {
    h.element("h2", {{"class", "visually-hidden"}}, say("figures.releases"));
    write_release_rows(h, context, base, base.releases.size());
  }
  close_band(h);
  Shell frame;
  frame.title = say("figures.releases");
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}, {frame.title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
