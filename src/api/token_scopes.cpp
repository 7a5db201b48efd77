#include <set>

#include <atalaya/api/serving.hpp>

#include "routes.hpp"

namespace atalaya::api {

namespace {

template <class Allows>
std::vector<std::string> scopes_where(Allows allows) {
  std::set<std::string> scopes;
  for (const Route& route : all_routes()) {
    if (!route.scope.empty() && allows(route)) {
      scopes.emplace(route.scope);
    }
  }
  return {scopes.begin(), scopes.end()};
}

}  // namespace

std::vector<std::string> token_scopes() {
  return scopes_where([](const Route&) { return true; });
}

std::vector<std::string> token_scopes(const std::vector<identity::RoleGrant>& roles) {
  const RoleSet held = roles_of(roles);
  return scopes_where([&](const Route& route) { return route.roles.meets(held); });
}

RoleSet roles_of(const std::vector<identity::RoleGrant>& grants) {
  RoleSet roles;
  for (const identity::RoleGrant& grant : grants) {
    const auto role = parse_role(grant.role);
    if (role && (grant.territory.empty() || *role == Role::focal_point)) {
      roles.add(*role);
    }
  }
  return roles;
}

}  // namespace atalaya::api
