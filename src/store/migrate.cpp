#include "migrate.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "sql_text.hpp"

ATALAYA_EMBEDDED(migrations);

namespace atalaya::store {

namespace {

constexpr std::string_view kCreateState =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, "
    "sha256 TEXT NOT NULL, postgres_sha256 TEXT NOT NULL, sql TEXT NOT NULL) STRICT";
constexpr std::string_view kInsertState =
    "INSERT INTO schema_migrations (number, name, sha256, postgres_sha256, sql) "
    "VALUES ($1, $2, $3, $4, $5)";
constexpr std::string_view kSelectState =
    "SELECT number, name, sha256, postgres_sha256, sql FROM schema_migrations ORDER BY number";

std::string sum_of(std::string_view text) {
  return text.empty() ? std::string() : to_hex(sha256(text));
}

AppliedMigration as_applied(const Migration& migration) {
  return {migration.number, migration.name, sum_of(migration.sql), sum_of(migration.postgres_sql),
          migration.sql};
}

/// What the store went through must be the beginning of what the program brings.
Result<void> compare(std::span<const AppliedMigration> applied,
                     std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (i >= migrations.size()) {
      return fail(ErrorCode::conflict, "store.newer",
                  fmt::format("the store was written by a newer program (it has {}, this program "
                              "ends at {}): start the newer version, or restore a backup made "
                              "before the upgrade",
                              applied.back().name,
                              migrations.empty() ? "nothing" : migrations.back().name));
    }
    const AppliedMigration expected = as_applied(migrations[i]);
    if (applied[i].number != expected.number || applied[i].sha256 != expected.sha256 ||
        applied[i].postgres_sha256 != expected.postgres_sha256) {
      return fail(ErrorCode::data_loss, "store.migration_changed",
                  fmt::format("the store was made by another text of {} (program: {}): use the "
                              "program that made it, or restore a backup",
                              applied[i].name, expected.name));
    }
  }
  return {};
}

Result<void> run_text(Transaction& transaction, Engine engine, const Migration& migration) {
  if (engine == Engine::sqlite) {
    return run_sqlite_text(transaction, migration.sql);
  }
  const bool translate = migration.postgres_sql.empty();
  for (const std::string_view statement :
       split_statements(translate ? migration.sql : migration.postgres_sql)) {
    std::string text(statement);
    if (translate) {
      auto translated = ATALAYA_TRY(translate_to_postgres(statement));
      text = std::move(translated);
    }
    ATALAYA_TRY(transaction.execute(text));
  }
  return {};
}

Result<void> record(Transaction& transaction, const Migration& migration) {
  const AppliedMigration row = as_applied(migration);
  ATALAYA_TRY(transaction.execute(
      kInsertState, {row.number, row.name, row.sha256, row.postgres_sha256, row.sql}));
  return {};
}

Result<void> create_state(Transaction& transaction, Engine engine) {
  std::string text(kCreateState);
  if (engine == Engine::postgresql) {
    auto translated = ATALAYA_TRY(translate_to_postgres(kCreateState));
    text = std::move(translated);
  }
  ATALAYA_TRY(transaction.execute(text));
  return {};
}

[[nodiscard]] std::unexpected<Error> bad_program(std::string_view what) {
  return fail(ErrorCode::data_loss, "store.migrations",
              fmt::format("the program's own migrations are wrong: {}", what));
}

/// "<64 hexadecimal digits>  <file name>" a line, as `sha256sum` writes.
std::map<std::string_view, std::string_view> read_sums(std::string_view text) {
  static constexpr std::size_t kSumLength = 64;
  std::map<std::string_view, std::string_view> sums;
  for (const std::string_view line : split(text, '\n')) {
    if (line.size() > kSumLength) {
      sums.emplace(trim(line.substr(kSumLength)), line.substr(0, kSumLength));
    }
  }
  return sums;
}

}  // namespace

Result<std::vector<AppliedMigration>> applied_migrations(Transaction& transaction, Engine engine) {
  const std::string_view exists =
      engine == Engine::sqlite
          ? "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"
          : "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND "
            "tablename = 'schema_migrations'";
  const Row found = ATALAYA_TRY(transaction.query_one(exists));
  std::vector<AppliedMigration> applied;
  if (found.integer(0) == 0) {
    return applied;
  }
  ATALAYA_TRY(transaction.for_each(kSelectState, {}, [&](const Row& row) -> Result<void> {
    applied.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4)});
    return {};
  }));
  return applied;
}

Result<void> run_sqlite_text(Transaction& transaction, std::string_view sql) {
  for (const std::string_view statement : split_statements(sql)) {
    ATALAYA_TRY(transaction.execute(statement));
  }
  return {};
}

Result<MigrationState> run_migrations(const WriteFunction& write, Engine engine,
                                      std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].number != static_cast<std::int64_t>(i) + 1) {
      return bad_program(fmt::format("{} is not number {}", migrations[i].name, i + 1));
    }
  }
  MigrationState state;
  // The first transaction makes the state table; each further one looks again, because another
  // process may have been faster between two of them.
  std::size_t done = 0;
  ATALAYA_TRY(write([&](Transaction& transaction) -> Result<void> {
    ATALAYA_TRY(create_state(transaction, engine));
    const auto applied = ATALAYA_TRY(applied_migrations(transaction, engine));
    done = applied.size();
    return compare(applied, migrations);
  }));
  for (; done < migrations.size(); ++done) {
    const Migration& migration = migrations[done];
    bool ran = false;
    auto result = write([&](Transaction& transaction) -> Result<void> {
      ran = false;
      const auto applied = ATALAYA_TRY(applied_migrations(transaction, engine));
      ATALAYA_TRY(compare(applied, migrations));
      if (applied.size() > done) {
        return {};
      }
      ran = true;
      ATALAYA_TRY(run_text(transaction, engine, migration));
      return record(transaction, migration);
    });
    if (!result.has_value()) {
      return fail(std::move(result).error().in("migration " + migration.name));
    }
    if (ran) {
      state.applied_now.push_back(migration.name);
    }
  }
  state.version = static_cast<std::int64_t>(migrations.size());
  return state;
}

Result<std::vector<Migration>> read_migrations(std::span<const EmbeddedFile> files) {
  static constexpr std::string_view kPostgres = ".postgres.sql";
  static constexpr std::string_view kSqlite = ".sql";
  std::map<std::string_view, std::string_view> sums;
  for (const EmbeddedFile& file : files) {
    if (file.path == "SUMS") {
      sums = read_sums(file.bytes);
    }
  }
  std::map<std::string, Migration> by_name;
  for (const EmbeddedFile& file : files) {
    if (file.path == "SUMS") {
      continue;
    }
    const auto sum = sums.find(file.path);
    if (sum == sums.end() || sum->second != sum_of(file.bytes)) {
      return bad_program(fmt::format("{} is not what SUMS says", file.path));
    }
    sums.erase(sum);
    const bool postgres = file.path.ends_with(kPostgres);
    const std::string name(
        file.path.substr(0, file.path.size() - (postgres ? kPostgres.size() : kSqlite.size())));
    Migration& migration = by_name[name];
    migration.name = name;
    (postgres ? migration.postgres_sql : migration.sql) = file.bytes;
    std::from_chars(name.data(), name.data() + std::min<std::size_t>(name.size(), 4),
                    migration.number);
  }
  if (!sums.empty()) {
    return bad_program(fmt::format("{} is in SUMS, but not there", sums.begin()->first));
  }
  std::vector<Migration> migrations;
  for (auto& [name, migration] : by_name) {
    migrations.push_back(std::move(migration));
    if (migrations.back().number != static_cast<std::int64_t>(migrations.size())) {
      return bad_program(fmt::format("{} should have the number {:04}", name, migrations.size()));
    }
    if (migrations.back().sql.empty()) {
      return bad_program(fmt::format("{} has no SQLite text", name));
    }
  }
  return migrations;
}

Result<std::vector<Migration>> program_migrations() {
  static const Result<std::vector<Migration>> kMigrations =
      read_migrations(embedded::migrations_all());
  return kMigrations;
}

}  // namespace atalaya::store
