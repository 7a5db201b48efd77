#pragma once
// The exact audit of releases small enough for it: every position that the published zeros leave
// possible is an unknown, every published cell an equation. What the equations fix is fixed, the
// rest falls into blocks, and each block is searched by linear programs for the smallest and the
// largest value of each hidden cell. A bound counts as reached only by a whole-number table.

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "audit_alternatives.hpp"
#include "audit_program.hpp"
#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

/// Against what is the audit made: the pattern as it is, or only what no pattern can hide (past
/// releases and exempt tables), as if everything else were hidden.
enum class Against { pattern, bound };

class ExactAudit {
 public:
  explicit ExactAudit(Model& model, Against against = Against::pattern)
      : model_(model), against_(against) {}

  /// Hands every whole table that it finds to `examples`, which then know of all the cells that the
  /// table changes. For an audit of the pattern as it stands.
  ExactAudit(Model& model, Alternatives& examples)
      : model_(model), against_(Against::pattern), examples_(&examples) {}

  /// Lists the unknowns; false where there are too many, and the other functions must not be used.
  [[nodiscard]] bool prepare();
  /// Computes intervals of the hidden cells that are not satisfied.
  void run();
  /// Computes the others too, where that is cheap: how far a reader's interval reaches.
  void complete();
  /// True where whole tables show the cell at two values while `insider` keeps its own.
  [[nodiscard]] bool safe_from(std::uint32_t cell, std::uint32_t insider);
  /// True where it is proved that whoever knows `insider` computes the cell.
  [[nodiscard]] bool follows_from(std::uint32_t cell, std::uint32_t insider);
  /// Published cells without which the bounds of the cell would be wider, `insider` (kNone: nobody)
  /// being known; where the bounds are wide enough and only no whole table was found, those that
  /// are sums over a part of it.
  [[nodiscard]] std::vector<std::uint32_t> binding(std::uint32_t cell, std::uint32_t insider);
  /// Fills kind, low, high and the terms that a reader combines.
  void explain(std::uint32_t cell, Leak& leak);

  /// Computes the interval of one cell.
  void measure(std::uint32_t cell);

  /// At most so many combinations of codes: cheap enough to be attacked again and again.
  [[nodiscard]] bool is_small(std::uint64_t combinations) const noexcept;

  [[nodiscard]] std::size_t programs() const noexcept { return programs_; }

 private:
  struct Block {
    std::vector<std::uint32_t> unknowns;
    std::vector<std::uint32_t> rows;  // visible cells, and hidden ones that are known not to be 0
    std::vector<Program::Row> equations;
    std::unique_ptr<Program> program;
    // The same in differences from the truth: columns that grow, then those that shrink.
    std::unique_ptr<Program> steps;
    std::vector<std::uint32_t> shrinks;               // by column: its second column, or kNone
    std::map<std::uint32_t, std::uint32_t> step_row;  // of hidden cells of several columns
  };

  struct Range {
    std::int64_t low = 0;  // reached by whole tables
    std::int64_t high = 0;
    std::int64_t least = 0;   // cannot be undercut
    std::int64_t most = 0;    // kUnbounded: any number
    std::int64_t enough = 0;  // high - low beyond this is not searched for
  };

  void share(const Block& block, const std::vector<std::int64_t>& counts);
  [[nodiscard]] Block beside(std::size_t number, std::uint32_t insider) const;
  [[nodiscard]] std::vector<Range> ranges_beside(std::uint32_t cell, std::uint32_t insider);
  [[nodiscard]] bool is_visible(std::uint32_t cell) const noexcept;
  [[nodiscard]] bool list_positions();
  [[nodiscard]] bool add_position(const std::uint32_t* codes);
  /// What readers know that a cell holds at least, though nothing shows it.
  [[nodiscard]] std::int64_t least_of(std::uint32_t cell) const noexcept;

  /// By how much an unknown can fall.
  [[nodiscard]] std::int64_t room(std::uint32_t unknown) const noexcept {
    return truth_[unknown] - floor_[unknown];
  }

  void fix();
  /// Finds unknowns that a hidden cell alone says are somebody; false where there are no more.
  bool raise_floors();
  void make_blocks();
  [[nodiscard]] Program& program_of(Block& block);
  void prepare_steps(std::size_t number);
  /// Fixes the change of a cell; false where a bound forbids it.
  bool fix_change(Block& block, std::uint32_t cell, const std::vector<std::uint32_t>& columns,
                  std::int64_t by);
  void free_change(Block& block, std::uint32_t cell, const std::vector<std::uint32_t>& columns);
  bool settle_steps(Block& block, int& budget);
  /// Looks for the table nearest to the truth that shows the cell changed by so much and the
  /// insider's (kNone: nobody's) as it is.
  bool step(std::uint32_t cell, std::int64_t by, std::uint32_t insider);
  void stretch(std::uint32_t cell);
  [[nodiscard]] bool is_searched(const Block& block) const;
  [[nodiscard]] Range range_in(Block& block, const std::vector<std::uint32_t>& columns,
                               std::int64_t enough);
  void bound(Block& block, const std::vector<std::uint32_t>& columns, bool largest, Range& range);
  [[nodiscard]] bool whole(const Block& block, const std::vector<double>& values,
                           std::vector<std::int64_t>& counts);
  void seek(Block& block, const std::vector<std::uint32_t>& columns, bool largest, Range& range);
  void branch(Block& block, const std::vector<std::uint32_t>& columns, bool largest, Range& range,
              int& budget);
  [[nodiscard]] std::map<std::size_t, std::vector<std::uint32_t>> by_block(
      std::uint32_t cell) const;

  Model& model_;
  Against against_;
  Alternatives* examples_ = nullptr;
  std::vector<std::vector<std::uint32_t>> cells_;                // of each unknown
  std::vector<std::int64_t> truth_;                              // of each unknown
  std::map<std::vector<std::uint32_t>, std::uint32_t> same_;     // unknowns in the same cells
  std::map<std::uint32_t, std::vector<std::uint32_t>> members_;  // cell -> unknowns
  std::vector<std::int64_t> floor_;                              // of each unknown, known
  std::vector<std::uint32_t> some_;  // hidden cells known not to be 0, which no floor says
  std::vector<bool> fixed_;
  std::vector<std::size_t> block_of_;
  std::vector<std::uint32_t> place_;  // within its block
  std::vector<Block> blocks_;
  std::unique_ptr<Program> whole_program_;
  std::vector<std::uint32_t> whole_rows_;
  std::size_t programs_ = 0;
};

}  // namespace atalaya::columns::disclosure
