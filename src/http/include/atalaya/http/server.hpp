#pragma once
// The HTTP/1.1 server. Connections are served by a few I/O threads; handlers run on a fixed pool
// of workers behind a bounded queue, so that no request can take a thread that another needs.
//
//   auto server = http::Server::create({.address = "127.0.0.1", .port = 8420}, handle);
//   if (!server) { … }
//   std::jthread stopper([&] { wait_for_signal(); (*server)->stop(); });
//   (*server)->run();

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/http/limits.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::http {

/// PEM files; TLS 1.2 and newer.
struct TlsFiles {
  std::string certificate_chain;
  std::string private_key;
};

struct Stats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // over a limit of connections
  std::uint64_t requests = 0;             // with a complete header
  std::uint64_t requests_in_flight = 0;
  std::uint64_t queue_length = 0;
  std::uint64_t queue_refused = 0;
  std::uint64_t timeouts = 0;      // header, body, slow reader
  std::uint64_t bad_requests = 0;  // refused before a handler saw them
};

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses; see Server::port()
  unsigned io_threads = 1;
  unsigned worker_threads = 4;
  Limits limits = {};
  std::optional<TlsFiles> tls = {};
  /// False for the reporting listener: Request::peer stays empty.
  bool keep_peer_address = true;
  /// A reverse proxy in front of the node: requests from this address may name the client in the
  /// last member of X-Forwarded-For and the scheme in X-Forwarded-Proto, and the limit of
  /// connections per peer does not count them.
  std::string trusted_proxy = {};
  /// Names this node answers to, without port; anything else gets 421, which stops DNS rebinding.
  /// Empty: any name.
  std::vector<std::string> host_names = {};
  /// Bytes of body allowed for a request whose header was read (its body is empty yet); called on
  /// an I/O thread, so it must be quick. Nothing: Limits::body_bytes_max.
  std::function<std::size_t(const Request& head)> body_limit = {};
  /// Asked on a worker before a body is read for which `body_limit` allows more than
  /// Limits::body_bytes_max, the header being read: an answer is sent instead, the body stays
  /// unread and the connection ends. So nobody fills memory with an upload that is not theirs.
  std::function<std::optional<Response>(const Request& head)> before_body = {};
  /// Answers for requests that the server refuses itself (400, 408, 413, 414, 417, 421, 431, 501,
  /// 503, 505) and for handlers that threw (500). `reason` is a dotted key (http.header.timeout).
  /// Nothing: plain_problem().
  std::function<Response(int status, std::string_view reason, const Request& head)> refuse = {};
  std::shared_ptr<const Clock> clock = {};  // for the Date header; the system's where empty
};

class Server {
 public:
  /// Called on a worker. May throw: the answer is then 500 and the connection goes on.
  using Handler = std::function<Response(const Request&)>;

  /// Binds and listens. Fails with unavailable (http.listen) naming address and cause, or
  /// invalid_argument (http.address, http.tls).
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(Options options, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until stop(). Returns after requests in flight were answered, or after
  /// Limits::stop_timeout and the end of the handlers that are running.
  void run();
  /// Any thread, any number of times, before or during run(); returns at once.
  void stop() noexcept;
  /// The port that is listened on.
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] Stats stats() const noexcept;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace atalaya::http
