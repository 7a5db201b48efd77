#pragma once
// The address of a cell, and the parts that the dense and the sparse cube share.
//
// A cell's *key* counts in a mixed radix with one more digit than each dimension has members: the
// digit sizes[d] is the total of dimension d. Cells of all groupings so live in one space, and
// ascending keys are ascending members. A dense cube is an array over that space.

#include <bit>
#include <cstdint>
#include <vector>

#include <atalaya/columns/cube.hpp>

namespace atalaya::columns::cube {

struct Shape {
  std::vector<std::uint32_t> sizes;
  std::vector<std::uint64_t> strides;  // what one step of dimension d adds to a key
  std::uint64_t cells = 1;             // possible ones, totals included

  [[nodiscard]] std::size_t dimensions() const noexcept { return sizes.size(); }

  [[nodiscard]] Grouping base() const noexcept {
    return static_cast<Grouping>((std::uint64_t{1} << sizes.size()) - 1);
  }

  [[nodiscard]] bool keeps(Grouping grouping, std::size_t d) const noexcept {
    return ((grouping >> d) & 1U) != 0;
  }
};

/// What is known of the values of all inputs before they are added.
struct Bounds {
  std::uint64_t sum_max = 0;  // of absolute values, capped at 2^63
  std::uint64_t high_max = 0;
  std::uint64_t rows = 0;
  bool all_one = true;       // each row counts 1: sums are numbers of rows
  bool all_positive = true;  // a cell is there exactly when its sum is not 0
};

struct Layers {
  bool rows = false;   // rows are stored, not only derived from sums
  bool highs = false;  // highs are stored
};

/// Rows of one chunk: keys with the top bit set where the row is dropped.
inline constexpr std::uint64_t kDroppedBit = std::uint64_t{1} << 63;
inline constexpr std::size_t kChunkRows = std::size_t{1} << 19;

struct Chunk {
  const CubeInput* input = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// One input's look-up tables with members multiplied by strides.
using OffsetTables = std::vector<std::vector<std::uint64_t>>;
[[nodiscard]] OffsetTables offset_tables(const Shape& shape, const CubeInput& input);

/// keys[i] for rows chunk.begin + i.
void make_keys(const Chunk& chunk, const OffsetTables& tables, std::vector<std::uint64_t>& keys);

/// Gathers cells and hands them on, some hundreds at a time.
class BatchWriter {
 public:
  BatchWriter(const Shape& shape, Grouping grouping, unsigned shard, bool rows, bool highs,
              const CellSink& sink);

  /// False when the sink has failed: stop, and take error().
  bool add(const std::uint32_t* members, std::int64_t sum, std::int64_t rows, std::int64_t high) {
    std::uint32_t* to = members_.data() + used_ * dimensions_;
    for (std::size_t d = 0; d < dimensions_; ++d) {
      to[d] = members[d];
    }
    sums_[used_] = sum;
    if (with_rows_) {
      rows_[used_] = rows;
    }
    if (with_highs_) {
      highs_[used_] = high;
    }
    return ++used_ < kCells || flush();
  }

  bool flush();

  [[nodiscard]] Result<void> result() const { return result_; }

 private:
  static constexpr std::size_t kCells = 512;
  std::size_t dimensions_;
  Grouping grouping_;
  unsigned shard_;
  bool with_rows_;
  bool with_highs_;
  const CellSink& sink_;
  std::vector<std::uint32_t> members_;
  std::vector<std::int64_t> sums_;
  std::vector<std::int64_t> rows_;
  std::vector<std::int64_t> highs_;
  std::size_t used_ = 0;
  Result<void> result_;
};

/// For each dimension the digits that a walk goes through: of a kept dimension its members (those
/// asked for), of another the total alone, or, under a filter, the members that make up the total.
struct Selection {
  Grouping grouping = 0;
  std::vector<std::vector<std::uint32_t>> digits;  // ascending, distinct
  /// Kept digits are cells of their own; the others are added up.
  [[nodiscard]] bool adds_up() const noexcept;
};

}  // namespace atalaya::columns::cube
