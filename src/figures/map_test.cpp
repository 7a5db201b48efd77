// Goal: every area can be read without its colour, islands far away are not lost, and files say
// where they come from. Method: three areas drawn by hand.
#include <atalaya/figures/sheet.hpp>

#include <gtest/gtest.h>

namespace atalaya::figures {
namespace {

MapArea area(std::string code, double west, double south, double size, MapFill fill) {
  MapArea out;
  out.name = "Name of " + code + " <b>";
  out.code = std::move(code);
  out.fill = fill;
  out.step = 3;
  out.value_text = fill == MapFill::value ? "7.5" : "word";
  out.rings = {
      {{west, south}, {west + size, south}, {west + size, south + size}, {west, south + size}}};
  return out;
}

MapSpec three() {
  MapSpec spec;
  spec.id = "m";
  spec.name = "Map of a test";
  spec.bounds = {"0 to 2", "2 to 7", "7 to 9"};
  spec.no_data_label = "no data";
  spec.suppressed_label = "suppressed";
  spec.source = "Boundaries: by hand";
  spec.areas = {area("A", -75, 5, 2, MapFill::value), area("B", -73, 5, 2, MapFill::suppressed),
                area("I", -90, 0, 0.2, MapFill::no_data)};
  return spec;
}

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++n;
  }
  return n;
}

TEST(Map, islands_far_away_have_a_frame_of_their_own) {
  const auto panels = map_panels(three());
  ASSERT_EQ(panels.size(), 2);
  EXPECT_TRUE(panels[0].title.empty());
  EXPECT_EQ(panels[1].title, "Name of I <b>");
  EXPECT_EQ(times(panels[0].shapes.view(), "<path"), 2);
  EXPECT_EQ(times(panels[1].shapes.view(), "<path"), 1);
  EXPECT_GT(panels[0].width, panels[0].height);  // two squares beside each other
}

TEST(Map, words_and_patterns_say_what_colour_says) {
  const auto chart = map_chart(three());
  EXPECT_NE(chart.view.view().find("url(#m-hidden)"), std::string::npos);
  EXPECT_NE(chart.view.view().find("url(#m-none)"), std::string::npos);
  EXPECT_NE(chart.view.view().find("Name of A &lt;b&gt;: 7.5"), std::string::npos);
  EXPECT_NE(chart.key.view().find("suppressed"), std::string::npos);
  EXPECT_EQ(times(chart.table.view(), "scope=\"row\""), 3);
  EXPECT_EQ(chart.view.view().find("<b>"), std::string::npos);
}

// PNG specification, section 5.2: the signature, and IHDR with width and height first.
TEST(Sheet, a_chart_becomes_a_file_that_names_its_source) {
  FigureFrame frame;
  frame.finding = "A finding & more";
  frame.source = "Source: police";
  const auto svg = sheet_svg(frame, three(), "https://node.example/x");
  EXPECT_NE(svg.find("A finding &amp; more"), std::string::npos);
  EXPECT_NE(svg.find("https://node.example/x"), std::string::npos);
  EXPECT_EQ(svg.find("var("), std::string::npos);
  const auto png = png_of(svg, 1);
  ASSERT_TRUE(png.has_value()) << png.error().detail;
  EXPECT_TRUE(png->starts_with("\x89PNG\r\n\x1a\n"));
  EXPECT_EQ(png->substr(16, 4), std::string("\0\0\x03\xc0", 4));  // 960
  EXPECT_EQ(png_of("no drawing", 1).error().reason, "figures.png");
}

// The same charts as on the pages of commitments: every word and number of them is in the file.
TEST(Sheet, charts_of_commitments_become_files_too) {
  FigureFrame frame;
  frame.finding = "A finding";
  MultiplesSpec years;
  years.ticks = {1994, 2022};
  years.solid_label = "plans";
  years.hollow_label = "declarations";
  years.panels = {{"Arms & drugs", "", {{1994, 3, 1}, {2022, 7, 0}}}, {"Nothing yet", "", {}}};
  const auto panels = sheet_svg(frame, years, "");
  for (const std::string_view word : {"Arms &amp; drugs", "Nothing yet", ">11<", ">0<", "plans"}) {
    EXPECT_NE(panels.find(word), std::string::npos) << word;
  }
  TimelineSpec line;
  line.nodes.resize(2);
  line.nodes[0].id = "b";
  line.nodes[0].year = 2008.8;
  line.nodes[0].meeting = "Meeting B";
  line.nodes[0].here = true;
  line.nodes[1].id = "a";
  line.nodes[1].year = 1994.9;
  line.nodes[1].meeting = "Meeting A";
  line.links = {{"a", "b", "restates", "repeats"}, {"x", "b", "restates", "lost"}};
  const auto drawn = sheet_svg(frame, line, "");
  EXPECT_LT(drawn.find("Meeting A"), drawn.find("Meeting B"));
  EXPECT_NE(drawn.find("Meeting A → Meeting B: repeats"), std::string::npos);
  EXPECT_EQ(drawn.find("lost"), std::string::npos);
  BarsSpec bars;
  bars.bars = {{"One <b>", "", 12}, {"Two", "", 3}};
  for (const ChartSpec& spec : {ChartSpec(years), ChartSpec(line), ChartSpec(bars)}) {
    EXPECT_TRUE(png_of(sheet_svg(frame, spec, ""), 1).has_value());
    EXPECT_FALSE(chart_of(spec).view.view().empty());
  }
}

}  // namespace
}  // namespace atalaya::figures
