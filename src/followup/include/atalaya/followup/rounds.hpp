#pragma once
// Evaluation rounds, in the shape of MEM and MESICIC: a questionnaire, answers by each state's
// focal point, conclusions and recommendations of experts of other states, the state's comment,
// adoption, consent, publication; a follow-up round asks what came of the recommendations. Each
// answer of this class is cut to what the viewer may see (round_rules.hpp), so that pages, API,
// files and feeds cannot show more.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/parts.hpp>
#include <atalaya/followup/round_rules.hpp>

namespace atalaya::followup {

struct Round {
  std::string id;       // "mesicic-6"
  Questionnaire form;   // as it stood when the round was opened
  std::string follows;  // the round whose recommendations it asks about; may be empty
  std::string title, language;
  std::string opened_at;
};

struct NewRound {
  std::string id, questionnaire, follows, title, language;
  std::string date;                    // ISO day on which it opens for the states
  std::vector<std::string> countries;  // empty: every state
};

/// One state in one round, as its viewer may see it.
struct Review {
  std::string round, country;
  RoundStage stage = RoundStage::none;
  RoundHats hats;
  std::vector<Entry> steps, reviewers, civil_society, answers, conclusions, recommendations,
      comments;
  /// The questions that are asked of this state under its answers; of a follow-up round with one
  /// for each recommendation ("rec-2"). Of a viewer who sees no answers: under none.
  std::vector<Question> questions;

  [[nodiscard]] const Entry* answer(std::string_view question) const noexcept;
};

/// Whether the review waits for a step of its viewer, other than those that may be left out.
[[nodiscard]] bool awaits(const Review& review);

/// Counts over the list of member states: made once, for page, JSON and CSV.
struct HemisphericReport {
  std::vector<std::string> states;  // all members, by the catalogue's order
  std::vector<std::string> published;

  struct Line {
    const Question* question = nullptr;
    /// a value, or "answered" for free answers | not_answered | not_asked | not_published; the sum
    /// is states.size()
    std::map<std::string, std::int32_t> counts;
  };

  std::vector<Line> lines;
  std::int32_t recommendations = 0;
  std::map<std::string, std::int32_t> by_rating;    // of conclusions
  std::map<std::string, std::int32_t> by_progress;  // of answers to recommendations
};

class Rounds {
 public:
  explicit Rounds(const Parts& parts) : parts_(parts) {}

  /// Newest versions, the catalogue's and those that were added here.
  [[nodiscard]] Result<std::vector<Questionnaire>> questionnaires() const;
  /// Fails with not_found (followup.questionnaire.unknown).
  [[nodiscard]] Result<Questionnaire> questionnaire(std::string_view id) const;
  /// One more version from JSON as the catalogue has it; rounds that run keep theirs. Fails besides
  /// with conflict (followup.questionnaire.version: not the next one, param wanted).
  [[nodiscard]] Result<Questionnaire> add_questionnaire(std::string_view json,
                                                        std::string_view by) const;

  /// Opens a round, or a running one for more states; answers how many states it opened for. Fails
  /// with invalid_argument (followup.entry.field), not_found (followup.round.unknown of `follows`),
  /// conflict (followup.entry.changed), permission_denied (followup.round.not_yours).
  [[nodiscard]] Result<std::int64_t> open(const NewRound& round, const RoundViewer& viewer) const;
  [[nodiscard]] Result<std::vector<Round>> list() const;
  /// Fails with not_found (followup.round.unknown).
  [[nodiscard]] Result<Round> get(std::string_view id) const;

  /// Fails with not_found (followup.round.unknown) where there is none or the viewer may not know.
  [[nodiscard]] Result<Review> review(const Round& round, std::string_view country,
                                      const RoundViewer& viewer) const;
  /// Those that the viewer may know of, by country.
  [[nodiscard]] Result<std::vector<Review>> reviews(const Round& round,
                                                    const RoundViewer& viewer) const;

  /// Writes entries of one review in one transaction, all or none. Kinds and their fields:
  /// answer (value, remark, sources, language), conclusion (text, rating, language),
  /// recommendation (text, question, language), comment (text, language), civil_society
  /// (organisation, text, url, date, language), reviewer (states: those that the account comes
  /// from). An entry without fields takes out what stands there; one without a name gets the next
  /// number. Fails with not_found (followup.round.unknown, followup.round.question), conflict
  /// (followup.round.stage, params stage, kind; followup.entry.changed), permission_denied
  /// (followup.round.not_yours, followup.own_state), invalid_argument (followup.entry.field;
  /// followup.round.routing, params question, asks).
  [[nodiscard]] Result<void> save(const Round& round, std::string_view country,
                                  const std::vector<Entry>& entries,
                                  const RoundViewer& viewer) const;
  /// The next dated step; `seen` is how many the viewer saw. Fails as check_step() does, with
  /// conflict (followup.round.unanswered, param question; followup.round.no_conclusion;
  /// followup.entry.changed).
  [[nodiscard]] Result<void> step(const Round& round, std::string_view country, Entry step,
                                  std::size_t seen, const RoundViewer& viewer) const;

  /// round,country,question,version,value,remark,sources,language: the answers that the viewer may
  /// see; "" = of every state.
  [[nodiscard]] Result<std::string> csv(const Round& round, std::string_view country,
                                        const RoundViewer& viewer) const;
  /// Checks every row by save()'s rules and compares; changes nothing.
  [[nodiscard]] Result<EntryImportPlan> plan(const Round& round, std::string_view country,
                                             std::string_view bytes, std::string_view file_name,
                                             const RoundViewer& viewer) const;
  [[nodiscard]] Result<void> apply(const Round& round, std::string_view country,
                                   const EntryImportPlan& plan, const RoundViewer& viewer,
                                   bool accept_changes) const;

  /// From what is published, and nothing else.
  [[nodiscard]] Result<HemisphericReport> report(const Round& round) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
