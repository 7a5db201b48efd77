#pragma once
// What handlers of pages share.

#include <string>
#include <string_view>

#include <atalaya/api/router.hpp>

namespace atalaya::api {

/// A page that nothing between here and its reader may store.
[[nodiscard]] http::Response private_page(int status, std::string html);
/// A parameter of the query that the route does not declare; "" where it is absent or longer than
/// 120 bytes.
[[nodiscard]] std::string asked(const Call& call, std::string_view name);
/// The address of `path` in the caller's language: "/es/desk" for "/desk".
[[nodiscard]] std::string local(const Call& call, std::string_view path);

}  // namespace atalaya::api
