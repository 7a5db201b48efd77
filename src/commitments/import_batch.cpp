#include "import_batch.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "chapeau.hpp"
#include "desk_state.hpp"
#include "import_reread.hpp"
#include "import_themes.hpp"
#include "parse_tables.hpp"
#include "source_links.hpp"
#include "twin.hpp"
#include "wordings.hpp"
#include "zstd_bytes.hpp"

namespace atalaya::commitments {

std::string page_key(const ParsedDocument& document) {
  return fold(squeeze(fmt::format("{}|{}|{}|{}|{}", to_string(document.kind), document.meeting,
                                  document.document, document.theme,
                                  document.theme.empty() ? document.title : "")));
}

std::string language_of(const ParsedDocument& document) {
  return document.language ? std::string(to_string(*document.language)) : std::string();
}

std::string meeting_of(const ParsedItem& item) {
  if (!item.effective.meeting.empty()) {
    return item.effective.meeting;
  }
  const std::int32_t year =
      item.effective.year != 0 ? item.effective.year : item.citation.year;
  return year != 0 ? fmt::format("other-{}", year) : std::string("other");
}

namespace {

void add_appearance(const std::string& source, const ParsedItem& item,
                    const std::string& commitment, Batch& batch) {
  batch.appearances.push_back({source,
                               std::int64_t{item.ordinal},
                               commitment,
                               std::int64_t{item.level},
                               std::int64_t{item.parent_ordinal},
                               std::string(to_string(item.role)),
                               item.label,
                               item.block,
                               std::int64_t{item.line},
                               std::int64_t{item.line_end},
                               item.text,
                               item.citation.raw,
                               item.citation.document,
                               item.citation.place,
                               std::int64_t{item.citation.year},
                               std::string(to_string(item.citation.status)),
                               item.effective.document,
                               item.effective.place,
                               item.effective.country,
                               std::int64_t{item.effective.year},
                               item.effective.meeting});
}

AnalysisContext context_of(Language language, const ParsedItem& item,
                           std::span<const GoverningText> above, const Recogniser& recogniser) {
  AnalysisContext context;
  context.language = language;
  context.year = item.effective.year;
  context.above = above;
  context.party =
      item.role == ItemRole::priority ? AddresseeKind::parliaments : AddresseeKind::states;
  context.recogniser = &recogniser;
  return context;
}

void add_links(const std::string& id, std::string_view kind, const std::vector<std::string>& found,
               Batch& batch) {
  std::int64_t position = 100;  // after the catalogue's
  for (const auto& target : found) {
    batch.links.push_back({id, std::string(kind), target, position++, std::string("rule")});
  }
}

// In the order of the columns of detail::recorded_table("clauses").
store::Parameters clause_row(const std::string& id, const ParsedItem& item,
                             const std::string& language, const Analysis& analysis,
                             const Clause& clause) {
  json::array qualifiers;
  for (const Qualifier& qualifier : clause.qualifiers) {
    qualifiers.emplace_back(qualifier.span.of(item.text));
  }
  const Due none;
  const Due& due = clause.due < 0 ? none : analysis.dues[static_cast<std::size_t>(clause.due)];
  return {
      id,
      std::int64_t{clause.ordinal},
      std::int64_t{clause.span.begin},
      std::int64_t{clause.span.end},
      language,
      clause.lemma,
      std::string(clause.verb.of(item.text)),
      clause.addressee_id.empty() ? std::string(to_string(clause.addressee)) : clause.addressee_id,
      clause.addressee_above.empty() ? std::string(clause.addressee_span.of(item.text))
                                     : clause.addressee_above,
      std::string(clause.deliverable.of(item.text)),
      due.edtf,
      std::string(to_string(clause.formulation)),
      json::serialize(qualifiers),
      std::string("rule"),
      std::int64_t{clause.depends_on},
      std::int64_t{clause.verb_from_chapeau ? 1 : 0},
      due.latest,
      due.event};
}

ReadRows read_rows(const std::string& id, const ParsedItem& item, const std::string& language,
                   const Analysis& analysis) {
  ReadRows out;
  for (const Clause& clause : analysis.clauses) {
    out.clauses.push_back(clause_row(id, item, language, analysis, clause));
  }
  std::int64_t ordinal = 0;
  for (const Due& due : analysis.dues) {
    out.dues.push_back({id, ++ordinal, due.edtf, std::string(to_string(due.kind)),
                        std::string(due.printed(item.text)),
                        std::int64_t{due.kind == DueKind::soft ? 1 : 0}, std::string("rule"),
                        due.latest, due.event});
  }
  return out;
}

void record_all(const detail::RecordedTable& table, const std::vector<store::Parameters>& rows,
                detail::RowRecord& record) {
  for (const auto& row : rows) {
    record.add(table, row);
  }
}

// Clauses are read once, from the first language that was held, and again when that text changes;
// spans belong to that text.
void add_analysis(const FilePlan& plan, const ItemPlan& entry, const ParsedItem& item,
                  const Analysis& analysis, Batch& batch) {
  const std::string language = language_of(plan.document);
  ReadRows rows = read_rows(entry.commitment, item, language, analysis);
  if (entry.change == ItemPlan::Change::text_differs) {
    batch.reworded.push_back({entry.commitment, language, plan.standing, item.text,
                              std::move(rows.clauses), std::move(rows.dues)});
    return;
  }
  if (entry.change != ItemPlan::Change::added || entry.analysed) {
    return;
  }
  const auto& clauses = detail::recorded_table("clauses");
  const auto& dues = detail::recorded_table("dues");
  batch.record.add_none(clauses, entry.commitment);
  batch.record.add_none(dues, entry.commitment);
  record_all(clauses, rows.clauses, batch.record);
  record_all(dues, rows.dues, batch.record);
  std::ranges::move(rows.clauses, std::back_inserter(batch.clauses));
  std::ranges::move(rows.dues, std::back_inserter(batch.dues));
}

// The lines as they are kept.
std::string joined_lines(const ParsedDocument& document) {
  std::string lines;
  for (const auto& line : document.lines) {
    lines += line;
    lines += '\n';
  }
  if (!lines.empty()) {
    lines.pop_back();
  }
  std::erase(lines, '\0');
  return lines;
}

// What the document names as a whole, with its notes and lists, and each paragraph of it.
void add_named(const FilePlan& plan, const Recogniser& recogniser, Batch& batch) {
  std::vector<store::Parameters>& out = batch.source_links;
  const std::string lines = joined_lines(plan.document);
  detail::add_source_links(plan.id, {"", 0, 1, true, lines}, recogniser, out);
  for (const auto* group : {&plan.document.recitals, &plan.document.guidance}) {
    for (const ParsedItem& item : *group) {
      detail::add_source_links(plan.id,
                               {to_string(item.role), item.ordinal, item.line, false, item.text},
                               recogniser, out);
    }
  }
}

// What stands beside the commitments: recitals, guidance, positions, states, treaties.
void add_around(const FilePlan& plan, Batch& batch) {
  for (const auto* group : {&plan.document.recitals, &plan.document.guidance}) {
    for (const ParsedItem& item : *group) {
      batch.paragraphs.push_back({plan.id, std::string(to_string(item.role)),
                                  std::int64_t{item.ordinal}, item.label, item.block,
                                  std::int64_t{item.line}, std::int64_t{item.line_end}, item.text,
                                  fmt::format("{}", fmt::join(item.notes, " "))});
    }
  }
  for (const auto& statement : plan.document.statements) {
    batch.statements.push_back({plan.id, static_cast<std::int64_t>(batch.statements.size() + 1),
                                statement.actor, std::string(to_string(statement.role)),
                                std::int64_t{statement.ordinal}, statement.text,
                                std::int64_t{statement.line}});
  }
  for (const auto& state : plan.document.states) {
    batch.states.push_back({plan.id, static_cast<std::int64_t>(batch.states.size() + 1),
                            state.printed, state.code, std::int64_t{state.line}});
  }
  for (const auto& treaty : plan.document.treaties) {
    batch.treaties.push_back({plan.id, static_cast<std::int64_t>(batch.treaties.size() + 1),
                              treaty.printed, std::int64_t{treaty.year}, treaty.instrument,
                              std::int64_t{treaty.line}});
  }
  const std::pair<std::string_view, const std::vector<store::Parameters>*> tables[] = {
      {"appearances", &batch.appearances},
      {"paragraphs", &batch.paragraphs},
      {"statements_of_position", &batch.statements},
      {"document_states", &batch.states},
      {"document_treaties", &batch.treaties}};
  for (const auto& [name, rows] : tables) {
    const auto& table = detail::recorded_table(name);
    batch.record.add_none(table, plan.id);
    record_all(table, *rows, batch.record);
  }
}

// Of a commitment that nobody knew before; those of the others are counted when all is written.
void add_counts(const ParsedItem& item, const Analysis& analysis, store::Parameters& row) {
  const auto flag = [&](bool set) { row.emplace_back(std::int64_t{set ? 1 : 0}); };
  const auto declaring =
      std::ranges::count(analysis.clauses, Formulation::declaratory, &Clause::formulation);
  row.emplace_back(std::int64_t{std::ssize(analysis.clauses) - declaring});
  row.emplace_back(std::int64_t{declaring});
  flag(std::ranges::any_of(analysis.dues,
                           [](const Due& due) { return due.kind != DueKind::soft; }));
  const CitationStatus status = item.citation.status;
  flag(status == CitationStatus::inferred);
  flag(status != CitationStatus::own && status != CitationStatus::none);
  row.emplace_back(kReadingRules);
}

// Where an item stands among those of its meeting. Several files of a meeting that the catalogue
// does not know are kept apart, each in its own order: the page's name says which goes first.
std::int64_t sort_of(const ParsedItem& item, std::string_view page) {
  constexpr std::int64_t kFiles = 1 << 14;
  constexpr std::int64_t kItems = 100'000;
  const auto digest = sha256(page);
  const std::int64_t file =
      item.effective.document.empty() ? ((digest[0] << 8U) | digest[1]) % kFiles : 0;
  return file * kItems + std::min<std::int64_t>(item.ordinal, kItems - 1);
}

void add_item_rows(const FilePlan& plan, const Catalogue& catalogue, const Recogniser& recogniser,
                   Batch& batch) {
  const std::string page = page_key(plan.document);
  const std::string language = language_of(plan.document);
  ChapeauWalk chapeaus(leads_of(plan.document.lines, plan.document.items));
  std::set<std::string_view> themed;
  std::set<std::string_view> recounted;
  for (std::size_t i = 0; i < plan.document.items.size(); ++i) {
    const ParsedItem& item = plan.document.items[i];
    const std::string& id = plan.items[i].commitment;
    const auto parent =
        item.parent_ordinal > 0
            ? plan.items[static_cast<std::size_t>(item.parent_ordinal - 1)].commitment
            : std::string();
    // What persons set of the texts above is told to the items once they are written.
    std::vector<GoverningText> above;
    for (TextAbove& one : chapeaus.at(item, i == 0 ? nullptr : &plan.document.items[i - 1])) {
      above.push_back({std::move(one.text), {}});
    }
    const Analysis analysis = analyse_below(
        item.text,
        context_of(plan.document.language.value_or(Language::en), item, above, recogniser));
    const std::int32_t year =
        item.effective.year != 0 ? item.effective.year : item.citation.year;
    if (!plan.items[i].new_words.empty()) {
      batch.new_words.push_back({plan.items[i].new_words, meeting_of(item), item.effective.document,
                                 std::int64_t{year}, sort_of(item, page),
                                 std::string(to_string(item.role)), plan.id});
    }
    batch.commitments.push_back({id, meeting_of(item), item.effective.document, std::int64_t{year},
                                 sort_of(item, page), std::string(to_string(item.role)),
                                 parent.empty() ? store::Value{} : store::Value{parent},
                                 std::int64_t{analysis.actionable ? 1 : 0}});
    add_counts(item, analysis, batch.commitments.back());
    const std::vector<std::string> themes = plan.items[i].themed
                                                ? themes_of(catalogue, plan.document, item)
                                                : std::vector<std::string>();
    batch.commitments.back().emplace_back(themes.empty() ? std::string() : themes.front());
    add_links(id, "theme", themes, batch);
    // Each looks through all places of the commitment: a text may hold it thousands of times.
    if (!themes.empty() && themed.insert(id).second) {
      batch.themed.push_back({id});
    }
    if (plan.items[i].listed && recounted.insert(id).second) {
      batch.recount.push_back({id});
    }
    add_appearance(plan.id, item, id, batch);
    const bool unchanged = plan.items[i].change == ItemPlan::Change::unchanged;
    if (!unchanged || !themes.empty()) {
      batch.changed.push_back(id);
    }
    if (unchanged) {
      continue;
    }
    batch.texts.push_back({id, language, plan.standing, item.text, plan.id});
    add_links(id, "instrument", distinct_ids(recogniser.instruments(item.text)), batch);
    add_links(id, "institution", distinct_ids(recogniser.institutions(item.text)), batch);
    add_analysis(plan, plan.items[i], item, analysis, batch);
    batch.leaves.push_back(detail::event("commitments.text", id,
                                         {{"language", language},
                                          {"standing", plan.standing},
                                          {"source", plan.id},
                                          {"ordinal", item.ordinal},
                                          {"line", item.line},
                                          {"text_sha256", to_hex(sha256(item.text))}}));
  }
}

Result<void> write_document(store::Transaction& tx, const FilePlan& plan, const Batch& batch,
                            std::size_t size, const ImportOptions& options,
                            const std::string& now) {
  const std::int64_t position = ATALAYA_TRY(detail::advance_counter(tx, "source_documents", 1));
  const ParsedDocument& document = plan.document;
  const std::string lines = joined_lines(document);
  const auto optional = [](const std::string& text) {
    return text.empty() ? store::Value{} : store::Value{text};
  };
  ATALAYA_TRY(tx.execute(
      "INSERT INTO source_documents(id, position, file_name, format, kind, page_key, language, "
      "standing, title, theme, meeting, document, follows, twin_of, shape, bytes, size, lines, "
      "summary, imported_at, imported_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
      {plan.id,
       position,
       plan.file_name,
       plan.format,
       std::string(to_string(document.kind)),
       page_key(document),
       optional(language_of(document)),
       plan.standing,
       document.title,
       document.theme,
       document.meeting,
       document.document,
       optional(plan.follows),
       optional(plan.twin_of),
       shape_of(document),
       batch.bytes,
       static_cast<std::int64_t>(size),
       lines,
       json::serialize(Importer::summary(plan)),
       now,
       options.by}));
  return {};
}

// The version that comes back goes to the end of the row of versions; the one after it takes its
// place. The row keeps what was said when it was imported first; the log says the rest.
Result<void> write_again(store::Transaction& tx, const FilePlan& plan) {
  const std::int64_t position = ATALAYA_TRY(detail::advance_counter(tx, "source_documents", 1));
  const auto before = ATALAYA_TRY(
      tx.query_one("SELECT follows FROM source_documents WHERE id = $1", {plan.id}));
  const std::string follows = before.text_or_empty(0);
  ATALAYA_TRY(tx.execute("UPDATE source_documents SET follows = $2 WHERE follows = $1",
                         {plan.id, follows.empty() ? store::Value{} : store::Value{follows}}));
  ATALAYA_TRY(tx.execute("UPDATE source_documents SET follows = $2, position = $3 WHERE id = $1",
                         {plan.id, plan.follows, position}));
  return {};
}

Result<void> write_around(store::Transaction& tx, const Batch& batch) {
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO paragraphs(source, role, ordinal, label, block, line, line_end, text, notes) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      batch.paragraphs));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO statements_of_position(source, ordinal, actor, on_role, on_ordinal, text, line) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      batch.statements));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO document_states(source, ordinal, printed, country, line) VALUES ($1, $2, $3, "
      "$4, $5)",
      batch.states));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO document_treaties(source, ordinal, printed, printed_year, instrument, line) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      batch.treaties));
  return detail::insert_source_links(tx, batch.source_links);
}

// What the newest version of a page no longer holds, and no other current page does, is kept and
// counted no more.
Result<void> write_gone(store::Transaction& tx, const FilePlan& file) {
  std::vector<store::Parameters> rows;
  for (const auto& id : file.gone) {
    rows.push_back({file.id, id});
  }
  ATALAYA_TRY(tx.execute_many(
      "UPDATE commitments SET gone_from = $1 WHERE id = $2 AND NOT EXISTS (SELECT 1 FROM "
      "appearances a JOIN source_documents s ON s.id = a.source WHERE a.commitment = $2 AND NOT "
      "EXISTS (SELECT 1 FROM source_documents n WHERE n.follows = s.id))",
      rows));
  return {};
}

// Nearly all are new, and a row that is written whole costs the log less than one that is read
// back.
Result<void> write_commitment(store::Transaction& tx, const store::Parameters& row) {
  const std::int64_t added = ATALAYA_TRY(tx.execute(
      "INSERT INTO commitments(id, meeting, document, year, sort, role, parent, theme, actionable, "
      "asking, declaring, dated, citation_inferred, citation_unprinted, reading, held, gone_from) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $15, $8, $9, $10, $11, $12, $13, $14, 1, '') ON CONFLICT "
      "(id) DO NOTHING",
      row));
  if (added == 0) {
    ATALAYA_TRY(tx.execute(
        "UPDATE commitments SET held = 1, gone_from = '', parent = COALESCE(parent, $2), "
        "actionable = CASE WHEN held = 1 THEN actionable ELSE $3 END, reading = CASE WHEN held = 1 "
        "THEN reading ELSE $4 END WHERE id = $1",
        {row[0], row[6], row[7], row[13]}));
  }
  return {};
}

Result<void> write_batch(store::Transaction& tx, const Batch& batch) {
  for (const auto& row : batch.commitments) {
    ATALAYA_TRY(write_commitment(tx, row));
  }
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO commitment_texts(commitment, language, standing, text, source) VALUES ($1, $2, "
      "$3, $4, $5) ON CONFLICT (commitment, language) DO NOTHING",
      batch.texts));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO appearances(source, ordinal, commitment, level, parent_ordinal, role, label, "
      "block, line, line_end, text, citation_raw, citation_document, citation_place, "
      "citation_year, citation_status, effective_document, effective_place, effective_country, "
      "effective_year, effective_meeting) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
      "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21)",
      batch.appearances));
  ATALAYA_TRY(tx.execute_many(detail::kInsertLink, batch.links));
  ATALAYA_TRY(tx.execute_many(detail::kSettleTheme, batch.themed));
  return detail::insert_clauses(tx, batch.clauses, batch.dues);
}

// The text that is shown of a commitment follows the newest version of the page that it came from,
// or what somebody said to be its new words; its clauses follow that text.
Result<void> write_reworded(store::Transaction& tx, const DeskParts& parts, const FilePlan& plan,
                            const Batch& batch, detail::RowRecord& record) {
  if (batch.reworded.empty()) {
    return {};
  }
  const Recogniser recogniser(*parts.catalogue);
  for (const Reworded& item : batch.reworded) {
    const bool said = std::ranges::any_of(plan.items, [&](const ItemPlan& entry) {
      return entry.commitment == item.commitment && !entry.new_words.empty();
    });
    const auto changed = ATALAYA_TRY(tx.execute(
        "UPDATE commitment_texts SET text = $3, source = $4, standing = $5 WHERE commitment = $1 "
        "AND language = $2 AND text <> $3 AND (CAST($7 AS INTEGER) = 1 OR source IN (SELECT id FROM "
        "source_documents WHERE page_key = $6 AND COALESCE(language, '') = $2))",
        {item.commitment, item.language, item.text, plan.id, item.standing,
         page_key(plan.document), std::int64_t{said ? 1 : 0}}));
    const std::string read_from = ATALAYA_TRY(detail::clause_language(tx, item.commitment));
    if (changed > 0 && (read_from.empty() || read_from == item.language)) {
      ATALAYA_TRY(
          detail::replace_clauses(tx, item.commitment, item.clauses, item.dues, record));
    }
    ATALAYA_TRY(detail::make_rule_links(tx, recogniser, item.commitment));
  }
  return {};
}

constexpr std::string_view kKeptReason =
    "another page still has the old words: one commitment, accepted with the import";
constexpr std::string_view kPlaceReason =
    "in other words where the catalogue has the commitment, between its neighbours";

// The ids of the new words stay as rows that hold nothing and are counted nowhere.
Result<void> write_new_words(store::Transaction& tx, const DeskParts& parts, const FilePlan& plan,
                             const ImportOptions& options, const Batch& batch) {
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO commitments(id, meeting, document, year, sort, role, parent, theme, actionable, "
      "held, gone_from) VALUES ($1, $2, $3, $4, $5, $6, NULL, '', 0, 0, $7) ON CONFLICT (id) DO "
      "NOTHING",
      batch.new_words));
  for (const ItemPlan& item : plan.items) {
    if (!item.new_words.empty()) {
      ATALAYA_TRY(detail::write_wording(tx, *parts.ledger,
                                        {item.commitment, item.new_words,
                                         item.kept       ? std::string(kKeptReason)
                                         : item.by_place ? std::string(kPlaceReason)
                                                         : options.same_reason,
                                         options.by, to_string(parts.clock->now())}));
    }
  }
  return {};
}

}  // namespace

ReadRows read_item(const std::string& id, const ParsedItem& item, const std::string& language,
                   std::span<const GoverningText> above, const Recogniser& recogniser) {
  const Language known = parse_language(language).value_or(Language::en);
  return read_rows(id, item, language,
                   analyse_below(item.text, context_of(known, item, above, recogniser)));
}

void add_items(const FilePlan& plan, std::string_view bytes, const Catalogue& catalogue,
               const Recogniser& recogniser, Batch& batch) {
  add_item_rows(plan, catalogue, recogniser, batch);
  if (plan.again) {
    batch.appearances.clear();  // they are held, as is all that stands around them
  } else {
    add_around(plan, batch);
    add_named(plan, recogniser, batch);
    batch.bytes = detail::pack(bytes);
  }
  std::ranges::move(batch.record.leaves(plan.id), std::back_inserter(batch.leaves));
}

// Whether the texts of a page are official is what its newest version says.
Result<void> write_standing(store::Transaction& tx, const FilePlan& plan) {
  if (!plan.follows.empty()) {
    ATALAYA_TRY(tx.execute(
        "UPDATE commitment_texts SET standing = $3 WHERE language = $2 AND standing <> $3 AND "
        "commitment IN (SELECT commitment FROM appearances WHERE source = $1) AND source IN "
        "(SELECT id FROM source_documents WHERE page_key = $4 AND COALESCE(language, '') = $2)",
        {plan.id, language_of(plan.document), plan.standing, page_key(plan.document)}));
  }
  return {};
}

Result<void> write_file(store::Transaction& tx, const DeskParts& parts, const FilePlan& plan,
                        std::size_t size, const ImportOptions& options, const Batch& batch) {
  if (plan.again) {
    ATALAYA_TRY(write_again(tx, plan));
  } else {
    ATALAYA_TRY(write_document(tx, plan, batch, size, options, to_string(parts.clock->now())));
  }
  ATALAYA_TRY(rename_page(tx, plan));
  ATALAYA_TRY(write_batch(tx, batch));
  ATALAYA_TRY(write_around(tx, batch));
  ATALAYA_TRY(write_gone(tx, plan));
  detail::RowRecord record(*parts.database);  // of what only the store knows
  ATALAYA_TRY(write_reworded(tx, parts, plan, batch, record));
  ATALAYA_TRY(write_standing(tx, plan));
  std::vector<ledger::Event> leaves = batch.leaves;
  std::ranges::move(record.leaves(plan.id), std::back_inserter(leaves));
  json::object payload = Importer::summary(plan);
  payload["by"] = options.by;
  leaves.push_back(detail::event("commitments.import", plan.id, payload));
  ATALAYA_TRY(parts.ledger->append(tx, leaves));
  ATALAYA_TRY(tx.execute_many(detail::kRecount, batch.recount));
  ATALAYA_TRY(write_new_words(tx, parts, plan, options, batch));
  ATALAYA_TRY(detail::feed(tx, batch.changed));
  ATALAYA_TRY(detail::feed(tx, plan.gone));
  return detail::feed(tx, {plan.id}, "source");
}

}  // namespace atalaya::commitments
