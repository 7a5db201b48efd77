// Goal: what is appended is in the log for good, in order and without gaps, on both engines; proofs
// hold, erasing leaves the log valid, and no failure leaves half an append. Method: the public API
// only, with random histories (rapidcheck), a store whose n-th write fails, and many threads.
#include <atalaya/ledger/ledger.hpp>

#include <atomic>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/merkle.hpp>
#include <atalaya/store/faulty.hpp>

#include "test_log.hpp"

namespace atalaya::ledger {
namespace {

using testing::event;
using testing::events;
using testing::OpenLog;
using testing::TemporaryFolder;

std::string first_problem(const Result<VerifyReport>& report) {
  if (!report) {
    return "failed: " + report.error().detail;
  }
  return report->ok() ? ""
                      : report->problems.front().reason + ": " + report->problems.front().detail;
}

/// One empty store after another: files for SQLite, schemas of one server for PostgreSQL.
class Stores {
 public:
  explicit Stores(store::Engine engine) : engine_(engine) {}

  [[nodiscard]] bool available() const {
    return engine_ == store::Engine::sqlite || std::getenv("ATALAYA_TEST_POSTGRES") != nullptr;
  }

  std::string next() {
    static std::atomic<int> count = 0;
    const int number = ++count;
    if (engine_ == store::Engine::sqlite) {
      return folder_.file(fmt::format("{}.db", number));
    }
    const std::string base = std::getenv("ATALAYA_TEST_POSTGRES");
    const std::string schema = fmt::format("ledger_{}_{}", ::getpid(), number);
    auto database = store::Database::open(base);
    ATALAYA_CHECK(database.has_value());
    const auto made = (*database)->write([&](store::Transaction& transaction) -> Result<void> {
      ATALAYA_TRY(transaction.execute("CREATE SCHEMA " + schema));
      return {};
    });
    ATALAYA_CHECK(made.has_value());
    return fmt::format("{}&options=-csearch_path%3D{}", base, schema);
  }

 private:
  store::Engine engine_;
  TemporaryFolder folder_;
};

class LedgerOnStore : public ::testing::TestWithParam<store::Engine> {
 protected:
  LedgerOnStore() : stores_(GetParam()) {}

  void SetUp() override {
    if (!stores_.available()) {
      GTEST_SKIP() << "ATALAYA_TEST_POSTGRES is not set; ctest runs this as ledger_postgres";
    }
  }

  Stores stores_;
};

INSTANTIATE_TEST_SUITE_P(Engines, LedgerOnStore,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& instance) {
                           return instance.param == store::Engine::sqlite ? "sqlite" : "postgresql";
                         });

TEST_P(LedgerOnStore, AnEmptyLogVerifiesAndHasACheckpoint) {
  OpenLog log(stores_.next());
  const auto checkpoint = log.ledger->checkpoint();
  ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().detail;
  EXPECT_EQ(checkpoint->size, 0U);
  EXPECT_EQ(to_hex(checkpoint->root),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const auto report = log.ledger->verify();
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report->checkpoints_checked, 1U);
}

TEST_P(LedgerOnStore, AppendsAreGaplessAndReadBack) {
  OpenLog log(stores_.next());
  EXPECT_EQ(log.append(events(0, 3)), 0U);
  EXPECT_EQ(log.append(events(3, 1)), 3U);
  EXPECT_EQ(log.append({}), 4U);
  EXPECT_EQ(log.append(events(4, 2000)), 4U);
  EXPECT_EQ(log.ledger->size(), 2004U);
  const auto read = log.database->read([&](store::Transaction& transaction) -> Result<void> {
    const Entry entry = ATALAYA_TRY(log.ledger->get_entry(transaction, 5));
    EXPECT_EQ(entry.index, 5U);
    EXPECT_EQ(entry.leaf.kind, "test.event");
    EXPECT_EQ(entry.leaf.subject, "thing/5");
    // The day, whatever the hour: kNow is 02:00.
    EXPECT_EQ(to_string(entry.leaf.at), "2026-11-22T00:00:00Z");
    const std::optional<Payload> payload = ATALAYA_TRY(log.ledger->find_payload(transaction, 5));
    EXPECT_TRUE(payload.has_value());
    EXPECT_EQ(payload->bytes, event(5).payload);
    EXPECT_EQ(commitment_of(*payload), entry.leaf.commitment);
    const std::vector<Entry> some = ATALAYA_TRY(log.ledger->entries_of(transaction, "thing/6", 3));
    EXPECT_EQ(some.size(), 3U);
    EXPECT_EQ(some.back().index, 2001U);
    EXPECT_EQ(some.front().index, 1987U);
    const std::vector<Entry> page = ATALAYA_TRY(log.ledger->entries_from(transaction, 2001, 10));
    EXPECT_EQ(page.size(), 3U);
    EXPECT_EQ(log.ledger->get_entry(transaction, 2004).error().reason, "ledger.no_leaf");
    EXPECT_EQ(log.ledger->find_payload(transaction, ~0ULL).error().reason, "ledger.no_leaf");
    return {};
  });
  EXPECT_TRUE(read.has_value()) << read.error().detail;
  const auto report = log.ledger->verify();
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report->payloads_checked, 2004U);
  EXPECT_EQ(report->leaves_unsigned, 2004U);
}

TEST_P(LedgerOnStore, ARolledBackAppendLeavesNoGap) {
  OpenLog log(stores_.next());
  ASSERT_TRUE(log.append(events(0, 20)));
  const auto failed = log.write([&](store::Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(log.ledger->append(transaction, events(20, 50)));
    return fail(ErrorCode::conflict, "test.changed_my_mind");
  });
  EXPECT_EQ(failed.error().reason, "test.changed_my_mind");
  EXPECT_EQ(log.append(events(20, 1)), 20U);
  EXPECT_EQ(first_problem(log.ledger->verify()), "");
}

TEST_P(LedgerOnStore, ProofsHoldOfflineAndAgainstKeptCheckpoints) {
  OpenLog log(stores_.next());
  ASSERT_TRUE(log.append(events(0, 100)));
  const Checkpoint old_one = *log.ledger->checkpoint();
  ASSERT_TRUE(log.append(events(100, 250)));
  const Checkpoint new_one = *log.ledger->checkpoint();
  const VerifierKey key = log.ledger->verifier();
  for (const std::uint64_t index : {0U, 15U, 16U, 99U, 100U, 255U, 256U, 349U}) {
    const auto text = log.ledger->prove_inclusion(index, Reveal::payload);
    ASSERT_TRUE(text.has_value()) << text.error().detail;
    const auto checked = check_proof(*text, key, new_one.note);
    ASSERT_TRUE(checked.has_value()) << checked.error().detail;
    EXPECT_EQ(checked->index, index);
    EXPECT_EQ(checked->leaf.subject, event(index).subject);
    EXPECT_EQ(checked->payload, event(index).payload);
    EXPECT_EQ(check_proof(*log.ledger->prove_inclusion(index), key)->payload, std::nullopt);
    EXPECT_EQ(check_proof(*text, key, old_one.note).error().reason,
              "ledger.proof.other_checkpoint");
  }
  const auto consistency = log.ledger->prove_consistency(100);
  ASSERT_TRUE(consistency.has_value()) << consistency.error().detail;
  for (const std::string& kept : {std::string(), old_one.note, new_one.note}) {
    const auto checked = check_proof(*consistency, key, kept);
    ASSERT_TRUE(checked.has_value()) << checked.error().detail;
    EXPECT_EQ(checked->kind, CheckedProof::Kind::consistency);
    EXPECT_EQ(checked->old_checkpoint->size, 100U);
    EXPECT_EQ(checked->checkpoint.size, 350U);
  }
  EXPECT_TRUE(check_proof(*log.ledger->prove_consistency(100, 100), key).has_value());
  EXPECT_EQ(log.ledger->prove_consistency(99).error().reason, "ledger.proof.unsigned_size");
  EXPECT_EQ(log.ledger->prove_consistency(350, 100).error().reason, "ledger.proof.sizes");
  EXPECT_EQ(log.ledger->prove_consistency(0, ~0ULL).error().reason, "ledger.proof.unsigned_size");
  EXPECT_EQ(log.ledger->prove_inclusion(350).error().reason, "ledger.no_leaf");
}

TEST_P(LedgerOnStore, AProofOfAFreshLeafSignsACheckpoint) {
  OpenLog log(stores_.next());
  ASSERT_TRUE(log.append(events(0, 5)));
  EXPECT_EQ(log.ledger->find_last_checkpoint()->has_value(), false);
  EXPECT_EQ(check_proof(*log.ledger->prove_inclusion(4), log.ledger->verifier())->checkpoint.size,
            5U);
  EXPECT_EQ((*log.ledger->find_last_checkpoint())->size, 5U);
  ASSERT_TRUE(log.append(events(5, 5)));
  // The stored checkpoint covers leaf 2; no other is needed.
  EXPECT_EQ(check_proof(*log.ledger->prove_inclusion(2), log.ledger->verifier())->checkpoint.size,
            5U);
}

TEST_P(LedgerOnStore, WhatAccountsDidIsProvedToOthersByItsHashAlone) {
  OpenLog log(stores_.next());
  log.clock.set(UtcTime{testing::kNow.ms + 1'234});
  ASSERT_TRUE(log.append({{"followup.submission", "submission/1", "{}"},
                          {"identity.signed_in", "account/4f2a", "{}"},
                          {"store.rows", "rows", "{}"},
                          {"followup.code", "coding/7", "{}"},
                          {"followup.assessment", "coding/7", "{}"}}));
  const auto shown = [&](std::uint64_t index, Reveal reveal) {
    const auto checked =
        check_proof(*log.ledger->prove_inclusion(index, reveal), log.ledger->verifier());
    return checked ? checked->leaf.kind + " " + to_string(checked->leaf.at)
                   : checked.error().detail;
  };
  EXPECT_EQ(shown(0, Reveal::public_part), "followup.submission 2026-11-22T00:00:00Z");
  EXPECT_EQ(shown(1, Reveal::leaf), "identity.signed_in 2026-11-22T02:00:01.234Z");
  EXPECT_EQ(shown(1, Reveal::public_part), " 1970-01-01T00:00:00Z");
  // The rows beside a code are as silent as the code: one hidden leaf is like another.
  EXPECT_EQ(shown(2, Reveal::leaf), "store.rows 2026-11-22T00:00:00Z");
  EXPECT_EQ(shown(2, Reveal::public_part), " 1970-01-01T00:00:00Z");
  EXPECT_EQ(shown(3, Reveal::public_part), " 1970-01-01T00:00:00Z");
  EXPECT_EQ(shown(4, Reveal::public_part), "followup.assessment 2026-11-22T00:00:00Z");
  std::string proof = *log.ledger->prove_inclusion(1, Reveal::public_part);
  const std::size_t extra = proof.find("extra ") + 6;
  const std::string said = proof.substr(extra, proof.find('\n', extra) - extra);
  const auto told = from_base64(said);
  ASSERT_TRUE(told.has_value());
  EXPECT_TRUE(as_text(*told).starts_with(R"({"leaf_hash":")")) << as_text(*told);
  // Another leaf's hash, or a field beside it, is no proof.
  crypto::Hash other{};
  proof.replace(extra, said.size(),
                to_base64(as_bytes(fmt::format(R"({{"leaf_hash":"{}"}})", to_base64(other)))));
  EXPECT_EQ(check_proof(proof, log.ledger->verifier()).error().reason, "ledger.proof.inclusion");
}

// Older programs wrote the millisecond into every leaf.
TEST_P(LedgerOnStore, OfAnOlderProgramNobodyLearnsWhenAStrangerWrote) {
  for (const std::string kind : {"followup.submission", "followup.submission.step", "store.rows",
                                 "commitments.clause"}) {
    OpenLog log(stores_.next());
    ASSERT_TRUE(log.append({{kind, "submission/1", "{}"}}));
    const auto write = log.database->write([&](store::Transaction& tx) -> Result<void> {
      const auto row = ATALAYA_TRY(tx.query_one("SELECT leaf FROM ledger_leaves", {}));
      Leaf leaf = ATALAYA_TRY(read_leaf(as_text(row.blob(0))));
      leaf.at.ms += 1'234;
      const std::string bytes = write_leaf(leaf);
      const crypto::Hash hash = crypto::merkle_leaf_hash(bytes);
      const store::Blob root(hash.begin(), hash.end());
      ATALAYA_TRY(tx.execute("UPDATE ledger_leaves SET leaf = $1, leaf_hash = $2",
                             {store::Blob(bytes.begin(), bytes.end()), root}));
      ATALAYA_TRY(tx.execute("UPDATE ledger_nodes SET hash = $1", {root}));
      ATALAYA_TRY(tx.execute("UPDATE ledger_head SET root = $1, frontier = $1", {root}));
      return {};
    });
    ASSERT_TRUE(write.has_value()) << write.error().detail;
    const auto shown = [&](Reveal reveal) {
      const auto checked =
          check_proof(*log.ledger->prove_inclusion(0, reveal), log.ledger->verifier());
      return checked ? checked->leaf.kind : checked.error().detail;
    };
    EXPECT_EQ(shown(Reveal::public_part), kind == "commitments.clause" ? kind : "");
    EXPECT_EQ(shown(Reveal::leaf), kind) << "the node's auditors read it";
  }
}

TEST_P(LedgerOnStore, ErasingKeepsTheLogValid) {
  OpenLog log(stores_.next());
  ASSERT_TRUE(log.append(events(0, 40)));
  const Checkpoint before = *log.ledger->checkpoint();
  const std::string proof = *log.ledger->prove_inclusion(7);
  ASSERT_TRUE(log.erase(7));
  EXPECT_EQ(log.ledger->size(), 41U);
  ASSERT_TRUE(log.erase(7));
  EXPECT_EQ(log.ledger->size(), 41U) << "erasing again records nothing";
  const auto report = log.ledger->verify({.known = {{"kept.txt", before.note}}, .progress = {}});
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report->payloads_erased, 1U);
  EXPECT_EQ(report->known_checked, 1U);
  EXPECT_EQ(report->payloads_checked, 40U);
  EXPECT_EQ(*log.ledger->prove_inclusion(7), proof);
  EXPECT_EQ(log.ledger->prove_inclusion(7, Reveal::payload).error().reason, "ledger.erased");
  EXPECT_EQ(log.erase(41).error().reason, "ledger.no_leaf");
  EXPECT_EQ(log.erase(40).error().reason, "ledger.erase_own");
}

TEST_P(LedgerOnStore, BadEventsAreRefused) {
  OpenLog log(stores_.next());
  const auto reason = [&](Event bad) {
    const std::string appended = log.append({event(0), bad}).error().reason;
    EXPECT_EQ(log.ledger->submit(bad).error().reason, appended);
    return appended;
  };
  for (const char* kind : {"", ".", "a.", ".a", "a..b", "A", "a-b", "señal", "ledger.erase"}) {
    EXPECT_EQ(reason({kind, "s", ""}), "ledger.event.kind") << kind;
  }
  for (const std::string& subject : {std::string(), std::string(257, 'a'), std::string("a\nb"),
                                     std::string("\xFF"), std::string("a\0b", 3)}) {
    EXPECT_EQ(reason({"a.b", subject, ""}), "ledger.event.subject");
  }
  EXPECT_EQ(reason({"a.b", "s", std::string(kPayloadBytesMax + 1, 'p')}),
            "ledger.event.payload_size");
  EXPECT_EQ(log.ledger->size(), 0U);
  EXPECT_TRUE(log.append({{"a.b_2", "\"comillas\" \\ señal/€", std::string("\0\xFF", 2)},
                          {"a", std::string(256, 'a'), std::string(kPayloadBytesMax, 'p')}}));
  EXPECT_EQ(first_problem(log.ledger->verify()), "");
  const auto text = log.ledger->prove_inclusion(1, Reveal::payload);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(check_proof(*text, log.ledger->verifier())->payload->size(), kPayloadBytesMax);
}

TEST_P(LedgerOnStore, ManyThreadsSubmitWithoutGapsOrTwins) {
  OpenLog log(stores_.next());
  constexpr std::uint64_t kThreads = 8;
  constexpr std::uint64_t kEach = 100;
  std::vector<std::vector<std::uint64_t>> given(kThreads);
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < kEach; ++i) {
          const auto index = log.ledger->submit(event(t * kEach + i));
          ASSERT_TRUE(index.has_value()) << index.error().detail;
          given[t].push_back(*index);
        }
      });
    }
  }
  std::set<std::uint64_t> all;
  for (const auto& list : given) {
    EXPECT_TRUE(std::ranges::is_sorted(list)) << "each thread's events keep their order";
    all.insert(list.begin(), list.end());
  }
  EXPECT_EQ(all.size(), kThreads * kEach);
  EXPECT_EQ(*all.rbegin(), kThreads * kEach - 1);
  EXPECT_EQ(first_problem(log.ledger->verify()), "");
}

TEST_P(LedgerOnStore, AFailedCommitReachesEveryWaiter) {
  const std::string address = stores_.next();
  OpenLog log(address);
  store::FaultyDatabase faulty(*log.database);
  auto ledger = Ledger::open(faulty, testing::test_key(), log.clock);
  ASSERT_TRUE(ledger.has_value());
  faulty.fail_at(2);
  EXPECT_EQ((*ledger)->submit(event(0)).error().reason, "store.disk_full");
  faulty.fail_at(0);
  EXPECT_EQ((*ledger)->submit(event(0)), 0U);
  EXPECT_EQ(first_problem((*ledger)->verify()), "");
}

TEST_P(LedgerOnStore, NoFailingWriteLeavesHalfAnAppend) {
  OpenLog log(stores_.next(), {.sign_appends = SignAppends::yes});
  ASSERT_TRUE(log.append(events(0, 20)));
  ASSERT_TRUE(log.erase(3));
  const Checkpoint before = *log.ledger->checkpoint();
  store::FaultyDatabase faulty(*log.database);
  auto ledger =
      Ledger::open(faulty, testing::test_key(), log.clock, {.sign_appends = SignAppends::yes});
  ASSERT_TRUE(ledger.has_value());
  std::int64_t tried = 0;
  for (std::int64_t n = 1; n < 1000; ++n) {
    faulty.fail_at(n);
    const auto done = faulty.write([&](store::Transaction& transaction) -> Result<void> {
      ATALAYA_TRY((*ledger)->append(transaction, events(21, 40)));
      return (*ledger)->erase(transaction, 5);
    });
    if (faulty.steps() < n) {
      EXPECT_TRUE(done.has_value());
      break;
    }
    tried = n;
    EXPECT_EQ(done.error().reason, "store.disk_full");
    EXPECT_EQ(log.ledger->size(), before.size);
    EXPECT_EQ((*log.ledger->find_last_checkpoint())->note, before.note);
    EXPECT_EQ(first_problem(log.ledger->verify()), "");
  }
  EXPECT_GT(tried, 10);
  EXPECT_EQ(log.ledger->size(), before.size + 41);
  const auto report = log.ledger->verify({.known = {{"kept.txt", before.note}}, .progress = {}});
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report->leaves_unsigned, 0U);
}

TEST_P(LedgerOnStore, BatchesOfVerificationMeet) {
  OpenLog log(stores_.next());
  ASSERT_TRUE(log.append(events(0, 4095)));
  const Checkpoint first = *log.ledger->checkpoint();
  ASSERT_TRUE(log.append(events(4095, 1)));
  const Checkpoint second = *log.ledger->checkpoint();
  ASSERT_TRUE(log.append(events(4096, 1)));
  const Checkpoint third = *log.ledger->checkpoint();
  std::vector<std::uint64_t> progress;
  const auto report =
      log.ledger->verify({.known = {{"a", first.note}, {"b", second.note}, {"c", third.note}},
                          .progress = [&](std::uint64_t done, std::uint64_t total) {
                            progress.push_back(done);
                            EXPECT_EQ(total, 4097U);
                          }});
  EXPECT_EQ(first_problem(report), "");
  EXPECT_EQ(report->checkpoints_checked, 3U);
  EXPECT_EQ(report->known_checked, 3U);
  EXPECT_EQ(progress, (std::vector<std::uint64_t>{4096, 4097}));
}

TEST(Ledger, AnswersSurviveAnotherKeyOnlyAsDamage) {
  const TemporaryFolder folder;
  {
    OpenLog log(folder.file("a.db"));
    ASSERT_TRUE(log.append(events(0, 3)));
    ASSERT_TRUE(log.ledger->checkpoint());
  }
  OpenLog log(folder.file("a.db"));
  auto other = Ledger::open(*log.database, testing::test_key('o', "other.example"), log.clock);
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ((*other)->checkpoint().error().reason, "ledger.checkpoint_damaged");
  EXPECT_EQ((*other)->verify()->problems.front().reason, "ledger.verify.checkpoint");
}

/// The leaves' bytes as a reader gets them, hashed by the naive recursion's stand-in.
crypto::Hash root_of_entries(OpenLog& log, std::uint64_t size) {
  crypto::MerkleFrontier tree;
  const auto read = log.database->read([&](store::Transaction& transaction) -> Result<void> {
    const std::vector<Entry> entries = ATALAYA_TRY(log.ledger->entries_from(transaction, 0, size));
    for (const Entry& entry : entries) {
      tree.append(crypto::merkle_leaf_hash(write_leaf(entry.leaf)));
    }
    return {};
  });
  EXPECT_TRUE(read.has_value());
  return tree.root();
}

RC_GTEST_PROP(LedgerProperty, RandomHistoriesVerifyAndProve, ()) {
  const TemporaryFolder folder;
  OpenLog log(folder.file("a.db"));
  std::uint64_t size = 0;
  std::vector<Checkpoint> kept;
  const auto steps = *rc::gen::container<std::vector<int>>(12, rc::gen::inRange(0, 5));
  for (const int step : steps) {
    if (step <= 2) {
      const auto count = *rc::gen::inRange<std::uint64_t>(1, step == 2 ? 300 : 20);
      const auto first = log.append(events(size, count));
      RC_ASSERT(first.has_value());
      RC_ASSERT(*first == size);
      size += count;
    } else if (step == 3) {
      kept.push_back(*log.ledger->checkpoint());
      RC_ASSERT(kept.back().size == size);
      RC_ASSERT(kept.back().root == root_of_entries(log, size));
    } else if (size > 0) {
      const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
      if (log.erase(index)) {
        size = *log.ledger->size();
      }
    }
  }
  VerifyOptions options;
  for (const Checkpoint& checkpoint : kept) {
    options.known.push_back({"kept", checkpoint.note});
  }
  RC_ASSERT(first_problem(log.ledger->verify(options)) == "");
  const VerifierKey key = log.ledger->verifier();
  for (const Checkpoint& checkpoint : kept) {
    const auto text = log.ledger->prove_consistency(checkpoint.size);
    RC_ASSERT(text.has_value());
    RC_ASSERT(check_proof(*text, key, checkpoint.note).has_value());
  }
  if (size > 0) {
    const auto index = *rc::gen::inRange<std::uint64_t>(0, size);
    const auto text = log.ledger->prove_inclusion(index);
    RC_ASSERT(text.has_value());
    RC_ASSERT(check_proof(*text, key)->index == index);
  }
}

}  // namespace
}  // namespace atalaya::ledger
