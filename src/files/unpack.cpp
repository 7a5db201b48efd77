#include <algorithm>
#include <vector>

#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include <atalaya/files/tables.hpp>

#include "readers.hpp"

// gz (RFC 1952) and zst (RFC 8878), streamed. A bomb costs time at most: nothing here holds more
// than a window, and the counts stop it.

namespace atalaya::files {
namespace {

constexpr std::size_t kPackedBytes = 256 * 1024;
constexpr std::uint64_t kRatioFreeBytes = std::uint64_t{64} << 20U;
constexpr int kLayersMax = 3;
// Frames that ask for more than 128 MiB of window are no export of an office.
constexpr int kWindowLogMax = 27;

// Bytes that were looked at, and then the rest.
class AgainSource final : public ByteSource {
 public:
  AgainSource(std::string head, std::unique_ptr<ByteSource> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}

  Result<std::size_t> read(char* out, std::size_t size) override {
    if (from_ == head_.size()) {
      return rest_->read(out, size);
    }
    const std::size_t n = std::min(size, head_.size() - from_);
    std::copy_n(head_.data() + from_, n, out);
    from_ += n;
    return n;
  }

  std::uint64_t bytes_done() const noexcept override { return rest_->bytes_done(); }

  std::uint64_t bytes_total() const noexcept override { return rest_->bytes_total(); }

 private:
  std::string head_;
  std::size_t from_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

class PackedSource : public ByteSource {
 public:
  PackedSource(std::unique_ptr<ByteSource> source, std::string_view name, const TableLimits& limits)
      : source_(std::move(source)), name_(name), limits_(limits), packed_(kPackedBytes) {}

  std::uint64_t bytes_done() const noexcept override { return source_->bytes_done(); }

  std::uint64_t bytes_total() const noexcept override { return source_->bytes_total(); }

 protected:
  // False at the end of the packed bytes.
  Result<bool> refill() {
    from_ = 0;
    to_ = ATALAYA_TRY(source_->read(packed_.data(), packed_.size()));
    packed_bytes_ += to_;
    return to_ != 0;
  }

  Result<void> count(std::size_t unpacked) {
    unpacked_bytes_ += unpacked;
    const bool ratio = unpacked_bytes_ > kRatioFreeBytes &&
                       unpacked_bytes_ / limits_.unpack_ratio_max > packed_bytes_;
    if (ratio || unpacked_bytes_ > limits_.unpacked_bytes_max) {
      return fail(file_error("bomb", name_,
                             fmt::format("{} packed bytes grow to more than {}; no table does. If "
                                         "it is one, unpack it yourself and load that",
                                         packed_bytes_, unpacked_bytes_)));
    }
    return {};
  }

  std::unexpected<Error> cut_short() const {
    return fail(file_error("truncated", name_,
                           "the packed file ends in the middle; copy or download it again"));
  }

  std::unexpected<Error> damaged(std::string_view why) const {
    return fail(
        file_error("malformed", name_,
                   fmt::format("the packed file is damaged ({}); copy or download it again", why)));
  }

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  TableLimits limits_;
  std::vector<char> packed_;
  std::size_t from_ = 0;
  std::size_t to_ = 0;
  std::uint64_t packed_bytes_ = 0;
  std::uint64_t unpacked_bytes_ = 0;
};

class GzipSource final : public PackedSource {
 public:
  using PackedSource::PackedSource;

  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;

  ~GzipSource() override {
    if (open_) {
      ::inflateEnd(&stream_);
    }
  }

  Result<std::size_t> read(char* out, std::size_t size) override {
    size = std::min<std::size_t>(size, std::size_t{1} << 30U);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(size);
    while (!done_ && stream_.avail_out == size) {
      if (from_ == to_) {
        const bool more = ATALAYA_TRY(refill());
        if (!more) {
          if (in_member_) {
            return cut_short();
          }
          done_ = true;
          break;
        }
      }
      ATALAYA_TRY(step());
    }
    const std::size_t got = size - stream_.avail_out;
    ATALAYA_TRY(count(got));
    return got;
  }

 private:
  Result<void> step() {
    if (!in_member_) {
      // After the last member some programs pad with zeros (gzip(1) ignores them as well).
      if (members_ > 0 && packed_[from_] == '\0') {
        ++from_;
        return {};
      }
      const int ready = open_ ? ::inflateReset(&stream_) : ::inflateInit2(&stream_, 15 + 16);
      if (ready != Z_OK) {
        return fail(ErrorCode::unavailable, "files.no_memory", "zlib could not start");
      }
      open_ = true;
      in_member_ = true;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(packed_.data() + from_);
    stream_.avail_in = static_cast<uInt>(to_ - from_);
    const int state = ::inflate(&stream_, Z_NO_FLUSH);
    from_ = to_ - stream_.avail_in;
    if (state == Z_STREAM_END) {
      in_member_ = false;
      ++members_;
      return {};
    }
    if (state != Z_OK && state != Z_BUF_ERROR) {
      return damaged(stream_.msg == nullptr ? "gzip" : stream_.msg);
    }
    return {};
  }

  z_stream stream_ = {};
  bool open_ = false;
  bool in_member_ = false;
  bool done_ = false;
  std::uint64_t members_ = 0;
};

class ZstdSource final : public PackedSource {
 public:
  ZstdSource(std::unique_ptr<ByteSource> source, std::string_view name, const TableLimits& limits)
      : PackedSource(std::move(source), name, limits), stream_(::ZSTD_createDStream()) {
    ::ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kWindowLogMax);
  }

  Result<std::size_t> read(char* out, std::size_t size) override {
    ZSTD_outBuffer into = {.dst = out, .size = size, .pos = 0};
    while (into.pos == 0) {
      if (from_ == to_ && !holding_back_) {
        const bool more = ATALAYA_TRY(refill());
        if (!more) {
          if (in_frame_) {
            return cut_short();
          }
          break;
        }
      }
      ZSTD_inBuffer from = {.src = packed_.data(), .size = to_, .pos = from_};
      const std::size_t state = ::ZSTD_decompressStream(stream_.get(), &into, &from);
      from_ = from.pos;
      if (::ZSTD_isError(state) != 0) {
        return damaged(::ZSTD_getErrorName(state));
      }
      in_frame_ = state != 0;
      // A full output may hide more that needs no further input.
      holding_back_ = in_frame_ && into.pos == into.size;
    }
    ATALAYA_TRY(count(into.pos));
    return into.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const noexcept { ::ZSTD_freeDStream(stream); }
  };

  std::unique_ptr<ZSTD_DStream, Free> stream_;
  bool in_frame_ = false;
  bool holding_back_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> unpack(std::unique_ptr<ByteSource> source,
                                           std::string_view name, const TableLimits& limits) {
  for (int layer = 0; layer <= kLayersMax; ++layer) {
    std::string head(64, '\0');
    std::size_t used = 0;
    while (used < head.size()) {
      const std::size_t got = ATALAYA_TRY(source->read(head.data() + used, head.size() - used));
      if (got == 0) {
        break;
      }
      used += got;
    }
    head.resize(used);
    const TableFormat format = detect_table_format(head);
    source = std::make_unique<AgainSource>(std::move(head), std::move(source));
    if (format == TableFormat::gzip) {
      source = std::make_unique<GzipSource>(std::move(source), name, limits);
    } else if (format == TableFormat::zstd) {
      source = std::make_unique<ZstdSource>(std::move(source), name, limits);
    } else {
      return source;
    }
  }
  return fail(file_error("bomb", name, "packed more than three times; unpack it yourself"));
}

}  // namespace atalaya::files
