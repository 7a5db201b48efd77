// Goal: accounts and roles are what the administrator set, every change is one leaf of a log that
// verifies, and no secret gets into it. Method: the public interface on both engines.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include <atalaya/store/faulty.hpp>

#include "identity_fixture.hpp"

namespace atalaya::identity::testing {
namespace {

class AccountsTest : public EngineTest {};

INSTANTIATE_TEST_SUITE_P(Engines, AccountsTest, both_engines(), engine_name);

TEST_P(AccountsTest, AddsAndListsWithRolesAndOrganisation) {
  auto& accounts = *desk->accounts;
  const NewAccount ana{" Ana.Pérez ",
                       "Ana Pérez",
                       "Asamblea Nacional",
                       {{"focal_point", "PAN"}, {"editor", ""}, {"editor", ""}}};
  const auto made = accounts.add(ana, secret(kPassword), "operator");
  ASSERT_TRUE(made.has_value()) << made.error().reason;
  EXPECT_EQ(made->name, "ana.perez");
  EXPECT_EQ(made->display_name, "Ana Pérez");
  EXPECT_EQ(made->organisation, "Asamblea Nacional");
  EXPECT_EQ(made->roles, (std::vector<RoleGrant>{{"editor", ""}, {"focal_point", "PAN"}}));
  EXPECT_EQ(made->created_at, "2026-11-22T02:00:00Z");
  EXPECT_FALSE(made->disabled);
  EXPECT_FALSE(made->second_factor);
  EXPECT_EQ(made->id.size(), 16U);

  ASSERT_TRUE(accounts.add({"eva", "", "Asamblea Nacional", {}}, secret(kPassword), "operator"));
  const auto all = accounts.list();
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].name, "ana.perez");
  EXPECT_EQ((*all)[1].display_name, "");
  EXPECT_EQ(shown_name((*all)[1]), "account/" + (*all)[1].id.substr(0, 8))
      << "never the name to sign in with";
  EXPECT_EQ(shown_name((*all)[0]), "Ana Pérez");
  EXPECT_EQ(desk->integer("SELECT COUNT(*) FROM organisations"), 1);
  const auto found = accounts.get("ANA.PEREZ");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, made->id);
}

TEST_P(AccountsTest, RefusesNamesRolesAndTerritoriesThatAreNone) {
  auto& accounts = *desk->accounts;
  const auto add = [&](NewAccount account) {
    return reason_of(accounts.add(account, secret(kPassword), "operator"));
  };
  for (const std::string name : {"", "a", "an na", "анна", "a/b", "ana@x", "ana\nb"}) {
    EXPECT_EQ(add({name, "", "", {}}), "identity.name") << name;
  }
  EXPECT_EQ(add({std::string("a\0b", 3), "", "", {}}), "identity.name");
  EXPECT_EQ(add({std::string(41, 'a'), "", "", {}}), "identity.name");
  EXPECT_EQ(add({std::string(10'000'000, 'a'), "", "", {}}), "identity.name");
  EXPECT_EQ(add({"ana", std::string(121, 'x'), "", {}}), "identity.display_name");
  EXPECT_EQ(add({"ana", "two\nlines", "", {}}), "identity.display_name");
  EXPECT_EQ(add({"ana", "\xFF", "", {}}), "identity.display_name");
  EXPECT_EQ(add({"ana", "", std::string("a\0b", 3), {}}), "identity.display_name");
  EXPECT_EQ(add({"ana", "", "", {{"king", ""}}}), "identity.role");
  EXPECT_EQ(add({"ana", "", "", {{"", ""}}}), "identity.role");
  for (const std::string territory : {"pan", "P", "PANAMA-1", "PA 8", "*"}) {
    EXPECT_EQ(add({"ana", "", "", {{"reader", territory}}}), "identity.territory") << territory;
  }
  // A role of the whole node that names a territory would open nothing, and nobody would know.
  for (const std::string_view role : kRoles) {
    if (role != "focal_point" && role != "reader") {
      EXPECT_EQ(add({"ana", "", "", {{std::string(role), "PAN"}}}), "identity.role_territory");
    }
  }
  EXPECT_EQ(add({"ana", "", "", {{"focal_point", ""}}}), "identity.role_whose");
  EXPECT_EQ(add({"ana", "", "", {{"focal_point", "PA-8"}}}), "ok");
  EXPECT_EQ(add({"iris", "", "", {{"focal_point", "cicad"}}}), "ok");
  EXPECT_EQ(add({"ivo", "", "", {{"reader", "cicad"}}}), "identity.territory");
  EXPECT_EQ(add({"Ana", "", "", {}}), "identity.exists");
  EXPECT_EQ(desk->integer("SELECT COUNT(*) FROM accounts"), 2);
}

TEST_P(AccountsTest, APersonsNameLooksLikeNoRuleAndNobodyElse) {
  auto& accounts = *desk->accounts;
  int made = 0;
  const auto add = [&](std::string shown) {
    return reason_of(accounts.add({fmt::format("p{}", ++made), std::move(shown), "", {}},
                                  secret(kPassword), "operator"));
  };
  for (const char* reserved :
       {"rule", "RULE", " Rule ", "Regla", "règle", "R\u0435gra", "ru1e", "CATALOGUE", "catálogo",
        "read by a rule", "rul\u0435", "command line", "account/4f2a91c0", "An editor",
        "the rule", "set by rule", "by rule", "a rule", "una regla", "RULE (rule)"}) {
    EXPECT_EQ(add(reserved), "identity.display_name_reserved") << reserved;
  }
  for (const char* unseen : {"An\u200Ba Ruiz", "Ana\u202EziuR", "...", "Ana\u00ADRuiz"}) {
    const bool letters = std::string_view(unseen) != "...";
    EXPECT_EQ(add(unseen), letters ? "identity.display_name_invisible" : "identity.display_name")
        << unseen;
  }
  EXPECT_EQ(add("José Núñez"), "ok");
  for (const char* same : {"jose nunez", "José  Núñez", "J\u043Es\u00E9 N\u00FA\u00F1ez", "J0se Nunez"}) {
    EXPECT_EQ(add(same), "identity.display_name_taken") << same;
  }
  ASSERT_TRUE(accounts.add({"maria.sol", "", "", {}}, secret(kPassword), "operator"));
  EXPECT_EQ(add("Maria Sol"), "identity.display_name_taken") << "somebody signs in by it";
  EXPECT_EQ(add("José Núñez M."), "ok");
  EXPECT_EQ(add("Regina Rule"), "ok");
  EXPECT_EQ(add("Анна Иванова"), "ok");
  EXPECT_EQ(add(""), "ok");
  EXPECT_EQ(add(""), "ok") << "two people without a name are two";
  const std::string last = fmt::format("p{}", made);
  EXPECT_EQ(reason_of(accounts.set_display_name(last, "JOSE NUNEZ", "operator")),
            "identity.display_name_taken");
  ASSERT_TRUE(accounts.set_display_name(last, " Ola Nordmann ", "operator").has_value());
  ASSERT_TRUE(accounts.set_display_name(last, "Ola Nordmann", "operator").has_value());
  EXPECT_EQ(shown_name(*accounts.get(last)), "Ola Nordmann");
  // What an older program let through signs as nobody in particular.
  Account old;
  old.id = "0123456789abcdef";
  old.name = old.display_name = "ana";
  EXPECT_EQ(shown_name(old), "account/01234567");
  old.display_name = "Rule";
  EXPECT_EQ(shown_name(old), "account/01234567");
}

TEST_P(AccountsTest, RefusesPasswordsThatEverybodyTries) {
  auto& accounts = *desk->accounts;
  const auto add = [&](std::string_view password) {
    return reason_of(accounts.add({"beatriz", "", "", {}}, secret(password), "operator"));
  };
  EXPECT_EQ(add(""), "identity.password_short");
  EXPECT_EQ(add("eleven char"), "identity.password_short");
  EXPECT_EQ(add("ñññññañ"), "identity.password_short") << "seven characters, thirteen bytes";
  EXPECT_EQ(add(std::string(1025, 'x')), "identity.password_short");
  EXPECT_EQ(add("aaaaaaaaaaaaaa"), "identity.password_common");
  EXPECT_EQ(add("Password1234"), "identity.password_common");
  EXPECT_EQ(add("CONTRASEÑA123"), "identity.password_common");
  EXPECT_EQ(add("xxBEATRIZxx2026"), "identity.password_common");
  // Marks alone fold to nothing; that must be an answer, not a crash.
  std::string marks;
  for (int i = 0; i < 12; ++i) {
    marks += "\u0301";
  }
  EXPECT_EQ(add(marks), "identity.password_common");
  EXPECT_EQ(add("una frase que nadie adivina"), "ok");
  EXPECT_EQ(reason_of(accounts.set_password("beatriz", secret("short"), "operator")),
            "identity.password_short");
  EXPECT_EQ(reason_of(accounts.set_password("nobody", secret(kPassword), "operator")),
            "identity.not_found");
}

TEST_P(AccountsTest, UnknownAccountsAreNotFound) {
  auto& accounts = *desk->accounts;
  for (const std::string& name : {std::string("nobody"), std::string("nobody at all"),
                                  std::string("a\0b", 3), std::string(100'000, 'x')}) {
    EXPECT_EQ(reason_of(accounts.get(name)), "identity.not_found");
    EXPECT_EQ(reason_of(accounts.set_roles(name, {}, "operator")), "identity.not_found");
    EXPECT_EQ(reason_of(accounts.set_disabled(name, true, "operator")), "identity.not_found");
    EXPECT_EQ(reason_of(accounts.set_second_factor(name, "operator")), "identity.not_found");
    EXPECT_EQ(reason_of(accounts.remove_second_factor(name, "operator")), "identity.not_found");
    EXPECT_EQ(reason_of(accounts.tokens(name)), "identity.not_found");
    EXPECT_EQ(reason_of(accounts.add_token(name, "t", {"a:b"}, 1, "operator")),
              "identity.not_found");
  }
}

TEST_P(AccountsTest, KeepsTheLastAdministrator) {
  auto& accounts = *desk->accounts;
  desk->add("eva", {{"editor", ""}});
  // A node that never had one may change freely: the operator has the command line.
  EXPECT_EQ(reason_of(accounts.set_disabled("eva", true, "operator")), "ok");
  desk->add("ana", {{"administrator", ""}});
  desk->add("max", {{"reader", "PAN"}});  // lets nobody else in
  EXPECT_EQ(reason_of(accounts.set_roles("ana", {{"editor", ""}}, "operator")),
            "identity.last_administrator");
  EXPECT_EQ(reason_of(accounts.set_roles("ana", {{"reader", "PAN"}}, "operator")),
            "identity.last_administrator");
  EXPECT_EQ(reason_of(accounts.set_disabled("ana", true, "operator")),
            "identity.last_administrator");
  EXPECT_EQ(accounts.get("ana")->roles, (std::vector<RoleGrant>{{"administrator", ""}}));
  EXPECT_FALSE(accounts.get("ana")->disabled);
  desk->add("leo", {{"administrator", ""}});
  EXPECT_EQ(reason_of(accounts.set_disabled("ana", true, "operator")), "ok");
  EXPECT_EQ(reason_of(accounts.set_disabled("leo", true, "operator")),
            "identity.last_administrator");
}

TEST_P(AccountsTest, TwoAdministratorsCannotDisableEachOtherAtOnce) {
  for (int round = 0; round < 5; ++round) {
    const std::string a = fmt::format("a{}", round);
    const std::string b = fmt::format("b{}", round);
    desk->add(a, {{"administrator", ""}});
    desk->add(b, {{"administrator", ""}});
    for (int old = 0; old < round; ++old) {
      for (const char* letter : {"a", "b"}) {
        static_cast<void>(
            desk->accounts->set_disabled(fmt::format("{}{}", letter, old), true, "x"));
      }
    }
    std::thread first([&] { static_cast<void>(desk->accounts->set_disabled(a, true, "x")); });
    static_cast<void>(desk->accounts->set_disabled(b, true, "x"));
    first.join();
    EXPECT_NE(desk->accounts->get(a)->disabled, desk->accounts->get(b)->disabled);
  }
}

TEST_P(AccountsTest, EveryChangeIsInALogThatVerifiesAndHoldsNoSecret) {
  auto& accounts = *desk->accounts;
  const Account ana = desk->add("ana", {{"administrator", ""}});
  const auto totp = accounts.set_second_factor("ana", "operator");
  ASSERT_TRUE(totp.has_value());
  ASSERT_TRUE(accounts.remove_second_factor("ana", ana.id).has_value());
  const SignedIn signed_in = desk->must_sign_in("ana");
  const auto token = accounts.add_token("ana", "loader", {"commitments:write"}, 5, ana.id);
  ASSERT_TRUE(token.has_value());
  const auto tokens = accounts.tokens("ana");
  ASSERT_TRUE(tokens.has_value());
  ASSERT_TRUE(accounts.revoke_token(tokens->front().id, ana.id).has_value());
  desk->add("eva");
  ASSERT_TRUE(accounts.set_roles("eva", {{"reader", "PAN"}}, ana.id).has_value());
  ASSERT_TRUE(accounts.set_password("eva", secret("another long password"), ana.id).has_value());
  ASSERT_TRUE(accounts.set_disabled("eva", true, ana.id).has_value());
  ASSERT_TRUE(accounts.set_disabled("eva", false, ana.id).has_value());

  const std::string log = desk->log_text();
  for (const char* kind :
       {"identity.account.added", "identity.second_factor.set", "identity.second_factor.removed",
        "identity.signed_in", "identity.token.added", "identity.token.revoked",
        "identity.roles.set", "identity.password.set", "identity.account.disabled",
        "identity.account.enabled"}) {
    EXPECT_NE(log.find(std::string(kind) + " account/"), std::string::npos) << kind;
  }
  EXPECT_NE(log.find("account/" + ana.id), std::string::npos);
  EXPECT_NE(log.find("reader@PAN"), std::string::npos);
  const std::string_view token_text = token->unsafe_reveal();
  const std::string_view cookie = signed_in.session.unsafe_reveal();
  for (const std::string_view secret_text :
       {kPassword, std::string_view("another long password"), totp->unsafe_reveal(), token_text,
        token_text.substr(8), cookie, std::string_view(signed_in.device),
        std::string_view("$argon2"), std::string_view("ana\""), std::string_view("eva")}) {
    EXPECT_EQ(log.find(secret_text), std::string::npos) << secret_text;
  }
  const auto report = desk->ledger->verify();
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->ok());
  EXPECT_EQ(report->size, static_cast<std::uint64_t>(std::ranges::count(log, '\n')));
}

TEST_P(AccountsTest, TheStoreHoldsNoPasswordCookieOrToken) {
  auto& accounts = *desk->accounts;
  desk->add("ana");
  const SignedIn signed_in = desk->must_sign_in("ana");
  const auto token = accounts.add_token("ana", "loader", {"commitments:write"}, 5, "operator");
  ASSERT_TRUE(token.has_value());
  for (const std::string_view secret_text :
       {kPassword, signed_in.session.unsafe_reveal(), token->unsafe_reveal()}) {
    EXPECT_EQ(desk->integer("SELECT (SELECT COUNT(*) FROM accounts WHERE password = $1) + (SELECT "
                            "COUNT(*) FROM sessions WHERE id = $1) + (SELECT COUNT(*) FROM "
                            "api_tokens WHERE id = $1)",
                            {std::string(secret_text)}),
              0);
  }
}

// A disk that fills up at any statement leaves either the whole change or nothing of it.
TEST(AccountsFaults, NoFailureLeavesHalfAChange) {
  Desk desk;
  desk.add("ana", {{"administrator", ""}});
  store::FaultyDatabase faulty(*desk.store.database);
  const auto accounts =
      Accounts::create(faulty, *desk.ledger, desk.clock, {.cost = crypto::kPasswordCostForTests});
  const auto state = [&] {
    return std::vector<std::int64_t>{desk.integer("SELECT COUNT(*) FROM accounts"),
                                     desk.integer("SELECT COUNT(*) FROM account_roles"),
                                     desk.integer("SELECT COUNT(*) FROM organisations"),
                                     desk.integer("SELECT COUNT(*) FROM sessions"),
                                     desk.integer("SELECT COUNT(*) FROM ledger_leaves"),
                                     desk.integer("SELECT SUM(totp_step) FROM accounts")};
  };
  const auto before = state();
  std::int64_t n = 1;
  for (;; ++n) {
    faulty.fail_at(n);
    const auto made = accounts->add({"eva", "", "Senado", {{"editor", ""}, {"reader", "PAN"}}},
                                    secret(kPassword), "operator");
    if (faulty.steps() < n) {
      ASSERT_TRUE(made.has_value());
      break;
    }
    EXPECT_EQ(reason_of(made), "store.disk_full");
    EXPECT_EQ(state(), before) << n;
  }
  EXPECT_GT(n, 4);
  const auto added = state();
  for (n = 1;; ++n) {
    faulty.fail_at(n);
    const auto step =
        accounts->sign_in("eva", secret(kPassword), {fmt::format("10.0.{}.1", n), ""});
    if (faulty.steps() < n) {
      ASSERT_TRUE(step.has_value());
      break;
    }
    EXPECT_EQ(reason_of(step), "store.disk_full");
    EXPECT_EQ(state(), added) << n;
  }
}

}  // namespace
}  // namespace atalaya::identity::testing
