#include <atalaya/ledger/key.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::ledger {
namespace {

constexpr std::string_view kPrivatePrefix = "PRIVATE+KEY+";
constexpr std::uint8_t kEd25519 = 0x01;  // signed-note's signature type
constexpr std::size_t kKeyFileBytesMax = 1024;

bool is_key_name(std::string_view name) {
  return !name.empty() && name.size() <= kKeyNameBytesMax &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F && c != '+'; });
}

std::unexpected<Error> bad_name(std::string_view name) {
  return fail(ErrorCode::invalid_argument, "ledger.key.name",
              fmt::format("\"{}\" cannot name a key: use 1 to {} letters, digits, '-', '.' or '/'",
                          name, kKeyNameBytesMax));
}

std::string system_message() {
  return std::generic_category().message(errno);
}

/// A file descriptor that closes itself.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  ~File() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

/// "name+hash+base64(type || key)" without the part before the name.
struct KeyText {
  std::string name;
  std::string id_hex;
  std::string bytes;
};

std::optional<KeyText> split_key(std::string_view text) {
  const auto parts = split(text, '+');
  // Base 64 may hold '+' itself.
  if (parts.size() < 3 || !is_key_name(parts[0]) || parts[1].size() != 8) {
    return std::nullopt;
  }
  auto encoded = text.substr(parts[0].size() + 1 + parts[1].size() + 1);
  auto decoded = from_base64(encoded);
  if (!decoded || decoded->size() != 1 + crypto::kSeedBytes || (*decoded)[0] != kEd25519) {
    return std::nullopt;
  }
  KeyText key{std::string(parts[0]), std::string(parts[1]), std::string(as_text(*decoded))};
  wipe(decoded->data(), decoded->size());
  return key;
}

Result<void> write_all(const File& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(file.get(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) {
      continue;
    }
    if (done <= 0) {
      return fail(ErrorCode::unavailable, "ledger.key.write",
                  fmt::format("cannot write the key file {}: {}", path, system_message()));
    }
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  const auto folder = std::filesystem::path(path).parent_path();
  const File directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  // A key that vanishes with a power cut takes the log's identity with it.
  if (::fsync(file.get()) != 0 || directory.get() < 0 || ::fsync(directory.get()) != 0) {
    return fail(ErrorCode::unavailable, "ledger.key.write",
                fmt::format("cannot bring the key file {} to disk: {}", path, system_message()));
  }
  return {};
}

/// Up to kKeyFileBytesMax + 1 bytes, so that the caller sees when there are too many.
Result<Secret> read_key_file(const File& file, const std::string& path) {
  std::string bytes(kKeyFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t done = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    if (done < 0 && errno == EINTR) {
      continue;
    }
    if (done < 0) {
      return fail(ErrorCode::unavailable, "ledger.key.read",
                  fmt::format("cannot read the key file {}: {}", path, system_message()));
    }
    if (done == 0) {
      break;
    }
    size += static_cast<std::size_t>(done);
  }
  bytes.resize(size);
  return Secret(std::move(bytes));
}

}  // namespace

Result<std::string> key_name_from(std::string_view node_name) {
  std::string name;
  for (const char c : fold(node_name)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
    if (kept) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min(name.size(), kKeyNameBytesMax));
  while (!name.empty() && name.back() == '-') {
    name.pop_back();
  }
  // A name in another script has no letter for a key: its hash names the key, the name the node.
  const bool letters = std::ranges::any_of(
      node_name, [](char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; });
  if (name.empty() && letters && !find_invalid_utf8(node_name)) {
    name = "node-" + to_hex(crypto::sha256(node_name)).substr(0, 8);
  }
  if (name.empty()) {
    return bad_name(node_name);
  }
  return name;
}

VerifierKey::VerifierKey(std::string name, const crypto::PublicKey& key)
    : name_(std::move(name)), key_(key) {
  const crypto::Hash hash =
      crypto::Sha256().update(name_).update(std::string_view("\n\x01", 2)).update(key_).finish();
  std::copy_n(hash.begin(), id_.size(), id_.begin());
}

Result<VerifierKey> VerifierKey::create(std::string name, const crypto::PublicKey& key) {
  if (!is_key_name(name)) {
    return bad_name(name);
  }
  return VerifierKey(std::move(name), key);
}

Result<VerifierKey> VerifierKey::parse(std::string_view text) {
  const auto parts = split_key(text);
  if (parts) {
    crypto::PublicKey bytes;
    std::ranges::copy(as_bytes(parts->bytes).subspan(1), bytes.begin());
    VerifierKey key(parts->name, bytes);
    if (to_hex(key.id_) == parts->id_hex) {
      return key;
    }
  }
  return fail(ErrorCode::invalid_argument, "ledger.key.malformed",
              "this is not a verifier key: it reads name+8 hex digits+base 64, as "
              "`atalaya ledger key` prints it; copy it whole");
}

std::string VerifierKey::to_string() const {
  std::vector<std::uint8_t> bytes{kEd25519};
  bytes.insert(bytes.end(), key_.begin(), key_.end());
  return fmt::format("{}+{}+{}", name_, to_hex(id_), to_base64(bytes));
}

NodeKey::NodeKey(VerifierKey verifier, crypto::SigningKey key)
    : verifier_(std::move(verifier)), key_(std::move(key)) {}

Result<NodeKey> NodeKey::create(std::string name, crypto::SigningKey key) {
  VerifierKey verifier = ATALAYA_TRY(VerifierKey::create(std::move(name), key.public_key()));
  return NodeKey(std::move(verifier), std::move(key));
}

Result<NodeKey> NodeKey::generate(const std::string& path, std::string name) {
  NodeKey key = ATALAYA_TRY(create(std::move(name), crypto::SigningKey::generate()));
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0 && errno == EEXIST) {
    return fail(ErrorCode::conflict, "ledger.key.exists",
                fmt::format("{} exists already; a node keeps its key for life", path));
  }
  if (file.get() < 0) {
    return fail(ErrorCode::unavailable, "ledger.key.write",
                fmt::format("cannot make the key file {}: {}", path, system_message()));
  }
  // The seed leaves memory for the node's own file, and nowhere else.
  std::string bytes(1, static_cast<char>(kEd25519));
  bytes += key.key_.seed().unsafe_reveal();
  std::string text = fmt::format("{}{}+{}+{}\n", kPrivatePrefix, key.verifier_.name(),
                                 to_hex(key.verifier_.id()), to_base64(as_bytes(bytes)));
  const Result<void> written = write_all(file, text, path);
  wipe(bytes.data(), bytes.size());
  wipe(text.data(), text.size());
  if (!written) {
    ::unlink(path.c_str());
    return std::unexpected(written.error());
  }
  return key;
}

Result<NodeKey> NodeKey::load(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 && errno == ENOENT) {
    return fail(ErrorCode::not_found, "ledger.key.missing",
                fmt::format("there is no key file {}: restore it from the backup of the node's "
                            "keys folder; a new key would start another log",
                            path));
  }
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::unavailable, "ledger.key.read",
                fmt::format("cannot read the key file {}: {}", path,
                            file.get() < 0 ? system_message() : "it is not a plain file"));
  }
  const mode_t mode = status.st_mode & 0777U;
  if ((mode & 0077U) != 0) {
    return fail(ErrorCode::permission_denied, "ledger.key.mode",
                fmt::format("others than its owner may use the key file {} (mode {:04o}). Run "
                            "`chmod 600 {}`, and find out who had access: whoever read the key "
                            "can sign in this node's name",
                            path, mode, path));
  }
  Secret text = ATALAYA_TRY(read_key_file(file, path));
  // Parsing the file that holds the key.
  std::string_view line = text.unsafe_reveal();
  std::optional<KeyText> parts;
  if (line.size() <= kKeyFileBytesMax && line.starts_with(kPrivatePrefix) && line.ends_with('\n')) {
    parts = split_key(line.substr(kPrivatePrefix.size(), line.size() - kPrivatePrefix.size() - 1));
  }
  if (parts) {
    Secret seed(parts->bytes.substr(1));
    wipe(parts->bytes.data(), parts->bytes.size());
    crypto::SigningKey signing_key = ATALAYA_TRY(crypto::SigningKey::from_seed(std::move(seed)));
    NodeKey key = ATALAYA_TRY(create(parts->name, std::move(signing_key)));
    if (to_hex(key.verifier_.id()) == parts->id_hex) {
      return key;
    }
  }
  return fail(ErrorCode::invalid_argument, "ledger.key.malformed",
              fmt::format("{} is damaged: it must hold one line PRIVATE+KEY+name+8 hex "
                          "digits+base 64. Restore it from the backup of the keys folder",
                          path));
}

}  // namespace atalaya::ledger
