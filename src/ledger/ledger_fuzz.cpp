// Checkpoints, proof files, leaves and verifier keys come from outside the node. Whatever is
// accepted must also survive being written again.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <atalaya/ledger/proof.hpp>

namespace {

const atalaya::ledger::VerifierKey& key() {
  // The key that signed the corpus (tests/conformance/ledger_go makes it from a fixed seed).
  static const auto parsed = [] {
    auto signing_key =
        atalaya::crypto::SigningKey::from_seed(atalaya::Secret(std::string(32, 'k')));
    ATALAYA_CHECK(signing_key.has_value());
    auto made = atalaya::ledger::VerifierKey::create("atalaya.example/test-node",
                                                     signing_key->public_key());
    ATALAYA_CHECK(made.has_value());
    return std::move(*made);
  }();
  return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atalaya::ledger;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto checkpoint = open_checkpoint(text, key())) {
    ATALAYA_CHECK(checkpoint->note == text && checkpoint->origin == key().name());
  }
  if (const auto leaf = read_leaf(text)) {
    ATALAYA_CHECK(write_leaf(*leaf) == text);
  }
  if (const auto verifier = VerifierKey::parse(text)) {
    ATALAYA_CHECK(verifier->to_string() == text);
  }
  if (const auto proof = check_proof(text, key())) {
    ATALAYA_CHECK(proof->kind == CheckedProof::Kind::consistency
                      ? proof->old_checkpoint &&
                            proof->old_checkpoint->size <= proof->checkpoint.size
                      : proof->index < proof->checkpoint.size);
  }
  return 0;
}
