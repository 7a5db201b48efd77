#pragma once
// A cube as an array of all possible cells.

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include <atalaya/columns/cube.hpp>

#include "cube_shape.hpp"

namespace atalaya::columns::cube {

/// Memory of zeros that costs nothing until it is touched.
class Zeros {
 public:
  Zeros() = default;
  explicit Zeros(std::size_t bytes);  // throws std::bad_alloc
  Zeros(const Zeros&) = delete;
  Zeros& operator=(const Zeros&) = delete;
  ~Zeros();

  [[nodiscard]] void* data() const noexcept { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

class Dense {
 public:
  Dense() = default;
  Dense(const Dense&) = delete;
  Dense& operator=(const Dense&) = delete;
  virtual ~Dense() = default;

  virtual void add(std::span<const CubeInput> inputs, unsigned threads) = 0;
  /// Fills in every total of every grouping.
  virtual void roll_up(unsigned threads) = 0;
  /// Writes the selected cells that exist, ascending; false when the writer's sink failed.
  virtual bool walk(const Selection& selection, BatchWriter& writer) const = 0;
  /// Writes every cell of every grouping under these digits of the outermost dimensions into
  /// writers[grouping]. It reads the array once, where walk() reads it for each grouping.
  virtual bool walk_all(std::span<const std::uint32_t> outer,
                        std::span<BatchWriter> writers) const = 0;
  [[nodiscard]] virtual std::size_t bytes() const noexcept = 0;
};

/// Bytes that it would take; at most 2^63.
[[nodiscard]] std::uint64_t dense_bytes(const Shape& shape, const Bounds& bounds,
                                        const Layers& layers) noexcept;
[[nodiscard]] std::unique_ptr<Dense> make_dense(const Shape& shape, const Bounds& bounds,
                                                const Layers& layers);

}  // namespace atalaya::columns::cube
