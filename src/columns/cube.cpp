// Checks what is asked, chooses between the dense and the sparse cube, and walks either.
#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include <atalaya/columns/cube.hpp>

#include "cube_dense.hpp"
#include "cube_parallel.hpp"
#include "cube_shape.hpp"
#include "cube_sparse.hpp"

namespace atalaya::columns {

namespace {

std::unexpected<Error> bad_input(const std::string& what) {
  return fail(ErrorCode::invalid_argument, "columns.cube.input", what);
}

Result<cube::Shape> make_shape(const std::vector<std::uint32_t>& sizes) {
  if (sizes.size() > kCubeDimensionsMax) {
    return bad_input(fmt::format("a cube has at most {} dimensions", kCubeDimensionsMax));
  }
  cube::Shape shape{.sizes = sizes, .strides = std::vector<std::uint64_t>(sizes.size())};
  for (std::size_t d = sizes.size(); d-- > 0;) {
    if (sizes[d] == 0 || sizes[d] > (1U << 31)) {
      return bad_input(fmt::format("dimension {} has {} members", d, sizes[d]));
    }
    shape.strides[d] = shape.cells;
    if (shape.cells > (cube::kDroppedBit - 1) / (std::uint64_t{sizes[d]} + 1)) {
      return fail(ErrorCode::exhausted, "columns.cube.too_large",
                  "the table has more than 2^63 possible cells: ask for fewer dimensions");
    }
    shape.cells *= std::uint64_t{sizes[d]} + 1;
  }
  return shape;
}

std::size_t largest_code(const Codes& codes, unsigned threads) {
  return std::visit(
      [&](const auto& list) {
        constexpr std::size_t kStep = std::size_t{1} << 20;
        const std::size_t steps = (list.size() + kStep - 1) / kStep;
        std::vector<std::size_t> found(steps);
        parallel(threads, steps, [&](unsigned, std::size_t i) {
          using Code = typename std::remove_cvref_t<decltype(list)>::value_type;
          Code best = 0;
          const std::size_t end = std::min(list.size(), (i + 1) * kStep);
          const Code* const data = list.data();
          for (std::size_t row = i * kStep; row < end; ++row) {
            best = std::max(best, data[row]);
          }
          found[i] = best;
        });
        return found.empty() ? std::size_t{0} : *std::max_element(found.begin(), found.end());
      },
      codes);
}

Result<void> check(const CubeInput& input, const cube::Shape& shape, unsigned threads) {
  if (input.columns.size() != shape.dimensions() ||
      (!input.values.empty() && input.values.size() != input.rows) ||
      (!input.values_high.empty() && input.values_high.size() != input.rows)) {
    return bad_input("an input has other columns than the cube has dimensions, or other rows");
  }
  for (std::size_t d = 0; d < shape.dimensions(); ++d) {
    const CubeColumn& column = input.columns[d];
    if (column.codes != nullptr && size(*column.codes) != input.rows) {
      return bad_input(fmt::format("column {} has another number of rows", d));
    }
    const std::size_t codes = input.rows == 0           ? 0
                              : column.codes == nullptr ? 1
                                                        : largest_code(*column.codes, threads) + 1;
    if (column.lut.size() < codes) {
      return bad_input(fmt::format("the table of dimension {} ends before its codes", d));
    }
    for (const std::uint32_t member : column.lut) {
      if (member != kDropped && member >= shape.sizes[d]) {
        return bad_input(fmt::format("dimension {} has no member {}", d, member));
      }
    }
  }
  return {};
}

void add_capped(std::uint64_t& sum, std::uint64_t more) {
  constexpr std::uint64_t kCap = std::uint64_t{1} << 63;
  sum = more > kCap - sum ? kCap : sum + more;
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

/// Of all rows, or of those alone that are not dropped: the second is exact and costs more.
cube::Bounds find_bounds(std::span<const CubeInput> inputs, const cube::Shape& shape, bool exact) {
  cube::Bounds bounds;
  std::vector<std::uint64_t> keys;
  for (const CubeInput& input : inputs) {
    const auto tables = cube::offset_tables<std::uint64_t>(shape, input);
    const bool same = input.values_high.empty();
    const auto& highs = same ? input.values : input.values_high;
    if (input.values.empty() && same) {
      add_capped(bounds.sum_max, input.rows);
      add_capped(bounds.high_max, input.rows);
      bounds.rows += input.rows;
      continue;
    }
    for (std::size_t begin = 0; begin < input.rows; begin += cube::kChunkRows) {
      const std::size_t end = std::min(input.rows, begin + cube::kChunkRows);
      if (exact) {
        cube::make_keys({&input, begin, end}, tables, keys);
      }
      for (std::size_t row = begin; row < end; ++row) {
        if (exact && (keys[row - begin] & cube::kDroppedBit) != 0) {
          continue;
        }
        const std::int64_t value = input.values.empty() ? 1 : input.values[row];
        add_capped(bounds.sum_max, magnitude(value));
        add_capped(bounds.high_max, magnitude(highs[row]));
        bounds.all_one = bounds.all_one && value == 1;
        bounds.all_positive = bounds.all_positive && value > 0;
        ++bounds.rows;
      }
    }
  }
  return bounds;
}

bool by_kept(Grouping a, Grouping b) {
  return std::popcount(a) != std::popcount(b) ? std::popcount(a) > std::popcount(b) : a < b;
}

// A walk over all groupings at once: its threads share the digits of so many dimensions, and it
// has a writer for each of 2^kDimensionsAtOnceMax groupings at most.
constexpr std::size_t kDimensionsOfTask = 2;
constexpr std::size_t kDimensionsAtOnceMax = 10;

std::vector<std::uint32_t> members_of(std::uint32_t size) {
  std::vector<std::uint32_t> all(size);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

}  // namespace

struct Cube::State {
  cube::Shape shape;
  CubeSpec spec;
  cube::Layers layers;
  std::unique_ptr<cube::Dense> dense;
  std::optional<cube::Sparse> sparse;
  std::vector<Grouping> groupings;

  Result<void> walk(const cube::Selection& selection, unsigned shard, const CellSink& sink) const {
    cube::BatchWriter writer(shape, selection.grouping, shard, spec.with_rows, spec.with_high,
                             sink);
    static_cast<void>(dense ? dense->walk(selection, writer) : sparse->walk(selection, writer));
    return writer.result();
  }

  /// Every cell of every grouping of a dense cube. Each thread has a writer for each grouping.
  Result<void> walk_at_once(unsigned workers, const CellSink& sink) const {
    std::vector<std::vector<cube::BatchWriter>> writers(workers);
    for (unsigned worker = 0; worker < workers; ++worker) {
      for (Grouping grouping = 0; grouping <= shape.base(); ++grouping) {
        writers[worker].emplace_back(shape, grouping, worker, spec.with_rows, spec.with_high, sink);
      }
    }
    std::size_t tasks = 1;
    for (std::size_t d = 0; d < kDimensionsOfTask; ++d) {
      tasks *= std::size_t{shape.sizes[d]} + 1;
    }
    std::atomic<bool> failed{false};
    parallel(workers, tasks, [&](unsigned worker, std::size_t task) {
      std::array<std::uint32_t, kDimensionsOfTask> outer{};
      for (std::size_t d = kDimensionsOfTask; d-- > 0;) {
        const std::size_t digits = std::size_t{shape.sizes[d]} + 1;
        outer[d] = static_cast<std::uint32_t>(task % digits);
        task /= digits;
      }
      if (!failed && !dense->walk_all(outer, writers[worker])) {
        failed = true;
      }
    });
    for (std::vector<cube::BatchWriter>& shard : writers) {
      for (cube::BatchWriter& writer : shard) {
        if (!failed || !writer.result()) {
          static_cast<void>(writer.flush());
          ATALAYA_TRY(writer.result());
        }
      }
    }
    return {};
  }

  /// Every cell of a grouping.
  [[nodiscard]] cube::Selection select(Grouping grouping) const {
    cube::Selection selection{.grouping = grouping, .digits = {}};
    for (std::size_t d = 0; d < shape.dimensions(); ++d) {
      selection.digits.push_back(shape.keeps(grouping, d)
                                     ? members_of(shape.sizes[d])
                                     : std::vector<std::uint32_t>{shape.sizes[d]});
    }
    return selection;
  }

  [[nodiscard]] Result<cube::Selection> select(Grouping grouping,
                                               const MemberFilter& filter) const {
    if (filter.size() > shape.dimensions() || (grouping & ~shape.base()) != 0) {
      return bad_input("the filter or the grouping names a dimension that the cube has not");
    }
    cube::Selection selection = select(grouping);
    for (std::size_t d = 0; d < filter.size(); ++d) {
      std::vector<std::uint32_t> members = filter[d];
      std::sort(members.begin(), members.end());
      members.erase(std::unique(members.begin(), members.end()), members.end());
      if (!members.empty() && members.back() >= shape.sizes[d]) {
        return bad_input(fmt::format("dimension {} has no member {}", d, members.back()));
      }
      // All members of a dimension that is not kept are its total, which is there already.
      if (!members.empty() && members.size() < shape.sizes[d]) {
        selection.digits[d] = std::move(members);
      }
    }
    return selection;
  }
};

Cube::Cube(std::unique_ptr<State> state) : state_(std::move(state)) {}

Cube::Cube(Cube&&) noexcept = default;
Cube& Cube::operator=(Cube&&) noexcept = default;
Cube::~Cube() = default;

Result<Cube> Cube::aggregate(std::span<const CubeInput> inputs, const CubeSpec& spec) {
  auto state = std::make_unique<State>();
  state->spec = spec;
  state->spec.threads = thread_count(spec.threads);
  state->shape = ATALAYA_TRY(make_shape(spec.sizes));
  for (const CubeInput& input : inputs) {
    ATALAYA_TRY(check(input, state->shape, state->spec.threads));
  }
  cube::Bounds bounds = find_bounds(inputs, state->shape, false);
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (bounds.sum_max > kMax || (spec.with_high && bounds.high_max > kMax)) {
    bounds = find_bounds(inputs, state->shape, true);
  }
  if (!spec.with_high) {
    bounds.high_max = 0;
  }
  if (bounds.sum_max > kMax || bounds.high_max > kMax) {
    return fail(ErrorCode::exhausted, "columns.cube.overflow",
                "the values add up to more than 64 bits hold: choose a larger unit");
  }
  // Whether a cell is there must be seen: from its sum where no row can leave it at 0.
  state->layers = {.rows = !bounds.all_positive || (spec.with_rows && !bounds.all_one),
                   .highs = spec.with_high};
  state->groupings = {state->shape.base()};
  if (cube::dense_bytes(state->shape, bounds, state->layers) <= spec.dense_bytes_max) {
    state->dense = cube::make_dense(state->shape, bounds, state->layers);
    state->dense->add(inputs, state->spec.threads);
    state->dense->roll_up(state->spec.threads);
  } else {
    state->sparse.emplace(state->shape, state->layers);
    state->sparse->add(inputs, state->spec.threads);
  }
  return Cube(std::move(state));
}

const std::vector<std::uint32_t>& Cube::sizes() const noexcept {
  return state_->shape.sizes;
}

Grouping Cube::base() const noexcept {
  return state_->shape.base();
}

bool Cube::dense() const noexcept {
  return state_->dense != nullptr;
}

std::size_t Cube::bytes() const noexcept {
  return state_->dense ? state_->dense->bytes() : state_->sparse->bytes();
}

const std::vector<Grouping>& Cube::groupings() const noexcept {
  return state_->groupings;
}

Result<void> Cube::roll_up(std::span<const Grouping> groupings) {
  std::vector<Grouping> wanted(groupings.begin(), groupings.end());
  if (wanted.empty() && state_->shape.dimensions() > kCubeAllGroupingsMax) {
    return bad_input(
        fmt::format("all groupings are made of at most {} dimensions: name those "
                    "that are wanted",
                    kCubeAllGroupingsMax));
  }
  if (wanted.empty()) {
    wanted = members_of(state_->shape.base() + 1);
  }
  for (const Grouping grouping : wanted) {
    if ((grouping & ~state_->shape.base()) != 0) {
      return bad_input("a grouping names a dimension that the cube has not");
    }
  }
  if (state_->sparse) {
    state_->sparse->roll_up(wanted, state_->spec.threads);
  }
  std::vector<Grouping>& made = state_->groupings;
  made.insert(made.end(), wanted.begin(), wanted.end());
  std::sort(made.begin(), made.end(), by_kept);
  made.erase(std::unique(made.begin(), made.end()), made.end());
  return {};
}

Result<void> Cube::visit(Grouping grouping, const CellSink& sink) const {
  if (!std::binary_search(state_->groupings.begin(), state_->groupings.end(), grouping, by_kept)) {
    return bad_input("this grouping was not made");
  }
  return state_->walk(state_->select(grouping), 0, sink);
}

Result<void> Cube::visit_all(unsigned threads, const CellSink& sink) const {
  const unsigned workers = thread_count(threads);
  if (workers == 1) {
    for (const Grouping grouping : state_->groupings) {
      ATALAYA_TRY(visit(grouping, sink));
    }
    return {};
  }
  const std::size_t dimensions = state_->shape.dimensions();
  if (state_->dense && dimensions >= kDimensionsOfTask + 2 && dimensions <= kDimensionsAtOnceMax &&
      state_->groupings.size() == std::size_t{state_->shape.base()} + 1) {
    return state_->walk_at_once(workers, sink);
  }
  // One task is one member of the first kept dimension, so that the large groupings are shared.
  std::vector<cube::Selection> tasks;
  for (const Grouping grouping : state_->groupings) {
    const cube::Selection all = state_->select(grouping);
    const auto first = static_cast<std::size_t>(std::countr_zero(grouping));
    const bool split = grouping != 0 && state_->dense;
    for (std::size_t i = 0; i < (split ? all.digits[first].size() : 1); ++i) {
      tasks.push_back(all);
      if (split) {
        tasks.back().digits[first] = {all.digits[first][i]};
      }
    }
  }
  Result<void> result;
  std::mutex lock;
  std::atomic<bool> failed{false};
  parallel(workers, tasks.size(), [&](unsigned worker, std::size_t task) {
    if (failed) {
      return;
    }
    auto walked = state_->walk(tasks[task], worker, sink);
    if (!walked.has_value()) {
      const std::lock_guard guard(lock);
      failed = true;
      result = std::move(walked);
    }
  });
  return result;
}

Result<void> Cube::query(Grouping grouping, const MemberFilter& filter,
                         const CellSink& sink) const {
  const cube::Selection selection = ATALAYA_TRY(state_->select(grouping, filter));
  return state_->walk(selection, 0, sink);
}

Result<std::vector<std::vector<bool>>> Cube::availability(const MemberFilter& filter) const {
  std::vector<std::vector<std::uint8_t>> found;
  for (const std::uint32_t size : state_->shape.sizes) {
    found.emplace_back(size);
  }
  const cube::Selection selection = ATALAYA_TRY(state_->select(base(), filter));
  const std::size_t dimensions = found.size();
  ATALAYA_TRY(state_->walk(selection, 0, [&](const CellBatch& batch) -> Result<void> {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::uint32_t* members = batch.members.data() + i * dimensions;
      for (std::size_t d = 0; d < dimensions; ++d) {
        found[d][members[d]] = 1;
      }
    }
    return {};
  }));
  std::vector<std::vector<bool>> available;
  for (const auto& members : found) {
    available.emplace_back(members.begin(), members.end());
  }
  return available;
}

CountTable::CountTable(std::int64_t count_max, Function function) : function_(std::move(function)) {
  constexpr std::int64_t kEntriesMax = (std::int64_t{1} << 20) + 1;
  size_ = std::clamp<std::int64_t>(count_max, -1, kEntriesMax - 1) + 1;
  entries_.reserve(static_cast<std::size_t>(size_));
  for (std::int64_t count = 0; count < size_; ++count) {
    entries_.push_back(function_(count));
  }
}

}  // namespace atalaya::columns
