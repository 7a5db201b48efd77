// The dispatcher without a network: a table of small routes, ports that are lambdas, requests made
// by the protocol's own parser. What is asserted are answers as a client sees them.

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <boost/describe.hpp>

#include <atalaya/api/dispatcher.hpp>
#include <atalaya/api/node.hpp>
#include <atalaya/http/target.hpp>

#include "problem.hpp"
#include "router_json.hpp"
#include "router_rate.hpp"
#include "router_table.hpp"

namespace atalaya::api {

enum class Colour { red, blue };
BOOST_DESCRIBE_ENUM(Colour, red, blue)

struct ThingPart {
  std::string name;
  std::optional<std::int32_t> count;
};
BOOST_DESCRIBE_STRUCT(ThingPart, (), (name, count))

struct Thing {
  std::string id;
  Colour colour = Colour::red;
  std::vector<ThingPart> parts;
  std::map<std::string, std::string> title;
  std::optional<CivilDate> due;
  bool firm = false;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, colour, parts, title, due, firm))

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

int g_writes = 0;

Result<http::Response> echo(const Call& call, Node&) {
  std::string text = std::string(call.route.name) + " " + std::string(to_string(call.language));
  for (const auto& [name, value] : call.params) {
    text += "|" + std::string(name) + "=" + value;
  }
  return http::respond(200, "text/plain", text);
}

Result<http::Response> missing(const Call& call, Node&) {
  return fail(Error{ErrorCode::not_found,
                    "things.not_found",
                    "row 7 of table secret",
                    {{"id", std::string(call.text("id"))}}});
}

Result<http::Response> throws(const Call&, Node&) {
  throw std::runtime_error("secret");
}

Result<http::Response> write_thing(const Call& call, Node&) {
  const Thing thing = ATALAYA_TRY(read_body<Thing>(call));
  ++g_writes;
  return json_response(thing, 201);
}

Result<http::Response> list_things(const Call& call, Node&) {
  const std::vector<std::string> after = ATALAYA_TRY(read_cursor(call));
  const std::vector<std::string> next = {after.empty() ? "1" : after.front() + "1"};
  return http::respond(200, "text/plain", next_cursor(call, next));
}

std::vector<Route> table() {
  const std::vector<Answer> ok = {{.status = 200, .about = "Text", .media_type = "text/plain"}};
  std::vector<Route> routes = {
      {.path = "/{lang}/", .name = "home", .kind = Kind::page, .handler = &echo},
      {.path = "/{lang}/things/{id}",
       .name = "thing_page",
       .kind = Kind::page,
       .params = {{.name = "id", .type = ParamType::id}},
       .handler = &missing},
      {.path = "/assets/{file...}",
       .name = "asset",
       .kind = Kind::file,
       .rate = RateClass::none,
       .params = {{.name = "file", .type = ParamType::rest}},
       .handler = &echo},
      {.path = "/api/v1/things/{id}",
       .name = "get_thing",
       .summary = "One",
       .params = {{.name = "id", .type = ParamType::id},
                  {.name = "q", .min = 2, .max = 5},
                  {.name = "n", .type = ParamType::integer, .min = 1, .max = 9, .fallback = "3"},
                  {.name = "on", .type = ParamType::date},
                  {.name = "tag", .type = ParamType::choice, .repeats = true, .values = {"a", "b"}},
                  {.name = "deep", .type = ParamType::flag}},
       .answers = {{.status = 200, .about = "It", .schema = schema_of<Thing>()},
                   {.status = 200, .about = "It", .media_type = "text/csv"}},
       .handler = &echo},
      {.path = "/api/v1/things/newest",
       .name = "get_newest_thing",
       .summary = "The newest",
       .cross_origin = true,
       .answers = ok,
       .handler = &echo},
      {.path = "/api/v1/things",
       .name = "list_things",
       .summary = "All",
       .params = {{.name = "cursor", .type = ParamType::cursor},
                  {.name = "kind", .type = ParamType::id}},
       .answers = ok,
       .handler = &list_things},
      {.method = http::Method::post,
       .path = "/api/v1/things",
       .name = "post_thing",
       .summary = "Make one",
       .roles = {Role::editor, Role::coder},
       .scope = "things:write",
       .rate = RateClass::write,
       .body_bytes_max = 1000,
       .event = "thing.made",
       .request = schema_of<Thing>(),
       .answers = {{.status = 201, .about = "Made", .schema = schema_of<Thing>()}},
       .problems = {409},
       .handler = &write_thing},
      {.path = "/api/v1/throws",
       .name = "throws",
       .summary = "x",
       .answers = ok,
       .handler = &throws},
      {.path = "/api/v1/absent/{id}",
       .name = "absent",
       .summary = "x",
       .params = {{.name = "id", .type = ParamType::id}},
       .answers = ok,
       .handler = &missing},
  };
  for (Route& route : system_routes({Role::administrator})) {
    routes.push_back(std::move(route));
  }
  return routes;
}

Caller person(RoleSet roles, bool cookie) {
  Caller caller;
  caller.account = "a1";
  caller.roles = roles;
  caller.by_cookie = cookie;
  return caller;
}

struct Rig {
  Node nothing;  // without a desk: the router needs none
  std::shared_ptr<FixedClock> clock = std::make_shared<FixedClock>(UtcTime{1'000'000});
  std::vector<std::string> log;
  std::vector<std::string> audited;
  std::vector<std::string> errors;
  Caller caller;
  std::unique_ptr<Dispatcher> dispatcher;

  explicit Rig(std::vector<Route> routes = table()) {
    DispatcherOptions options;
    options.clock = clock;
    options.ports.authenticate = [this](const http::Request& request) -> Result<Caller> {
      if (request.headers.get("Authorization") == "Bearer wrong") {
        return fail(ErrorCode::unauthenticated, "identity.token");
      }
      return caller;
    };
    options.ports.csrf_valid = [](const Caller&, std::string_view token) {
      return token == "good";
    };
    options.ports.message = [](Language language, std::string_view reason, const MessageParams& p) {
      return reason == "things.not_found"
                 ? std::string(to_string(language)) + ": no thing " + p.front().second
                 : std::string();
    };
    options.ports.access_log = [this](const AccessLine& line) {
      log.push_back(std::string(line.method) + " " + std::string(line.route) + " " +
                    std::to_string(line.status));
    };
    options.ports.audit = [this](const AuditEvent& event) -> Result<void> {
      audited.push_back(std::string(event.event) + " " + event.call.caller.account);
      return {};
    };
    options.ports.error_log = [this](std::string_view, const Error& error) {
      errors.push_back(error.detail);
    };
    auto made = Dispatcher::create(std::move(routes), nothing, std::move(options));
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().detail);
    dispatcher = std::move(*made);
  }

  http::Response send(http::Method method, std::string_view target,
                      std::vector<http::Header> headers = {}, std::string body = {}) {
    http::Request request;
    request.method = method;
    request.method_name = http::to_string(method);
    auto parsed = http::parse_target(target, http::Limits{});
    EXPECT_TRUE(parsed.has_value());
    request.target = parsed->origin;
    request.path = parsed->path;
    request.segments = parsed->segments;
    request.query = parsed->query;
    request.peer = "192.0.2.1";
    request.request_id = "r1";
    request.body = std::move(body);
    request.headers.add("Host", "node.example");
    for (const http::Header& header : headers) {
      request.headers.add(header.name, header.value);
    }
    return dispatcher->handle(request);
  }

  http::Response get(std::string_view target, std::vector<http::Header> headers = {}) {
    return send(http::Method::get, target, std::move(headers));
  }
};

std::string reason_of(const http::Response& response) {
  EXPECT_EQ("application/problem+json", response.headers.get("Content-Type"));
  const json::value problem = json::parse(json::string_view(response.text()));
  EXPECT_EQ(response.status, problem.at("status").as_int64());
  EXPECT_EQ("r1", problem.at("request_id").as_string());
  EXPECT_EQ("urn:atalaya:problem:" + std::string(problem.at("reason").as_string()),
            std::string(problem.at("type").as_string()));
  return std::string(problem.at("reason").as_string());
}

TEST(Router, LiteralBeatsParameterAndOnlyFourLanguagesMatch) {
  Rig rig;
  EXPECT_EQ("get_newest_thing en", rig.get("/api/v1/things/newest").text());
  EXPECT_EQ("get_thing en|id=x|n=3", rig.get("/api/v1/things/x").text());
  EXPECT_EQ("home pt", rig.get("/pt/").text());
  EXPECT_EQ(404, rig.get("/de/").status);
  EXPECT_EQ("asset en|file=css/a/b.css", rig.get("/assets/css/a/b.css").text());
  EXPECT_EQ(404, rig.get("/assets/").status);
}

TEST(Router, LanguageComesFromAddressThenParameterThenHeader) {
  Rig rig;
  const http::Header spanish{"Accept-Language", "es-MX, en;q=0.5"};
  EXPECT_EQ("home fr", rig.get("/fr/?lang=pt", {spanish}).text());
  EXPECT_THAT(rig.get("/api/v1/things/x?lang=pt", {spanish}).text(), StartsWith("get_thing pt"));
  const http::Response answer = rig.get("/api/v1/things/x", {spanish});
  EXPECT_THAT(answer.text(), StartsWith("get_thing es"));
  EXPECT_EQ("es", answer.headers.get("Content-Language"));
  EXPECT_THAT(std::string(answer.headers.get("Vary")), HasSubstr("Accept-Language"));
}

TEST(Router, MethodsHeadAllowAndTrailingSlash) {
  Rig rig;
  EXPECT_EQ(200, rig.send(http::Method::head, "/api/v1/things/x").status);
  const http::Response no = rig.send(http::Method::put, "/api/v1/things");
  EXPECT_EQ(405, no.status);
  EXPECT_EQ("api.method", reason_of(no));
  EXPECT_EQ("GET, HEAD, POST, OPTIONS", no.headers.get("Allow"));
  const http::Response options = rig.send(http::Method::options, "/api/v1/things");
  EXPECT_EQ(204, options.status);
  EXPECT_EQ("GET, HEAD, POST, OPTIONS", options.headers.get("Allow"));
  EXPECT_EQ(405, rig.send(http::Method::other, "/api/v1/things").status);
  const http::Response slash = rig.get("/pt?x=1");
  EXPECT_EQ(308, slash.status);
  EXPECT_EQ("/pt/?x=1", slash.headers.get("Location"));
  EXPECT_EQ(404, rig.get("/api/v1/things/x/").status);
}

struct BadParam {
  const char* target;
  const char* reason;
  const char* param;
};

TEST(Router, ParametersAreCheckedAndNamed) {
  Rig rig;
  const BadParam cases[] = {
      {"/api/v1/things/x?foo=1", "api.param.unknown", "foo"},
      {"/api/v1/things/x?id=y", "api.param.unknown", "id"},
      {"/api/v1/things/x?q=ab&q=cd", "api.param.repeated", "q"},
      {"/api/v1/things/x?q=a", "api.param.bad", "q"},
      {"/api/v1/things/x?q=abcdef", "api.param.bad", "q"},
      {"/api/v1/things/x?q=a%09b", "api.param.bad", "q"},
      {"/api/v1/things/x?n=0", "api.param.bad", "n"},
      {"/api/v1/things/x?n=1x", "api.param.bad", "n"},
      {"/api/v1/things/x?n=", "api.param.bad", "n"},
      {"/api/v1/things/x?on=2026-02-30", "api.param.bad", "on"},
      {"/api/v1/things/x?tag=c", "api.param.bad", "tag"},
      {"/api/v1/things/x?deep=yes", "api.param.bad", "deep"},
      {"/api/v1/things/x?lang=de", "api.param.bad", "lang"},
      {"/api/v1/things/-x", "api.param.bad", "id"},
      {"/api/v1/things/a%20b", "api.param.bad", "id"},
  };
  for (const BadParam& bad : cases) {
    const http::Response answer = rig.get(bad.target);
    EXPECT_EQ(400, answer.status) << bad.target;
    EXPECT_EQ(bad.reason, reason_of(answer)) << bad.target;
    EXPECT_THAT(std::string(answer.text()),
                HasSubstr("\"name\":\"" + std::string(bad.param) + "\""));
  }
  // Characters are counted, not bytes.
  EXPECT_EQ(
      "get_thing en|id=x|q=ñandú|n=9|on=2024-02-29|tag=a|tag=b|deep=true",
      rig.get("/api/v1/things/x?q=%C3%B1and%C3%BA&n=9&on=2024-02-29&tag=a&tag=b&deep=true").text());
  EXPECT_EQ(200, rig.get("/en/?fbclid=abc").status);  // pages live with what other sites append
}

TEST(Router, ErrorsKeepTheOperatorsDetailAndSpeakTheCallersLanguage) {
  Rig rig;
  const http::Response answer = rig.get("/api/v1/absent/x9?lang=pt");
  EXPECT_EQ(404, answer.status);
  EXPECT_EQ("things.not_found", reason_of(answer));
  EXPECT_THAT(std::string(answer.text()),
              AllOf(HasSubstr("pt: no thing x9"), HasSubstr("Não encontrado"),
                    HasSubstr("\"params\":{\"id\":\"x9\"}"), Not(HasSubstr("secret"))));
  EXPECT_EQ("no-store", answer.headers.get("Cache-Control"));
  const http::Response page = rig.get("/fr/things/x9");
  EXPECT_EQ(404, page.status);
  EXPECT_THAT(std::string(page.headers.get("Content-Type")), StartsWith("text/plain"));
  EXPECT_THAT(std::string(page.text()), HasSubstr("fr: no thing x9"));
  EXPECT_EQ("api.threw", reason_of(rig.get("/api/v1/throws")));
  EXPECT_EQ(std::vector<std::string>{"secret"}, rig.errors);
}

TEST(Router, RolesAreDeniedByDefault) {
  Rig rig;
  const std::string body = R"({"id":"a","colour":"red","parts":[],"title":{},"firm":true})";
  const std::vector<http::Header> as_json = {{"Content-Type", "application/json"}};
  const auto post = [&](std::vector<http::Header> more = {}) {
    more.push_back(as_json.front());
    return rig.send(http::Method::post, "/api/v1/things", more, body);
  };
  const http::Response nobody = post();
  EXPECT_EQ(401, nobody.status);
  EXPECT_EQ("api.sign_in", reason_of(nobody));
  EXPECT_EQ("Bearer", nobody.headers.get("WWW-Authenticate"));
  for (const Role role : kRoles) {
    rig.caller = person({role}, false);
    const bool allowed = role == Role::editor || role == Role::coder;
    EXPECT_EQ(allowed ? 201 : 403, post().status) << to_string(role);
  }
  EXPECT_EQ((std::vector<std::string>{"thing.made a1", "thing.made a1"}), rig.audited);
  rig.caller = person({Role::editor}, false);
  rig.caller.by_token = true;
  EXPECT_EQ("api.scope", reason_of(post()));
  rig.caller.scopes = {"things:write"};
  EXPECT_EQ(201, post().status);
  rig.caller = person({Role::editor}, true);
  EXPECT_EQ("api.csrf", reason_of(post()));
  EXPECT_EQ("api.csrf", reason_of(post({{"X-CSRF-Token", "bad"}})));
  EXPECT_EQ(201, post({{"X-CSRF-Token", "good"}}).status);
  EXPECT_EQ("api.cross_site",
            reason_of(post({{"X-CSRF-Token", "good"}, {"Sec-Fetch-Site", "cross-site"}})));
  EXPECT_EQ("api.cross_site",
            reason_of(post({{"X-CSRF-Token", "good"}, {"Sec-Fetch-Site", "same-site"}})));
  EXPECT_EQ("api.cross_site",
            reason_of(post({{"X-CSRF-Token", "good"}, {"Origin", "https://evil.example"}})));
  EXPECT_EQ("api.cross_site", reason_of(post({{"X-CSRF-Token", "good"}, {"Origin", "null"}})));
  EXPECT_EQ(201, post({{"X-CSRF-Token", "good"}, {"Origin", "https://node.example"}}).status);
  EXPECT_EQ(401, rig.get("/api/v1/things/x", {{"Authorization", "Bearer wrong"}}).status);
}

TEST(Router, SweepOfEveryRouteAndRole) {
  Rig rig;
  std::size_t denied = 0;
  const std::vector<SweepCase> cases = sweep_cases(rig.dispatcher->routes());
  EXPECT_EQ(rig.dispatcher->routes().size() * (std::size(kRoles) + 1), cases.size());
  for (const SweepCase& one : cases) {
    rig.caller = one.role ? person({*one.role}, false) : Caller{};
    const int status = rig.send(one.route->method, one.target).status;
    const std::string what =
        one.target + " as " + (one.role ? std::string(to_string(*one.role)) : "nobody");
    if (one.allowed) {
      EXPECT_TRUE(status != 401 && status != 403 && status != 405) << what << ": " << status;
    } else {
      ++denied;
      EXPECT_EQ(one.role ? 403 : 401, status) << what;
    }
  }
  EXPECT_EQ(19U, denied);  // 9 of 11 may not write, 10 of 11 may not see the metrics
}

TEST(Router, BodiesAreReadStrictly) {
  Rig rig;
  rig.caller = person({Role::editor}, false);
  const auto post = [&](const std::string& body, std::string_view type = "application/json") {
    return rig.send(http::Method::post, "/api/v1/things", {{"Content-Type", std::string(type)}},
                    body);
  };
  const std::string good =
      R"({"id":"a","colour":"blue","parts":[{"name":"p"},{"name":"q","count":7}],)"
      R"("title":{"en":"T"},"due":"2024-02-29","firm":false})";
  const http::Response made = post(good);
  EXPECT_EQ(201, made.status);
  EXPECT_EQ(
      R"({"id":"a","colour":"blue","parts":[{"name":"p","count":null},{"name":"q","count":7}],)"
      R"("title":{"en":"T"},"due":"2024-02-29","firm":false})",
      made.text());
  const auto field = [&](const std::string& body) {
    const http::Response answer = post(body);
    const json::value problem = json::parse(json::string_view(answer.text()));
    return reason_of(answer) + " " + std::string(problem.at("params").at("field").as_string());
  };
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string body = good;
    body.replace(body.find(from), from.size(), to);
    return field(body);
  };
  EXPECT_EQ("api.body.unknown_field parts[1].cuont", with("\"count\":7", "\"cuont\":7"));
  EXPECT_EQ("api.body.wrong_type parts[1].count", with("\"count\":7", "\"count\":\"7\""));
  EXPECT_EQ("api.body.wrong_type parts[1].count", with("\"count\":7", "\"count\":7.5"));
  EXPECT_EQ("api.body.wrong_type parts[1].count", with("\"count\":7", "\"count\":99999999999"));
  EXPECT_EQ("api.body.missing_field id", with("\"id\":\"a\",", ""));
  EXPECT_EQ("api.body.wrong_type colour", with("\"blue\"", "\"green\""));
  EXPECT_EQ("api.body.wrong_type due", with("2024-02-29", "2023-02-29"));
  EXPECT_EQ("api.body.wrong_type title.en", with("\"T\"", "null"));
  EXPECT_EQ("api.body.wrong_type .", field("[]"));
  EXPECT_EQ("base.json.bad", reason_of(post("{")));
  EXPECT_EQ("base.json.bad", reason_of(post("\"\xff\"")));
  EXPECT_EQ("base.json.bad", reason_of(post("")));
  const http::Response wrong = post(good, "text/plain");
  EXPECT_EQ(415, wrong.status);
  EXPECT_EQ("api.body.media_type", reason_of(wrong));
}

TEST(Router, IdempotencyKeyAnswersOnce) {
  Rig rig;
  rig.caller = person({Role::editor}, false);
  g_writes = 0;
  const std::string body = R"({"id":"a","colour":"red","parts":[],"title":{},"firm":true})";
  const auto post = [&](const std::string& text) {
    return rig.send(http::Method::post, "/api/v1/things",
                    {{"Content-Type", "application/json"}, {"Idempotency-Key", "k1"}}, text);
  };
  EXPECT_EQ(201, post(body).status);
  const http::Response again = post(body);
  EXPECT_EQ(201, again.status);
  EXPECT_EQ("true", again.headers.get("Idempotency-Replayed"));
  EXPECT_EQ(1, g_writes);
  EXPECT_EQ("api.idempotency.reused", reason_of(post(body + " ")));
  for (const std::string& key : {std::string(), std::string("a b"), std::string(121, 'k')}) {
    const http::Response bad =
        rig.send(http::Method::post, "/api/v1/things",
                 {{"Content-Type", "application/json"}, {"Idempotency-Key", key}}, body);
    EXPECT_EQ("api.idempotency.bad", reason_of(bad));
  }
  rig.caller.account = "a2";
  EXPECT_EQ(201, post(body).status);
  EXPECT_EQ(2, g_writes);
}

TEST(Router, RatesAreKeptPerAccountOrPeer) {
  Rig rig;
  int served = 0;
  while (rig.get("/api/v1/things/x").status == 200 && served < 1000) {
    ++served;
  }
  EXPECT_EQ(400, served);
  const http::Response no = rig.get("/api/v1/things/x");
  EXPECT_EQ(429, no.status);
  EXPECT_EQ("1", no.headers.get("Retry-After"));
  Problem told{.status = 429, .params = {{"minutes", "11"}}};
  EXPECT_EQ("660", problem_response(told).headers.get("Retry-After"));
  EXPECT_EQ(200, rig.get("/healthz").status);
  rig.caller = person({Role::reader}, false);
  EXPECT_EQ(200, rig.get("/api/v1/things/x").status);
  rig.caller = Caller{};
  rig.clock->set(UtcTime{1'000'010});
  EXPECT_EQ(200, rig.get("/api/v1/things/x").status);
  EXPECT_EQ(429, rig.get("/api/v1/things/x").status);
}

TEST(Router, GuessingTokensIsSlowedPerPeer) {
  Rig rig;
  const http::Header wrong{"Authorization", "Bearer wrong"};
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(401, rig.get("/api/v1/things/x", {wrong}).status);
  }
  EXPECT_EQ(429, rig.get("/api/v1/things/x", {wrong}).status);
  EXPECT_EQ(200, rig.get("/api/v1/things/x").status);
}

TEST(RateLimiter, MemoryIsBounded) {
  RateLimiter limiter(100);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(limiter.take(std::to_string(i), Rate{1, 2}, 0));
  }
  EXPECT_LE(limiter.size(), 100U);
}

TEST(Router, CursorsBelongToTheirList) {
  Rig rig;
  const std::string first(rig.get("/api/v1/things?kind=k").text());
  EXPECT_EQ(200, rig.get("/api/v1/things?kind=k&cursor=" + first).status);
  EXPECT_EQ("api.cursor", reason_of(rig.get("/api/v1/things?kind=other&cursor=" + first)));
  std::string flipped = first;
  flipped.back() = flipped.back() == '0' ? '1' : '0';
  EXPECT_EQ("api.cursor", reason_of(rig.get("/api/v1/things?kind=k&cursor=" + flipped)));
  EXPECT_EQ("api.cursor", reason_of(rig.get("/api/v1/things?cursor=zz")));
}

TEST(Router, OtherSitesReadOpenDataOnlyAndPrivatePagesAreNotStored) {
  Rig rig;
  EXPECT_EQ("*", rig.get("/api/v1/things/newest").headers.get("Access-Control-Allow-Origin"));
  EXPECT_FALSE(rig.get("/api/v1/things/x").headers.has("Access-Control-Allow-Origin"));
  EXPECT_EQ("no-cache", rig.get("/api/v1/things/x").headers.get("Cache-Control"));
  rig.caller = person({Role::reader}, true);
  EXPECT_EQ("private, no-store", rig.get("/api/v1/things/x").headers.get("Cache-Control"));
}

TEST(Router, AccessLogAndMetricsNameRoutesNotRequests) {
  Rig rig;
  rig.get("/api/v1/things/personal-id?q=secret");
  rig.get("/nowhere/secret");
  EXPECT_EQ((std::vector<std::string>{"GET /api/v1/things/{id} 400", "GET - 404"}), rig.log);
  rig.dispatcher->add_gauges([] { return std::vector<Gauge>{{"atalaya_test", "Help", 2.5}}; });
  EXPECT_EQ(401, rig.get("/metrics").status);
  rig.caller = person({Role::administrator}, false);
  const http::Response answer = rig.get("/metrics");
  EXPECT_THAT(
      std::string(answer.text()),
      AllOf(HasSubstr("atalaya_requests_total{route=\"get_thing\",status=\"400\"} 1\n"),
            HasSubstr("atalaya_requests_total{route=\"none\",status=\"404\"} 1\n"),
            HasSubstr("atalaya_request_seconds_bucket{route=\"get_thing\",le=\"+Inf\"} 1\n"),
            HasSubstr("\natalaya_test 2.5\n"), Not(HasSubstr("secret"))));
}

TEST(Router, ServerRefusalsAreProblemsToo) {
  Rig rig;
  http::Request head;
  head.request_id = "r1";
  head.headers.add("Accept-Language", "fr");
  const http::Response answer = rig.dispatcher->refuse(431, "http.header.too_big", head);
  EXPECT_EQ(431, answer.status);
  EXPECT_EQ("http.header.too_big", reason_of(answer));
  head.method = http::Method::post;
  head.segments = {"api", "v1", "things"};
  head.path = "/api/v1/things";
  EXPECT_EQ(1000U, rig.dispatcher->body_limit(head));
  head.segments = {"api", "v1", "nothing"};
  EXPECT_EQ(0U, rig.dispatcher->body_limit(head));
}

// Who may not call a route learns so before a byte of the body is read.
TEST(Router, AnswersBeforeTheBodyWhoMayNotSendOne) {
  Rig rig;
  http::Request head;
  head.method = http::Method::post;
  head.segments = {"api", "v1", "things"};
  head.path = "/api/v1/things";
  head.target = head.path;
  const auto stranger = rig.dispatcher->before_body(head);
  ASSERT_TRUE(stranger.has_value());
  EXPECT_EQ(401, stranger->status);
  rig.caller = person({Role::reader}, true);
  const auto reader = rig.dispatcher->before_body(head);
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ(403, reader->status);
  rig.caller = person({Role::editor}, true);
  EXPECT_FALSE(rig.dispatcher->before_body(head).has_value());  // the token stands in the body
  head.segments = {"api", "v1", "nothing"};
  EXPECT_FALSE(rig.dispatcher->before_body(head).has_value());
}

// Nothing at such an address reads a body, so that its size is not what is wrong.
TEST(Router, RefusesABodyWhereNothingReadsOneByAddressAndMethod) {
  Rig rig;
  const auto refused = [&](std::string_view target, http::Method method) {
    http::Request head;
    head.method = method;
    head.method_name = http::to_string(method);
    const auto parsed = http::parse_target(target, http::Limits{});
    head.target = parsed->origin;
    head.path = parsed->path;
    head.segments = parsed->segments;
    head.request_id = "r1";
    return rig.dispatcher->refuse(413, "http.body.too_big", head);
  };
  const auto method = refused("/pt/", http::Method::post);
  EXPECT_EQ(405, method.status);
  EXPECT_THAT(std::string(method.headers.get("Allow")), testing::HasSubstr("GET"));
  EXPECT_EQ("pt", method.headers.get("Content-Language"));
  EXPECT_EQ(404, refused("/pt/nowhere", http::Method::post).status);
  EXPECT_EQ(413, refused("/pt/", http::Method::get).status);
}

// The path of such an address was never read; what a browser accepts and how it begins are known.
TEST(Router, AnswersAddressesThatCannotBeReadToBrowsersWithPages) {
  Rig rig;
  http::Request head;
  head.target = "/es/search?q=%";
  head.request_id = "r1";
  head.headers.add("Accept", "text/html,application/xhtml+xml");
  const auto page = rig.dispatcher->refuse(400, "http.target.encoding", head);
  EXPECT_EQ(400, page.status);
  EXPECT_NE("application/problem+json", page.headers.get("Content-Type"));
  EXPECT_EQ("es", page.headers.get("Content-Language"));
  head.target = "/api/v1/things?q=%";
  EXPECT_EQ("application/problem+json",
            rig.dispatcher->refuse(400, "http.target.encoding", head).headers.get("Content-Type"));
}

// --- The table ----------------------------------------------------------------------------------

TEST(RouteTable, RefusesWhatIsWrongWithIt) {
  const std::vector<Answer> ok = {{.status = 200, .about = "x"}};
  const Route good = {.path = "/api/a/{id}",
                      .name = "a",
                      .summary = "x",
                      .params = {{.name = "id", .type = ParamType::id}},
                      .answers = ok,
                      .handler = &echo};
  EXPECT_TRUE(RouteTable::create({good}));
  const auto broken = [&](auto change, bool twice = false) {
    Route route = good;
    change(route);
    std::vector<Route> routes = {route};
    if (twice) {
      routes.push_back(good);
    }
    const auto table_made = RouteTable::create(routes);
    return !table_made && table_made.error().reason == "api.table";
  };
  EXPECT_TRUE(broken([](Route& r) { r.handler = nullptr; }));
  EXPECT_TRUE(broken([](Route& r) { r.name = ""; }));
  EXPECT_TRUE(broken([](Route& r) { r.roles = RoleSet(); }));
  EXPECT_TRUE(broken([](Route& r) { r.path = "api"; }));
  EXPECT_TRUE(broken([](Route& r) { r.path = "/api/{other}"; }));
  EXPECT_TRUE(broken([](Route& r) { r.path = "/api/x{id}"; }));
  EXPECT_TRUE(broken([](Route& r) { r.path = "/api/{id...}/x"; }));
  EXPECT_TRUE(broken([](Route& r) { r.params.push_back(r.params.front()); }));
  EXPECT_TRUE(
      broken([](Route& r) { r.params.push_back({.name = "c", .type = ParamType::choice}); }));
  EXPECT_TRUE(broken([](Route& r) { r.params.push_back({.name = "lang"}); }));
  EXPECT_TRUE(broken([](Route& r) { r.answers.clear(); }));
  EXPECT_TRUE(broken([](Route& r) { r.body_bytes_max = 5; }));
  EXPECT_TRUE(broken([](Route& r) { r.method = http::Method::head; }));
  EXPECT_TRUE(broken([](Route& r) {
    r.method = http::Method::post;
    r.roles = {Role::editor};
  }));
  EXPECT_TRUE(broken([](Route& r) {
    r.roles = {Role::editor};
    r.cross_origin = true;
  }));
  EXPECT_TRUE(broken([](Route&) {}, true));                   // the same name
  EXPECT_TRUE(broken([](Route& r) { r.name = "b"; }, true));  // the same shape
  EXPECT_FALSE(broken(
      [](Route& r) {
        r.name = "b";
        r.path = "/api/a/b";
        r.params.clear();
      },
      true));
}

// --- OpenAPI ------------------------------------------------------------------------------------

void collect_refs(const json::value& value, std::set<std::string>& refs) {
  if (const auto* object = value.if_object()) {
    for (const auto& pair : *object) {
      if (pair.key() == "$ref") {
        refs.insert(std::string(pair.value().as_string()));
      }
      collect_refs(pair.value(), refs);
    }
  } else if (const auto* array = value.if_array()) {
    for (const auto& element : *array) {
      collect_refs(element, refs);
    }
  }
}

TEST(OpenApi, EveryReferenceResolvesAndOperationsAreUnique) {
  Rig rig;
  const json::value document = json::parse(json::string_view(rig.dispatcher->openapi()));
  EXPECT_EQ("3.1.0", document.at("openapi").as_string());
  std::set<std::string> refs;
  collect_refs(document, refs);
  EXPECT_TRUE(refs.contains("#/components/schemas/Thing"));
  EXPECT_TRUE(refs.contains("#/components/schemas/ThingPart"));
  for (const std::string& ref : refs) {
    std::error_code error;
    ASSERT_TRUE(ref.starts_with("#/"));
    EXPECT_NE(nullptr, document.find_pointer(ref.substr(1), error)) << ref;
  }
  std::set<std::string> names;
  std::size_t operations = 0;
  for (const auto& path : document.at("paths").as_object()) {
    EXPECT_TRUE(path.key().starts_with("/"));
    for (const auto& operation : path.value().as_object()) {
      ++operations;
      names.insert(std::string(operation.value().at("operationId").as_string()));
      std::size_t in_path = 0;
      for (const json::value& parameter : operation.value().at("parameters").as_array()) {
        const auto* place = parameter.as_object().if_contains("in");
        in_path += place != nullptr && place->as_string() == "path" ? 1U : 0U;
      }
      EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(path.key(), '{')), in_path);
    }
  }
  EXPECT_EQ(operations, names.size());
  const auto api_routes = std::ranges::count(rig.dispatcher->routes(), Kind::api, &Route::kind);
  EXPECT_EQ(static_cast<std::size_t>(api_routes), operations);
}

TEST(OpenApi, DocumentsWhatARouteAnswers) {
  Rig rig;
  const json::value document = json::parse(json::string_view(rig.dispatcher->openapi()));
  const json::object& post =
      document.at("paths").at("/api/v1/things").at("post").at("responses").as_object();
  for (const char* status :
       {"201", "400", "401", "403", "409", "413", "415", "429", "500", "503"}) {
    EXPECT_TRUE(post.contains(status)) << status;
  }
  const json::object& get =
      document.at("paths").at("/api/v1/things/{id}").at("get").at("responses").as_object();
  EXPECT_TRUE(get.contains("404"));
  EXPECT_TRUE(get.contains("304"));
  EXPECT_FALSE(get.contains("413"));
  EXPECT_EQ(2U, get.at("200").at("content").as_object().size());
  const json::value& thing = document.at("components").at("schemas").at("Thing");
  EXPECT_EQ(json::parse(R"(["id","colour","parts","title","firm"])"), thing.at("required"));
  EXPECT_EQ(json::parse(R"(["red","blue"])"), thing.at("properties").at("colour").at("enum"));
}

// --- Properties ---------------------------------------------------------------------------------

RC_GTEST_PROP(RouterJson, ReadsWhatItWrites,
              (const std::string& id, const std::string& key,
               const std::vector<std::int32_t>& counts, bool firm)) {
  Thing thing;
  thing.id = id;
  thing.title[key] = id;
  thing.firm = firm;
  for (const std::int32_t count : counts) {
    thing.parts.push_back(ThingPart{key, count == 0 ? std::nullopt : std::optional(count)});
  }
  const json::value value = to_json(thing);
  const auto read = from_json<Thing>(value, "");
  RC_ASSERT(read.has_value());
  RC_ASSERT(to_json(*read) == value);
}

TEST(RouterJson, WritesNumbersAsPeopleDo) {
  const json::value value = {{"a", 2.5},
                             {"b", 0.0},
                             {"c", json::array{1, -3, nullptr, true}},
                             {"d", "é\"\n"},
                             {"e", std::numeric_limits<double>::infinity()}};
  EXPECT_EQ("{\"a\":2.5,\"b\":0,\"c\":[1,-3,null,true],\"d\":\"é\\\"\\n\",\"e\":null}",
            json_text(value));
}

TEST(Problem, EveryReasonHasFourLanguagesAndPlaceholdersFill) {
  for (const Language language : kLanguages) {
    EXPECT_THAT(std::string(builtin_message("api.param.bad", language)),
                AllOf(HasSubstr("{name}"), HasSubstr("{expected}")));
    EXPECT_FALSE(title_of(404, language).empty());
    EXPECT_FALSE(generic_message(418, language).empty());
  }
  EXPECT_EQ("a 1 {b} {", fill_placeholders("a {x} {b} {", {{"x", "1"}}));
}

}  // namespace
}  // namespace atalaya::api
