#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include <atalaya/store/faulty.hpp>

#include "cluster_test_servers.hpp"
#include "desk_fixture.hpp"

namespace atalaya::observatory {
namespace {

namespace fs = std::filesystem;

class DeskTest : public testing::TestWithParam<store::Engine>, protected TestDesk {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgresql && !store::TestStore::has_postgres()) {
      GTEST_SKIP() << "needs PostgreSQL; ctest runs this as observatory_postgres";
    }
    begin(GetParam());
    open(store_->database());
  }

  void open(store::Database& database) {
    TestDesk::open(
        database, testing_cluster::is_there()
                      ? cluster_facts(testing_cluster::options(cluster_, clock_), folder_ / "facts")
                      : nullptr);
  }

  std::string draft(const std::string& indicator, std::string_view by,
                    std::string_view where = "") {
    TableQuery query;
    query.indicator = indicator;
    query.by = *parse_by(by);
    query.where = *parse_where(where);
    query.draft = true;
    const auto table = desk_->table(query);
    EXPECT_TRUE(table.has_value()) << (table ? "" : table.error().detail);
    return table ? table_csv(*table, **desk_->territories(), Language::en) : "";
  }

  std::size_t segments() const {
    std::size_t n = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_ / "facts", error)) {
      n += entry.is_regular_file() ? 1U : 0U;
    }
    return testing_cluster::is_there() ? n + testing_cluster::sets(cluster_, clock_) : n;
  }

  std::string cluster_ = testing_cluster::new_database();  // where ClickHouse servers are given
};

INSTANTIATE_TEST_SUITE_P(Engines, DeskTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return engine.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

constexpr std::string_view kCases =
    "date,place,sex,n\n"
    "2023-01-05,CO-ANT,M,30\n2023-02-05,CO-ANT,F,4\n2023-03-01,CO-CUN,M,12\n"
    "2023-12-31,CO-CUN,F,9\n2022-06-01,CO-ANT,M,20\n";

TEST_P(DeskTest, counts_and_rates_by_any_breakdown) {
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  ASSERT_TRUE(
      load(kPeopleMapping, "year,place,n\n2023,CO-ANT,1000000\n2023,CO-CUN,500000\n", "office")
          .has_value());
  EXPECT_EQ(draft("homicide_victims", "period:year,sex"),
            "period,sex,count,population,rate,rate_low,rate_high,status\n"
            "2022,M,20,,,,,normal\n2023,F,13,,,,,normal\n2023,M,42,,,,,normal\n");
  // Four months of 2023 have cases: person-years are a third of the population.
  const std::string rates = draft("homicide_rate", "territory", "period=2023");
  EXPECT_NE(rates.find("CO-ANT,34,333333.33"), std::string::npos) << rates;
}

TEST_P(DeskTest, a_second_load_of_the_same_file_changes_nothing) {
  const auto first = load(kCasesMapping, kCases);
  ASSERT_TRUE(first.has_value());
  const auto leaves = *ledger_->size();
  const auto again = load(kCasesMapping, kCases);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->unchanged);
  EXPECT_EQ(again->submission, first->submission);
  EXPECT_EQ(*ledger_->size(), leaves);
  EXPECT_EQ(segments(), 1);
}

TEST_P(DeskTest, a_later_load_replaces_its_months_and_the_earlier_one_stays) {
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  clock_.set(*parse_utc_time("2026-04-01T10:00:00Z"));
  const auto second = load(kCasesMapping, "date,place,sex,n\n2023-01-09,CO-ANT,M,33\n");
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->follows, 1);
  EXPECT_EQ(draft("homicide_victims", "period:month", "period=2023"),
            "period,count,population,rate,rate_low,rate_high,status\n"
            "2023-01,33,,,,,normal\n2023-02,4,,,,,normal\n"
            "2023-03,12,,,,,normal\n2023-12,9,,,,,normal\n");
  TableQuery before;
  before.indicator = "homicide_victims";
  before.by = *parse_by("period:month");
  before.where = *parse_where("period=2023-01");
  before.draft = true;
  before.as_of = "2026-03-15";
  EXPECT_EQ(desk_->table(before)->cells.at(0).count, 30);
  EXPECT_EQ(desk_->submissions()->size(), 2);
}

TEST_P(DeskTest, a_used_version_of_a_mapping_cannot_change) {
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  const auto changed = load(std::string(kCasesMapping) + "# another comment\n",
                            "date,place,sex,n\n2021-01-05,CO-ANT,M,1\n");
  ASSERT_FALSE(changed.has_value());
  EXPECT_EQ(changed.error().reason, "observatory.mapping.version");
  EXPECT_EQ(segments(), 1) << "the segment of the refused load is gone";
}

TEST_P(DeskTest, sources_are_never_added_together) {
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  ASSERT_TRUE(
      load(kCasesMapping, "date,place,sex,n\n2023-01-07,CO-ANT,M,31\n", "forensic").has_value());
  TableQuery query;
  query.indicator = "homicide_victims";
  query.by = *parse_by("period:year");
  query.draft = true;
  const auto mixed = desk_->table(query);
  ASSERT_FALSE(mixed.has_value());
  EXPECT_EQ(mixed.error().reason, "observatory.query.sources");
  query.by = *parse_by("source,period:year");
  EXPECT_EQ(desk_->table(query)->cells.size(), 3);
  query.by = *parse_by("period:year");
  query.source = "forensic";
  EXPECT_EQ(desk_->table(query)->cells.at(0).count, 31);
}

// A file of many countries is loaded under one, so its own territories tell what it counts.
TEST_P(DeskTest, international_sources_are_never_added_together) {
  const auto world = [](std::string_view name, std::string_view country) {
    return fmt::format(
        "id = \"{0}\"\nsynthetic = true\ncountry = \"{1}\"\n"
        "source_kind = \"international\"\n[defaults]\nunit = \"victims\"\niccs = \"0101\"\n"
        "[dimensions.period]\ncolumn = \"year\"\n[dimensions.territory]\ncolumn = \"place\"\n"
        "level = \"country\"\n[value]\ncolumn = \"n\"\n",
        name, country);
  };
  ASSERT_TRUE(
      load(world("one", "PAN"), "year,place,n\n2016,COL,100\n2016,PER,5\n", "one").has_value());
  ASSERT_TRUE(
      load(world("two", "URY"), "year,place,n\n2016,COL,90\n2016,CHL,7\n", "two").has_value());
  TableQuery query;
  query.indicator = "homicide_victims";
  query.by = *parse_by("territory:country,period:year");
  query.draft = true;
  const auto mixed = desk_->table(query);
  ASSERT_FALSE(mixed.has_value());
  EXPECT_EQ(mixed.error().reason, "observatory.query.sources");
  query.where = *parse_where("territory=PER");  // only one of them counts there
  EXPECT_EQ(desk_->table(query)->cells.at(0).count, 5);
}

TEST_P(DeskTest, erased_facts_are_gone_and_the_log_verifies) {
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  EXPECT_FALSE(desk_->erase(1, " ", "officer").has_value());
  ASSERT_TRUE(desk_->erase(1, "order of the data protection authority", "officer").has_value());
  EXPECT_EQ(segments(), 0);
  EXPECT_TRUE(desk_
                  ->table({.indicator = "homicide_victims",
                           .by = {},
                           .where = {},
                           .source = "",
                           .population = "",
                           .release = "",
                           .as_of = "",
                           .draft = true})
                  ->cells.empty());
  EXPECT_TRUE(ledger_->verify()->ok());
}

constexpr std::string_view kPlan = R"(
id = "r1"
name = "First"
[decision]
by = "Director"
reason = "yearly publication"
[[tables]]
indicator = "homicide_victims"
by = "territory,period:year"
)";

TEST_P(DeskTest, a_release_is_frozen) {
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  const auto release = desk_->publish_release(kPlan, "publisher");
  ASSERT_TRUE(release.has_value()) << release.error().detail;
  EXPECT_TRUE(release->synthetic);
  ASSERT_TRUE(load(kCasesMapping, "date,place,sex,n\n2023-01-09,CO-ANT,M,99\n").has_value());
  TableQuery query;
  query.indicator = "homicide_victims";
  query.by = *parse_by("period:year,territory");
  query.where = *parse_where("period=2023");
  const auto table = desk_->table(query);
  ASSERT_TRUE(table.has_value()) << table.error().detail;
  ASSERT_EQ(table->cells.size(), 2);
  EXPECT_EQ(table->cells[0].codes, (std::vector<std::string>{"2023", "CO-ANT"}));
  EXPECT_EQ(table->cells[0].count, 34);
  EXPECT_EQ(table->release, "r1");
  EXPECT_EQ(desk_->publish_release(kPlan, "publisher").error().reason,
            "observatory.release.exists");
  query.as_of = "2025-01-01";
  EXPECT_EQ(desk_->table(query).error().reason, "observatory.release.none");
}

TEST_P(DeskTest, what_a_past_release_shows_cannot_be_hidden_later) {
  ASSERT_TRUE(
      load(kCasesMapping, "date,place,sex,n\n2023-01-05,CO-ANT,M,30\n2023-02-05,CO-CUN,F,3\n")
          .has_value());
  ASSERT_TRUE(desk_->publish_release(kPlan, "publisher").has_value());
  std::string plan(kPlan);
  plan.replace(plan.find("r1"), 2, "r2");
  plan += "protect = true\nreason = \"small numbers\"\n";
  const auto preview = desk_->preview_release(plan);
  ASSERT_TRUE(preview.has_value()) << preview.error().detail;
  EXPECT_FALSE(preview->safe);
  EXPECT_GT(preview->audit.at("leaks_in_all").as_int64(), 0);
  EXPECT_EQ(desk_->publish_release(plan, "publisher").error().reason, "observatory.release.unsafe");
}

TEST_P(DeskTest, small_cells_and_their_complements_are_hidden) {
  ASSERT_TRUE(load(kCasesMapping,
                   "date,place,sex,n\n2023-01-05,CO-ANT,M,30\n2023-02-05,CO-ANT,F,3\n"
                   "2023-01-05,CO-CUN,M,20\n2023-02-05,CO-CUN,F,9\n"
                   "2023-01-05,CO-BOY,M,15\n2023-02-05,CO-BOY,F,12\n")
                  .has_value());
  std::string plan(kPlan);
  plan.replace(plan.find("territory,period:year"), 21, "territory,sex");
  plan +=
      "protect = true\nreason = \"identity\"\n"
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"territory\"\nprotect = true\n"
      "reason = \"identity\"\n"
      "[[tables]]\nindicator = \"homicide_victims\"\nby = \"sex\"\nprotect = true\n"
      "reason = \"identity\"\n";
  const auto preview = desk_->preview_release(plan);
  ASSERT_TRUE(preview.has_value()) << preview.error().detail;
  EXPECT_TRUE(preview->safe);
  std::size_t hidden = 0;
  for (const auto& cell : preview->tables[0].cells) {
    hidden += cell.status == CellStatus::suppressed ? 1U : 0U;
    if (cell.codes == std::vector<std::string>{"CO-ANT", "F"}) {
      EXPECT_EQ(cell.status, CellStatus::suppressed);
      EXPECT_FALSE(cell.count.has_value());
    }
  }
  for (std::size_t t = 1; t < preview->tables.size(); ++t) {
    hidden += static_cast<std::size_t>(
        std::ranges::count(preview->tables[t].cells, CellStatus::suppressed, &Cell::status));
  }
  EXPECT_GE(hidden, 3U) << "one cell alone is the difference of its margins";
}

// A source that totals by sex and by mechanism apart holds no fact of both: nothing joins its
// tables. Unprotected they hide nothing, so that nothing can leak; protected they cannot be shown
// to be safe.
TEST_P(DeskTest, parts_that_a_source_totals_apart_are_published_only_unprotected) {
  ASSERT_TRUE(desk_->load_catalogue().has_value());
  const std::string tables =
      "[[tables]]\nindicator = \"homicide_rate\"\nby = \"period:year,sex\"\n"
      "where = \"territory=BRA\"\nsource = \"unodc_gsh_2019\"\n{0}"
      "[[tables]]\nindicator = \"homicide_share_firearm\"\nby = \"period:year\"\n"
      "where = \"territory=CRI\"\nsource = \"unodc_gsh_2019\"\n{0}";
  const std::string head =
      "id = \"{}\"\nname = \"Parts\"\n[decision]\nby = \"Director\"\nreason = \"test\"\n";
  const auto open_plan =
      fmt::format(fmt::runtime(head), "open") + fmt::format(fmt::runtime(tables), "");
  const auto published = desk_->publish_release(open_plan, "publisher");
  ASSERT_TRUE(published.has_value()) << published.error().detail;
  EXPECT_EQ(published->tables.size(), 2);
  const auto closed_plan = fmt::format(fmt::runtime(head), "closed") +
                           fmt::format(fmt::runtime(tables), "protect = true\nreason = \"test\"\n");
  EXPECT_FALSE(desk_->publish_release(closed_plan, "publisher").has_value());
}

// A store that fails at its n-th write leaves neither a submission nor a file.
TEST_P(DeskTest, a_failing_store_leaves_nothing_behind) {
  store::FaultyDatabase faulty(store_->database());
  open(faulty);
  std::int64_t n = 1;
  for (;; ++n) {
    faulty.fail_at(n);
    const auto done = load(kCasesMapping, kCases);
    if (faulty.steps() < n) {
      EXPECT_TRUE(done.has_value());
      break;
    }
    ASSERT_FALSE(done.has_value());
    EXPECT_TRUE(desk_->submissions()->empty());
    EXPECT_EQ(segments(), 0) << "at step " << n;
    ASSERT_LT(n, 100);
  }
  EXPECT_GT(n, 4);
  EXPECT_EQ(desk_->submissions()->size(), 1);
}

TEST_P(DeskTest, figures_of_the_catalogue_are_submissions_of_their_own) {
  ASSERT_TRUE(desk_->load_catalogue().has_value());
  const auto leaves = *ledger_->size();
  ASSERT_TRUE(desk_->load_catalogue().has_value());
  EXPECT_EQ(*ledger_->size(), leaves) << "a second time changes nothing";
  const std::string csv = draft("homicide_rate", "period:year,sex", "territory=BRA,period=2016");
  EXPECT_NE(csv.find("2016,F,4245,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("2016,M,57352,"), std::string::npos) << csv;
  // Totals that the source gives are used as they are: the sexes are not added to them.
  EXPECT_NE(
      draft("homicide_victims", "period:year", "territory=BRA,period=2016").find("2016,61597,"),
      std::string::npos);
}

}  // namespace
}  // namespace atalaya::observatory
