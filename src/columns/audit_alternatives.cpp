#include "audit_alternatives.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace atalaya::columns::disclosure {

namespace {

constexpr int kPushesMax = 64;
constexpr std::size_t kMovesTried = 48;

void record(CellState& cell, std::int64_t value) {
  cell.low = std::min(cell.low, value);
  cell.high = std::max(cell.high, value);
}

}  // namespace

Alternatives::Alternatives(Model& model)
    : model_(model), now_(model.count), shows_(model.cells.size(), 0) {}

std::span<const Alternatives::Step> Alternatives::steps(std::size_t move) const noexcept {
  return std::span(steps_).subspan(begin_[move], begin_[move + 1] - begin_[move]);
}

bool Alternatives::add(const Move& move) {
  const std::uint64_t id = identity(model_, move);
  if (known_.find(id) != kNone) {
    return false;
  }
  touches_of(model_, move, touches_);
  for (const Touch& touch : touches_) {
    if (touch.cell == kNone || model_.cells[touch.cell].shown == Shown::visible) {
      return false;
    }
  }
  const auto [forward, backward] = times_of(model_, move, touches_);
  if (forward == 0 && backward == 0) {
    return false;
  }
  known_.insert(id, static_cast<std::uint32_t>(size()));
  std::array<std::uint32_t, kDimensionsMax> codes{};
  for (std::size_t corner = 0; corner < move.corners(); ++corner) {
    move.codes_of(corner, std::span(codes).first(model_.dimensions));
    corners_.push_back(model_.ensure_position(codes.data()));
    falls_.push_back(move.sign_of(corner) < 0 ? 1 : 0);
  }
  corner_begin_.push_back(corners_.size());
  now_.resize(model_.count.size(), 0);
  shows_.resize(model_.cells.size(), 0);
  for (const Touch& touch : touches_) {
    steps_.push_back({touch.cell, touch.change});
    CellState& cell = model_.cells[touch.cell];
    for (const auto& [times, sign] : {std::pair{forward, 1}, std::pair{backward, -1}}) {
      if (times == kUnbounded) {
        cell.high = kUnbounded;  // one person more, and one more: nothing falls
      } else {
        record(cell, cell.value + times * sign * touch.change);
      }
    }
  }
  begin_.push_back(steps_.size());
  visited_ += (forward > 0 ? 1U : 0U) + (backward > 0 ? 1U : 0U);
  return true;
}

bool Alternatives::can(std::size_t move, int direction) const noexcept {
  for (std::size_t i = corner_begin_[move]; i < corner_begin_[move + 1]; ++i) {
    if ((falls_[i] != 0) == (direction > 0) && now_[corners_[i]] == 0) {
      return false;
    }
  }
  return std::ranges::all_of(steps(move), [&](const Step step) {
    const CellState& cell = model_.cells[step.cell];
    const std::int64_t shown = cell.value + shows_[step.cell] + step.change * direction;
    return step.change * direction > 0 || shown >= model_.least_of(cell);
  });
}

void Alternatives::apply(std::size_t move, int direction) {
  for (std::size_t i = corner_begin_[move]; i < corner_begin_[move + 1]; ++i) {
    now_[corners_[i]] += falls_[i] != 0 ? -direction : direction;
  }
  for (const Step step : steps(move)) {
    shows_[step.cell] += step.change * direction;
    CellState& cell = model_.cells[step.cell];
    record(cell, cell.value + shows_[step.cell]);
  }
  ++visited_;
}

void Alternatives::walk(std::size_t rounds) {
  std::vector<std::uint32_t> order(size());
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[mix(round * order.size() + i) % i]);
    }
    for (const std::uint32_t move : order) {
      const int direction = (mix(move + round) & 1U) != 0 ? 1 : -1;
      if (can(move, direction)) {
        apply(move, direction);
      } else if (can(move, -direction)) {
        apply(move, -direction);
      }
    }
  }
}

void Alternatives::index_moves() {
  if (indexed_ == size() && indexed_cells_ == model_.cells.size()) {
    return;
  }
  moves_begin_.assign(model_.cells.size() + 1, 0);
  for (const Step step : steps_) {
    ++moves_begin_[step.cell + 1];
  }
  std::partial_sum(moves_begin_.begin(), moves_begin_.end(), moves_begin_.begin());
  std::vector<std::size_t> next(moves_begin_.begin(), moves_begin_.end() - 1);
  moves_.resize(steps_.size());
  for (std::size_t move = 0; move < size(); ++move) {
    for (const Step step : steps(move)) {
      moves_[next[step.cell]++] = static_cast<std::uint32_t>(move);
    }
  }
  indexed_ = size();
  indexed_cells_ = model_.cells.size();
}

bool Alternatives::reached(const CellState& cell, int wanted) const noexcept {
  return model_.is_satisfied(cell) ||
         (wanted > 0 ? cell.high - cell.low >= cell.width &&
                           (!cell.covers || cell.high >= model_.plan->policy.threshold - 1)
                     : cell.low <= model_.least_of(cell));
}

void Alternatives::push_cell(std::uint32_t number, int wanted) {
  const std::size_t from = moves_begin_[number];
  const std::size_t to = std::min(moves_begin_[number + 1], from + kMovesTried);
  for (int pushes = 0, useless = 0; pushes < kPushesMax && useless == 0; ++pushes) {
    useless = 1;
    for (std::size_t i = from; i < to; ++i) {
      if (reached(model_.cells[number], wanted)) {
        return;
      }
      const std::uint32_t move = moves_[i];
      int change = 0;
      for (const Step step : steps(move)) {
        change = step.cell == number ? step.change : change;
      }
      const int direction = change * wanted > 0 ? 1 : -1;
      if (change != 0 && can(move, direction)) {
        apply(move, direction);
        useless = 0;
      }
    }
  }
}

void Alternatives::push() {
  index_moves();
  for (std::uint32_t number = 0; number < model_.cells.size(); ++number) {
    CellState& cell = model_.cells[number];
    if (cell.shown == Shown::visible || model_.is_satisfied(cell)) {
      continue;
    }
    push_cell(number, -1);
    if (!model_.is_satisfied(cell)) {
      push_cell(number, 1);
    }
    if (!model_.is_satisfied(cell)) {
      push_cell(number, -1);
    }
  }
}

// Who is alone in a cell that shares the person with this one learns nothing new.
bool Alternatives::tells_of(std::uint32_t single, std::uint32_t cell) const {
  const auto own = model_.positions_of(cell);
  const auto theirs = model_.positions_of(single);
  return single != cell && (theirs.size() != 1 || std::ranges::find(own, theirs[0]) == own.end());
}

void Alternatives::add_example(std::span<const Change> changes) {
  ++visited_;
  std::vector<std::uint32_t> singles;
  is_changed_.resize(model_.cells.size(), 0);
  for (const Change& change : changes) {
    is_changed_[change.cell] = 1;
    CellState& cell = model_.cells[change.cell];
    record(cell, cell.value + change.by);
    if (cell.single) {
      singles.push_back(change.cell);
    }
  }
  for (const Change& change : changes) {
    if (model_.cells[change.cell].shown != Shown::primary) {
      continue;
    }
    const auto [at, is_new] = together_.try_emplace(change.cell);
    if (is_new) {
      std::ranges::copy_if(singles, std::back_inserter(at->second),
                           [&](std::uint32_t single) { return tells_of(single, change.cell); });
    } else {
      std::erase_if(at->second, [this](std::uint32_t single) { return is_changed_[single] == 0; });
    }
  }
  for (const Change& change : changes) {
    is_changed_[change.cell] = 0;
  }
}

std::vector<std::uint32_t> Alternatives::dependence(std::uint32_t number) {
  index_moves();
  const auto examples = together_.find(number);
  bool first = examples == together_.end();
  std::vector<std::uint32_t> common = first ? std::vector<std::uint32_t>{} : examples->second;
  std::vector<std::uint32_t> here;
  for (std::size_t i = moves_begin_[number]; i < moves_begin_[number + 1]; ++i) {
    if (!first && common.empty()) {
      break;
    }
    here.clear();
    for (const Step step : steps(moves_[i])) {
      if (model_.cells[step.cell].single && tells_of(step.cell, number) &&
          (first || std::ranges::find(common, step.cell) != common.end())) {
        here.push_back(step.cell);
      }
    }
    common.swap(here);
    first = false;
  }
  if (first) {
    common.push_back(number);  // nothing is known that changes it: it depends on everything
  }
  return common;
}

}  // namespace atalaya::columns::disclosure
