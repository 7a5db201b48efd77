#pragma once
// What the log says of the store's rows. Every row of every table is either recorded when it is
// written, and compared by check_rows() (`atalaya doctor`), or named in not_compared() with a
// reason. docs/formats/ledger.md, "Digests of rows"; docs/developer-notes.md, "Rows and the log".
//
// Desks write as always. The RecordedDatabase around the store reads what their statements left
// behind (RETURNING) and adds one leaf "store.rows" of digests to their transaction.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/ledger/ledger.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::ledger {

/// A column, or with an empty `column` a table, that the leaves "store.rows" say nothing of.
struct NotCompared {
  std::string_view table;
  std::string_view column;
  std::string_view why;  // one sentence: what compares it instead, or why nothing needs to
};

[[nodiscard]] std::span<const NotCompared> not_compared() noexcept;

/// Adds to each transaction the digests of the rows that it wrote. Statements on recorded tables
/// have one of four shapes, else they fail with internal (ledger.rows.statement): INSERT INTO,
/// UPDATE without changing a key, DELETE FROM, each also with RETURNING; no WITH, no OR REPLACE.
/// migrate() and restore_from() pass through: open() makes up for what migrations wrote.
/// As thread-safe as the database inside.
class RecordedDatabase final : public store::Database {
 public:
  /// `inner` holds all of `migrations`; it and `ledger` must outlive this. The first time, and
  /// after migrations, records the rows that are there; never those of a table that no migration
  /// makes. Fails with internal (ledger.rows.key) when a table without primary key is not in
  /// not_compared(), and as the store does.
  [[nodiscard]] static Result<std::unique_ptr<RecordedDatabase>> open(
      store::Database& inner, Ledger& ledger, std::span<const store::Migration> migrations);
  ~RecordedDatabase() override;

  [[nodiscard]] store::Engine engine() const noexcept override { return inner_.engine(); }

  [[nodiscard]] Result<void> write(const Work& work) override;

  [[nodiscard]] Result<void> read(const Work& work) const override { return inner_.read(work); }

  [[nodiscard]] Result<store::MigrationState> migrate(
      std::span<const store::Migration> migrations) override {
    return inner_.migrate(migrations);
  }

  [[nodiscard]] Result<void> backup_to(const std::string& path) const override {
    return inner_.backup_to(path);
  }

  [[nodiscard]] Result<void> restore_from(const std::string& path) override {
    return inner_.restore_from(path);
  }

  [[nodiscard]] Result<Health> check() const override { return inner_.check(); }

 private:
  struct Parts;

  RecordedDatabase(store::Database& inner, std::unique_ptr<Parts> parts);

  store::Database& inner_;
  std::unique_ptr<Parts> parts_;
};

/// Whether `database` is a RecordedDatabase: a desk then keeps no record of rows of its own.
[[nodiscard]] bool records_rows(const store::Database& database) noexcept;

/// What differs between the rows and the log, the first of `problem_count`; each names table and
/// row.
struct RowsReport {
  std::vector<std::string> problems;
  std::uint64_t problem_count = 0;
  std::uint64_t tables = 0;
  std::uint64_t rows = 0;         // compared
  std::uint64_t rows_found = 0;   // of these: as found at an upgrade, not as they were written
  std::uint64_t rows_partly = 0;  // whose record lacks columns, or was erased: compared in part
  bool recorded = false;          // false: no version of this program that records rows was here
};

/// Reads all rows and all leaves "store.rows" once; some 40 bytes of memory a row. Looks at the
/// tables that `migrations` make, also where the store has lost one; store::compare_schema() names
/// what else is there. Trusts the leaves: verify() says whether they are the log's. Fails as the
/// store does.
[[nodiscard]] Result<RowsReport> check_rows(const store::Database& database,
                                            std::span<const store::Migration> migrations,
                                            std::size_t problems_max = 100);

}  // namespace atalaya::ledger
