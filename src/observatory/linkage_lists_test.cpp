// Goal: the estimates of R's glm(family = poisson) on three synthetic lists, and a refusal wherever
// an estimate would be a guess.
#include <atalaya/observatory/linkage_lists.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atalaya::observatory {
namespace {

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

const std::vector<std::int64_t> kThreeLists{0, 247, 60, 49, 4, 142, 112, 12};  // synthetic

TEST(EstimateUnseen, GivesTheEstimatesOfR) {
  struct Row {
    Pairs dependent;
    double unseen, aic, deviance, low;
  };

  const std::array<Row, 8> rows{
      {{{}, 146.52109747301418, 360.47857238226214, 312.50737012909394, 118.17396754364208},
       {{{0, 1}}, 5.3533834586196818, 105.64248629356024, 55.671284040392109, 1.9836855975862504},
       {{{0, 2}}, 136.30057803468247, 362.06230283557488, 312.09110058240663, 99.98473113143713},
       {{{1, 2}}, 214.14778325123191, 307.94133452063937, 257.97013226747134, 168.91322753632161},
       {{{0, 1}, {0, 2}},
        2.1428571428571437,
        59.157358936292503,
        7.1861566831243042,
        0.76583733835978529},
       {{{0, 1}, {1, 2}},
        6.9577464788732462,
        91.047987012316952,
        39.076784759148794,
        2.5558168842771041},
       {{{0, 2}, {1, 2}},
        302.44897959183771,
        305.38851843606318,
        253.41731618289504,
        203.25336372966635},
       {{{0, 1}, {0, 2}, {1, 2}},
        0.91282388206791842,
        53.971202253168151,
        0,
        0.26823811937974912}}};
  const auto estimate = estimate_unseen(kThreeLists, 3);
  ASSERT_TRUE(estimate.has_value()) << estimate.error().detail;
  EXPECT_EQ(estimate->seen, 626);
  ASSERT_EQ(estimate->models.size(), 8U);
  for (const Row& row : rows) {
    const auto found = std::ranges::find(estimate->models, row.dependent, &ListModel::dependent);
    ASSERT_NE(found, estimate->models.end());
    EXPECT_NEAR(found->unseen, row.unseen, row.unseen * 1e-7);
    EXPECT_NEAR(found->aic, row.aic, 1e-7);
    EXPECT_NEAR(found->deviance, row.deviance, 1e-7);
    EXPECT_NEAR(found->unseen_interval.low, row.low, row.low * 1e-6);
  }
  EXPECT_NEAR(estimate->models.front().aic, 53.971202253168151, 1e-7);
  EXPECT_NEAR(estimate->total_low, 626.912823882, 1e-6);
  EXPECT_NEAR(estimate->total_high, 628.142857143, 1e-6);
  EXPECT_NEAR(estimate->total_high_all, 928.448979592, 1e-6);
}

TEST(EstimateUnseen, RefusesWhereItWouldGuess) {
  const std::vector<std::int64_t> two{0, 10, 20, 5};
  EXPECT_EQ(estimate_unseen(two, 2).error().reason, "observatory.linkage.too_few_lists");
  EXPECT_EQ(estimate_unseen(std::vector<std::int64_t>(64, 1), 6).error().reason,
            "observatory.linkage.too_many_lists");
  EXPECT_EQ(estimate_unseen(std::vector<std::int64_t>(8, 1), 3).error().reason,
            "observatory.linkage.bad_counts");
  EXPECT_EQ(estimate_unseen(std::vector<std::int64_t>(8, 0), 3).error().reason,
            "observatory.linkage.no_estimate");
  // Lists that share nobody say nothing about those whom all miss.
  const std::vector<std::int64_t> apart{0, 50, 60, 0, 70, 0, 0, 0};
  EXPECT_EQ(estimate_unseen(apart, 3).error().reason, "observatory.linkage.no_estimate");
}

RC_GTEST_PROP(EstimateUnseen, RangesHoldEveryModelNearTheBest, ()) {
  std::vector<std::int64_t> counts{0};
  for (int cell = 1; cell < 8; ++cell) {
    counts.push_back(*rc::gen::inRange(5, 500));
  }
  const auto estimate = estimate_unseen(counts, 3);
  RC_PRE(estimate.has_value());
  for (const ListModel& model : estimate->models) {
    RC_ASSERT(model.total >= static_cast<double>(estimate->seen));
    RC_ASSERT(model.unseen_interval.low <= model.unseen);
    RC_ASSERT(model.unseen_interval.high >= model.unseen);
    RC_ASSERT(model.total >= estimate->total_low_all);
    RC_ASSERT(model.total <= estimate->total_high_all);
  }
  RC_ASSERT(estimate->total_low >= estimate->total_low_all);
  RC_ASSERT(estimate->total_high <= estimate->total_high_all);
}

}  // namespace
}  // namespace atalaya::observatory
