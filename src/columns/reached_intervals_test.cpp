// The audit of rounded tables: what it answers must be reachable, and on small systems it must find
// all there is. The oracle enumerates every whole table.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include <rapidcheck/gtest.h>

#include <atalaya/columns/disclosure_reach.hpp>

namespace atalaya::columns::disclosure {
namespace {

constexpr std::int64_t kMost = 6;  // of one unknown, in the enumeration

std::int64_t sum_of(const std::vector<std::int64_t>& x, const KnownLine& line) {
  std::int64_t sum = 0;
  for (const std::uint32_t unknown : line.members) {
    sum += x[unknown];
  }
  return sum;
}

// Smallest and largest sum of one line over all tables that agree with every line.
ReachedInterval enumerate(const LineSystem& system, std::uint32_t asked) {
  ReachedInterval out{kMost * 100, -1};
  std::vector<std::int64_t> x(system.truth.size(), 0);
  for (;;) {
    const bool fits = std::ranges::all_of(system.lines, [&](const KnownLine& line) {
      const std::int64_t sum = sum_of(x, line);
      return line.low <= sum && sum <= line.high;
    });
    if (fits) {
      out.low = std::min(out.low, sum_of(x, system.lines[asked]));
      out.high = std::max(out.high, sum_of(x, system.lines[asked]));
    }
    std::size_t i = 0;
    while (i < x.size() && x[i] == kMost) {
      x[i++] = 0;
    }
    if (i == x.size()) {
      return out;
    }
    ++x[i];
  }
}

// A table of rows by columns with every cell and both margins rounded to the nearest of 3.
LineSystem rounded_table(std::vector<std::int64_t> truth, std::uint32_t columns) {
  LineSystem system;
  system.truth = std::move(truth);
  const auto cells = static_cast<std::uint32_t>(system.truth.size());
  const auto add = [&](std::vector<std::uint32_t> members) {
    KnownLine line{std::move(members), 0, 0};
    const std::int64_t sum = sum_of(system.truth, line);
    const std::int64_t rounded = (sum + 1) / 3 * 3;
    line.low = std::max<std::int64_t>(0, rounded - 1);
    line.high = rounded + 1;
    system.lines.push_back(std::move(line));
  };
  for (std::uint32_t i = 0; i < cells; ++i) {
    add({i});
  }
  for (std::uint32_t row = 0; row < cells / columns; ++row) {
    std::vector<std::uint32_t> members(columns);
    std::iota(members.begin(), members.end(), row * columns);
    add(members);
  }
  for (std::uint32_t column = 0; column < columns; ++column) {
    std::vector<std::uint32_t> members;
    for (std::uint32_t i = column; i < cells; i += columns) {
      members.push_back(i);
    }
    add(members);
  }
  return system;
}

RC_GTEST_PROP(Reach, AnswersOnlyWhatWholeTablesShow, ()) {
  std::vector<std::int64_t> truth;
  for (int i = 0; i < 4; ++i) {
    truth.push_back(*rc::gen::inRange<std::int64_t>(0, 5));
  }
  const LineSystem system = rounded_table(truth, 2);
  std::vector<std::uint32_t> asked{*rc::gen::inRange<std::uint32_t>(0, 8)};
  const auto reached = reached_intervals(system, asked, 2);
  RC_ASSERT(reached.has_value());
  const auto all = enumerate(system, asked[0]);
  RC_ASSERT(all.low <= (*reached)[0].low);
  RC_ASSERT((*reached)[0].high <= all.high);
  // Where two values lie on each side of nothing, the search finds at least one of them.
  RC_ASSERT((*reached)[0].high - (*reached)[0].low >=
            std::min<std::int64_t>(1, all.high - all.low));
}

TEST(Reach, KnowsThatAnExactTotalGivesAPartAway) {
  // 2 + 10 = 12 is public, and so is 10: the 2 has nowhere to go.
  LineSystem system{{2, 10}, {{{0}, 0, 4}, {{1}, 10, 10}, {{0, 1}, 12, 12}}};
  const std::uint32_t asked = 0;
  const auto reached = reached_intervals(system, {&asked, 1}, 4);
  EXPECT_EQ((*reached)[0].low, 2);
  EXPECT_EQ((*reached)[0].high, 2);
  system.lines[1] = {{1}, 8, 12};
  const auto freed = reached_intervals(system, {&asked, 1}, 4);
  EXPECT_EQ((*freed)[0].high - (*freed)[0].low, 4);
}

TEST(Reach, RefusesLinesThatDoNotHold) {
  const LineSystem system{{2}, {{{0}, 3, 4}}};
  EXPECT_EQ(reached_intervals(system, {}, 1).error().reason, "disclosure.lines");
  const LineSystem outside{{2}, {{{7}, 0, 9}}};
  EXPECT_EQ(reached_intervals(outside, {}, 1).error().reason, "disclosure.lines");
}

}  // namespace
}  // namespace atalaya::columns::disclosure
