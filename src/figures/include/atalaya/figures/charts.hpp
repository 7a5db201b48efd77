#pragma once
// Charts as SVG and HTML, drawn by the server, with the table behind each. Coordinates along x are
// percentages, so a chart is drawn at the size of its container and its type is never scaled.
// Colours are classes of the stylesheet, so dark theme, print and forced colours need no redraw.
// Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/figures/html.hpp>

namespace atalaya::figures {

/// A chart, what it needs above it, and the same content as a table.
struct Chart {
  Html key;  // may be empty
  Html view;
  Html table;
};

struct FigureLink {
  std::string label, url;
};

/// The frame around a chart: the finding as its title, measure and unit, chart, source line, table.
struct FigureFrame {
  Language language = Language::en;
  std::string id;                 // unique on the page: "by-theme"
  std::string finding;            // h2
  std::string subtitle;           // measure, unit, period
  std::string source;             // source, release, denominator
  std::vector<FigureLink> links;  // CSV and the like
};

[[nodiscard]] Html figure(const FigureFrame& frame, const Chart& chart);

// Small multiples: what was committed by year, one panel a theme, one scale for all.

struct YearBar {
  std::int32_t year = 0;
  std::int32_t solid = 0;   // plans of action and mandates
  std::int32_t hollow = 0;  // declarations
};

struct Panel {
  std::string title, url;  // url may be empty
  std::vector<YearBar> bars;

  [[nodiscard]] std::int32_t total() const noexcept;
};

struct MultiplesSpec {
  Language language = Language::en;
  std::vector<Panel> panels;
  std::vector<std::int32_t> ticks;  // years under the axis; first and last bound it
  std::string solid_label, hollow_label;
  std::string panel_header;         // of the table's first column: "Theme"
  std::string all_title, all_note;  // a last panel with the sum and its definition; may be empty
};

/// A panel without a commitment stays, empty: nothing is a finding too.
[[nodiscard]] Chart small_multiples(const MultiplesSpec& spec);

// Timeline of antecedents.

struct TimelineNode {
  std::string id, title, url;
  double year = 0;                 // 1998.3: the meeting's first day
  std::string place;               // "Santiago"
  std::string meeting;             // for the list: "Second Summit of the Americas, Santiago 1998"
  std::vector<std::string> names;  // short names of treaties that the text names
  bool here = false;               // the commitment of the page; exactly one node
};

struct TimelineLink {
  std::string earlier, later;  // node ids
  std::string type;   // restates | strengthens | weakens | fulfils | supersedes | reports_on
  std::string label;  // the type in the language
};

struct TimelineTreaty {
  std::string name, url;
  double adopted = 0, in_force = 0;  // years; 0 = not known or not in force
};

struct TimelineSpec {
  Language language = Language::en;
  std::vector<TimelineNode> nodes;
  std::vector<TimelineLink> links;  // with an unknown id: left out
  std::vector<TimelineTreaty> treaties;
  double year_begin = 1994, year_end = 2025.9;
};

/// Drawn from 1150 px on, an ordered list below that; more than 16 nodes are a list at any width.
[[nodiscard]] Chart timeline(const TimelineSpec& spec);

// The 35 states at one size.

struct Tile {
  std::string code, name, full_name, url;  // code and name are shown, full_name is in the table
  std::int32_t row = 0, column = 0;        // 1..11, 1..7; a tile without is only in the table
  std::string value;                       // as shown; empty = no data
  std::string on_tile;                     // in place of a value too long for a tile; else empty
  std::int32_t step = 0;                   // 1..5 of the scale; 0 = plain
};

struct TilesSpec {
  Language language = Language::en;
  std::vector<Tile> tiles;
  std::vector<std::string> bounds;  // "0–3", … of the five steps; empty = no legend
  std::string name_header, value_header;
};

[[nodiscard]] Chart tile_grid(const TilesSpec& spec);

// A strip of bars from zero, each beside its word and number; it is its own table.

struct Bar {
  std::string label, url;
  std::int64_t value = 0;
};

struct BarsSpec {
  Language language = Language::en;
  std::vector<Bar> bars;
  std::string label_header, value_header;
  std::int64_t scale_max = 0;  // 0 = the largest value
};

[[nodiscard]] Html bar_strip(const BarsSpec& spec);

}  // namespace atalaya::figures
