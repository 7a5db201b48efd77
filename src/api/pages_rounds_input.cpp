// What comes into a review besides answers and drafts: tables, files, the report of a visit, and
// input that organisations send.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/locale.hpp>

#include "pages_rounds.hpp"
#include "pages_rounds_parts.hpp"

namespace atalaya::api {
namespace {

using followup::Entry;
using followup::Question;
using followup::QuestionType;
using followup::RoundStage;

std::string address(const ReviewView& view, std::string_view rest) {
  return fmt::format("/rounds/{}/{}{}", view.round.id, view.review.country, rest);
}

void hidden(Html& h, std::string_view name, std::string_view value) {
  h.empty("input", {{"type", "hidden"}, {"name", name}, {"value", value}});
}

void write_check(Html& h, std::string_view id, std::string_view name, std::string_view words,
                 bool checked) {
  h.open("div", {{"class", "check"}});
  h.empty("input", {{"type", "checkbox"},
                    {"id", id},
                    {"name", name},
                    {"value", "yes"},
                    attribute_if(checked, "checked")});
  h.element("label", {{"for", id}}, words).close("div");
}

std::string size_words(const PageContext& context, std::string_view bytes) {
  std::int64_t size = 0;
  for (const char digit : bytes) {
    size = 10 * size + (digit - '0');
  }
  return Say(context)(
      "rounds.file.size",
      {{"n", figures::number(context.language, std::max<std::int64_t>(1, (size + 512) / 1024))}});
}

std::string question_words(const PageContext& context, const ReviewView& view,
                           std::string_view id) {
  const Question* found = find_question(view, id);
  return found == nullptr ? std::string() : question_text(context, view.round, *found);
}

bool may_add(const ReviewView& view, std::string_view kind) {
  const auto& review = view.review;
  if (kind == "answer_file") {
    return review.hats.state && review.stage == RoundStage::answering;
  }
  const bool visited = std::ranges::any_of(
      review.steps, [](const Entry& one) { return one.value("step") == "visited"; });
  return visited && (review.hats.subgroup || review.hats.secretariat) &&
         (review.stage == RoundStage::review || review.stage == RoundStage::plenary);
}

void write_remove(Html& h, const PageContext& context, const ReviewView& view, const Entry& file) {
  h.open("form", {{"method", "post"}, {"action", link(context, address(view, "/entries"))}});
  write_csrf(h, context);
  hidden(h, "kind", file.kind);
  hidden(h, "name", file.name);
  hidden(h, "version", std::to_string(file.version));
  hidden(h, "remove", "yes");
  h.element("button", Say(context)("rounds.file.remove")).close("form");
}

void write_upload(Html& h, const PageContext& context, const ReviewView& view,
                  std::string_view kind) {
  const Say say(context);
  const std::string prefix = fmt::format("{}-", kind);
  const auto sent = std::ranges::find(view.drafts, kind, &Entry::kind);
  const Entry blank;
  const Entry& draft = sent == view.drafts.end() ? blank : *sent;
  h.open("details", {{"class", "disclose"}, attribute_if(sent != view.drafts.end(), "open")});
  h.element("summary", say("rounds.file.add"));
  h.open("form", {{"method", "post"},
                  {"action", link(context, address(view, "/files"))},
                  {"enctype", "multipart/form-data"},
                  {"class", "wide stack"}});
  write_csrf(h, context);
  hidden(h, "kind", kind);
  if (kind == "answer_file") {
    h.open("div", {{"class", "field"}});
    h.element("label", {{"for", prefix + "question"}}, say("rounds.about"));
    h.open("select", {{"id", prefix + "question"}, {"name", "question"}});
    h.element("option", {{"value", ""}}, say("rounds.answers"));
    for (const Question& question : view.review.questions) {
      h.element("option",
                {{"value", question.id},
                 attribute_if(question.id == draft.value("question"), "selected")},
                question_text(context, view.round, question));
    }
    h.close("select").close("div");
  }
  write_input(h,
              {"title", say("rounds.file.title"), say("rounds.file.title.hint"),
               std::string(draft.value("title"))},
              prefix);
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", prefix + "file"}}, say("celldata.file"));
  h.element("span", {{"class", "hint"}, {"id", prefix + "file-hint"}}, say("rounds.file.hint"));
  h.empty("input", {{"id", prefix + "file"},
                    {"name", "file"},
                    {"type", "file"},
                    {"required", ""},
                    {"aria-describedby", prefix + "file-hint"}});
  h.close("div").element("button", say("rounds.file.send")).close("form").close("details");
}

// One of the three parts of a visit's report, or its field.
void write_visit_text(Html& h, const PageContext& context, const ReviewView& view,
                      std::string_view name, bool writes) {
  const Say say(context);
  const auto held = std::ranges::find(view.review.visit, name, &Entry::name);
  const auto draft = std::ranges::find_if(
      view.drafts, [&](const Entry& one) { return one.kind == "visit" && one.name == name; });
  const Entry* shown = draft != view.drafts.end()        ? &*draft
                       : held != view.review.visit.end() ? &*held
                                                         : nullptr;
  const std::string label = say(fmt::format("rounds.visit.{}", name));
  const Entry* sent = draft == view.drafts.end() ? nullptr : &*draft;
  const Entry* kept = held == view.review.visit.end() ? nullptr : &*held;
  if (writes) {
    if (is_overtaken(sent, kept)) {
      write_other(h, context, *kept, [&] {
        h.element("p", {{"lang", kept->value("language")}, {"class", "said"}},
                  kept->value("text"));
      });
    }
    write_input(h,
                {fmt::format("{}.{}", name, answered_version(sent, kept)), label,
                 say(fmt::format("rounds.visit.{}.hint", name)),
                 shown == nullptr ? std::string() : std::string(shown->value("text")), "area"},
                "visit-");
  } else if (shown != nullptr) {
    h.element("h3", label);
    h.element("p", {{"lang", shown->value("language")}, {"class", "said"}}, shown->value("text"));
  }
}

}  // namespace

void write_table(Html& h, const PageContext& context, const Question& question,
                 const Entry& answer) {
  const auto cells = followup::table_cells(question, answer.value("value"));
  if (!cells) {
    h.element("p", {{"lang", answer.value("language")}}, answer.value("value"));
    return;
  }
  const auto label = [&](std::size_t i) { return question.columns[i].label.in(context.language); };
  const auto is_number = [&](std::size_t i) {
    return question.columns[i].type == QuestionType::number;
  };
  h.open("table", {{"class", "stacks"}, {"lang", answer.value("language")}});
  h.open("thead").open("tr");
  for (std::size_t i = 0; i < question.columns.size(); ++i) {
    h.element("th",
              {{"scope", "col"},
               {"lang", to_string(context.language)},
               attribute_if(is_number(i), "class", "num")},
              label(i));
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& row : *cells) {
    h.open("tr");
    for (std::size_t i = 0; i < row.size(); ++i) {
      h.element("td", {{"data-l", label(i)}, attribute_if(is_number(i), "class", "num")},
                question.columns[i].type == QuestionType::date && !row[i].empty()
                    ? shown_date(context, row[i])
                    : row[i]);
    }
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_round_files(Html& h, const PageContext& context, const ReviewView& view,
                       std::string_view kind) {
  const Say say(context);
  const bool writes = may_add(view, kind);
  const bool none =
      std::ranges::find(view.review.files, kind, &Entry::kind) == view.review.files.end();
  if (none && !writes) {
    return;
  }
  h.element("h3", say("rounds.files"));
  if (!none) {
    h.open("ul", {{"class", "rows tight"}});
  }
  for (const Entry& file : view.review.files) {
    if (file.kind != kind) {
      continue;
    }
    h.open("li").open("p").element(
        "a", {{"href", link(context, address(view, fmt::format("/files/{}", file.id)))}},
        file.value("title"));
    h.text(" ").element(
        "span", {{"class", "xs"}},
        fmt::format("{} · {}", file.value("file_name"), size_words(context, file.value("size"))));
    h.close("p");
    const std::string question = question_words(context, view, file.value("question"));
    if (!question.empty()) {
      h.element("p", {{"class", "meta"}}, question);
    }
    if (writes) {
      write_remove(h, context, view, file);
    }
    h.close("li");
  }
  if (!none) {
    h.close("ul");
  }
  if (writes) {
    write_upload(h, context, view, kind);
  }
}

void write_visit_band(Html& h, const PageContext& context, const ReviewView& view) {
  const auto& review = view.review;
  const auto took = [&](std::string_view step) {
    return std::ranges::any_of(review.steps,
                               [&](const Entry& one) { return one.value("step") == step; });
  };
  if (!took("visit_consented")) {
    return;
  }
  const Say say(context);
  const bool writes = (review.hats.subgroup || review.hats.secretariat) &&
                      (review.stage == RoundStage::review || review.stage == RoundStage::plenary);
  open_band(h, {{"id", "visit"}});
  h.element("h2", say("rounds.visit"));
  h.element("p", {{"class", "sub"}}, say("rounds.visit.sub"));
  if (writes) {
    h.open("form", {{"method", "post"},
                    {"action", link(context, address(view, "/visit"))},
                    {"class", "wide stack"}});
    write_csrf(h, context);
  } else if (review.visit.empty()) {
    h.element("p", {{"class", "note"}}, say("rounds.visit.none"));
  }
  write_visit_text(h, context, view, "agenda", writes);
  if (took("visited") || !writes) {
    write_visit_text(h, context, view, "met", writes);
    write_visit_text(h, context, view, "findings", writes);
  }
  if (writes) {
    const bool checked = std::ranges::any_of(
        review.visit, [](const Entry& one) { return one.value("confirmed") == "yes"; });
    write_check(h, "visit-confirmed", "confirmed", say("rounds.visit.confirm"), checked);
    h.element("button", say("rounds.visit.save")).close("form");
  }
  write_round_files(h, context, view, "visit_file");
  close_band(h);
}

void write_inputs(Html& h, const PageContext& context, const std::vector<Entry>& inputs) {
  const Say say(context);
  if (inputs.empty()) {
    return;
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const Entry& entry : inputs) {
    const std::string_view attribution = entry.value("attribution");
    h.open("li").open("p").element("b", entry.value("pseudonym").empty()
                                            ? entry.value("organisation")
                                            : entry.value("pseudonym"));
    h.text(" · " + shown_date(context, entry.value("date"))).close("p");
    if (!attribution.empty()) {
      h.element("p", {{"class", "meta"}},
                say.value("rounds.input.by", attribution) +
                    (attribution == "vouched" ? fmt::format(": {}", entry.value("organisation"))
                                              : std::string()));
    }
    h.element("p", {{"lang", entry.value("language")}, {"class", "said"}}, entry.value("text"));
    if (!entry.value("url").empty()) {
      h.open("p").element("a", {{"href", entry.value("url")}}, entry.value("url")).close("p");
    }
    h.close("li");
  }
  h.close("ul");
}

std::string render_input(const PageContext& context, const InputView& view) {
  const Say say(context);
  const std::string target = fmt::format("/rounds/{}/{}/input", view.round.id, view.country);
  Html h;
  write_head(
      h, {.eyebrow = view.round.title,
          .title = say("rounds.input.title", {{"country", country_name(context, view.country)}}),
          .lead = view.window ? say("rounds.input.lead",
                                    {{"from", shown_date(context, view.window->from)},
                                     {"until", shown_date(context, view.window->until)}})
                              : say("rounds.input.closed")});
  open_band(h);
  if (!view.done.empty()) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say(view.done));
  }
  write_error_summary(h, context, view.error);
  h.element("p", {{"class", "note"}}, say("rounds.input.notice"));
  if (view.takes_part) {
    h.element("p", {{"class", "note"}}, say("rounds.input.takes_part"));
  } else if (view.window) {
    h.open("form",
           {{"method", "post"}, {"action", link(context, target)}, {"class", "wide stack"}});
    write_csrf(h, context);
    if (view.organisation.empty()) {
      write_input(h, {"voucher", say("rounds.input.voucher"), say("rounds.input.voucher.hint"),
                      view.draft.voucher, "text", true});
    } else {
      h.open("p").text(say("rounds.input.as") + " ").element("b", view.organisation).close("p");
    }
    write_input(h, {"text", say("rounds.input.text"), say("rounds.input.text.hint"),
                    view.draft.text, "area", false, "10"});
    write_input(h, {"url", say("rounds.url"), say("rounds.input.url.hint"), view.draft.url, "url"});
    if (view.error && view.error->reason == "followup.round.names") {
      write_check(h, "i-confirmed", "confirmed", say("rounds.input.confirm"), false);
    }
    h.element("button", {{"class", "primary"}}, say("rounds.input.send")).close("form");
  }
  close_band(h);
  if (!view.own.empty()) {
    open_band(h);
    h.element("h2", say("rounds.input.own"));
    write_inputs(h, context, view.own);
    if (view.window) {
      h.element("p", {{"class", "sub"}}, say("rounds.input.withdraw.sub"));
      for (const Entry& one : view.own) {
        h.open("form", {{"method", "post"}, {"action", link(context, target + "/withdraw")}});
        write_csrf(h, context);
        hidden(h, "name", one.name);
        h.element("button",
                  say("rounds.input.withdraw",
                      {{"date", shown_date(context, one.value("date"))}, {"n", one.name}}));
        h.close("form");
      }
    }
    close_band(h);
  }
  Shell frame = rounds_shell(context, say("rounds.input"), &view.round);
  frame.crumbs.push_back({frame.title, ""});
  frame.indexed = false;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
