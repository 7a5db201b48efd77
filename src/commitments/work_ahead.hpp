#pragma once
// Jobs that go on while their caller does something else. Private to the module.

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace atalaya::commitments {

/// Runs job(0) … job(count - 1), which share nothing, on as many threads as there are processors,
/// in about this order: reading and analysing texts is most of an import. The caller may go on with
/// what is done already. Jobs that nobody waited for are not begun any more when this ends.
class WorkAhead {
 public:
  WorkAhead(std::size_t count, std::function<void(std::size_t)> job);
  WorkAhead(const WorkAhead&) = delete;
  WorkAhead& operator=(const WorkAhead&) = delete;
  ~WorkAhead();

  /// Returns when job(i) is done; does jobs itself meanwhile.
  void wait_for(std::size_t i);
  void wait_for_all();

 private:
  bool run_one();

  std::function<void(std::size_t)> job_;
  std::vector<std::atomic<bool>> done_;
  std::atomic<std::size_t> next_ = 0;
  std::vector<std::jthread> helpers_;  // last, so that they end before what they use
};

}  // namespace atalaya::commitments
