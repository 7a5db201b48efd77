// Dates of commitments and the calendar of periodic reports: pages, JSON, CSV, iCalendar.

#include <fmt/format.h>

#include <atalaya/followup/icalendar.hpp>
#include <atalaya/followup/tables.hpp>

#include "kept_page.hpp"
#include "pages_deadlines.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::CalendarQuery;
using followup::Deadline;
using followup::Deadlines;
using followup::ReportCalendar;

constexpr std::int32_t kFirstYear = 1990;
constexpr std::int32_t kLastYear = 2100;

bool is_actor(const Node& node, std::string_view id) {
  const auto& catalogue = node.desk->catalogue();
  const auto* country = catalogue.find_country(id);
  return (country != nullptr && country->is_state) || catalogue.find_institution(id) != nullptr;
}

// The state or institution that is asked about; "" for all. Fails with not_found (followup.actor).
Result<std::string> asked_actor(const Call& call, const Node& node, std::string_view name) {
  const std::string actor(call.text(name));
  if (!actor.empty() && !is_actor(node, actor)) {
    return fail(Error{
        ErrorCode::not_found, "followup.actor", "no such state or institution", {{"id", actor}}});
  }
  return actor;
}

Result<http::Response> get_deadlines(const Call& call, Node& node) {
  return kept_page(
      call, node, followup_version(node), [&](const PageContext& context) -> Result<std::string> {
        DeadlinesView view;
        const CivilDate today = utc_date(node.clock->now());
        view.as_of = to_string(today);
        view.actor = ATALAYA_TRY(asked_actor(call, node, "actor"));
        view.state = followup::parse_deadline_state(call.text("state"));
        const Deadlines deadlines(node.followup->parts());
        view.dates = ATALAYA_TRY(
            deadlines.list({.as_of = today, .language = call.language, .actor = view.actor}));
        if (view.actor.empty() && !view.state) {
          view.pending = ATALAYA_TRY(deadlines.pending(today));
        }
        return render_deadlines(context, view);
      });
}

Result<http::Response> get_report_calendar(const Call& call, Node& node) {
  return kept_page(
      call, node, followup_version(node), [&](const PageContext& context) -> Result<std::string> {
        ReportCalendarView view;
        CalendarQuery query;
        query.as_of = utc_date(node.clock->now());
        view.as_of = to_string(query.as_of);
        view.year = query.as_of.year;
        if (call.has("year")) {
          view.year = static_cast<std::int32_t>(call.integer("year"));
        }
        view.country = ATALAYA_TRY(asked_actor(call, node, "country"));
        view.duty = call.text("duty");
        query.from = {view.year, 1, 1};
        query.to = {view.year, 12, 31};
        query.country = view.country;
        query.duty = view.duty;
        view.calendar = ATALAYA_TRY(ReportCalendar(node.followup->parts()).calendar(query));
        if (!view.duty.empty() && view.calendar.find(view.duty) == nullptr) {
          return fail(Error{
              ErrorCode::not_found, "api.page.missing", "no such duty", {{"id", view.duty}}});
        }
        return render_report_calendar(context, view);
      });
}

// --- JSON, CSV, iCalendar ------------------------------------------------------------------------

struct DeadlineAnswer {
  std::string id, commitment, title, document, due, first, latest, printed, kind, state, outcome,
      date, new_due, successor, source, url, read_on, set_by, said_by;
  std::vector<std::string> institutions;
};
BOOST_DESCRIBE_STRUCT(DeadlineAnswer, (),
                      (id, commitment, title, document, due, first, latest, printed, kind, state,
                       outcome, date, new_due, successor, source, url, read_on, set_by, said_by,
                       institutions))

struct PendingAnswer {
  std::string actor;
  std::int32_t open = 0, lapsed = 0, postponed = 0, postponed_said_by_state = 0;
};
BOOST_DESCRIBE_STRUCT(PendingAnswer, (), (actor, open, lapsed, postponed, postponed_said_by_state))

struct DeadlineList {
  std::string as_of, actor;
  std::vector<DeadlineAnswer> deadlines;
  std::vector<PendingAnswer> pending;
};
BOOST_DESCRIBE_STRUCT(DeadlineList, (), (as_of, actor, deadlines, pending))

struct OwedAnswer {
  std::string due, duty, title, instrument, country, period, state, received, access, said_by;
};
BOOST_DESCRIBE_STRUCT(OwedAnswer, (),
                      (due, duty, title, instrument, country, period, state, received, access,
                       said_by))

struct DutyAnswer {
  std::string id, title, recipient, instrument, owed_by, every, by, first, basis, source, url,
      read_on;
  std::int64_t within = 0;
  std::int32_t unknown = 0;  // states of which nobody knows whether they owe it
};
BOOST_DESCRIBE_STRUCT(DutyAnswer, (),
                      (id, title, recipient, instrument, owed_by, every, by, first, basis, source,
                       url, read_on, within, unknown))

struct OwedList {
  std::string as_of;
  std::int32_t year = 0;
  std::vector<DutyAnswer> duties;
  std::vector<OwedAnswer> reports;
};
BOOST_DESCRIBE_STRUCT(OwedList, (), (as_of, year, duties, reports))

std::string day_or_nothing(const std::optional<CivilDate>& day) {
  return day ? to_string(*day) : std::string();
}

DeadlineAnswer answer_of(const Deadline& date) {
  DeadlineAnswer out;
  out.id = date.id;
  out.commitment = date.commitment;
  out.title = date.title;
  out.document = date.document;
  out.due = date.edtf;
  out.first = day_or_nothing(date.days.first);
  out.latest = day_or_nothing(date.days.last);
  out.printed = date.printed;
  out.set_by = date.set_by;
  out.kind = date.kind;
  out.state = to_string(date.state);
  out.institutions = date.institutions;
  if (date.outcome) {
    out.outcome = date.outcome->outcome;
    out.date = date.outcome->date;
    out.new_due = date.outcome->new_due;
    out.successor = date.outcome->successor;
    out.source = date.outcome->source;
    out.url = date.outcome->url;
    out.read_on = date.outcome->read_on;
    out.said_by = date.said_by_state() ? "state" : "";
  }
  return out;
}

http::Response file_response(std::string bytes, std::string_view type, std::string_view name) {
  auto response = http::respond(200, type, std::move(bytes));
  response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  return response;
}

Result<http::Response> get_deadlines_json(const Call& call, Node& node) {
  const std::string actor = ATALAYA_TRY(asked_actor(call, node, "actor"));
  const auto& parts = node.followup->parts();
  const CivilDate day = call.date("as_of").value_or(parts.today());
  const Deadlines deadlines(parts);
  const auto dates =
      ATALAYA_TRY(deadlines.list({.as_of = day, .language = call.language, .actor = actor}));
  if (call.text("format") == "ics") {
    const PageContext context = ATALAYA_TRY(page_context(call, node));
    std::string feed = ATALAYA_TRY(followup::deadline_feed(parts, {.as_of = day,
                                                                   .language = call.language,
                                                                   .actor = actor,
                                                                   .node_name = context.node_name,
                                                                   .origin = context.origin}));
    return file_response(std::move(feed), "text/calendar; charset=utf-8", "deadlines.ics");
  }
  DeadlineList out{.as_of = to_string(day), .actor = actor, .deadlines = {}, .pending = {}};
  for (const Deadline& date : dates) {
    out.deadlines.push_back(answer_of(date));
  }
  if (call.text("format") == "csv") {
    return file_response(followup::deadlines_csv(dates), "text/csv; charset=utf-8",
                         "deadlines.csv");
  }
  if (actor.empty()) {
    const auto pending = ATALAYA_TRY(deadlines.pending(day));
    for (const auto& row : pending) {
      out.pending.push_back(
          {row.actor, row.open, row.lapsed, row.postponed, row.postponed_by_word});
    }
  }
  return json_response(out);
}

Result<http::Response> get_calendar_json(const Call& call, Node& node) {
  CalendarQuery query;
  query.as_of = utc_date(node.clock->now());
  const auto year =
      call.has("year") ? static_cast<std::int32_t>(call.integer("year")) : query.as_of.year;
  query.from = {year, 1, 1};
  query.to = {year, 12, 31};
  query.country = ATALAYA_TRY(asked_actor(call, node, "country"));
  query.duty = call.text("duty");
  const auto calendar = ATALAYA_TRY(ReportCalendar(node.followup->parts()).calendar(query));
  if (call.text("format") == "csv") {
    return file_response(followup::calendar_csv(calendar, call.language), "text/csv; charset=utf-8",
                         "report-calendar.csv");
  }
  OwedList out{.as_of = to_string(query.as_of), .year = year, .duties = {}, .reports = {}};
  for (const auto& duty : calendar.duties) {
    DutyAnswer row{duty.id,
                   duty.title.in(call.language),
                   duty.recipient.in(call.language),
                   duty.instrument,
                   duty.owed_by,
                   duty.every,
                   duty.by,
                   duty.first,
                   duty.basis,
                   duty.source,
                   duty.url,
                   duty.read_on,
                   duty.within,
                   0};
    for (const auto& [id, states] : calendar.unknown) {
      row.unknown = id == duty.id ? states : row.unknown;
    }
    out.duties.push_back(std::move(row));
  }
  for (const auto& one : calendar.owed) {
    const auto* duty = calendar.find(one.duty);
    out.reports.push_back({to_string(one.due), one.duty, duty->title.in(call.language),
                           duty->instrument, one.country, one.period,
                           std::string(to_string(one.state)), one.received, one.access,
                           one.said_by_state ? "state" : ""});
  }
  return json_response(out);
}

}  // namespace

std::vector<Route> deadline_routes() {
  const Answer as_csv{.status = 200, .about = "The same as CSV", .media_type = "text/csv"};
  std::vector<Route> routes;
  const Param actor{
      .name = "actor", .type = ParamType::id, .about = "A state, like PAN, or an institution"};
  const Param country{.name = "country", .type = ParamType::id, .about = "A state, like PAN"};
  const Param duty{.name = "duty", .type = ParamType::id, .about = "One duty, like att-annual"};
  const Param year{.name = "year",
                   .type = ParamType::integer,
                   .about = "In which the reports are due; this year without it",
                   .min = kFirstYear,
                   .max = kLastYear};
  Param state{.name = "state", .type = ParamType::choice, .about = "What became of them"};
  for (const followup::DeadlineState one : followup::kDeadlineStates) {
    state.values.push_back(to_string(one));
  }
  routes.push_back(with_query(page_route("/{lang}/deadlines", "get_deadlines", &get_deadlines),
                              {actor, state}));
  routes.push_back(with_query(
      page_route("/{lang}/deadlines/reports", "get_report_calendar", &get_report_calendar),
      {country, duty, year}));
  Route dates = data_route("/api/v1/deadlines", "list_deadlines_json",
                           "Dates that commitments name, and what became of them",
                           schema_of<DeadlineList>(), &get_deadlines_json);
  dates.params = {
      actor,
      {.name = "as_of", .type = ParamType::date, .about = "At the end of this day"},
      {.name = "format",
       .type = ParamType::choice,
       .about = "json, csv or ics (a calendar to subscribe to, reports owed by the state included)",
       .values = {"json", "csv", "ics"},
       .fallback = "json"}};
  dates.answers.push_back(as_csv);
  dates.answers.push_back(
      {.status = 200, .about = "The same as a calendar", .media_type = "text/calendar"});
  routes.push_back(std::move(dates));
  Route calendar = data_route("/api/v1/report-calendar", "list_report_calendar_json",
                              "Who owes which periodic report when, and what was received",
                              schema_of<OwedList>(), &get_calendar_json);
  calendar.params = {country,
                     duty,
                     year,
                     {.name = "format",
                      .type = ParamType::choice,
                      .about = "json or csv",
                      .values = {"json", "csv"},
                      .fallback = "json"}};
  calendar.answers.push_back(as_csv);
  routes.push_back(std::move(calendar));
  return routes;
}

}  // namespace atalaya::api
