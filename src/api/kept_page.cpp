#include "kept_page.hpp"

#include <fmt/format.h>

#include "routes.hpp"

namespace atalaya::api {

Result<http::Response> kept_page(const Call& call, Node& node, std::string_view version,
                                 const RenderPage& render) {
  const auto make = [&]() -> Result<http::Response> {
    const PageContext context = ATALAYA_TRY(page_context(call, node));
    auto html = render(context);
    if (!html) {
      return fail(std::move(html).error());
    }
    return html_response(200, *std::move(html));
  };
  if (!call.caller.account.empty() || node.cache == nullptr) {
    auto response = make();
    if (response) {
      response->headers.set("Cache-Control", "no-store");
    }
    return response;
  }
  // Pages hold their own address, which is the reader's name for this node where it has none.
  const std::string key =
      fmt::format("{} {}", version, public_context(call.language, call.request, node).origin);
  return node.cache->get_or(http::cache_key(call.request, to_string(call.language), key),
                            call.request, make);
}

std::string followup_version(const Node& node) {
  return fmt::format("{} {}", node.desk->version(), to_string(utc_date(node.clock->now())));
}

}  // namespace atalaya::api
