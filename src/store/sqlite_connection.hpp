#pragma once
// One SQLite connection with its settings, prepared statements and error mapping. One thread at a
// time.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

#include "engine_transaction.hpp"
#include "limits.hpp"
#include "statement_cache.hpp"

namespace atalaya::store {

/// Like Visit, but may keep the row.
using TakeRow = std::function<Result<void>(Row&&)>;

enum class SqliteUse {
  writer,    // the store's file, made (mode 0600) when absent; WAL, every commit synced
  reader,    // the store's file; refuses to write, never checkpoints
  archive,   // an existing backup file; only read
  new_file,  // a backup file being made: no journal that outlives it, synced by its maker
  memory,    // nowhere
};

class SqliteConnection {
 public:
  /// Fails with unavailable (store.open) or data_loss (store.corrupt).
  [[nodiscard]] static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path,
                                                                      SqliteUse use);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  /// Whether it may be lent again: no transaction is left open.
  [[nodiscard]] bool healthy() const { return sqlite3_get_autocommit(db_) != 0; }

  /// Runs one statement, cached by its text, and hands its rows to `take`.
  [[nodiscard]] Result<void> for_each(std::string_view sql, const Parameters& parameters,
                                      const TakeRow& take);
  /// The same without rows; answers the number of rows changed.
  [[nodiscard]] Result<std::int64_t> execute(std::string_view sql,
                                             std::span<const Parameters> rows);
  /// For the module's own statements (BEGIN, PRAGMA).
  [[nodiscard]] Result<void> run(std::string_view sql);
  /// The first column of the first row, as integer or text; NULL when there is no row.
  [[nodiscard]] Result<Value> scalar(std::string_view sql);

  /// Restoring must not fire the triggers that the rows already went through.
  void enable_triggers(bool enabled);

  /// The error of a call on this connection that answered `code`.
  [[nodiscard]] Error error(int code, std::string_view sql) const;

  [[nodiscard]] sqlite3* handle() const noexcept { return db_; }

 private:
  /// `slots[i]` is SQLite's index of the parameter $i+1.
  struct Prepared {
    struct Finalize {
      void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };

    std::unique_ptr<sqlite3_stmt, Finalize> statement;
    std::vector<int> slots;
    bool changes_rows = false;
    bool in_use = false;
  };

  /// A statement being run: reset and unbound when it goes.
  class Running;

  SqliteConnection(sqlite3* db, SqliteUse use) : db_(db), use_(use) {}

  [[nodiscard]] Result<void> configure();
  [[nodiscard]] Result<Prepared> prepare(std::string_view sql) const;
  [[nodiscard]] Result<Running> start(std::string_view sql);
  [[nodiscard]] Result<void> bind(Prepared& prepared, std::string_view sql,
                                  const Parameters& parameters) const;

  sqlite3* db_;
  SqliteUse use_;
  StatementCache<Prepared> statements_{kStatementsMax};
};

/// A transaction that somebody else began on the connection.
class SqliteTransaction final : public EngineTransaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(connection) {}

 private:
  Result<Rows> run_query(std::string_view sql, const Parameters& parameters) override;
  Result<void> run_for_each(std::string_view sql, const Parameters& parameters,
                            const Visit& visit) override;
  Result<std::int64_t> run_execute(std::string_view sql, const Parameters& parameters) override;
  Result<std::int64_t> run_execute_many(std::string_view sql,
                                        std::span<const Parameters> rows) override;

  SqliteConnection& connection_;
};

/// BEGIN (or BEGIN IMMEDIATE), the work, then COMMIT; ROLLBACK on an error or exception.
[[nodiscard]] Result<void> in_sqlite_transaction(
    SqliteConnection& connection, std::string_view begin,
    const std::function<Result<void>(SqliteTransaction&)>& work);

}  // namespace atalaya::store
