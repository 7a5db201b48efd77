#pragma once
// Dates as official documents print them, in four languages.

#include <cstdint>
#include <optional>
#include <string_view>

#include <atalaya/base/time.hpp>

namespace atalaya::commitments::parsing {

enum class Deadlines : std::uint8_t { taken, passed_over };

/// The first full date in a folded text ("october 8, 2008", "27-28 de noviembre de 2025",
/// "8 octobre 2008"); of a range the last day. Dates by which something is to be
/// done ("by 30 June 2031") are passed over where asked.
[[nodiscard]] std::optional<CivilDate> find_date(std::string_view folded,
                                                 Deadlines deadlines = Deadlines::taken);

/// The last four-digit year from 1900 to 2100 in a text, 0 where there is none.
[[nodiscard]] std::int32_t find_last_year(std::string_view text);

}  // namespace atalaya::commitments::parsing
