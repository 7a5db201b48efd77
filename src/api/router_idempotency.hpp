#pragma once
// Remembers the answers of writes that carried an Idempotency-Key (draft-ietf-httpapi-idempotency-
// key-header), so that a client that lost an answer can ask again without doing the thing twice.

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <atalaya/base/guarded.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/http/message.hpp>

namespace atalaya::api {

/// In memory: a restart forgets, and then a desk's own uniqueness rules decide. Any thread.
class IdempotencyTable {
 public:
  static constexpr std::size_t kEntriesMax = 2'000;
  static constexpr std::size_t kBodyBytesMax = 64 * 1024;
  static constexpr std::int64_t kKeptMs = 24LL * 3600 * 1000;

  /// Nothing: go on, then call finish() or abandon(). An answer: send it. Fails with conflict
  /// (api.idempotency.reused, api.idempotency.running). `key` holds account, route and header.
  [[nodiscard]] Result<std::optional<http::Response>> begin(const std::string& key,
                                                            std::string_view request_hash,
                                                            std::int64_t now_ms);
  /// Keeps the answer when it is buffered and below 500, so that a failure can be tried again.
  void finish(const std::string& key, const http::Response& response);

 private:
  struct Entry {
    std::string request_hash;
    std::int64_t at_ms = 0;
    std::optional<http::Response> answer;
  };
  struct Table {
    std::unordered_map<std::string, Entry> entries;
    std::deque<std::string> order;  // oldest first; may name keys that are gone
  };
  Guarded<Table> table_;
};

}  // namespace atalaya::api
