#pragma once
// Assessments: two coders judge one cell on one scale by a written rule, neither seeing the
// other's value; where they differ a third person decides and both values stay; the state may
// reply before anything is published, and its reply stands beside.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/followup/agreement.hpp>
#include <atalaya/followup/parts.hpp>
#include <atalaya/followup/reports.hpp>

namespace atalaya::followup {

inline constexpr std::int32_t kReplyDays = 30;

enum class CodingStage {
  coding,        // waiting for one or both coders
  adjudication,  // they differ
  reply,         // agreed or decided; the state may reply
  published,
  withdrawn,    // given up with a reason before it was published; its cell is free again
};
[[nodiscard]] std::string_view to_string(CodingStage stage) noexcept;

struct Criteria {
  std::string commitment;  // "" = for all commitments
  std::string scale;
  std::int64_t version = 0;
  std::string text, set_at, set_by;
};

struct NewCoding {
  std::string commitment, actor, scale;
  std::string as_of;                   // ISO day that the assessment speaks of
  std::string window_from, window_to;  // ISO days: what happened in between counts
  std::string coder_a, coder_b;        // names of accounts
  std::string criteria = {};  // the rule's words; others than those in force become its next version
};

struct Code {
  std::string coder, value, reasons, provision, interest, submitted_at;
  std::vector<SourceRef> sources;
};

/// Who looks at a coding; decides what of it is there to see.
struct Viewer {
  std::string name;                    // empty: a reader without an account
  bool runs_coding = false;            // opens, adjudicates or publishes
  std::vector<std::string> countries;  // for which it is focal point
  std::vector<std::string> own = {};   // states that the account comes from, whatever its role
};

/// What somebody is to one coding.
struct CodingHats {
  bool coder = false;        // one of its two
  bool runs = false;         // opens, decides or publishes codings
  bool own_state = false;    // comes from the state that is assessed
  bool focal_point = false;  // of that state
};

/// Whose codes somebody may read, each with its reasons, its sources and the files that these name.
enum class CodesSeen { none, own, all };
/// The one place that decides it. Before both coders have submitted, and of a coding that was given
/// up, a coder reads the own code and nobody else any. Then both coders and whoever runs codings read
/// both, except who comes from the state; that state's focal point once it may reply; everybody once
/// it is published.
[[nodiscard]] CodesSeen codes_seen(CodingStage stage, const CodingHats& hats) noexcept;

/// Names are those that readers are shown (identity::ShownNames), never those to sign in with.
struct Coding {
  std::int64_t id = 0;      // at this node; 0 for another's
  std::int64_t number = 0;  // at the node whose it is
  std::string commitment, actor, scale, as_of, window_from, window_to;
  Criteria criteria;
  CodingStage stage = CodingStage::coding;
  std::string coder_a, coder_b;       // empty for readers before publication
  std::vector<std::string> submitted; // coders who have submitted
  std::vector<Code> codes;            // those that the viewer may see
  std::string value;                  // what stands; "" until the viewer may see it
  bool dissent = false;
  std::string decided_by, decision;   // adjudication
  std::string withdrawn_at, withdrawn_by, withdrawal;  // the reason
  std::string reply, reply_language, replied_by, reply_until;
  std::string replied_at;  // empty where another node's package does not say it
  std::string opened_at, published_at, published_by;
  std::string node;                   // another institution's node; "" = this one
  bool of_viewer = false;             // who looks at it is one of its two coders
  bool viewer_submitted = false;      // … and has submitted
};

class CodingDesk {
 public:
  explicit CodingDesk(const Parts& parts) : parts_(parts) {}

  /// A new version; codings that run keep theirs. Fails with not_found (followup.commitment),
  /// invalid_argument (followup.scale, followup.text).
  [[nodiscard]] Result<std::int64_t> set_criteria(const Criteria& criteria,
                                                  std::string_view by) const;
  /// The newest for this commitment, or else for all. Fails with not_found (followup.criteria).
  [[nodiscard]] Result<Criteria> criteria(std::string_view commitment,
                                          std::string_view scale) const;

  /// Fails with not_found (followup.commitment, .actor, .criteria), invalid_argument
  /// (followup.scale, .date, .window: it ends before it begins, .window.late: after `as_of`, .not_applicable,
  /// .participation_unknown, .coders: the two must differ), conflict
  /// (followup.coding.open: this cell is being coded on this scale for this day already;
  /// followup.coders.seen: one of the two read the other's value in a coding of this cell and scale
  /// that was withdrawn and counted some of the same days).
  [[nodiscard]] Result<std::int64_t> open(const NewCoding& coding, std::string_view by) const;

  /// Fails with not_found (followup.coding: also where it is not this coder's), invalid_argument
  /// (followup.value, .reasons, .interest, .provision, .sources, .file_unknown), conflict (followup.code.again: it
  /// was submitted; followup.coding.stage).
  [[nodiscard]] Result<void> submit(std::int64_t id, const Code& code,
                                    std::string_view coder) const;
  /// Fails besides with permission_denied (followup.adjudicator: one of the coders).
  [[nodiscard]] Result<void> adjudicate(std::int64_t id, std::string_view value,
                                        std::string_view reasons, std::string_view by) const;
  /// Fails with permission_denied (followup.not_yours), conflict (followup.reply.again).
  [[nodiscard]] Result<void> reply(std::int64_t id, std::string_view text,
                                   std::string_view language, const Writer& writer) const;
  /// After the state's reply, or when its time is over. Fails with conflict (followup.reply.open,
  /// param date; followup.coding.stage).
  [[nodiscard]] Result<void> publish(std::int64_t id, std::string_view by) const;
  /// Ends a coding that is not published; what was coded stays, and nobody sees more of it. Who,
  /// the reason, and how many values it had stand in the public history. Fails with
  /// invalid_argument (followup.reason_short), conflict (followup.coding.stage), permission_denied
  /// (followup.withdrawer: one of its coders).
  [[nodiscard]] Result<void> withdraw(std::int64_t id, std::string_view reason,
                                      std::string_view by) const;

  /// Fails with not_found (followup.coding) where the viewer may not know of it.
  [[nodiscard]] Result<Coding> get(std::int64_t id, const Viewer& viewer) const;
  /// Every coding that the viewer may know of, newest first; "" = any.
  [[nodiscard]] Result<std::vector<Coding>> list(std::string_view commitment,
                                                 std::string_view actor,
                                                 const Viewer& viewer) const;

  /// Whether a code that the viewer may read (codes_seen()) rests on this file.
  [[nodiscard]] Result<bool> shows_file(store::Transaction& tx, std::string_view sha256,
                                        const Viewer& viewer) const;

  /// Over all codings with two values that are published.
  [[nodiscard]] Result<Agreement> agreement(std::string_view scale) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
