#include "cube_shape.hpp"

#include <algorithm>

namespace atalaya::columns::cube {

namespace {

// Of the keys that are made together: they stay in the innermost cache meanwhile.
constexpr std::size_t kTileRows = 2048;

void add_offset(std::uint64_t& key, std::uint64_t offset) {
  constexpr std::uint64_t kBody = kDroppedBit - 1;
  key = (((key & kBody) + (offset & kBody)) & kBody) | ((key | offset) & kDroppedBit);
}

void add_offset(std::uint32_t& key, std::uint32_t offset) {
  key += offset;
}

template <class Key>
void make_tile(const CubeInput& input, std::size_t begin, const OffsetTables<Key>& tables,
               std::span<Key> keys) {
  Key* const to = keys.data();
  const std::size_t rows = keys.size();
  std::fill_n(to, rows, Key{0});
  for (std::size_t d = 0; d < tables.size(); ++d) {
    const Key* const table = tables[d].data();
    const Codes* codes = input.columns[d].codes;
    if (codes == nullptr) {
      for (std::size_t i = 0; i < rows; ++i) {
        add_offset(to[i], table[0]);
      }
      continue;
    }
    std::visit(
        [&](const auto& list) {
          const auto* const from = list.data() + begin;
          for (std::size_t i = 0; i < rows; ++i) {
            add_offset(to[i], table[from[i]]);
          }
        },
        *codes);
  }
}

}  // namespace

template <class Key>
OffsetTables<Key> offset_tables(const Shape& shape, const CubeInput& input) {
  constexpr Key kDroppedOffset = static_cast<Key>(sizeof(Key) == 4 ? kDropped32 : kDroppedBit);
  OffsetTables<Key> tables;
  for (std::size_t d = 0; d < shape.dimensions(); ++d) {
    std::vector<Key>& table = tables.emplace_back(input.columns[d].lut.size());
    std::transform(input.columns[d].lut.begin(), input.columns[d].lut.end(), table.begin(),
                   [&](std::uint32_t member) {
                     return member == kDropped ? kDroppedOffset
                                               : static_cast<Key>(member * shape.strides[d]);
                   });
  }
  return tables;
}

template <class Key>
void make_keys(const Chunk& chunk, const OffsetTables<Key>& tables, std::vector<Key>& keys) {
  const std::size_t rows = chunk.end - chunk.begin;
  keys.resize(rows);
  for (std::size_t i = 0; i < rows; i += kTileRows) {
    make_tile<Key>(*chunk.input, chunk.begin + i, tables,
                   std::span(keys).subspan(i, std::min(kTileRows, rows - i)));
  }
}

template OffsetTables<std::uint32_t> offset_tables(const Shape&, const CubeInput&);
template OffsetTables<std::uint64_t> offset_tables(const Shape&, const CubeInput&);
template void make_keys(const Chunk&, const OffsetTables<std::uint32_t>&,
                        std::vector<std::uint32_t>&);
template void make_keys(const Chunk&, const OffsetTables<std::uint64_t>&,
                        std::vector<std::uint64_t>&);

BatchWriter::BatchWriter(const Shape& shape, Grouping grouping, unsigned shard, bool rows,
                         bool highs, const CellSink& sink)
    : dimensions_(shape.dimensions()),
      grouping_(grouping),
      shard_(shard),
      with_rows_(rows),
      with_highs_(highs),
      sink_(sink),
      members_(kCells * dimensions_ + kMembersStep),
      sums_(kCells),
      rows_(rows ? kCells : 0),
      highs_(highs ? kCells : 0) {}

bool BatchWriter::flush() {
  if (used_ > 0 && result_.has_value()) {
    result_ = sink_({.grouping = grouping_,
                     .shard = shard_,
                     .dimensions = dimensions_,
                     .members = std::span(members_).first(used_ * dimensions_),
                     .sums = std::span(sums_).first(used_),
                     .rows = std::span(rows_).first(with_rows_ ? used_ : 0),
                     .highs = std::span(highs_).first(with_highs_ ? used_ : 0)});
  }
  used_ = 0;
  return result_.has_value();
}

}  // namespace atalaya::columns::cube
