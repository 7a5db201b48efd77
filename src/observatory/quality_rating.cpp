// Reads the rules of the data-quality rating. Unknown keys are refused: a misspelled threshold
// would otherwise be a silent one.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/observatory/quality.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::array<std::string_view, 5> kSchemeKeys{"source", "measured_share_min", "letters",
                                                      "dimensions", "rules"};
constexpr std::array<std::string_view, 6> kRuleKeys{"id",     "full_at", "none_at",
                                                    "weight", "unit",    "names"};
// What the desk measures; a rule by another name would never have a value.
constexpr std::array<std::string_view, 6> kMeasures{"unknown_share",      "days_to_load",
                                                    "coverage_gap",       "duplicate_share",
                                                    "undetermined_share", "source_difference"};

std::unexpected<Error> bad(std::string_view rule, std::string_view what) {
  return fail(ErrorCode::invalid_argument, "observatory.quality.bad_rating",
              fmt::format("quality_rating.json: {}: {}", rule, what));
}

template <std::size_t n>
Result<void> check_keys(const json::object& row, const std::array<std::string_view, n>& keys,
                        std::string_view rule) {
  for (const auto& member : row) {
    if (std::ranges::find(keys, std::string_view(member.key())) == keys.end()) {
      return bad(rule, fmt::format("has an unknown key {}", std::string(member.key())));
    }
  }
  return {};
}

Result<double> number_of(const json::object& row, std::string_view key, std::string_view rule) {
  const auto* value = row.if_contains(key);
  if (value == nullptr || !value->is_number() || value->to_number<double>() < 0) {
    return bad(rule, fmt::format("needs a number of zero or more as {}", key));
  }
  return value->to_number<double>();
}

std::string text_of(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<RatingRule> read_rule(const json::object& row) {
  RatingRule rule;
  rule.id = text_of(row, "id");
  ATALAYA_TRY(check_keys(row, kRuleKeys, rule.id));
  if (std::ranges::find(kMeasures, rule.id) == kMeasures.end()) {
    return bad(rule.id, "is not measured by this program");
  }
  rule.full_at = ATALAYA_TRY(number_of(row, "full_at", rule.id));
  rule.none_at = ATALAYA_TRY(number_of(row, "none_at", rule.id));
  rule.weight = ATALAYA_TRY(number_of(row, "weight", rule.id));
  rule.unit = text_of(row, "unit");
  if (!(rule.none_at > rule.full_at) || !(rule.weight > 0) ||
      (rule.unit != "share" && rule.unit != "days")) {
    return bad(rule.id, "needs none_at above full_at, a weight above 0, and share or days as unit");
  }
  const auto* names = row.if_contains("names");
  for (const Language language : kLanguages) {
    auto& name = rule.names[language];
    name = names != nullptr && names->is_object()
               ? text_of(names->get_object(), to_string(language))
               : std::string();
    if (name.empty()) {
      return bad(rule.id, fmt::format("has no name in {}", to_string(language)));
    }
  }
  return rule;
}

Result<void> read_letters(const json::object& root, RatingScheme& scheme) {
  const auto* letters = root.if_contains("letters");
  if (letters == nullptr || !letters->is_object()) {
    return bad("letters", "is missing");
  }
  scheme.a_from = ATALAYA_TRY(number_of(letters->get_object(), "A", "letters"));
  scheme.b_from = ATALAYA_TRY(number_of(letters->get_object(), "B", "letters"));
  scheme.c_from = ATALAYA_TRY(number_of(letters->get_object(), "C", "letters"));
  if (!(scheme.a_from > scheme.b_from) || !(scheme.b_from > scheme.c_from)) {
    return bad("letters", "A needs more points than B, and B more than C");
  }
  return {};
}

}  // namespace

Result<RatingScheme> read_rating_scheme(std::string_view json_text) {
  const json::value document = ATALAYA_TRY(parse_json(json_text, "quality_rating.json"));
  if (!document.is_object()) {
    return bad("(all)", "the file is an object");
  }
  const auto& root = document.get_object();
  ATALAYA_TRY(check_keys(root, kSchemeKeys, "(all)"));
  RatingScheme scheme;
  scheme.measured_share_min = ATALAYA_TRY(number_of(root, "measured_share_min", "(all)"));
  ATALAYA_TRY(read_letters(root, scheme));
  const auto* dimensions = root.if_contains("dimensions");
  const auto* rules = root.if_contains("rules");
  if (dimensions == nullptr || !dimensions->is_array() || rules == nullptr || !rules->is_array() ||
      rules->get_array().empty()) {
    return bad("(all)", "needs lists named dimensions and rules");
  }
  for (const auto& dimension : dimensions->get_array()) {
    if (!dimension.is_string()) {
      return bad("dimensions", "is a list of names");
    }
    scheme.dimensions.emplace_back(dimension.get_string());
  }
  std::set<std::string> seen;
  for (const auto& row : rules->get_array()) {
    if (!row.is_object()) {
      return bad("rules", "each rule is an object");
    }
    auto rule = ATALAYA_TRY(read_rule(row.get_object()));
    if (!seen.insert(rule.id).second) {
      return bad(rule.id, "stands twice");
    }
    scheme.rules.push_back(std::move(rule));
  }
  return scheme;
}

}  // namespace atalaya::observatory
