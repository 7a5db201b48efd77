// Goal: default deny holds for every route of the program. Method: each route of the one table is
// asked by nobody, by an account of each role with its cookie and with its API tokens, and with the
// mistakes that a program or an attacker makes; what is expected follows from the route's own
// declaration. A route that is added is swept without a line here.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>
#include <thread>

#include <atalaya/http/server.hpp>
#include <atalaya/identity/roles.hpp>

#include "serving_fixture.hpp"

namespace atalaya::api::testing {
namespace {

struct Person {
  std::string name;
  RoleSet roles;
  std::string cookie, csrf;
  std::string token;        // with every scope of the table
  std::string other_token;  // with a scope that no route asks for
};

class Sweep : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    node_ = std::make_unique<ServedNode>();
    for (const Role role : kRoles) {
      // Of a focal point the account says for whom.
      people_.push_back(make_person(
          to_string(role), {{std::string(to_string(role)), role == Role::focal_point ? "PAN" : ""}},
          {role}));
    }
    people_.push_back(make_person("no_role", {}, {}));
    // A grant for one territory opens no route by itself, but for the national focal point: that
    // role is always of one state, and what it writes is checked against that state.
    std::vector<identity::RoleGrant> limited;
    std::vector<store::Parameters> older;  // given before these roles took no territory
    for (const Role role : kRoles) {
      if (identity::takes_territory(to_string(role))) {
        limited.push_back({std::string(to_string(role)), "PAN"});
      } else {
        older.push_back({std::string(to_string(role))});
      }
    }
    people_.push_back(make_person("limited", std::move(limited), {Role::focal_point}));
    must(node_->database->write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute_many(
          "INSERT INTO account_roles(account, role, territory) SELECT id, $1, 'PAN' FROM accounts "
          "WHERE name = 'limited'",
          older));
      return {};
    }));
  }

  static void TearDownTestSuite() {
    people_.clear();
    node_.reset();
  }

  static std::vector<std::string> scopes() {
    std::set<std::string> all;
    for (const Route& route : node_->dispatcher->routes()) {
      if (!route.scope.empty()) {
        all.emplace(route.scope);
      }
    }
    return {all.begin(), all.end()};
  }

  static void sign_in(Person& person) {
    const auto step =
        must(node_->accounts->sign_in(person.name, Secret(std::string(kPassword)), {}));
    // Unsafe reveal: the test is the browser.
    person.cookie = step.done->session.unsafe_reveal();
    const auto session = must(node_->accounts->find_session(person.cookie));
    person.csrf = node_->accounts->csrf_token(session->session);
  }

  static Person make_person(std::string_view name, std::vector<identity::RoleGrant> grants,
                            RoleSet roles) {
    Person person;
    person.name = name;
    person.roles = roles;
    node_->add(name, std::move(grants));
    const auto all = scopes();
    person.token =
        must(node_->accounts->add_token(name, "all", all, 1, "operator")).unsafe_reveal();
    person.other_token =
        must(node_->accounts->add_token(name, "other", {"unknown:scope"}, 1, "operator"))
            .unsafe_reveal();
    sign_in(person);
    return person;
  }

  /// One of each route, with its path and required parameters filled in.
  static std::vector<SweepCase> targets() {
    auto cases = sweep_cases(node_->dispatcher->routes());
    std::erase_if(cases, [](const SweepCase& one) { return one.role.has_value(); });
    return cases;
  }

  // A body that the route reads and finds nothing to do with.
  static int send(const SweepCase& one, http::Headers headers) {
    const Route& route = *one.route;
    std::string body;
    if (!http::is_safe(route.method) && route.body_bytes_max > 0) {
      const bool json = route.consumes.empty();
      headers.set("Content-Type", json ? "application/json" : std::string(route.consumes.front()));
      body = json ? "{}" : "x=1";
      if (!json && route.consumes.front() == "multipart/form-data") {
        headers.set("Content-Type", "multipart/form-data; boundary=b");
        body = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--\r\n";
      }
    }
    node_->last_error.clear();
    return node_->send(route.method, one.target, std::move(headers), std::move(body)).status;
  }

  static std::string what(const SweepCase& one, std::string_view who) {
    return fmt::format("{} {} as {} {}", http::to_string(one.route->method), one.target, who,
                       node_->last_error);
  }

  static void expect_served(int status, const SweepCase& one, std::string_view who) {
    // The sign-in's own answer to a wrong password is no refusal of the route.
    const bool refused = status == 403 || (status == 401 && one.route->name != "post_sign_in");
    // 501 is SDMX's answer to a part of the standard that is not offered.
    const bool broken = status >= 500 && status != 501;
    EXPECT_FALSE(refused || status == 405 || broken) << status << " " << what(one, who);
  }

  static bool is_write(const Route& route) { return !http::is_safe(route.method); }

  static std::unique_ptr<ServedNode> node_;
  static std::vector<Person> people_;
};

std::unique_ptr<ServedNode> Sweep::node_;
std::vector<Person> Sweep::people_;

TEST_F(Sweep, NobodySignedIn) {
  for (const SweepCase& one : targets()) {
    const int status = send(one, {});
    if (one.route->roles.anyone()) {
      expect_served(status, one, "nobody");
    } else {
      EXPECT_EQ(status, 401) << what(one, "nobody");
    }
  }
}

TEST_F(Sweep, BrowsersOfEveryRole) {
  for (const SweepCase& one : targets()) {
    const Route& route = *one.route;
    for (Person& person : people_) {
      const http::Headers headers{{"Cookie", "atalaya_session=" + person.cookie},
                                  {"X-CSRF-Token", person.csrf}};
      const int status = send(one, headers);
      if (route.roles.anyone() || route.roles.meets(person.roles)) {
        expect_served(status, one, person.name);
      } else {
        EXPECT_EQ(status, 403) << what(one, person.name);
      }
      if (route.name == "post_sign_out") {
        sign_in(person);
      }
    }
  }
}

TEST_F(Sweep, BrowsersThatAnotherSiteMakesWrite) {
  const Person& other = people_.back();
  for (const SweepCase& one : targets()) {
    const Route& route = *one.route;
    for (const Person& person : people_) {
      if (!is_write(route)) {
        continue;
      }
      const std::string cookie = "atalaya_session=" + person.cookie;
      EXPECT_EQ(send(one, {{"Cookie", cookie},
                           {"X-CSRF-Token", person.csrf},
                           {"Sec-Fetch-Site", "cross-site"}}),
                403)
          << what(one, person.name);
      EXPECT_EQ(send(one, {{"Cookie", cookie},
                           {"X-CSRF-Token", person.csrf},
                           {"Origin", "https://evil.example"}}),
                403)
          << what(one, person.name);
      EXPECT_EQ(send(one, {{"Cookie", cookie},
                           {"X-CSRF-Token", person.csrf},
                           {"Referer", "https://evil.example/"}}),
                403)
          << what(one, person.name);
      if (route.check_csrf) {
        EXPECT_EQ(send(one, {{"Cookie", cookie}}), 403) << what(one, person.name);
        if (person.name != other.name) {
          EXPECT_EQ(send(one, {{"Cookie", cookie}, {"X-CSRF-Token", other.csrf}}), 403)
              << what(one, person.name);
        }
      }
    }
  }
}

TEST_F(Sweep, WhatAnotherSiteMakesAStrangerWriteIsRefused) {
  for (const SweepCase& one : targets()) {
    if (is_write(*one.route)) {
      EXPECT_EQ(send(one, {{"Sec-Fetch-Site", "cross-site"}}), 403) << what(one, "nobody");
      EXPECT_EQ(send(one, {{"Referer", "https://evil.example/"}}), 403) << what(one, "nobody");
    }
  }
}

TEST_F(Sweep, NothingKeepsTheirPages) {
  for (const SweepCase& one : targets()) {
    const Person& person = people_.front();
    if (is_write(*one.route) || one.route->kind != Kind::page) {
      continue;
    }
    const auto answer = node_->send(http::Method::get, one.target,
                                    {{"Cookie", "atalaya_session=" + person.cookie}});
    if (answer.status == 200 && answer.headers.get("Content-Type").starts_with("text/html")) {
      EXPECT_TRUE(answer.headers.get("Cache-Control").contains("no-store")) << one.target;
    }
  }
}

TEST_F(Sweep, TokensOfEveryRole) {
  for (const SweepCase& one : targets()) {
    const Route& route = *one.route;
    const bool open = route.roles.anyone() && route.scope.empty();
    for (const Person& person : people_) {
      const bool role = route.roles.anyone() || route.roles.meets(person.roles);
      const int with = send(one, {{"Authorization", "Bearer " + person.token}});
      if (open || (role && !route.scope.empty())) {
        expect_served(with, one, person.name);
      } else {
        EXPECT_EQ(with, 403) << what(one, person.name);
      }
      // What is open to anyone is made once more for one person, not for each: some of it is large.
      if (!open || &person == &people_.front()) {
        const int without = send(one, {{"Authorization", "Bearer " + person.other_token}});
        if (open) {
          expect_served(without, one, person.name);
        } else {
          EXPECT_EQ(without, 403) << what(one, person.name);
        }
      }
    }
    EXPECT_EQ(send(one, {{"Authorization", "Bearer atalaya_" + std::string(64, '0')}}), 401)
        << what(one, "a wrong token");
    EXPECT_EQ(send(one, {{"Authorization", "Bearer " + people_.front().token},
                         {"Authorization", "Bearer " + people_.back().token}}),
              401)
        << what(one, "two tokens");
  }
}

TEST_F(Sweep, OtherMethodsAreNamed) {
  using http::Method;
  for (const SweepCase& one : targets()) {
    std::set<Method> known{Method::options};
    for (const SweepCase& same : targets()) {
      if (same.route->path == one.route->path) {
        known.insert(same.route->method);
        if (same.route->method == Method::get) {
          known.insert(Method::head);
        }
      }
    }
    for (const Method method : {Method::get, Method::head, Method::post, Method::put, Method::patch,
                                Method::del, Method::other}) {
      if (known.contains(method)) {
        continue;
      }
      const auto answer = node_->send(method, one.target);
      // Another route's pattern may match the same address ("/en/x" and "/{lang}/{id}").
      if (answer.status != 405) {
        ADD_FAILURE() << answer.status << " " << what(one, http::to_string(method));
      }
      EXPECT_FALSE(answer.headers.get("Allow").empty()) << one.target;
    }
  }
}

// Whoever adds a write that needs no account must say so here, too.
TEST_F(Sweep, OnlySigningInAndSubmittingWriteWithoutAnAccount) {
  std::set<std::string_view> open_writes;
  std::set<std::string_view> without_csrf;
  for (const Route& route : node_->dispatcher->routes()) {
    if (is_write(route) && route.roles.anyone()) {
      open_writes.insert(route.name);
    }
    if (!route.check_csrf) {
      without_csrf.insert(route.name);
    }
    EXPECT_TRUE(is_write(route) || route.body_bytes_max == 0) << route.name;
  }
  // Anyone may submit a report of their own, and speak about it with the code of its receipt; an
  // organisation may send a round its input under a voucher's pseudonym.
  EXPECT_EQ(open_writes,
            (std::set<std::string_view>{"post_sign_in", "post_sign_out", "post_participate_cell",
                                        "post_participate_commitment",
                                        "post_alternative_report_json", "post_receipt",
                                        "post_appeal", "post_withdraw", "post_round_input"}));
  EXPECT_EQ(without_csrf, (std::set<std::string_view>{"post_sign_in"}));
}

// The status of a request whose header announces a body of `bytes`.
int status_of_big_body(std::uint16_t port, const SweepCase& one, std::size_t bytes) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int status = -1;
  const std::string head = fmt::format(
      "{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n",
      http::to_string(one.route->method), one.target, bytes);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, head.data(), head.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(head.size())) {
    std::string answer(64, '\0');
    const ssize_t got = ::recv(fd, answer.data(), answer.size(), 0);
    if (got >= 12) {
      status = std::atoi(answer.c_str() + 9);
    }
  }
  ::close(fd);
  return status;
}

// What the document lets a program send, and the server refuses, is a trap.
TEST_F(Sweep, WritingOfCommitmentsIsDescribedAsItIsRead) {
  const json::value document = json::parse(json::string_view(node_->dispatcher->openapi()));
  const auto& schemas = document.at("components").at("schemas").as_object();
  const auto of = [&](const char* name, const char* field) -> const json::object& {
    return schemas.at(name).at("properties").at(field).as_object();
  };
  EXPECT_EQ(of("LinkRequest", "kind").at("enum"),
            (json::array{"theme", "instrument", "institution"}));
  EXPECT_EQ(of("LinkRequest", "decision").at("enum"), (json::array{"add", "remove"}));
  EXPECT_EQ(of("AntecedentRequest", "type").at("enum").as_array().size(), 6U);
  EXPECT_EQ(of("TitleRequest", "version").at("minimum"), 0);
  const auto& either = schemas.at("ClauseRequest").at("anyOf").as_array();
  ASSERT_EQ(either.size(), 2U);
  EXPECT_EQ(either[1].at("required").as_array().size(), 5U);
}

TEST_F(Sweep, BodiesOverTheRoutesLimitAreRefusedUnread) {
  http::Options options;
  options.body_limit = [](const http::Request& head) {
    return node_->dispatcher->body_limit(head);
  };
  options.refuse = [](int status, std::string_view reason, const http::Request& head) {
    return node_->dispatcher->refuse(status, reason, head);
  };
  auto server = http::Server::create(
      options, [](const http::Request& request) { return node_->dispatcher->handle(request); });
  ASSERT_TRUE(server.has_value());
  std::jthread running([&] { (*server)->run(); });
  for (const SweepCase& one : targets()) {
    EXPECT_EQ(status_of_big_body((*server)->port(), one, one.route->body_bytes_max + 1), 413)
        << what(one, "nobody");
  }
  (*server)->stop();
}

}  // namespace
}  // namespace atalaya::api::testing
