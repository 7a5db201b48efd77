#include "csv_reader.hpp"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>

#include "csv_blocks.hpp"
#include "csv_merge.hpp"
#include "csv_parser.hpp"
#include "csv_scan.hpp"
#include "dialect_rows.hpp"

// A file is read once, in blocks of a quarter of a megabyte that end with a row. Whoever is free
// takes the next block: reading is behind a mutex, everything else is the thread's own. Nothing is
// decoded while reading: Windows-1252 is decoded in the dictionaries, and what the encoding is, the
// whole file says.
//
// Blocks are cut by counting quotes. That is right as long as every quote begins, ends or doubles;
// the parsers notice a quote that does none of these, and the file is then read again, following
// each quoted field. Proof: the first block begins with a row; if all its quotes are regular, an
// even number of them stands before a line end exactly where no field is open, so it ends with a
// row, and the next block begins with one.

namespace atalaya::columns {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{1} << 20U;
constexpr std::size_t kSniffBytes = std::size_t{256} << 10U;
constexpr unsigned kThreadsMax = 16;
constexpr std::size_t kFieldsMax = 16'384;
// Pairs of bytes that are letters in Windows-1252 may happen to be one of UTF-8: so few are none.
constexpr std::uint64_t kChanceUtf8Share = 20;

struct Plan {
  CsvShape shape;
  std::string name;
  std::vector<std::string> titles;  // as in the file
  std::vector<std::string> header;
  std::uint64_t header_line = 0, header_top = 0;
  std::uint64_t data_line = 1;  // physical line on which the blocks begin
  HighBytes head_high;          // of what stands before
  Encoding encoding = Encoding::automatic;
};

// What all threads share.
struct Reading {
  std::mutex mutex;
  BlockReader* reader = nullptr;
  files::ByteSource* source = nullptr;
  const ReadOptions* options = nullptr;
  std::vector<BlockRows> blocks;
  std::size_t rows = 0;
  std::size_t ragged_kept = 0;
  bool stop = false;
  bool rows_left = false;  // stopped because there were rows enough
  std::optional<Error> error;
};

Result<std::string> read_head(files::ByteSource& source) {
  std::string head(kHeadBytes, '\0');
  std::size_t used = 0;
  while (used < head.size()) {
    const std::size_t got = ATALAYA_TRY(source.read(head.data() + used, head.size() - used));
    if (got == 0) {
      break;
    }
    used += got;
  }
  head.resize(used);
  return head;
}

void work(Reading& reading, BlockParser& parser) {
  Block block;
  while (true) {
    bool keep_ragged = false;
    {
      const std::scoped_lock lock(reading.mutex);
      if (reading.stop) {
        return;
      }
      Result<bool> more = reading.reader->next(block);
      if (!more) {
        reading.error = std::move(more).error();
      }
      if (!more || !*more) {
        reading.stop = true;
        return;
      }
      // All that is kept so far stands before this block.
      keep_ragged = reading.ragged_kept < reading.options->ragged_max;
      if (reading.options->progress) {
        reading.options->progress(reading.source->bytes_done(), reading.source->bytes_total());
      }
    }
    BlockRows rows = parser.parse(block, keep_ragged);
    const std::scoped_lock lock(reading.mutex);
    reading.rows += rows.rows;
    reading.ragged_kept += rows.ragged.size();
    reading.stop = reading.stop || rows.error.has_value();
    const std::uint64_t rows_max = reading.options->rows_max;
    if (rows_max != 0 && reading.rows > rows_max) {
      reading.stop = true;
      reading.rows_left = true;
    }
    reading.blocks.push_back(std::move(rows));
  }
}

unsigned thread_count(const ReadOptions& options) {
  const unsigned wanted =
      options.threads != 0 ? options.threads : std::thread::hardware_concurrency();
  return std::clamp(wanted, 1U, kThreadsMax);
}

struct Lines {
  std::vector<std::uint64_t> first;  // of each block, physical
};

Lines number_lines(const std::vector<BlockRows>& blocks, std::uint64_t data_line) {
  Lines lines;
  std::uint64_t line = data_line;
  for (const BlockRows& block : blocks) {
    lines.first.push_back(line);
    line += block.lines;
  }
  return lines;
}

Error block_error(const BlockError& error, const Plan& plan, std::uint64_t first_line) {
  const std::uint64_t line = first_line + error.line;
  switch (error.kind) {
    case BlockError::Kind::nul:
      return table_error(
                 "columns.csv.nul", plan.name, line,
                 fmt::format("column {}: a NUL byte; the file is damaged or no text. Export "
                             "it again as csv in UTF-8",
                             error.column))
          .with("column", fmt::format("{}", error.column));
    case BlockError::Kind::unclosed_quote:
      return table_error("columns.csv.unclosed_quote", plan.name, line,
                         "the file ends inside a quoted field of the row that begins here: a "
                         "closing quote is missing, or the file was cut off");
    case BlockError::Kind::row_too_long:
      return table_error("columns.csv.row_too_long", plan.name, line,
                         fmt::format("the row that begins here has no end within {} MiB: probably "
                                     "a closing quote is missing",
                                     kRowBytesMax >> 20U));
  }
  return {};
}

struct HighTotals {
  std::uint64_t utf8 = 0;
  std::uint64_t other = 0;
  std::uint64_t utf8_line = 0;
  std::uint64_t other_line = 0;
  std::uint64_t other_column = 0;
};

HighTotals add_high_bytes(const Plan& plan, const std::vector<BlockRows>& blocks,
                          const Lines& lines) {
  HighTotals total{.utf8 = plan.head_high.utf8,
                   .other = plan.head_high.other,
                   .utf8_line = plan.header_line,
                   .other_line = plan.header_line,
                   .other_column = 1};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (total.utf8 == 0) {
      total.utf8_line = lines.first[i] + blocks[i].first_utf8_line;
    }
    if (total.other == 0) {
      total.other_line = lines.first[i] + blocks[i].first_other_line;
      total.other_column = blocks[i].first_other_column;
    }
    total.utf8 += blocks[i].high.utf8;
    total.other += blocks[i].high.other;
  }
  return total;
}

// True for Windows-1252.
Result<bool> settle_encoding(const Plan& plan, const HighTotals& high) {
  if (plan.encoding == Encoding::windows_1252) {
    return true;
  }
  if (high.other == 0) {
    return false;
  }
  if (plan.encoding == Encoding::utf_8) {
    return fail(table_error("columns.csv.not_utf8", plan.name, high.other_line,
                            fmt::format("byte {} is not UTF-8; save the file as UTF-8, or name its "
                                        "encoding (windows_1252) in the mapping",
                                        high.other_column))
                    .with("column", fmt::format("{}", high.other_column)));
  }
  if (high.utf8 * kChanceUtf8Share <= high.other) {
    return true;
  }
  // The rarer kind is the one to look for.
  const bool mostly_utf8 = high.utf8 >= high.other;
  const std::uint64_t line = mostly_utf8 ? high.other_line : high.utf8_line;
  return fail(
      table_error("columns.csv.mixed_encodings", plan.name, line,
                  fmt::format("this line is {}, other lines ({} and on) are {}: the file was put "
                              "together from files of two encodings. Save each of them as UTF-8 "
                              "and join them again, or load them one by one",
                              mostly_utf8 ? "Latin-1 or Windows-1252" : "UTF-8",
                              mostly_utf8 ? high.utf8_line : high.other_line,
                              mostly_utf8 ? "UTF-8" : "Latin-1 or Windows-1252"))
          .with("other_line", fmt::format("{}", mostly_utf8 ? high.utf8_line : high.other_line)));
}

// Cuts what follows the row at which the data ended: those rows are notes.
void cut_footer(RawTable& table, std::vector<BlockRows>& blocks, const Lines& lines) {
  bool ended = false;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    BlockRows& block = blocks[i];
    if (ended) {
      table.footer_rows += block.rows + block.ragged_rows + block.footer_rows;
      block.rows = 0;
      block.ragged_rows = 0;
      block.ragged.clear();
      block.cut_short = false;
    } else if (block.end_line) {
      ended = true;
      table.footer_line = lines.first[i] + *block.end_line;
      table.footer_rows = block.footer_rows;
    }
  }
}

void collect_ragged(RawTable& table, const Plan& plan, const std::vector<BlockRows>& blocks,
                    const Lines& lines, bool windows_1252) {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    table.blank_rows += blocks[i].blank_rows;
    table.ragged_rows += blocks[i].ragged_rows;
    for (const BlockRagged& row : blocks[i].ragged) {
      if (table.ragged.size() == plan.shape.ragged_max) {
        break;
      }
      std::string text = windows_1252 ? files::windows_1252_to_utf8(row.text) : row.text;
      if (const auto bad = find_invalid_utf8(text)) {
        text.resize(*bad);  // the cut went through a character
      }
      table.ragged.push_back({.line = lines.first[i] + row.line,
                              .found = row.found,
                              .expected = static_cast<std::uint32_t>(plan.shape.fields),
                              .text = std::move(text)});
    }
  }
}

// Many programs write no line end behind the last row; a copy that broke off has none either, and
// "12" may have been "1230".
void note_open_end(RawTable& table, const BlockRows& last, std::uint64_t first_line,
                   bool windows_1252) {
  std::string text = windows_1252 ? files::windows_1252_to_utf8(last.last_field) : last.last_field;
  if (const auto bad = find_invalid_utf8(text)) {
    text.resize(*bad);
  }
  table.warnings.push_back(
      table_error(
          "columns.csv.open_end", table.file, first_line + last.lines - 1,
          fmt::format("the last line has no line end: if the file was cut, rows are missing "
                      "and its last value \"{}\" may be too short; compare its size or its "
                      "last row with the source's",
                      text))
          .with("value", text));
}

void collect_lines(RawTable& table, const std::vector<BlockRows>& blocks, const Lines& lines) {
  bool regular = true;
  std::uint64_t next = 0;
  std::size_t row = 0;
  const auto each = [&](const auto& visit) {
    row = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const BlockRows& block = blocks[i];
      for (std::size_t r = 0; r < block.rows && row < table.rows; ++r, ++row) {
        visit(lines.first[i] + (block.row_lines.empty() ? r : block.row_lines[r]));
      }
    }
  };
  for (std::size_t i = 0; i < blocks.size() && regular; ++i) {
    const BlockRows& block = blocks[i];
    if (block.rows == 0) {
      continue;
    }
    table.first_line = next == 0 ? lines.first[i] : table.first_line;
    regular = block.row_lines.empty() && (next == 0 || next == lines.first[i]);
    next = lines.first[i] + block.rows;
  }
  if (!regular) {
    table.lines.reserve(table.rows);
    each([&](std::uint64_t line) { table.lines.push_back(line); });
    table.first_line = table.lines.front();
  }
}

struct Attempt {
  RawTable table;
  bool irregular_quotes = false;  // try again, following each quoted field
};

Result<RawTable> assemble(MergeInput& input, const Plan& plan, const Reading& reading) {
  std::vector<BlockRows>& blocks = input.blocks;
  const Lines lines = number_lines(blocks, plan.data_line);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].error) {
      return fail(block_error(*blocks[i].error, plan, lines.first[i]));
    }
  }
  input.windows_1252 = ATALAYA_TRY(settle_encoding(plan, add_high_bytes(plan, blocks, lines)));
  RawTable table;
  table.file = plan.name;
  table.header = plan.header;
  table.header_line = plan.header_line;
  table.header_top = plan.header_top;
  table.delimiter = plan.shape.delimiter;
  table.encoding = plan.encoding == Encoding::utf_16 ? "utf_16"
                   : input.windows_1252              ? "windows_1252"
                                                     : "utf_8";
  if (input.windows_1252) {
    for (std::string& title : table.header) {
      title = files::windows_1252_to_utf8(title);
    }
  }
  cut_footer(table, blocks, lines);
  for (const BlockRows& block : blocks) {
    table.rows += block.rows;
  }
  if (reading.options->rows_max != 0 && table.rows > reading.options->rows_max) {
    table.rows = reading.options->rows_max;
    table.cut = true;
  }
  table.cut = table.cut || reading.rows_left;
  if (!table.cut && !blocks.empty() && blocks.back().cut_short) {
    const std::uint64_t line = lines.first.back() + blocks.back().lines - 1;
    return fail(table_error(
        "columns.csv.truncated", plan.name, line,
        fmt::format("the file ends in the middle of this row, which has fewer than {} fields: copy "
                    "or download it again. If the row is a note, end it with a line end",
                    plan.shape.fields_min)));
  }
  if (!table.cut && !blocks.empty() && !blocks.back().last_field.empty() &&
      table.footer_line == 0) {
    note_open_end(table, blocks.back(), lines.first.back(), input.windows_1252);
  }
  collect_ragged(table, plan, blocks, lines, input.windows_1252);
  collect_lines(table, blocks, lines);
  for (const std::uint32_t field : plan.shape.wanted) {
    table.columns.push_back({.name = table.header[field], .values = {}, .codes = {}});
  }
  input.rows = table.rows;
  merge_columns(input, table);
  return table;
}

Result<Attempt> attempt(files::ByteSource& source, std::string_view head, const Plan& plan,
                        const ReadOptions& options, Splitting splitting) {
  BlockReader reader(source, head, plan.shape.delimiter, plan.shape.quote, splitting);
  Reading reading;
  reading.reader = &reader;
  reading.source = &source;
  reading.options = &options;
  MergeInput input;
  // A small file is not worth a second thread.
  input.threads = head.size() < kHeadBytes / 2 ? 1 : thread_count(options);
  for (unsigned i = 0; i < input.threads; ++i) {
    input.parsers.push_back(std::make_unique<BlockParser>(plan.shape, i));
  }
  std::vector<std::exception_ptr> thrown(input.threads);
  {
    const auto run = [&](unsigned i) {
      try {
        work(reading, *input.parsers[i]);
      } catch (...) {
        thrown[i] = std::current_exception();
        const std::scoped_lock lock(reading.mutex);
        reading.stop = true;
      }
    };
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < input.threads; ++i) {
      helpers.emplace_back(run, i);
    }
    run(0);
  }
  for (const std::exception_ptr& exception : thrown) {
    if (exception) {
      std::rethrow_exception(exception);
    }
  }
  if (reading.error) {
    return fail(*std::move(reading.error));
  }
  input.blocks = std::move(reading.blocks);
  std::sort(input.blocks.begin(), input.blocks.end(),
            [](const BlockRows& a, const BlockRows& b) { return a.number < b.number; });
  Attempt result;
  bool quotes = false;
  bool suspicious = false;
  for (const BlockRows& block : input.blocks) {
    quotes = quotes || block.quotes;
    suspicious = suspicious || block.stray_quotes || block.error.has_value();
  }
  result.irregular_quotes = quotes && suspicious && splitting == Splitting::parity;
  if (!result.irregular_quotes) {
    result.table = ATALAYA_TRY(assemble(input, plan, reading));
  }
  return result;
}

// The header row, or the first row of data where there is none.
Result<std::size_t> plan_rows(std::string_view head, bool whole, const ReadOptions& options,
                              const Dialect& dialect, Plan& plan) {
  std::uint64_t wanted = dialect.header_line;
  bool header = options.header != Header::none;
  if (options.header == Header::automatic) {
    header = dialect.header_line != 0;
    wanted = header ? dialect.header_line : dialect.banner_lines + 1;
  } else if (options.header == Header::at_line || options.header_line != 0) {
    wanted = options.header_line;
  } else {
    wanted = 1;
  }
  std::size_t at = 0;
  std::uint64_t line = 1;
  std::vector<std::vector<std::string>> upper;
  while (at < head.size()) {
    SampleRow row = parse_row(head, at, line, plan.shape.delimiter, plan.shape.quote);
    const std::uint64_t lines = count_lines(head.substr(at, row.end - at));
    if (line + std::max<std::uint64_t>(lines, 1) > wanted &&
        (row.fields.size() > 1 || !row.fields[0].empty() || header)) {
      if (row.open_quote || (!row.terminated && !whole)) {
        break;
      }
      plan.titles = header ? row.fields : std::vector<std::string>(row.fields.size());
      if (header && !upper.empty()) {
        plan.titles = join_titles(upper, plan.titles);
        plan.header_top = options.header_top;
      }
      plan.header_line = header ? line : 0;
      plan.data_line = header ? line + lines : line;
      return header ? row.end : at;
    }
    if (options.header == Header::at_line && options.header_top != 0 &&
        line >= options.header_top) {
      upper.push_back(row.fields);
    }
    line += lines;
    at = row.end;
  }
  return fail(table_error(
      "columns.table.no_header", plan.name, wanted,
      fmt::format("there is no row of titles on this line ({} lines were looked at); say in the "
                  "mapping on which line the titles stand",
                  line)));
}

Result<void> check_delimiter(const Plan& plan, const ReadOptions& options, const Dialect& guess) {
  const bool split = plan.titles.size() > 1 || !options.delimiter || guess.columns < 2;
  if (split || guess.delimiter == *options.delimiter || guess.confidence < 0.6) {
    return {};
  }
  const auto shown = [](char c) { return c == '\t' ? std::string("tab") : std::string(1, c); };
  return fail(
      table_error("columns.csv.wrong_delimiter", plan.name, plan.header_line,
                  fmt::format("'{}' separates nothing here; the file seems to be separated "
                              "by '{}' into {} columns. Change the delimiter in the "
                              "mapping, or leave it out",
                              shown(*options.delimiter), shown(guess.delimiter), guess.columns))
          .with("delimiter", shown(guess.delimiter)));
}

Result<void> plan_columns(const ReadOptions& options, Plan& plan) {
  if (plan.titles.size() > kFieldsMax) {
    return fail(table_error("columns.csv.too_many_columns", plan.name, plan.header_line,
                            fmt::format("{} columns, more than {}: probably the delimiter is wrong",
                                        plan.titles.size(), kFieldsMax)));
  }
  plan.shape.fields = plan.titles.size();
  plan.shape.fields_min = plan.titles.size();
  while (plan.header_line != 0 && plan.shape.fields_min > 1 &&
         trim(plan.titles[plan.shape.fields_min - 1]).empty()) {
    --plan.shape.fields_min;
  }
  plan.header = name_columns(plan.titles);
  // Names are asked for in UTF-8; what the file's encoding is, is known at its end.
  std::vector<std::string> readable = plan.header;
  for (std::string& title : readable) {
    if (find_invalid_utf8(title)) {
      title = files::windows_1252_to_utf8(title);
    }
  }
  plan.shape.wanted = ATALAYA_TRY(find_columns(readable, options.columns, plan.name));
  if (!options.end_columns.empty()) {
    plan.shape.end_fields = ATALAYA_TRY(find_columns(readable, options.end_columns, plan.name));
  }
  plan.shape.ragged_max = options.ragged_max;
  return {};
}

// A source that is UTF-8 or Windows-1252, whatever it was, and its first bytes.
struct Opened {
  std::unique_ptr<files::ByteSource> source;
  std::string head;
  bool utf16 = false;
  bool mark = false;  // a byte order mark stood before the head
};

Result<Opened> open_text(const OpenSource& open, std::string_view name, Encoding encoding) {
  Opened opened;
  opened.source = ATALAYA_TRY(open());
  opened.head = ATALAYA_TRY(read_head(*opened.source));
  const std::string_view head = opened.head;
  opened.utf16 = encoding == Encoding::utf_16 ||
                 (encoding == Encoding::automatic &&
                  sniff(head.substr(0, kSniffBytes)).encoding == Encoding::utf_16);
  if (opened.utf16) {
    const bool big = head.starts_with("\xFE\xFF") || (!head.empty() && head[0] == '\0');
    opened.source = ATALAYA_TRY(open());
    opened.source = files::open_utf16_source(
        std::move(opened.source), name, big ? files::ByteOrder::big : files::ByteOrder::little);
    opened.head = ATALAYA_TRY(read_head(*opened.source));
  }
  if (opened.head.starts_with("\xEF\xBB\xBF")) {
    opened.head.erase(0, 3);
    opened.mark = true;
  }
  return opened;
}

}  // namespace

Result<RawTable> read_csv(const OpenSource& open, std::string_view name,
                          const ReadOptions& options) {
  Opened opened = ATALAYA_TRY(open_text(open, name, options.encoding));
  const std::string_view head = opened.head;
  if (head.find_first_not_of(" \t\r\n") == std::string_view::npos && head.size() < kHeadBytes) {
    return fail(table_error("columns.csv.empty", name, 0, "the file is empty"));
  }
  if (const std::size_t nul = head.find('\0'); nul != std::string_view::npos) {
    const std::size_t line = head.substr(0, nul).find_last_of("\r\n");
    Plan plan;
    plan.name = std::string(name);
    return fail(block_error({.kind = BlockError::Kind::nul,
                             .line = count_lines(head.substr(0, nul)),
                             .column = line == std::string_view::npos ? nul + 1 : nul - line},
                            plan, 1));
  }
  const Dialect guess = sniff(head.substr(0, kSniffBytes));
  Plan plan;
  plan.name = std::string(name);
  plan.shape.delimiter = options.delimiter.value_or(guess.delimiter);
  plan.shape.quote = options.quote.value_or('"');
  plan.encoding = opened.utf16                                             ? Encoding::utf_16
                  : opened.mark && options.encoding == Encoding::automatic ? Encoding::utf_8
                                                                           : options.encoding;
  const std::size_t data =
      ATALAYA_TRY(plan_rows(head, head.size() < kHeadBytes, options, guess, plan));
  ATALAYA_TRY(check_delimiter(plan, options, guess));
  ATALAYA_TRY(plan_columns(options, plan));
  plan.head_high = count_high_bytes(head.data(), data);
  Attempt first =
      ATALAYA_TRY(attempt(*opened.source, head.substr(data), plan, options, Splitting::parity));
  if (first.irregular_quotes) {
    opened = ATALAYA_TRY(open_text(open, name, options.encoding));
    first = ATALAYA_TRY(attempt(*opened.source, std::string_view(opened.head).substr(data), plan,
                                options, Splitting::exact));
  }
  drop_unnamed(first.table, plan.titles);
  return std::move(first.table);
}

}  // namespace atalaya::columns
