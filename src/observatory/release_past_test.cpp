// What a release and earlier ones of the same source tell together: figures that were revised since
// and their parts, and releases that repeat one another. All cases are synthetic; what has to stay
// hidden is worked out by hand.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "desk_fixture.hpp"

namespace atalaya::observatory {
namespace {

const std::string kHead = "date,place,sex,n\n";

class PastTest : public testing::Test, protected TestDesk {
 protected:
  PastTest() : TestDesk("2024-03-01T10:00:00Z") {}

  void SetUp() override {
    begin(store::Engine::sqlite);
    open(store_->database());
  }

  void load(const std::string& facts) {
    const auto done = TestDesk::load(kCasesMapping, kHead + facts, "police");
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  void revise(const std::string& facts) {
    clock_.set(*parse_utc_time("2024-06-01T10:00:00Z"));
    load(facts);
  }

  void publish(std::string_view id, const std::string& tables) {
    const auto done = desk_->publish_release(
        fmt::format("id = \"{}\"\nname = \"A release\"\n[decision]\nby = \"Director\"\n"
                    "reason = \"test\"\nchanges = \"late reports\"\n{}",
                    id, tables),
        "publisher");
    EXPECT_TRUE(done.has_value()) << id << ": " << done.error().detail;
  }

  static std::string table(std::string_view by, std::string_view where = "") {
    return fmt::format(
        "[[tables]]\nindicator = \"homicide_victims\"\nby = \"{}\"\nwhere = \"territory=COL{}\"\n"
        "protect = true\nreason = \"test\"\n",
        by, where);
  }

  // Codes of what a table of the release hides, in order.
  std::vector<std::string> hidden(const std::string& release, int position = 1) {
    std::vector<std::string> out;
    const auto made = desk_->release_table(release, position);
    for (const auto& cell : made->cells) {
      if (cell.status == CellStatus::suppressed) {
        out.push_back(fmt::format("{}", fmt::join(cell.codes, " ")));
      }
    }
    return out;
  }
};

bool has(const std::vector<std::string>& cells, std::string_view cell) {
  return std::ranges::find(cells, cell) != cells.end();
}

std::string of_antioquia(int men, int women) {
  return fmt::format(
      "2023-01-05,CO-ANT,M,{}\n2023-01-05,CO-ANT,F,{}\n"
      "2023-01-05,CO-BOY,M,9\n2023-01-05,CO-BOY,F,12\n",
      men, women);
}

// 12 victims of a place in a year, of them in January 6 women and 5 men: the twelfth is left where
// two tables are subtracted, each of which leaves more of two dimensions.
TEST_F(PastTest, PartsOfTwoDimensionsAreSubtractedTogether) {
  load(
      "2023-01-05,CO-ANT,F,6\n2023-01-05,CO-ANT,M,5\n2023-09-05,CO-ANT,M,1\n"
      "2023-01-05,CO-BOY,F,9\n2023-01-05,CO-BOY,M,12\n2023-09-05,CO-BOY,M,20\n");
  const std::string all = table("territory:admin1", ",period=2023");
  const std::string women = table("territory:admin1", ",sex=F,period=2023-01");
  const std::string men = table("territory:admin1", ",sex=M,period=2023-01");
  publish("u1", all + women);
  publish("u2", men);
  EXPECT_TRUE(has(hidden("u2"), "CO-ANT"));
}

// 8 victims were published, thirty men came in late. 7 women beside the old total leave the one man
// who was known then.
TEST_F(PastTest, a_part_is_not_taken_from_a_total_of_before) {
  load(of_antioquia(1, 7));
  publish("r1", table("territory:admin1,period:year"));
  revise(of_antioquia(31, 7));
  publish("r2", table("territory:admin1,period:year", ",sex=F"));
  EXPECT_EQ(hidden("r2"), std::vector<std::string>{"CO-ANT 2023"});
}

// 7 women were published; four of them turn out to be men. The 8 that all are, then as now, would
// leave the man of before.
TEST_F(PastTest, a_total_is_not_shown_beside_a_part_of_before) {
  load(of_antioquia(1, 7));
  publish("r1", table("territory:admin1,period:year", ",sex=F"));
  revise(of_antioquia(5, 3));
  publish("r2", table("territory:admin1,period:year"));
  EXPECT_EQ(hidden("r2"), std::vector<std::string>{"CO-ANT 2023"});
}

TEST_F(PastTest, a_total_is_not_shown_beside_a_breakdown_of_before) {
  load(of_antioquia(1, 7));
  publish("r1", table("territory:admin1,period:year,sex"));
  EXPECT_EQ(hidden("r1"), std::vector<std::string>{"CO-ANT 2023 M"});
  revise(of_antioquia(5, 3));
  publish("r2", table("territory:admin1,period:year"));
  EXPECT_EQ(hidden("r2"), std::vector<std::string>{"CO-ANT 2023"});
}

// 13 were published, men came in late. The table by sex of today prints 12 women: less them the old
// total leaves the man of then. Where more sexes are told, it is what all others come to.
TEST_F(PastTest, a_total_of_before_is_not_shared_out) {
  load(of_antioquia(1, 12));
  publish("r1", table("territory:admin1,period:year"));
  revise(of_antioquia(21, 12));
  publish("r2", table("territory:admin1,period:year,sex"));
  const auto is_hidden = hidden("r2");
  EXPECT_TRUE(has(is_hidden, "CO-ANT 2023 F"));
  EXPECT_FALSE(has(is_hidden, "CO-BOY 2023 F"));
}

TEST_F(PastTest, several_parts_together_are_not_taken_from_a_total_of_before) {
  const std::string unknown = "2023-01-05,CO-ANT,_U,11\n";
  load(of_antioquia(1, 12) + unknown);
  publish("r1", table("territory:admin1,period:year"));
  revise(of_antioquia(21, 12) + unknown);
  publish("r2", table("territory:admin1,period:year,sex"));
  const auto is_hidden = hidden("r2");
  EXPECT_TRUE(has(is_hidden, "CO-ANT 2023 F") || has(is_hidden, "CO-ANT 2023 _U"));
}

// What is shown already is no secret, and what is left of large figures is none.
TEST_F(PastTest, revised_totals_hide_no_part_in_vain) {
  load(of_antioquia(20, 7));
  publish("r1", table("territory:admin1,period:year"));
  revise(of_antioquia(50, 7));
  publish("r2", table("territory:admin1,period:year", ",sex=F"));
  EXPECT_EQ(hidden("r2"), std::vector<std::string>{});
}

// Three releases of other tables over one base, and each of them again.
TEST_F(PastTest, a_repeated_release_hides_the_same) {
  std::string facts;
  const int counts[4][4] = {{12, 2, 9, 7}, {6, 11, 4, 8}, {1, 7, 13, 5}, {9, 6, 3, 2}};
  const char* const places[4] = {"CO-ANT", "CO-BOY", "CO-CAL", "CO-CUN"};
  for (int p = 0; p < 4; ++p) {
    for (int m = 0; m < 4; ++m) {
      facts += fmt::format("2023-0{}-05,{},{},{}\n", m + 1, places[p], m % 2 == 0 ? "M" : "F",
                           counts[p][m]);
    }
  }
  load(facts);
  const std::vector<std::string> plans = {
      table("territory:admin1,period:month") + table("territory:admin1,period:year"),
      table("period:month") + table("territory:admin1,period:month"),
      table("territory:admin1,period:year", ",period=2023") + table("period:year,sex")};
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < plans.size(); ++i) {
      publish(fmt::format("r{}-{}", round, i), plans[i]);
    }
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    for (const int position : {1, 2}) {
      EXPECT_EQ(hidden(fmt::format("r0-{}", i), position),
                hidden(fmt::format("r1-{}", i), position));
    }
  }
}

}  // namespace
}  // namespace atalaya::observatory
