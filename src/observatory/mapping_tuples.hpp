#pragma once
// Columns of a file, row by row and several as one.

#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <atalaya/columns/raw_table.hpp>

namespace atalaya::observatory {

inline constexpr std::size_t kAbsent = std::numeric_limits<std::size_t>::max();
inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

inline std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) {
  return (std::uint64_t{a} << 32U) | b;
}

template <class Visit>
void for_each_code(const columns::Codes& codes, Visit visit) {
  std::visit(
      [&](const auto& values) {
        for (std::size_t row = 0; row < values.size(); ++row) {
          visit(row, std::uint32_t{values[row]});
        }
      },
      codes);
}

// Several columns as one: the id of each row's tuple, and what each tuple is made of.
struct Tuples {
  std::vector<std::uint32_t> rows;
  std::vector<std::vector<std::string_view>> texts;
};

inline Tuples tuples_of(const columns::RawTable& table, const std::vector<std::size_t>& places) {
  Tuples out;
  out.rows.assign(table.rows, 0);
  out.texts.emplace_back();
  bool first = true;
  for (const std::size_t place : places) {
    if (place == kAbsent) {
      for (auto& texts : out.texts) {
        texts.emplace_back();
      }
      continue;
    }
    const auto& column = table.columns[place];
    std::vector<std::vector<std::string_view>> texts;
    if (first) {
      for (std::uint32_t code = 0; code < column.values.size(); ++code) {
        texts.push_back(out.texts[0]);
        texts.back().push_back(column.values.text(code));
      }
      for_each_code(column.codes,
                    [&](std::size_t row, std::uint32_t code) { out.rows[row] = code; });
    } else {
      std::unordered_map<std::uint64_t, std::uint32_t> ids;
      for_each_code(column.codes, [&](std::size_t row, std::uint32_t code) {
        const auto [at, is_new] =
            ids.emplace(pair_key(out.rows[row], code), static_cast<std::uint32_t>(texts.size()));
        if (is_new) {
          texts.push_back(out.texts[out.rows[row]]);
          texts.back().push_back(column.values.text(code));
        }
        out.rows[row] = at->second;
      });
    }
    out.texts = std::move(texts);
    first = false;
  }
  if (out.texts.empty()) {
    out.texts.emplace_back(places.size());  // a column without rows has no values
  }
  return out;
}

}  // namespace atalaya::observatory
