#pragma once
// Every bound of the server and the client, in one place. Each has a test that reaches it.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace atalaya::http {

/// Defaults suit a public node on two cores. "Per second" means of wall time since the first byte.
struct Limits {
  /// Request line and header fields together; over it the answer is 431 (target alone: 414).
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t header_count_max = 64;
  std::size_t target_bytes_max = 8 * 1024;
  /// Query parameters, after decoding; over it the answer is 400.
  std::size_t query_params_max = 64;
  /// Used where Options::body_limit gives no other; over it the answer is 413, unread.
  std::size_t body_bytes_max = 256 * 1024;
  /// Bodies being received by all connections together; over it the answer is 503.
  std::size_t body_bytes_total_max = 512UL * 1024 * 1024;

  /// From the first byte of a request to the end of its header: slowloris ends here, with 408.
  std::chrono::milliseconds header_timeout{10'000};
  /// Between two requests of one connection; then it is closed without a word.
  std::chrono::milliseconds keep_alive_timeout{30'000};
  /// A body has this long, and one second more per `body_rate_bytes_min` received; then 408.
  std::chrono::milliseconds body_grace{10'000};
  std::size_t body_rate_bytes_min = 1024;
  /// The same for a client that reads its answer slowly; then the connection is closed.
  std::chrono::milliseconds write_grace{10'000};
  std::size_t write_rate_bytes_min = 1024;
  std::chrono::milliseconds tls_handshake_timeout{10'000};
  /// After an answer that ends a connection with bytes unread, so that the client can read it.
  std::chrono::milliseconds linger_timeout{1'000};
  std::size_t linger_bytes_max = 256 * 1024;

  /// Open connections; one more is answered 503 and closed.
  std::size_t connections_max = 900;
  /// From one IPv4 address or one IPv6 /64; one more is answered 503 and closed.
  std::size_t connections_per_peer_max = 100;
  /// Requests that one connection may carry before it is closed.
  std::size_t requests_per_connection_max = 10'000;
  /// What one connection may have sent ahead (pipelining, or a part of a body). A client that
  /// sends more waits in its own socket: requests of a connection are answered one by one.
  std::size_t read_ahead_bytes_max = 64 * 1024;

  /// Requests waiting for a worker; one more is answered 503 with Retry-After.
  std::size_t queue_length_max = 512;
  /// A request that waited longer than this is answered 503 instead of being worked on.
  std::chrono::milliseconds queue_wait_max{10'000};
  /// After stop(): how long requests in flight may take before their connections are closed.
  std::chrono::milliseconds stop_timeout{5'000};
};

/// A buffered body shorter than this is sent as it is; longer text is compressed.
inline constexpr std::size_t kCompressBytesMin = 1024;
/// A body is written in slices of this size, each under the deadline of the slow-reader rule.
inline constexpr std::size_t kWriteSliceBytes = 64 * 1024;
/// A server's Retry-After, in seconds, when it is full.
inline constexpr int kRetryAfterSeconds = 2;

}  // namespace atalaya::http
