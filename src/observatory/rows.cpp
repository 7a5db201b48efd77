#include <atalaya/observatory/rows.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory {
namespace {

using Codes = std::vector<std::string>;
using Renamed = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kRestMark = "._U";
constexpr std::size_t kNamedMax = 6;

constexpr std::array<std::string_view, 4> kRestNames = {  // in the order of kLanguages
    "{}, not further specified", "{}, sin otra especificación", "{}, sem outra especificação",
    "{}, sans autre précision"};

bool is_special(std::string_view code) {
  return code == kUnknown || code == kNotApplicable || code == kTotal;
}

// One column of a table: its codes and what was chosen of its dimension.
class Column {
 public:
  Column(const Territories& territories, const TableDimension& dimension, const Codes* chosen)
      : territories_(territories), dimension_(dimension) {
    if (chosen != nullptr) {
      // What lies in another code that was chosen says nothing more.
      const std::set<std::string, std::less<>> all(chosen->begin(), chosen->end());
      std::ranges::copy_if(all, std::back_inserter(chosen_), [&](const std::string& code) {
        return std::ranges::none_of(above(code, *chosen),
                                    [&](const auto& outer) { return all.contains(outer); });
      });
    }
    narrowed_ = narrowed_by();
  }

  // What was chosen of a code: the code where all of it was, the chosen ones that lie in it, or
  // nothing.
  [[nodiscard]] std::string chosen_of(const std::string& code) const {
    const auto is_chosen = [&](const auto& one) {
      return std::ranges::binary_search(chosen_, one);
    };
    if (chosen_.empty() || is_chosen(code)) {
      return code;
    }
    if (is_special(code)) {
      return {};
    }
    if (dimension_.name == "age") {
      return ages_of(code);
    }
    if (dimension_.name == "period") {
      return periods_of(code);
    }
    if (std::ranges::any_of(above(code, {}), is_chosen)) {
      return code;
    }
    const auto found = narrowed_.find(code);
    return found == narrowed_.end() ? std::string() : joined(found->second);
  }

  [[nodiscard]] Renamed names(const Codes& codes) const {
    Renamed out;
    std::set<std::string, std::less<>> divided;  // codes of which something finer stands here
    for (const auto& code : codes) {
      const auto outer = above(code, codes);
      divided.insert(outer.begin(), outer.end());
    }
    for (const auto& code : codes) {
      if (is_special(code)) {
        continue;
      }
      if (const auto part = chosen_of(code); part != code && !part.empty()) {
        out.emplace(code, part);
      } else if (divided.contains(code) || is_above_level(code, codes)) {
        out.emplace(code, rest_code(code));
      }
    }
    return out;
  }

 private:
  // Every code that holds it, itself left out. Of ages, which have no tree, those of `others`.
  [[nodiscard]] Codes above(const std::string& code, const Codes& others) const {
    Codes out;
    if (is_special(code)) {
      return out;
    }
    if (dimension_.name == "period") {
      for (const auto kind : {PeriodKind::week, PeriodKind::month, PeriodKind::quarter,
                              PeriodKind::semester, PeriodKind::year}) {
        const auto period = parse_period(code);
        const auto outer = period ? roll_up(*period, kind) : std::nullopt;
        if (outer && *outer != *period) {
          out.push_back(period_code(*outer));
        }
      }
      return out;
    }
    if (dimension_.name == "age") {
      const auto own = parse_age_code(code);
      for (const auto& other : others) {
        const auto range = parse_age_code(other);
        if (own && range && *range != *own && holds(*range, *own)) {
          out.push_back(other);
        }
      }
      return out;
    }
    const auto* list = territories_.lists().find(dimension_.name);
    const auto* known = list == nullptr ? nullptr : list->find(code);
    if (known != nullptr && !known->group.empty()) {
      out.push_back(known->group);
    }
    for (auto at = parent(code); !at.empty(); at = parent(at)) {
      out.push_back(at);
    }
    return out;
  }

  [[nodiscard]] std::string parent(const std::string& code) const {
    return dimension_.name == "territory" ? territories_.parent(code)
                                          : territories_.lists().parent(dimension_.name, code);
  }

  // By code above them what was chosen.
  [[nodiscard]] std::map<std::string, Codes, std::less<>> narrowed_by() const {
    std::map<std::string, Codes, std::less<>> out;
    if (dimension_.name != "age" && dimension_.name != "period") {
      for (const auto& code : chosen_) {
        for (const auto& outer : above(code, {})) {
          out[outer].push_back(code);
        }
      }
    }
    return out;
  }

  template <class Some>
  [[nodiscard]] static std::string joined(const Some& codes) {
    return fmt::format("{}", fmt::join(codes, std::string_view(&kAddedMark, 1)));
  }

  [[nodiscard]] std::string ages_of(const std::string& code) const {
    const auto own = parse_age_code(code);
    Codes parts;
    for (const auto& one : chosen_) {
      const auto range = parse_age_code(one);
      if (!own || !range) {
        continue;
      }
      const AgeRange both{std::max(own->low, range->low), std::min(own->high, range->high)};
      if (both == *own) {
        return code;
      }
      if (both.low < both.high) {
        parts.push_back(age_code(both));
      }
    }
    return joined(parts);
  }

  // What lies across a row's bounds, as weeks do across those of months, is named by the days that
  // they have in common.
  [[nodiscard]] std::string periods_of(const std::string& code) const {
    const auto own = parse_period(code);
    std::set<std::string> parts;
    std::int32_t cut = 0;  // days
    for (const auto& one : chosen_) {
      const auto period = parse_period(one);
      if (!own || !period) {
        continue;
      }
      if (holds(*period, *own) || roll_up(*own, period->kind) == period) {
        return code;
      }
      if (holds(*own, *period) || roll_up(*period, own->kind) == own) {
        parts.insert(one);
        continue;
      }
      const auto end = std::min(own->end, period->end);
      auto day = period_of(std::max(own->begin, period->begin), PeriodKind::day);
      for (; day.begin < end; day = next_period(day)) {
        parts.insert(period_code(day));
        ++cut;
      }
    }
    const bool is_whole = own && cut == days_in(*own);
    return is_whole ? code : joined(parts);
  }

  // Whether a row of the column's level would have been finer, had its facts said more. Ages that
  // lie across groups of the level are often a source's own, and whole where no row cuts them.
  [[nodiscard]] bool is_above_level(const std::string& code, const Codes& codes) const {
    const auto& [name, level] = dimension_;
    if (level.empty()) {
      return false;
    }
    const auto& lists = territories_.lists();
    if (name == "territory") {
      // Some countries have no subdivisions, and stand for themselves among those of others.
      const bool whole = level == "admin1" && lists.find(name)->children(code).empty();
      return !whole && territories_.ancestor(code, level).empty();
    }
    const auto hierarchy = Hierarchy::create(territories_.shared_lists(), name, level);
    return hierarchy && !hierarchy->place(code).is_exact && (name != "age" || is_cut(code, codes));
  }

  [[nodiscard]] static bool is_cut(const std::string& age, const Codes& codes) {
    const auto own = parse_age_code(age);
    return std::ranges::any_of(codes, [&](const std::string& code) {
      const auto other = parse_age_code(code);
      return own && other && other->low < own->high && own->low < other->high &&
             !holds(*other, *own);
    });
  }

  const Territories& territories_;
  TableDimension dimension_;
  Codes chosen_;  // ascending
  std::map<std::string, Codes, std::less<>> narrowed_;
};

const Codes* chosen_in(const TableQuery& query, std::string_view name) {
  const auto at = std::ranges::find(query.where, name, [](const auto& term) { return term.first; });
  return at == query.where.end() || at->second.empty() ? nullptr : &at->second;
}

}  // namespace

std::string rest_code(std::string_view code) {
  return fmt::format("{}{}", code, kRestMark);
}

std::string_view rest_of(std::string_view code) noexcept {
  return code.ends_with(kRestMark) ? code.substr(0, code.size() - kRestMark.size())
                                   : std::string_view();
}

std::vector<std::string_view> added_codes(std::string_view code) {
  std::vector<std::string_view> out;
  for (const auto part : split(code, kAddedMark)) {
    out.push_back(part);
  }
  return out;
}

bool is_composed(std::string_view code) noexcept {
  return !rest_of(code).empty() || code.contains(kAddedMark);
}

std::string composed_name(std::string_view code, Language language,
                          const std::function<std::string(std::string_view)>& name_of) {
  if (const auto whole = rest_of(code); !whole.empty()) {
    return fmt::format(fmt::runtime(kRestNames[static_cast<std::size_t>(language)]),
                       name_of(whole));
  }
  const auto codes = added_codes(code);
  std::vector<std::string> names;
  for (const auto one : codes) {
    if (names.size() == kNamedMax) {
      names.push_back(fmt::format("… ({})", codes.size()));
      break;
    }
    names.push_back(name_of(one));
  }
  return fmt::format("{}", fmt::join(names, " + "));
}

RowNames::RowNames(const Territories& territories, const TableQuery& query,
                   const std::vector<std::vector<std::string>>& codes)
    : by_(query.by) {
  for (std::size_t place = 0; place < by_.size(); ++place) {
    const auto& name = by_[place].name;
    if (territories.lists().find(name) == nullptr) {  // sources, and what only sources know
      names_.emplace_back();
      continue;
    }
    const Column column(territories, by_[place], chosen_in(query, name));
    names_.push_back(column.names(codes[place]));
  }
}

std::string RowNames::name(std::size_t place, std::string_view code) const {
  const auto at = names_[place].find(code);
  return at == names_[place].end() ? std::string(code) : at->second;
}

bool RowNames::renames() const noexcept {
  return std::ranges::any_of(names_, [](const auto& names) { return !names.empty(); });
}

void RowNames::apply(Cell& cell, const Indicator& indicator) const {
  bool of_some = false;
  for (std::size_t place = 0; place < by_.size(); ++place) {
    const auto at = names_[place].find(cell.codes[place]);
    if (at == names_[place].end()) {
      continue;
    }
    cell.codes[place] = at->second;
    const auto& name = by_[place].name;
    of_some = of_some || (!rest_of(at->second).empty() &&
                          (name == "territory" || name == "age" || name == "period"));
  }
  if (of_some && indicator.denominator.kind == DenominatorKind::population) {
    cell.population = cell.rate = cell.rate_low = cell.rate_high = std::nullopt;
    cell.adjusted.reset();
    cell.several_years.reset();
    cell.small_population = false;
    if (cell.status == CellStatus::normal || cell.status == CellStatus::unstable) {
      cell.status = CellStatus::no_denominator;
    }
  }
}

struct RowsOf::Parts {
  const Territories& territories;
  std::vector<TableDimension> by;
  std::vector<Column> columns;
  std::map<std::pair<std::size_t, std::string>, std::string> called;
};

RowsOf::RowsOf(const Territories& territories, const TableQuery& query)
    : parts_(std::make_unique<Parts>(Parts{territories, query.by, {}, {}})) {
  for (const auto& dimension : query.by) {
    parts_->columns.emplace_back(territories, dimension, chosen_in(query, dimension.name));
  }
}

RowsOf::~RowsOf() = default;
RowsOf::RowsOf(RowsOf&&) noexcept = default;
RowsOf& RowsOf::operator=(RowsOf&&) noexcept = default;

Result<std::string> RowsOf::called(std::string_view dimension, const std::string& code) {
  const auto at = std::ranges::find(parts_->by, dimension, &TableDimension::name);
  const auto place = static_cast<std::size_t>(at - parts_->by.begin());
  const auto [known, is_new] = parts_->called.try_emplace({place, code});
  if (is_new) {
    const Column& column = parts_->columns[place];
    if (const std::string whole(rest_of(code)); !whole.empty()) {
      known->second = column.chosen_of(whole) == whole ? code : std::string();
    } else {
      known->second =
          column.chosen_of(ATALAYA_TRY(detail::place_code(parts_->territories, *at, code)));
    }
  }
  return known->second;
}

TableQuery in_plain_codes(TableQuery query) {
  for (auto& [name, codes] : query.where) {
    Codes plain;
    for (const auto& code : codes) {
      for (const auto one : added_codes(code)) {
        const auto whole = rest_of(one);
        std::string text(whole.empty() ? one : whole);
        if (std::ranges::find(plain, text) == plain.end()) {
          plain.push_back(std::move(text));
        }
      }
    }
    codes = std::move(plain);
  }
  return query;
}

Result<void> keep_rests_asked(const Territories& territories, const TableQuery& asked,
                              Table& table) {
  for (const auto& [name, codes] : asked.where) {
    const auto rest =
        std::ranges::find_if(codes, [](const std::string& code) { return !rest_of(code).empty(); });
    if (rest == codes.end()) {
      continue;
    }
    const auto at = std::ranges::find(table.by, name, &TableDimension::name);
    if (at == table.by.end()) {
      return fail(
          Error{ErrorCode::invalid_argument,
                "observatory.query.rest",
                fmt::format("\"{}\" is a row of tables by {}; name {} in --by", *rest, name, name),
                {{"what", *rest}, {"dimension", name}}});
    }
    const auto place = static_cast<std::size_t>(at - table.by.begin());
    const auto is_asked = [&](const std::string& row) {
      return std::ranges::any_of(codes, [&](const std::string& code) {
        const auto parts = added_codes(code);
        return row == code ||
               (rest_of(code).empty() && std::ranges::any_of(parts, [&](std::string_view outer) {
                  return name == "territory" ? territories.is_within(row, outer)
                                             : territories.lists().is_within(name, row, outer);
                }));
      });
    };
    std::erase_if(table.cells, [&](const Cell& cell) { return !is_asked(cell.codes[place]); });
  }
  return {};
}

void name_rows(const Territories& territories, Table& table) {
  std::vector<std::vector<std::string>> codes;
  for (std::size_t place = 0; place < table.by.size(); ++place) {
    std::unordered_set<std::string_view> seen;
    for (const auto& cell : table.cells) {
      seen.insert(cell.codes[place]);
    }
    codes.emplace_back(seen.begin(), seen.end());
  }
  TableQuery query = table.query;
  query.by = table.by;
  const RowNames names(territories, query, codes);
  if (!names.renames()) {
    return;
  }
  for (auto& cell : table.cells) {
    names.apply(cell, *table.indicator);
  }
  std::ranges::sort(table.cells, {}, &Cell::codes);
}

}  // namespace atalaya::observatory
