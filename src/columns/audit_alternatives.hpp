#pragma once
// Alternatives: whole tables that agree with everything published, reached from the true one by
// moves that change hidden cells only. Each hidden cell remembers the lowest and the highest value
// that an alternative shows, so its interval is proved, in whole numbers, by examples.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "suppression_moves.hpp"

namespace atalaya::columns::disclosure {

class Alternatives {
 public:
  /// Begins with the true table. `model` must outlive this; cells may only become hidden.
  explicit Alternatives(Model& model);

  /// Judges the move anew and keeps it if it changes hidden cells only and is possible from the
  /// true table in one direction at least; records what it shows.
  bool add(const Move& move);

  [[nodiscard]] const KeyMap& known() const noexcept { return known_; }

  [[nodiscard]] std::size_t size() const noexcept { return begin_.size() - 1; }

  /// Whole tables visited.
  [[nodiscard]] std::size_t visited() const noexcept { return visited_; }

  /// Walks through the kept moves in a fixed disorder, `rounds` times, recording on the way.
  void walk(std::size_t rounds);
  /// For each hidden cell whose interval is too narrow: applies the moves that raise (lower) it as
  /// long as that helps.
  void push();

  struct Change {
    std::uint32_t cell = 0;
    std::int64_t by = 0;
  };

  /// Records one more alternative by all the cells that it shows otherwise than the truth. It must
  /// agree with everything published.
  void add_example(std::span<const Change> changes);
  /// Singles (cells with one contributor) without which no kept move and no example changes the
  /// cell; empty when each single could be known to the reader and the cell still would not be. The
  /// cell itself where nothing that changes it is known.
  [[nodiscard]] std::vector<std::uint32_t> dependence(std::uint32_t cell);

 private:
  struct Step {
    std::uint32_t cell;
    std::int8_t change;
  };

  [[nodiscard]] std::span<const Step> steps(std::size_t move) const noexcept;
  [[nodiscard]] bool can(std::size_t move, int direction) const noexcept;
  void apply(std::size_t move, int direction);
  void index_moves();
  [[nodiscard]] bool tells_of(std::uint32_t single, std::uint32_t cell) const;
  void push_cell(std::uint32_t cell, int wanted);
  [[nodiscard]] bool reached(const CellState& cell, int wanted) const noexcept;

  Model& model_;
  KeyMap known_;
  std::vector<std::size_t> begin_{0};  // of the steps, by move
  std::vector<Step> steps_;
  std::vector<std::size_t> corner_begin_{0};
  std::vector<std::uint32_t> corners_;    // positions, the first half falls
  std::vector<std::uint8_t> falls_;       // by corner
  std::vector<std::int64_t> now_;         // [position], of the present alternative
  std::vector<std::int64_t> shows_;       // [cell], change against the truth
  std::vector<std::size_t> moves_begin_;  // by cell, when indexed
  std::vector<std::uint32_t> moves_;
  std::size_t indexed_ = 0;
  std::size_t indexed_cells_ = 0;
  std::size_t visited_ = 0;
  // By protected cell: the singles that every example so far changes with it.
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> together_;
  std::vector<std::uint8_t> is_changed_;  // [cell], by the example at hand
  std::vector<Touch> touches_;
};

}  // namespace atalaya::columns::disclosure
