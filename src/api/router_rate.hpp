#pragma once
// Token buckets by key, in bounded memory.

#include <string>
#include <string_view>
#include <unordered_map>

#include <atalaya/api/dispatcher.hpp>
#include <atalaya/base/guarded.hpp>

namespace atalaya::api {

/// Any thread.
class RateLimiter {
 public:
  explicit RateLimiter(std::size_t buckets_max) : buckets_max_(buckets_max) {}

  /// Takes one token; false when there is none. `now_ms` never runs backwards by much.
  [[nodiscard]] bool take(std::string_view key, const Rate& rate, std::int64_t now_ms);
  /// Whether take() would succeed.
  [[nodiscard]] bool has(std::string_view key, const Rate& rate, std::int64_t now_ms);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Bucket {
    double tokens = 0;
    std::int64_t at_ms = 0;
    double per_ms = 0;
    double burst = 0;

    [[nodiscard]] double level(std::int64_t now_ms) const noexcept;
  };
  using Buckets = std::unordered_map<std::string, Bucket>;
  Bucket& find(Buckets& buckets, std::string_view key, const Rate& rate,
               std::int64_t now_ms) const;

  const std::size_t buckets_max_;
  Guarded<Buckets> buckets_;
};

}  // namespace atalaya::api
