// Dates that commitments name, and what became of them.
#include <atalaya/followup/deadlines.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/registers.hpp>
#include <atalaya/followup/treaties.hpp>

#include "cube_cache.hpp"
#include "deadlines_data.hpp"

namespace atalaya::followup {
namespace {

constexpr std::pair<DeadlineState, std::string_view> kNames[] = {
    {DeadlineState::open, "open"},
    {DeadlineState::lapsed, "lapsed"},
    {DeadlineState::met_early, "met_early"},
    {DeadlineState::met, "met"},
    {DeadlineState::late, "late"},
    {DeadlineState::postponed, "postponed"},
    {DeadlineState::superseded, "superseded"},
    {DeadlineState::undated, "undated"}};

// "2031~" and "2031?" are not certain, and no other day.
std::string_view plain_date(std::string_view date) {
  return date.ends_with('~') || date.ends_with('?') ? date.substr(0, date.size() - 1) : date;
}

std::optional<CivilDate> first_of(std::string_view date) {
  std::string text(plain_date(date));
  if (text.size() == 4 && text.back() == 'X') {
    text.back() = '0';
  }
  text += text.size() == 4 ? "-01-01" : text.size() == 7 ? "-01" : "";
  const auto day = parse_civil_date(text);
  return day ? std::optional(*day) : std::nullopt;
}

std::optional<CivilDate> last_of(std::string_view date) {
  std::string text(plain_date(date));
  if (text.size() == 4 && text.back() == 'X') {
    text.back() = '9';
  }
  const auto day = last_day(text);
  return day ? std::optional(*day) : std::nullopt;
}

std::int64_t whole(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

DeadlineOutcome outcome_of(const RegisterRecord& row) {
  const auto value = [&](std::string_view field) { return std::string(row.value(field)); };
  return {value("commitment"),
          value("actor"),
          whole(row.value("which")),
          value("outcome"),
          value("date"),
          value("new_due"),
          value("successor"),
          value("note"),
          value("source"),
          value("url"),
          row.at.substr(0, 10),
          row.id,
          row.value("said_by") == "state"};
}

struct DueRow {
  std::string commitment;
  std::int32_t ordinal = 0;
  std::string edtf, kind, printed, latest, set_by;
  bool soft = false;
  std::int32_t replaces = 0;  // number of the date that rules read, in whose place this one stands
  std::string language;       // of the text whose clauses and dates were read
};

// All that the list is made of; every row is read once.
struct Held {
  std::shared_ptr<const std::vector<Member>> members;
  std::map<std::string_view, const Member*> by_id;
  std::vector<DueRow> dues;
  std::multimap<std::string, DeadlineOutcome, std::less<>> outcomes;  // by commitment
};

Result<Held> read_all(const Parts& parts, const DeadlineQuery& query) {
  Held out;
  out.members = ATALAYA_TRY(parts.cube->members(parts, query.language));
  for (const Member& member : *out.members) {
    out.by_id[member.row.id] = &member;
  }
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT commitment, ordinal, edtf, kind, printed, latest, CASE WHEN set_by = 'rule' "
                 "THEN '' ELSE set_by END, soft, replaces, COALESCE((SELECT MIN(c.language) FROM "
                 "clauses c WHERE c.commitment = dues.commitment), '') FROM dues WHERE "
                 "withdrawn_by = '' ORDER BY commitment, ordinal"));
    out.dues.clear();
    for (const auto& row : rows) {
      out.dues.push_back({row.text(0), static_cast<std::int32_t>(row.integer(1)), row.text(2),
                          row.text(3), row.text(4), row.text(5), row.text(6), row.integer(7) != 0,
                          static_cast<std::int32_t>(row.integer(8)), row.text(9)});
    }
    return {};
  }));
  const auto rows = ATALAYA_TRY(Registers(parts).list({.kind = "deadline_outcomes"}));
  for (const RegisterRecord& row : rows) {
    out.outcomes.emplace(std::string(row.value("commitment")), outcome_of(row));
  }
  for (const DeadlineOutcome& outcome : detail::deadline_data().outcomes) {
    out.outcomes.emplace(outcome.commitment, outcome);
  }
  return out;
}

bool concerns(const DeadlineOutcome& outcome, const Deadline& date, std::string_view actor,
              CivilDate as_of) {
  const auto day = first_of(outcome.date);
  const bool whose = outcome.actor.empty() || outcome.actor == actor;
  // What became of a date is what became of the one that a person set in its place.
  const bool which = outcome.which == 0 || outcome.which == date.ordinal ||
                     (date.replaces != 0 && outcome.which == date.replaces);
  return whose && which && day && *day <= as_of;
}

// What a node records stands over the catalogue; an actor's own row over the one for everybody, and
// what others say of it over its own word; else the newest.
bool weighs_more(const DeadlineOutcome& a, const DeadlineOutcome& b) {
  const auto rank = [](const DeadlineOutcome& one) {
    return std::tuple(one.record != 0, !one.actor.empty(), !one.said_by_state,
                      std::string_view(one.date), one.record);
  };
  return rank(a) > rank(b);
}

void settle(const Held& held, std::string_view actor, CivilDate as_of, Deadline& out) {
  const auto [from, to] = held.outcomes.equal_range(out.commitment);
  for (auto it = from; it != to; ++it) {
    if (concerns(it->second, out, actor, as_of) &&
        (!out.outcome || weighs_more(it->second, *out.outcome))) {
      out.outcome = it->second;
    }
  }
  out.state = derive_deadline(out.days, out.outcome ? &*out.outcome : nullptr, as_of);
}

Deadline deadline_of(const DueRow& due, const Member& member) {
  Deadline out;
  out.commitment = due.commitment;
  out.id = fmt::format("{}/{}", due.commitment, due.ordinal);
  out.ordinal = due.ordinal;
  out.replaces = due.replaces;
  out.title = member.row.title.empty() ? member.row.text_start : member.row.title;
  out.document = member.row.document;
  out.meeting = member.row.meeting;
  out.year = member.row.year;
  out.edtf = due.edtf;
  out.kind = due.kind;
  out.printed = due.printed;
  out.printed_language = due.language;
  out.set_by = due.set_by;
  out.soft = due.soft;
  out.institutions = member.organs;
  out.asks_states = member.asks_states;
  out.days = days_of(due.edtf);
  if (!due.latest.empty()) {  // it says more than the date: of "04/03/2027" the later day
    out.days.last = last_of(due.latest);
  }
  for (const detail::KnownDay& day : detail::deadline_data().days) {
    if (day.commitment == due.commitment && day.which == due.ordinal) {
      out.edtf = day.due;
      out.days = days_of(day.due);
      out.days_source = day.source;
    }
  }
  return out;
}

std::vector<Deadline> unsettled(const Held& held) {
  std::map<std::string_view, std::size_t> place;
  for (std::size_t i = 0; i < held.members->size(); ++i) {
    place[(*held.members)[i].row.id] = i;
  }
  std::vector<Deadline> out;
  for (const DueRow& due : held.dues) {
    const auto member = held.by_id.find(due.commitment);
    if (member != held.by_id.end()) {
      out.push_back(deadline_of(due, *member->second));
    }
  }
  const CivilDate never{9999, 12, 31};
  std::ranges::stable_sort(out, {}, [&](const Deadline& one) {
    return std::tuple(one.days.last.value_or(never), place.at(one.commitment), one.ordinal);
  });
  return out;
}

Deadline guidance_deadline(const detail::GuidanceDate& date, const DeadlineQuery& query) {
  Deadline out;
  out.id = date.id;
  out.title = date.title.in(query.language);
  out.document = date.document;
  out.edtf = date.due;
  out.kind = date.kind;
  out.printed = date.printed;
  out.printed_language = "en";  // as the catalogue quotes it
  out.days = days_of(date.due);
  out.asks_states = false;
  if (concerns(date.outcome, out, {}, query.as_of)) {
    out.outcome = date.outcome;
  }
  out.state = derive_deadline(out.days, out.outcome ? &*out.outcome : nullptr, query.as_of);
  return out;
}

// The cells of the dated commitments: whom a date concerns is decided by the cube's own rule.
Result<Matrix> cells_of(const Parts& parts, const std::vector<Deadline>& dates, CivilDate as_of,
                        std::vector<std::string> actors) {
  MatrixQuery query;
  std::set<std::string> ids;
  for (const Deadline& one : dates) {
    ids.insert(one.commitment);
  }
  query.commitments.assign(ids.begin(), ids.end());
  query.actors = std::move(actors);
  query.as_of = as_of;
  query.limit = static_cast<std::int32_t>(query.commitments.size());
  return Cube(parts).matrix(query);
}

std::set<std::string_view> concerned(const Matrix& matrix, std::size_t actor) {
  std::set<std::string_view> out;
  for (std::size_t i = 0; i < matrix.commitments.size(); ++i) {
    const Applicability applies = matrix.at(i, actor).applicability;
    if (applies == Applicability::applicable || applies == Applicability::participation_unknown) {
      out.insert(matrix.commitments[i].row.id);
    }
  }
  return out;
}

}  // namespace

DaySpan days_of(std::string_view edtf) {
  if (edtf.starts_with("../")) {
    return {std::nullopt, last_of(edtf.substr(3))};
  }
  const auto slash = edtf.find('/');
  if (slash != std::string_view::npos) {
    return {first_of(edtf.substr(0, slash)), last_of(edtf.substr(slash + 1))};
  }
  return {first_of(edtf), last_of(edtf)};
}

std::string_view to_string(DeadlineState state) noexcept {
  return std::ranges::find(kNames, state, [](const auto& name) { return name.first; })->second;
}

std::optional<DeadlineState> parse_deadline_state(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kNames, name, [](const auto& one) { return one.second; });
  return found == std::end(kNames) ? std::nullopt : std::optional(found->first);
}

std::string Deadline::shown() const {
  return edtf.ends_with('X') && days.last ? fmt::format("../{}", days.last->year) : edtf;
}

bool Deadline::pending() const noexcept {
  return state == DeadlineState::open || state == DeadlineState::lapsed ||
         state == DeadlineState::postponed;
}

DeadlineState derive_deadline(const DaySpan& due, const DeadlineOutcome* outcome, CivilDate as_of) {
  if (outcome != nullptr && outcome->outcome == "postponed") {
    // Who moves a date still has one, which can pass as the first did.
    const auto moved_to = days_of(outcome->new_due).last;
    return moved_to && *moved_to < as_of ? DeadlineState::lapsed : DeadlineState::postponed;
  }
  if (outcome != nullptr && outcome->outcome == "superseded") {
    return DeadlineState::superseded;
  }
  if (!due.last) {
    return DeadlineState::undated;
  }
  if (outcome == nullptr) {
    return *due.last < as_of ? DeadlineState::lapsed : DeadlineState::open;
  }
  const DaySpan done = days_of(outcome->date);
  if (done.first && *done.first > *due.last) {
    return DeadlineState::late;
  }
  return due.first && done.last && *done.last < *due.first ? DeadlineState::met_early
                                                           : DeadlineState::met;
}

Result<std::vector<Deadline>> Deadlines::list(const DeadlineQuery& query) const {
  const Held held = ATALAYA_TRY(read_all(parts_, query));
  std::vector<Deadline> out = unsettled(held);
  if (!query.actor.empty()) {
    const Matrix matrix = ATALAYA_TRY(cells_of(parts_, out, query.as_of, {query.actor}));
    const auto mine = concerned(matrix, 0);
    std::erase_if(out, [&](const Deadline& one) { return !mine.contains(one.commitment); });
  }
  for (Deadline& one : out) {
    settle(held, query.actor, query.as_of, one);
  }
  if (query.actor.empty()) {
    for (const auto& date : detail::deadline_data().guidance) {
      Deadline one = guidance_deadline(date, query);
      const auto after = std::ranges::find_if(out, [&](const Deadline& other) {
        return !other.days.last || *other.days.last > *one.days.last;
      });
      out.insert(after, std::move(one));
    }
  }
  return out;
}

Result<bool> Deadlines::has_date(std::string_view commitment, std::string_view which) const {
  const std::int64_t number = whole(which);
  bool found = false;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT 1 FROM dues WHERE commitment = $1 AND ordinal = $2 AND withdrawn_by = ''",
        {std::string(commitment), number}));
    found = !rows.empty();
    return {};
  }));
  return found;
}

Result<std::vector<std::int64_t>> Deadlines::recorded(std::string_view commitment) const {
  const auto rows = ATALAYA_TRY(Registers(parts_).list({.kind = "deadline_outcomes"}));
  std::vector<std::int64_t> out;
  for (const RegisterRecord& row : rows) {
    if (row.value("commitment") == commitment) {
      out.push_back(whole(row.value("which")));
    }
  }
  return out;
}

Result<std::vector<PendingDates>> Deadlines::pending(CivilDate as_of) const {
  const DeadlineQuery query{.as_of = as_of, .language = Language::en, .actor = {}};
  const Held held = ATALAYA_TRY(read_all(parts_, query));
  const std::vector<Deadline> dates = unsettled(held);
  std::vector<std::string> actors;
  for (const auto& country : parts_.catalogue().countries()) {
    if (country.is_state) {
      actors.push_back(country.id);
    }
  }
  for (const auto& institution : parts_.catalogue().institutions()) {
    if (std::ranges::any_of(dates, [&](const Deadline& one) {
          return std::ranges::find(one.institutions, institution.id) != one.institutions.end();
        })) {
      actors.push_back(institution.id);
    }
  }
  const Matrix matrix = ATALAYA_TRY(cells_of(parts_, dates, as_of, std::move(actors)));
  std::vector<PendingDates> out;
  for (std::size_t i = 0; i < matrix.actors.size(); ++i) {
    PendingDates row{.actor = matrix.actors[i]};
    const auto mine = concerned(matrix, i);
    for (Deadline one : dates) {
      if (!mine.contains(one.commitment)) {
        continue;
      }
      settle(held, row.actor, as_of, one);
      row.open += one.state == DeadlineState::open ? 1 : 0;
      row.lapsed += one.state == DeadlineState::lapsed ? 1 : 0;
      if (one.state == DeadlineState::postponed) {
        row.postponed += 1;
        row.postponed_by_word += one.said_by_state() ? 1 : 0;
      }
    }
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace atalaya::followup
