#pragma once
// Where the bytes stand that structure a text table: delimiters, quotes, line ends. 64 bytes at a
// time: four SSE2 comparisons a class, and the set bits written out as positions.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace atalaya::columns {

/// Readable bytes that must follow a block's end.
inline constexpr std::size_t kBlockPadding = 128;

struct Scan {
  std::size_t positions = 0;  // written to the index
  bool any_high = false;      // a byte above 0x7F
  bool any_nul = false;
};

/// Positions of `delimiter`, `quote` (none where '\0'), LF, and CR that no LF follows, ascending,
/// into `index`, which grows as needed. `data[size, size + kBlockPadding)` must be readable.
[[nodiscard]] Scan scan_block(const char* data, std::size_t size, char delimiter, char quote,
                              std::vector<std::uint32_t>& index);
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
