// Facts in a ClickHouse cluster.
//
// A set is written in this order: its description and dictionaries to every server, its facts
// shared out among the servers in batches, each acknowledged by the server that keeps it; then the
// whole is counted and hashed through the distributed table, the way it will be asked. Only when
// that agrees is the set handed to the desk, whose store transaction names it. Facts are never sent
// through the distributed table: that one may accept rows and pass them on later.
//
// Sums are made by the servers. What a code counts for is a table of integers in the query, so that
// roll-ups and filters are the same look-ups as in the cube of the embedded store.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <list>
#include <mutex>
#include <set>

#include <fmt/format.h>

#include "cluster_rows.hpp"
#include "cluster_set.hpp"
#include "fact_files.hpp"

namespace atalaya::observatory {
namespace detail::cluster {
namespace {

constexpr std::size_t kBatchRowsMax = 100'000;
constexpr std::size_t kOpenSetsMax = 256;
constexpr auto kUnnamedAge = std::chrono::hours(24);
// Sums of magnitudes are added up as doubles; below this no sum of 64 bits was exceeded.
constexpr double kSumMax = 9.2233e18;

struct Sum {
  __extension__ __int128 low = 0, high = 0;
};

using Sums = std::map<std::vector<std::uint32_t>, Sum>;

std::unexpected<Error> overflow() {
  return fail(ErrorCode::exhausted, "columns.cube.overflow",
              "the values' sum leaves 63 bits: ask for less at once");
}

std::unexpected<Error> mismatch(std::string_view what) {
  return fail(Error{ErrorCode::data_loss,
                    "observatory.facts.mismatch",
                    fmt::format("{}; nothing of this counts. Does remote_servers name the servers "
                                "of facts in node.toml, each once? See "
                                "docs/operating/clickhouse.md",
                                what),
                    {{"what", std::string(what)}}});
}

// Rows are hashed as the servers hash them (Queries::checksum()).
class Checksum {
 public:
  void begin(std::uint32_t row) { hash_ = int_hash(row); }

  void add(std::uint64_t number) { hash_ = int_hash(hash_ + number); }

  void end() { sum_ += hash_; }

  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }

 private:
  std::uint64_t hash_ = 0, sum_ = 0;
};

// The columns of a set that is about to be sent.
struct Columns {
  std::vector<std::shared_ptr<const columns::RawColumn>> codes;
  std::shared_ptr<const std::vector<std::int64_t>> values, highs;

  static Result<Columns> read(const FactSet& set) {
    Columns out;
    for (const auto& column : set.columns()) {
      if (column.kind == columns::SegmentColumn::Kind::codes) {
        out.codes.push_back(ATALAYA_TRY(set.column(column.name)));
      }
    }
    if (out.codes.size() > kSlots) {
      return fail(Error{ErrorCode::invalid_argument,
                        "observatory.facts.columns",
                        fmt::format("a cluster takes {} dimensions and this has {}; leave some out "
                                    "of the mapping",
                                    kSlots, out.codes.size()),
                        {{"columns", std::to_string(out.codes.size())}}});
    }
    out.values = ATALAYA_TRY(set.values("value"));
    out.highs = out.values;
    if (set.has("value_high")) {
      out.highs = ATALAYA_TRY(set.values("value_high"));
    }
    return out;
  }

  [[nodiscard]] std::uint64_t checksum() const {
    Checksum sum;
    for (std::size_t row = 0; row < values->size(); ++row) {
      sum.begin(static_cast<std::uint32_t>(row));
      for (const auto& column : codes) {
        sum.add(columns::at(column->codes, row) + 1);
      }
      sum.add(static_cast<std::uint64_t>((*values)[row]));
      sum.add(static_cast<std::uint64_t>((*highs)[row]));
      sum.end();
    }
    return sum.sum();
  }

  [[nodiscard]] std::string rows(std::uint64_t id, std::size_t from, std::size_t to) const {
    RowWriter out;
    for (std::size_t row = from; row < to; ++row) {
      out.number(id);
      out.number(static_cast<std::uint32_t>(row));
      for (const auto& column : codes) {
        out.number(columns::at(column->codes, row) + 1);
      }
      out.number((*values)[row]);
      out.number((*highs)[row]);
    }
    return out.take();
  }
};

class ClusterFacts final : public FactStore {
 public:
  ClusterFacts(ClusterOptions options, std::filesystem::path folder)
      : queries_(options.address.database, options.address.cluster, options.address.servers.size()),
        client_(std::make_shared<const Client>(std::move(options))),
        files_(std::move(folder)) {}

  Result<WrittenFacts> write(Facts facts, std::string_view prefix,
                             const json::object& metadata) override;
  Result<std::shared_ptr<const FactSet>> open(const std::string& name) override;
  Result<void> sum(const FactSums& query, const columns::CellSink& sink) override;
  Result<void> destroy(const std::string& name) override;
  Result<std::vector<std::string>> check(const std::map<std::string, std::string>& named) override;
  Result<std::filesystem::path> segment_file(const std::string& name,
                                             const std::filesystem::path& folder) override;
  Result<bool> move(const std::string& name, Place to) override;

 private:
  [[nodiscard]] bool in_folder(const std::string& name) const {
    std::error_code error;
    return std::filesystem::exists(files_.path(name), error);
  }

  Result<void> prepare();
  Result<void> send(const std::string& name, const std::string& sha256);
  Result<void> send_parts(const FactSet& set, std::uint64_t id, const std::string& sha256);
  Result<void> verify(std::uint64_t id, std::size_t slots, std::uint64_t rows,
                      std::uint64_t checksum);
  Result<void> destroy_in_cluster(std::uint64_t id);
  Result<void> destroy_on(std::size_t server, std::uint64_t id);
  Result<void> remove_unnamed(const std::map<std::string, std::string>& named);
  Result<void> check_set(const std::string& name, const std::string& sha256);
  Result<std::shared_ptr<const ClusterSet>> open_in_cluster(const std::string& name);
  void forget(const std::string& name);

  Result<void> add_sums(const FactInput& input, const ClusterSet& set, const FactSums& query,
                        Sums& sums);
  Result<void> all_rows(const FactSums& query);

  Queries queries_;
  std::shared_ptr<const Client> client_;
  SegmentFacts files_;
  std::mutex mutex_;
  std::list<std::pair<std::string, std::shared_ptr<const ClusterSet>>> open_;  // newest first
};

// ---- writing ----

// Every server answers, has the tables, and knows the cluster as node.toml does.
Result<void> ClusterFacts::prepare() {
  for (std::size_t i = 0; i < client_->servers(); ++i) {
    const auto version = ATALAYA_TRY(client_->ask(i, queries_.version(), Patience::short_));
    static_cast<void>(version);
  }
  for (std::size_t i = 0; i < client_->servers(); ++i) {
    for (const auto& query : queries_.create()) {
      const auto made = ATALAYA_TRY(client_->ask(i, query));
      static_cast<void>(made);
    }
    if (client_->servers() == 1) {
      continue;
    }
    const auto answer = ATALAYA_TRY(client_->ask(i, queries_.cluster_size()));
    RowReader reader(answer);
    const auto known = reader.number<std::uint64_t>();
    if (known < client_->servers()) {
      return mismatch(fmt::format(
          "the settings of {} name {} servers of cluster {} and node.toml "
          "names {}",
          client_->server(i), known, client_->options().address.cluster, client_->servers()));
    }
  }
  return {};
}

Result<void> ClusterFacts::send_parts(const FactSet& set, std::uint64_t id,
                                      const std::string& sha256) {
  const auto columns = ATALAYA_TRY(Columns::read(set));
  const std::uint64_t checksum = columns.checksum();
  std::uint64_t words = 0;
  const std::string word_bytes = ATALAYA_TRY(word_rows(set, id, words));
  RowWriter row;
  row.number(id);
  row.number(client_->options().node);
  row.number(client_->options().clock->now().ms / 1000);
  row.number(set.rows());
  row.number(static_cast<std::uint8_t>(set.decimals()));
  row.number(static_cast<std::uint8_t>(set.has("value_high") ? 1 : 0));
  row.number(static_cast<std::uint8_t>(columns.codes.size()));
  row.number(checksum);
  row.number(words);
  row.text(hash_of_words(word_bytes));
  row.text(sha256);
  row.text(set.metadata());
  // First of all: by this row the rest is found should the load be killed.
  for (std::size_t i = 0; i < client_->servers(); ++i) {
    ATALAYA_TRY(client_->send(i, queries_.insert_set(), row.bytes()));
  }
  for (std::size_t i = 0; i < client_->servers() && words > 0; ++i) {
    ATALAYA_TRY(client_->send(i, queries_.insert_words(), word_bytes));
  }
  const std::size_t rows = columns.values->size();
  const std::size_t share = (rows + client_->servers() - 1) / client_->servers();
  const std::size_t batch = std::clamp<std::size_t>(share, 1, kBatchRowsMax);
  std::size_t server = id % client_->servers();  // small sets begin on different servers
  for (std::size_t from = 0; from < rows; from += batch) {
    ATALAYA_TRY(client_->send(server, queries_.insert_facts(columns.codes.size()),
                              columns.rows(id, from, std::min(rows, from + batch))));
    server = (server + 1) % client_->servers();
  }
  return verify(id, columns.codes.size(), rows, checksum);
}

Result<void> ClusterFacts::verify(std::uint64_t id, std::size_t slots, std::uint64_t rows,
                                  std::uint64_t checksum) {
  for (std::size_t i = 0; i < client_->servers(); ++i) {
    // Not through ATALAYA_TRY: at -O2 g++ 12 then takes the text for unset, wrongly.
    const auto answer = client_->ask(i, queries_.checksum(id, slots));
    if (!answer) {
      return fail(Error(answer.error()));
    }
    RowReader reader(*answer);
    const auto held = reader.number<std::uint64_t>();
    const auto sum = reader.number<std::uint64_t>();
    if (!reader.good() || held != rows || sum != checksum) {
      return mismatch(fmt::format("{} facts were sent, and {} gives back {}{}", rows,
                                  client_->server(i), held,
                                  held == rows ? " with another checksum" : ""));
    }
  }
  return {};
}

Result<void> ClusterFacts::send(const std::string& name, const std::string& sha256) {
  const auto id = set_id(name);
  if (!id) {
    return fail(ErrorCode::internal, "observatory.facts.name", name);
  }
  const auto set = ATALAYA_TRY(files_.open(name));
  ATALAYA_TRY(prepare());
  ATALAYA_TRY(destroy_in_cluster(*id));  // of a removal that was interrupted
  auto sent = send_parts(*set, *id, sha256);
  if (!sent) {
    // Where a server is down its part stays, without a name, until check() removes it.
    static_cast<void>(destroy_in_cluster(*id));
  }
  return sent;
}

Result<WrittenFacts> ClusterFacts::write(Facts facts, std::string_view prefix,
                                         const json::object& metadata) {
  auto written = ATALAYA_TRY(files_.write(std::move(facts), prefix, metadata));
  auto sent = send(written.file, written.sha256);
  const auto removed = files_.destroy(written.file);
  if (!sent) {
    return fail(std::move(sent).error());
  }
  ATALAYA_TRY(removed);
  return written;
}

// ---- reading ----

Result<std::shared_ptr<const ClusterSet>> ClusterFacts::open_in_cluster(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    const auto at = std::ranges::find(open_, name, [](const auto& entry) { return entry.first; });
    if (at != open_.end()) {
      open_.splice(open_.begin(), open_, at);
      return open_.front().second;
    }
  }
  auto set = ATALAYA_TRY(ClusterSet::open(client_, queries_, name));
  const std::lock_guard lock(mutex_);
  open_.emplace_front(name, set);
  if (open_.size() > kOpenSetsMax) {
    open_.pop_back();
  }
  return set;
}

Result<std::shared_ptr<const FactSet>> ClusterFacts::open(const std::string& name) {
  if (in_folder(name)) {
    return files_.open(name);
  }
  return open_in_cluster(name);
}

void ClusterFacts::forget(const std::string& name) {
  const std::lock_guard lock(mutex_);
  open_.remove_if([&](const auto& entry) { return entry.first == name; });
}

// Adds what the servers make of one set.
Result<void> ClusterFacts::add_sums(const FactInput& input, const ClusterSet& set,
                                    const FactSums& query, Sums& sums) {
  std::vector<Dimension> dimensions;
  std::vector<std::uint32_t> members(query.sizes.size(), 0);
  std::vector<std::size_t> places;  // of the members that the answer holds
  for (std::size_t d = 0; d < input.tables.size(); ++d) {
    const auto& table = input.tables[d];
    const auto slot = table.column.empty() ? std::nullopt : set.slot(table.column);
    if (!slot) {
      if (table.lut.empty() || table.lut[0] == columns::kDropped) {
        return {};  // no fact of it counts
      }
      members[d] = table.lut[0];
      continue;
    }
    if (std::ranges::all_of(table.lut, [](auto m) { return m == columns::kDropped; })) {
      return {};
    }
    const bool is_filter = query.sizes[d] == 1;
    dimensions.push_back({*slot, table.lut, is_filter});
    if (!is_filter) {
      places.push_back(d);
    }
  }
  const auto answer = ATALAYA_TRY(client_->ask_any(queries_.sums(set.id(), dimensions)));
  const double unit = std::pow(10.0, query.decimals - set.decimals());
  const auto factor = static_cast<std::int64_t>(std::llround(unit));
  double low_total = 0, high_total = 0;
  RowReader reader(answer);
  while (reader.more()) {
    for (const std::size_t place : places) {
      members[place] = reader.number<std::uint32_t>();
    }
    const auto low = reader.number<std::int64_t>();
    const auto high = reader.number<std::int64_t>();
    low_total += reader.number<double>() * unit;
    high_total += reader.number<double>() * unit;
    if (reader.number<std::uint64_t>() > 0) {  // without a fact there is no cell
      auto& sum = sums[members];
      sum.low += static_cast<decltype(sum.low)>(low) * factor;
      sum.high += static_cast<decltype(sum.high)>(high) * factor;
    }
  }
  if (!reader.good()) {
    return fail(ErrorCode::data_loss, "observatory.facts.damaged",
                "an answer of ClickHouse ends early");
  }
  return low_total < kSumMax && high_total < kSumMax ? Result<void>() : overflow();
}

// Sets never grow, so that sums over a set that is whole afterwards were sums over all of it: a
// server that lost its disk, or a removal on the way, never shows as a smaller figure.
Result<void> ClusterFacts::all_rows(const FactSums& query) {
  for (const auto& input : query.inputs) {
    const auto* set = dynamic_cast<const ClusterSet*>(input.set.get());
    if (set == nullptr) {
      continue;
    }
    const auto answer = ATALAYA_TRY(client_->ask_any(queries_.rows(set->id())));
    RowReader reader(answer);
    const auto held = reader.number<std::uint64_t>();
    if (held != set->rows()) {
      return fail(
          Error{ErrorCode::data_loss,
                "observatory.facts.incomplete",
                fmt::format("the cluster holds {} of {} facts of a submission; run: atalaya "
                            "doctor",
                            held, set->rows()),
                {{"held", std::to_string(held)}}});
    }
  }
  return {};
}

Result<void> ClusterFacts::sum(const FactSums& query, const columns::CellSink& sink) {
  Sums sums;
  FactSums local{query.sizes, query.decimals, {}};
  for (const auto& input : query.inputs) {
    const auto* set = dynamic_cast<const ClusterSet*>(input.set.get());
    if (set == nullptr) {
      local.inputs.push_back(input);
      continue;
    }
    ATALAYA_TRY(add_sums(input, *set, query, sums));
  }
  ATALAYA_TRY(all_rows(query));
  if (local.inputs.size() == query.inputs.size()) {
    return files_.sum(query, sink);
  }
  const auto add = [&](const columns::CellBatch& batch) -> Result<void> {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto cell = batch.cell(i);
      auto& sum = sums[{cell.begin(), cell.end()}];
      sum.low += batch.sums[i];
      sum.high += batch.highs[i];
    }
    return {};
  };
  if (!local.inputs.empty()) {
    ATALAYA_TRY(files_.sum(local, add));
  }
  std::vector<std::uint32_t> members;
  std::vector<std::int64_t> lows, highs;
  for (const auto& [cell, sum] : sums) {
    members.insert(members.end(), cell.begin(), cell.end());
    lows.push_back(static_cast<std::int64_t>(sum.low));
    highs.push_back(static_cast<std::int64_t>(sum.high));
    if (lows.back() != sum.low || highs.back() != sum.high) {
      return overflow();
    }
  }
  columns::CellBatch batch;
  batch.dimensions = query.sizes.size();
  batch.members = members;
  batch.sums = lows;
  batch.highs = highs;
  return lows.empty() ? Result<void>() : sink(batch);
}

// ---- removing, checking, moving ----

Result<void> ClusterFacts::destroy_on(std::size_t server, std::uint64_t id) {
  for (const auto& query : queries_.destroy(id)) {
    const auto done = client_->ask(server, query);
    // Where the tables are not there nothing of the set is.
    if (!done && done.error().reason != "observatory.facts.no_tables") {
      return fail(Error(done.error()));
    }
  }
  return {};
}

Result<void> ClusterFacts::destroy_in_cluster(std::uint64_t id) {
  std::string failed;
  for (std::size_t i = 0; i < client_->servers(); ++i) {
    const auto done = destroy_on(i, id);
    if (!done) {
      failed += (failed.empty() ? "" : "; ") + done.error().detail;
    }
  }
  if (failed.empty()) {
    return {};
  }
  return fail(Error{ErrorCode::unavailable,
                    "observatory.facts.not_destroyed",
                    fmt::format("the facts count no more, but a server may still hold them until "
                                "it answers again and `atalaya doctor` was run a day later: {}",
                                failed),
                    {{"what", failed}}});
}

Result<void> ClusterFacts::destroy(const std::string& name) {
  forget(name);
  ATALAYA_TRY(files_.destroy(name));
  const auto id = set_id(name);
  return id ? destroy_in_cluster(*id) : Result<void>();
}

Result<void> ClusterFacts::remove_unnamed(const std::map<std::string, std::string>& named) {
  std::set<std::uint64_t> keep;
  for (const auto& [name, sha256] : named) {
    if (const auto id = set_id(name)) {
      keep.insert(*id);
    }
  }
  const std::int64_t before =
      client_->options().clock->now().ms / 1000 - std::chrono::seconds(kUnnamedAge).count();
  for (std::size_t i = 0; i < client_->servers(); ++i) {
    const auto answer = client_->ask(i, queries_.sets_before(client_->options().node, before));
    if (!answer) {
      if (answer.error().reason == "observatory.facts.no_tables") {
        continue;
      }
      return fail(Error(answer.error()));
    }
    RowReader reader(*answer);
    while (reader.more()) {
      const auto id = reader.number<std::uint64_t>();
      if (reader.good() && !keep.contains(id)) {
        ATALAYA_TRY(destroy_on(i, id));
      }
    }
  }
  return {};
}

Result<void> ClusterFacts::check_set(const std::string& name, const std::string& sha256) {
  forget(name);
  const auto set = ATALAYA_TRY(open_in_cluster(name));
  if (set->sha256() != sha256) {
    return fail(ErrorCode::data_loss, "observatory.facts.damaged",
                fmt::format("facts {} in the cluster are not those of the log", name));
  }
  return verify(set->id(), set->slots(), set->rows(), set->checksum());
}

Result<std::vector<std::string>> ClusterFacts::check(
    const std::map<std::string, std::string>& named) {
  std::map<std::string, std::string> local;
  for (const auto& [name, sha256] : named) {
    if (in_folder(name)) {
      local.emplace(name, sha256);
    }
  }
  auto out = ATALAYA_TRY(files_.check(local));
  // Removing comes first and needs every server; without one of them nothing more can be said.
  if (const auto removed = remove_unnamed(named); !removed) {
    out.push_back(removed.error().detail);
    return out;
  }
  for (const auto& [name, sha256] : named) {
    if (!local.contains(name)) {
      if (const auto good = check_set(name, sha256); !good) {
        out.push_back(good.error().detail);
      }
    }
  }
  return out;
}

Result<std::filesystem::path> ClusterFacts::segment_file(const std::string& name,
                                                         const std::filesystem::path& folder) {
  if (in_folder(name)) {
    return files_.path(name);
  }
  const auto set = ATALAYA_TRY(open_in_cluster(name));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  std::filesystem::remove(folder / name, error);
  ATALAYA_TRY(write_copy(*set, folder / name));
  return folder / name;
}

Result<bool> ClusterFacts::move(const std::string& name, Place to) {
  if (to == Place::cluster) {
    if (!in_folder(name)) {
      return false;
    }
    const std::string sha256 = ATALAYA_TRY(file_sha256(files_.path(name)));
    ATALAYA_TRY(send(name, sha256));
    ATALAYA_TRY(files_.destroy(name));
    return true;
  }
  const auto id = set_id(name);
  if (in_folder(name) || !id) {
    return false;
  }
  const auto set = ATALAYA_TRY(open_in_cluster(name));
  ATALAYA_TRY(write_copy(*set, files_.path(name)));
  const std::string sha256 = ATALAYA_TRY(file_sha256(files_.path(name)));
  if (sha256 != set->sha256()) {
    static_cast<void>(files_.destroy(name));
    return fail(ErrorCode::data_loss, "observatory.facts.damaged",
                fmt::format("facts {} in the cluster are not what was written", name));
  }
  forget(name);
  ATALAYA_TRY(destroy_in_cluster(*id));
  return true;
}

}  // namespace
}  // namespace detail::cluster

std::shared_ptr<FactStore> cluster_facts(ClusterOptions options, std::filesystem::path folder) {
  return std::make_shared<detail::cluster::ClusterFacts>(std::move(options), std::move(folder));
}

}  // namespace atalaya::observatory
