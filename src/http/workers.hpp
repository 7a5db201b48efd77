#pragma once
// A fixed number of threads behind a bounded queue.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace atalaya::http {

/// Any thread may submit. Jobs must not throw.
class Workers {
 public:
  using Job = std::move_only_function<void()>;

  explicit Workers(std::size_t queue_length_max) : queue_length_max_(queue_length_max) {}
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void start(unsigned threads);
  /// False when the queue is full or stop() was called; the job is then not run.
  [[nodiscard]] bool submit(Job job);
  /// For the next part of work that was admitted before: not bounded by the queue's length but
  /// by the number of connections, each of which has at most one.
  [[nodiscard]] bool submit_admitted(Job job);
  /// Finishes running jobs, drops waiting ones.
  void stop();
  [[nodiscard]] std::size_t queue_length() const;

 private:
  void work();

  const std::size_t queue_length_max_;
  mutable std::mutex mutex_;  // protects the three below
  std::condition_variable ready_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // touched by start() and stop() only
};

}  // namespace atalaya::http
