#pragma once
// What an audit tells of a cell that is not safe.

#include <vector>

#include <atalaya/base/json.hpp>

#include "release_group.hpp"

namespace atalaya::observatory::detail {

/// Kind, cell, value, what a reader derives, and from which published cells; each cell with the
/// `table` of the plan that prints it (from 0), else the `release` before, else `rest`.
[[nodiscard]] json::object leak_json(const Group& group, const std::vector<Placed>& placed,
                                     const dc::Report& report, const dc::Leak& leak);

}  // namespace atalaya::observatory::detail
