// Verification walks the leaves once, from the first to the last, and grows the tree again from
// their stored hashes. Whatever the log says anywhere is compared at the moment at which the walk
// can know it: a leaf's bytes with its hash, a kept node when the last leaf under it has passed, a
// checkpoint's root when the tree has its size, the head at the end. So one pass in constant
// memory checks everything, and a difference is named where it lies: a changed leaf does not also
// make every later node wrong, because the tree goes on from the leaf's stored hash, which is
// itself bound by the nodes and roots above it.
//
// Work is cut into batches of 16^3 leaves, so that a batch meets whole kept nodes, and the small
// tables can be read before the leaves are streamed.
#include <atalaya/ledger/verify.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/merkle.hpp>
#include <atalaya/ledger/checkpoint.hpp>
#include <atalaya/ledger/proof.hpp>

#include "append.hpp"
#include "note_text.hpp"
#include "tree_store.hpp"

namespace atalaya::ledger {
namespace {

constexpr std::uint64_t kBatchLeaves = 4096;
static_assert(kBatchLeaves == 1U << (3 * kLevelStride), "batches must meet whole kept nodes");

constexpr std::string_view kLeavesWithPayloads =
    "SELECT l.leaf_index, l.leaf_hash, l.kind, l.subject, l.leaf, p.salt, p.payload "
    "FROM ledger_leaves l LEFT JOIN ledger_payloads p ON p.leaf_index = l.leaf_index "
    "WHERE l.leaf_index >= $1 AND l.leaf_index < $2 ORDER BY l.leaf_index";
constexpr std::string_view kNodesBetween =
    "SELECT node_index, hash FROM ledger_nodes "
    "WHERE level = $1 AND node_index >= $2 AND node_index < $3";
constexpr std::string_view kCheckpointsBetween =
    "SELECT size, note FROM ledger_checkpoints WHERE size >= $1 AND size < $2 ORDER BY size";
constexpr std::string_view kCheckpointsFrom =
    "SELECT size, note FROM ledger_checkpoints WHERE size >= $1 ORDER BY size LIMIT 100";
constexpr std::string_view kFirstLeafFrom =
    "SELECT leaf_index FROM ledger_leaves WHERE leaf_index >= $1 ORDER BY leaf_index LIMIT 1";
constexpr std::string_view kLeavesAfter =
    "SELECT leaf_index FROM ledger_leaves WHERE leaf_index >= $1 ORDER BY leaf_index LIMIT 100";
constexpr std::string_view kLeavesBefore =
    "SELECT leaf_index FROM ledger_leaves WHERE leaf_index < 0 LIMIT 100";
constexpr std::string_view kPayloadsOutside =
    "SELECT leaf_index FROM ledger_payloads WHERE leaf_index >= $1 OR leaf_index < 0 "
    "ORDER BY leaf_index LIMIT 100";
constexpr std::string_view kCountNodes = "SELECT count(*) FROM ledger_nodes";

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::string short_hash(std::span<const std::uint8_t> hash) {
  return to_hex(hash.first(std::min<std::size_t>(hash.size(), 6))) + "…";
}

/// Stored text as it may stand in a message: damage may have made it anything.
std::string in_quotes(std::string_view text) {
  const bool plain = !find_invalid_utf8(text) && text.size() <= kSubjectBytesMax &&
                     std::ranges::none_of(text, [](char c) {
                       return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
                     });
  return plain ? fmt::format("\"{}\"", text) : fmt::format("{} damaged bytes", text.size());
}

class Verification {
 public:
  Verification(store::Transaction& transaction, const VerifierKey& key,
               const VerifyOptions& options)
      : transaction_(transaction), key_(key), options_(options) {}

  Result<VerifyReport> run();

 private:
  /// A checkpoint whose turn comes when the tree has its size.
  struct Expected {
    std::string what;  // for messages: "the stored checkpoint of 12 leaves"
    crypto::Hash root;
    bool known = false;
  };

  void report(std::string_view reason, std::string detail,
              std::optional<std::uint64_t> leaf_index = {});
  void open_known();
  Result<void> walk();
  Result<void> load_batch(std::uint64_t begin, std::uint64_t end);
  void expect_stored(const store::Row& row);
  Result<void> check_row(const store::Row& row);
  void check_leaf(const store::Row& row, std::uint64_t index);
  void check_payload(const store::Row& row, std::uint64_t index, const Leaf& leaf);
  void grow(const crypto::Hash& leaf_hash);
  void check_node(unsigned level, std::uint64_t index, const crypto::Hash& computed);
  void check_due_checkpoints();
  void missing_leaves(std::uint64_t end);
  void check_head(const Head& head);
  Result<void> check_rest();
  Result<void> check_checkpoints_beyond();
  void check_erasures();

  store::Transaction& transaction_;
  const VerifierKey& key_;
  const VerifyOptions& options_;
  VerifyReport report_;
  crypto::MerkleFrontier tree_;
  std::uint64_t next_ = 0;  // the leaf that the walk expects
  bool whole_ = true;       // no leaf was missing so far: roots can be computed
  std::uint64_t last_signed_ = 0;
  std::map<std::pair<unsigned, std::uint64_t>, store::Blob> nodes_;  // of this batch
  std::multimap<std::uint64_t, Expected> expected_;                  // by size
  std::set<std::uint64_t> without_payload_;
  std::map<std::uint64_t, std::uint64_t> erased_by_;  // leaf erased → leaf that says so
};

void Verification::report(std::string_view reason, std::string detail,
                          std::optional<std::uint64_t> leaf_index) {
  ++report_.problem_count;
  if (report_.problems.size() < kProblemsMax) {
    report_.problems.push_back({.reason = fmt::format("ledger.verify.{}", reason),
                                .detail = std::move(detail),
                                .leaf_index = leaf_index});
  }
}

void Verification::open_known() {
  for (const KnownCheckpoint& known : options_.known) {
    auto checkpoint = open_checkpoint(known.note, key_);
    if (!checkpoint) {
      report("known_checkpoint", fmt::format("the checkpoint {} cannot be used: {}", known.label,
                                             checkpoint.error().detail));
      continue;
    }
    const std::string what =
        fmt::format("the checkpoint {} of {} leaves", known.label, checkpoint->size);
    if (checkpoint->size > report_.size) {
      report("rewound", fmt::format("{} is newer than the log, which ends after {} leaves: leaves "
                                    "were cut off, or an old copy was put back",
                                    what, report_.size));
      continue;
    }
    expected_.emplace(checkpoint->size,
                      Expected{.what = what, .root = checkpoint->root, .known = true});
  }
}

void Verification::expect_stored(const store::Row& row) {
  const auto size = static_cast<std::uint64_t>(row.integer(0));
  const auto checkpoint = open_checkpoint(row.text(1), key_);
  if (!checkpoint) {
    report("checkpoint",
           fmt::format("the stored checkpoint of {} leaves: {}", size, checkpoint.error().detail));
    return;
  }
  if (checkpoint->size != size) {
    report("checkpoint", fmt::format("the checkpoint stored for {} leaves speaks of {} leaves",
                                     size, checkpoint->size));
    return;
  }
  last_signed_ = std::max(last_signed_, size);
  expected_.emplace(size, Expected{.what = fmt::format("the stored checkpoint of {} leaves", size),
                                   .root = checkpoint->root});
}

Result<void> Verification::load_batch(std::uint64_t begin, std::uint64_t end) {
  const store::Rows checkpoints = ATALAYA_TRY(transaction_.query(
      kCheckpointsBetween, {number(begin == 0 ? 0 : begin + 1), number(end + 1)}));
  for (const store::Row& row : checkpoints) {
    expect_stored(row);
  }
  nodes_.clear();
  for (unsigned level = kLevelStride; (end >> level) > (begin >> level); level += kLevelStride) {
    const store::Rows rows = ATALAYA_TRY(transaction_.query(
        kNodesBetween, {std::int64_t{level}, number(begin >> level), number(end >> level)}));
    for (const store::Row& row : rows) {
      nodes_[{level, static_cast<std::uint64_t>(row.integer(0))}] = row.blob(1);
    }
  }
  check_due_checkpoints();  // those of the empty log; all others come due while leaves pass
  return {};
}

Result<void> Verification::walk() {
  while (next_ < report_.size) {
    // A damaged head may claim any size: the walk goes by the leaves that are there.
    const store::Rows rows = ATALAYA_TRY(transaction_.query(kFirstLeafFrom, {number(next_)}));
    const std::uint64_t first =
        rows.empty() ? report_.size
                     : std::min(report_.size, static_cast<std::uint64_t>(rows[0].integer(0)));
    missing_leaves(first);
    if (first == report_.size) {
      break;
    }
    const std::uint64_t begin = first - first % kBatchLeaves;
    const std::uint64_t end = std::min(begin + kBatchLeaves, report_.size);
    ATALAYA_TRY(load_batch(begin, end));
    ATALAYA_TRY(transaction_.for_each(kLeavesWithPayloads, {number(first), number(end)},
                                      [this](const store::Row& row) { return check_row(row); }));
    if (options_.progress) {
      options_.progress(end, report_.size);
    }
  }
  return {};
}

Result<void> Verification::check_row(const store::Row& row) {
  const auto index = static_cast<std::uint64_t>(row.integer(0));
  missing_leaves(index);
  next_ = index + 1;
  check_leaf(row, index);
  crypto::Hash hash;
  if (!crypto::read_hash(row.blob(1), hash)) {
    report("leaf_hash",
           fmt::format("leaf {}: its stored hash has {} bytes instead of 32", index,
                       row.blob(1).size()),
           index);
    hash = crypto::merkle_leaf_hash(row.blob(4));
  }
  grow(hash);
  return {};
}

void Verification::check_leaf(const store::Row& row, std::uint64_t index) {
  const crypto::Hash computed = crypto::merkle_leaf_hash(row.blob(4));
  if (!std::ranges::equal(computed, row.blob(1)) && row.blob(1).size() == computed.size()) {
    report("leaf_hash",
           fmt::format("leaf {}: its bytes hash to {}, but {} is stored: the leaf or its hash was "
                       "changed",
                       index, short_hash(computed), short_hash(row.blob(1))),
           index);
  }
  const auto leaf = read_leaf(as_text(row.blob(4)));
  if (!leaf) {
    report("leaf", fmt::format("leaf {}: {}", index, leaf.error().detail), index);
    return;
  }
  if (leaf->kind != row.text(2)) {
    report("leaf_column",
           fmt::format("leaf {}: the kind column says {}, the leaf says {}", index,
                       in_quotes(row.text(2)), in_quotes(leaf->kind)),
           index);
  }
  if (leaf->subject != row.text(3)) {
    report("leaf_column",
           fmt::format("leaf {}: the subject column says {}, the leaf says {}", index,
                       in_quotes(row.text(3)), in_quotes(leaf->subject)),
           index);
  }
  if (leaf->kind == kEraseKind && leaf->subject.starts_with(kEraseSubjectPrefix)) {
    const auto erased =
        read_decimal(std::string_view(leaf->subject).substr(kEraseSubjectPrefix.size()));
    if (erased && *erased < index) {
      erased_by_.emplace(*erased, index);
    }
  }
  check_payload(row, index, *leaf);
}

void Verification::check_payload(const store::Row& row, std::uint64_t index, const Leaf& leaf) {
  if (row.is_null(5) || row.is_null(6)) {
    without_payload_.insert(index);
    return;
  }
  ++report_.payloads_checked;
  const crypto::Hash commitment = crypto::Sha256().update(row.blob(5)).update(row.blob(6)).finish();
  if (commitment != leaf.commitment) {
    report("payload",
           fmt::format("leaf {} ({}, {}): its payload or salt was changed: they commit to {}, the "
                       "leaf says {}",
                       index, in_quotes(leaf.kind), in_quotes(leaf.subject), short_hash(commitment),
                       short_hash(leaf.commitment)),
           index);
  }
}

void Verification::grow(const crypto::Hash& leaf_hash) {
  if (!whole_) {
    return;
  }
  tree_.append(leaf_hash, [this](unsigned level, std::uint64_t index, const crypto::Hash& hash) {
    if (level % kLevelStride == 0) {
      check_node(level, index, hash);
    }
  });
  check_due_checkpoints();
}

void Verification::check_node(unsigned level, std::uint64_t index, const crypto::Hash& computed) {
  const std::uint64_t first = index << level;
  const std::uint64_t last = first + (std::uint64_t{1} << level) - 1;
  const auto it = nodes_.find({level, index});
  if (it == nodes_.end()) {
    report("node_missing", fmt::format("the node over leaves {} to {} is missing", first, last),
           first);
  } else if (!std::ranges::equal(it->second, computed)) {
    report("node",
           fmt::format("leaves {} to {}: they hash to {}, but the stored node says {}: a leaf was "
                       "changed, moved or replaced, or the node was",
                       first, last, short_hash(computed), short_hash(it->second)),
           first);
  }
}

void Verification::check_due_checkpoints() {
  const auto [begin, end] = expected_.equal_range(tree_.size());
  if (begin == end) {
    return;
  }
  const crypto::Hash root = tree_.root();
  for (auto it = begin; it != end; ++it) {
    ++(it->second.known ? report_.known_checked : report_.checkpoints_checked);
    if (it->second.root != root) {
      report(
          it->second.known ? "forked" : "checkpoint_root",
          fmt::format("{} says root {}, but the first {} leaves give {}: the history before it "
                      "was rewritten",
                      it->second.what, short_hash(it->second.root), it->first, short_hash(root)));
    }
  }
  expected_.erase(begin, end);
}

void Verification::missing_leaves(std::uint64_t end) {
  const std::uint64_t begin = std::exchange(next_, std::max(next_, end));
  if (begin >= end) {
    return;
  }
  whole_ = false;
  report("leaf_missing",
         end - begin == 1 ? fmt::format("leaf {} is missing", begin)
                          : fmt::format("leaves {} to {} are missing", begin, end - 1),
         begin);
}

void Verification::check_head(const Head& head) {
  if (!whole_) {
    report("not_recomputed",
           fmt::format("because leaves are missing, only the tree of the first {} leaves could be "
                       "recomputed; nodes and checkpoints after it were not compared",
                       tree_.size()));
    return;
  }
  if (!std::ranges::equal(head.root, report_.root)) {
    report("head_root",
           fmt::format("the {} leaves give the root {}, but the head says {}: a leaf was changed, "
                       "moved or replaced, or the head was",
                       report_.size, short_hash(report_.root), short_hash(head.root)));
  }
  if (head.frontier != tree_.to_bytes()) {
    report("head_frontier",
           "the hashes at the tree's edge in the head row do not fit the leaves: the next append "
           "would break the log");
  }
}

Result<void> Verification::check_checkpoints_beyond() {
  const store::Rows checkpoints =
      ATALAYA_TRY(transaction_.query(kCheckpointsFrom, {number(report_.size + 1)}));
  for (const store::Row& row : checkpoints) {
    report("rewound",
           fmt::format("a checkpoint of {} leaves was signed, but the log ends after {}: leaves "
                       "were cut off, or an old copy was put back",
                       row.integer(0), report_.size));
  }
  return {};
}

Result<void> Verification::check_rest() {
  const store::Rows after = ATALAYA_TRY(transaction_.query(kLeavesAfter, {number(report_.size)}));
  const store::Rows before = ATALAYA_TRY(transaction_.query(kLeavesBefore));
  for (const store::Rows* rows : {&before, &after}) {
    for (const store::Row& row : *rows) {
      report("leaf_extra", fmt::format("there is a leaf {} although the log ends after {} leaves",
                                       row.integer(0), report_.size));
    }
  }
  const store::Rows payloads =
      ATALAYA_TRY(transaction_.query(kPayloadsOutside, {number(report_.size)}));
  for (const store::Row& row : payloads) {
    report("payload_extra",
           fmt::format("there is a payload for leaf {}, which is not in the log", row.integer(0)));
  }
  std::uint64_t nodes_due = 0;
  for (unsigned level = kLevelStride; level < 62; level += kLevelStride) {
    nodes_due += report_.size >> level;
  }
  const store::Row count = ATALAYA_TRY(transaction_.query_one(kCountNodes));
  if (static_cast<std::uint64_t>(count.integer(0)) != nodes_due) {
    report("node_count", fmt::format("{} nodes are stored; a log of {} leaves has {}",
                                     count.integer(0), report_.size, nodes_due));
  }
  return check_checkpoints_beyond();
}

void Verification::check_erasures() {
  for (const std::uint64_t index : without_payload_) {
    if (erased_by_.contains(index)) {
      ++report_.payloads_erased;
    } else {
      report("payload_missing",
             fmt::format("leaf {}: its payload is gone, but no leaf records that it was erased",
                         index),
             index);
    }
  }
  for (const auto& [index, by] : erased_by_) {
    if (!without_payload_.contains(index)) {
      report("payload_back",
             fmt::format("leaf {}: leaf {} records that its payload was erased, but it is there",
                         index, by),
             index);
    }
  }
}

Result<VerifyReport> Verification::run() {
  const std::optional<Head> head = ATALAYA_TRY(find_head(transaction_));
  if (!head) {
    report("head_missing", "the head row is missing: the log cannot be appended to");
  } else {
    report_.size = head->size;
  }
  open_known();
  if (report_.size == 0) {
    ATALAYA_TRY(load_batch(0, 0));
  }
  ATALAYA_TRY(walk());
  report_.root = tree_.root();
  if (head) {
    check_head(*head);
  }
  ATALAYA_TRY(check_rest());
  check_erasures();
  report_.leaves_unsigned = report_.size - last_signed_;
  return std::move(report_);
}

}  // namespace

Result<VerifyReport> verify_log(const store::Database& database, const VerifierKey& key,
                                const VerifyOptions& options) {
  VerifyReport report;
  ATALAYA_TRY(database.read([&](store::Transaction& transaction) -> Result<void> {
    VerifyReport made = ATALAYA_TRY(Verification(transaction, key, options).run());
    report = std::move(made);
    return {};
  }));
  return report;
}

}  // namespace atalaya::ledger
