// The JSON API of the follow-up: treaty acts, statuses on any day, and the same as CSV.
#include <fmt/format.h>

#include "followup_access.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

struct TreatyEventAnswer {
  std::string party, instrument, kind, date, effective, depositary, source, read_on, note, added_at;
};
BOOST_DESCRIBE_STRUCT(TreatyEventAnswer, (),
                      (party, instrument, kind, date, effective, depositary, source, read_on, note,
                       added_at))

struct TreatyEventList {
  std::vector<TreatyEventAnswer> events;
};
BOOST_DESCRIBE_STRUCT(TreatyEventList, (), (events))

struct TreatyStatusAnswer {
  std::string party, instrument, status, since, kind, effective, in_force, in_force_rule,
      rule_read_in, rule_read_on, read_on;
  bool stale = false;
  std::int32_t reservations = 0, objections = 0;
};
BOOST_DESCRIBE_STRUCT(TreatyStatusAnswer, (),
                      (party, instrument, status, since, kind, effective, in_force, in_force_rule,
                       rule_read_in, rule_read_on, read_on, stale, reservations, objections))

struct TreatyStatusList {
  std::string as_of;
  std::vector<TreatyStatusAnswer> statuses;
};
BOOST_DESCRIBE_STRUCT(TreatyStatusList, (), (as_of, statuses))

Result<void> check_filters(const Call& call, const Node& node) {
  const auto& catalogue = node.desk->catalogue();
  const std::string_view party = call.text("party");
  const std::string_view instrument = call.text("instrument");
  if ((!party.empty() && catalogue.find_country(party) == nullptr) ||
      (!instrument.empty() && catalogue.find_instrument(instrument) == nullptr)) {
    return fail(Error{ErrorCode::not_found,
                      "api.page.missing",
                      "no such state or treaty",
                      {{"id", std::string(party.empty() ? instrument : party)}}});
  }
  return {};
}

http::Response csv_response(std::string csv, std::string_view name) {
  auto response = http::respond(200, "text/csv; charset=utf-8", std::move(csv));
  response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}.csv\"", name));
  return response;
}

Result<http::Response> get_treaty_events(const Call& call, Node& node) {
  ATALAYA_TRY(check_filters(call, node));
  const auto treaties = node.followup->treaties();
  const auto events = ATALAYA_TRY(treaties.events(call.text("party"), call.text("instrument")));
  if (call.text("format") == "csv") {
    return csv_response(followup::treaty_csv(events), "treaty-events");
  }
  TreatyEventList out;
  for (const auto& event : events) {
    out.events.push_back({event.party, event.instrument, std::string(to_string(event.act)),
                          event.date, event.effective, event.depositary, event.source,
                          event.read_on, event.note, event.added_at});
  }
  return json_response(out);
}

Result<http::Response> get_treaty_status(const Call& call, Node& node) {
  ATALAYA_TRY(check_filters(call, node));
  const CivilDate day = ATALAYA_TRY(asked_day(call, node));
  const auto matrix = ATALAYA_TRY(
      node.followup->treaties().matrix(day, call.text("party"), call.text("instrument")));
  TreatyStatusList out;
  out.as_of = matrix.as_of;
  for (std::size_t s = 0; s < matrix.states.size(); ++s) {
    for (std::size_t i = 0; i < matrix.instruments.size(); ++i) {
      const auto& cell = matrix.at(s, i);
      out.statuses.push_back(
          {matrix.states[s], matrix.instruments[i], std::string(to_string(cell.status)), cell.since,
           cell.act, cell.effective, cell.in_force, cell.in_force_rule, cell.rule_read_in,
           cell.rule_read_on, cell.read_on, cell.stale, cell.reservations, cell.objections});
    }
  }
  return json_response(out);
}

}  // namespace

std::vector<Route> followup_routes() {
  const Param party{.name = "party", .type = ParamType::id, .about = "A state, like PAN"};
  const Param instrument{.name = "instrument", .type = ParamType::id, .about = "A treaty"};
  return {or_csv(with_query(data_route("/api/v1/treaty-events", "list_treaty_events_json",
                                      "What states did about treaties, each act with source and "
                                      "reading",
                                      schema_of<TreatyEventList>(), &get_treaty_events),
                            {party, instrument})),
          with_query(data_route("/api/v1/treaty-status", "list_treaty_status_json",
                                "The status of every state towards every treaty on a day",
                                schema_of<TreatyStatusList>(), &get_treaty_status),
                     {party,
                      instrument,
                      {.name = "as_of",
                       .type = ParamType::date,
                       .about = "At the end of this day"}})};
}

}  // namespace atalaya::api
