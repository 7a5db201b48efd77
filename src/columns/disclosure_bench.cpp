// The job that other programs do not finish: 650,000 rows over 3,000 municipalities in departments
// and a nation, 10 years, 2 sexes, 75 ages, 10 categories (sdcTools/UserSupport #146: not solved
// after 48 hours, or more than 100 GB). Published: every table of municipality with one or two of
// the others, with all subtotals, 33 grids. Goal: suppression and audit in 5 minutes and 4 GB.
// Synthetic: towns by Zipf's law, a fixed seed. Arguments: thousands of rows, required width,
// contributors known or not. main() stands in cube_bench.cpp. Scaled runs keep the shape: towns
// grow with the rows.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <atalaya/columns/disclosure.hpp>

namespace {

using namespace atalaya::columns::disclosure;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t x = state_;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31U);
  }

  double real() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

/// Draws numbers by weight.
class Weighted {
 public:
  explicit Weighted(std::vector<double> weights) : sums_(std::move(weights)) {
    for (std::size_t i = 1; i < sums_.size(); ++i) {
      sums_[i] += sums_[i - 1];
    }
  }

  std::uint32_t draw(Random& random) const {
    const double at = random.real() * sums_.back();
    return static_cast<std::uint32_t>(std::upper_bound(sums_.begin(), sums_.end(), at) -
                                      sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

constexpr std::uint32_t kYears = 10;
constexpr std::uint32_t kSexes = 2;
constexpr std::uint32_t kAges = 75;
constexpr std::uint32_t kCategories = 10;

void add_rows(Plan& plan, std::size_t rows, std::uint32_t towns) {
  std::vector<double> town;
  for (std::uint32_t t = 0; t < towns; ++t) {
    town.push_back(1.0 / std::pow(20.0 + (t * 7919U) % towns, 0.9));
  }
  std::vector<double> age;
  for (std::uint32_t a = 0; a < kAges; ++a) {
    const double off = (static_cast<double>(a) - 26.0) / (a < 26 ? 8.0 : 18.0);
    age.push_back(0.05 + std::exp(-off * off / 2));
  }
  std::vector<double> category;
  for (std::uint32_t c = 0; c < kCategories; ++c) {
    category.push_back(1.0 / (1.0 + c));
  }
  const Weighted towns_by(town);
  const Weighted ages_by(age);
  const Weighted categories_by(category);
  Random random(20140);
  std::set<std::uint64_t> seen;
  plan.base.codes.resize(5);
  while (seen.size() < rows) {
    const std::uint32_t codes[5] = {
        towns_by.draw(random), static_cast<std::uint32_t>(random.next() % kYears),
        random.real() < 0.8 ? 0U : 1U, ages_by.draw(random), categories_by.draw(random)};
    std::uint64_t key = 0;
    for (const std::uint32_t code : codes) {
      key = key * 4096 + code;
    }
    seen.insert(key);
    for (std::size_t d = 0; d < 5; ++d) {
      plan.base.codes[d].push_back(codes[d]);
    }
    plan.base.value.push_back(1);
  }
}

Plan make_plan(std::size_t rows) {
  const auto towns = static_cast<std::uint32_t>(std::max<std::size_t>(30, rows * 3000 / 650'000));
  const std::uint32_t departments = std::max(2U, towns / 90);
  Plan plan;
  Level department{.name = "department", .group = {}, .groups = departments};
  for (std::uint32_t t = 0; t < towns; ++t) {
    department.group.push_back(t % departments);
  }
  plan.dimensions = {{.name = "municipality", .codes = towns, .levels = {department}},
                     {.name = "year", .codes = kYears, .levels = {}},
                     {.name = "sex", .codes = kSexes, .levels = {}},
                     {.name = "age", .codes = kAges, .levels = {}},
                     {.name = "category", .codes = kCategories, .levels = {}}};
  add_rows(plan, rows, towns);
  for (std::size_t i = 1; i < 5; ++i) {
    for (std::size_t k = i + 1; k < 5; ++k) {
      Table table;
      table.name = "municipality, " + plan.dimensions[i].name + ", " + plan.dimensions[k].name;
      table.levels.resize(5);
      table.levels[0] = {kCodes, 1, kTotal};
      table.levels[i] = table.levels[k] = {kCodes, kTotal};
      plan.tables.push_back(table);
    }
  }
  return plan;
}

void suppress_and_audit(benchmark::State& state) {
  Plan plan = make_plan(static_cast<std::size_t>(state.range(0)) * 1000);
  plan.policy.threshold = 4;
  plan.policy.width = state.range(1);
  plan.policy.contributors = state.range(2) != 0;
  plan.policy.zeros = Zeros::complement;
  for (auto _ : state) {
    const auto report = protect(plan);
    if (!report) {
      state.SkipWithError(report.error().detail.c_str());
      return;
    }
    double primary = 0;
    double complement = 0;
    double zeros = 0;
    for (const HiddenCell& cell : report->hidden) {
      zeros += cell.value == 0 ? 1 : 0;
      primary += cell.reason == Reason::threshold ? 1 : 0;
      complement += cell.value > 0 && cell.reason == Reason::complement ? 1 : 0;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    state.counters["safe"] = report->safe ? 1 : 0;
    state.counters["leaks"] = static_cast<double>(report->leaks.size());
    state.counters["primary"] = primary;
    state.counters["complement"] = complement;
    state.counters["zeros"] = zeros;
    state.counters["rounds"] = static_cast<double>(report->rounds);
    state.counters["tables"] = static_cast<double>(report->alternatives);
    state.counters["suppress_s"] = report->seconds_suppress;
    state.counters["audit_s"] = report->seconds_audit;
    state.counters["peak_mb"] = static_cast<double>(usage.ru_maxrss) / 1024;
  }
}

BENCHMARK(suppress_and_audit)
    ->ArgNames({"krows", "width", "contributors"})
    ->Args({20, 1, 0})
    ->Args({20, 2, 0})
    ->Args({20, 1, 1})
    ->Args({650, 1, 0})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
