// Goal: key files and verifier keys are those of C2SP signed notes, and a key file that others can
// read is refused. Method: the keys of Go's own note tests and of sum.golang.org; files with
// every kind of damage.
#include <atalaya/ledger/key.hpp>

#include <fstream>
#include <string>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include <atalaya/base/text.hpp>

#include "test_log.hpp"

namespace atalaya::ledger {
namespace {

using testing::TemporaryFolder;

// golang.org/x/mod/sumdb/note, note_test.go.
constexpr std::string_view kNeumannKey =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kNeumannPrivate =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
// The key of Go's checksum database; its base 64 holds a '+'.
constexpr std::string_view kSumdbKey =
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";

void write_file(const std::string& path, std::string_view text, mode_t mode = 0600) {
  std::ofstream(path) << text;
  ASSERT_EQ(::chmod(path.c_str(), mode), 0);
}

TEST(Key, ReadsForeignVerifierKeys) {
  for (const std::string_view text : {kNeumannKey, kSumdbKey}) {
    const auto key = VerifierKey::parse(text);
    ASSERT_TRUE(key.has_value()) << text;
    EXPECT_EQ(key->to_string(), text);
  }
  EXPECT_EQ(VerifierKey::parse(kSumdbKey)->name(), "sum.golang.org");
}

TEST(Key, RefusesEveryFlippedCharacter) {
  for (std::size_t i = 0; i < kSumdbKey.size(); ++i) {
    std::string bad(kSumdbKey);
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(VerifierKey::parse(bad).has_value()) << bad;
    EXPECT_FALSE(VerifierKey::parse(kSumdbKey.substr(0, i)).has_value()) << i;
  }
  EXPECT_EQ(VerifierKey::parse("").error().reason, "ledger.key.malformed");
}

TEST(Key, ReadsAForeignPrivateKey) {
  const TemporaryFolder folder;
  write_file(folder.file("node.key"), std::string(kNeumannPrivate) + "\n");
  const auto key = NodeKey::load(folder.file("node.key"));
  ASSERT_TRUE(key.has_value()) << key.error().detail;
  EXPECT_EQ(key->verifier().to_string(), kNeumannKey);
}

TEST(Key, GeneratedKeysComeBackFromTheirFile) {
  const TemporaryFolder folder;
  const std::string path = folder.file("node.key");
  const auto made = NodeKey::generate(path, "policia.example/norte");
  ASSERT_TRUE(made.has_value()) << made.error().detail;
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto loaded = NodeKey::load(path);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->verifier().to_string(), made->verifier().to_string());
  EXPECT_EQ(loaded->signing_key().sign("m"), made->signing_key().sign("m"));
  EXPECT_EQ(VerifierKey::parse(made->verifier().to_string())->public_key(),
            made->verifier().public_key());
  EXPECT_EQ(NodeKey::generate(path, "other").error().reason, "ledger.key.exists");
  EXPECT_EQ(NodeKey::load(path)->verifier().name(), "policia.example/norte");
}

TEST(Key, RefusesFilesThatOthersCanUse) {
  const TemporaryFolder folder;
  const std::string path = folder.file("node.key");
  for (const mode_t mode : {0640U, 0604U, 0660U, 0644U, 0601U, 0777U}) {
    write_file(path, std::string(kNeumannPrivate) + "\n", mode);
    const auto key = NodeKey::load(path);
    ASSERT_FALSE(key.has_value()) << mode;
    EXPECT_EQ(key.error().reason, "ledger.key.mode");
    EXPECT_EQ(key.error().code, ErrorCode::permission_denied);
    EXPECT_NE(key.error().detail.find("chmod 600 " + path), std::string::npos);
  }
  write_file(path, std::string(kNeumannPrivate) + "\n", 0400);
  EXPECT_TRUE(NodeKey::load(path).has_value());
}

TEST(Key, RefusesDamagedFiles) {
  const TemporaryFolder folder;
  const std::string path = folder.file("node.key");
  EXPECT_EQ(NodeKey::load(path).error().reason, "ledger.key.missing");
  EXPECT_EQ(NodeKey::load(folder.file("")).error().reason, "ledger.key.read");
  const std::string good = std::string(kNeumannPrivate) + "\n";
  write_file(path, good);
  ASSERT_TRUE(NodeKey::load(path).has_value());
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 2);
    write_file(path, bad);
    EXPECT_EQ(NodeKey::load(path).error().reason, "ledger.key.malformed") << bad;
    write_file(path, good.substr(0, i));
    EXPECT_EQ(NodeKey::load(path).error().reason, "ledger.key.malformed") << i;
  }
  write_file(path, good + std::string(100'000, 'x'));
  EXPECT_EQ(NodeKey::load(path).error().reason, "ledger.key.malformed");
}

TEST(Key, NamesComeFromNodeNames) {
  EXPECT_EQ(key_name_from("Policía de Río Negro"), "policia-de-rio-negro");
  EXPECT_EQ(key_name_from("  Câmara -- São Paulo (SP)  "), "camara-sao-paulo-sp");
  EXPECT_EQ(key_name_from("seguridad.example/Norte+1"), "seguridad.example/norte-1");
  EXPECT_EQ(key_name_from("日本"), "node-" + to_hex(crypto::sha256("日本")).substr(0, 8));
  EXPECT_EQ(key_name_from("+++").error().reason, "ledger.key.name");
  EXPECT_EQ(key_name_from("").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(key_name_from(std::string(500, 'a'))->size(), kKeyNameBytesMax);
  for (const char* bad : {"", "a b", "a+b", "a\nb", "señal"}) {
    EXPECT_EQ(VerifierKey::create(bad, {}).error().reason, "ledger.key.name") << bad;
  }
}

}  // namespace
}  // namespace atalaya::ledger
