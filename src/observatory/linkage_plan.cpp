// The plan of a linkage, from TOML.
#include <atalaya/observatory/linkage_desk.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <atalaya/base/text.hpp>

namespace atalaya::observatory {
namespace {

std::unexpected<Error> bad(std::int64_t line, std::string_view key, std::string_view what) {
  return fail(Error{
      ErrorCode::invalid_argument,
      "observatory.linkage.plan",
      fmt::format("linkage plan, line {}: {}: {}", line, key, what),
      {{"line", std::to_string(line)}, {"key", std::string(key)}, {"what", std::string(what)}}});
}

std::unexpected<Error> bad(const toml::node& node, std::string_view key, std::string_view what) {
  return bad(static_cast<std::int64_t>(node.source().begin.line), key, what);
}

Result<std::string> text_of(std::string_view key, const toml::node& node) {
  const auto value = node.value<std::string>();
  if (!node.is_string() || !value) {
    return bad(node, key, "write a text in quotes");
  }
  return *value;
}

Result<bool> flag_of(std::string_view key, const toml::node& node) {
  const auto value = node.value<bool>();
  if (!node.is_boolean() || !value) {
    return bad(node, key, "write true or false");
  }
  return *value;
}

Result<double> number_of(std::string_view key, const toml::node& node, double low, double high) {
  const auto value = node.value<double>();
  if (!value || !(*value >= low) || !(*value <= high)) {
    return bad(node, key, fmt::format("write a number from {} to {}", low, high));
  }
  return *value;
}

template <class Value, std::size_t N>
using Words = std::array<std::pair<std::string_view, Value>, N>;

constexpr Words<FieldKind, 8> kKinds = {{{"text", FieldKind::text},
                                         {"given_name", FieldKind::given_name},
                                         {"surname", FieldKind::surname},
                                         {"identifier", FieldKind::identifier},
                                         {"date", FieldKind::date},
                                         {"sex", FieldKind::sex},
                                         {"territory", FieldKind::territory},
                                         {"number", FieldKind::number}}};
constexpr Words<KeyPart, 8> kParts = {{{"whole", KeyPart::whole},
                                       {"start_3", KeyPart::start_3},
                                       {"phonetic", KeyPart::phonetic},
                                       {"first_name", KeyPart::first_name},
                                       {"last_name", KeyPart::last_name},
                                       {"year", KeyPart::year},
                                       {"month", KeyPart::month},
                                       {"day", KeyPart::day}}};

template <class Value, std::size_t N>
Result<Value> word(const toml::node& node, std::string_view key, std::string_view text,
                   const Words<Value, N>& words) {
  const auto at = std::ranges::find(words, text, [](const auto& w) { return w.first; });
  if (at == words.end()) {
    std::vector<std::string_view> known;
    for (const auto& [name, value] : words) {
      known.push_back(name);
    }
    return bad(node, key, fmt::format("\"{}\" is none of {}", text, fmt::join(known, ", ")));
  }
  return at->second;
}

bool is_plain(std::string_view id, char joint) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joint;
  });
}

Result<void> read_field(const toml::table& table, LinkagePlan& plan) {
  FieldSpec field;
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "id") {
      field.id = ATALAYA_TRY(text_of(key, node));
    } else if (key == "kind") {
      const std::string kind = ATALAYA_TRY(text_of(key, node));
      field.kind = ATALAYA_TRY(word(node, key, kind, kKinds));
    } else if (key == "term_frequency") {
      field.term_frequency = ATALAYA_TRY(flag_of(key, node));
    } else if (key == "missing_is_level") {
      const bool own = ATALAYA_TRY(flag_of(key, node));
      field.missing = own ? MissingValue::own_level : MissingValue::ignored;
    } else {
      return bad(node, key,
                 "is not known under [[fields]]; keys are id, kind, term_frequency, "
                 "missing_is_level");
    }
  }
  if (!is_plain(field.id, '_') || field.id == "group") {
    return bad(table, "id", "write a name of a-z, 0-9 and _ other than \"group\"");
  }
  plan.fields.push_back(std::move(field));
  return {};
}

Result<void> read_pass(const toml::table& table, LinkagePlan& plan) {
  const auto* keys = table["keys"].as_array();
  if (keys == nullptr || keys->empty() || table.size() != 1) {
    return bad(table, "passes", "write [[passes]] with keys = [\"surname:phonetic\", …] alone");
  }
  BlockingPass pass;
  for (const auto& node : *keys) {
    const std::string key = ATALAYA_TRY(text_of("keys", node));
    const auto colon = key.find(':');
    const std::string field = key.substr(0, colon);
    const auto at = std::ranges::find(plan.fields, field, &FieldSpec::id);
    if (at == plan.fields.end()) {
      return bad(node, "keys", fmt::format("\"{}\" is no field; write [[fields]] before", field));
    }
    const std::string part = colon == std::string::npos ? "whole" : key.substr(colon + 1);
    const KeyPart of_field = ATALAYA_TRY(word(node, "keys", part, kParts));
    pass.parts.emplace_back(static_cast<std::size_t>(at - plan.fields.begin()), of_field);
    pass.id += (pass.id.empty() ? "" : " + ") + key;
  }
  plan.passes.push_back(std::move(pass));
  return {};
}

Result<void> read_columns(const toml::table& table, const LinkagePlan& plan, LinkageList& list) {
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key != "group" &&
        std::ranges::find(plan.fields, key, &FieldSpec::id) == plan.fields.end()) {
      return bad(node, key, "is no field of this plan and not \"group\"");
    }
    list.columns[std::string(key)] = ATALAYA_TRY(text_of(key, node));
  }
  return {};
}

Result<void> read_list(const toml::table& table, LinkagePlan& plan) {
  LinkageList list;
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "columns" && node.is_table()) {
      ATALAYA_TRY(read_columns(*node.as_table(), plan, list));
      continue;
    }
    const std::string value = ATALAYA_TRY(text_of(key, node));
    if (key == "id") {
      list.id = value;
    } else if (key == "title") {
      list.title = value;
    } else if (key == "source") {
      list.source = value;
    } else if (key == "case") {
      list.case_column = value;
    } else {
      return bad(node, key,
                 "is not known under [[lists]]; keys are id, title, source, case, columns");
    }
  }
  if (!is_plain(list.id, '_') ||
      std::ranges::find(plan.lists, list.id, &LinkageList::id) != plan.lists.end()) {
    return bad(table, "id", "write a name of a-z, 0-9 and _ that no other list has");
  }
  if (list.columns.empty()) {
    return bad(table, "columns", "say which column holds which field: [lists.columns]");
  }
  list.title = list.title.empty() ? list.id : list.title;
  plan.lists.push_back(std::move(list));
  return {};
}

Result<void> read_options(const toml::table& table, LinkagePlan& plan) {
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "match") {
      plan.options.match_probability_min = ATALAYA_TRY(number_of(key, node, 0.5, 1));
    } else if (key == "review") {
      plan.options.review_probability_min = ATALAYA_TRY(number_of(key, node, 0.001, 1));
    } else {
      return bad(node, key, "is not known under [options]; keys are match, review");
    }
  }
  if (plan.options.review_probability_min > plan.options.match_probability_min) {
    return bad(table, "review", "must not be above match");
  }
  return {};
}

Result<void> read_agreement(const toml::table& table, LinkagePlan& plan) {
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "threshold") {
      plan.threshold = static_cast<std::int64_t>(ATALAYA_TRY(number_of(key, node, 1, 1000)));
    } else if (key == "list_totals_known") {
      plan.list_totals_known = ATALAYA_TRY(flag_of(key, node));
    } else {
      return bad(node, key,
                 "is not known under [agreement]; keys are threshold, list_totals_known");
    }
  }
  return {};
}

Result<void> read_decision(const toml::table& table, LinkagePlan& plan) {
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    if (key == "by") {
      plan.decided_by = ATALAYA_TRY(text_of(key, node));
    } else if (key == "reason") {
      plan.reason = ATALAYA_TRY(text_of(key, node));
    } else {
      return bad(node, key, "is not known under [decision]; keys are by, reason");
    }
  }
  return {};
}

using Reader = Result<void> (*)(const toml::table&, LinkagePlan&);

Result<void> read_each(const toml::table& root, std::string_view key, Reader read,
                       LinkagePlan& plan) {
  const auto* array = root[key].as_array();
  if (array == nullptr) {
    return root.contains(key)
               ? Result<void>(bad(*root.get(key), key, "write [[" + std::string(key) + "]]"))
               : Result<void>();
  }
  for (const auto& node : *array) {
    if (!node.is_table()) {
      return bad(node, key, "write [[" + std::string(key) + "]]");
    }
    ATALAYA_TRY(read(*node.as_table(), plan));
  }
  return {};
}

Result<void> read_root(const toml::table& root, LinkagePlan& plan) {
  for (const auto& [name, node] : root) {
    const std::string_view key = name.str();
    if (key == "id") {
      plan.id = ATALAYA_TRY(text_of(key, node));
    } else if (key == "title") {
      plan.title = ATALAYA_TRY(text_of(key, node));
    } else if (key == "country") {
      plan.country = ATALAYA_TRY(text_of(key, node));
    } else if (key == "indicator") {
      plan.indicator = ATALAYA_TRY(text_of(key, node));
    } else if (key == "synthetic") {
      plan.synthetic = ATALAYA_TRY(flag_of(key, node));
    } else if (key == "options" && node.is_table()) {
      ATALAYA_TRY(read_options(*node.as_table(), plan));
    } else if (key == "agreement" && node.is_table()) {
      ATALAYA_TRY(read_agreement(*node.as_table(), plan));
    } else if (key == "decision" && node.is_table()) {
      ATALAYA_TRY(read_decision(*node.as_table(), plan));
    } else if (key != "fields" && key != "passes" && key != "lists") {
      return bad(node, key,
                 "is not known; a plan has id, title, country, indicator, synthetic, [decision], "
                 "[options], "
                 "[agreement], [[fields]], [[passes]] and [[lists]]");
    }
  }
  // Passes and lists speak of fields, wherever in the file these stand.
  ATALAYA_TRY(read_each(root, "fields", &read_field, plan));
  ATALAYA_TRY(read_each(root, "passes", &read_pass, plan));
  return read_each(root, "lists", &read_list, plan);
}

Result<void> check(const LinkagePlan& plan) {
  if (!is_plain(plan.id, '-')) {
    return bad(1, "id", "write a short name of a-z, 0-9 and -, like \"homicides-2023\"");
  }
  if (trim(plan.title).empty()) {
    return bad(1, "title", "write what is compared");
  }
  if (plan.fields.empty() || plan.fields.size() > kLinkFieldsMax) {
    return bad(1, "fields", fmt::format("write 1 to {} [[fields]]", kLinkFieldsMax));
  }
  if (plan.passes.empty()) {
    return bad(1, "passes", "write at least one [[passes]]; two with different fields are better");
  }
  if (plan.lists.size() < 2 || plan.lists.size() > kLinkageListsMax) {
    return bad(1, "lists", fmt::format("write 2 to {} [[lists]], one a file", kLinkageListsMax));
  }
  if (!plan.country.empty() && plan.country.size() != 3) {
    return bad(1, "country", "write ISO 3166-1 alpha-3, like \"COL\"");
  }
  return {};
}

}  // namespace

Result<LinkagePlan> parse_linkage_plan(std::string_view text) {
  if (text.size() > (std::size_t{1} << 20U) || find_invalid_utf8(text)) {
    return bad(1, "TOML", "a plan is UTF-8 text of at most 1 MiB");
  }
  LinkagePlan plan;
  plan.text = text;
  plan.options.one_to_one = true;
  try {
    const toml::table root = toml::parse(text);
    ATALAYA_TRY(read_root(root, plan));
  } catch (const toml::parse_error& error) {
    return bad(static_cast<std::int64_t>(error.source().begin.line), "TOML", error.description());
  }
  ATALAYA_TRY(check(plan));
  return plan;
}

}  // namespace atalaya::observatory
