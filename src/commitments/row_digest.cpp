#include "row_digest.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <atalaya/base/result.hpp>
#include <atalaya/base/json.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/ledger/rows.hpp>

#include "desk_state.hpp"

namespace atalaya::commitments::detail {
namespace {

constexpr std::size_t kRowsAtOnce = 2000;  // some 100 kB of the leaf's 1 MiB

constexpr RecordedTable kTables[] = {
    {"appearances",
     "source, ordinal, commitment, level, parent_ordinal, role, label, block, line, line_end, text, "
     "citation_raw, citation_document, citation_place, citation_year, citation_status, "
     "effective_document, effective_place, effective_country, effective_year, effective_meeting",
     0, 1, 1, false, "citation, line or text of item"},
    {"paragraphs", "source, role, ordinal, label, block, line, line_end, text, notes", 0, 2, 1,
     false, "paragraph"},
    {"statements_of_position", "source, ordinal, actor, on_role, on_ordinal, text, line", 0, 1, 1,
     false, "statement of position"},
    {"document_states", "source, ordinal, printed, country, line", 0, 1, 1, false, "named state"},
    {"document_treaties", "source, ordinal, printed, printed_year, instrument, line", 0, 1, 1,
     false, "named treaty"},
    {"clauses",
     "commitment, ordinal, span_begin, span_end, language, verb, verb_printed, addressee, "
     "addressee_printed, deliverable, due, formulation, qualifiers, set_by, depends_on, "
     "verb_from_chapeau, due_latest, due_event",
     0, 1, 1, true, "clause"},
    {"dues", "commitment, ordinal, edtf, kind, printed, soft, set_by, latest, event", 0, 1, 1, true,
     "date"},
};

void write_value(const store::Value& value, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    out += fmt::format("s{}:", text->size());
    out += *text;
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out += fmt::format("i{};", *number);
  } else {
    ATALAYA_CHECK(std::holds_alternative<std::monostate>(value));  // no table has other types
    out += 'n';
  }
}

std::string text_of(const store::Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::to_string(*number) : std::get<std::string>(value);
}

}  // namespace

std::span<const RecordedTable> recorded_tables() noexcept { return kTables; }

const RecordedTable& recorded_table(std::string_view name) noexcept {
  const auto* const table = std::ranges::find(kTables, name, &RecordedTable::name);
  ATALAYA_CHECK(table != std::end(kTables));
  return *table;
}

Digest digest_of(std::span<const store::Value> values) {
  std::string all;
  for (const auto& value : values) {
    write_value(value, all);
  }
  const auto hash = sha256(all);
  Digest out{};
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

store::Parameters values_of(const store::Row& row) {
  store::Parameters out;
  out.reserve(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    out.push_back(row.value(i));
  }
  return out;
}

std::string key_of(const RecordedTable& table, std::span<const store::Value> values) {
  const std::string key = text_of(values[table.key]);
  return table.key_before == table.key ? key : text_of(values[table.key_before]) + ":" + key;
}

RowRecord::RowRecord(const store::Database& database)
    : wanted_(!ledger::records_rows(database)) {}

void RowRecord::add(const RecordedTable& table, std::span<const store::Value> values) {
  if (!wanted_) {
    return;
  }
  tables_[table.name][text_of(values[table.owner])][key_of(table, values)] = digest_of(values);
}

void RowRecord::add_none(const RecordedTable& table, const std::string& owner) {
  if (!wanted_) {
    return;
  }
  tables_[table.name][owner];
}

std::vector<ledger::Event> RowRecord::leaves(std::string_view subject) const {
  std::vector<ledger::Event> out;
  for (const auto& [name, owners] : tables_) {
    const bool whole = recorded_table(name).whole;
    json::object rows;
    std::size_t count = 0;
    const auto flush = [&] {
      if (!rows.empty()) {
        out.push_back(event("commitments.rows", subject,
                            {{"v", 1}, {"table", name}, {"rows", std::exchange(rows, {})}}));
      }
      count = 0;
    };
    for (const auto& [owner, digests] : owners) {
      json::object said;
      for (const auto& [key, digest] : digests) {
        said[key] = to_hex(digest);
        // The rows of a document may go on in the next leaf, those of a commitment do not.
        if (++count >= kRowsAtOnce && !whole) {
          rows[owner] = std::exchange(said, {});
          flush();
        }
      }
      if (!said.empty() || digests.empty()) {
        rows[owner] = std::move(said);
      }
      if (count >= kRowsAtOnce) {
        flush();
      }
    }
    flush();
  }
  return out;
}

}  // namespace atalaya::commitments::detail
