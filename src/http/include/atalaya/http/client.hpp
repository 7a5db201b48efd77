#pragma once
// A small blocking client for the doctor, for tests and for peers. One connection per call; no
// redirects, no cookies, no proxies.

#include <chrono>
#include <cstddef>
#include <string>

#include <atalaya/base/result.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::http {

struct ClientOptions {
  /// For the whole exchange, name resolution included.
  std::chrono::milliseconds timeout{10'000};
  std::size_t response_bytes_max = 4 * 1024 * 1024;
  std::size_t header_bytes_max = 32 * 1024;
  /// PEM file of authorities to trust instead of the system's.
  std::string ca_file = {};
};

struct ClientRequest {
  Method method = Method::get;
  std::string url = {};  // "http://host:port/path?query" or https
  Headers headers = {};  // Host, Content-Length and Connection are added
  std::string body = {};
};

/// The answer with its body buffered, whatever its status. Fails with invalid_argument
/// (http.client.url), unavailable (http.client.connect, http.client.broken), deadline_exceeded
/// (http.client.timeout), exhausted (http.client.too_big), permission_denied (http.client.tls: the
/// certificate is not trusted). Blocks; any thread.
[[nodiscard]] Result<Response> fetch(const ClientRequest& request, const ClientOptions& options = {});

}  // namespace atalaya::http
