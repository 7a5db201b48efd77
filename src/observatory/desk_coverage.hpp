#pragma once
// What a source speaks of: which territories and which days. A place and a time that it covers
// without a fact had none; others were not sent. Rules: docs/methods/coverage.md.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fact_adder.hpp"

namespace atalaya::observatory::detail {

/// Days since 1970-01-01, `to` not included.
struct DaySpan {
  std::int64_t from = 0, to = 0;
};

[[nodiscard]] DaySpan span_of(const Period& period);
[[nodiscard]] CivilDate date_of(std::int64_t day);
[[nodiscard]] std::int32_t year_of(std::int64_t day);

/// In order, those that touch each other joined.
[[nodiscard]] std::vector<DaySpan> merged(std::vector<DaySpan> spans);

/// Person-years of one person in those of `days` (ascending, apart from each other) that lie within
/// `within`: whole months are twelfths, other days parts of their year.
[[nodiscard]] double years_in(const std::vector<DaySpan>& days, DaySpan within);

/// Of the submissions under a table.
struct CoveredBy {
  struct Part {
    std::vector<std::string> territories;  // and what lies in them
    std::vector<DaySpan> days;             // ascending, apart; of those that the query selects
    std::string source, loaded_at;
  };

  std::vector<Part> parts;
  std::vector<DaySpan> selected;  // by the query; empty: all days
  std::set<std::string> months;  // with at least one such day
  /// One that covers many countries, of which some do not report: only facts tell which.
  bool by_facts = false;
};

/// Fills Current::covers: what the mapping says, else the first-level subdivisions in which its
/// source has facts, and the country where these are nearly all.
[[nodiscard]] Result<void> find_coverage(const Desk::State& state, const Territories& territories,
                                         std::vector<Current>& all);

/// What a source covers with further facts in `codes`, where that is less than a country; at most
/// six of them. Empty: the country, or what its mapping says.
[[nodiscard]] Result<std::vector<std::string>> parts_covered(const Desk::State& state,
                                                             const Territories& territories,
                                                             const std::vector<Current>& held,
                                                             std::set<std::string> codes);

/// Whether the source covers only a part of a territory of which the query wants one figure.
[[nodiscard]] bool is_only_part(const Territories& territories, const Current& current,
                                const TableQuery& query);

/// Of the series of those submissions of `chosen` that `used` names.
[[nodiscard]] Result<CoveredBy> coverage_of(
    const Desk::State& state, const Territories& territories, const std::vector<Current>& all,
    const std::vector<Current>& chosen, const std::vector<std::int64_t>& used, const Where& where);

/// Fills table.query.partly_sent: years, half-years and quarters of which a source sent only some
/// months. One that ended before the load is whole where the source as a whole has so few facts
/// that none in what is missing would be chance.
[[nodiscard]] Result<void> find_partly_sent(const Desk::State& state,
                                            const Territories& territories,
                                            const std::vector<Current>& chosen,
                                            const CoveredBy& coverage, Table& table);

/// A note with something named in it: "key|name=A, B"; of many the first twenty.
[[nodiscard]] std::string note_with(std::string_view key, std::string_view name,
                                    const std::set<std::string>& what);

/// How a table's counts come about.
enum class Measure { flow, stock, survey };
[[nodiscard]] Measure measure_of(const Indicator& indicator);

struct CountedFacts {
  Cells cells;
  std::vector<std::int64_t> used;
  std::set<std::string> parts;  // sources left out of cells of which they cover a part
  std::map<std::vector<std::string>, std::int32_t> years;  // of stocks: of the day of each cell
  bool several_days = false;  // of stocks: not every territory is counted on the same day
  std::size_t several = 0;    // cells not made: of a survey, or of a stock without one day
};

/// Adds up what can be added up: of a stock the last day of each period, of a survey nothing.
[[nodiscard]] Result<CountedFacts> count_facts(const Desk::State& state,
                                               const Territories& territories,
                                               const std::vector<Current>& submissions,
                                               const Adding& adding, Measure measure);

}  // namespace atalaya::observatory::detail
