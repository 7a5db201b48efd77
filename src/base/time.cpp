#include <atalaya/base/time.hpp>

#include <charconv>

#include <fmt/format.h>

namespace atalaya {
namespace {

// Reads exactly text.size() digits.
std::optional<std::int32_t> digits(std::string_view text) {
  std::int32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

std::unexpected<Error> bad(std::string_view text) {
  return fail(Error{ErrorCode::invalid_argument, "base.time.bad",
                    fmt::format("'{}' is not a date or time of the form 2026-11-22 or "
                                "2026-11-22T02:15:00Z",
                                text.substr(0, 40)),
                    {}});
}

}  // namespace

std::optional<CivilDate> CivilDate::create(std::int32_t year, std::int32_t month,
                                           std::int32_t day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  return CivilDate{year, month, day};
}

std::string to_string(CivilDate date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

Result<CivilDate> parse_civil_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') {
    return bad(text);
  }
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) {
    return bad(text);
  }
  const auto date = CivilDate::create(*year, *month, *day);
  if (!date) {
    return bad(text);
  }
  return *date;
}

CivilDate utc_date(UtcTime time) {
  const std::chrono::sys_time<std::chrono::milliseconds> instant{
      std::chrono::milliseconds{time.ms}};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(instant)};
  return CivilDate{static_cast<int>(date.year()),
                   static_cast<std::int32_t>(static_cast<unsigned>(date.month())),
                   static_cast<std::int32_t>(static_cast<unsigned>(date.day()))};
}

std::string to_string(UtcTime time) {
  const std::int64_t day_ms = 86'400'000;
  std::int64_t rest = time.ms % day_ms;
  if (rest < 0) {
    rest += day_ms;
  }
  const auto ms = rest % 1000;
  const auto s = rest / 1000;
  auto text = fmt::format("{}T{:02}:{:02}:{:02}", to_string(utc_date(time)), s / 3600,
                          s / 60 % 60, s % 60);
  if (ms != 0) {
    text += fmt::format(".{:03}", ms);
  }
  return text + "Z";
}

Result<UtcTime> parse_utc_time(std::string_view text) {
  if ((text.size() != 20 && text.size() != 24) || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z' || (text.size() == 24 && text[19] != '.')) {
    return bad(text);
  }
  const auto date = ATALAYA_TRY(parse_civil_date(text.substr(0, 10)));
  const auto hour = digits(text.substr(11, 2));
  const auto minute = digits(text.substr(14, 2));
  const auto second = digits(text.substr(17, 2));
  const auto ms = text.size() == 24 ? digits(text.substr(20, 3)) : std::optional<std::int32_t>{0};
  if (!hour || !minute || !second || !ms || *hour > 23 || *minute > 59 || *second > 59) {
    return bad(text);
  }
  const std::chrono::sys_days days{std::chrono::year{date.year} /
                                   std::chrono::month{static_cast<unsigned>(date.month)} /
                                   std::chrono::day{static_cast<unsigned>(date.day)}};
  const std::int64_t day_count = days.time_since_epoch().count();
  return UtcTime{((day_count * 24 + *hour) * 60 + *minute) * 60'000 + *second * 1000 + *ms};
}

UtcTime SystemClock::now() const {
  return UtcTime{std::chrono::duration_cast<std::chrono::milliseconds>(
                     std::chrono::system_clock::now().time_since_epoch())
                     .count()};
}

}  // namespace atalaya
