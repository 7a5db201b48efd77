#pragma once
// Private to this module: the writer thread behind Ledger::submit().

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include <atalaya/ledger/ledger.hpp>

namespace atalaya::ledger {

inline constexpr std::size_t kSubmitQueueMax = 4096;
inline constexpr std::size_t kCommitEventsMax = 1024;

/// Gathers events from many threads and commits what has gathered while the last commit ran, so
/// that the cost of bringing a commit to disk is shared and a lone event still waits for nobody.
class Ledger::Committer {
 public:
  /// Appends and commits; answers the first index once it is durable.
  using Commit = std::function<Result<std::uint64_t>(std::span<const Event>)>;

  explicit Committer(Commit commit);
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;
  ~Committer();

  [[nodiscard]] Result<std::uint64_t> submit(Event event);

 private:
  struct Waiting {
    Event event;
    std::promise<Result<std::uint64_t>> done;
  };

  void run();
  void commit_batch(std::vector<Waiting> batch);

  const Commit commit_;
  std::mutex mutex_;  // protects the next two
  std::vector<Waiting> queue_;
  bool closing_ = false;
  std::condition_variable changed_;
  std::jthread thread_;  // last: runs only while the others live
};

}  // namespace atalaya::ledger
