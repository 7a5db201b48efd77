#include <atalaya/store/database.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "engine_transaction.hpp"
#include "engines.hpp"
#include "sql_text.hpp"

namespace atalaya::store {

bool Row::is_null(std::size_t column) const {
  ATALAYA_CHECK(column < values_.size());
  return std::holds_alternative<std::monostate>(values_[column]);
}

std::int64_t Row::integer(std::size_t column) const {
  ATALAYA_CHECK(column < values_.size());
  const auto* value = std::get_if<std::int64_t>(&values_[column]);
  ATALAYA_CHECK(value != nullptr);
  return *value;
}

double Row::real(std::size_t column) const {
  ATALAYA_CHECK(column < values_.size());
  if (const auto* whole = std::get_if<std::int64_t>(&values_[column])) {
    return static_cast<double>(*whole);
  }
  const auto* value = std::get_if<double>(&values_[column]);
  ATALAYA_CHECK(value != nullptr);
  return *value;
}

const std::string& Row::text(std::size_t column) const {
  ATALAYA_CHECK(column < values_.size());
  const auto* value = std::get_if<std::string>(&values_[column]);
  ATALAYA_CHECK(value != nullptr);
  return *value;
}

const Blob& Row::blob(std::size_t column) const {
  ATALAYA_CHECK(column < values_.size());
  const auto* value = std::get_if<Blob>(&values_[column]);
  ATALAYA_CHECK(value != nullptr);
  return *value;
}

const Value& Row::value(std::size_t column) const {
  ATALAYA_CHECK(column < values_.size());
  return values_[column];
}

std::string Row::text_or_empty(std::size_t column) const {
  return is_null(column) ? std::string() : text(column);
}

std::optional<std::int64_t> Row::integer_if(std::size_t column) const {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<std::string> Row::text_if(std::size_t column) const {
  return is_null(column) ? std::nullopt : std::optional(text(column));
}

Result<Row> Transaction::query_one(std::string_view sql, Parameters parameters) {
  Rows rows = ATALAYA_TRY(query(sql, std::move(parameters)));
  if (rows.size() != 1) {
    return fail(ErrorCode::not_found, "store.no_row",
                fmt::format("{} rows instead of one: {}", rows.size(), statement_label(sql)));
  }
  return std::move(rows.front());
}

Result<void> check_value(const Value& value) {
  if (const auto* real = std::get_if<double>(&value); real != nullptr && !std::isfinite(*real)) {
    return fail(ErrorCode::invalid_argument, "store.value",
                "a parameter is not a finite number; leave it NULL or refuse it before storing");
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->find('\0') != std::string::npos || find_invalid_utf8(*text).has_value()) {
      return fail(ErrorCode::invalid_argument, "store.value",
                  "a parameter holds a NUL or is not UTF-8; store such bytes as BLOB");
    }
  }
  return {};
}

Result<void> check_statement(std::string_view sql) {
  static constexpr std::array<std::string_view, 12> kRefused{
      "BEGIN",     "START",   "COMMIT", "END",    "ROLLBACK", "ABORT",
      "SAVEPOINT", "RELEASE", "ATTACH", "DETACH", "PRAGMA",   "VACUUM"};
  const std::string keyword = first_keyword(sql);
  if (keyword.empty() || std::ranges::find(kRefused, keyword) != kRefused.end()) {
    return fail(ErrorCode::internal, "store.sql",
                fmt::format("not for a transaction's work: {}", statement_label(sql)));
  }
  return {};
}

template <class F>
auto EngineTransaction::guarded(std::string_view sql, std::span<const Parameters> rows, F&& run)
    -> decltype(run()) {
  if (failure_.has_value()) {
    return fail(*failure_);
  }
  const auto checked = [&]() -> decltype(run()) {
    ATALAYA_TRY(check_statement(sql));
    for (const Parameters& row : rows) {
      for (const Value& value : row) {
        if (auto fine = check_value(value); !fine.has_value()) {
          return fail(std::move(fine).error().in(statement_label(sql)));
        }
      }
    }
    return run();
  };
  auto result = checked();
  if (!result.has_value()) {
    failure_ = result.error();
  }
  return result;
}

Result<Rows> EngineTransaction::query(std::string_view sql, Parameters parameters) {
  return guarded(sql, {&parameters, 1}, [&] { return run_query(sql, parameters); });
}

Result<void> EngineTransaction::for_each(std::string_view sql, Parameters parameters,
                                         const Visit& visit) {
  std::optional<Error> stopped;
  const Visit remember = [&](const Row& row) -> Result<void> {
    Result<void> visited = visit(row);
    if (!visited.has_value()) {
      stopped = visited.error();
    }
    return visited;
  };
  auto result = guarded(sql, {&parameters, 1}, [&]() -> Result<void> {
    Result<void> run = run_for_each(sql, parameters, remember);
    if (stopped.has_value()) {
      return {};
    }
    return run;
  });
  if (result.has_value() && stopped.has_value()) {
    return fail(*std::move(stopped));
  }
  return result;
}

Result<std::int64_t> EngineTransaction::execute(std::string_view sql, Parameters parameters) {
  return guarded(sql, {&parameters, 1}, [&] { return run_execute(sql, parameters); });
}

Result<std::int64_t> EngineTransaction::execute_many(std::string_view sql,
                                                     std::span<const Parameters> rows) {
  return guarded(sql, rows, [&] { return run_execute_many(sql, rows); });
}

Result<void> run_work(EngineTransaction& transaction, const Database::Work& work) {
  ATALAYA_TRY(work(transaction));
  if (transaction.failure().has_value()) {
    return fail(*transaction.failure());
  }
  return {};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& address) {
  if (address.starts_with("postgresql://") || address.starts_with("postgres://")) {
    return open_postgres(address);
  }
  return open_sqlite(address);
}

}  // namespace atalaya::store
