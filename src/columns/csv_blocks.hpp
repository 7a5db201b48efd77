#pragma once
// A stream of bytes, cut into blocks of whole rows.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/files/tables.hpp>

namespace atalaya::columns {

inline constexpr std::size_t kBlockBytes = std::size_t{1} << 18U;
/// A longer row is an open quote.
inline constexpr std::size_t kRowBytesMax = std::size_t{16} << 20U;

struct Block {
  std::uint64_t number = 0;
  std::vector<char> bytes;  // `size` of them and kBlockPadding zeros
  std::size_t size = 0;
  bool unterminated = false;  // the last line end was added here: the file has none
  bool overlong = false;      // no row ends within kRowBytesMax
};

/// How the end of a row is found. `parity`: a line end is a row's end where an even number of
/// quotes stands before it; fast, and right where quotes stand at the begin and the end of fields
/// only. `exact`: by following each quoted field.
enum class Splitting { parity, exact };

/// Not for several threads at once.
class BlockReader {
 public:
  /// `head`: bytes that were read from `source` already and begin a row.
  BlockReader(files::ByteSource& source, std::string_view head, char delimiter, char quote,
              Splitting splitting)
      : source_(source),
        carried_(head.begin(), head.end()),
        delimiter_(delimiter),
        quote_(quote),
        splitting_(splitting) {}

  /// False at the end. `block.bytes` is reused.
  [[nodiscard]] Result<bool> next(Block& block);

 private:
  [[nodiscard]] std::size_t last_row_end(const char* data, std::size_t size) const;
  [[nodiscard]] std::size_t last_row_end_exact(const char* data, std::size_t size) const;

  files::ByteSource& source_;
  std::vector<char> carried_;
  char delimiter_;
  char quote_;
  Splitting splitting_;
  std::uint64_t number_ = 0;
  bool done_ = false;
};

}  // namespace atalaya::columns
