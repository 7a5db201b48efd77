#pragma once
// Charts as files of their own: one SVG that says what it shows, from whom and where it stands, and
// the same as PNG. Colours and type are written out, nothing is loaded. Any thread.

#include <string>
#include <string_view>
#include <variant>

#include <atalaya/base/result.hpp>
#include <atalaya/figures/data_charts.hpp>
#include <atalaya/figures/map.hpp>

namespace atalaya::figures {

using ChartSpec = std::variant<SeriesSpec, DotsSpec, PyramidSpec, TilesSpec, MapSpec, MultiplesSpec,
                               TimelineSpec, BarsSpec>;

/// The chart as it stands on a page.
[[nodiscard]] Chart chart_of(const ChartSpec& spec);

/// 960 units wide, as high as it needs. `address` is printed under the source line: where the
/// figure stands; may be empty. Of the frame: finding, subtitle, source.
[[nodiscard]] std::string sheet_svg(const FigureFrame& frame, const ChartSpec& spec,
                                    std::string_view address);

/// Drawn `scale` pixels a unit (1..4) on white. The SVG must be our own: it is rendered in this
/// process. Fails with internal (figures.png) where the drawing library refuses it.
[[nodiscard]] Result<std::string> png_of(std::string_view svg, double scale);

}  // namespace atalaya::figures
