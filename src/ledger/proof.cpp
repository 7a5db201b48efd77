#include <atalaya/ledger/proof.hpp>

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/merkle.hpp>

#include "note_text.hpp"

namespace atalaya::ledger {
namespace {

constexpr std::string_view kInclusionHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kConsistencyHeader = "atalaya/ledger-consistency@v1";
constexpr std::size_t kSaltBytes = 32;
// A tree of 2^62 leaves needs 62 hashes for inclusion and 63 for consistency.
constexpr std::size_t kProofHashesMax = 64;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::invalid_argument, "ledger.proof.malformed",
              fmt::format("this is not a proof file: {}", what));
}

/// Reads a file line by line and counts, so that messages can say where.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// The next line without its newline; nothing where none is complete.
  std::optional<std::string_view> next() {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    ++number_;
    return line;
  }

  [[nodiscard]] std::size_t number() const noexcept { return number_; }

  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

/// Hash lines up to and with the blank line that ends them.
Result<std::vector<crypto::Hash>> read_hashes(Lines& lines) {
  std::vector<crypto::Hash> hashes;
  while (true) {
    const auto line = lines.next();
    if (!line) {
      return malformed("it ends before its checkpoint");
    }
    if (line->empty()) {
      return hashes;
    }
    const auto hash = read_base64_hash(*line);
    if (!hash || hashes.size() == kProofHashesMax) {
      return malformed(fmt::format("line {} is not a SHA-256 hash in base 64", lines.number()));
    }
    hashes.push_back(*hash);
  }
}

std::string extra_of(const InclusionProof& proof) {
  json::object extra;
  if (proof.leaf_hash) {
    extra["leaf_hash"] = to_base64(*proof.leaf_hash);
    return canonical_json(extra);
  }
  extra["leaf"] = proof.leaf;
  if (proof.payload) {
    extra["payload"] = to_base64(as_bytes(proof.payload->bytes));
    extra["salt"] = to_base64(as_bytes(proof.payload->salt));
  }
  return canonical_json(extra);
}

std::optional<std::string> text_field(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) {
    return std::nullopt;
  }
  return std::string(value->get_string());
}

Result<void> read_extra(std::string_view encoded, InclusionProof& proof) {
  const auto bytes = from_base64(encoded);
  if (!bytes) {
    return malformed("line 2 is not base 64");
  }
  const json::value value = ATALAYA_TRY(parse_json(as_text(*bytes), "the extra line"));
  const auto* object = value.if_object();
  if (object == nullptr) {
    return malformed("the extra line holds no JSON object");
  }
  if (const auto hash = text_field(*object, "leaf_hash")) {
    proof.leaf_hash = read_base64_hash(*hash);
    if (!proof.leaf_hash || extra_of(proof) != as_text(*bytes)) {
      return malformed("the extra line holds no SHA-256 hash, or more than that");
    }
    return {};
  }
  const auto leaf = text_field(*object, "leaf");
  const auto payload = text_field(*object, "payload");
  const auto salt = text_field(*object, "salt");
  if (!leaf || payload.has_value() != salt.has_value()) {
    return malformed("the extra line must hold a leaf, and a payload and its salt or neither");
  }
  proof.leaf = *leaf;
  if (payload) {
    const auto payload_bytes = from_base64(*payload);
    const auto salt_bytes = from_base64(*salt);
    if (!payload_bytes || !salt_bytes || salt_bytes->size() != kSaltBytes) {
      return malformed("the payload or its salt is damaged");
    }
    proof.payload = Payload{.salt = std::string(as_text(*salt_bytes)),
                            .bytes = std::string(as_text(*payload_bytes))};
  }
  // One spelling only: nothing can be hidden in a field that nobody checks.
  if (extra_of(proof) != as_text(*bytes)) {
    return malformed("the extra line holds more than a leaf and its payload, or is not canonical");
  }
  return {};
}

Result<InclusionProof> read_inclusion(Lines& lines) {
  InclusionProof proof;
  const auto extra = lines.next();
  if (!extra || !extra->starts_with("extra ")) {
    return malformed("line 2 must read \"extra\" and the leaf in base 64");
  }
  ATALAYA_TRY(read_extra(extra->substr(6), proof));
  const auto index_line = lines.next();
  const auto index = index_line && index_line->starts_with("index ")
                         ? read_decimal(index_line->substr(6))
                         : std::nullopt;
  if (!index) {
    return malformed("line 3 must read \"index\" and a number");
  }
  proof.index = *index;
  std::vector<crypto::Hash> hashes = ATALAYA_TRY(read_hashes(lines));
  proof.hashes = std::move(hashes);
  proof.checkpoint = lines.rest();
  return proof;
}

Result<ConsistencyProof> read_consistency(Lines& lines) {
  ConsistencyProof proof;
  std::vector<crypto::Hash> hashes = ATALAYA_TRY(read_hashes(lines));
  proof.hashes = std::move(hashes);
  // Two notes with a blank line between: text, blank, signatures, blank, text, blank, signatures.
  const std::string_view rest = lines.rest();
  const auto first_blank = rest.find("\n\n");
  const auto second_blank =
      first_blank == std::string_view::npos ? first_blank : rest.find("\n\n", first_blank + 2);
  if (second_blank == std::string_view::npos) {
    return malformed("it must end in an older and a newer checkpoint");
  }
  proof.old_checkpoint = rest.substr(0, second_blank + 1);
  proof.new_checkpoint = rest.substr(second_blank + 2);
  return proof;
}

Result<CheckedProof> check_inclusion(Lines& lines, const VerifierKey& key) {
  const InclusionProof proof = ATALAYA_TRY(read_inclusion(lines));
  CheckedProof checked;
  checked.kind = CheckedProof::Kind::inclusion;
  checked.index = proof.index;
  Checkpoint checkpoint = ATALAYA_TRY(open_checkpoint(proof.checkpoint, key));
  checked.checkpoint = std::move(checkpoint);
  if (!proof.leaf_hash) {
    auto leaf = read_leaf(proof.leaf);
    if (!leaf) {
      return fail(ErrorCode::invalid_argument, "ledger.proof.leaf", leaf.error().detail);
    }
    checked.leaf = std::move(*leaf);
  }
  if (!crypto::verify_inclusion({.leaf_index = proof.index,
                                 .size = checked.checkpoint.size,
                                 .leaf_hash = proof.leaf_hash.value_or(
                                     crypto::merkle_leaf_hash(proof.leaf)),
                                 .root = checked.checkpoint.root},
                                proof.hashes)) {
    return fail(ErrorCode::invalid_argument, "ledger.proof.inclusion",
                fmt::format("the leaf, its index {} or a hash was changed: they do not lead to "
                            "the root of the checkpoint of {} leaves",
                            proof.index, checked.checkpoint.size));
  }
  if (proof.payload) {
    if (commitment_of(*proof.payload) != checked.leaf.commitment) {
      return fail(ErrorCode::invalid_argument, "ledger.proof.payload",
                  fmt::format("the payload or its salt was changed: leaf {} commits to another",
                              proof.index));
    }
    checked.payload = proof.payload->bytes;
  }
  return checked;
}

Result<CheckedProof> check_consistency(Lines& lines, const VerifierKey& key) {
  const ConsistencyProof proof = ATALAYA_TRY(read_consistency(lines));
  CheckedProof checked;
  checked.kind = CheckedProof::Kind::consistency;
  auto old_checkpoint = open_checkpoint(proof.old_checkpoint, key);
  if (!old_checkpoint) {
    return std::unexpected(std::move(old_checkpoint).error().in("the older checkpoint"));
  }
  auto new_checkpoint = open_checkpoint(proof.new_checkpoint, key);
  if (!new_checkpoint) {
    return std::unexpected(std::move(new_checkpoint).error().in("the newer checkpoint"));
  }
  if (!crypto::verify_consistency({.old_size = old_checkpoint->size,
                                   .new_size = new_checkpoint->size,
                                   .old_root = old_checkpoint->root,
                                   .new_root = new_checkpoint->root},
                                  proof.hashes)) {
    return fail(ErrorCode::invalid_argument, "ledger.proof.consistency",
                fmt::format("the log of {} leaves is not shown to continue the log of {} leaves: "
                            "a hash was changed, or the node rewrote its history",
                            new_checkpoint->size, old_checkpoint->size));
  }
  checked.old_checkpoint = std::move(*old_checkpoint);
  checked.checkpoint = std::move(*new_checkpoint);
  return checked;
}

bool same_tree(const Checkpoint& a, const Checkpoint& b) {
  return a.size == b.size && a.root == b.root;
}

}  // namespace

std::string write_leaf(const Leaf& leaf) {
  json::object object;
  object["v"] = 1;
  object["kind"] = leaf.kind;
  object["at"] = to_string(leaf.at);
  object["subject"] = leaf.subject;
  object["commitment"] = to_hex(leaf.commitment);
  return canonical_json(object);
}

Result<Leaf> read_leaf(std::string_view bytes) {
  const auto bad = [](std::string_view what) {
    return fail(ErrorCode::invalid_argument, "ledger.leaf.malformed",
                fmt::format("this is not a leaf of version 1: {}", what));
  };
  const auto value = parse_json(bytes, "leaf");
  if (!value) {
    return bad(value.error().detail);
  }
  const auto* object = value->if_object();
  if (object == nullptr) {
    return bad("it is no JSON object");
  }
  const auto kind = text_field(*object, "kind");
  const auto at = text_field(*object, "at");
  const auto subject = text_field(*object, "subject");
  const auto commitment = text_field(*object, "commitment");
  if (!kind || !at || !subject || !commitment) {
    return bad("kind, at, subject or commitment is missing");
  }
  const auto time = parse_utc_time(*at);
  const auto hash = from_hex(*commitment);
  Leaf leaf{.kind = *kind, .at = {}, .subject = *subject};
  if (!time || !hash || !crypto::read_hash(*hash, leaf.commitment)) {
    return bad(!time ? "its time is damaged" : "its commitment is damaged");
  }
  leaf.at = *time;
  if (write_leaf(leaf) != bytes) {
    return bad("it is not in canonical form");
  }
  return leaf;
}

crypto::Hash commitment_of(const Payload& payload) noexcept {
  return crypto::Sha256().update(payload.salt).update(payload.bytes).finish();
}

std::string write_proof(const InclusionProof& proof) {
  std::string out = fmt::format("{}\nextra {}\nindex {}\n", kInclusionHeader,
                                to_base64(as_bytes(extra_of(proof))), proof.index);
  for (const crypto::Hash& hash : proof.hashes) {
    out += to_base64(hash) + "\n";
  }
  return out + "\n" + proof.checkpoint;
}

std::string write_proof(const ConsistencyProof& proof) {
  std::string out = fmt::format("{}\n", kConsistencyHeader);
  for (const crypto::Hash& hash : proof.hashes) {
    out += to_base64(hash) + "\n";
  }
  return out + "\n" + proof.old_checkpoint + "\n" + proof.new_checkpoint;
}

Result<CheckedProof> check_proof(std::string_view text, const VerifierKey& key,
                                 std::string_view trusted_checkpoint) {
  if (text.size() > kProofBytesMax) {
    return malformed(fmt::format("it has more than {} bytes", kProofBytesMax));
  }
  Lines lines(text);
  const auto header = lines.next();
  if (header != kInclusionHeader && header != kConsistencyHeader) {
    return malformed(
        fmt::format("its first line is neither {} nor {}", kInclusionHeader, kConsistencyHeader));
  }
  auto checked =
      header == kInclusionHeader ? check_inclusion(lines, key) : check_consistency(lines, key);
  if (!checked || trusted_checkpoint.empty()) {
    return checked;
  }
  auto trusted = open_checkpoint(trusted_checkpoint, key);
  if (!trusted) {
    return std::unexpected(std::move(trusted).error().in("the checkpoint that you kept"));
  }
  const bool rests = same_tree(*trusted, checked->checkpoint) ||
                     (checked->old_checkpoint && same_tree(*trusted, *checked->old_checkpoint));
  if (!rests) {
    return fail(ErrorCode::invalid_argument, "ledger.proof.other_checkpoint",
                fmt::format("the proof is good for the log of {} leaves, but the checkpoint that "
                            "you kept has {} leaves{}: ask the node for a consistency proof "
                            "between the two",
                            checked->checkpoint.size, trusted->size,
                            trusted->size == checked->checkpoint.size ? " and another root" : ""));
  }
  return checked;
}

}  // namespace atalaya::ledger
