// Goal: a brief says the pages' numbers, leaves out what was not asked for, and names what is not
// known. The numbers are compared with the cube's own counts.
#include "followup_fixture.hpp"

#include <atalaya/figures/messages.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/cube.hpp>

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
