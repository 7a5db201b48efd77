#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include <fmt/ranges.h>

#include <atalaya/files/write.hpp>
#include <atalaya/observatory/quality_report.hpp>
#include <atalaya/store/faulty.hpp>

#include "cluster_test_servers.hpp"
#include "desk_fixture.hpp"
#include "release_plan.hpp"

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
            "period,sex,count,population,rate,rate_low,rate_high,status,months_sent\n"
            "2022,M,20,,,,,part_of_period,2022-06/2022-12\n"
            "2023,F,13,,,,,normal,\n2023,M,42,,,,,normal,\n");
  // Four months of 2023 have cases, and the file goes on to December.
  const std::string rates = draft("homicide_rate", "territory", "period=2023");
  EXPECT_NE(rates.find("CO-ANT,34,1000000,"), std::string::npos) << rates;
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

TEST_P(DeskTest, what_a_reload_would_wipe_is_named_and_needs_a_word) {
  const std::string mapping = with_dimension(kCasesMapping, "iccs");
  const auto text = mapping.substr(0, mapping.find("iccs = ")) +
                    mapping.substr(mapping.find("[dimensions.period]"));
  ASSERT_TRUE(load(text,
                   "date,place,sex,iccs,n\n2023-01-05,CO-ANT,M,0101,30\n"
                   "2023-01-06,CO-CUN,F,0301,4\n2023-02-06,CO-CUN,F,0301,5\n")
                  .has_value());
  const std::string_view fewer = "date,place,sex,iccs,n\n2023-01-09,CO-ANT,M,0101,33\n";
  const auto refused = load(text, fewer, "police", false);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.lost");
  LoadOptions options;
  options.source = "police";
  options.dry_run = true;
  const auto parsed = parse_mapping(text, "test.toml");
  const auto plan = desk_->load(*parsed, {file("in.csv", fewer)}, options);
  ASSERT_TRUE(plan.has_value());
  ASSERT_EQ(plan->lost.size(), 2);
  EXPECT_EQ(plan->lost[0].code, "0301");
  EXPECT_EQ(plan->lost[0].count, 4) << "February stays";
  EXPECT_EQ(plan->lost[1].code, "CO-CUN");
  options.dry_run = false;
  options.accept_changes = true;
  EXPECT_EQ(desk_->load(*parsed, {file("in.csv", fewer)}, options)->lost.size(), 2);
}

// The bytes differ, the figures do not: two of them count once, or with a word.
TEST_P(DeskTest, one_content_counts_once_whatever_its_form) {
  LoadOptions options;
  options.source = "police";
  options.dry_run = true;
  const auto plan = [&](std::vector<fs::path> files) {
    return desk_->load(*parse_mapping(kCasesMapping, "test.toml"), files, options)->overlaps;
  };
  const auto csv = file("jan.csv", kCases);
  const auto other = file("x.csv",
                          "\xEF\xBB\xBFn;sex;place;date\r\n9;F;CO-CUN;2023-12-31\r\n"
                          "4;F;CO-ANT;2023-02-05\r\n12;M;CO-CUN;2023-03-01\r\n"
                          "20;M;CO-ANT;2022-06-01\r\n30;M;CO-ANT;2023-01-05\r\n");
  const auto book =
      file("x.xlsx", *files::write_workbook({{"s",
                                              {"date", "place", "sex", "n"},
                                              {{"2023-01-05", "CO-ANT", "M", 30.0},
                                               {"2023-02-05", "CO-ANT", "F", 4.0},
                                               {"2023-03-01", "CO-CUN", "M", 12.0},
                                               {"2023-12-31", "CO-CUN", "F", 9.0},
                                               {"2022-06-01", "CO-ANT", "M", 20.0},
                                               {"2022-07-01", "CO-ANT", "M", 0.0}}}}));
  for (const auto& copy : {other, book}) {
    const auto twice = plan({csv, copy});
    ASSERT_EQ(twice.size(), 1) << copy;
    EXPECT_EQ(twice[0].kind, Overlap::Kind::same);
    EXPECT_EQ(twice[0].facts, 5);
  }
  const std::string more = std::string(kCases) + "2023-12-30,CO-CUN,F,9\n";
  const auto changed = file("y.csv", more);
  ASSERT_EQ(plan({changed, csv}).size(), 1);
  EXPECT_EQ(plan({changed, csv})[0].kind, Overlap::Kind::within);
  EXPECT_EQ(plan({changed, csv})[0].file, "jan.csv");
  EXPECT_TRUE(plan({csv, file("z.csv", "date,place,sex,n\n2024-01-05,CO-ANT,M,30\n")}).empty());

  options.dry_run = false;
  const auto refused = desk_->load(*parse_mapping(kCasesMapping, "t"), {csv, book}, options);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.same_figures");
  EXPECT_NE(refused.error().detail.find("jan.csv and x.xlsx"), std::string::npos);
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  ASSERT_TRUE(load(kCasesMapping, more).has_value())
      << "the same series replaces its months, whatever of them is as it was";
  std::string renamed(kCasesMapping);
  renamed.replace(renamed.find("cases"), 5, "again");
  const auto held = load(renamed, more);
  ASSERT_FALSE(held.has_value());
  EXPECT_EQ(held.error().reason, "observatory.load.held_figures");
  EXPECT_NE(held.error().detail.find("in.csv of submission 2"), std::string::npos);
  std::string later = more;
  for (std::size_t at = 0; (at = later.find("202", at)) != std::string::npos; at += 4) {
    later[at + 2] = '1';
  }
  EXPECT_EQ(load(kCasesMapping, later).error().reason, "observatory.load.other_period");
  options.accept_copies = true;
  const auto taken = desk_->load(*parse_mapping(renamed, "t"), {changed}, options);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(desk_->findings(taken->submission)->back().reason, "stands_twice");
}

// Against the plain way: every row of one file struck off in the other.
TEST_P(DeskTest, rows_that_stand_in_two_files_are_counted) {
  LoadOptions options;
  options.source = "police";
  options.dry_run = true;
  std::mt19937 random(20260301);
  for (int round = 0; round < 12; ++round) {
    std::array<std::vector<std::string>, 2> rows;
    for (auto& own : rows) {
      const std::size_t count = 20 + random() % 40;
      for (std::size_t i = 0; i < count; ++i) {
        own.push_back(fmt::format("2023-0{}-0{},CO-{},{},1\n", 1 + random() % 2, 1 + random() % 3,
                                  random() % 2 == 0 ? "ANT" : "CUN",
                                  random() % 2 == 0 ? "M" : "F"));
      }
    }
    std::vector<std::string> left = rows[1];
    std::uint64_t both = 0;
    for (const auto& row : rows[0]) {
      if (const auto at = std::ranges::find(left, row); at != left.end()) {
        left.erase(at);
        ++both;
      }
    }
    const auto text = [](const std::vector<std::string>& own) {
      return fmt::format("date,place,sex,n\n{}", fmt::join(own, ""));
    };
    const auto plan =
        desk_->load(*parse_mapping(kCasesMapping, "t"),
                    {file("a.csv", text(rows[0])), file("b.csv", text(rows[1]))}, options);
    ASSERT_TRUE(plan.has_value());
    ASSERT_EQ(plan->overlaps.size(), 1);
    EXPECT_EQ(plan->overlaps[0].facts, both);
  }
}

TEST_P(DeskTest, one_file_counts_once_and_no_sheet_is_dropped_silently) {
  LoadOptions options;
  options.source = "police";
  options.dry_run = true;
  const auto parsed = parse_mapping(kCasesMapping, "test.toml");
  const auto twice = desk_->load(*parsed, {file("a.csv", kCases), file("b.csv", kCases)}, options);
  ASSERT_FALSE(twice.has_value());
  EXPECT_EQ(twice.error().reason, "observatory.load.same_file");
  EXPECT_NE(twice.error().detail.find("a.csv and b.csv"), std::string::npos);
  const auto sheet = [](const std::string& name, double n) {
    return files::WriteSheet{name, {"date", "place", "sex", "n"}, {{name, "CO-ANT", "M", n}}};
  };
  const auto book = file(
      "book.xlsx", *files::write_workbook({sheet("2021", 5), sheet("2022", 6), sheet("2023", 7)}));
  const auto total = [&](std::string_view which, std::size_t not_read) {
    const auto mapping =
        parse_mapping(std::string(kCasesMapping) + std::string(which), "test.toml");
    const auto loaded = desk_->load(*mapping, {book}, options);
    EXPECT_TRUE(loaded.has_value()) << (loaded ? "" : loaded.error().detail);
    EXPECT_EQ(loaded->report.sheets_not_read.size(), not_read);
    return loaded->report.total;
  };
  EXPECT_EQ(total("", 2), 5);
  EXPECT_EQ(total("[file]\nsheet = \"2022\"\n", 2), 6);
  EXPECT_EQ(total("[file]\nsheets = [\"2021\", \"2023\"]\n", 1), 12);
  EXPECT_EQ(total("[file]\nsheet = \"*\"\n", 0), 18);
}

TEST_P(DeskTest, years_between_two_populations_change_by_equal_factors) {
  ASSERT_TRUE(load(kCasesMapping, kCases).has_value());
  ASSERT_TRUE(load("breaks = { \"2022\" = \"another census\" }" + std::string(kPeopleMapping),
                   "year,place,n\n2021,CO-ANT,100000\n2023,CO-ANT,400000\n", "office")
                  .has_value());
  TableQuery query;
  query.indicator = "homicide_rate";
  query.by = *parse_by("period:year");
  query.where = *parse_where("period=2022,territory=CO-ANT");
  query.draft = true;
  query.quality = true;
  const auto table = desk_->table(query);
  ASSERT_TRUE(table.has_value()) << table.error().detail;
  // The file begins in June.
  EXPECT_NEAR(*table->cells.at(0).population * 12 / 7, 200'000, 1e-6);
  EXPECT_EQ(table->notes.front(), "observatory.note.population_interpolated");
  ASSERT_EQ(table->breaks.size(), 1U) << "a rate breaks where its population does";
  EXPECT_EQ(table->breaks[0].at("note").as_string(), "another census");
  // No age and no mechanism were recorded: that is not complete.
  ASSERT_FALSE(table->quality.empty());
  const auto& measures = table->quality.front().measures;
  const auto share =
      std::ranges::find(measures, "unknown_share", [](const auto& m) { return m.first; });
  ASSERT_NE(share, measures.end());
  EXPECT_EQ(share->second, 1.0);
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
  EXPECT_FALSE(json::serialize(release->submissions).contains("sha256"))
      << "a hash of facts lets readers try what a hidden cell can be";
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

// A source that totals by sex and by mechanism apart holds no fact of both: its tables are weighed
// as they print it, open ones and protected ones.
TEST_P(DeskTest, parts_that_a_source_totals_apart_are_weighed_as_printed) {
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
  const auto closed = desk_->publish_release(closed_plan, "publisher");
  ASSERT_TRUE(closed.has_value()) << closed.error().detail;
  for (const int position : {1, 2}) {
    const auto made = desk_->release_table("closed", position);
    EXPECT_TRUE(std::ranges::none_of(
        made->cells, [](const Cell& cell) { return cell.count > 0 && cell.count < 5; }));
  }
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

// ---- what readers can work out of releases that follow each other ----

class ReaderTest : public testing::Test, protected TestDesk {
 protected:
  void SetUp() override { begin_desk(*this); }

  static void begin_desk(TestDesk& desk) {
    desk.begin(store::Engine::sqlite);
    desk.open(desk.store_->database());
  }

  static Result<Release> publish(TestDesk& desk, std::string_view id, std::string_view tables) {
    return desk.desk_->publish_release(
        fmt::format("id = \"{}\"\nname = \"Synthetic\"\n[decision]\nby = \"Director\"\n"
                    "reason = \"test\"\n{}",
                    id, tables),
        "publisher");
  }

  static std::string one_table(std::string_view indicator, std::string_view by,
                               std::string_view more = "protect = true\nreason = \"test\"\n") {
    return fmt::format("[[tables]]\nindicator = \"{}\"\nby = \"{}\"\n{}", indicator, by, more);
  }

  // Everything that a public answer says of the quality of the newest release's data.
  static std::string told(TestDesk& desk) {
    std::string out;
    const auto releases = desk.desk_->releases();
    for (const auto& entry : releases->front().tables) {
      out += canonical_json(entry.query.at("quality").as_array());
    }
    const auto reports = quality_reports(*desk.desk_, {.released_only = true});
    for (const auto& report : *reports) {
      out += canonical_json(quality_json(report, Language::en));
    }
    return out;
  }
};

std::string by_sex(int men, int women, int unknown) {
  return fmt::format(
      "date,place,sex,n\n2023-01-05,CO-ANT,M,{}\n2023-02-05,CO-ANT,F,{}\n"
      "2023-03-05,CO-ANT,_U,{}\n",
      men, women, unknown);
}

// Two nodes show the same numbers and hide others: whatever they say of their data is the same.
TEST_F(ReaderTest, measures_of_data_do_not_tell_hidden_cells) {
  TestDesk other;
  begin_desk(other);
  const std::string tables = one_table("homicide_victims", "period:year,sex") +
                             one_table("homicide_victims", "period:year");
  std::string first;
  for (auto* desk : {static_cast<TestDesk*>(this), &other}) {
    const bool is_first = first.empty();
    ASSERT_TRUE(desk->load(kCasesMapping, by_sex(is_first ? 2 : 3, 52, is_first ? 3 : 2)));
    const auto published = publish(*desk, "u1", tables);
    ASSERT_TRUE(published.has_value()) << published.error().detail;
    EXPECT_EQ(published->tables[0].suppressed, 2);
    const auto table = desk->desk_->release_table("u1", 2);
    ASSERT_FALSE(table->quality.empty());
    EXPECT_FALSE(table->quality[0].score.has_value());
    EXPECT_FALSE(table->quality[0].bands.empty());
    if (is_first) {
      first = told(*desk);
    } else {
      EXPECT_EQ(told(*desk), first);
    }
  }
  // Rounded, too, nothing but the figures themselves is told.
  const auto rounded = publish(other, "u2", "[policy]\nrounding = 5\n" + tables);
  ASSERT_TRUE(rounded.has_value()) << rounded.error().detail;
  const auto made = other.desk_->release_table("u2", 1);
  for (const auto& quality : made->quality) {
    for (const auto& [rule, value] : quality.measures) {
      EXPECT_EQ(rule, "days_to_load");
    }
  }
}

TEST_F(ReaderTest, the_public_reads_the_quality_that_a_release_froze) {
  ASSERT_TRUE(load(kCasesMapping, by_sex(40, 30, 30)));
  ASSERT_TRUE(publish(*this, "q1", one_table("homicide_victims", "period:year,sex", "")));
  const std::string before = told(*this);
  const auto released = quality_reports(*desk_, {.released_only = true});
  ASSERT_EQ(released->size(), 1U);
  ASSERT_EQ(released->front().dimensions.size(), 2U) << "period and sex; no place was published";
  EXPECT_NEAR(released->front().dimensions[1].unknown_share.value_or(0), 0.3, 1e-12);
  ASSERT_TRUE(load(kCasesMapping, by_sex(40, 30, 0) + "2023-04-05,CO-ANT,_U,900\n"));
  EXPECT_EQ(told(*this), before);
  EXPECT_GT(quality_reports(*desk_, {})->front().dimensions.back().unknown_share.value_or(0), 0.9);
}

TEST_F(ReaderTest, identities_are_protected_unless_somebody_says_why) {
  const auto& indicators = desk_->indicators();
  const auto& homicides = *indicators.find("homicide_victims");
  for (const std::string_view name : {"ethnicity", "disability", "gender_identity", "citizenship",
                                      "occupation", "relationship", "context", "x_health"}) {
    TableQuery query;
    query.by = {{std::string(name), ""}};
    EXPECT_TRUE(detail::protected_by_default(query, homicides)) << name;
    query.by.clear();
    query.where = {{std::string(name), {"any"}}};
    EXPECT_TRUE(detail::protected_by_default(query, homicides)) << name;
  }
  TableQuery open;
  open.by = *parse_by("territory:admin1,period:year,sex,age,mechanism,place");
  EXPECT_FALSE(detail::protected_by_default(open, homicides));
  ASSERT_TRUE(load(with_dimension(kCasesMapping, "x_health"),
                   "date,place,sex,x_health,n\n2023-01-05,CO-ANT,M,ill,3\n"
                   "2023-01-05,CO-ANT,M,well,70\n2023-01-05,CO-ANT,F,_U,9\n"));
  const auto by_health = publish(*this, "i1", one_table("homicide_victims", "x_health", ""));
  ASSERT_TRUE(by_health.has_value()) << by_health.error().detail;
  EXPECT_GE(by_health->tables[0].suppressed, 1);
  const std::string bare = "protect = false\n";
  EXPECT_EQ(publish(*this, "i2", one_table("homicide_victims", "x_health", bare)).error().reason,
            "observatory.release.plan");
  const auto refused =
      publish(*this, "i3", "[policy]\nthreshold = 2\n" + one_table("homicide_victims", "sex"));
  EXPECT_EQ(refused.error().reason, "observatory.release.plan") << "every hidden cell would be 1";
}

TEST_F(ReaderTest, as_of_is_a_day_or_a_moment) {
  clock_.set(*parse_utc_time("2026-03-01T10:00:00Z"));
  ASSERT_TRUE(load(kCasesMapping, by_sex(40, 30, 30)));
  ASSERT_TRUE(publish(*this, "a1", one_table("homicide_victims", "sex", "")));
  TableQuery query;
  query.indicator = "homicide_victims";
  query.by = *parse_by("sex");
  for (const std::string_view good : {"2026-03-01", "2026-03-01T10:00:00Z"}) {
    query.as_of = good;
    EXPECT_TRUE(desk_->table(query).has_value()) << good;
  }
  query.as_of = "2026-03-01T09:59:59Z";
  EXPECT_EQ(desk_->table(query).error().reason, "observatory.release.none");
  for (const std::string_view bad : {"garbage", "22/11/2026", "2026-13-22"}) {
    query.as_of = bad;
    EXPECT_EQ(desk_->table(query).error().reason, "observatory.query.as_of") << bad;
  }
}

// Counts of two places by sex, of which readers know sums.
struct KnownSum {
  std::vector<std::size_t> members;
  int value = 0;
};

// Every table of whole persons that agrees with all sums, place by place of `at`.
void enumerate(const std::vector<KnownSum>& known, std::array<int, 6>& table, std::size_t at,
               int most, const std::function<void(const std::array<int, 6>&)>& found) {
  if (at == table.size()) {
    found(table);
    return;
  }
  for (table[at] = 0; table[at] <= most; ++table[at]) {
    const bool fits = std::ranges::all_of(known, [&](const KnownSum& sum) {
      int lower = 0;
      bool is_whole = true;
      for (const std::size_t member : sum.members) {
        lower += member <= at ? table[member] : 0;
        is_whole = is_whole && member <= at;
      }
      return is_whole ? lower == sum.value : lower <= sum.value;
    });
    if (fits) {
      enumerate(known, table, at + 1, most, found);
    }
  }
}

// Tables of counts and of shares, in releases one after another. What they show together leaves
// every cell that any of them hid by the rule open over the width that the policy asks.
TEST_F(ReaderTest, releases_of_several_groupings_do_not_tell_what_one_hid) {
  const std::array<std::string, 6> plans = {
      one_table("homicide_victims", "territory:admin1,period:year,sex") +
          one_table("homicide_share_male", "territory:admin1,period:year"),
      one_table("homicide_victims", "period:year"),
      one_table("homicide_share_male", "period:year"),
      one_table("homicide_victims", "territory:admin1,period:year"),
      one_table("homicide_victims", "period:year,sex"),
      one_table("homicide_share_male", "territory:admin1,period:year")};
  const std::array<std::string_view, 2> places{"CO-ANT", "CO-CUN"};
  const std::array<std::string_view, 3> sexes{"M", "F", "_U"};
  const std::array<std::array<int, 6>, 3> facts{
      {{9, 3, 2, 7, 6, 1}, {11, 2, 4, 8, 8, 3}, {4, 1, 8, 2, 9, 6}}};
  for (std::size_t round = 0; round < facts.size(); ++round) {
    TestDesk desk;
    begin_desk(desk);
    std::string csv = "date,place,sex,n\n";
    int all = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      csv += fmt::format("2023-01-05,{},{},{}\n", places[i / 3], sexes[i % 3], facts[round][i]);
      all += facts[round][i];
    }
    ASSERT_TRUE(desk.load(kCasesMapping, csv));
    std::vector<KnownSum> known;
    std::set<std::vector<std::size_t>> hidden;
    std::size_t published = 0;
    for (std::size_t p = 0; p < plans.size(); ++p) {
      const std::string id = fmt::format("s{}", p);
      const auto release = publish(desk, id, plans[(p + (round > 1 ? 3 : 0)) % plans.size()]);
      if (!release) {
        EXPECT_EQ(release.error().reason, "observatory.release.unsafe");
        continue;
      }
      ++published;
      for (const auto& entry : release->tables) {
        const auto table = desk.desk_->release_table(id, entry.position);
        ASSERT_TRUE(table.has_value());
        for (const auto& cell : table->cells) {
          const auto code = [&](std::string_view name) {
            const auto at = std::ranges::find(table->by, name, &TableDimension::name);
            return at == table->by.end()
                       ? std::string()
                       : cell.codes[static_cast<std::size_t>(at - table->by.begin())];
          };
          KnownSum sum;
          KnownSum whole;
          for (std::size_t i = 0; i < 6; ++i) {
            const bool is_there = code("territory").empty() || code("territory") == places[i / 3];
            const bool is_male = entry.indicator == "homicide_share_male";
            if (is_there &&
                (is_male ? i % 3 == 0 : code("sex").empty() || code("sex") == sexes[i % 3])) {
              sum.members.push_back(i);
            }
            // Whose sex is not known is no part of a share of men.
            if (is_there && is_male && i % 3 != 2) {
              whole.members.push_back(i);
            }
          }
          if (cell.status == CellStatus::suppressed) {
            hidden.insert(sum.members);
            continue;
          }
          sum.value = static_cast<int>(*cell.count);
          known.push_back(sum);
          if (!whole.members.empty()) {
            whole.value = static_cast<int>(*cell.population);
            known.push_back(whole);
          }
        }
      }
    }
    EXPECT_GE(published, 2U) << "facts " << round;
    std::map<std::vector<std::size_t>, std::pair<int, int>> reached;
    std::size_t tables = 0;
    std::array<int, 6> start{};
    enumerate(known, start, 0, all, [&](const std::array<int, 6>& table) {
      ++tables;
      for (const auto& members : hidden) {
        int sum = 0;
        for (const std::size_t member : members) {
          sum += table[member];
        }
        auto& [low, high] = reached.try_emplace(members, sum, sum).first->second;
        low = std::min(low, sum);
        high = std::max(high, sum);
      }
    });
    ASSERT_GT(tables, 0U) << "what was published contradicts itself";
    for (const auto& [members, range] : reached) {
      int truth = 0;
      for (const std::size_t member : members) {
        truth += facts[round][member];
      }
      const bool is_shown =
          std::ranges::any_of(known, [&](const KnownSum& sum) { return sum.members == members; });
      if (truth < 5 && truth > 0) {
        EXPECT_FALSE(is_shown) << "facts " << round;
        EXPECT_GE(range.second - range.first, std::min(4, all)) << "facts " << round;
      }
    }
  }
}

}  // namespace
}  // namespace atalaya::observatory
