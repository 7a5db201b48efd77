#pragma once
// The bulletin's parts: what it says, and how it is drawn.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pages_figures.hpp"

namespace atalaya::api {

/// How settled a figure is. Figures that a source calls provisional are; those that differ from
/// what was published before were revised; the others are consolidated.
enum class FigureState { provisional, consolidated, revised };
[[nodiscard]] std::string_view to_string(FigureState state) noexcept;

/// A period of which a part was sent, and what the same months of the year before come to where
/// the months were released too.
struct YearToDate {
  observatory::Cell cell;
  std::optional<double> before = {};
};

struct BulletinSeries {
  FigureSlice slice;                            // by period, none after the bulletin's
  const observatory::Cell* newest = nullptr;    // of the slice; the last with a number
  const observatory::Cell* previous = nullptr;  // the period before it, where there is one
  FigureState state = FigureState::consolidated;
  std::optional<double> count_before;      // of a revised one, as it was published before
  std::optional<std::int32_t> delay_days;  // from the end of the newest period to the release
  std::optional<YearToDate> to_date = {};  // behind the newest whole period
};

struct BulletinView {
  FigureBase base;
  std::string country, period, made_on;  // made_on: ISO date
  bool synthetic = false;
  std::vector<BulletinSeries> series;
  std::int64_t left_out = 0;          // further series that are held and not told
  std::optional<FigureSlice> below;   // first-level subdivisions of the first series
  std::vector<std::string> releases;  // ids, as used
};

/// Fails as bulletin_document() does.
[[nodiscard]] Result<BulletinView> bulletin_view(const observatory::Desk& desk,
                                                 std::string_view country, std::string_view period,
                                                 UtcTime now, Language language);

/// What stands inside <main>. A page has its charts as files too; a file has no node behind it.
[[nodiscard]] Html bulletin_body(const PageContext& context, const BulletinView& view,
                                 bool is_page);

/// The same as a page of the node.
[[nodiscard]] std::string render_bulletin(const PageContext& context, const BulletinView& view);

}  // namespace atalaya::api
