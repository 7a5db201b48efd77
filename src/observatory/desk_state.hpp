#pragma once
// What the desk's parts share.

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <atalaya/observatory/desk.hpp>

#include "fact_files.hpp"

namespace atalaya::observatory {

struct Desk::State {
  DeskParts parts;

  mutable std::mutex mutex;
  mutable std::shared_ptr<const Territories> territories;
  mutable std::int64_t territories_as_of = -1;  // number of submissions when they were read
  mutable std::map<std::string, std::pair<std::int64_t, std::shared_ptr<const BoundarySet>>>
      boundaries;  // by country and level, with the id of the row

  /// A set of facts, or a table of a release. Fails as FactStore::open() does.
  [[nodiscard]] Result<std::shared_ptr<const FactSet>> segment(const std::string& file) const {
    return parts.facts->open(file);
  }

  [[nodiscard]] Result<std::shared_ptr<const Territories>> read_territories(
      store::Transaction& tx) const;
};

namespace detail {

[[nodiscard]] Result<std::vector<Submission>> read_submissions(store::Transaction& tx);

/// A submission and the months of it that a later one of the same series took over.
struct Current {
  Submission submission;
  std::set<std::string> replaced;
  /// The territories that its source speaks of as wholes, as find_coverage() filled it; empty: no
  /// bounds are known.
  std::vector<std::string> covers = {};
};

/// Did a stored moment come after `as_of`, a day (its end) or a moment? Empty: it did not.
[[nodiscard]] bool is_after(std::string_view moment, std::string_view as_of);

/// What counted at `as_of` (empty: now), without what was erased.
[[nodiscard]] std::vector<Current> current(std::vector<Submission> all, std::string_view kind,
                                           std::string_view as_of);

/// Months of a submission that have a fact, ascending; empty where an earlier version loaded it.
[[nodiscard]] std::vector<std::string> months_with_facts(const Submission& submission);

/// The first month of a period code: "2023-04" of 2023-04-17, "2023-01" of 2023; of a week that of
/// its Thursday.
[[nodiscard]] std::string first_month(std::string_view period);

/// Whether a later submission took over a month of which a fact of this period speaks.
[[nodiscard]] bool is_replaced(const std::set<std::string>& months, std::string_view period);

using WrittenSegment = WrittenFacts;

struct InputFile {
  std::string name, sha256;
  std::uint64_t bytes = 0;
};

/// What the facts of some rows add up to, whatever their order.
struct ContentSum {
  std::uint64_t facts = 0, first = 0, second = 0;

  bool operator==(const ContentSum&) const = default;
};

/// The facts of one file that are not zero. What a file's form cannot change makes them: codes and
/// values, without those that are unknown and without status.
struct FileContent {
  std::string file;  // as in LoadReport::files
  ContentSum all, without_period;
  std::map<std::string, ContentSum> months;  // by the first month of the period
};

/// A load that is ready to be named in the store.
struct Prepared {
  const Mapping* mapping = nullptr;
  std::string source, by, country, content;
  std::vector<InputFile> files;
  std::vector<FileContent> contents;
  WrittenSegment segment;  // filled by store_submission()
  bool zeros = false;      // likewise: whether any fact is zero
  json::object time;       // likewise: note_time() of load_periods.hpp
};

/// Fails with nothing left behind; fills result.submission and result.follows.
[[nodiscard]] Result<void> store_submission(const Desk::State& state, Prepared& prepared,
                                            Facts facts, LoadResult& result);

struct CoveredBy;  // desk_coverage.hpp

[[nodiscard]] Result<Table> draft_table(const Desk::State& state, store::Transaction& tx,
                                        const TableQuery& query);
/// Facts of these submissions added up by dimensions at levels; `_T` codes of a source left out.
using AddedFacts = std::map<std::vector<std::string>, double>;
[[nodiscard]] Result<AddedFacts> add_facts(const Desk::State& state, const Territories& territories,
                                           const std::vector<Current>& submissions,
                                           const std::vector<TableDimension>& by);
/// Whether facts are chosen by this dimension.
[[nodiscard]] bool names_dimension(const FactFilter& filter, std::string_view name);
/// The code that a table of this level shows for a code of a fact.
[[nodiscard]] Result<std::string> place_code(const Territories& territories,
                                             const TableDimension& dimension,
                                             std::string_view code);

/// Fills the cells' populations from one source, and notes what was done to it. `days`: of stocks,
/// the year of each cell's day.
[[nodiscard]] Result<void> add_population(const Desk::State& state, const Territories& territories,
                                          std::vector<Submission> all,
                                          const std::vector<Current>& chosen,
                                          const CoveredBy& coverage,
                                          const std::map<std::vector<std::string>, std::int32_t>& days,
                                          Table& table);
/// The rate or share of a cell that has a count, with its interval; marks the unstable and those
/// without a denominator. Released cells are given back theirs by the same rule.
[[nodiscard]] Result<void> fill_rate(Cell& cell, const Indicator& indicator);

/// Each table of `after` against the newest of `older`, newest first, that has the same one.
/// `tables` are those of `after`, in its order; null: as published.
[[nodiscard]] Result<std::vector<TableChange>> changes_against(const Desk& desk,
                                                               const std::vector<Release>& older,
                                                               const Release& after,
                                                               const std::vector<Table>* tables);

/// Makes the cells of those rows of one block that `rows` marks: codes, count, rate and status, as
/// release_table() does, but nothing that other cells decide.
[[nodiscard]] Result<void> read_block(const FactSet& set, std::uint64_t block,
                                      const std::vector<std::uint8_t>& rows, Table& table);

/// From the newest release that holds such a table, as the query says.
[[nodiscard]] Result<Table> released_table(const Desk& desk, const TableQuery& query);
/// Fails with invalid_argument (observatory.query.*) when a query cannot be meant.
[[nodiscard]] Result<void> check_query(const Desk::State& state, const TableQuery& query);

[[nodiscard]] json::object query_json(const TableQuery& query);
[[nodiscard]] Result<TableQuery> query_from_json(const json::object& object);
/// Of a released table, and where its plan named no source, those that it rested on ("a@b").
[[nodiscard]] Result<TableQuery> query_with_sources(const json::object& entry);

}  // namespace detail
}  // namespace atalaya::observatory
