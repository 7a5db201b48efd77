#include "table_rows.hpp"

#include <algorithm>

#include <atalaya/base/text.hpp>

namespace atalaya::followup::detail {
namespace {

// The separator of the first line decides: guessing over a whole file of free texts would let their
// commas win.
char delimiter_of(std::string_view bytes) {
  const std::string_view first = bytes.substr(0, bytes.find('\n'));
  char best = ',';
  for (const char candidate : {';', '\t'}) {
    if (std::ranges::count(first, candidate) > std::ranges::count(first, best)) {
      best = candidate;
    }
  }
  return best;
}

}  // namespace

Result<TableRows> TableRows::read(std::string_view bytes, std::string_view file_name) {
  columns::ReadOptions options;
  options.header = columns::Header::at_line;
  options.header_line = 1;
  options.threads = 1;
  if (!bytes.starts_with("PK") && !bytes.starts_with("\xD0\xCF\x11\xE0")) {
    options.delimiter = delimiter_of(bytes);
    options.quote = '"';
  }
  TableRows out;
  out.table_ = ATALAYA_TRY(columns::read_table(bytes, file_name, options));
  if (out.table_.ragged_rows > 0) {
    const auto& row = out.table_.ragged.front();
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.file.ragged",
                      "a row has another number of fields than the header",
                      {{"file", std::string(file_name)},
                       {"line", std::to_string(row.line)},
                       {"found", std::to_string(row.found)},
                       {"expected", std::to_string(row.expected)}}});
  }
  return out;
}

std::vector<std::string> TableRows::names() const {
  std::vector<std::string> out;
  for (const auto& column : table_.columns) {
    if (!trim(column.name).empty()) {
      out.emplace_back(trim(column.name));
    }
  }
  return out;
}

int TableRows::column(std::string_view name) const {
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    if (fold(table_.columns[i].name) == fold(name)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

int TableRows::column_with(std::string_view part) const {
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    if (fold(table_.columns[i].name).contains(fold(part))) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::string TableRows::text(std::size_t row, int column) const {
  if (column < 0) {
    return {};
  }
  const auto& cells = table_.columns[static_cast<std::size_t>(column)];
  std::string_view text = trim(cells.values.text(columns::at(cells.codes, row)));
  constexpr std::string_view kFormula = "=+-@\t\r";
  // The apostrophe that csv_field() puts before a sign, or before apostrophes and a sign.
  const std::size_t sign = text.find_first_not_of('\'');
  if (sign != std::string_view::npos && sign > 0 && kFormula.contains(text[sign])) {
    text.remove_prefix(1);
  }
  return std::string(text);
}

}  // namespace atalaya::followup::detail
