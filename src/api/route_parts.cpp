#include "route_parts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <atalaya/base/result.hpp>

namespace atalaya::api {
namespace {

constexpr std::int64_t kNumberMax = 1'000'000'000;

constexpr Param id_of(std::string_view name, std::string_view about) {
  return {.name = name, .type = ParamType::id, .about = about};
}

constexpr Param number_of(std::string_view name, std::string_view about,
                          std::int64_t max = kNumberMax) {
  return {.name = name, .type = ParamType::integer, .about = about, .min = 1, .max = max};
}

// What the names in paths stand for, the same in every path.
const Param kPathParams[] = {
    id_of("id", "Its identifier"),
    id_of("actor", "PAN, PAN.parliament or cicad"),
    id_of("checklist", "A checklist"),
    id_of("country", "A state, like PAN"),
    id_of("file", "Its SHA-256"),
    id_of("form", "A questionnaire"),
    id_of("item", "An article"),
    id_of("meeting", "A meeting, like summit-2022, or a series: summit, mispa, pns"),
    id_of("register", "A register"),
    id_of("round", "A round"),
    number_of("coding", "The coding"),
    number_of("number", "Its number"),
    number_of("ordinal", "The clause's number", 1000),
    number_of("position", "Its number in the release", 10'000),
    number_of("row", "A row", 9 * kNumberMax),
    number_of("submission", "Its number"),
};

// {lang} is every route's, and {rest...} is the route's own.
std::vector<Param> path_params(std::string_view path) {
  std::vector<Param> params;
  for (auto at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    const std::string_view name = path.substr(at + 1, path.find('}', at) - at - 1);
    if (name == "lang" || name.ends_with("...")) {
      continue;
    }
    const auto* found = std::ranges::find(kPathParams, name, &Param::name);
    ATALAYA_CHECK(found != std::end(kPathParams));
    params.push_back(*found);
  }
  return params;
}

}  // namespace

Route page_route(std::string_view path, std::string_view name, Handler handler, RoleSet roles) {
  Route route;
  route.path = path;
  route.name = name;
  route.kind = Kind::page;
  route.roles = roles;
  route.rate = RateClass::page;
  route.params = path_params(path);
  route.answers = {{.status = 200, .about = "The page", .media_type = "text/html"}};
  route.handler = handler;
  return route;
}

Route form_route(std::string_view path, std::string_view name, Handler handler, RoleSet roles,
                 std::size_t bytes_max) {
  Route route = page_route(path, name, handler, roles);
  route.method = http::Method::post;
  route.rate = RateClass::write;
  route.body_bytes_max = bytes_max;
  route.event = name;
  route.consumes = {"application/x-www-form-urlencoded"};
  route.answers = {{.status = 303, .about = "Done; look there", .media_type = ""}};
  route.problems = {409};
  return route;
}

Route with_files(Route form, std::size_t bytes_max) {
  form.body_bytes_max = bytes_max;
  form.consumes = {"multipart/form-data"};
  return form;
}

Route shows_page(Route form) {
  form.answers = {{.status = 200, .about = "The page", .media_type = "text/html"}};
  return form;
}

Route data_route(std::string_view path, std::string_view name, std::string_view summary,
                 SchemaRef schema, Handler handler) {
  Route route;
  route.path = path;
  route.name = name;
  route.summary = summary;
  route.cross_origin = true;
  route.params = path_params(path);
  route.answers = {{.status = 200, .about = summary, .schema = schema}};
  route.handler = handler;
  return route;
}

Route or_csv(Route data, std::string_view about) {
  data.params.push_back({.name = "format",
                         .type = ParamType::choice,
                         .about = "json or csv",
                         .values = {"json", "csv"},
                         .fallback = "json"});
  data.answers.push_back({.status = 200, .about = about, .media_type = "text/csv"});
  return data;
}

Route with_query(Route route, std::initializer_list<Param> params) {
  route.params.insert(route.params.end(), params);
  return route;
}

Route write_route(Route route) {
  route.rate = RateClass::write;
  route.event = route.name;
  route.problems = {409};
  route.params = path_params(route.path);
  return route;
}

}  // namespace atalaya::api
