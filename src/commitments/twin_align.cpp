#include "twin_align.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_set>

namespace atalaya::commitments {
namespace {

constexpr std::size_t kWindow = 4;  // how far an item may stand from its place on a long page
constexpr std::size_t kFullMax = 250'000;  // pairs; up to here any place will do
constexpr std::size_t kStepsMax = 8'000'000;
constexpr std::size_t kAround = 12;    // neighbours on either side that a pair must stand out from
constexpr double kCloseEnough = 0.25;  // no stranger need be compared
constexpr double kSmallClosenessMin = 0.22;  // on a page of one or two items
constexpr std::size_t kFewItems = 12;        // up to here there are few strangers to stand out from
constexpr double kFewClosenessMin = 0.15;
constexpr double kStandsOutMin = 0.7;  // of the likest stranger
constexpr double kLengthRatioMax = 1.57;

class Aligner {
 public:
  Aligner(const Side& held, const Side& items)
      : held_(held),
        items_(items),
        reach_((held.size() + 1) * (items.size() + 1) <= kFullMax
                   ? std::max(held.size(), items.size())
                   : kWindow + (held.size() > items.size() ? held.size() - items.size()
                                                           : items.size() - held.size())),
        width_(2 * reach_ + 1) {}

  Alignment run() {
    if ((items_.size() + 1) * width_ > kStepsMax) {
      return {std::vector<std::size_t>(items_.size(), kNone)};
    }
    steps_.resize((items_.size() + 1) * width_);
    std::vector<double> above;
    std::vector<double> row;
    for (std::size_t i = 0; i <= items_.size(); ++i) {
      row.assign(width_, -1);
      for (std::size_t k = 0; k < width_; ++k) {
        if (i + k >= reach_ && i + k - reach_ <= held_.size()) {
          row[k] = best_at(i, k, above, row);
        }
      }
      above = row;
    }
    return trace();
  }

 private:
  struct Step {
    char from = ' ';
    float likeness = 0;
  };

  // `k` is the held item's place beside the item's, shifted by the reach.
  double best_at(std::size_t i, std::size_t k, const std::vector<double>& above,
                 const std::vector<double>& row) {
    const std::size_t h = i + k - reach_;
    Step& step = steps_[i * width_ + k];
    double best = i == 0 && h == 0 ? 0 : -1;
    const auto take = [&](double value, char from, double likeness) {
      if (value > best) {
        best = value;
        step = {from, static_cast<float>(likeness)};
      }
    };
    if (i > 0 && h > 0 && above[k] >= 0) {
      const double likeness = likeness_at(h - 1, i - 1);
      if (likeness >= kTranslatedLikenessMin) {
        take(above[k] + likeness - kTranslatedLikenessMin, 'm', likeness);
      }
    }
    if (i > 0 && k + 1 < width_ && above[k + 1] >= 0) {
      take(above[k + 1], 'i', 0);
    }
    if (h > 0 && k > 0 && row[k - 1] >= 0) {
      take(row[k - 1], 'h', 0);
    }
    return best;
  }

  double likeness_at(std::size_t h, std::size_t i) {
    const double likeness = likeness_of(held_.words[h], items_.words[i]);
    compared_ += likeness;
    ++pairs_;
    return held_.places[h] == items_.places[i] ? likeness : 0;
  }

  [[nodiscard]] Alignment trace() const {
    Alignment out;
    out.held_of.assign(items_.size(), kNone);
    std::size_t i = items_.size();
    std::size_t h = held_.size();
    while (i > 0 || h > 0) {
      const Step& step = steps_[i * width_ + (h + reach_ - i)];
      if (step.from == 'm') {
        out.held_of[--i] = --h;
        out.likeness += static_cast<double>(step.likeness);
        ++out.matched;
      } else if (step.from == 'i') {
        --i;
      } else {
        --h;
      }
    }
    out.others = pairs_ == out.matched
                     ? 0
                     : (compared_ - out.likeness) / static_cast<double>(pairs_ - out.matched);
    out.likeness /= static_cast<double>(std::max<std::size_t>(out.matched, 1));
    return out;
  }

  const Side& held_;
  const Side& items_;
  const std::size_t reach_, width_;
  double compared_ = 0;  // the sum over `pairs_`
  std::size_t pairs_ = 0;
  std::vector<Step> steps_;
};

class Comparer {
 public:
  Comparer(const TwinPage& page, const std::vector<TwinItem>& held, const ParsedDocument& document,
           const Side& items, const KnownItems& known)
      : page_(page),
        held_(held),
        document_(document),
        items_(items),
        known_(known),
        held_of_(items.size(), kNone),
        odd_(items.size()),
        used_(held.size()) {
    for (const TwinItem& item : held) {
      side_.add(item);
    }
  }

  Comparison run(bool same_document) {
    Comparison out;
    out.twin.same_document = same_document;
    join_known();
    const Alignment found = align(side_, items_);
    join_aligned(found);
    out.strong = is_strong(found, same_document);
    if (!out.strong) {
      part_unknown();
    }
    pair_alike(out.strong      ? kTranslatedLikenessMin
               : same_document ? kSeenCloseness
                               : kWeakCloseness,
               out.strong);
    if (out.strong) {
      pair_by_place();
    }
    finish(found, out);
    return out;
  }

 private:
  [[nodiscard]] bool is_known(std::size_t i) const { return !known_.empty() && !known_[i].empty(); }

  void join(std::size_t i, std::size_t h) {
    held_of_[i] = h;
    used_[h] = true;
  }

  void join_known() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      for (std::size_t h = 0; is_known(i) && h < held_.size(); ++h) {
        if (!used_[h] && held_[h].commitment == known_[i]) {
          join(i, h);
          break;
        }
      }
    }
  }

  [[nodiscard]] Disagreement differs(std::size_t i, std::size_t h) const {
    return disagreement(document_.items[i].text, *document_.language, held_[h].text,
                        page_.language);
  }

  void set_odd(std::size_t i, std::size_t h) {
    odd_[i] = OddItem{i, held_[h].commitment, held_[h].text, differs(i, h)};
    used_[h] = true;
  }

  void join_aligned(const Alignment& found) {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const std::size_t h = found.held_of[i];
      if (h == kNone || is_known(i) || used_[h]) {
        continue;
      }
      const bool few = std::min(held_.size(), items_.size()) <= kFewItems;
      if (closeness_of(side_.words[h], items_.words[i]) >= (few ? kFewClosenessMin : 0) &&
          fits_in_length(side_.lengths[h], items_.lengths[i]) && stands_out(side_, h, items_, i) &&
          differs(i, h).empty()) {
        join(i, h);
      }
    }
  }

  [[nodiscard]] std::size_t joined() const {
    return held_of_.size() - static_cast<std::size_t>(std::ranges::count(held_of_, kNone));
  }

  [[nodiscard]] bool is_strong(const Alignment& found, bool same_document) const {
    const std::size_t shorter = std::min(held_.size(), items_.size());
    if (static_cast<double>(joined()) < kMatchedMin * static_cast<double>(shorter) ||
        found.likeness < kMeanLikenessMin || found.likeness < kOthersRatioMin * found.others) {
      return false;
    }
    if (shorter >= kItemsMin) {
      return true;
    }
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const std::size_t h = held_of_[i];
      if (h != kNone && !is_known(i) &&
          closeness_of(side_.words[h], items_.words[i]) < kSmallClosenessMin) {
        return false;
      }
    }
    return same_document;
  }

  void part_unknown() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (held_of_[i] != kNone && !is_known(i)) {
        used_[held_of_[i]] = false;
        held_of_[i] = kNone;
      }
    }
  }

  [[nodiscard]] bool is_open(std::size_t i) const {
    return held_of_[i] == kNone && !odd_[i] && !is_known(i);
  }

  void pair_alike(double at_least, bool strong) {
    std::vector<Pair> likely;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      for (std::size_t h = 0; is_open(i) && h < held_.size(); ++h) {
        if (used_[h]) {
          continue;
        }
        const double closeness = closeness_of(side_.words[h], items_.words[i]);
        const double likeness = strong ? likeness_of(side_.words[h], items_.words[i]) : closeness;
        if (likeness >= at_least) {
          likely.push_back({closeness, i, h});
        }
      }
    }
    keep_closest(likely);
    for (const Pair& pair : likely) {
      set_odd(pair.item, pair.held);
    }
  }

  // Beside what stands between the same neighbours.
  void pair_by_place() {
    std::vector<std::size_t> beside = held_of_;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const std::size_t before = i == 0 ? kNone : beside[i - 1];
      const std::size_t h = i == 0 ? 0 : before == kNone ? kNone : before + 1;
      if (odd_[i]) {
        const auto at =
            std::ranges::find(held_, odd_[i]->commitment, &TwinItem::commitment) - held_.begin();
        beside[i] = static_cast<std::size_t>(at);
      } else if (is_open(i) && h < held_.size() && !used_[h]) {
        set_odd(i, h);
        beside[i] = h;
      }
    }
  }

  void finish(const Alignment& found, Comparison& out) {
    Twin& twin = out.twin;
    twin.source = page_.source;
    twin.file_name = page_.file_name;
    twin.language = page_.language;
    twin.likeness = found.likeness;
    twin.likeness_of_others = found.others;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const std::size_t h = held_of_[i];
      twin.commitments.push_back(h == kNone ? std::string() : held_[h].commitment);
      twin.texts.push_back(h == kNone ? std::string() : held_[h].text);
      if (odd_[i]) {
        twin.odd.push_back(*std::move(odd_[i]));
      } else if (is_open(i)) {
        twin.alone.push_back(i);
      }
    }
    for (std::size_t h = 0; h < held_.size(); ++h) {
      if (!used_[h]) {
        twin.missing.push_back(held_[h]);
      }
    }
    out.joined = joined();
    out.complete = twin.odd.empty() && twin.alone.empty() && twin.missing.empty();
  }

  const TwinPage& page_;
  const std::vector<TwinItem>& held_;
  const ParsedDocument& document_;
  const Side& items_;
  const KnownItems& known_;
  Side side_;
  std::vector<std::size_t> held_of_;
  std::vector<std::optional<OddItem>> odd_;
  std::vector<bool> used_;
};

}  // namespace

void Side::add(const TwinItem& item) {
  words.push_back(features(item.text));
  places.emplace_back(item.level, item.meeting);
  lengths.push_back(item.text.size());
}

Alignment align(const Side& held, const Side& items) {
  return Aligner(held, items).run();
}

Side side_of(const ParsedDocument& document) {
  Side side;
  for (const ParsedItem& item : document.items) {
    side.add({"", item.text, item.level, item.effective.meeting});
  }
  return side;
}

// Each item once, each held one once, the closest first.
void keep_closest(std::vector<Pair>& pairs) {
  std::ranges::stable_sort(pairs, std::greater<>(), &Pair::closeness);
  std::unordered_set<std::size_t> items;
  std::unordered_set<std::size_t> held;
  std::erase_if(pairs, [&](const Pair& pair) {
    if (items.contains(pair.item) || held.contains(pair.held)) {
      return true;
    }
    items.insert(pair.item);
    held.insert(pair.held);
    return false;
  });
}

Comparison compare(const TwinPage& page, const std::vector<TwinItem>& held,
                   const ParsedDocument& document, const Side& items, const KnownItems& known,
                   bool same_document) {
  return Comparer(page, held, document, items, known).run(same_document);
}

bool fits_in_length(std::size_t a, std::size_t b) {
  const auto [less, more] = std::minmax(a, b);
  return static_cast<double>(more) <= kLengthRatioMax * static_cast<double>(less) + 10;
}

bool stands_out(const Side& held, std::size_t h, const Side& items, std::size_t i) {
  const double closeness = closeness_of(held.words[h], items.words[i]);
  if (closeness >= kCloseEnough) {
    return true;
  }
  double best = 0;
  const auto around = [](std::size_t at, std::size_t size) {
    return std::pair(at > kAround ? at - kAround : 0, std::min(size, at + kAround + 1));
  };
  const auto [held_begin, held_end] = around(h, held.size());
  for (std::size_t other = held_begin; other < held_end; ++other) {
    best = std::max(best, other == h ? 0 : closeness_of(held.words[other], items.words[i]));
  }
  const auto [items_begin, items_end] = around(i, items.size());
  for (std::size_t other = items_begin; other < items_end; ++other) {
    best = std::max(best, other == i ? 0 : closeness_of(held.words[h], items.words[other]));
  }
  return closeness >= kStandsOutMin * best;
}

}  // namespace atalaya::commitments
