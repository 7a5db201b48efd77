#include "figure_files.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/observatory/table_files.hpp>

namespace atalaya::api {
namespace {

constexpr double kPixels = 2;  // of PNG, a unit: sharp in print and on fine screens

std::string_view media_type(std::string_view suffix) {
  return suffix == "xlsx" ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
         : suffix == "zip" ? "application/zip"
         : suffix == "svg" ? "image/svg+xml"
                           : "image/png";
}

http::Response attachment(std::string bytes, std::string_view name, std::string_view suffix) {
  auto response = http::respond(200, std::string(media_type(suffix)), std::move(bytes));
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"{}.{}\"", name, suffix));
  response.headers.set("Cache-Control", "no-cache");
  return response;
}

// Lower case letters, digits, '-', '_' and '.', as package names are.
std::string plain_name(std::string_view text) {
  std::string out;
  for (const char c : fold(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    out += plain ? c : '-';
  }
  return out;
}

observatory::NamedTable named(const PageContext& context, const FigureBase& base,
                              const HeldTable& held, observatory::Table table) {
  observatory::NamedTable out;
  out.name = plain_name(fmt::format("{}-{}", held.position, held.query.indicator));
  out.title = titled(context,
                     table.indicator->name.in(context.language) + ", " +
                         by_name(context, base, held.query),
                     held.synthetic);
  out.table = std::move(table);
  return out;
}

void add_sources(const HeldTable& held, const observatory::Table& table,
                 observatory::TableFiles& files) {
  const auto add = [&](const std::string& title) {
    const bool is_new = std::ranges::none_of(
        files.sources, [&](const auto& source) { return source.first == title; });
    if (!title.empty() && is_new) {
      files.sources.emplace_back(title, "");
    }
  };
  for (const auto& source : held.sources) {
    add(source);
  }
  add(table.population_title);
}

Result<http::Response> written(const PageContext& context, const FigureBase& base,
                               const observatory::TableFiles& files, std::string_view suffix) {
  auto bytes = suffix == "xlsx"
                   ? observatory::tables_xlsx(files, *base.territories, context.language)
                   : observatory::data_package(files, *base.territories, context.language);
  if (!bytes) {
    return fail(std::move(bytes).error());
  }
  return attachment(*std::move(bytes), files.name, suffix);
}

}  // namespace

Result<http::Response> table_file(const PageContext& context, const FigureBase& base,
                                  const HeldTable& held, observatory::Table table,
                                  std::string_view suffix) {
  observatory::TableFiles files;
  files.name = plain_name(
      fmt::format("{}-{}-{}", held.query.indicator, held.release, held.position));
  files.address = context.origin + link(context, explorer_path(held));
  files.released_at = held.published_at;
  add_sources(held, table, files);
  files.tables.push_back(named(context, base, held, std::move(table)));
  files.title = files.tables.front().title;
  return written(context, base, files, suffix);
}

Result<http::Response> release_file(const PageContext& context, const observatory::Desk& desk,
                                    const FigureBase& base, std::string_view release,
                                    std::string_view suffix) {
  observatory::TableFiles files;
  for (const auto& held : base.held) {
    if (held.release != release) {
      continue;
    }
    auto table = ATALAYA_TRY(desk.release_table(held.release, held.position));
    add_sources(held, table, files);
    files.title = titled(context, held.release_name, held.synthetic);
    files.released_at = held.published_at;
    files.tables.push_back(named(context, base, held, std::move(table)));
  }
  if (files.tables.empty()) {
    return fail(Error{ErrorCode::not_found,
                      "api.page.missing",
                      "there is no such release",
                      {{"id", std::string(release.substr(0, 60))}}});
  }
  files.name = plain_name(release);
  files.address = context.origin + link(context, "/figures/releases/" + std::string(release));
  return written(context, base, files, suffix);
}

Result<http::Response> chart_file(const PageContext& context, const FigureChart& chart,
                                  std::string_view indicator, std::string_view suffix,
                                  std::string_view target) {
  std::string svg =
      figures::sheet_svg(chart.frame, chart.spec, context.origin + std::string(target));
  const std::string name = plain_name(fmt::format("{}-{}", indicator, chart.frame.id));
  if (suffix == "svg") {
    return attachment(std::move(svg), name, suffix);
  }
  auto png = figures::png_of(svg, kPixels);
  if (!png) {
    return fail(std::move(png).error());
  }
  return attachment(*std::move(png), name, suffix);
}

}  // namespace atalaya::api
