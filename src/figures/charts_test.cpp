// Charts say in their table and accessible name what they draw; totals are computed once.

#include <gtest/gtest.h>

#include <string>

#include <atalaya/figures/charts.hpp>
#include <atalaya/figures/page.hpp>

namespace atalaya::figures {
namespace {

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++n;
  }
  return n;
}

MultiplesSpec multiples() {
  MultiplesSpec spec;
  spec.ticks = {1994, 2022};
  spec.solid_label = "Plan";
  spec.hollow_label = "Declaration";
  spec.panel_header = "Theme";
  spec.all_title = "All";
  spec.panels = {{"Drugs <b>", "/en/themes/drugs", {{1994, 8, 1}, {2004, 0, 1}, {2005, 2, 0}}},
                 {"Empty", "", {}}};
  return spec;
}

TEST(Multiples, draw_each_bar_once_and_name_it) {
  const auto chart = small_multiples(multiples());
  const std::string& svg = chart.view.view();
  EXPECT_EQ(count(svg, "class=\"f-act\""), 2U);
  EXPECT_EQ(count(svg, "class=\"f-dec\""), 2U);
  EXPECT_NE(svg.find("aria-label=\"Drugs &lt;b&gt;: 1994 9, 2004 1, 2005 2\""), std::string::npos);
  EXPECT_NE(svg.find("aria-label=\"Empty: 0\""), std::string::npos);
  EXPECT_EQ(svg.find("<b>"), std::string::npos);
  EXPECT_EQ(svg.find("style="), std::string::npos);
}

TEST(Multiples, say_in_the_table_what_they_draw) {
  const auto chart = small_multiples(multiples());
  const std::string& table = chart.table.view();
  EXPECT_NE(table.find(">8 + 1<"), std::string::npos);
  EXPECT_NE(table.find(">12<"), std::string::npos);
  EXPECT_EQ(count(table, "<tr>"), 3U);
}

TEST(Multiples, lean_the_labels_of_neighbouring_years_apart) {
  const auto chart = small_multiples(multiples());
  const std::string& svg = chart.view.view();
  EXPECT_NE(svg.find("text-anchor=\"end\">1<"), std::string::npos);
  EXPECT_NE(svg.find("text-anchor=\"start\">2<"), std::string::npos);
}

TimelineSpec star(std::size_t relatives) {
  TimelineSpec spec;
  spec.nodes.push_back({.id = "here",
                        .title = "Ratify the convention and trace firearms",
                        .url = "/en/x",
                        .year = 1998.3,
                        .place = "Santiago",
                        .meeting = "Santiago, 1998",
                        .names = {"CIFTA"},
                        .here = true});
  for (std::size_t i = 0; i < relatives; ++i) {
    const std::string id = "r" + std::to_string(i);
    const bool earlier = i % 3 == 0;
    spec.nodes.push_back(
        {.id = id,
         .title = "Another text about arms",
         .url = "/en/" + id,
         .year = earlier ? 1994.9 + static_cast<double>(i) / 100 : 2001.3 + static_cast<double>(i),
         .place = "City",
         .meeting = "City, a year",
         .names = {},
         .here = false});
    spec.links.push_back({earlier ? id : "here", earlier ? "here" : id,
                          i % 2 == 0 ? "restates" : "strengthens",
                          i % 2 == 0 ? "restates" : "strengthens"});
  }
  spec.treaties = {{"CIFTA", "/en/treaties/cifta", 1997, 1998},
                   {"ATT", "", 2013, 2014},
                   {"Drugs", "", 1988, 1990}};
  return spec;
}

TEST(Timeline, draws_and_lists_every_text_and_link) {
  const auto chart = timeline(star(6));
  const std::string& view = chart.view.view();
  EXPECT_EQ(count(view, "<circle"), 7U);
  EXPECT_EQ(count(view, "class=\"n-here\""), 1U);
  EXPECT_EQ(count(view, "class=\"a-restates\"") + count(view, "class=\"a-strengthens\""), 6U);
  EXPECT_EQ(count(view, "</li>"), 7U);
  EXPECT_EQ(count(chart.table.view(), "<tr>"), 8U);
  EXPECT_NE(view.find("timeline-list behind"), std::string::npos);
}

TEST(Timeline, is_a_list_where_there_are_too_many_texts_to_draw) {
  const auto chart = timeline(star(30));
  EXPECT_EQ(chart.view.view().find("<circle"), std::string::npos);
  EXPECT_EQ(chart.view.view().find("behind"), std::string::npos);
  EXPECT_EQ(count(chart.view.view(), "</li>"), 31U);
}

TEST(Timeline, leaves_out_links_to_texts_that_are_not_there) {
  auto spec = star(1);
  spec.links.push_back({"nowhere", "here", "restates", "restates"});
  spec.links.push_back({"here", "here", "restates", "restates"});
  EXPECT_EQ(count(timeline(spec).view.view(), "class=\"l-restates\""), 1U);
}

TEST(Timeline, stands_alone_and_stands_empty) {
  EXPECT_EQ(count(timeline(star(0)).view.view(), "<circle"), 1U);
  EXPECT_EQ(count(timeline({}).view.view(), "<circle"), 0U);
}

TEST(Tiles, follow_the_eye_and_say_no_data) {
  TilesSpec spec;
  spec.tiles = {{"PER", "Peru", "Peru", "/en/countries/PER", 9, 3, "7", "", 3},
                {"CAN", "Canada", "Canada", "", 1, 2, "", "", 0},
                {"CUW", "Curaçao", "Curaçao", "", 0, 0, "1", "", 0}};
  const auto chart = tile_grid(spec);
  const std::string& view = chart.view.view();
  EXPECT_LT(view.find("Canada"), view.find("Peru"));
  EXPECT_EQ(view.find("Cura"), std::string::npos);
  EXPECT_NE(view.find("tile r1 c2 none"), std::string::npos);
  EXPECT_NE(view.find("tile r9 c3 step3"), std::string::npos);
  EXPECT_NE(chart.table.view().find("Curaçao"), std::string::npos);
  EXPECT_NE(chart.table.view().find("no data"), std::string::npos);
}

TEST(Bars, start_at_zero_and_reach_the_largest) {
  BarsSpec spec;
  spec.bars = {{"a", "", 10}, {"b", "", 5}, {"c", "", 0}};
  const std::string html = bar_strip(spec).take();
  EXPECT_NE(html.find("width=\"100.00%\" height=\"14\"/>"), std::string::npos);
  EXPECT_NE(html.find("width=\"50.00%\" height=\"14\"/>"), std::string::npos);
  EXPECT_NE(html.find("width=\"0.00%\" height=\"14\"/>"), std::string::npos);
}

TEST(Page, stands_in_every_language_and_keeps_its_address) {
  for (const Language language : kLanguages) {
    PageFrame frame;
    frame.language = language;
    frame.path = "/commitments?theme=drugs&page=2";
    frame.title = "<Title>";
    frame.nav = "commitments";
    Html body;
    body.element("h1", "x");
    const std::string html = page(frame, body);
    EXPECT_TRUE(html.starts_with("<!doctype html>\n<html lang=\""));
    EXPECT_NE(html.find("<title>&lt;Title&gt; · Atalaya</title>"), std::string::npos);
    EXPECT_NE(html.find("href=\"/pt/commitments?theme=drugs&amp;page=2\" lang=\"pt\""),
              std::string::npos);
    EXPECT_EQ(count(html, "<main"), 1U);
    EXPECT_EQ(count(html, "<script"), 1U);
    EXPECT_EQ(html.find(" style="), std::string::npos);
    EXPECT_EQ(count(html, "aria-current=\"true\""), 1U);
  }
}

}  // namespace
}  // namespace atalaya::figures
