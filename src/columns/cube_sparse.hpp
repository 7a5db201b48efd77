#pragma once
// A cube as sorted lists of the cells that exist, one list for each grouping.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include <atalaya/columns/cube.hpp>

#include "cube_shape.hpp"

namespace atalaya::columns::cube {

/// Cells of one grouping, ascending by key.
struct CellList {
  std::vector<std::uint64_t> keys;
  std::vector<std::int64_t> sums;
  std::vector<std::int64_t> rows;   // empty when they are the sums
  std::vector<std::int64_t> highs;  // empty when they are not kept
  [[nodiscard]] std::size_t bytes() const noexcept;
};

class Sparse {
 public:
  Sparse(const Shape& shape, const Layers& layers) : shape_(shape), layers_(layers) {}

  void add(std::span<const CubeInput> inputs, unsigned threads);
  /// Makes these groupings (and those that they are best made from, which are dropped again).
  void roll_up(std::span<const Grouping> groupings, unsigned threads);
  /// The selected cells, ascending; false when the writer's sink failed.
  bool walk(const Selection& selection, BatchWriter& writer) const;
  [[nodiscard]] std::size_t bytes() const noexcept;

 private:
  [[nodiscard]] Grouping smallest_with(Grouping wanted) const;
  bool walk_list(const Selection& selection, const CellList& list, BatchWriter& writer) const;

  const Shape& shape_;
  Layers layers_;
  std::map<Grouping, CellList> lists_;
};

}  // namespace atalaya::columns::cube
