// Appending touches few rows whatever the size of the log: the head (which also is the lock), one
// leaf and one payload for each event, and one node for each 15 leaves. The tree's right edge
// travels in the head row, so that nothing has to be read but that.
#include "append.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "note_text.hpp"
#include "tree_store.hpp"

namespace atalaya::ledger {
namespace {

constexpr std::size_t kSaltBytes = 32;
/// Rows handed to the store at once: enough to pipeline, little enough to hold.
constexpr std::size_t kRowsAtOnce = 1024;

bool is_kind(std::string_view kind) {
  if (kind.empty() || kind.size() > kKindBytesMax) {
    return false;
  }
  return std::ranges::all_of(split(kind, '.'), [](std::string_view part) {
    return !part.empty() && std::ranges::all_of(part, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
  });
}

bool is_subject(std::string_view subject) {
  return !subject.empty() && subject.size() <= kSubjectBytesMax && !find_invalid_utf8(subject) &&
         std::ranges::none_of(
             subject, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

store::Blob blob_of(std::string_view bytes) {
  return {bytes.begin(), bytes.end()};
}

/// Anybody can ask for a leaf, and one that says the second brackets those before and after it: so
/// all say the day, and nobody learns from the log when a stranger wrote to this node. What account
/// holders did says the time, because nobody but the node's auditors reads those leaves.
UtcTime time_of(std::string_view kind, UtcTime at) {
  constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;
  return is_private(kind) ? at : UtcTime{at.ms - ((at.ms % kDayMs) + kDayMs) % kDayMs};
}

/// The rows of some events, gathered while the tree grows.
struct Batch {
  std::vector<store::Parameters> leaves;
  std::vector<store::Parameters> payloads;
  std::vector<store::Parameters> nodes;
};

void add_event(const Event& event, UtcTime at, std::string_view salt,
               crypto::MerkleFrontier& frontier, Batch& batch) {
  const auto index = static_cast<std::int64_t>(frontier.size());
  const crypto::Hash commitment = crypto::Sha256().update(salt).update(event.payload).finish();
  const std::string leaf = write_leaf(
      {.kind = event.kind, .at = time_of(event.kind, at), .subject = event.subject, .commitment = commitment});
  const crypto::Hash hash = crypto::merkle_leaf_hash(leaf);
  batch.leaves.push_back(
      {index, store::Blob(hash.begin(), hash.end()), event.kind, event.subject, blob_of(leaf)});
  batch.payloads.push_back({index, blob_of(salt), blob_of(event.payload)});
  frontier.append(
      hash, [&batch](unsigned level, std::uint64_t node_index, const crypto::Hash& node) {
        if (level % kLevelStride == 0) {
          batch.nodes.push_back({std::int64_t{level}, static_cast<std::int64_t>(node_index),
                                 store::Blob(node.begin(), node.end())});
        }
      });
}

/// A row that is there already, where the head says that the log ends, is damage.
Result<void> insert(store::Transaction& transaction, std::string_view statement,
                    std::span<const store::Parameters> rows, std::uint64_t first) {
  auto done = transaction.execute_many(statement, rows);
  if (!done && done.error().reason == "store.constraint") {
    return fail(ErrorCode::data_loss, "ledger.index_taken",
                fmt::format("the stored log holds rows from leaf {} on although its head ends "
                            "there: run `atalaya ledger verify` and restore the newest backup "
                            "that verifies ({})",
                            first, done.error().detail));
  }
  if (!done) {
    return std::unexpected(std::move(done).error());
  }
  return {};
}

}  // namespace

Result<void> check_event(const Event& event) {
  if (!is_kind(event.kind)) {
    return fail(ErrorCode::invalid_argument, "ledger.event.kind",
                fmt::format("\"{}\" is no kind of event: 1 to {} characters a-z, 0-9 and _, in "
                            "parts joined by dots",
                            event.kind, kKindBytesMax));
  }
  if (!is_subject(event.subject)) {
    return fail(ErrorCode::invalid_argument, "ledger.event.subject",
                fmt::format("the subject of {} must be 1 to {} bytes of UTF-8 without control "
                            "characters",
                            event.kind, kSubjectBytesMax));
  }
  if (event.payload.size() > kPayloadBytesMax) {
    return fail(ErrorCode::invalid_argument, "ledger.event.payload_size",
                fmt::format("the payload of {} has {} bytes; at most {} are kept: commit to a "
                            "hash of the rest",
                            event.kind, event.payload.size(), kPayloadBytesMax));
  }
  return {};
}

Result<std::uint64_t> append_events(store::Transaction& transaction, UtcTime at,
                                    std::span<const Event> events) {
  const store::Rows grown =
      ATALAYA_TRY(transaction.query(sql::kGrowHead, {static_cast<std::int64_t>(events.size())}));
  if (grown.empty()) {
    return head_missing();
  }
  const auto size = static_cast<std::uint64_t>(grown[0].integer(0));
  if (size < events.size() || size >= kTreeSizeMax) {
    return fail(ErrorCode::data_loss, "ledger.head",
                fmt::format("the head of the stored log says {} leaves, which cannot be", size));
  }
  const std::uint64_t first = size - events.size();
  auto frontier = crypto::MerkleFrontier::from_bytes(first, grown[0].blob(1));
  if (!frontier) {
    return fail(ErrorCode::data_loss, "ledger.head", frontier.error().detail);
  }
  std::string salts;
  for (std::size_t done = 0; done < events.size(); done += kRowsAtOnce) {
    const auto some = events.subspan(done, std::min(kRowsAtOnce, events.size() - done));
    // One call for all salts: each call asks the operating system.
    salts.resize(some.size() * kSaltBytes);
    crypto::random_bytes({reinterpret_cast<std::uint8_t*>(salts.data()), salts.size()});
    Batch batch;
    for (std::size_t i = 0; i < some.size(); ++i) {
      add_event(some[i], at, std::string_view(salts).substr(i * kSaltBytes, kSaltBytes), *frontier,
                batch);
    }
    ATALAYA_TRY(insert(transaction, sql::kInsertLeaf, batch.leaves, first + done));
    ATALAYA_TRY(insert(transaction, sql::kInsertPayload, batch.payloads, first + done));
    ATALAYA_TRY(insert(transaction, sql::kInsertNode, batch.nodes, first + done));
  }
  wipe(salts.data(), salts.size());
  const crypto::Hash root = frontier->root();
  ATALAYA_TRY(transaction.execute(sql::kUpdateHead,
                                  {store::Blob(root.begin(), root.end()), frontier->to_bytes()}));
  return first;
}

}  // namespace atalaya::ledger
