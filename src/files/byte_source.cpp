#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/core.h>

#include <atalaya/files/tables.hpp>

#include "readers.hpp"

// Files are read, not mapped: a mapped file that somebody shortens meanwhile kills the process, and
// reading a megabyte into memory that stays in the cache costs no more than mapping it.

namespace atalaya::files {
namespace {

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Error io_error(int number, const std::string& name) {
  const bool missing = number == ENOENT || number == ENOTDIR;
  const bool denied = number == EACCES || number == EPERM;
  return Error{.code = missing  ? ErrorCode::not_found
                       : denied ? ErrorCode::permission_denied
                                : ErrorCode::unavailable,
               .reason = missing ? "files.not_found" : "files.unreadable",
               .detail = fmt::format("{}: {}", name, std::strerror(number)),
               .params = {{"file", name}}};
}

class FileSource final : public ByteSource {
 public:
  FileSource(int file, std::string name, std::uint64_t total)
      : file_(file), name_(std::move(name)), total_(total) {}

  ~FileSource() override { ::close(file_); }

  Result<std::size_t> read(char* out, std::size_t size) override {
    while (true) {
      const ssize_t got = ::read(file_, out, size);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        Error error = io_error(errno, name_);
        return fail(std::move(error));
      }
      done_ += static_cast<std::uint64_t>(got);
      return static_cast<std::size_t>(got);
    }
  }

  std::uint64_t bytes_done() const noexcept override { return done_; }

  std::uint64_t bytes_total() const noexcept override { return std::max(total_, done_); }

 private:
  int file_;
  std::string name_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}

  Result<std::size_t> read(char* out, std::size_t size) override {
    const std::size_t n = std::min(size, bytes_.size() - done_);
    std::copy_n(bytes_.data() + done_, n, out);
    done_ += n;
    return n;
  }

  std::uint64_t bytes_done() const noexcept override { return done_; }

  std::uint64_t bytes_total() const noexcept override { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t done_ = 0;
};

class Utf16Source final : public ByteSource {
 public:
  Utf16Source(std::unique_ptr<ByteSource> source, std::string_view name, ByteOrder order)
      : source_(std::move(source)), name_(name), order_(order) {}

  Result<std::size_t> read(char* out, std::size_t size) override {
    while (ready_from_ == ready_.size()) {
      const bool more = ATALAYA_TRY(decode_piece());
      if (!more) {
        return std::size_t{0};
      }
    }
    const std::size_t n = std::min(size, ready_.size() - ready_from_);
    std::copy_n(ready_.data() + ready_from_, n, out);
    ready_from_ += n;
    return n;
  }

  std::uint64_t bytes_done() const noexcept override { return source_->bytes_done(); }

  std::uint64_t bytes_total() const noexcept override { return source_->bytes_total(); }

 private:
  // False at the end. Up to three bytes are carried over to the next piece: half a unit, or the
  // first unit of a pair.
  Result<bool> decode_piece() {
    ready_.clear();
    ready_from_ = 0;
    std::array<char, 65536> piece;
    std::copy_n(carried_.data(), carried_size_, piece.data());
    const std::size_t got =
        ATALAYA_TRY(source_->read(piece.data() + carried_size_, piece.size() - carried_size_));
    const std::size_t size = carried_size_ + got;
    if (got == 0) {
      if (carried_size_ != 0) {
        return fail(
            file_error("truncated", name_, "UTF-16 text ends in the middle of a character"));
      }
      return false;
    }
    const auto unit = [&](std::size_t i) {
      const auto a = static_cast<unsigned char>(piece[i]);
      const auto b = static_cast<unsigned char>(piece[i + 1]);
      return order_ == ByteOrder::little ? static_cast<char32_t>(b) << 8U | a
                                         : static_cast<char32_t>(a) << 8U | b;
    };
    std::size_t i = 0;
    for (; i + 1 < size; i += 2) {
      char32_t c = unit(i);
      if (c >= 0xD800 && c < 0xE000) {
        if (i + 3 >= size && c < 0xDC00) {
          break;
        }
        const char32_t low = c < 0xDC00 ? unit(i + 2) : 0;
        if (low < 0xDC00 || low >= 0xE000) {
          return fail(file_error("malformed", name_,
                                 fmt::format("line {}: UTF-16 text with half a character; save the "
                                             "file again as UTF-8",
                                             line_))
                          .with("line", fmt::format("{}", line_)));
        }
        c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
        i += 2;
      }
      line_ += c == '\n' ? 1U : 0U;
      append(c);
    }
    carried_size_ = size - i;
    std::copy_n(piece.data() + i, carried_size_, carried_.data());
    return true;
  }

  void append(char32_t c) {
    const auto byte = [&](char32_t value) {
      ready_ += static_cast<char>(static_cast<unsigned char>(value));
    };
    if (c < 0x80) {
      byte(c);
      return;
    }
    if (c < 0x800) {
      byte(0xC0U | (c >> 6U));
    } else if (c < 0x10000) {
      byte(0xE0U | (c >> 12U));
      byte(0x80U | ((c >> 6U) & 0x3FU));
    } else {
      byte(0xF0U | (c >> 18U));
      byte(0x80U | ((c >> 12U) & 0x3FU));
      byte(0x80U | ((c >> 6U) & 0x3FU));
    }
    byte(0x80U | (c & 0x3FU));
  }

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  ByteOrder order_;
  std::string ready_;
  std::size_t ready_from_ = 0;
  std::array<char, 4> carried_ = {};
  std::size_t carried_size_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

TableFormat detect_table_format(std::string_view head) noexcept {
  using namespace std::string_view_literals;
  if (head.starts_with("\x1F\x8B"sv)) {
    return TableFormat::gzip;
  }
  // A zst file may begin with a skippable frame (RFC 8878, 3.1.2).
  const bool skippable = head.size() >= 4 && head.substr(1, 3) == "\x2A\x4D\x18"sv &&
                         (static_cast<unsigned char>(head[0]) & 0xF0U) == 0x50U;
  if (head.starts_with("\x28\xB5\x2F\xFD"sv) || skippable) {
    return TableFormat::zstd;
  }
  if (head.starts_with("PK\x03\x04"sv) || head.starts_with("PK\x05\x06"sv)) {
    return TableFormat::zip;
  }
  if (head.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv)) {
    return TableFormat::compound;
  }
  if (head.starts_with("PAR1"sv)) {
    return TableFormat::parquet;
  }
  if (head.starts_with("%PDF-"sv)) {
    return TableFormat::pdf;
  }
  std::string_view text = head.starts_with("\xEF\xBB\xBF"sv) ? head.substr(3) : head;
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  text = begin == std::string_view::npos ? std::string_view() : text.substr(begin);
  const auto begins = [&](std::string_view word) {
    return text.size() > word.size() &&
           std::equal(word.begin(), word.end(), text.begin(), [](char w, char c) {
             return w == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
           });
  };
  const bool markup = begins("<!doctype html") || begins("<html") || begins("<table") ||
                      begins("<?xml") || begins("<meta") || begins("<head");
  return markup ? TableFormat::html : TableFormat::text;
}

Result<std::unique_ptr<ByteSource>> open_file_source(const std::string& path) {
  const std::string name = base_name(path);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fail(io_error(errno, name));
  }
  struct stat info = {};
  if (::fstat(file, &info) != 0 || S_ISDIR(info.st_mode)) {
    ::close(file);
    return fail(file_error("not_a_file", name, "this is a folder; name the files in it"));
  }
  ::posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
  std::unique_ptr<ByteSource> source =
      std::make_unique<FileSource>(file, name, static_cast<std::uint64_t>(info.st_size));
  return source;
}

std::unique_ptr<ByteSource> open_memory_source(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

std::unique_ptr<ByteSource> open_utf16_source(std::unique_ptr<ByteSource> source,
                                              std::string_view name, ByteOrder order) {
  return std::make_unique<Utf16Source>(std::move(source), name, order);
}

Result<std::string> read_all(ByteSource& source, std::string_view name, std::uint64_t bytes_max) {
  std::string out;
  std::size_t used = 0;
  while (true) {
    if (out.size() - used < 65536) {
      out.resize(std::max<std::size_t>(out.size() * 2, std::size_t{1} << 20U));
    }
    const std::size_t got = ATALAYA_TRY(source.read(out.data() + used, out.size() - used));
    used += got;
    if (used > bytes_max) {
      return fail(
          Error{.code = ErrorCode::exhausted,
                .reason = "files.too_large",
                .detail = fmt::format("{}: larger than {} bytes; save the sheet as csv, "
                                      "which may have any size",
                                      name, bytes_max),
                .params = {{"file", std::string(name)}, {"limit", fmt::format("{}", bytes_max)}}});
    }
    if (got == 0) {
      out.resize(used);
      return out;
    }
  }
}

std::string windows_1252_to_utf8(std::string_view bytes) {
  return decode_windows_1252(bytes);
}

}  // namespace atalaya::files
