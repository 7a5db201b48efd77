#include "router_rate.hpp"

#include <algorithm>

namespace atalaya::api {

double RateLimiter::Bucket::level(std::int64_t now_ms) const noexcept {
  const auto passed = static_cast<double>(std::max<std::int64_t>(now_ms - at_ms, 0));
  return std::min(burst, tokens + passed * per_ms);
}

// A bucket that has filled up again says nothing that a new one would not. When all are in use,
// more keys are active than the table holds: they start over, which errs on the side of serving.
RateLimiter::Bucket& RateLimiter::find(Buckets& buckets, std::string_view key, const Rate& rate,
                                       std::int64_t now_ms) const {
  const auto it = buckets.find(std::string(key));
  if (it != buckets.end()) {
    return it->second;
  }
  if (buckets.size() >= buckets_max_) {
    std::erase_if(buckets, [&](const auto& entry) {
      return entry.second.level(now_ms) >= entry.second.burst;
    });
    if (buckets.size() >= buckets_max_) {
      buckets.clear();
    }
  }
  const Bucket fresh{rate.burst, now_ms, rate.per_second / 1000, rate.burst};
  return buckets.emplace(key, fresh).first->second;
}

bool RateLimiter::take(std::string_view key, const Rate& rate, std::int64_t now_ms) {
  if (rate.per_second <= 0) {
    return true;
  }
  return buckets_.with([&](Buckets& buckets) {
    Bucket& bucket = find(buckets, key, rate, now_ms);
    const double level = bucket.level(now_ms);
    bucket.tokens = level >= 1 ? level - 1 : level;
    bucket.at_ms = now_ms;
    return level >= 1;
  });
}

bool RateLimiter::has(std::string_view key, const Rate& rate, std::int64_t now_ms) {
  if (rate.per_second <= 0) {
    return true;
  }
  return buckets_.with([&](Buckets& buckets) {
    const auto it = buckets.find(std::string(key));
    return it == buckets.end() || it->second.level(now_ms) >= 1;
  });
}

std::size_t RateLimiter::size() const {
  return buckets_.with([](const Buckets& buckets) { return buckets.size(); });
}

}  // namespace atalaya::api
