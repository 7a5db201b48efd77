#pragma once
// The address of a cell, and the parts that the dense and the sparse cube share.
//
// A cell's *key* counts in a mixed radix with one more digit than each dimension has members: the
// digit sizes[d] is the total of dimension d. Cells of all groupings so live in one space, and
// ascending keys are ascending members. A dense cube is an array over that space.

#include <bit>
#include <cstdint>
#include <cstring>
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

/// Keys of rows. In 64 bits a dropped row has the top bit set; in 32 bits, for which a shape has
/// at most kDropped32 possible cells, it is kDropped32 or more.
inline constexpr std::uint64_t kDroppedBit = std::uint64_t{1} << 63;
inline constexpr std::uint32_t kDropped32 = std::uint32_t{1} << 27;
static_assert(kDropped32 * (std::uint64_t{kCubeDimensionsMax} + 1) < (std::uint64_t{1} << 32));
inline constexpr std::size_t kChunkRows = std::size_t{1} << 19;

struct Chunk {
  const CubeInput* input = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// One input's look-up tables with members multiplied by strides. `Key`: uint32_t or uint64_t.
template <class Key>
using OffsetTables = std::vector<std::vector<Key>>;
template <class Key>
[[nodiscard]] OffsetTables<Key> offset_tables(const Shape& shape, const CubeInput& input);

/// keys[i] for rows chunk.begin + i.
template <class Key>
void make_keys(const Chunk& chunk, const OffsetTables<Key>& tables, std::vector<Key>& keys);

/// Gathers cells and hands them on, a hundred or so at a time.
class BatchWriter {
 public:
  template <class Word>
  struct Run {
    std::size_t d = 0;
    std::span<const std::uint32_t> digits;
    std::size_t outer_d = 0;
    std::uint32_t outer = 0;
    std::uint64_t from = 0;
    std::uint64_t stride = 1;
    const Word* sums = nullptr;
    const Word* there = nullptr;  // not 0 where the cell exists; its number of rows, if asked for
    const Word* highs = nullptr;
  };

  static constexpr std::size_t kRun = 64;
  /// Members are copied so many at a time.
  static constexpr std::size_t kMembersStep = 4;

  /// Totals only, in an array of the size that add() and add_run() read.
  [[nodiscard]] static std::vector<std::uint32_t> members(const Shape& shape) {
    std::vector<std::uint32_t> made = shape.sizes;
    made.resize((made.size() + kMembersStep - 1) / kMembersStep * kMembersStep);
    return made;
  }

  BatchWriter(const Shape& shape, Grouping grouping, unsigned shard, bool rows, bool highs,
              const CellSink& sink);

  /// False when the sink has failed: stop, and take error().
  bool add(const std::uint32_t* members, std::int64_t sum, std::int64_t rows, std::int64_t high) {
    put(used_, members, sum, rows, high);
    return ++used_ < kCells || flush();
  }

  /// The cells of one run that exist: found at places from + digits[i] * stride of the three
  /// arrays. Their members are `members`, but for run.d, which is the digit, and run.outer_d, which
  /// is run.outer: it is not read from `members`, because the processor waits for what was written
  /// there just before. A cell is written whether it exists or not and then kept or not, since
  /// nobody can foresee which of them do. At most kRun digits.
  template <class Word>
  bool add_run(const std::uint32_t* members, const Run<Word>& run) {
    if (kCells - used_ <= run.digits.size() && !flush()) {
      return false;
    }
    std::size_t used = used_;
    for (const std::uint32_t digit : run.digits) {
      const std::uint64_t place = run.from + digit * run.stride;
      put(used, members, run.sums[place], run.there[place],
          run.highs != nullptr ? run.highs[place] : 0);
      std::uint32_t* to = members_.data() + used * dimensions_;
      to[run.outer_d] = run.outer;
      to[run.d] = digit;
      used += run.there[place] != 0 ? 1U : 0U;
    }
    used_ = used;
    return true;
  }

  bool flush();

  [[nodiscard]] Result<void> result() const { return result_; }

 private:
  // Few, because a walk over all groupings at once has a writer for each of them.
  static constexpr std::size_t kCells = 128;
  static_assert(kRun < kCells);

  void put(std::size_t cell, const std::uint32_t* members, std::int64_t sum, std::int64_t rows,
           std::int64_t high) {
    // Four at a time, and some too many: the next cell writes over them.
    std::uint32_t* to = members_.data() + cell * dimensions_;
    for (std::size_t d = 0; d < dimensions_; d += kMembersStep) {
      std::memcpy(to + d, members + d, kMembersStep * sizeof *to);
    }
    sums_.data()[cell] = sum;
    if (with_rows_) {
      rows_.data()[cell] = rows;
    }
    if (with_highs_) {
      highs_.data()[cell] = high;
    }
  }

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
