#pragma once
// A table as it stands in somebody's file: every column dictionary-coded, nothing interpreted.
//
// Why coded at once: what a file means (a date, an offence, a municipality) is decided once per
// distinct text and not once per row, so that ten million rows cost as much as their look-ups.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::columns {

/// One code per row, as narrow as the dictionary allows.
using Codes =
    std::variant<std::vector<std::uint8_t>, std::vector<std::uint16_t>, std::vector<std::uint32_t>>;
[[nodiscard]] std::size_t size(const Codes& codes) noexcept;
[[nodiscard]] std::uint32_t at(const Codes& codes, std::size_t row) noexcept;

/// Distinct texts in order of first appearance in the file; equal bytes have one code. Views stay
/// valid until the next append(), also after the dictionary was moved.
class Dictionary {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return offsets_.size() - 1; }

  [[nodiscard]] std::string_view text(std::uint32_t code) const noexcept {
    return std::string_view(bytes_.data() + offsets_[code], offsets_[code + 1] - offsets_[code]);
  }

  /// Appends without looking for an equal one; the caller keeps texts distinct.
  std::uint32_t append(std::string_view text);

 private:
  std::vector<char> bytes_;  // not std::string: a moved short string would move its bytes
  std::vector<std::size_t> offsets_{0};
};

struct RawColumn {
  std::string name;  // of the header row, trimmed, UTF-8; "column_7" where the header is empty
  Dictionary values;
  Codes codes;
};

/// A row with fewer or more fields than the header. It is in no column; the caller rejects it.
struct RaggedRow {
  std::uint64_t line = 0;      // of the file, as in line_of()
  std::uint32_t found = 0;     // fields
  std::uint32_t expected = 0;  // fields
  std::string text;            // the row's first 200 bytes or so, UTF-8
};

/// A sheet of the same workbook that was not read.
struct OtherSheet {
  std::string name;
  std::uint64_t rows = 0;  // below its header, not blank
  bool visible = true;
  std::vector<std::string> header;
};

/// Rows are numbered from 0 in the file's order; blank rows are left out and counted. Every row
/// after the header is in exactly one of: rows, blank_rows, ragged_rows, footer_rows; unless `cut`.
struct RawTable {
  std::string file;   // base name, for messages
  std::string sheet;  // of a workbook, or empty
  std::vector<RawColumn> columns;
  std::size_t rows = 0;
  std::size_t blank_rows = 0;  // every field empty
  /// Line of the file (csv: physical line, 1-based; workbook: row of the sheet) on which a row
  /// begins. Ascending; as long as `rows`, or empty when row r stands on line first_line + r.
  std::vector<std::uint64_t> lines;
  std::uint64_t first_line = 0;

  /// Names of all columns of the file, also of those that were not asked for.
  std::vector<std::string> header;
  std::uint64_t header_line = 0;  // 0 where the file has none
  std::uint64_t header_top = 0;   // where titles of several lines begin, or 0
  std::vector<RaggedRow> ragged;  // the first ReadOptions::ragged_max of ragged_rows
  std::size_t ragged_rows = 0;
  std::uint64_t footer_line = 0;  // where the data ended before the file did (end_columns), or 0
  std::size_t footer_rows = 0;    // not blank ones, from footer_line on
  bool cut = false;               // ReadOptions::rows_max was reached and there is more
  std::string encoding;           // "utf_8", "windows_1252", "utf_16"; empty for workbooks
  char delimiter = 0;             // 0 for workbooks
  std::vector<OtherSheet> others;  // where ReadOptions::count_sheets asks for them
  std::vector<Error> warnings;    // what a person should look at; the reading went on

  [[nodiscard]] std::uint64_t line_of(std::size_t row) const noexcept {
    return lines.empty() ? first_line + row : lines[row];
  }
};

}  // namespace atalaya::columns
