#include <atalaya/figures/locale.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace atalaya::figures {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

constexpr std::array<std::array<std::string_view, 12>, 4> kMonths = {{
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
    {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
     "octubre", "noviembre", "diciembre"},
    {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
     "outubro", "novembro", "dezembro"},
    {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
     "octobre", "novembre", "décembre"},
}};

std::size_t index_of(Language language) {
  return static_cast<std::size_t>(language);
}

std::string_view group_separator(Language language) {
  switch (language) {
    case Language::en:
      return ",";
    case Language::pt:
      return ".";
    case Language::es:
    case Language::fr:
      break;
  }
  return kNoBreakSpace;
}

std::string grouped(Language language, std::string_view digits) {
  const std::size_t least = language == Language::es || language == Language::pt ? 5 : 4;
  if (digits.size() < least) {
    return std::string(digits);
  }
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) {
      out.append(group_separator(language));
    }
    out.push_back(digits[i]);
  }
  return out;
}

// A minus sign (U+2212), not a hyphen: it has the width of the digits.
std::string_view sign_of(bool negative) {
  return negative ? "\xE2\x88\x92" : "";
}

std::string day(Language language, std::int32_t n) {
  if (n == 1 && language == Language::pt) {
    return "1º";
  }
  if (n == 1 && language == Language::fr) {
    return "1er";
  }
  return std::to_string(n);
}

std::string_view of(Language language) {
  return language == Language::es || language == Language::pt ? " de " : " ";
}

std::string day_month(Language language, CivilDate date) {
  return fmt::format("{}{}{}", day(language, date.day), of(language),
                     month_name(language, date.month));
}

std::string month_year(Language language, std::int32_t year, std::int32_t month) {
  return fmt::format("{}{}{}", month_name(language, month), of(language), year);
}

// "{} to {}" where a dash would be read as part of the dates.
std::string from_to(Language language, std::string_view begin, std::string_view end) {
  switch (language) {
    case Language::en:
      return fmt::format("{} – {}", begin, end);
    case Language::es:
      return fmt::format("del {} al {}", begin, end);
    case Language::pt:
      return fmt::format("de {} a {}", begin, end);
    case Language::fr:
      break;
  }
  return fmt::format("du {} au {}", begin, end);
}

std::string days_of_one_month(Language language, CivilDate begin, CivilDate end) {
  const std::string rest = fmt::format("{}{}{}{}", of(language), month_name(language, end.month),
                                       of(language), end.year);
  const bool consecutive = end.day == begin.day + 1;
  const std::string first = day(language, begin.day);
  const std::string last = day(language, end.day);
  switch (language) {
    case Language::en:
      return fmt::format("{}–{}{}", first, last, rest);
    case Language::es:
      return consecutive ? fmt::format("{} y {}{}", first, last, rest)
                         : fmt::format("del {} al {}{}", first, last, rest);
    case Language::pt:
      return consecutive ? fmt::format("{} e {}{}", first, last, rest)
                         : fmt::format("{} a {}{}", first, last, rest);
    case Language::fr:
      break;
  }
  return consecutive ? fmt::format("{} et {}{}", first, last, rest)
                     : fmt::format("du {} au {}{}", first, last, rest);
}

std::optional<std::int32_t> parse_number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return value;
}

// One date of year, month or day precision; nothing where it is none.
std::optional<std::string> one_date(Language language, std::string_view text) {
  if (text.size() == 4) {
    return parse_number(text) ? std::optional(std::string(text)) : std::nullopt;
  }
  if (text.size() == 7 && text[4] == '-') {
    const auto year = parse_number(text.substr(0, 4));
    const auto month = parse_number(text.substr(5));
    if (year && month && *month >= 1 && *month <= 12) {
      return month_year(language, *year, *month);
    }
    return std::nullopt;
  }
  const auto parsed = parse_civil_date(text);
  return parsed ? std::optional(date(language, *parsed)) : std::nullopt;
}

// What a due date adds around a date: at least about, by, from, between years.
enum class Frame { about, by, from, by_about };

std::string framed(Language language, Frame frame, std::string_view date_text) {
  constexpr std::array<std::array<std::string_view, 4>, 4> kWords = {{
      {"about {}", "by {}", "from {} on", "by about {}"},
      {"hacia {}", "a más tardar en {}", "desde {}", "a más tardar hacia {}"},
      {"por volta de {}", "até {}", "a partir de {}", "até por volta de {}"},
      {"vers {}", "au plus tard en {}", "à partir de {}", "au plus tard vers {}"},
  }};
  const auto pattern = kWords[index_of(language)][static_cast<std::size_t>(frame)];
  // "a más tardar en 2006" but "a más tardar el 3 de mayo": a day takes another preposition.
  const bool has_day = date_text.find(' ') != std::string_view::npos && date_text.front() >= '0' &&
                       date_text.front() <= '9';
  if (frame == Frame::by && has_day && language == Language::es) {
    return fmt::format("a más tardar el {}", date_text);
  }
  if (frame == Frame::by && has_day && language == Language::fr) {
    return fmt::format("au plus tard le {}", date_text);
  }
  return fmt::format(fmt::runtime(pattern), date_text);
}

std::optional<std::string> duration(Language language, std::string_view text) {
  if (text.size() < 3 || text.front() != 'P') {
    return std::nullopt;
  }
  const auto n = parse_number(text.substr(1, text.size() - 2));
  constexpr std::string_view kUnits = "YMD";
  const auto unit = kUnits.find(text.back());
  if (!n || unit == std::string_view::npos) {
    return std::nullopt;
  }
  constexpr std::array<std::array<std::array<std::string_view, 2>, 3>, 4> kWords = {{
      {{{"year", "years"}, {"month", "months"}, {"day", "days"}}},
      {{{"año", "años"}, {"mes", "meses"}, {"día", "días"}}},
      {{{"ano", "anos"}, {"mês", "meses"}, {"dia", "dias"}}},
      {{{"an", "ans"}, {"mois", "mois"}, {"jour", "jours"}}},
  }};
  return fmt::format("{} {}", *n, kWords[index_of(language)][unit][*n == 1 ? 0 : 1]);
}

// "203X": as a whole, or the year that it begins or ends with.
bool is_decade(std::string_view text) {
  return text.size() == 4 && text.back() == 'X' && parse_number(text.substr(0, 3));
}

std::string year_of_decade(std::string_view text, char last) {
  return is_decade(text) ? std::string(text.substr(0, 3)) + last : std::string(text);
}

std::string decade(Language language, std::string_view text) {
  constexpr std::array<std::string_view, 4> kWords = {"the {}s", "la década de {}",
                                                      "a década de {}", "les années {}"};
  return fmt::format(fmt::runtime(kWords[index_of(language)]), year_of_decade(text, '0'));
}

// "R/P1Y", "R/P6M".
std::optional<std::string> rhythm(Language language, std::string_view text) {
  if (!text.starts_with("R/")) {
    return std::nullopt;
  }
  const auto every = duration(language, text.substr(2));
  if (!every) {
    return std::nullopt;
  }
  if (every->starts_with("1 ")) {
    constexpr std::array<std::string_view, 4> kEach = {"every {}", "cada {}", "a cada {}",
                                                       "une fois par {}"};
    return fmt::format(fmt::runtime(kEach[index_of(language)]), every->substr(2));
  }
  constexpr std::array<std::string_view, 4> kEvery = {"every {}", "cada {}", "a cada {}",
                                                      "tous les {}"};
  return fmt::format(fmt::runtime(kEvery[index_of(language)]), *every);
}

bool sounds_like_i(std::string_view word) {
  const std::string folded = fold(word.substr(0, std::min<std::size_t>(word.size(), 8)));
  const std::string_view text = folded;
  return (text.starts_with("i") && !text.starts_with("io")) ||
         (text.starts_with("hi") && !text.starts_with("hie") && !text.starts_with("hia"));
}

}  // namespace

std::string number(Language language, std::int64_t n) {
  const bool negative = n < 0;
  std::string digits = std::to_string(n);
  if (negative) {
    digits.erase(0, 1);
  }
  return std::string(sign_of(negative)) + grouped(language, digits);
}

std::string decimal(Language language, double value, int digits) {
  ATALAYA_CHECK(std::isfinite(value) && digits >= 0 && digits <= 6);
  const double scale = std::pow(10.0, digits);
  const double rounded = std::round(std::abs(value) * scale) / scale;
  const std::string plain = fmt::format("{:.{}f}", rounded, digits);
  const auto point = plain.find('.');
  std::string out(sign_of(value < 0 && rounded > 0));
  out += grouped(language, std::string_view(plain).substr(0, point));
  if (point != std::string::npos) {
    out += language == Language::en ? "." : ",";
    out += plain.substr(point + 1);
  }
  return out;
}

std::string_view month_name(Language language, std::int32_t month) noexcept {
  ATALAYA_CHECK(month >= 1 && month <= 12);
  return kMonths[index_of(language)][static_cast<std::size_t>(month - 1)];
}

std::string date(Language language, CivilDate date) {
  return fmt::format("{}{}{}", day_month(language, date), of(language), date.year);
}

std::string date_range(Language language, CivilDate begin, CivilDate end) {
  if (end <= begin) {
    return date(language, begin);
  }
  if (begin.year != end.year) {
    return from_to(language, date(language, begin), date(language, end));
  }
  if (begin.month != end.month) {
    return from_to(language, day_month(language, begin), date(language, end));
  }
  return days_of_one_month(language, begin, end);
}

std::string edtf(Language language, std::string_view text) {
  if (auto written = rhythm(language, text)) {
    return *written;
  }
  if (is_decade(text)) {
    return decade(language, text);
  }
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    const std::string from = year_of_decade(text.substr(0, slash), '0');
    std::string to = year_of_decade(text.substr(slash + 1), '9');
    const bool about = to.ends_with('~');
    to.resize(to.size() - (about ? 1 : 0));
    const std::string_view begin = from;
    const std::string_view end = to;
    const bool open_begin = begin.empty() || begin == "..";
    const bool open_end = end.empty() || end == "..";
    const auto first = one_date(language, begin);
    const auto last = one_date(language, end);
    if (open_begin && last) {
      return framed(language, about ? Frame::by_about : Frame::by, *last);
    }
    if (open_end && first) {
      return framed(language, Frame::from, *first);
    }
    if (first && last) {
      const auto begin_date = parse_civil_date(begin);
      const auto end_date = parse_civil_date(end);
      if (begin_date && end_date) {
        return date_range(language, *begin_date, *end_date);
      }
      return begin.size() == 4 && end.size() == 4 ? fmt::format("{}–{}", *first, *last)
                                                  : fmt::format("{} – {}", *first, *last);
    }
    return std::string(text);
  }
  if (!text.empty() && std::string_view("~?%").find(text.back()) != std::string_view::npos) {
    const auto about = one_date(language, text.substr(0, text.size() - 1));
    return about ? framed(language, Frame::about, *about) : std::string(text);
  }
  if (auto written = duration(language, text)) {
    return *written;
  }
  return one_date(language, text).value_or(std::string(text));
}

std::string list(Language language, std::span<const std::string> items) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i != 0 && i + 1 < items.size()) {
      out += ", ";
    } else if (i != 0) {
      constexpr std::array<std::string_view, 4> kAnd = {" and ", " y ", " e ", " et "};
      out += language == Language::es && sounds_like_i(items[i]) ? " e " : kAnd[index_of(language)];
    }
    out += items[i];
  }
  return out;
}

std::string summit_ordinal(Language language, std::string_view ordinal) {
  constexpr std::array<std::string_view, 13> kRoman = {
      "special", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"};
  constexpr std::array<std::array<std::string_view, 13>, 4> kWords = {{
      {"Special", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth",
       "Ninth", "Tenth", "Eleventh", "Twelfth"},
      {"Extraordinaria", "Primera", "Segunda", "Tercera", "Cuarta", "Quinta", "Sexta", "Séptima",
       "Octava", "Novena", "Décima", "Undécima", "Duodécima"},
      {"Extraordinária", "Primeira", "Segunda", "Terceira", "Quarta", "Quinta", "Sexta", "Sétima",
       "Oitava", "Nona", "Décima", "Décima Primeira", "Décima Segunda"},
      {"Extraordinaire", "Premier", "Deuxième", "Troisième", "Quatrième", "Cinquième", "Sixième",
       "Septième", "Huitième", "Neuvième", "Dixième", "Onzième", "Douzième"},
  }};
  const auto it = std::ranges::find(kRoman, ordinal);
  if (it == kRoman.end()) {
    return std::string(ordinal);
  }
  return std::string(kWords[index_of(language)][static_cast<std::size_t>(it - kRoman.begin())]);
}

std::string_view own_name(Language language) noexcept {
  constexpr std::array<std::string_view, 4> kNames = {"English", "Español", "Português",
                                                      "Français"};
  return kNames[index_of(language)];
}

}  // namespace atalaya::figures
