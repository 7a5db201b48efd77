#pragma once
// A few rows of a text table, one byte at a time: for samples and for header rows.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atalaya::columns {

struct SampleRow {
  std::uint64_t line = 1;  // physical, of the row's begin
  std::size_t begin = 0;   // offset of its first byte, and of the first one after its line end
  std::size_t end = 0;
  bool terminated = false;  // a line end stands behind it, and no quote is open
  bool open_quote = false;
  std::vector<std::string> fields;

  [[nodiscard]] bool blank() const;
};

/// The row that begins at `begin`, which is smaller than the size of `text`. Quotes count at the
/// begin of a field only; what follows a closing quote is appended to the field, as Python's csv
/// does.
[[nodiscard]] SampleRow parse_row(std::string_view text, std::size_t begin, std::uint64_t line,
                                  char delimiter, char quote);
/// At most `rows_max` rows. A last row without a line end is left out where `whole` is false.
[[nodiscard]] std::vector<SampleRow> parse_rows(std::string_view text, char delimiter, char quote,
                                                std::size_t rows_max, bool whole);
/// Line ends in `text`: LF, CRLF, and CR alone.
[[nodiscard]] std::uint64_t count_lines(std::string_view text);

/// "1.234,5", "-3", "12 %", "2023-04-17", "17/04/2023 10:30": what is no name of a column.
[[nodiscard]] bool is_number_like(std::string_view text);

}  // namespace atalaya::columns
