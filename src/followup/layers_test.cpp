// Goal: an indicator measures only where a figure is published, what is unknown is never shown as
// missing, and marks, counts, files and history say the same. Method: a made-up port of figures
// (synthetic) that knows one country.
#include <algorithm>

#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/progress.hpp>
#include <atalaya/followup/tables.hpp>

#include "cube_fixture.hpp"

namespace atalaya::followup {
namespace {

// Panama has a figure, Colombia's is suppressed, nobody else has any.
class OneCountry : public IndicatorPort {
 public:
  std::string period = "2023";

  [[nodiscard]] bool knows(std::string_view indicator) const override {
    return indicator == "synthetic";
  }

  [[nodiscard]] std::string title(std::string_view indicator, Language) const override {
    return std::string(indicator);
  }

  [[nodiscard]] Result<IndicatorFigure> figure(std::string_view indicator, std::string_view country,
                                               std::string_view as_of,
                                               Language language) const override {
    auto all = ATALAYA_TRY(across(indicator, as_of, language));
    return all[std::string(country)];
  }

  [[nodiscard]] Result<std::map<std::string, IndicatorFigure>> across(std::string_view,
                                                                      std::string_view,
                                                                      Language) const override {
    std::map<std::string, IndicatorFigure> out;
    out["PAN"].value = 67.9;
    out["PAN"].period = period;
    out["COL"].status = "suppressed";
    return out;
  }

  [[nodiscard]] Result<std::vector<IndicatorFigure>> series(std::string_view, std::string_view,
                                                            Language) const override {
    return std::vector<IndicatorFigure>();
  }
};

class LayersTest : public CubeTest {};

// What was before a promise is no outcome of it, nor is the year of which a part was before it.
TEST_P(LayersTest, a_figure_older_than_the_commitment_measures_nothing) {
  const auto port = std::make_shared<OneCountry>();
  parts_.indicators = port;
  const DataSources sources(parts_);
  must(sources.link_indicator(
      {0, plan_[0], "synthetic", "measures_implementation", "synthetic reason", "Office", "", ""},
      "ana"));
  for (const auto& [period, baseline] :
       {std::pair("1997", true), std::pair("1998", true), std::pair("1998-04", true),
        std::pair("1998-05", false), std::pair("1999", false)}) {
    port->period = period;
    EXPECT_EQ(must(cube().cell(plan_[0], "PAN", kToday, "implementation")).measured, !baseline)
        << period;
    const auto data = must(sources.cell(plan_[0], "PAN", kToday, Language::en));
    ASSERT_EQ(data.figures.size(), 1U);
    EXPECT_EQ(data.figures[0].baseline, baseline) << period;
  }
  EXPECT_FALSE(is_baseline("1998", "1998-01-01"));
  EXPECT_FALSE(is_baseline("", "1998-01-01")) << "no figure, so of no period";
}

TEST(FigureWords, counts_have_no_decimals) {
  IndicatorFigure figure;
  EXPECT_EQ(figure_words(Language::en, figure), "–");
  figure.value = 15550;
  EXPECT_EQ(figure_words(Language::es, figure), "15\u00A0550");
  figure.value = 12.34;
  figure.low = 11;
  figure.high = 13.9;
  EXPECT_EQ(figure_words(Language::en, figure), "12.3 (11.0–13.9)");
}

TEST_P(LayersTest, an_indicator_measures_where_a_figure_is) {
  parts_.indicators = std::make_shared<OneCountry>();
  const DataSources sources(parts_);
  // One that names no treaty, so that nothing else counts as data.
  std::string id;
  for (const Member& member : must(cube().members(Language::en))) {
    if (member.row.document == "summit-1998-plan" && member.row.actionable &&
        member.treaties.empty()) {
      id = member.row.id;
    }
  }
  ASSERT_FALSE(id.empty());
  const auto link = must(sources.link_indicator(
      {0, id, "synthetic", "measures_implementation", "synthetic reason", "Office", "", ""},
      "ana"));
  MatrixQuery query;
  query.commitments = {id};
  query.as_of = kToday;
  const Matrix matrix = must(cube().matrix(query));
  std::int32_t marked = 0;
  for (std::size_t i = 0; i < matrix.actors.size(); ++i) {
    EXPECT_EQ(matrix.at(0, i).measured, matrix.actors[i] == "PAN") << matrix.actors[i];
    marked += matrix.at(0, i).measured ? 1 : 0;
  }
  EXPECT_EQ(count_matrix(matrix, nullptr).with_data, marked);
  const std::string csv = cells_csv(matrix, nullptr);
  EXPECT_NE(csv.find(",entries,measured\r\n"), std::string::npos);
  EXPECT_NE(csv.find(",0,yes\r\n"), std::string::npos);
  EXPECT_EQ(reason_of(sources.withdraw_link(link, "wrong", "ana")), "followup.reason_short");
  must(sources.withdraw_link(link, "Synthetic: it measures something else", "ana"));
  EXPECT_FALSE(must(cube().cell(id, "PAN", kToday, "implementation")).measured);
  // A link belongs to the commitment and stands in the history of each of its cells.
  ChangeQuery history;
  history.commitment = id;
  history.actor = "COL";
  const auto changes = must(cube().changes(history));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].why, "Synthetic: it measures something else");
  EXPECT_EQ(changes[1].after, "synthetic measures_implementation");
}

TEST_P(LayersTest, nothing_is_dated_after_it_was_read_and_what_was_wrong_is_taken_back) {
  const DataSources sources(parts_);
  const auto add = [&](const char* date, const char* read_on) {
    return sources.add_entry({0, plan_[0], "PAN", "law", date, "Law 5", "", "", "synthetic",
                              read_on, "", "", ""},
                             "ana");
  };
  EXPECT_EQ(reason_of(add("2024-01-01", "2020-01-01")), "followup.read_before");
  EXPECT_EQ(reason_of(add("2024-01-01", "2027-01-01")), "followup.future");
  EXPECT_EQ(reason_of(cube().add_participation({0, "summit-1998-plan", "CUB", "joined_later",
                                                "2021", "synthetic", "2020-12-31", "", "", ""},
                                               "ana")),
            "followup.read_before");
  const Reports reports(parts_);
  const auto file = must(reports.keep_file("law.html", "text/html", "", "<p>synthetic law", "ana"));
  const auto id = must(sources.add_entry({0, plan_[0], "PAN", "law", "2024-01-01", "Law 5", "",
                                          file, "synthetic", "2024-01-01", "", "", ""},
                                         "ana"));
  EXPECT_TRUE(reports.file(file, {}).has_value());
  EXPECT_EQ(must(sources.cell(plan_[0], "PAN", kToday, Language::en)).entries.size(), 1U);
  EXPECT_EQ(reason_of(sources.withdraw_entry(id, "wrong", "ana")), "followup.reason_short");
  must(sources.withdraw_entry(id, "Synthetic: it is the law of another state", "ana"));
  EXPECT_EQ(reason_of(sources.withdraw_entry(id, "Synthetic: it is the law of another", "ana")),
            "followup.entry.none");
  EXPECT_EQ(reason_of(reports.file(file, {})), "followup.file") << "of an entry taken back";
  Viewer sender;
  sender.name = "ana";
  EXPECT_TRUE(reports.file(file, sender).has_value());
  EXPECT_TRUE(must(sources.cell(plan_[0], "PAN", kToday, Language::en)).entries.empty());
  ChangeQuery history;
  history.commitment = plan_[0];
  const auto changes = must(cube().changes(history));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].before, "law Law 5");
  EXPECT_EQ(changes[0].why, "Synthetic: it is the law of another state");
}

TEST_P(LayersTest, an_unknown_treaty_is_none_that_is_missing) {
  MatrixQuery query;
  query.actors = {"PAN"};
  query.as_of = kToday;
  query.limit = 100'000;
  const Matrix matrix = must(cube().matrix(query));
  std::string unknown;
  for (std::size_t i = 0; i < matrix.cells.size() && unknown.empty(); ++i) {
    const Cell& cell = matrix.cells[i];
    const bool asked = cell.applicability == Applicability::applicable && cell.treaties == 0;
    unknown =
        asked && cell.named == 1 && cell.named_unknown == 1 ? matrix.commitments[i].row.id : "";
  }
  ASSERT_FALSE(unknown.empty());
  must(reports().submit(draft(unknown, "PAN"), panama_));
  BriefRequest request;
  request.country = "PAN";
  request.node_name = "Test";
  request.origin = "https://node.example";
  const std::string words = figures::paper_html_file(must(compose_brief(parts_, request)));
  const std::string row = words.substr(words.rfind("/commitments/" + unknown));
  EXPECT_TRUE(row.substr(0, row.find("</tr>"))
                  .contains("names 1 treaty; where the state stands is not known"));
}

TEST_P(LayersTest, an_unknown_theme_is_no_empty_one) {
  MatrixQuery query;
  query.theme = "nonsense";
  query.as_of = kToday;
  EXPECT_EQ(reason_of(cube().matrix(query)), "followup.theme");
}

// Priorities are those of parliaments: no state is asked, and a parliament's report counts.
TEST_P(LayersTest, a_progress_report_of_parliaments_counts_parliaments) {
  const Report report = draft(priority_, "PAN.parliament");
  const auto written = reports().submit(report, {"ana", {"PAN.parliament"}, false});
  ASSERT_EQ(reason_of(written), "ok");
  ProgressRequest request;
  request.meeting = "pns";
  request.node_name = "Test";
  const std::string words = figures::paper_html_file(must(compose_progress(parts_, request)));
  EXPECT_TRUE(words.contains("Reported by parliaments: 1 of ")) << words.substr(0, 200);
  EXPECT_TRUE(words.contains("Planned: Panama."));
  MatrixQuery query;
  query.commitments = {priority_};
  query.as_of = parts_.today();
  for (const auto& country : parts_.catalogue().countries()) {
    query.actors.push_back(country.id + ".parliament");
  }
  const auto asked = count_matrix(must(cube().matrix(query)), nullptr).applicable;
  EXPECT_LT(asked, std::ssize(query.actors));
  EXPECT_TRUE(words.contains(fmt::format("priorities and {} parliaments.", asked)));
  EXPECT_FALSE(words.contains("states report") || words.contains("that a state"));
}

TEST_P(LayersTest, nothing_written_turns_reading_round_or_links_nowhere) {
  Report odd = draft(plan_[0], "PAN");
  odd.text = "reads \u202Elive";
  EXPECT_EQ(reason_of(reports().submit(odd, panama_)), "followup.text.direction");
  odd.text = "a “quoted” text … \u2069";
  EXPECT_EQ(reason_of(reports().submit(odd, panama_)), "followup.text.direction");
  odd.text = "a “quoted” text …";
  odd.value.clear();
  EXPECT_EQ(reason_of(reports().submit(odd, panama_)), "followup.value_missing");
  odd.value = "planned";
  for (const char* url :
       {"https://a.example/\"><svg onload=x>", "https://", "http:///x", "https://:80/",
        "https://a.example:x/", "https://a.example/two words"}) {
    odd.sources = {{"page", url, ""}};
    EXPECT_EQ(reason_of(reports().submit(odd, panama_)), "followup.sources") << url;
  }
  odd.sources = {{"page", "https://a.example/?a=b#c", ""}};
  EXPECT_EQ(reason_of(reports().submit(odd, panama_)), "ok");
}

INSTANTIATE_TEST_SUITE_P(Engines, LayersTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

}  // namespace
}  // namespace atalaya::followup
