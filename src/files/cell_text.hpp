#pragma once
// What a spreadsheet shows for a number, as text that a program can read again.

#include <cstdint>
#include <string>
#include <string_view>

namespace atalaya::files {

enum class NumberKind : std::uint8_t { plain, padded, date, time, date_time, elapsed };

struct NumberFormat {
  NumberKind kind = NumberKind::plain;
  std::uint8_t digits = 0;  // padded: with zeros to so many
};

/// ECMA-376 part 1, 18.8.30: number formats without a code of their own. Others are plain.
[[nodiscard]] NumberFormat builtin_format(std::uint32_t id) noexcept;
/// A format code, such as `dd/mm/yyyy;@`, `[h]:mm` or `00000`; the first section counts.
[[nodiscard]] NumberFormat parse_format(std::string_view code);

/// Appends the shortest text that reads back as the same number; or, by the format, zeros before
/// it, or ISO 8601: `2023-04-17`, `2023-04-17T10:30:00`, `10:30:00`, elapsed `26:30:00`. Day 60 of
/// the 1900 system becomes 1900-02-29, which it is there and nowhere else. Serial numbers outside
/// 1 to 9999-12-31 stay numbers.
void append_number(std::string& out, double value, NumberFormat format, bool from_1904);

}  // namespace atalaya::files
