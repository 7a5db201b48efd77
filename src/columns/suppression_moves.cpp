// The search looks where swaps that cost little are likely: among records that agree in every
// dimension but those swapped, first among codes that are alike (one department, one age band), so
// that nothing above the finest level changes.

#include "suppression_moves.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace atalaya::columns::disclosure {

namespace {

constexpr double kZero = 1;         // a zero to be hidden
constexpr double kZeroAgain = 0.5;  // one that an earlier release hid
constexpr double kForbidden = std::numeric_limits<double>::infinity();
constexpr std::size_t kMembersTried = 4;
constexpr std::size_t kTargetsTried = 12;
constexpr std::size_t kPartnersTried = 12;
constexpr std::size_t kFewPositions = 2'000;
constexpr std::size_t kPartnersOfFew = 100;
constexpr std::size_t kArrivalsTried = 8;
constexpr std::size_t kCubesTried = 24;
constexpr std::size_t kAloneTried = 64;
constexpr std::size_t kBits = 64;
constexpr std::size_t kKeysInPart = 8;

/// At most `most` of `count` numbers, spread, beginning where `seed` says.
template <class Use>
void sample(std::size_t count, std::size_t most, std::uint64_t seed, Use use) {
  if (count <= most) {
    for (std::size_t i = 0; i < count; ++i) {
      use(i);
    }
    return;
  }
  const std::size_t start = mix(seed) % count;
  const std::size_t step = count / most;
  for (std::size_t i = 0; i < most; ++i) {
    use((start + i * step) % count);
  }
}

}  // namespace

std::int8_t Move::sign_of(std::size_t corner) const noexcept {
  const bool odd = (std::popcount(corner) & 1) != 0;
  return odd ? static_cast<std::int8_t>(-sign) : sign;
}

void Move::codes_of(std::size_t corner, std::span<std::uint32_t> out) const noexcept {
  std::copy_n(at.begin(), out.size(), out.begin());
  for (std::size_t i = 0; i < dimensions; ++i) {
    if ((corner >> i & 1U) != 0) {
      out[dimension[i]] = other[i];
    }
  }
}

namespace {

/// The same for a rest, whose cells are no products: corner by corner.
template <class Use>
bool visit_rest(const Grid& grid, const Move& move, Use use) {
  const bool sees = std::ranges::any_of(std::span(move.dimension).first(move.dimensions),
                                        [&grid](std::uint8_t d) { return !grid.part[d].empty(); });
  if (!sees && move.dimensions > 0) {
    return true;
  }
  std::array<std::uint64_t, kCorners> keys{};
  std::array<int, kCorners> changes{};
  std::size_t found = 0;
  std::array<std::uint32_t, kDimensionsMax> codes{};
  for (std::size_t corner = 0; corner < move.corners(); ++corner) {
    move.codes_of(corner, codes);
    const std::uint64_t key = grid.key(codes.data());
    if (key == kOutside) {
      continue;
    }
    std::size_t at = 0;
    while (at < found && keys[at] != key) {
      ++at;
    }
    keys[at] = key;
    changes[at] += move.sign_of(corner);
    found = std::max(found, at + 1);
  }
  for (std::size_t i = 0; i < found; ++i) {
    if (changes[i] != 0 && !use(keys[i], static_cast<std::int8_t>(changes[i]))) {
      return false;
    }
  }
  return true;
}

/// Calls use(key, change) for each cell of the grid that the move changes; use answers whether
/// to go on.
template <class Use>
bool visit_grid(const Grid& grid, const Move& move, Use use) {
  if (!grid.without.empty()) {
    return visit_rest(grid, move, use);
  }
  std::array<std::uint64_t, kMoveDimensions> from{};
  std::array<std::uint64_t, kMoveDimensions> to{};
  for (std::size_t i = 0; i < move.dimensions; ++i) {
    const std::vector<std::uint64_t>& part = grid.part[move.dimension[i]];
    if (part.empty()) {
      return true;
    }
    from[i] = part[move.at[move.dimension[i]]];
    to[i] = part[move.other[i]];
    if (from[i] == to[i]) {
      return true;
    }
  }
  std::uint64_t rest = grid.offset;
  for (const std::uint32_t d : grid.broken_down) {
    bool moved = false;
    for (std::size_t i = 0; i < move.dimensions; ++i) {
      moved = moved || move.dimension[i] == d;
    }
    if (!moved) {
      const std::uint64_t part = grid.part[d][move.at[d]];
      if (part == kOutside) {
        return true;
      }
      rest += part;
    }
  }
  for (std::size_t corner = 0; corner < move.corners(); ++corner) {
    std::uint64_t key = rest;
    bool inside = true;
    for (std::size_t i = 0; i < move.dimensions; ++i) {
      const std::uint64_t part = (corner >> i & 1U) != 0 ? to[i] : from[i];
      inside = inside && part != kOutside;
      key += part;
    }
    if (inside && !use(key, move.sign_of(corner))) {
      return false;
    }
  }
  return true;
}

}  // namespace

void touches_of(const Model& model, const Move& move, std::vector<Touch>& out) {
  out.clear();
  for (std::uint32_t g = 0; g < model.grids.size(); ++g) {
    visit_grid(model.grids[g], move, [&](std::uint64_t key, std::int8_t change) {
      const std::uint32_t cell = model.find_cell(key);
      if (cell != kNone || !model.grids[g].rest) {
        out.push_back({.key = key, .grid = g, .cell = cell, .change = change});
      }
      return true;
    });
  }
}

namespace {

/// A hidden cell falls no lower than readers know that it is.
void limit(const CellState& cell, std::int64_t least, std::int8_t change, Times& times) {
  std::int64_t& falls = change < 0 ? times.forward : times.backward;
  falls = std::min(falls, (cell.value - least) / std::abs(change));
}

}  // namespace

Times times_of(const Model& model, const Move& move, std::span<const Touch> touches) {
  Times times{kUnbounded, kUnbounded};
  std::array<std::uint32_t, kDimensionsMax> codes{};
  for (std::size_t corner = 0; corner < move.corners(); ++corner) {
    move.codes_of(corner, std::span(codes).first(model.dimensions));
    const std::uint32_t position = model.find_position(codes.data());
    const std::int64_t count = position == kNone ? 0 : model.count[position];
    std::int64_t& falls = move.sign_of(corner) < 0 ? times.forward : times.backward;
    falls = std::min(falls, count);
  }
  for (const Touch& touch : touches) {
    if (touch.cell == kNone) {
      continue;
    }
    const CellState& cell = model.cells[touch.cell];
    const bool beside_zero = std::ranges::any_of(touches, [&](const Touch& other) {
      const bool is_zero = other.cell == kNone || (model.cells[other.cell].value == 0 &&
                                                   model.cells[other.cell].shown == Shown::visible);
      return other.grid == touch.grid && is_zero;
    });
    limit(cell, beside_zero && !cell.was_some ? 0 : model.least_of(cell), touch.change, times);
  }
  return times;
}

std::uint64_t identity(const Model& model, const Move& move) {
  std::uint64_t sum = 0;
  std::array<std::uint32_t, kDimensionsMax> codes{};
  for (std::size_t corner = 0; corner < move.corners(); ++corner) {
    move.codes_of(corner, std::span(codes).first(model.dimensions));
    std::uint64_t key = 0;
    for (std::size_t d = 0; d < model.dimensions; ++d) {
      key += model.position_stride[d] * codes[d];
    }
    sum += mix(key);
  }
  return sum == kOutside ? 0 : sum;
}

MoveFinder::MoveFinder(const Model& model)
    : model_(model), kind_(model.dimensions), alike_(model.dimensions) {
  order_grids();
  for (std::size_t d = 0; d < model.dimensions; ++d) {
    const Dimension& dimension = model.plan->dimensions[d];
    std::map<std::vector<std::uint32_t>, std::uint32_t> kinds;
    kind_[d].resize(dimension.codes);
    for (std::uint32_t code = 0; code < dimension.codes; ++code) {
      std::vector<std::uint32_t> groups;
      for (const Level& level : dimension.levels) {
        groups.push_back(level.group[code]);
      }
      const auto number = static_cast<std::uint32_t>(kinds.size());
      const std::uint32_t kind = kinds.try_emplace(std::move(groups), number).first->second;
      kind_[d][code] = kind;
      alike_[d].resize(kinds.size());
      alike_[d][kind].push_back(code);
    }
  }
}

void MoveFinder::order_grids() {
  coarse_first_.resize(model_.grids.size());
  std::iota(coarse_first_.begin(), coarse_first_.end(), 0U);
  std::ranges::stable_sort(coarse_first_, {},
                           [this](std::uint32_t g) { return model_.grids[g].size; });
  const Bits none((coarse_first_.size() + kBits - 1) / kBits, 0);
  all_ = rests_ = none;
  telling_apart_.resize(model_.dimensions);
  std::vector<std::map<std::uint32_t, std::size_t>> known(model_.dimensions);  // by level
  for (std::size_t place = 0; place < coarse_first_.size(); ++place) {
    const Grid& grid = model_.grids[coarse_first_[place]];
    const std::uint64_t bit = std::uint64_t{1} << place % kBits;
    all_[place / kBits] |= bit;
    if (!grid.without.empty()) {
      rests_[place / kBits] |= bit;
      continue;
    }
    for (const std::uint32_t d : grid.broken_down) {
      auto& levels = telling_apart_[d];
      const auto [at, is_new] = known[d].try_emplace(grid.level[d], levels.size());
      if (is_new) {
        levels.push_back({&grid.part[d], none});
      }
      levels[at->second].grids[place / kBits] |= bit;
    }
  }
}

std::uint64_t MoveFinder::index_key(const std::uint32_t* codes, std::uint32_t mask,
                                    bool alike) const {
  std::uint64_t key = mask;
  for (std::uint32_t d = 0; d < model_.dimensions; ++d) {
    if ((mask >> d & 1U) == 0) {
      key = mix(key ^ codes[d]);
    } else if (alike) {
      key = mix(key ^ (std::uint64_t{kind_[d][codes[d]]} << 32U));
    }
  }
  return key;
}

const MoveFinder::Index& MoveFinder::index(std::uint32_t mask, bool alike) {
  const auto [at, is_new] = indexes_.try_emplace({mask, alike});
  Index& index = at->second;
  if (is_new) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order(model_.base_positions);
    for (std::uint32_t p = 0; p < model_.base_positions; ++p) {
      order[p] = {index_key(model_.codes_of(p), mask, alike), p};
    }
    std::ranges::sort(order);
    index.keys.reserve(order.size());
    index.positions.reserve(order.size());
    for (const auto& [key, p] : order) {
      index.keys.push_back(key);
      index.positions.push_back(p);
    }
    // Keys are mixed, so equal parts of their range hold about as many.
    std::size_t bits = 1;
    while (order.size() >> bits > kKeysInPart) {
      ++bits;
    }
    index.shift = kBits - bits;
    index.begin.assign((std::size_t{1} << bits) + 1, 0);
    for (const std::uint64_t key : index.keys) {
      ++index.begin[(key >> index.shift) + 1];
    }
    std::partial_sum(index.begin.begin(), index.begin.end(), index.begin.begin());
  }
  return index;
}

std::span<const std::uint32_t> MoveFinder::partners(const std::uint32_t* codes, std::uint32_t mask,
                                                    bool alike) {
  const Index& with = index(mask, alike);
  const std::uint64_t key = index_key(codes, mask, alike);
  const std::size_t from = with.begin[key >> with.shift];
  const std::size_t to = with.begin[(key >> with.shift) + 1];
  const auto found = std::ranges::equal_range(std::span(with.keys).subspan(from, to - from), key);
  const auto first = static_cast<std::size_t>(found.data() - with.keys.data());
  return std::span(with.positions).subspan(first, found.size());
}

bool MoveFinder::has_one(std::span<const std::uint32_t> codes) const {
  const std::uint32_t position = model_.find_position(codes.data());
  return position != kNone && model_.count[position] > 0;
}

Move MoveFinder::move_at(const std::uint32_t* codes, std::int8_t sign) const {
  Move move;
  std::copy_n(codes, model_.dimensions, move.at.begin());
  move.sign = sign;
  return move;
}

bool MoveFinder::done() const noexcept {
  return best_ && best_cost_ <= 0;
}

/// Those that tell the codes of every dimension of the move apart, and the rests, which say
/// themselves what they see.
void MoveFinder::find_seeing(const Move& move) {
  seeing_ = all_;
  for (std::size_t i = 0; i < move.dimensions; ++i) {
    const std::uint32_t d = move.dimension[i];
    telling_ = rests_;
    for (const Telling& level : telling_apart_[d]) {
      const std::vector<std::uint64_t>& part = *level.part;
      if (part[move.at[d]] != part[move.other[i]]) {
        for (std::size_t word = 0; word < telling_.size(); ++word) {
          telling_[word] |= level.grids[word];
        }
      }
    }
    for (std::size_t word = 0; word < seeing_.size(); ++word) {
      seeing_[word] &= telling_[word];
    }
  }
}

double MoveFinder::cost_of(const Move& move, double bound, bool& hides) {
  const Zeros zeros = model_.plan->policy.zeros;
  double cost = 0;
  // A hidden cell costs the persons in it and something for being one more cell.
  const double per_cell = 2 * static_cast<double>(model_.plan->policy.threshold);
  find_seeing(move);
  for (std::size_t place = 0; place < coarse_first_.size() && cost < bound; ++place) {
    if ((seeing_[place / kBits] >> place % kBits & 1U) == 0) {
      continue;
    }
    const Grid& grid = model_.grids[coarse_first_[place]];
    visit_grid(grid, move, [&](std::uint64_t key, std::int8_t) {
      const std::uint32_t number = model_.find_cell(key);
      if (number == kNone && grid.rest) {
        return true;  // no figure of any table
      }
      if (number == kNone) {
        hides = true;
        cost += zeros == Zeros::published || model_.zero_is_bound(grid) ? kForbidden : kZero;
        return cost < bound;
      }
      if (std::ranges::find(search_.avoid, number) != search_.avoid.end()) {
        cost = kForbidden;
        return false;
      }
      const CellState& cell = model_.cells[number];
      if (cell.shown == Shown::visible) {
        hides = true;
        const bool fixed = cell.bound || (cell.value == 0 && zeros == Zeros::published);
        const double zero = cell.was_hidden ? kZeroAgain : kZero;
        const double shown = static_cast<double>(cell.value) + per_cell;
        cost += fixed ? kForbidden : cell.value == 0 ? zero : shown;
      }
      return cost < bound;
    });
  }
  return cost;
}

bool MoveFinder::changes_cell(const Move& move) const {
  const Grid& grid = model_.grids[model_.cells[search_.cell].grid];
  if (!grid.without.empty()) {
    return !visit_rest(grid, move, [this](std::uint64_t key, std::int8_t) {
      return key != model_.cells[search_.cell].key;
    });
  }
  for (std::size_t i = 0; i < move.dimensions; ++i) {
    const std::vector<std::uint64_t>& part = grid.part[move.dimension[i]];
    if (part[move.at[move.dimension[i]]] == part[move.other[i]]) {
      return false;
    }
  }
  return true;
}

void MoveFinder::consider(const Move& move) {
  if (!changes_cell(move)) {
    return;
  }
  bool hides = false;
  const double bound = best_ ? best_cost_ : kForbidden;
  const double cost = cost_of(move, bound, hides);
  if (cost >= bound || (hides && !search_.may_hide) ||
      (!hides && search_.must_hide && !search_.alone)) {
    return;
  }
  if (search_.known != nullptr && search_.known->find(identity(model_, move)) != kNone) {
    return;
  }
  touches_of(model_, move, touches_);
  const Times times = times_of(model_, move, touches_);
  if (times.forward == 0 && times.backward == 0) {
    return;
  }
  best_ = move;
  best_cost_ = cost;
}

void MoveFinder::try_pairs(std::uint32_t position, std::uint32_t d, std::uint32_t e, bool alike) {
  const std::uint32_t* codes = model_.codes_of(position);
  const auto found = partners(codes, 1U << d | 1U << e, alike);
  const std::size_t most = model_.base_positions <= kFewPositions ? kPartnersOfFew : kPartnersTried;
  sample(found.size(), most, position + search_.turn, [&](std::size_t i) {
    const std::uint32_t* with = model_.codes_of(found[i]);
    if (with[d] == codes[d] || with[e] == codes[e] || done()) {
      return;
    }
    Move move = move_at(codes, -1);
    move.dimensions = 2;
    move.dimension = {static_cast<std::uint8_t>(d), static_cast<std::uint8_t>(e), 0};
    move.other = {with[d], with[e], 0};
    consider(move);
  });
}

void MoveFinder::try_cubes(std::uint32_t position, std::uint32_t d, std::uint32_t e,
                           std::uint32_t f) {
  const std::uint32_t* codes = model_.codes_of(position);
  const auto first = partners(codes, 1U << d | 1U << e, false);
  const auto second = partners(codes, 1U << d | 1U << f, false);
  std::size_t tried = 0;
  sample(first.size(), kPartnersTried, position + search_.turn, [&](std::size_t i) {
    const std::uint32_t* a = model_.codes_of(first[i]);
    if (a[d] == codes[d] || a[e] == codes[e]) {
      return;
    }
    for (std::size_t k = 0; k < std::min(second.size(), 8 * kPartnersTried); ++k) {
      const std::uint32_t* b = model_.codes_of(second[k]);
      if (b[d] != a[d] || b[f] == codes[f] || done() || tried > kCubesTried) {
        continue;
      }
      Move move = move_at(codes, -1);
      move.dimensions = 3;
      move.dimension = {static_cast<std::uint8_t>(d), static_cast<std::uint8_t>(e),
                        static_cast<std::uint8_t>(f)};
      move.other = {a[d], a[e], b[f]};
      std::array<std::uint32_t, kDimensionsMax> fourth{};
      move.codes_of(6, std::span(fourth).first(model_.dimensions));
      if (has_one(std::span(fourth).first(model_.dimensions))) {
        ++tried;
        consider(move);
      }
    }
  });
}

void MoveFinder::try_down(std::uint32_t position) {
  const std::vector<std::uint32_t>& broken =
      model_.grids[model_.cells[search_.cell].grid].broken_down;
  const std::uint32_t* codes = model_.codes_of(position);
  for (const std::uint32_t d : broken) {
    const std::vector<std::uint32_t>& alike = alike_[d][kind_[d][codes[d]]];
    const std::uint32_t all = model_.plan->dimensions[d].codes;
    const std::vector<std::uint64_t>& part = model_.grids[model_.cells[search_.cell].grid].part[d];
    const bool use_alike = std::ranges::any_of(
        alike, [&part, codes, d](std::uint32_t code) { return part[code] != part[codes[d]]; });
    const std::size_t targets = use_alike ? alike.size() : all;
    sample(targets, kTargetsTried, position + d + search_.turn, [&](std::size_t i) {
      Move move = move_at(codes, -1);
      move.dimensions = 1;
      move.dimension[0] = static_cast<std::uint8_t>(d);
      move.other[0] = use_alike ? alike[i] : static_cast<std::uint32_t>(i);
      if (move.other[0] != codes[d] && !done()) {
        consider(move);
      }
    });
  }
  for (const bool alike : {true, false}) {
    for (std::size_t i = 0; i < broken.size() && !done(); ++i) {
      for (std::size_t k = i + 1; k < broken.size() && !done(); ++k) {
        try_pairs(position, broken[i], broken[k], alike);
      }
    }
  }
  for (std::size_t i = 0; i < broken.size() && !done(); ++i) {
    for (std::size_t k = i + 1; k < broken.size() && !done(); ++k) {
      for (std::size_t m = k + 1; m < broken.size() && !done(); ++m) {
        try_cubes(position, broken[i], broken[k], broken[m]);
      }
    }
  }
}

void MoveFinder::try_arrivals(std::uint32_t person, std::uint32_t dimension, std::uint32_t code) {
  const std::uint32_t* codes = model_.codes_of(person);
  Move move = move_at(codes, 1);
  move.at[dimension] = code;
  move.dimensions = 1;
  move.dimension[0] = static_cast<std::uint8_t>(dimension);
  move.other[0] = codes[dimension];
  consider(move);
  for (const std::uint32_t e : model_.grids[model_.cells[search_.cell].grid].broken_down) {
    if (e == dimension) {
      continue;
    }
    for (const bool alike : {true, false}) {
      const auto found = partners(move.at.data(), 1U << e, alike);
      sample(found.size(), kPartnersTried / 3, person + e + search_.turn, [&](std::size_t i) {
        Move swap = move;
        swap.dimensions = 2;
        swap.dimension[1] = static_cast<std::uint8_t>(e);
        swap.other[1] = model_.codes_of(found[i])[e];
        if (swap.other[1] != codes[e] && !done()) {
          consider(swap);
        }
      });
    }
  }
}

void MoveFinder::try_up(std::uint32_t dimension) {
  const CellState& cell = model_.cells[search_.cell];
  const Grid& grid = model_.grids[cell.grid];
  std::vector<std::uint32_t> level = grid.level;
  level[dimension] = kTotal;
  const auto around = std::ranges::find(model_.grids, level, &Grid::level);
  const std::uint32_t code = home_[dimension];
  std::span<const std::uint32_t> people;
  if (around != model_.grids.end()) {
    const std::uint64_t key = around->key(home_.data());
    const std::uint32_t number = key == kOutside ? kNone : model_.find_cell(key);
    people = number == kNone ? people : model_.positions_of(number);
  }
  if (people.empty()) {
    people = partners(home_.data(), 1U << dimension, false);
  }
  sample(people.size(), kArrivalsTried, cell.key + dimension + search_.turn, [&](std::size_t i) {
    if (grid.tells_apart(dimension, model_.codes_of(people[i])[dimension], code) && !done()) {
      try_arrivals(people[i], dimension, code);
    }
  });
}

/// One person more, or less, in whichever of its combinations of codes that costs least: of what an
/// earlier release shows as it is none can be had, of what was revised since any.
void MoveFinder::try_alone() {
  const bool down = search_.direction == Direction::down;
  const std::int8_t sign = down ? std::int8_t{-1} : std::int8_t{1};
  const auto members = model_.positions_of(search_.cell);
  if (!down && members.empty()) {
    consider(move_at(home_.data(), sign));
  }
  sample(members.size(), kAloneTried, search_.cell + search_.turn,
         [&](std::size_t i) { consider(move_at(model_.codes_of(members[i]), sign)); });
}

/// Codes that lie in the cell: of a person in it or, where nobody is, of the first ones that fit.
void MoveFinder::settle() {
  const auto members = model_.positions_of(search_.cell);
  const CellState& cell = model_.cells[search_.cell];
  const Grid& grid = model_.grids[cell.grid];
  home_.fill(0);
  if (!members.empty()) {
    std::copy_n(model_.codes_of(members[0]), model_.dimensions, home_.begin());
    return;
  }
  if (model_.base_positions > 0) {
    std::copy_n(model_.codes_of(0), model_.dimensions, home_.begin());
  }
  std::uint64_t rest = cell.key - grid.offset;
  for (std::size_t i = grid.broken_down.size(); i-- > 0;) {
    const std::uint32_t d = grid.broken_down[i];
    // Strides grow with the dimension, so the largest share that fits is this dimension's.
    std::uint64_t best = 0;
    bool found = false;
    for (std::uint32_t code = 0; code < grid.part[d].size(); ++code) {
      const std::uint64_t share = grid.part[d][code];
      if (share != kOutside && share <= rest && (!found || share > best)) {
        best = share;
        found = true;
        home_[d] = code;
      }
    }
    rest -= best;
  }
  // Nobody is in it: of those that a rest leaves out, one code makes somebody another.
  for (std::uint32_t d = 0; d < grid.without.size() && grid.key(home_.data()) == kOutside; ++d) {
    const std::uint32_t was = home_[d];
    for (std::uint32_t code = 0; code < grid.without[d].size(); ++code) {
      const bool fits = !grid.without[d][code] &&
                        (grid.part[d].empty() || grid.part[d][code] == grid.part[d][was]);
      home_[d] = fits ? code : home_[d];
    }
  }
}

const std::uint32_t* MoveFinder::home_of(std::uint32_t cell) {
  search_ = {.cell = cell};
  settle();
  return home_.data();
}

std::optional<Move> MoveFinder::find(const Search& search) {
  search_ = search;
  best_.reset();
  best_cost_ = 0;
  settle();
  if (search.alone) {
    try_alone();
    return best_;
  }
  const auto members = model_.positions_of(search.cell);
  if (search.direction != Direction::up) {
    sample(members.size(), kMembersTried, search.cell + search.turn, [&](std::size_t i) {
      if (!done()) {
        try_down(members[i]);
      }
    });
  }
  if (search.direction != Direction::down && !done()) {
    for (const std::uint32_t d : model_.grids[model_.cells[search.cell].grid].broken_down) {
      if (!done()) {
        try_up(d);
      }
    }
  }
  if (!done()) {
    try_alone();
  }
  return best_;
}

}  // namespace atalaya::columns::disclosure
