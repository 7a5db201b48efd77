#pragma once
// A bounded set of connections that threads borrow one at a time. With a bound of one it is the
// writer's lock.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>

#include "limits.hpp"

namespace atalaya::store {

/// `Connection` answers `healthy()`: whether it may be lent again. Any thread; must outlive its
/// leases.
template <class Connection>
class ConnectionPool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>()>;

  /// Gives its connection back when it goes.
  class Lease {
   public:
    Lease(ConnectionPool* pool, std::unique_ptr<Connection> connection, std::size_t generation)
        : pool_(pool), connection_(std::move(connection)), generation_(generation) {}

    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          connection_(std::move(other.connection_)),
          generation_(other.generation_) {}

    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;

    ~Lease() {
      if (pool_ != nullptr) {
        pool_->give_back(std::move(connection_), generation_);
      }
    }

    [[nodiscard]] Connection& operator*() const { return *connection_; }

    [[nodiscard]] Connection* operator->() const { return connection_.get(); }

    /// Opens a new connection in place of a broken one.
    [[nodiscard]] Result<void> replace() {
      connection_.reset();
      auto opened = ATALAYA_TRY(pool_->open_());
      connection_ = std::move(opened);
      return {};
    }

   private:
    ConnectionPool* pool_;
    std::unique_ptr<Connection> connection_;
    std::size_t generation_;
  };

  ConnectionPool(std::size_t max, Open open) : max_(max), open_(std::move(open)) {}

  /// Fails with unavailable (store.busy) after lock_wait_ms, or as `open` does.
  [[nodiscard]] Result<Lease> acquire() {
    std::unique_lock lock(mutex_);
    const auto wait = std::chrono::milliseconds(lock_wait_ms.load());
    if (!free_.wait_for(lock, wait, [this] { return lent_ < max_; })) {
      return fail(ErrorCode::unavailable, "store.busy",
                  "another task of this program has held the store for too long; try again");
    }
    ++lent_;
    const std::size_t generation = generation_;
    std::unique_ptr<Connection> connection;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
    lock.unlock();
    Lease lease(this, std::move(connection), generation);
    if (lease.operator->() == nullptr) {
      ATALAYA_TRY(lease.replace());
    }
    return lease;
  }

  /// Makes every connection that is out be closed when it comes back, and closes the idle ones.
  void renew() {
    const std::scoped_lock lock(mutex_);
    ++generation_;
    idle_.clear();
  }

 private:
  void give_back(std::unique_ptr<Connection> connection, std::size_t generation) {
    const bool keep = connection != nullptr && connection->healthy();
    const std::scoped_lock lock(mutex_);
    --lent_;
    if (keep && generation == generation_) {
      idle_.push_back(std::move(connection));
    }
    free_.notify_one();
  }

  std::size_t max_;
  Open open_;
  std::mutex mutex_;  // protects all below
  std::condition_variable free_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t lent_ = 0;
  std::size_t generation_ = 0;
};

}  // namespace atalaya::store
