#include "router_table.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace atalaya::api {
namespace {

std::unexpected<Error> bad_table(const Route& route, std::string_view what) {
  return fail(ErrorCode::invalid_argument, "api.table",
              fmt::format("route {} {} ({}): {}", http::to_string(route.method), route.path,
                          route.name, what));
}

const Param* find_param(const Route& route, std::string_view name) noexcept {
  const auto it = std::ranges::find(route.params, name, &Param::name);
  return it != route.params.end() ? &*it : nullptr;
}

Result<void> check_params(const Route& route, const std::vector<Segment>& segments) {
  for (const Segment& segment : segments) {
    if (segment.type == Segment::Type::literal || segment.text == "lang") {
      continue;
    }
    const Param* param = find_param(route, segment.text);
    if (param == nullptr) {
      return bad_table(route, fmt::format("{{{}}} is not among params", segment.text));
    }
    if ((param->type == ParamType::rest) != (segment.type == Segment::Type::rest)) {
      return bad_table(route, fmt::format("{{{}...}} and ParamType::rest go together",
                                          segment.text));
    }
  }
  std::set<std::string_view> names;
  for (const Param& param : route.params) {
    if (!names.insert(param.name).second) {
      return bad_table(route, fmt::format("two parameters are named {}", param.name));
    }
    if (param.name.empty() || param.name == "lang") {
      return bad_table(route, "'lang' is every route's and is not declared");
    }
    if ((param.type == ParamType::choice) == param.values.empty()) {
      return bad_table(route, fmt::format("{}: choice and values go together", param.name));
    }
    if (param.type == ParamType::integer && param.min >= param.max) {
      return bad_table(route, fmt::format("{}: min must be below max", param.name));
    }
  }
  return {};
}

Result<void> check_route(const Route& route) {
  if (route.handler == nullptr || route.name.empty()) {
    return bad_table(route, "needs a handler and a name");
  }
  if (route.roles.empty()) {
    return bad_table(route, "nobody may use it");
  }
  const bool safe = http::is_safe(route.method);
  if (route.method == http::Method::other || route.method == http::Method::head ||
      route.method == http::Method::options) {
    return bad_table(route, "HEAD and OPTIONS are answered by themselves");
  }
  if (safe && (route.body_bytes_max != 0 || !route.request.name.empty())) {
    return bad_table(route, "a safe method has no body");
  }
  if ((!route.request.name.empty() || !route.consumes.empty()) && route.body_bytes_max == 0) {
    return bad_table(route, "a body is read but body_bytes_max is 0");
  }
  if (!route.request.name.empty() && !route.consumes.empty()) {
    return bad_table(route, "request means JSON; consumes is for other media types");
  }
  if (!safe && !route.roles.anyone() && route.event.empty()) {
    return bad_table(route, "a write by an account needs an audit event");
  }
  if (route.kind == Kind::api && (route.answers.empty() || route.summary.empty())) {
    return bad_table(route, "an API route needs answers and a summary");
  }
  if (route.cross_origin && (!safe || !route.roles.anyone())) {
    return bad_table(route, "only open data may be read by other sites");
  }
  return {};
}

// Whether two patterns match the same paths.
bool same_shape(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::ranges::equal(a, b, [](const Segment& x, const Segment& y) {
    const bool lang = (x.text == "lang") == (y.text == "lang");
    return x.type == y.type && (x.type == Segment::Type::literal ? x.text == y.text : lang);
  });
}

bool more_literal(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  const auto weight = [](const Segment& segment) {
    return static_cast<int>(segment.type) * 2 - (segment.text == "lang" ? 1 : 0);
  };
  return std::ranges::lexicographical_compare(a, b, {}, weight, weight);
}

bool matches(const std::vector<Segment>& pattern, const std::vector<std::string>& path,
             std::vector<std::pair<std::string_view, std::string>>& params) {
  params.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const Segment& segment = pattern[i];
    if (segment.type == Segment::Type::rest) {
      std::string rest;
      for (std::size_t k = i; k < path.size(); ++k) {
        rest += (k == i ? "" : "/") + path[k];
      }
      params.emplace_back(segment.text, std::move(rest));
      return path.size() > i;
    }
    if (i >= path.size()) {
      return false;
    }
    if (segment.type == Segment::Type::literal ? segment.text != path[i]
                                               : segment.text == "lang" &&
                                                     !parse_language(path[i])) {
      return false;
    }
    if (segment.type == Segment::Type::param) {
      params.emplace_back(segment.text, path[i]);
    }
  }
  return pattern.size() == path.size();
}

}  // namespace

Result<std::vector<Segment>> parse_pattern(std::string_view pattern) {
  const auto bad = [&](std::string_view what) {
    return fail(ErrorCode::invalid_argument, "api.table", fmt::format("{}: {}", pattern, what));
  };
  std::vector<Segment> segments;
  if (!pattern.starts_with('/')) {
    return bad("a path starts with '/'");
  }
  for (std::string_view part : split(pattern.substr(1), '/')) {
    if (!segments.empty() && segments.back().type == Segment::Type::rest) {
      return bad("nothing may follow {name...}");
    }
    if (part.empty()) {
      continue;  // the trailing slash
    }
    const bool braces = part.starts_with('{') && part.ends_with('}');
    if (!braces) {
      if (part.find_first_of("{}") != std::string_view::npos) {
        return bad("a parameter is a whole segment");
      }
      segments.push_back(Segment{Segment::Type::literal, part});
      continue;
    }
    part = part.substr(1, part.size() - 2);
    const bool rest = part.ends_with("...");
    part.remove_suffix(rest ? 3 : 0);
    segments.push_back(Segment{rest ? Segment::Type::rest : Segment::Type::param, part});
  }
  return segments;
}

Result<RouteTable> RouteTable::create(std::vector<Route> routes) {
  RouteTable table;
  table.routes_ = std::move(routes);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < table.routes_.size(); ++i) {
    const Route& route = table.routes_[i];
    ATALAYA_TRY(check_route(route));
    Compiled compiled;
    compiled.index = i;
    compiled.segments = ATALAYA_TRY(parse_pattern(route.path));
    compiled.slash = route.path.size() > 1 && route.path.ends_with('/');
    ATALAYA_TRY(check_params(route, compiled.segments));
    if (!names.insert(route.name).second) {
      return bad_table(route, "its name is taken");
    }
    for (const Compiled& other : table.compiled_) {
      if (table.routes_[other.index].method == route.method &&
          same_shape(other.segments, compiled.segments)) {
        return bad_table(route, fmt::format("collides with {}", table.routes_[other.index].name));
      }
    }
    table.compiled_.push_back(std::move(compiled));
  }
  std::ranges::stable_sort(table.compiled_, [](const Compiled& a, const Compiled& b) {
    return more_literal(a.segments, b.segments);
  });
  return table;
}

Match RouteTable::match(const http::Request& request) const {
  Match match;
  match.api = !request.segments.empty() && request.segments.front() == "api";
  const http::Method wanted =
      request.method == http::Method::head ? http::Method::get : request.method;
  std::vector<std::pair<std::string_view, std::string>> params;
  for (const Compiled& compiled : compiled_) {
    if (!matches(compiled.segments, request.segments, params)) {
      continue;
    }
    const Route& route = routes_[compiled.index];
    const std::string_view name = http::to_string(route.method);
    if (!match.allow.contains(name)) {
      match.allow += fmt::format("{}{}", match.allow.empty() ? "" : ", ", name);
      match.allow += route.method == http::Method::get ? ", HEAD" : "";
    }
    if (match.route == nullptr && route.method == wanted) {
      match.route = &route;
      match.index = compiled.index;
      match.path_params = std::move(params);
      const bool ends = request.path.size() > 1 && request.path.ends_with('/');
      if (compiled.segments.empty() || compiled.segments.back().type != Segment::Type::rest) {
        match.slash = request.path.size() > 1 && ends != compiled.slash;
      } else if (ends) {
        match.path_params.back().second += '/';  // a last slash belongs to the rest
      }
    }
  }
  return match;
}

}  // namespace atalaya::api
