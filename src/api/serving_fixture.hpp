#pragma once
// For this module's tests: a whole node in a folder of its own, with the program's own routes, and
// browsers that keep cookies.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <atalaya/api/dispatcher.hpp>
#include <atalaya/http/target.hpp>
#include <atalaya/identity/accounts.hpp>
#include <atalaya/text/search.hpp>

#include "handlers_identity.hpp"
#include "pending_imports.hpp"
#include "routes.hpp"
#include "search_places.hpp"

namespace atalaya::api::testing {

inline constexpr UtcTime kStart{1'795'312'800'000};  // 2026-11-22T02:00:00Z
inline constexpr std::string_view kPassword = "correct horse battery staple";

template <class T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "{}: {}\n", result.error().reason, result.error().detail);
  }
  ATALAYA_CHECK(result.has_value());
  return *std::move(result);
}

class ServedNode {
 public:
  explicit ServedNode(std::array<Rate, 7> rates = {})
      : clock(std::make_shared<FixedClock>(kStart)) {
    std::string name = (std::filesystem::temp_directory_path() / "atalaya-api-XXXXXX").string();
    ATALAYA_CHECK(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    database = must(store::Database::open((folder_ / "atalaya.db").string()));
    const auto migrations = must(store::program_migrations());
    must(database->migrate(migrations));
    auto key = must(crypto::SigningKey::from_seed(Secret(std::string(32, 'k'))));
    ledger = must(ledger::Ledger::open(
        *database, must(ledger::NodeKey::create("atalaya.example/test", std::move(key))), *clock));
    index = must(text::SearchIndex::open(folder_ / "index"));
    commitments::DeskParts parts;
    parts.database = database.get();
    parts.ledger = ledger.get();
    parts.catalogue = commitments::Catalogue::embedded();
    parts.index = index.get();
    parts.clock = clock.get();
    desk = must(commitments::Desk::open(parts));
    observatory::DeskParts figures;
    figures.database = database.get();
    figures.ledger = ledger.get();
    figures.clock = clock.get();
    figures.folder = folder_ / "facts";
    figures.country = "PAN";
    observatory = must(observatory::Desk::open(std::move(figures)));
    followup::Parts followup_parts;
    followup_parts.database = database.get();
    followup_parts.ledger = ledger.get();
    followup_parts.commitments = desk.get();
    followup_parts.clock = clock.get();
    followup = must(followup::Desk::open(std::move(followup_parts)));
    accounts = identity::Accounts::create(*database, *ledger, *clock,
                                          {.cost = crypto::kPasswordCostForTests});
    node.name = "Test node";
    node.country = "PAN";
    node.role = "national";
    node.desk = desk.get();
    node.observatory = observatory.get();
    node.followup = followup.get();
    node.accounts = accounts.get();
    node.ledger = ledger.get();
    node.clock = clock.get();
    node.pending_imports = std::make_shared<PendingImports>();
    node.places = std::make_shared<const Places>(desk->catalogue(), observatory->indicators());
    DispatcherOptions options;
    options.rates = rates;
    options.clock = clock;
    options.ports.authenticate = authenticate(*accounts);
    options.ports.known_browser = known_browser(*accounts);
    options.ports.csrf_valid = csrf_valid(*accounts);
    options.ports.error_log = [this](std::string_view, const Error& error) {
      last_error = error.reason + ": " + error.detail;
    };
    dispatcher = must(Dispatcher::create(all_routes(), node, std::move(options)));
  }

  ServedNode(const ServedNode&) = delete;
  ServedNode& operator=(const ServedNode&) = delete;

  ~ServedNode() {
    dispatcher.reset();
    desk.reset();
    index.reset();
    ledger.reset();
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  identity::Account add(std::string_view name, std::vector<identity::RoleGrant> roles) {
    return must(accounts->add({std::string(name), "", "", std::move(roles)},
                              Secret(std::string(kPassword)), "operator"));
  }

  http::Response send(http::Method method, std::string_view target, http::Headers headers = {},
                      std::string body = {}) {
    http::Request request;
    request.method = method;
    request.method_name = http::to_string(method);
    auto parsed = must(http::parse_target(target, http::Limits{}));
    request.target = parsed.origin;
    request.path = parsed.path;
    request.segments = parsed.segments;
    request.query = parsed.query;
    request.headers = std::move(headers);
    request.headers.set_default("Host", "node.example");
    request.body = std::move(body);
    request.peer = peer;
    request.secure = secure;
    request.request_id = "test";
    return dispatcher->handle(request);
  }

  std::string peer = "203.0.113.7";
  bool secure = false;
  std::string last_error;
  std::shared_ptr<FixedClock> clock;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<text::SearchIndex> index;
  std::unique_ptr<commitments::Desk> desk;
  std::unique_ptr<observatory::Desk> observatory;
  std::unique_ptr<followup::Desk> followup;
  std::unique_ptr<identity::Accounts> accounts;
  Node node;
  std::unique_ptr<Dispatcher> dispatcher;

 private:
  std::filesystem::path folder_;
};

/// Keeps cookies and sends them back, as a browser on one page of this node would.
class Browser {
 public:
  explicit Browser(ServedNode& node) : node_(node) {}

  http::Response get(std::string_view target) { return send(http::Method::get, target, {}); }

  http::Response post(std::string_view target,
                      const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string body;
    for (const auto& [name, value] : fields) {
      body += (body.empty() ? "" : "&") + name + "=" + http::percent_encode(value);
    }
    return send(http::Method::post, target, std::move(body));
  }

  http::Response sign_in(std::string_view name, std::string_view password = kPassword,
                         std::string_view next = "") {
    return post("/en/sign-in", {{"name", std::string(name)},
                                {"password", std::string(password)},
                                {"next", std::string(next)}});
  }

  std::map<std::string, std::string> cookies;

 private:
  http::Response send(http::Method method, std::string_view target, std::string body) {
    http::Headers headers;
    std::string jar;
    for (const auto& [name, value] : cookies) {
      jar += (jar.empty() ? "" : "; ") + name + "=" + value;
    }
    if (!jar.empty()) {
      headers.set("Cookie", jar);
    }
    if (method == http::Method::post) {
      headers.set("Content-Type", "application/x-www-form-urlencoded");
      headers.set("Sec-Fetch-Site", "same-origin");
    }
    auto response = node_.send(method, target, std::move(headers), std::move(body));
    for (const http::Header& header : response.headers) {
      if (header.name == "Set-Cookie") {
        const std::size_t equals = header.value.find('=');
        const std::size_t end = header.value.find(';');
        const std::string name = header.value.substr(0, equals);
        if (header.value.find("Max-Age=0") != std::string::npos) {
          cookies.erase(name);
        } else {
          cookies[name] = header.value.substr(equals + 1, end - equals - 1);
        }
      }
    }
    return response;
  }

  ServedNode& node_;
};

}  // namespace atalaya::api::testing
