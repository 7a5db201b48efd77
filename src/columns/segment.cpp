// Reads a segment. Everything that the file says about itself is checked before it is used: the
// trailer and the description when it is opened, a column's blocks when the column is loaded.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <zstd.h>

#include <atalaya/columns/segment.hpp>

#include "segment_format.hpp"

namespace atalaya::columns {

namespace format = segment_format;

namespace {

/// Reads by place, never by mapping: a file that is cut while it is read is an error here, and
/// would be a signal there.
class File {
 public:
  File() = default;

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  ~File() {
    if (handle_ >= 0) {
      ::close(handle_);
    }
  }

  Result<void> open(const std::string& path) {
    handle_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status = {};
    if (handle_ < 0 || ::fstat(handle_, &status) != 0) {
      const int reason = errno;
      const bool missing = reason == ENOENT;
      return fail(missing ? ErrorCode::not_found : ErrorCode::unavailable,
                  missing ? "columns.segment.not_found" : "columns.segment.io",
                  fmt::format("cannot open {}: {}", path, std::strerror(reason)));
    }
    if (!S_ISREG(status.st_mode)) {
      return format::damaged("it is no regular file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
    return {};
  }

  /// The caller has checked that the bytes lie within size().
  Result<std::string> read(std::uint64_t at, std::uint64_t bytes) const {
    std::string out(bytes, '\0');
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t got =
          ::pread(handle_, out.data() + done, out.size() - done, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return fail(ErrorCode::unavailable, "columns.segment.io",
                    fmt::format("cannot read: {}", std::strerror(errno)));
      }
      if (got == 0) {
        return format::damaged("it became shorter while it was read");
      }
      done += static_cast<std::size_t>(got);
    }
    return out;
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  int handle_ = -1;
  std::uint64_t size_ = 0;
};

class Unpacker {
 public:
  Unpacker() : context_(ZSTD_createDCtx()) { ATALAYA_CHECK(context_ != nullptr); }

  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  ~Unpacker() { ZSTD_freeDCtx(context_); }

  /// `stored` must unpack to exactly `bytes` bytes.
  Result<void> unpack(std::string_view stored, const format::Block& block, void* to,
                      std::size_t bytes) {
    if (format::crc32(stored) != block.crc32) {
      return format::damaged("the checksum of a block is wrong");
    }
    const std::size_t got = ZSTD_decompressDCtx(context_, to, bytes, stored.data(), stored.size());
    if (ZSTD_isError(got) != 0 || got != bytes) {
      return format::damaged("a block does not unpack to the rows that it should hold");
    }
    return {};
  }

 private:
  ZSTD_DCtx* context_;
};

/// Unpacks block by block and grows as it goes, so that a description that speaks of rows that are
/// not there costs no memory.
template <class Item>
Result<std::vector<Item>> unpack_items(std::string_view stored, const format::Column& column,
                                       std::uint64_t rows) {
  Unpacker unpacker;
  std::vector<Item> items;
  items.reserve(std::min<std::uint64_t>(rows, stored.size() * 64));
  std::size_t at = 0;
  for (std::size_t i = column.codes ? 1 : 0; i < column.blocks.size(); ++i) {
    const std::size_t done = items.size();
    const std::size_t count = std::min<std::uint64_t>(rows - done, format::kBlockRows);
    items.resize(done + count);
    ATALAYA_TRY(unpacker.unpack(stored.substr(at, column.blocks[i].bytes), column.blocks[i],
                                items.data() + done, count * sizeof(Item)));
    at += column.blocks[i].bytes;
  }
  return items;
}

/// One block of a column; `block` counts from its first rows.
template <class Item>
Result<std::vector<Item>> unpack_block(std::string_view stored, const format::Block& block,
                                       std::size_t rows) {
  Unpacker unpacker;
  std::vector<Item> items(rows);
  ATALAYA_TRY(unpacker.unpack(stored, block, items.data(), rows * sizeof(Item)));
  return items;
}

template <class Item>
Result<Codes> unpack_codes(std::string_view stored, const format::Column& column,
                           std::uint64_t rows) {
  auto items = ATALAYA_TRY(unpack_items<Item>(stored, column, rows));
  if (!items.empty() && *std::max_element(items.begin(), items.end()) >= column.dictionary) {
    return format::damaged("a code stands for no text");
  }
  return Codes(std::move(items));
}

template <class Item>
Result<std::vector<std::int64_t>> unpack_values(std::string_view stored,
                                                const format::Column& column, std::uint64_t rows) {
  const auto items = ATALAYA_TRY(unpack_items<Item>(stored, column, rows));
  std::vector<std::int64_t> values(items.size());
  const auto base = static_cast<std::uint64_t>(column.base);
  std::transform(items.begin(), items.end(), values.begin(),
                 [base](Item item) { return static_cast<std::int64_t>(base + item); });
  return values;
}

/// Of the unpacked dictionary: lengths of 32 bits, then the texts, ascending.
Result<Dictionary> read_dictionary(std::string_view raw, std::uint64_t entries) {
  Dictionary dictionary;
  std::size_t at = entries * 4;
  for (std::size_t i = 0; i < entries; ++i) {
    std::uint32_t length = 0;
    std::memcpy(&length, raw.data() + i * 4, sizeof length);
    if (length > raw.size() - at) {
      return format::damaged("a text reaches beyond its dictionary");
    }
    const std::string_view text = raw.substr(at, length);
    at += length;
    if (i > 0 && dictionary.text(static_cast<std::uint32_t>(i - 1)) >= text) {
      return format::damaged("the texts of a dictionary are not in order, or one is there twice");
    }
    dictionary.append(text);
  }
  if (at != raw.size()) {
    return format::damaged("a dictionary is longer than its texts");
  }
  return dictionary;
}

Result<Dictionary> unpack_dictionary(std::string_view stored, const format::Column& column) {
  // zstd packs at most some 1:30,000; what claims more is damaged, and gets no memory.
  constexpr std::uint64_t kRatioMax = 40'000;
  if (column.dictionary_raw > stored.size() * kRatioMax) {
    return format::damaged("a dictionary cannot be as long as described");
  }
  std::string raw(column.dictionary_raw, '\0');
  Unpacker unpacker;
  ATALAYA_TRY(unpacker.unpack(stored, column.blocks.front(), raw.data(), raw.size()));
  return read_dictionary(raw, column.dictionary);
}

}  // namespace

struct Segment::State {
  std::string path;
  File file;
  format::Description description;
  std::vector<SegmentColumn> columns;

  Result<void> open() {
    ATALAYA_TRY(file.open(path));
    if (file.size() < format::kMagic.size() + format::kTrailerBytes) {
      return format::damaged("it is too short for a segment");
    }
    const std::string head = ATALAYA_TRY(file.read(0, format::kMagic.size()));
    if (head != format::kMagic) {
      return format::damaged("it does not begin as a segment does");
    }
    const std::uint64_t end = file.size() - format::kTrailerBytes;
    const std::string tail = ATALAYA_TRY(file.read(end, format::kTrailerBytes));
    const format::Trailer trailer = ATALAYA_TRY(format::read_trailer(tail));
    if (trailer.description_at < format::kMagic.size() || trailer.description_at > end ||
        end - trailer.description_at != trailer.description_bytes) {
      return format::damaged("its parts do not follow one another");
    }
    const std::string text =
        ATALAYA_TRY(file.read(trailer.description_at, trailer.description_bytes));
    if (format::crc32(text) != trailer.description_crc32) {
      return format::damaged("the checksum of its description is wrong");
    }
    description = ATALAYA_TRY(format::read_description(text, trailer.description_at));
    for (const format::Column& column : description.columns) {
      columns.push_back(
          {.name = column.name,
           .kind = column.codes ? SegmentColumn::Kind::codes : SegmentColumn::Kind::values,
           .distinct = static_cast<std::size_t>(column.dictionary)});
    }
    return {};
  }

  Result<const format::Column*> find(std::string_view name, bool codes) const {
    for (const format::Column& column : description.columns) {
      if (column.name == name && column.codes == codes) {
        return &column;
      }
    }
    return fail(Error{.code = ErrorCode::not_found,
                      .reason = "columns.segment.no_column",
                      .detail = fmt::format("{} has no column {}", path, name),
                      .params = {{"name", std::string(name)}}});
  }

  Result<Dictionary> dictionary(const format::Column& column) const {
    const std::string stored = ATALAYA_TRY(file.read(column.at, column.blocks.front().bytes));
    return unpack_dictionary(stored, column);
  }

  Result<RawColumn> codes(const format::Column& column) const {
    const std::string stored = ATALAYA_TRY(file.read(column.at, column.stored_bytes()));
    const std::string_view items = std::string_view(stored).substr(column.blocks.front().bytes);
    RawColumn result;
    result.name = column.name;
    result.values = ATALAYA_TRY(
        unpack_dictionary(std::string_view(stored).substr(0, column.blocks.front().bytes), column));
    result.codes = ATALAYA_TRY(
        column.width == 1   ? unpack_codes<std::uint8_t>(items, column, description.rows)
        : column.width == 2 ? unpack_codes<std::uint16_t>(items, column, description.rows)
                            : unpack_codes<std::uint32_t>(items, column, description.rows));
    return result;
  }

  Result<std::vector<std::int64_t>> values(const format::Column& column) const {
    const std::string stored = ATALAYA_TRY(file.read(column.at, column.stored_bytes()));
    switch (column.width) {
      case 1:
        return unpack_values<std::uint8_t>(stored, column, description.rows);
      case 2:
        return unpack_values<std::uint16_t>(stored, column, description.rows);
      case 4:
        return unpack_values<std::uint32_t>(stored, column, description.rows);
      default:
        return unpack_values<std::uint64_t>(stored, column, description.rows);
    }
  }

  template <class Item, class Out>
  Result<std::vector<Out>> block(const format::Column& column, std::uint64_t number) const {
    const std::size_t first = column.codes ? 1 : 0;
    if (number >= column.blocks.size() - std::min(first, column.blocks.size())) {
      return std::vector<Out>();
    }
    const std::size_t place = first + number;
    std::uint64_t at = column.at;
    for (std::size_t i = 0; i < place; ++i) {
      at += column.blocks[i].bytes;
    }
    const std::uint64_t rows =
        std::min(description.rows - number * format::kBlockRows, std::uint64_t{format::kBlockRows});
    const std::string stored = ATALAYA_TRY(file.read(at, column.blocks[place].bytes));
    const auto items = ATALAYA_TRY(unpack_block<Item>(stored, column.blocks[place], rows));
    std::vector<Out> out(items.size());
    const auto base = static_cast<std::uint64_t>(column.codes ? 0 : column.base);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (column.codes && items[i] >= column.dictionary) {
        return format::damaged("a code stands for no text");
      }
      out[i] = static_cast<Out>(base + items[i]);
    }
    return out;
  }

  template <class Out>
  Result<std::vector<Out>> block_of(const format::Column& column, std::uint64_t number) const {
    switch (column.width) {
      case 1:
        return block<std::uint8_t, Out>(column, number);
      case 2:
        return block<std::uint16_t, Out>(column, number);
      case 4:
        return block<std::uint32_t, Out>(column, number);
      default:
        return block<std::uint64_t, Out>(column, number);
    }
  }

  Result<void> verify() const {
    constexpr std::uint64_t kChunkBytes = 1 << 20;
    const std::uint64_t end = file.size() - format::kTrailerBytes;
    std::uint32_t crc32 = 0;
    for (std::uint64_t at = 0; at < end; at += kChunkBytes) {
      const std::string bytes = ATALAYA_TRY(file.read(at, std::min(kChunkBytes, end - at)));
      crc32 = format::crc32(bytes, crc32);
    }
    const std::string tail = ATALAYA_TRY(file.read(end, format::kTrailerBytes));
    const format::Trailer trailer = ATALAYA_TRY(format::read_trailer(tail));
    if (crc32 != trailer.file_crc32) {
      return format::damaged("the checksum of the file is wrong");
    }
    for (const format::Column& column : description.columns) {
      if (column.codes) {
        ATALAYA_TRY(codes(column));
      } else {
        ATALAYA_TRY(values(column));
      }
    }
    return {};
  }

  /// Names the file in errors about its bytes.
  template <class T>
  Result<T> named(Result<T> result) const {
    if (!result.has_value() && result.error().reason == "columns.segment.damaged") {
      Error error = std::move(result).error();
      const std::string what = error.detail;
      error = std::move(error)
                  .with("file", std::filesystem::path(path).filename().string())
                  .with("what", what);
      return fail(std::move(error).in(path + " is damaged"));
    }
    return result;
  }
};

Segment::Segment(std::unique_ptr<State> state) : state_(std::move(state)) {}

Segment::Segment(Segment&&) noexcept = default;
Segment& Segment::operator=(Segment&&) noexcept = default;
Segment::~Segment() = default;

Result<Segment> Segment::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  ATALAYA_TRY(state->named(state->open()));
  return Segment(std::move(state));
}

std::uint64_t Segment::rows() const noexcept {
  return state_->description.rows;
}

int Segment::decimals() const noexcept {
  return state_->description.decimals;
}

const std::string& Segment::metadata() const noexcept {
  return state_->description.metadata;
}

const std::vector<SegmentColumn>& Segment::columns() const noexcept {
  return state_->columns;
}

bool Segment::has(std::string_view name) const noexcept {
  return std::any_of(state_->columns.begin(), state_->columns.end(),
                     [name](const SegmentColumn& column) { return column.name == name; });
}

Result<Dictionary> Segment::load_dictionary(std::string_view name) const {
  const format::Column* column = ATALAYA_TRY(state_->find(name, true));
  return state_->named(state_->dictionary(*column));
}

Result<RawColumn> Segment::load(std::string_view name) const {
  const format::Column* column = ATALAYA_TRY(state_->find(name, true));
  return state_->named(state_->codes(*column));
}

Result<std::vector<std::int64_t>> Segment::load_values(std::string_view name) const {
  const format::Column* column = ATALAYA_TRY(state_->find(name, false));
  return state_->named(state_->values(*column));
}

Result<std::vector<std::uint32_t>> Segment::load_codes(std::string_view name,
                                                       std::uint64_t block) const {
  const format::Column* column = ATALAYA_TRY(state_->find(name, true));
  return state_->named(state_->block_of<std::uint32_t>(*column, block));
}

Result<std::vector<std::int64_t>> Segment::load_values(std::string_view name,
                                                       std::uint64_t block) const {
  const format::Column* column = ATALAYA_TRY(state_->find(name, false));
  return state_->named(state_->block_of<std::int64_t>(*column, block));
}

Result<void> Segment::verify() const {
  return state_->named(state_->verify());
}

}  // namespace atalaya::columns
