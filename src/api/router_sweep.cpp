#include <algorithm>

#include <fmt/format.h>

#include <atalaya/api/dispatcher.hpp>
#include <atalaya/http/target.hpp>

#include "router_table.hpp"

namespace atalaya::api {
namespace {

std::string sample_value(const Param& param) {
  switch (param.type) {
    case ParamType::text:
      return std::string(static_cast<std::size_t>(std::max<std::int64_t>(param.min, 1)), 'x');
    case ParamType::id:
    case ParamType::rest:
      return "x";
    case ParamType::integer:
      return std::to_string(param.min);
    case ParamType::flag:
      return "true";
    case ParamType::date:
      return "2024-02-29";
    case ParamType::choice:
      return std::string(param.values.front());
    case ParamType::cursor:
      return "00000000000000";
  }
  return {};
}

std::string sample_target(const Route& route) {
  const auto segments = parse_pattern(route.path);
  ATALAYA_CHECK(segments.has_value());
  std::string target;
  for (const Segment& segment : *segments) {
    std::string value(segment.text);
    if (segment.type != Segment::Type::literal) {
      const auto it = std::ranges::find(route.params, segment.text, &Param::name);
      value = it == route.params.end() ? "en" : sample_value(*it);
    }
    target += "/" + http::percent_encode(value);
  }
  target += target.empty() || route.path.ends_with('/') ? "/" : "";
  char separator = '?';
  for (const Param& param : route.params) {
    const bool in_path = std::ranges::find(*segments, param.name, &Segment::text) != segments->end();
    if (param.required && !in_path) {
      target += fmt::format("{}{}={}", separator, param.name,
                            http::percent_encode(sample_value(param)));
      separator = '&';
    }
  }
  return target;
}

}  // namespace

std::vector<SweepCase> sweep_cases(std::span<const Route> routes) {
  std::vector<SweepCase> cases;
  for (const Route& route : routes) {
    const std::string target = sample_target(route);
    cases.push_back(SweepCase{&route, std::nullopt, route.roles.anyone(), target});
    for (const Role role : kRoles) {
      cases.push_back(SweepCase{&route, role, route.roles.has(role), target});
    }
  }
  return cases;
}

}  // namespace atalaya::api
