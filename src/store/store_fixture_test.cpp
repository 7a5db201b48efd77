#include "store_fixture.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

namespace atalaya::store {

namespace {

std::string server_address() {
  const char* address = std::getenv("ATALAYA_TEST_POSTGRES");
  return address != nullptr ? address : "";
}

void on_server(const std::string& sql) {
  PGconn* connection = PQconnectdb(server_address().c_str());
  PQsetNoticeProcessor(connection, [](void*, const char*) {}, nullptr);
  PGresult* result = PQexec(connection, sql.c_str());
  EXPECT_EQ(PQresultStatus(result), PGRES_COMMAND_OK) << PQerrorMessage(connection);
  PQclear(result);
  PQfinish(connection);
}

}  // namespace

StoreMaker::StoreMaker() {
  std::string name = (std::filesystem::temp_directory_path() / "atalaya-store-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
}

StoreMaker::~StoreMaker() {
  for (const std::string& schema : schemas_) {
    on_server("DROP SCHEMA " + schema + " CASCADE");
  }
  std::filesystem::remove_all(folder_);
}

bool StoreMaker::has_postgres() {
  return !server_address().empty();
}

std::string StoreMaker::fresh_address(Engine engine) {
  static std::atomic<int> made = 0;
  const int number = ++made;
  if (engine == Engine::sqlite) {
    return path(fmt::format("store{}.db", number));
  }
  schemas_.push_back(fmt::format("test_{}_{}", ::getpid(), number));
  on_server("CREATE SCHEMA " + schemas_.back());
  const std::string address = server_address();
  return fmt::format("{}{}options=-csearch_path%3D{}", address,
                     address.find('?') == std::string::npos ? '?' : '&', schemas_.back());
}

void EngineTest::SetUp() {
  if (GetParam() == Engine::postgresql && !StoreMaker::has_postgres()) {
    GTEST_SKIP() << "no PostgreSQL: run this by tests/functional/postgres_server run …, or set "
                    "ATALAYA_TEST_POSTGRES to the address of a server for tests";
  }
}

std::unique_ptr<Database> EngineTest::open(const std::string& address) {
  auto database = Database::open(address);
  EXPECT_TRUE(database.has_value()) << error_of(database).detail;
  return database.has_value() ? std::move(*database) : nullptr;
}

std::unique_ptr<Database> EngineTest::make(std::string_view sql) {
  auto database = open(maker_.fresh_address(GetParam()));
  const std::vector<Migration> migrations{migration(1, std::string(sql))};
  const auto migrated = database->migrate(migrations);
  EXPECT_TRUE(migrated.has_value()) << error_of(migrated).detail;
  return database;
}

std::string engine_name(const ::testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::sqlite ? "sqlite" : "postgresql";
}

Result<void> write_all(Database& database, const std::vector<std::string>& statements) {
  return database.write([&](Transaction& transaction) -> Result<void> {
    for (const std::string& statement : statements) {
      ATALAYA_TRY(transaction.execute(statement));
    }
    return {};
  });
}

std::int64_t integer_of(Database& database, std::string_view sql) {
  std::int64_t answer = -1;
  const auto done = database.read([&](Transaction& transaction) -> Result<void> {
    const Row row = ATALAYA_TRY(transaction.query_one(sql));
    answer = row.integer(0);
    return {};
  });
  EXPECT_TRUE(done.has_value()) << error_of(done).detail;
  return answer;
}

Migration migration(std::int64_t number, std::string sql, std::string postgres_sql) {
  return {number, fmt::format("{:04}_test", number), std::move(sql), std::move(postgres_sql)};
}

}  // namespace atalaya::store
