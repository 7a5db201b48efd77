#pragma once
// For this module's tests: a store with ledger and commitments desk on either engine, and the
// follow-up over them.

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>

#include <atalaya/followup/reference.hpp>
#include <atalaya/store/faulty.hpp>
#include <atalaya/store/test_store.hpp>

#include "cube_cache.hpp"

namespace atalaya::followup {

template <class T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}: {}\n", result.error().reason, result.error().detail);
  }
  ATALAYA_CHECK(result.has_value());
  return *std::move(result);
}

inline void must(const Result<void>& result) {
  if (!result) {
    fmt::print(stderr, "{}: {}\n", result.error().reason, result.error().detail);
  }
  ATALAYA_CHECK(result.has_value());
}

template <class T>
std::string reason_of(const Result<T>& result) {
  return result ? "ok" : result.error().reason;
}

class FollowupTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgresql && !store::TestStore::has_postgres()) {
      GTEST_SKIP() << "needs PostgreSQL; ctest runs this as followup_postgres";
    }
    store_ = std::make_unique<store::TestStore>(GetParam());
    faulty_ = std::make_unique<store::FaultyDatabase>(store_->database());
    auto key = must(crypto::SigningKey::from_seed(Secret(std::string(32, 'k'))));
    ledger_ = must(ledger::Ledger::open(
        *faulty_, must(ledger::NodeKey::create("test.example", std::move(key))), clock_));
    commitments::DeskParts desk;
    desk.database = faulty_.get();
    desk.ledger = ledger_.get();
    desk.catalogue = commitments::Catalogue::embedded();
    desk.clock = &clock_;
    commitments_ = must(commitments::Desk::open(desk));
    parts_.database = faulty_.get();
    parts_.ledger = ledger_.get();
    parts_.commitments = commitments_.get();
    parts_.clock = &clock_;
    parts_.reference = Reference::embedded(*desk.catalogue);
    parts_.cube = std::make_shared<CubeCache>();
  }

  void TearDown() override {
    commitments_.reset();
    ledger_.reset();
  }

  [[nodiscard]] std::uint64_t log_size() { return must(ledger_->size()); }

  FixedClock clock_{UtcTime{1'795'312'800'000}};  // 2026-11-22T02:00:00Z
  std::unique_ptr<store::TestStore> store_;
  std::unique_ptr<store::FaultyDatabase> faulty_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<commitments::Desk> commitments_;
  Parts parts_;
};

inline std::string engine_name(const testing::TestParamInfo<store::Engine>& info) {
  return info.param == store::Engine::sqlite ? "sqlite" : "postgresql";
}

}  // namespace atalaya::followup
