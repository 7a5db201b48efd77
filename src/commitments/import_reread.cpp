#include "import_reread.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "import_batch.hpp"
#include "import_read.hpp"
#include "wordings.hpp"
#include "zstd_bytes.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::string_view kReason =
    "read again by a newer version of the program, which reads another meeting or year";

std::int32_t year_of(const ParsedItem& item) {
  return item.effective.year != 0 ? item.effective.year : item.citation.year;
}

// What `held` is called by the words and the meeting of `item`; an id that it has from elsewhere (a
// page in another language, words that somebody said to be the same) stays.
Result<std::string> id_now(store::Transaction& tx, const std::string& held,
                           const ParsedItem& before, const ParsedItem& item,
                           const std::string& language) {
  const std::string meeting = meeting_of(before);
  if (held != commitment_id(meeting, before.text) &&
      held != commitment_id(meeting, before.text, 12)) {
    return held;
  }
  std::string id = commitment_id(meeting_of(item), item.text);
  const auto texts = ATALAYA_TRY(tx.query(
      "SELECT text FROM commitment_texts WHERE commitment = $1 AND language = $2", {id, language}));
  if (!texts.empty() &&
      commitment_id("", texts.front().text(0), 32) != commitment_id("", item.text, 32)) {
    id = commitment_id(meeting_of(item), item.text, 12);
  }
  const auto same = ATALAYA_TRY(tx.query("SELECT commitment FROM wordings WHERE later = $1", {id}));
  return same.empty() ? id : same.front().text(0);
}

void warn(FilePlan& plan, std::string_view reason, std::size_t count) {
  plan.document.warnings.push_back(
      {fmt::format("commitments.import.{}", reason),
       0,
       fmt::format("{} items of this file are read otherwise than when it was imported", count),
       false,
       {{"count", std::to_string(count)}}});
}

// What persons wrote of the old id is written of the new one, which has nothing of its own yet.
Result<void> copy_decisions(store::Transaction& tx, const std::string& from,
                            const std::string& to) {
  const std::pair<std::string_view, std::string_view> tables[] = {
      {"titles", "language, version, title, summary, set_by, set_at, reason"},
      {"link_decisions", "kind, target, version, decision, reason, set_by, set_at"},
      {"clause_versions",
       "ordinal, version, decision, verb, addressee, deliverable, due, formulation, qualifiers, "
       "due_latest, due_event, reason, set_by, set_at"}};
  for (const auto& [table, columns] : tables) {
    ATALAYA_TRY(tx.execute(
        fmt::format("INSERT INTO {0}(commitment, {1}) SELECT CAST($1 AS TEXT), {1} FROM {0} WHERE "
                    "commitment = $2 AND NOT EXISTS (SELECT 1 FROM {0} x WHERE x.commitment = $1)",
                    table, columns),
        {to, from}));
  }
  return {};
}

Result<void> rename(store::Transaction& tx, const DeskParts& parts, const std::string& from,
                    const std::string& to, const ParsedItem& item, const std::string& by) {
  ATALAYA_TRY(tx.execute(
      "INSERT INTO commitments(id, meeting, document, year, sort, role, parent, theme, actionable, "
      "held, gone_from) SELECT CAST($1 AS TEXT), $3, $4, CAST($5 AS BIGINT), o.sort, o.role, "
      "o.parent, o.theme, o.actionable, 1, '' FROM commitments o WHERE o.id = $2 ON CONFLICT (id) "
      "DO NOTHING",
      {to, from, meeting_of(item), item.effective.document, std::int64_t{year_of(item)}}));
  ATALAYA_TRY(copy_decisions(tx, from, to));
  return detail::join_commitments(
      tx, parts, {to, from, std::string(kReason), by, to_string(parts.clock->now())});
}

Result<void> update_place(store::Transaction& tx, const std::string& source,
                          const ParsedItem& item) {
  ATALAYA_TRY(tx.execute(
      "UPDATE appearances SET citation_raw = $3, citation_document = $4, citation_place = $5, "
      "citation_year = $6, citation_status = $7, effective_document = $8, effective_place = $9, "
      "effective_country = $10, effective_year = $11, effective_meeting = $12 WHERE source = $1 "
      "AND ordinal = $2",
      {source, std::int64_t{item.ordinal}, item.citation.raw, item.citation.document,
       item.citation.place, std::int64_t{item.citation.year},
       std::string(to_string(item.citation.status)), item.effective.document, item.effective.place,
       item.effective.country, std::int64_t{item.effective.year}, item.effective.meeting}));
  return {};
}

Result<void> update_document(store::Transaction& tx, const FilePlan& plan) {
  const ParsedDocument& document = plan.document;
  ATALAYA_TRY(tx.execute(
      "UPDATE source_documents SET kind = $2, page_key = $3, title = $4, theme = $5, meeting = $6, "
      "document = $7, summary = $8 WHERE id = $1",
      {plan.id, std::string(to_string(document.kind)), page_key(document), document.title,
       document.theme, document.meeting, document.document,
       json::serialize(Importer::summary(plan))}));
  return {};
}

std::set<std::string_view> texts_of(const ParsedDocument& document) {
  std::set<std::string_view> out;
  for (const auto* group : {&document.items, &document.guidance}) {
    for (const ParsedItem& item : *group) {
      out.insert(item.text);
    }
  }
  return out;
}

}  // namespace

Result<void> compare_reading(store::Transaction& tx, FilePlan& plan, const ImportOptions& options) {
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {}, a.commitment FROM appearances a WHERE a.source = $1 ORDER BY "
                  "a.ordinal",
                  detail::kItemColumns),
      {plan.id}));
  std::vector<ParsedItem>& items = plan.document.items;
  std::size_t other_words = rows.size() == items.size() ? 0 : std::max(rows.size(), items.size());
  std::size_t other_places = 0;
  for (std::size_t i = 0; i < rows.size() && rows.size() == items.size(); ++i) {
    const ParsedItem held = detail::item_from(rows[i], 0);
    other_words += held.text == items[i].text ? 0U : 1U;
    other_places +=
        meeting_of(held) == meeting_of(items[i]) && year_of(held) == year_of(items[i]) ? 0U : 1U;
  }
  if (other_words > 0) {
    warn(plan, "cut_otherwise", other_words);
    return {};
  }
  if (other_places == 0) {
    return {};
  }
  warn(plan, "read_otherwise", other_places);
  if (!options.read_again) {
    return {};
  }
  plan.known = false;
  plan.reread = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string held = rows[i].text(detail::kItemColumnCount);
    ItemPlan& entry = plan.items[i];
    entry.commitment = ATALAYA_TRY(
        id_now(tx, held, detail::item_from(rows[i], 0), items[i], language_of(plan.document)));
    if (entry.commitment != held) {
      entry.change = ItemPlan::Change::joined;
      --plan.unchanged;
    }
  }
  return {};
}

Result<std::string> misread_page(store::Transaction& tx, const FilePlan& plan,
                                 const Catalogue& catalogue) {
  const ParsedDocument& document = plan.document;
  const std::string language = language_of(document);
  // Reading costs time: only what has its title or its file's name.
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT s.id, s.file_name, s.bytes, s.size FROM source_documents s WHERE s.kind <> $1 AND "
      "COALESCE(s.language, '') = $2 AND ((s.title = $3 AND s.title <> '') OR s.file_name = $4) "
      "AND NOT EXISTS (SELECT 1 FROM source_documents n WHERE n.follows = s.id) ORDER BY "
      "s.position DESC",
      {std::string(to_string(document.kind)), language, document.title, plan.file_name}));
  const std::set<std::string_view> texts = texts_of(document);
  for (const auto& row : rows) {
    const auto size = static_cast<std::size_t>(row.integer(3));
    const auto held =
        read_one({row.text(1), ATALAYA_TRY(detail::unpack(row.blob(2), size))}, catalogue, true);
    if (!held || page_key(held->plan.document) != page_key(document) ||
        language_of(held->plan.document) != language) {
      continue;
    }
    const auto shared = [&](std::string_view text) { return texts.contains(text); };
    if (std::ranges::any_of(texts_of(held->plan.document), shared)) {
      return row.text(0);
    }
  }
  return std::string();
}

Result<void> rename_page(store::Transaction& tx, const FilePlan& plan) {
  const std::string key = page_key(plan.document);
  std::string at = plan.follows;
  while (!at.empty()) {
    const auto changed = ATALAYA_TRY(tx.execute(
        "UPDATE source_documents SET page_key = $2 WHERE id = $1 AND page_key <> $2", {at, key}));
    if (changed == 0) {
      return {};
    }
    const auto row =
        ATALAYA_TRY(tx.query_one("SELECT follows FROM source_documents WHERE id = $1", {at}));
    at = row.text_or_empty(0);
  }
  return {};
}

Result<void> write_reread(store::Transaction& tx, const DeskParts& parts, const FilePlan& plan,
                          const ImportOptions& options) {
  ATALAYA_TRY(update_document(tx, plan));
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const ParsedItem& item = plan.document.items[i];
    const auto row = ATALAYA_TRY(
        tx.query_one("SELECT commitment FROM appearances WHERE source = $1 AND ordinal = $2",
                     {plan.id, std::int64_t{item.ordinal}}));
    ATALAYA_TRY(update_place(tx, plan.id, item));
    const std::string& id = plan.items[i].commitment;
    if (row.text(0) != id) {
      ATALAYA_TRY(rename(tx, parts, row.text(0), id, item, options.by));
    } else {
      ATALAYA_TRY(tx.execute(
          "UPDATE commitments SET year = $2, document = $3 WHERE id = $1 AND meeting = $4",
          {id, std::int64_t{year_of(item)}, item.effective.document, meeting_of(item)}));
      ATALAYA_TRY(tx.execute(detail::kRecount, {id}));
    }
    changed.push_back(id);
  }
  const auto& table = detail::recorded_table("appearances");
  detail::RowRecord record(*parts.database);
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {} FROM {} WHERE source = $1", table.columns, table.name), {plan.id}));
  for (const auto& row : rows) {
    record.add(table, detail::values_of(row));
  }
  std::vector<ledger::Event> leaves = record.leaves(plan.id);
  json::object payload = Importer::summary(plan);
  payload["by"] = options.by;
  leaves.push_back(detail::event("commitments.import", plan.id, payload));
  ATALAYA_TRY(parts.ledger->append(tx, leaves));
  ATALAYA_TRY(detail::feed(tx, changed));
  return detail::feed(tx, {plan.id}, "source");
}

}  // namespace atalaya::commitments
