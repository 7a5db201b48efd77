#include <atalaya/observatory/alerts.hpp>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "rates_quantiles.hpp"

namespace atalaya::observatory {
namespace {

std::unexpected<Error> bad(std::string_view reason, const std::string& detail) {
  return fail(ErrorCode::invalid_argument, reason, detail);
}

Result<void> check_alpha(double alpha) {
  if (!(alpha > 0 && alpha < 0.5)) {
    return bad("observatory.alerts.bad_options",
               fmt::format("alpha must lie between 0 and 0.5, such as 0.01, not {}", alpha));
  }
  return {};
}

Result<void> check_counts(std::span<const double> series) {
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (!std::isnan(series[i]) && (!std::isfinite(series[i]) || series[i] < 0)) {
      return bad(
          "observatory.alerts.bad_count",
          fmt::format("period {} has the count {}: counts are zero or more", i + 1, series[i]));
    }
  }
  return {};
}

double exponent_of(PowerTransform transform) noexcept {
  switch (transform) {
    case PowerTransform::none:
      return 1;
    case PowerTransform::one_half:
      return 0.5;
    case PowerTransform::two_thirds:
      return 2.0 / 3;
  }
  return 1;
}

double mean_of(std::span<const double> values) noexcept {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) noexcept {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) {
    sum += (value - mean) * (value - mean);
  }
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

// The baseline that ends `gap` periods before `at`.
std::span<const double> baseline_of(std::span<const double> series, std::size_t at, std::size_t gap,
                                    std::size_t length) noexcept {
  return series.subspan(at - gap - length, length);
}

double standardise(double count, double mean, CusumTransform transform) noexcept {
  switch (transform) {
    case CusumTransform::standard:
      return (count - mean) / std::sqrt(mean);
    case CusumTransform::rossi:
      return (count - 3 * mean + 2 * std::sqrt(count * mean)) / (2 * std::sqrt(mean));
    case CusumTransform::anscombe:
      return 1.5 * (std::pow(count, 2.0 / 3) - std::pow(mean, 2.0 / 3)) / std::pow(mean, 1.0 / 6);
  }
  return 0;
}

}  // namespace

Result<Threshold> farrington_threshold(const FarringtonPrediction& prediction, double observed,
                                       double alpha, PowerTransform transform) {
  ATALAYA_TRY(check_alpha(alpha));
  const double mean = prediction.mean;
  if (!(mean > 0) || !(prediction.standard_error >= 0) || !(prediction.dispersion > 0) ||
      !(observed >= 0)) {
    return bad("observatory.alerts.bad_options",
               "mean and dispersion must be above zero, standard error and count not below");
  }
  const double power = exponent_of(transform);
  const double tau =
      prediction.dispersion + prediction.standard_error * prediction.standard_error / mean;
  // Variance of the transformed count by the delta method: power² × mean^(2·power−1) × tau.
  const double spread = std::sqrt(power * power * std::pow(mean, 2 * power - 1) * tau);
  const double centre = std::pow(mean, power);
  const double z = detail::normal_quantile(1 - alpha);
  const double below = centre - z * spread;
  Threshold threshold;
  threshold.low = below > 0 ? std::pow(below, 1 / power) : 0;
  threshold.high = std::pow(centre + z * spread, 1 / power);
  threshold.p_value = detail::normal_upper_tail((std::pow(observed, power) - centre) / spread);
  threshold.score = (observed - mean) / (threshold.high - mean);
  return threshold;
}

Result<Threshold> noufaily_threshold(const NoufailyPrediction& prediction, double observed,
                                     double alpha, CountModel model) {
  ATALAYA_TRY(check_alpha(alpha));
  if (model == CountModel::normal || !(prediction.log_standard_error >= 0) ||
      !(prediction.dispersion >= 1) || !(observed >= 0)) {
    return bad("observatory.alerts.bad_options",
               "the model must be muan or nb_plugin, the dispersion one or more, standard error "
               "and count not below zero");
  }
  const double up = model == CountModel::muan
                        ? detail::normal_quantile(1 - alpha) * prediction.log_standard_error
                        : 0;
  const double mean = std::exp(prediction.log_mean + up);
  if (!std::isfinite(mean) || !(mean > 0)) {
    return bad("observatory.alerts.no_fit", "the predicted mean is not a number to judge by");
  }
  const double phi = prediction.dispersion;
  Threshold threshold;
  threshold.low = detail::count_quantile(alpha, mean, phi);
  threshold.high = detail::count_quantile(1 - alpha, mean, phi);
  threshold.p_value = phi > 1 ? detail::negative_binomial_upper_tail(observed, mean, phi)
                              : detail::poisson_upper_tail(observed, mean);
  threshold.score = (observed - prediction.log_mean) / (threshold.high - prediction.log_mean);
  return threshold;
}

std::vector<double> outbreak_weights(std::span<const double> residuals, double cut) {
  double sum = 0;
  for (const double s : residuals) {
    sum += s > cut ? 1 / (s * s) : 1;
  }
  const double gamma = static_cast<double>(residuals.size()) / sum;
  std::vector<double> weights;
  weights.reserve(residuals.size());
  for (const double s : residuals) {
    weights.push_back(s > cut ? gamma / (s * s) : gamma);
  }
  return weights;
}

Result<EarsAlert> ears_alert(std::span<const double> series, std::size_t at,
                             const EarsOptions& options) {
  ATALAYA_TRY(check_alpha(options.alpha));
  if (options.baseline < 3 || !(options.sigma_min >= 0) || at >= series.size()) {
    return bad("observatory.alerts.bad_options",
               "the baseline needs three periods or more, the least deviation must not be "
               "negative, and the period must be in the series");
  }
  const std::size_t lag = options.method == EarsMethod::c1   ? 0
                          : options.method == EarsMethod::c2 ? 2
                                                             : 4;
  const std::size_t needed = options.baseline + lag;
  if (at < needed) {
    return bad(
        "observatory.alerts.short",
        fmt::format("needs {} periods before the one that is judged, and has {}", needed, at));
  }
  const auto used = series.subspan(at - needed, needed + 1);
  ATALAYA_TRY(check_counts(used));
  if (std::ranges::any_of(used, [](double v) { return std::isnan(v); })) {
    return bad("observatory.alerts.not_reported",
               "a period of the baseline or the one that is judged has no count: load it first");
  }
  const double z = detail::normal_quantile(1 - options.alpha);
  const auto deviation = [&](std::size_t when) {
    return std::max(deviation_of(baseline_of(series, when, 2, options.baseline)),
                    options.sigma_min);
  };
  // What C2 exceeded its mean by, in deviations, above one: the part C3 carries over.
  const auto carried = [&](std::size_t when) {
    const double mean = mean_of(baseline_of(series, when, 2, options.baseline));
    const double excess = (series[when] - mean) / deviation(when) - 1;
    return std::isnan(excess) ? 0.0 : std::max(0.0, excess);
  };
  EarsAlert alert{.alarm = false, .observed = series[at], .upper = 0};
  if (options.method == EarsMethod::c3) {
    alert.upper =
        std::max(0.0, series[at] + deviation(at) * (z - (carried(at - 2) + carried(at - 1))));
  } else {
    const auto baseline = baseline_of(series, at, lag, options.baseline);
    alert.upper = mean_of(baseline) + z * std::max(deviation_of(baseline), options.sigma_min);
  }
  alert.alarm = alert.observed > alert.upper;
  return alert;
}

Result<std::vector<CusumStep>> cusum(std::span<const double> series, const CusumOptions& options) {
  ATALAYA_TRY(check_counts(series));
  if (!(options.mean > 0) || !(options.reference >= 0) || !(options.decision > 0)) {
    return bad("observatory.alerts.bad_options",
               "mean and decision limit must be above zero, the reference not below");
  }
  std::vector<CusumStep> steps;
  steps.reserve(series.size());
  double sum = 0;
  for (const double count : series) {
    if (!std::isnan(count)) {
      sum = std::max(0.0,
                     sum + standardise(count, options.mean, options.transform) - options.reference);
    }
    const bool alarm = !std::isnan(count) && sum >= options.decision;
    if (alarm && options.reset) {
      sum = 0;
    }
    steps.push_back({sum, alarm});
  }
  return steps;
}

}  // namespace atalaya::observatory
