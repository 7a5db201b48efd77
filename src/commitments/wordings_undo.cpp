// Taking back that two wordings are one commitment. What stood together is told apart by the words
// themselves: a place belongs to the wording whose id its words give, so nothing has to be kept of
// how the two were joined. Texts, clauses and links are then read anew from what each holds.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "desk_state.hpp"
#include "governing.hpp"
#include "import_batch.hpp"
#include "import_themes.hpp"
#include "wordings.hpp"

namespace atalaya::commitments {
namespace {

struct Place {
  std::string source;
  std::int64_t ordinal = 0;
  std::string language, standing;
  ParsedItem item;
};

Result<std::vector<Place>> places_of(store::Transaction& tx, const std::string& commitment) {
  std::vector<Place> out;
  const auto rows = ATALAYA_TRY(
      tx.query(fmt::format("SELECT {}, a.source, s.language, s.standing FROM appearances a JOIN "
                           "source_documents s ON s.id = a.source WHERE a.commitment = $1 ORDER BY "
                           "s.position, a.ordinal",
                           detail::kItemColumns),
               {commitment}));
  constexpr std::size_t n = detail::kItemColumnCount;
  for (const auto& row : rows) {
    ParsedItem item = detail::item_from(row, 0);
    const std::int64_t ordinal = item.ordinal;
    out.push_back({row.text(n), ordinal, row.text_or_empty(n + 1), row.text(n + 2),
                   std::move(item)});
  }
  return out;
}

bool has_words_of(const ParsedItem& item, const std::string& id) {
  const std::string meeting = meeting_of(item);
  return commitment_id(meeting, item.text) == id || commitment_id(meeting, item.text, 12) == id;
}

// The newest text of each language, of the places that the commitment has now.
Result<void> hold_texts(store::Transaction& tx, const std::string& id,
                        const std::vector<Place>& places) {
  ATALAYA_TRY(tx.execute("DELETE FROM commitment_texts WHERE commitment = $1", {id}));
  std::map<std::string, const Place*> newest;
  for (const Place& place : places) {
    newest[place.language] = &place;
  }
  std::vector<store::Parameters> rows;
  for (const auto& [language, place] : newest) {
    rows.push_back({id, language, place->standing, place->item.text, place->source});
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO commitment_texts(commitment, language, standing, text, source) VALUES ($1, $2, "
      "$3, $4, $5)",
      rows));
  return {};
}

Result<std::vector<GoverningText>> governing_texts(store::Transaction& tx, const Place& place) {
  const auto held = ATALAYA_TRY(detail::read_governed(tx, place.source));
  return held.texts_above(held.items.at(static_cast<std::size_t>(place.ordinal - 1)));
}

// Reads the clauses anew from the newest text of the language in which they were read.
Result<void> hold_clauses(store::Transaction& tx, const Recogniser& recogniser,
                          const std::string& id, const std::vector<Place>& places,
                          const std::string& read_from, detail::RowRecord& record) {
  const auto last = std::ranges::find(places.rbegin(), places.rend(), read_from, &Place::language);
  if (last == places.rend()) {
    return detail::replace_clauses(tx, id, {}, {}, record);
  }
  const auto above = ATALAYA_TRY(governing_texts(tx, *last));
  ReadRows rows = read_item(id, last->item, last->language, above, recogniser);
  return detail::replace_clauses(tx, id, std::move(rows.clauses), std::move(rows.dues), record);
}

// Links that persons made follow their decisions, which name the id that they were made for.
Result<void> hold_links(store::Transaction& tx, const Catalogue& catalogue,
                        const Recogniser& recogniser, const std::string& id) {
  ATALAYA_TRY(tx.execute(
      "DELETE FROM commitment_links WHERE commitment = $1 AND set_by NOT IN ('rule', 'catalogue') "
      "AND NOT EXISTS (SELECT 1 FROM link_decisions d WHERE d.commitment = $1 "
      "AND d.kind = commitment_links.kind AND d.target = commitment_links.target)",
      {id}));
  ATALAYA_TRY(tx.execute(
      "INSERT INTO commitment_links(commitment, kind, target, position, set_by) SELECT d.commitment, "
      "d.kind, d.target, 50, d.set_by FROM link_decisions d WHERE d.commitment = $1 AND d.decision = "
      "'add' AND NOT EXISTS (SELECT 1 FROM link_decisions n WHERE n.commitment = d.commitment AND "
      "n.kind = d.kind AND n.target = d.target AND n.version > d.version) ON CONFLICT (commitment, "
      "kind, target) DO NOTHING",
      {id}));
  if (const Entry* entry = catalogue.find_entry(id)) {
    std::vector<store::Parameters> rows;
    std::int64_t position = 0;
    for (const auto& theme : entry->themes) {
      rows.push_back({id, std::string("theme"), theme, position++, std::string("catalogue")});
    }
    ATALAYA_TRY(tx.execute_many(detail::kInsertLink, rows));
  }
  ATALAYA_TRY(hold_title_themes(tx, catalogue, id));
  ATALAYA_TRY(tx.execute(detail::kSettleTheme, {id}));
  return detail::make_rule_links(tx, recogniser, id);
}

Result<void> hold_standing(store::Transaction& tx, const std::string& id) {
  ATALAYA_TRY(tx.execute(
      "UPDATE commitments SET held = CASE WHEN EXISTS (SELECT 1 FROM commitment_texts t WHERE "
      "t.commitment = $1) THEN 1 ELSE 0 END, gone_from = CASE WHEN EXISTS (SELECT 1 FROM "
      "appearances a JOIN source_documents s ON s.id = a.source WHERE a.commitment = $1 AND NOT "
      "EXISTS (SELECT 1 FROM source_documents n WHERE n.follows = s.id)) THEN '' ELSE COALESCE("
      "(SELECT n.id FROM appearances a JOIN source_documents n ON n.follows = a.source WHERE "
      "a.commitment = $1 ORDER BY n.position DESC LIMIT 1), gone_from) END WHERE id = $1",
      {id}));
  return {};
}

}  // namespace

namespace {

// What rules read in the place whose text is shown in `language`; nothing where there is none.
Result<std::optional<std::pair<ReadRows, std::string>>> read_shown(store::Transaction& tx,
                                                                   const Recogniser& recogniser,
                                                                   const std::string& commitment,
                                                                   const std::string& language) {
  const auto shown = ATALAYA_TRY(tx.query(
      "SELECT text, source FROM commitment_texts WHERE commitment = $1 AND language = $2",
      {commitment, language}));
  const auto places = ATALAYA_TRY(places_of(tx, commitment));
  const auto place = std::ranges::find_if(places, [&](const Place& one) {
    return !shown.empty() && one.source == shown.front().text(1) &&
           one.item.text == shown.front().text(0);
  });
  if (place == places.end()) {
    return std::nullopt;
  }
  const auto above = ATALAYA_TRY(governing_texts(tx, *place));
  return std::pair(read_item(commitment, place->item, language, above, recogniser),
                   place->item.text);
}

}  // namespace

Result<std::vector<store::Parameters>> detail::read_shown_clauses(store::Transaction& tx,
                                                                  const Recogniser& recogniser,
                                                                  const std::string& commitment,
                                                                  const std::string& language) {
  auto read = ATALAYA_TRY(read_shown(tx, recogniser, commitment, language));
  return read ? std::move(read->first.clauses) : std::vector<store::Parameters>();
}

Result<void> detail::read_clauses_anew(store::Transaction& tx, const Recogniser& recogniser,
                                       const std::string& commitment, const std::string& language,
                                       const std::vector<store::Parameters>& others,
                                       const std::string& others_text, RowRecord& record) {
  auto read = ATALAYA_TRY(read_shown(tx, recogniser, commitment, language));
  if (!read) {
    return replace_clauses(tx, commitment, {}, {}, record);
  }
  auto& [rows, text] = *read;
  // The commitment's own persons come first; then those of the one that it was joined with.
  const bool same = text == others_text;
  return replace_clauses(tx, commitment, std::move(rows.clauses), std::move(rows.dues), record,
                         same ? others : std::vector<store::Parameters>());
}

Result<void> Desk::take_back_same(std::string_view later, std::string_view reason,
                                  std::string_view by) {
  if (trim(reason).empty() || reason.size() > 2000 || find_invalid_utf8(reason) ||
      detail::has_controls(reason)) {
    return fail(ErrorCode::invalid_argument, "commitments.same.reason",
                "a reason of 1 to 2000 bytes is needed");
  }
  const Recogniser recogniser(catalogue());
  const std::string id(later);
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto said = ATALAYA_TRY(
        tx.query("DELETE FROM wordings WHERE later = $1 RETURNING commitment", {id}));
    if (said.empty()) {
      return fail(ErrorCode::not_found, "commitments.same.none",
                  "nobody says (any more) that these are other words of a commitment");
    }
    const std::string commitment = said.front().text(0);
    auto kept = ATALAYA_TRY(places_of(tx, commitment));
    const auto first = std::stable_partition(kept.begin(), kept.end(), [&](const Place& place) {
      return !has_words_of(place.item, id);
    });
    const std::vector<Place> moved(first, kept.end());
    kept.erase(first, kept.end());
    std::vector<store::Parameters> rows;
    for (const Place& place : moved) {
      rows.push_back({place.source, place.ordinal, id});
    }
    ATALAYA_TRY(tx.execute_many(
        "UPDATE appearances SET commitment = $3 WHERE source = $1 AND ordinal = $2", rows));
    const std::string read_from = ATALAYA_TRY(detail::clause_language(tx, commitment));
    detail::RowRecord record(*state_->parts.database);
    using Held = std::pair<std::string, const std::vector<Place>*>;
    for (const auto& [owner, places] : {Held(commitment, &kept), Held(id, &moved)}) {
      ATALAYA_TRY(hold_texts(tx, owner, *places));
      ATALAYA_TRY(hold_clauses(tx, recogniser, owner, *places, read_from, record));
      ATALAYA_TRY(hold_links(tx, catalogue(), recogniser, owner));
      ATALAYA_TRY(hold_standing(tx, owner));
      const auto& table = detail::recorded_table("appearances");
      const auto held = ATALAYA_TRY(
          tx.query(fmt::format("SELECT {} FROM appearances WHERE commitment = $1", table.columns),
                   {owner}));
      for (const auto& row : held) {
        record.add(table, detail::values_of(row));
      }
    }
    ATALAYA_TRY(tx.execute(
        "UPDATE commitments SET parent = $2 WHERE parent = $1 AND id IN (SELECT k.commitment FROM "
        "appearances a JOIN appearances k ON k.source = a.source AND k.parent_ordinal = a.ordinal "
        "WHERE a.commitment = $2)",
        {commitment, id}));
    const ledger::Event leaf = detail::event("commitments.same.withdrawn", commitment,
                                             {{"later", id},
                                              {"commitment", commitment},
                                              {"reason", trim(reason)},
                                              {"by", by}});
    ATALAYA_TRY(state_->parts.ledger->append(tx, {&leaf, 1}));
    ATALAYA_TRY(state_->parts.ledger->append(tx, record.leaves(commitment)));
    return detail::feed(tx, {commitment, id});
  }));
  ++state_->version;
  return {};
}

}  // namespace atalaya::commitments
