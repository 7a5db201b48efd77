// Periodic reports: duties on one side, parties and receipts on the other.
#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include <atalaya/followup/deadlines.hpp>
#include <atalaya/followup/registers.hpp>
#include <atalaya/followup/treaties.hpp>

#include "deadlines_data.hpp"

namespace atalaya::followup {
namespace {

std::int64_t whole(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

ReportDuty duty_of(const RegisterRecord& row) {
  ReportDuty out;
  const auto value = [&](std::string_view field) { return std::string(row.value(field)); };
  out.id = fmt::format("row-{}", row.id);
  for (const Language language : kLanguages) {  // written in one language, shown in all
    out.title.set(language, value("title"));
    out.recipient.set(language, value("recipient"));
  }
  out.instrument = value("instrument");
  out.owed_by = value("owed_by");
  out.every = value("every");
  out.by = value("by");
  out.first = value("first");
  out.within = whole(row.value("within"));
  out.covers_year_before = true;
  out.basis = value("basis");
  out.note = value("note");
  out.source = value("source");
  out.url = value("url");
  out.read_on = value("read_on");
  out.record = row.id;
  return out;
}

// Days on which a duty with a rhythm is due, `from` and `to` included.
std::vector<CivilDate> days_due(const ReportDuty& duty, CivilDate from, CivilDate to) {
  std::vector<CivilDate> out;
  const std::int64_t every = whole(duty.every);
  const auto first = days_of(duty.first).first;
  if (every < 1 || duty.by.size() != 5) {
    return out;
  }
  for (std::int32_t year = from.year; year <= to.year; ++year) {
    const auto day = parse_civil_date(fmt::format("{:04}-{}", year, duty.by));
    const bool turn = !first || (year >= first->year && (year - first->year) % every == 0);
    if (day && turn && *day >= from && *day <= to) {
      out.push_back(*day);
    }
  }
  return out;
}

struct Receipt {
  std::string country, instrument, duty, period, received, access;
  std::int64_t record = 0;
  bool said_by_state = false;
};

class Maker {
 public:
  Maker(const Parts& parts, const CalendarQuery& query) : parts_(parts), query_(query) {}

  Result<void> read() {
    const auto rows = ATALAYA_TRY(Registers(parts_).list({.kind = "reports_received"}));
    for (const RegisterRecord& row : rows) {
      const auto value = [&](std::string_view field) { return std::string(row.value(field)); };
      receipts_.push_back({value("country"), value("instrument"), value("duty"), value("period"),
                           value("received"), value("access"), row.id,
                           row.value("said_by") == "state"});
    }
    // What others say of a state stands over its own word, as with dates.
    std::ranges::stable_sort(receipts_, {}, &Receipt::said_by_state);
    return {};
  }

  Result<void> add(const ReportDuty& duty, Calendar& out) const {
    if (duty.every == "once") {
      return add_once(duty, out);
    }
    for (const CivilDate day : days_due(duty, query_.from, query_.to)) {
      const std::string period = std::to_string(day.year - (duty.covers_year_before ? 1 : 0));
      const TreatyMatrix matrix = ATALAYA_TRY(parties(duty, std::min(day, query_.as_of)));
      std::int32_t unknown = 0;
      for (std::size_t i = 0; i < matrix.states.size(); ++i) {
        const bool bound =
            matrix.instruments.empty() || matrix.at(i, 0).status == TreatyStatus::party;
        unknown += !bound && matrix.at(i, 0).status == TreatyStatus::unknown ? 1 : 0;
        if (bound) {
          out.owed.push_back(owed(duty, matrix.states[i], period, day));
        }
      }
      note_unknown(duty, unknown, out);
    }
    return {};
  }

 private:
  // A duty of all states has no column; one without instrument asks for no treaty act.
  Result<TreatyMatrix> parties(const ReportDuty& duty, CivilDate day) const {
    const auto* instrument = parts_.catalogue().find_instrument(duty.instrument);
    if (duty.owed_by == "parties" && instrument != nullptr && instrument->kind == "treaty") {
      return Treaties(parts_).matrix(day, query_.country, duty.instrument);
    }
    TreatyMatrix out;
    for (const auto& country : parts_.catalogue().countries()) {
      if (country.is_state && (query_.country.empty() || country.id == query_.country)) {
        out.states.push_back(country.id);
      }
    }
    return out;
  }

  static void note_unknown(const ReportDuty& duty, std::int32_t states, Calendar& out) {
    if (states == 0) {
      return;
    }
    const auto held = std::ranges::find(out.unknown, duty.id,
                                        [](const auto& one) -> const auto& { return one.first; });
    if (held == out.unknown.end()) {
      out.unknown.emplace_back(duty.id, states);
    } else {
      held->second = std::max(held->second, states);
    }
  }

  Result<void> add_once(const ReportDuty& duty, Calendar& out) const {
    const TreatyMatrix matrix = ATALAYA_TRY(parties(duty, query_.as_of));
    if (matrix.instruments.empty()) {
      return {};
    }
    std::int32_t unknown = 0;
    for (std::size_t i = 0; i < matrix.states.size(); ++i) {
      const TreatyState& state = matrix.at(i, 0);
      unknown += state.status == TreatyStatus::unknown ? 1 : 0;
      const auto bound = parse_civil_date(state.in_force);
      if (state.status != TreatyStatus::party || !bound) {
        continue;
      }
      const CivilDate day = plus_days(*bound, duty.within);
      if (day >= query_.from && day <= query_.to) {
        out.owed.push_back(owed(duty, matrix.states[i], "", day));
      }
    }
    note_unknown(duty, unknown, out);
    return {};
  }

  OwedReport owed(const ReportDuty& duty, const std::string& country, std::string period,
                  CivilDate due) const {
    OwedReport out;
    out.duty = duty.id;
    out.country = country;
    out.period = std::move(period);
    out.due = due;
    const auto found = std::ranges::find_if(receipts_, [&](const Receipt& one) {
      const bool named = !one.duty.empty();
      const bool same =
          named ? one.duty == duty.id : one.instrument == duty.instrument && duty.every != "once";
      return same && one.country == country &&
             (out.period.empty() || std::string_view(one.period).substr(0, 4) == out.period);
    });
    if (found == receipts_.end()) {
      out.state = due < query_.as_of ? OwedState::not_recorded : OwedState::upcoming;
      return out;
    }
    out.received = found->received;
    out.access = found->access;
    out.record = found->record;
    out.said_by_state = found->said_by_state;
    const auto arrived = days_of(found->received).first;
    out.state = arrived && *arrived > due ? OwedState::late : OwedState::on_time;
    return out;
  }

  const Parts& parts_;
  const CalendarQuery& query_;
  std::vector<Receipt> receipts_;
};

}  // namespace

CivilDate plus_days(CivilDate date, std::int64_t days) {
  namespace chrono = std::chrono;
  const chrono::year_month_day day(chrono::year(date.year),
                                   chrono::month(static_cast<unsigned>(date.month)),
                                   chrono::day(static_cast<unsigned>(date.day)));
  const chrono::year_month_day then(chrono::sys_days(day) + chrono::days(days));
  return {static_cast<int>(then.year()), static_cast<std::int32_t>(unsigned(then.month())),
          static_cast<std::int32_t>(unsigned(then.day()))};
}

std::string_view to_string(OwedState state) noexcept {
  switch (state) {
    case OwedState::upcoming:
      return "upcoming";
    case OwedState::not_recorded:
      return "not_recorded";
    case OwedState::on_time:
      return "on_time";
    case OwedState::late:
      return "late";
  }
  return "";
}

const ReportDuty* Calendar::find(std::string_view id) const noexcept {
  const auto it = std::ranges::find(duties, id, &ReportDuty::id);
  return it == duties.end() ? nullptr : &*it;
}

Result<std::vector<ReportDuty>> ReportCalendar::duties() const {
  std::vector<ReportDuty> out = detail::deadline_data().duties;
  const auto rows = ATALAYA_TRY(Registers(parts_).list({.kind = "report_duties"}));
  for (const RegisterRecord& row : rows) {
    out.push_back(duty_of(row));
  }
  return out;
}

Result<Calendar> ReportCalendar::calendar(const CalendarQuery& query) const {
  Calendar out;
  out.duties = ATALAYA_TRY(duties());
  Maker maker(parts_, query);
  ATALAYA_TRY(maker.read());
  for (const ReportDuty& duty : out.duties) {
    if (query.duty.empty() || query.duty == duty.id) {
      ATALAYA_TRY(maker.add(duty, out));
    }
  }
  std::ranges::stable_sort(out.owed, {}, [](const OwedReport& one) {
    return std::tuple(one.due, std::string_view(one.duty), std::string_view(one.country));
  });
  return out;
}

}  // namespace atalaya::followup
