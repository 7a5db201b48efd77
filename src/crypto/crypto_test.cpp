// Goal: every primitive answers what its standard prints. Method: vectors of the RFCs and of the
// reference implementations, and the negatives that Project Wycheproof tests signatures with
// (another S, small-order keys, cut and lengthened signatures). No vector was made by this code.
#include <atalaya/crypto/hash.hpp>
#include <atalaya/crypto/password.hpp>
#include <atalaya/crypto/sign.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>

namespace atalaya::crypto {
namespace {

std::string bytes(std::string_view hex) {
  const auto decoded = from_hex(hex);
  EXPECT_TRUE(decoded.has_value()) << hex;
  return std::string(as_text(*decoded));
}

std::string hex(std::string_view text) {
  return to_hex(as_bytes(text));
}

std::string range(int first, int last) {
  std::string out;
  for (int i = first; i <= last; ++i) {
    out += static_cast<char>(i);
  }
  return out;
}

struct SignVector {
  const char* seed;
  const char* key;
  const char* message;
  const char* signature;
};

// RFC 8032 section 7.1, TEST 1 to 3.
constexpr SignVector kRfc8032[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
     "f9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
     "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
     "4dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Sign, Rfc8032Vectors) {
  for (const SignVector& vector : kRfc8032) {
    const auto key = SigningKey::from_seed(Secret(bytes(vector.seed)));
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(to_hex(key->public_key()), vector.key);
    const Signature signature = key->sign(bytes(vector.message));
    EXPECT_EQ(to_hex(signature), vector.signature);
    EXPECT_TRUE(verify_signature(key->public_key(), bytes(vector.message), signature));
  }
}

TEST(Sign, EveryFlippedBitIsRefused) {
  const SignVector& vector = kRfc8032[2];
  const auto key = SigningKey::from_seed(Secret(bytes(vector.seed)));
  ASSERT_TRUE(key.has_value());
  const std::string message = bytes(vector.message);
  const std::string good = bytes(vector.signature);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verify_signature(key->public_key(), message, as_bytes(bad))) << bit;
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    PublicKey other = key->public_key();
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(verify_signature(other, message, as_bytes(good))) << bit;
  }
  EXPECT_FALSE(verify_signature(key->public_key(), message + "x", as_bytes(good)));
}

TEST(Sign, OtherSpellingsOfASignatureAreRefused) {
  const SignVector& vector = kRfc8032[1];
  const auto key = SigningKey::from_seed(Secret(bytes(vector.seed)));
  ASSERT_TRUE(key.has_value());
  const std::string message = bytes(vector.message);
  const std::string good = bytes(vector.signature);
  // S + L satisfies the equation too: RFC 8032 section 5.1.7 wants S below L.
  const std::string order =
      bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  std::string malleable = good;
  int carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<std::uint8_t>(malleable[32 + i]) + static_cast<std::uint8_t>(order[i]);
    malleable[32 + i] = static_cast<char>(carry & 0xFF);
    carry >>= 8;
  }
  EXPECT_FALSE(verify_signature(key->public_key(), message, as_bytes(malleable)));
  EXPECT_FALSE(verify_signature(key->public_key(), message, as_bytes(good.substr(0, 63))));
  EXPECT_FALSE(verify_signature(key->public_key(), message, as_bytes(good + std::string(1, 0))));
  EXPECT_FALSE(verify_signature(key->public_key(), message, {}));
  EXPECT_FALSE(verify_signature(key->public_key(), message, as_bytes(std::string(64, '\0'))));
}

TEST(Sign, SmallOrderKeysAreRefused) {
  // With the neutral element as key, R = neutral and S = 0 satisfy the equation for any message.
  PublicKey neutral{};
  neutral[0] = 1;
  std::string signature(64, '\0');
  signature[0] = 1;
  EXPECT_FALSE(verify_signature(neutral, "any message", as_bytes(signature)));
  EXPECT_FALSE(verify_signature(PublicKey{}, "any message", as_bytes(signature)));
}

TEST(Sign, SeedsOfAnotherSizeAreRefused) {
  EXPECT_EQ(SigningKey::from_seed(Secret(std::string(31, 'a'))).error().reason, "crypto.seed_size");
  EXPECT_EQ(SigningKey::from_seed(Secret()).error().code, ErrorCode::invalid_argument);
}

TEST(Sign, GeneratedKeysDifferAndWork) {
  const SigningKey one = SigningKey::generate();
  const SigningKey two = SigningKey::generate();
  EXPECT_NE(one.public_key(), two.public_key());
  EXPECT_TRUE(verify_signature(one.public_key(), "m", one.sign("m")));
  EXPECT_FALSE(verify_signature(two.public_key(), "m", one.sign("m")));
}

TEST(HashTest, Fips180Vectors) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(Sha256().update("a").update("").update("bc").finish()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashTest, Rfc4231Vectors) {
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes(std::string(20, 0x0b)), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // Test case 6: a key longer than the block.
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes(std::string(131, '\xaa')),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

std::string derive(const std::string& key, const std::string& salt, const std::string& info,
                   std::size_t size) {
  const auto derived = hkdf_sha256(Secret(key), salt, info, size);
  EXPECT_TRUE(derived.has_value());
  // Compared with the RFC's value.
  return hex(derived->unsafe_reveal());
}

TEST(HashTest, Rfc5869Vectors) {
  const std::string key(22, 0x0b);
  EXPECT_EQ(derive(key, range(0x00, 0x0c), range(0xf0, 0xf9), 42),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(derive(range(0x00, 0x4f), range(0x60, 0xaf), range(0xb0, 0xff), 82),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41"
            "c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(derive(key, "", "", 42),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HashTest, HkdfRefusesImpossibleSizes) {
  EXPECT_EQ(hkdf_sha256(Secret("k"), "", "", 0).error().reason, "crypto.hkdf.size");
  EXPECT_EQ(hkdf_sha256(Secret("k"), "", "", kHkdfBytesMax + 1).error().reason, "crypto.hkdf.size");
  EXPECT_TRUE(hkdf_sha256(Secret("k"), "", "", kHkdfBytesMax).has_value());
}

TEST(HashTest, ConstantTimeCompareAgreesWithEquality) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

TEST(HashTest, RandomBytesDoNotRepeatAcrossThreads) {
  std::set<std::string> seen;
  std::vector<std::string> made(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& slot : made) {
      threads.emplace_back([&slot] {
        slot.assign(32, '\0');
        random_bytes({reinterpret_cast<std::uint8_t*>(slot.data()), slot.size()});
      });
    }
  }
  seen.insert(made.begin(), made.end());
  EXPECT_EQ(seen.size(), made.size());
  EXPECT_FALSE(seen.contains(std::string(32, '\0')));
}

TEST(HashTest, ReadHashTakesExactly32Bytes) {
  Hash hash{};
  EXPECT_TRUE(read_hash(as_bytes(std::string(32, 'a')), hash));
  EXPECT_EQ(hash[31], 'a');
  EXPECT_FALSE(read_hash(as_bytes(std::string(33, 'b')), hash));
  EXPECT_EQ(hash[0], 'a');
}

TEST(Password, ReadsWhatTheReferenceImplementationWrote) {
  // src/test.c of the Argon2 reference implementation, version 0x13.
  const std::string stored =
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  EXPECT_EQ(verify_password(stored, Secret("password")), true);
  EXPECT_EQ(verify_password(stored, Secret("Password")), false);
}

TEST(Password, HashesAreSaltedAndCheck) {
  const auto one = hash_password(Secret("contraseña larga"), kPasswordCostForTests);
  const auto two = hash_password(Secret("contraseña larga"), kPasswordCostForTests);
  ASSERT_TRUE(one.has_value());
  ASSERT_TRUE(two.has_value());
  EXPECT_NE(*one, *two);
  EXPECT_TRUE(one->starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << *one;
  EXPECT_EQ(verify_password(*one, Secret("contraseña larga")), true);
  EXPECT_EQ(verify_password(*one, Secret("contrasena larga")), false);
  EXPECT_EQ(verify_password(*one, Secret("")), false);
  EXPECT_TRUE(password_needs_rehash(*one));
  EXPECT_FALSE(password_needs_rehash(*one, kPasswordCostForTests));
}

TEST(Password, TheProductsCostIsWhatItSays) {
  const auto stored = hash_password(Secret("x"));
  ASSERT_TRUE(stored.has_value());
  EXPECT_TRUE(stored->starts_with("$argon2id$v=19$m=65536,t=3,p=1$")) << *stored;
  EXPECT_FALSE(password_needs_rehash(*stored));
}

TEST(Password, BadInputIsRefusedOrFalse) {
  EXPECT_EQ(hash_password(Secret(), kPasswordCostForTests).error().reason, "crypto.password_size");
  EXPECT_EQ(hash_password(Secret(std::string(1025, 'a')), kPasswordCostForTests).error().code,
            ErrorCode::invalid_argument);
  for (const char* stored : {"", "password", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv"}) {
    EXPECT_EQ(verify_password(stored, Secret("password")), false) << stored;
  }
  EXPECT_EQ(verify_password(std::string(5000, '$'), Secret("password")), false);
}

TEST(Totp, Rfc6238Vectors) {
  const Secret sha1_key(std::string("12345678901234567890"));
  const Secret sha256_key(std::string("12345678901234567890123456789012"));
  const TotpOptions sha1{.hash = TotpHash::sha1, .digits = 8};
  const TotpOptions sha256{.hash = TotpHash::sha256, .digits = 8};

  struct Row {
    std::int64_t at_s;
    const char* sha1;
    const char* sha256;
  };

  for (const Row& row :
       {Row{59, "94287082", "46119246"}, Row{1111111109, "07081804", "68084774"},
        Row{1111111111, "14050471", "67062674"}, Row{1234567890, "89005924", "91819424"},
        Row{2000000000, "69279037", "90698825"}, Row{20000000000, "65353130", "77737706"}}) {
    EXPECT_EQ(totp(sha1_key, UtcTime{row.at_s * 1000}, sha1), row.sha1);
    EXPECT_EQ(totp(sha256_key, UtcTime{row.at_s * 1000}, sha256), row.sha256);
  }
  EXPECT_EQ(totp(sha1_key, UtcTime{59'000}), "287082");
}

TEST(Totp, AcceptsOneStepEachWayAndSaysWhich) {
  const Secret key = generate_totp_key();
  const UtcTime now{1'800'000'000'000};
  const std::int64_t step = now.ms / 1000 / 30;
  for (const int offset : {-1, 0, 1}) {
    EXPECT_EQ(find_totp_step(key, totp_at_step(key, step + offset), now), step + offset);
  }
  // A million codes: two of the neighbours being equal would be a one-in-a-million accident.
  EXPECT_EQ(find_totp_step(key, totp_at_step(key, step + 40), now), std::nullopt);
  EXPECT_EQ(find_totp_step(key, "", now), std::nullopt);
  EXPECT_EQ(find_totp_step(key, "00000000000000000000", now), std::nullopt);
}

TEST(Totp, KeyTextIsRfc4648Base32) {
  // RFC 4648 section 10, without the padding.
  for (const auto& [plain, text] :
       {std::pair{"f", "MY"}, {"fo", "MZXQ"}, {"foo", "MZXW6"}, {"foobar", "MZXW6YTBOI"}}) {
    EXPECT_EQ(totp_key_text(Secret(std::string(plain))).unsafe_reveal(), text);
  }
}

}  // namespace
}  // namespace atalaya::crypto
