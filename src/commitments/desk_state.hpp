#pragma once
// What the parts of the desk share. Private to the module.

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/base/guarded.hpp>
#include <atalaya/commitments/desk.hpp>
#include <atalaya/commitments/lineage.hpp>
#include <atalaya/text/search.hpp>

namespace atalaya::commitments {

struct CachedOverview {
  std::int64_t version = -1;
  Overview overview;
};

struct CachedLineage {
  std::int64_t version = -1;
  std::shared_ptr<const LineageIndex> index;
};

struct SourceCount {
  std::int32_t lines = 0, items = 0, level_1 = 0;
};

using SourceCounts = std::map<std::string, SourceCount, std::less<>>;  // by the document's id

/// What the search index still lacks behind feed position `from`: `read` changes up to `to`, and the
/// documents as they stood then; `end` was the end of the feed.
struct IndexBatch {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::int64_t end = 0;
  std::int64_t read = 0;
  std::vector<text::SearchChange> changes;
};

struct Desk::State {
  DeskParts parts;
  std::atomic<std::int64_t> version{1};
  std::atomic<std::int64_t> counters_seen{0};  // sum of the counters, which every write moves
  mutable Guarded<CachedOverview> overview;
  mutable Guarded<CachedLineage> lineage;
  mutable Guarded<SourceCounts> source_counts;
  std::mutex following;   // one thread follows at a time
  IndexBatch read_ahead;  // under `following`; dropped where the index stands elsewhere
  bool writes = false;    // under `following`: the index took changes; another process may hold it

  [[nodiscard]] Result<void> sync_catalogue();
  /// The reasons with which the ranking that somebody looked at last proposed the pair, either way:
  /// [{kind, detail}]; empty where it did not, or nobody looked.
  [[nodiscard]] json::array why_suggested(std::string_view later, std::string_view earlier) const;
};

namespace detail {

/// Grows "WHERE a AND b" with its parameters; `$n` numbers follow from the parameters so far.
class Where {
 public:
  void add(std::string condition) {
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    sql_ += condition;
  }

  [[nodiscard]] std::string parameter(store::Value value);
  /// "$4,$5,$6"
  [[nodiscard]] std::string list(const std::vector<std::string>& values);
  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }
  [[nodiscard]] const store::Parameters& parameters() const noexcept { return parameters_; }

 private:
  std::string sql_;
  store::Parameters parameters_;
};

/// Fills title, summary, title_language and text_start of rows.
[[nodiscard]] Result<void> decorate(store::Transaction& tx, const Catalogue& catalogue,
                                    Language language, std::vector<CommitmentRow*> rows);
[[nodiscard]] Result<std::vector<CommitmentRow>> rows_of(store::Transaction& tx,
                                                         const Catalogue& catalogue,
                                                         Language language,
                                                         const std::vector<std::string>& ids);
/// Next value of a counter, under its row's lock, so that positions have no gaps.
[[nodiscard]] Result<std::int64_t> advance_counter(store::Transaction& tx, std::string_view name,
                                                   std::int64_t by);
/// `kind` is commitment, or source: a document, for the texts beside its commitments.
[[nodiscard]] Result<void> feed(store::Transaction& tx, const std::vector<std::string>& ids,
                                std::string_view kind = "commitment");
[[nodiscard]] CommitmentRow row_from(const store::Row& row, std::size_t first);
/// The columns that row_from() reads, of table alias c.
inline constexpr std::string_view kRowColumns =
    "c.id, c.meeting, c.document, c.year, c.role, c.theme, c.actionable, c.held";
[[nodiscard]] ParsedItem item_from(const store::Row& row, std::size_t first);
inline constexpr std::string_view kItemColumns =
    "a.ordinal, a.level, a.parent_ordinal, a.role, a.label, a.block, a.line, a.line_end, a.text, "
    "a.citation_raw, a.citation_document, a.citation_place, a.citation_year, a.citation_status, "
    "a.effective_document, a.effective_place, a.effective_country, a.effective_year, "
    "a.effective_meeting";
inline constexpr std::size_t kItemColumnCount = 19;
/// The catalogue's titles of a commitment, as versions 0.
[[nodiscard]] std::vector<TitleVersion> catalogue_titles(const Catalogue& catalogue,
                                                         std::string_view id);

using Views = std::map<std::string, CommitmentView, std::less<>>;  // by id

struct KnownSource {
  std::string file_name, title, theme, language, imported_at;
  std::int64_t position = 0;
  bool newest = true;  // no later version of its page is held
};

using KnownSources = std::map<std::string, KnownSource, std::less<>>;  // by the document's id

enum class Lines { wanted, not_wanted };  // the lines of the documents around each appearance

/// Fills the views of the ids that are its keys, with one query for each table: all but titles,
/// the lines around appearances, children and neighbours; of parents and antecedents' other ends
/// only the id (and the year). An id without a row keeps an empty view. Documents that are not in
/// `sources` yet are added to it: keep it from one call to the next.
[[nodiscard]] Result<void> read_many(store::Transaction& tx, Views& views, KnownSources& sources);
/// The payload is canonical JSON; it stays in the node and can be erased.
[[nodiscard]] ledger::Event event(std::string_view kind, std::string_view subject,
                                  const json::object& payload);
/// Whether a text has characters that are not seen, or that turn the order of what is read around
/// (Unicode bidi controls): what people write here must be what it looks like.
[[nodiscard]] bool has_controls(std::string_view text);
[[nodiscard]] std::string series_of(const Catalogue& catalogue, std::string_view meeting);

}  // namespace detail
}  // namespace atalaya::commitments
