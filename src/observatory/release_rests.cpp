// What a filter or a narrower indicator leaves of a published total. Of 8 victims of a place 7 are
// women: nobody printed the one who is not, and everybody can subtract. So of each two tables, of
// this release and of past ones, the smallest sums of cells are sought of which the one holds a
// part of what the other holds; what is left of each such sum is a figure as good as printed. Where
// it is small and one of the two tables is protected, it is given to disclosure control as a cell
// that no table shows: complements are found for it and the audit proves it, as for any other. What
// is left is weighed further as if it were a table (all without women, less those without men: the
// third sex), so that tables which share a total out are seen together.
// A figure that was revised since an earlier release showed it is no sum of today's facts. Less a
// figure of today that did not change it still leaves what was left then: that is told by numbers.
// Method and what is not examined: docs/methods/disclosure.md.
#include <unordered_map>

#include "release_group.hpp"
#include "release_views.hpp"

namespace atalaya::observatory::detail {
namespace {

constexpr std::size_t kDerivedMax = 60;  // figures weighed further as if they were tables
constexpr int kDepthMax = 3;             // subtractions one after another
constexpr std::size_t kRestsMax = 400;

// What a shape says that it chooses of a dimension, as its plan or its indicator writes it.
std::string chosen_of(const Shape& shape, const std::string& name) {
  std::string out;
  for (const auto* list : {&shape.where, &shape.filter->terms}) {
    for (const auto& [dimension, codes] : *list) {
      if (dimension == name && out.empty()) {
        out = fmt::format("{}", fmt::join(codes, " + "));
      }
    }
  }
  return out;
}

// `apart`: persons of whom other sources tell, too, apart from those of whom none does.
View view_of(const Group& group, const Shape& shape, const std::vector<std::uint32_t>& levels,
             bool apart) {
  View view;
  for (std::size_t d = 0; d < group.dimensions(); ++d) {
    auto& codes = view.groups.emplace_back();
    for (std::uint32_t code = 0; code < group.plan.dimensions[d].codes; ++code) {
      const std::uint32_t at = group.group_of(d, levels[d], code);
      // Totals that do not hold their parts are no wholes of them: each by itself.
      codes.push_back(group.is_family(d) && apart && at != dc::kNoGroup ? code : at);
    }
    view.labels.push_back(group.labels(d, group.is_family(d) && apart ? dc::kCodes : levels[d]));
    view.chosen.push_back(group.is_known(shape, d) ? chosen_of(shape, group.dimension(d).name)
                                                   : std::string());
  }
  number_groups(view);
  return view;
}

// What two tables tell together is as open as both are, and as protected as either.
void merge_protection(View& out, const View& outer, const View& inner) {
  out.open = outer.open && inner.open;
  out.fresh = out.now = false;
  out.then.clear();
  out.all = (!outer.open && outer.all) || (!inner.open && inner.all);
  out.dimensions.clear();
  for (const auto* view : {&outer, &inner}) {
    if (!view->open) {
      out.dimensions.insert(view->dimensions.begin(), view->dimensions.end());
    }
  }
}

// What is left: a product like a table where the part holds less in one dimension only; else the
// whole, of which the box is to be left out.
View what_is_left(const View& outer, const View& inner, Cut& cut) {
  View out = outer;
  out.groups = cut.parts;
  for (std::size_t d = 0; d < cut.parts.size(); ++d) {
    std::map<std::uint32_t, std::set<std::uint32_t>> members;  // of each part: groups of the whole
    for (std::size_t code = 0; code < cut.parts[d].size(); ++code) {
      if (cut.parts[d][code] != dc::kNoGroup) {
        members[cut.parts[d][code]].insert(outer.groups[d][code]);
      }
    }
    for (const auto& [part, groups] : members) {
      std::vector<std::string> names;
      for (const std::uint32_t group : groups) {
        names.push_back(outer.labels[d][group]);
      }
      out.labels[d][part] = fmt::format("{}", fmt::join(names, " + "));
    }
  }
  for (const std::size_t d : cut.across) {
    const std::string all = out.chosen[d].empty() ? std::string(kTotal) : out.chosen[d];
    const std::string less = inner.chosen[d].empty()
                                 ? fmt::format("{}", fmt::join(inner.labels[d], " − "))
                                 : inner.chosen[d];
    out.chosen[d] = fmt::format("{} − {}", all, less);
  }
  if (cut.across.size() == 1) {
    const std::size_t d = cut.across.front();
    for (std::size_t code = 0; code < cut.box[d].size(); ++code) {
      out.groups[d][code] = cut.box[d][code] ? dc::kNoGroup : out.groups[d][code];
    }
  }
  merge_protection(out, outer, inner);
  out.depth = std::max(outer.depth, inner.depth) + 1;
  return out;
}

// Two tables that differ in what they choose of one dimension are as good as one of both: girls and
// boys are minors. Nothing where they differ in more or hold persons in common.
std::optional<View> joined(const View& a, const View& b, std::size_t d) {
  View out = a;
  const auto known = static_cast<std::uint32_t>(a.labels[d].size());
  for (std::size_t e = 0; e < a.groups.size(); ++e) {
    if (e != d && a.groups[e] != b.groups[e]) {
      return std::nullopt;
    }
  }
  for (std::size_t code = 0; code < b.groups[d].size(); ++code) {
    const std::uint32_t group = b.groups[d][code];
    if (group != dc::kNoGroup && a.groups[d][code] != dc::kNoGroup) {
      return std::nullopt;
    }
    out.groups[d][code] = group == dc::kNoGroup ? out.groups[d][code] : known + group;
  }
  out.labels[d].insert(out.labels[d].end(), b.labels[d].begin(), b.labels[d].end());
  out.chosen[d] = a.chosen[d].empty() || b.chosen[d].empty()
                      ? fmt::format("{}", fmt::join(out.labels[d], " + "))
                      : a.chosen[d] + " + " + b.chosen[d];
  merge_protection(out, a, b);
  out.depth = std::max(a.depth, b.depth);
  number_groups(out);
  return out;
}

struct Weighed {
  std::int64_t left = 0, taken = 0;
  std::vector<std::uint32_t> group;
};

class Rests {
 public:
  Rests(Group& group, bool zeros_sensitive, bool weighs_revised)
      : group_(group), zeros_sensitive_(zeros_sensitive), weighs_revised_(weighs_revised) {}

  void add(View view) {
    const auto known = std::ranges::find(views_, view.groups, &View::groups);
    if (known == views_.end()) {
      views_.push_back(std::move(view));
      return;
    }
    known->open = known->open || view.open;  // what is shown by a decision is no secret
    known->fresh = known->fresh && view.fresh;
    known->all = known->all || view.all;
    known->now = known->now || view.now;
    known->dimensions.merge(view.dimensions);
    std::ranges::move(view.then, std::back_inserter(known->then));
  }

  void run() {
    if (std::ranges::all_of(views_, &View::open)) {
      return;
    }
    const std::size_t most = views_.size() + kDerivedMax;
    for (std::size_t later = 0; later < views_.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        if (!weigh_crossing(views_[later], views_[earlier])) {
          weigh_crossing(views_[earlier], views_[later]);
        }
      }
    }
    for (std::size_t later = 0; later < views_.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        for (const auto& [a, b] : {std::pair{later, earlier}, std::pair{earlier, later}}) {
          weigh(a, b, most);
        }
      }
    }
    for (const auto& earlier : views_) {
      if (!weighs_revised_ || !is_revised(earlier)) {
        continue;
      }
      const auto facts = cells_now();
      for (const auto& today : views_) {
        if (today.now) {
          find_revised(earlier, today, true, facts);
          find_revised(today, earlier, false, facts);
        }
      }
    }
  }

  [[nodiscard]] std::size_t found() const { return found_; }

  [[nodiscard]] bool is_complete() const { return complete_; }

  /// Sums of this release which, less a revised figure of an earlier one or beside it, would leave
  /// few: each list is one for Group::forbid_sums().
  [[nodiscard]] const std::vector<std::vector<Groups>>& revised() const { return revised_; }

 private:
  // Weeks lie across months: from the first day on, months less the weeks in them leave the days
  // that the next week shares with the next month, and so on to the last one.
  bool weigh_crossing(const View& outer, const View& inner) {
    std::size_t period = 0;
    while (period < group_.dimensions() && group_.dimension(period).name != "period") {
      ++period;
    }
    auto common = period < group_.dimensions() ? overlap(outer, inner) : std::nullopt;
    if (!common ||
        std::ranges::any_of(common->across, [&](std::size_t d) { return d != period; })) {
      return false;
    }
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> pieces;
    std::map<std::uint32_t, std::set<std::uint32_t>> of_outer;
    std::map<std::uint32_t, std::set<std::uint32_t>> of_inner;
    View left = outer;
    left.labels[period].clear();
    for (std::size_t code = 0; code < common->parts[period].size(); ++code) {
      const std::pair both{outer.groups[period][code], inner.groups[period][code]};
      common->parts[period][code] = dc::kNoGroup;
      common->box[period][code] = false;
      if (both.first == dc::kNoGroup || both.second == dc::kNoGroup) {
        continue;
      }
      of_outer[both.first].insert(both.second);
      of_inner[both.second].insert(both.first);
      const auto [at, is_new] = pieces.emplace(both, static_cast<std::uint32_t>(pieces.size()));
      common->parts[period][code] = at->second;
      if (is_new) {
        left.labels[period].push_back(fmt::format("{} ∩ {}", outer.labels[period][both.first],
                                                  inner.labels[period][both.second]));
      }
    }
    // What is a whole cell of either is no more than that.
    bool crosses = false;
    for (const auto& [both, piece] : pieces) {
      if (of_outer[both.first].size() > 1 && of_inner[both.second].size() > 1) {
        crosses = true;
      } else {
        std::ranges::replace(common->parts[period], piece, dc::kNoGroup);
      }
    }
    left.groups = common->parts;
    merge_protection(left, outer, inner);
    if (crosses && is_sensitive(left)) {
      list(left, *common, false, true);
    }
    return crosses;
  }

  void weigh(std::size_t outer, std::size_t inner, std::size_t most) {
    if (views_[outer].depth >= kDepthMax || views_[inner].depth >= kDepthMax) {
      return;
    }
    auto found = cut(views_[outer], views_[inner]);
    if (!found) {
      return;
    }
    View left = what_is_left(views_[outer], views_[inner], *found);
    const bool is_product = found->across.size() == 1;
    if (is_product && is_known(left)) {
      return;  // a table shows it, or it was weighed
    }
    if (is_sensitive(left)) {
      // Of an open total of 2 nobody is in the part: a zero that says something of both.
      list(left, *found, views_[outer].open && views_[inner].fresh);
    }
    if (is_product) {
      weigh_further(std::move(left), most);
    } else {
      join_alike(inner, found->across, most);
    }
  }

  [[nodiscard]] bool is_known(View view) const {
    number_groups(view);
    return std::ranges::find(views_, view.groups, &View::groups) != views_.end();
  }

  void weigh_further(View view, std::size_t most) {
    if (views_.size() < most) {
      number_groups(view);
      views_.push_back(std::move(view));
    } else {
      complete_ = false;
    }
  }

  // What a part leaves in two dimensions is no table from which more could be subtracted. Its like
  // can be: with them it is a part that leaves less.
  void join_alike(std::size_t part, const std::vector<std::size_t>& across, std::size_t most) {
    for (std::size_t other = 0, known = views_.size(); other < known; ++other) {
      for (const std::size_t d : across) {
        auto both = joined(views_[part], views_[other], d);
        if (both && !is_known(*both)) {
          weigh_further(*std::move(both), most);
        }
      }
    }
  }

  [[nodiscard]] bool is_sensitive(const View& left) const {
    if (left.open || left.all) {
      return !left.open;
    }
    for (std::size_t d = 0; d < left.groups.size(); ++d) {
      const bool tells = left.labels[d].size() > 1 || !left.chosen[d].empty();
      if (tells && left.dimensions.contains(group_.dimension(d).name)) {
        return true;
      }
    }
    return false;
  }

  // What is left of each sum, and what was taken from it.
  [[nodiscard]] std::vector<Weighed> sums(const Cut& cut) const {
    const auto& base = group_.plan.base;
    std::vector<std::uint64_t> stride;
    std::uint64_t product = 1;
    for (const auto& parts : cut.parts) {
      stride.push_back(product);
      product *= parts.size() + 1;
    }
    std::unordered_map<std::uint64_t, std::size_t> at;
    std::vector<Weighed> out;
    for (std::size_t row = 0; row < base.value.size(); ++row) {
      std::uint64_t key = 0;
      bool inside = true;
      bool taken = true;
      for (std::size_t d = 0; d < cut.parts.size() && inside; ++d) {
        const std::uint32_t code = base.codes[d][row];
        const std::uint32_t part = cut.parts[d][code];
        inside = part != dc::kNoGroup;
        taken = taken && cut.box[d][code];
        key += stride[d] * part;
      }
      if (!inside) {
        continue;
      }
      const auto [found, is_new] = at.emplace(key, out.size());
      if (is_new) {
        auto& one = out.emplace_back();
        for (std::size_t d = 0; d < cut.parts.size(); ++d) {
          one.group.push_back(cut.parts[d][base.codes[d][row]]);
        }
      }
      (taken ? out[found->second].taken : out[found->second].left) += base.value[row];
    }
    return out;
  }

  // Could anybody be left of these groups at all?
  [[nodiscard]] static bool has_room(const Cut& cut, const std::vector<std::uint32_t>& group) {
    return std::ranges::any_of(cut.across, [&](std::size_t d) {
      for (std::size_t code = 0; code < cut.box[d].size(); ++code) {
        if (cut.parts[d][code] == group[d] && !cut.box[d][code]) {
          return true;
        }
      }
      return false;
    });
  }

  // `is_part`: what is left tells something even where nothing was taken from it.
  void list(const View& left, const Cut& cut, bool zero_tells, bool is_part = false) {
    const std::int64_t threshold = group_.plan.policy.threshold;
    std::vector<std::vector<std::uint32_t>> cells;
    for (const auto& sum : sums(cut)) {
      const bool small =
          sum.left > 0 ? sum.left < threshold : zeros_sensitive_ && has_room(cut, sum.group);
      // Where nothing was taken, what is left is the cell itself.
      if (small && (sum.taken > 0 || zero_tells || is_part)) {
        cells.push_back(sum.group);
      }
    }
    if (cells.empty()) {
      return;
    }
    if (group_.plan.rests.size() >= kRestsMax) {
      complete_ = false;
      return;
    }
    found_ += cells.size();
    std::ranges::sort(cells);
    group_.forbid_rest(left.groups, left.labels, left.chosen,
                       cut.across.size() > 1 ? cut.box : std::vector<std::vector<bool>>{},
                       std::move(cells));
  }

  // Does an earlier release show anything that is not so today?
  [[nodiscard]] bool is_revised(const View& view) const {
    const auto whole = view.then.empty() ? std::nullopt : overlap(view, view);
    if (!whole) {
      return false;
    }
    CellCounts now;
    for (const auto& sum : sums(*whole)) {
      now[sum.group] = sum.left + sum.taken;
    }
    return std::ranges::any_of(view.then, [&](const Then& then) {
      return std::ranges::any_of(sums_then(then, *whole), [&](const auto& entry) {
        const auto at = now.find(entry.first);
        return entry.second != (at == now.end() ? 0 : at->second);
      });
    });
  }

  // Does what the part leaves of a sum tell anything that is protected?
  [[nodiscard]] bool is_sensitive(const View& outer, const View& inner, const Part& part) const {
    View left = outer;
    merge_protection(left, outer, inner);
    for (std::size_t d = 0; d < part.sum.size() && !left.all; ++d) {
      const bool is_told = outer.labels[d].size() > 1 || !outer.chosen[d].empty() ||
                           !inner.chosen[d].empty() ||
                           std::ranges::find(part.told, d) != part.told.end();
      left.all = is_told && left.dimensions.contains(group_.dimension(d).name);
    }
    return left.all;
  }

  // A figure of today beside a revised one of an earlier release: if today's did not change since,
  // the difference is what was left then. Whether it changed readers do not know, nor does the
  // release of then; so the figure of today is guarded wherever the difference is small.
  // `of_inner`: today's is the part (12 women of 13 who were published), not the sum.
  void find_revised(const View& outer, const View& inner, bool of_inner, const CellCounts& facts) {
    auto cut = overlap(outer, inner);
    if (!cut) {
      return;
    }
    const View& today = of_inner ? inner : outer;
    const View& earlier = of_inner ? outer : inner;
    CellCounts whole;
    for (const auto& sum : sums(*cut)) {
      whole[sum.group] = sum.left + sum.taken;
    }
    const Parts now = parts_of(inner, *cut, facts);
    std::vector<Parts> told;
    for (const auto& then : today.then) {
      told.push_back(said_then(today, then, *cut, of_inner));
    }
    std::set<Part> small;
    for (const auto& then : earlier.then) {
      const Parts said = said_then(earlier, then, *cut, !of_inner);
      for (const auto& [part, value] : of_inner ? now : said) {
        const Part sum{{}, false, part.sum, {}};
        const auto at = now.find(part);
        const std::int64_t taken = at == now.end() ? 0 : at->second;
        const auto before = said.find(of_inner ? sum : part);
        const bool is_part = !part.told.empty() || !cut->across.empty();
        if (!is_part || before == said.end() || !whole.contains(part.sum)) {
          continue;
        }
        const std::int64_t all = whole.at(part.sum);
        const std::int64_t left = of_inner ? before->second - taken : all - before->second;
        const std::int64_t shown = of_inner ? taken : all;
        const Part& guarded = of_inner ? part : sum;
        const bool is_open = std::ranges::any_of(told, [&](const Parts& parts) {
          const auto known = parts.find(guarded);
          return known != parts.end() && known->second == shown;
        });
        const bool is_revised = before->second != (of_inner ? all : taken);
        if (is_revised && left > 0 && left < group_.plan.policy.threshold && !is_open &&
            shown != 0 && before->second != 0 && is_sensitive(outer, inner, part)) {
          small.insert(guarded);
        }
      }
    }
    if (!of_inner) {
      std::ranges::for_each(cut->box, [](auto& box) { box.assign(box.size(), true); });
    }
    forbid_parts(today, *cut, small);
  }

  // Today's facts by their codes.
  [[nodiscard]] CellCounts cells_now() const {
    const auto& base = group_.plan.base;
    CellCounts out;
    for (std::size_t row = 0; row < base.value.size(); ++row) {
      std::vector<std::uint32_t> codes;
      for (const auto& column : base.codes) {
        codes.push_back(column[row]);
      }
      out[std::move(codes)] += base.value[row];
    }
    return out;
  }

  // Lists of which the sets of one dimension are equal or share no code.
  void forbid_parts(const View& view, const Cut& cut, const std::set<Part>& small) {
    std::map<std::pair<std::vector<std::size_t>, std::vector<std::uint32_t>>, std::vector<Groups>>
        lists;
    for (const auto& part : small) {
      Groups codes(part.sum.size());
      for (std::size_t d = 0; d < part.sum.size(); ++d) {
        const auto told = std::ranges::find(part.told, d);
        for (std::uint32_t code = 0; code < cut.parts[d].size(); ++code) {
          const bool is_meant =
              told == part.told.end() ||
              (view.groups[d][code] ==
               part.group[static_cast<std::size_t>(told - part.told.begin())]) != part.is_without;
          if (is_meant && cut.parts[d][code] == part.sum[d] && cut.box[d][code]) {
            codes[d].push_back(code);
          }
        }
      }
      lists[{part.told, part.is_without ? part.group : std::vector<std::uint32_t>{}}].push_back(
          std::move(codes));
    }
    found_ += small.size();
    for (auto& [told, list] : lists) {
      revised_.push_back(std::move(list));
    }
  }

  Group& group_;
  bool zeros_sensitive_;
  bool weighs_revised_;
  std::vector<View> views_;
  std::vector<std::vector<Groups>> revised_;
  std::size_t found_ = 0;
  bool complete_ = true;
};

// What a table of an earlier release showed; of a share its denominators, if `whole`.
Then said_by(const Group& group, const Table& table, const Shape& shape,
             const std::vector<std::uint32_t>& levels, bool whole) {
  std::vector<std::map<std::uint32_t, std::uint32_t>> first(levels.size());  // of each group
  for (std::size_t d = 0; d < levels.size(); ++d) {
    for (std::uint32_t code = 0; code < group.plan.dimensions[d].codes; ++code) {
      first[d].emplace(group.group_of(d, levels[d], code), code);
    }
  }
  Then out;
  for (const auto& cell : table.cells) {
    const auto at = group.cell_of(cell.codes, levels, shape);
    if (!at) {
      continue;
    }
    std::vector<std::uint32_t> codes;
    for (std::size_t d = 0; d < levels.size(); ++d) {
      codes.push_back(first[d].at(at->group[d]));
    }
    const auto& count = whole ? cell.population : cell.count;
    if (cell.status == CellStatus::suppressed || !count) {
      out.hidden.insert(std::move(codes));
    } else {
      out.shown.emplace(std::move(codes), std::llround(*count));
    }
  }
  return out;
}

bool counts_persons(const Indicator& indicator) {
  return indicator.kind != NumeratorKind::amount && indicator.kind != NumeratorKind::survey_share;
}

// Whose protection a table has: of all that it shows, or of what is broken down by some dimensions.
void protect_view(View& view, const TableQuery& query, const Indicator& indicator, bool chosen) {
  view.all = chosen || indicator.disclosure.dimensions.empty();
  for (const auto& name : indicator.disclosure.dimensions) {
    view.dimensions.insert(name);
  }
  for (const auto& dimension : query.by) {
    if (is_identity(dimension.name, indicator)) {
      view.dimensions.insert(dimension.name);
    }
  }
  for (const auto& [name, codes] : query.where) {
    if (is_identity(name, indicator)) {
      view.dimensions.insert(name);
    }
  }
}

// Totals that do not hold their parts are never wholes of them. Figures of several sources are one
// figure to the tables of each and, beside another's, what both tell of and what one tells alone.
std::vector<bool> ways_to_see(const Group& group) {
  return group.is_joined() && !group.has_totals() ? std::vector{false, true} : std::vector{true};
}

}  // namespace

Result<void> guard_rests(const ReleasePlan& plan, Group& group, const std::vector<Placed>& placed,
                         const std::vector<const PastTable*>& past,
                         const std::vector<Table>& tables, Protected& out) {
  // Totals that do not hold their parts leave nothing of each other.
  const bool weighs_revised = plan.differences == Differences::protect && plan.rounding == 0 &&
                              !group.is_family(group.dimensions() - 1);
  Rests rests(group, plan.zeros_sensitive, weighs_revised);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const auto& indicator = *tables[placed[i].table].indicator;
    if (!counts_persons(indicator)) {
      continue;
    }
    const auto& planned = plan.tables[placed[i].table];
    for (const bool apart : ways_to_see(group)) {
      View view = view_of(group, placed[i].shape, placed[i].levels, apart);
      view.open = group.plan.tables[i].exempt;
      view.fresh = view.now = !view.open;
      protect_view(view, planned.query, indicator, planned.is_protected.has_value());
      rests.add(std::move(view));
    }
  }
  for (const auto* one : past) {
    const auto& indicator = *one->table.indicator;
    // Of a rounded figure what is left is not known to the last person.
    if (!counts_persons(indicator) || one->table.rounded_to != 0) {
      continue;
    }
    std::vector<const FactFilter*> filters{&indicator.numerator};
    if (indicator.denominator.kind == DenominatorKind::facts) {
      filters.push_back(&indicator.denominator.filter);
    }
    for (const auto* filter : filters) {
      const Shape shape = shape_of(*one, *filter);
      const auto levels = ATALAYA_TRY(group.levels(shape));
      for (const bool apart : ways_to_see(group)) {
        View view = view_of(group, shape, levels, apart);
        view.open = one->open;
        view.then.push_back(
            said_by(group, one->table, shape, levels, filter != &indicator.numerator));
        protect_view(view, one->query, indicator, one->chosen);
        rests.add(std::move(view));
      }
    }
  }
  rests.run();
  for (const auto& sums : rests.revised()) {
    group.forbid_sums(sums);
  }
  auto* before = out.audit.if_contains("rests");
  out.audit["rests"] =
      (before == nullptr ? 0 : before->as_int64()) + static_cast<std::int64_t>(rests.found());
  if (!rests.is_complete()) {
    out.audit["rests_complete"] = false;
  }
  return {};
}

}  // namespace atalaya::observatory::detail
