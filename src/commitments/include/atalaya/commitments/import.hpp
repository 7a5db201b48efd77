#pragma once
// Official documents into the desk: read, show the plan, apply all of it or nothing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <atalaya/commitments/desk.hpp>

namespace atalaya::commitments {

/// Of one item, recital or paragraph of guidance. The longest of the official documents has some
/// 3 KiB; a longer one than this is a list whose numbers were not read.
inline constexpr std::size_t kItemBytesMax = 256UL * 1024;

struct InputFile {
  std::string name;   // base name, shown in messages and kept
  std::string bytes;
};

struct ItemPlan {
  std::int32_t ordinal = 0;
  std::string commitment;
  enum class Change { added, joined, unchanged, text_differs } change = Change::added;
  bool analysed = false;  // its clauses were read from an earlier text
  std::string new_words;  // the id that its words alone would have, where it is another's
  bool kept = false;      // nobody said so: other current pages hold the old words (see Rewording)
  bool listed = false;    // the commitment has a row already, from the catalogue or an import
  bool by_place = false;  // nobody said so: it stands where the catalogue has the commitment
  bool themed = false;    // it gets the themes that the page's title names
};

/// An item beside the words that the version before has, or seems to have, in its place.
struct Rewording {
  enum class Kind {
    mended,     // the same commitment: only blanks, marks or accents differ
    joined,     // the same commitment: another page still has the old words, or a page in another
                // language has it in this place; counted once, unless ImportOptions::apart says no
    said,       // the same commitment, because somebody said so
    suggested,  // perhaps the same: a person must say so, else it is a new one
  };
  Kind kind = Kind::suggested;
  std::int32_t ordinal = 0;
  std::string commitment;  // the id of the item's words
  std::string earlier;     // the commitment of the words before
  std::string before, after;
  double likeness = 0;  // of words, 0…1
  bool across = false;  // `before` is in another language: found by its place alone
};

/// "The item that would be `later` is the commitment `earlier` in new words."
struct SameWords {
  std::string earlier, later;
};

struct FilePlan {
  std::string file_name;
  std::string id;  // SHA-256 of the bytes
  ParsedDocument document;
  std::string format;
  bool known = false;       // these very bytes are held already
  bool again = false;       // they are, as an older version, which this makes the newest one again
  bool reread = false;      // they are; the items get the meeting and year that are read now
  std::string follows;      // the newest held version of the same page
  std::string twin_of;      // the page in another language that this one was joined with
  std::string standing;     // official | translation
  std::vector<ItemPlan> items;
  std::int32_t duplicates = 0;  // items that stand on an earlier page too
  std::int32_t added = 0, unchanged = 0;
  std::vector<std::string> gone;  // commitments of the followed version that this one lacks
  std::vector<std::string> gone_texts;  // beside `gone`
  std::int32_t gone_elsewhere = 0;  // of `gone`: still on another current page, and counted
  std::vector<Rewording> rewordings;    // in the order of the items
  std::vector<std::string> themes;  // that the page's title names
  std::int32_t unthemed = 0;  // items of which nobody says what they are about, the title neither
  bool needs_acceptance = false;  // so much would change that a person must say yes (see warnings)

  /// Whether the document, with its items, stands in the store already.
  [[nodiscard]] bool is_held() const { return known || reread; }
};

struct ImportPlan {
  std::vector<FilePlan> files;
  std::vector<std::string> bytes;  // beside `files`
  std::int64_t based_on = 0;       // the desk's version
};

struct ImportOptions {
  std::string by = "command line";
  bool translation = false;  // the texts are a translation, not an official version
  bool incomplete = false;   // accept a file whose last item ends in the middle of a sentence
  /// Give the items of files that an older version of the program imported the meeting and year
  /// that this one reads; their old ids lead to the new ones.
  bool read_again = false;
  bool accept_changes = false;  // apply plans whose files need acceptance
  std::vector<SameWords> same;  // said by whoever looked at the review
  std::vector<std::string> apart;  // ids of items that are commitments of their own, said likewise
  std::string same_reason = "the same commitment in new words, seen in the import review";
};

class Importer {
 public:
  explicit Importer(Desk& desk) : desk_(desk) {}

  /// Reads and compares; changes nothing. Fails on the first file that cannot be read, naming it,
  /// with invalid_argument (commitments.import.long_item) for an item over kItemBytesMax, and with
  /// invalid_argument (commitments.import.same) where `same` names no new item of the files or no
  /// commitment that is held, or where `apart` names no item that would be another's new words.
  [[nodiscard]] Result<ImportPlan> plan(std::vector<InputFile> files, const ImportOptions& options);

  /// One transaction for all files: items, texts, clauses, ledger leaves, change feed. A file that
  /// is known changes nothing, not even the ledger; one that is held as an older version becomes the
  /// newest one of its page again. Fails with conflict
  /// (commitments.import.stale) when the desk changed since plan(), and with conflict
  /// (commitments.import.changes) when a file needs acceptance and the options do not give it.
  [[nodiscard]] Result<void> apply(const ImportPlan& plan, const ImportOptions& options);

  /// {file, kind, items, level_1, level_2, level_3 (and below), citations_printed, citations_inferred, duplicates, new,
  /// unchanged, warnings[], …} of one file.
  [[nodiscard]] static json::object summary(const FilePlan& plan);

  /// The old and the new words of one file's items, and what the version before has alone:
  /// {reworded: [{kind, ordinal, line, commitment, earlier, before, after, likeness, across, words: [{same |
  /// removed | added: text}]}], gone_items: [{commitment, text}]}.
  [[nodiscard]] static json::object rewordings(const FilePlan& plan);

 private:
  Desk& desk_;
};

}  // namespace atalaya::commitments
