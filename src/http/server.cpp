#include <atalaya/http/server.hpp>

#include <array>
#include <condition_variable>
#include <mutex>
#include <unordered_map>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>
#include <fmt/format.h>

#include "connection.hpp"

namespace atalaya::http {
namespace {

// The name under which connections of one client are counted: its IPv4 address or its IPv6 /64,
// which is what a provider gives to one household.
std::string peer_key(const asio::ip::address& address) {
  if (address.is_v4()) {
    return address.to_string();
  }
  const asio::ip::address_v6 six = address.to_v6();
  if (six.is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, six).to_string();
  }
  asio::ip::address_v6::bytes_type bytes = six.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return asio::ip::address_v6(bytes).to_string();
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const TlsFiles& files) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  beast::error_code error;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                           asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                           asio::ssl::context::no_tlsv1_1,
                       error);
  if (!error) {
    context->use_certificate_chain_file(files.certificate_chain, error);
  }
  if (error) {
    return fail(ErrorCode::invalid_argument, "http.tls",
                fmt::format("{}: {}", files.certificate_chain, error.message()));
  }
  context->use_private_key_file(files.private_key, asio::ssl::context::pem, error);
  if (error) {
    return fail(ErrorCode::invalid_argument, "http.tls",
                fmt::format("{}: {}", files.private_key, error.message()));
  }
  return context;
}

constexpr std::string_view kBusy =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

}  // namespace

Response Core::refuse(int status, std::string_view reason, const Request& head) const {
  Response response;
  try {
    response = options.refuse ? options.refuse(status, reason, head)
                              : plain_problem(status, reason, status_phrase(status),
                                              head.request_id);
  } catch (const std::exception&) {
    response = plain_problem(status, reason, status_phrase(status), head.request_id);
  }
  if (status == 503) {
    response.headers.set_default("Retry-After", fmt::to_string(kRetryAfterSeconds));
  }
  finish(head, response);
  return response;
}

Response Core::answer(const Request& request) const {
  try {
    Response response = handler(request);
    finish(request, response);
    return response;
  } catch (const std::exception&) {
    return refuse(500, "http.handler.threw", request);
  }
}

std::optional<Response> Core::early_answer(const Request& head) const {
  try {
    std::optional<Response> response = options.before_body(head);
    if (response) {
      finish(head, *response);
    }
    return response;
  } catch (const std::exception&) {
    return refuse(500, "http.handler.threw", head);
  }
}

class Server::Impl {
 public:
  Impl(Options options, Handler handler) : core_(std::move(options), std::move(handler)) {}

  Result<void> listen();
  void run();
  void stop() noexcept;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  [[nodiscard]] Stats stats() const noexcept;

 private:
  // What the accept loop and ending connections share.
  struct Registry {
    std::unordered_map<std::uint64_t, std::weak_ptr<ConnectionBase>> open;
    std::unordered_map<std::string, std::size_t> peers;
    std::uint64_t next_id = 0;
  };

  asio::awaitable<void> accept();
  void admit(tcp::socket socket);
  template <class Stream>
  void start(Stream stream, const tcp::endpoint& peer, std::uint64_t id, const std::string& key);
  void end(std::uint64_t id, const std::string& key);
  void each(void (ConnectionBase::*act)());
  void drain();

  Core core_;
  mutable std::mutex mutex_;  // protects registry_ and stop_asked_
  std::condition_variable changed_;
  Registry registry_;
  bool stop_asked_ = false;
  std::uint16_t port_ = 0;
  std::unique_ptr<asio::ssl::context> tls_;
  // Last, so first to go: the connections that it still holds use everything above.
  asio::io_context io_;
  tcp::acceptor acceptor_{asio::make_strand(io_)};
};

Result<void> Server::Impl::listen() {
  const Options& options = core_.options;
  beast::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) {
    return fail(Error{ErrorCode::invalid_argument,
                      "http.address",
                      fmt::format("'{}' is not an IP address", options.address),
                      {{"address", options.address.substr(0, 60)}}});
  }
  if (options.tls) {
    tls_ = ATALAYA_TRY(make_tls(*options.tls));
  }
  const tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) {
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error) {
    acceptor_.bind(endpoint, error);
  }
  if (!error) {
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) {
    const std::string detail =
        fmt::format("{} port {}: {}", options.address, options.port, error.message());
    return fail(Error{ErrorCode::unavailable, "http.listen", detail, {{"detail", detail}}});
  }
  port_ = acceptor_.local_endpoint().port();
  return {};
}

asio::awaitable<void> Server::Impl::accept() {
  asio::steady_timer pause(acceptor_.get_executor());
  while (!core_.stopping) {
    beast::error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(
        asio::make_strand(io_), asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      core_.accepted += 1;
      try {
        admit(std::move(socket));
      } catch (const std::exception&) {
        core_.refused += 1;  // no memory for one more; the loop must go on
      }
    } else if (!core_.stopping) {
      // Out of file descriptors, most likely: the connections that end make room.
      pause.expires_after(std::chrono::milliseconds(50));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

void Server::Impl::admit(tcp::socket socket) {
  beast::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) {
    return;
  }
  // Without it, an answer's second packet waits 40 ms for the first one's acknowledgement.
  socket.set_option(tcp::no_delay(true), error);
  const Limits& limits = core_.options.limits;
  const std::string key = peer_key(peer.address());
  const bool proxy = key == core_.options.trusted_proxy;
  std::uint64_t id = 0;
  bool full = false;
  {
    const std::scoped_lock lock(mutex_);
    std::size_t& of_peer = registry_.peers[key];
    full = registry_.open.size() >= limits.connections_max ||
           (of_peer >= limits.connections_per_peer_max && !proxy);
    if (full) {
      if (of_peer == 0) {
        registry_.peers.erase(key);
      }
    } else {
      ++of_peer;
      id = registry_.next_id++;
      registry_.open.emplace(id, std::weak_ptr<ConnectionBase>());
    }
  }
  if (full) {
    core_.refused += 1;
    socket.non_blocking(true, error);
    if (!tls_) {
      socket.send(asio::buffer(kBusy.data(), kBusy.size()), 0, error);
    }
    return;
  }
  if (tls_) {
    start(asio::ssl::stream<tcp::socket>(std::move(socket), *tls_), peer, id, key);
  } else {
    start(std::move(socket), peer, id, key);
  }
}

template <class Stream>
void Server::Impl::start(Stream stream, const tcp::endpoint& peer, std::uint64_t id,
                         const std::string& key) {
  const auto executor = stream.get_executor();
  auto connection = std::make_shared<Connection<Stream>>(
      core_, std::move(stream), peer, [this, id, key] { end(id, key); });
  {
    const std::scoped_lock lock(mutex_);
    registry_.open[id] = connection;
  }
  asio::co_spawn(
      executor, [connection] { return connection->serve(); },
      // Only a lack of memory throws in there; the connection is then dropped.
      [connection](const std::exception_ptr& thrown) {
        if (thrown) {
          connection->close_now();
        }
      });
}

void Server::Impl::end(std::uint64_t id, const std::string& key) {
  const std::scoped_lock lock(mutex_);
  registry_.open.erase(id);
  const auto it = registry_.peers.find(key);
  if (it != registry_.peers.end() && --it->second == 0) {
    registry_.peers.erase(it);
  }
  changed_.notify_all();
}

void Server::Impl::each(void (ConnectionBase::*act)()) {
  std::vector<std::shared_ptr<ConnectionBase>> all;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, weak] : registry_.open) {
      if (auto connection = weak.lock()) {
        all.push_back(std::move(connection));
      }
    }
  }
  for (const auto& connection : all) {
    (connection.get()->*act)();
  }
}

void Server::Impl::run() {
  core_.workers.start(std::max(core_.options.worker_threads, 1U));
  const auto guard = asio::make_work_guard(io_);
  asio::co_spawn(
      acceptor_.get_executor(), [this] { return accept(); }, [](const std::exception_ptr&) {});
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(core_.options.io_threads, 1U); ++i) {
    threads.emplace_back([this] { io_.run(); });
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stop_asked_; });
  }
  drain();
  core_.workers.stop();
  io_.stop();
  for (std::thread& thread : threads) {
    thread.join();
  }
}

// Lets requests in flight finish: idle connections end at once, the others after their answer,
// the ones that outlast the limit are cut.
void Server::Impl::drain() {
  asio::post(acceptor_.get_executor(), [this] {
    beast::error_code ignored;
    acceptor_.close(ignored);
  });
  const auto empty = [this] { return registry_.open.empty(); };
  const auto deadline = std::chrono::steady_clock::now() + core_.options.limits.stop_timeout;
  for (const auto until : {deadline, deadline + std::chrono::milliseconds(500)}) {
    each(until == deadline ? &ConnectionBase::close_if_idle : &ConnectionBase::close_now);
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, empty);
  }
}

void Server::Impl::stop() noexcept {
  core_.stopping = true;
  const std::scoped_lock lock(mutex_);
  stop_asked_ = true;
  changed_.notify_all();
}

Stats Server::Impl::stats() const noexcept {
  Stats stats;
  {
    const std::scoped_lock lock(mutex_);
    stats.connections_open = registry_.open.size();
  }
  stats.connections_accepted = core_.accepted;
  stats.connections_refused = core_.refused;
  stats.requests = core_.requests;
  stats.requests_in_flight = core_.in_flight;
  stats.queue_length = core_.workers.queue_length();
  stats.queue_refused = core_.queue_refused;
  stats.timeouts = core_.timeouts;
  stats.bad_requests = core_.bad_requests;
  return stats;
}

Result<std::unique_ptr<Server>> Server::create(Options options, Handler handler) {
  if (!options.clock) {
    options.clock = std::make_shared<SystemClock>();
  }
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  ATALAYA_TRY(impl->listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

void Server::run() {
  impl_->run();
}

void Server::stop() noexcept {
  impl_->stop();
}

std::uint16_t Server::port() const noexcept {
  return impl_->port();
}

Stats Server::stats() const noexcept {
  return impl_->stats();
}

}  // namespace atalaya::http
