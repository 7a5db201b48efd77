#pragma once
// Tables of the same cases under several source names (police_by_weapon beside police): what one
// prints, readers take from the other. So such sources are one system of disclosure control.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "release_protect.hpp"
#include "release_totals.hpp"

namespace atalaya::observatory::detail {

/// Two sources of the same cases.
struct CaseLink {
  std::string first, second;
  bool is_in_doubt = false;             // chance may explain it
  std::size_t equal = 0, compared = 0;  // figures of one offence and unit; 0 where a plan says it
};

/// Two sources that count different cases, by a plan's decision.
struct CaseDifference {
  std::string first, second, reason;
};

/// Which sources speak of the same cases: those whose figures of one offence and unit, by place and
/// month, are equal in all that both can have, or in nine of ten and three at least, and too alike
/// for chance. Where one knows places or months only coarsely, what the other's come to is
/// compared.
class CaseSystems {
 public:
  /// Compares the sources of these tables and of earlier ones in what protected tables count. What
  /// a plan says to be the same is; what it says to be different is not. Fails as the store does,
  /// and with invalid_argument where the plan names a source that is none
  /// (observatory.release.plan) or calls different what chance cannot explain
  /// (observatory.release.different_cases).
  [[nodiscard]] static Result<CaseSystems> create(const Desk::State& state,
                                                  const Territories& territories,
                                                  const std::vector<Current>& submissions,
                                                  const ReleasePlan& plan,
                                                  const std::vector<PastTable>& past,
                                                  const std::vector<Table>& tables);
  CaseSystems() = default;

  /// The sources and all that speak of the same cases, directly or over others.
  [[nodiscard]] std::set<std::string> with_same(std::set<std::string> sources) const;

  /// By source its column, where tables rest on these sources: sources that share a table share a
  /// column. Empty where no sources of the same cases are known.
  [[nodiscard]] std::map<std::string, std::size_t> columns(
      const std::vector<std::set<std::string>>& tables) const;

  /// Do two of them speak of the same cases?
  [[nodiscard]] bool holds_same(const std::set<std::string>& sources) const;

  /// Earlier tables, those that show sources of the same cases side by side taken apart.
  [[nodiscard]] std::vector<PastTable> apart(const std::vector<PastTable>& past) const;

  [[nodiscard]] const std::vector<CaseLink>& links() const { return links_; }

  /// What the plan says, of sources that were compared.
  [[nodiscard]] const std::vector<CaseDifference>& different() const { return different_; }

 private:
  std::vector<CaseLink> links_;
  std::vector<CaseDifference> different_;
};

/// Tables that share a submission, or rest on sources of the same cases, are one group, directly or
/// over others. Places in `tables`.
[[nodiscard]] std::vector<std::vector<std::size_t>> groups_of(
    const std::vector<Table>& tables, const std::vector<Current>& submissions,
    const CaseSystems& systems);

/// What one column of a protected table hides, another must not show: fails with invalid_argument
/// (observatory.release.same_cases) where a table shows sources of the same cases side by side.
[[nodiscard]] Result<void> check_side_by_side(const CaseSystems& systems,
                                              const std::vector<Current>& submissions,
                                              const ReleasePlan& plan,
                                              const std::vector<Table>& tables);

/// Tells the audit which pairs of these sources were taken together ("same_cases", and
/// "same_cases_in_doubt" where chance may explain it), and which were not ("different_cases").
void note_same_cases(const CaseSystems& systems, const std::set<std::string>& sources,
                     json::object& audit);

/// The facts of sources that share tables, of other sources than the next column's.
struct FactColumn {
  std::vector<TableDimension> dimensions;
  GroupFacts facts;
};

/// Who takes a row: by column, what its tables must tell apart.
using Takers = std::map<std::size_t, RowFamily>;

/// What several columns say of the same persons, as rows of which each column's figures are sums.
struct JoinedFacts {
  std::vector<TableDimension> dimensions;
  /// By dimension: the only column whose tables know it; nothing where the columns agree on it.
  std::vector<std::optional<std::size_t>> owner;
  std::vector<GroupRow> rows;
  std::vector<Takers> families;  // by GroupRow::family
  std::set<RowFamily> used;      // as GroupFacts::used, dimensions numbered as here
  std::int64_t apart = 0;
};

/// Persons of equal figures are the same, in an arbitrary way that agrees with every column; where
/// the columns' figures differ nobody can subtract them, and each column has rows of its own.
[[nodiscard]] JoinedFacts join_columns(const Territories& territories,
                                       std::vector<FactColumn> columns);

}  // namespace atalaya::observatory::detail
