// A release of some 16 million cells, seven dimensions wide: what it may be asked for, with and
// without a key, and how fast and in how much memory its observations are written out. Synthetic.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <atalaya/columns/segment.hpp>
#include <atalaya/observatory/sdmx_message.hpp>
#include <atalaya/observatory/sdmx_structures.hpp>
#include <atalaya/store/test_store.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 1;
constexpr double kKept = 0.63;  // of 25.7 million combinations

// Peak memory of this process since the last reset, in MB: Linux, /proc.
double peak_megabytes() {
  std::ifstream in("/proc/self/status");
  std::string word;
  while (in >> word) {
    if (word == "VmHWM:") {
      double kilobytes = 0;
      in >> kilobytes;
      return kilobytes / 1000;
    }
  }
  return 0;
}

void reset_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

struct Large {
  Large() {
    ATALAYA_CHECK(
        ledger::NodeKey::generate((store.folder() / "node.key").string(), "bench.example"));
    auto key = ledger::NodeKey::load((store.folder() / "node.key").string());
    ledger = *ledger::Ledger::open(store.database(), *std::move(key), clock);
    fs::create_directories(store.folder() / "facts");
    write_release();
    DeskParts parts;
    parts.database = &store.database();
    parts.ledger = ledger.get();
    parts.clock = &clock;
    parts.folder = store.folder() / "facts";
    desk = *Desk::open(std::move(parts));
    catalogue = std::make_shared<const sdmx::Catalogue>(*sdmx::build_catalogue(*desk, "Bench"));
    flow = catalogue->find("DF_HOMICIDE_RATE");
  }

  static std::vector<std::string> some(std::string_view dimension, std::size_t n) {
    std::vector<std::string> out;
    if (dimension == "period") {
      for (int year = 2014; out.size() < n; ++year) {
        out.push_back(std::to_string(year));
      }
    } else if (dimension == "age") {
      for (int age = 0; out.size() < n; age += 5) {
        out.push_back("Y" + std::to_string(age) + "T" + std::to_string(age + 4));
      }
      out.front() = "Y_LT5";
    } else {
      const auto* list = Codelists::embedded()->find(dimension);
      for (const Code& code : list->codes()) {
        const bool fits = dimension != "territory" || code.country == "COL";
        if (fits && code.id != "COL" && out.size() < n) {
          out.push_back(code.id);
        }
      }
    }
    std::ranges::sort(out);
    return out;
  }

  void write_release() {
    TableQuery query;
    query.indicator = "homicide_rate";
    std::vector<std::vector<std::string>> codes;
    for (const auto& [name, n] : {std::pair{"period", std::size_t{10}},
                                  {"territory", 33},
                                  {"sex", 3},
                                  {"age", 18},
                                  {"mechanism", 8},
                                  {"iccs", 30},
                                  {"context", 6}}) {
      query.by.push_back({name, ""});
      codes.push_back(some(name, n));
    }
    std::vector<std::vector<std::uint8_t>> columns(codes.size());
    std::mt19937_64 random(kSeed);
    std::vector<std::size_t> at(codes.size(), 0);
    for (bool more = true; more;) {
      if (static_cast<double>(random() >> 11U) * 0x1.0p-53 < kKept) {
        for (std::size_t d = 0; d < at.size(); ++d) {
          columns[d].push_back(static_cast<std::uint8_t>(at[d]));
        }
      }
      std::size_t d = at.size();
      while (d > 0 && ++at[d - 1] == codes[d - 1].size()) {
        at[--d] = 0;
      }
      more = d > 0;
    }
    cells = columns.front().size();
    columns::SegmentWriter writer(3, "{}");
    for (std::size_t d = 0; d < codes.size(); ++d) {
      columns::RawColumn column;
      column.name = query.by[d].name;
      for (const auto& code : codes[d]) {
        column.values.append(code);
      }
      column.codes = std::move(columns[d]);
      writer.add(std::move(column));
    }
    std::vector<std::int64_t> counts(cells);
    std::ranges::generate(counts, [&] { return static_cast<std::int64_t>(random() % 40) * 1000; });
    writer.add_values("cell_status", std::vector<std::int64_t>(cells, 0));
    writer.add_values("count", std::move(counts));
    writer.add_values("count_high", std::vector<std::int64_t>(cells, -1));
    writer.add_values("denominator", std::vector<std::int64_t>(cells, 1'000'000'000));
    const std::string file = "release-b1-0.seg";
    ATALAYA_CHECK(std::move(writer).write((store.folder() / "facts" / file).string()));
    const auto named = store.database().write([&](store::Transaction& tx) -> Result<void> {
      ATALAYA_TRY(tx.execute(
          "INSERT INTO observatory_releases (id, position, name, plan, decision, policy, audit, "
          "submissions, synthetic, published_at, published_by) VALUES ('b1', 1, 'Bench', '', '{}', "
          "'{}', '{}', '[]', 1, '2026-01-01T00:00:00Z', 'bench')"));
      ATALAYA_TRY(tx.execute(
          "INSERT INTO observatory_release_tables (release, position, indicator, query, notes, "
          "segment, segment_sha256, cells, suppressed) VALUES ('b1', 1, 'homicide_rate', $1, '[]', "
          "$2, '', $3, 0)",
          {json::serialize(detail::query_json(query)), file, static_cast<std::int64_t>(cells)}));
      return {};
    });
    ATALAYA_CHECK(named);
  }

  store::TestStore store{store::Engine::sqlite};
  FixedClock clock{*parse_utc_time("2026-02-01T00:00:00Z")};
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Desk> desk;
  std::shared_ptr<const sdmx::Catalogue> catalogue;
  const sdmx::Flow* flow = nullptr;
  std::size_t cells = 0;
};

Large& large() {
  static Large made;
  return made;
}

sdmx::DataQuery with_key(const sdmx::Flow& flow) {
  sdmx::DataQuery query;
  sdmx::Key key(flow.dimensions.size());
  key[*flow.place("SEX")] = {"F"};
  key[*flow.place("REF_AREA")] = {"CO-ANT", "CO-VAC"};
  query.keys = {key};
  return query;
}

void availability(benchmark::State& state) {
  Large& l = large();
  const auto query = state.range(0) == 0 ? sdmx::DataQuery{} : with_key(*l.flow);
  std::uint64_t observations = 0;
  for (auto _ : state) {
    // As after a start: no column is held.
    state.PauseTiming();
    DeskParts parts = l.desk->parts();
    parts.facts.reset();
    const auto fresh = *Desk::open(std::move(parts));
    state.ResumeTiming();
    observations = sdmx::find_availability(*fresh, *l.catalogue, *l.flow, query, {})->observations;
  }
  state.counters["cells"] = static_cast<double>(l.cells);
  state.counters["observations"] = static_cast<double>(observations);
}

void data_in_parts(benchmark::State& state) {
  Large& l = large();
  const auto query = state.range(0) == 0 ? sdmx::DataQuery{} : with_key(*l.flow);
  double bytes = 0;
  reset_peak();
  const double before = peak_megabytes();
  for (auto _ : state) {
    sdmx::DataMessage message;
    message.catalogue = l.catalogue;
    message.sets = *sdmx::select_data(*l.desk, *l.catalogue, *l.flow, query);
    message.form = sdmx::DataForm::csv_2;
    const auto writer = sdmx::create_writer(std::move(message));
    std::string piece;
    for (bool more = true; more;) {
      piece.clear();
      more = *writer->next(piece);
      bytes += static_cast<double>(piece.size());
    }
  }
  state.counters["MB_written"] = bytes / 1e6;
  state.counters["MB_peak_before"] = before;
  state.counters["MB_peak"] = peak_megabytes();
}

BENCHMARK(availability)
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5)
    ->UseRealTime();
BENCHMARK(data_in_parts)
    ->Arg(1)
    ->Arg(0)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace atalaya::observatory
