// The editors' page of one commitment's clauses: what rules read, and what a person sets instead.

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pages_parts.hpp"

namespace atalaya::api {
namespace {

using commitments::ClauseVersion;
using commitments::ClauseView;

void write_field(Html& h, std::string_view id, std::string_view name, std::string_view label,
                 std::string_view value, std::size_t characters_max, std::string_view hint = {}) {
  const std::string hint_id = std::string(id) + "-hint";
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  if (!hint.empty()) {
    h.element("span", {{"class", "hint"}, {"id", hint_id}}, hint);
  }
  h.empty("input", {{"id", id},
                    {"name", name},
                    {"value", value},
                    {"maxlength", std::to_string(characters_max)},
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
             {"maxlength", std::to_string(commitments::kClauseTextMax)},
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
  for (const std::string_view kind : commitments::kAddressees) {
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
    option(clause.addressee,
           clause.addressee_printed.empty() ? clause.addressee : clause.addressee_printed);
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

// A field as people read it.
std::string shown(const PageContext& context, std::string_view field, const std::string& value) {
  const Say say(context);
  if (value.empty()) {
    return "–";
  }
  if (field == "formulation") {
    return say.value("formulation", value);
  }
  if (field == "addressee") {
    return context.catalogue->find_institution(value) != nullptr ? institution_name(context, value)
                                                                 : say.value("addressee", value);
  }
  return value;
}

using Fields = std::vector<std::array<std::string, 3>>;  // name, label, value

Fields fields_of(const PageContext& context, const ClauseVersion& version) {
  const Say say(context);
  Fields out = {{"verb", say("clauses.verb.label"), version.verb},
                {"addressee", say("clauses.addressee"), version.addressee},
                {"deliverable", say("clauses.deliverable"), version.deliverable},
                {"due", say("clauses.due"), version.due},
                {"formulation", say("clauses.formulation"), version.formulation},
                {"qualifiers", say("clauses.qualifiers"),
                 fmt::format("{}", fmt::join(version.qualifiers, "; "))}};
  for (auto& [name, label, value] : out) {
    value = shown(context, name, value);
  }
  return out;
}

// What differs, "before → after"; without `before`, all that is said.
void write_changes(Html& h, const PageContext& context, const Fields* before, const Fields& after) {
  h.open("ul", {{"class", "plain small"}});
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto& [name, label, value] = after[i];
    if (before == nullptr || (*before)[i][2] != value) {
      h.open("li").element("b", label).text(colon(context));
      h.text(before == nullptr ? value : fmt::format("{} → {}", (*before)[i][2], value));
      h.close("li");
    }
  }
  h.close("ul");
}

using Versions = std::vector<ClauseVersion>;

std::string who_decided(const PageContext& context, const ClauseVersion& version) {
  const Say say(context);
  if (version.version == 0) {
    return say("set_by.rule");
  }
  const std::string who = version.set_at.empty()
                              ? say("set_by.person", {{"name", who_name(context, version.set_by)}})
                              : who_and_when(context, version.set_by, version.set_at);
  return say("titles.version", {{"n", std::to_string(version.version)}}) + " · " + who;
}

void write_clause_history(Html& h, const PageContext& context, const Versions& versions) {
  const Say say(context);
  if (versions.empty() || versions.back().version == 0) {
    return;
  }
  h.open("details", {{"class", "disclose"}}).element("summary", say("titles.history"));
  h.open("ol", {{"class", "rows tight"}});
  for (std::size_t i = versions.size(); i-- > 0;) {
    const ClauseVersion& one = versions[i];
    h.open("li").element("p", {{"class", "meta"}}, who_decided(context, one));
    if (one.decision == "back") {
      h.element("p", say("clauses.went_back"));
    } else if (one.decision == "read" && one.version > 0) {
      h.element("p", say("clauses.followed"));
    }
    const Fields now = fields_of(context, one);
    const Fields before = i == 0 ? Fields() : fields_of(context, versions[i - 1]);
    write_changes(h, context, i == 0 ? nullptr : &before, now);
    if (!one.reason.empty()) {
      h.element("p", {{"class", "xs"}}, one.reason);
    }
    h.close("li");
  }
  h.close("ol").close("details");
}

// Somebody else's work that the refused form did not know, beside the form that holds one's own.
void write_theirs(Html& h, const PageContext& context, const ClausesView& view,
                  const Versions& versions) {
  const bool conflict = view.error && view.error->reason == "commitments.clause.changed";
  if (!conflict || versions.empty()) {
    return;
  }
  const ClauseVersion& theirs = versions.back();
  h.open("div", {{"class", "notice stack-s"}});
  h.element("h3", Say(context)("clauses.theirs"));
  h.element("p", {{"class", "meta"}}, who_decided(context, theirs));
  write_changes(h, context, nullptr, fields_of(context, theirs));
  if (!theirs.reason.empty()) {
    h.element("p", {{"class", "xs"}}, theirs.reason);
  }
  h.close("div");
}

void write_act(Html& h, const PageContext& context, const std::string& commitment,
               const ClauseView& clause) {
  h.open("form", {{"class", "wide stack"},
                  {"method", "post"},
                  {"action", link(context, "/commitments/" + commitment + "/clauses")}});
  write_csrf(h, context);
  h.empty("input",
          {{"type", "hidden"}, {"name", "ordinal"}, {"value", std::to_string(clause.ordinal)}});
  h.empty("input",
          {{"type", "hidden"}, {"name", "version"}, {"value", std::to_string(clause.version)}});
}

void write_reason(Html& h, const PageContext& context, const std::string& id,
                  std::string_view value) {
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", id}}, Say(context)("titles.reason"));
  h.empty("input", {{"id", id},
                    {"name", "reason"},
                    {"required"},
                    {"value", value},
                    {"maxlength", std::to_string(commitments::kReasonMax)}});
  h.close("div");
}

void write_way_back(Html& h, const PageContext& context, const std::string& commitment,
                    const ClauseView& clause, const Versions& versions) {
  if (clause.set_by == "rule" || versions.empty() || versions.front().version != 0) {
    return;
  }
  const Say say(context);
  h.open("details", {{"class", "disclose"}}).element("summary", say("clauses.back"));
  write_changes(h, context, nullptr, fields_of(context, versions.front()));
  write_act(h, context, commitment, clause);
  h.empty("input", {{"type", "hidden"}, {"name", "back"}, {"value", "yes"}});
  write_reason(h, context, fmt::format("back-{}", clause.ordinal), "");
  h.element("button", say("clauses.back_button", {{"n", std::to_string(clause.ordinal)}}));
  h.close("form").close("details");
}

// The form holds what the editor typed where it was refused, else what counts.
void write_clause_form(Html& h, const PageContext& context, const ClausesView& view,
                       const ClauseView& held) {
  const Say say(context);
  const auto id = [&](std::string_view name) { return fmt::format("{}-{}", name, held.ordinal); };
  ClauseView clause = held;
  const bool mine = view.mine && view.mine->ordinal == held.ordinal && !view.mine->back;
  if (mine) {
    clause.verb = view.mine->verb;
    clause.addressee = view.mine->addressee;
    clause.deliverable = view.mine->deliverable;
    clause.due = view.mine->due;
    clause.formulation = view.mine->formulation;
    clause.qualifiers = view.mine->qualifiers;
  }
  write_act(h, context, view.commitment.row.id, held);
  write_field(
      h, id("verb"), "verb", say("clauses.verb.label"), clause.verb, commitments::kClauseVerbMax,
      clause.verb_printed.empty() ? say("clauses.verb.hint")
                                  : say("clauses.verb.printed", {{"verb", clause.verb_printed}}));
  write_addressee(h, context, id("addressee"), clause);
  write_lines(h, id("deliverable"), "deliverable", say("clauses.deliverable"), clause.language,
              clause.deliverable);
  write_field(h, id("due"), "due", say("clauses.due"), clause.due, 40, say("clauses.due.hint"));
  write_formulation(h, context, id("formulation"), clause);
  write_lines(h, id("qualifiers"), "qualifiers", say("clauses.qualifiers"), clause.language,
              fmt::format("{}", fmt::join(clause.qualifiers, "\n")),
              say("clauses.qualifiers.hint"));
  write_reason(h, context, id("reason"), mine ? std::string_view(view.mine->reason) : "");
  h.element("button", say("clauses.save", {{"n", std::to_string(clause.ordinal)}}));
  h.close("form");
}

void write_clause(Html& h, const PageContext& context, const ClausesView& view,
                  const ClauseView& clause) {
  const Say say(context);
  std::string_view text;
  for (const auto& held : view.commitment.texts) {
    text = held.language == clause.language ? std::string_view(held.text) : text;
  }
  Versions versions;
  std::ranges::copy_if(view.history, std::back_inserter(versions),
                       [&](const auto& one) { return one.ordinal == clause.ordinal; });
  const auto begin = static_cast<std::size_t>(clause.begin);
  const auto end = static_cast<std::size_t>(clause.end);
  // The words beside the form that reads them.
  h.open("section", {{"class", "cols-even part"}}).open("div", {{"class", "stack-s"}});
  h.element("h2", say("clauses.one", {{"n", std::to_string(clause.ordinal)}}));
  if (begin < end && end <= text.size()) {
    h.open("blockquote", {{"class", "official"}, {"lang", clause.language}});
    h.element("p", text.substr(begin, end - begin)).close("blockquote");
  }
  h.element("p", {{"class", "xs"}},
            !clause.set_above_by.empty()
                ? say("set_by.above", {{"name", who_name(context, clause.set_above_by)}})
            : clause.set_by == "rule"
                ? say("set_by.rule")
                : say("clauses.by", {{"name", who_name(context, clause.set_by)}}));
  if (view.mine && view.mine->ordinal == clause.ordinal) {
    write_theirs(h, context, view, versions);
  }
  write_clause_history(h, context, versions);
  write_way_back(h, context, view.commitment.row.id, clause, versions);
  h.close("div");
  write_clause_form(h, context, view, clause);
  h.close("section");
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
    write_clause(h, context, view, clause);
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
