#pragma once
// Instants and civil dates. Nothing in the product asks the system for the time but SystemClock.

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>

namespace atalaya {

/// An instant, UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
struct UtcTime {
  std::int64_t ms = 0;
  auto operator<=>(const UtcTime&) const = default;
};

/// "2026-11-22T02:15:00Z", or with ".123" where the milliseconds are not zero.
[[nodiscard]] std::string to_string(UtcTime time);
/// Reads what to_string() writes. Fails with invalid_argument (base.time.bad).
[[nodiscard]] Result<UtcTime> parse_utc_time(std::string_view text);

/// A date of the proleptic Gregorian calendar, years 1 to 9999; always valid.
struct CivilDate {
  std::int32_t year = 1970;
  std::int32_t month = 1;  // 1..12
  std::int32_t day = 1;    // 1..31
  auto operator<=>(const CivilDate&) const = default;
  /// Nothing when there is no such day (30 February).
  static std::optional<CivilDate> create(std::int32_t year, std::int32_t month, std::int32_t day);
};

[[nodiscard]] std::string to_string(CivilDate date);  // "1998-04-18"
[[nodiscard]] Result<CivilDate> parse_civil_date(std::string_view text);
[[nodiscard]] CivilDate utc_date(UtcTime time);

/// Injected everywhere, so that tests never sleep. Implementations may be called by any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual UtcTime now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] UtcTime now() const override;
};

/// For tests: stands still until it is set. Not for use while another thread reads it.
class FixedClock final : public Clock {
 public:
  explicit FixedClock(UtcTime at) : at_(at) {}

  [[nodiscard]] UtcTime now() const override { return at_; }

  void set(UtcTime at) { at_ = at; }

 private:
  UtcTime at_;
};

}  // namespace atalaya
