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
#include <numeric>
#include <unordered_map>

#include "release_group.hpp"

namespace atalaya::observatory::detail {
namespace {

using Groups = std::vector<std::vector<std::uint32_t>>;  // [dimension][code], dc::kNoGroup outside

constexpr std::size_t kDerivedMax = 60;  // figures weighed further as if they were tables
constexpr int kDepthMax = 3;             // subtractions one after another
constexpr std::size_t kRestsMax = 400;

// What an earlier release showed, by the first code of each cell's group in each dimension.
struct Then {
  std::map<std::vector<std::uint32_t>, std::int64_t> shown;
  std::set<std::vector<std::uint32_t>> hidden;
};

// What a table, or what is left of one, holds of each dimension and tells apart in it.
struct View {
  Groups groups;                                 // numbered in the order of the codes
  std::vector<std::vector<std::string>> labels;  // [dimension][group]
  std::vector<std::string> chosen;               // [dimension], "F"; empty: whatever there is
  bool open = false;                             // by a decision with a name to it
  bool fresh = false;                            // its zeros can still be hidden
  bool all = false;                              // protected whatever it is broken down by
  std::set<std::string> dimensions;              // else: what makes its cells sensitive
  bool now = false;                              // printed by this release, not open
  std::vector<Then> then;                        // of earlier releases
  int depth = 0;
};

struct Cut {
  Groups parts;                        // of the whole: what both tables come to
  std::vector<std::vector<bool>> box;  // [dimension][code]: what the part holds
  std::vector<std::size_t> across;     // dimensions in which the part holds less than the whole
};

void number_groups(View& view) {
  for (std::size_t d = 0; d < view.groups.size(); ++d) {
    std::map<std::uint32_t, std::uint32_t> number;
    std::vector<std::string> labels;
    for (auto& group : view.groups[d]) {
      if (group == dc::kNoGroup) {
        continue;
      }
      const auto [at, is_new] = number.emplace(group, static_cast<std::uint32_t>(number.size()));
      if (is_new) {
        labels.push_back(view.labels[d][group]);
      }
      group = at->second;
    }
    view.labels[d] = std::move(labels);
  }
}

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

// What of `inner` lies in `outer`, and the smallest sums of cells that both come to; nothing where
// the two have nothing in common.
std::optional<Cut> overlap(const View& outer, const View& inner) {
  Cut out;
  for (std::size_t d = 0; d < outer.groups.size(); ++d) {
    const auto& whole = outer.groups[d];
    const auto& part = inner.groups[d];
    // Groups that reach beyond the whole cannot be subtracted from it.
    std::vector<bool> reaches(inner.labels[d].size(), false);
    for (std::size_t code = 0; code < whole.size(); ++code) {
      if (part[code] != dc::kNoGroup && whole[code] == dc::kNoGroup) {
        reaches[part[code]] = true;
      }
    }
    std::vector<bool> box(whole.size(), false);
    std::vector<std::uint32_t> parent(outer.labels[d].size());
    std::iota(parent.begin(), parent.end(), 0U);
    const auto root = [&](std::uint32_t at) {
      while (parent[at] != at) {
        at = parent[at];
      }
      return at;
    };
    std::vector<std::uint32_t> first(inner.labels[d].size(), dc::kNoGroup);
    bool any = false;
    for (std::size_t code = 0; code < whole.size(); ++code) {
      box[code] = part[code] != dc::kNoGroup && !reaches[part[code]];
      if (box[code]) {
        any = true;
        auto& seen = first[part[code]];
        seen = seen == dc::kNoGroup ? whole[code] : seen;
        const std::uint32_t a = root(whole[code]);
        const std::uint32_t b = root(seen);
        parent[std::max(a, b)] = std::min(a, b);
      }
    }
    if (!any) {
      return std::nullopt;
    }
    // What the part does not touch is left as it was.
    std::vector<bool> touched(parent.size(), false);
    for (std::size_t code = 0; code < whole.size(); ++code) {
      if (box[code]) {
        touched[root(whole[code])] = true;
      }
    }
    auto& parts = out.parts.emplace_back();
    bool all = true;
    for (std::size_t code = 0; code < whole.size(); ++code) {
      const bool is_in = whole[code] != dc::kNoGroup && touched[root(whole[code])];
      parts.push_back(is_in ? root(whole[code]) : dc::kNoGroup);
      all = all && (box[code] || !is_in);
    }
    if (!all) {
      out.across.push_back(d);
    }
    out.box.push_back(std::move(box));
  }
  return out;
}

// The same; nothing where nothing is left either.
std::optional<Cut> cut(const View& outer, const View& inner) {
  auto out = overlap(outer, inner);
  return out && out->across.empty() ? std::nullopt : out;
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
    const auto is_known = [&](const View& view) {
      View numbered = left;
      number_groups(numbered);
      return view.groups == numbered.groups;
    };
    if (is_product && std::ranges::any_of(views_, is_known)) {
      return;  // a table shows it, or it was weighed
    }
    if (is_sensitive(left)) {
      // Of an open total of 2 nobody is in the part: a zero that says something of both.
      list(left, *found, views_[outer].open && views_[inner].fresh);
      find_revised(views_[outer], views_[inner], *found);
    }
    if (!is_product) {
      return;
    }
    if (views_.size() < most) {
      number_groups(left);
      views_.push_back(std::move(left));
    } else {
      complete_ = false;
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

  // What an earlier release said of each sum, by the groups of the whole; nothing where it hid a
  // part of it. Of the inner view only what lies in the box.
  [[nodiscard]] static std::map<std::vector<std::uint32_t>, std::int64_t> sums_then(
      const Then& then, const Cut& cut, bool inner) {
    const auto part_of = [&](const std::vector<std::uint32_t>& codes) {
      std::optional<std::vector<std::uint32_t>> part(std::in_place);
      for (std::size_t d = 0; d < codes.size() && part; ++d) {
        part->push_back(cut.parts[d][codes[d]]);
        if (part->back() == dc::kNoGroup || (inner && !cut.box[d][codes[d]])) {
          part.reset();
        }
      }
      return part;
    };
    std::map<std::vector<std::uint32_t>, std::int64_t> out;
    for (const auto& [codes, count] : then.shown) {
      if (const auto part = part_of(codes)) {
        out[*part] += count;
      }
    }
    for (const auto& codes : then.hidden) {
      if (const auto part = part_of(codes)) {
        out.erase(*part);
      }
    }
    return out;
  }

  // Does an earlier release show the sum as it is today?
  [[nodiscard]] static bool is_told(const View& view, const Cut& cut, bool inner,
                                    const std::vector<std::uint32_t>& part, std::int64_t today) {
    return std::ranges::any_of(view.then, [&](const Then& then) {
      const auto told = sums_then(then, cut, inner);
      const auto at = told.find(part);
      return at != told.end() && at->second == today;
    });
  }

  // A figure of today beside a revised one of an earlier release: if today's did not change since,
  // the difference is what was left then. Whether it changed readers do not know, nor does the
  // release of then; so the figure of today is guarded wherever the difference is small.
  void find_revised(const View& outer, const View& inner, const Cut& cut) {
    for (const bool of_inner : {true, false}) {  // whose figure of today it is
      const View& today = of_inner ? inner : outer;
      const View& earlier = of_inner ? outer : inner;
      if (!weighs_revised_ || !today.now || earlier.then.empty()) {
        continue;
      }
      std::set<std::vector<std::uint32_t>> small;
      const auto all = sums(cut);
      for (const auto& then : earlier.then) {
        const auto said = sums_then(then, cut, !of_inner);
        for (const auto& sum : all) {
          const std::int64_t whole = sum.left + sum.taken;
          const auto at = said.find(sum.group);
          if (at == said.end() || at->second == (of_inner ? whole : sum.taken)) {
            continue;  // hidden then, or not revised
          }
          const std::int64_t left = of_inner ? at->second - sum.taken : whole - at->second;
          if (left > 0 && left < group_.plan.policy.threshold &&
              !is_told(today, cut, of_inner, sum.group, of_inner ? sum.taken : whole)) {
            small.insert(sum.group);
          }
        }
      }
      if (!small.empty()) {
        found_ += small.size();
        revised_.push_back(codes_under(cut, small, of_inner));
      }
    }
  }

  [[nodiscard]] static std::vector<Groups> codes_under(
      const Cut& cut, const std::set<std::vector<std::uint32_t>>& parts, bool inner) {
    std::vector<Groups> out;
    for (const auto& part : parts) {
      auto& codes = out.emplace_back(part.size());
      for (std::size_t d = 0; d < part.size(); ++d) {
        for (std::uint32_t code = 0; code < cut.parts[d].size(); ++code) {
          if (cut.parts[d][code] == part[d] && (!inner || cut.box[d][code])) {
            codes[d].push_back(code);
          }
        }
      }
    }
    return out;
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
