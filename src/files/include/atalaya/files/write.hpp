#pragma once
// Files that people take away: workbooks and packed folders. In memory; any thread.

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::files {

/// A number, or a text that stays a text: nothing is ever written as a formula.
using SheetCell = std::variant<std::string, double>;

struct WriteSheet {
  std::string name;  // at most 31 letters, none of []:*?/\ (others are replaced); made unique
  std::vector<std::string> header;
  std::vector<std::vector<SheetCell>> rows;
};

inline constexpr std::size_t kSheetRowsMax = 1'048'575;  // of the format, without the header

/// An xlsx workbook. Fails with exhausted (files.write.rows) where a sheet has more rows than the
/// format holds, and with internal (files.write) when the machine has no room for it.
[[nodiscard]] Result<std::string> write_workbook(const std::vector<WriteSheet>& sheets);

/// A zip archive of these files (name, bytes), in their order. Fails with internal (files.write).
[[nodiscard]] Result<std::string> write_zip(
    const std::vector<std::pair<std::string, std::string>>& entries);

}  // namespace atalaya::files
