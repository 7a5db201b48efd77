#include "figure_charts.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

namespace atalaya::api {
namespace {

using observatory::BoundarySet;
using observatory::Cell;
using observatory::Indicator;

struct Placed {
  const commitments::Country* country = nullptr;
  const Cell* cell = nullptr;
};

// By value only where the indicator is marked comparable, else by name; those without last.
std::vector<Placed> placed(const PageContext& context, const FigureSlice& across) {
  const Indicator& indicator = *across.table.indicator;
  std::vector<Placed> rows;
  for (const auto& country : context.catalogue->countries()) {
    if (!country.is_state) {
      continue;
    }
    const auto& cells = across.table.cells;
    const auto at =
        std::ranges::find_if(cells, [&](const Cell& cell) { return cell.codes[0] == country.id; });
    rows.push_back({&country, at == cells.end() ? nullptr : &*at});
  }
  std::ranges::stable_sort(
      rows, {}, [&](const Placed& row) { return fold(row.country->name.in(context.language)); });
  const auto number = [&](const Placed& row) {
    return row.cell == nullptr ? std::nullopt : shown(indicator, *row.cell);
  };
  const auto rest = std::ranges::stable_partition(
      rows, [&](const Placed& row) { return number(row).has_value(); });
  if (indicator.is_comparable) {
    std::ranges::stable_sort(rows.begin(), rest.begin(), std::ranges::greater(),
                             [&](const Placed& row) { return number(row).value_or(0); });
  }
  return rows;
}

// Classes of nearly equal size, and the words of their bounds.
struct Classes {
  std::vector<double> bounds;
  std::vector<std::string> words;

  [[nodiscard]] std::int32_t step(double value) const {
    const auto at = std::ranges::lower_bound(bounds, value);
    return static_cast<std::int32_t>(std::min(at, bounds.end() - 1) - bounds.begin()) + 1;
  }
};

Classes classes_of(const PageContext& context, const Indicator& indicator,
                   const std::vector<Cell>& cells) {
  const Say say(context);
  std::vector<double> values;
  for (const auto& cell : cells) {
    if (const auto value = shown(indicator, cell)) {
      values.push_back(*value);
    }
  }
  Classes out;
  out.bounds = figures::quintile_bounds(values);
  const int digits = std::clamp(indicator.decimals, 0, 6);
  double low = values.empty() ? 0 : *std::ranges::min_element(values);
  for (const double high : out.bounds) {
    const std::string from = figures::measure(context.language, low, digits);
    const std::string to = figures::measure(context.language, high, digits);
    out.words.push_back(from == to ? to : say("figures.map.range", {{"low", from}, {"high", to}}));
    low = high;
  }
  return out;
}

std::string across_title(const PageContext& context, const FigureBase& base,
                         const FigureSlice& across) {
  const auto rows = placed(context, across);
  const std::int64_t with = std::ranges::count_if(rows, [&](const auto& row) {
    return row.cell != nullptr && shown(*across.table.indicator, *row.cell);
  });
  return Say(context).count("figures.across", with,
                            {{"period", code_name(context, base, "period", across.period)}});
}

FigureChart framed(const PageContext& context, const FigureBase& base, const FigureSlice& slice,
                   std::string id, std::string finding, figures::ChartSpec spec) {
  return {figure_frame(context, std::move(id), std::move(finding),
                       unit_text(context, base, *slice.table.indicator), slice),
          std::move(spec)};
}

std::vector<figures::MapRing> rings_of(const observatory::BoundaryShape& shape) {
  std::vector<figures::MapRing> out;
  for (const auto& ring : shape.rings) {
    figures::MapRing points;
    points.reserve(ring.size());
    for (const auto& p : ring) {
      points.push_back({p.longitude, p.latitude});
    }
    out.push_back(std::move(points));
  }
  return out;
}

// What a cell says on a map: its class, or why it has none.
void fill_area(const PageContext& context, const Indicator& indicator, const Classes& classes,
               const Cell* cell, figures::MapArea& area) {
  const Say say(context);
  if (cell == nullptr) {
    area.value_text = say("figure.no_data");
    return;
  }
  const auto point = datum(context, indicator, *cell, area.name);
  area.value_text = point.value_text;
  area.note = point.interval_text +
              (point.interval_text.empty() || point.note.empty() ? "" : " · ") + point.note;
  if (point.value) {
    area.fill = figures::MapFill::value;
    area.step = classes.step(*point.value);
  } else if (cell->status == observatory::CellStatus::suppressed) {
    area.fill = figures::MapFill::suppressed;
  }
}

figures::MapSpec map_spec(const PageContext& context, const Classes& classes,
                          const BoundarySet& shapes, std::string id, std::string name) {
  const Say say(context);
  figures::MapSpec spec;
  spec.language = context.language;
  spec.id = std::move(id);
  spec.name = std::move(name);
  spec.bounds = classes.words;
  spec.name_header = say(shapes.level == "country"  ? "countries.name"
                         : shapes.level == "admin2" ? "figures.municipality"
                                                    : "figures.subdivision");
  spec.value_header = say("figures.value");
  spec.note_header = say("figures.interval");
  spec.no_data_label = say("figure.no_data");
  spec.suppressed_label = say("cell_status.suppressed");
  const std::string licence = shapes.licence == "public domain" ? say("figures.map.public_domain")
                                                                : shapes.licence;
  spec.source = say(licence.empty() ? "figures.map.source.open" : "figures.map.source",
                    {{"source", shapes.source}, {"licence", licence}});
  return spec;
}

// Where a table was published with smoothed rates its map shows those: of small places each rate
// leans on all of them as far as its own few events say little. Its table says so in the subtitle.
std::vector<Cell> smoothed_cells(const FigureSlice& slice) {
  std::vector<Cell> out = slice.table.cells;
  if (slice.table.query.rate.kind != observatory::RateKind::smoothed) {
    return out;
  }
  for (Cell& cell : out) {
    if (cell.adjusted && cell.adjusted->rate &&
        cell.status != observatory::CellStatus::suppressed) {
      cell.rate = cell.adjusted->rate;
      cell.rate_low = cell.adjusted->low;
      cell.rate_high = cell.adjusted->high;
      cell.small_population = false;
    }
  }
  return out;
}

// The newest period of a table by period and others.
std::string newest_period(const FigureSlice& slice) {
  std::string period;
  for (std::size_t place = 0; place < slice.table.by.size(); ++place) {
    if (slice.table.by[place].name == "period") {
      for (const auto& cell : slice.table.cells) {
        period = std::max(period, cell.codes[place]);
      }
    }
  }
  return period;
}

std::string of_period(const PageContext& context, const FigureBase& base, std::string_view key,
                      const FigureSlice& slice, std::string_view period) {
  return Say(context)(key, {{"indicator", slice.table.indicator->name.in(context.language)},
                            {"period", period_name(context, base, slice.table.cells, period)}});
}

figures::DotsSpec dots_spec(const PageContext& context, std::string label_header) {
  const Say say(context);
  figures::DotsSpec spec;
  spec.language = context.language;
  spec.label_header = std::move(label_header);
  spec.value_header = say("figures.value");
  spec.interval_header = say("figures.interval");
  return spec;
}

// From the oldest down; a code that is no age is no band.
std::vector<std::string> ages_of(const observatory::Table& table, std::size_t place) {
  std::set<std::string> codes;
  for (const auto& cell : table.cells) {
    if (!cell.codes[place].starts_with('_')) {
      codes.insert(cell.codes[place]);
    }
  }
  std::vector<std::string> ages(codes.begin(), codes.end());
  std::ranges::stable_sort(ages, std::ranges::greater(), [](const std::string& code) {
    const auto bounds = observatory::parse_age_code(code);
    return bounds ? bounds->low : 0;
  });
  return ages;
}

Result<std::optional<FigureChart>> chart_of_country(const PageContext& context,
                                                    const observatory::Desk& desk,
                                                    const FigureBase& base,
                                                    const ChartAsked& asked) {
  std::optional<FigureChart> out;
  const auto series = [&](const std::vector<std::string>& keep) {
    return find_series(desk, base, asked.indicator, asked.territory, keep);
  };
  if (asked.chart == "series") {
    if (const auto slice = ATALAYA_TRY(series({}))) {
      out = chart_of_series(context, base, *slice);
    }
  } else if (asked.chart == "sex") {
    if (const auto slice = ATALAYA_TRY(series({"sex"}))) {
      out = chart_of_sexes(context, base, *slice);
    }
  } else if (asked.chart == "ages") {
    if (const auto slice = ATALAYA_TRY(series({"age", "sex"}))) {
      out = chart_of_ages(context, base, *slice);
    }
  } else if (asked.chart == "below" || asked.chart.starts_with("places") ||
             asked.chart.starts_with("municipalities")) {
    const BelowAsked below{.municipalities = asked.chart.starts_with("municipalities"),
                           .crude = asked.chart.ends_with("-crude"),
                           .period = asked.period};
    const auto slice = ATALAYA_TRY(find_below(desk, base, asked.indicator, asked.territory, below));
    const auto shapes =
        ATALAYA_TRY(shapes_below(desk, base, asked.territory, below.municipalities));
    if (slice && asked.chart == "below") {
      out = chart_of_below(context, base, *slice);
    } else if (slice && shapes != nullptr) {
      out = chart_of_places(context, base, *slice, *shapes);
    }
  }
  return out;
}

}  // namespace

FigureChart chart_of_series(const PageContext& context, const FigureBase& base,
                            const FigureSlice& slice) {
  return framed(
      context, base, slice, "series",
      fmt::format("{}{}{}", code_name(context, base, "territory", slice.territory), colon(context),
                  newest_text(context, slice)),
      series_spec(context, base, slice));
}

FigureChart chart_of_tiles(const PageContext& context, const FigureBase& base,
                           const FigureSlice& across) {
  const Say say(context);
  const Indicator& indicator = *across.table.indicator;
  const auto classes = classes_of(context, indicator, across.table.cells);
  figures::TilesSpec spec;
  spec.language = context.language;
  spec.name_header = say("countries.name");
  spec.value_header = say("figures.value");
  if (classes.bounds.size() == 5) {
    spec.bounds = classes.words;
  }
  for (const auto& row : placed(context, across)) {
    figures::Tile tile;
    tile.code = row.country->id;
    tile.name = row.country->tile_name.in(context.language);
    tile.full_name = row.country->name.in(context.language);
    tile.url = link(context, figure_path(indicator.id, row.country->id));
    tile.row = row.country->tile_row;
    tile.column = row.country->tile_column;
    if (row.cell != nullptr) {
      tile.value = shown_text(context, indicator, *row.cell);
      tile.on_tile = tile_text(context, indicator, *row.cell);
      if (const auto value = shown(indicator, *row.cell); value && spec.bounds.size() == 5) {
        tile.step = classes.step(*value);
      }
    }
    spec.tiles.push_back(std::move(tile));
  }
  return framed(context, base, across, "across", across_title(context, base, across),
                std::move(spec));
}

FigureChart chart_of_states(const PageContext& context, const FigureBase& base,
                            const FigureSlice& across, std::string_view chosen) {
  const Say say(context);
  const Indicator& indicator = *across.table.indicator;
  auto spec = dots_spec(context, say("countries.name"));
  for (const auto& row : placed(context, across)) {
    figures::Datum point;
    if (row.cell != nullptr) {
      point = datum(context, indicator, *row.cell, row.country->name.in(context.language));
    } else {
      point.label = row.country->name.in(context.language);
      point.value_text = say("figure.no_data");
      point.mark = figures::DatumMark::missing;
    }
    point.url = link(context, figure_path(indicator.id, row.country->id));
    point.chosen = row.country->id == chosen;
    spec.rows.push_back(std::move(point));
  }
  return framed(context, base, across, "states",
                of_period(context, base, "figures.states", across, across.period), std::move(spec));
}

FigureChart chart_of_americas(const PageContext& context, const FigureBase& base,
                              const FigureSlice& across, std::string_view chosen) {
  const Say say(context);
  const Indicator& indicator = *across.table.indicator;
  const auto& shapes = observatory::americas_boundaries();
  const auto classes = classes_of(context, indicator, across.table.cells);
  const std::string title = of_period(context, base, "figures.map", across, across.period);
  auto spec = map_spec(context, classes, shapes, "americas", title);
  const auto rows = placed(context, across);
  for (const auto& shape : shapes.shapes) {
    figures::MapArea area;
    area.code = shape.code;
    area.rings = rings_of(shape);
    const auto row = std::ranges::find_if(
        rows, [&](const Placed& placed) { return placed.country->id == shape.code; });
    if (row == rows.end()) {
      area.fill = figures::MapFill::land;
    } else {
      area.name = row->country->name.in(context.language);
      area.url = link(context, figure_path(indicator.id, row->country->id));
      area.chosen = row->country->id == chosen;
      fill_area(context, indicator, classes, row->cell, area);
    }
    spec.areas.push_back(std::move(area));
  }
  std::ranges::stable_sort(spec.areas, {}, [](const auto& area) { return fold(area.name); });
  spec.insets = {
      {say("figures.map.caribbean"), {"KNA", "ATG", "DMA", "LCA", "BRB", "VCT", "GRD", "TTO"}}};
  return framed(context, base, across, "map", title, std::move(spec));
}

FigureChart chart_of_sexes(const PageContext& context, const FigureBase& base,
                           const FigureSlice& slice) {
  const std::string period = newest_period(slice);
  const auto table = fixed(slice.table, "period", period);
  auto spec = dots_spec(context, dimension_name(context, base, table.by[0]));
  for (const auto& cell : table.cells) {
    spec.rows.push_back(datum(context, *table.indicator, cell,
                              code_name(context, base, table.by[0].name, cell.codes[0])));
  }
  return framed(context, base, slice, "by-sex",
                of_period(context, base, "figures.by_sex", slice, period), std::move(spec));
}

FigureChart chart_of_ages(const PageContext& context, const FigureBase& base,
                          const FigureSlice& slice) {
  const Say say(context);
  const std::string period = newest_period(slice);
  const auto table = fixed(slice.table, "period", period);
  const std::size_t age = table.by[0].name == "age" ? 0 : 1;
  std::map<std::pair<std::string, std::string>, const Cell*> cells;
  for (const auto& cell : table.cells) {
    cells[{cell.codes[age], cell.codes[1 - age]}] = &cell;
  }
  figures::PyramidSpec spec;
  spec.language = context.language;
  spec.label_header = dimension_name(context, base, table.by[age]);
  spec.left_header = code_name(context, base, "sex", "M");
  spec.right_header = code_name(context, base, "sex", "F");
  // A table lists what was counted; of a rounded one small numbers are not in it either.
  const auto& notes = table.notes;
  const bool rounded = std::ranges::find(notes, "observatory.note.rounded") != notes.end();
  const std::string absent = say(rounded ? "figure.no_data" : "figures.none_counted");
  for (const auto& code : ages_of(table, age)) {
    figures::PyramidBand band;
    band.label = code_name(context, base, "age", code);
    const auto fill = [&](const char* sex, std::optional<double>& value, std::string& text) {
      const auto at = cells.find({code, sex});
      text = at == cells.end() ? absent : shown_text(context, *table.indicator, *at->second);
      value = at == cells.end() ? std::nullopt : shown(*table.indicator, *at->second);
    };
    fill("M", band.left, band.left_text);
    fill("F", band.right, band.right_text);
    spec.bands.push_back(std::move(band));
  }
  return framed(context, base, slice, "pyramid",
                of_period(context, base, "figures.pyramid", slice, period), std::move(spec));
}

FigureChart chart_of_below(const PageContext& context, const FigureBase& base,
                           const FigureSlice& slice) {
  auto spec = dots_spec(context, Say(context)("figures.subdivision"));
  for (const auto& cell : slice.table.cells) {
    auto row = datum(context, *slice.table.indicator, cell,
                     code_name(context, base, "territory", cell.codes[0]));
    row.url = link(context, explorer_path(slice.held) + "&territory=" + cell.codes[0]);
    spec.rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(spec.rows, {}, [](const auto& row) { return fold(row.label); });
  return framed(context, base, slice, "below",
                of_period(context, base, "figures.below", slice, slice.period), std::move(spec));
}

namespace {

// Thousands of shapes are drawn no finer than their page can carry: at this many points a map is
// about 60 kB of a first load of at most 300.
constexpr std::size_t kMapPointsMax = 16'000;

std::size_t points_of(const BoundarySet& set) {
  std::size_t points = 0;
  for (const auto& shape : set.shapes) {
    for (const auto& ring : shape.rings) {
      points += ring.size();
    }
  }
  return points;
}

std::shared_ptr<const BoundarySet> thinned(const std::shared_ptr<const BoundarySet>& all) {
  if (all == nullptr || points_of(*all) <= kMapPointsMax) {
    return all;
  }
  auto out = std::make_shared<BoundarySet>(*all);
  for (double degrees = 0.01; degrees < 1 && points_of(*out) > kMapPointsMax; degrees *= 1.6) {
    observatory::simplify_shapes(out->shapes, degrees);
  }
  return out;
}

}  // namespace

Result<std::shared_ptr<const BoundarySet>> shapes_below(const observatory::Desk& desk,
                                                        const FigureBase& base,
                                                        std::string_view place,
                                                        bool municipalities) {
  const auto& territories = *base.territories;
  if (territories.level(place) != "admin1") {
    const auto found = ATALAYA_TRY(desk.boundaries(place, municipalities ? "admin2" : "admin1"));
    return thinned(found);
  }
  auto all = ATALAYA_TRY(desk.boundaries(territories.ancestor(place, "country"), "admin2"));
  if (all == nullptr) {
    return all;
  }
  auto out = std::make_shared<BoundarySet>(*all);
  std::erase_if(out->shapes,
                [&](const auto& shape) { return territories.parent(shape.code) != place; });
  return std::shared_ptr<const BoundarySet>(out->shapes.empty() ? nullptr : std::move(out));
}

FigureChart chart_of_places(const PageContext& context, const FigureBase& base,
                            const FigureSlice& slice, const BoundarySet& shapes) {
  const Indicator& indicator = *slice.table.indicator;
  const auto drawn_cells = smoothed_cells(slice);
  const auto classes = classes_of(context, indicator, drawn_cells);
  const bool is_second = shapes.level == "admin2";
  std::string title = of_period(context, base, "figures.map", slice, slice.period);
  if (is_second) {
    title = Say(context)("figures.map.within",
                         {{"indicator", indicator.name.in(context.language)},
                          {"place", code_name(context, base, "territory", slice.territory)},
                          {"period", period_name(context, base, slice.table.cells, slice.period)}});
  }
  const std::string id = is_second ? "municipalities" : "places";
  auto spec = map_spec(context, classes, shapes, id, title);
  std::map<std::string_view, const Cell*> cells;
  for (const auto& cell : drawn_cells) {
    cells[cell.codes[0]] = &cell;
  }
  for (const auto& shape : shapes.shapes) {
    figures::MapArea area;
    area.code = shape.code;
    area.name = code_name(context, base, "territory", shape.code);
    area.rings = rings_of(shape);
    const auto at = cells.find(shape.code);
    fill_area(context, indicator, classes, at == cells.end() ? nullptr : at->second, area);
    area.url = link(context, explorer_path(slice.held) + "&territory=" + shape.code);
    spec.areas.push_back(std::move(area));
    cells.erase(shape.code);
  }
  // A figure without a shape is in the table all the same.
  for (const auto& [code, cell] : cells) {
    figures::MapArea area;
    area.code = code;
    area.name = code_name(context, base, "territory", code);
    fill_area(context, indicator, classes, cell, area);
    spec.areas.push_back(std::move(area));
  }
  std::ranges::stable_sort(spec.areas, {}, [](const auto& area) { return fold(area.name); });
  auto chart = framed(context, base, slice, id, title, std::move(spec));
  if (slice.table.query.rate.kind == observatory::RateKind::smoothed) {
    chart.frame.subtitle += " · " + rate_name(context, slice.table.query.rate);
  }
  return chart;
}

Result<std::optional<FigureChart>> make_chart(const PageContext& context,
                                              const observatory::Desk& desk, const FigureBase& base,
                                              const ChartAsked& asked) {
  if (asked.chart != "tiles" && asked.chart != "states" && asked.chart != "map") {
    return chart_of_country(context, desk, base, asked);
  }
  std::optional<FigureChart> out;
  const auto across = ATALAYA_TRY(find_across(desk, base, asked.indicator, asked.period));
  if (across) {
    out = asked.chart == "tiles" ? chart_of_tiles(context, base, *across)
          : asked.chart == "map" ? chart_of_americas(context, base, *across, asked.territory)
                                 : chart_of_states(context, base, *across, asked.territory);
  }
  return out;
}

Html drawn(const PageContext& context, FigureChart chart, const ChartAsked& asked) {
  const std::string query = fmt::format(
      "?chart={}{}{}", asked.chart,
      asked.territory.empty() ? "" : "&territory=" + figures::url_encode(asked.territory),
      asked.period.empty() ? "" : "&period=" + figures::url_encode(asked.period));
  for (const auto& [suffix, label] : {std::pair{"svg", "SVG"}, std::pair{"png", "PNG"}}) {
    chart.frame.links.push_back(
        {label, link(context, fmt::format("/figures/{}.{}{}", asked.indicator, suffix, query))});
  }
  return figures::figure(chart.frame, figures::chart_of(chart.spec));
}

}  // namespace atalaya::api
