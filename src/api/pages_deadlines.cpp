// Dates that commitments name and what became of them; who owes which periodic report.
#include "pages_deadlines.hpp"

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

namespace atalaya::api {
namespace {

using followup::Deadline;
using followup::DeadlineState;
using followup::OwedReport;
using followup::OwedState;
using followup::ReportDuty;

std::string name_of(const PageContext& context, std::string_view actor) {
  return context.catalogue->find_institution(actor) != nullptr ? institution_name(context, actor)
                                                               : country_name(context, actor);
}

std::string query_of(std::string_view actor, std::string_view state) {
  std::string out;
  if (!actor.empty()) {
    out += fmt::format("?actor={}", actor);
  }
  if (!state.empty()) {
    out += fmt::format("{}state={}", out.empty() ? "?" : "&", state);
  }
  return out;
}

void option(Html& h, std::string_view value, std::string_view words, std::string_view chosen) {
  h.element("option", {{"value", value}, attribute_if(value == chosen, "selected")}, words);
}

void write_countries(Html& h, const PageContext& context, std::string_view chosen) {
  for (const auto& country : context.catalogue->countries()) {
    if (country.is_state) {
      option(h, country.id, country.name.in(context.language), chosen);
    }
  }
}

void write_filter(Html& h, const PageContext& context, const DeadlinesView& view) {
  const Say say(context);
  h.open("form",
         {{"method", "get"}, {"action", link(context, "/deadlines")}, {"class", "filters"}});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "actor"}}, say("deadlines.of"));
  h.open("select", {{"id", "actor"}, {"name", "actor"}});
  option(h, "", say("deadlines.everybody"), view.actor);
  h.open("optgroup", {{"label", say("deadlines.states")}});
  write_countries(h, context, view.actor);
  h.close("optgroup").open("optgroup", {{"label", say("deadlines.institutions")}});
  for (const auto& institution : context.catalogue->institutions()) {
    option(h, institution.id, institution_name(context, institution.id), view.actor);
  }
  h.close("optgroup").close("select").close("div");
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "state"}}, say("deadlines.outcome"));
  h.open("select", {{"id", "state"}, {"name", "state"}});
  const std::string chosen(view.state ? to_string(*view.state) : "");
  option(h, "", say("registers.all"), chosen);
  for (const DeadlineState state : followup::kDeadlineStates) {
    option(h, to_string(state), deadline_state_name(context.language, state), chosen);
  }
  h.close("select").close("div");
  h.element("button", {{"type", "submit"}}, say("followup.show")).close("form");
}

void write_counts(Html& h, const PageContext& context, const DeadlinesView& view) {
  const Say say(context);
  h.open("ul", {{"class", "key"}});
  for (const DeadlineState state : followup::kDeadlineStates) {
    const auto n = std::ranges::count(view.dates, state, &Deadline::state);
    if (n == 0) {
      continue;
    }
    h.open("li").element("strong", figures::number(context.language, n)).text(" ");
    h.element("a", {{"href", link(context, "/deadlines" + query_of(view.actor, to_string(state)))}},
              deadline_state_name(context.language, state));
    const auto said = std::ranges::count_if(view.dates, [&](const Deadline& date) {
      return date.state == state && date.said_by_state();
    });
    if (said > 0) {
      h.text(" ").element("span", {{"class", "xs"}}, say.count("deadlines.said_by_state", said));
    }
    h.close("li");
  }
  h.close("ul");
}

void write_source(Html& h, std::string_view source, std::string_view url) {
  h.open("span", {{"class", "xs"}});
  if (url.empty()) {
    h.element("span", {{"lang", "en"}}, source);
  } else {
    h.element("a", {{"href", figures::safe_url(url)}, {"rel", "nofollow noopener"}, {"lang", "en"}},
              source);
  }
  h.close("span");
}

void write_due(Html& h, const PageContext& context, const Deadline& date) {
  const Say say(context);
  if (!date.edtf.empty()) {
    h.text(figures::edtf(context.language, date.shown()));
    h.empty("br");
  }
  if (!date.set_by.empty()) {
    h.element("span", {{"class", "xs"}},
              say("due.by_person", {{"date", figures::edtf(context.language, date.shown())},
                                    {"name", who_name(context, date.set_by)}}));
  } else {
    h.open("span", {{"class", "xs"}});
    h.element("span", {attribute_if(!date.printed_language.empty(), "lang", date.printed_language)},
              fmt::format("“{}”", date.printed));
    h.text(" · " + say.value("due_kind", date.kind)).close("span");
  }
  if (!date.days_source.empty()) {
    h.empty("br");
    write_source(h, date.days_source, "");
  }
}

void write_outcome(Html& h, const PageContext& context, const Deadline& date) {
  const Say say(context);
  const bool wants_attention =
      date.state == DeadlineState::lapsed || date.state == DeadlineState::late;
  h.element("strong", {{"class", wants_attention ? "tag warn" : "tag"}},
            deadline_state_name(context.language, date.state));
  if (!date.outcome) {
    return;
  }
  const auto& outcome = *date.outcome;
  const bool done = outcome.outcome == "done";
  h.text(fmt::format(
      " {}", done ? say("deadlines.done_on", {{"date", shown_date(context, outcome.date)}})
                  : say("deadlines.said_on", {{"date", shown_date(context, outcome.date)}})));
  if (outcome.said_by_state) {
    h.text(" ").element("span", {{"class", "tag line"}}, say("deadlines.said_by_state"));
  }
  if (!outcome.new_due.empty()) {
    h.text(". ").text(
        say("deadlines.new_due", {{"date", figures::edtf(context.language, outcome.new_due)}}));
  }
  if (!outcome.successor.empty()) {
    h.text(". ").element("a", {{"href", link(context, "/commitments/" + outcome.successor)}},
                         say("deadlines.successor"));
  }
  h.empty("br");
  write_source(h, outcome.source, outcome.url);
  if (outcome.record != 0) {
    h.text(" ").element(
        "a",
        {{"href", link(context, fmt::format("/registers/deadline_outcomes/{}", outcome.record))},
         {"class", "xs"}},
        say("deadlines.row"));
  }
}

void write_dates(Html& h, const PageContext& context, const DeadlinesView& view) {
  const Say say(context);
  const std::string due = say("brief.due");
  const std::string outcome = say("deadlines.outcome");
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const std::string& head : {say("brief.commitment"), due, outcome}) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const Deadline& date : view.dates) {
    if (view.state && date.state != *view.state) {
      continue;
    }
    h.open("tr").open("th", {{"scope", "row"}});
    const std::string path =
        date.commitment.empty() ? "/documents/" + date.document : "/commitments/" + date.commitment;
    h.element("a", {{"href", link(context, path)}}, date.title).empty("br");
    h.element("span", {{"class", "xs"}}, document_name(context, date.document)).close("th");
    h.open("td", {{"data-l", due}}).open("span");
    write_due(h, context, date);
    h.close("span").close("td").open("td", {{"data-l", outcome}}).open("span");
    write_outcome(h, context, date);
    h.close("span").close("td").close("tr");
  }
  h.close("tbody").close("table");
}

void write_pending(Html& h, const PageContext& context, const DeadlinesView& view, bool states) {
  const Say say(context);
  const std::string heads[] = {say(states ? "countries.name" : "deadlines.institution"),
                               deadline_state_name(context.language, DeadlineState::lapsed),
                               deadline_state_name(context.language, DeadlineState::postponed),
                               deadline_state_name(context.language, DeadlineState::open)};
  h.element("h3", say(states ? "deadlines.pending.states" : "deadlines.pending.institutions"));
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (std::size_t i = 0; i < std::size(heads); ++i) {
    h.element("th", {{"scope", "col"}, attribute_if(i > 0, "class", "num")}, heads[i]);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& row : view.pending) {
    if ((context.catalogue->find_country(row.actor) != nullptr) != states) {
      continue;
    }
    h.open("tr").open("th", {{"scope", "row"}});
    h.element("a", {{"href", link(context, "/deadlines" + query_of(row.actor, ""))}},
              name_of(context, row.actor));
    h.close("th");
    const std::int32_t counts[] = {row.lapsed, row.postponed, row.open};
    for (std::size_t i = 0; i < std::size(counts); ++i) {
      h.open("td", {{"class", "num"}, {"data-l", heads[i + 1]}}).open("span");
      h.text(figures::number(context.language, counts[i]));
      if (i == 1 && row.postponed_by_word > 0) {
        h.text(" ").element("span", {{"class", "xs"}},
                            say.count("deadlines.said_by_state", row.postponed_by_word));
      }
      h.close("span").close("td");
    }
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_downloads(Html& h, const PageContext& context, std::string_view path,
                     std::string_view query, bool feed) {
  const Say say(context);
  h.open("p", {{"class", "row"}});
  const auto anchor = [&](std::string_view format, std::string_view words) {
    h.element("a",
              {{"href", fmt::format("/api/v1/{}?lang={}&format={}{}", path,
                                    to_string(context.language), format, query)}},
              words);
  };
  if (feed) {
    anchor("ics", say("deadlines.ics"));
  }
  anchor("csv", say("registers.csv"));
  anchor("json", "JSON");
  h.close("p");
}

void write_report_filter(Html& h, const PageContext& context, const ReportCalendarView& view) {
  const Say say(context);
  h.open("form", {{"method", "get"},
                  {"action", link(context, "/deadlines/reports")},
                  {"class", "row fields"}});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "country"}}, say("registers.country"));
  h.open("select", {{"id", "country"}, {"name", "country"}});
  option(h, "", say("registers.all"), view.country);
  write_countries(h, context, view.country);
  h.close("select").close("div").open("div", {{"class", "field"}});
  h.element("label", {{"for", "duty"}}, say("deadlines.report"));
  h.open("select", {{"id", "duty"}, {"name", "duty"}});
  option(h, "", say("registers.all"), view.duty);
  for (const ReportDuty& duty : view.calendar.duties) {
    if (duty.every != "round") {
      option(h, duty.id,
             fmt::format("{} ({})", duty.title.in(context.language),
                         instrument_short(context, duty.instrument)),
             view.duty);
    }
  }
  h.close("select").close("div").open("div", {{"class", "field"}});
  h.element("label", {{"for", "year"}}, say("brief.year"));
  h.empty("input", {{"id", "year"},
                    {"name", "year"},
                    {"type", "number"},
                    {"min", "1990"},
                    {"max", "2100"},
                    {"value", std::to_string(view.year)}});
  h.close("div").element("button", {{"type", "submit"}}, say("followup.show")).close("form");
}

void write_owed(Html& h, const PageContext& context, const ReportCalendarView& view) {
  const Say say(context);
  const std::string heads[] = {say("brief.due"), say("registers.country"), say("deadlines.report"),
                               say("deadlines.about"), say("deadlines.received")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const std::string& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const OwedReport& one : view.calendar.owed) {
    const ReportDuty* duty = view.calendar.find(one.duty);
    h.open("tr").open("th", {{"scope", "row"}, {"class", "date"}});
    h.element("span", shown_date(context, atalaya::to_string(one.due))).close("th");
    h.open("td", {{"data-l", heads[1]}}).open("span");
    h.element("a", {{"href", link(context, "/countries/" + one.country)}},
              country_name(context, one.country));
    h.close("span").close("td");
    h.element("td", {{"data-l", heads[2]}},
              fmt::format("{} ({})", duty->title.in(context.language),
                          instrument_short(context, duty->instrument)));
    h.element("td", {{"data-l", heads[3]}}, one.period.empty() ? "–" : one.period);
    h.open("td", {{"data-l", heads[4]}}).open("span");
    h.text(say(fmt::format("owed.{}", to_string(one.state))));
    if (one.record != 0) {
      h.text(fmt::format(", {} · ", shown_date(context, one.received)));
      h.element(
          "a", {{"href", link(context, fmt::format("/registers/reports_received/{}", one.record))}},
          say("owed.access." + one.access));
      if (one.said_by_state) {
        h.text(" ").element("span", {{"class", "tag line"}}, say("deadlines.said_by_state"));
      }
    }
    h.close("span").close("td").close("tr");
  }
  h.close("tbody").close("table");
}

std::string how_often(const PageContext& context, const ReportDuty& duty) {
  const Say say(context);
  if (duty.every == "once") {
    return say.count("deadlines.once", duty.within);
  }
  if (duty.every == "round") {
    return say("deadlines.by_round");
  }
  const auto day = parse_civil_date("2024-" + duty.by);
  const bool of = context.language == Language::es || context.language == Language::pt;
  const std::string words = day ? fmt::format("{} {}{}", day->day, of ? "de " : "",
                                              figures::month_name(context.language, day->month))
                                : duty.by;
  return say("deadlines.every." + duty.every, {{"day", words}});
}

void write_duties(Html& h, const PageContext& context, const ReportCalendarView& view) {
  const Say say(context);
  h.element("h2", say("deadlines.duties"));
  const std::string heads[] = {say("deadlines.report"), say("deadlines.to"), say("deadlines.when"),
                               say("treaty.source")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const std::string& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const ReportDuty& duty : view.calendar.duties) {
    h.open("tr").open("th", {{"scope", "row"}}).text(duty.title.in(context.language)).empty("br");
    h.element("span", {{"class", "xs"}},
              fmt::format("{} · {}", instrument_short(context, duty.instrument), duty.basis));
    h.close("th").element("td", {{"data-l", heads[1]}}, duty.recipient.in(context.language));
    h.open("td", {{"data-l", heads[2]}}).open("span").text(how_often(context, duty));
    const auto unknown = std::ranges::find(
        view.calendar.unknown, duty.id, [](const auto& one) -> const auto& { return one.first; });
    if (unknown != view.calendar.unknown.end()) {
      h.empty("br").element("span", {{"class", "xs"}},
                            say.count("deadlines.unknown", unknown->second));
    }
    h.close("span").close("td").open("td", {{"data-l", heads[3]}}).open("span");
    write_source(h, duty.source, duty.url);
    if (!duty.read_on.empty()) {
      h.text(fmt::format(" ({})", shown_date(context, duty.read_on)));
    }
    h.close("span").close("td").close("tr");
  }
  h.close("tbody").close("table");
}

}  // namespace

std::string deadline_state_name(Language language, DeadlineState state) {
  return figures::Messages::embedded().text(language, fmt::format("deadline.{}", to_string(state)),
                                            {});
}

std::string render_deadlines(const PageContext& context, const DeadlinesView& view) {
  const Say say(context);
  Html h;
  write_head(h, {view.actor.empty() ? "" : name_of(context, view.actor), say("deadlines.title"),
                 say("deadlines.lead")});
  open_band(h);
  write_filter(h, context, view);
  write_counts(h, context, view);
  if (view.dates.empty()) {
    h.element("p", {{"class", "note"}}, say("deadlines.none"));
  } else {
    write_dates(h, context, view);
  }
  write_downloads(h, context, "deadlines",
                  view.actor.empty() ? std::string() : "&actor=" + view.actor, true);
  h.open("p").element("a", {{"href", link(context, "/deadlines/reports")}},
                      say("deadlines.calendar"));
  h.close("p");
  close_band(h);
  if (!view.pending.empty()) {
    open_band(h);
    h.element("h2", {{"id", "pending"}}, say("deadlines.pending"));
    h.element("p", say("deadlines.pending.lead"));
    write_pending(h, context, view, true);
    write_pending(h, context, view, false);
    close_band(h);
  }
  Shell frame;
  frame.title = say("deadlines.title");
  frame.nav = "follow_up";
  frame.crumbs = {{say("nav.follow_up"), "/follow-up"}, {say("deadlines.title"), ""}};
  return shell(context, frame, h);
}

std::string render_report_calendar(const PageContext& context, const ReportCalendarView& view) {
  const Say say(context);
  Html h;
  write_head(h,
             {say("deadlines.title"), say("deadlines.calendar"), say("deadlines.calendar.lead")});
  open_band(h);
  write_report_filter(h, context, view);
  if (view.calendar.owed.empty()) {
    h.element("p", {{"class", "note"}}, say("deadlines.owed.none"));
  } else {
    h.element("p", {{"class", "meta"}},
              say.count("deadlines.owed", std::ssize(view.calendar.owed)));
    write_owed(h, context, view);
  }
  write_downloads(
      h, context, "report-calendar",
      fmt::format("&year={}{}{}", view.year, view.country.empty() ? "" : "&country=" + view.country,
                  view.duty.empty() ? "" : "&duty=" + view.duty),
      false);
  close_band(h);
  open_band(h);
  write_duties(h, context, view);
  close_band(h);
  Shell frame;
  frame.title = say("deadlines.calendar");
  frame.nav = "follow_up";
  frame.crumbs = {{say("nav.follow_up"), "/follow-up"},
                  {say("deadlines.title"), "/deadlines"},
                  {say("deadlines.calendar"), ""}};
  return shell(context, frame, h);
}

}  // namespace atalaya::api
