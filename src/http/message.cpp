#include <atalaya/http/message.hpp>

#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

struct MethodName {
  Method method;
  std::string_view name;
};
constexpr MethodName kMethods[] = {
    {Method::get, "GET"}, {Method::head, "HEAD"},    {Method::post, "POST"},
    {Method::put, "PUT"}, {Method::patch, "PATCH"},  {Method::del, "DELETE"},
    {Method::options, "OPTIONS"},
};

struct Phrase {
  int status;
  std::string_view phrase;
};
constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

struct Extension {
  std::string_view ending;
  std::string_view media_type;
};
constexpr Extension kExtensions[] = {
    {".html", "text/html"},
    {".css", "text/css"},
    {".js", "text/javascript"},
    {".mjs", "text/javascript"},
    {".json", "application/json"},
    {".jsonld", "application/ld+json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".webp", "image/webp"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".ttf", "font/ttf"},
    {".otf", "font/otf"},
    {".txt", "text/plain"},
    {".md", "text/markdown"},
    {".csv", "text/csv"},
    {".xml", "application/xml"},
    {".pdf", "application/pdf"},
    {".zip", "application/zip"},
    {".gz", "application/gzip"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
    {".map", "application/json"},
};

// A value that came from data must not be able to start a header field of its own.
std::string clean(std::string_view value) {
  std::string out(value);
  for (char& c : out) {
    if (c == '\r' || c == '\n' || c == '\0') {
      c = ' ';
    }
  }
  return out;
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  for (const MethodName& entry : kMethods) {
    if (entry.method == method) {
      return entry.name;
    }
  }
  return {};
}

Method parse_method(std::string_view token) noexcept {
  for (const MethodName& entry : kMethods) {
    if (entry.name == token) {
      return entry.method;
    }
  }
  return Method::other;
}

bool is_safe(Method method) noexcept {
  return method == Method::get || method == Method::head || method == Method::options;
}

std::string_view Headers::get(std::string_view name) const noexcept {
  for (const Header& field : fields_) {
    if (equal_ascii(field.name, name)) {
      return field.value;
    }
  }
  return {};
}

bool Headers::has(std::string_view name) const noexcept {
  return count(name) != 0;
}

std::size_t Headers::count(std::string_view name) const noexcept {
  std::size_t n = 0;
  for (const Header& field : fields_) {
    n += equal_ascii(field.name, name) ? 1U : 0U;
  }
  return n;
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Headers::set_default(std::string_view name, std::string_view value) {
  if (!has(name)) {
    add(name, value);
  }
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.push_back(Header{std::string(name), clean(value)});
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Header& field) { return equal_ascii(field.name, name); });
}

void Headers::add_token(std::string_view name, std::string_view token) {
  const std::string_view old = get(name);
  if (has_token(old, token)) {
    return;
  }
  set(name, old.empty() ? std::string(token) : fmt::format("{}, {}", old, token));
}

std::optional<std::string_view> Request::query_value(std::string_view name) const noexcept {
  for (const auto& [key, value] : query) {
    if (key == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string_view Response::text() const noexcept {
  if (const auto* owned = std::get_if<std::string>(&body)) {
    return *owned;
  }
  if (const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&body)) {
    return *shared ? std::string_view(**shared) : std::string_view();
  }
  if (const auto* view = std::get_if<std::string_view>(&body)) {
    return *view;
  }
  return {};
}

Response respond(int status, std::string_view type, std::string body) {
  Response response;
  response.status = status;
  const bool text = type.starts_with("text/") && !type.contains(';');
  response.headers.add("Content-Type", text ? fmt::format("{}; charset=utf-8", type) : type);
  response.body = std::move(body);
  return response;
}

Response redirect(int status, std::string_view location) {
  Response response = respond(status, "text/plain", fmt::format("See {}\n", location));
  response.headers.add("Location", location);
  return response;
}

Response plain_problem(int status, std::string_view reason, std::string_view detail,
                       std::string_view request_id) {
  const json::object problem{{"type", fmt::format("urn:atalaya:problem:{}", reason)},
                             {"title", status_phrase(status)},
                             {"status", status},
                             {"detail", detail},
                             {"reason", reason},
                             {"request_id", request_id}};
  Response response = respond(status, "application/problem+json", json::serialize(problem));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Result<Response> file_response(const std::filesystem::path& path, std::string_view type) {
  auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!*file || error) {
    return fail(ErrorCode::not_found, "http.file.missing", path.string());
  }
  Response response = respond(200, type, {});
  response.body = Stream{
      [file, left = static_cast<std::uint64_t>(size)](std::string& out) mutable -> Result<bool> {
        constexpr std::uint64_t kPiece = 64 * 1024;
        const auto want = static_cast<std::size_t>(std::min(kPiece, left));
        out.resize(want);
        file->read(out.data(), static_cast<std::streamsize>(want));
        if (static_cast<std::size_t>(file->gcount()) != want) {
          return fail(ErrorCode::data_loss, "http.file.cut", "the file became shorter");
        }
        left -= want;
        return left != 0;
      },
      size};
  return response;
}

std::string_view status_phrase(int status) noexcept {
  for (const Phrase& entry : kPhrases) {
    if (entry.status == status) {
      return entry.phrase;
    }
  }
  return "Unknown";
}

std::string_view media_type_of(std::string_view path) noexcept {
  for (const Extension& entry : kExtensions) {
    if (path.ends_with(entry.ending)) {
      return entry.media_type;
    }
  }
  return "application/octet-stream";
}

}  // namespace atalaya::http
