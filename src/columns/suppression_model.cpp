// Expands a plan into grids and cells. Everything later works on cell numbers, so this is the only
// place that knows levels and groups. Cells come out by grid and then by key, which makes every
// later order, and so the whole result, independent of the order of the rows.

#include "suppression_model.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace atalaya::columns::disclosure {

namespace {

constexpr std::uint64_t kKeysMax = std::uint64_t{1} << 62U;

std::unexpected<Error> bad(std::string_view reason, std::string detail) {
  return fail(ErrorCode::invalid_argument, reason, detail);
}

Result<void> check_dimensions(const Plan& plan) {
  if (plan.dimensions.empty() || plan.dimensions.size() > kDimensionsMax) {
    return bad("disclosure.dimensions", fmt::format("a plan has 1 to {} dimensions, not {}",
                                                    kDimensionsMax, plan.dimensions.size()));
  }
  for (const Dimension& dimension : plan.dimensions) {
    if (dimension.codes == 0) {
      return bad("disclosure.dimensions", fmt::format("dimension {} has no codes", dimension.name));
    }
    for (const Level& level : dimension.levels) {
      const bool in_range = std::ranges::all_of(level.group, [&level](std::uint32_t group) {
        return group == kNoGroup || group < level.groups;
      });
      if (level.group.size() != dimension.codes || !in_range) {
        return bad(
            "disclosure.dimensions",
            fmt::format("level {} of {} must name one of its {} groups, or none, for each of "
                        "the {} codes",
                        level.name, dimension.name, level.groups, dimension.codes));
      }
    }
  }
  return {};
}

Result<void> check_base(const Plan& plan) {
  const Base& base = plan.base;
  if (base.codes.size() != plan.dimensions.size()) {
    return bad("disclosure.base", "the facts need one column of codes for each dimension");
  }
  for (std::size_t d = 0; d < base.codes.size(); ++d) {
    if (base.codes[d].size() != base.value.size()) {
      return bad("disclosure.base", "the columns of the facts differ in length");
    }
    for (const std::uint32_t code : base.codes[d]) {
      if (code >= plan.dimensions[d].codes) {
        return bad("disclosure.base",
                   fmt::format("code {} of {} is out of range", code, plan.dimensions[d].name));
      }
    }
  }
  if (!base.contributor.empty() && base.contributor.size() != base.value.size()) {
    return bad("disclosure.base", "contributors must be given for each row or for none");
  }
  if (std::ranges::any_of(base.value, [](std::int64_t value) { return value < 0; })) {
    return bad("disclosure.base", "a value is negative");
  }
  return {};
}

Result<void> check_policy(const Plan& plan) {
  const Policy& policy = plan.policy;
  if (policy.rule == Rule::none && policy.decision.empty()) {
    return bad("disclosure.decision",
               "publishing without protection needs the name of who decided it");
  }
  if (policy.threshold < 1 || policy.width < 0 || policy.width_secondary < 0 ||
      policy.p_percent < 0 || policy.dominance_percent < 0 || policy.dominance_percent > 100) {
    return bad("disclosure.policy", "threshold, width or percentage out of range");
  }
  const bool dominance = policy.dominance_contributors > 0 || policy.p_percent > 0;
  if (dominance && plan.base.contributor.empty()) {
    return bad("disclosure.policy", "dominance rules need to know who contributes each row");
  }
  return {};
}

std::uint64_t groups_of(const Dimension& dimension, std::uint32_t level) {
  if (level == kTotal) {
    return 1;
  }
  return level == kCodes ? dimension.codes : dimension.levels[level - 1].groups;
}

Result<void> check_table(const Plan& plan, const Table& table) {
  if (table.levels.size() != plan.dimensions.size()) {
    return bad("disclosure.table",
               fmt::format("table {} must list levels for each dimension", table.name));
  }
  for (std::size_t d = 0; d < table.levels.size(); ++d) {
    for (const std::uint32_t level : table.levels[d]) {
      if (level != kTotal && level > plan.dimensions[d].levels.size()) {
        return bad("disclosure.table", fmt::format("table {} names level {} of {}, which has none",
                                                   table.name, level, plan.dimensions[d].name));
      }
    }
  }
  if (table.exempt && table.decision.empty()) {
    return bad("disclosure.decision",
               fmt::format("table {} is exempt without the name of who decided it", table.name));
  }
  return {};
}

/// Calls use(levels) for each combination of the levels that a table lists.
template <class Use>
void for_each_grid(const Table& table, Use use) {
  const std::size_t dimensions = table.levels.size();
  std::vector<std::size_t> at(dimensions, 0);
  std::vector<std::uint32_t> level(dimensions);
  for (;;) {
    for (std::size_t d = 0; d < dimensions; ++d) {
      level[d] = table.levels[d].empty() ? kTotal : table.levels[d][at[d]];
    }
    use(level);
    std::size_t d = 0;
    while (d < dimensions && ++at[d] >= table.levels[d].size()) {
      at[d++] = 0;
    }
    if (d == dimensions) {
      return;
    }
  }
}

Result<void> check_rest(const Plan& plan, const Rest& rest) {
  Table table;
  table.name = "(rest)";
  for (const std::uint32_t level : rest.level) {
    table.levels.push_back({level});
  }
  ATALAYA_TRY(check_table(plan, table));
  for (std::size_t d = 0; d < rest.without.size(); ++d) {
    if (rest.without.size() != plan.dimensions.size() ||
        rest.without[d].size() != plan.dimensions[d].codes) {
      return bad("disclosure.table", "a rest must say of each code whether it is left out");
    }
  }
  return {};
}

// Codes that no grid tells apart are one code to every reader: what is searched shrinks with them.
std::unique_ptr<const Plan> merge_codes(const Plan& plan) {
  auto out = std::make_unique<Plan>(plan);
  for (std::size_t d = 0; d < plan.dimensions.size(); ++d) {
    std::vector<bool> used(plan.dimensions[d].levels.size() + 1, false);
    const auto use = [&](std::uint32_t level) {
      if (level != kTotal) {
        used[level] = true;
      }
    };
    for (const Table& table : plan.tables) {
      std::ranges::for_each(table.levels[d], use);
    }
    for (const PastRelease& past : plan.past) {
      for (const Table& table : past.tables) {
        std::ranges::for_each(table.levels[d], use);
      }
    }
    for (const Rest& rest : plan.rests) {
      use(rest.level[d]);
    }
    if (used[kCodes]) {
      continue;
    }
    std::map<std::vector<std::uint32_t>, std::uint32_t> kinds;
    std::vector<std::uint32_t> kind_of;
    std::vector<std::uint32_t> first;  // code of each kind
    for (std::uint32_t code = 0; code < plan.dimensions[d].codes; ++code) {
      std::vector<std::uint32_t> groups;
      for (std::size_t level = 1; level < used.size(); ++level) {
        groups.push_back(used[level] ? plan.dimensions[d].levels[level - 1].group[code] : 0);
      }
      for (const Rest& rest : plan.rests) {
        groups.push_back(!rest.without.empty() && rest.without[d][code] ? 1 : 0);
      }
      const auto next = static_cast<std::uint32_t>(kinds.size());
      const auto [at, is_new] = kinds.try_emplace(std::move(groups), next);
      kind_of.push_back(at->second);
      if (is_new) {
        first.push_back(code);
      }
    }
    out->dimensions[d].codes = static_cast<std::uint32_t>(first.size());
    const auto keep = [&first](auto& of_codes) {
      auto kept = of_codes;
      kept.resize(first.size());
      for (std::size_t kind = 0; kind < first.size(); ++kind) {
        kept[kind] = of_codes[first[kind]];
      }
      of_codes = std::move(kept);
    };
    for (Level& level : out->dimensions[d].levels) {
      keep(level.group);
    }
    for (Rest& rest : out->rests) {
      if (!rest.without.empty()) {
        keep(rest.without[d]);
      }
    }
    for (std::uint32_t& code : out->base.codes[d]) {
      code = kind_of[code];
    }
  }
  return out;
}

void spell_out(const Plan& plan, Grid& grid) {
  grid.part.resize(plan.dimensions.size());
  grid.size = 1;
  for (std::size_t d = 0; d < plan.dimensions.size(); ++d) {
    const Dimension& dimension = plan.dimensions[d];
    std::vector<std::uint64_t>& part = grid.part[d];
    if (grid.level[d] == kTotal) {
      // A total can still leave out who is in every one of several dimensions.
      if (!grid.without.empty() &&
          std::ranges::find(grid.without[d], false) != grid.without[d].end()) {
        grid.broken_down.push_back(static_cast<std::uint32_t>(d));
        part.assign(dimension.codes, 0);
      }
      continue;
    }
    grid.broken_down.push_back(static_cast<std::uint32_t>(d));
    part.resize(dimension.codes);
    for (std::uint32_t code = 0; code < dimension.codes; ++code) {
      const std::uint32_t group =
          grid.level[d] == kCodes ? code : dimension.levels[grid.level[d] - 1].group[code];
      part[code] = group == kNoGroup ? kOutside : grid.size * group;
    }
    const std::uint64_t groups = std::max<std::uint64_t>(groups_of(dimension, grid.level[d]), 1);
    if (!grid.rest) {
      Grid::Side& side = grid.sides.emplace_back();
      side.stride = grid.size;
      side.groups = groups;
      side.code.assign(groups, kNone);
      for (std::uint32_t code = 0; code < dimension.codes; ++code) {
        if (part[code] != kOutside) {
          side.code[part[code] / grid.size] = code;
        }
      }
    }
    grid.size *= groups;
  }
  const Policy& policy = plan.policy;
  grid.sensitive = policy.rule != Rule::none && grid.now &&
                   (grid.rest || policy.scope == Scope::all ||
                    std::ranges::any_of(grid.broken_down, [&plan](std::uint32_t d) {
                      return plan.dimensions[d].is_protected;
                    }));
}

Result<void> make_grids(const Plan& plan, std::vector<Grid>& grids, std::size_t& printed) {
  std::map<std::vector<std::uint32_t>, std::size_t> known;
  const auto grid_at = [&](const std::vector<std::uint32_t>& level) -> Grid& {
    const auto [at, is_new] = known.try_emplace(level, grids.size());
    if (is_new) {
      grids.emplace_back().level = level;
    }
    return grids[at->second];
  };
  for (const Table& table : plan.tables) {
    for_each_grid(table, [&](const std::vector<std::uint32_t>& level) {
      Grid& grid = grid_at(level);
      grid.now = true;
      if (table.exempt) {
        grid.exempt = true;
        grid.bound_by = table.name;
      }
    });
  }
  for (const PastRelease& past : plan.past) {
    for (const Table& table : past.tables) {
      for_each_grid(table, [&](const std::vector<std::uint32_t>& level) {
        Grid& grid = grid_at(level);
        grid.earlier = true;
        grid.bound_by = past.name;
      });
    }
  }
  printed = grids.size();
  for (const Rest& rest : plan.rests) {
    Grid& grid = grids.emplace_back();
    grid.level = rest.level;
    grid.without = rest.without;
    grid.rest = grid.now = true;
  }
  std::uint64_t offset = 0;
  for (Grid& grid : grids) {
    long double size = 1;
    for (std::size_t d = 0; d < grid.level.size(); ++d) {
      size *= static_cast<long double>(groups_of(plan.dimensions[d], grid.level[d]));
    }
    if (size + static_cast<long double>(offset) >= static_cast<long double>(kKeysMax)) {
      return bad("disclosure.too_large", "the tables have more than 2^62 possible cells");
    }
    spell_out(plan, grid);
    grid.offset = offset;
    offset += grid.size;
  }
  return {};
}

void find_totals(const Plan& plan, std::vector<Grid>& grids) {
  const auto is_above = [&](std::size_t outer, std::size_t inner) {
    return outer != inner && !grids[outer].rest && lies_in(plan, grids[inner], grids[outer]) &&
           !lies_in(plan, grids[outer], grids[inner]);
  };
  for (std::size_t g = 0; g < grids.size(); ++g) {
    std::vector<std::uint32_t> above;
    for (std::uint32_t other = 0; !grids[g].rest && other < grids.size(); ++other) {
      if (is_above(other, g)) {
        above.push_back(other);
      }
    }
    std::ranges::copy_if(above, std::back_inserter(grids[g].totals), [&](std::uint32_t one) {
      return std::ranges::none_of(above,
                                  [&](std::uint32_t between) { return is_above(one, between); });
    });
  }
}

Result<void> make_positions(const Plan& plan, Model& model) {
  long double product = 1;
  for (const Dimension& dimension : plan.dimensions) {
    model.position_stride.push_back(static_cast<std::uint64_t>(product));
    product *= dimension.codes;
    if (product >= static_cast<long double>(kKeysMax)) {
      return bad("disclosure.too_large", "the dimensions have more than 2^62 combinations");
    }
  }
  const std::size_t rows = plan.base.value.size();
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  for (std::size_t row = 0; row < rows; ++row) {
    std::uint64_t key = 0;
    for (std::size_t d = 0; d < model.dimensions; ++d) {
      key += model.position_stride[d] * plan.base.codes[d][row];
    }
    if (plan.base.value[row] > 0) {
      order.emplace_back(key, static_cast<std::uint32_t>(row));
    }
  }
  std::ranges::sort(order);
  model.position_map.reserve(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto [key, row] = order[i];
    if (i == 0 || order[i - 1].first != key) {
      model.position_map.insert(key, static_cast<std::uint32_t>(model.count.size()));
      model.count.push_back(0);
      for (std::size_t d = 0; d < model.dimensions; ++d) {
        model.codes.push_back(plan.base.codes[d][row]);
      }
    }
    model.count.back() += plan.base.value[row];
  }
  model.base_positions = model.count.size();
  return {};
}

Result<std::uint64_t> key_in(const Plan& plan, const Grid& grid,
                             const std::vector<std::uint32_t>& group) {
  std::uint64_t key = grid.offset;
  std::uint64_t stride = 1;
  for (const std::uint32_t d : grid.broken_down) {
    const std::uint64_t groups = groups_of(plan.dimensions[d], grid.level[d]);
    if (group[d] >= groups) {
      return bad("disclosure.cell", fmt::format("a listed cell has group {} of {}, out of range",
                                                group[d], plan.dimensions[d].name));
    }
    key += stride * group[d];
    stride *= groups;
  }
  return key;
}

// Of a rest only what is protected is a cell: the others are no figure of any table.
Result<std::vector<std::uint64_t>> keys_of_rest(const Model& model, std::size_t rest) {
  std::vector<std::uint64_t> keys;
  for (const auto& group : model.plan->rests[rest].cells) {
    keys.push_back(ATALAYA_TRY(model.key_of(rest, group)));
  }
  std::ranges::sort(keys);
  return keys;
}

Result<void> make_cells(Model& model) {
  const std::size_t grids = model.grids.size();
  model.cell_of.assign(model.base_positions * grids, kNone);
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  for (std::size_t g = 0; g < grids; ++g) {
    order.clear();
    const Grid& grid = model.grids[g];
    std::vector<std::uint64_t> kept;
    if (grid.rest) {
      kept = ATALAYA_TRY(keys_of_rest(model, g - model.printed));
    }
    for (std::uint32_t p = 0; p < model.base_positions; ++p) {
      const std::uint64_t key = grid.key(model.codes_of(p));
      if (key != kOutside && (!grid.rest || std::ranges::binary_search(kept, key))) {
        order.emplace_back(key, p);
      }
    }
    std::ranges::sort(order);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto [key, p] = order[i];
      if (i == 0 || order[i - 1].first != key) {
        CellState& cell = model.cells.emplace_back();
        cell.key = key;
        cell.grid = static_cast<std::uint32_t>(g);
        model.member_begin.push_back(model.members.size());
      }
      model.cells.back().value += model.count[p];
      model.members.push_back(p);
      model.cell_of[p * grids + g] = static_cast<std::uint32_t>(model.cells.size() - 1);
    }
  }
  model.member_begin.push_back(model.members.size());
  model.cell_map.reserve(model.cells.size());
  for (std::uint32_t c = 0; c < model.cells.size(); ++c) {
    CellState& cell = model.cells[c];
    cell.low = cell.high = cell.value;
    model.cell_map.insert(cell.key, c);
  }
  return {};
}

}  // namespace

void KeyMap::grow(std::size_t slots) {
  std::vector<std::uint64_t> keys(slots, kOutside);
  std::vector<std::uint32_t> numbers(slots, kNone);
  keys.swap(keys_);
  numbers.swap(numbers_);
  used_ = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != kOutside) {
      insert(keys[i], numbers[i]);
    }
  }
}

void KeyMap::reserve(std::size_t size) {
  std::size_t slots = 64;
  while (slots < 2 * size) {
    slots *= 2;
  }
  if (slots > keys_.size()) {
    grow(slots);
  }
}

std::uint32_t KeyMap::find(std::uint64_t key) const noexcept {
  if (keys_.empty()) {
    return kNone;
  }
  const std::size_t mask = keys_.size() - 1;
  for (std::size_t i = mix(key) & mask;; i = (i + 1) & mask) {
    if (keys_[i] == key) {
      return numbers_[i];
    }
    if (keys_[i] == kOutside) {
      return kNone;
    }
  }
}

void KeyMap::insert(std::uint64_t key, std::uint32_t number) {
  if (2 * (used_ + 1) > keys_.size()) {
    grow(std::max<std::size_t>(64, 2 * keys_.size()));
  }
  const std::size_t mask = keys_.size() - 1;
  std::size_t i = mix(key) & mask;
  while (keys_[i] != kOutside) {
    i = (i + 1) & mask;
  }
  keys_[i] = key;
  numbers_[i] = number;
  ++used_;
}

Result<Model> Model::create(const Plan& plan) {
  ATALAYA_TRY(check_dimensions(plan));
  ATALAYA_TRY(check_base(plan));
  ATALAYA_TRY(check_policy(plan));
  for (const Table& table : plan.tables) {
    ATALAYA_TRY(check_table(plan, table));
  }
  for (const PastRelease& past : plan.past) {
    for (const Table& table : past.tables) {
      ATALAYA_TRY(check_table(plan, table));
    }
  }
  for (const Rest& rest : plan.rests) {
    ATALAYA_TRY(check_rest(plan, rest));
  }
  Model model;
  model.plan = merge_codes(plan);
  model.dimensions = plan.dimensions.size();
  ATALAYA_TRY(make_grids(*model.plan, model.grids, model.printed));
  find_totals(*model.plan, model.grids);
  ATALAYA_TRY(make_positions(*model.plan, model));
  ATALAYA_TRY(make_cells(model));
  return model;
}

std::uint64_t Grid::key(const std::uint32_t* at) const noexcept {
  std::uint64_t sum = offset;
  bool left_out = !without.empty();
  for (const std::uint32_t d : broken_down) {
    const std::uint64_t share = part[d][at[d]];
    if (share == kOutside) {
      return kOutside;
    }
    sum += share;
    left_out = left_out && without[d][at[d]];
  }
  return left_out ? kOutside : sum;
}

bool Grid::tells_apart(std::uint32_t d, std::uint32_t a, std::uint32_t b) const noexcept {
  return !part[d].empty() &&
         (part[d][a] != part[d][b] || (!without.empty() && without[d][a] != without[d][b]));
}

std::uint32_t Model::ensure_cell(std::uint32_t grid, std::uint64_t key) {
  const std::uint32_t known = cell_map.find(key);
  if (known != kNone) {
    return known;
  }
  const auto number = static_cast<std::uint32_t>(cells.size());
  CellState& cell = cells.emplace_back();
  cell.key = key;
  cell.grid = grid;
  cell.bound = zero_is_bound(grids[grid]);
  cell_map.insert(key, number);
  return number;
}

std::uint32_t Model::find_position(const std::uint32_t* at) const noexcept {
  std::uint64_t key = 0;
  for (std::size_t d = 0; d < dimensions; ++d) {
    key += position_stride[d] * at[d];
  }
  return position_map.find(key);
}

std::uint32_t Model::ensure_position(const std::uint32_t* at) {
  const std::uint32_t known = find_position(at);
  if (known != kNone) {
    return known;
  }
  const auto number = static_cast<std::uint32_t>(count.size());
  std::uint64_t key = 0;
  for (std::size_t d = 0; d < dimensions; ++d) {
    key += position_stride[d] * at[d];
    codes.push_back(at[d]);
  }
  count.push_back(0);
  position_map.insert(key, number);
  return number;
}

bool Model::is_satisfied(const CellState& cell) const noexcept {
  if (cell.high != kUnbounded && cell.high - cell.low < cell.width) {
    return false;
  }
  return !cell.covers || (cell.low <= least_of(cell) && cell.high >= plan->policy.threshold - 1);
}

void Model::hide(std::uint32_t number, Shown as, Reason reason) {
  CellState& cell = cells[number];
  cell.shown = as;
  cell.reason = reason;
  if (as == Shown::complement) {
    cell.width = plan->policy.width_secondary;
  }
  if (cell.value == 0 && plan->policy.zeros == Zeros::complement) {
    for (const std::uint32_t other : lines.hide_zero(*this, cell)) {
      cells[other].is_some = false;
    }
  }
}

void Model::tell_some() {
  const Zeros zeros = plan->policy.zeros;
  for (CellState& cell : cells) {
    const Grid& grid = grids[cell.grid];
    cell.is_some = cell.value > 0 && grid.now && !grid.rest &&
                   (zeros == Zeros::published ||
                    (zeros == Zeros::complement && !lines.may_be_zero(*this, cell)));
  }
}

bool Model::repeats() const noexcept {
  const bool same_facts =
      !plan->past.empty() &&
      std::ranges::all_of(plan->past, [](const PastRelease& past) { return past.revised.empty(); });
  const bool same_tables = std::ranges::all_of(
      grids, [](const Grid& grid) { return grid.rest || !grid.now || grid.earlier; });
  return same_facts && same_tables && std::ranges::all_of(cells, [this](const CellState& cell) {
           const Grid& grid = grids[cell.grid];
           const bool told =
               cell.shown == Shown::visible ? cell.was_shown : !cell.is_some || cell.was_some;
           return grid.rest || !grid.now || told;
         });
}

std::span<const std::uint32_t> Model::positions_of(std::uint32_t cell) const noexcept {
  if (std::size_t{cell} + 1 >= member_begin.size()) {
    return {};  // a hidden zero
  }
  return std::span(members).subspan(member_begin[cell],
                                    member_begin[cell + 1] - member_begin[cell]);
}

Result<std::uint64_t> Model::key_of(const Cell& cell) const {
  const auto grid = std::ranges::find(grids, cell.level, &Grid::level);
  if (grid == grids.end() || grid->rest || cell.group.size() != dimensions) {
    return bad("disclosure.cell", "a listed cell is in no table of the plan");
  }
  return key_in(*plan, *grid, cell.group);
}

Result<std::uint64_t> Model::key_of(std::size_t rest,
                                    const std::vector<std::uint32_t>& group) const {
  if (group.size() != dimensions) {
    return bad("disclosure.cell", "a listed cell of a rest needs a group for each dimension");
  }
  return key_in(*plan, grids[printed + rest], group);
}

Cell Report::cell(const Plan& plan, CellId id) const {
  Cell cell{.level = grids[id.grid], .group = {}};
  std::uint64_t rest = id.index;
  for (std::size_t d = 0; d < cell.level.size(); ++d) {
    const std::uint64_t groups =
        std::max<std::uint64_t>(groups_of(plan.dimensions[d], cell.level[d]), 1);
    cell.group.push_back(static_cast<std::uint32_t>(rest % groups));
    rest /= groups;
  }
  return cell;
}

void fill_report(const Model& model, Report& report) {
  for (const Grid& grid : model.grids) {
    report.grids.push_back(grid.level);
  }
  report.printed = model.printed;
  std::vector<TableCounts> by_grid(model.grids.size());
  for (const CellState& cell : model.cells) {
    TableCounts& counts = by_grid[cell.grid];
    if (cell.shown == Shown::visible) {
      counts.shown += cell.value > 0 ? 1 : 0;
      continue;
    }
    report.hidden.push_back({.id = {cell.grid, cell.key - model.grids[cell.grid].offset},
                             .value = cell.value,
                             .reason = cell.reason,
                             .low = cell.low,
                             .high = cell.high,
                             .exact = cell.exact});
    if (cell.value == 0) {
      ++counts.zeros_hidden;
    } else if (cell.shown == Shown::primary) {
      ++counts.primary;
    } else {
      ++counts.complement;
    }
  }
  std::ranges::sort(report.hidden, {},
                    [](const HiddenCell& cell) { return std::pair(cell.id.grid, cell.id.index); });
  for (const Table& table : model.plan->tables) {
    TableCounts& sum = report.tables.emplace_back();
    sum.name = table.name;
    for_each_grid(table, [&](const std::vector<std::uint32_t>& level) {
      const auto at = static_cast<std::size_t>(std::ranges::find(model.grids, level, &Grid::level) -
                                               model.grids.begin());
      sum.shown += by_grid[at].shown;
      sum.primary += by_grid[at].primary;
      sum.complement += by_grid[at].complement;
      sum.zeros_hidden += by_grid[at].zeros_hidden;
    });
  }
}

}  // namespace atalaya::columns::disclosure
