// Goal: a mark of a law needs its words, a reply its mark, and a file is taken whole or not at all.
// Everything here is synthetic.
#include "followup_fixture.hpp"

#include <atalaya/followup/checklists.hpp>

namespace atalaya::followup {
namespace {

class ChecklistsTest : public FollowupTest {
 protected:
  Checklists checklists() { return Checklists(parts_); }

  static Entry mark(std::string value, std::int32_t version = 0) {
    Entry out;
    out.container = "cifta";
    out.country = "PAN";
    out.name = "art-6";
    out.version = version;
    out.values = {{"value", std::move(value)}, {"law", "Synthetic Act"}, {"article", "7"},
                  {"quote", "Words of a law"}, {"language", "en"},       {"read_on", "2026-10-01"}};
    return out;
  }

  const ChecklistCoder kCoder{"carl", {"COL"}};
};

INSTANTIATE_TEST_SUITE_P(engines, ChecklistsTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         engine_name);

TEST_P(ChecklistsTest, a_mark_needs_its_provision_and_a_reply_its_mark) {
  const Writer state{"fatima", {"PAN"}, false};
  Entry words = mark("");
  words.values = {{"text", "We changed it in 2020"}, {"language", "en"}, {"mark", "1"}};
  EXPECT_EQ(reason_of(checklists().reply(words, state)), "followup.checklist.no_value");
  Entry bare = mark("X");
  bare.values.erase("quote");
  EXPECT_EQ(checklists().save(bare, kCoder).error().params[0].second, "quote");
  EXPECT_EQ(reason_of(checklists().save(mark("Y"), kCoder)), "followup.entry.field");
  EXPECT_EQ(reason_of(checklists().save(mark("X"), {"paula", {"PAN"}})), "followup.own_state");
  must(checklists().save(mark("X"), kCoder));
  EXPECT_EQ(reason_of(checklists().save(mark("NA"), kCoder)), "followup.entry.changed");
  EXPECT_EQ(reason_of(checklists().reply(words, {"felix", {"COL"}, false})), "followup.not_yours");
  must(checklists().reply(words, state));
  const auto matrix = must(checklists().matrix("cifta"));
  EXPECT_EQ(matrix.mark("art-6", "PAN"), "X");
  EXPECT_EQ(matrix.value("art-6", "PAN")->value("coder"), "carl");
  EXPECT_EQ(matrix.reply("art-6", "PAN")->by, "fatima");
  for (const ChecklistItem& item : matrix.checklist->items) {
    std::int32_t sum = 0;
    for (const auto& [value, n] : matrix.counts.at(item.id)) {
      sum += n;
    }
    EXPECT_EQ(sum, 35) << item.id;
  }
  EXPECT_EQ(must(checklists().versions("cifta", "art-6", "PAN")).size(), 2U);
  EXPECT_EQ(matrix.replied_to("art-6", "PAN"), 1);
  // Another mark is not what the state replied to, until it says so again.
  Entry other = mark("NA");
  other.version = 1;
  must(checklists().save(other, kCoder));
  const auto later = must(checklists().matrix("cifta"));
  EXPECT_EQ(later.value("art-6", "PAN")->version, 2);
  EXPECT_EQ(later.replied_to("art-6", "PAN"), 1);
  EXPECT_EQ(later.earlier.at({"art-6", "PAN"}).value, matrix.mark("art-6", "PAN"));
  words.version = 1;
  words.values["text"] = "Written while the first mark stood";
  const auto late = checklists().reply(words, state);
  ASSERT_EQ(reason_of(late), "followup.checklist.mark_changed")
      << "words for one mark do not answer another";
  EXPECT_EQ(late.error().params.at(1).second, "2") << "the mark's version";
  words.values.erase("mark");
  EXPECT_EQ(reason_of(checklists().reply(words, state)), "followup.checklist.mark_changed")
      << "for none";
  words.values["mark"] = "2";
  must(checklists().reply(words, state));
  EXPECT_EQ(must(checklists().matrix("cifta")).replied_to("art-6", "PAN"), 2);
  EXPECT_TRUE(must(checklists().matrix("cifta")).earlier.empty());
  // The file holds both; coming in, it says nothing for the state.
  std::string file = must(checklists().csv("cifta"));
  const std::string said =
      fmt::format(",{},{},2\r\n", words.value("text"), words.value("language"));
  ASSERT_TRUE(file.ends_with(said)) << file;
  EXPECT_EQ(file, must(checklists().csv("")));
  file.replace(file.size() - said.size(), said.size(), ",Another,en,2\r\n");
  EXPECT_EQ(must(checklists().plan(file, "a.csv", kCoder)).count(RecordChange::unchanged), 1);
}

TEST_P(ChecklistsTest, one_bad_row_of_many_stops_the_file_and_its_own_file_changes_nothing) {
  std::string csv = "checklist,item,country,value,note,language\n";
  std::size_t rows = 0;
  for (const Checklist& checklist : Checklists::all()) {
    EXPECT_NE(parts_.catalogue().find_instrument(checklist.instrument), nullptr) << checklist.id;
    for (const ChecklistItem& item : checklist.items) {
      for (const auto& country : parts_.catalogue().countries()) {
        if (country.is_state && country.id != "COL") {
          csv += fmt::format("{},{},{},?,synthetic {},es\n", checklist.id, item.id, country.id,
                             ++rows);
        }
      }
    }
  }
  std::string bad = csv;
  bad.replace(bad.find("?,synthetic 1777,"), 1, "Q");
  const auto refused = checklists().plan(bad, "a.csv", kCoder);
  ASSERT_EQ(reason_of(refused), "followup.entry.field");
  EXPECT_EQ(refused.error().params.back().second, "1778");
  const auto before = log_size();
  EXPECT_EQ(reason_of(checklists().plan(csv + "cifta,art-6,COL,?,x,es\n", "a.csv", kCoder)),
            "followup.own_state");
  EXPECT_EQ(log_size(), before);
  // A part of it is enough to be kept, out again and in again.
  const std::string part = csv.substr(0, csv.find("synthetic 41,")) + "x,es\n";
  must(checklists().apply(must(checklists().plan(part, "a.csv", kCoder)), kCoder, false));
  const auto size = log_size();
  EXPECT_EQ(size, before + 41);
  for (const std::string& file :
       {part, must(checklists().csv("")), must(checklists().csv("cifta"))}) {
    const auto again = must(checklists().plan(file, "a.csv", kCoder));
    EXPECT_EQ(again.count(RecordChange::unchanged), 41);
    must(checklists().apply(again, kCoder, false));
  }
  const auto somebody = must(checklists().plan(part, "a.csv", {"dora", {"MEX"}}));
  EXPECT_EQ(somebody.count(RecordChange::unchanged), 41) << "same words, whoever sends them";
  EXPECT_EQ(log_size(), size);
  // What somebody says anew is signed by nobody else; an operator brings in what others made.
  const std::string signed_file =
      "checklist,item,country,version,value,note,coder\ncifta,art-6,PAN,1,NA,synthetic,Dora\n";
  const auto forged = checklists().plan(signed_file, "a.csv", kCoder);
  ASSERT_EQ(reason_of(forged), "followup.checklist.coder");
  EXPECT_EQ(forged.error().params.back().second, "2");
  const ChecklistCoder operates{.name = "operator", .own = {}, .names_coders = true};
  EXPECT_EQ(must(checklists().plan(signed_file, "a.csv", operates)).rows[0].entry.value("coder"),
            "Dora");
  EXPECT_EQ(log_size(), size);
  std::string other = part;
  other.replace(other.find("synthetic 7,"), 12, "synthetic 8,");
  const auto plan = must(checklists().plan(other, "a.csv", kCoder));
  EXPECT_EQ(plan.count(RecordChange::changed), 1);
  EXPECT_EQ(reason_of(checklists().apply(plan, kCoder, false)), "followup.entry.changes");
  must(checklists().apply(plan, kCoder, true));
}

}  // namespace
}  // namespace atalaya::followup
