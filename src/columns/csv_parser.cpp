#include "csv_parser.hpp"

#include <algorithm>

#include "dialect_rows.hpp"

// The index of a block holds the places of all delimiters, quotes and line ends. Rows of which the
// next place that is no delimiter is a line end just where it should be are plain: they are coded
// column by column, straight from the index. Every other row is taken field by field; a quoted
// field skips the places inside it. Whether a row has the right number of fields is known before
// any of its texts is coded, so rejected rows leave no trace in the dictionaries.

namespace atalaya::columns {
namespace {

constexpr std::size_t kRaggedTextBytes = 200;
// Their part of the index stays in the innermost cache while column after column is coded.
constexpr std::size_t kPlainRowsMax = 512;

}  // namespace

BlockParser::BlockParser(const CsvShape& shape, unsigned number)
    : shape_(shape),
      number_(number),
      coders_(shape.wanted.size()),
      codes_(shape.wanted.size()),
      fields_(shape.fields + 1) {}

BlockRows BlockParser::parse(const Block& block, bool keep_ragged) {
  BlockRows out;
  out.number = block.number;
  out.parser = number_;
  block_ = &block;
  data_ = block.bytes.data();
  keep_ragged_ = keep_ragged;
  next_ = 1;
  next_break_ = 0;
  at_ = 0;
  line_ = 0;
  regular_ = true;
  last_was_good_ = true;
  const Scan scan = scan_block(data_, block.size, shape_.delimiter, shape_.quote, scan_);
  index_ = scan_.positions.data();
  positions_ = scan.positions;
  if (scan.any_nul) {
    const std::size_t nul = std::string_view(data_, block.size).find('\0');
    const std::size_t line = std::string_view(data_, nul).find_last_of("\r\n");
    out.error = {.kind = BlockError::Kind::nul,
                 .line = lines_before(nul),
                 .column = line == std::string_view::npos ? nul + 1 : nul - line};
    return out;
  }
  const std::size_t rows_max =
      std::min(positions_ / std::max<std::size_t>(shape_.fields_min, 1), positions_) + 2;
  slots_.clear();
  for (std::size_t slot = 0; slot < codes_.size(); ++slot) {
    codes_[slot].resize(std::max(codes_[slot].size(), rows_max));
    slots_.push_back(
        {.coder = &coders_[slot], .codes = codes_[slot].data(), .field = shape_.wanted[slot]});
  }
  while (at_ < block.size) {
    if (const std::size_t rows = plain_rows(); rows > 0) {
      take_plain_rows(rows, out);
      continue;
    }
    const std::size_t row_begin = at_;
    const std::uint64_t row_line = line_;
    if (take_row(out) == RowEnd::open_quote) {
      out.error = {.kind = block.overlong ? BlockError::Kind::row_too_long
                                          : BlockError::Kind::unclosed_quote,
                   .line = row_line,
                   .column = 1};
      return out;
    }
    finish_row(row_begin, row_line, out);
  }
  if (block.overlong) {
    out.error = {.kind = BlockError::Kind::row_too_long, .line = 0, .column = 1};
    return out;
  }
  out.lines = line_;
  if (scan.any_high) {
    note_high_bytes(out);
  }
  note_last_field(out);
  if (regular_) {
    out.row_lines.clear();
  }
  out.codes.reserve(codes_.size());
  for (std::size_t slot = 0; slot < codes_.size(); ++slot) {
    const std::size_t distinct = coders_[slot].texts().size();
    out.codes.push_back(narrow(std::span(codes_[slot]).first(out.rows), distinct));
  }
  return out;
}

// How many rows from next_ on are plain and not blank.
std::size_t BlockParser::plain_rows() {
  if (!shape_.end_fields.empty()) {
    return 0;
  }
  const std::uint32_t* const breaks = scan_.breaks.data();
  while (breaks[next_break_] < next_) {
    ++next_break_;
  }
  std::size_t rows = 0;
  std::size_t end = next_ + shape_.fields - 1;  // where the row's line end should be
  while (rows < kPlainRowsMax && breaks[next_break_] == end) {
    const std::uint32_t begin = index_[end - shape_.fields] + 1;  // the first may be 2^32 - 1
    // A row of a line end and no more than delimiters, but perhaps for a CR, may be blank.
    if (data_[index_[end]] != '\n' || index_[end] - begin <= shape_.fields) {
      break;
    }
    ++rows;
    ++next_break_;
    end += shape_.fields;
  }
  return rows;
}

// The hottest part of the reader.
void BlockParser::take_plain_rows(std::size_t rows, BlockRows& out) {
  const std::uint64_t place = block_->number << 32U | out.rows;
  for (const Slot& slot : slots_) {
    slot.coder->code_fields({.data = data_,
                             .ends = index_ + next_ + slot.field,
                             .step = shape_.fields,
                             .cr = slot.field + 1 == shape_.fields},
                            place, std::span(slot.codes + out.rows, rows));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    note_line(line_++, out);
    ++out.rows;
  }
  next_ += rows * shape_.fields;
  at_ = index_[next_ - 1] + std::size_t{1};
  last_was_good_ = true;
}

// One turn a field. What it reads and writes for every field is held in locals; only quoted
// fields go through the members.
BlockParser::RowEnd BlockParser::take_row(BlockRows& out) {
  const std::size_t limit = shape_.fields;
  const char quote = shape_.quote;
  const char delimiter = shape_.delimiter;
  const char* const data = data_;
  const std::uint32_t* const index = index_;
  Field* const fields = fields_.data();
  std::size_t next = next_;
  std::size_t at = at_;
  std::size_t found = 0;
  std::size_t filled = 0;
  std::size_t surplus = 0;
  joined_size_ = 0;
  char mark = delimiter;
  while (mark == delimiter) {
    const char* text = data + at;
    std::size_t size = 0;
    if (quote != '\0' && *text == quote) {
      Field field;
      next_ = next;
      at_ = at;
      if (!take_quoted(field, out)) {
        return RowEnd::open_quote;
      }
      next = next_;
      text = field.at;
      size = field.size;
    } else {
      while (quote != '\0' && data[index[next]] == quote) {
        out.quotes = true;
        out.stray_quotes = true;
        ++next;
      }
      size = index[next] - at;
    }
    const std::size_t end = index[next++];
    mark = data[end];
    if (mark == '\n' && size > 0 && text[size - 1] == '\r' && text + size == data + end) {
      --size;
    }
    filled |= size;
    surplus |= found >= limit ? size : 0;
    // Two stores of a word each: copied as a whole, the field would be read back from the two
    // narrower stores that have just made it, which stalls the processor for every field.
    Field& slot = fields[std::min(found, limit)];
    slot.at = text;
    slot.size = size;
    ++found;
    at = end + 1;
  }
  ++line_;
  next_ = next;
  at_ = at;
  found_ = found;
  filled_ = filled;
  surplus_ = surplus;
  return RowEnd::good;
}

// On success index_[next_] is the place that ends the field.
bool BlockParser::take_quoted(Field& field, BlockRows& out) {
  out.quotes = true;
  const char quote = shape_.quote;
  const std::size_t start = at_ + 1;
  std::size_t close = 0;
  bool doubled = false;
  ++next_;
  while (true) {
    while (next_ < positions_ && data_[index_[next_]] != quote) {
      line_ += data_[index_[next_]] != shape_.delimiter ? 1U : 0U;
      ++next_;
    }
    if (next_ == positions_) {
      return false;
    }
    close = index_[next_++];
    if (next_ == positions_ || index_[next_] != close + 1 || data_[close + 1] != quote) {
      break;
    }
    doubled = true;
    ++next_;
  }
  while (next_ < positions_ && data_[index_[next_]] == quote) {
    out.stray_quotes = true;
    ++next_;
  }
  if (next_ == positions_) {
    return false;
  }
  std::size_t end = index_[next_];
  if (data_[end] == '\n' && end > close + 1 && data_[end - 1] == '\r') {
    --end;
  }
  if (!doubled && end == close + 1) {
    field = {.at = data_ + start, .size = close - start};
  } else {
    field = join_quoted(start, close, end);
  }
  return true;
}

BlockParser::Field BlockParser::join_quoted(std::size_t start, std::size_t close, std::size_t end) {
  // A row's joined fields are never longer than the row: the block's size is room enough, and the
  // memory does not move while views of it are held.
  if (joined_.size() < block_->size + kBlockPadding) {
    joined_.resize(block_->size + kBlockPadding);
  }
  const std::size_t begin = joined_size_;
  for (std::size_t i = start; i < close; ++i) {
    joined_[joined_size_++] = data_[i];
    i += data_[i] == shape_.quote ? 1U : 0U;
  }
  for (std::size_t i = close + 1; i < end; ++i) {
    joined_[joined_size_++] = data_[i];
  }
  return {.at = joined_.data() + begin, .size = joined_size_ - begin};
}

void BlockParser::finish_row(std::size_t row_begin, std::uint64_t row_line, BlockRows& out) {
  const bool was_good = last_was_good_;
  last_was_good_ = false;
  if (filled_ == 0) {
    ++out.blank_rows;
    regular_ = false;
    return;
  }
  if (out.end_line) {
    ++out.footer_rows;
    return;
  }
  if (!shape_.end_fields.empty() && at_end()) {
    out.end_line = row_line;
    ++out.footer_rows;
    return;
  }
  const bool few = found_ < shape_.fields_min;
  if (few || surplus_ != 0) {
    out.cut_short = few && was_good && block_->unterminated && at_ >= block_->size;
    add_ragged(row_begin, row_line, out);
    regular_ = false;
    return;
  }
  for (std::size_t i = found_; i < shape_.fields; ++i) {
    fields_[i] = {.at = data_, .size = 0};
  }
  code_row(out);
  regular_ = regular_ && line_ == row_line + 1;
  note_line(row_line, out);
  ++out.rows;
  last_was_good_ = true;
}

// Of the row that comes next in `out`.
void BlockParser::note_line(std::uint64_t row_line, BlockRows& out) {
  if (regular_) {
    return;
  }
  for (std::size_t r = out.row_lines.size(); r < out.rows; ++r) {
    out.row_lines.push_back(static_cast<std::uint32_t>(r));
  }
  out.row_lines.push_back(static_cast<std::uint32_t>(row_line));
}

void BlockParser::code_row(BlockRows& out) {
  const std::uint64_t place = block_->number << 32U | out.rows;
  for (const Slot& slot : slots_) {
    const Field& field = fields_[slot.field];
    slot.codes[out.rows] = slot.coder->code(field.at, field.size, place);
  }
}

void BlockParser::add_ragged(std::size_t row_begin, std::uint64_t row_line, BlockRows& out) {
  ++out.ragged_rows;
  if (!keep_ragged_ || out.ragged.size() >= shape_.ragged_max) {
    return;
  }
  std::string_view text(data_ + row_begin, at_ - row_begin);
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  out.ragged.push_back({.line = row_line,
                        .found = static_cast<std::uint32_t>(found_),
                        .text = std::string(text.substr(0, kRaggedTextBytes))});
}

void BlockParser::note_high_bytes(BlockRows& out) const {
  out.high = count_high_bytes(data_, block_->size);
  if (out.high.utf8 > 0) {
    out.first_utf8_line = lines_before(out.high.first_utf8);
  }
  if (out.high.other > 0) {
    const std::size_t at = out.high.first_other;
    const std::size_t line = std::string_view(data_, at).find_last_of("\r\n");
    out.first_other_line = lines_before(at);
    out.first_other_column = line == std::string_view::npos ? at + 1 : at - line;
  }
}

void BlockParser::note_last_field(BlockRows& out) const {
  if (!block_->unterminated || !last_was_good_ || out.rows == 0 || out.end_line) {
    return;
  }
  std::string_view text(data_, block_->size);
  while (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  text.remove_prefix(text.find_last_of("\r\n") + 1);
  text.remove_prefix(text.rfind(shape_.delimiter) + 1);
  if (!text.ends_with(shape_.quote)) {
    out.last_field = text.substr(0, kRaggedTextBytes);
  }
}

bool BlockParser::at_end() const {
  return std::all_of(shape_.end_fields.begin(), shape_.end_fields.end(),
                     [&](std::uint32_t i) { return i >= found_ || fields_[i].size == 0; });
}

std::uint64_t BlockParser::lines_before(std::size_t offset) const {
  return count_lines(std::string_view(data_, offset));
}

}  // namespace atalaya::columns
