// All rows against all leaves "store.rows": the leaves are replayed into one entry a row, newest
// last; then every recorded table is walked once.
#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>

#include "rows.hpp"

namespace atalaya::ledger {
namespace {

constexpr std::size_t kCompactAt = std::size_t{1} << 16U;

constexpr std::string_view kLeaves =
    "SELECT l.leaf_index, p.payload FROM ledger_leaves l LEFT JOIN ledger_payloads p ON "
    "p.leaf_index = l.leaf_index WHERE l.subject = $1 ORDER BY l.leaf_index";

struct Said {
  std::uint64_t key = 0;  // hash of the row's key
  RowDigest digest{};
  std::uint16_t columns = 0;  // which list of columns
  bool removed = false;
  bool found = false;
  bool seen = false;
};

struct TableSaid {
  std::vector<Said> rows;
  std::size_t sorted = 0;  // so many are in order, one a key
  std::vector<std::string> column_lists;
};

std::uint64_t hash_of(std::string_view first, std::string_view rest) {
  std::string all(first);
  all += '\n';
  all += rest;
  return std::hash<std::string>()(all);
}

/// The newest of each key, in order of keys.
void compact(TableSaid& table) {
  std::ranges::stable_sort(table.rows, {}, &Said::key);
  auto out = table.rows.begin();
  for (auto it = table.rows.begin(); it != table.rows.end(); ++it) {
    if (it + 1 == table.rows.end() || (it + 1)->key != it->key) {
      *out++ = *it;
    }
  }
  table.rows.erase(out, table.rows.end());
  table.sorted = table.rows.size();
}

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> out;
  for (const auto word : split(list, ' ')) {
    out.emplace_back(word);
  }
  return out;
}

class RowsCheck {
 public:
  RowsCheck(store::Transaction& tx, std::span<const store::Migration> migrations,
            std::size_t problems_max)
      : tx_(tx), migrations_(migrations), problems_max_(problems_max) {}

  Result<RowsReport> run(std::vector<store::TableSchema> schema) {
    const auto has = [&](std::string_view name) {
      return std::ranges::find(schema, name, &store::TableSchema::name) != schema.end();
    };
    if (!has("ledger_leaves") || !has("ledger_payloads")) {
      return report_;  // before the log's first migration
    }
    const auto made = ATALAYA_TRY(store::schema_made_by(migrations_));
    absent_ = ATALAYA_TRY(recorded_tables(made));
    std::erase_if(schema, [&](const auto& table) { return !absent_.contains(table.name); });
    tables_ = ATALAYA_TRY(recorded_tables(schema));
    std::erase_if(absent_, [&](const auto& entry) { return tables_.contains(entry.first); });
    const auto said = ATALAYA_TRY(tables_ever_said(tx_));
    complete_.insert(said.begin(), said.end());
    report_.recorded = !said.empty();
    ATALAYA_TRY(replay([this](const auto& table, const auto& first, const auto& rest,
                              const Said& row) { keep(table, first, rest, row); }));
    name_absent();
    for (const auto& [name, table] : tables_) {
      ATALAYA_TRY(check_table(table));
    }
    ATALAYA_TRY(name_removed());
    return std::move(report_);
  }

 private:
  void problem(std::string detail) {
    ++report_.problem_count;
    if (report_.problems.size() < problems_max_) {
      report_.problems.push_back(std::move(detail));
    }
  }

  template <class Take>
  Result<void> replay(Take&& take) {
    return tx_.for_each(kLeaves, {std::string(kRowsSubject)},
                        [&](const store::Row& row) -> Result<void> {
                          if (row.is_null(1)) {
                            erased_ = true;
                            return {};
                          }
                          read_leaf(row.blob(1), take);
                          return {};
                        });
  }

  template <class Take>
  void read_leaf(const store::Blob& bytes, Take& take) {
    const auto said = parse_json(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "leaf");
    const auto* object = said ? said->if_object() : nullptr;
    const auto* tables = object == nullptr ? nullptr : object->if_contains("tables");
    const auto* version = object == nullptr ? nullptr : object->if_contains("v");
    if (tables == nullptr || !tables->is_object() || version == nullptr || *version != 1) {
      erased_ = true;  // damaged, which verify() reports, or of a newer program
      return;
    }
    const bool found = object->contains("found");
    for (const auto& [name, entry] : tables->as_object()) {
      const RecordedTable* known = find_table(name);
      const auto* table = entry.if_object();
      if (known == nullptr || table == nullptr) {
        continue;  // of a table that a migration dropped
      }
      const auto* columns = table->if_contains("columns");
      const auto* rows = table->if_contains("rows");
      if (columns != nullptr && columns->is_string() && rows != nullptr && rows->is_object()) {
        Said row;
        row.found = found;
        row.columns = column_list(said_[known->name], std::string_view(columns->as_string()));
        read_rows(*known, rows->as_object(), row, take);
      }
    }
  }

  const RecordedTable* find_table(std::string_view name) const {
    for (const RecordedTables* tables : {&tables_, &absent_}) {
      if (const auto table = tables->find(name); table != tables->end()) {
        return &table->second;
      }
    }
    return nullptr;
  }

  static std::uint16_t column_list(TableSaid& table, std::string_view list) {
    const auto known = std::ranges::find(table.column_lists, list);
    const auto place = known - table.column_lists.begin();
    if (known == table.column_lists.end()) {
      table.column_lists.emplace_back(list);
    }
    return static_cast<std::uint16_t>(place);
  }

  template <class Take>
  static void read_rows(const RecordedTable& table, const json::object& rows, const Said& like,
                        Take& take) {
    const auto read = [&](std::string_view first, std::string_view rest, const json::value& digest) {
      Said row = like;
      row.key = hash_of(first, rest);
      const auto* text = digest.if_string();
      row.removed = text == nullptr;
      const auto bytes = text == nullptr ? std::nullopt
                                         : from_base64(std::string(*text) + "==");
      if (bytes && bytes->size() == row.digest.size()) {
        std::ranges::copy(*bytes, row.digest.begin());
      }
      take(table, first, rest, row);
    };
    for (const auto& [first, entry] : rows) {
      if (const auto* others = entry.if_object()) {
        for (const auto& [rest, digest] : *others) {
          read(first, rest, digest);
        }
      } else {
        read(first, "", entry);
      }
    }
  }

  void keep(const RecordedTable& table, std::string_view, std::string_view, const Said& row) {
    TableSaid& said = said_[table.name];
    said.rows.push_back(row);
    if (said.rows.size() >= std::max(kCompactAt, 2 * said.sorted)) {
      compact(said);
    }
  }

  /// A table that the log speaks of and the store has not: one line, not one a row.
  void name_absent() {
    for (const auto& [name, table] : absent_) {
      TableSaid said = std::move(said_[name]);
      said_.erase(name);
      compact(said);
      const auto rows = std::ranges::count(said.rows, false, &Said::removed);
      if (rows > 0 || complete_.contains(name)) {
        problem(fmt::format("table {} is missing; the log records {} of its rows", name, rows));
      }
    }
  }

  static std::string name_of(const RecordedTable& table, std::string_view first,
                             std::string_view rest) {
    return fmt::format("row {}{}{} of {}", first, rest.empty() ? "" : ":", rest, table.name);
  }

  Result<void> check_table(const RecordedTable& table) {
    TableSaid& said = said_[table.name];
    compact(said);
    ++report_.tables;
    std::vector<std::vector<std::size_t>> places;  // of each list's columns; empty: all, in order
    for (const auto& list : said.column_lists) {
      places.push_back(list == table.column_list ? std::vector<std::size_t>{}
                                                 : places_of(table, list));
    }
    return tx_.for_each(
        fmt::format("SELECT {} FROM {}", table.select, table.name), {},
        [&](const store::Row& row) -> Result<void> {
          std::vector<store::Value> values, key;
          for (std::size_t i = 0; i < row.size(); ++i) {
            values.push_back(row.value(i));
          }
          for (const std::size_t column : table.key) {
            key.push_back(values[column]);
          }
          check_row(table, said, places, values, row_key(key));
          return {};
        });
  }

  static std::vector<std::size_t> places_of(const RecordedTable& table, std::string_view list) {
    std::vector<std::size_t> out;
    for (const auto& word : words_of(list)) {
      const auto column = std::ranges::find(table.columns, word);
      out.push_back(column == table.columns.end()
                        ? table.columns.size()
                        : static_cast<std::size_t>(column - table.columns.begin()));
    }
    return out;
  }

  void check_row(const RecordedTable& table, TableSaid& said,
                 const std::vector<std::vector<std::size_t>>& places,
                 const std::vector<store::Value>& values, const RowKey& key) {
    ++report_.rows;
    const auto hash = hash_of(key.first, key.rest);
    const auto found = std::ranges::lower_bound(said.rows, hash, {}, &Said::key);
    if (found == said.rows.end() || found->key != hash || found->removed) {
      // Checkpoints are recorded with what is written after them, and signed themselves.
      if (table.name == kCheckpointsTable) {
        return;
      }
      if (erased_ || !complete_.contains(table.name)) {
        ++report_.rows_partly;
        return;
      }
      problem(fmt::format("{} was added behind the log's back",
                          name_of(table, key.first, key.rest)));
      return;
    }
    found->seen = true;
    report_.rows_found += found->found ? 1U : 0U;
    const auto& columns = places[found->columns];
    RowDigest now{};
    if (columns.empty()) {
      now = row_digest(values);
    } else {
      ++report_.rows_partly;
      std::vector<store::Value> some;
      for (const std::size_t column : columns) {
        if (column >= values.size()) {
          return;  // a column that exists no more
        }
        some.push_back(values[column]);
      }
      now = row_digest(some);
    }
    if (now != found->digest) {
      problem(fmt::format("{} is not the one that the log records",
                          name_of(table, key.first, key.rest)));
    }
  }

  /// Entries have hashes of keys alone: the leaves say the keys once more.
  Result<void> name_removed() {
    std::set<std::pair<std::string_view, std::uint64_t>> missing;
    for (const auto& [name, said] : said_) {
      for (const Said& row : said.rows) {
        if (!row.removed && !row.seen && missing.size() < problems_max_) {
          missing.emplace(name, row.key);
        } else if (!row.removed && !row.seen) {
          ++report_.problem_count;
        }
      }
    }
    if (missing.empty()) {
      return {};
    }
    return replay([&](const RecordedTable& table, const auto& first, const auto& rest,
                      const Said& row) {
      if (missing.erase({table.name, row.key}) > 0) {
        problem(fmt::format("{} was removed", name_of(table, first, rest)));
      }
    });
  }

  store::Transaction& tx_;
  std::span<const store::Migration> migrations_;
  std::size_t problems_max_;
  RecordedTables tables_;
  RecordedTables absent_;  // made by a migration, but not there
  std::set<std::string, std::less<>> complete_;
  std::map<std::string, TableSaid, std::less<>> said_;
  bool erased_ = false;  // some leaf's rows are not known
  RowsReport report_;
};

}  // namespace

Result<RowsReport> check_rows(const store::Database& database,
                              std::span<const store::Migration> migrations,
                              std::size_t problems_max) {
  RowsReport out;
  ATALAYA_TRY(database.read([&](store::Transaction& tx) -> Result<void> {
    auto schema = ATALAYA_TRY(store::read_schema(tx, database.engine()));
    out = ATALAYA_TRY(RowsCheck(tx, migrations, problems_max).run(std::move(schema)));
    return {};
  }));
  return out;
}

}  // namespace atalaya::ledger
