#pragma once
// Who asks, in the terms of rounds and checklists.

#include <atalaya/api/node.hpp>
#include <atalaya/api/router.hpp>
#include <atalaya/followup/checklists.hpp>
#include <atalaya/followup/rounds.hpp>

namespace atalaya::api {

/// Nobody for a caller without an account. The states that an account comes from are those of all
/// its grants, whatever their role. Fails as the accounts do.
[[nodiscard]] Result<followup::RoundViewer> round_viewer(const Call& call, const Node& node);
[[nodiscard]] Result<followup::ChecklistCoder> checklist_coder(const Call& call, const Node& node);
/// The states of an account's grants, without doubles.
[[nodiscard]] std::vector<std::string> states_of(const identity::Account& account);
/// The role is held for an institution, "cicad", and for no state.
[[nodiscard]] bool is_institution(const identity::RoleGrant& grant);
/// The same as the module's answers for pages, JSON and files of insiders.
[[nodiscard]] http::Response private_response(int status, std::string html);

}  // namespace atalaya::api
