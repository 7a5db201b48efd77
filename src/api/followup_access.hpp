#pragma once
// Who asks, in the follow-up's terms: for which countries an account is focal point, under which
// name it codes.

#include <string>

#include <atalaya/api/node.hpp>
#include <atalaya/api/router.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/reports.hpp>

namespace atalaya::api {

struct FollowupCaller {
  followup::Writer writer;  // as focal point; name: the account's
  followup::Viewer viewer;
  bool codes = false;       // has the role coder
};

/// Nobody's rights for a caller without an account. Fails as the accounts do.
[[nodiscard]] Result<FollowupCaller> followup_caller(const Call& call, const Node& node);

/// Whether the account speaks for the state or parliament that `actor` is or belongs to. Staff that
/// is focal point of every state speaks for none.
[[nodiscard]] bool speaks_for(const FollowupCaller& caller, std::string_view actor);

/// Whose cells are asked for; without the parameter those of states.
[[nodiscard]] Param who_param();
[[nodiscard]] followup::ActorKind asked_kind(const Call& call);

/// The day of the parameter as_of, today without it. Fails with invalid_argument
/// (followup.date.future; param today): what will hold is not known.
[[nodiscard]] Result<CivilDate> asked_day(const Call& call, const Node& node);
/// Fails as asked_day() does.
[[nodiscard]] Result<void> check_not_future(CivilDate day, const Node& node);

}  // namespace atalaya::api
