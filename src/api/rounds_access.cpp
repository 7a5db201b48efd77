#include "rounds_access.hpp"

#include <algorithm>

#include "followup_access.hpp"
#include "routes.hpp"

namespace atalaya::api {

bool is_institution(const identity::RoleGrant& grant) {
  return !grant.territory.empty() && grant.territory.front() >= 'a' &&
         grant.territory.front() <= 'z';
}

std::vector<std::string> states_of(const identity::Account& account) {
  std::vector<std::string> out;
  for (const identity::RoleGrant& grant : account.roles) {
    const std::string state = grant.territory.substr(0, 3);
    if (!state.empty() && !is_institution(grant) && std::ranges::find(out, state) == out.end()) {
      out.push_back(state);
    }
  }
  return out;
}

Result<followup::RoundViewer> round_viewer(const Call& call, const Node& node) {
  followup::RoundViewer out;
  if (call.caller.account.empty()) {
    return out;
  }
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  const auto accounts = ATALAYA_TRY(node.accounts->list());
  const auto account = std::ranges::find(accounts, call.caller.account, &identity::Account::id);
  if (account == accounts.end()) {
    return out;
  }
  out.name = account->name;
  // States answer rounds: whoever speaks for a parliament or an institution has no part in them.
  for (const std::string& actor : caller.writer.countries) {
    const auto* country = node.desk->catalogue().find_country(actor);
    if (country != nullptr && country->is_state) {
      out.states.push_back(actor);
    }
  }
  out.own = states_of(*account);
  out.expert = call.caller.roles.has(Role::expert);
  out.secretariat = call.caller.roles.has(Role::publisher);
  out.organisation = account->organisation;
  return out;
}

Result<followup::ChecklistCoder> checklist_coder(const Call& call, const Node& node) {
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  return followup::ChecklistCoder{viewer.name, viewer.own};
}

http::Response private_response(int status, std::string html) {
  auto response = html_response(status, std::move(html));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace atalaya::api
