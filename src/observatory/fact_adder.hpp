#pragma once
// Facts of submissions added up: look-up tables per set, one question. Shared by tables, their
// denominators and releases; not for other sources.

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <atalaya/columns/cube.hpp>

#include "load_totals.hpp"

namespace atalaya::observatory::detail {

/// Sources of this kind counted the same way everywhere.
inline constexpr std::string_view kInternational = "international";

using Where = std::vector<std::pair<std::string, std::vector<std::string>>>;

inline const std::vector<std::string>* find_where(const Where& where, std::string_view name) {
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
enum Flag : std::uint32_t { kNormal, kProvisional, kEstimated, kMasked, kMissing, kFlags };

inline Flag flag_of(std::string_view status) {
  return status == "provisional"    ? kProvisional
         : status == "estimated"    ? kEstimated
         : status == "masked"       ? kMasked
         : status == kMissingStatus ? kMissing
                                    : kNormal;
}

struct Sums {
  double low = 0, high = 0;
  Flag flag = kNormal;

  /// Whether the source names it and gives no number of any part of it.
  [[nodiscard]] bool is_not_given() const { return flag == kMissing && high == 0; }
};

using Cells = std::map<std::vector<std::string>, Sums>;

// What is added up: facts of these submissions that pass the filters, by these dimensions.
struct Adding {
  std::vector<TableDimension> by;
  Where filters;                          // all must agree; what lies below a code included
  const FactFilter* indicator = nullptr;  // the indicator's own
  /// The level at which a fact's territory becomes part of a cell, where `by` keeps it finer.
  std::string territory_level = {};
  /// Only parts that a table by these dimensions adds up because their source gives them no total.
  std::optional<std::vector<TableDimension>> parts_without_total = {};
  /// With `parts_without_total`: instead those that it lacks, since only a wider total holds them.
  bool left_out = false;
  /// Cells of which no number is given, too: they are no zeros.
  bool with_not_given = false;
};

class Adder {
 public:
  Adder(const Desk::State& state, const Territories& territories, Adding adding)
      : state_(state), territories_(territories), adding_(std::move(adding)) {
    if (const auto* wanted = find_where(adding_.filters, "territory")) {
      wanted_territories_.insert(wanted->begin(), wanted->end());
    }
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
        decimals = std::max(decimals, input->set->decimals());
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

  /// Sources that cover a part of a territory only, so that their facts make no cell of it.
  [[nodiscard]] const std::set<std::string>& parts() const { return parts_; }

  /// The cells that exactly one fact stands for: shares cannot be added up. `several` counts those
  /// that were not made.
  Result<Cells> single(const std::vector<Current>& submissions, std::size_t& several) {
    std::map<std::vector<std::string>, std::pair<std::size_t, Sums>> rows;
    for (const auto& current : submissions) {
      auto input = ATALAYA_TRY(input_of(current));
      if (input) {
        used_.push_back(current.submission.id);
        ATALAYA_TRY(read_rows(*input, rows));
      }
    }
    Cells cells;
    for (auto& [codes, row] : rows) {
      if (row.first == 1) {
        cells.emplace(codes, row.second);
      }
    }
    several = rows.size() - cells.size();
    return cells;
  }

 private:
  struct Input {
    std::shared_ptr<const FactSet> set;
    std::vector<CodeTable> by;
    std::map<std::string, CodeTable> filters;
    CodeTable flags;  // empty where every fact is a normal one
  };

  [[nodiscard]] bool passes(const std::string& name, std::string_view code) const {
    if (adding_.indicator != nullptr &&
        !adding_.indicator->accepts(territories_.lists(), name, code)) {
      return false;
    }
    const auto* wanted = find_where(adding_.filters, name);
    if (wanted != nullptr && name == "territory") {
      return is_in_wanted_territory(code);
    }
    return wanted == nullptr || std::ranges::any_of(*wanted, [&](const std::string& outer) {
             return territories_.lists().is_within(name, code, outer);
           });
  }

  // Up from the code, because denominators ask for a thousand municipalities at once: to try each
  // of them for each code of a segment was most of the time that a table of rates took.
  [[nodiscard]] bool is_in_wanted_territory(std::string_view code) const {
    for (std::string at(code); !at.empty(); at = territories_.parent(at)) {
      if (wanted_territories_.contains(at)) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool is_filter(const std::string& name) const {
    return find_where(adding_.filters, name) != nullptr ||
           (adding_.indicator != nullptr && names_dimension(*adding_.indicator, name));
  }

  // Whether only some codes are asked for: leaving some out alone is no choice of the others.
  [[nodiscard]] bool is_chosen(const std::string& name) const {
    return find_where(adding_.filters, name) != nullptr ||
           (adding_.indicator != nullptr && adding_.indicator->find(name) != nullptr);
  }

  // The member that a code counts for, or kDropped.
  std::uint32_t member(const Current& current, std::size_t place, std::string_view code,
                       const std::vector<AgeRange>& across) {
    const auto& dimension = adding_.by[place];
    if (code == kTotal) {
      return columns::kDropped;  // the source's own total is no part of a breakdown
    }
    if (dimension.name == "territory") {
      const std::string& level =
          adding_.territory_level.empty() ? dimension.level : adding_.territory_level;
      const std::string outer = level.empty() ? "" : territories_.ancestor(code, level);
      if (!outer.empty() && is_part(current, outer)) {
        parts_.insert(current.submission.source);
        return columns::kDropped;  // one state's file does not make the country's figure
      }
      return members_[place].id(outer.empty() || dimension.level.empty() ? std::string(code)
                                                                         : outer);
    }
    if (!places_[place]) {
      return members_[place].id(std::string(code));
    }
    const std::string outer = places_[place]->place(code).code;
    return members_[place].id(is_cut(outer, across) ? std::string(code) : outer);
  }

  // Whether the source covers less than the territory.
  [[nodiscard]] bool is_part(const Current& current, std::string_view outer) const {
    return !current.covers.empty() && std::ranges::none_of(current.covers, [&](const auto& own) {
      return territories_.is_within(outer, own);
    });
  }

  // Whether some of a group of ages is counted elsewhere: with 12 to 17 in one number, those below
  // 12 are not all "under 15", and keep their own name.
  static bool is_cut(std::string_view group, const std::vector<AgeRange>& across) {
    const auto range = across.empty() ? std::nullopt : parse_age_code(group);
    return range && std::ranges::any_of(across, [&](const AgeRange& one) {
             return one.low < range->high && range->low < one.high;
           });
  }

  // Ages of the dictionary that lie across the groups of the level asked for.
  [[nodiscard]] std::vector<AgeRange> ages_across(std::size_t place,
                                                  const columns::Dictionary& dictionary) const {
    std::vector<AgeRange> out;
    for (std::uint32_t code = 0; code < dictionary.size(); ++code) {
      const auto range = parse_age_code(dictionary.text(code));
      if (range && !places_[place]->place(dictionary.text(code)).is_exact) {
        out.push_back(*range);
      }
    }
    return out;
  }

  // Nothing when no fact of the segment can count.
  Result<std::optional<Input>> input_of(const Current& current) {
    Input input;
    input.set = ATALAYA_TRY(state_.segment(current.submission.segment));
    const FactSet& description = *input.set;
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
      for (const auto& [name, codes] : adding_.indicator->except) {
        // Where the unknown are left out, so are all of a file that does not say.
        if (!description.has(name) && std::ranges::find(codes, kUnknown) != codes.end()) {
          return std::optional<Input>();
        }
      }
    }
    for (std::size_t place = 0; place < adding_.by.size(); ++place) {
      const bool ours =
          adding_.by[place].name != "source" && description.has(adding_.by[place].name);
      CodeTable column;
      if (!ours) {
        const std::string all =
            adding_.by[place].name == "source" ? current.submission.source : std::string(kUnknown);
        column.lut = {members_[place].id(all)};
      }
      input.by.push_back(std::move(column));
    }
    if (adding_.parts_without_total && !description.has(kTotalsColumn)) {
      return std::optional<Input>();
    }
    for (const auto& column : description.columns()) {
      if (column.kind == columns::SegmentColumn::Kind::codes) {
        const bool any =
            ATALAYA_TRY(column.name == kTotalsColumn ? look_up_totals(input)
                                                     : look_up(current, column.name, input));
        if (!any) {
          return std::optional<Input>();
        }
      }
    }
    return std::optional<Input>(std::move(input));
  }

  // Whether a table tells the dimension apart, so that totals of the source are no part of it.
  [[nodiscard]] bool is_told(std::string_view name) const {
    const auto& by = adding_.parts_without_total ? *adding_.parts_without_total : adding_.by;
    return is_chosen(std::string(name)) ||
           std::ranges::find(by, name, &TableDimension::name) != by.end();
  }

  // Facts that a total stands for which the table takes.
  Result<bool> look_up_totals(Input& input) const {
    const std::string name(kTotalsColumn);
    const auto dictionary = ATALAYA_TRY(input.set->dictionary(name));
    const auto is_open = [&](std::string_view dimension) { return !is_told(dimension); };
    CodeTable table{name, {}};
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      const auto fact = totals_of_fact(dictionary->text(code));
      bool held = false;
      bool held_by_wider = false;
      for (const auto& total : fact.held) {
        if (std::ranges::all_of(total.together, is_open)) {
          (total.wider ? held_by_wider : held) = true;
        }
      }
      const bool asked = !adding_.parts_without_total || std::ranges::any_of(fact.told, is_open);
      const bool taken =
          adding_.left_out ? held_by_wider && !held : asked && !held && !held_by_wider;
      table.lut.push_back(taken ? 0 : columns::kDropped);
    }
    const bool any = std::ranges::find(table.lut, 0U) != table.lut.end();
    input.filters[name] = std::move(table);
    return any;
  }

  // Whether any code of the column passes.
  Result<bool> look_up(const Current& current, const std::string& name, Input& input) {
    const auto dictionary = ATALAYA_TRY(input.set->dictionary(name));
    const auto at = std::ranges::find(adding_.by, name, &TableDimension::name);
    const bool broken_down = at != adding_.by.end();
    const auto place = static_cast<std::size_t>(at - adding_.by.begin());
    const bool row_by_row = input.set->has(kTotalsColumn);
    bool has_total = false;
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      has_total = has_total || dictionary->text(code) == kTotal;
    }
    std::vector<AgeRange> across;
    if (broken_down && name == "age" && places_[place]) {
      across = ages_across(place, *dictionary);
    }
    std::vector<std::uint32_t> lut;
    bool trivial = true;
    bool any = false;
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      const std::string_view text = dictionary->text(code);
      std::uint32_t value = 0;
      if (is_filter(name) && !passes(name, text)) {
        value = columns::kDropped;
      } else if (name == "period" && is_replaced(current.replaced, text)) {
        value = columns::kDropped;
      } else if (!broken_down && has_total && is_chosen(name) == (text == kTotal) &&
                 (text == kTotal || !row_by_row)) {
        // Where the source totals by itself, either its total counts or the parts that were asked
        // for; never both. Where it does so for some facts only, look_up_totals() tells which.
        value = columns::kDropped;
      }
      if (value != columns::kDropped && broken_down) {
        value = member(current, place, text, across);
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
        input.flags = {name, std::move(flags)};
      }
    }
    if (broken_down || !trivial) {
      CodeTable table{name, lut};
      if (broken_down) {
        input.by[place] = std::move(table);
      } else {
        input.filters[name] = std::move(table);
      }
    }
    return any;
  }

  // Codes that say that a share is of some people alone, of dimensions of which nobody asked for a
  // part. Where all that a survey asked are of one age group, as adults are, that group is all.
  Result<std::vector<CodeTable>> groups_of_people(const FactSet& set) const {
    static const std::set<std::string, std::less<>> kNoPeople{"period", "territory", "unit", "iccs",
                                                              "status"};
    std::vector<CodeTable> out;
    for (const auto& column : set.columns()) {
      const bool asked =
          is_chosen(column.name) ||
          std::ranges::find(adding_.by, column.name, &TableDimension::name) != adding_.by.end();
      if (column.kind != columns::SegmentColumn::Kind::codes || kNoPeople.contains(column.name) ||
          column.name == kTotalsColumn || asked) {
        continue;
      }
      const auto dictionary = ATALAYA_TRY(set.dictionary(column.name));
      if (column.name == "age" && dictionary->size() == 1) {
        continue;
      }
      CodeTable table{column.name, {}};
      for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
        table.lut.push_back(dictionary->text(code).starts_with('_') ? 0U : 1U);
      }
      out.push_back(std::move(table));
    }
    return out;
  }

  Result<void> read_rows(const Input& input,
                         std::map<std::vector<std::string>, std::pair<std::size_t, Sums>>& rows) {
    const std::uint64_t n = input.set->rows();
    std::vector<std::vector<std::uint32_t>> keys(n);
    std::vector<std::uint8_t> dropped(n, 0);
    const auto take = [&](const CodeTable& table, auto&& use) -> Result<void> {
      if (table.column.empty()) {
        for (std::uint64_t row = 0; row < n; ++row) {
          use(row, table.lut.front());
        }
        return {};
      }
      const auto column = ATALAYA_TRY(input.set->column(table.column));
      for (std::uint64_t row = 0; row < n; ++row) {
        use(row, table.lut[columns::at(column->codes, row)]);
      }
      return {};
    };
    for (const auto& table : input.by) {
      ATALAYA_TRY(take(table, [&](std::uint64_t row, std::uint32_t member) {
        keys[row].push_back(member);
        dropped[row] = member == columns::kDropped ? 1 : dropped[row];
      }));
    }
    for (const auto& [name, table] : input.filters) {
      ATALAYA_TRY(take(table, [&](std::uint64_t row, std::uint32_t member) {
        dropped[row] = member == columns::kDropped ? 1 : dropped[row];
      }));
    }
    std::vector<std::uint8_t> of_some(n, 0);
    for (const auto& table : ATALAYA_TRY(groups_of_people(*input.set))) {
      ATALAYA_TRY(take(table, [&](std::uint64_t row, std::uint32_t is_group) {
        of_some[row] = is_group != 0 ? 1 : of_some[row];
      }));
    }
    std::vector<Flag> flags(n, kNormal);
    if (!input.flags.lut.empty()) {
      ATALAYA_TRY(take(input.flags, [&](std::uint64_t row, std::uint32_t flag) {
        flags[row] = static_cast<Flag>(flag);
      }));
    }
    const auto values = ATALAYA_TRY(input.set->values("value"));
    auto highs = values;
    if (input.set->has("value_high")) {
      highs = ATALAYA_TRY(input.set->values("value_high"));
    }
    const double unit = std::pow(10.0, input.set->decimals());
    for (std::uint64_t row = 0; row < n; ++row) {
      if (dropped[row] != 0 || flags[row] == kMissing) {
        continue;
      }
      std::vector<std::string> codes;
      for (std::size_t place = 0; place < members_.size(); ++place) {
        codes.push_back(members_[place].codes[keys[row][place]]);
      }
      auto& [count, sums] = rows[std::move(codes)];
      count += of_some[row] != 0 ? 2U : 1U;  // the share of women is not everybody's
      sums = {static_cast<double>((*values)[row]) / unit, static_cast<double>((*highs)[row]) / unit,
              flags[row]};
    }
    return {};
  }

  Result<Cells> sum(std::vector<Input>& inputs, std::int32_t decimals) {
    std::set<std::string> filters;
    for (const auto& input : inputs) {
      for (const auto& [name, table] : input.filters) {
        filters.insert(name);
      }
    }
    FactSums query;
    query.decimals = decimals;
    for (const auto& members : members_) {
      query.sizes.push_back(
          std::max<std::uint32_t>(1, static_cast<std::uint32_t>(members.codes.size())));
    }
    query.sizes.insert(query.sizes.end(), filters.size(), 1);
    query.sizes.push_back(kFlags);
    for (auto& input : inputs) {
      FactInput& out = query.inputs.emplace_back();
      out.set = input.set;
      out.tables = std::move(input.by);
      for (const auto& name : filters) {
        const auto at = input.filters.find(name);
        out.tables.push_back(at != input.filters.end() ? at->second : CodeTable{"", {0}});
      }
      out.tables.push_back(input.flags.lut.empty() ? CodeTable{"", {kNormal}} : input.flags);
    }
    const double unit = std::pow(10.0, decimals);
    Cells cells;
    ATALAYA_TRY(
        state_.parts.facts->sum(query, [&](const columns::CellBatch& batch) -> Result<void> {
          add_cells(batch, unit, cells);
          return {};
        }));
    if (!adding_.with_not_given) {
      std::erase_if(cells, [](const auto& cell) { return cell.second.is_not_given(); });
    }
    return cells;
  }

  void add_cells(const columns::CellBatch& batch, double unit, Cells& cells) const {
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
  }

  const Desk::State& state_;
  const Territories& territories_;
  Adding adding_;
  std::set<std::string> wanted_territories_;
  std::vector<Members> members_;
  std::vector<std::optional<Hierarchy>> places_;
  std::vector<std::int64_t> used_;
  std::set<std::string> parts_;
};

/// The countries that a choice of territories lies in.
inline std::set<std::string> countries_of(const Where& where, const Territories& territories) {
  std::set<std::string> out;
  if (const auto* wanted = find_where(where, "territory")) {
    for (const auto& code : *wanted) {
      out.insert(territories.lists().country_of(code));
    }
  }
  return out;
}

inline std::optional<std::size_t> place_of(const TableQuery& query, std::string_view name) {
  const auto at = std::ranges::find(query.by, name, &TableDimension::name);
  return at == query.by.end() ? std::nullopt
                              : std::optional(static_cast<std::size_t>(at - query.by.begin()));
}

}  // namespace atalaya::observatory::detail
