#pragma once
// Entries in the store, and reading them from files. Private to the module; used by rounds and
// checklists.

#include <functional>

#include <atalaya/base/json.hpp>
#include <atalaya/followup/entries.hpp>
#include <atalaya/identity/shown_names.hpp>

#include "record.hpp"
#include "table_rows.hpp"

namespace atalaya::followup::detail {

/// Where an entry stands. Empty parts of a query match everything.
struct Place {
  std::string area, container = {}, country = {}, kind = {}, name = {};
};

/// Newest versions that are not removed, by id.
[[nodiscard]] Result<std::vector<Entry>> read_entries(store::Transaction& tx, const Place& place);
[[nodiscard]] Result<std::vector<Entry>> read_entries(const Parts& parts, const Place& place);
/// All versions of what stands there, newest first.
[[nodiscard]] Result<std::vector<Entry>> read_versions(store::Transaction& tx, const Place& place);

/// Writes the next version with its leaf and answers it as it is kept; what is kept already in the
/// same words is answered unchanged. Fails with conflict (followup.entry.changed, params by,
/// version) where `entry.version` is not the newest.
[[nodiscard]] Result<Entry> write_entry(const Parts& parts, store::Transaction& tx, Entry entry,
                                        const std::vector<Change>& changes = {});

/// Rows keep the accounts that wrote, coded or review; whoever reads is shown their names.
void sign(Entry& entry, const identity::ShownNames& names);

/// Without blanks at the ends and without empty fields.
void tidy(Entry& entry);
[[nodiscard]] bool same_words(const Entry& a, const Entry& b);

/// invalid_argument (followup.entry.field, params field, value, rule).
[[nodiscard]] std::unexpected<Error> wrong_field(std::string_view field, std::string_view value,
                                                 std::string_view rule);
/// A text's length and characters by wrong_field(); `bytes_max` 0 = as texts of reports.
[[nodiscard]] Result<void> check_fields(const Entry& entry,
                                        std::initializer_list<std::string_view> known);

/// Reads a file whose columns are `columns` (all of them, in any order) and compares each row with
/// what is kept. `entry_of` makes and checks one row's entry. The first wrong row fails the whole
/// file, params file and line.
[[nodiscard]] Result<EntryImportPlan> plan_entries(
    std::string_view bytes, std::string_view file_name, const std::vector<std::string>& columns,
    const std::vector<Entry>& held,
    const std::function<Result<Entry>(const TableRows& table, std::size_t row)>& entry_of);
/// The version column of a row. Fails by wrong_field().
[[nodiscard]] Result<std::int32_t> version_of(std::string_view text);
/// Fails with conflict (followup.entry.changes) where kept entries would change.
[[nodiscard]] Result<void> check_accepted(const EntryImportPlan& plan, bool accept_changes);

// Texts of data files.
[[nodiscard]] std::string text_of(const json::object& row, std::string_view key);
/// Up to four languages; empty where the key is missing or holds none.
[[nodiscard]] Translated words_of(const json::object& row, std::string_view key);
[[nodiscard]] bool in_all_languages(const Translated& words);

}  // namespace atalaya::followup::detail
