#pragma once
// The catalogue's part of dates and duties. Private to the module.

#include <string>
#include <vector>

#include <atalaya/followup/deadlines.hpp>

namespace atalaya::followup::detail {

/// A day that a commitment's words do not name, from what happened: "the next Summit".
struct KnownDay {
  std::string commitment;
  std::int64_t which = 0;
  std::string due, source, url;
};

/// A date that guidance names.
struct GuidanceDate {
  std::string id, document, kind, due, printed;
  commitments::Translated title;
  DeadlineOutcome outcome;
};

struct DeadlineData {
  std::vector<DeadlineOutcome> outcomes;
  std::vector<KnownDay> days;
  std::vector<GuidanceDate> guidance;
  std::vector<ReportDuty> duties;
};

/// The embedded files; what is wrong in them stops the program, and a test.
[[nodiscard]] const DeadlineData& deadline_data();

}  // namespace atalaya::followup::detail
