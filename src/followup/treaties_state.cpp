// The status of one state towards one treaty on one day, from its acts alone.
//
// A list of participants that was read says two things: what stands on it, and that a state which
// does not stand on it had done nothing by then. Without such a list the absence of a row says
// nothing. Leaving counts from the day on which it has effect, and only after an act that it can
// undo: a signature that was taken back was never membership.
#include <algorithm>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/deadlines.hpp>
#include <atalaya/followup/treaties.hpp>

namespace atalaya::followup {
namespace {

constexpr std::int64_t kStaleDays = 365;

std::int64_t day_number(CivilDate date) {
  return std::chrono::sys_days(std::chrono::year(date.year) /
                               std::chrono::month(static_cast<unsigned>(date.month)) /
                               std::chrono::day(static_cast<unsigned>(date.day)))
      .time_since_epoch()
      .count();
}

// A stored date is valid (checked on the way in); anything else counts as never.
bool by_then(std::string_view date, CivilDate as_of) {
  const auto day = last_day(date);
  return day && *day <= as_of;
}

const TreatyEvent* latest(const TreatyEvent* a, const TreatyEvent& b) {
  if (a == nullptr) {
    return &b;
  }
  const auto day_a = last_day(a->date);
  const auto day_b = last_day(b.date);
  return day_a && day_b && *day_a > *day_b ? a : &b;
}

struct Deciding {
  const TreatyEvent* signature = nullptr;
  const TreatyEvent* consent = nullptr;
  const TreatyEvent* withdrawal = nullptr;
};

bool before(const TreatyEvent& a, const TreatyEvent& b) {
  const auto day_a = last_day(a.date);
  const auto day_b = last_day(b.date);
  return day_a && day_b && *day_a < *day_b;
}

void decide(const TreatyEvent& event, CivilDate as_of, Deciding& out) {
  if (event.act == TreatyAct::signature) {
    out.signature = latest(out.signature, event);
  } else if (is_consent(event.act)) {
    out.consent = latest(out.consent, event);
  } else if (event.act == TreatyAct::withdrawal &&
             by_then(event.effective.empty() ? event.date : event.effective, as_of)) {
    out.withdrawal = latest(out.withdrawal, event);
  }
}

CivilDate after(CivilDate deposit, const EntryRule& rule) {
  namespace chrono = std::chrono;
  if (rule.unit == EntryRule::Unit::day) {
    return plus_days(deposit, rule.after);
  }
  const auto month =
      chrono::year(deposit.year) / chrono::month(static_cast<unsigned>(deposit.month)) +
      chrono::months(rule.after);
  const auto last = chrono::year_month_day(month / chrono::last);
  const auto day = static_cast<std::int32_t>(static_cast<unsigned>(last.day()));
  return {static_cast<int>(month.year()),
          static_cast<std::int32_t>(static_cast<unsigned>(month.month())),
          rule.unit == EntryRule::Unit::month ? std::min(deposit.day, day) : 1};
}

// From when a consent binds: `day` empty where nobody recorded it and the rule leaves more than
// one; `latest` is the last of those, nothing where no rule says.
struct Binding {
  std::string day;
  bool by_rule = false;
  std::optional<CivilDate> latest;
};

// The recorded day belongs to the consent that it follows without a withdrawal between them. It
// follows from that consent, so it is known before it comes.
std::string recorded_day(std::span<const TreatyEvent> events, const TreatyEvent& consent) {
  const TreatyEvent* found = nullptr;
  for (const TreatyEvent& event : events) {
    const bool after_leaving = std::ranges::any_of(events, [&](const TreatyEvent& other) {
      return other.act == TreatyAct::withdrawal && !before(other, consent) && before(other, event);
    });
    if (event.act == TreatyAct::entry_into_force && !before(event, consent) && !after_leaving &&
        (found == nullptr || before(event, *found))) {
      found = &event;
    }
  }
  return found != nullptr ? found->date : consent.effective;
}

Binding binding_of(std::span<const TreatyEvent> events, const TreatyEvent& consent,
                   const EntryRule& rule) {
  Binding out;
  out.day = recorded_day(events, consent);
  if (!out.day.empty()) {
    if (const auto day = last_day(out.day)) {
      out.latest = *day;
    }
    return out;
  }
  const DaySpan deposit = days_of(consent.date);
  const auto all = parse_civil_date(rule.in_force);
  // A successor is bound from when it succeeded, which is no deposit.
  if (rule.source.empty() || !all || !deposit.first || !deposit.last ||
      consent.act == TreatyAct::succession) {
    return out;
  }
  const CivilDate first = std::max(*all, after(*deposit.first, rule));
  out.latest = std::max(*all, after(*deposit.last, rule));
  const auto silent = parse_civil_date(rule.silent_from);
  const bool unsaid = silent && *deposit.last >= *silent && *deposit.first < *all;
  if (first == *out.latest && !unsaid) {
    out.day = to_string(first);
    out.by_rule = true;
  }
  return out;
}

void settle(const TreatyEvent& event, TreatyStatus status, TreatyState& out) {
  out.status = status;
  out.since = event.date;
  out.act = to_string(event.act);
  out.effective = event.effective;
}

}  // namespace

std::string_view to_string(TreatyAct act) noexcept {
  switch (act) {
    case TreatyAct::signature:
      return "signature";
    case TreatyAct::ratification:
      return "ratification";
    case TreatyAct::accession:
      return "accession";
    case TreatyAct::acceptance:
      return "acceptance";
    case TreatyAct::approval:
      return "approval";
    case TreatyAct::succession:
      return "succession";
    case TreatyAct::reservation:
      return "reservation";
    case TreatyAct::objection:
      return "objection";
    case TreatyAct::withdrawal:
      return "withdrawal";
    case TreatyAct::entry_into_force:
      return "entry_into_force";
  }
  return "signature";
}

std::optional<TreatyAct> parse_treaty_act(std::string_view name) noexcept {
  for (const TreatyAct act : kTreatyActs) {
    if (to_string(act) == name) {
      return act;
    }
  }
  return std::nullopt;
}

bool is_consent(TreatyAct act) noexcept {
  return act == TreatyAct::ratification || act == TreatyAct::accession ||
         act == TreatyAct::acceptance || act == TreatyAct::approval || act == TreatyAct::succession;
}

std::string_view to_string(TreatyStatus status) noexcept {
  switch (status) {
    case TreatyStatus::unknown:
      return "unknown";
    case TreatyStatus::no_action:
      return "no_action";
    case TreatyStatus::signed_only:
      return "signed_only";
    case TreatyStatus::consented:
      return "consented";
    case TreatyStatus::party:
      return "party";
    case TreatyStatus::withdrawn:
      return "withdrawn";
    case TreatyStatus::signature_withdrawn:
      return "signature_withdrawn";
  }
  return "unknown";
}

std::string_view to_string(TreatyChange change) noexcept {
  switch (change) {
    case TreatyChange::added:
      return "added";
    case TreatyChange::unchanged:
      return "unchanged";
    case TreatyChange::read_again:
      return "read_again";
    case TreatyChange::changed:
      return "changed";
    case TreatyChange::missing:
      return "missing";
    case TreatyChange::retracted:
      return "retracted";
  }
  return "unchanged";
}

Result<CivilDate> last_day(std::string_view date) {
  std::string text(date);
  std::optional<CivilDate> found;
  if (text.size() == 4) {
    text += "-12-31";
  }
  if (text.size() == 7) {
    for (int day = 31; day >= 28 && !found; --day) {
      const auto parsed = parse_civil_date(text + "-" + std::to_string(day));
      found = parsed ? std::optional(*parsed) : std::nullopt;
    }
  } else if (const auto parsed = parse_civil_date(text)) {
    found = *parsed;
  }
  if (!found) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.date",
                      "a date is YYYY-MM-DD, YYYY-MM or YYYY",
                      {{"date", std::string(date.substr(0, 40))}}});
  }
  return *found;
}

TreatyState derive_state(std::span<const TreatyEvent> events, const TreatySnapshot* snapshot,
                         const EntryRule& rule, CivilDate as_of) {
  TreatyState out;
  Deciding found;
  for (const TreatyEvent& event : events) {
    if (!by_then(event.date, as_of)) {
      continue;
    }
    decide(event, as_of, found);
    out.reservations += event.act == TreatyAct::reservation ? 1 : 0;
    out.objections += event.act == TreatyAct::objection ? 1 : 0;
    out.read_on = std::max(out.read_on, event.read_on);
  }
  if (snapshot != nullptr) {
    out.read_on = std::max(out.read_on, snapshot->read_on);
  }
  const bool left_after_consent = found.withdrawal != nullptr && found.consent != nullptr &&
                                  !before(*found.withdrawal, *found.consent);
  if (left_after_consent) {
    settle(*found.withdrawal, TreatyStatus::withdrawn, out);
  } else if (found.consent != nullptr) {
    const Binding own = binding_of(events, *found.consent, rule);
    out.in_force = own.day;
    if (own.by_rule) {
      out.in_force_rule = rule.source;
      out.rule_read_in = rule.read_in;
      out.rule_read_on = rule.read_on;
    }
    const bool waits = rule.in_force.empty() || !by_then(rule.in_force, as_of) ||
                       (own.latest && as_of < *own.latest);
    settle(*found.consent, waits ? TreatyStatus::consented : TreatyStatus::party, out);
  } else if (found.withdrawal != nullptr && found.signature != nullptr &&
             !before(*found.withdrawal, *found.signature)) {
    settle(*found.withdrawal, TreatyStatus::signature_withdrawn, out);
  } else if (found.signature != nullptr) {
    settle(*found.signature, TreatyStatus::signed_only, out);
  } else if (snapshot != nullptr) {
    out.status = TreatyStatus::no_action;
  }
  const auto read = parse_civil_date(out.read_on);
  out.stale = read && day_number(as_of) - day_number(*read) > kStaleDays;
  return out;
}

std::int64_t TreatyImportPlan::count(TreatyChange change) const {
  return std::ranges::count(rows, change, &TreatyImportRow::change);
}

std::int32_t TreatyMatrix::count(std::size_t instrument, TreatyStatus status) const {
  std::int32_t n = 0;
  for (std::size_t state = 0; state < states.size(); ++state) {
    n += at(state, instrument).status == status ? 1 : 0;
  }
  return n;
}

}  // namespace atalaya::followup
