#include "form.hpp"

#include <algorithm>
#include <charconv>

#include <atalaya/base/text.hpp>

namespace atalaya::api {
namespace {

constexpr std::size_t kPartsMax = 100;
constexpr std::size_t kPartHeaderBytesMax = 4096;

std::unexpected<Error> bad(std::string_view what) {
  return fail(Error{ErrorCode::invalid_argument,
                    "api.form.bad",
                    std::string(what),
                    {{"what", std::string(what)}}});
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
            text.data() + i + 3) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

Result<Form> read_urlencoded(std::string_view body) {
  Form form;
  for (const auto pair : split(body, '&')) {
    if (pair.empty()) {
      continue;
    }
    if (form.fields.size() >= kPartsMax) {
      return bad("too many fields");
    }
    const auto equal = pair.find('=');
    form.fields.emplace_back(
        decode(pair.substr(0, equal)),
        equal == std::string_view::npos ? std::string() : decode(pair.substr(equal + 1)));
  }
  return form;
}

// The value of `name="…"` in a Content-Disposition; browsers escape a quote as %22.
std::string disposition(std::string_view header, std::string_view name) {
  const std::string key = " " + std::string(name) + "=\"";
  const auto at = header.find(key);
  if (at == std::string_view::npos) {
    return {};
  }
  const auto rest = header.substr(at + key.size());
  return std::string(rest.substr(0, rest.find('"')));
}

std::string base_name(std::string path) {
  const auto slash = path.find_last_of("/\\");
  if (slash != std::string::npos) {
    path.erase(0, slash + 1);
  }
  std::erase_if(path, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return path.substr(0, 200);
}

Result<void> read_part(std::string_view part, Form& form) {
  const auto end = part.find("\r\n\r\n");
  if (end == std::string_view::npos || end > kPartHeaderBytesMax) {
    return bad("a part has no header");
  }
  std::string_view header;
  for (const auto line : split(part.substr(0, end), '\n')) {
    if (starts_with_folded(line, "content-disposition:")) {
      header = line;
    }
  }
  const std::string name = disposition(header, "name");
  if (name.empty()) {
    return bad("a part has no name");
  }
  const std::string_view content = part.substr(end + 4);
  if (header.find(" filename=\"") != std::string_view::npos) {
    const std::string file = base_name(disposition(header, "filename"));
    if (!file.empty()) {
      form.files.push_back({name, file, std::string(content)});
    }
  } else {
    form.fields.emplace_back(name, std::string(content));
  }
  return {};
}

Result<Form> read_multipart(std::string_view content_type, std::string_view body) {
  const auto at = content_type.find("boundary=");
  if (at == std::string_view::npos) {
    return bad("the boundary is missing");
  }
  std::string_view boundary = content_type.substr(at + 9);
  boundary = trim(boundary.substr(0, boundary.find(';')));
  if (boundary.size() >= 2 && boundary.front() == '"' && boundary.back() == '"') {
    boundary = boundary.substr(1, boundary.size() - 2);
  }
  if (boundary.empty() || boundary.size() > 70) {
    return bad("the boundary is malformed");
  }
  const std::string first = "--" + std::string(boundary);
  const std::string next = "\r\n" + first;
  if (!body.starts_with(first)) {
    return bad("the body does not start with its boundary");
  }
  body.remove_prefix(first.size());
  Form form;
  while (!body.starts_with("--")) {
    if (!body.starts_with("\r\n")) {
      return bad("a part does not start on a line");
    }
    body.remove_prefix(2);
    const auto end = body.find(next);
    if (end == std::string_view::npos) {
      return bad("the upload was cut before its end");
    }
    if (form.fields.size() + form.files.size() >= kPartsMax) {
      return bad("too many parts");
    }
    ATALAYA_TRY(read_part(body.substr(0, end), form));
    body.remove_prefix(end + next.size());
  }
  return form;
}

}  // namespace

std::string_view Form::get(std::string_view name) const noexcept {
  const auto it = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return it == fields.end() ? std::string_view() : std::string_view(it->second);
}

Result<Form> read_form(std::string_view content_type, std::string_view body) {
  const std::string type = fold(trim(content_type.substr(0, content_type.find(';'))));
  if (type != "application/x-www-form-urlencoded" && type != "multipart/form-data") {
    return bad("a form is expected");
  }
  Form form = ATALAYA_TRY(type == "multipart/form-data" ? read_multipart(content_type, body)
                                                        : read_urlencoded(body));
  for (const auto& [name, value] : form.fields) {
    if (find_invalid_utf8(name) || find_invalid_utf8(value) ||
        value.find('\0') != std::string::npos) {
      return bad("a field is not UTF-8");
    }
  }
  return form;
}

Result<Form> read_form(const http::Request& request) {
  return read_form(request.headers.get("Content-Type"), request.body);
}

}  // namespace atalaya::api
