#pragma once
// Participation: alternative reports and corrections that anybody may submit about a commitment.
// They are attributed, or written under a pseudonym that an organisation vouches for; people decide
// about each before it shows, beside the State's report and never in its layer. This is not the
// anonymous channel: names of victims and suspects are looked for, marked and held back.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/parts.hpp>
#include <atalaya/followup/reports.hpp>

namespace atalaya::followup {

inline constexpr std::size_t kSubmissionTitleMax = 200;  // characters
inline constexpr std::size_t kSubmissionTextMax = 8'000;
inline constexpr std::size_t kSubmissionSourcesMax = 20;
inline constexpr std::size_t kSubmissionFilesMax = 3;
inline constexpr std::size_t kSubmissionFileBytesMax = 5UL << 20U;  // all files together
inline constexpr std::int32_t kVoucherDays = 90;
/// Submissions in an hour: of the whole node, and about one commitment; as many at once.
inline constexpr std::int64_t kSubmissionsNode = 30;
inline constexpr std::int64_t kSubmissionsCommitment = 6;
inline constexpr std::int64_t kSubmissionsWaitingMax = 500;

/// Why something is refused; "not_vouched" is set by the organisation.
inline constexpr std::string_view kRefusalReasons[] = {
    "off_topic", "names_persons", "no_source", "duplicate", "abusive", "not_understood"};

/// From the day of a refusal or a withdrawal by the editors on, for so many days nobody erases the
/// words that an appeal would be about, but for one of these reasons.
inline constexpr std::int32_t kAppealDays = 60;
inline constexpr std::string_view kErasureReasons[] = {"persons", "court", "data_subject"};

/// What looks as if it led to a person: "email", "phone", "number" (of an identity document) or
/// "name"; `text` as it stands. Finds too much rather than too little, and is no promise.
struct Finding {
  std::string kind, text;
  bool operator==(const Finding&) const = default;
};

[[nodiscard]] std::vector<Finding> find_personal_data(std::string_view text,
                                                      const commitments::Catalogue& catalogue);

/// Without control, invisible and direction-changing characters and without towers of accents; one
/// line where `lines` is false. Fails with invalid_argument (followup.text) where it is not UTF-8.
enum class Lines { one, many };
[[nodiscard]] Result<std::string> clean_text(std::string_view text, Lines lines);

/// A file as it came: one of kKeptFileKinds (reports.hpp).
struct SubmittedFile {
  std::string name, bytes;
};

/// A file as it is kept. `name` is the submitter's, for moderators only; "" once erased.
struct AttachedFile {
  std::int64_t ordinal = 0;
  std::string name, extension, sha256;
  std::int64_t size = 0;
  bool published = false;
};

struct SubmissionDraft {
  std::string kind;               // alternative_report | correction
  std::string commitment, actor;  // actor "": a correction of the commitment's own record
  std::string as_of;              // ISO day that it speaks of
  std::string language = "en", title, text;
  std::string sources;  // one a line, as in parse_sources_text()
  std::string name, organisation, contact;
  std::string attribution = "named";  // named | vouched
  std::string voucher;                // a code; brings pseudonym and organisation
  bool organisation_known = false;    // vouched without a code: it has accounts here
  bool confirmed = false;             // the submitter looked at what was found
  std::string form;                   // of the form that was sent: the same one counts once
  std::vector<SubmittedFile> files;
};

enum class SubmissionStage { vouching, received, held, published, refused, appealed, withdrawn };
inline constexpr SubmissionStage kSubmissionStages[] = {
    SubmissionStage::vouching,  SubmissionStage::received, SubmissionStage::held,
    SubmissionStage::published, SubmissionStage::refused,  SubmissionStage::appealed,
    SubmissionStage::withdrawn};
[[nodiscard]] std::string_view to_string(SubmissionStage stage) noexcept;

struct SubmissionStep {
  std::string step, reason, text, by, at;
};

/// What readers see of one, now or before it was withdrawn; no title: nothing, or it was erased.
/// Attached files stand among the sources.
struct PublishedWords {
  std::string title, text;
  std::vector<SourceRef> sources;
  bool redacted = false;
};

/// Everything about one: for moderators, and in part for its submitter.
struct Submission {
  std::int64_t id = 0;
  std::string kind, commitment, actor, as_of, language, title, text, name, organisation,
      attribution, contact, received_on;
  std::vector<SourceRef> sources;
  std::vector<Finding> findings;
  SubmissionStage stage = SubmissionStage::received;
  std::vector<SubmissionStep> steps;
  std::vector<AttachedFile> files;
  PublishedWords published;
  bool erased = false;

  [[nodiscard]] const SubmissionStep* find_step(std::string_view step) const;
  /// Refused by people here, or withdrawn by them after it was published, and not appealed against
  /// yet. What was erased for one of kErasureReasons keeps its appeal, on what stands recorded.
  [[nodiscard]] bool may_appeal() const;
  /// The last day on which only kErasureReasons erase it; nothing where no appeal can be made.
  [[nodiscard]] std::optional<CivilDate> protected_until() const;

  /// Nothing is left that could be published: an appeal is granted on record alone.
  [[nodiscard]] bool gone() const { return title.empty() && published.title.empty(); }
};

/// What readers see. `node` "" = this one. A source with a `file` is an attached file: its title is
/// "1.pdf", and published_file() answers it.
struct AlternativeReport {
  std::int64_t id = 0;
  std::string kind, commitment, actor, as_of, language, title, text, name, organisation,
      attribution, published_on, node;
  std::vector<SourceRef> sources;
  bool redacted = false;
};

struct Decision {
  std::string step;                 // publish | hold | refuse | withdraw
  std::string reason;               // of kRefusalReasons, to refuse and to withdraw
  std::string text;                 // for the submitter; may be empty for publish
  std::string held_back;            // passages to hold back in every spelling, one a line
  std::vector<std::int64_t> files;  // publish: the numbers of attached files to show
  std::vector<std::string> checked;  // publish: findings that still stand and were looked at
  bool confirmed = false;           // publish: no victim or suspect can be recognised
  SubmissionStage seen = SubmissionStage::received;  // where the moderator saw it
};

struct RefusalCount {
  std::string reason;
  std::int64_t refused = 0;  // all that were ever refused for it
  std::int64_t withdrawn = 0;  // published first, then withdrawn by the editors for it
  std::int64_t appealed = 0, upheld = 0,
               reversed = 0;  // upheld: refused again; reversed: published, or granted on record
  std::int64_t erased = 0;  // for one of kErasureReasons while an appeal could be made or was open
};

struct ParticipationCounts {
  std::int64_t received = 0, waiting = 0, published = 0, withdrawn = 0, refused = 0;
  std::int64_t held = 0;      // of those that wait: put aside. Nobody is refused by never deciding
  std::string waiting_since;  // the day on which the oldest that waits came in; "" = none waits
  std::vector<RefusalCount> refusals;  // every reason, in the order of the list
};

struct Voucher {
  std::int64_t id = 0;
  std::string organisation, pseudonym, issued_on, issued_by, expires_on, state;
};

class Submissions {
 public:
  explicit Submissions(const Parts& parts) : parts_(parts) {}

  /// Every rule of submit() but those of rate; what was found in the texts. Changes nothing.
  [[nodiscard]] Result<std::vector<Finding>> check(const SubmissionDraft& draft) const;

  struct Receipt {
    std::int64_t id = 0;
    std::string code;    // kept by the submitter only; "" where `again`
    bool again = false;  // this form was sent before: nothing was written
  };

  /// Fails with not_found (followup.commitment, .actor), invalid_argument
  /// (followup.submission.kind, .actor: an alternative report is about one, .title, .text, .name,
  /// .vouching: needs a code or an organisation of this node, .voucher, .findings: look at them and
  /// confirm; .files: more or larger ones than are taken, .file_kind; followup.date, .future,
  /// .not_applicable, .before_adoption, .text, .sources), exhausted (followup.submission.rate).
  [[nodiscard]] Result<Receipt> submit(const SubmissionDraft& draft) const;

  /// By the receipt's code. Fail with not_found (followup.submission); appeal also with conflict
  /// (followup.submission.stage), invalid_argument (followup.submission.text).
  [[nodiscard]] Result<Submission> find_by_code(std::string_view code) const;
  [[nodiscard]] Result<void> appeal(std::string_view code, std::string_view text) const;
  [[nodiscard]] Result<void> withdraw(std::string_view code) const;

  /// Those of a stage, oldest first; nothing: all.
  [[nodiscard]] Result<std::vector<Submission>> list(std::optional<SubmissionStage> stage) const;
  [[nodiscard]] Result<Submission> get(std::int64_t id) const;
  /// What was published before is published again as it was, its passages held back, and further
  /// ones where named; no file more. What is gone() is not published: the step says "erased", and
  /// it stays withdrawn. Fails with conflict (followup.submission.stage: somebody else decided
  /// meanwhile), permission_denied (followup.submission.same_person: an appeal is decided by
  /// somebody else), invalid_argument (followup.submission.decision, .reason, .text, .confirm,
  /// .finding_stands: one of its findings, or of those in the files to show, is not among the
  /// checked ones, param value; followup.held_back: it does not stand there, .held_back_author: it
  /// is the submitter's name).
  [[nodiscard]] Result<void> decide(std::int64_t id, const Decision& decision,
                                    std::string_view by) const;

  /// What would be published, without its files. Fails as decide() does for held_back.
  struct Preview {
    std::string title, text;
    std::vector<SourceRef> sources;
    std::vector<Finding> standing;  // findings that would be published
    std::string seal;               // of all that, so that what was looked at is what goes out
  };

  [[nodiscard]] Result<Preview> preview(std::int64_t id, std::string_view held_back) const;

  /// An attached file, for moderators; one that is shown, by its hash, for everybody, under a name
  /// of ours. Fail with not_found (followup.file).
  struct File {
    std::string name, bytes;
  };

  [[nodiscard]] Result<File> attached(std::int64_t id, std::int64_t ordinal) const;
  [[nodiscard]] Result<File> published_file(std::string_view sha256) const;
  /// Removes what was submitted and the contact for ever, of something withdrawn also what was
  /// published. `reason` is one of kErasureReasons, or empty. Fails with conflict
  /// (followup.submission.stage) before there is a decision, and without a reason while an appeal
  /// is open (.appeal_open: its words stay even with one) or could be made (.appeal_window, param
  /// until); invalid_argument (.erasure_reason).
  [[nodiscard]] Result<void> erase(std::int64_t id, std::string_view reason,
                                   std::string_view by) const;

  /// A code under which somebody may write once as `pseudonym`; shown once.
  [[nodiscard]] Result<std::string> issue_voucher(std::string_view organisation,
                                                  std::string_view pseudonym,
                                                  std::string_view by) const;
  [[nodiscard]] Result<std::vector<Voucher>> vouchers(std::string_view organisation) const;
  [[nodiscard]] Result<void> revoke_voucher(std::int64_t id, std::string_view organisation,
                                            std::string_view by) const;
  /// Submissions that wait for this organisation's word, and its word.
  [[nodiscard]] Result<std::vector<Submission>> to_vouch(std::string_view organisation) const;
  [[nodiscard]] Result<void> vouch(std::int64_t id, bool yes, std::string_view organisation,
                                   std::string_view by) const;

  /// What readers see of a cell ("" = any), this node's and its peers', newest first.
  [[nodiscard]] Result<std::vector<AlternativeReport>> published(std::string_view commitment,
                                                                 std::string_view actor) const;
  [[nodiscard]] Result<ParticipationCounts> counts() const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
