#pragma once
// Observations out of the cells of released tables. Not for several threads.

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "released_rows.hpp"
#include "sdmx_codes.hpp"

namespace atalaya::observatory::sdmx {

class Selector {
 public:
  /// With `all_codes` keys are places in Flow::used, so that parts of one set fit each other; else
  /// only codes that occur are listed.
  enum class Keys { of_what_occurs, of_all_codes };
  Selector(const Flow& flow, const DataQuery& query, Keys keys = Keys::of_what_occurs);

  /// What an earlier table gave already stays: what decides comes first.
  void add(const Territories& territories, const Table& table, std::uint32_t release);
  [[nodiscard]] DataSet finish() &&;

 private:
  [[nodiscard]] bool in_time(const TimeValue& time) const;
  [[nodiscard]] bool passes(const std::vector<std::string>& codes) const;
  void add_one(const Cell& cell, const std::vector<std::string>& codes, const TimeValue& time,
               bool is_rate, std::uint32_t release);
  void sort_codes();
  void cut_series();

  const Flow& flow_;
  const DataQuery& query_;
  Keys keys_;
  std::vector<std::pair<std::size_t, const Conditions*>> filters_;
  std::vector<const Conditions*> time_filters_;
  DataSet set_;
  std::vector<std::unordered_map<std::string, std::uint32_t>> ids_;
  std::set<std::string> taken_;
};

/// A table that a query means, and what others leave of it.
struct MeantTable {
  TableRef ref;
  Published table;  // with its codes where it has company
  Standing standing;
};

/// The tables of which something stands (released_rows.hpp), those that decide first; with history
/// of each release by itself.
[[nodiscard]] Result<std::vector<MeantTable>> meant_tables(const Desk& desk,
                                                           const Catalogue& catalogue,
                                                           const Flow& flow,
                                                           const DataQuery& query);

/// Of the tables of one release, or of what stands of all. `flow` lies in a catalogue that outlives
/// it, as `desk` does.
[[nodiscard]] Result<std::unique_ptr<DataParts>> read_in_parts(
    const Desk& desk, const Catalogue& catalogue, const Flow& flow, const DataQuery& query,
    std::vector<MeantTable> tables, const ReadingParts& parts);

}  // namespace atalaya::observatory::sdmx
