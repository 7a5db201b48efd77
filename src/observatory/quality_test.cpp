// Goal: measures of data quality that hold on known cases (three Colombian sources of one year) and
// an outlier test that knows Poisson; its calibration is checked by exact sums.
#include <atalaya/observatory/quality.hpp>

#include <cmath>
#include <fstream>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atalaya::observatory {
namespace {

TEST(Completeness, LeavesOutWhatIsNotApplicable) {
  const auto result = completeness({"relationship", 1000, 200, 200}).value();
  EXPECT_EQ(result.asked, 800);
  EXPECT_DOUBLE_EQ(result.unknown_share.value(), 0.25);
  EXPECT_FALSE(completeness({"sex", 0, 0, 0}).value().unknown_share.has_value());
  EXPECT_FALSE(completeness({"sex", 10, 8, 3}).has_value());
}

TEST(DaysToLoad, CountsAcrossAYear) {
  EXPECT_EQ(days_to_load({2023, 12, 31}, {2024, 3, 1}).value(), 61);
  EXPECT_FALSE(days_to_load({2023, 12, 31}, {2023, 12, 30}).has_value());
}

TEST(Coverage, ListsWhatIsMissing) {
  const std::vector<std::string> territories{"CO-ANT", "CO-CUN"};
  const std::vector<std::string> periods{"2022", "2023"};
  const std::vector<std::pair<std::string, std::string>> present{
      {"CO-ANT", "2022"}, {"CO-ANT", "2022"}, {"CO-CUN", "2022"}, {"CO-ANT", "2023"}, {"X", "Y"}};
  const auto result = coverage(territories, periods, present).value();
  EXPECT_DOUBLE_EQ(result.share, 0.75);
  ASSERT_EQ(result.missing.size(), 1U);
  EXPECT_EQ(result.missing[0], std::pair(std::string("CO-CUN"), std::string("2023")));
  EXPECT_FALSE(coverage({}, periods, present).has_value());
}

// Homicides in Colombia 2009 by Medicina Legal and by the police (CISALVA, Brasília 2012).
TEST(Agreement, TellsTheDifferenceOfTwoSources) {
  const auto result = agreement(17717, 15817).value();
  EXPECT_EQ(result.difference, 1900);
  EXPECT_NEAR(result.difference_percent, 10.7241632, 1e-6);
  EXPECT_FALSE(result.both.has_value());
  const auto linked = agreement(17717, 15817, 15000).value();
  EXPECT_EQ(linked.either, 18534);
  EXPECT_NEAR(linked.second_found_percent.value(), 94.8346715, 1e-6);
  EXPECT_FALSE(agreement(5, 3, 4).has_value());
  EXPECT_EQ(agreement(0, 0).value().difference_percent, 0);
  // Chance alone would be ±264: beside a difference of 1900 the interval says nothing.
  EXPECT_FALSE(interval_may_stand({17457, 17980}, result, 1));
}

TEST(CountOutlier, KnowsPoisson) {
  const std::vector<double> small{2, 0, 1, 3, 1};
  EXPECT_FALSE(count_outlier(6, small).value().outlier);
  EXPECT_TRUE(count_outlier(12, small).value().outlier);
  // A z-score of the same history (mean 1.4, deviation 1.14) would call 6 one of four deviations.
  const std::vector<double> large{1000, 1010, 990, 1005, 995};
  EXPECT_TRUE(count_outlier(1150, large).value().outlier);
  EXPECT_TRUE(count_outlier(860, large).value().outlier);
  EXPECT_FALSE(count_outlier(1060, large).value().outlier);
  const std::vector<double> restless{400, 1000, 1600, 700, 1300};
  EXPECT_FALSE(count_outlier(1150, restless).value().outlier);
  const std::vector<double> zeros{0, 0, 0, 0};
  EXPECT_FALSE(count_outlier(1, zeros).value().outlier);
  EXPECT_TRUE(count_outlier(9, zeros).value().outlier);
  EXPECT_FALSE(count_outlier(5, std::vector<double>{1, 2}).has_value());
}

std::string protocol_text() {
  std::ifstream file(ATALAYA_SOURCE_DIR "/catalogue/observatory/bogota_protocol.json");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Protocol, HasTenCriteriaAndSaysWhichAreNotConfirmed) {
  const auto criteria = read_protocol(protocol_text());
  ASSERT_TRUE(criteria.has_value()) << criteria.error().detail;
  ASSERT_EQ(criteria->size(), 10U);
  for (std::size_t i = 0; i < criteria->size(); ++i) {
    EXPECT_EQ((*criteria)[i].number, static_cast<std::int32_t>(i) + 1);
    // No threshold in figures was read in the Protocol's own text so far.
    if ((*criteria)[i].unit != "yes_no") {
      EXPECT_FALSE((*criteria)[i].confirmed) << (*criteria)[i].id;
    }
  }
}

TEST(Protocol, IsEmbedded) {
  EXPECT_EQ(embedded_protocol().size(), 10U);
}

TEST(Protocol, ScoresGraduallyAndOnlyWhatWasMeasured) {
  const auto criteria = read_protocol(protocol_text()).value();
  const auto sheet = assess_protocol(criteria, {{"missing_fields", 0.05},
                                                {"undetermined_intent", 0.20},
                                                {"territorial_coverage", 0.4},
                                                {"victim_as_unit", 1}});
  EXPECT_EQ(sheet.measured, 4U);
  EXPECT_NEAR(sheet.score.value(), 100 * (1 + 0.5 + 0 + 1) / 4, 1e-9);
  EXPECT_EQ(sheet.results[1].state, CriterionState::met);
  EXPECT_EQ(sheet.results[4].state, CriterionState::not_met);
  EXPECT_EQ(sheet.results[5].state, CriterionState::partly);
  EXPECT_EQ(sheet.results[9].state, CriterionState::not_measured);
  EXPECT_FALSE(assess_protocol(criteria, {}).score.has_value());
}

TEST(Protocol, RefusesRowsThatDoNotHold) {
  EXPECT_EQ(read_protocol("{}").error().reason, "observatory.quality.bad_protocol");
  EXPECT_FALSE(read_protocol(R"({"criteria": [{"id": "x"}]})").has_value());
  std::string text = protocol_text();
  text.replace(text.find("\"zero_at\""), 9, "\"zeroat\"");
  EXPECT_NE(read_protocol(text).error().detail.find("zeroat"), std::string::npos);
}

TEST(Rating, FollowsItsRules) {
  const std::map<std::string, double> best{{"unknown_share", 0.01},   {"days_to_load", 60},
                                           {"coverage_gap", 0},       {"duplicate_share", 0},
                                           {"undetermined_share", 0}, {"source_difference", 0.1}};
  EXPECT_EQ(rate_quality(best).value().letter, RatingLetter::a);
  EXPECT_DOUBLE_EQ(rate_quality(best).value().score.value(), 100);
  auto worse = best;
  worse["unknown_share"] = 0.5;
  EXPECT_EQ(rate_quality(worse).value().letter, RatingLetter::b);
  worse["coverage_gap"] = 0.5;
  EXPECT_EQ(rate_quality(worse).value().letter, RatingLetter::c);
  worse["days_to_load"] = 2000;
  EXPECT_EQ(rate_quality(worse).value().letter, RatingLetter::d);
  EXPECT_EQ(rate_quality({{"days_to_load", 10}}).value().letter, RatingLetter::not_rated);
  EXPECT_FALSE(rate_quality({{"beauty", 1}}).has_value());
  EXPECT_FALSE(rate_quality({{"days_to_load", -1}}).has_value());
}

RC_GTEST_PROP(Quality, RatingNeverRisesWhenDataGetWorse, ()) {
  std::map<std::string, double> values;
  for (const RatingRule& rule : rating_rules()) {
    values[std::string(rule.id)] = *rc::gen::inRange(0, 1000) / 1000.0 * rule.none_at;
  }
  const double before = rate_quality(values).value().score.value();
  const auto& rule = rating_rules()[*rc::gen::inRange<std::size_t>(0, rating_rules().size())];
  values[std::string(rule.id)] += rule.none_at / 10;
  RC_ASSERT(rate_quality(values).value().score.value() <= before + 1e-9);
  RC_ASSERT(before >= 0);
  RC_ASSERT(before <= 100);
}

RC_GTEST_PROP(Quality, CountsInsideTheBoundsAreNoOutliers, ()) {
  std::vector<double> history;
  const int level = *rc::gen::inRange(0, 2000);
  for (int i = 0; i < 6; ++i) {
    history.push_back(*rc::gen::inRange(level, 2 * level + 3));
  }
  const auto bounds = count_outlier(level, history).value();
  RC_ASSERT(bounds.low <= bounds.expected + 1);
  RC_ASSERT(bounds.high >= bounds.expected - 1);
  const double inside = std::floor((bounds.low + bounds.high) / 2);
  RC_ASSERT(!count_outlier(inside, history).value().outlier);
  RC_ASSERT(count_outlier(bounds.high * 3 + 20, history).value().outlier);
}

}  // namespace
}  // namespace atalaya::observatory
