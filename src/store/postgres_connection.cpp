#include "postgres_connection.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "sql_text.hpp"

namespace atalaya::store {

namespace {

// Type numbers of the server's catalogue (src/include/catalog/pg_type.dat; fixed for ever).
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kOid = 26;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kNumeric = 1700;

constexpr int kBinary = 1;

/// The type that the parameter declares. Leaving it to the server would make `$1 + 1` a 32 bit sum.
Oid type_of(const Value& value) {
  struct Visitor {
    Oid operator()(std::monostate) const { return 0; }  // whatever the place wants

    Oid operator()(std::int64_t) const { return kInt8; }

    Oid operator()(double) const { return kFloat8; }

    Oid operator()(const std::string&) const { return kText; }

    Oid operator()(const Blob&) const { return kBytea; }
  };

  return std::visit(Visitor{}, value);
}

std::vector<Oid> types_of(const Parameters& parameters) {
  std::vector<Oid> types;
  for (const Value& value : parameters) {
    types.push_back(type_of(value));
  }
  return types;
}

/// Parameters in libpq's form, all binary. Texts and blobs are not copied.
class Encoded {
 public:
  explicit Encoded(const Parameters& parameters) : numbers_(parameters.size()) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      add(parameters[i], numbers_[i]);
    }
  }

  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }

  [[nodiscard]] const char* const* values() const { return values_.data(); }

  [[nodiscard]] const int* lengths() const { return lengths_.data(); }

  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  using Number = std::array<char, sizeof(std::uint64_t)>;

  void add(const Value& value, Number& number) {
    const char* data = nullptr;
    std::size_t size = 0;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      number = big_endian(static_cast<std::uint64_t>(*whole));
      data = number.data();
      size = number.size();
    } else if (const auto* real = std::get_if<double>(&value)) {
      number = big_endian(std::bit_cast<std::uint64_t>(*real));
      data = number.data();
      size = number.size();
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      data = text->c_str();
      size = text->size();
    } else if (const auto* blob = std::get_if<Blob>(&value)) {
      // A null pointer would be NULL instead of an empty blob.
      data = blob->empty() ? "" : reinterpret_cast<const char*>(blob->data());
      size = blob->size();
    }
    values_.push_back(data);
    lengths_.push_back(static_cast<int>(size));
    formats_.push_back(kBinary);
  }

  static Number big_endian(std::uint64_t value) {
    Number bytes{};
    for (std::size_t i = bytes.size(); i > 0; --i) {
      bytes[i - 1] = static_cast<char>(value & 0xffU);
      value >>= 8U;
    }
    return bytes;
  }

  std::vector<Number> numbers_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

template <class Number>
Result<Value> parse_number(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorCode::internal, "store.sql", "a number of the answer is out of range");
  }
  return Value(number);
}

Result<Value> parse_value(Oid type, std::string_view text) {
  switch (type) {
    case kBool:
      return Value(std::int64_t{text == "t" ? 1 : 0});
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid:
      return parse_number<std::int64_t>(text);
    case kFloat4:
    case kFloat8:
      return parse_number<double>(text);
    case kNumeric:
      // sum() of BIGINT is NUMERIC without a point, avg() has one: INTEGER and REAL in SQLite.
      return text.find('.') == std::string_view::npos ? parse_number<std::int64_t>(text)
                                                      : parse_number<double>(text);
    case kBytea: {
      auto bytes = from_hex(text.substr(std::min<std::size_t>(text.size(), 2)));  // "\x00ff"
      if (!bytes.has_value()) {
        return fail(ErrorCode::internal, "store.sql", "the server sent BYTEA in another form");
      }
      return Value(*std::move(bytes));
    }
    default:
      return Value(std::string(text));
  }
}

/// Messages of class 22 (data exceptions) quote the value that was wrong; drop the quotations.
std::string without_quotations(std::string_view message) {
  std::string result;
  bool inside = false;
  for (const char c : message) {
    if (c == '"') {
      result += inside ? "…\"" : "\"";
      inside = !inside;
    } else if (!inside) {
      result += c;
    }
  }
  return result;
}

struct Mapping {
  ErrorCode code;
  std::string_view reason;
  std::string_view advice;
};

/// By SQLSTATE (PostgreSQL 15 manual, appendix A).
Mapping map_state(std::string_view state) {
  if (state == "40001" || state == "40P01" || state == "55P03" || state == "57014") {
    return {ErrorCode::unavailable, "store.busy", "; another program holds the store: try again"};
  }
  if (state.starts_with("23")) {
    return {ErrorCode::conflict, "store.constraint", ""};
  }
  if (state == "53100") {
    return {ErrorCode::exhausted, "store.disk_full",
            "; the database server's disk is full: free some space, nothing was lost"};
  }
  if (state == "53200") {
    return {ErrorCode::exhausted, "store.memory", ""};
  }
  if (state == "XX001" || state == "XX002") {
    return {ErrorCode::data_loss, "store.corrupt",
            "; the database is damaged: keep a copy of it and restore the last backup"};
  }
  if (state == "58030") {
    return {ErrorCode::unavailable, "store.io", "; the database server's disk answered an error"};
  }
  if (state == "08P01") {  // protocol violation: our statement and its parameters do not fit
    return {ErrorCode::internal, "store.sql", ""};
  }
  if (state.empty() || state.starts_with("08") || state.starts_with("57P") ||
      state.starts_with("53") || state.starts_with("28")) {
    return {ErrorCode::unavailable, "store.open",
            "; check that the database server runs and accepts this address and user"};
  }
  return {ErrorCode::internal, "store.sql", ""};
}

bool retriable(std::string_view state) {
  return state == "40001" || state == "40P01";
}

}  // namespace

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string& address) {
  char* problem = nullptr;
  PQconninfoOption* options = PQconninfoParse(address.c_str(), &problem);
  PQfreemem(problem);  // it may quote a part of the password
  if (options == nullptr) {
    return fail(ErrorCode::unavailable, "store.open",
                "the store's address is not a postgresql:// address; write special characters of "
                "the password as %40, %2F and so on");
  }
  PQconninfoFree(options);
  // Later keywords win over the address; "dbname" takes the whole address (expand_dbname).
  const char* const keywords[] = {"connect_timeout", "dbname", "client_encoding",
                                  "fallback_application_name", nullptr};
  const char* const values[] = {"10", address.c_str(), "UTF8", "atalaya", nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(keywords, values, 1)));
  if (PQstatus(connection->connection_) != CONNECTION_OK) {
    return fail(connection->error(nullptr, "connect"));
  }
  ATALAYA_TRY(connection->configure());
  return connection;
}

Result<void> PostgresConnection::configure() {
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);
  const auto encoding = ATALAYA_TRY(run("SHOW server_encoding"));
  if (std::string_view(PQgetvalue(encoding.get(), 0, 0)) != "UTF8") {
    return fail(ErrorCode::unavailable, "store.open",
                "the database is not in UTF-8: create it with ENCODING 'UTF8'");
  }
  ATALAYA_TRY(
      run(fmt::format("SET lock_timeout = {}; SET synchronous_commit = on; "
                      "SET bytea_output = 'hex'; SET extra_float_digits = 1; "
                      "SET standard_conforming_strings = on; SET timezone = 'UTC'; "
                      "SET default_transaction_isolation = 'read committed'",
                      lock_wait_ms.load())));
  return {};
}

bool PostgresConnection::healthy() const {
  return connected() && PQtransactionStatus(connection_) == PQTRANS_IDLE;
}

std::string PostgresConnection::server_version() const {
  const char* version = PQparameterStatus(connection_, "server_version");
  return version != nullptr ? version : "of unknown version";
}

Error PostgresConnection::error(const PGresult* result, std::string_view sql) {
  const auto field = [&](int code) -> std::string_view {
    const char* text = result != nullptr ? PQresultErrorField(result, code) : nullptr;
    return text != nullptr ? text : "";
  };
  const std::string_view state = field(PG_DIAG_SQLSTATE);
  // Only the primary message: the fields DETAIL and CONTEXT hold the row's values.
  std::string message(field(PG_DIAG_MESSAGE_PRIMARY));
  if (message.empty()) {
    message = squeeze(PQerrorMessage(connection_));
  } else if (state.starts_with("22")) {
    message = without_quotations(message);
  }
  may_retry_ = may_retry_ || retriable(state);
  const Mapping mapping = map_state(state);
  return Error{mapping.code,
               std::string(mapping.reason),
               fmt::format("{}: {} (PostgreSQL {}){}", statement_label(sql), message,
                           state.empty() ? "connection" : state, mapping.advice),
               {}};
}

Result<PostgresResult> PostgresConnection::checked(PGresult* result, std::string_view sql) {
  PostgresResult owned(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    return owned;
  }
  return fail(error(result, sql));
}

Result<PostgresResult> PostgresConnection::run(const std::string& sql) {
  return checked(PQexec(connection_, sql.c_str()), sql);
}

Result<std::string> PostgresConnection::prepare(std::string_view sql, std::span<const Oid> types) {
  std::string key(sql);
  for (const Oid type : types) {
    key += fmt::format("\n{}", type);
  }
  if (const Prepared* prepared = statements_.find(key); prepared != nullptr) {
    return prepared->name;
  }
  // The server itself would take a parameter too many.
  ATALAYA_TRY(check_parameters(sql, types.size()));
  const std::string name = fmt::format("s{}", ++prepared_);
  ATALAYA_TRY(checked(PQprepare(connection_, name.c_str(), std::string(sql).c_str(),
                                static_cast<int>(types.size()), types.data()),
                      sql));
  std::string given_up;
  statements_.insert(std::move(key), Prepared{name}, [&](const Prepared& prepared) {
    given_up += fmt::format("DEALLOCATE {};", prepared.name);
  });
  if (!given_up.empty()) {
    ATALAYA_TRY(run(given_up));
  }
  return name;
}

Result<PostgresResult> PostgresConnection::execute(std::string_view sql,
                                                   const Parameters& parameters) {
  const std::vector<Oid> types = types_of(parameters);
  const std::string name = ATALAYA_TRY(prepare(sql, types));
  const Encoded encoded(parameters);
  return checked(PQexecPrepared(connection_, name.c_str(), encoded.count(), encoded.values(),
                                encoded.lengths(), encoded.formats(), 0),
                 sql);
}

Result<PostgresResult> PostgresConnection::execute_once(const std::string& sql,
                                                        const Parameters& parameters) {
  ATALAYA_TRY(check_parameters(sql, parameters.size()));
  const std::vector<Oid> types = types_of(parameters);
  const Encoded encoded(parameters);
  return checked(PQexecParams(connection_, sql.c_str(), encoded.count(), types.data(),
                              encoded.values(), encoded.lengths(), encoded.formats(), 0),
                 sql);
}

Result<std::int64_t> PostgresConnection::execute_many(std::string_view sql,
                                                      std::span<const Parameters> rows) {
  // A NULL takes the type that its column has in another row, so that few statements are prepared.
  std::vector<Oid> known;
  for (const Parameters& row : rows) {
    known.resize(std::max(known.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) {
      known[i] = known[i] != 0 ? known[i] : type_of(row[i]);
    }
  }
  std::vector<std::string> names;
  names.reserve(rows.size());
  for (const Parameters& row : rows) {
    std::vector<Oid> types = types_of(row);
    for (std::size_t i = 0; i < types.size(); ++i) {
      types[i] = types[i] != 0 ? types[i] : known[i];
    }
    auto name = ATALAYA_TRY(prepare(sql, types));
    names.push_back(std::move(name));
  }
  std::int64_t changed = 0;
  for (std::size_t at = 0; at < rows.size(); at += kPipelineStatements) {
    const std::size_t count = std::min(kPipelineStatements, rows.size() - at);
    const std::span<const std::string> all(names);
    const std::int64_t more =
        ATALAYA_TRY(run_pipeline(sql, rows.subspan(at, count), all.subspan(at, count)));
    changed += more;
  }
  return changed;
}

Result<std::int64_t> PostgresConnection::run_pipeline(std::string_view sql,
                                                      std::span<const Parameters> rows,
                                                      std::span<const std::string> names) {
  if (PQenterPipelineMode(connection_) == 0) {
    return fail(error(nullptr, sql));
  }
  bool sent = true;
  for (std::size_t i = 0; sent && i < rows.size(); ++i) {
    const Encoded encoded(rows[i]);
    sent = PQsendQueryPrepared(connection_, names[i].c_str(), encoded.count(), encoded.values(),
                               encoded.lengths(), encoded.formats(), 0) == 1;
  }
  sent = sent && PQpipelineSync(connection_) == 1;
  if (!sent) {
    // Half a pipeline cannot be undone: healthy() is false now, and the pool closes it.
    return fail(error(nullptr, sql));
  }
  auto changed = read_pipeline(sql);
  PQexitPipelineMode(connection_);
  return changed;
}

Result<std::int64_t> PostgresConnection::read_pipeline(std::string_view sql) {
  std::int64_t changed = 0;
  std::optional<Error> failed;
  while (true) {
    const PostgresResult result(PQgetResult(connection_));
    const ExecStatusType status = PQresultStatus(result.get());
    if (result != nullptr && status == PGRES_PIPELINE_SYNC) {
      break;
    }
    if (!connected()) {
      return fail(failed.has_value() ? *failed : error(result.get(), sql));
    }
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      changed += changed_rows(result.get());
    } else if (result != nullptr && status != PGRES_PIPELINE_ABORTED && !failed.has_value()) {
      failed = error(result.get(), sql);
    }
  }
  if (failed.has_value()) {
    return fail(*std::move(failed));
  }
  return changed;
}

Result<Row> postgres_row(const PGresult* result, int row) {
  const int columns = PQnfields(result);
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(columns));
  for (int i = 0; i < columns; ++i) {
    if (PQgetisnull(result, row, i) == 1) {
      values.emplace_back();
      continue;
    }
    const std::string_view text(PQgetvalue(result, row, i),
                                static_cast<std::size_t>(PQgetlength(result, row, i)));
    auto value = ATALAYA_TRY(parse_value(PQftype(result, i), text));
    values.push_back(std::move(value));
  }
  return Row(std::move(values));
}

std::int64_t changed_rows(PGresult* result) {
  const std::string_view command(PQcmdStatus(result));
  if (!command.starts_with("INSERT") && !command.starts_with("UPDATE") &&
      !command.starts_with("DELETE")) {
    return 0;
  }
  const std::string_view count(PQcmdTuples(result));
  std::int64_t changed = 0;
  std::from_chars(count.data(), count.data() + count.size(), changed);
  return changed;
}

Result<Rows> PostgresTransaction::run_query(std::string_view sql, const Parameters& parameters) {
  const auto result = ATALAYA_TRY(connection_.execute(sql, parameters));
  Rows rows;
  const int count = PQntuples(result.get());
  rows.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    auto row = ATALAYA_TRY(postgres_row(result.get(), i));
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<void> PostgresTransaction::run_for_each(std::string_view sql, const Parameters& parameters,
                                               const Visit& visit) {
  // A cursor keeps the connection free for the visitor's own statements. It takes no statement
  // that changes rows; their answers (RETURNING) are as long as what was changed, so they fit.
  const std::string keyword = first_keyword(sql);
  const bool reads = keyword == "SELECT" || keyword == "VALUES" ||
                     (keyword == "WITH" && !contains_keyword(sql, "INSERT") &&
                      !contains_keyword(sql, "UPDATE") && !contains_keyword(sql, "DELETE"));
  if (!reads) {
    const Rows rows = ATALAYA_TRY(run_query(sql, parameters));
    for (const Row& row : rows) {
      ATALAYA_TRY(visit(row));
    }
    return {};
  }
  const std::string cursor = fmt::format("c{}", ++cursors_);
  ATALAYA_TRY(connection_.execute_once(
      fmt::format("DECLARE {} NO SCROLL CURSOR FOR {}", cursor, sql), parameters));
  const std::string fetch = fmt::format("FETCH {} FROM {}", kBatchRows, cursor);
  int count = static_cast<int>(kBatchRows);
  while (count == static_cast<int>(kBatchRows)) {
    const auto result = ATALAYA_TRY(connection_.run(fetch));
    count = PQntuples(result.get());
    for (int i = 0; i < count; ++i) {
      const Row row = ATALAYA_TRY(postgres_row(result.get(), i));
      if (Result<void> visited = visit(row); !visited.has_value()) {
        static_cast<void>(connection_.run("CLOSE " + cursor));
        return visited;
      }
    }
  }
  ATALAYA_TRY(connection_.run("CLOSE " + cursor));
  return {};
}

Result<std::int64_t> PostgresTransaction::run_execute(std::string_view sql,
                                                      const Parameters& parameters) {
  const auto result = ATALAYA_TRY(connection_.execute(sql, parameters));
  return changed_rows(result.get());
}

Result<std::int64_t> PostgresTransaction::run_execute_many(std::string_view sql,
                                                           std::span<const Parameters> rows) {
  return connection_.execute_many(sql, rows);
}

Result<void> in_postgres_transaction(
    PostgresConnection& connection, const std::string& begin,
    const std::function<Result<void>(PostgresTransaction&)>& work) {
  // A rollback that fails leaves the connection unhealthy, and its pool closes it.
  const auto roll_back = [&connection] {
    if (!connection.healthy()) {
      static_cast<void>(connection.run("ROLLBACK"));
    }
  };
  if (auto begun = connection.run(begin); !begun.has_value()) {
    roll_back();
    return fail(std::move(begun).error());
  }
  PostgresTransaction transaction(connection);
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
  auto committed = connection.run("COMMIT");
  if (!committed.has_value()) {
    if (!connection.connected()) {
      committed.error().code = ErrorCode::deadline_exceeded;
      committed.error().reason = "store.outcome_unknown";
    }
    roll_back();
    return fail(std::move(committed).error());
  }
  // The server answers a COMMIT after a failed statement with a rollback, and calls it a success.
  ATALAYA_CHECK(std::string_view(PQcmdStatus(committed->get())) == "COMMIT");
  return {};
}

}  // namespace atalaya::store
