#include "committer.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace atalaya::ledger {

Ledger::Committer::Committer(Commit commit)
    : commit_(std::move(commit)), thread_([this] { run(); }) {}

Ledger::Committer::~Committer() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
}

Result<std::uint64_t> Ledger::Committer::submit(Event event) {
  std::future<Result<std::uint64_t>> done;
  {
    const std::scoped_lock lock(mutex_);
    if (closing_) {
      return fail(ErrorCode::unavailable, "ledger.closed", "the node is shutting down");
    }
    if (queue_.size() >= kSubmitQueueMax) {
      return fail(ErrorCode::exhausted, "ledger.queue_full",
                  "too many events wait for the disk: try again in a moment");
    }
    Waiting& waiting = queue_.emplace_back(Waiting{std::move(event), {}});
    done = waiting.done.get_future();
  }
  changed_.notify_one();
  return done.get();
}

void Ledger::Committer::run() {
  while (true) {
    std::vector<Waiting> batch;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) {
        return;
      }
      const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), kCommitEventsMax));
      batch.assign(std::make_move_iterator(queue_.begin()),
                   std::make_move_iterator(queue_.begin() + count));
      queue_.erase(queue_.begin(), queue_.begin() + count);
    }
    commit_batch(std::move(batch));
  }
}

void Ledger::Committer::commit_batch(std::vector<Waiting> batch) {
  std::vector<Event> events;
  events.reserve(batch.size());
  for (Waiting& waiting : batch) {
    events.push_back(std::move(waiting.event));
  }
  Result<std::uint64_t> first = fail(ErrorCode::internal, "ledger.commit");
  try {
    first = commit_(events);
  } catch (const std::exception& error) {
    // A thread's entry lets nothing out; the callers learn of it.
    first = fail(ErrorCode::internal, "ledger.commit", error.what());
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].done.set_value(first ? Result<std::uint64_t>(*first + i) : first);
  }
}

}  // namespace atalaya::ledger
