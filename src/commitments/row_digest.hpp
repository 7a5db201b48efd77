#pragma once
// What the log records of the rows that an import reads out of a document, so that a row that was
// changed behind the program's back is found and named (log_check.cpp). Private to the module.
//
// A leaf "commitments.rows" says of one table: {"v": 1, "table": "clauses", "rows": {owner: {key:
// digest}}}. The owner is the document of `appearances`, `paragraphs`, `statements_of_position`,
// `document_states` and `document_treaties`, and the commitment of `clauses` and `dues`. For these
// two the leaf says all rows of its owner and replaces what earlier leaves said; for the others it
// adds to it. A digest is the first 16 bytes of SHA-256 over the columns of version 1, below.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/ledger/ledger.hpp>
#include <atalaya/store/database.hpp>

namespace atalaya::commitments::detail {

using Digest = std::array<std::uint8_t, 16>;

/// A table whose rows are recorded: the columns of version 1, in order. Never change one: older
/// leaves speak of these columns.
struct RecordedTable {
  std::string_view name;
  std::string_view columns;
  std::size_t owner;           // the column of the owner
  std::size_t key;             // the column of the key: "3"
  std::size_t key_before = 0;  // a column that goes before it: "recital:3"; `key` when there is none
  bool whole = false;          // a leaf replaces what was said of its owner
  std::string_view noun;       // in messages: "clause"
};

[[nodiscard]] std::span<const RecordedTable> recorded_tables() noexcept;
/// Aborts on a name that is no recorded table's.
[[nodiscard]] const RecordedTable& recorded_table(std::string_view name) noexcept;

[[nodiscard]] Digest digest_of(std::span<const store::Value> values);
[[nodiscard]] store::Parameters values_of(const store::Row& row);
[[nodiscard]] std::string key_of(const RecordedTable& table, std::span<const store::Value> values);

/// Collects digests and cuts them into leaves of bounded size. Of a database that records all rows
/// itself (ledger/rows.hpp) it collects nothing.
class RowRecord {
 public:
  explicit RowRecord(const store::Database& database);

  void add(const RecordedTable& table, std::span<const store::Value> values);
  /// Says that the owner has no rows (any more).
  void add_none(const RecordedTable& table, const std::string& owner);
  [[nodiscard]] std::vector<ledger::Event> leaves(std::string_view subject) const;

 private:
  bool wanted_;
  using Owners = std::map<std::string, std::map<std::string, Digest>>;
  std::map<std::string_view, Owners> tables_;
};

}  // namespace atalaya::commitments::detail
