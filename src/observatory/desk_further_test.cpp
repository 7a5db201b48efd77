// What tables and releases say beside the crude rate: standardised and smoothed rates, several
// years, the difference between sources, the data-quality rating, estimated cells, rounding with
// its audit, and what two releases tell together. Numbers to compare with are worked out here by
// hand or come from rates.hpp, whose own vectors are foreign.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/sdmx_message.hpp>
#include <atalaya/observatory/sdmx_structures.hpp>

#include "desk_fixture.hpp"

namespace atalaya::observatory {
namespace {

const std::string kMapping = with_dimension(kCasesMapping, "age");
const std::string kPeople = with_dimension(kPeopleMapping, "age");

class FurtherTest : public testing::Test, protected TestDesk {
 protected:
  FurtherTest() : TestDesk("2024-03-01T10:00:00Z") {}

  void SetUp() override {
    begin(store::Engine::sqlite);
    open(store_->database());
  }

  void load(std::string_view mapping, std::string_view csv, const std::string& source) {
    const auto done = TestDesk::load(mapping, csv, source);
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }

  static TableQuery query(const std::string& indicator, std::string_view by,
                          std::string_view where = "", std::string_view rate = "") {
    TableQuery out;
    out.indicator = indicator;
    out.by = *parse_by(by);
    out.where = *parse_where(where);
    out.rate = *parse_rate(rate);
    out.draft = true;
    return out;
  }

  Table table(const TableQuery& asked) {
    auto made = desk_->table(asked);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return made ? *std::move(made) : Table{};
  }

  // Every month of 2023, `young` cases at 20 and `old` at 70 in each, and people of all ages.
  static std::string cases(std::string_view place, int young, int old, int year = 2023) {
    std::string out;
    for (int month = 1; month <= 12; ++month) {
      out += fmt::format("{0}-{1:02}-05,{2},M,Y20,{3}\n{0}-{1:02}-06,{2},F,Y70,{4}\n", year, month,
                         place, young, old);
    }
    return out;
  }

  static std::string people(std::string_view place, int young, int old, int year = 2023) {
    std::string out = fmt::format("{},{},Y_LT5,{}\n", year, place, young);
    for (int age = 5; age < 100; age += 5) {
      out += fmt::format("{},{},Y{}T{},{}\n", year, place, age, age + 4, age < 50 ? young : old);
    }
    return out + fmt::format("{},{},Y_GE100,{}\n", year, place, old);
  }

  Result<Release> publish(std::string_view id, std::string_view tables,
                          std::string_view policy = "") {
    return desk_->publish_release(plan(id, tables, policy), "publisher");
  }

  static std::string plan(std::string_view id, std::string_view tables, std::string_view policy) {
    return fmt::format(
        "id = \"{}\"\nname = \"A release\"\n[decision]\nby = \"Director\"\nreason = \"test\"\n"
        "changes = \"late reports\"\n[policy]\n{}\n{}",
        id, policy, tables);
  }
};

const std::string kHead = "date,place,sex,age,n\n";
const std::string kPeopleHead = "year,place,age,n\n";

// Two places with the same risk at each age and other shares of old people: the crude rates differ,
// the standardised and the indirect ones do not.
TEST_F(FurtherTest, standardised_rates_take_the_ages_out) {
  load(kMapping, kHead + cases("CO-ANT", 20, 5) + cases("CO-CUN", 5, 20), "police");
  load(kPeople,
       kPeopleHead + people("CO-ANT", 400'000, 100'000) + people("CO-CUN", 100'000, 400'000),
       "office");
  const auto direct =
      table(query("homicide_rate", "territory:admin1,period:year", "", "standardised:who2000"));
  ASSERT_EQ(direct.cells.size(), 2);
  ASSERT_TRUE(direct.cells[0].adjusted && direct.cells[0].adjusted->rate);
  EXPECT_NEAR(*direct.cells[0].adjusted->rate, *direct.cells[1].adjusted->rate, 1e-9);
  // By hand: 60 in 100,000 of a group of 8.22 and of one of 2.21 in 100.03 of the WHO's standard.
  EXPECT_NEAR(*direct.cells[0].adjusted->rate, 60 * (8.22 + 2.21) / 100.03, 1e-9);
  EXPECT_LT(*direct.cells[0].adjusted->low, *direct.cells[0].adjusted->rate);
  EXPECT_GT(*direct.cells[0].adjusted->high, *direct.cells[0].adjusted->rate);
  const auto gamma = table(
      query("homicide_rate", "territory:admin1,period:year", "", "standardised:who2000:fay_feuer"));
  EXPECT_DOUBLE_EQ(*gamma.cells[0].adjusted->rate, *direct.cells[0].adjusted->rate);
  EXPECT_GT(*gamma.cells[0].adjusted->high, *direct.cells[0].adjusted->high);
  const auto indirect =
      table(query("homicide_rate", "territory:admin1,period:year", "", "indirect"));
  EXPECT_NEAR(*indirect.cells[0].adjusted->rate, *indirect.cells[1].adjusted->rate, 1e-9);
  const std::string csv = table_csv(direct, **desk_->territories(), Language::en);
  EXPECT_EQ(csv.substr(0, csv.find('\n')),
            "territory,period,count,population,rate,rate_low,rate_high,status,standardised_rate,"
            "standardised_rate_low,standardised_rate_high,standardised_rate_status");
}

TEST_F(FurtherTest, a_rate_is_refused_where_it_cannot_be) {
  load(kMapping, kHead + cases("CO-ANT", 20, 5), "police");
  EXPECT_EQ(desk_->table(query("homicide_rate", "age:5y", "", "standardised")).error().reason,
            "observatory.query.rate");
  EXPECT_EQ(desk_->table(query("homicide_rate", "period:year", "", "smoothed")).error().reason,
            "observatory.query.rate");
  EXPECT_EQ(
      desk_->table(query("homicide_victims", "period:year", "", "standardised")).error().reason,
      "observatory.query.rate");
  EXPECT_FALSE(parse_rate("better").has_value());
  EXPECT_FALSE(parse_rate("smoothed:who2000").has_value());
  EXPECT_EQ(rate_text(*parse_rate(" standardised : esp2013 : fay_feuer ")),
            "standardised:esp2013:fay_feuer");
}

TEST_F(FurtherTest, smoothed_rates_lie_between_their_own_and_that_of_all) {
  load(kMapping, kHead + cases("CO-ANT", 20, 5) + cases("CO-CUN", 1, 0) + cases("CO-BOY", 9, 3),
       "police");
  load(kPeople,
       kPeopleHead + people("CO-ANT", 100'000, 100'000) + people("CO-CUN", 2'000, 2'000) +
           people("CO-BOY", 50'000, 50'000),
       "office");
  const auto made = table(query("homicide_rate", "territory:admin1,period:year", "", "smoothed"));
  double events = 0;
  double persons = 0;
  for (const auto& cell : made.cells) {
    events += *cell.count;
    persons += *cell.population;
  }
  const double all = events / persons * 100'000;
  for (const auto& cell : made.cells) {
    const double smoothed = *cell.adjusted->rate;
    EXPECT_LE(std::min(*cell.rate, all), smoothed + 1e-9);
    EXPECT_GE(std::max(*cell.rate, all), smoothed - 1e-9);
    EXPECT_FALSE(cell.adjusted->low.has_value());
  }
}

TEST_F(FurtherTest, few_inhabitants_have_several_years_together) {
  std::string rows = kHead;
  std::string persons = kPeopleHead;
  for (int year = 2019; year <= 2023; ++year) {
    rows += cases("CO-VAU", 1, 0, year) + cases("CO-ANT", 9, 3, year);
    persons += people("CO-VAU", 2'000, 1'000, year) + people("CO-ANT", 100'000, 100'000, year);
  }
  load(kMapping, rows, "police");
  load(kPeople, persons, "office");
  for (const std::string_view by :
       {"territory:admin1,period:year", "territory:admin1,period:year,sex"}) {
    const auto made = table(query("homicide_rate", by));
    for (const auto& cell : made.cells) {
      EXPECT_EQ(cell.small_population, cell.codes[0] == "CO-VAU") << cell.codes[0];
      EXPECT_FALSE(cell.several_years && cell.codes[0] == "CO-ANT");
    }
  }
  const auto made = table(query("homicide_rate", "territory:admin1,period:year"));
  const auto& newest = made.cells.back();
  ASSERT_EQ(newest.codes, (std::vector<std::string>{"CO-VAU", "2023"}));
  ASSERT_TRUE(newest.several_years.has_value());
  EXPECT_EQ(newest.several_years->years, 5);
  EXPECT_EQ(newest.several_years->events, 60);
  EXPECT_NEAR(newest.several_years->rate, 60 / (5.0 * (10 * 2'000 + 11 * 1'000)) * 100'000, 1e-9);
}

TEST_F(FurtherTest, intervals_yield_to_a_larger_difference_between_sources) {
  load(kMapping, kHead + cases("CO-ANT", 100, 0) + cases("CO-CUN", 100, 0), "police");
  load(kMapping, kHead + cases("CO-ANT", 101, 0) + cases("CO-CUN", 140, 0), "forensic");
  load(kPeople, kPeopleHead + people("CO-ANT", 100'000, 1) + people("CO-CUN", 100'000, 1),
       "office");
  auto asked = query("homicide_rate", "territory:admin1,period:year");
  asked.source = "police";
  const auto made = table(asked);
  EXPECT_FALSE(made.cells[0].interval_dropped);
  EXPECT_TRUE(made.cells[0].rate_low.has_value());
  EXPECT_EQ(made.cells[0].other_count, 1212);
  EXPECT_TRUE(made.cells[1].interval_dropped);
  EXPECT_FALSE(made.cells[1].rate_low.has_value());
  EXPECT_TRUE(made.cells[1].rate.has_value());
}

TEST_F(FurtherTest, ratings_stand_beside_cells_and_stay_in_releases) {
  std::string mapping(kMapping);
  mapping.insert(mapping.find("iccs = "), "mechanism = \"firearm\"\n");
  load(mapping,
       kHead + cases("CO-ANT", 100, 20) + "2023-05-01,CO-ANT,_U,_U,5\n2022-05-01,CO-ANT,_U,_U,50\n",
       "police");
  auto asked = query("homicide_victims", "territory:admin1,period:year");
  asked.quality = true;
  const auto made = table(asked);
  ASSERT_EQ(made.quality.size(), 2);
  const auto& year = made.quality[1];
  EXPECT_EQ(year.source + year.territory + year.period, "policeCOL2023");
  std::map<std::string, double> measures(year.measures.begin(), year.measures.end());
  EXPECT_NEAR(measures.at("unknown_share"), 5.0 / 1445, 1e-12);
  EXPECT_EQ(measures.at("days_to_load"), 85) << "from the day after the last case, 7 December";
  EXPECT_NEAR(measures.at("coverage_gap"),
              1 - 1.0 / static_cast<double>((*desk_->territories())->children("COL").size()), 1e-9);
  // 2022: one month of twelve, everything unknown.
  EXPECT_GT(made.cells[0].rating, made.cells[1].rating);
  ASSERT_TRUE(publish("q1",
                      "[[tables]]\nindicator = \"homicide_victims\"\n"
                      "by = \"territory:admin1,period:year\"\n")
                  .has_value());
  load(mapping, kHead + "2023-01-05,CO-ANT,_U,_U,900\n", "police");
  const auto frozen = desk_->release_table("q1", 1);
  ASSERT_TRUE(frozen.has_value());
  EXPECT_EQ(frozen->cells[1].rating, made.cells[1].rating);
  EXPECT_EQ(frozen->quality.size(), 2);
  const std::string csv =
      table_csv(*frozen, **desk_->territories(), Language::en, {.quality = true});
  EXPECT_NE(csv.find(",status,quality_rating,months_sent\n"), std::string::npos) << "last";
}

TEST_F(FurtherTest, documented_shares_give_estimates_and_never_facts) {
  load(kMapping,
       kHead +
           "2023-01-05,CO-ANT,M,Y20,30\n2023-01-05,CO-ANT,F,Y20,10\n"
           "2023-01-05,CO-ANT,_U,Y20,10\n",
       "police");
  const std::string toml =
      "[[shares]]\ndimension = \"sex\"\nfrom = \"_U\"\nsource = \"Survey of 2023\"\n"
      "to = { M = 0.8, F = 0.1 }\n";
  const std::string csv =
      "dimension,from,to,share,source\nsex,_U,M,0.8,Survey of 2023\nsex,_U,F,0.1,Survey of 2023\n";
  auto asked = query("homicide_victims", "sex");
  for (const auto& text : {toml, csv}) {
    const auto shares = parse_shares(text, desk_->codelists());
    ASSERT_TRUE(shares.has_value()) << shares.error().detail;
    asked.shares = *shares;
    EXPECT_EQ(table_csv(table(asked), **desk_->territories(), Language::en),
              "sex,count,population,rate,rate_low,rate_high,status\n"
              "F,11,,,,,estimated\nM,38,,,,,estimated\n_U,1,,,,,estimated\n");
  }
  asked.by.clear();
  EXPECT_EQ(table(asked).cells.at(0).count, 50) << "a total has nothing to divide";
  EXPECT_EQ(table(asked).cells.at(0).status, CellStatus::normal);
  asked.where = *parse_where("sex=F");
  EXPECT_EQ(table(asked).cells.at(0).count, 11);
  asked.shares.clear();
  EXPECT_EQ(table(asked).cells.at(0).count, 10) << "the facts are as they were";
  for (const std::string_view wrong :
       {"[[shares]]\ndimension = \"sex\"\nfrom = \"_U\"\nto = { M = 0.8 }\n",
        "[[shares]]\ndimension = \"sex\"\nfrom = \"_U\"\nsource = \"x\"\nto = { M = 0.8, F = 0.3 "
        "}\n",
        "[[shares]]\ndimension = \"sex\"\nfrom = \"_U\"\nsource = \"x\"\nto = { X = 0.8 }\n",
        "dimension,from,to,share,source\nsex,_U,M,many,x\n"}) {
    EXPECT_EQ(parse_shares(wrong, desk_->codelists()).error().reason, "observatory.shares")
        << wrong;
  }
}

const std::string kProtected =
    "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory:admin1\"\nprotect = true\n"
    "reason = \"test\"\n[[tables]]\nindicator = \"homicide_victims\"\n"
    "by = \"territory:admin1,sex\"\nprotect = true\nreason = \"test\"\n";

TEST_F(FurtherTest, rounded_releases_add_up_and_are_audited) {
  std::string rows = kHead;
  int n = 1;
  for (const std::string_view place : {"CO-ANT", "CO-CUN", "CO-BOY", "CO-VAU"}) {
    for (const std::string_view sex : {"M", "F"}) {
      rows += fmt::format("2023-01-05,{},{},Y20,{}\n", place, sex, n);
      n = n * 2 % 13;
    }
  }
  load(kMapping, rows, "police");
  const auto preview = desk_->preview_release(plan("x", kProtected, "rounding = 5"));
  ASSERT_TRUE(preview.has_value()) << preview.error().detail;
  ASSERT_TRUE(publish("r5", kProtected, "rounding = 5").has_value());
  const auto totals = desk_->release_table("r5", 1);
  const auto parts = desk_->release_table("r5", 2);
  EXPECT_EQ(totals->rounded_to, 5);
  std::map<std::string, double> sums;
  for (const auto& cell : parts->cells) {
    EXPECT_EQ(std::fmod(*cell.count, 5), 0);
    EXPECT_NE(cell.status, CellStatus::suppressed);
    sums[cell.codes[0]] += *cell.count;
  }
  for (const auto& cell : totals->cells) {
    EXPECT_EQ(*cell.count, sums.at(cell.codes[0]));
  }
}

// By chance, but by the node's own: asking again teaches nothing.
TEST_F(FurtherTest, a_cell_is_rounded_alike_in_every_release) {
  ASSERT_TRUE(store_->database()
                  .write([](store::Transaction& tx) -> Result<void> {
                    ATALAYA_TRY(tx.execute("INSERT INTO settings(key, value) VALUES ($1, $2)",
                                           {std::string("observatory.rounding_seed"),
                                            std::string("00000000000004d2")}));
                    return {};
                  })
                  .has_value());
  std::string rows = kHead;
  for (const std::string_view place : {"CO-ANT", "CO-CUN", "CO-BOY"}) {
    rows += fmt::format("2023-01-05,{0},M,Y20,31\n2023-01-05,{0},F,Y20,22\n", place);
  }
  load(kMapping, rows, "police");
  const std::string_view policy = "rounding = 3\nrounding_method = \"random\"";
  ASSERT_TRUE(publish("a1", kProtected, policy).has_value());
  ASSERT_TRUE(publish("a2", kProtected, policy).has_value());
  const auto first = desk_->release_table("a1", 2);
  const auto second = desk_->release_table("a2", 2);
  bool differs = false;
  for (std::size_t i = 0; i < first->cells.size(); ++i) {
    EXPECT_EQ(first->cells[i].count, second->cells[i].count);
    EXPECT_EQ(std::fmod(*first->cells[i].count, 3), 0);
    differs = differs || first->cells[i].count != first->cells[i % 2].count;
  }
  EXPECT_TRUE(differs) << "equal counts of other cells are rounded by chances of their own";
}

TEST_F(FurtherTest, rounding_cannot_undo_what_was_shown_exactly) {
  load(kMapping, kHead + "2023-01-05,CO-ANT,M,Y20,30\n2023-01-05,CO-ANT,F,Y20,2\n", "police");
  ASSERT_TRUE(publish("open",
                      "[[tables]]\nindicator = \"homicide_victims\"\n"
                      "by = \"territory:admin1,sex\"\n")
                  .has_value());
  const auto preview = desk_->preview_release(plan("closed", kProtected, "rounding = 5"));
  ASSERT_TRUE(preview.has_value()) << preview.error().detail;
  EXPECT_FALSE(preview->safe);
  EXPECT_GT(preview->audit.at("leaks_in_all").as_int64(), 0);
}

// No cell of one release is a cell of the other, and what changed in each cell is much: but the
// months of the first add up to the years of the second, and one year of Antioquia changed by one.
TEST_F(FurtherTest, sums_over_several_cells_of_two_releases_are_examined) {
  const auto facts = [](int february, int march) {
    return kHead + fmt::format(
                       "2023-01-05,CO-ANT,M,Y20,40\n2023-02-05,CO-ANT,M,Y20,{}\n"
                       "2023-03-05,CO-ANT,M,Y20,{}\n2022-01-05,CO-ANT,M,Y20,60\n"
                       "2023-01-05,CO-CUN,M,Y20,50\n2022-01-05,CO-CUN,M,Y20,60\n",
                       february, march);
  };
  const auto by = [](std::string_view level) {
    return fmt::format(
        "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory:admin1,period:{}\"\n"
        "protect = true\nreason = \"test\"\n",
        level);
  };
  const auto hidden = [&](const std::string& release) {
    std::vector<std::vector<std::string>> out;
    const auto made = desk_->release_table(release, 1);
    for (const auto& cell : made->cells) {
      if (cell.status == CellStatus::suppressed) {
        out.push_back(cell.codes);
      }
    }
    return out;
  };
  load(kMapping, facts(30, 30), "police");
  ASSERT_TRUE(publish("m1", by("month")).has_value());
  clock_.set(*parse_utc_time("2024-06-01T10:00:00Z"));
  load(kMapping, facts(37, 24), "police");
  ASSERT_TRUE(publish("m2", by("year")).has_value());
  EXPECT_EQ(hidden("m2"), (std::vector<std::vector<std::string>>{{"CO-ANT", "2023"}}));
  const auto audit = desk_->release("m2")->audit.at("differences").as_array().at(0).as_object();
  EXPECT_EQ(audit.at("small").to_number<int>(), 0) << "cell by cell nothing is to be seen";
  EXPECT_EQ(audit.at("sums").to_number<int>(), 1);
  ASSERT_TRUE(publish("m3", by("year"), "differences = \"accept\"").has_value());
  EXPECT_TRUE(hidden("m3").empty()) << "by the plan's decision";
}

// Bogotá leaves Cundinamarca: 50 were counted there, 30 and 21 are now. Nobody told the program.
TEST_F(FurtherTest, a_territory_that_became_two_is_weighed_as_one) {
  const std::string plan =
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory:admin1,period:year\"\n"
      "protect = true\nreason = \"test\"\n";
  const std::string rest = kHead + "2023-01-05,CO-ANT,M,Y20,40\n2023-01-05,CO-BOY,M,Y20,60\n";
  load(kMapping, rest + "2023-01-05,CO-CUN,M,Y20,50\n", "police");
  ASSERT_TRUE(publish("s1", plan).has_value());
  clock_.set(*parse_utc_time("2024-06-01T10:00:00Z"));
  load(kMapping, rest + "2023-01-05,CO-CUN,M,Y20,30\n2023-01-05,CO-DC,M,Y20,21\n", "police");
  ASSERT_TRUE(publish("s2", plan).has_value());
  const auto made = desk_->release_table("s2", 1);
  std::size_t hidden = 0;
  for (const auto& cell : made->cells) {
    const bool is_part = cell.codes[0] == "CO-CUN" || cell.codes[0] == "CO-DC";
    hidden += is_part && cell.status == CellStatus::suppressed ? 1U : 0U;
    EXPECT_TRUE(is_part || cell.status != CellStatus::suppressed);
  }
  EXPECT_GE(hidden, 1U) << "30 and 21 shown add up to 51, and 50 were shown before";
}

// Synthetic victims of three places by sex: 8 of CO-ANT, of whom 7 are women.
std::string eighth_is_a_man() {
  std::string facts = kHead;
  for (const auto& [place, men, women] :
       {std::tuple{"CO-ANT", 1, 7}, {"CO-BOY", 9, 12}, {"CO-CUN", 6, 8}}) {
    facts +=
        fmt::format("2023-01-05,{},M,Y20,{}\n2023-01-05,{},F,Y20,{}\n", place, men, place, women);
  }
  return facts;
}

// 8 victims of a place of which 7 are women: nobody printed the eighth. The same by a narrower
// offence, in one release and in two, and below a total that is open: what is left over never
// follows from what is shown, however it is published.
TEST_F(FurtherTest, what_a_filter_leaves_of_a_total_is_a_small_cell) {
  load(kMapping, eighth_is_a_man(), "police");
  const auto table = [](std::string_view where, bool is_protected) {
    return fmt::format(
        "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory:admin1,period:year\"\n"
        "{}protect = {}\nreason = \"test\"\n",
        where, is_protected);
  };
  const std::string women = "where = \"territory=COL,sex=F\"\n";
  const auto is_hidden = [&](const std::string& release, int position) {
    const auto made = desk_->release_table(release, position);
    const auto at =
        std::ranges::find(made->cells, "CO-ANT", [](const Cell& cell) { return cell.codes[0]; });
    return at->status == CellStatus::suppressed;
  };
  // An open total stays; the part of it is hidden.
  ASSERT_TRUE(publish("w1", table("", false) + table(women, true)).has_value());
  EXPECT_FALSE(is_hidden("w1", 1));
  EXPECT_TRUE(is_hidden("w1", 2));
  EXPECT_GT(desk_->release("w1")->audit.at("rests").to_number<int>(), 0);
  ASSERT_TRUE(publish("w2", table(women, true)).has_value()) << "the total was shown by w1";
  EXPECT_TRUE(is_hidden("w2", 1));
  const auto men = publish("w3", table("where = \"territory=COL,sex=M\"\n", true));
  ASSERT_TRUE(men.has_value()) << "the parts that are left out of both are those of w1";
  EXPECT_TRUE(is_hidden("w3", 1));
  EXPECT_EQ(publish("w4", table(women, false)).error().reason, "observatory.release.unsafe");
}

// 7 of 8 victims were shown to be women, exactly. A later release that rounds what it protects and
// shows the 8 as they are would leave the eighth.
TEST_F(FurtherTest, what_is_left_counts_in_rounded_releases_too) {
  load(kMapping, eighth_is_a_man(), "police");
  const std::string by =
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory:admin1,period:year\"\n"
      "reason = \"test\"\n";
  const std::string women = by + "where = \"territory=COL,sex=F\"\nprotect = true\n";
  ASSERT_TRUE(publish("w1", women).has_value());
  const auto preview =
      desk_->preview_release(plan("w2", by + "protect = false\n" + women, "rounding = 5"));
  ASSERT_TRUE(preview.has_value()) << preview.error().detail;
  EXPECT_FALSE(preview->safe);
  const auto& leaks = preview->audit.at("leaks").as_array();
  EXPECT_TRUE(std::ranges::any_of(leaks, [](const json::value& leak) {
    return leak.as_object().contains("rest") && leak.at("value").to_number<int>() == 1;
  }));
  EXPECT_TRUE(publish("w3", by + "protect = true\n" + women, "rounding = 5").has_value());
}

// The first release hides Boyacá beside Caldas; what is left of the year for both changes by one
// while the whole year changes by much. Shown now, both together would tell what they were.
TEST_F(FurtherTest, what_was_left_of_a_total_stays_hidden) {
  const auto facts = [](int antioquia, int boyaca, int caldas) {
    return kHead + fmt::format(
                       "2023-01-05,CO-ANT,M,Y20,{}\n2023-01-05,CO-BOY,M,Y20,{}\n"
                       "2023-01-05,CO-CAL,M,Y20,{}\n2023-01-05,CO-CUN,M,Y20,500\n",
                       antioquia, boyaca, caldas);
  };
  const std::string plan =
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory:admin1,period:year\"\n"
      "protect = true\nreason = \"test\"\n[[tables]]\nindicator = \"homicide_victims\"\n"
      "by = \"period:year\"\nprotect = true\nreason = \"test\"\n";
  load(kMapping, facts(200, 4, 12), "police");
  ASSERT_TRUE(publish("r1", plan).has_value());
  clock_.set(*parse_utc_time("2024-06-01T10:00:00Z"));
  load(kMapping, facts(240, 6, 12), "police");
  ASSERT_TRUE(publish("r2", plan).has_value());
  const auto made = desk_->release_table("r2", 1);
  for (const auto& cell : made->cells) {
    const bool was_hidden = cell.codes[0] == "CO-BOY" || cell.codes[0] == "CO-CAL";
    EXPECT_EQ(was_hidden, cell.status == CellStatus::suppressed) << cell.codes[0];
  }
  const auto audit = desk_->release("r2")->audit.at("differences").as_array().at(0).as_object();
  EXPECT_EQ(audit.at("rests").to_number<int>(), 1);
}

// Between two releases one woman was added in Antioquia. The tables of each are safe by themselves;
// their difference is one person.
TEST_F(FurtherTest, a_difference_of_one_person_is_a_small_cell) {
  const std::string first =
      "2023-01-05,CO-ANT,M,Y20,30\n2023-01-05,CO-ANT,F,Y20,20\n"
      "2023-01-05,CO-CUN,M,Y20,25\n2023-01-05,CO-CUN,F,Y20,15\n";
  load(kMapping, kHead + first, "police");
  ASSERT_TRUE(publish("d1", kProtected).has_value());
  std::string second = first;
  second.replace(second.find("F,Y20,20"), 8, "F,Y20,21");
  clock_.set(*parse_utc_time("2024-06-01T10:00:00Z"));
  load(kMapping, kHead + second, "police");
  ASSERT_TRUE(publish("d2", kProtected).has_value());
  const auto made = desk_->release_table("d2", 2);
  for (const auto& cell : made->cells) {
    const bool is_changed = cell.codes == std::vector<std::string>{"CO-ANT", "F"};
    EXPECT_FALSE(is_changed && cell.status != CellStatus::suppressed);
  }
  const auto release = desk_->release("d2");
  const auto& differences = release->audit.at("differences").as_array();
  EXPECT_EQ(differences.at(0).at("small").to_number<int>(), 2) << "the cell and its total";
  ASSERT_TRUE(publish("d3", kProtected, "differences = \"accept\"").has_value());
  EXPECT_EQ(desk_->release("d3")->policy.at("differences").as_string(), "accept");
  const auto changes = desk_->release_changes("d2");
  ASSERT_TRUE(changes.has_value());
  ASSERT_EQ(changes->size(), 2);
  EXPECT_EQ((*changes)[1].from_release, "d1");
  EXPECT_FALSE((*changes)[1].cells.empty());
  std::set<std::string> kinds;
  for (const auto& reason : (*changes)[1].reasons) {
    kinds.insert(reason.kind);
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"data", "gone"}));
  const auto leaf = desk_->release_leaf("d2");
  ASSERT_TRUE(leaf.has_value() && leaf->has_value());
  EXPECT_GT(**leaf, **desk_->release_leaf("d1"));
}

TEST_F(FurtherTest, further_rates_are_for_open_tables_and_frozen_there) {
  load(kMapping, kHead + cases("CO-ANT", 20, 5), "police");
  load(kPeople, kPeopleHead + people("CO-ANT", 400'000, 100'000), "office");
  const std::string open =
      "[[tables]]\nindicator = \"homicide_rate\"\nby = \"territory:admin1,"
      "period:year\"\nrate = \"standardised:esp2013\"\n";
  EXPECT_EQ(publish("s0", open + "protect = true\nreason = \"test\"\n").error().reason,
            "observatory.release.plan");
  ASSERT_TRUE(publish("s1", open).has_value());
  auto asked = query("homicide_rate", "territory:admin1,period:year", "", "standardised:esp2013");
  const double drafted = *table(asked).cells.at(0).adjusted->rate;
  asked.draft = false;
  EXPECT_NEAR(*table(asked).cells.at(0).adjusted->rate, drafted, 1e-9);
  asked.rate = *parse_rate("standardised:who2000");
  EXPECT_EQ(desk_->table(asked).error().reason, "observatory.release.none");
}

// Years of another source are named by country and never added; a release keeps what was said.
TEST_F(FurtherTest, years_that_only_another_source_has_are_named_and_not_filled_in) {
  std::string other(kMapping);
  other.replace(other.find("\"cases\""), 7, "\"world\"");
  other.replace(other.find("\"police\""), 8, "\"international\"");
  load(kMapping, kHead + cases("CO-ANT", 20, 5, 2022) + cases("CO-ANT", 21, 5, 2023), "police");
  load(other,
       kHead + cases("COL", 20, 5, 2020) + cases("COL", 20, 5, 2021) + cases("COL", 99, 5, 2022) +
           cases("ECU", 7, 7, 2022),
       "world");
  const auto own = table(query("homicide_victims", "period:year", "territory=COL"));
  ASSERT_EQ(own.cells.size(), 2U);
  EXPECT_EQ(own.cells[0].codes.front(), "2022");
  EXPECT_EQ(own.cells[0].count, 300);  // (20 + 5) × 12, of the police alone
  ASSERT_EQ(own.elsewhere.size(), 1U);
  EXPECT_EQ(own.elsewhere[0].source, "world");
  EXPECT_EQ(own.elsewhere[0].territory, "COL");
  EXPECT_EQ(own.elsewhere[0].years, (std::vector<std::string>{"2020", "2021"}));
  const auto all = table(query("homicide_victims", "territory:country,period:year"));
  ASSERT_EQ(all.elsewhere.size(), 1U);
  EXPECT_EQ(all.elsewhere[0].source, "police");
  EXPECT_EQ(all.elsewhere[0].years, (std::vector<std::string>{"2023"}));
  auto asked = query("homicide_victims", "period:year", "territory=COL");
  asked.source = "world";
  EXPECT_TRUE(table(asked).elsewhere.empty());
  ASSERT_TRUE(publish("e1",
                      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"period:year\"\n"
                      "where = \"territory=COL\"\n")
                  .has_value());
  const auto kept = desk_->release_table("e1", 1);
  ASSERT_TRUE(kept.has_value());
  ASSERT_EQ(kept->elsewhere.size(), 1U);
  EXPECT_EQ(kept->elsewhere[0].years, own.elsewhere[0].years);
  EXPECT_EQ(kept->sources_left_out, (std::vector<std::string>{"world"}));
}

// A preview says beforehand what the release page will say afterwards.
TEST_F(FurtherTest, a_preview_tells_what_readers_would_see_change) {
  constexpr std::string_view kTable =
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory:admin1,period:year\"\n"
      "where = \"territory=COL\"\n";
  load(kMapping, kHead + cases("CO-ANT", 20, 5), "police");
  EXPECT_TRUE(desk_->preview_release(plan("p1", kTable, ""))->changes.empty());
  ASSERT_TRUE(publish("p1", kTable).has_value());
  load(kMapping, kHead + cases("CO-ANT", 22, 5) + cases("CO-CUN", 1, 1), "police");
  const auto preview = desk_->preview_release(plan("p2", kTable, ""));
  ASSERT_TRUE(preview.has_value());
  ASSERT_EQ(preview->changes.size(), 1U);
  const auto& change = preview->changes[0];
  EXPECT_EQ(change.from_release, "p1");
  ASSERT_EQ(change.cells.size(), 2U);
  EXPECT_EQ(change.cells[0].from->count, 300);
  EXPECT_EQ(change.cells[0].to->count, 324);
  EXPECT_FALSE(change.cells[1].from.has_value());
  ASSERT_TRUE(publish("p2", kTable).has_value());
  const auto after = desk_->release_changes("p2");
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(canonical_json(changes_json(*after)), canonical_json(changes_json(preview->changes)));
}

// A second source makes a plan name the one that the first release rested on without saying so.
TEST_F(FurtherTest, a_source_that_is_named_later_is_the_same_source) {
  constexpr std::string_view kTable =
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"period:year\"\n"
      "where = \"territory=COL\"\n";
  std::string health(kMapping);
  health.replace(health.find("\"cases\""), 7, "\"health\"");
  load(kMapping, kHead + cases("CO-ANT", 20, 5), "police");
  ASSERT_TRUE(publish("n1", kTable).has_value());
  load(kMapping, kHead + cases("CO-ANT", 22, 5), "police");
  load(health, kHead + cases("CO-ANT", 9, 5), "health");
  const auto of = [&](std::string_view source) {
    return std::string(kTable) + fmt::format("source = \"{}\"\n", source);
  };
  const auto preview = desk_->preview_release(plan("n2", of("police"), ""));
  ASSERT_TRUE(preview.has_value()) << preview.error().detail;
  ASSERT_EQ(preview->changes.size(), 1U);
  EXPECT_EQ(preview->changes[0].from_release, "n1");
  EXPECT_EQ(preview->changes[0].cells[0].from->count, 300);
  EXPECT_EQ(preview->changes[0].cells[0].to->count, 324);
  std::string other = plan("n3", of("health"), "");
  EXPECT_TRUE(desk_->preview_release(other)->changes.empty());
  // Its name in two languages.
  other.replace(other.find("\"A release\""), 11, "{ es = \"Una\", fr = \"Une\" }");
  ASSERT_TRUE(desk_->publish_release(other, "publisher").has_value());
  const auto kept = desk_->release("n3");
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->name, "Una");
  EXPECT_EQ(words_in(kept->names, Language::fr, kept->name), "Une");
  // The flow has sources now: of the release that named none it says which one it was.
  const auto catalogue = sdmx::build_catalogue(*desk_, "TEST");
  ASSERT_TRUE(catalogue.has_value()) << catalogue.error().detail;
  const auto* flow = catalogue->find("DF_HOMICIDE_VICTIMS");
  const auto place = flow->place("SOURCE");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(flow->used[*place].size(), 2U);
  EXPECT_EQ(std::ranges::find(flow->used[*place], "_T"), flow->used[*place].end());
  EXPECT_EQ(flow->version, 2) << "a dimension more is another structure";
}

// ---- SDMX of a release, in parts and whole ----

std::string csv_of(const std::shared_ptr<const sdmx::Catalogue>& catalogue,
                   std::vector<sdmx::DataSet> sets, const std::string& turned) {
  sdmx::DataMessage message;
  message.catalogue = catalogue;
  message.sets = std::move(sets);
  message.form = sdmx::DataForm::csv_1;
  message.at_observation = turned;
  const auto writer = sdmx::create_writer(std::move(message));
  std::string out;
  for (bool more = true; more;) {
    std::string piece;
    more = *writer->next(piece);
    out += piece;
  }
  return out;
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view line : split(text, '\n')) {
    out.emplace_back(line);
  }
  std::ranges::sort(out);
  return out;
}

class SdmxPartsTest : public FurtherTest {
 protected:
  void SetUp() override {
    FurtherTest::SetUp();
    load(kPeople,
         "year,place,age,n\n" + people("CO-ANT", 30'000, 9'000) + people("CO-CUN", 20'000, 5'000) +
             people("CO-AMA", 900, 100),
         "co_people");
    load(kMapping, "date,place,sex,age,n\n" + cases("CO-ANT", 20, 30) + cases("CO-CUN", 7, 3),
         "co_test");
    constexpr std::string_view kTables =
        "[[tables]]\nindicator = \"homicide_rate\"\nby = \"territory:admin1,period:month,sex\"\n"
        "where = \"territory=COL\"\n[[tables]]\nindicator = \"homicide_rate\"\n"
        "by = \"period:year,age,territory:admin1\"\nwhere = \"territory=COL\"\n";
    ASSERT_TRUE(publish("s1", kTables).has_value());
    load(kMapping, "date,place,sex,age,n\n" + cases("CO-ANT", 21, 30) + cases("CO-AMA", 2, 1),
         "co_test");
    ASSERT_TRUE(publish("s2", kTables).has_value());
    catalogue_ = std::make_shared<const sdmx::Catalogue>(*sdmx::build_catalogue(*desk_, "A node"));
    flow_ = catalogue_->find("DF_HOMICIDE_RATE");
    ASSERT_NE(flow_, nullptr);
  }

  [[nodiscard]] std::vector<sdmx::DataQuery> queries() const {
    std::vector<sdmx::DataQuery> out(8);
    sdmx::Key women(flow_->dimensions.size());
    women[*flow_->place("SEX")] = {"F"};
    sdmx::Key old(flow_->dimensions.size());
    old[*flow_->place("AGE")] = {"Y70"};
    out[1].keys = {women, old};
    out[2].offset = 5;
    out[2].limit = 31;
    out[3].first = 2;
    out[3].last = 1;
    out[4].where = {{"REF_AREA", *sdmx::parse_conditions("sw:CO-A")},
                    {"TIME_PERIOD", *sdmx::parse_conditions("ge:2023-05")}};
    out[5].include_history = true;
    out[6].from = CivilDate{2023, 4, 1};
    out[6].until = CivilDate{2023, 6, 1};
    out[7].where = {{"UNIT_MEASURE", *sdmx::parse_conditions("NR")},
                    {"FREQ", *sdmx::parse_conditions("A")}};
    return out;
  }

  std::shared_ptr<const sdmx::Catalogue> catalogue_;
  const sdmx::Flow* flow_ = nullptr;
};

TEST_F(SdmxPartsTest, parts_say_what_the_whole_says) {
  std::size_t with_rest = 0;
  for (const auto& asked : queries()) {
    for (const std::string turned : {"TIME_PERIOD", "SEX", "REF_AREA", "AllDimensions"}) {
      // A page of observations follows the order of keys, which another dimension in front changes.
      if (asked.offset > 0 && (turned == "SEX" || turned == "REF_AREA")) {
        continue;
      }
      auto whole = sdmx::select_data(*desk_, *catalogue_, *flow_, asked);
      auto parts = sdmx::select_data(*desk_, *catalogue_, *flow_, asked,
                                     {.series_over = turned, .at_once = 14});
      ASSERT_TRUE(whole.has_value() && parts.has_value());
      ASSERT_FALSE(whole->empty());
      ASSERT_EQ(whole->size(), parts->size());
      EXPECT_EQ(whole->front().rest, nullptr);
      ASSERT_NE(parts->front().rest, nullptr);
      with_rest +=
          parts->front().observations.size() < whole->front().observations.size() ? 1U : 0U;
      const std::string a = csv_of(catalogue_, *std::move(whole), turned);
      const std::string b = csv_of(catalogue_, *std::move(parts), turned);
      EXPECT_GT(std::ranges::count(a, '\n'), 4);
      // Where groups are not the first dimensions, the order of whole series may differ.
      EXPECT_EQ(sorted_lines(a), sorted_lines(b)) << turned;
      EXPECT_TRUE(turned != "TIME_PERIOD" || a == b);
    }
  }
  EXPECT_GT(with_rest, 20U);
  EXPECT_EQ(sdmx::select_data(*desk_, *catalogue_, *flow_, {}, {.cells_max = 10}).error().reason,
            "observatory.sdmx.too_much");
}

TEST_F(SdmxPartsTest, availability_is_the_same_from_columns_and_from_cells) {
  for (auto asked : queries()) {
    asked.offset = 0;
    asked.limit.reset();
    asked.first.reset();
    asked.last.reset();
    const auto cells = sdmx::find_availability(*desk_, *catalogue_, *flow_, asked, {});
    const auto columns = sdmx::find_availability(*desk_, *catalogue_, *flow_, asked, {}, 0);
    ASSERT_TRUE(cells.has_value() && columns.has_value());
    EXPECT_EQ(cells->values, columns->values);
    EXPECT_EQ(cells->times, columns->times);
    EXPECT_EQ(cells->time, columns->time);
    EXPECT_EQ(cells->observations, columns->observations);
    EXPECT_EQ(cells->series, columns->series);
  }
}

// The trees are those of the code lists; of ages the ranges decide.
TEST_F(SdmxPartsTest, hierarchies_hold_every_code_once) {
  for (const std::string_view type : {"hierarchicalcodelist", "hierarchy"}) {
    sdmx::StructureQuery asked;
    asked.type = type;
    asked.id = "HCL_AREA";
    asked.references = "children";
    sdmx::StructureMessage message;
    message.artefacts = *sdmx::find_artefacts(*catalogue_, asked);
    ASSERT_EQ(message.artefacts.size(), 2U);
    EXPECT_EQ(message.artefacts.back().id, "CL_AREA");
    message.artefacts.pop_back();
    for (const auto form : {sdmx::StructureForm::xml_21, sdmx::StructureForm::xml_30,
                            sdmx::StructureForm::json_1, sdmx::StructureForm::json_2}) {
      message.form = form;
      const std::string text = sdmx::write_structures(*catalogue_, message);
      const bool is_xml =
          form == sdmx::StructureForm::xml_21 || form == sdmx::StructureForm::xml_30;
      for (const std::string_view code : {"COL", "CO-ANT", "CO-CUN", "CO-AMA"}) {
        const std::string opens = is_xml ? fmt::format("<str:HierarchicalCode id=\"{}\">", code)
                                         : fmt::format("{{\"id\":\"{}\",\"code\":", code);
        ASSERT_NE(text.find(opens), std::string::npos) << text;
        EXPECT_EQ(text.find(opens), text.rfind(opens));
      }
      const auto country = text.find(is_xml ? "Code id=\"COL\"" : "{\"id\":\"COL\"");
      EXPECT_LT(country, text.find(is_xml ? "Code id=\"CO-ANT\"" : "{\"id\":\"CO-ANT\""));
    }
  }
}

}  // namespace
}  // namespace atalaya::observatory
