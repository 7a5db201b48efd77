#pragma once
// Who asks, in the follow-up's terms: for which countries an account is focal point, under which
// name it codes.

#include <string>

#include <atalaya/api/node.hpp>
#include <atalaya/api/router.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/reports.hpp>

namespace atalaya::api {

struct FollowupCaller {
  followup::Writer writer;  // as focal point; name: the account's
  followup::Viewer viewer;
  bool codes = false;       // has the role coder
};

/// Nobody's rights for a caller without an account. Fails as the accounts do.
[[nodiscard]] Result<FollowupCaller> followup_caller(const Call& call, const Node& node);

}  // namespace atalaya::api
