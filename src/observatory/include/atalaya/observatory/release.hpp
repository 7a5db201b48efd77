#pragma once
// What was published, and what a later release says otherwise. Values only; any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/observatory/table.hpp>

namespace atalaya::observatory {

struct Release {
  std::string id, name, plan, published_at, published_by;
  json::object names;  // by language, where there are several; `name` is one of them
  json::object decision;  // by, reason, changes, and reasons by language where there are several
  json::object policy, audit;
  json::array submissions;
  bool synthetic = false;

  struct Entry {
    std::int32_t position = 0;
    std::string indicator;
    json::object query;
    json::array notes;
    std::string segment, segment_sha256;
    std::int64_t cells = 0, suppressed = 0;
    bool rated_anew = false;  // an earlier version froze more than may be told: see `query`
  };

  std::vector<Entry> tables;
};

struct CellChange {
  std::vector<std::string> codes;
  std::optional<Cell> from, to;  // absent: not in that table
};

/// Why a table differs: a key and what it names. Kinds: `data` (submission, source, date: facts
/// that the older release did not rest on), `gone` (submission, source: facts that it no longer
/// rests on), `mapping` (mapping, from, to: versions), `population` (from, to), `threshold` (from,
/// to), `protection`, `rounding` (from, to), `shares`.
struct ChangeReason {
  std::string kind;
  std::map<std::string, std::string> params;
};

/// One table of a release against the newest earlier release with the same one.
struct TableChange {
  std::string from_release;
  std::int32_t from_position = 0, position = 0;
  std::vector<ChangeReason> reasons;
  std::vector<CellChange> cells;  // of counts, denominators and marks; ascending by codes
};

/// What publishing would do. `safe` is false when the audit found a leak: then nothing can be
/// published.
struct ReleasePreview {
  bool safe = false;
  json::object audit;  // tables[]: cells, primary, secondary, published; leaks[]: explained
  std::vector<Table> tables;
  /// Against the newest published tables of the same shape; tables that are new have none.
  std::vector<TableChange> changes;
};

[[nodiscard]] json::array changes_json(const std::vector<TableChange>& changes);

}  // namespace atalaya::observatory
