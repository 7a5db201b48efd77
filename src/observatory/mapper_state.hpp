#pragma once
// What the mapper holds while it reads the files of a load. mapping.cpp reads them;
// mapping_facts.cpp counts what became of their rows and writes the facts.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <atalaya/observatory/mapping.hpp>

#include "mapping_checks.hpp"
#include "mapping_values.hpp"

namespace atalaya::observatory {

class Mapper::State {
 public:
  State(const Mapping& mapping, const Territories& territories, std::string country,
        std::optional<CivilDate> today);
  Result<void> add(const columns::RawTable& table);
  Facts take();

  [[nodiscard]] const LoadReport& report() const { return report_; }

  const std::vector<NewTerritory>& new_territories();

  [[nodiscard]] const std::vector<std::uint64_t>& fact_ends() const { return fact_ends_; }

 private:
  // A code that the column's name and a cell of the row make together.
  struct Joined {
    std::size_t dimension = 0, column = 0;  // places in dimensions_ and in the table
    std::vector<std::uint32_t> ids;         // of the dimension, per code of the column
  };

  struct MeasurePlan {
    std::size_t column = kAbsent;                          // absent: every row is one
    using Set = std::vector<std::pair<std::size_t, std::string>>;
    Set set;  // place in dimensions_, code
    std::vector<Joined> joined;
  };

  std::size_t dimension(const std::string& name);
  [[nodiscard]] std::size_t place_of(const std::string& name);
  void note_file(std::string_view column, std::string_view reason, std::string_view detail,
                 std::uint64_t line, std::uint64_t cells);
  void pass_on_warnings();
  [[nodiscard]] std::unexpected<Error> misfit(std::string_view reason, std::string_view column,
                                              std::string_view what) const;
  [[nodiscard]] std::unexpected<Error> column_missing(std::string_view column) const;
  std::uint32_t finding(Severity severity, std::string_view column, std::string_view value,
                        std::string_view reason, std::string_view detail);
  void judge(std::size_t row, Verdict verdict, std::uint32_t id);
  void skip(std::size_t row, const std::string& reason);
  Result<void> fill_down();
  Result<void> leave_out();
  Result<std::vector<MeasurePlan>> measure_plans();
  Result<std::vector<MeasurePlan>> settle(std::vector<MeasurePlan> plans);
  Result<void> join_cells(std::vector<MeasurePlan>& plans);
  void read_joined(const std::string& before, const std::string& after, Joined& joined);
  [[nodiscard]] const DimensionMapping* own_mapping(std::string_view name) const;
  Result<void> read_dimension(const DimensionMapping& d);
  Result<void> refuse_second_population();
  void read_numbers(const std::vector<MeasurePlan>& plans);
  void run_checks();
  std::int64_t cell(std::size_t place, std::size_t row);
  void count_rows(const std::vector<MeasurePlan>& plans);
  void count_outside();
  void emit(const MeasurePlan& plan, const std::vector<NumberReading>& numbers,
            bool is_alternative);
  void emit_dimension(const MeasurePlan& plan, std::size_t at,
                      const std::vector<std::uint32_t>& rows,
                      const std::vector<std::uint8_t>& masked);
  void emit_not_given(const MeasurePlan& plan, const std::vector<std::uint32_t>& rows);
  void append_codes(const MeasurePlan& plan, std::size_t at, const std::vector<std::uint32_t>& rows,
                    std::vector<std::uint32_t>& out);
  [[nodiscard]] bool is_alternative(const MeasurePlan& plan,
                                    const std::vector<MeasurePlan>& plans) const;
  [[nodiscard]] std::string default_code(const std::string& name) const;
  void note_periods(std::size_t added);
  void note_months(const Period& period);
  [[nodiscard]] std::set<std::string> covered_months() const;
  void cover_file();

  const Mapping& mapping_;
  const Territories& territories_;
  std::string country_;
  LoadReport report_;
  std::vector<OutDimension> dimensions_;
  std::vector<std::int64_t> values_, highs_;
  std::vector<std::uint64_t> fact_ends_;  // by file of the report
  bool any_masked_ = false;
  std::size_t not_given_ = 0;
  std::map<std::string, NewTerritory, std::less<>> enrolled_;
  std::vector<NewTerritory> listed_;
  std::unordered_map<std::string, std::uint32_t> finding_ids_;
  std::optional<CivilDate> today_;
  // Of populations: where each fact stands, and which was the first of its kind.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> origins_;
  OncePerCell once_;

  // Of the file in hand.
  const columns::RawTable* table_ = nullptr;
  columns::RawTable filled_;  // what table_ is where the mapping fills cells
  std::uint32_t file_ = 0;
  std::vector<Verdict> rows_;
  std::set<std::string> used_columns_;
  std::vector<std::string> widest_;  // columns of this file that a pattern of measures reads
  std::set<std::string> months_, finer_months_;  // of its facts; of those finer than a year
  std::uint64_t notes_from_ = 0;  // the line from which on nothing is data
  std::unordered_map<std::size_t, std::uint32_t> rejects_row_;
  std::map<std::size_t, std::vector<std::uint32_t>> codes_;  // by place in dimensions_
  std::vector<std::vector<NumberReading>> numbers_;          // by measure, by the column's code
};

}  // namespace atalaya::observatory
