// Goal: a commitment in new words stays one commitment, with its history; links that a person set
// hold against rules; and whatever is changed in the store behind the program's back is found and
// named. Method: synthetic re-issues on both engines; one harm at a time to every recorded table.
#include <algorithm>

#include <atalaya/commitments/export.hpp>

#include "desk_fixture.hpp"

namespace atalaya::commitments {
namespace {

const std::string kOldWords = "Strengthen synthetic reviews of registries, as appropriate.";
const std::string kNewWords = "Strengthen yearly synthetic reviews of the registries by June 2030.";

std::vector<std::string> corrected() {
  std::vector<std::string> items = kItems;
  items[1] = kNewWords;
  return items;
}

class WordingTest : public DeskTest {
 protected:
  std::int64_t counted() {
    Filter filter;
    filter.held = true;
    return desk_->list(filter, Language::en, 50, 0)->total;
  }

  std::vector<std::string> problems() {
    const auto check = desk_->check_against_log();
    EXPECT_TRUE(check.has_value()) << check.error().detail;
    return check ? check->problems : std::vector<std::string>();
  }

  void write_log_as_an_older_version() {
    std::vector<ledger::Event> events;
    const auto read = store_->database().read([&](store::Transaction& tx) -> Result<void> {
      const auto entries = ATALAYA_TRY(ledgers_.back()->entries_from(tx, 0, 1000));
      for (const auto& entry : entries) {
        const auto payload = ATALAYA_TRY(ledgers_.back()->find_payload(tx, entry.index));
        json::value said = ATALAYA_TRY(parse_json(payload->bytes, "leaf"));
        said.as_object().erase("row");
        if (entry.leaf.kind != "commitments.rows") {
          events.push_back({entry.leaf.kind, entry.leaf.subject, canonical_json(said)});
        }
      }
      return {};
    });
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    desk_.reset();
    ledgers_.clear();
    for (const char* table : {"ledger_payloads", "ledger_nodes", "ledger_leaves",
                              "ledger_checkpoints", "ledger_head"}) {
      run_sql(fmt::format("DELETE FROM {}", table));
    }
    desk_ = open(store_->database());
    const auto written = store_->database().write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(ledgers_.back()->append(tx, events));
      return {};
    });
    ASSERT_TRUE(written.has_value()) << written.error().detail;
  }

  // Both versions are held; answers the ids of the old and of the new words.
  std::pair<std::string, std::string> import_both(const ImportOptions& options = {}) {
    const auto first = import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}});
    EXPECT_TRUE(first.has_value());
    const auto newer =
        import(*desk_, {{"v2.txt", page(corrected(), "SECURITY: Synthetic")}}, options);
    EXPECT_TRUE(newer.has_value()) << newer.error().detail;
    return {first->files[0].items[1].commitment, newer->files[0].items[1].commitment};
  }
};

TEST_P(WordingTest, TheReviewShowsOldWordsBesideNewOnes) {
  ASSERT_TRUE(import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  const auto plan =
      Importer(*desk_).plan({{"v2.txt", page(corrected(), "SECURITY: Synthetic")}}, {});
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  const FilePlan& file = plan->files[0];
  ASSERT_EQ(file.rewordings.size(), 1U);
  EXPECT_EQ(file.rewordings[0].kind, Rewording::Kind::suggested);
  EXPECT_EQ(file.rewordings[0].ordinal, 2);
  EXPECT_EQ(file.rewordings[0].earlier, file.gone[0]);
  EXPECT_EQ(file.rewordings[0].before, kOldWords);
  EXPECT_EQ(file.rewordings[0].after, kNewWords);
  const json::object told = Importer::rewordings(file);
  EXPECT_EQ(told.at("reworded").as_array().size(), 1U);
  EXPECT_EQ(told.at("gone_items").as_array().size(), 1U);
}

TEST_P(WordingTest, WhatIsSaidInTheImportIsOneCommitmentWithItsHistory) {
  const auto first = import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}});
  const std::string old_id = first->files[0].items[1].commitment;
  const auto seen =
      Importer(*desk_).plan({{"v2.txt", page(corrected(), "SECURITY: Synthetic")}}, {});
  const std::string new_id = seen->files[0].items[1].commitment;
  ImportOptions options;
  options.same = {{old_id, new_id}};
  const auto newer =
      import(*desk_, {{"v2.txt", page(corrected(), "SECURITY: Synthetic")}}, options);
  ASSERT_TRUE(newer.has_value()) << newer.error().detail;
  EXPECT_EQ(newer->files[0].added, 0);
  EXPECT_TRUE(newer->files[0].gone.empty());
  EXPECT_EQ(counted(), 4);
  const auto view = desk_->get(old_id, Language::en);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->texts.at(0).text, kNewWords);
  ASSERT_EQ(view->appearances.size(), 2U);
  EXPECT_EQ(view->appearances[0].item.text, kOldWords);
  EXPECT_FALSE(view->appearances[0].newest);
  EXPECT_TRUE(view->appearances[1].newest);
  ASSERT_EQ(view->wordings.size(), 1U);
  EXPECT_EQ(view->wordings[0].later, new_id);
  // The clauses are those of the new words: "by June 2030".
  EXPECT_TRUE(std::ranges::any_of(view->dues, [](const DueView& due) {
    return due.edtf.find("2030") != std::string::npos;
  }));
  EXPECT_EQ(desk_->get(new_id, Language::en)->same_as, old_id);
  EXPECT_TRUE(problems().empty()) << problems().front();
  // The next version in the new words is nothing new, and the same file says so again.
  const auto third =
      import(*desk_, {{"v3.txt", page(corrected(), "SECURITY: Synthetic") + "\n"}});
  ASSERT_TRUE(third.has_value()) << third.error().detail;
  EXPECT_EQ(third->files[0].unchanged, 4);
  EXPECT_TRUE(import(*desk_, {{"v2.txt", page(corrected(), "SECURITY: Synthetic")}}, options)
                  .has_value());
  EXPECT_EQ(counted(), 4);
  EXPECT_TRUE(problems().empty()) << problems().front();
}

// The page that gave the others their ids says an item anew before they do.
TEST_P(WordingTest, WordsThatAnotherPageStillHasAreCountedOnce) {
  std::vector<std::string> spanish = kItemsSpanish;
  const auto spanish_page = [&] { return page(spanish, "SEGURIDAD: Sintética", kSantiagoSpanish); };
  const InputFile newer{"v2.txt", page(corrected(), "SECURITY: Synthetic")};
  const auto first = import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}});
  ASSERT_TRUE(import(*desk_, {{"es.txt", spanish_page()}}).has_value());
  const std::string id = first->files[0].items[1].commitment;
  EXPECT_EQ(import(*desk_, {newer}).error().reason, "commitments.import.changes");
  ImportOptions options;
  options.accept_changes = true;
  const auto done = import(*desk_, {newer}, options);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  const FilePlan& file = done->files[0];
  EXPECT_EQ(file.items[1].commitment, id);
  EXPECT_EQ(std::pair(file.added, file.gone.size()), std::pair(0, 0UL));
  ASSERT_EQ(file.rewordings.size(), 1U);
  EXPECT_EQ(file.rewordings[0].kind, Rewording::Kind::joined);
  const std::string later = file.rewordings[0].commitment;
  EXPECT_EQ(counted(), 4);
  const auto view = desk_->get(id, Language::en);
  ASSERT_EQ(view->texts.size(), 2U);
  EXPECT_EQ(view->texts[0].text, kNewWords);
  EXPECT_EQ(view->texts[1].text, kItemsSpanish[1]);
  ASSERT_EQ(view->wordings.size(), 1U);
  EXPECT_TRUE(view->wordings[0].reason.starts_with("another page still has the old words"));
  EXPECT_EQ(desk_->get(later, Language::en)->same_as, id);
  // The other page follows, the first one comes again: nothing parts.
  spanish[1] = "Fortalecer cada año las revisiones sintéticas de los registros, a más tardar en 2030.";
  const auto follows = import(*desk_, {{"es2.txt", spanish_page()}});
  ASSERT_TRUE(follows.has_value()) << follows.error().detail;
  EXPECT_EQ(follows->files[0].items[1].commitment, id);
  const auto again = import(*desk_, {{"v3.txt", newer.bytes + "\n"}});
  ASSERT_TRUE(again.has_value()) << again.error().detail;
  EXPECT_EQ(again->files[0].unchanged, 4);
  EXPECT_EQ(counted(), 4);
  EXPECT_TRUE(problems().empty()) << problems().front();
  ASSERT_TRUE(desk_->take_back_same(later, "they are two", "ana").has_value());
  EXPECT_EQ(counted(), 5);
}

TEST_P(WordingTest, WhatIsSaidToBeACommitmentOfItsOwnIsOne) {
  const InputFile newer{"v2.txt", page(corrected(), "SECURITY: Synthetic")};
  ASSERT_TRUE(import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  ASSERT_TRUE(import(*desk_, {{"es.txt", page(kItemsSpanish, "SEGURIDAD: Sintética",
                                              kSantiagoSpanish)}})
                  .has_value());
  const auto seen = Importer(*desk_).plan({newer}, {});
  ImportOptions options;
  options.accept_changes = true;
  options.apart = {"none-at-all"};
  EXPECT_EQ(import(*desk_, {newer}, options).error().reason, "commitments.import.apart");
  options.apart = {seen->files[0].rewordings[0].commitment};
  const auto done = import(*desk_, {newer}, options);
  ASSERT_TRUE(done.has_value()) << done.error().detail;
  EXPECT_EQ(done->files[0].added, 1);
  EXPECT_EQ(done->files[0].gone_elsewhere, 1);
  EXPECT_EQ(counted(), 5);
  EXPECT_TRUE(problems().empty()) << problems().front();
}

// A place alone joins nothing: each page got another item there.
TEST_P(WordingTest, DifferentItemsInOnePlaceOfTwoLanguagesStayApart) {
  std::vector<std::string> english = kItems;
  std::vector<std::string> spanish = kItemsSpanish;
  const auto english_file = [&] { return InputFile{"en.txt", page(english, "SECURITY: Synthetic")}; };
  const auto spanish_file = [&] {
    return InputFile{"es.txt", page(spanish, "SEGURIDAD: Sintética", kSantiagoSpanish)};
  };
  ImportOptions accept;
  accept.accept_changes = true;
  ASSERT_TRUE(import(*desk_, {english_file()}).has_value());
  ASSERT_TRUE(import(*desk_, {spanish_file()}).has_value());
  spanish.push_back("Cuidar los manantiales de las aldeas altas.");
  const auto added = import(*desk_, {spanish_file()});
  ASSERT_TRUE(added.has_value()) << added.error().detail;
  const std::string springs = added->files[0].items[4].commitment;
  english.push_back("Open evening schools for young workers of the ports.");
  EXPECT_EQ(import(*desk_, {english_file()}).error().reason, "commitments.import.changes");
  const auto seen = Importer(*desk_).plan({english_file()}, {});
  ASSERT_EQ(seen->files[0].rewordings.size(), 1U);
  const Rewording& asked = seen->files[0].rewordings[0];
  EXPECT_EQ(std::tuple(asked.kind, asked.across, asked.earlier),
            std::tuple(Rewording::Kind::suggested, true, springs));
  ImportOptions same;
  same.same = {{springs, asked.commitment}};
  const auto one = Importer(*desk_).plan({english_file()}, same);
  ASSERT_TRUE(one.has_value()) << one.error().detail;
  EXPECT_EQ(std::pair(one->files[0].added, one->files[0].needs_acceptance), std::pair(0, false));
  ASSERT_TRUE(import(*desk_, {english_file()}, accept).has_value());
  EXPECT_EQ(counted(), 6);
  EXPECT_EQ(desk_->get(springs, Language::en)->texts.size(), 1U);
  // Nor does it where the page held something else there.
  spanish[1] = "Plantar manglares jóvenes en las playas del sur.";
  EXPECT_EQ(import(*desk_, {spanish_file()}).error().reason, "commitments.import.changes");
  const auto replaced = import(*desk_, {spanish_file()}, accept);
  ASSERT_TRUE(replaced.has_value()) << replaced.error().detail;
  EXPECT_EQ(replaced->files[0].added, 1);
  EXPECT_EQ(replaced->files[0].gone_elsewhere, 1);
  EXPECT_EQ(counted(), 7);
  EXPECT_TRUE(problems().empty()) << problems().front();
}

// A version that was accepted by mistake is undone by importing the right one again.
TEST_P(WordingTest, AnOlderVersionBecomesTheNewestAgain) {
  ImportOptions accept;
  accept.accept_changes = true;
  const InputFile whole{"v1.txt", page(kItems, "SECURITY: Synthetic")};
  const InputFile cut{"v2.txt", page({kItems[0], kNewWords}, "SECURITY: Synthetic")};
  const auto first = import(*desk_, {whole});
  ASSERT_TRUE(first.has_value());
  const std::string reviews = first->files[0].items[1].commitment;
  const std::string last = first->files[0].items[3].commitment;
  ImportOptions said = accept;
  said.same = {{reviews, Importer(*desk_).plan({cut}, {})->files[0].items[1].commitment}};
  ASSERT_TRUE(import(*desk_, {cut}, said).has_value());
  EXPECT_EQ(counted(), 2);
  for (int round = 0; round < 2; ++round) {
    const std::string before = state();
    EXPECT_EQ(import(*desk_, {whole}).error().reason, "commitments.import.changes");
    EXPECT_EQ(state(), before);
    const auto again = import(*desk_, {whole}, accept);
    ASSERT_TRUE(again.has_value()) << again.error().detail;
    const FilePlan& plan = again->files[0];
    EXPECT_TRUE(plan.again && !plan.known);
    EXPECT_EQ(std::ranges::count(plan.document.warnings, "commitments.import.comes_back",
                                 &Warning::reason),
              2);
    EXPECT_EQ(plan.rewordings.size(), 1U);
    EXPECT_EQ(counted(), 4);
    EXPECT_EQ(desk_->get(last, Language::en)->gone_from, "");
    EXPECT_TRUE(desk_->get(reviews, Language::en)->texts[0].text.starts_with("Strengthen synthetic"));
    EXPECT_EQ(desk_->sources()->back().file_name, "v1.txt");
    // What is the newest changes nothing.
    const std::string settled = state();
    const auto known = import(*desk_, {whole});
    ASSERT_TRUE(known.has_value());
    EXPECT_TRUE(known->files[0].known);
    EXPECT_EQ(state(), settled);
    EXPECT_TRUE(problems().empty()) << problems().front();
    ASSERT_TRUE(import(*desk_, {cut}, accept).has_value());
    EXPECT_EQ(counted(), 2);
    EXPECT_TRUE(
        desk_->get(reviews, Language::en)->texts[0].text.starts_with("Strengthen yearly"));
  }
}

TEST_P(WordingTest, WhatIsSaidAfterTheImportGivesTheSame) {
  const auto [old_id, new_id] = import_both();
  EXPECT_EQ(counted(), 4);  // the old one is gone, the new one counts
  const auto like = desk_->like_worded(new_id, Language::en, 3);
  ASSERT_TRUE(like.has_value());
  ASSERT_FALSE(like->empty());
  EXPECT_EQ(like->front().id, old_id);
  ASSERT_TRUE(desk_->say_same(new_id, old_id, "a corrected re-issue", "ana").has_value());
  EXPECT_EQ(counted(), 4);
  const auto view = desk_->get(old_id, Language::en);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->gone_from, "");
  EXPECT_EQ(view->texts.at(0).text, kNewWords);
  EXPECT_EQ(view->appearances.size(), 2U);
  EXPECT_EQ(view->wordings.at(0).said_by, "ana");
  EXPECT_TRUE(problems().empty()) << problems().front();
  EXPECT_EQ(desk_->say_same(new_id, old_id, "again", "ana").error().reason,
            "commitments.same.exists");
  const auto exported = Exporter(*desk_).write(ExportFormat::json);
  ASSERT_TRUE(exported.has_value());
  EXPECT_EQ(exported->find("\"id\": \"" + new_id), std::string::npos);
  EXPECT_EQ(Importer(*desk_)
                .plan({{"v3.txt", page(corrected(), "SECURITY: Synthetic") + "\n"}}, {})
                ->files[0]
                .unchanged,
            4);
}

TEST_P(WordingTest, WhatWasSaidCanBeTakenBackWithoutATrace) {
  const auto [old_id, new_id] = import_both();
  const auto before = Exporter(*desk_).write(ExportFormat::json);
  ASSERT_TRUE(desk_->say_same(new_id, old_id, "a corrected re-issue", "ana").has_value());
  EXPECT_NE(*Exporter(*desk_).write(ExportFormat::json), *before);
  EXPECT_EQ(desk_->take_back_same(new_id, " ", "luis").error().reason, "commitments.same.reason");
  const auto taken = desk_->take_back_same(new_id, "two duties after all", "luis");
  ASSERT_TRUE(taken.has_value()) << taken.error().detail;
  EXPECT_EQ(*Exporter(*desk_).write(ExportFormat::json), *before);
  EXPECT_TRUE(problems().empty()) << problems().front();
  EXPECT_EQ(desk_->take_back_same(new_id, "again", "luis").error().reason, "commitments.same.none");
  // It may be said again, and the log follows.
  ASSERT_TRUE(desk_->say_same(new_id, old_id, "it is the same", "ana").has_value());
  EXPECT_TRUE(problems().empty()) << problems().front();
}

TEST_P(WordingTest, WhatWasSaidInAnImportCanBeTakenBack) {
  std::vector<std::string> named = kItems;
  named[1] = "Strengthen synthetic reviews of registries by the OAS, as appropriate.";
  const auto first = import(*desk_, {{"v1.txt", page(named, "SECURITY: Synthetic")}});
  const std::string old_id = first->files[0].items[1].commitment;
  const auto seen =
      Importer(*desk_).plan({{"v2.txt", page(corrected(), "SECURITY: Synthetic")}}, {});
  const std::string new_id = seen->files[0].items[1].commitment;
  ImportOptions options;
  options.same = {{old_id, new_id}};
  ASSERT_TRUE(
      import(*desk_, {{"v2.txt", page(corrected(), "SECURITY: Synthetic")}}, options).has_value());
  // The new words name no body: the link of the old words is gone.
  EXPECT_TRUE(desk_->get(old_id, Language::en)->institutions.empty());
  ASSERT_TRUE(desk_->take_back_same(new_id, "two duties after all", "luis").has_value());
  const auto old = desk_->get(old_id, Language::en);
  EXPECT_EQ(old->institutions, std::vector<std::string>{"oas"});
  EXPECT_EQ(old->texts.at(0).text, named[1].substr(0, old->texts.at(0).text.size()));
  EXPECT_NE(old->gone_from, "");
  const auto later = desk_->get(new_id, Language::en);
  EXPECT_EQ(later->gone_from, "");
  EXPECT_EQ(later->same_as, "");
  ASSERT_EQ(later->appearances.size(), 1U);
  EXPECT_FALSE(later->clauses.empty());
  EXPECT_TRUE(later->row.held);
  EXPECT_EQ(counted(), 4);
  EXPECT_TRUE(problems().empty()) << problems().front();
}

TEST_P(WordingTest, WhatAPersonSetOfAClauseGoesWithIt) {
  const auto [old_id, new_id] = import_both();
  ClauseEdit clause = edit_of(desk_->get(old_id, Language::en)->clauses.at(0));
  clause.addressee = "oas";
  ASSERT_TRUE(desk_->set_clause(old_id, clause).has_value());
  EXPECT_TRUE(problems().empty()) << problems().front();
  ASSERT_TRUE(desk_->say_same(new_id, old_id, "a corrected re-issue", "luis").has_value());
  const auto view = desk_->get(old_id, Language::en);
  EXPECT_EQ(view->clauses.at(0).addressee, "oas");
  EXPECT_EQ(view->clauses.at(0).set_by, "ana");
  EXPECT_LE(view->clauses.at(0).end, static_cast<std::int32_t>(kNewWords.size()));
  EXPECT_TRUE(problems().empty()) << problems().front();
}

TEST_P(WordingTest, RefusesWhatIsNotTheSame) {
  const auto [old_id, new_id] = import_both();
  std::string elsewhere;
  for (const Entry& entry : desk_->catalogue().entries()) {
    elsewhere = entry.meeting.find("summit-2015") == 0 ? entry.id : elsewhere;
  }
  EXPECT_EQ(desk_->say_same(new_id, elsewhere, "x", "ana").error().reason,
            "commitments.same.meeting");
  EXPECT_EQ(desk_->say_same(new_id, new_id, "x", "ana").error().reason, "commitments.same.self");
  EXPECT_EQ(desk_->say_same(new_id, old_id, " ", "ana").error().reason, "commitments.same.reason");
  EXPECT_EQ(desk_->say_same("none", old_id, "x", "ana").error().code, ErrorCode::not_found);
  ImportOptions options;
  options.same = {{old_id, "none"}};
  EXPECT_EQ(Importer(*desk_)
                .plan({{"v3.txt", page(kItems, "SECURITY: Synthetic") + "\n"}}, options)
                .error()
                .reason,
            "commitments.import.same");
}

// Two items of one version that is current are two commitments, however alike.
TEST_P(WordingTest, TwoItemsOfOneCurrentVersionAreNotOne) {
  const auto first = import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}});
  const auto& items = first->files[0].items;
  const std::string before = state();
  EXPECT_EQ(desk_->say_same(items[1].commitment, items[0].commitment, "x", "ana").error().reason,
            "commitments.same.both_current");
  EXPECT_EQ(state(), before);
  std::vector<std::string> more = kItems;
  more.push_back(kNewWords);
  const auto seen = Importer(*desk_).plan({{"v2.txt", page(more, "SECURITY: Synthetic")}}, {});
  ImportOptions options;
  options.same = {{items[1].commitment, seen->files[0].items[4].commitment}};
  EXPECT_EQ(Importer(*desk_)
                .plan({{"v2.txt", page(more, "SECURITY: Synthetic")}}, options)
                .error()
                .reason,
            "commitments.import.same");
}

// The text that stays shown keeps its own clauses, whichever of the two was said to be the later.
TEST_P(WordingTest, ClausesAreThoseOfTheTextShown) {
  const auto [old_id, new_id] = import_both();
  ASSERT_TRUE(desk_->say_same(old_id, new_id, "the other way round", "ana").has_value());
  const auto view = desk_->get(new_id, Language::en);
  ASSERT_EQ(view->texts.at(0).text, kNewWords);
  ASSERT_FALSE(view->clauses.empty());
  for (const ClauseView& clause : view->clauses) {
    ASSERT_LE(clause.end, static_cast<std::int32_t>(kNewWords.size()));
    EXPECT_NE(kNewWords.find(clause.deliverable), std::string::npos) << clause.deliverable;
  }
  EXPECT_TRUE(problems().empty()) << problems().front();
}

TEST_P(WordingTest, ADateThatAPersonSetCountsAndExists) {
  const auto first = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  const std::string id = first->files[0].items[1].commitment;
  ClauseEdit clause = edit_of(desk_->get(id, Language::en)->clauses.at(0));
  for (const char* bad : {"2010-13", "2010-02-31", "2010-00", "2012/2010", "../", "/", "..", "0000",
                          "2010-1", "P", "PY", "R/2010", "2010-02-28-01", "20X0", "~"}) {
    clause.due = bad;
    EXPECT_EQ(desk_->set_clause(id, clause).error().reason, "commitments.clause.due") << bad;
  }
  const auto dated = [&] {
    Filter filter;
    filter.dated = true;
    const auto rows = desk_->list(filter, Language::en, 50, 0)->rows;
    return std::ranges::count(rows, id, &CommitmentRow::id);
  };
  EXPECT_EQ(dated(), 0);
  for (const char* good : {"2031", "2031?", "203X", "../203X", "2028-02-29", "2030/2031-06",
                           "2030/..", "P3Y", "R/P1Y", "../2031-12"}) {
    clause.due = good;
    EXPECT_TRUE(desk_->set_clause(id, clause).has_value()) << good;
    ++clause.version;
  }
  const auto view = desk_->get(id, Language::en);
  ASSERT_EQ(view->dues.size(), 1U);
  EXPECT_EQ(view->dues[0].edtf, "../2031-12");
  EXPECT_EQ(view->dues[0].set_by, "ana");
  EXPECT_EQ(dated(), 1);
  EXPECT_TRUE(problems().empty()) << problems().front();
  clause.due = "";
  ASSERT_TRUE(desk_->set_clause(id, clause).has_value());
  EXPECT_EQ(dated(), 0);
}

// Rules read two dates in one clause, "yearly" and "by June 2030"; a person's decision replaces or
// withdraws the one in the clause's field, and is itself never lost.
TEST_P(WordingTest, ADateThatARuleMisreadIsReplacedWithdrawnAndReadAgain) {
  const auto first = import(*desk_, {{"one.txt", page(corrected(), "SECURITY: Synthetic")}});
  const std::string id = first->files[0].items[1].commitment;
  const auto clause = [&] { return desk_->get(id, Language::en)->clauses.at(0); };
  const auto dates = [&] {
    std::string out;
    const auto view = desk_->get(id, Language::en);
    for (const DueView& due : view->dues) {
      out += fmt::format("{} by {};", due.edtf, due.set_by);
    }
    return out;
  };
  const auto numbers = [&] {
    std::string out;
    EXPECT_TRUE(store_->database()
                    .read([&](store::Transaction& tx) -> Result<void> {
                      const auto rows = ATALAYA_TRY(
                          tx.query("SELECT ordinal, replaces FROM dues WHERE commitment = $1 AND "
                                   "withdrawn_by = '' ORDER BY ordinal",
                                   {id}));
                      for (const auto& row : rows) {
                        out += fmt::format("{}<{};", row.integer(0), row.integer(1));
                      }
                      return {};
                    })
                    .has_value());
    return out;
  };
  const std::string as_read = dates();
  const std::string rule_due = clause().due;
  ASSERT_FALSE(rule_due.empty());
  ASSERT_EQ(clause().version, 0);
  ASSERT_EQ(as_read, rule_due + " by rule;../2030-06 by rule;");

  ClauseEdit ana = edit_of(clause());
  ClauseEdit ben = edit_of(clause(), "ben");
  ana.due = "2019";
  ana.dates_recorded = {1, 0};  // its outcome goes with the date in its place
  ASSERT_TRUE(desk_->set_clause(id, ana).has_value());
  EXPECT_EQ(dates(), "../2030-06 by rule;2019 by ana;") << "the other date of the clause stays";
  EXPECT_EQ(numbers(), "2<0;1001<1;");
  EXPECT_EQ(clause().due_latest, "") << "the rule's reading was of another date";
  ben.due = "";
  EXPECT_EQ(desk_->set_clause(id, ben).error().reason, "commitments.clause.changed");
  EXPECT_EQ(dates(), "../2030-06 by rule;2019 by ana;") << "the first one's work is still there";

  ben.version = 1;
  for (const std::int64_t recorded : {1, 1001}) {
    ben.dates_recorded = {recorded};
    EXPECT_EQ(desk_->set_clause(id, ben).error().reason, "commitments.clause.outcome") << recorded;
  }
  ben.dates_recorded = {0, 2, 7};
  ASSERT_TRUE(desk_->set_clause(id, ben).has_value());
  EXPECT_EQ(dates(), "../2030-06 by rule;");

  // The same words on another page are read anew; the decision stands, and so does the way back.
  ASSERT_TRUE(import(*desk_, {{"two.txt", page(corrected(), "OTHER")}}).has_value());
  EXPECT_EQ(dates(), "../2030-06 by rule;");
  ClauseEdit back = edit_of(clause(), "ana");
  back.back = true;
  ASSERT_TRUE(desk_->set_clause(id, back).has_value());
  EXPECT_EQ(dates(), as_read);
  EXPECT_EQ(clause().set_by, "rule");
  EXPECT_EQ(clause().version, 3);
  ++back.version;
  EXPECT_EQ(desk_->set_clause(id, back).error().reason, "commitments.clause.unread");

  std::string history;
  const auto versions = desk_->clause_history(id);
  for (const ClauseVersion& one : *versions) {
    history += one.decision + " " + one.due + " " + one.set_by + ";";
  }
  EXPECT_EQ(history, fmt::format("read {0} rule;set 2019 ana;set  ben;back {0} ana;", rule_due));
  EXPECT_TRUE(problems().empty()) << problems().front();
}

// What a person says of a clause's date is said of that one: of its kind, and of no other.
TEST_P(WordingTest, ACorrectedDateStaysWhatItWasAndTheOthersStay) {
  const auto first = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  const std::string id = first->files[0].items[1].commitment;
  const auto written = store_->database().write([&](store::Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("UPDATE clauses SET due = '2001-07' WHERE commitment = $1", {id}));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by) VALUES ($1, 1, "
        "'', 'soft', 'Strengthen', 1, 'rule'), ($1, 2, '2001-07', 'scheduled_event', 'synthetic', "
        "0, 'rule'), ($1, 3, '2002', 'deadline', 'reviews', 0, 'rule')",
        {id}));
    return {};
  });
  ASSERT_TRUE(written.has_value()) << written.error().detail;
  const auto dates = [&] {
    std::string out;
    const auto view = desk_->get(id, Language::en);
    for (const DueView& due : view->dues) {
      out += fmt::format("{} {} by {};", due.kind, due.edtf, due.set_by);
    }
    const auto said = Exporter(*desk_).commitment(id);
    const auto& clause = said->at("clauses").at(0);
    return fmt::format("{}version {} {}", out, clause.at("version").as_int64(),
                       json::serialize(clause.at("due_kind")));
  };
  const std::string as_read =
      "soft  by rule;scheduled_event 2001-07 by rule;deadline 2002 by rule;";
  EXPECT_EQ(dates(), as_read + "version 0 \"scheduled_event\"");
  ClauseEdit edit = edit_of(desk_->get(id, Language::en)->clauses.at(0));
  edit.verb = "reinforce";
  const auto set = [&](const char* due) {
    edit.due = due;
    const auto done = desk_->set_clause(id, edit);
    ++edit.version;
    return done ? dates() : done.error().reason;
  };
  EXPECT_EQ(set("2001-07"), as_read + "version 1 \"scheduled_event\"") << "other words alone";
  edit.dates_recorded = {2};
  EXPECT_EQ(set("2001-07-09"),
            "soft  by rule;deadline 2002 by rule;scheduled_event 2001-07-09 by ana;version 2 "
            "\"scheduled_event\"")
      << "what became of it goes with it";
  EXPECT_EQ(set("2002"), "commitments.clause.outcome") << "no other date takes it over";
  --edit.version;
  edit.dates_recorded = {1, 3};
  EXPECT_EQ(set(""), "soft  by rule;deadline 2002 by rule;version 3 null");
  edit.back = true;
  EXPECT_EQ(set(""), as_read + "version 4 \"scheduled_event\"");
}

TEST_P(WordingTest, AClauseSaysSomethingThatCanBeSeenOfSomebodyKnown) {
  const auto first = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  const std::string id = first->files[0].items[1].commitment;
  const ClauseEdit good = edit_of(desk_->get(id, Language::en)->clauses.at(0));
  const auto refused = [&](auto change) {
    ClauseEdit edit = good;
    change(edit);
    const auto set = desk_->set_clause(id, edit);
    return set ? std::string() : set.error().reason.substr(19);
  };
  EXPECT_EQ(refused([](auto& e) { e.verb = e.deliverable = e.due = "", e.qualifiers = {}; }),
            "empty");
  EXPECT_EQ(refused([](auto& e) { e.deliverable = "Syn\u202Ethetic"; }), "controls");
  EXPECT_EQ(refused([](auto& e) { e.verb = std::string("a\0b", 3); }), "controls");
  EXPECT_EQ(refused([](auto& e) { e.deliverable = "\u3164"; }), "controls");
  EXPECT_EQ(refused([](auto& e) { e.reason = "\U000E0041"; }), "controls");
  EXPECT_EQ(refused([](auto& e) { e.qualifiers = {"\u2066as appropriate"}; }), "controls");
  EXPECT_EQ(refused([](auto& e) { e.reason = "w\u200Fhy"; }), "controls");
  EXPECT_EQ(refused([](auto& e) { e.reason = " "; }), "reason");
  EXPECT_EQ(refused([](auto& e) { e.verb = "e\u0301\u0302\u0303\u0304"; }), "controls");
  EXPECT_EQ(refused([](auto& e) { e.deliverable = "\u0301a list"; }), "controls");
  EXPECT_EQ(refused([](auto& e) {
              e.verb = " ";
              e.formulation = "firm";
            }),
            "verb");
  EXPECT_EQ(refused([](auto& e) { e.addressee = "nobody we know"; }), "addressee");
  EXPECT_EQ(refused([](auto& e) { e.verb = std::string(201, 'v'); }), "bad");
  // As many characters as the form lets in, whatever their bytes.
  EXPECT_EQ(refused([](auto& e) {
              e.verb.clear();
              for (int i = 0; i < 200; ++i) {
                e.verb += "ñ";
              }
              e.addressee = "parliaments";
            }),
            "");
}

TEST_P(WordingTest, TitlesAreWhatTheyLookLikeAndAntecedentsAreOlder) {
  const auto first = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  const auto& items = first->files[0].items;
  for (const char* bad : {"Synthetic \u202E title", "Synthetic \x01 title", "\u2066Title"}) {
    const TitleVersion title{"en", 0, bad, "", "ana", "", "clarity"};
    EXPECT_EQ(desk_->set_title(items[0].commitment, title).error().reason,
              "commitments.title.controls");
  }
  const TitleVersion broken{"en", 0, "Synthetic\ntitle", "", "ana", "", "clarity"};
  EXPECT_EQ(desk_->set_title(items[0].commitment, broken).error().reason, "commitments.title.line");
  EXPECT_EQ(desk_->confirm_antecedent(items[0].commitment, items[1].commitment, "restates", "x",
                                      "ana")
                .error()
                .reason,
            "commitments.antecedent.same_document");
}

TEST_P(WordingTest, AMendedTextIsShownAndReadAnew) {
  ASSERT_TRUE(import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  std::vector<std::string> mended = kItems;
  mended[0] = "Promote the synthetic exchange of lists, among the 35 bodies, by December 2031.";
  const auto newer = import(*desk_, {{"v2.txt", page(mended, "SECURITY: Synthetic")}});
  ASSERT_TRUE(newer.has_value()) << newer.error().detail;
  ASSERT_EQ(newer->files[0].rewordings.size(), 1U);
  EXPECT_EQ(newer->files[0].rewordings[0].kind, Rewording::Kind::mended);
  const auto view = desk_->get(newer->files[0].items[0].commitment, Language::en);
  EXPECT_EQ(view->texts.at(0).text, mended[0].substr(0, view->texts.at(0).text.size()));
  EXPECT_LE(view->clauses.back().end, static_cast<std::int32_t>(view->texts.at(0).text.size()));
  EXPECT_TRUE(problems().empty()) << problems().front();
}

TEST_P(WordingTest, LinksThatAPersonSetHoldAgainstRules) {
  const auto first = import(*desk_, {{"v1.txt", page(kItems, "SECURITY: Synthetic")}});
  const std::string id = first->files[0].items[3].commitment;
  const auto institutions = [&] { return desk_->get(id, Language::en)->institutions; };
  ASSERT_EQ(desk_->get(id, Language::en)->link_set_by.at("institution:oas"), "rule");
  const LinkDecision remove{"institution", "oas", "remove", "it is named in passing", "ana", ""};
  ASSERT_TRUE(desk_->set_link(id, remove).has_value());
  EXPECT_EQ(desk_->set_link(id, remove).error().reason, "commitments.link.none");
  const LinkDecision add{"instrument", "cifta", "add", "its subject", "ana", ""};
  ASSERT_TRUE(desk_->set_link(id, add).has_value());
  EXPECT_EQ(desk_->set_link(id, add).error().reason, "commitments.link.exists");
  EXPECT_EQ(desk_->set_link(id, {"instrument", "none", "add", "x", "ana", ""}).error().reason,
            "commitments.link.bad");
  // The same text on another page, read by the same rules, does not bring it back.
  ASSERT_TRUE(import(*desk_, {{"two.txt", page({kItems[3], kItems[0]}, "OTHER")}}).has_value());
  EXPECT_EQ(std::ranges::count(institutions(), "oas"), 0);
  const auto view = desk_->get(id, Language::en);
  EXPECT_EQ(view->link_set_by.at("instrument:cifta"), "ana");
  Filter filter;
  filter.instruments = {"cifta"};
  const auto listed = desk_->list(filter, Language::en, 50, 0);
  EXPECT_TRUE(std::ranges::any_of(listed->rows,
                                  [&](const CommitmentRow& row) { return row.id == id; }));
  EXPECT_EQ(desk_->link_history(id)->size(), 2U);
  // Nor does a newer catalogue, which writes all of its own rows again.
  run_sql("DELETE FROM settings WHERE key = 'commitments.catalogue'");
  const auto again = open(store_->database());
  EXPECT_EQ(std::ranges::count(again->get(id, Language::en)->institutions, "oas"), 0);
}

TEST_P(WordingTest, EveryRowChangedBehindTheProgramsBackIsFoundAndNamed) {
  ASSERT_TRUE(import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}}).has_value());
  EXPECT_TRUE(problems().empty()) << problems().front();
  const std::pair<const char*, const char*> harms[] = {
      {"UPDATE appearances SET citation_year = 1999 WHERE ordinal = 1", "item 1 of one.txt"},
      {"UPDATE appearances SET line = line + 1 WHERE ordinal = 2", "item 2 of one.txt"},
      {"UPDATE appearances SET effective_document = 'x' WHERE ordinal = 3", "item 3 of one.txt"},
      {"UPDATE clauses SET formulation = 'firm' WHERE formulation = 'qualified'", "clause 1 of"},
      {"UPDATE dues SET edtf = '2032' WHERE ordinal = 1", "date 1 of"},
      {"INSERT INTO statements_of_position(source, ordinal, actor, on_role, on_ordinal, text, line) "
       "SELECT id, 1, 'ECU', 'operative', 1, 'x', 1 FROM source_documents",
       "statement of position 1 of one.txt was added"},
      {"INSERT INTO document_states(source, ordinal, printed, country, line) SELECT id, 1, 'x', "
       "'ECU', 1 FROM source_documents",
       "named state 1 of one.txt was added"},
      {"DELETE FROM clauses WHERE verb = 'request'", "was removed"},
      {"INSERT INTO wordings(later, commitment, reason, said_by, said_at) SELECT MIN(id), MAX(id), "
       "'x', 'x', 'x' FROM commitments",
       "nobody said in the log"},
  };
  for (const auto& [harm, named] : harms) {
    const auto before = problems();
    run_sql(harm);
    const auto after = problems();
    EXPECT_GT(after.size(), before.size()) << harm;
    EXPECT_TRUE(std::ranges::any_of(after,
                                    [&](const std::string& problem) {
                                      return problem.find(named) != std::string::npos;
                                    }))
        << harm << ": " << (after.empty() ? std::string() : after.back());
  }
}

// An older version wrote no leaves "commitments.rows" and fewer fields of a clause; what it held
// must not be called damaged. The log is written again as that version would have.
TEST_P(WordingTest, ANodeOfAnOlderVersionRaisesNoFalseAlarm) {
  const auto first = import(*desk_, {{"one.txt", page(kItems, "SECURITY: Synthetic")}});
  ClauseEdit clause =
      edit_of(desk_->get(first->files[0].items[0].commitment, Language::en)->clauses.at(0));
  clause.addressee = "oas";
  ASSERT_TRUE(
      desk_->set_clause(first->files[0].items[0].commitment, clause).has_value());
  write_log_as_an_older_version();
  auto check = desk_->check_against_log();
  ASSERT_TRUE(check.has_value()) << check.error().detail;
  EXPECT_TRUE(check->problems.empty()) << check->problems.front();
  EXPECT_EQ(check->documents, 1);
  EXPECT_EQ(check->documents_texts_only, 1);
  // A later import is covered, and what an editor set then is compared as before.
  ASSERT_TRUE(import(*desk_, {{"two.txt", page({kItems[2], kItems[0]}, "OTHER")}}).has_value());
  check = desk_->check_against_log();
  EXPECT_TRUE(check->problems.empty()) << check->problems.front();
  EXPECT_EQ(check->documents_texts_only, 1);
  run_sql("UPDATE clauses SET addressee = 'states' WHERE set_by = 'ana'");
  EXPECT_EQ(problems().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Engines, WordingTest,
                         testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) {
                           return engine.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

}  // namespace
}  // namespace atalaya::commitments
