#pragma once
// One process serves a store at a time: two would both sign its log, follow it with one search
// index, and keep apart what a reader must find in one place (throttles, forms that wait). Commands
// beside it take no such lock; a store's writers take turns anyway.

#include <memory>
#include <string>

#include <atalaya/base/result.hpp>

namespace atalaya::store {

/// Held until it is destroyed or the process ends, however it ends: nothing stale stays behind.
class ServingLock {
 public:
  ServingLock() = default;
  ServingLock(const ServingLock&) = delete;
  ServingLock& operator=(const ServingLock&) = delete;
  virtual ~ServingLock() = default;
};

/// `address` as for Database::open(); the store need not exist. SQLite: an flock(2) on the file
/// "<path>-serving". PostgreSQL: an advisory lock of the schema, on a connection of its own, so
/// that servers on two machines find each other; it ends should that connection break. Fails with
/// conflict (store.served; param "by" where the other process is known), and with unavailable
/// (store.open) where the file or the server cannot be used.
[[nodiscard]] Result<std::unique_ptr<ServingLock>> lock_for_serving(const std::string& address);

}  // namespace atalaya::store
