#pragma once
// Released tables, cut to what a page shows of them: one territory's series, one year of all
// countries, the ages and sexes of one year. Nothing here ever reads a draft.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::api {

namespace observatory = ::atalaya::observatory;

/// One table of one release, not yet read.
struct HeldTable {
  std::string release, release_name, published_at;
  bool synthetic = false;
  std::int32_t position = 0;
  observatory::TableQuery query;
  std::int64_t cells = 0, suppressed = 0;
  std::vector<std::string> sources;  // titles of the submissions that it rests on
  std::vector<std::string> source_ids;  // "pe_sidpol", ascending
};

/// What every page of figures needs.
struct FigureBase {
  const observatory::Indicators* indicators = nullptr;  // never null
  std::shared_ptr<const observatory::Territories> territories;
  std::string country;                         // the node's own; may be empty
  std::vector<observatory::Release> releases;  // newest first
  std::vector<HeldTable> held;                 // newest release first, in the order of its plan
};

/// With names of releases and of sources in the language, where they have them.
[[nodiscard]] Result<FigureBase> figure_base(const observatory::Desk& desk,
                                             std::string_view country, Language language);

/// Another source's released series of the same thing.
struct OtherSeries {
  HeldTable held;
  std::vector<std::string> periods;  // that the series shown has not, ascending
};

/// Rows of all released tables with one breakdown; some dimensions are fixed and left out.
struct FigureSlice {
  HeldTable held;                 // the first that gave rows, with the releases and sources of each
  observatory::Table table;       // its `by` are the dimensions kept
  std::string territory, period;  // what was fixed; else empty
  std::vector<std::string> choices;  // where a period was fixed, those that there are, ascending
  /// Of a series: its periods of which only a part was sent, which are no points of it.
  std::vector<observatory::Cell> partly = {};
  std::vector<OtherSeries> others = {};  // of a series
};

/// Takes rows out of a table by period that are no whole period of its level: the half of a year is
/// none, and neither is a year of which some months were sent, but where the table has no other. Of
/// a table without a level the kind of period stays that most rows are of. How many went.
std::size_t keep_whole_periods(observatory::Table& table);

/// The released series of the indicator for the territory by period and `keep` and nothing else: {}
/// is the series, {"sex"} the series by sex. Of several sources the one with the newest whole
/// period speaks, real figures before synthetic ones; what others have besides is named. `level`:
/// "month"; empty: that of the newest table. Absent where nothing such was released.
[[nodiscard]] Result<std::optional<FigureSlice>> find_series(
    const observatory::Desk& desk, const FigureBase& base, std::string_view indicator,
    std::string_view territory, const std::vector<std::string>& keep = {},
    std::string_view level = {});

/// Countries at one period: that one, or the newest for which at least two thirds as many countries
/// have a figure as in the fullest. Never two periods beside each other.
[[nodiscard]] Result<std::optional<FigureSlice>> find_across(const observatory::Desk& desk,
                                                             const FigureBase& base,
                                                             std::string_view indicator,
                                                             std::string_view period);

/// Which places below another, and which of their rates.
struct BelowAsked {
  bool municipalities = false;  // of a country: all second-level territories, not the first-level
  bool crude = false;           // as counted, also where smoothed rates were published beside them
  std::string period = {};      // empty, or none that there is: the newest whole one with figures
};

/// The territories directly below a country or a first-level subdivision at one period; of
/// municipalities a table with smoothed rates before others.
[[nodiscard]] Result<std::optional<FigureSlice>> find_below(const observatory::Desk& desk,
                                                            const FigureBase& base,
                                                            std::string_view indicator,
                                                            std::string_view place,
                                                            const BelowAsked& asked = {});

/// Only the cells with that code of that dimension, without the dimension.
[[nodiscard]] observatory::Table fixed(const observatory::Table& table, std::string_view dimension,
                                       std::string_view code);

/// Is a table by municipality and period held that may be of this country?
[[nodiscard]] bool holds_municipalities(const FigureBase& base, std::string_view indicator,
                                        std::string_view country);

/// What one released table says otherwise than an older one, and why.
using observatory::CellChange;

struct TableRevision {
  HeldTable from, to;
  std::vector<CellChange> changes;  // of counts, denominators and marks
  std::vector<observatory::ChangeReason> reasons = {};
};

/// The same of a preview; `base` is of what is published.
[[nodiscard]] std::vector<TableRevision> planned_revisions(
    const FigureBase& base, const observatory::ReleasePreview& preview);

/// Of every table of a release that an earlier one holds too.
[[nodiscard]] Result<std::vector<TableRevision>> revisions_of(const observatory::Desk& desk,
                                                              const FigureBase& base,
                                                              std::string_view release);

/// Against the newest earlier release with the same table; absent where there is none.
[[nodiscard]] Result<std::optional<TableRevision>> revision_of(const observatory::Desk& desk,
                                                               const FigureBase& base,
                                                               const HeldTable& table);

/// "territory:country,period:year" and "territory=COL|PAN", as parse_by() and parse_where() read.
[[nodiscard]] std::string by_text(const observatory::TableQuery& query);
[[nodiscard]] std::string where_text(const observatory::TableQuery& query);

}  // namespace atalaya::api
