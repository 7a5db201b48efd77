#pragma once
// Typed JSON for handlers: one set of rules reads a body, writes an answer and makes the schema
// that documents both, so that the three cannot differ. Included by handlers' .cpp files only.
//
// Known types: bool, integers, double, std::string, CivilDate, UtcTime, json::value, Language,
// std::optional<T> (null, and may be left out), std::vector<T>, std::map<std::string, T> (an object),
// enums described with BOOST_DESCRIBE_ENUM (their names), structs described with
// BOOST_DESCRIBE_STRUCT (an object; unknown fields are refused, fields without std::optional are
// required). A struct's schema is named after it; two structs of one name are a bug of the table.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/describe.hpp>
#include <boost/mp11/algorithm.hpp>

#include <atalaya/api/router.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/base/time.hpp>

namespace atalaya::api {

/// The schemas of a document, by name. `begin` is false when it is there already.
class SchemaBook {
 public:
  [[nodiscard]] bool begin(std::string_view name) {
    return schemas_.emplace(std::string(name), json::object()).second;
  }
  void put(std::string_view name, json::object schema) {
    schemas_[std::string(name)] = std::move(schema);
  }
  [[nodiscard]] const std::map<std::string, json::object>& all() const noexcept {
    return schemas_;
  }

 private:
  std::map<std::string, json::object> schemas_;
};

namespace detail {

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool kIsDescribed = boost::describe::has_describe_members<T>::value;

[[nodiscard]] std::unexpected<Error> wrong_type(std::string_view field, std::string_view expected);
[[nodiscard]] std::unexpected<Error> field_error(std::string_view reason, std::string_view field);
/// "ns::Type" without its namespace and template arguments, from the compiler's own spelling.
[[nodiscard]] std::string_view short_type_name(std::string_view pretty_function) noexcept;
[[nodiscard]] std::string join_field(std::string_view parent, std::string_view name);
[[nodiscard]] std::string index_field(std::string_view parent, std::size_t index);

template <class T>
[[nodiscard]] constexpr std::string_view type_name() noexcept {
  return __PRETTY_FUNCTION__;
}

template <class T, class F>
void each_member(F&& f) {
  boost::mp11::mp_for_each<
      boost::describe::describe_members<T, boost::describe::mod_public |
                                               boost::describe::mod_inherited>>(f);
}

template <class E, class F>
void each_enumerator(F&& f) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(f);
}

}  // namespace detail

/// Any known type as JSON.
template <class T>
[[nodiscard]] json::value to_json(const T& value) {
  if constexpr (detail::kIsOptional<T>) {
    return value ? to_json(*value) : json::value(nullptr);
  } else if constexpr (detail::kIsVector<T>) {
    json::array array;
    array.reserve(value.size());
    for (const auto& element : value) {
      array.push_back(to_json(element));
    }
    return array;
  } else if constexpr (detail::kIsMap<T>) {
    json::object object;
    for (const auto& [key, element] : value) {
      object.emplace(key, to_json(element));
    }
    return object;
  } else if constexpr (std::is_same_v<T, CivilDate> || std::is_same_v<T, UtcTime> ||
                       std::is_same_v<T, Language>) {
    return json::value(to_string(value));
  } else if constexpr (std::is_enum_v<T>) {
    json::value name;
    detail::each_enumerator<T>([&](auto d) {
      if (d.value == value) {
        name = json::string_view(d.name);
      }
    });
    return name;
  } else if constexpr (detail::kIsDescribed<T>) {
    json::object object;
    detail::each_member<T>([&](auto d) { object.emplace(d.name, to_json(value.*d.pointer)); });
    return object;
  } else {
    return json::value(value);
  }
}

template <class T>
[[nodiscard]] Result<T> from_json(const json::value& value, const std::string& field);

namespace detail {

template <class T>
[[nodiscard]] Result<T> number_from(const json::value& value, const std::string& field) {
  if constexpr (std::is_floating_point_v<T>) {
    if (value.is_number()) {
      return value.to_number<T>();
    }
    return wrong_type(field, "number");
  } else {
    boost::system::error_code error;
    const T number = value.is_number() ? value.to_number<T>(error) : T{};
    if (!value.is_number() || error) {
      return wrong_type(field, "integer");
    }
    return number;
  }
}

template <class T>
[[nodiscard]] Result<T> struct_from(const json::value& value, const std::string& field) {
  const json::object* object = value.if_object();
  if (object == nullptr) {
    return wrong_type(field, "object");
  }
  T result{};
  std::optional<Error> error;
  std::size_t known = 0;
  each_member<T>([&](auto d) {
    using Member = std::remove_cvref_t<decltype(result.*d.pointer)>;
    const json::value* member = object->if_contains(d.name);
    known += member != nullptr ? 1U : 0U;
    if (error || (member == nullptr && kIsOptional<Member>)) {
      return;
    }
    if (member == nullptr) {
      error = field_error("api.body.missing_field", join_field(field, d.name)).error();
      return;
    }
    auto read = from_json<Member>(*member, join_field(field, d.name));
    if (read) {
      result.*d.pointer = *std::move(read);
    } else {
      error = std::move(read).error();
    }
  });
  if (!error && known != object->size()) {
    for (const auto& pair : *object) {
      bool found = false;
      each_member<T>([&](auto d) { found = found || pair.key() == d.name; });
      if (!found) {
        return field_error("api.body.unknown_field", join_field(field, pair.key()));
      }
    }
  }
  if (error) {
    return std::unexpected(*std::move(error));
  }
  return result;
}

template <class T>
[[nodiscard]] Result<T> text_from(const json::value& value, const std::string& field) {
  const json::string* string = value.if_string();
  const std::string_view text = string != nullptr ? std::string_view(*string) : std::string_view();
  if constexpr (std::is_same_v<T, std::string>) {
    if (string != nullptr) {
      return std::string(text);
    }
    return wrong_type(field, "text");
  } else if constexpr (std::is_same_v<T, CivilDate>) {
    auto date = parse_civil_date(text);
    return date ? Result<T>(*date) : wrong_type(field, "YYYY-MM-DD");
  } else if constexpr (std::is_same_v<T, UtcTime>) {
    auto time = parse_utc_time(text);
    return time ? Result<T>(*time) : wrong_type(field, "YYYY-MM-DDThh:mm:ssZ");
  } else if constexpr (std::is_same_v<T, Language>) {
    auto language = parse_language(text);
    return language ? Result<T>(*language) : wrong_type(field, "en | es | pt | fr");
  } else {
    std::optional<T> found;
    std::string names;
    each_enumerator<T>([&](auto d) {
      names += (names.empty() ? "" : " | ") + std::string(d.name);
      if (string != nullptr && text == d.name) {
        found = d.value;
      }
    });
    return found ? Result<T>(*found) : wrong_type(field, names);
  }
}

}  // namespace detail

/// The reverse of to_json(). `field` is the path to this value ("clauses[2].due"), "" for the
/// whole. Fails with invalid_argument: api.body.unknown_field, .missing_field, .wrong_type.
template <class T>
Result<T> from_json(const json::value& value, const std::string& field) {
  if constexpr (detail::kIsOptional<T>) {
    if (value.is_null()) {
      return T{};
    }
    auto inner = from_json<typename T::value_type>(value, field);
    return inner ? Result<T>(T(*std::move(inner))) : fail(std::move(inner).error());
  } else if constexpr (detail::kIsVector<T>) {
    if (!value.is_array()) {
      return detail::wrong_type(field, "list");
    }
    T list;
    for (const json::value& element : value.get_array()) {
      auto read =
          from_json<typename T::value_type>(element, detail::index_field(field, list.size()));
      if (!read) {
        return fail(std::move(read).error());
      }
      list.push_back(*std::move(read));
    }
    return list;
  } else if constexpr (detail::kIsMap<T>) {
    if (!value.is_object()) {
      return detail::wrong_type(field, "object");
    }
    T map;
    for (const auto& pair : value.get_object()) {
      auto read = from_json<typename T::mapped_type>(pair.value(),
                                                     detail::join_field(field, pair.key()));
      if (!read) {
        return fail(std::move(read).error());
      }
      map.emplace(pair.key(), *std::move(read));
    }
    return map;
  } else if constexpr (std::is_same_v<T, json::value>) {
    return value;
  } else if constexpr (std::is_same_v<T, bool>) {
    return value.is_bool() ? Result<T>(value.get_bool()) : detail::wrong_type(field, "true | false");
  } else if constexpr (std::is_arithmetic_v<T>) {
    return detail::number_from<T>(value, field);
  } else if constexpr (detail::kIsDescribed<T>) {
    return detail::struct_from<T>(value, field);
  } else {
    return detail::text_from<T>(value, field);
  }
}

/// The schema of any known type; described structs go into the book and are referred to.
template <class T>
[[nodiscard]] json::object schema_for(SchemaBook& book) {
  if constexpr (detail::kIsOptional<T>) {
    json::object inner = schema_for<typename T::value_type>(book);
    return {{"anyOf", json::array{std::move(inner), json::object{{"type", "null"}}}}};
  } else if constexpr (detail::kIsVector<T>) {
    return {{"type", "array"}, {"items", schema_for<typename T::value_type>(book)}};
  } else if constexpr (detail::kIsMap<T>) {
    return {{"type", "object"},
            {"additionalProperties", schema_for<typename T::mapped_type>(book)}};
  } else if constexpr (std::is_same_v<T, json::value>) {
    return {};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_integral_v<T>) {
    return {{"type", "integer"},
            {"minimum", std::numeric_limits<T>::min()},
            {"maximum", std::numeric_limits<T>::max()}};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {{"type", "number"}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::is_same_v<T, CivilDate>) {
    return {{"type", "string"}, {"format", "date"}};
  } else if constexpr (std::is_same_v<T, UtcTime>) {
    return {{"type", "string"},
            {"format", "date-time"},
            {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{3})?Z$"}};
  } else if constexpr (std::is_same_v<T, Language>) {
    return {{"type", "string"}, {"enum", json::array{"en", "es", "pt", "fr"}}};
  } else if constexpr (std::is_enum_v<T>) {
    json::array names;
    detail::each_enumerator<T>([&](auto d) { names.emplace_back(d.name); });
    return {{"type", "string"}, {"enum", std::move(names)}};
  } else {
    const std::string_view name = detail::short_type_name(detail::type_name<T>());
    if (book.begin(name)) {
      json::object properties;
      json::array required;
      detail::each_member<T>([&](auto d) {
        using Member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
        properties.emplace(d.name, schema_for<Member>(book));
        if (!detail::kIsOptional<Member>) {
          required.emplace_back(d.name);
        }
      });
      json::object schema{{"type", "object"},
                          {"properties", std::move(properties)},
                          {"additionalProperties", false}};
      if (!required.empty()) {
        schema["required"] = std::move(required);
      }
      book.put(name, std::move(schema));
    }
    return {{"$ref", "#/components/schemas/" + std::string(name)}};
  }
}

/// For Route::request and Answer::schema. `T` is a described struct.
template <class T>
[[nodiscard]] SchemaRef schema_of() {
  static_assert(detail::kIsDescribed<T>, "describe it with BOOST_DESCRIBE_STRUCT");
  return {detail::short_type_name(detail::type_name<T>()),
          [](SchemaBook& book) { static_cast<void>(schema_for<T>(book)); }};
}

/// The JSON body. Fails with invalid_argument (base.json.bad).
[[nodiscard]] Result<json::value> json_body(const Call& call);

template <class T>
[[nodiscard]] Result<T> read_body(const Call& call) {
  auto value = json_body(call);
  if (!value) {
    return fail(std::move(value).error());
  }
  return from_json<T>(*value, "");
}

[[nodiscard]] http::Response json_text_response(std::string text, int status);
/// Compact, with numbers as people write them (2.5, not Boost's 2.5E0).
[[nodiscard]] std::string json_text(const json::value& value);

/// An answer of a described type; 200 answers to GET get an entity tag from their bytes.
template <class T>
[[nodiscard]] http::Response json_response(const T& value, int status = 200) {
  return json_text_response(json_text(to_json(value)), status);
}

/// The fields of a form that a page route consumes. Fails with invalid_argument.
[[nodiscard]] Result<http::QueryParams> form_body(const Call& call);

/// An opaque cursor that leads on from these values (a sort key and an id) in this list: it is
/// refused with other filters or on another route.
[[nodiscard]] std::string next_cursor(const Call& call, const std::vector<std::string>& after);
/// The values of the parameter `cursor`; empty when there is none. Fails with invalid_argument
/// (api.cursor).
[[nodiscard]] Result<std::vector<std::string>> read_cursor(const Call& call);

/// For http::ResponseCache: route, known parameters, language and `version`; parameters that
/// other sites append to a page's address do not make another entry.
[[nodiscard]] std::string call_cache_key(const Call& call, std::string_view version);

/// If-Match against the tag of what is stored (http::etag_of or a version in quotes). Fails with
/// conflict (api.changed) when it differs; passes when the header is absent.
[[nodiscard]] Result<void> check_if_match(const Call& call, std::string_view etag);

}  // namespace atalaya::api
