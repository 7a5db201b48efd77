#pragma once
// How good the data behind a figure are: what is missing, late, double, undetermined, out of line,
// and how far two sources of one thing lie apart. Measures of data, never of states: none of this
// ranks anybody. Counts are >= 0 and parts do not exceed their whole, else invalid_argument
// (observatory.quality.bad). Pure; any thread. Rules and sources: docs/methods/quality.md.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/observatory/rates.hpp>

namespace atalaya::observatory {

/// Of one dimension: `unknown` are `_U`, `not_applicable` `_Z`; all weighted by the facts' values.
struct DimensionCounts {
  std::string dimension;
  std::int64_t all = 0;
  std::int64_t unknown = 0;
  std::int64_t not_applicable = 0;
};

struct Completeness {
  std::string dimension;
  std::int64_t asked = 0;  // all − not applicable
  std::int64_t unknown = 0;
  std::optional<double> unknown_share;  // absent where nothing was asked
};

[[nodiscard]] Result<Completeness> completeness(const DimensionCounts& counts);

/// Days from the end of the period to the load. Fails where the load is earlier than the end.
[[nodiscard]] Result<std::int32_t> days_to_load(CivilDate period_end, CivilDate loaded);

struct Coverage {
  std::int64_t expected = 0;  // territories × periods
  std::int64_t present = 0;
  double share = 0;
  /// Missing ones, territory and period, in order; all of them.
  std::vector<std::pair<std::string, std::string>> missing;
};

/// `present` may hold others and repetitions; they do not count. A territory that reported zero is
/// present; one that reported nothing is not.
[[nodiscard]] Result<Coverage> coverage(
    std::span<const std::string> territories, std::span<const std::string> periods,
    std::span<const std::pair<std::string, std::string>> present);

/// part / whole; absent for a whole of zero. Of duplicates: rows that repeat another / rows; of
/// undetermined intent: deaths of undetermined intent / external deaths.
[[nodiscard]] Result<std::optional<double>> quality_share(std::int64_t part, std::int64_t whole);

struct OutlierResult {
  double expected = 0;
  double dispersion = 1;
  double low = 0;  // counts outside [low, high] are outliers
  double high = 0;
  double p_value = 1;  // two-sided
  bool outlier = false;
};

inline constexpr std::size_t kHistoryMin = 3;

/// A count against its own history (other years of the same cell, at least kHistoryMin). Predictive
/// test: Poisson, or negative binomial where the history itself varies more than Poisson, with the
/// uncertainty of the history's mean. Small counts do not cry wolf and large ones do not hide, as
/// they do with z-scores. `alpha` is two-sided; tables have many cells, so it is small.
[[nodiscard]] Result<OutlierResult> count_outlier(double count, std::span<const double> history,
                                                  double alpha = 0.001);

/// Two sources of one figure. Differences in per cent are of the larger, so 0 to 100.
struct Agreement {
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int64_t difference = 0;  // first − second
  double difference_percent = 0;
  std::optional<std::int64_t> both;            // cases found in both by linkage
  std::optional<std::int64_t> either;          // first + second − both
  std::optional<double> first_found_percent;   // of the first's cases, those in the second
  std::optional<double> second_found_percent;  // the other way round
};

[[nodiscard]] Result<Agreement> agreement(std::int64_t first, std::int64_t second,
                                          std::optional<std::int64_t> both = std::nullopt);

/// Whether a rate's interval may stand beside these two sources (rates.hpp).
[[nodiscard]] bool interval_may_stand(const Interval& interval, const Agreement& sources,
                                      double scale_per_event);

// The Bogotá Protocol's criteria (2015), read from catalogue/observatory/bogota_protocol.json.

enum class CriterionKind {
  at_most,   // the measure must not exceed the threshold
  at_least,  // or not stay below it
  yes_no     // 1: yes, 0: no
};

struct Criterion {
  std::string id;           // "missing_fields"
  std::int32_t number = 0;  // as the text numbers them, 1 … 10
  CriterionKind kind = CriterionKind::yes_no;
  double threshold = 1;
  /// Where nothing of the criterion is met; points fall evenly from `threshold` to here.
  double zero_at = 0;
  std::string unit;        // share | months | yes_no
  bool confirmed = false;  // the threshold was read in the Protocol's own text
  std::string source;
  std::map<Language, std::string> names;  // all four
};

/// Fails with invalid_argument (observatory.quality.bad_protocol), naming row and field.
[[nodiscard]] Result<std::vector<Criterion>> read_protocol(std::string_view json_text);
/// The embedded criteria; live as long as the program. Aborts if they are inconsistent (a test
/// guards them).
[[nodiscard]] std::span<const Criterion> embedded_protocol();

enum class CriterionState { met, partly, not_met, not_measured };
[[nodiscard]] std::string_view to_string(CriterionState state) noexcept;

struct CriterionResult {
  const Criterion* criterion = nullptr;  // lives as long as the argument
  CriterionState state = CriterionState::not_measured;
  std::optional<double> value;
  double points = 0;  // 0 to 1
};

struct ProtocolSheet {
  std::vector<CriterionResult> results;  // in the criteria's order
  std::size_t measured = 0;
  std::optional<double> score;  // 0 to 100 over those measured; absent where none is
};

/// `measures` by criterion id. The Protocol's criteria are gradual and cumulative: scored, not
/// passed. What was not measured counts neither for nor against, and is shown as such.
[[nodiscard]] ProtocolSheet assess_protocol(std::span<const Criterion> criteria,
                                            const std::map<std::string, double>& measures);

// The data-quality rating that stands beside every figure.

enum class RatingLetter { a, b, c, d, not_rated };
[[nodiscard]] std::string_view to_string(RatingLetter letter) noexcept;  // "A" … "D", "not_rated"

/// One rule: full points up to `full_at`, none from `none_at`, evenly between.
struct RatingRule {
  std::string id;
  double full_at = 0;
  double none_at = 0;
  double weight = 1;
  std::string unit;  // share | days
  std::map<Language, std::string> names;
};

/// The rules as data: catalogue/observatory/quality_rating.json.
struct RatingScheme {
  std::vector<RatingRule> rules;
  std::vector<std::string> dimensions;  // whose unknown values count
  double a_from = 90, b_from = 75, c_from = 50;
  double measured_share_min = 0.5;  // of the weights; below it nothing is rated
};

/// Fails with invalid_argument (observatory.quality.bad_rating), naming rule and field.
[[nodiscard]] Result<RatingScheme> read_rating_scheme(std::string_view json_text);
/// The embedded one; lives as long as the program. Aborts if it is inconsistent (a test guards it).
[[nodiscard]] const RatingScheme& rating_scheme();
/// Its rules: unknown_share, days_to_load, coverage_gap, duplicate_share, undetermined_share,
/// source_difference.
[[nodiscard]] std::span<const RatingRule> rating_rules();

struct RatingPart {
  std::string rule;
  double value = 0;
  double points = 0;  // 0 to 1
};

struct Rating {
  RatingLetter letter = RatingLetter::not_rated;
  std::optional<double> score;  // 0 to 100
  std::vector<RatingPart> parts;
};

/// `values` by rule id, each the smaller the better; a rule that was not measured is left out, and
/// with fewer than the scheme's share of the weights measured nothing is rated.
/// Fails (observatory.quality.bad) for an unknown rule or a negative value.
[[nodiscard]] Result<Rating> rate_quality(const std::map<std::string, double>& values);

}  // namespace atalaya::observatory
