#include <atalaya/observatory/release_public.hpp>

#include <algorithm>
#include <array>
#include <sstream>

#include <toml++/toml.h>

namespace atalaya::observatory {

std::string public_plan(std::string_view plan) {
  try {
    toml::table root = toml::parse(plan);
    if (!root.contains("different_cases")) {
      return std::string(plan);
    }
    root.erase("different_cases");
    std::ostringstream out;
    out << root << '\n';
    return std::move(out).str();
  } catch (const toml::parse_error&) {
    return {};
  }
}

json::object public_policy(const json::object& policy) {
  constexpr std::array<std::string_view, 4> kRules = {"threshold", "scope",
                                                      "dominance_contributors", "rounded_to"};
  json::object out = policy;
  const auto* groups = policy.if_contains("groups");
  if (groups == nullptr || !groups->is_array()) {
    return out;
  }
  json::array rules;
  bool may_hide_zeros = false;
  for (const auto& group : groups->get_array()) {
    const auto member = [&](std::string_view key) {
      return group.is_object() ? group.get_object().if_contains(key) : nullptr;
    };
    json::object rule;
    for (const auto key : kRules) {
      if (const auto* value = member(key); value != nullptr) {
        rule[key] = *value;
      }
    }
    if (std::ranges::find(rules, json::value(rule)) == rules.end()) {
      rules.push_back(std::move(rule));
    }
    const auto* zeros = member("may_hide_zeros");
    may_hide_zeros = may_hide_zeros || (zeros != nullptr && *zeros == json::value(true));
  }
  for (auto& rule : rules) {
    rule.as_object()["may_hide_zeros"] = may_hide_zeros;
  }
  out["groups"] = std::move(rules);
  return out;
}

}  // namespace atalaya::observatory
