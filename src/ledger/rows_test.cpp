// Goal: whoever can write the database cannot change a row of any table unseen, and nobody can add
// a table that is forgotten. Method: the program's whole schema, with synthetic rows in every
// table; then each column of each table is changed and each table loses a row, by SQL behind the
// program's back with SQLite's constraints switched off.
#include <atalaya/ledger/rows.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <atalaya/store/schema.hpp>
#include <atalaya/store/test_store.hpp>

#include "rows.hpp"
#include "test_log.hpp"

namespace atalaya::ledger {
namespace {

using store::Engine;
using store::TestStore;
using store::Transaction;

constexpr std::string_view kAdvice =
    " is neither recorded nor exempt: see docs/developer-notes.md, \"Rows and the log\"";

std::vector<store::TableSchema> schema_of(store::Database& database) {
  std::vector<store::TableSchema> out;
  EXPECT_TRUE(database.read([&](Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(store::read_schema(tx, database.engine()));
    return {};
  }));
  return out;
}

/// A node's store: the program's migrations, a log, and the wrapper that the desks write to.
struct Node {
  explicit Node(Engine engine) : store(engine) {
    auto made = Ledger::open(store.database(), testing::test_key(), clock, {});
    ATALAYA_CHECK(made.has_value());
    ledger = *std::move(made);
  }

  Result<void> open() {
    const auto migrations = ATALAYA_TRY(store::program_migrations());
    recorded = ATALAYA_TRY(RecordedDatabase::open(store.database(), *ledger, migrations));
    return {};
  }

  RowsReport check() {
    auto report = check_rows(store.database(), store::program_migrations().value(), 1000);
    EXPECT_TRUE(report) << report.error().detail;
    return report ? *std::move(report) : RowsReport{};
  }

  Result<void> write(const std::function<Result<void>(Transaction&)>& work) {
    return recorded->write(work);
  }

  std::uint64_t size() { return ledger->size().value_or(0); }

  TestStore store;
  FixedClock clock{testing::kNow};
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<RecordedDatabase> recorded;
};

class Rows : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == Engine::postgresql && !TestStore::has_postgres()) {
      GTEST_SKIP() << "needs PostgreSQL; ctest runs this as ledger_postgres";
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, Rows, ::testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& given) {
                           return given.param == Engine::sqlite ? "sqlite" : "postgresql";
                         });

TEST_P(Rows, EveryTableAndColumnIsComparedOrExemptWithAReason) {
  TestStore store(GetParam());
  const auto schema = schema_of(store.database());
  ASSERT_GT(schema.size(), 40U);
  const auto made = recorded_tables(schema);
  ASSERT_TRUE(made) << made.error().detail;
  const RecordedTables& tables = *made;
  std::map<std::string, std::vector<std::string>> columns;
  for (const auto& table : schema) {
    const auto recorded = tables.find(table.name);
    for (const auto& column : table.columns) {
      columns[table.name].push_back(column.name);
      const bool compared = recorded != tables.end() &&
                            std::ranges::count(recorded->second.columns, column.name) == 1;
      EXPECT_NE(compared, is_exempt(table.name, column.name))
          << table.name << "." << column.name << kAdvice;
      EXPECT_FALSE(column.key > 0 && !compared && recorded != tables.end())
          << table.name << "." << column.name << " is exempt, but rows are recorded by it";
    }
  }
  for (const auto& entry : not_compared()) {
    const auto& known = columns[std::string(entry.table)];
    EXPECT_FALSE(known.empty()) << entry.table << " is exempt, but there is no such table";
    EXPECT_TRUE(entry.column.empty() || std::ranges::count(known, entry.column) == 1)
        << entry.table << "." << entry.column << " is exempt, but there is no such column";
    EXPECT_GT(entry.why.size(), 30U) << entry.table << ": say why in a sentence";
  }
}

TEST(RowsOfTheSchema, AreChangedByStatementsAlone) {
  TestStore store(Engine::sqlite);
  ASSERT_TRUE(store.database().read([](Transaction& tx) -> Result<void> {
    const auto hidden = ATALAYA_TRY(
        tx.query("SELECT name FROM sqlite_schema WHERE type = 'trigger' OR upper(sql) LIKE "
                 "'%CASCADE%' OR upper(sql) LIKE '%SET NULL%' OR upper(sql) LIKE '%SET DEFAULT%'"));
    EXPECT_TRUE(hidden.empty()) << hidden.front().text(0) << ": rows would change unrecorded; see "
                                << "docs/developer-notes.md, \"Rows and the log\"";
    return {};
  }));
}

TEST_P(Rows, RecordWhatEveryShapeOfStatementLeavesBehind) {
  Node node(GetParam());
  ASSERT_TRUE(node.open());
  EXPECT_EQ(node.check().rows_found, 0U);
  const std::uint64_t before = node.size();
  ASSERT_TRUE(node.write([](Transaction& tx) -> Result<void> {
    const std::vector<store::Parameters> rows = {{std::string("a"), std::string("1")},
                                                 {std::string("b:%"), std::string("2")},
                                                 {std::string("c"), std::string("3")}};
    ATALAYA_TRY(tx.execute_many("INSERT INTO settings(key, value) VALUES ($1, $2)", rows));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO settings(key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = "
        "$2",
        {std::string("a"), std::string("new")}));
    const std::vector<store::Parameters> held_and_new = {{std::string("a")}, {std::string("d")}};
    const auto written = ATALAYA_TRY(tx.execute_many(
        "INSERT INTO settings(key, value) VALUES ($1, 'x') ON CONFLICT (key) DO NOTHING",
        held_and_new));
    EXPECT_EQ(written, 1);
    ATALAYA_TRY(tx.execute("INSERT INTO settings(value, key) SELECT value, CAST($1 AS TEXT) FROM "
                           "settings WHERE key = $2",
                           {std::string("copy"), std::string("a")}));
    const store::Row told = ATALAYA_TRY(
        tx.query_one("UPDATE counters SET value = value + $1 WHERE name = $2 RETURNING value",
                     {std::int64_t{7}, std::string("change_feed")}));
    EXPECT_EQ(told.size(), 1U);
    EXPECT_EQ(told.integer(0), 7);
    ATALAYA_TRY(tx.execute("INSERT INTO change_feed(position, kind, subject) VALUES ($1, "
                           "'commitment', $2)",
                           {std::int64_t{1}, std::string("x")}));
    const auto removed = ATALAYA_TRY(
        tx.execute("DELETE FROM settings WHERE key = $1", {std::string("c")}));
    EXPECT_EQ(removed, 1);
    return {};
  }));
  EXPECT_EQ(node.size(), before + 1);  // one leaf a transaction
  const auto report = node.check();
  EXPECT_EQ(report.problems, std::vector<std::string>{});
  EXPECT_EQ(report.rows_partly, 0U);
  EXPECT_GE(report.rows, 9U);

  const std::uint64_t held = node.size();
  EXPECT_FALSE(node.write([](Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("DELETE FROM settings"));
    return fail(ErrorCode::conflict, "test", "rolled back");
  }));
  ASSERT_TRUE(node.write([](Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("UPDATE settings SET value = '' WHERE key = 'absent'"));
    ATALAYA_TRY(tx.execute("UPDATE accounts SET totp_step = 3"));  // exempt
    return {};
  }));
  EXPECT_EQ(node.size(), held);
  EXPECT_EQ(node.check().problem_count, 0U);
}

TEST(RowsRefuse, StatementsWhoseRowsCannotBeTold) {
  Node node(Engine::sqlite);
  ASSERT_TRUE(node.open());
  for (const std::string_view sql :
       {"UPDATE settings SET key = 'b' WHERE key = 'a'",
        "INSERT OR REPLACE INTO settings(key, value) VALUES ('a', 'b')",
        "WITH x AS (SELECT 1) DELETE FROM settings"}) {
    const auto done = node.write([&](Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(sql));
      return {};
    });
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().reason, "ledger.rows.statement") << sql;
  }
}

/// SQLite without this project's code: what an intruder's shell has.
class Intruder {
 public:
  explicit Intruder(const std::string& path) {
    ATALAYA_CHECK(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
    run("PRAGMA foreign_keys = OFF");
    run("PRAGMA ignore_check_constraints = ON");
    run("PRAGMA synchronous = OFF");
  }

  Intruder(const Intruder&) = delete;
  Intruder& operator=(const Intruder&) = delete;

  ~Intruder() { sqlite3_close(db_); }

  void run(const std::string& sql) {
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK)
        << sql << ": " << (error == nullptr ? "" : error);
    sqlite3_free(error);
  }

  std::string type_of(const std::string& table, const std::string& column) {
    sqlite3_stmt* statement = nullptr;
    const std::string sql = fmt::format(
        "SELECT type FROM pragma_table_info('{}') WHERE name = '{}'", table, column);
    ATALAYA_CHECK(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    ATALAYA_CHECK(sqlite3_step(statement) == SQLITE_ROW);
    std::string type(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
    sqlite3_finalize(statement);
    return type;
  }

 private:
  sqlite3* db_ = nullptr;
};

std::string literal(std::string_view type, int number) {
  if (type == "TEXT") {
    return fmt::format("'synthetic {}'", number);
  }
  return type == "BLOB" ? fmt::format("x'{:04x}'", number) : std::to_string(number);
}

/// Two rows whose every value names the row, so that they point to one another as they must.
void fill(Intruder& intruder, const store::TableSchema& table) {
  for (const int row : {7001, 7002}) {
    std::string names;
    std::string values;
    for (const auto& column : table.columns) {
      const char* comma = names.empty() ? "" : ", ";
      names += comma + column.name;
      values += comma + literal(intruder.type_of(table.name, column.name), row);
    }
    intruder.run(fmt::format("INSERT INTO {}({}) VALUES ({})", table.name, names, values));
  }
}

TEST(RowsChangedBehindTheProgram, AreFoundInEveryColumnOfEveryTable) {
  Node node(Engine::sqlite);
  Intruder intruder((node.store.folder() / "atalaya.db").string());
  std::vector<store::TableSchema> tables;
  for (const auto& table : schema_of(node.store.database())) {
    if (!is_exempt(table.name, "")) {
      tables.push_back(table);
    }
  }
  std::size_t columns_max = 0;
  for (const auto& table : tables) {
    columns_max = std::max(columns_max, table.columns.size());
    fill(intruder, table);
  }
  ASSERT_TRUE(node.open());
  ASSERT_EQ(node.check().problems, std::vector<std::string>{});
  ASSERT_EQ(node.check().tables, tables.size());

  const auto named = [](const std::vector<std::string>& problems, const std::string& table,
                        std::string_view row, std::string_view what) {
    return std::ranges::any_of(problems, [&](const std::string& problem) {
      return problem.ends_with(what) && problem.contains(row) &&
             problem.contains(fmt::format(" of {} ", table));
    });
  };
  // The i-th column of every table at once: each must be named, and nothing else.
  for (std::size_t i = 0; i < columns_max; ++i) {
    std::vector<std::string> back;
    std::vector<std::pair<std::string, bool>> changed;
    for (const auto& table : tables) {
      if (i >= table.columns.size() || is_exempt(table.name, table.columns[i].name)) {
        continue;
      }
      const auto& column = table.columns[i];
      const std::string type = intruder.type_of(table.name, column.name);
      const auto set = fmt::format("UPDATE {} SET {} = ", table.name, column.name);
      const auto where = fmt::format(" WHERE {} = ", column.name);
      intruder.run(set + literal(type, 7003) + where + literal(type, 7002));
      back.push_back(set + literal(type, 7002) + where + literal(type, 7003));
      changed.emplace_back(table.name, column.key > 0);
    }
    const auto problems = node.check().problems;
    std::size_t expected = 0;
    for (const auto& [table, key] : changed) {
      const bool checkpoint = table == kCheckpointsTable;
      expected += key && !checkpoint ? 2U : 1U;
      EXPECT_TRUE(named(problems, table, "7002",
                        key ? "was removed" : "is not the one that the log records"))
          << table << ", column " << i;
      EXPECT_TRUE(!key || checkpoint || named(problems, table, "7003", "behind the log's back"))
          << table << ", column " << i;
    }
    EXPECT_EQ(problems.size(), expected) << "column " << i;
    for (const auto& sql : back) {
      intruder.run(sql);
    }
  }
  ASSERT_EQ(node.check().problems, std::vector<std::string>{});
  for (const auto& table : tables) {
    const auto& key = *std::ranges::find_if(table.columns, [](const auto& c) { return c.key == 1; });
    intruder.run(fmt::format("DELETE FROM {} WHERE {} = {}", table.name, key.name,
                             literal(intruder.type_of(table.name, key.name), 7001)));
  }
  const auto problems = node.check().problems;
  for (const auto& table : tables) {
    EXPECT_TRUE(named(problems, table.name, "7001", "was removed")) << table.name;
  }
  EXPECT_EQ(problems.size(), tables.size());
}

/// The digests of the rows that fill() wrote, over the columns that `table` names.
std::vector<RowDigest> digests_of(store::Database& database, const store::TableSchema& table) {
  std::string names;
  for (const auto& column : table.columns) {
    names += (names.empty() ? "" : ", ") + column.name;
  }
  std::vector<RowDigest> out;
  EXPECT_TRUE(database.read([&](Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query(fmt::format("SELECT {} FROM {} WHERE {} LIKE '%700_' ORDER BY 1", names, table.name,
                             table.columns.front().name)));
    for (const auto& row : rows) {
      std::vector<store::Value> values;
      for (std::size_t i = 0; i < row.size(); ++i) {
        values.push_back(row.value(i));
      }
      out.push_back(row_digest(values));
    }
    return {};
  })) << table.name;
  return out;
}

std::int64_t count_of(store::Database& database, const std::string& from) {
  std::int64_t count = -1;
  EXPECT_TRUE(database.read([&](Transaction& tx) -> Result<void> {
    const auto row = ATALAYA_TRY(tx.query_one("SELECT count(*) FROM " + from));
    count = row.integer(0);
    return {};
  })) << from;
  return count;
}

// Each migration meets rows in every table that older ones made: it keeps them, leaves new columns
// empty and new tables too. What one computes on purpose is named here.
TEST(RowsOfOlderSchemas, SurviveEveryMigration) {
  const std::set<std::pair<std::string, std::string>> computed = {
      {"0012_named", "commitments"},                // counts of clauses, dates and citations
      {"0021_clause_versions", "clause_versions"},  // what persons had set of clauses
      {"0024_peer_keys", "followup_nodes"},         // rows of neighbours under their keys
      {"0024_peer_keys", "followup_node_packages"},
      {"0024_peer_keys", "followup_node_records"}};
  const auto all = store::program_migrations();
  ASSERT_TRUE(all);
  testing::TemporaryFolder folder;
  auto opened = store::Database::open(folder.file("a.db"));
  ASSERT_TRUE(opened);
  store::Database& database = **opened;
  Intruder intruder(folder.file("a.db"));
  std::map<std::string, store::TableSchema> before;
  for (std::size_t n = 1; n <= all->size(); ++n) {
    const std::string& name = all->at(n - 1).name;
    std::map<std::string, std::vector<RowDigest>> held;
    for (const auto& [table, schema] : before) {
      held[table] = digests_of(database, schema);
      EXPECT_EQ(held[table].size(), 2U) << table;
    }
    const auto migrated = database.migrate(std::span(*all).first(n));
    ASSERT_TRUE(migrated) << name << ": " << migrated.error().detail;
    for (const auto& table : schema_of(database)) {
      const auto known = before.find(table.name);
      if (known == before.end()) {
        if (computed.contains({name, table.name})) {
          EXPECT_GT(count_of(database, table.name), 0) << name;
          intruder.run("DELETE FROM " + table.name);
        }
        EXPECT_TRUE(table.name == "counters" || count_of(database, table.name) == 0) << name;
        fill(intruder, table);
        continue;
      }
      EXPECT_EQ(digests_of(database, known->second), held[table.name])
          << name << " changed rows of " << table.name;
      for (std::size_t i = known->second.columns.size(); i < table.columns.size(); ++i) {
        const std::string column = table.columns[i].name;
        EXPECT_TRUE(computed.contains({name, table.name}) ||
                    count_of(database, fmt::format("{} WHERE CAST({} AS TEXT) NOT IN ('', '0')",
                                                   table.name, column)) == 0)
            << name << " fills " << table.name << "." << column;
      }
    }
    before.clear();  // of tables that were dropped, too
    for (const auto& table : schema_of(database)) {
      before[table.name] = table;
    }
  }
}

// What an older version wrote, what migrations write, and what was erased, raises no alarm.
TEST(RowsOfOlderNodes, AreAcceptedAndCounted) {
  testing::TemporaryFolder folder;
  testing::OpenLog log(folder.file("a.db"));
  std::vector<store::Migration> migrations = testing::ledger_migrations();
  const auto open = [&] {
    EXPECT_TRUE(log.database->migrate(migrations));
    auto opened = RecordedDatabase::open(*log.database, *log.ledger, migrations);
    EXPECT_TRUE(opened) << opened.error().detail;
    return *std::move(opened);
  };
  migrations.push_back({.number = 2,
                        .name = "0002_a",
                        .sql = "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT NOT NULL) STRICT;",
                        .postgres_sql = {}});
  ASSERT_TRUE(log.database->migrate(migrations));
  ASSERT_TRUE(log.append(testing::events(0, 2)));
  ASSERT_TRUE(log.write([](Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("INSERT INTO a(id, x) VALUES (1, 'old'), (2, 'old')"));
    return {};
  }));
  auto recorded = open();
  auto report = check_rows(*log.database, migrations);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problem_count, 0U);
  EXPECT_EQ(report->rows_found, 2U);

  migrations.push_back({.number = 3,
                        .name = "0003_b",
                        .sql = "CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;\n"
                               "INSERT INTO b(id) VALUES (5);\nINSERT INTO a(id, x) VALUES (3, '');",
                        .postgres_sql = {}});
  recorded = open();
  const auto size = log.ledger->size().value_or(0);
  recorded = open();
  EXPECT_EQ(log.ledger->size().value_or(0), size);  // nothing is recorded twice
  migrations.push_back({.number = 4,
                        .name = "0004_c",
                        .sql = "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 0;",
                        .postgres_sql = {}});
  recorded = open();
  ASSERT_TRUE(recorded->write([](Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("UPDATE a SET y = 1 WHERE id = 1"));
    return {};
  }));
  report = check_rows(*log.database, migrations);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problems, std::vector<std::string>{});
  EXPECT_EQ(report->rows_partly, 2U);  // rows 2 and 3 have no record of y
  ASSERT_TRUE(log.write([](Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("UPDATE a SET y = 1 WHERE id = 2"));   // cannot be seen
    ATALAYA_TRY(tx.execute("UPDATE a SET x = '!' WHERE id = 3"));
    ATALAYA_TRY(tx.execute("DELETE FROM b"));
    return {};
  }));
  report = check_rows(*log.database, migrations);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problems,
            (std::vector<std::string>{"row 3 of a is not the one that the log records",
                                      "row 5 of b was removed"}));
  // What an erased leaf said is compared no more, and raises no alarm either.
  for (std::uint64_t leaf = log.ledger->size().value_or(0); leaf-- > 0;) {
    EXPECT_TRUE(log.erase(leaf));
  }
  report = check_rows(*log.database, migrations);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->problems, std::vector<std::string>{});
  EXPECT_EQ(report->rows_partly, report->rows);
}

/// What compare_schema() says of the program's own store.
std::vector<std::string> differences_of(store::Database& database) {
  const auto found = store::compare_schema(database, store::program_migrations().value());
  EXPECT_TRUE(found) << found.error().detail;
  return found.value_or(std::vector<std::string>{});
}

TEST_P(Rows, ATableThatIsGoneOrReplacedIsNamed) {
  Node node(GetParam());
  ASSERT_TRUE(node.open());
  EXPECT_EQ(differences_of(node.store.database()), std::vector<std::string>{});
  ASSERT_TRUE(node.write([](Transaction& tx) -> Result<void> {
    ATALAYA_TRY(tx.execute("INSERT INTO settings(key, value) VALUES ('a', '1'), ('b', '2')"));
    ATALAYA_TRY(tx.execute("DELETE FROM settings WHERE key = 'b'"));
    return {};
  }));
  ASSERT_EQ(node.check().problems, std::vector<std::string>{});
  const auto behind = [&](std::string_view sql) {
    const auto done = node.store.database().write([&](Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(sql));
      return {};
    });
    EXPECT_TRUE(done) << sql << ": " << done.error().detail;
  };
  behind("ALTER TABLE settings RENAME TO kept");
  behind("CREATE VIEW settings AS SELECT * FROM kept");
  behind("DROP TABLE counters");
  behind("ALTER TABLE sessions ADD COLUMN planted TEXT");
  behind("DROP INDEX sessions_account");
  behind("CREATE INDEX planted_index ON accounts(id)");
  const std::vector<std::string> problems = {
      "table counters is missing; the log records 5 of its rows",
      "table settings is missing; the log records 1 of its rows"};
  const std::vector<std::string> differences = {
      "table counters is missing",
      "column planted of table sessions was added: no migration makes it",
      "index sessions_account on sessions is missing",
      "settings is a view, but must be a table",
      "table kept was added: no migration makes it",
      "index planted_index on accounts was added: no migration makes it"};
  EXPECT_EQ(node.check().problems, problems);
  EXPECT_EQ(differences_of(node.store.database()), differences);
  // Starting once more records nothing that no migration made, and forgets no table.
  const auto size = node.size();
  ASSERT_TRUE(node.open());
  EXPECT_EQ(node.size(), size);
  EXPECT_EQ(node.check().problems, problems);
}

TEST(RowsChangedBehindTheProgram, AreFoundInTheSchemaOfTheFile) {
  Node node(Engine::sqlite);
  ASSERT_TRUE(node.open());
  Intruder intruder((node.store.folder() / "atalaya.db").string());
  const auto expect = [&](const std::string& sql, const std::string& back,
                          const std::string& difference) {
    intruder.run(sql);
    EXPECT_EQ(differences_of(node.store.database()), std::vector{difference}) << sql;
    ASSERT_TRUE(node.open());  // blesses nothing
    EXPECT_EQ(differences_of(node.store.database()), std::vector{difference}) << sql;
    intruder.run(back);
    EXPECT_EQ(differences_of(node.store.database()), std::vector<std::string>{}) << back;
  };
  expect("CREATE TRIGGER t AFTER INSERT ON accounts BEGIN DELETE FROM accounts; END",
         "DROP TRIGGER t", "trigger t on accounts was added: no migration makes it");
  expect("CREATE VIEW v AS SELECT 1", "DROP VIEW v", "view v was added: no migration makes it");
  expect("CREATE TABLE keyless (x)", "DROP TABLE keyless",
         "table keyless was added: no migration makes it");
  expect("PRAGMA user_version = 7", "PRAGMA user_version = 0",
         "user_version in the file's header is 7, not 0");
  expect("UPDATE schema_migrations SET name = 'x' WHERE number = 2",
         "UPDATE schema_migrations SET name = '0002_ledger' WHERE number = 2",
         "the row of 0002_ledger in schema_migrations is not the program's");
  intruder.run("UPDATE schema_migrations SET sql = sql || ' ' WHERE number = 3");
  intruder.run("DROP INDEX sessions_account");
  intruder.run("CREATE INDEX sessions_account ON sessions(seen_ms)");
  const auto found = differences_of(node.store.database());
  EXPECT_EQ(found.size(), 2U);
  EXPECT_EQ(std::ranges::count(found, "index sessions_account on sessions is not defined as the "
                                      "program made it"),
            1);
}

TEST(RowsOfCheckpoints, AreAllRecordedAlsoOverRestarts) {
  Node node(Engine::sqlite);
  ASSERT_TRUE(node.open());
  const auto write = [&](int number) {
    ASSERT_TRUE(node.write([&](Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute("INSERT INTO settings(key, value) VALUES ($1, '')",
                             {std::to_string(number)}));
      return {};
    }));
  };
  std::vector<std::uint64_t> sizes;
  for (int i = 0; i < 6; ++i) {
    // Two checkpoints between two recorded writes.
    for (int j = 0; j < 2; ++j) {
      ASSERT_TRUE(node.store.database().write([&](Transaction& tx) -> Result<void> {
        const Event event = testing::event(static_cast<std::uint64_t>(i));
        ATALAYA_TRY(node.ledger->append(tx, {&event, 1}));
        return {};
      }));
      sizes.push_back(node.ledger->checkpoint().value().size);
    }
    write(i);
    if (i % 2 == 1) {
      ASSERT_TRUE(node.open());
    }
  }
  ASSERT_EQ(node.check().problems, std::vector<std::string>{});
  Intruder intruder((node.store.folder() / "atalaya.db").string());
  intruder.run(fmt::format("DELETE FROM ledger_checkpoints WHERE size IN ({}, {})", sizes[2],
                           sizes[11]));
  std::vector<std::string> problems = node.check().problems;
  std::ranges::sort(problems);
  std::vector<std::string> expected;
  for (const auto size : {sizes[2], sizes[11]}) {
    expected.push_back(fmt::format("row {} of ledger_checkpoints was removed", size));
  }
  std::ranges::sort(expected);
  EXPECT_EQ(problems, expected);
}

}  // namespace
}  // namespace atalaya::ledger
