#include "rates_quantiles.hpp"

#include <cmath>
#include <limits>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace atalaya::observatory::detail {
namespace {

namespace bm = boost::math;

// Errors become NaN instead of exceptions: what callers pass was checked, and a NaN shows up in
// every test. Doubles are not promoted to long double: fifteen digits are enough and twice as fast.
using Quiet = bm::policies::policy<bm::policies::domain_error<bm::policies::ignore_error>,
                                   bm::policies::pole_error<bm::policies::ignore_error>,
                                   bm::policies::overflow_error<bm::policies::ignore_error>,
                                   bm::policies::evaluation_error<bm::policies::ignore_error>,
                                   bm::policies::promote_double<false>>;

double at_most(double count, double mean, double dispersion) noexcept {
  if (count < 0) {
    return 0;
  }
  if (dispersion <= 1) {
    return bm::gamma_q(count + 1, mean, Quiet());
  }
  return bm::ibeta(mean / (dispersion - 1), count + 1, 1 / dispersion, Quiet());
}

}  // namespace

double normal_quantile(double p) noexcept {
  return bm::quantile(bm::normal_distribution<double, Quiet>(0, 1), p);
}

double normal_upper_tail(double z) noexcept {
  return std::erfc(z / std::sqrt(2.0)) / 2;
}

double gamma_quantile(double shape, double p) noexcept {
  return bm::gamma_p_inv(shape, p, Quiet());
}

double gamma_quantile_upper(double shape, double q) noexcept {
  return bm::gamma_q_inv(shape, q, Quiet());
}

double student_two_sided(double t, double degrees) noexcept {
  const bm::students_t_distribution<double, Quiet> student(degrees);
  return 2 * bm::cdf(bm::complement(student, std::abs(t)));
}

double poisson_upper_tail(double count, double mean) noexcept {
  return count <= 0 ? 1 : bm::gamma_p(count, mean, Quiet());
}

double negative_binomial_upper_tail(double count, double mean, double dispersion) noexcept {
  return count <= 0 ? 1 : bm::ibetac(mean / (dispersion - 1), count, 1 / dispersion, Quiet());
}

double count_quantile(double p, double mean, double dispersion) noexcept {
  // Double the upper bound until it is one, then halve the bracket: at most a hundred steps.
  double low = -1;
  double high = 1;
  while (at_most(high, mean, dispersion) < p) {
    low = high;
    high *= 2;
    if (!(high < 1e15)) {
      return std::numeric_limits<double>::quiet_NaN();
    }
  }
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (at_most(middle, mean, dispersion) < p ? low : high) = middle;
  }
  return high;
}

}  // namespace atalaya::observatory::detail
