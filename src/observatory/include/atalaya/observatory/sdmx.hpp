#pragma once
// Releases as SDMX: one dataflow per indicator that a release holds, its structures, and its
// observations. Drafts are never seen here. Pure but for build_catalogue() and select_data(), which
// read released tables; any thread.
// Source: SDMX REST 1.5.0 and 2.2.0 (sdmx-twg/sdmx-rest), SDMX information model 2.1 and 3.0,
// SDMX-JSON 1.0 and 2.0, SDMX-CSV 1.0 and 2.0; docs/reference/sdmx.md says what is served.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/time.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::observatory::sdmx {

inline constexpr std::string_view kAgency = "ATALAYA";
inline constexpr std::string_view kTime = "TIME_PERIOD";
/// Tables of more cells than this are read part by part while the answer is written, so that memory
/// does not grow with them.
inline constexpr std::uint64_t kCellsAtOnce = 200'000;
/// Bounds of one answer and of one request; each has a message that says what to do. The first is
/// of SDMX-JSON before 2.0 only, whose messages end with every value that they used.
inline constexpr std::uint64_t kCellsMax = 2'000'000;
inline constexpr std::size_t kKeyBytesMax = 4'000;   // of one key or component filter
inline constexpr std::size_t kKeyValuesMax = 2'000;  // values in it

/// `above` is the item that a hierarchy places it under where the list itself names no parent.
struct Item {
  std::string id, parent;
  Names name;
  std::string above = {};
};

/// A code list or another scheme of items, in the order of their codes.
struct ItemList {
  std::string id;
  Names name;
  std::vector<Item> items;
  [[nodiscard]] const Item* find(std::string_view item) const noexcept;
  /// Whether any item lies below another: then there is a hierarchy of it.
  [[nodiscard]] bool is_tree() const noexcept;
};

struct Dimension {
  std::string id;        // "REF_AREA"
  std::string ours;      // "territory"; empty for FREQ and UNIT_MEASURE
  std::string codelist;  // "CL_AREA"
};

/// One table of one release.
struct TableRef {
  std::size_t release = 0;  // index into Catalogue::releases
  std::int32_t position = 0;
  std::string breakdown;  // tables with one breakdown stand for each other's rows
  std::int64_t cells = 0;
};

/// An indicator as a dataflow and its data structure. The version counts how often the dimensions
/// have grown since the first release: "1.0", "2.0".
struct Flow {
  std::string id, dsd;  // DF_HOMICIDE_RATE, DSD_HOMICIDE_RATE
  const Indicator* indicator = nullptr;
  std::int32_t version = 1;
  std::vector<Dimension> dimensions;           // in the order of keys; TIME_PERIOD comes after them
  std::vector<TableRef> tables;                // newest release first
  std::vector<std::vector<std::string>> used;  // per dimension the codes of its tables, sorted
  std::vector<std::string> times;              // its values of TIME_PERIOD, sorted
  std::optional<std::pair<CivilDate, CivilDate>> time;  // first day, last day
  [[nodiscard]] std::optional<std::size_t> place(std::string_view dimension) const noexcept;
};

struct Publication {
  std::string id, name;
  UtcTime at;
  bool synthetic = false;
};

/// What is published, but not its figures. Code lists hold the codes that released tables use and
/// what these lie below.
struct Catalogue {
  std::string organisation;
  std::vector<Publication> releases;  // newest first
  std::vector<Flow> flows;            // by id
  std::vector<ItemList> codelists;    // by id
  ItemList concepts;                  // one scheme for all
  ItemList groups;                    // indicator groups, the categories
  std::vector<std::string> group_of;  // per flow, the category
  UtcTime changed;                    // when the newest release was published
  [[nodiscard]] const Flow* find(std::string_view flow) const noexcept;
  [[nodiscard]] const ItemList* codelist(std::string_view id) const noexcept;
};

/// Reads every released table once. Fails as Desk::releases() and Desk::release_table() do.
[[nodiscard]] Result<Catalogue> build_catalogue(const Desk& desk, std::string_view organisation);

// ---- asking ----

enum class Operator { eq, ne, lt, le, gt, ge, co, nc, sw, ew };

struct Condition {
  Operator op = Operator::eq;
  std::string value;
};

/// Groups that must all hold; within a group one condition is enough. Empty: everything.
using Conditions = std::vector<std::vector<Condition>>;

/// Per dimension of the flow, the values wanted; an empty list is a wildcard.
using Key = std::vector<std::vector<std::string>>;

enum class Detail { full, dataonly, serieskeysonly, nodata };

struct DataQuery {
  std::vector<Key> keys;                                  // any of them; empty: all
  std::vector<std::pair<std::string, Conditions>> where;  // by dimension, TIME_PERIOD included
  std::optional<CivilDate> from, until;                   // first day; day after the last
  std::optional<UtcTime> updated_after, as_of;
  bool include_history = false;
  std::optional<std::uint32_t> first, last;  // observations per series
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> limit;
};

enum class KeySyntax { v1, v2 };
/// "A.COL..NR" and "all" (v1: '+' between values, empty parts for all; v2: '*' for all, ',' between
/// whole keys). Fails with invalid_argument (observatory.sdmx.key).
[[nodiscard]] Result<std::vector<Key>> parse_key(std::string_view text, std::size_t dimensions,
                                                 KeySyntax syntax);
/// "ge:2020+le:2022", "M,F". Fails with invalid_argument (observatory.sdmx.filter).
[[nodiscard]] Result<Conditions> parse_conditions(std::string_view text);
/// "2020", "2020-Q1", "2020-01-01", "2020-01-01T00:00:00" and the others of SDMX: its first day and
/// the day after its last. Fails with invalid_argument (observatory.sdmx.period).
[[nodiscard]] Result<std::pair<CivilDate, CivilDate>> parse_time(std::string_view text);

// ---- answers ----

struct Observation {
  std::vector<std::uint32_t> key;  // per dimension an index into DataSet::codes
  std::string time;
  CivilDate begin, end;  // the day after the last
  std::optional<double> value, lower, upper, population;
  CellStatus status = CellStatus::normal;
  bool is_missing = false;    // there is no value, and status says why
  std::uint32_t release = 0;  // index into Catalogue::releases
};

/// The observations of a large data set, part by part. Not for several threads.
class DataParts {
 public:
  virtual ~DataParts() = default;
  /// The next ones, by key and then time; a series is never divided. Empty: nothing follows. Fails
  /// as Desk::release_columns() does.
  [[nodiscard]] virtual Result<std::vector<Observation>> next() = 0;
};

/// Observations by key and then time. Each key and time once.
struct DataSet {
  const Flow* flow = nullptr;
  std::vector<std::vector<std::string>> codes;  // per dimension
  std::vector<Observation> observations;
  std::shared_ptr<DataParts> rest;              // what follows `observations`; or null
  std::optional<UtcTime> valid_from, valid_to;  // where history was asked for

  [[nodiscard]] const std::string& code(const Observation& o, std::size_t dimension) const {
    return codes[dimension][o.key[dimension]];
  }
};

/// What a large answer needs to be read in parts. `series_over`: the dimension that stands at the
/// observations, as series must be whole. `at_once`, cells, is kCellsAtOnce but in tests.
struct ReadingParts {
  std::string series_over = std::string(kTime);
  std::uint64_t at_once = kCellsAtOnce;
  std::uint64_t cells_max = UINT64_MAX;  // kCellsMax for SDMX-JSON before 2.0
};

/// One data set, of the rows that `observatory table` shows (released_rows.hpp); with history one
/// per release, oldest first. Empty ones are left out. Sets of more than `at_once` cells have a
/// `rest`, which reads `desk` and `catalogue`: both must outlive it. Fails with exhausted
/// (observatory.sdmx.too_much) beyond `cells_max`, naming the numbers.
[[nodiscard]] Result<std::vector<DataSet>> select_data(const Desk& desk, const Catalogue& catalogue,
                                                       const Flow& flow, const DataQuery& query,
                                                       const ReadingParts& parts = {});

}  // namespace atalaya::observatory::sdmx
