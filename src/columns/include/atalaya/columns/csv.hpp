#pragma once
// Text tables: how they are separated and encoded. RFC 4180 (2005) with what offices really send.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::columns {

/// Latin-1 is read as the part of Windows-1252 that it is in practice (WHATWG Encoding Standard).
enum class Encoding { automatic, utf_8, windows_1252, utf_16 };
[[nodiscard]] std::string_view to_string(Encoding encoding) noexcept;

/// A proposal, made from a part of the file.
struct Dialect {
  char delimiter = ',';  // , ; tab | :
  char quote = '"';
  Encoding encoding = Encoding::utf_8;
  std::uint64_t header_line = 1;   // physical line, 1-based; 0: the first row is data already
  std::uint64_t banner_lines = 0;  // lines before the header (or before the first row)
  std::uint64_t footer_rows = 0;   // rows of notes at the end of `tail`
  char decimal_mark = 0;           // '.' or ',', 0 where no number has one
  std::uint32_t columns = 1;
  double confidence = 0;  // 0 to 1; below 0.6 a person should confirm
};

/// `head`: the file's first bytes (some 64 KiB are enough), `tail` its last ones, or empty where
/// unknown. Never fails: of a file without any structure it says one column, confidence 0. Pure;
/// any thread.
[[nodiscard]] Dialect sniff(std::string_view head, std::string_view tail = {});

/// The same for rows of cells (a workbook): index of the row that is the header among these first
/// rows of the sheet, or -1 where the first row is data already.
[[nodiscard]] int find_header_row(const std::vector<std::vector<std::string>>& rows);

}  // namespace atalaya::columns
