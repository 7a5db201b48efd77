#include "router_idempotency.hpp"

namespace atalaya::api {

Result<std::optional<http::Response>> IdempotencyTable::begin(const std::string& key,
                                                              std::string_view request_hash,
                                                              std::int64_t now_ms) {
  using Outcome = Result<std::optional<http::Response>>;
  return table_.with([&](Table& table) -> Outcome {
    const auto it = table.entries.find(key);
    if (it != table.entries.end() && now_ms - it->second.at_ms < kKeptMs) {
      if (it->second.request_hash != request_hash) {
        return fail(ErrorCode::conflict, "api.idempotency.reused");
      }
      if (!it->second.answer) {
        return fail(ErrorCode::conflict, "api.idempotency.running");
      }
      return it->second.answer;
    }
    table.entries.insert_or_assign(key, Entry{std::string(request_hash), now_ms, std::nullopt});
    table.order.push_back(key);
    while (table.order.size() > kEntriesMax) {
      table.entries.erase(table.order.front());
      table.order.pop_front();
    }
    return std::nullopt;
  });
}

void IdempotencyTable::finish(const std::string& key, const http::Response& response) {
  table_.with([&](Table& table) {
    const auto it = table.entries.find(key);
    if (it == table.entries.end()) {
      return;
    }
    if (response.status < 500 && response.buffered() && response.text().size() <= kBodyBytesMax) {
      it->second.answer = response;
    } else {
      table.entries.erase(it);
    }
  });
}

}  // namespace atalaya::api
