#pragma once
// Moves: small changes of the base counts that leave all but a few cells as they are.
//
// A move takes a position (one code for each dimension), up to three dimensions and another code
// in each, and adds +1 and -1 to the 2^k corners in turn. One dimension: a person is counted under
// another code. Two: two persons swap a code. Three: four persons do. A cell changes only where
// its table separates the two codes in every one of the dimensions, so the more dimensions a move
// has the fewer tables see it. No dimension: one person more or less, which every table sees.
// If all cells that a move changes are hidden, the table after it is one that no reader can rule
// out. Suppression looks for moves that need few cells hidden; the audit rests on them.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "suppression_model.hpp"

namespace atalaya::columns::disclosure {

inline constexpr std::size_t kMoveDimensions = 3;
inline constexpr std::size_t kCorners = 1U << kMoveDimensions;

struct Move {
  std::array<std::uint32_t, kDimensionsMax> at{};  // codes of the first corner
  std::array<std::uint32_t, kMoveDimensions> other{};
  std::array<std::uint8_t, kMoveDimensions> dimension{};
  std::uint8_t dimensions = 0;
  std::int8_t sign = -1;  // of the first corner

  [[nodiscard]] std::size_t corners() const noexcept { return std::size_t{1} << dimensions; }

  [[nodiscard]] std::int8_t sign_of(std::size_t corner) const noexcept;
  void codes_of(std::size_t corner, std::span<std::uint32_t> out) const noexcept;
};

struct Touch {
  std::uint64_t key = 0;
  std::uint32_t grid = 0;
  std::uint32_t cell = kNone;  // kNone: a visible zero
  std::int8_t change = 0;
};

/// Writes every cell that the move changes, hidden or not.
void touches_of(const Model& model, const Move& move, std::vector<Touch>& out);

/// How often a move, and its inverse, can be made from the true table, if what it changes is
/// hidden; kUnbounded: any number.
struct Times {
  std::int64_t forward = 0;
  std::int64_t backward = 0;
};

[[nodiscard]] Times times_of(const Model& model, const Move& move, std::span<const Touch> touches);

/// The same for a move and its inverse, from whichever corner it is described.
[[nodiscard]] std::uint64_t identity(const Model& model, const Move& move);

enum class Direction : std::int8_t { down = -1, either = 0, up = 1 };

struct Search {
  std::uint32_t cell = 0;
  Direction direction = Direction::either;
  bool may_hide = true;                    // false: only moves that need nothing hidden
  bool must_hide = false;                  // only moves that hide something more
  bool alone = false;                      // only one person more or less
  std::span<const std::uint32_t> avoid{};  // cells that may not change
  const KeyMap* known = nullptr;           // identities that are no news
  std::uint32_t turn = 0;                  // others than at the turn before
};

/// Finds the cheapest among a bounded number of candidates; equal plans give equal answers.
class MoveFinder {
 public:
  explicit MoveFinder(const Model& model);
  [[nodiscard]] std::optional<Move> find(const Search& search);

  /// Codes that lie in the cell, as settle() says; until the next call.
  [[nodiscard]] const std::uint32_t* home_of(std::uint32_t cell);
  /// Base positions that agree with the codes in every dimension outside of `mask`; where `alike`,
  /// those of the mask have codes of one kind.
  [[nodiscard]] std::span<const std::uint32_t> partners(const std::uint32_t* codes,
                                                        std::uint32_t mask, bool alike);

  /// Of what the last find() answered.
  [[nodiscard]] double cost() const noexcept { return best_cost_; }

 private:
  struct Index {
    std::vector<std::uint64_t> keys;
    std::vector<std::uint32_t> positions;
    std::vector<std::uint32_t> begin;  // of each equal part of the range of keys
    std::size_t shift = 0;             // from a key to its part
  };

  void consider(const Move& move);
  [[nodiscard]] bool changes_cell(const Move& move) const;
  void try_down(std::uint32_t position);
  void try_pairs(std::uint32_t position, std::uint32_t d, std::uint32_t e, bool alike);
  void try_cubes(std::uint32_t position, std::uint32_t d, std::uint32_t e, std::uint32_t f);
  void try_up(std::uint32_t dimension);
  void try_arrivals(std::uint32_t person, std::uint32_t dimension, std::uint32_t code);
  void try_alone();
  void settle();
  [[nodiscard]] Move move_at(const std::uint32_t* codes, std::int8_t sign) const;
  [[nodiscard]] std::uint64_t index_key(const std::uint32_t* codes, std::uint32_t mask,
                                        bool alike) const;
  [[nodiscard]] const Index& index(std::uint32_t mask, bool alike);
  void order_grids();
  void find_seeing(const Move& move);
  [[nodiscard]] double cost_of(const Move& move, double bound, bool& hides);
  [[nodiscard]] bool has_one(std::span<const std::uint32_t> codes) const;
  [[nodiscard]] bool done() const noexcept;

  using Bits = std::vector<std::uint64_t>;  // one for each of coarse_first_

  struct Telling {  // one level of a dimension
    const std::vector<std::uint64_t>* part = nullptr;
    Bits grids;  // that have it
  };

  const Model& model_;
  // Grids of few cells show large figures: most moves are too dear after the first of them.
  std::vector<std::uint32_t> coarse_first_;
  std::vector<std::vector<Telling>> telling_apart_;  // [dimension]
  Bits all_, rests_, seeing_, telling_;
  std::map<std::pair<std::uint32_t, bool>, Index> indexes_;
  std::vector<std::vector<std::uint32_t>> kind_;                // [dimension][code]
  std::vector<std::vector<std::vector<std::uint32_t>>> alike_;  // [dimension][kind] -> codes
  Search search_;
  std::vector<Touch> touches_;
  std::array<std::uint32_t, kDimensionsMax> home_{};
  std::optional<Move> best_;
  double best_cost_ = 0;
};

}  // namespace atalaya::columns::disclosure
