// The public pages of the observatory: released figures only. Kept until a release, or a text of
// the catalogue, changes them.
#include <algorithm>
#include <charconv>
#include <functional>

#include <fmt/format.h>

#include <atalaya/observatory/release_public.hpp>

#include "commitment_charts.hpp"
#include "figure_charts.hpp"
#include "figure_files.hpp"
#include "handler_parts.hpp"
#include "kept_page.hpp"
#include "pages_figures.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

std::unexpected<Error> nothing_of(std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    "api.page.missing",
                    "there is nothing of that name among the figures",
                    {{"id", std::string(id.substr(0, 60))}}});
}

// A release is the only thing that changes a public figure, and none is ever changed.
Result<std::string> version_of(const Node& node) {
  const auto releases = ATALAYA_TRY(node.observatory->releases());
  return fmt::format("{} {}", node.desk->version(), releases.empty() ? "" : releases.front().id);
}

Result<http::Response> kept(const Call& call, Node& node, const MakeAnswer& make) {
  const std::string version = ATALAYA_TRY(version_of(node));
  return kept_answer(call, node, version, make);
}

Result<http::Response> page(const Call& call, Node& node, const RenderPage& render) {
  const std::string version = ATALAYA_TRY(version_of(node));
  return kept_page(call, node, version, render);
}

Result<http::Response> get_figures(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    FigureIndexView view;
    view.base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    view.search = asked(call, "q");
    view.only_held = !asked(call, "held").empty();
    for (const auto& held : view.base.held) {
      const auto& id = held.query.indicator;
      if (view.series.contains(id) || view.base.country.empty()) {
        continue;
      }
      auto slice = ATALAYA_TRY(find_series(*node.observatory, view.base, id, view.base.country));
      if (slice) {
        view.series.emplace(id, *std::move(slice));
      }
    }
    return render_figures(context, view);
  });
}

// Which table the address means: by its release and number, or the newest with that breakdown, of
// real figures before synthetic ones.
const HeldTable* find_held(const Call& call, const FigureBase& base, std::string_view indicator) {
  const std::string release = asked(call, "release");
  const std::string table = asked(call, "table");
  const std::string by = asked(call, "by");
  const std::string where = asked(call, "where");
  std::int32_t position = 0;
  const auto [end, error] = std::from_chars(table.data(), table.data() + table.size(), position);
  if (!table.empty() &&
      (error != std::errc() || end != table.data() + table.size() || position < 1)) {
    return nullptr;  // no number of a table
  }
  const HeldTable* synthetic = nullptr;
  for (const auto& held : base.held) {
    if (held.query.indicator == indicator && (release.empty() || held.release == release) &&
        (position == 0 || held.position == position) && (by.empty() || by_text(held.query) == by) &&
        (where.empty() || where_text(held.query) == where)) {
      if (!held.synthetic) {
        return &held;
      }
      synthetic = synthetic == nullptr ? &held : synthetic;
    }
  }
  return synthetic;
}

// Rows by exact codes of the table's own dimensions: "sex=F".
void choose_rows(const Call& call, ExplorerView& view) {
  view.table = view.slice->table;
  for (std::size_t place = 0; place < view.table.by.size(); ++place) {
    const auto& name = view.table.by[place].name;
    const std::string code = asked(call, name);
    if (code.empty()) {
      continue;
    }
    view.chosen.emplace_back(name, code);
    std::erase_if(view.table.cells,
                  [&](const observatory::Cell& cell) { return cell.codes[place] != code; });
  }
  std::ranges::sort(view.chosen);
}

// Shapes of the country whose first-level subdivisions the rows are.
Result<void> find_shapes(const observatory::Desk& desk, ExplorerView& view) {
  const auto& by = view.table.by;
  const auto place = std::ranges::find(by, "territory", &observatory::TableDimension::name);
  if (place != by.end() && !view.table.cells.empty()) {
    const auto at = static_cast<std::size_t>(place - by.begin());
    const std::string country =
        view.base.territories->ancestor(view.table.cells.front().codes[at], "country");
    view.shapes = ATALAYA_TRY(desk.boundaries(country, "admin1"));
  }
  return {};
}

// The newest table with all these dimensions and the fewest besides; of real figures before
// synthetic ones.
const HeldTable* find_with(const FigureBase& base, std::string_view indicator,
                           const std::vector<std::string>& wanted) {
  const HeldTable* best = nullptr;
  const auto is_better = [&](const HeldTable& held) {
    return best == nullptr || std::pair(held.synthetic, held.query.by.size()) <
                                  std::pair(best->synthetic, best->query.by.size());
  };
  for (const auto& held : base.held) {
    const bool has_all = std::ranges::all_of(wanted, [&](const std::string& name) {
      return std::ranges::any_of(held.query.by, [&](const auto& d) { return d.name == name; });
    });
    if (held.query.indicator == indicator && has_all && is_better(held)) {
      best = &held;
    }
  }
  return best;
}

std::vector<std::string> wanted_dimensions(const Call& call) {
  std::vector<std::string> out;
  for (const auto& [name, value] : call.request.query) {
    if (name == "d" && value.size() <= 60 && out.size() < 20) {
      out.push_back(value);
    }
  }
  return out;
}

Result<ExplorerView> explorer_view(const Call& call, Node& node, std::string indicator) {
  ExplorerView view;
  view.base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
  view.indicator = std::move(indicator);
  view.wanted = wanted_dimensions(call);
  const auto* held = find_held(call, view.base, view.indicator);
  if (!view.wanted.empty() && asked(call, "release").empty()) {
    held = find_with(view.base, view.indicator, view.wanted);
    view.none_holds = held == nullptr;
  }
  if (held == nullptr) {
    return view;
  }
  FigureSlice slice;
  slice.held = *held;
  slice.table = ATALAYA_TRY(node.observatory->release_table(held->release, held->position));
  view.slice = std::move(slice);
  choose_rows(call, view);
  ATALAYA_TRY(find_shapes(*node.observatory, view));
  return view;
}

// Where the address names none: the first that has what it names besides, real before synthetic.
std::string first_indicator(const Call& call, const FigureBase& base) {
  const HeldTable* first = nullptr;
  for (const auto& held : base.held) {
    if ((first == nullptr || (first->synthetic && !held.synthetic)) &&
        find_held(call, base, held.query.indicator) != nullptr) {
      first = &held;
    }
  }
  return first == nullptr ? std::string() : first->query.indicator;
}

Result<http::Response> get_explorer(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    auto view = ATALAYA_TRY(explorer_view(call, node, asked(call, "indicator")));
    // An address that names what is not there is not answered with something else.
    const bool named = !asked(call, "release").empty() || !asked(call, "table").empty();
    const bool known = view.base.indicators->find(view.indicator) != nullptr;
    if ((!known && !view.indicator.empty()) || (named && known && !view.slice)) {
      return nothing_of(view.indicator);
    }
    if (!known) {
      view = ATALAYA_TRY(explorer_view(call, node, first_indicator(call, view.base)));
      if (named && !view.slice) {
        return nothing_of(view.indicator);
      }
    }
    return render_explorer(context, view);
  });
}

Result<http::Response> get_figure_csv(const Call& call, Node& node, std::string_view indicator) {
  const auto view = ATALAYA_TRY(explorer_view(call, node, std::string(indicator)));
  if (!view.slice) {
    return nothing_of(indicator);
  }
  auto response =
      http::respond(200, "text/csv",
                    observatory::table_csv(
                        view.table, *view.base.territories, call.language,
                        {.rate = true, .several_years = true, .sources = true, .quality = true}));
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"{}-{}-{}.csv\"", indicator,
                                   view.slice->held.release, view.slice->held.position));
  response.headers.set("Cache-Control", "no-cache");
  return response;
}

// The rows chosen as a workbook or a data package.
Result<http::Response> get_figure_files(const Call& call, Node& node, std::string_view indicator,
                                        std::string_view suffix) {
  auto view = ATALAYA_TRY(explorer_view(call, node, std::string(indicator)));
  if (!view.slice) {
    return nothing_of(indicator);
  }
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  return table_file(context, view.base, view.slice->held, std::move(view.table), suffix);
}

Result<http::Response> get_chart(const Call& call, Node& node, std::string_view indicator,
                                 std::string_view suffix) {
  return kept(call, node, [&](const PageContext& context) -> Result<http::Response> {
    if (asked(call, "chart") == "table") {
      const auto view = ATALAYA_TRY(explorer_view(call, node, std::string(indicator)));
      auto chart = view.slice ? explorer_chart(context, view) : std::nullopt;
      return chart ? chart_file(context, *chart, indicator, suffix, call.request.target)
                   : nothing_of(indicator);
    }
    const auto base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    const auto chart = ATALAYA_TRY(make_chart(context, *node.observatory, base,
                                              {std::string(indicator), asked(call, "chart"),
                                               asked(call, "territory"), asked(call, "period")}));
    return chart ? chart_file(context, *chart, indicator, suffix, call.request.target)
                 : nothing_of(indicator);
  });
}

// "themes.svg", "states.png", "antecedents-<commitment>.svg": the charts of pages of commitments.
Result<http::Response> get_page_chart(const Call& call, Node& node) {
  const std::string id(call.text("id"));
  const auto dot = id.rfind('.');
  const std::string name = id.substr(0, dot);
  const std::string suffix = dot == std::string::npos ? std::string() : id.substr(dot + 1);
  if (suffix != "svg" && suffix != "png") {
    return nothing_of(id);
  }
  return kept(call, node, [&](const PageContext& context) -> Result<http::Response> {
    constexpr std::string_view kAntecedents = "antecedents-";
    std::optional<FigureChart> chart;
    if (name == "themes") {
      const auto overview = ATALAYA_TRY(node.desk->overview());
      chart = chart_of_themes(context, overview);
    } else if (name == "states") {
      chart = chart_of_all_states(context);
    } else if (name.starts_with(kAntecedents)) {
      const auto view =
          ATALAYA_TRY(node.desk->get(name.substr(kAntecedents.size()), call.language));
      if (!view.antecedents.empty()) {
        chart = chart_of_antecedents(context, view);
      }
    }
    return chart ? chart_file(context, *chart, name, suffix, call.request.target) : nothing_of(id);
  });
}

// A country of which a series is held: the newest table's first.
std::string any_country(const FigureBase& base, const std::optional<FigureSlice>& across,
                        std::string_view indicator) {
  if (across && !across->table.cells.empty()) {
    return across->table.cells.front().codes[0];
  }
  for (const auto& held : base.held) {
    for (const auto& [name, codes] : held.query.where) {
      if (held.query.indicator == indicator && name == "territory" && codes.size() == 1) {
        return codes.front();
      }
    }
  }
  return {};
}

Result<http::Response> get_figure(const Call& call, Node& node) {
  const std::string id(call.text("id"));
  if (const auto dot = id.rfind('.'); dot != std::string::npos) {
    const std::string_view indicator = std::string_view(id).substr(0, dot);
    const std::string_view suffix = std::string_view(id).substr(dot + 1);
    if (suffix == "csv") {
      return get_figure_csv(call, node, indicator);
    }
    if (suffix == "xlsx" || suffix == "zip") {
      return get_figure_files(call, node, indicator, suffix);
    }
    if (suffix == "svg" || suffix == "png") {
      return get_chart(call, node, indicator, suffix);
    }
  }
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    FigureView view;
    view.base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    view.indicator = view.base.indicators->find(id);
    if (view.indicator == nullptr) {
      return nothing_of(id);
    }
    view.across = ATALAYA_TRY(find_across(*node.observatory, view.base, id, asked(call, "period")));
    const std::string territory = asked(call, "territory");
    view.territory = territory.empty() ? view.base.country : territory;
    view.series = ATALAYA_TRY(find_series(*node.observatory, view.base, id, view.territory));
    if (!view.series && territory.empty()) {
      view.territory = any_country(view.base, view.across, id);
      view.series = ATALAYA_TRY(find_series(*node.observatory, view.base, id, view.territory));
      view.other_than_asked = view.series && !view.base.country.empty();
    }
    return render_figure(context, view);
  });
}

Result<http::Response> get_releases(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    return render_releases(context, base);
  });
}

Result<http::Response> get_plan(Node& node, std::string_view id) {
  const auto release = ATALAYA_TRY(node.observatory->release(id));
  auto response = http::respond(200, "application/toml", observatory::public_plan(release.plan));
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"{}.toml\"", release.id));
  response.headers.set("Cache-Control", "no-cache");
  return response;
}

Result<http::Response> get_release(const Call& call, Node& node) {
  const std::string id(call.text("id"));
  if (id.ends_with(".toml")) {
    return get_plan(node, std::string_view(id).substr(0, id.size() - 5));
  }
  for (const std::string_view suffix : {"xlsx", "zip"}) {
    if (id.ends_with("." + std::string(suffix))) {
      const auto base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
      const PageContext context = ATALAYA_TRY(page_context(call, node));
      return release_file(context, *node.observatory, base,
                          std::string_view(id).substr(0, id.size() - suffix.size() - 1), suffix);
    }
  }
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    ReleaseView view;
    view.base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    const auto at = std::ranges::find(view.base.releases, std::string(call.text("id")),
                                      &observatory::Release::id);
    if (at == view.base.releases.end()) {
      return nothing_of(call.text("id"));
    }
    view.release = *at;
    view.revisions = ATALAYA_TRY(revisions_of(*node.observatory, view.base, view.release.id));
    view.leaf = ATALAYA_TRY(node.observatory->release_leaf(view.release.id));
    return render_release(context, view);
  });
}

// The key figures of a country, as far as they are held; the first of those by sex or age.
Result<FigureCountryView> country_view(Node& node, std::string country, Language language) {
  constexpr std::size_t kSeries = 6;
  const auto& desk = *node.observatory;
  FigureCountryView view;
  view.base = ATALAYA_TRY(figure_base(desk, node.country, language));
  view.country = std::move(country);
  for (const auto& indicator : view.base.indicators->all()) {
    auto slice = ATALAYA_TRY(find_series(desk, view.base, indicator.id, view.country));
    if (slice && view.series.size() < kSeries) {
      view.series.push_back(*std::move(slice));
    } else if (slice) {
      view.further.push_back(indicator.id);
    }
    if (!view.by_sex) {
      view.by_sex = ATALAYA_TRY(find_series(desk, view.base, indicator.id, view.country, {"sex"}));
    }
    if (!view.by_age_and_sex) {
      view.by_age_and_sex =
          ATALAYA_TRY(find_series(desk, view.base, indicator.id, view.country, {"age", "sex"}));
    }
    if (!view.below) {
      view.below = ATALAYA_TRY(find_below(desk, view.base, indicator.id, view.country));
    }
  }
  view.shapes = ATALAYA_TRY(desk.boundaries(view.country, "admin1"));
  return view;
}

// The map of municipalities, of one subdivision or of the whole country: of the indicator asked
// for, else of the first that is held for what lies there.
Result<void> choose_municipalities(const Call& call, const observatory::Desk& desk,
                                   FigureCountryView& view) {
  const auto& territories = *view.base.territories;
  for (const auto& indicator : view.base.indicators->all()) {
    if (holds_municipalities(view.base, indicator.id, view.country)) {
      view.within_indicators.push_back(indicator.id);
    }
  }
  const auto shapes = ATALAYA_TRY(desk.boundaries(view.country, "admin2"));
  if (shapes == nullptr) {
    return {};
  }
  for (const auto& shape : shapes->shapes) {
    const std::string parent = territories.ancestor(shape.code, "admin1");
    if (!parent.empty() &&
        std::ranges::find(view.subdivisions, parent) == view.subdivisions.end()) {
      view.subdivisions.push_back(parent);
    }
  }
  const std::string wanted = asked(call, "within");
  const bool whole = wanted == view.country;
  if (!whole && std::ranges::find(view.subdivisions, wanted) == view.subdivisions.end()) {
    return {};
  }
  view.subdivision = wanted;
  view.within_crude = asked(call, "rates") == "crude";
  view.within_shapes = ATALAYA_TRY(shapes_below(desk, view.base, wanted, whole));
  auto indicators = view.within_indicators;
  std::ranges::stable_partition(
      indicators, [&](const std::string& id) { return id == asked(call, "indicator"); });
  for (const auto& id : indicators) {
    if (!view.within) {
      view.within = ATALAYA_TRY(find_below(
          desk, view.base, id, wanted,
          {.municipalities = whole, .crude = view.within_crude, .period = asked(call, "period")}));
      view.within_indicator = id;
    }
  }
  return {};
}

Result<http::Response> get_figure_country(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const std::string country(call.text("id"));
    auto view = ATALAYA_TRY(country_view(node, country, call.language));
    ATALAYA_TRY(choose_municipalities(call, *node.observatory, view));
    if (country.size() != 3 || !view.base.territories->knows(country)) {
      return nothing_of(country);
    }
    return render_figure_country(context, view);
  });
}

Result<http::Response> get_figure_method(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    return render_figure_method(context);
  });
}

Result<http::Response> get_figure_dimensions(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    return render_figure_codes(context, base, nullptr);
  });
}

Result<http::Response> get_figure_codes(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    const auto* list = base.territories->lists().find(call.text("id"));
    if (list == nullptr) {
      return nothing_of(call.text("id"));
    }
    return render_figure_codes(context, base, list);
  });
}

}  // namespace

std::vector<Route> figure_page_routes() {
  Route explorer = page_route("/{lang}/figures/explorer", "get_explorer", &get_explorer);
  explorer.rate = RateClass::search;
  // A release ends in .xlsx or .zip for its tables, a figure also in .csv, .svg or .png for one
  // table or chart, and a chart of the commitments in .svg or .png.
  return {page_route("/{lang}/figures", "get_figures", &get_figures),
          std::move(explorer),
          page_route("/{lang}/figures/method", "get_figure_method", &get_figure_method),
          page_route("/{lang}/figures/codes", "get_figure_dimensions", &get_figure_dimensions),
          page_route("/{lang}/figures/codes/{id}", "get_figure_codes", &get_figure_codes),
          page_route("/{lang}/figures/releases", "get_releases", &get_releases),
          page_route("/{lang}/figures/releases/{id}", "get_release", &get_release),
          page_route("/{lang}/charts/{id}", "get_page_chart", &get_page_chart),
          page_route("/{lang}/figures/countries/{id}", "get_figure_country", &get_figure_country),
          page_route("/{lang}/figures/{id}", "get_figure", &get_figure)};
}

}  // namespace atalaya::api
