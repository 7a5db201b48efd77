// The JSON API of figures. Anyone reads what was released; drafts are for analysts and publishers.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/observatory/release_public.hpp>

#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

struct IndicatorSummary {
  std::string indicator, group, name, definition, unit;
  std::int64_t scale = 1;
  bool comparable = false, confirmed = true, protected_by_default = false;
  std::vector<std::string> breakdowns, series, themes;
  std::string source;
};
BOOST_DESCRIBE_STRUCT(IndicatorSummary, (),
                      (indicator, group, name, definition, unit, scale, comparable, confirmed,
                       protected_by_default, breakdowns, series, themes, source))

struct IndicatorList {
  std::vector<IndicatorSummary> indicators;
};
BOOST_DESCRIBE_STRUCT(IndicatorList, (), (indicators))

struct ReleaseSummary {
  std::string release, name, published_at;
  bool synthetic = false;
  std::int64_t tables = 0;
};
BOOST_DESCRIBE_STRUCT(ReleaseSummary, (), (release, name, published_at, synthetic, tables))

struct ReleaseList {
  std::vector<ReleaseSummary> releases;
};
BOOST_DESCRIBE_STRUCT(ReleaseList, (), (releases))

struct ReleasedTable {
  std::int64_t position = 0, cells = 0, suppressed = 0;
  std::string indicator, segment_sha256;
  json::value query;
};
BOOST_DESCRIBE_STRUCT(ReleasedTable, (),
                      (position, cells, suppressed, indicator, segment_sha256, query))

struct ReleaseAnswer {
  std::string release, name, plan, published_at, published_by;
  bool synthetic = false;
  std::optional<std::int64_t> ledger_leaf;
  json::value decision, policy, submissions;
  std::vector<ReleasedTable> tables;
};
BOOST_DESCRIBE_STRUCT(ReleaseAnswer, (),
                      (release, name, plan, published_at, published_by, synthetic, ledger_leaf,
                       decision, policy, submissions, tables))

struct ReleaseChanges {
  std::string release;
  json::value changes;
};
BOOST_DESCRIBE_STRUCT(ReleaseChanges, (), (release, changes))

struct FigureTable {
  json::value table;
};
BOOST_DESCRIBE_STRUCT(FigureTable, (), (table))

struct SubmissionAnswer {
  std::int64_t submission = 0, mapping_version = 0, segment_rows = 0;
  std::string source, kind, country, title, mapping, phase, period_from, period_to, loaded_at;
  bool synthetic = false, erased = false;
  json::value report;
};
BOOST_DESCRIBE_STRUCT(SubmissionAnswer, (),
                      (submission, mapping_version, segment_rows, source, kind, country, title,
                       mapping, phase, period_from, period_to, loaded_at, synthetic, erased,
                       report))

struct SubmissionList {
  std::vector<SubmissionAnswer> submissions;
};
BOOST_DESCRIBE_STRUCT(SubmissionList, (), (submissions))

Result<http::Response> list_indicators(const Call& call, Node& node) {
  IndicatorList out;
  for (const auto& i : node.observatory->indicators().all()) {
    out.indicators.push_back({i.id, i.group, i.name.in(call.language),
                              i.definition.in(call.language), i.unit, i.scale, i.is_comparable,
                              i.is_confirmed, i.disclosure.is_protected, i.breakdowns, i.series,
                              i.themes, i.source});
  }
  return json_response(out);
}

Result<http::Response> list_releases(const Call&, Node& node) {
  const auto all = ATALAYA_TRY(node.observatory->releases());
  ReleaseList out;
  for (const auto& r : all) {
    out.releases.push_back(
        {r.id, r.name, r.published_at, r.synthetic, static_cast<std::int64_t>(r.tables.size())});
  }
  return json_response(out);
}

Result<http::Response> get_release(const Call& call, Node& node) {
  const auto r = ATALAYA_TRY(node.observatory->release(call.text("id")));
  ReleaseAnswer out;
  out.release = r.id;
  out.name = r.name;
  out.plan = obs::public_plan(r.plan);
  out.published_at = r.published_at;
  out.published_by = r.published_by;
  out.synthetic = r.synthetic;
  const auto leaf = ATALAYA_TRY(node.observatory->release_leaf(r.id));
  if (leaf) {
    out.ledger_leaf = static_cast<std::int64_t>(*leaf);
  }
  out.decision = r.decision;
  out.policy = obs::public_policy(r.policy);
  out.submissions = r.submissions;
  for (const auto& t : r.tables) {
    out.tables.push_back(
        {t.position, t.cells, t.suppressed, t.indicator, t.segment_sha256, t.query});
  }
  return json_response(out);
}

Result<obs::TableQuery> query_of(const Call& call) {
  obs::TableQuery query;
  query.indicator = call.text("indicator");
  query.by = ATALAYA_TRY(obs::parse_by(call.text("by")));
  query.where = ATALAYA_TRY(obs::parse_where(call.text("where")));
  query.source = call.text("source");
  query.population = call.text("population");
  query.rate = ATALAYA_TRY(obs::parse_rate(call.text("rate")));
  return query;
}

Result<http::Response> answer(const Call& call, Node& node, const obs::TableQuery& query) {
  const auto table = ATALAYA_TRY(node.observatory->table(query));
  const auto territories = ATALAYA_TRY(node.observatory->territories());
  if (call.text("format") == "csv") {
    auto response = http::respond(200, "text/csv; charset=utf-8",
                                  obs::table_csv(table, *territories, call.language,
                                                 {.rate = true,
                                                  .several_years = false,
                                                  .sources = false,
                                                  .quality = call.text("quality") == "yes"}));
    response.headers.set("Content-Disposition",
                         fmt::format("attachment; filename=\"{}.csv\"", query.indicator));
    return response;
  }
  return json_response(FigureTable{obs::table_json(table, *territories, call.language)});
}

Result<http::Response> get_table(const Call& call, Node& node) {
  auto query = ATALAYA_TRY(query_of(call));
  query.release = call.text("release");
  if (const auto date = call.date("as_of")) {
    query.as_of = to_string(*date);
  }
  return answer(call, node, query);
}

Result<http::Response> get_draft_table(const Call& call, Node& node) {
  auto query = ATALAYA_TRY(query_of(call));
  query.draft = true;
  query.quality = call.text("format") != "csv" || call.text("quality") == "yes";
  return answer(call, node, query);
}

Result<http::Response> get_release_table(const Call& call, Node& node) {
  const auto table = ATALAYA_TRY(node.observatory->release_table(
      call.text("id"), static_cast<std::int32_t>(call.integer("position"))));
  const auto territories = ATALAYA_TRY(node.observatory->territories());
  return json_response(FigureTable{obs::table_json(table, *territories, call.language)});
}

Result<http::Response> get_release_changes(const Call& call, Node& node) {
  const std::string id(call.text("id"));
  const auto changes = ATALAYA_TRY(node.observatory->release_changes(id));
  return json_response(ReleaseChanges{id, obs::changes_json(changes)});
}

Result<http::Response> list_submissions(const Call&, Node& node) {
  const auto all = ATALAYA_TRY(node.observatory->submissions());
  SubmissionList out;
  for (const auto& s : all) {
    json::object report = s.report;
    report.erase("contents");  // how loads are compared, of no use to readers
    out.submissions.push_back({s.id, s.mapping_version, s.segment_rows, s.source, s.kind, s.country,
                               s.title, s.mapping, s.phase, s.period_from, s.period_to, s.loaded_at,
                               s.synthetic, s.segment.empty(), std::move(report)});
  }
  return json_response(out);
}

Route for_roles(Route data, RoleSet roles) {
  data.roles = roles;
  data.scope = "observatory:read";
  data.cross_origin = false;
  return data;
}

std::vector<Param> table_params() {
  return {{.name = "indicator", .type = ParamType::id, .about = "The indicator", .required = true},
          {.name = "by",
           .type = ParamType::text,
           .about = "Breakdown: territory:admin1,period:year,sex",
           .max = 500},
          {.name = "where",
           .type = ParamType::text,
           .about = "Choice: territory=COL,period=2023,sex=F|M",
           .max = 2000},
          {.name = "source", .type = ParamType::text, .about = "Source of the facts", .max = 64},
          {.name = "population",
           .type = ParamType::text,
           .about = "Source of the denominator",
           .max = 64},
          {.name = "rate",
           .type = ParamType::text,
           .about = "Beside the crude rate: standardised:who2000, indirect or smoothed",
           .max = 64},
          {.name = "quality",
           .type = ParamType::choice,
           .about = "CSV with the data-quality rating as last column: yes or no",
           .values = {"no", "yes"},
           .fallback = "no"}};
}

}  // namespace

std::vector<Route> observatory_routes() {
  Route table = data_route("/api/v1/figures", "get_figures_json",
                           "Released figures of an indicator by dimensions",
                           schema_of<FigureTable>(), &get_table);
  table.params = table_params();
  table = with_query(or_csv(std::move(table)),
                     {{.name = "release", .type = ParamType::text, .about = "A release", .max = 64},
                      {.name = "as_of", .type = ParamType::date, .about = "As it stood then"}});
  table.rate = RateClass::search;

  Route draft = data_route("/api/v1/drafts", "get_draft_figures_json",
                           "Figures before disclosure control, for analysts and publishers",
                           schema_of<FigureTable>(), &get_draft_table);
  draft.params = table_params();
  draft = or_csv(for_roles(std::move(draft), {Role::analyst, Role::publisher}));
  draft.rate = RateClass::search;
  return {data_route("/api/v1/indicators", "list_indicators_json", "The indicators as defined",
                     schema_of<IndicatorList>(), &list_indicators),
          data_route("/api/v1/releases", "list_releases_json", "Published releases, newest first",
                     schema_of<ReleaseList>(), &list_releases),
          data_route("/api/v1/releases/{id}", "get_release_json",
                     "One release with its plan, policy and tables", schema_of<ReleaseAnswer>(),
                     &get_release),
          data_route("/api/v1/releases/{id}/changes", "get_release_changes_json",
                     "What a release says otherwise than earlier ones, and why",
                     schema_of<ReleaseChanges>(), &get_release_changes),
          data_route("/api/v1/releases/{id}/tables/{position}", "get_release_table_json",
                     "One released table", schema_of<FigureTable>(), &get_release_table),
          std::move(table),
          std::move(draft),
          for_roles(data_route("/api/v1/submissions", "list_submissions_json",
                               "What was loaded, with its account of rows and totals",
                               schema_of<SubmissionList>(), &list_submissions),
                    {Role::analyst, Role::publisher, Role::auditor})};
}

}  // namespace atalaya::api
