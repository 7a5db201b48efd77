// Goal: both engines keep the contract of database.hpp, to the same answers. Method: every test
// runs on SQLite and, where a server is given, on PostgreSQL.

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include <atalaya/store/database.hpp>
#include <atalaya/store/serving_lock.hpp>

#include "store_fixture.hpp"

namespace atalaya::store {

namespace {

constexpr std::string_view kSchema =
    "CREATE TABLE things (id INTEGER PRIMARY KEY, whole INTEGER, fraction REAL, words TEXT, "
    "bytes BLOB) STRICT;"
    "CREATE TABLE names (name TEXT NOT NULL UNIQUE, length INTEGER CHECK (length > 0)) STRICT;"
    "CREATE TABLE parts (thing INTEGER NOT NULL REFERENCES things (id), part TEXT) STRICT;";

constexpr std::string_view kInsertThing =
    "INSERT INTO things (whole, fraction, words, bytes) VALUES ($1, $2, $3, $4) RETURNING id";

class DatabaseTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (!IsSkipped()) {
      database_ = make(kSchema);
    }
  }

  Result<void> write(const Database::Work& work) { return database_->write(work); }

  Error write_error(std::string_view sql, const Parameters& parameters = {}) {
    return error_of(write([&](Transaction& transaction) -> Result<void> {
      ATALAYA_TRY(transaction.execute(sql, parameters));
      return {};
    }));
  }

  std::int64_t count(std::string_view table) {
    return integer_of(*database_, fmt::format("SELECT count(*) FROM {}", table));
  }

  std::unique_ptr<Database> database_;
};

TEST_P(DatabaseTest, values_of_all_types_come_back_as_they_went) {
  const Blob all_bytes = [] {
    Blob bytes;
    for (int i = 0; i < 256; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(i));
    }
    return bytes;
  }();
  const std::vector<Parameters> rows{
      {std::int64_t{0}, 0.0, std::string(), Blob()},
      {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<double>::denorm_min(),
       std::string("Convención de Belém do Pará — 𐍈"), all_bytes},
      {std::numeric_limits<std::int64_t>::max(), std::numeric_limits<double>::max(),
       std::string("it's \"quoted\" \\ $1 %s"), Blob{0, 0, 0}},
      {Value(), Value(), Value(), Value()},
      {std::int64_t{-1}, 0.1, std::string(100'000, 'x'), Blob(1'000'000, 0xfe)}};
  for (const Parameters& values : rows) {
    ASSERT_OK(write([&](Transaction& transaction) -> Result<void> {
      const Row inserted = ATALAYA_TRY(transaction.query_one(kInsertThing, values));
      const Row row = ATALAYA_TRY(transaction.query_one(
          "SELECT whole, fraction, words, bytes FROM things WHERE id = $1", {inserted.integer(0)}));
      for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(row.value(i), values[i]);
      }
      return {};
    }));
  }
  EXPECT_EQ(count("things"), 5);
}

TEST_P(DatabaseTest, row_accessors) {
  ASSERT_OK(database_->read([](Transaction& transaction) -> Result<void> {
    const Row row = ATALAYA_TRY(transaction.query_one(
        "SELECT 1 = 1, CAST(NULL AS TEXT), 'a', 2.5, count(*), sum(whole), avg(whole) "
        "FROM (SELECT CAST(3 AS BIGINT) AS whole UNION ALL SELECT 4) AS numbers"));
    EXPECT_EQ(row.size(), 7U);
    EXPECT_EQ(row.integer(0), 1);  // a truth value is an integer
    EXPECT_TRUE(row.is_null(1));
    EXPECT_EQ(row.text_or_empty(1), "");
    EXPECT_EQ(row.text_if(1), std::nullopt);
    EXPECT_EQ(row.text_if(2), "a");
    EXPECT_EQ(row.real(3), 2.5);
    EXPECT_EQ(row.integer_if(4), 2);
    EXPECT_EQ(row.integer(5), 7);  // a sum of integers is an integer
    EXPECT_EQ(row.real(6), 3.5);
    EXPECT_DEATH(static_cast<void>(row.integer(2)), "check failed");
    EXPECT_DEATH(static_cast<void>(row.integer(7)), "check failed");
    return {};
  }));
}

TEST_P(DatabaseTest, parameters_by_number_in_any_order_and_twice) {
  ASSERT_OK(database_->read([](Transaction& transaction) -> Result<void> {
    const Row row = ATALAYA_TRY(transaction.query_one("SELECT $2, $1, $2, $1 + 1",
                                                      {std::int64_t{1} << 40, std::string("b")}));
    EXPECT_EQ(row.text(0), "b");
    EXPECT_EQ(row.integer(1), std::int64_t{1} << 40);
    EXPECT_EQ(row.text(2), "b");
    EXPECT_EQ(row.integer(3), (std::int64_t{1} << 40) + 1);
    return {};
  }));
  EXPECT_EQ(write_error("INSERT INTO names (name) VALUES ($1)", {}).reason, "store.sql");
  EXPECT_EQ(
      write_error("INSERT INTO names (name) VALUES ($1)", {std::string("a"), std::string("b")})
          .reason,
      "store.sql");
}

TEST_P(DatabaseTest, refuses_values_that_an_engine_would_change) {
  const std::vector<Value> refused{std::nan(""), std::numeric_limits<double>::infinity(),
                                   std::string("a\0b", 3), std::string("\xff\xfe"),
                                   std::string("\xed\xa0\x80")};
  for (const Value& value : refused) {
    const Error error =
        write_error("INSERT INTO things (fraction, words) VALUES (1.0, $1)", {value});
    EXPECT_EQ(error.code, ErrorCode::invalid_argument);
    EXPECT_EQ(error.reason, "store.value");
  }
  EXPECT_EQ(count("things"), 0);
}

TEST_P(DatabaseTest, broken_constraints_are_conflicts_and_leave_nothing) {
  ASSERT_OK(write_all(*database_, {"INSERT INTO names VALUES ('secret-1', 8)"}));
  const std::vector<std::string> breaking{
      "INSERT INTO names VALUES ('secret-1', 9)", "INSERT INTO names VALUES (NULL, 9)",
      "INSERT INTO names VALUES ('b', 0)", "INSERT INTO parts VALUES (77, 'x')"};
  for (const std::string& sql : breaking) {
    const auto done = write_all(*database_, {"INSERT INTO names VALUES ('other', 1)", sql});
    EXPECT_EQ(error_of(done).code, ErrorCode::conflict) << sql;
    EXPECT_EQ(error_of(done).reason, "store.constraint") << sql;
    EXPECT_EQ(count("names"), 1) << sql;
  }
}

TEST_P(DatabaseTest, errors_name_the_statement_but_never_a_value) {
  const std::string secret = "Joana-of-Recife";
  ASSERT_OK(write([&](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute("INSERT INTO names VALUES ($1, 1)", {secret}));
    return {};
  }));
  const std::vector<std::pair<std::string_view, Parameters>> failing{
      {"INSERT INTO names VALUES ($1, 1)", {secret}},
      {"INSERT INTO names VALUES ($1, -1)", {secret}},
      {"INSERT INTO names (name, length) VALUES ('x', $1)", {secret}},
      {"SELECT nothing FROM names WHERE name = $1", {secret}}};
  for (const auto& [sql, parameters] : failing) {
    const Error error = write_error(sql, parameters);
    EXPECT_NE(error.reason, "no error") << sql;
    EXPECT_EQ(error.detail.find(secret), std::string::npos) << error.detail;
    EXPECT_NE(error.detail.find(std::string(sql.substr(0, 12))), std::string::npos) << error.detail;
  }
  if (GetParam() == Engine::postgresql) {  // SQLite's cast answers 0
    const Error error = write_error("UPDATE names SET length = CAST($1 AS BIGINT)", {secret});
    EXPECT_EQ(error.reason, "store.sql");
    EXPECT_EQ(error.detail.find(secret), std::string::npos) << error.detail;
  }
}

TEST_P(DatabaseTest, mistakes_in_statements_are_internal) {
  for (const std::string_view sql :
       {"SELEC 1", "SELECT 1; SELECT 2", "", "COMMIT", "begin", "-- nothing\nROLLBACK",
        "PRAGMA user_version = 3", "ATTACH 'x' AS y", "SELECT \"no such column\" FROM names",
        "INSERT INTO absent VALUES (1)"}) {
    const Error error = write_error(sql);
    EXPECT_EQ(error.code, ErrorCode::internal) << sql;
    EXPECT_EQ(error.reason, "store.sql") << sql;
  }
}

TEST_P(DatabaseTest, rolls_back_on_an_error_of_the_work) {
  const auto done = write([](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute("INSERT INTO names VALUES ('a', 1)"));
    return fail(ErrorCode::not_found, "desk.own");
  });
  EXPECT_EQ(error_of(done).reason, "desk.own");
  EXPECT_EQ(count("names"), 0);
}

TEST_P(DatabaseTest, rolls_back_on_an_exception_and_passes_it_on) {
  EXPECT_THROW(static_cast<void>(write([](Transaction& transaction) -> Result<void> {
                 ATALAYA_TRY(transaction.execute("INSERT INTO names VALUES ('a', 1)"));
                 throw std::runtime_error("thrown");
               })),
               std::runtime_error);
  EXPECT_THROW(static_cast<void>(database_->read(
                   [](Transaction&) -> Result<void> { throw std::runtime_error("thrown"); })),
               std::runtime_error);
  EXPECT_EQ(count("names"), 0);
  ASSERT_OK(write_all(*database_, {"INSERT INTO names VALUES ('b', 1)"}));
  EXPECT_EQ(count("names"), 1);
}

TEST_P(DatabaseTest, a_failed_statement_dooms_the_transaction_even_if_swallowed) {
  const auto done = write([](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute("INSERT INTO names VALUES ('a', 1)"));
    EXPECT_FALSE(transaction.execute("INSERT INTO names VALUES ('a', 1)").has_value());
    EXPECT_EQ(error_of(transaction.query("SELECT 1")).reason, "store.constraint");
    return {};
  });
  EXPECT_EQ(error_of(done).reason, "store.constraint");
  EXPECT_EQ(count("names"), 0);
}

TEST_P(DatabaseTest, no_row_and_many_rows_doom_nothing) {
  ASSERT_OK(write([](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute("INSERT INTO names VALUES ('a', 1), ('b', 1)"));
    EXPECT_EQ(error_of(transaction.query_one("SELECT 1 FROM parts")).reason, "store.no_row");
    EXPECT_EQ(error_of(transaction.query_one("SELECT 1 FROM names")).code, ErrorCode::not_found);
    return {};
  }));
  EXPECT_EQ(count("names"), 2);
}

TEST_P(DatabaseTest, execute_answers_the_rows_changed) {
  ASSERT_OK(write([](Transaction& transaction) -> Result<void> {
    const auto run = [&](std::string_view sql) { return transaction.execute(sql).value_or(-1); };
    EXPECT_EQ(run("INSERT INTO names VALUES ('a', 1), ('b', 2)"), 2);
    EXPECT_EQ(run("UPDATE names SET length = 3"), 2);
    EXPECT_EQ(run("CREATE TABLE more (a TEXT)"), 0);
    EXPECT_EQ(run("SELECT 1"), 0);
    EXPECT_EQ(run("INSERT INTO names VALUES ('a', 9) ON CONFLICT (name) DO NOTHING"), 0);
    EXPECT_EQ(run("DELETE FROM names WHERE name = 'zz'"), 0);
    EXPECT_EQ(run("DELETE FROM names"), 2);
    const Row row = ATALAYA_TRY(transaction.query_one(
        "INSERT INTO names VALUES ('a', 1) ON CONFLICT (name) DO UPDATE SET length = 2 "
        "RETURNING length"));
    EXPECT_EQ(row.integer(0), 1);
    return {};
  }));
}

TEST_P(DatabaseTest, execute_many_is_all_or_nothing) {
  std::vector<Parameters> rows;
  for (std::int64_t i = 0; i < 2500; ++i) {  // more than one pipeline
    rows.push_back({fmt::format("name {}", i), i % 3 == 0 ? Value() : Value(i + 1)});
  }
  const auto insert = [&] {
    return write([&](Transaction& transaction) -> Result<void> {
      const std::int64_t changed =
          ATALAYA_TRY(transaction.execute_many("INSERT INTO names VALUES ($1, $2)", rows));
      EXPECT_EQ(changed, std::ssize(rows));
      return {};
    });
  };
  ASSERT_OK(insert());
  EXPECT_EQ(count("names"), 2500);
  EXPECT_EQ(integer_of(*database_, "SELECT count(*) FROM names WHERE length IS NULL"), 834);
  ASSERT_OK(write_all(*database_, {"DELETE FROM names"}));
  rows[2000] = rows[0];
  EXPECT_EQ(error_of(insert()).reason, "store.constraint");
  EXPECT_EQ(count("names"), 0);
  ASSERT_OK(write([](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute_many("INSERT INTO names VALUES ($1, $2)", {}));
    return {};
  }));
}

TEST_P(DatabaseTest, for_each_walks_stops_and_nests) {
  std::vector<Parameters> rows;
  for (std::int64_t i = 1; i <= 1500; ++i) {  // more than one fetch
    rows.push_back({fmt::format("{:05}", i), i});
  }
  ASSERT_OK(write([&](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute_many("INSERT INTO names VALUES ($1, $2)", rows));
    return {};
  }));
  std::int64_t seen = 0;
  std::int64_t nested = 0;
  ASSERT_OK(database_->read([&](Transaction& transaction) -> Result<void> {
    constexpr std::string_view kWalk =
        "SELECT name, length FROM names WHERE length > $1 ORDER BY name";
    ATALAYA_TRY(transaction.for_each(kWalk, {std::int64_t{0}}, [&](const Row& row) -> Result<void> {
      ++seen;
      EXPECT_EQ(row.integer(1), seen);
      if (seen % 500 == 0) {  // the same statement inside itself
        ATALAYA_TRY(transaction.for_each(kWalk, {std::int64_t{1490}}, [&](const Row&) {
          ++nested;
          return Result<void>();
        }));
      }
      return {};
    }));
    EXPECT_EQ(seen, 1500);
    EXPECT_EQ(nested, 30);
    const auto stopped =
        transaction.for_each(kWalk, {std::int64_t{0}}, [&](const Row& row) -> Result<void> {
          return row.integer(1) < 700 ? Result<void>() : fail(ErrorCode::exhausted, "desk.enough");
        });
    EXPECT_EQ(error_of(stopped).reason, "desk.enough");
    const Rows after = ATALAYA_TRY(transaction.query("SELECT 1"));  // not doomed
    EXPECT_EQ(after.size(), 1U);
    return {};
  }));
}

TEST_P(DatabaseTest, for_each_walks_what_a_change_returns) {
  std::int64_t sum = 0;
  ASSERT_OK(write([&](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute("INSERT INTO names VALUES ('a', 1), ('b', 2)"));
    return transaction.for_each("UPDATE names SET length = length * 10 RETURNING length", {},
                                [&](const Row& row) -> Result<void> {
                                  sum += row.integer(0);
                                  return {};
                                });
  }));
  EXPECT_EQ(sum, 30);
}

TEST_P(DatabaseTest, text_is_ordered_and_matched_by_bytes) {
  ASSERT_OK(write_all(*database_, {"INSERT INTO names VALUES ('b', 1), ('a', 1), ('B', 1), "
                                   "('é', 1), ('e', 1), ('z', 1), ('_', 1)"}));
  std::string order;
  ASSERT_OK(database_->read([&](Transaction& transaction) -> Result<void> {
    return transaction.for_each("SELECT name FROM names ORDER BY name", {}, [&](const Row& row) {
      order += row.text(0);
      return Result<void>();
    });
  }));
  EXPECT_EQ(order, "B_abezé");
  EXPECT_EQ(integer_of(*database_, "SELECT count(*) FROM names WHERE name LIKE 'b%'"), 1);
}

TEST_P(DatabaseTest, reading_cannot_write) {
  const auto done = database_->read([](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute("INSERT INTO names VALUES ('a', 1)"));
    return {};
  });
  EXPECT_EQ(error_of(done).reason, "store.sql");
  EXPECT_EQ(count("names"), 0);
}

TEST_P(DatabaseTest, a_reader_keeps_its_snapshot) {
  ASSERT_OK(database_->read([&](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(write_all(*database_, {"INSERT INTO names VALUES ('a', 1)"}));
    const Row before = ATALAYA_TRY(transaction.query_one("SELECT count(*) FROM names"));
    EXPECT_EQ(before.integer(0), 0);
    EXPECT_EQ(count("names"), 1);
    return {};
  }));
}

TEST_P(DatabaseTest, writers_are_serial_and_readers_see_whole_transactions) {
  ASSERT_OK(write_all(*database_, {"INSERT INTO names VALUES ('left', 1000), ('right', 1000)"}));
  std::atomic<bool> stop = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  threads.reserve(5);
  for (int writer = 0; writer < 3; ++writer) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto moved = write([](Transaction& transaction) -> Result<void> {
          const Row row =
              ATALAYA_TRY(transaction.query_one("SELECT length FROM names WHERE name = 'left'"));
          ATALAYA_TRY(transaction.execute("UPDATE names SET length = $1 WHERE name = 'left'",
                                          {row.integer(0) - 1}));
          ATALAYA_TRY(
              transaction.execute("UPDATE names SET length = length + 1 WHERE name = 'right'"));
          return {};
        });
        failures += moved.has_value() ? 0 : 1;
      }
    });
  }
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto seen = database_->read([&](Transaction& transaction) -> Result<void> {
          const Row left =
              ATALAYA_TRY(transaction.query_one("SELECT length FROM names WHERE name = 'left'"));
          const Row right =
              ATALAYA_TRY(transaction.query_one("SELECT length FROM names WHERE name = 'right'"));
          failures += left.integer(0) + right.integer(0) == 2000 ? 0 : 1;
          return {};
        });
        failures += seen.has_value() ? 0 : 1;
      }
    });
  }
  for (std::size_t i = 0; i < threads.size(); ++i) {
    stop = i >= 3;
    threads[i].join();
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(integer_of(*database_, "SELECT length FROM names WHERE name = 'right'"), 1060);
}

TEST_P(DatabaseTest, a_writer_gives_up_on_a_lock_that_another_program_holds) {
  const std::string address = maker_.fresh_address(GetParam());
  lock_wait_ms = 100;
  const auto one = open(address);
  const auto other = open(address);
  Error error;
  ASSERT_OK(one->write([&](Transaction&) -> Result<void> {
    error = error_of(other->write([](Transaction&) { return Result<void>(); }));
    return {};
  }));
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_EQ(error.reason, "store.busy");
  ASSERT_OK(other->write([](Transaction&) { return Result<void>(); }));
}

TEST_P(DatabaseTest, readers_wait_for_a_connection_and_then_give_up) {
  lock_wait_ms = 50;
  std::function<Result<void>(int)> nest = [&](int depth) -> Result<void> {
    return depth == 0 ? Result<void>()
                      : database_->read([&](Transaction&) { return nest(depth - 1); });
  };
  ASSERT_OK(nest(static_cast<int>(kReadConnectionsMax)));
  EXPECT_EQ(error_of(nest(static_cast<int>(kReadConnectionsMax) + 1)).reason, "store.busy");
  ASSERT_OK(nest(1));
}

TEST_P(DatabaseTest, a_write_inside_a_write_aborts_instead_of_waiting_for_itself) {
  EXPECT_DEATH(static_cast<void>(write([&](Transaction&) -> Result<void> {
                 return write([](Transaction&) { return Result<void>(); });
               })),
               "check failed");
}

TEST_P(DatabaseTest, more_statements_than_the_cache_holds) {
  ASSERT_OK(database_->read([](Transaction& transaction) -> Result<void> {
    for (int round = 0; round < 2; ++round) {
      for (std::int64_t i = 0; i < 300; ++i) {
        const Row row =
            ATALAYA_TRY(transaction.query_one(fmt::format("SELECT {} + $1", i), {std::int64_t{1}}));
        EXPECT_EQ(row.integer(0), i + 1);
      }
    }
    return {};
  }));
}

TEST_P(DatabaseTest, check_finds_nothing_wrong_with_a_sound_store) {
  const auto health = database_->check();
  ASSERT_OK(health);
  EXPECT_EQ(health->integrity, "ok");
  EXPECT_GT(health->size_bytes, 0);
  EXPECT_TRUE(health->engine_version.starts_with(GetParam() == Engine::sqlite ? "SQLite 3."
                                                                              : "PostgreSQL "));
}

/// Keys of any code points, compared by bytes on both sides.
rc::Gen<std::string> any_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::uint32_t>>(rc::gen::weightedOneOf<std::uint32_t>(
          {{5, rc::gen::inRange<std::uint32_t>(1, 0x80)},
           {3, rc::gen::inRange<std::uint32_t>(0x80, 0xd800)},
           {1, rc::gen::inRange<std::uint32_t>(0xe000, 0x110000)}})),
      [](const std::vector<std::uint32_t>& points) {
        std::string text;
        const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
        for (const std::uint32_t point : points) {
          if (point < 0x80) {
            add(point);
          } else if (point < 0x800) {
            add(0xc0 | point >> 6);
            add(0x80 | (point & 0x3f));
          } else if (point < 0x10000) {
            add(0xe0 | point >> 12);
            add(0x80 | (point >> 6 & 0x3f));
            add(0x80 | (point & 0x3f));
          } else {
            add(0xf0 | point >> 18);
            add(0x80 | (point >> 12 & 0x3f));
            add(0x80 | (point >> 6 & 0x3f));
            add(0x80 | (point & 0x3f));
          }
        }
        return text;
      });
}

using Model = std::map<std::string, std::pair<std::int64_t, Blob>>;

Model stored(Database& database) {
  Model model;
  std::string last;
  const auto read = database.read([&](Transaction& transaction) -> Result<void> {
    return transaction.for_each("SELECT key, n, bytes FROM pairs ORDER BY key", {},
                                [&](const Row& row) -> Result<void> {
                                  RC_ASSERT(model.empty() || last < row.text(0));
                                  last = row.text(0);
                                  model[last] = {row.integer(1), row.blob(2)};
                                  return {};
                                });
  });
  RC_ASSERT(read.has_value());
  return model;
}

/// One transaction of random changes, on the store and on the model.
Result<void> change(Transaction& transaction, Model& model, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const auto n = *rc::gen::arbitrary<std::int64_t>();
    const auto bytes = *rc::gen::arbitrary<Blob>();
    switch (*rc::gen::inRange(0, 3)) {
      case 0: {
        const std::int64_t deleted =
            ATALAYA_TRY(transaction.execute("DELETE FROM pairs WHERE key = $1", {key}));
        RC_ASSERT(deleted == static_cast<std::int64_t>(model.erase(key)));
        break;
      }
      case 1: {
        const std::int64_t updated =
            ATALAYA_TRY(transaction.execute("UPDATE pairs SET n = $2 WHERE key = $1", {key, n}));
        RC_ASSERT(updated == static_cast<std::int64_t>(model.count(key)));
        if (updated == 1) {
          model[key].first = n;
        }
        break;
      }
      default:
        ATALAYA_TRY(transaction.execute(
            "INSERT INTO pairs VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET "
            "n = excluded.n, bytes = excluded.bytes",
            {key, n, bytes}));
        model[key] = {n, bytes};
    }
  }
  return {};
}

TEST_P(DatabaseTest, behaves_like_a_map_with_transactions) {
  const auto database = make(
      "CREATE TABLE pairs (key TEXT PRIMARY KEY, n INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT");
  rc::check("store = std::map", [&] {
    RC_ASSERT(write_all(*database, {"DELETE FROM pairs"}).has_value());
    Model model;
    const auto keys = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(any_text()));
    const int transactions = *rc::gen::inRange(1, 6);
    for (int i = 0; i < transactions; ++i) {
      Model changed = model;
      const auto chosen = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(keys));
      const bool commits = *rc::gen::arbitrary<bool>();
      const auto done = database->write([&](Transaction& transaction) -> Result<void> {
        ATALAYA_TRY(change(transaction, changed, chosen));
        return commits ? Result<void>() : fail(ErrorCode::conflict, "test.roll_back");
      });
      RC_ASSERT(done.has_value() == commits);
      if (commits) {
        model = std::move(changed);
      }
      RC_ASSERT(stored(*database) == model);
    }
  });
}

TEST_P(DatabaseTest, one_process_serves_it_at_a_time) {
  const std::string address = maker_.fresh_address(GetParam());
  auto first = lock_for_serving(address);
  ASSERT_OK(first);
  const auto second = lock_for_serving(address);
  EXPECT_EQ(error_of(second).code, ErrorCode::conflict);
  EXPECT_EQ(error_of(second).reason, "store.served");
  if (GetParam() == Engine::sqlite) {
    EXPECT_NE(error_of(second).detail.find(std::to_string(::getpid())), std::string::npos);
    // By whatever name the file is called.
    EXPECT_EQ(error_of(lock_for_serving(maker_.folder() + "/./" +
                                        address.substr(maker_.folder().size() + 1)))
                  .reason,
              "store.served");
  }
  ASSERT_OK(lock_for_serving(maker_.fresh_address(GetParam())));  // another store
  // Writers beside it go on as ever.
  ASSERT_OK(Database::open(address));
  first->reset();
  ASSERT_OK(lock_for_serving(address));
}

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseTest,
                         ::testing::Values(Engine::sqlite, Engine::postgresql), engine_name);

TEST(OpenTest, the_file_is_private_whatever_the_umask) {
  StoreMaker maker;
  const std::string path = maker.path("a.db");
  const mode_t old = ::umask(0);
  {
    auto database = Database::open(path);
    ASSERT_OK(database);
    ASSERT_OK(write_all(**database, {"CREATE TABLE t (a TEXT) STRICT"}));
    for (const char* suffix : {"", "-wal", "-shm"}) {
      struct stat status{};
      ASSERT_EQ(::stat((path + suffix).c_str(), &status), 0) << suffix;
      EXPECT_EQ(status.st_mode & 0777U, 0600U) << suffix;
    }
  }
  ::umask(old);
  ::chmod(path.c_str(), 0644);
  ASSERT_OK(Database::open(path));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(OpenTest, says_what_to_do_when_it_cannot_open) {
  StoreMaker maker;
  for (const std::string& address :
       {maker.path("absent/folder/a.db"), std::string(), std::string(":memory:"), maker.folder(),
        std::string("postgresql://user:s3cret%zz@host/db"),
        std::string("postgresql://user:s3cret@/db?host=/nowhere/at/all")}) {
    const auto database = Database::open(address);
    EXPECT_EQ(error_of(database).code, ErrorCode::unavailable) << address;
    EXPECT_EQ(error_of(database).reason, "store.open") << address;
    EXPECT_EQ(error_of(database).detail.find("s3cret"), std::string::npos);
    EXPECT_FALSE(error_of(database).detail.empty());
  }
}

}  // namespace

}  // namespace atalaya::store
