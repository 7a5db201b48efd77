#pragma once
// Dates to subscribe to, as iCalendar (RFC 5545): what is still to be done, and the periodic
// reports that a state owes.

#include <string>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

struct FeedRequest {
  CivilDate as_of;
  Language language = Language::en;
  std::string actor;      // a state or an institution; empty = all commitments, no periodic reports
  std::string node_name;
  std::string origin;     // "https://node.example"; may be empty
};

/// Pending dates that name a day, and reports owed from a year before `as_of` to two years after
/// it of which no receipt is recorded. The same store gives the same bytes on the same day. Fails
/// as the desks do.
[[nodiscard]] Result<std::string> deadline_feed(const Parts& parts, const FeedRequest& request);

}  // namespace atalaya::followup
