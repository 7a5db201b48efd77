#pragma once
// A progress report to a meeting: what states say they did about each commitment of the meetings
// before, made from the same cells as every page.

#include <set>
#include <string>

#include <atalaya/base/result.hpp>
#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

struct ProgressRequest {
  std::string meeting;  // "summit-2022", or a series: "summit", "mispa", "pns"
  Language language = Language::en;
  /// An intergovernmental report holds what states say and treaty acts; assessments only if asked.
  std::set<BriefLayer> layers{BriefLayer::reports, BriefLayer::treaties};
  figures::PaperSize size = figures::PaperSize::a4;
  std::string node_name;
  std::string origin;  // as BriefRequest
};

/// Fails with not_found (followup.progress.meeting) and as the desks do.
[[nodiscard]] Result<figures::Paper> compose_progress(const Parts& parts,
                                                      const ProgressRequest& request);

}  // namespace atalaya::followup
