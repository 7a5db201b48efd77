#include "workbook_table.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>

#include "csv_reader.hpp"
#include "raw_table_coder.hpp"

namespace atalaya::columns {
namespace {

// Rows that are held back until it is known which of them is the header.
constexpr std::size_t kHeldRows = 200;

struct HeldRow {
  std::uint64_t line = 0;
  std::vector<std::string> cells;
};

class TableBuilder {
 public:
  TableBuilder(std::string_view file, const ReadOptions& options)
      : file_(file), options_(options) {}

  // False where no more rows are wanted.
  bool add(std::uint64_t line, std::span<const std::string_view> cells) {
    if (started_) {
      return take(line, cells);
    }
    held_.push_back({.line = line, .cells = {cells.begin(), cells.end()}});
    const bool enough = options_.header == Header::at_line ? line >= options_.header_line
                                                           : held_.size() == kHeldRows;
    return !enough || start();
  }

  Result<RawTable> finish() {
    if (!started_) {
      start();
    }
    if (error_) {
      return fail(*std::move(error_));
    }
    for (std::size_t slot = 0; slot < coders_.size(); ++slot) {
      Dictionary& values = table_.columns[slot].values;
      const Dictionary& texts = coders_[slot].texts();
      for (std::uint32_t code = 0; code < texts.size(); ++code) {
        values.append(texts.text(code));
      }
      table_.columns[slot].codes = narrow(codes_[slot], texts.size());
      codes_[slot] = {};
    }
    const bool regular =
        table_.lines.empty() || table_.lines.back() - table_.lines.front() + 1 == table_.rows;
    table_.first_line = table_.lines.empty() ? 0 : table_.lines.front();
    if (regular) {
      table_.lines.clear();
    }
    drop_unnamed(table_, titles_);
    return std::move(table_);
  }

 private:
  bool start() {
    started_ = true;
    const std::optional<std::size_t> first = find_first();
    if (!first) {
      error_ = table_error("columns.table.no_header", file_, options_.header_line,
                           held_.empty() ? "the sheet is empty"
                                         : "this row of the sheet is empty; say in the mapping in "
                                           "which row the titles stand");
      return false;
    }
    while (!titles_.empty() && trim(titles_.back()).empty()) {
      titles_.pop_back();
    }
    table_.header = name_columns(titles_);
    if (!plan_columns()) {
      return false;
    }
    bool more = true;
    std::vector<std::string_view> views;
    for (std::size_t i = *first; i < held_.size() && more; ++i) {
      views.assign(held_[i].cells.begin(), held_[i].cells.end());
      more = take(held_[i].line, views);
    }
    held_.clear();
    return more;
  }

  // Index of the first row of data among the held ones; sets titles_ and the header's line.
  std::optional<std::size_t> find_first() {
    std::size_t header = held_.size();
    if (options_.header == Header::at_line) {
      header = static_cast<std::size_t>(
          std::find_if(held_.begin(), held_.end(),
                       [&](const HeldRow& row) { return row.line == options_.header_line; }) -
          held_.begin());
    } else if (options_.header == Header::automatic) {
      std::vector<std::vector<std::string>> rows;
      for (const HeldRow& row : held_) {
        rows.push_back(row.cells);
      }
      const int found = find_header_row(rows);
      header = found < 0 ? held_.size() : static_cast<std::size_t>(found);
    }
    if (header < held_.size()) {
      titles_ = held_[header].cells;
      if (options_.header == Header::at_line && options_.header_top != 0) {
        std::vector<std::vector<std::string>> upper;
        for (const HeldRow& row : held_) {
          if (row.line >= options_.header_top && row.line < options_.header_line) {
            upper.push_back(row.cells);
          }
        }
        titles_ = join_titles(upper, titles_);
        table_.header_top = options_.header_top;
      }
      table_.header_line = held_[header].line;
      last_line_ = table_.header_line;
      return header + 1;
    }
    if (options_.header == Header::at_line || held_.empty()) {
      return std::nullopt;
    }
    std::size_t width = 0;
    for (const HeldRow& row : held_) {
      width = std::max(width, row.cells.size());
    }
    // Without titles the columns are called by their numbers.
    for (std::size_t i = 0; i < width; ++i) {
      titles_.push_back(fmt::format("column_{}", i + 1));
    }
    const auto at = std::find_if(held_.begin(), held_.end(), [&](const HeldRow& row) {
      return row.line >= options_.header_line;
    });
    last_line_ = at == held_.end() ? 0 : at->line - 1;
    return static_cast<std::size_t>(at - held_.begin());
  }

  bool plan_columns() {
    Result<std::vector<std::uint32_t>> wanted =
        find_columns(table_.header, options_.columns, file_);
    Result<std::vector<std::uint32_t>> end =
        options_.end_columns.empty() ? std::vector<std::uint32_t>()
                                     : find_columns(table_.header, options_.end_columns, file_);
    if (!wanted || !end) {
      error_ = !wanted ? std::move(wanted).error() : std::move(end).error();
      return false;
    }
    wanted_ = *std::move(wanted);
    end_columns_ = *std::move(end);
    for (const std::uint32_t column : wanted_) {
      table_.columns.push_back({.name = table_.header[column], .values = {}, .codes = {}});
    }
    coders_.resize(wanted_.size());
    codes_.resize(wanted_.size());
    return true;
  }

  bool take(std::uint64_t line, std::span<const std::string_view> cells) {
    table_.blank_rows += line > last_line_ ? line - last_line_ - 1 : 0;
    last_line_ = line;
    const auto cell = [&](std::size_t i) {
      return i < cells.size() ? cells[i] : std::string_view();
    };
    if (std::all_of(cells.begin(), cells.end(), [](auto text) { return text.empty(); })) {
      ++table_.blank_rows;
      return true;
    }
    const bool ends =
        !end_columns_.empty() && std::all_of(end_columns_.begin(), end_columns_.end(),
                                             [&](std::uint32_t i) { return cell(i).empty(); });
    if (ends && table_.footer_line == 0) {
      table_.footer_line = line;
    }
    if (table_.footer_line != 0) {
      ++table_.footer_rows;
      return true;
    }
    if (options_.rows_max != 0 && table_.rows == options_.rows_max) {
      table_.cut = true;
      return false;
    }
    widen(cells);
    for (std::size_t slot = 0; slot < wanted_.size(); ++slot) {
      codes_[slot].push_back(code(slot, cell(wanted_[slot])));
    }
    table_.lines.push_back(line);
    ++table_.rows;
    return true;
  }

  // A sheet has no width of its own: a filled cell to the right of the titles begins a column.
  void widen(std::span<const std::string_view> cells) {
    std::size_t filled = cells.size();
    while (filled > table_.header.size() && cells[filled - 1].empty()) {
      --filled;
    }
    while (filled > table_.header.size()) {
      const auto number = static_cast<std::uint32_t>(table_.header.size());
      titles_.emplace_back();
      table_.header.push_back(name_columns(titles_).back());
      if (options_.columns.empty()) {
        wanted_.push_back(number);
        table_.columns.push_back({.name = table_.header.back(), .values = {}, .codes = {}});
        coders_.emplace_back();
        const std::size_t slot = codes_.size();
        codes_.emplace_back();
        if (table_.rows > 0) {
          codes_.back().assign(table_.rows, code(slot, {}));
        }
      }
    }
  }

  std::uint32_t code(std::size_t slot, std::string_view text) {
    padded_.assign(text);
    padded_.append(16, '\0');
    return coders_[slot].code(padded_.data(), text.size(), table_.rows);
  }

  std::string_view file_;
  const ReadOptions& options_;
  std::vector<HeldRow> held_;
  bool started_ = false;
  std::optional<Error> error_;
  RawTable table_;
  std::vector<std::string> titles_;
  std::vector<std::uint32_t> wanted_;
  std::vector<std::uint32_t> end_columns_;
  std::vector<ColumnCoder> coders_;
  std::vector<std::vector<std::uint32_t>> codes_;
  std::string padded_;
  std::uint64_t last_line_ = 0;
};

Result<RawTable> read_one_sheet(files::Workbook& workbook, std::size_t sheet, std::string_view name,
                                const ReadOptions& options) {
  TableBuilder builder(name, options);
  const files::SheetNotes notes = ATALAYA_TRY(
      workbook.read_sheet(sheet, [&](std::uint64_t row, std::span<const std::string_view> cells) {
        return builder.add(row, cells);
      }));
  RawTable table = ATALAYA_TRY(builder.finish());
  table.file = std::string(name);
  table.sheet = workbook.sheets()[sheet].name;
  if (notes.formulas_without_value > 0) {
    table.warnings.push_back(
        table_error("columns.table.formulas_without_value", name, notes.first_such_row,
                    fmt::format("{} cells hold formulas that were never computed and count as "
                                "empty; open the file in a spreadsheet program and save it",
                                notes.formulas_without_value))
            .with("count", fmt::format("{}", notes.formulas_without_value)));
  }
  return table;
}

// What a sheet holds that is not read: its titles as they would be found, and the rows below them.
OtherSheet count_sheet(files::Workbook& workbook, std::size_t sheet, std::string_view name,
                       ReadOptions options) {
  OtherSheet out;
  out.name = workbook.sheets()[sheet].name;
  out.visible = workbook.sheets()[sheet].visible;
  options.columns.clear();
  options.end_columns.clear();
  options.rows_max = 1;
  TableBuilder builder(name, options);
  std::vector<std::uint64_t> first;  // lines that may be the header or stand above it
  bool wants_more = true;
  const auto notes =
      workbook.read_sheet(sheet, [&](std::uint64_t row, std::span<const std::string_view> cells) {
        if (std::ranges::any_of(cells, [](auto text) { return !trim(text).empty(); })) {
          ++out.rows;
          if (first.size() < kHeldRows) {
            first.push_back(row);
          }
        }
        wants_more = wants_more && builder.add(row, cells);
        return true;
      });
  const auto table = builder.finish();
  if (notes && table) {
    out.header = table->header;
    const auto above = static_cast<std::uint64_t>(std::ranges::count_if(
        first, [&](std::uint64_t line) { return line <= table->header_line; }));
    // Of a cover every row may stand where the titles of the others are: it is named all the same.
    out.rows -= above < out.rows ? above : 0;
  }
  return out;
}

void count_others(files::Workbook& workbook, std::string_view name, const ReadOptions& options,
                  RawTable& table) {
  for (std::size_t i = 0; options.count_sheets && i < workbook.sheets().size(); ++i) {
    if (workbook.sheets()[i].name != table.sheet) {
      table.others.push_back(count_sheet(workbook, i, name, options));
    }
  }
}

std::vector<std::string> sheet_names(const files::Workbook& workbook) {
  std::vector<std::string> names;
  for (const files::SheetInfo& sheet : workbook.sheets()) {
    names.push_back(sheet.visible ? sheet.name : sheet.name + " (hidden)");
  }
  return names;
}

Result<std::size_t> named_sheet(const files::Workbook& workbook, std::string_view name,
                                const ReadOptions& options) {
  const auto& sheets = workbook.sheets();
  const auto at = options.sheet.empty()
                      ? sheets.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                             options.sheet_number - 1, sheets.size()))
                      : std::find_if(sheets.begin(), sheets.end(), [&](const auto& sheet) {
                          return trim(sheet.name) == trim(options.sheet);
                        });
  if (at == sheets.end()) {
    const std::string wanted =
        options.sheet.empty() ? fmt::format("{}", options.sheet_number) : options.sheet;
    return fail(table_error("columns.table.no_sheet", name, 0,
                            fmt::format("no sheet \"{}\"; the workbook has: {}", wanted,
                                        fmt::join(sheet_names(workbook), ", ")))
                    .with("sheet", wanted));
  }
  return static_cast<std::size_t>(at - sheets.begin());
}

}  // namespace

Result<RawTable> read_workbook(files::Workbook& workbook, std::string_view name,
                               const ReadOptions& options) {
  if (!options.sheet.empty() || options.sheet_number != 0) {
    const std::size_t sheet = ATALAYA_TRY(named_sheet(workbook, name, options));
    auto table = ATALAYA_TRY(read_one_sheet(workbook, sheet, name, options));
    count_others(workbook, name, options, table);
    return table;
  }
  std::optional<Result<RawTable>> first;
  for (std::size_t i = 0; i < workbook.sheets().size(); ++i) {
    if (!workbook.sheets()[i].visible) {
      continue;
    }
    Result<RawTable> table = read_one_sheet(workbook, i, name, options);
    const bool good = table && table->rows > 0;
    // Of a workbook whose first sheet is a cover, the error of the cover says nothing.
    if (good || !first || (!*first && table)) {
      first = std::move(table);
    }
    if (!good) {
      continue;
    }
    std::vector<std::string> others = sheet_names(workbook);
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    if (!others.empty()) {
      (*first)->warnings.push_back(
          table_error("columns.table.other_sheets", name, 0,
                      fmt::format("sheet \"{}\" was read; the workbook also has: {}",
                                  (*first)->sheet, fmt::join(others, ", "))));
    }
    count_others(workbook, name, options, **first);
    return *std::move(first);
  }
  if (!first) {
    return fail(table_error("columns.table.empty", name, 0, "the workbook has no visible sheet"));
  }
  return *std::move(first);
}

}  // namespace atalaya::columns
