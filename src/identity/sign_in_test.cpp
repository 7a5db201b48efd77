// Goal: only who knows the secrets gets in, everybody who knows them does, and answers tell an
// attacker nothing. Method: the public interface on both engines, as friend and as attacker.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <utility>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "identity_fixture.hpp"

namespace atalaya::identity::testing {
namespace {

constexpr std::int64_t kMinute = 60'000;

class SignInTest : public EngineTest {
 protected:
  // The six digits that an authenticator app shows for the key text (RFC 4648 base 32).
  std::string code_of(const Secret& key_text, std::int64_t later_ms = 0) const {
    std::string key;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : key_text.unsafe_reveal()) {
      bits = (bits << 5U) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
      count += 5;
      if (count >= 8) {
        count -= 8;
        key.push_back(static_cast<char>(bits >> count & 0xFFU));
      }
    }
    return crypto::totp(Secret(std::move(key)), UtcTime{desk->clock.now().ms + later_ms});
  }

  std::string wrong_code_of(const Secret& key_text) const {
    const std::set<std::string> right{code_of(key_text), code_of(key_text, 30'000),
                                      code_of(key_text, -30'000)};
    std::string code = "000000";
    while (right.contains(code)) {
      code[5] = static_cast<char>(code[5] + 1);
    }
    return code;
  }

  Secret second_factor_of(std::string_view name) {
    auto key = desk->accounts->set_second_factor(name, "operator");
    EXPECT_TRUE(key.has_value());
    return *std::move(key);
  }

  std::string ticket_of(std::string_view name, const SignInFrom& from = {std::string(kHome), ""}) {
    const auto step = desk->sign_in(name, kPassword, from);
    EXPECT_TRUE(step.has_value()) << step.error().reason;
    EXPECT_FALSE(step->done.has_value());
    return step->ticket;
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, SignInTest, both_engines(), engine_name);

TEST_P(SignInTest, PasswordAloneWhereThereIsNoSecondFactor) {
  const Account ana = desk->add("ana", {{"editor", ""}, {"reader", "PAN"}});
  const SignedIn signed_in = desk->must_sign_in(" ANA ");
  EXPECT_EQ(signed_in.account, ana.id);
  EXPECT_EQ(signed_in.session.unsafe_reveal().size(), 64U);
  const auto caller = desk->accounts->find_session(signed_in.session.unsafe_reveal());
  ASSERT_TRUE(caller.has_value() && caller->has_value());
  EXPECT_EQ((*caller)->account.name, "ana");
  EXPECT_EQ((*caller)->account.roles.size(), 2U);
  EXPECT_FALSE((*caller)->second_factor);
  EXPECT_NE((*caller)->session, signed_in.session.unsafe_reveal()) << "an id, not the cookie";
  const SignedIn again = desk->must_sign_in("ana");
  EXPECT_NE(again.session.unsafe_reveal(), signed_in.session.unsafe_reveal());
  EXPECT_TRUE(desk->lives(signed_in)) << "a second browser does not end the first one's session";
}

TEST_P(SignInTest, UnknownWrongAndDisabledAreOneAnswer) {
  desk->add("ana");
  desk->add("eva");
  ASSERT_TRUE(desk->accounts->set_disabled("eva", true, "operator").has_value());
  const auto wrong = desk->sign_in("ana", "not the password at all");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::unauthenticated);
  EXPECT_EQ(wrong.error().reason, "identity.sign_in");
  const std::string long_text(2'000'000, 'x');
  const std::vector<std::pair<std::string, std::string>> guesses{
      {"nobody", std::string(kPassword)},
      {"eva", std::string(kPassword)},
      {"eva", "wrong"},
      {"ana", ""},
      {"", ""},
      {"ana", long_text},
      {long_text, long_text},
      {std::string("ana\0", 4), std::string(kPassword)},
      {"\xFF\xFE", std::string(kPassword)},
      {"ana' OR '1'='1", std::string(kPassword)}};
  for (const auto& [name, password] : guesses) {
    const auto answer = desk->sign_in(name, password, {"", ""});
    ASSERT_FALSE(answer.has_value()) << name.substr(0, 40);
    EXPECT_EQ(answer.error().code, wrong.error().code);
    EXPECT_EQ(answer.error().reason, wrong.error().reason);
    EXPECT_EQ(answer.error().detail, wrong.error().detail);
    EXPECT_EQ(answer.error().params, wrong.error().params);
  }
}

// A dummy hash is verified for unknown names: without it they would answer a hundred times faster.
TEST(SignInTiming, UnknownNamesTakeAsLongAsWrongPasswords) {
  Desk desk(store::Engine::sqlite, {.cost = {.passes = 2, .memory_bytes = std::size_t{8} << 20U}});
  desk.add("ana");
  const auto best_of = [&](std::string_view name) {
    auto best = std::chrono::nanoseconds::max();
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_FALSE(desk.sign_in(name, "wrong password", {"", ""}).has_value());
      best = std::min<std::chrono::nanoseconds>(best, std::chrono::steady_clock::now() - start);
    }
    return std::chrono::duration<double>(best).count();
  };
  const double known = best_of("ana");
  for (const char* name : {"nobody", "no such name!"}) {
    const double unknown = best_of(name);
    EXPECT_GT(unknown, known / 3) << name;
    EXPECT_LT(unknown, known * 3) << name;
  }
}

TEST_P(SignInTest, GuessesAreThrottledAlikeForKnownAndUnknownNames) {
  desk->add("ana");
  for (const char* name : {"ana", "nobody"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(reason_of(desk->sign_in(name, "wrong password")), "identity.sign_in") << i;
    }
    const auto next = desk->sign_in(name, kPassword);
    ASSERT_FALSE(next.has_value());
    EXPECT_EQ(next.error().code, ErrorCode::exhausted);
    EXPECT_EQ(next.error().reason, "identity.throttled");
    ASSERT_EQ(next.error().params.size(), 1U);
    EXPECT_EQ(next.error().params[0], (std::pair<std::string, std::string>("seconds", "1")));
  }
  desk->pass(1000);
  EXPECT_EQ(reason_of(desk->sign_in("ana")), "ok");
  for (int i = 0; i < 5; ++i) {  // the good sign-in made a clean slate
    EXPECT_EQ(reason_of(desk->sign_in("ana", "wrong password")), "identity.sign_in") << i;
  }
}

TEST_P(SignInTest, AnAttackNeverKeepsAKnownBrowserOut) {
  desk->add("ana");
  const SignedIn earlier = desk->must_sign_in("ana");
  const SignInFrom browser{std::string(kHome), earlier.device};
  for (int i = 0; i < 60; ++i) {
    static_cast<void>(desk->sign_in("ana", "wrong password", {fmt::format("10.0.{}.1", i), ""}));
    static_cast<void>(desk->sign_in("ana", "wrong password"));  // from the person's own network
  }
  EXPECT_EQ(reason_of(desk->sign_in("ana", kPassword, {"192.0.2.1", ""})), "identity.throttled");
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(reason_of(desk->sign_in("ana", "mistyped password", browser)), "identity.sign_in");
  }
  EXPECT_EQ(reason_of(desk->sign_in("ana", kPassword, browser)), "ok");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(reason_of(desk->sign_in("ana", "wrong password", browser)), "identity.sign_in");
  }
  EXPECT_EQ(reason_of(desk->sign_in("ana", kPassword, browser)), "identity.throttled")
      << "a stolen cookie is no licence to guess";
}

TEST_P(SignInTest, DeviceCookiesAreBoundToAccountAndPassword) {
  desk->add("ana");
  desk->add("eva");
  const auto first = desk->must_sign_in("ana");
  const std::string cookie = first.device;
  const auto is_known = [&](std::string_view name, const std::string& device) {
    // Strangers of this network have used up their guesses; a known browser has not.
    for (int i = 0; i < 6; ++i) {
      static_cast<void>(desk->sign_in(name, "wrong password", {"198.51.100.9", ""}));
    }
    return desk->sign_in(name, kPassword, {"198.51.100.9", device}).has_value();
  };
  EXPECT_TRUE(is_known("ana", cookie));
  EXPECT_FALSE(is_known("eva", cookie));
  std::string forged = cookie;
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_FALSE(is_known("ana", forged));
  EXPECT_FALSE(is_known("ana", cookie.substr(0, cookie.size() - 1)));
  EXPECT_FALSE(is_known("ana", ""));
  EXPECT_FALSE(is_known("ana", std::string(100'000, '~')));
  EXPECT_FALSE(is_known("ana", "..~.~" + cookie.substr(0, 16) + "..")) << "an empty random part";

  // A browser that two people share knows both, and keeps its own name.
  const auto both = desk->must_sign_in("eva", {std::string(kHome), cookie});
  EXPECT_NE(both.device.find(cookie), std::string::npos);
  EXPECT_TRUE(is_known("ana", both.device));
  EXPECT_TRUE(is_known("eva", both.device));
  const auto again = desk->must_sign_in("ana", {std::string(kHome), both.device});
  EXPECT_EQ(again.device.size(), both.device.size());
  EXPECT_NE(again.device.find(cookie), std::string::npos);
  // What a stranger puts into the cookie never comes back in a header.
  const auto dirty = desk->must_sign_in("ana", {std::string(kHome), "x; Domain=evil~" + cookie});
  EXPECT_EQ(dirty.device, cookie);

  ASSERT_TRUE(desk->accounts->set_password("ana", secret(kPassword), "operator").has_value());
  EXPECT_FALSE(is_known("ana", cookie)) << "a new password makes strangers of all browsers";
}

TEST_P(SignInTest, TheCodeIsAskedForAndWorksOnce) {
  desk->add("ana");
  const Secret key = second_factor_of("ana");
  EXPECT_TRUE(desk->accounts->get("ana")->second_factor);
  EXPECT_EQ(key.unsafe_reveal().size(), 32U);
  const std::string code = code_of(key);
  const auto done = desk->accounts->second_step(
      ticket_of("ana"), code.substr(0, 3) + " " + code.substr(3), {std::string(kHome), ""});
  ASSERT_TRUE(done.has_value()) << done.error().reason;
  const auto caller = desk->accounts->find_session(done->session.unsafe_reveal());
  ASSERT_TRUE(caller.has_value() && caller->has_value());
  EXPECT_TRUE((*caller)->second_factor);

  const std::string ticket = ticket_of("ana");
  EXPECT_EQ(reason_of(desk->accounts->second_step(ticket, code, {})), "identity.code") << "replay";
  EXPECT_EQ(reason_of(desk->accounts->second_step(ticket, code_of(key, -30'000), {})),
            "identity.code")
      << "older than the one used";
  desk->pass(30'000);
  EXPECT_EQ(reason_of(desk->accounts->second_step(ticket, code_of(key), {})), "ok");
  EXPECT_EQ(reason_of(desk->accounts->second_step(ticket, code_of(key, 30'000), {})),
            "identity.code")
      << "a ticket works once, too";
}

TEST_P(SignInTest, TwoRequestsWithOneCodeMakeOneSession) {
  desk->add("ana");
  const Secret key = second_factor_of("ana");
  const std::string tickets[] = {ticket_of("ana"), ticket_of("ana"), ticket_of("ana")};
  const std::string code = code_of(key);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (const std::string& ticket : tickets) {
      threads.emplace_back(
          [&] { good += desk->accounts->second_step(ticket, code, {}).has_value() ? 1 : 0; });
    }
  }
  EXPECT_EQ(good, 1);
  EXPECT_EQ(desk->integer("SELECT COUNT(*) FROM sessions"), 1);
}

TEST_P(SignInTest, ATicketDiesAfterFiveCodesFiveMinutesOrANewPassword) {
  desk->add("ana");
  const Secret key = second_factor_of("ana");
  auto& accounts = *desk->accounts;
  std::string ticket = ticket_of("ana", {"10.1.1.1", ""});
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(reason_of(accounts.second_step(ticket, wrong_code_of(key),
                                             {fmt::format("10.2.{}.1", i), ""})),
              "identity.code");
  }
  EXPECT_EQ(reason_of(accounts.second_step(ticket, wrong_code_of(key), {"10.3.1.1", ""})),
            "identity.code");
  EXPECT_EQ(reason_of(accounts.second_step(ticket, code_of(key), {"10.3.2.1", ""})),
            "identity.code")
      << "five were wrong";

  ticket = ticket_of("ana", {"10.1.1.1", ""});
  desk->pass(kTicketMs);
  EXPECT_EQ(reason_of(accounts.second_step(ticket, code_of(key), {"10.3.3.1", ""})), "ok")
      << "five minutes to the millisecond";
  ticket = ticket_of("ana", {"10.1.1.1", ""});
  desk->pass(kTicketMs + 1);
  EXPECT_EQ(reason_of(accounts.second_step(ticket, code_of(key), {"10.3.4.1", ""})),
            "identity.code");

  ticket = ticket_of("ana", {"10.1.1.1", ""});
  ASSERT_TRUE(accounts.set_password("ana", secret(kPassword), "operator").has_value());
  EXPECT_EQ(reason_of(accounts.second_step(ticket, code_of(key), {"10.3.5.1", ""})),
            "identity.code")
      << "the password it stands for is gone";
  for (const std::string& bad :
       {std::string(), std::string(64, '0'), std::string(1'000'000, 'a'), std::string("a\0b", 3)}) {
    EXPECT_EQ(reason_of(accounts.second_step(bad, code_of(key), {})), "identity.code");
  }
}

// Who knows the password can get as many tickets as they like, but not as many codes.
TEST_P(SignInTest, CodesAreThrottledOverAllTickets) {
  desk->add("ana");
  const Secret key = second_factor_of("ana");
  const auto device = desk->accounts->second_step(ticket_of("ana"), code_of(key), {});
  ASSERT_TRUE(device.has_value());
  desk->pass(kMinute);
  int guessed = 0;
  for (int i = 0; i < 100; ++i) {
    const SignInFrom from{fmt::format("10.0.{}.1", i), ""};
    const auto answer =
        desk->accounts->second_step(ticket_of("ana", from), wrong_code_of(key), from);
    guessed += reason_of(answer) == "identity.code" ? 1 : 0;
  }
  EXPECT_EQ(guessed, 20);
  const SignInFrom stranger{"192.0.2.1", ""};
  std::string ticket = ticket_of("ana", stranger);
  EXPECT_EQ(reason_of(desk->accounts->second_step(ticket, code_of(key), stranger)),
            "identity.throttled");
  const SignInFrom browser{std::string(kHome), device->device};
  ticket = ticket_of("ana", browser);
  EXPECT_EQ(reason_of(desk->accounts->second_step(ticket, wrong_code_of(key), browser)),
            "identity.code");
  EXPECT_EQ(reason_of(desk->accounts->second_step(ticket, code_of(key), browser)), "ok");
}

TEST_P(SignInTest, OnePersonsTicketsNeverPushOutAnothers) {
  desk->add("ana");
  const Secret key = second_factor_of("ana");
  const std::string kept = ticket_of("ana", {std::string(kHome), ""});
  for (int i = 0; i < 50; ++i) {
    static_cast<void>(ticket_of("ana", {"198.51.100.1", ""}));
  }
  EXPECT_EQ(reason_of(desk->accounts->second_step(kept, code_of(key), {})), "ok");
}

TEST_P(SignInTest, SessionsEndByThemselves) {
  desk->add("ana");
  const SignedIn idle = desk->must_sign_in("ana");
  desk->pass(kSessionIdleMs);
  EXPECT_TRUE(desk->lives(idle)) << "an hour to the millisecond";
  desk->pass(kSessionIdleMs + 1);
  EXPECT_FALSE(desk->lives(idle));

  const SignedIn busy = desk->must_sign_in("ana");
  EXPECT_EQ(desk->integer("SELECT COUNT(*) FROM sessions"), 1) << "the ended one was removed";
  for (std::int64_t used = 0; used + 30 * kMinute <= kSessionMs; used += 30 * kMinute) {
    desk->pass(30 * kMinute);
    EXPECT_TRUE(desk->lives(busy)) << used / kMinute;
  }
  desk->pass(1);
  EXPECT_FALSE(desk->lives(busy)) << "half a day in all";
  for (const std::string& bad : {std::string(), std::string(64, 'a'), std::string("x"),
                                 std::string(1'000'000, 'a'), std::string(64, '\0')}) {
    const auto caller = desk->accounts->find_session(bad);
    ASSERT_TRUE(caller.has_value());
    EXPECT_FALSE(caller->has_value());
  }
}

TEST_P(SignInTest, SigningOutEndsOneSession) {
  desk->add("ana");
  const SignedIn here = desk->must_sign_in("ana");
  const SignedIn there = desk->must_sign_in("ana");
  ASSERT_TRUE(desk->accounts->sign_out(here.session.unsafe_reveal()).has_value());
  EXPECT_FALSE(desk->lives(here));
  EXPECT_TRUE(desk->lives(there));
  EXPECT_TRUE(desk->accounts->sign_out(here.session.unsafe_reveal()).has_value()) << "again";
  EXPECT_TRUE(desk->accounts->sign_out("no such cookie").has_value());
}

TEST_P(SignInTest, WhatEndsTheSessionsOfAnAccount) {
  auto& accounts = *desk->accounts;
  desk->add("ana");
  desk->add("eva");
  const SignedIn other = desk->must_sign_in("eva");
  const auto ends = [&](auto&& change) {
    const SignedIn before = desk->must_sign_in("ana");
    EXPECT_TRUE(desk->lives(before));
    EXPECT_TRUE(change().has_value());
    return !desk->lives(before);
  };
  EXPECT_TRUE(ends([&] { return accounts.set_password("ana", secret(kPassword), "x"); }));
  EXPECT_TRUE(ends([&] { return accounts.set_second_factor("ana", "x"); }));
  EXPECT_TRUE(accounts.remove_second_factor("ana", "x").has_value());
  EXPECT_FALSE(ends([&] { return accounts.set_roles("ana", {{"coder", ""}}, "x"); }))
      << "roles are looked up at each request";
  EXPECT_TRUE(ends([&] { return accounts.set_disabled("ana", true, "x"); }));
  EXPECT_EQ(reason_of(desk->sign_in("ana", kPassword, {})), "identity.sign_in");
  EXPECT_TRUE(accounts.set_disabled("ana", false, "x").has_value());
  EXPECT_EQ(reason_of(desk->sign_in("ana", kPassword, {})), "ok");
  EXPECT_TRUE(desk->lives(other));
}

TEST_P(SignInTest, CsrfTokensBelongToOneSession) {
  desk->add("ana");
  auto& accounts = *desk->accounts;
  const auto session = [&] {
    const SignedIn in = desk->must_sign_in("ana");
    return (*accounts.find_session(in.session.unsafe_reveal()))->session;
  };
  const std::string one = session();
  const std::string two = session();
  EXPECT_TRUE(accounts.csrf_valid(one, accounts.csrf_token(one)));
  EXPECT_FALSE(accounts.csrf_valid(one, accounts.csrf_token(two)));
  EXPECT_FALSE(accounts.csrf_valid(one, ""));
  EXPECT_FALSE(accounts.csrf_valid("", accounts.csrf_token("")));
  EXPECT_EQ(accounts.csrf_token(one).find(one), std::string::npos);
}

TEST_P(SignInTest, APasswordStoredAtAnotherCostIsHashedAnew) {
  const auto prefix = [&](std::string_view cost) {
    return desk->integer("SELECT COUNT(*) FROM accounts WHERE password LIKE $1",
                         {"%" + std::string(cost) + "%"});
  };
  desk->add("ana");
  ASSERT_EQ(prefix("m=8,t=1,"), 1);
  const auto stronger = Accounts::create(*desk->store.database, *desk->ledger, desk->clock,
                                         {.cost = {.passes = 2, .memory_bytes = 16384}});
  EXPECT_EQ(reason_of(stronger->sign_in("ana", secret("wrong password"), {})), "identity.sign_in");
  EXPECT_EQ(prefix("m=8,t=1,"), 1);
  EXPECT_EQ(reason_of(stronger->sign_in("ana", secret(kPassword), {})), "ok");
  EXPECT_EQ(prefix("m=16,t=2,"), 1);
  const auto again = stronger->sign_in("ana", secret(kPassword), {});
  EXPECT_EQ(reason_of(again), "ok");
}

// A store in which something happens between the check of a password and the next write.
class HookedDatabase final : public store::Database {
 public:
  explicit HookedDatabase(store::Database& inner) : inner_(inner) {}

  std::function<void()> before_write;

  [[nodiscard]] store::Engine engine() const noexcept override { return inner_.engine(); }

  [[nodiscard]] Result<void> write(const Work& work) override {
    if (before_write) {
      std::exchange(before_write, nullptr)();
    }
    return inner_.write(work);
  }

  [[nodiscard]] Result<void> read(const Work& work) const override { return inner_.read(work); }

  [[nodiscard]] Result<store::MigrationState> migrate(
      std::span<const store::Migration> migrations) override {
    return inner_.migrate(migrations);
  }

  [[nodiscard]] Result<void> backup_to(const std::string& path) const override {
    return inner_.backup_to(path);
  }

  [[nodiscard]] Result<void> restore_from(const std::string& path) override {
    return inner_.restore_from(path);
  }

  [[nodiscard]] Result<Health> check() const override { return inner_.check(); }

 private:
  store::Database& inner_;
};

// What ends sessions must not miss the one that is just being made.
TEST(SignInRaces, AChangeDuringTheCheckOfThePasswordWins) {
  Desk desk;
  desk.add("ana");
  HookedDatabase hooked(*desk.store.database);
  const auto accounts =
      Accounts::create(hooked, *desk.ledger, desk.clock, {.cost = crypto::kPasswordCostForTests});
  const auto sign_in = [&](std::function<void()> change) {
    hooked.before_write = std::move(change);
    return reason_of(accounts->sign_in("ana", secret(kPassword), {}));
  };
  const auto sessions = [&] { return desk.integer("SELECT COUNT(*) FROM sessions"); };
  EXPECT_EQ(sign_in([&] {
              EXPECT_TRUE(desk.accounts->set_password("ana", secret(kPassword), "x").has_value());
            }),
            "identity.sign_in");
  EXPECT_EQ(sign_in([&] { EXPECT_TRUE(desk.accounts->set_second_factor("ana", "x").has_value()); }),
            "identity.sign_in");
  EXPECT_TRUE(desk.accounts->remove_second_factor("ana", "x").has_value());
  EXPECT_EQ(
      sign_in([&] { EXPECT_TRUE(desk.accounts->set_disabled("ana", true, "x").has_value()); }),
      "identity.sign_in");
  EXPECT_EQ(sessions(), 0);
  EXPECT_TRUE(desk.accounts->set_disabled("ana", false, "x").has_value());
  EXPECT_EQ(sign_in({}), "ok");
  EXPECT_EQ(sessions(), 1);
}

TEST(SignInRaces, ManyAtOnceAreAllAnswered) {
  Desk desk(store::Engine::sqlite,
            {.cost = crypto::kPasswordCostForTests, .stranger_checks_max = 2});
  desk.add("ana");
  const SignedIn known = desk.must_sign_in("ana");
  std::atomic<int> friends = 0;
  std::atomic<int> strangers = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 10; ++i) {
          const bool is_friend = t % 2 == 0;
          const auto step = desk.sign_in(
              "ana", kPassword, {fmt::format("10.{}.{}.1", t, i), is_friend ? known.device : ""});
          if (is_friend) {
            friends += step.has_value() ? 1 : 0;
          } else {
            strangers += step.has_value() || reason_of(step) == "identity.throttled" ? 1 : 0;
          }
        }
      });
    }
  }
  EXPECT_EQ(friends, 30) << "strangers' checks take no room from known browsers";
  EXPECT_EQ(strangers, 30);
}

}  // namespace
}  // namespace atalaya::identity::testing
