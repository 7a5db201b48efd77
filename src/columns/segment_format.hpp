#pragma once
// The bytes of docs/formats/segment.md: description and trailer, read and written.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::columns::segment_format {

inline constexpr std::string_view kMagic = "ATALSEG1";
inline constexpr std::string_view kEndMagic = "ATALSEGE";
inline constexpr std::size_t kTrailerBytes = 32;
inline constexpr std::uint32_t kBlockRows = 65536;

/// A zstd frame.
struct Block {
  std::uint32_t bytes = 0;  // as stored
  std::uint32_t crc32 = 0;  // of the stored bytes
};

struct Column {
  std::string name;
  bool codes = true;
  std::uint32_t width = 1;           // bytes of one item: 1, 2, 4; values also 8
  std::int64_t base = 0;             // values: what is added to the unsigned item
  std::uint64_t at = 0;              // where the first block begins
  std::uint64_t dictionary = 0;      // codes: entries
  std::uint64_t dictionary_raw = 0;  // codes: bytes of the unpacked dictionary
  std::vector<Block> blocks{};       // codes: the dictionary, then items; values: items
  [[nodiscard]] std::uint64_t stored_bytes() const noexcept;
};

struct Description {
  std::uint64_t rows = 0;
  int decimals = 0;
  std::string metadata = "{}";
  std::vector<Column> columns;
};

struct Trailer {
  std::uint64_t description_at = 0;
  std::uint32_t description_bytes = 0;
  std::uint32_t description_crc32 = 0;
  std::uint32_t file_crc32 = 0;  // of everything before the trailer
};

[[nodiscard]] std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0) noexcept;

[[nodiscard]] std::string write_trailer(const Trailer& trailer);
/// `bytes` are the last 32 of the file. An error is a sentence for `what`.
[[nodiscard]] Result<Trailer> read_trailer(std::string_view bytes);

[[nodiscard]] std::string write_description(const Description& description);
/// Checks everything that can be known without reading a block; `description_at` is where blocks
/// end. After it, every offset lies in the file and every size is bounded by it.
[[nodiscard]] Result<Description> read_description(std::string_view text,
                                                   std::uint64_t description_at);

/// 1 to 64 of a-z, 0-9 and _.
[[nodiscard]] bool is_column_name(std::string_view name) noexcept;

/// A data_loss error whose detail is `what`; the reader adds the file's name.
[[nodiscard]] std::unexpected<Error> damaged(std::string_view what);

}  // namespace atalaya::columns::segment_format
