// Checklists as pages: a matrix of articles and states in colour and letter, one article's
// provisions side by side, one state's provision with its history.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_checklists.hpp"
#include "pages_followup_cells.hpp"

namespace atalaya::api {
namespace {

using followup::Checklist;
using followup::ChecklistItem;
using followup::ChecklistMatrix;
using followup::Entry;
using followup::kChecklistScale;
using followup::kNotCoded;
using followup::Reference;
using followup::ScaleValue;

std::string address(const Checklist& checklist, std::string_view item = {},
                    std::string_view state = {}) {
  std::string out = "/checklists/" + checklist.id;
  if (!item.empty()) {
    out += fmt::format("/{}", item);
  }
  return state.empty() ? out : fmt::format("{}/{}", out, state);
}

const ScaleValue* mark_of(const Reference& reference, std::string_view mark) {
  const auto* scale = reference.find_scale(kChecklistScale);
  return scale == nullptr ? nullptr : scale->find(mark);
}

std::string mark_words(const PageContext& context, const Reference& reference,
                       std::string_view mark) {
  const ScaleValue* value = mark_of(reference, mark);
  return value == nullptr ? Say(context)("checklists.not_coded")
                          : value->label.in(context.language);
}

void write_mark(Html& h, const PageContext& context, const Reference& reference,
                std::string_view mark) {
  const ScaleValue* value = mark_of(reference, mark);
  h.element("span", {{"class", fmt::format("mk wide mk{}", value == nullptr ? 0 : value->step)}},
            mark_words(context, reference, mark));
}

Shell checklist_shell(const PageContext& context, std::string title, const Checklist* checklist) {
  const Say say(context);
  Shell frame;
  frame.nav = "follow_up";
  frame.title = std::move(title);
  frame.crumbs = {{say("nav.follow_up"), "/follow-up"}, {say("checklists.title"), "/checklists"}};
  if (checklist != nullptr) {
    frame.crumbs.push_back({checklist->label.in(context.language), address(*checklist)});
    frame.crumbs.push_back({frame.title, ""});
  }
  return frame;
}

// "X: 3; ?: 1; not coded: 31"
std::string counts_words(const PageContext& context, const Reference& reference,
                         const std::map<std::string, std::int32_t>& counts) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view mark) {
    const auto n = counts.find(std::string(mark));
    if (n != counts.end()) {
      parts.push_back(
          labelled(context, mark_words(context, reference, mark), std::to_string(n->second)));
    }
  };
  for (const ScaleValue& value : reference.find_scale(kChecklistScale)->values) {
    add(value.id);
  }
  add(kNotCoded);
  return fmt::format("{}", fmt::join(parts, "; "));
}

void write_legend(Html& h, const PageContext& context, const Reference& reference) {
  h.open("ul", {{"class", "key marks"}});
  for (const ScaleValue& value : reference.find_scale(kChecklistScale)->values) {
    h.open("li").element("span", {{"class", fmt::format("mk mk{}", value.step)}},
                         value.mark.in(context.language));
    h.text(fmt::format("{}. {}", value.label.in(context.language),
                       value.definition.in(context.language)));
    h.close("li");
  }
  h.open("li").element("span", {{"class", "mk"}}, "–");
  h.text(Say(context)("checklists.not_coded.about")).close("li").close("ul");
}

// On a phone 35 columns are many: one state is chosen and read in words.
void write_state_choice(Html& h, const PageContext& context, const ChecklistView& view) {
  const Say say(context);
  h.open("form", {{"method", "get"},
                  {"action", link(context, address(*view.matrix.checklist))},
                  {"class", "filters"}});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "f-state"}}, say("checklists.one_state"));
  h.open("select", {{"id", "f-state"}, {"name", "state"}});
  for (const std::string& state : view.matrix.states) {
    h.element("option", {{"value", state}}, country_name(context, state));
  }
  h.close("select").close("div");
  h.element("button", {{"type", "submit"}}, say("followup.show")).close("form");
}

void write_matrix(Html& h, const PageContext& context, const ChecklistView& view) {
  const Say say(context);
  const ChecklistMatrix& matrix = view.matrix;
  h.open("div", {{"class", "scroll"},
                 {"tabindex", "0"},
                 {"role", "region"},
                 {"aria-label", say("checklists.matrix")}});
  h.open("table", {{"class", "matrix"}}).open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, say("rounds.article"));
  for (const std::string& state : matrix.states) {
    h.open("th", {{"scope", "col"}});
    h.open("a", {{"href", link(context, address(*matrix.checklist) + "?state=" + state)}});
    h.open("abbr", {{"title", country_name(context, state)}}).text(state).close("abbr");
    h.close("a").close("th");
  }
  h.close("tr").close("thead").open("tbody");
  for (const ChecklistItem& item : matrix.checklist->items) {
    h.open("tr").open("th", {{"scope", "row"}}).text(article_name(item, context.language) + " ");
    h.element("a", {{"href", link(context, address(*matrix.checklist, item.id))}},
              item.label.in(context.language));
    h.close("th");
    for (const std::string& state : matrix.states) {
      const ScaleValue* value = mark_of(*view.reference, matrix.mark(item.id, state));
      if (value == nullptr) {
        h.element("td", {{"class", "na"}}, "–");
        continue;
      }
      h.open("td", {{"class", fmt::format("mk mk{}", value->step)}});
      h.open("a", {{"href", link(context, address(*matrix.checklist, item.id, state))}});
      h.open("abbr", {{"title", labelled(context, country_name(context, state),
                                         value->label.in(context.language))}});
      h.text(value->mark.in(context.language)).close("abbr").close("a").close("td");
    }
    h.close("tr");
  }
  h.close("tbody").close("table").close("div");
}

// The quoted provision; nothing for what is not coded.
void write_provision(Html& h, const PageContext& context, const Entry& entry) {
  const Say say(context);
  const std::string_view language = entry.value("language");
  if (!entry.value("quote").empty()) {
    h.open("blockquote", {{"class", "note"}, attribute_if(!language.empty(), "lang", language)});
    h.element("p", entry.value("quote")).close("blockquote");
  }
  if (!entry.value("law").empty()) {
    const std::string name =
        entry.value("article").empty()
            ? std::string(entry.value("law"))
            : fmt::format("{}, {}", entry.value("law"), entry.value("article"));
    h.open("p", {{"class", "small"}});
    if (entry.value("url").empty()) {
      h.text(name);
    } else {
      h.element("a", {{"href", entry.value("url")}}, name);
    }
    h.close("p");
  }
  if (!entry.value("note").empty()) {
    h.element("p", {attribute_if(!language.empty(), "lang", language)}, entry.value("note"));
  }
  std::string meta =
      labelled(context, say("checklists.coder"), who_name(context, entry.value("coder")));
  if (!entry.value("read_on").empty()) {
    meta += fmt::format(" · {} {}", say("checklists.read_on"),
                        shown_date(context, entry.value("read_on")));
  }
  h.element("p", {{"class", "meta"}}, meta);
}

void write_reply(Html& h, const PageContext& context, const Entry& reply) {
  h.element("p", {{"class", "meta"}},
            fmt::format("{} · {}", Say(context)("checklists.reply"),
                        shown_date(context, reply.at.substr(0, 10))));
  h.element("p", {{"lang", reply.value("language")}}, reply.value("text"));
}

// A mark, and what the state said to it: of one that was changed afterwards, the reply says so.
void write_provision_and_reply(Html& h, const PageContext& context, const ChecklistMatrix& matrix,
                               const Reference& reference,
                               const std::pair<std::string, std::string>& cell) {
  const auto& [item, state] = cell;
  const Entry* entry = matrix.value(item, state);
  if (entry == nullptr) {
    return;
  }
  write_provision(h, context, *entry);
  if (const Entry* reply = matrix.reply(item, state)) {
    write_reply(h, context, *reply);
    const auto then = matrix.earlier.find(cell);
    if (then != matrix.earlier.end()) {
      h.element("p", {{"class", "note"}},
                Say(context)("checklists.reply.earlier_mark",
                             {{"mark", mark_words(context, reference, then->second.value)},
                              {"date", shown_date(context, then->second.at.substr(0, 10))}}));
    } else if (matrix.replied_to(item, state) != entry->version) {
      h.element("p", {{"class", "note"}}, Say(context)("checklists.reply.earlier"));
    }
  }
}

void write_state_table(Html& h, const PageContext& context, const ChecklistView& view) {
  const ChecklistMatrix& matrix = view.matrix;
  h.open("ul", {{"class", "rows"}});
  for (const ChecklistItem& item : matrix.checklist->items) {
    h.open("li").open("h3").text(article_name(item, context.language) + " ");
    h.element("a", {{"href", link(context, address(*matrix.checklist, item.id, view.state))}},
              item.label.in(context.language));
    h.close("h3").open("p");
    write_mark(h, context, *view.reference, matrix.mark(item.id, view.state));
    h.close("p");
    write_provision_and_reply(h, context, matrix, *view.reference, {item.id, view.state});
    h.close("li");
  }
  h.close("ul");
}

void write_source_facts(Html& h, const PageContext& context, const Checklist& checklist) {
  const Say say(context);
  h.open("dl", {{"class", "facts"}});
  if (!checklist.instrument.empty()) {
    h.element("dt", say("checklists.instrument")).open("dd");
    h.element("a", {{"href", link(context, "/treaties/" + checklist.instrument)}},
              instrument_name(context, checklist.instrument));
    h.close("dd");
  }
  write_fact(h, say("rounds.read_on"), shown_date(context, checklist.read_on));
  write_source(h, context, say("rounds.source"), checklist.source);
  h.close("dl");
}

void write_upload(Html& h, const PageContext& context) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("checklists.file"));
  h.element("p", {{"class", "sub"}}, say("checklists.file.sub"));
  h.open("form", {{"method", "post"},
                  {"action", link(context, "/checklists")},
                  {"enctype", "multipart/form-data"},
                  {"class", "wide stack"}});
  write_csrf(h, context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", "i-file"}}, say("tasks.file"));
  h.empty("input", {{"id", "i-file"}, {"name", "file"}, {"type", "file"}, {"required", ""}});
  h.close("div").open("div", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", "i-accept"}, {"name", "accept"}, {"value", "yes"}});
  h.element("label", {{"for", "i-accept"}}, say("tasks.accept")).close("div");
  h.element("button", say("tasks.upload.send")).close("form");
  close_band(h);
}

void write_compare_form(Html& h, const PageContext& context, const ChecklistItemView& view) {
  const Say say(context);
  h.open("form", {{"method", "get"},
                  {"action", link(context, address(*view.matrix.checklist, view.item->id))},
                  {"class", "filters"}});
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string id = fmt::format("f-state-{}", i);
    const std::string chosen = i < view.states.size() ? view.states[i] : std::string();
    h.open("div", {{"class", "field"}});
    h.element("label", {{"for", id}}, say("checklists.state", {{"n", std::to_string(i + 1)}}));
    h.open("select", {{"id", id}, {"name", "state"}}).element("option", {{"value", ""}}, "–");
    for (const std::string& state : view.matrix.states) {
      h.element("option", {{"value", state}, attribute_if(state == chosen, "selected")},
                country_name(context, state));
    }
    h.close("select").close("div");
  }
  h.element("button", {{"type", "submit"}}, say("checklists.compare")).close("form");
}

void write_side_by_side(Html& h, const PageContext& context, const ChecklistItemView& view) {
  std::vector<std::string> shown = view.states;
  if (shown.empty()) {
    for (const std::string& state : view.matrix.states) {
      if (view.matrix.value(view.item->id, state) != nullptr) {
        shown.push_back(state);
      }
    }
  }
  if (shown.empty()) {
    h.element("p", {{"class", "note"}}, Say(context)("checklists.none"));
    return;
  }
  h.open("div", {{"class", "cols-even"}});
  for (const std::string& state : shown) {
    h.open("section", {{"class", "stack-s"}}).open("h3");
    h.element("a", {{"href", link(context, address(*view.matrix.checklist, view.item->id, state))}},
              country_name(context, state));
    h.close("h3").open("p");
    write_mark(h, context, *view.reference, view.matrix.mark(view.item->id, state));
    h.close("p");
    write_provision_and_reply(h, context, view.matrix, *view.reference, {view.item->id, state});
    h.close("section");
  }
  h.close("div");
}

void write_mark_choice(Html& h, const PageContext& context, const Reference& reference,
                       std::string_view chosen) {
  h.open("fieldset", {{"class", "stack-s"}});
  h.element("legend", Say(context)("checklists.value"));
  for (const ScaleValue& value : reference.find_scale(kChecklistScale)->values) {
    const std::string id = fmt::format("v-{}", value.step);
    h.open("div", {{"class", "check"}});
    h.empty("input", {{"type", "radio"},
                      {"id", id},
                      {"name", "value"},
                      {"value", value.id},
                      {"required", ""},
                      attribute_if(value.id == chosen, "checked")});
    h.open("label", {{"for", id}}).element("b", value.label.in(context.language));
    h.text(". " + value.definition.in(context.language)).close("label").close("div");
  }
  h.close("fieldset");
}

void write_value_form(Html& h, const PageContext& context, const ChecklistCellView& view) {
  const Say say(context);
  const Entry* held = view.matrix.value(view.item->id, view.state);
  const bool drafted = view.draft && view.draft->kind == "value";
  const Entry blank;
  const Entry& shown = drafted ? *view.draft : held != nullptr ? *held : blank;
  const auto field = [&](std::string_view name) { return std::string(shown.value(name)); };
  h.element("h2", say("checklists.code"));
  h.open("form",
         {{"method", "post"},
          {"action", link(context, address(*view.matrix.checklist, view.item->id, view.state))},
          {"class", "wide stack"}});
  write_csrf(h, context);
  const Entry* draft = drafted ? &*view.draft : nullptr;
  h.empty("input", {{"type", "hidden"},
                    {"name", "version"},
                    {"value", std::to_string(answered_version(draft, held))}});
  if (is_overtaken(draft, held)) {
    write_other(h, context, *held, [&] {
      h.open("p");
      write_mark(h, context, *view.reference, view.matrix.mark(view.item->id, view.state));
      h.close("p");
      write_provision(h, context, *held);
    });
  }
  write_mark_choice(h, context, *view.reference, shown.value("value"));
  write_input(h, {"law", say("checklists.law"), say("checklists.law.hint"), field("law")});
  write_input(h, {"article", say("checklists.article"), "", field("article")});
  write_input(
      h, {"quote", say("checklists.quote"), say("checklists.quote.hint"), field("quote"), "area"});
  write_language_choice(h, context, field("language"), "checklists.language");
  write_input(h, {"url", say("rounds.url"), "", field("url"), "url"});
  write_input(h, {"read_on", say("rounds.read_on"), say("checklists.read_on.hint"),
                  field("read_on"), "date"});
  write_input(h, {"note", say("checklists.note"), say("checklists.note.hint"), field("note"),
                  "area", false, "2"});
  h.element("button", {{"class", "primary"}}, say("checklists.save")).close("form");
}

void write_reply_form(Html& h, const PageContext& context, const ChecklistCellView& view) {
  const Say say(context);
  const Entry* held = view.matrix.reply(view.item->id, view.state);
  const bool drafted = view.draft && view.draft->kind == "reply";
  h.element("h2", say("checklists.reply.write"));
  h.open("form",
         {{"method", "post"},
          {"action",
           link(context, address(*view.matrix.checklist, view.item->id, view.state) + "/reply")},
          {"class", "wide stack"}});
  write_csrf(h, context);
  const Entry* draft = drafted ? &*view.draft : nullptr;
  h.empty("input", {{"type", "hidden"},
                    {"name", "version"},
                    {"value", std::to_string(answered_version(draft, held))}});
  // The version of the mark that this page shows: the one that is answered.
  const Entry* mark = view.matrix.value(view.item->id, view.state);
  const std::string shown = std::to_string(mark == nullptr ? 0 : mark->version);
  h.empty("input", {{"type", "hidden"}, {"name", "mark"}, {"value", shown}});
  if (mark != nullptr && drafted && draft->value("mark") != shown) {
    h.open("div", {{"class", "note action stack-s"}});
    h.element("p", say("checklists.reply.other_mark")).open("p");
    write_mark(h, context, *view.reference, mark->value("value"));
    h.close("p");
    write_provision(h, context, *mark);
    h.close("div");
  }
  if (is_overtaken(draft, held)) {
    write_other(h, context, *held, [&] { write_reply(h, context, *held); });
  }
  const std::string text(drafted           ? view.draft->value("text")
                         : held == nullptr ? std::string_view()
                                           : held->value("text"));
  write_input(h, {"text", say("checklists.reply"), say("checklists.reply.hint"), text, "area"});
  write_language_choice(h, context,
                        drafted           ? view.draft->value("language")
                        : held == nullptr ? std::string_view()
                                          : held->value("language"));
  h.element("button", {{"class", "primary"}}, say("checklists.reply.send")).close("form");
}

// Field by field, from what to what.
void write_changes(Html& h, const PageContext& context, const followup::Reference& reference,
                   const Entry& before, const Entry& after) {
  const auto& messages = figures::Messages::embedded();
  const auto label_of = [&](const std::string& field) {
    // The words of a reply are the state's: "checklists.language" is that of a provision.
    const bool reply = after.kind == "reply" && field != "mark";
    for (const char* group : {reply ? "rounds." : "checklists.", "checklists.", "rounds."}) {
      if (messages.has(context.language, group + field)) {
        return messages.text(context.language, group + field, {});
      }
    }
    return field;
  };
  h.open("ul", {{"class", "plain small"}});
  for (const auto& [field, kept, now] : followup::differences(before, after)) {
    const auto words = [&](const std::string& value) {
      return value.empty()      ? std::string("–")
             : field == "value" ? mark_words(context, reference, value)
             : field == "coder" ? who_name(context, value)
                                : value;
    };
    h.open("li").text(labelled(context, label_of(field), ""));
    h.element("span",
              {attribute_if(!before.value("language").empty(), "lang", before.value("language"))},
              words(kept));
    h.text(" → ");
    h.element("span",
              {attribute_if(!after.value("language").empty(), "lang", after.value("language"))},
              words(now));
    h.close("li");
  }
  h.close("ul");
}

void write_versions(Html& h, const PageContext& context, const ChecklistCellView& view) {
  const Say say(context);
  h.element("h2", say("registers.history"));
  h.open("ol", {{"class", "rows tight"}});
  for (const Entry& version : view.versions) {
    const auto before = std::ranges::find_if(view.versions, [&](const Entry& one) {
      return one.kind == version.kind && one.version + 1 == version.version;
    });
    h.open("li").open("p");
    if (version.kind == "reply") {
      h.element("b", say("checklists.reply"));
    } else {
      h.element("b", mark_words(context, *view.reference,
                                version.removed ? kNotCoded : version.value("value")));
    }
    h.close("p").element(
        "p", {{"class", "meta"}},
        fmt::format("{} · {}", say("registers.version", {{"n", std::to_string(version.version)}}),
                    who_and_when(context, version.by, version.at)));
    if (before != view.versions.end() && !version.removed) {
      write_changes(h, context, *view.reference, *before, version);
    }
    h.close("li");
  }
  h.close("ol");
}

}  // namespace

std::string render_checklists(const PageContext& context, const ChecklistsView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("checklists.title"), say("checklists.lead")});
  open_band(h);
  if (!view.done.empty()) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say(view.done));
  }
  write_error_summary(h, context, view.error);
  write_differences(h, context, view.differences);
  for (const char* kind : {"treaty", "model"}) {
    h.element("h2", say.value("checklists.kind", kind));
    h.open("ul", {{"class", "rows"}});
    for (const ChecklistMatrix& matrix : view.matrices) {
      if (matrix.checklist->kind != kind) {
        continue;
      }
      h.open("li").open("h3");
      h.element("a", {{"href", link(context, address(*matrix.checklist))}},
                matrix.checklist->label.in(context.language));
      h.close("h3").element("p", matrix.checklist->about.in(context.language));
      h.element(
          "p", {{"class", "meta"}},
          say("checklists.coded",
              {{"n", std::to_string(matrix.values.size())},
               {"all", std::to_string(matrix.checklist->items.size() * matrix.states.size())}}));
      h.close("li");
    }
    h.close("ul");
  }
  close_band(h);
  if (view.may_code) {
    write_upload(h, context);
  }
  Shell frame = checklist_shell(context, say("checklists.title"), nullptr);
  frame.crumbs.back().path.clear();
  return shell(context, std::move(frame), h);
}

std::string render_checklist(const PageContext& context, const ChecklistView& view) {
  const Say say(context);
  const Checklist& checklist = *view.matrix.checklist;
  Html h;
  write_head(h, {instrument_short(context, checklist.instrument),
                 view.state.empty() ? checklist.label.in(context.language)
                                    : labelled(context, country_name(context, view.state),
                                               checklist.label.in(context.language)),
                 checklist.about.in(context.language)});
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap stack"}});
  h.element("p", {{"class", "note"}}, say("checklists.facts"));
  if (view.state.empty()) {
    h.element("h2", say("checklists.matrix"));
    write_state_choice(h, context, view);
    write_legend(h, context, *view.reference);
    write_matrix(h, context, view);
  } else {
    h.element("h2", say("checklists.provisions"));
    write_state_table(h, context, view);
    h.open("p").element("a", {{"href", link(context, address(checklist))}},
                        say("checklists.all_states"));
    h.close("p");
  }
  h.open("p", {{"class", "row"}});
  for (const char* format : {"csv", "json"}) {
    h.element("a",
              {{"class", "button"},
               {"href", fmt::format("/api/v1/checklists/{}?format={}", checklist.id, format)}},
              say(fmt::format("checklists.{}", format)));
  }
  h.close("p");
  write_source_facts(h, context, checklist);
  h.close("div").close("section");
  Shell frame = checklist_shell(context, checklist.label.in(context.language), nullptr);
  frame.crumbs.push_back({frame.title, ""});
  return shell(context, std::move(frame), h);
}

std::string render_checklist_item(const PageContext& context, const ChecklistItemView& view) {
  const Say say(context);
  const Checklist& checklist = *view.matrix.checklist;
  const std::string title =
      fmt::format("{} · {}", view.item->article, view.item->label.in(context.language));
  Html h;
  write_head(h,
             {checklist.label.in(context.language), title, view.item->about.in(context.language)});
  open_band(h);
  h.element("h2", say("checklists.compare.title"));
  h.element("p", {{"class", "sub"}},
            counts_words(context, *view.reference, view.matrix.counts.at(view.item->id)));
  write_compare_form(h, context, view);
  write_side_by_side(h, context, view);
  close_band(h);
  return shell(context, checklist_shell(context, title, &checklist), h);
}

std::string render_checklist_cell(const PageContext& context, const ChecklistCellView& view) {
  const Say say(context);
  const Checklist& checklist = *view.matrix.checklist;
  const std::string country = country_name(context, view.state);
  Html h;
  write_head(h, {fmt::format("{} · {} · {}", checklist.label.in(context.language),
                             view.item->article, view.item->label.in(context.language)),
                 country, view.item->about.in(context.language)});
  open_band(h);
  write_error_summary(h, context, view.error);
  h.open("p");
  write_mark(h, context, *view.reference, view.matrix.mark(view.item->id, view.state));
  h.close("p");
  write_provision_and_reply(h, context, view.matrix, *view.reference, {view.item->id, view.state});
  h.open("p").element(
      "a", {{"href", link(context, address(checklist, view.item->id) + "?state=" + view.state)}},
      say("checklists.compare.with"));
  h.close("p");
  close_band(h);
  if (view.may_code || view.may_reply) {
    open_band(h);
    if (view.may_code) {
      write_value_form(h, context, view);
    }
    if (view.may_reply) {
      write_reply_form(h, context, view);
    }
    close_band(h);
  }
  if (!view.versions.empty()) {
    open_band(h);
    write_versions(h, context, view);
    close_band(h);
  }
  return shell(context, checklist_shell(context, country, &checklist), h);
}

void write_country_checklists(Html& h, const PageContext& context, const ChecklistsView& view,
                              std::string_view state) {
  const Say say(context);
  open_band(h, {{"id", "checklists"}});
  h.element("h2", say("checklists.country"));
  h.element("p", {{"class", "sub"}}, say("checklists.country.sub"));
  h.open("ul", {{"class", "rows tight"}});
  for (const ChecklistMatrix& matrix : view.matrices) {
    std::map<std::string, std::int32_t> counts;
    for (const ChecklistItem& item : matrix.checklist->items) {
      counts[std::string(matrix.mark(item.id, std::string(state)))] += 1;
    }
    h.open("li").open("h3");
    h.element(
        "a",
        {{"href", link(context, fmt::format("{}?state={}", address(*matrix.checklist), state))}},
        matrix.checklist->label.in(context.language));
    h.close("h3").element("p", {{"class", "meta"}}, counts_words(context, *view.reference, counts));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
}

}  // namespace atalaya::api
