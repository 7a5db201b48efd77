// A table from submissions: look-up tables per segment, one cube, a denominator beside it.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/columns/cube.hpp>
#include <atalaya/observatory/rates.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory {
namespace {

using detail::Current;

constexpr std::string_view kInternational = "international";

using Where = std::vector<std::pair<std::string, std::vector<std::string>>>;

std::unexpected<Error> bad_query(std::string_view reason, std::string_view what,
                                 std::string_view detail_text) {
  return fail(Error{ErrorCode::invalid_argument,
                    std::string(reason),
                    std::string(detail_text),
                    {{"what", std::string(what)}}});
}

const std::vector<std::string>* find_where(const Where& where, std::string_view name) {
  const auto at = std::ranges::find(where, name, [](const auto& w) { return w.first; });
  return at == where.end() ? nullptr : &at->second;
}

// Members of one dimension of the result, numbered as they turn up.
struct Members {
  std::map<std::string, std::uint32_t, std::less<>> ids;
  std::vector<std::string> codes;

  std::uint32_t id(const std::string& code) {
    const auto [at, is_new] = ids.emplace(code, static_cast<std::uint32_t>(codes.size()));
    if (is_new) {
      codes.push_back(code);
    }
    return at->second;
  }
};

// The flags of facts that a cell keeps, in the order of gravity.
enum Flag : std::uint32_t { kNormal, kProvisional, kEstimated, kMasked, kFlags };

Flag flag_of(std::string_view status) {
  return status == "provisional" ? kProvisional
         : status == "estimated" ? kEstimated
         : status == "masked"    ? kMasked
                                 : kNormal;
}

struct Sums {
  double low = 0, high = 0;
  Flag flag = kNormal;
};

using Cells = std::map<std::vector<std::string>, Sums>;

// What is added up: facts of these submissions that pass the filters, by these dimensions.
struct Adding {
  std::vector<TableDimension> by;
  Where filters;                         // all must agree; what lies below a code included
  const FactFilter* indicator = nullptr;  // the indicator's own
  bool whole_years = false;              // of populations: a period is its year
};

class Adder {
 public:
  Adder(const Desk::State& state, const Territories& territories, Adding adding)
      : state_(state), territories_(territories), adding_(std::move(adding)) {
    for (const auto& dimension : adding_.by) {
      members_.emplace_back();
      places_.emplace_back();
      if (!dimension.level.empty() && dimension.name != "territory" && dimension.name != "source") {
        auto hierarchy =
            Hierarchy::create(territories.shared_lists(), dimension.name, dimension.level);
        if (hierarchy) {
          places_.back() = *std::move(hierarchy);
        }
      }
    }
  }

  /// Submissions that gave at least one row are remembered.
  Result<Cells> add(const std::vector<Current>& submissions) {
    std::vector<Input> inputs;
    std::int32_t decimals = 0;
    for (const auto& current : submissions) {
      auto input = ATALAYA_TRY(input_of(current));
      if (input) {
        decimals = std::max(decimals, input->segment->segment().decimals());
        used_.push_back(current.submission.id);
        inputs.push_back(*std::move(input));
      }
    }
    if (inputs.empty()) {
      return Cells{};
    }
    return sum(inputs, decimals);
  }

  [[nodiscard]] const std::vector<std::int64_t>& used() const { return used_; }
  /// Months that facts of this table speak of, and the finest kind of period among them.
  [[nodiscard]] const std::set<std::string>& months() const { return months_; }

 private:
  struct Input {
    std::shared_ptr<FactSegment> segment;
    // Columns that matter: of the table first, then of the filters.
    std::vector<std::shared_ptr<const columns::RawColumn>> held;
    std::vector<columns::CubeColumn> by;
    std::map<std::string, columns::CubeColumn> filters;
    columns::CubeColumn flags;
    std::shared_ptr<const std::vector<std::int64_t>> values, highs;
  };

  [[nodiscard]] bool passes(const std::string& name, std::string_view code) const {
    if (adding_.indicator != nullptr &&
        !adding_.indicator->accepts(territories_.lists(), name, code)) {
      return false;
    }
    const auto* wanted = find_where(adding_.filters, name);
    return wanted == nullptr || std::ranges::any_of(*wanted, [&](const std::string& outer) {
             return name == "territory" ? territories_.is_within(code, outer)
                                        : territories_.lists().is_within(name, code, outer);
           });
  }

  [[nodiscard]] bool is_filter(const std::string& name) const {
    return find_where(adding_.filters, name) != nullptr ||
           (adding_.indicator != nullptr && detail::names_dimension(*adding_.indicator, name));
  }

  // Whether only some codes are asked for: leaving some out alone is no choice of the others.
  [[nodiscard]] bool is_chosen(const std::string& name) const {
    return find_where(adding_.filters, name) != nullptr ||
           (adding_.indicator != nullptr && adding_.indicator->find(name) != nullptr);
  }

  // The member that a code counts for, or kDropped.
  std::uint32_t member(std::size_t place, std::string_view code) {
    const auto& dimension = adding_.by[place];
    if (code == kTotal) {
      return columns::kDropped;  // the source's own total is no part of a breakdown
    }
    if (dimension.name == "territory") {
      const std::string outer =
          dimension.level.empty() ? "" : territories_.ancestor(code, dimension.level);
      return members_[place].id(outer.empty() ? std::string(code) : outer);
    }
    return members_[place].id(places_[place] ? places_[place]->place(code).code
                                             : std::string(code));
  }

  // Nothing when no fact of the segment can count.
  Result<std::optional<Input>> input_of(const Current& current) {
    auto segment = state_.segment(current.submission.segment);
    if (!segment) {
      return fail(std::move(segment).error());
    }
    Input input;
    input.segment = *segment;
    const auto& description = input.segment->segment();
    for (const auto& [name, codes] : adding_.filters) {
      if (!description.has(name)) {
        return std::optional<Input>();
      }
    }
    if (adding_.indicator != nullptr) {
      for (const auto& [name, codes] : adding_.indicator->terms) {
        if (!description.has(name)) {
          return std::optional<Input>();
        }
      }
    }
    for (std::size_t place = 0; place < adding_.by.size(); ++place) {
      const bool ours = adding_.by[place].name != "source" && description.has(adding_.by[place].name);
      columns::CubeColumn column;
      if (!ours) {
        const std::string all = adding_.by[place].name == "source" ? current.submission.source
                                                                   : std::string(kUnknown);
        column.lut = {members_[place].id(all)};
      }
      input.by.push_back(std::move(column));
    }
    for (const auto& column : description.columns()) {
      if (column.kind == columns::SegmentColumn::Kind::codes) {
        const bool any = ATALAYA_TRY(look_up(current, column.name, input));
        if (!any) {
          return std::optional<Input>();
        }
      }
    }
    input.values = ATALAYA_TRY(input.segment->values("value"));
    if (description.has("value_high")) {
      input.highs = ATALAYA_TRY(input.segment->values("value_high"));
    }
    return std::optional<Input>(std::move(input));
  }

  // Whether any code of the column passes.
  Result<bool> look_up(const Current& current, const std::string& name, Input& input) {
    const auto dictionary = ATALAYA_TRY(input.segment->dictionary(name));
    const auto at = std::ranges::find(adding_.by, name, &TableDimension::name);
    const bool broken_down = at != adding_.by.end();
    const auto place = static_cast<std::size_t>(at - adding_.by.begin());
    bool has_total = false;
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      has_total = has_total || dictionary->text(code) == kTotal;
    }
    std::vector<std::uint32_t> lut;
    bool trivial = true;
    bool any = false;
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      const std::string_view text = dictionary->text(code);
      std::uint32_t value = 0;
      if (is_filter(name) && !passes(name, text)) {
        value = columns::kDropped;
      } else if (name == "period" && current.replaced.contains(detail::first_month(text))) {
        value = columns::kDropped;
      } else if (!broken_down && has_total && is_chosen(name) == (text == kTotal)) {
        // Where the source totals by itself, either its total counts or the parts that were asked
        // for; never both.
        value = columns::kDropped;
      }
      if (value != columns::kDropped && broken_down) {
        value = member(place, text);
      }
      trivial = trivial && value == 0;
      any = any || value != columns::kDropped;
      lut.push_back(value);
    }
    if (name == "status") {
      std::vector<std::uint32_t> flags;
      for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
        flags.push_back(flag_of(dictionary->text(code)));
      }
      if (std::ranges::any_of(flags, [](std::uint32_t f) { return f != kNormal; })) {
        const auto column = ATALAYA_TRY(input.segment->column(name));
        input.held.push_back(column);
        input.flags.codes = &column->codes;
        input.flags.lut = std::move(flags);
      }
    }
    if (broken_down || !trivial) {
      const auto column = ATALAYA_TRY(input.segment->column(name));
      input.held.push_back(column);
      columns::CubeColumn cube{&column->codes, lut};
      if (broken_down) {
        input.by[place] = std::move(cube);
      } else {
        input.filters[name] = std::move(cube);
      }
    }
    if (name == "period") {
      note_months(*dictionary, lut);
    }
    return any;
  }

  void note_months(const columns::Dictionary& dictionary, const std::vector<std::uint32_t>& lut) {
    for (std::uint32_t code = 0; code < dictionary.size(); ++code) {
      if (lut[code] == columns::kDropped) {
        continue;
      }
      if (const auto period = parse_period(dictionary.text(code))) {
        for (Period month = period_of(period->begin, PeriodKind::month);
             month.begin < period->end; month = next_period(month)) {
          months_.insert(period_code(month));
        }
      }
    }
  }

  Result<Cells> sum(std::vector<Input>& inputs, std::int32_t decimals) {
    std::set<std::string> filters;
    for (const auto& input : inputs) {
      for (const auto& [name, column] : input.filters) {
        filters.insert(name);
      }
    }
    columns::CubeSpec spec;
    spec.with_high = true;
    for (const auto& members : members_) {
      spec.sizes.push_back(std::max<std::uint32_t>(1, static_cast<std::uint32_t>(members.codes.size())));
    }
    spec.sizes.insert(spec.sizes.end(), filters.size(), 1);
    spec.sizes.push_back(kFlags);
    std::vector<columns::CubeInput> cube_inputs;
    std::list<std::vector<std::int64_t>> scaled;
    for (auto& input : inputs) {
      columns::CubeInput cube;
      cube.rows = input.segment->segment().rows();
      cube.columns = input.by;
      for (const auto& name : filters) {
        const auto at = input.filters.find(name);
        cube.columns.push_back(at != input.filters.end() ? at->second
                                                         : columns::CubeColumn{nullptr, {0}});
      }
      cube.columns.push_back(input.flags.codes != nullptr
                                 ? input.flags
                                 : columns::CubeColumn{nullptr, {kNormal}});
      cube.values = scale(*input.values, decimals - input.segment->segment().decimals(), scaled);
      cube.values_high = input.highs == nullptr
                             ? cube.values
                             : scale(*input.highs, decimals - input.segment->segment().decimals(),
                                     scaled);
      cube_inputs.push_back(std::move(cube));
    }
    const auto cube = ATALAYA_TRY(columns::Cube::aggregate(cube_inputs, spec));
    return cells_of(cube, decimals);
  }

  static std::span<const std::int64_t> scale(const std::vector<std::int64_t>& values,
                                             std::int32_t digits,
                                             std::list<std::vector<std::int64_t>>& scaled) {
    if (digits == 0) {
      return values;
    }
    const auto factor = static_cast<std::int64_t>(std::llround(std::pow(10.0, digits)));
    auto& copy = scaled.emplace_back(values);
    for (auto& value : copy) {
      value *= factor;
    }
    return copy;
  }

  Result<Cells> cells_of(const columns::Cube& cube, std::int32_t decimals) const {
    const double unit = std::pow(10.0, decimals);
    Cells cells;
    ATALAYA_TRY(cube.visit(cube.base(), [&](const columns::CellBatch& batch) -> Result<void> {
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto members = batch.cell(i);
        std::vector<std::string> codes;
        for (std::size_t place = 0; place < members_.size(); ++place) {
          codes.push_back(members_[place].codes[members[place]]);
        }
        auto& cell = cells[std::move(codes)];
        cell.low += static_cast<double>(batch.sums[i]) / unit;
        cell.high += static_cast<double>(batch.highs.empty() ? batch.sums[i] : batch.highs[i]) / unit;
        cell.flag = std::max(cell.flag, static_cast<Flag>(members.back()));
      }
      return {};
    }));
    return cells;
  }

  const Desk::State& state_;
  const Territories& territories_;
  Adding adding_;
  std::vector<Members> members_;
  std::vector<std::optional<Hierarchy>> places_;
  std::vector<std::int64_t> used_;
  std::set<std::string> months_;
};

// ---- choosing sources ----

std::set<std::string> countries_of(const Where& where, const Territories& territories) {
  std::set<std::string> out;
  if (const auto* wanted = find_where(where, "territory")) {
    for (const auto& code : *wanted) {
      out.insert(territories.lists().country_of(code));
    }
  }
  return out;
}

struct Candidate {
  Current current;
  bool international = false;
};

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
    if (!segment->segment().has(name)) {
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
      any = in_where &&
            (indicator == nullptr || indicator->accepts(territories.lists(), name, text));
    }
    if (!any) {
      return false;
    }
  }
  return true;
}

// One country: its own sources before those of others. Several: one international source, because
// only that one counted the same way everywhere.
Result<std::vector<Current>> choose(const Desk::State& state, const Territories& territories,
                                    std::vector<Current> all, const Indicator& indicator,
                                    const TableQuery& query, Table& table) {
  std::vector<Current> fit;
  const bool by_source = std::ranges::any_of(
      query.by, [](const TableDimension& d) { return d.name == "source"; });
  for (auto& current : all) {
    if (!query.source.empty() && current.submission.source != query.source) {
      continue;
    }
    if (ATALAYA_TRY(
            can_count(state, territories, current, &indicator.numerator, query.where))) {
      fit.push_back(std::move(current));
    }
  }
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
    std::erase_if(fit, [&](const Current& c) { return is_international(c) == one_country; });
    table.notes.emplace_back(one_country ? "observatory.note.national_source"
                                         : "observatory.note.international_source");
  }
  // What is left must not count the same month of the same country twice.
  std::map<std::pair<std::string, std::string>, std::string> owner;
  std::set<std::string> clash;
  for (const auto& current : fit) {
    for (const auto& month : current.submission.months) {
      const auto [at, is_new] =
          owner.emplace(std::pair(current.submission.country, month), current.submission.source);
      if (!is_new && at->second != current.submission.source) {
        clash.insert(at->second);
        clash.insert(current.submission.source);
      }
    }
  }
  if (!clash.empty()) {
    return bad_query("observatory.query.sources", fmt::format("{}", fmt::join(clash, ", ")),
                     fmt::format("several sources count this: {}. Choose one with --source, or show "
                                 "them side by side with --by source",
                                 fmt::join(clash, ", ")));
  }
  return fit;
}

// ---- denominators ----

// Populations by the table's territory, sex and age, a value for each year.
struct Population {
  std::vector<std::size_t> places;  // of the table's dimensions that the key is made of
  std::map<std::vector<std::string>, std::map<std::int32_t, double>> by_year;
  bool interpolated = false;
  bool coarser = false;  // it does not know a dimension that the table is broken down by
};

bool is_population_dimension(std::string_view name) {
  return name == "territory" || name == "sex" || name == "age";
}

// Of a source that gives several levels, facts of one level only: else people count twice.
std::string level_in(const Territories& territories, const columns::Dictionary& dictionary,
                     std::string_view wanted) {
  const std::vector<std::string> order = {"country", "admin1", "admin2", "admin3"};
  std::set<std::string> levels;
  for (std::uint32_t code = 0; code < dictionary.size(); ++code) {
    levels.insert(territories.level(dictionary.text(code)));
  }
  const auto from = std::ranges::find(order, wanted.empty() ? "country" : wanted);
  for (auto at = from; at != order.end(); ++at) {
    if (levels.contains(*at)) {
      return *at;
    }
  }
  return "";
}

class Denominator {
 public:
  Denominator(const Desk::State& state, const Territories& territories, const TableQuery& query,
              const Indicator& indicator, std::set<std::string> countries)
      : state_(state),
        territories_(territories),
        query_(query),
        indicator_(indicator),
        countries_(std::move(countries)) {}

  Result<Population> read(const std::vector<Current>& submissions,
                          std::vector<std::int64_t>& used) const {
    Population out;
    Adding adding;
    adding.by.push_back({"period", "year"});
    for (std::size_t place = 0; place < query_.by.size(); ++place) {
      if (is_population_dimension(query_.by[place].name)) {
        out.places.push_back(place);
        adding.by.push_back(query_.by[place]);
      }
    }
    for (const auto& [name, codes] : query_.where) {
      if (is_population_dimension(name)) {
        adding.filters.emplace_back(name, codes);
      }
    }
    const auto& wanted = indicator_.denominator;
    if (!wanted.sex.empty()) {
      add_filter(adding.filters, "sex", wanted.sex);
    }
    if (!wanted.age.empty()) {
      add_filter(adding.filters, "age", wanted.age);
    }
    if (find_where(adding.filters, "territory") == nullptr && !countries_.empty()) {
      adding.filters.emplace_back("territory",
                                  std::vector<std::string>(countries_.begin(), countries_.end()));
    }
    std::vector<Current> one_level = submissions;
    ATALAYA_TRY(keep_one_level(adding, one_level));
    Adder adder(state_, territories_, adding);
    const Cells cells = ATALAYA_TRY(adder.add(one_level));
    used = adder.used();
    for (const auto& [codes, sums] : cells) {
      const auto period = parse_period(codes[0]);
      if (period) {
        out.by_year[{codes.begin() + 1, codes.end()}][period->begin.year] += sums.low;
      }
    }
    return out;
  }

 private:
  static void add_filter(Where& where, const std::string& name, const std::string& code) {
    // A reader's own choice within the indicator's is narrower already.
    if (find_where(where, name) == nullptr) {
      where.emplace_back(name, std::vector<std::string>{code});
    }
  }

  // Narrows the territories to the codes of one level.
  Result<void> keep_one_level(Adding& adding, const std::vector<Current>& submissions) const {
    std::string wanted;
    for (const auto& dimension : query_.by) {
      if (dimension.name == "territory" && dimension.level.empty()) {
        return {};  // every code stands for itself, so that nothing is added up
      }
      if (dimension.name == "territory") {
        wanted = dimension.level;
      }
    }
    if (const auto* where = find_where(query_.where, "territory"); where != nullptr) {
      for (const auto& code : *where) {
        const std::string level = territories_.level(code);
        wanted = wanted.empty() || (wanted == "country" && level != "country") ? level : wanted;
      }
    }
    std::vector<std::string> keep;
    for (const auto& current : submissions) {
      const auto segment = ATALAYA_TRY(state_.segment(current.submission.segment));
      if (!segment->segment().has("territory")) {
        continue;
      }
      const auto dictionary = ATALAYA_TRY(segment->dictionary("territory"));
      std::string level = level_in(territories_, *dictionary, wanted);
      const auto* own = find_where(adding.filters, "territory");
      for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
        const std::string text(dictionary->text(code));
        const bool inside = own == nullptr || std::ranges::any_of(*own, [&](const auto& outer) {
                              return territories_.is_within(text, outer);
                            });
        if (inside && territories_.level(text) == level) {
          keep.push_back(text);
        }
      }
    }
    std::erase_if(adding.filters, [](const auto& f) { return f.first == "territory"; });
    adding.filters.emplace_back("territory", std::move(keep));
    return {};
  }

  const Desk::State& state_;
  const Territories& territories_;
  const TableQuery& query_;
  const Indicator& indicator_;
  std::set<std::string> countries_;
};

// Linear between the years that are held; nothing outside them.
std::optional<double> population_of(const std::map<std::int32_t, double>& years, std::int32_t year,
                                    bool& interpolated) {
  const auto at = years.find(year);
  if (at != years.end()) {
    return at->second;
  }
  const auto after = years.lower_bound(year);
  if (after == years.end() || after == years.begin()) {
    return std::nullopt;
  }
  const auto before = std::prev(after);
  interpolated = true;
  const double part = static_cast<double>(year - before->first) / (after->first - before->first);
  return before->second + (after->second - before->second) * part;
}

// Months of each year that the table's facts speak of.
std::map<std::int32_t, std::int32_t> months_by_year(const std::set<std::string>& months) {
  std::map<std::int32_t, std::int32_t> out;
  for (const auto& month : months) {
    ++out[std::stoi(month.substr(0, 4))];
  }
  return out;
}

// Person-years of a cell: the population of each year it speaks of, by the months covered.
class Exposure {
 public:
  Exposure(Population population, std::map<std::int32_t, std::int32_t> months,
           std::optional<std::size_t> period_place)
      : population_(std::move(population)),
        months_(std::move(months)),
        period_place_(period_place) {}

  std::optional<double> of(const std::vector<std::string>& codes) {
    std::vector<std::string> key;
    for (const std::size_t place : population_.places) {
      if (codes[place].starts_with('_')) {
        return std::nullopt;  // of the unknown there is no population
      }
      key.push_back(codes[place]);
    }
    const auto years = population_.by_year.find(key);
    if (years == population_.by_year.end()) {
      return std::nullopt;
    }
    if (period_place_) {
      const auto period = parse_period(codes[*period_place_]);
      return period ? of_period(years->second, *period) : std::nullopt;
    }
    double sum = 0;
    for (const auto& [year, months] : months_) {
      const auto people = population_of(years->second, year, interpolated_);
      if (!people) {
        return std::nullopt;
      }
      sum += *people * share(months);
    }
    return sum > 0 ? std::optional(sum) : std::nullopt;
  }

  [[nodiscard]] bool interpolated() const { return interpolated_; }
  [[nodiscard]] bool part_years() const { return part_years_; }

 private:
  double share(std::int32_t months) {
    part_years_ = part_years_ || months < 12;
    return static_cast<double>(months) / 12;
  }

  std::optional<double> of_period(const std::map<std::int32_t, double>& years,
                                  const Period& period) {
    const auto people = population_of(years, period.begin.year, interpolated_);
    if (!people) {
      return std::nullopt;
    }
    if (period.kind == PeriodKind::year) {
      const auto at = months_.find(period.begin.year);
      return *people * share(at == months_.end() ? 12 : at->second);
    }
    part_years_ = true;
    const double days = static_cast<double>(days_in(period));
    const double year_days = static_cast<double>(days_in(period_of(period.begin, PeriodKind::year)));
    return period.kind == PeriodKind::day || period.kind == PeriodKind::week
               ? *people * days / year_days
               : *people * (period.kind == PeriodKind::month     ? 1.0
                            : period.kind == PeriodKind::quarter ? 3.0
                                                                 : 6.0) / 12;
  }

  Population population_;
  std::map<std::int32_t, std::int32_t> months_;
  std::optional<std::size_t> period_place_;
  bool interpolated_ = false, part_years_ = false;
};

// ---- cells ----

Result<void> fill_rate(Cell& cell, const Indicator& indicator) {
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
  if (rate->interval) {
    cell.rate_low = rate->interval->low;
    cell.rate_high = rate->interval->high;
  }
  if (cell.status == CellStatus::normal && rate->status == RateStatus::unstable) {
    cell.status = CellStatus::unstable;
  }
  if (cell.status == CellStatus::normal && rate->status == RateStatus::no_denominator &&
      indicator.denominator.kind != DenominatorKind::none) {
    cell.status = CellStatus::no_denominator;
  }
  return {};
}

CellStatus status_of(Flag flag) {
  switch (flag) {
    case kProvisional:
      return CellStatus::provisional;
    case kEstimated:
      return CellStatus::estimated;
    case kMasked:
      return CellStatus::masked;
    case kNormal:
    case kFlags:
      break;
  }
  return CellStatus::normal;
}

std::optional<std::size_t> place_of(const TableQuery& query, std::string_view name) {
  const auto at = std::ranges::find(query.by, name, &TableDimension::name);
  return at == query.by.end()
             ? std::nullopt
             : std::optional(static_cast<std::size_t>(at - query.by.begin()));
}

// The national office's population for one country, WPP for several: never both in one series.
std::string choose_population(const TableQuery& query, const std::vector<Current>& populations,
                              const std::set<std::string>& countries) {
  if (!query.population.empty()) {
    return query.population;
  }
  std::string international;
  for (const auto& current : populations) {
    const auto& s = current.submission;
    if (s.source_kind == kInternational) {
      international = international.empty() ? s.source : international;  // WPP is the first
    } else if (countries.size() == 1 && (s.country == *countries.begin())) {
      return s.source;
    }
  }
  return international;
}

std::set<std::string> countries_in(const Desk::State& state, const Territories& territories,
                                   const std::vector<Current>& chosen, const TableQuery& query) {
  auto out = countries_of(query.where, territories);
  if (!out.empty()) {
    return out;
  }
  for (const auto& current : chosen) {
    if (!current.submission.country.empty()) {
      out.insert(current.submission.country);
      continue;
    }
    const auto segment = state.segment(current.submission.segment);
    const auto dictionary = segment ? (*segment)->dictionary("territory")
                                    : Result<std::shared_ptr<const columns::Dictionary>>(
                                          fail(ErrorCode::internal, "observatory.segment"));
    for (std::uint32_t code = 0; dictionary && code < (*dictionary)->size(); ++code) {
      out.insert(territories.lists().country_of((*dictionary)->text(code)));
    }
  }
  return out;
}

Result<void> add_population(const Desk::State& state, const Territories& territories,
                            std::vector<Submission> all, const std::vector<Current>& chosen,
                            const std::set<std::string>& months, Table& table) {
  auto populations = detail::current(std::move(all), "population", table.query.as_of);
  const auto countries = countries_in(state, territories, chosen, table.query);
  table.population_source = choose_population(table.query, populations, countries);
  std::erase_if(populations,
                [&](const Current& c) { return c.submission.source != table.population_source; });
  Population population;
  if (!populations.empty()) {
    table.population_title = populations.back().submission.title;
    table.synthetic = table.synthetic || populations.back().submission.synthetic;
    population = ATALAYA_TRY(
        Denominator(state, territories, table.query, *table.indicator, countries)
            .read(populations, table.populations));
  }
  Exposure exposure(std::move(population), months_by_year(months), place_of(table.query, "period"));
  for (auto& cell : table.cells) {
    cell.population = exposure.of(cell.codes);
  }
  if (exposure.interpolated()) {
    table.notes.emplace_back("observatory.note.population_interpolated");
  }
  if (exposure.part_years()) {
    table.notes.emplace_back("observatory.note.exposure_months");
  }
  return {};
}

// What the whole is counted from: the part's own sources where they know it, else the others.
Result<std::vector<Current>> whole_sources(const Desk::State& state, const Territories& territories,
                                           std::vector<Current> all,
                                           const std::vector<Current>& chosen, const Table& table) {
  std::vector<Current> out;
  for (auto& current : all) {
    if (ATALAYA_TRY(can_count(state, territories, current,
                              &table.indicator->denominator.filter, table.query.where))) {
      out.push_back(std::move(current));
    }
  }
  const auto ours = [&](const Current& current) {
    return std::ranges::any_of(chosen, [&](const Current& c) {
      return c.submission.source == current.submission.source;
    });
  };
  if (std::ranges::any_of(out, ours)) {
    std::erase_if(out, [&](const Current& current) { return !ours(current); });
  }
  return out;
}

// Shares: the whole is counted like the part, without what makes it a part.
Result<void> add_whole(const Desk::State& state, const Territories& territories,
                       std::vector<Current> all, const std::vector<Current>& chosen,
                       Table& table) {
  const auto sources =
      ATALAYA_TRY(whole_sources(state, territories, std::move(all), chosen, table));
  Adding adding;
  adding.by = table.query.by;
  adding.filters = table.query.where;
  adding.indicator = &table.indicator->denominator.filter;
  Adder adder(state, territories, adding);
  const Cells whole = ATALAYA_TRY(adder.add(sources));
  table.populations = adder.used();
  std::set<std::vector<std::string>> have;
  for (auto& cell : table.cells) {
    const auto at = whole.find(cell.codes);
    if (at != whole.end()) {
      cell.population = at->second.low;
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

}  // namespace

namespace detail {

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
  const auto hierarchy = ATALAYA_TRY(
      Hierarchy::create(territories.shared_lists(), dimension.name, dimension.level));
  return hierarchy.place(code).code;
}

Result<Table> draft_table(const Desk::State& state, store::Transaction& tx,
                          const TableQuery& query) {
  ATALAYA_TRY(check_query(state, query));
  const auto territories = ATALAYA_TRY(state.read_territories(tx));
  auto all = ATALAYA_TRY(read_submissions(tx));
  Table table;
  table.indicator = state.parts.indicators->find(query.indicator);
  table.query = query;
  table.by = query.by;
  const auto chosen =
      ATALAYA_TRY(choose(state, *territories, current(all, "facts", query.as_of), *table.indicator,
                         query, table));
  Adding adding;
  adding.by = query.by;
  adding.filters = query.where;
  adding.indicator = &table.indicator->numerator;
  Adder adder(state, *territories, adding);
  const Cells cells = ATALAYA_TRY(adder.add(chosen));
  table.submissions = adder.used();
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
    cell.count = sums.low;
    if (sums.high > sums.low) {
      cell.count_high = sums.high;
    }
    cell.status = status_of(sums.flag);
    table.cells.push_back(std::move(cell));
  }
  switch (table.indicator->denominator.kind) {
    case DenominatorKind::population:
      ATALAYA_TRY(add_population(state, *territories, std::move(all), chosen, adder.months(), table));
      break;
    case DenominatorKind::facts:
      ATALAYA_TRY(add_whole(state, *territories,
                            current(std::move(all), "facts", query.as_of), chosen, table));
      break;
    case DenominatorKind::none:
      break;
  }
  for (auto& cell : table.cells) {
    if (table.indicator->denominator.kind != DenominatorKind::none) {
      ATALAYA_TRY(fill_rate(cell, *table.indicator));
    }
  }
  return table;
}

Result<void> check_query(const Desk::State& state, const TableQuery& query) {
  if (state.parts.indicators->find(query.indicator) == nullptr) {
    return fail(Error{ErrorCode::not_found,
                      "observatory.indicator",
                      fmt::format("there is no indicator \"{}\"; see: atalaya observatory indicators",
                                  query.indicator),
                      {{"indicator", query.indicator}}});
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
