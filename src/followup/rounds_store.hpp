#pragma once
// A review as the store has it, before anything is kept from its viewer. Private; only rounds*.cpp.

#include <atalaya/followup/rounds.hpp>

#include "rounds_entries.hpp"

namespace atalaya::followup::detail {

/// Ids of questions that begin so are those about a followed round's recommendations.
inline constexpr std::string_view kRecommendation = "rec-";

/// Everything of one state in one round. Never leaves the module but through reveal().
struct WholeReview {
  std::string country;
  RoundStage stage = RoundStage::none;
  std::vector<Entry> steps, reviewers, civil_society, answers, conclusions, recommendations,
      comments, visit, files;
  std::vector<Question> questions;  // all, before routing
  std::map<std::string, Entry>
      earlier;  // by comment: what it answers, where that was changed since

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
/// What a comment is on: "c.public" on a conclusion, "r.1" on a recommendation. Null where it is on
/// the whole draft, or what it was on was taken out.
[[nodiscard]] const Entry* commented_on(const std::vector<Entry>& conclusions,
                                        const std::vector<Entry>& recommendations,
                                        std::string_view comment);
/// While the state comments, and until adoption on what was written or changed since it did.
[[nodiscard]] bool comment_open(RoundStage stage, const std::vector<Entry>& steps,
                                const std::vector<Entry>& conclusions,
                                const std::vector<Entry>& recommendations,
                                std::string_view comment);
/// Brings an answer into the form in which it is kept: a table's rows, the code of words that stand
/// for one. A wrong one stays as it is.
void tidy_answer(const Reference& reference, const WholeReview& whole, Entry& entry);
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
