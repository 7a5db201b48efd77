#pragma once
// What published tables answer together. Any thread.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/observatory/desk.hpp>

namespace atalaya::observatory {

struct ReleasedAnswer {
  /// `release` is the newest that it has a cell of, `query.rate` that of its first table.
  Table table;
  /// Release and position of what gave a cell, the first first; of an empty answer one that holds
  /// the breakdown.
  std::vector<std::pair<std::string, std::int32_t>> tables;
};

/// Of all published tables with this breakdown those cells that say exactly what is asked: a cell
/// of a table that chose a part of what its row is named after answers only who chose the same.
/// Where several tables speak of the same rows the newest release decides, also that there is none;
/// real figures come before synthetic ones, counted before estimated. The figures of a country are
/// of one source, all are rounded alike, and those of a place and period rest on the same facts of
/// it: what cannot stand beside is named in a note
/// (docs/guides/release.md). Fails with not_found (observatory.release.none, .unknown).
[[nodiscard]] Result<ReleasedAnswer> answer_released(const Desk& desk, const TableQuery& query);

}  // namespace atalaya::observatory
