// What earlier releases hid stays hidden as long as the facts are the same. A complement is chosen
// among several: if each release chose anew, one would show what the other hid, and a third that
// repeats the first could find nothing left to hide. So the choice of the first is kept, also where
// a table of other years or places prints the same figure again.
//
// Facts that were revised deserve a new choice. The past does not say what it hid, so a hidden cell
// counts as revised where every total of it that its release shows has changed since and, if there
// is none, where a part of it has.

#include <algorithm>
#include <map>
#include <set>

#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

namespace {

/// Tells by what codes a cell holds which cells of two grids are one figure.
class Figures {
 public:
  explicit Figures(const Model& model) : model_(model), places_(model.dimensions) {
    for (std::size_t d = 0; d < model.dimensions; ++d) {
      std::map<std::vector<std::uint32_t>, std::uint32_t> sets;
      for (std::size_t g = 0; g < model.printed; ++g) {
        const auto [at, is_new] = places_[d].try_emplace(model.grids[g].level[d]);
        if (is_new) {
          number_sets(d, model.grids[g].level[d], sets, at->second);
        }
      }
    }
  }

  /// The key of the same figure in another grid; kOutside where there is none.
  [[nodiscard]] std::uint64_t same_in(const CellState& cell, const Grid& other) const {
    const Grid& grid = model_.grids[cell.grid];
    std::uint64_t key = other.offset;
    std::size_t from = 0;
    std::size_t to = 0;
    for (std::size_t d = 0; d < model_.dimensions; ++d) {
      std::uint32_t group = 0;
      if (grid.level[d] != kTotal) {
        const Grid::Side& side = grid.sides[from++];
        group = static_cast<std::uint32_t>((cell.key - grid.offset) / side.stride % side.groups);
      }
      const auto& groups = places_[d].at(other.level[d]).group;
      const auto at = groups.find(places_[d].at(grid.level[d]).set[group]);
      if (at == groups.end()) {
        return kOutside;
      }
      key += other.level[d] == kTotal ? 0 : other.sides[to++].stride * at->second;
    }
    return key;
  }

 private:
  struct Place {                                   // one level of one dimension
    std::vector<std::uint32_t> set;                // by group
    std::map<std::uint32_t, std::uint32_t> group;  // by set
  };

  void number_sets(std::size_t d, std::uint32_t level,
                   std::map<std::vector<std::uint32_t>, std::uint32_t>& sets, Place& out) const {
    const Dimension& dimension = model_.plan->dimensions[d];
    const std::uint32_t groups = level == kTotal   ? 1
                                 : level == kCodes ? dimension.codes
                                                   : dimension.levels[level - 1].groups;
    std::vector<std::vector<std::uint32_t>> codes(std::max(groups, 1U));
    for (std::uint32_t code = 0; code < dimension.codes; ++code) {
      const std::uint32_t group = level == kTotal   ? 0
                                  : level == kCodes ? code
                                                    : dimension.levels[level - 1].group[code];
      if (group != kNoGroup) {
        codes[group].push_back(code);
      }
    }
    for (std::uint32_t group = 0; group < codes.size(); ++group) {
      const auto next = static_cast<std::uint32_t>(sets.size());
      if (codes[group].empty()) {
        out.set.push_back(kNone);
        continue;
      }
      out.set.push_back(sets.try_emplace(std::move(codes[group]), next).first->second);
      out.group.emplace(out.set.back(), group);
    }
  }

  const Model& model_;
  std::vector<std::map<std::uint32_t, Place>> places_;  // [dimension], by level
};

/// What the tables of one past release printed, together; of cells their keys.
struct Said {
  std::set<std::uint32_t> grids;
  std::set<std::uint64_t> hidden;
  std::set<std::uint64_t> revised;
};

/// The other grids of a release whose cells hold those of one grid, or are held by them.
struct Around {
  std::vector<std::uint32_t> totals;
  std::vector<std::uint32_t> parts;
};

Around around(const Model& model, const Said& said, std::uint32_t grid) {
  Around out;
  for (const std::uint32_t g : said.grids) {
    if (g == grid) {
      continue;
    }
    if (lies_in(*model.plan, model.grids[grid], model.grids[g])) {
      out.totals.push_back(g);
    } else if (lies_in(*model.plan, model.grids[g], model.grids[grid])) {
      out.parts.push_back(g);
    }
  }
  return out;
}

bool may_be_revised(const Model& model, const Said& said, const Around& around,
                    std::uint32_t number) {
  // By the figures shown of these grids: have some changed, and are some as they were?
  const auto look = [&](const std::vector<std::uint32_t>& grids) {
    std::pair<bool, bool> found{false, false};
    for (const std::uint32_t g : grids) {
      for (const std::uint32_t position : model.positions_of(number)) {
        const std::uint32_t other = model.cell_of[position * model.grids.size() + g];
        if (other != kNone && !said.hidden.contains(model.cells[other].key)) {
          const bool changed = said.revised.contains(model.cells[other].key);
          (changed ? found.first : found.second) = true;
        }
      }
    }
    return found;
  };
  const auto [total_changed, total_same] = look(around.totals);
  return !total_same && (total_changed || look(around.parts).first);
}

void mark_same(Model& model, const Figures& figures, std::uint32_t number) {
  const CellState cell = model.cells[number];
  for (std::uint32_t g = 0; g < model.printed; ++g) {
    if (!model.grids[g].now) {
      continue;
    }
    const std::uint64_t key = figures.same_in(cell, model.grids[g]);
    if (key != kOutside) {
      CellState& same = model.cells[model.ensure_cell(g, key)];
      same.stays = same.was_hidden = true;
    }
  }
}

}  // namespace

std::vector<bool> grids_of(const Model& model, const PastRelease& past) {
  std::vector<bool> in_release(model.grids.size(), false);
  for (const Table& table : past.tables) {
    for (std::size_t g = 0; g < model.printed; ++g) {
      bool in_table = true;
      for (std::size_t d = 0; d < model.dimensions && in_table; ++d) {
        const auto& levels = table.levels[d];
        const std::uint32_t level = model.grids[g].level[d];
        in_table =
            levels.empty() ? level == kTotal : std::ranges::find(levels, level) != levels.end();
      }
      in_release[g] = in_release[g] || in_table;
    }
  }
  return in_release;
}

Result<void> mark_stays(Model& model) {
  std::map<std::string, Said> releases;
  for (const PastRelease& past : model.plan->past) {
    Said& said = releases[past.name];
    const std::vector<bool> in_release = grids_of(model, past);
    for (std::uint32_t g = 0; g < model.printed; ++g) {
      if (in_release[g]) {
        said.grids.insert(g);
      }
    }
    for (const Cell& cell : past.hidden) {
      said.hidden.insert(ATALAYA_TRY(model.key_of(cell)));
    }
    for (const Cell& cell : past.revised) {
      said.revised.insert(ATALAYA_TRY(model.key_of(cell)));
    }
  }
  const Figures figures(model);
  const auto printed = std::ranges::count_if(model.grids, &Grid::earlier);
  for (const auto& [name, said] : releases) {
    std::uint32_t grid = kNone;
    Around near;
    for (const std::uint64_t key : said.hidden) {  // grid by grid
      const std::uint32_t number = model.find_cell(key);
      const CellState& cell = model.cells[number];
      if (cell.grid != grid) {
        grid = cell.grid;
        near = around(model, said, grid);
      }
      // Where nothing but one table was ever published, only the rule hides what is not zero.
      if (cell.value == 0 || (printed > 1 && !may_be_revised(model, said, near, number))) {
        mark_same(model, figures, number);
      }
    }
  }
  return {};
}

}  // namespace atalaya::columns::disclosure
