// Disclosure control where sources give totals of their own beside parts (ADR 5), and what rounded
// tables and other sources tell: each release is attacked as a reader would, by what it prints.
#include <gtest/gtest.h>

#include <array>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/observatory/linkage_desk.hpp>

#include "desk_fixture.hpp"
#include "linkage_outcome.hpp"
#include "release_plan.hpp"

namespace atalaya::observatory {
namespace {

const std::string kMapping = R"(
id = "tt"
title = "Victims, synthetic"
synthetic = true
country = "COL"
covers = "COL"
source_kind = "police"
[defaults]
unit = "victims"
iccs = "0301"
[dimensions.period]
column = "year"
[dimensions.territory]
column = "place"
[dimensions.sex]
column = "sex"
[dimensions.sex.values]
"all" = "_T"
[dimensions.age]
column = "age"
[dimensions.age.values]
"all" = "_T"
[value]
column = "n"
)";

class TotalsTest : public testing::Test, protected TestDesk {
 protected:
  void SetUp() override {
    begin(store::Engine::sqlite);
    open(store_->database());
  }

  void load(std::string_view rows, const std::string& source = "police") {
    const auto done =
        TestDesk::load(kMapping, "year,place,sex,age,n\n" + std::string(rows), source);
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  static std::string table(std::string_view by, std::string_view more = "") {
    return fmt::format(
        "[[tables]]\nindicator = \"sexual_violence_rate\"\nsource = \"police\"\n"
        "by = \"territory:admin1,period:year{}\"\n{}",
        by, more);
  }

  static std::string plan(std::string_view id, std::string_view tables,
                          std::string_view policy = "") {
    return fmt::format(
        "id = \"{}\"\nname = \"A release\"\n[decision]\nby = \"Director\"\nreason = \"test\"\n"
        "changes = \"more tables\"\n[policy]\n{}\n{}",
        id, policy, tables);
  }

  void publish(std::string_view id, std::string_view tables, std::string_view policy = "") {
    const auto done = desk_->publish_release(plan(id, tables, policy), "publisher");
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  // The count that a release prints; nothing where it is hidden, -1 where there is no row.
  std::optional<double> printed(const std::string& release, int table,
                                const std::vector<std::string>& codes) {
    const auto made = desk_->release_table(release, table);
    EXPECT_TRUE(made.has_value());
    const auto at = std::ranges::find(made->cells, codes, &Cell::codes);
    return at == made->cells.end() ? -1 : at->count;
  }

  // Whatever a table of one dimension more leaves of a printed total by itself. `is_all`: the parts
  // that the source gives are all of the total.
  void expect_no_small_rest(const std::string& release, int whole, int parts, bool is_all) {
    expect_no_small_rest_between(release, whole, release, parts, is_all);
  }

  void expect_no_small_rest_between(const std::string& first, int whole, const std::string& second,
                                    int parts, bool is_all = true) {
    const auto totals = desk_->release_table(first, whole);
    const auto rows = desk_->release_table(second, parts);
    ASSERT_TRUE(totals.has_value() && rows.has_value());
    for (const auto& total : totals->cells) {
      if (!total.count) {
        continue;
      }
      double shown = 0;
      int hidden = 0;
      for (const auto& part : rows->cells) {
        if (std::equal(total.codes.begin(), total.codes.end(), part.codes.begin())) {
          shown += part.count.value_or(0);
          hidden += part.count ? 0 : 1;
        }
      }
      const double rest = *total.count - shown;
      EXPECT_FALSE(is_all && hidden == 1) << total.codes[0] << ": the hidden part is " << rest;
      EXPECT_FALSE(rest > 0 && rest < 5) << total.codes[0] << ": " << rest << " are left";
    }
  }
};

std::string with_totals(std::string_view place, int all, int men, int women) {
  return fmt::format(
      "2023,{0},all,all,{1}\n2023,{0},M,all,{2}\n2023,{0},F,all,{3}\n2023,{0},all,Y_LT18,{4}\n"
      "2023,{0},all,Y_GE18,{5}\n",
      place, all, men, women, all / 3, all - all / 3);
}

// No fact is a part in both sex and age, and each table prints what the source gives.
TEST_F(TotalsTest, every_printed_total_and_part_is_weighed) {
  load(with_totals("CO-AMA", 10, 8, 2) + with_totals("CO-ANT", 61, 31, 30) +
       with_totals("CO-ARA", 25, 24, 1) + with_totals("CO-ATL", 30, 13, 17) +
       "2023,CO-BOY,all,all,1\n");
  publish("r", table("") + table(",sex") + table(",age"));
  for (const int position : {1, 2, 3}) {
    const auto made = desk_->release_table("r", position);
    for (const auto& cell : made->cells) {
      EXPECT_FALSE(cell.count > 0 && cell.count < 5) << cell.codes[0] << " " << *cell.count;
    }
  }
  EXPECT_EQ(printed("r", 1, {"CO-BOY", "2023"}), std::nullopt);
  expect_no_small_rest("r", 1, 2, true);
  expect_no_small_rest("r", 1, 3, true);
}

// 41 with 20 and 20 tells of one, 10 with 8 of two: nobody printed them.
TEST_F(TotalsTest, what_a_total_holds_beside_its_parts_is_guarded) {
  load(
      "2023,CO-ANT,all,all,60\n2023,CO-ANT,M,all,30\n2023,CO-ANT,F,all,30\n"
      "2023,CO-ARA,all,all,41\n2023,CO-ARA,M,all,20\n2023,CO-ARA,F,all,20\n"
      "2023,CO-AMA,all,all,10\n2023,CO-AMA,M,all,8\n");
  publish("r", table("") + table(",sex"));
  expect_no_small_rest("r", 1, 2, false);
}

// A table of parts alone, then one of totals: the earlier one must not switch the rule off.
TEST_F(TotalsTest, totals_are_weighed_beside_earlier_parts) {
  load(
      "2023,CO-ANT,all,all,60\n2023,CO-ANT,M,all,30\n2023,CO-ANT,F,all,30\n"
      "2023,CO-BOY,all,all,1\n2023,CO-BOL,all,all,3\n");
  publish("first", table(",sex"));
  publish("then", table(""));
  EXPECT_EQ(printed("then", 1, {"CO-BOY", "2023"}), std::nullopt);
  EXPECT_EQ(printed("then", 1, {"CO-BOL", "2023"}), std::nullopt);
  EXPECT_EQ(printed("then", 1, {"CO-ANT", "2023"}), 60);
}

// Parts of more persons than the total are no parts of it: both are weighed by themselves.
TEST_F(TotalsTest, totals_that_do_not_hold_their_parts_stand_apart) {
  load(
      "2023,CO-ANT,all,all,60\n2023,CO-ANT,M,all,40\n2023,CO-ANT,F,all,30\n"
      "2023,CO-ARA,all,all,50\n2023,CO-ARA,M,all,3\n2023,CO-ARA,F,all,48\n"
      "2023,CO-BOY,M,all,20\n2023,CO-BOY,F,all,20\n");
  publish("r", table("") + table(",sex"));
  EXPECT_EQ(printed("r", 1, {"CO-ANT", "2023"}), 60);
  EXPECT_EQ(printed("r", 2, {"CO-ANT", "2023", "M"}), 40);
  EXPECT_EQ(printed("r", 2, {"CO-ARA", "2023", "M"}), std::nullopt);
  EXPECT_EQ(desk_->release("r")->audit.at("totals_apart").to_number<int>(), 2);
}

// That one dimension contradicts the total of a place frees nobody in another dimension.
TEST_F(TotalsTest, what_stands_apart_leaves_other_parts_with_their_total) {
  load(
      "2023,CO-ANT,all,all,61\n2023,CO-ANT,M,all,31\n2023,CO-ANT,F,all,30\n"
      "2023,CO-ANT,all,Y_LT18,20\n2023,CO-ANT,all,Y_GE18,41\n"
      "2023,CO-ARA,all,all,60\n2023,CO-ARA,M,all,40\n2023,CO-ARA,F,all,30\n"
      "2023,CO-ARA,all,Y_LT18,3\n2023,CO-ARA,all,Y_GE18,57\n");
  publish("r", table("") + table(",sex") + table(",age"));
  EXPECT_EQ(desk_->release("r")->audit.at("totals_apart").to_number<int>(), 1);
  EXPECT_EQ(printed("r", 3, {"CO-ARA", "2023", "Y_LT18"}), std::nullopt);
  expect_no_small_rest("r", 1, 3, true);
}

// A zero has no row; what was rounded down to zero has none either.
TEST_F(TotalsTest, a_rounded_zero_looks_like_a_zero) {
  std::string rows = "2023,CO-ANT,M,_U,70\n2023,CO-ANT,F,_U,31\n";
  for (const std::string_view place : {"CO-AMA", "CO-ARA", "CO-BOY", "CO-VAU", "CO-GUA"}) {
    for (const std::string_view sex : {"M", "F", "O", "_U"}) {
      rows += fmt::format("2023,{},{},_U,1\n", place, sex);
    }
  }
  load(rows);
  publish("r", table(",sex"), "rounding = 5\nrounding_method = \"random\"");
  const auto made = desk_->release_table("r", 1);
  EXPECT_TRUE(std::ranges::none_of(made->cells, [](const Cell& cell) { return cell.count == 0; }));
  EXPECT_LT(made->cells.size(), 22U) << "all 20 of one go up once in 10^14 nodes";
}

// The nearest multiple of 1 and 2 is 0, which would tell that they are at most 2.
TEST_F(TotalsTest, small_counts_can_be_rounded_by_the_default_method) {
  load("2023,CO-AMA,M,_U,1\n2023,CO-ARA,M,_U,2\n2023,CO-ANT,M,_U,33\n2023,CO-ATL,M,_U,40\n");
  publish("r", table(""), "rounding = 5");
  EXPECT_EQ(printed("r", 1, {"CO-ANT", "2023"}), 35);
  EXPECT_EQ(printed("r", 1, {"CO-ATL", "2023"}), 40);
}

// A release says of another source what readers have of it, and of what is protected nothing.
TEST_F(TotalsTest, unreleased_counts_of_other_sources_stay_out_of_releases) {
  const auto loaded = TestDesk::load(
      kPeopleMapping, "year,place,n\n2023,CO-ANT,100000\n2023,CO-AMA,100000\n", "office");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
  load("2023,CO-ANT,M,_U,60\n2023,CO-AMA,M,_U,30\n");
  load("2023,CO-ANT,M,_U,120\n2023,CO-AMA,M,_U,31\n", "forensic");
  const std::string open = "protect = false\nreason = \"test\"\n";
  const auto tells = [&](const std::string& release) {
    const auto made = desk_->release_table(release, 1);
    return std::ranges::any_of(made->cells, [](const Cell& cell) {
      return cell.other_count || cell.interval_dropped || !cell.rate_low;
    });
  };
  publish("alone", table("", open));
  EXPECT_FALSE(tells("alone"));
  auto theirs = table("", open);
  theirs.replace(theirs.find("police"), 6, "forensic");
  publish("theirs", theirs);
  publish("beside", table("", open));
  const auto beside = desk_->release_table("beside", 1);
  EXPECT_EQ(beside->cells[1].other_count, 120);
  EXPECT_TRUE(beside->cells[1].interval_dropped);
  publish("protected", table(""));
  EXPECT_FALSE(tells("protected"));
}

// 100 released less 98 on one list are the 2 that are hidden as only on the other.
TEST_F(TotalsTest, an_agreement_reckons_with_what_was_released_of_its_sources) {
  const auto text = [](std::string_view known, std::string_view source) {
    return fmt::format(
        "id = \"agreement\"\ntitle = \"Test\"\ncountry = \"COL\"\n"
        "indicator = \"sexual_violence_rate\"\n[agreement]\nlist_totals_known = {0}\n"
        "[[fields]]\nid = \"name\"\nkind = \"surname\"\n[[passes]]\nkeys = [\"name\"]\n"
        "[[lists]]\nid = \"{1}\"\ntitle = \"H\"\nsource = \"{1}\"\n"
        "columns = {{ name = \"n\", group = \"g\" }}\n[[lists]]\nid = \"forensic\"\n"
        "title = \"F\"\nsource = \"forensic\"\ncolumns = {{ name = \"n\", group = \"g\" }}\n",
        known, source);
  };
  LinkageOutcome outcome;
  outcome.plan.id = "agreement";
  outcome.plan.indicator = "sexual_violence_rate";
  outcome.plan.text = text("false", "police");
  outcome.plan.decided_by = "Director";
  outcome.plan.reason = "test";
  outcome.plan.lists.resize(2);
  outcome.plan.lists[0].id = outcome.plan.lists[0].source = "police";
  outcome.plan.lists[1].id = outcome.plan.lists[1].source = "forensic";
  outcome.records.resize(2);
  outcome.sha256 = {"00", "11"};
  outcome.counts["2022"] = {0, 40, 30, 500};
  outcome.counts["2023"] = {0, 8, 2, 90};
  outcome.agreement = *detail::protected_agreement(outcome);
  EXPECT_TRUE(store_linkage(*desk_, outcome, "publisher", PublishAgreement::yes).has_value());
  load("2023,CO-ANT,M,_U,98\n");
  const auto late = desk_->publish_release(plan("r", table("")), "publisher");
  ASSERT_FALSE(late.has_value()) << "the agreement stands in readers' hands";
  EXPECT_EQ(late.error().reason, "observatory.release.agreement");
  EXPECT_TRUE(late.error().detail.contains("agreement agreement ")) << late.error().detail;
  EXPECT_EQ(desk_->preview_release(plan("r", table(""))).error().reason,
            "observatory.release.agreement");
  // Homicides are other cases; and whoever decides may let the counts be known.
  EXPECT_TRUE(detail::agreements_hiding(*desk_, {{"police", "homicide_rate"}})->empty());
  EXPECT_EQ(detail::agreements_hiding(*desk_, {{"police", "rape_rate"}})->size(), 1U);
  auto decided = plan("r", table(""));
  decided.insert(decided.find("reason ="), "agreements_known = [\"agreement\"]\n");
  EXPECT_TRUE(desk_->preview_release(decided).has_value());
  load("2023,CO-ANT,M,_U,98\n", "health");
  auto others = table("");
  others.replace(others.find("police"), 6, "health");
  publish("others", others);
  outcome.plan.lists[0].id = outcome.plan.lists[0].source = "health";
  outcome.plan.id = "agreement-1";
  const auto refused = store_linkage(*desk_, outcome, "publisher", PublishAgreement::yes);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.linkage.unsafe");
  outcome.plan.id = "agreement-2";
  outcome.plan.list_totals_known = true;
  outcome.plan.text = text("true", "health");
  ASSERT_TRUE(parse_linkage_plan(outcome.plan.text).has_value());
  outcome.agreement = *detail::protected_agreement(outcome);
  EXPECT_GT(outcome.agreement.at("hidden").to_number<int>(), 0);
  EXPECT_TRUE(store_linkage(*desk_, outcome, "publisher", PublishAgreement::yes).has_value());
  publish("more", others);
}

// Ages single out children among those who live.
TEST_F(TotalsTest, ages_are_protected_but_of_homicide_victims) {
  TableQuery by;
  by.by = *parse_by("territory:admin1,age");
  TableQuery chosen;
  chosen.where = {{"age", {"Y_LT18"}}};
  for (const auto& [indicator, is_protected] : {std::pair("serious_assault_rate", true),
                                                {"formal_contact_rate", true},
                                                {"formal_contact_homicide", true},
                                                {"homicide_attempted_rate", true},
                                                {"child_homicide_rate", false}}) {
    const auto& own = *desk_->indicators().find(indicator);
    EXPECT_EQ(detail::protected_by_default(by, own), is_protected) << indicator;
    EXPECT_EQ(detail::protected_by_default(chosen, own), is_protected) << indicator;
    EXPECT_FALSE(detail::protected_by_default(TableQuery{}, own)) << indicator;
  }
}

TEST_F(TotalsTest, an_amount_is_not_said_to_be_protected) {
  std::string mapping = kMapping;
  const std::string_view victims = "\"victims\"\niccs = \"0301\"";
  mapping.replace(mapping.find(victims), victims.size(), "\"usd_2015_assets_frozen\"");
  const auto loaded =
      TestDesk::load(mapping, "year,place,sex,age,n\n2023,CO-ANT,M,Y_GE18,1500\n", "bank");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().detail;
  const auto done = desk_->publish_release(
      plan("r",
           "[[tables]]\nindicator = \"assets_frozen\"\nby = \"territory:admin1,period:year\"\n"
           "protect = true\nreason = \"owners\"\n"),
      "publisher");
  ASSERT_FALSE(done.has_value());
  EXPECT_TRUE(done.error().detail.contains("cannot be protected")) << done.error().detail;
}

// Two tables of one register under two source names: by sex, and by weapon.
class SameCasesTest : public TotalsTest {
 protected:
  struct Place {
    std::string_view code;
    int women, men;
  };

  static constexpr std::array<Place, 8> kPlaces = {{{"CO-AMA", 12, 1},
                                                    {"CO-ANT", 31, 30},
                                                    {"CO-ARA", 24, 2},
                                                    {"CO-ATL", 13, 17},
                                                    {"CO-BOL", 40, 9},
                                                    {"CO-BOY", 22, 3},
                                                    {"CO-CAL", 19, 11},
                                                    {"CO-CAQ", 8, 7}}};

  static std::string mapping(const std::string& dimension) {
    std::string out(kCasesMapping);
    out.replace(out.find("0101"), 4, "0301");
    out.replace(out.find("\"sex\""), 5, '"' + dimension + '"');
    out.replace(out.find("dimensions.sex"), 14, "dimensions." + dimension);
    return out.replace(out.find("\"cases\""), 7, "\"by_" + dimension + '"');
  }

  // `more`: how many other cases the second source knows in each place, or in the first `places`.
  void load_both(int more, std::size_t places = kPlaces.size()) {
    std::string by_sex = "date,place,sex,n\n";
    std::string by_weapon = "date,place,mechanism,n\n";
    for (std::size_t i = 0; i < kPlaces.size(); ++i) {
      const auto& [place, women, men] = kPlaces[i];
      by_sex += fmt::format("2022,{0},F,{1}\n2022,{0},M,{2}\n", place, women, men);
      const int all = women + men + (i < places ? more : 0);
      by_weapon +=
          fmt::format("2022,{0},sharp,{1}\n2022,{0},none,{2}\n", place, all / 2, all - all / 2);
    }
    const auto first = TestDesk::load(mapping("sex"), by_sex, "police");
    ASSERT_TRUE(first.has_value()) << first.error().detail;
    const auto second = TestDesk::load(mapping("mechanism"), by_weapon, "police_weapon");
    ASSERT_TRUE(second.has_value()) << second.error().detail;
  }

  static std::string totals(std::string_view by = "territory:admin1,period:year") {
    return fmt::format(
        "[[tables]]\nindicator = \"sexual_violence_rate\"\nsource = \"police_weapon\"\n"
        "by = \"{}\"\n",
        by);
  }
};

TEST_F(SameCasesTest, one_release_of_them_is_one_system) {
  load_both(0);
  publish("r1", table(",sex") + totals());
  expect_no_small_rest_between("r1", 2, "r1", 1);
}

TEST_F(SameCasesTest, two_releases_of_them_are_one_system) {
  load_both(0);
  publish("r1", totals());
  publish("r2", table(",sex"));
  expect_no_small_rest_between("r1", 1, "r2", 1);
}

TEST_F(SameCasesTest, a_source_that_counts_otherwise_binds_nothing) {
  load_both(2);
  publish("r1", table(",sex") + totals());
  for (const auto& [place, women, men] : kPlaces) {
    EXPECT_EQ(printed("r1", 1, {std::string(place), "2022", "F"}).has_value(), true) << place;
    EXPECT_EQ(printed("r1", 1, {std::string(place), "2022", "M"}).has_value(), men >= 5) << place;
    EXPECT_EQ(printed("r1", 2, {std::string(place), "2022"}), women + men + 2);
  }
}

// Of two places there are two figures to compare.
TEST_F(SameCasesTest, few_figures_are_compared_all) {
  const auto first =
      TestDesk::load(mapping("sex"),
                     "date,place,sex,n\n2023,CO-AMA,F,40\n2023,CO-AMA,M,1\n2023,CO-ANT,F,33\n"
                     "2023,CO-ANT,M,2\n",
                     "police");
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  const auto second = TestDesk::load(
      mapping("mechanism"), "date,place,mechanism,n\n2023,CO-AMA,sharp,41\n2023,CO-ANT,none,35\n",
      "police_weapon");
  ASSERT_TRUE(second.has_value()) << second.error().detail;
  publish("r1", table(",sex") + totals());
  EXPECT_TRUE(desk_->release("r1")->audit.contains("same_cases_in_doubt"));
  for (const std::string place : {"CO-AMA", "CO-ANT"}) {
    EXPECT_TRUE(!printed("r1", 1, {place, "2023", "F"}) || !printed("r1", 2, {place, "2023"}));
  }
}

// The second table knows the country only.
TEST_F(SameCasesTest, a_coarser_table_of_them_is_weighed) {
  std::string by_sex = "date,place,sex,n\n";
  std::string by_weapon = "date,place,mechanism,n\n";
  for (const int year : {2020, 2021, 2022}) {
    by_sex += fmt::format(
        "{0},CO-AMA,F,12\n{0},CO-AMA,M,1\n{0},CO-ANT,F,31\n{0},CO-ANT,M,30\n{0},CO-ATL,F,13\n",
        year);
    by_weapon += fmt::format("{0},COL,sharp,40\n{0},COL,none,47\n", year);
  }
  ASSERT_TRUE(TestDesk::load(mapping("sex"), by_sex, "police").has_value());
  ASSERT_TRUE(TestDesk::load(mapping("mechanism"), by_weapon, "police_weapon").has_value());
  publish("r1", totals("territory:country,period:year"));
  publish("r2", table(",sex"));
  for (const std::string year : {"2020", "2021", "2022"}) {
    EXPECT_EQ(printed("r1", 1, {"COL", year}), 87);
    const auto made = desk_->release_table("r2", 1);
    EXPECT_GT(
        std::ranges::count_if(
            made->cells, [&](const Cell& cell) { return cell.codes[1] == year && !cell.count; }),
        1)
        << year << ": 87 less all that is shown is the hidden one";
  }
}

// Two figures of eight differ: no reader would take them for the same, until the plan says so.
TEST_F(SameCasesTest, a_plan_says_what_figures_do_not) {
  load_both(2, 2);
  const auto without = desk_->preview_release(plan("r1", table(",sex") + totals()));
  ASSERT_TRUE(without.has_value());
  EXPECT_FALSE(without->audit.contains("same_cases"));
  publish("r2", table(",sex") + totals(), "same_cases = [\"police\", \"police_weapon\"]");
  EXPECT_TRUE(desk_->release("r2")->audit.contains("same_cases"));
  for (const std::string place : {"CO-ARA", "CO-BOY"}) {
    EXPECT_TRUE(!printed("r2", 1, {place, "2022", "F"}) || !printed("r2", 2, {place, "2022"}));
  }
  const auto typo =
      desk_->publish_release(plan("r3", totals(), "same_cases = [\"police\", \"polcie\"]"), "p");
  EXPECT_EQ(typo.error().reason, "observatory.release.plan");
}

// A hospital and the police know one place in common.
TEST_F(SameCasesTest, one_small_figure_may_be_equal_by_chance) {
  const auto first = TestDesk::load(
      mapping("sex"), "date,place,sex,n\n2022,CO-AMA,F,2\n2022,CO-AMA,M,1\n", "police");
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  const auto second = TestDesk::load(mapping("mechanism"),
                                     "date,place,mechanism,n\n2022,CO-AMA,sharp,3\n"
                                     "2022,CO-ANT,none,90\n",
                                     "police_weapon");
  ASSERT_TRUE(second.has_value()) << second.error().detail;
  const auto made = desk_->preview_release(plan("r1", table(",sex") + totals()));
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  EXPECT_FALSE(made->audit.contains("same_cases"));
  EXPECT_FALSE(made->audit.contains("same_cases_in_doubt"));
}

constexpr std::string_view kDifferent =
    "[[different_cases]]\nsources = [\"police\", \"police_weapon\"]\n"
    "reason = \"The hospital has patients of another district.\"\n";

// What chance may explain is weighed until somebody says that it is chance.
TEST_F(SameCasesTest, a_plan_says_that_equal_figures_are_chance) {
  ASSERT_TRUE(TestDesk::load(mapping("sex"),
                             "date,place,sex,n\n2022,CO-AMA,F,12\n2022,CO-AMA,M,1\n"
                             "2022,CO-ANT,F,30\n2022,CO-ANT,M,40\n",
                             "police")
                  .has_value());
  ASSERT_TRUE(TestDesk::load(mapping("mechanism"), "date,place,mechanism,n\n2022,CO-AMA,sharp,13\n",
                             "police_weapon")
                  .has_value());
  const auto asked = desk_->preview_release(plan("r1", table(",sex") + totals()));
  ASSERT_TRUE(asked.has_value()) << asked.error().detail;
  const auto& doubt = asked->audit.at("same_cases_in_doubt").at(0);
  EXPECT_EQ(doubt.at("equal"), 1);
  EXPECT_EQ(doubt.at("compared"), 1);
  publish("r1", std::string(kDifferent) + table(",sex") + totals());
  const auto audit = desk_->release("r1")->audit;
  EXPECT_FALSE(audit.contains("same_cases_in_doubt"));
  EXPECT_EQ(audit.at("different_cases").at(0).at("reason"),
            "The hospital has patients of another district.");
  EXPECT_EQ(printed("r1", 1, {"CO-AMA", "2022", "F"}), 12);
  EXPECT_EQ(printed("r1", 2, {"CO-AMA", "2022"}), 13);
  const auto later = desk_->preview_release(plan("r2", table(",sex") + totals()));
  ASSERT_TRUE(later.has_value()) << later.error().detail;
  EXPECT_TRUE(later->audit.contains("different_cases")) << "the decision stands";
}

TEST_F(SameCasesTest, no_plan_says_so_of_what_chance_does_not_explain) {
  load_both(0);
  const auto done = desk_->publish_release(
      plan("r1", std::string(kDifferent) + table(",sex") + totals()), "publisher");
  EXPECT_EQ(done.error().reason, "observatory.release.different_cases");
}

TEST_F(SameCasesTest, they_are_not_shown_side_by_side) {
  load_both(0);
  const auto done = desk_->publish_release(plan("r1",
                                                "[[tables]]\nindicator = \"sexual_violence_rate\"\n"
                                                "by = \"territory:admin1,period:year,source\"\n"),
                                           "publisher");
  EXPECT_EQ(done.error().reason, "observatory.release.same_cases");
}

// From 3 January to 27 March 2022 two cases a day, on 31 January (a Monday) one: what January is
// more than its whole weeks, and what the weeks from then on are more than February and March.
class WeeksTest : public SameCasesTest {
 protected:
  void SetUp() override {
    SameCasesTest::SetUp();
    std::string rows = "date,place,sex,n\n";
    for (const auto& [month, first, last] : {std::array{1, 3, 31}, {2, 1, 28}, {3, 1, 27}}) {
      for (int day = first; day <= last; ++day) {
        rows += fmt::format("2022-{:02}-{:02},CO-ANT,F,{}\n", month, day,
                            month == 1 && day == 31 ? 1 : 2);
      }
    }
    const auto done = TestDesk::load(mapping("sex"), rows, "police");
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  static std::string series(std::string_view level) {
    return fmt::format(
        "[[tables]]\nindicator = \"sexual_violence_rate\"\nsource = \"police\"\n"
        "by = \"territory:admin1,period:{}\"\n",
        level);
  }

  void expect_hidden_day(const std::string& months, int month_table, const std::string& weeks,
                         int week_table) {
    bool before = false;
    bool after = false;
    for (const auto& [release, table, last] :
         {std::tuple{months, month_table, "2022-01"}, {weeks, week_table, "2022-W04"}}) {
      const auto made = desk_->release_table(release, table);
      ASSERT_TRUE(made.has_value());
      for (const auto& cell : made->cells) {
        (cell.codes[1] <= last ? before : after) |= !cell.count;
      }
    }
    EXPECT_TRUE(before) << "January less its weeks is the day";
    EXPECT_TRUE(after) << "the weeks since less February and March are the day";
  }
};

TEST_F(WeeksTest, months_and_weeks_of_one_release_keep_the_days_between_them) {
  publish("r1", series("month") + series("week"));
  expect_hidden_day("r1", 1, "r1", 2);
}

TEST_F(WeeksTest, months_and_later_weeks_keep_the_days_between_them) {
  publish("r1", series("month"));
  publish("r2", series("week"));
  expect_hidden_day("r1", 1, "r2", 1);
}

}  // namespace
}  // namespace atalaya::observatory
