#include "zip_parts.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <zip.h>

#include <atalaya/files/limits.hpp>

#include "readers.hpp"

namespace atalaya::files {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

struct CloseEntry {
  void operator()(zip_file_t* file) const noexcept { zip_fclose(file); }
};

// The directory that ends every archive (APPNOTE 4.3.16) may be followed by a comment.
bool has_directory(std::string_view bytes) {
  constexpr std::size_t kTailBytes = 22 + 65535;
  const std::string_view tail =
      bytes.substr(bytes.size() > kTailBytes ? bytes.size() - kTailBytes : 0);
  return tail.find("PK\x05\x06") != std::string_view::npos;
}

}  // namespace

void ZipParts::Close::operator()(zip* archive) const noexcept {
  zip_discard(archive);
}

Result<ZipParts> ZipParts::open(std::string_view bytes, std::string_view name, ZipLimits limits) {
  if (!has_directory(bytes)) {
    return fail(file_error("truncated", name,
                           "the end of the document is missing; copy or download it again"));
  }
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  if (archive == nullptr) {
    const std::string detail = zip_error_strerror(&error);
    if (source != nullptr) {
      zip_source_free(source);
    }
    zip_error_fini(&error);
    return fail(file_error("malformed", name, "damaged container: " + detail));
  }
  zip_error_fini(&error);
  ZipParts parts(archive, name, limits);
  if (zip_get_num_entries(archive, 0) > static_cast<zip_int64_t>(kZipEntriesMax)) {
    return fail(file_error("bomb", name, fmt::format("more than {} parts", kZipEntriesMax)));
  }
  return parts;
}

bool ZipParts::has(const std::string& part) const {
  return zip_name_locate(archive_.get(), part.c_str(), 0) >= 0;
}

Result<void> ZipParts::stream(const std::string& part,
                              const std::function<bool(std::string_view)>& take) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat(archive_.get(), part.c_str(), 0, &stat) != 0) {
    return fail(file_error("malformed", name_, part + " is missing; this is no whole document"));
  }
  if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
    return fail(file_error("encrypted", name_,
                           "the document is locked by a password; save it "
                           "without one and import that"));
  }
  const std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen(archive_.get(), part.c_str(), 0));
  if (file == nullptr) {
    return fail(file_error("malformed", name_, part + ": " + zip_strerror(archive_.get())));
  }
  std::array<char, kPieceBytes> piece;
  std::uint64_t inflated = 0;
  while (true) {
    const zip_int64_t got = zip_fread(file.get(), piece.data(), piece.size());
    if (got < 0) {
      return fail(
          file_error("malformed", name_, part + " is damaged: " + zip_file_strerror(file.get())));
    }
    if (got == 0) {
      return {};
    }
    const auto size = static_cast<std::uint64_t>(got);
    inflated += size;
    inflated_bytes_ += size;
    const bool ratio = inflated > kInflateRatioFreeBytes &&
                       inflated / limits_.ratio_max > std::max<std::uint64_t>(stat.comp_size, 1);
    if (ratio || inflated_bytes_ > limits_.inflated_bytes_max) {
      return fail(file_error(
          "bomb", name_,
          fmt::format("{} grows from {} to more than {} bytes when unpacked; no document does",
                      part, stat.comp_size, inflated)));
    }
    if (!take(std::string_view(piece.data(), static_cast<std::size_t>(size)))) {
      return {};
    }
  }
}

}  // namespace atalaya::files
