#pragma once
// Which weeks stand out, out of the facts of a node: alerts.hpp over the series of an indicator.
// For analysts only: from drafts, before any disclosure control, and never a figure. A period of
// which the source sent months but no case is zero; one outside of the months that it sent is not
// reported. docs/methods/alerts.md.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/observatory/codelists_rules.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::observatory {

struct SurveillanceQuery {
  std::string indicator;
  /// One series for each code of it; without a name one series of all.
  TableDimension by;
  std::vector<std::pair<std::string, std::vector<std::string>>> where;
  std::string source;
  PeriodKind period = PeriodKind::week;  // day, week or month
  /// Newest whole periods that are not judged, because reports still come in.
  std::size_t recent_left_out = 0;
  double alpha = 0.005;  // of each series
};

enum class SeriesState {
  alarm,       // more than the series' own history explains
  quiet,       // judged, and not more
  few_events,  // too few events to judge by
  not_judged   // `reason` says why
};
[[nodiscard]] std::string_view to_string(SeriesState state) noexcept;

struct SeriesAlert {
  std::string code;  // of SurveillanceQuery::by; _T for all
  SeriesState state = SeriesState::not_judged;
  std::string method;  // farrington_flexible | ears_c1; empty where not judged
  std::string reason;  // short | no_fit | not_reported
  double observed = 0, expected = 0, threshold = 0;
  double score = 0;    // above one: more than the threshold; of Farrington
  double p_value = 1;  // of Farrington
  /// Up to 26 periods, the judged one last; NaN: not reported.
  std::vector<double> recent;
};

struct SurveillanceReport {
  const Indicator* indicator = nullptr;
  SurveillanceQuery query;
  std::string period;           // that was judged
  std::string first_period;     // of the series
  std::int32_t days_since = 0;  // from its end to now
  bool synthetic = false;
  std::vector<SeriesAlert> series;  // alarms first, by score
  std::size_t judged = 0;
  double alarms_by_chance = 0;         // judged × alpha: about so many would be nothing
  std::uint64_t facts_too_coarse = 0;  // of periods longer than the query's: left out
  std::vector<std::int64_t> submissions;
};

/// Farrington flexible where five years of weeks or months are held, else EARS C1 on the seven
/// periods before. Fails as Desk::table() does, and with invalid_argument:
/// observatory.alerts.no_periods (no fact is dated finely enough), .bad_options.
[[nodiscard]] Result<SurveillanceReport> find_alerts(const Desk& desk,
                                                     const SurveillanceQuery& query);

[[nodiscard]] json::object surveillance_json(const SurveillanceReport& report,
                                             const Territories& territories, Language language);

}  // namespace atalaya::observatory
