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
/// Bounds of one answer and of one request; each has a message that says what to narrow.
inline constexpr std::uint64_t kCellsMax = 2'000'000;       // read for one request
inline constexpr std::size_t kObservationsMax = 1'000'000;  // in one answer
inline constexpr std::size_t kKeyBytesMax = 4'000;          // of one key or component filter
inline constexpr std::size_t kKeyValuesMax = 2'000;         // values in it

struct Item {
  std::string id, parent;
  Names name;
};

/// A code list or another scheme of items, in the order of their codes.
struct ItemList {
  std::string id;
  Names name;
  std::vector<Item> items;
  [[nodiscard]] const Item* find(std::string_view item) const noexcept;
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
  std::string shape;  // tables of two releases with one shape follow each other
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

/// Observations by key and then time. Each key and time once.
struct DataSet {
  const Flow* flow = nullptr;
  std::vector<std::vector<std::string>> codes;  // per dimension
  std::vector<Observation> observations;
  std::optional<UtcTime> valid_from, valid_to;  // where history was asked for

  [[nodiscard]] const std::string& code(const Observation& o, std::size_t dimension) const {
    return codes[dimension][o.key[dimension]];
  }
};

/// One data set; with history one per release, oldest first. Empty ones are left out. Fails with
/// exhausted (observatory.sdmx.too_much) when more than kCellsMax cells must be read or more than
/// kObservationsMax remain, naming the numbers.
[[nodiscard]] Result<std::vector<DataSet>> select_data(const Desk& desk, const Catalogue& catalogue,
                                                       const Flow& flow, const DataQuery& query);

/// Messages are written piece by piece, so that only the observations are in memory. `json_draft`
/// is SDMX-JSON before 1.0 (2016), which several clients still read and no other.
enum class DataForm {
  generic_21,
  specific_21,
  json_draft,
  json_1,
  json_2,
  csv_1,
  csv_2,
  specific_30
};
enum class Labels { id, both, name };

struct DataMessage {
  std::shared_ptr<const Catalogue> catalogue;
  std::vector<DataSet> sets;
  DataForm form = DataForm::generic_21;
  Detail detail = Detail::full;
  std::string at_observation = std::string(kTime);  // or "AllDimensions", or a dimension
  Labels labels = Labels::id;
  bool time_series = false;  // SDMX 2.1's own root elements for time series
  bool keys_column = false;  // CSV 2.0
  Language language = Language::en;
  UtcTime now;
};

class DataWriter {
 public:
  virtual ~DataWriter() = default;
  /// Appends the next piece; false when nothing follows.
  [[nodiscard]] virtual bool next(std::string& out) = 0;
};

[[nodiscard]] std::unique_ptr<DataWriter> create_writer(DataMessage message);

}  // namespace atalaya::observatory::sdmx
