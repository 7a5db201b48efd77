#include <atalaya/store/faulty.hpp>

#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sql_text.hpp"

namespace atalaya::store {

namespace {

using Step = std::function<Result<void>(std::string_view)>;

/// Counts each statement before it runs. Like the engines' own, it is doomed by its first failure.
class FaultyTransaction final : public Transaction {
 public:
  FaultyTransaction(Transaction& inner, Step step) : inner_(inner), step_(std::move(step)) {}

  Result<Rows> query(std::string_view sql, Parameters parameters) override {
    ATALAYA_TRY(count(sql));
    return inner_.query(sql, std::move(parameters));
  }

  Result<void> for_each(std::string_view sql, Parameters parameters,
                        const std::function<Result<void>(const Row&)>& visit) override {
    ATALAYA_TRY(count(sql));
    return inner_.for_each(sql, std::move(parameters), visit);
  }

  Result<std::int64_t> execute(std::string_view sql, Parameters parameters) override {
    ATALAYA_TRY(count(sql));
    return inner_.execute(sql, std::move(parameters));
  }

  Result<std::int64_t> execute_many(std::string_view sql,
                                    std::span<const Parameters> rows) override {
    const bool doomed = failure_.has_value();
    const Result<void> counted = count(sql);
    if (!counted.has_value()) {
      if (!doomed) {
        ATALAYA_TRY(inner_.execute_many(sql, rows.first(rows.size() / 2)));
      }
      return fail(counted.error());
    }
    return inner_.execute_many(sql, rows);
  }

  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

 private:
  Result<void> count(std::string_view sql) {
    if (failure_.has_value()) {
      return fail(*failure_);
    }
    Result<void> stepped = step_(statement_label(sql));
    if (!stepped.has_value()) {
      failure_ = stepped.error();
    }
    return stepped;
  }

  Transaction& inner_;
  Step step_;
  std::optional<Error> failure_;
};

}  // namespace

void FaultyDatabase::fail_at(std::int64_t n) noexcept {
  steps_ = 0;
  fail_at_ = n;
}

Result<void> FaultyDatabase::step(std::string_view what) const {
  const std::int64_t number = ++steps_;
  if (number == fail_at_.load()) {
    return fail(ErrorCode::exhausted, "store.disk_full",
                fmt::format("{}: the test's fault at step {}", what, number));
  }
  return {};
}

Result<void> FaultyDatabase::write(const Work& work) {
  return inner_.write([&](Transaction& inner) -> Result<void> {
    FaultyTransaction transaction(inner, [this](std::string_view what) { return step(what); });
    ATALAYA_TRY(work(transaction));
    if (transaction.failure().has_value()) {
      return fail(*transaction.failure());
    }
    return step("COMMIT");
  });
}

Result<MigrationState> FaultyDatabase::migrate(std::span<const Migration> migrations) {
  ATALAYA_TRY(step("migrate"));
  return inner_.migrate(migrations);
}

Result<void> FaultyDatabase::backup_to(const std::string& path) const {
  ATALAYA_TRY(step("backup"));
  return inner_.backup_to(path);
}

Result<void> FaultyDatabase::restore_from(const std::string& path) {
  ATALAYA_TRY(step("restore"));
  return inner_.restore_from(path);
}

}  // namespace atalaya::store
