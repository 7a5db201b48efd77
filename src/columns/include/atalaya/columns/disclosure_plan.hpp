#pragma once
// What a release is to publish and how its cells are to be protected (disclosure.hpp does it).
//
// A release plan names every table of a release over shared dimensions. Each published cell is a
// sum of base cells, so tables that share base cells are linked whether or not anybody thought of
// it. Method, formulas and limits: docs/methods/disclosure.md.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace atalaya::columns::disclosure {

inline constexpr std::uint32_t kNoGroup = 0xffffffff;
/// Level numbers of a dimension: 0 the codes themselves, i the level `levels[i - 1]`.
inline constexpr std::uint32_t kCodes = 0;
inline constexpr std::uint32_t kTotal = 0xffffffff;
inline constexpr std::int64_t kUnbounded = std::numeric_limits<std::int64_t>::max();
inline constexpr std::size_t kDimensionsMax = 16;

/// A grouping of codes: departments of municipalities, five-year bands of ages. Levels of one
/// dimension need not nest (counties and city regions may overlap), and kNoGroup leaves a code
/// out, which is how a table over some of the years or offences only is written.
struct Level {
  std::string name;
  std::vector<std::uint32_t> group;  // by code, < groups or kNoGroup
  std::uint32_t groups = 0;
};

struct Dimension {
  std::string name;
  std::uint32_t codes = 0;
  std::vector<Level> levels;
  /// With Scope::protected_dimensions only cells broken down by such a dimension are sensitive.
  bool is_protected = false;
};

/// The facts, one row per combination of codes or more (equal combinations are added up).
struct Base {
  std::vector<std::vector<std::uint32_t>> codes;  // [dimension][row]
  std::vector<std::int64_t> value;                // [row], >= 0
  /// Who contributes the row (a household, a firm); needed by the dominance rules, empty for
  /// counts of persons, where each unit of the value is one contributor.
  std::vector<std::uint32_t> contributor;
};

/// Publishes every combination of the levels listed per dimension: {{0, 1, kTotal}, {0, kTotal}}
/// is a table with its subtotals and margins. An exempt table is published as it is, by a decision
/// that somebody put a name to; none of its cells is hidden, not even to protect others.
struct Table {
  std::string name;
  std::vector<std::vector<std::uint32_t>> levels;  // [dimension]; an empty list means {kTotal}
  bool exempt = false;
  std::string decision;  // required when exempt
};

/// One cell: a level and a group (code) for each dimension; the group of kTotal is 0.
struct Cell {
  std::vector<std::uint32_t> level;
  std::vector<std::uint32_t> group;
  friend bool operator==(const Cell&, const Cell&) = default;
};

/// What readers already hold. Give only releases of the same facts: every cell of `tables` but
/// `hidden` is taken to show today's value. Cells whose value was revised since are to be listed
/// in `revised`; they bind nothing.
struct PastRelease {
  std::string name;
  std::vector<Table> tables;
  std::vector<Cell> hidden;
  std::vector<Cell> revised;
  /// Zeros may be among what it hid; else readers know of each hidden cell that somebody is in it.
  bool hides_zeros = false;
};

/// Figures that no table prints and that readers form by subtraction: the cells of `level` without
/// whoever has a code of `without` in every dimension. The listed cells are protected as small
/// cells of a table are; the others bind nothing.
struct Rest {
  std::vector<std::uint32_t> level;               // [dimension]
  std::vector<std::vector<bool>> without;         // [dimension][code]; empty: nobody is left out
  std::vector<std::vector<std::uint32_t>> cells;  // their groups, by dimension
};

enum class Rule { threshold, none };
enum class Scope { all, protected_dimensions };
enum class Zeros {
  published,   // a zero is always shown, so readers know that nothing hidden is one
  complement,  // a zero may be hidden to protect another cell, and readers are told that it may
  sensitive,   // a zero is itself to be protected, as 1..n-1
};
enum class Breadth {
  width,      // high - low >= width
  threshold,  // low is the least that readers know of hidden cells, and high >= n - 1: as if
              // nothing but "< n" were known
};

struct Policy {
  Rule rule = Rule::threshold;  // none publishes everything and needs a decision
  std::string decision;         // who decided, required for Rule::none
  Scope scope = Scope::all;
  std::int64_t threshold = 5;  // n >= 1: 1..n-1 are protected
  Zeros zeros = Zeros::published;
  /// (n, k): protected when the largest n contributors make more than k percent. 0 is off.
  std::uint32_t dominance_contributors = 0;
  double dominance_percent = 0;
  /// p percent: protected when total - largest - second < p/100 * largest. 0 is off.
  double p_percent = 0;
  Breadth breadth = Breadth::width;
  /// Of protected cells; 0: as far as the rule reaches, n - 2 (1 to n - 1), or n - 1 where zeros
  /// are sensitive and for rests.
  std::int64_t width = 0;
  std::int64_t width_secondary = 1;  // of complements; 1: not exactly derivable
  /// Also against a reader who is the only contributor of one hidden cell and so knows it.
  bool contributors = true;
};

struct Plan {
  std::vector<Dimension> dimensions;
  Base base;
  std::vector<Table> tables;
  std::vector<PastRelease> past;
  std::vector<Rest> rests;
  Policy policy;
  std::vector<Cell> sensitive;  // hidden whatever their value
  std::vector<Cell> waived;     // never sensitive; may be hidden as a complement
};

}  // namespace atalaya::columns::disclosure
