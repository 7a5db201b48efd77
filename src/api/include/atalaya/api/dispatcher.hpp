#pragma once
// Serves a table of routes: finds the route, decides who asks and in which language, checks role,
// origin, token, rate and parameters, calls the handler, and turns errors into answers.

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/api/router.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::api {

/// An answer that is not what was asked for. `title` and `detail` are in the caller's language.
struct Problem {
  int status = 500;
  std::string reason = {};
  std::string title = {};
  std::string detail = {};
  std::vector<std::pair<std::string, std::string>> params = {};
  std::string request_id = {};
  Language language = Language::en;
};

using MessageParams = std::vector<std::pair<std::string, std::string>>;

/// No address, no query string, no name: this line may be kept.
struct AccessLine {
  std::string_view request_id;
  std::string_view method;
  std::string_view route;  // the pattern; "-" where none matched
  int status = 0;
  std::size_t bytes = 0;  // of the body before compression; 0 for a stream
  std::uint64_t micros = 0;
};

struct AuditEvent {
  std::string_view event;
  const Call& call;
  int status = 0;
};

/// Tokens come back at `per_second` up to `burst`; per_second 0 = no limit.
struct Rate {
  double per_second = 0;
  double burst = 0;
};

struct Gauge {
  std::string name;  // "atalaya_ledger_leaves"
  std::string help;
  double value = 0;
};

/// What the dispatcher needs from elsewhere; `app` wires it. Any of them may be called by several
/// workers at once. Empty ones: nobody is signed in, no message but the built-in ones, plain error
/// pages, nothing logged.
struct Ports {
  /// Who asks. A request without credentials, or with a session that has ended, is a Caller
  /// without account; a wrong API token fails with unauthenticated.
  std::function<Result<Caller>(const http::Request&)> authenticate = {};
  /// The browser of an earlier good sign-in, "" for strangers: it signs in at a rate of its own, so
  /// that whoever guesses from the same address keeps nobody out.
  std::function<std::string(const http::Request&)> known_browser = {};
  /// Whether this token belongs to the caller's session (constant time).
  std::function<bool(const Caller&, std::string_view token)> csrf_valid = {};
  /// The message of a reason, placeholders filled; "" where the catalogue has none.
  std::function<std::string(Language, std::string_view reason, const MessageParams&)> message = {};
  /// The page for a problem on a page route (status 401 may redirect to the sign-in).
  std::function<http::Response(const Problem&, const http::Request&)> error_page = {};
  std::function<void(const AccessLine&)> access_log = {};
  /// Called before the answer is sent; its failure makes the answer 500.
  std::function<Result<void>(const AuditEvent&)> audit = {};
  /// Every answer of 500 and above, with what the operator must know.
  std::function<void(std::string_view request_id, const Error&)> error_log = {};
  /// Not healthy: /healthz answers 503 with the reason.
  std::function<Result<void>()> health = {};
  std::function<std::vector<Gauge>()> gauges = {};
};

struct DispatcherOptions {
  Ports ports = {};
  Language language = Language::en;  // where nothing says otherwise
  std::string version = "0.1.0";
  /// By RateClass: none, page, read, search, write, sign_in, export_data.
  std::array<Rate, 7> rates = {
      Rate{0, 0}, {0, 0}, {100, 400}, {20, 60}, {5, 40}, {0.2, 10}, {1, 10}};
  /// Buckets kept; the fullest are forgotten first, which loses nothing.
  std::size_t buckets_max = 50'000;
  std::shared_ptr<const Clock> clock = {};  // the system's where empty
};

class Dispatcher {
 public:
  /// Fails with invalid_argument (api.table) when two routes collide, a name repeats, a pattern
  /// names a parameter that is not declared, a handler is missing, nobody may use a route, a
  /// writing API route has no answer, and so on: a table is right or the node does not start.
  /// `node` must outlive the dispatcher.
  [[nodiscard]] static Result<std::unique_ptr<Dispatcher>> create(std::vector<Route> routes,
                                                                  Node& node,
                                                                  DispatcherOptions options);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// For http::Server: any worker.
  [[nodiscard]] http::Response handle(const http::Request& request) const;
  /// For http::Options::body_limit: bytes allowed by the route; 0 where none matches.
  [[nodiscard]] std::size_t body_limit(const http::Request& head) const;
  /// For http::Options::before_body: the answer to who may not call this route at all (sign-in,
  /// role, scope); nothing where the body may be read. CSRF tokens stand in the body.
  [[nodiscard]] std::optional<http::Response> before_body(const http::Request& head) const;
  /// For http::Options::refuse.
  [[nodiscard]] http::Response refuse(int status, std::string_view reason,
                                      const http::Request& head) const;

  [[nodiscard]] std::span<const Route> routes() const noexcept;
  /// The OpenAPI 3.1 document; made once.
  [[nodiscard]] const std::string& openapi() const noexcept;
  /// Prometheus text, gauges of the ports included.
  [[nodiscard]] std::string metrics_text() const;
  [[nodiscard]] Result<void> healthy() const;
  /// More gauges, for parts that exist only after the dispatcher (the server's own counts). Not
  /// to be called while serving.
  void add_gauges(std::function<std::vector<Gauge>()> source);
  /// In the language of the problem, by the catalogue or the built-in messages.
  [[nodiscard]] Problem problem_of(const Error& error, Language language,
                                   std::string_view request_id) const;

 private:
  struct Impl;
  explicit Dispatcher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// /healthz, /metrics (for `metrics_roles`) and /api/openapi.json.
[[nodiscard]] std::vector<Route> system_routes(RoleSet metrics_roles);

/// One cell of the sweep: a request that is right in everything but, perhaps, who sends it.
struct SweepCase {
  const Route* route = nullptr;
  std::optional<Role> role;  // nothing: nobody signed in
  bool allowed = false;      // else the answer must be 401 (nobody) or 403
  std::string target;        // path and required parameters filled with samples
};

/// Every route for nobody and for each role alone. Views into `routes`.
[[nodiscard]] std::vector<SweepCase> sweep_cases(std::span<const Route> routes);

}  // namespace atalaya::api
