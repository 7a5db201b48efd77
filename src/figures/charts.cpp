#include <atalaya/figures/charts.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>

namespace atalaya::figures {
namespace {

std::string percent(double value) {
  return fmt::format("{:.2f}%", value);
}

std::string pixels(double value) {
  return fmt::format("{:g}", std::round(value * 10) / 10);
}

// Geometry of one small multiple (look-details.md, "Small multiples"): bars at their true year,
// 0.92 of a year wide, five pixels a commitment until the tallest would pass 76.
constexpr double kBarYears = 0.92;
constexpr double kPlotHeight = 76;
constexpr double kLabelHeight = 18;
constexpr double kAxisHeight = 22;
constexpr double kPixelsPerUnitMax = 5;

struct Scale {
  double year_begin = 0, year_end = 1, pixels_per_unit = kPixelsPerUnitMax;

  [[nodiscard]] double x(double year) const {
    return 100 * (year - year_begin) / (year_end - year_begin);
  }
};

Scale scale_of(const MultiplesSpec& spec) {
  Scale scale;
  if (!spec.ticks.empty()) {
    scale.year_begin = spec.ticks.front() - 1.4;
    scale.year_end = spec.ticks.back() + 1.4;
  }
  std::int32_t largest = 1;
  for (const auto& panel : spec.panels) {
    for (const auto& bar : panel.bars) {
      largest = std::max(largest, bar.solid + bar.hollow);
    }
  }
  scale.pixels_per_unit = std::min(kPixelsPerUnitMax, kPlotHeight / largest);
  return scale;
}

void write_bar(Html& h, const Scale& scale, const YearBar& bar, double baseline) {
  const std::string x = percent(scale.x(bar.year - kBarYears / 2));
  const std::string width = percent(scale.x(scale.year_begin + kBarYears));
  const double solid = bar.solid * scale.pixels_per_unit;
  const double hollow = bar.hollow * scale.pixels_per_unit;
  if (bar.solid > 0) {
    h.empty("rect", {{"class", "f-act"},
                     {"x", x},
                     {"y", pixels(baseline - solid)},
                     {"width", width},
                     {"height", pixels(solid)}});
  }
  if (bar.hollow > 0) {
    h.empty("rect", {{"class", "f-dec"},
                     {"x", x},
                     {"y", pixels(baseline - solid - hollow)},
                     {"width", width},
                     {"height", pixels(hollow)}});
  }
}

// Labels of neighbouring years lean away from each other, or "1" and "2" would read "12".
std::string_view anchor_of(const std::vector<YearBar>& bars, std::size_t i) {
  const bool right = i + 1 < bars.size() && bars[i + 1].year - bars[i].year <= 1;
  const bool left = i > 0 && bars[i].year - bars[i - 1].year <= 1;
  if (right == left) {
    return "middle";
  }
  return right ? "end" : "start";
}

void write_bar_labels(Html& h, const MultiplesSpec& spec, const Scale& scale,
                      const std::vector<YearBar>& bars, double baseline) {
  std::int32_t peak = 0;
  for (const auto& bar : bars) {
    peak = std::max(peak, bar.solid + bar.hollow);
  }
  bool peak_labelled = false;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::int32_t total = bars[i].solid + bars[i].hollow;
    const bool is_peak = total == peak && !peak_labelled;
    peak_labelled = peak_labelled || is_peak;
    const auto anchor = anchor_of(bars, i);
    const double lean = anchor == "middle" ? 0 : (anchor == "end" ? 0.15 : -0.15);
    h.element("text",
              {{"class", is_peak ? "peak" : "minor"},
               {"x", percent(scale.x(bars[i].year + lean))},
               {"y", pixels(baseline - total * scale.pixels_per_unit - 5)},
               {"text-anchor", anchor}},
              number(spec.language, total));
  }
}

void write_year_axis(Html& h, const MultiplesSpec& spec, const Scale& scale, double baseline) {
  h.empty("line", {{"class", "axis"},
                   {"x1", "0"},
                   {"x2", "100%"},
                   {"y1", pixels(baseline + 0.5)},
                   {"y2", pixels(baseline + 0.5)}});
  for (std::size_t i = 0; i < spec.ticks.size(); ++i) {
    const bool first = i == 0;
    const bool last = i + 1 == spec.ticks.size();
    const std::string x = percent(scale.x(spec.ticks[i]));
    h.empty("line", {{"class", "axis"},
                     {"x1", x},
                     {"x2", x},
                     {"y1", pixels(baseline)},
                     {"y2", pixels(baseline + 4)}});
    h.element("text",
              {attribute_if(!first && !last, "class", "minor"),
               {"x", first  ? "0"
                     : last ? "100%"
                            : x},
               {"y", pixels(baseline + 18)},
               {"text-anchor", first  ? "start"
                               : last ? "end"
                                      : "middle"}},
              std::to_string(spec.ticks[i]));
  }
}

std::string accessible_name(const MultiplesSpec& spec, const Panel& panel) {
  std::string name = panel.title;
  std::string_view separator = ": ";
  for (const auto& bar : panel.bars) {
    name += fmt::format("{}{} {}", separator, bar.year, bar.solid + bar.hollow);
    separator = ", ";
  }
  if (panel.bars.empty()) {
    name += ": " + number(spec.language, 0);
  }
  return name;
}

void write_panel(Html& h, const MultiplesSpec& spec, const Scale& scale, const Panel& source) {
  Panel panel = source;
  std::erase_if(panel.bars, [](const YearBar& bar) { return bar.solid + bar.hollow == 0; });
  std::ranges::sort(panel.bars, {}, &YearBar::year);
  h.open("div", {{"class", "multiple"}}).open("h3");
  if (panel.url.empty()) {
    h.text(panel.title);
  } else {
    h.element("a", {{"href", panel.url}}, panel.title);
  }
  h.text(" ").element("span", number(spec.language, panel.total())).close("h3");
  const double baseline = kLabelHeight + kPlotHeight;
  h.open("svg", {{"class", "chart"},
                 {"height", pixels(baseline + kAxisHeight)},
                 {"width", "100%"},
                 {"role", "img"},
                 {"aria-label", accessible_name(spec, panel)}});
  for (const auto& bar : panel.bars) {
    write_bar(h, scale, bar, baseline);
  }
  write_bar_labels(h, spec, scale, panel.bars, baseline);
  write_year_axis(h, spec, scale, baseline);
  h.close("svg").close("div");
}

void write_key_item(Html& h, std::string_view css, std::string_view label) {
  h.open("li");
  h.open("svg", {{"width", "14"}, {"height", "14"}, {"aria-hidden", "true"}});
  h.empty("rect", {{"class", css}, {"x", "1"}, {"y", "1"}, {"width", "12"}, {"height", "12"}});
  h.close("svg").text(label).close("li");
}

std::vector<std::int32_t> years_of(const MultiplesSpec& spec) {
  std::vector<std::int32_t> years;
  for (const auto& panel : spec.panels) {
    for (const auto& bar : panel.bars) {
      if (bar.solid + bar.hollow > 0) {
        years.push_back(bar.year);
      }
    }
  }
  std::ranges::sort(years);
  const auto repeated = std::ranges::unique(years);
  years.erase(repeated.begin(), repeated.end());
  return years;
}

// "8 + 3": acts, then declarations, where a year has both; a reader of the table loses nothing.
std::string cell_of(const MultiplesSpec& spec, const Panel& panel, std::int32_t year) {
  std::int32_t solid = 0;
  std::int32_t hollow = 0;
  for (const auto& bar : panel.bars) {
    if (bar.year == year) {
      solid += bar.solid;
      hollow += bar.hollow;
    }
  }
  if (solid + hollow == 0) {
    return {};
  }
  return number(spec.language, solid) + " + " + number(spec.language, hollow);
}

Html multiples_table(const MultiplesSpec& spec) {
  const auto years = years_of(spec);
  const auto& messages = Messages::embedded();
  Html h;
  h.open("div", {{"class", "scroll"},
                 {"tabindex", "0"},
                 {"role", "region"},
                 {"aria-label", messages.text(spec.language, "figure.table")}});
  h.open("table");
  h.element("caption", messages.text(spec.language, "figure.cells",
                                     {{"first", spec.solid_label}, {"second", spec.hollow_label}}));
  h.open("thead").open("tr").element("th", {{"scope", "col"}}, spec.panel_header);
  for (const auto year : years) {
    h.element("th", {{"scope", "col"}, {"class", "num nowrap"}}, std::to_string(year));
  }
  h.element("th", {{"scope", "col"}, {"class", "num"}}, messages.text(spec.language, "figure.all"));
  h.close("tr").close("thead").open("tbody");
  for (const auto& panel : spec.panels) {
    h.open("tr").element("th", {{"scope", "row"}}, panel.title);
    for (const auto year : years) {
      h.element("td", {{"class", "num nowrap"}}, cell_of(spec, panel, year));
    }
    h.element("td", {{"class", "num"}}, number(spec.language, panel.total())).close("tr");
  }
  h.close("tbody").close("table").close("div");
  return h;
}

Html tiles_legend(const TilesSpec& spec) {
  Html h;
  if (spec.bounds.empty()) {
    return h;
  }
  h.open("ol", {{"class", "legend"}});
  for (std::size_t i = 0; i < spec.bounds.size(); ++i) {
    h.element("li", {{"class", fmt::format("step{}", i + 1)}}, spec.bounds[i]);
  }
  h.close("ol");
  return h;
}

void write_tile(Html& h, const TilesSpec& spec, const Tile& tile) {
  const bool known = !tile.value.empty();
  std::string css = fmt::format("tile r{} c{}", tile.row, tile.column);
  if (!known) {
    css += " none";
  } else if (tile.step > 0) {
    css += fmt::format(" step{}", tile.step);
  }
  h.open("li", {{"class", css}});
  const std::string value =
      known ? tile.value : Messages::embedded().text(spec.language, "figure.no_data");
  // Where the name does not fit, the code is shown in its place; a reader that speaks always
  // hears the name.
  if (tile.url.empty()) {
    h.open("span");
  } else {
    h.open("a", {{"href", tile.url}});
  }
  h.element("span", {{"class", "name"}}, tile.name).text(" ");
  h.element("span", {{"class", "code"}, {"aria-hidden", "true"}}, tile.code);
  if (tile.on_tile.empty()) {
    h.element("span", {{"class", "value"}}, value);
  } else {
    h.element("span", {{"class", "value"}, {"aria-hidden", "true"}}, tile.on_tile);
    h.element("span", {{"class", "visually-hidden"}}, value);
  }
  h.close().close("li");
}

}  // namespace

std::int32_t Panel::total() const noexcept {
  std::int32_t sum = 0;
  for (const auto& bar : bars) {
    sum += bar.solid + bar.hollow;
  }
  return sum;
}

Html figure(const FigureFrame& frame, const Chart& chart) {
  Html h;
  const std::string title_id = frame.id + "-title";
  h.open("figure", {{"class", "figure"}, {"id", frame.id}, {"aria-labelledby", title_id}});
  h.element("h2", {{"id", title_id}}, frame.finding);
  h.element("p", {{"class", "sub"}}, frame.subtitle);
  h.append(chart.key).append(chart.view);
  h.open("figcaption", {{"class", "sources"}});
  h.element("span", frame.source);
  for (const auto& link : frame.links) {
    h.element("a", {{"href", link.url}}, link.label);
  }
  h.close("figcaption");
  if (!chart.table.is_empty()) {
    h.open("details").element("summary", Messages::embedded().text(frame.language, "figure.table"));
    h.append(chart.table).close("details");
  }
  h.close("figure");
  return h;
}

Chart small_multiples(const MultiplesSpec& spec) {
  Chart chart;
  chart.key.open("ul", {{"class", "key"}});
  write_key_item(chart.key, "f-act", spec.solid_label);
  write_key_item(chart.key, "f-dec", spec.hollow_label);
  chart.key.close("ul");
  const Scale scale = scale_of(spec);
  std::int32_t total = 0;
  chart.view.open("div", {{"class", "multiples"}});
  for (const auto& panel : spec.panels) {
    write_panel(chart.view, spec, scale, panel);
    total += panel.total();
  }
  if (!spec.all_title.empty()) {
    chart.view.open("div", {{"class", "multiple"}}).open("h3").text(spec.all_title).text(" ");
    chart.view.element("span", number(spec.language, total)).close("h3");
    chart.view.element("p", spec.all_note).close("div");
  }
  chart.view.close("div");
  chart.table = multiples_table(spec);
  return chart;
}

Chart tile_grid(const TilesSpec& spec) {
  Chart chart;
  chart.key = tiles_legend(spec);
  std::vector<const Tile*> order;
  std::vector<const Tile*> by_name;
  for (const auto& tile : spec.tiles) {
    by_name.push_back(&tile);
    if (tile.row > 0) {
      order.push_back(&tile);
    }
  }
  // By rows, so that the focus moves as the eye does.
  std::ranges::stable_sort(order, {},
                           [](const Tile* tile) { return tile->row * 8 + tile->column; });
  std::ranges::stable_sort(by_name, {}, [](const Tile* tile) { return fold(tile->full_name); });
  chart.view.open("ul", {{"class", "tiles"}});
  for (const auto* tile : order) {
    write_tile(chart.view, spec, *tile);
  }
  chart.view.close("ul");
  auto& h = chart.table;
  h.open("table").open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, spec.name_header);
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.value_header);
  h.close("tr").close("thead").open("tbody");
  for (const auto* tile : by_name) {
    h.open("tr").open("th", {{"scope", "row"}});
    if (tile->url.empty()) {
      h.text(tile->full_name);
    } else {
      h.element("a", {{"href", tile->url}}, tile->full_name);
    }
    h.close("th");
    h.element("td", {{"class", "num"}},
              tile->value.empty() ? Messages::embedded().text(spec.language, "figure.no_data")
                                  : tile->value);
    h.close("tr");
  }
  h.close("tbody").close("table");
  return chart;
}

Html bar_strip(const BarsSpec& spec) {
  std::int64_t largest = std::max<std::int64_t>(1, spec.scale_max);
  for (const auto& bar : spec.bars) {
    largest = std::max(largest, bar.value);
  }
  Html h;
  h.open("table", {{"class", "bars"}}).open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, spec.label_header);
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.value_header);
  h.open("td", {{"class", "bar-cell"}}).close("td").close("tr").close("thead").open("tbody");
  for (const auto& bar : spec.bars) {
    h.open("tr").open("th", {{"scope", "row"}});
    if (bar.url.empty()) {
      h.text(bar.label);
    } else {
      h.element("a", {{"href", bar.url}}, bar.label);
    }
    h.close("th").element("td", {{"class", "num"}}, number(spec.language, bar.value));
    h.open("td", {{"class", "bar-cell"}});
    h.open("svg",
           {{"class", "chart"}, {"width", "100%"}, {"height", "14"}, {"aria-hidden", "true"}});
    const double share = 100 * static_cast<double>(std::max<std::int64_t>(0, bar.value)) /
                         static_cast<double>(largest);
    h.empty("rect", {{"class", "b-bar"}, {"width", percent(share)}, {"height", "14"}});
    h.close("svg").close("td").close("tr");
  }
  h.close("tbody").close("table");
  return h;
}

}  // namespace atalaya::figures
