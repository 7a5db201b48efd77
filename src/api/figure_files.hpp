#pragma once
// Released tables and charts as files to take away. Any thread.

#include <string>
#include <string_view>

#include <atalaya/http/message.hpp>

#include "figure_charts.hpp"

namespace atalaya::api {

/// "xlsx" or "zip" of one table.
[[nodiscard]] Result<http::Response> table_file(const PageContext& context, const FigureBase& base,
                                                const HeldTable& held, observatory::Table table,
                                                std::string_view suffix);
/// The same of all tables of a release. Fails with not_found where there is no such release.
[[nodiscard]] Result<http::Response> release_file(const PageContext& context,
                                                  const observatory::Desk& desk,
                                                  const FigureBase& base, std::string_view release,
                                                  std::string_view suffix);
/// "svg" or "png"; `target` is the address asked for, printed under the chart.
[[nodiscard]] Result<http::Response> chart_file(const PageContext& context,
                                                const FigureChart& chart,
                                                std::string_view indicator,
                                                std::string_view suffix, std::string_view target);

}  // namespace atalaya::api
