#include <atalaya/observatory/rates.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "rates_quantiles.hpp"

namespace atalaya::observatory {
namespace {

using detail::gamma_quantile;
using detail::gamma_quantile_upper;

constexpr ErrorCode kBad = ErrorCode::invalid_argument;

Result<void> check_count(double events) {
  if (!std::isfinite(events) || events < 0) {
    return fail(kBad, "observatory.rates.bad_count",
                fmt::format("a count must be zero or more, not {}", events));
  }
  return {};
}

Result<void> check_population(double population) {
  if (!std::isfinite(population) || population < 0) {
    return fail(kBad, "observatory.rates.bad_population",
                fmt::format("a population must be above zero, not {}", population));
  }
  if (population == 0) {
    return fail(kBad, "observatory.rates.population_zero",
                "the population is zero: correct the population file, or leave the cell empty "
                "where it is not known");
  }
  return {};
}

Result<double> z_of(double confidence) {
  if (!(confidence > 0 && confidence < 1)) {
    return fail(
        kBad, "observatory.rates.bad_confidence",
        fmt::format("confidence must lie between 0 and 1, such as 0.95, not {}", confidence));
  }
  // The usual one needs no quantile: tables ask for it millions of times.
  constexpr double kZ95 = 1.959963984540054235524594430520551527955;
  return confidence == kConfidence ? kZ95 : detail::normal_quantile(0.5 + confidence / 2);
}

double cube(double x) noexcept {
  return x * x * x;
}

Interval byar_of(double events, double z) noexcept {
  const double above = events + 1;
  const double low =
      events == 0 ? 0 : events * cube(1 - 1 / (9 * events) - z / (3 * std::sqrt(events)));
  return {low, above * cube(1 - 1 / (9 * above) + z / (3 * std::sqrt(above)))};
}

Interval exact_of(double events, double confidence) noexcept {
  const double tail = (1 - confidence) / 2;
  return {events == 0 ? 0 : gamma_quantile(events, tail), gamma_quantile_upper(events + 1, tail)};
}

// The interval of a count by the rule of the PHE guide, times `factor`.
struct Scaled {
  Interval interval;
  IntervalMethod method;
};

Scaled interval_by_rule(double events, double z, double confidence, double factor) noexcept {
  const bool few = events < kEventsFew;
  const Interval of_count = few ? exact_of(events, confidence) : byar_of(events, z);
  return {{of_count.low * factor, of_count.high * factor},
          few ? IntervalMethod::exact_poisson : IntervalMethod::byar};
}

// Sums over strata that both direct methods need; `value` and `variance` per person.
struct Direct {
  double events = 0;
  double population = 0;
  double value = 0;
  double variance = 0;
  double weight_max = 0;  // the largest (weight share / population)
};

Result<Direct> sum_direct(std::span<const Stratum> strata) {
  Direct sum;
  double weights = 0;
  for (const Stratum& stratum : strata) {
    ATALAYA_TRY(check_count(stratum.events));
    ATALAYA_TRY(check_count(stratum.variance.value_or(0)));
    ATALAYA_TRY(check_population(stratum.population));
    if (!std::isfinite(stratum.weight) || stratum.weight < 0) {
      return fail(kBad, "observatory.rates.bad_weight",
                  fmt::format("a weight must be zero or more, not {}", stratum.weight));
    }
    weights += stratum.weight;
    sum.events += stratum.events;
    sum.population += stratum.population;
  }
  if (!(weights > 0)) {
    return fail(kBad, "observatory.rates.bad_weight", "the weights of the standard sum to zero");
  }
  for (const Stratum& stratum : strata) {
    const double factor = stratum.weight / weights / stratum.population;
    sum.value += factor * stratum.events;
    sum.variance += factor * factor * stratum.variance.value_or(stratum.events);
    sum.weight_max = std::max(sum.weight_max, factor);
  }
  return sum;
}

RateStatus status_of(double events) noexcept {
  return events < kEventsFew ? RateStatus::unstable : RateStatus::normal;
}

}  // namespace

std::string_view to_string(IntervalMethod method) noexcept {
  switch (method) {
    case IntervalMethod::exact_poisson:
      return "exact_poisson";
    case IntervalMethod::byar:
      return "byar";
    case IntervalMethod::dobson:
      return "dobson";
    case IntervalMethod::fay_feuer:
      return "fay_feuer";
    case IntervalMethod::wilson:
      return "wilson";
  }
  return "byar";
}

std::string_view to_string(RateStatus status) noexcept {
  switch (status) {
    case RateStatus::normal:
      return "normal";
    case RateStatus::unstable:
      return "unstable";
    case RateStatus::no_denominator:
      return "no_denominator";
    case RateStatus::withheld:
      return "withheld";
  }
  return "normal";
}

Result<Interval> byar_interval(double events, double confidence) {
  ATALAYA_TRY(check_count(events));
  const double z = ATALAYA_TRY(z_of(confidence));
  const Interval interval = byar_of(events, z);
  if (interval.low < 0) {
    return fail(kBad, "observatory.rates.byar_undefined",
                fmt::format("Byar's approximation has no lower limit for {} events at {} %: use "
                            "the exact interval",
                            events, confidence * 100));
  }
  return interval;
}

Result<Interval> poisson_interval(double events, double confidence) {
  ATALAYA_TRY(check_count(events));
  ATALAYA_TRY(z_of(confidence));
  return exact_of(events, confidence);
}

Result<Interval> wilson_interval(double part, double whole, double confidence) {
  ATALAYA_TRY(check_count(part));
  ATALAYA_TRY(check_population(whole));
  const double z = ATALAYA_TRY(z_of(confidence));
  if (part > whole) {
    return fail(kBad, "observatory.rates.bad_count",
                fmt::format("a part of {} is more than its whole of {}", part, whole));
  }
  const double zz = z * z;
  const double spread = z * std::sqrt(zz + 4 * part * (1 - part / whole));
  const double below = 2 * (whole + zz);
  // Rounding must not push the ends of none and all beyond 0 and 1.
  return Interval{std::max(0.0, (2 * part + zz - spread) / below),
                  std::min(1.0, (2 * part + zz + spread) / below)};
}

Result<Rate> crude_rate(double events, std::optional<double> population,
                        const RateOptions& options) {
  ATALAYA_TRY(check_count(events));
  const double z = ATALAYA_TRY(z_of(options.confidence));
  Rate rate{.events = events, .population = population, .rate = {}, .interval = {}};
  if (!population) {
    rate.status = RateStatus::no_denominator;
    return rate;
  }
  ATALAYA_TRY(check_population(*population));
  const double factor = options.scale / *population;
  const Scaled scaled = interval_by_rule(events, z, options.confidence, factor);
  rate.rate = events * factor;
  rate.interval = scaled.interval;
  rate.method = scaled.method;
  rate.status = status_of(events);
  return rate;
}

Result<Rate> share(double part, double whole, const RateOptions& options) {
  ATALAYA_TRY(check_count(part));
  ATALAYA_TRY(check_count(whole));
  Rate rate{.events = part, .population = whole, .rate = {}, .interval = {}};
  rate.method = IntervalMethod::wilson;
  if (whole == 0 && part == 0) {
    rate.status = RateStatus::no_denominator;
    return rate;
  }
  const Interval interval = ATALAYA_TRY(wilson_interval(part, whole, options.confidence));
  rate.rate = part / whole * options.scale;
  rate.interval = Interval{interval.low * options.scale, interval.high * options.scale};
  rate.status = status_of(whole);
  return rate;
}

Result<Rate> direct_rate(std::span<const Stratum> strata, const RateOptions& options) {
  const double z = ATALAYA_TRY(z_of(options.confidence));
  const Direct sum = ATALAYA_TRY(sum_direct(strata));
  Rate rate{.events = sum.events, .population = sum.population, .rate = {}, .interval = {}};
  rate.method = IntervalMethod::dobson;
  if (sum.events < kEventsFew) {
    rate.status = RateStatus::withheld;
    return rate;
  }
  const Interval byar = byar_of(sum.events, z);
  const double ratio = std::sqrt(sum.variance / sum.events);
  rate.rate = sum.value * options.scale;
  rate.interval = Interval{(sum.value + ratio * (byar.low - sum.events)) * options.scale,
                           (sum.value + ratio * (byar.high - sum.events)) * options.scale};
  return rate;
}

Result<Rate> direct_rate_gamma(std::span<const Stratum> strata, const RateOptions& options) {
  ATALAYA_TRY(z_of(options.confidence));
  const Direct sum = ATALAYA_TRY(sum_direct(strata));
  const double tail = (1 - options.confidence) / 2;
  const double y = sum.value;
  const double v = sum.variance;
  const double y_above = y + sum.weight_max;
  const double v_above = v + sum.weight_max * sum.weight_max;
  Rate rate{.events = sum.events, .population = sum.population, .rate = {}, .interval = {}};
  rate.method = IntervalMethod::fay_feuer;
  rate.status = status_of(sum.events);
  rate.rate = y * options.scale;
  rate.interval = Interval{
      v > 0 ? gamma_quantile(y * y / v, tail) * v / y * options.scale : 0,
      gamma_quantile_upper(y_above * y_above / v_above, tail) * v_above / y_above * options.scale};
  return rate;
}

Result<double> expected_events(std::span<const ReferenceStratum> strata) {
  double expected = 0;
  for (const ReferenceStratum& stratum : strata) {
    ATALAYA_TRY(check_count(stratum.population));
    ATALAYA_TRY(check_count(stratum.reference_events));
    ATALAYA_TRY(check_population(stratum.reference_population));
    expected += stratum.population * stratum.reference_events / stratum.reference_population;
  }
  return expected;
}

Result<Rate> indirect_rate(double observed, double expected, double reference_rate,
                           double confidence) {
  ATALAYA_TRY(check_count(observed));
  ATALAYA_TRY(check_population(expected));
  ATALAYA_TRY(check_count(reference_rate));
  const double z = ATALAYA_TRY(z_of(confidence));
  const double factor = reference_rate / expected;
  const Scaled scaled = interval_by_rule(observed, z, confidence, factor);
  Rate rate{
      .events = observed, .population = {}, .rate = observed * factor, .interval = scaled.interval};
  rate.method = scaled.method;
  rate.status = status_of(observed);
  return rate;
}

Result<std::vector<double>> empirical_bayes_rates(std::span<const SmallArea> areas) {
  if (areas.size() < 2) {
    return fail(kBad, "observatory.rates.too_few_areas",
                "smoothing needs at least two areas to borrow from");
  }
  double events = 0;
  double people = 0;
  for (const SmallArea& area : areas) {
    ATALAYA_TRY(check_count(area.events));
    ATALAYA_TRY(check_population(area.population));
    events += area.events;
    people += area.population;
  }
  const double mean = events / people;
  double spread = 0;
  for (const SmallArea& area : areas) {
    const double off = area.events / area.population - mean;
    spread += area.population * off * off;
  }
  const double people_mean = people / static_cast<double>(areas.size());
  // What is left of the spread after chance; none where chance explains it all.
  const double between = std::max(0.0, spread / people - mean / people_mean);
  std::vector<double> smoothed;
  smoothed.reserve(areas.size());
  for (const SmallArea& area : areas) {
    const double chance = mean / area.population;
    const double trust = between > 0 ? between / (between + chance) : 0;
    smoothed.push_back(trust * area.events / area.population + (1 - trust) * mean);
  }
  return smoothed;
}

bool interval_may_stand(const Interval& interval, double source_a, double source_b) {
  return std::abs(source_a - source_b) <= interval.high - interval.low;
}

}  // namespace atalaya::observatory
