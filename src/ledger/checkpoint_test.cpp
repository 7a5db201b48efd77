// Goal: checkpoints are C2SP's, and one spelling only is accepted. Method: the note that Go's own
// tests carry, every flipped bit, every cut, and notes that other people's tools may add to.
#include <atalaya/ledger/checkpoint.hpp>

#include <string>

#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/merkle.hpp>

#include "test_log.hpp"

namespace atalaya::ledger {
namespace {

using testing::test_key;

crypto::Hash some_root() {
  return crypto::sha256("root");
}

TEST(Checkpoint, ReadsASignatureMadeByGo) {
  // golang.org/x/mod/sumdb/note, note_test.go: a note that is no checkpoint. That it is refused as
  // malformed and not for its signature shows that the signature was accepted.
  const auto key =
      VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  ASSERT_TRUE(key.has_value());
  std::string note =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n"
      "\n"
      "— PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM"
      "=\n";
  EXPECT_EQ(open_checkpoint(note, *key).error().reason, "ledger.checkpoint.malformed");
  note[0] = 'i';
  EXPECT_EQ(open_checkpoint(note, *key).error().reason, "ledger.checkpoint.signature");
}

TEST(Checkpoint, HasTheLinesOfTheSpecification) {
  const NodeKey key = test_key();
  const Checkpoint checkpoint = sign_checkpoint(key, 1234, some_root());
  const auto lines = split(checkpoint.note, '\n');
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0], testing::kName);
  EXPECT_EQ(lines[1], "1234");
  EXPECT_EQ(lines[2], to_base64(some_root()));
  EXPECT_EQ(lines[3], "");
  EXPECT_TRUE(lines[4].starts_with("— " + std::string(testing::kName) + " "));
  EXPECT_EQ(lines[5], "");
  const auto opened = open_checkpoint(checkpoint.note, key.verifier());
  ASSERT_TRUE(opened.has_value()) << opened.error().detail;
  EXPECT_EQ(opened->size, 1234U);
  EXPECT_EQ(opened->root, some_root());
  EXPECT_EQ(opened->note, checkpoint.note);
  EXPECT_EQ(sign_checkpoint(key, 1234, some_root()).note, checkpoint.note);
}

TEST(Checkpoint, EveryFlippedBitAndEveryCutIsRefused) {
  const NodeKey key = test_key();
  const std::string good = sign_checkpoint(key, 70, some_root()).note;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      EXPECT_FALSE(open_checkpoint(bad, key.verifier()).has_value()) << i << " " << bit;
    }
    EXPECT_FALSE(open_checkpoint(good.substr(0, i), key.verifier()).has_value()) << i;
    EXPECT_FALSE(open_checkpoint(good.substr(i + 1), key.verifier()).has_value()) << i;
  }
  EXPECT_FALSE(open_checkpoint(good + "x", key.verifier()).has_value());
  EXPECT_FALSE(open_checkpoint(good + "\n", key.verifier()).has_value());
}

TEST(Checkpoint, OtherSignaturesAreIgnoredAsTheSpecificationAsks) {
  const NodeKey key = test_key();
  const NodeKey witness = test_key('w', "witness.example");
  const NodeKey same_name = test_key('x');
  const std::string good = sign_checkpoint(key, 70, some_root()).note;
  const std::string theirs = sign_checkpoint(witness, 70, some_root()).note;
  const std::string line = theirs.substr(theirs.rfind("\n\n") + 2);
  EXPECT_TRUE(open_checkpoint(good + line, key.verifier()).has_value());
  const std::string other = sign_checkpoint(same_name, 70, some_root()).note;
  EXPECT_TRUE(
      open_checkpoint(good + other.substr(other.rfind("\n\n") + 2), key.verifier()).has_value());
  EXPECT_EQ(open_checkpoint(other, key.verifier()).error().reason, "ledger.checkpoint.unsigned");
  // The witness signs its own origin line; ours is not its to speak for.
  EXPECT_EQ(open_checkpoint(good + line, witness.verifier()).error().reason,
            "ledger.checkpoint.signature");
}

std::string sign_text(const NodeKey& key, const std::string& text) {
  std::string bytes(as_text(key.verifier().id()));
  bytes += as_text(key.signing_key().sign(text));
  return text + "\n— " + key.verifier().name() + " " + to_base64(as_bytes(bytes)) + "\n";
}

TEST(Checkpoint, SignedNonsenseIsRefused) {
  const NodeKey key = test_key();
  const std::string name(testing::kName);
  const std::string root = to_base64(some_root());
  EXPECT_TRUE(open_checkpoint(sign_text(key, name + "\n7\n" + root + "\n"), key.verifier()));
  EXPECT_TRUE(
      open_checkpoint(sign_text(key, name + "\n7\n" + root + "\nextension\n"), key.verifier()));
  for (const std::string& text :
       {std::string("other\n7\n") + root + "\n", name + "\n07\n" + root + "\n",
        name + "\n-7\n" + root + "\n", name + "\n\n" + root + "\n", name + "\n7\n" + root + "==\n",
        name + "\n7\nAAAA\n", name + "\n7\n", name + "\n4611686018427387904\n" + root + "\n",
        name + "\n99999999999999999999999\n" + root + "\n",
        name + "\n7\n" + root + "\n\nextension\n", name + "\n7 \n" + root + "\n"}) {
    const auto opened = open_checkpoint(sign_text(key, text), key.verifier());
    ASSERT_FALSE(opened.has_value()) << text;
    EXPECT_EQ(opened.error().reason, "ledger.checkpoint.malformed") << text;
  }
}

TEST(Checkpoint, HostileSizesEnd) {
  const NodeKey key = test_key();
  EXPECT_FALSE(open_checkpoint(std::string(1U << 20U, '\n'), key.verifier()).has_value());
  std::string many = sign_checkpoint(key, 70, some_root()).note;
  for (int i = 0; i < 101; ++i) {
    many += "— a AAAAAAAA\n";
  }
  EXPECT_EQ(open_checkpoint(many, key.verifier()).error().reason, "ledger.checkpoint.malformed");
}

}  // namespace
}  // namespace atalaya::ledger
