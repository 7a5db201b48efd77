#pragma once
// For tests: a server on a thread, and a client that writes any bytes at any speed.

#include <poll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <atalaya/http/server.hpp>

namespace atalaya::http {

class RunningServer {
 public:
  RunningServer(Options options, Server::Handler handler) {
    auto created = Server::create(std::move(options), std::move(handler));
    EXPECT_TRUE(created.has_value()) << (created ? "" : created.error().detail);
    server_ = std::move(*created);
    thread_ = std::thread([this] { server_->run(); });
  }

  ~RunningServer() { stop(); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  void stop() {
    if (thread_.joinable()) {
      server_->stop();
      thread_.join();
    }
  }

  Server& operator*() { return *server_; }

  Server* operator->() { return server_.get(); }

 private:
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// A TCP connection to 127.0.0.1. Reads wait at most `patience`.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer != 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(0, connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  }

  ~RawClient() { ::close(socket_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) {
        return false;
      }
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  void shutdown_write() { ::shutdown(socket_, SHUT_WR); }

  /// Everything until the server closes; ends at `patience` too, then closed() is false.
  std::string read_all(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (read_some(deadline)) {
    }
    return std::exchange(pending_, {});
  }

  /// One answer with a Content-Length (or none), leaving what follows it.
  std::string read_one(bool head_only = false) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::size_t end = std::string::npos;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_some(deadline)) {
        return std::exchange(pending_, {});
      }
    }
    std::size_t total = end + 4;
    const std::size_t field = pending_.find("Content-Length: ");
    if (!head_only && field < end) {
      total += std::stoul(pending_.substr(field + 16, 12));
    }
    while (pending_.size() < total && read_some(deadline)) {
    }
    std::string one = pending_.substr(0, total);
    pending_.erase(0, one.size());
    return one;
  }

  [[nodiscard]] bool closed() const { return closed_; }

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd wait{socket_, POLLIN, 0};
    if (closed_ || left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) <= 0) {
      return false;
    }
    char bytes[65536];
    const ssize_t n = recv(socket_, bytes, sizeof bytes, 0);
    closed_ = n <= 0;
    pending_.append(bytes, n > 0 ? static_cast<std::size_t>(n) : 0);
    return n > 0;
  }

  int socket_;
  std::string pending_;
  bool closed_ = false;
};

}  // namespace atalaya::http
