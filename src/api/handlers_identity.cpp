#include "handlers_identity.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/describe.hpp>

#include <atalaya/api/node.hpp>
#include <atalaya/api/serving.hpp>
#include <atalaya/http/target.hpp>

#include "problem.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

constexpr std::size_t kFormBytesMax = 16'384;
constexpr std::int64_t kDeviceSeconds = 180LL * 24 * 3600;

// Every value of the cookie, from every Cookie field: a browser sends one of its own, and another
// that a neighbouring site of the same domain planted.
std::vector<std::string_view> cookies(const http::Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const http::Header& header : request.headers) {
    if (header.name.size() != 6 || fold(header.name) != "cookie") {
      continue;
    }
    for (const std::string_view piece : split(header.value, ';')) {
      const std::string_view pair = trim(piece);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
        values.push_back(pair.substr(equals + 1));
      }
    }
  }
  return values;
}

// Nothing where there is none, or where two differ: then nobody can say whose session it is.
std::string_view session_cookie(const http::Request& request) {
  const auto values = cookies(request, kSessionCookie);
  const bool one = !values.empty() && std::ranges::all_of(values, [&](std::string_view value) {
    return value == values.front();
  });
  return one ? values.front() : std::string_view();
}

identity::SignInFrom from_of(const http::Request& request) {
  const auto devices = cookies(request, kDeviceCookie);
  return {request.peer, devices.empty() ? std::string() : std::string(devices.front())};
}

void set_cookie(http::Response& response, const http::Request& request, std::string_view name,
                std::string_view value, std::string_view age) {
  response.headers.add("Set-Cookie",
                       fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}{}", name, value, age,
                                   request.secure ? "; Secure" : ""));
}

void forget_session(http::Response& response, const http::Request& request) {
  set_cookie(response, request, kSessionCookie, "", "; Max-Age=0");
}

Caller caller_of(const identity::Account& account) {
  Caller caller;
  caller.account = account.id;
  caller.name = identity::shown_name(account);
  caller.roles = roles_of(account.roles);
  caller.organisation = account.organisation;
  return caller;
}

// The token of "Bearer TOKEN" (RFC 6750 section 2.1). A proxy's own scheme (Basic) is not ours.
std::optional<std::string_view> bearer(const http::Request& request) {
  const std::string_view value = request.headers.get("Authorization");
  const std::size_t blank = value.find(' ');
  if (blank == std::string_view::npos || fold(value.substr(0, blank)) != "bearer") {
    return std::nullopt;
  }
  return trim(value.substr(blank));
}

Result<http::Response> sign_in_page(const Call& call, Node& node, SignInView view, int status) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  auto response = html_response(status, render_sign_in(context, view));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

// A refusal that the person can act on is shown on the form; others are problems of the node.
Result<http::Response> refused_page(const Call& call, Node& node, SignInView view, Error error) {
  if (error.code != ErrorCode::unauthenticated && error.reason != "identity.throttled") {
    return fail(std::move(error));
  }
  std::string seconds;
  for (const auto& [name, value] : error.params) {
    seconds = name == "seconds" ? value : seconds;
  }
  const int status = status_of(error.code);
  view.error = std::move(error);
  auto response = sign_in_page(call, node, std::move(view), status);
  if (response && !seconds.empty()) {
    response->headers.set("Retry-After", seconds);
  }
  return response;
}

http::Response signed_in(const Call& call, Node& node, const identity::SignedIn& done,
                         std::string_view next) {
  // A browser has one session: the one before ends, whoever's it was.
  const std::string_view before = session_cookie(call.request);
  if (!before.empty()) {
    static_cast<void>(node.accounts->sign_out(before));
  }
  auto response = http::redirect(303, safe_next(next, call.language));
  // Unsafe reveal: the browser's cookie is what the session is known by.
  set_cookie(response, call.request, kSessionCookie, done.session.unsafe_reveal(), "");
  set_cookie(response, call.request, kDeviceCookie, done.device,
             fmt::format("; Max-Age={}", kDeviceSeconds));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> get_sign_in(const Call& call, Node& node) {
  SignInView view;
  view.next = call.text("next");
  if (!call.caller.account.empty()) {
    return http::redirect(303, safe_next(view.next, call.language));
  }
  return sign_in_page(call, node, std::move(view), 200);
}

Result<http::Response> post_sign_in(const Call& call, Node& node) {
  const auto form = ATALAYA_TRY(form_body(call));
  const auto field = [&](std::string_view name) {
    const auto it = std::ranges::find(form, name, &http::QueryParams::value_type::first);
    return it == form.end() ? std::string() : it->second;
  };
  SignInView view;
  view.next = field("next");
  view.ticket = field("ticket");
  const auto from = from_of(call.request);
  if (!view.ticket.empty()) {
    view.second_factor = true;
    auto done = node.accounts->second_step(view.ticket, field("code"), from);
    if (!done) {
      return refused_page(call, node, std::move(view), std::move(done).error());
    }
    return signed_in(call, node, *done, view.next);
  }
  view.name = field("name").substr(0, 100);
  auto step = node.accounts->sign_in(field("name"), Secret(field("password")), from);
  if (!step) {
    return refused_page(call, node, std::move(view), std::move(step).error());
  }
  if (step->done) {
    return signed_in(call, node, *step->done, view.next);
  }
  view.second_factor = true;
  view.ticket = step->ticket;
  return sign_in_page(call, node, std::move(view), 200);
}

// Works without a session, too: whoever presses the button twice is signed out, not in trouble.
Result<http::Response> post_sign_out(const Call& call, Node& node) {
  const std::string_view session = session_cookie(call.request);
  if (!session.empty()) {
    ATALAYA_TRY(node.accounts->sign_out(session));
  }
  auto response = http::redirect(303, fmt::format("/{}", to_string(call.language)));
  forget_session(response, call.request);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

struct Me {
  std::string account;  // id
  std::string name;     // as pages show it
  std::string organisation;
  std::vector<std::string> roles;   // those without a territory
  std::vector<std::string> scopes;  // of an API token; empty for a browser
  std::optional<std::string> csrf;  // for X-CSRF-Token, in a browser
};
BOOST_DESCRIBE_STRUCT(Me, (), (account, name, organisation, roles, scopes, csrf))

namespace {

Result<http::Response> get_me(const Call& call, Node& node) {
  const Caller& caller = call.caller;
  Me me{caller.account, caller.name, caller.organisation, {}, caller.scopes, std::nullopt};
  for (const Role role : kRoles) {
    if (caller.roles.has(role)) {
      me.roles.emplace_back(to_string(role));
    }
  }
  if (caller.by_cookie) {
    me.csrf = node.accounts->csrf_token(caller.session);
  }
  auto response = json_response(me);
  response.headers.set("Cache-Control", "private, no-store");
  return response;
}

Route form_route(std::string_view path, std::string_view name, std::string_view summary,
                 Handler handler) {
  Route route;
  route.method = http::Method::post;
  route.path = path;
  route.name = name;
  route.summary = summary;
  route.kind = Kind::page;
  route.body_bytes_max = kFormBytesMax;
  route.consumes = {"application/x-www-form-urlencoded"};
  route.handler = handler;
  return route;
}

}  // namespace

std::function<std::string(const http::Request&)> known_browser(identity::Accounts& accounts) {
  return [&accounts](const http::Request& request) {
    const auto from = from_of(request);
    const auto known = from.device.empty() ? Result<std::string>(std::string())
                                           : accounts.known_browser(from.device);
    // Where the store cannot be read the sign-in itself says so.
    return known.value_or(std::string());
  };
}

std::function<Result<Caller>(const http::Request&)> authenticate(identity::Accounts& accounts) {
  return [&accounts](const http::Request& request) -> Result<Caller> {
    if (const auto token = bearer(request)) {
      const auto found = ATALAYA_TRY(accounts.find_token(*token));
      if (!found || request.headers.count("Authorization") > 1) {
        return fail(ErrorCode::unauthenticated, "api.token",
                    "the API token is unknown, expired or revoked");
      }
      Caller caller = caller_of(found->account);
      caller.by_token = true;
      caller.scopes = found->scopes;
      return caller;
    }
    const std::string_view cookie = session_cookie(request);
    if (cookie.empty()) {
      return Caller{};
    }
    const auto found = ATALAYA_TRY(accounts.find_session(cookie));
    if (!found) {
      return Caller{};
    }
    Caller caller = caller_of(found->account);
    caller.by_cookie = true;
    caller.session = found->session;
    return caller;
  };
}

std::function<bool(const Caller&, std::string_view)> csrf_valid(identity::Accounts& accounts) {
  return [&accounts](const Caller& caller, std::string_view token) {
    return accounts.csrf_valid(caller.session, token);
  };
}

std::string safe_next(std::string_view next, Language language) {
  const bool clean = std::ranges::none_of(next, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20U || c == '\x7F' || c == '\\';
  });
  const bool local = next.starts_with('/') && !next.starts_with("//");
  const std::string_view path = next.substr(0, next.find_first_of("?#"));
  if (!clean || !local || next.size() > 1'000 || path.ends_with("/sign-in") ||
      path.ends_with("/sign-in/") || path.ends_with("/sign-out")) {
    return fmt::format("/{}", to_string(language));
  }
  return std::string(next);
}

std::vector<Route> identity_routes() {
  std::vector<Route> routes;
  Route page;
  page.path = "/{lang}/sign-in";
  page.name = "get_sign_in";
  page.summary = "The form to sign in";
  page.kind = Kind::page;
  page.rate = RateClass::page;
  page.params = {{.name = "next",
                  .type = ParamType::text,
                  .about = "Path of this node to go to afterwards",
                  .max = 1'000}};
  page.answers = {{.status = 200, .about = "The form", .media_type = "text/html"}};
  page.handler = &get_sign_in;
  routes.push_back(std::move(page));

  Route sign_in = form_route("/{lang}/sign-in", "post_sign_in",
                             "Name and password, then the second factor's code", &post_sign_in);
  sign_in.rate = RateClass::sign_in;
  // No session exists yet whose token could be checked; Sec-Fetch-Site and Origin are.
  sign_in.check_csrf = false;
  sign_in.answers = {{.status = 303, .about = "Signed in", .media_type = ""},
                     {.status = 200, .about = "The form for the code", .media_type = "text/html"}};
  routes.push_back(std::move(sign_in));

  Route sign_out =
      form_route("/{lang}/sign-out", "post_sign_out", "End this browser's session", &post_sign_out);
  sign_out.rate = RateClass::write;
  sign_out.answers = {{.status = 303, .about = "Signed out", .media_type = ""}};
  routes.push_back(std::move(sign_out));

  routes.push_back({.path = "/api/v1/me",
                    .name = "get_me",
                    .summary = "Who asks, with roles and scopes",
                    .roles = kSignedIn,
                    .scope = "me:read",
                    .answers = {{.status = 200, .about = "The caller", .schema = schema_of<Me>()}},
                    .handler = &get_me});
  return routes;
}

}  // namespace atalaya::api
