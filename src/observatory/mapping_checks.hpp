#pragma once
// What the mapper looks at beyond single values: places under two names, dates to come, notes below
// the data, inhabitants that are given twice.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mapping_readings.hpp"
#include "mapping_tuples.hpp"

namespace atalaya::observatory {

/// The column that a load adds: the one year in the name of the sheet, else of the file.
inline constexpr std::string_view kYearOfName = "@year";

/// Adds to each guessed place how else the file writes it.
void name_twins(const Tuples& tuples, std::vector<Reading>& readings);

/// Warns of every further name of a place: its figures may stand there twice. What the mapping's
/// own values or rules say is no finding.
void warn_of_twins(const DimensionMapping& d, const Tuples& tuples, std::vector<Reading>& readings);

/// Warns of periods that begin after `today`.
void warn_of_future(CivilDate today, std::vector<Reading>& readings);

/// Of sex: beside H (hombre, homem) M is mujer or mulher, and alone masculino. Where the mapping
/// does not say which, neither is taken.
void refuse_unsaid_m(const DimensionMapping& d, const Tuples& tuples,
                     std::vector<Reading>& readings);

/// Of populations: a number of inhabitants for each quarter would be added up to four times as many.
void refuse_finer_than_year(std::vector<Reading>& readings);

/// The months of which a fact of this period speaks, ascending: of a week the one of its Thursday,
/// as its year is that of its Thursday.
[[nodiscard]] std::vector<Period> months_of(const Period& period);

/// The line from which on there are only notes: below the last row of data and a blank line,
/// whatever their number of cells; the greatest number where there are none. `amounts`: columns of
/// numbers. `rows` is set to the number of rows above it.
[[nodiscard]] std::uint64_t notes_from(const columns::RawTable& table,
                                       const std::vector<std::size_t>& amounts, std::size_t& rows);

/// What to do about a number that could not be taken, by its reason.
[[nodiscard]] std::string_view number_hint(std::string_view reason);

/// In the narrowest form that holds `distinct` codes.
[[nodiscard]] columns::Codes narrow_codes(std::vector<std::uint32_t> codes, std::size_t distinct);

/// A dimension of the facts while they are collected.
struct OutDimension {
  std::string name;
  std::unordered_map<std::string, std::uint32_t> ids;
  columns::Dictionary texts;
  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> not_given;  // of what the files leave without a number

  std::uint32_t id(const std::string& code) {
    const auto [at, is_new] = ids.emplace(code, static_cast<std::uint32_t>(texts.size()));
    if (is_new) {
      texts.append(code);
    }
    return at->second;
  }
};

/// Gives the last `added` facts of violence by a partner or the family that context, where the
/// source says no other: what one source writes into the relationship and another into the context
/// is one thing to count. Without both dimensions and the offence nothing happens.
void complete_context(const Codelists& lists, std::vector<OutDimension>& dimensions,
                      std::size_t added);

/// Facts of which there is one at most for each territory, sex, age and period.
class OncePerCell {
 public:
  struct Twice {
    std::size_t first = 0, second = 0;
    std::string codes;  // "period 2022, territory HT-OU"
  };

  /// The next fact that repeats the codes of an earlier one, among the first `facts`.
  [[nodiscard]] std::optional<Twice> find(const std::vector<OutDimension>& dimensions,
                                          std::size_t facts);

 private:
  std::unordered_multimap<std::uint64_t, std::size_t> seen_;
  std::size_t checked_ = 0;
};

}  // namespace atalaya::observatory
