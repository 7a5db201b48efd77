// Blocking, learning, scoring, deciding.
//
// Comparing everything with everything is out of reach (10^12 pairs for two files of a million), so
// records meet only where they share a key, in several passes with different keys: a typing error
// in one key leaves the others. A pair is compared in the first pass where it meets; whether an
// earlier pass had it is told from the two keys alone, so no set of pairs is ever kept, and memory
// grows with the pairs that are worth showing.
//
// Learning: u (levels among strangers) from pairs drawn at random; m (levels among true pairs) by
// expectation-maximisation within each pass, where true pairs are frequent, with the fields of the
// key held out, because a key makes its own fields agree. Each field's m is the mean over the
// passes that did not hold it out, weighted by the true pairs they saw.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <thread>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <atalaya/observatory/linkage.hpp>

#include "linkage_compare.hpp"

namespace atalaya::observatory {

using detail::kNoValue;
using detail::LinkField;

namespace {

constexpr std::uint64_t kRandomPairs = 200'000;  // for u
constexpr double kKeptProbability = 1e-4;        // pairs below are forgotten while comparing
constexpr double kBlocksPerTask = 256;

using Levels = std::array<std::int8_t, kLinkFieldsMax>;

std::uint64_t mix(std::uint64_t x) noexcept {  // splitmix64
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

std::uint64_t hash_text(std::string_view text) noexcept {
  std::uint64_t h = 0xCBF29CE484222325U;
  for (const char c : text) {
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  return mix(h);
}

// Rows of one key, side by side: [from, to) in the sorted rows of each table.
struct Block {
  std::uint64_t key = 0;
  std::uint32_t a_from = 0, a_to = 0, b_from = 0, b_to = 0;
};

// One pass: keys by row (0: none) and the blocks where rows meet.
struct Pass {
  BlockingPass spec;
  std::vector<std::uint64_t> key_a, key_b;
  std::vector<std::uint32_t> rows_a, rows_b;  // sorted by key
  std::vector<Block> blocks;
  PassReport report;
};

std::uint64_t pairs_of(const Block& block, bool within) noexcept {
  const std::uint64_t n = block.a_to - block.a_from;
  return within ? n * (n - 1) / 2 : n * (block.b_to - block.b_from);
}

std::vector<std::uint32_t> rows_by_key(const std::vector<std::uint64_t>& keys) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != 0) {
      rows.push_back(i);
    }
  }
  std::ranges::sort(rows, [&](std::uint32_t x, std::uint32_t y) {
    return std::pair(keys[x], x) < std::pair(keys[y], y);
  });
  return rows;
}

struct Hit {
  std::uint32_t a, b;
  double bits;
  Levels levels;
};

}  // namespace

struct Linker::State {
  LinkJob job;
  std::vector<LinkField> fields;
  std::vector<Pass> passes;
  LinkModel model;
  std::size_t rows_a = 0, rows_b = 0;
  bool within = false;

  [[nodiscard]] double pairs_in_all() const noexcept {
    const auto n = static_cast<double>(rows_a);
    return within ? n * (n - 1) / 2 : n * static_cast<double>(rows_b);
  }

  [[nodiscard]] const std::vector<std::uint32_t>& side_b(const LinkField& field) const noexcept {
    return within ? field.a : field.b;
  }

  [[nodiscard]] Levels compare(std::uint32_t a, std::uint32_t b) const noexcept {
    Levels levels;
    levels.fill(kMissingLevel);
    for (std::size_t f = 0; f < fields.size(); ++f) {
      levels[f] = fields[f].compare(fields[f].a[a], side_b(fields[f])[b]);
    }
    return levels;
  }

  [[nodiscard]] double score(const std::vector<std::vector<double>>& weights, const Levels& levels,
                             std::uint32_t a) const noexcept {
    double bits = 0;
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (levels[f] < 0) {
        continue;
      }
      bits += weights[f][static_cast<std::size_t>(levels[f])];
      if (fields[f].spec.term_frequency &&
          static_cast<std::size_t>(levels[f]) + 1 == level_names(fields[f].spec.kind).size()) {
        bits += fields[f].rarity_bits(model.fields[f], fields[f].a[a]);
      }
    }
    return bits;
  }

  [[nodiscard]] bool met_before(std::size_t pass, std::uint32_t a, std::uint32_t b) const noexcept {
    for (std::size_t p = 0; p < pass; ++p) {
      const std::uint64_t key = passes[p].key_a[a];
      if (key != 0 && key == (within ? passes[p].key_a[b] : passes[p].key_b[b])) {
        return true;
      }
    }
    return false;
  }

  void make_keys(Pass& pass) const;
  void make_blocks(Pass& pass) const;
  [[nodiscard]] std::vector<FieldModel> start() const;
  void learn_u(std::vector<FieldModel>& models) const;
  [[nodiscard]] std::vector<LinkPattern> count_patterns(const Pass& pass, double& share) const;
  void learn_model();
  [[nodiscard]] std::vector<Hit> compare_all();
  [[nodiscard]] unsigned threads() const noexcept;
};

namespace {

// Calls visit(a, b) for each pair of a block.
template <class Visit>
void each_pair(const Pass& pass, const Block& block, bool within, const Visit& visit) {
  for (std::uint32_t i = block.a_from; i < block.a_to; ++i) {
    if (within) {
      for (std::uint32_t j = i + 1; j < block.a_to; ++j) {
        visit(pass.rows_a[i], pass.rows_a[j]);
      }
    } else {
      for (std::uint32_t j = block.b_from; j < block.b_to; ++j) {
        visit(pass.rows_a[i], pass.rows_b[j]);
      }
    }
  }
}

// Pairs come best first; each record keeps the first that it is in.
std::vector<LinkedPair> keep_best(const std::vector<LinkedPair>& pairs, std::size_t rows_a,
                                  std::size_t rows_b, bool within, std::uint64_t& displaced) {
  std::vector<bool> used_a(rows_a, false);
  std::vector<bool> used_b(within ? 0 : rows_b, false);
  std::vector<LinkedPair> kept;
  for (const LinkedPair& pair : pairs) {
    auto&& other = within ? used_a[pair.b] : used_b[pair.b];
    if (used_a[pair.a] || other) {
      ++displaced;
      continue;
    }
    used_a[pair.a] = true;
    other = true;
    kept.push_back(pair);
  }
  return kept;
}

Result<void> check_job(const LinkJob& job) {
  const auto bad = [](const std::string& what) {
    return fail(ErrorCode::invalid_argument, "observatory.linkage.bad_job", what);
  };
  const std::size_t fields = job.fields.size();
  if (fields == 0 || fields > kLinkFieldsMax) {
    return bad(fmt::format("needs 1 to {} fields, not {}", kLinkFieldsMax, fields));
  }
  if (job.passes.empty()) {
    return bad("needs at least one blocking pass: what must two records share to be compared?");
  }
  for (const LinkTable* table : {&job.a, job.b ? &*job.b : &job.a}) {
    if (table->size() != fields) {
      return bad(fmt::format("a table has {} columns for {} fields", table->size(), fields));
    }
    for (const auto& column : *table) {
      if (column.size() != table->front().size() || column.size() >= kNoValue) {
        return bad("the columns of a table must have the same number of rows, below 2^32");
      }
    }
  }
  for (const BlockingPass& pass : job.passes) {
    if (pass.parts.empty()) {
      return bad(fmt::format("pass {} has no parts", pass.id));
    }
    for (const auto& [field, part] : pass.parts) {
      if (field >= fields) {
        return bad(fmt::format("pass {} names field {}, and there are {}", pass.id, field, fields));
      }
    }
  }
  if (!(job.options.review_probability_min > 0 &&
        job.options.review_probability_min <= job.options.match_probability_min &&
        job.options.match_probability_min < 1)) {
    return bad("0 < review probability <= match probability < 1 must hold");
  }
  return {};
}

}  // namespace

unsigned Linker::State::threads() const noexcept {
  const unsigned wanted =
      job.options.threads != 0 ? job.options.threads : std::thread::hardware_concurrency();
  return std::clamp(wanted, 1U, 4U);
}

void Linker::State::make_keys(Pass& pass) const {
  pass.key_a.assign(rows_a, 1);
  pass.key_b.assign(within ? 0 : rows_b, 1);
  for (const auto& [f, part] : pass.spec.parts) {
    const LinkField& field = fields[f];
    std::vector<std::uint64_t> by_value(field.values.size());
    for (std::uint32_t v = 0; v < field.values.size(); ++v) {
      const std::string key = field.key(v, part);
      by_value[v] = key.empty() ? 0 : hash_text(key);
    }
    const auto add = [&](std::vector<std::uint64_t>& keys, const std::vector<std::uint32_t>& rows) {
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::uint64_t one = rows[i] == kNoValue ? 0 : by_value[rows[i]];
        keys[i] = keys[i] == 0 || one == 0 ? 0 : (mix(keys[i] ^ one) | 1U);
      }
    };
    add(pass.key_a, field.a);
    if (!within) {
      add(pass.key_b, field.b);
    }
  }
}

void Linker::State::make_blocks(Pass& pass) const {
  pass.rows_a = rows_by_key(pass.key_a);
  if (!within) {
    pass.rows_b = rows_by_key(pass.key_b);
  }
  const auto& keys_b = within ? pass.key_a : pass.key_b;
  const auto& rows_of_b = within ? pass.rows_a : pass.rows_b;
  std::size_t j = 0;
  for (std::size_t i = 0; i < pass.rows_a.size();) {
    const std::uint64_t key = pass.key_a[pass.rows_a[i]];
    Block block{.key = key, .a_from = static_cast<std::uint32_t>(i)};
    while (i < pass.rows_a.size() && pass.key_a[pass.rows_a[i]] == key) {
      ++i;
    }
    block.a_to = static_cast<std::uint32_t>(i);
    while (j < rows_of_b.size() && keys_b[rows_of_b[j]] < key) {
      ++j;
    }
    block.b_from = static_cast<std::uint32_t>(j);
    while (j < rows_of_b.size() && keys_b[rows_of_b[j]] == key) {
      ++j;
    }
    block.b_to = static_cast<std::uint32_t>(j);
    const std::uint64_t pairs = pairs_of(block, within);
    if (pairs > job.options.block_pairs_max) {
      // Its key must not count as met, or later passes would leave its pairs out as well.
      ++pass.report.blocks_left_out;
      pass.report.pairs_left_out += pairs;
      for (std::uint32_t r = block.a_from; r < block.a_to; ++r) {
        pass.key_a[pass.rows_a[r]] = 0;
      }
    } else if (pairs > 0) {
      pass.blocks.push_back(block);
    }
  }
}

// Before learning: agreement is likely among true pairs, and slips are rarer than the same.
std::vector<FieldModel> Linker::State::start() const {
  std::vector<FieldModel> models;
  for (const LinkField& field : fields) {
    const std::size_t named = level_names(field.spec.kind).size();
    FieldModel one;
    one.m.assign(field.levels(), 0.1 / static_cast<double>(field.levels() - 1));
    one.m[named - 1] = 0.9;
    one.u.assign(field.levels(), 0);
    models.push_back(std::move(one));
  }
  return models;
}

void Linker::State::learn_u(std::vector<FieldModel>& models) const {
  std::uint64_t state = mix(job.options.seed);
  const auto draw = [&](std::size_t below) {
    state = mix(state);
    return static_cast<std::uint32_t>(state % below);
  };
  for (FieldModel& one : models) {
    std::ranges::fill(one.u, 0.5);  // nothing is impossible for having not been drawn
  }
  const std::size_t others = within ? rows_a : rows_b;
  // Where there are fewer pairs than would be drawn, each is taken once.
  const bool draws = rows_a * others > kRandomPairs;
  const std::uint64_t pairs = draws ? kRandomPairs : rows_a * others;
  for (std::uint64_t n = 0; n < pairs; ++n) {
    const std::uint32_t a = draws ? draw(rows_a) : static_cast<std::uint32_t>(n / others);
    const std::uint32_t b = draws ? draw(others) : static_cast<std::uint32_t>(n % others);
    if (within && a == b) {
      continue;
    }
    const Levels levels = compare(a, b);
    for (std::size_t f = 0; f < fields.size(); ++f) {
      if (levels[f] >= 0) {
        models[f].u[static_cast<std::size_t>(levels[f])] += 1;
      }
    }
  }
  for (FieldModel& one : models) {
    const double all = std::accumulate(one.u.begin(), one.u.end(), 0.0);
    for (double& u : one.u) {
      u /= all;
    }
  }
}

std::vector<LinkPattern> Linker::State::count_patterns(const Pass& pass, double& share) const {
  std::uint64_t all = 0;
  for (const Block& block : pass.blocks) {
    all += pairs_of(block, within);
  }
  const std::uint64_t every = all / std::max<std::uint64_t>(1, job.options.training_pairs_max) + 1;
  std::map<Levels, double> counts;
  double seen = 0;
  for (const Block& block : pass.blocks) {
    if (every > 1 && mix(block.key) % every != 0) {
      continue;
    }
    each_pair(pass, block, within, [&](std::uint32_t a, std::uint32_t b) {
      counts[compare(a, b)] += 1;
      seen += 1;
    });
  }
  share = all == 0 ? 0 : seen / static_cast<double>(all);
  std::vector<LinkPattern> patterns;
  for (const auto& [levels, pairs] : counts) {
    patterns.push_back({.levels = levels, .extra_bits = 0, .pairs = pairs});
    for (const auto& [f, part] : pass.spec.parts) {
      patterns.back().levels[f] = kMissingLevel;
    }
  }
  return patterns;
}

void Linker::State::learn_model() {
  model.fields = start();
  learn_u(model.fields);
  std::vector<std::vector<double>> sums(fields.size());
  std::vector<double> weights(fields.size(), 0);
  for (std::size_t f = 0; f < fields.size(); ++f) {
    sums[f].assign(model.fields[f].m.size(), 0);
  }
  double matches_most = 1;
  for (const Pass& pass : passes) {
    double share = 0;
    const auto patterns = count_patterns(pass, share);
    LinkModel first = model;
    first.prior = 0.1;
    const auto learned = estimate_model(patterns, std::move(first), {.fix_u = true});
    if (!learned) {
      continue;  // no pairs meet in this pass
    }
    double pairs = 0;
    for (const LinkPattern& pattern : patterns) {
      pairs += pattern.pairs;
    }
    const double matches = learned->prior * pairs;
    matches_most = std::max(matches_most, matches / share);
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const bool held_out =
          std::ranges::any_of(pass.spec.parts, [&](const auto& part) { return part.first == f; });
      if (!held_out) {
        weights[f] += matches;
        for (std::size_t level = 0; level < sums[f].size(); ++level) {
          sums[f][level] += matches * learned->fields[f].m[level];
        }
      }
    }
  }
  for (std::size_t f = 0; f < fields.size(); ++f) {
    // A half of a true pair for each level: no level is impossible for not having been seen.
    const double all = weights[f] + 0.5 * static_cast<double>(sums[f].size());
    for (std::size_t level = 0; weights[f] > 0 && level < sums[f].size(); ++level) {
      model.fields[f].m[level] = (sums[f][level] + 0.5) / all;
    }
  }
  model.prior = std::clamp(matches_most / pairs_in_all(), 1e-12, 0.5);
}

std::vector<Hit> Linker::State::compare_all() {
  std::vector<std::vector<double>> weights;
  for (const FieldModel& field : model.fields) {
    weights.emplace_back();
    for (std::size_t level = 0; level < field.m.size(); ++level) {
      weights.back().push_back(
          std::log2(std::max(field.m[level], 1e-6) / std::max(field.u[level], 1e-6)));
    }
  }
  const double bits_min = std::log2(kKeptProbability / (1 - kKeptProbability)) -
                          std::log2(model.prior / (1 - model.prior));
  std::vector<Hit> all;
  for (std::size_t p = 0; p < passes.size(); ++p) {
    Pass& pass = passes[p];
    const unsigned workers = threads();
    std::vector<std::vector<Hit>> hits(workers);
    std::vector<std::uint64_t> compared(workers, 0);
    const auto work = [&](unsigned worker) {
      const auto mine = [&](std::size_t block) {
        return static_cast<std::size_t>(static_cast<double>(block) / kBlocksPerTask) % workers ==
               worker;
      };
      std::uint64_t count = 0;
      for (std::size_t n = 0; n < pass.blocks.size(); ++n) {
        if (!mine(n)) {
          continue;
        }
        each_pair(pass, pass.blocks[n], within, [&](std::uint32_t a, std::uint32_t b) {
          if (met_before(p, a, b)) {
            return;
          }
          ++count;
          const Levels levels = compare(a, b);
          const double bits = score(weights, levels, a);
          if (bits >= bits_min) {
            hits[worker].push_back({a, b, bits, levels});
          }
        });
      }
      compared[worker] = count;
    };
    {
      std::vector<std::jthread> others;
      for (unsigned worker = 1; worker < workers; ++worker) {
        others.emplace_back(work, worker);
      }
      work(0);
    }
    for (unsigned worker = 0; worker < workers; ++worker) {
      pass.report.pairs += compared[worker];
      all.insert(all.end(), hits[worker].begin(), hits[worker].end());
    }
  }
  return all;
}

Result<Linker> Linker::create(LinkJob job) {
  ATALAYA_TRY(check_job(job));
  auto state = std::make_unique<State>();
  state->within = !job.b.has_value();
  state->rows_a = job.a.front().size();
  state->rows_b = state->within ? 0 : job.b->front().size();
  for (std::size_t f = 0; f < job.fields.size(); ++f) {
    state->fields.push_back(
        detail::prepare_field(job.fields[f], job.a[f], state->within ? nullptr : &(*job.b)[f]));
  }
  job.a.clear();  // the values live on, once each, in the fields
  job.b.reset();
  state->job = std::move(job);
  return Linker(std::move(state));
}

Linker::Linker(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

Linker::Linker(Linker&&) noexcept = default;
Linker& Linker::operator=(Linker&&) noexcept = default;
Linker::~Linker() = default;

Result<LinkReport> Linker::run() {
  State& state = *state_;
  LinkReport report;
  state.passes.clear();
  if (state.pairs_in_all() < 1) {
    return report;
  }
  for (const BlockingPass& spec : state.job.passes) {
    Pass pass;
    pass.spec = spec;
    pass.report.id = spec.id;
    state.make_keys(pass);
    state.make_blocks(pass);
    state.passes.push_back(std::move(pass));
  }
  state.learn_model();
  const auto hits = state.compare_all();
  // The prior again, now from all that was compared: it was a lower bound from the best pass.
  for (int step = 0; step < 10; ++step) {
    double matches = 1e-3;
    for (const Hit& hit : hits) {
      matches += match_probability(state.model.prior, hit.bits);
    }
    state.model.prior = std::clamp(matches / state.pairs_in_all(), 1e-12, 0.5);
  }
  for (const Hit& hit : hits) {
    const double p = match_probability(state.model.prior, hit.bits);
    if (p >= state.job.options.review_probability_min) {
      report.pairs.push_back({.a = hit.a,
                              .b = hit.b,
                              .bits = hit.bits,
                              .probability = p,
                              .decision = p >= state.job.options.match_probability_min
                                              ? LinkDecision::match
                                              : LinkDecision::review,
                              .levels = hit.levels});
    }
  }
  std::ranges::sort(report.pairs, [](const LinkedPair& x, const LinkedPair& y) {
    return std::tuple(-x.bits, x.a, x.b) < std::tuple(-y.bits, y.a, y.b);
  });
  for (Pass& pass : state.passes) {
    report.pairs_compared += pass.report.pairs;
    report.passes.push_back(pass.report);
  }
  if (state.job.options.one_to_one) {
    report.pairs =
        keep_best(report.pairs, state.rows_a, state.rows_b, state.within, report.pairs_displaced);
  }
  report.model = state.model;
  return report;
}

std::vector<FieldWeight> Linker::explain(const LinkedPair& pair) const {
  std::vector<FieldWeight> lines;
  for (std::size_t f = 0; f < state_->fields.size(); ++f) {
    const LinkField& field = state_->fields[f];
    const auto names = level_names(field.spec.kind);
    FieldWeight line{.field = field.spec.id, .level = "missing"};
    if (pair.levels[f] >= 0) {
      const auto level = static_cast<std::size_t>(pair.levels[f]);
      const FieldModel& model = state_->model.fields[f];
      line.level = level < names.size() ? names[level] : line.level;
      line.bits = std::log2(std::max(model.m[level], 1e-6) / std::max(model.u[level], 1e-6));
      if (level + 1 == names.size()) {
        line.rarity_bits = field.rarity_bits(model, field.a[pair.a]);
        line.bits += line.rarity_bits;
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::uint32_t> link_groups(std::size_t rows, std::span<const LinkedPair> pairs) {
  std::vector<std::uint32_t> parent(rows);
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&](std::uint32_t x) {
    while (parent[x] != x) {
      parent[x] = parent[parent[x]];
      x = parent[x];
    }
    return x;
  };
  for (const LinkedPair& pair : pairs) {
    if (pair.decision == LinkDecision::match) {
      const auto [low, high] = std::minmax({root(pair.a), root(pair.b)});
      parent[high] = low;
    }
  }
  std::vector<std::uint32_t> groups(rows);
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < rows; ++i) {
    const std::uint32_t r = root(i);
    groups[i] = r == i ? next++ : groups[r];
  }
  return groups;
}

}  // namespace atalaya::observatory
