// Which cells the policy protects, and how wide a reader's interval for them must stay.

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

bool lies_in(const Plan& plan, const Grid& inner, const Grid& outer) {
  for (std::size_t d = 0; d < plan.dimensions.size(); ++d) {
    const std::uint32_t fine = inner.level[d];
    const std::uint32_t coarse = outer.level[d];
    if (coarse == kTotal || coarse == fine || fine == kCodes) {
      continue;
    }
    const auto from = [&](std::uint32_t code) {
      return fine == kTotal ? 0 : plan.dimensions[d].levels[fine - 1].group[code];
    };
    const auto to = [&](std::uint32_t code) {
      return coarse == kCodes ? code : plan.dimensions[d].levels[coarse - 1].group[code];
    };
    const std::uint32_t groups = fine == kTotal ? 1 : plan.dimensions[d].levels[fine - 1].groups;
    std::vector<std::uint32_t> image(groups, kNone - 1);
    for (std::uint32_t code = 0; code < plan.dimensions[d].codes; ++code) {
      if (from(code) == kNoGroup) {
        continue;
      }
      std::uint32_t& seen = image[from(code)];
      if (seen != kNone - 1 && seen != to(code)) {
        return false;
      }
      seen = to(code);
    }
  }
  return true;
}

namespace {

/// All that the rule hides: 1 to n - 1, of what no table prints and where zeros are small counts
/// too 0 to n - 1.
std::int64_t width_of(const Model& model, const CellState& cell) {
  const Policy& policy = model.plan->policy;
  const bool is_zero_meant = policy.zeros == Zeros::sensitive || model.grids[cell.grid].rest;
  const std::int64_t width = policy.threshold - (is_zero_meant ? 1 : 2);
  return policy.width > 0 ? policy.width : std::max<std::int64_t>(width, 1);
}

/// A hidden part of a total that is shown for good cannot be wider than what the total leaves, its
/// other parts being known to hold somebody: where that is smaller than the width asked for, hiding
/// every part is all that protection can mean. Where nothing is left each part is known.
void cap_widths(Model& model) {
  // Cells with members stand by grid.
  const auto with_members = static_cast<std::uint32_t>(model.member_begin.size() - 1);
  std::vector<std::uint32_t> begin(model.grids.size() + 1, with_members);
  for (std::uint32_t c = with_members; c-- > 0;) {
    begin[model.cells[c].grid] = c;
  }
  for (std::size_t g = model.grids.size(); g-- > 0;) {
    begin[g] = std::min(begin[g], begin[g + 1]);
  }
  for (std::size_t outer = 0; outer < model.grids.size(); ++outer) {
    if (!model.grids[outer].exempt && !model.grids[outer].earlier) {
      continue;
    }
    for (std::uint32_t inner = 0; inner < model.grids.size(); ++inner) {
      if (inner == outer || !lies_in(*model.plan, model.grids[inner], model.grids[outer])) {
        continue;
      }
      const auto around_of = [&](std::uint32_t c) {
        return model.cell_of[model.members[model.member_begin[c]] * model.grids.size() + outer];
      };
      std::unordered_map<std::uint32_t, std::int64_t> parts;  // known to hold somebody, if hidden
      for (std::uint32_t c = begin[inner]; c < begin[inner + 1]; ++c) {
        // Where zeros can be hidden with them the parts need not all hold somebody.
        const bool keeps_zeros =
            model.plan->policy.zeros == Zeros::published || model.zero_is_bound(model.grids[inner]);
        parts[around_of(c)] +=
            model.cells[c].bound || !keeps_zeros ? 0 : model.least_of(model.cells[c]);
      }
      for (std::uint32_t c = begin[inner]; c < begin[inner + 1]; ++c) {
        CellState& cell = model.cells[c];
        if (cell.shown == Shown::visible) {
          continue;
        }
        const std::uint32_t around = around_of(c);
        if (around == kNone || !model.cells[around].bound) {
          continue;
        }
        const std::int64_t room = model.cells[around].value - parts[around];
        if (room > 0 && room < cell.width) {
          cell.width = room;
          cell.covers = false;
        }
      }
    }
  }
}

struct Contribution {
  std::uint32_t cell;
  std::uint32_t contributor;
  std::int64_t value;
};

/// Judges one cell by the contributions of its contributors, largest first.
void judge(const Policy& policy, std::span<const Contribution> sorted, bool sensitive,
           CellState& cell) {
  cell.single = sorted.size() == 1;
  if (!sensitive || cell.shown != Shown::visible) {
    return;
  }
  const auto total = static_cast<double>(cell.value);
  const auto largest = static_cast<double>(sorted[0].value);
  const auto second = sorted.size() > 1 ? static_cast<double>(sorted[1].value) : 0.0;
  double top = 0;
  for (std::size_t i = 0; i < sorted.size() && i < policy.dominance_contributors; ++i) {
    top += static_cast<double>(sorted[i].value);
  }
  if (policy.dominance_contributors > 0 && top * 100 > policy.dominance_percent * total) {
    cell.shown = Shown::primary;
    cell.reason = Reason::dominance;
    cell.width = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::ceil(largest * (100 - policy.dominance_percent) / 100)));
  }
  if (policy.p_percent > 0 && total - largest - second < policy.p_percent / 100 * largest) {
    cell.shown = Shown::primary;
    cell.reason = Reason::p_percent;
    cell.width = std::max<std::int64_t>(
        1, static_cast<std::int64_t>(std::ceil(policy.p_percent / 100 * largest)));
  }
}

void mark_dominance(Model& model) {
  const Base& base = model.plan->base;
  std::vector<std::uint32_t> at(model.dimensions);
  std::vector<Contribution> list;
  for (std::size_t g = 0; g < model.printed; ++g) {
    list.clear();
    for (std::size_t row = 0; row < base.value.size(); ++row) {
      for (std::size_t d = 0; d < model.dimensions; ++d) {
        at[d] = base.codes[d][row];
      }
      const std::uint64_t key = model.grids[g].key(at.data());
      if (key != kOutside && base.value[row] > 0) {
        list.push_back({model.find_cell(key), base.contributor[row], base.value[row]});
      }
    }
    std::ranges::sort(list, {},
                      [](const Contribution& one) { return std::pair(one.cell, one.contributor); });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (kept > 0 && list[kept - 1].cell == list[i].cell &&
          list[kept - 1].contributor == list[i].contributor) {
        list[kept - 1].value += list[i].value;
      } else {
        list[kept++] = list[i];
      }
    }
    list.resize(kept);
    std::ranges::sort(list, {},
                      [](const Contribution& one) { return std::pair(one.cell, -one.value); });
    for (std::size_t i = 0, end = 0; i < list.size(); i = end) {
      while (end < list.size() && list[end].cell == list[i].cell) {
        ++end;
      }
      judge(model.plan->policy, std::span(list).subspan(i, end - i), model.grids[g].sensitive,
            model.cells[list[i].cell]);
    }
  }
}

Result<void> mark_listed(Model& model) {
  for (const Cell& listed : model.plan->sensitive) {
    const std::uint64_t key = ATALAYA_TRY(model.key_of(listed));
    const auto grid = std::ranges::find(model.grids, listed.level, &Grid::level);
    const std::uint32_t number =
        model.ensure_cell(static_cast<std::uint32_t>(grid - model.grids.begin()), key);
    CellState& cell = model.cells[number];
    cell.shown = Shown::primary;
    cell.reason = Reason::listed;
    cell.width = std::max(cell.width, width_of(model, cell));
  }
  return {};
}

/// Zeros as sensitive as small counts have to be named one by one, so a grid of them has a limit.
Result<void> mark_zeros(Model& model) {
  constexpr std::uint64_t kCellsMax = 4'000'000;
  for (std::uint32_t g = 0; g < model.printed; ++g) {
    const Grid& grid = model.grids[g];
    if (!grid.sensitive || grid.exempt) {
      continue;
    }
    if (grid.size > kCellsMax) {
      return fail(ErrorCode::invalid_argument, "disclosure.too_large",
                  "protecting zeros needs tables of at most 4,000,000 possible cells");
    }
    for (std::uint64_t key = grid.offset; key < grid.offset + grid.size; ++key) {
      if (model.find_cell(key) == kNone) {
        const std::uint32_t number = model.ensure_cell(g, key);
        model.cells[number].shown = Shown::primary;
        model.cells[number].reason = Reason::zero;
        model.cells[number].width = width_of(model, model.cells[number]);
      }
    }
  }
  return {};
}

// What readers form by subtraction is hidden from the beginning: no table prints it.
Result<void> mark_rests(Model& model) {
  for (std::size_t r = 0; r < model.plan->rests.size(); ++r) {
    for (const auto& group : model.plan->rests[r].cells) {
      const std::uint64_t key = ATALAYA_TRY(model.key_of(r, group));
      CellState& cell =
          model.cells[model.ensure_cell(static_cast<std::uint32_t>(model.printed + r), key)];
      cell.shown = Shown::primary;
      cell.reason = cell.value > 0 ? Reason::threshold : Reason::zero;
      cell.width = width_of(model, cell);
    }
  }
  return {};
}

/// Of what a release hid: where readers know that somebody is in it.
Result<void> tell_past_some(Model& model, const PastRelease& past) {
  Lines lines;
  std::vector<std::uint32_t> numbers;
  for (const Cell& cell : past.hidden) {
    const std::uint32_t number = model.find_cell(ATALAYA_TRY(model.key_of(cell)));
    numbers.push_back(number);
    if (model.cells[number].value == 0) {
      lines.hide_zero(model, model.cells[number]);
    }
  }
  for (const std::uint32_t number : numbers) {
    CellState& cell = model.cells[number];
    const bool is_some = cell.value > 0 && (!past.hides_zeros || !lines.may_be_zero(model, cell));
    cell.was_some = cell.was_some || is_some;
  }
  return {};
}

Result<void> bind_past(Model& model) {
  struct Free {
    std::vector<std::uint64_t> keys;
  };

  std::vector<Free> free(model.plan->past.size());
  for (std::size_t r = 0; r < model.plan->past.size(); ++r) {
    const auto& hidden = model.plan->past[r].hidden;
    for (const auto* list : {&hidden, &model.plan->past[r].revised}) {
      for (const Cell& cell : *list) {
        const std::uint64_t key = ATALAYA_TRY(model.key_of(cell));
        const auto grid = std::ranges::find(model.grids, cell.level, &Grid::level);
        const auto g = static_cast<std::uint32_t>(grid - model.grids.begin());
        const std::uint32_t number = model.ensure_cell(g, key);
        model.cells[number].bound = model.grids[g].exempt;
        CellState& state = model.cells[number];
        state.was_hidden = state.was_hidden || list == &hidden;
        free[r].keys.push_back(key);
      }
    }
    ATALAYA_TRY(tell_past_some(model, model.plan->past[r]));
    std::ranges::sort(free[r].keys);
  }
  for (std::size_t r = 0; r < model.plan->past.size(); ++r) {
    const std::vector<bool> in_release = grids_of(model, model.plan->past[r]);
    for (CellState& cell : model.cells) {
      if (in_release[cell.grid] && !std::ranges::binary_search(free[r].keys, cell.key)) {
        cell.bound = cell.was_shown = true;
      }
    }
  }
  return mark_stays(model);
}

}  // namespace

Result<std::vector<Leak>> mark_primary(Model& model) {
  const Policy& policy = model.plan->policy;
  ATALAYA_TRY(bind_past(model));
  model.tell_some();
  const bool by_contributor = !model.plan->base.contributor.empty();
  for (CellState& cell : model.cells) {
    const Grid& grid = model.grids[cell.grid];
    cell.bound = cell.bound || grid.exempt;
    cell.single = cell.value == 1;
    const bool small =
        cell.value < policy.threshold && (cell.value > 0 || policy.zeros == Zeros::sensitive);
    if (!grid.now && !cell.bound) {
      cell.shown = Shown::past;
      cell.reason = Reason::past;
      // What was only revised since is no secret: its old value was shown, and its new one is no
      // figure of this release. What was hidden stays so.
      cell.width = !cell.was_hidden ? 0 : small ? width_of(model, cell) : policy.width_secondary;
    } else if (grid.sensitive && !grid.exempt && small && !by_contributor) {
      cell.shown = Shown::primary;
      cell.reason = Reason::threshold;
      cell.width = width_of(model, cell);
    }
  }
  if (by_contributor) {
    mark_dominance(model);
  }
  if (policy.zeros == Zeros::sensitive && policy.rule != Rule::none) {
    ATALAYA_TRY(mark_zeros(model));
  }
  for (const Cell& cell : model.plan->waived) {
    const std::uint64_t key = ATALAYA_TRY(model.key_of(cell));
    const std::uint32_t number = model.find_cell(key);
    if (number != kNone && model.cells[number].shown == Shown::primary) {
      model.cells[number].shown = Shown::visible;
      model.cells[number].width = 0;
    }
  }
  ATALAYA_TRY(mark_listed(model));
  ATALAYA_TRY(mark_rests(model));
  std::vector<Leak> leaks;
  for (CellState& cell : model.cells) {
    if (cell.shown == Shown::primary && cell.bound) {
      const Grid& grid = model.grids[cell.grid];
      cell.shown = Shown::visible;
      leaks.push_back({.id = {cell.grid, cell.key - grid.offset},
                       .kind = LeakKind::published_earlier,
                       .value = cell.value,
                       .low = cell.value,
                       .high = cell.value,
                       .insider = {},
                       .lower = {},
                       .upper = {},
                       .past = grid.bound_by});
    } else if (cell.shown == Shown::primary && policy.breadth == Breadth::threshold) {
      cell.covers = cell.reason == Reason::threshold || cell.reason == Reason::zero;
    }
  }
  cap_widths(model);
  return leaks;
}

}  // namespace atalaya::columns::disclosure
