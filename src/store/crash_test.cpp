// Goal: a killed program leaves each transaction whole or absent, and loses none that write() had
// confirmed; faults are where they are asked for. Method: a child process writes and is killed with
// SIGKILL, at known places and at random ones.

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <random>
#include <thread>

#include <fmt/format.h>

#include <atalaya/store/database.hpp>
#include <atalaya/store/faulty.hpp>

#include "store_fixture.hpp"

namespace atalaya::store {

namespace {

constexpr std::int64_t kRowsPerWrite = 50;

/// A child process that tells its progress in bytes through a pipe.
class Child {
 public:
  explicit Child(const std::function<void(const std::function<void()>& tell)>& run) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe(ends), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::close(ends[0]);
      run([&] { static_cast<void>(::write(ends[1], "x", 1) == 1); });
      ::_exit(0);
    }
    ::close(ends[1]);
    read_end_ = ends[0];
  }

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  ~Child() { ::close(read_end_); }

  void wait_for_word() {
    char byte = 0;
    EXPECT_EQ(::read(read_end_, &byte, 1), 1);
    ++words_;
  }

  /// The number of words that the child said in all.
  int kill() {
    ::kill(child_, SIGKILL);
    int status = 0;
    ::waitpid(child_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    char byte = 0;
    while (::read(read_end_, &byte, 1) == 1) {
      ++words_;
    }
    return words_;
  }

 private:
  pid_t child_ = -1;
  int read_end_ = -1;
  int words_ = 0;
};

Result<void> insert_rows(Transaction& transaction, std::int64_t batch) {
  std::vector<Parameters> rows;
  for (std::int64_t i = 0; i < kRowsPerWrite; ++i) {
    rows.push_back({batch, i});
  }
  ATALAYA_TRY(transaction.execute_many("INSERT INTO t VALUES ($1, $2)", rows));
  return {};
}

class CrashTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped()) {
      return;
    }
    address_ = maker_.fresh_address(GetParam());
    const std::vector<Migration> migrations{
        migration(1, "CREATE TABLE t (batch INTEGER, i INTEGER) STRICT")};
    ASSERT_OK(open(address_)->migrate(migrations));
  }

  std::string address_;
};

TEST_P(CrashTest, killed_in_the_middle_of_a_write) {
  Child child([&](const std::function<void()>& tell) {
    const auto database = Database::open(address_);
    static_cast<void>((*database)->write([](Transaction& t) { return insert_rows(t, 1); }));
    tell();
    static_cast<void>((*database)->write([&](Transaction& t) -> Result<void> {
      ATALAYA_TRY(insert_rows(t, 2));
      tell();
      ::pause();
      return {};
    }));
  });
  child.wait_for_word();
  child.wait_for_word();
  child.kill();
  const auto database = open(address_);
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM t WHERE batch = 1"), kRowsPerWrite);
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM t WHERE batch = 2"), 0);
  // The dead writer's lock is gone.
  ASSERT_OK(database->write([](Transaction& t) { return insert_rows(t, 3); }));
  EXPECT_EQ(database->check()->integrity, "ok");
}

TEST_P(CrashTest, killed_at_any_time_loses_no_confirmed_write) {
  std::mt19937_64 random(20260101);
  std::int64_t before = 0;
  for (std::int64_t round = 1; round <= 6; ++round) {
    Child child([&](const std::function<void()>& tell) {
      const auto database = Database::open(address_);
      while (true) {
        const auto done = (*database)->write(
            [&](Transaction& transaction) { return insert_rows(transaction, round); });
        if (done.has_value()) {
          tell();
        }
      }
    });
    child.wait_for_word();
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    const std::int64_t confirmed = child.kill();
    const auto database = open(address_);
    const std::int64_t rows = integer_of(*database, "SELECT count(*) FROM t");
    EXPECT_EQ(rows % kRowsPerWrite, 0);
    const std::int64_t writes = (rows - before) / kRowsPerWrite;
    EXPECT_GE(writes, confirmed);
    EXPECT_LE(writes, confirmed + 1);  // committed, and killed before it could say so
    before = rows;
  }
}

TEST_P(CrashTest, the_nth_step_fails_for_every_n_and_leaves_nothing) {
  const auto database = open(address_);
  FaultyDatabase faulty(*database);
  std::int64_t n = 1;
  for (;; ++n) {
    faulty.fail_at(n);
    const auto done = faulty.write([](Transaction& transaction) -> Result<void> {
      ATALAYA_TRY(insert_rows(transaction, 1));
      ATALAYA_TRY(transaction.execute("UPDATE t SET i = i + 1"));
      ATALAYA_TRY(transaction.query("SELECT 1"));
      ATALAYA_TRY(transaction.for_each("SELECT 1", {}, [](const Row&) { return Result<void>(); }));
      return {};
    });
    if (faulty.steps() < n) {
      ASSERT_OK(done);
      break;
    }
    EXPECT_EQ(error_of(done).code, ErrorCode::exhausted);
    EXPECT_EQ(error_of(done).reason, "store.disk_full");
    EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM t"), 0);
  }
  EXPECT_EQ(n, 6);  // four statements and the commit
  EXPECT_EQ(integer_of(*database, "SELECT count(*) FROM t"), kRowsPerWrite);
}

TEST_P(CrashTest, a_swallowed_fault_still_fails_the_write) {
  const auto database = open(address_);
  FaultyDatabase faulty(*database);
  faulty.fail_at(1);
  const auto done = faulty.write([](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(insert_rows(transaction, 1).has_value());
    EXPECT_FALSE(transaction.execute("UPDATE t SET i = 1").has_value());
    return {};
  });
  EXPECT_EQ(error_of(done).reason, "store.disk_full");
  EXPECT_EQ(integer_of(faulty, "SELECT count(*) FROM t"), 0);
  faulty.fail_at(1);
  EXPECT_EQ(error_of(faulty.backup_to(maker_.path("b"))).reason, "store.disk_full");
  ASSERT_OK(faulty.backup_to(maker_.path("b")));
}

INSTANTIATE_TEST_SUITE_P(Engines, CrashTest, ::testing::Values(Engine::sqlite, Engine::postgresql),
                         engine_name);

/// What only PostgreSQL can do: another program's transactions in the way, a lost connection.
class ServerTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (!IsSkipped()) {
      database_ = make("CREATE TABLE t (n INTEGER) STRICT");
    }
  }

  std::unique_ptr<Database> database_;
};

TEST_P(ServerTest, runs_again_after_a_serialisation_failure) {
  int runs = 0;
  const auto work = [&](int failures) -> Database::Work {
    return [&runs, failures](Transaction& transaction) -> Result<void> {
      ++runs;
      ATALAYA_TRY(transaction.execute("INSERT INTO t VALUES (1)"));
      if (runs <= failures) {
        ATALAYA_TRY(transaction.execute(
            "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$"));
      }
      return {};
    };
  };
  ASSERT_OK(database_->write(work(2)));
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(integer_of(*database_, "SELECT count(*) FROM t"), 1);
  runs = 0;
  EXPECT_EQ(error_of(database_->write(work(1000))).reason, "store.busy");
  EXPECT_EQ(runs, kWriteAttempts);
}

TEST_P(ServerTest, survives_a_lost_connection) {
  const auto lose = [](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.query("SELECT pg_terminate_backend(pg_backend_pid())"));
    return {};
  };
  const Error error = error_of(database_->write(lose));
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.reason, "store.open");
  ASSERT_OK(write_all(*database_, {"INSERT INTO t VALUES (1)"}));
  EXPECT_FALSE(database_->read(lose).has_value());
  EXPECT_EQ(integer_of(*database_, "SELECT count(*) FROM t"), 1);
  // Lost while idle, as when the server restarts: nobody notices.
  ASSERT_OK(database_->read([](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(
        transaction.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                          "WHERE application_name = 'atalaya' AND pid <> pg_backend_pid()"));
    return {};
  }));
  ASSERT_OK(write_all(*database_, {"INSERT INTO t VALUES (2)"}));
}

INSTANTIATE_TEST_SUITE_P(Engines, ServerTest, ::testing::Values(Engine::postgresql), engine_name);

}  // namespace

}  // namespace atalaya::store
