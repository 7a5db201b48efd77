#include "followup_access.hpp"

#include <algorithm>

#include "rounds_access.hpp"

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
  out.viewer.own = states_of(*account);
  for (const identity::RoleGrant& grant : account->roles) {
    const auto role = parse_role(grant.role);
    // A token bounds what its account may do: the caller's roles are what is left.
    if (!role || !call.caller.roles.has(*role)) {
      continue;
    }
    if (*role == Role::focal_point) {
      out.writer.everywhere |= grant.territory.empty();
      if (!grant.territory.empty()) {
        const bool whole = grant.territory.ends_with(".parliament") || is_institution(grant);
        out.writer.countries.push_back(whole ? grant.territory : grant.territory.substr(0, 3));
      }
    }
    out.codes |= *role == Role::coder;
    out.viewer.runs_coding |= *role == Role::publisher || *role == Role::expert;
  }
  if (out.writer.everywhere) {
    for (const auto& country : node.desk->catalogue().countries()) {
      out.writer.countries.push_back(country.id);
      out.writer.countries.push_back(country.id + ".parliament");
    }
  }
  out.viewer.countries = out.writer.countries;
  return out;
}

bool speaks_for(const FollowupCaller& caller, std::string_view actor) {
  const std::string_view state = followup::country_of(actor);
  return !caller.writer.everywhere && !state.empty() &&
         std::ranges::any_of(caller.writer.countries, [&](const std::string& own) {
           return followup::country_of(own) == state;
         });
}

Param who_param() {
  return {.name = "who",
          .type = ParamType::choice,
          .about = "Whose cells",
          .values = {"states", "parliaments", "institutions"},
          .fallback = "states"};
}

followup::ActorKind asked_kind(const Call& call) {
  const std::string_view who = call.text("who");
  return who == "parliaments"    ? followup::ActorKind::parliament
         : who == "institutions" ? followup::ActorKind::institution
                                 : followup::ActorKind::state;
}

Result<void> check_not_future(CivilDate day, const Node& node) {
  const CivilDate today = utc_date(node.clock->now());
  if (day > today) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.date.future",
                      "the day lies in the future",
                      {{"today", to_string(today)}}});
  }
  return {};
}

Result<CivilDate> asked_day(const Call& call, const Node& node) {
  const CivilDate day = call.date("as_of").value_or(utc_date(node.clock->now()));
  ATALAYA_TRY(check_not_future(day, node));
  return day;
}

}  // namespace atalaya::api
