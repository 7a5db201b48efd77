// Goal: a store only ever goes forward through the program's own migrations, whole ones, and says
// so when it cannot. Method: small migrations on both engines, then the program's own.

#include "migrate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/store/database.hpp>

#include "sql_text.hpp"
#include "store_fixture.hpp"

namespace atalaya::store {

namespace {

class MigrateTest : public EngineTest {
 protected:
  Result<std::vector<AppliedMigration>> applied(Database& database) {
    std::vector<AppliedMigration> found;
    ATALAYA_TRY(database.read([&](Transaction& transaction) -> Result<void> {
      auto rows = ATALAYA_TRY(applied_migrations(transaction, GetParam()));
      found = std::move(rows);
      return {};
    }));
    return found;
  }

  std::vector<Migration> migrations_{
      migration(1, "CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT) STRICT;"),
      migration(2, "ALTER TABLE a ADD COLUMN n INTEGER; INSERT INTO a (t, n) VALUES ('seed', 7);"),
      migration(3, "CREATE TABLE b (a INTEGER REFERENCES a (id)) STRICT;")};
};

TEST_P(MigrateTest, fresh_then_nothing_to_do) {
  const auto database = open(maker_.fresh_address(GetParam()));
  const auto state = database->migrate(migrations_);
  ASSERT_OK(state);
  EXPECT_EQ(state->version, 3);
  EXPECT_EQ(state->applied_now, (std::vector<std::string>{"0001_test", "0002_test", "0003_test"}));
  const auto again = database->migrate(migrations_);
  ASSERT_OK(again);
  EXPECT_EQ(again->version, 3);
  EXPECT_TRUE(again->applied_now.empty());
  EXPECT_EQ(integer_of(*database, "SELECT n FROM a"), 7);
}

TEST_P(MigrateTest, from_any_earlier_state) {
  for (std::size_t earlier = 0; earlier <= migrations_.size(); ++earlier) {
    const std::string address = maker_.fresh_address(GetParam());
    ASSERT_OK(open(address)->migrate(std::span(migrations_).first(earlier)));
    const auto database = open(address);
    const auto state = database->migrate(migrations_);
    ASSERT_OK(state);
    EXPECT_EQ(state->applied_now.size(), migrations_.size() - earlier);
    EXPECT_EQ(integer_of(*database, "SELECT n FROM a"), 7);
  }
}

TEST_P(MigrateTest, refuses_a_changed_migration) {
  for (const bool override : {false, true}) {
    const auto database = open(maker_.fresh_address(GetParam()));
    ASSERT_OK(database->migrate(migrations_));
    std::vector<Migration> changed = migrations_;
    (override ? changed[1].postgres_sql : changed[1].sql) += "-- a comment is a change";
    const auto state = database->migrate(changed);
    EXPECT_EQ(error_of(state).code, ErrorCode::data_loss);
    EXPECT_EQ(error_of(state).reason, "store.migration_changed");
    EXPECT_NE(error_of(state).detail.find("0002_test"), std::string::npos);
  }
}

TEST_P(MigrateTest, refuses_a_newer_store) {
  const auto database = open(maker_.fresh_address(GetParam()));
  ASSERT_OK(database->migrate(migrations_));
  const auto state = database->migrate(std::span(migrations_).first(2));
  EXPECT_EQ(error_of(state).code, ErrorCode::conflict);
  EXPECT_EQ(error_of(state).reason, "store.newer");
}

TEST_P(MigrateTest, refuses_gaps_in_the_numbers) {
  const auto database = open(maker_.fresh_address(GetParam()));
  migrations_[2].number = 4;
  EXPECT_EQ(error_of(database->migrate(migrations_)).reason, "store.migrations");
}

TEST_P(MigrateTest, a_failing_migration_leaves_nothing_of_itself) {
  const auto database = open(maker_.fresh_address(GetParam()));
  std::vector<Migration> failing = migrations_;
  failing[2].sql =
      "CREATE TABLE c (x INTEGER) STRICT; INSERT INTO c VALUES (1); INSERT INTO absent VALUES (1)";
  const auto state = database->migrate(failing);
  EXPECT_NE(error_of(state).detail.find("migration 0003_test"), std::string::npos);
  const auto found = applied(*database);
  ASSERT_OK(found);
  EXPECT_EQ(found->size(), 2U);
  EXPECT_FALSE(database
                   ->read([](Transaction& transaction) -> Result<void> {
                     ATALAYA_TRY(transaction.query("SELECT * FROM c"));
                     return {};
                   })
                   .has_value());
  ASSERT_OK(database->migrate(migrations_));  // the corrected program goes on from there
}

TEST_P(MigrateTest, a_table_may_be_rebuilt_but_not_left_with_broken_keys) {
  const auto database = open(maker_.fresh_address(GetParam()));
  ASSERT_OK(database->migrate(migrations_));
  ASSERT_OK(write_all(*database, {"INSERT INTO b SELECT id FROM a"}));
  std::vector<Migration> more = migrations_;
  more.push_back(
      migration(4,
                "CREATE TABLE a2 (id INTEGER PRIMARY KEY, t TEXT NOT NULL) STRICT;"
                "INSERT INTO a2 SELECT id, t FROM a; DROP TABLE a;"
                "ALTER TABLE a2 RENAME TO a;",
                "ALTER TABLE a DROP COLUMN n; ALTER TABLE a ALTER COLUMN t SET NOT NULL"));
  ASSERT_OK(database->migrate(more));
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM b JOIN a ON a.id = b.a"), 1);
  more.push_back(migration(5, "DELETE FROM a"));
  EXPECT_EQ(error_of(database->migrate(more)).reason, "store.constraint");
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM a"), 1);
  EXPECT_EQ(error_of(write_all(*database, {"DELETE FROM a"})).reason, "store.constraint");
}

TEST_P(MigrateTest, two_programs_at_once_run_each_migration_once) {
  const std::string address = maker_.fresh_address(GetParam());
  for (int i = 4; i <= 12; ++i) {
    migrations_.push_back(migration(i, fmt::format("INSERT INTO a (n) VALUES ({})", i)));
  }
  std::array<Result<MigrationState>, 2> states;
  std::array<std::unique_ptr<Database>, 2> databases{open(address), open(address)};
  {
    std::array<std::jthread, 2> threads;
    for (std::size_t i = 0; i < 2; ++i) {
      threads[i] = std::jthread([&, i] { states[i] = databases[i]->migrate(migrations_); });
    }
  }
  ASSERT_OK(states[0]);
  ASSERT_OK(states[1]);
  EXPECT_EQ(states[0]->applied_now.size() + states[1]->applied_now.size(), migrations_.size());
  EXPECT_EQ(integer_of(*databases[0], "SELECT count(*) FROM a"), 10);
}

TEST_P(MigrateTest, the_programs_own_migrations) {
  const auto migrations = program_migrations();
  ASSERT_OK(migrations);
  ASSERT_FALSE(migrations->empty());
  const auto database = open(maker_.fresh_address(GetParam()));
  const auto state = database->migrate(*migrations);
  ASSERT_OK(state);
  ASSERT_OK(write_all(*database, {"INSERT INTO settings VALUES ('a', 'b')"}));
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM settings"), 1);
}

// 0018: a submission that was held before stands as it was, and a row of a file is a whole one of a
// submission that is there, on either engine.
TEST_P(MigrateTest, files_of_submissions_come_beside_what_was_held) {
  const auto all = program_migrations();
  ASSERT_OK(all);
  ASSERT_GE(all->size(), 18U);
  const auto database = open(maker_.fresh_address(GetParam()));
  ASSERT_OK(database->migrate(std::span(*all).first(17)));
  ASSERT_OK(write_all(
      *database,
      {"INSERT INTO followup_submissions VALUES (7, 'correction', 'c', '', '2026-01-01', 'en', "
       "'t', 'x', '[]', 'n', 'o', 'named', '', '[]', 'received', '2026-01-01', 'r', 'f', 0, '', "
       "'', '[]', 0, '', -1, 0)"}));
  ASSERT_OK(database->migrate(std::span(*all).first(18)));
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM followup_submissions WHERE id = 7"), 1);
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM followup_submission_files"), 0);
  const auto write = [&](std::string_view values) {
    return write_all(*database,
                     {fmt::format("INSERT INTO followup_submission_files(submission, "
                                  "ordinal, size, published, name, extension, sha256, "
                                  "bytes) VALUES ({}, 'n', 'pdf', 's', {})",
                                  values, GetParam() == Engine::sqlite ? "x'25'" : "'\\x25'")});
  };
  for (const char* wrong : {"8, 1, 1, 0", "7, 0, 1, 0", "7, 1, 0, 0", "7, 1, 1, 2"}) {
    EXPECT_EQ(error_of(write(wrong)).reason, "store.constraint") << wrong;
  }
  ASSERT_OK(write("7, 1, 1, 0"));
  EXPECT_EQ(error_of(write("7, 1, 1, 1")).reason, "store.constraint") << "a number twice";
  EXPECT_EQ(error_of(write_all(*database, {"DELETE FROM followup_submissions"})).reason,
            "store.constraint");
}

// 0019: codings stay as they are, and each can be withdrawn once, with a reason.
TEST_P(MigrateTest, withdrawals_come_beside_the_codings) {
  const auto all = program_migrations();
  ASSERT_OK(all);
  ASSERT_GE(all->size(), 19U);
  const auto database = open(maker_.fresh_address(GetParam()));
  ASSERT_OK(database->migrate(std::span(*all).first(18)));
  ASSERT_OK(write_all(
      *database,
      {"INSERT INTO followup_criteria(commitment, scale, version, text, set_at, set_by) VALUES "
       "('', 's', 1, 't', '2026-01-01', 'b')",
       "INSERT INTO followup_codings(id, commitment, actor, scale, criteria_commitment, "
       "criteria_version, as_of, window_from, window_to, coder_a, coder_b, stage, value, "
       "reply_until, node, opened_at, opened_by) VALUES (7, 'c', 'PAN', 's', '', 1, '2026-01-01', "
       "'2025-01-01', '2026-01-01', 'a', 'b', 'coding', '', '', '', '2026-01-01', 'p')"}));
  ASSERT_OK(database->migrate(std::span(*all).first(19)));
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM followup_codings WHERE id = 7"), 1);
  const auto write = [&](std::string_view values) {
    return write_all(*database, {fmt::format("INSERT INTO followup_coding_withdrawals(coding, "
                                             "reason, withdrawn_at, withdrawn_by) VALUES ({})",
                                             values)});
  };
  for (const char* wrong : {"8, 'r', 'd', 'p'", "7, NULL, 'd', 'p'"}) {
    EXPECT_EQ(error_of(write(wrong)).reason, "store.constraint") << wrong;
  }
  ASSERT_OK(write("7, 'r', 'd', 'p'"));
  EXPECT_EQ(error_of(write("7, 'r', 'd', 'p'")).reason, "store.constraint") << "twice";
}

// 0020: files stay as they are, and each names everybody who sent it, once.
TEST_P(MigrateTest, senders_come_beside_the_files) {
  const auto all = program_migrations();
  ASSERT_OK(all);
  ASSERT_GE(all->size(), 20U);
  const auto database = open(maker_.fresh_address(GetParam()));
  ASSERT_OK(database->migrate(std::span(*all).first(19)));
  ASSERT_OK(write_all(
      *database, {fmt::format("INSERT INTO followup_files(sha256, name, media_type, url, size, "
                              "added_at, added_by, bytes) VALUES ('h', 'n', 'm', '', 1, 'd', 'a', {})",
                              GetParam() == Engine::sqlite ? "x'25'" : "'\\x25'")}));
  ASSERT_OK(database->migrate(std::span(*all).first(20)));
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM followup_files WHERE added_by = 'a'"), 1);
  const auto write = [&](std::string_view values) {
    return write_all(*database, {fmt::format("INSERT INTO followup_file_senders(sha256, sender, "
                                             "sent_at) VALUES ({})",
                                             values)});
  };
  for (const char* wrong : {"'g', 'b', 'd'", "'h', NULL, 'd'"}) {
    EXPECT_EQ(error_of(write(wrong)).reason, "store.constraint") << wrong;
  }
  ASSERT_OK(write("'h', 'b', 'd'"));
  EXPECT_EQ(error_of(write("'h', 'b', 'd'")).reason, "store.constraint") << "twice";
}

// 0021: what persons set of clauses becomes a version, and their dates stand beside the rules'.
TEST_P(MigrateTest, persons_clauses_become_versions) {
  const auto all = program_migrations();
  ASSERT_OK(all);
  ASSERT_GE(all->size(), 21U);
  const auto database = open(maker_.fresh_address(GetParam()));
  ASSERT_OK(database->migrate(std::span(*all).first(20)));
  const auto clause = [](int ordinal, const char* due, const char* by) {
    return fmt::format(
        "INSERT INTO clauses(commitment, ordinal, span_begin, span_end, language, verb, "
        "verb_printed, addressee, addressee_printed, deliverable, due, formulation, qualifiers, "
        "set_by) VALUES ('c', {}, 0, 1, 'en', 'do', '', 'states', '', 'd', '{}', 'firm', '[]', '{}')",
        ordinal, due, by);
  };
  ASSERT_OK(write_all(
      *database,
      {"INSERT INTO commitments(id, meeting, document, year, sort, role, theme, actionable, held) "
       "VALUES ('c', 'm', 'd', 2001, 1, 'operative', '', 1, 1)",
       clause(1, "2009", "rule"), clause(2, "2019", "ana"), clause(3, "2019", "ben"),
       clause(4, "R/P1Y", "ana"), clause(5, "2009", "ana"), clause(6, "", "ana"),
       "INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by) VALUES ('c', 1, "
       "'2009', 'deadline', 'by 2009', 0, 'rule')"}));
  ASSERT_OK(database->migrate(std::span(*all).first(21)));
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM clause_versions WHERE version = 1"), 5);
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM dues WHERE withdrawn_by = ''"), 3);
  EXPECT_EQ(integer_of(*database, "SELECT ordinal FROM dues WHERE edtf = '2019'"), 1002);
  EXPECT_EQ(integer_of(*database, "SELECT ordinal FROM dues WHERE kind = 'recurring'"), 1004);
}

INSTANTIATE_TEST_SUITE_P(Engines, MigrateTest,
                         ::testing::Values(Engine::sqlite, Engine::postgresql), engine_name);

TEST(ProgramMigrationsTest, each_translates_or_brings_its_own_text) {
  const auto migrations = program_migrations();
  ASSERT_OK(migrations);
  for (const Migration& one : *migrations) {
    if (!one.postgres_sql.empty()) {
      continue;
    }
    for (const std::string_view statement : split_statements(one.sql)) {
      const auto translated = translate_to_postgres(statement);
      EXPECT_TRUE(translated.has_value()) << one.name << ": " << error_of(translated).detail;
    }
  }
}

class ReadMigrationsTest : public ::testing::Test {
 protected:
  void add(std::string_view path, std::string_view bytes) {
    files_.push_back({path, bytes, "", ""});
    sums_ += to_hex(sha256(bytes)) + "  " + std::string(path) + "\n";
  }

  std::string reason() {
    files_.push_back({"SUMS", sums_, "", ""});
    const auto migrations = read_migrations(files_);
    files_.pop_back();
    return error_of(migrations).reason;
  }

  std::vector<EmbeddedFile> files_;
  std::string sums_;
};

TEST_F(ReadMigrationsTest, reads_both_texts) {
  add("0001_a.sql", "SELECT 1");
  add("0002_b.postgres.sql", "SELECT 3");
  add("0002_b.sql", "SELECT 2");
  files_.push_back({"SUMS", sums_, "", ""});
  const auto migrations = read_migrations(files_);
  ASSERT_OK(migrations);
  ASSERT_EQ(migrations->size(), 2U);
  EXPECT_EQ((*migrations)[1].number, 2);
  EXPECT_EQ((*migrations)[1].name, "0002_b");
  EXPECT_EQ((*migrations)[1].sql, "SELECT 2");
  EXPECT_EQ((*migrations)[1].postgres_sql, "SELECT 3");
  EXPECT_EQ((*migrations)[0].postgres_sql, "");
}

TEST_F(ReadMigrationsTest, refuses_gaps_strangers_and_edits) {
  add("0001_a.sql", "SELECT 1");
  EXPECT_EQ(reason(), "no error");
  const std::string good = sums_;
  files_[0].bytes = "SELECT 2";
  EXPECT_EQ(reason(), "store.migrations");  // edited
  files_[0].bytes = "SELECT 1";
  sums_ += to_hex(sha256("x")) + "  0002_gone.sql\n";
  EXPECT_EQ(reason(), "store.migrations");  // missing
  sums_ = good;
  files_.push_back({"0002_new.sql", "SELECT 1", "", ""});
  EXPECT_EQ(reason(), "store.migrations");  // not in SUMS
  files_.pop_back();
  add("0003_c.sql", "SELECT 1");
  EXPECT_EQ(reason(), "store.migrations");  // a gap
  files_.pop_back();
  sums_ = good;
  add("0002_c.postgres.sql", "SELECT 1");
  EXPECT_EQ(reason(), "store.migrations");  // no SQLite text
}

TEST_F(ReadMigrationsTest, refuses_two_with_one_number) {
  add("0001_a.sql", "SELECT 1");
  add("0001_b.sql", "SELECT 1");
  EXPECT_EQ(reason(), "store.migrations");
}

}  // namespace

}  // namespace atalaya::store
