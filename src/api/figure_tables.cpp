#include "figure_tables.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/observatory/released.hpp>
#include <atalaya/observatory/rows.hpp>

namespace atalaya::api {
namespace {

using observatory::Cell;
using observatory::Desk;
using observatory::Release;
using observatory::Table;
using observatory::TableDimension;
using observatory::TableQuery;

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::array* array_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? &value->get_array() : nullptr;
}

TableQuery query_of(const Release::Entry& entry, std::string_view release) {
  TableQuery query;
  query.indicator = entry.indicator;
  query.release = release;
  query.source = text_of(entry.query, "source");
  query.population = text_of(entry.query, "population");
  if (const auto* by = array_of(entry.query, "by"); by != nullptr) {
    for (const auto& dimension : *by) {
      if (const auto* object = dimension.if_object(); object != nullptr) {
        query.by.push_back({text_of(*object, "dimension"), text_of(*object, "level")});
      }
    }
  }
  if (const auto* where = array_of(entry.query, "where"); where != nullptr) {
    for (const auto& term : *where) {
      const auto* object = term.if_object();
      const auto* codes = object == nullptr ? nullptr : array_of(*object, "codes");
      if (codes == nullptr) {
        continue;
      }
      std::vector<std::string> texts;
      for (const auto& code : *codes) {
        texts.emplace_back(code.is_string() ? std::string_view(code.get_string())
                                            : std::string_view());
      }
      query.where.emplace_back(text_of(*object, "dimension"), std::move(texts));
    }
  }
  // Releases of earlier versions do not say it, and have crude rates.
  if (const auto rate = observatory::parse_rate(text_of(entry.query, "rate"))) {
    query.rate = *rate;
  }
  return query;
}

// The titles of the submissions whose facts the table rests on.
std::vector<std::string> sources_of(const Release& release, const Release::Entry& entry,
                                    Language language) {
  std::set<std::int64_t> ids;
  if (const auto* list = array_of(entry.query, "submissions"); list != nullptr) {
    for (const auto& id : *list) {
      ids.insert(id.is_int64() ? id.get_int64() : 0);
    }
  }
  std::vector<std::string> titles;
  for (const auto& value : release.submissions) {
    const auto* object = value.if_object();
    const auto* id = object == nullptr ? nullptr : object->if_contains("id");
    if (id == nullptr || !id->is_int64() || !ids.contains(id->get_int64())) {
      continue;
    }
    const auto* translated = object->if_contains("titles");
    std::string title = text_of(*object, "title");
    if (translated != nullptr && translated->is_object()) {
      title = observatory::words_in(translated->get_object(), language, title);
    }
    if (std::ranges::find(titles, title) == titles.end()) {
      titles.push_back(std::move(title));
    }
  }
  return titles;
}

std::vector<std::string> source_ids_of(const Release::Entry& entry) {
  if (const std::string one = text_of(entry.query, "source"); !one.empty()) {
    return {one};
  }
  std::set<std::string> ids;
  if (const auto* list = array_of(entry.query, "sources"); list != nullptr) {
    for (const auto& id : *list) {
      ids.insert(id.is_string() ? std::string(id.get_string()) : std::string());
    }
  }
  return {ids.begin(), ids.end()};
}

bool has(const TableQuery& query, std::string_view dimension) {
  return std::ranges::any_of(query.by, [&](const auto& d) { return d.name == dimension; });
}

// Whether the table is broken down by these and nothing else; territory may or may not be there.
bool keeps_only(const TableQuery& query, const std::vector<std::string>& dimensions) {
  const std::size_t n = query.by.size() - (has(query, "territory") ? 1 : 0);
  return n == dimensions.size() &&
         std::ranges::all_of(dimensions, [&](const auto& name) { return has(query, name); });
}

// Whether nothing but places and periods was chosen: else it is no figure of everybody.
bool is_whole(const TableQuery& query) {
  return std::ranges::all_of(query.where, [](const auto& term) {
    return term.first == "territory" || term.first == "period";
  });
}

bool is_country(std::string_view code) {
  return code.size() == 3 && !code.starts_with('_');
}

std::vector<std::string> codes_of(const Table& table, std::string_view dimension) {
  std::set<std::string> codes;
  for (std::size_t place = 0; place < table.by.size(); ++place) {
    for (const auto& cell : table.cells) {
      if (table.by[place].name == dimension) {
        codes.insert(cell.codes[place]);
      }
    }
  }
  return {codes.begin(), codes.end()};
}

std::size_t place_of(const Table& table, std::string_view dimension) {
  const auto at = std::ranges::find(table.by, dimension, &TableDimension::name);
  return static_cast<std::size_t>(at - table.by.begin());
}

// Years in which at least two thirds as many places have a number as in the fullest; newest. What
// an indicator shows are rates, else counts; whole periods go before others.
std::string fullest_period(const Table& table) {
  const std::size_t place = place_of(table, "period");
  const bool is_rate = table.indicator->denominator.kind != observatory::DenominatorKind::none;
  const auto count_by_period = [&](bool whole, bool with_rate) {
    std::map<std::string, std::size_t> counts;
    for (const auto& cell : table.cells) {
      if ((!whole || cell.sent.empty()) && (!with_rate || cell.rate)) {
        ++counts[cell.codes[place]];
      }
    }
    return counts;
  };
  auto counts = count_by_period(true, is_rate);
  counts = counts.empty() ? count_by_period(true, false) : std::move(counts);
  counts = counts.empty() ? count_by_period(false, false) : std::move(counts);
  std::size_t most = 0;
  for (const auto& [period, n] : counts) {
    most = std::max(most, n);
  }
  for (auto at = counts.rbegin(); at != counts.rend(); ++at) {
    if (at->second * 3 >= most * 2) {
      return at->first;
    }
  }
  return {};
}

const HeldTable* held_at(const FigureBase& base,
                         const std::pair<std::string, std::int32_t>& place) {
  const auto at = std::ranges::find_if(base.held, [&](const HeldTable& held) {
    return held.release == place.first && held.position == place.second;
  });
  return at == base.held.end() ? nullptr : &*at;
}

// What was chosen of dimensions that are no column.
TableQuery without_chosen_rows(TableQuery query) {
  std::erase_if(query.where, [&](const auto& term) { return has(query, term.first); });
  return query;
}

// What all released tables with the breakdown of `held` hold together, of some rows or of all, of
// one source or of those that make one series; `slice.held` is then the first of them, with the
// releases and sources of each.
Result<void> read_together(const Desk& desk, const FigureBase& base, const HeldTable& held,
                           const std::vector<std::pair<std::string, std::string>>& rows,
                           FigureSlice& slice, const std::string& source = {}) {
  TableQuery query;
  query.source = source;
  query.indicator = held.query.indicator;
  query.by = held.query.by;
  query.where = without_chosen_rows(held.query).where;
  for (const auto& [name, code] : rows) {
    query.where.emplace_back(name, std::vector{code});
  }
  if (held.query.rate.kind == observatory::RateKind::smoothed) {
    query.rate = held.query.rate;
  }
  auto answer = ATALAYA_TRY(observatory::answer_released(desk, query));
  slice.table = std::move(answer.table);
  slice.held = held;
  std::vector<std::string> releases;
  std::vector<std::string> sources;
  std::vector<std::string> ids;
  const auto add = [](std::vector<std::string>& list, const std::string& text) {
    if (std::ranges::find(list, text) == list.end()) {
      list.push_back(text);
    }
  };
  for (const auto& place : answer.tables) {
    if (const auto* used = held_at(base, place)) {
      slice.held = releases.empty() ? *used : slice.held;
      add(releases, used->release_name);
      std::ranges::for_each(used->sources, [&](const auto& title) { add(sources, title); });
      std::ranges::for_each(used->source_ids, [&](const auto& id) { add(ids, id); });
    }
  }
  if (!releases.empty()) {
    slice.held.release_name = fmt::format("{}", fmt::join(releases, "; "));
    slice.held.sources = std::move(sources);
    std::ranges::sort(ids);
    slice.held.source_ids = std::move(ids);
  }
  return {};
}

// The breakdown and the rows that are no column: what the tables have that are read together.
std::string shape_of(const TableQuery& query) {
  return by_text(query) + " " + where_text(without_chosen_rows(query)) + " " +
         (query.rate.kind == observatory::RateKind::smoothed ? rate_text(query.rate) : "");
}

bool is_same_table(const TableQuery& a, const TableQuery& b) {
  return a.indicator == b.indicator && by_text(a) == by_text(b) && where_text(a) == where_text(b) &&
         a.source == b.source && a.population == b.population;
}

bool is_same_cell(const Cell& a, const Cell& b) {
  return a.count == b.count && a.population == b.population && a.status == b.status;
}

}  // namespace

Result<FigureBase> figure_base(const Desk& desk, std::string_view country, Language language) {
  FigureBase base;
  base.indicators = &desk.indicators();
  base.country = country;
  base.territories = ATALAYA_TRY(desk.territories());
  base.releases = ATALAYA_TRY(desk.releases());
  for (auto& release : base.releases) {
    release.name = observatory::words_in(release.names, language, release.name);
    for (const auto& entry : release.tables) {
      base.held.push_back({release.id, release.name, release.published_at, release.synthetic,
                           entry.position, query_of(entry, release.id), entry.cells,
                           entry.suppressed, sources_of(release, entry, language),
                           source_ids_of(entry)});
    }
  }
  return base;
}

Table fixed(const Table& table, std::string_view dimension, std::string_view code) {
  const std::size_t place = place_of(table, dimension);
  if (place >= table.by.size()) {
    return table;
  }
  Table out = table;
  out.cells.clear();
  for (const auto& cell : table.cells) {
    if (cell.codes[place] == code) {
      out.cells.push_back(cell);
      out.cells.back().codes.erase(out.cells.back().codes.begin() +
                                   static_cast<std::ptrdiff_t>(place));
    }
  }
  out.by.erase(out.by.begin() + static_cast<std::ptrdiff_t>(place));
  std::ranges::sort(out.cells, {}, &Cell::codes);
  // What other sources have is known by country and year.
  std::erase_if(out.elsewhere, [&](const observatory::ElsewhereYears& e) {
    return dimension == "territory" && e.territory != code;
  });
  return out;
}

std::size_t keep_whole_periods(Table& table) {
  const auto by = std::ranges::find(table.by, "period", &TableDimension::name);
  const auto place = static_cast<std::size_t>(by - table.by.begin());
  auto kind = observatory::parse_period_kind(by->level);
  std::map<observatory::PeriodKind, std::size_t> rows;
  for (const Cell& cell : table.cells) {
    if (const auto period = observatory::parse_period(cell.codes[place])) {
      ++rows[period->kind];
    }
  }
  if (!kind && !rows.empty()) {
    kind =
        std::ranges::max_element(rows, {}, [](const auto& entry) { return entry.second; })->first;
  }
  const auto gone = std::erase_if(table.cells, [&](const Cell& cell) {
    const auto period = observatory::parse_period(cell.codes[place]);
    return !period || period->kind != kind;
  });
  const auto is_partly = [](const Cell& cell) { return !cell.sent.empty(); };
  return std::ranges::all_of(table.cells, is_partly) ? gone
                                                     : gone + std::erase_if(table.cells, is_partly);
}

namespace {

std::string period_level(const TableQuery& query) {
  const auto at = std::ranges::find(query.by, "period", &TableDimension::name);
  return at == query.by.end() ? std::string() : at->level;
}

// Can a row of the table be all of the territory?
bool may_hold(const FigureBase& base, const TableQuery& query, std::string_view territory) {
  const auto by = std::ranges::find(query.by, "territory", &TableDimension::name);
  if (by == query.by.end()) {
    return std::ranges::any_of(query.where, [&](const auto& term) {
      return term.first == "territory" && term.second.size() == 1 &&
             term.second.front() == territory;
    });
  }
  // A country without subdivisions stands for itself among those of others.
  const auto& territories = *base.territories;
  return by->level.empty() || by->level == territories.level(territory) ||
         territories.children(territory).empty();
}

std::set<std::string> periods_of(const FigureSlice& slice) {
  const auto codes = codes_of(slice.table, "period");
  return {codes.begin(), codes.end()};
}

// What speaks first: real figures, then whole periods, then the newest of them.
auto rank(const FigureSlice& slice) {
  const bool whole =
      std::ranges::any_of(slice.table.cells, [](const Cell& cell) { return cell.sent.empty(); });
  return std::tuple(!slice.held.synthetic, whole, *periods_of(slice).rbegin());
}

// The series that speaks, and what the others have that it has not.
std::optional<FigureSlice> first_of(std::vector<FigureSlice> found) {
  if (found.empty()) {
    return std::nullopt;
  }
  const auto best = std::ranges::max_element(found, {}, rank);  // the first of equal ones
  FigureSlice out = std::move(*best);
  found.erase(best);
  const auto have = periods_of(out);
  for (auto& other : found) {
    OtherSeries named{std::move(other.held), {}};
    std::ranges::set_difference(periods_of(other), have, std::back_inserter(named.periods));
    if (!named.periods.empty() && named.held.source_ids != out.held.source_ids) {
      out.others.push_back(std::move(named));
    }
  }
  return out;
}

}  // namespace

Result<std::optional<FigureSlice>> find_series(const Desk& desk, const FigureBase& base,
                                               std::string_view indicator,
                                               std::string_view territory,
                                               const std::vector<std::string>& keep,
                                               std::string_view level) {
  std::vector<std::string> dimensions = keep;
  dimensions.emplace_back("period");
  std::set<std::string> read;  // breakdowns, and those with one source
  std::vector<FigureSlice> found;
  const auto with_sources = [](const HeldTable& held) {
    return fmt::format("{} {}", shape_of(held.query), fmt::join(held.source_ids, "@"));
  };
  for (const auto& held : base.held) {
    if (held.query.indicator != indicator || !keeps_only(held.query, dimensions) ||
        !is_whole(held.query) || !may_hold(base, held.query, territory)) {
      continue;
    }
    const std::string own_level = period_level(held.query);
    if (!found.empty() ? own_level != period_level(found.front().held.query)
                       : !level.empty() && own_level != level) {
      continue;
    }
    const bool is_first = read.insert(shape_of(held.query)).second;
    const bool is_new = read.insert(with_sources(held)).second;
    if (!is_first && (!is_new || held.source_ids.size() != 1)) {
      continue;
    }
    const bool by_territory = has(held.query, "territory");
    FigureSlice slice;
    slice.territory = territory;
    std::vector<std::pair<std::string, std::string>> rows;
    if (by_territory) {
      rows.emplace_back("territory", territory);
    }
    ATALAYA_TRY(read_together(desk, base, held, rows, slice,
                              is_first ? std::string() : held.source_ids.front()));
    read.insert(with_sources(slice.held));
    if (by_territory) {
      slice.table = fixed(slice.table, "territory", territory);
    }
    std::ranges::copy_if(slice.table.cells, std::back_inserter(slice.partly),
                         [](const Cell& cell) { return !cell.sent.empty(); });
    keep_whole_periods(slice.table);
    if (!slice.table.cells.empty()) {
      found.push_back(std::move(slice));
    }
  }
  return first_of(std::move(found));
}

Result<std::optional<FigureSlice>> find_across(const Desk& desk, const FigureBase& base,
                                               std::string_view indicator,
                                               std::string_view period) {
  std::set<std::string> read;
  for (const auto& held : base.held) {
    if (held.query.indicator != indicator || !has(held.query, "territory") ||
        !keeps_only(held.query, {"period"}) || !is_whole(held.query) ||
        !read.insert(shape_of(held.query)).second) {
      continue;
    }
    FigureSlice slice;
    ATALAYA_TRY(read_together(desk, base, held, {}, slice));
    keep_whole_periods(slice.table);
    const std::size_t place = place_of(slice.table, "territory");
    std::erase_if(slice.table.cells,
                  [&](const Cell& cell) { return !is_country(cell.codes[place]); });
    if (codes_of(slice.table, "territory").size() < 2) {
      continue;
    }
    slice.choices = codes_of(slice.table, "period");
    const bool known = std::ranges::find(slice.choices, period) != slice.choices.end();
    slice.period = known ? std::string(period) : fullest_period(slice.table);
    slice.table = fixed(slice.table, "period", slice.period);
    return std::optional<FigureSlice>(std::move(slice));
  }
  return std::optional<FigureSlice>();
}

namespace {

bool is_of_places(const HeldTable& held, std::string_view indicator) {
  return held.query.indicator == indicator && has(held.query, "territory") &&
         keeps_only(held.query, {"period"}) && is_whole(held.query);
}

}  // namespace

Result<std::optional<FigureSlice>> find_below(const Desk& desk, const FigureBase& base,
                                              std::string_view indicator, std::string_view place,
                                              const BelowAsked& asked) {
  const auto& territories = *base.territories;
  const bool all = asked.municipalities && territories.level(place) == "country";
  const auto is_below = [&](const std::string& code) {
    return all ? territories.level(code) == "admin2" &&
                     territories.ancestor(code, "country") == place
               : !observatory::is_composed(code) && territories.parent(code) == place;
  };
  // Of small places smoothed rates say more than crude ones, where they were published.
  std::vector<const HeldTable*> fit;
  for (const auto& held : base.held) {
    if (is_of_places(held, indicator)) {
      fit.push_back(&held);
    }
  }
  if (all || territories.level(place) == "admin1") {
    std::ranges::stable_partition(fit, [](const HeldTable* held) {
      return held->query.rate.kind == observatory::RateKind::smoothed;
    });
  }
  std::set<std::string> read;
  for (const HeldTable* held : fit) {
    if (!read.insert(shape_of(held->query)).second) {
      continue;
    }
    FigureSlice slice;
    slice.territory = place;
    ATALAYA_TRY(read_together(desk, base, *held, {{"territory", std::string(place)}}, slice));
    const std::size_t at = place_of(slice.table, "territory");
    std::erase_if(slice.table.cells, [&](const Cell& cell) { return !is_below(cell.codes[at]); });
    Table whole = slice.table;
    keep_whole_periods(whole);
    if (whole.cells.empty()) {
      continue;
    }
    const std::size_t column = place_of(slice.table, "period");
    const auto kind_of = [&](const Cell& cell) {
      const auto period = observatory::parse_period(cell.codes[column]);
      return period ? std::optional(period->kind) : std::nullopt;
    };
    std::erase_if(slice.table.cells,
                  [&](const Cell& cell) { return kind_of(cell) != kind_of(whole.cells.front()); });
    slice.choices = codes_of(slice.table, "period");
    const bool known = std::ranges::find(slice.choices, asked.period) != slice.choices.end();
    slice.period = known ? asked.period : fullest_period(whole);
    slice.table = fixed(slice.table, "period", slice.period);
    if (asked.crude) {
      slice.table.query.rate = {};  // what was published still stands in slice.held.query
    }
    return std::optional<FigureSlice>(std::move(slice));
  }
  return std::optional<FigureSlice>();
}

bool holds_municipalities(const FigureBase& base, std::string_view indicator,
                          std::string_view country) {
  const auto& territories = *base.territories;
  return std::ranges::any_of(base.held, [&](const HeldTable& held) {
    const auto by = std::ranges::find(held.query.by, "territory", &TableDimension::name);
    const auto where = std::ranges::find(held.query.where, "territory",
                                         [](const auto& term) { return term.first; });
    // A table that chooses no territory is taken to be of the node's own country.
    const bool ours = where == held.query.where.end()
                          ? base.country == country
                          : std::ranges::any_of(where->second, [&](const std::string& code) {
                              return territories.ancestor(code, "country") == country;
                            });
    return is_of_places(held, indicator) && by->level == "admin2" && ours;
  });
}

Result<std::optional<TableRevision>> revision_of(const Desk& desk, const FigureBase& base,
                                                 const HeldTable& table) {
  bool older = false;
  for (const auto& held : base.held) {
    if (held.release == table.release) {
      older = true;
      continue;
    }
    if (!older || !is_same_table(held.query, table.query)) {
      continue;
    }
    TableRevision revision{held, table, {}, {}};
    const Table before = ATALAYA_TRY(desk.release_table(held.release, held.position));
    const Table after = ATALAYA_TRY(desk.release_table(table.release, table.position));
    std::map<std::vector<std::string>, CellChange> cells;
    for (const auto& cell : before.cells) {
      cells[cell.codes].from = cell;
    }
    for (const auto& cell : after.cells) {
      cells[cell.codes].to = cell;
    }
    for (auto& [codes, change] : cells) {
      if (!change.from || !change.to || !is_same_cell(*change.from, *change.to)) {
        change.codes = codes;
        revision.changes.push_back(std::move(change));
      }
    }
    return std::optional<TableRevision>(std::move(revision));
  }
  return std::optional<TableRevision>();
}

Result<std::vector<TableRevision>> revisions_of(const Desk& desk, const FigureBase& base,
                                                std::string_view release) {
  auto changes = ATALAYA_TRY(desk.release_changes(release));
  const auto find = [&](std::string_view id, std::int32_t position) {
    return std::ranges::find_if(base.held, [&](const HeldTable& held) {
      return held.release == id && held.position == position;
    });
  };
  std::vector<TableRevision> out;
  for (auto& change : changes) {
    const auto from = find(change.from_release, change.from_position);
    const auto to = find(release, change.position);
    if (from != base.held.end() && to != base.held.end()) {
      out.push_back({*from, *to, std::move(change.cells), std::move(change.reasons)});
    }
  }
  return out;
}

std::vector<TableRevision> planned_revisions(const FigureBase& base,
                                             const observatory::ReleasePreview& preview) {
  std::vector<TableRevision> out;
  for (const auto& change : preview.changes) {
    const auto from = std::ranges::find_if(base.held, [&](const HeldTable& held) {
      return held.release == change.from_release && held.position == change.from_position;
    });
    const auto at = static_cast<std::size_t>(change.position - 1);
    if (from != base.held.end() && at < preview.tables.size()) {
      HeldTable to;
      to.position = change.position;
      to.query = preview.tables[at].query;
      out.push_back({*from, std::move(to), change.cells, change.reasons});
    }
  }
  return out;
}

std::string by_text(const TableQuery& query) {
  std::string out;
  for (const auto& dimension : query.by) {
    out += out.empty() ? "" : ",";
    out += dimension.name;
    if (!dimension.level.empty()) {
      out += ":" + dimension.level;
    }
  }
  return out;
}

std::string where_text(const TableQuery& query) {
  std::string out;
  for (const auto& [name, codes] : query.where) {
    out += out.empty() ? "" : ",";
    out += name + "=";
    for (std::size_t i = 0; i < codes.size(); ++i) {
      out += (i == 0 ? "" : "|") + codes[i];
    }
  }
  return out;
}

}  // namespace atalaya::api
