#pragma once
// Text tables, block by block, on several threads.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/files/tables.hpp>

namespace atalaya::columns {

/// Opens the (unpacked) bytes of the file from their begin; called again where a second reading is
/// needed.
using OpenSource = std::function<Result<std::unique_ptr<files::ByteSource>>()>;

[[nodiscard]] Result<RawTable> read_csv(const OpenSource& open, std::string_view name,
                                        const ReadOptions& options);

/// invalid_argument `reason` with param file; detail "name: ..." or "name, line n: ..." and then
/// also param line.
[[nodiscard]] Error table_error(std::string_view reason, std::string_view name, std::uint64_t line,
                                std::string_view detail);
/// Titles of a header row: trimmed, "column_7" for an empty one, "name_2" for a second "name".
[[nodiscard]] std::vector<std::string> name_columns(const std::vector<std::string>& titles);
/// Titles that stand in several rows, above one another: an upper one holds for the empty cells on
/// its right that have a lower one (merged cells keep their text on the left).
[[nodiscard]] std::vector<std::string> join_titles(
    const std::vector<std::vector<std::string>>& upper, const std::vector<std::string>& below);
/// Numbers of the columns named, ascending; all where `names` is empty. Fails with
/// columns.table.no_column.
[[nodiscard]] Result<std::vector<std::uint32_t>> find_columns(
    const std::vector<std::string>& header, const std::vector<std::string>& names,
    std::string_view file);
/// Drops the last columns that have neither a title nor a value.
void drop_unnamed(RawTable& table, const std::vector<std::string>& titles);

}  // namespace atalaya::columns
