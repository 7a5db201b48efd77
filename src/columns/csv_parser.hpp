#pragma once
// One block of whole rows to codes. Each thread has its own parser and its own dictionaries.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "csv_blocks.hpp"
#include "csv_scan.hpp"
#include "raw_table_coder.hpp"

namespace atalaya::columns {

struct CsvShape {
  char delimiter = ',';
  char quote = '"';                       // '\0': none
  std::size_t fields = 1;                 // of the header
  std::size_t fields_min = 1;             // without its unnamed last ones
  std::vector<std::uint32_t> wanted;      // numbers of the fields that are coded
  std::vector<std::uint32_t> end_fields;  // the data end where all of these are empty
  std::size_t ragged_max = 0;
};

/// Lines count from 0 at the block's begin.
struct BlockError {
  enum class Kind { nul, unclosed_quote, row_too_long };
  Kind kind = Kind::nul;
  std::uint64_t line = 0;
  std::uint64_t column = 0;  // bytes, from 1
};

struct BlockRagged {
  std::uint64_t line = 0;
  std::uint32_t found = 0;
  std::string text;  // as in the file
};

struct BlockRows {
  std::uint64_t number = 0;
  unsigned parser = 0;
  std::uint64_t lines = 0;
  std::size_t rows = 0;
  std::size_t blank_rows = 0;
  std::size_t ragged_rows = 0;
  std::vector<BlockRagged> ragged;
  std::vector<std::uint32_t> row_lines;   // empty: row r stands on line r
  std::vector<Codes> codes;               // for each wanted field, the parser's codes
  std::optional<std::uint64_t> end_line;  // where the data ended
  std::size_t footer_rows = 0;            // not blank, from end_line on
  bool quotes = false;                    // there were any
  bool stray_quotes = false;              // one stood inside an unquoted field
  bool cut_short = false;                 // the last row has too few fields and no line end
  /// Where the last row is a whole one and has no line end: its last field, unless a quote ends it.
  std::string last_field;
  HighBytes high;
  std::uint64_t first_utf8_line = 0;
  std::uint64_t first_other_line = 0;
  std::uint64_t first_other_column = 0;  // bytes, from 1
  std::optional<BlockError> error;       // nothing else is then complete
};

class BlockParser {
 public:
  BlockParser(const CsvShape& shape, unsigned number);

  /// Blocks come in ascending order, not each number to this parser.
  [[nodiscard]] BlockRows parse(const Block& block, bool keep_ragged);

  [[nodiscard]] const ColumnCoder& coder(std::size_t slot) const { return coders_[slot]; }

 private:
  struct Field {
    const char* at = nullptr;
    std::size_t size = 0;
  };

  // Where the texts of one wanted field go, for the block at hand.
  struct Slot {
    ColumnCoder* coder = nullptr;
    std::uint32_t* codes = nullptr;
    std::uint32_t field = 0;
  };

  enum class RowEnd { good, open_quote };

  [[nodiscard]] std::size_t plain_rows();
  void take_plain_rows(std::size_t rows, BlockRows& out);
  [[nodiscard]] RowEnd take_row(BlockRows& out);
  [[nodiscard]] bool take_quoted(Field& field, BlockRows& out);
  [[nodiscard]] Field join_quoted(std::size_t start, std::size_t close, std::size_t end);
  void finish_row(std::size_t row_begin, std::uint64_t row_line, BlockRows& out);
  void add_ragged(std::size_t row_begin, std::uint64_t row_line, BlockRows& out);
  void code_row(BlockRows& out);
  void note_line(std::uint64_t row_line, BlockRows& out);
  void note_high_bytes(BlockRows& out) const;
  void note_last_field(BlockRows& out) const;
  [[nodiscard]] bool at_end() const;
  [[nodiscard]] std::uint64_t lines_before(std::size_t offset) const;

  const CsvShape& shape_;
  unsigned number_;
  std::vector<ColumnCoder> coders_;
  std::vector<std::vector<std::uint32_t>> codes_;  // of this block, for each wanted field
  std::vector<Slot> slots_;
  ScanIndex scan_;
  const std::uint32_t* index_ = nullptr;  // of scan_
  std::vector<Field> fields_;             // of the row; one more than the header has
  std::vector<char> joined_;              // fields with doubled quotes, of the row
  std::size_t joined_size_ = 0;

  const Block* block_ = nullptr;
  const char* data_ = nullptr;
  std::size_t positions_ = 0;
  std::size_t next_ = 0;        // in index_
  std::size_t next_break_ = 0;  // in scan_.breaks, not behind next_
  std::size_t at_ = 0;          // in data_
  std::uint64_t line_ = 0;
  std::size_t found_ = 0;    // fields of the row
  std::size_t filled_ = 0;   // bits of the fields' sizes, 0 where all are empty
  std::size_t surplus_ = 0;  // bits of the sizes of fields beyond the header
  bool keep_ragged_ = false;
  bool regular_ = true;
  bool last_was_good_ = true;
};

}  // namespace atalaya::columns
