#pragma once
// Rates and what chance alone would do to them. Intervals are for chance variation only: they say
// nothing of what a source misses, and interval_may_stand() drops them where two sources differ by
// more. Counts need not be whole (estimated cells), but are finite and >= 0; populations are
// persons, or person-years for several years taken together. `confidence` is two-sided, in (0, 1).
// Everything else is invalid_argument (observatory.rates.bad_count, bad_population,
// bad_confidence, bad_weight). Pure; any thread. Formulas and vectors: docs/methods/rates.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::observatory {

inline constexpr double kConfidence = 0.95;
/// Below this many events the exact interval replaces Byar's, and a directly standardised rate is
/// withheld. Source: PHE Technical Guide, Public Health England 2018.
inline constexpr double kEventsFew = 10;

struct Interval {
  double low = 0;
  double high = 0;
};

enum class IntervalMethod { exact_poisson, byar, dobson, fay_feuer, wilson };
[[nodiscard]] std::string_view to_string(IntervalMethod method) noexcept;

/// Of a count, by Byar's approximation. Fails (observatory.rates.byar_undefined) where its lower
/// limit would be negative: one event at 99.8 %. Zero events: [0, 3.7].
/// Source: Breslow and Day, Statistical Methods in Cancer Research II, 1987.
[[nodiscard]] Result<Interval> byar_interval(double events, double confidence = kConfidence);

/// Of a count, exact (gamma quantiles); [0, 3.689] for none. The one-sided limit for no event at
/// 95 % (Daly's 2.996) is the upper limit at confidence 0.90. Source: Garwood 1936.
[[nodiscard]] Result<Interval> poisson_interval(double events, double confidence = kConfidence);

/// Of a share `part` / `whole`, 0 <= part <= whole, whole > 0, in [0, 1]. Source: Wilson 1927.
[[nodiscard]] Result<Interval> wilson_interval(double part, double whole,
                                               double confidence = kConfidence);

enum class RateStatus {
  normal,
  unstable,  // fewer than kEventsFew events: the count stands first; not the same as suppressed
  no_denominator,  // no population known: the count alone
  withheld,        // a standardised rate of fewer than kEventsFew events: the count alone
};
[[nodiscard]] std::string_view to_string(RateStatus status) noexcept;

/// `rate` and `interval` are per `scale`, and absent with no_denominator and withheld.
struct Rate {
  double events = 0;
  std::optional<double> population;
  std::optional<double> rate;
  std::optional<Interval> interval;
  IntervalMethod method = IntervalMethod::byar;
  RateStatus status = RateStatus::normal;
};

struct RateOptions {
  double scale = 100000;
  double confidence = kConfidence;
};

/// events / population × scale, with the exact interval below kEventsFew events and Byar's from
/// there on. An absent population gives the status no_denominator; a population of zero fails
/// (observatory.rates.population_zero): a denominator of nobody is a mistake of the input.
[[nodiscard]] Result<Rate> crude_rate(double events, std::optional<double> population,
                                      const RateOptions& options = {});

/// part / whole × scale with Wilson's interval. A whole of zero gives no_denominator.
[[nodiscard]] Result<Rate> share(double part, double whole,
                                 const RateOptions& options = {.scale = 100,
                                                               .confidence = kConfidence});

/// One age (and sex) group: population > 0, weight >= 0. `variance` is that of the events, where
/// they are not independent (repeat victims: the sum over persons of their events squared);
/// otherwise absent.
struct Stratum {
  double events = 0;
  double population = 0;
  double weight = 0;
  std::optional<double> variance;
};

/// Directly standardised, with Dobson's interval; weights need not sum to one. Withheld below
/// kEventsFew events. Source: Dobson, Kuulasmaa, Eberle, Scherer, Stat Med 1991;10:457-62.
[[nodiscard]] Result<Rate> direct_rate(std::span<const Stratum> strata,
                                       const RateOptions& options = {});

/// Directly standardised, with the gamma interval, which never is too narrow; not withheld, marked
/// unstable instead. Source: Fay and Feuer, Stat Med 1997;16:791-801.
[[nodiscard]] Result<Rate> direct_rate_gamma(std::span<const Stratum> strata,
                                             const RateOptions& options = {});

/// Events that the population would have at the rates of a reference population.
struct ReferenceStratum {
  double population = 0;
  double reference_events = 0;
  double reference_population = 0;  // > 0
};

[[nodiscard]] Result<double> expected_events(std::span<const ReferenceStratum> strata);

/// Indirectly standardised: observed / expected × reference_rate, which is per whatever scale the
/// result shall have (100 for a standardised ratio in per cent). Expected > 0. Exact interval below
/// kEventsFew events, else Byar's. Rates of two places standardised so are not comparable with one
/// another.
[[nodiscard]] Result<Rate> indirect_rate(double observed, double expected, double reference_rate,
                                         double confidence = kConfidence);

struct SmallArea {
  double events = 0;
  double population = 0;  // > 0
};

/// Rates per person, each drawn towards the rate of all as far as chance may explain the distance
/// (Marshall's global empirical Bayes, Applied Statistics 1991;40:283-94). For maps: never beside
/// an official count. Needs at least two areas.
[[nodiscard]] Result<std::vector<double>> empirical_bayes_rates(std::span<const SmallArea> areas);

/// Whether an interval of chance may be shown: not where two sources of one figure differ by more
/// than the interval is wide. All three on one scale.
[[nodiscard]] bool interval_may_stand(const Interval& interval, double source_a, double source_b);

struct StandardWeight {
  std::string_view age;  // code: `Y_LT5`, `Y5T9`, … `Y_GE90`
  double weight = 0;     // shares of one
};

/// Live as long as the program. The published weights are divided by their sum: the WHO standard's
/// add up to 100.03.
struct StandardPopulation {
  std::string_view id;  // esp2013 | who2000
  std::string_view name;
  std::string_view source;
  std::span<const StandardWeight> weights;
};

[[nodiscard]] std::span<const StandardPopulation> standard_populations() noexcept;
[[nodiscard]] const StandardPopulation* find_standard_population(std::string_view id) noexcept;

}  // namespace atalaya::observatory
