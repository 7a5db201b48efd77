// What the explorer draws: which chart fits the dimensions that are left to vary.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "figure_charts.hpp"

namespace atalaya::api {
namespace {

constexpr std::size_t kDotsShown = 60;

std::vector<std::size_t> free_dimensions(const observatory::Table& table) {
  std::vector<std::size_t> out;
  for (std::size_t place = 0; place < table.by.size(); ++place) {
    const bool varies = std::ranges::any_of(table.cells, [&](const observatory::Cell& cell) {
      return cell.codes[place] != table.cells.front().codes[place];
    });
    if (varies) {
      out.push_back(place);
    }
  }
  return out;
}

// The table with these dimensions alone; the others have one code each.
observatory::Table only(const observatory::Table& table, const std::vector<std::size_t>& places) {
  observatory::Table out = table;
  out.by.clear();
  for (const std::size_t place : places) {
    out.by.push_back(table.by[place]);
  }
  for (auto& cell : out.cells) {
    std::vector<std::string> codes;
    for (const std::size_t place : places) {
      codes.push_back(cell.codes[place]);
    }
    cell.codes = std::move(codes);
  }
  return out;
}

// What is fixed, in words: "2023 · Women".
std::string fixed_text(const PageContext& context, const ExplorerView& view,
                       const std::vector<std::size_t>& free) {
  std::string out;
  for (std::size_t place = 0; place < view.table.by.size(); ++place) {
    if (std::ranges::find(free, place) == free.end()) {
      out += (out.empty() ? "" : " · ") + code_name(context, view.base, view.table.by[place].name,
                                                   view.table.cells.front().codes[place]);
    }
  }
  return out;
}

bool are_places(const ExplorerView& view, const observatory::Table& table) {
  return view.shapes != nullptr && std::ranges::all_of(table.cells, [&](const auto& cell) {
    return view.base.territories->parent(cell.codes[0]) == view.shapes->country;
  });
}

figures::DotsSpec dots_of(const PageContext& context, const ExplorerView& view,
                          const observatory::Table& table) {
  const Say say(context);
  figures::DotsSpec spec;
  spec.language = context.language;
  spec.label_header = dimension_name(context, view.base, table.by[0]);
  spec.value_header = say("figures.value");
  spec.interval_header = say("figures.interval");
  for (const auto& cell : table.cells) {
    spec.rows.push_back(datum(context, *table.indicator, cell,
                              code_name(context, view.base, table.by[0].name, cell.codes[0])));
  }
  return spec;
}

}  // namespace

std::optional<FigureChart> explorer_chart(const PageContext& context, const ExplorerView& view) {
  if (!view.slice || view.table.cells.empty()) {
    return std::nullopt;
  }
  auto free = free_dimensions(view.table);
  if (free.empty() && !view.table.by.empty()) {
    free.push_back(0);
  }
  FigureSlice slice = *view.slice;
  slice.table = only(view.table, free);
  const auto& by = slice.table.by;
  const bool is_series = by.size() == 1 && by[0].name == "period";
  const std::size_t left = is_series ? keep_whole_periods(slice.table) : 0;
  if (slice.table.cells.empty()) {
    return std::nullopt;
  }
  std::optional<FigureChart> out;
  if (by.size() == 2) {
    const bool are_ages = (by[0].name == "age" && by[1].name == "sex") ||
                          (by[0].name == "sex" && by[1].name == "age");
    if (!are_ages) {
      return std::nullopt;
    }
    // chart_of_ages() takes the newest period; here it is fixed already.
    auto with_period = slice;
    with_period.table.by.push_back({"period", ""});
    for (auto& cell : with_period.table.cells) {
      cell.codes.push_back("_T");
    }
    out = chart_of_ages(context, view.base, with_period);
  } else if (is_series) {
    out = FigureChart{figure_frame(context, "chart", "", "", slice),
                      series_spec(context, view.base, slice)};
  } else if (by.size() == 1 && by[0].name == "territory" && are_places(view, slice.table)) {
    out = chart_of_places(context, view.base, slice, *view.shapes);
  } else if (by.size() == 1 && slice.table.cells.size() <= kDotsShown) {
    out = FigureChart{figure_frame(context, "chart", "", "", slice),
                      dots_of(context, view, slice.table)};
  }
  if (out) {
    const auto& indicator = *view.table.indicator;
    const std::string what = fixed_text(context, view, free);
    out->frame.id = "chart";
    out->frame.finding = titled(
        context, indicator.name.in(context.language) + (what.empty() ? "" : ", " + what),
        slice.held.synthetic);
    out->frame.subtitle = unit_text(context, view.base, indicator);
    if (left > 0) {
      out->frame.subtitle +=
          " · " + Say(context).count("figures.not_shown", static_cast<std::int64_t>(left));
    }
  }
  return out;
}

}  // namespace atalaya::api
