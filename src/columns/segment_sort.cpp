// The rows of a segment are sorted by a stable counting sort for each column, from the last to the
// first. It needs no key that holds a whole row (twenty dimensions do not fit into 64 bits), costs
// two passes over the rows per column that has more than one code, and is the same on every
// machine.
#include "segment_sort.hpp"

#include <algorithm>
#include <numeric>

namespace atalaya::columns {

namespace {

template <class Code>
void sort_by(const std::vector<Code>& codes, std::size_t distinct,
             std::vector<std::uint32_t>& order, std::vector<std::uint32_t>& spare) {
  std::vector<std::uint32_t> next(distinct + 1);
  for (const Code code : codes) {
    ++next[std::size_t{code} + 1];
  }
  std::partial_sum(next.begin(), next.end(), next.begin());
  for (const std::uint32_t row : order) {
    spare[next[codes[row]]++] = row;
  }
  order.swap(spare);
}

template <class Code>
Codes narrow(const Codes& codes, const std::vector<std::uint32_t>& to) {
  return std::visit(
      [&](const auto& from) -> Codes {
        std::vector<Code> result(from.size());
        std::transform(from.begin(), from.end(), result.begin(),
                       [&](auto code) { return static_cast<Code>(to[code]); });
        return result;
      },
      codes);
}

}  // namespace

std::vector<std::uint32_t> sorted_order(const std::vector<RawColumn>& columns, std::size_t rows) {
  std::vector<std::uint32_t> order(rows);
  std::iota(order.begin(), order.end(), 0U);
  std::vector<std::uint32_t> spare(rows);
  for (auto column = columns.rbegin(); column != columns.rend(); ++column) {
    if (column->values.size() > 1) {
      std::visit([&](const auto& codes) { sort_by(codes, column->values.size(), order, spare); },
                 column->codes);
    }
  }
  return order;
}

std::vector<std::uint32_t> run_starts(const std::vector<RawColumn>& columns,
                                      const std::vector<std::uint32_t>& order) {
  std::vector<std::uint8_t> differs(order.size());
  for (const RawColumn& column : columns) {
    std::visit(
        [&](const auto& codes) {
          for (std::size_t i = 1; i < order.size(); ++i) {
            differs[i] |= static_cast<std::uint8_t>(codes[order[i]] != codes[order[i - 1]]);
          }
        },
        column.codes);
  }
  std::vector<std::uint32_t> starts;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || differs[i] != 0) {
      starts.push_back(static_cast<std::uint32_t>(i));
    }
  }
  return starts;
}

Codes pick(const Codes& codes, const std::vector<std::uint32_t>& rows) {
  return std::visit(
      [&](const auto& from) -> Codes {
        std::remove_cvref_t<decltype(from)> result(rows.size());
        std::transform(rows.begin(), rows.end(), result.begin(),
                       [&](std::uint32_t row) { return from[row]; });
        return result;
      },
      codes);
}

Result<std::vector<std::int64_t>> add_runs(const std::vector<std::int64_t>& values,
                                           const std::vector<std::uint32_t>& order,
                                           const std::vector<std::uint32_t>& starts) {
  std::vector<std::int64_t> sums(starts.size());
  for (std::size_t run = 0; run < starts.size(); ++run) {
    const std::size_t end = run + 1 < starts.size() ? starts[run + 1] : order.size();
    std::int64_t sum = 0;
    for (std::size_t i = starts[run]; i < end; ++i) {
      if (__builtin_add_overflow(sum, values[order[i]], &sum)) {
        return fail(ErrorCode::invalid_argument, "columns.segment.overflow",
                    "the values of equal facts add up to more than 64 bits hold");
      }
    }
    sums[run] = sum;
  }
  return sums;
}

void canonicalise(RawColumn& column) {
  std::vector<std::uint8_t> used(column.values.size());
  std::visit(
      [&](const auto& codes) {
        for (const auto code : codes) {
          used[code] = 1;
        }
      },
      column.codes);
  std::vector<std::uint32_t> entries;
  for (std::uint32_t code = 0; code < used.size(); ++code) {
    if (used[code] != 0) {
      entries.push_back(code);
    }
  }
  std::sort(entries.begin(), entries.end(), [&](std::uint32_t a, std::uint32_t b) {
    return column.values.text(a) < column.values.text(b);
  });
  Dictionary values;
  std::vector<std::uint32_t> to(used.size());
  for (const std::uint32_t entry : entries) {
    const std::string_view text = column.values.text(entry);
    if (values.size() == 0 || values.text(static_cast<std::uint32_t>(values.size() - 1)) != text) {
      values.append(text);
    }
    to[entry] = static_cast<std::uint32_t>(values.size() - 1);
  }
  column.codes = values.size() <= 0x100     ? narrow<std::uint8_t>(column.codes, to)
                 : values.size() <= 0x10000 ? narrow<std::uint16_t>(column.codes, to)
                                            : narrow<std::uint32_t>(column.codes, to);
  column.values = std::move(values);
}

}  // namespace atalaya::columns
