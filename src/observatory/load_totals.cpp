// A source that gives `_T` for some places only would lose the others in a table that takes its
// totals alone, and count people twice in one that takes everything. So each fact says which totals
// hold it: that is one text of a few, because it follows from what the fact tells apart.
//
// A total of a larger place, a longer period or a wider offence holds its parts, too: they are
// never added to it, and the report says that tables of the smaller ones lack them.
#include "load_totals.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>

#include "load_places.hpp"
#include "mapping_checks.hpp"
#include "mapping_tuples.hpp"

namespace atalaya::observatory::detail {
namespace {

using Mask = std::uint32_t;  // of the dimensions that have totals

constexpr std::size_t kNamed = 6;
constexpr std::size_t kMaskBits = 32;
constexpr char kWider = '>';

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

std::uint64_t number_of(std::size_t dimension, std::uint64_t code) {
  return mixed(mixed(dimension + 1) + code);
}

// What is known of one fact.
struct Row {
  Mask totals = 0;            // dimensions of which it is the total
  Mask told = 0;              // of those of which its unit has totals, the others
  std::map<Mask, bool> held;  // by what a total of it leaves together; whether that is a wider one
};

class Marker {
 public:
  Marker(const Territories& territories, const std::vector<NewTerritory>& joining, Facts& facts,
         LoadReport& report, std::size_t not_given)
      : places_(territories, joining),
        facts_(facts),
        report_(report),
        given_(facts.values.size() - not_given) {}

  void run() {
    find_dimensions();
    if (totalled_.empty()) {
      return;
    }
    read_rows();
    find_wider();
    find_crossing();
    write();
  }

 private:
  // ---- reading ----

  void find_dimensions() {
    for (std::size_t d = 0; d < facts_.dimensions.size() && totalled_.size() < kMaskBits; ++d) {
      const auto& column = facts_.dimensions[d];
      for (std::uint32_t code = 0; code < column.texts.size(); ++code) {
        if (column.texts.text(code) == kTotal) {
          totalled_.push_back(d);
          total_code_.push_back(code);
        }
      }
    }
  }

  void read_rows() {
    masks_.assign(facts_.values.size(), 0);
    codes_.assign(facts_.values.size(), 0);
    for (std::size_t d = 0; d < facts_.dimensions.size(); ++d) {
      const auto& column = facts_.dimensions[d];
      if (column.name == "status") {
        continue;
      }
      const auto at = std::ranges::find(totalled_, d);
      const auto bit = static_cast<std::size_t>(at - totalled_.begin());
      for_each_code(column.codes, [&](std::size_t row, std::uint32_t code) {
        codes_[row] += number_of(d, code);
        if (at != totalled_.end() && code == total_code_[bit]) {
          masks_[row] |= Mask{1} << bit;
        }
      });
    }
    const auto unit = std::ranges::find(facts_.dimensions, "unit", &FactColumn::name);
    unit_ = unit == facts_.dimensions.end() ? nullptr : &*unit;
    of_unit_.assign(unit_ == nullptr ? 1 : unit_->texts.size(), 0);
    for (std::size_t row = 0; row < masks_.size(); ++row) {
      if (masks_[row] != 0) {
        totals_.insert(codes_[row]);
        of_unit_[unit_of(row)] |= masks_[row];
      }
      patterns_.insert(masks_[row]);
    }
    for (const Mask own : patterns_) {
      for (const Mask other : patterns_) {
        if ((other & ~own) != 0) {
          wholes_[own].insert(own | other);
        }
      }
      wholes_[own].erase(own);
    }
  }

  [[nodiscard]] std::size_t unit_of(std::size_t row) const {
    return unit_ == nullptr ? 0 : columns::at(unit_->codes, row);
  }

  // The codes of totals that hold a code of time, place or offence, itself among them.
  void find_wider() {
    for (std::size_t d = 0; d < facts_.dimensions.size(); ++d) {
      const auto& column = facts_.dimensions[d];
      if (column.name != "period" && column.name != "territory" && column.name != "iccs") {
        continue;
      }
      std::vector<bool> of_totals(column.texts.size(), false);
      for (std::size_t row = 0; row < masks_.size(); ++row) {
        if (masks_[row] != 0) {
          of_totals[columns::at(column.codes, row)] = true;
        }
      }
      std::unordered_map<std::string, std::uint32_t> ids;
      for (std::uint32_t code = 0; code < column.texts.size(); ++code) {
        if (of_totals[code]) {
          ids.emplace(column.texts.text(code), code);
        }
      }
      auto& wider = wider_.emplace_back(d, std::vector<std::vector<std::uint32_t>>()).second;
      for (std::uint32_t code = 0; code < column.texts.size(); ++code) {
        auto& list = wider.emplace_back(1, code);
        for (const auto& outer : places_.around(column.name, column.texts.text(code))) {
          if (const auto at = ids.find(outer); at != ids.end()) {
            list.push_back(at->second);
          }
        }
      }
    }
  }

  // ---- which totals hold a fact ----

  // The fact's codes with `_T` in these dimensions.
  [[nodiscard]] std::uint64_t with_totals(std::size_t row, Mask mask) const {
    std::uint64_t out = codes_[row];
    for (std::size_t bit = 0; bit < totalled_.size(); ++bit) {
      if ((mask >> bit & 1U) != 0) {
        const std::size_t d = totalled_[bit];
        out += number_of(d, total_code_[bit]) -
               number_of(d, columns::at(facts_.dimensions[d].codes, row));
      }
    }
    return out;
  }

  [[nodiscard]] bool has_wider(std::size_t row, std::uint64_t codes, std::size_t from) const {
    if (from == wider_.size()) {
      return totals_.contains(codes);
    }
    const auto& [d, wider] = wider_[from];
    const std::uint32_t own = columns::at(facts_.dimensions[d].codes, row);
    return std::ranges::any_of(wider[own], [&](std::uint32_t outer) {
      return has_wider(row, codes + number_of(d, outer) - number_of(d, own), from + 1);
    });
  }

  // Breakdowns of the same people, each by another dimension and without a total of both: the one
  // that holds more stands for them.
  void find_crossing() {
    struct Sides {
      double left = 0, right = 0;
    };

    for (const Mask left : patterns_) {
      for (const Mask right : patterns_) {
        const Mask both = left | right;
        if (left >= right || both == left || both == right) {
          continue;
        }
        std::unordered_map<std::uint64_t, Sides> sides;
        for (std::size_t row = 0; row < masks_.size(); ++row) {
          if (masks_[row] == left || masks_[row] == right) {
            auto& sums = sides[with_totals(row, both & ~masks_[row])];
            (masks_[row] == left ? sums.left : sums.right) +=
                static_cast<double>(facts_.values[row]);
          }
        }
        for (const auto& [codes, sums] : sides) {
          crossing_[{left, both}][codes] = sums.left < sums.right;
          crossing_[{right, both}][codes] = sums.left >= sums.right && sums.left > 0;
        }
      }
    }
  }

  [[nodiscard]] bool is_crossed(Mask own, Mask both, std::uint64_t codes) const {
    const auto at = crossing_.find({own, both});
    if (at == crossing_.end()) {
      return false;
    }
    const auto found = at->second.find(codes);
    return found != at->second.end() && found->second;
  }

  [[nodiscard]] Row look_at(std::size_t row) const {
    Row out;
    out.totals = masks_[row];
    out.told = of_unit_[unit_of(row)] & ~masks_[row];
    for (const Mask whole : wholes_.at(out.totals)) {
      const Mask together = whole & ~out.totals;
      const std::uint64_t codes = with_totals(row, together);
      if (totals_.contains(codes) || is_crossed(out.totals, whole, codes)) {
        out.held[together] = false;
      } else if (has_wider(row, codes, 0)) {
        out.held[together] = true;
      }
    }
    // What holds it among fewer dimensions says all.
    std::erase_if(out.held, [&](const auto& one) {
      return std::ranges::any_of(out.held, [&](const auto& other) {
        return other.first != one.first && (other.first & one.first) == other.first;
      });
    });
    return out;
  }

  // ---- what is said ----

  [[nodiscard]] std::string names(Mask mask, char between) const {
    std::string out;
    for (std::size_t bit = 0; bit < totalled_.size(); ++bit) {
      if ((mask >> bit & 1U) != 0) {
        out +=
            (out.empty() ? "" : std::string(1, between)) + facts_.dimensions[totalled_[bit]].name;
      }
    }
    return out;
  }

  [[nodiscard]] std::string text_of(const Row& row) const {
    std::string out = names(row.told, ',') + "|";
    for (const auto& [mask, wider] : row.held) {
      out += (out.back() == '|' ? "" : " ");
      out += (wider ? std::string(1, kWider) : "") + names(mask, ',');
    }
    return out;
  }

  // Where a table that tells one dimension apart less would take its totals and no such part.
  [[nodiscard]] bool lacks_total(const Row& row) const {
    // Also where only other units have totals: the column's dictionary does not tell.
    const Mask all = std::numeric_limits<Mask>::max() >> (kMaskBits - totalled_.size());
    for (Mask left = all & ~row.totals; left != 0; left &= left - 1) {
      if (!row.held.contains(Mask{1} << static_cast<Mask>(std::countr_zero(left)))) {
        return true;
      }
    }
    return false;
  }

  struct Said {
    Mask told = 0;
    std::uint64_t rows = 0;
    double sum = 0;
    std::set<std::string> where;
  };

  void note(std::size_t row, Mask mask, Said& said) const {
    if (row >= given_) {
      return;
    }
    said.told |= mask;
    ++said.rows;
    said.sum += static_cast<double>(facts_.values[row]);
    for (const std::string_view name : {"territory", "period"}) {
      const auto at = std::ranges::find(facts_.dimensions, name, &FactColumn::name);
      if (at != facts_.dimensions.end() && at->texts.size() > 1) {
        said.where.emplace(at->texts.text(columns::at(at->codes, row)));
        break;
      }
    }
  }

  void write() {
    Dictionary texts;
    bool any = false;
    Said without;
    Said wider;
    FactColumn out;
    out.name = kTotalsColumn;
    std::vector<std::uint32_t> codes;
    for (std::size_t row = 0; row < masks_.size(); ++row) {
      const Row own = look_at(row);
      any = any || lacks_total(own);
      if (own.told != 0 && own.held.empty()) {
        note(row, own.told, without);
      }
      for (const auto& [mask, is_wider] : own.held) {
        if (is_wider) {
          any = true;
          note(row, mask, wider);
          break;
        }
      }
      codes.push_back(texts.code(text_of(own), out.texts));
    }
    say("no_total", without,
        "{0} facts of {1} have no total of {2} ({3}): tables without {2} add up the parts there, "
        "and take the source's totals elsewhere");
    say("wider_total", wider,
        "{0} facts of {1} stand in totals of {2} of a larger place, a longer period or a wider "
        "offence only ({3}): tables without {2} take these and lack the smaller ones. To have them "
        "added up instead, leave the totals out with [[skip]]");
    if (any) {
      out.codes = std::move(codes);
      facts_.dimensions.push_back(std::move(out));
    }
  }

  void say(std::string_view reason, const Said& said, std::string_view words) const {
    if (said.rows == 0) {
      return;
    }
    double unit = 1;
    for (std::int32_t i = 0; i < facts_.decimals; ++i) {
      unit *= 10;
    }
    std::vector<std::string> where(said.where.begin(), said.where.end());
    const bool more = where.size() > kNamed;
    where.resize(std::min(where.size(), kNamed));
    const std::string sum = fmt::format("{}", said.sum / unit);
    const std::string places = fmt::format("{}{}", fmt::join(where, ", "), more ? " …" : "");
    const std::string dimensions = names(said.told, ',');
    Finding finding;
    finding.file = report_.files.empty() ? "" : report_.files.front();
    finding.reason = reason;
    finding.value = places;
    finding.detail = fmt::format(fmt::runtime(words), said.rows, sum, dimensions, places);
    finding.rows = said.rows;
    report_.findings.push_back(std::move(finding));
  }

  // Distinct texts, numbered as they turn up.
  struct Dictionary {
    std::unordered_map<std::string, std::uint32_t> ids;

    std::uint32_t code(const std::string& text, columns::Dictionary& texts) {
      const auto at = ids.find(text);
      return at != ids.end() ? at->second : ids.emplace(text, texts.append(text)).first->second;
    }
  };

  const LoadPlaces places_;
  Facts& facts_;
  LoadReport& report_;
  std::size_t given_;                  // rows before those without a number
  std::vector<std::size_t> totalled_;  // dimensions, by bit
  std::vector<std::uint32_t> total_code_;
  std::vector<Mask> masks_;  // by row
  const FactColumn* unit_ = nullptr;
  std::vector<Mask> of_unit_;         // by code of the unit: of which dimensions it has totals
  std::vector<std::uint64_t> codes_;  // by row
  std::unordered_set<std::uint64_t> totals_;
  std::set<Mask> patterns_;
  std::map<Mask, std::set<Mask>> wholes_;  // by what a fact totals, what more another one does
  std::vector<std::pair<std::size_t, std::vector<std::vector<std::uint32_t>>>> wider_;
  // By what a fact totals and what it and the other breakdown total: by codes, whether the other
  // holds more.
  std::map<std::pair<Mask, Mask>, std::unordered_map<std::uint64_t, bool>> crossing_;
};

// Whether the time has a part in one of these months ("2023-04", ascending).
bool is_in_months(std::string_view code, const std::vector<std::string>& months) {
  const auto period = parse_period(code);
  return !period || std::ranges::any_of(months, [&](const std::string& text) {
    const auto month = parse_period(text);
    return month && month->begin < period->end && period->begin < month->end;
  });
}

}  // namespace

TotalsOfFact totals_of_fact(std::string_view text) {
  TotalsOfFact out;
  const std::size_t bar = text.find('|');
  const auto list = [](std::string_view names) {
    std::vector<std::string_view> all;
    for (const auto name : split(names, ',')) {
      if (!name.empty()) {
        all.push_back(name);
      }
    }
    return all;
  };
  out.told = list(text.substr(0, bar));
  for (const auto set : split(bar == std::string_view::npos ? "" : text.substr(bar + 1), ' ')) {
    if (!set.empty()) {
      const bool is_wider = set.front() == kWider;
      out.held.push_back({list(set.substr(is_wider ? 1 : 0)), is_wider});
    }
  }
  return out;
}

void mark_totals(const Territories& territories, const std::vector<NewTerritory>& joining,
                 Facts& facts, LoadReport& report, std::size_t not_given) {
  Marker(territories, joining, facts, report, not_given).run();
}

namespace {

// By code of the dimension, whether it is missed where it is left out.
std::vector<bool> missed_codes(const LoadPlaces& places, const std::vector<std::string>& months,
                               const FactColumn& column) {
  std::vector<bool> used(column.texts.size(), false);
  for_each_code(column.codes, [&](std::size_t, std::uint32_t code) { used[code] = true; });
  std::set<std::string> wider;
  const bool is_nested =
      column.name == "period" || column.name == "territory" || column.name == "iccs";
  for (std::uint32_t code = 0; code < column.texts.size(); ++code) {
    if (used[code] && is_nested) {
      for (auto& outer : places.around(column.name, column.texts.text(code))) {
        wider.insert(std::move(outer));
      }
    }
  }
  std::vector<bool> out;
  for (std::uint32_t code = 0; code < column.texts.size(); ++code) {
    const std::string text(column.texts.text(code));
    out.push_back(text != kTotal && !wider.contains(text) &&
                  (column.name != "period" || is_in_months(text, months)));
  }
  return out;
}

}  // namespace

std::vector<std::size_t> missed_rows(const Territories& territories,
                                     const std::vector<NewTerritory>& joining,
                                     const std::vector<std::string>& months, const Facts& facts) {
  std::vector<std::size_t> out;
  if (facts.not_given.empty()) {
    return out;
  }
  const LoadPlaces places(territories, joining);
  std::vector<std::vector<bool>> missed;
  for (const auto& column : facts.dimensions) {
    missed.push_back(missed_codes(places, months, column));
  }
  for (std::size_t row = 0; row < facts.not_given.size() / missed.size(); ++row) {
    bool all = true;
    for (std::size_t d = 0; d < missed.size() && all; ++d) {
      all = missed[d][facts.not_given[(row * missed.size()) + d]];
    }
    if (all) {
      out.push_back(row);
    }
  }
  return out;
}

void append_not_given(const std::vector<std::size_t>& rows, Facts& facts) {
  const std::size_t width = facts.dimensions.size();
  for (std::size_t d = 0; d < width && !rows.empty(); ++d) {
    auto& column = facts.dimensions[d];
    std::vector<std::uint32_t> codes;
    codes.reserve(facts.values.size() + rows.size());
    for_each_code(column.codes, [&](std::size_t, std::uint32_t code) { codes.push_back(code); });
    for (const std::size_t row : rows) {
      codes.push_back(facts.not_given[(row * width) + d]);
    }
    column.codes = narrow_codes(std::move(codes), column.texts.size());
  }
  facts.values.resize(facts.values.size() + rows.size(), 0);
  if (!facts.values_high.empty()) {
    facts.values_high.resize(facts.values.size(), 0);
  }
  facts.not_given.clear();
}

}  // namespace atalaya::observatory::detail
