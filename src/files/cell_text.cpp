#include "cell_text.hpp"

#include <chrono>
#include <cmath>
#include <iterator>

#include <fmt/core.h>

namespace atalaya::files {
namespace {

constexpr double kSerialMax = 2'958'466;  // the day after 9999-12-31
constexpr std::int64_t kDaySeconds = 86'400;

struct Letters {
  bool date = false;
  bool time = false;
  bool elapsed = false;
  bool month = false;  // an m may also be minutes
};

// The letters that mean something: not those in quotes, brackets, or behind a backslash.
Letters letters_of(std::string_view code) {
  Letters seen;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == ';') {
      break;
    }
    if (c == '"') {
      i = std::min(code.find('"', i + 1), code.size());
    } else if (c == '[') {
      const std::size_t close = std::min(code.find(']', i), code.size());
      const std::string_view inside = code.substr(i + 1, close - i - 1);
      seen.elapsed =
          seen.elapsed ||
          (!inside.empty() && inside.find_first_not_of(inside[0]) == std::string_view::npos &&
           std::string_view("hHmMsS").contains(inside[0]));
      i = close;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (std::string_view("yYdD").contains(c)) {
      seen.date = true;
    } else if (std::string_view("hHsS").contains(c)) {
      seen.time = true;
    } else if (c == 'm' || c == 'M') {
      seen.month = true;
    }
  }
  return seen;
}

void append_plain(std::string& out, double value) {
  if (value == 0) {
    out += '0';  // not "-0"
    return;
  }
  if (std::abs(value) < 1e15 && value == std::trunc(value)) {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::int64_t>(value));
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
}

void append_time(std::string& out, std::int64_t seconds) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
}

void append_date(std::string& out, std::int64_t serial, bool from_1904) {
  using namespace std::chrono;
  if (!from_1904 && serial == 60) {
    out += "1900-02-29";
    return;
  }
  const sys_days zero = from_1904     ? sys_days(year(1904) / January / 1)
                        : serial < 60 ? sys_days(year(1899) / December / 31)
                                      : sys_days(year(1899) / December / 30);
  const year_month_day date(zero + days(serial));
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

}  // namespace

NumberFormat builtin_format(std::uint32_t id) noexcept {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 58)) {
    return {.kind = NumberKind::date, .digits = 0};
  }
  if (id == 22) {
    return {.kind = NumberKind::date_time, .digits = 0};
  }
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47) {
    return {.kind = NumberKind::time, .digits = 0};
  }
  if (id == 46) {
    return {.kind = NumberKind::elapsed, .digits = 0};
  }
  return {};
}

NumberFormat parse_format(std::string_view code) {
  const std::string_view first = code.substr(0, code.find(';'));
  if (!first.empty() && first.size() <= 20 &&
      first.find_first_not_of('0') == std::string_view::npos) {
    return {.kind = NumberKind::padded, .digits = static_cast<std::uint8_t>(first.size())};
  }
  if (first == "General" || first == "@") {
    return {};
  }
  const Letters seen = letters_of(code);
  if (seen.elapsed) {
    return {.kind = NumberKind::elapsed, .digits = 0};
  }
  const bool date = seen.date || (seen.month && !seen.time);
  return {.kind = date && seen.time ? NumberKind::date_time
                  : date            ? NumberKind::date
                  : seen.time       ? NumberKind::time
                                    : NumberKind::plain,
          .digits = 0};
}

void append_number(std::string& out, double value, NumberFormat format, bool from_1904) {
  const bool whole = value >= 0 && value < 1e15 && value == std::trunc(value);
  if (format.kind == NumberKind::padded && whole) {
    fmt::format_to(std::back_inserter(out), "{:0{}}", static_cast<std::int64_t>(value),
                   format.digits);
    return;
  }
  const bool dated = format.kind == NumberKind::date || format.kind == NumberKind::date_time;
  const bool timed = format.kind == NumberKind::time || format.kind == NumberKind::elapsed;
  const double first = dated && !from_1904 ? 1 : 0;
  if ((!dated && !timed) || !(value >= first && value < kSerialMax)) {
    append_plain(out, value);
    return;
  }
  const std::int64_t seconds = std::llround(value * static_cast<double>(kDaySeconds));
  if (format.kind == NumberKind::date) {
    append_date(out, static_cast<std::int64_t>(value), from_1904);
  } else if (format.kind == NumberKind::date_time) {
    append_date(out, seconds / kDaySeconds, from_1904);
    out += 'T';
    append_time(out, seconds % kDaySeconds);
  } else {
    append_time(out, format.kind == NumberKind::elapsed ? seconds : seconds % kDaySeconds);
  }
}

}  // namespace atalaya::files
