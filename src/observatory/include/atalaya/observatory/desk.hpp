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
#include <atalaya/observatory/fact_store.hpp>
#include <atalaya/observatory/indicators.hpp>
#include <atalaya/observatory/mapping.hpp>
#include <atalaya/observatory/release.hpp>
#include <atalaya/observatory/table.hpp>
#include <atalaya/observatory/territories.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::observatory {

struct BoundarySet;  // boundaries.hpp

struct LoadOptions {
  std::string source;   // a-z 0-9 _: who sends the files
  std::string country;  // where the mapping names none; both are the same or the load fails
  std::string by = "command line";
  bool dry_run = false;
  bool accept_changes = false;  // load although LoadResult::lost is not empty
  bool accept_copies = false;   // load although an Overlap needs a word
  std::function<void(std::string_view file, std::uint64_t done, std::uint64_t total)> progress;
};

/// What counts now of one period, offence or first-level subdivision and has no successor in a load
/// that takes over its months, or a part of its months.
struct LostFacts {
  std::string dimension, code;  // "period" (also "2024-01-01/2024-01-07"), "iccs" or "territory"
  std::int64_t count = 0;       // the sum of its facts, rounded to whole ones
  std::int64_t months = 0;
};

/// Facts of a file that stand a second time, in another file of the load or in a submission of the
/// source that goes on counting beside it. Compared by content, not by bytes.
struct Overlap {
  enum class Kind {
    same,          // both hold the same facts
    within,        // all facts of one stand in the other
    partly,        // some do: a warning
    other_period,  // the same facts but for the period
    total,         // `other` (a period, an offence or a place) holds figures of its parts
    measure,       // another mapping of the source counts the same offence, months and places
  };
  Kind kind = Kind::partly;
  std::string file, other;      // as in LoadReport::files; within one load the smaller first.
                                // `other` of `total`: a code, "ICCS 0301"; of `measure`: a mapping
  std::int64_t submission = 0;  // of `other`; 0: of this load
  std::uint64_t facts = 0;      // in both; of `total` the rows of codes that have both

  [[nodiscard]] bool needs_word() const noexcept { return kind != Kind::partly; }
};

struct LoadResult {
  std::int64_t submission = 0;  // 0 after a dry run
  bool unchanged = false;       // these very files were loaded by this very mapping already
  std::optional<std::int64_t> follows;
  std::vector<LostFacts> lost;    // by dimension, then code
  std::vector<Overlap> overlaps;  // each is a finding of the report, too
  LoadReport report;
  std::vector<NewTerritory> territories;
};

struct Submission {
  std::int64_t id = 0;
  std::string source, source_kind, kind, country, title, mapping;
  std::int32_t mapping_version = 0;
  json::object titles;  // by language, where there are several; `title` is one of them
  std::string phase;
  bool synthetic = false;
  json::array files;   // {name, bytes, sha256}
  json::array breaks;  // {period, note}, and notes by language where there are several
  std::vector<std::string> months;
  std::string period_from, period_to;  // first day, day after the last
  json::object report;
  std::string segment, segment_sha256;
  std::int64_t segment_rows = 0;
  std::optional<std::int64_t> follows;
  std::string loaded_at, loaded_by;
};

struct DeskParts {
  store::Database* database = nullptr;
  ledger::Ledger* ledger = nullptr;
  const Clock* clock = nullptr;
  std::filesystem::path folder;      // the node's facts/: releases, and sets where `facts` is empty
  std::shared_ptr<FactStore> facts;  // default: segment files in `folder`
  std::string country;               // the node's own, or empty
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
  /// (observatory.load.no_facts, .source, .country, .two_countries, .covers, .same_file: a file is
  /// given twice) and
  /// conflict (observatory.mapping.version: this version was used with another text;
  /// observatory.load.lost, .same_figures, .held_figures, .other_period, .total_beside_parts,
  /// .counted_beside, .population_beside: figures stand in the files twice, or count already).
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

  /// `limit` of them by line, after the first `offset`; LoadReport::rejected is their number in
  /// all.
  [[nodiscard]] Result<std::vector<Reject>> rejects(std::int64_t submission, std::int64_t limit,
                                                    std::int64_t offset = 0) const;
  [[nodiscard]] Result<std::string> mapping_text(std::string_view id, std::int32_t version) const;

  /// Destroys a submission's facts by law and says why in the log; releases stand. Fails with
  /// unavailable (observatory.facts.not_destroyed) when they count no more but a server that does
  /// not answer may still hold them.
  [[nodiscard]] Result<void> erase(std::int64_t submission, std::string_view reason,
                                   std::string_view by);

  /// Fails with not_found (observatory.indicator, observatory.release.none: nothing published holds
  /// such a table), invalid_argument (observatory.query.dimension, .level, .code, .rate, .as_of,
  /// observatory.query.sources: several sources overlap, params name them).
  [[nodiscard]] Result<Table> table(const TableQuery& query) const;

  /// A release plan is TOML (docs/guides/release.md): tables, policy, decision.
  [[nodiscard]] Result<ReleasePreview> preview_release(std::string_view plan) const;
  /// Publishes when the audit is safe. Fails with conflict (observatory.release.unsafe,
  /// .exists, .agreement: a published one hides counts) and as preview_release() does.
  [[nodiscard]] Result<Release> publish_release(std::string_view plan, std::string_view by);
  [[nodiscard]] Result<std::vector<Release>> releases() const;  // newest first
  [[nodiscard]] Result<Release> release(std::string_view id) const;
  [[nodiscard]] Result<Table> release_table(std::string_view id, std::int32_t position) const;
  /// The columns of a released table, named after its dimensions, however many cells it has: what
  /// it may be asked for. Fails as release_table() does.
  [[nodiscard]] Result<std::shared_ptr<const FactSet>> release_columns(std::string_view id,
                                                                       std::int32_t position) const;
  /// What it says otherwise than earlier releases, table by table, and why. Fails as release().
  [[nodiscard]] Result<std::vector<TableChange>> release_changes(std::string_view id) const;
  /// The number of its leaf in the node's log; absent where the log no longer holds it.
  [[nodiscard]] Result<std::optional<std::uint64_t>> release_leaf(std::string_view id) const;

  /// Keeps shapes for maps, in one transaction with a ledger leaf; the newest of a country and
  /// level count.
  [[nodiscard]] Result<void> store_boundaries(const BoundarySet& set, std::string_view by);
  /// Null where nobody brought any; of (AMERICAS, country) the shipped ones. Kept in memory.
  [[nodiscard]] Result<std::shared_ptr<const BoundarySet>> boundaries(std::string_view country,
                                                                      std::string_view level) const;

  [[nodiscard]] Result<std::shared_ptr<const Territories>> territories() const;
  [[nodiscard]] const Indicators& indicators() const noexcept;
  [[nodiscard]] const Codelists& codelists() const noexcept;
  /// What the desk was opened with, for the desk's other functions (linkage_desk.hpp, …).
  [[nodiscard]] const DeskParts& parts() const noexcept;

  /// What `doctor` looks at: FactStore::check() of everything that is named.
  [[nodiscard]] Result<std::vector<std::string>> check() const;
  /// Every set of facts and every table of a release in use, for backups.
  [[nodiscard]] Result<std::vector<std::string>> files_in_use() const;
  /// One of them as a segment file, its SHA-256 compared with the store's: the node's own, or a
  /// copy made in `folder`. Fails with data_loss (observatory.facts.mismatch).
  [[nodiscard]] Result<std::filesystem::path> facts_file(const std::string& name,
                                                         const std::filesystem::path& folder) const;
  /// Moves every set of facts to the cluster or back into the folder; answers how many moved. One
  /// at a time, each whole: may be interrupted and run again.
  [[nodiscard]] Result<std::int64_t> move_facts(FactStore::Place to);

  struct State;  // of the desk's own sources

 private:
  explicit Desk(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::observatory
