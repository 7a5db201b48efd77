// Goal: the tree, its proofs and their verification are RFC 9162's. Method: the roots and proofs
// that Certificate Transparency's own code base publishes for its eight test leaves; and a naive
// model that follows the RFC's recursive definitions word by word over whole lists of leaves,
// compared on random sizes, with every change to a proof refused.
#include <atalaya/crypto/merkle.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atalaya/base/text.hpp>

namespace atalaya::crypto {
namespace {

using Leaves = std::vector<std::string>;

Hash naive_root(std::span<const std::string> leaves) {
  if (leaves.empty()) {
    return sha256("");
  }
  if (leaves.size() == 1) {
    return Sha256().update(std::string_view("\0", 1)).update(leaves[0]).finish();
  }
  std::size_t k = 1;
  while (k * 2 < leaves.size()) {
    k *= 2;
  }
  const Hash left = naive_root(leaves.first(k));
  const Hash right = naive_root(leaves.subspan(k));
  return Sha256().update("\x01").update(left).update(right).finish();
}

std::vector<Hash> naive_path(std::size_t m, std::span<const std::string> leaves) {
  if (leaves.size() == 1) {
    return {};
  }
  std::size_t k = 1;
  while (k * 2 < leaves.size()) {
    k *= 2;
  }
  std::vector<Hash> path;
  if (m < k) {
    path = naive_path(m, leaves.first(k));
    path.push_back(naive_root(leaves.subspan(k)));
  } else {
    path = naive_path(m - k, leaves.subspan(k));
    path.push_back(naive_root(leaves.first(k)));
  }
  return path;
}

std::vector<Hash> naive_subproof(std::size_t m, std::span<const std::string> leaves, bool whole) {
  if (m == leaves.size()) {
    return whole ? std::vector<Hash>{} : std::vector<Hash>{naive_root(leaves)};
  }
  std::size_t k = 1;
  while (k * 2 < leaves.size()) {
    k *= 2;
  }
  std::vector<Hash> proof;
  if (m <= k) {
    proof = naive_subproof(m, leaves.first(k), whole);
    proof.push_back(naive_root(leaves.subspan(k)));
  } else {
    proof = naive_subproof(m - k, leaves.subspan(k), false);
    proof.push_back(naive_root(leaves.first(k)));
  }
  return proof;
}

/// A tree that keeps every complete node, as a log does.
struct Tree {
  MerkleFrontier frontier;
  std::map<std::pair<unsigned, std::uint64_t>, Hash> nodes;

  explicit Tree(std::span<const std::string> leaves) {
    for (const std::string& leaf : leaves) {
      const Hash hash = merkle_leaf_hash(leaf);
      nodes[{0, frontier.size()}] = hash;
      frontier.append(hash, [this](unsigned level, std::uint64_t index, const Hash& node) {
        nodes[{level, index}] = node;
      });
    }
  }

  [[nodiscard]] MerkleNodeReader reader() const {
    return [this](unsigned level, std::uint64_t index) -> Result<Hash> {
      const auto it = nodes.find({level, index});
      if (it == nodes.end()) {
        return fail(ErrorCode::internal, "test.no_such_node");
      }
      return it->second;
    };
  }
};

Leaves ct_leaves() {
  Leaves leaves;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"}) {
    leaves.emplace_back(as_text(*from_hex(hex)));
  }
  return leaves;
}

Leaves numbered(std::size_t count) {
  Leaves leaves;
  for (std::size_t i = 0; i < count; ++i) {
    leaves.push_back("leaf " + std::to_string(i));
  }
  return leaves;
}

std::vector<std::string> hex(const std::vector<Hash>& hashes) {
  std::vector<std::string> out;
  for (const Hash& hash : hashes) {
    out.push_back(to_hex(hash));
  }
  return out;
}

// google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc.
TEST(Merkle, CertificateTransparencyRoots) {
  const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  const Leaves leaves = ct_leaves();
  const Tree tree(leaves);
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(to_hex(*merkle_root(size, tree.reader())), roots[size]);
    EXPECT_EQ(to_hex(Tree(std::span(leaves).first(size)).frontier.root()), roots[size]);
  }
}

TEST(Merkle, CertificateTransparencyProofs) {
  const Tree tree(ct_leaves());
  const auto path = [&](std::uint64_t index, std::uint64_t size) {
    return hex(*merkle_inclusion_proof(index, size, tree.reader()));
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(path(0, 1), List{});
  EXPECT_EQ(path(0, 8), (List{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                              "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                              "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}));
  EXPECT_EQ(path(5, 8), (List{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                              "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                              "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(path(2, 3), List{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"});
  EXPECT_EQ(path(1, 5), (List{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                              "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                              "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
  const auto consistency = [&](std::uint64_t old_size, std::uint64_t new_size) {
    return hex(*merkle_consistency_proof(old_size, new_size, tree.reader()));
  };
  EXPECT_EQ(consistency(1, 1), List{});
  EXPECT_EQ(consistency(1, 8), path(0, 8));
  EXPECT_EQ(consistency(6, 8),
            (List{"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}));
  EXPECT_EQ(consistency(2, 5),
            (List{"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                  "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}));
}

TEST(Merkle, EverySmallTreeAgreesWithTheModel) {
  const Leaves all = numbered(33);
  const Tree tree(all);
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const auto leaves = std::span(all).first(size);
    const Hash root = naive_root(leaves);
    EXPECT_EQ(*merkle_root(size, tree.reader()), root);
    for (std::size_t index = 0; index < size; ++index) {
      const auto proof = merkle_inclusion_proof(index, size, tree.reader());
      ASSERT_TRUE(proof.has_value());
      EXPECT_EQ(*proof, naive_path(index, leaves));
      for (std::size_t claimed = 0; claimed <= size; ++claimed) {
        EXPECT_EQ(verify_inclusion({claimed, size, merkle_leaf_hash(all[index]), root}, *proof),
                  claimed == index);
      }
    }
    for (std::size_t old_size = 0; old_size <= size; ++old_size) {
      const auto proof = merkle_consistency_proof(old_size, size, tree.reader());
      ASSERT_TRUE(proof.has_value());
      EXPECT_EQ(*proof,
                old_size == 0 ? std::vector<Hash>{} : naive_subproof(old_size, leaves, true));
      const Hash old_root = naive_root(leaves.first(old_size));
      EXPECT_TRUE(verify_consistency({old_size, size, old_root, root}, *proof));
      for (std::size_t other = 0; other <= size; ++other) {
        if (other != old_size) {
          EXPECT_FALSE(verify_consistency({other, size, old_root, root}, *proof))
              << old_size << " as " << other << " of " << size;
        }
      }
    }
  }
}

RC_GTEST_PROP(MerkleProperty, ProofsOfLargeTreesAgreeWithTheModel, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 600);
  const Leaves leaves = numbered(size);
  const Tree tree(leaves);
  const Hash root = tree.frontier.root();
  RC_ASSERT(root == naive_root(leaves));
  const auto index = *rc::gen::inRange<std::size_t>(0, size);
  const auto path = merkle_inclusion_proof(index, size, tree.reader());
  RC_ASSERT(path.has_value());
  RC_ASSERT(*path == naive_path(index, leaves));
  RC_ASSERT(verify_inclusion({index, size, merkle_leaf_hash(leaves[index]), root}, *path));
  const auto old_size = *rc::gen::inRange<std::size_t>(1, size + 1);
  const auto proof = merkle_consistency_proof(old_size, size, tree.reader());
  RC_ASSERT(proof.has_value());
  RC_ASSERT(*proof == naive_subproof(old_size, leaves, true));
  const Hash old_root = naive_root(std::span(leaves).first(old_size));
  RC_ASSERT(verify_consistency({old_size, size, old_root, root}, *proof));
}

/// Flips a bit, drops, doubles or swaps an element: always another proof.
std::vector<Hash> damage(std::vector<Hash> proof) {
  const auto kind = *rc::gen::inRange(0, 4);
  if (proof.empty() || kind == 0) {
    Hash extra{};
    extra[0] = *rc::gen::arbitrary<std::uint8_t>();
    proof.insert(proof.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(proof) + 1),
                 extra);
    return proof;
  }
  const auto at = *rc::gen::inRange<std::size_t>(0, proof.size());
  if (kind == 1) {
    proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (kind == 2 && proof.size() > 1) {
    std::swap(proof[at], proof[(at + 1) % proof.size()]);
  } else {
    const auto bit = *rc::gen::inRange<std::size_t>(0, 256);
    proof[at][bit / 8] = static_cast<std::uint8_t>(proof[at][bit / 8] ^ (1U << (bit % 8)));
  }
  return proof;
}

RC_GTEST_PROP(MerkleProperty, DamagedProofsAreRefused, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 200);
  const Leaves leaves = numbered(size);
  const Tree tree(leaves);
  const Hash root = tree.frontier.root();
  const auto index = *rc::gen::inRange<std::size_t>(0, size);
  const auto path = *merkle_inclusion_proof(index, size, tree.reader());
  const Hash leaf = merkle_leaf_hash(leaves[index]);
  RC_ASSERT(!verify_inclusion({index, size, leaf, root}, damage(path)));
  const auto old_size = *rc::gen::inRange<std::size_t>(1, size + 1);
  const Hash old_root = naive_root(std::span(leaves).first(old_size));
  const auto proof = *merkle_consistency_proof(old_size, size, tree.reader());
  RC_ASSERT(!verify_consistency({old_size, size, old_root, root}, damage(proof)));
  Hash other = root;
  other[0] = static_cast<std::uint8_t>(other[0] ^ 1U);
  RC_ASSERT(!verify_inclusion({index, size, leaf, other}, path));
  RC_ASSERT(!verify_consistency({old_size, size, old_root, other}, proof));
  RC_ASSERT(!verify_consistency({old_size, size, other, root}, proof));
}

TEST(Merkle, ImpossibleRangesAreRefused) {
  const Tree tree(numbered(4));
  EXPECT_EQ(merkle_inclusion_proof(4, 4, tree.reader()).error().reason, "crypto.merkle.range");
  EXPECT_EQ(merkle_inclusion_proof(0, 0, tree.reader()).error().reason, "crypto.merkle.range");
  EXPECT_EQ(merkle_consistency_proof(5, 4, tree.reader()).error().reason, "crypto.merkle.range");
  EXPECT_FALSE(verify_inclusion({0, 0, {}, {}}, {}));
  EXPECT_FALSE(verify_consistency({2, 1, {}, {}}, {}));
  // Sizes at the end of their type neither wrap nor loop.
  EXPECT_FALSE(verify_inclusion({~0ULL - 1, ~0ULL, {}, {}}, {}));
  EXPECT_FALSE(verify_consistency({~0ULL - 1, ~0ULL, {}, {}}, {}));
  EXPECT_FALSE(verify_consistency({~0ULL, ~0ULL, {}, Hash{1}}, {}));
}

TEST(Merkle, FrontierSurvivesItsBytes) {
  const Leaves leaves = numbered(77);
  const Tree tree(leaves);
  const auto copy = MerkleFrontier::from_bytes(77, tree.frontier.to_bytes());
  ASSERT_TRUE(copy.has_value());
  EXPECT_EQ(copy->root(), tree.frontier.root());
  EXPECT_EQ(MerkleFrontier::from_bytes(78, std::vector<std::uint8_t>(32)).error().code,
            ErrorCode::data_loss);
}

}  // namespace
}  // namespace atalaya::crypto
