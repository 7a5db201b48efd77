#pragma once
// The node's store: one port, two whole implementations (SQLite in a folder, PostgreSQL by
// address). Desks write SQL once, in the dialect both understand (docs/developer-notes.md, "SQL"):
// parameters $1…$n only, no literals from outside, INTEGER/REAL/TEXT/BLOB, `ON CONFLICT … DO
// UPDATE … RETURNING`. There is no `if (postgres)` outside this module.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::store {

using Blob = std::vector<std::uint8_t>;

/// NULL, INTEGER (64 bit), REAL, TEXT (UTF-8, no NUL), BLOB. Booleans are INTEGER 0 or 1.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;

/// One row of an answer. The accessors abort on a wrong column number or type: queries are
/// constants of the program, so such a mistake is ours, never the input's.
class Row {
 public:
  explicit Row(std::vector<Value> values) : values_(std::move(values)) {}

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

  [[nodiscard]] bool is_null(std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::size_t column) const;
  /// REAL, or an INTEGER widened: sums and averages of the engines differ in this.
  [[nodiscard]] double real(std::size_t column) const;
  [[nodiscard]] const std::string& text(std::size_t column) const;
  [[nodiscard]] const Blob& blob(std::size_t column) const;
  /// As it came, for code that does not know the column's type.
  [[nodiscard]] const Value& value(std::size_t column) const;
  /// Empty text for NULL.
  [[nodiscard]] std::string text_or_empty(std::size_t column) const;
  [[nodiscard]] std::optional<std::int64_t> integer_if(std::size_t column) const;
  [[nodiscard]] std::optional<std::string> text_if(std::size_t column) const;

 private:
  std::vector<Value> values_;
};

using Rows = std::vector<Row>;
using Parameters = std::vector<Value>;

/// A running transaction; valid only inside the function that was handed it. One thread.
///
/// The first failed statement dooms the transaction on both engines: later statements answer the
/// same error and write() answers it even where the work swallowed it. Expect a collision with
/// ON CONFLICT, not by catching store.constraint. Visitors' errors and store.no_row doom nothing.
/// Parameters are refused with invalid_argument (store.value) when they are NaN, infinite, or text
/// with NUL or outside UTF-8. BEGIN, COMMIT, PRAGMA, ATTACH and the like are store.sql.
class Transaction {
 public:
  Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  virtual ~Transaction() = default;

  /// Runs one statement that answers rows (SELECT, or … RETURNING); $1 is parameters[0].
  /// Fails with conflict (store.constraint) on a broken UNIQUE, FOREIGN KEY, NOT NULL or CHECK;
  /// exhausted (store.disk_full); unavailable (store.busy: a lock was not got in 10 s);
  /// data_loss (store.corrupt); internal (store.sql) for a mistake in the statement.
  [[nodiscard]] virtual Result<Rows> query(std::string_view sql, Parameters parameters = {}) = 0;

  /// Hands each row to `visit` without keeping the answer in memory; stops and passes on the
  /// error that `visit` returns. `visit` may run other statements, but not change the tables that
  /// it is walking through.
  [[nodiscard]] virtual Result<void> for_each(
      std::string_view sql, Parameters parameters,
      const std::function<Result<void>(const Row&)>& visit) = 0;

  /// Runs one statement without rows; answers the number of rows changed.
  [[nodiscard]] virtual Result<std::int64_t> execute(std::string_view sql,
                                                     Parameters parameters = {}) = 0;

  /// Runs the statement once per parameter row, prepared once (PostgreSQL: pipelined). All or
  /// nothing is the transaction's; answers the sum of rows changed.
  [[nodiscard]] virtual Result<std::int64_t> execute_many(std::string_view sql,
                                                          std::span<const Parameters> rows) = 0;

  /// Exactly one row, else not_found (store.no_row).
  [[nodiscard]] Result<Row> query_one(std::string_view sql, Parameters parameters = {});
};

enum class Engine { sqlite, postgresql };

/// An SQL file of the program: `sql` in SQLite's STRICT dialect, translated for PostgreSQL by the
/// migration runner unless `postgres_sql` is given.
struct Migration {
  std::int64_t number = 0;  // contiguous from 1
  std::string name;         // "0001_ledger"
  std::string sql;
  std::string postgres_sql;
};

struct MigrationState {
  std::int64_t version = 0;              // highest applied number, 0 for an empty store
  std::vector<std::string> applied_now;  // names
};

/// All members may be called by any thread. Writers are serialised (SQLite: one writer
/// connection; PostgreSQL: retried on serialisation failure); readers run beside them on a
/// snapshot.
class Database {
 public:
  using Work = std::function<Result<void>(Transaction&)>;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  /// `address` is a file path (SQLite; created when absent) or postgresql://… .
  /// Fails with unavailable (store.open) or data_loss (store.corrupt).
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& address);

  [[nodiscard]] virtual Engine engine() const noexcept = 0;

  /// Commits when `work` answers success (durable when this returns), rolls back when it answers
  /// an error or throws (the exception is passed on). `work` may be run again after a
  /// serialisation failure: it must not have effects outside the transaction. Not re-entrant
  /// (aborts); read() inside `work` is allowed and sees the state before it.
  /// Besides what statements fail with: deadline_exceeded (store.outcome_unknown) when the disk or
  /// the connection failed during the commit itself; look before doing it again.
  [[nodiscard]] virtual Result<void> write(const Work& work) = 0;

  /// A read-only snapshot; at most eight at a time, more wait (unavailable, store.busy, in 10 s).
  [[nodiscard]] virtual Result<void> read(const Work& work) const = 0;

  /// Applies what is missing, each in one transaction, under a lock that keeps a second process
  /// out. Fails with data_loss (store.migration_changed) when an applied migration's checksum
  /// differs from the program's, and conflict (store.newer) when the store is newer than the
  /// program.
  [[nodiscard]] virtual Result<MigrationState> migrate(std::span<const Migration> migrations) = 0;

  /// A consistent copy while others write. SQLite: the online backup API into a new database
  /// file. PostgreSQL: a portable dump of all rows into an SQLite file of the same schema, so that
  /// one restore reads both. `path` must not exist (conflict, store.backup_exists); it appears
  /// complete and synced, mode 0600, or not at all. Triggers and views are not in the dump's data.
  [[nodiscard]] virtual Result<void> backup_to(const std::string& path) const = 0;

  /// Loads a file that backup_to() wrote into this empty, migrated store. One transaction.
  /// "Empty" means: just what the migrations themselves put there, which the file's rows replace.
  /// Fails with conflict (store.not_empty; store.other_schema when file and store were not made by
  /// the same migrations), not_found (store.backup_absent) or data_loss (store.corrupt).
  [[nodiscard]] virtual Result<void> restore_from(const std::string& path) = 0;

  /// What `doctor` shows: engine and version, size in bytes, integrity ("ok" or what is wrong).
  struct Health {
    std::string engine_version;
    std::int64_t size_bytes = 0;
    std::string integrity;
  };

  [[nodiscard]] virtual Result<Health> check() const = 0;
};

/// The program's migrations in order (embedded from src/store/migrations). Checks their numbers
/// and the SHA-256 list in SUMS at first use.
[[nodiscard]] Result<std::vector<Migration>> program_migrations();

}  // namespace atalaya::store
