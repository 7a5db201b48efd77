// What two releases say together over several cells. Months of one release add up to the years of
// the next; municipalities to departments; a municipality that was split stands for its two parts.
// So for each pair of tables, one of an earlier release and one of this, the smallest sets of codes
// are sought that both can add up to, dimension by dimension: codes that share a cell in either
// table stay together, and what falls together that way is a part. Every sum that both tables show
// is a sum of such parts, so examining the parts is enough. A part that changed by 1 to
// threshold - 1 is the small cell that its difference is. Where it is one cell of this release, the
// cell is hidden; else the sum itself is given to disclosure control as a cell that nobody may
// compute, and complements are found and audited as for any other.
// Method and what is not examined: docs/methods/disclosure.md.
#include <iterator>
#include <limits>
#include <numeric>

#include "release_group.hpp"

namespace atalaya::observatory::detail {
namespace {

using Codes = std::vector<std::string>;
using Rows = std::vector<std::uint32_t>;
using Place = std::vector<std::uint32_t>;              // a part, by dimension
using Sets = std::vector<std::vector<std::uint32_t>>;  // today's codes, by dimension

constexpr std::uint32_t kOpen = 0xffffffff;  // reaches beyond one of the two tables
constexpr std::size_t kSumsApart = 24;       // more sums of one pair share a table

class Union {
 public:
  explicit Union(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }

  std::uint32_t find(std::uint32_t at) {
    while (parent_[at] != at) {
      parent_[at] = parent_[parent_[at]];
      at = parent_[at];
    }
    return at;
  }

  void join(std::uint32_t a, std::uint32_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::uint32_t> parent_;
};

// One dimension of two tables.
struct Axis {
  std::vector<std::uint32_t> of_code;             // today's codes -> part, or kOpen
  std::map<std::string, std::uint32_t> of_label;  // the earlier table's labels -> part, or kOpen
  Sets codes;                                     // by part: today's codes
  std::vector<std::string> name;                  // by part: one of its labels
  std::vector<bool> fresh;                        // by part: only one of the releases knows it
  bool alike = false;                             // both tables name codes at one level
};

struct Side {
  const Shape& shape;
  std::vector<std::uint32_t> levels;
};

// The groups of both tables, ours first, joined where they share a code.
struct Joined {
  Union groups;
  std::vector<bool> open;  // by group: reaches beyond the other table
};

Result<Joined> join_groups(const Group& group, std::size_t d, const Side& ours, const Side& theirs,
                           const std::vector<std::string>& own_labels,
                           const std::vector<std::string>& labels) {
  const auto n = static_cast<std::uint32_t>(own_labels.size());
  Joined out{Union(n + labels.size()), std::vector<bool>(n + labels.size(), false)};
  for (std::uint32_t code = 0; code < group.plan.dimensions[d].codes; ++code) {
    const std::uint32_t a = group.group_of(d, ours.levels[d], code);
    const std::uint32_t b = group.group_of(d, theirs.levels[d], code);
    if (a != dc::kNoGroup && b != dc::kNoGroup) {
      out.groups.join(a, n + b);
    } else if (a != dc::kNoGroup) {
      out.open[a] = true;
    } else if (b != dc::kNoGroup) {
      out.open[n + b] = true;
    }
  }
  // Labels in which no fact of today lies stand last.
  for (std::size_t i = group.labels(d, theirs.levels[d]).size(); i < labels.size(); ++i) {
    const auto at = static_cast<std::uint32_t>(n + i);
    if (!group.takes(ours.shape, d, labels[i])) {
      out.open[at] = true;
      continue;
    }
    const auto home = ATALAYA_TRY(group.label_of(ours.shape, d, labels[i]));
    const auto found = std::ranges::find(own_labels, home);
    if (found != own_labels.end()) {
      out.groups.join(static_cast<std::uint32_t>(found - own_labels.begin()), at);
    }
  }
  for (std::uint32_t at = 0; at < out.open.size(); ++at) {
    const std::uint32_t root = out.groups.find(at);
    out.open[root] = out.open[root] || out.open[at];
  }
  return out;
}

Result<Axis> make_axis(const Group& group, std::size_t d, const Side& ours, const Side& theirs,
                       const std::set<std::string>& past_labels) {
  const auto own_labels = group.labels(d, ours.levels[d]);
  auto labels = group.labels(d, theirs.levels[d]);
  for (const auto& label : past_labels) {
    if (std::ranges::find(labels, label) == labels.end()) {
      labels.push_back(label);
    }
  }
  const auto n = static_cast<std::uint32_t>(own_labels.size());
  auto joined = ATALAYA_TRY(join_groups(group, d, ours, theirs, own_labels, labels));
  Axis axis;
  std::map<std::uint32_t, std::uint32_t> part_of;
  const auto part = [&](std::uint32_t at, const std::string& name) {
    const std::uint32_t root = joined.groups.find(at);
    if (joined.open[root]) {
      return kOpen;
    }
    const auto [found, is_new] = part_of.emplace(root, static_cast<std::uint32_t>(part_of.size()));
    if (is_new) {
      axis.codes.emplace_back();
      axis.name.push_back(name);
      axis.fresh.push_back(true);
    }
    return found->second;
  };
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint32_t p = part(static_cast<std::uint32_t>(n + i), labels[i]);
    axis.of_label.emplace(labels[i], p);
    if (p != kOpen && past_labels.contains(labels[i])) {
      axis.fresh[p] = false;
    }
  }
  for (std::uint32_t code = 0; code < group.plan.dimensions[d].codes; ++code) {
    const std::uint32_t a = group.group_of(d, ours.levels[d], code);
    const std::uint32_t p = a == dc::kNoGroup ? kOpen : part(a, own_labels[a]);
    axis.of_code.push_back(p);
    if (p != kOpen) {
      axis.codes[p].push_back(code);
    }
  }
  const auto* by = group.by(ours.shape, d);
  const auto* past_by = group.by(theirs.shape, d);
  axis.alike = by != nullptr && past_by != nullptr && by->level == past_by->level;
  for (std::size_t p = 0; p < axis.fresh.size(); ++p) {
    axis.fresh[p] = axis.fresh[p] || axis.codes[p].empty();
  }
  return axis;
}

struct Sum {
  std::int64_t now = 0, then = 0;
  bool was_shown = false, was_hidden = false;

  [[nodiscard]] std::int64_t difference() const { return now - then; }
};

// One table of this release beside one of an earlier one.
class Pair {
 public:
  Pair(Group& group, const Placed& placed, const PastTable& past)
      : group_(group),
        shape_(shape_of(past, past.table.indicator->numerator)),
        past_(past),
        ours_{placed.shape, placed.levels} {}

  Result<void> read() {
    const Side theirs{shape_, ATALAYA_TRY(group_.levels(shape_))};
    std::vector<std::set<std::string>> labels(group_.dimensions());
    for (std::size_t d = 0; d < labels.size(); ++d) {
      place_.push_back(group_.by(shape_, d) == nullptr ? past_.table.by.size()
                                                       : place_in(group_.dimension(d).name));
      for (const auto& cell : past_.table.cells) {
        labels[d].insert(place_[d] < cell.codes.size() ? cell.codes[place_[d]]
                                                       : std::string(kTotal));
      }
      axes_.push_back(ATALAYA_TRY(make_axis(group_, d, ours_, theirs, labels[d])));
    }
    add_now();
    add_then();
    return {};
  }

  // The parts whose change is small, and what a split of codes comes to.
  [[nodiscard]] std::vector<Sets> small(std::int64_t threshold, const Territories& territories) {
    std::vector<Sets> out;
    for (const auto& [place, sum] : sums_) {
      if (sum.was_shown && !sum.was_hidden && is_small(sum.difference(), threshold)) {
        add(out, place);
      }
    }
    whole_ = out.size();
    for (std::size_t d = 0; d < axes_.size(); ++d) {
      const bool any_fresh = std::ranges::find(axes_[d].fresh, true) != axes_[d].fresh.end();
      if (axes_[d].alike && any_fresh && group_.dimension(d).name != "period") {
        add_splits(d, threshold, territories, out);
      }
    }
    return out;
  }

  // How many of small() are parts, each apart from the others.
  [[nodiscard]] std::size_t whole() const { return whole_; }

  // The cell of this release that these codes are; nothing where they are several.
  [[nodiscard]] std::optional<dc::Cell> own_cell(const Sets& sets) const {
    dc::Cell cell{ours_.levels, {}};
    for (std::size_t d = 0; d < axes_.size(); ++d) {
      const std::uint32_t group = group_.group_of(d, ours_.levels[d], sets[d].front());
      const bool is_whole = std::ranges::all_of(sets[d], [&](std::uint32_t code) {
        return group_.group_of(d, ours_.levels[d], code) == group;
      });
      if (!is_whole || group_.codes_in(d, ours_.levels[d], group) != sets[d].size()) {
        return std::nullopt;
      }
      cell.group.push_back(group);
    }
    return cell;
  }

 private:
  [[nodiscard]] static bool is_small(std::int64_t difference, std::int64_t threshold) {
    return difference != 0 && std::abs(difference) < threshold;
  }

  [[nodiscard]] std::size_t place_in(const std::string& name) const {
    const auto at = std::ranges::find(shape_.by, name, &TableDimension::name);
    return at == shape_.by.end() ? past_.table.by.size()
                                 : static_cast<std::size_t>(at - shape_.by.begin());
  }

  void add_now() {
    const auto& base = group_.plan.base;
    for (std::size_t row = 0; row < base.value.size(); ++row) {
      Place place;
      for (std::size_t d = 0; d < axes_.size(); ++d) {
        place.push_back(axes_[d].of_code[base.codes[d][row]]);
      }
      if (std::ranges::find(place, kOpen) == place.end()) {
        sums_[std::move(place)].now += base.value[row];
      }
    }
  }

  void add_then() {
    for (const auto& cell : past_.table.cells) {
      Place place;
      for (std::size_t d = 0; d < axes_.size(); ++d) {
        place.push_back(axes_[d].of_label.at(place_[d] < cell.codes.size() ? cell.codes[place_[d]]
                                                                           : std::string(kTotal)));
      }
      if (std::ranges::find(place, kOpen) != place.end()) {
        continue;
      }
      auto& sum = sums_[std::move(place)];
      if (cell.status == CellStatus::suppressed) {
        sum.was_hidden = true;
      } else {
        sum.was_shown = true;
        sum.then += std::llround(cell.count.value_or(0));
      }
    }
  }

  void add(std::vector<Sets>& out, const Place& place) const {
    Sets sets;
    for (std::size_t d = 0; d < axes_.size(); ++d) {
      sets.push_back(axes_[d].codes[place[d]]);
    }
    if (std::ranges::none_of(sets, &std::vector<std::uint32_t>::empty)) {
      out.push_back(std::move(sets));
    }
  }

  // A code that only one of the releases knows came from others or went into them: it is weighed
  // with each that changed the other way, and all such codes together with each.
  void add_splits(std::size_t d, std::int64_t threshold, const Territories& territories,
                  std::vector<Sets>& out) const {
    const auto& axis = axes_[d];
    std::map<Place, std::vector<std::pair<std::uint32_t, std::int64_t>>> lines;
    for (const auto& [place, sum] : sums_) {
      if (!sum.was_hidden && sum.difference() != 0) {
        Place line = place;
        line[d] = 0;
        lines[std::move(line)].emplace_back(place[d], sum.difference());
      }
    }
    const auto parent = [&](std::uint32_t part) {
      return group_.dimension(d).name == "territory" ? territories.parent(axis.name[part])
                                                     : std::string();
    };
    for (const auto& [line, changed] : lines) {
      std::map<std::string, std::vector<std::pair<std::uint32_t, std::int64_t>>> near;
      for (const auto& one : changed) {
        near[parent(one.first)].push_back(one);
      }
      for (const auto& [outer, list] : near) {
        weigh(d, line, list, threshold, out);
      }
    }
  }

  void weigh(std::size_t d, const Place& line,
             const std::vector<std::pair<std::uint32_t, std::int64_t>>& list,
             std::int64_t threshold, std::vector<Sets>& out) const {
    std::vector<std::uint32_t> fresh;
    std::int64_t all = 0;
    for (const auto& [part, difference] : list) {
      if (axes_[d].fresh[part]) {
        fresh.push_back(part);
        all += difference;
      }
    }
    if (fresh.empty()) {
      return;
    }
    if (fresh.size() > 1 && is_small(all, threshold)) {
      add_parts(d, line, fresh, out);
    }
    for (const auto& [part, difference] : list) {
      if (!axes_[d].fresh[part] && is_small(all + difference, threshold)) {
        auto parts = fresh;
        parts.push_back(part);
        add_parts(d, line, parts, out);
      }
    }
    for (const auto& [one, gained] : list) {
      for (const auto& [other, lost] : list) {
        const bool opposite = (gained < 0) != (lost < 0);
        if (fresh.size() > 1 && axes_[d].fresh[one] && opposite && one != other &&
            is_small(gained + lost, threshold)) {
          add_parts(d, line, {one, other}, out);
        }
      }
    }
  }

  void add_parts(std::size_t d, const Place& line, const std::vector<std::uint32_t>& parts,
                 std::vector<Sets>& out) const {
    Sets sets;
    for (std::size_t other = 0; other < axes_.size(); ++other) {
      sets.push_back(other == d ? std::vector<std::uint32_t>() : axes_[other].codes[line[other]]);
    }
    for (const std::uint32_t part : parts) {
      sets[d].insert(sets[d].end(), axes_[d].codes[part].begin(), axes_[d].codes[part].end());
    }
    std::ranges::sort(sets[d]);
    const bool is_new = std::ranges::find(out, sets) == out.end();
    if (is_new && std::ranges::none_of(sets, &std::vector<std::uint32_t>::empty)) {
      out.push_back(std::move(sets));
    }
  }

  Group& group_;
  Shape shape_;
  const PastTable& past_;
  Side ours_;
  std::vector<std::size_t> place_;  // by dimension: where the earlier table's codes name it
  std::vector<Axis> axes_;
  std::map<Place, Sum> sums_;
  std::size_t whole_ = 0;
};

// Does a table that is published as it is show the sum anyway, by a decision with a name to it?
bool is_open(const Group& group, const std::vector<Placed>& placed, const Sets& sets) {
  for (std::size_t i = 0; i < placed.size(); ++i) {
    bool shows = group.plan.tables[i].exempt;
    for (std::size_t d = 0; d < sets.size() && shows; ++d) {
      std::map<std::uint32_t, std::size_t> touched;
      for (const std::uint32_t code : sets[d]) {
        ++touched[group.group_of(d, placed[i].levels[d], code)];
      }
      shows = std::ranges::all_of(touched, [&](const auto& entry) {
        return entry.first != dc::kNoGroup &&
               entry.second == group.codes_in(d, placed[i].levels[d], entry.first);
      });
    }
    if (shows) {
      return true;
    }
  }
  return false;
}

// Which rows hold a code, by dimension: large revised series have thousands of sums.
class RowIndex {
 public:
  explicit RowIndex(const Group& group) : base_(group.plan.base) {
    for (std::size_t d = 0; d < base_.codes.size(); ++d) {
      rows_.emplace_back(group.plan.dimensions[d].codes);
      for (std::size_t row = 0; row < base_.value.size(); ++row) {
        rows_[d][base_.codes[d][row]].push_back(static_cast<std::uint32_t>(row));
      }
    }
  }

  // Looks through those of the dimension that leaves fewest.
  [[nodiscard]] Rows rows_in(const Sets& sets) const {
    std::size_t best = 0;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    std::vector<std::vector<bool>> in;
    for (std::size_t d = 0; d < sets.size(); ++d) {
      in.emplace_back(rows_[d].size(), false);
      std::size_t count = 0;
      for (const std::uint32_t code : sets[d]) {
        in.back()[code] = true;
        count += rows_[d][code].size();
      }
      if (count < fewest) {
        fewest = count;
        best = d;
      }
    }
    Rows out;
    for (std::uint32_t code = 0; code < in[best].size(); ++code) {
      if (!in[best][code]) {
        continue;
      }
      std::ranges::copy_if(rows_[best][code], std::back_inserter(out), [&](std::uint32_t row) {
        for (std::size_t d = 0; d < in.size(); ++d) {
          if (!in[d][base_.codes[d][row]]) {
            return false;
          }
        }
        return true;
      });
    }
    std::ranges::sort(out);
    return out;
  }

 private:
  const dc::Base& base_;
  std::vector<std::vector<Rows>> rows_;  // by dimension and code
};

bool is_refined(const Shape& coarse, const Shape& fine) {
  return coarse.where == fine.where && coarse.filter->terms == fine.filter->terms &&
         coarse.filter->except == fine.filter->except && coarse.by.size() <= fine.by.size() &&
         std::ranges::all_of(coarse.by, [&](const TableDimension& d) {
           return by_dimension(fine, d.name) != nullptr;
         });
}

// Of one total of an earlier table: its parts shown then, and those hidden.
struct Rest {
  std::int64_t shown = 0, now = 0;
  std::vector<dc::Cell> hidden;
  Rows rows;
};

}  // namespace

Result<void> find_sums(Group& group, const Territories& territories,
                       const std::vector<Placed>& placed, const std::vector<const PastTable*>& past,
                       SumsFound& out) {
  const std::int64_t threshold = group.plan.policy.threshold;
  const RowIndex index(group);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    for (const auto* table : past) {
      if (group.plan.tables[i].exempt) {
        continue;
      }
      Pair pair(group, placed[i], *table);
      ATALAYA_TRY(pair.read());
      const auto small = pair.small(threshold, territories);
      std::vector<Sets> together;
      for (std::size_t s = 0; s < small.size(); ++s) {
        if (is_open(group, placed, small[s])) {
          continue;
        }
        out.rows.push_back(index.rows_in(small[s]));
        if (const auto cell = pair.own_cell(small[s])) {
          out.cells.push_back(*cell);
        } else if (s < pair.whole() && pair.whole() > kSumsApart) {
          together.push_back(small[s]);
        } else if (std::ranges::find(out.sums, std::vector<Sets>{small[s]}) == out.sums.end()) {
          out.sums.push_back({small[s]});
        }
      }
      if (!together.empty() && std::ranges::find(out.sums, together) == out.sums.end()) {
        out.sums.push_back(std::move(together));
      }
    }
  }
  return {};
}

Result<void> find_rests(Group& group, const Territories& territories,
                        const std::vector<const PastTable*>& past, SumsFound& out) {
  for (const auto* whole : past) {
    const Shape coarse = shape_of(*whole, whole->table.indicator->numerator);
    for (const auto* parts : past) {
      const Shape fine = shape_of(*parts, parts->table.indicator->numerator);
      const bool hid_any = std::ranges::any_of(parts->table.cells, [](const Cell& cell) {
        return cell.status == CellStatus::suppressed;
      });
      if (parts == whole || !hid_any || !is_refined(coarse, fine) ||
          group.column_of(coarse) != group.column_of(fine)) {
        continue;
      }
      const auto levels = ATALAYA_TRY(group.levels(fine));
      const auto rows = group.rows(levels, fine);
      std::map<Codes, Rest> rests;
      for (const auto& cell : parts->table.cells) {
        Codes outer;
        for (const auto& dimension : coarse.by) {
          const auto at = std::ranges::find(fine.by, dimension.name, &TableDimension::name);
          outer.push_back(ATALAYA_TRY(place_code(
              territories, dimension, cell.codes[static_cast<std::size_t>(at - fine.by.begin())])));
        }
        auto& rest = rests[std::move(outer)];
        if (cell.status != CellStatus::suppressed) {
          rest.shown += std::llround(cell.count.value_or(0));
          continue;
        }
        const auto id = group.cell_of(cell.codes, levels, fine);
        if (id) {
          rest.hidden.push_back(*id);
        }
        if (const auto at = rows.find(cell.codes); at != rows.end()) {
          rest.rows.insert(rest.rows.end(), at->second.begin(), at->second.end());
        }
      }
      for (const auto& cell : whole->table.cells) {
        const auto at = rests.find(cell.codes);
        if (at == rests.end() || at->second.hidden.empty() ||
            cell.status == CellStatus::suppressed) {
          continue;
        }
        auto& rest = at->second;
        for (const std::uint32_t row : rest.rows) {
          rest.now += group.plan.base.value[row];
        }
        const std::int64_t then = std::llround(cell.count.value_or(0)) - rest.shown;
        const std::int64_t difference = rest.now - then;
        if (difference != 0 && std::abs(difference) < group.plan.policy.threshold) {
          out.hidden.insert(out.hidden.end(), rest.hidden.begin(), rest.hidden.end());
          std::ranges::sort(rest.rows);
          out.rows.push_back(std::move(rest.rows));
          ++out.rests;
        }
      }
    }
  }
  return {};
}

}  // namespace atalaya::observatory::detail
