#pragma once
// A small generalised linear model: Poisson with log link, by iteratively reweighted least
// squares, as R's glm() fits it (same start, same rule to stop), so that results agree to the
// digits that R prints. For at most a few dozen columns.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace atalaya::observatory::detail {

/// Rows of equal length, row by row.
struct Design {
  std::size_t columns = 0;
  std::vector<double> cells;

  [[nodiscard]] std::size_t rows() const noexcept { return cells.size() / columns; }

  [[nodiscard]] std::span<const double> row(std::size_t i) const noexcept {
    return std::span(cells).subspan(i * columns, columns);
  }
};

struct PoissonFit {
  std::vector<double> coefficients;
  std::vector<double> fitted;    // means
  std::vector<double> leverage;  // diagonal of the hat matrix
  std::vector<double> inverse;   // of X'WX, columns × columns
  double pearson = 0;            // sum of squared Pearson residuals
  double deviance = 0;
  double degrees = 0;  // of freedom that are left

  /// Estimated dispersion of the quasi-Poisson family; not below zero degrees.
  [[nodiscard]] double dispersion() const noexcept { return degrees > 0 ? pearson / degrees : 1; }

  /// The linear predictor of a new row, and the square of its standard error at dispersion one.
  [[nodiscard]] double predict(std::span<const double> row) const noexcept;
  [[nodiscard]] double predict_variance(std::span<const double> row) const noexcept;
};

/// `weights` are prior weights, empty for all one. Nothing where it does not converge within 25
/// steps or a column is redundant.
[[nodiscard]] std::optional<PoissonFit> fit_poisson(const Design& design,
                                                    std::span<const double> response,
                                                    std::span<const double> weights);

}  // namespace atalaya::observatory::detail
