// The tree of RFC 9162 section 2.1. A tree of n leaves is split at k, the largest power of two
// below n: its left part is a complete subtree, its right part a smaller tree of the same kind.
// Every hash that a proof needs is thus the root of a run of leaves [begin, end) whose begin is a
// multiple of a power of two not smaller than its length, and such a run is folded from O(log n)
// complete subtrees, which never change once they are complete. That is why a log can keep their
// hashes and answer proofs about every size that it ever had.
#include <atalaya/crypto/merkle.hpp>

#include <algorithm>
#include <bit>

#include <fmt/format.h>
#include <sodium.h>

namespace atalaya::crypto {
namespace {

Result<Hash> run_root(std::uint64_t begin, std::uint64_t end, const MerkleNodeReader& read) {
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return read(level, begin >> level);
  }
  const std::uint64_t middle = begin + std::bit_floor(size);
  const Hash left = ATALAYA_TRY(run_root(begin, middle, read));
  const Hash right = ATALAYA_TRY(run_root(middle, end, read));
  return merkle_node_hash(left, right);
}

/// The largest power of two below `size` (> 1).
std::uint64_t split_of(std::uint64_t size) noexcept {
  return std::bit_floor(size - 1);
}

}  // namespace

Hash merkle_empty_root() noexcept {
  return sha256(std::string_view());
}

Hash merkle_leaf_hash(std::span<const std::uint8_t> leaf) noexcept {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  const std::uint8_t prefix = 0x00;
  crypto_hash_sha256_update(&state, &prefix, 1);
  crypto_hash_sha256_update(&state, leaf.data(), leaf.size());
  Hash hash;
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

Hash merkle_leaf_hash(std::string_view leaf) noexcept {
  return merkle_leaf_hash(
      std::span(reinterpret_cast<const std::uint8_t*>(leaf.data()), leaf.size()));
}

Hash merkle_node_hash(const Hash& left, const Hash& right) noexcept {
  std::array<std::uint8_t, 1 + 2 * kHashBytes> bytes;
  bytes[0] = 0x01;
  std::ranges::copy(left, bytes.begin() + 1);
  std::ranges::copy(right, bytes.begin() + 1 + kHashBytes);
  return sha256(bytes);
}

Result<MerkleFrontier> MerkleFrontier::from_bytes(std::uint64_t size,
                                                  std::span<const std::uint8_t> bytes) {
  const auto count = static_cast<std::size_t>(std::popcount(size));
  if (bytes.size() != count * kHashBytes) {
    return fail(ErrorCode::data_loss, "crypto.frontier",
                fmt::format("a tree of {} leaves has {} subtrees at its edge, {} bytes; {} given",
                            size, count, count * kHashBytes, bytes.size()));
  }
  MerkleFrontier frontier;
  frontier.size_ = size;
  frontier.peaks_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::ranges::copy(bytes.subspan(i * kHashBytes, kHashBytes), frontier.peaks_[i].begin());
  }
  return frontier;
}

void MerkleFrontier::append(const Hash& leaf_hash, const Completed& completed) {
  Hash hash = leaf_hash;
  unsigned level = 0;
  // Each trailing one bit of the old size is a subtree that the new one joins.
  for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
    hash = merkle_node_hash(peaks_.back(), hash);
    peaks_.pop_back();
    ++level;
    if (completed) {
      completed(level, size_ >> level, hash);
    }
  }
  peaks_.push_back(hash);
  ++size_;
}

Hash MerkleFrontier::root() const noexcept {
  if (peaks_.empty()) {
    return merkle_empty_root();
  }
  Hash hash = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i > 0; --i) {
    hash = merkle_node_hash(peaks_[i - 1], hash);
  }
  return hash;
}

std::vector<std::uint8_t> MerkleFrontier::to_bytes() const {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(peaks_.size() * kHashBytes);
  for (const Hash& peak : peaks_) {
    bytes.insert(bytes.end(), peak.begin(), peak.end());
  }
  return bytes;
}

Result<Hash> merkle_root(std::uint64_t size, const MerkleNodeReader& read) {
  if (size == 0) {
    return merkle_empty_root();
  }
  return run_root(0, size, read);
}

Result<std::vector<Hash>> merkle_inclusion_proof(std::uint64_t leaf_index, std::uint64_t size,
                                                 const MerkleNodeReader& read) {
  if (leaf_index >= size) {
    return fail(ErrorCode::invalid_argument, "crypto.merkle.range",
                fmt::format("leaf {} is not in a tree of {} leaves", leaf_index, size));
  }
  std::vector<Hash> proof;
  // From the root down to the leaf, keeping the sibling of each step; then turned over.
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = leaf_index < middle;
    const Hash sibling =
        ATALAYA_TRY(left ? run_root(middle, end, read) : run_root(begin, middle, read));
    proof.push_back(sibling);
    (left ? end : begin) = middle;
  }
  std::ranges::reverse(proof);
  return proof;
}

Result<std::vector<Hash>> merkle_consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                                   const MerkleNodeReader& read) {
  if (old_size > new_size) {
    return fail(ErrorCode::invalid_argument, "crypto.merkle.range",
                fmt::format("a tree of {} leaves cannot have grown to {}", old_size, new_size));
  }
  std::vector<Hash> proof;
  if (old_size == 0 || old_size == new_size) {
    return proof;
  }
  // SUBPROOF(m, D[begin:end), whole): as above, following the last leaf of the old tree. `whole`
  // says that the run's part of the old tree is all of the old tree, whose root is known.
  std::uint64_t begin = 0;
  std::uint64_t end = new_size;
  bool whole = true;
  while (end != old_size) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = old_size <= middle;
    const Hash sibling =
        ATALAYA_TRY(left ? run_root(middle, end, read) : run_root(begin, middle, read));
    proof.push_back(sibling);
    whole = whole && left;
    (left ? end : begin) = middle;
  }
  if (!whole) {
    const Hash last = ATALAYA_TRY(run_root(begin, end, read));
    proof.push_back(last);
  }
  std::ranges::reverse(proof);
  return proof;
}

bool verify_inclusion(const InclusionClaim& claim, std::span<const Hash> proof) noexcept {
  if (claim.leaf_index >= claim.size) {
    return false;
  }
  std::uint64_t node = claim.leaf_index;
  std::uint64_t last = claim.size - 1;
  Hash hash = claim.leaf_hash;
  for (const Hash& sibling : proof) {
    if (last == 0) {
      return false;
    }
    if ((node & 1U) != 0 || node == last) {
      hash = merkle_node_hash(sibling, hash);
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1U;
        last >>= 1U;
      }
    } else {
      hash = merkle_node_hash(hash, sibling);
    }
    node >>= 1U;
    last >>= 1U;
  }
  return last == 0 && hash == claim.root;
}

bool verify_consistency(const ConsistencyClaim& claim, std::span<const Hash> proof) noexcept {
  if (claim.old_size > claim.new_size) {
    return false;
  }
  if (claim.old_size == claim.new_size) {
    return proof.empty() && claim.old_root == claim.new_root &&
           (claim.old_size != 0 || claim.old_root == merkle_empty_root());
  }
  if (claim.old_size == 0) {
    return proof.empty() && claim.old_root == merkle_empty_root();
  }
  // When the old tree is a complete subtree of the new one its root starts the proof.
  const bool complete = std::has_single_bit(claim.old_size);
  if (proof.empty() && !complete) {
    return false;
  }
  std::uint64_t node = claim.old_size - 1;
  std::uint64_t last = claim.new_size - 1;
  const auto shift = static_cast<unsigned>(std::countr_one(node));
  node >>= shift;
  last >>= shift;
  Hash old_hash = complete ? claim.old_root : proof.front();
  Hash new_hash = old_hash;
  for (const Hash& sibling : proof.subspan(complete ? 0 : 1)) {
    if (last == 0) {
      return false;
    }
    if ((node & 1U) != 0 || node == last) {
      old_hash = merkle_node_hash(sibling, old_hash);
      new_hash = merkle_node_hash(sibling, new_hash);
      while ((node & 1U) == 0 && node != 0) {
        node >>= 1U;
        last >>= 1U;
      }
    } else {
      new_hash = merkle_node_hash(new_hash, sibling);
    }
    node >>= 1U;
    last >>= 1U;
  }
  return last == 0 && old_hash == claim.old_root && new_hash == claim.new_root;
}

}  // namespace atalaya::crypto
