// Treaties as events: who did what and when, the status on any day, and how old the reading is.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_followup.hpp"

namespace atalaya::api {
namespace {

using followup::TreatyAct;
using followup::TreatyEvent;
using followup::TreatyMatrix;
using followup::TreatyState;
using followup::TreatyStatus;

constexpr std::array<TreatyStatus, 7> kStatuses = {
    TreatyStatus::party,     TreatyStatus::consented,           TreatyStatus::signed_only,
    TreatyStatus::no_action, TreatyStatus::signature_withdrawn, TreatyStatus::withdrawn,
    TreatyStatus::unknown};

std::string status_class(TreatyStatus status) {
  return fmt::format("mk-{}", to_string(status));
}

std::string mark(const Say& say, TreatyStatus status) {
  return say(fmt::format("treaty.mark.{}", to_string(status)));
}

std::string status_name(const Say& say, TreatyStatus status) {
  return say(fmt::format("treaty.status.{}", to_string(status)));
}

void write_legend(Html& h, const PageContext& context) {
  const Say say(context);
  h.open("ul", {{"class", "key marks"}});
  for (const TreatyStatus status : kStatuses) {
    h.open("li").element("span", {{"class", "mk " + status_class(status)}}, mark(say, status));
    h.text(status_name(say, status)).close("li");
  }
  h.open("li").element("span", {{"class", "mk stale"}}, "*");
  h.text(say("treaty.stale")).close("li").close("ul");
}

void write_as_of(Html& h, const PageContext& context, std::string_view action,
                 std::string_view value) {
  const Say say(context);
  h.open("form", {{"method", "get"}, {"action", link(context, action)}, {"class", "row fields"}});
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "as-of"}}, say("followup.as_of"));
  h.empty("input", {{"id", "as-of"}, {"name", "as_of"}, {"type", "date"}, {"value", value}});
  h.close("div").element("button", {{"type", "submit"}}, say("followup.show")).close("form");
}

void write_matrix_row(Html& h, const PageContext& context, const TreatyMatrix& matrix,
                      std::size_t instrument) {
  const Say say(context);
  const std::string& id = matrix.instruments[instrument];
  h.open("tr").open("th", {{"scope", "row"}});
  h.element("a", {{"href", link(context, "/treaties/" + id)}}, instrument_short(context, id));
  h.close("th");
  for (std::size_t state = 0; state < matrix.states.size(); ++state) {
    const TreatyState& cell = matrix.at(state, instrument);
    h.open("td", {{"class", "mk " + status_class(cell.status)}});
    h.text(mark(say, cell.status)).text(cell.stale ? "*" : "").close("td");
  }
  h.element("td", {{"class", "num"}},
            figures::number(context.language, matrix.count(instrument, TreatyStatus::party)));
  h.close("tr");
}

void write_events(Html& h, const PageContext& context, const std::vector<TreatyEvent>& events,
                  bool by_state) {
  const Say say(context);
  if (events.empty()) {
    return;
  }
  const std::vector<std::string> heads = {by_state ? say("countries.name") : say("treaty.one"),
                                          say("treaty.act"), say("treaty.date"),
                                          say("treaty.source"), say("treaty.read_on")};
  h.open("details", {{"class", "disclose"}});
  h.element("summary", say.count("treaty.acts", static_cast<std::int64_t>(events.size())));
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const TreatyEvent& event : events) {
    h.open("tr").element("th", {{"scope", "row"}},
                         by_state ? country_name(context, event.party)
                                  : instrument_short(context, event.instrument));
    h.element("td", {{"data-l", heads[1]}}, say.value("treaty.act", to_string(event.act)));
    h.open("td", {{"data-l", heads[2]}, {"class", "date"}});
    h.element("span", shown_date(context, event.date)).close("td");
    h.open("td", {{"data-l", heads[3]}}).open("span");
    h.open("span", {attribute_if(event.added_by == "catalogue", "lang", "en")});
    h.text(event.source).text(event.note.empty() ? "" : ". ").text(event.note).close("span");
    h.close("span").close("td");
    h.open("td", {{"data-l", heads[4]}, {"class", "date"}});
    h.element("span", shown_date(context, event.read_on)).close("td").close("tr");
  }
  h.close("tbody").close("table").close("details");
}

const TreatyEvent* act_of(const std::vector<TreatyEvent>& events, std::string_view party,
                          std::string_view instrument, bool consent) {
  const TreatyEvent* found = nullptr;
  for (const TreatyEvent& event : events) {
    const bool kind = consent ? is_consent(event.act) : event.act == TreatyAct::signature;
    if (kind && event.party == party && event.instrument == instrument) {
      found = &event;  // by date: the last one counts
    }
  }
  return found;
}

void write_status_cell(Html& h, const PageContext& context, const TreatyState& state,
                       std::string_view label) {
  const Say say(context);
  h.open("td", {{"data-l", label}}).open("span");
  h.element("span", {{"class", "mk wide " + status_class(state.status)}},
            status_name(say, state.status));
  // Until that day it was bound.
  if (state.status == TreatyStatus::withdrawn && !state.effective.empty()) {
    h.text(" ").element("span", {{"class", "xs"}},
                        say("label.text", {{"label", say("treaty.effective")},
                                           {"text", shown_date(context, state.effective)}}));
  }
  if (state.reservations > 0) {
    h.text(" ").text(say.count("treaty.reservations", state.reservations));
  }
  h.close("span").close("td");
}

void write_read_cell(Html& h, const PageContext& context, const TreatyState& state,
                     std::string_view label) {
  const Say say(context);
  h.open("td", {{"data-l", label}, {"class", "date"}}).open("span");
  h.text(shown_date(context, state.read_on));
  if (state.stale) {
    h.text(" ").element("span", {{"class", "tag warn"}}, say("treaty.stale"));
  }
  h.close("span").close("td");
}

// One row for each state, or for each treaty.
void write_status_table(Html& h, const PageContext& context, const TreatyActs& acts,
                        bool by_state) {
  const Say say(context);
  const std::vector<std::string> heads = {by_state ? say("countries.name") : say("treaty.one"),
                                          say("treaty.signed"), say("treaty.bound_by"),
                                          say("treaty.status"), say("treaty.read_on")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  const TreatyMatrix& matrix = acts.matrix;
  for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
    const std::string& state = matrix.states[i / matrix.instruments.size()];
    const std::string& treaty = matrix.instruments[i % matrix.instruments.size()];
    const TreatyState& cell = matrix.cells[i];
    h.open("tr").open("th", {{"scope", "row"}});
    h.element("a",
              {{"href", link(context, by_state ? "/countries/" + state : "/treaties/" + treaty)}},
              by_state ? country_name(context, state) : instrument_short(context, treaty));
    h.close("th");
    const TreatyEvent* signature = act_of(acts.events, state, treaty, false);
    const TreatyEvent* consent = act_of(acts.events, state, treaty, true);
    h.open("td", {{"data-l", heads[1]}, {"class", "date"}});
    h.element("span", signature == nullptr ? "–" : shown_date(context, signature->date));
    h.close("td").open("td", {{"data-l", heads[2]}});
    h.element("span", consent == nullptr
                          ? std::string("–")
                          : fmt::format("{}, {}", say.value("treaty.act", to_string(consent->act)),
                                        shown_date(context, consent->date)));
    h.close("td");
    write_status_cell(h, context, cell, heads[3]);
    write_read_cell(h, context, cell, heads[4]);
    h.close("tr");
  }
  h.close("tbody").close("table");
}

std::string csv_link(const PageContext&, std::string_view filter, std::string_view value) {
  return value.empty() ? "/api/v1/treaty-events?format=csv"
                       : fmt::format("/api/v1/treaty-events?format=csv&{}={}", filter, value);
}

}  // namespace

std::string shown_date(const PageContext& context, std::string_view date) {
  return date.empty() ? std::string("–") : figures::edtf(context.language, date);
}

std::string render_treaty_matrix(const PageContext& context, const TreatyMatrixView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("treaties.matrix"), say("treaties.matrix.lead")});
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap stack"}});
  h.element("h2", say("treaties.matrix.on", {{"date", shown_date(context, view.matrix.as_of)}}));
  write_as_of(h, context, "/treaties/matrix", view.matrix.as_of);
  write_legend(h, context);
  h.open("div", {{"class", "scroll"},
                 {"tabindex", "0"},
                 {"role", "region"},
                 {"aria-label", say("treaties.matrix")}});
  h.open("table", {{"class", "matrix"}}).open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, say("treaty.one"));
  for (const std::string& state : view.matrix.states) {
    h.open("th", {{"scope", "col"}});
    h.open("a", {{"href", link(context, "/countries/" + state)}});
    h.open("abbr", {{"title", country_name(context, state)}}).text(state).close("abbr");
    h.close("a").close("th");
  }
  h.element("th", {{"scope", "col"}, {"class", "num"}}, say("treaty.parties"));
  h.close("tr").close("thead").open("tbody");
  for (std::size_t i = 0; i < view.matrix.instruments.size(); ++i) {
    write_matrix_row(h, context, view.matrix, i);
  }
  h.close("tbody").close("table").close("div");
  h.element("p", {{"class", "small"}}, say("treaties.matrix.note"));
  h.open("p", {{"class", "row"}});
  h.element("a", {{"class", "button"}, {"href", csv_link(context, "", "")}}, say("treaties.csv"));
  if (context.may_edit) {
    h.element("a", {{"class", "button"}, {"href", link(context, "/desk/treaties")}},
              say("treatyimport.title"));
  }
  h.close("p").close("div").close("section");
  Shell page;
  page.title = say("treaties.matrix");
  page.nav = "treaties";
  page.crumbs = {{say("nav.treaties"), "/treaties"}, {page.title, ""}};
  return shell(context, std::move(page), h);
}

void write_treaty_states(Html& h, const PageContext& context, const TreatyActs& acts) {
  const Say say(context);
  if (acts.matrix.instruments.empty()) {
    return;
  }
  const std::string& treaty = acts.matrix.instruments.front();
  open_band(h, {{"id", "states"}});
  h.element("h2", say("treaty.states"));
  const auto n = [&](TreatyStatus status) { return acts.matrix.count(0, status); };
  h.element("p", {{"class", "sub"}},
            say("treaty.states.sub",
                {{"parties", figures::number(context.language, n(TreatyStatus::party))},
                 {"unknown", figures::number(context.language, n(TreatyStatus::unknown))},
                 {"all", figures::number(context.language,
                                         static_cast<std::int64_t>(acts.matrix.states.size()))},
                 {"date", shown_date(context, acts.matrix.as_of)}}));
  write_status_table(h, context, acts, true);
  write_events(h, context, acts.events, true);
  h.open("p", {{"class", "row"}});
  h.element("a", {{"class", "button"}, {"href", csv_link(context, "instrument", treaty)}},
            say("treaties.csv"));
  h.element("a", {{"class", "button"}, {"href", link(context, "/treaties/matrix")}},
            say("treaties.matrix"));
  h.close("p");
  close_band(h);
}

void write_country_treaties(Html& h, const PageContext& context, const TreatyActs& acts) {
  const Say say(context);
  if (acts.matrix.states.empty()) {
    return;
  }
  const std::string& state = acts.matrix.states.front();
  open_band(h, {{"id", "treaties"}});
  std::int32_t parties = 0;
  for (std::size_t i = 0; i < acts.matrix.instruments.size(); ++i) {
    parties += acts.matrix.count(i, TreatyStatus::party);
  }
  h.element("h2", say("country.treaty_acts"));
  h.element("p", {{"class", "sub"}},
            say("country.treaty_acts.sub",
                {{"parties", figures::number(context.language, parties)},
                 {"all", figures::number(context.language, static_cast<std::int64_t>(
                                                               acts.matrix.instruments.size()))},
                 {"date", shown_date(context, acts.matrix.as_of)}}));
  write_status_table(h, context, acts, false);
  write_events(h, context, acts.events, false);
  h.open("p", {{"class", "row"}});
  h.element("a", {{"class", "button"}, {"href", csv_link(context, "party", state)}},
            say("treaties.csv"));
  h.element("a", {{"class", "button"}, {"href", link(context, "/treaties/matrix")}},
            say("treaties.matrix"));
  h.close("p");
  close_band(h);
}

}  // namespace atalaya::api
