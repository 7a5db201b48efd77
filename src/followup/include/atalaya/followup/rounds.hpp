#pragma once
// Evaluation rounds, in the shape of MEM and MESICIC: a questionnaire, answers by each state's
// focal point, conclusions and recommendations of experts of other states, the state's comment,
// adoption, consent, publication; a follow-up round asks what came of the recommendations. Each
// answer of this class is cut to what the viewer may see (round_rules.hpp), so that pages, API,
// files and feeds cannot show more.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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
  std::shared_ptr<const Round> followed;  // of get() and list(): `follows` itself, or null
};

struct NewRound {
  std::string id, questionnaire, follows, title, language;
  std::string date;                    // ISO day on which it opens for the states
  std::vector<std::string> countries;  // empty: every state
  bool adds = false;  // its writer knows that the round is held, and that this adds states to it
};

/// One state in one round, as its viewer may see it.
struct Review {
  std::string round, country;
  RoundStage stage = RoundStage::none;
  RoundHats hats;
  /// A comment whose text was changed since has it as the state answered it for those who took part,
  /// fields reply_to_text, reply_to_rating, reply_to_language, and for others the field
  /// draft_changed, as one on the whole draft has it.
  std::vector<Entry> steps, reviewers, civil_society, answers, conclusions, recommendations,
      comments;
  std::vector<Entry> visit;  // names agenda, met, findings
  std::vector<Entry> files;  // kinds answer_file, visit_file
  /// The questions that are asked of this state under its answers; of a follow-up round with one
  /// for each recommendation ("rec-2"). Of a viewer who sees no answers: under none.
  std::vector<Question> questions;

  [[nodiscard]] const Entry* answer(std::string_view question) const noexcept;
};

inline constexpr std::size_t kRoundFileBytesMax = 5UL << 20U;
inline constexpr std::size_t kRoundFilesMax = 30;  // of one review
inline constexpr std::size_t kInputsMax = 5;       // of one organisation on one review

/// What an organisation sends itself. Its name is that of the account, or that of who vouches.
struct RoundInput {
  std::string voucher;  // of the participation desk; empty for an organisation's account
  std::string text, url, language;
  bool confirmed = false;  // what looked like somebody's name was looked at
};

/// Whether the account belongs to an organisation that has no part in rounds itself.
[[nodiscard]] bool is_organisation(const RoundViewer& viewer);

/// Whether the review waits for a step of its viewer, other than those that may be left out.
[[nodiscard]] bool awaits(const Review& review);

/// Whether the viewer may comment on this now, or change or withdraw the comment: "c.public" on a
/// conclusion, "r.1" on a recommendation, "general" on the whole draft. While the state comments,
/// and until adoption on what was written or changed since.
[[nodiscard]] bool may_comment(const Review& review, std::string_view name);

/// Counts over the list of member states: made once, for page, JSON and CSV.
struct HemisphericReport {
  std::vector<std::string> states;  // all members, by the catalogue's order
  std::vector<std::string> published;

  struct Line {
    const Question* question = nullptr;
    /// a value, or "answered" for free answers | not_answered | not_asked | not_published; the sum
    /// is states.size()
    std::map<std::string, std::int32_t> counts;
    std::vector<TableTotal> totals;  // of a table whose questionnaire says what may be added up
  };

  std::vector<Line> lines;
  std::int32_t recommendations = 0;
  std::map<std::string, std::int32_t> by_rating;  // of experts' conclusions
  /// Of a follow-up: the published recommendations of the round that it follows, and what states
  /// say of them themselves: a value, not_answered | not_published; the sum is `followed`.
  std::int32_t followed = 0;
  std::map<std::string, std::int32_t> by_progress;
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
  /// conflict (followup.round.taken, params id, title: the id is another round's;
  /// followup.round.adds, params title, n, countries: the round is held, and `adds` was not said;
  /// followup.round.mechanism, params questionnaire, title: what it would follow is another
  /// mechanism's; followup.round.early: opened before the report that it follows was published),
  /// permission_denied (followup.round.not_yours).
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
  /// recommendation (text, question, language), comment (text, language, reply_to: the version of
  /// what it is on, none of the whole draft), civil_society
  /// (organisation, text, url, date, language), reviewer (states: those that the account comes
  /// from), visit (text, language, confirmed: functions stand there, nobody's name). What an
  /// organisation sent itself is not changed by others, only taken out. An entry without fields
  /// takes out what stands there; one without a name gets the next number. Fails with not_found
  /// (followup.round.unknown, followup.round.question), conflict (followup.round.stage, params
  /// stage, kind; followup.round.order of a visit; followup.round.draft_changed, param version: a
  /// comment on another version than the one that stands; followup.entry.changed), permission_denied
  /// (followup.round.not_yours, followup.own_state), invalid_argument (followup.entry.field;
  /// followup.round.value; followup.round.table; followup.round.names, param found;
  /// followup.round.routing, params
  /// question, asks).
  [[nodiscard]] Result<void> save(const Round& round, std::string_view country,
                                  const std::vector<Entry>& entries,
                                  const RoundViewer& viewer) const;
  /// The next dated step; `seen` is how many the viewer saw. Fails as check_step() does, with
  /// conflict (followup.round.unanswered, param question: all of them;
  /// followup.round.no_conclusion; followup.entry.changed).
  [[nodiscard]] Result<void> step(const Round& round, std::string_view country, Entry step,
                                  std::size_t seen, const RoundViewer& viewer) const;

  /// Keeps a file beside an answer (kind answer_file, by the state while it answers) or beside a
  /// visit's report (visit_file, by its writers): fields title, question, file_name, language. It
  /// has the audience of what it stands beside. Fails as save() does, and with invalid_argument
  /// (followup.file.size, .file.kind: as Reports::keep_file), conflict (followup.round.files:
  /// kRoundFilesMax).
  [[nodiscard]] Result<void> add_file(const Round& round, std::string_view country,
                                      const Entry& file, std::string_view bytes,
                                      const RoundViewer& viewer) const;
  /// The bytes of a file that the viewer may see, by its entry's id. Fails with not_found
  /// (followup.round.unknown), the same where there is none and where the viewer may not know.
  [[nodiscard]] Result<std::pair<Entry, std::string>> file(const Round& round,
                                                           std::string_view country,
                                                           std::int64_t id,
                                                           const RoundViewer& viewer) const;

  /// Where organisations may send input today, by country. While a window is open it is public, and
  /// with it that the state is reviewed; nothing else of the review is.
  [[nodiscard]] Result<std::vector<InputWindow>> windows(const Round& round) const;
  /// Input within the window, by an organisation's account or with a voucher, which is used up.
  /// Fails with not_found (followup.round.unknown: no window), permission_denied
  /// (followup.round.not_yours), exhausted (followup.round.inputs), invalid_argument
  /// (followup.entry.field; followup.round.names; followup.submission.voucher).
  [[nodiscard]] Result<void> send_input(const Round& round, std::string_view country,
                                        const RoundInput& input, const RoundViewer& viewer) const;
  /// What this account sent, whatever the stage.
  [[nodiscard]] Result<std::vector<Entry>> own_inputs(const Round& round, std::string_view country,
                                                      const RoundViewer& viewer) const;
  /// While the window is open. Fails with not_found (followup.round.unknown).
  [[nodiscard]] Result<void> withdraw_input(const Round& round, std::string_view country,
                                            std::string_view name, const RoundViewer& viewer) const;

  /// round,country,question,version,value,remark,sources,language,accepts: the answers that the
  /// viewer may see; "" = of every state. `accepts` are the codes that `value` may be; it goes out
  /// only.
  [[nodiscard]] Result<std::string> csv(const Round& round, std::string_view country,
                                        const RoundViewer& viewer) const;
  /// Checks every row by save()'s rules and compares; changes nothing. `value` is a code or its words
  /// in one of the four languages.
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
