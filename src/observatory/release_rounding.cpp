// Rounding instead of hiding: every count of a protected table goes to a neighbouring multiple of
// the policy's base. Then the audit: for each small count whole tables are looked for that agree
// with everything published, past releases included, and show it over at least as many values as
// the base has. What is not found is a leak. Method: docs/methods/disclosure.md.
#include <limits>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/disclosure_reach.hpp>
#include <atalaya/columns/disclosure_rounding.hpp>
#include <atalaya/crypto/hash.hpp>

#include "release_group.hpp"

namespace atalaya::observatory::detail {
namespace {

constexpr std::string_view kSeedKey = "observatory.rounding_seed";
constexpr std::size_t kRoundingLeaksShown = 50;

using Codes = std::vector<std::string>;
using Counts = std::map<Codes, std::int64_t>;

// The same cell by the same name in whatever table it stands: what it counts, and every choice.
std::string cell_name(const Shape& shape, const Codes& codes) {
  std::map<std::string, std::string> parts;
  for (const auto& [name, list] : shape.where) {
    parts[name] = fmt::format("{}", fmt::join(list, "|"));
  }
  for (std::size_t i = 0; i < shape.by.size(); ++i) {
    parts[shape.by[i].name] = codes[i];
  }
  std::string out;
  for (const auto& [name, list] : shape.filter->terms) {
    out += fmt::format("{}:{};", name, fmt::join(list, "|"));
  }
  for (const auto& [name, list] : shape.filter->except) {
    out += fmt::format("not {}:{};", name, fmt::join(list, "|"));
  }
  for (const auto& [name, code] : parts) {
    out += fmt::format("{}={},", name, code);
  }
  return out;
}

struct Rounded {
  std::int64_t value = 0;
  dc::RoundedInterval behind;  // what a reader who knows the method learns from it
};

class Rounder {
 public:
  Rounder(const RoundingTask& task, Protected& out) : task_(task), out_(out) {}

  Result<void> run() {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < task_.placed.size(); ++i) {
      rows_.push_back(task_.group.rows(task_.placed[i].levels, task_.placed[i].shape));
      counts_.push_back(sums_of(rows_.back()));
      rounded_.emplace_back();
      if (!exempt(i)) {
        order.push_back(i);
      }
    }
    // Totals before their parts.
    std::ranges::stable_sort(order, {},
                             [&](std::size_t i) { return task_.placed[i].shape.by.size(); });
    for (const std::size_t i : order) {
      ATALAYA_TRY(round(i));
    }
    ATALAYA_TRY(audit());
    for (const std::size_t i : order) {
      ATALAYA_TRY(apply(i));
    }
    for (const std::size_t i : order) {
      // A true zero has no row, so a zero that has one would tell that there is somebody.
      std::erase_if(task_.tables[task_.placed[i].table].cells,
                    [](const Cell& cell) { return cell.count.value_or(0) == 0; });
    }
    note();
    return {};
  }

 private:
  [[nodiscard]] bool exempt(std::size_t i) const { return task_.group.plan.tables[i].exempt; }

  [[nodiscard]] Counts sums_of(const std::map<Codes, std::vector<std::uint32_t>>& rows) const {
    Counts out;
    for (const auto& [codes, members] : rows) {
      auto& sum = out[codes];
      for (const std::uint32_t row : members) {
        sum += task_.group.plan.base.value[row];
      }
    }
    return out;
  }

  Result<void> round(std::size_t i) {
    const std::int64_t base = task_.plan.rounding;
    auto& rounded = rounded_[i];
    if (task_.plan.method == RoundingMethod::random) {
      for (const auto& [codes, count] : counts_[i]) {
        const auto value =
            dc::round_unbiased(count, base, task_.seed, cell_name(task_.placed[i].shape, codes));
        rounded[codes] = {value, dc::behind_rounded(value, base)};
      }
      return {};
    }
    const auto parent = parent_of(i);
    std::map<Codes, std::vector<Codes>> parts;
    for (const auto& [codes, count] : counts_[i]) {
      parts[parent ? outer_codes(i, *parent, codes) : codes].push_back(codes);
    }
    for (const auto& [outer, members] : parts) {
      ATALAYA_TRY(round_parts(i, parent, outer, members));
    }
    return {};
  }

  Result<void> round_parts(std::size_t i, std::optional<std::size_t> parent, const Codes& outer,
                           const std::vector<Codes>& members) {
    const std::int64_t base = task_.plan.rounding;
    std::vector<std::int64_t> values;
    std::int64_t sum = 0;
    for (const auto& codes : members) {
      values.push_back(counts_[i].at(codes));
      sum += values.back();
    }
    if (parent) {
      const auto total = counts_[*parent].find(outer);
      if (total != counts_[*parent].end() && total->second == sum) {
        const auto rounded =
            ATALAYA_TRY(dc::round_controlled(values, rounded_[*parent].at(outer).value, base));
        for (std::size_t m = 0; m < members.size(); ++m) {
          rounded_[i][members[m]] = {rounded[m], dc::behind_rounded(rounded[m], base)};
        }
        return {};
      }
    }
    for (std::size_t m = 0; m < members.size(); ++m) {
      // To the nearest a count of 1 or 2 would go to 0 and a 0 tell that it is at most 2: below the
      // base chance decides, so that 0 tells less than the base and the base at least one.
      const auto value = values[m] < base
                             ? dc::round_unbiased(values[m], base, task_.seed,
                                                  cell_name(task_.placed[i].shape, members[m]))
                             : dc::round_nearest(values[m], base);
      const std::int64_t low = value > base ? value - base / 2 : std::min<std::int64_t>(value, 1);
      const std::int64_t high = value == 0 ? base - 1 : value + (base + 1) / 2 - 1;
      rounded_[i][members[m]] = {value, {low, high}};
    }
    return {};
  }

  // The table with most dimensions of which this one shows parts.
  [[nodiscard]] std::optional<std::size_t> parent_of(std::size_t i) const {
    const auto& own = task_.placed[i].shape;
    const auto column = [&](const Shape& shape) { return task_.group.column_of(shape); };
    std::optional<std::size_t> best;
    for (std::size_t j = 0; j < task_.placed.size(); ++j) {
      const auto& other = task_.placed[j].shape;
      const bool nests = j != i && !exempt(j) && column(other) == column(own) &&
                         other.by.size() < own.by.size() && other.where == own.where &&
                         other.filter->terms == own.filter->terms &&
                         other.filter->except == own.filter->except && !rounded_[j].empty() &&
                         std::ranges::all_of(
                             other.by,
                             [&](const TableDimension& d) {
                               const auto* same = by_dimension(own, d.name);
                               return same != nullptr && same->level == d.level;
                             });
      if (nests && (!best || other.by.size() > task_.placed[*best].shape.by.size())) {
        best = j;
      }
    }
    return best;
  }

  [[nodiscard]] Codes outer_codes(std::size_t i, std::size_t parent, const Codes& codes) const {
    Codes out;
    for (const auto& dimension : task_.placed[parent].shape.by) {
      const auto at =
          std::ranges::find(task_.placed[i].shape.by, dimension.name, &TableDimension::name);
      out.push_back(codes[static_cast<std::size_t>(at - task_.placed[i].shape.by.begin())]);
    }
    return out;
  }

  // One line a published cell; `asked` are the small counts among the rounded ones.
  Result<void> audit() {
    dc::LineSystem system;
    system.truth = task_.group.plan.base.value;
    std::vector<std::uint32_t> asked;
    std::vector<std::pair<std::size_t, Codes>> cells;
    for (std::size_t i = 0; i < task_.placed.size(); ++i) {
      for (const auto& [codes, members] : rows_[i]) {
        const std::int64_t count = counts_[i].at(codes);
        const auto rounded = rounded_[i].find(codes);
        const bool is_rounded = rounded != rounded_[i].end();
        if (is_rounded && count > 0 && count < task_.group.plan.policy.threshold) {
          asked.push_back(static_cast<std::uint32_t>(system.lines.size()));
          cells.emplace_back(i, codes);
        }
        system.lines.push_back({members, is_rounded ? rounded->second.behind.low : count,
                                is_rounded ? rounded->second.behind.high : count});
      }
    }
    const std::size_t printed = asked.size();
    const auto rests = add_rests(system, asked);
    ATALAYA_TRY(add_past(system));
    const auto reached = ATALAYA_TRY(dc::reached_intervals(system, asked, task_.plan.rounding - 1));
    small_ += asked.size();
    for (std::size_t a = 0; a < asked.size(); ++a) {
      if (reached[a].high - reached[a].low < task_.plan.rounding - 1) {
        ++leaks_;
        if (leaks_ <= kRoundingLeaksShown) {
          a < printed ? note_leak(cells[a].first, cells[a].second, reached[a])
                      : note_leak(rests[a - printed], reached[a]);
        }
      }
    }
    return {};
  }

  struct RestCell {
    json::object cell;
    std::int64_t value = 0;
  };

  // What is left where a part of a figure is taken from it is asked for like a small count. Nobody
  // prints it: of it alone a reader knows nothing.
  std::vector<RestCell> add_rests(dc::LineSystem& system, std::vector<std::uint32_t>& asked) const {
    constexpr std::int64_t kAnything = std::numeric_limits<std::int32_t>::max();
    const auto& base = task_.group.plan.base;
    std::vector<RestCell> out;
    for (const dc::Rest& rest : task_.group.plan.rests) {
      for (const auto& groups : rest.cells) {
        RestCell& one = out.emplace_back();
        dc::KnownLine line;
        for (std::uint32_t row = 0; row < base.value.size(); ++row) {
          bool inside = true;
          bool is_left_out = !rest.without.empty();
          for (std::size_t d = 0; d < groups.size(); ++d) {
            const std::uint32_t code = base.codes[d][row];
            inside = inside && task_.group.group_of(d, rest.level[d], code) == groups[d];
            is_left_out = is_left_out && rest.without[d][code];
          }
          if (inside && !is_left_out) {
            line.members.push_back(row);
            one.value += base.value[row];
          }
        }
        if (line.members.empty()) {
          out.pop_back();
          continue;
        }
        for (std::size_t d = 0; d < groups.size(); ++d) {
          const std::string label = task_.group.labels(d, rest.level[d])[groups[d]];
          if (label != kTotal) {
            one.cell[task_.group.dimension(d).name] = label;
          }
        }
        line.high = one.value + kAnything;
        asked.push_back(static_cast<std::uint32_t>(system.lines.size()));
        system.lines.push_back(std::move(line));
      }
    }
    return out;
  }

  // What readers hold already, as far as it still agrees with today's facts.
  Result<void> add_past(dc::LineSystem& system) const {
    for (const auto* past : task_.past) {
      const Shape shape = shape_of(*past, past->table.indicator->numerator);
      const auto levels = ATALAYA_TRY(task_.group.levels(shape));
      const auto rows = task_.group.rows(levels, shape);
      const auto today = sums_of(rows);
      const std::int64_t base = past->table.rounded_to;
      for (const auto& cell : past->table.cells) {
        const auto at = rows.find(cell.codes);
        if (at == rows.end() || !cell.count) {
          continue;
        }
        const std::int64_t shown = std::llround(*cell.count);
        auto behind =
            base > 0 ? dc::behind_rounded(shown, base) : dc::RoundedInterval{shown, shown};
        const std::int64_t now = today.at(cell.codes);
        // Earlier versions gave a row to what was rounded down and none to a true zero.
        if (base > 0 && shown == 0) {
          behind.low = std::min<std::int64_t>(now, 1);
        }
        if (behind.low <= now && now <= behind.high) {
          system.lines.push_back({at->second, behind.low, behind.high});
        }
      }
    }
    return {};
  }

  void note_leak(std::size_t i, const Codes& codes, const dc::ReachedInterval& reached) {
    json::object cell;
    for (std::size_t d = 0; d < codes.size(); ++d) {
      cell[task_.placed[i].shape.by[d].name] = codes[d];
    }
    add_leak(std::move(cell), counts_[i].at(codes), reached)["table"] =
        static_cast<std::int64_t>(task_.placed[i].table);
  }

  void note_leak(const RestCell& rest, const dc::ReachedInterval& reached) {
    add_leak(rest.cell, rest.value, reached)["rest"] = true;
  }

  json::object& add_leak(json::object cell, std::int64_t value,
                         const dc::ReachedInterval& reached) {
    return out_.audit["leaks"]
        .as_array()
        .emplace_back(json::object{{"kind", reached.low == reached.high ? "unproven" : "narrow"},
                                   {"cell", std::move(cell)},
                                   {"value", value},
                                   {"low", reached.low},
                                   {"high", reached.high},
                                   {"lower_from", json::array()},
                                   {"upper_from", json::array()},
                                   {"past", ""}})
        .as_object();
  }

  Result<void> apply(std::size_t i) {
    const auto& placed = task_.placed[i];
    auto& table = task_.tables[placed.table];
    if (table.rounded_to == 0) {
      table.notes.emplace_back("observatory.note.rounded");
    }
    table.rounded_to = task_.plan.rounding;
    for (auto& cell : table.cells) {
      const auto at = rounded_[i].find(cell.codes);
      const double value = at == rounded_[i].end() ? 0 : static_cast<double>(at->second.value);
      if (placed.whole) {
        cell.population = value;
      } else {
        cell.count = value;
        cell.count_high.reset();
      }
      cell.rate.reset();
      cell.rate_low.reset();
      cell.rate_high.reset();
      cell.adjusted.reset();
      // The mark of few events would tell small counts apart that rounding made alike.
      if (cell.status == CellStatus::unstable || cell.status == CellStatus::no_denominator) {
        cell.status = CellStatus::normal;
      }
      ATALAYA_TRY(fill_rate(cell, *table.indicator));
    }
    return {};
  }

  void note() {
    auto& tables = out_.audit["tables"].as_array();
    for (std::size_t i = 0; i < task_.placed.size(); ++i) {
      const auto& placed = task_.placed[i];
      tables.push_back(json::object{{"table", placed.table},
                                    {"name", placed.shape.name},
                                    {"whole", placed.whole},
                                    {"exempt", exempt(i)},
                                    {"decision", task_.group.plan.tables[i].decision},
                                    {"shown", static_cast<std::int64_t>(counts_[i].size())},
                                    {"primary", 0},
                                    {"complement", 0},
                                    {"zeros_hidden", 0},
                                    {"rounded", static_cast<std::int64_t>(rounded_[i].size())}});
    }
    out_.audit["leaks_in_all"] =
        out_.audit["leaks_in_all"].to_number<std::int64_t>() + static_cast<std::int64_t>(leaks_);
    out_.safe = out_.safe && leaks_ == 0;
    out_.policy["groups"].as_array().push_back(
        json::object{{"threshold", task_.group.plan.policy.threshold},
                     {"scope", "all"},
                     {"rounded_to", task_.plan.rounding},
                     {"small_counts", static_cast<std::int64_t>(small_)},
                     {"past_releases", static_cast<std::int64_t>(task_.past.size())}});
  }

  const RoundingTask& task_;
  Protected& out_;
  std::vector<std::map<Codes, std::vector<std::uint32_t>>> rows_;  // by placed table
  std::vector<Counts> counts_;
  std::vector<std::map<Codes, Rounded>> rounded_;  // empty: published as it is
  std::size_t small_ = 0, leaks_ = 0;
};

}  // namespace

Result<std::uint64_t> rounding_seed(store::Database& database) {
  std::uint64_t seed = 0;
  ATALAYA_TRY(database.write([&](store::Transaction& tx) -> Result<void> {
    const auto rows =
        ATALAYA_TRY(tx.query("SELECT value FROM settings WHERE key = $1", {std::string(kSeedKey)}));
    std::string text = rows.empty() ? std::string() : rows[0].text(0);
    if (text.empty()) {
      std::array<std::uint8_t, 8> random{};
      crypto::random_bytes(random);
      text = to_hex(random);
      ATALAYA_TRY(tx.execute("INSERT INTO settings(key, value) VALUES ($1, $2)",
                             {std::string(kSeedKey), text}));
    }
    seed = std::strtoull(text.c_str(), nullptr, 16);
    return {};
  }));
  return seed;
}

Result<void> round_tables(const RoundingTask& task, Protected& out) {
  return Rounder(task, out).run();
}

}  // namespace atalaya::observatory::detail
