// Alternative reports, public counts and peers as JSON; a submission without a browser.
#include <fmt/format.h>

#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/participation.hpp>

#include "participation_token.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::Submissions;

struct SubmissionSource {
  std::string title, url;
};
BOOST_DESCRIBE_STRUCT(SubmissionSource, (), (title, url))

struct ReportSource {
  std::string title, url, file;  // file: SHA-256 of an attached file, at /api/v1/follow-up/files/
};
BOOST_DESCRIBE_STRUCT(ReportSource, (), (title, url, file))

struct AlternativeReportAnswer {
  std::int64_t id = 0;
  std::string kind, commitment, actor, as_of, language, title, text, name, organisation,
      attribution, published_on, node;
  bool redacted = false;
  std::vector<ReportSource> sources;
};
BOOST_DESCRIBE_STRUCT(AlternativeReportAnswer, (),
                      (id, kind, commitment, actor, as_of, language, title, text, name,
                       organisation, attribution, published_on, node, redacted, sources))

struct AlternativeReportList {
  std::vector<AlternativeReportAnswer> reports;
};
BOOST_DESCRIBE_STRUCT(AlternativeReportList, (), (reports))

struct RefusalCountAnswer {
  std::string reason;
  std::int64_t refused = 0, withdrawn = 0, appealed = 0, reversed = 0, upheld = 0, erased = 0;
};
BOOST_DESCRIBE_STRUCT(RefusalCountAnswer, (),
                      (reason, refused, withdrawn, appealed, reversed, upheld, erased))

struct ParticipationCountsAnswer {
  std::int64_t received = 0, waiting = 0, published = 0, withdrawn = 0, refused = 0, held = 0;
  std::string waiting_since;
  std::vector<RefusalCountAnswer> refusals;
};
BOOST_DESCRIBE_STRUCT(ParticipationCountsAnswer, (),
                      (received, waiting, published, withdrawn, refused, held, waiting_since,
                       refusals))

struct PeerAnswer {
  std::string name, key;
  std::int64_t newest_package = 0, records = 0;
};
BOOST_DESCRIBE_STRUCT(PeerAnswer, (), (name, key, newest_package, records))

struct PeerList {
  std::vector<PeerAnswer> peers;
};
BOOST_DESCRIBE_STRUCT(PeerList, (), (peers))

struct FormTokenAnswer {
  std::string form;
};
BOOST_DESCRIBE_STRUCT(FormTokenAnswer, (), (form))

struct SubmissionFile {
  std::string name, content;  // content: its bytes in base64
};
BOOST_DESCRIBE_STRUCT(SubmissionFile, (), (name, content))

struct SubmissionRequest {
  std::string form, kind, commitment, as_of, title, text, name;
  std::optional<std::string> actor, language, organisation, voucher, contact;
  std::optional<bool> confirmed;
  std::optional<std::vector<SubmissionSource>> sources;
  std::optional<std::vector<SubmissionFile>> files;
};
BOOST_DESCRIBE_STRUCT(SubmissionRequest, (),
                      (form, kind, commitment, as_of, title, text, name, actor, language,
                       organisation, voucher, contact, confirmed, sources, files))

struct SubmissionReceiptAnswer {
  std::string code;
  std::string message;  // where the form was sent before and no code is given again
};
BOOST_DESCRIBE_STRUCT(SubmissionReceiptAnswer, (), (code, message))

Submissions submissions_of(const Node& node) {
  return Submissions(node.followup->parts());
}

Result<http::Response> list_reports(const Call& call, Node& node) {
  const auto reports =
      ATALAYA_TRY(submissions_of(node).published(call.text("commitment"), call.text("actor")));
  AlternativeReportList out;
  for (const auto& one : reports) {
    AlternativeReportAnswer answer{one.id,
                                   one.kind,
                                   one.commitment,
                                   one.actor,
                                   one.as_of,
                                   one.language,
                                   one.title,
                                   one.text,
                                   one.name,
                                   one.organisation,
                                   one.attribution,
                                   one.published_on,
                                   one.node.empty() ? node.name : one.node,
                                   one.redacted,
                                   {}};
    for (const auto& source : one.sources) {
      answer.sources.push_back({source.title, source.url, source.file});
    }
    out.reports.push_back(std::move(answer));
  }
  return json_response(out);
}

Result<http::Response> get_counts(const Call&, Node& node) {
  const auto counts = ATALAYA_TRY(submissions_of(node).counts());
  ParticipationCountsAnswer out{
      counts.received, counts.waiting, counts.published,     counts.withdrawn,
      counts.refused,  counts.held,    counts.waiting_since, {}};
  for (const auto& one : counts.refusals) {
    out.refusals.push_back({one.reason, one.refused, one.withdrawn, one.appealed, one.reversed,
                            one.upheld, one.erased});
  }
  return json_response(out);
}

Result<http::Response> list_peers(const Call&, Node& node) {
  const auto peers = ATALAYA_TRY(followup::Peers(node.followup->parts()).list());
  PeerList out;
  for (const auto& peer : peers) {
    if (peer.removed_at.empty()) {
      out.peers.push_back({peer.name, peer.verifier_key, peer.newest, peer.records});
    }
  }
  return json_response(out);
}

Result<http::Response> get_form(const Call& call, Node& node) {
  auto response =
      json_response(FormTokenAnswer{make_form_token(call.text("commitment"), node.clock->now())});
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> post_submission(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<SubmissionRequest>(call));
  ATALAYA_TRY(check_form_token(body.form, body.commitment, node.clock->now()));
  followup::SubmissionDraft draft;
  draft.form = body.form;
  draft.kind = body.kind;
  draft.commitment = body.commitment;
  draft.actor = body.actor.value_or("");
  draft.as_of = body.as_of;
  draft.language = body.language.value_or(std::string(to_string(call.language)));
  draft.title = body.title;
  draft.text = body.text;
  draft.name = body.name;
  draft.organisation = body.organisation.value_or("");
  draft.voucher = body.voucher.value_or("");
  draft.attribution = draft.voucher.empty() ? "named" : "vouched";
  draft.contact = body.contact.value_or("");
  draft.confirmed = body.confirmed.value_or(false);
  std::vector<followup::SourceRef> sources;
  for (const auto& source : body.sources.value_or(std::vector<SubmissionSource>())) {
    sources.push_back({source.title, source.url, {}});
  }
  draft.sources = followup::sources_text(sources);
  for (const auto& file : body.files.value_or(std::vector<SubmissionFile>())) {
    const auto bytes = from_base64(file.content);
    if (!bytes) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.submission.file_bytes",
                        "the content of a file is not base64",
                        {{"value", file.name.substr(0, 80)}}});
    }
    draft.files.push_back({file.name, std::string(bytes->begin(), bytes->end())});
  }
  const auto receipt = ATALAYA_TRY(submissions_of(node).submit(draft));
  SubmissionReceiptAnswer answer{receipt.code, {}};
  if (receipt.again) {
    answer.message = figures::Messages::embedded().text(call.language, "participation.sent.again");
  }
  auto response = json_response(answer, receipt.again ? 200 : 201);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

std::vector<Route> participation_json_routes() {
  const Param commitment{.name = "commitment", .type = ParamType::id, .about = "A commitment"};
  const Param actor{
      .name = "actor", .type = ParamType::id, .about = "PAN, PAN.parliament or cicad"};
  Param required = commitment;
  required.required = true;
  Route form = with_query(
      data_route("/api/v1/follow-up/alternative-reports/form", "get_submission_form_json",
                 "What a submission about this commitment carries; good for three hours",
                 schema_of<FormTokenAnswer>(), &get_form),
      {required});
  form.cross_origin = false;
  Route post;
  post.method = http::Method::post;
  post.path = "/api/v1/follow-up/alternative-reports";
  post.name = "post_alternative_report_json";
  post.summary = "Submit an alternative report or a correction; people decide about it";
  post.rate = RateClass::none;  // bounded by buckets that know no sender
  // Four letters carry three bytes of a file.
  post.body_bytes_max = 96UL * 1024 + followup::kSubmissionFileBytesMax / 3 * 4;
  post.request = schema_of<SubmissionRequest>();
  post.answers = {{.status = 201,
                   .about = "The code to look after it; empty where this form was sent before",
                   .schema = schema_of<SubmissionReceiptAnswer>()}};
  post.handler = &post_submission;
  return {with_query(
              data_route("/api/v1/follow-up/alternative-reports", "list_alternative_reports_json",
                         "Published alternative reports and corrections, each with its node",
                         schema_of<AlternativeReportList>(), &list_reports),
              {commitment, actor}),
          data_route("/api/v1/follow-up/participation", "get_participation_json",
                     "How many were sent, published, refused and why, and appeals",
                     schema_of<ParticipationCountsAnswer>(), &get_counts),
          data_route("/api/v1/follow-up/peers", "list_peers_json",
                     "Nodes of other institutions whose records are taken in",
                     schema_of<PeerList>(), &list_peers),
          std::move(form), std::move(post)};
}

}  // namespace atalaya::api
