#include "openapi.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include <atalaya/http/negotiate.hpp>

#include "problem.hpp"
#include "router_json.hpp"
#include "router_params.hpp"
#include "router_table.hpp"

namespace atalaya::api {
namespace {

constexpr std::string_view kDescription =
    "Follow what the states of the Americas committed to on public security. Lists are paged by "
    "an opaque cursor. Errors are problem details (RFC 9457): `reason` is stable, `detail` is in "
    "the language of the request. Unknown parameters and unknown fields are refused.";

json::value ref(std::string_view kind, std::string_view name) {
  return json::object{{"$ref", fmt::format("#/components/{}/{}", kind, name)}};
}

json::object text_schema(std::int64_t min, std::int64_t max) {
  json::object schema{{"type", "string"}, {"maxLength", max},
                      {"pattern", "^[^\\u0000-\\u001F\\u007F]*$"}};
  if (min > 0) {
    schema["minLength"] = min;
  }
  return schema;
}

json::object param_schema(const Param& param) {
  switch (param.type) {
    case ParamType::text:
    case ParamType::rest:
      return text_schema(param.min, length_max(param));
    case ParamType::id:
      return {{"type", "string"}, {"pattern", kIdPattern}, {"maxLength", 120}};
    case ParamType::integer:
      return {{"type", "integer"}, {"minimum", param.min}, {"maximum", param.max}};
    case ParamType::flag:
      return {{"type", "boolean"}};
    case ParamType::date:
      return {{"type", "string"}, {"format", "date"}};
    case ParamType::choice: {
      json::array values;
      for (const std::string_view value : param.values) {
        values.emplace_back(value);
      }
      return {{"type", "string"}, {"enum", std::move(values)}};
    }
    case ParamType::cursor:
      return {{"type", "string"}, {"pattern", "^([0-9a-f]{2}){7,500}$"}};
  }
  return {};
}

json::value default_value(const Param& param) {
  if (param.type == ParamType::integer) {
    return json::parse(json::string_view(param.fallback));
  }
  if (param.type == ParamType::flag) {
    return param.fallback == "true";
  }
  return json::value(param.fallback);
}

json::value parameter(const Param& param, bool in_path) {
  json::object schema = param_schema(param);
  if (!param.fallback.empty()) {
    schema["default"] = default_value(param);
  }
  if (param.repeats) {
    schema = json::object{{"type", "array"}, {"items", std::move(schema)}};
  }
  json::object object{{"name", param.name},
                      {"in", in_path ? "path" : "query"},
                      {"description", param.about},
                      {"required", in_path || param.required},
                      {"schema", std::move(schema)}};
  return object;
}

json::array parameters(const Route& route, const std::vector<Segment>& segments) {
  json::array list;
  for (const Param& param : route.params) {
    const bool in_path = std::ranges::any_of(segments, [&](const Segment& segment) {
      return segment.type != Segment::Type::literal && segment.text == param.name;
    });
    list.push_back(parameter(param, in_path));
  }
  list.push_back(ref("parameters", "lang"));
  if (!http::is_safe(route.method) && !route.roles.anyone()) {
    list.push_back(ref("parameters", "idempotency_key"));
  }
  return list;
}

json::value content(std::string_view media_type, const SchemaRef& schema) {
  json::object media;
  if (!schema.name.empty()) {
    media["schema"] = ref("schemas", schema.name);
  }
  return json::object{{media_type, std::move(media)}};
}

json::value request_body(const Route& route, SchemaBook& book) {
  json::object types;
  if (!route.request.name.empty()) {
    route.request.add_to(book);
    types = content("application/json", route.request).get_object();
  }
  for (const std::string_view type : route.consumes) {
    types.emplace(type, json::object{});
  }
  return json::object{{"required", true}, {"content", std::move(types)}};
}

// What this route can really answer besides its own answers.
std::vector<int> problem_statuses(const Route& route, const std::vector<Segment>& segments) {
  std::vector<int> statuses{400, 401, 500, 503};
  const bool writes = !http::is_safe(route.method);
  if (!route.roles.anyone() || !route.scope.empty() || writes) {
    statuses.push_back(403);
  }
  if (std::ranges::any_of(segments,
                          [](const Segment& s) { return s.type != Segment::Type::literal; })) {
    statuses.push_back(404);
  }
  if (route.body_bytes_max != 0) {
    statuses.insert(statuses.end(), {408, 413, 415});
  }
  if (writes && !route.roles.anyone()) {
    statuses.push_back(409);
  }
  if (route.rate != RateClass::none) {
    statuses.push_back(429);
  }
  statuses.insert(statuses.end(), route.problems.begin(), route.problems.end());
  std::ranges::sort(statuses);
  const auto twice = std::ranges::unique(statuses);
  statuses.erase(twice.begin(), twice.end());
  return statuses;
}

json::object responses(const Route& route, const std::vector<Segment>& segments,
                       SchemaBook& book) {
  json::object object;
  for (const Answer& answer : route.answers) {
    json::object response{{"description", answer.about}};
    if (!answer.schema.name.empty()) {
      answer.schema.add_to(book);
    }
    if (!answer.media_type.empty()) {
      // One status may come in several media types (JSON and CSV), each its own entry.
      json::object& slot = object.emplace(std::to_string(answer.status), response)
                               .first->value()
                               .get_object();
      json::object& types = slot.emplace("content", json::object{}).first->value().get_object();
      const json::value one = content(answer.media_type, answer.schema);
      types.emplace(answer.media_type, one.get_object().begin()->value());
    } else {
      object.emplace(std::to_string(answer.status), std::move(response));
    }
  }
  if (http::is_safe(route.method)) {
    object.emplace("304", json::object{{"description", "The client's copy is current"}});
  }
  for (const int status : problem_statuses(route, segments)) {
    object.emplace(std::to_string(status), ref("responses", "problem"));
  }
  object.emplace("default", ref("responses", "problem"));
  return object;
}

json::value security(const Route& route) {
  json::array list;
  if (route.roles.anyone()) {
    list.push_back(json::object{});
  }
  list.push_back(json::object{{"token", json::array{}}});
  list.push_back(json::object{{"session", json::array{}}});
  return list;
}

json::object operation(const Route& route, const std::vector<Segment>& segments,
                       SchemaBook& book) {
  json::object object{{"operationId", route.name}, {"summary", route.summary}};
  // "/api/v1/commitments/…" belongs to the group "commitments".
  const bool versioned = segments.size() > 2 && segments[1].text == "v1";
  object["tags"] = json::array{versioned ? segments[2].text : std::string_view("node")};
  object["parameters"] = parameters(route, segments);
  if (route.body_bytes_max != 0) {
    object["requestBody"] = request_body(route, book);
  }
  object["responses"] = responses(route, segments, book);
  object["security"] = security(route);
  if (!route.roles.anyone()) {
    json::array roles;
    for (const Role role : kRoles) {
      if (route.roles.has(role)) {
        roles.emplace_back(to_string(role));
      }
    }
    object["x-roles"] = std::move(roles);
  }
  if (!route.scope.empty()) {
    object["x-scope"] = route.scope;
  }
  return object;
}

json::object problem_schema() {
  const json::object text{{"type", "string"}};
  return {{"type", "object"},
          {"description", "Problem details (RFC 9457)"},
          {"properties",
           json::object{{"type", text},
                        {"title", text},
                        {"status", json::object{{"type", "integer"}}},
                        {"detail", text},
                        {"reason", text},
                        {"request_id", text},
                        {"params", json::object{{"type", "object"},
                                                {"additionalProperties", text}}}}},
          {"required",
           json::array{"type", "title", "status", "detail", "reason", "request_id"}}};
}

json::object components(const SchemaBook& book) {
  json::object schemas{{"Problem", problem_schema()}};
  for (const auto& [name, schema] : book.all()) {
    schemas.emplace(name, schema);
  }
  const json::object lang{
      {"name", "lang"},
      {"in", "query"},
      {"description", "Language of messages and texts; else the Accept-Language header decides"},
      {"required", false},
      {"schema",
       json::object{{"type", "string"}, {"enum", json::array{"en", "es", "pt", "fr"}}}}};
  const json::object key{
      {"name", "Idempotency-Key"},
      {"in", "header"},
      {"description", "Makes it safe to send the same write again"},
      {"required", false},
      {"schema", json::object{{"type", "string"}, {"pattern", "^[!-~]{1,120}$"}}}};
  const json::object problem{
      {"description", "A problem; `reason` says which"},
      {"content", content("application/problem+json", SchemaRef{"Problem", nullptr})}};
  return {{"schemas", std::move(schemas)},
          {"parameters", json::object{{"lang", lang}, {"idempotency_key", key}}},
          {"responses", json::object{{"problem", problem}}},
          {"securitySchemes",
           json::object{{"token", json::object{{"type", "http"}, {"scheme", "bearer"}}},
                        {"session", json::object{{"type", "apiKey"},
                                                 {"in", "cookie"},
                                                 {"name", "atalaya_session"}}}}}};
}

}  // namespace

json::value openapi_document(std::span<const Route> routes, std::string_view version) {
  SchemaBook book;
  json::object paths;
  for (const Route& route : routes) {
    if (route.kind != Kind::api) {
      continue;
    }
    const Result<std::vector<Segment>> segments = parse_pattern(route.path);
    ATALAYA_CHECK(segments.has_value());
    std::string path(route.path);
    if (const std::size_t dots = path.find("...}"); dots != std::string::npos) {
      path.erase(dots, 3);
    }
    std::string method(http::to_string(route.method));
    std::ranges::transform(method, method.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    json::object& item = paths.emplace(path, json::object{}).first->value().get_object();
    item.emplace(method, operation(route, *segments, book));
  }
  return json::object{{"openapi", "3.1.0"},
                      {"info", json::object{{"title", "Atalaya"},
                                            {"version", version},
                                            {"description", kDescription},
                                            {"license", json::object{
                                                {"name", "AGPL-3.0-or-later"},
                                                {"identifier", "AGPL-3.0-or-later"}}}}},
                      {"paths", std::move(paths)},
                      {"components", components(book)}};
}

}  // namespace atalaya::api
