// Goal: antecedents are found for the reasons a reader has, and at the rate that was aimed at.
// Method: a small archive of sentences written for the purpose; on the source documents the
// relations that readers judged (tests/vectors/antecedents_judged*.tsv), against plain TF-IDF.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/lineage.hpp>

#include "analysis_documents.hpp"
#include "lineage_subjects.hpp"

namespace atalaya::commitments {
namespace {

LineageItem item(std::string id, std::int32_t year, std::string text) {
  LineageItem one;
  one.id = std::move(id);
  one.year = year;
  one.meeting = fmt::format("meeting-{}", year);
  one.text = std::move(text);
  return one;
}

std::vector<LineageItem> archive() {
  std::vector<LineageItem> items = {
      item("guns-94", 1994, "Control firearms and ammunition so that gangs cannot buy them."),
      item("guns-98", 1998, "Ratify the treaty on firearms and trace firearms used by gangs."),
      item("guns-98b", 1998, "Trace firearms used by gangs and control ammunition and firearms."),
      item("guns-09", 2009, "Mark firearms, destroy surplus firearms and control ammunition."),
      item("ports-94", 1994, "Repair lighthouses and paint the buoys of every harbour."),
      item("ports-01", 2001, "Consider painting the buoys of harbours and repairing lighthouses."),
      item("wash-94", 1994, "Make the laundering of money an offence and freeze the proceeds."),
      item("cups-94", 1994, "Hold a contest of rowing boats on the lake."),
      item("cups-98", 1998, "Note the completion of the contest of rowing boats, held in spring."),
      item("talk-05", 2005, "We value talks among neighbours about the weather and the harvest."),
  };
  LineageItem spanish = item("lavado-01", 2001, "Combatir el lavado de activos y su decomiso.");
  spanish.language = Language::es;
  items.push_back(spanish);
  items[1].instruments = {"arms-treaty"};
  items[3].instruments = {"arms-treaty"};
  items[3].institutions = {"league"};
  items[9].institutions = {"league"};
  items[0].themes = items[1].themes = items[3].themes = {"firearms"};
  return items;
}

TEST(Lineage, FindsRelativesInOtherMeetingsFirst) {
  const LineageIndex index = LineageIndex::build(archive());
  EXPECT_EQ(index.size(), 11U);
  const auto ranked = index.rank("guns-98", 10);
  ASSERT_GE(ranked.size(), 3U);
  const std::set<std::string> first = {ranked[0].id, ranked[1].id};
  EXPECT_EQ(first, (std::set<std::string>{"guns-94", "guns-09"}));
  EXPECT_EQ(index.rank("ports-94", 10).front().id, "ports-01");
}

TEST(Lineage, MeetsAcrossLanguagesBySubject) {
  const LineageIndex index = LineageIndex::build(archive());
  EXPECT_EQ(index.rank("lavado-01", 3).front().id, "wash-94");
}

TEST(Lineage, MeetsAcrossLanguagesByOurOwnTitles) {
  auto items = archive();
  items.push_back(item("faros-05", 2005, "Que no falte luz en la costa."));
  items.back().language = Language::es;
  items.back().title = "Repair the lighthouses";
  for (LineageItem& one : items) {
    if (one.id == "ports-94") {
      one.title = "Repair lighthouses and buoys";
    }
  }
  const auto ranked = LineageIndex::build(items).rank("faros-05", 3);
  ASSERT_FALSE(ranked.empty());
  EXPECT_EQ(ranked.front().id, "ports-94");
  ASSERT_EQ(ranked.front().reasons.front().kind, ReasonKind::wording);
  EXPECT_NE(ranked.front().reasons.front().detail.find("lighthouses"), std::string::npos);
}

TEST(Lineage, OfTwoAlikeTheEarlierComesFirst) {
  std::vector<LineageItem> items = archive();
  items.push_back(item("well-94", 1994, "Dig wells in every village square."));
  items.push_back(item("well-98", 1998, "Dig wells in every village square."));
  items.push_back(item("well-01", 2001, "Dig wells in every village square."));
  const auto ranked = LineageIndex::build(items).rank("well-98", 2);
  ASSERT_EQ(ranked.size(), 2U);
  EXPECT_EQ(ranked[0].id, "well-94");
  EXPECT_EQ(ranked[1].id, "well-01");
}

TEST(Lineage, SaysWhy) {
  const LineageIndex index = LineageIndex::build(archive());
  const auto ranked = index.rank("guns-98", 10);
  const auto treaty = std::ranges::find(ranked, "guns-09", &Candidate::id);
  ASSERT_NE(treaty, ranked.end());
  std::map<std::string, std::string> reasons;
  double sum = 0;
  for (const Reason& reason : treaty->reasons) {
    reasons[std::string(to_string(reason.kind))] = reason.detail;
    sum += reason.weight;
  }
  EXPECT_EQ(reasons["instrument"], "arms-treaty");
  EXPECT_EQ(reasons["theme"], "firearms");
  EXPECT_EQ(reasons["time"], "later_meeting");
  EXPECT_NE(reasons["wording"].find("firearms"), std::string::npos);
  EXPECT_NEAR(sum, 1.0, 1e-6);
  EXPECT_FALSE(treaty->candidate_is_earlier);
  EXPECT_TRUE(std::ranges::find(ranked, "guns-94", &Candidate::id)->candidate_is_earlier);
}

TEST(Lineage, SuggestsATypeWithItsReason) {
  const LineageIndex index = LineageIndex::build(archive());
  const auto hint = [&](std::string_view query, std::string_view other) {
    for (const Candidate& candidate : index.rank(query, 20)) {
      if (candidate.id == other) {
        return fmt::format("{} {}", to_string(candidate.suggested), candidate.suggested_because);
      }
    }
    return std::string("not found");
  };
  EXPECT_EQ(hint("guns-98", "guns-94"), "strengthens treaty_added");
  EXPECT_EQ(hint("guns-94", "guns-98"), "strengthens treaty_added");  // the same from either end
  EXPECT_EQ(hint("cups-98", "cups-94"), "fulfils later_names_it_done");
}

TEST(Lineage, UnknownIdsAndLimits) {
  const LineageIndex index = LineageIndex::build(archive());
  EXPECT_TRUE(index.rank("none", 10).empty());
  EXPECT_TRUE(index.rank("guns-98", 0).empty());
  EXPECT_EQ(index.rank("guns-98", 2).size(), 2U);
  EXPECT_TRUE(LineageIndex::build({}).rank("x", 5).empty());
  EXPECT_TRUE(LineageIndex::build({item("only", 1994, "One.")}).rank("only", 5).empty());
}

RC_GTEST_PROP(Lineage, OrderOfInputDoesNotMatter, ()) {
  auto shuffled = archive();
  const auto swaps = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::inRange<std::size_t>(0, shuffled.size()));
  for (std::size_t i = 1; i < swaps.size(); ++i) {
    std::swap(shuffled[swaps[i]], shuffled[swaps[i - 1]]);
  }
  const LineageIndex one = LineageIndex::build(archive());
  const LineageIndex other = LineageIndex::build(shuffled);
  for (const LineageItem& each : archive()) {
    const auto a = one.rank(each.id, 10);
    const auto b = other.rank(each.id, 10);
    RC_ASSERT(a.size() == b.size());
    double last = 2;
    for (std::size_t i = 0; i < a.size(); ++i) {
      RC_ASSERT(std::abs(a[i].score - b[i].score) < 1e-5);
      RC_ASSERT(a[i].id != each.id);
      RC_ASSERT(a[i].score <= last && a[i].score >= 0 && a[i].score <= 1);
      last = a[i].score;
    }
  }
}

TEST(Lineage, ManyItemsKeepTheirRelatives) {
  // More items than are scored in full, so that the inverted index chooses the candidates.
  std::vector<LineageItem> items = archive();
  for (int i = 0; i < 2000; ++i) {
    items.push_back(item(fmt::format("filler-{}", i), 1995 + i % 20,
                         fmt::format("Maintain road number{} and bridge number{} of district{}.", i,
                                     i % 97, i % 13)));
  }
  const LineageIndex index = LineageIndex::build(std::move(items));
  EXPECT_EQ(index.rank("ports-94", 5).front().id, "ports-01");
  const std::string nearest = index.rank("guns-94", 5).front().id;
  EXPECT_TRUE(nearest.starts_with("guns-")) << nearest;
}

TEST(Subjects, FourLanguagesMeet) {
  const auto of = [](std::string_view text) { return subjects_of(words_of(text)); };
  const auto english = of("forfeiture of assets");
  ASSERT_FALSE(english.empty());
  const auto subject = english.front().first;
  for (const std::string_view text :
       {"lavado de activos", "lavagem de dinheiro", "blanchiment de l’argent"}) {
    const auto other = of(text);
    EXPECT_TRUE(std::ranges::any_of(other, [&](const auto& one) { return one.first == subject; }))
        << text;
  }
  EXPECT_TRUE(of("the weather is fine").empty());
}

// --- the judged relations -----------------------------------------------------------------------

/// What is asked and what ought to be found.
using Question = std::pair<std::string, std::string>;

std::vector<std::vector<std::string>> vector_lines(std::string_view file_name) {
  std::ifstream file(fmt::format("{}/tests/vectors/{}", ATALAYA_SOURCE_DIR, file_name));
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) {
      const auto fields = split(line, '\t');
      lines.emplace_back(fields.begin(), fields.end());
    }
  }
  return lines;
}

/// Every relation of the first reading, from both ends.
std::vector<Question> all_relations() {
  std::vector<Question> questions;
  for (const auto& fields : vector_lines("antecedents_judged.tsv")) {
    questions.emplace_back(fields.at(0), fields.at(1));
    questions.emplace_back(fields.at(1), fields.at(0));
  }
  return questions;
}

/// Every pair of the second reading, from both ends, whichever end it was written down at.
std::vector<Question> second_reading() {
  std::set<Question> questions;
  for (const auto& fields : vector_lines("antecedents_judged_nearest.tsv")) {
    questions.emplace(fields.at(0), fields.at(1));
    questions.emplace(fields.at(1), fields.at(0));
  }
  return {questions.begin(), questions.end()};
}

/// The nearest earlier relative of each item of the second reading that has one.
std::vector<Question> nearest_antecedents(const std::vector<LineageItem>& items) {
  std::map<std::string, std::int32_t> year;
  for (const LineageItem& one : items) {
    year[one.id] = one.year;
  }
  std::map<std::string, std::string> nearest;
  for (const auto& fields : vector_lines("antecedents_judged_nearest.tsv")) {
    if (year.at(fields.at(1)) < year.at(fields.at(0))) {
      nearest.try_emplace(fields.at(0), fields.at(1));
    }
  }
  return {nearest.begin(), nearest.end()};
}

std::vector<LineageItem> held_items(const Catalogue& catalogue) {
  const Recogniser recogniser(catalogue);
  std::vector<LineageItem> items;
  std::set<std::string> held;
  for (const test::SourceItem& source : test::source_items(catalogue)) {
    for (const Entry& entry : catalogue.entries()) {
      const bool here = std::ranges::any_of(entry.stands_on, [&](const auto& place) {
        return place.first == source.page && place.second == source.ordinal;
      });
      if (here && held.insert(entry.id).second) {
        LineageItem one = item(entry.id, entry.year, source.text);
        one.meeting = entry.meeting;
        one.themes = entry.themes;
        one.title = entry.title.in(Language::en);
        one.summary = entry.summary.in(Language::en);
        one.instruments = distinct_ids(recogniser.instruments(source.text));
        one.institutions = distinct_ids(recogniser.institutions(source.text));
        items.push_back(std::move(one));
      }
    }
  }
  return items;
}

using Ranking = std::map<std::string, std::vector<std::string>>;

/// What the target was set against: cosine of TF-IDF vectors of the words as they stand.
Ranking baseline(const std::vector<LineageItem>& items) {
  std::vector<std::map<std::string, double>> vectors;
  std::map<std::string, double> holding;
  for (const LineageItem& one : items) {
    std::map<std::string, double> counts;
    for (const Word& word : bare_words_of(one.text)) {
      ++counts[word.key];
    }
    for (const auto& [word, count] : counts) {
      ++holding[word];
    }
    vectors.push_back(std::move(counts));
  }
  for (auto& vector : vectors) {
    double length = 0;
    for (auto& [word, weight] : vector) {
      weight *= std::log(static_cast<double>(items.size()) / holding[word]);
      length += weight * weight;
    }
    for (auto& [word, weight] : vector) {
      weight /= std::sqrt(std::max(length, 1e-12));
    }
  }
  Ranking ranking;
  for (std::size_t query = 0; query < items.size(); ++query) {
    std::vector<std::pair<double, std::string>> scored;
    for (std::size_t other = 0; other < items.size(); ++other) {
      double sum = 0;
      for (const auto& [word, weight] : vectors[query]) {
        const auto at = vectors[other].find(word);
        sum += at == vectors[other].end() ? 0 : weight * at->second;
      }
      if (other != query) {
        scored.emplace_back(-sum, items[other].id);
      }
    }
    std::ranges::sort(scored);
    for (const auto& [score, id] : scored) {
      ranking[items[query].id].push_back(id);
    }
  }
  return ranking;
}

struct Recall {
  double at_1 = 0, at_10 = 0;
};

Recall recall(const Ranking& ranking, const std::vector<Question>& questions) {
  Recall found;
  for (const auto& [query, wanted] : questions) {
    const auto& list = ranking.at(query);
    const auto at = std::ranges::find(list, wanted) - list.begin();
    found.at_1 += at < 1 ? 1 : 0;
    found.at_10 += at < 10 && at < std::ssize(list) ? 1 : 0;
  }
  const auto count = static_cast<double>(questions.size());
  return {found.at_1 / count, found.at_10 / count};
}

TEST(Lineage, FindsJudgedRelations) {
  const auto catalogue = Catalogue::embedded();
  const auto items = held_items(*catalogue);
  if (items.empty()) {
    GTEST_SKIP() << "no source documents: set ATALAYA_SHARED to the folder that holds them";
  }
  ASSERT_EQ(items.size(), 187U);
  const LineageIndex index = LineageIndex::build(items);
  Ranking ranking;
  for (const LineageItem& one : items) {
    for (const Candidate& candidate : index.rank(one.id, 10)) {
      ranking[one.id].push_back(candidate.id);
    }
  }
  const Ranking plain = baseline(items);

  struct Set {
    std::string_view name;
    std::vector<Question> questions;
    std::size_t at_least;
    Recall wanted;
  };

  for (const Set& set : {Set{"first reading", all_relations(), 300, {0.33, 0.90}},
                         Set{"second reading", second_reading(), 400, {0.26, 0.89}},
                         Set{"nearest antecedent", nearest_antecedents(items), 70, {0.47, 0.94}}}) {
    ASSERT_GE(set.questions.size(), set.at_least) << set.name;
    const Recall base = recall(plain, set.questions);
    const Recall ours = recall(ranking, set.questions);
    fmt::print("{} ({} questions): recall@1 {:.3f} (TF-IDF {:.3f}), recall@10 {:.3f} ({:.3f})\n",
               set.name, set.questions.size(), ours.at_1, base.at_1, ours.at_10, base.at_10);
    EXPECT_GE(ours.at_1, set.wanted.at_1) << set.name;
    EXPECT_GE(ours.at_10, set.wanted.at_10) << set.name;
    EXPECT_GE(ours.at_1, base.at_1 * 1.5) << set.name;
  }
}

}  // namespace
}  // namespace atalaya::commitments
