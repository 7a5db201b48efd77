// The JSON API of the commitments desk. Lists are paged by cursors; one commitment is the object
// that the JSON export holds.
#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/commitments/export.hpp>
#include <atalaya/followup/deadlines.hpp>

#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

constexpr std::int64_t kLimitMax = 200;

struct CommitmentSummary {
  std::string id, meeting, document;
  std::int32_t year = 0;
  std::string role, theme;
  bool actionable = false, held = false;
  std::string title, summary, title_standing, text_standing, citation_status;
};
BOOST_DESCRIBE_STRUCT(CommitmentSummary, (),
                      (id, meeting, document, year, role, theme, actionable, held, title, summary,
                       title_standing, text_standing, citation_status))

struct CommitmentList {
  std::int64_t total = 0;
  std::vector<CommitmentSummary> commitments;
  std::optional<std::string> next;
};
BOOST_DESCRIBE_STRUCT(CommitmentList, (), (total, commitments, next))

struct Commitment {
  json::value commitment;
};
BOOST_DESCRIBE_STRUCT(Commitment, (), (commitment))

struct YearThemeCount {
  std::int32_t year = 0;
  std::string theme;
  std::int32_t acts = 0, declarations = 0, actionable = 0;
};
BOOST_DESCRIBE_STRUCT(YearThemeCount, (), (year, theme, acts, declarations, actionable))

struct YearClauseCount {
  std::int32_t year = 0, asking = 0, declaring = 0;
};
BOOST_DESCRIBE_STRUCT(YearClauseCount, (), (year, asking, declaring))

struct OverviewAnswer {
  std::int32_t commitments = 0, summit = 0, ministers = 0, parliaments = 0, held = 0,
               translated = 0, sources = 0, meetings = 0, documents = 0, clauses = 0,
               actionable = 0, dated = 0, inferred_citations = 0, citations_not_printed = 0,
               on_security = 0;
  std::vector<YearThemeCount> by_year_and_theme;
  std::vector<YearClauseCount> clauses_by_year;
};
BOOST_DESCRIBE_STRUCT(OverviewAnswer, (),
                      (commitments, summit, ministers, parliaments, held, translated, sources,
                       meetings, documents, clauses, actionable, dated, inferred_citations,
                       citations_not_printed, on_security, by_year_and_theme, clauses_by_year))

struct Count {
  std::string id;
  std::int32_t commitments = 0;
};
BOOST_DESCRIBE_STRUCT(Count, (), (id, commitments))

struct CountList {
  std::string field;
  std::vector<Count> counts;
};
BOOST_DESCRIBE_STRUCT(CountList, (), (field, counts))

struct SnippetPiece {
  std::string text;
  bool hit = false;
};
BOOST_DESCRIBE_STRUCT(SnippetPiece, (), (text, hit))

struct Hit {
  CommitmentSummary commitment;
  double score = 0;
  std::vector<SnippetPiece> snippet;
  std::string snippet_language, snippet_standing;
};
BOOST_DESCRIBE_STRUCT(Hit, (), (commitment, score, snippet, snippet_language, snippet_standing))

/// A recital, a paragraph of guidance or a statement of position: no commitment.
struct FoundText {
  std::string source, source_title, language, standing, role, label, actor;
  std::int32_t ordinal = 0, line = 0;
  double score = 0;
  std::vector<SnippetPiece> snippet;
};
BOOST_DESCRIBE_STRUCT(FoundText, (),
                      (source, source_title, language, standing, role, label, actor, ordinal, line,
                       score, snippet))

struct FacetValue {
  std::string value;
  std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(FacetValue, (), (value, count))

struct SearchAnswer {
  std::int64_t total = 0;
  std::string corrected;
  bool any_word = false, no_words = false;
  std::int64_t index_behind = 0;
  std::vector<Hit> hits;
  std::int64_t texts_total = 0;
  std::vector<FoundText> texts;
  std::map<std::string, std::vector<FacetValue>> facets;
};
BOOST_DESCRIBE_STRUCT(SearchAnswer, (),
                      (total, corrected, any_word, no_words, index_behind, hits, texts_total, texts,
                       facets))

struct CandidateReason {
  std::string kind, detail;
};
BOOST_DESCRIBE_STRUCT(CandidateReason, (), (kind, detail))

struct Candidate {
  CommitmentSummary commitment;
  double score = 0;
  std::string suggested_type;
  std::vector<CandidateReason> reasons;
};
BOOST_DESCRIBE_STRUCT(Candidate, (), (commitment, score, suggested_type, reasons))

struct CandidateList {
  std::vector<Candidate> candidates;
};
BOOST_DESCRIBE_STRUCT(CandidateList, (), (candidates))

struct Source {
  std::string id, file_name, format, kind, language, standing, title, theme, meeting, document,
      imported_at, follows, joined_with;
  std::int64_t size = 0;
  std::int32_t items = 0, level_1 = 0, lines = 0;
};
BOOST_DESCRIBE_STRUCT(Source, (),
                      (id, file_name, format, kind, language, standing, title, theme, meeting,
                       document, imported_at, follows, joined_with, size, items, level_1, lines))

struct SourceList {
  std::vector<Source> sources;
};
BOOST_DESCRIBE_STRUCT(SourceList, (), (sources))

enum class AntecedentType { restates, strengthens, weakens, fulfils, supersedes, reports_on };
BOOST_DESCRIBE_ENUM(AntecedentType, restates, strengthens, weakens, fulfils, supersedes, reports_on)

struct AntecedentRequest {
  std::string earlier;
  AntecedentType type = AntecedentType::restates;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(AntecedentRequest, (), (earlier, type, reason))

struct Created {
  std::int64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(Created, (), (id))

struct TitleRequest {
  Language language = Language::en;
  std::uint32_t version = 0;
  std::string title, summary, reason;
};
BOOST_DESCRIBE_STRUCT(TitleRequest, (), (language, version, title, summary, reason))

enum class LinkKind { theme, instrument, institution };
BOOST_DESCRIBE_ENUM(LinkKind, theme, instrument, institution)

enum class LinkChange { add, remove };
BOOST_DESCRIBE_ENUM(LinkChange, add, remove)

struct LinkRequest {
  LinkKind kind = LinkKind::instrument;
  std::string target;
  LinkChange decision = LinkChange::add;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(LinkRequest, (), (kind, target, decision, reason))

struct WordingRequest {
  std::string commitment, reason;
};
BOOST_DESCRIBE_STRUCT(WordingRequest, (), (commitment, reason))

struct ChangedLinks {
  std::int32_t changed = 0, unchanged = 0;  // commitments of the document
};
BOOST_DESCRIBE_STRUCT(ChangedLinks, (), (changed, unchanged))

struct Changed {
  std::string id;  // of the commitment that holds now what was changed
};
BOOST_DESCRIBE_STRUCT(Changed, (), (id))

// Either `back`, to what rules read, or all that the clause says.
struct ClauseRequest {
  std::uint32_t version = 0;
  std::string reason;
  std::optional<bool> back;
  std::optional<std::string> verb, addressee, deliverable, due, formulation;
  std::optional<std::vector<std::string>> qualifiers;
};
BOOST_DESCRIBE_STRUCT(ClauseRequest, (),
                      (version, reason, back, verb, addressee, deliverable, due, formulation,
                       qualifiers))

SchemaRef clause_schema() {
  return {schema_of<ClauseRequest>().name, [](SchemaBook& book) {
            const SchemaRef plain = schema_of<ClauseRequest>();
            plain.add_to(book);
            json::object schema = book.all().at(std::string(plain.name));
            const json::object back{{"required", {"back"}},
                                    {"properties", {{"back", {{"const", true}}}}}};
            const json::object all{
                {"required", {"verb", "addressee", "deliverable", "due", "formulation"}}};
            schema["anyOf"] = json::array{back, all};
            book.put(plain.name, std::move(schema));
          }};
}

CommitmentSummary summary_of(const commitments::CommitmentRow& row) {
  return {row.id,
          row.meeting,
          row.document,
          row.year,
          row.role,
          row.theme,
          row.actionable,
          row.held,
          row.title,
          row.summary,
          std::string(row.title_standing()),
          row.text_standing,
          row.citation_status};
}

commitments::Filter filter_of(const Call& call) {
  commitments::Filter filter;
  const std::pair<std::string_view, std::vector<std::string> commitments::Filter::*> lists[] = {
      {"theme", &commitments::Filter::themes},
      {"meeting", &commitments::Filter::meetings},
      {"document", &commitments::Filter::documents},
      {"instrument", &commitments::Filter::instruments},
      {"institution", &commitments::Filter::institutions},
      {"role", &commitments::Filter::roles},
      {"formulation", &commitments::Filter::formulations},
      {"series", &commitments::Filter::series}};
  for (const auto& [name, field] : lists) {
    for (const std::string_view value : call.all(name)) {
      (filter.*field).emplace_back(value);
    }
  }
  for (const std::string_view year : call.all("year")) {
    std::int32_t value = 0;
    std::from_chars(year.data(), year.data() + year.size(), value);
    filter.years.push_back(value);
  }
  if (call.has("actionable")) {
    filter.actionable = call.flag("actionable");
  }
  if (call.has("held")) {
    filter.held = call.flag("held");
  }
  return filter;
}

std::vector<Param> filter_params() {
  std::vector<Param> params;
  for (const auto& [name, about] :
       std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"theme", "A theme of the catalogue, with its narrower ones"},
           {"meeting", "A meeting, like summit-1998"},
           {"document", "A document, like summit-1998-plan"},
           {"instrument", "A treaty or other text that it names"},
           {"institution", "A body that it names"},
           {"role", "operative, chapeau or priority"},
           {"formulation", "firm, qualified, hortatory or declaratory: of one of its clauses"},
           {"series", "summit, mispa or pns"}}) {
    params.push_back({.name = name, .type = ParamType::id, .about = about, .repeats = true});
  }
  params.push_back({.name = "year",
                    .type = ParamType::integer,
                    .about = "Year of the meeting",
                    .repeats = true,
                    .min = 1,
                    .max = 9999});
  params.push_back(
      {.name = "actionable", .type = ParamType::flag, .about = "Asks for something, or does not"});
  params.push_back(
      {.name = "held", .type = ParamType::flag, .about = "A text of it is held, or is not"});
  return params;
}

Result<http::Response> list_commitments(const Call& call, Node& node) {
  const auto cursor = ATALAYA_TRY(read_cursor(call));
  std::int32_t offset = 0;
  if (!cursor.empty()) {
    std::from_chars(cursor.front().data(), cursor.front().data() + cursor.front().size(), offset);
  }
  const auto limit = static_cast<std::int32_t>(call.integer("limit"));
  const auto page =
      ATALAYA_TRY(node.desk->list(filter_of(call), call.language, limit, offset));
  CommitmentList out;
  out.total = page.total;
  for (const auto& row : page.rows) {
    out.commitments.push_back(summary_of(row));
  }
  const std::int64_t end = offset + static_cast<std::int64_t>(page.rows.size());
  if (end < page.total && !page.rows.empty()) {
    out.next = next_cursor(call, {std::to_string(end)});
  }
  return json_response(out);
}

Result<http::Response> get_commitment(const Call& call, Node& node) {
  Commitment out;
  out.commitment = ATALAYA_TRY(commitments::Exporter(*node.desk).commitment(call.text("id")));
  return json_response(out);
}

Result<http::Response> get_overview(const Call&, Node& node) {
  const auto o = ATALAYA_TRY(node.desk->overview());
  OverviewAnswer out{o.commitments,
                     o.summit,
                     o.ministers,
                     o.parliaments,
                     o.held,
                     o.translated,
                     o.sources,
                     o.meetings,
                     o.documents,
                     o.clauses,
                     o.actionable,
                     o.dated,
                     o.inferred_citations,
                     o.citations_not_printed,
                     o.on_subject,
                     {},
                     {}};
  for (const auto& year : o.clause_years) {
    out.clauses_by_year.push_back({year.year, year.asking, year.declaring});
  }
  for (const auto& cell : o.cells) {
    out.by_year_and_theme.push_back(
        {cell.year, cell.theme, cell.acts, cell.declarations, cell.actionable});
  }
  return json_response(out);
}

Result<http::Response> get_counts(const Call& call, Node& node) {
  CountList out;
  out.field = std::string(call.text("field"));
  const auto counts = ATALAYA_TRY(node.desk->counts(out.field, filter_of(call)));
  for (const auto& count : counts) {
    out.counts.push_back({count.id, count.commitments});
  }
  return json_response(out);
}

Result<http::Response> search_commitments(const Call& call, Node& node) {
  commitments::SearchQuery query;
  query.text = std::string(call.text("q"));
  query.language = call.language;
  query.limit = static_cast<std::int32_t>(call.integer("limit"));
  query.offset = static_cast<std::int32_t>(call.integer("offset"));
  for (const std::string_view facet : {"theme", "meeting", "document", "instrument", "institution",
                                       "role", "formulation", "year"}) {
    for (const std::string_view value : call.all(facet)) {
      query.facets[std::string(facet)].emplace_back(value);
    }
  }
  const auto answer = ATALAYA_TRY(node.desk->search(query));
  SearchAnswer out;
  out.total = answer.total;
  out.corrected = answer.did_you_mean;
  out.any_word = answer.any_word;
  out.no_words = answer.no_words;
  out.index_behind = answer.index_behind;
  const auto pieces = [](const auto& snippet) {
    std::vector<SnippetPiece> shown;
    for (const auto& [text, marked] : snippet) {
      shown.push_back({text, marked});
    }
    return shown;
  };
  for (const auto& hit : answer.hits) {
    out.hits.push_back({summary_of(hit.row), hit.score, pieces(hit.snippet), hit.snippet_language,
                        hit.snippet_standing});
  }
  out.texts_total = answer.texts_total;
  for (const auto& text : answer.texts) {
    out.texts.push_back({text.source, text.source_title, text.language, text.standing, text.role,
                         text.label, text.actor, text.ordinal, text.line, text.score,
                         pieces(text.snippet)});
  }
  for (const auto& [name, counts] : answer.facets) {
    for (const auto& [value, count] : counts) {
      out.facets[name].push_back({value, count});
    }
  }
  return json_response(out);
}

Result<http::Response> list_candidates(const Call& call, Node& node) {
  const auto found = ATALAYA_TRY(node.desk->candidates(
      call.text("id"), call.language, static_cast<std::int32_t>(call.integer("limit"))));
  CandidateList out;
  for (const auto& candidate : found) {
    Candidate row{summary_of(candidate.row), candidate.score, candidate.suggested_type, {}};
    for (const auto& [kind, detail] : candidate.reasons) {
      row.reasons.push_back({kind, detail});
    }
    out.candidates.push_back(std::move(row));
  }
  return json_response(out);
}

Result<http::Response> export_commitments(const Call& call, Node& node) {
  using commitments::ExportFormat;
  struct Kind {
    std::string_view name;
    ExportFormat format;
    std::string_view media_type;
  };
  const Kind kinds[] = {{"json", ExportFormat::json, "application/json"},
                        {"csv", ExportFormat::csv, "text/csv"},
                        {"jsonld", ExportFormat::jsonld, "application/ld+json"},
                        {"akn", ExportFormat::akn, "application/xml"}};
  const std::string_view wanted = call.text("format");
  const auto kind = std::ranges::find(kinds, wanted, &Kind::name);
  ATALAYA_CHECK(kind != std::end(kinds));
  const auto make = [&]() -> Result<http::Response> {
    std::string text = ATALAYA_TRY(commitments::Exporter(*node.desk).write(kind->format));
    auto response = http::respond(200, kind->media_type, std::move(text));
    const std::string_view suffix = wanted == "akn" ? "akn.xml" : wanted;
    response.headers.set("Content-Disposition",
                         fmt::format("attachment; filename=\"commitments.{}\"", suffix));
    return response;
  };
  if (node.cache == nullptr) {
    return make();
  }
  const std::string key =
      http::cache_key(call.request, "", std::to_string(node.desk->version()));
  return node.cache->get_or(key, call.request, make);
}

Source source_of(const commitments::SourceView& view) {
  return {view.id,       view.file_name,  view.format,  view.kind,     view.language,
          view.standing, view.title,      view.theme,   view.meeting,  view.document,
          view.imported_at, view.follows, view.twin_of, view.size,     view.items,
          view.level_1,  view.line_count};
}

Result<http::Response> list_sources(const Call&, Node& node) {
  const auto sources = ATALAYA_TRY(node.desk->sources());
  SourceList out;
  for (const auto& source : sources) {
    out.sources.push_back(source_of(source));
  }
  return json_response(out);
}

Result<http::Response> get_source_bytes(const Call& call, Node& node) {
  const auto detail = ATALAYA_TRY(node.desk->get_source(call.text("id")));
  std::string bytes = ATALAYA_TRY(node.desk->source_bytes(call.text("id")));
  // As it came, but never shown as a page of this node: an imported html must not run here.
  auto response = http::respond(200, "application/octet-stream", std::move(bytes));
  std::string name = detail.source.file_name;
  std::ranges::replace_if(
      name, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 ||
                                static_cast<unsigned char>(c) > 0x7E; }, '_');
  response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  return response;
}

Result<http::Response> get_source_akn(const Call& call, Node& node) {
  std::string text =
      ATALAYA_TRY(commitments::Exporter(*node.desk).akoma_ntoso(call.text("id")));
  return http::respond(200, "application/xml", std::move(text));
}

template <class E>
std::string name_of(E value) {
  return json::value_to<std::string>(to_json(value));
}

Result<http::Response> post_antecedent(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<AntecedentRequest>(call));
  Created out;
  out.id = ATALAYA_TRY(node.desk->confirm_antecedent(
      call.text("id"), body.earlier, name_of(body.type), body.reason, call.caller.name));
  return json_response(out, 201);
}

Result<commitments::LinkDecision> read_link(const Call& call) {
  const auto body = ATALAYA_TRY(read_body<LinkRequest>(call));
  return commitments::LinkDecision{name_of(body.kind), body.target,      name_of(body.decision),
                                   body.reason,        call.caller.name, {}};
}

Result<http::Response> put_link(const Call& call, Node& node) {
  const auto link = ATALAYA_TRY(read_link(call));
  ATALAYA_TRY(node.desk->set_link(call.text("id"), link));
  return json_response(Changed{std::string(call.text("id"))});
}

Result<http::Response> put_source_link(const Call& call, Node& node) {
  const auto link = ATALAYA_TRY(read_link(call));
  const auto page = ATALAYA_TRY(node.desk->set_link_of_source(call.text("id"), link));
  return json_response(ChangedLinks{page.changed, page.unchanged});
}

Result<http::Response> put_wording(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<WordingRequest>(call));
  ATALAYA_TRY(node.desk->say_same(call.text("id"), body.commitment, body.reason,
                                  call.caller.name));
  return json_response(Changed{body.commitment});
}

Result<http::Response> put_title(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<TitleRequest>(call));
  commitments::TitleVersion title;
  title.language = to_string(body.language);
  title.version = body.version;
  title.title = body.title;
  title.summary = body.summary;
  title.reason = body.reason;
  title.set_by = call.caller.name;
  ATALAYA_TRY(node.desk->set_title(call.text("id"), title));
  Created out;
  out.id = std::int64_t{body.version} + 1;
  return json_response(out);
}

Result<http::Response> put_clause(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<ClauseRequest>(call));
  commitments::ClauseEdit edit;
  edit.ordinal = static_cast<std::int32_t>(call.integer("ordinal"));
  edit.version = body.version;
  edit.back = body.back.value_or(false);
  const std::tuple<std::string_view, const std::optional<std::string>&, std::string&> texts[] = {
      {"verb", body.verb, edit.verb},
      {"addressee", body.addressee, edit.addressee},
      {"deliverable", body.deliverable, edit.deliverable},
      {"due", body.due, edit.due},
      {"formulation", body.formulation, edit.formulation}};
  for (const auto& [name, given, to] : texts) {
    // A field left out must not read as an empty one: that would withdraw a date.
    if (!given && !edit.back) {
      return fail(Error{ErrorCode::invalid_argument, "api.body.missing_field",
                        fmt::format("the field {} is missing", name),
                        {{"field", std::string(name)}}});
    }
    to = given.value_or("");
  }
  edit.qualifiers = body.qualifiers.value_or(std::vector<std::string>());
  edit.reason = body.reason;
  edit.set_by = call.caller.name;
  edit.account = call.caller.account;
  edit.dates_recorded =
      ATALAYA_TRY(followup::Deadlines(node.followup->parts()).recorded(call.text("id")));
  ATALAYA_TRY(node.desk->set_clause(call.text("id"), edit));
  return json_response(Created{edit.version + 1});
}

Route writing(http::Method method, std::string_view path, std::string_view name,
              std::string_view summary, SchemaRef request, Handler handler) {
  Route route;
  route.method = method;
  route.path = path;
  route.name = name;
  route.summary = summary;
  route.roles = {Role::editor};
  route.scope = "commitments:write";
  route.rate = RateClass::write;
  route.body_bytes_max = 64UL * 1024;
  route.event = name;
  route.request = request;
  const bool creates = method == http::Method::post;
  route.answers = {{.status = creates ? 201 : 200,
                    .about = creates ? "Made" : "Changed",
                    .schema = schema_of<Created>()}};
  route.problems = {409};
  route.params = {{.name = "id", .type = ParamType::id, .about = "The commitment"}};
  route.handler = handler;
  return route;
}

const Param kIdParam{.name = "id", .type = ParamType::id, .about = "Its identifier"};

void add_reading(std::vector<Route>& routes) {
  Route list = data_route("/api/v1/commitments", "list_commitments",
                          "Commitments under a filter, the newest meeting first",
                          schema_of<CommitmentList>(), &list_commitments);
  list.params = filter_params();
  list.params.push_back({.name = "limit",
                         .type = ParamType::integer,
                         .about = "At most so many",
                         .min = 1,
                         .max = kLimitMax,
                         .fallback = "50"});
  list.params.push_back({.name = "cursor", .type = ParamType::cursor, .about = "Where to go on"});
  routes.push_back(std::move(list));

  Route one = data_route("/api/v1/commitments/{id}", "get_commitment",
                         "One commitment with texts, clauses, links and appearances",
                         schema_of<Commitment>(), &get_commitment);
  one.answers.front().about =
      "The commitment, as exports have it; clauses[].version is the version that a change of that "
      "clause names";
  one.params = {kIdParam};
  routes.push_back(std::move(one));

  Route search = data_route("/api/v1/search", "search_commitments", "Commitments found by words",
                            schema_of<SearchAnswer>(), &search_commitments);
  search.rate = RateClass::search;
  search.params = filter_params();
  std::erase_if(search.params, [](const Param& p) {
    return p.name == "series" || p.name == "actionable" || p.name == "held";
  });
  search.params.push_back({.name = "q",
                           .type = ParamType::text,
                           .about = "Words; \"in quotes\" a phrase; -word leaves out",
                           .required = true,
                           .min = 1,
                           .max = 500});
  search.params.push_back({.name = "limit",
                           .type = ParamType::integer,
                           .about = "At most so many",
                           .min = 1,
                           .max = 100,
                           .fallback = "20"});
  search.params.push_back({.name = "offset",
                           .type = ParamType::integer,
                           .about = "Leave out so many first",
                           .min = 0,
                           .max = 10'000,
                           .fallback = "0"});
  routes.push_back(std::move(search));

  Route candidates = data_route("/api/v1/commitments/{id}/candidates", "list_candidates",
                                "Likely antecedents and successors, ranked, with reasons",
                                schema_of<CandidateList>(), &list_candidates);
  candidates.params = {kIdParam,
                       {.name = "limit",
                        .type = ParamType::integer,
                        .about = "At most so many",
                        .min = 1,
                        .max = 100,
                        .fallback = "10"}};
  candidates.rate = RateClass::search;
  routes.push_back(std::move(candidates));

  routes.push_back(data_route("/api/v1/overview", "get_overview", "All counts of the desk",
                              schema_of<OverviewAnswer>(), &get_overview));
  Route counts = data_route("/api/v1/counts", "get_counts",
                            "Commitments by one field, under a filter",
                            schema_of<CountList>(), &get_counts);
  counts.params = filter_params();
  counts.params.push_back(
      {.name = "field",
       .type = ParamType::choice,
       .about = "What to count by",
       .required = true,
       .values = {"theme", "meeting", "document", "instrument", "institution", "year", "role"}});
  routes.push_back(std::move(counts));
}

void add_sources(std::vector<Route>& routes) {
  routes.push_back(data_route("/api/v1/sources", "list_sources", "The imported documents",
                              schema_of<SourceList>(), &list_sources));
  Route bytes = data_route("/api/v1/sources/{id}/bytes", "get_source_bytes",
                           "An imported document as it came", {}, &get_source_bytes);
  bytes.params = {kIdParam};
  bytes.answers = {
      {.status = 200, .about = "The file", .media_type = "application/octet-stream"}};
  routes.push_back(std::move(bytes));
  Route akn = data_route("/api/v1/sources/{id}/akn", "get_source_akn",
                         "An imported document as Akoma Ntoso", {}, &get_source_akn);
  akn.params = {kIdParam};
  akn.answers = {{.status = 200, .about = "The document", .media_type = "application/xml"}};
  routes.push_back(std::move(akn));
  Route all = data_route("/api/v1/commitments/export", "export_commitments",
                         "Everything, in one file", {}, &export_commitments);
  all.rate = RateClass::export_data;
  all.params = {{.name = "format",
                 .type = ParamType::choice,
                 .about = "Of the file",
                 .values = {"json", "csv", "jsonld", "akn"},
                 .fallback = "json"}};
  all.answers = {{.status = 200, .about = "As JSON", .schema = {}, .media_type = "application/json"},
                 {.status = 200, .about = "As CSV", .media_type = "text/csv"},
                 {.status = 200, .about = "As JSON-LD", .media_type = "application/ld+json"},
                 {.status = 200, .about = "As Akoma Ntoso", .media_type = "application/xml"}};
  routes.push_back(std::move(all));
}

}  // namespace

std::vector<Route> commitments_routes() {
  std::vector<Route> routes;
  add_reading(routes);
  add_sources(routes);
  routes.push_back(writing(http::Method::post, "/api/v1/commitments/{id}/antecedents",
                           "post_antecedent", "Confirm an antecedent of this commitment",
                           schema_of<AntecedentRequest>(), &post_antecedent));
  routes.push_back(writing(http::Method::put, "/api/v1/commitments/{id}/title", "put_title",
                           "A new version of our own title and summary",
                           schema_of<TitleRequest>(), &put_title));
  Route links = writing(http::Method::put, "/api/v1/commitments/{id}/links", "put_link",
                        "Add or remove a theme, instrument or institution; holds against rules",
                        schema_of<LinkRequest>(), &put_link);
  links.answers.front().schema = schema_of<Changed>();
  routes.push_back(std::move(links));
  Route page_links =
      writing(http::Method::put, "/api/v1/sources/{id}/links", "put_source_link",
              "Add or remove a theme, instrument or institution of every commitment of a document",
              schema_of<LinkRequest>(), &put_source_link);
  page_links.answers.front().schema = schema_of<ChangedLinks>();
  page_links.params = {{.name = "id", .type = ParamType::id, .about = "The imported document"}};
  routes.push_back(std::move(page_links));
  Route wording = writing(http::Method::put, "/api/v1/commitments/{id}/wording", "put_wording",
                          "Say that this is another commitment in new words: it joins that one",
                          schema_of<WordingRequest>(), &put_wording);
  wording.answers.front().schema = schema_of<Changed>();
  routes.push_back(std::move(wording));
  Route clause =
      writing(http::Method::put, "/api/v1/commitments/{id}/clauses/{ordinal}", "put_clause",
              "Set one clause by hand, in the place of the newest version; or go back to "
              "what rules read",
              clause_schema(), &put_clause);
  clause.params.push_back({.name = "ordinal",
                           .type = ParamType::integer,
                           .about = "The clause's number",
                           .min = 1,
                           .max = 1000});
  routes.push_back(std::move(clause));
  return routes;
}

}  // namespace atalaya::api
