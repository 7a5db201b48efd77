#include "parse_dates.hpp"

#include <algorithm>
#include <array>
#include <string>
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

std::int32_t month_of(std::string_view word) {
  for (const Month& month : kMonths) {
    if (month.name == word) {
      return month.number;
    }
  }
  return 0;
}

bool is_day(const Token& token) {
  return token.number >= 1 && token.number <= 31;
}

bool is_year(const Token& token) {
  return token.number >= 1900 && token.number <= 2100;
}

bool is_filler(const Token& token) {
  return token.text == "de" || token.text == "del" || token.text == "and" || token.text == "y" ||
         token.text == "e" || token.text == "et" || token.text == "to" || token.text == "au" ||
         token.text == "a" || token.text == "al" || token.text == "er" || token.text == "of";
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

std::optional<CivilDate> find_date(std::string_view folded, Deadlines deadlines) {
  const std::vector<Token> tokens = tokens_of(folded);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::int32_t month = month_of(tokens[i].text);
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
