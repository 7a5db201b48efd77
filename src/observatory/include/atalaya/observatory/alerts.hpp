#pragma once
// Whether this week's count is more than its own history explains. For analysts: an alert asks
// somebody to look, it is not a figure. Series are equally spaced counts, oldest first; a period
// that nobody reported is NaN, never zero. Wrong input fails with invalid_argument
// (observatory.alerts.*). Pure; any thread. Formulas, sources and vectors: docs/methods/alerts.md.

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::observatory {

inline constexpr double kNotReported = std::numeric_limits<double>::quiet_NaN();

/// What a count is held against. `score` is (observed − expected) / (high − expected): above one is
/// an exceedance. `p_value` is the chance of the observed count or more. Both bounds are one-sided
/// at alpha, `low` not below zero.
struct Threshold {
  double low = 0;
  double high = 0;
  double p_value = 1;
  double score = 0;
};

/// The scale on which a prediction is taken as normal.
enum class PowerTransform { none, one_half, two_thirds };

struct FarringtonPrediction {
  double mean = 0;            // > 0
  double standard_error = 0;  // of the mean, >= 0
  double dispersion = 1;      // >= 1
};

/// Source: Farrington, Andrews, Beale, Catchpole, J R Stat Soc A 1996;159:547-63.
[[nodiscard]] Result<Threshold> farrington_threshold(const FarringtonPrediction& prediction,
                                                     double observed, double alpha,
                                                     PowerTransform transform);

enum class CountModel {
  normal,    // farrington_threshold()
  muan,      // negative binomial at the upper limit of the mean
  nb_plugin  // negative binomial at the mean
};

struct NoufailyPrediction {
  double log_mean = 0;
  double log_standard_error = 0;
  double dispersion = 1;
};

/// Quantiles of the negative binomial (Poisson at dispersion 1); `model` muan or nb_plugin. As in
/// the reference implementation, its score is measured from the linear predictor.
/// Source: Noufaily and others, Stat Med 2013;32:1206-22; R package surveillance.
[[nodiscard]] Result<Threshold> noufaily_threshold(const NoufailyPrediction& prediction,
                                                   double observed, double alpha, CountModel model);

/// Weights that take past outbreaks out of the baseline: residuals above `cut` count by the inverse
/// of their square; the weights sum to their number.
[[nodiscard]] std::vector<double> outbreak_weights(std::span<const double> residuals, double cut);

/// The defaults are Noufaily's "Farrington flexible". farrington_1996() are the first ones.
struct FarringtonOptions {
  std::size_t frequency = 52;        // periods per year: 52 weeks, 12 months
  std::size_t years_back = 5;        // all must be in the series
  std::size_t half_window = 3;       // periods around the same week of each past year
  std::size_t seasons = 10;          // levels of the seasonal factor; 1: none, those windows alone
  std::size_t recent_left_out = 26;  // periods before now that may hold the beginning outbreak
  double residual_cut = 2.58;
  double trend_p_max = 1;  // a trend stays where its p-value is below
  CountModel model = CountModel::muan;
  PowerTransform transform = PowerTransform::two_thirds;  // of CountModel::normal
  double alpha = 0.005;
  double events_min = 5;  // no alert with fewer events in the last `events_periods`
  std::size_t events_periods = 4;
};

[[nodiscard]] FarringtonOptions farrington_1996() noexcept;

struct Alert {
  bool alarm = false;
  bool enough_events = false;  // else no alarm, and the threshold is not for showing
  double observed = 0;
  double expected = 0;
  double dispersion = 1;
  std::optional<double> trend;  // of the log mean, per period; absent where left out
  Threshold threshold;
};

/// Judges the period `at` (0-based) by the periods before it. Fails with observatory.alerts.short
/// (history too short: says how much is needed), not_reported (the period has no count), bad_count,
/// bad_options, or no_fit (the model did not converge: too many zeros).
[[nodiscard]] Result<Alert> farrington_alert(std::span<const double> series, std::size_t at,
                                             const FarringtonOptions& options = {});

/// The CDC's Early Aberration Reporting System, for series too short for Farrington.
enum class EarsMethod {
  c1,  // the periods just before
  c2,  // leaving out the two before now
  c3   // the excess of three periods of C2 together
};

struct EarsOptions {
  EarsMethod method = EarsMethod::c1;
  std::size_t baseline = 7;  // periods, >= 3
  double sigma_min = 0;
  double alpha = 0.001;  // 0.025 is usual for C3
};

struct EarsAlert {
  bool alarm = false;
  double observed = 0;
  double upper = 0;
};

/// Fails with short, not_reported (a NaN in the baseline or at the period), bad_options.
/// Source: Fricker, Hegler, Dunfee, Stat Med 2008;27:3407-29.
[[nodiscard]] Result<EarsAlert> ears_alert(std::span<const double> series, std::size_t at,
                                           const EarsOptions& options = {});

/// How counts become about standard normal before they are added up.
enum class CusumTransform { standard, rossi, anscombe };

struct CusumOptions {
  double mean = 0;  // expected count per period, > 0
  double reference = 1.04;
  double decision = 2.26;
  CusumTransform transform = CusumTransform::rossi;
  bool reset = false;  // to zero after an alarm
};

struct CusumStep {
  double sum = 0;
  bool alarm = false;
};

/// S = max(0, S + z − reference); an alarm where S >= decision. Small lasting rises show here
/// before any one week is remarkable. A period that is not reported keeps the sum.
/// Source: Rossi, Lampugnani, Marchi, Stat Med 1999;18:2111-22.
[[nodiscard]] Result<std::vector<CusumStep>> cusum(std::span<const double> series,
                                                   const CusumOptions& options);

}  // namespace atalaya::observatory
