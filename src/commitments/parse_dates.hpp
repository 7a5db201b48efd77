#pragma once
// Dates as official documents print them, in four languages.

#include <cstdint>
#include <optional>
#include <string_view>

#include <atalaya/base/time.hpp>

namespace atalaya::commitments::parsing {

/// The first full date in a folded text ("october 8, 2008", "27-28 de noviembre de 2025",
/// "8 octobre 2008"); of a range the last day.
[[nodiscard]] std::optional<CivilDate> find_date(std::string_view folded);

/// The last four-digit year from 1900 to 2100 in a text, 0 where there is none.
[[nodiscard]] std::int32_t find_last_year(std::string_view text);

}  // namespace atalaya::commitments::parsing
