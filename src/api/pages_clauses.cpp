// The editors' page of one commitment's clauses: what rules read, and what a person sets instead.

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pages_parts.hpp"

namespace atalaya::api {
namespace {

using commitments::ClauseView;

void write_field(Html& h, std::string_view id, std::string_view name, std::string_view label,
                 std::string_view value, std::string_view hint = {}) {
  const std::string hint_id = std::string(id) + "-hint";
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  if (!hint.empty()) {
    h.element("span", {{"class", "hint"}, {"id", hint_id}}, hint);
  }
  h.empty("input", {{"id", id},
                    {"name", name},
                    {"value", value},
                    {"maxlength", "1000"},
                    attribute_if(!hint.empty(), "aria-describedby", hint_id)});
  h.close("div");
}

// Long texts, some lines of them.
void write_lines(Html& h, std::string_view id, std::string_view name, std::string_view label,
                 std::string_view language, std::string_view value, std::string_view hint = {}) {
  const std::string hint_id = std::string(id) + "-hint";
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  if (!hint.empty()) {
    h.element("span", {{"class", "hint"}, {"id", hint_id}}, hint);
  }
  h.element("textarea",
            {{"id", id},
             {"name", name},
             {"rows", value.size() > 160 ? "5" : "3"},
             {"maxlength", "4000"},
             attribute_if(!language.empty(), "lang", language),
             attribute_if(!hint.empty(), "aria-describedby", hint_id)},
            value);
  h.close("div");
}

// Whom a clause asks, in words: kinds of addressees, then the bodies of the catalogue by name. What
// an earlier version or another node wrote stays to be chosen.
void write_addressee(Html& h, const PageContext& context, const std::string& id,
                     const ClauseView& clause) {
  const Say say(context);
  bool known = false;
  const auto option = [&](std::string_view value, std::string_view label) {
    known = known || value == clause.addressee;
    h.element("option", {{"value", value}, attribute_if(value == clause.addressee, "selected")},
              label);
  };
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say("clauses.addressee"));
  h.open("select", {{"id", id}, {"name", "addressee"}});
  for (const std::string_view kind :
       {"states", "parliaments", "states_and_organ", "organ", "unnamed_body", "civil_society",
        "private_sector", "citizens", "international_community"}) {
    option(kind, say.value("addressee", kind));
  }
  h.open("optgroup", {{"label", say("nav.institutions")}});
  std::vector<std::pair<std::string, std::string>> bodies;
  for (const auto& body : context.catalogue->institutions()) {
    bodies.emplace_back(body.name.in(context.language), body.id);
  }
  std::ranges::sort(bodies);
  for (const auto& [name, body] : bodies) {
    option(body, name);
  }
  h.close("optgroup");
  if (!known) {
    option(clause.addressee, clause.addressee_printed.empty() ? clause.addressee
                                                              : clause.addressee_printed);
  }
  h.close("select").close("div");
}

void write_formulation(Html& h, const PageContext& context, const std::string& id,
                       const ClauseView& clause) {
  const Say say(context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say("clauses.formulation"));
  h.open("select", {{"id", id}, {"name", "formulation"}});
  for (const std::string_view value : {"firm", "qualified", "hortatory", "declaratory"}) {
    h.element("option", {{"value", value}, attribute_if(value == clause.formulation, "selected")},
              say.value("formulation", value));
  }
  h.close("select").close("div");
}

void write_clause_form(Html& h, const PageContext& context, const std::string& commitment,
                       std::string_view text, const ClauseView& clause) {
  const Say say(context);
  const auto id = [&](std::string_view name) { return fmt::format("{}-{}", name, clause.ordinal); };
  const auto begin = static_cast<std::size_t>(clause.begin);
  const auto end = static_cast<std::size_t>(clause.end);
  // The words beside the form that reads them.
  h.open("section", {{"class", "cols-even part"}}).open("div", {{"class", "stack-s"}});
  h.element("h2", say("clauses.one", {{"n", std::to_string(clause.ordinal)}}));
  if (begin < end && end <= text.size()) {
    h.open("blockquote", {{"class", "official"}, {"lang", clause.language}});
    h.element("p", text.substr(begin, end - begin)).close("blockquote");
  }
  h.element(
      "p", {{"class", "xs"}},
      clause.set_by == "rule" ? say("set_by.rule") : say("clauses.by", {{"name", clause.set_by}}));
  h.close("div").open("form", {{"class", "wide stack"},
                  {"method", "post"},
                  {"action", link(context, "/commitments/" + commitment + "/clauses")}});
  write_csrf(h, context);
  h.empty("input",
          {{"type", "hidden"}, {"name", "ordinal"}, {"value", std::to_string(clause.ordinal)}});
  write_field(h, id("verb"), "verb", say("clauses.verb.label"), clause.verb,
              clause.verb_printed.empty()
                  ? say("clauses.verb.hint")
                  : say("clauses.verb.printed", {{"verb", clause.verb_printed}}));
  write_addressee(h, context, id("addressee"), clause);
  write_lines(h, id("deliverable"), "deliverable", say("clauses.deliverable"), clause.language,
              clause.deliverable);
  write_field(h, id("due"), "due", say("clauses.due"), clause.due, say("clauses.due.hint"));
  write_formulation(h, context, id("formulation"), clause);
  write_lines(h, id("qualifiers"), "qualifiers", say("clauses.qualifiers"), clause.language,
              fmt::format("{}", fmt::join(clause.qualifiers, "\n")), say("clauses.qualifiers.hint"));
  h.element("button", say("clauses.save", {{"n", std::to_string(clause.ordinal)}}));
  h.close("form").close("section");
}

}  // namespace

std::string render_clauses(const PageContext& context, const ClausesView& view) {
  const Say say(context);
  const auto& row = view.commitment.row;
  Html h;
  write_head(h, {row_place(context, row), say("clauses.of", {{"title", row_title(context, row)}}),
                 say("clauses.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (view.commitment.clauses.empty()) {
    h.element("p", say("clauses.none"));
  }
  for (const ClauseView& clause : view.commitment.clauses) {
    std::string_view text;
    for (const auto& held : view.commitment.texts) {
      text = held.language == clause.language ? std::string_view(held.text) : text;
    }
    write_clause_form(h, context, row.id, text, clause);
  }
  h.open("p").element("a", {{"href", link(context, "/commitments/" + row.id)}}, say("desk.back"));
  h.close("p");
  close_band(h);
  Shell frame;
  frame.crumbs = {{say("footer.desk"), "/desk"}, {say("clauses.edit"), ""}};
  frame.title = say("clauses.edit");
  frame.indexed = false;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
