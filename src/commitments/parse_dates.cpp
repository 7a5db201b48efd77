#include "parse_dates.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

namespace atalaya::commitments::parsing {
namespace {

struct Month {
  std::string_view name;
  std::int32_t number;
};

constexpr std::array<Month, 47> kMonths = {{
    {"january", 1},    {"february", 2},  {"march", 3},    {"april", 4},      {"may", 5},
    {"june", 6},       {"july", 7},      {"august", 8},   {"september", 9},  {"october", 10},
    {"november", 11},  {"december", 12}, {"enero", 1},    {"febrero", 2},    {"marzo", 3},
    {"abril", 4},      {"mayo", 5},      {"junio", 6},    {"julio", 7},      {"agosto", 8},
    {"septiembre", 9}, {"setiembre", 9}, {"octubre", 10}, {"noviembre", 11}, {"diciembre", 12},
    {"janeiro", 1},    {"fevereiro", 2}, {"marco", 3},    {"maio", 5},       {"junho", 6},
    {"julho", 7},      {"setembro", 9},  {"outubro", 10}, {"novembro", 11},  {"dezembro", 12},
    {"janvier", 1},    {"fevrier", 2},   {"mars", 3},     {"avril", 4},      {"mai", 5},
    {"juin", 6},       {"juillet", 7},   {"aout", 8},     {"septembre", 9},  {"octobre", 10},
    {"novembre", 11},  {"decembre", 12},
}};

struct Token {
  std::string_view text;
  std::int32_t number = -1;  // of digits
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z');
    if (!digit && !letter) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    std::int32_t number = digit ? 0 : -1;
    while (i < text.size()) {
      const char d = text[i];
      const bool same = digit ? d >= '0' && d <= '9' : d >= 'a' && d <= 'z';
      if (!same) {
        break;
      }
      if (digit && number < 100'000) {
        number = number * 10 + (d - '0');
      }
      ++i;
    }
    out.push_back({.text = text.substr(begin, i - begin), .number = number});
  }
  return out;
}

bool is_day(const Token& token) {
  return token.number >= 1 && token.number <= 31;
}

bool is_year(const Token& token) {
  return token.number >= 1900 && token.number <= 2100;
}

// What stands between the numbers and names of a date, ordinal endings included ("4th", "1º").
bool is_filler(const Token& token) {
  constexpr std::array<std::string_view, 6> kOrdinals = {"st", "nd", "rd", "th", "o", "ro"};
  return std::ranges::find(kOrdinals, token.text) != kOrdinals.end() || token.text == "de" ||
         token.text == "del" || token.text == "and" || token.text == "y" || token.text == "e" ||
         token.text == "et" || token.text == "to" || token.text == "au" || token.text == "a" ||
         token.text == "al" || token.text == "er" || token.text == "of";
}

// The digits from `at` on, -1 where there are none or more than four.
std::int32_t number_at(std::string_view text, std::size_t& at) {
  std::int32_t value = 0;
  const std::size_t begin = at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    value = at - begin < 4 ? value * 10 + (text[at] - '0') : value;
    ++at;
  }
  return at > begin && at - begin <= 4 ? value : -1;
}

bool is_date_mark(char c) {
  return c == '-' || c == '/' || c == '.';
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Whether the words before a date make it a day by which something is to be done.
bool is_deadline(const std::vector<Token>& tokens, std::size_t first) {
  constexpr std::array<std::string_view, 13> kBefore = {
      "by",     "before", "until", "till", "than", "antes", "hasta",
      "tardar", "ate",    "avant", "ici",  "tard", "jusqu"};
  constexpr std::array<std::string_view, 10> kArticles = {"the", "del", "de", "el", "o",
                                                          "le",  "du",  "do", "al", "au"};
  while (first > 0 && std::ranges::find(kArticles, tokens[first - 1].text) != kArticles.end()) {
    --first;
  }
  // "from 8 until 10 June" is a span.
  const bool span = first > 1 && is_day(tokens[first - 2]);
  return first > 0 && !span && std::ranges::find(kBefore, tokens[first - 1].text) != kBefore.end();
}

}  // namespace

std::int32_t month_number(std::string_view folded) {
  // Every word of a text is asked for.
  static const std::unordered_map<std::string_view, std::int32_t> kNumbers = [] {
    std::unordered_map<std::string_view, std::int32_t> out;
    for (const Month& month : kMonths) {
      out.emplace(month.name, month.number);
    }
    return out;
  }();
  const auto found = kNumbers.find(folded);
  return found == kNumbers.end() ? 0 : found->second;
}

std::optional<CivilDate> find_date(std::string_view folded, Deadlines deadlines) {
  const std::vector<Token> tokens = tokens_of(folded);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::int32_t month = month_number(tokens[i].text);
    if (month == 0) {
      continue;
    }
    // "October 7 and 8, 2008": days after the month, then the year.
    std::int32_t day = 0;
    std::size_t k = i + 1;
    while (k < tokens.size() && (is_day(tokens[k]) || is_filler(tokens[k]))) {
      day = is_day(tokens[k]) ? tokens[k].number : day;
      ++k;
    }
    if (k >= tokens.size() || !is_year(tokens[k])) {
      continue;
    }
    std::size_t first = i;
    if (day == 0) {
      // "7 y 8 de octubre de 2008": the last day before the month.
      std::size_t b = i;
      while (b > 0 && is_filler(tokens[b - 1])) {
        --b;
      }
      day = b > 0 && is_day(tokens[b - 1]) ? tokens[b - 1].number : 0;
      first = day > 0 ? b - 1 : i;
    }
    if (deadlines == Deadlines::passed_over && is_deadline(tokens, first)) {
      continue;
    }
    if (const auto date = CivilDate::create(tokens[k].number, month, day)) {
      return date;
    }
  }
  return std::nullopt;
}

std::optional<NumberedDate> numbered_date_at(std::string_view text, std::size_t at,
                                             bool day_first) {
  // Part of a longer number, or of a document's symbol ("CSH/GT/MISPA-2/08").
  if (at > 0 && (is_letter_or_digit(text[at - 1]) || is_date_mark(text[at - 1]))) {
    return std::nullopt;
  }
  std::array<std::int32_t, 3> parts{};
  std::array<std::size_t, 3> lengths{};
  const std::size_t mark = text.find_first_not_of("0123456789", at);
  std::size_t end = at;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && (end >= text.size() || text[end] != text[mark] || !is_date_mark(text[end++]))) {
      return std::nullopt;
    }
    const std::size_t begin = end;
    parts[i] = number_at(text, end);
    lengths[i] = end - begin;
  }
  const bool goes_on =
      end < text.size() &&
      (is_letter_or_digit(text[end]) ||
       (is_date_mark(text[end]) && end + 1 < text.size() && is_letter_or_digit(text[end + 1])));
  const auto [first, second, third] = parts;
  const bool year_first = lengths[0] == 4;
  const std::int32_t year = year_first ? first : third;
  if (goes_on || lengths[1] > 2 || lengths[year_first ? 2 : 0] > 2 ||
      lengths[year_first ? 0 : 2] != 4 || year < 1900 || year > 2100) {
    return std::nullopt;
  }
  const auto day_month = year_first ? CivilDate::create(first, second, third)
                                    : CivilDate::create(third, second, first);
  const auto month_day = year_first ? day_month : CivilDate::create(third, first, second);
  if (!day_month && !month_day) {
    return std::nullopt;
  }
  NumberedDate out;
  out.date = day_month ? day_month : month_day;
  out.year = year;
  out.end = end;
  out.latest = day_month && month_day ? std::max(*day_month, *month_day) : *out.date;
  if (day_month && month_day && *day_month != *month_day) {
    out.order_taken = day_first;
    out.date = day_first ? out.date : std::nullopt;
    out.latest = day_first ? *day_month : out.latest;
  }
  return out;
}

std::optional<NumberedDate> find_numbered_date(std::string_view folded, bool day_first,
                                               Deadlines deadlines) {
  for (std::size_t at = folded.find_first_of("0123456789"); at != std::string_view::npos;) {
    const auto found = numbered_date_at(folded, at, day_first);
    const std::vector<Token> before = found && deadlines == Deadlines::passed_over
                                          ? tokens_of(folded.substr(0, at))
                                          : std::vector<Token>();
    if (found && !is_deadline(before, before.size())) {
      return found;
    }
    const std::size_t end = folded.find_first_not_of("0123456789", at);
    at = end == std::string_view::npos ? end : folded.find_first_of("0123456789", end);
  }
  return std::nullopt;
}

std::int32_t find_last_year(std::string_view text) {
  std::int32_t last = 0;
  for (const Token& token : tokens_of(text)) {
    if (is_year(token) && token.text.size() == 4) {
      last = token.number;
    }
  }
  return last;
}

}  // namespace atalaya::commitments::parsing
