#pragma once
// How far the sum of some unknown counts can be moved while every published line stays true: the
// audit of tables that are rounded instead of suppressed. A line is a sum of unknowns of which
// readers know an interval. What is answered was reached by whole tables, so it is proved by
// example; a reader's own interval can only be wider. Method and limits:
// docs/methods/disclosure.md.

#include <cstdint>
#include <span>
#include <vector>

#include <atalaya/base/result.hpp>

namespace atalaya::columns::disclosure {

struct KnownLine {
  std::vector<std::uint32_t> members;  // unknowns, ascending
  std::int64_t low = 0, high = 0;      // what readers know of their sum
};

struct LineSystem {
  std::vector<std::int64_t> truth;  // by unknown, >= 0
  std::vector<KnownLine> lines;     // each holds at the truth
};

struct ReachedInterval {
  std::int64_t low = 0, high = 0;
};

/// For each of `asked` (numbers of lines) an interval around its true sum whose ends whole tables
/// reach; the search for one stops as soon as it is `width` wide. Deterministic. Fails with
/// invalid_argument (disclosure.lines) when a line does not hold at the truth or names no unknown.
/// Cost about asked × width × lines per unknown × a bounded search.
[[nodiscard]] Result<std::vector<ReachedInterval>> reached_intervals(
    const LineSystem& system, std::span<const std::uint32_t> asked, std::int64_t width);

}  // namespace atalaya::columns::disclosure
