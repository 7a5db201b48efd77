// Goal: the same digits as the tools that statisticians trust. Every vector is another project's
// (named at each), most to more than ten digits; properties then hold for counts nobody chose.
#include <atalaya/observatory/rates.hpp>

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "rates_quantiles.hpp"

namespace atalaya::observatory {
namespace {

constexpr double kDigits = 1e-11;  // relative

void expect_same(double actual, double expected, double relative = kDigits) {
  EXPECT_NEAR(actual, expected, std::abs(expected) * relative) << expected;
}

void expect_interval(const Result<Rate>& rate, double value, double low, double high,
                     double relative = kDigits) {
  ASSERT_TRUE(rate.has_value()) << rate.error().detail;
  ASSERT_TRUE(rate->rate.has_value());
  expect_same(*rate->rate, value, relative);
  expect_same(rate->interval.value().low, low, relative);
  expect_same(rate->interval.value().high, high, relative);
}

// PHEindicatormethods, tests/testthat/testdata_Byars_Wilson.xlsx.
TEST(ByarInterval, GivesTheDigitsOfPheIndicatorMethods) {
  const auto check = [](double events, double confidence, double low, double high) {
    const auto interval = byar_interval(events, confidence);
    ASSERT_TRUE(interval.has_value());
    expect_same(interval->low, low);
    expect_same(interval->high, high);
  };
  check(65, 0.95, 50.163187710459454, 82.849138545939837);
  check(1045, 0.95, 982.59320180733255, 1110.3312129856499);
  check(1, 0.95, 0.013072132901504351, 5.5637555824752605);
  check(10, 0.998, 2.9163183746956851, 24.193724927880539);
}

TEST(ByarInterval, SaysWhereItHasNoLowerLimit) {
  EXPECT_EQ(byar_interval(1, 0.998).error().reason, "observatory.rates.byar_undefined");
  EXPECT_EQ(byar_interval(0).value().low, 0);
}

TEST(WilsonInterval, GivesTheDigitsOfPheIndicatorMethods) {
  const auto interval = wilson_interval(65, 100);
  ASSERT_TRUE(interval.has_value());
  expect_same(interval->low, 0.55254443296887967);
  expect_same(interval->high, 0.73635751756902468);
  EXPECT_EQ(wilson_interval(0, 7).value().low, 0);
  EXPECT_EQ(wilson_interval(7, 7).value().high, 1);
  EXPECT_EQ(wilson_interval(8, 7).error().reason, "observatory.rates.bad_count");
}

// epitools, man/pois.conf.int.Rd; 30-digit arithmetic: -ln 0.025 and -ln 0.05.
TEST(PoissonInterval, KnowsNoEvent) {
  expect_same(poisson_interval(0).value().high, 3.6888794541139363);
  expect_same(poisson_interval(0, 0.90).value().high, 2.9957322735539909);
  EXPECT_EQ(poisson_interval(0).value().low, 0);
}

// PHEindicatormethods, testdata_Rate.xlsx: exact below ten events, Byar's from there on.
TEST(CrudeRate, SwitchesFromExactToByar) {
  const RateOptions per_100{.scale = 100};
  expect_interval(crude_rate(1, 100, per_100), 1, 0.025317807984289897, 5.571643390938898);
  expect_interval(crude_rate(5, 100, per_100), 5, 1.62348639011842, 11.668332079322669);
  expect_interval(crude_rate(20, 100, per_100), 20, 12.211428834875937, 30.889880369197066);
  EXPECT_EQ(crude_rate(9, 100).value().method, IntervalMethod::exact_poisson);
  EXPECT_EQ(crude_rate(9, 100).value().status, RateStatus::unstable);
  EXPECT_EQ(crude_rate(10, 100).value().method, IntervalMethod::byar);
  EXPECT_EQ(crude_rate(10, 100).value().status, RateStatus::normal);
}

TEST(CrudeRate, TellsMissingFromZeroAndNegative) {
  const auto missing = crude_rate(12, std::nullopt);
  ASSERT_TRUE(missing.has_value());
  EXPECT_EQ(missing->status, RateStatus::no_denominator);
  EXPECT_FALSE(missing->rate.has_value());
  EXPECT_EQ(missing->events, 12);
  EXPECT_EQ(crude_rate(12, 0).error().reason, "observatory.rates.population_zero");
  EXPECT_EQ(crude_rate(12, -5).error().reason, "observatory.rates.bad_population");
  EXPECT_EQ(crude_rate(-1, 5).error().reason, "observatory.rates.bad_count");
  EXPECT_EQ(crude_rate(std::nan(""), 5).error().reason, "observatory.rates.bad_count");
  EXPECT_EQ(crude_rate(1, 5, {.confidence = 95}).error().reason,
            "observatory.rates.bad_confidence");
  EXPECT_EQ(crude_rate(0, 5000).value().rate.value(), 0);
  EXPECT_EQ(crude_rate(3.5, 5000).value().rate.value(), 70);
}

TEST(Share, WithoutAWholeHasNoDenominator) {
  EXPECT_EQ(share(0, 0).value().status, RateStatus::no_denominator);
  EXPECT_FALSE(share(1, 0).has_value());
  expect_interval(share(65, 100), 65, 55.254443296887967, 73.635751756902468);
}

// PHEindicatormethods, tests/testthat/testdata_DSR_ISR.xlsx.
constexpr std::array<double, 19> kPeople{636, 558, 609, 543, 384, 594, 669, 843, 660, 576,
                                         606, 522, 426, 273, 300, 288, 153, 123, 207};
constexpr std::array<double, 19> kBig{127, 25, 18, 21, 12, 27, 48, 27, 29, 32,
                                      32,  34, 45, 65, 38, 68, 74, 82, 91};
constexpr std::array<double, 19> kSmall{12, 4, 3, 2, 3, 4, 8, 2, 2, 3, 4, 5, 6, 8, 5, 6, 5, 5, 4};
constexpr std::array<double, 19> kTiny{0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 2, 3};

std::vector<Stratum> european(const std::array<double, 19>& events) {
  std::vector<Stratum> strata;
  const auto weights = find_standard_population("esp2013")->weights;
  for (std::size_t i = 0; i < events.size(); ++i) {
    strata.push_back({events[i], kPeople[i], weights[i].weight, {}});
  }
  return strata;
}

TEST(DirectRate, GivesTheDigitsOfPheIndicatorMethods) {
  expect_interval(direct_rate(european(kBig)), 10430.247991469423, 9717.709067985681,
                  11178.94091547925);
  expect_interval(direct_rate(european(kBig), {.scale = 100000, .confidence = 0.998}),
                  10430.247991469423, 9323.2878802199029, 11620.595999522058);
  expect_interval(direct_rate(european(kBig), {.scale = 10000}), 1043.0247991469423,
                  971.77090679856803, 1117.894091547925);
  expect_interval(direct_rate(european(kSmall)), 1103.212025300104, 877.455767536709,
                  1367.0882227251795);
  expect_interval(direct_rate(european(kSmall), {.scale = 100000, .confidence = 0.998}),
                  1103.212025300104, 763.64203579398793, 1530.0328948244762);
  const auto tiny = direct_rate(european(kTiny));
  ASSERT_TRUE(tiny.has_value());
  EXPECT_EQ(tiny->status, RateStatus::withheld);
  EXPECT_FALSE(tiny->rate.has_value());
  EXPECT_EQ(tiny->events, 9);
}

// The same file's repeat victims: persons with one, two, three and four events per age group. Its
// expected values have ten decimals.
TEST(DirectRate, WidensForRepeatVictims) {
  constexpr std::array<std::array<double, 4>, 19> kPersons{{{75, 16, 4, 2},
                                                            {16, 3, 1, 0},
                                                            {11, 2, 1, 0},
                                                            {12, 3, 1, 0},
                                                            {8, 0, 0, 1},
                                                            {18, 3, 1, 0},
                                                            {26, 6, 2, 1},
                                                            {18, 3, 1, 0},
                                                            {18, 4, 1, 0},
                                                            {21, 4, 1, 0},
                                                            {21, 4, 1, 0},
                                                            {23, 4, 1, 0},
                                                            {23, 6, 2, 1},
                                                            {39, 8, 2, 1},
                                                            {25, 5, 1, 0},
                                                            {40, 9, 2, 1},
                                                            {46, 9, 2, 1},
                                                            {49, 10, 3, 1},
                                                            {56, 11, 3, 1}}};
  auto strata = european(kBig);
  for (std::size_t i = 0; i < strata.size(); ++i) {
    double events = 0;
    double variance = 0;
    for (std::size_t f = 0; f < 4; ++f) {
      const double times = static_cast<double>(f) + 1;
      events += kPersons[i][f] * times;
      variance += kPersons[i][f] * times * times;
    }
    ASSERT_EQ(events, strata[i].events);
    strata[i].variance = variance;
  }
  expect_interval(direct_rate(strata), 10430.24799147, 9532.9497786200009, 11373.074832980001,
                  1e-11);
  expect_interval(direct_rate(strata, {.scale = 100000, .confidence = 0.998}), 10430.24799147,
                  9036.2563135700002, 11929.24980749, 1e-11);
}

TEST(DirectRate, RefusesWhatCannotBeStandardised) {
  auto strata = european(kBig);
  strata[3].population = 0;
  EXPECT_EQ(direct_rate(strata).error().reason, "observatory.rates.population_zero");
  strata[3].population = 10;
  strata[3].weight = -1;
  EXPECT_EQ(direct_rate(strata).error().reason, "observatory.rates.bad_weight");
  EXPECT_EQ(direct_rate({}).error().reason, "observatory.rates.bad_weight");
}

TEST(IndirectRate, GivesTheDigitsOfPheIndicatorMethods) {
  constexpr std::array<double, 19> kEvents{10303, 2824, 0,    3615, 3641, 3490, 3789,
                                           3213,  3031, 2771, 3089, 3490, 3595, 4745,
                                           5514,  7125, 5694, 6210, 5757};
  constexpr std::array<double, 19> kReference{50520, 57173, 60213, 54659, 44345, 50128, 62163,
                                              67423, 62899, 55463, 60479, 49974, 44140, 40888,
                                              37239, 30819, 18136, 15325, 13918};
  std::vector<ReferenceStratum> strata;
  for (std::size_t i = 0; i < kPeople.size(); ++i) {
    strata.push_back({kPeople[i], kEvents[i], kReference[i]});
  }
  const double expected = expected_events(strata).value();
  expect_same(expected, 835.88356123117433);
  const double reference = std::accumulate(kEvents.begin(), kEvents.end(), 0.0) /
                           std::accumulate(kReference.begin(), kReference.end(), 0.0) * 100000;
  expect_same(reference, 9349.8830922110192);
  expect_interval(indirect_rate(895, expected, reference), 10011.137622091057, 9365.91600297888,
                  10689.097582910616);
  expect_interval(indirect_rate(895, expected, reference, 0.998), 10011.137622091057,
                  9008.7578618655007, 11089.02718538338);
  expect_interval(indirect_rate(91, expected, reference), 1017.8922051511577, 819.52100250646299,
                  1249.7592601383201);
  expect_interval(indirect_rate(9, expected, reference), 100.6706576523123, 46.033035133078933,
                  191.10426659054028);
  expect_interval(indirect_rate(9, expected, 100), 1.0767049882813684, 0.49233808250957761,
                  2.043921455549973);
}

// epitools 0.5-10.1, ageadjust.direct() on the data of Fleiss in its help page (Fay and Feuer
// 1997, table 1); printed by R to 17 digits.
TEST(DirectRateGamma, GivesTheDigitsOfEpitools) {
  constexpr double kBirths[6][5] = {
      {230061, 72202, 15050, 2293, 327},        {329449, 326701, 175702, 68800, 30666},
      {114920, 208667, 207081, 132424, 123419}, {39487, 83228, 117300, 98301, 149919},
      {14208, 28466, 45026, 46075, 104088},     {3052, 5375, 8660, 9834, 34392}};
  constexpr double kCases[6][5] = {{107, 25, 3, 1, 0},      {141, 150, 71, 26, 8},
                                   {60, 110, 114, 64, 63},  {40, 84, 103, 89, 112},
                                   {39, 82, 108, 137, 262}, {25, 39, 75, 96, 295}};
  constexpr double kExpected[5][4] = {
      {56.347505460374165, 92.304525533199453, 80.441749850704255, 105.763345749261177},
      {67.619876931823981, 91.174116834664090, 82.361211652004428, 100.867576317251036},
      {83.330549788245463, 85.069221338301944, 77.183453402721568, 94.223569832206536},
      {115.451168069505528, 92.717865055199766, 80.009992755399324, 114.669444822584438},
      {167.114186413616636, 75.529007445256795, 67.702120417646682, 188.300172727775845}};
  for (std::size_t order = 0; order < 5; ++order) {
    std::vector<Stratum> strata;
    for (std::size_t age = 0; age < 6; ++age) {
      double all = 0;
      for (const double births : kBirths[age]) {
        all += births;
      }
      strata.push_back({kCases[age][order], kBirths[age][order], all / 5, {}});
    }
    const auto rate = direct_rate_gamma(strata);
    expect_interval(rate, kExpected[order][1], kExpected[order][2], kExpected[order][3]);
    expect_same(rate->events / rate->population.value() * 100000, kExpected[order][0]);
  }
}

TEST(DirectRateGamma, HasAnUpperLimitWithoutEvents) {
  std::vector<Stratum> strata{{0, 1000, 1, {}}, {0, 2000, 1, {}}};
  const auto rate = direct_rate_gamma(strata).value();
  EXPECT_EQ(rate.interval.value().low, 0);
  // One event in the group that counts most, as exact Poisson has it.
  expect_same(rate.interval.value().high, 3.6888794541139363 * 0.5 / 1000 * 100000);
}

// COPD deaths 2019 per 100 000 by age (a public exercise); sums recomputed as fractions.
TEST(StandardPopulation, OfWhoIsNormalised) {
  constexpr std::array<double, 18> kUnitedStates{0.04,  0.02,   0.02,  0.02,   0.06,  0.11,
                                                 0.29,  0.56,   1.42,  4,      14.13, 37.22,
                                                 66.48, 108.66, 213.1, 333.06, 491.1, 894.45};
  constexpr std::array<double, 18> kUganda{0.4,   0.17,   0.07,   0.23,   0.38,   0.4,
                                           0.75,  1.11,   2.04,   5.51,   13.26,  33.25,
                                           69.62, 120.78, 229.88, 341.06, 529.31, 710.4};
  const auto weights = find_standard_population("who2000")->weights;
  const auto standardised = [&](const std::array<double, 18>& rates) {
    std::vector<Stratum> strata;
    for (std::size_t i = 0; i < rates.size(); ++i) {
      strata.push_back({rates[i], 100000, weights[i].weight, {}});
    }
    return direct_rate(strata).value().rate.value();
  };
  expect_same(standardised(kUnitedStates), 28.42885934219734);
  expect_same(standardised(kUganda), 28.68033589923023);
  expect_same(standardised(kUganda) * 100.03 / 100, 28.68894);
  expect_same(standardised(kUnitedStates) * 100.03 / 100, 28.437388);
  for (const auto& standard : standard_populations()) {
    double sum = 0;
    for (const auto& weight : standard.weights) {
      sum += weight.weight;
    }
    expect_same(sum, 1);
  }
  EXPECT_EQ(find_standard_population("none"), nullptr);
}

// Homicides 1979-84 and person-years of 78 counties around St. Louis (Messner and others 2000, as
// PySAL's example stl_hom); its Empirical_Bayes gives the first five, 30-digit arithmetic the rest.
TEST(EmpiricalBayesRates, GivesTheDigitsOfPysal) {
  const std::vector<SmallArea> counties{
      {4, 189087},    {19, 425580}, {3, 69649},    {2, 88540},      {2, 33697},   {28, 774843},
      {61, 1056438},  {3, 172182},  {7, 224033},   {3, 113497},     {4, 218510},  {0, 87628},
      {1, 36354},     {12, 316661}, {0, 53222},    {2, 141872},     {6, 103469},  {6, 193449},
      {3, 295848},    {4, 99013},   {0, 34772},    {2, 65947},      {9, 155266},  {2, 123387},
      {23, 612258},   {5, 135365},  {2, 133297},   {2, 186877},     {0, 68404},   {2, 68779},
      {10, 192789},   {4, 96686},   {95, 1480530}, {8, 92864},      {31, 905683}, {0, 93388},
      {407, 5863876}, {5, 109086},  {10, 265200},  {1238, 2658090}, {3, 199528},  {14, 347829},
      {0, 79838},     {2, 72381},   {18, 432159},  {369, 1605518},  {5, 110883},  {0, 48352},
      {3, 121762},    {0, 92348},   {40, 891502},  {9, 225007},     {7, 113880},  {1, 46260},
      {3, 108510},    {2, 55620},   {8, 213680},   {5, 131792},     {11, 109953}, {12, 108864},
      {8, 205880},    {10, 260154}, {2, 90841},    {8, 255875},     {7, 253540},  {25, 372227},
      {6, 100389},    {19, 345641}, {6, 87410},    {2, 66694},      {2, 64680},   {6, 127071},
      {9, 107508},    {0, 43056},   {1, 61456},    {13, 353841},    {3, 47507},   {4, 68218}};
  const auto rates = empirical_bayes_rates(counties).value();
  ASSERT_EQ(rates.size(), 78U);
  expect_same(rates[0], 2.3671894985508386e-5);
  expect_same(rates[1], 4.5453916712889781e-5);
  expect_same(rates[2], 4.7811401938335958e-5);
  expect_same(rates[3], 2.7690714593207565e-5);
  expect_same(rates[4], 6.5898932346091599e-5);
  expect_same(rates[77], 6.219748626489392e-5);
  expect_same(std::accumulate(rates.begin(), rates.end(), 0.0), 0.0037180619153068115);
}

TEST(EmpiricalBayesRates, AreAllTheMeanWhereChanceExplainsTheSpread) {
  const std::vector<SmallArea> areas{{10, 1000}, {11, 1000}, {9, 1000}};
  const auto rates = empirical_bayes_rates(areas).value();
  for (const double rate : rates) {
    expect_same(rate, 0.01);
  }
  EXPECT_FALSE(empirical_bayes_rates({}).has_value());
}

TEST(IntervalMayStand, NotWhereSourcesDifferByMore) {
  EXPECT_TRUE(interval_may_stand({90, 110}, 100, 119));
  EXPECT_FALSE(interval_may_stand({90, 110}, 15817, 17717));
}

double some_count() {
  return *rc::gen::inRange(0, 20000);
}

RC_GTEST_PROP(Rates, IntervalsHoldTheEstimateAndGrowWithConfidence, ()) {
  const double events = some_count();
  const double population = *rc::gen::inRange(1, 10000000);
  const double confidence = *rc::gen::elementOf(std::vector<double>{0.5, 0.9, 0.95, 0.99});
  const auto rate = crude_rate(events, population, {.confidence = confidence}).value();
  RC_ASSERT(rate.interval->low <= *rate.rate);
  RC_ASSERT(rate.interval->high > *rate.rate);
  const auto wider = crude_rate(events, population, {.confidence = 0.995}).value();
  RC_ASSERT(wider.interval->low <= rate.interval->low);
  RC_ASSERT(wider.interval->high >= rate.interval->high);
}

RC_GTEST_PROP(Rates, ExactIntervalCoversByDefinition, ()) {
  const double events = *rc::gen::inRange(1, 3000);
  const auto interval = poisson_interval(events).value();
  // As many events or more happen at the lower limit with 2.5 %, as many or fewer at the upper.
  RC_ASSERT(std::abs(detail::poisson_upper_tail(events, interval.low) - 0.025) < 1e-10);
  RC_ASSERT(std::abs(detail::poisson_upper_tail(events + 1, interval.high) - 0.975) < 1e-10);
  const auto next = poisson_interval(events + 1).value();
  RC_ASSERT(next.low > interval.low);
  RC_ASSERT(next.high > interval.high);
}

RC_GTEST_PROP(Rates, StandardisingToOneselfIsTheCrudeRate, ()) {
  const auto count = *rc::gen::inRange(2, 20);
  std::vector<Stratum> strata;
  double events = 0;
  double people = 0;
  for (int i = 0; i < count; ++i) {
    const double here = *rc::gen::inRange(10, 500);
    const double persons = *rc::gen::inRange(1000, 900000);
    strata.push_back({here, persons, persons, {}});
    events += here;
    people += persons;
  }
  const auto rate = direct_rate(strata).value();
  RC_ASSERT(std::abs(*rate.rate - events / people * 100000) < 1e-9 * *rate.rate);
  // And Dobson's interval is then Byar's of the whole count.
  const auto crude = crude_rate(events, people).value();
  RC_ASSERT(std::abs(rate.interval->low - crude.interval->low) < 1e-9 * *rate.rate);
  RC_ASSERT(std::abs(rate.interval->high - crude.interval->high) < 1e-9 * *rate.rate);
  const auto gamma = direct_rate_gamma(strata).value();
  RC_ASSERT(gamma.interval->low <= *rate.rate);
  RC_ASSERT(gamma.interval->high >= *rate.rate);
}

RC_GTEST_PROP(Rates, SmoothedRatesLieBetweenTheirOwnAndTheMean, ()) {
  const auto count = *rc::gen::inRange(2, 40);
  std::vector<SmallArea> areas;
  double events = 0;
  double people = 0;
  for (int i = 0; i < count; ++i) {
    areas.push_back({static_cast<double>(*rc::gen::inRange(0, 50)),
                     static_cast<double>(*rc::gen::inRange(100, 100000))});
    events += areas.back().events;
    people += areas.back().population;
  }
  const auto rates = empirical_bayes_rates(areas).value();
  for (std::size_t i = 0; i < areas.size(); ++i) {
    const double own = areas[i].events / areas[i].population;
    RC_ASSERT(rates[i] >= std::min(own, events / people) - 1e-15);
    RC_ASSERT(rates[i] <= std::max(own, events / people) + 1e-15);
  }
}

RC_GTEST_PROP(Rates, SharesLieInTheUnitInterval, ()) {
  const double whole = *rc::gen::inRange(1, 100000);
  const double part = *rc::gen::inRange(0, static_cast<int>(whole) + 1);
  const auto interval = wilson_interval(part, whole).value();
  RC_ASSERT(interval.low >= 0);
  RC_ASSERT(interval.high <= 1);
  RC_ASSERT(interval.low <= part / whole + 1e-15);
  RC_ASSERT(interval.high >= part / whole - 1e-15);
}

}  // namespace
}  // namespace atalaya::observatory
