// The matrix commitments × states, and its rows and columns in words. A cell's three layers stand
// one above the other and are never mixed; each has a letter and a colour.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <atalaya/figures/html.hpp>
#include <atalaya/figures/locale.hpp>

#include "pages_followup_cells.hpp"
#include "pages_participation.hpp"

namespace atalaya::api {
namespace {

using followup::Applicability;
using followup::Cell;
using followup::Counts;
using followup::kNotAssessed;
using followup::kNotReported;
using followup::Matrix;
using followup::Member;
using followup::Scale;
using followup::ScaleValue;

constexpr const char* kElsewhere = "°";   // beside a value of another node's coders
constexpr const char* kOtherScale = "…";  // for a value on another scale than the one shown

struct Mark {
  std::string letter;
  std::int32_t step = 0;
};

Mark mark_of(const PageContext& context, const Scale* scale, std::string_view value) {
  const ScaleValue* found = scale == nullptr ? nullptr : scale->find(value);
  return found == nullptr ? Mark{"–", 0} : Mark{found->mark.in(context.language), found->step};
}

Mark g20_mark(const Scale* scale, std::string_view value) {
  const auto derived = scale == nullptr ? std::nullopt : followup::derive_g20(*scale, value);
  if (!derived) {
    return {"–", 0};
  }
  return {*derived > 0 ? "+1" : *derived < 0 ? "−1" : "0", *derived > 0 ? 5 : *derived < 0 ? 1 : 3};
}

// Treaties answered of those asked for; else how many laws and documents; else whether figures are
// linked, or treaties named: context, which never colours.
Mark data_mark(const Cell& cell) {
  if (cell.treaties > 0) {
    const bool unknown = cell.treaties_unknown == cell.treaties;
    return {unknown ? std::string("?") : fmt::format("{}/{}", cell.treaties_party, cell.treaties),
            unknown ? 0 : 1 + 4 * cell.treaties_party / cell.treaties};
  }
  if (cell.entries > 0) {
    return {fmt::format("{}", cell.entries), 3};
  }
  return {cell.measured ? "M" : cell.named > 0 ? "c" : "–", cell.measured ? 2 : 0};
}

void write_mark(Html& h, const Mark& mark) {
  if (mark.step > 0) {
    h.element("i", {{"class", fmt::format("mk{}", mark.step)}}, mark.letter);
  } else {
    h.element("i", mark.letter);
  }
}

// A value was recorded where none is counted: nobody knows whether the actor took part, or it left.
bool is_uncounted(const Cell& cell) {
  return cell.applicability != Applicability::applicable &&
         (cell.report != kNotReported || followup::is_assessed(cell));
}

// "Results: Worsened (Node)".
std::string other_scale_words(const PageContext& context, const followup::Reference& reference,
                              const followup::OtherAssessment& one) {
  return labelled(context, reference.find_scale(one.scale)->label.in(context.language),
                  value_name(context, reference, one.scale, one.value) +
                      (one.node.empty() ? std::string() : fmt::format(" ({})", one.node)));
}

std::string other_scales_words(const PageContext& context, const followup::Reference& reference,
                               const Cell& cell) {
  std::vector<std::string> out;
  for (const auto& one : cell.other_scales) {
    out.push_back(other_scale_words(context, reference, one));
  }
  return fmt::format("{}", fmt::join(out, "; "));
}

// The value on the scale shown, with the sign of another institution's coders, which leads to the
// nodes' names below; else a sign for those on other scales, with these in words.
void write_assessment_mark(Html& h, const PageContext& context, const MatrixView& view,
                           const Cell& cell, bool counted) {
  if (cell.assessment == kNotAssessed && !cell.other_scales.empty()) {
    const std::string words = other_scales_words(context, *view.reference, cell);
    h.open("i", {{"title", words}}).text(kOtherScale);
    h.element("span", {{"class", "visually-hidden"}}, words).close("i");
    return;
  }
  const Scale* scale = view.reference->find_scale(view.query.scale);
  Mark mark =
      view.g20 ? g20_mark(scale, cell.assessment) : mark_of(context, scale, cell.assessment);
  mark.letter += cell.assessment_node.empty() ? "" : kElsewhere;
  mark.step = counted ? mark.step : 0;
  write_mark(h, mark);
}

void write_cell(Html& h, const PageContext& context, const MatrixView& view, const Cell& cell) {
  const bool unknown = cell.applicability == Applicability::participation_unknown;
  if (is_uncounted(cell)) {
    // The report and the assessment stay to be seen; they enter no count.
    const std::string why = Say(context)(unknown ? "followup.reported_uncounted"
                                                 : "followup.recorded_uncounted");
    h.open("td", {{"class", "na"}, {"title", why}});
    write_mark(h, {mark_of(context, view.reference->find_scale("state_report"), cell.report).letter,
                   0});
    write_assessment_mark(h, context, view, cell, false);
    h.text(unknown ? " ?" : " ·").element("span", {{"class", "visually-hidden"}}, why);
    h.close("td");
    return;
  }
  if (cell.applicability != Applicability::applicable) {
    h.element("td", {{"class", "na"}}, unknown ? "?" : "·");
    return;
  }
  h.open("td", {{"class", "c3"}});
  write_mark(h, mark_of(context, view.reference->find_scale("state_report"), cell.report));
  write_assessment_mark(h, context, view, cell, true);
  write_mark(h, data_mark(cell));
  h.close("td");
}

void write_scale_legend(Html& h, const PageContext& context, const Scale& scale,
                        std::string_view none) {
  h.open("ul", {{"class", "key marks"}});
  h.open("li").element("b", scale.label.in(context.language)).close("li");
  h.open("li").element("span", {{"class", "mk"}}, "–").text(none).close("li");
  for (const ScaleValue& value : scale.values) {
    h.open("li").element("span", {{"class", fmt::format("mk mk{}", value.step)}},
                         value.mark.in(context.language));
    h.text(value.label.in(context.language)).close("li");
  }
  h.close("ul");
}

void write_legend(Html& h, const PageContext& context, const MatrixView& view) {
  const Say say(context);
  h.open("div", {{"class", "stack-s"}});
  write_scale_legend(h, context, *view.reference->find_scale("state_report"),
                     say("followup.not_reported"));
  if (view.g20) {
    h.element("p", {{"class", "xs"}}, say("followup.g20.note"));
  } else {
    write_scale_legend(h, context, *view.reference->find_scale(view.query.scale),
                       say("followup.not_assessed"));
  }
  if (view.counts.assessed > view.counts.assessed_on_scale) {
    h.element("p", {{"class", "xs"}},
              fmt::format("{} {}", kOtherScale, say("followup.other_scale")));
  }
  h.open("ul", {{"class", "key marks"}});
  h.open("li").element("b", say("followup.data")).close("li");
  const std::pair<const char*, const char*> marks[] = {
      {"1/2", "followup.data.treaties"}, {"3", "followup.data.entries"},
      {"M", "followup.data.measured"},   {"c", "followup.data.context"},
      {"–", "followup.data.none"},       {"·", "followup.not_applicable"},
      {"?", "followup.unknown"}};
  for (const auto& [letter, key] : marks) {
    h.open("li").element("span", {{"class", "mk"}}, letter).text(say(key)).close("li");
  }
  h.close("ul");
  std::set<std::string> nodes;
  for (const Cell& cell : view.matrix.cells) {
    nodes.insert(cell.assessment_node);
  }
  nodes.erase("");
  if (!nodes.empty()) {
    const std::vector<std::string> names(nodes.begin(), nodes.end());
    h.element(
        "p", {{"class", "xs"}},
        fmt::format("{} {}", kElsewhere,
                    say("followup.node", {{"node", figures::list(context.language, names)}})));
  }
  h.close("div");
}

void write_option(Html& h, std::string_view value, std::string_view chosen,
                  std::string_view label) {
  h.element("option", {{"value", value}, attribute_if(value == chosen, "selected")}, label);
}

void write_filters(Html& h, const PageContext& context, const MatrixView& view) {
  const Say say(context);
  h.open("form",
         {{"method", "get"}, {"action", link(context, "/follow-up")}, {"class", "filters"}});
  h.open("div", {{"class", "field"}}).element("label", {{"for", "f-who"}}, say("followup.who_for"));
  h.open("select", {{"id", "f-who"}, {"name", "who"}});
  for (const std::string_view who : {"states", "parliaments", "institutions"}) {
    write_option(h, who, view.who, say(fmt::format("followup.of.{}", who)));
  }
  h.close("select").close("div");
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", "f-theme"}}, say("theme.with_narrower"));
  h.open("select", {{"id", "f-theme"}, {"name", "theme"}});
  write_option(h, "", view.query.theme, say("followup.all"));
  for (const auto& theme : context.catalogue->themes()) {
    write_option(h, theme.id, view.query.theme, theme.label.in(context.language));
  }
  h.close("select").close("div");
  h.open("div", {{"class", "field"}}).element("label", {{"for", "f-series"}}, say("field.series"));
  h.open("select", {{"id", "f-series"}, {"name", "series"}});
  write_option(h, "", view.query.series, say("followup.all"));
  for (const std::string_view series : {"summit", "mispa"}) {
    write_option(h, series, view.query.series, say.value("series", series));
  }
  h.close("select").close("div");
  h.open("div", {{"class", "field"}}).element("label", {{"for", "f-scale"}}, say("followup.scale"));
  h.open("select", {{"id", "f-scale"}, {"name", "scale"}});
  const std::string chosen = view.g20 ? "g20" : view.query.scale;
  for (const Scale& scale : view.reference->scales()) {
    if (scale.layer == "assessment") {
      write_option(h, scale.id, chosen, scale.label.in(context.language));
    }
  }
  write_option(h, "g20", chosen, say("followup.g20"));
  h.close("select").close("div");
  h.open("div", {{"class", "field"}}).element("label", {{"for", "f-as-of"}}, say("followup.as_of"));
  h.empty("input",
          {{"id", "f-as-of"}, {"name", "as_of"}, {"type", "date"}, {"value", view.matrix.as_of}});
  h.close("div").open("div", {{"class", "field"}});
  h.element("label", {{"for", "f-known"}}, say("followup.known_on"));
  h.empty("input", {{"id", "f-known"},
                    {"name", "known_on"},
                    {"type", "date"},
                    {"value", view.query.known_on ? to_string(*view.query.known_on) : ""}});
  h.close("div").element("button", {{"type", "submit"}}, say("followup.show")).close("form");
}

std::string scale_label(const PageContext& context, const MatrixView& view) {
  return view.reference->find_scale(view.query.scale)->label.in(context.language);
}

// Of a page about one commitment or actor: what is as it was known, and what is as of today.
void write_known_on(Html& h, const PageContext& context, const MatrixView& view) {
  if (!view.query.known_on) {
    return;
  }
  const Say say(context);
  h.element("p", {{"class", "note"}},
            say("followup.known_on.note",
                {{"date", shown_date(context, to_string(*view.query.known_on))}}));
  h.element("p", {{"class", "xs"}}, say("followup.known_on.today"));
}

std::string page_path(const MatrixView& view, std::int32_t page) {
  std::string out = fmt::format("/follow-up?scale={}&as_of={}", view.g20 ? "g20" : view.query.scale,
                                view.matrix.as_of);
  if (!view.query.theme.empty()) {
    out += "&theme=" + figures::url_encode(view.query.theme);
  }
  if (view.who != "states") {
    out += "&who=" + view.who;
  } else if (!view.query.series.empty()) {
    out += "&series=" + figures::url_encode(view.query.series);
  }
  if (view.query.known_on) {
    out += "&known_on=" + to_string(*view.query.known_on);
  }
  return page > 1 ? fmt::format("{}&page={}", out, page) : out;
}

void write_counts(Html& h, const PageContext& context, const MatrixView& view) {
  const Say say(context);
  const Counts& counts = view.counts;
  const auto write = [&](const std::string& label, std::int32_t n) {
    h.open("div").element("dt", label).open("dd");
    h.element("b", figures::number(context.language, n)).close("dd").close("div");
  };
  h.open("dl", {{"class", "keys"}});
  write(say("followup.count.applicable"), counts.applicable);
  write(say("followup.count.reported"), counts.reported);
  write(say("followup.count.assessed"), counts.assessed);
  if (counts.assessed > counts.assessed_on_scale) {
    write(say("followup.count.on_scale", {{"scale", scale_label(context, view)}}),
          counts.assessed_on_scale);
  }
  write(say("followup.count.with_data"), counts.with_data);
  write(say("followup.count.unknown"), counts.participation_unknown);
  h.close("dl");
}

void write_matrix_table(Html& h, const PageContext& context, const MatrixView& view) {
  const Say say(context);
  const Matrix& matrix = view.matrix;
  h.open("div", {{"class", "scroll"},
                 {"tabindex", "0"},
                 {"role", "region"},
                 {"aria-label", say("followup.matrix")}});
  h.open("table", {{"class", "matrix"}}).open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, say("followup.commitment"));
  for (const std::string& actor : matrix.actors) {
    h.open("th", {{"scope", "col"}});
    h.open("a", {{"href", link(context, "/follow-up/actors/" + actor)}});
    const std::string_view country = followup::country_of(actor);
    h.open("abbr", {{"title", actor_name(context, actor)}});
    const auto* institution = context.catalogue->find_institution(actor);
    const std::string acronym =
        institution == nullptr ? std::string() : institution->acronym.in(context.language);
    h.text(!country.empty()   ? std::string(country)
           : !acronym.empty() ? acronym
                              : actor_name(context, actor));
    h.close("abbr");
    h.close("a").close("th");
  }
  h.close("tr").close("thead").open("tbody");
  for (std::size_t row = 0; row < matrix.commitments.size(); ++row) {
    const Member& member = matrix.commitments[row];
    h.open("tr").open("th", {{"scope", "row"}});
    h.text(std::to_string(member.row.year) + " ");
    h.element("a", {{"href", link(context, "/follow-up/commitments/" + member.row.id)}},
              row_title(context, member.row));
    h.close("th");
    for (std::size_t actor = 0; actor < matrix.actors.size(); ++actor) {
      write_cell(h, context, view, matrix.at(row, actor));
    }
    h.close("tr");
  }
  h.close("tbody").close("table").close("div");
}

std::string data_words(const PageContext& context, const Cell& cell) {
  const Say say(context);
  std::vector<std::string> parts;
  if (cell.treaties > 0) {
    parts.push_back(say("followup.data.party_to",
                        {{"n", figures::number(context.language, cell.treaties_party)},
                         {"all", figures::number(context.language, cell.treaties)}}));
    if (cell.treaties_unknown > 0) {
      parts.push_back(say("followup.data.unknown",
                          {{"n", figures::number(context.language, cell.treaties_unknown)}}));
    }
  }
  if (cell.entries > 0) {
    parts.push_back(say.count("followup.data.n", cell.entries));
  }
  if (cell.named > 0 && cell.named_unknown == cell.named) {
    parts.push_back(say.count("followup.data.named_unknown", cell.named));
  } else if (cell.named > 0) {
    parts.push_back(say.count("followup.data.named", cell.named,
                              {{"party", figures::number(context.language, cell.named_party)}}));
    if (cell.named_unknown > 0) {
      parts.back() +=
          fmt::format(", {}", say("followup.data.unknown",
                                  {{"n", figures::number(context.language, cell.named_unknown)}}));
    }
  }
  if (cell.measured) {
    parts.push_back(say("followup.data.measured"));
  }
  return parts.empty() ? say("followup.data.none") : fmt::format("{}", fmt::join(parts, "; "));
}

void write_value(Html& h, const PageContext& context, const MatrixView& view,
                 std::string_view scale_id, std::string_view value) {
  const Scale* scale = view.reference->find_scale(scale_id);
  const ScaleValue* found = scale == nullptr ? nullptr : scale->find(value);
  h.element("span", {{"class", fmt::format("mk wide mk{}", found == nullptr ? 0 : found->step)}},
            value_name(context, *view.reference, scale_id, value));
}

// The value on the scale that the head names, then those on others, each with its scale.
void write_assessments(Html& h, const PageContext& context, const MatrixView& view,
                       const Cell& cell, std::string_view label) {
  h.open("td", {{"data-l", label}});
  if (cell.assessment != kNotAssessed || cell.other_scales.empty()) {
    write_value(h, context, view, view.query.scale, cell.assessment);
  }
  if (!cell.assessment_node.empty()) {
    h.text(" ").element("span", {{"class", "xs"}},
                        Say(context)("followup.node", {{"node", cell.assessment_node}}));
  }
  for (const auto& one : cell.other_scales) {
    h.element("div", {{"class", "xs"}}, other_scale_words(context, *view.reference, one));
  }
  h.close("td");
}

// Either the commitments of one actor or the actors of one commitment.
std::string uncounted_words(const PageContext& context, const MatrixView& view, const Cell& cell) {
  const Say say(context);
  std::string values;
  if (cell.report != kNotReported) {
    values = labelled(context, say("layer.state_report"),
                      value_name(context, *view.reference, "state_report", cell.report));
  }
  if (cell.assessment != followup::kNotAssessed) {
    values += fmt::format(
        "{}{}", values.empty() ? "" : "; ",
        labelled(context, say("layer.assessment"),
                 value_name(context, *view.reference, view.query.scale, cell.assessment) +
                     (cell.assessment_node.empty() ? std::string()
                                                   : fmt::format(" ({})", cell.assessment_node))));
  }
  if (!cell.other_scales.empty()) {
    values += fmt::format("{}{}", values.empty() ? "" : "; ",
                          other_scales_words(context, *view.reference, cell));
  }
  return say("followup.uncounted",
             {{"why", say.value("applicability", to_string(cell.applicability))},
              {"values", values}});
}

void write_words_table(Html& h, const PageContext& context, const MatrixView& view, bool by_actor) {
  const Say say(context);
  const std::vector<std::string> heads = {
      by_actor ? say("followup.actor") : say("followup.commitment"),
      say(view.matrix.actors.empty() ? "layer.state_report"
                                     : report_layer(view.matrix.actors.front())),
      labelled(context, say("layer.assessment"), scale_label(context, view)), say("layer.data")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  const Matrix& matrix = view.matrix;
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    const Member& member = matrix.commitments[i / matrix.actors.size()];
    const std::string& actor = matrix.actors[i % matrix.actors.size()];
    const Cell& cell = matrix.cells[i];
    h.open("tr").open("th", {{"scope", "row"}});
    if (!by_actor) {
      h.text(std::to_string(member.row.year) + " ");
    }
    h.element(
        "a", {{"href", link(context, fmt::format("/follow-up/cells/{}/{}", member.row.id, actor))}},
        by_actor ? actor_name(context, actor) : row_title(context, member.row));
    h.close("th");
    if (cell.applicability != Applicability::applicable) {
      h.open("td", {{"colspan", "3"}});
      h.element("span", {{"class", "muted"}},
                is_uncounted(cell)
                    ? uncounted_words(context, view, cell)
                    : say.value("applicability", to_string(cell.applicability)));
      h.close("td").close("tr");
      continue;
    }
    h.open("td", {{"data-l", heads[1]}});
    write_value(h, context, view, "state_report", cell.report);
    h.close("td");
    write_assessments(h, context, view, cell, heads[2]);
    h.open("td", {{"data-l", heads[3]}}).element("span", data_words(context, cell)).close("td");
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_feed_link(Html& h, const PageContext& context, const std::string& topic) {
  h.element("a",
            {{"href", fmt::format("/api/v1/follow-up/feed?lang={}{}{}", to_string(context.language),
                                  topic.empty() ? "" : "&", topic)},
             {"type", "application/atom+xml"}},
            Say(context)("followup.feed"));
}

Shell followup_shell(const PageContext& context, std::string title) {
  const Say say(context);
  Shell frame;
  frame.nav = "follow_up";
  frame.title = std::move(title);
  frame.crumbs = {{say("nav.follow_up"), "/follow-up"}, {frame.title, ""}};
  return frame;
}

}  // namespace

bool is_parliament(std::string_view actor) {
  return !followup::country_of(actor).empty() && followup::country_of(actor) != actor;
}

const char* report_layer(std::string_view actor) {
  return is_parliament(actor)                  ? "brief.priorities.report"
         : followup::country_of(actor).empty() ? "layer.institution_report"
                                               : "layer.state_report";
}

const char* own_words(std::string_view actor) {
  return is_parliament(actor)                  ? "followup.words.parliament"
         : followup::country_of(actor).empty() ? "followup.words.institution"
                                               : "followup.words";
}

std::string actor_name(const PageContext& context, std::string_view actor) {
  const std::string_view country = followup::country_of(actor);
  if (country.empty()) {
    return institution_name(context, actor);
  }
  return country == actor
             ? country_name(context, actor)
             : Say(context)("followup.parliament", {{"country", country_name(context, country)}});
}

std::string value_name(const PageContext& context, const followup::Reference& reference,
                       std::string_view scale, std::string_view value) {
  const Scale* found = reference.find_scale(scale);
  const ScaleValue* named = found == nullptr ? nullptr : found->find(value);
  if (named != nullptr) {
    return named->label.in(context.language);
  }
  return Say(context)(value == kNotReported ? "followup.not_reported" : "followup.not_assessed");
}

std::string render_matrix(const PageContext& context, const MatrixView& view) {
  const Say say(context);
  Html h;
  h.reserve(400'000);
  write_head(h, {"", say("followup.matrix"), say("followup.matrix.lead")});
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap stack"}});
  if (!context.account.empty()) {
    h.open("p").element("a", {{"href", link(context, "/desk/follow-up")}}, say("tasks.title"));
    h.close("p");
  }
  h.open("p", {{"class", "row"}});
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kParts = {
      {{"/deadlines", "deadlines.title"},
       {"/deadlines/reports", "deadlines.calendar"},
       {"/treaties/matrix", "treaties.matrix"},
       {"/rounds", "rounds.title"},
       {"/checklists", "checklists.title"},
       {"/registers", "registers.title"},
       {"/participation", "participation.title"}}};
  for (const auto& [path, key] : kParts) {
    h.element("a", {{"href", link(context, path)}}, say(key));
  }
  h.close("p");
  h.element("h2", say("followup.matrix.on", {{"date", shown_date(context, view.matrix.as_of)}}));
  write_filters(h, context, view);
  if (view.query.known_on) {
    h.element("p", {{"class", "note"}},
              say("followup.known_on.note",
                  {{"date", shown_date(context, to_string(*view.query.known_on))}}));
  }
  write_counts(h, context, view);
  write_legend(h, context, view);
  if (view.query.known_on) {
    h.element("p", {{"class", "xs"}}, say("followup.known_on.today"));
  }
  write_matrix_table(h, context, view);
  const std::int64_t pages = (view.matrix.total + kMatrixRows - 1) / kMatrixRows;
  if (pages > 1) {
    write_pager(h, context, pages, view.page,
                [&](std::int32_t page) { return page_path(view, page); });
  }
  h.element("p", {{"class", "small"}}, say("followup.matrix.note"));
  h.open("p", {{"class", "row"}});
  h.element("a",
            {{"class", "button"},
             {"href", fmt::format("/api/v1/follow-up/cells?format=csv&who={}&scale={}&as_of={}{}{}",
                                  view.who, view.query.scale, view.matrix.as_of,
                                  view.query.theme.empty() ? "" : "&theme=",
                                  figures::url_encode(view.query.theme))}},
            say("followup.csv"));
  h.element(
      "a",
      {{"href", fmt::format("/api/v1/follow-up/download?lang={}", to_string(context.language))}},
      say("followup.package"));
  write_feed_link(h, context, view.query.theme.empty() ? "" : "theme=" + view.query.theme);
  h.close("p").close("div").close("section");
  Shell frame = followup_shell(context, say("followup.matrix"));
  frame.crumbs = {{frame.title, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_commitment_followup(const PageContext& context, const MatrixView& view) {
  const Say say(context);
  const Member& member = view.matrix.commitments.front();
  Html h;
  write_head(h, {row_place(context, member.row), row_title(context, member.row),
                 say("followup.of_commitment")});
  open_band(h);
  h.open("p").element("a", {{"href", link(context, "/commitments/" + member.row.id)}},
                      say("followup.text"));
  h.close("p");
  write_known_on(h, context, view);
  write_counts(h, context, view);
  write_words_table(h, context, view, true);
  h.open("p");
  write_feed_link(h, context, "commitment=" + member.row.id);
  h.close("p");
  close_band(h);
  write_alternative_reports(h, context, view.alternatives,
                            fmt::format("/follow-up/commitments/{}/participate", member.row.id));
  return shell(context, followup_shell(context, row_title(context, member.row)), h);
}

std::string render_actor_followup(const PageContext& context, const MatrixView& view) {
  const Say say(context);
  const std::string name = actor_name(context, view.matrix.actors.front());
  Html h;
  write_head(h, {view.query.theme.empty() ? "" : theme_name(context, view.query.theme),
                 say("followup.of_actor", {{"name", name}}), say("followup.of_actor.lead")});
  open_band(h);
  write_known_on(h, context, view);
  write_counts(h, context, view);
  write_words_table(h, context, view, false);
  h.open("p", {{"class", "row"}});
  h.element("a",
            {{"class", "button"},
             {"href", fmt::format("/api/v1/follow-up/reports?format=csv&actor={}",
                                  view.matrix.actors.front())}},
            say("followup.reports.csv"));
  write_feed_link(h, context, "actor=" + view.matrix.actors.front());
  h.element("a", {{"href", link(context, "/deadlines?actor=" + view.matrix.actors.front())}},
            say("deadlines.title"));
  h.close("p");
  close_band(h);
  return shell(context, followup_shell(context, name), h);
}

void write_country_followup(Html& h, const PageContext& context, const MatrixView& view) {
  const Say say(context);
  open_band(h, {{"id", "follow-up"}});
  h.element("h2", say("followup.country"));
  h.element("p", {{"class", "sub"}}, say("followup.country.sub"));
  write_counts(h, context, view);
  h.open("p").element("a",
                      {{"class", "button primary"},
                       {"href", link(context, "/follow-up/actors/" + view.matrix.actors.front())}},
                      say("followup.country.all"));
  h.close("p");
  close_band(h);
}

}  // namespace atalaya::api
