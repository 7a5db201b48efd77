#pragma once
// The node's identity: an Ed25519 key with a name, in the spelling of C2SP signed notes
// (https://c2sp.org/signed-note), so that other people's tools read it too. Any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/crypto/sign.hpp>

namespace atalaya::ledger {

inline constexpr std::size_t kKeyNameBytesMax = 200;

/// A key name for the node called `node_name`: lower case, accents dropped, every run of other
/// characters than letters, digits, '.' and '/' one '-'. "Policía de Río Negro" gives
/// "policia-de-rio-negro". Fails with invalid_argument (ledger.key.name) where nothing is left.
[[nodiscard]] Result<std::string> key_name_from(std::string_view node_name);

/// What somebody needs to check a node's checkpoints: its key name and public key. Not secret;
/// hand it out on paper, not only by the node itself.
class VerifierKey {
 public:
  /// `name`: 1 to 200 printable ASCII characters without blank and '+'.
  /// Fails with invalid_argument (ledger.key.name).
  [[nodiscard]] static Result<VerifierKey> create(std::string name, const crypto::PublicKey& key);
  /// Reads "name+hash+base64(0x01 || key)". Fails with invalid_argument (ledger.key.malformed).
  [[nodiscard]] static Result<VerifierKey> parse(std::string_view text);

  [[nodiscard]] std::string to_string() const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  [[nodiscard]] const crypto::PublicKey& public_key() const noexcept { return key_; }

  /// The first four bytes of SHA-256(name || "\n" || 0x01 || key).
  [[nodiscard]] const std::array<std::uint8_t, 4>& id() const noexcept { return id_; }

 private:
  VerifierKey(std::string name, const crypto::PublicKey& key);

  std::string name_;
  crypto::PublicKey key_;
  std::array<std::uint8_t, 4> id_;
};

/// The private key of this node. Moves, never copies.
class NodeKey {
 public:
  /// In memory only. Fails with invalid_argument (ledger.key.name).
  [[nodiscard]] static Result<NodeKey> create(std::string name, crypto::SigningKey key);

  /// Makes a fresh key and writes it to `path` (mode 0600, synced), whose folder must exist.
  /// Fails with conflict (ledger.key.exists) rather than overwrite, invalid_argument
  /// (ledger.key.name) and unavailable (ledger.key.write).
  [[nodiscard]] static Result<NodeKey> generate(const std::string& path, std::string name);

  /// Fails with not_found (ledger.key.missing), permission_denied (ledger.key.mode: group or
  /// others may use the file; the detail says which command mends it), invalid_argument
  /// (ledger.key.malformed) and unavailable (ledger.key.read).
  [[nodiscard]] static Result<NodeKey> load(const std::string& path);

  [[nodiscard]] const VerifierKey& verifier() const noexcept { return verifier_; }

  [[nodiscard]] const crypto::SigningKey& signing_key() const noexcept { return key_; }

 private:
  NodeKey(VerifierKey verifier, crypto::SigningKey key);

  VerifierKey verifier_;
  crypto::SigningKey key_;
};

}  // namespace atalaya::ledger
