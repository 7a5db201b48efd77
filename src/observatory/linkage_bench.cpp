// Linking two synthetic files of n persons each: 60 % of the second are in the first, a fifth of
// the values are misspelled or missing. Prints pairs compared, and recall and precision as a check
// that speed was not bought with misses.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <atalaya/observatory/linkage.hpp>

namespace atalaya::observatory {
namespace {

class Persons {
 public:
  explicit Persons(std::uint64_t seed) : state_(seed) {}

  std::size_t draw(std::size_t below) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33U) % below;
  }

  std::string word() {
    static constexpr std::array<const char*, 20> kSyllables{
        "ma", "ro", "pe",  "lo",  "ga", "ri", "san", "to", "val", "cas",
        "mo", "ne", "gue", "rra", "du", "fi", "cha", "ve", "ju",  "ban"};
    // Names as the world has them: few are frequent.
    const std::size_t rank = draw(1 + draw(4000));
    std::string name;
    std::size_t left = rank + 23;
    while (left > 0) {
      name += kSyllables[left % kSyllables.size()];
      left /= kSyllables.size();
    }
    return name;
  }

  static std::string two(std::size_t n) { return (n < 10 ? "0" : "") + std::to_string(n); }

  std::array<std::string, 6> person() {
    return {word() + " " + word(),
            word() + " " + word(),
            std::to_string(1940 + draw(75)) + "-" + two(1 + draw(12)) + "-" + two(1 + draw(28)),
            draw(2) == 0 ? "M" : "F",
            "COL_" + two(1 + draw(33)) + "0" + two(1 + draw(40)),
            "2024-" + two(1 + draw(12)) + "-" + two(1 + draw(28))};
  }

  void spoil(std::array<std::string, 6>& row) {
    for (std::size_t f = 0; f < row.size(); ++f) {
      const std::size_t luck = draw(20);
      if (luck == 0) {
        row[f].clear();
      } else if (luck == 1 && row[f].size() > 4) {
        std::swap(row[f][row[f].size() - 2], row[f][row[f].size() - 1]);
      } else if (luck == 2 && f < 2) {
        row[f] = row[f].substr(0, row[f].find(' '));
      }
    }
  }

 private:
  std::uint64_t state_;
};

LinkJob synthetic(std::size_t rows) {
  Persons persons(11);
  LinkJob job;
  job.fields = {{.id = "given_name", .kind = FieldKind::given_name, .term_frequency = true},
                {.id = "surname", .kind = FieldKind::surname, .term_frequency = true},
                {.id = "birth", .kind = FieldKind::date},
                {.id = "sex", .kind = FieldKind::sex},
                {.id = "territory", .kind = FieldKind::territory},
                {.id = "event", .kind = FieldKind::date}};
  job.a.resize(6);
  job.b = LinkTable(6);
  for (std::size_t i = 0; i < rows; ++i) {
    auto row = persons.person();
    for (std::size_t f = 0; f < row.size(); ++f) {
      job.a[f].push_back(row[f]);
    }
    if (i % 5 < 3) {
      persons.spoil(row);
    } else {
      row = persons.person();
    }
    for (std::size_t f = 0; f < row.size(); ++f) {
      (*job.b)[f].push_back(row[f]);
    }
  }
  job.passes = {{"birth and sex", {{2, KeyPart::whole}, {3, KeyPart::whole}}},
                {"names", {{0, KeyPart::phonetic}, {1, KeyPart::phonetic}, {2, KeyPart::year}}},
                {"place and day", {{4, KeyPart::whole}, {5, KeyPart::whole}}},
                {"surname and day", {{1, KeyPart::first_name}, {5, KeyPart::whole}}}};
  job.options.one_to_one = true;
  return job;
}

void link_synthetic(benchmark::State& state) {
  const auto rows = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    LinkJob job = synthetic(rows);
    state.ResumeTiming();
    auto linker = Linker::create(std::move(job)).value();
    const auto report = linker.run().value();
    double right = 0;
    double found = 0;
    for (const LinkedPair& pair : report.pairs) {
      if (pair.decision == LinkDecision::match) {
        found += 1;
        right += pair.a == pair.b && pair.a % 5 < 3 ? 1 : 0;
      }
    }
    state.counters["pairs_compared"] = static_cast<double>(report.pairs_compared);
    state.counters["precision"] = right / found;
    state.counters["recall"] = right / (0.6 * static_cast<double>(rows));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(link_synthetic)
    ->Arg(10000)
    ->Arg(100000)
    ->Arg(1000000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace atalaya::observatory

BENCHMARK_MAIN();
