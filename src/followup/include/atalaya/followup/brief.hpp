#pragma once
// A brief: what one country committed to, what came of it and what to ask, for a member of a
// parliament or an adviser, as a document for paper. Every number is that of the pages: it is asked
// of the same desk, not counted again; every figure names its release.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

/// What a reader may leave out. An intergovernmental report holds States' reports and treaty acts.
enum class BriefLayer { reports, assessments, treaties, figures, deadlines, practices, questions };
inline constexpr BriefLayer kBriefLayers[] = {
    BriefLayer::reports,   BriefLayer::assessments, BriefLayer::treaties, BriefLayer::figures,
    BriefLayer::deadlines, BriefLayer::practices,   BriefLayer::questions};
[[nodiscard]] std::string_view to_string(BriefLayer layer) noexcept;
[[nodiscard]] std::optional<BriefLayer> parse_brief_layer(std::string_view name) noexcept;

struct BriefRequest {
  std::string country;  // ISO 3166-1 alpha-3
  std::string theme;    // of the catalogue; empty = all
  Language language = Language::en;
  std::set<BriefLayer> layers{std::begin(kBriefLayers), std::end(kBriefLayers)};
  figures::PaperSize size = figures::PaperSize::a4;
  std::string node_name;
  /// "https://node.example" makes the paper's links absolute, "/" lets them begin at the root of the
  /// node (for its own pages); empty: no links, paths are written out.
  std::string origin;
};

/// A position that a state entered on a paragraph of a political text: in the words of the text
/// where it is held, else as it is recorded among those who took part.
struct PositionStatement {
  std::string source, document;  // ids; the document may be empty, so may the source without a text
  std::string text, language;
  std::int32_t line = 0, lines = 0;  // of how many
  std::string role = {};             // of the paragraph: recital | operative; empty: see the note
  std::int32_t ordinal = 0;          // of the paragraph, among those of its role
  std::string commitment = {};       // that the paragraph is; a recital is none
  std::string note = {}, cited = {};  // of what is recorded: on what, and its source
};

[[nodiscard]] Result<std::vector<PositionStatement>> position_statements(const Parts& parts,
                                                                         std::string_view state);

/// Of the applicable cells, those of commitments without a text here: whom a commitment asks is
/// read in its text, and without it every actor of its meeting counts.
[[nodiscard]] std::int32_t count_without_text(const Matrix& matrix);

/// Fails with not_found (followup.brief.country, followup.brief.theme) and as the desks do.
[[nodiscard]] Result<figures::Paper> compose_brief(const Parts& parts, const BriefRequest& request);

}  // namespace atalaya::followup
