#pragma once
// Disclosure control of a release: which cells are hidden, and the proof that this suffices.
//
// protect() hides what the policy demands, hides the cheapest complements, and then audits the
// whole as a reader would attack it; audit() attacks a given pattern. A hidden cell counts as
// safe only where whole non-negative tables were found that agree with everything published, past
// releases included, and show the cell over a range that is wide enough. What is not proved is
// a leak, so a mistake of the search can cost cells and never a secret.
// Method, formulas and limits: docs/methods/disclosure.md.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>

#include <atalaya/columns/disclosure_plan.hpp>

namespace atalaya::columns::disclosure {

enum class Reason { threshold, zero, dominance, p_percent, listed, complement, past };
[[nodiscard]] std::string_view to_string(Reason reason) noexcept;

/// A cell in short: a grid of the report and a number within it; Report::cell() spells it out.
struct CellId {
  std::uint32_t grid = 0;
  std::uint64_t index = 0;
  friend bool operator==(const CellId&, const CellId&) = default;
};

struct HiddenCell {
  CellId id;
  std::int64_t value = 0;
  Reason reason = Reason::complement;
  /// Whole tables that agree with everything published show the cell at low and at high. Where
  /// `exact`, none shows it outside; elsewhere a reader's interval can only be wider.
  std::int64_t low = 0;
  std::int64_t high = 0;  // kUnbounded: any number
  bool exact = false;
};

enum class LeakKind {
  exact,              // the reader computes the value
  narrow,             // the reader's interval is narrower than the policy asks
  contributor,        // the only contributor of `insider` computes the value
  published_earlier,  // a past release or an exempt table shows it
  unproven,           // no derivation is known, but no proof of safety either
};
[[nodiscard]] std::string_view to_string(LeakKind kind) noexcept;

/// coefficient * (published value of id): the leaking cell lies at or above (below) the sum. With
/// cells that are hidden and cannot be 0 as `value` says.
struct Term {
  CellId id;
  double coefficient = 0;
  std::int64_t value = 0;
  bool hidden = false;  // nothing shows it: `value` is what readers know that it holds at least
};

struct Leak {
  CellId id;
  LeakKind kind = LeakKind::unproven;
  std::int64_t value = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;
  CellId insider;           // of kind contributor
  std::vector<Term> lower;  // how a reader derives low; empty where it is 0 by itself
  std::vector<Term> upper;  // how a reader derives high
  std::string past;         // name of the release or table, of kind published_earlier
};

struct TableCounts {
  std::string name;
  std::uint64_t shown = 0;         // cells not zero
  std::uint64_t primary = 0;       // hidden by a rule
  std::uint64_t complement = 0;    // hidden to protect them, not zero
  std::uint64_t zeros_hidden = 0;  // of both kinds
};

struct Report {
  bool safe = false;
  std::vector<std::vector<std::uint32_t>> grids;  // levels per dimension
  std::size_t printed = 0;                        // grids of tables; the rests of the plan follow
  std::vector<HiddenCell> hidden;                 // by grid, then index
  std::vector<Leak> leaks;                        // empty exactly when safe
  std::vector<TableCounts> tables;
  std::size_t rounds = 0;        // of repair
  std::size_t alternatives = 0;  // whole tables that the proof rests on
  std::size_t programs = 0;      // linear programs solved
  double seconds_suppress = 0;
  double seconds_audit = 0;

  [[nodiscard]] Cell cell(const Plan& plan, CellId id) const;

  /// Is it a cell of plan.rests[id.grid - printed], which nothing can show?
  [[nodiscard]] bool is_rest(CellId id) const { return id.grid >= printed; }
};

/// Primary and complementary suppression, audit, and repair until safe. `safe == false` is an
/// answer, not an error: the leaks say why (a past release, an exempt table). What past releases
/// hid stays hidden while the facts are the same; a plan that shows nothing but what they show is
/// safe unless a leak can be derived from them. Deterministic: the same plan gives the same report
/// but for the seconds. Memory about 300 bytes per cell that is not zero, and 4 bytes per base row
/// and grid.
/// Fails with invalid_argument, reason disclosure.{dimensions,base,table,cell,policy,decision,
/// too_large}: sizes that disagree, codes out of range, an exemption without a decision, tables of
/// more than 2^62 possible cells.
[[nodiscard]] Result<Report> protect(const Plan& plan);

/// Attacks a given pattern and hides nothing more. Cells that the policy protects and `hidden`
/// does not list are leaks of kind exact. Errors as protect().
[[nodiscard]] Result<Report> audit(const Plan& plan, std::span<const Cell> hidden);

}  // namespace atalaya::columns::disclosure
