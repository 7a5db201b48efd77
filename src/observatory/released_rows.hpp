#pragma once
// Which rows of published tables stand: one rule for tables, pages and SDMX
// (docs/guides/release.md, docs/methods/rows.md). Any thread.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <atalaya/observatory/desk.hpp>
#include <atalaya/observatory/fact_store.hpp>
#include <atalaya/observatory/rows.hpp>

namespace atalaya::observatory {

/// A published table among those of its breakdown.
struct Published {
  std::string release;
  std::int32_t position = 0;
  TableQuery query;
  std::set<std::string> sources;
  std::set<std::int64_t> submissions;  // of facts
  std::string population_source;
  json::value shares;
  std::int64_t rounded_to = 0;
  bool synthetic = false;
  /// By column every code of its rows, as they are called; read_codes() fills them.
  std::vector<std::vector<std::string>> codes;
};

[[nodiscard]] Result<Published> published_table(const Release& release,
                                                const Release::Entry& entry);
[[nodiscard]] Result<void> read_codes(const Desk& desk, const Territories& territories,
                                      Published& table);
/// Real before synthetic, the newest release first, counted before estimated within a release.
/// `tables` come newest first.
void put_in_order(std::vector<Published>& tables);

/// Are rows chosen alike, of all dimensions or of those alone that are no column?
[[nodiscard]] bool choose_alike(const TableQuery& a, const TableQuery& b, bool columns_too);
/// By what tables stand for each other's rows: columns with their levels in any order, what was
/// chosen of the other dimensions, and sources.
[[nodiscard]] std::string breakdown_of(const Published& table);
/// Rates that rest on the other rows of their table.
[[nodiscard]] bool rests_on_table(const RateChoice& rate);

/// What other tables leave of one.
struct Standing {
  bool is_replaced = false;  // by the same table of a newer release

  /// Rows that every column marks, 1 by code, are left out.
  struct LeftOut {
    std::vector<std::vector<std::uint8_t>> marks;
    bool is_decided = false;  // a newer table has the row, or says that there is none
  };

  std::vector<LeftOut> left_out;
  /// Newer tables, by place, that do not speak of some of its rows but rest on a revision of their
  /// source: a case that it moved to another place or period may stand in both.
  std::vector<std::size_t> revised_since;

  /// Does nothing of it stand?
  [[nodiscard]] bool is_empty() const;
};

/// Which rows of a table do not stand, by their codes.
class LeftOutRows {
 public:
  /// Both outlive it.
  LeftOutRows(const Published& table, const Standing& standing);
  /// Why a row of the table does not stand, its columns as in the table; null where it does.
  [[nodiscard]] const Standing::LeftOut* find(const Cell& cell) const;

 private:
  const Standing& standing_;
  std::vector<std::unordered_map<std::string_view, std::size_t>> places_;  // by column and code
};

/// Of tables of one breakdown, in order and with their codes. A newer table decides every row that
/// it could have of a country that it speaks of; it leaves out rows of the places and periods that
/// it speaks of where its source was revised between. What one answer says must be alike in it: the
/// figures of a country are of one source and divided by one population, and all are rounded alike.
/// That is weighed among the tables that answer `asked`, or without it among those that have whole
/// rows, and of a table of parts among those that answer what it chose.
[[nodiscard]] Result<std::vector<Standing>> standings(const Territories& territories,
                                                      const std::vector<Submission>& submissions,
                                                      const std::vector<Published>& tables,
                                                      const TableQuery* asked);

/// By column of the query every code of a released table's rows, as stored.
[[nodiscard]] Result<std::vector<std::vector<std::string>>> stored_codes(const FactSet& set,
                                                                         const TableQuery& query);
/// The same, in the same order, as the rows are called.
[[nodiscard]] std::vector<std::vector<std::string>> named_codes(
    const RowNames& names, std::vector<std::vector<std::string>> stored);

}  // namespace atalaya::observatory
