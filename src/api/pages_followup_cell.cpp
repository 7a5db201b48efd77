// One cell: three layers side by side, never mixed, and the history of its values.
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include <atalaya/figures/html.hpp>
#include <atalaya/figures/locale.hpp>

#include "pages_followup_cells.hpp"
#include "pages_participation.hpp"

namespace atalaya::api {
namespace {

using followup::CellData;
using followup::Code;
using followup::Coding;
using followup::CodingStage;
using followup::kNotAssessed;
using followup::kNotReported;
using followup::Report;
using followup::SourceRef;

void write_value(Html& h, const PageContext& context, const followup::Reference& reference,
                 std::string_view scale, std::string_view value) {
  const auto* found = reference.find_scale(scale);
  const auto* named = found == nullptr ? nullptr : found->find(value);
  h.open("p").element("span",
                      {{"class", fmt::format("mk wide mk{}", named == nullptr ? 0 : named->step)}},
                      value_name(context, reference, scale, value));
  h.close("p");
  if (named != nullptr) {
    h.element("p", {{"class", "xs"}}, named->definition.in(context.language));
  }
}

void write_sources(Html& h, const PageContext& context, const std::vector<SourceRef>& sources,
                   bool elsewhere = false) {
  if (sources.empty()) {
    return;
  }
  h.element("h4", Say(context)("followup.sources"));
  h.open("ul", {{"class", "plain small"}});
  for (const SourceRef& source : sources) {
    h.open("li");
    const std::string title = source.title.empty() ? source.url : source.title;
    if (source.url.empty()) {
      h.text(title);
    } else {
      h.element("a", {{"href", figures::safe_url(source.url)}, {"rel", "nofollow"}}, title);
    }
    if (!source.file.empty()) {
      h.text(" ");
      if (elsewhere) {
        h.text(Say(context)("followup.kept_elsewhere"));
      } else {
        h.element("a", {{"href", "/api/v1/follow-up/files/" + source.file}},
                  Say(context)("followup.kept_file"));
      }
      h.text(" ").element("span", {{"class", "xs"}},
                          fmt::format("SHA-256 {}…", source.file.substr(0, 16)));
    }
    write_no_copy(h, context, source, elsewhere);
    h.close("li");
  }
  h.close("ul");
}

void write_words(Html& h, std::string_view label, std::string_view text,
                 std::string_view language) {
  if (!text.empty()) {
    h.element("h4", label);
    h.element("p", {{"lang", language}}, text);
  }
}

void write_earlier_reports(Html& h, const PageContext& context, const CellView& view) {
  if (view.reports.size() < 2) {
    return;
  }
  const Say say(context);
  h.open("details", {{"class", "disclose"}, {"id", "versions"}});
  h.element("summary",
            say.count("followup.versions", static_cast<std::int64_t>(view.reports.size()) - 1));
  for (const Report& report : std::span(view.reports).subspan(1)) {
    h.element("h4", say("followup.version", {{"n", std::to_string(report.version)}}));
    write_value(h, context, *view.reference, "state_report", report.value);
    write_report_words(h, context, report);
  }
  h.close("details");
}

// A layer without a value: not reported or not assessed where the actor answers for it; elsewhere
// nothing was to be said.
void write_no_value(Html& h, const PageContext& context, const CellView& view,
                    std::string_view scale, std::string_view none) {
  if (view.cell.applicability == followup::Applicability::applicable) {
    write_value(h, context, *view.reference, scale, none);
  } else {
    h.element("p", {{"class", "muted"}},
              Say(context).value("applicability", to_string(view.cell.applicability)));
  }
}

void write_report(Html& h, const PageContext& context, const CellView& view) {
  const Say say(context);
  h.open("section", {{"class", "rp"}}).element("h3", say(report_layer(view.actor)));
  if (view.cell.report == kNotReported) {
    write_no_value(h, context, view, "state_report", kNotReported);
  } else {
    write_value(h, context, *view.reference, "state_report", view.cell.report);
  }
  if (!view.reports.empty()) {
    write_report_words(h, context, view.reports.front());
  }
  write_earlier_reports(h, context, view);
  if (view.may_say_part) {
    h.element("p", {{"class", "note"}}, say("report.participation_first"));
    h.open("p").element(
        "a",
        {{"class", "button"},
         {"href", link(context, fmt::format("/follow-up/cells/{}/{}/data#participation",
                                            view.member.row.id, view.actor))}},
        say("followup.participation"));
    h.close("p");
  }
  if (view.may_report) {
    h.open("p").element("a",
                        {{"class", "button"},
                         {"href", link(context, fmt::format("/follow-up/cells/{}/{}/report",
                                                            view.member.row.id, view.actor))}},
                        say("followup.write_report"));
    h.close("p");
  }
  h.close("section");
}

void write_code(Html& h, const PageContext& context, const followup::Reference& reference,
                const std::string& scale, const Code& code, bool elsewhere) {
  const Say say(context);
  h.open("details", {{"class", "disclose"}}).open("summary");
  h.text(labelled(context, who_name(context, code.coder),
                  value_name(context, reference, scale, code.value)));
  h.close("summary");
  write_words(h, say("followup.reasons"), code.reasons, "");
  write_words(h, say("followup.provision"), code.provision, "");
  write_words(h, say("followup.interest"), code.interest, "");
  write_sources(h, context, code.sources, elsewhere);
  h.close("details");
}

void write_coding_parts(Html& h, const PageContext& context, const CellView& view,
                        const Coding& coding) {
  const Say say(context);
  const auto* scale = view.reference->find_scale(coding.scale);
  h.element("h4", fmt::format("{}, {}",
                              scale == nullptr ? coding.scale : scale->label.in(context.language),
                              shown_date(context, coding.as_of)));
  if (coding.stage != CodingStage::published) {
    h.open("p").element("span", {{"class", "tag draft"}},
                        say.value("coding.stage", to_string(coding.stage)));
    h.text(" ").element("a", {{"href", link(context, fmt::format("/desk/codings/{}", coding.id))}},
                        say("followup.open_coding"));
    h.close("p");
    return;
  }
  write_value(h, context, *view.reference, coding.scale, coding.value);
  h.element(
      "p", {{"class", "xs"}},
      say("followup.coded_by", {{"version", std::to_string(coding.criteria.version)},
                                {"from", shown_date(context, coding.window_from)},
                                {"to", shown_date(context, coding.window_to)},
                                {"date", shown_date(context, coding.published_at.substr(0, 10))}}));
  h.element("p", {{"class", "xs"}},
            coding.node.empty() ? say("followup.node.own", {{"node", context.node_name}})
                                : say("followup.node", {{"node", coding.node}}));
  if (coding.dissent) {
    h.open("p").element("span", {{"class", "tag warn"}}, say("followup.dissent")).close("p");
  }
  for (const Code& code : coding.codes) {
    write_code(h, context, *view.reference, coding.scale, code, !coding.node.empty());
  }
  write_words(h, decision_heading(context, coding), coding.decision, "");
  write_words(h,
              coding.replied_by.empty()
                  ? say("followup.reply")
                  : say("followup.reply.by", {{"name", who_name(context, coding.replied_by)}}),
              coding.reply, coding.reply_language);
  h.open("details", {{"class", "disclose"}}).element("summary", say("followup.criteria"));
  h.element("p", coding.criteria.text).close("details");
}

void write_assessment(Html& h, const PageContext& context, const CellView& view) {
  const Say say(context);
  h.open("section", {{"class", "as"}}).element("h3", say("layer.assessment"));
  const bool any = std::ranges::any_of(
      view.codings, [](const Coding& coding) { return coding.stage == CodingStage::published; });
  if (!any) {
    write_no_value(h, context, view, "implementation", kNotAssessed);
  }
  for (const Coding& coding : view.codings) {
    write_coding_parts(h, context, view, coding);
  }
  for (const auto& [scale, agreement] : view.agreement) {
    if (agreement.alpha) {
      h.element(
          "p", {{"class", "xs"}},
          say("followup.alpha", {{"alpha", figures::decimal(context.language, *agreement.alpha, 2)},
                                 {"n", figures::number(context.language, agreement.units)}}) +
              " " +
              say(agreement.level == followup::DataLevel::ordinal ? "followup.alpha.ordinal"
                                                                  : "followup.alpha.nominal"));
    }
  }
  if (view.may_open) {
    h.open("p").element(
        "a",
        {{"class", "button"},
         {"href", link(context, fmt::format("/desk/codings/new?commitment={}&actor={}",
                                            view.member.row.id, view.actor))}},
        say("followup.new_coding"));
    h.close("p");
  }
  h.close("section");
}

void write_figure(Html& h, const PageContext& context, const CellData::Figure& figure) {
  const Say say(context);
  h.open("li");
  h.element("a", {{"href", link(context, "/figures/" + figure.link.indicator)}},
            figure.figure.title);
  if (figure.figure.value) {
    h.text(": ").element("b", followup::figure_words(context.language, figure.figure));
    h.text(fmt::format(", {} · {}", figure.figure.period, figure.figure.release));
    if (figure.figure.synthetic) {
      h.text(" ").element("span", {{"class", "tag warn"}}, say("followup.synthetic"));
    }
  } else {
    h.text(": " + say.value("followup.figure", figure.figure.status));
  }
  h.element("p", {{"class", "xs"}},
            labelled(context, say.value("followup.link", figure.link.kind),
                     link_words(context, figure.link)));
  if (figure.baseline) {
    h.element("p", {{"class", "xs"}}, say("followup.link.baseline") + ".");
  }
  h.close("li");
}

// " (Ratification, 18 August 2004; in force for it 3 July 2005)": a deposit's day alone would be
// read as that of membership.
std::string treaty_days(const PageContext& context, const followup::TreatyState& state) {
  const Say say(context);
  if (state.act.empty()) {
    return {};
  }
  std::string out =
      fmt::format(" ({}, {}", say.value("treaty.act", state.act), shown_date(context, state.since));
  const bool bound = state.status == followup::TreatyStatus::party;
  if (bound || state.status == followup::TreatyStatus::consented) {
    const std::string day = !state.in_force.empty() ? shown_date(context, state.in_force)
                            : bound                 ? say("treaty.in_force.unknown")
                                                    : say("treaty.in_force.not_yet");
    out += "; " + say("label.text", {{"label", say("brief.in_force")}, {"text", day}});
    if (!state.in_force_rule.empty() && state.rule_read_in.empty()) {
      out += "; " + say("treaty.rule.unread");
    }
  } else if (!state.effective.empty()) {
    out += "; " + say("label.text", {{"label", say("treaty.effective")},
                                     {"text", shown_date(context, state.effective)}});
  }
  return out + ")";
}

void write_data(Html& h, const PageContext& context, const CellView& view) {
  const Say say(context);
  h.open("section", {{"class", "ds"}}).element("h3", say("layer.data"));
  if (view.data.treaties.empty() && view.data.figures.empty() && view.data.entries.empty()) {
    h.element("p", say("followup.data.none"));
  }
  h.open("ul", {{"class", "plain small"}});
  for (const auto& treaty : view.data.treaties) {
    h.open("li");
    h.element("a", {{"href", link(context, "/treaties/" + treaty.instrument)}},
              instrument_short(context, treaty.instrument));
    h.text(": ").element("span",
                         {{"class", fmt::format("mk wide mk-{}", to_string(treaty.state.status))}},
                         say(fmt::format("treaty.status.{}", to_string(treaty.state.status))));
    h.text(treaty_days(context, treaty.state));
    if (treaty.state.stale) {
      h.text(" ").element("span", {{"class", "tag warn"}}, say("treaty.stale"));
    }
    h.element("p", {{"class", "xs"}},
              say(treaty.asked ? "followup.treaty.asked" : "followup.treaty.named"));
    h.close("li");
  }
  for (const auto& figure : view.data.figures) {
    write_figure(h, context, figure);
  }
  for (const auto& entry : view.data.entries) {
    h.open("li").text(say.value("followup.entry", entry.kind) + ": ");
    if (entry.url.empty()) {
      h.text(entry.title);
    } else {
      h.element("a", {{"href", figures::safe_url(entry.url)}, {"rel", "nofollow"}}, entry.title);
    }
    h.text(", " + shown_date(context, entry.date));
    h.open("p", {{"class", "xs"}});
    h.text(fmt::format("{}. {} {}", entry.source, say("treaty.read_on"),
                       shown_date(context, entry.read_on)));
    if (!entry.file.empty()) {
      h.text(" ").element("a", {{"href", "/api/v1/follow-up/files/" + entry.file}},
                          say("celldata.file.kept", {{"hash", entry.file.substr(0, 12)}}));
    }
    h.close("p");
    h.close("li");
  }
  h.close("ul");
  if (view.may_record) {
    h.open("p").element("a",
                        {{"class", "button"},
                         {"href", link(context, fmt::format("/follow-up/cells/{}/{}/data",
                                                            view.member.row.id, view.actor))}},
                        say("celldata.title.page"));
    h.close("p");
  }
  h.close("section");
}

std::string or_dash(const std::string& words) {
  return words.empty() ? "–" : words;
}

void write_history(Html& h, const PageContext& context, const CellView& view) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("followup.history"));
  if (view.changes.empty()) {
    h.element("p", say("followup.history.none"));
    close_band(h);
    return;
  }
  const std::vector<std::string> heads = {
      say("treaty.date"), say("followup.who"), say("followup.what"), say("followup.from"),
      say("followup.to"), say("followup.why"), say("followup.leaf")};
  h.open("table", {{"class", "stacks words"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& [change, words] : view.changes) {
    const std::string day = change.at.substr(0, 10);
    h.open("tr").open("td", {{"data-l", heads[0]}, {"class", "date"}});
    h.element("a",
              {{"href", link(context, fmt::format("/follow-up/cells/{}/{}?known_on={}",
                                                  view.member.row.id, view.actor, day))}},
              shown_date(context, day));
    h.close("td");
    h.open("td", {{"data-l", heads[1]}}).element("span", who_name(context, change.by)).close("td");
    h.open("td", {{"data-l", heads[2]}});
    h.element("span", words.kind).close("td");
    h.open("td", {{"data-l", heads[3]}}).element("span", or_dash(words.before)).close("td");
    h.open("td", {{"data-l", heads[4]}}).open("span").text(or_dash(words.after));
    if (change.kind == "report" && change.before == change.after) {
      h.text(" ").element("a", {{"href", "#versions"}, {"class", "xs"}},
                          say("followup.same_value"));
    }
    h.close("span").close("td");
    h.open("td", {{"data-l", heads[5]}});
    h.element("span", or_dash(words.why));
    h.close("td");
    h.open("td", {{"data-l", heads[6]}});
    h.element("a", {{"href", fmt::format("/api/v1/ledger/inclusion?leaf={}", change.leaf)}},
              std::to_string(change.leaf));
    h.close("td").close("tr");
  }
  h.close("tbody").close("table");
  close_band(h);
}

// Sources of the catalogue are English and hold addresses, which are shown by their host alone.
void write_participation_source(Html& h, const PageContext& context,
                                const followup::Participation& row) {
  const bool ours = row.added_by == "catalogue";
  h.open("span", {attribute_if(ours, "lang", "en")});
  h.text(row.note.empty() ? "" : row.note + ". ");
  for (std::string_view word : split(row.source, ' ')) {
    if (!word.starts_with("http://") && !word.starts_with("https://")) {
      h.text(std::string(word) + " ");
      continue;
    }
    const bool more = word.ends_with(';') || word.ends_with(',');
    word.remove_suffix(more ? 1 : 0);
    const std::string_view rest = word.substr(word.find("//") + 2);
    h.element("a", {{"href", figures::safe_url(word)}, {"rel", "nofollow noreferrer"}},
              rest.substr(0, rest.find('/')));
    h.text(more ? "; " : " ");
  }
  h.close("span");
  if (!row.read_on.empty()) {
    h.text("(" + Say(context)("followup.read_on", {{"date", shown_date(context, row.read_on)}}) +
           ")");
  }
}

}  // namespace

std::string link_words(const PageContext& context, const followup::IndicatorLink& link) {
  const Say say(context);
  return fmt::format(
      "{} {}", link.reason,
      say("followup.link.by", {{"name", link.name}, {"who", who_name(context, link.added_by)}}));
}

void write_no_copy(Html& h, const PageContext& context, const SourceRef& source, bool elsewhere) {
  if (source.url.empty() || !source.file.empty() || (elsewhere && source.no_copy.empty())) {
    return;
  }
  const Say say(context);
  h.text(" ").element("span", {{"class", "xs"}},
                      source.no_copy.empty()
                          ? say("followup.no_copy")
                          : labelled(context, say("followup.no_copy"), source.no_copy));
}

void write_report_words(Html& h, const PageContext& context, const Report& report) {
  const Say say(context);
  h.element("p", {{"class", "xs"}},
            fmt::format("{}. {}",
                        say("followup.speaks_of", {{"date", shown_date(context, report.as_of)}}),
                        who_and_when(context, report.reported_by, report.reported_at)));
  const std::pair<const char*, const std::string*> fields[] = {
      {"followup.actions", &report.actions},
      {"followup.law", &report.law},
      {"followup.programme", &report.programme},
      {"followup.budget", &report.budget},
      {own_words(report.actor), &report.text}};
  for (const auto& [key, text] : fields) {
    write_words(h, say(key), *text, report.language);
  }
  write_sources(h, context, report.sources);
}

namespace {

// Took part and took no part at once: the cube counts the first until somebody retracts one.
bool has_contradiction(const std::vector<followup::Participation>& rows) {
  const auto is = [](std::string_view kind) {
    return [kind](const followup::Participation& row) { return row.kind == kind; };
  };
  return std::ranges::any_of(rows, is("absent")) &&
         (std::ranges::any_of(rows, is("took_part")) || std::ranges::any_of(rows, is("adopted")));
}

void write_participations(Html& h, const PageContext& context, const CellView& view) {
  const Say say(context);
  h.element("h3", say("followup.participation"));
  if (has_contradiction(view.participations)) {
    h.element("p", {{"class", "note warn"}}, say("followup.participation.contradicts"));
  }
  h.open("ul", {{"class", "plain small"}});
  for (const auto& row : view.participations) {
    h.open("li").text(fmt::format("{}, {}. ", say.value("participation", row.kind),
                                  shown_date(context, row.date)));
    write_participation_source(h, context, row);
    h.close("li");
  }
  if (view.participations.empty()) {
    h.element("li", say.value("applicability", "participation_unknown"));
  }
  if (view.cell.statement_of_position) {
    h.open("li").element("a", {{"href", link(context, "/commitments/" + view.member.row.id)}},
                         say("statement.here"));
    h.close("li");
  }
  h.close("ul");
}

}  // namespace

std::string render_cell(const PageContext& context, const CellView& view) {
  const Say say(context);
  const std::string actor = actor_name(context, view.actor);
  Html h;
  write_head(h, {row_place(context, view.member.row),
                 labelled(context, actor, row_title(context, view.member.row)), ""});
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap stack"}});
  h.element("h2", say("followup.layers", {{"date", shown_date(context, view.as_of)}}));
  h.element("p", {{"class", "sub"}}, say("followup.layers.sub"));
  if (!view.known_on.empty()) {
    h.element("p", {{"class", "note"}},
              say("followup.known_on.note", {{"date", shown_date(context, view.known_on)}}));
    h.element("p", {{"class", "xs"}}, say("followup.known_on.today"));
  }
  if (view.cell.applicability != followup::Applicability::applicable) {
    h.element("p", {{"class", "note"}},
              say.value("applicability", to_string(view.cell.applicability)));
    if (view.cell.report != kNotReported || followup::is_assessed(view.cell)) {
      h.element("p", {{"class", "xs"}}, say("followup.uncounted.stays"));
    }
  }
  h.open("div", {{"class", "three"}});
  write_report(h, context, view);
  write_assessment(h, context, view);
  write_data(h, context, view);
  h.close("div");
  // An institution answers because it is asked, whoever adopted the text.
  if (!followup::country_of(view.actor).empty() || !view.participations.empty()) {
    write_participations(h, context, view);
  }
  h.open("p").element("a", {{"href", link(context, "/commitments/" + view.member.row.id)}},
                      say("followup.text"));
  h.close("p").close("div").close("section");
  // Of a cell that does not exist nothing is taken; the commitment's own record can be corrected.
  const bool exists = view.cell.applicability == followup::Applicability::applicable ||
                      view.cell.applicability == followup::Applicability::participation_unknown;
  write_alternative_reports(
      h, context, view.alternatives,
      exists ? fmt::format("/follow-up/cells/{}/{}/participate", view.member.row.id, view.actor)
             : fmt::format("/follow-up/commitments/{}/participate", view.member.row.id));
  write_history(h, context, view);
  Shell frame;
  frame.nav = "follow_up";
  frame.title = labelled(context, actor, row_title(context, view.member.row));
  frame.crumbs = {
      {say("followup.matrix"), "/follow-up"},
      {row_title(context, view.member.row), "/follow-up/commitments/" + view.member.row.id},
      {actor, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
