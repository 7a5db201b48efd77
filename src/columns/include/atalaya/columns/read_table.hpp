#pragma once
// From any file to a RawTable: csv, xlsx, xls, and gz or zst of them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/columns/csv.hpp>
#include <atalaya/columns/raw_table.hpp>
#include <atalaya/files/tables.hpp>

namespace atalaya::columns {

enum class Header { automatic, none, at_line };

struct ReadOptions {
  /// Of a workbook: by name, or by number from 1; without either the first visible one with rows.
  std::string sheet;
  std::uint32_t sheet_number = 0;

  /// at_line: `header_line` is the physical line (csv) or row (workbook), 1-based. What stands
  /// above it is skipped. none: columns are called column_1, column_2, ...; `header_line`, where it
  /// is not 0, is then the line of the first row of data.
  Header header = Header::automatic;
  std::uint64_t header_line = 0;
  /// at_line: the line above `header_line` where the header begins, or 0. Its cells hold for the empty
  /// ones on their right (as merged cells do) and are joined with those below.
  std::uint64_t header_top = 0;

  /// Only these columns are coded (names as in the header, trimmed); empty: all. The others are
  /// checked for their number but not stored, so that ids of ten million rows cost nothing.
  std::vector<std::string> columns;
  /// The data end at the first row where all of these are empty; what follows are notes.
  std::vector<std::string> end_columns;

  std::optional<char> delimiter;
  std::optional<char> quote;  // '\0': no quoting
  Encoding encoding = Encoding::automatic;

  std::uint64_t rows_max = 0;  // 0: all; for previews
  bool count_sheets = false;   // fills RawTable::others, at the cost of reading all sheets
  std::size_t ragged_max = 10'000;
  unsigned threads = 0;  // 0: as many as processors, at most 16; same result for any number
  /// Bytes of the (packed) file read so far and in all. Called by one thread at a time.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  files::TableLimits limits;
};

/// Recognises the format by content. csv is streamed: memory holds the codes, the distinct texts
/// and a few MiB, whatever the size of the file; 16 MiB a row.
/// Fails with not_found or permission_denied (files.not_found, files.unreadable), and with
/// invalid_argument, params `file` and, where there is one, `line` and `column` (both 1-based):
///   columns.csv.empty, .nul, .not_utf8, .mixed_encodings (both lines), .unclosed_quote,
///   .row_too_long, .truncated (ends mid-row), .wrong_delimiter, .too_many_columns;
///   columns.table.no_column (param name), .no_header, .empty;
///   files.parquet, .ods, .xlsb, .html_table, .not_a_table, files.bomb, .truncated, .malformed,
///   .encrypted, files.xlsx.*, files.xls.*.
/// On failure nothing is left behind. Any thread.
[[nodiscard]] Result<RawTable> read_table(const std::string& path, const ReadOptions& options = {});
/// The same from memory; `name` is for messages.
[[nodiscard]] Result<RawTable> read_table(std::string_view bytes, std::string_view name,
                                          const ReadOptions& options = {});

/// Proposes how to read a file from its first and last bytes; workbooks: header line and columns
/// of the chosen sheet, delimiter 0.
[[nodiscard]] Result<Dialect> sniff_file(const std::string& path, const ReadOptions& options = {});

}  // namespace atalaya::columns
