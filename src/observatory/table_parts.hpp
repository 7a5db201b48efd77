#pragma once
// What a draft's table is completed with, each by its own source: estimated cells, rates beside the
// crude one, several years, the difference between sources, the rating of its data.

#include "desk_coverage.hpp"
#include "fact_adder.hpp"

namespace atalaya::observatory::detail {

/// A note that names places where a source gives parts and no total.
inline constexpr std::string_view kPartsAdded = "observatory.note.parts_added";

/// Moves what `query.shares` split among the cells; marks them estimated. `filter` is the
/// numerator's or the denominator's.
[[nodiscard]] Result<void> split_by_shares(const Desk::State& state, const Territories& territories,
                                           const std::vector<Current>& submissions,
                                           const TableQuery& query, const FactFilter& filter,
                                           Cells& cells);
[[nodiscard]] Result<std::vector<SplitShares>> shares_from_json(const json::array& list);

/// For each cell its person-years by age group, of the table's own population source; empty where
/// none is held.
using AgedPopulation = std::vector<std::map<AgeRange, double>>;
[[nodiscard]] Result<AgedPopulation> population_by_age(
    const Desk::State& state, const Territories& territories, std::vector<Submission> all,
    const std::vector<Current>& chosen, const CoveredBy& coverage, const Table& table);

/// Fills Cell::adjusted as `query.rate` says. Fails with invalid_argument (observatory.query.rate)
/// where the table cannot have such a rate.
[[nodiscard]] Result<void> check_rate(const TableQuery& query, const Indicator& indicator);
[[nodiscard]] Result<void> add_adjusted_rates(const Desk::State& state,
                                              const Territories& territories,
                                              std::vector<Submission> all,
                                              const std::vector<Current>& chosen,
                                              const CoveredBy& coverage, Table& table);
/// Marks the cells that table.query.partly_sent names, whose codes are as stored.
void apply_partly_sent(Table& table);
/// Takes the years before together where few people live. Needs nothing but the cells.
[[nodiscard]] Result<void> fill_several_years(Table& table);
/// Compares with the other sources of the same cells, of a release with those of the table alone;
/// drops intervals that are narrower than the difference.
[[nodiscard]] Result<void> compare_sources(const Desk::State& state, const Territories& territories,
                                           const std::vector<Current>& all,
                                           const std::vector<Current>& chosen,
                                           const CoveredBy& coverage, Table& table);
/// The same with tables that readers have: of a release no other figure may say anything.
void compare_with_tables(const std::vector<const Table*>& others, Table& table);

struct QualityAsk {
  const std::vector<Current>& chosen;    // whose data are rated
  const std::vector<Current>& all;       // what they are compared with
  const Indicator* indicator = nullptr;  // absent: all facts
  std::set<std::string> countries;       // empty: every one
};

[[nodiscard]] Result<std::vector<SourceQuality>> rate_sources(const Desk::State& state,
                                                              const Territories& territories,
                                                              const QualityAsk& ask);
/// Gives each cell the lowest rating among those of its sources, countries and years.
void fill_ratings(const Codelists& lists, Table& table);
/// What a protected table may say of its data: bands instead of shares, of which a share times a
/// total would be a count; no score; days in whole months. `unknown`: the share on figures that are
/// shown. docs/methods/disclosure.md.
[[nodiscard]] Result<SourceQuality> coarse_quality(const SourceQuality& quality,
                                                   const std::optional<double>& unknown);
[[nodiscard]] json::array elsewhere_json(const std::vector<ElsewhereYears>& list);
[[nodiscard]] std::vector<ElsewhereYears> elsewhere_from_json(const json::array& list);
[[nodiscard]] json::array quality_json(const std::vector<SourceQuality>& quality);
[[nodiscard]] std::vector<SourceQuality> quality_from_json(const json::array& list);

}  // namespace atalaya::observatory::detail
