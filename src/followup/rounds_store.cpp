#include "rounds_store.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/reports.hpp>

#include "checks.hpp"
#include "cube_cache.hpp"
#include "personal_data.hpp"
#include "said_values.hpp"

namespace atalaya::followup::detail {
namespace {

std::vector<Entry>* list_of(WholeReview& review, std::string_view kind) {
  const std::pair<std::string_view, std::vector<Entry>*> lists[] = {
      {"step", &review.steps},
      {"reviewer", &review.reviewers},
      {"answer", &review.answers},
      {"civil_society", &review.civil_society},
      {"conclusion", &review.conclusions},
      {"recommendation", &review.recommendations},
      {"comment", &review.comments},
      {"visit", &review.visit},
      {"answer_file", &review.files},
      {"visit_file", &review.files}};
  const auto* found = std::ranges::find(lists, kind, [](const auto& pair) { return pair.first; });
  return found == std::end(lists) ? nullptr : found->second;
}

// What came of each recommendation of the round that this one follows.
void add_recommendations(WholeReview& review, const Round& round,
                         const std::vector<Entry>& followed) {
  review.questions = round.form.questions;
  for (const Entry& entry : followed) {
    if (entry.country != review.country) {
      continue;
    }
    Question question;
    question.id = fmt::format("{}{}", kRecommendation, entry.name);
    const Question* on =
        round.followed == nullptr ? nullptr : round.followed->form.find(entry.value("question"));
    question.article = on == nullptr ? std::string() : on->article;
    question.recommendation = entry.name;
    question.language = entry.value("language");
    question.text.set(parse_language(entry.value("language")).value_or(Language::en),
                      std::string(entry.value("text")));
    question.type = QuestionType::scale;
    question.scale = round.form.progress;
    question.required = true;
    review.questions.push_back(std::move(question));
  }
}

std::vector<Question> copied(const std::vector<const Question*>& questions) {
  std::vector<Question> out;
  out.reserve(questions.size());
  for (const Question* question : questions) {
    out.push_back(*question);
  }
  return out;
}

std::unexpected<Error> not_yours(std::string_view kind) {
  return fail(Error{ErrorCode::permission_denied,
                    "followup.round.not_yours",
                    "this part of the review is somebody else's",
                    {{"step", std::string(kind)}}});
}

struct KindRule {
  std::string_view kind;
  std::initializer_list<bool RoundHats::*> hats;  // one of them
  std::initializer_list<RoundStage> stages;
  std::initializer_list<std::string_view> fields;
};

using enum RoundStage;
const KindRule kKinds[] = {
    {"answer", {&RoundHats::state}, {answering}, {"value", "remark", "sources", "language"}},
    {"civil_society",
     {&RoundHats::secretariat},
     {answering, review},
     {"organisation", "text", "url", "date", "language"}},
    {"reviewer", {&RoundHats::secretariat}, {answering, review, comment, plenary}, {"states"}},
    {"conclusion", {&RoundHats::subgroup}, {review, plenary}, {"text", "rating", "language"}},
    {"recommendation", {&RoundHats::subgroup}, {review, plenary}, {"text", "question", "language"}},
    {"comment", {&RoundHats::state}, {comment, plenary}, {"text", "language", "reply_to"}},
    {"visit",
     {&RoundHats::subgroup, &RoundHats::secretariat},
     {review, plenary},
     {"text", "language", "confirmed"}},
    {"answer_file",
     {&RoundHats::state},
     {answering},
     {"title", "question", "file_name", "language"}},
    {"visit_file",
     {&RoundHats::subgroup, &RoundHats::secretariat},
     {review, plenary},
     {"title", "question", "file_name", "language"}}};

std::unexpected<Error> closed(const WholeReview& whole, const Entry& entry) {
  return fail(
      Error{ErrorCode::conflict,
            "followup.round.stage",
            "this part of the review is closed at this step, or not open yet",
            {{"stage", std::string(to_string(whole.stage))}, {"kind", std::string(entry.kind)}}});
}

bool is_file(const Entry& entry) {
  return entry.kind.ends_with("_file");
}

bool took(const WholeReview& whole, std::string_view step) {
  return std::ranges::any_of(whole.steps,
                             [&](const Entry& one) { return one.value("step") == step; });
}

// Nobody writes of a visit that the state did not agree to, or of what was found before it.
Result<void> check_visit(const Parts& parts, const WholeReview& whole, const Entry& entry) {
  const bool plan = entry.kind == "visit" && entry.name == "agenda";
  const std::string_view needs = plan ? "visit_consented" : "visited";
  if (!took(whole, needs)) {
    return fail(Error{ErrorCode::conflict,
                      "followup.round.order",
                      "a visit's report follows its dated steps",
                      {{"step", "visit_report"}, {"needs", std::string(needs)}}});
  }
  return is_file(entry)
             ? Result<void>()
             : check_names(parts, entry.value("text"), entry.value("confirmed") == "yes");
}

// What an entry is called, where its writer may choose: a comment names what it is about.
bool fits_name(const WholeReview& whole, const Entry& entry) {
  const auto has = [&](const std::vector<Entry>& entries, std::string_view name) {
    return std::ranges::find(entries, name, &Entry::name) != entries.end();
  };
  const std::string_view name = entry.name;
  if (entry.kind == "comment") {
    return name == "general" ||
           commented_on(whole.conclusions, whole.recommendations, name) != nullptr;
  }
  if (entry.kind == "recommendation") {
    return name.empty() || has(whole.recommendations, name);
  }
  if (entry.kind == "civil_society") {
    return name.empty() || has(whole.civil_society, name);
  }
  if (entry.kind == "visit") {
    return name == "agenda" || name == "met" || name == "findings";
  }
  if (is_file(entry)) {
    return name.empty() || has(whole.files, name);
  }
  return !name.empty() && name.size() <= 80;
}

Result<void> check_words(const Parts& parts, const Round& round, const WholeReview& whole,
                         const Entry& entry) {
  const auto has_question = [&](std::string_view id) {
    return std::ranges::find(whole.questions, id, &Question::id) != whole.questions.end();
  };
  const std::string_view rating = entry.value("rating");
  if (!rating.empty()) {
    const Scale* scale = parts.reference->find_scale(round.form.rating);
    if (scale == nullptr || scale->find(rating) == nullptr) {
      return wrong_field("rating", rating, "choice");
    }
  }
  if (entry.kind == "conclusion" && entry.name != "general" && !has_question(entry.name)) {
    return missing("round.question", entry.name);
  }
  if (!entry.value("question").empty() && !has_question(entry.value("question"))) {
    return missing("round.question", entry.value("question"));
  }
  if (entry.kind == "reviewer") {
    return entry.value("states").empty() ? Result<void>(wrong_field("states", "", "required"))
                                         : Result<void>();
  }
  if (entry.kind == "civil_society") {
    if (entry.value("organisation").empty()) {
      return wrong_field("organisation", "", "required");
    }
    if (!check_day(parts, entry.value("date"))) {
      return wrong_field("date", entry.value("date"), "date");
    }
    const std::string_view url = entry.value("url");
    if (!url.empty() && !opens(url)) {
      return wrong_field("url", url, "url");
    }
  }
  if (entry.kind == "visit" || entry.kind == "visit_file") {
    ATALAYA_TRY(check_visit(parts, whole, entry));
  }
  if (is_file(entry)) {
    return entry.value("title").empty() ? Result<void>(wrong_field("title", "", "required"))
                                        : Result<void>();
  }
  return entry.value("text").empty() && entry.value("url").empty()
             ? Result<void>(wrong_field("text", "", "required"))
             : Result<void>();
}

// Words for one text do not answer another: a comment names the version that its writer saw.
Result<void> check_comment(const WholeReview& whole, const Entry& entry) {
  if (!comment_open(whole.stage, whole.steps, whole.conclusions, whole.recommendations,
                    entry.name)) {
    return closed(whole, entry);
  }
  const Entry* on = commented_on(whole.conclusions, whole.recommendations, entry.name);
  const std::string_view reply_to = entry.value("reply_to");
  if (on == nullptr || entry.values.empty()) {
    return reply_to.empty() ? Result<void>() : wrong_field("reply_to", reply_to, "choice");
  }
  return reply_to == std::to_string(on->version)
             ? Result<void>()
             : fail(Error{ErrorCode::conflict,
                          "followup.round.draft_changed",
                          "the text was changed after its comment was written",
                          {{"version", std::to_string(on->version)}}});
}

// A comment goes with the text that it was on, and says which wording of it it answers. Rows that
// name no version answer the one that stood when they were written.
Result<void> read_earlier(store::Transaction& tx, std::string_view round, WholeReview& review) {
  std::erase_if(review.comments, [&](const Entry& one) {
    return one.name != "general" &&
           commented_on(review.conclusions, review.recommendations, one.name) == nullptr;
  });
  for (Entry& comment : review.comments) {
    const Entry* on = commented_on(review.conclusions, review.recommendations, comment.name);
    const std::string reply_to(comment.value("reply_to"));
    if (on == nullptr || reply_to == std::to_string(on->version)) {
      continue;
    }
    const auto versions = ATALAYA_TRY(
        read_versions(tx, {"review", std::string(round), review.country, on->kind, on->name}));
    const auto then = std::ranges::find_if(versions, [&](const Entry& one) {
      return reply_to.empty() ? one.at <= comment.at : reply_to == std::to_string(one.version);
    });
    if (then == versions.end()) {
      continue;
    }
    comment.values["reply_to"] = std::to_string(then->version);
    if (then->value("text") != on->value("text") || then->value("rating") != on->value("rating")) {
      review.earlier.emplace(comment.name, *then);
    }
  }
  return {};
}

// What stands beside a comment that answers another text than the one that it stands under. Those
// who took part see that text; to others the draft is closed, as a state may have asked to strike
// it.
void add_earlier(const WholeReview& whole, const RoundHats& hats, Entry& comment) {
  const bool inside = hats.state || hats.subgroup || hats.plenary || hats.secretariat;
  const auto found = whole.earlier.find(comment.name);
  if (found != whole.earlier.end() && !inside) {
    comment.values["draft_changed"] = "yes";
  } else if (found != whole.earlier.end()) {
    for (const char* field : {"text", "rating", "language"}) {
      if (!found->second.value(field).empty()) {
        comment.values[fmt::format("reply_to_{}", field)] = found->second.value(field);
      }
    }
  }
  const auto later = [&](const Entry& one) { return one.at > comment.at; };
  if (comment.name == "general" && (std::ranges::any_of(whole.conclusions, later) ||
                                    std::ranges::any_of(whole.recommendations, later))) {
    comment.values["draft_changed"] = "yes";
  }
}

// Answers that a viewer of this stage may know of are those that are asked.
std::vector<Entry> asked_answers(const WholeReview& whole, const std::vector<Question>& questions) {
  std::vector<Entry> out;
  for (const Entry& answer : whole.answers) {
    if (std::ranges::find(questions, answer.name, &Question::id) != questions.end()) {
      out.push_back(answer);
    }
  }
  return out;
}

}  // namespace

std::map<std::string, std::string, std::less<>> WholeReview::answer_values() const {
  std::map<std::string, std::string, std::less<>> out;
  for (const Entry& answer : answers) {
    out.emplace(answer.name, answer.value("value"));
  }
  return out;
}

const Entry* commented_on(const std::vector<Entry>& conclusions,
                          const std::vector<Entry>& recommendations, std::string_view comment) {
  if (!comment.starts_with("c.") && !comment.starts_with("r.")) {
    return nullptr;
  }
  const auto& entries = comment.starts_with("c.") ? conclusions : recommendations;
  const auto found = std::ranges::find(entries, comment.substr(2), &Entry::name);
  return found == entries.end() ? nullptr : &*found;
}

bool comment_open(RoundStage stage, const std::vector<Entry>& steps,
                  const std::vector<Entry>& conclusions, const std::vector<Entry>& recommendations,
                  std::string_view comment) {
  if (stage != RoundStage::plenary) {
    return stage == RoundStage::comment;
  }
  const auto began = std::ranges::find_if(steps.rbegin(), steps.rend(), [](const Entry& one) {
    return one.value("step") == "commented" || one.value("step") == "lapsed";
  });
  const auto changed = [&](const Entry& one) { return one.at >= began->at; };
  const Entry* on = commented_on(conclusions, recommendations, comment);
  return comment == "general" ? std::ranges::any_of(conclusions, changed) ||
                                    std::ranges::any_of(recommendations, changed)
                              : on != nullptr && changed(*on);
}

std::unexpected<Error> unknown_round(std::string_view id) {
  return missing("round.unknown", id);
}

Result<std::vector<WholeReview>> read_reviews(store::Transaction& tx, const Round& round) {
  auto entries = ATALAYA_TRY(read_entries(tx, {.area = "review", .container = round.id}));
  std::vector<Entry> followed;
  if (!round.follows.empty()) {
    followed = ATALAYA_TRY(
        read_entries(tx, {.area = "review", .container = round.follows, .kind = "recommendation"}));
  }
  std::map<std::string, WholeReview> by_country;
  for (Entry& entry : entries) {
    WholeReview& review = by_country[entry.country];
    review.country = entry.country;
    if (auto* list = list_of(review, entry.kind)) {
      list->push_back(std::move(entry));
    }
  }
  std::vector<WholeReview> out;
  for (auto& [country, review] : by_country) {
    review.stage = stage_of(review.steps);
    add_recommendations(review, round, followed);
    ATALAYA_TRY(read_earlier(tx, round.id, review));
    out.push_back(std::move(review));
  }
  return out;
}

Result<WholeReview> read_review(store::Transaction& tx, const Round& round,
                                std::string_view country) {
  WholeReview out;
  out.country = country;
  auto entries = ATALAYA_TRY(
      read_entries(tx, {.area = "review", .container = round.id, .country = out.country}));
  for (Entry& entry : entries) {
    if (auto* list = list_of(out, entry.kind)) {
      list->push_back(std::move(entry));
    }
  }
  std::vector<Entry> followed;
  if (!round.follows.empty()) {
    followed = ATALAYA_TRY(read_entries(tx, {.area = "review",
                                             .container = round.follows,
                                             .country = out.country,
                                             .kind = "recommendation"}));
  }
  out.stage = stage_of(out.steps);
  add_recommendations(out, round, followed);
  ATALAYA_TRY(read_earlier(tx, round.id, out));
  return out;
}

Review reveal(const WholeReview& whole, const Round& round, const RoundViewer& viewer,
              const identity::ShownNames& names) {
  Review out;
  out.round = round.id;
  out.country = whole.country;
  out.hats = hats_of(viewer, whole.country, whole.reviewers);
  const bool with_answers = answers_consented(whole.steps);
  const auto sees = [&](RoundPart part) {
    return may_see(part, whole.stage, out.hats, with_answers);
  };
  out.questions = copied(asked(whole.questions, {}));
  if (!sees(RoundPart::steps)) {
    out.questions = copied(asked(round.form.questions, {}));
    return out;
  }
  out.stage = whole.stage;
  out.steps = whole.steps;
  out.reviewers = whole.reviewers;
  if (sees(RoundPart::civil_society)) {
    out.civil_society = whole.civil_society;
  }
  if (sees(RoundPart::answers)) {
    out.questions = copied(asked(whole.questions, whole.answer_values()));
    out.answers = asked_answers(whole, out.questions);
  }
  for (const Entry& entry : whole.visit) {
    // The agenda is agreed with the state; what was found is part of the experts' draft.
    if (entry.name == "agenda" || sees(RoundPart::draft)) {
      out.visit.push_back(entry);
    }
  }
  for (const Entry& entry : whole.files) {
    if (sees(entry.kind == "answer_file" ? RoundPart::answers : RoundPart::draft)) {
      out.files.push_back(entry);
    }
  }
  if (sees(RoundPart::draft)) {
    out.conclusions = whole.conclusions;
    out.recommendations = whole.recommendations;
  }
  if (sees(RoundPart::comments)) {
    out.comments = whole.comments;
    for (Entry& comment : out.comments) {
      add_earlier(whole, out.hats, comment);
    }
  }
  for (auto* list :
       {&out.steps, &out.reviewers, &out.civil_society, &out.answers, &out.conclusions,
        &out.recommendations, &out.comments, &out.visit, &out.files}) {
    for (Entry& entry : *list) {
      sign(entry, names);
      // Who these were is for those who take part; which states reviewed is for all.
      if (!out.hats.participant) {
        entry.by.clear();
        entry.why.clear();
        entry.name = entry.kind == "reviewer" ? std::string() : entry.name;
      }
    }
  }
  return out;
}

void tidy_answer(const Reference& reference, const WholeReview& whole, Entry& entry) {
  const auto question = std::ranges::find(whole.questions, entry.name, &Question::id);
  if (entry.kind != "answer" || question == whole.questions.end()) {
    return;
  }
  const auto choices = choices_of(*question, reference);
  if (!choices.empty() && !entry.value("value").empty()) {
    entry.values["value"] = meant(entry.value("value"), choices);
  }
  if (question->type != QuestionType::table) {
    return;
  }
  const auto cells = table_cells(*question, entry.value("value"));
  if (cells) {
    entry.values["value"] = table_text(*cells);
  }
}

Result<void> check_names(const Parts& parts, std::string_view text, bool confirmed) {
  const auto found = parts.cube->personal_data(parts.catalogue())->find(text);
  if (confirmed || found.empty()) {
    return {};
  }
  std::string words;
  for (const Finding& one : found) {
    words += words.empty() ? "" : "; ";
    words += one.text;
  }
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.round.names",
                    "the text may lead to a person",
                    {{"found", words.substr(0, 200)}}});
}

Result<void> check_round_entry(const Parts& parts, const Round& round, const WholeReview& whole,
                               const Entry& entry, const RoundViewer& viewer) {
  const auto* rule = std::ranges::find(kKinds, entry.kind, &KindRule::kind);
  if (rule == std::end(kKinds)) {
    return wrong_field("kind", entry.kind, "choice");
  }
  const RoundHats hats = hats_of(viewer, whole.country, whole.reviewers);
  const bool own = std::ranges::find(viewer.own, whole.country) != viewer.own.end();
  if (std::ranges::none_of(rule->hats, [&](auto hat) { return hats.*hat; })) {
    if (own && (viewer.expert || viewer.secretariat) && !hats.state) {
      return fail(Error{ErrorCode::permission_denied,
                        "followup.own_state",
                        "nobody reviews the state that the account comes from",
                        {{"actor", whole.country}}});
    }
    if (!may_see(RoundPart::steps, whole.stage, hats, false)) {
      return unknown_round(round.id);
    }
    return not_yours(entry.kind);
  }
  if (std::ranges::find(rule->stages, whole.stage) == rule->stages.end()) {
    return closed(whole, entry);
  }
  ATALAYA_TRY(check_fields(entry, rule->fields));
  if (!fits_name(whole, entry)) {
    return missing("round.question", entry.name);
  }
  if (entry.kind == "comment") {
    ATALAYA_TRY(check_comment(whole, entry));
  }
  if (entry.values.empty()) {
    return {};
  }
  const auto held = std::ranges::find(whole.civil_society, entry.name, &Entry::name);
  if (entry.kind == "civil_society" && held != whole.civil_society.end() &&
      !held->value("attribution").empty()) {
    return not_yours(entry.kind);
  }
  if (entry.kind != "answer") {
    return check_words(parts, round, whole, entry);
  }
  const auto question = std::ranges::find(whole.questions, entry.name, &Question::id);
  if (question == whole.questions.end()) {
    return missing("round.question", entry.name);
  }
  if (entry.value("value").empty()) {
    return wrong_field(entry.name, "", "required");
  }
  ATALAYA_TRY(check_answer(*question, entry.value("value"), *parts.reference));
  if (!parse_sources_text(entry.value("sources"))) {
    return wrong_field("sources", entry.value("sources"), "links");
  }
  return {};
}

Result<void> write_round_entries(const Parts& parts, store::Transaction& tx, const Round& round,
                                 const WholeReview& whole, std::vector<Entry> entries) {
  WholeReview after = whole;
  for (const Entry& entry : entries) {
    if (entry.kind == "answer") {
      std::erase_if(after.answers, [&](const Entry& one) { return one.name == entry.name; });
      if (!entry.values.empty()) {
        after.answers.push_back(entry);
      }
    }
  }
  const auto now_asked = asked(after.questions, after.answer_values());
  for (Entry& entry : entries) {
    entry.area = "review";
    entry.container = round.id;
    entry.country = whole.country;
    entry.removed = entry.values.empty();
    const bool is_asked = std::ranges::any_of(
        now_asked, [&](const Question* question) { return question->id == entry.name; });
    if (entry.kind == "answer" && !entry.removed && !is_asked) {
      const auto question = std::ranges::find(whole.questions, entry.name, &Question::id);
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.round.routing",
                        "this question is not asked under the other answers",
                        {{"question", entry.name}, {"asks", question->when.front().question}}});
    }
    if (entry.name.empty()) {
      const auto all =
          ATALAYA_TRY(read_versions(tx, {"review", round.id, whole.country, entry.kind}));
      std::int64_t highest = 0;
      for (const Entry& one : all) {
        highest = std::max(highest, std::int64_t{std::atoi(one.name.c_str())});
      }
      entry.name = std::to_string(highest + 1);
    }
    ATALAYA_TRY(write_entry(parts, tx, entry));
  }
  return {};
}

}  // namespace atalaya::followup::detail
