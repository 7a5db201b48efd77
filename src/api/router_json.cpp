#include "router_json.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/http/negotiate.hpp>
#include <atalaya/http/target.hpp>

namespace atalaya::api {
namespace detail {

std::unexpected<Error> wrong_type(std::string_view field, std::string_view expected) {
  Error error = field_error("api.body.wrong_type", field).error();
  return fail(std::move(error).with("expected", expected));
}

std::unexpected<Error> field_error(std::string_view reason, std::string_view field) {
  const std::string name(field.empty() ? "." : field);
  return fail(Error{ErrorCode::invalid_argument, std::string(reason), fmt::format("field {}", name),
                    {{"field", name}}});
}

std::string_view short_type_name(std::string_view pretty) noexcept {
  // g++: "… [with T = a::b::Name; std::string_view = …]", clang: "… [T = a::b::Name]".
  const std::size_t start = pretty.find("T = ");
  std::string_view name = pretty.substr(start == std::string_view::npos ? 0 : start + 4);
  name = name.substr(0, name.find_first_of(";]<"));
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::string join_field(std::string_view parent, std::string_view name) {
  return parent.empty() ? std::string(name) : fmt::format("{}.{}", parent, name);
}

std::string index_field(std::string_view parent, std::size_t index) {
  return fmt::format("{}[{}]", parent, index);
}

}  // namespace detail

namespace {

void write_json(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    out += '{';
    const char* comma = "";
    for (const auto& pair : *object) {
      out += comma + json::serialize(pair.key()) + ':';
      write_json(pair.value(), out);
      comma = ",";
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    const char* comma = "";
    for (const json::value& element : *array) {
      out += comma;
      write_json(element, out);
      comma = ",";
    }
    out += ']';
  } else if (value.is_double()) {
    // JSON has no infinity; what has no value is null.
    const double number = value.get_double();
    out += std::isfinite(number) ? fmt::format("{}", number) : "null";
  } else {
    out += json::serialize(value);
  }
}

// What a cursor is bound to: the route and every parameter but the cursor itself and the page
// length, which a reader may change on the way.
std::string list_identity(const Call& call) {
  std::string text(call.route.name);
  for (const auto& [name, value] : call.params) {
    if (name != "cursor" && name != "limit") {
      text += fmt::format("\n{}={}", name, value);
    }
  }
  return text;
}

std::string check_of(const Call& call, std::string_view payload) {
  const auto digest = sha256(fmt::format("{}\n\n{}", list_identity(call), payload));
  return to_hex(std::span(digest).first(6));
}

}  // namespace

Result<json::value> json_body(const Call& call) {
  if (find_invalid_utf8(call.request.body)) {
    return fail(Error{ErrorCode::invalid_argument, "base.json.bad", "not UTF-8",
                      {{"line", "1"}, {"column", "1"}}});
  }
  return parse_json(call.request.body, "body");
}

std::string json_text(const json::value& value) {
  std::string out;
  write_json(value, out);
  return out;
}

http::Response json_text_response(std::string text, int status) {
  return http::respond(status, "application/json", std::move(text));
}

Result<http::QueryParams> form_body(const Call& call) {
  return http::parse_form(call.request.body, 1'000);
}

std::string next_cursor(const Call& call, const std::vector<std::string>& after) {
  const std::string payload = json::serialize(to_json(after));
  const std::string hex = to_hex(as_bytes(payload));
  return check_of(call, payload) + hex;
}

Result<std::vector<std::string>> read_cursor(const Call& call) {
  const std::string_view cursor = call.text("cursor");
  if (cursor.empty()) {
    return std::vector<std::string>();
  }
  const auto bytes = from_hex(cursor.substr(std::min<std::size_t>(12, cursor.size())));
  if (!bytes || check_of(call, as_text(*bytes)) != cursor.substr(0, 12)) {
    return fail(ErrorCode::invalid_argument, "api.cursor");
  }
  const json::value value = ATALAYA_TRY(parse_json(as_text(*bytes), "cursor"));
  return from_json<std::vector<std::string>>(value, "cursor");
}

std::string call_cache_key(const Call& call, std::string_view version) {
  std::string key = fmt::format("{}\n{}\n{}", list_identity(call), to_string(call.language), version);
  for (const std::string_view name : {"cursor", "limit"}) {
    for (const std::string_view value : call.all(name)) {
      key += fmt::format("\n{}={}", name, value);
    }
  }
  return key;
}

Result<void> check_if_match(const Call& call, std::string_view etag) {
  const std::string_view header = call.request.headers.get("If-Match");
  if (!header.empty() && !http::etag_matches(header, etag)) {
    return fail(ErrorCode::conflict, "api.changed");
  }
  return {};
}

}  // namespace atalaya::api
