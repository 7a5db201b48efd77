#pragma once
// Counters of the routes in Prometheus' text format 0.0.4.

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/api/dispatcher.hpp>

namespace atalaya::api {

/// Upper bounds of the latency histogram, in seconds.
inline constexpr std::array kLatencyBounds = {0.001, 0.0025, 0.005, 0.01, 0.02, 0.05,
                                              0.1,   0.25,   0.5,   1.0,  2.5,  10.0};

/// Memory is fixed by the number of routes, whatever is asked. Any thread, no lock.
class Metrics {
 public:
  explicit Metrics(std::span<const Route> routes);

  /// `route` is an index, or routes.size() for requests that none matched.
  void record(std::size_t route, int status, double seconds) noexcept;
  void enter() noexcept { in_flight_ += 1; }
  void leave() noexcept { in_flight_ -= 1; }

  [[nodiscard]] std::string text(std::span<const Gauge> gauges) const;

 private:
  struct Series {
    std::array<std::atomic<std::uint64_t>, 500> statuses{};  // from 100
    std::array<std::atomic<std::uint64_t>, kLatencyBounds.size() + 1> buckets{};
    std::atomic<std::uint64_t> micros = 0;
  };
  std::vector<std::string> names_;
  std::unique_ptr<Series[]> series_;
  std::atomic<std::int64_t> in_flight_ = 0;
};

}  // namespace atalaya::api
