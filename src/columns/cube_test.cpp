// Goal: every number of a cube is what a plain map over the rows gives, dense or sparse, with one
// thread or several. Method: rapidcheck draws dimensions, inputs, look-up tables that drop and
// fold codes, and values; the model is a std::map.
#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <set>

#include <atalaya/columns/cube.hpp>

namespace atalaya::columns {

namespace {

struct Numbers {
  std::int64_t sum = 0;
  std::int64_t rows = 0;
  std::int64_t high = 0;
  bool operator==(const Numbers&) const = default;
};

void showValue(const Numbers& numbers, std::ostream& out) {
  out << numbers.sum << '/' << numbers.rows << '/' << numbers.high;
}

using Cells = std::map<std::vector<std::uint32_t>, Numbers>;

/// An input that owns what CubeInput borrows.
struct Facts {
  std::size_t rows = 0;
  std::vector<Codes> codes;
  std::vector<std::vector<std::uint32_t>> luts;
  std::vector<std::int64_t> values;
  std::vector<std::int64_t> highs;

  [[nodiscard]] CubeInput input() const {
    CubeInput input{.rows = rows, .columns = {}, .values = values, .values_high = highs};
    for (std::size_t d = 0; d < luts.size(); ++d) {
      input.columns.push_back({size(codes[d]) == 0 && rows > 0 ? nullptr : &codes[d], luts[d]});
    }
    return input;
  }

  [[nodiscard]] std::optional<std::vector<std::uint32_t>> cell(std::size_t row) const {
    std::vector<std::uint32_t> members;
    for (std::size_t d = 0; d < luts.size(); ++d) {
      members.push_back(luts[d][size(codes[d]) == 0 ? 0 : at(codes[d], row)]);
      if (members.back() == kDropped) {
        return std::nullopt;
      }
    }
    return members;
  }
};

Facts draw_facts(const std::vector<std::uint32_t>& sizes, std::int64_t spread) {
  Facts facts;
  facts.rows = *rc::gen::inRange<std::size_t>(0, 60);
  for (const std::uint32_t members : sizes) {
    const auto distinct = *rc::gen::inRange<std::uint32_t>(1, 9);
    std::vector<std::uint32_t> lut;
    for (std::uint32_t code = 0; code < distinct; ++code) {
      lut.push_back(*rc::gen::weightedOneOf<std::uint32_t>(
          {{1, rc::gen::just(kDropped)}, {6, rc::gen::inRange<std::uint32_t>(0, members)}}));
    }
    const auto drawn = *rc::gen::container<std::vector<std::uint32_t>>(
        facts.rows, rc::gen::inRange<std::uint32_t>(0, distinct));
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        facts.codes.emplace_back(std::vector<std::uint8_t>(drawn.begin(), drawn.end()));
        break;
      case 1:
        facts.codes.emplace_back(std::vector<std::uint16_t>(drawn.begin(), drawn.end()));
        break;
      case 2:
        facts.codes.emplace_back(drawn);
        break;
      default:
        facts.codes.emplace_back(std::vector<std::uint8_t>{});  // no column: code 0 everywhere
    }
    facts.luts.push_back(std::move(lut));
  }
  if (spread > 0 && *rc::gen::arbitrary<bool>()) {
    facts.values = *rc::gen::container<std::vector<std::int64_t>>(
        facts.rows, rc::gen::inRange<std::int64_t>(-spread, spread));
  }
  if (spread > 0 && *rc::gen::arbitrary<bool>()) {
    facts.highs = *rc::gen::container<std::vector<std::int64_t>>(
        facts.rows, rc::gen::inRange<std::int64_t>(0, spread));
  }
  return facts;
}

/// The model: cells of a grouping over rows that pass the filter.
Cells model(const std::vector<Facts>& inputs, const CubeSpec& spec, Grouping grouping,
            const MemberFilter& filter = {}) {
  Cells cells;
  for (const Facts& facts : inputs) {
    for (std::size_t row = 0; row < facts.rows; ++row) {
      auto members = facts.cell(row);
      for (std::size_t d = 0; members && d < filter.size(); ++d) {
        if (!filter[d].empty() &&
            std::find(filter[d].begin(), filter[d].end(), (*members)[d]) == filter[d].end()) {
          members.reset();
        }
      }
      if (!members) {
        continue;
      }
      for (std::size_t d = 0; d < members->size(); ++d) {
        if (((grouping >> d) & 1U) == 0) {
          (*members)[d] = spec.sizes[d];
        }
      }
      const std::int64_t value = facts.values.empty() ? 1 : facts.values[row];
      Numbers& cell = cells[*members];
      cell.sum += value;
      cell.rows += spec.with_rows ? 1 : 0;
      cell.high += !spec.with_high ? 0 : facts.highs.empty() ? value : facts.highs[row];
    }
  }
  return cells;
}

/// Takes batches, and checks that cells come ascending and once.
class Taker {
 public:
  CellSink sink() {
    return [this](const CellBatch& batch) -> Result<void> {
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto members = batch.cell(i);
        const std::vector<std::uint32_t> key(members.begin(), members.end());
        EXPECT_TRUE(cells.empty() || cells.rbegin()->first < key);
        cells[key] = {batch.sums[i], batch.rows.empty() ? 0 : batch.rows[i],
                      batch.highs.empty() ? 0 : batch.highs[i]};
      }
      return {};
    };
  }

  Cells cells;
};

std::vector<CubeInput> borrow(const std::vector<Facts>& facts) {
  std::vector<CubeInput> inputs;
  for (const Facts& one : facts) {
    inputs.push_back(one.input());
  }
  return inputs;
}

Facts one_column(const std::vector<std::int64_t>& values) {
  Facts facts;
  facts.rows = values.size();
  facts.codes.emplace_back(std::vector<std::uint8_t>(values.size(), 0));
  facts.luts.push_back({0});
  facts.values = values;
  return facts;
}

std::string reason(const Result<Cube>& result) {
  return result.has_value() ? "" : result.error().reason;
}

}  // namespace

RC_GTEST_PROP(Cube, IsWhatAMapOverTheRowsGives, ()) {
  CubeSpec spec;
  spec.sizes = *rc::gen::resize(
      5, rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(1, 6)));
  spec.with_rows = *rc::gen::arbitrary<bool>();
  spec.with_high = *rc::gen::arbitrary<bool>();
  spec.threads = *rc::gen::inRange(1U, 4U);
  spec.dense_bytes_max = *rc::gen::element<std::size_t>(0, std::size_t{1} << 30);
  const auto spread = *rc::gen::element<std::int64_t>(0, 3, 1LL << 40);
  std::vector<Facts> facts;
  const auto inputs = *rc::gen::inRange(0, 4);
  for (int i = 0; i < inputs; ++i) {
    facts.push_back(draw_facts(spec.sizes, spread));
  }
  auto cube = Cube::aggregate(borrow(facts), spec);
  RC_ASSERT(cube.has_value());
  RC_ASSERT(cube->dense() == (spec.dense_bytes_max > 0));

  // Some of all queries before the groupings are made, and all of them after.
  MemberFilter filter;
  for (const std::uint32_t members : spec.sizes) {
    filter.push_back(*rc::gen::resize(3, rc::gen::container<std::vector<std::uint32_t>>(
                                             rc::gen::inRange<std::uint32_t>(0, members))));
  }
  const Grouping asked = *rc::gen::inRange<Grouping>(0, cube->base() + 1);
  const auto check_query = [&] {
    Taker taker;
    RC_ASSERT(cube->query(asked, filter, taker.sink()).has_value());
    RC_ASSERT(taker.cells == model(facts, spec, asked, filter));
  };
  check_query();
  RC_ASSERT(cube->groupings() == std::vector<Grouping>{cube->base()});
  RC_ASSERT(cube->roll_up().has_value());
  RC_ASSERT(cube->groupings().size() == std::size_t{1} << spec.sizes.size());
  check_query();
  for (const Grouping grouping : cube->groupings()) {
    Taker taker;
    RC_ASSERT(cube->visit(grouping, taker.sink()).has_value());
    RC_ASSERT(taker.cells == model(facts, spec, grouping));
  }
  // All at once, by several threads, gives the same cells.
  std::map<Grouping, Cells> all;
  std::mutex lock;
  RC_ASSERT(
      cube->visit_all(3,
                      [&](const CellBatch& batch) -> Result<void> {
                        const std::lock_guard guard(lock);
                        for (std::size_t i = 0; i < batch.size(); ++i) {
                          const auto members = batch.cell(i);
                          EXPECT_TRUE(
                              all[batch.grouping]
                                  .emplace(
                                      std::vector<std::uint32_t>(members.begin(), members.end()),
                                      Numbers{batch.sums[i], batch.rows.empty() ? 0 : batch.rows[i],
                                              batch.highs.empty() ? 0 : batch.highs[i]})
                                  .second);
                        }
                        return {};
                      })
          .has_value());
  for (const Grouping grouping : cube->groupings()) {
    RC_ASSERT(all[grouping] == model(facts, spec, grouping));
  }
  const auto available = cube->availability(filter);
  RC_ASSERT(available.has_value());
  for (std::size_t d = 0; d < spec.sizes.size(); ++d) {
    std::vector<bool> expected(spec.sizes[d]);
    for (const auto& [members, numbers] : model(facts, spec, cube->base(), filter)) {
      expected[members[d]] = true;
    }
    RC_ASSERT((*available)[d] == expected);
  }
}

TEST(Cube, ManyRowsDenseAndSparseWithAnyNumberOfThreads) {
  // More rows than a chunk has, more cells than a part of the array, and a skewed distribution.
  Facts facts;
  facts.rows = 600'000;
  const std::vector<std::uint32_t> sizes{40, 12, 31, 90};
  std::uint64_t state = 7;
  facts.codes = {std::vector<std::uint8_t>(facts.rows), std::vector<std::uint8_t>(facts.rows),
                 std::vector<std::uint16_t>(facts.rows), std::vector<std::uint32_t>(facts.rows)};
  facts.values.resize(facts.rows);
  for (std::size_t row = 0; row < facts.rows; ++row) {
    for (std::size_t d = 0; d < sizes.size(); ++d) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const std::uint64_t draw = (state >> 33) % sizes[d];
      const std::uint64_t code = draw * draw / sizes[d];
      std::visit(
          [&](auto& list) {
            list[row] = static_cast<typename std::remove_cvref_t<decltype(list)>::value_type>(code);
          },
          facts.codes[d]);
    }
    facts.values[row] = static_cast<std::int64_t>(state >> 60);
  }
  for (const std::uint32_t members : sizes) {
    std::vector<std::uint32_t> lut(members);
    std::iota(lut.begin(), lut.end(), 0U);
    lut[3] = kDropped;
    facts.luts.push_back(std::move(lut));
  }
  std::vector<std::map<Grouping, std::uint64_t>> answers;
  for (const unsigned threads : {1U, 3U}) {
    for (const std::size_t dense_bytes_max : {std::size_t{0}, std::size_t{1} << 30}) {
      CubeSpec spec{.sizes = sizes,
                    .with_rows = true,
                    .threads = threads,
                    .dense_bytes_max = dense_bytes_max};
      const std::vector<CubeInput> inputs{facts.input(), facts.input()};
      auto cube = Cube::aggregate(inputs, spec);
      ASSERT_TRUE(cube.has_value());
      ASSERT_TRUE(cube->roll_up().has_value());
      std::map<Grouping, std::uint64_t> answer;
      std::uint64_t grand_rows = 0;
      ASSERT_TRUE(cube->visit_all(1,
                                  [&](const CellBatch& batch) -> Result<void> {
                                    std::uint64_t& hash = answer[batch.grouping];
                                    for (std::size_t i = 0; i < batch.size(); ++i) {
                                      for (const std::uint32_t member : batch.cell(i)) {
                                        hash = (hash ^ member) * 0x100000001b3ULL;
                                      }
                                      hash = (hash ^ static_cast<std::uint64_t>(batch.sums[i])) *
                                             0x100000001b3ULL;
                                      hash = (hash ^ static_cast<std::uint64_t>(batch.rows[i])) *
                                             0x100000001b3ULL;
                                      grand_rows += batch.grouping == 0
                                                        ? static_cast<std::uint64_t>(batch.rows[i])
                                                        : 0;
                                    }
                                    return {};
                                  })
                      .has_value());
      std::uint64_t expected = 0;
      for (std::size_t row = 0; row < facts.rows; ++row) {
        expected += facts.cell(row).has_value() ? 2U : 0U;
      }
      EXPECT_EQ(grand_rows, expected);
      answers.push_back(std::move(answer));
    }
  }
  for (const auto& answer : answers) {
    EXPECT_EQ(answer, answers.front());
  }
}

// 134,373,385 possible cells: addresses that 32 bits and the mark of a dropped row cannot both be
// in. Only the pages of the few cells that are there are ever touched.
TEST(Cube, ADenseCubeBeyond32BitKeysGivesWhatASparseOneGives) {
  Facts facts;
  facts.rows = 7;
  facts.codes = {std::vector<std::uint8_t>{0, 1, 1, 2, 2, 3, 1},
                 std::vector<std::uint8_t>{0, 1, 0, 1, 0, 1, 1}};
  facts.luts = {{0, 16'383, 8'000, kDropped}, {0, 8'199}};
  facts.values = {1, 2, 3, 4, 5, 6, 7};
  CubeSpec spec{.sizes = {16'384, 8'200}, .threads = 2};
  const MemberFilter filter{{0, 8'000, 16'383}, {0, 8'199}};
  const Cells expected = model({facts}, spec, 3);
  ASSERT_EQ(expected.size(), 5U);
  for (const bool dense : {true, false}) {
    spec.dense_bytes_max = dense ? std::size_t{1} << 30 : 0;
    const auto cube = Cube::aggregate(std::vector{facts.input()}, spec);
    ASSERT_TRUE(cube.has_value());
    EXPECT_EQ(cube->dense(), dense);
    Taker taker;
    ASSERT_TRUE(cube->query(3, filter, taker.sink()).has_value());
    EXPECT_EQ(taker.cells, expected);
  }
}

TEST(Cube, AnExplicitZeroIsACellAndNothingIsNone) {
  for (const std::size_t dense_bytes_max : {std::size_t{0}, std::size_t{1} << 20}) {
    Facts facts = one_column({0, 5, -5});
    facts.codes[0] = std::vector<std::uint8_t>{0, 1, 1};
    facts.luts[0] = {0, 1};
    const auto cube = Cube::aggregate(std::vector{facts.input()},
                                      {.sizes = {3}, .dense_bytes_max = dense_bytes_max});
    Taker taker;
    ASSERT_TRUE(cube->visit(1, taker.sink()).has_value());
    EXPECT_EQ(taker.cells.size(), 2U);
    EXPECT_EQ(cube->availability({}).value()[0], (std::vector<bool>{true, true, false}));
  }
}

TEST(Cube, SaysThatValuesAreTooLargeToAddUp) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const std::vector<Facts> fits{one_column({kMax - 1}), one_column({1})};
  const auto cube = Cube::aggregate(borrow(fits), {.sizes = {1}});
  ASSERT_TRUE(cube.has_value());
  Taker taker;
  ASSERT_TRUE(cube->visit(1, taker.sink()).has_value());
  EXPECT_EQ((taker.cells[{0}].sum), kMax);
  const std::vector<Facts> over{one_column({kMax}), one_column({1})};
  EXPECT_EQ(reason(Cube::aggregate(borrow(over), {.sizes = {1}})), "columns.cube.overflow");
  const std::vector<Facts> lowest{one_column({std::numeric_limits<std::int64_t>::min()})};
  EXPECT_EQ(reason(Cube::aggregate(borrow(lowest), {.sizes = {1}})), "columns.cube.overflow");
  // A dropped row does not count.
  std::vector<Facts> dropped = over;
  dropped[0].luts[0] = {kDropped};
  EXPECT_EQ(reason(Cube::aggregate(borrow(dropped), {.sizes = {1}})), "");
  // Nor does the upper value where it is not asked for.
  Facts high = one_column({1, 1});
  high.highs = {kMax, kMax};
  EXPECT_EQ(reason(Cube::aggregate(std::vector{high.input()}, {.sizes = {1}})), "");
  EXPECT_EQ(reason(Cube::aggregate(std::vector{high.input()}, {.sizes = {1}, .with_high = true})),
            "columns.cube.overflow");
}

TEST(Cube, RefusesWhatDoesNotFit) {
  const Facts facts = one_column({1, 2});
  const auto with = [&](const auto& change) {
    Facts changed = facts;
    CubeSpec spec{.sizes = {2}};
    change(changed, spec);
    return reason(Cube::aggregate(std::vector{changed.input()}, spec));
  };
  EXPECT_EQ(with([](Facts&, CubeSpec&) {}), "");
  EXPECT_EQ(with([](Facts& f, CubeSpec&) { f.luts[0] = {2}; }), "columns.cube.input");
  EXPECT_EQ(with([](Facts& f, CubeSpec&) { f.luts[0].clear(); }), "columns.cube.input");
  EXPECT_EQ(with([](Facts& f, CubeSpec&) { f.values = {1}; }), "columns.cube.input");
  EXPECT_EQ(with([](Facts& f, CubeSpec&) { f.codes[0] = std::vector<std::uint8_t>{0, 1}; }),
            "columns.cube.input");
  EXPECT_EQ(with([](Facts& f, CubeSpec&) { f.codes[0] = std::vector<std::uint16_t>{0}; }),
            "columns.cube.input");
  EXPECT_EQ(with([](Facts&, CubeSpec& s) { s.sizes = {2, 2}; }), "columns.cube.input");
  EXPECT_EQ(with([](Facts&, CubeSpec& s) { s.sizes = {0}; }), "columns.cube.input");
  EXPECT_EQ(reason(Cube::aggregate({}, {.sizes = {1U << 31, 1U << 31, 2}})),
            "columns.cube.too_large");
  auto cube = Cube::aggregate(std::vector{facts.input()}, {.sizes = {2}});
  Taker taker;
  EXPECT_FALSE(cube->visit(0, taker.sink()).has_value());  // not made
  EXPECT_FALSE(cube->query(2, {}, taker.sink()).has_value());
  EXPECT_FALSE(cube->query(1, {{2}}, taker.sink()).has_value());
  EXPECT_FALSE(cube->query(1, {{0}, {0}}, taker.sink()).has_value());
  const std::vector<Grouping> unknown{2};
  EXPECT_FALSE(cube->roll_up(unknown).has_value());
}

TEST(Cube, TheSinkEndsTheWalk) {
  Facts facts = one_column(std::vector<std::int64_t>(3000, 1));
  std::vector<std::uint16_t> codes(3000);
  std::iota(codes.begin(), codes.end(), std::uint16_t{0});
  facts.codes[0] = codes;
  facts.luts[0].resize(3000);
  std::iota(facts.luts[0].begin(), facts.luts[0].end(), 0U);
  for (const std::size_t dense_bytes_max : {std::size_t{0}, std::size_t{1} << 20}) {
    const auto cube = Cube::aggregate(std::vector{facts.input()},
                                      {.sizes = {3000}, .dense_bytes_max = dense_bytes_max});
    int calls = 0;
    const CellSink sink = [&](const CellBatch&) -> Result<void> {
      ++calls;
      return fail(ErrorCode::unavailable, "test.stop");
    };
    const auto visited = cube->visit(1, sink);
    ASSERT_FALSE(visited.has_value());
    EXPECT_EQ(visited.error().reason, "test.stop");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(cube->visit_all(1, sink).error().reason, "test.stop");
    EXPECT_EQ(cube->visit_all(4, sink).error().reason, "test.stop");
  }
}

TEST(CountTable, LooksUpAndComputesBeyond) {
  int calls = 0;
  const CountTable table(10, [&](std::int64_t count) {
    ++calls;
    return CountTable::Limits{static_cast<double>(count) - 1, static_cast<double>(count) + 1};
  });
  EXPECT_EQ(calls, 11);
  EXPECT_EQ(table.at(10).high, 11);
  EXPECT_EQ(calls, 11);
  EXPECT_EQ(table.at(11).high, 12);
  EXPECT_EQ(table.at(-1).low, -2);
  EXPECT_EQ(calls, 13);
}

}  // namespace atalaya::columns
