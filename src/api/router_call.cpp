#include <algorithm>
#include <charconv>

#include <atalaya/api/router.hpp>

namespace atalaya::api {

std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::reader:
      return "reader";
    case Role::editor:
      return "editor";
    case Role::focal_point:
      return "focal_point";
    case Role::coder:
      return "coder";
    case Role::expert:
      return "expert";
    case Role::analyst:
      return "analyst";
    case Role::publisher:
      return "publisher";
    case Role::officer:
      return "officer";
    case Role::auditor:
      return "auditor";
    case Role::administrator:
      return "administrator";
  }
  return "reader";
}

std::optional<Role> parse_role(std::string_view name) noexcept {
  for (const Role role : kRoles) {
    if (to_string(role) == name) {
      return role;
    }
  }
  return std::nullopt;
}

bool Call::has(std::string_view name) const noexcept {
  return std::ranges::any_of(params, [&](const auto& param) { return param.first == name; });
}

std::string_view Call::text(std::string_view name) const {
  ATALAYA_CHECK(std::ranges::find(route.params, name, &Param::name) != route.params.end());
  for (const auto& [key, value] : params) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::vector<std::string_view> Call::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : params) {
    if (key == name) {
      values.push_back(value);
    }
  }
  return values;
}

std::int64_t Call::integer(std::string_view name) const {
  const std::string_view value = text(name);
  std::int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

bool Call::flag(std::string_view name) const {
  return text(name) == "true";
}

std::optional<CivilDate> Call::date(std::string_view name) const {
  const std::string_view value = text(name);
  if (value.empty()) {
    return std::nullopt;
  }
  const Result<CivilDate> date = parse_civil_date(value);
  return date ? std::optional(*date) : std::nullopt;
}

}  // namespace atalaya::api
