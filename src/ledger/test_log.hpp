#pragma once
// For this module's tests, benchmark and tools: a log in a folder of its own that is removed again.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <atalaya/ledger/ledger.hpp>

namespace atalaya::ledger::testing {

inline constexpr std::string_view kName = "atalaya.example/test-node";
inline constexpr UtcTime kNow{1'795'312'800'000};  // 2026-11-22T02:00:00Z

inline NodeKey test_key(char seed = 'k', std::string_view name = kName) {
  auto signing_key = crypto::SigningKey::from_seed(Secret(std::string(32, seed)));
  auto key = NodeKey::create(std::string(name), std::move(*signing_key));
  ATALAYA_CHECK(key.has_value());
  return std::move(*key);
}

/// Only the log's own tables: these tests do not wait for other modules' migrations.
inline std::vector<store::Migration> ledger_migrations() {
  std::ifstream file(ATALAYA_SOURCE_DIR "/src/store/migrations/0002_ledger.sql");
  std::string sql(std::istreambuf_iterator<char>(file), {});
  ATALAYA_CHECK(!sql.empty());
  return {{.number = 1, .name = "0001_ledger", .sql = std::move(sql), .postgres_sql = {}}};
}

inline Event event(std::uint64_t number) {
  return {.kind = "test.event",
          .subject = fmt::format("thing/{}", number % 7),
          .payload = fmt::format(R"({{"number":{},"text":"señal"}})", number)};
}

inline std::vector<Event> events(std::uint64_t first, std::uint64_t count) {
  std::vector<Event> all;
  for (std::uint64_t i = 0; i < count; ++i) {
    all.push_back(event(first + i));
  }
  return all;
}

/// Tests of logic need no disk (a killed process loses nothing that it wrote); measurements do.
enum class Medium { memory, disk };

class TemporaryFolder {
 public:
  explicit TemporaryFolder(Medium medium = Medium::memory) {
    const bool in_memory = medium == Medium::memory && ::access("/dev/shm", W_OK) == 0;
    const std::filesystem::path parent =
        in_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string name = (parent / "atalaya-ledger-XXXXXX").string();
    ATALAYA_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }

  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string file(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A migrated store at `address` and a ledger on it.
struct OpenLog {
  FixedClock clock{kNow};
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Ledger> ledger;

  explicit OpenLog(const std::string& address, LedgerOptions options = {}) {
    auto opened = store::Database::open(address);
    ATALAYA_CHECK(opened.has_value());
    database = std::move(*opened);
    const auto migrated = database->migrate(ledger_migrations());
    ATALAYA_CHECK(migrated.has_value());
    auto made = Ledger::open(*database, test_key(), clock, options);
    ATALAYA_CHECK(made.has_value());
    ledger = std::move(*made);
  }

  Result<void> write(const store::Database::Work& work) { return database->write(work); }

  Result<std::uint64_t> append(const std::vector<Event>& some) {
    std::uint64_t first = 0;
    ATALAYA_TRY(database->write([&](store::Transaction& transaction) -> Result<void> {
      const std::uint64_t index = ATALAYA_TRY(ledger->append(transaction, some));
      first = index;
      return {};
    }));
    return first;
  }

  Result<void> erase(std::uint64_t index) {
    return database->write([&](store::Transaction& transaction) -> Result<void> {
      return ledger->erase(transaction, index);
    });
  }
};

}  // namespace atalaya::ledger::testing
