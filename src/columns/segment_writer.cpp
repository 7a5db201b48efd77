// Writes a segment: blocks, their description, and a trailer that a reader finds from the end.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <zstd.h>

#include <atalaya/base/json.hpp>
#include <atalaya/columns/segment.hpp>

#include "segment_format.hpp"
#include "segment_sort.hpp"

namespace atalaya::columns {

namespace {

static_assert(std::endian::native == std::endian::little, "items are stored as they lie in memory");
constexpr int kCompressionLevel = 3;

std::unexpected<Error> bad_input(const std::string& what) {
  return fail(ErrorCode::invalid_argument, "columns.segment.input", what);
}

std::unexpected<Error> io_failed(std::string_view what, const std::string& path) {
  const int reason = errno;
  const bool full = reason == ENOSPC || reason == EDQUOT || reason == EFBIG;
  return fail(full ? ErrorCode::exhausted : ErrorCode::unavailable,
              full ? "columns.segment.disk_full" : "columns.segment.io",
              fmt::format("cannot {} {}: {}", what, path, std::strerror(reason)));
}

/// A file under a name of its own beside the final one, gone again unless it was published.
class PartFile {
 public:
  PartFile() = default;
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  ~PartFile() {
    if (file_ >= 0) {
      ::close(file_);
      ::unlink(name_.c_str());
    }
  }

  Result<void> create(const std::string& path) {
    name_ = path + ".part-XXXXXX";
    file_ = ::mkostemp(name_.data(), O_CLOEXEC);  // mode 0600
    if (file_ < 0) {
      return io_failed("make", name_);
    }
    return {};
  }

  Result<void> append(std::string_view bytes) {
    crc32_ = segment_format::crc32(bytes, crc32_);
    size_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(file_, bytes.data(), bytes.size());
      if (wrote < 0 && errno != EINTR) {
        return io_failed("write", name_);
      }
      bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(wrote, 0)));
    }
    return {};
  }

  /// link() refuses a name that exists, where rename() would replace it. File systems without hard
  /// links get a check and a rename.
  Result<void> publish(const std::string& path) {
    if (::fsync(file_) != 0) {
      return io_failed("sync", name_);
    }
    if (::link(name_.c_str(), path.c_str()) != 0) {
      const bool linkless = errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK;
      if (!linkless || ::access(path.c_str(), F_OK) == 0) {
        return errno == EEXIST || linkless ? exists(path) : io_failed("name", path);
      }
      if (::rename(name_.c_str(), path.c_str()) != 0) {
        return io_failed("name", path);
      }
    }
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const int handle =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = handle >= 0 && ::fsync(handle) == 0;
    if (handle >= 0) {
      ::close(handle);
    }
    if (!synced) {
      return io_failed("sync the folder of", path);
    }
    return {};
  }

  static std::unexpected<Error> exists(const std::string& path) {
    return fail(ErrorCode::conflict, "columns.segment.exists",
                fmt::format("{} exists already, and a segment is never changed", path));
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  [[nodiscard]] std::uint32_t crc32() const noexcept { return crc32_; }

 private:
  std::string name_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  std::uint32_t crc32_ = 0;
};

class BlockWriter {
 public:
  explicit BlockWriter(PartFile& file) : file_(file), context_(ZSTD_createCCtx()) {
    ATALAYA_CHECK(context_ != nullptr);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kCompressionLevel);
    ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
  }

  BlockWriter(const BlockWriter&) = delete;
  BlockWriter& operator=(const BlockWriter&) = delete;

  ~BlockWriter() { ZSTD_freeCCtx(context_); }

  Result<void> write(segment_format::Column& column, const void* raw, std::size_t bytes) {
    packed_.resize(ZSTD_compressBound(bytes));
    const std::size_t size = ZSTD_compress2(context_, packed_.data(), packed_.size(), raw, bytes);
    if (ZSTD_isError(size) != 0) {
      return fail(ErrorCode::internal, "columns.segment.io", ZSTD_getErrorName(size));
    }
    const std::string_view stored(packed_.data(), size);
    column.blocks.push_back({static_cast<std::uint32_t>(size), segment_format::crc32(stored)});
    return file_.append(stored);
  }

  template <class Item>
  Result<void> write_items(segment_format::Column& column, const std::vector<Item>& items) {
    for (std::size_t at = 0; at < items.size(); at += segment_format::kBlockRows) {
      const std::size_t count =
          std::min<std::size_t>(items.size() - at, segment_format::kBlockRows);
      ATALAYA_TRY(write(column, items.data() + at, count * sizeof(Item)));
    }
    return {};
  }

 private:
  PartFile& file_;
  ZSTD_CCtx* context_;
  std::string packed_;
};

Result<segment_format::Column> write_codes(BlockWriter& blocks, const RawColumn& column,
                                           std::uint64_t at) {
  segment_format::Column description{.name = column.name, .at = at};
  description.dictionary = column.values.size();
  std::string lengths;
  std::string texts;
  for (std::uint32_t code = 0; code < column.values.size(); ++code) {
    const std::string_view text = column.values.text(code);
    for (unsigned shift = 0; shift < 32; shift += 8) {
      lengths.push_back(static_cast<char>((text.size() >> shift) & 0xff));
    }
    texts += text;
  }
  const std::string raw = lengths + texts;
  if (raw.size() > 0xffff'ffffULL) {
    return bad_input(fmt::format("the texts of column {} are longer than 4 GiB", column.name));
  }
  description.dictionary_raw = raw.size();
  ATALAYA_TRY(blocks.write(description, raw.data(), raw.size()));
  const auto width_and_items = [&](const auto& items) -> Result<void> {
    description.width = sizeof(items[0]);
    return blocks.write_items(description, items);
  };
  ATALAYA_TRY(std::visit(width_and_items, column.codes));
  return description;
}

template <class Item>
std::vector<Item> above_base(const std::vector<std::int64_t>& values, std::int64_t base) {
  std::vector<Item> items(values.size());
  std::transform(values.begin(), values.end(), items.begin(), [base](std::int64_t value) {
    return static_cast<Item>(static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(base));
  });
  return items;
}

Result<segment_format::Column> write_numbers(BlockWriter& blocks, const std::string& name,
                                             const std::vector<std::int64_t>& values,
                                             std::uint64_t at) {
  segment_format::Column description{.name = name, .codes = false, .at = at};
  std::uint64_t range = 0;
  if (!values.empty()) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    description.base = *low;
    range = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
  }
  const std::int64_t base = description.base;
  if (range <= 0xff) {
    description.width = 1;
    ATALAYA_TRY(blocks.write_items(description, above_base<std::uint8_t>(values, base)));
  } else if (range <= 0xffff) {
    description.width = 2;
    ATALAYA_TRY(blocks.write_items(description, above_base<std::uint16_t>(values, base)));
  } else if (range <= 0xffff'ffff) {
    description.width = 4;
    ATALAYA_TRY(blocks.write_items(description, above_base<std::uint32_t>(values, base)));
  } else {
    description.width = 8;
    ATALAYA_TRY(blocks.write_items(description, above_base<std::uint64_t>(values, base)));
  }
  return description;
}

/// The canonical metadata, or nothing when it is no JSON object.
std::optional<std::string> canonical_metadata(const std::string& text) {
  const auto parsed = parse_json(text, "metadata");
  if (!parsed.has_value() || !parsed->is_object()) {
    return std::nullopt;
  }
  return canonical_json(*parsed);
}

Result<void> check_codes(const RawColumn& column) {
  const bool fits = std::visit(
      [&](const auto& codes) {
        return std::all_of(codes.begin(), codes.end(),
                           [&](auto code) { return code < column.values.size(); });
      },
      column.codes);
  if (!fits) {
    return bad_input(fmt::format("column {} has codes beyond its dictionary", column.name));
  }
  return {};
}

}  // namespace

SegmentWriter::SegmentWriter(int decimals, std::string metadata)
    : decimals_(decimals), metadata_(std::move(metadata)) {}

void SegmentWriter::add(RawColumn column) {
  columns_.push_back(std::move(column));
}

void SegmentWriter::add_values(std::string name, std::vector<std::int64_t> values) {
  values_.push_back({std::move(name), std::move(values)});
}

Result<void> SegmentWriter::check(std::size_t rows) const {
  std::set<std::string_view> names;
  const auto check_one = [&](const std::string& name, std::size_t size) -> Result<void> {
    if (!segment_format::is_column_name(name) || !names.insert(name).second) {
      return bad_input(fmt::format("'{}' cannot be the name of a column, or is one twice", name));
    }
    if (size != rows) {
      return bad_input(fmt::format("column {} has {} rows instead of {}", name, size, rows));
    }
    return {};
  };
  for (const RawColumn& column : columns_) {
    ATALAYA_TRY(check_one(column.name, size(column.codes)));
    ATALAYA_TRY(check_codes(column));
  }
  for (const Values& values : values_) {
    ATALAYA_TRY(check_one(values.name, values.values.size()));
  }
  if (names.size() > kSegmentColumnsMax || rows > kSegmentRowsMax || decimals_ < 0 ||
      decimals_ > kSegmentDecimalsMax) {
    return bad_input("there are too many columns, rows or decimals");
  }
  return {};
}

Result<void> SegmentWriter::arrange(std::size_t& rows, RowOrder order) {
  for (RawColumn& column : columns_) {
    canonicalise(column);
  }
  if (order == RowOrder::as_given) {
    return {};
  }
  std::vector<std::uint32_t> sorted = sorted_order(columns_, rows);
  std::vector<std::uint32_t> kept = sorted;
  std::vector<std::uint32_t> starts;
  if (order == RowOrder::merged) {
    starts = run_starts(columns_, sorted);
    kept.resize(starts.size());
    std::transform(starts.begin(), starts.end(), kept.begin(),
                   [&](std::uint32_t start) { return sorted[start]; });
  }
  for (RawColumn& column : columns_) {
    column.codes = pick(column.codes, kept);
  }
  for (Values& values : values_) {
    if (order == RowOrder::merged) {
      values.values = ATALAYA_TRY(add_runs(values.values, sorted, starts));
    } else {
      std::vector<std::int64_t> moved(kept.size());
      std::transform(kept.begin(), kept.end(), moved.begin(),
                     [&](std::uint32_t row) { return values.values[row]; });
      values.values = std::move(moved);
    }
  }
  rows = kept.size();
  return {};
}

Result<void> SegmentWriter::write(const std::string& path, RowOrder order) && {
  if (::access(path.c_str(), F_OK) == 0) {
    return PartFile::exists(path);
  }
  std::size_t rows = !columns_.empty()  ? size(columns_.front().codes)
                     : !values_.empty() ? values_.front().values.size()
                                        : 0;
  ATALAYA_TRY(check(rows));
  const auto metadata = canonical_metadata(metadata_);
  if (!metadata) {
    return bad_input("the metadata are no JSON object");
  }
  ATALAYA_TRY(arrange(rows, order));
  segment_format::Description description{
      .rows = rows, .decimals = decimals_, .metadata = *metadata, .columns = {}};
  PartFile file;
  ATALAYA_TRY(file.create(path));
  ATALAYA_TRY(file.append(segment_format::kMagic));
  BlockWriter blocks(file);
  for (const RawColumn& column : columns_) {
    auto described = ATALAYA_TRY(write_codes(blocks, column, file.size()));
    description.columns.push_back(std::move(described));
  }
  for (const Values& values : values_) {
    auto described = ATALAYA_TRY(write_numbers(blocks, values.name, values.values, file.size()));
    description.columns.push_back(std::move(described));
  }
  const std::string text = segment_format::write_description(description);
  segment_format::Trailer trailer{.description_at = file.size(),
                                  .description_bytes = static_cast<std::uint32_t>(text.size()),
                                  .description_crc32 = segment_format::crc32(text)};
  ATALAYA_TRY(file.append(text));
  trailer.file_crc32 = file.crc32();
  ATALAYA_TRY(file.append(segment_format::write_trailer(trailer)));
  return file.publish(path);
}

}  // namespace atalaya::columns
