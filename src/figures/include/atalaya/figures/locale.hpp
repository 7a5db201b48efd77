#pragma once
// Dates, numbers and lists as people write them in each of the four languages. Pure; any thread.
// Source: Unicode CLDR 44 (months, list patterns, separators); thousands in Spanish follow the
// Ortografía of the Academies (2010): a blank, and only from five digits on, because the countries
// of the Americas disagree on point and comma.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>

namespace atalaya::figures {

/// 48213: "48,213" (en), "48 213" (es, fr; with U+00A0), "48.213" (pt).
[[nodiscard]] std::string number(Language language, std::int64_t n);
/// With exactly `digits` (0 to 6) fractional digits, rounded half away from zero; finite.
[[nodiscard]] std::string decimal(Language language, double value, int digits);

/// "18 April 1998", "18 de abril de 1998", "18 de abril de 1998", "18 avril 1998"; the first of a
/// month is "1º de abril" in Portuguese and "1er avril" in French.
[[nodiscard]] std::string date(Language language, CivilDate date);
/// "18–19 April 1998", "18 y 19 de abril de 1998" (consecutive days), "del 9 al 12 de abril de
/// 2001"; other months and years are written out. `end` before `begin` is written as `begin`.
[[nodiscard]] std::string date_range(Language language, CivilDate begin, CivilDate end);
/// What a field of the catalogue or a due date (EDTF: ISO/IEC 8601-2, level 1) says: "2009",
/// "2009-11", "2009-11-17", "2001/2003", "../2006-12" (by December 2006), "2006/.." (from 2006),
/// "P3Y", with "~" or "?" for about. Anything else comes back as it is.
[[nodiscard]] std::string edtf(Language language, std::string_view text);
/// "April", "abril"; month in 1..12.
[[nodiscard]] std::string_view month_name(Language language, std::int32_t month) noexcept;

/// "a", "a and b", "a, b and c"; Spanish writes "e" before the sound i.
[[nodiscard]] std::string list(Language language, std::span<const std::string> items);

/// The word before "Summit of the Americas": "Second", "Segunda", "Segunda", "Deuxième" for "II"
/// (I to XII), "Special", "Extraordinaria", … for "special". Anything else comes back as it is.
[[nodiscard]] std::string summit_ordinal(Language language, std::string_view ordinal);

/// The language's name in itself: "English", "Español", "Português", "Français".
[[nodiscard]] std::string_view own_name(Language language) noexcept;

}  // namespace atalaya::figures
