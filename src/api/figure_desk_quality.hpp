#pragma once
// What the analysts' pages work out from the desk: how good a submission's data are, and a first
// plan for a release. Any thread.

#include <string>
#include <string_view>

#include <atalaya/base/time.hpp>
#include <atalaya/observatory/desk.hpp>

#include "pages_figure_desk.hpp"

namespace atalaya::api {

/// Shares of unknown values in the dimensions that the mapping reads from columns, by the first
/// indicator of a short list that the facts answer; days from the period's end to the load; the
/// criteria of the Bogotá Protocol that follow from those, for homicides. `mapping_text` may be
/// empty: then only what needs no mapping. Names are in `language`.
[[nodiscard]] Result<SubmissionQuality> submission_quality(
    const observatory::Desk& desk, const observatory::Submission& submission,
    std::string_view mapping_text, Language language);

/// A plan that can be looked at as it is, but for its reason: tables that the held submissions
/// answer, source by source, at most twelve. Its comments are in `language`.
[[nodiscard]] Result<std::string> propose_plan(const observatory::Desk& desk,
                                               std::string_view country, std::string_view by,
                                               UtcTime now, Language language);

}  // namespace atalaya::api
