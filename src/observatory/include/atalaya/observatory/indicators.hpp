#pragma once
// Indicators as data: what is counted, over what, for whom, how it is protected, and who names it.
// Data in catalogue/observatory/indicators.json, embedded: a new indicator needs no code.
// Immutable after load; any thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/observatory/codelists.hpp>

namespace atalaya::observatory {

/// Per dimension the codes that facts may have, what lies below them included. All dimensions must
/// agree; a dimension that is not named accepts everything. Facts without a dimension that `terms`
/// names do not match, since nobody knows; facts without one that `except` names do, unless
/// it leaves out "_U", the unknown.
struct FactFilter {
  using Terms = std::vector<std::pair<std::string, std::vector<std::string>>>;
  Terms terms, except;  // sorted by dimension; the unit is among the terms

  /// Whether a fact's code of one dimension passes: for building look-up tables.
  [[nodiscard]] bool accepts(const Codelists& lists, std::string_view dimension,
                             std::string_view code) const;
  /// The codes that `terms` names for a dimension; null where it names none.
  [[nodiscard]] const std::vector<std::string>* find(std::string_view dimension) const noexcept;
};

enum class NumeratorKind {
  count,         // the sum of the facts' values, whole things or persons
  amount,        // the sum of measured values with decimals (kg, hectares, usd_2015)
  share_of,      // a count over a count of facts, shown as a share; the denominator is `facts`
  survey_share,  // a weighted share that a survey published; never summed over rows
};

enum class DenominatorKind {
  none,
  population,  // persons at mid-year of `sex` and `age` (empty: all)
  facts,       // the facts of `filter`
};

struct Denominator {
  DenominatorKind kind = DenominatorKind::none;
  std::string sex, age;  // codes: `F`, `Y_GE18`
  FactFilter filter;
  bool is_stock = false;  // of facts: counted on a day, like Indicator::is_stock
};

/// What disclosure control does with it unless a named decision says otherwise.
struct DisclosureDefault {
  bool is_protected = false;
  std::int64_t threshold = 0;  // counts of 1 … threshold-1 are hidden; 0 where not protected
  /// Only breakdowns by these are protected; empty: every one.
  std::vector<std::string> dimensions;
};

struct Indicator {
  std::string id;     // snake_case
  std::string group;  // id of an IndicatorGroup, for lists on pages
  Names name, definition;
  std::string unit;  // code of the dimension `unit`: the unit of count or of measure
  NumeratorKind kind = NumeratorKind::count;
  /// A state of things on a day (persons held), not what happened in a time: never added up over
  /// time, and not divided by a part of a year.
  bool is_stock = false;
  FactFilter numerator;
  Denominator denominator;
  std::int64_t scale = 1;               // 1, 100, 1000 … 1000000
  std::int32_t decimals = 1;            // of the rate
  std::vector<std::string> breakdowns;  // dimensions, without period and territory
  bool is_comparable = false;           // between countries, as far as the note says
  Names comparability;
  DisclosureDefault disclosure;
  std::vector<std::string> series;       // "SDG 16.1.1", "VC_IHR_PSRC", "ICCS0101", "SES 1"
  std::vector<std::string> themes;       // ids of catalogue/themes.json, the main one first
  std::vector<std::string> instruments;  // ids of catalogue/instruments.json
  std::vector<std::string> commitments;  // ids of catalogue/commitments
  std::vector<std::string> named_by;     // documents that name the measurable thing
  /// False where the definition follows common usage and its original was not read.
  bool is_confirmed = true;
  std::string source;
};

struct IndicatorGroup {
  std::string id;
  Names name;
};

class Indicators {
 public:
  /// The embedded data. Aborts if it is inconsistent (a test guards it).
  [[nodiscard]] static std::shared_ptr<const Indicators> embedded();
  /// Reads catalogue files from memory: {"observatory/indicators.json": bytes, …}. Themes,
  /// instruments and commitments are checked where their files are given too. Every code must be
  /// valid, and unknown keys are refused. Fails with invalid_argument (observatory.indicators.bad),
  /// naming row and field.
  [[nodiscard]] static Result<Indicators> load(
      const std::map<std::string, std::string, std::less<>>& files, const Codelists& lists);

  [[nodiscard]] std::span<const Indicator> all() const noexcept { return all_; }

  [[nodiscard]] std::span<const IndicatorGroup> groups() const noexcept { return groups_; }

  [[nodiscard]] const Indicator* find(std::string_view id) const noexcept;
  /// By id, or by a series code of another system ("VC_IHR_PSRC").
  [[nodiscard]] std::vector<const Indicator*> find_by_series(std::string_view series) const;
  [[nodiscard]] std::vector<const Indicator*> find_by_theme(std::string_view theme) const;

 private:
  std::vector<Indicator> all_;
  std::vector<IndicatorGroup> groups_;
};

}  // namespace atalaya::observatory
