#include <atalaya/store/schema.hpp>

#include "migrate.hpp"

namespace atalaya::store {
namespace {

constexpr std::string_view kSqlite =
    "SELECT t.name, c.name, c.pk, CASE WHEN upper(c.type) = 'REAL' THEN 1 ELSE 0 END "
    "FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c "
    "WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' "
    "AND c.hidden = 0 ORDER BY t.name, c.cid";

constexpr std::string_view kPostgres =
    "SELECT c.relname::text, a.attname::text, COALESCE((SELECT k.place FROM pg_catalog.pg_index i, "
    "unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) WHERE i.indrelid = c.oid AND "
    "i.indisprimary AND k.attnum = a.attnum), 0)::bigint, "
    "CASE WHEN a.atttypid IN ('float4'::regtype, 'float8'::regtype) THEN 1 ELSE 0 END::bigint "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
    "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
    "ORDER BY c.relname::text COLLATE \"C\", a.attnum";

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
                                         .key = static_cast<int>(row.integer(2)),
                                         .real = row.integer(3) != 0});
        return {};
      }));
  return tables;
}

}  // namespace atalaya::store
