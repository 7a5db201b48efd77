#pragma once
// One call that turns the parts of a node into something that answers requests.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/api/dispatcher.hpp>
#include <atalaya/api/node.hpp>
#include <atalaya/identity/accounts.hpp>

namespace atalaya::api {

/// Filled by `app`. Must outlive the dispatcher made from it.
struct Serving {
  Node node;
  Language language = Language::en;        // for readers who state none
  store::Database* database = nullptr;     // for /healthz
  bool metrics_open = false;  // anybody may read /metrics; else a token with metrics:read
  std::function<void(std::string_view request_id, const Error&)> error_log;
  /// Every write that an account made with success: what, by whom (its id), which request.
  std::function<void(std::string_view event, std::string_view account, std::string_view request_id)>
      audit_log;
};

/// The roles that open routes. Grants for one territory say nothing here: a route is open to a role
/// everywhere or not at all. They count only in handlers that look at the territory of what they
/// change; a focal point is one for a state by nature, and every act of that role looks at it.
[[nodiscard]] RoleSet roles_of(const std::vector<identity::RoleGrant>& grants);

/// The scopes that routes ask of API tokens, sorted: what a token may be given. The route table is
/// the one list of them.
[[nodiscard]] std::vector<std::string> token_scopes();
/// Those of them that an account with these roles can use.
[[nodiscard]] std::vector<std::string> token_scopes(const std::vector<identity::RoleGrant>& roles);

/// All routes of the program with sign-in, messages and error pages wired.
[[nodiscard]] Result<std::unique_ptr<Dispatcher>> create_dispatcher(Serving& serving);

}  // namespace atalaya::api
