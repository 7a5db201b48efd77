#include "followup_access.hpp"

#include <algorithm>

namespace atalaya::api {

Result<FollowupCaller> followup_caller(const Call& call, const Node& node) {
  FollowupCaller out;
  if (call.caller.account.empty()) {
    return out;
  }
  const auto accounts = ATALAYA_TRY(node.accounts->list());
  const auto account = std::ranges::find(accounts, call.caller.account, &identity::Account::id);
  if (account == accounts.end()) {
    return out;
  }
  out.writer.name = account->name;
  out.viewer.name = account->name;
  for (const identity::RoleGrant& grant : account->roles) {
    const auto role = parse_role(grant.role);
    // A token bounds what its account may do: the caller's roles are what is left.
    if (!role || !call.caller.roles.has(*role)) {
      continue;
    }
    if (*role == Role::focal_point) {
      out.writer.everywhere |= grant.territory.empty();
      if (!grant.territory.empty()) {
        out.writer.countries.push_back(grant.territory.substr(0, 3));
      }
    }
    out.codes |= *role == Role::coder;
    out.viewer.runs_coding |= *role == Role::publisher || *role == Role::expert;
  }
  if (out.writer.everywhere) {
    for (const auto& country : node.desk->catalogue().countries()) {
      out.writer.countries.push_back(country.id);
    }
  }
  out.viewer.countries = out.writer.countries;
  return out;
}

}  // namespace atalaya::api
