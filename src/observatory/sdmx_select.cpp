// Observations out of released tables.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "sdmx_selector.hpp"

namespace atalaya::observatory::sdmx {
namespace {

std::unexpected<Error> too_much(std::uint64_t found, std::uint64_t most) {
  return fail(Error{ErrorCode::exhausted,
                    "observatory.sdmx.too_much",
                    fmt::format("{} cells are asked for and {} are the most of SDMX-JSON 1.0; ask "
                                "for SDMX-JSON 2.0, CSV or XML, which have no bound, or name codes "
                                "in the key, or give startPeriod and endPeriod",
                                found, most),
                    {{"found", std::to_string(found)}, {"most", std::to_string(most)}}});
}

bool holds(const Condition& condition, std::string_view value) {
  const std::string_view wanted = condition.value;
  switch (condition.op) {
    case Operator::eq:
      return value == wanted;
    case Operator::ne:
      return value != wanted;
    case Operator::lt:
      return value < wanted;
    case Operator::le:
      return value <= wanted;
    case Operator::gt:
      return value > wanted;
    case Operator::ge:
      return value >= wanted;
    case Operator::co:
      return value.contains(wanted);
    case Operator::nc:
      return !value.contains(wanted);
    case Operator::sw:
      return value.starts_with(wanted);
    case Operator::ew:
      return value.ends_with(wanted);
  }
  return false;
}

// Periods compare by their days: 2020-03 lies within 2020, so ge:2020 and le:2020 both hold.
bool holds_in_time(const Condition& condition, const TimeValue& time) {
  const auto bounds = parse_time(condition.value);
  if (!bounds) {
    return holds(condition, time.time);
  }
  switch (condition.op) {
    case Operator::eq:
      return time.begin == bounds->first && time.end == bounds->second;
    case Operator::ne:
      return time.begin != bounds->first || time.end != bounds->second;
    case Operator::lt:
      return time.begin < bounds->first;
    case Operator::le:
      return time.begin < bounds->second;
    case Operator::gt:
      return time.begin >= bounds->second;
    case Operator::ge:
      return time.begin >= bounds->first;
    case Operator::co:
    case Operator::nc:
    case Operator::sw:
    case Operator::ew:
      return holds(condition, time.time);
  }
  return false;
}

template <class Holds>
bool all_hold(const Conditions& conditions, const Holds& holds_one) {
  return std::ranges::all_of(conditions,
                             [&](const auto& any) { return std::ranges::any_of(any, holds_one); });
}

bool is_wanted(const DataQuery& query, const std::vector<std::string>& codes) {
  return query.keys.empty() || std::ranges::any_of(query.keys, [&](const Key& key) {
           for (std::size_t i = 0; i < key.size(); ++i) {
             if (!key[i].empty() && std::ranges::find(key[i], codes[i]) == key[i].end()) {
               return false;
             }
           }
           return true;
         });
}

bool is_meant(const Catalogue& catalogue, const DataQuery& query, const TableRef& table) {
  const UtcTime at = catalogue.releases[table.release].at;
  return (!query.as_of || at <= *query.as_of) &&
         (!query.updated_after || at > *query.updated_after);
}

// Of each shape only the newest release that is meant.
std::vector<TableRef> newest(const Catalogue& catalogue, const Flow& flow, const DataQuery& query) {
  std::map<std::string, std::size_t> taken;  // shape → release
  std::vector<TableRef> out;
  for (const TableRef& table : flow.tables) {
    if (is_meant(catalogue, query, table)) {
      const auto [at, is_new] = taken.emplace(table.shape, table.release);
      if (is_new || at->second == table.release) {
        out.push_back(table);
      }
    }
  }
  return out;
}

Result<DataSet> read(const Desk& desk, const Catalogue& catalogue, const Flow& flow,
                     const DataQuery& query, const std::vector<TableRef>& tables) {
  const auto territories = ATALAYA_TRY(desk.territories());
  Selector selector(flow, query);
  for (const TableRef& ref : tables) {
    const auto& release = catalogue.releases[ref.release].id;
    auto table = ATALAYA_TRY(desk.release_table(release, ref.position));
    const Release found = ATALAYA_TRY(desk.release(release));
    const auto entry = std::ranges::find(found.tables, ref.position, &Release::Entry::position);
    if (entry != found.tables.end()) {
      const auto named = ATALAYA_TRY(detail::query_with_sources(entry->query));
      table.query.source = named.source;
    }
    selector.add(*territories, table, static_cast<std::uint32_t>(ref.release));
  }
  return std::move(selector).finish();
}

std::uint64_t cells_of(const std::vector<TableRef>& tables) {
  std::uint64_t cells = 0;
  for (const TableRef& table : tables) {
    cells += static_cast<std::uint64_t>(std::max<std::int64_t>(table.cells, 0));
  }
  return cells;
}

// A first part, with what reads the others. Of a history only the first parts are held at once.
Result<DataSet> open_set(const Desk& desk, const Catalogue& catalogue, const Flow& flow,
                         const DataQuery& query, const std::vector<TableRef>& tables,
                         const ReadingParts& parts) {
  DataSet set;
  set.flow = &flow;
  set.codes = flow.used;
  set.rest = ATALAYA_TRY(read_in_parts(desk, catalogue, flow, query, tables, parts));
  set.observations = ATALAYA_TRY(set.rest->next());
  return set;
}

}  // namespace

Selector::Selector(const Flow& flow, const DataQuery& query, Keys keys)
    : flow_(flow), query_(query), keys_(keys) {
  for (const auto& [dimension, conditions] : query.where) {
    if (const auto place = flow.place(dimension)) {
      filters_.emplace_back(*place, &conditions);
    } else {
      time_filters_.push_back(&conditions);
    }
  }
  set_.flow = &flow;
  set_.codes.resize(flow.dimensions.size());
  ids_.resize(flow.dimensions.size());
  if (keys_ == Keys::of_all_codes) {
    set_.codes = flow.used;
    for (std::size_t i = 0; i < flow.used.size(); ++i) {
      for (std::size_t code = 0; code < flow.used[i].size(); ++code) {
        ids_[i].emplace(flow.used[i][code], static_cast<std::uint32_t>(code));
      }
    }
  }
}

void Selector::add(const Territories& territories, const Table& table, std::uint32_t release) {
  const CellReader reader(territories, flow_, table.query, table.by);
  const std::string counts = count_unit(*flow_.indicator);
  const auto rates = rate_unit(*flow_.indicator);
  std::vector<std::string> codes;
  for (const Cell& cell : table.cells) {
    const auto time = reader.read(cell, codes);
    if (!time || !in_time(*time)) {
      continue;
    }
    codes.front() = time->frequency;
    for (const bool is_rate : {false, true}) {
      if (is_rate && !rates) {
        continue;
      }
      codes.back() = is_rate ? *rates : counts;
      if (is_wanted(query_, codes) && passes(codes)) {
        add_one(cell, codes, *time, is_rate, release);
      }
    }
  }
}

DataSet Selector::finish() && {
  if (keys_ == Keys::of_what_occurs) {
    sort_codes();
  }
  std::ranges::sort(set_.observations, [](const Observation& a, const Observation& b) {
    return std::tie(a.key, a.begin, a.time) < std::tie(b.key, b.begin, b.time);
  });
  cut_series();
  if (query_.offset > 0) {
    const auto skipped = std::min<std::uint64_t>(query_.offset, set_.observations.size());
    set_.observations.erase(set_.observations.begin(),
                            set_.observations.begin() + static_cast<std::ptrdiff_t>(skipped));
  }
  if (query_.limit && set_.observations.size() > *query_.limit) {
    set_.observations.resize(*query_.limit);
  }
  return std::move(set_);
}

bool Selector::in_time(const TimeValue& time) const {
  return (!query_.from || time.begin >= *query_.from) &&
         (!query_.until || time.begin < *query_.until) &&
         std::ranges::all_of(time_filters_, [&](const Conditions* conditions) {
           return all_hold(*conditions, [&](const Condition& c) { return holds_in_time(c, time); });
         });
}

bool Selector::passes(const std::vector<std::string>& codes) const {
  return std::ranges::all_of(filters_, [&](const auto& filter) {
    return all_hold(*filter.second,
                    [&](const Condition& c) { return holds(c, codes[filter.first]); });
  });
}

void Selector::add_one(const Cell& cell, const std::vector<std::string>& codes,
                       const TimeValue& time, bool is_rate, std::uint32_t release) {
  Observation o;
  std::string whole;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto [at, is_new] =
        ids_[i].emplace(codes[i], static_cast<std::uint32_t>(set_.codes[i].size()));
    if (is_new) {
      set_.codes[i].push_back(codes[i]);
    }
    o.key.push_back(at->second);
    whole.append(reinterpret_cast<const char*>(&at->second), sizeof(at->second));
  }
  if (!taken_.insert(whole + time.time).second) {
    return;
  }
  o.time = time.time;
  o.begin = time.begin;
  o.end = time.end;
  o.status = cell.status;
  o.population = cell.population;
  o.value = is_rate ? cell.rate : cell.count;
  o.lower = is_rate ? cell.rate_low : cell.count_high ? cell.count : std::nullopt;
  o.upper = is_rate ? cell.rate_high : cell.count_high;
  if (cell.status == CellStatus::suppressed) {
    o.value = o.lower = o.upper = o.population = std::nullopt;
  }
  o.is_missing = !o.value;
  if (o.is_missing && o.status != CellStatus::suppressed) {
    o.status = CellStatus::no_denominator;
  }
  o.release = release;
  set_.observations.push_back(std::move(o));
}

// Numbers in the order of the codes, so that keys sort as people expect.
void Selector::sort_codes() {
  for (std::size_t i = 0; i < set_.codes.size(); ++i) {
    std::vector<std::string> sorted = set_.codes[i];
    std::ranges::sort(sorted);
    std::vector<std::uint32_t> moved;
    for (const std::string& code : set_.codes[i]) {
      moved.push_back(
          static_cast<std::uint32_t>(std::ranges::lower_bound(sorted, code) - sorted.begin()));
    }
    for (Observation& o : set_.observations) {
      o.key[i] = moved[o.key[i]];
    }
    set_.codes[i] = std::move(sorted);
  }
}

void Selector::cut_series() {
  if (!query_.first && !query_.last) {
    return;
  }
  std::vector<Observation> kept;
  auto& all = set_.observations;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    while (end < all.size() && all[end].key == all[begin].key) {
      ++end;
    }
    for (std::size_t i = begin; i < end; ++i) {
      const bool among_first = query_.first && i - begin < *query_.first;
      const bool among_last = query_.last && end - i <= *query_.last;
      if (among_first || among_last) {
        kept.push_back(std::move(all[i]));
      }
    }
    begin = end;
  }
  all = std::move(kept);
}

std::vector<TableRef> meant_tables(const Catalogue& catalogue, const Flow& flow,
                                   const DataQuery& query) {
  if (!query.include_history) {
    return newest(catalogue, flow, query);
  }
  std::vector<TableRef> out;
  std::ranges::copy_if(flow.tables, std::back_inserter(out),
                       [&](const TableRef& table) { return is_meant(catalogue, query, table); });
  return out;
}

bool is_held(const Conditions& conditions, std::string_view value) {
  return all_hold(conditions, [&](const Condition& c) { return holds(c, value); });
}

bool is_held(const Conditions& conditions, const TimeValue& time) {
  return all_hold(conditions, [&](const Condition& c) { return holds_in_time(c, time); });
}

Result<std::vector<DataSet>> select_data(const Desk& desk, const Catalogue& catalogue,
                                         const Flow& flow, const DataQuery& query,
                                         const ReadingParts& parts) {
  const auto all = meant_tables(catalogue, flow, query);
  const std::uint64_t cells = cells_of(all);
  if (cells > parts.cells_max) {
    return too_much(cells, parts.cells_max);
  }
  // Without history one set; with it one of each release, oldest first.
  std::map<std::size_t, std::vector<TableRef>, std::greater<>> by_release;
  for (const TableRef& table : all) {
    by_release[query.include_history ? table.release : 0].push_back(table);
  }
  ReadingParts each = parts;
  each.at_once = parts.at_once / std::max<std::size_t>(1, by_release.size());
  std::vector<DataSet> sets;
  for (const auto& [release, tables] : by_release) {
    DataSet set;
    if (cells <= parts.at_once) {
      set = ATALAYA_TRY(read(desk, catalogue, flow, query, tables));
    } else {
      set = ATALAYA_TRY(open_set(desk, catalogue, flow, query, tables, each));
    }
    if (set.observations.empty()) {
      continue;
    }
    if (query.include_history) {
      set.valid_from = catalogue.releases[release].at;
      if (!sets.empty()) {
        sets.back().valid_to = set.valid_from;
      }
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

}  // namespace atalaya::observatory::sdmx
