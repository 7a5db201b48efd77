#pragma once
// Choropleth maps as SVG, drawn by the server. Shapes carry no text, so a map may be scaled; names
// and values stand in the table behind it, and over each shape as its title. Classes go from light
// to dark; where there is no number a pattern says so, explained in words beside it. Pure; any
// thread.

#include <cstdint>
#include <string>
#include <vector>

#include <atalaya/figures/data_charts.hpp>

namespace atalaya::figures {

/// Degrees, WGS 84. Rings are closed without repeating the first point; filled by the even-odd
/// rule.
struct MapPoint {
  double longitude = 0, latitude = 0;
};

using MapRing = std::vector<MapPoint>;

enum class MapFill { value, no_data, suppressed, land };

struct MapArea {
  std::string code, name, url;   // url may be empty; of land all are
  std::string value_text, note;  // as written; a word where there is no number
  std::int32_t step = 0;         // 1..5 of the legend, of MapFill::value
  MapFill fill = MapFill::no_data;
  std::vector<MapRing> rings;  // empty: only in the table
  bool chosen = false;
};

/// Part of the map drawn larger beside it: islands that could not be seen.
struct MapInset {
  std::string title;
  std::vector<std::string> codes;
};

struct MapSpec {
  Language language = Language::en;
  std::string id = "map";           // unique on the page; its patterns are named after it
  std::string name;                 // accessible name of the drawing
  std::vector<MapArea> areas;       // in the order of the table
  std::vector<std::string> bounds;  // words of the five classes, light to dark; may be fewer
  std::string name_header, value_header, note_header;
  std::vector<MapInset> insets;
  std::string source;  // of the shapes, with their licence; under the map
  std::string no_data_label, suppressed_label;
};

/// Areas that lie far from the others (Galápagos, Hawaii) are moved into insets of their own.
[[nodiscard]] Chart map_chart(const MapSpec& spec);

/// One drawing of a map, for files that leave the program too.
struct MapPanel {
  std::string title;  // empty: the map itself
  double width = 0, height = 0;
  bool dense = false;  // hundreds of areas: their borders are thin
  Html shapes;         // inside an <svg viewBox="0 0 width height">
};

/// The map itself first, then its insets.
[[nodiscard]] std::vector<MapPanel> map_panels(const MapSpec& spec);

}  // namespace atalaya::figures
