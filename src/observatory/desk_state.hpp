#pragma once
// What the desk's parts share.

#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include <atalaya/columns/segment.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::observatory {

/// An open segment whose columns are read once and then shared. Any thread.
class FactSegment {
 public:
  explicit FactSegment(columns::Segment segment) : segment_(std::move(segment)) {}

  [[nodiscard]] const columns::Segment& segment() const noexcept { return segment_; }
  [[nodiscard]] Result<std::shared_ptr<const columns::RawColumn>> column(const std::string& name);
  [[nodiscard]] Result<std::shared_ptr<const columns::Dictionary>> dictionary(
      const std::string& name);
  [[nodiscard]] Result<std::shared_ptr<const std::vector<std::int64_t>>> values(
      const std::string& name);
  [[nodiscard]] std::size_t bytes() const;

 private:
  mutable std::mutex mutex_;
  columns::Segment segment_;
  std::unordered_map<std::string, std::shared_ptr<const columns::RawColumn>> columns_;
  std::unordered_map<std::string, std::shared_ptr<const columns::Dictionary>> dictionaries_;
  std::unordered_map<std::string, std::shared_ptr<const std::vector<std::int64_t>>> values_;
};

struct Desk::State {
  DeskParts parts;

  mutable std::mutex mutex;
  mutable std::list<std::pair<std::string, std::shared_ptr<FactSegment>>> open;  // newest first
  mutable std::shared_ptr<const Territories> territories;
  mutable std::int64_t territories_as_of = -1;  // number of submissions when they were read
  mutable std::map<std::string, std::pair<std::int64_t, std::shared_ptr<const BoundarySet>>>
      boundaries;  // by country and level, with the id of the row

  /// From the cache, or opened. Fails as Segment::open() does.
  [[nodiscard]] Result<std::shared_ptr<FactSegment>> segment(const std::string& file) const;
  [[nodiscard]] Result<std::shared_ptr<const Territories>> read_territories(
      store::Transaction& tx) const;
};

namespace detail {

[[nodiscard]] Result<std::vector<Submission>> read_submissions(store::Transaction& tx);

/// A submission and the months of it that a later one of the same series took over.
struct Current {
  Submission submission;
  std::set<std::string> replaced;
};

/// What counted at the end of the day `as_of` (empty: now), without what was erased.
[[nodiscard]] std::vector<Current> current(std::vector<Submission> all, std::string_view kind,
                                           std::string_view as_of);

/// The first month of a period code: "2023-04" of 2023-04-17, "2023-01" of 2023.
[[nodiscard]] std::string first_month(std::string_view period);

/// Publishes `facts` as a segment file in `folder` and answers its name and SHA-256.
struct WrittenSegment {
  std::string file, sha256;
  std::int64_t rows = 0;
};
[[nodiscard]] Result<WrittenSegment> write_segment(const std::filesystem::path& folder, Facts facts,
                                                   std::string_view prefix,
                                                   const json::object& metadata, bool merged);
/// SHA-256 of a file, hex, in constant memory.
[[nodiscard]] Result<std::string> file_sha256(const std::filesystem::path& file);

struct InputFile {
  std::string name, sha256;
  std::uint64_t bytes = 0;
};

/// A load that is ready to be named in the store.
struct Prepared {
  const Mapping* mapping = nullptr;
  std::string source, by, country, content;
  std::vector<InputFile> files;
  WrittenSegment segment;  // filled by store_submission()
};
/// Fails with nothing left behind; fills result.submission and result.follows.
[[nodiscard]] Result<void> store_submission(const Desk::State& state, Prepared& prepared,
                                            Facts facts, LoadResult& result);

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

/// Fills the cells' populations from one source, and notes what was done to it.
[[nodiscard]] Result<void> add_population(const Desk::State& state, const Territories& territories,
                                          std::vector<Submission> all,
                                          const std::vector<Current>& chosen,
                                          const std::set<std::string>& months, Table& table);
/// The rate or share of a cell that has a count, with its interval; marks the unstable and those
/// without a denominator. Released cells are given back theirs by the same rule.
[[nodiscard]] Result<void> fill_rate(Cell& cell, const Indicator& indicator);

/// From the newest release that holds such a table, as the query says.
[[nodiscard]] Result<Table> released_table(const Desk& desk, const TableQuery& query);
/// Fails with invalid_argument (observatory.query.*) when a query cannot be meant.
[[nodiscard]] Result<void> check_query(const Desk::State& state, const TableQuery& query);

[[nodiscard]] json::object query_json(const TableQuery& query);
[[nodiscard]] Result<TableQuery> query_from_json(const json::object& object);

}  // namespace detail
}  // namespace atalaya::observatory
