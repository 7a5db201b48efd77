#pragma once
// Proof files, checked without a database and without the node (docs/formats/ledger.md).
// Pure; any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/ledger/checkpoint.hpp>

namespace atalaya::ledger {

inline constexpr std::size_t kProofBytesMax = std::size_t{4} << 20U;

/// What a leaf says.
struct Leaf {
  std::string kind;
  UtcTime at;
  std::string subject;
  crypto::Hash commitment{};  // SHA-256(salt || payload)
};

/// What a leaf hides, until it is erased.
struct Payload {
  std::string salt;  // 32 bytes
  std::string bytes;
};

/// The bytes that are hashed: canonical JSON, version 1.
[[nodiscard]] std::string write_leaf(const Leaf& leaf);
/// Accepts exactly what write_leaf() writes. Fails with invalid_argument (ledger.leaf.malformed).
[[nodiscard]] Result<Leaf> read_leaf(std::string_view bytes);
[[nodiscard]] crypto::Hash commitment_of(const Payload& payload) noexcept;

/// c2sp.org/tlog-proof@v1, its extra line carrying the leaf and, when asked for, its payload; or
/// the leaf's hash alone, where the leaf itself is not for everybody.
struct InclusionProof {
  std::uint64_t index = 0;
  std::string leaf;                       // empty with a hash
  std::optional<crypto::Hash> leaf_hash;  // then no payload either
  std::optional<Payload> payload;
  std::vector<crypto::Hash> hashes;
  std::string checkpoint;  // a signed note
};

/// atalaya/ledger-consistency@v1
struct ConsistencyProof {
  std::vector<crypto::Hash> hashes;
  std::string old_checkpoint;
  std::string new_checkpoint;
};

[[nodiscard]] std::string write_proof(const InclusionProof& proof);
[[nodiscard]] std::string write_proof(const ConsistencyProof& proof);

/// What a good proof shows.
struct CheckedProof {
  enum class Kind { inclusion, consistency };
  Kind kind = Kind::inclusion;
  Checkpoint checkpoint;                     // the newest that the proof rests on
  std::optional<Checkpoint> old_checkpoint;  // consistency: the older one
  std::uint64_t index = 0;                   // inclusion: the leaf
  Leaf leaf;                                 // kind empty: the proof holds its hash alone
  std::optional<std::string> payload;  // inclusion: checked against the leaf's commitment
};

/// Checks a proof file of either kind with the node's public key. `trusted_checkpoint`, when not
/// empty, is a checkpoint note that the checker kept: the proof must rest on that very tree
/// (inclusion) or start or end at it (consistency); without it the proof holds against the
/// checkpoint inside, which only the node vouches for.
/// Fails with invalid_argument: ledger.proof.malformed (detail names the line), .leaf, .payload,
/// .inclusion, .consistency, .other_checkpoint, or open_checkpoint()'s reasons.
[[nodiscard]] Result<CheckedProof> check_proof(std::string_view text, const VerifierKey& key,
                                               std::string_view trusted_checkpoint = {});

}  // namespace atalaya::ledger
