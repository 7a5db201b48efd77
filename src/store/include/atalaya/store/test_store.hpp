#pragma once
// For tests of the modules above: a migrated store of their own, on either engine.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include <atalaya/store/database.hpp>

namespace atalaya::store {

/// A file in a temporary folder, or a schema of the server that ATALAYA_TEST_POSTGRES names;
/// removed at the end. Aborts where it cannot be made.
class TestStore {
 public:
  /// Whether the tests may use PostgreSQL: tests/functional/postgres_server sets the address.
  [[nodiscard]] static bool has_postgres() { return server() != nullptr; }

  explicit TestStore(Engine engine) {
    std::string name = (std::filesystem::temp_directory_path() / "atalaya-test-XXXXXX").string();
    ATALAYA_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::string address = (folder_ / "atalaya.db").string();
    if (engine == Engine::postgresql) {
      schema_ = fmt::format("test_{}", folder_.filename().string().substr(13));
      on_server(fmt::format("CREATE SCHEMA \"{}\"", schema_));
      const std::string base = server();
      address = fmt::format("{}{}options=-csearch_path%3D%22{}%22", base,
                            base.find('?') == std::string::npos ? '?' : '&', schema_);
    }
    database_ = open(address);
    const auto migrations = program_migrations();
    ATALAYA_CHECK(migrations.has_value());
    ATALAYA_CHECK(database_->migrate(*migrations).has_value());
  }

  TestStore(const TestStore&) = delete;
  TestStore& operator=(const TestStore&) = delete;

  ~TestStore() {
    database_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    if (!schema_.empty()) {
      on_server(fmt::format("DROP SCHEMA \"{}\" CASCADE", schema_));
    }
  }

  [[nodiscard]] Database& database() { return *database_; }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  // NOLINTNEXTLINE(concurrency-mt-unsafe): tests read it before they start threads
  static const char* server() { return std::getenv("ATALAYA_TEST_POSTGRES"); }

  static std::unique_ptr<Database> open(const std::string& address) {
    auto opened = Database::open(address);
    ATALAYA_CHECK(opened.has_value());
    return *std::move(opened);
  }

  static void on_server(const std::string& sql) {
    const auto database = open(server());
    ATALAYA_CHECK(database
                      ->write([&](Transaction& tx) -> Result<void> {
                        ATALAYA_TRY(tx.execute(sql));
                        return {};
                      })
                      .has_value());
  }

  std::filesystem::path folder_;
  std::string schema_;
  std::unique_ptr<Database> database_;
};

}  // namespace atalaya::store
