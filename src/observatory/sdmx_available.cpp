// Which codes a released table still has under a key, without making its cells.
#include <algorithm>
#include <bit>
#include <future>
#include <set>

#include <atalaya/observatory/fact_store.hpp>
#include <atalaya/observatory/sdmx_structures.hpp>

#include "desk_state.hpp"
#include "sdmx_selector.hpp"

namespace atalaya::observatory {

Result<std::shared_ptr<const FactSet>> Desk::release_columns(std::string_view id,
                                                             std::int32_t position) const {
  const Release found = ATALAYA_TRY(release(id));
  const auto at = std::ranges::find(found.tables, position, &Release::Entry::position);
  if (at == found.tables.end()) {
    return fail(Error{ErrorCode::not_found,
                      "observatory.release.table",
                      "the release has no such table",
                      {{"release", std::string(id)}, {"table", std::to_string(position)}}});
  }
  return state_->segment(at->segment);
}

namespace sdmx {
namespace {

// Of a cell two observations can be made: its count and its rate.
constexpr std::uint8_t kCount = 1;
constexpr std::uint8_t kRate = 2;
constexpr std::size_t kRowsAtOnce = 1U << 15U;
constexpr std::uint64_t kSeriesCounted = std::uint64_t{1} << 31U;  // 256 MB of bits

struct Column {
  std::shared_ptr<const columns::RawColumn> rows;  // read when rows must be gone through
  std::vector<std::string> codes;                  // SDMX's, per code
  std::optional<std::size_t> dimension;            // of the flow; none for the period
  std::vector<std::uint8_t> present;               // per code, of what units
};

class TableScan {
 public:
  TableScan(const Desk& desk, const Flow& flow, const DataQuery& query)
      : desk_(desk), flow_(flow), query_(query) {}

  Result<void> run(std::string_view release, const MeantTable& meant, Availability& out,
                   std::vector<std::set<std::string>>& used, std::set<std::string>& times) {
    const TableRef& ref = meant.ref;
    standing_ = &meant.standing;
    set_ = ATALAYA_TRY(desk_.release_columns(release, ref.position));
    if (set_->rows() == 0) {
      return {};
    }
    ATALAYA_TRY(read_query(release, ref));
    ATALAYA_TRY(open_columns());
    const auto wanted = wanted_units();
    ATALAYA_TRY(go_through(wanted, out));
    collect(out, used, times);
    return {};
  }

 private:
  using Tables = std::vector<std::vector<std::uint8_t>>;  // per column and code, units allowed

  Result<void> read_query(std::string_view release, const TableRef& ref) {
    const Release found = ATALAYA_TRY(desk_.release(release));
    for (const auto& entry : found.tables) {
      if (entry.position == ref.position) {
        table_ = ATALAYA_TRY(detail::query_with_sources(entry.query));
      }
    }
    return {};
  }

  Result<void> open_columns() {
    const auto territories = ATALAYA_TRY(desk_.territories());
    const CellReader reader(*territories, flow_, table_, table_.by);
    const auto stored = ATALAYA_TRY(stored_codes(*set_, table_));
    const auto named = named_codes(RowNames(*territories, table_, stored), stored);
    Cell cell;
    for (const auto& by : table_.by) {
      Column column;
      cell.codes.push_back(named[columns_.size()].front());
      for (std::size_t i = 0; i < flow_.dimensions.size(); ++i) {
        if (flow_.dimensions[i].ours == by.name) {
          column.dimension = i;
        }
      }
      columns_.push_back(std::move(column));
    }
    fixed_time_ = reader.read(cell, fixed_);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      auto& column = columns_[c];
      const auto& name = table_.by[c].name;
      for (const std::string& text : named[c]) {
        column.codes.push_back(code_id(*territories, name, text));
        if (name == "period") {
          period_ = c;
          periods_.push_back(time_of_row(text));
        }
      }
    }
    return {};
  }

  [[nodiscard]] bool is_in_time(const std::optional<TimeValue>& time) const {
    if (!time || (query_.from && time->begin < *query_.from) ||
        (query_.until && time->begin >= *query_.until)) {
      return false;
    }
    return std::ranges::all_of(query_.where, [&](const auto& filter) {
      return flow_.place(filter.first) || is_held(filter.second, *time);
    });
  }

  // A code under one key (null: any) and the filters.
  [[nodiscard]] bool is_allowed(const Key* key, std::size_t dimension,
                                std::string_view code) const {
    if (key != nullptr && !(*key)[dimension].empty() &&
        std::ranges::find((*key)[dimension], code) == (*key)[dimension].end()) {
      return false;
    }
    return std::ranges::all_of(query_.where, [&](const auto& filter) {
      return flow_.place(filter.first) != dimension || is_held(filter.second, code);
    });
  }

  [[nodiscard]] std::uint8_t units_of(const Key* key) const {
    const std::size_t last = flow_.dimensions.size() - 1;
    const auto rate = rate_unit(*flow_.indicator);
    std::uint8_t out = is_allowed(key, last, count_unit(*flow_.indicator)) ? kCount : 0;
    if (rate && is_allowed(key, last, *rate)) {
      out |= kRate;
    }
    return out;
  }

  // What one key allows of each column's codes. Empty: nothing of this table.
  [[nodiscard]] Tables allowed_by(const Key* key) const {
    const std::uint8_t units = units_of(key);
    if (units == 0) {
      return {};
    }
    for (std::size_t i = 1; i + 1 < flow_.dimensions.size(); ++i) {
      const bool is_column = std::ranges::any_of(
          columns_, [&](const Column& column) { return column.dimension == i; });
      if (!is_column && !is_allowed(key, i, fixed_[i])) {
        return {};
      }
    }
    if (!period_ && (!is_in_time(fixed_time_) || !is_allowed(key, 0, fixed_time_->frequency))) {
      return {};
    }
    Tables out;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      std::vector<std::uint8_t> codes;
      for (std::size_t code = 0; code < columns_[c].codes.size(); ++code) {
        const bool fits = c == period_ ? is_in_time(periods_[code]) &&
                                             is_allowed(key, 0, periods_[code]->frequency)
                          : columns_[c].dimension
                              ? is_allowed(key, *columns_[c].dimension, columns_[c].codes[code])
                              : true;
        codes.push_back(fits ? units : 0);
      }
      out.push_back(std::move(codes));
    }
    return out;
  }

  [[nodiscard]] std::vector<Tables> wanted_units() const {
    std::vector<Tables> out;
    if (query_.keys.empty()) {
      out.push_back(allowed_by(nullptr));
    }
    for (const Key& key : query_.keys) {
      out.push_back(allowed_by(&key));
    }
    std::erase_if(out, [&](const Tables& tables) { return tables.empty() && !columns_.empty(); });
    return out;
  }

  // Two columns at a time: they are unpacked from their file, and that is most of the work.
  Result<void> read_rows() {
    std::vector<std::future<Result<std::shared_ptr<const columns::RawColumn>>>> reading;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      reading.push_back(
          std::async(std::launch::async, [this, c] { return set_->column(table_.by[c].name); }));
    }
    Result<void> out;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      auto read = reading[c].get();
      if (read) {
        columns_[c].rows = *std::move(read);
      } else {
        out = fail(std::move(read).error());
      }
    }
    return out;
  }

  template <class Each>
  static void each_code(const columns::Codes& codes, std::size_t begin, std::size_t end,
                        const Each& each) {
    std::visit(
        [&](const auto& list) {
          for (std::size_t row = begin; row < end; ++row) {
            each(row - begin, list[row]);
          }
        },
        codes);
  }

  Result<void> go_through(const std::vector<Tables>& wanted, Availability& out) {
    for (auto& column : columns_) {
      column.present.assign(column.codes.size(), 0);
    }
    if (wanted.empty()) {
      return {};
    }
    ATALAYA_TRY(read_rows());
    count_series_from_nothing();
    const std::size_t rows = set_->rows();
    std::vector<std::uint8_t> units(kRowsAtOnce);
    std::vector<std::uint8_t> one(kRowsAtOnce);
    for (std::size_t begin = 0; begin < rows; begin += kRowsAtOnce) {
      const std::size_t end = std::min(rows, begin + kRowsAtOnce);
      std::ranges::fill(units, std::uint8_t{0});
      for (const Tables& tables : wanted) {
        std::ranges::fill(one, std::uint8_t{kCount | kRate});
        for (std::size_t c = 0; c < columns_.size(); ++c) {
          const auto& table = tables[c];
          each_code(columns_[c].rows->codes, begin, end,
                    [&](std::size_t row, std::size_t code) { one[row] &= table[code]; });
        }
        for (std::size_t row = 0; row < end - begin; ++row) {
          units[row] |= one[row];
        }
      }
      leave_out(begin, end, units);
      for (auto& column : columns_) {
        each_code(column.rows->codes, begin, end,
                  [&](std::size_t row, std::size_t code) { column.present[code] |= units[row]; });
      }
      for (std::size_t row = 0; row < end - begin; ++row) {
        out.observations += static_cast<std::uint64_t>(std::popcount(units[row]));
      }
      count_series(begin, end, units, out);
    }
    return {};
  }

  // What newer tables leave of this one.
  void leave_out(std::size_t begin, std::size_t end, std::vector<std::uint8_t>& units) const {
    for (const auto& rows : standing_->left_out) {
      std::vector<std::uint8_t> is_left_out(end - begin, 1);
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        each_code(columns_[c].rows->codes, begin, end, [&](std::size_t row, std::size_t code) {
          is_left_out[row] &= rows.marks[c][code];
        });
      }
      for (std::size_t row = 0; row < end - begin; ++row) {
        units[row] = is_left_out[row] != 0 ? std::uint8_t{0} : units[row];
      }
    }
  }

  // A series is a cell's codes but its period's, for one unit: a bit each, where there is room.
  void count_series_from_nothing() {
    std::uint64_t product = 2;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c != period_ && product <= kSeriesCounted) {
        product *= std::max<std::size_t>(1, columns_[c].codes.size());
      }
    }
    series_.assign(product <= kSeriesCounted ? (product + 63) / 64 : 0, 0);
  }

  void count_series(std::size_t begin, std::size_t end, const std::vector<std::uint8_t>& units,
                    Availability& out) {
    if (series_.empty()) {
      return;
    }
    std::vector<std::uint32_t> index(end - begin, 0);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c != period_) {
        const auto size = static_cast<std::uint32_t>(columns_[c].codes.size());
        each_code(columns_[c].rows->codes, begin, end, [&](std::size_t row, std::size_t code) {
          index[row] = index[row] * size + static_cast<std::uint32_t>(code);
        });
      }
    }
    for (std::size_t row = 0; row < index.size(); ++row) {
      for (const std::uint8_t unit : {kCount, kRate}) {
        if ((units[row] & unit) == 0) {
          continue;
        }
        const std::uint64_t bit = std::uint64_t{index[row]} * 2 + (unit == kRate ? 1 : 0);
        auto& word = series_[bit / 64];
        const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
        out.series += (word & mask) == 0 ? 1U : 0U;
        word |= mask;
      }
    }
  }

  void note_time(const TimeValue& time, Availability& out, std::vector<std::set<std::string>>& used,
                 std::set<std::string>& times) const {
    const CivilDate last = day_before(time.end);
    used.front().insert(time.frequency);
    times.insert(time.time);
    out.time = out.time ? std::pair{std::min(out.time->first, time.begin),
                                    std::max(out.time->second, last)}
                        : std::pair{time.begin, last};
  }

  void collect(Availability& out, std::vector<std::set<std::string>>& used,
               std::set<std::string>& times) const {
    std::uint8_t units = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      for (std::size_t code = 0; code < columns_[c].codes.size(); ++code) {
        if (columns_[c].present[code] == 0) {
          continue;
        }
        units |= columns_[c].present[code];
        if (columns_[c].dimension) {
          used[*columns_[c].dimension].insert(columns_[c].codes[code]);
        }
        if (c == period_ && periods_[code]) {
          note_time(*periods_[code], out, used, times);
        }
      }
    }
    if (units == 0) {
      return;
    }
    for (std::size_t i = 1; i + 1 < flow_.dimensions.size(); ++i) {
      const bool is_column = std::ranges::any_of(
          columns_, [&](const Column& column) { return column.dimension == i; });
      if (!is_column) {
        used[i].insert(fixed_[i]);
      }
    }
    if (!period_ && fixed_time_) {
      note_time(*fixed_time_, out, used, times);
    }
    if ((units & kCount) != 0) {
      used.back().insert(count_unit(*flow_.indicator));
    }
    if ((units & kRate) != 0) {
      used.back().insert(rate_unit(*flow_.indicator).value_or(std::string()));
    }
  }

  const Desk& desk_;
  const Flow& flow_;
  const DataQuery& query_;
  const Standing* standing_ = nullptr;
  std::shared_ptr<const FactSet> set_;
  TableQuery table_;
  std::vector<Column> columns_;
  std::optional<std::size_t> period_;              // the column of periods
  std::vector<std::optional<TimeValue>> periods_;  // of its codes
  std::vector<std::string> fixed_;                 // codes of what is no column
  std::optional<TimeValue> fixed_time_;
  std::vector<std::uint64_t> series_;
};

}  // namespace

Result<Availability> find_availability(const Desk& desk, const Catalogue& catalogue,
                                       const Flow& flow, const DataQuery& query,
                                       const std::vector<std::string>& components,
                                       std::uint64_t listed) {
  const auto tables = ATALAYA_TRY(meant_tables(desk, catalogue, flow, query));
  std::uint64_t cells = 0;
  for (const auto& table : tables) {
    cells += static_cast<std::uint64_t>(std::max<std::int64_t>(table.ref.cells, 0));
  }
  if (cells <= listed) {
    const auto sets =
        ATALAYA_TRY(select_data(desk, catalogue, flow, query, {.at_once = UINT64_MAX}));
    return availability_of(flow, sets, components);
  }
  Availability out;
  out.flow = &flow;
  std::vector<std::set<std::string>> used(flow.dimensions.size());
  std::set<std::string> times;
  for (const auto& table : tables) {
    TableScan scan(desk, flow, query);
    ATALAYA_TRY(scan.run(catalogue.releases[table.ref.release].id, table, out, used, times));
  }
  const auto wanted = [&](std::string_view id) {
    return components.empty() || std::ranges::find(components, id) != components.end();
  };
  if (wanted(kTime)) {
    out.times.assign(times.begin(), times.end());
  } else {
    out.time.reset();
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (wanted(flow.dimensions[i].id)) {
      out.values.emplace_back(flow.dimensions[i].id,
                              std::vector<std::string>(used[i].begin(), used[i].end()));
    }
  }
  return out;
}

}  // namespace sdmx
}  // namespace atalaya::observatory
