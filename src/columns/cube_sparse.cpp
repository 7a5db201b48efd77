// The sparse cube, for spaces too large for an array.
//
// Adding rows: each thread makes the keys of a chunk of rows, sorts them by radix and adds up equal
// neighbours; the lists that come out are merged two by two like the runs of a log-structured
// store, small ones first, so that a row is touched a logarithmic number of times.
//
// A grouping is made from the smallest list that has all its dimensions and one more: one digit of
// each key becomes the total's. Where that leaves the keys in order (the digits after it are
// totals already) it is one pass, else a radix sort before it.
#include "cube_sparse.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "cube_parallel.hpp"

namespace atalaya::columns::cube {

namespace {

struct Item {
  std::uint64_t key = 0;
  std::uint32_t row = 0;  // where its values stand
};

/// Stable; 11 bits a pass, and only as many passes as the largest key has bits.
void radix_sort(std::vector<Item>& items, std::vector<Item>& spare) {
  constexpr unsigned kBits = 11;
  std::uint64_t all = 0;
  bool sorted = true;
  for (std::size_t i = 0; i < items.size(); ++i) {
    all |= items[i].key;
    sorted = sorted && (i == 0 || items[i - 1].key <= items[i].key);
  }
  spare.resize(items.size());
  const auto width = static_cast<unsigned>(std::bit_width(all));
  for (unsigned shift = 0; !sorted && shift < width; shift += kBits) {
    std::array<std::size_t, (1U << kBits) + 1> next{};
    constexpr std::uint64_t kMask = (1U << kBits) - 1;
    for (const Item& item : items) {
      ++next[((item.key >> shift) & kMask) + 1];
    }
    for (std::size_t i = 1; i < next.size(); ++i) {
      next[i] += next[i - 1];
    }
    for (const Item& item : items) {
      spare[next[(item.key >> shift) & kMask]++] = item;
    }
    items.swap(spare);
  }
}

/// Where the values of items stand; empty spans as in CubeInput.
struct Source {
  std::span<const std::int64_t> sums;
  std::span<const std::int64_t> rows;
  std::span<const std::int64_t> highs;
  Layers layers;
};

CellList add_up(const std::vector<Item>& items, const Source& source) {
  CellList list;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::uint32_t row = items[i].row;
    if (i == 0 || items[i].key != items[i - 1].key) {
      list.keys.push_back(items[i].key);
      list.sums.push_back(0);
      if (source.layers.rows) {
        list.rows.push_back(0);
      }
      if (source.layers.highs) {
        list.highs.push_back(0);
      }
    }
    const std::int64_t sum = source.sums.empty() ? 1 : source.sums[row];
    list.sums.back() += sum;
    if (source.layers.rows) {
      list.rows.back() += source.rows.empty() ? 1 : source.rows[row];
    }
    if (source.layers.highs) {
      list.highs.back() += source.highs.empty() ? sum : source.highs[row];
    }
  }
  return list;
}

CellList merge(const CellList& a, const CellList& b) {
  CellList list;
  list.keys.reserve(a.keys.size() + b.keys.size());
  list.sums.reserve(a.keys.size() + b.keys.size());
  const auto take = [](std::vector<std::int64_t>& to, const std::vector<std::int64_t>& first,
                       std::size_t i, const std::vector<std::int64_t>& second, std::size_t j) {
    if (!first.empty() || !second.empty()) {
      to.push_back((i < first.size() ? first[i] : 0) + (j < second.size() ? second[j] : 0));
    }
  };
  constexpr std::size_t kNone = ~std::size_t{0};
  for (std::size_t i = 0, j = 0; i < a.keys.size() || j < b.keys.size();) {
    const bool from_a = j == b.keys.size() || (i < a.keys.size() && a.keys[i] <= b.keys[j]);
    const bool from_b = i == a.keys.size() || (j < b.keys.size() && b.keys[j] <= a.keys[i]);
    list.keys.push_back(from_a ? a.keys[i] : b.keys[j]);
    const std::size_t at_a = from_a ? i++ : kNone;
    const std::size_t at_b = from_b ? j++ : kNone;
    take(list.sums, a.sums, at_a, b.sums, at_b);
    take(list.rows, a.rows, at_a, b.rows, at_b);
    take(list.highs, a.highs, at_a, b.highs, at_b);
  }
  return list;
}

/// Merges while the last list is not clearly smaller than the one before it.
void settle(std::vector<CellList>& lists, bool all) {
  while (lists.size() > 1 &&
         (all || lists[lists.size() - 2].keys.size() < 2 * lists.back().keys.size())) {
    CellList merged = merge(lists[lists.size() - 2], lists.back());
    lists.pop_back();
    lists.back() = std::move(merged);
  }
}

}  // namespace

std::size_t CellList::bytes() const noexcept {
  return (keys.capacity() + sums.capacity() + rows.capacity() + highs.capacity()) * 8;
}

void Sparse::add(std::span<const CubeInput> inputs, unsigned threads) {
  std::vector<CellList> lists;
  std::vector<std::vector<std::uint64_t>> keys(threads);
  std::vector<std::vector<Item>> items(threads);
  std::vector<std::vector<Item>> spare(threads);
  for (const CubeInput& input : inputs) {
    const auto tables = offset_tables<std::uint64_t>(shape_, input);
    for (std::size_t begin = 0; begin < input.rows; begin += threads * kChunkRows) {
      const std::size_t chunks =
          std::min<std::size_t>(threads, (input.rows - begin + kChunkRows - 1) / kChunkRows);
      std::vector<CellList> made(chunks);
      parallel(threads, chunks, [&](unsigned, std::size_t i) {
        const std::size_t from = begin + i * kChunkRows;
        const std::size_t end = std::min(input.rows, from + kChunkRows);
        make_keys({&input, from, end}, tables, keys[i]);
        items[i].clear();
        for (std::uint32_t row = 0; row < keys[i].size(); ++row) {
          if ((keys[i][row] & kDroppedBit) == 0) {
            items[i].push_back({keys[i][row], row});
          }
        }
        radix_sort(items[i], spare[i]);
        const auto part = [&](std::span<const std::int64_t> values) {
          return values.empty() ? values : values.subspan(from, end - from);
        };
        made[i] = add_up(items[i], {part(input.values), {}, part(input.values_high), layers_});
      });
      for (CellList& list : made) {
        lists.push_back(std::move(list));
        settle(lists, false);
      }
    }
  }
  settle(lists, true);
  lists_[shape_.base()] = lists.empty() ? CellList{} : std::move(lists.front());
}

/// Among the lists that keep all of these dimensions, the shortest.
Grouping Sparse::smallest_with(Grouping wanted) const {
  Grouping best = shape_.base();
  std::size_t best_size = lists_.at(best).keys.size();
  for (const auto& [grouping, list] : lists_) {
    if ((grouping & wanted) == wanted && list.keys.size() < best_size) {
      best = grouping;
      best_size = list.keys.size();
    }
  }
  return best;
}

void Sparse::roll_up(std::span<const Grouping> groupings, unsigned threads) {
  // Those with as many dimensions do not depend on each other: each level is made at once.
  std::vector<std::vector<Grouping>> levels(shape_.dimensions() + 1);
  for (const Grouping grouping : groupings) {
    if (!lists_.contains(grouping)) {
      levels[static_cast<std::size_t>(std::popcount(grouping))].push_back(grouping);
    }
  }
  for (std::size_t level = levels.size(); level-- > 0;) {
    const std::vector<Grouping>& wanted = levels[level];
    std::vector<CellList> made(wanted.size());
    parallel(threads, wanted.size(), [&](unsigned, std::size_t i) {
      const Grouping parent = smallest_with(wanted[i]);
      const CellList& from = lists_.at(parent);
      std::vector<Item> items(from.keys.size());
      for (std::uint32_t row = 0; row < items.size(); ++row) {
        items[row] = {from.keys[row], row};
      }
      for (std::size_t d = 0; d < shape_.dimensions(); ++d) {
        if (shape_.keeps(parent, d) && !shape_.keeps(wanted[i], d)) {
          const std::uint64_t stride = shape_.strides[d];
          const std::uint64_t radix = std::uint64_t{shape_.sizes[d]} + 1;
          for (Item& item : items) {
            item.key += (shape_.sizes[d] - item.key / stride % radix) * stride;
          }
        }
      }
      std::vector<Item> spare;
      radix_sort(items, spare);
      made[i] = add_up(items, {from.sums, from.rows, from.highs, layers_});
    });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      lists_[wanted[i]] = std::move(made[i]);
    }
  }
}

bool Sparse::walk(const Selection& selection, BatchWriter& writer) const {
  // A dimension whose only digit is the total needs no list that keeps it.
  Grouping needed = selection.grouping;
  for (std::size_t d = 0; d < shape_.dimensions(); ++d) {
    const auto& digits = selection.digits[d];
    if (!shape_.keeps(needed, d) && (digits.size() != 1 || digits.front() != shape_.sizes[d])) {
      needed |= Grouping{1} << d;
    }
  }
  const Grouping source = smallest_with(needed);
  const CellList& list = lists_.at(source);
  if (source == selection.grouping) {
    return walk_list(selection, list, writer);
  }
  // Filter and re-key, then add up what fell together.
  std::vector<std::vector<std::uint8_t>> wanted(shape_.dimensions());
  std::vector<std::size_t> looked_at;
  for (std::size_t d = 0; d < shape_.dimensions(); ++d) {
    const bool total_only =
        selection.digits[d].size() == 1 && selection.digits[d].front() == shape_.sizes[d];
    wanted[d].assign(std::size_t{shape_.sizes[d]} + 1, total_only ? 1 : 0);
    for (const std::uint32_t digit : selection.digits[d]) {
      wanted[d][digit] = 1;
    }
    if (shape_.keeps(source, d) &&
        (!shape_.keeps(selection.grouping, d) || selection.digits[d].size() < shape_.sizes[d])) {
      looked_at.push_back(d);
    }
  }
  std::vector<Item> items;
  for (std::uint32_t row = 0; row < list.keys.size(); ++row) {
    std::uint64_t key = list.keys[row];
    bool keep = true;
    for (const std::size_t d : looked_at) {
      const std::uint64_t stride = shape_.strides[d];
      const std::uint64_t digit = list.keys[row] / stride % (std::uint64_t{shape_.sizes[d]} + 1);
      keep = wanted[d][digit] != 0;
      if (!keep) {
        break;
      }
      if (!shape_.keeps(selection.grouping, d)) {
        key += (shape_.sizes[d] - digit) * stride;
      }
    }
    if (keep) {
      items.push_back({key, row});
    }
  }
  std::vector<Item> spare;
  radix_sort(items, spare);
  const CellList found = add_up(items, {list.sums, list.rows, list.highs, layers_});
  return walk_list(selection, found, writer);
}

/// A list of the very grouping: what is selected of it, in its order.
bool Sparse::walk_list(const Selection& selection, const CellList& list,
                       BatchWriter& writer) const {
  std::vector<std::vector<std::uint8_t>> wanted(shape_.dimensions());
  for (std::size_t d = 0; d < shape_.dimensions(); ++d) {
    wanted[d].assign(std::size_t{shape_.sizes[d]} + 1, shape_.keeps(selection.grouping, d) ? 0 : 1);
    for (const std::uint32_t digit : selection.digits[d]) {
      wanted[d][digit] = 1;
    }
  }
  std::vector<std::uint32_t> members = BatchWriter::members(shape_);
  for (std::size_t i = 0; i < list.keys.size(); ++i) {
    std::uint64_t rest = list.keys[i];
    bool keep = true;
    for (std::size_t d = 0; d < shape_.dimensions() && keep; ++d) {
      members[d] = static_cast<std::uint32_t>(rest / shape_.strides[d]);
      rest -= members[d] * shape_.strides[d];
      keep = wanted[d][members[d]] != 0;
    }
    if (keep &&
        !writer.add(members.data(), list.sums[i], list.rows.empty() ? list.sums[i] : list.rows[i],
                    list.highs.empty() ? 0 : list.highs[i])) {
      return false;
    }
  }
  return writer.flush();
}

std::size_t Sparse::bytes() const noexcept {
  std::size_t sum = 0;
  for (const auto& [grouping, list] : lists_) {
    sum += list.bytes();
  }
  return sum;
}

}  // namespace atalaya::columns::cube
