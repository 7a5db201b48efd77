// A table from submissions: which of them count, their facts, and what they are divided by.
#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/rates.hpp>

#include "table_parts.hpp"

namespace atalaya::observatory {
namespace {

using namespace detail;

std::unexpected<Error> bad_query(std::string_view reason, std::string_view what,
                                 std::string_view detail_text) {
  return fail(Error{ErrorCode::invalid_argument,
                    std::string(reason),
                    std::string(detail_text),
                    {{"what", std::string(what)}}});
}

// Which submissions can count at all, told by their dictionaries alone.
Result<bool> can_count(const Desk::State& state, const Territories& territories,
                       const Current& current, const FactFilter* indicator, const Where& where) {
  auto segment = ATALAYA_TRY(state.segment(current.submission.segment));
  std::vector<std::string> names;
  for (const auto& [name, codes] : where) {
    names.push_back(name);
  }
  if (indicator != nullptr) {
    for (const auto& [name, codes] : indicator->terms) {
      names.push_back(name);
    }
  }
  for (const auto& name : names) {
    if (!segment->has(name)) {
      return false;
    }
    const auto dictionary = ATALAYA_TRY(segment->dictionary(name));
    const auto* wanted = find_where(where, name);
    bool any = false;
    for (std::uint32_t code = 0; code < dictionary->size() && !any; ++code) {
      const std::string_view text = dictionary->text(code);
      const bool in_where =
          wanted == nullptr || std::ranges::any_of(*wanted, [&](const std::string& outer) {
            return name == "territory" ? territories.is_within(text, outer)
                                       : territories.lists().is_within(name, text, outer);
          });
      any =
          in_where && (indicator == nullptr || indicator->accepts(territories.lists(), name, text));
    }
    if (!any) {
      return false;
    }
  }
  return true;
}

// Whose facts a submission holds, as far as `where` asks for them: told by its territories, because
// a file of many countries is loaded under one.
Result<std::set<std::string>> countries_held(const Desk::State& state,
                                             const Territories& territories, const Current& current,
                                             const Where& where) {
  const auto segment = ATALAYA_TRY(state.segment(current.submission.segment));
  if (!segment->has("territory")) {
    return std::set<std::string>{current.submission.country};
  }
  const auto dictionary = ATALAYA_TRY(segment->dictionary("territory"));
  const auto* wanted = find_where(where, "territory");
  std::set<std::string> out;
  for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
    const std::string_view text = dictionary->text(code);
    if (wanted == nullptr || std::ranges::any_of(*wanted, [&](const std::string& outer) {
          return territories.is_within(text, outer);
        })) {
      out.insert(territories.lists().country_of(text));
    }
  }
  return out;
}

// What is left must not count the same month of the same country twice.
Result<std::set<std::string>> clashing(const Desk::State& state, const Territories& territories,
                                       const std::vector<Current>& fit, const Where& where) {
  std::map<std::pair<std::string, std::string>, std::string> owner;
  std::set<std::string> clash;
  for (const auto& current : fit) {
    const auto countries = ATALAYA_TRY(countries_held(state, territories, current, where));
    for (const std::string& country : countries) {
      for (const auto& month : current.submission.months) {
        const auto [at, is_new] =
            owner.emplace(std::pair(country, month), current.submission.source);
        if (!is_new && at->second != current.submission.source) {
          clash.insert(at->second);
          clash.insert(current.submission.source);
        }
      }
    }
  }
  return clash;
}

// Which years of which country only the sources have that are not used. They are named and never
// filled in: where one series goes over from one source to another, the reader would see a change.
Result<void> name_elsewhere(const Desk::State& state, const Territories& territories,
                            const std::vector<Current>& used, const std::vector<Current>& others,
                            Table& table) {
  const auto years_of = [&](const std::vector<Current>& which, std::vector<TableDimension> by) {
    Adding adding;
    adding.by = std::move(by);
    adding.filters = table.query.where;
    adding.indicator = &table.indicator->numerator;
    return Adder(state, territories, std::move(adding)).add(which);
  };
  const Cells have = ATALAYA_TRY(years_of(used, {{"territory", "country"}, {"period", "year"}}));
  const Cells more =
      ATALAYA_TRY(years_of(others, {{"source", ""}, {"territory", "country"}, {"period", "year"}}));
  for (const auto& [codes, sums] : more) {
    if (have.contains({codes[1], codes[2]})) {
      continue;
    }
    auto& list = table.elsewhere;
    if (list.empty() || list.back().source != codes[0] || list.back().territory != codes[1]) {
      if (list.size() == kElsewhereMax) {
        break;
      }
      list.push_back({codes[0], codes[1], {}});
    }
    list.back().years.push_back(codes[2]);
  }
  return {};
}

// "br_rj_isp (BR-RJ)": who is left out, and what it covers.
void note_part(const Current& current, std::set<std::string>& parts) {
  constexpr std::size_t kNamed = 6;
  std::vector<std::string> named = current.covers;
  if (named.size() > kNamed) {
    named.resize(kNamed);
    named.emplace_back("…");
  }
  parts.insert(fmt::format("{} ({})", current.submission.source, fmt::join(named, ", ")));
}

void note_parts(const std::set<std::string>& parts, Table& table) {
  if (!parts.empty()) {
    table.notes.push_back(note_with("observatory.note.part_of_country", "sources", parts));
  }
}

// One country: its own sources before those of others. Several: one international source, because
// only that one counted the same way everywhere. What is not used is named.
Result<std::vector<Current>> choose(const Desk::State& state, const Territories& territories,
                                    std::vector<Current> all, const Indicator& indicator,
                                    const TableQuery& query, Table& table) {
  std::vector<Current> fit;
  std::set<std::string> parts;
  const bool by_source =
      std::ranges::any_of(query.by, [](const TableDimension& d) { return d.name == "source"; });
  for (auto& current : all) {
    if (!query.source.empty() && current.submission.source != query.source) {
      continue;
    }
    if (!ATALAYA_TRY(can_count(state, territories, current, &indicator.numerator, query.where))) {
      continue;
    }
    if (is_only_part(territories, current, query)) {
      note_part(current, parts);
    } else {
      fit.push_back(std::move(current));
    }
  }
  note_parts(parts, table);
  if (by_source || !query.source.empty()) {
    return fit;
  }
  const bool one_country = countries_of(query.where, territories).size() == 1;
  const auto is_international = [](const Current& c) {
    return c.submission.source_kind == kInternational;
  };
  const bool have_national = !std::ranges::all_of(fit, is_international);
  const bool have_international = std::ranges::any_of(fit, is_international);
  if (have_national && have_international) {
    std::set<std::string> left_out;
    std::vector<Current> used;
    std::vector<Current> others;
    for (Current& one : fit) {
      if (is_international(one) == one_country) {
        left_out.insert(one.submission.source);
        others.push_back(std::move(one));
      } else {
        used.push_back(std::move(one));
      }
    }
    fit = std::move(used);
    ATALAYA_TRY(name_elsewhere(state, territories, fit, others, table));
    table.notes.emplace_back(one_country ? "observatory.note.national_source"
                                         : "observatory.note.international_source");
    table.sources_left_out.assign(left_out.begin(), left_out.end());
  }
  const auto clash = ATALAYA_TRY(clashing(state, territories, fit, query.where));
  if (!clash.empty()) {
    return bad_query(
        "observatory.query.sources", fmt::format("{}", fmt::join(clash, ", ")),
        fmt::format("several sources count this: {}. Choose one with --source, or show "
                    "them side by side with --by source",
                    fmt::join(clash, ", ")));
  }
  return fit;
}

// ---- cells ----

CellStatus status_of(Flag flag) {
  switch (flag) {
    case kProvisional:
      return CellStatus::provisional;
    case kEstimated:
      return CellStatus::estimated;
    case kMasked:
      return CellStatus::masked;
    case kMissing:
      return CellStatus::incomplete;
    case kNormal:
    case kFlags:
      break;
  }
  return CellStatus::normal;
}

// What the whole is counted from: the part's own sources where they know it, else the others.
Result<std::vector<Current>> whole_sources(const Desk::State& state, const Territories& territories,
                                           std::vector<Current> all,
                                           const std::vector<Current>& chosen, const Table& table) {
  std::vector<Current> out;
  for (auto& current : all) {
    if (ATALAYA_TRY(can_count(state, territories, current, &table.indicator->denominator.filter,
                              table.query.where))) {
      out.push_back(std::move(current));
    }
  }
  const auto ours = [&](const Current& current) {
    return std::ranges::any_of(
        chosen, [&](const Current& c) { return c.submission.source == current.submission.source; });
  };
  if (std::ranges::any_of(out, ours)) {
    std::erase_if(out, [&](const Current& current) { return !ours(current); });
  }
  return out;
}

// Of several sources, which may count the same cases, a cell has the number of the fullest one:
// never the sum of both.
Result<CountedFacts> count_whole(const Desk::State& state, const Territories& territories,
                                 const std::vector<Current>& sources, const Adding& adding,
                                 const Table& table) {
  const bool is_stock = table.indicator->denominator.is_stock;
  const bool by_source = place_of(table.query, "source").has_value();
  std::map<std::string, std::vector<Current>> one_by_one;
  for (const auto& current : sources) {
    one_by_one[by_source ? std::string() : current.submission.source].push_back(current);
  }
  CountedFacts out;
  for (const auto& [source, submissions] : one_by_one) {
    auto counted = ATALAYA_TRY(count_facts(state, territories, submissions, adding,
                                           is_stock ? Measure::stock : Measure::flow));
    if (!is_stock) {
      ATALAYA_TRY(split_by_shares(state, territories, submissions, table.query,
                                  table.indicator->denominator.filter, counted.cells));
    }
    out.used.insert(out.used.end(), counted.used.begin(), counted.used.end());
    for (auto& [codes, sums] : counted.cells) {
      const auto [at, is_new] = out.cells.emplace(codes, sums);
      if (!is_new && at->second.low < sums.low) {
        at->second = sums;
      }
    }
  }
  return out;
}

// Shares: the whole is counted like the part, without what makes it a part.
Result<void> add_whole(const Desk::State& state, const Territories& territories,
                       std::vector<Current> all, const std::vector<Current>& chosen, Table& table) {
  const auto sources =
      ATALAYA_TRY(whole_sources(state, territories, std::move(all), chosen, table));
  Adding adding;
  adding.by = table.query.by;
  adding.filters = table.query.where;
  adding.indicator = &table.indicator->denominator.filter;
  const auto counted = ATALAYA_TRY(count_whole(state, territories, sources, adding, table));
  const Cells& whole = counted.cells;
  table.populations = counted.used;
  std::set<std::vector<std::string>> have;
  for (auto& cell : table.cells) {
    const auto at = whole.find(cell.codes);
    if (at != whole.end()) {
      cell.population = at->second.low;
      if (at->second.flag == kMasked || at->second.flag == kMissing) {
        cell.status = status_of(at->second.flag);  // the whole is a lower bound, too
      }
    }
    have.insert(cell.codes);
  }
  // Where single cases are held and none of them is a part, the share is zero. A source of totals
  // may just not say.
  const bool single_cases = std::ranges::none_of(sources, [](const Current& current) {
    return current.submission.source_kind == kInternational;
  });
  for (const auto& [codes, sums] : whole) {
    if (single_cases && !have.contains(codes)) {
      Cell cell;
      cell.codes = codes;
      cell.count = 0;
      cell.population = sums.low;
      cell.status = status_of(sums.flag);
      table.cells.push_back(std::move(cell));
    }
  }
  std::ranges::sort(table.cells, {}, &Cell::codes);
  return {};
}

// The cells as they were added up, and what is to be said of the submissions that gave them.
void take_cells(const Cells& cells, const std::vector<Current>& chosen, Table& table) {
  for (const auto& c : chosen) {
    const auto& s = c.submission;
    if (std::ranges::find(table.submissions, s.id) == table.submissions.end()) {
      continue;
    }
    table.synthetic = table.synthetic || s.synthetic;
    for (const auto& entry : s.breaks) {
      auto object = entry.as_object();
      object["source"] = s.source;
      table.breaks.push_back(std::move(object));
    }
  }
  for (const auto& [codes, sums] : cells) {
    Cell cell;
    cell.codes = codes;
    if (!sums.is_not_given()) {
      cell.count = sums.low;
    }
    if (sums.high > sums.low && sums.flag != kMissing) {  // what is missing has no highest
      cell.count_high = sums.high;
    }
    cell.status = status_of(sums.flag);
    table.cells.push_back(std::move(cell));
  }
  if (std::ranges::any_of(table.cells, [](const Cell& cell) {
        return cell.count && cell.status == CellStatus::incomplete;
      })) {
    table.notes.emplace_back("observatory.note.incomplete");
  }
  if (!table.query.shares.empty()) {
    table.notes.emplace_back("observatory.note.shares_estimated");
  }
}

// What was not added up, and why.
void note_counting(const CountedFacts& counted, const std::vector<Current>& chosen, Table& table) {
  std::set<std::string> parts;
  for (const auto& current : chosen) {
    if (counted.parts.contains(current.submission.source)) {
      note_part(current, parts);
    }
  }
  note_parts(parts, table);
  if (counted.several > 0) {
    table.notes.emplace_back(table.indicator->is_stock ? "observatory.note.stock_without_day"
                                                       : "observatory.note.not_additive");
  }
  if (counted.several_days) {
    table.notes.emplace_back("observatory.note.stock_several_days");
  }
}

// Where parts were added up beside totals of the same source, or left out for wider ones.
Result<void> note_parts_added(const Desk::State& state, const Territories& territories,
                              const std::vector<Current>& chosen, const Adding& adding,
                              Table& table) {
  Adding parts = adding;
  parts.parts_without_total = adding.by;
  parts.by = {{"territory", ""}};
  std::set<std::string> places;
  for (const auto& [codes, sums] : ATALAYA_TRY(Adder(state, territories, parts).add(chosen))) {
    places.insert(codes.front());
  }
  if (!places.empty()) {
    table.notes.push_back(note_with(kPartsAdded, "territories", places));
  }
  parts.left_out = true;
  if (!ATALAYA_TRY(Adder(state, territories, std::move(parts)).add(chosen)).empty()) {
    table.notes.emplace_back("observatory.note.wider_totals");
  }
  return {};
}

// Where the source hid a part of the count, the interval reaches up to that of the highest count.
Result<std::optional<double>> highest_rate(const Cell& cell, const RateOptions& options,
                                           bool is_share) {
  const auto rate =
      is_share ? share(std::min(*cell.count_high, *cell.population), *cell.population, options)
               : crude_rate(*cell.count_high, cell.population, options);
  if (!rate) {
    return fail(rate.error());
  }
  return rate->interval ? std::optional(rate->interval->high) : std::nullopt;
}

}  // namespace

namespace detail {

Result<void> fill_rate(Cell& cell, const Indicator& indicator) {
  if (!cell.count || indicator.denominator.kind == DenominatorKind::none) {
    return {};
  }
  Result<Rate> rate = fail(ErrorCode::internal, "observatory.rate");
  const RateOptions options{static_cast<double>(indicator.scale), kConfidence};
  // Some shares are ratios of two counts and may pass one: their interval is that of a rate.
  const bool is_share = indicator.kind == NumeratorKind::share_of && cell.population &&
                        *cell.count <= *cell.population;
  if (is_share) {
    rate = share(*cell.count, *cell.population, options);
  } else {
    const bool nobody = cell.population && *cell.population <= 0;
    rate = crude_rate(*cell.count, nobody ? std::nullopt : cell.population, options);
  }
  if (!rate) {
    return fail(std::move(rate).error());
  }
  cell.rate = rate->rate;
  // The interval tells chance alone, and of what was counted only.
  if (rate->interval && !cell.interval_dropped && cell.status != CellStatus::incomplete) {
    cell.rate_low = rate->interval->low;
    cell.rate_high = rate->interval->high;
    if (cell.count_high) {
      cell.rate_high = ATALAYA_TRY(highest_rate(cell, options, is_share));
    }
  }
  if (cell.status == CellStatus::normal && rate->status == RateStatus::unstable) {
    cell.status = CellStatus::unstable;
  }
  if (cell.status == CellStatus::normal && rate->status == RateStatus::no_denominator) {
    cell.status = CellStatus::no_denominator;
  }
  return {};
}

bool names_dimension(const FactFilter& filter, std::string_view name) {
  const auto is = [&](const auto& term) { return term.first == name; };
  return std::ranges::any_of(filter.terms, is) || std::ranges::any_of(filter.except, is);
}

Result<AddedFacts> add_facts(const Desk::State& state, const Territories& territories,
                             const std::vector<Current>& submissions,
                             const std::vector<TableDimension>& by) {
  Adding adding;
  adding.by = by;
  Adder adder(state, territories, adding);
  const Cells cells = ATALAYA_TRY(adder.add(submissions));
  AddedFacts out;
  for (const auto& [codes, sums] : cells) {
    out.emplace(codes, sums.low);
  }
  return out;
}

Result<std::string> place_code(const Territories& territories, const TableDimension& dimension,
                               std::string_view code) {
  if (dimension.level.empty() || dimension.name == "source") {
    return std::string(code);
  }
  if (dimension.name == "territory") {
    const std::string outer = territories.ancestor(code, dimension.level);
    return outer.empty() ? std::string(code) : outer;
  }
  const auto hierarchy =
      ATALAYA_TRY(Hierarchy::create(territories.shared_lists(), dimension.name, dimension.level));
  return hierarchy.place(code).code;
}

Result<Table> draft_table(const Desk::State& state, store::Transaction& tx,
                          const TableQuery& query) {
  ATALAYA_TRY(check_query(state, query));
  const auto territories = ATALAYA_TRY(state.read_territories(tx));
  auto submissions = ATALAYA_TRY(read_submissions(tx));
  auto all = current(submissions, "facts", query.as_of);
  ATALAYA_TRY(find_coverage(state, *territories, all));
  Table table;
  table.indicator = state.parts.indicators->find(query.indicator);
  table.query = query;
  table.by = query.by;
  const auto chosen = ATALAYA_TRY(choose(state, *territories, all, *table.indicator, query, table));
  Adding adding;
  adding.by = query.by;
  adding.filters = query.where;
  adding.indicator = &table.indicator->numerator;
  adding.with_not_given = true;
  const Measure measure = measure_of(*table.indicator);
  auto counted = ATALAYA_TRY(count_facts(state, *territories, chosen, adding, measure));
  if (measure == Measure::flow) {
    ATALAYA_TRY(split_by_shares(state, *territories, chosen, query, table.indicator->numerator,
                                counted.cells));
  }
  table.submissions = counted.used;
  take_cells(counted.cells, chosen, table);
  note_counting(counted, chosen, table);
  if (measure != Measure::survey) {
    ATALAYA_TRY(note_parts_added(state, *territories, chosen, adding, table));
  }
  const auto coverage =
      ATALAYA_TRY(coverage_of(state, *territories, all, chosen, counted.used, query.where));
  switch (table.indicator->denominator.kind) {
    case DenominatorKind::population:
      ATALAYA_TRY(
          add_population(state, *territories, submissions, chosen, coverage, counted.years, table));
      break;
    case DenominatorKind::facts:
      ATALAYA_TRY(add_whole(state, *territories, all, chosen, table));
      break;
    case DenominatorKind::none:
      break;
  }
  std::erase_if(table.cells, [](const Cell& cell) { return !cell.count; });
  for (auto& cell : table.cells) {
    ATALAYA_TRY(fill_rate(cell, *table.indicator));
  }
  if (measure == Measure::flow) {
    ATALAYA_TRY(find_partly_sent(state, *territories, chosen, coverage, table));
    apply_partly_sent(table);
  }
  ATALAYA_TRY(
      add_adjusted_rates(state, *territories, std::move(submissions), chosen, coverage, table));
  ATALAYA_TRY(fill_several_years(table));
  ATALAYA_TRY(compare_sources(state, *territories, all, chosen, coverage, table));
  if (query.quality) {
    std::vector<Current> used = chosen;
    std::erase_if(used, [&](const Current& c) {
      return std::ranges::find(table.submissions, c.submission.id) == table.submissions.end();
    });
    const QualityAsk ask{used, all, table.indicator, countries_of(query.where, *territories)};
    table.quality = ATALAYA_TRY(rate_sources(state, *territories, ask));
    if (const auto* periods = find_where(query.where, "period"); periods != nullptr) {
      std::erase_if(table.quality, [&](const SourceQuality& q) {
        return std::ranges::none_of(
            *periods, [&](const std::string& code) { return code.starts_with(q.period); });
      });
    }
    fill_ratings(territories->lists(), table);
  }
  return table;
}

Result<void> check_query(const Desk::State& state, const TableQuery& query) {
  if (state.parts.indicators->find(query.indicator) == nullptr) {
    return fail(
        Error{ErrorCode::not_found,
              "observatory.indicator",
              fmt::format("there is no indicator \"{}\"; see: atalaya observatory indicators",
                          query.indicator),
              {{"indicator", query.indicator}}});
  }
  ATALAYA_TRY(check_rate(query, *state.parts.indicators->find(query.indicator)));
  if (!query.as_of.empty() && !parse_civil_date(query.as_of) && !parse_utc_time(query.as_of)) {
    return bad_query("observatory.query.as_of", query.as_of,
                     fmt::format("\"{}\" is no day and no moment of UTC: write 2026-01-31 or "
                                 "2026-01-31T12:00:00Z",
                                 query.as_of));
  }
  const auto& lists = *state.parts.codelists;
  const auto known = [&](const std::string& name) {
    return lists.find(name) != nullptr || name.starts_with("x_");
  };
  std::set<std::string> seen;
  for (const auto& dimension : query.by) {
    if (!known(dimension.name) && dimension.name != "source") {
      return bad_query("observatory.query.dimension", dimension.name,
                       fmt::format("\"{}\" is no dimension", dimension.name));
    }
    if (!seen.insert(dimension.name).second) {
      return bad_query("observatory.query.dimension", dimension.name,
                       fmt::format("\"{}\" is named twice", dimension.name));
    }
    if (dimension.level.empty()) {
      continue;
    }
    ATALAYA_TRY(Hierarchy::create(state.parts.codelists, dimension.name, dimension.level));
  }
  for (const auto& [name, codes] : query.where) {
    if (!known(name)) {
      return bad_query("observatory.query.dimension", name,
                       fmt::format("\"{}\" is no dimension", name));
    }
    for (const auto& code : codes) {
      if (!lists.is_valid(name, code)) {
        return bad_query("observatory.query.code", code,
                         fmt::format("\"{}\" is no code of {}", code, name));
      }
    }
  }
  return {};
}

}  // namespace detail
}  // namespace atalaya::observatory
