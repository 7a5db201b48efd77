#pragma once
// The charts of the pages of commitments, as figure_charts.hpp has those of figures: pages show
// them, and the same go out as SVG and PNG. Any thread.

#include "figure_charts.hpp"
#include "pages.hpp"

namespace atalaya::api {

/// What was committed by theme and year (home page).
[[nodiscard]] FigureChart chart_of_themes(const PageContext& context,
                                          const commitments::Overview& overview);
/// The 35 states as tiles (page of countries).
[[nodiscard]] FigureChart chart_of_all_states(const PageContext& context);
/// A commitment between its antecedents; only where it has any.
[[nodiscard]] FigureChart chart_of_antecedents(const PageContext& context,
                                               const commitments::CommitmentView& view);
/// The figure with links to itself as SVG and PNG: /charts/<name>.svg.
[[nodiscard]] Html drawn_as(const PageContext& context, FigureChart chart, std::string_view name);

}  // namespace atalaya::api
