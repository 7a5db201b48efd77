#pragma once
// A review as the store has it, before anything is kept from its viewer. Private; only rounds*.cpp.

#include <atalaya/followup/rounds.hpp>

#include "rounds_entries.hpp"

namespace atalaya::followup::detail {

/// Everything of one state in one round. Never leaves the module but through reveal().
struct WholeReview {
  std::string country;
  RoundStage stage = RoundStage::none;
  std::vector<Entry> steps, reviewers, civil_society, answers, conclusions, recommendations,
      comments, visit, files;
  std::vector<Question> questions;  // all, before routing

  [[nodiscard]] std::map<std::string, std::string, std::less<>> answer_values() const;
};

[[nodiscard]] Result<WholeReview> read_review(store::Transaction& tx, const Round& round,
                                              std::string_view country);
[[nodiscard]] Result<std::vector<WholeReview>> read_reviews(store::Transaction& tx,
                                                            const Round& round);
/// The one place that decides what of a review leaves the module, and under whose names.
[[nodiscard]] Review reveal(const WholeReview& whole, const Round& round, const RoundViewer& viewer,
                            const identity::ShownNames& names);

[[nodiscard]] std::unexpected<Error> unknown_round(std::string_view id);
/// Brings an answer of type table into the form in which it is kept; a wrong one stays as it is.
void tidy_table(const WholeReview& whole, Entry& entry);
/// Texts that look as if they named somebody need `confirmed`. Fails with invalid_argument
/// (followup.round.names, param found).
[[nodiscard]] Result<void> check_names(const Parts& parts, std::string_view text, bool confirmed);
/// save()'s rules for one entry, its texts and its place. Answers still have to be checked against
/// the routing of all of them together.
[[nodiscard]] Result<void> check_round_entry(const Parts& parts, const Round& round,
                                             const WholeReview& whole, const Entry& entry,
                                             const RoundViewer& viewer);
/// Writes checked entries. Fails as write_entry() does, and by the routing of answers.
[[nodiscard]] Result<void> write_round_entries(const Parts& parts, store::Transaction& tx,
                                               const Round& round, const WholeReview& whole,
                                               std::vector<Entry> entries);

}  // namespace atalaya::followup::detail
