#pragma once
// What became of the dates that commitments name, and which periodic reports are owed. Dates come
// from the commitments desk; outcomes, days of events and duties are data with a source each: the
// catalogue's (catalogue/followup/deadlines.json, duties.json), over which a node's registers
// (deadline_outcomes, report_duties, reports_received) stand. Every count of dates and of owed
// reports, on pages, in feeds, reminders and briefs, is taken over what these two classes answer.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

/// The day that is `days` after `date`, before it where they are below zero.
[[nodiscard]] CivilDate plus_days(CivilDate date, std::int64_t days);

/// The days that a date may mean; empty where a side is not known.
struct DaySpan {
  std::optional<CivilDate> first, last;
};

/// Of "2004", "2001-07", "1998-05-04", "../2006-11", "2001-04-20/2001-04-22", "200X", "2031~" (as
/// 2031). Anything else, a period ("P3Y") too, names no day.
[[nodiscard]] DaySpan days_of(std::string_view edtf);

enum class DeadlineState {
  open,       // the day is not over
  lapsed,     // the day is over and nothing is recorded
  met_early,  // done before the time that was named began
  met,
  late,
  postponed,
  superseded,  // replaced by a later commitment
  undated,     // nothing to measure against; what was done may still be recorded
};
inline constexpr DeadlineState kDeadlineStates[] = {
    DeadlineState::open,       DeadlineState::lapsed, DeadlineState::met_early,
    DeadlineState::met,        DeadlineState::late,   DeadlineState::postponed,
    DeadlineState::superseded, DeadlineState::undated};
[[nodiscard]] std::string_view to_string(DeadlineState state) noexcept;
[[nodiscard]] std::optional<DeadlineState> parse_deadline_state(std::string_view name) noexcept;

/// What is recorded about a date.
struct DeadlineOutcome {
  std::string commitment, actor;  // actor empty: for everybody
  std::int64_t which = 0;         // ordinal of the commitment's date; 0 = all of them
  std::string outcome;            // done | postponed | superseded
  std::string date, new_due, successor;
  std::string note, source, url, read_on;
  std::int64_t record = 0;     // row of the register; 0 = the catalogue's
  bool said_by_state = false;  // by nobody else than the state that the row is about
};

/// Late only where the day done is certainly after the last day named: "done 2004" meets a date in
/// that year. Pure.
[[nodiscard]] DeadlineState derive_deadline(const DaySpan& due, const DeadlineOutcome* outcome,
                                            CivilDate as_of);

struct Deadline {
  std::string commitment;  // empty: named by guidance, which is followed up by nobody
  std::string id;          // "summit-2001-6tr2drp2/1"; "…/1002": that a person set on clause 2
  std::int32_t ordinal = 1;
  std::int32_t replaces = 0;  // number of the misread date in whose place a person set this one
  std::string title, document, meeting;
  std::int32_t year = 0;
  std::string edtf, kind, printed;  // as commitments::DueView; edtf of the event where it is known
  std::string printed_language;     // of the text that `printed` is quoted from; may be empty
  std::string set_by;               // the account that set it on a clause; empty: the text names it
  bool soft = false;
  DaySpan days;
  std::string days_source;                // of a day that the words do not name ("the next Summit")
  std::vector<std::string> institutions;  // that it asks
  bool asks_states = true;
  DeadlineState state = DeadlineState::undated;
  std::optional<DeadlineOutcome> outcome;  // that decides the state

  /// The date for a reader: a decade ("../200X"), which has no words of its own, as its last year.
  [[nodiscard]] std::string shown() const;
  /// Something is still to be done or to be recorded.
  [[nodiscard]] bool pending() const noexcept;

  /// The state is what the one who promised says of itself, and every outlet says so.
  [[nodiscard]] bool said_by_state() const noexcept { return outcome && outcome->said_by_state; }
};

struct DeadlineQuery {
  CivilDate as_of;
  Language language = Language::en;
  std::string actor;  // a state or an institution: its dates, with its own outcomes; empty = all
};

struct PendingDates {
  std::string actor;
  std::int32_t open = 0, lapsed = 0, postponed = 0;
  std::int32_t postponed_by_word = 0;  // of these, said by the state itself alone
};

class Deadlines {
 public:
  explicit Deadlines(const Parts& parts) : parts_(parts) {}

  /// By last day; those without one at the end, in the order of the commitments desk's list. Fails
  /// with not_found (followup.actor).
  [[nodiscard]] Result<std::vector<Deadline>> list(const DeadlineQuery& query) const;
  /// Whether a commitment has a date of this number, as outcomes name it; 0 and less: none.
  [[nodiscard]] Result<bool> has_date(std::string_view commitment, std::string_view which) const;
  /// Numbers of the commitment's dates of which this node's register records an outcome; 0: of all.
  [[nodiscard]] Result<std::vector<std::int64_t>> recorded(std::string_view commitment) const;
  /// Every state, and every institution that a date concerns, with what is pending for it.
  [[nodiscard]] Result<std::vector<PendingDates>> pending(CivilDate as_of) const;

 private:
  Parts parts_;
};

/// A periodic report that somebody owes.
struct ReportDuty {
  std::string id;  // "att-annual"; "row-17" of the register
  commitments::Translated title, recipient;
  std::string instrument;           // of the catalogue; may be empty
  std::string owed_by;              // parties | states
  std::string every;                // once | 1 | 2 | 4 | 5 | round
  std::string by;                   // "05-31"
  std::string first;                // first day on which it was due
  std::int64_t within = 0;          // of `once`: days after the instrument binds the state
  bool covers_year_before = false;  // a report due in 2026 is about 2025
  std::string basis, note, source, url, read_on;
  std::int64_t record = 0;  // row of the register; 0 = the catalogue's
};

enum class OwedState { upcoming, not_recorded, on_time, late };
[[nodiscard]] std::string_view to_string(OwedState state) noexcept;

struct OwedReport {
  std::string duty, country;
  std::string period;  // "2025"; empty for a report owed once
  CivilDate due;
  std::string received;  // as recorded; empty where no receipt is recorded
  std::string access;    // public | reserved
  OwedState state = OwedState::upcoming;
  std::int64_t record = 0;     // of the receipt
  bool said_by_state = false;  // that it was sent: by nobody but who owes it
};

struct CalendarQuery {
  CivilDate as_of, from, to;  // `from` to `to`: days on which reports are due, both included
  std::string country, duty;  // empty: all
};

struct Calendar {
  std::vector<ReportDuty> duties;  // all of them; those by rounds owe no day
  std::vector<OwedReport> owed;    // by day, duty, country
  /// How many states are left out because nobody knows whether the instrument binds them.
  std::vector<std::pair<std::string, std::int32_t>> unknown;  // duty, states

  [[nodiscard]] const ReportDuty* find(std::string_view id) const noexcept;
};

class ReportCalendar {
 public:
  explicit ReportCalendar(const Parts& parts) : parts_(parts) {}

  [[nodiscard]] Result<std::vector<ReportDuty>> duties() const;
  /// Who owes what: the parties on the day it is due, by their treaty acts; on days to come, by
  /// those of `as_of`.
  [[nodiscard]] Result<Calendar> calendar(const CalendarQuery& query) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
