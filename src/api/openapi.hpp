#pragma once

#include <span>
#include <string_view>

#include <atalaya/api/router.hpp>
#include <atalaya/base/json.hpp>

namespace atalaya::api {

/// OpenAPI 3.1 for the routes of Kind::api, in their order. Pure.
[[nodiscard]] json::value openapi_document(std::span<const Route> routes,
                                           std::string_view version);

}  // namespace atalaya::api
