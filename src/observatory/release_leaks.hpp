#pragma once
// What an audit tells of a cell that is not safe.

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include <atalaya/base/json.hpp>

#include "release_group.hpp"

namespace atalaya::observatory::detail {

/// Kind, cell, value, what a reader derives, and from which published cells; each cell with the
/// `table` of the plan that prints it (from 0), else the `release` before, else `rest`.
[[nodiscard]] json::object leak_json(const Group& group, const std::vector<Placed>& placed,
                                     const dc::Report& report, const dc::Leak& leak);

/// The leaks of a report by their cell: large revised series have tens of thousands. The report
/// outlives this.
class LeaksByCell {
 public:
  LeaksByCell(const dc::Plan& plan, const dc::Report& report) {
    for (const auto& leak : report.leaks) {
      auto cell = report.cell(plan, leak.id);
      const auto rest = report.is_rest(leak.id)
                            ? std::optional(std::size_t{leak.id.grid - report.printed})
                            : std::nullopt;
      leaks_.emplace(Key{rest, std::move(cell.level), std::move(cell.group)}, &leak);
    }
  }

  /// `rest`: its number, of a cell that no table prints. Null where the cell does not leak.
  [[nodiscard]] const dc::Leak* find(const dc::Cell& cell, std::optional<std::size_t> rest) const {
    const auto at = leaks_.find({rest, cell.level, cell.group});
    return at == leaks_.end() ? nullptr : at->second;
  }

 private:
  using Key = std::tuple<std::optional<std::size_t>, std::vector<std::uint32_t>,
                         std::vector<std::uint32_t>>;
  std::map<Key, const dc::Leak*> leaks_;
};

}  // namespace atalaya::observatory::detail
