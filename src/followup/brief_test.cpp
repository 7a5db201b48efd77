// Goal: a brief says the pages' numbers, leaves out what was not asked for, and names what is not
// known. The numbers are compared with the cube's own counts.
#include "followup_fixture.hpp"

#include <atalaya/figures/locale.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/progress.hpp>
#include <atalaya/followup/registers.hpp>

namespace atalaya::followup {
namespace {

std::string words_of(const figures::Paper& paper) {
  return figures::paper_html_file(paper);
}

class BriefTest : public FollowupTest {
 protected:
  figures::Paper brief(std::string country, Language language = Language::en,
                       std::string theme = {}) {
    BriefRequest request;
    request.country = std::move(country);
    request.theme = std::move(theme);
    request.language = language;
    request.node_name = "Test";
    return must(compose_brief(parts_, request));
  }
};

INSTANTIATE_TEST_SUITE_P(engines, BriefTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

TEST_P(BriefTest, says_what_the_cube_counts) {
  for (const char* country : {"PAN", "COL", "USA"}) {
    MatrixQuery query;
    query.actors = {country};
    query.as_of = parts_.today();
    query.limit = 100'000;
    const Matrix matrix = must(Cube(parts_).matrix(query));
    const Counts counts = count_matrix(matrix, parts_.reference->find_scale(query.scale));
    ASSERT_GT(counts.applicable, 0) << country;
    const std::string words = words_of(brief(country));
    const auto& messages = figures::Messages::embedded();
    std::int32_t first = 9999;
    for (std::size_t i = 0; i < matrix.commitments.size(); ++i) {
      if (matrix.at(i, 0).applicability == Applicability::applicable) {
        first = std::min(first, matrix.commitments[i].row.year);
      }
    }
    EXPECT_NE(words.find(messages.count(Language::en, "brief.committed", counts.applicable,
                                        {{"year", std::to_string(first)}})),
              std::string::npos)
        << country;
    EXPECT_NE(words.find(messages.text(Language::en, "brief.reported",
                                       {{"reported", std::to_string(counts.reported)},
                                        {"of", std::to_string(counts.applicable)}})),
              std::string::npos);
  }
}

TEST_P(BriefTest, holds_the_layers_that_were_asked_for_and_no_others) {
  const auto& messages = figures::Messages::embedded();
  const std::string all = words_of(brief("PAN"));
  BriefRequest request;
  request.country = "PAN";
  request.layers = {BriefLayer::treaties};
  const std::string few = words_of(must(compose_brief(parts_, request)));
  for (const char* key : {"brief.questions", "brief.practices", "brief.layers"}) {
    const std::string heading = ">" + messages.text(Language::en, key) + "</h2>";
    EXPECT_NE(all.find(heading), std::string::npos) << key;
    EXPECT_EQ(few.find(heading), std::string::npos) << key;
  }
  EXPECT_NE(few.find(">" + messages.text(Language::en, "brief.treaties") + "</h2>"),
            std::string::npos);
}

TEST_P(BriefTest, has_no_message_without_words_in_any_language) {
  for (const Language language : kLanguages) {
    const std::string words = words_of(brief("PAN", language, "firearms"));
    EXPECT_EQ(words.find("brief."), std::string::npos) << to_string(language);
    EXPECT_EQ(words.find("followup."), std::string::npos) << to_string(language);
    EXPECT_EQ(words.find('{'), words.find("{margin")) << "a placeholder is left open";
  }
}

TEST_P(BriefTest, a_theme_brings_articles_and_offices_and_charts_have_tables) {
  RegisterRecord office;
  office.kind = "authorities";
  office.language = "en";
  office.by = "Ana";
  office.values = {{"name", "synthetic office"}, {"country", "PAN"},     {"role", "contact_point"},
                   {"instrument", "cifta"},      {"source", "synthetic"}, {"read_on", "2026-11-01"}};
  must(Registers(parts_).save(office));
  const auto paper = brief("PAN", Language::en, "firearms");
  const std::string words = words_of(paper);
  EXPECT_NE(words.find("synthetic office"), std::string::npos);
  EXPECT_NE(words.find("id=\"articles\""), std::string::npos);
  EXPECT_EQ(words_of(brief("PAN")).find("synthetic office"), std::string::npos);
  std::size_t charts = 0;
  for (const figures::PaperBlock& block : paper.blocks) {
    if (const auto* chart = std::get_if<figures::PaperChart>(&block)) {
      ++charts;
      EXPECT_FALSE(chart->table.rows.empty());
      EXPECT_TRUE(chart->svg.starts_with("<svg"));
      EXPECT_EQ(chart->svg.find("class="), std::string::npos) << "would follow the page's styles";
    }
  }
  EXPECT_GE(charts, 1U);
  EXPECT_TRUE(figures::paper_pdf(paper).has_value());
}

TEST_P(BriefTest, a_progress_report_counts_as_the_cube_does) {
  ProgressRequest request;
  request.meeting = "summit-1998";
  request.node_name = "Test";
  const std::string words = words_of(must(compose_progress(parts_, request)));
  MatrixQuery query;
  query.as_of = parts_.today();
  query.limit = 100'000;
  for (const Member& member : must(Cube(parts_).members(Language::en))) {
    if (member.row.meeting == request.meeting && member.row.actionable) {
      query.commitments.push_back(member.row.id);
    }
  }
  const Counts counts = count_matrix(must(Cube(parts_).matrix(query)),
                                     parts_.reference->find_scale(query.scale));
  EXPECT_NE(words.find(figures::Messages::embedded().text(
                Language::en, "progress.reported",
                {{"reported", std::to_string(counts.reported)},
                 {"of", figures::number(Language::en, counts.applicable)}})),
            std::string::npos);
  EXPECT_EQ(words.find("Not assessed"), std::string::npos) << "only if asked for";
  request.layers.insert(BriefLayer::assessments);
  EXPECT_NE(words_of(must(compose_progress(parts_, request))).find("Not assessed"),
            std::string::npos);
  request.meeting = "primer-2025";
  EXPECT_EQ(reason_of(compose_progress(parts_, request)), "followup.progress.meeting");
}

TEST_P(BriefTest, refuses_what_is_no_country_or_theme) {
  BriefRequest request;
  request.country = "ZZZ";
  EXPECT_EQ(reason_of(compose_brief(parts_, request)), "followup.brief.country");
  request.country = "PAN";
  request.theme = "unicorns";
  EXPECT_EQ(reason_of(compose_brief(parts_, request)), "followup.brief.theme");
}

}  // namespace
}  // namespace atalaya::followup
