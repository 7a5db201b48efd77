#pragma once
// The cells of a released table as a segment: written once, read as they were.

#include <filesystem>
#include <string>

#include "desk_state.hpp"

namespace atalaya::observatory::detail {

/// A segment of its own in `folder`, with a name that nobody can guess. Numbers are kept to a
/// thousandth, rates beside the crude one to nine decimals.
[[nodiscard]] Result<WrittenSegment> write_release_cells(const std::filesystem::path& folder,
                                                         const Table& table,
                                                         const std::string& release);
/// Fills table.cells, by `table.by`, with the rates that follow from them.
[[nodiscard]] Result<void> read_release_cells(const Desk::State& state, const std::string& segment,
                                              Table& table);

}  // namespace atalaya::observatory::detail
