#pragma once
// Figures that are part of the program, so that a node has denominators and something to show
// before any file is loaded: populations of the 35 states and their homicides by year, as
// published. Data in catalogue/observatory/{populations,homicides}.json, written by
// scripts/import-observatory-figures. Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/observatory/codelists.hpp>
#include <atalaya/observatory/populations.hpp>

namespace atalaya::observatory {

/// Where figures come from; stands beside each of them.
struct FigureSource {
  std::string id;  // "wpp_2024"
  Names name;
  std::string vintage, licence, source;
};

struct ShippedPopulations {
  FigureSource about;
  PopulationDate date = PopulationDate::mid_year;
  /// By sex and five-year group every fifth year (`wpp_2024`), or of both sexes and all ages every
  /// year (`world_bank_2026`). The two are never mixed in one series.
  std::vector<PopulationFact> facts;
  std::vector<std::int32_t> projected_years;
};

/// One country and year as published. What the publisher left empty is absent, never zero.
struct HomicideFigure {
  std::string territory;
  std::int32_t year = 0;
  std::int64_t victims = 0;
  std::optional<std::int64_t> men, women, by_firearm;
  std::optional<double> rate;  // per 100,000 inhabitants, as published
};

struct ShippedHomicides {
  FigureSource about;
  std::vector<HomicideFigure> figures;  // by territory and year
};

/// Fail with invalid_argument (observatory.figures.bad) where the embedded data is inconsistent,
/// which a test rules out.
[[nodiscard]] Result<std::vector<ShippedPopulations>> shipped_populations();
[[nodiscard]] Result<ShippedHomicides> shipped_homicides();

/// The facts of one figure by sex: M, F and _U for the rest, adding up to `victims`. Only _U where
/// the publisher's men and women are absent or exceed its total (five country-years do).
[[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> by_sex(
    const HomicideFigure& figure);

}  // namespace atalaya::observatory
