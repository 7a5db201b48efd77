#pragma once
// Cubes: facts added up by chosen dimensions, with every total over every subset of them.
//
// A dimension of a cube numbers its members 0 to size - 1. How the codes of a segment become
// members is the caller's: one look-up table per input and dimension, so that a roll-up (month to
// year, municipality to subdivision, offence to its parent), a filter (kDropped for what is left
// out) and an unknown are all the same thing, and cost the same: one look-up a row. A filter on
// something that is no dimension of the result is a dimension of size 1.
//
// A *grouping* is the set of dimensions that are kept; the others are totalled. Its bit d is set
// when dimension d is kept. In a cell, the member number sizes[d] means "total of dimension d".

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/columns/raw_table.hpp>

namespace atalaya::columns {

inline constexpr std::uint32_t kDropped = 0xffff'ffff;
inline constexpr std::size_t kCubeDimensionsMax = 24;
inline constexpr std::size_t kCubeAllGroupingsMax = 16;  // dimensions of a cube with all of them

using Grouping = std::uint32_t;

/// One dimension of one input.
struct CubeColumn {
  const Codes* codes = nullptr;    // nullptr: every row has code 0
  std::vector<std::uint32_t> lut;  // code -> member, or kDropped; as long as codes go
};

/// Borrowed while aggregate() runs. One column for every dimension, in the cube's order.
struct CubeInput {
  std::size_t rows = 0;
  std::vector<CubeColumn> columns;
  std::span<const std::int64_t> values;       // empty: every row counts 1
  std::span<const std::int64_t> values_high;  // empty: as `values`
};

struct CubeSpec {
  std::vector<std::uint32_t> sizes;  // members of each dimension, each 1 to 2^31
  bool with_rows = false;            // also count the rows of each cell
  bool with_high = false;            // also add up values_high
  unsigned threads = 0;              // 0: as many as the machine runs at once
  /// Above this the cube keeps only cells that exist (sorted), instead of an array of all possible
  /// ones. Both give the same answers.
  std::size_t dense_bytes_max = std::size_t{1} << 30;
};

/// Cells, one after the other. `members` holds dimensions() numbers for each cell.
struct CellBatch {
  Grouping grouping = 0;
  unsigned shard = 0;  // which thread: below VisitOptions::threads
  std::size_t dimensions = 0;
  std::span<const std::uint32_t> members;
  std::span<const std::int64_t> sums;
  std::span<const std::int64_t> rows;   // empty without with_rows
  std::span<const std::int64_t> highs;  // empty without with_high

  [[nodiscard]] std::size_t size() const noexcept { return sums.size(); }

  [[nodiscard]] std::span<const std::uint32_t> cell(std::size_t i) const noexcept {
    return members.subspan(i * dimensions, dimensions);
  }
};

/// An error ends the walk and is its result.
using CellSink = std::function<Result<void>(const CellBatch&)>;

/// What may be asked of one dimension: empty means every member.
using MemberFilter = std::vector<std::vector<std::uint32_t>>;

/// A cell exists when at least one row fell into it (its sum may be 0). Reading functions are
/// const, need constant memory beside the cube (query() on a sparse cube: its answer), and may be
/// called by several threads at once.
class Cube {
 public:
  /// Fails with invalid_argument (columns.cube.input: columns, tables or members that do not fit),
  /// exhausted (columns.cube.overflow: the values' absolute sum leaves 63 bits;
  /// columns.cube.too_large: more than 2^63 possible cells).
  static Result<Cube> aggregate(std::span<const CubeInput> inputs, const CubeSpec& spec);

  Cube(Cube&&) noexcept;
  Cube& operator=(Cube&&) noexcept;
  ~Cube();

  [[nodiscard]] const std::vector<std::uint32_t>& sizes() const noexcept;
  [[nodiscard]] Grouping base() const noexcept;  // every dimension kept
  [[nodiscard]] bool dense() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept;  // memory held

  /// Makes the cells of these groupings; none means all 2^dimensions. A dense cube makes them all
  /// at once in its own array; a sparse one makes each from the smallest that contains it.
  /// Fails with invalid_argument (columns.cube.input) for a bit that is no dimension, and for all
  /// groupings of more than kCubeAllGroupingsMax dimensions.
  Result<void> roll_up(std::span<const Grouping> groupings = {});
  /// Those that visit() may be asked for: base() before roll_up(). Descending number of kept
  /// dimensions, then ascending.
  [[nodiscard]] const std::vector<Grouping>& groupings() const noexcept;

  /// Every cell of one grouping, ascending by members, the first dimension first.
  /// Fails with invalid_argument (columns.cube.input) for a grouping that was not made.
  Result<void> visit(Grouping grouping, const CellSink& sink) const;
  /// Every cell of every grouping. With one thread in the order of groupings() and visit(); with
  /// more the sink is called by all of them at once, in no order, `shard` telling them apart.
  Result<void> visit_all(unsigned threads, const CellSink& sink) const;

  /// The cells of one grouping over the facts that pass the filter, in the order of visit().
  /// Needs roll_up() of all groupings only to be fast: it starts from the smallest that serves.
  /// Fails with invalid_argument (columns.cube.input).
  Result<void> query(Grouping grouping, const MemberFilter& filter, const CellSink& sink) const;

  /// For each dimension, which members occur in facts that pass the filter (SDMX availability).
  /// Fails with invalid_argument (columns.cube.input).
  [[nodiscard]] Result<std::vector<std::vector<bool>>> availability(
      const MemberFilter& filter) const;

 private:
  struct State;
  explicit Cube(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What depends on a count alone (an interval's limits, say) is computed once for each count and
/// looked up after that: sixteen million cells hold some thousands of different counts.
class CountTable {
 public:
  struct Limits {
    double low = 0;
    double high = 0;
  };

  using Function = std::function<Limits(std::int64_t count)>;

  /// Computes the entries for counts 0 to `count_max` (at most 2^20) at once.
  CountTable(std::int64_t count_max, Function function);

  /// Counts beyond the table are computed anew each time.
  [[nodiscard]] Limits at(std::int64_t count) const {
    return count >= 0 && count < size_ ? entries_[static_cast<std::size_t>(count)]
                                       : function_(count);
  }

 private:
  Function function_;
  std::vector<Limits> entries_;
  std::int64_t size_ = 0;
};

}  // namespace atalaya::columns
