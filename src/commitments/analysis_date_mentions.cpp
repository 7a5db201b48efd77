#include "analysis_date_mentions.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/time.hpp>

#include "analysis_date_phrases.hpp"
#include "parse_dates.hpp"

namespace atalaya::commitments {
namespace {

struct Number {
  std::string_view name;
  std::int32_t value;
};

constexpr Number kNumbers[] = {
    {"one", 1},        {"two", 2},      {"three", 3},    {"four", 4},     {"five", 5},
    {"six", 6},        {"ten", 10},     {"un", 1},       {"uno", 1},      {"dos", 2},
    {"tres", 3},       {"cuatro", 4},   {"cinco", 5},    {"seis", 6},     {"diez", 10},
    {"dois", 2},       {"quatro", 4},   {"dez", 10},     {"deux", 2},     {"trois", 3},
    {"quatre", 4},     {"cinq", 5},     {"dix", 10},     {"seven", 7},    {"eight", 8},
    {"nine", 9},       {"eleven", 11},  {"twelve", 12},  {"fifteen", 15}, {"eighteen", 18},
    {"twenty", 20},    {"thirty", 30},  {"sixty", 60},   {"ninety", 90},  {"siete", 7},
    {"ocho", 8},       {"nueve", 9},    {"once", 11},    {"doce", 12},    {"quince", 15},
    {"dieciocho", 18}, {"veinte", 20},  {"treinta", 30}, {"sesenta", 60}, {"noventa", 90},
    {"sete", 7},       {"oito", 8},     {"nove", 9},     {"onze", 11},    {"doze", 12},
    {"quinze", 15},    {"dezoito", 18}, {"vinte", 20},   {"trinta", 30},  {"sessenta", 60},
    {"sept", 7},       {"huit", 8},     {"neuf", 9},     {"douze", 12},   {"vingt", 20},
    {"trente", 30},    {"soixante", 60}};

std::int32_t month_of(const Word& word) {
  const bool also_common = word.key == "may" || word.key == "march";
  return also_common && !word.capital ? 0 : parsing::month_number(word.key);
}

std::optional<std::int32_t> digits_of(std::string_view key) {
  if (key.empty() || key.size() > 4) {
    return std::nullopt;
  }
  std::int32_t value = 0;
  for (const char c : key) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Ordinals are days, too: "4th", "1er".
std::int32_t day_of(const Word& word) {
  static constexpr std::array<std::string_view, 7> kOrdinals = {"st", "nd", "rd", "th",
                                                                "er", "ro", "o"};
  const std::size_t digits = std::min(word.key.find_first_not_of("0123456789"), word.key.size());
  const std::string_view ending = std::string_view(word.key).substr(digits);
  const bool ordinal = std::ranges::find(kOrdinals, ending) != kOrdinals.end();
  const auto value = digits_of(std::string_view(word.key).substr(0, digits));
  return value && *value >= 1 && *value <= 31 && digits <= 2 && (ordinal || ending.empty()) ? *value
                                                                                            : 0;
}

bool is_of(const Word& word) {
  return word.key == "de" || word.key == "del" || word.key == "of" || word.key == "do";
}

// "April 12 to 19", "12 al 19 de abril".
bool joins_days(const Word& word) {
  static constexpr std::array<std::string_view, 10> kJoints = {"to", "and", "through", "al", "a",
                                                               "au", "e",   "y",       "et", "ate"};
  return std::ranges::find(kJoints, word.key) != kJoints.end();
}

/// The day before the one at date.first, where both are the ends of a range.
void begin_range(const std::vector<Word>& words, DateMention& date) {
  const std::size_t joint = date.first > 0 && joins_days(words[date.first - 1]) ? 1 : 0;
  const std::size_t back = joint + 1;
  if (date.first < back || day_of(words[date.first - back]) == 0 ||
      day_of(words[date.first - back]) >= date.day) {
    return;
  }
  date.day_end = date.day;
  date.day = day_of(words[date.first - back]);
  date.first -= back;
}

/// The word after the end of a range that begins with the date and that a year follows: "to 19,
/// 2010", "to May 3, 2010", "al 3 de mayo de 2010"; `right` where there is none.
std::size_t end_range(const std::vector<Word>& words, std::size_t right, DateMention& date) {
  if (date.day == 0 || right + 2 >= words.size() || !joins_days(words[right])) {
    return right;
  }
  std::size_t at = right + 1;
  std::int32_t month = month_of(words[at]);
  at += month != 0 ? 1U : 0U;
  const std::int32_t day = day_of(words[at]);
  if (day == 0) {
    return right;
  }
  ++at;
  const std::size_t named = at < words.size() && is_of(words[at]) ? at + 1 : at;
  if (month == 0 && named < words.size() && month_of(words[named]) != 0) {
    month = month_of(words[named]);
    at = named + 1;
  }
  const std::size_t year = at < words.size() && is_of(words[at]) ? at + 1 : at;
  const bool later = month > date.month || (month == 0 && day > date.day);
  if (!later || year >= words.size() || year_of(words[year]) == 0) {
    return right;
  }
  date.month_end = month;
  date.day_end = day;
  return at;
}

/// "next year", "this year" of a text of the year `now`, behind a month: the word after it and the
/// year; nothing where none stands at `at`.
std::optional<std::pair<std::size_t, std::int32_t>> relative_year(const std::vector<Word>& words,
                                                                  std::size_t at,
                                                                  std::int32_t now) {
  static constexpr std::array<std::string_view, 5> kArticles = {"the", "el", "o", "l", "le"};
  if (at < words.size() && std::ranges::find(kArticles, words[at].key) != kArticles.end()) {
    ++at;
  }
  if (at >= words.size() || now == 0) {
    return std::nullopt;
  }
  const std::size_t next = next_year_words().match(words, at);
  const std::size_t count = std::max(next, this_year_words().match(words, at));
  return count == 0 ? std::nullopt : std::optional(std::pair(at + count, now + (next > 0 ? 1 : 0)));
}

/// Of a year that is unknown any day that some year has.
bool exists(const DateMention& date) {
  constexpr std::int32_t kLeapYear = 2000;
  const std::int32_t year = date.year == 0 ? kLeapYear : date.year;
  const std::int32_t month_end = date.month_end == 0 ? date.month : date.month_end;
  return CivilDate::create(year, date.month, std::max(date.day, 1)) &&
         CivilDate::create(year, month_end, std::max(date.day_end, 1));
}

std::string iso_day(std::int32_t year, std::int32_t month, std::int32_t day) {
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

std::int32_t days_in(std::int32_t year, std::int32_t month) {
  for (std::int32_t day = 31; day > 28; --day) {
    if (CivilDate::create(year, month, day)) {
      return day;
    }
  }
  return 28;
}

/// A month with a day or a year beside it, whether there is such a day or not.
std::optional<DateMention> printed_mention(const std::vector<Word>& words, std::size_t at,
                                           std::int32_t now) {
  DateMention date;
  date.month = month_of(words[at]);
  if (date.month == 0) {
    return std::nullopt;
  }
  date.first = at;
  date.last = at + 1;
  std::size_t left = at;
  if (left > 0 && is_of(words[left - 1])) {
    --left;
  }
  if (left > 0 && day_of(words[left - 1]) != 0) {
    date.day = day_of(words[left - 1]);
    date.first = left - 1;
    begin_range(words, date);
  }
  std::size_t right = at + 1;
  while (right < words.size() && right <= at + 2 && day_of(words[right]) != 0) {
    (date.day == 0 ? date.day : date.day_end) = day_of(words[right]);  // "5-6"
    date.last = ++right;
  }
  right = end_range(words, right, date);
  if (right < words.size() && is_of(words[right])) {
    ++right;
  }
  if (right < words.size() && year_of(words[right]) != 0) {
    date.year = year_of(words[right]);
    date.last = right + 1;
  } else if (const auto year = relative_year(words, right, now)) {
    std::tie(date.last, date.year) = *year;
  }
  if (date.year == 0 && date.day == 0) {
    return std::nullopt;
  }
  return date;
}

}  // namespace

std::int32_t year_of(const Word& word) {
  const auto value = digits_of(word.key);
  return value && *value >= 1900 && *value <= 2100 ? *value : 0;
}

std::int32_t count_of(const Word& word) {
  for (const auto& [name, value] : kNumbers) {
    if (word.key == name) {
      return value;
    }
  }
  const auto value = digits_of(word.key);
  return value && *value > 0 && *value <= 999 ? *value : 0;
}

std::optional<DateMention> month_mention(const std::vector<Word>& words, std::size_t at,
                                         std::int32_t now) {
  const auto date = printed_mention(words, at, now);
  return date && exists(*date) ? date : std::nullopt;
}

std::string_view impossible_day(std::string_view text) {
  const std::vector<Word> words = words_of(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto date = printed_mention(words, i, 0); date && !exists(*date)) {
      const std::uint32_t begin = words[date->first].begin;
      return text.substr(begin, words[date->last - 1].end - begin);
    }
  }
  return {};
}

std::optional<DateMention> numbered_mention(std::string_view text, const std::vector<Word>& words,
                                            std::size_t at, Language language) {
  const auto found = at + 2 < words.size() ? parsing::numbered_date_at(text, words[at].begin,
                                                                       language != Language::en)
                                           : std::nullopt;
  if (!found || words[at + 2].end != found->end) {
    return std::nullopt;
  }
  DateMention date;
  date.first = at;
  date.last = at + 3;
  date.year = found->year;
  if (found->date) {
    date.month = found->date->month;
    date.day = found->date->day;
  } else {
    date.order_unknown = true;
    date.month_end = found->latest.month;
    date.day_end = found->latest.day;
  }
  return date;
}

std::string edtf_of(const DateMention& date) {
  if (date.month == 0) {
    return fmt::format("{:04}", date.year);
  }
  return date.day == 0 ? fmt::format("{:04}-{:02}", date.year, date.month)
                       : iso_day(date.year, date.month, date.day);
}

std::string latest_of(const DateMention& date) {
  const std::int32_t month = date.month_end != 0 ? date.month_end
                             : date.month == 0   ? 12
                                                 : date.month;
  const std::int32_t last = date.day_end != 0 ? date.day_end : date.day;
  const std::int32_t day = last == 0 ? days_in(date.year, month) : last;
  return iso_day(date.year, month, day);
}

DateMention moved(const DateMention& date, std::int32_t count, char unit) {
  using namespace std::chrono;
  DateMention out = date;
  out.order_unknown = false;
  out.month_end = out.day_end = 0;
  const bool whole =
      date.day == 0 && !date.order_unknown && (unit == 'Y' || (unit == 'M' && date.month != 0));
  if (whole) {
    const std::int32_t months =
        date.year * 12 + std::max(date.month, 1) - 1 + count * (unit == 'Y' ? 12 : 1);
    out.year = months / 12;
    out.month = date.month == 0 ? 0 : months % 12 + 1;
    return out;
  }
  const auto last = parse_civil_date(latest_of(date));
  const year_month_day from{year{last->year}, month{static_cast<unsigned>(last->month)},
                            day{static_cast<unsigned>(last->day)}};
  year_month_day to{sys_days{from} + days{unit == 'D' ? count : unit == 'W' ? 7 * count : 0}};
  to += months{unit == 'M' ? count : unit == 'Y' ? 12 * count : 0};
  if (!to.ok()) {  // no 31st in that month
    to = to.year() / to.month() / std::chrono::last;
  }
  out.year = static_cast<int>(to.year());
  out.month = static_cast<std::int32_t>(static_cast<unsigned>(to.month()));
  out.day = static_cast<std::int32_t>(static_cast<unsigned>(to.day()));
  return out;
}

DateMention unit_before(DateMention date) {
  if (date.order_unknown) {
    DateMention latest;
    latest.year = date.year;
    latest.month = date.month_end;
    latest.day = date.day_end;
    latest = unit_before(latest);
    date.month_end = latest.month;
    date.day_end = latest.day;
    return date;
  }
  date.month_end = date.day_end = 0;
  if (date.day > 1) {
    --date.day;
  } else if (date.month > 1) {
    --date.month;
    date.day = date.day == 0 ? 0 : days_in(date.year, date.month);
  } else {
    --date.year;
    date.month = date.month == 0 ? 0 : 12;
    date.day = date.day == 0 ? 0 : 31;
  }
  return date;
}

std::string_view interval_of(std::string_view key) {
  static constexpr std::pair<std::string_view, std::string_view> kIntervals[] = {
      {"annual", "P1Y"},        {"yearly", "P1Y"},         {"biennial", "P2Y"},
      {"triennial", "P3Y"},     {"quarterly", "P3M"},      {"semiannual", "P6M"},
      {"monthly", "P1M"},       {"anual", "P1Y"},          {"anuales", "P1Y"},
      {"anuais", "P1Y"},        {"bienal", "P2Y"},         {"bienales", "P2Y"},
      {"bienais", "P2Y"},       {"trienal", "P3Y"},        {"trienales", "P3Y"},
      {"trienais", "P3Y"},      {"semestral", "P6M"},      {"semestrales", "P6M"},
      {"semestrais", "P6M"},    {"trimestral", "P3M"},     {"trimestrales", "P3M"},
      {"trimestrais", "P3M"},   {"mensual", "P1M"},        {"mensuales", "P1M"},
      {"mensal", "P1M"},        {"mensais", "P1M"},        {"annuel", "P1Y"},
      {"annuels", "P1Y"},       {"annuelle", "P1Y"},       {"annuelles", "P1Y"},
      {"biennal", "P2Y"},       {"biennaux", "P2Y"},       {"biennale", "P2Y"},
      {"triennal", "P3Y"},      {"triennaux", "P3Y"},      {"triennale", "P3Y"},
      {"semestriel", "P6M"},    {"semestriels", "P6M"},    {"semestrielle", "P6M"},
      {"semestrielles", "P6M"}, {"trimestriel", "P3M"},    {"trimestriels", "P3M"},
      {"trimestrielle", "P3M"}, {"trimestrielles", "P3M"}, {"mensuel", "P1M"},
      {"mensuels", "P1M"},      {"mensuelle", "P1M"},      {"mensuelles", "P1M"}};
  const auto* found = std::ranges::find(kIntervals, key, [](const auto& one) { return one.first; });
  return found == std::end(kIntervals) ? std::string_view() : found->second;
}

std::string_view interval_of_adverb(std::string_view key) {
  static constexpr std::pair<std::string_view, std::string_view> kIntervals[] = {
      {"biennially", "P2Y"},     {"semiannually", "P6M"},     {"bienalmente", "P2Y"},
      {"semestralmente", "P6M"}, {"trimestralmente", "P3M"},  {"mensualmente", "P1M"},
      {"mensalmente", "P1M"},    {"semestriellement", "P6M"}, {"trimestriellement", "P3M"},
      {"mensuellement", "P1M"}};
  const auto* found = std::ranges::find(kIntervals, key, [](const auto& one) { return one.first; });
  return found == std::end(kIntervals) ? std::string_view() : found->second;
}

}  // namespace atalaya::commitments
