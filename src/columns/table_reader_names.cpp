#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>

#include "csv_reader.hpp"

namespace atalaya::columns {

Error table_error(std::string_view reason, std::string_view name, std::uint64_t line,
                  std::string_view detail) {
  Error error{.code = ErrorCode::invalid_argument,
              .reason = std::string(reason),
              .detail = line == 0 ? fmt::format("{}: {}", name, detail)
                                  : fmt::format("{}, line {}: {}", name, line, detail),
              .params = {{"file", std::string(name)}}};
  if (line != 0) {
    error.params.emplace_back("line", fmt::format("{}", line));
  }
  return error;
}

std::vector<std::string> name_columns(const std::vector<std::string>& titles) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const std::string& title : titles) {
    taken.emplace(trim(title));
  }
  std::set<std::string> used;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    std::string name(trim(titles[i]));
    if (name.empty()) {
      name = fmt::format("column_{}", i + 1);
    }
    const std::string stem = name;
    for (int n = 2; used.contains(name); ++n) {
      // Not a name that a later column bears by itself.
      do {
        name = fmt::format("{}_{}", stem, n);
      } while (taken.contains(name) && ++n > 0);
    }
    used.insert(name);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<std::string> join_titles(const std::vector<std::vector<std::string>>& upper,
                                     const std::vector<std::string>& below) {
  std::vector<std::string> out;
  const auto join = [&](std::size_t column, std::string_view text) {
    out.resize(std::max(out.size(), column + 1));
    if (!text.empty()) {
      out[column] += (out[column].empty() ? "" : " ") + std::string(text);
    }
  };
  for (const auto& row : upper) {
    std::string last;
    for (std::size_t c = 0; c < std::max(row.size(), below.size()); ++c) {
      const std::string_view own = c < row.size() ? trim(row[c]) : std::string_view();
      // A column without a lower title is no part of the group on its left.
      const bool grouped = c < below.size() && !trim(below[c]).empty();
      last = !own.empty() ? std::string(own) : grouped ? last : std::string();
      join(c, last);
    }
  }
  for (std::size_t c = 0; c < below.size(); ++c) {
    join(c, trim(below[c]));
  }
  return out;
}

Result<std::vector<std::uint32_t>> find_columns(const std::vector<std::string>& header,
                                                const std::vector<std::string>& names,
                                                std::string_view file) {
  std::vector<std::uint32_t> numbers;
  if (names.empty()) {
    for (std::uint32_t i = 0; i < header.size(); ++i) {
      numbers.push_back(i);
    }
    return numbers;
  }
  for (const std::string& name : names) {
    const auto at = std::find(header.begin(), header.end(), trim(name));
    if (at == header.end()) {
      return fail(table_error("columns.table.no_column", file, 0,
                              fmt::format("no column \"{}\"; the file has: {}. Change the name in "
                                          "the mapping, or say on which line the titles stand",
                                          name, fmt::join(header, ", ")))
                      .with("name", name));
    }
    numbers.push_back(static_cast<std::uint32_t>(at - header.begin()));
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

void drop_unnamed(RawTable& table, const std::vector<std::string>& titles) {
  // Only where all columns were asked for does the last one of the table stand last in the file.
  while (table.columns.size() == table.header.size() && table.header.size() > 1 &&
         titles.size() >= table.header.size() && table.header_line != 0 &&
         trim(titles[table.header.size() - 1]).empty()) {
    const Dictionary& values = table.columns.back().values;
    if (values.size() > 1 || (values.size() == 1 && !values.text(0).empty())) {
      return;
    }
    table.columns.pop_back();
    table.header.pop_back();
  }
}

}  // namespace atalaya::columns
