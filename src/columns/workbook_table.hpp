#pragma once
// A sheet of a workbook as a table.

#include <string_view>

#include <atalaya/base/result.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/files/tables.hpp>

namespace atalaya::columns {

/// The sheet that the options name, or the first visible one that has a table.
[[nodiscard]] Result<RawTable> read_workbook(files::Workbook& workbook, std::string_view name,
                                             const ReadOptions& options);

}  // namespace atalaya::columns
