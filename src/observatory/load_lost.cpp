#include "load_lost.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "mapping_checks.hpp"

namespace atalaya::observatory::detail {
namespace {

// A place in a reload's eyes: with one victim less, a municipality falls out of a file by itself, a
// subdivision does not.
std::string place_of_loss(const Territories& territories, const std::string& dimension,
                          std::string_view code) {
  if (dimension != "territory") {
    return std::string(code);
  }
  const std::string outer = territories.ancestor(code, "admin1");
  return outer.empty() ? std::string(code) : outer;
}

// Codes of one dimension that the new facts have.
std::set<std::string> codes_in(const Facts& facts, const std::string& dimension) {
  std::set<std::string> out;
  const auto at = std::ranges::find(facts.dimensions, dimension, &FactColumn::name);
  if (at == facts.dimensions.end()) {
    return {std::string(kUnknown)};
  }
  std::vector<std::uint8_t> used(at->texts.size(), 0);
  for (std::size_t row = 0; row < facts.values.size(); ++row) {
    used[columns::at(at->codes, row)] = 1;
  }
  for (std::uint32_t code = 0; code < used.size(); ++code) {
    if (used[code] != 0) {
      out.emplace(at->texts.text(code));
    }
  }
  return out;
}

// Days or weeks of one month: increments look like other content of the month that they share.
struct Days {
  std::set<std::string> codes;  // ascending in time
  double sum = 0;
  bool weeks = false;
};

bool is_short(const Period& period) {
  return period.kind == PeriodKind::week || period.kind == PeriodKind::day;
}

// What of the time that the load takes over it has nothing of.
class LostTime {
 public:
  LostTime(const Facts& facts, const std::vector<std::string>& months)
      : taken_(months.begin(), months.end()) {
    for (const auto& code : codes_in(facts, "period")) {
      const auto period = parse_period(code);
      for (const Period& month : period ? months_of(*period) : std::vector<Period>()) {
        const std::string name = period_code(month);
        spoken_.insert(name);
        if (is_short(*period)) {
          new_days_[name].insert(code);
        } else {
          whole_.insert(name);
        }
      }
    }
  }

  // Facts that count now.
  void add(const std::string& code, double sum) {
    const auto period = parse_period(code);
    if (!period || sum <= 0 || !is_replaced(taken_, code)) {
      return;
    }
    const auto months = months_of(*period);
    const auto is_in = [](const std::set<std::string>& set) {
      return [&set](const Period& month) { return set.contains(period_code(month)); };
    };
    // A figure of a longer period ends where a part of it is taken over.
    if (!std::ranges::all_of(months, is_in(taken_)) ||
        std::ranges::none_of(months, is_in(spoken_))) {
      gone_[months.size() > 1 ? code : period_code(months.front())] += sum;
    } else if (is_short(*period)) {
      auto& days = held_days_[period_code(months.front())];
      days.codes.insert(code);
      days.sum += sum;
      days.weeks = days.weeks || period->kind == PeriodKind::week;
    }
  }

  std::vector<LostFacts> found() {
    // Where all that is held of a month lies before or after all that is new, the load adds days to
    // the month and does not correct it.
    constexpr std::size_t kTellingDays = 3;
    for (const auto& [month, days] : held_days_) {
      const auto own = new_days_.find(month);
      if (whole_.contains(month) || own == new_days_.end() ||
          (!days.weeks && days.codes.size() < kTellingDays)) {
        continue;
      }
      const std::string& first = *days.codes.begin();
      const std::string& last = *days.codes.rbegin();
      if (last < *own->second.begin() || first > *own->second.rbegin()) {
        gone_[fmt::format("{}/{}", first, last)] += days.sum;
      }
    }
    std::vector<LostFacts> out;
    for (const auto& [code, sum] : gone_) {
      out.push_back({"period", code, std::llround(sum), 1});
    }
    return out;
  }

 private:
  std::set<std::string> taken_, spoken_;  // months of the load, and those with facts of it
  std::set<std::string> whole_;           // with facts of a month or more
  std::map<std::string, std::set<std::string>> new_days_;
  std::map<std::string, Days> held_days_;
  std::map<std::string, double> gone_;
};

}  // namespace

// By period, by offence and by subdivision: a file with fewer offences wipes the others.
Result<std::vector<LostFacts>> lost_facts(const Desk::State& state, const Territories& territories,
                                          const std::vector<Current>& held, const Facts& facts,
                                          const std::vector<std::string>& months) {
  if (held.empty()) {
    return std::vector<LostFacts>();
  }
  LostTime time(facts, months);
  for (const auto& [codes, sum] :
       ATALAYA_TRY(add_facts(state, territories, held, {{"period", ""}}))) {
    time.add(codes[0], sum);
  }
  std::vector<LostFacts> out = time.found();
  const std::set<std::string> taken(months.begin(), months.end());
  for (const std::string dimension : {"iccs", "territory"}) {
    std::set<std::string> have;
    for (const auto& code : codes_in(facts, dimension)) {
      have.insert(place_of_loss(territories, dimension, code));
    }
    const auto cells =
        ATALAYA_TRY(add_facts(state, territories, held, {{dimension, ""}, {"period", ""}}));
    std::map<std::string, std::set<std::string>> lost;
    std::map<std::string, double> sums;
    for (const auto& [codes, sum] : cells) {
      const std::string code = place_of_loss(territories, dimension, codes[0]);
      if (is_replaced(taken, codes[1]) && !have.contains(code) && sum > 0) {
        lost[code].insert(first_month(codes[1]));
        sums[code] += sum;
      }
    }
    for (const auto& [code, in] : lost) {
      out.push_back({dimension, code, std::llround(sums[code]), std::ssize(in)});
    }
  }
  return out;
}

std::unexpected<Error> refuse_lost(const std::vector<LostFacts>& lost, const Mapping& mapping) {
  constexpr std::size_t kShown = 8;
  std::string list;
  for (std::size_t i = 0; i < std::min(lost.size(), kShown); ++i) {
    list += fmt::format("{}{} ({})", i == 0 ? "" : ", ", lost[i].code, lost[i].count);
  }
  if (lost.size() > kShown) {
    list += fmt::format(" and {} more", lost.size() - kShown);
  }
  const bool by_time = std::ranges::any_of(
      lost, [](const LostFacts& l) { return l.dimension == "period" && l.code.size() == 7; });
  const bool says_facts = !mapping.covers_period.empty() && mapping.covers_period[0] == "facts";
  return fail(Error{
      ErrorCode::conflict,
      "observatory.load.lost",
      fmt::format("these files replace months of the source in which they have nothing of: {}. "
                  "Those figures would count no more. If that is right, say --accept-changes; if "
                  "not, load all files of these months together{}",
                  list,
                  by_time && !says_facts
                      ? ". Where the files correct only the months that they have, and not those "
                        "between, write covers_period = \"facts\" at the top of the mapping and "
                        "raise its version"
                      : ""),
      {{"what", list}}});
}

}  // namespace atalaya::observatory::detail
