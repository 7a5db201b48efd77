#include "pages_figures.hpp"

#include <gtest/gtest.h>

#include "bulletin.hpp"
#include "figure_charts.hpp"
#include "pages_examples.hpp"

namespace atalaya::api {
namespace {

using observatory::Cell;
using observatory::CellStatus;

std::size_t times(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++n;
  }
  return n;
}

FigureBase base_of(std::vector<HeldTable> held) {
  FigureBase base;
  base.indicators = observatory::Indicators::embedded().get();
  base.territories = std::make_shared<const observatory::Territories>(
      observatory::Codelists::embedded(), std::vector<observatory::LocalTerritory>());
  base.country = "PAN";
  base.held = std::move(held);
  return base;
}

HeldTable held_of(std::string_view indicator, bool synthetic = false) {
  HeldTable held;
  held.release = "r-1";
  held.release_name = "Release one";
  held.published_at = "2025-11-14T10:00:00.000Z";
  held.synthetic = synthetic;
  held.position = 1;
  held.query.indicator = indicator;
  held.query.by = {{"territory", "country"}, {"period", "year"}};
  held.sources = {"Source of a test"};
  return held;
}

Cell rate(std::vector<std::string> codes, double count, double value,
          CellStatus status = CellStatus::normal) {
  Cell cell;
  cell.codes = std::move(codes);
  cell.count = count;
  cell.population = 100'000;
  cell.rate = value;
  cell.rate_low = value * 0.8;
  cell.rate_high = value * 1.2;
  cell.status = status;
  return cell;
}

FigureSlice slice_of(const FigureBase& base, const HeldTable& held, std::string dimension,
                     std::vector<Cell> cells) {
  FigureSlice slice;
  slice.held = held;
  slice.table.indicator = base.indicators->find(held.query.indicator);
  slice.table.by = {{std::move(dimension), ""}};
  slice.table.cells = std::move(cells);
  slice.table.synthetic = held.synthetic;
  return slice;
}

FigureView view_of(std::string_view indicator, bool synthetic = false) {
  FigureView view;
  view.base = base_of({held_of(indicator, synthetic)});
  view.indicator = view.base.indicators->find(indicator);
  view.territory = "PAN";
  auto hidden = rate({"2016"}, 0, 0, CellStatus::suppressed);
  hidden.count.reset();
  hidden.rate.reset();
  view.series = slice_of(view.base, view.base.held[0], "period",
                         {rate({"2014"}, 300, 8.5), rate({"2015"}, 4, 0.1, CellStatus::unstable),
                          hidden, rate({"2018"}, 320, 9.1)});
  view.series->territory = "PAN";
  view.across = slice_of(view.base, view.base.held[0], "territory",
                         {rate({"BLZ"}, 10, 1.5), rate({"COL"}, 90, 25.5)});
  view.across->period = "2018";
  view.across->choices = {"2017", "2018"};
  return view;
}

TEST(FigurePage, marks_suppressed_unstable_and_missing_each_in_words) {
  const auto html = render_figure(examples::context(Language::en, "/figures/homicide_rate"),
                                  view_of("homicide_rate"));
  EXPECT_NE(html.find("Panama: 9.1 in 2018 (7.3–10.9)"), std::string::npos);
  EXPECT_NE(html.find("suppressed"), std::string::npos);
  EXPECT_NE(html.find("unstable, count 4"), std::string::npos);
  EXPECT_GE(times(html, "no data"), 34U);  // 2017, and 33 states
  EXPECT_NE(html.find("chance variation only"), std::string::npos);
  EXPECT_EQ(html.find("(synthetic)"), std::string::npos);
}

// A headline without its mark would state the lowest that it can be as the figure.
TEST(FigurePage, a_headline_says_that_it_is_a_lower_bound) {
  for (const auto status : {CellStatus::incomplete, CellStatus::masked, CellStatus::normal}) {
    auto view = view_of("homicide_rate");
    view.series->table.cells.back().status = status;
    const bool is_bound = status != CellStatus::normal;
    const auto page =
        render_figure(examples::context(Language::en, "/figures/homicide_rate"), view);
    EXPECT_EQ(page.find("9.1, lower bound in 2018") != std::string::npos, is_bound);
    FigureCountryView country;
    country.base = view.base;
    country.country = "PAN";
    country.series = {*view.series};
    const auto tiles =
        render_figure_country(examples::context(Language::en, "/figures/countries/PAN"), country);
    EXPECT_EQ(tiles.find("2018 · lower bound") != std::string::npos, is_bound);
  }
}

TEST(FigurePage, a_part_of_a_year_stands_beside_the_series) {
  auto view = view_of("homicide_rate");
  auto part = rate({"2019"}, 80, 2.2, CellStatus::part_of_period);
  part.sent = "2019-01/2019-03";
  view.series->partly = {part};
  const auto html = render_figure(examples::context(Language::en, "/figures/homicide_rate"), view);
  EXPECT_NE(html.find("Panama: 9.1 in 2018"), std::string::npos);
  EXPECT_NE(html.find("Only this part of the period was sent"), std::string::npos);
  EXPECT_NE(html.find("January–March 2019: 80"), std::string::npos);
}

TEST(FigurePage, months_stand_a_month_apart_and_break_where_their_year_begins) {
  const FigureBase base = base_of({held_of("homicide_rate")});
  auto slice = slice_of(base, base.held[0], "period",
                        {rate({"2023-11"}, 30, 8), rate({"2024-01"}, 31, 8), rate({"2024-02"}, 9, 7)});
  for (const char* year : {"2018", "2024", "2025", "2024"}) {
    slice.table.breaks.push_back(
        json::object{{"source", "police"}, {"period", year}, {"note", "other counting"}});
  }
  const auto spec = series_spec(examples::context(Language::en, "/figures"), base, slice);
  ASSERT_EQ(spec.points.size(), 4U) << "December is a gap";
  EXPECT_EQ(spec.points[1].mark, figures::DatumMark::missing);
  EXPECT_EQ(spec.points[1].label, "December 2023");
  EXPECT_NEAR(spec.points[1].x - spec.points[0].x, spec.step, 1e-9);
  ASSERT_EQ(spec.breaks.size(), 1U) << "others lie outside of the series";
  EXPECT_NEAR(spec.breaks[0].x, spec.points[2].x, 1e-9) << "before January";
}

TEST(FigurePage, breaks_are_numbered_from_left_to_right) {
  const FigureBase base = base_of({held_of("homicide_rate")});
  auto slice = slice_of(base, base.held[0], "period",
                        {rate({"2014"}, 30, 8), rate({"2015"}, 31, 8), rate({"2016"}, 9, 7)});
  for (const char* year : {"2016", "2015"}) {
    slice.table.breaks.push_back(
        json::object{{"source", "police"}, {"period", year}, {"note", "other counting"}});
  }
  const auto spec = series_spec(examples::context(Language::en, "/figures"), base, slice);
  ASSERT_EQ(spec.breaks.size(), 2U);
  EXPECT_EQ(spec.breaks[0].period, "2015");
}

// A list of cases has no row where there was none.
TEST(FigurePage, an_age_without_a_case_is_not_one_without_data) {
  const FigureBase base = base_of({held_of("homicide_victims")});
  auto slice = slice_of(base, base.held[0], "period",
                        {rate({"2015", "Y_LT15", "M"}, 3, 3), rate({"2015", "Y_GE60", "F"}, 4, 4),
                         rate({"2015", "Y_GE60", "M"}, 5, 5)});
  slice.table.by = {{"period", ""}, {"age", ""}, {"sex", ""}};
  const auto context = examples::context(Language::en, "/figures");
  const auto page = [&] {
    const auto chart = chart_of_ages(context, base, slice);
    return std::string(figures::pyramid(std::get<figures::PyramidSpec>(chart.spec)).view());
  };
  EXPECT_EQ(times(page(), "none counted"), 1U);
  EXPECT_EQ(times(page(), "no data"), 0U);
  slice.table.notes.emplace_back("observatory.note.rounded");
  EXPECT_EQ(times(page(), "no data"), 1U);
}

// A note of a table names places: those of other rows do not concern who reads these.
TEST(FigurePage, a_note_names_the_places_that_are_shown) {
  const FigureBase base = base_of({held_of("homicide_rate")});
  auto slice = slice_of(base, base.held[0], "territory", {rate({"COL"}, 3, 3)});
  slice.table.notes.emplace_back("observatory.note.parts_added|territories=CHL, CO-BOY");
  const auto notes = [&](std::string_view territory) {
    Html h;
    write_notes(h, examples::context(Language::en, "/figures"), base, slice.table, territory);
    return std::string(h.view());
  };
  EXPECT_EQ(times(notes(""), "Boyac"), 1U);
  EXPECT_EQ(times(notes(""), "Chile") + times(notes(""), "CO-BOY"), 0U);
  EXPECT_EQ(times(notes("CHL"), "Chile"), 1U);
  EXPECT_EQ(notes("PAN"), "");
}

// Where few people live a tile holds one number, and a reader that speaks hears the whole.
TEST(FigurePage, a_tile_holds_the_rate_of_several_years_marked) {
  const FigureBase base = base_of({held_of("homicide_rate")});
  auto cell = rate({"DMA"}, 19, 26);
  cell.small_population = true;
  cell.several_years = observatory::SeveralYears{.years = 4, .rate = 19, .low = 14, .high = 25};
  auto slice = slice_of(base, base.held[0], "territory", {cell});
  const auto chart = chart_of_tiles(examples::context(Language::en, "/figures"), base, slice);
  const auto& tiles = std::get<figures::TilesSpec>(chart.spec);
  const auto html = std::string(figures::tile_grid(tiles).view.view());
  EXPECT_EQ(times(html, ">19.0*<"), 1U);
  EXPECT_EQ(times(html, "4 years together: 19.0"), 1U);
}

// The audit knows nothing of zeros that only the table shows; and a rating is of one year.
TEST(FigurePage, a_release_counts_cells_once_and_rates_every_year) {
  ReleaseView view;
  view.base = base_of({held_of("homicide_rate")});
  view.base.held[0].cells = 12;
  view.base.held[0].suppressed = 2;
  view.release.id = "r-1";
  json::array quality;
  for (const auto& [year, rating] : {std::pair("2015", "B"), {"2016", "B"}, {"2017", "A"}}) {
    quality.push_back(json::object{{"source", "police"},
                                   {"territory", "PAN"},
                                   {"period", year},
                                   {"rating", rating},
                                   {"score", 70},
                                   {"measures", json::object{}}});
  }
  observatory::Release::Entry entry;
  entry.position = 1;
  entry.indicator = "homicide_rate";
  entry.query["quality"] = std::move(quality);
  view.release.tables.push_back(std::move(entry));
  view.release.audit["tables"] = json::array{
      json::object{{"table", 0}, {"name", "homicide_rate"}, {"exempt", true}, {"shown", 7}}};
  const auto html = render_release(examples::context(Language::en, "/figures/releases/r-1"), view);
  EXPECT_NE(html.find("2015–2016 B"), std::string::npos);
  const auto audit = html.substr(html.find("id=\"quality\""));
  EXPECT_NE(audit.find("as it is, 10 cells"), std::string::npos);
  EXPECT_EQ(audit.find("7 cells"), std::string::npos);
}

TEST(FigurePage, ranks_states_only_where_they_may_be_compared) {
  auto view = view_of("homicide_rate");
  ASSERT_TRUE(view.indicator->is_comparable);
  const auto context = examples::context(Language::en, "/figures/x");
  auto html = render_figure(context, view);
  auto list = html.substr(html.find("class=\"bars dots\""));
  EXPECT_LT(list.find("Colombia"), list.find("Belize"));
  const auto all = view.base.indicators->all();
  const auto other = std::ranges::find_if(all, [](const auto& indicator) {
    return !indicator.is_comparable &&
           indicator.denominator.kind == observatory::DenominatorKind::population;
  });
  ASSERT_NE(other, all.end());
  view = view_of(other->id);
  html = render_figure(context, view);
  list = html.substr(html.find("class=\"bars dots\""));
  EXPECT_LT(list.find("Belize"), list.find("Colombia"));
}

TEST(FigurePage, says_synthetic_beside_every_title) {
  const auto html = render_figure(examples::context(Language::en, "/figures/homicide_rate"),
                                  view_of("homicide_rate", true));
  EXPECT_NE(html.find("<h1>Homicide rate (synthetic)</h1>"), std::string::npos);
  EXPECT_NE(html.find("9.1 in 2018 (7.3–10.9) (synthetic)</h2>"), std::string::npos);
  EXPECT_NE(html.find("Nobody in them exists."), std::string::npos);
}

TEST(FigurePage, says_what_to_do_where_nothing_is_published) {
  FigureView view;
  view.base = base_of({});
  view.indicator = view.base.indicators->find("kidnapping_rate");
  for (const Language language : kLanguages) {
    const auto html = render_figure(examples::context(language, "/figures/kidnapping_rate"), view);
    EXPECT_NE(html.find("atalaya observatory load"), std::string::npos);
    EXPECT_EQ(html.find("<svg class=\"chart\""), std::string::npos);
  }
}

TEST(Explorer, shows_both_bounds_of_what_a_source_hides) {
  ExplorerView view;
  view.base = base_of({held_of("homicide_rate")});
  view.indicator = "homicide_rate";
  auto masked = rate({"2015"}, 41, 8.5, CellStatus::masked);
  masked.count_high = 44;
  view.slice = slice_of(view.base, view.base.held[0], "period", {masked});
  view.table = view.slice->table;
  const auto html = render_explorer(examples::context(Language::en, "/figures/explorer"), view);
  EXPECT_NE(html.find("41–44"), std::string::npos);
}

// A year of which a part was hidden or not given is no year to subtract, before or after.
TEST(Bulletin, subtracts_whole_years_only) {
  const auto news = [](CellStatus before, CellStatus now) {
    BulletinView view;
    view.base = base_of({held_of("homicide_rate")});
    view.country = "PAN";
    BulletinSeries series;
    series.slice = slice_of(view.base, view.base.held[0], "period",
                            {rate({"2022"}, 110, 0.2, before), rate({"2023"}, 711, 1.4, now)});
    view.series.push_back(std::move(series));
    auto& held = view.series.back();
    held.previous = &held.slice.table.cells[0];
    held.newest = &held.slice.table.cells[1];
    return bulletin_body(examples::context(Language::en, "/figures"), view, true).take();
  };
  EXPECT_NE(news(CellStatus::normal, CellStatus::normal).find("+601"), std::string::npos);
  for (const auto part : {CellStatus::masked, CellStatus::incomplete}) {
    EXPECT_EQ(news(part, CellStatus::normal).find("+601"), std::string::npos);
    const auto html = news(CellStatus::normal, part);
    EXPECT_EQ(html.find("+601"), std::string::npos);
    EXPECT_EQ(html.find(">consolidated"), std::string::npos) << "as the state of a figure";
  }
}

TEST(Explorer, says_how_many_rows_it_leaves_out) {
  ExplorerView view;
  view.base = base_of({held_of("homicide_rate")});
  view.indicator = "homicide_rate";
  std::vector<Cell> cells;
  for (int year = 1700; year < 1910; ++year) {
    cells.push_back(rate({std::to_string(year)}, 300, 8.5));
  }
  view.slice = slice_of(view.base, view.base.held[0], "period", std::move(cells));
  view.table = view.slice->table;
  const auto html = render_explorer(examples::context(Language::en, "/figures/explorer"), view);
  EXPECT_NE(html.find("210 rows"), std::string::npos);
  EXPECT_NE(html.find("10 rows are not shown."), std::string::npos);
  EXPECT_NE(html.find("/en/figures/homicide_rate.csv?release=r-1&amp;table=1"), std::string::npos);
}

// Rests and parts have no place on an axis of quarters.
TEST(Explorer, draws_periods_of_the_level_alone) {
  for (const char* level : {"quarter", ""}) {
    ExplorerView view;
    view.base = base_of({held_of("homicide_rate")});
    view.indicator = "homicide_rate";
    std::vector<Cell> cells;
    for (const char* period : {"2022-02@2022-03", "2022-Q2", "2022-Q3", "2022._U", "2023-01"}) {
      cells.push_back(rate({period}, 300, 8.5));
    }
    view.slice = slice_of(view.base, view.base.held[0], "period", std::move(cells));
    view.slice->table.by[0].level = level;
    view.table = view.slice->table;
    const auto context = examples::context(Language::en, "/figures/explorer");
    const auto chart = explorer_chart(context, view);
    ASSERT_TRUE(chart.has_value());
    const auto& points = std::get<figures::SeriesSpec>(chart->spec).points;
    ASSERT_EQ(points.size(), 2U);
    EXPECT_LT(points[0].x, points[1].x);
    EXPECT_TRUE(chart->frame.subtitle.ends_with("3 rows are not shown.")) << chart->frame.subtitle;
    EXPECT_NE(render_explorer(context, view).find("5 rows"), std::string::npos);
    std::erase_if(view.table.cells, [](const Cell& cell) { return cell.codes[0].contains("-Q"); });
    view.table.by[0].level = "quarter";
    EXPECT_FALSE(explorer_chart(context, view).has_value());
  }
}

TEST(FigureTables, fix_a_dimension_and_leave_it_out) {
  observatory::Table table;
  table.by = {{"territory", "country"}, {"period", "year"}};
  table.cells = {rate({"BLZ", "2016"}, 1, 1), rate({"COL", "2015"}, 2, 2),
                 rate({"COL", "2016"}, 3, 3)};
  const auto series = fixed(table, "territory", "COL");
  ASSERT_EQ(series.cells.size(), 2U);
  EXPECT_EQ(series.by.size(), 1U);
  EXPECT_EQ(series.cells[0].codes, std::vector<std::string>{"2015"});
  EXPECT_EQ(fixed(table, "sex", "F").cells.size(), 3U);
}

TEST(FigureTables, write_a_query_as_it_is_read) {
  observatory::TableQuery query;
  query.by = {{"territory", "admin1"}, {"sex", ""}};
  query.where = {{"territory", {"COL", "PAN"}}};
  EXPECT_EQ(by_text(query), "territory:admin1,sex");
  EXPECT_EQ(where_text(query), "territory=COL|PAN");
}

}  // namespace
}  // namespace atalaya::api
