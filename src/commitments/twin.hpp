#pragma once
// Recognising a page, or a part of one, as another language's version of what is held.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <atalaya/commitments/parse.hpp>
#include <atalaya/store/database.hpp>

#include "twin_words.hpp"

namespace atalaya::commitments {

/// The same sentence in two languages shares this much (cognate_likeness) in 99 of 100 cases of our
/// own summaries in four languages, two others of them in one of eight.
inline constexpr double kTranslatedLikenessMin = 0.12;

struct TwinItem {
  std::string commitment, text;
  std::int32_t level = 1;
  std::string meeting;
};

/// A page in the words of one language, held or earlier in the command.
struct TwinPage {
  std::string source, file_name;
  Language language = Language::en;
  DocumentKind kind = DocumentKind::unknown;
  std::string theme, title, meeting;
  std::string shape;                 // of pages of the command; the store is asked for the others
  std::vector<TwinItem> items = {};  // likewise
};

/// An item beside the one in another language that it seems to be, or that has its place, but that
/// was not joined with it.
struct OddItem {
  std::size_t item = 0;
  std::string commitment, text;
  Disagreement differs = {};  // where that is why
};

struct Twin {
  std::string source, file_name;         // empty when there is none
  std::vector<std::string> commitments;  // one per item; empty where none is joined
  std::vector<std::string> texts;        // beside `commitments`, in the language of that page
  std::vector<OddItem> odd = {};
  std::vector<TwinItem> missing = {};   // of the other page, neither joined nor odd
  std::vector<std::size_t> alone = {};  // items that nothing of the other page is beside
  Language language = Language::en;     // of `texts`
  bool same_document = false;           // by kind, meeting or theme; else only items agree
  double likeness = 0, likeness_of_others = 0;
};

/// What the items of a document are already, by words of their own language; empty where not.
using KnownItems = std::vector<std::string>;

/// All that is held, by what survives a translation: numbers, names, cognates, notions. Reads the
/// store when it is first asked, in one pass; a question costs the same however much is held, as
/// features that more than a thousand items have are not followed. One thread at a time.
class TwinIndex {
 public:
  explicit TwinIndex(store::Transaction& tx);
  TwinIndex(const TwinIndex&) = delete;
  TwinIndex& operator=(const TwinIndex&) = delete;
  ~TwinIndex();

  /// A page of the same command, to be found by those after it; it replaces `follows`.
  [[nodiscard]] Result<void> add(TwinPage page, const std::string& follows);

  /// The page, held or earlier in the command, that the document is another language's version of,
  /// and which items are one commitment beyond doubt: they stand in one order, level and meeting,
  /// read more alike than others around them and disagree in no number and no negation. A page with
  /// anything odd, missing or alone must not be joined unasked. There is one where everything
  /// joins, where kind and meeting or theme are the same and that page lacks the language, or where
  /// more items read alike than pages of other matters have by chance.
  [[nodiscard]] Result<Twin> find(const ParsedDocument& document, const KnownItems& known);

  /// The same levels and meetings in the same order, one commitment per place whatever the words
  /// there; for newer versions of pages that were joined.
  [[nodiscard]] Result<Twin> find_by_place(const ParsedDocument& document);

  /// Of the items that are not known: those that seem to be commitments which the language lacks;
  /// none where no more of them do than by chance.
  [[nodiscard]] Result<std::vector<OddItem>> suggest(const ParsedDocument& document,
                                                     const KnownItems& known);

  /// The commitments of the items whose very words are held in the same language, also those of a
  /// page that was joined with one in another; `ids` are the items' names.
  [[nodiscard]] Result<KnownItems> by_words(const ParsedDocument& document,
                                            const std::vector<std::string>& ids);
  /// Says that the item with this name is `commitment`, for the files after it in the command.
  void name(Language language, const std::string& id, const std::string& commitment);

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

/// Equal for two documents whose items have the same levels and meetings in the same order.
[[nodiscard]] std::string shape_of(const ParsedDocument& document);

/// Likeness of two texts in different Romance or English languages, 0…1: shared numbers, acronyms,
/// notions of a short list and five-letter word beginnings. Exposed for tests.
[[nodiscard]] double cognate_likeness(std::string_view a, std::string_view b);

}  // namespace atalaya::commitments
