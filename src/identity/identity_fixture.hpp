#pragma once
// For this module's tests: accounts over a fresh store, on a clock that stands still.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <atalaya/identity/accounts.hpp>

namespace atalaya::identity::testing {

inline constexpr UtcTime kStart{1'795'312'800'000};  // 2026-11-22T02:00:00Z
inline constexpr std::string_view kPassword = "correct horse battery staple";
inline constexpr std::string_view kHome = "203.0.113.7";

inline Secret secret(std::string_view text) {
  return Secret(std::string(text));
}

inline std::string postgres_address() {
  const char* address = std::getenv("ATALAYA_TEST_POSTGRES");
  return address != nullptr ? address : "";
}

/// A store of its own, removed afterwards: a file, or a schema of the server for tests.
class FreshStore {
 public:
  explicit FreshStore(store::Engine engine) : engine_(engine) {
    std::string name =
        (std::filesystem::temp_directory_path() / "atalaya-identity-XXXXXX").string();
    ATALAYA_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::string address = (folder_ / "atalaya.db").string();
    if (engine == store::Engine::postgresql) {
      static std::atomic<int> made = 0;
      schema_ = fmt::format("identity_{}_{}", ::getpid(), ++made);
      on_server("CREATE SCHEMA " + schema_);
      const std::string server = postgres_address();
      address = fmt::format("{}{}options=-csearch_path%3D{}", server,
                            server.find('?') == std::string::npos ? '?' : '&', schema_);
    }
    auto opened = store::Database::open(address);
    ATALAYA_CHECK(opened.has_value());
    database = *std::move(opened);
    const auto migrations = store::program_migrations();
    ATALAYA_CHECK(migrations.has_value());
    const auto migrated = database->migrate(*migrations);
    ATALAYA_CHECK(migrated.has_value());
  }

  FreshStore(const FreshStore&) = delete;
  FreshStore& operator=(const FreshStore&) = delete;

  ~FreshStore() {
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
    if (!schema_.empty()) {
      on_server("DROP SCHEMA " + schema_ + " CASCADE");
    }
  }

  [[nodiscard]] store::Engine engine() const { return engine_; }

  std::unique_ptr<store::Database> database;

 private:
  static void on_server(const std::string& sql) {
    auto server = store::Database::open(postgres_address());
    ATALAYA_CHECK(server.has_value());
    const auto done = (*server)->write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(sql));
      return {};
    });
    EXPECT_TRUE(done.has_value()) << done.error().detail;
  }

  store::Engine engine_;
  std::filesystem::path folder_;
  std::string schema_;
};

/// A node's accounts and its log.
class Desk {
 public:
  explicit Desk(store::Engine engine = store::Engine::sqlite,
                AccountsOptions options = {.cost = crypto::kPasswordCostForTests})
      : store(engine), clock(kStart) {
    auto signing_key = crypto::SigningKey::from_seed(secret(std::string(32, 'k')));
    auto key = ledger::NodeKey::create("atalaya.example/test-node", *std::move(signing_key));
    auto opened = ledger::Ledger::open(*store.database, *std::move(key), clock);
    ATALAYA_CHECK(opened.has_value());
    ledger = *std::move(opened);
    accounts = Accounts::create(*store.database, *ledger, clock, options);
  }

  Account add(std::string_view name, std::vector<RoleGrant> roles = {{"editor", ""}}) {
    const auto made =
        accounts->add({std::string(name), "", "", std::move(roles)}, secret(kPassword), "operator");
    EXPECT_TRUE(made.has_value()) << made.error().reason;
    return made.value_or(Account{});
  }

  Result<SignInStep> sign_in(std::string_view name, std::string_view password = kPassword,
                             const SignInFrom& from = {std::string(kHome), ""}) {
    return accounts->sign_in(name, secret(password), from);
  }

  /// The cookie of a good sign-in without a second factor.
  SignedIn must_sign_in(std::string_view name, const SignInFrom& from = {std::string(kHome), ""}) {
    auto step = sign_in(name, kPassword, from);
    EXPECT_TRUE(step.has_value()) << step.error().reason;
    if (!step || !step->done) {
      ADD_FAILURE() << "no session";
      return {};
    }
    return *std::move(step->done);
  }

  bool lives(const SignedIn& signed_in) {
    const auto caller = accounts->find_session(signed_in.session.unsafe_reveal());
    EXPECT_TRUE(caller.has_value());
    return caller.has_value() && caller->has_value();
  }

  void pass(std::int64_t ms) { clock.set(UtcTime{clock.now().ms + ms}); }

  std::int64_t integer(std::string_view sql, store::Parameters parameters = {}) const {
    std::int64_t out = -1;
    const auto read = store.database->read([&](store::Transaction& tx) -> Result<void> {
      const auto row = ATALAYA_TRY(tx.query_one(sql, parameters));
      out = row.integer(0);
      return {};
    });
    EXPECT_TRUE(read.has_value()) << read.error().detail;
    return out;
  }

  /// Everything that the log keeps: leaves and payloads.
  std::string log_text() const {
    std::string out;
    const auto read = store.database->read([&](store::Transaction& tx) -> Result<void> {
      const std::uint64_t size = ATALAYA_TRY(ledger->size());
      const auto entries = ATALAYA_TRY(ledger->entries_from(tx, 0, size));
      for (const auto& entry : entries) {
        out += entry.leaf.kind + " " + entry.leaf.subject + " ";
        const auto payload = ATALAYA_TRY(ledger->find_payload(tx, entry.index));
        out += (payload ? payload->bytes : std::string("(erased)")) + "\n";
      }
      return {};
    });
    EXPECT_TRUE(read.has_value()) << read.error().detail;
    return out;
  }

  FreshStore store;
  FixedClock clock;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Accounts> accounts;
};

template <class T>
std::string reason_of(const Result<T>& result) {
  return result.has_value() ? std::string("ok") : result.error().reason;
}

/// Runs once per engine; skips PostgreSQL where there is no server.
class EngineTest : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (GetParam() == store::Engine::postgresql && postgres_address().empty()) {
      GTEST_SKIP() << "no PostgreSQL: run this by tests/functional/postgres_server run …, or set "
                      "ATALAYA_TEST_POSTGRES to the address of a server for tests";
    }
    desk = std::make_unique<Desk>(GetParam());
  }

  std::unique_ptr<Desk> desk;
};

inline std::string engine_name(const ::testing::TestParamInfo<store::Engine>& info) {
  return info.param == store::Engine::sqlite ? "sqlite" : "postgresql";
}

inline auto both_engines() {
  return ::testing::Values(store::Engine::sqlite, store::Engine::postgresql);
}

}  // namespace atalaya::identity::testing
