#pragma once
// Prepared statements of one connection, the least recently used given up first.

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace atalaya::store {

/// `Statement` has a member `in_use`; a statement in use is never given up. References stay valid
/// until the statement is given up. One thread.
template <class Statement>
class StatementCache {
 public:
  explicit StatementCache(std::size_t max) : max_(max) {}

  [[nodiscard]] Statement* find(std::string_view key) {
    const auto it = by_key_.find(key);
    if (it == by_key_.end()) {
      return nullptr;
    }
    order_.splice(order_.begin(), order_, it->second);
    return &it->second->second;
  }

  /// `give_up(Statement&)` is called for each statement that makes room.
  template <class GiveUp>
  Statement& insert(std::string key, Statement statement, GiveUp&& give_up) {
    for (auto it = order_.end(); order_.size() >= max_ && it != order_.begin();) {
      --it;
      if (!it->second.in_use) {
        give_up(it->second);
        by_key_.erase(it->first);
        it = order_.erase(it);
      }
    }
    order_.emplace_front(std::move(key), std::move(statement));
    by_key_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }

  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

  void clear() {
    by_key_.clear();
    order_.clear();
  }

 private:
  using Order = std::list<std::pair<std::string, Statement>>;

  std::size_t max_;
  Order order_;  // most recently used first; owns the keys that by_key_ views
  std::unordered_map<std::string_view, typename Order::iterator> by_key_;
};

}  // namespace atalaya::store
