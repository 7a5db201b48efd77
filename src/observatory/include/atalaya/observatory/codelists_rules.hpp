#pragma once
// The two dimensions whose codes follow a rule instead of a list: period and age.
// Pure values; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <atalaya/base/time.hpp>

namespace atalaya::observatory {

/// From coarse to fine. A week is a week of ISO 8601: Monday to Sunday, in the year of its
/// Thursday.
enum class PeriodKind { year, semester, quarter, month, week, day };

[[nodiscard]] std::string_view to_string(PeriodKind kind) noexcept;
[[nodiscard]] std::optional<PeriodKind> parse_period_kind(std::string_view name) noexcept;

/// A period of the calendar, years 1000 to 9998. `end` is the first day after it.
struct Period {
  PeriodKind kind = PeriodKind::year;
  CivilDate begin, end;
  auto operator<=>(const Period&) const = default;
};

/// Reads `2023`, `2023-S1`, `2023-Q1`, `2023-04`, `2023-W05`, `2023-04-17` and nothing else;
/// nothing where there is no such period (2023-W53, 2023-02-30).
[[nodiscard]] std::optional<Period> parse_period(std::string_view code);
[[nodiscard]] std::string period_code(const Period& period);
/// The period of that kind which holds the day.
[[nodiscard]] Period period_of(CivilDate day, PeriodKind kind);
[[nodiscard]] Period next_period(const Period& period);
/// The period of that kind which holds all of `period`; nothing where it is finer than `period` or
/// `period` lies across two. The year of a week is its ISO 8601 year, also at the turn of a year.
[[nodiscard]] std::optional<Period> roll_up(const Period& period, PeriodKind kind);
[[nodiscard]] bool holds(const Period& outer, const Period& inner) noexcept;
[[nodiscard]] std::int32_t days_in(const Period& period);

/// Ages in completed years, [low, high). `high` is kAgeOpen where there is no upper bound.
struct AgeRange {
  std::int32_t low = 0, high = 0;
  auto operator<=>(const AgeRange&) const = default;
};

inline constexpr std::int32_t kAgeOpen = 1000;
/// No person is known to have become older than 122; a larger age is refused as a mistake.
inline constexpr std::int32_t kAgeYearsMax = 125;

/// Reads `Y23`, `Y15T19`, `Y_GE65`, `Y_LT5`; nothing for anything else (`_U`, `_Z` and `_T` have no
/// range). `Y0T4` and `Y_LT1` are read too, although age_code() writes `Y_LT5` and `Y0`.
[[nodiscard]] std::optional<AgeRange> parse_age_code(std::string_view code);
/// The one spelling of a range: `Y23`, `Y15T19`, `Y_LT5`, `Y_GE65`. `_U` for all ages [0, open).
[[nodiscard]] std::string age_code(AgeRange range);
[[nodiscard]] bool holds(AgeRange outer, AgeRange inner) noexcept;

struct AgeReading {
  std::string code;    // `Y15T19`, or `_U`
  std::string reason;  // code | range | single | open_above | open_below | months | unknown
};

/// Reads an age or age group as files in four languages write it: "23", "18-24", "18 a 24 años",
/// "de 18 a 24", "65+", "65 y más", "80 anos e mais", "menor de 5", "<5", "6 meses", "99 or over",
/// "NO REPORTA". Words for groups without numbers (ADULTOS, NIÑOS) mean different ages in different
/// laws: nothing is returned for them, and the mapping's value map must say what they are. Nothing
/// for an age above kAgeYearsMax either.
[[nodiscard]] std::optional<AgeReading> read_age(std::string_view text);

/// Groupings of ages that tables use.
enum class AgeLevel {
  single,     // Y0 … Y99, Y_GE100
  five_year,  // Y_LT5, Y5T9 … Y95T99, Y_GE100
  ten_year,   // Y_LT10, Y10T19 … Y90T99, Y_GE100
  broad,      // Y_LT15, Y15T29, Y30T44, Y45T59, Y_GE60
  child,      // Y_LT18, Y_GE18
};

/// The names used in addresses: `single`, `5y`, `10y`, `broad`, `child`.
[[nodiscard]] std::string_view to_string(AgeLevel level) noexcept;
[[nodiscard]] std::optional<AgeLevel> parse_age_level(std::string_view name) noexcept;
/// The group of that level which holds the whole range; nothing where the range lies across two.
[[nodiscard]] std::optional<AgeRange> roll_up(AgeRange range, AgeLevel level);

}  // namespace atalaya::observatory
