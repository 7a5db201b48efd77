#pragma once
// What a date beside a clause is: an event of others that a text counts on is no deadline
// of those whom the clause addresses, though it is a date in the text.

#include <algorithm>
#include <string>

#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

/// As DueView::kind, of the clause's date: the one that a rule read for it, or that a person set in
/// its place. Empty for a clause without a date.
[[nodiscard]] inline std::string due_kind(const CommitmentView& view, const ClauseView& clause) {
  if (clause.due.empty() && clause.due_latest.empty() && clause.due_event.empty()) {
    return {};
  }
  const auto is_its = [&](const DueView& one) {
    return one.edtf == clause.due && one.event == clause.due_event;
  };
  auto due = std::ranges::find_if(view.dues, is_its);
  if (due == view.dues.end() && !clause.due.empty()) {
    due = std::ranges::find(view.dues, clause.due, &DueView::edtf);
  }
  return due == view.dues.end() ? std::string() : due->kind;
}

/// Whether the words that say a date stand in the text above the commitment's own, which ends in a
/// colon and gives its items their date. One without words that no person set here was set there.
[[nodiscard]] inline bool is_from_above(const CommitmentView& view, const DueView& due) {
  if (due.set_by != "rule" || view.clauses.empty()) {
    return false;
  }
  if (due.printed.empty()) {
    return true;
  }
  const auto read =
      std::ranges::find(view.texts, view.clauses.front().language, &TextView::language);
  return read != view.texts.end() && !read->text.contains(due.printed);
}

}  // namespace atalaya::commitments
