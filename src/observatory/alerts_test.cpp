// Goal: thresholds and alarms equal to those of the R package surveillance 1.20.3, which is the
// reference of the field: its own test vectors first, then whole runs on its Salmonella Agona
// series, printed by R to 17 digits. Properties and refusals follow.
#include <atalaya/observatory/alerts.hpp>

#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "rates_quantiles.hpp"

namespace atalaya::observatory {
namespace {

// Weekly reports of Salmonella Agona in the United Kingdom 1990-1995 (Farrington and others 1996;
// surveillance, data set salmonella.agona).
constexpr std::array<double, 312> kAgona{
    1, 0,  5,  2,  1, 2, 0, 4, 0, 0, 0, 3, 1, 1, 0, 0, 2, 2,  0, 2, 6, 3,  2, 1,  2,  0, 1, 1,  3,
    5, 3,  4,  3,  6, 5, 8, 6, 3, 6, 2, 5, 2, 1, 5, 7, 1, 10, 3, 4, 0, 0,  1, 6,  0,  2, 2, 0,  0,
    2, 2,  0,  6,  7, 1, 0, 0, 0, 1, 1, 4, 3, 1, 3, 2, 6, 3,  4, 4, 8, 12, 9, 17, 16, 8, 6, 13, 4,
    7, 10, 3,  11, 4, 6, 4, 7, 6, 2, 9, 2, 3, 4, 1, 2, 2, 0,  0, 1, 2, 2,  2, 5,  0,  0, 4, 2,  1,
    3, 2,  0,  1,  1, 3, 0, 1, 3, 2, 3, 6, 2, 1, 3, 3, 2, 2,  2, 1, 3, 3,  2, 3,  0,  2, 4, 6,  7,
    3, 1,  4,  1,  2, 5, 1, 3, 1, 0, 1, 3, 3, 0, 0, 1, 1, 0,  1, 4, 1, 1,  0, 0,  1,  1, 4, 1,  0,
    1, 2,  1,  4,  3, 3, 0, 3, 5, 3, 3, 4, 3, 3, 3, 4, 5, 7,  6, 5, 3, 2,  1, 3,  2,  1, 2, 1,  1,
    0, 0,  1,  1,  0, 1, 4, 3, 2, 0, 1, 0, 3, 1, 1, 4, 4, 0,  1, 4, 2, 0,  1, 1,  0,  1, 1, 2,  5,
    4, 0,  2,  1,  1, 3, 6, 1, 7, 6, 2, 5, 7, 5, 4, 5, 6, 6,  1, 2, 2, 5,  4, 1,  6,  2, 5, 3,  4,
    7, 6,  10, 2,  4, 0, 3, 0, 1, 3, 0, 1, 1, 0, 1, 0, 1, 0,  1, 2, 2, 4,  7, 6,  1,  4, 6, 4,  2,
    4, 5,  5,  9,  8, 6, 3, 2, 3, 4, 3, 3, 4, 4, 2, 1, 2, 3,  2, 2, 0, 4};
constexpr std::size_t kFirst = 287;  // R's week 288

void expect_close(double actual, double expected, double relative) {
  EXPECT_NEAR(actual, expected, std::abs(expected) * relative);
}

// surveillance, tests/testthat/test-farringtonFlexible.R, and 30-digit arithmetic on its formulas.
TEST(FarringtonThreshold, GivesTheNumbersOfSurveillance) {
  const FarringtonPrediction prediction{.mean = 5, .standard_error = 0.2, .dispersion = 1};
  const auto check = [&](PowerTransform transform, double low, double high, double p,
                         double score) {
    const auto threshold = farrington_threshold(prediction, 8, 0.05, transform).value();
    EXPECT_NEAR(threshold.low, low, 5e-8);
    EXPECT_NEAR(threshold.high, high, 5e-8);
    EXPECT_NEAR(threshold.p_value, p, 5e-8);
    EXPECT_NEAR(threshold.score, score, 5e-8);
  };
  check(PowerTransform::none, 1.3073128, 8.6926872, 0.0907246, 0.8124165);
  check(PowerTransform::one_half, 1.9891097, 9.3744842, 0.1189986, 0.6857951);
  check(PowerTransform::two_thirds, 1.8084477, 9.1154825, 0.1094727, 0.7289546);
}

TEST(NoufailyThreshold, GivesTheNumbersOfSurveillance) {
  const auto check = [](CountModel model, double dispersion, double low, double high, double p,
                        double score) {
    const auto threshold =
        noufaily_threshold({std::log(5.0), std::log(2.0), dispersion}, 11, 0.05, model).value();
    EXPECT_EQ(threshold.low, low);
    EXPECT_EQ(threshold.high, high);
    EXPECT_NEAR(threshold.p_value, p, 5e-8);
    EXPECT_NEAR(threshold.score, score, 5e-8);
  };
  check(CountModel::muan, 1.5, 8, 24, 0.8597797, 0.4193982);
  check(CountModel::muan, 1.0, 9, 22, 0.9093099, 0.4605347);
  check(CountModel::nb_plugin, 1.5, 1, 10, 0.03763657, 1.11918153);
  check(CountModel::nb_plugin, 1.0, 2, 9, 0.01369527, 1.27061541);
}

TEST(OutbreakWeights, AreAsCheckedByHandUpstream) {
  const std::vector<double> residuals{0, 0, 0, 0, 0, 2, 2, 2, 2, 2};
  const auto weights = outbreak_weights(residuals, 0);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_NEAR(weights[i], i < 5 ? 1.6 : 0.4, 1e-15);
  }
  EXPECT_EQ(outbreak_weights(std::vector<double>(10, 0.0), 0), std::vector<double>(10, 1.0));
}

// algo.farrington(b = 4, w = 3, alpha = 0.1, limit54 = c(5, 4), fitFun fast): its alpha is
// two-sided. Columns: threshold and the probability of less than observed.
TEST(FarringtonAlert, Of1996IsThatOfSurveillance) {
  struct Row {
    double upper, below;
    bool trend, alarm;
  };

  const auto check = [](PowerTransform transform, const std::array<Row, 7>& rows) {
    FarringtonOptions options = farrington_1996();
    options.years_back = 4;
    options.alpha = 0.05;
    options.transform = transform;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto alert = farrington_alert(kAgona, kFirst + i, options);
      ASSERT_TRUE(alert.has_value()) << alert.error().detail;
      expect_close(alert->threshold.high, rows[i].upper, 1e-9);
      EXPECT_NEAR(1 - alert->threshold.p_value, rows[i].below, 1e-9);
      EXPECT_EQ(alert->trend.has_value(), rows[i].trend);
      EXPECT_EQ(alert->alarm, rows[i].alarm);
    }
  };
  check(PowerTransform::two_thirds, {{{3.9258223268435639, 0.99453260730615678, true, true},
                                      {3.1284948619178854, 0.98355629389526944, true, true},
                                      {3.4803162131144920, 0.77462257084371544, true, false},
                                      {3.9356513918925109, 0.95300815584185505, true, true},
                                      {5.1106517670260496, 0.94538102057517059, true, false},
                                      {9.6542607950916537, 0.59355419251709285, false, false},
                                      {9.7349993703903568, 0.92468086403799854, false, false}}});
  check(PowerTransform::one_half, {{{4.4769771202595701, 0.98371146287089495, true, true},
                                    {3.5721813054204326, 0.96606758279332483, true, true},
                                    {3.9031572430724566, 0.76044977509016842, true, false},
                                    {4.4904324344853830, 0.92917035283533789, true, false},
                                    {5.6712517670822500, 0.92442276267121293, true, false},
                                    {10.1384222480572141, 0.59243029249438495, false, false},
                                    {10.1915086099040426, 0.91161216948691381, false, false}}});
  check(PowerTransform::none, {{{3.2351198511277524, 0.99988443134662319, true, true},
                                {2.5738499629530502, 0.99847452143827542, true, true},
                                {2.9320513194399522, 0.80490864709460130, true, false},
                                {3.2410949069255643, 0.98618546216551617, true, true},
                                {4.3671651652446570, 0.97791936261077950, true, true},
                                {8.9171738730882097, 0.59585538237945235, false, false},
                                {9.0334596731505421, 0.94874135875363530, false, false}}});
}

struct FlexibleRow {
  double upper, expected, dispersion, trend, score, p_value;
};

void expect_flexible(const FarringtonOptions& options, const std::array<FlexibleRow, 7>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto alert = farrington_alert(kAgona, kFirst + i, options);
    ASSERT_TRUE(alert.has_value()) << alert.error().detail;
    expect_close(alert->threshold.high, rows[i].upper, 1e-9);
    expect_close(alert->expected, rows[i].expected, 1e-10);
    expect_close(alert->dispersion, rows[i].dispersion, 1e-10);
    expect_close(alert->trend.value_or(0), rows[i].trend, 1e-9);
    expect_close(alert->threshold.score, rows[i].score, 1e-9);
    expect_close(alert->threshold.p_value, rows[i].p_value, 1e-8);
    EXPECT_FALSE(alert->alarm);
  }
}

// farringtonFlexible(b = 4, w = 3, noPeriods = 10, thresholdMethod nbPlugin, alpha = 0.01,
// weightsThreshold = 2.58, pastWeeksNotIncluded = 26, pThresholdTrend = 1).
TEST(FarringtonAlert, FlexiblePluginIsThatOfSurveillance) {
  FarringtonOptions options;
  options.years_back = 4;
  options.model = CountModel::nb_plugin;
  options.alpha = 0.01;
  expect_flexible(options, {{{8, 2.4925259993755962, 1.5455757302654407, -0.00279626990164403037,
                              0.717781329017459724, 0.078456939199060577},
                             {9, 2.6078486435729480, 1.5267329480308636, -0.00270207760632239615,
                              0.378223475496555883, 0.278334641594071786},
                             {10, 3.1522730630078173, 1.6195983238816276, -0.00210615531908173647,
                              0.096236795548826831, 0.746545986972278586},
                             {11, 3.5367050726166829, 1.7236230707792126, -0.00233241014206480831,
                              0.281078302771303357, 0.438678530080693685},
                             {10, 3.4855877290990080, 1.5804050465315789, -0.00147859747124261644,
                              0.428660448147360484, 0.287992753378131572},
                             {11, 3.9862279031930523, 1.5314391838575474, -0.00090191281239107416,
                              0.376114844036282370, 0.366014272990262401},
                             {11, 4.2604235856734798, 1.4922816781084081, -0.00084933902137884385,
                              0.790589761676737446, 0.061992873000337026}}});
}

// The same with b = 5, muan and alpha = 0.05. In 1.20.3 the standard error of this method is taken
// after the model's working weights were overwritten; the numbers are from a run without that line.
TEST(FarringtonAlert, FlexibleMuanIsThatOfSurveillance) {
  FarringtonOptions options;
  options.alpha = 0.05;
  expect_flexible(options, {{{8, 2.5927416374111449, 1.6794275017035249, -0.0014439768303834645,
                              0.71620272985301547, 0.17704776667089553},
                             {8, 2.7986391827408110, 1.6864062505115411, -0.0012553236778381791,
                              0.42618326127033640, 0.46431802531168404},
                             {9, 3.1763728554867732, 1.6835911365757064, -0.0012067004331455706,
                              0.10762775056068452, 0.85239665174805790},
                             {10, 3.4539960300976866, 1.6801789886214018, -0.0013087094101560518,
                              0.31510509668952658, 0.58892957646146404},
                             {9, 3.3245718495580578, 1.7020168771200663, -0.0014615560212770564,
                              0.48709131299670655, 0.41469607314807155},
                             {10, 3.6706244109152690, 1.7361508803526091, -0.0013686769826223117,
                              0.42526345608047089, 0.47764657910406022},
                             {10, 3.8557313684706553, 1.7006614678727341, -0.0013971840108844302,
                              0.88439893440105810, 0.11733331781372557}}});
}

TEST(FarringtonAlert, SaysWhatItNeeds) {
  EXPECT_EQ(farrington_alert(kAgona, 200).error().reason, "observatory.alerts.short");
  EXPECT_EQ(farrington_alert(kAgona, 312).error().reason, "observatory.alerts.bad_options");
  std::vector<double> series(kAgona.begin(), kAgona.end());
  series[300] = kNotReported;
  EXPECT_EQ(farrington_alert(series, 300).error().reason, "observatory.alerts.not_reported");
  series[20] = -1;
  EXPECT_EQ(farrington_alert(series, 310).error().reason, "observatory.alerts.bad_count");
  const std::vector<double> zeros(400, 0.0);
  const auto none = farrington_alert(zeros, 399);
  EXPECT_FALSE(none.has_value() && none->alarm);
}

TEST(FarringtonAlert, FindsAnOutbreakAndLeavesGapsOut) {
  std::vector<double> series(kAgona.begin(), kAgona.end());
  series[100] = kNotReported;
  series[311] = 40;
  const auto alert = farrington_alert(series, 311);
  ASSERT_TRUE(alert.has_value()) << alert.error().detail;
  EXPECT_TRUE(alert->alarm);
  EXPECT_LT(alert->threshold.p_value, 1e-6);
  series[308] = series[309] = series[310] = 0;
  series[311] = 4;
  EXPECT_FALSE(farrington_alert(series, 311).value().enough_events);
}

// Salmonella Newport in Germany (surveillance, salmNewport), the twelve weeks before 2011 and the
// first of it. Upstream's own test rounds C1 at alpha 0.05 to 3.278854, 3.278854, 3.436517,
// 3.855617; the others are earsC() printed by R.
TEST(EarsAlert, GivesTheNumbersOfSurveillance) {
  constexpr std::array<double, 43> kNewport{4, 3, 3, 5, 3, 1, 1, 1, 3, 3, 1, 2, 1, 0, 3,
                                            3, 3, 1, 0, 0, 0, 1, 3, 0, 2, 2, 3, 3, 0, 3,
                                            2, 1, 2, 1, 1, 0, 3, 1, 2, 0, 0, 2, 5};
  constexpr std::size_t kWeek = 12;
  const auto check = [&](const EarsOptions& options, const std::array<double, 4>& uppers,
                         double tolerance) {
    for (std::size_t i = 0; i < uppers.size(); ++i) {
      const auto alert = ears_alert(kNewport, kWeek + i, options).value();
      EXPECT_NEAR(alert.upper, uppers[i], tolerance);
      EXPECT_EQ(alert.alarm, kNewport[kWeek + i] > uppers[i]);
    }
  };
  check({.alpha = 0.05}, {3.278854, 3.278854, 3.436517, 3.855617}, 5e-7);
  check({}, {4.6536829509700812, 4.6536829509700812, 5.0754226466589909, 5.6117312049329282},
        1e-12);
  check({.baseline = 8, .sigma_min = 0.5, .alpha = 0.01},
        {4.1804833460841193, 3.7562263331721297, 3.9869704877459333, 4.4601132579131457}, 1e-12);
  check({.method = EarsMethod::c2},
        {7.1005635288786539, 5.1607401529200772, 4.6536829509700812, 4.6536829509700812}, 1e-12);
  check({.method = EarsMethod::c3, .alpha = 0.025},
        {3.963187018134986, 2.0952896344471941, 4.8642976156385647, 4.5297730611356197}, 1e-12);
  EXPECT_EQ(ears_alert(kNewport, 6).error().reason, "observatory.alerts.short");
  EXPECT_EQ(ears_alert(kNewport, 20, {.baseline = 2}).error().reason,
            "observatory.alerts.bad_options");
}

// algo.cusum(range = 250:270, k = 1.04, h = 2.26), mean of the weeks before.
TEST(Cusum, GivesTheNumbersOfSurveillance) {
  const std::span<const double> weeks = std::span(kAgona).subspan(249, 21);
  const auto check = [&](CusumTransform transform, const std::array<double, 21>& sums,
                         double decision) {
    const auto steps =
        cusum(weeks, {.mean = 2.8032128514056227, .decision = decision, .transform = transform})
            .value();
    for (std::size_t i = 0; i < sums.size(); ++i) {
      EXPECT_NEAR(steps[i].sum, sums[i], 1e-12);
      EXPECT_EQ(steps[i].alarm, sums[i] >= decision);
    }
  };
  check(CusumTransform::standard,
        {0.86935060379084206,
         0,
         0,
         0,
         0.27207886969044037,
         0,
         0,
         0.86935060379084206,
         0,
         0.27207886969044037,
         0,
         0,
         1.4666223378912435,
         2.3359729416820856,
         5.5944104818745348,
         4.0746741492637701,
         3.7494812848538088,
         1.0352014840422412,
         0.11273688553187833,
         0,
         0},
        2.26);
  check(CusumTransform::rossi,
        {0.68988524386703154,
         0,
         0,
         0,
         0.17782761153344184,
         0,
         0,
         0.68988524386703154,
         0,
         0.17782761153344184,
         0,
         0,
         1.1847826791986442,
         1.8746679230656758,
         4.471884552518711,
         2.931950147774856,
         2.575073914758307,
         0,
         0,
         0,
         0},
        2.26);
  check(CusumTransform::anscombe,
        {0.61966888340373161,
         0,
         0,
         0,
         0.14228282150545102,
         0,
         0,
         0.61966888340373161,
         0,
         0.14228282150545102,
         0,
         0,
         1.0711195385024808,
         1.6907884219062124,
         4.0027559909166293,
         2.4565865293272422,
         2.0883031679548059,
         0,
         0,
         0,
         0},
        2.26);
  EXPECT_FALSE(cusum(weeks, {}).has_value());
}

RC_GTEST_PROP(Alerts, ThresholdsHoldTheMeanAndRiseWithConfidence, ()) {
  const double mean = *rc::gen::inRange(1, 5000) / 10.0;
  const FarringtonPrediction prediction{mean, *rc::gen::inRange(0, 100) / 50.0,
                                        1 + *rc::gen::inRange(0, 40) / 10.0};
  const auto transform =
      *rc::gen::element(PowerTransform::none, PowerTransform::one_half, PowerTransform::two_thirds);
  const auto loose = farrington_threshold(prediction, mean, 0.05, transform).value();
  const auto strict = farrington_threshold(prediction, mean, 0.001, transform).value();
  RC_ASSERT(loose.low <= mean);
  RC_ASSERT(loose.high > mean);
  RC_ASSERT(strict.high > loose.high);
  RC_ASSERT(std::abs(loose.p_value - 0.5) < 1e-12);
}

RC_GTEST_PROP(Alerts, CountQuantileIsTheSmallestThatReaches, ()) {
  const double mean = *rc::gen::inRange(1, 3000) / 7.0;
  const double dispersion = 1 + *rc::gen::inRange(0, 30) / 10.0;
  const double p = *rc::gen::inRange(1, 1000) / 1000.0;
  const double x = detail::count_quantile(p, mean, dispersion);
  const auto more_than = [&](double count) {
    return dispersion > 1 ? detail::negative_binomial_upper_tail(count + 1, mean, dispersion)
                          : detail::poisson_upper_tail(count + 1, mean);
  };
  RC_ASSERT(1 - more_than(x) >= p - 1e-12);
  RC_ASSERT(x == 0 || 1 - more_than(x - 1) < p + 1e-12);
}

RC_GTEST_PROP(Alerts, CusumNeverFallsBelowZeroAndGrowsWithCounts, ()) {
  const auto raw = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 30));
  std::vector<double> series(raw.begin(), raw.end());
  const auto steps = cusum(series, {.mean = 4}).value();
  for (double& count : series) {
    count += 1;
  }
  const auto more = cusum(series, {.mean = 4}).value();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    RC_ASSERT(steps[i].sum >= 0);
    RC_ASSERT(more[i].sum >= steps[i].sum);
  }
}

}  // namespace
}  // namespace atalaya::observatory
