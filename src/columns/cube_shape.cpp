#include "cube_shape.hpp"

#include <algorithm>

namespace atalaya::columns::cube {

namespace {

void add_offset(std::uint64_t& key, std::uint64_t offset) {
  constexpr std::uint64_t kBody = kDroppedBit - 1;
  key = (((key & kBody) + (offset & kBody)) & kBody) | ((key | offset) & kDroppedBit);
}

}  // namespace

OffsetTables offset_tables(const Shape& shape, const CubeInput& input) {
  OffsetTables tables;
  for (std::size_t d = 0; d < shape.dimensions(); ++d) {
    std::vector<std::uint64_t> table(input.columns[d].lut.size());
    std::transform(input.columns[d].lut.begin(), input.columns[d].lut.end(), table.begin(),
                   [&](std::uint32_t member) {
                     return member == kDropped ? kDroppedBit : member * shape.strides[d];
                   });
    tables.push_back(std::move(table));
  }
  return tables;
}

void make_keys(const Chunk& chunk, const OffsetTables& tables, std::vector<std::uint64_t>& keys) {
  keys.assign(chunk.end - chunk.begin, 0);
  for (std::size_t d = 0; d < tables.size(); ++d) {
    const std::uint64_t* table = tables[d].data();
    const Codes* codes = chunk.input->columns[d].codes;
    if (codes == nullptr) {
      for (std::uint64_t& key : keys) {
        add_offset(key, table[0]);
      }
      continue;
    }
    std::visit(
        [&](const auto& list) {
          const auto* from = list.data() + chunk.begin;
          std::uint64_t* to = keys.data();
          for (std::size_t i = 0; i < keys.size(); ++i) {
            add_offset(to[i], table[from[i]]);
          }
        },
        *codes);
  }
}

BatchWriter::BatchWriter(const Shape& shape, Grouping grouping, unsigned shard, bool rows,
                         bool highs, const CellSink& sink)
    : dimensions_(shape.dimensions()),
      grouping_(grouping),
      shard_(shard),
      with_rows_(rows),
      with_highs_(highs),
      sink_(sink),
      members_(kCells * dimensions_),
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
