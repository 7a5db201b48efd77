// Goal: nothing that a reader can compute is called safe.
// Method: vectors of other programs (sdcTable's and GaussSuppression's tests, the linked-table
// counter-examples of their users' forum). Random plans: disclosure_property_test.cpp; releases one
// after another: disclosure_series_test.cpp.

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <atalaya/columns/disclosure_rounding.hpp>

#include "disclosure_test_parts.hpp"

namespace {

using namespace atalaya::columns::disclosure;

/// sdcTable tests/testthat/test-simpleheuristic.R: two hidden cells in every line, and yet.
Plan vector_a() {
  Plan plan = two_way(4, 4, {30, 47, 64, 89, 90, 124, 5, 31, 92, 100, 59, 85, 800, 991, 651, 685});
  plan.sensitive = {inner(0, 0), inner(0, 1), inner(0, 2), inner(1, 0), inner(1, 2),
                    inner(2, 1), inner(2, 3), inner(3, 1), inner(3, 3)};
  plan.policy.zeros = Zeros::complement;  // sdcTable's reader does not know that zeros are shown
  return plan;
}

TEST(Disclosure, SeesThatFortySevenFollowsFromTheMargins) {
  const Plan plan = vector_a();
  const auto report = audit(plan, plan.sensitive);
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_FALSE(report->safe);
  ASSERT_EQ(report->leaks.size(), 1U);
  const Leak& leak = report->leaks[0];
  EXPECT_EQ(report->cell(plan, leak.id), inner(0, 1));
  EXPECT_EQ(leak.kind, LeakKind::exact);
  EXPECT_EQ(leak.low, 47);
  EXPECT_EQ(leak.high, 47);
  for (const auto* terms : {&leak.lower, &leak.upper}) {
    double sum = 0;
    for (const Term& term : *terms) {
      sum += term.coefficient * static_cast<double>(term.value);
    }
    EXPECT_NEAR(sum, 47, 1e-6);  // what the explanation adds up to
  }
}

TEST(Disclosure, MendsFortySevenWithOneMoreCell) {
  const Plan plan = vector_a();
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value()) << report.error().detail;
  EXPECT_TRUE(report->safe);
  EXPECT_EQ(report->hidden.size(), 10U);
  const HiddenCell* cell = find_hidden(plan, *report, inner(0, 1));
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->low, 0);
  EXPECT_EQ(cell->high, 78);
  EXPECT_TRUE(cell->exact);
}

/// sdcTable test-protectTable.r, microdata1: the optimum, which OPT, HYPERCUBE and HITAS find.
TEST(Disclosure, FindsTheOptimumOfMicrodata1) {
  Plan plan = two_way(4, 2, {18, 2, 14, 19, 12, 10, 11, 14});
  plan.sensitive = {inner(0, 1)};
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->safe);
  const auto hidden = hidden_cells(plan, *report);
  EXPECT_EQ(hidden.size(), 4U);
  EXPECT_TRUE(contains(hidden, inner(0, 0)));
  EXPECT_TRUE(contains(hidden, inner(2, 0)));
  EXPECT_TRUE(contains(hidden, inner(2, 1)));
  EXPECT_EQ(report->tables[0].shown, 11U);
}

Plan regions(const Numbers& counts, std::int64_t threshold, std::int64_t width) {
  Plan plan;
  const auto codes = static_cast<std::uint32_t>(counts.size());
  plan.dimensions = {{.name = "region", .codes = codes, .levels = {}}};
  plan.base.codes.resize(1);
  for (std::uint32_t code = 0; code < codes; ++code) {
    plan.base.codes[0].push_back(code);
  }
  plan.base.value = counts;
  plan.tables = {{.name = "regions", .levels = {{kCodes, kTotal}}, .decision = {}}};
  plan.policy.threshold = threshold;
  plan.policy.width = width;
  plan.policy.contributors = false;
  return plan;
}

// 100 of which 96 are shown, and four hidden: zeros are shown, so each of the four is one. The
// reader's derivation names the cells that cannot be zero beside those that are shown.
TEST(Disclosure, SeesThatHiddenCellsAreNotZero) {
  Plan plan = regions({40, 56, 1, 1, 1, 1, 0}, 5, 0);
  std::vector<Cell> hidden;
  for (const std::uint32_t region : {2U, 3U, 4U, 5U}) {
    hidden.push_back({.level = {kCodes}, .group = {region}});
  }
  const auto leaky = audit(plan, hidden);
  ASSERT_TRUE(leaky.has_value());
  ASSERT_EQ(leaky->leaks.size(), 4U);
  const Leak& leak = leaky->leaks[0];
  EXPECT_EQ(leak.kind, LeakKind::exact);
  EXPECT_EQ(leak.low, 1);
  EXPECT_EQ(leak.high, 1);
  EXPECT_EQ(std::ranges::count(leak.upper, true, &Term::hidden), 3);
  double most = 0;
  for (const Term& term : leak.upper) {
    most += term.coefficient * static_cast<double>(term.value);
  }
  EXPECT_NEAR(most, 1, 1e-6);
  const auto mended = protect(plan);
  ASSERT_TRUE(mended.has_value());
  EXPECT_TRUE(mended->safe);
  EXPECT_EQ(mended->hidden.size(), 5U) << "the smaller of the two large ones with them";
  EXPECT_EQ(mended->hidden[0].low, 1);
}

// The same where 96 stand in an earlier release and zeros may be hidden: that helps once one is.
TEST(Disclosure, HidesAZeroThatOthersMayBe) {
  Plan plan = regions({40, 56, 1, 1, 1, 1, 0}, 5, 0);
  plan.tables.push_back({.name = "open", .levels = {{1}}, .exempt = true, .decision = "by law"});
  plan.dimensions[0].levels = {{.name = "large", .group = {0, 1, 2, 2, 2, 2, 2}, .groups = 3}};
  EXPECT_FALSE(protect(plan)->safe);
  plan.policy.zeros = Zeros::complement;
  const auto mended = protect(plan);
  ASSERT_TRUE(mended.has_value());
  EXPECT_TRUE(mended->safe);
  std::vector<Cell> hidden = hidden_cells(plan, *mended);
  const Cell zero{.level = {kCodes}, .group = {6}};
  EXPECT_EQ(hidden.size(), 5U);
  ASSERT_TRUE(contains(hidden, zero));
  // A later release shows zeros again: only what hid one stays open.
  Plan later = plan;
  later.policy.zeros = Zeros::published;
  later.past = {{.name = "earlier",
                 .tables = plan.tables,
                 .hidden = hidden,
                 .revised = {},
                 .hides_zeros = true}};
  later.tables.erase(later.tables.begin());
  EXPECT_TRUE(protect(later)->safe);
  std::erase(hidden, zero);
  later.past[0].hidden = hidden;
  EXPECT_FALSE(protect(later)->safe);
  EXPECT_FALSE(audit(plan, hidden)->safe);
}

// sdcTable test-protectTable.r hides both regions of one person and no more: but 4 less 2 leaves
// two hidden cells that are not zero.
TEST(Disclosure, HidesAThirdWhereTwoAreOnes) {
  const auto report = protect(regions({1, 2, 1}, 2, 0));
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->safe);
  EXPECT_EQ(report->tables[0].primary, 2U);
  EXPECT_EQ(report->tables[0].complement, 1U);
}

// Of two hidden cells whoever is alone in the one knows the other.
TEST(Disclosure, HidesOneMoreWhereContributorsAreAlone) {
  Plan plan = regions({1, 6, 3}, 4, 1);
  const auto without = protect(plan);
  ASSERT_TRUE(without.has_value());
  EXPECT_TRUE(without->safe);
  EXPECT_EQ(without->tables[0].primary, 2U);
  EXPECT_EQ(without->tables[0].complement, 0U);
  plan.policy.contributors = true;
  const auto with = protect(plan);
  ASSERT_TRUE(with.has_value());
  EXPECT_TRUE(with->safe);
  EXPECT_EQ(with->tables[0].complement, 1U);
  const auto attacked = audit(plan, hidden_cells(plan, *without));
  ASSERT_TRUE(attacked.has_value());
  EXPECT_FALSE(attacked->safe);
  EXPECT_TRUE(std::ranges::all_of(
      attacked->leaks, [](const Leak& leak) { return leak.kind == LeakKind::contributor; }));
}

/// SSBtools z1 (8 regions by 4 benefits); GaussSuppression hides positions 12 13 22 23 42 43.
TEST(Disclosure, HidesAsMuchOfZ1AsGaussSuppression) {
  Plan plan = two_way(8, 4, {11, 11, 55, 36, 7,  1, 29, 18, 5, 8, 35, 25, 13, 2, 17, 13,
                             9,  14, 63, 52, 12, 9, 24, 22, 6, 4, 22, 8,  9,  3, 38, 15});
  plan.policy.threshold = 4;
  plan.policy.width = 0;
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->safe);
  const std::set<std::pair<std::uint32_t, std::uint32_t>> expected = {{1, 0}, {1, 1}, {3, 0},
                                                                      {3, 1}, {7, 0}, {7, 1}};
  std::set<std::pair<std::uint32_t, std::uint32_t>> hidden;
  for (const Cell& cell : hidden_cells(plan, *report)) {
    EXPECT_EQ(cell.level, (std::vector<std::uint32_t>{kCodes, kCodes}));
    hidden.insert({cell.group[0], cell.group[1]});
  }
  EXPECT_EQ(hidden, expected);
}

/// sdcTools/UserSupport #136 (and sdcTable test-linked-tables.r): each table is safe, both are not:
/// county-1 and small differ by K and N, N is shown, so K is.
Plan issue_136() {
  Plan plan;
  plan.dimensions = {
      {.name = "region",
       .codes = 8,
       .levels = {{.name = "county", .group = {0, 0, 0, 0, 1, 1, 1, 1}, .groups = 2},
                  {.name = "size", .group = {0, 0, 0, 0, 0, 1, 1, 0}, .groups = 2}}}};
  plan.base = {
      .codes = {{0, 1, 2, 3, 4, 5, 6, 7}}, .value = {2, 2, 8, 8, 3, 3, 3, 7}, .contributor = {}};
  plan.tables = {{.name = "by county", .levels = {{kCodes, 1, kTotal}}, .decision = {}},
                 {.name = "by size", .levels = {{kCodes, 2, kTotal}}, .decision = {}}};
  plan.policy.threshold = 4;
  plan.policy.contributors = false;
  return plan;
}

TEST(Disclosure, ProtectsLinkedTablesTogether) {
  Plan plan = issue_136();
  plan.policy.zeros = Zeros::complement;  // the forum's readers do not know that zeros are shown
  std::vector<Cell> primary;
  for (const std::uint32_t region : {0U, 1U, 4U, 5U, 6U}) {
    primary.push_back({.level = {kCodes}, .group = {region}});
  }
  const auto leaky = audit(plan, primary);
  ASSERT_TRUE(leaky.has_value());
  ASSERT_EQ(leaky->leaks.size(), 1U);
  EXPECT_EQ(leaky->leaks[0].kind, LeakKind::exact);
  EXPECT_EQ(leaky->leaks[0].low, 3);
  EXPECT_EQ(leaky->cell(plan, leaky->leaks[0].id).group[0], 4U);
  const auto mended = protect(plan);
  ASSERT_TRUE(mended.has_value());
  EXPECT_TRUE(mended->safe);
  EXPECT_EQ(mended->hidden.size(), 6U);
  EXPECT_TRUE(contains(hidden_cells(plan, *mended), {.level = {kCodes}, .group = {7}}));
}

/// sdcTools/UserSupport #133: regions A B I J K in counties 1 4 1 10 10, groups BIG BIG and small.
TEST(Disclosure, ProtectsTheTablesOfIssue133) {
  Plan plan;
  plan.dimensions = {{.name = "region",
                      .codes = 5,
                      .levels = {{.name = "county", .group = {0, 2, 0, 1, 1}, .groups = 3},
                                 {.name = "size", .group = {0, 0, 1, 1, 1}, .groups = 2}}}};
  plan.base = {.codes = {{0, 1, 2, 3, 4}}, .value = {11, 7, 3, 9, 4}, .contributor = {}};
  plan.tables = {{.name = "by county", .levels = {{kCodes, 1, kTotal}}, .decision = {}},
                 {.name = "by size", .levels = {{kCodes, 2, kTotal}}, .decision = {}}};
  plan.policy.threshold = 4;
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->safe);
  EXPECT_TRUE(contains(hidden_cells(plan, *report), {.level = {kCodes}, .group = {2}}));
}

// The old value of a figure that was revised since is known, its new one is no figure of this
// release: parts that add up to it may be shown.
TEST(Disclosure, RevisedFiguresOfThePastNeedNoProtection) {
  Plan plan = issue_136();
  plan.tables = {{.name = "open", .levels = {{kCodes}}, .exempt = true, .decision = "by law"}};
  plan.past = {{.name = "2023",
                .tables = {{.name = "by county", .levels = {{1}}, .decision = {}}},
                .hidden = {},
                .revised = {{.level = {1}, .group = {0}}}}};
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->safe);
  plan.past[0].hidden = std::move(plan.past[0].revised);
  plan.past[0].revised.clear();
  const auto unsafe = protect(plan);
  ASSERT_TRUE(unsafe.has_value());
  EXPECT_FALSE(unsafe->safe) << "what was hidden then stays a secret";
}

TEST(Disclosure, SaysThatAPastReleaseMakesItUnsafe) {
  Plan plan = issue_136();
  plan.tables.pop_back();
  plan.policy.width = 1;
  plan.past = {{.name = "2023",
                .tables = {{.name = "by size", .levels = {{kCodes, 2, kTotal}}, .decision = {}}},
                .hidden = {},
                .revised = {}}};
  for (const std::uint32_t region : {0U, 1U, 4U, 5U, 6U}) {
    plan.past[0].hidden.push_back({.level = {kCodes}, .group = {region}});
  }
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value());
  // N stands in the release of 2023, so only the counties are left to hide.
  EXPECT_TRUE(report->safe);
  EXPECT_FALSE(contains(hidden_cells(plan, *report), {.level = {kCodes}, .group = {7}}));
  plan.past[0].tables.push_back(plan.tables[0]);  // the counties were published as well
  const auto unsafe = protect(plan);
  ASSERT_TRUE(unsafe.has_value());
  EXPECT_FALSE(unsafe->safe);
  ASSERT_EQ(unsafe->leaks.size(), 1U);
  EXPECT_EQ(unsafe->leaks[0].low, 3);
  EXPECT_EQ(unsafe->leaks[0].high, 3);
  plan.past[0].hidden.erase(plan.past[0].hidden.begin());
  const auto shown = protect(plan);
  ASSERT_TRUE(shown.has_value());
  EXPECT_TRUE(std::ranges::any_of(shown->leaks, [](const Leak& leak) {
    return leak.kind == LeakKind::published_earlier && leak.past == "2023";
  }));
}

TEST(Disclosure, LeavesExemptTablesAloneAndAsksWhoDecided) {
  Plan plan = two_way(3, 3, {1, 5, 6, 7, 2, 9, 8, 8, 1});
  plan.policy.threshold = 4;
  plan.tables[0].exempt = true;
  const auto nobody = protect(plan);
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().reason, "disclosure.decision");
  plan.tables[0].decision = "Statistics office, minute 12";
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->safe);
  EXPECT_TRUE(report->hidden.empty());
}

TEST(Disclosure, AppliesDominanceRules) {
  Plan plan;
  plan.dimensions = {{.name = "sector", .codes = 3, .levels = {}}};
  // Sector 0 is one large firm and a small one; the others are even.
  plan.base = {.codes = {{0, 0, 1, 1, 1, 2, 2, 2, 2}},
               .value = {900, 20, 100, 110, 120, 50, 60, 70, 80},
               .contributor = {0, 1, 2, 3, 4, 5, 6, 7, 8}};
  plan.tables = {{.name = "sectors", .levels = {{kCodes, kTotal}}, .decision = {}}};
  plan.policy.threshold = 1;
  plan.policy.p_percent = 10;
  const auto report = protect(plan);
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->safe);
  const HiddenCell* cell = find_hidden(plan, *report, {.level = {kCodes}, .group = {0}});
  ASSERT_NE(cell, nullptr);
  EXPECT_EQ(cell->reason, Reason::p_percent);
  EXPECT_GE(cell->high - cell->low, 90);
  EXPECT_EQ(report->hidden.size(), 2U);
}

TEST(DisclosureRounding, IsUnbiasedAndTheSameForTheSameCell) {
  double sum = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string cell = "territory=CO-ANT,row=" + std::to_string(i);
    const std::int64_t rounded = round_unbiased(7, 5, 42, cell);
    EXPECT_TRUE(rounded == 5 || rounded == 10);
    EXPECT_EQ(rounded, round_unbiased(7, 5, 42, cell));
    const RoundedInterval behind = behind_rounded(rounded, 5);
    EXPECT_TRUE(behind.low <= 7 && 7 <= behind.high);
    sum += static_cast<double>(rounded);
  }
  EXPECT_NEAR(sum / 20'000, 7.0, 0.07);  // four standard errors
  EXPECT_EQ(round_unbiased(15, 5, 42, "x"), 15);
}

TEST(DisclosureRounding, KeepsALineAdditive) {
  const Numbers parts = {1, 2, 4, 8, 0};
  const auto rounded = round_controlled(parts, round_nearest(15, 5), 5);
  ASSERT_TRUE(rounded.has_value());
  EXPECT_EQ(*rounded, (Numbers{0, 0, 5, 10, 0}));
  EXPECT_FALSE(round_controlled(parts, 40, 5).has_value());
  EXPECT_FALSE(round_controlled(parts, 14, 5).has_value());
}

}  // namespace
