#pragma once
// Registers: small tables that people keep beside the commitments. Which registers there are and
// which fields they have is data (catalogue/followup/registers.json): a new one needs no code.
// Every row has a source; nothing is overwritten; every change is a leaf of the log.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/base/result.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/followup/parts.hpp>

namespace atalaya::followup {

using commitments::Translated;

enum class FieldType {
  line,       // at most 300 characters
  text,       // at most 5,000 characters, paragraphs allowed
  date,       // ISO day, month or year
  month_day,  // "04-30": a day of every year
  number,     // decimal point, no thousands
  currency,   // ISO 4217
  url,        // http or https
  email,
  choice,
  country,     // ISO 3166-1 alpha-3, of the catalogue
  actor,       // a country, its parliament ("PAN.parliament") or an institution of the catalogue
  instrument,  // of the catalogue
  commitment,
  theme,
  question,  // a key question of the catalogue's guidance
};

struct FieldChoice {
  std::string id;
  Translated label;
};

struct RegisterField {
  std::string id;
  FieldType type = FieldType::line;
  bool required = false;
  Translated label;
  std::vector<FieldChoice> choices;

  [[nodiscard]] const FieldChoice* find_choice(std::string_view id) const noexcept;
};

struct RegisterKind {
  std::string id;
  Translated label, about;
  std::string heading;  // the field that names a row
  std::vector<RegisterField> fields;

  [[nodiscard]] const RegisterField* find(std::string_view field) const noexcept;
};

using FieldValues = std::map<std::string, std::string, std::less<>>;  // empty values are left out

struct RegisterRecord {
  std::int64_t id = 0;       // 0: not kept yet
  std::int32_t version = 0;  // of a change: the one that the writer saw
  std::string kind;          // id of the register
  std::string language;      // of its free texts
  FieldValues values;
  bool removed = false;
  bool by_itself = false;  // of a change: whoever writes speaks for the state that the row is about
  std::string at, by, why;

  [[nodiscard]] std::string_view value(std::string_view field) const noexcept;
};

/// Whose row it is: its country, or that of its actor; empty where it is nobody's. The state's focal
/// point may keep such a row.
[[nodiscard]] std::string register_country(const RegisterKind& kind, const RegisterRecord& record);
/// Whether rows of this register are a country's.
[[nodiscard]] bool has_country(const RegisterKind& kind) noexcept;

struct RegisterFilter {
  std::string kind = {};  // empty: all registers
  std::string country = {}, instrument = {}, commitment = {}, theme = {};
};

enum class RecordChange { added, unchanged, changed };

struct RegisterImportRow {
  std::uint64_t line = 0;
  RecordChange change = RecordChange::added;
  RegisterRecord record;
  std::optional<RegisterRecord> before;
};

struct RegisterImportPlan {
  std::string file_name, kind;
  std::vector<RegisterImportRow> rows;

  [[nodiscard]] std::int64_t count(RecordChange change) const;
};

class Registers {
 public:
  explicit Registers(const Parts& parts) : parts_(parts) {}

  /// The embedded definitions. Aborts if they are inconsistent (a test guards it).
  [[nodiscard]] static const std::vector<RegisterKind>& kinds();
  /// Fails with not_found (followup.register.unknown).
  [[nodiscard]] static Result<const RegisterKind*> find_kind(std::string_view id);

  /// Rows that are not removed, newest versions, by id.
  [[nodiscard]] Result<std::vector<RegisterRecord>> list(const RegisterFilter& filter) const;
  /// All versions of one row, newest first. Fails with not_found (followup.register.no_row).
  [[nodiscard]] Result<std::vector<RegisterRecord>> versions(std::string_view kind,
                                                             std::int64_t id) const;

  /// Adds a row, or changes the one with this id; answers it as it is kept. Of a register that has
  /// the field said_by, a row `by_itself` says "state" there. Nothing is written where nothing
  /// changed. Fails with invalid_argument (followup.register.field, params field,
  /// value, rule; followup.register.language, .why), not_found (.no_row), conflict
  /// (followup.register.changed) where somebody else was faster.
  [[nodiscard]] Result<RegisterRecord> save(RegisterRecord record) const;
  /// Takes a row out; its versions stay. Fails as save() does, and with invalid_argument
  /// (followup.reason_short) where the reason is no sentence.
  [[nodiscard]] Result<void> remove(std::string_view kind, std::int64_t id, std::int32_t version,
                                    std::string_view by, std::string_view why) const;

  /// id, version, language and the register's fields.
  [[nodiscard]] Result<std::string> csv(std::string_view kind) const;
  /// Reads and compares such a file; changes nothing. A row without id that says what a kept row
  /// says already is that row, so the same file twice changes nothing. The first wrong row fails
  /// the whole file, params file and line; a column that the register does not have does, too
  /// (followup.columns.unknown), and a changed row that repeats what the state said as the state's
  /// word (followup.register.not_the_state).
  [[nodiscard]] Result<RegisterImportPlan> plan(std::string_view kind, std::string_view bytes,
                                                std::string_view file_name) const;
  /// One transaction. Fails with conflict (followup.register.changes) where kept rows would change
  /// and `accept_changes` is not given, (followup.register.changed) where one has changed since.
  [[nodiscard]] Result<void> apply(const RegisterImportPlan& plan, std::string_view by,
                                   bool accept_changes) const;

 private:
  Parts parts_;
};

}  // namespace atalaya::followup
