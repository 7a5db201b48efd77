#include <atalaya/ledger/checkpoint.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "note_text.hpp"

namespace atalaya::ledger {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a blank
constexpr std::size_t kSignaturesMax = 100;
constexpr std::size_t kKeyIdBytes = 4;

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::invalid_argument, "ledger.checkpoint.malformed",
              fmt::format("this is not a checkpoint: {}", what));
}

/// Checks the lines after the blank one; the note is well-formed UTF-8 and ends in a newline.
Result<void> check_signatures(std::string_view text, std::string_view lines,
                              const VerifierKey& key) {
  std::size_t count = 0;
  bool verified = false;
  for (const std::string_view line : split(lines.substr(0, lines.size() - 1), '\n')) {
    const auto blank = line.find(' ', kDash.size());
    if (++count > kSignaturesMax || !line.starts_with(kDash) || blank == std::string_view::npos) {
      return malformed(
          fmt::format("signature line {} does not read \"\u2014 name base64\"", count));
    }
    const auto name = line.substr(kDash.size(), blank - kDash.size());
    const auto bytes = from_base64(line.substr(blank + 1));
    if (name.empty() || !bytes || bytes->size() <= kKeyIdBytes) {
      return malformed(fmt::format("signature line {} is damaged", count));
    }
    const auto all = std::span<const std::uint8_t>(*bytes);
    if (name != key.name() || !std::ranges::equal(all.first(kKeyIdBytes), key.id())) {
      continue;
    }
    if (!crypto::verify_signature(key.public_key(), text, all.subspan(kKeyIdBytes))) {
      return fail(ErrorCode::invalid_argument, "ledger.checkpoint.signature",
                  fmt::format("the signature by {} does not fit the text: the checkpoint was "
                              "changed after it was signed",
                              key.name()));
    }
    verified = true;
  }
  if (!verified) {
    return fail(ErrorCode::invalid_argument, "ledger.checkpoint.unsigned",
                fmt::format("no signature by {} stands under it: it is another node's, or the "
                            "verifier key is not the right one",
                            key.to_string()));
  }
  return {};
}

}  // namespace

std::optional<std::uint64_t> read_decimal(std::string_view text) noexcept {
  if (text.empty() || text.size() > 19 || (text.size() > 1 && text[0] == '0')) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value < kTreeSizeMax ? std::optional(value) : std::nullopt;
}

std::optional<crypto::Hash> read_base64_hash(std::string_view text) {
  crypto::Hash hash;
  const auto bytes = text.size() == 44 ? from_base64(text) : std::nullopt;
  if (!bytes || !crypto::read_hash(*bytes, hash)) {
    return std::nullopt;
  }
  return hash;
}

Checkpoint sign_checkpoint(const NodeKey& key, std::uint64_t size, const crypto::Hash& root) {
  const VerifierKey& verifier = key.verifier();
  Checkpoint checkpoint{.origin = verifier.name(), .size = size, .root = root, .note = {}};
  const std::string text = fmt::format("{}\n{}\n{}\n", verifier.name(), size, to_base64(root));
  const crypto::Signature signature = key.signing_key().sign(text);
  std::vector<std::uint8_t> bytes(verifier.id().begin(), verifier.id().end());
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  checkpoint.note = fmt::format("{}\n{}{} {}\n", text, kDash, verifier.name(), to_base64(bytes));
  return checkpoint;
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
  if (note.size() > kCheckpointBytesMax) {
    return malformed(fmt::format("it has more than {} bytes", kCheckpointBytesMax));
  }
  if (find_invalid_utf8(note) || std::ranges::any_of(note, [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n';
      })) {
    return malformed("it holds bytes that are not plain UTF-8 text");
  }
  const auto blank = note.rfind("\n\n");
  if (blank == std::string_view::npos || !note.ends_with('\n') || blank + 2 == note.size()) {
    return malformed("it has no blank line with signature lines after it");
  }
  const auto text = note.substr(0, blank + 1);
  ATALAYA_TRY(check_signatures(text, note.substr(blank + 2), key));
  const auto lines = split(text.substr(0, text.size() - 1), '\n');
  if (lines.size() < 3 || std::ranges::any_of(lines, &std::string_view::empty)) {
    return malformed("it must start with origin, size and root hash, a line each");
  }
  if (lines[0] != key.name()) {
    return malformed(fmt::format("its origin is \"{}\", not \"{}\"", lines[0], key.name()));
  }
  const auto size = read_decimal(lines[1]);
  const auto root = read_base64_hash(lines[2]);
  if (!size || !root) {
    return malformed(!size ? "its second line is not a number of leaves"
                           : "its third line is not a SHA-256 hash in base 64");
  }
  return Checkpoint{
      .origin = std::string(lines[0]), .size = *size, .root = *root, .note = std::string(note)};
}

}  // namespace atalaya::ledger
