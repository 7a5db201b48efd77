#pragma once
// A linear program over counts >= 0: rows are sums of columns, or differences of two sums, that
// equal a number or come to it at least. Wraps COIN-OR Clp, whose answers are floating-point and
// therefore only hints: audit_exact.cpp rounds them and checks the rounded table itself.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace atalaya::columns::disclosure {

class Program {
 public:
  static constexpr std::int64_t kAnything = std::numeric_limits<std::int64_t>::min();

  struct Row {
    std::vector<std::uint32_t> columns;  // each once
    std::vector<std::uint32_t> less;     // columns that are subtracted
    std::int64_t sum = 0;
    /// False: only `sum` at least, kAnything for no bound, until bind() says more.
    bool equal = true;
  };

  struct Answer {
    bool solved = false;  // an optimum was found, or there is none
    bool bounded = false;
    double value = 0;
    std::vector<double> columns;
    std::vector<double> duals;  // by row
  };

  /// Each column costs `cost` in reoptimise().
  Program(std::size_t columns, std::span<const Row> rows, double cost = 0);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The smallest or largest sum of the columns, each with its weight; begins where the last
  /// answer ended.
  [[nodiscard]] Answer optimise(std::span<const std::uint32_t> columns,
                                std::span<const double> weights, bool largest);
  /// The cheapest solution; quick where only bounds and sums changed since the last one.
  [[nodiscard]] Answer reoptimise();
  /// What one column costs in reoptimise().
  void charge(std::size_t column, double cost);
  void bind(std::size_t row, std::int64_t sum);
  /// As it was before bind().
  void release(std::size_t row);
  /// Bounds of one column, for branching; high < 0 means none.
  void limit(std::size_t column, double low, double high);
  /// Bounds of one column as limit() takes them.
  [[nodiscard]] std::pair<double, double> limits(std::size_t column) const;
  /// Branches on the column of an answer that is farthest from a whole number: bounds it above,
  /// then below, asks `deeper` each time until that is true, and puts its bounds back. What
  /// `deeper` said; false, unasked, where every column is whole.
  [[nodiscard]] bool branch(std::span<const double> columns, const std::function<bool()>& deeper);

 private:
  struct Clp;
  [[nodiscard]] Answer answer() const;
  std::unique_ptr<Clp> clp_;
};

}  // namespace atalaya::columns::disclosure
