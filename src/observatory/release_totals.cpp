// A source that gives `_T` beside parts prints figures that need not be sums of each other, and
// tables print them as they are: the total where a dimension is not told apart, the parts where it
// is. A reader knows that the total holds its parts. So for each combination of the other codes a
// table of whole persons is made that has all those figures as its sums, with what a total holds
// beside its parts as a part of its own, the rest. Where figures contradict each other (parts of
// more persons than the total) no such table exists, and no reader can subtract them: each stands
// apart.
#include "release_totals.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

namespace atalaya::observatory::detail {
namespace {

using Codes = std::vector<std::string>;  // of a block: empty where it is of the rest
using Mask = std::uint32_t;

constexpr Mask bit(std::size_t d) {
  return Mask{1} << d;
}

// Persons of whom so much is told apart.
struct Block {
  Codes codes;
  Mask told = 0;
  std::int64_t count = 0;
};

struct Figure {
  Codes codes;
  std::int64_t count = 0;
};

// The figures of one combination of the other codes, by what they tell apart.
using Figures = std::map<Mask, std::vector<Figure>>;

bool agrees(const Block& block, const Figure& figure, Mask told) {
  for (std::size_t d = 0; d < block.codes.size(); ++d) {
    if ((told & bit(d)) != 0 && block.codes[d] != figure.codes[d]) {
      return false;
    }
  }
  return true;
}

// Makes a table of persons that has these figures as sums; nothing where none is found.
class Completion {
 public:
  std::optional<std::vector<Block>> run(const Figures& figures, const std::vector<Mask>& masks) {
    blocks_.clear();
    done_.clear();
    // What tells most apart first: the less can then only add.
    auto order = masks;
    std::ranges::stable_sort(order, std::greater<>{}, [](Mask m) { return std::popcount(m); });
    for (const Mask mask : order) {
      for (const auto& figure : figures.at(mask)) {
        if (!place(figure, mask)) {
          return std::nullopt;
        }
      }
      done_.push_back(mask);
    }
    std::erase_if(blocks_, [](const Block& block) { return block.count == 0; });
    return blocks_;
  }

 private:
  bool place(const Figure& figure, Mask mask) {
    std::int64_t missing = figure.count;
    for (const auto& block : blocks_) {
      const bool inside = (block.told & mask) == mask && agrees(block, figure, mask);
      missing -= inside ? block.count : 0;
    }
    if (missing < 0) {
      return false;
    }
    const std::size_t before = blocks_.size();
    for (std::size_t b = 0; b < before && missing > 0; ++b) {
      if ((blocks_[b].told & mask) == mask || !may_become(blocks_[b], figure, mask)) {
        continue;
      }
      Block moved = blocks_[b];
      moved.count = std::min(moved.count, missing);
      moved.told |= mask;
      write(moved.codes, figure, mask);
      blocks_[b].count -= moved.count;
      missing -= moved.count;
      blocks_.push_back(std::move(moved));
    }
    if (missing > 0) {
      Block block{Codes(figure.codes.size()), mask, missing};
      write(block.codes, figure, mask);
      blocks_.push_back(std::move(block));
    }
    return true;
  }

  // Whether the persons can be those of the figure without changing one that is placed already.
  [[nodiscard]] bool may_become(const Block& block, const Figure& figure, Mask mask) const {
    const Mask after = block.told | mask;
    return block.count > 0 && agrees(block, figure, mask & block.told) &&
           std::ranges::none_of(done_, [&](Mask done) {
             return (done & block.told) != done && (done & after) == done;
           });
  }

  static void write(Codes& codes, const Figure& figure, Mask mask) {
    for (std::size_t d = 0; d < codes.size(); ++d) {
      if ((mask & bit(d)) != 0) {
        codes[d] = figure.codes[d];
      }
    }
  }

  std::vector<Block> blocks_;
  std::vector<Mask> done_;
};

class Reader {
 public:
  Reader(const Desk::State& state, const Territories& territories,
         const std::vector<TableDimension>& dimensions, const std::set<Mask>& told)
      : state_(state), territories_(territories), dimensions_(dimensions), told_(told) {}

  Result<GroupFacts> run(const std::vector<Current>& submissions) {
    std::vector<Current> plain;
    for (const auto& current : submissions) {
      const Mask totals = ATALAYA_TRY(totals_of(current));
      if (totals == 0) {
        plain.push_back(current);
      } else {
        ATALAYA_TRY(read_totalled(current, totals));
      }
    }
    for (const auto& [codes, value] :
         ATALAYA_TRY(add_facts(state_, territories_, plain, dimensions_))) {
      GroupRow row{{}, family({0, {0}}), std::llround(value)};
      for (const auto& code : codes) {
        row.codes.push_back({code, false});
      }
      out_.rows.push_back(std::move(row));
    }
    return std::move(out_);
  }

 private:
  Result<Mask> totals_of(const Current& current) const {
    const auto set = ATALAYA_TRY(state_.segment(current.submission.segment));
    Mask out = 0;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      const auto& name = dimensions_[d].name;
      if (name == "source" || !set->has(name)) {
        continue;
      }
      const auto dictionary = ATALAYA_TRY(set->dictionary(name));
      for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
        out |= dictionary->text(code) == kTotal ? bit(d) : 0;
      }
    }
    return out;
  }

  std::size_t family(const RowFamily& wanted) {
    const auto at = std::ranges::find(out_.families, wanted);
    if (at != out_.families.end()) {
      return static_cast<std::size_t>(at - out_.families.begin());
    }
    out_.families.push_back(wanted);
    return out_.families.size() - 1;
  }

  Result<void> read_totalled(const Current& current, Mask totals) {
    RowFamily used{totals, {}};
    for (const Mask told : told_) {
      used.told.insert(told & totals);
    }
    out_.used.insert(used);
    std::map<Codes, Figures> slices;
    for (const Mask told : used.told) {
      ATALAYA_TRY(read_figures(current, totals, told, slices));
    }
    for (const auto& [others, figures] : slices) {
      take(others, figures, used);
    }
    return {};
  }

  // What a table prints that tells these dimensions apart: it takes the totals of the others.
  Result<void> read_figures(const Current& current, Mask totals, Mask told,
                            std::map<Codes, Figures>& slices) const {
    std::vector<TableDimension> by;
    std::vector<std::size_t> places;
    for (std::size_t d = 0; d < dimensions_.size(); ++d) {
      if ((totals & ~told & bit(d)) == 0) {
        by.push_back(dimensions_[d]);
        places.push_back(d);
      }
    }
    for (const auto& [codes, value] : ATALAYA_TRY(add_facts(state_, territories_, {current}, by))) {
      Codes all(dimensions_.size());
      Codes others(dimensions_.size());
      for (std::size_t i = 0; i < places.size(); ++i) {
        all[places[i]] = codes[i];
        if ((totals & bit(places[i])) == 0) {
          others[places[i]] = codes[i];
        }
      }
      slices[std::move(others)][told].push_back({std::move(all), std::llround(value)});
    }
    return {};
  }

  // The figures of a slice together where they agree, else the fewest that stand apart from the
  // total and those that agree with it.
  void take(const Codes& others, const Figures& figures, const RowFamily& used) {
    std::vector<Mask> left;
    for (const auto& [mask, list] : figures) {
      left.push_back(mask);
    }
    std::ranges::stable_sort(left, {}, [](Mask m) { return std::popcount(m); });
    Completion completion;
    auto blocks = completion.run(figures, left);
    std::vector<Mask> together = left;
    while (!left.empty()) {
      if (!blocks) {
        ++out_.apart;
        together.clear();
        for (const Mask mask : left) {
          auto more = together;
          more.push_back(mask);
          if (auto found = completion.run(figures, more)) {
            blocks = std::move(found);
            together = std::move(more);
          }
        }
      }
      std::erase_if(left, [&](Mask m) { return std::ranges::find(together, m) != together.end(); });
      write(others, *blocks, {used.totals, told_by(together, figures, *blocks, used)});
      blocks = left.empty() ? std::nullopt : completion.run(figures, left);
      together = left;
    }
  }

  // Also tables for which the source gives nothing here take the rows, if there is nothing in them.
  static std::set<Mask> told_by(const std::vector<Mask>& together, const Figures& figures,
                                const std::vector<Block>& blocks, const RowFamily& used) {
    std::set<Mask> out(together.begin(), together.end());
    for (const Mask mask : used.told) {
      const bool empty = std::ranges::none_of(
          blocks, [&](const Block& block) { return (block.told & mask) == mask; });
      if (empty && !figures.contains(mask)) {
        out.insert(mask);
      }
    }
    return out;
  }

  void write(const Codes& others, const std::vector<Block>& blocks, const RowFamily& told) {
    const std::size_t number = family(told);
    for (const auto& block : blocks) {
      GroupRow row{{}, number, block.count};
      for (std::size_t d = 0; d < others.size(); ++d) {
        const bool totalled = (told.totals & bit(d)) != 0;
        row.codes.push_back({totalled ? block.codes[d] : others[d], totalled});
      }
      out_.rows.push_back(std::move(row));
    }
  }

  const Desk::State& state_;
  const Territories& territories_;
  const std::vector<TableDimension>& dimensions_;
  const std::set<Mask>& told_;
  GroupFacts out_;
};

}  // namespace

Result<GroupFacts> read_group_facts(const Desk::State& state, const Territories& territories,
                                    const std::vector<Current>& submissions,
                                    const std::vector<TableDimension>& dimensions,
                                    const std::set<std::uint32_t>& told) {
  return Reader(state, territories, dimensions, told).run(submissions);
}

}  // namespace atalaya::observatory::detail
