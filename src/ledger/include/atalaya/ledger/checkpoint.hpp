#pragma once
// Signed checkpoints, as in https://c2sp.org/tlog-checkpoint: what the node says about its whole
// log in three lines and a signature. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/ledger/key.hpp>

namespace atalaya::ledger {

inline constexpr std::size_t kCheckpointBytesMax = std::size_t{64} << 10U;

/// `note` is the whole signed note; the other fields are what it says.
struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;  // leaves, below 2^62
  crypto::Hash root{};
  std::string note;
};

/// Deterministic: the same tree and key give the same note.
[[nodiscard]] Checkpoint sign_checkpoint(const NodeKey& key, std::uint64_t size,
                                         const crypto::Hash& root);

/// Reads a note and checks that `key` signed it. Signatures by other keys are ignored, as the
/// specification asks (witnesses may add theirs). Accepts one spelling only: any flipped bit in
/// the text or in the key's signature line is refused.
/// Fails with invalid_argument: ledger.checkpoint.malformed, ledger.checkpoint.unsigned (no line
/// by `key`), ledger.checkpoint.signature (there is one and it is wrong).
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);

}  // namespace atalaya::ledger
