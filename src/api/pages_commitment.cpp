#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include <atalaya/commitments/due_kind.hpp>
#include <atalaya/commitments/quoted_words.hpp>
#include <atalaya/figures/charts.hpp>
#include <atalaya/figures/locale.hpp>

#include "commitment_charts.hpp"
#include "pages_desk_words.hpp"
#include "pages_parts.hpp"

namespace atalaya::api {
namespace {

using commitments::AppearanceView;
using commitments::ClauseView;
using commitments::CommitmentView;
using commitments::TextView;

// The text to show: the page's language where it is held, official before translation; else the
// one whose clauses were read, else any official one.
const TextView* text_for(const PageContext& context, const CommitmentView& view) {
  const auto rank = [&](const TextView& text) {
    int score = text.standing == "official" ? 0 : 1;
    if (text.language != to_string(context.language)) {
      score += 2;
      if (view.clauses.empty() || text.language != view.clauses.front().language) {
        score += 2;
      }
    }
    return score;
  };
  const auto best = std::ranges::min_element(view.texts, {}, rank);
  return best == view.texts.end() ? nullptr : &*best;
}

// "Spanish", "español": the name in the page's language, as it stands in a sentence.
std::string language_name(const PageContext& context, std::string_view code) {
  return Say(context).value("language", code);
}

// One clause's words with its verb in bold. The verb as printed is looked for where the clause
// begins, so that the text stays byte for byte what the document says.
void write_clause_text(Html& h, std::string_view text, const ClauseView& clause) {
  const auto at =
      clause.verb_printed.empty() ? std::string_view::npos : text.find(clause.verb_printed);
  if (at == std::string_view::npos) {
    h.text(text);
    return;
  }
  h.text(text.substr(0, at));
  h.element("span", {{"class", "verb"}}, text.substr(at, clause.verb_printed.size()));
  h.text(text.substr(at + clause.verb_printed.size()));
}

// Clauses of this text in their order; empty where a span does not fit it.
std::vector<const ClauseView*> clauses_of(const CommitmentView& view, const TextView& text) {
  std::vector<const ClauseView*> clauses;
  std::int32_t end = 0;
  for (const auto& clause : view.clauses) {
    const bool fits = clause.begin >= end && clause.end >= clause.begin &&
                      clause.end <= static_cast<std::int32_t>(text.text.size());
    if (clause.language != text.language || !fits) {
      return {};
    }
    end = clause.end;
    clauses.push_back(&clause);
  }
  return clauses;
}

void write_text(Html& h, const PageContext& context, const CommitmentView& view,
                const TextView& text) {
  const auto clauses = clauses_of(view, text);
  const bool foreign = text.language != to_string(context.language);
  if (clauses.size() < 2) {
    h.open("blockquote", {{"class", "official"}, attribute_if(foreign, "lang", text.language)});
    h.open("p");
    if (clauses.empty()) {
      h.text(text.text);
    } else {
      write_clause_text(h, text.text, *clauses.front());
    }
    h.close("p").close("blockquote");
    return;
  }
  h.open("ol", {{"class", "clauses"}, attribute_if(foreign, "lang", text.language)});
  const std::string_view all = text.text;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    // From the end of the clause before to the beginning of the next: no word is left out.
    const auto begin = i == 0 ? 0 : static_cast<std::size_t>(clauses[i]->begin);
    const auto end =
        i + 1 == clauses.size() ? all.size() : static_cast<std::size_t>(clauses[i + 1]->begin);
    h.open("li");
    h.element("span", {{"class", "disc"}, {"aria-hidden", "true"}}, std::to_string(i + 1));
    h.open("p");
    write_clause_text(h, trim(all.substr(begin, end - begin)), *clauses[i]);
    h.close("p").close("li");
  }
  h.close("ol");
}

void write_text_tags(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  h.open("p", {{"class", "tags"}});
  h.element("span", {{"class", "tag"}}, say(view.row.actionable ? "row.asks" : "row.declares"));
  std::set<std::string> formulations;
  for (const auto& clause : view.clauses) {
    formulations.insert(clause.formulation);
  }
  for (const auto& formulation : formulations) {
    if (formulation != "declaratory" || view.row.actionable) {
      h.element("span", {{"class", "tag"}}, say.value("formulation", formulation));
    }
  }
  if (!view.clauses.empty() && view.dues.empty()) {
    h.element("span", {{"class", "tag"}}, say("due.undated"));
  } else if (!view.dues.empty() && std::ranges::none_of(view.dues, [](const auto& due) {
               return due.set_by == "rule" && due.set_above_by.empty();
             })) {
    const auto& due = view.dues.front();
    h.element("span", {{"class", "tag"}},
              say("due.by_person",
                  {{"date", figures::edtf(context.language, due.edtf)},
                   {"name",
                    who_name(context, due.set_above_by.empty() ? due.set_by : due.set_above_by)}}));
  }
  h.close("p");
}

void write_other_texts(Html& h, const PageContext& context, const CommitmentView& view,
                       const TextView& shown) {
  const Say say(context);
  for (const auto& text : view.texts) {
    if (&text == &shown) {
      continue;
    }
    h.open("details", {{"class", "disclose"}});
    h.element("summary", say("text.in", {{"language", language_name(context, text.language)},
                                         {"standing", say.value("standing", text.standing)}}));
    h.open("blockquote", {{"class", "official"}, {"lang", text.language}});
    h.element("p", text.text).close("blockquote").close("details");
  }
}

void write_text_column(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  h.open("div", {{"class", "stack"}});
  h.element("h2", {{"class", "visually-hidden"}}, say("commitment.text"));
  if (!view.same_as.empty()) {
    h.open("p", {{"class", "note"}}).text(say("commitment.same_as")).text(" ");
    h.element("a", {{"href", link(context, "/commitments/" + view.same_as)}}, view.same_as);
    h.close("p").close("div");
    return;
  }
  if (!view.gone_from.empty()) {
    h.open("p", {{"class", "note warn"}}).text(say("commitment.gone")).text(" ");
    h.element("a", {{"href", link(context, "/sources/" + view.gone_from)}},
              say("commitment.gone.newer"));
    h.close("p");
  }
  const TextView* text = text_for(context, view);
  if (text == nullptr) {
    h.element("p", {{"class", "note"}}, say("commitment.not_held"));
    h.element("p", {{"class", "lead"}}, view.row.summary);
    h.element("p", {{"class", "xs"}}, say("commitment.summary_ours"));
    h.close("div");
    return;
  }
  if (view.parent) {
    Html chapeau;
    chapeau.element("a", {{"href", link(context, "/commitments/" + view.parent->id)}},
                    row_title(context, *view.parent));
    h.open("p", {{"class", "small"}});
    h.append(figures::Messages::embedded().rich(context.language, "commitment.under",
                                                {{"chapeau", &chapeau}}));
    h.close("p");
  }
  h.element("p", {{"class", "eyebrow"}}, whose_text(context, text->standing, text->language));
  write_text(h, context, view, *text);
  write_text_tags(h, context, view);
  if (text->language != to_string(context.language)) {
    h.element("p", {{"class", "note"}},
              say("text.only_in", {{"language", language_name(context, text->language)}}));
  }
  if (text->standing != "official") {
    h.element("p", {{"class", "note warn"}}, say("text.translation"));
  }
  if (!view.row.summary.empty()) {
    h.open("p", {{"class", "small"}}).element("b", say("commitment.in_short")).text(" ");
    h.text(view.row.summary).text(" ");
    h.element("span", {{"class", "tag line"}}, say("row.not_official")).close("p");
  }
  write_other_texts(h, context, view, *text);
  write_wording_history(h, context, view);
  h.close("div");
}

void write_line(Html& h, std::string_view css, std::int32_t n, std::string_view text) {
  h.open("li", {{"class", css}}).element("span", {{"class", "n"}}, std::to_string(n));
  h.element("span", {{"class", "t"}}, text).close("li");
}

std::string citation_note(const PageContext& context, const AppearanceView& appearance) {
  const Say say(context);
  const auto& citation = appearance.item.citation;
  switch (citation.status) {
    case commitments::CitationStatus::own:
      return {};
    case commitments::CitationStatus::from_child:
      return say("citation.from_child",
                 {{"citation", document_name(context, appearance.item.effective.document)}});
    case commitments::CitationStatus::from_sibling:
      return say("citation.from_sibling",
                 {{"citation", document_name(context, appearance.item.effective.document)}});
    case commitments::CitationStatus::inferred:
      return say("citation.inferred",
                 {{"document", document_name(context, appearance.item.effective.document)}});
    case commitments::CitationStatus::none:
      break;
  }
  // A whole document of one meeting prints no citation on its paragraphs and needs none.
  return appearance.item.effective.document.empty() ? say("citation.none") : std::string();
}

void write_source_card(Html& h, const PageContext& context, const AppearanceView& appearance) {
  const Say say(context);
  const std::string line = figures::number(context.language, appearance.item.line);
  h.open("div", {{"class", "source-card"}});
  h.open("div").element("h3", say("source.where"));
  h.element(
      "p", {{"class", "sub"}},
      say("source.place", {{"title", source_name(appearance.source_title, appearance.source_theme,
                                            appearance.source_file)},
                           {"line", line},
                           {"lines", figures::number(context.language, appearance.line_count)},
                           {"language", language_name(context, appearance.language)}}));
  h.close("div");
  h.open("details", {{"class", "on-phones"}});
  h.element("summary", say("source.show", {{"line", line}}));
  h.open("ol", {{"class", "lines"},
                attribute_if(!appearance.language.empty(), "lang", appearance.language)});
  for (const auto& [n, text] : appearance.before) {
    write_line(h, "near", n, text);
  }
  for (const auto& [n, text] : appearance.own_lines) {
    write_line(h, "own", n, text);
  }
  for (const auto& [n, text] : appearance.after) {
    write_line(h, "near", n, text);
  }
  h.close("ol").close("details");
  h.open("div", {{"class", "stack-s card-foot"}});
  if (const std::string note = citation_note(context, appearance); !note.empty()) {
    h.open("p").element("span", {{"class", "tag warn"}}, say("source.care")).text(" ").text(note);
    h.close("p");
  }
  if (!appearance.source_theme.empty()) {
    h.element("p", say("source.extract", {{"theme", appearance.source_theme}}));
  }
  h.open("p").element("a",
                      {{"href", link(context, source_line(appearance.source, appearance.item.line,
                                                          appearance.line_count))}},
                      say("source.open"));
  h.close("p").close("div").close("div");
}

std::string addressee_of(const PageContext& context, const ClauseView& clause) {
  if (context.catalogue->find_institution(clause.addressee) != nullptr) {
    return institution_name(context, clause.addressee);
  }
  const std::string kind = Say(context).value("addressee", clause.addressee);
  // A body or a single state that the catalogue has no name for: as the text calls it.
  return clause.addressee == "unnamed_body" && !clause.addressee_printed.empty()
             ? fmt::format("{} ({})", kind, clause.addressee_printed)
             : kind;
}

std::string formulation_of(const PageContext& context, const ClauseView& clause) {
  std::string out = Say(context).value("formulation", clause.formulation);
  std::string_view separator = colon(context);
  for (const auto& qualifier : clause.qualifiers) {
    out += std::string(separator) + Say(context)("row.quoted_short", {{"text", qualifier}});
    separator = ", ";
  }
  return out;
}

std::string set_by(const PageContext& context, std::string_view who, std::string_view above = {}) {
  const Say say(context);
  if (!above.empty()) {
    return say("set_by.above", {{"name", who_name(context, above)}});
  }
  if (who == "rule" || who == "catalogue") {
    return say(who == "rule" ? "set_by.rule" : "set_by.catalogue");
  }
  return say("set_by.person", {{"name", who_name(context, who)}});
}

std::string event_of(const PageContext& context, const std::string& event) {
  return event == "next_summit" ? Say(context)("due_event.next_summit") : event;
}

// The date, and what a rule read beside it: the day on which it is at the latest due, the event.
std::string due_with(const PageContext& context, const std::string& edtf, const std::string& latest,
                     const std::string& event) {
  const Say say(context);
  const std::string_view next = context.language == Language::fr ? "\u00A0; " : "; ";
  std::string out = edtf.empty() ? say("due.undated") : figures::edtf(context.language, edtf);
  if (!latest.empty() && latest != edtf) {
    out.append(next) += say("due.latest", {{"date", figures::edtf(context.language, latest)}});
  }
  if (!event.empty()) {
    out.append(next) += say("due.event", {{"event", event_of(context, event)}});
  }
  return out;
}

// An event of others has a date and no latest day on which anything is due.
std::string latest_of(const std::string& kind, const std::string& latest) {
  return kind == "scheduled_event" ? std::string() : latest;
}

std::string due_of(const PageContext& context, const CommitmentView& view,
                   const ClauseView& clause) {
  const std::string kind = commitments::due_kind(view, clause);
  std::string out =
      due_with(context, clause.due, latest_of(kind, clause.due_latest), clause.due_event);
  if (kind == "scheduled_event") {
    out += " (" + Say(context).value("due_kind", kind) + ")";
  }
  return out;
}

// Where the clause takes its verb and addressee from, when not from its own words.
std::string rests_on(const PageContext& context, const ClauseView& clause) {
  const Say say(context);
  std::string out;
  if (clause.depends_on > 0) {
    out = say("clauses.continues", {{"n", std::to_string(clause.depends_on)}});
  }
  if (clause.verb_from_chapeau) {
    out += (out.empty() ? "" : ", ") + say("clauses.from_chapeau");
  }
  return out;
}

void write_clause_table(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  h.element("h2", say.count("clauses.title", static_cast<std::int64_t>(view.clauses.size())));
  h.element("p", {{"class", "sub"}}, say("clauses.sub"));
  const std::vector<std::string> heads = {say("clauses.verb"), say("clauses.asks"),
                                          say("clauses.whom"), say("clauses.formulation"),
                                          say("clauses.due"),  say("clauses.set_by")};
  h.open("table", {{"class", "stacks clause-table"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (std::size_t i = 0; i < view.clauses.size(); ++i) {
    const auto& clause = view.clauses[i];
    h.open("tr");
    h.open("th", {{"scope", "row"}});
    h.text(fmt::format("{} {}", i + 1,
                       clause.verb_printed.empty() ? clause.verb : clause.verb_printed));
    if (const std::string rests = rests_on(context, clause); !rests.empty()) {
      h.text(" ").element("span", {{"class", "muted xs"}}, rests);
    }
    h.close("th");
    h.element("td", {{"data-l", heads[1]}, {"lang", clause.language}}, clause.deliverable);
    h.element("td", {{"data-l", heads[2]}}, addressee_of(context, clause));
    h.element("td", {{"data-l", heads[3]}}, formulation_of(context, clause));
    h.element("td", {{"data-l", heads[4]}}, due_of(context, view, clause));
    h.element("td", {{"data-l", heads[5]}}, set_by(context, clause.set_by, clause.set_above_by));
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_dues(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  h.element("h3", say("due.title"));
  if (view.dues.empty()) {
    h.element("p", {{"class", "small"}}, say("due.none"));
    return;
  }
  h.open("ul", {{"class", "plain small"}});
  for (const auto& due : view.dues) {
    h.open("li").element("b", due_with(
        context, due.edtf, latest_of(due.kind, due.latest), due.event));
    h.text(" · ").text(say.value("due_kind", due.kind));
    if (!due.printed.empty()) {
      h.text(colon(context)).text(say("row.quoted_short", {{"text", due.printed}}));
    }
    if (due.set_above_by.empty() && commitments::is_from_above(view, due)) {
      h.text(" ").text(say("due.from_chapeau"));
    }
    h.text(" ")
        .element("span", {{"class", "muted"}}, set_by(context, due.set_by, due.set_above_by))
        .close("li");
  }
  h.close("ul");
}

double year_of(const PageContext& context, const commitments::CommitmentRow& row) {
  const auto* meeting = context.catalogue->find_meeting(row.meeting);
  if (meeting != nullptr) {
    if (const auto begins = parse_civil_date(meeting->begins)) {
      return begins->year + (begins->month - 1) / 12.0 + begins->day / 372.0;
    }
  }
  return row.year;
}

figures::TimelineNode node_of(const PageContext& context, const commitments::CommitmentRow& row) {
  figures::TimelineNode node;
  node.id = row.id;
  node.title = row_title(context, row);
  node.url = link(context, "/commitments/" + row.id);
  node.year = year_of(context, row);
  node.place = meeting_city(context, row.meeting);
  node.meeting = row_place(context, row);
  return node;
}

figures::TimelineSpec timeline_of(const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  figures::TimelineSpec spec;
  spec.language = context.language;
  figures::TimelineNode here = node_of(context, view.row);
  here.here = true;
  for (const auto& id : view.instruments) {
    const auto* instrument = context.catalogue->find_instrument(id);
    if (instrument == nullptr || instrument->kind != "treaty" || instrument->adopted_year == 0) {
      continue;
    }
    if (here.names.size() < 3) {
      here.names.push_back(instrument_short(context, id));
    }
    spec.treaties.push_back({instrument_short(context, id), link(context, "/treaties/" + id),
                             static_cast<double>(instrument->adopted_year),
                             static_cast<double>(instrument->in_force_year)});
  }
  spec.nodes.push_back(std::move(here));
  for (const auto& antecedent : view.antecedents) {
    if (!contains(spec.nodes | std::views::transform(&figures::TimelineNode::id),
                  antecedent.other.id)) {
      spec.nodes.push_back(node_of(context, antecedent.other));
    }
    spec.links.push_back({antecedent.earlier, antecedent.later, antecedent.type,
                          say.value("relation", antecedent.type)});
  }
  return spec;
}

}  // namespace

FigureChart chart_of_antecedents(const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  std::int32_t first = view.row.year;
  std::int32_t last = view.row.year;
  for (const auto& antecedent : view.antecedents) {
    first = std::min(first, antecedent.other.year);
    last = std::max(last, antecedent.other.year);
  }
  figures::FigureFrame frame;
  frame.language = context.language;
  frame.id = "antecedents";
  frame.finding =
      say.count("antecedents.finding", static_cast<std::int64_t>(view.antecedents.size()),
                {{"first", std::to_string(first)}, {"last", std::to_string(last)}});
  frame.subtitle = say("antecedents.sub");
  frame.source = say("antecedents.source");
  return {std::move(frame), timeline_of(context, view)};
}

namespace {

void write_antecedents(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  if (view.antecedents.empty()) {
    h.element("h2", say("antecedents.title"));
    h.element("p", {{"class", "small"}}, say("antecedents.none"));
  } else {
    h.append(drawn_as(context, chart_of_antecedents(context, view),
                      "antecedents-" + view.row.id));
  }
  if (context.may_edit) {
    h.open("p").element("a",
                        {{"class", "button"},
                         {"href", link(context, "/commitments/" + view.row.id + "/antecedents")}},
                        say("antecedents.review"));
    h.close("p");
  }
}

void write_links(Html& h, const PageContext& context, const CommitmentView& view,
                 std::string_view kind, const std::vector<std::string>& ids) {
  const Say say(context);
  if (ids.empty()) {
    return;
  }
  const bool themes = kind == "theme";
  const bool treaties = kind == "instrument";
  h.open("div", {{"class", "stack-s"}});
  h.element("h3", say(std::string("links.").append(kind)));
  h.open("ul", {{"class", "plain small"}});
  for (const auto& id : ids) {
    const std::string path = (themes     ? "/themes/"
                              : treaties ? "/treaties/"
                                         : "/institutions/") +
                             id;
    h.open("li").element("a", {{"href", link(context, path)}},
                         themes     ? theme_name(context, id)
                         : treaties ? instrument_name(context, id)
                                    : institution_name(context, id));
    const auto who = view.link_set_by.find(std::string(kind) + ":" + id);
    if (who != view.link_set_by.end() && who->second != "catalogue") {
      h.text(" ").element("span", {{"class", "muted"}}, set_by(context, who->second));
    }
    h.close("li");
  }
  h.close("ul").close("div");
}

// The first words of the text that the row quotes, and "…" where it goes on.
std::string first_words(const CommitmentView& view, std::string* language) {
  const std::string& start = view.row.text_start;
  const auto text = std::ranges::find_if(
      view.texts, [&](const TextView& one) { return one.text.starts_with(start); });
  *language = text == view.texts.end() ? std::string() : text->language;
  const bool whole = text != view.texts.end() && text->text == start;
  std::string words = squeeze(start);
  while (!whole && !words.empty() && std::string_view(" .,;:").contains(words.back())) {
    words.pop_back();
  }
  return whole ? words : words + "…";
}

// "Line 12 of “…”": of the file that holds the words in `language`, else of the first one.
std::string cited_line(const PageContext& context, const CommitmentView& view,
                       std::string_view language) {
  if (view.appearances.empty()) {
    return {};
  }
  const auto same = std::ranges::find(view.appearances, language, &AppearanceView::language);
  const auto& cited = same == view.appearances.end() ? view.appearances.front() : *same;
  return " " +
         Say(context)(
             "cite.line",
             {{"line", figures::number(context.language, cited.item.line)},
              {"source", source_name(cited.source_title, cited.source_theme, cited.source_file)}});
}

std::string citation_of(const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  // Where we have no title of our own the words are the document's; they are not called ours.
  const bool known = context.catalogue->find_meeting(view.row.meeting) != nullptr;
  const bool ours = known && !view.row.title.empty();
  std::string language;
  const std::string words = first_words(view, &language);
  const std::string line =
      cited_line(context, view, ours ? to_string(context.language) : std::string_view(language));
  const std::string address =
      say("cite.url", {{"node", context.node_name},
                       {"url", context.origin + link(context, "/commitments/" + view.row.id)}});
  if (!known) {
    return say("cite.unknown", {{"text", words}, {"id", view.row.id}}) + line + " " + address;
  }
  std::string out = say(ours ? "cite.text" : "cite.untitled",
                        {{"title", ours ? row_title(context, view.row) : words},
                         {"document", document_name(context, view.row.document)},
                         {"meeting", meeting_name(context, view.row.meeting)},
                         {"city", meeting_city(context, view.row.meeting)},
                         {"date", meeting_dates(context, view.row.meeting)},
                         {"id", view.row.id}});
  // Where the document is not known, or the meeting had no city.
  for (auto at = out.find(", , "); at != std::string::npos; at = out.find(", , ", at)) {
    out.erase(at, 2);
  }
  out += line;
  if (!view.row.citation_status.empty()) {
    out += " " + citation_mark(context, view.row);
  }
  return out + " " + address;
}

void write_statements(Html& h, const PageContext& context, const CommitmentView& view) {
  for (const auto& statement : view.statements) {
    h.open("div", {{"class", "note"}});
    h.element("h3",
              Say(context)("statement.title", {{"state", country_name(context, statement.actor)}}));
    h.element("p", statement.text).close("div");
  }
}

void write_neighbours(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  if (view.previous_id.empty() && view.next_id.empty()) {
    return;
  }
  h.open("nav", {{"class", "spread no-print"}, {"aria-label", say("commitment.neighbours")}});
  if (!view.previous_id.empty()) {
    h.element("a", {{"href", link(context, "/commitments/" + view.previous_id)}, {"rel", "prev"}},
              say("commitment.previous"));
  }
  if (!view.next_id.empty()) {
    h.element("a", {{"href", link(context, "/commitments/" + view.next_id)}, {"rel", "next"}},
              say("commitment.next"));
  }
  h.close("nav");
}

void write_commitment_head(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  std::string dates = meeting_dates(context, view.row.meeting);
  std::string city = meeting_city(context, view.row.meeting);
  h.open("div", {{"class", "wrap page-head"}});
  // Of a meeting that the catalogue does not know the document may say the place and the year.
  if (is_other_meeting(*context.catalogue, view.row.meeting)) {
    dates = view.row.year != 0 ? std::to_string(view.row.year) : "";
    city = view.appearances.empty() ? "" : view.appearances.front().item.effective.place;
  }
  const std::string when = city + (city.empty() || dates.empty() ? "" : ", ") + dates;
  std::string place;
  for (const std::string& part : {document_name(context, view.row.document),
                                  meeting_name(context, view.row.meeting), when}) {
    place += part.empty() || place.empty() ? part : " · " + part;
  }
  if (!view.row.citation_status.empty()) {
    place += " " + citation_mark(context, view.row);
  }
  h.element("p", {{"class", "eyebrow"}}, place);
  h.element("h1", {attribute_if(!view.row.title_language.empty(), "lang", view.row.title_language)},
            row_title(context, view.row));
  Html id;
  id.element("b", view.row.id);
  h.open("p", {{"class", "small"}});
  // Where no text is held our summary stands below, and is not the document's words; nor is a
  // translation.
  const TextView* text = text_for(context, view);
  const std::string_view whose = text == nullptr                ? "commitment.ours.not_held"
                                 : view.row.title.empty()       ? "commitment.reference"
                                 : text->standing == "official" ? "commitment.ours"
                                                                : "commitment.ours.translation";
  h.append(figures::Messages::embedded().rich(context.language, whose, {{"id", &id}}));
  h.close("p");
  h.open("p", {{"class", "row"}});
  h.element("button",
            {{"type", "button"},
             {"class", "primary"},
             {"data-copy", "citation"},
             {"data-done", say("cite.copied")},
             {"hidden"}},
            say("cite.copy"));
  h.element("a", {{"class", "button"}, {"href", "/api/v1/commitments/" + view.row.id}},
            say("commitment.download"));
  if (context.may_edit) {
    h.element(
        "a",
        {{"class", "button"}, {"href", link(context, "/commitments/" + view.row.id + "/titles")}},
        say("titles.edit"));
    h.element(
        "a",
        {{"class", "button"}, {"href", link(context, "/commitments/" + view.row.id + "/clauses")}},
        say("clauses.edit"));
    h.element(
        "a",
        {{"class", "button"}, {"href", link(context, "/commitments/" + view.row.id + "/links")}},
        say("links.edit"));
    h.element(
        "a",
        {{"class", "button"}, {"href", link(context, "/commitments/" + view.row.id + "/wording")}},
        say("words.edit"));
  }
  h.close("p").close("div");
}

void write_related(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  h.element("h2", say("commitment.related"));
  h.open("div", {{"class", "facts two"}});
  write_links(h, context, view, "theme", view.themes);
  write_links(h, context, view, "instrument", view.instruments);
  write_links(h, context, view, "institution", view.institutions);
  h.close("div");
  if (!view.children.empty()) {
    h.element("h3", say("commitment.children"));
    h.open("ul", {{"class", "plain small"}});
    for (const auto& child : view.children) {
      h.open("li").element("a", {{"href", link(context, "/commitments/" + child.id)}},
                           row_title(context, child));
      h.close("li");
    }
    h.close("ul");
  }
}

}  // namespace

std::string render_commitment(const PageContext& context, const CommitmentView& held) {
  const Say say(context);
  const CommitmentView view = commitments::quoted_in(held, context.language, *context.catalogue);
  Html h;
  write_commitment_head(h, context, view);
  h.open("div", {{"class", "band"}}).open("div", {{"class", "wrap cols reading"}});
  write_text_column(h, context, view);
  h.open("div", {{"class", "stack"}});
  h.element("h2", {{"class", "visually-hidden"}}, say("source.title"));
  for (const auto& appearance : view.appearances) {
    write_source_card(h, context, appearance);
  }
  write_statements(h, context, view);
  h.close("div").close("div").close("div");
  if (!view.clauses.empty()) {
    open_band(h);
    write_clause_table(h, context, view);
    write_dues(h, context, view);
    close_band(h);
  }
  open_band(h);
  write_antecedents(h, context, view);
  close_band(h);
  if (view.gone_from.empty()) {
    open_band(h);
    h.element("h2", say("followup.country"));
    h.element("p", {{"class", "sub"}}, say("followup.of_commitment"));
    h.open("p").element("a",
                        {{"class", "button"},
                         {"href", link(context, "/follow-up/commitments/" + view.row.id)}},
                        say("followup.by_state"));
    h.text(" ").element("a",
                        {{"href", link(context, fmt::format("/follow-up/commitments/{}/participate",
                                                            view.row.id))},
                         {"rel", "nofollow"}},
                        say("participation.send_one"));
    h.close("p");
    close_band(h);
  }
  if (!view.themes.empty() || !view.instruments.empty() || !view.institutions.empty() ||
      !view.children.empty()) {
    open_band(h);
    write_related(h, context, view);
    close_band(h);
  }
  open_band(h);
  h.element("h2", say("cite.title"));
  h.element("p", {{"class", "citation"}, {"id", "citation"}}, citation_of(context, view));
  write_neighbours(h, context, view);
  close_band(h);
  Shell frame;
  frame.title = row_title(context, view.row);
  frame.description = view.row.summary;
  frame.nav = "commitments";
  frame.crumbs = {{say("nav.commitments"), "/commitments"}};
  if (!view.row.theme.empty()) {
    frame.crumbs.push_back({theme_name(context, view.row.theme), "/themes/" + view.row.theme});
  }
  frame.crumbs.push_back({view.row.year == 0 ? meeting_name(context, view.row.meeting)
                                             : std::to_string(view.row.year),
                          ""});
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
