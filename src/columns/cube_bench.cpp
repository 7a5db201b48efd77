// Goal: the observatory's job (docs/perf.md) as a program of its own, with its answers, so that
// bench/observatory.py can hold time, memory and every number against another engine.
// Non-goal: disclosure control and output formats, which have measurements of their own.
//
//   atalaya_columns_bench job CSV POPULATION [THREADS]     one run, JSON on standard output
//   atalaya_columns_bench cells CSV POPULATION             every cell, CSV on standard output
//   atalaya_columns_bench synth ROWS SEED CSV POPULATION   writes the files
//   atalaya_columns_bench [--benchmark_...]                the small ones, by google-benchmark
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <numeric>
#include <optional>
#include <string>

#include <sys/resource.h>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/columns/cube.hpp>
#include <atalaya/columns/read_table.hpp>
#include <atalaya/columns/segment.hpp>
#include <atalaya/columns/synth.hpp>

namespace atalaya::columns {

namespace {

constexpr std::uint32_t kYearFirst = 2014;
constexpr std::uint32_t kBands = 18;  // 0-4 to 75-79, 80 and over, unknown
constexpr std::array<std::string_view, 7> kColumns = {"date",   "sintetia_code", "sex",    "age",
                                                      "weapon", "offence",       "context"};
constexpr std::size_t kWithPopulation = 4;  // year, place, sex and age come first

template <class T>
T must(Result<T> result, const char* what) {
  if (!result.has_value()) {
    fmt::print(stderr, "{}: {} ({})\n", what, result.error().detail, result.error().reason);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) {
    return std::move(*result);
  }
}

class Stopwatch {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || value > 100'000'000) {
      return std::nullopt;
    }
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

const RawColumn& column(const RawTable& table, std::string_view name) {
  for (const RawColumn& one : table.columns) {
    if (one.name == name) {
      return one;
    }
  }
  fmt::print(stderr, "no column {}\n", name);
  std::exit(1);
}

/// What the file's texts mean: once for each distinct text.
struct Plan {
  std::vector<std::uint32_t> sizes;
  std::vector<std::vector<std::uint32_t>> luts;
  std::vector<std::vector<std::string>> members;
};

std::uint32_t band(std::string_view age) {
  const auto years = number(age);
  return years ? std::min(*years / 5, kBands - 2) : kBands - 1;
}

Plan make_plan(const RawTable& table) {
  Plan plan;
  for (const std::string_view name : kColumns) {
    const Dictionary& texts = column(table, name).values;
    std::vector<std::uint32_t> lut(texts.size());
    std::vector<std::string> members;
    if (name == "date" || name == "age") {
      const std::uint32_t size = name == "date" ? 10 : kBands;
      for (std::uint32_t code = 0; code < lut.size(); ++code) {
        const auto year = number(texts.text(code).substr(0, 4));
        lut[code] = name == "age" ? band(texts.text(code))
                    : year && *year >= kYearFirst && *year - kYearFirst < size ? *year - kYearFirst
                                                                               : kDropped;
      }
      for (std::uint32_t member = 0; member < size; ++member) {
        members.push_back(std::to_string(member));
      }
    } else {
      std::vector<std::uint32_t> order(texts.size());
      std::iota(order.begin(), order.end(), 0U);
      std::sort(order.begin(), order.end(),
                [&](std::uint32_t a, std::uint32_t b) { return texts.text(a) < texts.text(b); });
      for (std::uint32_t member = 0; member < order.size(); ++member) {
        lut[order[member]] = member;
        members.emplace_back(texts.text(order[member]));
      }
    }
    plan.sizes.push_back(static_cast<std::uint32_t>(members.size()));
    plan.luts.push_back(std::move(lut));
    plan.members.push_back(std::move(members));
  }
  return plan;
}

CubeInput facts(const RawTable& table, const Plan& plan) {
  CubeInput input{.rows = table.rows, .columns = {}, .values = {}, .values_high = {}};
  for (std::size_t d = 0; d < kColumns.size(); ++d) {
    input.columns.push_back({&column(table, kColumns[d]).codes, plan.luts[d]});
  }
  return input;
}

/// What makes a count a rate for 100,000 inhabitants, by year, place, sex and age with all totals,
/// as one array; 0 where there are no inhabitants.
class Population {
 public:
  Population(const std::string& path, const Plan& plan) {
    const RawTable table = must(read_table(path), "population");
    std::vector<std::int64_t> persons;
    const RawColumn& counts = column(table, "population");
    for (std::size_t row = 0; row < table.rows; ++row) {
      persons.push_back(std::int64_t{*number(counts.values.text(at(counts.codes, row)))});
    }
    CubeInput input{.rows = table.rows, .columns = {}, .values = persons, .values_high = {}};
    const std::array<std::string_view, 4> names = {"year", "sintetia_code", "sex", "age_from"};
    for (std::size_t d = 0; d < names.size(); ++d) {
      const RawColumn& one = column(table, names[d]);
      std::vector<std::uint32_t> lut;
      for (std::uint32_t code = 0; code < one.values.size(); ++code) {
        const std::string_view text = one.values.text(code);
        const auto found = std::find(plan.members[d].begin(), plan.members[d].end(), text);
        lut.push_back(d == 0   ? *number(text) - kYearFirst
                      : d == 3 ? band(text)
                      : found == plan.members[d].end()
                          ? kDropped
                          : static_cast<std::uint32_t>(found - plan.members[d].begin()));
      }
      input.columns.push_back({&one.codes, std::move(lut)});
    }
    CubeSpec spec;
    spec.sizes.assign(plan.sizes.begin(), plan.sizes.begin() + kWithPopulation);
    std::size_t cells = 1;
    for (std::size_t d = kWithPopulation; d-- > 0;) {
      strides_[d] = cells;
      cells *= spec.sizes[d] + 1;
    }
    factors_.resize(cells);
    Cube cube = must(Cube::aggregate({&input, 1}, spec), "population");
    must(cube.roll_up(), "population");
    must(cube.visit_all(1,
                        [&](const CellBatch& batch) -> Result<void> {
                          for (std::size_t i = 0; i < batch.size(); ++i) {
                            if (batch.sums[i] > 0) {
                              factors_[place(batch.cell(i).data())] =
                                  100'000 / static_cast<double>(batch.sums[i]);
                            }
                          }
                          return {};
                        }),
         "population");
  }

  [[nodiscard]] double factor(const std::uint32_t* members) const {
    return factors_.data()[place(members)];
  }

 private:
  [[nodiscard]] std::size_t place(const std::uint32_t* members) const {
    std::size_t sum = 0;
    for (std::size_t d = 0; d < kWithPopulation; ++d) {
      sum += members[d] * strides_.data()[d];
    }
    return sum;
  }

  std::array<std::size_t, kWithPopulation> strides_{};
  std::vector<double> factors_;
};

/// Byar's approximation to the Poisson limits, 95 % (Breslow and Day 1987, as in the UK's
/// PHEindicatormethods); 0 has no lower one.
CountTable::Limits byar(std::int64_t count) {
  constexpr double kZ = 1.959963984540054;
  const auto x = static_cast<double>(count);
  const double y = x + 1;
  const double low = count == 0 ? 0 : x * std::pow(1 - 1 / (9 * x) - kZ / (3 * std::sqrt(x)), 3);
  return {low, y * std::pow(1 - 1 / (9 * y) + kZ / (3 * std::sqrt(y)), 3)};
}

/// Of one grouping: what another engine must have, too.
struct Answer {
  std::uint64_t cells = 0;
  std::int64_t count = 0;
  std::uint64_t small = 0;
  std::uint64_t check = 0;  // order does not matter, each cell's members and count do
  double limits = 0;        // of L + U
  double rates = 0;
  double rate_limits = 0;

  void add(const Answer& other) {
    cells += other.cells;
    count += other.count;
    small += other.small;
    check += other.check;
    limits += other.limits;
    rates += other.rates;
    rate_limits += other.rate_limits;
  }
};

using Answers = std::vector<Answer>;

Answers answer(const Cube& cube, const Population& population, unsigned threads) {
  const CountTable limits(65'535, byar);
  std::array<std::uint64_t, kColumns.size()> strides{};
  std::uint64_t cells = 1;
  for (std::size_t d = strides.size(); d-- > 0;) {
    strides[d] = cells;
    cells *= std::uint64_t{cube.sizes()[d]} + 1;
  }
  std::vector<Answers> shards(threads, Answers(std::size_t{cube.base()} + 1));
  must(cube.visit_all(threads,
                      [&](const CellBatch& batch) -> Result<void> {
                        Answer part;
                        part.cells = batch.size();
                        for (std::size_t i = 0; i < batch.size(); ++i) {
                          const std::int64_t count = batch.sums[i];
                          const std::uint32_t* members = batch.cell(i).data();
                          const CountTable::Limits limit = limits.at(count);
                          const double factor = population.factor(members);
                          part.count += count;
                          part.small += count < 5 ? 1 : 0;
                          part.limits += limit.low + limit.high;
                          part.rates += static_cast<double>(count) * factor;
                          part.rate_limits += limit.low * factor + limit.high * factor;
                          std::uint64_t key = 0;
                          for (std::size_t d = 0; d < kColumns.size(); ++d) {
                            key += members[d] * strides.data()[d];
                          }
                          part.check +=
                              key % 1'000'003 * (static_cast<std::uint64_t>(count) % 1009);
                        }
                        shards[batch.shard][batch.grouping].add(part);
                        return {};
                      }),
       "cells");
  for (unsigned shard = 1; shard < threads; ++shard) {
    for (std::size_t grouping = 0; grouping < shards[0].size(); ++grouping) {
      shards[0][grouping].add(shards[shard][grouping]);
    }
  }
  return shards[0];
}

/// Filtered queries of random groupings: one or two dimensions under a filter, as SDMX clients ask.
json::object measure_queries(const Cube& cube, int queries) {
  std::uint64_t state = 1;
  const auto draw = [&](std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  };
  std::vector<double> times;
  std::uint64_t cells = 0;
  for (int i = 0; i < queries; ++i) {
    MemberFilter filter(cube.sizes().size());
    for (std::uint64_t j = 0; j <= draw(2); ++j) {
      const std::size_t d = draw(filter.size());
      for (std::uint64_t m = 0; m <= draw(3); ++m) {
        filter[d].push_back(static_cast<std::uint32_t>(draw(cube.sizes()[d])));
      }
    }
    const auto grouping = static_cast<Grouping>(draw(std::uint64_t{cube.base()} + 1));
    Stopwatch watch;
    must(cube.query(grouping, filter,
                    [&](const CellBatch& batch) -> Result<void> {
                      cells += batch.size();
                      return {};
                    }),
         "query");
    times.push_back(watch.lap());
  }
  std::sort(times.begin(), times.end());
  Stopwatch watch;
  must(cube.availability({}), "availability");
  const double all = watch.lap();
  MemberFilter one(cube.sizes().size());
  one[1] = {3};
  must(cube.availability(one), "availability");
  return {{"query_p50_ms", 1000 * times[times.size() / 2]},
          {"query_p99_ms", 1000 * times[times.size() * 99 / 100]},
          {"query_max_ms", 1000 * times.back()},
          {"query_cells", cells},
          {"availability_ms", 1000 * all},
          {"availability_filtered_ms", 1000 * watch.lap()}};
}

double peak_megabytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Of all threads: what the work costs, also on a machine that has other work.
double cpu_seconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

RawTable read(const std::string& path, unsigned threads) {
  ReadOptions options;
  options.columns.assign(kColumns.begin(), kColumns.end());
  options.threads = threads;
  return must(read_table(path, options), "read");
}

int job(const std::string& csv, const std::string& persons, unsigned threads, bool sparse) {
  Stopwatch whole;
  Stopwatch watch;
  const RawTable table = read(csv, threads);
  const double read_s = watch.lap();
  const double read_cpu_s = cpu_seconds();
  const Plan plan = make_plan(table);
  const Population population(persons, plan);
  CubeSpec spec{.sizes = plan.sizes, .threads = threads};
  if (sparse) {
    spec.dense_bytes_max = 0;
  }
  const CubeInput input = facts(table, plan);
  Cube cube = must(Cube::aggregate({&input, 1}, spec), "cube");
  const double aggregate_s = watch.lap();
  const double aggregate_cpu_s = cpu_seconds();
  must(cube.roll_up(), "cube");
  const double roll_up_s = watch.lap();
  const Answers answers = answer(cube, population, threads);
  const double cells_s = watch.lap();
  const double total_s = whole.lap();
  const double peak = peak_megabytes();
  const double cpu_s = cpu_seconds();
  json::array groupings;
  for (const Answer& one : answers) {
    groupings.emplace_back(json::array{one.cells, one.count, one.small, one.check, one.limits,
                                       one.rates, one.rate_limits});
  }
  json::object result{{"rows", table.rows},
                      {"threads", threads},
                      {"dense", cube.dense()},
                      {"read_s", read_s},
                      {"aggregate_s", aggregate_s},
                      {"roll_up_s", roll_up_s},
                      {"cells_s", cells_s},
                      {"total_s", total_s},
                      {"cpu_s", cpu_s},
                      {"cpu_parts_s", {read_cpu_s, aggregate_cpu_s, cpu_s}},
                      {"peak_mb", peak},
                      {"cube_mb", static_cast<double>(cube.bytes()) / 1e6},
                      {"queries", measure_queries(cube, 400)},
                      {"groupings", std::move(groupings)}};
  fmt::print("{}\n", json::serialize(result));
  return 0;
}

/// Every cell, for a comparison cell by cell: grouping, seven members, count and limits.
int cells(const std::string& csv) {
  const RawTable table = read(csv, 0);
  const Plan plan = make_plan(table);
  const CubeInput input = facts(table, plan);
  Cube cube = must(Cube::aggregate({&input, 1}, {.sizes = plan.sizes}), "cube");
  must(cube.roll_up(), "cube");
  must(cube.visit_all(1,
                      [&](const CellBatch& batch) -> Result<void> {
                        for (std::size_t i = 0; i < batch.size(); ++i) {
                          const auto limits = byar(batch.sums[i]);
                          fmt::print("{},{},{},{:.9g},{:.9g}\n", batch.grouping,
                                     fmt::join(batch.cell(i), ","), batch.sums[i], limits.low,
                                     limits.high);
                        }
                        return {};
                      }),
       "cells");
  return 0;
}

// The small ones: tables of 200,000 synthetic victims.

const RawTable& small_table() {
  static const RawTable table = [] {
    const std::string path = (std::filesystem::temp_directory_path() / "atalaya-cube-bench.csv");
    must(write_synthetic_victims(path, 200'000, 1), "synth");
    RawTable made = read(path, 0);
    std::filesystem::remove(path);
    return made;
  }();
  return table;
}

void aggregate_rows(benchmark::State& state) {
  const Plan plan = make_plan(small_table());
  CubeSpec spec{.sizes = plan.sizes};
  spec.dense_bytes_max = state.range(0) == 0 ? spec.dense_bytes_max : 0;
  const CubeInput input = facts(small_table(), plan);
  for (auto _ : state) {
    benchmark::DoNotOptimize(must(Cube::aggregate({&input, 1}, spec), "cube"));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(small_table().rows));
}

BENCHMARK(aggregate_rows)->ArgName("sparse")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

SegmentWriter writer_of(const RawTable& table) {
  SegmentWriter writer;
  for (const std::string_view name : kColumns) {
    writer.add(column(table, name));
  }
  writer.add_values("value", std::vector<std::int64_t>(table.rows, 1));
  return writer;
}

void write_segment(benchmark::State& state) {
  const std::string path = std::filesystem::temp_directory_path() / "atalaya-cube-bench.seg";
  for (auto _ : state) {
    std::filesystem::remove(path);
    must(writer_of(small_table()).write(path, RowOrder::merged), "segment");
  }
  state.counters["bytes"] = static_cast<double>(std::filesystem::file_size(path));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(small_table().rows));
  std::filesystem::remove(path);
}

BENCHMARK(write_segment)->Unit(benchmark::kMillisecond);

void load_segment(benchmark::State& state) {
  const std::string path = std::filesystem::temp_directory_path() / "atalaya-cube-bench.seg";
  std::filesystem::remove(path);
  must(writer_of(small_table()).write(path, RowOrder::sorted), "segment");
  for (auto _ : state) {
    const Segment segment = must(Segment::open(path), "segment");
    for (const std::string_view name : kColumns) {
      benchmark::DoNotOptimize(must(segment.load(name), "segment"));
    }
    benchmark::DoNotOptimize(must(segment.load_values("value"), "segment"));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(small_table().rows));
  std::filesystem::remove(path);
}

BENCHMARK(load_segment)->Unit(benchmark::kMillisecond);

int run(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if ((what == "job" || what == "job-sparse") && argc >= 4) {
    const auto threads = static_cast<unsigned>(argc > 4 ? std::stoul(argv[4]) : 2);
    return job(argv[2], argv[3], threads, what == "job-sparse");
  }
  if (what == "cells" && argc >= 3) {
    return cells(argv[2]);
  }
  if (what == "synth" && argc == 6) {
    must(write_synthetic_victims(argv[4], std::stoull(argv[2]), std::stoull(argv[3])), "synth");
    must(write_synthetic_population(argv[5], std::stoull(argv[3])), "synth");
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace

}  // namespace atalaya::columns

int main(int argc, char** argv) {
  try {
    return atalaya::columns::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
