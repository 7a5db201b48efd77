// Appending and verifying on SQLite in a temporary folder (TMPDIR chooses the disk).
// Goals: at least 10,000 leaves/s in group commits; a history of 300,000 leaves verified in 5 s.
// Not a goal: the cost of a lone durable commit, which is the disk's.
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "test_log.hpp"

namespace {

using namespace atalaya;
using namespace atalaya::ledger;
using ledger::testing::events;
using ledger::testing::OpenLog;
using ledger::testing::TemporaryFolder;

/// One transaction of range(0) events, as an import makes them.
void append_batch(benchmark::State& state) {
  const TemporaryFolder folder(ledger::testing::Medium::disk);
  OpenLog log(folder.file("a.db"));
  const auto some = events(0, static_cast<std::uint64_t>(state.range(0)));
  for (auto _ : state) {
    if (!log.append(some)) {
      state.SkipWithError("append failed");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(append_batch)->Arg(1)->Arg(64)->Arg(1024)->Arg(10'000)->UseRealTime();

/// range(0) threads that each submit single events and wait until they are durable.
void submit_from_threads(benchmark::State& state) {
  constexpr std::uint64_t kEach = 200;
  const TemporaryFolder folder(ledger::testing::Medium::disk);
  OpenLog log(folder.file("a.db"));
  for (auto _ : state) {
    std::vector<std::jthread> threads;
    for (std::int64_t t = 0; t < state.range(0); ++t) {
      threads.emplace_back([&log] {
        for (std::uint64_t i = 0; i < kEach; ++i) {
          benchmark::DoNotOptimize(log.ledger->submit(ledger::testing::event(i)));
        }
      });
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) * static_cast<std::int64_t>(kEach));
}

BENCHMARK(submit_from_threads)->Arg(1)->Arg(16)->Arg(64)->Iterations(3)->UseRealTime();

void verify_history(benchmark::State& state) {
  const TemporaryFolder folder(ledger::testing::Medium::disk);
  OpenLog log(folder.file("a.db"));
  for (std::int64_t size = 0; size < state.range(0); size += 10'000) {
    if (!log.append(events(static_cast<std::uint64_t>(size), 10'000)) ||
        !log.ledger->checkpoint()) {
      state.SkipWithError("append failed");
      return;
    }
  }
  for (auto _ : state) {
    const auto report = log.ledger->verify();
    if (!report || !report->ok()) {
      state.SkipWithError("the log does not verify");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(verify_history)->Arg(300'000)->Iterations(1)->Unit(benchmark::kSecond);

void prove_inclusion(benchmark::State& state) {
  const TemporaryFolder folder(ledger::testing::Medium::disk);
  OpenLog log(folder.file("a.db"));
  if (!log.append(events(0, 100'000)) || !log.ledger->checkpoint()) {
    state.SkipWithError("append failed");
    return;
  }
  std::uint64_t index = 0;
  for (auto _ : state) {
    index = (index + 7919) % 100'000;
    benchmark::DoNotOptimize(log.ledger->prove_inclusion(index));
  }
}

BENCHMARK(prove_inclusion);

}  // namespace

BENCHMARK_MAIN();
