// Rounds as JSON and CSV. What is open to every site's scripts is what is published, whoever asks;
// those who take part have routes of their own.
#include <fmt/format.h>

#include "rounds_access.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::Entry;
using followup::Review;
using followup::Rounds;

struct RoundEntryAnswer {
  std::string kind, name, at, by;
  std::int32_t version = 0;
  std::map<std::string, std::string> values;
};
BOOST_DESCRIBE_STRUCT(RoundEntryAnswer, (), (kind, name, at, by, version, values))

struct ReviewAnswer {
  std::string round, country, stage;
  std::vector<std::string> questions;
  std::vector<RoundEntryAnswer> entries;
};
BOOST_DESCRIBE_STRUCT(ReviewAnswer, (), (round, country, stage, questions, entries))

struct ReportTotalAnswer {
  std::string column;
  std::vector<std::string> within, without;
  double sum = 0, median = 0;
  std::int32_t states = 0;
};
BOOST_DESCRIBE_STRUCT(ReportTotalAnswer, (), (column, within, without, sum, median, states))

struct ReportLineAnswer {
  std::string question, article, text;
  std::map<std::string, std::int32_t> counts;
  std::vector<ReportTotalAnswer> totals;
};
BOOST_DESCRIBE_STRUCT(ReportLineAnswer, (), (question, article, text, counts, totals))

struct RoundAnswer {
  std::string id, title, questionnaire, follows, source;
  std::int32_t questionnaire_version = 0, recommendations = 0;
  std::int32_t followed_recommendations = 0;  // of the round that it follows
  std::vector<std::string> states, published;
  std::map<std::string, std::int32_t> by_rating, by_progress;
  std::vector<ReportLineAnswer> lines;
  std::vector<ReviewAnswer> reviews;
};
BOOST_DESCRIBE_STRUCT(RoundAnswer, (),
                      (id, title, questionnaire, follows, source, questionnaire_version,
                       recommendations, followed_recommendations, states, published, by_rating,
                       by_progress, lines, reviews))

struct RoundRow {
  std::string id, title, questionnaire, follows;
};
BOOST_DESCRIBE_STRUCT(RoundRow, (), (id, title, questionnaire, follows))

struct RoundList {
  std::vector<RoundRow> rounds;
};
BOOST_DESCRIBE_STRUCT(RoundList, (), (rounds))

struct RoundAnswerRequest {
  std::string question, value;
  std::int32_t version = 0;
  std::optional<std::string> remark, sources, language;
};
BOOST_DESCRIBE_STRUCT(RoundAnswerRequest, (), (question, value, version, remark, sources, language))

struct RoundAnswersRequest {
  std::vector<RoundAnswerRequest> answers;
};
BOOST_DESCRIBE_STRUCT(RoundAnswersRequest, (), (answers))

Rounds rounds_of(const Node& node) {
  return Rounds(node.followup->parts());
}

ReviewAnswer review_answer(const Review& review) {
  ReviewAnswer out{review.round, review.country, std::string(to_string(review.stage)), {}, {}};
  for (const auto& question : review.questions) {
    out.questions.push_back(question.id);
  }
  for (const auto* list : {&review.steps, &review.reviewers, &review.civil_society, &review.answers,
                           &review.conclusions, &review.recommendations, &review.comments,
                           &review.visit, &review.files}) {
    for (const Entry& entry : *list) {
      out.entries.push_back({entry.kind,
                             entry.name,
                             entry.at,
                             entry.by,
                             entry.version,
                             {entry.values.begin(), entry.values.end()}});
    }
  }
  return out;
}

Result<http::Response> list_json(const Call&, Node& node) {
  const auto rounds = ATALAYA_TRY(rounds_of(node).list());
  RoundList out;
  for (const auto& round : rounds) {
    out.rounds.push_back({round.id, round.title, round.form.id, round.follows});
  }
  return json_response(out);
}

Result<http::Response> get_json(const Call& call, Node& node) {
  const auto round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  if (call.text("format") == "csv") {
    std::string csv = ATALAYA_TRY(rounds_of(node).csv(round, "", {}));
    auto response = http::respond(200, "text/csv; charset=utf-8", std::move(csv));
    response.headers.set("Content-Disposition",
                         fmt::format("attachment; filename=\"{}.csv\"", round.id));
    return response;
  }
  const auto report = ATALAYA_TRY(rounds_of(node).report(round));
  const auto reviews = ATALAYA_TRY(rounds_of(node).reviews(round, {}));
  RoundAnswer out;
  out.id = round.id;
  out.title = round.title;
  out.questionnaire = round.form.id;
  out.questionnaire_version = round.form.version;
  out.follows = round.follows;
  out.source = round.form.source;
  out.states = report.states;
  out.published = report.published;
  out.recommendations = report.recommendations;
  out.followed_recommendations = report.followed;
  out.by_rating = report.by_rating;
  out.by_progress = report.by_progress;
  for (const auto& line : report.lines) {
    out.lines.push_back({line.question->id,
                         line.question->article,
                         line.question->text.in(call.language),
                         line.counts,
                         {}});
    for (const auto& total : line.totals) {
      out.lines.back().totals.push_back(
          {total.column, total.within, total.without, total.sum, total.median, total.states});
    }
  }
  for (const Review& review : reviews) {
    out.reviews.push_back(review_answer(review));
  }
  return json_response(out);
}

http::Response kept_from_caches(http::Response response) {
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> get_review(const Call& call, Node& node) {
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const auto round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  const auto review = ATALAYA_TRY(rounds_of(node).review(round, call.text("country"), viewer));
  return kept_from_caches(json_response(review_answer(review)));
}

Result<http::Response> post_answers(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<RoundAnswersRequest>(call));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const auto round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  std::vector<Entry> entries;
  for (const RoundAnswerRequest& answer : body.answers) {
    Entry entry;
    entry.kind = "answer";
    entry.name = answer.question;
    entry.version = answer.version;
    if (!answer.value.empty()) {
      entry.values = {
          {"value", answer.value},
          {"remark", answer.remark.value_or("")},
          {"sources", answer.sources.value_or("")},
          {"language", answer.language.value_or(std::string(to_string(call.language)))}};
    }
    entries.push_back(std::move(entry));
  }
  ATALAYA_TRY(rounds_of(node).save(round, call.text("country"), entries, viewer));
  const auto review = ATALAYA_TRY(rounds_of(node).review(round, call.text("country"), viewer));
  return kept_from_caches(json_response(review_answer(review)));
}

}  // namespace

std::vector<Route> round_json_routes() {
  Route review = data_route("/api/v1/rounds/{round}/reviews/{country}", "get_review_json",
                            "One state's review as far as the caller may see it",
                            schema_of<ReviewAnswer>(), &get_review);
  review.cross_origin = false;
  // Published reviews are everybody's; others are there for those alone who take part.
  review.roles = kAnyone;
  review.scope = "followup:write";
  return {
      data_route("/api/v1/rounds", "list_rounds_json", "Which evaluation rounds this node runs",
                 schema_of<RoundList>(), &list_json),
      or_csv(data_route("/api/v1/rounds/{round}", "get_round_json",
                        "The hemispheric report of a round, and the reviews that are published",
                        schema_of<RoundAnswer>(), &get_json),
             "Published answers"),
      std::move(review),
      write_route(
          {.method = http::Method::post,
           .path = "/api/v1/rounds/{round}/reviews/{country}/answers",
           .name = "post_review_answers_json",
           .summary = "Answers of a state, all or none; `version` is the newest one seen, "
                      "or 0",
           .roles = {Role::focal_point},
           .scope = "followup:write",
           .body_bytes_max = 512UL * 1024,
           .request = schema_of<RoundAnswersRequest>(),
           .answers = {{.status = 200, .about = "The review", .schema = schema_of<ReviewAnswer>()}},
           .handler = &post_answers})};
}

}  // namespace atalaya::api
