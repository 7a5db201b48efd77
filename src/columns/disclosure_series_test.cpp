// Goal: releases one after another over facts that grow and are revised are neither refused for
// want of a proof nor slow. Method: a made-up country of towns in departments, one year more in
// each release and some late reports of earlier years; effort is counted in linear programs, which
// no machine's speed changes.

#include <algorithm>
#include <array>
#include <cstdint>
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
    Past past;
    past.hidden = hidden_cells(plan, *report);
    for (const Table& table : plan.tables) {
      for (const auto& [cell, value] : cells_of(table)) {
        past.value.emplace(cell, value);
      }
    }
    past_.push_back(std::move(past));
    return *report;
  }

 private:
  using Key = std::pair<Codes, Codes>;  // level, group

  struct Past {
    std::vector<Cell> hidden;
    std::map<Key, std::int64_t> value;  // of hidden cells too
  };

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
      plan.past.push_back(
          {.name = "earlier", .tables = plan.tables, .hidden = past.hidden, .revised = {}});
      std::set<Key> hidden;
      for (const Cell& cell : past.hidden) {
        hidden.emplace(cell.level, cell.group);
      }
      for (const Table& table : plan.tables) {
        for (const auto& [cell, value] : cells_of(table)) {
          const auto then = past.value.find(cell);
          if (!hidden.contains(cell) && (then == past.value.end() || then->second != value)) {
            plan.past.back().revised.push_back({.level = cell.first, .group = cell.second});
          }
        }
      }
    }
    return plan;
  }

  [[nodiscard]] std::map<Key, std::int64_t> cells_of(const Table& table) const {
    std::map<Key, std::int64_t> out;
    for (const auto& [codes, count] : facts_) {
      Key key;
      for (std::size_t d = 0; d < codes.size(); ++d) {
        const std::uint32_t level = table.levels[d].front();
        key.first.push_back(level);
        key.second.push_back(level == kTotal   ? 0
                             : level == kCodes ? codes[d]
                                               : codes[d] % kDepartments);
      }
      out[key] += count;
    }
    return out;
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

}  // namespace
