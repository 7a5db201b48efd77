// What tables and releases say beside the crude rate: standardised and smoothed rates, several
// years, the difference between sources, the data-quality rating, estimated cells, rounding with
// its audit, and what two releases tell together. Numbers to compare with are worked out here by
// hand or come from rates.hpp, whose own vectors are foreign.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include <atalaya/observatory/desk.hpp>
#include <atalaya/store/test_store.hpp>

namespace atalaya::observatory {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMapping = R"(
id = "cases"
title = "Cases, synthetic"
synthetic = true
country = "COL"
source_kind = "police"
[defaults]
unit = "victims"
iccs = "0101"
[dimensions.period]
column = "date"
[dimensions.territory]
column = "place"
[dimensions.sex]
column = "sex"
[dimensions.age]
column = "age"
[value]
column = "n"
)";

constexpr std::string_view kPeople = R"(
id = "people"
kind = "population"
synthetic = true
country = "COL"
source_kind = "population"
[dimensions.period]
column = "year"
[dimensions.territory]
column = "place"
[dimensions.age]
column = "age"
[value]
column = "n"
)";

class FurtherTest : public testing::Test {
 protected:
  void SetUp() override {
    store_ = std::make_unique<store::TestStore>(store::Engine::sqlite);
    std::string name = (fs::temp_directory_path() / "atalaya-further-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_TRUE(
        ledger::NodeKey::generate((folder_ / "node.key").string(), "test.example").has_value());
    auto key = ledger::NodeKey::load((folder_ / "node.key").string());
    ledger_ = *ledger::Ledger::open(store_->database(), *std::move(key), clock_);
    DeskParts parts;
    parts.database = &store_->database();
    parts.ledger = ledger_.get();
    parts.clock = &clock_;
    parts.folder = folder_ / "facts";
    parts.country = "COL";
    desk_ = *Desk::open(std::move(parts));
  }

  void TearDown() override {
    desk_.reset();
    ledger_.reset();
    std::error_code error;
    fs::remove_all(folder_, error);
  }

  void load(std::string_view mapping, std::string_view csv, const std::string& source) {
    const auto parsed = parse_mapping(mapping, "test.toml");
    ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
    std::ofstream(folder_ / "in.csv") << csv;
    LoadOptions options;
    options.source = source;
    const auto done = desk_->load(*parsed, {folder_ / "in.csv"}, options);
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

  FixedClock clock_{*parse_utc_time("2024-03-01T10:00:00Z")};
  std::unique_ptr<store::TestStore> store_;
  fs::path folder_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<Desk> desk_;
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
  load(kMapping,
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
  load(kMapping, kHead + "2023-01-05,CO-ANT,_U,_U,900\n", "police");
  const auto frozen = desk_->release_table("q1", 1);
  ASSERT_TRUE(frozen.has_value());
  EXPECT_EQ(frozen->cells[1].rating, made.cells[1].rating);
  EXPECT_EQ(frozen->quality.size(), 2);
  const std::string csv =
      table_csv(*frozen, **desk_->territories(), Language::en, {.quality = true});
  EXPECT_NE(csv.find(",status,quality_rating\n"), std::string::npos);
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

}  // namespace
}  // namespace atalaya::observatory
