// Reading keys, component filters and times: text that came from outside.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "sdmx_codes.hpp"

namespace atalaya::observatory::sdmx {
namespace {

std::unexpected<Error> bad(std::string_view reason, std::string detail) {
  return fail(ErrorCode::invalid_argument, reason, std::move(detail));
}

bool is_code(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_@$-").contains(c);
  });
}

Result<Key> parse_one_key(std::string_view text, std::size_t dimensions, KeySyntax syntax) {
  Key key;
  for (const std::string_view part : split(text, '.')) {
    std::vector<std::string> values;
    const bool wildcard = part.empty() || (syntax == KeySyntax::v2 && part == "*");
    if (!wildcard) {
      for (const std::string_view value : split(part, '+')) {
        if (!is_code(value)) {
          return bad("observatory.sdmx.key",
                     fmt::format("\"{}\" in the key is not a code; codes have letters, digits and "
                                 "_ @ $ -",
                                 value.substr(0, 60)));
        }
        values.emplace_back(value);
      }
    }
    key.push_back(std::move(values));
  }
  if (key.size() != dimensions) {
    return bad("observatory.sdmx.key",
               fmt::format("the key has {} parts and this dataflow {} dimensions; leave a part "
                           "empty for all of its codes, or write \"all\"",
                           key.size(), dimensions));
  }
  return key;
}

std::optional<std::int32_t> digits(std::string_view text) {
  std::int32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || text.size() > 4) {
      return std::nullopt;
    }
    value = value * 10 + (c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

// "2020-A1", "2020-T2", "2020-M07" and "2020-D032": SDMX's reporting periods that ISO 8601 lacks.
std::optional<std::pair<CivilDate, CivilDate>> reporting_period(std::string_view text) {
  if (text.size() < 7 || text[4] != '-') {
    return std::nullopt;
  }
  const auto year = digits(text.substr(0, 4));
  const auto number = digits(text.substr(6));
  if (!year || !number || *year < 1000 || *year > 9998) {
    return std::nullopt;
  }
  const auto months = [&](std::int32_t length) -> std::optional<std::pair<CivilDate, CivilDate>> {
    if (*number < 1 || *number * length > 12) {
      return std::nullopt;
    }
    const std::int32_t after = *number * length;
    return std::pair{CivilDate{*year, after - length + 1, 1},
                     after == 12 ? CivilDate{*year + 1, 1, 1} : CivilDate{*year, after + 1, 1}};
  };
  switch (text[5]) {
    case 'A':
      return months(12);
    case 'T':
      return months(4);
    case 'M':
      return months(1);
    default:
      return std::nullopt;
  }
}

struct OperatorName {
  std::string_view name;
  Operator op;
};

constexpr OperatorName kOperators[] = {
    {"eq", Operator::eq}, {"ne", Operator::ne}, {"lt", Operator::lt}, {"le", Operator::le},
    {"gt", Operator::gt}, {"ge", Operator::ge}, {"co", Operator::co}, {"nc", Operator::nc},
    {"sw", Operator::sw}, {"ew", Operator::ew}};

}  // namespace

Result<std::vector<Key>> parse_key(std::string_view text, std::size_t dimensions,
                                   KeySyntax syntax) {
  if (text.size() > kKeyBytesMax) {
    return bad("observatory.sdmx.key", fmt::format("a key has at most {} letters", kKeyBytesMax));
  }
  std::vector<Key> keys;
  if (text.empty() || text == "all" || text == "ALL" || (syntax == KeySyntax::v2 && text == "*")) {
    return keys;
  }
  const auto written = syntax == KeySyntax::v2 ? split(text, ',') : std::vector{text};
  std::size_t values = 0;
  for (const std::string_view one : written) {
    auto key = ATALAYA_TRY(parse_one_key(one, dimensions, syntax));
    for (const auto& part : key) {
      values += part.size();
    }
    if (values > kKeyValuesMax) {
      return bad("observatory.sdmx.key",
                 fmt::format("a key names at most {} codes", kKeyValuesMax));
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<Conditions> parse_conditions(std::string_view text) {
  if (text.size() > kKeyBytesMax) {
    return bad("observatory.sdmx.filter",
               fmt::format("a filter has at most {} letters", kKeyBytesMax));
  }
  Conditions out;
  if (text.empty() || text == "*") {
    return out;
  }
  // A '+' that was not escaped came as a blank: application/x-www-form-urlencoded.
  std::string plus(text);
  std::ranges::replace(plus, ' ', '+');
  std::size_t count = 0;
  for (const std::string_view group : split(plus, '+')) {
    std::vector<Condition> any;
    for (std::string_view part : split(group, ',')) {
      Condition condition;
      if (const std::size_t colon = part.find(':'); colon == 2) {
        const auto found =
            std::ranges::find(kOperators, part.substr(0, colon), &OperatorName::name);
        if (found == std::ranges::end(kOperators)) {
          return bad("observatory.sdmx.filter",
                     fmt::format("\"{}\" is no operator; they are eq ne lt le gt ge co nc sw ew",
                                 part.substr(0, colon)));
        }
        condition.op = found->op;
        part.remove_prefix(colon + 1);
      }
      if (part.empty() || ++count > kKeyValuesMax) {
        return bad(
            "observatory.sdmx.filter",
            fmt::format("a filter is value,value or op:value+op:value with at most {} values",
                        kKeyValuesMax));
      }
      condition.value = part;
      any.push_back(std::move(condition));
    }
    out.push_back(std::move(any));
  }
  return out;
}

Result<std::pair<CivilDate, CivilDate>> parse_time(std::string_view text) {
  std::string_view day = text.substr(0, text.find('T') == 10 ? 10 : text.size());
  if (const auto period = parse_period(day)) {
    return std::pair{period->begin, period->end};
  }
  if (const auto reporting = reporting_period(day)) {
    return *reporting;
  }
  return bad("observatory.sdmx.period",
             fmt::format("\"{}\" is no period; write 2020, 2020-S1, 2020-Q1, 2020-01, 2020-W01 or "
                         "2020-01-31",
                         text.substr(0, 40)));
}

}  // namespace atalaya::observatory::sdmx
