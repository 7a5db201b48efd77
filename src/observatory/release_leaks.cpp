// What an audit tells of a cell that is not safe.
#include "release_leaks.hpp"

#include <algorithm>

namespace atalaya::observatory::detail {
namespace {

// Where a cell is printed: the place of its table in the plan, or an earlier release; what is left
// of figures is in none.
void name_table(const Group& group, const std::vector<Placed>& placed, const dc::Report& report,
                dc::CellId id, json::object& out) {
  if (report.is_rest(id)) {
    out["rest"] = true;
    return;
  }
  const auto& levels = report.grids[id.grid];
  if (const auto at = std::ranges::find(placed, levels, &Placed::levels); at != placed.end()) {
    out["table"] = static_cast<std::int64_t>(at->table);
    return;
  }
  for (const auto& release : group.plan.past) {
    const bool prints = std::ranges::any_of(release.tables, [&](const dc::Table& table) {
      return std::ranges::equal(table.levels, levels, [](const auto& list, std::uint32_t level) {
        return list == std::vector{level};
      });
    });
    if (prints) {
      out["release"] = release.name;
      return;
    }
  }
}

}  // namespace

json::object leak_json(const Group& group, const std::vector<Placed>& placed,
                       const dc::Report& report, const dc::Leak& leak) {
  const auto terms = [&](const std::vector<dc::Term>& list) {
    json::array out;
    for (const auto& term : list) {
      json::object one{{"cell", group.explain(report, term.id)},
                       {"value", term.value},
                       {"times", term.coefficient},
                       {"hidden", term.hidden}};
      name_table(group, placed, report, term.id, one);
      out.push_back(std::move(one));
    }
    return out;
  };
  json::object out{{"kind", dc::to_string(leak.kind)},
                   {"cell", group.explain(report, leak.id)},
                   {"value", leak.value},
                   {"low", leak.low},
                   {"lower_from", terms(leak.lower)},
                   {"upper_from", terms(leak.upper)},
                   {"past", leak.past}};
  out["high"] = leak.high == dc::kUnbounded ? json::value(nullptr) : json::value(leak.high);
  name_table(group, placed, report, leak.id, out);
  return out;
}

}  // namespace atalaya::observatory::detail
