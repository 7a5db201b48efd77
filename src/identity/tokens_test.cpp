// Goal: a token opens what its scopes name, until it expires, is revoked or its account changes.
// Method: the public interface on both engines, with a clock that is set.
#include <gtest/gtest.h>

#include "identity_fixture.hpp"

namespace atalaya::identity::testing {
namespace {

constexpr std::int64_t kDay = 86'400'000;

class TokensTest : public EngineTest {
 protected:
  Secret token(std::int64_t days = 30,
               const std::vector<std::string>& scopes = {"commitments:write", "me:read"}) {
    auto made = desk->accounts->add_token("ana", " loader ", scopes, days, "operator");
    EXPECT_TRUE(made.has_value()) << made.error().reason;
    return *std::move(made);
  }

  bool opens(const Secret& token_text) {
    const auto caller = desk->accounts->find_token(token_text.unsafe_reveal());
    EXPECT_TRUE(caller.has_value());
    return caller.has_value() && caller->has_value();
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, TokensTest, both_engines(), engine_name);

TEST_P(TokensTest, OpensWithItsScopesAndIsListedWithoutItsText) {
  desk->add("ana", {{"editor", ""}});
  const Secret text = token();
  EXPECT_TRUE(text.unsafe_reveal().starts_with("atalaya_"));
  EXPECT_EQ(text.unsafe_reveal().size(), 8U + 64U);
  const auto caller = desk->accounts->find_token(text.unsafe_reveal());
  ASSERT_TRUE(caller.has_value() && caller->has_value());
  EXPECT_EQ((*caller)->account.name, "ana");
  EXPECT_EQ((*caller)->account.roles, (std::vector<RoleGrant>{{"editor", ""}}));
  EXPECT_EQ((*caller)->scopes, (std::vector<std::string>{"commitments:write", "me:read"}));
  const auto listed = desk->accounts->tokens("ana");
  ASSERT_TRUE(listed.has_value());
  ASSERT_EQ(listed->size(), 1U);
  EXPECT_EQ(listed->front().name, "loader");
  EXPECT_EQ(listed->front().expires_at, "2026-12-22T02:00:00Z");
  EXPECT_FALSE(listed->front().revoked);
  EXPECT_EQ(text.unsafe_reveal().find(listed->front().id), std::string_view::npos);
}

TEST_P(TokensTest, RefusesWhatIsNoTokenDescription) {
  desk->add("ana");
  const auto add = [&](std::string_view name, const std::vector<std::string>& scopes,
                       std::int64_t days) {
    return reason_of(desk->accounts->add_token("ana", name, scopes, days, "operator"));
  };
  EXPECT_EQ(add("", {"a:b"}, 1), "identity.token");
  EXPECT_EQ(add("  ", {"a:b"}, 1), "identity.token");
  EXPECT_EQ(add("two\nlines", {"a:b"}, 1), "identity.token");
  EXPECT_EQ(add(std::string(101, 'x'), {"a:b"}, 1), "identity.token");
  EXPECT_EQ(add("\xFF", {"a:b"}, 1), "identity.token");
  EXPECT_EQ(add("t", {}, 1), "identity.token");
  EXPECT_EQ(add("t", {""}, 1), "identity.token");
  EXPECT_EQ(add("t", {"a b"}, 1), "identity.token") << "would become two scopes";
  EXPECT_EQ(add("t", {"A:B"}, 1), "identity.token");
  EXPECT_EQ(add("t", std::vector<std::string>(51, "a:b"), 1), "identity.token");
  EXPECT_EQ(add("t", {"a:b"}, 0), "identity.token");
  EXPECT_EQ(add("t", {"a:b"}, kTokenDaysMax + 1), "identity.token");
  EXPECT_EQ(add("t", {"a:b"}, INT64_MAX), "identity.token");
  EXPECT_EQ(desk->integer("SELECT COUNT(*) FROM api_tokens"), 0);
  EXPECT_EQ(add("t", {"a:b"}, kTokenDaysMax), "ok");
}

TEST_P(TokensTest, Expires) {
  desk->add("ana");
  const Secret text = token(1);
  desk->pass(kDay - 1);
  EXPECT_TRUE(opens(text));
  desk->pass(1);
  EXPECT_FALSE(opens(text));
  desk->pass((kTokenDaysMax + 1) * kDay);
  const Secret next = token(1);
  EXPECT_EQ(desk->accounts->tokens("ana")->size(), 1U) << "what ended long ago was removed";
}

TEST_P(TokensTest, EndsByRevokingPasswordAndDisabling) {
  desk->add("ana");
  auto& accounts = *desk->accounts;
  const Secret kept = token();
  const Secret revoked = token();
  const auto listed = accounts.tokens("ana");
  ASSERT_TRUE(listed.has_value());
  for (const auto& info : *listed) {
    const auto before = opens(kept) && opens(revoked);
    EXPECT_TRUE(before);
    ASSERT_TRUE(accounts.revoke_token(info.id, "operator").has_value());
    EXPECT_NE(opens(kept), opens(revoked));
    break;
  }
  EXPECT_EQ(reason_of(accounts.revoke_token("nothing", "operator")), "identity.token.not_found");
  EXPECT_EQ(reason_of(accounts.revoke_token("", "operator")), "identity.token.not_found");

  const Secret by_password = token();
  ASSERT_TRUE(accounts.set_password("ana", secret(kPassword), "operator").has_value());
  EXPECT_FALSE(opens(by_password));
  const Secret by_disabling = token();
  ASSERT_TRUE(accounts.set_disabled("ana", true, "operator").has_value());
  EXPECT_FALSE(opens(by_disabling));
  ASSERT_TRUE(accounts.set_disabled("ana", false, "operator").has_value());
  EXPECT_FALSE(opens(by_disabling)) << "enabling gives back the password only";
}

TEST_P(TokensTest, OtherTextsOpenNothing) {
  desk->add("ana");
  const Secret text = token();
  const std::string good(text.unsafe_reveal());
  std::string changed = good;
  changed.back() = changed.back() == '0' ? '1' : '0';
  for (const std::string& bad :
       {std::string(), std::string("atalaya_"), changed, good + "0", good.substr(1),
        "ATALAYA_" + good.substr(8), "atalaya_" + std::string(64, '\0'), good.substr(8),
        desk->accounts->tokens("ana")->front().id, std::string(1'000'000, 'a')}) {
    EXPECT_FALSE(opens(Secret(bad)));
  }
}

}  // namespace
}  // namespace atalaya::identity::testing
