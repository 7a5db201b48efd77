#include "finish.hpp"

#include <string_view>
#include <utility>

#include <atalaya/http/limits.hpp>
#include <atalaya/http/negotiate.hpp>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

// Nothing may load from elsewhere, run inline or frame a page of this node. A handler that needs
// more (the reporting page's WebAssembly) sets its own policy, which is then kept.
constexpr std::pair<std::string_view, std::string_view> kSecurityHeaders[] = {
    {"Content-Security-Policy",
     "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
     "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
     "base-uri 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    // Nothing to others. To the node itself, so that browsers which send no Sec-Fetch-Site (all of
    // them, over plain HTTP) tell its own forms from a stranger's: with "no-referrer" both come
    // with Origin: null (Fetch standard, "append a request Origin header").
    {"Referrer-Policy", "same-origin"},
    {"Permissions-Policy",
     "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), "
     "usb=(), browsing-topics=()"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

void add_security_headers(const Request& request, Response& response) {
  for (const auto& [name, value] : kSecurityHeaders) {
    response.headers.set_default(name, value);
  }
  if (request.secure) {
    response.headers.set_default("Strict-Transport-Security", "max-age=31536000");
  }
}

void add_etag(Response& response) {
  if (response.buffered() && !response.text().empty() && !response.headers.has("ETag") &&
      !has_token(response.headers.get("Cache-Control"), "no-store")) {
    response.headers.add("ETag", etag_of(response.text()));
  }
}

// RFC 9110 section 15.4.5: what a cache needs to refresh its copy, and no body.
void make_not_modified(Response& response) {
  response.status = 304;
  response.body = std::string();
  for (const std::string_view name : {"Content-Type", "Content-Encoding", "Content-Length"}) {
    response.headers.remove(name);
  }
}

// An answer that must not be kept may hold a secret (a form's token) beside text that the reader
// chose; compressing both together would let its length betray the secret (BREACH, 2013).
void compress(const Request& request, Response& response) {
  if (!response.buffered() || response.headers.has("Content-Encoding") ||
      response.text().size() < kCompressBytesMin ||
      !is_compressible(response.headers.get("Content-Type")) ||
      has_token(response.headers.get("Cache-Control"), "no-store")) {
    return;
  }
  response.headers.add_token("Vary", "Accept-Encoding");
  const Encoding encoding = choose_encoding(request.headers.get("Accept-Encoding"));
  if (encoding == Encoding::identity) {
    return;
  }
  std::string small =
      encoding == Encoding::brotli ? brotli(response.text()) : gzip(response.text());
  response.body = std::move(small);
  response.headers.set("Content-Encoding", to_string(encoding));
  if (response.headers.has("ETag")) {
    const std::string tag = etag_for(response.headers.get("ETag"), encoding);
    response.headers.set("ETag", tag);
  }
}

}  // namespace

void finish(const Request& request, Response& response) {
  const bool reads = request.method == Method::get || request.method == Method::head;
  if (reads && response.status == 200) {
    add_etag(response);
    if (etag_matches(request.headers.get("If-None-Match"), response.headers.get("ETag"))) {
      if (is_compressible(response.headers.get("Content-Type"))) {
        response.headers.add_token("Vary", "Accept-Encoding");
      }
      make_not_modified(response);
    }
  }
  if (response.status != 304) {
    compress(request, response);
  }
  add_security_headers(request, response);
}

}  // namespace atalaya::http
