#pragma once
// The append-only log of everything that somebody else relies on: a Merkle tree (RFC 6962, RFC
// 9162 section 2.1) whose leaves hold salted commitments and no personal data. Tables:
// src/store/migrations/0002_ledger.sql; formats: docs/formats/ledger.md.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/ledger/checkpoint.hpp>
#include <atalaya/ledger/key.hpp>
#include <atalaya/ledger/proof.hpp>
#include <atalaya/ledger/verify.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::ledger {

inline constexpr std::size_t kKindBytesMax = 64;
inline constexpr std::size_t kSubjectBytesMax = 256;
inline constexpr std::size_t kPayloadBytesMax = std::size_t{1} << 20U;

/// Something that happened. `kind` is dotted lower case ("commitments.import"); kinds that start
/// with "ledger." are the log's own. `subject` is public for ever and must not be personal data
/// ("document/sum-1998"): 1 to 256 bytes of UTF-8 without control characters. `payload` (up to
/// 1 MiB, usually canonical JSON) stays in the node, can be revealed to one party, and erased.
struct Event {
  std::string kind;
  std::string subject;
  std::string payload;
};

struct Entry {
  std::uint64_t index = 0;
  Leaf leaf;
};

enum class SignAppends { no, yes };
/// Whether leaves of this kind are shown to the node's own auditors alone: those of accounts
/// ("identity."). They are in the log as all others are; to others they are proved by their hash.
[[nodiscard]] bool is_private(std::string_view kind) noexcept;

/// Of a leaf that is private or tells when a stranger wrote, the hash; the leaf; with its payload.
enum class Reveal { public_part, leaf, payload };

struct LedgerOptions {
  /// Whether append() and submit() also store a checkpoint of the tree that they leave behind.
  /// A checkpoint costs some 0.3 ms, so callers of many small appends sign now and then instead.
  SignAppends sign_appends = SignAppends::no;
};

/// Every member may be called by any thread. `database` and `clock` must outlive it. Members that
/// take a transaction work in it and become durable with it; the others open their own, so they
/// must not be called while the same thread is inside Database::write().
class Ledger {
 public:
  /// The store must be migrated. Makes the head of an empty log; damaged logs open too, so that
  /// they can be verified. Fails as the store does.
  [[nodiscard]] static Result<std::unique_ptr<Ledger>> open(store::Database& database, NodeKey key,
                                                            const Clock& clock,
                                                            LedgerOptions options = {});
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  /// Commits what was submitted, then stops the writer thread.
  ~Ledger();

  /// Appends all or, on failure, nothing that the transaction's rollback would not undo; answers
  /// the first leaf's index, the others follow without gaps. Locks the log until the transaction
  /// ends. Fails with invalid_argument (ledger.event.kind, .subject, .payload_size), data_loss
  /// (ledger.head, ledger.index_taken: the stored log is damaged, run `atalaya ledger verify`),
  /// and as the store does.
  [[nodiscard]] Result<std::uint64_t> append(store::Transaction& transaction,
                                             std::span<const Event> events);

  /// Appends one event in a transaction shared with other threads' events and returns its index
  /// once it is durable. Fails as append() does, with exhausted (ledger.queue_full) when 4096
  /// events are waiting, and unavailable (ledger.closed) while the ledger is being destroyed.
  [[nodiscard]] Result<std::uint64_t> submit(Event event);

  /// Removes the leaf's salt and payload for ever and records that in a leaf "ledger.erase" with
  /// subject "leaf/<index>"; the log verifies as before. Erasing again does nothing.
  /// Fails with not_found (ledger.no_leaf), invalid_argument (ledger.erase_own: the leaf is itself
  /// of a kind "ledger."), and as append() does.
  [[nodiscard]] Result<void> erase(store::Transaction& transaction, std::uint64_t index);

  /// Signs and stores the tree as it is now; answers the stored one when there is one already.
  /// Refuses with data_loss (ledger.fork) to sign a tree that does not contain the last signed
  /// one. O(log size).
  [[nodiscard]] Result<Checkpoint> checkpoint(store::Transaction& transaction);
  [[nodiscard]] Result<Checkpoint> checkpoint();

  /// A proof file that the leaf is in the log, against the newest stored checkpoint that covers it
  /// (a fresh one where none does). Fails with not_found (ledger.no_leaf; ledger.erased when the
  /// payload is asked for and gone).
  [[nodiscard]] Result<std::string> prove_inclusion(std::uint64_t index,
                                                    Reveal reveal = Reveal::leaf);

  /// A proof file that the log at `new_size` only added to the log at `old_size`; without
  /// `new_size`, the log as it is now. Fails with not_found (ledger.proof.unsigned_size) where no
  /// checkpoint of that size was ever signed, and invalid_argument (ledger.proof.sizes) unless
  /// old_size <= new_size.
  [[nodiscard]] Result<std::string> prove_consistency(std::uint64_t old_size,
                                                      std::optional<std::uint64_t> new_size = {});

  /// verify_log() with this node's key.
  [[nodiscard]] Result<VerifyReport> verify(const VerifyOptions& options = {}) const;

  [[nodiscard]] Result<std::uint64_t> size() const;
  /// Newest checkpoint ever signed; nothing where none was.
  [[nodiscard]] Result<std::optional<Checkpoint>> find_last_checkpoint() const;

  /// The entry appended last; nothing in an empty log. Fails with data_loss (ledger.leaf_damaged).
  [[nodiscard]] Result<std::optional<Entry>> find_newest() const;

  /// Fails with not_found (ledger.no_leaf) and data_loss (ledger.leaf_damaged).
  [[nodiscard]] Result<Entry> get_entry(store::Transaction& transaction, std::uint64_t index) const;
  /// The newest `limit` entries about `subject`, oldest of them first.
  [[nodiscard]] Result<std::vector<Entry>> entries_of(store::Transaction& transaction,
                                                      std::string_view subject,
                                                      std::uint64_t limit) const;
  /// Up to `limit` entries from `first` on.
  [[nodiscard]] Result<std::vector<Entry>> entries_from(store::Transaction& transaction,
                                                        std::uint64_t first,
                                                        std::uint64_t limit) const;
  /// Nothing when it was erased. Fails with not_found (ledger.no_leaf) and data_loss
  /// (ledger.payload_damaged: not what the leaf commits to).
  [[nodiscard]] Result<std::optional<Payload>> find_payload(store::Transaction& transaction,
                                                            std::uint64_t index) const;

  [[nodiscard]] const VerifierKey& verifier() const noexcept { return key_.verifier(); }

 private:
  class Committer;

  Ledger(store::Database& database, NodeKey key, const Clock& clock, LedgerOptions options);

  store::Database& database_;
  const NodeKey key_;
  const Clock& clock_;
  const LedgerOptions options_;
  std::unique_ptr<Committer> committer_;
};

}  // namespace atalaya::ledger
