#include "checks.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>

#include "table_rows.hpp"

namespace atalaya::followup::detail {
namespace {

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::unexpected<Error> invalid(std::string_view reason, std::string_view value,
                               std::string_view detail) {
  return fail(Error{ErrorCode::invalid_argument,
                    fmt::format("followup.{}", reason),
                    std::string(detail),
                    {{"value", std::string(value.substr(0, 80))}}});
}

std::unexpected<Error> missing(std::string_view reason, std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    fmt::format("followup.{}", reason),
                    "the follow-up knows nothing of this name",
                    {{"id", std::string(id.substr(0, 80))}}});
}

bool is_number(std::string_view value) {
  const std::string_view digits = value.substr(value.starts_with('-') ? 1 : 0);
  const std::size_t point = digits.find('.');
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  return digits.size() <= 18 && all_digits(digits.substr(0, point)) &&
         (point == std::string_view::npos || all_digits(digits.substr(point + 1)));
}

Result<void> check_size(std::string_view text, std::size_t characters_max) {
  if (find_invalid_utf8(text) || text.contains('\0')) {
    return invalid("text", "", "a text is not UTF-8");
  }
  if (text.size() > characters_max && characters_of(text) > characters_max) {
    return invalid("text.long", std::to_string(characters_max), "a text is too long");
  }
  return {};
}

Result<void> check_text(std::string_view text, std::size_t characters_max) {
  ATALAYA_TRY(check_size(text, characters_max));
  // U+202A to U+202E, U+2066 to U+2069: unseen, they make "evil" read as "live".
  for (std::size_t at = text.find("\xE2\x80"); at != std::string_view::npos;
       at = text.find("\xE2\x80", at + 2)) {
    const auto last = static_cast<unsigned char>(text[at + 2]);
    if (last >= 0xAA && last <= 0xAE) {
      return invalid("text.direction", text.substr(at + 3, 40), "a mark turns the direction");
    }
  }
  for (std::size_t at = text.find("\xE2\x81"); at != std::string_view::npos;
       at = text.find("\xE2\x81", at + 2)) {
    const auto last = static_cast<unsigned char>(text[at + 2]);
    if (last >= 0xA6 && last <= 0xA9) {
      return invalid("text.direction", text.substr(at + 3, 40), "a mark turns the direction");
    }
  }
  return {};
}

bool names_web(std::string_view url) {
  const auto begins = [&](std::string_view scheme) {
    return std::ranges::equal(url.substr(0, scheme.size()), scheme, [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
  };
  return begins("https://") || begins("http://");
}

bool opens(std::string_view url) {
  if (!names_web(url)) {
    return false;
  }
  const std::size_t begin = url.find("://") + 3;
  std::string_view host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  host.remove_prefix(host.rfind('@') + 1);      // all of it where there is none
  const std::size_t bracket = host.rfind(']');  // an address of IPv6 holds colons of its own
  const std::size_t colon = host.find(':', bracket == host.npos ? 0 : bracket);
  const std::string_view port = colon == host.npos ? std::string_view() : host.substr(colon + 1);
  const bool numbered = port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
  const bool plain = std::ranges::none_of(url, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || std::string_view("\x7F\\<>\"").contains(c);
  });
  return !host.substr(0, colon).empty() && numbered && plain;
}

std::string without_blanks(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t path =
      scheme == std::string_view::npos ? url.size() : url.find_first_of("/?#", scheme + 3);
  std::string out(url.substr(0, path));
  for (const char c : url.substr(out.size())) {
    out += c == ' ' ? std::string_view("%20") : std::string_view(&c, 1);
  }
  return out;
}

Result<void> check_reason(std::string_view text) {
  if (characters_of(trim(text)) < kReasonCharactersMin) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.reason_short",
                      "a reason of one sentence is needed",
                      {{"n", std::to_string(kReasonCharactersMin)}}});
  }
  return {};
}

Result<void> check_no_login(std::string_view text) {
  for (std::size_t at = text.find("://"); at != std::string_view::npos;
       at = text.find("://", at + 3)) {
    std::string_view authority = text.substr(at + 3);
    authority = authority.substr(0, authority.find_first_of("/\\?# \t\r\n<>\"'"));
    const std::size_t end = authority.rfind('@');
    if (end != std::string_view::npos) {
      return invalid("login", authority.substr(end + 1), "an address carries a name or password");
    }
  }
  return {};
}

Result<void> check_columns(const TableRows& table, std::string_view file_name,
                           const std::vector<std::string_view>& known) {
  for (const std::string& name : table.names()) {
    const bool is_known = std::ranges::any_of(
        known, [&](std::string_view one) { return fold(one) == fold(name); });
    if (!is_known) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.columns.unknown",
                        "a column of the file is none that is read",
                        {{"file", std::string(file_name)},
                         {"line", "1"},
                         {"value", name.substr(0, 80)},
                         {"known", fmt::format("{}", fmt::join(known, ", "))}}});
    }
  }
  return {};
}

Result<CivilDate> check_day(const Parts& parts, std::string_view text) {
  const auto day = parse_civil_date(text);
  if (!day) {
    return invalid("date", text);
  }
  if (*day > parts.today()) {
    return invalid("future", text);
  }
  return *day;
}

Result<CivilDate> first_day(std::string_view date) {
  return parse_civil_date(std::string(date) + (date.size() == 4   ? "-01-01"
                                               : date.size() == 7 ? "-01"
                                                                  : ""));
}

Result<void> check_read(std::string_view date, std::string_view read_on) {
  const auto first = first_day(date);
  const auto read = parse_civil_date(read_on);
  if (first && read && *first > *read) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.read_before",
                      "the source was read before what it tells",
                      {{"date", std::string(date)}, {"read", std::string(read_on)}}});
  }
  return {};
}

}  // namespace atalaya::followup::detail
