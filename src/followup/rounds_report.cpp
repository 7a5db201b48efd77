// Answers in and out as CSV, and the hemispheric report.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/csv.hpp>

#include "rounds_store.hpp"
#include "said_values.hpp"

namespace atalaya::followup {
namespace {

using detail::WholeReview;

constexpr std::string_view kFields[] = {"value", "remark", "sources", "language"};

void count_answers(HemisphericReport& out, const WholeReview& review, bool with_answers) {
  const auto values = review.answer_values();
  const auto now_asked = asked(review.questions, values);
  for (HemisphericReport::Line& line : out.lines) {
    const auto is_it = [&](const Question* one) { return one->id == line.question->id; };
    std::string key = "not_published";
    if (with_answers) {
      const auto value = values.find(line.question->id);
      const bool free = line.question->type != QuestionType::yes_no &&
                        line.question->type != QuestionType::partial &&
                        line.question->type != QuestionType::scale;
      key = std::ranges::none_of(now_asked, is_it) ? "not_asked"
            : value == values.end()                ? "not_answered"
            : free                                 ? "answered"
                                                   : value->second;
    }
    line.counts[key] += 1;
  }
}

// What states themselves say came of the recommendations of the round that this one follows: each
// published recommendation counts once, whether or not its state's report is published here.
void count_followed(HemisphericReport& out, const std::vector<WholeReview>& followed,
                    const std::vector<WholeReview>& reviews) {
  for (const WholeReview& before : followed) {
    if (before.stage != RoundStage::published) {
      continue;
    }
    const auto review = std::ranges::find(reviews, before.country, &WholeReview::country);
    const bool shown = review != reviews.end() && review->stage == RoundStage::published &&
                       answers_consented(review->steps);
    for (const Entry& one : before.recommendations) {
      std::string key = "not_published";
      if (shown) {
        const auto answer = std::ranges::find(
            review->answers, fmt::format("{}{}", detail::kRecommendation, one.name), &Entry::name);
        key = answer == review->answers.end() ? "not_answered" : answer->value("value");
      }
      out.followed += 1;
      out.by_progress[key] += 1;
    }
  }
}

// Of what is asked under the other answers; a table that does not read any more counts as words.
void gather_tables(const WholeReview& review,
                   std::map<std::string, std::map<std::string, TableCells>>& out) {
  const auto values = review.answer_values();
  for (const Question* question : asked(review.questions, values)) {
    const auto value = values.find(question->id);
    if (question->type == QuestionType::table && value != values.end()) {
      if (auto cells = table_cells(*question, value->second)) {
        out[question->id].emplace(review.country, *std::move(cells));
      }
    }
  }
}

// Which questions are asked follows from the whole file, so this comes after its last row.
Result<void> check_routing(const WholeReview& whole, const EntryImportPlan& plan) {
  auto values = whole.answer_values();
  for (const EntryImportRow& row : plan.rows) {
    if (row.entry.values.empty()) {
      values.erase(row.entry.name);
    } else {
      values[row.entry.name] = row.entry.value("value");
    }
  }
  const auto now_asked = asked(whole.questions, values);
  for (const EntryImportRow& row : plan.rows) {
    const bool is_asked = std::ranges::any_of(
        now_asked, [&](const Question* question) { return question->id == row.entry.name; });
    if (!is_asked && !row.entry.values.empty() && row.change != RecordChange::unchanged) {
      const auto question = std::ranges::find(whole.questions, row.entry.name, &Question::id);
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.round.routing",
                        "this question is not asked under the other answers",
                        {{"question", row.entry.name},
                         {"asks", question->when.front().question},
                         {"file", plan.file_name},
                         {"line", std::to_string(row.line)}}});
    }
  }
  return {};
}

}  // namespace

Result<HemisphericReport> Rounds::report(const Round& round) const {
  HemisphericReport out;
  std::vector<WholeReview> reviews, followed;
  std::map<std::string, std::map<std::string, TableCells>> tables;  // by question and state
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    reviews = ATALAYA_TRY(detail::read_reviews(tx, round));
    if (round.followed != nullptr) {
      followed = ATALAYA_TRY(detail::read_reviews(tx, *round.followed));
    }
    return {};
  }));
  for (const Question& question : round.form.questions) {
    out.lines.push_back({&question, {}, {}});
  }
  for (const auto& country : parts_.catalogue().countries()) {
    if (!country.is_state) {
      continue;
    }
    out.states.push_back(country.id);
    const auto review = std::ranges::find(reviews, country.id, &WholeReview::country);
    if (review == reviews.end() || review->stage != RoundStage::published) {
      for (HemisphericReport::Line& line : out.lines) {
        line.counts["not_published"] += 1;
      }
      continue;
    }
    out.published.push_back(country.id);
    count_answers(out, *review, answers_consented(review->steps));
    if (answers_consented(review->steps)) {
      gather_tables(*review, tables);
    }
    out.recommendations += static_cast<std::int32_t>(review->recommendations.size());
    for (const Entry& conclusion : review->conclusions) {
      if (!conclusion.value("rating").empty()) {
        out.by_rating[std::string(conclusion.value("rating"))] += 1;
      }
    }
  }
  for (HemisphericReport::Line& line : out.lines) {
    line.totals = table_totals(*line.question, tables[line.question->id]);
  }
  count_followed(out, followed, reviews);
  return out;
}

Result<std::string> Rounds::csv(const Round& round, std::string_view country,
                                const RoundViewer& viewer) const {
  std::string out = "round,country,question,version,value,remark,sources,language,accepts\r\n";
  std::vector<Review> shown;
  if (country.empty()) {
    shown = ATALAYA_TRY(reviews(round, viewer));
  } else {
    Review one = ATALAYA_TRY(review(round, country, viewer));
    shown.push_back(std::move(one));
  }
  for (const Review& one : shown) {
    const bool sees = may_see(RoundPart::answers, one.stage, one.hats, !one.answers.empty());
    for (const Question& question : one.questions) {
      const Entry* answer = one.answer(question.id);
      // Questions without an answer are rows to fill in, for who may.
      if (answer == nullptr && !sees) {
        continue;
      }
      out += fmt::format("{},{},{},{}", round.id, one.country, question.id,
                         answer == nullptr ? 0 : answer->version);
      for (const std::string_view field : kFields) {
        out += "," + csv_field(answer == nullptr ? std::string_view() : answer->value(field));
      }
      const auto choices = detail::choices_of(question, *parts_.reference);
      out += fmt::format(",{}\r\n", csv_field(detail::codes_of(choices)));
    }
  }
  return out;
}

Result<EntryImportPlan> Rounds::plan(const Round& round, std::string_view country,
                                     std::string_view bytes, std::string_view file_name,
                                     const RoundViewer& viewer) const {
  WholeReview whole;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    whole = ATALAYA_TRY(detail::read_review(tx, round, country));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (Entry& answer : whole.answers) {
      detail::sign(answer, names);
    }
    return {};
  }));
  const RoundHats hats = hats_of(viewer, country, whole.reviewers);
  if (!hats.state) {
    return detail::unknown_round(round.id);
  }
  const auto entry_of = [&](const detail::TableRows& table, std::size_t row) -> Result<Entry> {
    const auto text = [&](std::string_view name) { return table.text(row, table.column(name)); };
    for (const auto& [column, wanted] :
         {std::pair<std::string_view, std::string_view>{"round", round.id}, {"country", country}}) {
      if (table.column(column) >= 0 && text(column) != wanted) {
        return detail::wrong_field(column, text(column), "choice");
      }
    }
    Entry entry;
    entry.area = "review";
    entry.container = round.id;
    entry.country = country;
    entry.kind = "answer";
    entry.name = text("question");
    entry.version = ATALAYA_TRY(detail::version_of(text("version")));
    for (const std::string_view field : kFields) {
      entry.values.emplace(field, text(field));
    }
    detail::tidy(entry);
    if (entry.value("value").empty() && entry.value("remark").empty() &&
        entry.value("sources").empty()) {
      entry.values.clear();
    }
    detail::tidy_answer(*parts_.reference, whole, entry);
    ATALAYA_TRY(detail::check_round_entry(parts_, round, whole, entry, viewer));
    return entry;
  };
  auto plan = ATALAYA_TRY(
      detail::plan_entries(bytes, file_name, {"question", "value"}, whole.answers, entry_of));
  ATALAYA_TRY(check_routing(whole, plan));
  return plan;
}

Result<void> Rounds::apply(const Round& round, std::string_view country,
                           const EntryImportPlan& plan, const RoundViewer& viewer,
                           bool accept_changes) const {
  ATALAYA_TRY(detail::check_accepted(plan, accept_changes));
  std::vector<Entry> entries;
  for (const EntryImportRow& row : plan.rows) {
    if (row.change != RecordChange::unchanged) {
      entries.push_back(row.entry);
      entries.back().why = fmt::format("{}, line {}", plan.file_name, row.line);
    }
  }
  return entries.empty() ? Result<void>() : save(round, country, entries, viewer);
}

}  // namespace atalaya::followup
