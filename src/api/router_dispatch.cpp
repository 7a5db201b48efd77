#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <atalaya/api/dispatcher.hpp>
#include <atalaya/http/negotiate.hpp>
#include <atalaya/http/target.hpp>

#include "metrics.hpp"
#include "openapi.hpp"
#include "problem.hpp"
#include "router_idempotency.hpp"
#include "router_json.hpp"
#include "router_params.hpp"
#include "router_rate.hpp"
#include "router_table.hpp"

namespace atalaya::api {
namespace {

// An error together with a status that no ErrorCode stands for (405, 415).
struct Refused {
  int status = 0;  // 0: the code's own
  Error error;
  std::vector<http::Header> headers = {};
};

using Outcome = std::expected<http::Response, Refused>;

std::unexpected<Refused> refused(Error error, int status = 0) {
  return std::unexpected(Refused{status, std::move(error)});
}

std::unexpected<Refused> refused(ErrorCode code, std::string_view reason, int status = 0) {
  return refused(fail(code, reason).error(), status);
}

bool same_ascii(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c + 0; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// A browser says where a request comes from; anything but this node's own pages may not write, in
// a person's name or in nobody's (to sign somebody in as another is a write, too). All methods that
// change something are asked, so that no route can forget it. Other clients say nothing.
//
// Sec-Fetch-Site comes with TLS and from the machine itself only. Without it Origin says the same,
// and a browser that sends neither says it in Referer, which the node's Referrer-Policy lets its
// own pages send to it (a policy of "no-referrer" would make them say Origin: null, as strangers
// do).
bool from_another_site(const http::Request& request) {
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  if (!site.empty()) {
    return site != "same-origin" && site != "none";
  }
  std::string_view page = request.headers.get("Origin");
  if (page.empty()) {
    page = request.headers.get("Referer");
  }
  if (page.empty()) {
    return false;
  }
  const std::size_t slashes = page.find("://");
  if (slashes == std::string_view::npos) {
    return true;
  }
  // Who can change what plain HTTP carries must not write to the same name's TLS side. Behind a
  // proxy that is not trusted nobody knows which of the two it is.
  const bool downgraded = request.secure && !same_ascii(page.substr(0, slashes), "https");
  const std::string_view rest = page.substr(slashes + 3);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  return downgraded || !same_ascii(host, request.headers.get("Host"));
}

bool wants_page(const http::Request& head) {
  return head.headers.get("Accept").contains("text/html") && !head.target.starts_with("/api/");
}

// The token of a script's header or of a form's hidden field.
std::string csrf_token(const http::Request& request) {
  const std::string_view header = request.headers.get("X-CSRF-Token");
  if (!header.empty()) {
    return std::string(header);
  }
  const std::string_view content_type = request.headers.get("Content-Type");
  const std::string type = http::media_type(content_type);
  if (type == "application/x-www-form-urlencoded") {
    const auto fields = http::parse_form(request.body, 1'000);
    for (const auto& [name, value] : fields ? *fields : http::QueryParams()) {
      if (name == "csrf") {
        return value;
      }
    }
  } else if (type == "multipart/form-data") {
    const auto parts = http::parse_multipart(content_type, request.body, 1'000);
    for (const http::FormPart& part : parts ? *parts : std::vector<http::FormPart>()) {
      if (part.name == "csrf") {
        return std::string(part.bytes);
      }
    }
  }
  return {};
}

}  // namespace

struct Dispatcher::Impl {
  Impl(RouteTable t, Node& n, DispatcherOptions o)
      : table(std::move(t)),
        node(n),
        options(std::move(o)),
        limiter(options.buckets_max),
        metrics(table.routes()) {}

  RouteTable table;
  Node& node;
  DispatcherOptions options;
  mutable RateLimiter limiter;
  mutable IdempotencyTable idempotency;
  mutable Metrics metrics;
  std::string openapi;
  std::vector<std::function<std::vector<Gauge>()>> gauges;

  [[nodiscard]] Language language_of(const http::Request& request, const Match& match) const;
  [[nodiscard]] Outcome route_missing(const http::Request& request, const Match& match) const;
  [[nodiscard]] std::string rate_key(const Route& route, const http::Request& request,
                                     const Caller& caller) const;
  [[nodiscard]] std::optional<Refused> too_many(const Route& route, std::string_view key) const;
  [[nodiscard]] std::expected<Caller, Refused> who(const http::Request& request) const;
  [[nodiscard]] std::optional<Refused> not_admitted(const Route& route,
                                                    const Caller& caller) const;
  [[nodiscard]] std::optional<Refused> forbidden(const Route& route, const http::Request& request,
                                                 const Caller& caller) const;
  [[nodiscard]] Outcome serve(const Dispatcher& self, const http::Request& request,
                              const Match& match, Language language) const;
  [[nodiscard]] Outcome call_handler(const Call& call) const;
  [[nodiscard]] Outcome call_once(const Call& call) const;
  [[nodiscard]] http::Response problem_answer(const Problem& problem, bool page,
                                              const http::Request& request) const;
};

// The address decides, so that a link opens in the language it was copied in.
Language Dispatcher::Impl::language_of(const http::Request& request, const Match& match) const {
  for (const auto& [name, value] : match.path_params) {
    if (const auto language = parse_language(value); name == "lang" && language) {
      return *language;
    }
  }
  if (!request.segments.empty() && !match.api) {
    if (const auto language = parse_language(request.segments.front())) {
      return *language;
    }
  }
  // An address with an error in it was never taken apart, but how it begins can be read.
  const std::string_view target = request.target;
  if (request.path.empty() && target.size() >= 3 &&
      (target.size() == 3 || target[3] == '/' || target[3] == '?')) {
    if (const auto language = parse_language(target.substr(1, 2))) {
      return *language;
    }
  }
  if (const auto asked = request.query_value("lang")) {
    if (const auto language = parse_language(*asked)) {
      return *language;
    }
  }
  return accept_language(request.headers.get("Accept-Language")).value_or(options.language);
}

Outcome Dispatcher::Impl::route_missing(const http::Request& request, const Match& match) const {
  if (match.allow.empty()) {
    return refused(fail(ErrorCode::not_found, "api.not_found", request.path).error());
  }
  const std::string allow = match.allow + ", OPTIONS";
  if (request.method == http::Method::options) {
    http::Response response;
    response.status = 204;
    response.headers.add("Allow", allow);
    return response;
  }
  Refused answer{405, fail(ErrorCode::invalid_argument, "api.method", request.method_name).error()};
  answer.headers.push_back({"Allow", allow});
  return std::unexpected(std::move(answer));
}

// Whose rate this counts against.
std::string Dispatcher::Impl::rate_key(const Route& route, const http::Request& request,
                                       const Caller& caller) const {
  if (route.rate == RateClass::sign_in && options.ports.known_browser) {
    if (std::string browser = options.ports.known_browser(request); !browser.empty()) {
      return "browser:" + browser;
    }
  }
  return caller.account.empty() ? request.peer : caller.account;
}

std::optional<Refused> Dispatcher::Impl::too_many(const Route& route, std::string_view key) const {
  const auto rate_class = static_cast<std::size_t>(route.rate);
  const Rate& rate = options.rates[rate_class];
  if (key.empty() ||
      limiter.take(fmt::format("{}:{}", rate_class, key), rate, options.clock->now().ms)) {
    return std::nullopt;
  }
  Refused answer{429, fail(ErrorCode::exhausted, "api.rate").error()};
  const int wait = std::max(1, static_cast<int>(1.0 / rate.per_second + 0.999));
  answer.headers.push_back({"Retry-After", std::to_string(wait)});
  return answer;
}

// Guessing tokens is slowed per address, apart from the rate of requests that are who they say.
std::expected<Caller, Refused> Dispatcher::Impl::who(const http::Request& request) const {
  if (!options.ports.authenticate) {
    return Caller{};
  }
  const Rate& rate = options.rates[static_cast<std::size_t>(RateClass::sign_in)];
  const bool token = request.headers.has("Authorization") && !request.peer.empty();
  const std::string key = "guess:" + request.peer;
  const std::int64_t now = options.clock->now().ms;
  if (token && !limiter.has(key, rate, now)) {
    return refused(ErrorCode::exhausted, "api.rate", 429);
  }
  Result<Caller> caller = options.ports.authenticate(request);
  if (!caller) {
    if (token && caller.error().code == ErrorCode::unauthenticated) {
      static_cast<void>(limiter.take(key, rate, now));
    }
    return refused(std::move(caller).error());
  }
  return *std::move(caller);
}

// Who asks, whatever is asked: sign-in, role, scope.
std::optional<Refused> Dispatcher::Impl::not_admitted(const Route& route,
                                                      const Caller& caller) const {
  const auto no = [](ErrorCode code, std::string_view reason) {
    return Refused{0, fail(code, reason).error()};
  };
  if (!route.roles.anyone() && caller.account.empty()) {
    return no(ErrorCode::unauthenticated, "api.sign_in");
  }
  if (!route.roles.anyone() && !route.roles.meets(caller.roles)) {
    return no(ErrorCode::permission_denied, "api.role");
  }
  const bool restricted = !route.roles.anyone() || !route.scope.empty();
  if (caller.by_token && restricted &&
      std::ranges::find(caller.scopes, route.scope) == caller.scopes.end()) {
    Error error = fail(ErrorCode::permission_denied, "api.scope").error();
    return Refused{0, std::move(error).with("scope", route.scope)};
  }
  return std::nullopt;
}

std::optional<Refused> Dispatcher::Impl::forbidden(const Route& route,
                                                   const http::Request& request,
                                                   const Caller& caller) const {
  if (auto refusal = not_admitted(route, caller)) {
    return refusal;
  }
  if (!http::is_safe(route.method) && caller.by_cookie && route.check_csrf) {
    const std::string token = csrf_token(request);
    if (token.empty() || !options.ports.csrf_valid || !options.ports.csrf_valid(caller, token)) {
      return Refused{0, fail(ErrorCode::permission_denied, "api.csrf").error()};
    }
  }
  return std::nullopt;
}

namespace {

std::optional<Refused> wrong_media_type(const Route& route, const http::Request& request) {
  if (request.body.empty()) {
    return std::nullopt;
  }
  const std::string type = http::media_type(request.headers.get("Content-Type"));
  std::string expected = "application/json";
  bool good = type == expected && !route.request.name.empty();
  if (!route.consumes.empty()) {
    good = std::ranges::find(route.consumes, type) != route.consumes.end();
    expected.clear();
    for (const std::string_view one : route.consumes) {
      expected += fmt::format("{}{}", expected.empty() ? "" : ", ", one);
    }
  }
  if (good || (route.request.name.empty() && route.consumes.empty())) {
    return std::nullopt;
  }
  Error error = fail(ErrorCode::invalid_argument, "api.body.media_type", type).error();
  return Refused{415, std::move(error).with("expected", expected)};
}

}  // namespace

namespace {

// A shared computer's cache must not show one person's page to the next, whatever a handler that
// serves everybody says of its pages.
void keep_from_others(http::Response& response) {
  const bool page = http::media_type(response.headers.get("Content-Type")) == "text/html";
  if (page && !response.headers.get("Cache-Control").contains("no-store")) {
    response.headers.set("Cache-Control", "private, no-store");
  }
  response.headers.set_default("Cache-Control", "private, no-store");
}

}  // namespace

Outcome Dispatcher::Impl::call_handler(const Call& call) const {
  Result<http::Response> answer = call.route.handler(call, node);
  if (!answer) {
    return refused(std::move(answer).error());
  }
  if (!call.route.event.empty() && options.ports.audit && answer->status < 400) {
    const Result<void> audited =
        options.ports.audit(AuditEvent{call.route.event, call, answer->status});
    if (!audited) {
      return refused(audited.error(), 500);
    }
  }
  return *std::move(answer);
}

// A write with an Idempotency-Key, which counts per account and route.
Outcome Dispatcher::Impl::call_once(const Call& call) const {
  const std::string_view header = call.request.headers.get("Idempotency-Key");
  if (!call.request.headers.has("Idempotency-Key") || http::is_safe(call.route.method) || call.caller.account.empty()) {
    return call_handler(call);
  }
  const bool visible =
      std::ranges::all_of(header, [](char c) { return c > ' ' && c < '\x7F'; });
  if (header.empty() || header.size() > 120 || !visible) {
    return refused(ErrorCode::invalid_argument, "api.idempotency.bad");
  }
  const std::string key =
      fmt::format("{}\n{}\n{}", call.caller.account, call.route.name, header);
  const std::string hash =
      http::etag_of(fmt::format("{}\n{}", call.request.target, call.request.body));
  auto begun = idempotency.begin(key, hash, options.clock->now().ms);
  if (!begun) {
    return refused(std::move(begun).error());
  }
  if (*begun) {
    http::Response replay = **std::move(begun);
    replay.headers.set("Idempotency-Replayed", "true");
    return replay;
  }
  // Whatever happens, the key must not stay "running".
  struct Finish {
    IdempotencyTable& table;
    const std::string& key;
    http::Response response{.status = 500};
    ~Finish() { table.finish(key, response); }
  } finish{idempotency, key};
  Outcome outcome = call_handler(call);
  if (outcome) {
    finish.response = *outcome;
  }
  return outcome;
}

Outcome Dispatcher::Impl::serve(const Dispatcher& self, const http::Request& request,
                                const Match& match, Language language) const {
  if (match.route == nullptr) {
    return route_missing(request, match);
  }
  const Route& route = *match.route;
  if (match.slash && (route.kind != Kind::page || !http::is_safe(route.method))) {
    return refused(fail(ErrorCode::not_found, "api.not_found", request.path).error());
  }
  auto caller = who(request);
  if (!caller) {
    return std::unexpected(std::move(caller).error());
  }
  // Before anything is counted: else another site could use up what this browser's address may do.
  if (!http::is_safe(route.method) && !caller->by_token && from_another_site(request)) {
    return refused(ErrorCode::permission_denied, "api.cross_site");
  }
  if (auto no = too_many(route, rate_key(route, request, *caller))) {
    return std::unexpected(*std::move(no));
  }
  if (auto no = forbidden(route, request, *caller)) {
    return std::unexpected(*std::move(no));
  }
  if (caller->by_token && route.scope.empty()) {
    // A token does what its scopes name and no more: where a route names none, it is a reader.
    caller = Caller{};
  }
  if (auto no = wrong_media_type(route, request)) {
    return std::unexpected(*std::move(no));
  }
  if (match.slash) {
    const std::size_t query = request.target.find('?');
    std::string path = request.target.substr(0, query);
    path.ends_with('/') ? path.pop_back() : path.push_back('/');
    return http::redirect(
        308, path + (query == std::string::npos ? "" : request.target.substr(query)));
  }
  auto params = check_params(route, request, match.path_params);
  if (!params) {
    return refused(std::move(params).error());
  }
  const Call call{request, route, self, language, *std::move(caller), *std::move(params)};
  Outcome outcome = call_once(call);
  if (outcome && !call.caller.account.empty()) {
    keep_from_others(*outcome);
  }
  return outcome;
}

http::Response Dispatcher::Impl::problem_answer(const Problem& problem, bool page,
                                                const http::Request& request) const {
  if (page && options.ports.error_page) {
    try {
      http::Response response = options.ports.error_page(problem, request);
      response.headers.set_default("Cache-Control", "no-store");
      return response;
    } catch (const std::exception&) {
      return problem_text(problem);
    }
  }
  return page ? problem_text(problem) : problem_response(problem);
}

namespace {

void add_common_headers(const Match& match, const http::Request& request, Language language,
                        http::Response& response) {
  if (match.route == nullptr || match.route->kind != Kind::file) {
    response.headers.set_default("Content-Language", to_string(language));
  }
  const bool by_address = match.route != nullptr && match.route->kind == Kind::page;
  if (match.route != nullptr && match.route->kind == Kind::api) {
    response.headers.add_token("Vary", "Accept-Language");
  }
  if (match.route != nullptr && match.route->kind != Kind::file) {
    response.headers.add_token("Vary", "Cookie");
    if (!by_address) {
      response.headers.add_token("Vary", "Authorization");
    }
  }
  if (http::is_safe(request.method)) {
    response.headers.set_default("Cache-Control", "no-cache");
  }
  if (match.route != nullptr && match.route->cross_origin) {
    response.headers.set("Access-Control-Allow-Origin", "*");
    response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
  }
}

}  // namespace

Result<std::unique_ptr<Dispatcher>> Dispatcher::create(std::vector<Route> routes, Node& node,
                                                       DispatcherOptions options) {
  if (!options.clock) {
    options.clock = std::make_shared<SystemClock>();
  }
  RouteTable table = ATALAYA_TRY(RouteTable::create(std::move(routes)));
  auto impl = std::make_unique<Impl>(std::move(table), node, std::move(options));
  impl->openapi = pretty_json(openapi_document(impl->table.routes(), impl->options.version));
  if (impl->options.ports.gauges) {
    impl->gauges.push_back(impl->options.ports.gauges);
  }
  return std::unique_ptr<Dispatcher>(new Dispatcher(std::move(impl)));
}

Dispatcher::Dispatcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Dispatcher::~Dispatcher() = default;

http::Response Dispatcher::handle(const http::Request& request) const {
  const auto start = std::chrono::steady_clock::now();
  impl_->metrics.enter();
  const Match match = impl_->table.match(request);
  const Language language = impl_->language_of(request, match);
  const bool page = match.route != nullptr ? match.route->kind != Kind::api : !match.api;
  Outcome outcome = refused(ErrorCode::internal, "api.threw");
  try {
    outcome = impl_->serve(*this, request, match, language);
  } catch (const std::exception& error) {
    outcome = refused(fail(ErrorCode::internal, "api.threw", error.what()).error());
  }
  http::Response response;
  if (outcome) {
    response = *std::move(outcome);
  } else {
    const Refused& no = outcome.error();
    Problem problem = problem_of(no.error, language, request.request_id);
    if (no.status != 0) {
      problem.status = no.status;
      problem.title = title_of(no.status, language);
      if (builtin_message(no.error.reason, language).empty()) {
        problem.detail = generic_message(no.status, language);
      }
    }
    response = impl_->problem_answer(problem, page, request);
    for (const http::Header& header : no.headers) {
      response.headers.set(header.name, header.value);
    }
    if (problem.status >= 500 && impl_->options.ports.error_log) {
      impl_->options.ports.error_log(request.request_id, no.error);
    }
  }
  add_common_headers(match, request, language, response);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::steady_clock::now() - start)
                          .count();
  impl_->metrics.leave();
  impl_->metrics.record(match.route != nullptr ? match.index : impl_->table.routes().size(),
                        response.status, static_cast<double>(micros) / 1e6);
  if (impl_->options.ports.access_log) {
    impl_->options.ports.access_log(AccessLine{
        request.request_id, http::to_string(request.method),
        match.route != nullptr ? match.route->path : std::string_view("-"), response.status,
        response.text().size(), static_cast<std::uint64_t>(micros)});
  }
  return response;
}

std::size_t Dispatcher::body_limit(const http::Request& head) const {
  const Match match = impl_->table.match(head);
  return match.route != nullptr ? match.route->body_bytes_max : 0;
}

std::optional<http::Response> Dispatcher::before_body(const http::Request& head) const {
  const Match match = impl_->table.match(head);
  if (match.route == nullptr) {
    return std::nullopt;
  }
  const auto caller = impl_->who(head);
  if (caller && !impl_->not_admitted(*match.route, *caller)) {
    return std::nullopt;
  }
  return handle(head);
}

http::Response Dispatcher::refuse(int status, std::string_view reason,
                                  const http::Request& head) const {
  const bool read = !head.path.empty();
  const Match match = read ? impl_->table.match(head) : Match{};
  if (status == 413 && match.route == nullptr) {
    // Nothing here reads what was sent, large or small: no such address, or no such method.
    return handle(head);
  }
  const Language language = impl_->language_of(head, match);
  Problem problem = problem_of(
      Error{status >= 500 ? ErrorCode::internal : ErrorCode::invalid_argument,
            std::string(reason), {}, {}},
      language, head.request_id);
  problem.status = status;
  problem.title = title_of(status, language);
  problem.detail = generic_message(status, language);
  if (status == 413) {
    problem.params.emplace_back("bytes_max", std::to_string(match.route->body_bytes_max));
  }
  impl_->metrics.record(impl_->table.routes().size(), status, 0);
  // Where the path could not be read, browsers are known by what they accept.
  const bool page = read ? (match.route != nullptr ? match.route->kind != Kind::api : !match.api)
                         : wants_page(head);
  return impl_->problem_answer(problem, page, head);
}

std::span<const Route> Dispatcher::routes() const noexcept {
  return impl_->table.routes();
}

const std::string& Dispatcher::openapi() const noexcept {
  return impl_->openapi;
}

std::string Dispatcher::metrics_text() const {
  std::vector<Gauge> gauges;
  for (const auto& source : impl_->gauges) {
    for (Gauge& gauge : source()) {
      gauges.push_back(std::move(gauge));
    }
  }
  return impl_->metrics.text(gauges);
}

Result<void> Dispatcher::healthy() const {
  return impl_->options.ports.health ? impl_->options.ports.health() : Result<void>();
}

void Dispatcher::add_gauges(std::function<std::vector<Gauge>()> source) {
  impl_->gauges.push_back(std::move(source));
}

Problem Dispatcher::problem_of(const Error& error, Language language,
                               std::string_view request_id) const {
  Problem problem;
  problem.status = status_of(error.code);
  problem.reason = error.reason;
  problem.title = title_of(problem.status, language);
  problem.params = error.params;
  problem.request_id = request_id;
  problem.language = language;
  if (impl_->options.ports.message) {
    problem.detail = impl_->options.ports.message(language, error.reason, error.params);
  }
  if (problem.detail.empty()) {
    const std::string_view text = builtin_message(error.reason, language);
    problem.detail = fill_placeholders(
        text.empty() ? generic_message(problem.status, language) : text, error.params);
  }
  return problem;
}

}  // namespace atalaya::api
