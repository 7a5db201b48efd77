// "ATALAYA-BACKUP 2\n", one line of JSON {"parts":[{"name":…,"size":…}]}, its SHA-256, then one zstd frame with
// its checksum over the parts' bytes in that order. Nothing follows the frame.
#include "backup_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

namespace atalaya::app {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMagic = "ATALAYA-BACKUP 2\n";
constexpr std::size_t kDigestCharacters = 65;  // 64 and one too many
constexpr std::size_t kHeaderBytesMax = std::size_t{16} << 20U;  // a line for every segment
constexpr std::size_t kPieceBytes = 1U << 17U;
const std::set<std::string, std::less<>> kNames{"node.toml", "keys/node.key", "store.db"};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};

struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

File open_private(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  return File(fd < 0 ? nullptr : ::fdopen(fd, "wb"));
}

std::unexpected<Error> write_error(const fs::path& path) {
  return fail(Error{ErrorCode::unavailable,
                    "app.backup.write",
                    fmt::format("{} could not be written; is the folder there, is the disk full?",
                                path.string()),
                    {{"file", path.string()}}});
}

std::unexpected<Error> unpack_error(const fs::path& path) {
  return fail(Error{ErrorCode::unavailable,
                    "app.restore.write",
                    fmt::format("{} could not be written; is the disk full?", path.string()),
                    {{"file", path.string()}}});
}

std::unexpected<Error> malformed(const fs::path& path) {
  return fail(Error{ErrorCode::invalid_argument,
                    "app.backup.malformed",
                    fmt::format("{} is not a backup that `atalaya backup` wrote", path.string()),
                    {{"file", path.string()}}});
}

std::unexpected<Error> damaged(const fs::path& path) {
  return fail(Error{ErrorCode::data_loss,
                    "app.backup.damaged",
                    fmt::format("{} is damaged or cut; use another backup", path.string()),
                    {{"file", path.string()}}});
}

bool sync_and_close(File file) {
  std::FILE* raw = file.release();
  const bool flushed = std::fflush(raw) == 0 && ::fsync(::fileno(raw)) == 0;
  return std::fclose(raw) == 0 && flushed;
}

// Compresses the file's bytes; at the end of the last part the frame is ended.
Result<void> compress_file(const fs::path& path, bool last, ZSTD_CCtx* context, std::FILE* out) {
  const File in(std::fopen(path.c_str(), "rbe"));
  if (in == nullptr) {
    return write_error(path);
  }
  std::string piece(kPieceBytes, '\0');
  std::string packed(ZSTD_CStreamOutSize(), '\0');
  while (true) {
    const std::size_t n = std::fread(piece.data(), 1, piece.size(), in.get());
    const bool end = n < piece.size();
    const auto mode = end && last ? ZSTD_e_end : ZSTD_e_continue;
    ZSTD_inBuffer input{piece.data(), n, 0};
    while (true) {
      ZSTD_outBuffer output{packed.data(), packed.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context, &output, &input, mode);
      if (ZSTD_isError(left) != 0 ||
          std::fwrite(packed.data(), 1, output.pos, out) != output.pos) {
        return write_error(path);
      }
      if (mode == ZSTD_e_end ? left == 0 : input.pos == input.size) {
        break;
      }
    }
    if (end) {
      return {};
    }
  }
}

struct Header {
  std::vector<std::pair<std::string, std::uint64_t>> parts;
};

// The fixed names, and "facts/" with a plain file name that ends in ".seg".
bool is_part(std::string_view name) {
  constexpr std::string_view kFolder = "facts/";
  constexpr std::string_view kSuffix = ".seg";
  if (!name.starts_with(kFolder)) {
    return kNames.contains(name);
  }
  name.remove_prefix(kFolder.size());
  return name.size() > kSuffix.size() && name.ends_with(kSuffix) &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-.") ==
             std::string_view::npos &&
         name.front() != '.';
}

// Up to the end of the line; nothing where it is longer than `bytes_max` or the file ends in it.
std::optional<std::string> read_line(std::FILE* in, std::size_t bytes_max) {
  std::string line;
  for (int c = std::fgetc(in); c != '\n'; c = std::fgetc(in)) {
    if (c == EOF || line.size() >= bytes_max) {
      return std::nullopt;
    }
    line += static_cast<char>(c);
  }
  return line;
}

Result<Header> read_header(std::FILE* in, const fs::path& path) {
  std::string magic(kMagic.size(), '\0');
  if (std::fread(magic.data(), 1, magic.size(), in) != magic.size() || magic != kMagic) {
    return malformed(path);
  }
  const auto list = read_line(in, kHeaderBytesMax);
  const auto digest = read_line(in, kDigestCharacters);
  if (!list || !digest) {
    return malformed(path);
  }
  const std::string& line = *list;
  // A flipped letter of a name would else restore a node that lacks a segment.
  if (to_hex(crypto::sha256(line)) != *digest) {
    return damaged(path);
  }
  const auto parsed = parse_json(line, "backup header");
  Header header;
  try {
    if (!parsed) {
      return malformed(path);
    }
    for (const auto& part : parsed->as_object().at("parts").as_array()) {
      const auto& object = part.as_object();
      header.parts.emplace_back(json::value_to<std::string>(object.at("name")),
                                object.at("size").to_number<std::uint64_t>());
      // Only names that we write: a path from outside never leaves the folder.
      if (!is_part(header.parts.back().first)) {
        return malformed(path);
      }
    }
  } catch (const std::exception&) {
    return malformed(path);
  }
  return header;
}

// Hands out the decompressed bytes in order.
class Unpacker {
 public:
  Unpacker(std::FILE* in) : in_(in), context_(ZSTD_createDCtx()), piece_(kPieceBytes, '\0') {}

  enum class Copied { all, damaged, not_written };

  // Exactly `size` bytes into `out`.
  Copied copy(std::uint64_t size, std::FILE* out) {
    std::string bytes(kPieceBytes, '\0');
    while (size > 0) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(size, bytes.size()));
      ZSTD_outBuffer output{bytes.data(), want, 0};
      if (!pull(output)) {
        return Copied::damaged;
      }
      if (std::fwrite(bytes.data(), 1, output.pos, out) != output.pos) {
        return Copied::not_written;
      }
      size -= output.pos;
    }
    return Copied::all;
  }

  // The checksum was checked and nothing follows.
  bool at_end() {
    char extra = 0;
    ZSTD_outBuffer output{&extra, 1, 0};
    while (!ended_) {
      if (!pull(output) && !ended_) {
        return false;
      }
      if (output.pos > 0) {
        return false;
      }
    }
    return input_.pos == input_.size && std::fgetc(in_) == EOF;
  }

 private:
  bool pull(ZSTD_outBuffer& output) {
    while (output.pos == 0 && !ended_) {
      if (input_.pos == input_.size) {
        input_ = {piece_.data(), std::fread(piece_.data(), 1, piece_.size(), in_), 0};
        if (input_.size == 0) {
          return false;
        }
      }
      const std::size_t left = ZSTD_decompressStream(context_.get(), &output, &input_);
      if (ZSTD_isError(left) != 0) {
        return false;
      }
      ended_ = left == 0;
    }
    return output.pos > 0;
  }

  std::FILE* in_;
  std::unique_ptr<ZSTD_DCtx, FreeDecompressor> context_;
  std::string piece_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool ended_ = false;
};

}  // namespace

Result<void> write_backup(const fs::path& target, const std::vector<BackupPart>& parts) {
  std::error_code error;
  if (fs::exists(target, error)) {
    return fail(Error{ErrorCode::conflict,
                      "app.backup.exists",
                      fmt::format("{} exists; backups never overwrite one another",
                                  target.string()),
                      {{"file", target.string()}}});
  }
  const fs::path partial = target.string() + ".partial";
  fs::remove(partial, error);
  File out = open_private(partial);
  if (out == nullptr) {
    return write_error(target);
  }
  json::array rows;
  for (const auto& part : parts) {
    const auto size = fs::file_size(part.file, error);
    rows.push_back(json::object{{"name", part.name}, {"size", error ? 0 : size}});
  }
  const std::string list = json::serialize(json::object{{"parts", std::move(rows)}});
  const std::string header =
      fmt::format("{}{}\n{}\n", kMagic, list, to_hex(crypto::sha256(list)));
  const std::unique_ptr<ZSTD_CCtx, FreeCompressor> context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  Result<void> result;
  if (std::fwrite(header.data(), 1, header.size(), out.get()) != header.size()) {
    result = write_error(target);
  }
  for (std::size_t i = 0; i < parts.size() && result; ++i) {
    result = compress_file(parts[i].file, i + 1 == parts.size(), context.get(), out.get());
  }
  if (result && (!sync_and_close(std::move(out)) ||
                 std::rename(partial.c_str(), target.c_str()) != 0)) {
    result = write_error(target);
  }
  if (!result) {
    fs::remove(partial, error);
  }
  return result;
}

Result<std::vector<std::string>> read_backup(const fs::path& source, const fs::path& into) {
  const File in(std::fopen(source.c_str(), "rbe"));
  if (in == nullptr) {
    return fail(Error{ErrorCode::not_found,
                      "app.backup.missing",
                      fmt::format("{} cannot be read", source.string()),
                      {{"file", source.string()}}});
  }
  const Header header = ATALAYA_TRY(read_header(in.get(), source));
  Unpacker unpacker(in.get());
  std::vector<std::string> names;
  for (const auto& [name, size] : header.parts) {
    const fs::path path = into / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    File out = open_private(path);
    if (out == nullptr) {
      return unpack_error(path);
    }
    const auto copied = unpacker.copy(size, out.get());
    if (copied == Unpacker::Copied::damaged) {
      return damaged(source);
    }
    if (copied == Unpacker::Copied::not_written || !sync_and_close(std::move(out))) {
      return unpack_error(path);
    }
    names.push_back(name);
  }
  if (!unpacker.at_end()) {
    return damaged(source);
  }
  return names;
}

}  // namespace atalaya::app
