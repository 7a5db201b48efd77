#include "kept_page.hpp"

#include <fmt/format.h>

#include "routes.hpp"

namespace atalaya::api {

Result<http::Response> kept_answer(const Call& call, Node& node, std::string_view version,
                                   const MakeAnswer& make) {
  const auto answer = [&]() -> Result<http::Response> {
    const PageContext context = ATALAYA_TRY(page_context(call, node));
    return make(context);
  };
  if (!call.caller.account.empty() || node.cache == nullptr) {
    auto response = answer();
    if (response) {
      response->headers.set("Cache-Control", "no-store");
    }
    return response;
  }
  // Pages hold their own address, which is the reader's name for this node where it has none.
  const std::string key =
      fmt::format("{} {}", version, public_context(call.language, call.request, node).origin);
  return node.cache->get_or(http::cache_key(call.request, to_string(call.language), key),
                            call.request, answer);
}

Result<http::Response> kept_page(const Call& call, Node& node, std::string_view version,
                                 const RenderPage& render) {
  return kept_answer(call, node, version, [&](const PageContext& context) -> Result<http::Response> {
    std::string html = ATALAYA_TRY(render(context));
    return html_response(200, std::move(html));
  });
}

std::string followup_version(const Node& node) {
  return fmt::format("{} {}", node.desk->version(), to_string(utc_date(node.clock->now())));
}

}  // namespace atalaya::api
