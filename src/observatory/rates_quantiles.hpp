#pragma once

// Quantiles and tails of distributions. The only door to Boost.Math, whose headers are slow to
// compile and whose exceptions end here. Arguments are checked by the callers.

namespace atalaya::observatory::detail {

/// Standard normal: the z with P(Z <= z) = p, 0 < p < 1.
[[nodiscard]] double normal_quantile(double p) noexcept;
/// P(Z > z).
[[nodiscard]] double normal_upper_tail(double z) noexcept;
/// Gamma with scale 1: the x with P(X <= x) = p, or with P(X > x) = q. Shape > 0.
[[nodiscard]] double gamma_quantile(double shape, double p) noexcept;
[[nodiscard]] double gamma_quantile_upper(double shape, double q) noexcept;
/// Two-sided p-value of Student's t.
[[nodiscard]] double student_two_sided(double t, double degrees) noexcept;

/// P(X >= count) for whole counts >= 0.
[[nodiscard]] double poisson_upper_tail(double count, double mean) noexcept;
/// Negative binomial with mean `mean` and variance `dispersion` × mean, dispersion > 1.
[[nodiscard]] double negative_binomial_upper_tail(double count, double mean,
                                                  double dispersion) noexcept;
/// The smallest whole count with P(X <= count) >= p. dispersion 1 is the Poisson distribution.
[[nodiscard]] double count_quantile(double p, double mean, double dispersion) noexcept;

}  // namespace atalaya::observatory::detail
