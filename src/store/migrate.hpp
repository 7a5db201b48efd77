#pragma once
// The migration runner, the same for both engines but for the text that it runs.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/embedded.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::store {

/// The runner's own table. It keeps the text of each migration, so that a store can make a portable
/// backup and judge a restore without the program that migrated it.
inline constexpr std::string_view kStateTable = "schema_migrations";

/// One row of the state table.
struct AppliedMigration {
  std::int64_t number = 0;
  std::string name;
  std::string sha256;           // of the SQLite text, hexadecimal
  std::string postgres_sha256;  // of the PostgreSQL text, "" when it is translated
  std::string sql;              // the SQLite text

  bool operator==(const AppliedMigration&) const = default;
};

/// Empty when the store was never migrated.
[[nodiscard]] Result<std::vector<AppliedMigration>> applied_migrations(Transaction& transaction,
                                                                       Engine engine);

/// Runs a work as one writing transaction under the store's writer lock.
using WriteFunction = std::function<Result<void>(const Database::Work&)>;

/// See Database::migrate().
[[nodiscard]] Result<MigrationState> run_migrations(const WriteFunction& write, Engine engine,
                                                    std::span<const Migration> migrations);

/// Runs one migration's text in SQLite's dialect, nothing else.
[[nodiscard]] Result<void> run_sqlite_text(Transaction& transaction, std::string_view sql);

/// Reads NNNN_name.sql, NNNN_name.postgres.sql and SUMS (lines "<sha256>  <file name>"). Fails with
/// data_loss (store.migrations) when a number is missing or a sum differs.
[[nodiscard]] Result<std::vector<Migration>> read_migrations(std::span<const EmbeddedFile> files);

}  // namespace atalaya::store
