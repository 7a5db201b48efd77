// The front of the observatory's job: a csv of victims, 48 bytes a row, 9 columns, from a fixed
// seed, to coded columns. main() stands in cube_bench.cpp. Set ATALAYA_BENCH_ROWS (default
// 1,000,000; the job has 10,000,000).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <random>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <atalaya/columns/read_table.hpp>

namespace atalaya::columns {
namespace {

std::size_t row_count() {
  const char* given = std::getenv("ATALAYA_BENCH_ROWS");  // NOLINT(concurrency-mt-unsafe)
  return given == nullptr ? 1'000'000 : std::strtoull(given, nullptr, 10);
}

// Zipf's shares: value k of n about 1/(k + 1).
unsigned zipf(std::mt19937_64& random, unsigned n) {
  const double u = static_cast<double>(random() >> 11U) * 0x1p-53;
  const double top = static_cast<double>(n) + 1;
  return std::min(n - 1, static_cast<unsigned>(std::exp(u * std::log(top))) - 1);
}

class Job {
 public:
  Job() : path_(std::filesystem::temp_directory_path() / "atalaya_csv_bench.csv") {
    std::mt19937_64 random(20'150'101);
    std::FILE* file = std::fopen(path_.c_str(), "wbe");
    constexpr std::array kSexes = {"male", "female", "unknown"};
    constexpr std::array kContexts = {"organised", "family", "gender", "police", "other", "_U"};
    std::string text = "id,date,admin1,sex,age,weapon,iccs,context,n\n";
    for (std::size_t i = 0; i < row_count(); ++i) {
      fmt::format_to(std::back_inserter(text),
                     "{},20{:02}-{:02}-{:02},{:02},{},{},W{},0{}{},{},1\n", i, 14 + random() % 10,
                     1 + random() % 12, 1 + random() % 28, zipf(random, 33),
                     kSexes[zipf(random, 3)], zipf(random, 18) * 5, zipf(random, 8),
                     1 + random() % 3, zipf(random, 10) + 10, kContexts[zipf(random, 6)]);
      if (text.size() > (1U << 20U)) {
        std::fwrite(text.data(), 1, text.size(), file);
        text.clear();
      }
    }
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }

  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  ~Job() { std::filesystem::remove(path_); }

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

const Job& job() {
  static const Job kJob;
  return kJob;
}

// A hash of all codes: the answer that must not change with the number of threads.
std::uint64_t digest(const RawTable& table) {
  std::uint64_t hash = 1469598103934665603ULL;
  for (const RawColumn& column : table.columns) {
    std::visit(
        [&](const auto& codes) {
          for (const auto code : codes) {
            hash = (hash ^ code) * 1099511628211ULL;
          }
        },
        column.codes);
  }
  return hash;
}

void read_job(benchmark::State& state) {
  ReadOptions options;
  options.threads = static_cast<unsigned>(state.range(0));
  if (state.range(1) == 8) {
    options.columns = {"date", "admin1", "sex", "age", "weapon", "iccs", "context", "n"};
  }
  const std::string path = job().path();
  std::uint64_t hash = 0;
  for (auto _ : state) {
    const Result<RawTable> table = read_table(path, options);
    if (!table || table->rows != row_count()) {
      state.SkipWithError("wrong number of rows");
      return;
    }
    state.PauseTiming();
    hash = digest(*table);
    state.ResumeTiming();
  }
  state.SetLabel(fmt::format("digest {:016x}", hash));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(row_count()));
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(std::filesystem::file_size(path)));
}

BENCHMARK(read_job)
    ->ArgNames({"threads", "columns"})
    ->Args({1, 8})
    ->Args({2, 8})
    ->Args({2, 9})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace atalaya::columns
