#pragma once
// The Merkle tree of RFC 6962 and RFC 9162 section 2.1 with SHA-256: hashing, proofs and their
// verification. Pure; any thread.
//
// A node is named by its level and its index: it is the root of the complete subtree of 2^level
// leaves that starts at leaf index << level. Level 0 is the leaf hashes.

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::crypto {

/// The root of a tree without leaves: SHA-256 of nothing.
[[nodiscard]] Hash merkle_empty_root() noexcept;
/// SHA-256(0x00 || leaf)
[[nodiscard]] Hash merkle_leaf_hash(std::span<const std::uint8_t> leaf) noexcept;
[[nodiscard]] Hash merkle_leaf_hash(std::string_view leaf) noexcept;
/// SHA-256(0x01 || left || right)
[[nodiscard]] Hash merkle_node_hash(const Hash& left, const Hash& right) noexcept;

/// The right edge of a growing tree: the roots of the complete subtrees that make it up. Holds at
/// most 64 hashes, whatever the size.
class MerkleFrontier {
 public:
  /// Called for each subtree that a new leaf completes, level 1 upwards.
  using Completed = std::function<void(unsigned level, std::uint64_t index, const Hash& hash)>;

  MerkleFrontier() = default;
  /// `bytes` as to_bytes() wrote them for a tree of `size` leaves.
  /// Fails with data_loss (crypto.frontier) when their number does not fit `size`.
  [[nodiscard]] static Result<MerkleFrontier> from_bytes(std::uint64_t size,
                                                         std::span<const std::uint8_t> bytes);

  /// Amortised O(1).
  void append(const Hash& leaf_hash, const Completed& completed = {});
  [[nodiscard]] Hash root() const noexcept;

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// 32 bytes a subtree, largest first.
  [[nodiscard]] std::vector<std::uint8_t> to_bytes() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;  // largest subtree first, one for each bit set in size_
};

/// Answers a node of the tree. The functions below only ask for complete subtrees.
using MerkleNodeReader = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

/// The root of the first `size` leaves. O(log size) reads; passes on the reader's error.
[[nodiscard]] Result<Hash> merkle_root(std::uint64_t size, const MerkleNodeReader& read);

/// RFC 9162 section 2.1.3.1, from the leaf's sibling upwards. O(log^2 size) reads at most.
/// Fails with invalid_argument (crypto.merkle.range) unless leaf_index < size.
[[nodiscard]] Result<std::vector<Hash>> merkle_inclusion_proof(std::uint64_t leaf_index,
                                                               std::uint64_t size,
                                                               const MerkleNodeReader& read);

/// RFC 9162 section 2.1.4.1. Empty for old_size 0 and for equal sizes.
/// Fails with invalid_argument (crypto.merkle.range) unless old_size <= new_size.
[[nodiscard]] Result<std::vector<Hash>> merkle_consistency_proof(std::uint64_t old_size,
                                                                 std::uint64_t new_size,
                                                                 const MerkleNodeReader& read);

struct InclusionClaim {
  std::uint64_t leaf_index = 0;
  std::uint64_t size = 0;
  Hash leaf_hash{};
  Hash root{};
};

/// RFC 9162 section 2.1.3.2. `proof` may be hostile.
[[nodiscard]] bool verify_inclusion(const InclusionClaim& claim,
                                    std::span<const Hash> proof) noexcept;

struct ConsistencyClaim {
  std::uint64_t old_size = 0;
  std::uint64_t new_size = 0;
  Hash old_root{};
  Hash new_root{};
};

/// RFC 9162 section 2.1.4.2, and: a tree of size 0 is consistent with every tree when its root is
/// the empty root and the proof is empty. `proof` may be hostile.
[[nodiscard]] bool verify_consistency(const ConsistencyClaim& claim,
                                      std::span<const Hash> proof) noexcept;

}  // namespace atalaya::crypto
