#include <boost/describe.hpp>

#include <atalaya/api/dispatcher.hpp>
#include <atalaya/api/node.hpp>

#include "router_json.hpp"

namespace atalaya::api {

struct Health {
  std::string status;  // "ok"
  /// Changes that the search index has not read yet; absent where there is no index.
  std::optional<std::int64_t> index_behind;
};
BOOST_DESCRIBE_STRUCT(Health, (), (status, index_behind))

namespace {

Result<http::Response> get_health(const Call& call, Node& node) {
  ATALAYA_TRY(call.dispatcher.healthy());
  Health health{"ok", std::nullopt};
  if (node.desk != nullptr) {
    if (const auto behind = node.desk->index_behind()) {
      health.index_behind = *behind;
    }
  }
  http::Response response = json_response(health);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> get_metrics(const Call& call, Node&) {
  http::Response response = http::respond(200, "text/plain; version=0.0.4; charset=utf-8",
                                          call.dispatcher.metrics_text());
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> get_openapi(const Call& call, Node&) {
  return json_text_response(call.dispatcher.openapi(), 200);
}

}  // namespace

std::vector<Route> system_routes(RoleSet metrics_roles) {
  return {
      {.method = http::Method::get,
       .path = "/healthz",
       .name = "get_health",
       .summary = "Whether this node can work",
       .rate = RateClass::none,
       .answers = {{.status = 200,
                    .about = "It can; index_behind counts the changes that search does not know yet",
                    .schema = schema_of<Health>()}},
       .handler = &get_health},
      {.method = http::Method::get,
       .path = "/metrics",
       .name = "get_metrics",
       .summary = "Counters and gauges in Prometheus' text format",
       .roles = metrics_roles,
       .scope = metrics_roles.anyone() ? "" : "metrics:read",
       .rate = RateClass::none,
       .answers = {{.status = 200, .about = "Text format 0.0.4", .media_type = "text/plain"}},
       .handler = &get_metrics},
      {.method = http::Method::get,
       .path = "/api/openapi.json",
       .name = "get_openapi",
       .summary = "This description, OpenAPI 3.1",
       .cross_origin = true,
       .answers = {{.status = 200, .about = "The document"}},
       .handler = &get_openapi},
  };
}

}  // namespace atalaya::api
