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
  out.rings = {{{west, south},
                {west + size, south},
                {west + size, south + size},
                {west, south + size}}};
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

}  // namespace
}  // namespace atalaya::figures
