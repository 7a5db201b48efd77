#include <atalaya/observatory/quality.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "rates_quantiles.hpp"

namespace atalaya::observatory {
namespace {

std::unexpected<Error> bad(const std::string& detail) {
  return fail(ErrorCode::invalid_argument, "observatory.quality.bad", detail);
}

std::chrono::sys_days days_of(CivilDate date) {
  return std::chrono::year_month_day(std::chrono::year(date.year),
                                     std::chrono::month(static_cast<unsigned>(date.month)),
                                     std::chrono::day(static_cast<unsigned>(date.day)));
}

double percent(std::int64_t part, std::int64_t whole) noexcept {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

// 1 at `full` and better, 0 at `none` and worse, evenly between; either may be the larger.
double points_between(double value, double full, double none) noexcept {
  if (full == none) {
    return value <= full ? 1 : 0;
  }
  return std::clamp((value - none) / (full - none), 0.0, 1.0);
}

double upper_tail(double count, double mean, double dispersion) noexcept {
  return dispersion > 1 ? detail::negative_binomial_upper_tail(count, mean, dispersion)
                        : detail::poisson_upper_tail(count, mean);
}

}  // namespace

Result<Completeness> completeness(const DimensionCounts& counts) {
  if (counts.all < 0 || counts.unknown < 0 || counts.not_applicable < 0 ||
      counts.unknown + counts.not_applicable > counts.all) {
    return bad(fmt::format("{}: unknown and not applicable must not exceed all", counts.dimension));
  }
  Completeness result{.dimension = counts.dimension,
                      .asked = counts.all - counts.not_applicable,
                      .unknown = counts.unknown,
                      .unknown_share = {}};
  if (result.asked > 0) {
    result.unknown_share = percent(result.unknown, result.asked) / 100;
  }
  return result;
}

Result<std::int32_t> days_to_load(CivilDate period_end, CivilDate loaded) {
  const auto days = (days_of(loaded) - days_of(period_end)).count();
  if (days < 0) {
    return bad(fmt::format("loaded on {}, before its period ended on {}", to_string(loaded),
                           to_string(period_end)));
  }
  return static_cast<std::int32_t>(days);
}

Result<Coverage> coverage(std::span<const std::string> territories,
                          std::span<const std::string> periods,
                          std::span<const std::pair<std::string, std::string>> present) {
  if (territories.empty() || periods.empty()) {
    return bad("coverage needs the territories and periods that are expected");
  }
  const std::set<std::pair<std::string_view, std::string_view>> have(present.begin(),
                                                                     present.end());
  const std::set<std::string_view> places(territories.begin(), territories.end());
  const std::set<std::string_view> times(periods.begin(), periods.end());
  Coverage result;
  for (const std::string_view place : places) {
    for (const std::string_view time : times) {
      ++result.expected;
      if (have.contains({place, time})) {
        ++result.present;
      } else {
        result.missing.emplace_back(place, time);
      }
    }
  }
  result.share = percent(result.present, result.expected) / 100;
  return result;
}

Result<std::optional<double>> quality_share(std::int64_t part, std::int64_t whole) {
  if (part < 0 || whole < 0 || part > whole) {
    return bad(fmt::format("{} of {}: a part must lie between zero and its whole", part, whole));
  }
  return whole == 0 ? std::nullopt : std::optional(percent(part, whole) / 100);
}

Result<OutlierResult> count_outlier(double count, std::span<const double> history, double alpha) {
  const auto is_count = [](double n) { return std::isfinite(n) && n >= 0; };
  if (!is_count(count) || !std::ranges::all_of(history, is_count)) {
    return bad("counts must be zero or more");
  }
  if (history.size() < kHistoryMin || !(alpha > 0 && alpha < 0.5)) {
    return bad(
        fmt::format("an outlier is told from at least {} other periods, and there are {}; "
                    "alpha must lie between 0 and 0.5",
                    kHistoryMin, history.size()));
  }
  const auto n = static_cast<double>(history.size());
  double sum = 0;
  for (const double other : history) {
    sum += other;
  }
  const double mean = sum / n;
  double squares = 0;
  for (const double other : history) {
    squares += (other - mean) * (other - mean);
  }
  OutlierResult result;
  // Half an event more than none: a history of zeros does not make one event impossible.
  result.expected = sum > 0 ? mean : 0.5 / n;
  result.dispersion = mean > 0 ? std::max(1.0, squares / (n - 1) / mean) : 1;
  // The count varies by itself and around a mean that is known from n periods only.
  const double spread = result.dispersion * (1 + 1 / n);
  const double above = upper_tail(std::floor(count), result.expected, spread);
  const double below = 1 - upper_tail(std::floor(count) + 1, result.expected, spread);
  result.p_value = std::min(1.0, 2 * std::min(above, below));
  result.low = detail::count_quantile(alpha / 2, result.expected, spread);
  result.high = detail::count_quantile(1 - alpha / 2, result.expected, spread);
  result.outlier = result.p_value < alpha;
  return result;
}

Result<Agreement> agreement(std::int64_t first, std::int64_t second,
                            std::optional<std::int64_t> both) {
  if (first < 0 || second < 0 || both.value_or(0) < 0 ||
      both.value_or(0) > std::min(first, second)) {
    return bad("counts must be zero or more, and those in both not more than in either");
  }
  Agreement result;
  result.first = first;
  result.second = second;
  result.difference = first - second;
  const std::int64_t larger = std::max(first, second);
  result.difference_percent = larger > 0 ? percent(std::abs(first - second), larger) : 0;
  if (both) {
    result.both = both;
    result.either = first + second - *both;
    if (first > 0) {
      result.first_found_percent = percent(*both, first);
    }
    if (second > 0) {
      result.second_found_percent = percent(*both, second);
    }
  }
  return result;
}

bool interval_may_stand(const Interval& interval, const Agreement& sources,
                        double scale_per_event) {
  return interval_may_stand(interval, static_cast<double>(sources.first) * scale_per_event,
                            static_cast<double>(sources.second) * scale_per_event);
}

std::string_view to_string(CriterionState state) noexcept {
  switch (state) {
    case CriterionState::met:
      return "met";
    case CriterionState::partly:
      return "partly";
    case CriterionState::not_met:
      return "not_met";
    case CriterionState::not_measured:
      return "not_measured";
  }
  return "not_measured";
}

ProtocolSheet assess_protocol(std::span<const Criterion> criteria,
                              const std::map<std::string, double>& measures) {
  ProtocolSheet sheet;
  double points = 0;
  for (const Criterion& criterion : criteria) {
    CriterionResult result;
    result.criterion = &criterion;
    const auto measure = measures.find(criterion.id);
    if (measure != measures.end() && std::isfinite(measure->second)) {
      result.value = measure->second;
      result.points = points_between(measure->second, criterion.threshold, criterion.zero_at);
      result.state = result.points >= 1   ? CriterionState::met
                     : result.points <= 0 ? CriterionState::not_met
                                          : CriterionState::partly;
      ++sheet.measured;
      points += result.points;
    }
    sheet.results.push_back(result);
  }
  if (sheet.measured > 0) {
    sheet.score = 100 * points / static_cast<double>(sheet.measured);
  }
  return sheet;
}

std::string_view to_string(RatingLetter letter) noexcept {
  switch (letter) {
    case RatingLetter::a:
      return "A";
    case RatingLetter::b:
      return "B";
    case RatingLetter::c:
      return "C";
    case RatingLetter::d:
      return "D";
    case RatingLetter::not_rated:
      return "not_rated";
  }
  return "not_rated";
}

std::span<const RatingRule> rating_rules() {
  return rating_scheme().rules;
}

Result<Rating> rate_quality(const std::map<std::string, double>& values) {
  const RatingScheme& scheme = rating_scheme();
  for (const auto& [id, value] : values) {
    const bool known = std::ranges::find(scheme.rules, id, &RatingRule::id) != scheme.rules.end();
    if (!known || !(value >= 0)) {
      return bad(fmt::format("{} = {}: no such rule, or a value below zero", id, value));
    }
  }
  Rating rating;
  double weights = 0;
  double measured = 0;
  double points = 0;
  for (const RatingRule& rule : scheme.rules) {
    weights += rule.weight;
    const auto value = values.find(rule.id);
    if (value == values.end()) {
      continue;
    }
    const double share = points_between(value->second, rule.full_at, rule.none_at);
    measured += rule.weight;
    points += rule.weight * share;
    rating.parts.push_back({rule.id, value->second, share});
  }
  if (measured < scheme.measured_share_min * weights) {
    return rating;
  }
  rating.score = 100 * points / measured;
  rating.letter = *rating.score >= scheme.a_from   ? RatingLetter::a
                  : *rating.score >= scheme.b_from ? RatingLetter::b
                  : *rating.score >= scheme.c_from ? RatingLetter::c
                                                   : RatingLetter::d;
  return rating;
}

}  // namespace atalaya::observatory
