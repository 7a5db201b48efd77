// Rows of registers in the store: versions, history, files.
#include <atalaya/followup/registers.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atalaya/base/csv.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/commitments/themes.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/identity/shown_names.hpp>

#include "checks.hpp"
#include "record.hpp"
#include "registers_kinds.hpp"
#include "table_rows.hpp"

namespace atalaya::followup {
namespace {

constexpr std::size_t kWhyMax = 500;
constexpr std::size_t kRowsMax = 50'000;  // of one file
constexpr std::string_view kColumns =
    "id, version, register, language, body, removed, at, by_name, why";

// Older programs kept accounts where they now keep the names that are shown.
RegisterRecord record_from(const store::Row& row, const identity::ShownNames& names) {
  RegisterRecord out;
  out.id = row.integer(0);
  out.version = static_cast<std::int32_t>(row.integer(1));
  out.kind = row.text(2);
  out.language = row.text(3);
  const auto body = parse_json(row.text(4), "followup_records");
  if (body && body->is_object()) {
    for (const auto& pair : body->get_object()) {
      if (pair.value().is_string()) {
        out.values.emplace(pair.key(), pair.value().get_string());
      }
    }
  }
  out.removed = row.integer(5) != 0;
  out.at = row.text(6);
  out.by = names.of(row.text(7));
  out.why = row.text(8);
  return out;
}

// The values of the columns that rows are looked up by.
std::string first_of(const RegisterKind& kind, const RegisterRecord& record, FieldType type) {
  for (const RegisterField& field : kind.fields) {
    const std::string_view value = record.value(field.id);
    if (field.type == type && !value.empty()) {
      return std::string(value);
    }
  }
  return {};
}

// Whose row it is: the country, or the country of an actor that is one.
std::string whose_row(const RegisterKind& kind, const RegisterRecord& record) {
  const std::string country = first_of(kind, record, FieldType::country);
  return country.empty() ? first_of(kind, record, FieldType::actor) : country;
}

json::object body_of(const RegisterRecord& record) {
  json::object out;
  for (const auto& [field, value] : record.values) {
    out[field] = value;
  }
  return out;
}

std::unexpected<Error> no_row(std::int64_t id) {
  return fail(Error{ErrorCode::not_found,
                    "followup.register.no_row",
                    "there is no such row",
                    {{"id", std::to_string(id)}}});
}

std::unexpected<Error> somebody_else(const RegisterRecord& held) {
  return fail(Error{ErrorCode::conflict,
                    "followup.register.changed",
                    "somebody else changed this row; look at it again",
                    {{"id", std::to_string(held.id)}, {"by", held.by}}});
}

Result<std::vector<RegisterRecord>> read_versions(store::Transaction& tx, std::int64_t id) {
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {} FROM followup_records WHERE id = $1 ORDER BY version DESC", kColumns),
      {id}));
  const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
  std::vector<RegisterRecord> out;
  for (const auto& row : rows) {
    out.push_back(record_from(row, names));
  }
  return out;
}

Result<std::vector<RegisterRecord>> read_list(store::Transaction& tx,
                                              const commitments::Catalogue& catalogue,
                                              const RegisterFilter& filter) {
  std::string sql =
      fmt::format("SELECT {} FROM followup_records WHERE newest = 1 AND removed = 0", kColumns);
  store::Parameters parameters;
  const auto narrow = [&](std::string_view column, const std::string& value) {
    if (!value.empty()) {
      parameters.emplace_back(value);
      sql += fmt::format(" AND {} = ${}", column, parameters.size());
    }
  };
  narrow("register", filter.kind);
  narrow("country", filter.country);
  narrow("instrument", filter.instrument);
  narrow("commitment", filter.commitment);
  if (!filter.theme.empty() && !commitments::is_subject(catalogue, filter.theme)) {
    std::vector<std::string> names;
    for (std::string& theme : commitments::with_narrower(catalogue, {filter.theme})) {
      parameters.emplace_back(std::move(theme));
      names.push_back(fmt::format("${}", parameters.size()));
    }
    sql += fmt::format(" AND theme IN ({})", fmt::join(names, ","));
  }
  const auto rows = ATALAYA_TRY(tx.query(sql + " ORDER BY id", parameters));
  const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
  std::vector<RegisterRecord> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    out.push_back(record_from(row, names));
  }
  return out;
}

bool same(const RegisterRecord& a, const RegisterRecord& b) {
  return a.values == b.values && a.language == b.language && a.removed == b.removed;
}

RegisterRecord tidied(RegisterRecord record) {
  for (auto& [field, value] : record.values) {
    value = field == "url" ? detail::without_blanks(trim(value)) : std::string(trim(value));
  }
  std::erase_if(record.values, [](const auto& pair) { return pair.second.empty(); });
  record.why = record.why.substr(0, kWhyMax);
  return record;
}

// One version more of a row that was checked. `held` is null for a new row.
Result<void> write_version(const Parts& parts, store::Transaction& tx, const RegisterKind& kind,
                           RegisterRecord& record, const RegisterRecord* held) {
  if (held == nullptr) {
    record.id = ATALAYA_TRY(detail::next_ids(tx, 1));
  } else {
    ATALAYA_TRY(tx.execute("UPDATE followup_records SET newest = 0 WHERE id = $1 AND newest = 1",
                           {record.id}));
  }
  record.version = held == nullptr ? 1 : held->version + 1;
  record.at = to_string(parts.clock->now());
  const json::object body = body_of(record);
  const std::string country = whose_row(kind, record);
  const std::string instrument = first_of(kind, record, FieldType::instrument);
  const std::string commitment = first_of(kind, record, FieldType::commitment);
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_records(id, version, register, country, instrument, commitment, theme, "
      "language, body, removed, newest, at, by_name, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, "
      "$9, $10, 1, $11, $12, $13)",
      {record.id, std::int64_t{record.version}, kind.id, country, instrument, commitment,
       first_of(kind, record, FieldType::theme), record.language, canonical_json(body),
       std::int64_t{record.removed ? 1 : 0}, record.at, record.by, record.why}));
  detail::Change change;
  change.kind = "register." + kind.id;
  change.commitment = commitment;
  change.actor = country;
  change.instrument = instrument;
  change.before = held == nullptr ? "" : std::string(held->value(kind.heading));
  change.after = record.removed ? "" : std::string(record.value(kind.heading));
  change.why = record.why;
  change.by = record.by;
  detail::Leaf leaf{"followup.register",
                    fmt::format("register/{}/{}/{}", kind.id, record.id, record.version),
                    {{"values", body},
                     {"language", record.language},
                     {"removed", record.removed},
                     {"by", record.by},
                     {"why", record.why}}};
  return detail::record(parts, tx, leaf, {change});
}

std::unexpected<Error> said_already(std::int64_t id) {
  return fail(Error{ErrorCode::conflict,
                    "followup.register.again",
                    "another row says this already; two of them would contradict each other",
                    {{"id", std::to_string(id)}}});
}

// What may be said once is not said by another row. `held`: the version that changes, if any; what
// it says already it may go on saying.
Result<void> check_said_once(const RegisterRecord& record, const RegisterRecord* held,
                             const std::vector<RegisterRecord>& rows) {
  const std::string said = detail::said_once(record);
  if (said.empty() || (held != nullptr && detail::said_once(*held) == said)) {
    return {};
  }
  const auto other = std::ranges::find_if(rows, [&](const RegisterRecord& one) {
    return one.id != record.id && detail::said_once(one) == said;
  });
  return other == rows.end() ? Result<void>() : Result<void>(said_already(other->id));
}

// Words that somebody else wrote over the state's are not the state's. A file repeats the column of
// the register, so it cannot say anew that they are; the form starts without it.
Result<void> check_said_by(const RegisterRecord& record, const RegisterRecord* held) {
  const auto by_state = [](const RegisterRecord& one) { return one.value("said_by") == "state"; };
  if (held == nullptr || !by_state(record) || !by_state(*held)) {
    return {};
  }
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.register.not_the_state",
                    "the state said what stands here; a change by somebody else is not its word",
                    {{"field", "said_by"}}});
}

// The row that a change is about, if the writer saw its newest version.
Result<RegisterRecord> held_for(store::Transaction& tx, const RegisterRecord& record) {
  const auto versions = ATALAYA_TRY(read_versions(tx, record.id));
  if (versions.empty() || versions.front().kind != record.kind || versions.front().removed) {
    return no_row(record.id);
  }
  if (versions.front().version != record.version) {
    return somebody_else(versions.front());
  }
  return versions.front();
}

Error at_line(Error error, std::string_view file, std::uint64_t line) {
  return std::move(error)
      .in(fmt::format("{}, line {}", file, line))
      .with("file", file)
      .with("line", std::to_string(line));
}

}  // namespace

std::string register_country(const RegisterKind& kind, const RegisterRecord& record) {
  return std::string(country_of(whose_row(kind, record)));
}

bool has_country(const RegisterKind& kind) noexcept {
  return std::ranges::any_of(kind.fields, [](const RegisterField& field) {
    return field.type == FieldType::country || field.type == FieldType::actor;
  });
}

std::string_view RegisterRecord::value(std::string_view field) const noexcept {
  const auto it = values.find(field);
  return it == values.end() ? std::string_view() : std::string_view(it->second);
}

std::int64_t RegisterImportPlan::count(RecordChange change) const {
  return std::ranges::count(rows, change, &RegisterImportRow::change);
}

Result<std::vector<RegisterRecord>> Registers::list(const RegisterFilter& filter) const {
  std::vector<RegisterRecord> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_list(tx, parts_.catalogue(), filter));
    return {};
  }));
  return out;
}

Result<std::vector<RegisterRecord>> Registers::versions(std::string_view kind,
                                                        std::int64_t id) const {
  std::vector<RegisterRecord> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_versions(tx, id));
    return {};
  }));
  if (out.empty() || out.front().kind != kind) {
    return no_row(id);
  }
  return out;
}

Result<RegisterRecord> Registers::save(RegisterRecord record) const {
  const RegisterKind* kind = ATALAYA_TRY(find_kind(record.kind));
  record = tidied(std::move(record));
  record.removed = false;
  if (record.by_itself && kind->find("said_by") != nullptr) {
    record.values["said_by"] = "state";
  }
  // A field that was fine when it was written stays, also after the rules became stricter.
  std::vector<RegisterRecord> before;
  if (record.id != 0) {
    before = ATALAYA_TRY(versions(record.kind, record.id));
  }
  ATALAYA_TRY(
      detail::check_record(parts_, *kind, record, before.empty() ? nullptr : &before.front()));
  if (record.id != 0 && record.why.empty()) {
    return fail(ErrorCode::invalid_argument, "followup.register.why",
                "a change needs a reason that readers will see");
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    if (!detail::said_once(record).empty()) {
      const auto rows = ATALAYA_TRY(read_list(tx, parts_.catalogue(), {.kind = kind->id}));
      ATALAYA_TRY(check_said_once(record, before.empty() ? nullptr : &before.front(), rows));
    }
    if (record.id == 0) {
      return write_version(parts_, tx, *kind, record, nullptr);
    }
    const RegisterRecord held = ATALAYA_TRY(held_for(tx, record));
    if (same(held, record)) {
      record = held;
      return {};
    }
    return write_version(parts_, tx, *kind, record, &held);
  }));
  ATALAYA_TRY(detail::noticed(parts_));
  return record;
}

Result<void> Registers::remove(std::string_view kind_id, std::int64_t id, std::int32_t version,
                               std::string_view by, std::string_view why) const {
  const RegisterKind* kind = ATALAYA_TRY(find_kind(kind_id));
  ATALAYA_TRY(detail::check_reason(why));
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    RegisterRecord asked;
    asked.id = id;
    asked.version = version;
    asked.kind = kind_id;
    const RegisterRecord held = ATALAYA_TRY(held_for(tx, asked));
    RegisterRecord gone = held;
    gone.removed = true;
    gone.by = by;
    gone.why = std::string(trim(why).substr(0, kWhyMax));
    return write_version(parts_, tx, *kind, gone, &held);
  }));
  return detail::noticed(parts_);
}

Result<std::string> Registers::csv(std::string_view kind_id) const {
  const RegisterKind* kind = ATALAYA_TRY(find_kind(kind_id));
  const auto records = ATALAYA_TRY(list({.kind = kind->id}));
  std::string out = "id,version,language";
  for (const RegisterField& field : kind->fields) {
    out += "," + field.id;
  }
  out += "\r\n";
  for (const RegisterRecord& record : records) {
    out += fmt::format("{},{},{}", record.id, record.version, record.language);
    for (const RegisterField& field : kind->fields) {
      out += "," + csv_field(record.value(field.id));
    }
    out += "\r\n";
  }
  return out;
}

namespace {

std::unexpected<Error> bad_column(std::string_view file, std::string_view column) {
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.register.columns",
                    "the register has no such column, or the file lacks a required one",
                    {{"file", std::string(file)}, {"line", "1"}, {"column", std::string(column)}}});
}

Result<std::int64_t> whole(std::string_view text, std::string_view field) {
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || text.size() > 15) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.register.field",
                        "not a whole number",
                        {{"field", std::string(field)},
                         {"value", std::string(text.substr(0, 40))},
                         {"rule", "number"}}});
    }
    value = value * 10 + (c - '0');
  }
  return value;
}

struct FileColumns {
  int id = -1, version = -1, language = -1;
  std::vector<std::pair<std::string, int>> fields;
};

Result<FileColumns> columns_of(const RegisterKind& kind, const detail::TableRows& table,
                               std::string_view file) {
  FileColumns out;
  out.id = table.column("id");
  out.version = table.column("version");
  out.language = table.column("language");
  if (out.language < 0) {
    return bad_column(file, "language");
  }
  for (const RegisterField& field : kind.fields) {
    const int column = table.column(field.id);
    if (column < 0 && field.required) {
      return bad_column(file, field.id);
    }
    if (column >= 0) {
      out.fields.emplace_back(field.id, column);
    }
  }
  return out;
}

Result<RegisterRecord> record_of(const RegisterKind& kind, const detail::TableRows& table,
                                 const FileColumns& columns, std::size_t row) {
  RegisterRecord record;
  record.kind = kind.id;
  record.id = ATALAYA_TRY(whole(table.text(row, columns.id), "id"));
  record.version =
      static_cast<std::int32_t>(ATALAYA_TRY(whole(table.text(row, columns.version), "version")));
  record.language = table.text(row, columns.language);
  for (const auto& [field, column] : columns.fields) {
    record.values[field] = table.text(row, column);
  }
  return tidied(std::move(record));
}

// What is kept already under this id or, where the file names none, in these words.
Result<RegisterImportRow> compare(RegisterRecord record, const std::vector<RegisterRecord>& held) {
  RegisterImportRow row;
  const auto found = std::ranges::find_if(held, [&](const RegisterRecord& one) {
    return record.id != 0 ? one.id == record.id : same(one, record);
  });
  if (found == held.end()) {
    if (record.id != 0) {
      return no_row(record.id);
    }
    row.record = std::move(record);
    return row;
  }
  // A file that was taken over already says what is kept, whatever version it was made from.
  if (!same(*found, record) && record.id != 0 && record.version != 0 &&
      record.version != found->version) {
    return somebody_else(*found);
  }
  record.id = found->id;
  record.version = found->version;
  row.change = same(*found, record) ? RecordChange::unchanged : RecordChange::changed;
  row.before = *found;
  row.record = std::move(record);
  return row;
}

}  // namespace

Result<RegisterImportPlan> Registers::plan(std::string_view kind_id, std::string_view bytes,
                                           std::string_view file_name) const {
  const RegisterKind* kind = ATALAYA_TRY(find_kind(kind_id));
  const auto table = ATALAYA_TRY(detail::TableRows::read(bytes, file_name));
  const FileColumns columns = ATALAYA_TRY(columns_of(*kind, table, file_name));
  std::vector<std::string_view> known = {"id", "version", "language"};
  for (const RegisterField& field : kind->fields) {
    known.push_back(field.id);
  }
  ATALAYA_TRY(detail::check_columns(table, file_name, known));
  if (table.size() > kRowsMax) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.register.rows",
                      "too many rows in one file",
                      {{"file", std::string(file_name)}, {"n", std::to_string(kRowsMax)}}});
  }
  const auto held = ATALAYA_TRY(list({.kind = kind->id}));
  RegisterImportPlan plan{.file_name = std::string(file_name), .kind = kind->id, .rows = {}};
  std::map<std::string, std::size_t> said;  // what may be said once, and where the file says it
  for (std::size_t i = 0; i < table.size(); ++i) {
    auto record = record_of(*kind, table, columns, i);
    auto row = record ? compare(*std::move(record), held)
                      : Result<RegisterImportRow>(std::unexpected(std::move(record).error()));
    if (!row) {
      return fail(at_line(std::move(row).error(), file_name, table.line(i)));
    }
    // What is held was right when it was written: a node takes its own file back after its rules
    // became stricter.
    if (row->change != RecordChange::unchanged) {
      const RegisterRecord* before = row->before ? &*row->before : nullptr;
      auto checked = detail::check_record(parts_, *kind, row->record, before);
      if (checked) {
        checked = check_said_by(row->record, before);
      }
      if (checked) {
        checked = check_said_once(row->record, before, held);
      }
      if (!checked) {
        return fail(at_line(checked.error(), file_name, table.line(i)));
      }
      const std::string once = detail::said_once(row->record);
      const auto [first, fresh] = said.try_emplace(once, table.line(i));
      if (!once.empty() && !fresh) {
        return fail(Error{ErrorCode::invalid_argument,
                          "followup.register.twice",
                          "two rows of the file contradict each other",
                          {{"file", std::string(file_name)},
                           {"line", std::to_string(table.line(i))},
                           {"other", std::to_string(first->second)}}});
      }
    }
    row->line = table.line(i);
    plan.rows.push_back(*std::move(row));
  }
  return plan;
}

Result<void> Registers::apply(const RegisterImportPlan& plan, std::string_view by,
                              bool accept_changes) const {
  const RegisterKind* kind = ATALAYA_TRY(find_kind(plan.kind));
  const auto changed = plan.count(RecordChange::changed);
  if (changed > 0 && !accept_changes) {
    return fail(Error{ErrorCode::conflict,
                      "followup.register.changes",
                      "rows that are kept would change; nothing was written",
                      {{"file", plan.file_name}, {"n", std::to_string(changed)}}});
  }
  if (changed + plan.count(RecordChange::added) == 0) {
    return {};
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    for (const RegisterImportRow& row : plan.rows) {
      if (row.change == RecordChange::unchanged) {
        continue;
      }
      RegisterRecord record = row.record;
      record.by = by;
      record.why = fmt::format("{}, line {}", plan.file_name, row.line).substr(0, kWhyMax);
      if (row.change == RecordChange::added) {
        ATALAYA_TRY(write_version(parts_, tx, *kind, record, nullptr));
      } else {
        const RegisterRecord held = ATALAYA_TRY(held_for(tx, record));
        ATALAYA_TRY(write_version(parts_, tx, *kind, record, &held));
      }
    }
    return {};
  }));
  return detail::noticed(parts_);
}

}  // namespace atalaya::followup
