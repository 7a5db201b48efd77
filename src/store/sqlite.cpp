// The store in one SQLite file. One connection writes (the pool of one is the writers' lock), a
// few read; in WAL mode readers keep their snapshot while the writer commits. Every commit is
// synced before write() returns (synchronous = FULL).

#include <atomic>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <atalaya/store/database.hpp>

#include "connection_pool.hpp"
#include "engines.hpp"
#include "migrate.hpp"
#include "sqlite_connection.hpp"
#include "transfer.hpp"

namespace atalaya::store {

namespace {

using Pool = ConnectionPool<SqliteConnection>;

enum class ForeignKeys {
  each_statement,  // checked as usual
  at_commit,       // off while a migration rebuilds tables, all checked before the commit
};

Result<std::string> broken_foreign_keys(SqliteConnection& connection) {
  std::string broken;
  ATALAYA_TRY(connection.for_each("PRAGMA foreign_key_check", {}, [&](Row&& row) -> Result<void> {
    if (broken.empty()) {
      broken = fmt::format("rows of {} point to absent rows of {}", row.text(0), row.text(2));
    }
    return {};
  }));
  return broken;
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(std::string path)
      : path_(std::move(path)),
        writer_(1, [this] { return SqliteConnection::open(path_, SqliteUse::writer); }),
        readers_(kReadConnectionsMax,
                 [this] { return SqliteConnection::open(path_, SqliteUse::reader); }) {}

  /// Makes the file, so that readers find one, and finds out now whether it can be used.
  Result<void> start() {
    ATALAYA_TRY(writer_.acquire());
    return {};
  }

  Engine engine() const noexcept override { return Engine::sqlite; }

  Result<void> write(const Work& work) override {
    return write_with(ForeignKeys::each_statement, work);
  }

  Result<void> read(const Work& work) const override {
    const auto connection = ATALAYA_TRY(readers_.acquire());
    return in_sqlite_transaction(
        *connection, "BEGIN", [&](SqliteTransaction& transaction) -> Result<void> {
          // BEGIN alone takes no snapshot, the first SELECT does.
          ATALAYA_TRY(connection->run("SELECT 1 FROM sqlite_schema LIMIT 1"));
          return run_work(transaction, work);
        });
  }

  Result<MigrationState> migrate(std::span<const Migration> migrations) override {
    return run_migrations(
        [this](const Work& work) { return write_with(ForeignKeys::at_commit, work); },
        Engine::sqlite, migrations);
  }

  Result<void> backup_to(const std::string& path) const override {
    return make_file_at_once(path, [this](const std::string& temporary) -> Result<void> {
      const auto from = ATALAYA_TRY(readers_.acquire());
      const auto to = ATALAYA_TRY(SqliteConnection::open(temporary, SqliteUse::new_file));
      sqlite3_backup* backup = sqlite3_backup_init(to->handle(), "main", from->handle(), "main");
      if (backup == nullptr) {
        return fail(to->error(sqlite3_extended_errcode(to->handle()), "start the backup"));
      }
      // All pages in one step: one read transaction, hence one snapshot, and writers go on. In
      // several steps each commit in between would start it over.
      const int stepped = sqlite3_backup_step(backup, -1);
      const int finished = sqlite3_backup_finish(backup);
      if (stepped != SQLITE_DONE || finished != SQLITE_OK) {
        return fail(to->error(finished != SQLITE_OK ? finished : stepped, "copy the store"));
      }
      // The copied header says WAL; the backup must be one file and readable from a read-only disk.
      return to->run("PRAGMA journal_mode = DELETE");
    });
  }

  Result<void> restore_from(const std::string& path) override {
    SqliteConnection* writing = nullptr;
    RestoreHooks hooks;
    hooks.write = [&](const Work& work) -> Result<void> {
      const auto connection = ATALAYA_TRY(lock_writer());
      writing = &*connection;
      const TriggersBack back{writing};
      return in_sqlite_transaction(
          *connection, "BEGIN IMMEDIATE",
          [&](SqliteTransaction& transaction) { return run_work(transaction, work); });
    };
    hooks.before = [&](Transaction&) -> Result<void> {
      writing->enable_triggers(false);
      return writing->run("PRAGMA defer_foreign_keys = ON");
    };
    hooks.after = [](Transaction&) { return Result<void>(); };
    return restore_file(path, Engine::sqlite, hooks);
  }

  Result<Health> check() const override {
    const auto connection = ATALAYA_TRY(readers_.acquire());
    Health health;
    health.engine_version = fmt::format("SQLite {}", sqlite3_libversion());
    for (const char* suffix : {"", "-wal"}) {
      std::error_code absent;
      const auto size = std::filesystem::file_size(path_ + suffix, absent);
      health.size_bytes += absent ? 0 : static_cast<std::int64_t>(size);
    }
    auto integrity = check_integrity(*connection);
    if (!integrity.has_value() && integrity.error().code != ErrorCode::data_loss) {
      return fail(std::move(integrity).error());
    }
    health.integrity = integrity.has_value() ? *integrity : integrity.error().detail;
    return health;
  }

 private:
  static Result<std::string> check_integrity(SqliteConnection& connection) {
    std::string found;
    ATALAYA_TRY(
        connection.for_each("PRAGMA integrity_check(10)", {}, [&](Row&& row) -> Result<void> {
          found += (found.empty() ? "" : "; ") + row.text(0);
          return {};
        }));
    const std::string broken = ATALAYA_TRY(broken_foreign_keys(connection));
    if (!broken.empty()) {
      found = found == "ok" ? broken : found + "; " + broken;
    }
    return found;
  }

  /// The writer's connection, and a mark that turns a nested write() into an abort at once instead
  /// of a wait for oneself.
  class WriterLease {
   public:
    WriterLease(Pool::Lease lease, std::atomic<std::thread::id>* owner)
        : lease_(std::move(lease)), owner_(owner) {
      owner_->store(std::this_thread::get_id());
    }

    WriterLease(WriterLease&& other) noexcept
        : lease_(std::move(other.lease_)), owner_(std::exchange(other.owner_, nullptr)) {}

    WriterLease(const WriterLease&) = delete;
    WriterLease& operator=(const WriterLease&) = delete;
    WriterLease& operator=(WriterLease&&) = delete;

    ~WriterLease() {
      if (owner_ != nullptr) {
        owner_->store(std::thread::id());
      }
    }

    SqliteConnection& operator*() const { return *lease_; }

    SqliteConnection* operator->() const { return &*lease_; }

   private:
    Pool::Lease lease_;
    std::atomic<std::thread::id>* owner_;
  };

  Result<WriterLease> lock_writer() {
    ATALAYA_CHECK(owner_.load() != std::this_thread::get_id());
    auto lease = ATALAYA_TRY(writer_.acquire());
    return WriterLease(std::move(lease), &owner_);
  }

  Result<void> write_with(ForeignKeys keys, const Work& work) {
    const auto connection = ATALAYA_TRY(lock_writer());
    const bool late = keys == ForeignKeys::at_commit;
    if (late) {
      // Inside a transaction this pragma does nothing, so it goes around it.
      ATALAYA_TRY(connection->run("PRAGMA foreign_keys = OFF"));
    }
    const auto run = [&](SqliteTransaction& transaction) -> Result<void> {
      const auto before = sqlite3_total_changes64(connection->handle());
      ATALAYA_TRY(run_work(transaction, work));
      // Every start asks which migrations are missing; reading all rows is for those that ran,
      // each of which leaves its record.
      if (late && sqlite3_total_changes64(connection->handle()) != before) {
        const std::string broken = ATALAYA_TRY(broken_foreign_keys(*connection));
        if (!broken.empty()) {
          return fail(ErrorCode::conflict, "store.constraint", broken);
        }
      }
      return {};
    };
    const ForeignKeysBack back{late ? &*connection : nullptr};
    return in_sqlite_transaction(*connection, "BEGIN IMMEDIATE", run);
  }

  /// Switch on again, also after an exception.
  struct TriggersBack {
    SqliteConnection* connection;

    ~TriggersBack() { connection->enable_triggers(true); }
  };

  struct ForeignKeysBack {
    SqliteConnection* connection;

    ~ForeignKeysBack() {
      if (connection != nullptr) {
        static_cast<void>(connection->run("PRAGMA foreign_keys = ON"));
      }
    }
  };

  std::string path_;
  Pool writer_;
  mutable Pool readers_;
  std::atomic<std::thread::id> owner_{};  // of the writer's connection
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) {
  if (path.empty() || path.starts_with(":")) {
    return fail(ErrorCode::unavailable, "store.open",
                "the store's address must be the path of a file or postgresql://…");
  }
  auto database = std::make_unique<SqliteDatabase>(path);
  ATALAYA_TRY(database->start());
  return database;
}

}  // namespace atalaya::store
