#pragma once
// Work on several threads, for the length of one call.

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace atalaya::columns {

/// Threads for a wish, where 0 means all that run at once; 1 to 64.
[[nodiscard]] inline unsigned thread_count(unsigned wish) noexcept {
  const unsigned found = wish != 0 ? wish : std::thread::hardware_concurrency();
  return found == 0 ? 1 : found > 64 ? 64 : found;
}

/// Calls work(worker, task) for every task below `tasks`, each by whichever thread is free. Returns
/// when all are done; what one of them threw is thrown here.
template <class Work>
void parallel(unsigned threads, std::size_t tasks, const Work& work) {
  if (threads <= 1 || tasks <= 1) {
    for (std::size_t task = 0; task < tasks; ++task) {
      work(0U, task);
    }
    return;
  }
  std::atomic<std::size_t> next{0};
  std::exception_ptr thrown;
  std::mutex thrown_lock;
  const auto run = [&](unsigned worker) {
    try {
      for (std::size_t task = next++; task < tasks; task = next++) {
        work(worker, task);
      }
    } catch (...) {
      const std::lock_guard lock(thrown_lock);
      thrown = std::current_exception();
      next = tasks;
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned worker = 1; worker < threads && worker < tasks; ++worker) {
      others.emplace_back(run, worker);
    }
    run(0);
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

}  // namespace atalaya::columns
