// Observations out of released tables.
#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

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

Result<DataSet> read(const Desk& desk, const Catalogue& catalogue, const Flow& flow,
                     const DataQuery& query, const std::vector<MeantTable>& tables) {
  const auto territories = ATALAYA_TRY(desk.territories());
  Selector selector(flow, query);
  for (const MeantTable& meant : tables) {
    const auto& release = catalogue.releases[meant.ref.release].id;
    auto table = ATALAYA_TRY(desk.release_table(release, meant.ref.position));
    const Release found = ATALAYA_TRY(desk.release(release));
    const auto entry =
        std::ranges::find(found.tables, meant.ref.position, &Release::Entry::position);
    if (entry != found.tables.end()) {
      const auto named = ATALAYA_TRY(detail::query_with_sources(entry->query));
      table.query.source = named.source;
    }
    const LeftOutRows left_out(meant.table, meant.standing);
    std::erase_if(table.cells, [&](const Cell& cell) { return left_out.find(cell) != nullptr; });
    selector.add(*territories, table, static_cast<std::uint32_t>(meant.ref.release));
  }
  return std::move(selector).finish();
}

std::uint64_t cells_of(const std::vector<MeantTable>& tables) {
  std::uint64_t cells = 0;
  for (const MeantTable& table : tables) {
    cells += static_cast<std::uint64_t>(std::max<std::int64_t>(table.ref.cells, 0));
  }
  return cells;
}

// Among tables of one breakdown, which are put in order.
Result<void> weigh(const Desk& desk, const Territories& territories,
                   const std::vector<Submission>& submissions, std::vector<MeantTable>& group) {
  if (group.size() == 1) {
    return {};
  }
  std::map<std::pair<std::string, std::int32_t>, TableRef> refs;
  std::vector<Published> tables;
  for (auto& meant : group) {
    ATALAYA_TRY(read_codes(desk, territories, meant.table));
    refs.emplace(std::pair{meant.table.release, meant.table.position}, std::move(meant.ref));
    tables.push_back(std::move(meant.table));
  }
  put_in_order(tables);
  auto standing = ATALAYA_TRY(standings(territories, submissions, tables, nullptr));
  for (std::size_t i = 0; i < group.size(); ++i) {
    auto& ref = refs.at({tables[i].release, tables[i].position});
    group[i] = {std::move(ref), std::move(tables[i]), std::move(standing[i])};
  }
  return {};
}

// A first part, with what reads the others. Of a history only the first parts are held at once.
Result<DataSet> open_set(const Desk& desk, const Catalogue& catalogue, const Flow& flow,
                         const DataQuery& query, std::vector<MeantTable> tables,
                         const ReadingParts& parts) {
  DataSet set;
  set.flow = &flow;
  set.codes = flow.used;
  set.rest = ATALAYA_TRY(read_in_parts(desk, catalogue, flow, query, std::move(tables), parts));
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

Result<std::vector<MeantTable>> meant_tables(const Desk& desk, const Catalogue& catalogue,
                                             const Flow& flow, const DataQuery& query) {
  // What is read beside a single table: those of its breakdown, with history of its release alone.
  std::map<std::pair<std::size_t, std::string>, std::vector<MeantTable>> together;
  std::map<std::string, Release> releases;
  for (const TableRef& ref : flow.tables) {
    const auto& published = catalogue.releases[ref.release];
    if (query.as_of && published.at > *query.as_of) {
      continue;
    }
    auto at = releases.find(published.id);
    if (at == releases.end()) {
      at = releases.emplace(published.id, ATALAYA_TRY(desk.release(published.id))).first;
    }
    const auto& entries = at->second.tables;
    const auto entry = std::ranges::find(entries, ref.position, &Release::Entry::position);
    if (entry != entries.end()) {
      together[{query.include_history ? ref.release : 0, ref.breakdown}].push_back(
          {ref, ATALAYA_TRY(published_table(at->second, *entry)), {}});
    }
  }
  const auto territories = ATALAYA_TRY(desk.territories());
  std::vector<Submission> submissions;
  if (std::ranges::any_of(together, [](const auto& group) { return group.second.size() > 1; })) {
    submissions = ATALAYA_TRY(desk.submissions());
  }
  std::vector<MeantTable> out;
  for (auto& [key, group] : together) {
    ATALAYA_TRY(weigh(desk, *territories, submissions, group));
    std::ranges::copy_if(group, std::back_inserter(out), [&](const MeantTable& meant) {
      return !meant.standing.is_empty() &&
             (!query.updated_after ||
              catalogue.releases[meant.ref.release].at > *query.updated_after);
    });
  }
  std::ranges::stable_sort(out, {}, [](const MeantTable& meant) {
    return std::tuple(meant.table.synthetic, meant.ref.release, !meant.table.query.shares.empty(),
                      meant.ref.position);
  });
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
  auto all = ATALAYA_TRY(meant_tables(desk, catalogue, flow, query));
  const std::uint64_t cells = cells_of(all);
  if (cells > parts.cells_max) {
    return too_much(cells, parts.cells_max);
  }
  // Without history one set; with it one of each release, oldest first.
  std::map<std::size_t, std::vector<MeantTable>, std::greater<>> by_release;
  for (MeantTable& table : all) {
    by_release[query.include_history ? table.ref.release : 0].push_back(std::move(table));
  }
  ReadingParts each = parts;
  each.at_once = parts.at_once / std::max<std::size_t>(1, by_release.size());
  std::vector<DataSet> sets;
  for (auto& [release, tables] : by_release) {
    DataSet set;
    if (cells <= parts.at_once) {
      set = ATALAYA_TRY(read(desk, catalogue, flow, query, tables));
    } else {
      set = ATALAYA_TRY(open_set(desk, catalogue, flow, query, std::move(tables), each));
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
