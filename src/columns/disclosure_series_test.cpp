// Goal: releases one after another over facts that grow and are revised are neither refused for
// want of a proof nor slow. Method: a made-up country of towns in departments, one year more in
// each release and some late reports of earlier years; effort is counted in linear programs, which
// no machine's speed changes.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "disclosure_test_parts.hpp"

namespace {

using namespace atalaya::columns::disclosure;

using Codes = std::vector<std::uint32_t>;

constexpr std::uint32_t kTown = 1;
constexpr std::uint32_t kSexes = 3;
constexpr std::uint32_t kAges = 5;
constexpr std::uint32_t kDepartments = 3;

using Key = std::pair<Codes, Codes>;  // level, group

/// What a table of one grid shows.
std::map<Key, std::int64_t> cells_of(const Plan& plan, const Table& table) {
  std::map<Key, std::int64_t> out;
  for (std::size_t row = 0; row < plan.base.value.size(); ++row) {
    Key key;
    for (std::size_t d = 0; d < plan.dimensions.size(); ++d) {
      const std::uint32_t level = table.levels[d].front();
      const std::uint32_t code = plan.base.codes[d][row];
      key.first.push_back(level);
      key.second.push_back(level == kTotal   ? 0
                           : level == kCodes ? code
                                             : plan.dimensions[d].levels[level - 1].group[code]);
    }
    out[key] += plan.base.value[row];
  }
  return out;
}

struct Past {
  std::vector<Cell> hidden;
  std::map<Key, std::int64_t> value;  // of hidden cells too
};

Past past_of(const Plan& plan, const Report& report) {
  Past past{.hidden = hidden_cells(plan, report), .value = {}};
  for (const Table& table : plan.tables) {
    past.value.merge(cells_of(plan, table));
  }
  return past;
}

/// Appends an earlier release of the plan's tables, as its facts of today make it look.
void add_past(const Past& past, Plan& plan) {
  plan.past.push_back(
      {.name = "earlier", .tables = plan.tables, .hidden = past.hidden, .revised = {}});
  std::set<Key> hidden;
  for (const Cell& cell : past.hidden) {
    hidden.emplace(cell.level, cell.group);
  }
  for (const Table& table : plan.tables) {
    for (const auto& [cell, value] : cells_of(plan, table)) {
      const auto then = past.value.find(cell);
      if (!hidden.contains(cell) && (then == past.value.end() || then->second != value)) {
        plan.past.back().revised.push_back({.level = cell.first, .group = cell.second});
      }
    }
  }
}

/// Level 1 of towns is their department.
class Series {
 public:
  Series(std::uint32_t towns, std::uint64_t seed) : towns_(towns), state_(seed) {
    double sum = 0;
    for (std::uint32_t town = 0; town < towns; ++town) {
      sum += 1.0 / (1.0 + town);
      town_.push_back(sum);
    }
  }

  /// The next release: `cases` in a year more, a hundredth of it late in each earlier year.
  Report release(std::int64_t cases) {
    for (std::uint32_t year = 0; year < years_; ++year) {
      add(year, std::max<std::int64_t>(cases / 100, 1));
    }
    add(years_++, cases);
    const Plan plan = make_plan();
    const auto report = protect(plan);
    EXPECT_TRUE(report.has_value());
    past_.push_back(past_of(plan, *report));
    return *report;
  }

 private:
  std::uint32_t below(std::uint32_t limit) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>((state_ >> 33U) % limit);
  }

  void add(std::uint32_t year, std::int64_t cases) {
    static constexpr std::array<std::uint32_t, kSexes> kSex = {13, 97, 100};
    static constexpr std::array<std::uint32_t, kAges> kAge = {15, 50, 80, 95, 100};
    for (std::int64_t i = 0; i < cases; ++i) {
      const double at = town_.back() * below(1'000'000) / 1e6;
      const auto town =
          static_cast<std::uint32_t>(std::ranges::upper_bound(town_, at) - town_.begin());
      const auto drawn = [](const auto& sums, std::uint32_t draw) {
        return static_cast<std::uint32_t>(std::ranges::upper_bound(sums, draw) - sums.begin());
      };
      const std::uint32_t sex = drawn(kSex, below(100));
      ++facts_[{year, town, sex, drawn(kAge, below(100))}];
    }
  }

  [[nodiscard]] Plan make_plan() const {
    Plan plan;
    plan.dimensions = {{.name = "year", .codes = years_, .levels = {}},
                       {.name = "town", .codes = towns_, .levels = {}},
                       {.name = "sex", .codes = kSexes, .levels = {}},
                       {.name = "age", .codes = kAges, .levels = {}}};
    Level department{.name = "department", .group = {}, .groups = kDepartments};
    for (std::uint32_t town = 0; town < towns_; ++town) {
      department.group.push_back(town % kDepartments);
    }
    plan.dimensions[kTown].levels.push_back(department);
    plan.base.codes.resize(4);
    for (const auto& [codes, count] : facts_) {
      for (std::size_t d = 0; d < codes.size(); ++d) {
        plan.base.codes[d].push_back(codes[d]);
      }
      plan.base.value.push_back(count);
    }
    for (const auto& levels : {Codes{kCodes, kCodes, kCodes, kCodes},
                               {kCodes, 1, kCodes, kTotal},
                               {kCodes, kCodes, kTotal, kTotal},
                               {kCodes, 1, kTotal, kCodes},
                               {kCodes, kTotal, kTotal, kTotal},
                               {kCodes, kTotal, kCodes, kTotal}}) {
      Table& table = plan.tables.emplace_back();
      table.name = "table";
      for (const std::uint32_t level : levels) {
        table.levels.push_back({level});
      }
    }
    for (const Past& past : past_) {
      add_past(past, plan);
    }
    return plan;
  }

  std::uint32_t towns_;
  std::uint64_t state_;
  std::vector<double> town_;  // sums of weights
  std::uint32_t years_ = 0;
  std::map<Codes, std::int64_t> facts_;
  std::vector<Past> past_;
};

// Of 1,200 cases most cells hold one person: each of those could be a reader who knows it, and each
// pair of such a person and a cell needs an example.
TEST(DisclosureSeries, AFewProgramsProveWhatMayBePublished) {
  Series series(40, 1);
  for (int release = 0; release < 2; ++release) {
    const Report report = series.release(1'200);
    EXPECT_TRUE(report.safe) << "release " << release;
    EXPECT_LE(report.programs, 6'000U) << "release " << release;
  }
}

/// Three tables of persons by place, month and year, sex and age: more combinations of codes than
/// are searched as a whole, and no table names them all.
Plan monthly_plan(const std::map<Codes, std::int64_t>& facts) {
  constexpr std::uint32_t kMonths = 36;
  Plan plan;
  plan.dimensions = {{.name = "place", .codes = 60, .levels = {}},
                     {.name = "month", .codes = kMonths, .levels = {}},
                     {.name = "sex", .codes = kSexes, .levels = {}},
                     {.name = "age", .codes = 90, .levels = {}}};
  Level year{.name = "year", .group = {}, .groups = kMonths / 12};
  for (std::uint32_t month = 0; month < kMonths; ++month) {
    year.group.push_back(month / 12);
  }
  plan.dimensions[1].levels.push_back(year);
  plan.base.codes.resize(4);
  for (const auto& [codes, count] : facts) {
    for (std::size_t d = 0; d < codes.size(); ++d) {
      plan.base.codes[d].push_back(codes[d]);
    }
    plan.base.value.push_back(count);
  }
  for (const auto& levels : {Codes{kCodes, kCodes, kCodes, kTotal},
                             {kCodes, 1, kCodes, kCodes},
                             {kTotal, kCodes, kCodes, kCodes}}) {
    Table& table = plan.tables.emplace_back();
    table.name = "table";
    for (const std::uint32_t level : levels) {
      table.levels.push_back({level});
    }
  }
  plan.policy.zeros = Zeros::complement;
  return plan;
}

// What a revision changed by a few persons is as small as they are, and what it did not change is
// known from before: moves one by one leave cells without a proof.
TEST(DisclosureSeries, ARevisionTooLargeToBeSearchedIsProvedNearItsCells) {
  std::uint64_t state = 5;
  const auto below = [&state](std::uint32_t limit) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>((state >> 33U) % limit);
  };
  const auto person = [&below] {
    const std::uint32_t sex = below(100);
    return Codes{below(60) * below(60) / 60, below(36),
                 sex < 80   ? 0U
                 : sex < 97 ? 1U
                            : 2U,
                 18 + below(40) * below(72) / 40};
  };
  std::map<Codes, std::int64_t> facts;
  for (int i = 0; i < 800; ++i) {
    ++facts[person()];
  }
  const Plan first = monthly_plan(facts);
  const auto before = protect(first);
  ASSERT_TRUE(before.has_value());
  EXPECT_TRUE(before->safe);
  for (auto& [codes, count] : facts) {
    count -= below(100) == 0 ? 1 : 0;
  }
  std::erase_if(facts, [](const auto& fact) { return fact.second == 0; });
  for (int i = 0; i < 20; ++i) {
    ++facts[person()];
  }
  Plan second = monthly_plan(facts);
  const Past past = past_of(first, *before);
  add_past(past, second);
  second.past.back().hides_zeros = true;
  for (const Table& table : second.tables) {
    for (const auto& [cell, value] : cells_of(second, table)) {
      const Cell listed{.level = cell.first, .group = cell.second};
      const auto then = past.value.find(cell);
      const std::int64_t changed = then == past.value.end() ? 0 : value - then->second;
      if (changed != 0 && std::abs(changed) < second.policy.threshold &&
          contains(second.past.back().revised, listed)) {
        second.sensitive.push_back(listed);
      }
    }
  }
  const auto after = protect(second);
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE(after->safe) << after->leaks.size();
  EXPECT_LE(after->programs, 3'000U);
}

}  // namespace
