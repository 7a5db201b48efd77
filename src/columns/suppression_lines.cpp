#include <algorithm>

#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

std::uint64_t Lines::line_of(const Grid& grid, std::uint64_t key, std::size_t place) noexcept {
  const Grid::Side& side = grid.sides[place];
  return key - (key - grid.offset) / side.stride % side.groups * side.stride;
}

/// Is somebody in every cell of the line?
bool Lines::is_full(const Model& model, const Grid& grid, std::uint64_t line, std::size_t place) {
  return std::ranges::all_of(grid.sides[place].shares, [&](std::uint64_t share) {
    const std::uint32_t cell = model.find_cell(line + share);
    return cell != kNone && model.cells[cell].value > 0;
  });
}

bool Lines::may_be_zero(const Model& model, const CellState& cell) {
  const Grid& grid = model.grids[cell.grid];
  for (std::size_t place = 0; place < grid.sides.size(); ++place) {
    const std::uint64_t line = line_of(grid, cell.key, place);
    std::uint32_t known = known_[place].find(line);
    if (known == kNone) {
      known = is_full(model, grid, line, place) ? 1 : 0;
      known_[place].insert(line, known);
    }
    if (known != 0 || hiding_[place].find(line) != kNone) {
      return true;
    }
  }
  return false;
}

std::vector<std::uint32_t> Lines::hide_zero(const Model& model, const CellState& cell) {
  std::vector<std::uint32_t> beside;
  const Grid& grid = model.grids[cell.grid];
  for (std::size_t place = 0; place < grid.sides.size(); ++place) {
    const std::uint64_t line = line_of(grid, cell.key, place);
    if (hiding_[place].find(line) != kNone) {
      continue;
    }
    hiding_[place].insert(line, 1);
    for (const std::uint64_t share : grid.sides[place].shares) {
      if (const std::uint32_t other = model.find_cell(line + share); other != kNone) {
        beside.push_back(other);
      }
    }
  }
  return beside;
}

}  // namespace atalaya::columns::disclosure
