// Goal: denominators that a demographer would accept: dates by hand, ages only in whole groups,
// nothing beyond the years of the source.
#include <atalaya/observatory/populations.hpp>

#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atalaya::observatory {
namespace {

// Synthetic: 1,000 and 1,210 persons two years apart, so 10 % a year.
Populations two_years(PopulationDate date) {
  std::vector<PopulationFact> facts;
  for (const std::int32_t year : {2020, 2022}) {
    const double all = year == 2020 ? 1000 : 1210;
    for (const char* sex : {"M", "F"}) {
      facts.push_back({"XXA", sex, {0, 15}, year, all * 0.2});
      facts.push_back({"XXA", sex, {15, 18}, year, all * 0.1});
      facts.push_back({"XXA", sex, {18, kAgeOpen}, year, all * 0.2});
    }
  }
  return Populations::create({"synthetic", "synthetic 2026", date}, std::move(facts)).value();
}

TEST(Populations, GrowByFactorsOrByAmounts) {
  const auto table = two_years(PopulationDate::mid_year);
  EXPECT_NEAR(table.persons_at({"XXA"}, 2021.5).value().persons, 1100, 1e-9);
  EXPECT_NEAR(table.persons_at({"XXA"}, 2021.5, Interpolation::linear).value().persons, 1105, 1e-9);
  const auto known = table.persons_at({"XXA"}, 2020.5).value();
  EXPECT_NEAR(known.persons, 1000, 1e-9);
  EXPECT_FALSE(known.interpolated);
  EXPECT_EQ(known.vintage, "synthetic 2026");
}

TEST(Populations, KnowTheDayOfTheFigures) {
  // The middle of 2021 is half a year after the end of 2020 … and a quarter of the way.
  const auto table = two_years(PopulationDate::end_of_year);
  const auto figure = table.persons_at({"XXA"}, 2021.5).value();
  EXPECT_NEAR(figure.persons, 1000 * std::pow(1.21, 0.25), 1e-9);
  EXPECT_TRUE(figure.interpolated);
}

TEST(Populations, AreHeldForHalfAYearAndNoLonger) {
  const auto table = two_years(PopulationDate::mid_year);
  const auto held = table.persons_at({"XXA"}, 2022.9).value();
  EXPECT_TRUE(held.held);
  EXPECT_NEAR(held.persons, 1210, 1e-9);
  EXPECT_EQ(table.persons_at({"XXA"}, 2023.5).error().reason, "observatory.populations.outside");
  EXPECT_EQ(table.persons_at({"XXB"}, 2021).error().reason, "observatory.populations.none");
}

TEST(Populations, CountPersonYearsByMonths) {
  const auto table = two_years(PopulationDate::mid_year);
  const auto year = table.exposure({"XXA"}, *parse_period("2021")).value();
  EXPECT_NEAR(year.person_years, 1100, 1e-6);
  const auto half = table.exposure({"XXA"}, *parse_period("2021-S1")).value();
  EXPECT_NEAR(half.persons, 1000 * std::pow(1.1, 0.75), 1e-6);
  EXPECT_NEAR(half.person_years, half.persons / 2, 1e-9);
  const auto month = table.exposure({"XXA"}, *parse_period("2021-07")).value();
  EXPECT_NEAR(month.person_years, month.persons / 12, 1e-9);
  const auto week = table.exposure({"XXA"}, *parse_period("2021-W10")).value();
  EXPECT_NEAR(week.person_years, week.persons * 7 / 365, 1e-9);
}

TEST(Populations, AddUpWholeAgeGroupsOnly) {
  const auto table = two_years(PopulationDate::mid_year);
  EXPECT_NEAR(table.persons_at({"XXA", "F", {0, 18}}, 2020.5).value().persons, 300, 1e-9);
  EXPECT_NEAR(table.persons_at({"XXA", "_T", {15, kAgeOpen}}, 2020.5).value().persons, 600, 1e-9);
  const auto split = table.persons_at({"XXA", "F", {12, 18}}, 2020.5);
  EXPECT_EQ(split.error().reason, "observatory.populations.bands_do_not_nest");
  EXPECT_NE(split.error().detail.find("Y15T17"), std::string::npos);
  EXPECT_FALSE(table.persons_at({"XXA", "F", {18, 60}}, 2020.5).has_value());
}

TEST(Populations, RefuseWhatNoSourceMeans) {
  const auto reason = [](PopulationFact fact) {
    return Populations::create({}, {{"XXA", "M", {0, 5}, 2020, 10}, std::move(fact)})
        .error()
        .reason;
  };
  EXPECT_EQ(reason({"XXA", "M", {0, 5}, 2020, 11}), "observatory.populations.bad");
  EXPECT_EQ(reason({"XXA", "M", {5, 10}, 2020, -1}), "observatory.populations.bad");
  EXPECT_EQ(reason({"XXA", "X", {5, 10}, 2020, 1}), "observatory.populations.bad");
  EXPECT_EQ(reason({"XXA", "M", {10, 10}, 2020, 1}), "observatory.populations.bad");
}

TEST(AddUpAges, MakesTheGroupsThatIndicatorsAskFor) {
  std::map<AgeRange, double> five;
  for (std::int32_t low = 0; low < 100; low += 5) {
    five[{low, low + 5}] = low + 1;
  }
  five[{100, kAgeOpen}] = 3;
  const auto sums = add_up_ages(five, {{0, 15}, {15, 30}, {60, kAgeOpen}}).value();
  EXPECT_EQ(sums[0], 1 + 6 + 11);
  EXPECT_EQ(sums[1], 16 + 21 + 26);
  EXPECT_EQ(sums[2], 61 + 66 + 71 + 76 + 81 + 86 + 91 + 96 + 3);
  EXPECT_FALSE(add_up_ages(five, {{0, 18}}).has_value());
}

RC_GTEST_PROP(Populations, SexesAndAgesAddUpAtEveryDate, ()) {
  const auto table = two_years(PopulationDate::mid_year);
  const double date = 2020.5 + *rc::gen::inRange(0, 201) / 100.0;
  const auto at = [&](const char* sex, AgeRange age) {
    return table.persons_at({"XXA", sex, age}, date, Interpolation::linear).value().persons;
  };
  RC_ASSERT(std::abs(at("M", {0, kAgeOpen}) + at("F", {0, kAgeOpen}) - at("_T", {0, kAgeOpen})) <
            1e-9);
  RC_ASSERT(std::abs(at("M", {0, 18}) + at("M", {18, kAgeOpen}) - at("M", {0, kAgeOpen})) < 1e-9);
  const double geometric = table.persons_at({"XXA"}, date).value().persons;
  RC_ASSERT(geometric >= 1000 - 1e-9);
  RC_ASSERT(geometric <= at("_T", {0, kAgeOpen}) + 1e-9);
}

}  // namespace
}  // namespace atalaya::observatory
