#pragma once
// Brings rows into order and makes equal ones one, column by column.

#include <cstdint>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/columns/raw_table.hpp>

namespace atalaya::columns {

/// Row numbers in ascending order of the columns' codes, the first column first; equal rows keep
/// their order. Fewer than 2^32 rows.
[[nodiscard]] std::vector<std::uint32_t> sorted_order(const std::vector<RawColumn>& columns,
                                                      std::size_t rows);

/// For an order of rows: where a new run of rows equal in all columns begins.
[[nodiscard]] std::vector<std::uint32_t> run_starts(const std::vector<RawColumn>& columns,
                                                    const std::vector<std::uint32_t>& order);

/// The codes of these rows, in this order.
[[nodiscard]] Codes pick(const Codes& codes, const std::vector<std::uint32_t>& rows);

/// The values of each run added up. Fails with invalid_argument (columns.segment.overflow).
[[nodiscard]] Result<std::vector<std::int64_t>> add_runs(const std::vector<std::int64_t>& values,
                                                         const std::vector<std::uint32_t>& order,
                                                         const std::vector<std::uint32_t>& starts);

/// Gives the dictionary's entries in ascending order of their bytes, each once and none unused,
/// and the codes to fit, as narrow as possible.
void canonicalise(RawColumn& column);

}  // namespace atalaya::columns
