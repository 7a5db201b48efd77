// Goal: a node that an older version of the program loaded gets what this one reads, and nothing
// that persons wrote is lost on the way. Method: the store is brought into the older state first.
#include <algorithm>
#include <string>
#include <vector>

#include "desk_fixture.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::string_view kUnknown =
    "Agreement of synthetic towns\n\nSynthetic Town, {}\n\n"
    "1. To reduce synthetic homicides by June 2027.\n\n"
    "2. To publish the synthetic figures of the towns.\n";

class UpgradeTest : public DeskTest {
 protected:
  std::string dates(const std::string& id) {
    std::string out;
    const auto view = desk_->get(id, Language::en);
    for (const DueView& due : view->dues) {
      out += fmt::format("{} by {};", due.edtf, due.set_by);
    }
    return out;
  }

  std::vector<std::string> problems() {
    const auto check = desk_->check_against_log();
    EXPECT_TRUE(check.has_value()) << check.error().detail;
    return check ? check->problems : std::vector<std::string>();
  }

  std::int32_t year(const std::string& id) { return desk_->get(id, Language::en)->row.year; }

  // As an older version would have imported the file, which took 2031 for its year.
  std::vector<std::string> import_misread(const InputFile& file) {
    Importer importer(*desk_);
    auto plan = importer.plan({file}, {});
    EXPECT_TRUE(plan.has_value());
    std::vector<std::string> ids;
    FilePlan& one = plan->files.at(0);
    for (std::size_t i = 0; i < one.items.size(); ++i) {
      one.document.items[i].effective.year = 2031;
      one.items[i].commitment = commitment_id("other-2031", one.document.items[i].text);
      ids.push_back(one.items[i].commitment);
    }
    EXPECT_TRUE(importer.apply(*plan, {}).has_value());
    return ids;
  }
};

TEST_P(UpgradeTest, ADateSetBeforeReadingsWereKeptReplacesTheRulesAtTheNextStart) {
  const auto first = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  const std::string id = first->files[0].items[0].commitment;
  ClauseEdit edit = edit_of(desk_->get(id, Language::en)->clauses.at(0));
  edit.due = "2019";
  ASSERT_TRUE(desk_->set_clause(id, edit).has_value());
  EXPECT_EQ(dates(id), "2019 by ana;");
  run_sql("DELETE FROM clause_versions WHERE version = 0");
  run_sql("UPDATE clause_versions SET set_at = '', reason = ''");
  run_sql("UPDATE dues SET withdrawn_by = '', replaces = 0");
  EXPECT_NE(dates(id), "2019 by ana;") << "the misread date counts beside it";
  desk_ = open(store_->database());
  EXPECT_EQ(dates(id), "2019 by ana;");
  EXPECT_EQ(desk_->clause_history(id)->front().decision, "read");
  const std::string before = state();
  desk_ = open(store_->database());
  EXPECT_EQ(state(), before) << "once";
}

// A year that was misread stands in the ids: it is said, and set right where somebody asks for it.
TEST_P(UpgradeTest, AMisreadYearIsReadAgainAndOldIdsLeadToTheNew) {
  const InputFile file{"towns.txt", fmt::format(kUnknown, "March 4, 2026")};
  const auto old_ids = import_misread(file);
  ClauseEdit edit = edit_of(desk_->get(old_ids[1], Language::en)->clauses.at(0));
  edit.verb = "print";
  ASSERT_TRUE(desk_->set_clause(old_ids[1], edit).has_value());
  TitleVersion title;
  title.language = "en";
  title.title = "Synthetic figures";
  title.summary = "Synthetic.";
  title.set_by = "ana";
  title.reason = "synthetic";
  ASSERT_TRUE(desk_->set_title(old_ids[1], title).has_value());

  const auto again = import(*desk_, {file});
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->files[0].known);
  EXPECT_EQ(std::ranges::count(again->files[0].document.warnings,
                               "commitments.import.read_otherwise", &Warning::reason),
            1);
  EXPECT_EQ(year(old_ids[0]), 2031) << "nothing changes unasked";

  ImportOptions options;
  options.read_again = true;
  const auto read = import(*desk_, {file}, options);
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  const auto id = [&](std::size_t i) { return read->files[0].items.at(i).commitment; };
  EXPECT_TRUE(id(0).starts_with("other-2026-"));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(year(id(i)), 2026);
    EXPECT_EQ(desk_->get(old_ids[i], Language::en)->same_as, id(i));
  }
  EXPECT_EQ(dates(id(0)), "../2027-06 by rule;") << "no past date any more";
  const auto view = desk_->get(id(1), Language::en);
  EXPECT_EQ(view->clauses.at(0).verb, "print");
  EXPECT_EQ(view->clauses.at(0).version, 1);
  EXPECT_EQ(view->row.title, "Synthetic figures");
  EXPECT_TRUE(problems().empty()) << problems().front();
  Filter held;
  held.held = true;
  EXPECT_EQ(desk_->list(held, Language::en, 50, 0)->total, 2) << "counted once";

  const std::string before = state();
  const auto done = import(*desk_, {file}, options);
  EXPECT_TRUE(done->files[0].known);
  EXPECT_TRUE(done->files[0].document.warnings.empty() ||
              done->files[0].document.warnings.back().reason !=
                  "commitments.import.read_otherwise");
  EXPECT_EQ(state(), before);
}

INSTANTIATE_TEST_SUITE_P(Engines, UpgradeTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return std::string(engine.param == store::Engine::sqlite ? "sqlite"
                                                                                    : "postgresql");
                         });

}  // namespace
}  // namespace atalaya::commitments
