#include <atalaya/http/client.hpp>

#include <algorithm>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include "ascii.hpp"

namespace atalaya::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;

struct Address {
  bool tls = false;
  std::string host;
  std::string port;
  std::string authority;  // for the Host field
  std::string target;
};

std::unexpected<Error> bad_url(std::string_view url) {
  return fail(ErrorCode::invalid_argument, "http.client.url",
              fmt::format("'{}' is not an http or https address", url));
}

Result<Address> parse_url(std::string_view url) {
  Address address;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    address.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return bad_url(url);
  }
  const std::size_t path = rest.find_first_of("/?#");
  address.authority = rest.substr(0, path);
  address.target = path == std::string_view::npos ? "/" : rest.substr(path, rest.find('#') - path);
  if (!address.target.starts_with('/')) {
    address.target.insert(address.target.begin(), '/');
  }
  const bool odd = std::ranges::any_of(url, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
  });
  std::string_view host = address.authority;
  if (odd || host.contains('@')) {
    return bad_url(url);
  }
  address.port = address.tls ? "443" : "80";
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && !host.substr(colon).contains(']')) {
    address.port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  address.host = host;
  if (address.host.empty() || address.port.empty()) {
    return bad_url(url);
  }
  return address;
}

std::string request_text(const ClientRequest& request, const Address& address) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", to_string(request.method),
                                 address.target, address.authority);
  for (const Header& field : request.headers) {
    text += fmt::format("{}: {}\r\n", field.name, field.value);
  }
  if (!request.body.empty() || !is_safe(request.method)) {
    text += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  text += "Connection: close\r\n\r\n";
  text += request.body;
  return text;
}

// One exchange; `error` says how it ended. The caller's time limit cancels all of it by
// destroying the io_context.
class Exchange {
 public:
  Exchange(const ClientRequest& request, const ClientOptions& options, const Address& address)
      : options_(options), address_(address), text_(request_text(request, address)) {
    parser_.body_limit(options.response_bytes_max);
    parser_.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
    parser_.skip(request.method == Method::head);
  }

  asio::awaitable<void> run() {
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    const auto found = co_await resolver.async_resolve(
        address_.host, address_.port, asio::redirect_error(asio::use_awaitable, error_));
    tcp::socket socket(executor);
    if (!error_) {
      co_await asio::async_connect(socket, found,
                                   asio::redirect_error(asio::use_awaitable, error_));
    }
    if (error_) {
      stage_ = "http.client.connect";
      co_return;
    }
    beast::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (!address_.tls) {
      co_await talk(socket);
      co_return;
    }
    asio::ssl::context context(asio::ssl::context::tls_client);
    prepare(context);
    TlsStream stream(std::move(socket), context);
    // The macro of OpenSSL for this hides a C cast.
    std::string server_name = address_.host;
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             server_name.data());
    stream.set_verify_callback(asio::ssl::host_name_verification(address_.host));
    if (!error_) {
      co_await stream.async_handshake(asio::ssl::stream_base::client,
                                      asio::redirect_error(asio::use_awaitable, error_));
    }
    if (error_) {
      stage_ = "http.client.tls";
      co_return;
    }
    co_await talk(stream);
  }

  [[nodiscard]] Result<Response> result(bool finished) {
    if (!finished) {
      return fail(ErrorCode::deadline_exceeded, "http.client.timeout",
                  fmt::format("{} did not answer within {} ms", address_.authority,
                              options_.timeout.count()));
    }
    if (error_ == beast::http::error::body_limit || error_ == beast::http::error::header_limit) {
      return fail(ErrorCode::exhausted, "http.client.too_big",
                  fmt::format("the answer of {} is above {} bytes", address_.authority,
                              options_.response_bytes_max));
    }
    if (error_) {
      const bool tls = stage_ == "http.client.tls";
      return fail(tls ? ErrorCode::permission_denied : ErrorCode::unavailable, stage_,
                  fmt::format("{}: {}", address_.authority, error_.message()));
    }
    Response response;
    response.status = static_cast<int>(parser_.get().result_int());
    for (const auto& field : parser_.get()) {
      response.headers.add(std::string_view(field.name_string()), std::string_view(field.value()));
    }
    response.body = std::move(parser_.get().body());
    return response;
  }

 private:
  void prepare(asio::ssl::context& context) {
    context.set_verify_mode(asio::ssl::verify_peer, error_);
    if (options_.ca_file.empty()) {
      context.set_default_verify_paths(error_);
    } else {
      context.load_verify_file(options_.ca_file, error_);
    }
  }

  template <class Stream>
  asio::awaitable<void> talk(Stream& stream) {
    stage_ = "http.client.broken";
    co_await asio::async_write(stream, asio::buffer(text_),
                               asio::redirect_error(asio::use_awaitable, error_));
    // A server may refuse early and stop reading; its answer is still worth reading.
    error_ = {};
    beast::flat_buffer buffer(options_.header_bytes_max + 64 * 1024);
    while (!parser_.is_done()) {
      beast::error_code read;
      const auto space = buffer.prepare(std::min<std::size_t>(32 * 1024,
                                                              buffer.max_size() - buffer.size()));
      const std::size_t got = co_await stream.async_read_some(
          space, asio::redirect_error(asio::use_awaitable, read));
      buffer.commit(got);
      if (read || got == 0) {
        finish_at_end(read);
        co_return;
      }
      if (!feed(buffer)) {
        co_return;
      }
    }
  }

  // The parser takes one element at a time; false when the answer is malformed or too big.
  bool feed(beast::flat_buffer& buffer) {
    while (buffer.size() != 0 && !parser_.is_done()) {
      error_ = {};
      buffer.consume(parser_.put(buffer.data(), error_));
      if (error_ == beast::http::error::need_more) {
        error_ = {};
        return true;
      }
      if (error_) {
        return false;
      }
    }
    return true;
  }

  // Without Content-Length the end of the connection is the end of the body.
  void finish_at_end(beast::error_code read) {
    const bool ended = read == asio::error::eof || read == asio::ssl::error::stream_truncated;
    if (ended && parser_.got_some()) {
      parser_.put_eof(error_);
    } else {
      error_ = read ? read : beast::error_code(asio::error::eof);
    }
  }

  const ClientOptions& options_;
  const Address& address_;
  std::string text_;
  beast::http::response_parser<beast::http::string_body> parser_;
  beast::error_code error_;
  std::string_view stage_ = "http.client.connect";
};

}  // namespace

Result<Response> fetch(const ClientRequest& request, const ClientOptions& options) {
  const Address address = ATALAYA_TRY(parse_url(request.url));
  try {
    Exchange exchange(request, options, address);
    bool finished = false;
    {
      asio::io_context io(1);
      asio::co_spawn(
          io, [&exchange] { return exchange.run(); },
          [&finished](const std::exception_ptr& thrown) {
            if (thrown) {
              std::rethrow_exception(thrown);
            }
            finished = true;
          });
      io.run_for(options.timeout);
    }
    return exchange.result(finished);
  } catch (const std::exception& error) {
    return fail(ErrorCode::internal, "http.client.threw", error.what());
  }
}

}  // namespace atalaya::http
