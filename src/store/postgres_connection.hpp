#pragma once
// One PostgreSQL connection (libpq) with its settings, prepared statements and error mapping. One
// thread at a time.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

#include "engine_transaction.hpp"
#include "limits.hpp"
#include "statement_cache.hpp"

namespace atalaya::store {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};

using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

class PostgresConnection {
 public:
  /// Fails with unavailable (store.open). No error ever holds the address: it has a password.
  [[nodiscard]] static Result<std::unique_ptr<PostgresConnection>> open(const std::string& address);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  ~PostgresConnection() { PQfinish(connection_); }

  /// Whether it may be lent again: connected and in no transaction.
  [[nodiscard]] bool healthy() const;

  [[nodiscard]] bool connected() const { return PQstatus(connection_) == CONNECTION_OK; }

  /// The module's own statements, several separated by ';'; answers the last one's result.
  [[nodiscard]] Result<PostgresResult> run(const std::string& sql);
  /// One statement with parameters, prepared once per connection.
  [[nodiscard]] Result<PostgresResult> execute(std::string_view sql, const Parameters& parameters);
  /// The same for many rows, pipelined; answers the number of rows changed.
  [[nodiscard]] Result<std::int64_t> execute_many(std::string_view sql,
                                                  std::span<const Parameters> rows);
  /// One statement with parameters that is not kept (DECLARE CURSOR).
  [[nodiscard]] Result<PostgresResult> execute_once(const std::string& sql,
                                                    const Parameters& parameters);

  /// True when the last error was a serialisation failure or deadlock: the whole transaction may
  /// succeed when run again.
  [[nodiscard]] bool may_retry() const noexcept { return may_retry_; }

  void forget_retry() noexcept { may_retry_ = false; }

  [[nodiscard]] std::string server_version() const;

 private:
  struct Prepared {
    std::string name;
    bool in_use = false;  // a name on the server is never busy between calls
  };

  explicit PostgresConnection(PGconn* connection) : connection_(connection) {}

  [[nodiscard]] Result<void> configure();
  [[nodiscard]] Result<std::string> prepare(std::string_view sql, std::span<const Oid> types);
  [[nodiscard]] Result<PostgresResult> checked(PGresult* result, std::string_view sql);
  [[nodiscard]] Error error(const PGresult* result, std::string_view sql);
  [[nodiscard]] Result<std::int64_t> run_pipeline(std::string_view sql,
                                                  std::span<const Parameters> rows,
                                                  std::span<const std::string> names);
  [[nodiscard]] Result<std::int64_t> read_pipeline(std::string_view sql);

  PGconn* connection_;
  StatementCache<Prepared> statements_{kStatementsMax};
  std::int64_t prepared_ = 0;  // gives the statements' names
  bool may_retry_ = false;
};

/// The rows of an answer in text form as values.
[[nodiscard]] Result<Row> postgres_row(const PGresult* result, int row);

/// Rows that INSERT, UPDATE or DELETE changed; 0 for anything else.
[[nodiscard]] std::int64_t changed_rows(PGresult* result);

/// A transaction that somebody else began on the connection.
class PostgresTransaction final : public EngineTransaction {
 public:
  explicit PostgresTransaction(PostgresConnection& connection) : connection_(connection) {}

 private:
  Result<Rows> run_query(std::string_view sql, const Parameters& parameters) override;
  Result<void> run_for_each(std::string_view sql, const Parameters& parameters,
                            const Visit& visit) override;
  Result<std::int64_t> run_execute(std::string_view sql, const Parameters& parameters) override;
  Result<std::int64_t> run_execute_many(std::string_view sql,
                                        std::span<const Parameters> rows) override;

  PostgresConnection& connection_;
  std::int64_t cursors_ = 0;
};

/// `begin`, the work, then COMMIT; ROLLBACK on an error or exception.
[[nodiscard]] Result<void> in_postgres_transaction(
    PostgresConnection& connection, const std::string& begin,
    const std::function<Result<void>(PostgresTransaction&)>& work);

}  // namespace atalaya::store
