#pragma once
// What titles and cells of columns look like to somebody who proposes a mapping. Pure.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/columns/raw_table.hpp>
#include <atalaya/observatory/territories.hpp>

namespace atalaya::observatory {

struct Hint {
  std::string_view role;
  std::vector<std::string_view> words;  // folded; a title that holds one is a candidate
};

/// Words of titles in four languages, most telling first.
[[nodiscard]] const std::vector<Hint>& hints();
/// Whether a folded title says a word: "idade" is a whole word, "municip" begins one.
[[nodiscard]] bool says(std::string_view header, std::string_view word);
/// Whether a title of numbers speaks of events and not of persons.
[[nodiscard]] bool counts_incidents(std::string_view title);
/// Whether the values are 1, 2, 3 … down the rows, or another long number for each.
[[nodiscard]] bool names_rows(const columns::RawColumn& column, std::size_t rows);

/// Whether a title is of what cases are known by ("ID CASO", "folio"): no dimension and no count.
[[nodiscard]] bool names_cases(std::string_view title);
/// Those of these columns whose texts stand in the first row of a block alone, as in cells that
/// were merged; as TOML writes their names, the outer ones first.
[[nodiscard]] std::vector<std::string> merged_columns(const columns::RawTable& table,
                                                      const std::set<std::size_t>& places);

/// A group of columns per year each: "Homicides 2021", "Homicides 2022", "Robberies 2021" …
struct Stem {
  std::string text;  // with the blank at its end
  std::vector<std::size_t> places;
};

[[nodiscard]] std::vector<Stem> stems_of(const columns::RawTable& table);
/// Whether a title speaks of countries.
[[nodiscard]] bool names_countries(const columns::RawTable& table);
/// The most digits after a mark in these columns.
[[nodiscard]] std::size_t most_decimals(const columns::RawTable& table,
                                        const std::vector<std::size_t>& columns);

/// A table on its side, with a column for each subdivision: by place of the column its code. Empty
/// where most of these columns are called otherwise.
[[nodiscard]] std::map<std::size_t, std::string> codes_in_titles(
    const columns::RawTable& table, const std::vector<std::size_t>& columns,
    std::string_view country, const Territories& territories);

/// Whether a column with a word for some subdivision ("Parish", "Provincia") is of the outermost.
[[nodiscard]] bool is_outer_place(const columns::RawColumn& column, std::string_view country,
                                  const Territories& territories);

struct Looks {
  const columns::RawTable& table;
  const Territories& territories;
  bool is_of_world = false;  // of many countries
  bool has_months = false;   // in titles: every column of numbers is one of them
};

/// Whether the cells can be what a hint takes the title for.
[[nodiscard]] bool fits_role(std::string_view role, const columns::RawColumn& column,
                             const Looks& looks);
/// No coordinate and no rate: those have fractions of many digits.
[[nodiscard]] bool is_count(std::string_view text);
[[nodiscard]] bool is_letter_h(std::string_view text);
/// Or what is written where there is none, like "-" and "n/d".
[[nodiscard]] bool is_count_or_none(std::string_view text);
/// "1,234" and "12.345.678": digits in groups of three, of which at least one follows the mark.
[[nodiscard]] bool has_groups(const columns::RawColumn& column, char mark);
/// Digits of the longest code.
[[nodiscard]] std::size_t width_of_codes(const columns::RawColumn& column);
[[nodiscard]] bool is_grouped(std::string_view text, char mark);
/// `_T` of a word for the total of other rows, `_U` of one for nothing known; else empty.
[[nodiscard]] std::string special_code(std::string_view text);
[[nodiscard]] std::string toml_text(std::string_view text);
/// Of the distinct values that are not empty.
[[nodiscard]] double share_of(const columns::RawColumn& column,
                              const std::function<bool(std::string_view)>& is);
/// In a pattern the text stands for itself.
[[nodiscard]] std::string pattern_text(std::string_view text);

/// The one year in a file's name, else "YYYY".
[[nodiscard]] std::string year_in(std::string_view file);
/// Whether the names of the file or of its columns do.
[[nodiscard]] bool speaks_of_homicide(const columns::RawTable& table);

struct PeriodPattern {
  std::string pattern = "iso";
  double share = 0;  // of the distinct values
};

/// The way of writing dates or months that fits most values; `excel`: whether numbers of days may
/// be meant.
[[nodiscard]] PeriodPattern period_pattern(const columns::RawColumn& column, bool excel);

/// Columns of numbers with a month and its year in the title: "2022 Ene", "Jan-23", "2023-01".
/// `pattern` is set to how that is written.
[[nodiscard]] std::vector<std::size_t> find_month_titles(const columns::RawTable& table,
                                                         std::string& pattern);

/// Whether a title speaks of a rate or a share, which is never counted.
[[nodiscard]] bool is_rate_title(std::string_view title);

/// "territory_code", "admin1", "country", "sex", "iccs" or "mechanism", as most values (of
/// countries: some) are such; else empty. `country`: of the file.
[[nodiscard]] std::string_view role_of_values(const columns::RawColumn& column,
                                              std::string_view country,
                                              const Territories& territories);

/// What a note in the file says that a sign like "-" means: kZeroText, kNotGiven, or nothing.
[[nodiscard]] std::string_view said_of_sign(const columns::RawTable& table, std::string_view sign);

/// What stands in columns where a number is missing, like "-" or "n/d".
[[nodiscard]] std::set<std::string> texts_without_number(const columns::RawTable& table,
                                                         const std::vector<std::size_t>& places);

/// How the fractions of numbers are written: their mark, or none, and their most digits.
struct Fractions {
  char mark = '\0';
  std::size_t digits = 0;
};

[[nodiscard]] Fractions fractions_of(const columns::RawColumn& column);

/// The distinct texts of a column of nationalities by whose people they name; `asked`: nobody's, or
/// those of two countries.
struct PeopleWords {
  std::vector<std::string> own, others, unknown, totals, asked;
};

[[nodiscard]] PeopleWords people_words(const columns::RawColumn& column, const std::string& country,
                                       const Territories& territories);

}  // namespace atalaya::observatory
