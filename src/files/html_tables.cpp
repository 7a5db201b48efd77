#include "html_tables.hpp"

#include <algorithm>

#include "blocks.hpp"

namespace atalaya::files {

void HtmlTables::start(std::string_view tag, std::int32_t columns, std::int32_t rows) {
  if (tag == "table") {
    if (!open_.empty() && open_.back().cell) {
      document_->cells[*open_.back().cell].nests = true;
    }
    open_.push_back({.number = ++met_});
  } else if (tag == "tr" && !open_.empty()) {
    close_cell();
    ++open_.back().row;
    open_.back().column = 0;
  } else if ((tag == "td" || tag == "th") && !open_.empty()) {
    close_cell();
    open_cell(open_.back(), columns, rows);
  }
}

void HtmlTables::end(std::string_view tag) {
  if (tag == "td" || tag == "th" || tag == "table") {
    close_cell();
  }
  if (tag == "table" && !open_.empty()) {
    open_.pop_back();
  }
}

void HtmlTables::open_cell(Table& table, std::int32_t columns, std::int32_t rows) {
  const auto column = [&] { return static_cast<std::size_t>(table.column); };
  ++table.column;
  while (column() < table.until.size() && table.until[column()] >= table.row) {
    ++table.column;
  }
  Cell cell{.table = table.number, .row = table.row, .column = table.column};
  cell.columns = std::clamp(columns, 1, kSpanMax);
  cell.rows = std::clamp(rows, 1, kSpanMax);
  cell.first = cell.end = document_->lines.size();
  table.column = std::min(table.column + cell.columns - 1, kColumnsOfTableMax);
  if (table.until.size() <= column()) {
    table.until.resize(column() + 1);
  }
  for (auto at = static_cast<std::size_t>(cell.column); at <= column(); ++at) {
    table.until[at] = cell.row + cell.rows - 1;
  }
  if (cell.column <= kColumnsOfTableMax && document_->cells.size() < kCellsMax) {
    table.cell = document_->cells.size();
    document_->cells.push_back(cell);
  }
}

void HtmlTables::close_cell() {
  if (!open_.empty() && open_.back().cell) {
    document_->cells[*open_.back().cell].end = document_->lines.size();
    open_.back().cell.reset();
  }
}

}  // namespace atalaya::files
