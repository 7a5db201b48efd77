// Reading ages as files write them: a small grammar over folded words.
//
//   text    = number | number sep number | number open | below number | number months | unknown
//   words that carry nothing ("years", "años", "de", "between") are dropped first, so that the
//   four languages share one shape.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/codelists_rules.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::string_view kFiller[] = {
    "anos", "ano", "years",   "year",  "yrs",   "yr",    "ans",       "an",        "old",
    "of",   "age", "ages",    "aged",  "edad",  "idade", "de",        "del",       "entre",
    "from", "to",  "between", "desde", "a",     "ate",   "hasta",     "and",       "y",
    "e",    "et",  "ou",      "or",    "o",     "than",  "cumplidos", "completos", "grupo",
    "the",  "i",   "group",   "faixa", "rango", "que",   "etaria"};
constexpr std::string_view kAbove[] = {"mas",     "mais",  "more",    "over",  "plus", "above",
                                       "mayores", "mayor", "maiores", "maior", "older"};
constexpr std::string_view kBelow[] = {"menor", "menores", "under", "less",
                                       "moins", "younger", "below"};
constexpr std::string_view kMonths[] = {"mes", "meses", "month", "months", "mois"};
constexpr std::string_view kDays[] = {"dia",   "dias", "day",   "days",  "jour",
                                      "jours", "hora", "horas", "hours", "semanas"};
constexpr std::string_view kUnknownWords[] = {"no reporta",
                                              "no reportado",
                                              "no reportada",
                                              "desconocido",
                                              "desconocida",
                                              "desconhecida",
                                              "desconhecido",
                                              "ignorado",
                                              "ignorada",
                                              "sin informacion",
                                              "sin dato",
                                              "sin datos",
                                              "unknown",
                                              "not stated",
                                              "not known",
                                              "no especificado",
                                              "no especificada",
                                              "nao informado",
                                              "nao informada",
                                              "sem informacao",
                                              "no identificado",
                                              "s/d",
                                              "s/i",
                                              "n/d",
                                              "nd",
                                              "n.d.",
                                              "nr",
                                              "inconnu",
                                              "non precise",
                                              "no registra",
                                              "undetermined",
                                              "indeterminado",
                                              "no aplica edad",
                                              "_u",
                                              "no disponible",
                                              "por establecer",
                                              "not available",
                                              "edad desconocida",
                                              "missing",
                                              "no informado"};

bool is_among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

struct AgeWords {
  std::vector<std::int32_t> numbers;
  bool above = false, below = false, months = false, days = false;
  bool is_strict = false;     // ">" without "=": the bound itself is not within
  bool is_inclusive = false;  // "<=": the bound itself is within
  bool foreign = false;       // a word that says nothing to us
};

void take_word(AgeWords& words, std::string_view word) {
  if (is_among(kAbove, word)) {
    words.above = true;
  } else if (is_among(kBelow, word)) {
    words.below = true;
  } else if (is_among(kMonths, word)) {
    words.months = true;
  } else if (is_among(kDays, word)) {
    words.days = true;
  } else if (!is_among(kFiller, word)) {
    words.foreign = true;
  }
}

AgeWords split_age(std::string_view folded) {
  AgeWords words;
  std::size_t at = 0;
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  const auto is_letter = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || letter == '\'';
  };
  while (at < folded.size()) {
    const char letter = folded[at];
    std::size_t end = at + 1;
    if (is_digit(letter)) {
      while (end < folded.size() && is_digit(folded[end])) {
        ++end;
      }
      std::int32_t value = 0;
      for (const char digit : folded.substr(at, std::min<std::size_t>(end - at, 5))) {
        value = value * 10 + (digit - '0');
      }
      words.numbers.push_back(value);
      // "23.0" and "23,00" are whole numbers that a spreadsheet wrote as decimals.
      if (end + 1 < folded.size() && (folded[end] == '.' || folded[end] == ',') &&
          folded[end + 1] == '0') {
        while (++end < folded.size() && folded[end] == '0') {
        }
      }
    } else if (is_letter(letter)) {
      while (end < folded.size() && is_letter(folded[end])) {
        ++end;
      }
      take_word(words, folded.substr(at, end - at));
    } else if (letter == '+') {
      words.above = true;
    } else if (letter == '<' || letter == '>') {
      (letter == '<' ? words.below : words.above) = true;
      const bool equal = end < folded.size() && folded[end] == '=';
      words.is_strict = letter == '>' && !equal;
      words.is_inclusive = letter == '<' && equal;
    }
    at = end;
  }
  return words;
}

std::optional<AgeReading> reading(AgeRange range, std::string_view reason) {
  if (range.low < 0 || range.low > kAgeYearsMax || range.high <= range.low ||
      (range.high != kAgeOpen && range.high > kAgeYearsMax + 1)) {
    return std::nullopt;
  }
  return AgeReading{age_code(range), std::string(reason)};
}

}  // namespace

std::optional<AgeReading> read_age(std::string_view text) {
  const std::string_view trimmed = trim(text);
  if (const auto range = parse_age_code(trimmed)) {
    return AgeReading{age_code(*range), "code"};
  }
  const std::string folded = squeeze(fold(trimmed));
  if (is_among(kUnknownWords, folded)) {
    return AgeReading{"_U", "unknown"};
  }
  if (folded.starts_with('-') || folded.empty()) {
    return std::nullopt;  // a negative age, or nothing: an empty cell is the mapping's business
  }
  const AgeWords words = split_age(folded);
  if (words.foreign || words.numbers.empty() || words.numbers.size() > 2 ||
      (words.above && words.below)) {
    return std::nullopt;
  }
  const std::int32_t first = words.numbers.front();
  if (words.months || words.days) {
    if (words.numbers.size() != 1 || words.above || words.below) {
      return std::nullopt;
    }
    const std::int32_t years = words.months ? first / 12 : first / 365;
    return reading({years, years + 1}, "months");
  }
  if (words.numbers.size() == 2) {
    if (words.above || words.below || words.numbers[1] > kAgeYearsMax) {
      return std::nullopt;
    }
    return reading({first, words.numbers[1] + 1}, first == words.numbers[1] ? "single" : "range");
  }
  if (words.above) {
    return first == 0 ? std::nullopt
                      : reading({first + (words.is_strict ? 1 : 0), kAgeOpen}, "open_above");
  }
  if (words.below) {
    return reading({0, first + (words.is_inclusive ? 1 : 0)}, "open_below");
  }
  return reading({first, first + 1}, "single");
}

}  // namespace atalaya::observatory
