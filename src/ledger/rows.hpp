#pragma once
// Private to this module: recorded tables, their keys and digests, and the leaves about them.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <atalaya/ledger/rows.hpp>
#include <atalaya/store/database.hpp>
#include <atalaya/store/schema.hpp>

namespace atalaya::ledger {

inline constexpr std::string_view kRowsKind = "store.rows";
inline constexpr std::string_view kRowsSubject = "rows";
inline constexpr std::string_view kTablesKind = "store.tables";
inline constexpr std::string_view kTablesSubject = "rows/tables";
/// Its rows are written by the log itself and recorded with whatever is written next.
inline constexpr std::string_view kCheckpointsTable = "ledger_checkpoints";

using RowDigest = std::array<std::uint8_t, 16>;

/// `columns` are those compared, in the order of the table, also joined by blanks in
/// `column_list` and by commas in `select`; `key` are places in it.
struct RecordedTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<bool> real;
  std::vector<std::size_t> key;
  std::string column_list, select, select_key;
};

/// A row's key: the first column of the primary key, and the others ("" where there are none).
struct RowKey {
  std::string first, rest;
};

using RecordedTables = std::map<std::string, RecordedTable, std::less<>>;

/// Those of `schema` but for not_compared(). Fails with internal (ledger.rows.key).
[[nodiscard]] Result<RecordedTables> recorded_tables(std::span<const store::TableSchema> schema);
/// Leaves those in `schema` that `migrations` make: what else is there was put there behind the
/// program's back and is never recorded. Fails as the store does.
[[nodiscard]] Result<void> keep_made(std::vector<store::TableSchema>& schema,
                                     std::span<const store::Migration> migrations);
/// Whether not_compared() names it.
[[nodiscard]] bool is_exempt(std::string_view table, std::string_view column) noexcept;

/// First 16 bytes of SHA-256 over the values: a text is "s", its length, ":" and its bytes; a blob
/// the same with "b"; an integer "i", the number and ";"; a real "r", its 64 bits in hex and ";";
/// NULL is "n".
[[nodiscard]] RowDigest row_digest(std::span<const store::Value> values);

/// `values` are the key's columns. Two keys are never spelled alike.
[[nodiscard]] RowKey row_key(std::span<const store::Value> values);

/// What a statement does to a recorded table.
struct RowStatement {
  enum class Does { nothing, write, remove };

  Does does = Does::nothing;  // nothing: no recorded table, or none of its recorded columns
  const RecordedTable* table = nullptr;
  std::string sql;        // with RETURNING of the table's columns, or its key when it removes
  std::size_t added = 0;  // columns at the end of each answer that are ours
  /// Of INSERT … VALUES whose every column is given: the parameter (from 0) or literal of each
  /// recorded column, so that nothing needs to be asked back. Empty otherwise.
  std::vector<std::variant<std::size_t, store::Value>> given;
  bool may_skip = false;  // `given` with ON CONFLICT … DO NOTHING: the count says if it was written
};

/// Fails with internal (ledger.rows.statement).
[[nodiscard]] Result<RowStatement> read_statement(std::string_view sql,
                                                  const RecordedTables& tables);

/// The recorded tables that a migration's text writes rows of, and those that it makes.
struct MigrationRows {
  std::vector<std::string> written, made;
};
[[nodiscard]] MigrationRows read_migration(std::string_view sql);

/// Collects digests of rows; the newest of a row counts.
class PendingRows {
 public:
  void write(const RecordedTable& table, std::span<const store::Value> values);
  void remove(const RecordedTable& table, std::span<const store::Value> key);

  [[nodiscard]] bool empty() const noexcept { return tables_.empty(); }
  /// Enough for a leaf.
  [[nodiscard]] bool full() const noexcept { return bytes_ >= (std::size_t{640} << 10U); }

  /// The leaf, and nothing is pending any more. `found`: the rows were there already.
  [[nodiscard]] Event take(bool found);

 private:
  using Rows = std::map<std::string, std::map<std::string, std::optional<RowDigest>>>;

  void set(const RecordedTable& table, RowKey key, std::optional<RowDigest> digest);

  std::map<std::string_view, std::pair<const RecordedTable*, Rows>> tables_;
  std::size_t bytes_ = 0;
};

/// What the newest leaf "store.tables" says: which tables are recorded from which row on, and up
/// to which migration.
struct TablesSaid {
  std::int64_t migration = 0;
  std::vector<std::string> tables;
  bool checkpoints = false;  // every checkpoint until then is recorded, not the newest alone
};

/// Every table that some leaf "store.tables" ever named. Leaves that cannot be read are left out.
[[nodiscard]] Result<std::vector<std::string>> tables_ever_said(store::Transaction& transaction);

/// Nothing where no leaf says it. Fails with data_loss where the leaf cannot be read.
[[nodiscard]] Result<std::optional<TablesSaid>> find_tables_said(store::Transaction& transaction);

}  // namespace atalaya::ledger
