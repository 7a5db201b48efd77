// Farrington's detection with the improvements of Noufaily and others.
//
// A count is compared with the same season of past years. A quasi-Poisson model with log link is
// fitted to them: intercept, trend, and (flexible) a seasonal factor whose last level is the window
// around the same week of each year, the other levels sharing the rest of the year. Past outbreaks
// would make the model blind, so it is fitted twice: the second time weeks far above the first fit
// (Anscombe residuals) count less. The prediction for now and its error give the threshold.
//
// A trend is kept where it is significant, at least three years are there, and it does not predict
// more than was ever seen.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include <atalaya/observatory/alerts.hpp>

#include "alerts_glm.hpp"
#include "rates_quantiles.hpp"

namespace atalaya::observatory {
namespace {

using detail::Design;
using detail::PoissonFit;

constexpr std::size_t kYearsForTrend = 3;

std::unexpected<Error> bad(std::string_view reason, const std::string& detail) {
  return fail(ErrorCode::invalid_argument, reason, detail);
}

// The periods that the model sees.
struct Baseline {
  std::vector<double> count, time;
  std::vector<std::size_t> season;  // 0-based; seasons − 1 is the window of now
};

// Level per period up to and with `at`, where it takes part.
std::vector<std::optional<std::size_t>> seasons_of(std::size_t at,
                                                   const FarringtonOptions& options) {
  std::vector<std::optional<std::size_t>> levels(at + 1);
  const std::size_t w = options.half_window;
  const std::size_t last = options.seasons - 1;
  for (std::size_t year = 1; year <= options.years_back; ++year) {
    const std::size_t centre = at - year * options.frequency;
    for (std::size_t i = centre - w; i <= centre + w; ++i) {
      levels[i] = last;
    }
    if (last == 0) {
      continue;
    }
    // The rest up to the window of the next year, shared out as evenly as it goes; the first
    // levels take what is left over.
    const std::size_t between = options.frequency - 2 * w - 1;
    std::size_t next = centre + w + 1;
    for (std::size_t level = 0; level < last; ++level) {
      const std::size_t length = between / last + (level < between % last ? 1 : 0);
      for (std::size_t i = 0; i < length; ++i) {
        levels[next++] = level;
      }
    }
  }
  const std::size_t recent = std::max(options.recent_left_out, w);
  for (std::size_t i = at - std::min(recent, at); i <= at; ++i) {
    levels[i].reset();
  }
  return levels;
}

Baseline baseline_of(std::span<const double> series, std::size_t at,
                     const FarringtonOptions& options) {
  Baseline baseline;
  const auto levels = seasons_of(at, options);
  for (std::size_t i = 0; i < at; ++i) {
    if (levels[i] && !std::isnan(series[i])) {
      baseline.count.push_back(series[i]);
      baseline.time.push_back(static_cast<double>(i) - static_cast<double>(at));
      baseline.season.push_back(*levels[i]);
    }
  }
  return baseline;
}

// Time runs from now, so that the intercept is the prediction; levels but the last get a column,
// so that now has zeros everywhere else.
Design design_of(const Baseline& baseline, bool trend, std::size_t seasons) {
  Design design;
  design.columns = 1 + (trend ? 1U : 0U) + (seasons - 1);
  design.cells.reserve(design.columns * baseline.count.size());
  for (std::size_t i = 0; i < baseline.count.size(); ++i) {
    design.cells.push_back(1);
    if (trend) {
      design.cells.push_back(baseline.time[i]);
    }
    for (std::size_t level = 0; level + 1 < seasons; ++level) {
      design.cells.push_back(baseline.season[i] == level ? 1 : 0);
    }
  }
  return design;
}

std::vector<double> anscombe_residuals(std::span<const double> counts, const PoissonFit& fit,
                                       double dispersion) {
  std::vector<double> residuals;
  residuals.reserve(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double mean = fit.fitted[i];
    const double off =
        1.5 * (std::pow(counts[i], 2.0 / 3) * std::pow(mean, -1.0 / 6) - std::sqrt(mean));
    residuals.push_back(off / std::sqrt(dispersion * (1 - fit.leverage[i])));
  }
  return residuals;
}

struct Model {
  PoissonFit fit;
  double dispersion = 1;
  bool trend = false;
};

std::optional<Model> fit_twice(const Baseline& baseline, bool trend,
                               const FarringtonOptions& options) {
  const Design design = design_of(baseline, trend, options.seasons);
  auto first = fit_poisson(design, baseline.count, {});
  if (!first) {
    return std::nullopt;
  }
  const auto weights = outbreak_weights(
      anscombe_residuals(baseline.count, *first, std::max(1.0, first->dispersion())),
      options.residual_cut);
  auto second = fit_poisson(design, baseline.count, weights);
  if (!second) {
    return std::nullopt;
  }
  const double dispersion = std::max(1.0, second->dispersion());
  return Model{std::move(*second), dispersion, trend};
}

bool keeps_trend(const Model& model, const Baseline& baseline, const FarringtonOptions& options) {
  const PoissonFit& fit = model.fit;
  const std::size_t p = fit.coefficients.size();
  const double error = std::sqrt(fit.inverse[p + 1] * fit.dispersion());
  const double p_value = detail::student_two_sided(fit.coefficients[1] / error, fit.degrees);
  const double seen = *std::ranges::max_element(baseline.count);
  return options.years_back >= kYearsForTrend && p_value < options.trend_p_max &&
         std::exp(fit.coefficients[0]) <= seen;
}

std::optional<Model> fit_model(const Baseline& baseline, const FarringtonOptions& options) {
  auto model = fit_twice(baseline, true, options);
  if (!model || !keeps_trend(*model, baseline, options)) {
    model = fit_twice(baseline, false, options);
  }
  return model;
}

Result<void> check(std::span<const double> series, std::size_t at,
                   const FarringtonOptions& options) {
  if (options.frequency < 1 || options.years_back < 1 || options.seasons < 1 ||
      at >= series.size() || !(options.alpha > 0 && options.alpha < 0.5) ||
      2 * options.half_window + options.seasons > options.frequency) {
    return bad("observatory.alerts.bad_options",
               "frequency, years and seasons must be one or more, alpha between 0 and 0.5, window "
               "and seasons must fit into a year, and the period must be in the series");
  }
  const std::size_t needed = options.years_back * options.frequency + options.half_window;
  if (at < needed) {
    return bad("observatory.alerts.short",
               fmt::format("needs {} periods before the one that is judged, and has {}: load more "
                           "years, or ask for fewer",
                           needed, at));
  }
  for (std::size_t i = 0; i <= at; ++i) {
    if (!std::isnan(series[i]) && (!std::isfinite(series[i]) || series[i] < 0)) {
      return bad(
          "observatory.alerts.bad_count",
          fmt::format("period {} has the count {}: counts are zero or more", i + 1, series[i]));
    }
  }
  if (std::isnan(series[at])) {
    return bad("observatory.alerts.not_reported",
               fmt::format("period {} has no count: load it first", at + 1));
  }
  return {};
}

}  // namespace

FarringtonOptions farrington_1996() noexcept {
  FarringtonOptions options;
  options.seasons = 1;
  options.recent_left_out = options.half_window;
  options.residual_cut = 1;
  options.trend_p_max = 0.05;
  options.model = CountModel::normal;
  return options;
}

Result<Alert> farrington_alert(std::span<const double> series, std::size_t at,
                               const FarringtonOptions& options) {
  ATALAYA_TRY(check(series, at, options));
  const Baseline baseline = baseline_of(series, at, options);
  Alert alert;
  alert.observed = series[at];
  double recent = 0;
  for (std::size_t i = at + 1 - std::min(options.events_periods, at + 1); i <= at; ++i) {
    recent += std::isnan(series[i]) ? 0 : series[i];
  }
  alert.enough_events = recent >= options.events_min;
  const auto model = fit_model(baseline, options);
  if (!model) {
    return bad("observatory.alerts.no_fit",
               "the history cannot be modelled (often because nearly all of it is zero): watch a "
               "larger area or longer periods");
  }
  const double log_mean = model->fit.coefficients[0];
  const double log_error = std::sqrt(model->dispersion * model->fit.inverse[0]);
  alert.expected = std::exp(log_mean);
  alert.dispersion = model->dispersion;
  if (model->trend) {
    alert.trend = model->fit.coefficients[1];
  }
  if (options.model == CountModel::normal) {
    alert.threshold = ATALAYA_TRY(
        farrington_threshold({alert.expected, log_error * alert.expected, alert.dispersion},
                             alert.observed, options.alpha, options.transform));
  } else {
    alert.threshold = ATALAYA_TRY(noufaily_threshold({log_mean, log_error, alert.dispersion},
                                                     alert.observed, options.alpha, options.model));
  }
  // For whole counts, a score above one is a count above the threshold on either scale.
  alert.alarm = alert.enough_events && alert.observed > alert.threshold.high;
  return alert;
}

}  // namespace atalaya::observatory
