#pragma once
// Single values of files: numbers and dates as people write them. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include <atalaya/observatory/mapping.hpp>

namespace atalaya::observatory {

/// The reason of an empty reading of which the source says that there is a number and gives none.
inline constexpr std::string_view kNotGiven = "missing";
/// The reason of a zero that the file writes as a text.
inline constexpr std::string_view kZeroText = "zero";

struct NumberReading {
  enum class Kind { number, empty, masked, bad } kind = Kind::bad;
  std::int64_t low = 0, high = 0;  // in units of 10^-decimals; equal unless masked
  std::string
      reason;  // of bad: not_a_number, negative, not_whole, thousands_or_fraction, too_large
};

/// "1.234", "1 234,5", "<5" (1 to 4), "5-9" (a range); signs, percent and letters are bad.
[[nodiscard]] NumberReading read_number(std::string_view text, const Mapping& mapping);

struct DateReading {
  std::string code;    // a period; empty when it could not be read
  std::string reason;  // of an empty code: no_such_date, bad_date, too_coarse
};

/// `pattern`: "iso" or empty (ISO 8601 and period codes), "excel" (serial days), or %Y %m %d %H
/// %M %S %y %b %B %q, %G %V (year and week of ISO 8601) and literal characters. What follows a complete pattern after a blank or T is
/// a time of day and ignored. `to` coarsens.
[[nodiscard]] DateReading read_date(std::string_view text, std::string_view pattern,
                                    std::string_view to);

}  // namespace atalaya::observatory
