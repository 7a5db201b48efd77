// Goal: whoever can write the database but lacks the node's key cannot change the log unseen.
// Method: a log with checkpoints and an erasure is changed behind the store's back, in SQLite with
// its constraints switched off: every cell of every table by flips of first, middle and last byte,
// every row deleted, numbers moved, leaves swapped, old copies put back, histories rewritten whole.
#include <atalaya/ledger/ledger.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/merkle.hpp>

#include "test_log.hpp"

namespace atalaya::ledger {
namespace {

using testing::events;
using testing::OpenLog;
using testing::TemporaryFolder;

constexpr std::uint64_t kSize = 41;  // 40 events and an erasure
constexpr std::uint64_t kErased = 5;

/// SQLite without this project's code: what an intruder's shell has.
class Intruder {
 public:
  explicit Intruder(const std::string& path) {
    ATALAYA_CHECK(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    run("PRAGMA foreign_keys = OFF");
    run("PRAGMA ignore_check_constraints = ON");
    run("PRAGMA synchronous = OFF");
    sqlite3_busy_timeout(db_, 5000);
  }

  Intruder(const Intruder&) = delete;
  Intruder& operator=(const Intruder&) = delete;

  ~Intruder() { sqlite3_close(db_); }

  /// False when SQLite itself refuses the statement.
  bool run(const std::string& sql) {
    return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  std::vector<std::string> column(const std::string& sql) {
    std::vector<std::string> values;
    sqlite3_stmt* statement = nullptr;
    ATALAYA_CHECK(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, 0));
      values.emplace_back(bytes == nullptr ? "" : bytes,
                          static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    }
    sqlite3_finalize(statement);
    return values;
  }

  void put(const std::string& table, const std::string& name, const std::string& rowid,
           const std::string& value, bool is_text) {
    const std::string sql =
        fmt::format("UPDATE {} SET {} = ?1 WHERE rowid = {}", table, name, rowid);
    sqlite3_stmt* statement = nullptr;
    ATALAYA_CHECK(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    const auto size = static_cast<int>(value.size());
    if (is_text) {
      sqlite3_bind_text(statement, 1, value.data(), size, SQLITE_TRANSIENT);
    } else {
      sqlite3_bind_blob(statement, 1, value.data(), size, SQLITE_TRANSIENT);
    }
    ATALAYA_CHECK(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_finalize(statement);
  }

 private:
  sqlite3* db_ = nullptr;
};

class Tamper : public ::testing::Test {
 protected:
  Tamper() {
    OpenLog log(path_);
    ATALAYA_CHECK(log.append(events(0, 10)).has_value());
    first_ = *log.ledger->checkpoint();
    ATALAYA_CHECK(log.append(events(10, 23)).has_value());
    second_ = *log.ledger->checkpoint();
    ATALAYA_CHECK(log.append(events(33, 7)).has_value());
    ATALAYA_CHECK(log.erase(kErased).has_value());
    last_ = *log.ledger->checkpoint();
  }

  VerifyReport verify(const VerifyOptions& options = {}) {
    // As an auditor does it: a copy of the store and the public key.
    const auto database = store::Database::open(path_);
    EXPECT_TRUE(database.has_value()) << database.error().detail;
    auto report = verify_log(**database, testing::test_key().verifier(), options);
    EXPECT_TRUE(report.has_value()) << report.error().detail;
    return report ? std::move(*report) : VerifyReport{};
  }

  /// Runs the statements, expects that reason among the problems, and answers the first such.
  Problem expect(const std::string& statements, const std::string& reason,
                 const VerifyOptions& options = {}) {
    Intruder intruder(path_);
    EXPECT_TRUE(intruder.run(statements)) << statements;
    const VerifyReport report = verify(options);
    EXPECT_FALSE(report.ok()) << statements;
    std::string all;
    for (const Problem& problem : report.problems) {
      if (problem.reason == "ledger.verify." + reason) {
        return problem;
      }
      all += problem.reason + ": " + problem.detail + "\n";
    }
    ADD_FAILURE() << statements << "\nwanted " << reason << ", got\n" << all;
    return {};
  }

  [[nodiscard]] VerifyOptions known(const Checkpoint& checkpoint) const {
    return {.known = {{"kept.txt", checkpoint.note}}, .progress = {}};
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("a.db");
  Checkpoint first_;
  Checkpoint second_;
  Checkpoint last_;
};

TEST_F(Tamper, TheLogIsGoodBefore) {
  const VerifyReport report = verify(known(first_));
  EXPECT_TRUE(report.ok()) << report.problems.front().detail;
  EXPECT_EQ(report.size, kSize);
  EXPECT_EQ(report.checkpoints_checked, 3U);
  EXPECT_EQ(report.payloads_erased, 1U);
  EXPECT_EQ(report.leaves_unsigned, 0U);
}

TEST_F(Tamper, EveryFlippedByteOfEveryCellIsFound) {
  struct Column {
    const char* table;
    const char* name;
    bool is_text;
  };

  const OpenLog log(path_);
  Intruder intruder(path_);
  int flips = 0;
  for (const Column& column : {Column{"ledger_head", "root", false},
                               {"ledger_head", "frontier", false},
                               {"ledger_leaves", "leaf_hash", false},
                               {"ledger_leaves", "kind", true},
                               {"ledger_leaves", "subject", true},
                               {"ledger_leaves", "leaf", false},
                               {"ledger_nodes", "hash", false},
                               {"ledger_payloads", "salt", false},
                               {"ledger_payloads", "payload", false},
                               {"ledger_checkpoints", "note", true}}) {
    const std::string from = fmt::format(" FROM {} ORDER BY rowid", column.table);
    const auto rowids = intruder.column("SELECT rowid" + from);
    const auto values = intruder.column(fmt::format("SELECT {}{}", column.name, from));
    ASSERT_FALSE(rowids.empty()) << column.table;
    for (std::size_t row = 0; row < rowids.size(); ++row) {
      const std::string& good = values[row];
      for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
        if (good.empty()) {
          continue;
        }
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 1);
        intruder.put(column.table, column.name, rowids[row], bad, column.is_text);
        const auto report = log.ledger->verify();
        ASSERT_TRUE(report.has_value());
        EXPECT_FALSE(report->ok())
            << column.table << "." << column.name << " row " << rowids[row] << " byte " << at;
        ++flips;
      }
      // A value cut short, and an empty one.
      for (const std::string& bad : {good.substr(0, good.size() / 2), std::string()}) {
        if (bad == good) {
          continue;
        }
        intruder.put(column.table, column.name, rowids[row], bad, column.is_text);
        const auto report = log.ledger->verify();
        ASSERT_TRUE(report.has_value());
        EXPECT_FALSE(report->ok()) << column.table << "." << column.name << " cut";
      }
      intruder.put(column.table, column.name, rowids[row], good, column.is_text);
    }
  }
  EXPECT_GT(flips, 700);
  EXPECT_TRUE(log.ledger->verify()->ok()) << "everything was put back";
}

TEST_F(Tamper, EveryDeletedRowIsFound) {
  const OpenLog log(path_);
  Intruder intruder(path_);
  for (const char* table : {"ledger_head", "ledger_leaves", "ledger_nodes", "ledger_payloads"}) {
    for (const std::string& rowid :
         intruder.column(fmt::format("SELECT rowid FROM {} ORDER BY rowid", table))) {
      // Kept aside and put back, as SQL can.
      ASSERT_TRUE(intruder.run(
          fmt::format("CREATE TABLE aside AS SELECT rowid AS number, * FROM {} WHERE rowid = {};"
                      "DELETE FROM {} WHERE rowid = {}",
                      table, rowid, table, rowid)));
      const auto report = log.ledger->verify();
      ASSERT_TRUE(report.has_value());
      EXPECT_FALSE(report->ok()) << table << " row " << rowid;
      const std::string columns =
          std::string(table) == "ledger_nodes" ? "rowid, level, node_index, hash" : "";
      ASSERT_TRUE(intruder.run(
          columns.empty()
              ? fmt::format(
                    "ALTER TABLE aside DROP COLUMN number; INSERT INTO {} SELECT * FROM aside;"
                    "DROP TABLE aside",
                    table)
              : fmt::format("INSERT INTO {} ({}) SELECT * FROM aside; DROP TABLE aside", table,
                            columns)))
          << table;
    }
  }
  EXPECT_TRUE(log.ledger->verify()->ok()) << "everything was put back";
}

TEST_F(Tamper, MessagesNameTheLeafAndTheDifference) {
  const Problem problem =
      expect("UPDATE ledger_payloads SET payload = x'7b7d' WHERE leaf_index = 17", "payload");
  EXPECT_EQ(problem.leaf_index, 17U);
  EXPECT_TRUE(problem.detail.starts_with("leaf 17 (\"test.event\", \"thing/3\"): its payload"))
      << problem.detail;
}

TEST_F(Tamper, AReplacedLeafWithItsHashIsFoundByTheNodes) {
  // The intruder computes what can be computed without the key: the leaf's own hash.
  Intruder intruder(path_);
  const std::string leaf =
      intruder.column("SELECT leaf FROM ledger_leaves WHERE leaf_index = 2")[0];
  std::string other = leaf;
  other.replace(other.find("thing/2"), 7, "thing/3");
  const crypto::Hash hash = crypto::merkle_leaf_hash(other);
  intruder.put("ledger_leaves", "leaf", "2", other, false);
  intruder.put("ledger_leaves", "subject", "2", "thing/3", true);
  intruder.put("ledger_leaves", "leaf_hash", "2", std::string(hash.begin(), hash.end()), false);
  const Problem problem = expect("SELECT 1", "node");
  EXPECT_EQ(problem.leaf_index, 0U);
  EXPECT_TRUE(problem.detail.starts_with("leaves 0 to 15:")) << problem.detail;
  expect("SELECT 1", "checkpoint_root");
  expect("SELECT 1", "head_root");
}

TEST_F(Tamper, SwappedLeavesAreFound) {
  for (const char* table : {"ledger_leaves", "ledger_payloads"}) {
    Intruder intruder(path_);
    ASSERT_TRUE(
        intruder.run(fmt::format("UPDATE {0} SET leaf_index = -1 WHERE leaf_index = 20;"
                                 "UPDATE {0} SET leaf_index = 20 WHERE leaf_index = 21;"
                                 "UPDATE {0} SET leaf_index = 21 WHERE leaf_index = -1",
                                 table)));
    EXPECT_FALSE(verify().ok()) << table;
  }
  // Now leaf and payload moved together: each leaf is whole, only the order is another.
  EXPECT_EQ(expect("SELECT 1", "node").leaf_index, 16U);
}

TEST_F(Tamper, MovedNumbersAreFound) {
  expect("UPDATE ledger_nodes SET node_index = 7 WHERE node_index = 1", "node_missing");
  expect(
      "UPDATE ledger_nodes SET node_index = 1 WHERE node_index = 7;"
      "UPDATE ledger_nodes SET level = 8 WHERE node_index = 1",
      "node_missing");
  expect(
      "UPDATE ledger_nodes SET level = 4;"
      "UPDATE ledger_checkpoints SET size = 34 WHERE size = 33",
      "checkpoint");
  expect(
      "UPDATE ledger_checkpoints SET size = 33 WHERE size = 34;"
      "UPDATE ledger_head SET size = 40",
      "leaf_extra");
  expect("UPDATE ledger_head SET size = 42", "leaf_missing");
  expect("UPDATE ledger_head SET size = 4611686018427387903", "leaf_missing");
  expect("UPDATE ledger_head SET size = -5", "leaf_missing");
  expect(
      "UPDATE ledger_head SET size = 41;"
      "UPDATE ledger_leaves SET leaf_index = 4611686018427387903 WHERE leaf_index = 30",
      "leaf_missing");
  expect("UPDATE ledger_leaves SET leaf_index = -3 WHERE leaf_index = 4611686018427387903",
         "leaf_extra");
}

TEST_F(Tamper, AddedRowsAreFound) {
  expect(
      "INSERT INTO ledger_leaves SELECT 41, leaf_hash, kind, subject, leaf "
      "FROM ledger_leaves WHERE leaf_index = 3",
      "leaf_extra");
  expect(
      "DELETE FROM ledger_leaves WHERE leaf_index = 41;"
      "INSERT INTO ledger_payloads VALUES (41, zeroblob(32), x'')",
      "payload_extra");
  expect(
      "DELETE FROM ledger_payloads WHERE leaf_index = 41;"
      "INSERT INTO ledger_nodes VALUES (4, 2, zeroblob(32))",
      "node_count");
  expect(
      "DELETE FROM ledger_nodes WHERE node_index = 2;"
      "INSERT INTO ledger_checkpoints VALUES (12, 'x')",
      "checkpoint");
  expect(
      "DELETE FROM ledger_checkpoints WHERE size = 12;"
      "INSERT INTO ledger_payloads VALUES (5, zeroblob(32), x'')",
      "payload_back");
}

TEST_F(Tamper, APayloadThatVanishedWithoutErasureIsFound) {
  EXPECT_EQ(
      expect("DELETE FROM ledger_payloads WHERE leaf_index = 9", "payload_missing").leaf_index, 9U);
}

TEST_F(Tamper, TruncationIsFoundByStoredAndByKeptCheckpoints) {
  const std::string cut =
      "DELETE FROM ledger_leaves WHERE leaf_index >= 33;"
      "DELETE FROM ledger_payloads WHERE leaf_index >= 33;"
      "DELETE FROM ledger_nodes WHERE (node_index + 1) << level > 33;"
      "UPDATE ledger_head SET size = 33";
  expect(cut, "rewound");
  // With the newer checkpoints gone as well, only a checkpoint kept elsewhere tells.
  const Problem problem =
      expect("DELETE FROM ledger_checkpoints WHERE size > 33", "rewound", known(last_));
  EXPECT_NE(problem.detail.find("kept.txt"), std::string::npos);
}

TEST_F(Tamper, AnOldCopyPutBackIsFoundByAKeptCheckpoint) {
  const TemporaryFolder other;
  const std::string old_copy = other.file("old.db");
  const std::string live = other.file("live.db");
  {
    OpenLog log(live);
    ASSERT_TRUE(log.append(events(0, 20)));
    ASSERT_TRUE(log.ledger->checkpoint());
    ASSERT_TRUE(log.database->backup_to(old_copy));
    ASSERT_TRUE(log.append(events(20, 20)));
    last_ = *log.ledger->checkpoint();
  }
  path_ = old_copy;
  EXPECT_TRUE(verify().ok()) << "an old copy is a good log in itself";
  const VerifyReport report = verify(known(last_));
  ASSERT_EQ(report.problem_count, 1U);
  EXPECT_EQ(report.problems[0].reason, "ledger.verify.rewound");
  // The rewound node goes on and grows past the old size: now it is a fork.
  {
    OpenLog log(old_copy);
    ASSERT_TRUE(log.append(events(20, 30)));
    ASSERT_TRUE(log.ledger->checkpoint());
  }
  EXPECT_TRUE(verify().ok());
  EXPECT_EQ(verify(known(last_)).problems.at(0).reason, "ledger.verify.forked");
}

TEST_F(Tamper, ARewrittenHistoryIsFoundByAKeptCheckpoint) {
  const TemporaryFolder other;
  path_ = other.file("rewritten.db");
  {
    OpenLog log(path_);
    ASSERT_TRUE(log.append(events(0, 50)));
    ASSERT_TRUE(log.ledger->checkpoint());
  }
  EXPECT_TRUE(verify().ok());
  for (const Checkpoint& checkpoint : {first_, second_, last_}) {
    const VerifyReport report = verify(known(checkpoint));
    ASSERT_EQ(report.problem_count, 1U);
    EXPECT_EQ(report.problems[0].reason, "ledger.verify.forked");
  }
}

TEST_F(Tamper, BadKnownCheckpointsAreSaid) {
  std::string flipped = first_.note;
  flipped[flipped.size() - 5] = flipped[flipped.size() - 5] == 'A' ? 'B' : 'A';
  const VerifyReport report = verify({.known = {{"kept.txt", flipped}}, .progress = {}});
  ASSERT_EQ(report.problem_count, 1U);
  EXPECT_EQ(report.problems[0].reason, "ledger.verify.known_checkpoint");
  EXPECT_NE(report.problems[0].detail.find("kept.txt"), std::string::npos);
}

TEST_F(Tamper, ADamagedLogIsNeitherSignedNorProvedNorContinued) {
  {
    Intruder intruder(path_);
    intruder.put("ledger_nodes", "hash", "1", std::string(32, 'x'), false);
  }
  OpenLog log(path_);
  EXPECT_EQ(log.ledger->checkpoint().error().reason, "ledger.fork");
  ASSERT_TRUE(log.append(events(0, 1)));
  EXPECT_EQ(log.ledger->checkpoint().error().reason, "ledger.fork");
  {
    Intruder intruder(path_);
    ASSERT_TRUE(intruder.run("DELETE FROM ledger_nodes"));
  }
  EXPECT_EQ(log.ledger->prove_inclusion(40).error().reason, "ledger.node_missing");
  {
    Intruder intruder(path_);
    ASSERT_TRUE(intruder.run("UPDATE ledger_head SET size = 20"));
  }
  EXPECT_EQ(log.append(events(0, 1)).error().reason, "ledger.head");
  {
    Intruder intruder(path_);
    ASSERT_TRUE(intruder.run("UPDATE ledger_head SET frontier = zeroblob(64)"));
  }
  EXPECT_EQ(log.append(events(0, 1)).error().reason, "ledger.index_taken");
  {
    Intruder intruder(path_);
    ASSERT_TRUE(intruder.run("DELETE FROM ledger_head"));
  }
  EXPECT_EQ(log.append(events(0, 1)).error().reason, "ledger.head");
  EXPECT_EQ(log.ledger->checkpoint().error().reason, "ledger.head");
  EXPECT_EQ(verify().problems.at(0).reason, "ledger.verify.head_missing");
}

TEST_F(Tamper, ADamagedPayloadOrLeafIsNotHandedOut) {
  {
    Intruder intruder(path_);
    ASSERT_TRUE(
        intruder.run("UPDATE ledger_payloads SET payload = x'00' WHERE leaf_index = 3;"
                     "UPDATE ledger_leaves SET leaf = x'00' WHERE leaf_index = 4"));
  }
  OpenLog log(path_);
  const auto read = log.database->read([&](store::Transaction& transaction) -> Result<void> {
    EXPECT_EQ(log.ledger->find_payload(transaction, 3).error().reason, "ledger.payload_damaged");
    EXPECT_EQ(log.ledger->get_entry(transaction, 4).error().reason, "ledger.leaf_damaged");
    return {};
  });
  EXPECT_TRUE(read.has_value());
}

TEST_F(Tamper, MessagesStayPrintableAndFew) {
  const VerifyReport report = [&] {
    Intruder intruder(path_);
    EXPECT_TRUE(
        intruder.run("UPDATE ledger_leaves SET kind = CAST(x'ff0a00' AS TEXT),"
                     "subject = CAST(x'80' AS TEXT), leaf_hash = zeroblob(31);"
                     "UPDATE ledger_checkpoints SET note = CAST(x'ff' AS TEXT)"));
    return verify();
  }();
  EXPECT_GT(report.problem_count, kProblemsMax);
  EXPECT_EQ(report.problems.size(), kProblemsMax);
  for (const Problem& problem : report.problems) {
    EXPECT_EQ(find_invalid_utf8(problem.detail), std::nullopt);
    EXPECT_TRUE(std::ranges::none_of(problem.detail, [](char c) { return c >= 0 && c < ' '; }));
  }
}

}  // namespace
}  // namespace atalaya::ledger
