#pragma once
// Examples near one cell, for releases too large to be searched as a whole: the combinations of a
// few codes of each dimension are the unknowns, everybody else stays as counted, and a linear
// program looks for the table nearest to the truth that shows the cell changed by so much. Whatever
// it finds agrees with everything published, so it is an example like any other; what it does not
// find may still exist. Where cells may be hidden, it looks for the cheapest to hide besides.

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "audit_alternatives.hpp"
#include "audit_program.hpp"
#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

class NearbySearch {
 public:
  /// `model`, `finder` and `examples` must outlive this.
  NearbySearch(Model& model, MoveFinder& finder, Alternatives& examples)
      : model_(model), finder_(finder), examples_(examples) {}

  struct Wanted {
    std::uint32_t cell = 0;
    bool may_hide = false;
    std::span<const std::uint32_t> known{};  // cells that may not change: whose readers know them
    std::size_t codes = 8;                   // of each dimension, at most
    std::size_t combinations = 6'000;        // of them, about
    std::uint32_t turn = 0;                  // other codes than at the turn before
  };

  /// Widens the interval of a hidden cell, as far as it must be or as far as it goes; with known
  /// cells it changes it by one. Answers how many cells it hid; nothing where it found no example.
  std::optional<std::size_t> widen(const Wanted& wanted);

  /// Examples, since it began.
  [[nodiscard]] std::size_t found() const noexcept { return found_; }

  [[nodiscard]] std::size_t programs() const noexcept { return programs_; }

 private:
  using Scores = std::unordered_map<std::uint32_t, double>;  // by code

  struct Touched {
    std::uint64_t key = 0;
    std::uint32_t grid = 0;
    std::uint32_t cell = kNone;
  };

  struct Sum {  // what the unknowns of one cell change together
    std::uint64_t key = 0;
    std::uint32_t grid = 0;
    std::uint32_t cell = kNone;  // kNone: a zero that is shown
    std::vector<std::uint32_t> unknowns;
    std::int64_t falls = 0;  // at most
  };

  std::optional<std::size_t> look(const std::uint32_t* codes);
  template <class Use>
  void visit_cell(const Grid& grid, const std::uint32_t* home, Use use) const;
  void gather();
  [[nodiscard]] std::vector<Scores> score_codes(const Wanted& wanted);
  void choose_codes(const Wanted& wanted);
  void add_unknown(const std::uint32_t* codes);
  [[nodiscard]] bool is_told_apart(std::uint32_t d) const;
  [[nodiscard]] bool may_hide(const CellState& cell) const;
  void make_program(const Wanted& wanted);
  bool shift(const Wanted& wanted, std::int64_t direction);
  bool seek(int& budget);
  bool take(const std::vector<double>& columns);

  Model& model_;
  MoveFinder& finder_;
  Alternatives& examples_;

  std::vector<Touched> touched_;                   // by the last look()
  std::vector<std::vector<std::uint32_t>> codes_;  // [dimension]
  std::vector<std::int64_t> count_;                // [unknown]
  std::vector<Sum> sums_;
  std::unordered_map<std::uint64_t, std::uint32_t> sum_of_;  // by key
  std::vector<std::uint32_t> falls_;                         // [unknown]: its column, or kNone
  std::optional<Program> program_;
  std::size_t target_row_ = 0;
  bool hides_ = false;
  std::size_t hidden_ = 0;  // by the last widen()
  std::size_t found_ = 0;
  std::size_t programs_ = 0;
};

}  // namespace atalaya::columns::disclosure
