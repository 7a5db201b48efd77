// Rounds in the store. What leaves this file went through detail::reveal().
#include <atalaya/followup/rounds.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/followup/reference.hpp>

#include "checks.hpp"
#include "rounds_store.hpp"

ATALAYA_EMBEDDED(followup_catalogue);

namespace atalaya::followup {
namespace {

using detail::WholeReview;
using detail::wrong_field;

constexpr std::string_view kRounds = "rounds";  // container of all rounds
constexpr std::size_t kTitleMax = 300;

Result<std::vector<Questionnaire>> embedded_forms(const Reference& reference) {
  const EmbeddedFile* file = atalaya::embedded::followup_catalogue("rounds.json");
  ATALAYA_CHECK(file != nullptr);
  const json::value value = ATALAYA_TRY(parse_json(file->bytes, file->path));
  std::vector<Questionnaire> out;
  for (const json::value& row : value.as_array()) {
    Questionnaire form = ATALAYA_TRY(parse_questionnaire(row, reference));
    out.push_back(std::move(form));
  }
  return out;
}

Result<json::value> embedded_form(std::string_view id) {
  const EmbeddedFile* file = atalaya::embedded::followup_catalogue("rounds.json");
  ATALAYA_CHECK(file != nullptr);
  const json::value value = ATALAYA_TRY(parse_json(file->bytes, file->path));
  for (const json::value& row : value.as_array()) {
    if (detail::text_of(row.as_object(), "id") == id) {
      return row;
    }
  }
  return detail::missing("questionnaire.unknown", id);
}

bool is_round_id(std::string_view id) {
  return id.size() >= 2 && id.size() <= 40 && std::ranges::all_of(id, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

Result<Round> round_from(const Parts& parts, const Entry& entry) {
  Round out;
  out.id = entry.name;
  const json::value form = ATALAYA_TRY(parse_json(entry.value("form"), entry.name));
  out.form = ATALAYA_TRY(parse_questionnaire(form, *parts.reference));
  out.follows = entry.value("follows");
  out.title = entry.value("title");
  out.language = entry.value("language");
  out.opened_at = entry.at;
  return out;
}

Result<void> check_new_round(const Parts& parts, const NewRound& round, const RoundViewer& viewer) {
  if (!viewer.secretariat) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.round.not_yours",
                      "rounds are opened by who publishes",
                      {{"step", "opened"}}});
  }
  if (!is_round_id(round.id)) {
    return wrong_field("id", round.id, "id");
  }
  if (trim(round.title).empty() || round.title.size() > kTitleMax ||
      !detail::check_text(round.title)) {
    return wrong_field("title", round.title, "required");
  }
  if (!parse_language(round.language)) {
    return wrong_field("language", round.language, "choice");
  }
  if (!detail::check_day(parts, round.date)) {
    return wrong_field("date", round.date, "date");
  }
  for (const std::string& country : round.countries) {
    const auto* found = parts.catalogue().find_country(country);
    if (found == nullptr || !found->is_state) {
      return wrong_field("country", country, "country");
    }
  }
  return {};
}

// The states for which a round may open: of a follow-up, those whose report is published.
Result<std::vector<std::string>> states_for(const Parts& parts, store::Transaction& tx,
                                            const NewRound& round) {
  std::vector<std::string> possible;
  if (round.follows.empty()) {
    for (const auto& country : parts.catalogue().countries()) {
      if (country.is_state) {
        possible.push_back(country.id);
      }
    }
  } else {
    Round followed;
    followed.id = round.follows;
    const auto reviews = ATALAYA_TRY(detail::read_reviews(tx, followed));
    for (const WholeReview& review : reviews) {
      if (review.stage != RoundStage::published) {
        continue;
      }
      possible.push_back(review.country);
      const bool asked =
          round.countries.empty() ||
          std::ranges::find(round.countries, review.country) != round.countries.end();
      const std::string_view published = review.steps.back().value("date");
      if (asked && round.date < published) {
        return fail(
            Error{ErrorCode::conflict,
                  "followup.round.early",
                  "the round would open before the report that it follows was published",
                  {{"step", "opened"}, {"needs", "published"}, {"date", std::string(published)}}});
      }
    }
  }
  for (const std::string& country : round.countries) {
    if (std::ranges::find(possible, country) == possible.end()) {
      return fail(Error{ErrorCode::conflict,
                        "followup.round.order",
                        "the report that this round would follow is not published",
                        {{"step", "opened"}, {"needs", "published"}}});
    }
  }
  return round.countries.empty() ? possible : round.countries;
}

// Whoever types an id that is taken means another round, or more states of this one.
Result<void> check_held(const Round& held, const NewRound& asked) {
  if (held.title != trim(asked.title) || held.form.id != asked.questionnaire ||
      held.follows != asked.follows) {
    return fail(Error{ErrorCode::conflict,
                      "followup.round.taken",
                      "another round has this id",
                      {{"id", held.id}, {"title", held.title}}});
  }
  return {};
}

// What came of recommendations is asked where they were made.
Result<void> check_followed(const Round& followed, const Questionnaire& form) {
  const bool same = followed.form.id == form.id ||
                    (!form.mechanism.empty() && followed.form.mechanism == form.mechanism &&
                     followed.form.instrument == form.instrument);
  return same ? Result<void>()
              : fail(Error{ErrorCode::conflict,
                           "followup.round.mechanism",
                           "the questionnaire is another mechanism's",
                           {{"questionnaire", form.id}, {"title", followed.title}}});
}

Result<std::int64_t> open_for(const Parts& parts, store::Transaction& tx, const Round& round,
                              std::vector<std::string> states, const NewRound& asked, bool held,
                              const RoundViewer& viewer) {
  const auto reviews = ATALAYA_TRY(detail::read_reviews(tx, round));
  for (const WholeReview& review : reviews) {
    std::erase(states, review.country);
  }
  if (held && !states.empty() && !asked.adds) {
    return fail(Error{ErrorCode::conflict,
                      "followup.round.adds",
                      "the round is held; this would add states to it",
                      {{"title", round.title},
                       {"n", std::to_string(states.size())},
                       {"countries", fmt::format("{}", fmt::join(states, " "))}}});
  }
  for (const std::string& country : states) {
    Entry step;
    step.area = "review";
    step.container = round.id;
    step.country = country;
    step.kind = "step";
    step.name = "1";
    step.values = {{"step", "opened"}, {"date", asked.date}};
    step.by = viewer.name;
    ATALAYA_TRY(detail::write_entry(parts, tx, step));
  }
  return std::ssize(states);
}

detail::Change publication(const Round& round, std::string_view country, std::string_view by) {
  detail::Change out;
  out.kind = "round";
  out.actor = country;
  out.instrument = round.form.instrument;
  out.after = "published";
  out.why = round.title;
  out.by = by;
  return out;
}

Result<void> check_complete(const WholeReview& whole, const Entry& step) {
  if (step.value("step") == "submitted") {
    // All at once: nobody sends a form once for each of them. Each is a parameter, so that the page
    // marks its field.
    std::vector<std::pair<std::string, std::string>> open = {{"question", ""}};
    for (const Question* question : asked(whole.questions, whole.answer_values())) {
      const bool answered =
          std::ranges::find(whole.answers, question->id, &Entry::name) != whole.answers.end();
      if (question->required && !answered) {
        open.front().second += (open.size() == 1 ? "" : ", ") + question->id;
        open.emplace_back("open", question->id);
      }
    }
    if (open.size() > 1) {
      return fail(Error{ErrorCode::conflict, "followup.round.unanswered",
                        "what must be answered has no answer", std::move(open)});
    }
  }
  if (step.value("step") == "drafted" && whole.conclusions.empty()) {
    return fail(ErrorCode::conflict, "followup.round.no_conclusion",
                "a draft without a conclusion is none");
  }
  return {};
}

}  // namespace

const Entry* Review::answer(std::string_view question) const noexcept {
  const auto it = std::ranges::find(answers, question, &Entry::name);
  return it == answers.end() ? nullptr : &*it;
}

bool awaits(const Review& review) {
  constexpr std::string_view kSteps[] = {"submitted", "drafted", "commented", "adopted",
                                         "published"};
  const auto may = [&](std::string_view step) { return may_step(review.steps, step, review.hats); };
  return std::ranges::any_of(kSteps, may) || (may("consented") && !consented(review.steps));
}

bool may_comment(const Review& review, std::string_view name) {
  return review.hats.state && detail::comment_open(review.stage, review.steps, review.conclusions,
                                                   review.recommendations, name);
}

Result<std::vector<Questionnaire>> Rounds::questionnaires() const {
  auto out = ATALAYA_TRY(embedded_forms(*parts_.reference));
  const auto own = ATALAYA_TRY(detail::read_entries(parts_, {"questionnaire"}));
  for (const Entry& entry : own) {
    const json::value value = ATALAYA_TRY(parse_json(entry.value("form"), entry.name));
    Questionnaire form = ATALAYA_TRY(parse_questionnaire(value, *parts_.reference));
    const auto same = std::ranges::find(out, form.id, &Questionnaire::id);
    if (same == out.end()) {
      out.push_back(std::move(form));
    } else if (same->version <= form.version) {
      *same = std::move(form);
    }
  }
  return out;
}

Result<Questionnaire> Rounds::questionnaire(std::string_view id) const {
  auto all = ATALAYA_TRY(questionnaires());
  const auto found = std::ranges::find(all, id, &Questionnaire::id);
  if (found == all.end()) {
    return detail::missing("questionnaire.unknown", id);
  }
  return std::move(*found);
}

Result<Questionnaire> Rounds::add_questionnaire(std::string_view json, std::string_view by) const {
  const json::value value = ATALAYA_TRY(parse_json(json, "questionnaire"));
  auto form = ATALAYA_TRY(parse_questionnaire(value, *parts_.reference));
  const auto newest = questionnaire(form.id);
  const auto reserved = std::ranges::find_if(form.questions, [](const Question& question) {
    return question.id.starts_with(detail::kRecommendation);
  });
  if (reserved != form.questions.end()) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.questionnaire",
                      "ids that begin so are those of followed recommendations",
                      {{"row", reserved->id}, {"rule", "reserved"}}});
  }
  const std::int32_t wanted = newest ? newest->version + 1 : 1;
  if (form.version != wanted) {
    return fail(Error{ErrorCode::conflict,
                      "followup.questionnaire.version",
                      "this is not the next version",
                      {{"wanted", std::to_string(wanted)}}});
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    Entry entry;
    entry.area = "questionnaire";
    entry.container = form.id;
    entry.kind = "form";
    entry.name = std::to_string(form.version);
    entry.values = {{"form", canonical_json(value)}};
    entry.by = by;
    ATALAYA_TRY(detail::write_entry(parts_, tx, entry));
    return {};
  }));
  return form;
}

Result<std::vector<Round>> Rounds::list() const {
  const auto entries = ATALAYA_TRY(detail::read_entries(parts_, {"round", std::string(kRounds)}));
  std::vector<Round> out;
  for (const Entry& entry : entries) {
    Round round = ATALAYA_TRY(round_from(parts_, entry));
    out.push_back(std::move(round));
  }
  for (Round& round : out) {
    const auto followed = std::ranges::find(out, round.follows, &Round::id);
    if (followed != out.end()) {
      round.followed = std::make_shared<const Round>(*followed);
    }
  }
  return out;
}

Result<Round> Rounds::get(std::string_view id) const {
  const auto entries = ATALAYA_TRY(
      detail::read_entries(parts_, {"round", std::string(kRounds), "", "round", std::string(id)}));
  if (id.empty() || entries.empty()) {
    return detail::unknown_round(id);
  }
  Round out = ATALAYA_TRY(round_from(parts_, entries.front()));
  if (!out.follows.empty()) {
    const auto followed = ATALAYA_TRY(
        detail::read_entries(parts_, {"round", std::string(kRounds), "", "round", out.follows}));
    if (!followed.empty()) {
      Round before = ATALAYA_TRY(round_from(parts_, followed.front()));
      out.followed = std::make_shared<const Round>(std::move(before));
    }
  }
  return out;
}

Result<std::int64_t> Rounds::open(const NewRound& asked, const RoundViewer& viewer) const {
  ATALAYA_TRY(check_new_round(parts_, asked, viewer));
  const auto form = ATALAYA_TRY(questionnaire(asked.questionnaire));
  if (!asked.follows.empty()) {
    const auto followed = ATALAYA_TRY(get(asked.follows));
    ATALAYA_TRY(check_followed(followed, form));
  }
  json::value body;
  const auto added = ATALAYA_TRY(detail::read_entries(
      parts_, {"questionnaire", form.id, "", "form", std::to_string(form.version)}));
  if (added.empty()) {
    body = ATALAYA_TRY(embedded_form(form.id));
  } else {
    body = ATALAYA_TRY(parse_json(added.front().value("form"), form.id));
  }
  std::int64_t opened = 0;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    Entry entry;
    entry.area = "round";
    entry.container = kRounds;
    entry.kind = "round";
    entry.name = asked.id;
    const auto held = ATALAYA_TRY(
        detail::read_entries(tx, {entry.area, entry.container, "", entry.kind, entry.name}));
    if (held.empty()) {
      entry.values = {{"form", canonical_json(body)},
                      {"follows", asked.follows},
                      {"title", std::string(trim(asked.title))},
                      {"language", asked.language}};
      entry.by = viewer.name;
      entry = ATALAYA_TRY(detail::write_entry(parts_, tx, entry));
    } else {
      entry = held.front();
    }
    const auto round = ATALAYA_TRY(round_from(parts_, entry));
    ATALAYA_TRY(check_held(round, asked));
    auto states = ATALAYA_TRY(states_for(parts_, tx, asked));
    opened =
        ATALAYA_TRY(open_for(parts_, tx, round, std::move(states), asked, !held.empty(), viewer));
    return {};
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return opened;
}

Result<Review> Rounds::review(const Round& round, std::string_view country,
                              const RoundViewer& viewer) const {
  Review out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    out = detail::reveal(whole, round, viewer, names);
    return {};
  }));
  if (out.stage == RoundStage::none) {
    return detail::unknown_round(fmt::format("{}/{}", round.id, country));
  }
  return out;
}

Result<std::vector<Review>> Rounds::reviews(const Round& round, const RoundViewer& viewer) const {
  std::vector<Review> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto all = ATALAYA_TRY(detail::read_reviews(tx, round));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (const WholeReview& whole : all) {
      Review review = detail::reveal(whole, round, viewer, names);
      if (review.stage != RoundStage::none) {
        out.push_back(std::move(review));
      }
    }
    return {};
  }));
  return out;
}

Result<void> Rounds::save(const Round& round, std::string_view country,
                          const std::vector<Entry>& entries, const RoundViewer& viewer) const {
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    std::vector<Entry> tidied = entries;
    for (Entry& entry : tidied) {
      detail::tidy(entry);
      detail::tidy_answer(*parts_.reference, whole, entry);
      entry.by = viewer.name;
      if (entry.kind.ends_with("_file") && !entry.values.empty()) {
        return wrong_field("kind", entry.kind, "choice");  // add_file() brings the bytes, too
      }
      ATALAYA_TRY(detail::check_round_entry(parts_, round, whole, entry, viewer));
    }
    return detail::write_round_entries(parts_, tx, round, whole, std::move(tidied));
  }));
  return detail::noticed(parts_);
}

Result<void> Rounds::step(const Round& round, std::string_view country, Entry step,
                          std::size_t seen, const RoundViewer& viewer) const {
  detail::tidy(step);
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    const RoundHats hats = hats_of(viewer, whole.country, whole.reviewers);
    if (!may_see(RoundPart::steps, whole.stage, hats, false)) {
      return detail::unknown_round(round.id);
    }
    step.area = "review";
    step.container = round.id;
    step.country = country;
    step.kind = "step";
    step.version = 0;
    step.name = std::to_string(seen + 1);
    step.by = viewer.name;
    if (seen != whole.steps.size()) {
      Entry last = whole.steps.back();
      const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
      detail::sign(last, names);
      return fail(Error{ErrorCode::conflict,
                        "followup.entry.changed",
                        "somebody took a step in the meantime",
                        {{"by", last.by}, {"version", last.name}}});
    }
    ATALAYA_TRY(check_step(whole.steps, step, hats, parts_.today()));
    ATALAYA_TRY(check_complete(whole, step));
    const bool publishes = step.value("step") == "published";
    ATALAYA_TRY(detail::write_entry(parts_, tx, step,
                                    publishes
                                        ? std::vector{publication(round, country, viewer.name)}
                                        : std::vector<detail::Change>()));
    return {};
  }));
  return detail::noticed(parts_);
}

}  // namespace atalaya::followup
