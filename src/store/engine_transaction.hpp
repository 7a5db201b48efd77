#pragma once
// What both engines' transactions share: the checks before a statement, and that a failed
// statement dooms its transaction.

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::store {

using Visit = std::function<Result<void>(const Row&)>;

/// PostgreSQL refuses every statement after a failed one, SQLite does not. So that a desk cannot
/// come to depend on either, the first failed statement ends the transaction on both: every later
/// statement answers the same error and nothing is committed. An error of a visitor, or no row
/// where one was asked for, dooms nothing.
class EngineTransaction : public Transaction {
 public:
  [[nodiscard]] Result<Rows> query(std::string_view sql, Parameters parameters) final;
  [[nodiscard]] Result<void> for_each(std::string_view sql, Parameters parameters,
                                      const Visit& visit) final;
  [[nodiscard]] Result<std::int64_t> execute(std::string_view sql, Parameters parameters) final;
  [[nodiscard]] Result<std::int64_t> execute_many(std::string_view sql,
                                                  std::span<const Parameters> rows) final;

  /// The error of the statement that failed, if one did.
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

 protected:
  [[nodiscard]] virtual Result<Rows> run_query(std::string_view sql,
                                               const Parameters& parameters) = 0;
  [[nodiscard]] virtual Result<void> run_for_each(std::string_view sql,
                                                  const Parameters& parameters,
                                                  const Visit& visit) = 0;
  [[nodiscard]] virtual Result<std::int64_t> run_execute(std::string_view sql,
                                                         const Parameters& parameters) = 0;
  [[nodiscard]] virtual Result<std::int64_t> run_execute_many(std::string_view sql,
                                                              std::span<const Parameters> rows) = 0;

 private:
  template <class F>
  auto guarded(std::string_view sql, std::span<const Parameters> rows, F&& run) -> decltype(run());

  std::optional<Error> failure_;
};

/// Runs `work`; a success of the work is a failure all the same when one of its statements failed.
[[nodiscard]] Result<void> run_work(EngineTransaction& transaction, const Database::Work& work);

/// Refuses what the two engines would not both keep as it is: NaN and infinities, text with NUL or
/// that is not UTF-8. Fails with invalid_argument (store.value), without the value.
[[nodiscard]] Result<void> check_value(const Value& value);

/// Refuses statements that would end or widen the transaction (BEGIN, ATTACH, PRAGMA, …).
[[nodiscard]] Result<void> check_statement(std::string_view sql);

}  // namespace atalaya::store
