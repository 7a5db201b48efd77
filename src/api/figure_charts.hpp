#pragma once
// The charts of the pages of figures, each with its title and sources: pages show them, and the
// same go out as SVG and PNG. Only released figures. Any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <atalaya/figures/sheet.hpp>
#include <atalaya/observatory/boundaries.hpp>

#include "pages_figures.hpp"

namespace atalaya::api {

struct FigureChart {
  figures::FigureFrame frame;
  figures::ChartSpec spec;
};

[[nodiscard]] FigureChart chart_of_series(const PageContext& context, const FigureBase& base,
                                          const FigureSlice& slice);
[[nodiscard]] FigureChart chart_of_tiles(const PageContext& context, const FigureBase& base,
                                         const FigureSlice& across);
[[nodiscard]] FigureChart chart_of_states(const PageContext& context, const FigureBase& base,
                                          const FigureSlice& across, std::string_view chosen);
[[nodiscard]] FigureChart chart_of_americas(const PageContext& context, const FigureBase& base,
                                            const FigureSlice& across, std::string_view chosen);
[[nodiscard]] FigureChart chart_of_sexes(const PageContext& context, const FigureBase& base,
                                         const FigureSlice& slice);
[[nodiscard]] FigureChart chart_of_ages(const PageContext& context, const FigureBase& base,
                                        const FigureSlice& slice);
[[nodiscard]] FigureChart chart_of_below(const PageContext& context, const FigureBase& base,
                                         const FigureSlice& slice);
[[nodiscard]] FigureChart chart_of_places(const PageContext& context, const FigureBase& base,
                                          const FigureSlice& slice,
                                          const observatory::BoundarySet& shapes);

/// What is directly below a country or a first-level subdivision, for its map, or all of a
/// country's municipalities, then with as few points as a page may hold; null where nobody brought
/// shapes. Fails as Desk::boundaries().
[[nodiscard]] Result<std::shared_ptr<const observatory::BoundarySet>> shapes_below(
    const observatory::Desk& desk, const FigureBase& base, std::string_view place,
    bool municipalities = false);

/// Of the rows that the explorer shows: a series, ages by sex, a map or dots; absent where more
/// dimensions vary than a chart can show.
[[nodiscard]] std::optional<FigureChart> explorer_chart(const PageContext& context,
                                                        const ExplorerView& view);

/// What an address of a chart names: /figures/homicide_rate.svg?chart=series&territory=COL. Maps
/// are "places" and "municipalities" (of a whole country), with "-crude" for rates as counted.
struct ChartAsked {
  std::string indicator, chart, territory, period;
};
/// Absent where nothing released answers it, or no such chart is known.
[[nodiscard]] Result<std::optional<FigureChart>> make_chart(const PageContext& context,
                                                            const observatory::Desk& desk,
                                                            const FigureBase& base,
                                                            const ChartAsked& asked);
/// The figure with links to itself as SVG and PNG; `asked` says which it is.
[[nodiscard]] Html drawn(const PageContext& context, FigureChart chart, const ChartAsked& asked);

}  // namespace atalaya::api
