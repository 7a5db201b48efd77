#include "alerts_glm.hpp"

#include <algorithm>
#include <cmath>

namespace atalaya::observatory::detail {
namespace {

constexpr int kStepsMax = 25;        // R's default
constexpr double kTolerance = 1e-8;  // R's default, of the relative deviance

using Matrix = std::vector<double>;  // square, row by row

// Inverts a symmetric positive definite matrix by Cholesky; false where it is (nearly) singular.
bool invert(Matrix& a, std::size_t n) {
  Matrix lower(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) {
        sum -= lower[i * n + k] * lower[j * n + k];
      }
      if (i == j) {
        // R's rank rule is 1e-11 on the columns; squares of columns stand here.
        if (!(sum > 1e-13 * a[i * n + i])) {
          return false;
        }
        lower[i * n + i] = std::sqrt(sum);
      } else {
        lower[i * n + j] = sum / lower[j * n + j];
      }
    }
  }
  for (std::size_t column = 0; column < n; ++column) {
    std::vector<double> x(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      double sum = i == column ? 1 : 0;
      for (std::size_t k = 0; k < i; ++k) {
        sum -= lower[i * n + k] * x[k];
      }
      x[i] = sum / lower[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      double sum = x[i];
      for (std::size_t k = i + 1; k < n; ++k) {
        sum -= lower[k * n + i] * x[k];
      }
      x[i] = sum / lower[i * n + i];
    }
    for (std::size_t i = 0; i < n; ++i) {
      a[i * n + column] = x[i];
    }
  }
  return true;
}

double quadratic(const Matrix& a, std::span<const double> row) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    for (std::size_t j = 0; j < row.size(); ++j) {
      sum += row[i] * a[i * row.size() + j] * row[j];
    }
  }
  return sum;
}

double deviance_of(double y, double mean) noexcept {
  return 2 * (y > 0 ? y * std::log(y / mean) - (y - mean) : mean);
}

}  // namespace

double PoissonFit::predict(std::span<const double> row) const noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    sum += row[i] * coefficients[i];
  }
  return sum;
}

double PoissonFit::predict_variance(std::span<const double> row) const noexcept {
  return quadratic(inverse, row);
}

std::optional<PoissonFit> fit_poisson(const Design& design, std::span<const double> response,
                                      std::span<const double> weights) {
  const std::size_t n = response.size();
  const std::size_t p = design.columns;
  if (n < p || p == 0) {
    return std::nullopt;
  }
  const auto prior = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  PoissonFit fit;
  fit.fitted.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    fit.fitted[i] = response[i] + 0.1;
    fit.deviance += prior(i) * deviance_of(response[i], fit.fitted[i]);
  }
  std::vector<double> working(n);
  bool converged = false;
  for (int step = 0; step < kStepsMax && !converged; ++step) {
    Matrix normal(p * p, 0);
    std::vector<double> right(p, 0);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = design.row(i);
      working[i] = prior(i) * fit.fitted[i];
      const double z = std::log(fit.fitted[i]) + (response[i] - fit.fitted[i]) / fit.fitted[i];
      for (std::size_t a = 0; a < p; ++a) {
        right[a] += working[i] * row[a] * z;
        for (std::size_t b = 0; b < p; ++b) {
          normal[a * p + b] += working[i] * row[a] * row[b];
        }
      }
    }
    if (!invert(normal, p)) {
      return std::nullopt;
    }
    fit.inverse = normal;
    fit.coefficients.assign(p, 0);
    for (std::size_t a = 0; a < p; ++a) {
      for (std::size_t b = 0; b < p; ++b) {
        fit.coefficients[a] += normal[a * p + b] * right[b];
      }
    }
    const double before = fit.deviance;
    fit.deviance = 0;
    for (std::size_t i = 0; i < n; ++i) {
      fit.fitted[i] = std::exp(fit.predict(design.row(i)));
      if (!std::isfinite(fit.fitted[i]) || fit.fitted[i] < 1e-300) {
        return std::nullopt;
      }
      fit.deviance += prior(i) * deviance_of(response[i], fit.fitted[i]);
    }
    converged = std::abs(fit.deviance - before) / (std::abs(fit.deviance) + 0.1) < kTolerance;
  }
  if (!converged) {
    return std::nullopt;
  }
  fit.leverage.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double off = (response[i] - fit.fitted[i]) / fit.fitted[i];
    fit.pearson += working[i] * off * off;
    fit.leverage[i] = working[i] * fit.predict_variance(design.row(i));
  }
  const auto used = static_cast<double>(
      weights.empty() ? static_cast<std::ptrdiff_t>(n)
                      : std::ranges::count_if(weights, [](double w) { return w > 0; }));
  fit.degrees = used - static_cast<double>(p);
  return fit;
}

}  // namespace atalaya::observatory::detail
