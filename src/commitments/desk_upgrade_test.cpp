// Goal: a node that an older version of the program loaded gets what this one reads, and nothing
// that persons wrote is lost on the way. Method: the store is brought into the older state first.
#include <algorithm>
#include <string>
#include <vector>

#include <atalaya/commitments/due_kind.hpp>
#include <atalaya/commitments/export.hpp>
#include <atalaya/commitments/reread.hpp>
#include <atalaya/store/faulty.hpp>

#include "desk_fixture.hpp"
#include "import_batch.hpp"

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

  static std::string exported(const Desk& desk) {
    const auto written = Exporter(desk).write(ExportFormat::json);
    EXPECT_TRUE(written.has_value()) << written.error().detail;
    return *written;
  }

  // What reading again writes, as one text.
  std::string readings() {
    std::string out = state();
    const auto read = store_->database().read([&](store::Transaction& tx) -> Result<void> {
      const auto rows = ATALAYA_TRY(
          tx.query("SELECT k.commitment, k.formulation, k.verb, c.reading, c.asking FROM clauses k "
                   "JOIN commitments c ON c.id = k.commitment ORDER BY 1, k.ordinal"));
      for (const auto& row : rows) {
        out += fmt::format("{} {} {} {} {};", row.text(0), row.text(1), row.text(2), row.integer(3),
                           row.integer(4));
      }
      return {};
    });
    EXPECT_TRUE(read.has_value()) << read.error().detail;
    return out;
  }

  // As if an older version had read the clauses of all texts: without their dates, as declarations.
  void forget_readings() {
    run_sql(
        "UPDATE clauses SET formulation = 'declaratory', verb = '', due = '', due_latest = '' "
        "WHERE set_by = 'rule'");
    run_sql("DELETE FROM dues");
    run_sql("DELETE FROM commitment_links WHERE set_by = 'rule' AND kind = 'institution'");
    run_sql(
        "INSERT INTO commitment_links(commitment, kind, target, position, set_by) SELECT id, "
        "'instrument', 'un-drugs-1988', 100, 'rule' FROM commitments WHERE held = 1");
    run_sql("UPDATE commitments SET reading = 0, dated = 0");
    run_sql(
        "UPDATE commitments SET asking = 0, actionable = 0, declaring = (SELECT COUNT(*) FROM "
        "clauses k WHERE k.commitment = commitments.id) WHERE held = 1");
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

// What an older version took for promises leaves the counts when a newer version of the page, whose
// program reads it as a guide, is imported.
TEST_P(UpgradeTest, AGuideThatWasReadAsPromisesIsReplacedByItsNewerVersion) {
  const std::string guide =
      "Synthetic Lists: A Primer for Parliamentarians\n\nMarch 2026\n\nThis primer guides the "
      "members of synthetic parliaments.\n\nKey questions\n\n- Does your country have a "
      "synthetic list?\n\nNext steps\n\n\u2713 Review the synthetic lists before 2027.\n"
      "\u2713 Hold synthetic hearings with the towns.\n";
  Importer importer(*desk_);
  auto misread = importer.plan({{"guide.txt", guide}}, {});
  ASSERT_TRUE(misread.has_value());
  FilePlan& one = misread->files.at(0);
  ASSERT_EQ(one.document.kind, DocumentKind::primer);
  one.document.kind = DocumentKind::parliamentary_priorities;
  one.document.items = std::exchange(one.document.guidance, {});
  for (std::size_t i = 0; i < one.document.items.size(); ++i) {
    ParsedItem& item = one.document.items[i];
    item.role = ItemRole::priority;
    item.ordinal = static_cast<std::int32_t>(i + 1);
    ItemPlan& entry = one.items.emplace_back();
    entry.ordinal = item.ordinal;
    entry.commitment = commitment_id(meeting_of(item), item.text);
  }
  const auto count = static_cast<std::int64_t>(one.items.size());
  ASSERT_TRUE(importer.apply(*misread, {}).has_value());
  Filter held;
  held.held = true;
  ASSERT_EQ(desk_->list(held, Language::en, 50, 0)->total, count);

  const auto known = import(*desk_, {{"guide.txt", guide}});
  EXPECT_TRUE(known->files[0].known);
  EXPECT_EQ(known->files[0].document.warnings.back().reason, "commitments.import.cut_otherwise");
  const InputFile other{"guide.txt",
                        "Synthetic Lists: A Primer for Parliamentarians\n\nKey "
                        "questions\n\n- Who keeps the synthetic archives?\n"};
  EXPECT_TRUE(importer.plan({other}, {})->files[0].follows.empty()) << "it shares nothing";

  const InputFile newer{"guide.txt", guide + "\n"};
  const auto asks = import(*desk_, {newer});
  ASSERT_FALSE(asks.has_value()) << "a person has to look at what goes";
  ImportOptions options;
  options.accept_changes = true;
  const auto done = import(*desk_, {newer}, options);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(done->files[0].follows, misread->files[0].id);
  EXPECT_EQ(std::ssize(done->files[0].gone), count);
  EXPECT_EQ(desk_->list(held, Language::en, 50, 0)->total, 0);
  EXPECT_TRUE(problems().empty()) << problems().front();
  const auto next = import(*desk_, {{"guide.txt", guide + "\n\n"}});
  EXPECT_EQ(next->files[0].follows, done->files[0].id);
}

TEST_P(UpgradeTest, ReadingAgainMakesTheNodeOneThatWasFilledToday) {
  ASSERT_TRUE(
      import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")},
                      {"es.txt", page(kItemsSpanish, "SEGURIDAD: Sintética", kSantiagoSpanish)},
                      {"towns.txt", fmt::format(kUnknown, "March 4, 2026")}})
          .has_value());
  EXPECT_EQ(desk_->held_readings()->earlier, 0);
  const std::string fresh = exported(*desk_);
  forget_readings();
  desk_ = open(store_->database());
  const std::string older = exported(*desk_);
  ASSERT_NE(older, fresh);
  EXPECT_EQ(desk_->held_readings()->earlier, 6);

  RereadOptions options;
  options.dry_run = true;
  const auto shown = desk_->reread(options);
  ASSERT_TRUE(shown.has_value()) << shown.error().detail;
  EXPECT_EQ(exported(*desk_), older) << "a dry run changes nothing";
  EXPECT_EQ(shown->earlier, 6);
  EXPECT_EQ(shown->before.asking + shown->before.dates, 0);
  const auto& first = shown->changed.at(0);
  EXPECT_EQ(first.file, "one.txt");
  ASSERT_EQ(first.clauses.size(), 1U);
  EXPECT_EQ(first.clauses[0].before->formulation, "declaratory");
  EXPECT_EQ(first.clauses[0].after->verb, "promote");
  EXPECT_EQ(first.dates_after, std::vector<std::string>{"../2031-12"});
  EXPECT_EQ(first.links_before, std::vector<std::string>{"instrument:un-drugs-1988"});
  EXPECT_TRUE(std::ranges::any_of(shown->changed, [](const RereadCommitment& one) {
    return one.links_after == std::vector<std::string>{"institution:oas"};
  }));

  options.dry_run = false;
  store::FaultyDatabase faulty(store_->database());
  faulty.fail_at(0);
  const auto desk = open(faulty);
  const std::string before = readings();
  std::int64_t failures = 0;
  const std::int64_t stride = GetParam() == store::Engine::sqlite ? 3 : 11;  // to spare time
  for (std::int64_t n = 1;; n += stride) {
    faulty.fail_at(n);
    const auto done = desk->reread(options);
    if (done) {
      break;
    }
    EXPECT_EQ(done.error().reason, "store.disk_full");
    ASSERT_EQ(readings(), before) << n;
    ++failures;
  }
  EXPECT_GT(failures, 3);
  desk_ = open(store_->database());
  EXPECT_EQ(exported(*desk_), fresh);
  EXPECT_EQ(desk_->held_readings()->earlier, 0);
  const auto again = desk_->reread(options);
  EXPECT_TRUE(again->changed.empty());
  EXPECT_EQ(again->before.asking, shown->after.asking);
  EXPECT_EQ(again->before.declaring, shown->after.declaring);
  EXPECT_EQ(again->before.actionable, shown->after.actionable);
  EXPECT_EQ(again->before.dates, shown->after.dates);
  tampered_ = false;  // what is held is what was counted
}

TEST_P(UpgradeTest, ReadingAgainKeepsWhatPersonsSetAndRecorded) {
  const auto imported = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")},
                                        {"towns.txt", fmt::format(kUnknown, "March 4, 2026")}});
  const auto id = [&](std::size_t file, std::size_t i) {
    return imported->files.at(file).items.at(i).commitment;
  };
  ClauseEdit edit = edit_of(desk_->get(id(0, 0), Language::en)->clauses.at(0));
  edit.verb = "foster";
  edit.due = "2032";
  ASSERT_TRUE(desk_->set_clause(id(0, 0), edit).has_value());
  edit = edit_of(desk_->get(id(0, 1), Language::en)->clauses.at(0));
  edit.verb = "renew";
  ASSERT_TRUE(desk_->set_clause(id(0, 1), edit).has_value());
  for (const auto& [item, target, decision] :
       {std::tuple(2, "untoc", "add"), std::tuple(3, "oas", "remove")}) {
    LinkDecision link;
    link.kind = item == 2 ? "instrument" : "institution";
    link.target = target;
    link.decision = decision;
    link.reason = "synthetic";
    link.set_by = "ana";
    ASSERT_TRUE(desk_->set_link(id(0, static_cast<std::size_t>(item)), link).has_value());
  }
  forget_readings();
  // The older rules saw a second clause behind the one that a person set then.
  run_sql(fmt::format(
      "INSERT INTO clauses SELECT commitment, 2, span_begin, span_end, language, '', '', "
      "addressee, '', '', '', 'declaratory', '[]', 'rule', 0, 0, '', '' FROM clauses WHERE "
      "commitment = '{}' AND ordinal = 1",
      id(0, 1)));
  run_sql(
      fmt::format("INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by) "
                  "VALUES ('{}', 1, '../2029', 'deadline', 'June', 0, 'rule')",
                  id(1, 0)));
  RereadOptions options;
  options.recorded = [&](const std::string& commitment) -> Result<std::vector<std::int64_t>> {
    return commitment == id(1, 0) ? std::vector<std::int64_t>{1} : std::vector<std::int64_t>{};
  };
  const auto done = desk_->reread(options);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  const auto kept = [&](const std::string& wanted) {
    return std::ranges::find(done->changed, wanted, &RereadCommitment::id)->kept;
  };
  EXPECT_EQ(kept(id(0, 1)), RereadCommitment::Kept::clause);
  EXPECT_EQ(kept(id(1, 0)), RereadCommitment::Kept::date);
  EXPECT_EQ(kept(id(1, 1)), RereadCommitment::Kept::no);
  EXPECT_EQ(desk_->held_readings()->earlier, 0);
  const auto set = desk_->get(id(0, 0), Language::en);
  EXPECT_EQ(set->clauses.at(0).verb, "foster");
  EXPECT_EQ(set->clauses.at(0).version, 1);
  EXPECT_EQ(dates(id(0, 0)), "2032 by ana;") << "the rule's date stays replaced";
  EXPECT_EQ(desk_->clause_history(id(0, 0))->front().due, "../2031-12");
  EXPECT_EQ(desk_->get(id(0, 1), Language::en)->clauses.size(), 2U);
  EXPECT_EQ(desk_->get(id(0, 2), Language::en)->instruments, std::vector<std::string>{"untoc"});
  EXPECT_TRUE(desk_->get(id(0, 3), Language::en)->institutions.empty());
  EXPECT_EQ(dates(id(1, 0)), "../2029 by rule;");
  EXPECT_EQ(desk_->get(id(1, 1), Language::en)->clauses.at(0).formulation, "firm");
}

// What a person corrects above reaches the items that say nothing of their own, at once, at a new
// import and when they are read again; their histories say why, and taking it back reaches them
// too.
TEST_P(UpgradeTest, ItemsFollowWhatAPersonSetsOfTheParagraphAbove) {
  const std::string head = page({}, "SECURITY: Synthetic") +
                           "  1. Governments will publish synthetic tariffs, by December 2031:\n\n"
                           "    • a. for households;\n    • b. for ports, by 2030;\n";
  const std::string end = "for industry. (Plan of Action Santiago, 1998).\n";
  const auto plan = import(*desk_, {{"one.txt", head + "    • c. " + end}});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const auto id = [&](std::size_t i) { return plan->files[0].items.at(i).commitment; };
  ASSERT_EQ(plan->files[0].items.size(), 4U);
  EXPECT_EQ(dates(id(1)), "../2031-12 by rule;");
  ClauseEdit own = edit_of(desk_->get(id(3), Language::en)->clauses.at(0), "ben");
  own.due = "2033";
  ASSERT_TRUE(desk_->set_clause(id(3), own).has_value());
  ClauseEdit edit = edit_of(desk_->get(id(0), Language::en)->clauses.at(0));
  edit.due = "2029-03-31";
  edit.addressee = "idb";
  ASSERT_TRUE(desk_->set_clause(id(0), edit).has_value());
  const auto followed = desk_->get(id(1), Language::en);
  EXPECT_EQ(dates(id(1)), "2029-03-31 by rule;");
  EXPECT_TRUE(is_from_above(*followed, followed->dues.at(0)));
  EXPECT_EQ(followed->clauses.at(0).addressee, "idb");
  const auto above = [&](std::size_t item) {  // who set what the item's clause and dates take
    const auto view = desk_->get(id(item), Language::en);
    std::string out = view->clauses.at(0).set_by + "/" + view->clauses.at(0).set_above_by;
    for (const auto& due : view->dues) {
      out += " " + due.set_by + "/" + due.set_above_by;
    }
    return out;
  };
  EXPECT_EQ(above(0), "ana/ ana/");
  EXPECT_EQ(above(1), "rule/ana rule/ana");
  EXPECT_EQ(above(2), "rule/ana rule/") << "its date is its own";
  EXPECT_EQ(above(3), "ben/ ben/");
  EXPECT_EQ(dates(id(2)), "../2030 by rule;");
  EXPECT_EQ(dates(id(3)), "2033 by ben;");
  EXPECT_EQ(desk_->clause_history(id(3))->front().due, "2029-03-31") << "what goes back goes there";
  const auto history = *desk_->clause_history(id(1));
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].due, "../2031-12");
  EXPECT_EQ(history[1].decision + " " + history[1].due + " " + history[1].set_by + " " +
                history[1].reason,
            "read 2029-03-31 ana synthetic");

  run_sql("UPDATE commitments SET reading = 0");
  EXPECT_TRUE(desk_->reread({})->changed.empty());
  const auto newer = import(*desk_, {{"one.txt", head + "    • c. for schools;\n    • d. " + end}});
  ASSERT_TRUE(newer.has_value()) << newer.error().detail;
  EXPECT_EQ(dates(newer->files[0].items.at(3).commitment), "2029-03-31 by rule;");

  ClauseEdit none = edit_of(desk_->get(id(0), Language::en)->clauses.at(0));
  none.due.clear();
  none.addressee = "states";  // as rules read it
  ASSERT_TRUE(desk_->set_clause(id(0), none).has_value());
  EXPECT_EQ(dates(id(1)), "");
  EXPECT_EQ(above(1), "rule/ana") << "that it has no date";
  EXPECT_EQ(above(2), "rule/ rule/");

  ClauseEdit back = edit_of(desk_->get(id(0), Language::en)->clauses.at(0));
  back.back = true;
  ASSERT_TRUE(desk_->set_clause(id(0), back).has_value());
  EXPECT_EQ(dates(id(1)), "../2031-12 by rule;");
  EXPECT_EQ(above(1), "rule/ rule/");
  EXPECT_EQ(desk_->clause_history(id(1))->size(), 4U);
  EXPECT_EQ(desk_->clause_history(id(3))->front().due, "../2031-12");
}

INSTANTIATE_TEST_SUITE_P(Engines, UpgradeTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return std::string(engine.param == store::Engine::sqlite ? "sqlite"
                                                                                    : "postgresql");
                         });

}  // namespace
}  // namespace atalaya::commitments
