#pragma once
// What a table is asked for and what it answers. Values only; any thread. Rules:
// docs/methods/rates.md (rates, intervals, small populations), quality.md (rating), shares.md
// (estimated cells).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/observatory/indicators.hpp>
#include <atalaya/observatory/quality.hpp>
#include <atalaya/observatory/rates.hpp>
#include <atalaya/observatory/territories.hpp>

namespace atalaya::observatory {

/// One dimension that a table is broken down by; `level` empty: codes as they are.
struct TableDimension {
  std::string name, level;  // name may be "source"
};

/// A rate beside the crude one.
enum class RateKind {
  crude,         // none
  standardised,  // directly, by age, to `standard`
  indirect,      // by age, to the whole table's rates of the period
  smoothed,      // empirical Bayes over the table's territories: an estimate for maps
};
[[nodiscard]] std::string_view to_string(RateKind kind) noexcept;

struct RateChoice {
  RateKind kind = RateKind::crude;
  std::string standard = "who2000";                  // of standard_populations()
  IntervalMethod interval = IntervalMethod::dobson;  // of standardised; or fay_feuer
};

/// "standardised", "standardised:esp2013", "standardised:who2000:fay_feuer", "smoothed" … Fails
/// with invalid_argument (observatory.query.rate).
[[nodiscard]] Result<RateChoice> parse_rate(std::string_view text);
[[nodiscard]] std::string rate_text(const RateChoice& choice);

/// Documented shares by which a code that says too little is split at table time: what they give is
/// an estimate, never a fact. `where` says which rows they are for, in the terms of a query.
struct SplitShares {
  std::string dimension, from, source;
  std::vector<std::pair<std::string, std::vector<std::string>>> where;
  std::vector<std::pair<std::string, double>> to;  // above 0, adding up to at most 1
};

/// TOML (docs/methods/shares.md), or CSV with the columns dimension, from, to, share, source and
/// any dimensions besides, which say which rows. Fails with invalid_argument (observatory.shares),
/// naming line and what to write.
[[nodiscard]] Result<std::vector<SplitShares>> parse_shares(std::string_view text,
                                                            const Codelists& lists);
[[nodiscard]] json::array shares_json(const std::vector<SplitShares>& shares);

/// What the sources sent of a period in a table that was made, where it is not all that was chosen
/// of it. Codes of rows; an empty one: every row.
struct PartlySent {
  std::string territory, source, period;  // "MEX-09", "", "2025"
  std::string months;                     // "2025-01/2025-03", "2025-01/2025-03, 2025-05"
};

struct TableQuery {
  std::string indicator;
  std::vector<TableDimension> by;
  std::vector<std::pair<std::string, std::vector<std::string>>> where;  // codes, all below included
  std::string source;      // needed where sources overlap and "source" is not in `by`
  std::string population;  // source of the denominator; empty: national office, else WPP
  std::string release;     // id; empty: all releases, of each row the newest that holds it
  std::string as_of;       // a day (at its end) or a moment, 2026-01-31T12:00:00Z
  bool draft = false;      // from submissions, not from a release; never for the public
  RateChoice rate = {};
  std::vector<SplitShares> shares = {};
  bool quality = false;  // of a draft: rate its sources too, which reads all their facts
  std::vector<PartlySent> partly_sent = {};  // of a table that was made; nobody asks for it
};

/// What a cell is, beside its number. The wire value is the enumerator's name.
enum class CellStatus {
  normal,
  provisional,
  estimated,
  masked,          // the source itself hid it: count is the lower bound
  incomplete,      // the source names a part and gives no number of it: a lower bound
  unstable,        // fewer than 10 events: the rate says little; the count stays
  suppressed,      // hidden so that nobody can be recognised
  no_denominator,  // no population is held for it
  part_of_period,  // only some months of its period were sent: Cell::sent
};
[[nodiscard]] std::string_view to_string(CellStatus status) noexcept;

/// Standardised, indirect or smoothed, as the query chose. Absent with `withheld` (fewer than ten
/// events, or too many without an age) and `no_denominator`; no interval where it was dropped.
struct AdjustedRate {
  std::optional<double> rate = {}, low = {}, high = {};
  RateStatus status = RateStatus::normal;
};

/// The years up to a cell's, taken together: what is shown first where few people live.
struct SeveralYears {
  std::int32_t years = 0;
  double events = 0;
  double rate = 0, low = 0, high = 0;
};

/// Below this many inhabitants counts and several-year rates come first.
inline constexpr double kSmallPopulation = 100'000;
inline constexpr std::int32_t kSeveralYears = 5;

struct Cell {
  std::vector<std::string> codes;    // in the order of Table::by; _T where totalled
  std::optional<double> count;       // none when suppressed
  std::optional<double> count_high;  // upper bound of masked values
  std::optional<double> population;  // persons, or the denominator's facts; person-years over years
  /// Per Indicator::scale; 95 %, chance variation only. No interval where `interval_dropped`.
  std::optional<double> rate, rate_low, rate_high;
  CellStatus status = CellStatus::normal;
  std::optional<AdjustedRate> adjusted = {};
  std::optional<SeveralYears> several_years = {};
  /// What the other source that lies furthest away counts for the same cell.
  std::optional<double> other_count = {};
  bool interval_dropped = false;  // sources differ by more than chance variation explains
  bool small_population = false;  // fewer than kSmallPopulation inhabitants
  RatingLetter rating = RatingLetter::not_rated;
  std::string sent = {};  // months that were sent, as PartlySent; empty: the whole period
};

/// How good the data of one source are for one country and year, by the rules of quality.md.
struct SourceQuality {
  std::string source, territory, period;  // "co_police", "COL", "2023"
  RatingLetter letter = RatingLetter::not_rated;
  std::optional<double> score;                           // 0 to 100
  std::vector<std::pair<std::string, double>> measures;  // by rule
  /// Of protected tables, where a share times a total is a count: by rule `below_5`, `5_to_20` or
  /// `from_20` (per cent), measured on the figures that are shown. They have no score.
  std::vector<std::pair<std::string, std::string>> bands = {};
};

inline constexpr std::size_t kElsewhereMax = 200;

/// Years of a country that only a source which was not used has. Never filled in: two sources in
/// one series would look like a change (docs/adr/0009-one-source-a-series.md).
struct ElsewhereYears {
  std::string source, territory;   // "unodc_cts", "COL"
  std::vector<std::string> years;  // ascending
};

struct Table {
  const Indicator* indicator = nullptr;
  TableQuery query;
  std::vector<TableDimension> by;
  std::vector<Cell> cells;                             // ascending by codes
  std::vector<std::int64_t> submissions, populations;  // what it rests on
  std::string population_source, population_title;
  json::object population_titles;  // by language, where there are several
  std::string release, released_at;  // empty for a draft
  bool synthetic = false;
  std::vector<std::string> notes;  // keys of messages: "observatory.note.exposure_months", …
  std::vector<std::string> sources_left_out;  // could count this too; --source asks one of them
  std::vector<ElsewhereYears> elsewhere;      // by source, then territory; at most kElsewhereMax
  json::array breaks;                         // {source, period, note, notes by language}
  std::vector<SourceQuality> quality;         // by source, then period; frozen in a release
  std::int64_t rounded_to = 0;                // 0: as counted
  std::uint64_t left_out = 0;  // facts of this indicator that `where` could not place
};

/// "territory:admin1,period:year,sex" and "territory=COL,period=2023|2024".
[[nodiscard]] Result<std::vector<TableDimension>> parse_by(std::string_view text);
[[nodiscard]] Result<std::vector<std::pair<std::string, std::vector<std::string>>>> parse_where(
    std::string_view text);

/// Further columns after `status`, in this order.
struct CsvColumns {
  bool rate = true;            // <kind>_rate, _low, _high, _status where the query chose one
  bool several_years = false;  // several_years, several_years_rate, _low, _high
  bool sources = false;        // other_count, interval_dropped
  bool quality = false;        // quality_rating
};

/// The dimensions, count, population, rate, rate_low, rate_high, status; count_high where the
/// source hid parts of some count (`count` is the lower bound); then what was asked for.
/// JSON adds names and where it comes from.
[[nodiscard]] std::string table_csv(const Table& table, const Territories& territories,
                                    Language language, const CsvColumns& columns = {});
[[nodiscard]] json::object table_json(const Table& table, const Territories& territories,
                                      Language language);

}  // namespace atalaya::observatory
