#pragma once
// What an import may work out before it is its turn. Private to the module.

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/import.hpp>

#include "import_batch.hpp"

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

/// Reads clauses, dates and names in documents while these are compared with what is held: nothing
/// of it depends on the node.
class AnalysisAhead {
 public:
  AnalysisAhead(std::vector<FilePlan> files, const Catalogue& catalogue);

  /// As they were given.
  [[nodiscard]] const std::vector<FilePlan>& files() const noexcept { return files_; }

  /// What is in files()[i]. Any thread.
  [[nodiscard]] const FoundInDocument& wait_for(std::size_t i);

 private:
  std::vector<FilePlan> files_;
  Recogniser recogniser_;
  std::vector<FoundInDocument> found_;
  WorkAhead work_;  // last: it uses the others
};

}  // namespace atalaya::commitments
