#pragma once
// What tables show of the facts under a release, what two of them have in common, and the parts
// that one tells apart in what both come to. Shared by nothing but what weighs rests.

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/columns/disclosure.hpp>

namespace atalaya::observatory::detail {

namespace dc = columns::disclosure;

using Groups = std::vector<std::vector<std::uint32_t>>;  // [dimension][code], dc::kNoGroup outside

using CellCounts = std::map<std::vector<std::uint32_t>, std::int64_t>;

inline constexpr std::size_t kFewGroups = 12;  // of which all but one are weighed as a sum

// What an earlier release showed, by the first code of each cell's group in each dimension.
struct Then {
  CellCounts shown;
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

inline void number_groups(View& view) {
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

// What of `inner` lies in `outer`, and the smallest sums of cells that both come to; nothing where
// the two have nothing in common.
inline std::optional<Cut> overlap(const View& outer, const View& inner) {
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
inline std::optional<Cut> cut(const View& outer, const View& inner) {
  auto out = overlap(outer, inner);
  return out && out->across.empty() ? std::nullopt : out;
}

// What an earlier release said of each sum, by the groups of the whole; nothing where it hid a
// part of it.
[[nodiscard]] inline CellCounts sums_then(const Then& then, const Cut& cut) {
  const auto part_of = [&](const std::vector<std::uint32_t>& codes) {
    std::optional<std::vector<std::uint32_t>> part(std::in_place);
    for (std::size_t d = 0; d < codes.size() && part; ++d) {
      part->push_back(cut.parts[d][codes[d]]);
      if (part->back() == dc::kNoGroup) {
        part.reset();
      }
    }
    return part;
  };
  CellCounts out;
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

// A part of what the inner view shows of a sum: all of it, or by the dimensions that tell groups
// of it apart one of them, or all but that one.
struct Part {
  std::vector<std::size_t> told;
  bool is_without = false;
  std::vector<std::uint32_t> sum;
  std::vector<std::uint32_t> group;  // of each dimension of `told`
  auto operator<=>(const Part&) const = default;
};

using Parts = std::map<Part, std::int64_t>;

// By dimension the sums in which the view tells groups apart.
[[nodiscard]] inline std::vector<std::set<std::uint32_t>> told_in(const View& view,
                                                                  const Cut& cut) {
  std::vector<std::set<std::uint32_t>> out(cut.parts.size());
  for (std::size_t d = 0; d < cut.parts.size(); ++d) {
    std::map<std::uint32_t, std::uint32_t> first;
    for (std::size_t code = 0; code < cut.parts[d].size(); ++code) {
      if (cut.box[d][code] &&
          first.emplace(cut.parts[d][code], view.groups[d][code]).first->second !=
              view.groups[d][code]) {
        out[d].insert(cut.parts[d][code]);
      }
    }
  }
  return out;
}

// What is shown of each part of each sum, by the first codes of cells.
[[nodiscard]] inline Parts parts_of(const View& view, const Cut& cut, const CellCounts& shown) {
  const auto finer = told_in(view, cut);
  Parts out;
  std::map<std::pair<std::size_t, std::vector<std::uint32_t>>, std::vector<Part>> beside;
  for (const auto& [codes, value] : shown) {
    std::vector<std::vector<std::size_t>> ways(1);  // the first: every dimension
    std::vector<std::uint32_t> sum;
    for (std::size_t d = 0; d < codes.size() && cut.box[d][codes[d]]; ++d) {
      sum.push_back(cut.parts[d][codes[d]]);
      if (finer[d].contains(sum.back())) {
        ways.front().push_back(d);
        ways.push_back({d});
      }
    }
    if (sum.size() < codes.size()) {
      continue;  // outside
    }
    ways.emplace_back();
    for (const auto& told : std::set(ways.begin(), ways.end())) {
      Part part{told, false, sum, {}};
      for (const std::size_t d : told) {
        part.group.push_back(view.groups[d][codes[d]]);
      }
      const auto [at, is_new] = out.emplace(part, 0);
      at->second += value;
      if (is_new && told.size() == 1) {
        beside[{told.front(), sum}].push_back(std::move(part));
      }
    }
  }
  for (auto& [sum, list] : beside) {
    for (auto& part : list) {
      if (list.size() > 2 && list.size() <= kFewGroups) {
        const std::int64_t others = out.at({{}, false, part.sum, {}}) - out.at(part);
        part.is_without = true;
        out.emplace(std::move(part), others);
      }
    }
  }
  return out;
}

// What an earlier release said of each sum, or of the inner view of each part; nothing where it
// hid some of it.
[[nodiscard]] inline Parts said_then(const View& view, const Then& then, const Cut& cut,
                                     bool is_inner) {
  Parts out;
  if (!is_inner) {
    for (const auto& [sum, count] : sums_then(then, cut)) {
      out.emplace(Part{{}, false, sum, {}}, count);
    }
    return out;
  }
  auto cells = then.shown;
  CellCounts none;
  for (const auto& codes : then.hidden) {
    cells.emplace(codes, 0);
    none.emplace(codes, 0);
  }
  out = parts_of(view, cut, cells);
  const Parts hidden = parts_of(view, cut, none);
  std::erase_if(out, [&](const auto& entry) {
    const Part& part = entry.first;
    if (!part.is_without) {
      return hidden.contains(part);
    }
    auto at = hidden.lower_bound({part.told, false, part.sum, {}});
    while (at != hidden.end() && at->first.group == part.group) {
      ++at;  // it is not in all but itself
    }
    return at != hidden.end() && at->first.told == part.told && !at->first.is_without &&
           at->first.sum == part.sum;
  });
  return out;
}

}  // namespace atalaya::observatory::detail
