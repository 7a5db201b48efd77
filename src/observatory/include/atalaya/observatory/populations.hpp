#pragma once
// The persons that rates are for: figures of one source and vintage by territory, sex, age and
// year, brought to the date, ages and length of time that a rate asks for. Nothing is split: ages
// are only added up, and what lies outside the years of the source is not guessed. One table holds
// one source, so that national and WPP figures cannot meet in one series.
// Immutable after create(); any thread. Rules: docs/methods/rates.md.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/observatory/codelists_rules.hpp>

namespace atalaya::observatory {

/// The day that a source's yearly figures are for.
enum class PopulationDate {
  start_of_year,  // 1 January
  mid_year,       // 1 July
  end_of_year,    // 31 December
};

struct PopulationSource {
  std::string id;       // "wpp", "dane"
  std::string vintage;  // travels with every figure: "WPP 2024, medium variant"
  PopulationDate date = PopulationDate::mid_year;
};

/// `sex` is M, F or _T (both); `persons` finite and >= 0.
struct PopulationFact {
  std::string territory;
  std::string sex;
  AgeRange age;
  std::int32_t year = 0;
  double persons = 0;
};

/// Between two known dates: by equal amounts, or by equal factors (as populations that grow do).
enum class Interpolation { linear, geometric };

struct PopulationQuery {
  std::string territory;
  std::string sex = "_T";
  AgeRange age{0, kAgeOpen};
};

struct PopulationFigure {
  double persons = 0;
  double person_years = 0;    // of the period; equal to persons for a year
  bool interpolated = false;  // between two years of the source
  bool held = false;          // the last (first) figure, up to half a year beyond its date
  std::string vintage;
};

class Populations {
 public:
  /// Fails with invalid_argument (observatory.populations.bad) for negative figures, unknown sexes,
  /// empty age ranges, or two figures for one cell.
  [[nodiscard]] static Result<Populations> create(PopulationSource source,
                                                  std::vector<PopulationFact> facts);

  /// Persons on a date, which is given in years: 2023.0 is 1 January, 2023.5 mid-year. Fails with
  /// not_found (observatory.populations.none: no such territory; observatory.populations.outside:
  /// more than half a year beyond the source's years) and invalid_argument
  /// (observatory.populations.bands_do_not_nest: the source's age groups do not add up to the one
  /// asked for; names the groups that there are).
  [[nodiscard]] Result<PopulationFigure> persons_at(
      const PopulationQuery& query, double date,
      Interpolation interpolation = Interpolation::geometric) const;

  /// Persons in the middle of a period and the person-years lived in it: the months that it covers
  /// over twelve; for weeks and days their days over those of the year. Several-year rates add up
  /// the person-years of each year.
  [[nodiscard]] Result<PopulationFigure> exposure(
      const PopulationQuery& query, const Period& period,
      Interpolation interpolation = Interpolation::geometric) const;

  [[nodiscard]] const PopulationSource& source() const noexcept { return source_; }

 private:
  using Bands = std::map<AgeRange, double>;
  using Key = std::tuple<std::string, std::int32_t, std::string>;  // territory, year, sex

  [[nodiscard]] Result<double> in_year(const PopulationQuery& query, std::int32_t year) const;
  [[nodiscard]] Result<double> of_sex(const PopulationQuery& query, std::int32_t year,
                                      const std::string& sex) const;
  [[nodiscard]] double date_of(std::int32_t year) const noexcept;

  PopulationSource source_;
  std::map<Key, Bands> cells_;
  std::map<std::string, std::vector<std::int32_t>, std::less<>> years_;  // by territory, sorted
};

/// Adds up figures by age group to the groups asked for, which must be made of whole ones. Fails
/// with invalid_argument (observatory.populations.bands_do_not_nest).
[[nodiscard]] Result<std::vector<double>> add_up_ages(const std::map<AgeRange, double>& groups,
                                                      const std::vector<AgeRange>& wanted);

}  // namespace atalaya::observatory
