// Reads the Bogotá Protocol's criteria. Unknown keys are refused: a misspelled threshold would
// otherwise be a silent one.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/observatory/quality.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::array<std::string_view, 9> kKeys{
    "id", "number", "kind", "threshold", "zero_at", "unit", "confirmed", "source", "names"};

std::unexpected<Error> bad(std::string_view id, std::string_view what) {
  return fail(ErrorCode::invalid_argument, "observatory.quality.bad_protocol",
              fmt::format("criterion {}: {}", id, what));
}

std::string text_of(const json::object& row, std::string_view key) {
  const json::value* const value = row.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<double> number_of(const json::object& row, std::string_view key) {
  const json::value* const value = row.if_contains(key);
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  return value->to_number<double>();
}

std::optional<CriterionKind> kind_of(std::string_view name) noexcept {
  return name == "at_most"    ? std::optional(CriterionKind::at_most)
         : name == "at_least" ? std::optional(CriterionKind::at_least)
         : name == "yes_no"   ? std::optional(CriterionKind::yes_no)
                              : std::nullopt;
}

Result<std::map<Language, std::string>> names_of(const json::object& row, std::string_view id) {
  std::map<Language, std::string> names;
  const json::value* const value = row.if_contains("names");
  for (const Language language : kLanguages) {
    names[language] = value != nullptr && value->is_object()
                          ? text_of(value->get_object(), to_string(language))
                          : std::string();
    if (names[language].empty()) {
      return bad(id, fmt::format("has no name in {}", to_string(language)));
    }
  }
  return names;
}

Result<Criterion> read_criterion(const json::object& row) {
  Criterion criterion;
  criterion.id = text_of(row, "id");
  for (const auto& member : row) {
    if (std::ranges::find(kKeys, std::string_view(member.key())) == kKeys.end()) {
      return bad(criterion.id, fmt::format("has an unknown key {}", std::string(member.key())));
    }
  }
  const auto kind = kind_of(text_of(row, "kind"));
  const auto number = number_of(row, "number");
  const auto threshold = number_of(row, "threshold");
  const auto zero_at = number_of(row, "zero_at");
  const json::value* const confirmed = row.if_contains("confirmed");
  criterion.unit = text_of(row, "unit");
  criterion.source = text_of(row, "source");
  if (criterion.id.empty() || !kind || !number || !threshold || !zero_at ||
      criterion.unit.empty() || criterion.source.empty() || confirmed == nullptr ||
      !confirmed->is_bool()) {
    return bad(criterion.id,
               "needs id, number, kind (at_most, at_least, yes_no), threshold, zero_at, unit, "
               "confirmed and source");
  }
  const bool falls = *kind == CriterionKind::at_most;
  if (falls ? !(*zero_at > *threshold) : !(*zero_at < *threshold)) {
    return bad(criterion.id, "zero_at must be worse than the threshold");
  }
  criterion.number = static_cast<std::int32_t>(*number);
  criterion.kind = *kind;
  criterion.threshold = *threshold;
  criterion.zero_at = *zero_at;
  criterion.confirmed = confirmed->get_bool();
  criterion.names = ATALAYA_TRY(names_of(row, criterion.id));
  return criterion;
}

}  // namespace

Result<std::vector<Criterion>> read_protocol(std::string_view json_text) {
  const json::value document = ATALAYA_TRY(parse_json(json_text, "bogota_protocol.json"));
  const json::value* const rows =
      document.is_object() ? document.get_object().if_contains("criteria") : nullptr;
  if (rows == nullptr || !rows->is_array() || rows->get_array().empty()) {
    return bad("(all)", "the file needs a list named criteria");
  }
  std::vector<Criterion> criteria;
  std::set<std::string> ids;
  for (const json::value& row : rows->get_array()) {
    if (!row.is_object()) {
      return bad("(all)", "each criterion is an object");
    }
    Criterion criterion = ATALAYA_TRY(read_criterion(row.get_object()));
    if (!ids.insert(criterion.id).second) {
      return bad(criterion.id, "stands twice");
    }
    criteria.push_back(std::move(criterion));
  }
  return criteria;
}

}  // namespace atalaya::observatory
