#pragma once
// Checking the parameters of a request against its route.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/api/router.hpp>

namespace atalaya::api {

/// The parameters of path and query by name, in the order of the route's declaration, fallbacks
/// filled in. Fails with invalid_argument: api.param.unknown, .missing, .repeated, .bad, each
/// naming the parameter.
[[nodiscard]] Result<std::vector<std::pair<std::string_view, std::string>>> check_params(
    const Route& route, const http::Request& request,
    std::vector<std::pair<std::string_view, std::string>> path_params);

/// The longest text a parameter may have, in characters.
[[nodiscard]] std::int64_t length_max(const Param& param) noexcept;
inline constexpr std::string_view kIdPattern = "^[A-Za-z0-9][A-Za-z0-9._~:-]{0,119}$";

}  // namespace atalaya::api
