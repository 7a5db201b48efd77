// Treaty events in the store: compare a file with what is held, write all of it or nothing.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/reference.hpp>
#include <atalaya/followup/treaties.hpp>

#include "checks.hpp"
#include "record.hpp"
#include "treaties_rows.hpp"

namespace atalaya::followup {
namespace {

using Key = std::pair<std::string, std::string>;  // party, instrument

constexpr std::string_view kColumns =
    "id, party, instrument, kind, date, effective, depositary, source, read_on, note, added_at, "
    "added_by, superseded_at";
constexpr std::size_t kReasonBytesMax = 1000;
constexpr std::size_t kLeafEventsMax = 1000;  // more are committed to by their hash alone

TreatyEvent event_from(const store::Row& row) {
  TreatyEvent out;
  out.id = row.integer(0);
  out.party = row.text(1);
  out.instrument = row.text(2);
  out.act = parse_treaty_act(row.text(3)).value_or(TreatyAct::signature);
  out.date = row.text(4);
  out.effective = row.text(5);
  out.depositary = row.text(6);
  out.source = row.text(7);
  out.read_on = row.text(8);
  out.note = row.text(9);
  out.added_at = row.text(10);
  out.added_by = row.text(11);
  out.superseded_at = row.text_or_empty(12);
  return out;
}

Result<std::vector<TreatyEvent>> read_events(store::Transaction& tx, std::string_view party,
                                             std::string_view instrument, bool superseded) {
  std::string sql = fmt::format("SELECT {} FROM followup_treaty_events", kColumns);
  store::Parameters parameters;
  std::string_view joint = " WHERE ";
  const auto narrow = [&](std::string_view column, std::string_view value) {
    if (!value.empty()) {
      parameters.emplace_back(std::string(value));
      sql += fmt::format("{}{} = ${}", joint, column, parameters.size());
      joint = " AND ";
    }
  };
  narrow("party", party);
  narrow("instrument", instrument);
  if (!superseded) {
    sql += fmt::format("{}superseded_at IS NULL", joint);
  }
  const auto rows =
      ATALAYA_TRY(tx.query(sql + " ORDER BY instrument, party, date, id", parameters));
  std::vector<TreatyEvent> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    out.push_back(event_from(row));
  }
  return out;
}

Result<std::int64_t> state_of_store(store::Transaction& tx) {
  const auto row =
      ATALAYA_TRY(tx.query_one("SELECT value FROM counters WHERE name = 'followup_ids'"));
  return row.integer(0);
}

bool single(TreatyAct act) {
  return act == TreatyAct::signature || act == TreatyAct::entry_into_force || is_consent(act);
}

bool same_slot(TreatyAct a, TreatyAct b) {
  return a == b || (is_consent(a) && is_consent(b));
}

// "2003" and "2003-08-04" may be one date, known better or worse.
bool refines(std::string_view a, std::string_view b) {
  return a.starts_with(b) || b.starts_with(a);
}

// What is held about one party and treaty, and which of it the file has spoken of.
struct Held {
  std::vector<TreatyEvent> events;
  std::set<std::int64_t> met;

  const TreatyEvent* same(const TreatyEvent& event) {
    for (const TreatyEvent& one : events) {
      if (one.act == event.act && one.date == event.date) {
        return &one;
      }
    }
    return nullptr;
  }

  // What the file's act would take the place of: the same kind of act on another day.
  const TreatyEvent* other(const TreatyEvent& event) {
    if (!single(event.act)) {
      return nullptr;
    }
    for (const TreatyEvent& one : events) {
      const bool rejoined = std::ranges::any_of(events, [&](const TreatyEvent& act) {
        return act.act == TreatyAct::withdrawal && act.date >= std::min(one.date, event.date) &&
               act.date <= std::max(one.date, event.date);
      });
      if (same_slot(one.act, event.act) && !met.contains(one.id) && !rejoined) {
        return &one;
      }
    }
    return nullptr;
  }
};

bool same_words(const TreatyEvent& a, const TreatyEvent& b) {
  return a.effective == b.effective && a.depositary == b.depositary && a.source == b.source &&
         a.note == b.note;
}

TreatyImportRow compare(const detail::ReadRow& row, Held& held) {
  TreatyImportRow out;
  out.line = row.line;
  out.event = row.event;
  const TreatyEvent* same = held.same(row.event);
  if (row.retract) {
    out.change = same == nullptr ? TreatyChange::unchanged : TreatyChange::retracted;
    out.before = same == nullptr ? std::nullopt : std::optional(*same);
    return out;
  }
  const TreatyEvent* before = same != nullptr ? same : held.other(row.event);
  if (before == nullptr) {
    out.change = TreatyChange::added;
    return out;
  }
  held.met.insert(before->id);
  // What the file does not say is not taken back by it.
  if (out.event.effective.empty()) {
    out.event.effective = before->effective;
  }
  if (out.event.note.empty()) {
    out.event.note = before->note;
  }
  const bool newer = out.event.read_on > before->read_on;
  const bool better = refines(out.event.date, before->date) && out.event.act == before->act &&
                      out.event.date.size() > before->date.size();
  if (same == nullptr) {
    out.change = better ? TreatyChange::read_again : TreatyChange::changed;
  } else if (newer) {
    out.change = before->effective.empty() || before->effective == out.event.effective
                     ? TreatyChange::read_again
                     : TreatyChange::changed;
  } else if (out.event.read_on < before->read_on || same_words(out.event, *before)) {
    out.change = TreatyChange::unchanged;
    out.event = *before;
  } else {
    out.change = TreatyChange::changed;
  }
  if (out.change != TreatyChange::unchanged) {
    out.before = *before;
  }
  return out;
}

// A whole list says of what is not on it that it did not happen; unless somebody has read it later.
void add_missing(const std::map<Key, Held>& held, TreatyImportPlan& plan) {
  for (const auto& [key, cell] : held) {
    for (const TreatyEvent& event : cell.events) {
      const bool listed_kind = event.act == TreatyAct::signature || is_consent(event.act);
      if (listed_kind && event.instrument == plan.instrument && event.date <= plan.snapshot &&
          event.read_on <= plan.snapshot && !cell.met.contains(event.id)) {
        plan.rows.push_back({0, TreatyChange::missing, event, event});
      }
    }
  }
}

// What an act rests on: a withdrawal on a signature or consent, an entry into force on a consent.
bool rests(const TreatyEvent& event, const std::vector<TreatyEvent>& all) {
  const bool leaves = event.act == TreatyAct::withdrawal;
  if (!leaves && event.act != TreatyAct::entry_into_force) {
    return true;
  }
  const auto own = last_day(event.date);
  return std::ranges::any_of(all, [&](const TreatyEvent& act) {
    const auto day = last_day(act.date);
    return (is_consent(act.act) || (leaves && act.act == TreatyAct::signature)) && day && own &&
           *day <= *own;
  });
}

// The rules hold over what is held afterwards, also for acts that the file does not name: else
// what one file takes back would leave an act of another that nothing carries.
Result<void> check_result(const TreatyImportPlan& plan, const std::map<Key, Held>& cells) {
  std::map<Key, std::vector<const TreatyImportRow*>> touched;
  for (const TreatyImportRow& row : plan.rows) {
    if (row.before) {
      touched[{row.event.party, row.event.instrument}].push_back(&row);
    }
  }
  for (const auto& [key, rows] : touched) {
    std::vector<TreatyEvent> after;
    for (const TreatyEvent& event : cells.at(key).events) {
      const bool gone = std::ranges::any_of(
          rows, [&](const TreatyImportRow* row) { return row->before->id == event.id; });
      if (!gone) {
        after.push_back(event);
      }
    }
    for (const TreatyImportRow& row : plan.rows) {
      const bool stays = row.change != TreatyChange::unchanged &&
                         row.change != TreatyChange::missing &&
                         row.change != TreatyChange::retracted;
      if (stays && Key{row.event.party, row.event.instrument} == key) {
        after.push_back(row.event);
      }
    }
    for (const TreatyEvent& event : after) {
      if (!rests(event, after)) {
        const bool listed = rows.front()->line == 0;  // a list that names the state no longer
        return fail(Error{ErrorCode::invalid_argument,
                          listed ? "followup.treaties.orphan.list" : "followup.treaties.orphan",
                          "an act would stay without the one that it rests on",
                          {{"file", plan.file_name},
                           {"line", std::to_string(rows.front()->line)},
                           {"party", event.party},
                           {"instrument", event.instrument},
                           {"act", std::string(to_string(event.act))},
                           {"date", event.date}}});
      }
    }
  }
  return {};
}

std::string words(const TreatyEvent& event) {
  return fmt::format("{} {}", to_string(event.act), event.date);
}

json::object as_json(const TreatyEvent& event) {
  return {
      {"party", event.party},   {"instrument", event.instrument}, {"kind", to_string(event.act)},
      {"date", event.date},     {"effective", event.effective},   {"depositary", event.depositary},
      {"source", event.source}, {"read_on", event.read_on},       {"note", event.note}};
}

Result<void> insert_events(store::Transaction& tx, const std::vector<TreatyEvent>& events,
                           std::int64_t import, std::string_view by, const std::string& now) {
  std::int64_t id = ATALAYA_TRY(detail::next_ids(tx, static_cast<std::int64_t>(events.size())));
  std::vector<store::Parameters> rows;
  rows.reserve(events.size());
  for (const TreatyEvent& event : events) {
    rows.push_back({id++, event.party, event.instrument, std::string(to_string(event.act)),
                    event.date, event.effective, event.depositary, event.source, event.read_on,
                    event.note, import, now, std::string(by)});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO followup_treaty_events(id, party, instrument, kind, date, effective, "
      "depositary, source, read_on, note, import, added_at, added_by) VALUES ($1, $2, $3, $4, $5, "
      "$6, $7, $8, $9, $10, $11, $12, $13)",
      rows));
  return {};
}

struct Writing {
  std::vector<TreatyEvent> fresh;
  std::vector<std::int64_t> gone;
  std::vector<detail::Change> changes;
  json::array events;
};

Writing writing_of(const TreatyImportPlan& plan, std::string_view by, std::string_view reason) {
  Writing out;
  for (const TreatyImportRow& row : plan.rows) {
    if (row.change == TreatyChange::unchanged) {
      continue;
    }
    const bool leaves =
        row.change == TreatyChange::missing || row.change == TreatyChange::retracted;
    if (row.before) {
      out.gone.push_back(row.before->id);
    }
    if (!leaves) {
      out.fresh.push_back(row.event);
    }
    detail::Change change;
    change.kind = fmt::format("treaty_event.{}", to_string(row.change));
    change.actor = row.event.party;
    change.instrument = row.event.instrument;
    change.before = row.before ? words(*row.before) : std::string();
    change.after = leaves ? std::string() : words(row.event);
    change.why = leaves ? reason : row.event.source;
    change.by = by;
    out.changes.push_back(std::move(change));
    json::object entry = as_json(row.event);
    entry["change"] = to_string(row.change);
    out.events.push_back(std::move(entry));
  }
  return out;
}

Result<void> write_plan(const Parts& parts, store::Transaction& tx, const TreatyImportPlan& plan,
                        std::string_view by, std::string_view reason = {}) {
  Writing writing = writing_of(plan, by, reason);
  const std::string now = to_string(parts.clock->now());
  const std::int64_t import = ATALAYA_TRY(detail::next_ids(tx, 1));
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_treaty_imports(id, file_name, sha256, layout, instrument, snapshot, "
      "source, imported_at, imported_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {import, plan.file_name, plan.sha256, plan.layout, plan.instrument, plan.snapshot,
       plan.source, now, std::string(by)}));
  std::vector<store::Parameters> gone;
  for (const std::int64_t id : writing.gone) {
    gone.push_back({id, now, std::string(by)});
  }
  if (!gone.empty()) {
    ATALAYA_TRY(tx.execute_many(
        "UPDATE followup_treaty_events SET superseded_at = $2, superseded_by = $3 WHERE id = $1 "
        "AND superseded_at IS NULL",
        gone));
  }
  if (!writing.fresh.empty()) {
    ATALAYA_TRY(insert_events(tx, writing.fresh, import, by, now));
  }
  detail::Leaf leaf{"followup.treaties", fmt::format("treaties/{}", import), {}};
  const std::string all = canonical_json(writing.events);
  leaf.payload = {{"file", plan.sha256},
                  {"layout", plan.layout},
                  {"instrument", plan.instrument},
                  {"snapshot", plan.snapshot},
                  {"by", by},
                  {"events_sha256", to_hex(sha256(all))}};
  if (!reason.empty()) {
    leaf.payload["reason"] = reason;
  }
  if (writing.events.size() <= kLeafEventsMax) {
    leaf.payload["events"] = std::move(writing.events);
  }
  return detail::record(parts, tx, leaf, writing.changes);
}

// A short list of participants would take back all that others read: a tick alone is too little.
Result<std::string> reason_of(const TreatyImportPlan& plan, std::string_view given) {
  if (plan.taken_back() == 0) {
    return std::string();
  }
  std::string reason(trim(given));
  if (!detail::check_reason(reason) || reason.size() > kReasonBytesMax) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.treaties.reason",
                      "acts that are held would be taken back without a reason",
                      {{"file", plan.file_name}, {"n", std::to_string(plan.taken_back())}}});
  }
  ATALAYA_TRY(detail::check_text(reason, kReasonBytesMax));
  return reason;
}

// What happens to acts that are held and whom a name means are two questions, each with an answer of
// its own.
Result<void> check_accepted(const TreatyImportPlan& plan, const TreatyImportOptions& options) {
  if (plan.replaced() > 0 && !options.accept_changes) {
    return fail(Error{ErrorCode::conflict,
                      "followup.treaties.changes",
                      "events that are held would be replaced or taken back; nothing was changed",
                      {{"file", plan.file_name}, {"n", std::to_string(plan.replaced())}}});
  }
  if (!plan.resembling.empty() && !options.accept_names) {
    const ResemblingName& one = plan.resembling.front();
    return fail(Error{ErrorCode::conflict,
                      "followup.treaties.resembles",
                      "a name that looks like a state's is read as none; nothing was changed",
                      {{"file", plan.file_name},
                       {"line", std::to_string(one.line)},
                       {"value", one.name},
                       {"state", one.state}}});
  }
  return {};
}

// Only what is held, or was and has been taken back already, is taken back: else a wrong letter in a
// row would pass as done.
Result<void> check_taken_back(const Treaties& treaties, const detail::ReadFile& file,
                              std::string_view file_name) {
  for (const detail::ReadRow& row : file.rows) {
    if (!row.retract) {
      continue;
    }
    const auto acts = ATALAYA_TRY(treaties.events(row.event.party, row.event.instrument, true));
    if (std::ranges::none_of(acts, [&](const TreatyEvent& act) {
          return act.act == row.event.act && act.date == row.event.date;
        })) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.treaties.not_held",
                        "an act would be taken back that never was held",
                        {{"file", std::string(file_name)},
                         {"line", std::to_string(row.line)},
                         {"value", std::string(to_string(row.event.act))},
                         {"date", row.event.date}}});
    }
  }
  return {};
}

}  // namespace

bool TreatyImportPlan::has_news() const {
  return count(TreatyChange::unchanged) != static_cast<std::int64_t>(rows.size()) ||
         (!known && layout == "untc");
}

std::int64_t TreatyImportPlan::taken_back() const {
  return count(TreatyChange::missing) + count(TreatyChange::retracted);
}

std::int64_t TreatyImportPlan::replaced() const {
  return count(TreatyChange::changed) + taken_back();
}

Result<TreatyImportPlan> Treaties::plan(std::string_view bytes, std::string_view file_name,
                                        const TreatyImportOptions& options) const {
  TreatyImportPlan plan;
  plan.file_name = file_name;
  plan.sha256 = to_hex(sha256(bytes));
  std::vector<TreatyEvent> held;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    held = ATALAYA_TRY(read_events(tx, {}, {}, false));
    plan.based_on = ATALAYA_TRY(state_of_store(tx));
    const auto same = ATALAYA_TRY(
        tx.query("SELECT 1 FROM followup_treaty_imports WHERE sha256 = $1 AND instrument = $2 AND "
                 "snapshot = $3 LIMIT 1",
                 {plan.sha256, options.instrument, options.snapshot}));
    plan.known = !same.empty();
    return {};
  }));
  auto file = ATALAYA_TRY(detail::read_treaty_file(parts_, bytes, file_name, options, held));
  ATALAYA_TRY(check_taken_back(*this, file, file_name));
  plan.layout = file.layout;
  plan.instrument = file.instrument;
  plan.snapshot = file.snapshot;
  plan.source = file.source;
  plan.outside = std::move(file.outside);
  plan.resembling = std::move(file.resembling);
  std::map<Key, Held> cells;
  for (TreatyEvent& event : held) {
    cells[{event.party, event.instrument}].events.push_back(std::move(event));
  }
  // Exact matches first, so that a corrected date is not mistaken for another row's.
  for (const auto& row : file.rows) {
    Held& cell = cells[{row.event.party, row.event.instrument}];
    if (const TreatyEvent* same = cell.same(row.event)) {
      cell.met.insert(same->id);
    }
  }
  for (const auto& row : file.rows) {
    plan.rows.push_back(compare(row, cells[{row.event.party, row.event.instrument}]));
  }
  if (plan.layout == "untc") {
    add_missing(cells, plan);
  }
  ATALAYA_TRY(check_result(plan, cells));
  return plan;
}

Result<void> Treaties::apply(const TreatyImportPlan& plan,
                             const TreatyImportOptions& options) const {
  if (!plan.has_news()) {
    return {};
  }
  ATALAYA_TRY(check_accepted(plan, options));
  const std::string reason = ATALAYA_TRY(reason_of(plan, options.reason));
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const std::int64_t now = ATALAYA_TRY(state_of_store(tx));
    if (now != plan.based_on) {
      return fail(ErrorCode::conflict, "followup.treaties.stale",
                  "something else changed after the file was compared; read it again");
    }
    return write_plan(parts_, tx, plan, options.by, reason);
  }));
  return detail::noticed(parts_);
}

Result<std::vector<TreatyEvent>> Treaties::events(std::string_view party,
                                                  std::string_view instrument,
                                                  bool superseded) const {
  std::vector<TreatyEvent> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_events(tx, party, instrument, superseded));
    return {};
  }));
  return out;
}

Result<std::vector<TreatySnapshot>> Treaties::snapshots() const {
  std::vector<TreatySnapshot> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT instrument, snapshot, source FROM followup_treaty_imports WHERE snapshot <> '' "
        "ORDER BY instrument, snapshot"));
    for (const auto& row : rows) {
      out.push_back({row.text(0), row.text(1), row.text(2)});
    }
    return {};
  }));
  return out;
}

Result<TreatyMatrix> Treaties::matrix(CivilDate as_of, std::string_view party,
                                      std::string_view instrument,
                                      std::optional<CivilDate> known_on) const {
  auto events = ATALAYA_TRY(this->events(party, instrument, known_on.has_value()));
  auto snapshots = ATALAYA_TRY(this->snapshots());
  if (known_on) {
    const std::string day = to_string(*known_on);
    const auto by_then = [&](const std::string& at) {
      return !at.empty() && std::string_view(at).substr(0, 10) <= day;
    };
    std::erase_if(events, [&](const TreatyEvent& event) {
      return !by_then(event.added_at) || by_then(event.superseded_at);
    });
    std::erase_if(snapshots,
                  [&](const TreatySnapshot& snapshot) { return !by_then(snapshot.read_on); });
  }
  TreatyMatrix out;
  out.as_of = to_string(as_of);
  for (const auto& country : parts_.catalogue().countries()) {
    if (country.is_state && (party.empty() || country.id == party)) {
      out.states.push_back(country.id);
    }
  }
  std::map<std::string, const TreatySnapshot*, std::less<>> newest;
  for (const TreatySnapshot& snapshot : snapshots) {
    // The newest reading of that day; where there is none yet the first one after it: who does not
    // stand on a later list had done nothing before, either.
    const TreatySnapshot*& best = newest[snapshot.instrument];
    if (best == nullptr || snapshot.read_on <= out.as_of) {
      best = &snapshot;
    }
  }
  std::map<Key, std::vector<TreatyEvent>> cells;
  for (const TreatyEvent& event : events) {
    cells[{event.party, event.instrument}].push_back(event);
  }
  std::vector<const commitments::Instrument*> treaties;
  for (const auto& row : parts_.catalogue().instruments()) {
    if (row.kind == "treaty" && (instrument.empty() || row.id == instrument)) {
      out.instruments.push_back(row.id);
      treaties.push_back(&row);
    }
  }
  for (const std::string& state : out.states) {
    for (const auto* treaty : treaties) {
      const auto cell = cells.find({state, treaty->id});
      const auto list = newest.find(treaty->id);
      out.cells.push_back(derive_state(
          cell == cells.end() ? std::span<const TreatyEvent>() : std::span(cell->second),
          list == newest.end() ? nullptr : list->second, parts_.reference->entry_rule(*treaty),
          as_of));
    }
  }
  return out;
}

Result<std::string> Treaties::csv() const {
  const auto events = ATALAYA_TRY(this->events({}, {}));
  return treaty_csv(events);
}

Result<void> Treaties::sync_catalogue() const {
  constexpr std::string_view kSetting = "followup.catalogue";
  const std::string& digest = parts_.reference->digest();
  bool current = false;
  std::vector<TreatyEvent> held;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows =
        ATALAYA_TRY(tx.query("SELECT value FROM settings WHERE key = $1", {std::string(kSetting)}));
    current = !rows.empty() && rows.front().text(0) == digest;
    if (!current) {
      held = ATALAYA_TRY(read_events(tx, {}, {}, true));
    }
    return {};
  }));
  if (current) {
    return {};
  }
  // What somebody at this node has imported or taken back stays as they left it.
  std::map<Key, Held> cells;
  std::set<Key> taken_back;
  for (const TreatyEvent& event : held) {
    if (event.superseded_at.empty()) {
      cells[{event.party, event.instrument}].events.push_back(event);
    } else {
      taken_back.insert({event.party + "/" + event.instrument, words(event)});
    }
  }
  TreatyImportPlan plan;
  plan.file_name = "catalogue/followup/treaties.json";
  plan.sha256 = digest;
  plan.layout = "catalogue";
  for (const TreatyEvent& event : parts_.reference->treaty_events()) {
    auto row = compare({0, event, false}, cells[{event.party, event.instrument}]);
    const bool ours = row.before && row.before->added_by == "catalogue";
    const bool back = taken_back.contains({event.party + "/" + event.instrument, words(event)});
    if ((row.change == TreatyChange::added && !back) || (row.before && ours)) {
      plan.rows.push_back(std::move(row));
    }
  }
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(
        tx.execute("INSERT INTO settings(key, value) VALUES ($1, $2) ON CONFLICT (key) DO "
                   "UPDATE SET value = $2",
                   {std::string(kSetting), digest}));
    return plan.rows.empty() ? Result<void>() : write_plan(parts_, tx, plan, "catalogue");
  });
}

}  // namespace atalaya::followup
