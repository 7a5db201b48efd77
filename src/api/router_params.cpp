#include "router_params.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace atalaya::api {
namespace {

using Params = std::vector<std::pair<std::string_view, std::string>>;

std::unexpected<Error> refuse(std::string_view reason, std::string_view name) {
  return fail(Error{ErrorCode::invalid_argument, std::string(reason),
                    fmt::format("parameter {}", name), {{"name", std::string(name)}}});
}

std::size_t characters(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_text(const Param& param, std::string_view value) noexcept {
  const auto length = static_cast<std::int64_t>(characters(value));
  const bool control = std::ranges::any_of(
      value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  return !control && length >= param.min && length <= length_max(param);
}

bool is_id(std::string_view value) noexcept {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !value.empty() && value.size() <= 120 && alphanumeric(value.front()) &&
         std::ranges::all_of(value, [&](char c) {
           return alphanumeric(c) || std::string_view("._~:-").contains(c);
         });
}

bool is_integer(const Param& param, std::string_view value) noexcept {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc{} && end == value.data() + value.size() && number >= param.min &&
         number <= param.max;
}

bool is_good(const Param& param, std::string_view value) {
  switch (param.type) {
    case ParamType::text:
    case ParamType::rest:
      return is_text(param, value);
    case ParamType::id:
      return is_id(value);
    case ParamType::integer:
      return is_integer(param, value);
    case ParamType::flag:
      return value == "true" || value == "false";
    case ParamType::date:
      return parse_civil_date(value).has_value();
    case ParamType::choice:
      return std::ranges::find(param.values, value) != param.values.end();
    case ParamType::cursor:
      return value.size() <= 1000 && is_text(Param{.name = {}, .max = 1000}, value);
  }
  return false;
}

// In signs rather than words, because it goes into messages of four languages.
std::string expected(const Param& param) {
  switch (param.type) {
    case ParamType::text:
    case ParamType::rest:
      return fmt::format("text[{}..{}]", param.min, length_max(param));
    case ParamType::id:
      return "A-Z a-z 0-9 . _ ~ : - [1..120]";
    case ParamType::integer:
      return fmt::format("{}..{}", param.min, param.max);
    case ParamType::flag:
      return "true | false";
    case ParamType::date:
      return "YYYY-MM-DD";
    case ParamType::choice:
      return fmt::format("{}", fmt::join(param.values, " | "));
    case ParamType::cursor:
      return "cursor";
  }
  return {};
}

// `lang` belongs to every API route; the dispatcher reads it.
Result<void> check_names(const Route& route, const http::Request& request,
                         const Params& path_params) {
  for (const auto& [name, value] : request.query) {
    const bool in_path = std::ranges::any_of(
        path_params, [&](const auto& param) { return param.first == name; });
    const bool known = std::ranges::find(route.params, name, &Param::name) != route.params.end();
    if (name == "lang" && !parse_language(value)) {
      return fail(refuse("api.param.bad", name).error().with("expected", "en | es | pt | fr"));
    }
    if ((!known || in_path) && name != "lang") {
      return refuse("api.param.unknown", name);
    }
  }
  return {};
}

}  // namespace

std::int64_t length_max(const Param& param) noexcept {
  return param.max != 0 ? param.max : param.type == ParamType::rest ? 500 : 200;
}

Result<Params> check_params(const Route& route, const http::Request& request, Params path_params) {
  if (route.kind == Kind::api) {
    ATALAYA_TRY(check_names(route, request, path_params));
  }
  Params checked;
  for (const Param& param : route.params) {
    std::size_t found = 0;
    const auto take = [&](std::string_view name, const std::string& value) -> Result<void> {
      if (name != param.name) {
        return {};
      }
      if (++found > 1 && !param.repeats) {
        return refuse("api.param.repeated", param.name);
      }
      if (!is_good(param, value)) {
        return fail(refuse("api.param.bad", param.name).error().with("expected", expected(param)));
      }
      checked.emplace_back(param.name, value);
      return {};
    };
    const bool in_path = std::ranges::any_of(
        path_params, [&](const auto& given) { return given.first == param.name; });
    if (in_path) {
      for (const auto& [name, value] : path_params) {
        ATALAYA_TRY(take(name, value));
      }
      continue;
    }
    for (const auto& [name, value] : request.query) {
      // A field of a page's form that was left empty asks for nothing.
      if (route.kind == Kind::api || !value.empty()) {
        ATALAYA_TRY(take(name, value));
      }
    }
    if (found == 0 && param.required) {
      return refuse("api.param.missing", param.name);
    }
    if (found == 0 && !param.fallback.empty()) {
      checked.emplace_back(param.name, param.fallback);
    }
  }
  return checked;
}

}  // namespace atalaya::api
