#include "mapping_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

namespace atalaya::observatory {
namespace {

constexpr double kValueMax = 9.0e15;  // every whole number below it is a double

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Digits with the mapping's marks into the form that from_chars reads; nothing when marks stand
// where they cannot.
std::optional<std::string> plain_number(std::string_view text, const Mapping& mapping) {
  std::string out;
  std::size_t since_mark = 0;
  bool marked = false;
  bool fraction = false;
  for (const char c : text) {
    if (is_digit(c)) {
      out += c;
      ++since_mark;
    } else if (c == mapping.thousands_mark && c != '\0' && !fraction && !out.empty()) {
      if (marked ? since_mark != 3 : since_mark > 3) {
        return std::nullopt;
      }
      marked = true;
      since_mark = 0;
    } else if (c == mapping.decimal_mark && !fraction) {
      if (marked && since_mark != 3) {
        return std::nullopt;
      }
      fraction = true;
      out += '.';
    } else {
      return std::nullopt;
    }
  }
  if (out.empty() || out == "." || (marked && !fraction && since_mark != 3)) {
    return std::nullopt;
  }
  return out;
}

// Without the blanks that separate thousands, thin and narrow ones of French files too. A blank
// between digits that does not stand before three of them separates two numbers, and stays.
std::string without_blanks(std::string_view text) {
  std::string plain(squeeze(text));
  for (const std::string_view blank : {"\xE2\x80\xAF", "\xE2\x80\x89"}) {
    for (auto at = plain.find(blank); at != std::string::npos; at = plain.find(blank)) {
      plain.replace(at, blank.size(), " ");
    }
  }
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool inside = plain[i] == ' ' && i > 0 && is_digit(plain[i - 1]) &&
                        i + 1 < plain.size() && is_digit(plain[i + 1]);
    const std::size_t end = std::min(plain.find_first_not_of("0123456789", i + 1), plain.size());
    if (plain[i] != ' ' || (inside && end - i - 1 != 3)) {
      out += plain[i];
    }
  }
  return out;
}

// "1.000" where the mapping names no thousands mark: one, or a thousand?
bool may_be_thousands(std::string_view plain, const Mapping& mapping) {
  const std::size_t point = plain.find('.');
  return mapping.thousands_mark == '\0' && mapping.decimals == 0 && point >= 1 && point <= 3 &&
         plain.substr(point) == ".000";
}

NumberReading bad(std::string_view reason) {
  NumberReading out;
  out.reason = std::string(reason);
  return out;
}

NumberReading one_number(std::string_view text, const Mapping& mapping) {
  const bool negative = text.starts_with('-');
  const auto plain = plain_number(negative ? text.substr(1) : text, mapping);
  double value = 0;
  if (plain && may_be_thousands(*plain, mapping)) {
    return bad("thousands_or_fraction");
  }
  if (plain) {
    const auto end = plain->data() + plain->size();
    if (std::from_chars(plain->data(), end, value).ec != std::errc{}) {
      return bad("not_a_number");
    }
  } else {
    // Workbooks hold 1E-3 and the like.
    const auto end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end || !std::isfinite(value) ||
        text.find_first_of("eE") == std::string_view::npos) {
      return bad("not_a_number");
    }
  }
  const double scaled = value * mapping.multiply * std::pow(10.0, mapping.decimals);
  if (scaled > kValueMax) {
    return bad("too_large");
  }
  const double whole = std::round(scaled);
  if (std::abs(scaled - whole) > 1e-6 * std::max(1.0, std::abs(scaled))) {
    return bad("not_whole");
  }
  NumberReading out;
  out.kind = NumberReading::Kind::number;
  out.low = out.high = static_cast<std::int64_t>(whole);
  if (negative && out.low > 0) {
    out.kind = NumberReading::Kind::bad;
    out.reason = "negative";
    out.low = out.high = -out.low;  // in the sum of what was rejected
  }
  return out;
}

NumberReading masked(std::int64_t low, std::int64_t high) {
  NumberReading out;
  out.kind = NumberReading::Kind::masked;
  out.low = low;
  out.high = high;
  return out;
}

struct Parts {
  std::int32_t year = 0, month = 0, day = 0, quarter = 0, week = 0;
};

// A month's name in one of four languages, folded, or its first letters, three at least: "sept",
// "janv", "out". A longer word that only begins like one ("outros") is none.
std::int32_t month_of(std::string_view word) {
  constexpr std::array<std::array<std::string_view, 5>, 12> kNames = {{
      {"january", "enero", "janeiro", "janvier", ""},
      {"february", "febrero", "fevereiro", "fevrier", ""},
      {"march", "marzo", "marco", "mars", ""},
      {"april", "abril", "avril", "", ""},
      {"may", "mayo", "maio", "mai", ""},
      {"june", "junio", "junho", "juin", ""},
      {"july", "julio", "julho", "juillet", ""},
      {"august", "agosto", "aout", "", ""},
      {"september", "septiembre", "setembro", "septembre", "setiembre"},
      {"october", "octubre", "outubro", "octobre", ""},
      {"november", "noviembre", "novembro", "novembre", ""},
      {"december", "diciembre", "dezembro", "decembre", ""},
  }};
  const std::string key = fold(word);
  if (key.size() < 3 || key == "jui") {  // June or July
    return 0;
  }
  for (std::size_t month = 0; month < kNames.size(); ++month) {
    for (const auto name : kNames[month]) {
      if (name.starts_with(key)) {
        return static_cast<std::int32_t>(month + 1);
      }
    }
  }
  return 0;
}

// Up to `most` digits from `at` on.
std::optional<std::int32_t> digits(std::string_view text, std::size_t& at, std::size_t least,
                                   std::size_t most) {
  std::int32_t value = 0;
  std::size_t n = 0;
  while (n < most && at < text.size() && is_digit(text[at])) {
    value = value * 10 + (text[at++] - '0');
    ++n;
  }
  return n >= least ? std::optional(value) : std::nullopt;
}

bool field(char token, std::string_view text, std::size_t& at, Parts& parts) {
  if (token == 'b' || token == 'B') {
    std::size_t end = at;
    while (end < text.size() && !is_digit(text[end]) &&
           !std::string_view(" -/.,").contains(text[end])) {
      ++end;
    }
    parts.month = month_of(text.substr(at, end - at));
    at = end < text.size() && text[end] == '.' ? end + 1 : end;
    return parts.month > 0;
  }
  const bool whole_year = token == 'Y' || token == 'G';
  const auto number = digits(text, at, whole_year ? 4 : 1, whole_year ? 4 : 2);
  if (!number) {
    return false;
  }
  switch (token) {
    case 'Y':
    case 'G':
      parts.year = *number;
      return true;
    case 'y':
      // Files of two-digit years are of our time: 70 and later are of the last century.
      parts.year = *number + (*number >= 70 ? 1900 : 2000);
      return true;
    case 'm':
      parts.month = *number;
      return *number >= 1 && *number <= 12;
    case 'd':
      parts.day = *number;
      return *number >= 1 && *number <= 31;
    case 'q':
      parts.quarter = *number;
      return *number >= 1 && *number <= 4;
    case 'V':
      parts.week = *number;
      return *number >= 1 && *number <= 53;
    default:
      return token == 'H' || token == 'M' || token == 'S';
  }
}

std::optional<Parts> by_pattern(std::string_view text, std::string_view pattern) {
  Parts parts;
  std::size_t at = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      if (!field(pattern[++i], text, at, parts)) {
        return std::nullopt;
      }
    } else if (pattern[i] == ' ') {
      while (at < text.size() && text[at] == ' ') {
        ++at;
      }
    } else if (at < text.size() && text[at] == pattern[i]) {
      ++at;
    } else {
      return std::nullopt;
    }
  }
  if (at < text.size() && text[at] != ' ' && text[at] != 'T') {
    return std::nullopt;
  }
  return parts;
}

DateReading finish(const Parts& parts, std::string_view to) {
  std::string code = fmt::format("{:04}", parts.year);
  if (parts.week > 0) {
    code += fmt::format("-W{:02}", parts.week);
  } else if (parts.quarter > 0) {
    code += fmt::format("-Q{}", parts.quarter);
  } else if (parts.month > 0) {
    code += fmt::format("-{:02}", parts.month);
    if (parts.day > 0) {
      code += fmt::format("-{:02}", parts.day);
    }
  }
  auto period = parse_period(code);
  if (!period) {
    return {"", "no_such_date"};
  }
  if (!to.empty()) {
    period = roll_up(*period, *parse_period_kind(to));
    if (!period) {
      return {"", "too_coarse"};
    }
  }
  return {period_code(*period), ""};
}

DateReading excel(std::string_view text, std::string_view to) {
  double serial = 0;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, serial);
  if (error != std::errc{} || at != end) {
    return {"", "bad_date"};
  }
  if (!(serial >= 1) || serial >= 2958466 || (serial >= 60 && serial < 61)) {
    return {"", "no_such_date"};  // 60 is a 29 February 1900 that never was
  }
  const auto days = static_cast<std::int64_t>(serial) - (serial >= 60 ? 25569 : 25568);
  const CivilDate date = utc_date(UtcTime{days * 86'400'000});
  return finish({date.year, date.month, date.day, 0}, to);
}

DateReading iso(std::string_view text, std::string_view to) {
  if (const auto period = parse_period(text)) {
    if (to.empty()) {
      return {std::string(text), ""};
    }
    const auto coarser = roll_up(*period, *parse_period_kind(to));
    return coarser ? DateReading{period_code(*coarser), ""} : DateReading{"", "too_coarse"};
  }
  for (const std::string_view pattern : {"%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Ym%m"}) {
    if (const auto parts = by_pattern(text, pattern)) {
      return finish(*parts, to);
    }
  }
  // The right shape, but no day of the calendar: say so instead of asking for another pattern.
  const bool shaped = text.size() >= 10 && text[4] == '-' && text[7] == '-';
  return {"", shaped ? "no_such_date" : "bad_date"};
}

}  // namespace

NumberReading read_number(std::string_view text, const Mapping& mapping) {
  const std::string value = without_blanks(text);
  NumberReading out;
  const auto is_one_of = [&](const std::vector<std::string>& texts) {
    return std::ranges::any_of(texts, [&](const auto& t) { return without_blanks(t) == value; });
  };
  if (!value.empty() && is_one_of(mapping.zero)) {
    out.kind = NumberReading::Kind::number;
    out.reason = kZeroText;
    return out;
  }
  if (value.empty() || is_one_of(mapping.missing)) {
    out.kind = NumberReading::Kind::empty;
    out.reason = value.empty() ? "" : kNotGiven;
    return out;
  }
  const std::int64_t unit =
      static_cast<std::int64_t>(std::llround(std::pow(10.0, mapping.decimals)));
  if (value.starts_with('<')) {
    const NumberReading bound = one_number(std::string_view(value).substr(1), mapping);
    if (bound.kind == NumberReading::Kind::number && bound.low > unit) {
      return masked(unit, bound.low - unit);
    }
    return bad("not_a_number");
  }
  const NumberReading number = one_number(value, mapping);
  if (number.kind == NumberReading::Kind::number || number.reason != "not_a_number") {
    return number;
  }
  const auto dash = value.find('-', 1);
  if (dash != std::string::npos) {
    const NumberReading low = one_number(std::string_view(value).substr(0, dash), mapping);
    const NumberReading high = one_number(std::string_view(value).substr(dash + 1), mapping);
    if (low.kind == NumberReading::Kind::number && high.kind == NumberReading::Kind::number &&
        low.low < high.low) {
      return masked(low.low, high.low);
    }
  }
  return number;
}

DateReading read_date(std::string_view raw, std::string_view pattern, std::string_view to) {
  const std::string text = squeeze(raw);
  if (pattern.empty() || pattern == "iso") {
    return iso(text, to);
  }
  if (pattern == "excel") {
    // Readers of workbooks turn dated cells into ISO text.
    const DateReading as_iso = text.contains('-') ? iso(text, to) : DateReading{"", "bad_date"};
    return as_iso.code.empty() ? excel(text, to) : as_iso;
  }
  const auto parts = by_pattern(text, pattern);
  return parts ? finish(*parts, to) : DateReading{"", "bad_date"};
}

}  // namespace atalaya::observatory
