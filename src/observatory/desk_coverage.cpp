// Which territories and days a source covers, and how facts that are no flow are counted.
#include "desk_coverage.hpp"

#include <array>
#include <chrono>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "table_parts.hpp"

namespace atalaya::observatory::detail {
namespace {

// A country's source has facts in nearly all subdivisions: at least four of five.
constexpr std::size_t kNearlyAllOf = 5;
constexpr std::size_t kNearlyAll = 4;

std::int64_t day_number(CivilDate date) {
  using namespace std::chrono;
  const year_month_day day{year{date.year}, month{static_cast<unsigned>(date.month)},
                           std::chrono::day{static_cast<unsigned>(date.day)}};
  return sys_days{day}.time_since_epoch().count();
}

using SeriesKey = std::pair<std::string, std::string>;  // source, country

// The codes of territories that a submission's facts may have.
Result<std::vector<std::string>> territories_in(const Desk::State& state, const Current& current) {
  std::vector<std::string> out;
  const auto segment = ATALAYA_TRY(state.segment(current.submission.segment));
  if (segment->has("territory")) {
    const auto dictionary = ATALAYA_TRY(segment->dictionary("territory"));
    for (std::uint32_t code = 0; code < dictionary->size(); ++code) {
      out.emplace_back(dictionary->text(code));
    }
  }
  return out;
}

struct Found {
  std::set<std::string> first, second;  // subdivisions of the first and second level
};

void gather(const Territories& territories, const std::string& code,
            std::map<std::string, Found>& found) {
  const std::string country = territories.lists().country_of(code);
  if (country.empty()) {
    return;
  }
  auto& own = found[country];
  if (auto outer = territories.ancestor(code, "admin1"); !outer.empty()) {
    own.first.insert(std::move(outer));
  }
  if (auto outer = territories.ancestor(code, "admin2"); !outer.empty()) {
    own.second.insert(std::move(outer));
  }
}

// What the facts of one source in one country say that it covers.
void derive(const Territories& territories, const std::string& country, const Found& found,
            std::vector<std::string>& covers) {
  std::size_t all = 0;
  for (const auto& child : territories.children(country)) {
    all += territories.level(child) == "admin1" ? 1U : 0U;
  }
  if (found.first.empty() || found.first.size() * kNearlyAllOf >= all * kNearlyAll) {
    covers.push_back(country);
  } else if (found.first.size() == 1 && found.second.size() == 1) {
    covers.push_back(*found.second.begin());  // a town's own file is not its province's
  } else {
    covers.insert(covers.end(), found.first.begin(), found.first.end());
  }
}

std::vector<std::string> said(const Submission& submission) {
  std::vector<std::string> out;
  if (const auto* list = submission.report.if_contains("covers");
      list != nullptr && list->is_array()) {
    for (const auto& code : list->get_array()) {
      if (code.is_string()) {
        out.emplace_back(code.get_string());
      }
    }
  }
  return out;
}

std::set<std::string> series_of(const std::vector<Current>& chosen,
                                const std::vector<std::int64_t>& used) {
  std::set<std::string> out;
  for (const auto& c : chosen) {
    if (std::ranges::find(used, c.submission.id) != used.end()) {
      out.insert(fmt::format("{}\n{}\n{}", c.submission.source, c.submission.mapping,
                             c.submission.country));
    }
  }
  return out;
}

// ---- stocks ----

class StockCounter {
 public:
  StockCounter(const Territories& territories, const Adding& adding)
      : territories_(territories), adding_(adding), raw_(adding) {
    period_ = raw_place("period");
    territory_ = raw_place("territory");
  }

  Result<CountedFacts> count(const Desk::State& state, const std::vector<Current>& submissions) {
    Adder adder(state, territories_, raw_);
    const Cells cells = ATALAYA_TRY(adder.add(submissions));
    CountedFacts out;
    out.used = adder.used();
    out.parts = adder.parts();
    for (const auto& [codes, sums] : cells) {
      const auto period = parse_period(codes[period_]);
      if (!period) {
        continue;
      }
      const auto target = ATALAYA_TRY(target_of(codes));
      groups_[group_of(target)].days[{period->end, period->begin}].insert(codes[territory_]);
    }
    choose_days(out);
    std::set<std::vector<std::string>> missed;
    for (const auto& [codes, sums] : cells) {
      const auto period = parse_period(codes[period_]);
      if (!period) {
        continue;
      }
      const auto target = ATALAYA_TRY(target_of(codes));
      const auto& group = groups_[group_of(target)];
      if (!group.day) {
        missed.insert(target);
      } else if (*group.day == std::pair(period->end, period->begin)) {
        auto& cell = out.cells[target];
        cell.low += sums.low;
        cell.high += sums.high;
        cell.flag = std::max(cell.flag, sums.flag);
        out.years[target] = period->begin.year;
      }
    }
    out.several = missed.size();
    return out;
  }

 private:
  using Day = std::pair<CivilDate, CivilDate>;  // the day after the period, and its first

  struct Group {
    std::map<Day, std::set<std::string>> days;  // territories that are counted then
    std::optional<Day> day;
  };

  // Where the dimension stands among the raw ones, codes as the facts have them.
  std::size_t raw_place(std::string_view name) {
    const auto at = std::ranges::find(raw_.by, name, &TableDimension::name);
    if (at == raw_.by.end()) {
      raw_.by.push_back({std::string(name), ""});
      return raw_.by.size() - 1;
    }
    if (name == "territory") {
      raw_.territory_level = at->level;
    }
    at->level.clear();
    return static_cast<std::size_t>(at - raw_.by.begin());
  }

  Result<std::vector<std::string>> target_of(const std::vector<std::string>& codes) {
    std::vector<std::string> out(codes.begin(),
                                 codes.begin() + static_cast<std::ptrdiff_t>(adding_.by.size()));
    for (const std::size_t place : {period_, territory_}) {
      if (place >= out.size() || adding_.by[place].level.empty()) {
        continue;
      }
      auto& known = outer_[{place, out[place]}];
      if (known.empty()) {
        known = ATALAYA_TRY(place_code(territories_, adding_.by[place], out[place]));
      }
      out[place] = known;
    }
    return out;
  }

  // One day for all cells of a territory and a period, of whatever sex or offence.
  [[nodiscard]] std::vector<std::string> group_of(const std::vector<std::string>& target) const {
    std::vector<std::string> out;
    for (std::size_t place = 0; place < target.size(); ++place) {
      const bool tells =
          place == period_ || place == territory_ || adding_.by[place].name == "source";
      out.push_back(tells ? target[place] : std::string());
    }
    return out;
  }

  // What a place is counted as a part of: the territory of the cell, else its country.
  [[nodiscard]] std::string whole_of(const std::vector<std::string>& codes,
                                     const std::string& place) const {
    return territory_ < codes.size() ? codes[territory_] : territories_.lists().country_of(place);
  }

  // Everybody whom a year counts in each whole: a month that lacks one of them is no count of it.
  [[nodiscard]] std::map<std::pair<std::int32_t, std::string>, std::set<std::string>>
  counted_by_year() const {
    std::map<std::pair<std::int32_t, std::string>, std::set<std::string>> out;
    for (const auto& [codes, group] : groups_) {
      for (const auto& [day, places] : group.days) {
        for (const auto& place : places) {
          out[{day.second.year, whole_of(codes, place)}].insert(place);
        }
      }
    }
    return out;
  }

  // The last day on which everybody who was counted in the period was counted.
  void choose_days(CountedFacts& out) {
    std::map<std::string, std::set<CivilDate>> by_period;
    const auto counted = counted_by_year();
    for (auto& [codes, group] : groups_) {
      std::set<std::string> all;
      for (const auto& [day, places] : group.days) {
        all.insert(places.begin(), places.end());
        for (const auto& place : places) {
          const auto& own = counted.at({day.second.year, whole_of(codes, place)});
          all.insert(own.begin(), own.end());
        }
      }
      for (auto day = group.days.rbegin(); day != group.days.rend() && !group.day; ++day) {
        if (day->second.size() == all.size()) {
          group.day = day->first;
        }
      }
      const std::string period = period_ < codes.size() ? codes[period_] : std::string();
      by_period[period].insert(group.days.rbegin()->first.first);
      if (group.day) {
        by_period[period].insert(group.day->first);
      }
    }
    out.several_days =
        std::ranges::any_of(by_period, [](const auto& entry) { return entry.second.size() > 1; });
  }

  const Territories& territories_;
  const Adding& adding_;
  Adding raw_;
  std::size_t period_ = 0, territory_ = 0;
  std::map<std::pair<std::size_t, std::string>, std::string> outer_;
  std::map<std::vector<std::string>, Group> groups_;
};

// ---- periods of which a part was sent ----

class PartlySentFinder {
 public:
  PartlySentFinder(const Desk::State& state, const Territories& territories,
                   const std::vector<Current>& chosen, const CoveredBy& coverage, Table& table)
      : state_(state),
        territories_(territories),
        chosen_(chosen),
        coverage_(coverage),
        table_(table),
        period_(place_of(table.query, "period")),
        territory_(place_of(table.query, "territory")),
        source_(place_of(table.query, "source")) {}

  Result<void> run() {
    const auto kind = period_ ? parse_period_kind(table_.query.by[*period_].level) : std::nullopt;
    if (kind != PeriodKind::year && kind != PeriodKind::semester && kind != PeriodKind::quarter) {
      return {};
    }
    // By period what rows have of it, and the rows by what they have.
    std::map<std::string, std::map<std::string, std::set<std::pair<std::string, std::string>>>>
        found;
    for (const auto& cell : table_.cells) {
      const auto& code = cell.codes[*period_];
      const auto period = parse_period(code);
      if (period && period->kind == kind) {
        const std::string place = territory_ ? cell.codes[*territory_] : std::string();
        const std::string source = source_ ? cell.codes[*source_] : std::string();
        found[code][ATALAYA_TRY(months_sent(place, source, *period))].emplace(place, source);
      }
    }
    std::set<std::string> named;
    for (const auto& [code, by_months] : found) {
      for (const auto& [months, rows] : by_months) {
        if (months.empty()) {
          continue;
        }
        named.insert(months);
        if (by_months.size() == 1) {
          table_.query.partly_sent.push_back({"", "", code, months});
          continue;
        }
        for (const auto& [place, source] : rows) {
          table_.query.partly_sent.push_back({place, source, code, months});
        }
      }
    }
    if (!named.empty()) {
      table_.notes.push_back(note_with("observatory.note.partly_sent", "periods", named));
    }
    return {};
  }

 private:
  [[nodiscard]] std::vector<std::size_t> parts_of(const std::string& place,
                                                  const std::string& source) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < coverage_.parts.size(); ++i) {
      const auto& part = coverage_.parts[i];
      const bool speaks =
          place.empty() || place.starts_with('_') || part.territories.empty() ||
          std::ranges::any_of(part.territories, [&](const std::string& own) {
            return territories_.is_within(place, own) || territories_.is_within(own, place);
          });
      if (speaks && (source.empty() || part.source == source)) {
        out.push_back(i);
      }
    }
    return out;
  }

  [[nodiscard]] bool is_selected(DaySpan month) const {
    return coverage_.selected.empty() ||
           std::ranges::any_of(coverage_.selected, [&](const DaySpan& span) {
             return span.from < month.to && month.from < span.to;
           });
  }

  // Empty: all that was chosen of the period.
  Result<std::string> months_sent(const std::string& place, const std::string& source,
                                  const Period& period) {
    auto parts = parts_of(place, source);
    const auto [known, is_new] =
        known_.try_emplace(std::pair(std::move(parts), period_code(period)));
    if (is_new) {
      known->second = ATALAYA_TRY(months_sent(known->first.first, period));
    }
    return known->second;
  }

  Result<std::string> months_sent(const std::vector<std::size_t>& parts, const Period& period) {
    std::vector<std::string> sent;  // "" between months that do not follow each other
    std::size_t missing = 0;
    for (Period month = period_of(period.begin, PeriodKind::month); month.begin < period.end;
         month = next_period(month)) {
      const DaySpan days = span_of(month);
      if (!is_selected(days)) {
        continue;
      }
      const bool is_sent = std::ranges::any_of(parts, [&](std::size_t i) {
        return std::ranges::any_of(coverage_.parts[i].days, [&](const DaySpan& span) {
          return span.from < days.to && days.from < span.to;
        });
      });
      missing += is_sent ? 0 : 1;
      sent.push_back(is_sent ? period_code(month) : std::string());
    }
    const std::size_t n = sent.size() - missing;
    if (missing == 0 || n == 0 || !ATALAYA_TRY(is_missing(parts, period, n, missing))) {
      return std::string();
    }
    return spans_text(sent);
  }

  // Is what no fact was sent of more than chance leaves empty?
  Result<bool> is_missing(const std::vector<std::size_t>& parts, const Period& period,
                          std::size_t sent, std::size_t missing) {
    const bool is_over = std::ranges::any_of(parts, [&](std::size_t i) {
      return coverage_.parts[i].loaded_at.substr(0, 10) >= to_string(period.end);
    });
    if (!is_over) {
      return true;
    }
    constexpr double kByChance = 3;  // so many expected, and none came: one time in twenty
    if (!facts_) {
      Adding adding;
      adding.by = {{"source", ""}, {"period", table_.query.by[*period_].level}};
      facts_ = ATALAYA_TRY(Adder(state_, territories_, std::move(adding)).add(chosen_));
    }
    std::set<std::string> sources;
    for (const std::size_t i : parts) {
      sources.insert(coverage_.parts[i].source);
    }
    double n = 0;
    for (const auto& source : sources) {
      const auto at = facts_->find({source, period_code(period)});
      n += at == facts_->end() ? 0 : at->second.low;
    }
    return n / static_cast<double>(sent) * static_cast<double>(missing) >= kByChance;
  }

  static std::string spans_text(const std::vector<std::string>& sent) {
    std::string out;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      if (sent[i].empty()) {
        continue;
      }
      const std::size_t first = i;
      while (i + 1 < sent.size() && !sent[i + 1].empty()) {
        ++i;
      }
      out += out.empty() ? "" : ", ";
      out += i == first ? sent[i] : sent[first] + "/" + sent[i];
    }
    return out;
  }

  const Desk::State& state_;
  const Territories& territories_;
  const std::vector<Current>& chosen_;
  const CoveredBy& coverage_;
  Table& table_;
  std::optional<std::size_t> period_, territory_, source_;
  std::optional<Cells> facts_;  // of the sources, by period
  std::map<std::pair<std::vector<std::size_t>, std::string>, std::string> known_;
};

}  // namespace

std::vector<DaySpan> merged(std::vector<DaySpan> spans) {
  std::ranges::sort(spans, {}, &DaySpan::from);
  std::vector<DaySpan> out;
  for (const auto& span : spans) {
    if (!out.empty() && span.from <= out.back().to) {
      out.back().to = std::max(out.back().to, span.to);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::string note_with(std::string_view key, std::string_view name,
                      const std::set<std::string>& what) {
  constexpr std::size_t kNamed = 20;
  std::vector<std::string> list(what.begin(), what.end());
  if (list.size() > kNamed) {
    list.resize(kNamed);
    list.emplace_back("…");
  }
  return fmt::format("{}|{}={}", key, name, fmt::join(list, ", "));
}

DaySpan span_of(const Period& period) {
  return {day_number(period.begin), day_number(period.end)};
}

CivilDate date_of(std::int64_t number) {
  using namespace std::chrono;
  const year_month_day day{sys_days{days{number}}};
  return {static_cast<int>(day.year()),
          static_cast<std::int32_t>(static_cast<unsigned>(day.month())),
          static_cast<std::int32_t>(static_cast<unsigned>(day.day()))};
}

std::int32_t year_of(std::int64_t day) {
  return date_of(day).year;
}

double years_in(const std::vector<DaySpan>& days, DaySpan within) {
  std::int32_t months = 0;
  double rest = 0;
  for (const auto& span : days) {
    std::int64_t at = std::max(span.from, within.from);
    const std::int64_t end = std::min(span.to, within.to);
    while (at < end) {
      const CivilDate date = date_of(at);
      const DaySpan month = span_of(period_of(date, PeriodKind::month));
      const std::int64_t until = std::min(end, month.to);
      if (at == month.from && until == month.to) {
        ++months;
      } else {
        const DaySpan year = span_of(period_of(date, PeriodKind::year));
        rest += static_cast<double>(until - at) / static_cast<double>(year.to - year.from);
      }
      at = until;
    }
  }
  return months / 12.0 + rest;
}

Result<void> find_coverage(const Desk::State& state, const Territories& territories,
                           std::vector<Current>& all) {
  std::map<SeriesKey, std::map<std::string, Found>> found;  // by country of the facts
  const auto key_of = [](const Current& c) {
    return SeriesKey(c.submission.source, c.submission.country);
  };
  for (auto& current : all) {
    if (current.submission.source_kind == kInternational) {
      continue;
    }
    current.covers = said(current.submission);
    const auto codes = current.covers.empty() ? ATALAYA_TRY(territories_in(state, current))
                                              : std::vector<std::string>();
    for (const auto& code : codes) {
      gather(territories, code, found[key_of(current)]);
    }
  }
  std::map<SeriesKey, std::vector<std::string>> derived;
  for (const auto& [key, countries] : found) {
    for (const auto& [country, own] : countries) {
      derive(territories, country, own, derived[key]);
    }
  }
  for (auto& current : all) {
    if (current.submission.source_kind != kInternational && current.covers.empty()) {
      current.covers = derived[key_of(current)];
    }
  }
  return {};
}

Result<std::vector<std::string>> parts_covered(const Desk::State& state,
                                               const Territories& territories,
                                               const std::vector<Current>& held,
                                               std::set<std::string> codes) {
  for (const auto& current : held) {
    if (!said(current.submission).empty()) {
      return std::vector<std::string>();
    }
    const auto more = ATALAYA_TRY(territories_in(state, current));
    codes.insert(more.begin(), more.end());
  }
  std::map<std::string, Found> found;
  for (const auto& code : codes) {
    gather(territories, code, found);
  }
  std::vector<std::string> out;
  for (const auto& [country, own] : found) {
    derive(territories, country, own, out);
  }
  if (std::ranges::any_of(
          out, [&](const auto& code) { return territories.lists().country_of(code) == code; })) {
    out.clear();
  }
  constexpr std::size_t kNamed = 6;
  if (out.size() > kNamed) {
    out.resize(kNamed);
    out.emplace_back("…");
  }
  return out;
}

bool is_only_part(const Territories& territories, const Current& current, const TableQuery& query) {
  const auto* where = find_where(query.where, "territory");
  const auto place = place_of(query, "territory");
  if (current.covers.empty() || where == nullptr ||
      (place && query.by[*place].level != "country")) {
    return false;
  }
  return std::ranges::any_of(*where, [&](const std::string& wanted) {
    if (place && territories.level(wanted) != "country") {
      return false;  // the reader chose the part
    }
    const bool whole = std::ranges::any_of(
        current.covers, [&](const std::string& own) { return territories.is_within(wanted, own); });
    return !whole && std::ranges::any_of(current.covers, [&](const std::string& own) {
      return territories.is_within(own, wanted);
    });
  });
}

Result<CoveredBy> coverage_of(const Desk::State& state, const Territories& territories,
                              const std::vector<Current>& all, const std::vector<Current>& chosen,
                              const std::vector<std::int64_t>& used, const Where& where) {
  const auto series = series_of(chosen, used);
  std::vector<DaySpan> selected;
  const auto* periods = find_where(where, "period");
  for (const auto& code : periods == nullptr ? std::vector<std::string>() : *periods) {
    if (const auto period = parse_period(code)) {
      selected.push_back(span_of(*period));
    }
  }
  selected = merged(std::move(selected));
  CoveredBy out;
  out.selected = selected;
  for (const auto& current : all) {
    const auto& s = current.submission;
    if (!series.contains(fmt::format("{}\n{}\n{}", s.source, s.mapping, s.country))) {
      continue;
    }
    CoveredBy::Part part;
    part.source = s.source;
    part.loaded_at = s.loaded_at;
    part.territories = current.covers;
    if (s.source_kind == kInternational) {
      out.by_facts = true;
      std::set<std::string> countries;
      for (const auto& code : ATALAYA_TRY(territories_in(state, current))) {
        countries.insert(territories.lists().country_of(code));
      }
      part.territories.assign(countries.begin(), countries.end());
    }
    std::vector<DaySpan> days;
    for (const auto& code : s.months) {
      const auto month = parse_period(code);
      if (!month || current.replaced.contains(code)) {
        continue;
      }
      const DaySpan span = span_of(*month);
      if (periods == nullptr) {
        days.push_back(span);
        out.months.insert(code);
      }
      for (const auto& wanted : selected) {
        const DaySpan both{std::max(span.from, wanted.from), std::min(span.to, wanted.to)};
        if (both.from < both.to) {
          days.push_back(both);
          out.months.insert(code);
        }
      }
    }
    part.days = merged(std::move(days));
    out.parts.push_back(std::move(part));
  }
  return out;
}

Result<void> find_partly_sent(const Desk::State& state, const Territories& territories,
                              const std::vector<Current>& chosen, const CoveredBy& coverage,
                              Table& table) {
  return PartlySentFinder(state, territories, chosen, coverage, table).run();
}

void apply_partly_sent(Table& table) {
  const auto period = place_of(table.query, "period");
  const auto territory = place_of(table.query, "territory");
  const auto source = place_of(table.query, "source");
  if (!period || table.query.partly_sent.empty()) {
    return;
  }
  using Key = std::array<std::string_view, 3>;
  std::map<Key, std::string_view> months;
  for (const auto& one : table.query.partly_sent) {
    months.emplace(Key{one.territory, one.source, one.period}, one.months);
  }
  for (auto& cell : table.cells) {
    const Key own{territory ? std::string_view(cell.codes[*territory]) : "",
                  source ? std::string_view(cell.codes[*source]) : "", cell.codes[*period]};
    auto at = months.find(own);
    at = at == months.end() ? months.find(Key{"", "", own[2]}) : at;
    if (at == months.end()) {
      continue;
    }
    cell.sent = at->second;
    // What else is said of the number itself says more.
    if (cell.status == CellStatus::normal || cell.status == CellStatus::provisional ||
        cell.status == CellStatus::unstable) {
      cell.status = CellStatus::part_of_period;
    }
  }
}

Measure measure_of(const Indicator& indicator) {
  return indicator.kind == NumeratorKind::survey_share ? Measure::survey
         : indicator.is_stock                          ? Measure::stock
                                                       : Measure::flow;
}

Result<CountedFacts> count_facts(const Desk::State& state, const Territories& territories,
                                 const std::vector<Current>& submissions, const Adding& adding,
                                 Measure measure) {
  if (measure == Measure::stock) {
    return StockCounter(territories, adding).count(state, submissions);
  }
  Adder adder(state, territories, adding);
  CountedFacts out;
  if (measure == Measure::survey) {
    out.cells = ATALAYA_TRY(adder.single(submissions, out.several));
  } else {
    out.cells = ATALAYA_TRY(adder.add(submissions));
  }
  out.used = adder.used();
  out.parts = adder.parts();
  return out;
}

}  // namespace atalaya::observatory::detail
