#pragma once
// The cells of a release plan: grids, the cells that are not zero, and what is known of each.
// A grid is one combination of levels; the same grid of two tables, or of this release and a past
// one, is one grid, so a cell is one object wherever it is printed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <atalaya/base/result.hpp>

#include <atalaya/columns/disclosure.hpp>

namespace atalaya::columns::disclosure {

inline constexpr std::uint64_t kOutside = ~std::uint64_t{0};
inline constexpr std::uint32_t kNone = 0xffffffff;

/// Deterministic mixing (splitmix64), for hashing and for choosing among equals.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

/// Open addressing from 64-bit keys to 32-bit numbers; kOutside is no key.
class KeyMap {
 public:
  void reserve(std::size_t size);
  [[nodiscard]] std::uint32_t find(std::uint64_t key) const noexcept;
  void insert(std::uint64_t key, std::uint32_t number);  // the key must be new

 private:
  void grow(std::size_t slots);
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> numbers_;
  std::size_t used_ = 0;
};

enum class Shown : std::uint8_t { visible, primary, complement, past };

struct Grid {
  std::vector<std::uint32_t> level;
  std::vector<std::uint32_t> broken_down;        // dimensions that are not total
  std::vector<std::vector<std::uint64_t>> part;  // [dimension][code] -> share of the key; or empty

  /// Of each dimension that it is broken down by; none of a rest.
  struct Side {
    std::uint64_t stride = 1;
    std::uint64_t groups = 1;
    std::vector<std::uint32_t> code;  // one in each group; kNone where there is none
  };

  std::vector<Side> sides;
  std::vector<std::uint32_t> totals;  // grids just above
  std::uint64_t offset = 0;  // of its keys among those of all grids
  std::uint64_t size = 0;
  bool now = false;                        // in this release
  bool exempt = false;                     // in an exempt table of it
  bool earlier = false;                    // in a past release
  bool sensitive = false;                  // the policy's rules apply
  bool rest = false;                       // no table prints it; only its protected cells are cells
  std::vector<std::vector<bool>> without;  // of a rest, as in the plan
  std::string bound_by;                    // table or release that shows its cells whatever we do

  /// Of one combination of codes; kOutside where it has no part in the grid.
  [[nodiscard]] std::uint64_t key(const std::uint32_t* at) const noexcept;
  /// May two codes of a dimension lie in different cells?
  [[nodiscard]] bool tells_apart(std::uint32_t d, std::uint32_t a, std::uint32_t b) const noexcept;
};

struct CellState {
  std::uint64_t key = 0;
  std::int64_t value = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t width = 0;  // that high - low must reach while hidden
  std::uint32_t grid = 0;
  Shown shown = Shown::visible;
  Reason reason = Reason::complement;
  bool bound = false;       // shown by a past release or an exempt table
  bool single = false;      // has one contributor
  bool was_hidden = false;  // by a past release
  bool was_some = false;    // and readers know that it was no zero
  bool was_shown = false;   // by a past release, at today's value
  bool stays = false;       // a past release hid it, or the same figure of another grid
  bool is_some = false;     // they know it of what this release hides
  bool covers = false;      // must reach 0 and n - 1 besides
  bool exact = false;
  bool narrow = false;  // a program proved that no pattern of this kind is wide enough
};

class Model;

/// Where readers are told that zeros may be hidden they still reckon with somebody in a hidden cell
/// as long as all zeros beside it are shown: the program had no reason to hide one there. So a
/// hidden cell may be a zero where a total just above it hides one of its zeros too, or has none
/// that could be shown. Just above: a table of totals of it with no other in between.
class Lines {
 public:
  [[nodiscard]] bool may_be_zero(const Model& model, const CellState& cell);
  /// Answers the cells of totals that hid no zero before.
  std::vector<std::uint32_t> hide_zero(const Model& model, const CellState& cell);

 private:
  // By grid of the cells; the keys are those of the totals.
  std::map<std::uint32_t, KeyMap> known_;  // whether somebody is in each part
  std::map<std::uint32_t, KeyMap> hiding_;
};

class Model {
 public:
  static Result<Model> create(const Plan& plan);

  /// The plan with codes that no grid tells apart as one; levels, groups and cells as they were.
  std::unique_ptr<const Plan> plan;
  std::size_t dimensions = 0;
  std::vector<Grid> grids;
  std::size_t printed = 0;  // grids of tables, before those of rests
  std::vector<CellState> cells;

  /// Positions: base combinations with a count, then those that alternatives put one at.
  std::vector<std::uint32_t> codes;  // [position * dimensions + dimension]
  std::vector<std::int64_t> count;   // [position], the truth
  std::size_t base_positions = 0;
  std::vector<std::uint32_t> cell_of;  // [base position * grids + grid], kNone outside

  [[nodiscard]] const std::uint32_t* codes_of(std::uint32_t position) const noexcept {
    return codes.data() + std::size_t{position} * dimensions;
  }

  [[nodiscard]] std::uint32_t find_cell(std::uint64_t key) const noexcept {
    return cell_map.find(key);
  }

  /// The cell with this key of this grid, made with value 0 where it is new.
  std::uint32_t ensure_cell(std::uint32_t grid, std::uint64_t key);
  [[nodiscard]] std::uint32_t find_position(const std::uint32_t* at) const noexcept;
  std::uint32_t ensure_position(const std::uint32_t* at);

  /// May a zero of this grid that no cell stands for be hidden?
  [[nodiscard]] bool zero_is_bound(const Grid& grid) const noexcept {
    return grid.exempt || grid.earlier;
  }

  /// What readers know that a cell holds at least while it is hidden.
  [[nodiscard]] std::int64_t least_of(const CellState& cell) const noexcept {
    return cell.was_some || cell.is_some ? 1 : 0;
  }

  /// Finds what readers will know of the cells that are not zero.
  void tell_some();

  /// Do readers learn nothing from this release, as it is hidden now, that earlier ones did not
  /// tell of the same facts?
  [[nodiscard]] bool repeats() const noexcept;

  [[nodiscard]] bool is_satisfied(const CellState& cell) const noexcept;
  /// Marks the cell hidden; its interval begins as its value.
  void hide(std::uint32_t cell, Shown as, Reason reason);
  /// Base positions of a cell, by scanning an index made at first use.
  [[nodiscard]] std::span<const std::uint32_t> positions_of(std::uint32_t cell) const noexcept;
  [[nodiscard]] Result<std::uint64_t> key_of(const Cell& cell) const;
  /// Of a cell of the `rest`th rest of the plan.
  [[nodiscard]] Result<std::uint64_t> key_of(std::size_t rest,
                                             const std::vector<std::uint32_t>& group) const;

  KeyMap cell_map;
  KeyMap position_map;
  std::vector<std::uint64_t> position_stride;
  Lines lines;                            // of this release
  std::vector<std::size_t> member_begin;  // by cell of those with base positions
  std::vector<std::uint32_t> members;
};

/// Does each cell of `inner` lie in one cell of `outer`? Levels nest where equal codes of the
/// finer always have equal groups of the coarser.
[[nodiscard]] bool lies_in(const Plan& plan, const Grid& inner, const Grid& outer);

/// Marks what each past release hid, here and in every other table of this release that prints the
/// same figure, as long as nothing tells that it was revised since.
Result<void> mark_stays(Model& model);

/// Whether each grid is one of the release's tables.
[[nodiscard]] std::vector<bool> grids_of(const Model& model, const PastRelease& past);

/// Marks cells by the policy's rules, the plan's lists and the past; answers those that must be
/// protected and cannot be, being shown elsewhere.
Result<std::vector<Leak>> mark_primary(Model& model);

/// Fills grids, hidden cells and counts per table.
void fill_report(const Model& model, Report& report);

}  // namespace atalaya::columns::disclosure
