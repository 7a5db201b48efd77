#include "transfer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/text.hpp>

#include "limits.hpp"
#include "sqlite_connection.hpp"

namespace atalaya::store {

namespace {

/// Names come from the migrations; a quote is doubled all the same.
std::string quoted_name(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) {
    result += c;
    if (c == '"') {
      result += c;
    }
  }
  return result + "\"";
}

std::string column_list(const Table& table) {
  std::vector<std::string> names;
  std::ranges::transform(table.columns, std::back_inserter(names), quoted_name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string insert_statement(const Table& table) {
  std::vector<std::string> places;
  for (std::size_t i = 1; i <= table.columns.size(); ++i) {
    places.push_back(fmt::format("${}", i));
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted_name(table.name), column_list(table),
                     fmt::join(places, ", "));
}

std::string select_statement(const Table& table) {
  return fmt::format("SELECT {} FROM {}", column_list(table), quoted_name(table.name));
}

Result<std::int64_t> count_rows(Transaction& transaction, const Table& table) {
  const Row row = ATALAYA_TRY(
      transaction.query_one(fmt::format("SELECT count(*) FROM {}", quoted_name(table.name))));
  return row.integer(0);
}

Result<void> copy_table(const Table& table, Transaction& from, Transaction& to) {
  const std::string insert = insert_statement(table);
  std::vector<Parameters> batch;
  const auto flush = [&]() -> Result<void> {
    ATALAYA_TRY(to.execute_many(insert, batch));
    batch.clear();
    return {};
  };
  ATALAYA_TRY(from.for_each(select_statement(table), {}, [&](const Row& row) -> Result<void> {
    Parameters values;
    values.reserve(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      values.push_back(row.value(i));
    }
    batch.push_back(std::move(values));
    return batch.size() < kBatchRows ? Result<void>() : flush();
  }));
  ATALAYA_TRY(flush());
  const std::int64_t sent = ATALAYA_TRY(count_rows(from, table));
  const std::int64_t arrived = ATALAYA_TRY(count_rows(to, table));
  if (sent != arrived) {
    return fail(ErrorCode::data_loss, "store.corrupt",
                fmt::format("{} of {} rows of {} arrived", arrived, sent, table.name));
  }
  return {};
}

void append_value(std::string& bytes, const Value& value) {
  const auto add = [&](char kind, std::string_view content) {
    bytes += fmt::format("{}{}:", kind, content.size());
    bytes += content;
  };
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    add('i', std::to_string(*whole));
  } else if (const auto* real = std::get_if<double>(&value)) {
    add('r', fmt::format("{}", *real));
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    add('t', *text);
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    add('b', as_text(*blob));
  } else {
    add('n', "");
  }
}

/// The rows of a small table in an order of their own, so that two engines compare.
Result<std::vector<std::string>> sorted_rows(Transaction& transaction, const Table& table) {
  std::vector<std::string> rows;
  ATALAYA_TRY(
      transaction.for_each(select_statement(table), {}, [&](const Row& row) -> Result<void> {
        std::string bytes;
        for (std::size_t i = 0; i < row.size(); ++i) {
          append_value(bytes, row.value(i));
        }
        rows.push_back(std::move(bytes));
        return {};
      }));
  std::ranges::sort(rows);
  return rows;
}

/// True when the store holds exactly what the migrations themselves put there.
Result<bool> is_untouched(Transaction& store, Engine engine, Transaction& fresh) {
  const auto tables = ATALAYA_TRY(list_tables(store, engine));
  for (const Table& table : tables) {
    // Counting first: a table in use may be too large to compare row by row.
    const std::int64_t expected_count = ATALAYA_TRY(count_rows(fresh, table));
    const std::int64_t count = ATALAYA_TRY(count_rows(store, table));
    if (count != expected_count) {
      return false;
    }
    const auto expected = ATALAYA_TRY(sorted_rows(fresh, table));
    const auto rows = ATALAYA_TRY(sorted_rows(store, table));
    if (rows != expected) {
      return false;
    }
  }
  return true;
}

Result<void> require_untouched(Transaction& store, Engine engine,
                               std::span<const AppliedMigration> migrations) {
  auto memory = ATALAYA_TRY(SqliteConnection::open("", SqliteUse::memory));
  return in_sqlite_transaction(*memory, "BEGIN", [&](SqliteTransaction& fresh) -> Result<void> {
    for (const AppliedMigration& migration : migrations) {
      ATALAYA_TRY(run_sqlite_text(fresh, migration.sql));
    }
    const bool untouched = ATALAYA_TRY(is_untouched(store, engine, fresh));
    if (!untouched) {
      return fail(ErrorCode::conflict, "store.not_empty",
                  "the store already holds rows: restore into a new one");
    }
    return {};
  });
}

/// Same migrations by number and text; the PostgreSQL text may differ from nothing.
bool same_schema(std::span<const AppliedMigration> left, std::span<const AppliedMigration> right) {
  return std::ranges::equal(left, right, [](const auto& a, const auto& b) {
    return a.number == b.number && a.sha256 == b.sha256;
  });
}

std::string schema_name(std::span<const AppliedMigration> migrations) {
  return migrations.empty() ? std::string("no migration") : migrations.back().name;
}

Result<std::vector<Table>> list_sqlite_tables(Transaction& transaction) {
  std::vector<Table> tables;
  ATALAYA_TRY(transaction.for_each(
      "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c "
      "WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' "
      "AND c.hidden = 0 ORDER BY t.name, c.cid",
      {}, [&](const Row& row) -> Result<void> {
        if (tables.empty() || tables.back().name != row.text(0)) {
          tables.push_back({row.text(0), {}});
        }
        tables.back().columns.push_back(row.text(1));
        return {};
      }));
  return tables;
}

Result<std::vector<Table>> list_postgres_tables(Transaction& transaction) {
  std::vector<Table> tables;
  ATALAYA_TRY(transaction.for_each(
      "SELECT c.relname::text, a.attname::text FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
      "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
      "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
      "ORDER BY c.relname::text COLLATE \"C\", a.attnum",
      {}, [&](const Row& row) -> Result<void> {
        if (tables.empty() || tables.back().name != row.text(0)) {
          tables.push_back({row.text(0), {}});
        }
        tables.back().columns.push_back(row.text(1));
        return {};
      }));
  return tables;
}

constexpr std::string_view kHasSqliteSequence =
    "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'";

/// Table, its generated column, and the sequence's state (NULL when it was never used).
constexpr std::string_view kPostgresSequences =
    "SELECT c.relname::text, a.attname::text, s.last_value FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> '' "
    "JOIN pg_catalog.pg_depend d ON d.refobjid = c.oid AND d.refobjsubid = a.attnum "
    "AND d.deptype = 'i' AND d.classid = 'pg_catalog.pg_class'::regclass "
    "JOIN pg_catalog.pg_class q ON q.oid = d.objid AND q.relkind = 'S' "
    "JOIN pg_catalog.pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = q.relname "
    "WHERE n.nspname = current_schema() ORDER BY 1";

}  // namespace

Result<std::vector<Table>> list_tables(Transaction& transaction, Engine engine) {
  auto tables = ATALAYA_TRY(engine == Engine::sqlite ? list_sqlite_tables(transaction)
                                                     : list_postgres_tables(transaction));
  std::erase_if(tables, [](const Table& table) { return table.name == kStateTable; });
  return tables;
}

Result<Sequences> read_sequences(Transaction& transaction, Engine engine) {
  Sequences sequences;
  if (engine == Engine::postgresql) {
    ATALAYA_TRY(transaction.for_each(kPostgresSequences, {}, [&](const Row& row) -> Result<void> {
      if (!row.is_null(2)) {
        sequences[row.text(0)] = row.integer(2);
      }
      return {};
    }));
    return sequences;
  }
  const Row kept = ATALAYA_TRY(transaction.query_one(kHasSqliteSequence));
  if (kept.integer(0) == 0) {
    return sequences;
  }
  ATALAYA_TRY(transaction.for_each("SELECT name, seq FROM sqlite_sequence", {},
                                   [&](const Row& row) -> Result<void> {
                                     sequences[row.text(0)] = row.integer(1);
                                     return {};
                                   }));
  return sequences;
}

Result<void> continue_sequences(Transaction& transaction, Engine engine,
                                const Sequences& sequences) {
  const auto last_of = [&](const std::string& table) {
    const auto it = sequences.find(table);
    return it == sequences.end() ? std::int64_t{0} : it->second;
  };
  if (engine == Engine::postgresql) {
    const Rows rows = ATALAYA_TRY(transaction.query(kPostgresSequences));
    for (const Row& row : rows) {
      const std::string& table = row.text(0);
      const Row highest = ATALAYA_TRY(transaction.query_one(
          fmt::format("SELECT coalesce(max({}), 0) FROM {}", quoted_name(row.text(1)),
                      quoted_name(table))));
      const std::int64_t last = std::max(highest.integer(0), last_of(table));
      if (last > 0) {
        ATALAYA_TRY(transaction.query("SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)",
                                      {quoted_name(table), row.text(1), last}));
      }
    }
    return {};
  }
  const Row kept = ATALAYA_TRY(transaction.query_one(kHasSqliteSequence));
  if (kept.integer(0) == 0) {
    return {};
  }
  const Rows generated = ATALAYA_TRY(transaction.query(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"));
  for (const Row& row : generated) {
    const std::int64_t last = last_of(row.text(0));
    const std::int64_t updated = ATALAYA_TRY(transaction.execute(
        "UPDATE sqlite_sequence SET seq = max(seq, $2) WHERE name = $1", {row.text(0), last}));
    if (updated == 0 && last > 0) {
      ATALAYA_TRY(transaction.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)",
                                      {row.text(0), last}));
    }
  }
  return {};
}

Result<void> replace_rows(Transaction& from, Engine from_engine, Transaction& to,
                          Engine to_engine) {
  const auto tables = ATALAYA_TRY(list_tables(to, to_engine));
  const auto sources = ATALAYA_TRY(list_tables(from, from_engine));
  const auto same = [](const Table& a, const Table& b) {
    return a.name == b.name && std::ranges::is_permutation(a.columns, b.columns);
  };
  if (!std::ranges::equal(tables, sources, same)) {
    return fail(ErrorCode::data_loss, "store.corrupt",
                "the backup's tables are not those that its own list of migrations makes");
  }
  for (const Table& table : tables) {
    ATALAYA_TRY(to.execute(fmt::format("DELETE FROM {}", quoted_name(table.name))));
  }
  for (const Table& table : tables) {
    ATALAYA_TRY(copy_table(table, from, to));
  }
  const auto sequences = ATALAYA_TRY(read_sequences(from, from_engine));
  return continue_sequences(to, to_engine, sequences);
}

Result<void> write_portable_file(Transaction& from, Engine from_engine, SqliteConnection& file) {
  const auto migrations = ATALAYA_TRY(applied_migrations(from, from_engine));
  ATALAYA_TRY(file.run("PRAGMA foreign_keys = OFF"));
  return in_sqlite_transaction(file, "BEGIN", [&](SqliteTransaction& to) -> Result<void> {
    const WriteFunction inside = [&to](const Database::Work& work) { return work(to); };
    std::vector<Migration> texts;
    for (const AppliedMigration& migration : migrations) {
      texts.push_back({migration.number, migration.name, migration.sql, ""});
    }
    ATALAYA_TRY(run_migrations(inside, Engine::sqlite, texts));
    file.enable_triggers(false);
    return replace_rows(from, from_engine, to, Engine::sqlite);
  });
}

Result<void> restore_file(const std::string& path, Engine engine, const RestoreHooks& hooks) {
  if (::access(path.c_str(), F_OK) != 0) {
    return fail(ErrorCode::not_found, "store.backup_absent", "there is no file " + path);
  }
  auto file = ATALAYA_TRY(SqliteConnection::open(path, SqliteUse::archive));
  const Value integrity = ATALAYA_TRY(file->scalar("PRAGMA integrity_check(1)"));
  if (integrity != Value(std::string("ok"))) {
    const auto* text = std::get_if<std::string>(&integrity);
    return fail(ErrorCode::data_loss, "store.corrupt",
                fmt::format("{} is damaged ({}): use another backup", path,
                            text != nullptr ? *text : "no answer"));
  }
  return in_sqlite_transaction(*file, "BEGIN", [&](SqliteTransaction& from) -> Result<void> {
    const auto source = ATALAYA_TRY(applied_migrations(from, Engine::sqlite));
    return hooks.write([&](Transaction& to) -> Result<void> {
      const auto target = ATALAYA_TRY(applied_migrations(to, engine));
      if (target.empty() || !same_schema(source, target)) {
        return fail(ErrorCode::conflict, "store.other_schema",
                    fmt::format("{} ends at {}, this store at {}: restore with the version of the "
                                "program that made the backup, then upgrade",
                                path, schema_name(source), schema_name(target)));
      }
      ATALAYA_TRY(require_untouched(to, engine, target));
      ATALAYA_TRY(hooks.before(to));
      ATALAYA_TRY(replace_rows(from, Engine::sqlite, to, engine));
      return hooks.after(to);
    });
  });
}

}  // namespace atalaya::store
