#include <algorithm>

#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

namespace {

using Codes = std::array<std::uint32_t, kDimensionsMax>;

/// One combination of codes that lies in the cell.
Codes codes_in(const Grid& grid, std::uint64_t key) {
  Codes codes{};
  for (std::size_t place = 0; place < grid.sides.size(); ++place) {
    const Grid::Side& side = grid.sides[place];
    codes[grid.broken_down[place]] = side.code[(key - grid.offset) / side.stride % side.groups];
  }
  return codes;
}

/// Calls use(key) for each possible cell of the grid that lies in the total which holds `codes`;
/// use answers whether to go on.
template <class Use>
bool visit_parts(const Grid& grid, const Grid& total, const Codes& codes, Use use) {
  std::vector<std::vector<std::uint64_t>> shares;
  for (std::size_t place = 0; place < grid.sides.size(); ++place) {
    const Grid::Side& side = grid.sides[place];
    const std::uint32_t d = grid.broken_down[place];
    auto& list = shares.emplace_back();
    for (std::uint64_t group = 0; group < side.groups; ++group) {
      const std::uint32_t code = side.code[group];
      if (code != kNone && !total.tells_apart(d, code, codes[d])) {
        list.push_back(side.stride * group);
      }
    }
  }
  std::vector<std::size_t> at(shares.size(), 0);
  for (;;) {
    std::uint64_t key = grid.offset;
    for (std::size_t place = 0; place < at.size(); ++place) {
      key += shares[place][at[place]];
    }
    if (!use(key)) {
      return false;
    }
    std::size_t place = 0;
    while (place < at.size() && ++at[place] == shares[place].size()) {
      at[place++] = 0;
    }
    if (place == at.size()) {
      return true;
    }
  }
}

/// Does the total have two parts or more, and somebody in each?
bool is_full(const Model& model, const Grid& grid, const Grid& total, const Codes& codes) {
  std::size_t parts = 0;
  const bool all = visit_parts(grid, total, codes, [&](std::uint64_t key) {
    const std::uint32_t cell = model.find_cell(key);
    ++parts;
    return cell != kNone && model.cells[cell].value > 0;
  });
  return all && parts > 1;
}

}  // namespace

bool Lines::may_be_zero(const Model& model, const CellState& cell) {
  const Grid& grid = model.grids[cell.grid];
  const Codes codes = codes_in(grid, cell.key);
  KeyMap& known = known_.try_emplace(cell.grid).first->second;
  const KeyMap& hiding = hiding_.try_emplace(cell.grid).first->second;
  return std::ranges::any_of(grid.totals, [&](std::uint32_t number) {
    const Grid& total = model.grids[number];
    const std::uint64_t key = total.key(codes.data());
    if (key == kOutside) {
      return false;
    }
    std::uint32_t full = known.find(key);
    if (full == kNone) {
      full = is_full(model, grid, total, codes) ? 1 : 0;
      known.insert(key, full);
    }
    return full != 0 || hiding.find(key) != kNone;
  });
}

std::vector<std::uint32_t> Lines::hide_zero(const Model& model, const CellState& cell) {
  std::vector<std::uint32_t> beside;
  const Grid& grid = model.grids[cell.grid];
  const Codes codes = codes_in(grid, cell.key);
  KeyMap& hiding = hiding_.try_emplace(cell.grid).first->second;
  for (const std::uint32_t number : grid.totals) {
    const Grid& total = model.grids[number];
    const std::uint64_t key = total.key(codes.data());
    if (key == kOutside || hiding.find(key) != kNone) {
      continue;
    }
    hiding.insert(key, 1);
    visit_parts(grid, total, codes, [&](std::uint64_t part) {
      if (const std::uint32_t other = model.find_cell(part); other != kNone) {
        beside.push_back(other);
      }
      return true;
    });
  }
  return beside;
}

}  // namespace atalaya::columns::disclosure
