#pragma once
// Dates where they stand among the words of a text: which day, month or year, not yet what they
// mean.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>

#include "analysis_words.hpp"

namespace atalaya::commitments {

struct DateMention {
  std::int32_t year = 0, month = 0, day = 0;
  std::int32_t month_end = 0, day_end = 0;  // where it is a range: its end, in the same year
  std::size_t first = 0, last = 0;          // words
  bool order_unknown = false;  // "04/03/2030": of the year; the end is the later of the readings
};

/// 1900 to 2100, 0 for other words.
[[nodiscard]] std::int32_t year_of(const Word& word);
/// 1 to 999 in digits, the lower ones in words of four languages; 0 for other words.
[[nodiscard]] std::int32_t count_of(const Word& word);

/// A month with a day or a year beside it, where there is such a day; `at` is the month's word.
/// "Next year" is the one after `now`, the text's (0 = unknown: then it is none).
[[nodiscard]] std::optional<DateMention> month_mention(const std::vector<Word>& words,
                                                       std::size_t at, std::int32_t now);
/// The first day that no month has ("31 November 2030"), as printed; empty where there is none.
[[nodiscard]] std::string_view impossible_day(std::string_view text);
/// "2030-03-04", "04/03/2030": words at, at + 1 and at + 2.
[[nodiscard]] std::optional<DateMention> numbered_mention(std::string_view text,
                                                          const std::vector<Word>& words,
                                                          std::size_t at, Language language);

[[nodiscard]] std::string edtf_of(const DateMention& date);
/// The last day that it may be.
[[nodiscard]] std::string latest_of(const DateMention& date);
/// ISO 8601 of "annual", "trimestral"; empty for other words. "Biannual" is twice a year to some and
/// every second to others.
[[nodiscard]] std::string_view interval_of(std::string_view key);
/// The same of adverbs: "semestralmente".
[[nodiscard]] std::string_view interval_of_adverb(std::string_view key);
/// The date `count` (less than 0: before it) years, months, weeks or days ('Y', 'M', 'W', 'D')
/// after `date`, as exact as both are; counted from the last day that it may be.
[[nodiscard]] DateMention moved(const DateMention& date, std::int32_t count, char unit);
/// The unit (day, month or year) that ends just before `date` begins.
[[nodiscard]] DateMention unit_before(DateMention date);

}  // namespace atalaya::commitments
