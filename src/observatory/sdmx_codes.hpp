#pragma once
// What this node's codes are called in SDMX.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/observatory/fact_store.hpp>
#include <atalaya/observatory/rows.hpp>
#include <atalaya/observatory/sdmx.hpp>

namespace atalaya::observatory::sdmx {

/// "territory" → REF_AREA, "x_zone" → X_ZONE.
[[nodiscard]] std::string dimension_id(std::string_view ours);
[[nodiscard]] std::string codelist_id(std::string_view ours);
/// A fact's code. One that SDMX does not allow as an identifier is written without accents, with
/// '_' for other letters, and with the beginning of its hash: "Cordón" → Cordon-h1a2b3c4d. Two
/// codes never share one, whatever else is loaded.
[[nodiscard]] std::string code_id(const Territories& territories, std::string_view ours,
                                  std::string_view code);
/// NR for things and persons, else the unit of measure in capitals.
[[nodiscard]] std::string count_unit(const Indicator& indicator);
/// P_HTHAB, PC …; nothing where the indicator has no denominator.
[[nodiscard]] std::optional<std::string> rate_unit(const Indicator& indicator);
[[nodiscard]] Names unit_name(const Codelists& lists, const Indicator& indicator, bool is_rate);
[[nodiscard]] Names text_of(std::string_view en, std::string_view es, std::string_view pt,
                            std::string_view fr);
[[nodiscard]] Names text_of(std::string_view same);

/// A period as SDMX writes it.
struct TimeValue {
  std::string frequency, time;
  CivilDate begin, end;  // the day after the last
};

/// Of several periods that are added up; nothing where there is a gap between them.
[[nodiscard]] std::optional<TimeValue> time_value(const std::vector<std::string>& codes);
/// Of the code of a row (rows.hpp).
[[nodiscard]] std::optional<TimeValue> time_of_row(std::string_view code);

[[nodiscard]] CivilDate day_before(CivilDate day);

/// Code lists that are the same everywhere, by id.
[[nodiscard]] std::vector<ItemList> fixed_codelists();
/// Concepts of attributes and of dimensions that are not ours.
[[nodiscard]] std::vector<Item> fixed_concepts();

struct Attribute {
  std::string_view id, codelist, type;  // codelist empty: `type` is "Double", "Integer", "String"
  bool of_series = false;
  bool is_mandatory = false;
};

[[nodiscard]] const std::vector<Attribute>& attributes();
/// The value of an attribute of an observation, or of its series; nothing where it has none.
[[nodiscard]] std::optional<std::string> attribute_value(const Catalogue& catalogue,
                                                         const DataSet& set,
                                                         const Observation& observation,
                                                         std::string_view attribute);
/// "12", "12.5": the shortest text that reads back the same, never in exponent form below 1e15.
[[nodiscard]] std::string number_text(double value);

/// The codes of one cell, whose rows have their names (rows.hpp), as a flow shows them.
class CellReader {
 public:
  CellReader(const Territories& territories, const Flow& flow, const TableQuery& query,
             const std::vector<TableDimension>& by);
  /// Per dimension, but FREQ and UNIT_MEASURE are left empty; nothing where no time is known.
  [[nodiscard]] std::optional<TimeValue> read(const Cell& cell,
                                              std::vector<std::string>& codes) const;
  /// The same in this node's own codes, for finding names.
  [[nodiscard]] std::string ours(const Cell& cell, std::size_t dimension) const;

 private:
  const Territories& territories_;
  const Flow& flow_;
  std::vector<std::optional<std::size_t>> columns_;  // per dimension
  std::vector<std::string> fixed_;                   // where there is no column
  std::optional<std::size_t> period_;
  std::vector<std::string> periods_;
};

[[nodiscard]] bool is_held(const Conditions& conditions, std::string_view value);
[[nodiscard]] bool is_held(const Conditions& conditions, const TimeValue& time);

/// Names a dimension by what a table is broken down by or restricted to, but period and territory.
[[nodiscard]] std::vector<std::string> breakdowns_of(const TableQuery& query);

}  // namespace atalaya::observatory::sdmx
