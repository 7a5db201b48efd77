// The dense cube.
//
// Adding rows: adding to a random place of an array of hundreds of megabytes waits for memory each
// time, and two threads may not add to one cell at once. So each thread first sorts the keys of
// its rows into parts of the array small enough for the cache (one counting sort for each chunk of
// rows), and then each part is added by one thread, from all chunks. The order of additions does
// not matter, because they are integers.
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

constexpr std::size_t kPartBytes = std::size_t{1} << 19;
constexpr std::size_t kPartsMax = 512;
// The keys of a chunk, as they are and sorted, fit into the cache beside each other.
constexpr std::size_t kSortRows = std::size_t{1} << 16;
// The keys of so many rows are held in memory before they are added.
constexpr std::size_t kRoundRows = std::size_t{1} << 24;
constexpr std::size_t kFewDigits = 8;

bool fits_32_bits(const Bounds& bounds) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int32_t>::max();
  return bounds.sum_max <= kMax && bounds.high_max <= kMax && bounds.rows <= kMax;
}

std::size_t layer_count(const Layers& layers) noexcept {
  return 1U + (layers.rows ? 1U : 0U) + (layers.highs ? 1U : 0U);
}

/// A chunk's rows, those of one part of the array after those of another.
template <class Key>
struct SortedRows {
  std::vector<Key> keys;
  std::vector<std::int64_t> sums;     // empty: 1 each
  std::vector<std::int64_t> highs;    // empty: as sums
  std::vector<std::uint32_t> starts;  // of each part, and the end
};

template <class Key>
class Sorter {
 public:
  Sorter(const Shape& shape, std::size_t parts, bool highs)
      : shift_(static_cast<unsigned>(
            std::bit_width((std::max<std::uint64_t>(shape.cells, 1) - 1) / parts))),
        parts_(parts),
        with_highs_(highs) {}

  void sort(const Chunk& chunk, const OffsetTables<Key>& tables, SortedRows<Key>& to) {
    make_keys(chunk, tables, keys_);
    // Dropped rows go into a part of their own behind the others.
    to.starts.assign(parts_ + 2, 0);
    std::uint32_t* const counts = to.starts.data() + 1;
    for (const Key key : keys_) {
      ++counts[part(key)];
    }
    std::partial_sum(to.starts.begin(), to.starts.end(), to.starts.begin());
    next_.assign(to.starts.begin(), to.starts.end());
    const CubeInput& input = *chunk.input;
    to.keys.resize(keys_.size());
    places_.clear();
    if (!input.values.empty() || (with_highs_ && !input.values_high.empty())) {
      places_.resize(keys_.size());
    }
    std::uint32_t* const next = next_.data();
    Key* const sorted = to.keys.data();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const Key key = keys_.data()[i];
      const std::uint32_t place = next[part(key)]++;
      sorted[place] = key;
      if (!places_.empty()) {
        places_.data()[i] = place;
      }
    }
    scatter(input.values, chunk.begin, to.sums);
    scatter(with_highs_ ? input.values_high : std::span<const std::int64_t>(), chunk.begin,
            to.highs);
  }

 private:
  [[nodiscard]] std::size_t part(Key key) const noexcept {
    return std::min<std::size_t>(key >> shift_, parts_);
  }

  void scatter(std::span<const std::int64_t> values, std::size_t begin,
               std::vector<std::int64_t>& to) const {
    to.resize(values.empty() ? 0 : places_.size());
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[places_[i]] = values[begin + i];
    }
  }

  unsigned shift_;
  std::size_t parts_;
  bool with_highs_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> places_;  // where each row went; empty where nobody asks
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

  bool walk_all(std::span<const std::uint32_t> outer,
                std::span<BatchWriter> writers) const override;

  [[nodiscard]] std::size_t bytes() const noexcept override {
    return shape_.cells * sizeof(Word) * layer_count(layers_);
  }

 private:
  struct Walk;
  struct WalkAll;

  template <class Key>
  void add_input(const CubeInput& input, unsigned threads);
  template <class Key>
  void add_part(const SortedRows<Key>& rows, std::size_t part);
  void add_innermost(std::uint64_t begin, std::uint64_t end);
  void complete(std::size_t d, std::uint64_t at);
  void add_up(std::size_t d, std::uint64_t at, std::uint64_t begin, std::uint64_t end);
  bool walk_from(Walk& state, std::size_t level, std::uint64_t at) const;
  bool walk_last(Walk& state, std::size_t d, std::uint64_t at) const;
  bool walk_all_from(WalkAll& state, std::size_t d, std::uint64_t at, Grouping grouping) const;
  bool walk_all_run(WalkAll& state, std::uint64_t at, std::uint32_t outer, Grouping grouping) const;

  const Shape& shape_;
  Layers layers_;
  Zeros memory_;
  Word* sums_ = nullptr;
  Word* rows_ = nullptr;
  Word* highs_ = nullptr;
  const Word* there_ = nullptr;  // not 0 where the cell exists
};

template <class Word>
template <class Key>
void DenseOf<Word>::add_part(const SortedRows<Key>& rows, std::size_t part) {
  const std::span<const Key> keys =
      std::span(rows.keys).subspan(rows.starts[part], rows.starts[part + 1] - rows.starts[part]);
  const auto add_to = [&](Word* layer, const std::vector<std::int64_t>& values) {
    if (values.empty()) {
      for (const Key key : keys) {
        ++layer[key];
      }
      return;
    }
    const std::int64_t* value = values.data() + rows.starts[part];
    for (const Key key : keys) {
      layer[key] += static_cast<Word>(*value++);
    }
  };
  add_to(sums_, rows.sums);
  if (rows_ != nullptr) {
    add_to(rows_, {});
  }
  if (highs_ != nullptr) {
    add_to(highs_, rows.highs.empty() ? rows.sums : rows.highs);
  }
}

template <class Word>
void DenseOf<Word>::add(std::span<const CubeInput> inputs, unsigned threads) {
  for (const CubeInput& input : inputs) {
    if (shape_.cells <= kDropped32) {
      add_input<std::uint32_t>(input, threads);
    } else {
      add_input<std::uint64_t>(input, threads);
    }
  }
}

template <class Word>
template <class Key>
void DenseOf<Word>::add_input(const CubeInput& input, unsigned threads) {
  const std::size_t parts =
      std::clamp<std::size_t>(shape_.cells * sizeof(Word) / kPartBytes, 4 * threads, kPartsMax);
  std::vector<Sorter<Key>> sorters(threads, Sorter<Key>(shape_, parts, layers_.highs));
  std::vector<SortedRows<Key>> sorted;
  const auto tables = offset_tables<Key>(shape_, input);
  for (std::size_t begin = 0; begin < input.rows; begin += kRoundRows) {
    const std::size_t end = std::min(input.rows, begin + kRoundRows);
    sorted.resize((end - begin + kSortRows - 1) / kSortRows);
    parallel(threads, sorted.size(), [&](unsigned worker, std::size_t i) {
      const std::size_t from = begin + i * kSortRows;
      sorters[worker].sort({&input, from, std::min(end, from + kSortRows)}, tables, sorted[i]);
    });
    parallel(threads, parts, [&](unsigned, std::size_t part) {
      for (const SortedRows<Key>& rows : sorted) {
        add_part(rows, part);
      }
    });
  }
}

/// The totals of the innermost dimension in a range of whole blocks of it.
template <class Word>
void DenseOf<Word>::add_innermost(std::uint64_t begin, std::uint64_t end) {
  const std::uint32_t members = shape_.sizes.back();
  for (Word* layer : {sums_, rows_, highs_}) {
    if (layer == nullptr) {
      continue;
    }
    for (Word* block = layer + begin; block != layer + end; block += members + 1) {
      Word total = 0;
      for (std::uint32_t member = 0; member < members; ++member) {
        total += block[member];
      }
      block[members] = total;
    }
  }
}

/// Adds the sub-blocks of the block at `at` into its total sub-block, places begin to end.
template <class Word>
void DenseOf<Word>::add_up(std::size_t d, std::uint64_t at, std::uint64_t begin,
                           std::uint64_t end) {
  const std::uint64_t stride = shape_.strides[d];
  const std::uint32_t members = shape_.sizes[d];
  for (Word* layer : {sums_, rows_, highs_}) {
    if (layer == nullptr) {
      continue;
    }
    Word* const total = layer + at + members * stride;
    const Word* from = layer + at;
    for (std::uint32_t member = 0; member < members; ++member, from += stride) {
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
  const std::uint64_t stride = shape_.strides[d];
  if (stride == 1) {
    add_innermost(at, at + shape_.sizes[d] + 1);
    return;
  }
  if (d + 2 == shape_.dimensions()) {
    add_innermost(at, at + shape_.sizes[d] * stride);
  } else {
    for (std::uint32_t member = 0; member < shape_.sizes[d]; ++member) {
      complete(d + 1, at + member * stride);
    }
  }
  add_up(d, at, 0, stride);
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
  std::span<const std::uint32_t> digits = state.selection.digits[d];
  while (!digits.empty()) {
    const std::size_t run = std::min(digits.size(), BatchWriter::kRun);
    const typename BatchWriter::Run<Word> cells{.d = d,
                                                .digits = digits.first(run),
                                                .outer_d = 0,
                                                .outer = state.members.front(),
                                                .from = at,
                                                .stride = stride,
                                                .sums = sums_,
                                                .there = there_,
                                                .highs = highs_};
    if (!state.writer.add_run(state.members.data(), cells)) {
      return false;
    }
    digits = digits.subspan(run);
  }
  return true;
}

template <class Word>
bool DenseOf<Word>::walk_from(Walk& state, std::size_t level, std::uint64_t at) const {
  // Where the total over everything below is not there, nothing below is: most of a large cube.
  // Whether a few cells are there is seen sooner from the cells themselves.
  const bool last = level + 1 == state.kept.size() && state.added.size() == 1;
  const bool few = last && state.selection.digits[state.kept[level]].size() <= kFewDigits;
  if (level < state.kept.size() && !few && there_[at + state.totals[level]] == 0) {
    return true;
  }
  if (last) {
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
  Walk state{.selection = selection,
             .writer = writer,
             .kept = {},
             .members = BatchWriter::members(shape_)};
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

template <class Word>
struct DenseOf<Word>::WalkAll {
  std::span<BatchWriter> writers;
  std::vector<std::uint32_t> members;
  std::vector<std::uint32_t> digits;  // of the innermost dimension
  std::vector<std::uint64_t> totals;  // offset of the total over the dimensions from one on
};

/// The innermost dimension at one place of the others.
template <class Word>
bool DenseOf<Word>::walk_all_run(WalkAll& state, std::uint64_t at, std::uint32_t outer,
                                 Grouping grouping) const {
  const std::size_t d = shape_.dimensions() - 1;
  const std::uint64_t total = at + shape_.sizes[d];
  if (there_[total] == 0) {
    return true;
  }
  const std::size_t outer_d = d == 0 ? 0 : d - 1;
  typename BatchWriter::Run<Word> run{.d = d,
                                      .digits = {},
                                      .outer_d = outer_d,
                                      .outer = outer,
                                      .from = at,
                                      .stride = 1,
                                      .sums = sums_,
                                      .there = there_,
                                      .highs = highs_};
  BatchWriter& kept = state.writers[grouping | Grouping{1} << d];
  std::span<const std::uint32_t> digits = state.digits;
  bool good = true;
  while (good && digits.size() > 1) {
    run.digits = digits.first(std::min(digits.size() - 1, BatchWriter::kRun));
    good = kept.add_run(state.members.data(), run);
    digits = digits.subspan(run.digits.size());
  }
  run.digits = digits;
  return good && state.writers[grouping].add_run(state.members.data(), run);
}

template <class Word>
bool DenseOf<Word>::walk_all_from(WalkAll& state, std::size_t d, std::uint64_t at,
                                  Grouping grouping) const {
  if (there_[at + state.totals[d]] == 0) {
    return true;
  }
  const std::uint32_t size = shape_.sizes[d];
  const std::uint64_t stride = shape_.strides[d];
  const bool runs = d + 2 == shape_.dimensions();
  for (std::uint32_t digit = 0; digit <= size; ++digit, at += stride) {
    const Grouping with = digit < size ? grouping | Grouping{1} << d : grouping;
    if (!runs) {
      state.members[d] = digit;
    }
    if (!(runs ? walk_all_run(state, at, digit, with) : walk_all_from(state, d + 1, at, with))) {
      return false;
    }
  }
  return true;
}

template <class Word>
bool DenseOf<Word>::walk_all(std::span<const std::uint32_t> outer,
                             std::span<BatchWriter> writers) const {
  const std::size_t dimensions = shape_.dimensions();
  WalkAll state{.writers = writers,
                .members = BatchWriter::members(shape_),
                .digits = std::vector<std::uint32_t>(std::size_t{shape_.sizes.back()} + 1),
                .totals = std::vector<std::uint64_t>(dimensions)};
  std::iota(state.digits.begin(), state.digits.end(), 0U);
  std::uint64_t total = 0;
  for (std::size_t d = dimensions; d-- > 0;) {
    state.totals[d] = total += shape_.sizes[d] * shape_.strides[d];
  }
  std::uint64_t at = 0;
  Grouping grouping = 0;
  for (std::size_t d = 0; d < outer.size(); ++d) {
    at += outer[d] * shape_.strides[d];
    grouping |= outer[d] < shape_.sizes[d] ? Grouping{1} << d : 0;
    state.members[d] = outer[d];
  }
  return walk_all_from(state, outer.size(), at, grouping);
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
