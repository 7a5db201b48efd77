#pragma once
// Pages of analysts and publishers, pure functions as those of pages.hpp: submissions and releases,
// a load with its preview, one submission with its quality, the release wizard.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/observatory/desk.hpp>
#include <atalaya/observatory/quality.hpp>
#include <atalaya/observatory/quality_report.hpp>

#include "figure_tables.hpp"
#include "pages.hpp"

namespace atalaya::api {

/// The editors' desk; with `figures`, it leads to the figures too.
[[nodiscard]] std::string render_desk(const PageContext& context, const DeskView& view,
                                      bool figures);

struct FigureDeskView {
  std::vector<observatory::Submission> submissions;  // newest first
  std::vector<observatory::Release> releases;        // newest first
  bool may_load = false;
};

[[nodiscard]] std::string render_figure_desk(const PageContext& context,
                                             const FigureDeskView& view);

struct FigureLoadView {
  std::string token;  // names the files that are kept; empty = nothing uploaded yet
  std::vector<std::pair<std::string, std::uint64_t>> files;  // name, bytes
  std::string source, country, mapping;
  bool drafted = false;  // the mapping was proposed from the file
  std::optional<observatory::LoadResult> preview;
  std::optional<Error> error;
};

[[nodiscard]] std::string render_figure_load(const PageContext& context,
                                             const FigureLoadView& view);

inline constexpr std::int64_t kRejectsShown = 100;
inline constexpr std::size_t kFindingsShown = 100;

/// Of what counts now of the submission's source and years, seen through one indicator.
struct SubmissionQuality {
  std::string indicator;  // its name in the page's language; empty: none fits these facts
  std::vector<observatory::Completeness> dimensions;   // named in the page's language
  std::optional<std::int32_t> days;                    // from the end of the period to the load
  std::optional<observatory::ProtocolSheet> protocol;  // of homicides
  observatory::Rating rating;
  bool too_large = false;  // more facts than a page counts
};

struct FigureSubmissionView {
  observatory::Submission submission;
  std::vector<observatory::Finding> findings;
  std::vector<observatory::Desk::Reject> rejects;  // kRejectsShown of one page
  std::int32_t findings_page = 1, rejects_page = 1;
  std::string mapping;  // its text; empty: none is held
  std::optional<std::int64_t> followed_by;
  SubmissionQuality quality;
  std::string done;  // loaded | unchanged
};

[[nodiscard]] std::string render_figure_submission(const PageContext& context,
                                                   const FigureSubmissionView& view);

struct ProtocolFormView {
  std::int64_t submission = 0;
  observatory::QualityReport report;                // of the submission's source
  std::string criterion, value, who, date, reason;  // what the form holds
  std::optional<Error> error;
  bool done = false;
};

[[nodiscard]] std::string protocol_path(std::int64_t submission);
[[nodiscard]] std::string render_protocol_form(const PageContext& context,
                                               const ProtocolFormView& view);

struct FigureReleaseView {
  std::string plan;
  bool proposed = false;  // the plan is the page's own proposal
  bool may_publish = false;
  std::optional<observatory::ReleasePreview> preview;
  FigureBase base;                       // where there is a preview
  std::vector<TableRevision> revisions;  // of the preview, against what is published
  std::shared_ptr<const observatory::Territories> territories;  // names of the leaks' cells
  std::optional<Error> error;
};

[[nodiscard]] std::string render_figure_release(const PageContext& context,
                                                const FigureReleaseView& view);

}  // namespace atalaya::api
