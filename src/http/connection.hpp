#pragma once
// One connection: reads requests one after another, hands each to a worker, writes its answer.
//
// Everything of a connection runs on its strand, but for the handler and the stream's pieces,
// which run on a worker while the strand waits. A single watchdog timer bounds every wait: each
// step sets a deadline, and when it passes the pending socket operation is cancelled. (The
// timeouts of beast::tcp_stream are not used: they close the socket, and then no 408 could be
// sent.) Included by server.cpp alone, because Asio and Beast are slow to compile.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atalaya/http/server.hpp>

#include "ascii.hpp"
#include "finish.hpp"
#include "head.hpp"
#include "workers.hpp"

namespace atalaya::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using SteadyTime = std::chrono::steady_clock::time_point;

/// What all connections of a server share.
struct Core {
  Core(Options o, Server::Handler h)
      : options(std::move(o)), handler(std::move(h)), workers(options.limits.queue_length_max) {}

  Options options;
  Server::Handler handler;
  Workers workers;
  std::atomic<bool> stopping = false;
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> in_flight = 0;
  std::atomic<std::uint64_t> queue_refused = 0;
  std::atomic<std::uint64_t> timeouts = 0;
  std::atomic<std::uint64_t> bad_requests = 0;
  std::atomic<std::size_t> body_bytes = 0;  // of bodies being received or worked on

  [[nodiscard]] Response refuse(int status, std::string_view reason, const Request& head) const;
  /// The handler's answer, finished; 500 when it threw. Runs on a worker.
  [[nodiscard]] Response answer(const Request& request) const;
  /// What Options::before_body answers, finished. Runs on a worker.
  [[nodiscard]] std::optional<Response> early_answer(const Request& head) const;
};

class ConnectionBase {
 public:
  ConnectionBase() = default;
  virtual ~ConnectionBase() = default;
  ConnectionBase(const ConnectionBase&) = delete;
  ConnectionBase& operator=(const ConnectionBase&) = delete;
  /// Any thread. Ends the connection if it is between requests.
  virtual void close_if_idle() = 0;
  /// Any thread. Ends it now.
  virtual void close_now() = 0;
};

template <class Stream>
class Connection final : public ConnectionBase,
                         public std::enable_shared_from_this<Connection<Stream>> {
 public:
  /// `on_end` runs when the connection is destroyed, on any thread.
  Connection(Core& core, Stream stream, tcp::endpoint peer, std::move_only_function<void()> on_end)
      : core_(core),
        limits_(core.options.limits),
        stream_(std::move(stream)),
        timer_(stream_.get_executor()),
        done_(stream_.get_executor()),
        peer_(std::move(peer)),
        on_end_(std::move(on_end)),
        buffer_(std::max(limits_.header_bytes_max + 1024, limits_.read_ahead_bytes_max)) {}

  ~Connection() override { on_end_(); }

  asio::awaitable<void> serve() {
    const auto self = this->shared_from_this();
    arm();
    bool good = co_await handshake();
    for (std::size_t n = 0; good && n < limits_.requests_per_connection_max; ++n) {
      good = co_await serve_one(n + 1 == limits_.requests_per_connection_max, n == 0);
    }
    co_await close();
    finished_ = true;
    timer_.cancel();
  }

  void close_if_idle() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (self->idle_) {
        self->cancel();
      }
    });
  }

  void close_now() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      beast::error_code ignored;
      self->socket().close(ignored);
    });
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, tcp::socket>;

  tcp::socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  void cancel() {
    beast::error_code ignored;
    socket().cancel(ignored);
  }

  // --- Deadlines ------------------------------------------------------------------------------

  void arm() {
    armed_ = deadline_;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = this->shared_from_this()](beast::error_code) { self->on_timer(); });
  }

  void on_timer() {
    if (finished_) {
      return;
    }
    if (std::chrono::steady_clock::now() >= deadline_) {
      timed_out_ = true;
      deadline_ = SteadyTime::max();
      cancel();
    }
    arm();
  }

  void set_deadline(SteadyTime deadline) {
    timed_out_ = false;
    deadline_ = deadline;
    if (deadline < armed_) {
      armed_ = deadline;  // the cancelled wait's handler arms anew
      timer_.cancel();
    }
  }

  static SteadyTime after(std::chrono::milliseconds delay) {
    return std::chrono::steady_clock::now() + delay;
  }

  // The end of the grace of a transfer that began at `start` and has moved `bytes`.
  static SteadyTime rate_deadline(SteadyTime start, std::chrono::milliseconds grace,
                                  std::size_t bytes, std::size_t rate) {
    return start + grace + std::chrono::milliseconds(bytes * 1000 / std::max<std::size_t>(rate, 1));
  }

  // --- Reading --------------------------------------------------------------------------------

  asio::awaitable<bool> handshake() {
    if constexpr (kTls) {
      set_deadline(after(limits_.tls_handshake_timeout));
      beast::error_code error;
      co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                       asio::redirect_error(asio::use_awaitable, error));
      core_.timeouts += timed_out_ ? 1 : 0;
      co_return !error;
    } else {
      co_return true;
    }
  }

  // Reads what there is; false at the end, on an error or at the deadline.
  asio::awaitable<bool> fill() {
    const std::size_t room = std::min<std::size_t>(16 * 1024, buffer_.max_size() - buffer_.size());
    beast::error_code error;
    const auto space = buffer_.prepare(room);
    const std::size_t got = co_await stream_.async_read_some(
        space, asio::redirect_error(asio::use_awaitable, error));
    buffer_.commit(got);
    filled_ = got;
    co_return !error && got != 0;
  }

  // Waits for the first byte of a request. The connection may be closed here at any time.
  asio::awaitable<bool> wait_for_request(bool first) {
    if (buffer_.size() != 0) {
      co_return true;
    }
    set_deadline(after(first ? limits_.header_timeout : limits_.keep_alive_timeout));
    if (core_.stopping) {
      co_return false;
    }
    idle_ = true;
    const bool good = co_await fill();
    idle_ = false;
    co_return good;
  }

  static Refusal parse_refusal(beast::error_code error) {
    namespace bh = beast::http;
    if (error == bh::error::header_limit) {
      return Refusal{431, "http.header.too_big"};
    }
    if (error == bh::error::bad_version) {
      return Refusal{505, "http.version"};
    }
    if (error == bh::error::body_limit) {
      return Refusal{413, "http.body.too_big"};
    }
    if (error == bh::error::bad_content_length || error == bh::error::multiple_content_length ||
        error == bh::error::bad_transfer_encoding) {
      return Refusal{400, "http.framing.ambiguous"};
    }
    return Refusal{400, "http.malformed"};
  }

  // False when the connection ended; refusal_ is set when the request must be refused.
  asio::awaitable<bool> read_head() {
    set_deadline(after(limits_.header_timeout));
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
    parser_->body_limit(boost::none);
    for (;;) {
      beast::error_code error;
      buffer_.consume(parser_->put(buffer_.data(), error));
      if (!error && parser_->is_header_done()) {
        break;
      }
      if (error && error != beast::http::error::need_more) {
        refusal_ = parse_refusal(error);
        co_return true;
      }
      const bool good = co_await fill();
      if (timed_out_) {
        core_.timeouts += 1;
        refusal_ = Refusal{408, "http.header.timeout"};
        co_return true;
      }
      if (!good) {
        co_return false;
      }
    }
    take_head();
    co_return true;
  }

  void take_head() {
    const auto& message = parser_->get();
    request_.method_name = std::string_view(message.method_string());
    request_.target = std::string_view(message.target());
    for (const auto& field : message) {
      request_.headers.add(std::string_view(field.name_string()), std::string_view(field.value()));
    }
    request_.secure = kTls;
    take_peer();
    refusal_ = check_head(core_.options, static_cast<int>(message.version()), request_);
  }

  [[nodiscard]] std::string_view last_field(std::string_view name) const {
    std::string_view value;
    for (const Header& field : request_.headers) {
      value = equal_ascii(field.name, name) ? std::string_view(field.value) : value;
    }
    return value;
  }

  // A socket of both families calls IPv4 peers ::ffff:192.0.2.1; no setting or throttle does.
  static std::string plain_address(const asio::ip::address& address) {
    return address.is_v6() && address.to_v6().is_v4_mapped()
               ? asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string()
               : address.to_string();
  }

  void take_peer() {
    std::string address = plain_address(peer_.address());
    if (!core_.options.trusted_proxy.empty() && address == core_.options.trusted_proxy) {
      // The proxy's own word comes last: in the last field, and there as the last member. What
      // stands before it may be the client's, who would take another address for each guess.
      request_.secure = last_field("X-Forwarded-Proto") == "https";
      const std::string_view list = last_field("X-Forwarded-For");
      beast::error_code error;
      const auto client =
          asio::ip::make_address(trim_ows(list.substr(list.rfind(',') + 1)), error);
      address = error ? address : plain_address(client);
    }
    if (core_.options.keep_peer_address) {
      request_.peer = std::move(address);
    }
  }

  [[nodiscard]] std::size_t body_limit() const {
    return core_.options.body_limit ? core_.options.body_limit(request_) : limits_.body_bytes_max;
  }

  asio::awaitable<bool> read_body() {
    const std::size_t limit = body_limit();
    const auto length = parser_->content_length();
    if (length && *length > limit) {
      refusal_ = Refusal{413, "http.body.too_big"};
      co_return true;
    }
    if (limit > limits_.body_bytes_max && core_.options.before_body && !parser_->is_done()) {
      co_await ask_before_body();
      if (early_) {
        co_return true;
      }
    }
    parser_->body_limit(limit);
    const bool waits = request_.headers.has("Expect") && parser_->get().version() == 11;
    if (waits && !parser_->is_done() && buffer_.size() == 0) {
      set_deadline(after(limits_.write_grace));
      const bool sent = co_await write_text("HTTP/1.1 100 Continue\r\n\r\n");
      if (!sent) {
        co_return false;
      }
    }
    const SteadyTime start = std::chrono::steady_clock::now();
    std::size_t received = 0;
    bool wants_more = buffer_.size() == 0;
    while (!parser_->is_done()) {
      if (wants_more) {
        set_deadline(
            rate_deadline(start, limits_.body_grace, received, limits_.body_rate_bytes_min));
        const bool good = co_await fill();
        if (timed_out_) {
          core_.timeouts += 1;
          refusal_ = Refusal{408, "http.body.timeout"};
          co_return true;
        }
        if (!good) {
          co_return false;
        }
        received += filled_;
      }
      if (!put_body(wants_more)) {
        co_return true;
      }
    }
    request_.body = std::move(parser_->get().body());
    co_return true;
  }

  // Sets early_ where the body need not be read.
  asio::awaitable<void> ask_before_body() {
    Workers::Job job = [this] { early_ = core_.early_answer(request_); };
    const bool queued = co_await on_worker(std::move(job), false);
    if (!queued) {
      core_.queue_refused += 1;
      early_ = core_.refuse(503, "http.queue.full", request_);
    }
  }

  // Gives the parser what was read; false when refusal_ was set.
  bool put_body(bool& wants_more) {
    beast::error_code error;
    const std::size_t before = parser_->get().body().size();
    const std::size_t used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    wants_more = error == beast::http::error::need_more || buffer_.size() == 0;
    if (error && error != beast::http::error::need_more) {
      refusal_ = parse_refusal(error);
      return false;
    }
    if (error && buffer_.size() == buffer_.max_size()) {
      refusal_ = Refusal{400, "http.malformed"};  // a chunk's header without end
      return false;
    }
    const std::size_t more = parser_->get().body().size() - before;
    counted_body_ += more;
    if (core_.body_bytes.fetch_add(more) + more > limits_.body_bytes_total_max) {
      refusal_ = Refusal{503, "http.body.busy"};
      return false;
    }
    return true;
  }

  // --- One request ----------------------------------------------------------------------------

  // False when the connection should end.
  asio::awaitable<bool> serve_one(bool last, bool first) {
    request_ = Request{};
    request_.request_id = random_request_id();
    refusal_.reset();
    early_.reset();
    const bool began = co_await wait_for_request(first);
    if (!began) {
      co_return false;
    }
    bool good = co_await read_head();
    if (good && !refusal_) {
      core_.requests += 1;
      good = co_await read_body();
    }
    if (good && early_) {
      response_ = *std::exchange(early_, std::nullopt);
      co_await write_response(false);
      co_await linger();
      good = false;
    } else if (good && refusal_) {
      core_.bad_requests += 1;
      core_.body_bytes -= std::exchange(counted_body_, 0);
      parser_->get().body() = std::string();
      response_ = core_.refuse(refusal_->status, refusal_->reason, request_);
      co_await write_response(false);
      co_await linger();
      good = false;
    } else if (good) {
      core_.in_flight += 1;
      co_await work();
      const bool keep = parser_->keep_alive() && parser_->get().version() == 11 && !last &&
                        !core_.stopping && !request_.headers.has("Upgrade");
      const bool written = co_await write_response(keep);
      core_.in_flight -= 1;
      good = keep && written;
    }
    core_.body_bytes -= std::exchange(counted_body_, 0);
    co_return good;
  }

  // Runs `job` on a worker and waits for it. False when it was not admitted.
  asio::awaitable<bool> on_worker(Workers::Job job, bool admitted) {
    ready_ = false;
    set_deadline(SteadyTime::max());
    Workers::Job task = [self = this->shared_from_this(), inner = std::move(job)]() mutable {
      inner();
      inner = nullptr;
      asio::post(self->stream_.get_executor(), [self] {
        self->ready_ = true;
        self->done_.cancel();
      });
    };
    done_.expires_at(SteadyTime::max());
    const bool queued = admitted ? core_.workers.submit_admitted(std::move(task))
                                 : core_.workers.submit(std::move(task));
    while (queued && !ready_) {
      beast::error_code ignored;
      co_await done_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return queued;
  }

  asio::awaitable<void> work() {
    const SteadyTime deadline = after(limits_.queue_wait_max);
    Workers::Job job = [this, deadline] {
      if (std::chrono::steady_clock::now() > deadline) {
        core_.queue_refused += 1;
        response_ = core_.refuse(503, "http.queue.waited", request_);
      } else {
        response_ = core_.answer(request_);
      }
    };
    const bool queued = co_await on_worker(std::move(job), false);
    if (!queued) {
      core_.queue_refused += 1;
      response_ = core_.refuse(503, "http.queue.full", request_);
    }
  }

  // --- Writing --------------------------------------------------------------------------------

  asio::awaitable<bool> write_text(std::string_view text) {
    beast::error_code error;
    co_await asio::async_write(stream_, asio::buffer(text.data(), text.size()),
                               asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  // Head and body of a buffered answer, in slices, so that a slow reader is told from a dead one.
  asio::awaitable<bool> write_buffered(const std::string& head, std::string_view text) {
    const SteadyTime start = std::chrono::steady_clock::now();
    std::string_view before = head;
    std::size_t written = 0;
    do {
      const std::string_view slice = text.substr(0, kWriteSliceBytes);
      text.remove_prefix(slice.size());
      set_deadline(
          rate_deadline(start, limits_.write_grace, written, limits_.write_rate_bytes_min));
      const std::array<asio::const_buffer, 2> buffers = {
          asio::buffer(before.data(), before.size()), asio::buffer(slice.data(), slice.size())};
      beast::error_code error;
      written += co_await asio::async_write(stream_, buffers,
                                            asio::redirect_error(asio::use_awaitable, error));
      before = {};
      if (error) {
        core_.timeouts += timed_out_ ? 1 : 0;
        co_return false;
      }
    } while (!text.empty());
    co_return true;
  }

  asio::awaitable<bool> write_stream(const std::string& head, http::Stream& source, bool chunked) {
    const SteadyTime start = std::chrono::steady_clock::now();
    set_deadline(rate_deadline(start, limits_.write_grace, 0, limits_.write_rate_bytes_min));
    bool good = co_await write_text(head);
    std::uint64_t written = 0;
    bool more = true;
    while (good && more) {
      std::string piece;
      Result<bool> next = false;
      Workers::Job job = [&] { next = next_piece(source, piece); };
      const bool queued = co_await on_worker(std::move(job), true);
      if (!queued || !next) {
        co_return false;
      }
      more = *next;
      written += piece.size();
      if (source.size && written > *source.size) {
        co_return false;
      }
      if (chunked && !piece.empty()) {
        piece = fmt_chunk(piece);
      }
      // Making a piece takes our time, not the client's: the grace starts anew with each.
      set_deadline(rate_deadline(std::chrono::steady_clock::now(), limits_.write_grace,
                                 piece.size(), limits_.write_rate_bytes_min));
      good = co_await write_text(piece);
      core_.timeouts += !good && timed_out_ ? 1 : 0;
    }
    if (good && chunked) {
      good = co_await write_text("0\r\n\r\n");
    }
    co_return good && (!source.size || written == *source.size);
  }

  static Result<bool> next_piece(http::Stream& source, std::string& piece) {
    try {
      return source.next(piece);
    } catch (const std::exception& error) {
      return fail(ErrorCode::internal, "http.stream.threw", error.what());
    }
  }

  static std::string fmt_chunk(std::string_view piece) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t n = piece.size(); n != 0; n /= 16) {
      size.insert(size.begin(), kDigits[n % 16]);
    }
    size += "\r\n";
    size += piece;
    size += "\r\n";
    return size;
  }

  asio::awaitable<bool> write_response(bool keep_alive) {
    HeadOptions head;
    head.keep_alive = keep_alive;
    const std::string date = http_date(core_.options.clock->now());
    head.date = date;
    const bool empty = response_.status == 204 || response_.status == 304;
    const bool bodiless = empty || request_.method == Method::head;
    auto* source = std::get_if<http::Stream>(&response_.body);
    bool chunked = false;
    if (source == nullptr) {
      head.framing = empty ? Framing::none : Framing::length;
      head.length = response_.text().size();
    } else if (source->size) {
      head.framing = Framing::length;
      head.length = *source->size;
    } else {
      chunked = parser_ && parser_->get().version() == 11;
      head.framing = chunked ? Framing::chunked : Framing::until_close;
    }
    const std::string text = head_text(response_, request_.request_id, head);
    bool good = false;
    if (source != nullptr && !bodiless) {
      good = co_await write_stream(text, *source, chunked);
    } else {
      const std::string_view body = bodiless ? std::string_view() : response_.text();
      good = co_await write_buffered(text, body);
    }
    response_ = Response{};
    co_return good;
  }

  // --- Ending ---------------------------------------------------------------------------------

  // Reads on for a moment after an answer that came before the request's end: closing with bytes
  // unread would make the system send a reset, and the client would never see the answer.
  asio::awaitable<void> linger() {
    beast::error_code ignored;
    if constexpr (!kTls) {
      socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
    const SteadyTime deadline = after(limits_.linger_timeout);
    std::size_t drained = 0;
    bool good = true;
    while (good && drained < limits_.linger_bytes_max) {
      buffer_.clear();
      set_deadline(deadline);
      good = co_await fill();
      drained += filled_;
    }
  }

  asio::awaitable<void> close() {
    beast::error_code ignored;
    if constexpr (kTls) {
      set_deadline(after(limits_.linger_timeout));
      co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    }
    socket().shutdown(tcp::socket::shutdown_both, ignored);
    socket().close(ignored);
  }

  Core& core_;
  const Limits& limits_;
  Stream stream_;
  asio::steady_timer timer_;  // the watchdog
  asio::steady_timer done_;   // never expires; cancelled when a worker has finished
  tcp::endpoint peer_;
  std::move_only_function<void()> on_end_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  Request request_;
  Response response_;
  std::optional<Refusal> refusal_;
  std::optional<Response> early_;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime armed_ = SteadyTime::max();
  std::size_t filled_ = 0;
  std::size_t counted_body_ = 0;
  bool timed_out_ = false;
  bool idle_ = false;
  bool ready_ = false;
  bool finished_ = false;
};

}  // namespace atalaya::http
