// What may be added up and what it is divided by: stocks, shares of surveys, sources of a part of a
// country, populations with gaps, time that is covered without a case. The numbers are worked out
// by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/rates.hpp>
#include <atalaya/observatory/sdmx_structures.hpp>

#include "desk_fixture.hpp"
#include "sdmx_codes.hpp"

namespace atalaya::observatory {
namespace {

class CountingTest : public testing::Test, protected TestDesk {
 protected:
  CountingTest() : TestDesk("2026-03-01T10:00:00Z") {}

  void SetUp() override {
    begin(store::Engine::sqlite);
    open(store_->database());
  }

  static std::string mapping(std::string_view id, std::string_view unit, std::string_view country,
                             std::string_view more = "") {
    return fmt::format(
        "id = \"{0}\"\nsynthetic = true\ncountry = \"{2}\"\nsource_kind = \"police\"\n{3}\n"
        "[defaults]\nunit = \"{1}\"\niccs = \"{4}\"\n[dimensions.period]\ncolumn = \"when\"\n"
        "[dimensions.territory]\ncolumn = \"place\"\n[dimensions.sex]\ncolumn = \"sex\"\n"
        "[value]\ncolumn = \"n\"\n",
        id, unit, country, more, unit == "percent_victimised" ? "_Z" : "0101");
  }

  static std::string people(std::string_view country) {
    return fmt::format(
        "id = \"people_{}\"\nkind = \"population\"\nsynthetic = true\ncountry = \"{}\"\n"
        "source_kind = \"population\"\n[dimensions.period]\ncolumn = \"when\"\n"
        "[dimensions.territory]\ncolumn = \"place\"\n[value]\ncolumn = \"n\"\n",
        country == "PAN" ? "pan" : "blz", country);
  }

  LoadResult must_load(const std::string& mapping_text, const std::string& csv,
                       const std::string& source) {
    auto done = load(mapping_text, csv, source);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().detail);
    return done ? *std::move(done) : LoadResult{};
  }

  Table table(const std::string& indicator, std::string_view by, std::string_view where = "",
              const std::string& source = "") {
    TableQuery query;
    query.indicator = indicator;
    query.by = *parse_by(by);
    query.where = *parse_where(where);
    query.source = source;
    query.draft = true;
    auto made = desk_->table(query);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return made ? *std::move(made) : Table{};
  }

  static const Cell* find(const Table& table, std::vector<std::string> codes) {
    const auto at = std::ranges::find(table.cells, codes, &Cell::codes);
    return at == table.cells.end() ? nullptr : &*at;
  }

  static bool notes(const Table& table, std::string_view what) {
    return std::ranges::any_of(table.notes,
                               [&](const std::string& note) { return note.contains(what); });
  }
};

const std::string kHead = "when,place,sex,n\n";

TEST_F(CountingTest, a_stock_is_that_of_its_last_day_and_divided_by_whole_persons) {
  std::string rows = kHead;
  for (int month = 1; month <= 12; ++month) {
    rows += fmt::format("2023-{0:02},PAN,M,{1}\n2023-{0:02},PAN,F,{2}\n", month, 18'000 + month,
                        1'000 + month);
  }
  must_load(mapping("held", "persons_held", "PAN"), rows, "prisons");
  must_load(people("PAN"), "when,place,n\n2022,PAN,4000000\n2023,PAN,4400000\n", "office");
  const auto year = table("prison_population_rate", "period:year", "territory=PAN");
  ASSERT_EQ(year.cells.size(), 1);
  EXPECT_EQ(year.cells[0].count, 19'024);
  EXPECT_DOUBLE_EQ(*year.cells[0].population, 4'400'000);
  EXPECT_EQ(find(table("prison_population_rate", "period:quarter,sex"), {"2023-Q1", "M"})->count,
            18'003);
  const auto quarters = table("prison_population_rate", "period:quarter");
  EXPECT_DOUBLE_EQ(*find(quarters, {"2023-Q1"})->rate, 19'006 / 44.0);
  EXPECT_FALSE(notes(quarters, "exposure_months"));
  EXPECT_EQ(table("prison_population_rate", "").cells.at(0).count, 19'024);
  // One day of a year is no smaller part of it.
  must_load(mapping("held2", "persons_held", "BLZ"), kHead + "2023-12-31,BLZ,M,900\n", "belize");
  must_load(people("BLZ"), "when,place,n\n2023,BLZ,400000\n", "belize_office");
  const auto day = table("prison_population_rate", "period:year", "territory=BLZ");
  EXPECT_DOUBLE_EQ(*day.cells.at(0).rate, 225);
  TableQuery smoothed = year.query;
  smoothed.by = *parse_by("territory,period:year");
  smoothed.rate = *parse_rate("smoothed");
  EXPECT_EQ(desk_->table(smoothed).error().reason, "observatory.query.rate");
}

// Three places: one gives its total alone, one its total and parts, one its parts alone.
TEST_F(CountingTest, totals_given_for_some_places_leave_no_other_out) {
  const std::string sexes = "[dimensions.sex.values]\n\"T\" = \"_T\"\n";
  std::string text = mapping("cases", "victims", "COL", "covers = \"COL\"");
  text.insert(text.find("[value]"), sexes);
  const auto done = must_load(text,
                              kHead +
                                  "2023,CO-ANT,T,84\n2023,CO-CUN,T,70\n2023,CO-CUN,M,50\n"
                                  "2023,CO-CUN,F,19\n2023,CO-BOY,M,40\n2023,CO-BOY,F,16\n",
                              "police");
  const auto said = std::ranges::find(done.report.findings, "no_total", &Finding::reason);
  ASSERT_NE(said, done.report.findings.end());
  EXPECT_EQ(said->rows, 2);
  EXPECT_TRUE(said->detail.starts_with("2 facts of 56 have no total of sex (CO-BOY)"))
      << said->detail;
  const auto all = table("homicide_victims", "period:year");
  EXPECT_EQ(all.cells.at(0).count, 210);
  EXPECT_TRUE(notes(all, "parts_added|territories=CO-BOY"));
  EXPECT_EQ(find(table("homicide_victims", "sex"), {"M"})->count, 90);
  const auto one = table("homicide_victims", "period:year", "territory=CO-CUN");
  EXPECT_EQ(one.cells.at(0).count, 70);
  EXPECT_FALSE(notes(one, "parts_added"));
}

// What a file names and leaves without a number is no zero of any sum.
TEST_F(CountingTest, a_part_without_a_number_makes_a_lower_bound) {
  std::string text = mapping("cases", "victims", "COL", "covers = \"COL\"");
  text.insert(text.find("[value]"), "[dimensions.sex.values]\n\"T\" = \"_T\"\n");
  text.insert(text.find("[value]"), "[file]\nmissing = [\"n.d.\"]\n");
  const auto done = must_load(text,
                              kHead +
                                  "2022,CO-ANT,M,30\n2022,CO-CUN,M,\n2023,CO-ANT,M,40\n"
                                  "2023,CO-CUN,M,n.d.\n2023,CO-BOY,T,60\n2023,CO-BOY,M,n.d.\n"
                                  "2023,CO-CAL,M,<5\n2024,CO-ANT,M,n.d.\n2025,CO-ANT,M,<5\n",
                              "police");
  EXPECT_EQ(done.report.empty_values, 4);
  const auto years = table("homicide_victims", "period:year");
  EXPECT_EQ(find(years, {"2022"})->status, CellStatus::normal) << "an empty cell says nothing";
  EXPECT_EQ(find(years, {"2023"})->count, 101);
  EXPECT_EQ(find(years, {"2023"})->count_high, std::nullopt) << "nobody says how many more";
  EXPECT_EQ(find(years, {"2023"})->status, CellStatus::incomplete);
  const auto csv = table_csv(years, *desk_->territories().value(), Language::en);
  EXPECT_NE(csv.find("incomplete,\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find("2025,1,,,,,masked,4\n"), std::string::npos) << csv;
  EXPECT_EQ(find(years, {"2024"}), nullptr) << "a year of which nothing is said";
  EXPECT_TRUE(notes(years, "observatory.note.incomplete"));
  const auto places = table("homicide_victims", "territory", "period=2023");
  EXPECT_EQ(find(places, {"CO-ANT"})->status, CellStatus::normal);
  EXPECT_EQ(find(places, {"CO-CUN"}), nullptr) << "no number at all";
  EXPECT_EQ(find(places, {"CO-BOY"})->status, CellStatus::normal) << "its total is given";
  EXPECT_FALSE(notes(places, "observatory.note.incomplete"));
}

// Totals of persons held are none of the killed.
TEST_F(CountingTest, totals_of_one_unit_take_nothing_from_another) {
  std::string text = mapping("cases", "victims", "COL", "covers = \"COL\"");
  text.erase(text.find("unit = \"victims\"\n"), 17);
  text.insert(text.find("[value]"),
              "[dimensions.unit]\ncolumn = \"unit\"\n"
              "[dimensions.sex.values]\n\"T\" = \"_T\"\n");
  const auto done = must_load(text,
                              "when,place,unit,sex,n\n2023-12-31,CO-ANT,persons_held,T,84\n"
                              "2023,CO-ANT,victims,M,40\n2023,CO-ANT,victims,F,16\n",
                              "police");
  EXPECT_EQ(std::ranges::find(done.report.findings, "no_total", &Finding::reason),
            done.report.findings.end());
  const auto killed = table("homicide_victims", "period:year");
  EXPECT_EQ(killed.cells.at(0).count, 56);
  EXPECT_FALSE(notes(killed, "parts_added"));
}

// Margins without a total of both are two counts of the same people.
TEST_F(CountingTest, of_two_breakdowns_without_a_total_one_stands_for_both) {
  std::string text = with_dimension(mapping("cases", "victims", "COL", "covers = \"COL\""), "age");
  text.insert(text.find("[value]"),
              "[dimensions.age.values]\n\"T\" = \"_T\"\n"
              "[dimensions.sex.values]\n\"T\" = \"_T\"\n");
  must_load(text,
            "when,place,sex,age,n\n2023,CO-ANT,M,T,60\n2023,CO-ANT,F,T,30\n"
            "2023,CO-ANT,T,Y_LT18,20\n2023,CO-ANT,T,Y_GE18,75\n"
            "2022,CO-ANT,T,T,40\n2022,CO-ANT,M,Y_LT18,5\n2022,CO-ANT,F,Y_GE18,33\n",
            "police");
  const auto years = table("homicide_victims", "period:year");
  EXPECT_EQ(find(years, {"2023"})->count, 95);
  EXPECT_EQ(find(years, {"2022"})->count, 40);
  const auto by_sex = table("homicide_victims", "period:year,sex");
  EXPECT_EQ(find(by_sex, {"2023", "M"})->count, 60);
  EXPECT_EQ(find(by_sex, {"2022", "F"})->count, 33);
}

// A month's parts stand in the year's total.
TEST_F(CountingTest, totals_of_longer_periods_are_not_added_to_parts) {
  std::string text = mapping("cases", "victims", "COL", "covers = \"COL\"");
  text.insert(text.find("[value]"), "[dimensions.sex.values]\n\"T\" = \"_T\"\n");
  const auto done = must_load(
      text, kHead + "2023,CO-ANT,T,84\n2023-01,CO-ANT,M,50\n2023-02,CO-ANT,F,30\n", "police");
  EXPECT_NE(std::ranges::find(done.report.findings, "wider_total", &Finding::reason),
            done.report.findings.end());
  const auto years = table("homicide_victims", "period:year");
  EXPECT_EQ(years.cells.at(0).count, 84);
  EXPECT_TRUE(notes(years, "wider_totals"));
  EXPECT_FALSE(notes(table("homicide_victims", "period:month,sex"), "wider_totals"));
}

// Some offences of a file are left out: what the source calls all of them is more than the others.
TEST_F(CountingTest, an_offence_larger_than_its_parts_is_named) {
  std::string text = mapping("cases", "victims", "COL", "covers = \"COL\"");
  text.replace(text.find("iccs = \"0101\""), 13, "attempted = \"completed\"");
  text.insert(text.find("[value]"), "[dimensions.iccs]\ncolumn = \"offence\"\n");
  std::string facts = "when,place,sex,offence,n\n";
  for (int month = 1; month <= 6; ++month) {
    facts += fmt::format(
        "2023-{0:02},CO-ANT,M,0301,{1}\n2023-{0:02},CO-ANT,M,03011,{2}\n"
        "2023-{0:02},CO-ANT,M,0501,{3}\n2023-{0:02},CO-ANT,M,0502,9\n",
        month, 40 + month, 20, 10);
  }
  const auto done = must_load(text, facts, "police");
  const auto found = std::ranges::find(done.report.findings, "larger_than_parts", &Finding::reason);
  ASSERT_NE(found, done.report.findings.end());
  EXPECT_EQ(found->value, "ICCS 0301");
  EXPECT_EQ(found->rows, 6U);
}

TEST_F(CountingTest, a_stock_is_added_up_within_one_day_only) {
  must_load(mapping("held", "persons_held", "COL", "covers = \"COL\""),
            kHead +
                "2023-01-31,CO-ANT,M,100\n2023-06-30,CO-ANT,M,110\n2023-12-31,CO-ANT,M,120\n"
                "2023-01-31,CO-CUN,M,10\n2023-06-30,CO-CUN,M,20\n"
                "2022-05-01,CO-ANT,M,7\n2022-05-02,CO-CUN,M,8\n",
            "prisons");
  const auto country = table("prison_population_rate", "territory:country,period:year");
  ASSERT_EQ(country.cells.size(), 1) << "2022 has no day on which both were counted";
  EXPECT_EQ(country.cells[0].count, 130) << "of 30 June, when both were counted";
  EXPECT_TRUE(notes(country, "stock_without_day"));
  EXPECT_TRUE(notes(country, "stock_several_days"));
  const auto places = table("prison_population_rate", "territory:admin1,period:year");
  EXPECT_EQ(find(places, {"CO-ANT", "2023"})->count, 120);
  EXPECT_EQ(find(places, {"CO-CUN", "2023"})->count, 20);
}

TEST_F(CountingTest, shares_of_a_survey_are_not_added_up) {
  must_load(mapping("survey", "percent_victimised", "PAN", "covers = \"PAN\""),
            kHead +
                "2023,PA-8,M,20\n2023,PA-8,F,30\n2023,PA-3,M,60\n2022,PA-8,,25\n"
                "2021,PA-8,F,31\n",
            "survey");
  const auto years = table("victimisation_prevalence", "period:year");
  ASSERT_EQ(years.cells.size(), 1) << "the share of women is not everybody's";
  EXPECT_EQ(years.cells[0].codes, (std::vector<std::string>{"2022"}));
  EXPECT_EQ(years.cells[0].count, 25);
  EXPECT_TRUE(notes(years, "not_additive"));
  const auto all = table("victimisation_prevalence", "territory,period:year,sex");
  EXPECT_EQ(all.cells.size(), 5);
  EXPECT_FALSE(notes(all, "not_additive"));
  EXPECT_EQ(table("victimisation_prevalence", "period:year", "sex=F,period=2021").cells.size(), 1);
}

TEST_F(CountingTest, a_part_of_a_country_does_not_speak_for_it) {
  ASSERT_TRUE(desk_->load_catalogue().has_value());
  const auto done = must_load(mapping("rio", "victims", "BRA"),
                              kHead + "2016-01,BR-RJ,M,5000\n2016-12,BR-RJ,F,337\n", "rio");
  EXPECT_TRUE(std::ranges::any_of(done.report.findings,
                                  [](const auto& f) { return f.reason == "covers_part"; }));
  const auto country = table("homicide_rate", "period:year", "territory=BRA,period=2016");
  EXPECT_EQ(country.cells.at(0).count, 61'597);
  EXPECT_FALSE(country.cells[0].interval_dropped);
  EXPECT_TRUE(notes(country, "part_of_country|sources=rio (BR-RJ)"));
  EXPECT_EQ(table("homicide_rate", "period:year", "territory=BR-RJ").cells.at(0).count, 5'337);
  EXPECT_TRUE(table("homicide_rate", "territory:country", "", "rio").cells.empty());
  // Who says that a file covers the country is believed.
  must_load(mapping("all", "victims", "BRA", "covers = \"BRA\""),
            kHead + "2015-01,BR-RJ,M,7\n2015-12,BR-SP,M,8\n", "ministry");
  EXPECT_EQ(table("homicide_victims", "period:year", "territory=BRA,period=2015").cells.at(0).count,
            15);
}

TEST_F(CountingTest, a_denominator_holds_those_who_were_counted_and_all_of_them) {
  must_load(mapping("cases", "victims", "PAN", "covers = \"PAN\""),
            kHead +
                "2023-01,PA-8,M,100\n2023-12,PA-3,M,200\n2024-01,PA-8,M,100\n"
                "2024-12,PA-3,M,200\n2025-01,PA-8,M,10\n2025-12,PA-4,M,20\n",
            "police");
  must_load(people("PAN"),
            "when,place,n\n2023,PA-8,1500000\n2023,PA-3,300000\n2024,PA-8,1500000\n"
            "2025,PA-8,1500000\n2025,PA-3,300000\n",
            "office");
  const auto made = table("homicide_rate", "period:year", "territory=PAN");
  EXPECT_DOUBLE_EQ(*find(made, {"2023"})->population, 1'800'000);
  EXPECT_DOUBLE_EQ(*find(made, {"2024"})->population, 1'800'000) << "Colón's own is interpolated";
  EXPECT_FALSE(find(made, {"2025"})->population.has_value()) << "Chiriquí has cases and nobody";
  EXPECT_EQ(find(made, {"2025"})->status, CellStatus::no_denominator);
  EXPECT_TRUE(notes(made, "part_without_population|territories=PA-4"));
  EXPECT_FALSE(
      table("homicide_rate", "", "territory=PA-3|PA-4,period=2025").cells.at(0).rate.has_value());
  // Of many countries those that reported.
  ASSERT_TRUE(desk_->load_catalogue().has_value());
  const auto together = table("homicide_rate", "period:year", "period=2017", "unodc_gsh_2019");
  const auto apart =
      table("homicide_rate", "territory:country,period:year", "period=2017", "unodc_gsh_2019");
  double sum = 0;
  for (const auto& cell : apart.cells) {
    sum += cell.population.value_or(0);
  }
  EXPECT_NEAR(*together.cells.at(0).population, sum, 1);
  EXPECT_NEAR(*together.cells.at(0).rate, 16.32, 0.01);
}

TEST_F(CountingTest, a_population_is_given_for_years) {
  const auto done = must_load(
      people("PAN"), "when,place,n\n2023-Q1,PAN,10\n2023-Q2,PAN,10\n2023,PAN,4000000\n", "office");
  EXPECT_EQ(done.report.rejected, 2);
  EXPECT_EQ(done.report.findings.at(0).reason, "finer_than_year");
}

TEST_F(CountingTest, months_without_a_case_are_covered_and_replaced) {
  const std::string text = mapping("belize", "victims", "BLZ");
  const std::string rows = kHead +
                           "2021-12-05,BLZ,M,4\n2022-01-05,BLZ,M,1\n2022-12-05,BLZ,M,1\n"
                           "2023-01-05,BLZ,M,4\n";
  must_load(people("BLZ"), "when,place,n\n2021,BLZ,400000\n2022,BLZ,400000\n2023,BLZ,400000\n",
            "office");
  const auto first = must_load(text, rows + "2022-06-05,BLZ,M,1\n", "police");
  EXPECT_EQ(first.report.months.size(), 14);
  const auto warned = std::ranges::find(first.report.findings, "empty_months", &Finding::reason);
  ASSERT_NE(warned, first.report.findings.end());
  EXPECT_NE(warned->detail.find("9 months"), std::string::npos) << warned->detail;
  const auto year = table("homicide_rate", "period:year", "period=2022");
  EXPECT_EQ(year.cells.at(0).count, 3);
  EXPECT_DOUBLE_EQ(*year.cells[0].population, 400'000);
  // The case of June is withdrawn: who asks is told first, and then it is gone.
  const auto refused = load(text, rows, "police", false);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.lost");
  EXPECT_NE(refused.error().detail.find("2022-06 (1)"), std::string::npos);
  must_load(text, rows, "police");
  EXPECT_EQ(table("homicide_victims", "period:year", "period=2022").cells.at(0).count, 2);
  // A mapping can say otherwise.
  const auto facts =
      must_load(mapping("b", "victims", "BLZ", "covers_period = \"facts\""), rows, "b");
  EXPECT_EQ(facts.report.months.size(), 4);
  const auto whole = must_load(
      mapping("c", "victims", "BLZ", "covers_period = [\"2021/2022\", \"2023-Q1\"]"), rows, "c");
  EXPECT_EQ(whole.report.months.size(), 27);
  EXPECT_EQ(must_load(mapping("d", "victims", "BLZ", "covers_period = \"year\""), rows, "d")
                .report.months.size(),
            36);
  // Of figures for years a year that is missing was not sent.
  EXPECT_EQ(must_load(mapping("e", "victims", "BLZ"),
                      kHead + "2015,BLZ,M,4\n2016,BLZ,M,4\n2018,BLZ,M,4\n", "e")
                .report.months.size(),
            36);
  EXPECT_FALSE(parse_mapping(mapping("f", "victims", "BLZ", "covers_period = \"2023/2021\""), "f")
                   .has_value());
  EXPECT_FALSE(parse_mapping(mapping("f", "victims", "BLZ", "covers = \"Rio\""), "f").has_value());
}

TEST_F(CountingTest, a_cell_is_divided_by_the_days_of_it_that_are_covered_and_chosen) {
  must_load(mapping("cases", "victims", "PAN"),
            kHead + "2024-01-01,PAN,M,40\n2024-02-29,PAN,M,40\n", "police");
  must_load(people("PAN"), "when,place,n\n2023,PAN,3660000\n2024,PAN,3660000\n2025,PAN,3660000\n",
            "office");
  const auto persons = [&](std::string_view by, std::string_view where, std::string code) {
    const auto made = table("homicide_rate", by, where);
    const auto* cell = find(made, {std::move(code)});
    return cell == nullptr ? 0 : cell->population.value_or(0);
  };
  const double month = 3'660'000 / 12.0;
  EXPECT_DOUBLE_EQ(persons("period:month", "", "2024-01"), month);
  EXPECT_DOUBLE_EQ(persons("period:quarter", "", "2024-Q1"), 2 * month);
  EXPECT_DOUBLE_EQ(persons("period:semester", "", "2024-S1"), 2 * month);
  EXPECT_DOUBLE_EQ(persons("period:year", "", "2024"), 2 * month);
  EXPECT_DOUBLE_EQ(persons("period:quarter", "period=2024-02", "2024-02"), month);
  EXPECT_DOUBLE_EQ(persons("period:month", "period=2024-01-01", "2024-01-01"), 10'000);
  EXPECT_DOUBLE_EQ(persons("period:day", "", "2024-01-01"), 10'000);
  EXPECT_DOUBLE_EQ(persons("period:week", "", "2024-W01"), 70'000);
  EXPECT_DOUBLE_EQ(persons("period:week", "", "2024-W09"), 40'000) << "26 to 29 February";
  EXPECT_TRUE(notes(table("homicide_rate", "period:quarter"), "exposure_months"));
}

TEST_F(CountingTest, places_and_periods_without_a_case_are_zero_where_cases_are_listed) {
  must_load(people("PAN"),
            "when,place,n\n2021,PA-3,90000\n2022,PA-3,90000\n2023,PA-3,90000\n"
            "2021,PA-8,1500000\n2022,PA-8,1500000\n2023,PA-8,1500000\n",
            "office");
  const std::string rows = kHead +
                           "2021-01-01,PA-8,M,5\n2021-02-01,PA-3,M,1\n"
                           "2022-04-01,PA-8,F,2\n2023-11-01,PA-3,M,3\n2023-12-01,PA-8,M,1\n";
  must_load(mapping("cases", "victims", "PAN", "covers = \"PAN\""), rows, "police");
  const auto made = table("homicide_rate", "territory:admin1,period:year");
  ASSERT_EQ(made.cells.size(), 6);
  const auto* none = find(made, {"PA-3", "2022"});
  ASSERT_NE(none, nullptr);
  EXPECT_EQ(none->count, 0);
  EXPECT_EQ(none->rate, 0);
  EXPECT_GT(*none->rate_high, 0);
  EXPECT_EQ(none->status, CellStatus::unstable);
  const auto several = find(made, {"PA-3", "2023"})->several_years;
  ASSERT_TRUE(several.has_value());
  EXPECT_EQ(several->years, 3);
  EXPECT_NEAR(several->rate, 4 / 2.7, 1e-9);
  EXPECT_EQ(table("homicide_rate", "period:month", "territory=PA-3").cells.size(), 36);
  EXPECT_EQ(table("homicide_rate", "territory:admin1,period:year,sex").cells.size(), 5)
      << "of other breakdowns a missing row stays missing";
  // A row that was refused may be what a month without facts had.
  must_load(mapping("refused", "victims", "PAN", "covers = \"PAN\""),
            rows + "2022-05-01,PA-3,M,many\n", "second_police");
  EXPECT_EQ(table("homicide_rate", "territory:admin1,period:year", "", "second_police").cells.size(),
            5);
  // Who writes zeros does not mean them where nothing stands.
  must_load(mapping("counts", "victims", "PAN", "covers = \"PAN\""), rows + "2021-05-01,PA-3,M,0\n",
            "office_of_counts");
  EXPECT_EQ(
      table("homicide_rate", "territory:admin1,period:year", "", "office_of_counts").cells.size(),
      5);
  // Several years reach up to the highest that a count can be of which the source hid a part.
  must_load(mapping("masked", "victims", "PAN", "covers = \"PAN\""),
            rows + "2021-05-01,PA-3,M,<5\n", "hospital");
  const auto masked = table("homicide_rate", "territory:admin1,period:year", "", "hospital");
  const auto bounds = find(masked, {"PA-3", "2023"})->several_years;
  ASSERT_TRUE(bounds.has_value());
  EXPECT_EQ(bounds->events, 5);
  EXPECT_NEAR(bounds->high, crude_rate(8, 270'000)->interval->high, 1e-9);
}

TEST_F(CountingTest, sources_of_other_countries_are_not_compared) {
  must_load(mapping("belize", "victims", "BLZ"), kHead + "2023-01,BLZ,M,100\n2023-12,BLZ,M,1\n",
            "belize");
  must_load(mapping("panama", "victims", "PAN"), kHead + "2023-01,PAN,M,480\n2023-12,PAN,M,1\n",
            "panama");
  must_load(people("BLZ"), "when,place,n\n2023,BLZ,400000\n", "office");
  const auto alone = table("homicide_rate", "period:year", "", "belize");
  EXPECT_FALSE(alone.cells.at(0).other_count.has_value());
  EXPECT_TRUE(alone.cells[0].rate_low.has_value());
  must_load(mapping("hospitals", "victims", "BLZ"), kHead + "2023-01,BLZ,M,90\n2023-12,BLZ,M,1\n",
            "hospitals");
  EXPECT_EQ(table("homicide_rate", "period:year", "", "belize").cells.at(0).other_count, 91);
}

// Places of one name lie in several countries: of two that are given none is taken.
TEST_F(CountingTest, a_load_and_its_mapping_name_one_country) {
  const auto parsed = parse_mapping(mapping("one", "victims", "BLZ"), "one.toml");
  ASSERT_TRUE(parsed.has_value());
  const auto csv = file("in.csv", "when,place,sex,n\n2022,BLZ,M,22\n");
  LoadOptions options;
  options.source = "police";
  options.country = "PAN";
  const auto refused = desk_->load(*parsed, {csv}, options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.two_countries");
  options.country = "BLZ";
  EXPECT_TRUE(desk_->load(*parsed, {csv}, options).has_value());
}

// What several published tables hold of one breakdown is one answer: each row of the newest release
// that speaks of it, one source a country, and never a part of a row under the whole row's name.
class ReleasedTest : public CountingTest {
 protected:
  void publish(std::string_view id, std::string_view tables) {
    const auto done = desk_->publish_release(
        fmt::format("id = \"{}\"\nname = \"A release\"\n[decision]\nby = \"x\"\nreason = \"y\"\n{}",
                    id, tables),
        "publisher");
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  static std::string plan_table(std::string_view by, std::string_view where,
                                std::string_view source) {
    return fmt::format(
        "[[tables]]\nindicator = \"homicide_victims\"\nby = \"{}\"\nwhere = \"{}\"\n"
        "source = \"{}\"\n",
        by, where, source);
  }

  std::string answer(std::string_view by, std::string_view where = "",
                     const std::string& release = "", const std::string& source = "") {
    TableQuery query;
    query.indicator = "homicide_victims";
    query.by = *parse_by(by);
    query.where = *parse_where(where);
    query.release = release;
    query.source = source;
    const auto made = desk_->table(query);
    if (!made) {
      return made.error().reason;
    }
    std::string out;
    for (const auto& cell : made->cells) {
      out += fmt::format("{} {} {}; ", cell.codes[0], cell.codes[1], cell.count.value_or(-1));
    }
    for (const auto& note : made->notes) {
      out += note.contains("tables=") ? note.substr(note.find("table")) + "; " : "";
    }
    return out;
  }
};

constexpr std::string_view kByYear = "territory:country,period:year";

TEST_F(ReleasedTest, published_tables_answer_together) {
  must_load(mapping("one", "victims", "PAN"),
            "when,place,sex,n\n2021,PAN,M,21\n2022-01,PAN,M,10\n2022-09,PAN,M,12\n"
            "2023,PAN,M,23\n",
            "pan_police");
  must_load(mapping("two", "victims", "BLZ"), "when,place,sex,n\n2022,BLZ,M,72\n", "blz_police");
  publish("r1", plan_table(kByYear, "territory=PAN,period=2021", "pan_police") +
                    plan_table(kByYear, "territory=BLZ", "blz_police") +
                    plan_table(kByYear, "territory=PAN", "pan_police"));
  EXPECT_EQ(answer(kByYear),
            "BLZ 2022 72; PAN 2021 21; PAN 2022 22; PAN 2023 23; tables|tables=r1 1, r1 2, r1 3; ");
  EXPECT_EQ(answer(kByYear, "period=2022"), "BLZ 2022 72; PAN 2022 22; tables|tables=r1 2, r1 3; ");
  EXPECT_EQ(answer("period:year,territory:country", "territory=BLZ", "r1"), "2022 BLZ 72; ");

  // A half of a year under the year's name answers nobody but who asks for that half.
  must_load(mapping("one", "victims", "PAN"),
            "when,place,sex,n\n2021,PAN,M,31\n2022-01,PAN,M,10\n2022-09,PAN,M,12\n", "pan_police");
  const std::string half = "territory=PAN,period=2021|2022-S2";
  publish("r2", plan_table(kByYear, half, "pan_police"));
  EXPECT_EQ(answer(kByYear, "territory=PAN"),
            "PAN 2021 31; PAN 2023 23; tables|tables=r2 1, r1 3; "
            "tables_beside|tables=r2 1, r1 3; tables_revised|tables=r1 3; ");
  EXPECT_EQ(answer(kByYear, half), "PAN 2021 31; PAN 2022-S2 12; tables_beside|tables=r1 3; ");
  EXPECT_EQ(answer(kByYear, "", "r2"), "PAN 2021 31; tables_beside|tables=r2 1; ");

  // A newer table that has all rows that are asked for answers alone.
  publish("r3", plan_table(kByYear, "territory=PAN,period=2021|2022|2023", "pan_police"));
  EXPECT_EQ(answer(kByYear, "period=2021|2023"), "PAN 2021 31; PAN 2023 23; ");
}

// A case that a revision gave another row would be counted in both.
TEST_F(ReleasedTest, rows_of_before_and_after_a_revision_do_not_stand_together) {
  const std::string facts = mapping("one", "victims", "PAN");
  must_load(facts,
            "when,place,sex,n\n2021,PA-3,M,21\n2022,PA-3,M,50\n2022,PA-3,F,39\n2022,PAN,F,7\n"
            "2022,PA-8,F,11\n",
            "police");
  constexpr std::string_view kBySex = "period:year,sex";
  constexpr std::string_view kByPlace = "territory:admin1,period:year";
  publish("r1", plan_table(kBySex, "", "police") + plan_table(kByPlace, "", "police"));
  EXPECT_EQ(answer(kBySex), "2021 M 21; 2022 F 57; 2022 M 50; ");
  must_load(facts, "when,place,sex,n\n2022,PA-3,F,96\n2022,PA-8,F,11\n", "police");
  publish("r2",
          plan_table(kBySex, "sex=F", "police") + plan_table(kByPlace, "territory=PA-3", "police"));
  // The year that was not revised stays.
  EXPECT_EQ(answer(kBySex),
            "2021 M 21; 2022 F 107; tables|tables=r2 1, r1 1; tables_beside|tables=r1 1; ");
  // What was known of no province may be in the one that is told anew; the other one is not.
  EXPECT_EQ(answer(kByPlace),
            "PA-3 2021 21; PA-3 2022 96; PA-8 2022 11; tables|tables=r2 2, r1 2; "
            "tables_beside|tables=r1 2; tables_revised|tables=r1 2; ");
}

TEST_F(ReleasedTest, rows_are_asked_for_by_the_names_that_they_print) {
  must_load(mapping("one", "victims", "PAN", "covers = \"PAN\""),
            "when,place,sex,n\n2022-09,PA-3,M,50\n2022-01,PA-8,F,11\n2022-03,PAN,F,7\n", "police");
  constexpr std::string_view kByPlace = "territory:admin1,period:year";
  publish("r1", plan_table(kByYear, "territory=PAN,period=2022-01|2022-03", "police") +
                    plan_table(kByPlace, "", "police"));
  EXPECT_EQ(answer(kByPlace, "territory=PAN._U"), "PAN._U 2022 7; ");
  EXPECT_EQ(answer(kByPlace, "territory=PAN._U|PA-8"), "PA-8 2022 11; PAN._U 2022 7; ");
  EXPECT_EQ(table("homicide_victims", kByPlace, "territory=PAN._U").cells.size(), 1U);
  EXPECT_EQ(answer(kByYear, "period=2022-01@2022-03"), "PAN 2022-01@2022-03 18; ");
  EXPECT_EQ(answer("period:year,sex", "territory=PAN._U"), "observatory.release.none");
  // Where only parts are there, they are named.
  EXPECT_EQ(answer(kByYear), "tables_beside|tables=r1 1; tables=period=2022-01@2022-03; ");
}

TEST_F(ReleasedTest, a_country_is_answered_from_one_source) {
  must_load(mapping("one", "victims", "PAN"), "when,place,sex,n\n2022,PAN,M,22\n", "a_police");
  must_load(mapping("two", "victims", "PAN"), "when,place,sex,n\n2021,PAN,M,41\n2022,PAN,M,42\n",
            "b_health");
  publish("r1", plan_table(kByYear, "territory=PAN", "b_health"));
  publish("r2", plan_table(kByYear, "period=2021|2022", "a_police"));
  EXPECT_EQ(answer(kByYear), "PAN 2022 22; tables_beside|tables=r1 1; ");
  EXPECT_EQ(answer(kByYear, "", "", "b_health"), "PAN 2021 41; PAN 2022 42; ");
  EXPECT_EQ(answer(kByYear, "period=2021"), "PAN 2021 41; ");
}

// Random releases of a source that is revised between them, of wholes and of parts: what SDMX gives
// is what `table` shows for some question, nothing is missing, and no key stands twice.
class OneRuleTest : public ReleasedTest, public testing::WithParamInterface<unsigned> {
 protected:
  using Rows = std::map<std::string, std::set<double>>;  // by key: what is said of it

  const std::string& one_of(const std::vector<std::string>& list) {
    return list[random_() % list.size()];
  }

  std::string facts() {
    std::string out = kHead;
    for (const auto* place : {"PAN", "PA-3", "PA-8"}) {
      for (const auto* time : {"2021", "2021-07", "2022-01-31", "2022-02-01", "2022-09", "2022"}) {
        for (const auto* sex : {"F", "M"}) {
          if (random_() % 10 < 7) {
            out += fmt::format("{},{},{},{}\n", time, place, sex, 20 + random_() % 80);
          }
        }
      }
    }
    return out;
  }

  void make_releases() {
    const std::vector<std::string> by = {
        "territory:country,period:year",    "territory:admin1,period:year",
        "territory:admin1,period:year,sex", "period:month,sex",
        "territory:country,period:week",    "territory,period"};
    const std::vector<std::string> where = {"",
                                            "",
                                            "sex=F",
                                            "territory=PA-3",
                                            "period=2022",
                                            "territory=PA-3|PA-8",
                                            "period=2022-02",
                                            "period=2021|2022-S2",
                                            "territory=PAN,period=2022",
                                            "period=2022-02|2022-09"};
    const std::vector<std::string> sources = GetParam() % 2 == 0
                                                 ? std::vector<std::string>{"police"}
                                                 : std::vector<std::string>{"police", "health"};
    for (int day = 1; day <= 3; ++day) {
      clock_.set(*parse_utc_time(fmt::format("2026-03-0{}T10:00:00Z", day)));
      for (const auto& source : sources) {
        const auto parsed = parse_mapping(mapping(source, "victims", "PAN"), "test.toml");
        LoadOptions options;
        options.source = source;
        options.accept_changes = options.accept_copies = true;
        const auto done = desk_->load(*parsed, {file("in.csv", facts())}, options);
        ASSERT_TRUE(done.has_value()) << done.error().detail;
      }
      std::string tables;
      for (int n = 0; n < 4; ++n) {
        const auto& columns = n < 2 ? by[GetParam() % by.size()] : one_of(by);
        const auto& chosen = one_of(where);
        const auto& source = one_of(sources);
        if (!table("homicide_victims", columns, chosen, source).cells.empty()) {
          tables += plan_table(columns, chosen, source) + "protect = false\nreason = \"test\"\n";
        }
      }
      publish(fmt::format("r{}", day), tables);
    }
  }

  void add(const Table& table, const TableQuery& query, Rows& rows) const {
    const auto territories = *desk_->territories();
    TableQuery of = query;
    of.source = flow_->place("SOURCE") ? query.source : std::string();
    const sdmx::CellReader reader(*territories, *flow_, of, table.by);
    std::vector<std::string> codes;
    for (const auto& cell : table.cells) {
      const auto time = reader.read(cell, codes);
      if (time && cell.count) {
        rows[fmt::format("{} {} {}", fmt::join(codes, "."), time->frequency, time->time)].insert(
            *cell.count);
      }
    }
  }

  void add(const sdmx::DataSet& set, const std::vector<sdmx::Observation>& observations,
           Rows& rows) const {
    for (const auto& one : observations) {
      std::vector<std::string> codes;
      for (std::size_t d = 0; d < flow_->dimensions.size(); ++d) {
        codes.push_back(set.code(one, d));
      }
      if (std::exchange(codes.back(), "") == "NR" && one.value) {
        const auto frequency = std::exchange(codes.front(), "");
        const auto key = fmt::format("{} {} {}", fmt::join(codes, "."), frequency, one.time);
        EXPECT_TRUE(rows[key].insert(*one.value).second && rows[key].size() == 1) << key;
      }
    }
  }

  Rows served(const sdmx::DataQuery& query, std::uint64_t at_once) const {
    Rows out;
    sdmx::ReadingParts parts;
    parts.at_once = at_once;
    auto sets = sdmx::select_data(*desk_, catalogue_, *flow_, query, parts);
    EXPECT_TRUE(sets.has_value());
    for (auto& set : *sets) {
      while (!set.observations.empty()) {
        add(set, set.observations, out);
        set.observations = set.rest ? *set.rest->next() : std::vector<sdmx::Observation>();
      }
    }
    return out;
  }

  // What `table` shows of everything that was published until a day.
  Rows shown(const std::string& day) const {
    Rows out;
    const auto releases = *desk_->releases();
    for (const auto& release : releases) {
      for (const auto& entry : release.tables) {
        if (release.published_at.substr(0, 10) > day) {
          continue;
        }
        TableQuery query = desk_->release_table(release.id, entry.position)->query;
        query.release.clear();
        query.as_of = day;
        add(*desk_->table(query), query, out);
        std::erase_if(query.where, [&](const auto& term) {
          return std::ranges::find(query.by, term.first, &TableDimension::name) != query.by.end();
        });
        add(*desk_->table(query), query, out);
      }
    }
    return out;
  }

  // Tables without levels may call the same row a rest or a whole, by what else they hold.
  static Rows unmarked(const Rows& rows) {
    Rows out;
    for (const auto& [key, values] : rows) {
      const auto codes = split(key, ' ');
      std::string plain(codes.front());
      for (auto at = plain.find("_U"); at != std::string::npos; at = plain.find("_U")) {
        plain.erase(at, 2);
      }
      out[fmt::format("{} {}", plain, codes.back())].insert(values.begin(), values.end());
    }
    return out;
  }

  std::string described() const {
    std::string out;
    const auto releases = *desk_->releases();
    for (const auto& release : releases) {
      out += "\n" + release.plan;
    }
    return out;
  }

  std::mt19937 random_{GetParam()};
  sdmx::Catalogue catalogue_;
  const sdmx::Flow* flow_ = nullptr;
};

TEST_P(OneRuleTest, sdmx_gives_what_tables_show) {
  make_releases();
  catalogue_ = *sdmx::build_catalogue(*desk_, "TEST");
  flow_ = catalogue_.find("DF_HOMICIDE_VICTIMS");
  ASSERT_NE(flow_, nullptr);
  for (const auto* day : {"2026-03-01", "2026-03-02", "2026-03-03"}) {
    sdmx::DataQuery query;
    query.as_of = *parse_utc_time(std::string(day) + "T23:59:59Z");
    const Rows given = served(query, sdmx::kCellsAtOnce);
    const Rows tables = shown(day);
    EXPECT_EQ(given, served(query, 3));
    for (const auto& [key, values] : given) {
      const auto at = tables.find(key);
      ASSERT_NE(at, tables.end()) << day << " shown by no table: " << key << described();
      EXPECT_TRUE(at->second.contains(*values.begin())) << day << " " << key;
    }
    for (const auto& [key, values] : tables) {
      EXPECT_TRUE(given.contains(key)) << day << " not in SDMX: " << key << described();
    }
    const auto cells = sdmx::find_availability(*desk_, catalogue_, *flow_, query, {});
    const auto columns = sdmx::find_availability(*desk_, catalogue_, *flow_, query, {}, 0);
    EXPECT_EQ(cells->values, columns->values);
    EXPECT_EQ(cells->times, columns->times);
  }
  // Of one release by itself nothing is left out.
  sdmx::DataQuery query;
  query.include_history = true;
  const auto sets = sdmx::select_data(*desk_, catalogue_, *flow_, query);
  ASSERT_EQ(sets->size(), 3U);
  for (const auto& set : *sets) {
    const auto& release = catalogue_.releases[set.observations.front().release].id;
    Rows given;
    Rows published;
    add(set, set.observations, given);
    const auto whole = *desk_->release(release);
    for (const auto& entry : whole.tables) {
      const auto table = *desk_->release_table(release, entry.position);
      add(table, table.query, published);
    }
    EXPECT_EQ(unmarked(given), unmarked(published)) << release;
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, OneRuleTest, testing::Range(0U, 3U));

}  // namespace
}  // namespace atalaya::observatory
