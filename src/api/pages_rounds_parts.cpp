// What the pages of rounds and checklists share.
#include "pages_rounds_parts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pages_followup_cells.hpp"
#include "pages_rounds.hpp"

namespace atalaya::api {

using followup::Entry;
using followup::Question;

namespace {

// "Recommendation 2 of “Synthetic round”"; empty of a questionnaire's own question.
std::string about_words(const PageContext& context, const followup::Round& round,
                        const Question& question) {
  return question.recommendation.empty()
             ? std::string()
             : Say(context)(
                   "rounds.followed",
                   {{"n", question.recommendation},
                    {"round", round.followed == nullptr ? round.follows : round.followed->title}});
}

}  // namespace

std::string question_text(const PageContext& context, const followup::Round& round,
                          const Question& question) {
  const std::string about = about_words(context, round, question);
  const std::string& text = question.text.in(context.language);
  return about.empty() ? text : labelled(context, about, text);
}

void write_question_text(Html& h, const PageContext& context, const followup::Round& round,
                         const Question& question) {
  const std::string about = about_words(context, round, question);
  const std::string& text = question.text.in(context.language);
  if (about.empty()) {
    h.text(text);
  } else {
    h.text(labelled(context, about, std::string()));
    h.element("span", {{"lang", question.language}}, text);
  }
}

const Question* find_question(const ReviewView& view, std::string_view id) {
  const auto found = std::ranges::find(view.review.questions, id, &Question::id);
  return found == view.review.questions.end() ? view.round.form.find(id) : &*found;
}

void write_round_title(Html& h, const PageContext& context, const followup::Round& round) {
  h.element("a", {{"href", link(context, "/rounds/" + round.id)}, {"lang", round.language}},
            round.title);
}

bool is_overtaken(const Entry* draft, const Entry* held) {
  return draft != nullptr && held != nullptr && draft->version != held->version;
}

std::int32_t answered_version(const Entry* draft, const Entry* held) {
  const Entry* newest = held != nullptr ? held : draft;
  return newest == nullptr ? 0 : newest->version;
}

void write_other(Html& h, const PageContext& context, const Entry& held,
                 const std::function<void()>& words) {
  const Say say(context);
  h.open("div", {{"class", "note action stack-s"}}).open("p");
  h.element("b", say("report.other", {{"n", std::to_string(held.version)}})).close("p");
  words();
  if (!held.by.empty()) {
    h.element("p", {{"class", "meta"}}, who_and_when(context, held.by, held.at));
  }
  h.element("p", {{"class", "xs"}}, say("report.other.sub")).close("div");
}

void write_input(Html& h, const Input& input, std::string_view prefix) {
  const std::string id = fmt::format("{}{}", prefix, input.name);
  const std::string hint = id + "-hint";
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, input.label);
  if (!input.hint.empty()) {
    h.element("span", {{"class", "hint"}, {"id", hint}}, input.hint);
  }
  const Attribute described = attribute_if(!input.hint.empty(), "aria-describedby", hint);
  if (input.type == "area") {
    h.element(
        "textarea",
        {{"id", id}, {"name", input.name}, {"rows", input.rows}, {"maxlength", "20000"}, described},
        input.value);
  } else {
    h.empty("input", {{"id", id},
                      {"name", input.name},
                      {"type", input.type},
                      {"value", input.value},
                      attribute_if(input.required, "required"),
                      described});
  }
  h.close("div");
}

void write_difference_table(Html& h, const PageContext& context,
                            const std::vector<Difference>& differences) {
  if (differences.empty()) {
    return;
  }
  const Say say(context);
  const std::string heads[] = {say("rounds.diff.where"), say("rounds.diff.field"),
                               say("rounds.diff.kept"), say("rounds.diff.file")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const std::string& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const Difference& one : differences) {
    h.open("tr").element("th", {{"scope", "row"}}, one.where);
    h.element("td", {{"data-l", heads[1]}}, one.field);
    h.element("td", {{"data-l", heads[2]}}, one.kept.empty() ? "–" : one.kept);
    h.element("td", {{"data-l", heads[3]}}, one.now.empty() ? "–" : one.now).close("tr");
  }
  h.close("tbody").close("table");
}

void write_differences(Html& h, const PageContext& context,
                       const std::vector<followup::EntryImportRow>& rows,
                       const std::function<std::string(const Entry&)>& name_of) {
  const Say say(context);
  const auto& messages = figures::Messages::embedded();
  std::vector<Difference> all;
  for (const auto& row : rows) {
    if (row.change != followup::RecordChange::changed || !row.before) {
      continue;
    }
    const std::string area = row.entry.area == "checklist" ? "checklists." : "rounds.";
    for (const auto& [field, kept, now] : followup::differences(*row.before, row.entry)) {
      const auto words = [&](const std::string& value) {
        const std::string key = area + "answer." + value;
        return field == "value" && messages.has(context.language, key) ? say(key) : value;
      };
      const std::string label = area + field;
      all.push_back(
          {say("rounds.diff.line", {{"line", std::to_string(row.line)},
                                    {"country", country_name(context, row.entry.country)},
                                    {"name", name_of ? name_of(row.entry) : row.entry.name}}),
           messages.has(context.language, label) ? say(label) : field, words(kept), words(now)});
    }
  }
  write_difference_table(h, context, all);
}

}  // namespace atalaya::api
