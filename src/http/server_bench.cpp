// A cached page of 40 kB over loopback, as ten browsers with keep-alive would ask for it: requests
// per second and the 99th percentile of their latency, identity and compressed. Client and server
// share the cores, so the server alone is faster than this says.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include <atalaya/http/cache.hpp>
#include <atalaya/http/server.hpp>

namespace atalaya::http {
namespace {

constexpr int kClients = 10;
constexpr int kRequestsEach = 500;

std::string page() {
  std::string text = "<!doctype html><html lang=\"en\"><title>Page</title>";
  for (int i = 0; text.size() < 40'000; ++i) {
    text += "<p>Commitment " + std::to_string(i * 7919 % 1000) + " was adopted in the year " +
            std::to_string(1994 + i % 32) + " at the meeting number " + std::to_string(i) + ".</p>";
  }
  return text;
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::abort();
  }
  return fd;
}

// One answer; returns the length of its body, so that a run checks what it measures.
std::size_t exchange(int fd, const std::string& request) {
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    std::abort();
  }
  std::string got;
  std::size_t total = std::string::npos;
  std::size_t body = 0;
  while (got.size() < total) {
    char bytes[65536];
    const ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
    if (n <= 0) {
      std::abort();
    }
    got.append(bytes, static_cast<std::size_t>(n));
    const std::size_t end = got.find("\r\n\r\n");
    if (total == std::string::npos && end != std::string::npos) {
      body = std::stoul(got.substr(got.find("Content-Length: ") + 16, 12));
      total = end + 4 + body;
    }
  }
  return body;
}

void cached_page(benchmark::State& state, const std::string& encoding) {
  const std::string text = page();
  ResponseCache cache(10'000'000);
  Options options;
  options.io_threads = 1;
  options.worker_threads = 2;
  auto server = Server::create(options, [&](const Request& request) {
    auto response = cache.get_or(cache_key(request, "en", "1"), request, [&]() -> Result<Response> {
      return respond(200, "text/html", text);
    });
    return *std::move(response);
  });
  std::thread thread([&] { (*server)->run(); });
  const std::string request = "GET /en/commitments/x HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " +
                              encoding + "\r\n\r\n";
  std::vector<double> times;
  std::mutex mutex;
  double seconds = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> clients;
    for (int c = 0; c < kClients; ++c) {
      clients.emplace_back([&] {
        std::vector<double> mine;
        const int fd = connect_to((*server)->port());
        for (int i = 0; i < kRequestsEach; ++i) {
          const auto begin = std::chrono::steady_clock::now();
          const std::size_t size = exchange(fd, request);
          mine.push_back(
              std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
          if (encoding == "identity" ? size != text.size() : size >= text.size() / 3) {
            std::abort();
          }
        }
        ::close(fd);
        const std::scoped_lock lock(mutex);
        times.insert(times.end(), mine.begin(), mine.end());
      });
    }
    for (std::thread& client : clients) {
      client.join();
    }
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  (*server)->stop();
  thread.join();
  std::ranges::sort(times);
  state.counters["requests_per_s"] = static_cast<double>(times.size()) / seconds;
  state.counters["p50_ms"] = times[times.size() / 2] * 1000;
  state.counters["p99_ms"] = times[times.size() * 99 / 100] * 1000;
}

BENCHMARK_CAPTURE(cached_page, identity, "identity")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(cached_page, gzip, "gzip")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(cached_page, brotli, "br")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace atalaya::http

BENCHMARK_MAIN();
