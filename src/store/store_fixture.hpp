#pragma once
// Fresh stores of both engines for this module's tests.

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/store/database.hpp>

#include "limits.hpp"

namespace atalaya::store {

/// Makes stores in a folder of its own, or in schemas of their own, and removes them.
class StoreMaker {
 public:
  StoreMaker();
  StoreMaker(const StoreMaker&) = delete;
  StoreMaker& operator=(const StoreMaker&) = delete;
  ~StoreMaker();

  /// Whether ATALAYA_TEST_POSTGRES names a server.
  [[nodiscard]] static bool has_postgres();
  /// The address of a store that does not exist yet.
  [[nodiscard]] std::string fresh_address(Engine engine);

  /// A file name in the folder; nothing is there.
  [[nodiscard]] std::string path(std::string_view name) const {
    return folder_ + "/" + std::string(name);
  }

  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

 private:
  std::string folder_;
  std::vector<std::string> schemas_;
};

/// Runs once per engine; skips PostgreSQL where there is no server.
class EngineTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override;

  void TearDown() override { lock_wait_ms = 10'000; }

  [[nodiscard]] std::unique_ptr<Database> open(const std::string& address);
  /// A fresh store after the migration text, in SQLite's dialect.
  [[nodiscard]] std::unique_ptr<Database> make(std::string_view sql);

  StoreMaker maker_;
};

std::string engine_name(const ::testing::TestParamInfo<Engine>& info);

/// Runs the statements of one transaction, without parameters.
Result<void> write_all(Database& database, const std::vector<std::string>& statements);
/// The first column of the only row.
std::int64_t integer_of(Database& database, std::string_view sql);

/// The error of a result that must have failed.
template <class T>
Error error_of(const Result<T>& result) {
  return result.has_value() ? Error{ErrorCode::internal, "no error", "", {}} : result.error();
}

[[nodiscard]] Migration migration(std::int64_t number, std::string sql,
                                  std::string postgres_sql = {});

#define ASSERT_OK(expression)                                                          \
  do {                                                                                 \
    const auto& assert_ok_result = (expression);                                       \
    ASSERT_TRUE(assert_ok_result.has_value())                                          \
        << assert_ok_result.error().reason << ": " << assert_ok_result.error().detail; \
  } while (false)

}  // namespace atalaya::store
