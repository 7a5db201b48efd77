#include "metrics.hpp"

#include <fmt/format.h>

namespace atalaya::api {

Metrics::Metrics(std::span<const Route> routes)
    : series_(std::make_unique<Series[]>(routes.size() + 1)) {
  for (const Route& route : routes) {
    names_.emplace_back(route.name);
  }
  names_.emplace_back("none");
}

void Metrics::record(std::size_t route, int status, double seconds) noexcept {
  Series& series = series_[route];
  if (status >= 100 && status < 600) {
    series.statuses[static_cast<std::size_t>(status - 100)] += 1;
  }
  std::size_t bucket = 0;
  while (bucket < kLatencyBounds.size() && seconds > kLatencyBounds[bucket]) {
    ++bucket;
  }
  series.buckets[bucket] += 1;
  series.micros += static_cast<std::uint64_t>(seconds * 1e6);
}

std::string Metrics::text(std::span<const Gauge> gauges) const {
  fmt::memory_buffer out;
  const auto to = fmt::appender(out);
  fmt::format_to(to,
                 "# HELP atalaya_requests_total Requests answered, by route and status.\n"
                 "# TYPE atalaya_requests_total counter\n");
  for (std::size_t r = 0; r < names_.size(); ++r) {
    for (std::size_t s = 0; s < series_[r].statuses.size(); ++s) {
      if (const std::uint64_t n = series_[r].statuses[s]; n != 0) {
        fmt::format_to(to, "atalaya_requests_total{{route=\"{}\",status=\"{}\"}} {}\n", names_[r],
                       s + 100, n);
      }
    }
  }
  fmt::format_to(to,
                 "# HELP atalaya_request_seconds Time to make an answer, without the network.\n"
                 "# TYPE atalaya_request_seconds histogram\n");
  for (std::size_t r = 0; r < names_.size(); ++r) {
    std::uint64_t total = 0;
    std::string lines;
    for (std::size_t b = 0; b <= kLatencyBounds.size(); ++b) {
      total += series_[r].buckets[b];
      const std::string bound =
          b < kLatencyBounds.size() ? fmt::format("{}", kLatencyBounds[b]) : "+Inf";
      lines += fmt::format("atalaya_request_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n",
                           names_[r], bound, total);
    }
    if (total != 0) {
      const std::uint64_t micros = series_[r].micros;
      fmt::format_to(to,
                     "{}atalaya_request_seconds_sum{{route=\"{}\"}} {:.6f}\n"
                     "atalaya_request_seconds_count{{route=\"{}\"}} {}\n",
                     lines, names_[r], static_cast<double>(micros) / 1e6, names_[r], total);
    }
  }
  fmt::format_to(to,
                 "# HELP atalaya_requests_in_flight Requests being worked on.\n"
                 "# TYPE atalaya_requests_in_flight gauge\natalaya_requests_in_flight {}\n",
                 in_flight_.load());
  for (const Gauge& gauge : gauges) {
    fmt::format_to(to, "# HELP {} {}\n# TYPE {} gauge\n{} {}\n", gauge.name, gauge.help,
                   gauge.name, gauge.name, gauge.value);
  }
  return fmt::to_string(out);
}

}  // namespace atalaya::api
