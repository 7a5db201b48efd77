#include "work_ahead.hpp"

#include <algorithm>
#include <utility>

namespace atalaya::commitments {

WorkAhead::WorkAhead(std::size_t count, std::function<void(std::size_t)> job)
    : job_(std::move(job)), done_(count) {
  const std::size_t threads = std::min<std::size_t>(std::thread::hardware_concurrency(), count);
  for (std::size_t i = 1; i < threads; ++i) {
    helpers_.emplace_back([this] {
      while (run_one()) {
      }
    });
  }
}

WorkAhead::~WorkAhead() {
  next_ = done_.size();
}

void WorkAhead::wait_for(std::size_t i) {
  while (!done_[i].load()) {
    if (!run_one()) {
      done_[i].wait(false);
    }
  }
}

void WorkAhead::wait_for_all() {
  for (std::size_t i = 0; i < done_.size(); ++i) {
    wait_for(i);
  }
}

bool WorkAhead::run_one() {
  const std::size_t i = next_++;
  if (i >= done_.size()) {
    return false;
  }
  job_(i);
  done_[i] = true;
  done_[i].notify_all();
  return true;
}

}  // namespace atalaya::commitments
