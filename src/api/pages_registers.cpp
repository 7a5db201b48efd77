// Registers as tables, one row with its history, and the form that keeps them.
#include "pages_registers.hpp"

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_followup.hpp"

namespace atalaya::api {
namespace {

using followup::FieldType;
using followup::RegisterField;
using followup::RegisterKind;
using followup::RegisterRecord;

constexpr std::size_t kTableFields = 6;  // of a list; the row's page shows all

std::string address(const RegisterKind& kind, std::int64_t id = 0) {
  return id == 0 ? fmt::format("/registers/{}", kind.id)
                 : fmt::format("/registers/{}/{}", kind.id, id);
}

std::string question_title(const PageContext& context, std::string_view id) {
  const auto* guidance = context.catalogue->find_guidance(id);
  return guidance == nullptr ? std::string(id) : guidance->title.in(context.language);
}

std::string actor_name(const PageContext& context, std::string_view id) {
  return context.catalogue->find_institution(id) != nullptr ? institution_name(context, id)
                                                            : country_name(context, id);
}

// A value as a reader meets it; links where it is a thing of this node.
void write_value(Html& h, const PageContext& context, const RegisterField& field,
                 std::string_view value, std::string_view language) {
  const auto anchor = [&](const std::string& path, const std::string& words) {
    h.element("a", {{"href", link(context, path)}}, words);
  };
  const std::string id(value);
  switch (field.type) {
    case FieldType::date:
      h.text(shown_date(context, value));
      return;
    case FieldType::choice: {
      const auto* choice = field.find_choice(value);
      h.text(choice == nullptr ? id : choice->label.in(context.language));
      return;
    }
    case FieldType::country:
      anchor("/countries/" + id, country_name(context, value));
      return;
    case FieldType::actor:
      h.text(actor_name(context, value));
      return;
    case FieldType::instrument:
      anchor("/treaties/" + id, instrument_short(context, value));
      return;
    case FieldType::commitment: {
      const auto* entry = context.catalogue->find_entry(id);
      anchor("/commitments/" + id, entry == nullptr ? id : entry->title.in(context.language));
      return;
    }
    case FieldType::theme:
      anchor("/themes/" + id, theme_name(context, value));
      return;
    case FieldType::question:
      h.text(question_title(context, value));
      return;
    case FieldType::url:
      h.element("a", {{"href", figures::safe_url(value)}, {"rel", "nofollow noopener"}}, value);
      return;
    case FieldType::email:
      h.element("a", {{"href", "mailto:" + id}}, value);
      return;
    case FieldType::line:
    case FieldType::text:
      h.element("span", {{"lang", language}}, value);
      return;
    case FieldType::month_day:
    case FieldType::number:
    case FieldType::currency:
      h.text(value);
      return;
  }
}

std::string heading_words(const PageContext& context, const RegisterKind& kind,
                          const RegisterRecord& record) {
  const std::string value(record.value(kind.heading));
  if (kind.find(kind.heading)->type == FieldType::question) {
    return question_title(context, value);
  }
  return value;
}

// The heading and the first fields that are not the heading.
std::vector<const RegisterField*> table_fields(const RegisterKind& kind) {
  std::vector<const RegisterField*> out = {kind.find(kind.heading)};
  for (const RegisterField& field : kind.fields) {
    const bool wide = field.type == FieldType::text || field.type == FieldType::url;
    if (field.id != kind.heading && !wide && out.size() < kTableFields) {
      out.push_back(&field);
    }
  }
  return out;
}

void write_table(Html& h, const PageContext& context, const RegisterView& view) {
  const RegisterKind& kind = *view.kind;
  const auto fields = table_fields(kind);
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const RegisterField* field : fields) {
    h.element("th", {{"scope", "col"}}, field->label.in(context.language));
  }
  h.close("tr").close("thead").open("tbody");
  for (const RegisterRecord& record : view.records) {
    h.open("tr").open("th", {{"scope", "row"}});
    h.element("a", {{"href", link(context, address(kind, record.id))}, {"lang", record.language}},
              heading_words(context, kind, record));
    if (record.value("said_by") == "state") {
      h.text(" ").element("span", {{"class", "tag line"}}, Say(context)("deadlines.said_by_state"));
    }
    h.close("th");
    for (std::size_t i = 1; i < fields.size(); ++i) {
      h.open("td", {{"data-l", fields[i]->label.in(context.language)}}).open("span");
      const std::string_view value = record.value(fields[i]->id);
      if (value.empty()) {
        h.text("–");
      } else {
        write_value(h, context, *fields[i], value, record.language);
      }
      h.close("span").close("td");
    }
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_country_filter(Html& h, const PageContext& context, const RegisterView& view) {
  const Say say(context);
  h.open(
      "form",
      {{"method", "get"}, {"action", link(context, address(*view.kind))}, {"class", "row fields"}});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "country"}}, say("registers.country"));
  h.open("select", {{"id", "country"}, {"name", "country"}});
  h.element("option", {{"value", ""}}, say("registers.all"));
  for (const auto& country : context.catalogue->countries()) {
    h.element("option",
              {{"value", country.id}, attribute_if(country.id == view.country, "selected")},
              country.name.in(context.language));
  }
  h.close("select").close("div");
  h.element("button", {{"type", "submit"}}, say("registers.show")).close("form");
}

void write_options(Html& h, const PageContext& context, const RegisterField& field,
                   std::string_view value) {
  const auto option = [&](std::string_view id, std::string_view words) {
    h.element("option", {{"value", id}, attribute_if(id == value, "selected")}, words);
  };
  option("", "–");
  if (field.type == FieldType::choice) {
    for (const auto& choice : field.choices) {
      option(choice.id, choice.label.in(context.language));
    }
  } else if (field.type == FieldType::country) {
    for (const auto& country : context.catalogue->countries()) {
      option(country.id, country.name.in(context.language));
    }
  } else if (field.type == FieldType::instrument) {
    for (const auto& instrument : context.catalogue->instruments()) {
      option(instrument.id, instrument_short(context, instrument.id));
    }
  } else if (field.type == FieldType::theme) {
    for (const auto& theme : context.catalogue->themes()) {
      option(theme.id, theme_name(context, theme.id));
    }
  } else {
    for (const auto& guidance : context.catalogue->guidance()) {
      if (guidance.kind == "key_question") {
        option(guidance.id, guidance.title.in(context.language));
      }
    }
  }
}

bool is_select(FieldType type) {
  return type == FieldType::choice || type == FieldType::country || type == FieldType::instrument ||
         type == FieldType::theme || type == FieldType::question;
}

std::string_view hint_of(FieldType type) {
  switch (type) {
    case FieldType::date:
      return "registers.hint.date";
    case FieldType::month_day:
      return "registers.hint.month_day";
    case FieldType::number:
      return "registers.hint.number";
    case FieldType::currency:
      return "registers.hint.currency";
    case FieldType::url:
      return "registers.hint.url";
    case FieldType::email:
      return "registers.hint.email";
    case FieldType::commitment:
      return "registers.hint.commitment";
    case FieldType::actor:
      return "registers.hint.actor";
    case FieldType::line:
    case FieldType::text:
    case FieldType::choice:
    case FieldType::country:
    case FieldType::instrument:
    case FieldType::theme:
    case FieldType::question:
      return "";
  }
  return "";
}

void write_field(Html& h, const PageContext& context, const RegisterField& field,
                 std::string_view value, bool wrong) {
  const Say say(context);
  const std::string id = "f-" + field.id;
  const std::string name = "f." + field.id;
  const std::string hint(hint_of(field.type));
  const std::string hint_id = id + "-hint";
  h.open("div", {{"class", wrong ? "field wrong" : "field"}});
  h.open("label", {{"for", id}}).text(field.label.in(context.language));
  if (field.required) {
    h.text(" ").element("span", {{"class", "xs"}}, "(" + say("registers.required") + ")");
  }
  h.close("label");
  if (!hint.empty()) {
    h.element("p", {{"class", "xs"}, {"id", hint_id}}, say(hint));
  }
  const Attribute required = attribute_if(field.required, "required");
  const Attribute described = attribute_if(!hint.empty(), "aria-describedby", hint_id);
  const Attribute invalid = attribute_if(wrong, "aria-invalid", "true");
  if (is_select(field.type)) {
    h.open("select", {{"id", id}, {"name", name}, required, invalid});
    write_options(h, context, field, value);
    h.close("select");
  } else if (field.type == FieldType::text) {
    h.element("textarea",
              {{"id", id}, {"name", name}, {"rows", "4"}, {"maxlength", "5000"}, required, invalid},
              value);
  } else {
    h.empty("input", {{"id", id},
                      {"name", name},
                      {"value", value},
                      {"maxlength", "300"},
                      required,
                      described,
                      invalid});
  }
  h.close("div");
}

// What somebody else made of the row while this form was open, in full: it stands above what was typed.
void write_other(Html& h, const PageContext& context, const RegisterKind& kind,
                 const RegisterRecord& other) {
  const Say say(context);
  h.open("div", {{"class", "note action stack-s"}}).open("p");
  h.element("b", say("report.other", {{"n", std::to_string(other.version)}})).close("p");
  h.open("ul", {{"class", "plain small"}});
  for (const RegisterField& field : kind.fields) {
    if (!other.value(field.id).empty()) {
      h.open("li").element("b", field.label.in(context.language)).text(": ");
      write_value(h, context, field, other.value(field.id), other.language);
      h.close("li");
    }
  }
  h.close("ul").element("p", {{"class", "meta"}}, who_and_when(context, other.by, other.at));
  h.element("p", {{"class", "xs"}}, say("report.other.sub")).close("div");
}

void write_remove(Html& h, const PageContext& context, const RegisterFormView& view) {
  const Say say(context);
  h.open("details", {{"class", "disclose"}, attribute_if(!view.why_remove.empty(), "open")});
  h.element("summary", say("registers.remove"));
  h.open("form", {{"class", "narrow stack"},
                  {"method", "post"},
                  {"action", link(context, address(*view.kind, view.record.id) + "/remove")}});
  write_csrf(h, context);
  h.empty(
      "input",
      {{"type", "hidden"}, {"name", "version"}, {"value", std::to_string(view.record.version)}});
  h.element("p", say("registers.remove.what"));
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", "why-remove"}}, say("registers.why"));
  h.element("span", {{"class", "hint"}, {"id", "why-remove-hint"}}, say("coding.withdraw.hint"));
  h.empty("input", {{"id", "why-remove"},
                    {"name", "why"},
                    {"required"},
                    {"maxlength", "500"},
                    {"aria-describedby", "why-remove-hint"},
                    {"value", view.why_remove}});
  h.close("div").element("button", {{"class", "warn"}}, say("registers.remove"));
  h.close("form").close("details");
}

Shell register_shell(const PageContext& context, const RegisterKind* kind, std::string title) {
  const Say say(context);
  Shell out;
  out.title = std::move(title);
  out.nav = "follow_up";
  out.crumbs = {{say("nav.follow_up"), "/follow-up"}, {say("registers.title"), "/registers"}};
  if (kind != nullptr) {
    out.crumbs.push_back({kind->label.in(context.language), address(*kind)});
  }
  return out;
}

// Field by field, from what to what.
void write_changes(Html& h, const PageContext& context, const RegisterKind& kind,
                   const RegisterRecord& before, const RegisterRecord& after) {
  const auto write = [&](const RegisterField& field, const RegisterRecord& version) {
    if (version.value(field.id).empty()) {
      h.text("–");
    } else {
      write_value(h, context, field, version.value(field.id), version.language);
    }
  };
  h.open("ul", {{"class", "plain small"}});
  for (const RegisterField& field : kind.fields) {
    if (before.value(field.id) == after.value(field.id)) {
      continue;
    }
    h.open("li").text(labelled(context, field.label.in(context.language), ""));
    write(field, before);
    h.text(" → ");
    write(field, after);
    h.close("li");
  }
  h.close("ul");
}

void write_history(Html& h, const PageContext& context, const RegisterRowView& view) {
  const Say say(context);
  h.element("h2", say("registers.history"));
  h.open("ol", {{"class", "rows tight"}});
  for (std::size_t i = 0; i < view.versions.size(); ++i) {
    const RegisterRecord& version = view.versions[i];
    h.open("li");
    h.element(
        "p", {{"class", "meta"}},
        fmt::format("{}{} · {}", say("registers.version", {{"n", std::to_string(version.version)}}),
                    version.removed ? " (" + say("registers.removed") + ")" : std::string(),
                    who_and_when(context, version.by, version.at)));
    if (!version.why.empty()) {
      h.element("p", {{"lang", version.language}}, version.why);
    }
    if (i + 1 < view.versions.size() && !version.removed) {
      write_changes(h, context, *view.kind, view.versions[i + 1], version);
    }
    h.close("li");
  }
  h.close("ol");
}

// Briefs and country pages name practices of the guide: here is said why they are not in the table.
void write_guide_practices(Html& h, const PageContext& context) {
  const Say say(context);
  h.element("h2", say("brief.practices.guide"));
  h.element("p", {{"class", "sub"}}, say("registers.practices.guide"));
  h.open("ul", {{"class", "rows"}});
  std::string document;
  for (const auto& one : context.catalogue->guidance()) {
    if (one.kind == "good_practice") {
      document = one.document;
      h.open("li").element("h3", one.title.in(context.language));
      h.element("p", one.summary.in(context.language)).close("li");
    }
  }
  h.close("ul").open("p").element("a", {{"href", link(context, "/documents/" + document)}},
                                  document_name(context, document));
  h.close("p");
}

}  // namespace

void write_language_choice(Html& h, const PageContext& context, std::string_view chosen,
                           std::string_view label) {
  const Say say(context);
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "language"}}, say(label));
  h.open("select", {{"id", "language"}, {"name", "language"}});
  for (const Language language : kLanguages) {
    const std::string_view code = to_string(language);
    const bool selected = chosen.empty() ? language == context.language : code == chosen;
    h.element("option", {{"value", code}, attribute_if(selected, "selected")},
              figures::own_name(language));
  }
  h.close("select").close("div");
}

std::string render_registers(const PageContext& context, const RegistersView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("registers.title"), say("registers.lead")});
  open_band(h);
  h.open("ul", {{"class", "rows"}});
  const auto& kinds = followup::Registers::kinds();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    h.open("li").open("h2", {{"class", "as-h3"}});
    h.element("a", {{"href", link(context, address(kinds[i]))}},
              kinds[i].label.in(context.language));
    h.close("h2").element("p", kinds[i].about.in(context.language));
    h.element("p", {{"class", "meta"}},
              say.count("registers.rows", i < view.rows.size() ? view.rows[i] : 0));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
  return shell(context, register_shell(context, nullptr, say("registers.title")), h);
}

std::string render_register(const PageContext& context, const RegisterView& view) {
  const Say say(context);
  const std::string title = view.kind->label.in(context.language);
  Html h;
  write_head(h, {say("registers.title"), title, view.kind->about.in(context.language)});
  open_band(h);
  if (followup::has_country(*view.kind)) {
    write_country_filter(h, context, view);
  }
  if (view.records.empty()) {
    h.element("p", {{"class", "note"}}, say("registers.none"));
  } else {
    write_table(h, context, view);
  }
  h.open("p", {{"class", "row"}});
  h.element("a", {{"href", fmt::format("/api/v1/registers/{}?format=csv", view.kind->id)}},
            say("registers.csv"));
  if (view.may_edit) {
    h.element("a", {{"href", link(context, address(*view.kind) + "/new")}, {"class", "button"}},
              say("registers.add"));
  }
  h.close("p");
  close_band(h);
  if (view.kind->id == "practices") {
    open_band(h);
    write_guide_practices(h, context);
    close_band(h);
  }
  return shell(context, register_shell(context, nullptr, title), h);
}

std::string render_register_row(const PageContext& context, const RegisterRowView& view) {
  const Say say(context);
  const RegisterRecord& record = view.versions.front();
  const std::string title = heading_words(context, *view.kind, record);
  Html h;
  write_head(h, {.eyebrow = view.kind->label.in(context.language),
                 .title = title,
                 .lead = record.removed ? say("registers.removed") : std::string(),
                 .title_language = record.language});
  open_band(h);
  h.open("dl", {{"class", "facts"}});
  for (const RegisterField& field : view.kind->fields) {
    const std::string_view value = record.value(field.id);
    if (!value.empty()) {
      h.element("dt", field.label.in(context.language)).open("dd");
      write_value(h, context, field, value, record.language);
      h.close("dd");
    }
  }
  h.close("dl");
  if (view.may_edit && !record.removed) {
    h.open("p").element(
        "a",
        {{"href", link(context, address(*view.kind, record.id) + "/edit")}, {"class", "button"}},
        say("registers.change"));
    h.close("p");
  }
  close_band(h);
  open_band(h);
  write_history(h, context, view);
  close_band(h);
  return shell(context, register_shell(context, view.kind, title), h);
}

std::string render_register_form(const PageContext& context, const RegisterFormView& view) {
  const Say say(context);
  const bool fresh = view.record.id == 0;
  const std::string title = say(fresh ? "registers.add" : "registers.change");
  Html h;
  write_head(h,
             {view.kind->label.in(context.language), title, view.kind->about.in(context.language)});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (view.other) {
    write_other(h, context, *view.kind, *view.other);
  }
  const std::string action =
      fresh ? address(*view.kind) + "/new" : address(*view.kind, view.record.id) + "/edit";
  h.open("form",
         {{"class", "narrow stack"}, {"method", "post"}, {"action", link(context, action)}});
  write_csrf(h, context);
  h.empty(
      "input",
      {{"type", "hidden"}, {"name", "version"}, {"value", std::to_string(view.record.version)}});
  std::string wrong;
  if (view.error && view.error->reason == "followup.register.field") {
    wrong = view.error->params.empty() ? "" : view.error->params.front().second;
  }
  for (const RegisterField& field : view.kind->fields) {
    write_field(h, context, field, view.record.value(field.id), field.id == wrong);
  }
  write_language_choice(h, context, view.record.language);
  if (!fresh) {
    h.open("div", {{"class", "field"}}).element("label", {{"for", "why"}}, say("registers.why"));
    h.empty("input", {{"id", "why"},
                      {"name", "why"},
                      {"required"},
                      {"maxlength", "500"},
                      {"value", view.record.why}});
    h.close("div");
  }
  h.element("button", say("registers.save")).close("form");
  if (!fresh) {
    write_remove(h, context, view);
  }
  h.open("p").element("a", {{"href", link(context, address(*view.kind))}}, say("registers.back"));
  h.close("p");
  close_band(h);
  Shell frame = register_shell(context, view.kind, title);
  frame.indexed = false;
  return shell(context, frame, h);
}

}  // namespace atalaya::api
