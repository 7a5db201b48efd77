#include <atalaya/http/target.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char low = lower_ascii(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::unexpected<Error> bad(std::string_view reason, std::string_view detail) {
  return fail(ErrorCode::invalid_argument, reason, detail);
}

// One part of the path between two slashes, checked after decoding so that no encoding hides a
// separator, a control or a step upwards from whatever later joins the parts again.
Result<std::string> decode_segment(std::string_view raw) {
  std::optional<std::string> decoded = percent_decode(raw, false);
  if (!decoded || find_invalid_utf8(*decoded)) {
    return bad("http.target.encoding", "a path must be UTF-8 in percent-encoding");
  }
  if (decoded->contains('/')) {
    return bad("http.target.encoded_slash", "%2F is not accepted in a path");
  }
  if (std::ranges::any_of(*decoded, is_control) || decoded->contains('\\')) {
    return bad("http.target.control", "control character or backslash in the path");
  }
  if (*decoded == "." || *decoded == "..") {
    return bad("http.target.dots", "'.' and '..' are not accepted in a path");
  }
  return *std::move(decoded);
}

Result<std::string_view> strip_authority(std::string_view target, std::string& authority) {
  const std::size_t scheme = target.find("://");
  const std::string name = lower_ascii(target.substr(0, std::min(scheme, target.size())));
  if (scheme == std::string_view::npos || (name != "http" && name != "https")) {
    return bad("http.target.form", "the target must be a path or an http address");
  }
  const std::string_view rest = target.substr(scheme + 3);
  const std::size_t path = rest.find_first_of("/?");
  authority = rest.substr(0, path);
  if (authority.empty() || authority.contains('@')) {
    return bad("http.target.form", "the address names no host");
  }
  return path == std::string_view::npos ? std::string_view("/") : rest.substr(path);
}

// `name="value"` pairs after the first ';' of a header value; quotes are removed.
std::optional<std::string> header_param(std::string_view value, std::string_view name) {
  std::size_t at = value.find(';');
  while (at != std::string_view::npos && at < value.size()) {
    const std::size_t start = at + 1;
    const std::size_t equals = value.find('=', start);
    if (equals == std::string_view::npos) {
      return std::nullopt;
    }
    const std::string_view key = trim_ows(value.substr(start, equals - start));
    std::string text;
    std::size_t i = equals + 1;
    if (i < value.size() && value[i] == '"') {
      for (++i; i < value.size() && value[i] != '"'; ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) {
          ++i;
        }
        text += value[i];
      }
      at = value.find(';', i);
    } else {
      at = value.find(';', i);
      text = trim_ows(value.substr(i, at == std::string_view::npos ? at : at - i));
    }
    if (equal_ascii(key, name)) {
      return text;
    }
  }
  return std::nullopt;
}

Result<FormPart> read_part(std::string_view head, std::string_view bytes) {
  FormPart part;
  part.bytes = bytes;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) {
      return bad("http.multipart.bad", "a part's header has no colon");
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim_ows(line.substr(colon + 1));
    if (equal_ascii(name, "content-type")) {
      part.media_type = value;
    } else if (equal_ascii(name, "content-disposition")) {
      part.name = header_param(value, "name").value_or("");
      part.file_name = header_param(value, "filename").value_or("");
    }
  }
  // Old browsers sent whole paths; a name may never lead out of a folder.
  const std::size_t slash = part.file_name.find_last_of("/\\");
  if (slash != std::string::npos) {
    part.file_name.erase(0, slash + 1);
  }
  std::erase_if(part.file_name, is_control);
  if (part.name.empty() || find_invalid_utf8(part.name) || find_invalid_utf8(part.file_name)) {
    return bad("http.multipart.bad", "a part has no name");
  }
  return part;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) {
        return std::nullopt;
      }
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) {
        return std::nullopt;
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Result<QueryParams> parse_form(std::string_view text, std::size_t params_max) {
  QueryParams params;
  while (!text.empty()) {
    std::string_view value = take(text, '&');
    if (value.empty()) {
      continue;
    }
    if (params.size() == params_max) {
      return bad("http.target.too_many_params", fmt::format("more than {} parameters", params_max));
    }
    const std::string_view name = take(value, '=');
    std::optional<std::string> key = percent_decode(name, true);
    std::optional<std::string> decoded = percent_decode(value, true);
    if (!key || !decoded || find_invalid_utf8(*key) || find_invalid_utf8(*decoded)) {
      return bad("http.target.encoding", "a parameter must be UTF-8 in percent-encoding");
    }
    if (key->contains('\0') || decoded->contains('\0')) {
      return bad("http.target.control", "NUL in a parameter");
    }
    params.emplace_back(*std::move(key), *std::move(decoded));
  }
  return params;
}

Result<Target> parse_target(std::string_view target, const Limits& limits) {
  Target result;
  if (!target.starts_with('/')) {
    target = ATALAYA_TRY(strip_authority(target, result.authority));
  }
  if (target.contains('#')) {
    return bad("http.target.form", "a target has no fragment");
  }
  const std::size_t question = target.find('?');
  const std::string_view raw_path = target.substr(0, question);
  if (question != std::string_view::npos) {
    result.query = ATALAYA_TRY(parse_form(target.substr(question + 1), limits.query_params_max));
  }
  result.origin = raw_path.empty() ? fmt::format("/{}", target) : std::string(target);
  result.path = "/";
  std::string_view rest = raw_path.empty() ? raw_path : raw_path.substr(1);
  while (!rest.empty()) {
    const bool trailing = rest.ends_with('/') && rest.find('/') == rest.size() - 1;
    const std::string_view raw = take(rest, '/');
    if (raw.empty()) {
      return bad("http.target.empty_segment", "'//' is not accepted in a path");
    }
    std::string segment = ATALAYA_TRY(decode_segment(raw));
    result.path += segment;
    result.path += !rest.empty() || trailing ? "/" : "";
    result.segments.push_back(std::move(segment));
  }
  return result;
}

std::optional<std::string_view> cookie(std::string_view header, std::string_view name) noexcept {
  while (!header.empty()) {
    std::string_view value = trim_ows(take(header, ';'));
    if (value.contains('=') && take(value, '=') == name) {
      return value;
    }
  }
  return std::nullopt;
}

Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body,
                                              std::size_t parts_max) {
  const std::optional<std::string> boundary = header_param(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) {
    return bad("http.multipart.boundary", "Content-Type names no boundary of 1 to 70 characters");
  }
  const std::string delimiter = fmt::format("\r\n--{}", *boundary);
  const std::string_view first = std::string_view(delimiter).substr(2);
  std::size_t at = body.starts_with(first) ? first.size() : std::string_view::npos;
  if (at == std::string_view::npos) {
    const std::size_t preamble = body.find(delimiter);
    at = preamble == std::string_view::npos ? preamble : preamble + delimiter.size();
  }
  std::vector<FormPart> parts;
  while (at != std::string_view::npos && !body.substr(at).starts_with("--")) {
    if (!body.substr(at).starts_with("\r\n")) {
      return bad("http.multipart.bad", "a boundary is not followed by a line end");
    }
    const std::size_t end = body.find(delimiter, at);
    const std::size_t blank = body.find("\r\n\r\n", at);
    if (end == std::string_view::npos || blank == std::string_view::npos || blank + 4 > end) {
      return bad("http.multipart.bad", "a part is not complete");
    }
    if (parts.size() == parts_max) {
      return bad("http.multipart.too_many", fmt::format("more than {} parts", parts_max));
    }
    const std::string_view head = body.substr(at + 2, blank - at - 2);
    FormPart part = ATALAYA_TRY(read_part(head, body.substr(blank + 4, end - blank - 4)));
    parts.push_back(std::move(part));
    at = end + delimiter.size();
  }
  if (at == std::string_view::npos) {
    return bad("http.multipart.bad", "the closing boundary is missing");
  }
  return parts;
}

}  // namespace atalaya::http
