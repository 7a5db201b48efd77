#include <gtest/gtest.h>

#include <atalaya/figures/data_charts.hpp>

namespace atalaya::figures {
namespace {

SeriesSpec five_years() {
  SeriesSpec spec;
  spec.name = "Rate, 2015 to 2019";
  spec.suppressed_label = "suppressed";
  spec.missing_label = "no data";
  spec.points = {
      {.label = "2015", .x = 2015, .value = 10, .low = 8, .high = 12, .value_text = "10.0"},
      {.label = "2016", .x = 2016, .value = 12, .low = 10, .high = 14, .value_text = "12.0"},
      {.label = "2017", .x = 2017, .value_text = "suppressed", .mark = DatumMark::suppressed},
      {.label = "2018", .x = 2018, .value_text = "no data", .mark = DatumMark::missing},
      {.label = "2019", .x = 2019, .value = 0, .value_text = "0.0"}};
  return spec;
}

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++n;
  }
  return n;
}

TEST(Series, breaks_the_line_where_there_is_no_number) {
  const Chart chart = series(five_years());
  const std::string& view = chart.view.view();
  EXPECT_EQ(times(view, "<polyline"), 2U);  // 2015-2016, and 2019 alone
  EXPECT_EQ(times(view, "class=\"ribbon\""), 1U);
  EXPECT_EQ(times(view, "class=\"hatch\""), 3U);
  EXPECT_EQ(times(view, "<circle"), 3U);  // zero is a value
}

TEST(Series, says_in_words_what_has_no_number) {
  const Chart chart = series(five_years());
  EXPECT_NE(chart.table.view().find("suppressed"), std::string::npos);
  EXPECT_NE(chart.table.view().find("no data"), std::string::npos);
  EXPECT_NE(chart.key.view().find("suppressed"), std::string::npos);
}

TEST(Series, lists_its_breaks) {
  auto spec = five_years();
  spec.breaks = {{2016, "2016", "a new <definition>"}};
  const Chart chart = series(spec);
  EXPECT_EQ(times(chart.view.view(), "break-line"), 1U);
  EXPECT_NE(chart.view.view().find("2016: a new &lt;definition&gt;"), std::string::npos);
}

TEST(Series, draws_one_point_and_none) {
  SeriesSpec spec;
  EXPECT_TRUE(series(spec).view.balanced());
  spec.points = {{.label = "2015", .x = 2015, .value = 3, .value_text = "3"}};
  EXPECT_EQ(times(series(spec).view.view(), "nan"), 0U);
}

TEST(Measure, keeps_digits_that_say_something) {
  EXPECT_EQ(measure(Language::es, 0.07, 1), "0,07");
  EXPECT_EQ(measure(Language::es, 0.126, 1), "0,13");
  EXPECT_EQ(measure(Language::en, 0.008, 1), "0.008");
  EXPECT_EQ(measure(Language::pt, 0.5, 1), "0,5");
  EXPECT_EQ(measure(Language::fr, 0, 1), "0,0");
  EXPECT_EQ(measure(Language::en, 24.86, 1), "24.9");
  EXPECT_EQ(measure(Language::en, 0.0000001, 1), "0.0") << "at most six digits";
  EXPECT_EQ(tick_digits(0.05, 1), 2) << "0.05, 0.10, 0.15";
  EXPECT_EQ(tick_digits(0.002, 1), 3);
  EXPECT_EQ(tick_digits(0.5, 0), 1);
  EXPECT_EQ(tick_digits(20, 1), 0);
}

TEST(DotStrip, scales_from_zero_to_the_largest_end) {
  DotsSpec spec;
  spec.rows = {{.label = "A", .value = 5, .low = 4, .high = 10, .value_text = "5"},
               {.label = "B", .value_text = "suppressed", .mark = DatumMark::suppressed}};
  const Html html = dot_strip(spec);
  EXPECT_NE(html.view().find("cx=\"50.00%\""), std::string::npos);
  EXPECT_NE(html.view().find("x2=\"98.00%\""), std::string::npos);
  EXPECT_EQ(times(html.view(), "<circle"), 1U);
}

TEST(Pyramid, has_one_scale_for_both_sides) {
  PyramidSpec spec;
  spec.bands = {{"20-24", 50, 100, "50", "100"}, {"0-4", std::nullopt, 0, "suppressed", "0"}};
  const Html html = pyramid(spec);
  EXPECT_NE(html.view().find("x=\"50.00%\" width=\"50.00%\""), std::string::npos);
  EXPECT_NE(html.view().find("width=\"100.00%\""), std::string::npos);
  EXPECT_NE(html.view().find("suppressed"), std::string::npos);
}

TEST(Quintiles, ascend_and_end_at_the_largest) {
  EXPECT_TRUE(quintile_bounds({}).empty());
  EXPECT_EQ(quintile_bounds({5, 1, 2, 4, 3}), (std::vector<double>{1, 2, 3, 4, 5}));
  EXPECT_EQ(quintile_bounds({7, 7, 7}), (std::vector<double>{7}));
}

}  // namespace
}  // namespace atalaya::figures
