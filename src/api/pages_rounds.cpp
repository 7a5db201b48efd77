// Pages of rounds for every reader: the list, a questionnaire, a round with its hemispheric report.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/round_report.hpp>

#include "pages_followup_cells.hpp"
#include "pages_rounds.hpp"
#include "pages_rounds_parts.hpp"

namespace atalaya::api {
namespace {

using followup::HemisphericReport;
using followup::Question;
using followup::Questionnaire;
using followup::Round;

void write_link(Html& h, const PageContext& context, std::string_view path,
                std::string_view words) {
  h.element("a", {{"href", link(context, path)}}, words);
}

std::string mechanism_of(const PageContext& context, const Questionnaire& form) {
  std::vector<std::string> parts;
  if (!form.mechanism.empty()) {
    parts.push_back(institution_name(context, form.mechanism));
  }
  if (!form.instrument.empty()) {
    parts.push_back(instrument_short(context, form.instrument));
  }
  return fmt::format("{}", fmt::join(parts, " · "));
}

void write_round_rows(Html& h, const PageContext& context, const RoundsView& view) {
  const Say say(context);
  h.element("h2", say("rounds.running"));
  if (view.rounds.empty()) {
    h.element("p", {{"class", "note"}}, say("rounds.none"));
  }
  h.open("ul", {{"class", "rows"}});
  for (const auto& row : view.rounds) {
    h.open("li").open("h3", {{"lang", row.round.language}});
    write_link(h, context, "/rounds/" + row.round.id, row.round.title);
    h.close("h3");
    h.element("p", {{"class", "meta"}},
              fmt::format("{} · {}", row.round.form.label.in(context.language),
                          say.count("rounds.published", row.published)));
    h.close("li");
  }
  h.close("ul");
  if (view.may_open) {
    h.open("p").element("a", {{"class", "button"}, {"href", link(context, "/desk/rounds/new")}},
                        say("rounds.new"));
    h.close("p");
  }
}

void write_form_rows(Html& h, const PageContext& context, const RoundsView& view) {
  const Say say(context);
  h.element("h2", say("rounds.forms"));
  h.element("p", {{"class", "sub"}}, say("rounds.forms.sub"));
  h.open("ul", {{"class", "rows"}});
  for (const Questionnaire& form : view.forms) {
    h.open("li").open("h3");
    write_link(h, context, "/questionnaires/" + form.id, form.label.in(context.language));
    h.close("h3").element("p", {{"class", "meta"}},
                          fmt::format("{} · {}", mechanism_of(context, form),
                                      say.count("rounds.questions", std::ssize(form.questions))));
    h.close("li");
  }
  h.close("ul");
}

// "Asked if “Does a law …” is answered “yes”."
std::string route_words(const PageContext& context, const Questionnaire& form,
                        const Question& question, const followup::Reference& reference) {
  const Say say(context);
  std::vector<std::string> parts;
  for (const auto& route : question.when) {
    std::vector<std::string> values;
    const Question* asked = form.find(route.question);
    for (const std::string& value : route.values) {
      values.push_back(answer_words(context, *asked, value, reference));
    }
    parts.push_back(
        say("rounds.asked_if", {{"question", asked->text.in(context.language)},
                                {"values", fmt::format("{}", fmt::join(values, ", "))}}));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

// What a line of the report counts, in the order in which its values are offered.
std::vector<std::string> keys_of(const HemisphericReport::Line& line,
                                 const followup::Reference& reference) {
  std::vector<std::string> keys = followup::answer_values(*line.question, reference);
  for (const char* key : {"answered", "not_answered", "not_asked", "not_published"}) {
    keys.emplace_back(key);
  }
  std::erase_if(keys, [&](const std::string& key) { return !line.counts.contains(key); });
  return keys;
}

// What experts say in this round, apart from what states say of an earlier one's recommendations.
void write_experts_counts(Html& h, const PageContext& context, const RoundView& view) {
  const Say say(context);
  h.element("h3", say("rounds.report.experts"));
  h.open("dl", {{"class", "facts"}});
  write_fact(h, say("rounds.report.recommended"), std::to_string(view.report.recommendations));
  for (const auto& [value, n] : view.report.by_rating) {
    write_fact(
        h,
        say("rounds.report.rated",
            {{"value", value_name(context, *view.reference, view.round.form.rating, value)}}),
        std::to_string(n));
  }
  h.close("dl");
}

void write_followed_counts(Html& h, const PageContext& context, const RoundView& view) {
  if (view.round.followed == nullptr) {
    return;
  }
  const Say say(context);
  h.element("h3", say("rounds.report.followed", {{"round", view.round.followed->title}}));
  h.element("p", {{"class", "sub"}}, say.count("rounds.report.followed.sub", view.report.followed));
  h.open("dl", {{"class", "facts"}});
  for (const auto& [value, n] : view.report.by_progress) {
    write_fact(h,
               value.starts_with("not_")
                   ? say.value("rounds.answer", value)
                   : value_name(context, *view.reference, view.round.form.progress, value),
               std::to_string(n));
  }
  h.close("dl");
}

void write_report(Html& h, const PageContext& context, const RoundView& view) {
  const Say say(context);
  h.element("h2", say("rounds.report"));
  h.element("p", {{"class", "sub"}},
            say("rounds.report.sub", {{"n", std::to_string(view.report.published.size())},
                                      {"all", std::to_string(view.report.states.size())}}));
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  const std::string heads[] = {say("rounds.question"), say("rounds.article"),
                               say("rounds.how_many")};
  for (const std::string& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& line : view.report.lines) {
    std::vector<std::string> counts;
    for (const std::string& key : keys_of(line, *view.reference)) {
      counts.push_back(labelled(context,
                                answer_words(context, *line.question, key, *view.reference),
                                std::to_string(line.counts.at(key))));
    }
    h.open("tr").element("th", {{"scope", "row"}}, line.question->text.in(context.language));
    h.element("td", {{"data-l", heads[1]}},
              followup::article_name(line.question->article, context.language));
    h.open("td", {{"data-l", heads[2]}}).text(fmt::format("{}", fmt::join(counts, "; ")));
    for (const auto& total : line.totals) {
      h.element("p", {{"class", "xs"}},
                followup::total_words(*line.question, total, *context.catalogue, context.language));
    }
    h.close("td").close("tr");
  }
  h.close("tbody").close("table");
  write_experts_counts(h, context, view);
  write_followed_counts(h, context, view);
}

void write_states(Html& h, const PageContext& context, const RoundView& view) {
  const Say say(context);
  h.element("h2", say("rounds.reviews"));
  h.element("p", {{"class", "sub"}}, say("rounds.reviews.sub"));
  if (view.reviews.empty()) {
    h.element("p", {{"class", "note"}}, say("rounds.reviews.none"));
    return;
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& review : view.reviews) {
    h.open("li").open("h3");
    write_link(h, context, fmt::format("/rounds/{}/{}", review.round, review.country),
               country_name(context, review.country));
    h.close("h3").element("p", {{"class", "meta"}},
                          say.value("rounds.stage", followup::to_string(review.stage)));
    h.close("li");
  }
  h.close("ul");
}

// That input is open for a state is public while it is, so that organisations can send some.
void write_windows(Html& h, const PageContext& context, const RoundView& view) {
  if (view.windows.empty()) {
    return;
  }
  const Say say(context);
  open_band(h);
  h.element("h2", say("rounds.input"));
  h.element("p", {{"class", "sub"}}, say("rounds.input.sub"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& window : view.windows) {
    h.open("li").open("h3");
    write_link(h, context, fmt::format("/rounds/{}/{}/input", view.round.id, window.country),
               country_name(context, window.country));
    h.close("h3").element("p", {{"class", "meta"}},
                          say("rounds.until", {{"date", shown_date(context, window.until)}}));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
}

void write_files(Html& h, const PageContext& context, const RoundView& view) {
  const Say say(context);
  h.open("p", {{"class", "row"}}).text(say("brief.download"));
  for (const std::string_view format : {"pdf", "docx", "html"}) {
    h.element("a",
              {{"href", fmt::format("/api/v1/rounds/{}/report?lang={}&format={}", view.round.id,
                                    to_string(context.language), format)}},
              say(fmt::format("brief.{}", format)));
  }
  h.element("a", {{"href", fmt::format("/api/v1/rounds/{}?format=csv", view.round.id)}},
            say("rounds.csv"));
  h.close("p");
}

// The error in the page's words: states by name, steps as they are called, days as they are
// written.
std::optional<Error> said(const PageContext& context, const NewRoundView& view) {
  std::optional<Error> out = view.error;
  if (!out) {
    return out;
  }
  const Say say(context);
  for (auto& [name, value] : out->params) {
    if (name == "countries") {
      std::string names;
      for (const std::string_view country : split(value, ' ')) {
        names += (names.empty() ? "" : ", ") + country_name(context, country);
      }
      value = names;
    } else if (name == "step" || name == "needs") {
      value = say.value("rounds.step", value);
    } else if (name == "date") {
      value = shown_date(context, value);
    } else if (name == "questionnaire") {
      const auto form = std::ranges::find(view.forms, value, &Questionnaire::id);
      value = form == view.forms.end() ? value : form->label.in(context.language);
    }
  }
  return out;
}

}  // namespace

std::string answer_words(const PageContext& context, const Question& question,
                         std::string_view value, const followup::Reference& reference) {
  const Say say(context);
  if (value == "answered" || value.starts_with("not_answered") || value == "not_asked" ||
      value == "not_published") {
    return say.value("rounds.answer", value);
  }
  if (question.type == followup::QuestionType::scale) {
    return value_name(context, reference, question.scale, value);
  }
  if (question.type == followup::QuestionType::yes_no ||
      question.type == followup::QuestionType::partial) {
    return say.value("rounds.answer", value);
  }
  return question.type == followup::QuestionType::date ? shown_date(context, value)
                                                       : std::string(value);
}

Shell rounds_shell(const PageContext& context, std::string title, const Round* round) {
  const Say say(context);
  Shell frame;
  frame.nav = "follow_up";
  frame.title = std::move(title);
  frame.crumbs = {{say("nav.follow_up"), "/follow-up"}, {say("rounds.title"), "/rounds"}};
  if (round != nullptr) {
    frame.crumbs.push_back({round->title, "/rounds/" + round->id});
  }
  return frame;
}

std::string render_rounds(const PageContext& context, const RoundsView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("rounds.title"), say("rounds.lead")});
  open_band(h);
  write_round_rows(h, context, view);
  close_band(h);
  open_band(h);
  write_form_rows(h, context, view);
  close_band(h);
  Shell frame = rounds_shell(context, say("rounds.title"), nullptr);
  frame.crumbs.back().path.clear();
  return shell(context, std::move(frame), h);
}

std::string render_questionnaire(const PageContext& context, const QuestionnaireView& view) {
  const Say say(context);
  const Questionnaire& form = view.form;
  Html h;
  write_head(h, {mechanism_of(context, form), form.label.in(context.language),
                 form.about.in(context.language)});
  open_band(h);
  h.element("h2", say("rounds.questions.title"));
  h.open("ol", {{"class", "rows"}});
  for (const Question& question : form.questions) {
    h.open("li").element("p", question.text.in(context.language));
    h.element("p", {{"class", "meta"}},
              fmt::format("{} · {}{}", followup::article_name(question.article, context.language),
                          say.value("rounds.type", followup::to_string(question.type)),
                          question.required ? "" : " · " + say("rounds.optional")));
    if (!question.columns.empty()) {
      std::vector<std::string> names;
      for (const auto& column : question.columns) {
        names.push_back(column.label.in(context.language));
      }
      h.element("p", {{"class", "xs"}},
                say("rounds.columns", {{"names", fmt::format("{}", fmt::join(names, "; "))}}));
    }
    if (!question.when.empty()) {
      h.element("p", {{"class", "xs"}}, route_words(context, form, question, *view.reference));
    }
    h.close("li");
  }
  h.close("ol");
  h.open("dl", {{"class", "facts"}});
  write_fact(h, say("rounds.version"), std::to_string(form.version));
  write_fact(h, say("rounds.read_on"), shown_date(context, form.read_on));
  write_source(h, context, say("rounds.source"), form.source);
  h.close("dl");
  close_band(h);
  Shell frame = rounds_shell(context, form.label.in(context.language), nullptr);
  frame.crumbs.push_back({frame.title, ""});
  return shell(context, std::move(frame), h);
}

std::string render_round(const PageContext& context, const RoundView& view) {
  const Say say(context);
  Html h;
  write_head(h, {.eyebrow = view.round.form.label.in(context.language),
                 .title = view.round.title,
                 .lead = say("rounds.round.lead"),
                 .title_language = view.round.language});
  open_band(h);
  write_states(h, context, view);
  h.open("p");
  write_link(h, context, "/questionnaires/" + view.round.form.id, say("rounds.form"));
  h.close("p");
  if (view.round.followed != nullptr) {
    h.open("p").text(labelled(context, say("rounds.follows"), std::string()));
    write_round_title(h, context, *view.round.followed);
    h.close("p");
  }
  for (const Round& round : view.follow_ups) {
    h.open("p").text(labelled(context, say("rounds.followed_up"), std::string()));
    write_round_title(h, context, round);
    h.close("p");
  }
  close_band(h);
  write_windows(h, context, view);
  open_band(h);
  write_report(h, context, view);
  write_files(h, context, view);
  close_band(h);
  Shell frame = rounds_shell(context, view.round.title, nullptr);
  frame.crumbs.push_back({frame.title, ""});
  return shell(context, std::move(frame), h);
}

std::string render_new_round(const PageContext& context, const NewRoundView& view) {
  const Say say(context);
  Html h;
  write_head(h, {say("rounds.title"), say("rounds.new"), say("rounds.new.lead")});
  open_band(h);
  write_error_summary(h, context, said(context, view));
  h.open("form", {{"method", "post"},
                  {"action", link(context, "/desk/rounds/new")},
                  {"class", "narrow stack"}});
  write_csrf(h, context);
  write_input(h, {"id", say("rounds.id"), say("rounds.id.hint"), view.draft.id});
  write_input(h, {"title", say("rounds.name"), "", view.draft.title});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "i-questionnaire"}}, say("rounds.form"));
  h.open("select", {{"id", "i-questionnaire"}, {"name", "questionnaire"}});
  for (const Questionnaire& form : view.forms) {
    h.element("option",
              {{"value", form.id}, attribute_if(form.id == view.draft.questionnaire, "selected")},
              form.label.in(context.language));
  }
  h.close("select").close("div").open("div", {{"class", "field"}});
  h.element("label", {{"for", "i-follows"}}, say("rounds.follows"));
  h.open("select", {{"id", "i-follows"}, {"name", "follows"}});
  h.element("option", {{"value", ""}}, "–");
  for (const Round& round : view.rounds) {
    h.element("option",
              {{"value", round.id}, attribute_if(round.id == view.draft.follows, "selected")},
              round.title);
  }
  h.close("select").close("div");
  write_input(h, {"date", say("rounds.date"), "", view.draft.date, "date"});
  write_input(h, {"countries", say("rounds.countries"), say("rounds.countries.hint"),
                  fmt::format("{}", fmt::join(view.draft.countries, " "))});
  if (view.error && view.error->reason == "followup.round.adds") {
    h.open("div", {{"class", "check"}});
    h.empty("input", {{"type", "checkbox"}, {"id", "i-adds"}, {"name", "adds"}, {"value", "yes"}});
    h.element("label", {{"for", "i-adds"}}, say("rounds.new.adds")).close("div");
  }
  h.element("button", {{"class", "primary"}}, say("rounds.new.send")).close("form");
  close_band(h);
  Shell frame = rounds_shell(context, say("rounds.new"), nullptr);
  frame.crumbs.push_back({frame.title, ""});
  frame.indexed = false;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
