#pragma once
// Checking a whole log against itself, the node's public key, and checkpoints kept elsewhere.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/ledger/key.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::ledger {

/// A checkpoint that somebody kept outside the node; `label` (a file name) is used in messages.
struct KnownCheckpoint {
  std::string label;
  std::string note;
};

struct VerifyOptions {
  std::vector<KnownCheckpoint> known;
  /// Called from the verifying thread after each few thousand leaves; may be empty.
  std::function<void(std::uint64_t leaves_done, std::uint64_t leaves_total)> progress;
};

/// One thing that is wrong. `reason` is a stable key under ledger.verify; `detail` a sentence that
/// names the leaf, node or checkpoint and what differs.
struct Problem {
  std::string reason;
  std::string detail;
  std::optional<std::uint64_t> leaf_index;
};

inline constexpr std::size_t kProblemsMax = 100;

struct VerifyReport {
  std::uint64_t size = 0;  // leaves, as the head says
  crypto::Hash root{};     // recomputed from the leaves
  std::uint64_t payloads_checked = 0;
  std::uint64_t payloads_erased = 0;
  std::uint64_t checkpoints_checked = 0;  // stored ones
  std::uint64_t known_checked = 0;        // of VerifyOptions::known
  std::uint64_t leaves_unsigned = 0;      // newer than every stored checkpoint
  std::vector<Problem> problems;          // the first kProblemsMax
  std::uint64_t problem_count = 0;        // all of them

  [[nodiscard]] bool ok() const noexcept { return problem_count == 0; }
};

/// Recomputes the tree from the leaves in one snapshot and compares: every leaf with its stored
/// hash and columns, every kept node, the head, every stored checkpoint (signature, and root at
/// its size), every known checkpoint, every payload with its leaf's commitment, and every missing
/// payload with the leaf that recorded its erasure. Leaves after the last checkpoint are protected
/// only by the checkpoints that others keep: report.leaves_unsigned counts them.
/// Damage is reported, not failed with; fails only where the store cannot be read.
/// O(size) time, memory for one leaf and the erased indexes. Any thread; never blocks writers.
[[nodiscard]] Result<VerifyReport> verify_log(const store::Database& database,
                                              const VerifierKey& key,
                                              const VerifyOptions& options = {});

}  // namespace atalaya::ledger
