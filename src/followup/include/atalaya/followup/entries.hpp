#pragma once
// What rounds and checklists are made of: small records about a state, with versions. Nothing is
// overwritten, every write is a leaf of the log whose public part says nothing but a number.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/registers.hpp>

namespace atalaya::followup {

struct Entry {
  std::int64_t id = 0;         // 0: not kept yet
  std::int32_t version = 0;    // of a change: the one that its writer saw, 0 where there was none
  std::string area = {};       // questionnaire | round | review | checklist
  std::string container = {};  // id of the questionnaire, the round or the checklist
  std::string country = {};    // ISO 3166-1 alpha-3; may be empty
  std::string kind = {};       // step | answer | conclusion | … | value | reply
  std::string name = {};       // the question, the article, a number
  FieldValues values = {};
  bool removed = false;
  std::string at = {}, by = {}, why = {};

  [[nodiscard]] std::string_view value(std::string_view field) const noexcept;
};

struct EntryImportRow {
  std::uint64_t line = 0;
  RecordChange change = RecordChange::added;
  Entry entry;
  std::optional<Entry> before;
};

/// What a file would change; nothing is written before it is applied.
struct EntryImportPlan {
  std::string file_name;
  std::vector<EntryImportRow> rows;

  [[nodiscard]] std::int64_t count(RecordChange change) const;
};

/// The fields that differ: name, kept, new.
[[nodiscard]] std::vector<std::array<std::string, 3>> differences(const Entry& before,
                                                                  const Entry& after);

}  // namespace atalaya::followup
