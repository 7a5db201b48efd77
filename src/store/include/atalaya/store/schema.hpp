#pragma once
// The tables as the store has them now, for code that treats all of them alike: what the log
// records of rows (ledger/rows.hpp), tests that no table was forgotten, and `atalaya doctor`, which
// compares them with what the migrations make.

#include <span>
#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::store {

struct ColumnSchema {
  std::string name;
  std::string type;   // as SQLite spells it (INTEGER, REAL, TEXT, BLOB), on either engine
  int key = 0;        // place in the primary key, from 1; 0: not in it
  bool real = false;  // REAL: an INTEGER that is written becomes one
};

struct TableSchema {
  std::string name;
  std::vector<ColumnSchema> columns;  // in the order of the table
};

/// Ordinary tables sorted by name, without the engine's own and without the migration runner's.
/// Fails as the store does.
[[nodiscard]] Result<std::vector<TableSchema>> read_schema(Transaction& transaction, Engine engine);

/// What read_schema() answers of an empty SQLite store after `migrations`.
[[nodiscard]] Result<std::vector<TableSchema>> schema_made_by(
    std::span<const Migration> migrations);

/// How the store's schema differs from what those of `migrations` make that the store says it went
/// through, a sentence each; also where its list of migrations is not the program's. SQLite: every
/// table, index, view and trigger by its text, and the numbers in the file's header. PostgreSQL:
/// names of all of them and of rules, the columns with their types and keys; not the text of an
/// index, a CHECK or a default. What an extension owns is not looked at. Empty for a store that
/// was never migrated. Fails as the store does.
[[nodiscard]] Result<std::vector<std::string>> compare_schema(
    const Database& database, std::span<const Migration> migrations);

}  // namespace atalaya::store
