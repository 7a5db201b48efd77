#pragma once
// Which kind of date stands beside a clause: an event of others that a text counts on is no deadline
// of those whom the clause addresses, though it is a date in the text.

#include <algorithm>
#include <string>

#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

/// As DueView::kind, of the date that a rule read for this clause; empty for a clause without a date
/// and for one that a person set.
[[nodiscard]] inline std::string due_kind(const CommitmentView& view, const ClauseView& clause) {
  if (clause.set_by != "rule" ||
      (clause.due.empty() && clause.due_latest.empty() && clause.due_event.empty())) {
    return {};
  }
  const auto due = std::ranges::find_if(view.dues, [&](const DueView& one) {
    return one.edtf == clause.due && one.event == clause.due_event;
  });
  return due == view.dues.end() ? std::string() : due->kind;
}

}  // namespace atalaya::commitments
