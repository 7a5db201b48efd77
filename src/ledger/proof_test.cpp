// Goal: a proof file is accepted in one spelling only, and everything in it is bound to the
// checkpoint's signature. Method: small trees made here without a store, every flipped bit and
// every cut of real files, and files that are well-formed but say something else.
// tests/conformance/ledger_go does the same with Go's implementation.
#include <atalaya/ledger/proof.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/merkle.hpp>

#include "test_log.hpp"

namespace atalaya::ledger {
namespace {

using testing::test_key;

/// Eleven leaves in memory and what the node would answer about them.
struct SmallLog {
  NodeKey key = test_key();
  std::vector<Payload> payloads;
  std::vector<std::string> leaves;

  SmallLog() {
    for (int i = 0; i < 11; ++i) {
      payloads.push_back(
          {std::string(32, static_cast<char>('a' + i)), fmt::format("payload {}", i)});
      leaves.push_back(write_leaf({.kind = "test.event",
                                   .at = testing::kNow,
                                   .subject = fmt::format("thing/{}", i),
                                   .commitment = commitment_of(payloads.back())}));
    }
  }

  [[nodiscard]] crypto::MerkleNodeReader reader() const {
    return [this](unsigned level, std::uint64_t index) -> Result<crypto::Hash> {
      crypto::MerkleFrontier run;
      for (std::uint64_t i = index << level; i < (index + 1) << level; ++i) {
        run.append(crypto::merkle_leaf_hash(leaves.at(i)));
      }
      return run.root();
    };
  }

  [[nodiscard]] std::string checkpoint(std::uint64_t size) const {
    return sign_checkpoint(key, size, *crypto::merkle_root(size, reader())).note;
  }

  [[nodiscard]] InclusionProof inclusion(std::uint64_t index, std::uint64_t size) const {
    return {.index = index,
            .leaf = leaves[index],
            .leaf_hash = std::nullopt,
            .payload = payloads[index],
            .hashes = *crypto::merkle_inclusion_proof(index, size, reader()),
            .checkpoint = checkpoint(size)};
  }

  [[nodiscard]] ConsistencyProof consistency(std::uint64_t old_size, std::uint64_t size) const {
    return {.hashes = *crypto::merkle_consistency_proof(old_size, size, reader()),
            .old_checkpoint = checkpoint(old_size),
            .new_checkpoint = checkpoint(size)};
  }

  [[nodiscard]] std::string reason(const std::string& text, const std::string& kept = {}) const {
    const auto checked = check_proof(text, key.verifier(), kept);
    return checked ? "" : checked.error().reason;
  }
};

TEST(Proof, EveryPairOfSizesIsAccepted) {
  const SmallLog log;
  for (std::uint64_t size = 0; size <= 11; ++size) {
    for (std::uint64_t index = 0; index < size; ++index) {
      EXPECT_EQ(log.reason(write_proof(log.inclusion(index, size))), "");
    }
    for (std::uint64_t old_size = 0; old_size <= size; ++old_size) {
      EXPECT_EQ(log.reason(write_proof(log.consistency(old_size, size))), "");
    }
  }
}

TEST(Proof, EveryFlippedBitAndEveryCutIsRefused) {
  const SmallLog log;
  for (const std::string& good :
       {write_proof(log.inclusion(6, 11)), write_proof(log.consistency(6, 11))}) {
    ASSERT_EQ(log.reason(good), "");
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
        EXPECT_NE(log.reason(bad), "") << "byte " << i << " bit " << bit;
      }
      EXPECT_NE(log.reason(good.substr(0, i)), "") << i;
      EXPECT_NE(log.reason(good.substr(0, i) + good.substr(i + 1)), "") << i;
    }
    EXPECT_NE(log.reason(good + "\n"), "");
  }
}

TEST(Proof, WellFormedLiesAreRefusedWithTheirReason) {
  const SmallLog log;
  InclusionProof proof = log.inclusion(6, 11);
  proof.index = 7;
  EXPECT_EQ(log.reason(write_proof(proof)), "ledger.proof.inclusion");
  proof = log.inclusion(6, 11);
  proof.leaf = log.leaves[7];
  EXPECT_EQ(log.reason(write_proof(proof)), "ledger.proof.inclusion");
  proof = log.inclusion(6, 11);
  proof.leaf = "{}";
  EXPECT_EQ(log.reason(write_proof(proof)), "ledger.proof.leaf");
  proof = log.inclusion(6, 11);
  proof.payload->bytes += "!";
  EXPECT_EQ(log.reason(write_proof(proof)), "ledger.proof.payload");
  // Salt and payload moved against one another: the salt has a fixed length.
  proof = log.inclusion(6, 11);
  proof.payload->bytes.insert(0, 1, proof.payload->salt.back());
  proof.payload->salt.pop_back();
  EXPECT_EQ(log.reason(write_proof(proof)), "ledger.proof.malformed");
  proof = log.inclusion(6, 11);
  proof.checkpoint = log.checkpoint(10);
  EXPECT_EQ(log.reason(write_proof(proof)), "ledger.proof.inclusion");
  proof = log.inclusion(6, 11);
  proof.hashes.resize(65);
  EXPECT_EQ(log.reason(write_proof(proof)), "ledger.proof.malformed");
  ConsistencyProof grown = log.consistency(6, 11);
  std::swap(grown.old_checkpoint, grown.new_checkpoint);
  EXPECT_EQ(log.reason(write_proof(grown)), "ledger.proof.consistency");
  grown = log.consistency(6, 11);
  grown.hashes.pop_back();
  EXPECT_EQ(log.reason(write_proof(grown)), "ledger.proof.consistency");
  grown = log.consistency(6, 11);
  grown.old_checkpoint = sign_checkpoint(log.key, 6, crypto::sha256("another history")).note;
  EXPECT_EQ(log.reason(write_proof(grown)), "ledger.proof.consistency");
  grown = log.consistency(0, 11);
  grown.old_checkpoint = sign_checkpoint(log.key, 0, crypto::sha256("not empty")).note;
  EXPECT_EQ(log.reason(write_proof(grown)), "ledger.proof.consistency");
}

TEST(Proof, AnotherNodesKeyOrCheckpointIsRefused) {
  const SmallLog log;
  const std::string text = write_proof(log.inclusion(6, 11));
  const NodeKey other = test_key('o', "other.example");
  EXPECT_EQ(check_proof(text, other.verifier()).error().reason, "ledger.checkpoint.unsigned");
  EXPECT_EQ(log.reason(text, log.checkpoint(11)), "");
  EXPECT_EQ(log.reason(text, log.checkpoint(10)), "ledger.proof.other_checkpoint");
  EXPECT_EQ(log.reason(text, sign_checkpoint(log.key, 11, crypto::sha256("fork")).note),
            "ledger.proof.other_checkpoint");
  EXPECT_EQ(log.reason(text, sign_checkpoint(other, 11, crypto::sha256("fork")).note),
            "ledger.checkpoint.unsigned");
  EXPECT_EQ(log.reason(write_proof(log.consistency(4, 11)), log.checkpoint(4)), "");
  EXPECT_EQ(log.reason(write_proof(log.consistency(4, 11)), log.checkpoint(5)),
            "ledger.proof.other_checkpoint");
}

TEST(Proof, MessagesNameTheLine) {
  const SmallLog log;
  std::string text = write_proof(log.inclusion(6, 11));
  text.replace(text.find("index 6"), 7, "index x");
  const auto checked = check_proof(text, log.key.verifier());
  EXPECT_NE(checked.error().detail.find("line 3"), std::string::npos) << checked.error().detail;
  EXPECT_EQ(log.reason(""), "ledger.proof.malformed");
  EXPECT_EQ(log.reason(std::string(kProofBytesMax + 1, '\n')), "ledger.proof.malformed");
}

TEST(LeafTest, HasTheDocumentedBytes) {
  // docs/formats/ledger.md prints this leaf.
  const Leaf leaf{.kind = "commitments.import",
                  .at = UtcTime{testing::kNow.ms - 2 * 3'600'000},
                  .subject = "document/sum-1998",
                  .commitment = crypto::sha256("abc")};
  EXPECT_EQ(write_leaf(leaf),
            R"({"at":"2026-11-22T00:00:00Z","commitment":)"
            R"("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",)"
            R"("kind":"commitments.import","subject":"document/sum-1998","v":1})");
}

TEST(LeafTest, OneSpellingOnly) {
  const std::string good = write_leaf({.kind = "a", .at = {}, .subject = "s", .commitment = {}});
  ASSERT_TRUE(read_leaf(good).has_value());
  for (const std::string& bad :
       {" " + good, good + "\n", std::string("{}"), std::string("[]"), std::string(),
        good.substr(0, good.size() - 1) + ",\"x\":1}", good.substr(0, good.size() - 2) + "2}"}) {
    EXPECT_EQ(read_leaf(bad).error().reason, "ledger.leaf.malformed") << bad;
  }
  std::string upper = good;
  upper.replace(upper.find("0000"), 4, "000A");
  EXPECT_FALSE(read_leaf(upper).has_value());
}

RC_GTEST_PROP(LeafProperty, ReadingIsTheInverseOfWriting, ()) {
  std::string text;
  for (const char* part : *rc::gen::container<std::vector<const char*>>(
           rc::gen::element("a", "\"", "\\", "/", "\n", "\x01", "\x7F", "ñ", "€",
                            "\xF0\x9F\x98\x80", "</script>", " "))) {
    text += part;
  }
  Leaf leaf{.kind = "a.b",
            .at = UtcTime{*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000)},
            .subject = text,
            .commitment = crypto::sha256(text)};
  const auto read = read_leaf(write_leaf(leaf));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->subject == leaf.subject);
  RC_ASSERT(read->at == leaf.at);
  RC_ASSERT(read->commitment == leaf.commitment);
}

}  // namespace
}  // namespace atalaya::ledger
