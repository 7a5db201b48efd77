#include "handler_parts.hpp"

#include <utility>

#include <fmt/format.h>

#include "routes.hpp"

namespace atalaya::api {

http::Response private_page(int status, std::string html) {
  auto response = html_response(status, std::move(html));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

std::string asked(const Call& call, std::string_view name) {
  const std::string_view value = call.request.query_value(name).value_or("");
  return value.size() <= 120 ? std::string(value) : std::string();
}

std::string local(const Call& call, std::string_view path) {
  return fmt::format("/{}{}", to_string(call.language), path);
}

}  // namespace atalaya::api
