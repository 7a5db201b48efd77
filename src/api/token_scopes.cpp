#include <set>

#include <atalaya/api/serving.hpp>

#include "routes.hpp"

namespace atalaya::api {

std::vector<std::string> token_scopes() {
  std::set<std::string> scopes;
  for (const Route& route : all_routes()) {
    if (!route.scope.empty()) {
      scopes.emplace(route.scope);
    }
  }
  return {scopes.begin(), scopes.end()};
}

}  // namespace atalaya::api
