#pragma once
// Import plans that an editor is looking at before applying them. In memory, bounded, short-lived.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <atalaya/base/guarded.hpp>
#include <atalaya/commitments/import.hpp>

namespace atalaya::api {

class PendingImports {
 public:
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

 private:
  Guarded<std::map<std::string, Kept>> plans_;
};

}  // namespace atalaya::api
