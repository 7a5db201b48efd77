#pragma once
// For tests: a store whose n-th write fails as on a full disk, so that a desk can show that no
// failure leaves half a change:
//
//   FaultyDatabase faulty(*database);
//   for (std::int64_t n = 1;; ++n) {
//     faulty.fail_at(n);
//     const auto done = import(faulty);            // the code under test
//     if (faulty.steps() < n) { break; }           // it needs fewer steps than n: all were tried
//     EXPECT_EQ(done.error().reason, "store.disk_full");
//     EXPECT_EQ(state(*database), state_before);
//   }

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <atalaya/store/database.hpp>

namespace atalaya::store {

/// Hands everything to `inner`, which must outlive it. A step is a statement inside write() or the
/// commit at its end; migrate(), backup_to() and restore_from() are one step each. read() and
/// check() are none. The failing execute_many() runs half of its rows first. Any thread.
class FaultyDatabase final : public Database {
 public:
  explicit FaultyDatabase(Database& inner) : inner_(inner) {}

  /// Counts anew; the n-th step from now (1 is the next) fails with exhausted (store.disk_full),
  /// and only that one. 0: none fails.
  void fail_at(std::int64_t n) noexcept;

  /// Steps since fail_at().
  [[nodiscard]] std::int64_t steps() const noexcept { return steps_.load(); }

  [[nodiscard]] Engine engine() const noexcept override { return inner_.engine(); }

  [[nodiscard]] Result<void> write(const Work& work) override;

  [[nodiscard]] Result<void> read(const Work& work) const override { return inner_.read(work); }

  [[nodiscard]] Result<MigrationState> migrate(std::span<const Migration> migrations) override;
  [[nodiscard]] Result<void> backup_to(const std::string& path) const override;
  [[nodiscard]] Result<void> restore_from(const std::string& path) override;

  [[nodiscard]] Result<Health> check() const override { return inner_.check(); }

 private:
  [[nodiscard]] Result<void> step(std::string_view what) const;

  Database& inner_;
  std::atomic<std::int64_t> fail_at_ = 0;
  mutable std::atomic<std::int64_t> steps_ = 0;  // backup_to() counts too
};

}  // namespace atalaya::store
