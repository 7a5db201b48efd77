// A file's titles as a proposal of a mapping sees them, and the reading of a file for one.
#include "mapping_titles.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include <atalaya/columns/read_table.hpp>
#include <atalaya/observatory/mapping_draft.hpp>

namespace atalaya::observatory {

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_amount(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (std::string_view("0123456789., <-").contains(text[at])) {
      continue;
    }
    const auto rest = text.substr(at);
    const bool blank = rest.starts_with("\u00A0") || rest.starts_with("\u202F");
    if (!blank) {
      return false;
    }
    at += rest.starts_with("\u00A0") ? 1U : 2U;
  }
  return true;
}

bool is_year(std::string_view text) {
  return text.size() == 4 && is_digits(text) && (text.starts_with("19") || text.starts_with("20"));
}

// What stands behind a year to say that it is provisional, revised or has a note.
std::string_view without_mark(std::string_view name) {
  constexpr std::size_t kMarkBytesMax = 4;
  const std::size_t last = name.find_last_of("0123456789");
  const bool short_mark = last != std::string_view::npos && name.size() - last - 1 <= kMarkBytesMax;
  return short_mark ? name.substr(0, last + 1) : name;
}

// "Homicides" of "Homicides 2021"; empty where no year follows something.
std::string stem_of(std::string_view name) {
  name = without_mark(name);
  const std::size_t blank = name.find_last_of(" _");
  const bool has_year =
      blank != std::string_view::npos && blank > 0 && is_year(name.substr(blank + 1));
  return has_year ? std::string(name.substr(0, blank + 1)) : std::string();
}

// Titles that are empty or stand more than once, by the names that readers give them.
bool is_unclear(const std::vector<std::string>& header, std::size_t place) {
  const std::string& name = header[place];
  if (name == fmt::format("column_{}", place + 1)) {
    return true;
  }
  const std::size_t mark = name.find_last_of('_');
  return mark != std::string::npos && mark > 0 && is_digits(name.substr(mark + 1)) &&
         name.size() - mark <= 3 && std::ranges::find(header, name.substr(0, mark)) != header.end();
}

bool has_unclear(const std::vector<std::string>& header) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (is_unclear(header, i)) {
      return true;
    }
  }
  return false;
}

namespace {

constexpr std::uint64_t kTitleLines = 3;  // that titles are looked for in

// The header of the lines from `top` on, where that gives every column a name of its own; the upper
// ones have more than a banner's single text.
std::optional<columns::RawTable> with_headers(const std::string& path, columns::ReadOptions options,
                                              std::uint64_t top, std::uint64_t last) {
  options.header = columns::Header::at_line;
  options.header_line = last;
  auto look = options;
  look.rows_max = 1;
  const auto plain = columns::read_table(path, look);
  options.header_top = top;
  look.header_top = top;
  const auto joined = columns::read_table(path, look);
  if (!plain || !joined || has_unclear(joined->header)) {
    return std::nullopt;
  }
  std::set<std::string> upper;
  for (std::size_t i = 0; i < joined->header.size(); ++i) {
    const std::string lower = i < plain->header.size() ? plain->header[i] : std::string();
    if (is_amount(lower) && !lower.empty() && !is_year(without_mark(lower))) {
      return std::nullopt;  // a row of numbers is no title
    }
    const std::string& name = joined->header[i];
    const auto at = name.rfind(lower.substr(0, lower.find_last_of('_')));
    upper.insert(at == std::string::npos || lower.starts_with("column_") ? name
                                                                         : name.substr(0, at));
  }
  upper.erase("");
  auto table = columns::read_table(path, options);
  return upper.size() > 1 && table ? std::optional(*std::move(table)) : std::nullopt;
}

}  // namespace

Result<columns::RawTable> read_for_draft(const std::string& path, const std::string& sheet) {
  columns::ReadOptions options;
  options.sheet = sheet;
  options.rows_max = 200'000;
  options.count_sheets = true;
  auto table = ATALAYA_TRY(columns::read_table(path, options));
  std::uint64_t most = 0;
  for (const auto& other : table.others) {
    most = std::max(most, other.visible ? other.rows * other.header.size() : 0);
  }
  if (sheet.empty() && table.rows * table.header.size() * 4 < most) {
    const auto at = std::ranges::find_if(table.others, [&](const auto& other) {
      return other.visible && other.rows * other.header.size() * 2 >= most;
    });
    options.sheet = at->name;
    table = ATALAYA_TRY(columns::read_table(path, options));
  }
  options.sheet = table.sheet;
  for (const std::uint64_t last : {table.header_line, table.header_line + 1}) {
    for (std::uint64_t top = last - 1; top > 0 && top + kTitleLines > last; --top) {
      if (table.header_line == 0 || !has_unclear(table.header)) {
        continue;
      }
      if (auto joined = with_headers(path, options, top, last)) {
        return *std::move(joined);
      }
    }
  }
  return table;
}

}  // namespace atalaya::observatory
