// Goal: what one durable commit costs, what a batch costs and what a read costs, on both engines.
// Non-goal: the disk. Numbers mean something only with the machine beside them (docs/perf.md).
// PostgreSQL is measured when ATALAYA_TEST_POSTGRES names a server with an empty schema.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <atalaya/store/database.hpp>

namespace atalaya::store {

namespace {

std::unique_ptr<Database> open_empty(const benchmark::State& state) {
  const char* server = std::getenv("ATALAYA_TEST_POSTGRES");
  const bool postgres = state.range(0) == 1;
  if (postgres && server == nullptr) {
    return nullptr;
  }
  const std::string path = std::filesystem::temp_directory_path() / "atalaya-store-bench.db";
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(path + suffix);
  }
  auto database = Database::open(postgres ? server : path);
  const auto made = (*database)->write([&](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(transaction.execute("DROP TABLE IF EXISTS bench_rows"));
    ATALAYA_TRY(transaction.execute(postgres ? "CREATE TABLE bench_rows (n BIGINT, bytes BYTEA)"
                                             : "CREATE TABLE bench_rows (n INTEGER, bytes BLOB)"));
    return {};
  });
  return made.has_value() ? std::move(*database) : nullptr;
}

void write_rows(benchmark::State& state) {
  const auto database = open_empty(state);
  if (database == nullptr) {
    state.SkipWithError("no server");
    return;
  }
  std::vector<Parameters> rows;
  for (std::int64_t i = 0; i < state.range(1); ++i) {
    rows.push_back({i, Blob(100, 7)});
  }
  for (auto _ : state) {
    const auto done = database->write([&](Transaction& transaction) -> Result<void> {
      ATALAYA_TRY(transaction.execute_many("INSERT INTO bench_rows VALUES ($1, $2)", rows));
      return {};
    });
    if (!done.has_value()) {
      state.SkipWithError(done.error().detail.c_str());
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}

void read_one(benchmark::State& state) {
  const auto database = open_empty(state);
  if (database == nullptr) {
    state.SkipWithError("no server");
    return;
  }
  std::int64_t sum = 0;
  for (auto _ : state) {
    const auto done = database->read([&](Transaction& transaction) -> Result<void> {
      const Row row =
          ATALAYA_TRY(transaction.query_one("SELECT count(*) FROM bench_rows WHERE n = $1", {sum}));
      sum += row.integer(0);
      return {};
    });
    if (!done.has_value()) {
      state.SkipWithError(done.error().detail.c_str());
    }
  }
}

BENCHMARK(write_rows)
    ->UseRealTime()
    ->ArgNames({"postgres", "rows"})
    ->ArgsProduct({{0, 1}, {1, 64, 10'000}});
BENCHMARK(read_one)->UseRealTime()->ArgName("postgres")->Arg(0)->Arg(1);

}  // namespace

}  // namespace atalaya::store

BENCHMARK_MAIN();
