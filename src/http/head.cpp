#include "head.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>
#include <openssl/rand.h>

#include <atalaya/base/text.hpp>
#include <atalaya/http/target.hpp>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 18 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Two ways to say where a body ends are how one request is smuggled inside another (RFC 9112
// section 6.3, point 3): anything but one plain Content-Length or one plain "chunked" is refused,
// the cases that the standard would let us repair included.
std::optional<Refusal> check_framing(int version, const Headers& headers) {
  const std::size_t lengths = headers.count("Content-Length");
  const std::size_t codings = headers.count("Transfer-Encoding");
  if (lengths > 1 || codings > 1 || (lengths != 0 && codings != 0)) {
    return Refusal{400, "http.framing.ambiguous"};
  }
  if (lengths == 1 && !all_digits(headers.get("Content-Length"))) {
    return Refusal{400, "http.framing.length"};
  }
  if (codings == 1 && version < 11) {
    return Refusal{400, "http.framing.ambiguous"};
  }
  if (codings == 1 && !equal_ascii(headers.get("Transfer-Encoding"), "chunked")) {
    return Refusal{501, "http.framing.coding"};
  }
  return std::nullopt;
}

// Host without its port, in lower case; "[::1]" keeps its brackets.
std::string host_name(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = host.substr(0, colon);
  }
  return lower_ascii(host);
}

std::optional<Refusal> check_host(const Options& options, int version, Request& request,
                                  std::string_view authority) {
  const std::size_t hosts = request.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && version >= 11)) {
    return Refusal{400, "http.host"};
  }
  const std::string_view host = request.headers.get("Host");
  const bool odd = std::ranges::any_of(host, [](char c) {
    return c == '/' || c == '?' || c == '#' || c == '@' || c == ' ' || c == ',' || c == '\\';
  });
  if (odd || (!authority.empty() && hosts == 1 && !equal_ascii(authority, host))) {
    return Refusal{400, "http.host"};
  }
  const std::string name = host_name(authority.empty() ? host : authority);
  if (!options.host_names.empty() && std::ranges::find(options.host_names, name) ==
                                         options.host_names.end()) {
    return Refusal{421, "http.host.unknown"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> check_head(const Options& options, int version, Request& request) {
  const Limits& limits = options.limits;
  request.method = parse_method(request.method_name);
  if (version != 10 && version != 11) {
    return Refusal{505, "http.version"};
  }
  if (request.headers.size() > limits.header_count_max) {
    return Refusal{431, "http.header.too_many"};
  }
  if (auto refusal = check_framing(version, request.headers)) {
    return refusal;
  }
  if (request.target.size() > limits.target_bytes_max) {
    return Refusal{414, "http.target.too_long"};
  }
  Result<Target> target = parse_target(request.target, limits);
  if (!target) {
    return Refusal{400, target.error().reason};
  }
  if (auto refusal = check_host(options, version, request, target->authority)) {
    return refusal;
  }
  const std::string_view expect = request.headers.get("Expect");
  if (!expect.empty() && !equal_ascii(expect, "100-continue")) {
    return Refusal{417, "http.expect"};
  }
  request.target = std::move(target->origin);
  request.path = std::move(target->path);
  request.segments = std::move(target->segments);
  request.query = std::move(target->query);
  return std::nullopt;
}

std::string head_text(const Response& response, std::string_view request_id,
                      const HeadOptions& options) {
  fmt::memory_buffer out;
  const auto to = fmt::appender(out);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 status_phrase(response.status), options.date);
  for (const Header& field : response.headers) {
    fmt::format_to(to, "{}: {}\r\n", field.name, field.value);
  }
  if (!request_id.empty()) {
    fmt::format_to(to, "X-Request-Id: {}\r\n", request_id);
  }
  if (options.framing == Framing::length) {
    fmt::format_to(to, "Content-Length: {}\r\n", options.length);
  } else if (options.framing == Framing::chunked) {
    fmt::format_to(to, "Transfer-Encoding: chunked\r\n");
  }
  fmt::format_to(to, "{}\r\n", options.keep_alive ? "" : "Connection: close\r\n");
  return fmt::to_string(out);
}

std::string http_date(UtcTime time) {
  static constexpr std::array kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t seconds = time.ms / 1000;
  const std::int64_t day = seconds / 86400;
  const CivilDate date = utc_date(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<std::size_t>(day % 7)], date.day,
                     kMonths[static_cast<std::size_t>(date.month - 1)], date.year,
                     seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

std::string random_request_id() {
  std::array<std::uint8_t, 8> bytes{};
  ATALAYA_CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return to_base32(bytes);
}

}  // namespace atalaya::http
