#include <atalaya/observatory/codelists_rules.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::array<std::string_view, 6> kPeriodKinds = {"year",  "semester", "quarter",
                                                          "month", "week",     "day"};
constexpr std::array<std::string_view, 5> kAgeLevels = {"single", "5y", "10y", "broad", "child"};

std::chrono::sys_days to_days(CivilDate date) {
  return std::chrono::sys_days{std::chrono::year{date.year} /
                               std::chrono::month{static_cast<unsigned>(date.month)} /
                               std::chrono::day{static_cast<unsigned>(date.day)}};
}

CivilDate to_date(std::chrono::sys_days days) {
  const std::chrono::year_month_day date{days};
  return {static_cast<int>(date.year()),
          static_cast<std::int32_t>(static_cast<unsigned>(date.month())),
          static_cast<std::int32_t>(static_cast<unsigned>(date.day()))};
}

/// Exactly `width` digits at `at`; -1 where there are none.
std::int32_t digits_at(std::string_view text, std::size_t at, std::size_t width) {
  if (at + width > text.size()) {
    return -1;
  }
  std::int32_t value = 0;
  for (const char letter : text.substr(at, width)) {
    if (letter < '0' || letter > '9') {
      return -1;
    }
    value = value * 10 + (letter - '0');
  }
  return value;
}

Period months(PeriodKind kind, std::int32_t year, std::int32_t first, std::int32_t count) {
  const std::int32_t last = first + count;
  const CivilDate end = last > 12 ? CivilDate{year + 1, 1, 1} : CivilDate{year, last, 1};
  return {kind, CivilDate{year, first, 1}, end};
}

/// The Monday of the first ISO week of a year: the one that holds 4 January.
std::chrono::sys_days first_monday(std::int32_t iso_year) {
  const auto fourth = to_days({iso_year, 1, 4});
  return fourth - (std::chrono::weekday{fourth} - std::chrono::Monday);
}

Period week_from(std::chrono::sys_days monday) {
  return {PeriodKind::week, to_date(monday), to_date(monday + std::chrono::days{7})};
}

std::int32_t iso_year_of(std::chrono::sys_days monday) {
  return to_date(monday + std::chrono::days{3}).year;  // a week belongs to its Thursday's year
}

std::optional<Period> parse_part(std::string_view code, std::int32_t year) {
  if (code.size() == 7 && (code[5] == 'S' || code[5] == 'Q')) {
    const std::int32_t ordinal = digits_at(code, 6, 1);
    const bool semester = code[5] == 'S';
    if (ordinal < 1 || ordinal > (semester ? 2 : 4)) {
      return std::nullopt;
    }
    const std::int32_t width = semester ? 6 : 3;
    return months(semester ? PeriodKind::semester : PeriodKind::quarter, year,
                  (ordinal - 1) * width + 1, width);
  }
  if (code.size() == 8 && code[5] == 'W') {
    const std::int32_t week = digits_at(code, 6, 2);
    if (week < 1 || week > 53) {
      return std::nullopt;
    }
    const auto monday = first_monday(year) + std::chrono::days{7 * (week - 1)};
    if (iso_year_of(monday) != year) {
      return std::nullopt;
    }
    return week_from(monday);
  }
  const std::int32_t month = digits_at(code, 5, 2);
  if (code.size() == 7 && month >= 1 && month <= 12) {
    return months(PeriodKind::month, year, month, 1);
  }
  if (code.size() == 10 && code[7] == '-') {
    const auto date = CivilDate::create(year, month, digits_at(code, 8, 2));
    if (date) {
      return period_of(*date, PeriodKind::day);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(PeriodKind kind) noexcept {
  return kPeriodKinds[static_cast<std::size_t>(kind)];
}

std::optional<PeriodKind> parse_period_kind(std::string_view name) noexcept {
  const auto it = std::ranges::find(kPeriodKinds, name);
  if (it == kPeriodKinds.end()) {
    return std::nullopt;
  }
  return static_cast<PeriodKind>(it - kPeriodKinds.begin());
}

std::optional<Period> parse_period(std::string_view code) {
  const std::int32_t year = digits_at(code, 0, 4);
  if (year < 1000 || year > 9998) {
    return std::nullopt;
  }
  if (code.size() == 4) {
    return months(PeriodKind::year, year, 1, 12);
  }
  if (code.size() < 7 || code[4] != '-') {
    return std::nullopt;
  }
  return parse_part(code, year);
}

std::string period_code(const Period& period) {
  const auto& begin = period.begin;
  switch (period.kind) {
    case PeriodKind::year:
      return fmt::format("{:04}", begin.year);
    case PeriodKind::semester:
      return fmt::format("{:04}-S{}", begin.year, (begin.month - 1) / 6 + 1);
    case PeriodKind::quarter:
      return fmt::format("{:04}-Q{}", begin.year, (begin.month - 1) / 3 + 1);
    case PeriodKind::month:
      return fmt::format("{:04}-{:02}", begin.year, begin.month);
    case PeriodKind::week: {
      const auto monday = to_days(begin);
      const std::int32_t year = iso_year_of(monday);
      return fmt::format("{:04}-W{:02}", year, (monday - first_monday(year)).count() / 7 + 1);
    }
    case PeriodKind::day:
      return atalaya::to_string(begin);
  }
  return {};
}

Period period_of(CivilDate day, PeriodKind kind) {
  switch (kind) {
    case PeriodKind::year:
      return months(kind, day.year, 1, 12);
    case PeriodKind::semester:
      return months(kind, day.year, (day.month - 1) / 6 * 6 + 1, 6);
    case PeriodKind::quarter:
      return months(kind, day.year, (day.month - 1) / 3 * 3 + 1, 3);
    case PeriodKind::month:
      return months(kind, day.year, day.month, 1);
    case PeriodKind::week: {
      const auto days = to_days(day);
      return week_from(days - (std::chrono::weekday{days} - std::chrono::Monday));
    }
    case PeriodKind::day:
      break;
  }
  return {PeriodKind::day, day, to_date(to_days(day) + std::chrono::days{1})};
}

Period next_period(const Period& period) {
  return period_of(period.end, period.kind);
}

bool holds(const Period& outer, const Period& inner) noexcept {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

std::optional<Period> roll_up(const Period& period, PeriodKind kind) {
  if (period.kind == PeriodKind::week && kind == PeriodKind::year) {
    return months(PeriodKind::year, iso_year_of(to_days(period.begin)), 1, 12);
  }
  const Period outer = period_of(period.begin, kind);
  if (!holds(outer, period)) {
    return std::nullopt;
  }
  return outer;
}

std::int32_t days_in(const Period& period) {
  return static_cast<std::int32_t>((to_days(period.end) - to_days(period.begin)).count());
}

namespace {

/// A whole number of one to three digits at the front of `text`, taken off; -1 if there is none.
std::int32_t take_age(std::string_view& text) {
  std::int32_t value = 0;
  std::size_t width = 0;
  while (width < text.size() && text[width] >= '0' && text[width] <= '9') {
    if (width == 3) {
      return -1;
    }
    value = value * 10 + (text[width] - '0');
    ++width;
  }
  text.remove_prefix(width);
  return width == 0 ? -1 : value;
}

bool is_plausible(AgeRange range) {
  return range.low >= 0 && range.low < range.high && range.low <= kAgeYearsMax &&
         (range.high == kAgeOpen || range.high <= kAgeYearsMax + 1);
}

}  // namespace

std::optional<AgeRange> parse_age_code(std::string_view code) {
  if (code.empty() || code.front() != 'Y') {
    return std::nullopt;
  }
  code.remove_prefix(1);
  AgeRange range;
  if (code.starts_with("_GE") || code.starts_with("_LT")) {
    const bool above = code[1] == 'G';
    code.remove_prefix(3);
    const std::int32_t bound = take_age(code);
    range = above ? AgeRange{bound, kAgeOpen} : AgeRange{0, bound};
    if (above && bound == 0) {
      return std::nullopt;  // all ages is _U, never a group
    }
  } else {
    range.low = take_age(code);
    range.high = range.low + 1;
    if (code.starts_with('T')) {
      code.remove_prefix(1);
      range.high = take_age(code) + 1;
    }
  }
  if (!code.empty() || !is_plausible(range)) {
    return std::nullopt;
  }
  return range;
}

std::string age_code(AgeRange range) {
  if (range.high == kAgeOpen) {
    return range.low == 0 ? "_U" : fmt::format("Y_GE{}", range.low);
  }
  if (range.high == range.low + 1) {
    return fmt::format("Y{}", range.low);
  }
  if (range.low == 0) {
    return fmt::format("Y_LT{}", range.high);
  }
  return fmt::format("Y{}T{}", range.low, range.high - 1);
}

bool holds(AgeRange outer, AgeRange inner) noexcept {
  return outer.low <= inner.low && inner.high <= outer.high;
}

std::string_view to_string(AgeLevel level) noexcept {
  return kAgeLevels[static_cast<std::size_t>(level)];
}

std::optional<AgeLevel> parse_age_level(std::string_view name) noexcept {
  const auto it = std::ranges::find(kAgeLevels, name);
  if (it == kAgeLevels.end()) {
    return std::nullopt;
  }
  return static_cast<AgeLevel>(it - kAgeLevels.begin());
}

std::optional<AgeRange> roll_up(AgeRange range, AgeLevel level) {
  AgeRange outer;
  const auto steps = [&](std::int32_t width) {
    return range.low >= 100
               ? AgeRange{100, kAgeOpen}
               : AgeRange{range.low / width * width, range.low / width * width + width};
  };
  switch (level) {
    case AgeLevel::single:
      outer = steps(1);
      break;
    case AgeLevel::five_year:
      outer = steps(5);
      break;
    case AgeLevel::ten_year:
      outer = steps(10);
      break;
    case AgeLevel::broad:
      outer = range.low >= 60 ? AgeRange{60, kAgeOpen}
                              : AgeRange{range.low / 15 * 15, range.low / 15 * 15 + 15};
      break;
    case AgeLevel::child:
      outer = range.low >= 18 ? AgeRange{18, kAgeOpen} : AgeRange{0, 18};
      break;
  }
  if (!holds(outer, range)) {
    return std::nullopt;
  }
  return outer;
}

}  // namespace atalaya::observatory
