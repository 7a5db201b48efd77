#pragma once
// What a row of a table holds, said by its code. Stored cells have the code that they were counted
// under, which is once "itself and everything below" and once "what is known of nothing below";
// whoever shows a table reads the names made here. docs/adr/0011-rows-say-what-they-hold.md.
// Pure; any thread.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/observatory/table.hpp>

namespace atalaya::observatory {

inline constexpr char kAddedMark = '@';

/// "CRI._U": what is of CRI and of nothing finer that the table tells apart.
[[nodiscard]] std::string rest_code(std::string_view code);
/// The code whose rest it is; empty for any other code.
[[nodiscard]] std::string_view rest_of(std::string_view code) noexcept;
/// "BR-RJ@BR-SP", what several codes come to: each of them. Of other codes the code itself.
[[nodiscard]] std::vector<std::string_view> added_codes(std::string_view code);
/// Whether a code is of a rest or of several codes together.
[[nodiscard]] bool is_composed(std::string_view code) noexcept;
/// "Costa Rica, not further specified", "Rio de Janeiro + São Paulo"; `name_of` gives the names of
/// plain codes.
[[nodiscard]] std::string composed_name(
    std::string_view code, Language language,
    const std::function<std::string(std::string_view)>& name_of);

/// The names of the rows of one table.
class RowNames {
 public:
  /// `codes`: by place in `query.by` every code of the table's rows, as stored.
  RowNames(const Territories& territories, const TableQuery& query,
           const std::vector<std::vector<std::string>>& codes);

  /// What the code of a row in `query.by[place]` is called; a row that holds all of a code keeps
  /// it.
  [[nodiscard]] std::string name(std::size_t place, std::string_view code) const;
  [[nodiscard]] bool renames() const noexcept;
  /// Renames a cell's codes. A rest of territory, age or period loses rates per inhabitants: they
  /// would divide a part of the cases by everybody.
  void apply(Cell& cell, const Indicator& indicator) const;

 private:
  std::vector<TableDimension> by_;
  std::vector<std::map<std::string, std::string, std::less<>>> names_;  // of those that differ
};

/// What the rows of a query's table are called; not for several threads.
class RowsOf {
 public:
  /// `territories` outlives it.
  RowsOf(const Territories& territories, const TableQuery& query);
  ~RowsOf();
  RowsOf(RowsOf&&) noexcept;
  RowsOf& operator=(RowsOf&&) noexcept;
  RowsOf(const RowsOf&) = delete;
  RowsOf& operator=(const RowsOf&) = delete;

  /// What this table would call a row of another one with the same column: its code where both
  /// hold the same, what was chosen of it, or nothing where nothing of it, or of a rest not all,
  /// was chosen. Fails where the query's level is none.
  [[nodiscard]] Result<std::string> called(std::string_view dimension, const std::string& code);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// A query whose `where` names rows as they are called, "BR-RJ@BR-SP" or "CRI._U", in the codes
/// that these are of.
[[nodiscard]] TableQuery in_plain_codes(TableQuery query);
/// Leaves of its answer the rests that `asked` names, and not what lies beside them. Fails with
/// invalid_argument (observatory.query.rest) where a rest is no row of the table.
[[nodiscard]] Result<void> keep_rests_asked(const Territories& territories, const TableQuery& asked,
                                            Table& table);

/// Renames all rows of a table whose codes are as stored; they stay ascending.
void name_rows(const Territories& territories, Table& table);

}  // namespace atalaya::observatory
