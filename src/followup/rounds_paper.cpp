// The hemispheric report for paper. Everything is asked of Rounds as a visitor, so that a document
// cannot hold more than the pages.
#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/round_report.hpp>
#include <atalaya/followup/rounds.hpp>

#include "brief_parts.hpp"

namespace atalaya::followup {
namespace {

using figures::PaperHeading;
using figures::PaperStyle;
using figures::PaperTable;
using figures::PaperText;

class RoundPaper : private detail::PaperWriter {
 public:
  RoundPaper(const Parts& parts, const RoundReportRequest& request)
      : PaperWriter(parts, request.language, request.origin), request_(request) {}

  Result<figures::Paper> compose() {
    const Rounds rounds(parts());
    round_ = ATALAYA_TRY(rounds.get(request_.round));
    report_ = ATALAYA_TRY(rounds.report(round_));
    reviews_ = ATALAYA_TRY(rounds.reviews(round_, {}));
    std::erase_if(reviews_,
                  [](const Review& review) { return review.stage != RoundStage::published; });
    figures::Paper& out = paper();
    out.language = language();
    out.title = round_.title;
    out.subtitle = say("rounds.report");
    out.author = request_.node_name;
    out.notice = say("rounds.paper.notice");
    out.page_of = say("brief.page");
    out.date = parts().today();
    out.size = request_.size;
    add_summary();
    if (!reviews_.empty()) {
      add_states();
      add_answers();
      add_reports();
    }
    add_method();
    return std::move(out);
  }

 private:
  [[nodiscard]] std::string state_name(std::string_view id) const {
    const auto* country = parts().catalogue().find_country(id);
    return country == nullptr ? std::string(id) : country->name.in(language());
  }

  [[nodiscard]] std::string answer_name(const Question& question, const std::string& value) const {
    return question.type == QuestionType::scale && !value.starts_with("not_") && value != "answered"
               ? value_name(question.scale, value)
               : say("rounds.answer." + value);
  }

  // What somebody wrote, with the language where it is another one than the paper's.
  [[nodiscard]] PaperText words_of(const Entry& entry, std::string_view field = "text") const {
    return spoken(std::string(entry.value(field)), entry.value("language"));
  }

  static PaperText strong(std::string words, const PaperText& after) {
    PaperText out = {{.text = std::move(words), .strong = true}};
    out.insert(out.end(), after.begin(), after.end());
    return out;
  }

  [[nodiscard]] static std::string date_of(const Review& review, std::string_view step) {
    const auto last =
        std::ranges::find_if(review.steps.rbegin(), review.steps.rend(),
                             [&](const Entry& one) { return one.value("step") == step; });
    return last == review.steps.rend() ? std::string() : std::string(last->value("date"));
  }

  void small_heading(std::string words) { add(PaperHeading{.level = 3, .text = std::move(words)}); }

  void add_summary() {
    paragraph(say("rounds.report.sub", {{"n", number(std::ssize(report_.published))},
                                        {"all", number(std::ssize(report_.states))}}),
              PaperStyle::lead);
    const Questionnaire& form = round_.form;
    std::string about = form.label.in(language());
    if (!form.instrument.empty()) {
      about += " · " + instrument_name(form.instrument);
    }
    paragraph(fmt::format("{}. {}", about,
                          say("rounds.paper.questions", {{"n", number(std::ssize(form.questions))},
                                                         {"version", number(form.version)}})));
    if (reviews_.empty()) {
      paragraph(say("rounds.reviews.none"), PaperStyle::mark);
    }
  }

  void add_states() {
    heading("rounds.reviews", "states");
    PaperTable table;
    table.header = {say("registers.country"), say("rounds.step.adopted"),
                    say("rounds.step.published"), say("rounds.recommendations"),
                    say("rounds.answers")};
    table.numeric = {false, false, false, true, false};
    for (const Review& review : reviews_) {
      table.rows.push_back(
          {linked(state_name(review.country),
                  fmt::format("/rounds/{}/{}", review.round, review.country)),
           plain(shown_date(date_of(review, "adopted"))),
           plain(shown_date(date_of(review, "published"))),
           plain(number(std::ssize(review.recommendations))),
           plain(say(answers_consented(review.steps) ? "rounds.paper.with_answers"
                                                     : "rounds.paper.without_answers"))});
    }
    add(std::move(table));
    paragraph(
        count("rounds.paper.others", std::ssize(report_.states) - std::ssize(report_.published)),
        PaperStyle::small);
  }

  void add_answers() {
    heading("rounds.paper.answers", "answers");
    PaperTable table;
    table.header = {say("rounds.question"), say("rounds.article"), say("rounds.how_many")};
    for (const HemisphericReport::Line& line : report_.lines) {
      std::vector<std::string> keys = answer_values(*line.question, *parts().reference);
      for (const char* key : {"answered", "not_answered", "not_asked", "not_published"}) {
        keys.emplace_back(key);
      }
      std::string counts;
      for (const std::string& key : keys) {
        const auto found = line.counts.find(key);
        if (found != line.counts.end()) {
          counts += counts.empty() ? "" : "; ";
          counts += labelled(answer_name(*line.question, key), number(found->second));
        }
      }
      table.rows.push_back({plain(line.question->text.in(language())),
                            plain(article_name(line.question->article, language())), plain(std::move(counts))});
    }
    add(std::move(table));
    for (const HemisphericReport::Line& line : report_.lines) {
      for (const TableTotal& total : line.totals) {
        paragraph(total_words(*line.question, total, parts().catalogue(), language()),
                  PaperStyle::item);
      }
    }
    add_counts();
  }

  // What experts say in this round, apart from what states say of an earlier one's recommendations.
  void add_counts() {
    small_heading(say("rounds.report.experts"));
    paragraph(labelled(say("rounds.report.recommended"), number(report_.recommendations)),
              PaperStyle::item);
    for (const auto& [value, n] : report_.by_rating) {
      paragraph(
          labelled(say("rounds.report.rated", {{"value", value_name(round_.form.rating, value)}}),
                   number(n)),
          PaperStyle::item);
    }
    if (round_.followed == nullptr) {
      return;
    }
    small_heading(say("rounds.report.followed", {{"round", round_.followed->title}}));
    paragraph(count("rounds.report.followed.sub", report_.followed), PaperStyle::small);
    for (const auto& [value, n] : report_.by_progress) {
      paragraph(labelled(value.starts_with("not_") ? say("rounds.answer." + value)
                                                   : value_name(round_.form.progress, value),
                         number(n)),
                PaperStyle::item);
    }
  }

  [[nodiscard]] std::string question_words(const Review& review, std::string_view id) const {
    const auto asked = std::ranges::find(review.questions, id, &Question::id);
    if (asked != review.questions.end() && !asked->recommendation.empty()) {
      return labelled(
          say("rounds.followed", {{"n", asked->recommendation}, {"round", round_.followed->title}}),
          asked->text.in(language()));
    }
    if (asked != review.questions.end()) {
      return asked->text.in(language());
    }
    const Question* question = round_.form.find(id);
    return question == nullptr ? say("rounds.general") : question->text.in(language());
  }

  void add_comment(const Review& review, const std::string& name) {
    const auto found = std::ranges::find(review.comments, name, &Entry::name);
    if (found != review.comments.end()) {
      // The comment on the whole draft follows the last recommendation and is none on it.
      const std::string about = name == "general" ? " · " + say("rounds.general") : "";
      if (!found->value("draft_changed").empty()) {
        paragraph(say("rounds.comment.draft_changed"), PaperStyle::small);
      }
      paragraph(labelled(say("rounds.comment") + about, words_of(*found)), PaperStyle::quote);
    }
  }

  void add_conclusions(const Review& review) {
    small_heading(say("rounds.conclusions"));
    for (const Entry& one : review.conclusions) {
      std::string head = question_words(review, one.name) + " ";
      if (!one.value("rating").empty()) {
        head += fmt::format("{}. ", value_name(round_.form.rating, one.value("rating")));
      }
      paragraph(strong(std::move(head), words_of(one)), PaperStyle::normal);
      add_comment(review, "c." + one.name);
    }
    for (const Entry& one : review.recommendations) {
      paragraph(
          labelled(fmt::format("{} {}", say("rounds.recommendation"), one.name), words_of(one)),
          PaperStyle::item);
      add_comment(review, "r." + one.name);
    }
    add_comment(review, "general");
  }

  void add_visit(const Review& review) {
    const std::string visited = date_of(review, "visited");
    if (review.visit.empty() && visited.empty()) {
      return;
    }
    small_heading(visited.empty()
                      ? say("rounds.visit")
                      : fmt::format("{}, {}", say("rounds.visit"), shown_date(visited)));
    for (const char* name : {"agenda", "met", "findings"}) {
      const auto found = std::ranges::find(review.visit, name, &Entry::name);
      if (found != review.visit.end()) {
        paragraph(labelled(say(fmt::format("rounds.visit.{}", name)), words_of(*found)),
                  PaperStyle::normal);
      }
    }
  }

  void add_input(const Review& review) {
    if (review.civil_society.empty()) {
      return;
    }
    small_heading(say("rounds.civil_society"));
    for (const Entry& one : review.civil_society) {
      const std::string who = one.value("pseudonym").empty()
                                  ? std::string(one.value("organisation"))
                                  : say("rounds.input.vouched_by",
                                        {{"pseudonym", std::string(one.value("pseudonym"))},
                                         {"organisation", std::string(one.value("organisation"))}});
      PaperText text =
          labelled(fmt::format("{}, {}", who, shown_date(one.value("date"))), words_of(one));
      if (!one.value("url").empty()) {
        text.push_back(
            {.text = fmt::format(" {}", one.value("url")), .url = std::string(one.value("url"))});
      }
      paragraph(std::move(text), PaperStyle::normal);
    }
  }

  // Tables that the state answered with, where it consented to that: the counts cannot show them.
  void add_tables(const Review& review) {
    bool headed = false;
    for (const Question& question : review.questions) {
      const Entry* answer = review.answer(question.id);
      if (answer == nullptr || question.type != QuestionType::table) {
        continue;
      }
      const auto cells = table_cells(question, answer->value("value"));
      if (!cells) {
        continue;
      }
      if (!std::exchange(headed, true)) {
        small_heading(say("rounds.answers"));
      }
      PaperTable table;
      table.caption = question.text.in(language());
      for (const QuestionColumn& column : question.columns) {
        table.header.push_back(column.label.in(language()));
        table.numeric.push_back(column.type == QuestionType::number);
      }
      for (const auto& row : *cells) {
        auto& out = table.rows.emplace_back();
        for (const std::string& cell : row) {
          out.push_back(plain(cell));
        }
      }
      add(std::move(table));
    }
  }

  void add_reports() {
    for (const Review& review : reviews_) {
      add(PaperHeading{.level = 2, .text = state_name(review.country), .id = review.country});
      std::string from;
      for (const Entry& one : review.reviewers) {
        for (const std::string_view state : split(one.value("states"), ' ')) {
          from += (from.empty() ? "" : ", ") + state_name(state);
        }
      }
      if (!from.empty()) {
        paragraph(labelled(say("rounds.reviewers"), from), PaperStyle::small);
      }
      add_conclusions(review);
      add_visit(review);
      add_input(review);
      add_tables(review);
    }
  }

  void add_method() {
    heading("brief.method", "method");
    paragraph(say("rounds.paper.method"), PaperStyle::small);
    const Questionnaire& form = round_.form;
    PaperText source = plain(labelled(say("rounds.source"), std::string_view()));
    if (form.source.starts_with("https://")) {
      source.push_back({.text = form.source, .url = form.source});
    } else {
      // The program's own questionnaires say in English where they come from.
      const PaperText words = spoken(form.source, "en");
      source.insert(source.end(), words.begin(), words.end());
    }
    source.push_back(
        {.text = fmt::format(" · {} {}", say("rounds.read_on"), shown_date(form.read_on))});
    paragraph(std::move(source), PaperStyle::small);
  }

  const RoundReportRequest& request_;
  Round round_;
  HemisphericReport report_;
  std::vector<Review> reviews_;
};

}  // namespace

Result<figures::Paper> compose_round_report(const Parts& parts, const RoundReportRequest& request) {
  return RoundPaper(parts, request).compose();
}

std::string total_words(const Question& question, const TableTotal& total,
                        const commitments::Catalogue& catalogue, Language language) {
  const auto& messages = figures::Messages::embedded();
  const auto shown = [&](double value) {
    return figures::decimal(language, value, value == std::floor(value) ? 0 : 2);
  };
  const auto column = std::ranges::find(question.columns, total.column, &QuestionColumn::id);
  std::string out = messages.text(
      language, "rounds.total",
      {{"column", column == question.columns.end() ? total.column : column->label.in(language)},
       {"within", fmt::format("{}", fmt::join(total.within, ", "))},
       {"sum", shown(total.sum)},
       {"states", std::to_string(total.states)},
       {"median", shown(total.median)}});
  std::vector<std::string> names;
  for (const std::string& state : total.without) {
    const auto* country = catalogue.find_country(state);
    names.push_back(country == nullptr ? state : country->name.in(language));
  }
  if (!names.empty()) {
    out += "; " + messages.text(language, "rounds.total.without",
                                {{"states", figures::list(language, names)}});
  }
  return out;
}

}  // namespace atalaya::followup
