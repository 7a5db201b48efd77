#pragma once
// Where the bytes stand that structure a text table: delimiters, quotes, line ends. 64 bytes at a
// time: comparisons of 32 (or 16) bytes, and the set bits written out as positions.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace atalaya::columns {

/// Readable bytes that must follow a block's end.
inline constexpr std::size_t kBlockPadding = 128;

struct Scan {
  std::size_t positions = 0;  // in the index, the one before the first byte included
  bool any_high = false;      // a byte above 0x7F
  bool any_nul = false;
};

/// Both lists are longer than what is in them.
struct ScanIndex {
  /// Of delimiters, quotes, LF, and CR that no LF follows, ascending. The first stands before the
  /// first byte (2^32 - 1, to which 1 is added without overflow), so that every field begins
  /// behind the position before its own.
  std::vector<std::uint32_t> positions;
  /// Which of them are no delimiters, as places in `positions`; then 2^32 - 1.
  std::vector<std::uint32_t> breaks;
};

/// Fills `index` for `delimiter` and `quote` (none where '\0').
/// `data[size, size + kBlockPadding)` must be readable.
[[nodiscard]] Scan scan_block(const char* data, std::size_t size, char delimiter, char quote,
                              ScanIndex& index);
/// The same for every processor; scan_block() calls it where there is no AVX2. `quote` is the
/// delimiter where there is none.
[[nodiscard]] Scan scan_portable(const char* data, std::size_t size, char delimiter, char quote,
                                 ScanIndex& index);
[[nodiscard]] std::size_t count_bytes(const char* data, std::size_t size, char byte) noexcept;

/// UTF-8 and other bytes above 0x7F of a block. Lines count from 0 at the block's begin.
struct HighBytes {
  std::uint64_t utf8 = 0;   // well-formed characters of several bytes
  std::uint64_t other = 0;  // bytes that are no part of one
  std::size_t first_utf8 = 0;
  std::size_t first_other = 0;
};

[[nodiscard]] HighBytes count_high_bytes(const char* data, std::size_t size) noexcept;

}  // namespace atalaya::columns
