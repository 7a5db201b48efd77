// Forms for what a cell rests on, and the import of treaty acts with its differences shown first.
#include "pages_followup_data.hpp"

#include <span>

#include <fmt/format.h>

namespace atalaya::api {
namespace {

using followup::TreatyChange;
using followup::TreatyEvent;

constexpr std::string_view kParticipations[] = {
    "took_part", "adopted", "joined_later", "statement_of_position", "left", "absent"};
constexpr std::size_t kOwnWords = 4;  // of them: what an actor may say of itself

std::string sent(const CellDataFormView& view, std::string_view part, const std::string& field) {
  const auto found = view.sent.find(field);
  return view.part == part && found != view.sent.end() ? found->second : std::string();
}

struct Field {
  std::string part, name, label, hint, type = "text";
  bool required = true;
};

void write_field(Html& h, const PageContext& context, const CellDataFormView& view,
                 const Field& field) {
  const Say say(context);
  const std::string id = fmt::format("{}-{}", field.part, field.name);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say(field.label));
  if (!field.hint.empty()) {
    h.element("p", {{"class", "xs"}, {"id", id + "-hint"}}, say(field.hint));
  }
  h.empty("input", {{"id", id},
                    {"name", field.name},
                    {"type", field.type},
                    {"maxlength", "1000"},
                    {"value", sent(view, field.part, field.name)},
                    attribute_if(field.required, "required"),
                    attribute_if(!field.hint.empty(), "aria-describedby", id + "-hint")});
  h.close("div");
}

template <class Range, class Words>
void write_choice(Html& h, std::string_view id, std::string_view name, std::string_view label,
                  const Range& values, std::string_view chosen, Words&& words) {
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  h.open("select", {{"id", id}, {"name", name}});
  for (const std::string_view value : values) {
    h.element("option", {{"value", value}, attribute_if(value == chosen, "selected")},
              words(value));
  }
  h.close("select").close("div");
}

void open_part(Html& h, const PageContext& context, const CellDataFormView& view,
               std::string_view part, bool files = false) {
  h.open("form", {{"class", "narrow stack"},
                  {"method", "post"},
                  attribute_if(files, "enctype", "multipart/form-data"),
                  {"action", link(context, fmt::format("/follow-up/cells/{}/{}/data",
                                                       view.member.row.id, view.actor))}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "part"}, {"value", part}});
}

// Asked before something leaves the cells; it stays in the history.
void write_why(Html& h, const std::string& id, const std::string& label, const std::string& value) {
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  h.element("textarea",
            {{"id", id}, {"name", "reason"}, {"rows", "2"}, {"maxlength", "2000"}, {"required"}},
            value);
  h.close("div");
}

void write_links(Html& h, const PageContext& context, const CellDataFormView& view) {
  const Say say(context);
  constexpr std::string_view kKinds[] = {"measures_implementation", "context"};
  open_band(h);
  h.element("h2", {{"id", "link"}}, say("celldata.link"));
  h.element("p", say("celldata.link.lead"));
  for (const auto& one : view.links) {
    const std::string number = std::to_string(one.id);
    const bool again = sent(view, "withdraw", "link") == number;
    h.open("p").element("a", {{"href", link(context, "/figures/" + one.indicator)}}, one.indicator);
    h.text(fmt::format(": {}. {}", say("celldata." + one.kind), link_words(context, one)));
    h.close("p");
    if (!view.may_link) {
      continue;
    }
    h.open("details", {{"class", "disclose"}, attribute_if(again, "open")});
    h.element("summary", say("celldata.withdraw"));
    open_part(h, context, view, "withdraw");
    h.empty("input", {{"type", "hidden"}, {"name", "link"}, {"value", number}});
    write_why(h, "withdraw-" + number, say("celldata.participation.why"),
              again ? sent(view, "withdraw", "reason") : std::string());
    h.element("button", {{"class", "warn"}}, say("celldata.withdraw"));
    h.close("form").close("details");
  }
  if (!view.may_link) {
    h.element("p", {{"class", "note"}}, say("celldata.own"));
    close_band(h);
    return;
  }
  open_part(h, context, view, "link");
  write_field(h, context, view,
              {"link", "indicator", "celldata.indicator", "celldata.indicator.hint"});
  write_choice(h, "link-kind", "kind", say("celldata.kind"), kKinds, sent(view, "link", "kind"),
               [&](std::string_view kind) { return say(fmt::format("celldata.{}", kind)); });
  write_field(h, context, view, {"link", "reason", "celldata.reason", ""});
  write_field(h, context, view, {"link", "name", "celldata.name", ""});
  h.element("button", say("celldata.link.save")).close("form");
  close_band(h);
}

void write_entry_withdrawal(Html& h, const PageContext& context, const CellDataFormView& view,
                            const followup::DataEntry& entry) {
  const Say say(context);
  const std::string number = std::to_string(entry.id);
  const bool again = sent(view, "withdraw_entry", "entry") == number;
  h.open("details", {{"class", "disclose"}, attribute_if(again, "open")});
  h.element("summary", say("celldata.entry.withdraw"));
  open_part(h, context, view, "withdraw_entry");
  h.empty("input", {{"type", "hidden"}, {"name", "entry"}, {"value", number}});
  write_why(h, "withdraw-entry-" + number, say("celldata.participation.why"),
            again ? sent(view, "withdraw_entry", "reason") : std::string());
  h.element("button", {{"class", "warn"}}, say("celldata.entry.withdraw"));
  h.close("form").close("details");
}

void write_entries(Html& h, const PageContext& context, const CellDataFormView& view) {
  const Say say(context);
  constexpr std::string_view kKinds[] = {"law", "document", "figure"};
  open_band(h);
  h.element("h2", {{"id", "entry"}}, say("celldata.entry"));
  h.element("p", say("celldata.entry.lead"));
  for (const auto& one : view.entries) {
    h.open("p").text(fmt::format("{}: {}, {}. {}", say.value("followup.entry", one.kind), one.title,
                                 shown_date(context, one.date), one.source));
    if (!one.file.empty()) {
      h.text(" ").element("a", {{"href", "/api/v1/follow-up/files/" + one.file}},
                          say("celldata.file.kept", {{"hash", one.file.substr(0, 12)}}));
    }
    h.close("p");
    if (view.may_enter) {
      write_entry_withdrawal(h, context, view, one);
    }
  }
  if (!view.may_enter) {
    h.element("p", {{"class", "note"}}, say("celldata.own"));
    close_band(h);
    return;
  }
  open_part(h, context, view, "entry", true);
  write_choice(h, "entry-kind", "kind", say("celldata.kind"), kKinds, sent(view, "entry", "kind"),
               [&](std::string_view kind) { return say.value("followup.entry", kind); });
  write_field(h, context, view, {"entry", "title", "celldata.title", ""});
  write_field(h, context, view, {"entry", "date", "treaty.date", "", "date"});
  write_field(h, context, view,
              {"entry", "url", "celldata.url", "registers.hint.url", "text", false});
  write_field(h, context, view, {"entry", "source", "treaty.source", ""});
  write_field(h, context, view, {"entry", "read_on", "treaty.read_on", "", "date"});
  write_field(h, context, view, {"entry", "note", "celldata.note", "", "text", false});
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", "entry-file"}}, say("celldata.file"));
  h.element("p", {{"class", "xs"}}, say("celldata.file.hint"));
  h.empty("input", {{"id", "entry-file"}, {"name", "file"}, {"type", "file"}});
  h.close("div").element("button", say("celldata.entry.save")).close("form");
  close_band(h);
}

// The row leaves the cells, its reason stays in the history.
void write_retract(Html& h, const PageContext& context, const CellDataFormView& view,
                   const followup::Participation& row) {
  const Say say(context);
  const std::string number = std::to_string(row.id);
  h.open("details",
         {{"class", "disclose"}, attribute_if(sent(view, "retract", "row") == number, "open")});
  h.element("summary", say("celldata.participation.retract"));
  open_part(h, context, view, "retract");
  h.empty("input", {{"type", "hidden"}, {"name", "row"}, {"value", number}});
  write_why(
      h, "retract-" + number, say("celldata.participation.why"),
      sent(view, "retract", "row") == number ? sent(view, "retract", "reason") : std::string());
  h.element("button", {{"class", "warn"}}, say("celldata.participation.retract"));
  h.close("form").close("details");
}

void write_participation(Html& h, const PageContext& context, const CellDataFormView& view) {
  const Say say(context);
  open_band(h);
  h.element("h2", {{"id", "participation"}}, say("followup.participation"));
  h.element("p", say("celldata.participation.lead",
                     {{"document", document_name(context, view.member.row.document)}}));
  for (const auto& one : view.participations) {
    h.element("p", fmt::format("{}, {}. {}", say.value("participation", one.kind),
                               shown_date(context, one.date), one.source));
    if (one.id != 0 && !view.own_word) {
      write_retract(h, context, view, one);
    }
  }
  if (view.own_word) {
    h.element("p", {{"class", "note"}}, say("celldata.participation.own"));
  }
  open_part(h, context, view, "participation");
  write_choice(
      h, "participation-kind", "kind", say("celldata.kind"),
      std::span(kParticipations).first(view.own_word ? kOwnWords : std::size(kParticipations)),
      sent(view, "participation", "kind"),
      [&](std::string_view kind) { return say.value("participation", kind); });
  write_field(h, context, view, {"participation", "date", "treaty.date", "registers.hint.date"});
  write_field(h, context, view, {"participation", "source", "treaty.source", ""});
  write_field(h, context, view, {"participation", "read_on", "treaty.read_on", "", "date"});
  write_field(h, context, view, {"participation", "note", "celldata.note", "", "text", false});
  h.element("button", say("celldata.participation.save")).close("form");
  close_band(h);
}

std::string act_words(const PageContext& context, const TreatyEvent& event) {
  return fmt::format("{}, {}", Say(context).value("treaty.act", to_string(event.act)),
                     shown_date(context, event.date));
}

// Whom the list names besides the states: each by name, since a state that was not read would count
// as one that did nothing.
void write_outside(Html& h, const PageContext& context, const followup::TreatyImportPlan& plan) {
  const Say say(context);
  if (!plan.resembling.empty()) {
    h.open("div", {{"class", "note warn stack-s"}}).element("p", say("treatyimport.resembling"));
    h.open("ul", {{"class", "small bullets"}});
    for (const auto& one : plan.resembling) {
      h.element("li", say("treatyimport.resembles", {{"line", std::to_string(one.line)},
                                                     {"name", one.name},
                                                     {"state", country_name(context, one.state)}}));
    }
    h.close("ul").close("div");
  }
  if (plan.outside.empty()) {
    return;
  }
  h.open("details", {{"class", "disclose"}});
  h.element("summary", say.count("treatyimport.outside", std::ssize(plan.outside)));
  h.open("ul", {{"class", "plain small"}});
  for (const std::string& name : plan.outside) {
    h.element("li", name);
  }
  h.close("ul").close("details");
}

// What somebody has to look at comes first: acts that are held and would not be as they are; then what
// is new, then what is only read again.
std::vector<followup::TreatyImportRow> by_weight(std::vector<followup::TreatyImportRow> rows) {
  std::erase_if(rows, [](const auto& row) { return row.change == TreatyChange::unchanged; });
  std::ranges::stable_sort(rows, {}, [](const followup::TreatyImportRow& row) {
    return row.change == TreatyChange::read_again ? 2 : row.change == TreatyChange::added ? 1 : 0;
  });
  return rows;
}

// The same error with names and days as the page says them.
Error in_words(const PageContext& context, Error error) {
  for (auto& [name, value] : error.params) {
    value = name == "act"          ? Say(context).value("treaty.act", value)
            : name == "date" && parse_civil_date(value) ? shown_date(context, value)
            : name == "instrument" ? instrument_short(context, value)
            : name == "party" || name == "state" ? country_name(context, value)
                                                 : value;
  }
  return error;
}

void write_tick(Html& h, std::string_view name, std::string_view words) {
  h.open("div", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", name}, {"name", name}, {"value", "yes"}, {"required"}});
  h.element("label", {{"for", name}}, words).close("div");
}

void write_plan(Html& h, const PageContext& context, const TreatyImportView& view) {
  const Say say(context);
  const auto& plan = *view.plan;
  h.element("h2", say("treatyimport.plan", {{"file", plan.file_name}}));
  const std::string heads[] = {say("countries.name"),    say("treatyimport.line"),
                               say("treaty.one"),        say("treatyimport.change"),
                               say("treatyimport.held"), say("treatyimport.says")};
  h.element(
      "p",
      say("treatyimport.counts",
          {{"added", std::to_string(plan.count(TreatyChange::added))},
           {"again", std::to_string(plan.count(TreatyChange::read_again))},
           {"unchanged", std::to_string(plan.count(TreatyChange::unchanged))},
           {"changed", std::to_string(plan.count(TreatyChange::changed) + plan.taken_back())}}));
  if (plan.taken_back() > 0) {
    h.element("p", {{"class", "note action"}},
              say.count("treatyimport.takes_back", plan.taken_back()));
  }
  write_outside(h, context, plan);
  if (plan.has_news()) {
    h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
    for (const std::string& head : heads) {
      h.element("th", {{"scope", "col"}}, head);
    }
    h.close("tr").close("thead").open("tbody");
    for (const auto& row : by_weight(plan.rows)) {
      const bool leaves =
          row.change == TreatyChange::missing || row.change == TreatyChange::retracted;
      h.open("tr").element("th", {{"scope", "row"}}, country_name(context, row.event.party));
      h.element("td", {{"data-l", heads[1]}}, row.line == 0 ? "–" : std::to_string(row.line));
      h.element("td", {{"data-l", heads[2]}}, instrument_short(context, row.event.instrument));
      h.element("td", {{"data-l", heads[3]}},
                say(fmt::format("treatyimport.change.{}", to_string(row.change))));
      h.element("td", {{"data-l", heads[4]}}, row.before ? act_words(context, *row.before) : "–");
      h.element("td", {{"data-l", heads[5]}}, leaves ? "–" : act_words(context, row.event));
      h.close("tr");
    }
    h.close("tbody").close("table");
  }
  if (!plan.has_news()) {
    h.element("p", {{"class", "note"}}, say("tasks.done.unchanged"));
    return;
  }
  h.open("form", {{"class", "narrow stack"},
                  {"method", "post"},
                  {"enctype", "multipart/form-data"},
                  {"action", link(context, "/desk/treaties")}});
  write_csrf(h, context);
  const std::string encoded =
      view.binary ? to_base64(std::span(reinterpret_cast<const std::uint8_t*>(view.content.data()),
                                        view.content.size()))
                  : std::string();
  const std::pair<std::string_view, const std::string*> kept[] = {
      {"name", &view.file_name},
      {"content", view.binary ? &encoded : &view.content},
      {"instrument", &view.instrument},
      {"snapshot", &view.snapshot},
      {"source", &view.source}};
  if (view.binary) {
    h.empty("input", {{"type", "hidden"}, {"name", "encoding"}, {"value", "base64"}});
  }
  for (const auto& [name, value] : kept) {
    h.element("textarea", {{"name", name}, {"hidden"}, {"aria-hidden", "true"}}, *value);
  }
  if (plan.replaced() > 0) {
    write_tick(h, "accept", say("tasks.accept"));
  }
  if (!plan.resembling.empty()) {
    write_tick(h, "accept_names",
               say.count("treatyimport.accept_names", std::ssize(plan.resembling)));
  }
  if (plan.taken_back() > 0) {
    h.open("div", {{"class", "field"}});
    h.element("label", {{"for", "reason"}}, say("treatyimport.reason"));
    h.element("span", {{"class", "hint"}, {"id", "reason-hint"}}, say("treatyimport.reason.hint"));
    h.element("textarea",
              {{"id", "reason"},
               {"name", "reason"},
               {"rows", "3"},
               {"maxlength", "1000"},
               {"aria-describedby", "reason-hint"},
               {"required"}},
              view.reason);
    h.close("div");
  }
  h.element("button", {{"name", "apply"}, {"value", "yes"}}, say("treatyimport.apply"));
  h.close("form");
}

}  // namespace

std::string render_cell_data_form(const PageContext& context, const CellDataFormView& view) {
  const Say say(context);
  Html h;
  write_head(h, {row_title(context, view.member.row), say("celldata.title.page"),
                 actor_name(context, view.actor)});
  if (view.error) {
    open_band(h);
    write_error_summary(h, context, view.error);
    close_band(h);
  }
  if (!view.participation_only) {
    write_links(h, context, view);
    write_entries(h, context, view);
  }
  write_participation(h, context, view);
  Shell frame;
  frame.title = say("celldata.title.page");
  frame.nav = "follow_up";
  frame.indexed = false;
  frame.crumbs = {{say("followup.matrix"), "/follow-up"},
                  {actor_name(context, view.actor),
                   fmt::format("/follow-up/cells/{}/{}", view.member.row.id, view.actor)},
                  {frame.title, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_treaty_import(const PageContext& context, const TreatyImportView& view) {
  const Say say(context);
  Html h;
  write_head(h, {say("nav.treaties"), say("treatyimport.title"), say("treatyimport.lead")});
  open_band(h);
  write_error_summary(
      h, context, view.error ? std::optional(in_words(context, *view.error)) : std::nullopt);
  if (view.done) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say("treatyimport.done"));
  }
  if (view.plan) {
    write_plan(h, context, view);
    close_band(h);
    open_band(h);
  }
  h.element("h2", say("treatyimport.file"));
  h.open("form", {{"class", "narrow stack"},
                  {"method", "post"},
                  {"enctype", "multipart/form-data"},
                  {"action", link(context, "/desk/treaties")}});
  write_csrf(h, context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", "file"}}, say("treatyimport.csv"));
  h.empty("input", {{"id", "file"}, {"name", "file"}, {"type", "file"}, {"required"}});
  h.close("div").open("fieldset", {{"class", "stack-s"}});
  h.element("legend", say("treatyimport.list"));
  h.element("p", {{"class", "xs"}}, say("treatyimport.list.hint"));
  h.open("div", {{"class", "field"}}).element("label", {{"for", "instrument"}}, say("treaty.one"));
  h.open("select", {{"id", "instrument"}, {"name", "instrument"}});
  h.element("option", {{"value", ""}}, "–");
  for (const auto& instrument : context.catalogue->instruments()) {
    if (instrument.kind == "treaty") {
      h.element(
          "option",
          {{"value", instrument.id}, attribute_if(instrument.id == view.instrument, "selected")},
          instrument_short(context, instrument.id));
    }
  }
  h.close("select").close("div");
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "snapshot"}}, say("treatyimport.snapshot"));
  h.empty("input",
          {{"id", "snapshot"}, {"name", "snapshot"}, {"type", "date"}, {"value", view.snapshot}});
  h.close("div").open("div", {{"class", "field"}});
  h.element("label", {{"for", "source"}}, say("treaty.source"));
  h.empty("input",
          {{"id", "source"}, {"name", "source"}, {"maxlength", "1000"}, {"value", view.source}});
  h.close("div").close("fieldset").element("button", say("treatyimport.compare")).close("form");
  close_band(h);
  Shell frame;
  frame.title = say("treatyimport.title");
  frame.nav = "treaties";
  frame.indexed = false;
  frame.crumbs = {{say("nav.treaties"), "/treaties"}, {frame.title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
