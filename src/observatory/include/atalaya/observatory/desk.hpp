#pragma once
// The observatory's desk: submissions in, tables out, releases in between.
//
// Facts lie in segment files (`folder`, docs/formats/segment.md), everything else in the store. A
// figure is made from submissions; a published one from a release, which is frozen.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/ledger/ledger.hpp>
#include <atalaya/observatory/indicators.hpp>
#include <atalaya/observatory/mapping.hpp>
#include <atalaya/observatory/territories.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::observatory {

struct LoadOptions {
  std::string source;   // a-z 0-9 _: who sends the files
  std::string country;  // overrides the mapping's
  std::string by = "command line";
  bool dry_run = false;
  std::function<void(std::string_view file, std::uint64_t done, std::uint64_t total)> progress;
};

struct LoadResult {
  std::int64_t submission = 0;  // 0 after a dry run
  bool unchanged = false;       // these very files were loaded by this very mapping already
  std::optional<std::int64_t> follows;
  LoadReport report;
  std::vector<NewTerritory> territories;
};

struct Submission {
  std::int64_t id = 0;
  std::string source, source_kind, kind, country, title, mapping;
  std::int32_t mapping_version = 0;
  std::string phase;
  bool synthetic = false;
  json::array files;  // {name, bytes, sha256}
  json::array breaks; // {period, note}
  std::vector<std::string> months;
  std::string period_from, period_to;  // first day, day after the last
  json::object report;
  std::string segment, segment_sha256;
  std::int64_t segment_rows = 0;
  std::optional<std::int64_t> follows;
  std::string loaded_at, loaded_by;
};

/// One dimension that a table is broken down by; `level` empty: codes as they are.
struct TableDimension {
  std::string name, level;  // name may be "source"
};

struct TableQuery {
  std::string indicator;
  std::vector<TableDimension> by;
  std::vector<std::pair<std::string, std::vector<std::string>>> where;  // codes, all below included
  std::string source;      // needed where sources overlap and "source" is not in `by`
  std::string population;  // source of the denominator; empty: national office, else WPP
  std::string release;     // id; empty: the newest that holds such a table
  std::string as_of;       // date: as it stood then
  bool draft = false;      // from submissions, not from a release; never for the public
};

/// What a cell is, beside its number. The wire value is the enumerator's name.
enum class CellStatus {
  normal,
  provisional,
  estimated,
  masked,          // the source itself hid it: count is the lower bound
  unstable,        // fewer than 10 events: the rate says little; the count stays
  suppressed,      // hidden so that nobody can be recognised
  no_denominator,  // no population is held for it
};
[[nodiscard]] std::string_view to_string(CellStatus status) noexcept;

struct Cell {
  std::vector<std::string> codes;  // in the order of Table::by; _T where totalled
  std::optional<double> count;     // none when suppressed
  std::optional<double> count_high;  // upper bound of masked values
  std::optional<double> population;  // persons, or the denominator's facts; person-years over years
  std::optional<double> rate, rate_low, rate_high;  // per Indicator::scale; 95 %, chance only
  CellStatus status = CellStatus::normal;
};

struct Table {
  const Indicator* indicator = nullptr;
  TableQuery query;
  std::vector<TableDimension> by;
  std::vector<Cell> cells;  // ascending by codes
  std::vector<std::int64_t> submissions, populations;  // what it rests on
  std::string population_source, population_title;
  std::string release, released_at;  // empty for a draft
  bool synthetic = false;
  std::vector<std::string> notes;    // keys of messages: "observatory.note.exposure_months", …
  json::array breaks;                // {source, period, note}
  std::uint64_t left_out = 0;        // facts of this indicator that `where` could not place
};

struct Release {
  std::string id, name, plan, published_at, published_by;
  json::object decision, policy, audit;
  json::array submissions;
  bool synthetic = false;
  struct Entry {
    std::int32_t position = 0;
    std::string indicator;
    json::object query;
    json::array notes;
    std::string segment, segment_sha256;
    std::int64_t cells = 0, suppressed = 0;
  };
  std::vector<Entry> tables;
};

/// What publishing would do. `safe` is false when the audit found a leak: then nothing can be
/// published.
struct ReleasePreview {
  bool safe = false;
  json::object audit;  // tables[]: cells, primary, secondary, published; leaks[]: explained
  std::vector<Table> tables;
};

struct DeskParts {
  store::Database* database = nullptr;
  ledger::Ledger* ledger = nullptr;
  const Clock* clock = nullptr;
  std::filesystem::path folder;  // the node's facts/
  std::string country;           // the node's own, or empty
  std::shared_ptr<const Codelists> codelists;    // default: embedded
  std::shared_ptr<const Indicators> indicators;  // default: embedded
};

/// Every member may be called by any thread; each works on one snapshot.
class Desk {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Desk>> open(DeskParts parts);
  ~Desk();

  /// Reads, maps and, unless it is a dry run, stores: a segment file, then one transaction with the
  /// submission and its ledger leaf. Rejected rows are left out and reported. On failure nothing is
  /// left behind. Fails as read_table() and Mapper::add() do; with invalid_argument
  /// (observatory.load.no_facts, .source, .country) and conflict (observatory.mapping.version: this
  /// version was used with another text).
  [[nodiscard]] Result<LoadResult> load(const Mapping& mapping,
                                        const std::vector<std::filesystem::path>& files,
                                        const LoadOptions& options);

  /// Figures that the program ships (WPP populations, homicides by country), as submissions of
  /// their own. Does nothing when they are there already.
  [[nodiscard]] Result<void> load_catalogue();

  /// Every submission, oldest first; those that others follow included.
  [[nodiscard]] Result<std::vector<Submission>> submissions() const;
  [[nodiscard]] Result<Submission> submission(std::int64_t id) const;
  [[nodiscard]] Result<std::vector<Finding>> findings(std::int64_t submission) const;
  struct Reject {
    std::string file, column, value, reason, detail;
    std::uint64_t line = 0;
  };
  /// The first `limit` by line; LoadReport::rejected is their number in all.
  [[nodiscard]] Result<std::vector<Reject>> rejects(std::int64_t submission,
                                                    std::int64_t limit) const;
  [[nodiscard]] Result<std::string> mapping_text(std::string_view id, std::int32_t version) const;

  /// Destroys a submission's facts by law and says why in the log; releases stand.
  [[nodiscard]] Result<void> erase(std::int64_t submission, std::string_view reason,
                                   std::string_view by);

  /// Fails with not_found (observatory.indicator, observatory.release.none: nothing published holds
  /// such a table), invalid_argument (observatory.query.dimension, .level, .code,
  /// observatory.query.sources: several sources overlap, params name them).
  [[nodiscard]] Result<Table> table(const TableQuery& query) const;

  /// A release plan is TOML (docs/guides/release.md): tables, policy, decision.
  [[nodiscard]] Result<ReleasePreview> preview_release(std::string_view plan) const;
  /// Publishes when the audit is safe. Fails with conflict (observatory.release.unsafe,
  /// observatory.release.exists) and as preview_release() does.
  [[nodiscard]] Result<Release> publish_release(std::string_view plan, std::string_view by);
  [[nodiscard]] Result<std::vector<Release>> releases() const;  // newest first
  [[nodiscard]] Result<Release> release(std::string_view id) const;
  [[nodiscard]] Result<Table> release_table(std::string_view id, std::int32_t position) const;

  [[nodiscard]] Result<std::shared_ptr<const Territories>> territories() const;
  [[nodiscard]] const Indicators& indicators() const noexcept;
  [[nodiscard]] const Codelists& codelists() const noexcept;
  /// What the desk was opened with, for the desk's other functions (linkage_desk.hpp, …).
  [[nodiscard]] const DeskParts& parts() const noexcept;

  /// What `doctor` looks at: every segment there, of the right length and hash; files that belong
  /// to nothing are removed. Answers what is wrong, one line each.
  [[nodiscard]] Result<std::vector<std::string>> check() const;
  /// Every segment file in use, for backups.
  [[nodiscard]] Result<std::vector<std::string>> files_in_use() const;

  struct State;  // of the desk's own sources

 private:
  explicit Desk(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// "territory:admin1,period:year,sex" and "territory=COL,period=2023|2024".
[[nodiscard]] Result<std::vector<TableDimension>> parse_by(std::string_view text);
[[nodiscard]] Result<std::vector<std::pair<std::string, std::vector<std::string>>>> parse_where(
    std::string_view text);

/// The dimensions (with a name beside each code), count, population, rate, rate_low, rate_high,
/// status. JSON adds where it comes from.
[[nodiscard]] std::string table_csv(const Table& table, const Territories& territories,
                                    Language language);
[[nodiscard]] json::object table_json(const Table& table, const Territories& territories,
                                      Language language);

}  // namespace atalaya::observatory
