// A bulletin as it is read: what is new in one table, then every series with its chart and numbers.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "bulletin.hpp"

namespace atalaya::api {
namespace {

using observatory::Cell;

// Did the source hide a part of it, or not give it?
bool is_partial(const Cell& cell) {
  return cell.count_high || cell.status == observatory::CellStatus::masked ||
         cell.status == observatory::CellStatus::incomplete;
}

std::string difference_text(const PageContext& context, double change) {
  const std::string n = figures::number(context.language, std::llround(std::fabs(change)));
  return change == 0 ? n : (change > 0 ? "+" : "−") + n;
}

std::string change_text(const PageContext& context, const BulletinSeries& series) {
  if (series.previous == nullptr || !series.previous->count || !series.newest->count ||
      is_partial(*series.previous) || is_partial(*series.newest)) {
    return {};
  }
  return difference_text(context, *series.newest->count - *series.previous->count);
}

std::string state_text(const PageContext& context, const BulletinSeries& series) {
  const Say say(context);
  const auto status = series.newest->status;
  if (status == observatory::CellStatus::part_of_period) {
    return say.value("cell_status", to_string(status));
  }
  if (is_partial(*series.newest) && series.state == FigureState::consolidated) {
    return say.value("cell_status", to_string(status));
  }
  std::string out = say.value("figure_state", to_string(series.state));
  if (series.count_before) {
    out +=
        " " + say("bulletin.before",
                  {{"n", figures::number(context.language, std::llround(*series.count_before))}});
  }
  if (is_partial(*series.newest)) {
    out += "; " + say.value("cell_status", to_string(status));
  }
  return out;
}

// Where the source hid a part of it, from the lowest that it can be to the highest.
std::string count_text(const PageContext& context, const Cell& cell) {
  const auto whole = [&](const std::optional<double>& count) {
    return count ? figures::number(context.language, std::llround(*count)) : std::string();
  };
  return cell.count_high ? whole(cell.count) + "–" + whole(cell.count_high) : whole(cell.count);
}

// What stands in a row beside what its cell gives.
struct NewsRow {
  std::string period;
  const Cell& cell;
  std::string change, state, delay;
};

void write_row(Html& h, const PageContext& context, const BulletinView& view,
               const BulletinSeries& series, const std::vector<std::string>& heads,
               const NewsRow& row) {
  const auto& indicator = *series.slice.table.indicator;
  h.open("tr").open("th", {{"scope", "row"}});
  h.element("a", {{"href", link(context, figure_path(indicator.id, view.country))}},
            titled(context, indicator.name.in(context.language), series.slice.held.synthetic));
  h.empty("br").element("span", {{"class", "xs muted"}}, unit_text(context, view.base, indicator));
  h.close("th");
  // What is empty is left away where rows are stacked.
  const auto write = [&](std::size_t at, const std::string& text) {
    h.element("td", {{"data-l", heads[at]}, attribute_if(at >= 2 && at <= 5, "class", "num")},
              text);
  };
  write(1, row.period);
  write(2, count_text(context, row.cell));
  write(3, row.change);
  write(4, row.cell.rate ? shown_text(context, indicator, row.cell) : "");
  write(5, interval_text(context, indicator, row.cell));
  write(6, row.state);
  write(7, row.delay);
  h.close("tr");
}

void write_news(Html& h, const PageContext& context, const BulletinView& view) {
  const Say say(context);
  const std::vector<std::string> heads = {say("bulletin.indicator"), say("figures.period"),
                                          say("figures.count"),      say("bulletin.change"),
                                          say("figures.value"),      say("figures.interval"),
                                          say("bulletin.state"),     say("bulletin.delay")};
  h.element("h2", say("bulletin.news"));
  h.element("p", {{"class", "sub"}}, say("bulletin.news.sub"));
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (std::size_t i = 0; i < heads.size(); ++i) {
    h.element("th", {{"scope", "col"}, attribute_if(i >= 2 && i <= 5, "class", "num")}, heads[i]);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& series : view.series) {
    const auto& cell = *series.newest;
    write_row(h, context, view, series, heads,
              {period_name(context, view.base, {cell}, cell.codes[0]), cell,
               change_text(context, series), state_text(context, series),
               series.delay_days ? say.count("bulletin.days", *series.delay_days) : ""});
    if (series.to_date) {
      const auto& part = series.to_date->cell;
      const std::string change =
          series.to_date->before
              ? say("bulletin.same_months",
                    {{"change", difference_text(context, *part.count - *series.to_date->before)}})
              : std::string();
      write_row(h, context, view, series, heads,
                {sent_text(context, part.sent), part, change,
                 say.value("cell_status", to_string(part.status)), ""});
    }
  }
  h.close("tbody").close("table");
}

// The chart and its numbers, both in sight: a printed page has nothing to open.
void write_figure(Html& h, const PageContext& context, const BulletinView& view,
                  const std::string& id, const std::string& title, const std::string& sub,
                  const FigureSlice& slice, const figures::Chart& chart, const std::string& file) {
  const std::string title_id = id + "-title";
  open_band(h);
  h.open("figure", {{"class", "figure"}, {"id", id}, {"aria-labelledby", title_id}});
  h.element("h2", {{"id", title_id}}, title);
  h.element("p", {{"class", "sub"}}, sub);
  h.append(chart.key).append(chart.view);
  if (!chart.table.is_empty()) {
    h.append(chart.table);
  }
  h.open("figcaption", {{"class", "sources"}}).element("span", source_text(context, slice));
  h.close("figcaption");
  if (!file.empty()) {
    h.open("p", {{"class", "row small no-print"}});
    for (const auto& [suffix, label] : {std::pair{"svg", "SVG"}, std::pair{"png", "PNG"}}) {
      h.element("a", {{"href", link(context, fmt::format(fmt::runtime(file), suffix))}}, label);
    }
    h.close("p");
  }
  h.close("figure");
  write_beside(h, context, slice);
  write_notes(h, context, view.base, slice.table, slice.territory);
  close_band(h);
}

// The address of a chart as a file, without its suffix; empty where there is no node to ask.
std::string file_of(const BulletinView& view, const FigureSlice& slice, std::string_view chart,
                    bool is_page) {
  return is_page ? fmt::format("/figures/{}.{{}}?chart={}&territory={}", slice.table.indicator->id,
                               chart, figures::url_encode(view.country))
                 : std::string();
}

void write_series(Html& h, const PageContext& context, const BulletinView& view, bool is_page) {
  std::size_t n = 0;
  for (const auto& series : view.series) {
    const auto& slice = series.slice;
    write_figure(h, context, view, fmt::format("series-{}", ++n),
                 titled(context,
                        fmt::format("{}{}{}", slice.table.indicator->name.in(context.language),
                                    colon(context), newest_text(context, slice)),
                        slice.held.synthetic),
                 unit_text(context, view.base, *slice.table.indicator), slice,
                 figures::series(series_spec(context, view.base, slice)),
                 file_of(view, slice, "series", is_page));
  }
}

void write_below(Html& h, const PageContext& context, const BulletinView& view, bool is_page) {
  const Say say(context);
  const auto& slice = *view.below;
  const auto& indicator = *slice.table.indicator;
  figures::DotsSpec spec;
  spec.language = context.language;
  spec.label_header = say("figures.subdivision");
  spec.value_header = say("figures.value");
  spec.interval_header = say("figures.interval");
  for (const auto& cell : slice.table.cells) {
    spec.rows.push_back(
        datum(context, indicator, cell, code_name(context, view.base, "territory", cell.codes[0])));
  }
  std::ranges::stable_sort(spec.rows, {}, [](const auto& row) { return fold(row.label); });
  figures::Chart chart;
  chart.view = figures::dot_strip(spec);
  write_figure(
      h, context, view, "below",
      titled(context,
             say("figures.below",
                 {{"indicator", indicator.name.in(context.language)},
                  {"period", period_name(context, view.base, slice.table.cells, slice.period)}}),
             slice.held.synthetic),
      say("figures.below.sub"), slice, chart, file_of(view, slice, "below", is_page));
}

void write_reading(Html& h, const PageContext& context, const BulletinView& view) {
  const Say say(context);
  h.element("h2", say("bulletin.reading"));
  h.open("ul", {{"class", "plain"}});
  for (const std::string_view key :
       {"bulletin.reading.provisional", "bulletin.reading.consolidated", "bulletin.reading.revised",
        "bulletin.reading.delay", "bulletin.reading.interval", "bulletin.reading.released"}) {
    h.element("li", say(key));
  }
  h.close("ul").element("h3", say("bulletin.releases"));
  h.open("ul", {{"class", "plain small"}});
  for (const auto& id : view.releases) {
    const auto at = std::ranges::find(view.base.releases, id, &observatory::Release::id);
    const std::string name = at == view.base.releases.end() ? id : at->name;
    h.open("li").element("a", {{"href", link(context, "/figures/releases/" + id)}}, name);
    h.close("li");
  }
  h.close("ul");
}

}  // namespace

Html bulletin_body(const PageContext& context, const BulletinView& view, bool is_page) {
  const Say say(context);
  const std::string name = view.base.territories->name(view.country, context.language);
  Html h;
  const std::string made = figures::edtf(context.language, view.made_on);
  const std::string eyebrow = context.node_name.empty() ? made : context.node_name + " · " + made;
  write_head(
      h, {eyebrow, say("bulletin.title", {{"country", name}}),
          view.period.empty() ? say("bulletin.lead")
                              : say("bulletin.lead.period",
                                    {{"period", figures::edtf(context.language, view.period)}})});
  open_band(h);
  write_synthetic(h, context, view.synthetic);
  write_news(h, context, view);
  if (view.left_out > 0) {
    h.open("p", {{"class", "small"}}).text(say.count("bulletin.left_out", view.left_out));
    h.text(" ").element("a", {{"href", link(context, "/figures/countries/" + view.country)}},
                        say("figures.country", {{"country", name}}));
    h.close("p");
  }
  close_band(h);
  write_series(h, context, view, is_page);
  if (view.below) {
    write_below(h, context, view, is_page);
  }
  open_band(h);
  write_reading(h, context, view);
  close_band(h);
  return h;
}

std::string render_bulletin(const PageContext& context, const BulletinView& view) {
  const Say say(context);
  const std::string name = view.base.territories->name(view.country, context.language);
  Shell frame;
  frame.title = say("bulletin.title", {{"country", name}});
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"},
                  {name, "/figures/countries/" + view.country},
                  {say("bulletin"), ""}};
  return shell(context, std::move(frame), bulletin_body(context, view, true));
}

}  // namespace atalaya::api
