#pragma once
// A mapping says what a file of a source means: which rows are data, what each column is, and
// which code stands for each value. It is written by a statistician in TOML
// (docs/guides/mapping.md); it has a version, and every fact knows it.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/columns/raw_table.hpp>
#include <atalaya/observatory/territories.hpp>
#include <atalaya/observatory/words.hpp>

namespace atalaya::observatory {

/// What a row must look like to be left out; rows left out are counted under `reason`.
struct SkipRule {
  std::string column;
  std::vector<std::string> equals;  // compared folded
  std::string matches;              // ECMAScript expression, searched without regard to case
  bool empty = false;
  std::string reason;
};

/// "A code is split only by another column": the first rule that fits a row decides.
struct CodeRule {
  std::vector<std::pair<std::string, std::vector<std::string>>> when;  // column, values (folded)
  std::string code;
};

/// How one dimension is read. Empty `columns` and a code in `constant`: the same for every row.
struct DimensionMapping {
  std::string name;
  std::vector<std::vector<std::string>> columns;  // joined by a blank; each with its other names
  bool optional = false;  // a file without the column is read as `empty` says
  std::string constant;
  std::string date;          // period: iso, excel, or a pattern of %Y %m %d %H %M %S %b %B %y %q
  std::string to;            // period: year, semester, quarter, month, week, day
  std::string level, match;  // territory: admin1, admin2 …; "code" (default) or "name"
  std::string within, name_column;  // territory: columns of the parent's and own name
  std::string parent_column;        // territory: column of the parent's national code
  bool enroll = false;              // territory: codes that are new to the node join it
  std::vector<std::string> strip;   // texts that are removed before anything else
  std::int32_t pad = 0, first = 0, parent_first = 0;  // left with zeros; leading characters kept
  std::string prefix;
  std::vector<std::pair<std::string, std::string>> values;  // text of the file, code
  std::string values_title;
  std::vector<CodeRule> rules;
  std::string empty = "_U";          // a code, "reject" or "skip"
  std::string otherwise = "reject";  // of a value that nothing knows: a code, "reject" or "skip"
};

/// A column of numbers. `set` overrides dimensions for its facts; "$1" is replaced by what the
/// expression in `columns` caught of the column's name.
struct MeasureMapping {
  std::string column;
  std::string columns;  // ECMAScript expression over whole column names, instead of `column`
  std::vector<std::pair<std::string, std::string>> set;
};

/// A sum that the file itself must keep on every row.
struct CheckRule {
  std::vector<std::string> sum;
  std::string equals;
};

struct Mapping {
  std::string id;  // a-z 0-9 _
  std::int32_t version = 1;
  std::string title, country, source_kind, phase = "consolidated";
  json::object titles;  // by language, where there are several
  std::string notes;
  bool population = false;
  bool synthetic = false;
  std::vector<std::pair<std::string, Words>> breaks;  // period, what changed
  std::vector<std::string> covers;  // territories that the source speaks of as wholes; empty: told
                                    // by its facts
  /// "facts", "year", or periods (2022, 2021/2023): what a file covers beside its facts; empty: from
  /// its first fact to its last.
  std::vector<std::string> covers_period;

  std::vector<std::string> sheets;  // empty: the first with data; "*": all visible ones with data
  std::string header = "auto", header_top, encoding, delimiter;
  std::vector<std::string> column_names;  // where the file has no header
  std::vector<std::string> fill_down;     // columns whose empty cells mean the one above, outer first
  char decimal_mark = '.', thousands_mark = '\0';
  std::vector<std::string> missing;  // texts that mean "no number": what they stand for is missed
  std::vector<std::string> zero;     // texts that mean "none was counted": 0
  std::vector<SkipRule> skip;
  std::vector<std::pair<std::string, std::string>> defaults;  // dimension, code
  std::vector<DimensionMapping> dimensions;

  bool count_rows = false;  // one row, one victim
  std::int32_t decimals = 0;
  double multiply = 1;
  std::string empty_value = "skip";  // skip | missing | reject | zero
  std::vector<MeasureMapping> measures;
  std::vector<CheckRule> checks;

  std::string text;    // as written
  std::string sha256;  // of `text`, hex
};

/// Fails with invalid_argument (observatory.mapping.bad) naming line, key and what to write.
[[nodiscard]] Result<Mapping> parse_mapping(std::string_view text, std::string_view name);

/// Facts by columns: as many codes per dimension as there are values.
struct FactColumn {
  std::string name;
  columns::Dictionary texts;
  columns::Codes codes;
};

struct Facts {
  std::vector<FactColumn> dimensions;     // in the order of codelists' dimension list
  std::vector<std::int64_t> values;       // in units of 10^-decimals
  std::vector<std::int64_t> values_high;  // empty, or the upper bound of masked values
  std::int32_t decimals = 0;
  /// What the files name and leave without a number, one after the other: a code of each
  /// dimension, the status "missing". No facts yet: see detail::append_not_given().
  std::vector<std::uint32_t> not_given;
};

enum class Severity { warning, rejection };

/// One value of a file that was not taken as it stands. Equal findings of a file are one.
struct Finding {
  Severity severity = Severity::warning;
  std::string file, column, value;
  std::string reason;  // key of docs/reference: "unknown_code", "no_such_date", …
  std::string detail;  // what was done or what to do, English
  std::uint64_t first_line = 0;
  std::uint64_t rows = 0;
};

struct RejectedRow {
  std::uint32_t file = 0;  // of LoadReport::files
  std::uint64_t line = 0;
  std::uint32_t finding = 0;
};

/// A sheet of a workbook that the mapping does not speak of.
struct SheetNotRead {
  std::string file, sheet;
  std::uint64_t rows = 0;  // below its header
  bool visible = true;
};

/// rows = accepted + accepted_with_warning + rejected + skipped. `total` is the sum of every
/// number of the value columns and equals total_accepted + total_rejected + total_skipped, in
/// units of 10^-decimals; masked values count with their lower bound.
struct LoadReport {
  std::vector<std::string> files;             // "book.xlsx, 2021" where several sheets were read
  std::vector<SheetNotRead> sheets_not_read;  // with at least one row; in none of the sums
  std::uint64_t rows = 0, accepted = 0, accepted_with_warning = 0, rejected = 0, skipped = 0;
  std::uint64_t blank_rows = 0, facts = 0, empty_values = 0, masked_values = 0, zero_texts = 0;
  std::int64_t total = 0, total_accepted = 0, total_rejected = 0, total_skipped = 0;
  std::int32_t decimals = 0;
  std::map<std::string, std::uint64_t> skipped_by_reason;
  std::vector<Finding> findings;
  std::vector<RejectedRow> rejects;    // all of them
  std::string period_from, period_to;  // first day, day after the last
  std::vector<std::string> months;     // that the files cover, "2023-04", ascending
  [[nodiscard]] json::object to_json() const;
};

/// A territory that a file names and the node did not know.
struct NewTerritory {
  std::string code, level, parent, name;
};

/// Collects the files of one load. Not thread-safe.
class Mapper {
 public:
  /// `today`: events after it are warned about; absent: none are.
  Mapper(const Mapping& mapping, const Territories& territories, std::string country,
         std::optional<CivilDate> today = std::nullopt);
  ~Mapper();
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;

  /// Adds one file. Fails with invalid_argument (observatory.load.column_missing,
  /// observatory.load.no_rows) when the mapping does not fit the file at all, and with
  /// observatory.load.population_twice where two rows, of whatever files, give the inhabitants of
  /// one territory, sex, age and period; other single rows are findings.
  [[nodiscard]] Result<void> add(const columns::RawTable& table);

  [[nodiscard]] const LoadReport& report() const noexcept;
  [[nodiscard]] const std::vector<NewTerritory>& new_territories() const noexcept;
  /// How many facts there were after each of LoadReport::files.
  [[nodiscard]] const std::vector<std::uint64_t>& fact_ends() const noexcept;
  /// What was accepted; leaves the mapper empty.
  [[nodiscard]] Facts take_facts();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace atalaya::observatory
