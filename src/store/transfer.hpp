#pragma once
// Moving all rows from one store to another, whatever their engines: the portable backup and the
// restore.

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

#include "migrate.hpp"

namespace atalaya::store {

class SqliteConnection;

/// An ordinary table and its stored columns (generated ones left out), sorted by name.
struct Table {
  std::string name;
  std::vector<std::string> columns;
};

/// Without the runner's state table.
[[nodiscard]] Result<std::vector<Table>> list_tables(Transaction& transaction, Engine engine);

/// Table name -> the highest number that its generated key ever had (SQLite: AUTOINCREMENT tables
/// only; others continue after the highest row).
using Sequences = std::map<std::string, std::int64_t>;
[[nodiscard]] Result<Sequences> read_sequences(Transaction& transaction, Engine engine);

/// Makes generated keys continue after `sequences` and after the highest row.
[[nodiscard]] Result<void> continue_sequences(Transaction& transaction, Engine engine,
                                              const Sequences& sequences);

/// Replaces all rows of `to` by those of `from`. Both hold the same tables, else data_loss
/// (store.corrupt). Foreign keys and triggers are the caller's to hold back.
[[nodiscard]] Result<void> replace_rows(Transaction& from, Engine from_engine, Transaction& to,
                                        Engine to_engine);

/// Writes all rows that `from` sees into the new SQLite file `file`, which gets the schema that
/// the migrations of `from` make.
[[nodiscard]] Result<void> write_portable_file(Transaction& from, Engine from_engine,
                                               SqliteConnection& file);

/// What restoring needs from an engine beside its write().
struct RestoreHooks {
  WriteFunction write;
  std::function<Result<void>(Transaction&)> before;  // hold back foreign keys and triggers
  std::function<Result<void>(Transaction&)> after;   // let them go again, checked
};

/// See Database::restore_from().
[[nodiscard]] Result<void> restore_file(const std::string& path, Engine engine,
                                        const RestoreHooks& hooks);

/// Makes `path` appear at once: `fill` gets the name of a new, empty, private file in the same
/// folder; its bytes are synced before it takes the name `path`. Removed on failure. Fails with
/// conflict (store.backup_exists) or unavailable (store.io).
[[nodiscard]] Result<void> make_file_at_once(
    const std::string& path, const std::function<Result<void>(const std::string&)>& fill);

}  // namespace atalaya::store
