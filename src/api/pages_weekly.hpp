#pragma once
// Pages of what an observatory does every week, pure functions as those of pages.hpp. The quality
// page is public and knows released sources only; alerts and linkages are for analysts.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/figures/html.hpp>
#include <atalaya/observatory/linkage_desk.hpp>
#include <atalaya/observatory/quality_report.hpp>
#include <atalaya/observatory/surveillance.hpp>

#include "pages.hpp"

namespace atalaya::api {

namespace observatory = ::atalaya::observatory;

/// As it was frozen in the newest release that holds the source: later loads do not change it.
struct PublishedRating {
  std::string letter, period, release;  // "not_rated" among the letters
};

struct QualityView {
  std::string country;  // empty: every one
  std::vector<observatory::QualityReport> reports;
  std::vector<observatory::SourceAgreement> agreements;
  std::vector<observatory::Linkage> linkages;  // published, the newest of each plan
  std::shared_ptr<const observatory::Territories> territories;
  const observatory::Indicators* indicators = nullptr;  // never null
  std::map<std::pair<std::string, std::string>, PublishedRating> published;  // source, country
};

[[nodiscard]] std::string render_quality(const PageContext& context, const QualityView& view);

struct AlertsView {
  std::string indicator, period = "week", by, source, late;  // what the form holds
  std::vector<std::pair<std::string, std::string>> sources;  // to choose from: id, title
  std::optional<observatory::SurveillanceReport> report;
  std::optional<Error> error;
  std::shared_ptr<const observatory::Territories> territories;
  const observatory::Indicators* indicators = nullptr;  // never null
};

[[nodiscard]] std::string render_alerts(const PageContext& context, const AlertsView& view);

[[nodiscard]] std::string render_linkages(const PageContext& context,
                                          const std::vector<observatory::Linkage>& linkages);

[[nodiscard]] std::string render_linkage(const PageContext& context,
                                         const observatory::Linkage& linkage);

/// Counts of a linkage by group, as they may be published; a hidden one is a word.
void write_agreement(figures::Html& h, const PageContext& context,
                     const observatory::Linkage& linkage);

}  // namespace atalaya::api
