// Goal: a browser can sign in and out, and nothing that a stranger sends gets it elsewhere or into
// another's session. Method: the program's routes over a node in a temporary folder, asked by a
// browser that keeps cookies.
#include "handlers_identity.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <rapidcheck/gtest.h>

#include <atalaya/base/json.hpp>

#include "serving_fixture.hpp"

namespace atalaya::api::testing {
namespace {

class SignInPages : public ::testing::Test {
 protected:
  ServedNode node;
  Browser browser{node};
};

std::string set_cookie_of(const http::Response& response, std::string_view name) {
  for (const http::Header& header : response.headers) {
    if (header.name == "Set-Cookie" && header.value.starts_with(std::string(name) + "=")) {
      return header.value;
    }
  }
  return {};
}

std::string ticket_in(const http::Response& response) {
  const std::string_view page = response.text();
  const std::size_t at = page.find("name=\"ticket\" value=\"");
  return at == std::string_view::npos ? std::string() : std::string(page.substr(at + 21, 64));
}

TEST_F(SignInPages, SignsInWithCookiesThatScriptsAndOtherSitesCannotUse) {
  node.add("ana", {{"editor", ""}});
  EXPECT_EQ(browser.get("/es/sign-in?next=/es/desk").status, 200);
  const auto done = browser.sign_in("ana", kPassword, "/es/search?q=armas");
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(done.headers.get("Location"), "/es/search?q=armas");
  EXPECT_EQ(done.headers.get("Cache-Control"), "no-store");
  const std::string session = set_cookie_of(done, kSessionCookie);
  EXPECT_NE(session.find("; Path=/; HttpOnly; SameSite=Strict"), std::string::npos) << session;
  EXPECT_EQ(session.find("Max-Age"), std::string::npos) << "ends with the browser";
  EXPECT_EQ(session.find("Secure"), std::string::npos) << "this request came without TLS";
  const std::string device = set_cookie_of(done, kDeviceCookie);
  EXPECT_NE(device.find("; HttpOnly; SameSite=Strict; Max-Age=15552000"), std::string::npos);
  const auto again = browser.get("/en/sign-in?next=/pt/themes");
  EXPECT_EQ(again.status, 303) << "already signed in";
  EXPECT_EQ(again.headers.get("Location"), "/pt/themes");

  node.secure = true;
  Browser other(node);
  EXPECT_NE(set_cookie_of(other.sign_in("ana"), kSessionCookie).find("; Secure"),
            std::string::npos);
}

TEST_F(SignInPages, SaysWhoAsks) {
  node.add("ana", {{"editor", ""}, {"reader", "PAN"}});
  EXPECT_EQ(browser.get("/api/v1/me").status, 401);
  ASSERT_EQ(browser.sign_in("ana").status, 303);
  const auto me = browser.get("/api/v1/me");
  ASSERT_EQ(me.status, 200);
  const auto body = parse_json(me.text(), "me");
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(body->at("name").as_string(), "account/" + node.accounts->get("ana")->id.substr(0, 8))
      << "pages never show the name to sign in with";
  EXPECT_EQ(body->at("roles"), (json::array{"editor"})) << "reader@PAN says where ana comes from";
  EXPECT_TRUE(body->at("csrf").is_string());
  EXPECT_EQ(me.headers.get("Cache-Control"), "private, no-store");
  EXPECT_EQ(me.text().find(browser.cookies["atalaya_session"]), std::string_view::npos);
}

TEST_F(SignInPages, AWrongPasswordShowsTheFormAgainAndKeepsNothing) {
  node.add("ana", {{"editor", ""}});
  const auto wrong = browser.sign_in("ana", "wrong <password>", "/es/themes");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(set_cookie_of(wrong, kSessionCookie), "");
  EXPECT_NE(wrong.text().find("value=\"ana\""), std::string_view::npos);
  EXPECT_NE(wrong.text().find("value=\"/es/themes\""), std::string_view::npos);
  EXPECT_EQ(wrong.text().find("wrong &lt;password"), std::string_view::npos);
  EXPECT_EQ(wrong.text().find("wrong <password"), std::string_view::npos);
  const auto unknown = browser.sign_in("eva", "wrong <password>", "/es/themes");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.text().size(), wrong.text().size()) << "nothing says which of the two it was";
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(browser.sign_in("ana", "wrong password").status, 401);
  }
  const auto slow = browser.sign_in("ana");
  EXPECT_EQ(slow.status, 429);
  EXPECT_EQ(slow.headers.get("Retry-After"), "1");
}

TEST_F(SignInPages, AsksForTheCodeInASecondStep) {
  node.add("ana", {{"editor", ""}});
  const auto key = node.accounts->set_second_factor("ana", "operator");
  ASSERT_TRUE(key.has_value());
  const auto first = browser.sign_in("ana", kPassword, "/es/themes");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(set_cookie_of(first, kSessionCookie), "");
  const std::string ticket = ticket_in(first);
  ASSERT_EQ(ticket.size(), 64U);
  const auto wrong = browser.post("/en/sign-in", {{"ticket", ticket}, {"code", "no code"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(ticket_in(wrong), ticket) << "the same ticket, to try again";
  EXPECT_EQ(browser.get("/api/v1/me").status, 401);
  // The key as the authenticator app has it (RFC 4648 base 32) gives the code.
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : key->unsafe_reveal()) {
    bits = (bits << 5U) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    count += 5;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<char>(bits >> count & 0xFFU));
    }
  }
  const std::string code = crypto::totp(Secret(bytes), kStart);
  const auto done =
      browser.post("/en/sign-in", {{"ticket", ticket}, {"code", code}, {"next", "/es/themes"}});
  EXPECT_EQ(done.status, 303);
  EXPECT_EQ(done.headers.get("Location"), "/es/themes");
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
}

TEST_F(SignInPages, SigningInAlwaysMakesAFreshSession) {
  node.add("ana", {{"editor", ""}});
  const std::string planted(64, 'a');
  browser.cookies["atalaya_session"] = planted;
  ASSERT_EQ(browser.sign_in("ana").status, 303);
  const std::string first = browser.cookies["atalaya_session"];
  EXPECT_NE(first, planted);
  ASSERT_EQ(browser.sign_in("ana").status, 303);
  EXPECT_NE(browser.cookies["atalaya_session"], first);
  const auto old = node.accounts->find_session(first);
  ASSERT_TRUE(old.has_value());
  EXPECT_FALSE(old->has_value()) << "one session for one browser";
  // A neighbouring site can plant a second cookie, but not choose the session.
  const std::string mine = browser.cookies["atalaya_session"];
  const auto me = [&](const std::string& cookie) {
    return node.send(http::Method::get, "/api/v1/me", {{"Cookie", cookie}}).status;
  };
  EXPECT_EQ(me("atalaya_session=" + mine), 200);
  EXPECT_EQ(me("x=1;  atalaya_session=" + mine + " ; y"), 200);
  EXPECT_EQ(me("atalaya_session=" + planted + "; atalaya_session=" + mine), 401);
  EXPECT_EQ(me("Atalaya_session=" + mine), 401);
  EXPECT_EQ(
      node.send(http::Method::get, "/api/v1/me",
                {{"Cookie", "atalaya_session=" + planted}, {"cookie", "atalaya_session=" + mine}})
          .status,
      401);
}

TEST_F(SignInPages, SignsOutWithTheTokenOfTheFormOnly) {
  node.add("ana", {{"editor", ""}});
  ASSERT_EQ(browser.sign_in("ana").status, 303);
  EXPECT_EQ(browser.post("/es/sign-out", {}).status, 403);
  EXPECT_EQ(browser.post("/es/sign-out", {{"csrf", std::string(64, '0')}}).status, 403);
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
  const auto body = parse_json(browser.get("/api/v1/me").text(), "me");
  ASSERT_TRUE(body.has_value());
  const std::string csrf(body->at("csrf").as_string());
  const auto out = browser.post("/es/sign-out", {{"csrf", csrf}});
  EXPECT_EQ(out.status, 303);
  EXPECT_EQ(out.headers.get("Location"), "/es");
  EXPECT_FALSE(browser.cookies.contains("atalaya_session"));
  EXPECT_TRUE(browser.cookies.contains("atalaya_device")) << "the browser stays known";
  EXPECT_EQ(browser.get("/api/v1/me").status, 401);
  EXPECT_EQ(browser.post("/es/sign-out", {}).status, 303) << "again, without a session";
}

TEST_F(SignInPages, OtherSitesCannotSignSomebodyIn) {
  node.add("ana", {{"editor", ""}});
  const std::string body = "name=ana&password=" + http::percent_encode(kPassword);
  const auto ask = [&](std::string_view header, std::string_view value) {
    return node.send(http::Method::post, "/en/sign-in",
                     {{"Content-Type", "application/x-www-form-urlencoded"},
                      {std::string(header), std::string(value)}},
                     body);
  };
  const auto from = [&](std::string_view header, std::string_view value) {
    return ask(header, value).status;
  };
  EXPECT_EQ(from("Sec-Fetch-Site", "cross-site"), 403);
  EXPECT_EQ(from("Sec-Fetch-Site", "same-site"), 403);
  EXPECT_EQ(from("Origin", "https://evil.example"), 403);
  EXPECT_EQ(from("Origin", "null"), 403);
  EXPECT_EQ(from("Origin", "http://node.example"), 303);
  EXPECT_EQ(from("Origin", "http://NODE.example"), 303);
  EXPECT_EQ(from("Origin", "http://node.example.evil.example"), 403);
  // Browsers from before Origin was sent with forms.
  EXPECT_EQ(from("Referer", "https://evil.example/?http://node.example/"), 403);
  EXPECT_EQ(from("Referer", "http://node.example@evil.example/"), 403);
  EXPECT_EQ(from("Referer", "http://node.example/en/sign-in?next=/en/desk"), 303);
  EXPECT_EQ(from("X-Other", "a program"), 303);
  const auto refused = ask("Origin", "https://evil.example");
  EXPECT_EQ(set_cookie_of(refused, kSessionCookie), "");
  EXPECT_NE(refused.text().find("another site"), std::string_view::npos) << refused.text();
  // Plain HTTP can be changed on the way; the TLS side does not take its word.
  node.secure = true;
  EXPECT_EQ(from("Origin", "http://node.example"), 403);
  EXPECT_EQ(from("Origin", "https://node.example"), 303);
}

TEST(SignInRates, OtherSitesUseUpNothing) {
  std::array<Rate, 7> rates{};
  rates[static_cast<std::size_t>(RateClass::sign_in)] = {0.001, 2};
  ServedNode node(rates);
  node.add("ana", {{"editor", ""}});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(node.send(http::Method::post, "/en/sign-in",
                        {{"Content-Type", "application/x-www-form-urlencoded"},
                         {"Origin", "https://evil.example"}},
                        "name=ana&password=x")
                  .status,
              403);
  }
  EXPECT_EQ(Browser(node).sign_in("ana").status, 303);
}

// Whoever guesses from the same address (a ministry behind one router) locks no colleague out.
TEST(SignInRates, GuessesFromOneAddressKeepNoKnownBrowserOut) {
  std::array<Rate, 7> rates{};
  rates[static_cast<std::size_t>(RateClass::sign_in)] = {0.001, 2};
  ServedNode node(rates);
  node.add("ana", {{"editor", ""}});
  node.add("eva", {{"editor", ""}});
  Browser ana(node);
  ASSERT_EQ(ana.sign_in("ana").status, 303);
  for (int i = 0; i < 4; ++i) {
    Browser stranger(node);
    static_cast<void>(stranger.sign_in("nobody"));
  }
  EXPECT_EQ(Browser(node).sign_in("eva").status, 429);
  EXPECT_EQ(ana.sign_in("ana").status, 303);
  Browser forger(node);
  forger.cookies["atalaya_device"] = ana.cookies["atalaya_device"];
  forger.cookies["atalaya_device"].back() ^= 1;
  EXPECT_EQ(forger.sign_in("ana").status, 429);
}

TEST_F(SignInPages, ATokenWithoutAScopeIsAReader) {
  node.add("ana", {{"editor", ""}, {"publisher", ""}, {"expert", ""}, {"coder", ""}});
  const auto token = node.accounts->add_token("ana", "t", {"me:read"}, 1, "operator");
  ASSERT_TRUE(token.has_value());
  const std::string bearer = "Bearer " + std::string(token->unsafe_reveal());
  for (const char* page : {"/en/", "/en/checklists", "/en/registers", "/en/sign-in"}) {
    const auto reader = node.send(http::Method::get, page);
    const auto holder = node.send(http::Method::get, page, {{"Authorization", bearer}});
    EXPECT_EQ(holder.status, reader.status) << page;
    EXPECT_EQ(holder.text(), reader.text()) << page;
  }
}

TEST_F(SignInPages, OnlyTheMachineItselfIsToldItsOwnName) {
  const auto page = [&](std::string_view host, std::string_view peer) {
    node.peer = peer;
    return std::string(
        node.send(http::Method::get, "/en/methods", {{"Host", std::string(host)}}).text());
  };
  const std::string_view whole = "href=\"http://";
  EXPECT_NE(page("127.0.0.1:8420", "127.0.0.1").find("href=\"http://127.0.0.1:8420/en/methods\""),
            std::string::npos);
  EXPECT_NE(page("[::1]:8420", "::1").find(whole), std::string::npos);
  EXPECT_NE(page("localhost", "127.0.0.1").find(whole), std::string::npos);
  for (const char* host : {"evil.example", "127.evil.example", "localhost.evil.example",
                           "127.0.0.1.evil.example:80", "127.0.0.1:", "evil.example:8420"}) {
    const std::string html = page(host, "127.0.0.1");
    EXPECT_EQ(html.find(whole), std::string::npos) << host;
    EXPECT_EQ(html.find(".example"), std::string::npos) << host;
    EXPECT_NE(html.find("rel=\"canonical\" href=\"/en/methods\""), std::string::npos) << host;
  }
  EXPECT_EQ(page("127.0.0.1:8420", "203.0.113.7").find(whole), std::string::npos)
      << "a proxy's name for the node is nobody else's";
  node.node.origin = "https://node.example";
  EXPECT_NE(page("evil.example", "203.0.113.7").find("https://node.example/en/methods"),
            std::string::npos);
}

TEST_F(SignInPages, TokensAreForPrograms) {
  node.add("ana", {{"editor", ""}});
  const auto token = node.accounts->add_token("ana", "t", {"me:read"}, 1, "operator");
  const auto other = node.accounts->add_token("ana", "t", {"other:read"}, 1, "operator");
  ASSERT_TRUE(token.has_value() && other.has_value());
  const auto me = [&](std::string_view scheme, std::string_view value) {
    return node.send(http::Method::get, "/api/v1/me",
                     {{"Authorization", std::string(scheme) + std::string(value)}});
  };
  const auto good = me("Bearer ", token->unsafe_reveal());
  EXPECT_EQ(good.status, 200);
  const auto body = parse_json(good.text(), "me");
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(body->at("scopes"), (json::array{"me:read"}));
  EXPECT_TRUE(body->at("csrf").is_null());
  EXPECT_EQ(me("bearer  ", token->unsafe_reveal()).status, 200) << "schemes have no case";
  EXPECT_EQ(me("Bearer ", other->unsafe_reveal()).status, 403);
  EXPECT_EQ(me("Bearer ", "atalaya_" + std::string(64, '0')).status, 401);
  EXPECT_EQ(me("Bearer ", "").status, 401);
  EXPECT_EQ(me("Basic ", "YW5hOnB3").status, 401) << "nobody, as without the header";
  // A wrong token is an error also where everybody may read: the program must learn of it.
  EXPECT_EQ(
      node.send(http::Method::get, "/api/openapi.json", {{"Authorization", "Bearer x"}}).status,
      401);
  node.clock->set(UtcTime{kStart.ms + 86'400'000});
  EXPECT_EQ(me("Bearer ", token->unsafe_reveal()).status, 401) << "expired";
}

// When somebody signed in is proved to everybody and told to auditors alone.
TEST_F(SignInPages, TheLogTellsNobodyWhoSignedInWhen) {
  node.add("ana", {{"editor", ""}});
  node.add("aud", {{"auditor", ""}});
  ASSERT_EQ(browser.sign_in("aud").status, 303);
  ASSERT_EQ(must(node.ledger->checkpoint()).size, must(node.ledger->size()));
  Browser stranger(node), editor(node);
  ASSERT_EQ(editor.sign_in("ana").status, 303);
  must(node.ledger->checkpoint());
  int hidden = 0;
  for (std::uint64_t leaf = 0; leaf < must(node.ledger->size()); ++leaf) {
    const std::string path = fmt::format("/api/v1/ledger/inclusion?leaf={}", leaf);
    const auto told = browser.get(path);
    const auto& key = node.ledger->verifier();
    const auto all = must(ledger::check_proof(told.text(), key));
    EXPECT_EQ(told.headers.get("Cache-Control"), "private, no-store");
    for (Browser* other : {&stranger, &editor}) {
      const auto seen = must(ledger::check_proof(other->get(path).text(), key));
      const bool is_private = all.leaf.kind.starts_with("identity.");
      EXPECT_EQ(seen.leaf.kind, is_private ? "" : all.leaf.kind);
      hidden += is_private ? 1 : 0;
    }
  }
  EXPECT_GE(hidden, 8) << "two accounts, two sign-ins, seen by two";
}

class ClausePages : public SignInPages {
 protected:
  void SetUp() override {
    node.add("ana", {{"editor", ""}});
    node.add("ben", {{"editor", ""}});
    must(node.accounts->set_display_name("ana", "Ana Editora", "operator"));
    id = must(node.desk->list({}, Language::en, 1, 0)).rows.front().id;
    must(node.database->write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(
          "INSERT INTO clauses(commitment, ordinal, span_begin, span_end, language, verb, "
          "verb_printed, addressee, addressee_printed, deliverable, due, formulation, qualifiers, "
          "set_by) VALUES ($1, 1, 0, 0, 'en', 'do', '', 'states', '', 'synthetic', '2009', 'firm', "
          "'[]', 'rule')",
          {id}));
      ATALAYA_TRY(
          tx.execute("INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, "
                     "set_by) VALUES ($1, 1, '2009', 'deadline', 'by 2009', 0, 'rule')",
                     {id}));
      return {};
    }));
  }

  std::vector<std::pair<std::string, std::string>> form(Browser& who, std::string_view verb,
                                                        std::string_view due) {
    const auto page = who.get("/en/commitments/" + id + "/clauses");
    const std::string_view text = page.text();
    const auto value = [&](std::string_view name) {
      const std::string start = fmt::format("name=\"{}\" value=\"", name);
      const std::size_t at = text.find(start) + start.size();
      return std::string(text.substr(at, text.find('"', at) - at));
    };
    EXPECT_NE(text.find("maxlength=\"200\""), std::string_view::npos);
    return {
        {"csrf", value("csrf")},     {"version", value("version")}, {"ordinal", "1"},
        {"verb", std::string(verb)}, {"addressee", "states"},       {"deliverable", "synthetic"},
        {"due", std::string(due)},   {"formulation", "firm"},       {"reason", "it was misread"}};
  }

  std::string id;
};

bool has_words(const http::Response& response, std::string_view words) {
  return response.text().find(words) != std::string_view::npos;
}

TEST_F(ClausePages, TwoEditorsDoNotOverwriteEachOtherAndACorrectedDateStandsEverywhere) {
  Browser ben(node);
  ASSERT_EQ(browser.sign_in("ana").status, 303);
  ASSERT_EQ(ben.sign_in("ben").status, 303);
  const auto mine = form(browser, "build", "2019");
  const auto theirs = form(ben, "abolish", "");
  const std::string path = "/en/commitments/" + id + "/clauses";
  ASSERT_EQ(browser.post(path, mine).status, 303) << node.last_error;
  const auto refused = ben.post(path, theirs);
  ASSERT_EQ(refused.status, 409);
  EXPECT_TRUE(has_words(refused, "value=\"abolish\"")) << "one's own work is kept";
  EXPECT_TRUE(has_words(refused, "Saved while you were writing"));
  EXPECT_TRUE(has_words(refused, "Ana Editora"));
  EXPECT_TRUE(has_words(refused, "build")) << "the other's stands beside it";
  for (const std::string& where :
       {"/api/v1/commitments/" + id, std::string("/api/v1/deadlines"), "/en/commitments/" + id}) {
    const auto shown = browser.get(where);
    ASSERT_EQ(shown.status, 200) << where;
    EXPECT_TRUE(has_words(shown, "2019")) << where;
    EXPECT_FALSE(has_words(shown, "by 2009")) << where;
  }
  ASSERT_EQ(ben.post(path, form(ben, "abolish", "")).status, 303);
  EXPECT_FALSE(has_words(browser.get("/api/v1/deadlines"), id + "/1"));
  const auto history = ben.get(path);
  EXPECT_TRUE(has_words(history, "2009 → 2019"));
  EXPECT_TRUE(has_words(history, "an editor")) << "ben has no name to show";
  EXPECT_FALSE(has_words(history, ">ben")) << "and signs in by another one";

  const auto token =
      must(node.accounts->add_token("ana", "t", {"commitments:write"}, 1, "operator"));
  const auto put = [&](std::string body) {
    return node.send(http::Method::put, "/api/v1/commitments/" + id + "/clauses/1",
                     {{"Authorization", "Bearer " + std::string(token.unsafe_reveal())},
                      {"Content-Type", "application/json"}},
                     std::move(body));
  };
  EXPECT_EQ(put(R"({"version":2,"reason":"r","verb":"x","addressee":"states",)"
                R"("deliverable":"d","formulation":"firm"})")
                .status,
            400)
      << "a date left out withdraws nothing";
  EXPECT_EQ(put(R"({"version":1,"reason":"r","back":true})").status, 409);
  EXPECT_EQ(put(R"({"version":2,"reason":"r","back":true})").status, 200) << node.last_error;
  EXPECT_TRUE(has_words(browser.get("/api/v1/deadlines"), id + "/1"));
}

TEST(SafeNext, LeadsOnlyToPagesOfThisNode) {
  for (const char* good : {"/", "/es", "/es/commitments/x?a=b&c=d#e", "/es/desk/import"}) {
    EXPECT_EQ(safe_next(good, Language::es), good);
  }
  for (const std::string bad :
       {"", "es", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil",
        "https://e.x/", "javascript:alert(1)", "/\tevil", "/es\r\nSet-Cookie: a=b", " /es",
        "/es /x", "/es/sign-in", "/es/sign-in?next=/es/sign-in", "/es/sign-in/", "/es/sign-out"}) {
    EXPECT_EQ(safe_next(bad, Language::es), "/es") << bad;
  }
  EXPECT_EQ(safe_next("/" + std::string(2000, 'a'), Language::fr), "/fr");
}

RC_GTEST_PROP(SafeNext, NeverStartsAnotherSite, (const std::string& text)) {
  const std::string next = safe_next("/" + text, Language::en);
  RC_ASSERT(next.starts_with('/'));
  RC_ASSERT(!next.starts_with("//"));
  RC_ASSERT(next.find_first_of("\\\r\n\t ") == std::string::npos);
}

}  // namespace
}  // namespace atalaya::api::testing
