// The dense cube.
//
// Adding rows: adding to a random place of an array of hundreds of megabytes waits for memory each
// time, and two threads may not add to one cell at once. So each thread first sorts the keys of
// its rows into parts of the array small enough for the cache (one counting sort), and then each
// part is added by one thread. The order of additions does not matter, because they are integers.
//
// Totals: the array already has room for them (one digit more in each dimension). Depth first, a
// block's sub-blocks are completed and then added up into the block's total sub-block, so that
// all but the outermost additions happen in the cache. Every grouping is made by these few passes
// over the array; nothing is made once for each grouping.
#include "cube_dense.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <numeric>

#include <sys/mman.h>

#include "cube_parallel.hpp"

namespace atalaya::columns::cube {

namespace {

constexpr std::size_t kPartBytes = std::size_t{1} << 20;
constexpr std::size_t kPartsMax = 512;

bool fits_32_bits(const Bounds& bounds) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int32_t>::max();
  return bounds.sum_max <= kMax && bounds.high_max <= kMax && bounds.rows <= kMax;
}

std::size_t layer_count(const Layers& layers) noexcept {
  return 1U + (layers.rows ? 1U : 0U) + (layers.highs ? 1U : 0U);
}

/// A chunk's rows, those of one part of the array after those of another.
struct SortedRows {
  std::vector<std::uint64_t> keys;
  std::vector<std::int64_t> sums;   // empty: 1 each
  std::vector<std::int64_t> highs;  // empty: as sums
  std::vector<std::size_t> starts;  // of each part, and the end
};

class Sorter {
 public:
  Sorter(const Shape& shape, std::size_t parts, bool highs)
      : shift_(static_cast<unsigned>(
            std::bit_width((std::max<std::uint64_t>(shape.cells, 1) - 1) / parts))),
        parts_(parts),
        with_highs_(highs) {}

  void sort(const Chunk& chunk, const OffsetTables& tables, SortedRows& to) {
    make_keys(chunk, tables, keys_);
    // Dropped rows go into a part of their own behind the others.
    to.starts.assign(parts_ + 2, 0);
    for (const std::uint64_t key : keys_) {
      ++to.starts[part(key) + 1];
    }
    std::partial_sum(to.starts.begin(), to.starts.end(), to.starts.begin());
    next_.assign(to.starts.begin(), to.starts.end());
    const CubeInput& input = *chunk.input;
    const bool sums = !input.values.empty();
    const bool highs = with_highs_ && !input.values_high.empty();
    to.keys.resize(keys_.size());
    to.sums.resize(sums ? keys_.size() : 0);
    to.highs.resize(highs ? keys_.size() : 0);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const std::size_t place = next_[part(keys_[i])]++;
      to.keys[place] = keys_[i];
      if (sums) {
        to.sums[place] = input.values[chunk.begin + i];
      }
      if (highs) {
        to.highs[place] = input.values_high[chunk.begin + i];
      }
    }
  }

 private:
  [[nodiscard]] std::size_t part(std::uint64_t key) const noexcept {
    return std::min<std::uint64_t>(key >> shift_, parts_);
  }

  unsigned shift_;
  std::size_t parts_;
  bool with_highs_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::size_t> next_;
};

template <class Word>
class DenseOf final : public Dense {
 public:
  DenseOf(const Shape& shape, const Layers& layers)
      : shape_(shape), layers_(layers), memory_(shape.cells * sizeof(Word) * layer_count(layers)) {
    auto* at = static_cast<Word*>(memory_.data());
    sums_ = at;
    if (layers.rows) {
      rows_ = at += shape.cells;
    }
    if (layers.highs) {
      highs_ = at += shape.cells;
    }
    there_ = layers.rows ? rows_ : sums_;
  }

  void add(std::span<const CubeInput> inputs, unsigned threads) override;
  void roll_up(unsigned threads) override;
  bool walk(const Selection& selection, BatchWriter& writer) const override;

  [[nodiscard]] std::size_t bytes() const noexcept override {
    return shape_.cells * sizeof(Word) * layer_count(layers_);
  }

 private:
  struct Walk;

  void add_part(const SortedRows& rows, std::size_t part);
  void complete(std::size_t d, std::uint64_t at);
  void add_up(std::size_t d, std::uint64_t at, std::uint64_t begin, std::uint64_t end);
  bool walk_from(Walk& state, std::size_t level, std::uint64_t at) const;
  bool walk_last(Walk& state, std::size_t d, std::uint64_t at) const;

  const Shape& shape_;
  Layers layers_;
  Zeros memory_;
  Word* sums_ = nullptr;
  Word* rows_ = nullptr;
  Word* highs_ = nullptr;
  const Word* there_ = nullptr;  // not 0 where the cell exists
};

template <class Word>
void DenseOf<Word>::add_part(const SortedRows& rows, std::size_t part) {
  const std::size_t end = rows.starts[part + 1];
  for (std::size_t i = rows.starts[part]; i < end; ++i) {
    sums_[rows.keys[i]] += rows.sums.empty() ? Word{1} : static_cast<Word>(rows.sums[i]);
  }
  if (rows_ != nullptr) {
    for (std::size_t i = rows.starts[part]; i < end; ++i) {
      ++rows_[rows.keys[i]];
    }
  }
  if (highs_ != nullptr) {
    const std::vector<std::int64_t>& values = rows.highs.empty() ? rows.sums : rows.highs;
    for (std::size_t i = rows.starts[part]; i < end; ++i) {
      highs_[rows.keys[i]] += values.empty() ? Word{1} : static_cast<Word>(values[i]);
    }
  }
}

template <class Word>
void DenseOf<Word>::add(std::span<const CubeInput> inputs, unsigned threads) {
  const std::size_t parts =
      std::clamp<std::size_t>(shape_.cells * sizeof(Word) / kPartBytes, 4 * threads, kPartsMax);
  std::vector<Sorter> sorters(threads, Sorter(shape_, parts, layers_.highs));
  std::vector<SortedRows> sorted(threads);
  for (const CubeInput& input : inputs) {
    const OffsetTables tables = offset_tables(shape_, input);
    for (std::size_t begin = 0; begin < input.rows; begin += threads * kChunkRows) {
      const std::size_t chunks =
          std::min<std::size_t>(threads, (input.rows - begin + kChunkRows - 1) / kChunkRows);
      parallel(threads, chunks, [&](unsigned, std::size_t i) {
        const std::size_t from = begin + i * kChunkRows;
        const Chunk chunk{&input, from, std::min(input.rows, from + kChunkRows)};
        sorters[i].sort(chunk, tables, sorted[i]);
      });
      parallel(threads, parts, [&](unsigned, std::size_t part) {
        for (std::size_t i = 0; i < chunks; ++i) {
          add_part(sorted[i], part);
        }
      });
    }
  }
}

/// Adds the sub-blocks of the block at `at` into its total sub-block, places begin to end.
template <class Word>
void DenseOf<Word>::add_up(std::size_t d, std::uint64_t at, std::uint64_t begin,
                           std::uint64_t end) {
  const std::uint64_t stride = shape_.strides[d];
  for (Word* layer : {sums_, rows_, highs_}) {
    if (layer == nullptr) {
      continue;
    }
    Word* total = layer + at + shape_.sizes[d] * stride;
    if (stride == 1) {
      *total = std::accumulate(layer + at, total, Word{0});
      continue;
    }
    for (std::uint32_t member = 0; member < shape_.sizes[d]; ++member) {
      const Word* from = layer + at + member * stride;
      for (std::uint64_t i = begin; i < end; ++i) {
        total[i] += from[i];
      }
    }
  }
}

template <class Word>
void DenseOf<Word>::complete(std::size_t d, std::uint64_t at) {
  if (d == shape_.dimensions()) {
    return;
  }
  if (d + 1 < shape_.dimensions()) {
    for (std::uint32_t member = 0; member < shape_.sizes[d]; ++member) {
      complete(d + 1, at + member * shape_.strides[d]);
    }
  }
  add_up(d, at, 0, shape_.strides[d]);
}

template <class Word>
void DenseOf<Word>::roll_up(unsigned threads) {
  // The outermost dimensions give the threads their tasks.
  std::vector<std::vector<std::uint64_t>> outer{{0}};
  while (outer.back().size() < 16 * std::size_t{threads} && outer.size() <= shape_.dimensions()) {
    const std::size_t d = outer.size() - 1;
    std::vector<std::uint64_t> blocks;
    for (const std::uint64_t at : outer.back()) {
      for (std::uint32_t member = 0; member < shape_.sizes[d]; ++member) {
        blocks.push_back(at + member * shape_.strides[d]);
      }
    }
    outer.push_back(std::move(blocks));
  }
  parallel(threads, outer.back().size(),
           [&](unsigned, std::size_t i) { complete(outer.size() - 1, outer.back()[i]); });
  constexpr std::uint64_t kStep = 16'384;
  for (std::size_t d = outer.size() - 1; d-- > 0;) {
    const std::uint64_t stride = shape_.strides[d];
    const std::uint64_t steps = (stride + kStep - 1) / kStep;
    parallel(threads, outer[d].size() * steps, [&](unsigned, std::size_t task) {
      const std::uint64_t begin = task % steps * kStep;
      add_up(d, outer[d][task / steps], begin, std::min(begin + kStep, stride));
    });
  }
}

template <class Word>
struct DenseOf<Word>::Walk {
  const Selection& selection;
  BatchWriter& writer;
  std::vector<std::size_t> kept;        // dimensions
  std::vector<std::uint64_t> added{0};  // offsets that make up one cell
  std::vector<std::uint32_t> members;
  std::vector<std::uint64_t> totals{};  // offset of the total over the kept dimensions from one on
};

/// The innermost dimension, where nothing is to be added up: most of all time is spent here.
template <class Word>
bool DenseOf<Word>::walk_last(Walk& state, std::size_t d, std::uint64_t at) const {
  const std::uint64_t stride = shape_.strides[d];
  for (const std::uint32_t digit : state.selection.digits[d]) {
    const std::uint64_t place = at + digit * stride;
    if (there_[place] == 0) {
      continue;
    }
    state.members[d] = digit;
    if (!state.writer.add(state.members.data(), sums_[place], there_[place],
                          highs_ != nullptr ? highs_[place] : 0)) {
      return false;
    }
  }
  return true;
}

template <class Word>
bool DenseOf<Word>::walk_from(Walk& state, std::size_t level, std::uint64_t at) const {
  // Where the total over everything below is not there, nothing below is: most of a large cube.
  if (level < state.kept.size() && there_[at + state.totals[level]] == 0) {
    return true;
  }
  if (level + 1 == state.kept.size() && state.added.size() == 1) {
    return walk_last(state, state.kept[level], at + state.added.front());
  }
  if (level < state.kept.size()) {
    const std::size_t d = state.kept[level];
    for (const std::uint32_t digit : state.selection.digits[d]) {
      state.members[d] = digit;
      if (!walk_from(state, level + 1, at + digit * shape_.strides[d])) {
        return false;
      }
    }
    return true;
  }
  std::int64_t sum = 0;
  std::int64_t rows = 0;
  std::int64_t high = 0;
  bool there = false;
  for (const std::uint64_t offset : state.added) {
    const std::uint64_t place = at + offset;
    if (there_[place] == 0) {
      continue;
    }
    there = true;
    sum += sums_[place];
    rows += there_[place];
    high += highs_ != nullptr ? highs_[place] : 0;
  }
  return !there || state.writer.add(state.members.data(), sum, rows, high);
}

template <class Word>
bool DenseOf<Word>::walk(const Selection& selection, BatchWriter& writer) const {
  Walk state{.selection = selection, .writer = writer, .kept = {}, .members = shape_.sizes};
  for (std::size_t d = 0; d < shape_.dimensions(); ++d) {
    if (shape_.keeps(selection.grouping, d)) {
      state.kept.push_back(d);
      continue;
    }
    std::vector<std::uint64_t> added;
    for (const std::uint64_t offset : state.added) {
      for (const std::uint32_t digit : selection.digits[d]) {
        added.push_back(offset + digit * shape_.strides[d]);
      }
    }
    state.added = std::move(added);
  }
  std::uint64_t total = 0;
  for (std::size_t d = 0; d < shape_.dimensions(); ++d) {
    total += shape_.sizes[d] * shape_.strides[d];
  }
  for (const std::size_t d : state.kept) {
    state.totals.push_back(total);
    total -= shape_.sizes[d] * shape_.strides[d];
  }
  return walk_from(state, 0, 0) && writer.flush();
}

}  // namespace

Zeros::Zeros(std::size_t bytes) : bytes_(std::max<std::size_t>(bytes, 1)) {
  void* got = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) {
    throw std::bad_alloc();
  }
  ::madvise(got, bytes_, MADV_HUGEPAGE);  // a wish; without it the same, slower
  data_ = got;
}

Zeros::~Zeros() {
  if (data_ != nullptr) {
    ::munmap(data_, bytes_);
  }
}

std::uint64_t dense_bytes(const Shape& shape, const Bounds& bounds, const Layers& layers) noexcept {
  const std::uint64_t each = (fits_32_bits(bounds) ? 4U : 8U) * layer_count(layers);
  constexpr std::uint64_t kMax = std::uint64_t{1} << 63;
  return shape.cells > kMax / each ? kMax : shape.cells * each;
}

std::unique_ptr<Dense> make_dense(const Shape& shape, const Bounds& bounds, const Layers& layers) {
  if (fits_32_bits(bounds)) {
    return std::make_unique<DenseOf<std::int32_t>>(shape, layers);
  }
  return std::make_unique<DenseOf<std::int64_t>>(shape, layers);
}

}  // namespace atalaya::columns::cube
