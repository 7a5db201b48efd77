#include <atalaya/store/schema.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "migrate.hpp"
#include "sqlite_connection.hpp"

namespace atalaya::store {
namespace {

constexpr std::string_view kSqlite =
    "SELECT t.name, c.name, c.pk, upper(c.type) "
    "FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c "
    "WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' "
    "AND c.hidden = 0 ORDER BY t.name, c.cid";

constexpr std::string_view kPostgres =
    "SELECT c.relname::text, a.attname::text, COALESCE((SELECT k.place FROM pg_catalog.pg_index i, "
    "unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) WHERE i.indrelid = c.oid AND "
    "i.indisprimary AND k.attnum = a.attnum), 0)::bigint, "
    "CASE WHEN a.atttypid IN ('float4'::regtype, 'float8'::regtype) THEN 'REAL' "
    "WHEN a.atttypid = 'int8'::regtype THEN 'INTEGER' WHEN a.atttypid = 'bytea'::regtype THEN "
    "'BLOB' ELSE upper(pg_catalog.format_type(a.atttypid, NULL)) END "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
    "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
    "ORDER BY c.relname::text COLLATE \"C\", a.attnum";

constexpr std::string_view kSqliteParts =
    "SELECT type, name, tbl_name, COALESCE(sql, '') FROM sqlite_schema "
    "WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' "
    "UNION ALL SELECT 'number', 'user_version', '', CAST(user_version AS TEXT) "
    "FROM pragma_user_version "
    "UNION ALL SELECT 'number', 'application_id', '', CAST(application_id AS TEXT) "
    "FROM pragma_application_id";

// An index that belongs to a constraint has a name of the server's making, and an extension that
// the operator installed may bring views.
constexpr std::string_view kPostgresParts =
    "SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 'view' WHEN c.relkind = 'f' THEN 'foreign "
    "table' WHEN c.relkind IN ('i', 'I') THEN 'index' ELSE 'table' END, c.relname::text, "
    "COALESCE(t.relname, c.relname)::text, '' FROM pg_catalog.pg_class c "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid "
    "LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'i', 'I') "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND "
    "k.contype IN ('p', 'u', 'x')) "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.objid = c.oid AND "
    "d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e') "
    "UNION ALL SELECT 'trigger', g.tgname::text, t.relname::text, '' FROM pg_catalog.pg_trigger g "
    "JOIN pg_catalog.pg_class t ON t.oid = g.tgrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace "
    "WHERE n.nspname = current_schema() AND NOT g.tgisinternal "
    "UNION ALL SELECT 'rule', r.rulename::text, t.relname::text, '' FROM pg_catalog.pg_rewrite r "
    "JOIN pg_catalog.pg_class t ON t.oid = r.ev_class "
    "JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace "
    "WHERE n.nspname = current_schema() AND r.rulename <> '_RETURN'";

/// A table, index, view, trigger or rule, or a number in the file's header.
struct Part {
  std::string kind, name, table;
  std::string text;  // that made it, blanks squeezed; "" where the engine keeps none
};

/// Triggers and rules have names of their own; of the others each is there once.
using Parts = std::map<std::string, Part>;

struct Schema {
  Parts parts;
  std::map<std::string, TableSchema> tables;
  std::vector<AppliedMigration> migrations;
};

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!blank || (!out.empty() && out.back() != ' ')) {
      out += blank ? ' ' : c;
    }
  }
  return out;
}

Result<Schema> read_all(Transaction& transaction, Engine engine) {
  Schema out;
  ATALAYA_TRY(transaction.for_each(
      engine == Engine::sqlite ? kSqliteParts : kPostgresParts, {},
      [&](const Row& row) -> Result<void> {
        Part part{row.text(0), row.text(1), row.text(2), squeezed(row.text(3))};
        const bool apart = part.kind == "trigger" || part.kind == "rule";
        std::string key =
            apart ? fmt::format("{} {} {}", part.name, part.kind, part.table) : part.name;
        out.parts.emplace(std::move(key), std::move(part));
        return {};
      }));
  auto tables = ATALAYA_TRY(read_schema(transaction, engine));
  for (TableSchema& table : tables) {
    out.tables.emplace(table.name, std::move(table));
  }
  out.migrations = ATALAYA_TRY(applied_migrations(transaction, engine));
  return out;
}

/// Runs `work` on an empty store in memory that went through `migrations`.
Result<void> with_fresh_store(std::span<const Migration> migrations, const Database::Work& work) {
  auto memory = ATALAYA_TRY(SqliteConnection::open("", SqliteUse::memory));
  ATALAYA_TRY(memory->run("PRAGMA foreign_keys = OFF"));
  return in_sqlite_transaction(*memory, "BEGIN", [&](SqliteTransaction& tx) -> Result<void> {
    const WriteFunction inside = [&tx](const Database::Work& some) { return some(tx); };
    ATALAYA_TRY(run_migrations(inside, Engine::sqlite, migrations));
    return work(tx);
  });
}

std::string called(const Part& part) {
  return part.table.empty() || part.table == part.name
             ? fmt::format("{} {}", part.kind, part.name)
             : fmt::format("{} {} on {}", part.kind, part.name, part.table);
}

std::vector<std::string> compare_columns(const TableSchema& made, const TableSchema& found) {
  std::vector<std::string> out;
  const auto same_name = [](const std::vector<ColumnSchema>& columns, const ColumnSchema& column) {
    return std::ranges::find(columns, column.name, &ColumnSchema::name);
  };
  for (const auto& column : made.columns) {
    const auto there = same_name(found.columns, column);
    if (there == found.columns.end()) {
      out.push_back(fmt::format("column {} of table {} is missing", column.name, made.name));
    } else if (there->type != column.type || there->key != column.key) {
      out.push_back(fmt::format("column {} of table {} is not as the program made it", column.name,
                                made.name));
    }
  }
  for (const auto& column : found.columns) {
    if (same_name(made.columns, column) == made.columns.end()) {
      out.push_back(fmt::format("column {} of table {} was added: no migration makes it",
                                column.name, made.name));
    }
  }
  return out;
}

/// `found` has a part of the same name: is it the same?
void compare_part(const Part& made, const Part& part, const Schema& expected, const Schema& found,
                  std::vector<std::string>& out) {
  if (part.kind != made.kind) {
    out.push_back(fmt::format("{} is a {}, but must be a {}", made.name, part.kind, made.kind));
    return;
  }
  if (made.kind == "number") {
    if (part.text != made.text) {
      out.push_back(
          fmt::format("{} in the file's header is {}, not {}", made.name, part.text, made.text));
    }
    return;
  }
  std::vector<std::string> columns;
  const auto before = expected.tables.find(made.name);
  const auto now = found.tables.find(made.name);
  if (made.kind == "table" && before != expected.tables.end()) {
    columns = now == found.tables.end()
                  ? std::vector{fmt::format("{} is no ordinary table any more", made.name)}
                  : compare_columns(before->second, now->second);
  }
  if (columns.empty() && !part.text.empty() && part.text != made.text) {
    columns.push_back(fmt::format("{} is not defined as the program made it", called(made)));
  }
  std::ranges::move(columns, std::back_inserter(out));
}

std::vector<std::string> differences(const Schema& expected, const Schema& found, Engine engine) {
  std::vector<std::string> out;
  for (const auto& [key, made] : expected.parts) {
    const auto part = found.parts.find(key);
    if (part != found.parts.end()) {
      compare_part(made, part->second, expected, found, out);
    } else if (made.kind != "number" || engine == Engine::sqlite) {
      out.push_back(fmt::format("{} is missing", called(made)));
    }
  }
  for (const auto& [key, part] : found.parts) {
    if (!expected.parts.contains(key)) {
      out.push_back(fmt::format("{} was added: no migration makes it", called(part)));
    }
  }
  for (std::size_t i = 0; i < expected.migrations.size(); ++i) {
    if (i >= found.migrations.size() || found.migrations[i] != expected.migrations[i]) {
      out.push_back(fmt::format("the row of {} in {} is not the program's",
                                expected.migrations[i].name, kStateTable));
    }
  }
  return out;
}

}  // namespace

Result<std::vector<TableSchema>> read_schema(Transaction& transaction, Engine engine) {
  std::vector<TableSchema> tables;
  ATALAYA_TRY(transaction.for_each(
      engine == Engine::sqlite ? kSqlite : kPostgres, {}, [&](const Row& row) -> Result<void> {
        if (row.text(0) == kStateTable) {
          return {};
        }
        if (tables.empty() || tables.back().name != row.text(0)) {
          tables.push_back({.name = row.text(0), .columns = {}});
        }
        tables.back().columns.push_back({.name = row.text(1),
                                         .type = row.text(3),
                                         .key = static_cast<int>(row.integer(2)),
                                         .real = row.text(3) == "REAL"});
        return {};
      }));
  return tables;
}

Result<std::vector<TableSchema>> schema_made_by(std::span<const Migration> migrations) {
  std::vector<TableSchema> out;
  ATALAYA_TRY(with_fresh_store(migrations, [&](Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_schema(tx, Engine::sqlite));
    return {};
  }));
  return out;
}

Result<std::vector<std::string>> compare_schema(const Database& database,
                                                std::span<const Migration> migrations) {
  Schema found;
  ATALAYA_TRY(database.read([&](Transaction& tx) -> Result<void> {
    found = ATALAYA_TRY(read_all(tx, database.engine()));
    return {};
  }));
  if (found.migrations.empty()) {
    return std::vector<std::string>{};
  }
  // A row more or less in the list shifts nothing: the highest number says how far the store is.
  const auto newest = std::ranges::max(found.migrations, {}, &AppliedMigration::number).number;
  const auto count =
      static_cast<std::size_t>(std::clamp<std::int64_t>(newest, 0, std::ssize(migrations)));
  Schema expected;
  ATALAYA_TRY(with_fresh_store(migrations.first(count), [&](Transaction& tx) -> Result<void> {
    expected = ATALAYA_TRY(read_all(tx, Engine::sqlite));
    return {};
  }));
  return differences(expected, found, database.engine());
}

}  // namespace atalaya::store
