// What an observatory does every week: quality and bulletins for anybody, from what was released;
// alerts and linkages for analysts.
#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bulletin.hpp"
#include "handler_parts.hpp"
#include "kept_page.hpp"
#include "pages_weekly.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

constexpr RoleSet kAnalysts = {Role::analyst};
constexpr RoleSet kFigures = {Role::analyst, Role::publisher};

// Changes with releases, linkages and, because they are read anew, loads.
Result<std::string> version_of(const Node& node) {
  const auto releases = ATALAYA_TRY(node.observatory->releases());
  const auto linked = ATALAYA_TRY(obs::linkages(*node.observatory));
  const auto submissions = ATALAYA_TRY(node.observatory->submissions());
  return fmt::format(
      "weekly {} {} {} {}", node.desk->version(), releases.empty() ? "" : releases.front().id,
      linked.empty() ? 0 : linked.front().id, submissions.empty() ? 0 : submissions.back().id);
}

Result<http::Response> public_page(const Call& call, Node& node, const RenderPage& render) {
  const std::string version = ATALAYA_TRY(version_of(node));
  return kept_page(call, node, version, render);
}

std::unexpected<Error> no_country(std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    "api.page.missing",
                    "there is no country of that code",
                    {{"id", std::string(id.substr(0, 60))}}});
}

// The newest of each plan whose counts anybody may read.
Result<std::vector<obs::Linkage>> published_linkages(const obs::Desk& desk,
                                                     std::string_view country) {
  auto all = ATALAYA_TRY(obs::linkages(desk));
  std::set<std::string> seen;
  std::erase_if(all, [&](const obs::Linkage& linkage) {
    return !linkage.published || (!country.empty() && linkage.country != country) ||
           !seen.insert(linkage.linkage).second;
  });
  return all;
}

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// Each source's newest year in the newest release that rated it.
Result<void> find_published(const obs::Desk& desk, QualityView& view, Language language) {
  const auto releases = ATALAYA_TRY(desk.releases());
  for (const auto& release : releases) {
    std::map<std::pair<std::string, std::string>, PublishedRating> found;
    for (const auto& table : release.tables) {
      const auto* list = table.query.if_contains("quality");
      for (const auto& entry :
           list != nullptr && list->is_array() ? list->get_array() : json::array()) {
        const auto* object = entry.if_object();
        if (object == nullptr) {
          continue;
        }
        auto& held = found[{text_in(*object, "source"), text_in(*object, "territory")}];
        if (text_in(*object, "period") >= held.period) {
          held = {text_in(*object, "rating"), text_in(*object, "period"),
                  obs::words_in(release.names, language, release.name)};
        }
      }
    }
    view.published.merge(found);
  }
  return {};
}

// What reports call their sources, in the reader's language.
Result<void> name_sources(const obs::Desk& desk, QualityView& view, Language language) {
  const auto all = ATALAYA_TRY(desk.submissions());
  for (auto& report : view.reports) {
    for (auto& title : report.titles) {
      const auto at = std::ranges::find_if(all, [&](const obs::Submission& s) {
        return s.source == report.source && s.title == title && !s.titles.empty();
      });
      title = at == all.end() ? title : obs::words_in(at->titles, language, title);
    }
  }
  return {};
}

Result<QualityView> quality_view(const Node& node, Language language, std::string country,
                                 std::string source = {}, bool released_only = true) {
  const auto& desk = *node.observatory;
  QualityView view;
  view.country = std::move(country);
  view.territories = ATALAYA_TRY(desk.territories());
  view.indicators = &desk.indicators();
  obs::QualityQuery query;
  query.country = view.country;
  query.source = std::move(source);
  query.released_only = released_only;
  view.reports = ATALAYA_TRY(obs::quality_reports(desk, query));
  view.agreements = ATALAYA_TRY(obs::source_agreements(desk, query));
  view.linkages = ATALAYA_TRY(published_linkages(desk, view.country));
  ATALAYA_TRY(name_sources(desk, view, language));
  if (released_only) {
    ATALAYA_TRY(find_published(desk, view, language));
  }
  return view;
}

Result<http::Response> get_quality(const Call& call, Node& node) {
  return public_page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto view = ATALAYA_TRY(quality_view(node, call.language, ""));
    return render_quality(context, view);
  });
}

// Of what is loaded now, drafts included.
Result<http::Response> get_live_quality(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto view = ATALAYA_TRY(quality_view(node, call.language, "", "", false));
  return private_page(200, render_quality(context, view));
}

Result<http::Response> get_country_quality(const Call& call, Node& node) {
  return public_page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const std::string country(call.text("id"));
    const auto view = ATALAYA_TRY(quality_view(node, call.language, country));
    if (country.size() != 3 || !view.territories->knows(country)) {
      return no_country(country);
    }
    return render_quality(context, view);
  });
}

Result<http::Response> get_bulletin(const Call& call, Node& node) {
  return public_page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto view =
        ATALAYA_TRY(bulletin_view(*node.observatory, call.text("id"), asked(call, "period"),
                                  node.clock->now(), call.language));
    return render_bulletin(context, view);
  });
}

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::not_found;
}

std::size_t small_number(std::string_view text) {
  std::size_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return std::min<std::size_t>(n, 100);
}

Result<obs::SurveillanceQuery> surveillance_query(const Node& node, const AlertsView& view) {
  obs::SurveillanceQuery query;
  query.indicator = view.indicator;
  query.source = view.source;
  query.period = obs::parse_period_kind(view.period).value_or(obs::PeriodKind::week);
  query.recent_left_out = small_number(view.late);
  const auto by = ATALAYA_TRY(obs::parse_by(view.by));
  if (!by.empty()) {
    query.by = by.front();
  }
  if (!node.country.empty()) {
    query.where.emplace_back("territory", std::vector<std::string>{node.country});
  }
  return query;
}

// The sources whose facts may be counted by week: loaded ones of the node's own country.
Result<std::vector<std::pair<std::string, std::string>>> alert_sources(const Node& node,
                                                                       Language language) {
  const auto all = ATALAYA_TRY(node.observatory->submissions());
  std::map<std::string, std::string> newest;
  for (const auto& s : all) {
    const bool is_elsewhere = !node.country.empty() && s.country != node.country;
    if (s.kind == "facts" && !s.segment.empty() && s.source_kind != "international" &&
        !is_elsewhere) {
      newest[s.source] = obs::words_in(s.titles, language, s.title);
    }
  }
  return std::vector<std::pair<std::string, std::string>>(newest.begin(), newest.end());
}

Result<http::Response> get_alerts(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  AlertsView view;
  view.indicator = asked(call, "indicator");
  view.period = asked(call, "period").empty() ? "week" : asked(call, "period");
  view.by = asked(call, "by");
  view.source = asked(call, "source");
  view.sources = ATALAYA_TRY(alert_sources(node, call.language));
  view.late = asked(call, "late").empty() ? "0" : asked(call, "late");
  view.territories = ATALAYA_TRY(node.observatory->territories());
  view.indicators = &node.observatory->indicators();
  if (view.indicator.empty()) {
    view.indicator = "homicide_victims";
    return private_page(200, render_alerts(context, view));
  }
  const auto query = surveillance_query(node, view);
  auto report = query ? obs::find_alerts(*node.observatory, *query)
                      : Result<obs::SurveillanceReport>(fail(query.error()));
  if (!report && !is_users(report.error())) {
    return fail(std::move(report).error());
  }
  if (report) {
    view.report = *std::move(report);
  } else {
    view.error = report.error();
  }
  return private_page(view.error ? 400 : 200, render_alerts(context, view));
}

Result<http::Response> get_linkages(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto all = ATALAYA_TRY(obs::linkages(*node.observatory));
  return private_page(200, render_linkages(context, all));
}

Result<http::Response> get_linkage(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto all = ATALAYA_TRY(obs::linkages(*node.observatory));
  const auto at = std::ranges::find(all, call.integer("number"), &obs::Linkage::id);
  if (at == all.end()) {
    return fail(ErrorCode::not_found, "api.page.missing", "there is no linkage of that number");
  }
  return private_page(200, render_linkage(context, *at));
}

// ---- JSON ----

struct QualityAnswer {
  json::value sources, agreements, linkages;
};
BOOST_DESCRIBE_STRUCT(QualityAnswer, (), (sources, agreements, linkages))

struct AlertsAnswer {
  json::value alerts;
};
BOOST_DESCRIBE_STRUCT(AlertsAnswer, (), (alerts))

struct LinkageAnswer {
  std::int64_t id = 0;
  std::string linkage, title, country, made_at, made_by;
  bool published = false, synthetic = false;
  json::value lists, result, agreement;
};
BOOST_DESCRIBE_STRUCT(LinkageAnswer, (),
                      (id, linkage, title, country, made_at, made_by, published, synthetic, lists,
                       result, agreement))

struct LinkageList {
  std::vector<LinkageAnswer> linkages;
};
BOOST_DESCRIBE_STRUCT(LinkageList, (), (linkages))

// Which place and year stands out is for analysts.
json::object public_quality(const obs::QualityReport& report, Language language) {
  auto out = obs::quality_json(report, language);
  out["outliers"] = report.outliers_found;
  return out;
}

Result<http::Response> get_quality_json(const Call& call, Node& node) {
  const auto view = ATALAYA_TRY(quality_view(node, call.language, std::string(call.text("country")),
                                             std::string(call.text("source"))));
  json::array sources, agreements, linked;
  for (const auto& report : view.reports) {
    sources.push_back(public_quality(report, call.language));
  }
  for (const auto& agreement : view.agreements) {
    agreements.push_back(obs::agreement_json(agreement));
  }
  for (const auto& linkage : view.linkages) {
    linked.push_back(json::object{{"linkage", linkage.linkage},
                                  {"title", linkage.title},
                                  {"country", linkage.country},
                                  {"made_at", linkage.made_at},
                                  {"synthetic", linkage.synthetic},
                                  {"agreement", linkage.agreement}});
  }
  return json_response(QualityAnswer{std::move(sources), std::move(agreements), std::move(linked)});
}

Result<http::Response> get_alerts_json(const Call& call, Node& node) {
  AlertsView view;
  view.indicator = call.text("indicator");
  view.by = call.text("by");
  view.period = call.text("period");
  view.source = call.text("source");
  view.late = std::to_string(call.integer("late"));
  const auto query = ATALAYA_TRY(surveillance_query(node, view));
  const auto report = ATALAYA_TRY(obs::find_alerts(*node.observatory, query));
  const auto territories = ATALAYA_TRY(node.observatory->territories());
  return json_response(AlertsAnswer{obs::surveillance_json(report, *territories, call.language)});
}

Result<http::Response> list_linkages_json(const Call&, Node& node) {
  const auto all = ATALAYA_TRY(obs::linkages(*node.observatory));
  LinkageList out;
  for (const auto& l : all) {
    out.linkages.push_back({l.id, l.linkage, l.title, l.country, l.made_at, l.made_by, l.published,
                            l.synthetic, l.lists, l.result, l.agreement});
  }
  return json_response(out);
}

// ---- routes ----

// These read many rows: they have the rate of a search. What insiders read is audited.
Route costly(Route route) {
  route.rate = RateClass::search;
  return route;
}

Route page_for(RoleSet roles, std::string_view path, std::string_view name, Handler handler) {
  Route route = costly(page_route(path, name, handler, roles));
  route.event = name;
  return route;
}

Route for_analysts(Route data) {
  data.cross_origin = false;
  data.roles = kAnalysts;
  data.scope = "observatory:read";
  data.event = data.name;
  return costly(std::move(data));
}

std::vector<Param> alert_params() {
  return {{.name = "indicator", .type = ParamType::id, .about = "The indicator", .required = true},
          {.name = "by", .type = ParamType::text, .about = "Like territory:admin1", .max = 100},
          {.name = "source", .type = ParamType::text, .about = "Source of the facts", .max = 64},
          {.name = "period",
           .type = ParamType::choice,
           .about = "What is judged",
           .values = {"day", "week", "month"},
           .fallback = "week"},
          {.name = "late",
           .type = ParamType::integer,
           .about = "Newest periods to leave out",
           .min = 0,
           .max = 100}};
}

}  // namespace

std::vector<Route> weekly_routes() {
  Route alerts = for_analysts(data_route("/api/v1/alerts", "get_alerts_json",
                                         "Periods that stand out, for analysts only",
                                         schema_of<AlertsAnswer>(), &get_alerts_json));
  alerts.params = alert_params();
  return {
      costly(page_route("/{lang}/figures/quality", "get_figure_quality", &get_quality)),
      costly(page_route("/{lang}/figures/quality/{id}", "get_figure_quality_country",
                        &get_country_quality)),
      costly(page_route("/{lang}/figures/countries/{id}/bulletin", "get_bulletin", &get_bulletin)),
      page_for(kAnalysts, "/{lang}/desk/figures/alerts", "get_alerts", &get_alerts),
      page_for(kFigures, "/{lang}/desk/figures/quality", "get_live_quality", &get_live_quality),
      page_for(kFigures, "/{lang}/desk/figures/linkages", "get_linkages", &get_linkages),
      page_for(kFigures, "/{lang}/desk/figures/linkages/{number}", "get_linkage", &get_linkage),
      costly(with_query(
          data_route("/api/v1/quality", "get_quality_json",
                     "How good the data of released sources are, and how far they lie apart",
                     schema_of<QualityAnswer>(), &get_quality_json),
          {{.name = "country", .type = ParamType::text, .about = "ISO 3166-1 alpha-3", .max = 3},
           {.name = "source", .type = ParamType::text, .about = "One source", .max = 64}})),
      std::move(alerts),
      for_analysts(data_route("/api/v1/linkages", "list_linkages_json",
                              "What was linked, in counts, for analysts", schema_of<LinkageList>(),
                              &list_linkages_json))};
}

}  // namespace atalaya::api
