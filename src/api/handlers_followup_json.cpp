// The JSON API of the cube: cells with their counts, reports, published assessments, changes.
#include <fmt/format.h>

#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/tables.hpp>

#include "followup_access.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::Cube;
using followup::Reports;

struct OtherAssessmentAnswer {
  std::string scale, assessment, as_of, node;
  bool dissent = false;
};
BOOST_DESCRIBE_STRUCT(OtherAssessmentAnswer, (), (scale, assessment, as_of, node, dissent))

struct CellAnswer {
  std::string commitment, actor, applicability, state_report, state_report_as_of, assessment,
      assessment_as_of, assessment_node;
  std::optional<std::int32_t> g20;
  bool dissent = false, statement_of_position = false, measured = false;
  std::int32_t treaties = 0, treaties_party = 0, treaties_unknown = 0, entries = 0;
  std::vector<OtherAssessmentAnswer> other_scales;
};
BOOST_DESCRIBE_STRUCT(CellAnswer, (),
                      (commitment, actor, applicability, state_report, state_report_as_of,
                       assessment, assessment_as_of, assessment_node, g20, dissent,
                       statement_of_position, measured, treaties, treaties_party, treaties_unknown,
                       entries, other_scales))

struct CellCounts {
  std::int32_t cells = 0, applicable = 0, not_applicable = 0, before_adoption = 0,
               participation_unknown = 0, reported = 0, assessed = 0, assessed_on_scale = 0,
               dissent = 0, with_data = 0;
  std::map<std::string, std::int32_t> by_report, by_assessment, by_g20;
};
BOOST_DESCRIBE_STRUCT(CellCounts, (),
                      (cells, applicable, not_applicable, before_adoption, participation_unknown,
                       reported, assessed, assessed_on_scale, dissent, with_data, by_report,
                       by_assessment, by_g20))

struct CellList {
  std::string as_of, scale;
  std::int64_t commitments = 0;
  CellCounts counts;
  std::vector<CellAnswer> cells;
};
BOOST_DESCRIBE_STRUCT(CellList, (), (as_of, scale, commitments, counts, cells))

struct ReportSource {
  std::string title, url, file;
};
BOOST_DESCRIBE_STRUCT(ReportSource, (), (title, url, file))

struct ReportAnswer {
  std::string commitment, actor;
  std::int64_t version = 0, newest_version = 0;  // the latter is what a new one has to name
  std::string as_of, value, actions, law, programme, budget, text, language;
  std::vector<ReportSource> sources;
  std::string reported_at, reported_by;
};
BOOST_DESCRIBE_STRUCT(ReportAnswer, (),
                      (commitment, actor, version, newest_version, as_of, value, actions, law,
                       programme, budget, text, language, sources, reported_at, reported_by))

struct ReportList {
  std::vector<ReportAnswer> reports;
};
BOOST_DESCRIBE_STRUCT(ReportList, (), (reports))

struct SourceRequest {
  std::optional<std::string> title, url, file;
};
BOOST_DESCRIBE_STRUCT(SourceRequest, (), (title, url, file))

struct ReportRequest {
  std::string commitment, actor;
  std::int64_t version = 0;
  std::string as_of, value;
  std::optional<std::string> actions, law, programme, budget, text, language, why;
  std::optional<std::vector<SourceRequest>> sources;
};
BOOST_DESCRIBE_STRUCT(ReportRequest, (),
                      (commitment, actor, version, as_of, value, actions, law, programme, budget,
                       text, language, why, sources))

struct ReportVersion {
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(ReportVersion, (), (version))

struct FollowupChange {
  std::int64_t position = 0, leaf = 0;
  std::string at, by, kind, commitment, actor, instrument, before, after, why;
  std::int64_t submission = 0;  // of an alternative report or a correction
};
BOOST_DESCRIBE_STRUCT(FollowupChange, (),
                      (position, leaf, at, by, kind, commitment, actor, instrument, before, after,
                       why, submission))

struct FollowupChangeList {
  std::vector<FollowupChange> changes;
};
BOOST_DESCRIBE_STRUCT(FollowupChangeList, (), (changes))

struct CodeSource {
  std::string title, url, file, no_copy;  // no_copy: why no copy of the page is kept
};
BOOST_DESCRIBE_STRUCT(CodeSource, (), (title, url, file, no_copy))

struct CodeAnswer {
  std::string coder, value, reasons, provision, interest;
  std::vector<CodeSource> sources;
};
BOOST_DESCRIBE_STRUCT(CodeAnswer, (), (coder, value, reasons, provision, interest, sources))

struct AssessmentAnswer {
  std::int64_t coding = 0, criteria_version = 0;
  std::string commitment, actor, scale, as_of, window_from, window_to, value, criteria, decided_by,
      decision, reply, reply_language, replied_by, replied_at, published_at, node;
  bool dissent = false;
  std::vector<CodeAnswer> codes;
};
BOOST_DESCRIBE_STRUCT(AssessmentAnswer, (),
                      (coding, criteria_version, commitment, actor, scale, as_of, window_from,
                       window_to, value, criteria, decided_by, decision, reply, reply_language,
                       replied_by, replied_at, published_at, node, dissent, codes))

struct AssessmentList {
  std::vector<AssessmentAnswer> assessments;
};
BOOST_DESCRIBE_STRUCT(AssessmentList, (), (assessments))

http::Response csv_response(std::string csv, std::string_view name) {
  auto response = http::respond(200, "text/csv; charset=utf-8", std::move(csv));
  response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}.csv\"", name));
  return response;
}

CellAnswer cell_answer(const Node& node, const followup::Matrix& matrix, std::size_t row,
                       std::size_t actor, const followup::Scale* scale) {
  const followup::Cell& cell = matrix.at(row, actor);
  CellAnswer out;
  out.commitment = matrix.commitments[row].row.id;
  out.actor = matrix.actors[actor];
  out.applicability = to_string(cell.applicability);
  out.state_report = followup::shown_report(cell);
  out.state_report_as_of = cell.report_as_of;
  out.assessment = followup::shown_assessment(cell);
  out.assessment_as_of = cell.assessment_as_of;
  if (cell.assessment != followup::kNotAssessed) {
    out.assessment_node = cell.assessment_node.empty() ? node.name : cell.assessment_node;
  }
  for (const followup::OtherAssessment& one : cell.other_scales) {
    out.other_scales.push_back(
        {one.scale, one.value, one.as_of, one.node.empty() ? node.name : one.node, one.dissent});
  }
  out.g20 = scale == nullptr ? std::nullopt : followup::derive_g20(*scale, cell.assessment);
  out.dissent = cell.dissent;
  out.statement_of_position = cell.statement_of_position;
  out.measured = cell.measured;
  out.treaties = cell.treaties;
  out.treaties_party = cell.treaties_party;
  out.treaties_unknown = cell.treaties_unknown;
  out.entries = cell.entries;
  return out;
}

Result<http::Response> get_cells(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  followup::MatrixQuery query;
  query.language = call.language;
  query.limit = 20'000;
  if (call.has("who")) {
    query = ATALAYA_TRY(Cube(parts).over_all(asked_kind(call), std::move(query)));
  }
  if (call.has("commitment")) {
    query.commitments = {std::string(call.text("commitment"))};
    ATALAYA_TRY(Cube(parts).member(query.commitments.front(), call.language));
  }
  if (call.has("actor")) {
    query.actors = {std::string(call.text("actor"))};
  }
  query.theme = call.text("theme");
  query.scale = call.text("scale");
  query.as_of = ATALAYA_TRY(asked_day(call, node));
  query.known_on = call.date("known_on");
  const auto matrix = ATALAYA_TRY(Cube(parts).matrix(query));
  const auto* scale = parts.reference->find_scale(query.scale);
  if (call.text("format") == "csv") {
    return csv_response(followup::cells_csv(matrix, scale), "follow-up");
  }
  CellList out;
  out.as_of = matrix.as_of;
  out.scale = matrix.scale;
  out.commitments = matrix.total;
  const auto counts = followup::count_matrix(matrix, scale);
  out.counts = {counts.cells,
                counts.applicable,
                counts.not_applicable,
                counts.before_adoption,
                counts.participation_unknown,
                counts.reported,
                counts.assessed,
                counts.assessed_on_scale,
                counts.dissent,
                counts.with_data,
                counts.by_report,
                counts.by_assessment,
                counts.by_g20};
  for (std::size_t row = 0; row < matrix.commitments.size(); ++row) {
    for (std::size_t actor = 0; actor < matrix.actors.size(); ++actor) {
      out.cells.push_back(cell_answer(node, matrix, row, actor, scale));
    }
  }
  return json_response(out);
}

Result<http::Response> get_reports(const Call& call, Node& node) {
  const Reports reports(node.followup->parts());
  const bool every = call.text("versions") == "all";
  auto all = ATALAYA_TRY(every ? reports.history(call.text("commitment"), call.text("actor"))
                               : reports.standing(call.text("actor")));
  std::erase_if(all, [&](const followup::Report& report) {
    return call.has("commitment") && report.commitment != call.text("commitment");
  });
  if (call.text("format") == "csv") {
    for (followup::Report& report : all) {
      report.newest = every ? report.version : report.newest;
    }
    return csv_response(Reports::csv(all), "state-reports");
  }
  ReportList out;
  for (const auto& report : all) {
    ReportAnswer answer{report.commitment,  report.actor,      report.version,  report.newest,
                        report.as_of,
                        report.value,       report.actions,    report.law,      report.programme,
                        report.budget,      report.text,       report.language, {},
                        report.reported_at, report.reported_by};
    for (const auto& source : report.sources) {
      answer.sources.push_back({source.title, source.url, source.file});
    }
    out.reports.push_back(std::move(answer));
  }
  return json_response(out);
}

Result<http::Response> post_report(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<ReportRequest>(call));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  followup::Report draft;
  draft.commitment = body.commitment;
  draft.actor = body.actor;
  draft.version = body.version;
  draft.as_of = body.as_of;
  draft.value = body.value;
  draft.actions = body.actions.value_or("");
  draft.law = body.law.value_or("");
  draft.programme = body.programme.value_or("");
  draft.budget = body.budget.value_or("");
  draft.text = body.text.value_or("");
  draft.language = body.language.value_or(std::string(to_string(call.language)));
  draft.why = body.why.value_or("");
  for (const auto& source : body.sources.value_or(std::vector<SourceRequest>())) {
    draft.sources.push_back(
        {source.title.value_or(""), source.url.value_or(""), source.file.value_or("")});
  }
  const auto version = ATALAYA_TRY(Reports(node.followup->parts()).submit(draft, caller.writer));
  return json_response(ReportVersion{version}, 201);
}

Result<http::Response> get_changes(const Call& call, Node& node) {
  followup::ChangeQuery query;
  query.commitment = call.text("commitment");
  query.actor = call.text("actor");
  query.instrument = call.text("instrument");
  query.after = call.integer("after");
  query.limit = call.has("limit") ? call.integer("limit") : 100;
  const auto changes = ATALAYA_TRY(Cube(node.followup->parts()).changes(query));
  FollowupChangeList out;
  for (const auto& change : changes) {
    out.changes.push_back({change.position, change.leaf, change.at, change.by, change.kind,
                           change.commitment, change.actor, change.instrument, change.before,
                           change.after, change.why, change.submission});
  }
  return json_response(out);
}

Result<http::Response> get_assessments(const Call& call, Node& node) {
  const auto codings = ATALAYA_TRY(followup::CodingDesk(node.followup->parts())
                                       .list(call.text("commitment"), call.text("actor"), {}));
  AssessmentList out;
  for (const auto& coding : codings) {
    AssessmentAnswer answer{coding.number,       coding.criteria.version,
                            coding.commitment,   coding.actor,
                            coding.scale,        coding.as_of,
                            coding.window_from,  coding.window_to,
                            coding.value,        coding.criteria.text,
                            coding.decided_by,   coding.decision,
                            coding.reply,        coding.reply_language,
                            coding.replied_by,   coding.replied_at,
                            coding.published_at, coding.node.empty() ? node.name : coding.node,
                            coding.dissent,      {}};
    for (const auto& code : coding.codes) {
      answer.codes.push_back(
          {code.coder, code.value, code.reasons, code.provision, code.interest, {}});
      for (const auto& source : code.sources) {
        answer.codes.back().sources.push_back(
            {source.title, source.url, source.file, source.no_copy});
      }
    }
    out.assessments.push_back(std::move(answer));
  }
  return json_response(out);
}

Result<http::Response> get_file(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  auto kept = Reports(parts).file(call.text("file"), caller.viewer);
  std::string disposition = "attachment";
  std::string bytes;
  if (kept) {
    bytes = std::move(kept->bytes);
  } else if (kept.error().code == ErrorCode::not_found) {
    auto attached = ATALAYA_TRY(followup::Submissions(parts).published_file(call.text("file")));
    disposition += fmt::format("; filename=\"{}\"", attached.name);
    bytes = std::move(attached.bytes);
  } else {
    return fail(kept.error());
  }
  auto response = http::respond(200, "application/octet-stream", std::move(bytes));
  // What somebody uploaded is never shown as a page of this node.
  response.headers.set("Content-Disposition", disposition);
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace

std::vector<Route> followup_json_routes() {
  const Param commitment{.name = "commitment", .type = ParamType::id, .about = "A commitment"};
  const Param actor{
      .name = "actor", .type = ParamType::id, .about = "PAN, PAN.parliament or cicad"};
  Route cells = or_csv(with_query(
      data_route("/api/v1/follow-up/cells", "list_followup_cells_json",
                 "Cells of the cube on a day: three layers each, and their counts",
                 schema_of<CellList>(), &get_cells),
      {commitment,
       actor,
       who_param(),
       {.name = "theme", .type = ParamType::id, .about = "A theme, with its narrower ones"},
       {.name = "scale",
        .type = ParamType::choice,
        .about = "Scale of assessments",
        .values = {"implementation", "results", "fatf", "unscr1540", "cbd"},
        .fallback = "implementation"},
       {.name = "as_of", .type = ParamType::date, .about = "At the end of this day"},
       {.name = "known_on",
        .type = ParamType::date,
        .about = "As this node knew it at the end of that day"}}));
  cells.rate = RateClass::search;
  Route file = data_route("/api/v1/follow-up/files/{file}", "get_followup_file",
                          "A file that a report, an assessment or an alternative report rests on",
                          {}, &get_file);
  file.answers = {{.status = 200, .about = "The bytes", .media_type = "application/octet-stream"}};
  return {
      std::move(cells),
      or_csv(with_query(data_route("/api/v1/follow-up/reports", "list_state_reports_json",
                                   "The State's report that every cell shows, or every version",
                                   schema_of<ReportList>(), &get_reports),
                        {commitment,
                         actor,
                         {.name = "versions",
                          .type = ParamType::choice,
                          .about = "newest: the one that speaks of the latest day, which cells "
                                   "show; all: each as it stood, oldest first",
                          .values = {"newest", "all"},
                          .fallback = "newest"}})),
      write_route({.method = http::Method::post,
                   .path = "/api/v1/follow-up/reports",
                   .name = "post_state_report_json",
                   .summary = "The next version of a State's report; `version` is the newest one "
                              "seen, or 0",
                   .roles = {Role::focal_point},
                   .scope = "followup:write",
                   .body_bytes_max = 200UL * 1024,
                   .request = schema_of<ReportRequest>(),
                   .answers = {{.status = 201,
                                .about = "Its number",
                                .schema = schema_of<ReportVersion>()}},
                   .handler = &post_report}),
      with_query(data_route("/api/v1/follow-up/assessments", "list_assessments_json",
                            "Published assessments with both codes, decision and reply",
                            schema_of<AssessmentList>(), &get_assessments),
                 {commitment, actor}),
      with_query(data_route("/api/v1/follow-up/changes", "list_followup_changes_json",
                            "What changed, newest first, each with its leaf of the log",
                            schema_of<FollowupChangeList>(), &get_changes),
                 {commitment,
                  actor,
                  {.name = "instrument", .type = ParamType::id, .about = "A treaty"},
                  {.name = "after",
                   .type = ParamType::integer,
                   .about = "Only later than this position",
                   .min = 0,
                   .max = 1'000'000'000'000},
                  {.name = "limit",
                   .type = ParamType::integer,
                   .about = "How many",
                   .min = 1,
                   .max = 1000}}),
      std::move(file)};
}

}  // namespace atalaya::api
