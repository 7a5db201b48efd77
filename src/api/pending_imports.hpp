#pragma once
// What somebody looks at before applying it: an editor's import plans, an analyst's files. Bounded,
// short-lived.

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/base/guarded.hpp>
#include <atalaya/commitments/import.hpp>

#include "pending_figures.hpp"

namespace atalaya::api {

class PendingImports {
 public:
  /// Reading a large file takes a worker for a while, so only one upload is read at a time; the
  /// others are told to come back, and readers keep the other workers.
  class Slot {
   public:
    explicit Slot(std::atomic<bool>& busy) : busy_(busy), got_(!busy.exchange(true)) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() {
      if (got_) {
        busy_ = false;
      }
    }

    [[nodiscard]] bool got() const noexcept { return got_; }

   private:
    std::atomic<bool>& busy_;
    bool got_;
  };

  [[nodiscard]] Slot begin_reading() { return Slot(busy_); }

  /// Keeps a plan for half an hour and answers its token; the oldest plan makes room.
  [[nodiscard]] std::string keep(commitments::ImportPlan plan, commitments::ImportOptions options,
                                 std::string account, std::int64_t now_ms);

  struct Kept {
    commitments::ImportPlan plan;
    commitments::ImportOptions options;
    std::string account;
    std::int64_t kept_ms = 0;
  };
  /// The plan, once, to the account that made it.
  [[nodiscard]] std::optional<Kept> take(const std::string& token, const std::string& account,
                                         std::int64_t now_ms);
  /// What take() gave, for another try with the same token.
  void put_back(const std::string& token, Kept kept);

  struct Applied {
    std::string token, account;
    bool unchanged = false;
  };

  /// The last plans that were applied. Whoever applies one holds them for as long as it takes, so
  /// that a second click on the same button waits, and gets what the first one would have got.
  [[nodiscard]] Guarded<std::vector<Applied>>& applied() noexcept { return applied_; }

  /// What analysts are looking at; the same slot holds for them.
  [[nodiscard]] PendingFigures& figures() noexcept { return figures_; }

 private:
  PendingFigures figures_;
  std::atomic<bool> busy_{false};
  Guarded<std::map<std::string, Kept>> plans_;
  Guarded<std::vector<Applied>> applied_;
};

}  // namespace atalaya::api
