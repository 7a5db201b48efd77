#pragma once
// The tables as the store has them now, for code that treats all of them alike: what the log
// records of rows (ledger/rows.hpp), and tests that no table was forgotten.

#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::store {

struct ColumnSchema {
  std::string name;
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

}  // namespace atalaya::store
