#pragma once
// What quality.hpp measures, of the facts that a node holds: one report a source and country, and
// how far sources of one thing lie apart. Measures of data, never of states. What is measured on
// facts is for analysts; the public reads what the newest release of a source froze, and of sources
// of protected tables only bands: a share times a published total would be a count.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/observatory/desk.hpp>
#include <atalaya/observatory/protocol_answers.hpp>
#include <atalaya/observatory/quality.hpp>

namespace atalaya::observatory {

struct QualityQuery {
  std::string country = {}, source = {};  // empty: every one
  bool released_only = false;             // as the newest release of each source froze it
  bool outliers = true;
};

struct YearOutlier {
  std::string territory, period;
  double count = 0;
  OutlierResult result;
};

struct QualityReport {
  std::string source, source_kind, country, indicator;  // indicator: what stands for its facts
  std::vector<std::string> titles;
  std::string period_from, period_to, loaded_at;  // first day, day after the last; newest load
  bool synthetic = false;
  bool too_large = false;  // more facts than are counted at once: only the load was measured
  std::vector<Completeness> dimensions;
  std::optional<std::int32_t> days;  // from the end of its newest period to the load
  /// First-level subdivisions × whole years; one without any record is missing.
  std::optional<Coverage> coverage;
  std::optional<double> duplicate_share, undetermined_share;
  std::vector<YearOutlier> outliers;  // by subdivision and year, against the years around it
  std::size_t outliers_found = 0;     // what of them a release keeps
  std::size_t cells_tested = 0;
  std::optional<ProtocolSheet> protocol;  // of homicides from records
  std::vector<ProtocolAnswer> answers;    // what of it people said; the rest was measured
  Rating rating;
  std::string release;                       // that froze it; empty: measured on today's facts
  std::map<std::string, std::string> bands;  // SourceQuality::bands, instead of shares
};

/// By country, then source. Fails as Desk::table() does where the store cannot be read; what a
/// source's facts do not answer is left unmeasured.
[[nodiscard]] Result<std::vector<QualityReport>> quality_reports(const Desk& desk,
                                                                 const QualityQuery& query);

/// What the public may read of the sources of tables about to be released, to be kept with them:
/// of tables that are published as they are, the dimensions that they show; of others what
/// Table::quality says.
[[nodiscard]] Result<json::array> freeze_quality(const Desk& desk,
                                                 const std::vector<Table>& tables);

/// Two sources that count one thing of one country and year.
struct SourceAgreement {
  std::string indicator, country, period, first_source, second_source;
  Agreement agreement;
  std::string linkage;  // of the linkage that found the cases on both; empty: totals only
};

/// From draft tables or, with `released_only`, from released ones and published linkages. By
/// indicator, country, sources and period.
[[nodiscard]] Result<std::vector<SourceAgreement>> source_agreements(const Desk& desk,
                                                                     const QualityQuery& query);

[[nodiscard]] json::object quality_json(const QualityReport& report, Language language);
[[nodiscard]] json::object agreement_json(const SourceAgreement& agreement);

}  // namespace atalaya::observatory
