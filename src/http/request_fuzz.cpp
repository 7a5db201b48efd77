// Everything of a request that is parsed by this module rather than by Beast: target, query,
// cookies, Accept headers, multipart, entity tags, and the checks that refuse a request.
#include <cstdint>
#include <string_view>

#include <atalaya/base/text.hpp>
#include <atalaya/http/negotiate.hpp>
#include <atalaya/http/target.hpp>

#include "head.hpp"

using namespace atalaya;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const http::Limits limits;
  if (const auto target = http::parse_target(text, limits)) {
    ATALAYA_CHECK(target->origin.starts_with('/'));
    ATALAYA_CHECK(!find_invalid_utf8(target->path));
    for (const std::string& segment : target->segments) {
      ATALAYA_CHECK(!segment.empty() && segment != "." && segment != ".." &&
                    segment.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos);
    }
    ATALAYA_CHECK(target->query.size() <= limits.query_params_max);
  }
  if (const auto params = http::parse_form(text, 10)) {
    for (const auto& [name, value] : *params) {
      ATALAYA_CHECK(!find_invalid_utf8(name) && !find_invalid_utf8(value));
    }
  }
  static_cast<void>(http::cookie(text, "atalaya_session"));
  static_cast<void>(http::choose_encoding(text));
  constexpr std::string_view kOffers[] = {"text/html", "application/json"};
  static_cast<void>(http::choose_media_type(text, kOffers));
  static_cast<void>(http::is_compressible(text));
  static_cast<void>(http::etag_matches(text, "\"abc\""));
  const std::size_t line = text.find('\n');
  if (line != std::string_view::npos) {
    const std::string_view body = text.substr(line + 1);
    if (const auto parts = http::parse_multipart(text.substr(0, line), body, 20)) {
      for (const http::FormPart& part : *parts) {
        ATALAYA_CHECK(part.bytes.data() >= body.data() &&
                      part.bytes.data() + part.bytes.size() <= body.data() + body.size());
        ATALAYA_CHECK(part.file_name.find_first_of("/\\") == std::string::npos);
      }
    }
    http::Request request;
    request.method_name = "GET";
    request.target = text.substr(0, line);
    request.headers.add("Host", body.substr(0, 100));
    const std::string length(body.substr(0, 20));
    request.headers.add("Content-Length", length);
    static_cast<void>(http::check_head(http::Options{}, 11, request));
  }
  return 0;
}
