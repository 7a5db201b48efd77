#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <limits>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "rows.hpp"
#include "tree_store.hpp"

namespace atalaya::ledger {
namespace {

void write_number(std::int64_t number, std::string& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void write_value(const store::Value& value, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    out += 's';
    write_number(std::ssize(*text), out);
    out += ':';
    out += *text;
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out += 'i';
    write_number(*number, out);
    out += ';';
  } else if (const auto* real = std::get_if<double>(&value)) {
    out += fmt::format("r{:016x};", std::bit_cast<std::uint64_t>(*real));
  } else if (const auto* blob = std::get_if<store::Blob>(&value)) {
    out += fmt::format("b{}:", blob->size());
    out.append(blob->begin(), blob->end());
  } else {
    out += 'n';
  }
}

/// Colons part the columns of a key, so those inside of one are spelled otherwise.
std::string key_part(const store::Value& value) {
  std::string out;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    write_number(*number, out);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find_first_of("%:", at), text->size());
      out.append(*text, at, end - at);
      if (end < text->size()) {
        out += (*text)[end] == '%' ? "%25" : "%3A";
      }
      at = end + 1;
    }
  } else {
    write_value(value, out);
  }
  return out;
}

std::string json_text(std::string_view text) { return json::serialize(json::string(text)); }

std::string spelled(const std::optional<RowDigest>& digest) {
  if (!digest) {
    return "null";
  }
  std::string text = to_base64(*digest);
  text.resize(text.find('=') == std::string::npos ? text.size() : text.find('='));
  return fmt::format("\"{}\"", text);
}

}  // namespace

RowDigest row_digest(std::span<const store::Value> values) {
  std::string all;
  for (const auto& value : values) {
    write_value(value, all);
  }
  const crypto::Hash hash = crypto::sha256(all);
  RowDigest out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

RowKey row_key(std::span<const store::Value> values) {
  RowKey key{.first = key_part(values.front()), .rest = {}};
  for (const auto& value : values.subspan(1)) {
    key.rest += (key.rest.empty() ? "" : ":") + key_part(value);
  }
  return key;
}

Result<void> keep_made(std::vector<store::TableSchema>& schema,
                       std::span<const store::Migration> migrations) {
  const auto made = ATALAYA_TRY(store::schema_made_by(migrations));
  std::erase_if(schema, [&](const store::TableSchema& table) {
    return std::ranges::find(made, table.name, &store::TableSchema::name) == made.end();
  });
  return {};
}

Result<RecordedTables> recorded_tables(std::span<const store::TableSchema> schema) {
  RecordedTables out;
  for (const auto& table : schema) {
    if (is_exempt(table.name, "")) {
      continue;
    }
    RecordedTable recorded;
    recorded.name = table.name;
    std::map<int, std::size_t> key;
    for (const auto& column : table.columns) {
      if (is_exempt(table.name, column.name)) {
        continue;
      }
      if (column.key > 0) {
        key[column.key] = recorded.columns.size();
      }
      recorded.columns.push_back(column.name);
      recorded.real.push_back(column.real);
    }
    if (key.empty()) {
      return fail(ErrorCode::internal, "ledger.rows.key",
                  fmt::format("table {} has no primary key to record its rows by: give it one, or "
                              "name the table with a reason in src/ledger/rows_exempt.cpp",
                              table.name));
    }
    std::vector<std::string> names;
    for (const auto& [place, column] : key) {
      recorded.key.push_back(column);
      names.push_back(recorded.columns[column]);
    }
    recorded.column_list = fmt::format("{}", fmt::join(recorded.columns, " "));
    recorded.select = fmt::format("{}", fmt::join(recorded.columns, ", "));
    recorded.select_key = fmt::format("{}", fmt::join(names, ", "));
    out.emplace(table.name, std::move(recorded));
  }
  return out;
}

void PendingRows::set(const RecordedTable& table, RowKey key, std::optional<RowDigest> digest) {
  auto& [known, rows] = tables_[table.name];
  known = &table;
  bytes_ += 32 + key.rest.size() + (rows.contains(key.first) ? 0 : key.first.size() + 4);
  rows[std::move(key.first)][std::move(key.rest)] = digest;
}

void PendingRows::write(const RecordedTable& table, std::span<const store::Value> values) {
  std::vector<store::Value> key;
  for (const std::size_t column : table.key) {
    key.push_back(values[column]);
  }
  set(table, row_key(key), row_digest(values));
}

void PendingRows::remove(const RecordedTable& table, std::span<const store::Value> key) {
  set(table, row_key(key), std::nullopt);
}

Event PendingRows::take(bool found) {
  std::string out = found ? "{\"found\":1,\"tables\":{" : "{\"tables\":{";
  std::string_view table_comma;
  for (const auto& [name, entry] : tables_) {
    const auto& [table, rows] = entry;
    out += fmt::format("{}{}:{{\"columns\":{},\"rows\":{{", table_comma, json_text(name),
                       json_text(table->column_list));
    table_comma = ",";
    std::string_view comma;
    for (const auto& [first, others] : rows) {
      out += fmt::format("{}{}:", std::exchange(comma, ","), json_text(first));
      if (table->key.size() == 1) {
        out += spelled(others.begin()->second);
        continue;
      }
      std::string_view inner_comma = "{";
      for (const auto& [rest, digest] : others) {
        out += fmt::format("{}{}:{}", std::exchange(inner_comma, ","), json_text(rest),
                           spelled(digest));
      }
      out += '}';
    }
    out += "}}";
  }
  out += "},\"v\":1}";
  tables_.clear();
  bytes_ = 0;
  return {std::string(kRowsKind), std::string(kRowsSubject), std::move(out)};
}

namespace {

std::optional<TablesSaid> read_tables_said(const store::Blob& bytes) {
  const auto said = parse_json(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "leaf");
  const auto* object = said ? said->if_object() : nullptr;
  const auto* tables = object == nullptr ? nullptr : object->if_contains("tables");
  const auto* migration = object == nullptr ? nullptr : object->if_contains("migration");
  if (tables == nullptr || !tables->is_array() || migration == nullptr ||
      !migration->is_number()) {
    return std::nullopt;
  }
  TablesSaid out;
  out.migration = migration->to_number<std::int64_t>();
  out.checkpoints = object->contains("checkpoints");
  for (const auto& table : tables->as_array()) {
    if (const auto* name = table.if_string()) {
      out.tables.emplace_back(*name);
    }
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> tables_ever_said(store::Transaction& transaction) {
  std::vector<std::string> out;
  ATALAYA_TRY(transaction.for_each(
      "SELECT p.payload FROM ledger_leaves l JOIN ledger_payloads p ON p.leaf_index = "
      "l.leaf_index WHERE l.subject = $1",
      {std::string(kTablesSubject)}, [&](const store::Row& row) -> Result<void> {
        if (auto said = read_tables_said(row.blob(0))) {
          std::ranges::move(said->tables, std::back_inserter(out));
        }
        return {};
      }));
  return out;
}

Result<std::optional<TablesSaid>> find_tables_said(store::Transaction& transaction) {
  const store::Rows rows = ATALAYA_TRY(transaction.query(
      "SELECT p.payload FROM ledger_leaves l LEFT JOIN ledger_payloads p ON p.leaf_index = "
      "l.leaf_index WHERE l.subject = $1 ORDER BY l.leaf_index DESC LIMIT 1",
      {std::string(kTablesSubject)}));
  if (rows.empty()) {
    return std::nullopt;
  }
  auto said = rows.front().is_null(0) ? std::nullopt : read_tables_said(rows.front().blob(0));
  if (!said) {
    return fail(ErrorCode::data_loss, "ledger.rows.tables",
                "the leaf that says which tables are recorded cannot be read: run `atalaya ledger "
                "verify` and restore the newest backup that verifies");
  }
  return said;
}

struct RecordedDatabase::Parts {
  explicit Parts(Ledger& log) : ledger(log) {}

  /// Statements that are no INSERT, UPDATE, DELETE or WITH are not kept: some are made up of
  /// filters, and nothing is recorded of them.
  Result<const RowStatement*> find(std::string_view sql) {
    static constexpr std::string_view kFirst = "IiUuDdWwRr";
    const auto begin = sql.find_first_not_of(" \n\t");
    if (begin == std::string_view::npos || kFirst.find(sql[begin]) == std::string_view::npos) {
      return &nothing;
    }
    const std::scoped_lock lock(mutex);
    const auto known = statements.find(std::string(sql));
    if (known != statements.end()) {
      return &known->second;
    }
    auto read = ATALAYA_TRY(read_statement(sql, tables));
    return &statements.emplace(std::string(sql), std::move(read)).first->second;
  }

  Ledger& ledger;
  RecordedTables tables;
  RowStatement nothing;
  std::mutex mutex;  // of `statements`; entries stay where they are
  std::unordered_map<std::string, RowStatement> statements;
  std::atomic<std::int64_t> checkpoint = -1;  // the newest one that is recorded
};

namespace {

/// Rows in, leaves out: what both the wrapper and the first record of a table need.
class RowWriter {
 public:
  RowWriter(store::Transaction& inner, Ledger& ledger, bool found)
      : inner_(inner), ledger_(ledger), found_(found) {}

  Result<void> write(const RecordedTable& table, std::span<const store::Value> values) {
    pending_.write(table, values);
    return pending_.full() ? flush() : Result<void>{};
  }

  Result<void> remove(const RecordedTable& table, std::span<const store::Value> key) {
    pending_.remove(table, key);
    return pending_.full() ? flush() : Result<void>{};
  }

  Result<void> flush() {
    if (pending_.empty()) {
      return {};
    }
    wrote_ = true;
    const Event event = pending_.take(found_);
    ATALAYA_TRY(ledger_.append(inner_, {&event, 1}));
    return {};
  }

  /// Whether anything was recorded or is about to be.
  [[nodiscard]] bool used() const noexcept { return wrote_ || !pending_.empty(); }

 private:
  store::Transaction& inner_;
  Ledger& ledger_;
  bool found_;
  bool wrote_ = false;
  PendingRows pending_;
};

std::vector<store::Value> last_values(const store::Row& row, std::size_t count) {
  std::vector<store::Value> out;
  for (std::size_t i = row.size() - count; i < row.size(); ++i) {
    out.push_back(row.value(i));
  }
  return out;
}

using FindStatement = std::function<Result<const RowStatement*>(std::string_view)>;

class RecordedTransaction final : public store::Transaction {
 public:
  RecordedTransaction(store::Transaction& inner, RowWriter& writer, FindStatement find)
      : inner_(inner), writer_(writer), find_(std::move(find)) {}

  Result<store::Rows> query(std::string_view sql, store::Parameters parameters) override {
    const RowStatement* statement = ATALAYA_TRY(find_(sql));
    if (statement->does == RowStatement::Does::nothing) {
      return inner_.query(sql, std::move(parameters));
    }
    store::Rows rows = ATALAYA_TRY(run(*statement, std::move(parameters)));
    for (store::Row& row : rows) {
      std::vector<store::Value> kept;
      for (std::size_t i = 0; i + statement->added < row.size(); ++i) {
        kept.push_back(row.value(i));
      }
      row = store::Row(std::move(kept));
    }
    return rows;
  }

  Result<void> for_each(std::string_view sql, store::Parameters parameters,
                        const std::function<Result<void>(const store::Row&)>& visit) override {
    const RowStatement* statement = ATALAYA_TRY(find_(sql));
    if (statement->does == RowStatement::Does::nothing) {
      return inner_.for_each(sql, std::move(parameters), visit);
    }
    const store::Rows rows = ATALAYA_TRY(query(sql, std::move(parameters)));
    for (const store::Row& row : rows) {
      ATALAYA_TRY(visit(row));
    }
    return {};
  }

  Result<std::int64_t> execute(std::string_view sql, store::Parameters parameters) override {
    return execute_many(sql, {&parameters, 1});
  }

  Result<std::int64_t> execute_many(std::string_view sql,
                                    std::span<const store::Parameters> rows) override {
    const RowStatement* statement = ATALAYA_TRY(find_(sql));
    if (statement->does == RowStatement::Does::nothing) {
      return rows.size() == 1 ? inner_.execute(sql, rows.front()) : inner_.execute_many(sql, rows);
    }
    if (!statement->given.empty() && statement->may_skip && rows.size() > 1) {
      std::int64_t changed = 0;
      for (const store::Parameters& row : rows) {
        changed += ATALAYA_TRY(execute_many(sql, {&row, 1}));
      }
      return changed;
    }
    if (!statement->given.empty()) {
      const auto changed = ATALAYA_TRY(inner_.execute_many(sql, rows));
      if (statement->may_skip && changed == 0) {
        return 0;
      }
      for (const store::Parameters& row : rows) {
        ATALAYA_TRY(writer_.write(*statement->table, given_values(*statement, row)));
      }
      return changed;
    }
    std::int64_t changed = 0;
    for (const store::Parameters& row : rows) {
      // Row by row: an UPDATE may change every row of a large table.
      ATALAYA_TRY(inner_.for_each(statement->sql, row, [&](const store::Row& answer) {
        ++changed;
        return note(*statement, answer);
      }));
    }
    return changed;
  }

 private:
  static std::vector<store::Value> given_values(const RowStatement& statement,
                                                const store::Parameters& row) {
    std::vector<store::Value> values;
    values.reserve(statement.given.size());
    for (std::size_t i = 0; i < statement.given.size(); ++i) {
      const auto* place = std::get_if<std::size_t>(&statement.given[i]);
      ATALAYA_CHECK(place == nullptr || *place < row.size());
      values.push_back(place == nullptr ? std::get<store::Value>(statement.given[i]) : row[*place]);
      const auto* whole = std::get_if<std::int64_t>(&values.back());
      if (whole != nullptr && statement.table->real[i]) {
        values.back() = static_cast<double>(*whole);
      }
    }
    return values;
  }

  Result<store::Rows> run(const RowStatement& statement, store::Parameters parameters) {
    store::Rows rows = ATALAYA_TRY(inner_.query(statement.sql, std::move(parameters)));
    for (const store::Row& row : rows) {
      ATALAYA_TRY(note(statement, row));
    }
    return rows;
  }

  Result<void> note(const RowStatement& statement, const store::Row& row) {
    const auto values = last_values(row, statement.added);
    return statement.does == RowStatement::Does::remove
               ? writer_.remove(*statement.table, values)
               : writer_.write(*statement.table, values);
  }

  store::Transaction& inner_;
  RowWriter& writer_;
  FindStatement find_;
};

Result<void> record_all(store::Transaction& tx, RowWriter& writer, const RecordedTable& table) {
  return tx.for_each(fmt::format("SELECT {} FROM {}", table.select, table.name), {},
                     [&](const store::Row& row) {
                       return writer.write(table, last_values(row, row.size()));
                     });
}

/// The newest checkpoint that a leaf records; -1 where the newest leaves speak of none, so that
/// all are recorded again.
Result<std::int64_t> find_recorded_checkpoint(store::Transaction& tx) {
  constexpr int kLeavesMax = 256;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  for (int i = 0; i < kLeavesMax; ++i) {
    const store::Rows rows = ATALAYA_TRY(tx.query(
        "SELECT l.leaf_index, p.payload FROM ledger_leaves l LEFT JOIN ledger_payloads p ON "
        "p.leaf_index = l.leaf_index WHERE l.subject = $1 AND l.leaf_index < $2 "
        "ORDER BY l.leaf_index DESC LIMIT 1",
        {std::string(kRowsSubject), before}));
    if (rows.empty() || rows.front().is_null(1)) {
      return -1;
    }
    before = rows.front().integer(0);
    const auto& bytes = rows.front().blob(1);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.contains(kCheckpointsTable)) {
      continue;
    }
    const auto leaf = parse_json(text, "leaf");
    boost::system::error_code absent;
    const auto* sizes =
        leaf ? leaf->find_pointer(fmt::format("/tables/{}/rows", kCheckpointsTable), absent)
             : nullptr;
    std::int64_t newest = -1;
    for (const auto& [size, digest] :
         sizes != nullptr && sizes->is_object() ? sizes->as_object() : json::object()) {
      std::int64_t number = -1;
      std::from_chars(size.data(), size.data() + size.size(), number);
      newest = std::max(newest, number);
    }
    if (newest >= 0) {
      return newest;
    }
  }
  return -1;
}

/// Records the tables that no leaf speaks of yet, and those that migrations wrote rows of since.
Result<void> record_missing(store::Transaction& tx, Ledger& ledger, const RecordedTables& tables,
                            std::span<const store::Migration> migrations) {
  // An update of nothing takes the lock that appends take: two programs start one after the other.
  ATALAYA_TRY(tx.query(sql::kGrowHead, {std::int64_t{0}}));
  const auto said = ATALAYA_TRY(find_tables_said(tx));
  const std::int64_t newest = migrations.empty() ? 0 : migrations.back().number;
  const auto is_said = [&](const std::string& name) {
    return said && std::ranges::find(said->tables, name) != said->tables.end();
  };
  std::vector<std::string> made, written;
  for (const store::Migration& migration : migrations) {
    if (said && migration.number > said->migration) {
      MigrationRows rows = read_migration(migration.sql);
      std::ranges::move(rows.made, std::back_inserter(made));
      std::ranges::move(rows.written, std::back_inserter(written));
    }
  }
  const Head head = ATALAYA_TRY(get_head(tx));
  RowWriter found(tx, ledger, true);
  RowWriter ours(tx, ledger, false);
  // A table once named stays named, also where somebody dropped it.
  std::set<std::string> names;
  if (said) {
    names.insert(said->tables.begin(), said->tables.end());
  }
  bool changed = !said || said->migration != newest || !said->checkpoints;
  for (const auto& [name, table] : tables) {
    names.insert(name);
    const bool by_migration = std::ranges::find(made, name) != made.end();
    if (!is_said(name)) {
      changed = true;
      ATALAYA_TRY(record_all(tx, by_migration || head.size == 0 ? ours : found, table));
    } else if (std::ranges::find(written, name) != written.end()) {
      ATALAYA_TRY(record_all(tx, ours, table));
    } else if (name == kCheckpointsTable && !said->checkpoints) {
      ATALAYA_TRY(record_all(tx, found, table));
    }
  }
  ATALAYA_TRY(found.flush());
  ATALAYA_TRY(ours.flush());
  if (changed) {
    const Event event{
        std::string(kTablesKind), std::string(kTablesSubject),
        canonical_json(json::object{{"v", 1},
                                    {"checkpoints", 1},
                                    {"migration", newest},
                                    {"tables", json::value_from(names)}})};
    ATALAYA_TRY(ledger.append(tx, {&event, 1}));
  }
  return {};
}

}  // namespace

RecordedDatabase::RecordedDatabase(store::Database& inner, std::unique_ptr<Parts> parts)
    : inner_(inner), parts_(std::move(parts)) {}

RecordedDatabase::~RecordedDatabase() = default;

Result<std::unique_ptr<RecordedDatabase>> RecordedDatabase::open(
    store::Database& inner, Ledger& ledger, std::span<const store::Migration> migrations) {
  auto parts = std::make_unique<Parts>(ledger);
  bool whole = false;
  bool damaged = false;
  ATALAYA_TRY(inner.read([&](store::Transaction& tx) -> Result<void> {
    auto schema = ATALAYA_TRY(store::read_schema(tx, inner.engine()));
    const auto said = find_tables_said(tx);
    damaged = !said && said.error().code == ErrorCode::data_loss;
    if (!said && !damaged) {
      return fail(said.error());
    }
    const std::int64_t newest = migrations.empty() ? 0 : migrations.back().number;
    const auto all_said = [&] {
      return !damaged && *said && (*said)->migration == newest && (*said)->checkpoints &&
             std::ranges::all_of(schema, [&](const store::TableSchema& table) {
               return is_exempt(table.name, "") ||
                      std::ranges::find((*said)->tables, table.name) != (*said)->tables.end();
             });
    };
    whole = all_said();
    if (!whole) {
      ATALAYA_TRY(keep_made(schema, migrations));
      whole = all_said();
    }
    parts->tables = ATALAYA_TRY(recorded_tables(schema));
    parts->checkpoint = ATALAYA_TRY(find_recorded_checkpoint(tx));
    return {};
  }));
  if (!whole && !damaged) {
    const auto done = inner.write([&](store::Transaction& tx) {
      return record_missing(tx, ledger, parts->tables, migrations);
    });
    // A damaged log opens too, so that it can be verified; verify() says what is wrong with it.
    if (!done && done.error().code != ErrorCode::data_loss) {
      return fail(done.error());
    }
  }
  return std::unique_ptr<RecordedDatabase>(new RecordedDatabase(inner, std::move(parts)));
}

bool records_rows(const store::Database& database) noexcept {
  return dynamic_cast<const RecordedDatabase*>(&database) != nullptr;
}

Result<void> RecordedDatabase::write(const Work& work) {
  std::int64_t checkpoint = -1;
  ATALAYA_TRY(inner_.write([&](store::Transaction& inner) -> Result<void> {
    checkpoint = -1;
    RowWriter writer(inner, parts_->ledger, false);
    RecordedTransaction transaction(inner, writer,
                                    [this](std::string_view sql) { return parts_->find(sql); });
    ATALAYA_TRY(work(transaction));
    const auto table = parts_->tables.find(kCheckpointsTable);
    if (writer.used() && table != parts_->tables.end()) {
      const store::Rows newer = ATALAYA_TRY(inner.query(
          fmt::format("SELECT {} FROM {} WHERE size > $1 ORDER BY size", table->second.select,
                      kCheckpointsTable),
          {parts_->checkpoint.load()}));
      for (const store::Row& row : newer) {
        checkpoint = row.integer(0);
        ATALAYA_TRY(writer.write(table->second, last_values(row, row.size())));
      }
    }
    return writer.flush();
  }));
  if (checkpoint >= 0) {
    parts_->checkpoint = checkpoint;
  }
  return {};
}

}  // namespace atalaya::ledger
