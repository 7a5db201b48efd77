#include <atalaya/observatory/indicators_figures.hpp>

#include <cmath>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <atalaya/observatory/rates.hpp>

#include "codelists_row.hpp"

namespace atalaya::observatory {
namespace {

TEST(ShippedPopulations, HaveThirtyFiveStatesAndMeetTheWorldProspects) {
  const auto shipped = shipped_populations();
  ASSERT_TRUE(shipped.has_value()) << shipped.error().detail;
  ASSERT_EQ(shipped->size(), 2U);
  const auto& wpp = shipped->front();
  EXPECT_EQ(wpp.about.id, "wpp_2024");
  EXPECT_EQ(wpp.about.licence, "CC BY 3.0 IGO");
  EXPECT_EQ(wpp.projected_years, (std::vector<std::int32_t>{2025, 2030}));
  std::set<std::string> states;
  std::map<std::pair<std::string, int>, double> totals;
  for (const auto& fact : wpp.facts) {
    states.insert(fact.territory);
    totals[{fact.territory, fact.year}] += fact.persons;
  }
  EXPECT_EQ(states.size(), 35U);
  EXPECT_EQ(wpp.facts.size(), 35U * 17U * 2U * 21U);
  // United Nations, WPP 2024, total population at 1 July (thousands, rounded).
  EXPECT_NEAR((totals[{"COL", 2020}]), 50'629'995, 20);
  EXPECT_NEAR((totals[{"BRA", 2020}]), 208'660'843, 20);
  EXPECT_NEAR((totals[{"ATG", 1950}]), 45'450, 200);
}

TEST(ShippedPopulations, WorldBankTotalsStandCloseToTheProspects) {
  const auto shipped = shipped_populations();
  ASSERT_TRUE(shipped.has_value());
  std::map<std::string, double> wpp, bank;
  for (const auto& fact : shipped->front().facts) {
    if (fact.year == 2020) {
      wpp[fact.territory] += fact.persons;
    }
  }
  for (const auto& fact : shipped->back().facts) {
    EXPECT_EQ(fact.sex, "_T");
    if (fact.year == 2020) {
      bank[fact.territory] = fact.persons;
    }
  }
  ASSERT_EQ(bank.size(), 35U);
  for (const auto& [state, persons] : bank) {
    EXPECT_NEAR(persons / wpp[state], 1.0, 0.1) << state;
  }
}

TEST(ShippedHomicides, AreThePublishedFigures) {
  const auto shipped = shipped_homicides();
  ASSERT_TRUE(shipped.has_value()) << shipped.error().detail;
  std::set<std::string> states;
  const HomicideFigure* colombia = nullptr;
  for (const auto& figure : shipped->figures) {
    states.insert(figure.territory);
    if (figure.territory == "COL" && figure.year == 2009) {
      colombia = &figure;
    }
  }
  EXPECT_EQ(states.size(), 35U);
  ASSERT_NE(colombia, nullptr);
  // The same count that the observatory design quotes of the police for 2009.
  EXPECT_EQ(colombia->victims, 15'817);
  EXPECT_EQ(colombia->men, 14'557);
  EXPECT_EQ(colombia->women, 1'260);
  EXPECT_DOUBLE_EQ(colombia->rate.value_or(0), 34.8);
}

TEST(ShippedHomicides, SexesAddUpToTheTotal) {
  const auto shipped = shipped_homicides();
  ASSERT_TRUE(shipped.has_value());
  int exceeding = 0;
  for (const auto& figure : shipped->figures) {
    std::int64_t sum = 0;
    for (const auto& [sex, victims] : by_sex(figure)) {
      EXPECT_GE(victims, 0);
      sum += victims;
    }
    EXPECT_EQ(sum, figure.victims) << figure.territory << figure.year;
    if (figure.men && figure.women && *figure.men + *figure.women > figure.victims) {
      ++exceeding;
    }
  }
  EXPECT_EQ(exceeding, 5);
}

TEST(ShippedHomicides, RatesAgreeWithThePopulationsThatTheProgramShips) {
  const auto populations = shipped_populations();
  const auto homicides = shipped_homicides();
  ASSERT_TRUE(populations.has_value() && homicides.has_value());
  std::map<std::pair<std::string, int>, double> persons;
  for (const auto& fact : populations->back().facts) {
    persons[{fact.territory, fact.year}] = fact.persons;
  }
  // UNODC used an earlier revision of the populations: the rates agree within a tenth for nearly
  // all. A slip of a column or a state would break this at once.
  std::size_t near = 0, compared = 0;
  for (const auto& figure : homicides->figures) {
    if (!figure.rate || figure.victims < 50) {
      continue;
    }
    const double rate =
        static_cast<double>(figure.victims) * 100'000 / persons[{figure.territory, figure.year}];
    ++compared;
    near += std::abs(rate - *figure.rate) < 0.1 * *figure.rate + 0.05 ? 1U : 0U;
  }
  EXPECT_GT(compared, 400U);
  EXPECT_GT(near * 100, compared * 93) << near << " of " << compared;
}

TEST(StandardPopulations, AreTheOnesThatRatesAreComputedWith) {
  const auto rows = read_rows(embedded_catalogue(), "observatory/standard_populations.json", "x");
  ASSERT_TRUE(rows.has_value());
  ASSERT_EQ(rows->size(), standard_populations().size());
  std::size_t number = 0;
  for (const auto& value : *rows) {
    NamedRow row("observatory/standard_populations.json", ++number, value);
    const auto* standard = find_standard_population(row.text("id"));
    static_cast<void>(row.names("name"));
    static_cast<void>(row.text("source"));
    const auto ages = row.list("ages");
    const auto* weights = row.value("weights");
    row.finish();
    ASSERT_TRUE(row.ok()) << row.problem();
    ASSERT_NE(standard, nullptr);
    ASSERT_EQ(ages.size(), standard->weights.size());
    double sum = 0;
    for (const auto& weight : weights->get_array()) {
      sum += weight.to_number<double>();
    }
    for (std::size_t i = 0; i < ages.size(); ++i) {
      EXPECT_EQ(ages[i], standard->weights[i].age);
      EXPECT_NEAR(weights->get_array()[i].to_number<double>() / sum, standard->weights[i].weight,
                  1e-15);
    }
  }
}

}  // namespace
}  // namespace atalaya::observatory
