#pragma once
// Signing in and out, and the ports by which the dispatcher learns who asks.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/api/router.hpp>
#include <atalaya/identity/accounts.hpp>

namespace atalaya::api {

inline constexpr std::string_view kSessionCookie = "atalaya_session";
inline constexpr std::string_view kDeviceCookie = "atalaya_device";

/// GET and POST /{lang}/sign-in, POST /{lang}/sign-out, GET /api/v1/me.
[[nodiscard]] std::vector<Route> identity_routes();

/// For Ports::authenticate: `Authorization: Bearer atalaya_…` before the session cookie. A wrong,
/// ended or revoked token fails with unauthenticated (api.token); a session that ended, and a
/// request with two different session cookies, is nobody. `accounts` must outlive the function.
[[nodiscard]] std::function<Result<Caller>(const http::Request&)> authenticate(
    identity::Accounts& accounts);

/// For Ports::known_browser.
[[nodiscard]] std::function<std::string(const http::Request&)> known_browser(
    identity::Accounts& accounts);

/// For Ports::csrf_valid.
[[nodiscard]] std::function<bool(const Caller&, std::string_view)> csrf_valid(
    identity::Accounts& accounts);

/// Where to go after signing in: `next` if it is a path of this node, else "/{lang}/". Never
/// another site, never the sign-in itself. Pure.
[[nodiscard]] std::string safe_next(std::string_view next, Language language);

}  // namespace atalaya::api
