#pragma once
// Dates as official documents print them, in four languages.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <atalaya/base/time.hpp>

namespace atalaya::commitments::parsing {

/// 1 to 12 of a month's name in one of four languages, folded; 0 for other words.
[[nodiscard]] std::int32_t month_number(std::string_view folded);

enum class Deadlines : std::uint8_t { taken, passed_over };

/// The first full date with a month's name in a folded text ("october 8th, 2008", "27-28 de
/// noviembre de 2025", "8 octobre 2008"); of a range the last day. Dates by which something is to
/// be done ("by 30 June 2031") are passed over where asked.
[[nodiscard]] std::optional<CivilDate> find_date(std::string_view folded,
                                                 Deadlines deadlines = Deadlines::taken);

/// Three numbers that a text prints as a date: "2019-03-04", "04/03/2019", "4.3.2019".
struct NumberedDate {
  std::optional<CivilDate> date;  // empty where nothing tells the day from the month
  std::int32_t year = 0;
  CivilDate latest;          // of the readings
  bool order_taken = false;  // the day first, as the language has it; another order would do
  std::size_t end = 0;       // bytes of the text before its end
};

/// The one that begins at byte `at`. `day_first`: the language of the text writes days first
/// (Spanish, Portuguese and French do; in English both orders are in use in the Americas).
[[nodiscard]] std::optional<NumberedDate> numbered_date_at(std::string_view text, std::size_t at,
                                                           bool day_first);
/// The first one in a folded text; deadlines as in find_date().
[[nodiscard]] std::optional<NumberedDate> find_numbered_date(
    std::string_view folded, bool day_first, Deadlines deadlines = Deadlines::taken);

/// The last four-digit year from 1900 to 2100 in a text, 0 where there is none.
[[nodiscard]] std::int32_t find_last_year(std::string_view text);

}  // namespace atalaya::commitments::parsing
