#pragma once
// A small table of a file by column names, for imports whose rows people wrote. Private.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/columns/read_table.hpp>

namespace atalaya::followup::detail {

class TableRows {
 public:
  /// csv (comma, semicolon or tab, by the first line) or a workbook; the first row is the header.
  /// Fails as columns::read_table() does, and where a row has more or fewer fields than the header
  /// with invalid_argument (followup.file.ragged, params file, line).
  [[nodiscard]] static Result<TableRows> read(std::string_view bytes, std::string_view file_name);

  [[nodiscard]] std::size_t size() const noexcept { return table_.rows; }

  [[nodiscard]] std::uint64_t line(std::size_t row) const noexcept { return table_.line_of(row); }

  /// Of the columns, in the file's order; a trailing delimiter's empty name is left out.
  [[nodiscard]] std::vector<std::string> names() const;
  /// −1 where there is none. Names are compared without case.
  [[nodiscard]] int column(std::string_view name) const;
  /// The first column whose name contains `part`, without case; −1 where there is none.
  [[nodiscard]] int column_with(std::string_view part) const;
  /// Trimmed, and without the apostrophe by which our own files defuse formulas; "" for −1.
  [[nodiscard]] std::string text(std::size_t row, int column) const;

 private:
  columns::RawTable table_;
};

}  // namespace atalaya::followup::detail
