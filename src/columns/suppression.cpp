// protect(): primary cells, then for each the cheapest move that makes it uncertain, hiding what
// the move changes; then the audit, and more moves where the audit is not content. audit(): the
// same attack on a pattern that is given. Hiding more can only widen what a reader must believe
// possible, so intervals once proved stay proved, and the repair ends at the latest when a cell's
// person could be counted anywhere at all.

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <atalaya/columns/disclosure.hpp>

#include "audit_alternatives.hpp"
#include "audit_exact.hpp"
#include "audit_nearby.hpp"
#include "suppression_model.hpp"
#include "suppression_moves.hpp"

namespace atalaya::columns::disclosure {

namespace {

constexpr std::size_t kWalkRounds = 24;
constexpr std::size_t kWalkRoundsMore = 2;
constexpr std::size_t kRepairRounds = 40;
constexpr std::size_t kFreeRounds = 1;      // of repair that hide nothing more
constexpr std::size_t kGentleRounds = 15;   // before a repair insists on hiding more
constexpr std::size_t kPatientRounds = 30;  // before it gives up swaps
constexpr std::size_t kSmall = 300;         // unknowns up to which single cells are tried as well
constexpr std::size_t kSinglesTried = 100;
constexpr std::size_t kFewWeak = 50;
constexpr std::size_t kMoveRounds = 6;  // of repair by moves alone
constexpr std::size_t kCodesMore = 16;
constexpr std::size_t kCodesMost = 64;  // for few cells
constexpr std::size_t kCombinationsMost = 40'000;
constexpr double kSurely = 1e18;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Weak {
  std::uint32_t cell;
  std::vector<std::uint32_t> insiders;  // empty: the interval itself is too narrow
};

class Guard {
 public:
  explicit Guard(Model& model)
      : model_(model),
        finder_(model),
        alternatives_(model),
        nearby_(model, finder_, alternatives_) {}

  void suppress();
  void explore();
  [[nodiscard]] std::vector<Weak> attack();
  /// Hides more, or finds moves within what is hidden; false where nothing more was found.
  bool repair(const std::vector<Weak>& weak, std::size_t effort);
  void leaks_of(const std::vector<Weak>& weak, std::vector<Leak>& leaks);
  /// Widens the intervals of the report to what a reader's are, where that is cheap.
  void complete();

  void widen(std::size_t rounds) {
    alternatives_.walk(rounds);
    alternatives_.push();
  }

  [[nodiscard]] std::size_t moves() const noexcept { return alternatives_.size(); }

  [[nodiscard]] std::size_t alternatives() const noexcept { return alternatives_.visited(); }

  [[nodiscard]] std::size_t programs() const noexcept {
    return programs_ + nearby_.programs() + (exact_ ? exact_->programs() : 0);
  }

 private:
  [[nodiscard]] std::vector<std::uint32_t> protected_cells() const;
  bool try_move(const Search& search);
  [[nodiscard]] std::vector<std::uint32_t> insiders_of(std::uint32_t cell);
  bool hide_single(std::uint32_t cell, double cost);
  bool hide_binding(std::uint32_t cell, std::uint32_t insider);
  bool widen_nearby(const Weak& one, std::size_t effort);
  void repair_one(const Weak& one, std::size_t effort);
  [[nodiscard]] bool may_hide(const CellState& cell) const;
  [[nodiscard]] bool is_safe_from(std::uint32_t cell, std::uint32_t insider);
  [[nodiscard]] bool is_hopeless(std::uint32_t cell, std::uint32_t insider);

  Model& model_;
  MoveFinder finder_;
  Alternatives alternatives_;
  NearbySearch nearby_;
  std::unique_ptr<ExactAudit> exact_;
  std::unique_ptr<ExactAudit> bound_;  // what past releases and exempt tables show alone
  bool bound_is_there_ = false;
  std::map<std::pair<std::uint32_t, std::uint32_t>, bool> hopeless_;  // cell, insider
  std::set<std::pair<std::uint32_t, std::uint32_t>> safe_;            // cell, insider
  std::vector<Touch> touches_;
  std::size_t hidden_ = 0;  // by repairs
  std::uint32_t turn_ = 0;  // of repair
  std::size_t weak_ = 0;    // cells at this turn
  std::size_t programs_ = 0;
};

/// The cells that rules protect, those of few dimensions first: what must be hidden for them
/// serves the finer ones too.
std::vector<std::uint32_t> Guard::protected_cells() const {
  std::vector<std::uint32_t> list;
  for (std::uint32_t c = 0; c < model_.cells.size(); ++c) {
    if (model_.cells[c].shown == Shown::primary || model_.cells[c].shown == Shown::past) {
      list.push_back(c);
    }
  }
  std::ranges::stable_sort(list, {}, [this](std::uint32_t c) {
    return model_.grids[model_.cells[c].grid].broken_down.size();
  });
  return list;
}

bool Guard::try_move(const Search& search) {
  const std::optional<Move> move = finder_.find(search);
  if (!move) {
    return false;
  }
  touches_of(model_, *move, touches_);
  for (const Touch& touch : touches_) {
    const std::uint32_t number =
        touch.cell != kNone ? touch.cell : model_.ensure_cell(touch.grid, touch.key);
    if (model_.cells[number].shown == Shown::visible) {
      model_.hide(number, Shown::complement, Reason::complement);
      ++hidden_;
    }
  }
  return alternatives_.add(*move);
}

void Guard::suppress() {
  // What is hidden still tells nothing anew, and what was hidden beside it rests on it.
  for (std::uint32_t c = 0; c < model_.cells.size(); ++c) {
    const CellState& cell = model_.cells[c];
    if (cell.stays && model_.grids[cell.grid].now && may_hide(cell)) {
      model_.hide(c, Shown::complement, Reason::complement);
    }
  }
  // A small plan is attacked before anything more is hidden: it may be safe as it is.
  const bool small = ExactAudit(model_).is_small(kSmall);
  for (const std::uint32_t c : protected_cells()) {
    const CellState& cell = model_.cells[c];
    if (cell.low == cell.high && cell.width > 0) {
      try_move({.cell = c, .may_hide = !small, .known = &alternatives_.known()});
    }
  }
}

/// Moves within a given pattern, for an audit that may hide nothing.
void Guard::explore() {
  const auto count = static_cast<std::uint32_t>(model_.cells.size());
  for (std::uint32_t c = 0; c < count; ++c) {
    for (const Direction direction : {Direction::down, Direction::up}) {
      if (model_.cells[c].shown != Shown::visible) {
        try_move({.cell = c,
                  .direction = direction,
                  .may_hide = false,
                  .known = &alternatives_.known()});
      }
    }
  }
}

std::vector<std::uint32_t> Guard::insiders_of(std::uint32_t c) {
  std::vector<std::uint32_t> insiders = alternatives_.dependence(c);
  if (insiders.empty() || !exact_) {
    return insiders;
  }
  if (insiders.size() == 1 && insiders[0] == c) {
    insiders.clear();
    const auto own = model_.positions_of(c);
    for (std::uint32_t s = 0; s < model_.cells.size(); ++s) {
      const auto theirs = model_.positions_of(s);
      const bool same = theirs.size() == 1 && std::ranges::find(own, theirs[0]) != own.end();
      if (s != c && model_.cells[s].single && model_.cells[s].shown != Shown::visible && !same) {
        insiders.push_back(s);
      }
    }
  }
  // Each table that is found may answer for further insiders.
  std::vector<std::uint32_t> weak;
  for (const std::uint32_t s : insiders) {
    const auto left = alternatives_.dependence(c);
    const bool is_open = left == std::vector{c} || std::ranges::find(left, s) != left.end();
    if (is_open && !is_safe_from(c, s) && !is_hopeless(c, s)) {
      weak.push_back(s);
    }
  }
  return weak;
}

/// Hiding more only widens what is possible, so what was safe stays safe.
bool Guard::is_safe_from(std::uint32_t cell, std::uint32_t insider) {
  if (safe_.contains({cell, insider})) {
    return true;
  }
  const bool safe = exact_->safe_from(cell, insider);
  if (safe) {
    safe_.emplace(cell, insider);
  }
  return safe;
}

/// Of an open total of five, one part is one person: whoever that is knows of the other four by the
/// total, whether or not anything else is published. No pattern can mend that.
bool Guard::is_hopeless(std::uint32_t c, std::uint32_t insider) {
  const auto [at, is_new] = hopeless_.try_emplace({c, insider}, false);
  if (is_new) {
    if (!bound_) {
      bound_ = std::make_unique<ExactAudit>(model_, Against::bound);
      bound_is_there_ = bound_->prepare();
    }
    at->second = bound_is_there_ && bound_->follows_from(c, insider);
  }
  return at->second;
}

std::vector<Weak> Guard::attack() {
  if (exact_) {
    programs_ += exact_->programs();
  }
  exact_ = std::make_unique<ExactAudit>(model_, alternatives_);
  if (exact_->prepare()) {
    exact_->run();
  } else {
    exact_.reset();
  }
  std::vector<Weak> weak;
  for (std::uint32_t c = 0; c < model_.cells.size(); ++c) {
    const CellState& cell = model_.cells[c];
    if (cell.shown == Shown::visible) {
      continue;
    }
    if (!model_.is_satisfied(cell)) {
      weak.push_back({c, {}});
    } else if (model_.plan->policy.contributors && cell.shown == Shown::primary && cell.value > 0) {
      std::vector<std::uint32_t> insiders = insiders_of(c);
      if (!insiders.empty()) {
        weak.push_back({c, std::move(insiders)});
      }
    }
  }
  return weak;
}

bool Guard::may_hide(const CellState& cell) const {
  return cell.shown == Shown::visible && !cell.bound &&
         (cell.value > 0 || model_.plan->policy.zeros != Zeros::published);
}

/// The cheapest of the published cells that the reader's bounds rest on. Where moves find nothing
/// this widens the bounds step by step, until nothing but earlier releases and exempt tables holds
/// them.
bool Guard::hide_binding(std::uint32_t c, std::uint32_t insider) {
  std::uint32_t best = kNone;
  for (const std::uint32_t other :
       exact_ ? exact_->binding(c, insider) : std::vector<std::uint32_t>{}) {
    if (may_hide(model_.cells[other]) &&
        (best == kNone || model_.cells[other].value < model_.cells[best].value)) {
      best = other;
    }
  }
  if (best == kNone) {
    return false;
  }
  model_.hide(best, Shown::complement, Reason::complement);
  ++hidden_;
  return true;
}

/// In a small plan: the cheapest single cell without which the interval is wide enough, if there is
/// one below the cost. Moves see swaps of a few persons; this sees chains of any length.
bool Guard::hide_single(std::uint32_t c, double cost) {
  std::vector<std::pair<std::int64_t, std::uint32_t>> candidates;
  for (std::uint32_t other = 0; other < model_.cells.size(); ++other) {
    const CellState& cell = model_.cells[other];
    if (may_hide(cell) && cell.value > 0 &&  // a zero that was hidden tells readers for good
        static_cast<double>(cell.value + 2 * model_.plan->policy.threshold) < cost) {
      candidates.emplace_back(cell.value, other);
    }
  }
  std::ranges::sort(candidates);
  candidates.resize(std::min(candidates.size(), kSinglesTried));
  const CellState before = model_.cells[c];
  for (const auto& [value, other] : candidates) {
    model_.hide(other, Shown::complement, Reason::complement);
    ExactAudit trial(model_);
    if (trial.prepare()) {
      trial.measure(c);
      trial.measure(other);
    }
    programs_ += trial.programs();
    if (model_.is_satisfied(model_.cells[c]) && model_.is_satisfied(model_.cells[other])) {
      ++hidden_;
      return true;
    }
    model_.cells[c] = before;
    CellState& shown = model_.cells[other];
    shown.shown = Shown::visible;
    shown.width = 0;
    shown.low = shown.high = shown.value;
    shown.exact = false;
  }
  return false;
}

/// Too large to be searched as a whole: near the cell, first without hiding anything, then with,
/// and where that finds nothing among more codes.
bool Guard::widen_nearby(const Weak& one, std::size_t effort) {
  NearbySearch::Wanted wanted{
      .cell = one.cell, .may_hide = effort > kMoveRounds + 1, .known = one.insiders, .turn = turn_};
  if (effort > kMoveRounds + 2) {
    wanted.codes = weak_ > kFewWeak ? kCodesMore : kCodesMost;
    wanted.combinations = weak_ > kFewWeak ? wanted.combinations : kCombinationsMost;
  }
  const auto hidden = nearby_.widen(wanted);
  hidden_ += hidden.value_or(0);
  return hidden.has_value();
}

void Guard::repair_one(const Weak& one, std::size_t effort) {
  const auto& [c, insiders] = one;
  const CellState& cell = model_.cells[c];
  const bool small = exact_ && exact_->is_small(kSmall);
  if (insiders.empty() && small) {
    programs_ += exact_->programs();
    exact_ = std::make_unique<ExactAudit>(model_, alternatives_);
    if (exact_->prepare()) {
      exact_->measure(c);
    }
  }
  if (insiders.empty() && model_.is_satisfied(cell)) {
    return;  // an earlier repair of this round served it too
  }
  if (!exact_ && effort > kMoveRounds && widen_nearby(one, effort)) {
    return;
  }
  const std::uint32_t insider = insiders.empty() ? kNone : insiders[0];
  if (effort > kGentleRounds && hide_binding(c, insider)) {
    return;
  }
  Search search{
      .cell = c,
      .must_hide = effort > kGentleRounds || ((cell.exact || cell.narrow) && insiders.empty()),
      .alone = effort > kPatientRounds,
      .avoid = insiders,
      .known = &alternatives_.known(),
      .turn = turn_};
  if (insiders.empty()) {
    search.direction = cell.low > model_.least_of(cell) ? Direction::down : Direction::up;
  }
  if (insiders.empty() && small) {
    const double cost = finder_.find(search) ? finder_.cost() : kSurely;
    if (hide_single(c, cost)) {
      return;
    }
  }
  // What is hidden already may allow more moves than were looked for: those cost nothing.
  search.may_hide = effort > kFreeRounds || exact_ != nullptr;
  if (!try_move(search) && search.direction != Direction::either) {
    search.direction = search.direction == Direction::down ? Direction::up : Direction::down;
    try_move(search);
  }
}

bool Guard::repair(const std::vector<Weak>& weak, std::size_t effort) {
  const std::size_t before = hidden_ + alternatives_.size() + nearby_.found();
  ++turn_;
  weak_ = weak.size();
  for (const Weak& one : weak) {
    repair_one(one, effort);
  }
  return hidden_ + alternatives_.size() + nearby_.found() > before;
}

void Guard::complete() {
  if (exact_) {
    exact_->complete();
  }
}

void Guard::leaks_of(const std::vector<Weak>& weak, std::vector<Leak>& leaks) {
  const auto id = [this](std::uint32_t c) {
    const CellState& cell = model_.cells[c];
    return CellId{cell.grid, cell.key - model_.grids[cell.grid].offset};
  };
  for (const auto& [c, insiders] : weak) {
    const CellState& cell = model_.cells[c];
    Leak& leak = leaks.emplace_back();
    leak.id = id(c);
    leak.value = cell.value;
    leak.low = cell.low;
    leak.high = cell.high;
    if (!insiders.empty()) {
      leak.kind = LeakKind::contributor;
      leak.insider = id(insiders[0]);
    } else if (exact_) {
      exact_->explain(c, leak);
    }
  }
}

Result<Report> start(Model& model) {
  Report report;
  report.leaks = ATALAYA_TRY(mark_primary(model));
  for (const Leak& leak : report.leaks) {
    const std::uint32_t number = model.find_cell(model.grids[leak.id.grid].offset + leak.id.index);
    model.cells[number].bound = true;
  }
  return report;
}

void finish(const Model& model, Guard& guard, const std::vector<Weak>& weak, Report& report) {
  guard.complete();
  guard.leaks_of(weak, report.leaks);
  report.safe = report.leaks.empty();
  report.alternatives = guard.alternatives();
  report.programs = guard.programs();
  fill_report(model, report);
}

}  // namespace

std::string_view to_string(Reason reason) noexcept {
  switch (reason) {
    case Reason::threshold:
      return "threshold";
    case Reason::zero:
      return "zero";
    case Reason::dominance:
      return "dominance";
    case Reason::p_percent:
      return "p_percent";
    case Reason::listed:
      return "listed";
    case Reason::complement:
      return "complement";
    case Reason::past:
      return "past";
  }
  return "";
}

std::string_view to_string(LeakKind kind) noexcept {
  switch (kind) {
    case LeakKind::exact:
      return "exact";
    case LeakKind::narrow:
      return "narrow";
    case LeakKind::contributor:
      return "contributor";
    case LeakKind::published_earlier:
      return "published_earlier";
    case LeakKind::unproven:
      return "unproven";
  }
  return "";
}

Result<Report> protect(const Plan& plan) {
  const auto begin = std::chrono::steady_clock::now();
  Model model = ATALAYA_TRY(Model::create(plan));
  Report report = ATALAYA_TRY(start(model));
  Guard guard(model);
  guard.suppress();
  report.seconds_suppress = seconds_since(begin);
  guard.widen(kWalkRounds);
  std::vector<Weak> weak = guard.attack();
  report.seconds_audit = seconds_since(begin) - report.seconds_suppress;
  std::size_t effort = 0;
  bool is_stuck = model.repeats();  // whatever is not hidden is bound
  while (!weak.empty() && report.rounds < kRepairRounds && !is_stuck) {
    ++report.rounds;
    ++effort;
    const auto repairing = std::chrono::steady_clock::now();
    is_stuck = !guard.repair(weak, effort);
    // Where a repair finds nothing, the same repair again would find nothing either.
    while (is_stuck && effort <= kPatientRounds) {
      effort = effort <= kFreeRounds     ? kFreeRounds + 1
               : effort <= kGentleRounds ? kGentleRounds + 1
                                         : kPatientRounds + 1;
      is_stuck = !guard.repair(weak, effort);
    }
    // A walk serves all cells at once; for the last few their own moves are enough.
    guard.widen(weak.size() * kFewWeak > guard.moves() ? kWalkRoundsMore : 0);
    const auto attacking = std::chrono::steady_clock::now();
    report.seconds_suppress += std::chrono::duration<double>(attacking - repairing).count();
    weak = guard.attack();
    report.seconds_audit += seconds_since(attacking);
  }
  finish(model, guard, weak, report);
  if (model.repeats()) {
    // Readers know no more than they did: what was proved of the earlier releases holds, whether or
    // not the examples are found again.
    std::erase_if(report.leaks, [](const Leak& leak) {
      return leak.kind == LeakKind::unproven || leak.kind == LeakKind::contributor;
    });
  }
  report.safe = report.leaks.empty();
  return report;
}

Result<Report> audit(const Plan& plan, std::span<const Cell> hidden) {
  const auto begin = std::chrono::steady_clock::now();
  Model model = ATALAYA_TRY(Model::create(plan));
  Report report = ATALAYA_TRY(start(model));
  std::vector<bool> listed(model.cells.size(), false);
  for (const Cell& cell : hidden) {
    const std::uint64_t key = ATALAYA_TRY(model.key_of(cell));
    const auto grid = std::ranges::find(model.grids, cell.level, &Grid::level);
    const std::uint32_t number =
        model.ensure_cell(static_cast<std::uint32_t>(grid - model.grids.begin()), key);
    listed.resize(model.cells.size(), false);
    listed[number] = true;
    if (model.cells[number].shown == Shown::visible && !model.cells[number].bound) {
      model.hide(number, Shown::complement, Reason::complement);
    }
  }
  for (std::uint32_t c = 0; c < model.cells.size(); ++c) {
    CellState& cell = model.cells[c];
    if (cell.shown == Shown::primary && !listed[c] && !model.grids[cell.grid].rest) {
      cell.shown = Shown::visible;
      Leak& leak = report.leaks.emplace_back();
      leak.id = {cell.grid, cell.key - model.grids[cell.grid].offset};
      leak.kind = LeakKind::exact;
      leak.value = leak.low = leak.high = cell.value;
    }
  }
  Guard guard(model);
  guard.explore();
  guard.widen(kWalkRounds);
  const std::vector<Weak> weak = guard.attack();
  finish(model, guard, weak, report);
  report.seconds_audit = seconds_since(begin);
  return report;
}

}  // namespace atalaya::columns::disclosure
