// Goal: what a ranking costs among many commitments. Non-goal: its quality (lineage_test.cpp).
// Texts are generated from a fixed seed; the number of candidates is printed as a check.

#include <benchmark/benchmark.h>

#include <map>
#include <random>
#include <string>

#include <fmt/format.h>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/lineage.hpp>

namespace atalaya::commitments {
namespace {

std::string sentence(std::mt19937_64& random) {
  static constexpr const char* kVerbs[] = {"Strengthen", "Promote", "Support", "Review", "Adopt"};
  std::string text = kVerbs[random() % std::size(kVerbs)];
  for (int i = 0; i < 40; ++i) {
    // Squaring makes low numbers frequent, as words are.
    const double share = static_cast<double>(random() % 10'000) / 10'000;
    text += fmt::format(" word{}", static_cast<int>(share * share * 20'000));
  }
  return text + ", as appropriate, before December 2006.";
}

const LineageIndex& index_of(std::size_t count) {
  static std::map<std::size_t, LineageIndex> built;
  const auto at = built.find(count);
  if (at != built.end()) {
    return at->second;
  }
  std::mt19937_64 random(1994);
  std::vector<LineageItem> items(count);
  for (std::size_t i = 0; i < count; ++i) {
    items[i].id = fmt::format("item-{}", i);
    items[i].year = 1994 + static_cast<std::int32_t>(random() % 30);
    items[i].meeting = fmt::format("meeting-{}", items[i].year);
    items[i].text = sentence(random);
  }
  return built.emplace(count, LineageIndex::build(std::move(items))).first->second;
}

void rank_antecedents(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const LineageIndex& index = index_of(count);
  std::mt19937_64 random(7);
  std::size_t found = 0;
  for (auto _ : state) {
    found += index.rank(fmt::format("item-{}", random() % count), 10).size();
  }
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}

void analyse_text(benchmark::State& state) {
  std::mt19937_64 random(1994);
  const std::string text = sentence(random);
  AnalysisContext context;
  context.year = 2005;
  for (auto _ : state) {
    benchmark::DoNotOptimize(analyse(text, context));
  }
}

BENCHMARK(rank_antecedents)->Arg(150)->Arg(10'000)->Arg(300'000)->Unit(benchmark::kMillisecond);
BENCHMARK(analyse_text)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace atalaya::commitments

BENCHMARK_MAIN();
