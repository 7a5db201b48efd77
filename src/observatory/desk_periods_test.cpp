// What the time and the place of a load say beside what its source sent before: figures that would
// count twice, end unnamed or be covered by nobody. The numbers are worked out by hand.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/observatory/table_files.hpp>

#include "desk_fixture.hpp"

namespace atalaya::observatory {
namespace {

class PeriodsTest : public testing::Test, protected TestDesk {
 protected:
  PeriodsTest() : TestDesk("2026-03-01T10:00:00Z") {}

  void SetUp() override {
    begin(store::Engine::sqlite);
    open(store_->database());
  }

  static std::string mapping(std::string_view id, std::string_view top = "",
                             std::string_view dimensions = "",
                             std::string_view value = "column = \"n\"") {
    return fmt::format(
        "id = \"{}\"\nsynthetic = true\ncountry = \"PAN\"\nsource_kind = \"police\"\n{}\n"
        "[defaults]\nunit = \"victims\"\niccs = \"0101\"\n[dimensions.period]\ncolumn = \"when\"\n"
        "[dimensions.territory]\ncolumn = \"place\"\n{}[value]\n{}\n",
        id, top, dimensions, value);
  }

  Result<LoadResult> load_it(const std::string& text, const std::string& rows,
                             bool accept_changes = false, bool accept_copies = false) {
    const auto parsed = parse_mapping(text, "test.toml");
    EXPECT_TRUE(parsed.has_value()) << (parsed ? "" : parsed.error().detail);
    LoadOptions options;
    options.source = "police";
    options.accept_changes = accept_changes;
    options.accept_copies = accept_copies;
    return desk_->load(*parsed, {file("in.csv", rows)}, options);
  }

  void must_load(const std::string& text, const std::string& rows, bool accept_changes = false) {
    const auto done = load_it(text, rows, accept_changes);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().detail);
  }

  void load_people() {
    const auto done = load(
        "id = \"people\"\nkind = \"population\"\nsynthetic = true\ncountry = \"PAN\"\n"
        "source_kind = \"population\"\n[dimensions.period]\ncolumn = \"when\"\n"
        "[dimensions.territory]\ncolumn = \"place\"\n[value]\ncolumn = \"n\"\n",
        "when,place,n\n2023,PAN,1200000\n", "office");
    EXPECT_TRUE(done.has_value());
  }

  Table table(const std::string& indicator, std::string_view by) {
    TableQuery query;
    query.indicator = indicator;
    query.by = *parse_by(by);
    query.draft = true;
    auto made = desk_->table(query);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    return made ? *std::move(made) : Table{};
  }

  double sum(std::string_view by = "period:year") {
    double out = 0;
    for (const auto& cell : table("homicide_victims", by).cells) {
      out += cell.count.value_or(0);
    }
    return out;
  }
};

const std::string kHead = "when,place,n\n";

TEST_F(PeriodsTest, who_sends_all_facts_again_says_anew_what_is_covered) {
  load_people();
  const std::string rows = kHead + "2023-01,PAN,30\n2023-12,PAN,20\n";
  must_load(mapping("cases"), rows);
  EXPECT_DOUBLE_EQ(*table("homicide_rate", "period:year").cells.at(0).population, 1'200'000);
  const auto again = load_it(mapping("cases", "version = 2\ncovers_period = \"facts\""), rows);
  ASSERT_TRUE(again.has_value()) << again.error().detail;
  EXPECT_DOUBLE_EQ(*table("homicide_rate", "period:year").cells.at(0).population, 200'000);
  const auto said = std::ranges::find(again->report.findings, "less_covered", &Finding::reason);
  ASSERT_NE(said, again->report.findings.end());
  EXPECT_NE(said->detail.find("10 months"), std::string::npos) << said->detail;
}

TEST_F(PeriodsTest, a_correction_of_some_months_is_told_what_to_write) {
  must_load(mapping("cases"), kHead + "2023-01,PAN,10\n2023-02,PAN,11\n2023-03,PAN,12\n");
  const std::string correction = kHead + "2023-01,PAN,15\n2023-03,PAN,16\n";
  const auto refused = load_it(mapping("cases"), correction);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.lost");
  EXPECT_NE(refused.error().detail.find("covers_period = \"facts\""), std::string::npos);
  must_load(mapping("cases", "version = 2\ncovers_period = \"facts\""), correction);
  EXPECT_EQ(sum(), 15 + 11 + 16);
}

TEST_F(PeriodsTest, a_year_beside_its_months_is_no_further_cases) {
  std::string rows = kHead;
  for (int month = 1; month <= 12; ++month) {
    rows += fmt::format("2023-{0:02},PA-8,{1}\n2023-{0:02},PA-3,{2}\n", month, month, 1);
  }
  const std::string totals = rows + "2023,PA-8,78\n2023,PA-3,12\n";
  const auto refused = load_it(mapping("cases"), totals);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.total_beside_parts");
  EXPECT_NE(refused.error().detail.find("figures of 2023 beside those"), std::string::npos)
      << refused.error().detail;
  EXPECT_FALSE(load_it(mapping("cases"), rows + "2023-Q1,PA-8,6\n2023-Q2,PA-8,15\n2023-Q1,PA-3,3\n")
                   .has_value());
  // Cases whose month nobody knows are fewer, and count.
  must_load(mapping("cases"), rows + "2023,PA-8,5\n");
  EXPECT_EQ(sum(), 78 + 12 + 5);
  // Where a row is a case, a year is only known less closely.
  must_load(mapping("single", "", "[dimensions.sex]\ncolumn = \"sex\"\n", "rows = true"),
            "when,place,sex\n2022-05,PAN,M\n2022,PAN,M\n");
  EXPECT_TRUE(load_it(mapping("copy", "version = 1"), "when,place,n\n2021,PAN,9\n2021-02,PAN,9\n",
                      false, true)
                  .has_value());
}

TEST_F(PeriodsTest, files_that_an_earlier_version_read_otherwise_are_read_anew) {
  const std::string rows = kHead + "2023-01,PAN,10\n2023-02,PAN,11\n";
  must_load(mapping("cases"), rows);
  EXPECT_TRUE(load_it(mapping("cases"), rows)->unchanged);
  const auto tampered = store_->database().write([](store::Transaction& tx) -> Result<void> {
    const auto row =
        ATALAYA_TRY(tx.query_one("SELECT report FROM observatory_submissions WHERE id = 1"));
    auto report = ATALAYA_TRY(parse_json(row.text(0), "report"));
    auto& file = report.as_object().at("contents").as_array().at(0).as_object();
    file["all"] = "2:00000000000000010000000000000001";
    ATALAYA_TRY(tx.execute("UPDATE observatory_submissions SET report = $1 WHERE id = 1",
                           {json::serialize(report)}));
    return {};
  });
  ASSERT_TRUE(tampered.has_value());
  const auto anew = load_it(mapping("cases"), rows);
  ASSERT_TRUE(anew.has_value()) << anew.error().detail;
  EXPECT_FALSE(anew->unchanged);
  EXPECT_EQ(anew->follows, 1);
  EXPECT_EQ(sum(), 21);
}

// An offence is a total only where it is the sum of its parts; else it is what is in none of them.
TEST_F(PeriodsTest, an_offence_or_a_place_beside_its_parts_is_no_further_cases) {
  const std::string offences = "[dimensions.iccs]\ncolumn = \"offence\"\n";
  std::string sum;
  std::string rest;
  for (int month = 1; month <= 6; ++month) {
    const std::string when = fmt::format("2023-{:02},PA-8,", month);
    const std::string parts = fmt::format("{0}03011,{1}\n{0}03012,{2}\n", when, month, 3);
    sum += parts + fmt::format("{}0301,{}\n", when, month + 3);
    rest += parts + fmt::format("{}0301,{}\n", when, month % 2 + 1);
  }
  const std::string head = "when,place,offence,n\n";
  std::string text = mapping("cases", "", offences);
  text.erase(text.find("iccs = \"0101\"\n"), 14);
  const auto refused = load_it(text, head + sum);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.total_beside_parts");
  EXPECT_TRUE(refused.error().detail.contains("figures of ICCS 0301 beside those of its parts, 6"))
      << refused.error().detail;
  must_load(text, head + rest);
  // The parts from one mapping, the total from another.
  std::string other = text;
  other.replace(other.find("\"cases\""), 7, "\"whole\"");
  std::string whole;
  for (int month = 1; month <= 6; ++month) {
    whole += fmt::format("2023-{:02},PA-8,03,{}\n", month, month + 3 + month % 2 + 1);
  }
  const auto beside = load_it(other, head + whole);
  ASSERT_FALSE(beside.has_value());
  EXPECT_EQ(beside.error().reason, "observatory.load.counted_beside");
  const auto place = load_it(mapping("cases"), kHead + "2023,PA-8,7\n2023,PA-3,5\n2023,PAN,12\n");
  ASSERT_FALSE(place.has_value());
  EXPECT_TRUE(place.error().detail.contains("figures of PAN beside")) << place.error().detail;
}

TEST_F(PeriodsTest, a_figure_of_a_year_ends_whole_and_is_named) {
  load_people();
  must_load(mapping("cases"), kHead + "2023,PAN,120\n");
  for (const std::string_view half : {"2023-S1", "2023-S2", "2023-03", "2023-11-05"}) {
    const auto refused = load_it(mapping("cases"), kHead + fmt::format("{},PAN,50\n", half));
    ASSERT_FALSE(refused.has_value()) << half;
    EXPECT_NE(refused.error().detail.find("2023 (120)"), std::string::npos)
        << refused.error().detail;
  }
  must_load(mapping("cases"), kHead + "2023-S2,PAN,50\n", true);
  const auto half = table("homicide_rate", "period:year").cells.at(0);
  EXPECT_EQ(half.count, 50);
  EXPECT_DOUBLE_EQ(*half.population, 600'000) << "nobody speaks of the first half any more";
  must_load(mapping("cases"), kHead + "2023-S1,PAN,60\n2023-S2,PAN,55\n");
  EXPECT_EQ(sum(), 115);
}

TEST_F(PeriodsTest, weeks_and_days_that_are_added_do_not_end_others_of_their_month) {
  // 29 January to 4 February 2024 is a week of February, 30 December 2024 one of January 2025.
  must_load(mapping("weeks"), kHead +
                                  "2024-W01,PAN,1\n2024-W02,PAN,2\n2024-W03,PAN,3\n"
                                  "2024-W04,PAN,4\n");
  const auto next = load_it(mapping("weeks"), kHead + "2024-W05,PAN,5\n2024-W06,PAN,6\n");
  ASSERT_TRUE(next.has_value()) << next.error().detail;
  EXPECT_EQ(next->report.months, (std::vector<std::string>{"2024-02"}));
  EXPECT_EQ(sum("period:week"), 21);
  EXPECT_EQ(load_it(mapping("weeks"), kHead + "2025-W01,PAN,5\n", true)->report.months,
            (std::vector<std::string>{"2025-01"}));
  const auto more = load_it(mapping("weeks"), kHead + "2024-W07,PAN,5\n");
  ASSERT_FALSE(more.has_value());
  EXPECT_NE(more.error().detail.find("2024-W05/2024-W06 (11)"), std::string::npos)
      << more.error().detail;
  const auto days = [](int from, int to) {
    std::string out = kHead;
    for (int day = from; day <= to; ++day) {
      out += fmt::format("2023-05-{:02},PAN,2\n", day);
    }
    return out;
  };
  must_load(mapping("days"), days(1, 7));
  EXPECT_FALSE(load_it(mapping("days"), days(8, 14)).has_value());
  must_load(mapping("days"), days(1, 14));
}

TEST_F(PeriodsTest, a_year_may_stand_in_a_name_alone) {
  std::string text = mapping("cases");
  text.replace(text.find("column = \"when\""), 15,
               "columns = [\"@year\", \"when\"]\ndate = \"%Y %B\"");
  const auto parsed = parse_mapping(text, "test.toml");
  ASSERT_TRUE(parsed.has_value());
  LoadOptions options;
  options.source = "police";
  const std::string rows =
      kHead + "Enero,PAN,3\nSetiembre,PAN,4\nwhen,place,n\n\nNota: cifras sintéticas\n";
  const auto done = desk_->load(*parsed, {file("casos_2021.csv", rows)}, options);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(done->report.months.front(), "2021-01");
  EXPECT_EQ(done->report.rejected, 0U) << "neither the header again nor the note is a row";
  EXPECT_EQ(sum(), 7);
  EXPECT_FALSE(desk_->load(*parsed, {file("casos.csv", rows)}, options).has_value());
}

TEST_F(PeriodsTest, what_covers_says_must_hold_the_facts) {
  const auto wrong = load_it(mapping("cases", "covers = \"PA-8\""), kHead + "2023,PA-3,9\n");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().reason, "observatory.load.covers");
  EXPECT_NE(wrong.error().detail.find("PA-3"), std::string::npos);
  EXPECT_FALSE(parse_mapping(mapping("cases", "covers = \"COL\""), "c.toml").has_value())
      << "nothing of it lies in the country";
  EXPECT_FALSE(load_it(mapping("cases", "covers = \"PA-8\""), kHead + "2023,PAN,9\n").has_value());
  must_load(mapping("cases", "covers = [\"PA-8\", \"PA-3\"]"), kHead + "2023,PA-3,9\n");
}

TEST_F(PeriodsTest, two_tables_of_the_same_cases_are_not_added) {
  const std::string by_sex = "[dimensions.sex]\ncolumn = \"sex\"\n";
  const std::string by_means = "[dimensions.mechanism]\ncolumn = \"means\"\n";
  must_load(mapping("by_sex", "", by_sex), "when,place,sex,n\n2023,PA-8,M,90\n2023,PA-8,F,10\n");
  const std::string means = "when,place,means,n\n2023-01,PAN,firearm,60\n2023-02,PAN,,40\n";
  const auto refused = load_it(mapping("by_means", "", by_means), means);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "observatory.load.counted_beside");
  EXPECT_NE(refused.error().detail.find("submission 1 (mapping by_sex)"), std::string::npos);
  // Another year, another place, and what a code tells apart.
  must_load(mapping("by_means", "", by_means), "when,place,means,n\n2022-01,PA-8,firearm,60\n");
  must_load(mapping("by_place"), kHead + "2023-01,PA-3,60\n");
  must_load(mapping("others", "", by_sex), "when,place,sex,n\n2023,PA-8,O,2\n");
  EXPECT_EQ(sum(), 100 + 60 + 60 + 2);
}

TEST_F(PeriodsTest, one_source_has_one_population) {
  const auto people = [&](std::string_view id, const std::string& csv,
                          std::string_view dimensions = "", const std::string& source = "office") {
    return load(fmt::format("id = \"{}\"\nkind = \"population\"\nsynthetic = true\n"
                            "country = \"PAN\"\nsource_kind = \"population\"\n"
                            "[dimensions.period]\ncolumn = \"when\"\n"
                            "[dimensions.territory]\ncolumn = \"place\"\n{}[value]\n"
                            "column = \"n\"\n",
                            id, dimensions),
                csv, source);
  };
  const std::string by_sex = "[dimensions.sex]\ncolumn = \"sex\"\n";
  const std::string by_age = "[dimensions.age]\ncolumn = \"age\"\n";
  ASSERT_TRUE(people("first", "when,place,n\n2022,PA-8,90\n2023,PA-8,100\n").has_value());
  // As a whole, by sex, or of the country around it: all are the same people.
  for (const auto& again :
       {people("second", "when,place,n\n2023,PA-8,101\n2024,PA-8,102\n"),
        people("second", "when,place,sex,n\n2023,PA-8,F,51\n2023,PA-8,M,50\n", by_sex),
        people("second", "when,place,n\n2023,PAN,900\n")}) {
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().reason, "observatory.load.population_beside");
    EXPECT_NE(again.error().detail.find("submission 1 (mapping first) of source office gives the "
                                        "population of PA-8 in 2023"),
              std::string::npos)
        << again.error().detail;
  }
  // Another year, place or source; a later load of the same mapping.
  EXPECT_TRUE(people("second", "when,place,n\n2024,PA-8,102\n2023,PA-3,40\n").has_value());
  EXPECT_TRUE(people("second", "when,place,n\n2023,PA-8,101\n", "", "census").has_value());
  EXPECT_TRUE(people("first", "when,place,n\n2022,PA-8,91\n2023,PA-8,101\n").has_value());
  // Ages tell apart only where they do not overlap.
  ASSERT_TRUE(people("young", "when,place,age,n\n2023,PA-1,0-14,30\n", by_age).has_value());
  EXPECT_TRUE(people("older", "when,place,age,n\n2023,PA-1,15-29,30\n", by_age).has_value());
  EXPECT_FALSE(people("small", "when,place,age,n\n2023,PA-1,0-4,9\n", by_age).has_value());
  must_load(mapping("cases"), kHead + "2023,PA-8,1\n");
  EXPECT_DOUBLE_EQ(*table("homicide_rate", "period:year,territory").cells.at(0).population, 101);
}

TEST_F(PeriodsTest, a_year_of_which_months_were_sent_is_no_whole_year) {
  load_people();
  std::string rows = kHead;
  for (int month = 1; month <= 15; ++month) {  // 2023, and January to March of 2024
    rows += fmt::format("{}-{:02},PA-8,100\n", month <= 12 ? 2023 : 2024, (month - 1) % 12 + 1);
  }
  rows += "2023-02,PA-3,1\n";  // a small place: what is whole is told by the source
  must_load(mapping("cases", "covers = \"PAN\""), rows);
  const auto years = table("homicide_victims", "territory,period:year");
  ASSERT_EQ(years.cells.size(), 3);
  for (const auto& cell : years.cells) {
    const bool is_part = cell.codes[1] == "2024";
    EXPECT_EQ(cell.sent, is_part ? "2024-01/2024-03" : "") << cell.codes[0];
    EXPECT_EQ(cell.status == CellStatus::part_of_period, is_part) << cell.codes[0];
  }
  EXPECT_NE(std::ranges::find(years.notes, "observatory.note.partly_sent|periods=2024-01/2024-03"),
            years.notes.end());
  const auto territories = desk_->territories().value();
  const std::string csv = table_csv(years, *territories, Language::en);
  EXPECT_NE(csv.find(",part_of_period,2024-01/2024-03\n"), std::string::npos) << csv;
  EXPECT_EQ(table_json(years, *territories, Language::en).at("rows").at(2).at("months_sent"),
            "2024-01/2024-03");
  const auto words = data_dictionary(years, "t", *territories, Language::en);
  EXPECT_NE(std::ranges::find(words, "months_sent", &DictionaryRow::column), words.end());
  EXPECT_TRUE(table("homicide_victims", "period:month").query.partly_sent.empty());
  EXPECT_EQ(table("homicide_victims", "period:quarter").query.partly_sent.size(), 0);
  EXPECT_EQ(table("homicide_victims", "period:semester").query.partly_sent.size(), 1);
}

TEST_F(PeriodsTest, a_small_source_without_a_case_at_the_end_of_a_year_is_whole) {
  load_people();
  must_load(mapping("cases"), kHead + "2023-01,PA-8,2\n2023-06,PA-8,2\n2023-10,PA-8,3\n");
  const auto years = table("homicide_rate", "period:year");
  ASSERT_EQ(years.cells.size(), 1);
  EXPECT_EQ(years.cells[0].sent, "") << "none in two months is chance";
  // Who loads before the year is over has sent a part of it.
  must_load(mapping("cases"), kHead + "2026-01,PA-8,2\n");
  EXPECT_EQ(table("homicide_victims", "period:year").cells.back().sent, "2026-01");
  // Yearly figures are whole years.
  must_load(mapping("yearly", "covers_period = \"2021\""), kHead + "2021,PA-3,900\n");
  EXPECT_EQ(table("homicide_victims", "period:year").cells.front().sent, "");
}

TEST_F(PeriodsTest, what_a_source_hides_has_two_bounds_everywhere) {
  load_people();
  must_load(mapping("cases"), kHead + "2023-01,PAN,<5\n2023-02,PAN,40\n2022-01,PAN,7\n");
  const auto made = table("homicide_rate", "period:year");
  ASSERT_EQ(made.cells.size(), 2);
  const auto& cell = made.cells[1];
  EXPECT_EQ(cell.status, CellStatus::masked);
  EXPECT_EQ(cell.count, 41);
  EXPECT_EQ(cell.count_high, 44);
  EXPECT_DOUBLE_EQ(*cell.rate_high,
                   *crude_rate(44, cell.population)->interval.transform([](const Interval& i) {
                     return i.high;
                   }));
  const auto territories = desk_->territories().value();
  const std::string csv = table_csv(made, *territories, Language::en);
  EXPECT_NE(csv.find(",status,count_high,months_sent\n2022,7,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",masked,44,2023-01/2023-02\n"), std::string::npos) << csv;
  const auto rows = data_dictionary(made, "t", *territories, Language::en);
  const auto said = std::ranges::find(rows, "count_high", &DictionaryRow::column);
  ASSERT_NE(said, rows.end());
  EXPECT_EQ(said->type, "number");
  EXPECT_NE(said->meaning, "count_high") << "words, not the column's name";
  EXPECT_EQ(table_json(made, *territories, Language::en).at("rows").at(1).at("count_high"), 44);
}

}  // namespace
}  // namespace atalaya::observatory
