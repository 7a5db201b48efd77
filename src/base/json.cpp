#include <atalaya/base/json.hpp>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace atalaya {
namespace {

void write_canonical(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    std::vector<const json::key_value_pair*> pairs;
    for (const auto& pair : *object) {
      pairs.push_back(&pair);
    }
    std::ranges::sort(pairs, {}, [](const auto* pair) { return std::string_view(pair->key()); });
    out += '{';
    bool first = true;
    for (const auto* pair : pairs) {
      if (!first) {
        out += ',';
      }
      first = false;
      out += json::serialize(pair->key());
      out += ':';
      write_canonical(pair->value(), out);
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    bool first = true;
    for (const auto& element : *array) {
      if (!first) {
        out += ',';
      }
      first = false;
      write_canonical(element, out);
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

void write_pretty(const json::value& value, std::string& out, std::string& indent) {
  const auto* object = value.if_object();
  const auto* array = value.if_array();
  if ((object == nullptr || object->empty()) && (array == nullptr || array->empty())) {
    out += json::serialize(value);
    return;
  }
  indent += "  ";
  out += object != nullptr ? "{\n" : "[\n";
  bool first = true;
  const auto next = [&] {
    out += first ? "" : ",\n";
    out += indent;
    first = false;
  };
  if (object != nullptr) {
    for (const auto& pair : *object) {
      next();
      out += json::serialize(pair.key());
      out += ": ";
      write_pretty(pair.value(), out, indent);
    }
  } else {
    for (const auto& element : *array) {
      next();
      write_pretty(element, out, indent);
    }
  }
  indent.resize(indent.size() - 2);
  out += '\n';
  out += indent;
  out += object != nullptr ? '}' : ']';
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view what) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = 32;
  json::stream_parser parser({}, options);
  const std::size_t used = parser.write_some(json::string_view(text.data(), text.size()), error);
  if (!error) {
    parser.finish(error);
  }
  if (!error && used < text.size() &&
      text.substr(used).find_first_not_of(" \t\r\n") != std::string_view::npos) {
    error = json::make_error_code(json::error::extra_data);
  }
  if (error) {
    const auto before = text.substr(0, used);
    const auto line = std::ranges::count(before, '\n') + 1;
    const auto last = before.rfind('\n');
    const auto column = used - (last == std::string_view::npos ? 0 : last + 1) + 1;
    return fail(Error{ErrorCode::invalid_argument,
                      "base.json.bad",
                      fmt::format("{}: line {}, column {}: {}", what, line, column,
                                  error.message()),
                      {{"what", std::string(what)},
                       {"line", std::to_string(line)},
                       {"column", std::to_string(column)}}});
  }
  return parser.release();
}

std::string canonical_json(const json::value& value) {
  std::string out;
  write_canonical(value, out);
  return out;
}

std::string pretty_json(const json::value& value) {
  std::string out;
  std::string indent;
  write_pretty(value, out, indent);
  out += '\n';
  return out;
}

}  // namespace atalaya
