#include "sqlite_connection.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "sql_text.hpp"

namespace atalaya::store {

namespace {

/// Makes the file before SQLite would, which would leave its mode to the umask. SQLite gives its
/// -wal and -shm files the mode of the database. Never opens an existing database: closing that
/// descriptor would drop this process's locks on it (POSIX advisory locks).
Result<void> make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
    return {};
  }
  const int reason = errno;
  struct stat status{};
  if (reason != EEXIST || ::stat(path.c_str(), &status) != 0) {
    return fail(ErrorCode::unavailable, "store.open",
                fmt::format("cannot make {}: {}; check that the folder exists and that this user "
                            "may write in it",
                            path, std::strerror(reason)));
  }
  if ((status.st_mode & 0077U) != 0 && ::chmod(path.c_str(), 0600) != 0) {
    return fail(ErrorCode::unavailable, "store.open",
                fmt::format("{} can be read by other users of this machine and is not ours to "
                            "change: {}; run chmod 600 on it as its owner",
                            path, std::strerror(errno)));
  }
  return {};
}

Value column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      const int size = sqlite3_column_bytes(statement, column);
      return bytes == nullptr ? Blob() : Blob(bytes, bytes + size);
    }
    default:
      return std::monostate();
  }
}

Row current_row(sqlite3_stmt* statement) {
  const int columns = sqlite3_column_count(statement);
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) {
    values.push_back(column_value(statement, i));
  }
  return Row(std::move(values));
}

int bind_value(sqlite3_stmt* statement, int slot, const Value& value) {
  // SQLITE_STATIC: the parameters outlive the run, and Running unbinds them.
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, slot, *whole);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, slot, *real);
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, slot, text->data(), text->size(), nullptr, SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    // A null pointer would bind NULL instead of an empty blob.
    return blob->empty()
               ? sqlite3_bind_zeroblob(statement, slot, 0)
               : sqlite3_bind_blob64(statement, slot, blob->data(), blob->size(), nullptr);
  }
  return sqlite3_bind_null(statement, slot);
}

bool changes_rows(sqlite3_stmt* statement, std::string_view sql) {
  static constexpr std::array<std::string_view, 5> kChanging{"INSERT", "UPDATE", "DELETE",
                                                             "REPLACE", "WITH"};
  return sqlite3_stmt_readonly(statement) == 0 &&
         std::ranges::find(kChanging, first_keyword(sql)) != kChanging.end();
}

}  // namespace

class SqliteConnection::Running {
 public:
  /// `cached` is null when the cached statement is already running further out.
  Running(Prepared* cached, std::unique_ptr<Prepared> own)
      : own_(std::move(own)), prepared_(cached != nullptr ? cached : own_.get()) {
    prepared_->in_use = true;
  }

  Running(Running&& other) noexcept
      : own_(std::move(other.own_)), prepared_(std::exchange(other.prepared_, nullptr)) {}

  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  Running& operator=(Running&&) = delete;

  ~Running() {
    if (prepared_ != nullptr) {
      sqlite3_reset(prepared_->statement.get());
      sqlite3_clear_bindings(prepared_->statement.get());
      prepared_->in_use = false;
    }
  }

  [[nodiscard]] Prepared& prepared() const { return *prepared_; }

  [[nodiscard]] sqlite3_stmt* statement() const { return prepared_->statement.get(); }

 private:
  std::unique_ptr<Prepared> own_;
  Prepared* prepared_;
};

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 SqliteUse use) {
  if (use == SqliteUse::writer) {
    ATALAYA_TRY(make_private_file(path));
  }
  // Counting its memory would take a lock at every allocation, and nobody asks for the count.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(uncounted);  // refused where somebody else used the library before: it may be
  const int access = use == SqliteUse::archive ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  sqlite3* db = nullptr;
  const std::string name = use == SqliteUse::memory ? ":memory:" : path;
  const int code = sqlite3_open_v2(name.c_str(), &db,
                                   access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (db == nullptr) {
    return fail(ErrorCode::exhausted, "store.memory", "no memory to open " + path);
  }
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db, use));
  if (code != SQLITE_OK) {
    return fail(connection->error(code, "open " + path));
  }
  if (Result<void> ready = connection->configure(); !ready.has_value()) {
    return fail(std::move(ready).error().in(path));
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  sqlite3_close_v2(db_);
}

Result<void> SqliteConnection::configure() {
  const auto set = [this](int option, int value) {
    sqlite3_db_config(db_, option, value, nullptr);
  };
  sqlite3_busy_timeout(db_, lock_wait_ms.load());
  set(SQLITE_DBCONFIG_DEFENSIVE, 1);
  set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  set(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  // "name" in quotes is always a name, as in PostgreSQL, never a string after a typing mistake.
  set(SQLITE_DBCONFIG_DQS_DDL, 0);
  set(SQLITE_DBCONFIG_DQS_DML, 0);
  sqlite3_limit(db_, SQLITE_LIMIT_ATTACHED, 0);
  std::vector<std::string_view> pragmas{
      "PRAGMA foreign_keys = ON", "PRAGMA cell_size_check = ON",
      "PRAGMA temp_store = MEMORY",        // sorting must not leave people's data in /tmp
      "PRAGMA case_sensitive_like = ON"};  // as in PostgreSQL
  switch (use_) {
    case SqliteUse::writer:
      pragmas.insert(pragmas.end(),
                     {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                      "PRAGMA secure_delete = ON",  // what was erased must not stay in the file
                      // An import touches many indexes all over: what does not fit goes to the WAL
                      // and comes back again and again.
                      "PRAGMA cache_size = -98304",
                      "PRAGMA journal_size_limit = 67108864"});
      break;
    case SqliteUse::reader:
      // Only the writer checkpoints: one writer of the database file, whatever closes when.
      set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
      pragmas.emplace_back("PRAGMA query_only = ON");
      break;
    case SqliteUse::archive:
      pragmas.emplace_back("PRAGMA query_only = ON");
      break;
    case SqliteUse::new_file:
      pragmas.insert(pragmas.end(), {"PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF"});
      break;
    case SqliteUse::memory:
      break;
  }
  for (const std::string_view pragma : pragmas) {
    ATALAYA_TRY(run(pragma));
  }
  if (use_ == SqliteUse::writer) {
    const Value mode = ATALAYA_TRY(scalar("PRAGMA journal_mode"));
    if (mode != Value(std::string("wal"))) {
      return fail(ErrorCode::unavailable, "store.open",
                  "the file system cannot share memory between connections, as network file "
                  "systems cannot: put the node's folder on a local disk");
    }
  }
  // Opening reads nothing; this does, so that a file that is no database is found out now.
  ATALAYA_TRY(scalar("SELECT count(*) FROM sqlite_schema"));
  return {};
}

Result<SqliteConnection::Prepared> SqliteConnection::prepare(std::string_view sql) const {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, &tail);
  Prepared prepared;
  prepared.statement.reset(raw);
  if (code != SQLITE_OK) {
    return fail(error(code, sql));
  }
  const std::string_view rest(tail, static_cast<std::size_t>(sql.data() + sql.size() - tail));
  if (raw == nullptr || !split_statements(rest).empty()) {
    return fail(ErrorCode::internal, "store.sql",
                fmt::format("not exactly one statement: {}", statement_label(sql)));
  }
  prepared.changes_rows = changes_rows(raw, sql);
  const int parameters = sqlite3_bind_parameter_count(raw);
  for (int n = 1; n <= parameters; ++n) {
    // "$1" is a name to SQLite: its own numbers follow the order of appearance.
    const int slot = sqlite3_bind_parameter_index(raw, fmt::format("${}", n).c_str());
    if (slot == 0) {
      return fail(ErrorCode::internal, "store.sql",
                  fmt::format("parameters must be $1 to ${} without gaps: {}", parameters,
                              statement_label(sql)));
    }
    prepared.slots.push_back(slot);
  }
  return prepared;
}

Result<SqliteConnection::Running> SqliteConnection::start(std::string_view sql) {
  Prepared* cached = statements_.find(sql);
  if (cached != nullptr && !cached->in_use) {
    return Running(cached, nullptr);
  }
  Prepared prepared = ATALAYA_TRY(prepare(sql));
  if (cached != nullptr) {
    return Running(nullptr, std::make_unique<Prepared>(std::move(prepared)));
  }
  return Running(&statements_.insert(std::string(sql), std::move(prepared), [](Prepared&) {}),
                 nullptr);
}

Result<void> SqliteConnection::bind(Prepared& prepared, std::string_view sql,
                                    const Parameters& parameters) const {
  if (parameters.size() != prepared.slots.size()) {
    return fail(ErrorCode::internal, "store.sql",
                fmt::format("{} parameters given, {} used: {}", parameters.size(),
                            prepared.slots.size(), statement_label(sql)));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int code = bind_value(prepared.statement.get(), prepared.slots[i], parameters[i]);
    if (code != SQLITE_OK) {
      return fail(error(code, sql));
    }
  }
  return {};
}

Result<void> SqliteConnection::for_each(std::string_view sql, const Parameters& parameters,
                                        const TakeRow& take) {
  Running running = ATALAYA_TRY(start(sql));
  ATALAYA_TRY(bind(running.prepared(), sql, parameters));
  while (true) {
    const int code = sqlite3_step(running.statement());
    if (code == SQLITE_DONE) {
      return {};
    }
    if (code != SQLITE_ROW) {
      return fail(error(code, sql));
    }
    ATALAYA_TRY(take(current_row(running.statement())));
  }
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql,
                                               std::span<const Parameters> rows) {
  Running running = ATALAYA_TRY(start(sql));
  std::int64_t changed = 0;
  for (const Parameters& row : rows) {
    ATALAYA_TRY(bind(running.prepared(), sql, row));
    int code = SQLITE_ROW;
    while (code == SQLITE_ROW) {
      code = sqlite3_step(running.statement());
    }
    if (code != SQLITE_DONE) {
      return fail(error(code, sql));
    }
    if (running.prepared().changes_rows) {
      changed += sqlite3_changes64(db_);
    }
    sqlite3_reset(running.statement());
  }
  return changed;
}

Result<void> SqliteConnection::run(std::string_view sql) {
  return for_each(sql, {}, [](Row&&) { return Result<void>(); });
}

Result<Value> SqliteConnection::scalar(std::string_view sql) {
  std::optional<Value> value;
  ATALAYA_TRY(for_each(sql, {}, [&](Row&& row) -> Result<void> {
    if (!value.has_value()) {
      value = row.value(0);
    }
    return {};
  }));
  return value.value_or(Value());
}

void SqliteConnection::enable_triggers(bool enabled) {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_TRIGGER, enabled ? 1 : 0, nullptr);
}

Error SqliteConnection::error(int code, std::string_view sql) const {
  // SQLite's messages name tables and columns, never a value.
  const auto make = [&](ErrorCode kind, std::string_view reason, std::string_view advice = {}) {
    return Error{kind,
                 std::string(reason),
                 fmt::format("{}: {} (SQLite {}){}", statement_label(sql), sqlite3_errmsg(db_),
                             code, advice),
                 {}};
  };
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      // A value of another type than its STRICT column is a mistake in the program, and
      // PostgreSQL says so as well.
      return code == SQLITE_CONSTRAINT_DATATYPE ? make(ErrorCode::internal, "store.sql")
                                                : make(ErrorCode::conflict, "store.constraint");
    case SQLITE_FULL:
      return make(ErrorCode::exhausted, "store.disk_full",
                  "; the disk is full: free some space, nothing was lost");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make(ErrorCode::unavailable, "store.busy",
                  "; another program holds the store: try again, or stop it");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return make(ErrorCode::data_loss, "store.corrupt",
                  "; the file is damaged or is no store: keep a copy of it and restore the last "
                  "backup");
    case SQLITE_READONLY:
      // In a reader it is our statement that is wrong, in the writer it is the file's mode.
      return use_ == SqliteUse::writer ? make(ErrorCode::unavailable, "store.open",
                                              "; this user may not write the file or its folder")
                                       : make(ErrorCode::internal, "store.sql");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return make(ErrorCode::unavailable, "store.open",
                  "; check that file and folder exist and that this user may write them");
    case SQLITE_IOERR:
      // The file of shared memory could not grow: the disk is full.
      if (code == SQLITE_IOERR_SHMSIZE) {
        return make(ErrorCode::exhausted, "store.disk_full",
                    "; the disk is full: free some space, nothing was lost");
      }
      return code == SQLITE_IOERR_CORRUPTFS
                 ? make(ErrorCode::data_loss, "store.corrupt")
                 : make(ErrorCode::unavailable, "store.io", "; the disk answered an error");
    case SQLITE_NOMEM:
      return make(ErrorCode::exhausted, "store.memory");
    case SQLITE_TOOBIG:
      return make(ErrorCode::invalid_argument, "store.value");
    default:
      return make(ErrorCode::internal, "store.sql");
  }
}

Result<Rows> SqliteTransaction::run_query(std::string_view sql, const Parameters& parameters) {
  Rows rows;
  ATALAYA_TRY(connection_.for_each(sql, parameters, [&](Row&& row) -> Result<void> {
    rows.push_back(std::move(row));
    return {};
  }));
  return rows;
}

Result<void> SqliteTransaction::run_for_each(std::string_view sql, const Parameters& parameters,
                                             const Visit& visit) {
  return connection_.for_each(sql, parameters, visit);
}

Result<std::int64_t> SqliteTransaction::run_execute(std::string_view sql,
                                                    const Parameters& parameters) {
  return connection_.execute(sql, {&parameters, 1});
}

Result<std::int64_t> SqliteTransaction::run_execute_many(std::string_view sql,
                                                         std::span<const Parameters> rows) {
  return connection_.execute(sql, rows);
}

Result<void> in_sqlite_transaction(SqliteConnection& connection, std::string_view begin,
                                   const std::function<Result<void>(SqliteTransaction&)>& work) {
  // SQLite itself rolls back on a full disk and some others; then there is nothing left to undo.
  // A rollback that fails leaves the connection unhealthy, and its pool closes it.
  const auto roll_back = [&connection] {
    if (!connection.healthy()) {
      static_cast<void>(connection.run("ROLLBACK"));
    }
  };
  ATALAYA_TRY(connection.run(begin));
  SqliteTransaction transaction(connection);
  Result<void> done;
  try {
    done = work(transaction);
  } catch (...) {
    roll_back();
    throw;
  }
  if (!done.has_value()) {
    roll_back();
    return done;
  }
  Result<void> committed = connection.run("COMMIT");
  if (!committed.has_value()) {
    roll_back();
    if (committed.error().reason == "store.io") {
      // The log may hold the whole transaction although its sync was not confirmed.
      committed.error().code = ErrorCode::deadline_exceeded;
      committed.error().reason = "store.outcome_unknown";
    }
  }
  return committed;
}

}  // namespace atalaya::store
