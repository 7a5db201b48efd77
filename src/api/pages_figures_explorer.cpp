// The explorer, and how figures are made.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "figure_charts.hpp"
#include "pages_figures.hpp"

namespace atalaya::api {
namespace {

constexpr std::size_t kRowsShown = 200;
constexpr std::size_t kCodesOffered = 300;

void write_select(Html& h, std::string_view id, std::string_view label,
                  const std::vector<std::pair<std::string, std::string>>& options,
                  std::string_view chosen) {
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  h.open("select", {{"id", id}, {"name", id}});
  for (const auto& [value, text] : options) {
    h.element("option", {{"value", value}, attribute_if(value == chosen, "selected")}, text);
  }
  h.close("select").close("div");
}

void write_choice_of_indicator(Html& h, const PageContext& context, const ExplorerView& view) {
  const Say say(context);
  std::vector<std::pair<std::string, std::string>> options;
  std::set<std::string_view> seen;
  for (const auto& held : view.base.held) {
    const auto* indicator = view.base.indicators->find(held.query.indicator);
    if (indicator != nullptr && seen.insert(held.query.indicator).second) {
      options.emplace_back(indicator->id, indicator->name.in(context.language));
    }
  }
  std::ranges::sort(options, {}, &std::pair<std::string, std::string>::second);
  h.open("form", {{"class", "row fields"}, {"action", link(context, "/figures/explorer")}});
  write_select(h, "indicator", say("figures.indicator"), options, view.indicator);
  h.element("button", say("figures.explorer.choose")).close("form");
}

// Every dimension that some released table of the indicator has.
void write_choice_of_dimensions(Html& h, const PageContext& context, const ExplorerView& view) {
  const Say say(context);
  std::vector<observatory::TableDimension> all;
  for (const auto& held : view.base.held) {
    for (const auto& dimension : held.query.by) {
      const bool is_new = std::ranges::none_of(
          all, [&](const auto& known) { return known.name == dimension.name; });
      if (held.query.indicator == view.indicator && is_new) {
        all.push_back(dimension);
      }
    }
  }
  h.open("form", {{"class", "stack no-print"}, {"action", link(context, "/figures/explorer")}});
  h.empty("input", {{"type", "hidden"}, {"name", "indicator"}, {"value", view.indicator}});
  h.open("fieldset").element("legend", say("figures.explorer.by"));
  h.open("div", {{"class", "row"}});
  for (const auto& dimension : all) {
    const bool is_here = view.slice && std::ranges::any_of(view.slice->table.by, [&](const auto& d) {
      return d.name == dimension.name;
    });
    h.open("label", {{"class", "check"}});
    h.empty("input", {{"type", "checkbox"},
                      {"name", "d"},
                      {"value", dimension.name},
                      attribute_if(view.wanted.empty() ? is_here
                                                       : contains(view.wanted, dimension.name),
                                   "checked")});
    h.text(" ").text(dimension_name(context, view.base, dimension)).close("label");
  }
  h.close("div").close("fieldset");
  h.open("p").element("button", say("figures.explorer.choose_by")).close("p").close("form");
  if (view.none_holds) {
    h.element("p", {{"class", "note"}}, say("figures.explorer.none_holds"));
  }
}

// The tables of the indicator: the release and what it is broken down by, newest first.
void write_choice_of_table(Html& h, const PageContext& context, const ExplorerView& view) {
  const Say say(context);
  h.open("details").element("summary", say("figures.explorer.tables"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& held : view.base.held) {
    if (held.query.indicator != view.indicator) {
      continue;
    }
    const bool here = view.slice && held.release == view.slice->held.release &&
                      held.position == view.slice->held.position;
    h.open("li").open("p");
    h.element(
        "a",
        {{"href", link(context, explorer_path(held))}, attribute_if(here, "aria-current", "true")},
        titled(context, by_name(context, view.base, held.query), held.synthetic));
    h.text(" · ").text(held.release_name).text(" · ");
    h.text(say.count("figures.cells", held.cells)).close("p").close("li");
  }
  h.close("ul").close("details");
}

std::string chosen_code(const ExplorerView& view, std::string_view dimension) {
  const auto at =
      std::ranges::find(view.chosen, dimension, &std::pair<std::string, std::string>::first);
  return at == view.chosen.end() ? std::string() : at->second;
}

// Too many codes for a list: one is written as it stands in the table below.
void write_code_field(Html& h, const PageContext& context, const ExplorerView& view,
                      const observatory::TableDimension& dimension) {
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", dimension.name}}, dimension_name(context, view.base, dimension));
  const std::string code = chosen_code(view, dimension.name);
  h.empty("input", {{"type", "text"},
                    {"id", dimension.name},
                    {"name", dimension.name},
                    {"value", code},
                    {"maxlength", "120"}});
  h.element("p", {{"class", "hint"}}, Say(context)("figures.explorer.code")).close("div");
}

void write_choice_of_rows(Html& h, const PageContext& context, const ExplorerView& view) {
  const Say say(context);
  const auto& slice = *view.slice;
  h.open("form", {{"class", "filters no-print"}, {"action", link(context, "/figures/explorer")}});
  h.empty("input", {{"type", "hidden"}, {"name", "indicator"}, {"value", view.indicator}});
  h.empty("input", {{"type", "hidden"}, {"name", "release"}, {"value", slice.held.release}});
  h.empty("input",
          {{"type", "hidden"}, {"name", "table"}, {"value", std::to_string(slice.held.position)}});
  for (std::size_t place = 0; place < slice.table.by.size(); ++place) {
    std::set<std::string> codes;
    for (const auto& cell : slice.table.cells) {
      codes.insert(cell.codes[place]);
    }
    const auto& name = slice.table.by[place].name;
    if (codes.size() > kCodesOffered) {
      write_code_field(h, context, view, slice.table.by[place]);
      continue;
    }
    std::vector<std::pair<std::string, std::string>> options;
    for (const auto& code : codes) {
      options.emplace_back(code, code_name(context, view.base, name, code));
    }
    if (name == "territory") {
      std::ranges::sort(options, {}, &std::pair<std::string, std::string>::second);
    }
    options.insert(options.begin(), {"", say("figures.every")});
    write_select(h, name, dimension_name(context, view.base, slice.table.by[place]), options,
                 chosen_code(view, name));
  }
  h.element("button", {{"class", "primary"}}, say("figures.show")).close("form");
}

std::string chosen_path(const ExplorerView& view, std::string path) {
  for (const auto& name : view.wanted) {
    path += "&d=" + figures::url_encode(name);
  }
  for (const auto& [name, code] : view.chosen) {
    path += fmt::format("&{}={}", name, figures::url_encode(code));
  }
  return path;
}

void write_chart(Html& h, const PageContext& context, const ExplorerView& view,
                 std::optional<FigureChart> chart) {
  if (!chart) {
    h.element("p", {{"class", "note"}}, Say(context)("figures.explorer.chart"));
    return;
  }
  chart->frame.links = {};
  for (const auto& [suffix, label] : {std::pair{"svg", "SVG"}, std::pair{"png", "PNG"}}) {
    const std::string path = file_path(view.slice->held, suffix) + "&chart=table";
    chart->frame.links.push_back({label, link(context, chosen_path(view, path))});
  }
  auto drawing = figures::chart_of(chart->spec);
  drawing.table = {};  // the rows stand below
  h.append(figures::figure(chart->frame, drawing));
}

void write_result(Html& h, const PageContext& context, const ExplorerView& view) {
  const Say say(context);
  const auto& slice = *view.slice;
  const auto* indicator = view.table.indicator;
  auto chart = explorer_chart(context, view);
  open_band(h);
  // A chart brings the title with it.
  h.element("h2", {attribute_if(chart.has_value(), "class", "visually-hidden")},
            titled(context, indicator->name.in(context.language), slice.held.synthetic));
  h.element("p", {{"class", "sub"}},
            unit_text(context, view.base, *indicator) + " · " +
                by_name(context, view.base, slice.held.query));
  write_choice_of_rows(h, context, view);
  if (view.table.cells.empty()) {
    h.element("p", {{"class", "note"}}, say("figures.explorer.empty"));
  } else {
    write_chart(h, context, view, std::move(chart));
  }
  h.open("p", {{"class", "row small"}});
  for (const auto& [suffix, label] : {std::pair{"csv", "CSV"}, std::pair{"xlsx", "xlsx"},
                                      std::pair{"zip", "Data Package"}}) {
    h.element("a", {{"href", link(context, chosen_path(view, file_path(slice.held, suffix)))}},
              label);
  }
  h.element("a", {{"href", link(context, chosen_path(view, explorer_path(slice.held)))}},
            say("figures.permanent"));
  h.element("a", {{"href", link(context, figure_path(view.indicator))}},
            say("figures.about_indicator"));
  h.close("p");
  write_notes(h, context, view.base, view.table);
  h.element("h3", say.count("figures.rows", static_cast<std::int64_t>(view.table.cells.size())));
  write_cells(h, context, view.base, view.table, kRowsShown,
              chosen_path(view, csv_path(slice.held)));
  close_band(h);
}

}  // namespace

std::string render_explorer(const PageContext& context, const ExplorerView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("figures.explorer"), say("figures.explorer.lead")});
  h.open("div", {{"class", "wrap stack country-keys"}});
  if (view.base.held.empty()) {
    h.element("p", {{"class", "note"}}, say("figures.no_data_node.what"));
  } else {
    write_choice_of_indicator(h, context, view);
  }
  if (!view.indicator.empty()) {
    write_choice_of_dimensions(h, context, view);
    write_choice_of_table(h, context, view);
  }
  h.close("div");
  if (view.slice) {
    write_result(h, context, view);
  }
  Shell frame;
  frame.title = say("figures.explorer");
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}, {frame.title, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_figure_method(const PageContext& context) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("figures.method.title"), say("figures.method.lead")});
  for (const auto& [head, text] :
       {std::pair{"figures.method.facts", "figures.method.facts.text"},
        std::pair{"figures.method.rates", "figures.method.rates.text"},
        std::pair{"figures.method.intervals", "figures.method.intervals.text"},
        std::pair{"figures.method.populations", "figures.method.populations.text"},
        std::pair{"figures.method.protection", "figures.method.protection.text"},
        std::pair{"figures.method.marks", "figures.method.marks.text"},
        std::pair{"figures.method.quality", "figures.method.quality.text"},
        std::pair{"figures.method.releases", "figures.method.releases.text"}}) {
    open_band(h);
    h.element("h2", say(head)).element("p", say(text));
    close_band(h);
  }
  open_band(h);
  h.element("p", {{"class", "note"}}, say("figures.method.docs"));
  close_band(h);
  Shell frame;
  frame.title = say("figures.method.title");
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}, {frame.title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
