#include "dialect_rows.hpp"

#include <algorithm>

#include <atalaya/base/text.hpp>

namespace atalaya::columns {
namespace {

bool is_line_end(char c) noexcept {
  return c == '\n' || c == '\r';
}

// Appends the quoted part of a field and returns the offset behind its closing quote, or npos.
std::size_t take_quoted(std::string_view text, std::size_t at, char quote, std::string& field) {
  while (true) {
    const std::size_t next = text.find(quote, at);
    if (next == std::string_view::npos) {
      field += text.substr(at);
      return std::string_view::npos;
    }
    field += text.substr(at, next - at);
    if (next + 1 >= text.size() || text[next + 1] != quote) {
      return next + 1;
    }
    field += quote;
    at = next + 2;
  }
}

}  // namespace

bool SampleRow::blank() const {
  return std::all_of(fields.begin(), fields.end(),
                     [](const std::string& field) { return field.empty(); });
}

SampleRow parse_row(std::string_view text, std::size_t begin, std::uint64_t line, char delimiter,
                    char quote) {
  SampleRow row;
  row.line = line;
  row.begin = begin;
  std::size_t at = begin;
  while (true) {
    std::string field;
    if (quote != '\0' && at < text.size() && text[at] == quote) {
      at = take_quoted(text, at + 1, quote, field);
      if (at == std::string_view::npos) {
        row.fields.push_back(std::move(field));
        row.open_quote = true;
        row.end = text.size();
        return row;
      }
    }
    const std::size_t start = at;
    while (at < text.size() && text[at] != delimiter && !is_line_end(text[at])) {
      ++at;
    }
    field += text.substr(start, at - start);
    row.fields.push_back(std::move(field));
    if (at < text.size() && text[at] == delimiter) {
      ++at;
      continue;
    }
    row.terminated = at < text.size();
    row.end = std::min(text.size(), at + (text.substr(at).starts_with("\r\n") ? 2 : 1));
    return row;
  }
}

std::vector<SampleRow> parse_rows(std::string_view text, char delimiter, char quote,
                                  std::size_t rows_max, bool whole) {
  std::vector<SampleRow> rows;
  std::size_t at = 0;
  std::uint64_t line = 1;
  while (at < text.size() && rows.size() < rows_max) {
    SampleRow row = parse_row(text, at, line, delimiter, quote);
    // A CR at the very end of a sample may be the first half of a CRLF.
    const bool cut = !row.terminated || (row.end == text.size() && text.back() == '\r');
    if (cut && !whole) {
      break;
    }
    line += count_lines(text.substr(at, row.end - at));
    at = row.end;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::uint64_t count_lines(std::string_view text) {
  std::uint64_t lines = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    lines += text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))
                 ? 1U
                 : 0U;
  }
  return lines;
}

bool is_number_like(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 32) {
    return false;
  }
  const auto digits =
      std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits > 0 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || std::string_view("+-.,/: %'TZeE").contains(c);
         });
}

}  // namespace atalaya::columns
