#include "rounds_entries.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "checks.hpp"

namespace atalaya::followup {

std::string_view Entry::value(std::string_view field) const noexcept {
  const auto it = values.find(field);
  return it == values.end() ? std::string_view() : std::string_view(it->second);
}

std::int64_t EntryImportPlan::count(RecordChange change) const {
  return std::ranges::count(rows, change, &EntryImportRow::change);
}

std::vector<std::array<std::string, 3>> differences(const Entry& before, const Entry& after) {
  FieldValues all = before.values;
  all.insert(after.values.begin(), after.values.end());
  std::vector<std::array<std::string, 3>> out;
  for (const auto& [field, ignored] : all) {
    const std::string kept(before.value(field));
    const std::string now(after.value(field));
    if (kept != now) {
      out.push_back({field, kept, now});
    }
  }
  return out;
}

namespace detail {
namespace {

constexpr std::size_t kWhyMax = 500;
constexpr std::size_t kRowsMax = 50'000;  // of one file
constexpr std::string_view kColumns =
    "id, version, area, container, country, kind, name, body, removed, at, by_name, why";

Entry entry_from(const store::Row& row) {
  Entry out;
  out.id = row.integer(0);
  out.version = static_cast<std::int32_t>(row.integer(1));
  out.area = row.text(2);
  out.container = row.text(3);
  out.country = row.text(4);
  out.kind = row.text(5);
  out.name = row.text(6);
  const auto body = parse_json(row.text(7), "followup_entries");
  if (body && body->is_object()) {
    for (const auto& pair : body->get_object()) {
      if (pair.value().is_string()) {
        out.values.emplace(pair.key(), pair.value().get_string());
      }
    }
  }
  out.removed = row.integer(8) != 0;
  out.at = row.text(9);
  out.by = row.text(10);
  out.why = row.text(11);
  return out;
}

Result<std::vector<Entry>> read(store::Transaction& tx, const Place& place, std::string_view rest,
                                std::string_view order) {
  std::string sql = fmt::format("SELECT {} FROM followup_entries WHERE {}", kColumns, rest);
  store::Parameters parameters;
  const auto narrow = [&](std::string_view column, const std::string& value) {
    if (!value.empty()) {
      parameters.emplace_back(value);
      sql += fmt::format(" AND {} = ${}", column, parameters.size());
    }
  };
  narrow("area", place.area);
  narrow("container", place.container);
  narrow("country", place.country);
  narrow("kind", place.kind);
  narrow("name", place.name);
  const auto rows = ATALAYA_TRY(tx.query(fmt::format("{} ORDER BY {}", sql, order), parameters));
  std::vector<Entry> out;
  out.reserve(rows.size());
  for (const auto& row : rows) {
    out.push_back(entry_from(row));
  }
  return out;
}

std::string_view leaf_kind(const Entry& entry) {
  return entry.area == "checklist"       ? "followup.checklist"
         : entry.area == "questionnaire" ? "followup.questionnaire"
                                         : "followup.round";
}

// `held` is signed already.
std::unexpected<Error> changed(const Entry& held) {
  return fail(Error{ErrorCode::conflict,
                    "followup.entry.changed",
                    "somebody else wrote this in the meantime",
                    {{"by", held.by}, {"version", std::to_string(held.version)}}});
}

// The whole row, so that a check of the store against the log can make it again.
json::object payload_of(const Entry& entry, const json::object& body) {
  return {{"area", entry.area},       {"container", entry.container},
          {"country", entry.country}, {"kind", entry.kind},
          {"name", entry.name},       {"body", body},
          {"removed", entry.removed}, {"at", entry.at},
          {"by", entry.by},           {"why", entry.why}};
}

}  // namespace

Result<std::vector<Entry>> read_entries(store::Transaction& tx, const Place& place) {
  return read(tx, place, "newest = 1 AND removed = 0", "id");
}

Result<std::vector<Entry>> read_entries(const Parts& parts, const Place& place) {
  std::vector<Entry> out;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_entries(tx, place));
    return {};
  }));
  return out;
}

Result<std::vector<Entry>> read_versions(store::Transaction& tx, const Place& place) {
  return read(tx, place, "version >= 1", "id, version DESC");
}

void sign(Entry& entry, const identity::ShownNames& names) {
  entry.by = names.of(entry.by);
  if (const auto coder = entry.values.find("coder"); coder != entry.values.end()) {
    coder->second = names.of(coder->second);
  }
  if (entry.kind == "reviewer") {
    entry.name = names.of(entry.name);
  }
}

void tidy(Entry& entry) {
  for (auto& [field, value] : entry.values) {
    // Browsers end lines in two characters, files in one.
    std::erase(value, '\r');
    value = field == "url" ? without_blanks(trim(value)) : std::string(trim(value));
  }
  std::erase_if(entry.values, [](const auto& pair) { return pair.second.empty(); });
  entry.why = entry.why.substr(0, kWhyMax);
}

bool same_words(const Entry& a, const Entry& b) {
  return a.values == b.values && a.removed == b.removed;
}

Result<Entry> write_entry(const Parts& parts, store::Transaction& tx, Entry entry,
                          const std::vector<Change>& changes) {
  tidy(entry);
  const auto rows = ATALAYA_TRY(
      tx.query(fmt::format("SELECT {} FROM followup_entries WHERE area = $1 AND container = $2 AND "
                           "country = $3 AND kind = $4 AND name = $5 AND newest = 1",
                           kColumns),
               {entry.area, entry.container, entry.country, entry.kind, entry.name}));
  Entry held = rows.empty() ? Entry{} : entry_from(rows.front());
  // The same words are no conflict: a form sent twice is said once.
  if (held.version > 0 && same_words(held, entry)) {
    return held;
  }
  // What was taken out may be written anew by somebody who never saw it.
  const bool anew = held.removed && entry.version == 0;
  if (entry.version != held.version && !anew) {
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    sign(held, names);
    return changed(held);
  }
  if (held.version == 0) {
    entry.id = ATALAYA_TRY(next_ids(tx, 1));
  } else {
    entry.id = held.id;
    ATALAYA_TRY(tx.execute("UPDATE followup_entries SET newest = 0 WHERE id = $1 AND newest = 1",
                           {entry.id}));
  }
  entry.version = held.version + 1;
  entry.at = to_string(parts.clock->now());
  json::object body;
  for (const auto& [field, value] : entry.values) {
    body[field] = value;
  }
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_entries(id, version, area, container, country, kind, name, body, "
      "removed, newest, at, by_name, why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, "
      "$12)",
      {entry.id, std::int64_t{entry.version}, entry.area, entry.container, entry.country,
       entry.kind, entry.name, canonical_json(body), std::int64_t{entry.removed ? 1 : 0}, entry.at,
       entry.by, entry.why}));
  // The subject is public for ever: it names neither state nor step.
  const Leaf leaf{leaf_kind(entry), fmt::format("entry/{}/{}", entry.id, entry.version),
                  payload_of(entry, body)};
  ATALAYA_TRY(record(parts, tx, leaf, changes));
  return entry;
}

std::unexpected<Error> wrong_field(std::string_view field, std::string_view value,
                                   std::string_view rule) {
  return fail(Error{ErrorCode::invalid_argument,
                    "followup.entry.field",
                    fmt::format("{} is not valid ({})", field, rule),
                    {{"field", std::string(field)},
                     {"value", std::string(value.substr(0, 80))},
                     {"rule", std::string(rule)}}});
}

Result<void> check_fields(const Entry& entry, std::initializer_list<std::string_view> known) {
  for (const auto& [field, value] : entry.values) {
    if (std::ranges::find(known, field) == known.end()) {
      return wrong_field(field, value, "unknown");
    }
    if (!check_text(value)) {
      return wrong_field(field, "", "text");
    }
    ATALAYA_TRY(check_no_login(value));
  }
  const std::string_view language = entry.value("language");
  if (!language.empty() && !parse_language(language)) {
    return wrong_field("language", language, "choice");
  }
  return {};
}

Result<std::int32_t> version_of(std::string_view text) {
  std::int32_t version = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9' || text.size() > 8) {
      return wrong_field("version", text, "number");
    }
    version = 10 * version + (digit - '0');
  }
  return version;
}

namespace {

using PlaceKey = std::array<std::string, 4>;

PlaceKey key_of(const Entry& entry) {
  return {entry.container, entry.country, entry.kind, entry.name};
}

// A row that names no version says only what shall stand there.
Result<EntryImportRow> compare(Entry entry, const std::map<PlaceKey, const Entry*>& held) {
  EntryImportRow row;
  const auto found = held.find(key_of(entry));
  if (found == held.end()) {
    entry.version = 0;
    row.change = entry.values.empty() ? RecordChange::unchanged : RecordChange::added;
    row.entry = std::move(entry);
    return row;
  }
  const Entry& before = *found->second;
  const bool same = same_words(before, entry);
  if (!same && entry.version != 0 && entry.version != before.version) {
    return changed(before);
  }
  entry.version = before.version;
  entry.removed = entry.values.empty();
  row.change = same ? RecordChange::unchanged : RecordChange::changed;
  row.before = before;
  row.entry = std::move(entry);
  return row;
}

}  // namespace

Result<EntryImportPlan> plan_entries(
    std::string_view bytes, std::string_view file_name, const std::vector<std::string>& columns,
    const std::vector<Entry>& held,
    const std::function<Result<Entry>(const TableRows& table, std::size_t row)>& entry_of) {
  const auto table = ATALAYA_TRY(TableRows::read(bytes, file_name));
  for (const std::string& column : columns) {
    if (table.column(column) < 0) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.entry.columns",
                        "the file lacks a column",
                        {{"file", std::string(file_name)}, {"line", "1"}, {"column", column}}});
    }
  }
  if (table.size() > kRowsMax) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.register.rows",
                      "too many rows in one file",
                      {{"file", std::string(file_name)}, {"n", std::to_string(kRowsMax)}}});
  }
  std::map<PlaceKey, const Entry*> by_place;
  for (const Entry& entry : held) {
    by_place.emplace(key_of(entry), &entry);
  }
  std::map<PlaceKey, std::uint64_t> seen;
  EntryImportPlan plan{.file_name = std::string(file_name), .rows = {}};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::uint64_t line = table.line(i);
    auto entry = entry_of(table, i);
    if (entry) {
      const auto [first, fresh] = seen.emplace(key_of(*entry), line);
      if (!fresh) {
        entry = fail(Error{ErrorCode::invalid_argument,
                           "followup.register.twice",
                           "the file speaks of one entry twice",
                           {{"other", std::to_string(first->second)}}});
      }
    }
    auto row = entry ? compare(*std::move(entry), by_place)
                     : Result<EntryImportRow>(std::unexpected(std::move(entry).error()));
    if (!row) {
      return fail(std::move(row)
                      .error()
                      .in(fmt::format("{}, line {}", file_name, line))
                      .with("file", std::string(file_name))
                      .with("line", std::to_string(line)));
    }
    row->line = line;
    plan.rows.push_back(*std::move(row));
  }
  return plan;
}

Result<void> check_accepted(const EntryImportPlan& plan, bool accept_changes) {
  const auto changes = plan.count(RecordChange::changed);
  if (changes > 0 && !accept_changes) {
    return fail(Error{ErrorCode::conflict,
                      "followup.entry.changes",
                      "entries that are kept would change; nothing was written",
                      {{"file", plan.file_name}, {"n", std::to_string(changes)}}});
  }
  return {};
}

std::string text_of(const json::object& row, std::string_view key) {
  const auto* value = row.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Translated words_of(const json::object& row, std::string_view key) {
  Translated out;
  const auto* value = row.if_contains(key);
  if (value != nullptr && value->is_object()) {
    for (const Language language : kLanguages) {
      out.set(language, text_of(value->get_object(), to_string(language)));
    }
  }
  return out;
}

bool in_all_languages(const Translated& words) {
  return std::ranges::all_of(kLanguages, [&](Language language) { return words.has(language); });
}

}  // namespace detail
}  // namespace atalaya::followup
