// A row of a year beside the rows of its months, an offence or a place beside its parts, and tables
// of one source by other breakdowns, add up to twice as many cases. Only codes and sums can tell: a
// year may also hold what nobody knows the month of, and two tables may hold other cases.
#include "load_periods.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "desk_coverage.hpp"
#include "load_places.hpp"
#include "mapping_checks.hpp"

namespace atalaya::observatory::detail {
namespace {

constexpr std::size_t kNamed = 6;

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

const FactColumn* find_column(const Facts& facts, std::string_view name) {
  const auto at = std::ranges::find(facts.dimensions, name, &FactColumn::name);
  return at == facts.dimensions.end() ? nullptr : &*at;
}

std::vector<std::uint8_t> used_codes(const FactColumn& column, std::size_t rows) {
  std::vector<std::uint8_t> used(column.texts.size(), 0);
  for (std::size_t row = 0; row < rows; ++row) {
    used[columns::at(column.codes, row)] = 1;
  }
  return used;
}

// The periods of the codes that facts use.
std::vector<std::optional<Period>> used_periods(const FactColumn& column, std::size_t rows) {
  std::vector<std::optional<Period>> out(column.texts.size());
  const auto used = used_codes(column, rows);
  for (std::uint32_t code = 0; code < out.size(); ++code) {
    out[code] = used[code] != 0 ? parse_period(column.texts.text(code)) : std::nullopt;
  }
  return out;
}

json::array as_json(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) {
    out.push_back(json::string(text));
  }
  return out;
}

std::string named(std::vector<std::string> all) {
  const bool more = all.size() > kNamed;
  all.resize(std::min(all.size(), kNamed));
  return fmt::format("{}{}", fmt::join(all, ", "), more ? " …" : "");
}

// ---- totals beside their parts ----

// What else than one dimension a fact says, but for its status; shares of a survey are never added
// up.
struct RowGroups {
  std::vector<std::uint64_t> groups;
  std::vector<bool> counts;

  RowGroups(const Facts& facts, std::string_view but_for)
      : groups(facts.values.size(), 0), counts(facts.values.size(), true) {
    for (std::size_t d = 0; d < facts.dimensions.size(); ++d) {
      const auto& column = facts.dimensions[d];
      if (column.name == but_for || column.name == "status") {
        continue;
      }
      for_each_code(column.codes, [&](std::size_t row, std::uint32_t code) {
        groups[row] = mixed(groups[row] * 31 + code + (d << 32U));
        if (column.name == "unit" && column.texts.text(code).starts_with("percent")) {
          counts[row] = false;
        }
      });
    }
  }
};

struct FoundTotals {
  std::size_t row = 0;  // of the first total
  std::string code;     // its code
  std::uint64_t groups = 0;
};

class PeriodTotals {
 public:
  PeriodTotals(const Facts& facts, const FactColumn& column) : facts_(facts), column_(column) {
    periods_ = used_periods(column, facts.values.size());
    for (std::uint32_t outer = 0; outer < periods_.size(); ++outer) {
      for (std::uint32_t inner = 0; inner < periods_.size(); ++inner) {
        if (periods_[outer] && periods_[inner] && periods_[outer]->kind < periods_[inner]->kind &&
            holds(*periods_[outer], *periods_[inner])) {
          holders_[inner].push_back(outer);
          outer_.insert(outer);
        }
      }
    }
  }

  // Of each pair of kinds, as years and months, the first group whose coarse figures are totals.
  std::vector<FoundTotals> find() {
    if (outer_.empty()) {
      return {};
    }
    rows_.emplace(facts_, "period");
    const auto& groups = rows_->groups;
    for (std::size_t row = 0; row < facts_.values.size(); ++row) {
      const std::uint32_t code = columns::at(column_.codes, row);
      if (rows_->counts[row] && outer_.contains(code)) {
        const auto [at, is_new] = coarse_.try_emplace(key(code, groups[row]));
        at->second.row = is_new ? row : at->second.row;
        at->second.sum += static_cast<double>(facts_.values[row]);
      }
    }
    for (std::size_t row = 0; row < facts_.values.size(); ++row) {
      const auto at = holders_.find(columns::at(column_.codes, row));
      if (rows_->counts[row] && at != holders_.end()) {
        const auto kind = static_cast<std::size_t>(periods_[at->first]->kind);
        for (const std::uint32_t outer : at->second) {
          fine_[kind][key(outer, groups[row])] += static_cast<double>(facts_.values[row]);
          kinds_[key(outer, groups[row])] = static_cast<std::size_t>(periods_[outer]->kind);
        }
      }
    }
    return judge();
  }

 private:
  static constexpr std::size_t kKinds = 6;

  struct Coarse {
    std::size_t row = 0;
    double sum = 0;
  };

  static std::uint64_t key(std::uint32_t outer, std::uint64_t group) {
    return mixed(group + mixed(outer + 1));
  }

  // Totals: most series that have the parts have the whole too, and it is no small rest of them.
  std::vector<FoundTotals> judge() const {
    std::vector<FoundTotals> out;
    for (std::size_t coarse_kind = 0; coarse_kind < kKinds; ++coarse_kind) {
      for (std::size_t kind = coarse_kind + 1; kind < kKinds; ++kind) {
        std::uint64_t groups = 0;
        double whole = 0;
        double parts = 0;
        FoundTotals found;
        found.row = facts_.values.size();
        for (const auto& [group, sum] : fine_[kind]) {
          if (kinds_.at(group) != coarse_kind) {
            continue;
          }
          ++groups;
          if (const auto at = coarse_.find(group); at != coarse_.end()) {
            ++found.groups;
            whole += at->second.sum;
            parts += sum;
            found.row = std::min(found.row, at->second.row);
          }
        }
        if (found.groups * 2 >= groups && whole > 0 && whole * 2 >= parts) {
          found.code = column_.texts.text(columns::at(column_.codes, found.row));
          out.push_back(std::move(found));
        }
      }
    }
    return out;
  }

  const Facts& facts_;
  const FactColumn& column_;
  std::vector<std::optional<Period>> periods_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> holders_;  // by inner code
  std::set<std::uint32_t> outer_;
  std::optional<RowGroups> rows_;
  std::unordered_map<std::uint64_t, Coarse> coarse_;
  std::array<std::unordered_map<std::uint64_t, double>, kKinds> fine_;  // by kind of the parts
  std::unordered_map<std::uint64_t, std::size_t> kinds_;                // of the whole
};

struct WholeAndParts {
  std::size_t row = 0;  // of the whole
  double whole = 0, parts = 0;
};

// How many groups say that a code is the sum of its parts; 0 where it is not. It may also stand for
// what is in none of them (other robberies): only where it is their sum, in most groups and never
// less, is it taken for their total.
template <class Groups>
std::uint64_t groups_of_total(const Groups& all) {
  constexpr double kTelling = 5;  // fewer can be equal by chance
  std::uint64_t groups = 0;
  std::uint64_t not_less = 0;
  std::uint64_t equal = 0;
  double whole = 0;
  for (const auto& [group, sum] : all) {
    if (sum.parts == 0) {
      continue;
    }
    ++groups;
    not_less += sum.whole >= sum.parts ? 1U : 0U;
    // Late corrections reach a total of thousands later.
    if (sum.whole > 0 && std::abs(sum.whole - sum.parts) * 100 <= sum.whole) {
      ++equal;
      whole += sum.whole;
    }
  }
  return equal * 2 < groups || not_less * 10 < groups * 9 || whole < kTelling ? 0 : equal;
}

// How many groups say that a code is more than its parts together, as a total is of which the file
// leaves some parts out; 0 where they do not, or where it is their sum.
template <class Groups>
std::uint64_t groups_of_larger(const Groups& all) {
  constexpr std::uint64_t kTelling = 5;
  std::uint64_t groups = 0;
  std::uint64_t larger = 0;
  for (const auto& [group, sum] : all) {
    groups += sum.parts > 0 ? 1U : 0U;
    larger += sum.parts > 0 && sum.whole > sum.parts ? 1U : 0U;
  }
  return larger < kTelling || larger * 10 < groups * 9 || groups_of_total(all) > 0 ? 0 : larger;
}

// Figures of an offence or a place beside those of its parts.
class CodeTotals {
 public:
  CodeTotals(const Facts& facts, const FactColumn& column, const LoadPlaces& places)
      : facts_(facts), column_(column) {
    const auto used = used_codes(column, facts.values.size());
    std::unordered_map<std::string, std::uint32_t> ids;
    for (std::uint32_t code = 0; code < used.size(); ++code) {
      if (used[code] != 0) {
        ids.emplace(column.texts.text(code), code);
      }
    }
    holder_.assign(used.size(), kNone);
    for (const auto& [text, code] : ids) {
      for (const auto& outer : places.around(column.name, text)) {
        if (const auto at = ids.find(outer); at != ids.end()) {
          holder_[code] = at->second;
          break;
        }
      }
    }
  }

  /// Codes that are the sums of their parts or, if `larger`, more than that nearly everywhere.
  std::vector<FoundTotals> find(bool larger = false) const {
    if (std::ranges::all_of(holder_, [](std::uint32_t outer) { return outer == kNone; })) {
      return {};
    }
    std::vector<std::unordered_map<std::uint64_t, WholeAndParts>> sums(holder_.size());
    const RowGroups rows(facts_, column_.name);
    for (std::size_t row = 0; row < facts_.values.size(); ++row) {
      const std::uint32_t code = columns::at(column_.codes, row);
      const auto value = static_cast<double>(facts_.values[row]);
      if (rows.counts[row] && value != 0) {
        auto& own = sums[code][rows.groups[row]];
        own.row = own.whole == 0 ? row : own.row;
        own.whole += value;
        if (holder_[code] != kNone) {
          sums[holder_[code]][rows.groups[row]].parts += value;
        }
      }
    }
    std::vector<FoundTotals> out;
    for (std::uint32_t code = 0; code < sums.size(); ++code) {
      const auto groups = larger ? groups_of_larger(sums[code]) : groups_of_total(sums[code]);
      if (groups > 0) {
        FoundTotals found{facts_.values.size(), std::string(column_.texts.text(code)), groups};
        for (const auto& [group, sum] : sums[code]) {
          found.row = sum.whole > 0 && sum.parts > 0 ? std::min(found.row, sum.row) : found.row;
        }
        out.push_back(std::move(found));
      }
    }
    return out;
  }

 private:
  const Facts& facts_;
  const FactColumn& column_;
  std::vector<std::uint32_t> holder_;  // by code: the nearest one of the file that it is a part of
};

// ---- other series of the source ----

// Whether two codes of a dimension can speak of one case: groups of ages may overlap.
bool can_be_one(std::string_view dimension, std::string_view a, std::string_view b) {
  if (dimension == "age") {
    const auto left = parse_age_code(a);
    const auto right = parse_age_code(b);
    if (left && right) {
      return left->low < right->high && right->low < left->high;
    }
  }
  return a == b;
}

// Whether files of which every fact says another code of some dimension cannot hold one case twice.
Result<bool> tells_apart(const FactSet& held, const Facts& facts) {
  static constexpr std::array<std::string_view, 5> kOther{"period", "territory", "unit", "iccs",
                                                          "status"};
  for (const auto& column : facts.dimensions) {
    if (std::ranges::find(kOther, column.name) != kOther.end() || !held.has(column.name)) {
      continue;
    }
    const auto dictionary = ATALAYA_TRY(held.dictionary(column.name));
    const auto used = used_codes(column, facts.values.size());
    std::set<std::string, std::less<>> codes;
    for (std::uint32_t code = 0; code < used.size(); ++code) {
      if (used[code] != 0) {
        codes.emplace(column.texts.text(code));
      }
    }
    const auto says_little = [](std::string_view code) { return code.starts_with('_'); };
    bool apart = std::ranges::none_of(codes, says_little);
    for (std::uint32_t code = 0; code < dictionary->size() && apart; ++code) {
      const std::string_view own = dictionary->text(code);
      apart = !says_little(own) && std::ranges::none_of(codes, [&](const std::string& other) {
        return can_be_one(column.name, own, other);
      });
    }
    if (apart) {
      return true;
    }
  }
  return false;
}

// Which months the facts have of each unit, offence and place.
class Spoken {
 public:
  Spoken(const Territories& territories, const std::vector<NewTerritory>& joining,
         const Facts& facts)
      : places_(territories, joining) {
    std::array<const FactColumn*, 4> columns{};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      columns[i] = find_column(facts, kNames[i]);
    }
    std::unordered_set<std::uint64_t> seen;
    for (std::size_t row = 0; row < facts.values.size(); ++row) {
      std::uint64_t number = 0;
      std::vector<std::uint32_t> codes;
      for (const auto* column : columns) {
        codes.push_back(column == nullptr ? 0 : columns::at(column->codes, row));
        number = mixed(number * 31 + codes.back() + 1);
      }
      if (facts.values[row] == 0 || !seen.insert(number).second) {
        continue;
      }
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        texts.emplace_back(columns[i] == nullptr ? kUnknown : columns[i]->texts.text(codes[i]));
      }
      add(texts);
    }
  }

  // In the order of kNames.
  [[nodiscard]] bool has(const std::vector<std::string>& texts) const {
    const auto at = months_.find({texts[0], texts[1]});
    const auto period = parse_period(texts[3]);
    if (at == months_.end() || !period) {
      return false;
    }
    return std::ranges::any_of(months_of(*period), [&](const Period& month) {
      const auto found = at->second.find(period_code(month));
      return found != at->second.end() && is_in(found->second, texts[2]);
    });
  }

  static constexpr std::array<std::string_view, 4> kNames{"unit", "iccs", "territory", "period"};

 private:
  struct Places {
    std::set<std::string> own, around;  // around: what lies above them
  };

  void add(const std::vector<std::string>& texts) {
    const auto period = parse_period(texts[3]);
    for (const Period& month : period ? months_of(*period) : std::vector<Period>()) {
      auto& places = months_[{texts[0], texts[1]}][period_code(month)];
      if (places.own.insert(texts[2]).second) {
        for (std::string up = places_.above(texts[2]); !up.empty(); up = places_.above(up)) {
          places.around.insert(up);
        }
      }
    }
  }

  [[nodiscard]] bool is_in(const Places& places, const std::string& place) const {
    if (places.around.contains(place)) {
      return true;
    }
    for (std::string up = place; !up.empty(); up = places_.above(up)) {
      if (places.own.contains(up)) {
        return true;
      }
    }
    return false;
  }

  const LoadPlaces places_;
  std::map<std::pair<std::string, std::string>, std::map<std::string, Places>> months_;
};

// What a submission counts of which the facts speak, too: codes in the order of Spoken::kNames.
class Beside {
 public:
  Beside(const Desk::State& state, const Territories& territories,
         const std::vector<NewTerritory>& joining, const Facts& facts)
      : state_(state), territories_(territories), joining_(joining), facts_(facts) {}

  Result<std::vector<std::vector<std::string>>> of(const Current& held) {
    std::vector<std::vector<std::string>> out;
    const auto set = ATALAYA_TRY(state_.segment(held.submission.segment));
    if (ATALAYA_TRY(tells_apart(*set, facts_))) {
      return out;
    }
    if (!spoken_) {
      spoken_.emplace(territories_, joining_, facts_);
    }
    for (const auto& [codes, sum] : ATALAYA_TRY(held_cells(held))) {
      if (sum > 0 && spoken_->has(codes)) {
        out.push_back(codes);
      }
    }
    return out;
  }

  // How many figures of an offence are the sums of figures of its parts, the one here and the other
  // there.
  Result<std::uint64_t> totals_across(const Current& held) {
    const auto set = ATALAYA_TRY(state_.segment(held.submission.segment));
    const bool apart = ATALAYA_TRY(tells_apart(*set, facts_));
    if (apart || !set->has("iccs")) {
      return std::uint64_t{0};
    }
    const auto dictionary = ATALAYA_TRY(set->dictionary("iccs"));
    std::set<std::string> theirs;
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      theirs.emplace(dictionary->text(code));
    }
    const auto& own = own_cells();
    const bool related = std::ranges::any_of(own, [&](const auto& cell) {
      const auto is_part_of = [](std::string_view code, std::string_view outer) {
        return code.size() > outer.size() && code.starts_with(outer);
      };
      return std::ranges::any_of(theirs, [&](const std::string& code) {
        return is_part_of(code, cell.first[1]) || is_part_of(cell.first[1], code);
      });
    });
    if (!related) {
      return std::uint64_t{0};
    }
    const auto cells = ATALAYA_TRY(held_cells(held));
    return std::max(totals_of(own, cells), totals_of(cells, own));
  }

 private:
  Result<AddedFacts> held_cells(const Current& held) const {
    std::vector<TableDimension> by;
    for (const auto name : Spoken::kNames) {
      by.push_back({std::string(name), ""});
    }
    return add_facts(state_, territories_, {held}, by);
  }

  // The facts by the same dimensions. Where a dimension has totals, they alone count.
  const AddedFacts& own_cells() {
    if (own_) {
      return *own_;
    }
    own_.emplace();
    std::vector<std::pair<const FactColumn*, std::uint32_t>> totals;
    std::array<const FactColumn*, 4> columns{};
    for (const auto& column : facts_.dimensions) {
      for (std::uint32_t code = 0; code < column.texts.size(); ++code) {
        if (column.texts.text(code) == kTotal) {
          totals.emplace_back(&column, code);
        }
      }
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      columns[i] = find_column(facts_, Spoken::kNames[i]);
    }
    std::map<std::array<std::uint32_t, 4>, double> sums;
    for (std::size_t row = 0; row < facts_.values.size(); ++row) {
      std::array<std::uint32_t, 4> codes{};
      for (std::size_t i = 0; i < columns.size(); ++i) {
        codes[i] = columns[i] == nullptr ? 0 : columns::at(columns[i]->codes, row);
      }
      if (std::ranges::all_of(totals, [&](const auto& total) {
            return columns::at(total.first->codes, row) == total.second;
          })) {
        sums[codes] += static_cast<double>(facts_.values[row]);
      }
    }
    for (const auto& [codes, sum] : sums) {
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < columns.size(); ++i) {
        texts.emplace_back(columns[i] == nullptr ? kUnknown : columns[i]->texts.text(codes[i]));
      }
      own_->emplace(std::move(texts), sum);
    }
    return *own_;
  }

  [[nodiscard]] std::uint64_t totals_of(const AddedFacts& wholes, const AddedFacts& parts) const {
    const LoadPlaces places(territories_, joining_);
    std::map<std::string, std::map<std::vector<std::string>, WholeAndParts>> found;
    for (const auto& [codes, sum] : wholes) {
      found[codes[1]][{codes[0], codes[2], codes[3]}].whole += sum;
    }
    for (const auto& [codes, sum] : parts) {
      for (const auto& outer : places.around("iccs", codes[1])) {
        if (const auto at = found.find(outer); at != found.end()) {
          at->second[{codes[0], codes[2], codes[3]}].parts += sum;
          break;
        }
      }
    }
    std::uint64_t out = 0;
    for (const auto& [code, groups] : found) {
      out += groups_of_total(groups);
    }
    return out;
  }

  const Desk::State& state_;
  const Territories& territories_;
  const std::vector<NewTerritory>& joining_;
  const Facts& facts_;
  std::optional<Spoken> spoken_;
  std::optional<AddedFacts> own_;
};

}  // namespace

void note_time(const Facts& facts, const std::vector<std::string>& months, json::object& report) {
  std::vector<std::string> spans;
  std::set<std::string> have;
  if (const auto* column = find_column(facts, "period")) {
    for (const auto& period : used_periods(*column, facts.values.size())) {
      for (const Period& month : period ? months_of(*period) : std::vector<Period>()) {
        have.insert(period_code(month));
      }
      if (period && period->kind < PeriodKind::month) {
        spans.push_back(period_code(*period));
      }
    }
  }
  std::vector<std::string> without;
  std::ranges::set_difference(months, have, std::back_inserter(without));
  report["spans"] = as_json(spans);
  report["without_facts"] = as_json(without);
}

std::vector<Overlap> totals_beside_parts(const Territories& territories,
                                         const std::vector<NewTerritory>& joining,
                                         const Facts& facts, const Mapping& mapping,
                                         const std::vector<std::string>& files,
                                         const std::vector<std::uint64_t>& ends) {
  std::vector<Overlap> out;
  if (mapping.count_rows) {
    return out;
  }
  const auto add = [&](const std::vector<FoundTotals>& all, std::string_view what) {
    for (const auto& found : all) {
      const auto file = std::ranges::upper_bound(ends, found.row) - ends.begin();
      Overlap overlap;
      overlap.kind = Overlap::Kind::total;
      overlap.file = files[static_cast<std::size_t>(file)];
      overlap.other = fmt::format("{}{}", what, found.code);
      overlap.facts = found.groups;
      out.push_back(std::move(overlap));
    }
  };
  if (const auto* column = find_column(facts, "period")) {
    add(PeriodTotals(facts, *column).find(), "");
  }
  const LoadPlaces places(territories, joining);
  if (const auto* column = find_column(facts, "iccs")) {
    add(CodeTotals(facts, *column, places).find(), "ICCS ");
  }
  if (const auto* column = find_column(facts, "territory")) {
    add(CodeTotals(facts, *column, places).find(), "");
  }
  return out;
}

void note_larger_offences(const Territories& territories, const std::vector<NewTerritory>& joining,
                          const Facts& facts, const Mapping& mapping,
                          const std::vector<std::uint64_t>& ends, LoadReport& report) {
  const auto* column = mapping.count_rows ? nullptr : find_column(facts, "iccs");
  if (column == nullptr) {
    return;
  }
  for (const auto& found :
       CodeTotals(facts, *column, LoadPlaces(territories, joining)).find(true)) {
    const auto file = std::ranges::upper_bound(ends, found.row) - ends.begin();
    Finding finding;
    finding.file = report.files[static_cast<std::size_t>(file)];
    finding.value = "ICCS " + found.code;
    finding.reason = "larger_than_parts";
    finding.detail = fmt::format(
        "figures of ICCS {} stand beside figures of its parts and are larger than their sum {} "
        "times: they count as further cases. If they are the offence's total, leave them out with "
        "[[skip]]",
        found.code, found.groups);
    finding.rows = found.groups;
    report.findings.push_back(std::move(finding));
  }
}

Result<std::vector<Overlap>> counted_beside(const Desk::State& state,
                                            const Territories& territories,
                                            const std::vector<NewTerritory>& joining,
                                            const Facts& facts,
                                            const std::vector<std::string>& files,
                                            const std::vector<Current>& beside) {
  std::vector<Overlap> out;
  Beside both(state, territories, joining, facts);
  for (const auto& current : beside) {
    const auto cells = ATALAYA_TRY(both.of(current));
    auto found = std::uint64_t{cells.size()};
    if (found == 0) {
      found = ATALAYA_TRY(both.totals_across(current));
    }
    if (found > 0) {
      Overlap overlap;
      overlap.kind = Overlap::Kind::measure;
      overlap.file = files.empty() ? "" : files.front();
      overlap.other = current.submission.mapping;
      overlap.submission = current.submission.id;
      overlap.facts = found;
      out.push_back(std::move(overlap));
    }
  }
  return out;
}

Result<void> check_population(const Desk::State& state, const Territories& territories,
                              const std::vector<NewTerritory>& joining, const Facts& facts,
                              const std::vector<Current>& beside) {
  Beside both(state, territories, joining, facts);
  for (const auto& current : beside) {
    const auto cells = ATALAYA_TRY(both.of(current));
    if (cells.empty()) {
      continue;
    }
    const auto& held = current.submission;
    const std::string& place = cells.front()[2];
    const std::string& year = cells.front()[3];
    return fail(Error{
        ErrorCode::conflict,
        "observatory.load.population_beside",
        fmt::format("submission {} (mapping {}) of source {} gives the population of {} in {} "
                    "already, and {} more figures that the files give again: both would be added, "
                    "and rates would fall. Load a newer file with that mapping, under the same id; "
                    "correct the year or place if it is wrong; or give another population a source "
                    "name of its own",
                    held.id, held.mapping, held.source, place, year, cells.size() - 1),
        {{"submission", std::to_string(held.id)},
         {"mapping", held.mapping},
         {"source", held.source},
         {"place", place},
         {"year", year},
         {"more", std::to_string(cells.size() - 1)}}});
  }
  return {};
}

Result<void> check_covers(const Territories& territories, const std::vector<NewTerritory>& joining,
                          const Mapping& mapping, const Facts& facts) {
  const auto* column = find_column(facts, "territory");
  if (column == nullptr || mapping.covers.empty() || mapping.source_kind == kInternational) {
    return {};
  }
  const LoadPlaces places(territories, joining);
  const auto is_covered = [&](const std::string& code) {
    auto around = places.around("territory", code);
    around.push_back(code);
    return std::ranges::any_of(around, [&](const std::string& outer) {
      return std::ranges::find(mapping.covers, outer) != mapping.covers.end();
    });
  };
  std::vector<std::string> outside;
  const auto used = used_codes(*column, facts.values.size());
  for (std::uint32_t code = 0; code < used.size(); ++code) {
    const std::string text(column->texts.text(code));
    if (used[code] != 0 && !text.starts_with('_') && !is_covered(text)) {
      outside.push_back(text);
    }
  }
  if (outside.empty()) {
    return {};
  }
  std::ranges::sort(outside);
  return fail(Error{
      ErrorCode::invalid_argument,
      "observatory.load.covers",
      fmt::format("covers says {}, and facts of the files lie elsewhere: {}. Write "
                  "into covers all that the source speaks of, or correct the "
                  "territories; a figure of the whole country needs covers of the "
                  "country",
                  fmt::join(mapping.covers, ", "), named(outside)),
      {{"covers", fmt::format("{}", fmt::join(mapping.covers, ", "))}, {"what", named(outside)}}});
}

void note_less_covered(const std::vector<Current>& held, LoadReport& report) {
  std::set<std::string> less;
  for (const auto& current : held) {
    const auto with_facts = months_with_facts(current.submission);
    if (with_facts.empty() || !std::ranges::includes(report.months, with_facts)) {
      continue;
    }
    for (const auto& month : current.submission.months) {
      if (!current.replaced.contains(month)) {
        less.insert(month);
      }
    }
  }
  for (const auto& month : report.months) {
    less.erase(month);
  }
  if (less.empty()) {
    return;
  }
  Finding finding;
  finding.file = report.files.empty() ? "" : report.files.front();
  finding.reason = "less_covered";
  finding.detail = fmt::format(
      "an earlier load of the same figures covered {} months without a fact that this one does "
      "not: {}. They would count as not sent; if nothing happened in them, say so with "
      "covers_period",
      less.size(), named({less.begin(), less.end()}));
  finding.rows = less.size();
  report.findings.push_back(std::move(finding));
}

}  // namespace atalaya::observatory::detail
