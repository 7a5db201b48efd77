#pragma once
// Legislation checklists: for each article of a treaty that asks for a law, and for each provision
// of a model law, whether a state's law holds it, with the provision quoted, so that parliaments
// can compare. Marks are those of the scale unscr1540: of facts, not of degrees of compliance.
// Which articles there are is data (catalogue/followup/checklists.json), in words of our own.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/entries.hpp>
#include <atalaya/followup/reports.hpp>

namespace atalaya::followup {

inline constexpr std::string_view kChecklistScale = "unscr1540";
inline constexpr std::string_view kNotCoded = "not_coded";

struct ChecklistItem {
  std::string id, article;
  Translated label, about;  // what the law is asked to hold, in our own words
};

/// The article for a reader: its number, or a part of a model in words of our own.
[[nodiscard]] std::string article_name(const ChecklistItem& item, Language language);
/// Of a question of a round, too: areas have names in every language, articles their numbers.
[[nodiscard]] std::string article_name(const std::string& article, Language language);

struct Checklist {
  std::string id;
  std::string kind;        // treaty | model
  std::string instrument;  // of the catalogue
  Translated label, about;
  std::string source, read_on;
  std::vector<ChecklistItem> items;

  [[nodiscard]] const ChecklistItem* find(std::string_view item) const noexcept;
};

/// Who codes: the account, and every state that it comes from.
struct ChecklistCoder {
  std::string name;
  std::vector<std::string> own;
  bool names_coders = false;  // an operator, who brings in marks that others made
};

struct EarlierMark {
  std::string value, at;
};

/// One checklist over the list of member states: every count is made here, once.
struct ChecklistMatrix {
  const Checklist* checklist = nullptr;
  std::vector<std::string> states;                               // in the order of the catalogue
  std::map<std::pair<std::string, std::string>, Entry> values;   // by item and state
  std::map<std::pair<std::string, std::string>, Entry> replies;  // by item and state
  /// Of replies to a mark that was changed since: that mark and when it was made.
  std::map<std::pair<std::string, std::string>, EarlierMark> earlier;  // by item and state
  /// item -> mark or kNotCoded -> states; each item's sum is states.size().
  std::map<std::string, std::map<std::string, std::int32_t>> counts;

  [[nodiscard]] const Entry* value(const std::string& item, const std::string& state) const;
  [[nodiscard]] const Entry* reply(const std::string& item, const std::string& state) const;
  /// The version of the mark that the reply answers; 0: an earlier one, or there is no reply. Where
  /// it is not value()'s, the mark was changed after the state spoke.
  [[nodiscard]] std::int32_t replied_to(const std::string& item, const std::string& state) const;
  /// "X", "?", "NA" or kNotCoded.
  [[nodiscard]] std::string_view mark(const std::string& item, const std::string& state) const;
};

class Checklists {
 public:
  explicit Checklists(const Parts& parts) : parts_(parts) {}

  /// The embedded checklists. Aborts if they are inconsistent (a test guards it).
  [[nodiscard]] static const std::vector<Checklist>& all();
  /// Fails with not_found (followup.checklist.unknown).
  [[nodiscard]] static Result<const Checklist*> find(std::string_view id);

  [[nodiscard]] Result<ChecklistMatrix> matrix(std::string_view checklist) const;
  /// Everything that was ever said of one article of one state, newest first.
  [[nodiscard]] Result<std::vector<Entry>> versions(std::string_view checklist,
                                                    std::string_view item,
                                                    std::string_view country) const;

  /// A state's mark: fields value, law, article, quote, language, url, read_on, note, coder. X
  /// needs law, article, quote, language and read_on; "?" a quote or a note. `entry` names
  /// container, country and name (the item). Fails with not_found (followup.checklist.unknown,
  /// .item), invalid_argument (followup.entry.field), permission_denied (followup.own_state),
  /// conflict (followup.entry.changed).
  [[nodiscard]] Result<Entry> save(Entry entry, const ChecklistCoder& coder) const;
  /// What the state says to its mark as it stands: fields text, language and mark, the version of
  /// the mark that it answers: conflict (followup.checklist.mark_changed, params by, version) where
  /// another stands by now. Fails besides with permission_denied (followup.not_yours) and not_found
  /// (followup.checklist.no_value).
  [[nodiscard]] Result<Entry> reply(Entry entry, const Writer& writer) const;

  /// checklist,item,country,version, the fields of a mark, and reply,reply_language,reply_to: what
  /// the state says, and to which version of the mark (0: to an earlier one). "" = of all.
  [[nodiscard]] Result<std::string> csv(std::string_view checklist) const;
  /// Checks every row by save()'s rules and compares; changes nothing. Whose a new or changed mark is:
  /// the coder's; a row that names somebody else fails with invalid_argument
  /// (followup.checklist.coder, params coder, file, line) unless the coder `names_coders`. A row without a mark takes
  /// out what is kept. What a row says of a reply is not read: states reply themselves.
  [[nodiscard]] Result<EntryImportPlan> plan(std::string_view bytes, std::string_view file_name,
                                             const ChecklistCoder& coder) const;
  /// One transaction. Fails with conflict (followup.entry.changes) where kept marks would change
  /// and `accept_changes` is false.
  [[nodiscard]] Result<void> apply(const EntryImportPlan& plan, const ChecklistCoder& coder,
                                   bool accept_changes) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
