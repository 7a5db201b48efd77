// The store in a PostgreSQL database, for nodes that outgrow one file.
//
// Writers take turns by an advisory lock of the transaction, in READ COMMITTED. SERIALIZABLE would
// let them run side by side, but nearly every write of the program appends to the ledger, whose
// head is one row: they would fail and run again instead of waiting. With the lock the program's
// transactions are serial exactly as in SQLite, work runs once as a rule, and each statement sees
// all that was committed before the lock was got. (REPEATABLE READ would take its snapshot before
// the lock is granted.) Failures that other programs' transactions cause are retried.

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <atalaya/store/database.hpp>

#include "connection_pool.hpp"
#include "engines.hpp"
#include "migrate.hpp"
#include "postgres_connection.hpp"
#include "sqlite_connection.hpp"
#include "transfer.hpp"

namespace atalaya::store {

namespace {

using Pool = ConnectionPool<PostgresConnection>;

// The lock's first number says "atalaya" ('atal'), the second is the schema's: several stores may
// share a database.
constexpr const char* kBeginWrite =
    "BEGIN; SELECT pg_advisory_xact_lock(1635017068, hashtext(current_schema()))";
constexpr const char* kBeginRead =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1";  // SELECT takes the snapshot

constexpr const char* kForeignKeys =
    "SELECT c.conrelid::regclass::text, quote_ident(c.conname) FROM pg_catalog.pg_constraint c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace "
    "WHERE n.nspname = current_schema() AND c.contype = 'f' AND NOT c.condeferrable "
    "AND c.conparentid = 0 ORDER BY 1, 2";

Result<void> for_all_tables(Transaction& transaction, std::string_view change) {
  const auto tables = ATALAYA_TRY(list_tables(transaction, Engine::postgresql));
  for (const Table& table : tables) {
    ATALAYA_TRY(transaction.execute(fmt::format("ALTER TABLE \"{}\" {}", table.name, change)));
  }
  return {};
}

/// Lets foreign keys wait until release_constraints(); triggers do not fire.
Result<void> hold_constraints(Transaction& transaction, Rows& keys) {
  auto found = ATALAYA_TRY(transaction.query(kForeignKeys));
  keys = std::move(found);
  for (const Row& key : keys) {
    ATALAYA_TRY(transaction.execute(
        fmt::format("ALTER TABLE {} ALTER CONSTRAINT {} DEFERRABLE INITIALLY DEFERRED", key.text(0),
                    key.text(1))));
  }
  ATALAYA_TRY(transaction.execute("SET CONSTRAINTS ALL DEFERRED"));
  return for_all_tables(transaction, "DISABLE TRIGGER USER");
}

Result<void> release_constraints(Transaction& transaction, const Rows& keys) {
  ATALAYA_TRY(transaction.execute("SET CONSTRAINTS ALL IMMEDIATE"));  // checks them
  for (const Row& key : keys) {
    ATALAYA_TRY(transaction.execute(fmt::format("ALTER TABLE {} ALTER CONSTRAINT {} NOT DEFERRABLE",
                                                key.text(0), key.text(1))));
  }
  return for_all_tables(transaction, "ENABLE TRIGGER USER");
}

/// Reads every row in full, which finds pages that fail their checksum and broken long values, and
/// looks for indexes and constraints that the server itself holds invalid.
Result<std::string> check_integrity(Transaction& transaction) {
  const auto tables = ATALAYA_TRY(list_tables(transaction, Engine::postgresql));
  for (const Table& table : tables) {
    ATALAYA_TRY(transaction.query(
        fmt::format("SELECT sum(length(t::text)::bigint) FROM \"{}\" AS t", table.name)));
  }
  const Row invalid = ATALAYA_TRY(transaction.query_one(
      "SELECT string_agg(name, ', ') FROM ("
      "SELECT i.indexrelid::regclass::text AS name FROM pg_catalog.pg_index i "
      "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = current_schema() AND NOT i.indisvalid UNION ALL "
      "SELECT c.conname::text FROM pg_catalog.pg_constraint c "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace "
      "WHERE n.nspname = current_schema() AND NOT c.convalidated) AS found"));
  return invalid.is_null(0) ? std::string("ok") : "not valid: " + invalid.text(0);
}

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(std::string address)
      : address_(std::move(address)),
        writer_(1, [this] { return PostgresConnection::open(address_); }),
        readers_(kReadConnectionsMax, [this] { return PostgresConnection::open(address_); }) {}

  Result<void> start() {
    ATALAYA_TRY(readers_.acquire());
    return {};
  }

  Engine engine() const noexcept override { return Engine::postgresql; }

  Result<void> write(const Work& work) override {
    ATALAYA_CHECK(owner_.load() != std::this_thread::get_id());
    auto connection = ATALAYA_TRY(writer_.acquire());
    const Owner owner(&owner_);
    Result<void> done;
    for (int attempt = 1; attempt <= kWriteAttempts; ++attempt) {
      connection->forget_retry();
      done = in_transaction(connection, kBeginWrite, work);
      if (done.has_value() || !connection->may_retry()) {
        return done;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5 << attempt));
    }
    return done;
  }

  Result<void> read(const Work& work) const override {
    auto connection = ATALAYA_TRY(readers_.acquire());
    return in_transaction(connection, kBeginRead, work);
  }

  Result<MigrationState> migrate(std::span<const Migration> migrations) override {
    auto state = run_migrations([this](const Work& work) { return write(work); },
                                Engine::postgresql, migrations);
    // Statements that were prepared against the old tables would fail once each.
    writer_.renew();
    readers_.renew();
    return state;
  }

  Result<void> backup_to(const std::string& path) const override {
    return make_file_at_once(path, [this](const std::string& temporary) -> Result<void> {
      const auto file = ATALAYA_TRY(SqliteConnection::open(temporary, SqliteUse::new_file));
      return read(
          [&](Transaction& from) { return write_portable_file(from, Engine::postgresql, *file); });
    });
  }

  Result<void> restore_from(const std::string& path) override {
    Rows keys;
    RestoreHooks hooks;
    hooks.write = [this](const Work& work) { return write(work); };
    hooks.before = [&](Transaction& to) { return hold_constraints(to, keys); };
    hooks.after = [&](Transaction& to) { return release_constraints(to, keys); };
    return restore_file(path, Engine::postgresql, hooks);
  }

  Result<Health> check() const override {
    Health health;
    {
      const auto connection = ATALAYA_TRY(readers_.acquire());
      health.engine_version = "PostgreSQL " + connection->server_version();
    }
    ATALAYA_TRY(read([&](Transaction& transaction) -> Result<void> {
      const Row size =
          ATALAYA_TRY(transaction.query_one("SELECT pg_database_size(current_database())"));
      health.size_bytes = size.integer(0);
      return {};
    }));
    Result<void> checked = read([&](Transaction& transaction) -> Result<void> {
      auto found = ATALAYA_TRY(check_integrity(transaction));
      health.integrity = std::move(found);
      return {};
    });
    if (!checked.has_value() && checked.error().code == ErrorCode::data_loss) {
      health.integrity = checked.error().detail;
      checked = {};
    }
    if (!checked.has_value()) {
      return fail(std::move(checked).error());
    }
    return health;
  }

 private:
  /// Turns a nested write() into an abort at once instead of a wait for oneself.
  class Owner {
   public:
    explicit Owner(std::atomic<std::thread::id>* owner) : owner_(owner) {
      owner_->store(std::this_thread::get_id());
    }

    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;

    ~Owner() { owner_->store(std::thread::id()); }

   private:
    std::atomic<std::thread::id>* owner_;
  };

  /// The server may have restarted since the connection was last used: a connection that is found
  /// dead before the work began is replaced once.
  static Result<void> in_transaction(Pool::Lease& connection, const char* begin, const Work& work) {
    bool began = false;
    const auto run = [&](PostgresTransaction& transaction) -> Result<void> {
      began = true;
      return run_work(transaction, work);
    };
    Result<void> done = in_postgres_transaction(*connection, begin, run);
    if (!began && !connection->connected()) {
      ATALAYA_TRY(connection.replace());
      done = in_postgres_transaction(*connection, begin, run);
    }
    return done;
  }

  std::string address_;
  Pool writer_;
  mutable Pool readers_;
  std::atomic<std::thread::id> owner_{};  // the thread inside write()
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const std::string& address) {
  auto database = std::make_unique<PostgresDatabase>(address);
  ATALAYA_TRY(database->start());
  return database;
}

}  // namespace atalaya::store
