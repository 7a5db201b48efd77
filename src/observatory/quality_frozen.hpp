#pragma once
// Reports on quality as a release keeps them: what readers may see of them on the day of
// publication.

#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/observatory/desk.hpp>
#include <atalaya/observatory/quality_report.hpp>

namespace atalaya::observatory::detail {

[[nodiscard]] json::object frozen_quality(const QualityReport& report);

/// Those of one release. Releases of earlier versions kept ratings beside their tables and nothing
/// else: reports are made of those, with the names that `submissions` have.
[[nodiscard]] std::vector<QualityReport> frozen_reports(const Release& release,
                                                        const std::vector<Submission>& submissions);

}  // namespace atalaya::observatory::detail
