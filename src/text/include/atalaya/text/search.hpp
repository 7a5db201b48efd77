#pragma once
// Full-text search in four languages: one index per language, kept beside the store and rebuilt
// from it at any time. The index follows a change feed: every apply() commits the changes and the
// feed's position together, so that after a crash position() says where to go on.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>

namespace atalaya::text {

inline constexpr std::size_t kQueryBytesMax = 500;
inline constexpr std::size_t kQueryTermsMax = 32;
inline constexpr std::size_t kHitsMax = 100;
inline constexpr std::size_t kHitOffsetMax = 10'000;
inline constexpr std::size_t kFacetMatchesMax = 20'000;
inline constexpr std::size_t kIndexedBytesMax = 1 << 20;  // of title + summary + body
inline constexpr std::size_t kSnippetBytes = 220;

using Facet = std::pair<std::string, std::string>;  // {"year", "1998"}

/// One text in one language. The same id may stand in several languages, once in each.
struct SearchDocument {
  std::string id;    // 1..200 bytes; found exactly (whatever its case) when it is the query's word
  std::string kind;  // what its ids name, as a filter: "commitment"
  Language language = Language::en;
  std::string title;    // weighs five times the body
  std::string summary;  // twice
  std::string body;
  /// Where the body is in another language than `language`; the document must then be applied in
  /// that language too. Here its names and numbers find the document; its other words do when a
  /// query finds little else. No word of it corrects a query.
  std::optional<Language> body_language;
  std::vector<Facet> facets;  // several values per name are fine; `kind` is added by itself
  double boost = 1;           // 1..100: lifts the document among equals
  std::string extra;          // stored and given back untouched
};

/// The document leaves the index of one language, or of all.
struct SearchRemoval {
  std::string id;
  std::optional<Language> language;
};

using SearchChange = std::variant<SearchDocument, SearchRemoval>;

/// A piece of text to show; `hit` marks a word that the query asked for. Joined in order the
/// pieces are the text. Well-formed UTF-8, not escaped for HTML: that is the caller's.
struct Piece {
  std::string text;
  bool hit = false;
};

struct SearchQuery {
  /// Words as people type them. "in quotes" a phrase (function words in it stand for any
  /// word or none); -word leaves out; anything else is taken for words, never for syntax. Only the
  /// first kQueryBytesMax bytes and kQueryTermsMax words count. Empty: every document that the
  /// filters let through.
  std::string text;
  Language language = Language::en;
  std::size_t limit = 20;           // 1..kHitsMax; others are moved into the range
  std::size_t offset = 0;           // 0..kHitOffsetMax
  std::vector<Facet> filters;       // any of the values of one name, and all of the names
  std::vector<std::string> facets;  // names to count
  bool prefix_last = false;         // the last word may be unfinished (search as you type)
  bool every_word = false;          // nothing that has some of the words only
};

struct SearchHit {
  std::string id;
  std::string kind;
  double score = 0;  // comparable in one answer, among hits with the same matched_all
  std::string plain_title;
  std::vector<Piece> title;
  std::vector<Piece> snippet;  // about kSnippetBytes of summary and body; "…" where cut
  std::string extra;
  bool matched_all = true;  // false: found by some of the words only
};

/// Counts, largest first. Those of a facet that is filtered ignore its own filter, so that a
/// reader sees what else could be chosen.
using FacetCounts = std::vector<std::pair<std::string, std::size_t>>;

struct SearchResults {
  std::size_t total = 0;    // an estimate unless total_exact
  bool total_exact = true;  // always true up to 1,000 matches
  std::vector<SearchHit> hits;
  std::map<std::string, FacetCounts, std::less<>> facets;
  bool facets_capped = false;    // counted over the first kFacetMatchesMax matches only
  std::string corrected;         // the query that was run instead, when a word was unknown
  bool used_fallback = false;    // under five had all words: those with some follow
  bool only_stop_words = false;  // nothing to look for ("de la"): no hits
};

/// All functions may be called by any thread. Readers never wait for the writer. Only one process
/// may write; others may read the same folder.
class SearchIndex {
 public:
  /// Opens or creates `dir`/<language>/. A damaged, cut or older-format index is emptied: its
  /// position is then 0. Fails with unavailable (text.index.locked: another process writes and the
  /// index needs repair; text.index.open: folder not writable).
  [[nodiscard]] static Result<std::unique_ptr<SearchIndex>> open(const std::filesystem::path& dir);

  SearchIndex(const SearchIndex&) = delete;
  SearchIndex& operator=(const SearchIndex&) = delete;
  virtual ~SearchIndex() = default;

  /// Applies the changes in their order and sets the position, durably, language by language. A
  /// crash in between leaves some languages at the earlier position, which position() then tells;
  /// applying the same changes again is harmless. Fails with invalid_argument
  /// (text.index.document: id, facet or text out of bounds; nothing is changed), unavailable
  /// (text.index.locked, text.index.write: disk full …), data_loss (text.index.damaged: the
  /// index was emptied, go on from position 0).
  [[nodiscard]] virtual Result<void> apply(std::span<const SearchChange> changes,
                                           std::int64_t position) = 0;

  /// The position up to which every language is applied; 0 for an empty index.
  [[nodiscard]] virtual std::int64_t position() const = 0;

  /// Documents in one language.
  [[nodiscard]] virtual std::size_t size(Language language) const = 0;

  /// Empties every language and sets position 0, for a rebuild. Fails as apply() does.
  [[nodiscard]] virtual Result<void> reset() = 0;

  /// Fails with unavailable (text.index.busy: it was rewritten five times while being read) or
  /// data_loss (text.index.damaged: the next apply() empties the index). No query text fails.
  [[nodiscard]] virtual Result<SearchResults> search(const SearchQuery& query) const = 0;

  /// Reads every block of every language (seconds for 300,000 documents). Fails with data_loss
  /// (text.index.damaged), naming the language; for `doctor`.
  [[nodiscard]] virtual Result<void> verify() const = 0;

 protected:
  SearchIndex() = default;
};

/// `text` in pieces, the words of `query` marked (as search() does for titles).
[[nodiscard]] std::vector<Piece> highlight(std::string_view text, std::string_view query,
                                           Language language);

}  // namespace atalaya::text
