// The page of one state in one round: what its viewer may see, and the forms of whose turn it is.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/checklists.hpp>

#include "pages_followup_cells.hpp"
#include "pages_rounds.hpp"
#include "pages_rounds_parts.hpp"

namespace atalaya::api {
namespace {

using followup::Entry;
using followup::Question;
using followup::QuestionType;
using followup::Review;
using followup::RoundStage;

std::string address(const ReviewView& view, std::string_view rest = {}) {
  return fmt::format("/rounds/{}/{}{}", view.round.id, view.review.country, rest);
}

void open_form(Html& h, const PageContext& context, std::string_view action) {
  h.open("form", {{"method", "post"}, {"action", link(context, action)}, {"class", "wide stack"}});
  write_csrf(h, context);
}

void hidden(Html& h, std::string_view name, std::string_view value) {
  h.empty("input", {{"type", "hidden"}, {"name", name}, {"value", value}});
}

const Entry* draft_of(const ReviewView& view, std::string_view kind, std::string_view name) {
  const auto it = std::ranges::find_if(
      view.drafts, [&](const Entry& one) { return one.kind == kind && one.name == name; });
  return it == view.drafts.end() ? nullptr : &*it;
}

void write_meta(Html& h, const PageContext& context, const Entry& entry) {
  if (!entry.by.empty()) {
    h.element("p", {{"class", "meta"}}, who_and_when(context, entry.by, entry.at));
  }
}

// --- steps

void write_steps(Html& h, const PageContext& context, const ReviewView& view) {
  const Say say(context);
  h.element("h2", say("rounds.steps"));
  h.open("ol", {{"class", "rows tight"}});
  std::vector<Entry> steps = view.review.steps;  // recorded in another order, some of them
  std::ranges::stable_sort(steps, {}, [](const Entry& step) { return step.value("date"); });
  for (const Entry& step : steps) {
    h.open("li").open("p").element("b", say.value("rounds.step", step.value("step")));
    h.text(" · " + shown_date(context, step.value("date")));
    if (!step.value("scope").empty()) {
      h.text(" · " + say.value("rounds.scope", step.value("scope")));
    }
    if (!step.value("until").empty()) {
      h.text(" · " + say("rounds.until", {{"date", shown_date(context, step.value("until"))}}));
    }
    h.close("p");
    if (!step.value("note").empty()) {
      h.element("p", {{"lang", step.value("language")}}, step.value("note"));
    }
    h.close("li");
  }
  h.close("ol");
}

void write_step_form(Html& h, const PageContext& context, const ReviewView& view) {
  if (view.may_step.empty()) {
    return;
  }
  const Say say(context);
  const Entry* draft = draft_of(view, "step", "");
  h.element("h3", say("rounds.next"));
  open_form(h, context, address(view, "/steps"));
  hidden(h, "seen", std::to_string(view.review.steps.size()));
  h.open("div", {{"class", "field"}}).element("label", {{"for", "i-step"}}, say("rounds.step"));
  h.open("select", {{"id", "i-step"}, {"name", "step"}});
  for (const std::string& step : view.may_step) {
    h.element("option", {{"value", step}}, say.value("rounds.step", step));
  }
  h.close("select").close("div");
  write_input(h,
              {"date", say("rounds.date"), say("rounds.date.hint"),
               draft == nullptr ? std::string() : std::string(draft->value("date")), "date", true});
  if (contains(view.may_step, std::string("civil_society_opened"))) {
    write_input(h, {"until", say("rounds.window.until"), say("rounds.window.until.hint"),
                    draft == nullptr ? std::string() : std::string(draft->value("until")), "date"});
  }
  if (contains(view.may_step, std::string("consented"))) {
    h.open("fieldset", {{"class", "stack-s"}}).element("legend", say("rounds.scope"));
    for (const char* scope : {"report", "answers"}) {
      const std::string id = fmt::format("i-scope-{}", scope);
      h.open("div", {{"class", "check"}});
      h.empty("input", {{"type", "radio"},
                        {"id", id},
                        {"name", "scope"},
                        {"value", scope},
                        attribute_if(view.may_step.size() == 1, "required")});
      h.element("label", {{"for", id}}, say.value("rounds.scope", scope)).close("div");
    }
    h.close("fieldset");
  }
  write_input(h, {"note", say("rounds.note"), say("rounds.note.hint"),
                  draft == nullptr ? std::string() : std::string(draft->value("note"))});
  h.element("button", {{"class", "primary"}}, say("rounds.step.send")).close("form");
}

// --- answers

void write_choices(Html& h, const PageContext& context, const ReviewView& view,
                   const Question& question, const std::string& name, std::string_view chosen) {
  const Say say(context);
  h.open("select", {{"id", "q-" + question.id}, {"name", name}});
  h.element("option", {{"value", ""}}, "–");
  for (const std::string& value : followup::answer_values(question, *view.reference)) {
    h.element("option", {{"value", value}, attribute_if(value == chosen, "selected")},
              answer_words(context, question, value, *view.reference));
  }
  h.close("select");
}

// "; columns: Year (number), Goods (text)"
std::string columns_words(const PageContext& context, const Question& question) {
  std::vector<std::string> names;
  for (const auto& column : question.columns) {
    names.push_back(fmt::format("{} ({})", column.label.in(context.language),
                                Say(context).value("rounds.type", to_string(column.type))));
  }
  return names.empty()
             ? std::string()
             : fmt::format(" {}",
                           Say(context)("rounds.columns",
                                        {{"names", fmt::format("{}", fmt::join(names, "; "))}}));
}

void write_said(Html& h, const Entry& entry) {
  h.element("p", {{"lang", entry.value("language")}, {"class", "said"}}, entry.value("text"));
}

// "Act 7 <https://…>", one a line: what leads somewhere is a link.
void write_links(Html& h, std::string_view text) {
  const auto sources = followup::parse_sources_text(text);
  if (!sources) {
    h.element("p", {{"class", "small said"}}, text);
    return;
  }
  for (const auto& source : *sources) {
    const std::string_view title = source.title.empty() ? source.url : source.title;
    h.open("p", {{"class", "small said"}});
    if (source.url.empty()) {
      h.text(title);
    } else {
      h.element("a", {{"href", figures::safe_url(source.url)}, {"rel", "nofollow"}}, title);
    }
    h.close("p");
  }
}

// An answer as it is kept, with what was remarked on it.
void write_answer(Html& h, const PageContext& context, const ReviewView& view,
                  const Question& question, const Entry& answer) {
  if (question.type == QuestionType::table) {
    write_table(h, context, question, answer);
  } else if (question.type == QuestionType::links) {
    write_links(h, answer.value("value"));
  } else {
    h.element("p", {{"class", "said"}},
              answer_words(context, question, answer.value("value"), *view.reference));
  }
  if (!answer.value("remark").empty()) {
    h.element("p", {{"class", "small said"}, {"lang", answer.value("language")}},
              answer.value("remark"));
  }
  write_links(h, answer.value("sources"));
}

void write_question_field(Html& h, const PageContext& context, const ReviewView& view,
                          const Question& question) {
  const Say say(context);
  const Entry* held = view.review.answer(question.id);
  const Entry* draft = draft_of(view, "answer", question.id);
  const Entry* shown = draft != nullptr ? draft : held;
  const std::string key = fmt::format("{}.{}", answered_version(draft, held), question.id);
  const std::string_view value = shown == nullptr ? std::string_view() : shown->value("value");
  const bool wrong = view.error && std::ranges::any_of(view.error->params, [&](const auto& param) {
                       return param.second == question.id;
                     });
  if (is_overtaken(draft, held)) {
    write_other(h, context, *held, [&] { write_answer(h, context, view, question, *held); });
  }
  h.open("div", {{"class", wrong ? "field wrongly" : "field"}});
  h.open("label", {{"for", "q-" + question.id}});
  write_question_text(h, context, view.round, question);
  if (!question.required) {
    h.text(" ").element("span", {{"class", "xs"}}, "(" + say("rounds.optional") + ")");
  }
  h.close("label");
  const std::string hint = fmt::format("q-{}-hint", question.id);
  h.element(
      "span", {{"class", "hint"}, {"id", hint}},
      (question.article.empty()
           ? std::string()
           : followup::article_name(question.article, context.language) + " · ") +
          (question.recommendation.empty() ? std::string() : say("rounds.followed.hint") + " ") +
          say.value("rounds.type.hint", followup::to_string(question.type)) +
          columns_words(context, question));
  const std::string name = "a." + key;
  if (!followup::answer_values(question, *view.reference).empty()) {
    write_choices(h, context, view, question, name, value);
  } else if (question.type == QuestionType::text || question.type == QuestionType::links ||
             question.type == QuestionType::table) {
    h.element("textarea",
              {{"id", "q-" + question.id},
               {"name", name},
               {"rows", question.type == QuestionType::table ? "6" : "3"},
               {"maxlength", "20000"},
               {"aria-describedby", hint},
               attribute_if(wrong, "aria-invalid", "true")},
              value);
  } else {
    h.empty("input", {{"id", "q-" + question.id},
                      {"name", name},
                      {"value", value},
                      {"aria-describedby", hint},
                      attribute_if(wrong, "aria-invalid", "true")});
  }
  h.close("div");
  if (question.type == QuestionType::table && held != nullptr && !is_overtaken(draft, held)) {
    write_table(h, context, question, *held);
  }
  h.open("details", {{"class", "disclose"}});
  h.element("summary", say("rounds.remark.add"));
  h.open("div", {{"class", "stack"}});
  const std::string_view remark = shown == nullptr ? std::string_view() : shown->value("remark");
  const std::string_view sources = shown == nullptr ? std::string_view() : shown->value("sources");
  const std::string prefix = fmt::format("q-{}-", question.id);
  write_input(h, {"r." + key, say("rounds.remark"), "", std::string(remark), "area", false, "2"},
              prefix);
  write_input(h,
              {"s." + key, say("rounds.sources"), say("rounds.sources.hint"), std::string(sources),
               "area", false, "2"},
              prefix);
  h.close("div").close("details");
}

void write_answer_forms(Html& h, const PageContext& context, const ReviewView& view) {
  const Say say(context);
  const auto& questions = view.review.questions;
  h.element("p", {{"class", "sub"}}, say("rounds.answers.form"));
  for (std::size_t from = 0; from < questions.size(); from += kQuestionsPerForm) {
    open_form(h, context, address(view, "/answers"));
    for (std::size_t i = from; i < std::min(questions.size(), from + kQuestionsPerForm); ++i) {
      write_question_field(h, context, view, questions[i]);
    }
    h.element("button", {{"class", "primary"}}, say("rounds.answers.save")).close("form");
  }
  h.open("details", {{"class", "disclose"}}).element("summary", say("rounds.file"));
  h.open("form", {{"method", "post"},
                  {"action", link(context, address(view, "/file"))},
                  {"enctype", "multipart/form-data"},
                  {"class", "wide stack"}});
  write_csrf(h, context);
  h.element("p", {{"class", "small"}}, say("rounds.file.sub"));
  h.open("p").element("a", {{"href", link(context, address(view, "/answers"))}},
                      say("rounds.answers.csv"));
  h.close("p");
  h.open("div", {{"class", "field"}}).element("label", {{"for", "i-file"}}, say("tasks.file"));
  h.empty("input", {{"id", "i-file"}, {"name", "file"}, {"type", "file"}, {"required", ""}});
  h.close("div").open("div", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", "i-accept"}, {"name", "accept"}, {"value", "yes"}});
  h.element("label", {{"for", "i-accept"}}, say("tasks.accept")).close("div");
  h.element("button", say("tasks.upload.send")).close("form").close("details");
}

void write_answers(Html& h, const PageContext& context, const ReviewView& view) {
  const Say say(context);
  h.open("dl", {{"class", "facts wide"}});
  for (const Question& question : view.review.questions) {
    const Entry* answer = view.review.answer(question.id);
    h.open("dt");
    write_question_text(h, context, view.round, question);
    if (!question.article.empty()) {
      h.text(" · ").element("span", {{"class", "xs"}},
                            followup::article_name(question.article, context.language));
    }
    h.close("dt").open("dd");
    if (!question.recommendation.empty()) {
      h.element("p", {{"class", "xs"}}, say("rounds.followed.said"));
    }
    if (answer == nullptr) {
      h.element("span", {{"class", "muted"}}, say("rounds.answer.not_answered"));
    } else {
      const std::string words =
          answer_words(context, question, answer->value("value"), *view.reference);
      if (question.type == QuestionType::table) {
        write_table(h, context, question, *answer);
      } else if (followup::answer_values(question, *view.reference).empty()) {
        h.element("p", {{"lang", answer->value("language")}, {"class", "said"}}, words);
      } else {
        h.open("p").element("b", words).close("p");
      }
      for (const char* field : {"remark", "sources"}) {
        if (!answer->value(field).empty()) {
          h.element("p", {{"lang", answer->value("language")}, {"class", "said"}},
                    answer->value(field));
        }
      }
    }
    h.close("dd");
  }
  h.close("dl");
  const auto last = std::ranges::max_element(view.review.answers, {}, &Entry::at);
  if (last != view.review.answers.end()) {
    write_meta(h, context, *last);
  }
}

void write_answer_band(Html& h, const PageContext& context, const ReviewView& view) {
  const Say say(context);
  const Review& review = view.review;
  const bool writes = review.hats.state && review.stage == RoundStage::answering;
  open_band(h, {{"id", "answers"}});
  h.element("h2", say("rounds.answers"));
  if (writes) {
    write_answer_forms(h, context, view);
  } else if (followup::may_see(followup::RoundPart::answers, review.stage, review.hats,
                               !review.answers.empty())) {
    write_answers(h, context, view);
  } else {
    h.element("p", {{"class", "note"}},
              say(review.stage == RoundStage::published ? "rounds.answers.kept"
                                                        : "rounds.answers.drafted"));
  }
  write_round_files(h, context, view, "answer_file");
  close_band(h);
}

// --- experts' draft

void write_about(Html& h, const PageContext& context, const ReviewView& view,
                 std::string_view name) {
  const Question* question = find_question(view, name);
  if (question == nullptr) {
    h.text(Say(context)("rounds.general"));
  } else {
    write_question_text(h, context, view.round, *question);
  }
}

bool writes_draft(const Review& review) {
  return review.hats.subgroup &&
         (review.stage == RoundStage::review || review.stage == RoundStage::plenary);
}

void write_question_select(Html& h, const PageContext& context, const ReviewView& view,
                           std::string_view name, std::string_view chosen, bool general) {
  const Say say(context);
  const std::string id = fmt::format("i-draft-{}", name);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say("rounds.about"));
  h.open("select", {{"id", id}, {"name", name}});
  h.element("option", {{"value", general ? "general" : ""}}, say("rounds.general"));
  for (const Question& question : view.review.questions) {
    h.element("option", {{"value", question.id}, attribute_if(question.id == chosen, "selected")},
              question_text(context, view.round, question));
  }
  h.close("select").close("div");
}

void write_rating(Html& h, const PageContext& context, const ReviewView& view,
                  std::string_view chosen, const std::string& id) {
  const auto* scale = view.reference->find_scale(view.round.form.rating);
  if (scale == nullptr) {
    return;
  }
  const Say say(context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say("rounds.rating"));
  h.open("select", {{"id", id}, {"name", "rating"}});
  h.element("option", {{"value", ""}}, "–");
  for (const auto& value : scale->values) {
    h.element("option", {{"value", value.id}, attribute_if(value.id == chosen, "selected")},
              value.label.in(context.language));
  }
  h.close("select").close("div");
}

void write_remove(Html& h, const PageContext& context, const std::string& prefix) {
  h.open("div", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", prefix + "remove"}, {"name", "remove"}, {"value", "yes"}});
  h.element("label", {{"for", prefix + "remove"}}, Say(context)("rounds.remove")).close("div");
}

// Changing one entry: its words, its rating, or taking it out.
void write_change_form(Html& h, const PageContext& context, const ReviewView& view,
                       const Entry& entry) {
  const Say say(context);
  const std::string prefix = fmt::format("e{}-", entry.id);
  const Entry* draft = draft_of(view, entry.kind, entry.name);
  draft = draft != nullptr && draft->version > 0 ? draft : nullptr;
  const Entry& shown = draft == nullptr ? entry : *draft;
  h.open("details", {{"class", "disclose"}, attribute_if(draft != nullptr, "open")});
  h.element("summary", say("rounds.change"));
  if (is_overtaken(draft, &entry)) {
    write_other(h, context, entry, [&] { write_said(h, entry); });
  }
  open_form(h, context, address(view, "/entries"));
  hidden(h, "kind", entry.kind);
  hidden(h, "name", entry.name);
  hidden(h, "version", std::to_string(entry.version));
  if (!entry.value("question").empty()) {
    hidden(h, "question", entry.value("question"));
  }
  write_input(h, {"text", say("rounds.text"), "", std::string(shown.value("text")), "area"},
              prefix);
  if (entry.kind == "conclusion") {
    write_rating(h, context, view, shown.value("rating"), prefix + "rating");
  }
  write_remove(h, context, prefix);
  h.element("button", say("rounds.save")).close("form").close("details");
}

// The wording that the state answered, where the one above is another: a block of its own, so that
// nobody takes the experts' words for the state's.
void write_earlier(Html& h, const PageContext& context, const ReviewView& view,
                   const Entry& comment) {
  if (comment.value("reply_to_text").empty()) {
    return;
  }
  h.open("blockquote", {{"class", "note"}});
  h.element("p", {{"class", "meta"}}, Say(context)("rounds.comment.earlier"));
  if (!comment.value("reply_to_rating").empty()) {
    h.open("p").element("b", value_name(context, *view.reference, view.round.form.rating,
                                        comment.value("reply_to_rating")));
    h.close("p");
  }
  h.element("p", {{"lang", comment.value("reply_to_language")}, {"class", "said"}},
            comment.value("reply_to_text"));
  h.close("blockquote");
}

void write_comment(Html& h, const PageContext& context, const ReviewView& view,
                   const std::string& name) {
  const auto found = std::ranges::find(view.review.comments, name, &Entry::name);
  if (found == view.review.comments.end()) {
    return;
  }
  const Say say(context);
  write_earlier(h, context, view, *found);
  h.open("blockquote", {{"class", "note"}});
  // The comment on the whole draft follows the last recommendation and is none on it.
  std::string about = name == "general" ? " · " + say("rounds.general") : "";
  if (!found->value("draft_changed").empty()) {
    about += " · " + say("rounds.comment.draft_changed");
  }
  h.element("p", {{"class", "meta"}}, say("rounds.comment") + about);
  h.element("p", {{"lang", found->value("language")}, {"class", "said"}}, found->value("text"));
  write_meta(h, context, *found);
  h.close("blockquote");
}

void write_comment_form(Html& h, const PageContext& context, const ReviewView& view,
                        const std::string& name, const Entry* on) {
  if (!followup::may_comment(view.review, name)) {
    return;
  }
  const Say say(context);
  const auto found = std::ranges::find(view.review.comments, name, &Entry::name);
  const Entry* draft = draft_of(view, "comment", name);
  const Entry* held = found == view.review.comments.end() ? nullptr : &*found;
  const Entry* shown = draft != nullptr ? draft : held;
  std::string prefix = fmt::format("comment-{}-", name);
  std::ranges::replace(prefix, '.', '-');
  h.open("details", {{"class", "disclose"}, attribute_if(draft != nullptr, "open")});
  h.element("summary",
            say(name == "general" ? "rounds.comment.write.all" : "rounds.comment.write"));
  open_form(h, context, address(view, "/entries"));
  hidden(h, "kind", "comment");
  hidden(h, "name", name);
  hidden(h, "version", std::to_string(answered_version(draft, held)));
  if (on != nullptr) {
    hidden(h, "reply_to", std::to_string(on->version));
  }
  if (is_overtaken(draft, held)) {
    write_other(h, context, *held, [&] { write_said(h, *held); });
  }
  write_input(h,
              {"text", say("rounds.comment"), "",
               shown == nullptr ? std::string() : std::string(shown->value("text")), "area"},
              prefix);
  if (held != nullptr) {
    write_remove(h, context, prefix);
  }
  h.element("button", say("rounds.save")).close("form").close("details");
}

void write_drafted(Html& h, const PageContext& context, const ReviewView& view, const Entry& entry,
                   const std::string& comment) {
  h.open("li");
  if (entry.kind == "conclusion") {
    h.open("p", {{"class", "meta"}});
    write_about(h, context, view, entry.name);
    h.close("p");
  } else {
    h.open("p", {{"class", "meta"}});
    h.text(fmt::format("{} {}", Say(context)("rounds.recommendation"), entry.name));
    if (!entry.value("question").empty()) {
      h.text(" · ");
      write_about(h, context, view, entry.value("question"));
    }
    h.close("p");
  }
  if (!entry.value("rating").empty()) {
    h.open("p").element(
        "b", value_name(context, *view.reference, view.round.form.rating, entry.value("rating")));
    h.close("p");
  }
  h.element("p", {{"lang", entry.value("language")}, {"class", "said"}}, entry.value("text"));
  write_meta(h, context, entry);
  write_comment(h, context, view, comment);
  write_comment_form(h, context, view, comment, &entry);
  if (writes_draft(view.review)) {
    write_change_form(h, context, view, entry);
  }
  h.close("li");
}

void write_new_draft(Html& h, const PageContext& context, const ReviewView& view,
                     std::string_view kind) {
  const Say say(context);
  const bool conclusion = kind == "conclusion";
  const auto draft = std::ranges::find_if(
      view.drafts, [&](const Entry& one) { return one.kind == kind && one.version == 0; });
  const bool kept = draft != view.drafts.end();
  h.element("h3", say(conclusion ? "rounds.conclusion.new" : "rounds.recommendation.new"));
  open_form(h, context, address(view, "/entries"));
  hidden(h, "kind", kind);
  const auto other = !kept || !conclusion
                         ? view.review.conclusions.end()
                         : std::ranges::find(view.review.conclusions, draft->name, &Entry::name);
  const Entry* held = other == view.review.conclusions.end() ? nullptr : &*other;
  hidden(h, "version", std::to_string(held == nullptr ? 0 : held->version));
  if (held != nullptr) {
    write_other(h, context, *held, [&] { write_said(h, *held); });
  }
  write_question_select(h, context, view, conclusion ? "name" : "question",
                        kept ? conclusion ? std::string_view(draft->name) : draft->value("question")
                             : std::string_view(),
                        conclusion);
  const std::string prefix = fmt::format("new-{}-", kind);
  write_input(h,
              {"text", say("rounds.text"), "",
               kept ? std::string(draft->value("text")) : std::string(), "area"},
              prefix);
  if (conclusion) {
    write_rating(h, context, view, kept ? draft->value("rating") : std::string_view(),
                 prefix + "rating");
  }
  h.element("button", say("rounds.save")).close("form");
}

void write_draft_band(Html& h, const PageContext& context, const ReviewView& view) {
  const Review& review = view.review;
  const bool sees = followup::may_see(followup::RoundPart::draft, review.stage, review.hats, false);
  if (!sees) {
    return;
  }
  const Say say(context);
  open_band(h, {{"id", "draft"}});
  h.element("h2", say(review.stage < RoundStage::adopted ? "rounds.draft" : "rounds.conclusions"));
  if (review.conclusions.empty() && review.recommendations.empty()) {
    h.element("p", {{"class", "note"}}, say("rounds.draft.none"));
  }
  h.open("ul", {{"class", "rows"}});
  for (const Entry& entry : review.conclusions) {
    write_drafted(h, context, view, entry, "c." + entry.name);
  }
  for (const Entry& entry : review.recommendations) {
    write_drafted(h, context, view, entry, "r." + entry.name);
  }
  h.close("ul");
  write_comment(h, context, view, "general");
  write_comment_form(h, context, view, "general", nullptr);
  if (writes_draft(review)) {
    write_new_draft(h, context, view, "conclusion");
    write_new_draft(h, context, view, "recommendation");
  }
  close_band(h);
}

// --- who reviews, and civil society

void write_reviewers(Html& h, const PageContext& context, const ReviewView& view) {
  const Say say(context);
  const Review& review = view.review;
  h.element("h2", say("rounds.reviewers"));
  if (review.reviewers.empty()) {
    h.element("p", {{"class", "note"}}, say("rounds.reviewers.none"));
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const Entry& entry : review.reviewers) {
    std::string states;
    for (const auto& state : split(entry.value("states"), ' ')) {
      states += (states.empty() ? "" : ", ") + country_name(context, state);
    }
    h.open("li").element("p",
                         entry.name.empty() ? states
                                            : fmt::format("{} ({})", who_name(context, entry.name),
                                                          states));
    h.close("li");
  }
  h.close("ul");
  if (!review.hats.secretariat || review.stage >= RoundStage::adopted) {
    return;
  }
  if (view.experts.empty()) {
    h.element("p", {{"class", "note"}}, say("rounds.experts.none"));
    return;
  }
  open_form(h, context, address(view, "/entries"));
  hidden(h, "kind", "reviewer");
  hidden(h, "version", "0");
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "i-reviewer"}}, say("rounds.reviewer"));
  h.open("select", {{"id", "i-reviewer"}, {"name", "name"}});
  for (const auto& [expert, label] : view.experts) {
    h.element("option", {{"value", expert}}, label);
  }
  h.close("select").close("div");
  h.element("button", say("rounds.reviewer.add")).close("form");
}

void write_civil_society(Html& h, const PageContext& context, const ReviewView& view) {
  const Say say(context);
  const Review& review = view.review;
  h.element("h2", say("rounds.civil_society"));
  if (review.civil_society.empty()) {
    h.element("p", {{"class", "note"}}, say("rounds.civil_society.none"));
  }
  write_inputs(h, context, review.civil_society);
  const bool open = review.stage == RoundStage::answering || review.stage == RoundStage::review;
  if (!review.hats.secretariat || !open) {
    return;
  }
  h.open("details", {{"class", "disclose"}}).element("summary", say("rounds.civil_society.add"));
  open_form(h, context, address(view, "/entries"));
  hidden(h, "kind", "civil_society");
  hidden(h, "version", "0");
  write_input(h, {"organisation", say("rounds.organisation"), "", "", "text", true}, "civil-");
  write_input(h, {"date", say("rounds.date"), "", "", "date", true}, "civil-");
  write_input(h, {"text", say("rounds.text"), "", "", "area"}, "civil-");
  write_input(h, {"url", say("rounds.url"), "", "", "url"}, "civil-");
  h.element("button", say("rounds.save")).close("form").close("details");
}

// "yes (sí), no (no)": what stands in files, and what it is called here.
std::string accepted_words(const PageContext& context, const Question& question,
                           const followup::Reference& reference) {
  std::vector<std::string> out;
  for (const std::string& code : followup::answer_values(question, reference)) {
    const std::string words = answer_words(context, question, code, reference);
    out.push_back(words == code ? code : fmt::format("{} ({})", code, words));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

// The words of a cell's rule, and the name of its column.
void say_cell(const PageContext& context, const Question& question, Error& error) {
  for (auto& [name, value] : error.params) {
    const auto column = std::ranges::find(question.columns, value, &followup::QuestionColumn::id);
    if (name == "column" && column != question.columns.end()) {
      value = column->label.in(context.language);
    } else if (name == "rule") {
      value = Say(context).value("rounds.table.rule", value);
    }
  }
}

// The key of what a form calls a field; empty where no form of a review has it.
std::string field_label(std::string_view field) {
  constexpr std::string_view kFields[] = {"date", "organisation", "rating", "scope", "text", "url"};
  const bool known = std::ranges::find(kFields, field) != std::end(kFields);
  return field == "until" ? "rounds.window.until" : known ? fmt::format("rounds.{}", field) : "";
}

// The error in the page's words: of fields, questions, steps and stages.
std::optional<Error> said(const PageContext& context, const ReviewView& view) {
  std::optional<Error> out = view.error;
  if (!out) {
    return out;
  }
  const Say say(context);
  for (const Question& question : view.review.questions) {
    if (out->reason == "followup.round.table" && out->params.front().second == question.id) {
      say_cell(context, question, *out);
    }
  }
  const Question* asked = nullptr;
  for (auto& [name, value] : out->params) {
    const Question* question = find_question(view, value);
    if (name == "accepted" && asked != nullptr) {
      value = accepted_words(context, *asked, *view.reference);
    } else if (name != "value" && question != nullptr) {
      asked = question;
      value = question_text(context, view.round, *question);
    } else if (const std::string label = field_label(value); name == "field" && !label.empty()) {
      value = say(label);
    } else if (name == "step" || name == "needs") {
      const bool step =
          std::ranges::find(followup::kRoundSteps, value) != std::end(followup::kRoundSteps);
      value = say.value(step ? "rounds.step" : "rounds.stage", value);
    } else if (name == "rule") {
      const bool typed = value == "number" || value == "date";
      value = say.value(typed ? "rounds.table.rule" : "rounds.type", value);
    } else if (name == "date") {
      value = shown_date(context, value);
    }
  }
  if (out->reason == "followup.round.unanswered") {
    std::string all;
    for (const auto& [name, value] : out->params) {
      all += name == "open" ? (all.empty() ? "" : " · ") + value : std::string();
    }
    out->params.front().second = all;
  }
  return out;
}

}  // namespace

std::string render_review(const PageContext& context, const ReviewView& view) {
  const Say say(context);
  const Review& review = view.review;
  Html h;
  write_head(h, {view.round.title, country_name(context, review.country),
                 say.value("rounds.stage.lead", followup::to_string(review.stage))});
  open_band(h);
  if (!view.done.empty()) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say(view.done));
  }
  write_error_summary(h, context, said(context, view));
  write_differences(h, context, view.differences, [&](const Entry& entry) {
    const Question* question = find_question(view, entry.name);
    return question == nullptr ? entry.name : question_text(context, view.round, *question);
  });
  write_steps(h, context, view);
  write_step_form(h, context, view);
  close_band(h);
  write_draft_band(h, context, view);
  write_answer_band(h, context, view);
  write_visit_band(h, context, view);
  open_band(h);
  write_reviewers(h, context, view);
  close_band(h);
  open_band(h);
  write_civil_society(h, context, view);
  close_band(h);
  Shell frame = rounds_shell(context, country_name(context, review.country), &view.round);
  frame.crumbs.push_back({frame.title, ""});
  frame.indexed = review.stage == RoundStage::published;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
