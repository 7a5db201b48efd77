#pragma once
// Answers that were made once and are sent many times.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::http {

/// Least-recently-used cache of whole answers with their compressed forms, made once. A key names
/// everything that the answer depends on: cache_key(). Any thread.
class ResponseCache {
 public:
  /// `bytes_max` bounds the bodies of all forms together; an answer above an eighth of it is not
  /// kept.
  explicit ResponseCache(std::size_t bytes_max);
  ~ResponseCache();
  ResponseCache(const ResponseCache&) = delete;
  ResponseCache& operator=(const ResponseCache&) = delete;

  /// The kept answer in the form that the request accepts, or what `make` returns, kept when it
  /// is a buffered 200 without Set-Cookie or `no-store`. `make` may run twice at once for one key.
  [[nodiscard]] Result<Response> get_or(std::string_view key, const Request& request,
                                        const std::function<Result<Response>()>& make);
  void clear();

  struct Stats {
    std::size_t hits = 0;
    std::size_t misses = 0;
    std::size_t bytes = 0;
    std::size_t entries = 0;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `version` is whatever changes when the content does (a ledger size, a release number). The
/// query's parameters count in their order.
[[nodiscard]] std::string cache_key(const Request& request, std::string_view language,
                                    std::string_view version);

}  // namespace atalaya::http
