#include "wordings.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include <atalaya/commitments/word_diff.hpp>

#include "desk_state.hpp"

namespace atalaya::commitments {
namespace detail {

using namespace clause_column;

Result<std::vector<store::Parameters>> rows_of_owner(store::Transaction& tx,
                                                     const RecordedTable& table,
                                                     const std::string& owner) {
  std::vector<store::Parameters> out;
  const auto rows =
      ATALAYA_TRY(tx.query(fmt::format("SELECT {} FROM {} WHERE commitment = $1 ORDER BY ordinal",
                                       table.columns, table.name),
                           {owner}));
  for (const auto& row : rows) {
    out.push_back(values_of(row));
  }
  return out;
}

// What a person said of a clause is about what is asked, not about where the words stand.
void keep_persons_words(const std::vector<store::Parameters>& before,
                        std::vector<store::Parameters>& clauses) {
  for (const auto& old : before) {
    if (std::get<std::string>(old[kSetBy]) == "rule") {
      continue;
    }
    const auto same = std::ranges::find_if(
        clauses, [&](const store::Parameters& row) { return row[kOrdinal] == old[kOrdinal]; });
    if (same == clauses.end() || std::get<std::string>((*same)[kSetBy]) != "rule") {
      continue;
    }
    for (const std::size_t column :
         {kVerb, kAddressee, kDeliverable, kDue, kFormulation, kQualifiers, kSetBy}) {
      (*same)[column] = old[column];
    }
  }
}

store::Parameters reading_of(const store::Parameters& clause) {
  store::Parameters out;
  for (const std::size_t column : {kOwner, kOrdinal, kVerb, kAddressee, kDeliverable, kDue,
                                   kFormulation, kQualifiers, kDueLatest, kDueEvent}) {
    out.push_back(clause[column]);
  }
  return out;
}

namespace {

// What a clause says of its date.
struct Dated {
  std::int64_t ordinal = 0;
  std::string by, due;
  std::string read, latest, event;  // by rules
  std::string words;                // the clause's own
  std::optional<std::size_t> own;   // of the dates read, the one that stands in its field

  /// A person set another date than rules read, or none.
  [[nodiscard]] bool decided() const { return by != "rule" && due != read; }
};

struct ReadDate {
  std::int64_t ordinal = 0;
  std::string edtf, kind, printed, latest, event, withdrawn_by;

  /// May be what rules read as the clause's date. One without a day of its own ("at the next
  /// meeting") stands in the clause's words; "as soon as possible" is no date to replace.
  [[nodiscard]] bool is_date_of(const Dated& clause) const {
    return edtf == clause.read &&
           (!edtf.empty() || (kind != "soft" && event == clause.event && latest == clause.latest &&
                              stands_in(clause)));
  }
  [[nodiscard]] bool stands_in(const Dated& clause) const {
    return !printed.empty() && clause.words.find(printed) != std::string::npos;
  }
};

// A clause has one date of those read in it: the one that its form shows. Two clauses of the same
// date have one each where rules read two, else the same.
void find_own_dates(std::vector<Dated>& clauses, const std::vector<ReadDate>& read) {
  std::vector<bool> taken(read.size());
  for (Dated& clause : clauses) {
    int best = 0;
    for (std::size_t i = 0; i < read.size(); ++i) {
      const int fit = (read[i].stands_in(clause) ? 2 : 0) + (taken[i] ? 1 : 2);
      if (read[i].is_date_of(clause) && fit > best) {
        best = fit;
        clause.own = i;
      }
    }
    if (clause.own) {
      taken[*clause.own] = true;
    }
  }
}

Result<std::vector<Dated>> read_dated(store::Transaction& tx, const std::string& commitment) {
  std::vector<Dated> out;
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT k.ordinal, k.set_by, k.due, COALESCE(v.due, k.due), COALESCE(v.due_latest, "
      "k.due_latest), COALESCE(v.due_event, k.due_event), k.span_begin, k.span_end, t.text FROM clauses k LEFT JOIN clause_versions v ON v.commitment = k.commitment "
      "AND v.ordinal = k.ordinal AND v.version = 0 AND k.set_by <> 'rule' LEFT JOIN "
      "commitment_texts t ON t.commitment = k.commitment AND t.language = k.language WHERE "
      "k.commitment = $1 ORDER BY k.ordinal",
      {commitment}));
  for (const auto& row : rows) {
    Dated clause{row.integer(0), row.text(1), row.text(2), row.text(3),
                 row.text(4),    row.text(5), {},          {}};
    const std::string text = row.text_or_empty(8);
    const auto begin = static_cast<std::size_t>(row.integer(6));
    const auto end = static_cast<std::size_t>(row.integer(7));
    if (begin < end && end <= text.size()) {
      clause.words = text.substr(begin, end - begin);
    }
    out.push_back(std::move(clause));
  }
  return out;
}

// A date that rules read stands, but where whoever set the clauses whose date it is replaced or
// withdrew it, and gave it to no other clause. Answers who, "" for nobody.
std::string withdrawn_by(std::size_t at, const ReadDate& date, const std::vector<Dated>& clauses) {
  std::string by;
  for (const Dated& clause : clauses) {
    const bool given = clause.decided() && !date.edtf.empty() && clause.due == date.edtf;
    if (given || (clause.own == at && !clause.decided())) {
      return {};
    }
    if (clause.own == at && by.empty()) {
      by = clause.by;
    }
  }
  return by;
}

// An event of others stays one on another day, and a duty to report a duty; what else rules call a
// date by is the form of its words, which a person's date does not have.
std::string kind_in_place_of(const ReadDate* replaced, std::string_view due) {
  if (replaced != nullptr &&
      (replaced->kind == "scheduled_event" || replaced->kind == "reporting_duty")) {
    return replaced->kind;
  }
  return due.starts_with("R/") ? "recurring" : "deadline";
}

// Each date that a person set counts once, and not where rules read the same.
Result<void> insert_set_dates(store::Transaction& tx, const std::string& commitment,
                              const std::vector<Dated>& clauses,
                              const std::vector<ReadDate>& read) {
  std::vector<std::string> known;
  for (const ReadDate& date : read) {
    if (date.withdrawn_by.empty()) {
      known.push_back(date.edtf);
    }
  }
  for (const Dated& clause : clauses) {
    if (clause.by == "rule" || clause.due.empty() ||
        std::ranges::find(known, clause.due) != known.end()) {
      continue;
    }
    known.push_back(clause.due);
    const ReadDate* own = clause.own ? &read[*clause.own] : nullptr;
    const bool replaces = own != nullptr && !own->withdrawn_by.empty();
    ATALAYA_TRY(tx.execute(
        "INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by, replaces) VALUES "
        "($1, $2, $3, $4, '', 0, $5, $6)",
        {commitment, kDateOfClause + clause.ordinal, clause.due, kind_in_place_of(own, clause.due),
         clause.by, replaces ? own->ordinal : std::int64_t{0}}));
  }
  return {};
}

}  // namespace

Result<void> settle_dues(store::Transaction& tx, const std::string& commitment) {
  ATALAYA_TRY(tx.execute(
      fmt::format("DELETE FROM dues WHERE commitment = $1 AND ordinal > {}", kDateOfClause),
      {commitment}));
  // The latest day and the event are what a rule read of its own date.
  ATALAYA_TRY(tx.execute(
      "UPDATE clauses SET due_latest = COALESCE((SELECT v.due_latest FROM clause_versions v WHERE "
      "v.commitment = $1 AND v.ordinal = clauses.ordinal AND v.version = 0 AND v.due = "
      "clauses.due), ''), due_event = COALESCE((SELECT v.due_event FROM clause_versions v WHERE "
      "v.commitment = $1 AND v.ordinal = clauses.ordinal AND v.version = 0 AND v.due = "
      "clauses.due), '') WHERE commitment = $1 AND set_by <> 'rule'",
      {commitment}));
  auto clauses = ATALAYA_TRY(read_dated(tx, commitment));
  std::vector<ReadDate> read;
  const auto rows = ATALAYA_TRY(
      tx.query("SELECT ordinal, edtf, kind, printed, latest, event, withdrawn_by FROM dues WHERE "
               "commitment = $1 ORDER BY ordinal",
               {commitment}));
  for (const auto& row : rows) {
    read.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5),
                    row.text(6)});
  }
  find_own_dates(clauses, read);
  for (std::size_t i = 0; i < read.size(); ++i) {
    const std::string by = withdrawn_by(i, read[i], clauses);
    if (by != read[i].withdrawn_by) {
      read[i].withdrawn_by = by;
      ATALAYA_TRY(
          tx.execute("UPDATE dues SET withdrawn_by = $3 WHERE commitment = $1 AND ordinal = $2",
                     {commitment, read[i].ordinal, by}));
    }
  }
  return insert_set_dates(tx, commitment, clauses, read);
}

Result<void> make_rule_links(store::Transaction& tx, const Recogniser& recogniser,
                             const std::string& commitment) {
  ATALAYA_TRY(tx.execute(
      "DELETE FROM commitment_links WHERE commitment = $1 AND set_by = 'rule' AND kind <> 'theme'",
      {commitment}));
  const auto texts = ATALAYA_TRY(tx.query(
      "SELECT text FROM commitment_texts WHERE commitment = $1 ORDER BY language", {commitment}));
  std::vector<store::Parameters> rows;
  std::int64_t position = 100;  // after the catalogue's
  for (const auto& text : texts) {
    for (const auto& id : distinct_ids(recogniser.instruments(text.text(0)))) {
      rows.push_back({commitment, std::string("instrument"), id, position++, std::string("rule")});
    }
    for (const auto& id : distinct_ids(recogniser.institutions(text.text(0)))) {
      rows.push_back({commitment, std::string("institution"), id, position++, std::string("rule")});
    }
  }
  ATALAYA_TRY(tx.execute_many(kInsertLink, rows));
  return {};
}

Result<void> insert_clauses(store::Transaction& tx, const std::vector<store::Parameters>& clauses,
                            const std::vector<store::Parameters>& dues) {
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO clauses(commitment, ordinal, span_begin, span_end, language, verb, "
      "verb_printed, addressee, addressee_printed, deliverable, due, formulation, qualifiers, "
      "set_by, depends_on, verb_from_chapeau, due_latest, due_event) VALUES ($1, $2, $3, $4, $5, "
      "$6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT (commitment, "
      "ordinal) DO NOTHING",
      clauses));
  ATALAYA_TRY(tx.execute_many(
      "INSERT INTO dues(commitment, ordinal, edtf, kind, printed, soft, set_by, latest, event) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (commitment, ordinal) DO NOTHING",
      dues));
  return {};
}

Result<void> record_clauses(store::Transaction& tx, const std::string& commitment,
                            RowRecord& record) {
  for (const std::string_view name : {"clauses", "dues"}) {
    const RecordedTable& table = recorded_table(name);
    record.add_none(table, commitment);
    const auto rows = ATALAYA_TRY(rows_of_owner(tx, table, commitment));
    for (const auto& row : rows) {
      record.add(table, row);
    }
  }
  return {};
}

Result<void> replace_clauses(store::Transaction& tx, const std::string& commitment,
                             std::vector<store::Parameters> clauses,
                             std::vector<store::Parameters> dues, RowRecord& record,
                             const std::vector<store::Parameters>& others) {
  const auto before = ATALAYA_TRY(rows_of_owner(tx, recorded_table("clauses"), commitment));
  const auto read = clauses;
  keep_persons_words(before, clauses);
  keep_persons_words(others, clauses);
  std::vector<store::Parameters> readings;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    if (clauses[i] != read[i]) {
      readings.push_back(reading_of(read[i]));
    }
  }
  ATALAYA_TRY(tx.execute_many(kKeepReading, readings));
  ATALAYA_TRY(tx.execute("DELETE FROM clauses WHERE commitment = $1", {commitment}));
  ATALAYA_TRY(tx.execute("DELETE FROM dues WHERE commitment = $1", {commitment}));
  ATALAYA_TRY(insert_clauses(tx, clauses, dues));
  ATALAYA_TRY(settle_dues(tx, commitment));
  ATALAYA_TRY(set_actionable(tx, commitment));
  ATALAYA_TRY(
      tx.execute("UPDATE commitments SET reading = $2 WHERE id = $1", {commitment, kReadingRules}));
  return record_clauses(tx, commitment, record);
}

Result<std::string> clause_language(store::Transaction& tx, const std::string& commitment) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT language FROM clauses WHERE commitment = $1 ORDER BY ordinal LIMIT 1", {commitment}));
  return rows.empty() ? std::string() : rows.front().text(0);
}

Result<void> set_actionable(store::Transaction& tx, const std::string& commitment) {
  ATALAYA_TRY(tx.execute(
      "UPDATE commitments SET actionable = (SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM "
      "clauses WHERE commitment = $1 AND formulation <> 'declaratory') WHERE id = $1",
      {commitment}));
  ATALAYA_TRY(tx.execute(kRecount, {commitment}));
  return {};
}

Result<void> write_wording(store::Transaction& tx, ledger::Ledger& ledger,
                           const SameWording& said) {
  // Whatever was said to be other words of `later` is now other words of `commitment`.
  ATALAYA_TRY(tx.execute("UPDATE wordings SET commitment = $1 WHERE commitment = $2",
                         {said.commitment, said.later}));
  ATALAYA_TRY(tx.execute(
      "INSERT INTO wordings(later, commitment, reason, said_by, said_at) VALUES ($1, $2, $3, $4, "
      "$5)",
      {said.later, said.commitment, said.reason, said.by, said.at}));
  const ledger::Event leaf = event("commitments.same", said.commitment,
                                   {{"later", said.later},
                                    {"commitment", said.commitment},
                                    {"reason", said.reason},
                                    {"by", said.by}});
  ATALAYA_TRY(ledger.append(tx, {&leaf, 1}));
  return {};
}

namespace {

struct Ends {
  std::string commitment, later;
};

std::unexpected<Error> not_same(std::string_view reason, std::string detail) {
  return fail(ErrorCode::invalid_argument, fmt::format("commitments.same.{}", reason),
              std::move(detail));
}

Result<void> check_ends(store::Transaction& tx, Ends& ends) {
  const auto row_of = [&](const std::string& id) {
    return tx.query(
        "SELECT c.meeting, c.year, w.commitment FROM commitments c LEFT JOIN wordings w ON w.later "
        "= c.id WHERE c.id = $1",
        {id});
  };
  const auto later = ATALAYA_TRY(row_of(ends.later));
  auto kept = ATALAYA_TRY(row_of(ends.commitment));
  if (later.empty() || kept.empty()) {
    return fail(Error{ErrorCode::not_found,
                      "commitments.not_found",
                      "no commitment has this id",
                      {{"id", (later.empty() ? ends.later : ends.commitment).substr(0, 60)}}});
  }
  if (!later.front().is_null(2)) {
    return fail(
        ErrorCode::conflict, "commitments.same.exists",
        fmt::format("{} is known already as other words of {}", ends.later, later.front().text(2)));
  }
  if (!kept.front().is_null(2)) {
    ends.commitment = kept.front().text(2);
  }
  if (ends.later == ends.commitment) {
    return not_same("self", "these are one commitment already");
  }
  if (later.front().text(0) != kept.front().text(0)) {
    return not_same("meeting",
                    "the two are of different meetings: link them as antecedents instead");
  }
  const auto together = ATALAYA_TRY(tx.query(
      "SELECT s.file_name FROM appearances a JOIN appearances b ON b.source = a.source JOIN "
      "source_documents s ON s.id = a.source WHERE a.commitment = $1 AND b.commitment = $2 AND NOT "
      "EXISTS (SELECT 1 FROM source_documents n WHERE n.follows = s.id) LIMIT 1",
      {ends.later, ends.commitment}));
  if (!together.empty()) {
    return fail(Error{ErrorCode::invalid_argument,
                      "commitments.same.both_current",
                      fmt::format("both stand in {}, which is current: they are two commitments",
                                  together.front().text(0)),
                      {{"file", together.front().text(0)}}});
  }
  return {};
}

// The newest of the two texts of a language is the one shown.
Result<void> move_texts(store::Transaction& tx, const Ends& ends) {
  ATALAYA_TRY(tx.execute(
      "DELETE FROM commitment_texts WHERE commitment = $1 AND EXISTS (SELECT 1 FROM "
      "commitment_texts n JOIN source_documents s ON s.id = n.source JOIN source_documents o ON "
      "o.id = commitment_texts.source WHERE n.commitment = $2 AND n.language = "
      "commitment_texts.language AND s.position > o.position)",
      {ends.commitment, ends.later}));
  ATALAYA_TRY(tx.execute(
      "DELETE FROM commitment_texts WHERE commitment = $2 AND EXISTS (SELECT 1 FROM "
      "commitment_texts o WHERE o.commitment = $1 AND o.language = commitment_texts.language)",
      {ends.commitment, ends.later}));
  // No UPDATE of the key: the log records rows by it.
  ATALAYA_TRY(
      tx.execute("INSERT INTO commitment_texts(commitment, language, standing, text, source) "
                 "SELECT CAST($1 AS "
                 "TEXT), t.language, t.standing, t.text, t.source FROM commitment_texts t WHERE "
                 "t.commitment = "
                 "$2",
                 {ends.commitment, ends.later}));
  ATALAYA_TRY(tx.execute("DELETE FROM commitment_texts WHERE commitment = $1", {ends.later}));
  return {};
}

Result<void> move_appearances(store::Transaction& tx, const Ends& ends, detail::RowRecord& record) {
  ATALAYA_TRY(tx.execute("UPDATE appearances SET commitment = $1 WHERE commitment = $2",
                         {ends.commitment, ends.later}));
  const auto& table = detail::recorded_table("appearances");
  const auto rows = ATALAYA_TRY(
      tx.query(fmt::format("SELECT {} FROM appearances WHERE commitment = $1", table.columns),
               {ends.commitment}));
  for (const auto& row : rows) {
    record.add(table, detail::values_of(row));
  }
  return {};
}

// The clauses are those of the text that is shown in their language, whichever of the two it is.
Result<void> move_clauses(store::Transaction& tx, const Recogniser& recogniser, const Ends& ends,
                          const std::map<std::string, std::string>& texts_of_later,
                          detail::RowRecord& record) {
  const auto& clauses = detail::recorded_table("clauses");
  const auto others = ATALAYA_TRY(detail::rows_of_owner(tx, clauses, ends.later));
  const std::string language = ATALAYA_TRY(detail::clause_language(tx, ends.later));
  const std::string held = ATALAYA_TRY(detail::clause_language(tx, ends.commitment));
  ATALAYA_TRY(tx.execute("DELETE FROM clauses WHERE commitment = $1", {ends.later}));
  ATALAYA_TRY(tx.execute("DELETE FROM dues WHERE commitment = $1", {ends.later}));
  record.add_none(clauses, ends.later);
  record.add_none(detail::recorded_table("dues"), ends.later);
  const std::string& read_from = held.empty() ? language : held;
  if (read_from.empty()) {
    return detail::record_clauses(tx, ends.commitment, record);
  }
  const auto text = texts_of_later.find(read_from);
  return detail::read_clauses_anew(
      tx, recogniser, ends.commitment, read_from,
      read_from == language ? others : std::vector<store::Parameters>(),
      text == texts_of_later.end() ? std::string() : text->second, record);
}

// A link between the two says nothing any more, nor does one that the commitment has already; the
// others become the commitment's.
Result<void> move_antecedents(store::Transaction& tx, const Ends& ends, std::string_view by,
                              const std::string& now) {
  ATALAYA_TRY(tx.execute(
      "UPDATE antecedents SET later = $1 WHERE later = $2 AND earlier <> $1 AND NOT EXISTS (SELECT "
      "1 FROM antecedents x WHERE x.later = $1 AND x.earlier = antecedents.earlier AND "
      "x.withdrawn_at IS NULL)",
      {ends.commitment, ends.later}));
  ATALAYA_TRY(tx.execute(
      "UPDATE antecedents SET earlier = $1 WHERE earlier = $2 AND later <> $1 AND NOT EXISTS "
      "(SELECT 1 FROM antecedents x WHERE x.earlier = $1 AND x.later = antecedents.later AND "
      "x.withdrawn_at IS NULL)",
      {ends.commitment, ends.later}));
  ATALAYA_TRY(tx.execute(
      "UPDATE antecedents SET withdrawn_by = $2, withdrawn_at = $3 WHERE (later = $1 OR earlier = "
      "$1) AND withdrawn_at IS NULL",
      {ends.later, std::string(by), now}));
  return {};
}

Result<void> move_links(store::Transaction& tx, const Ends& ends) {
  ATALAYA_TRY(tx.execute(
      "INSERT INTO commitment_links(commitment, kind, target, position, set_by) SELECT CAST($1 AS "
      "TEXT), l.kind, l.target, l.position, l.set_by FROM commitment_links l WHERE l.commitment = "
      "$2 AND l.set_by <> 'catalogue' AND NOT EXISTS (SELECT 1 FROM link_decisions d WHERE "
      "d.commitment = $1 AND d.kind = l.kind AND d.target = l.target AND d.decision = 'remove') ON "
      "CONFLICT (commitment, kind, target) DO NOTHING",
      {ends.commitment, ends.later}));
  ATALAYA_TRY(tx.execute("DELETE FROM commitment_links WHERE commitment = $1", {ends.later}));
  ATALAYA_TRY(tx.execute("UPDATE commitments SET parent = $1 WHERE parent = $2",
                         {ends.commitment, ends.later}));
  return {};
}

}  // namespace

Result<void> join_commitments(store::Transaction& tx, const DeskParts& parts,
                              const SameWording& said) {
  const Recogniser recogniser(*parts.catalogue);
  const Ends ends{said.commitment, said.later};
  std::map<std::string, std::string> texts_of_later;
  const auto texts = ATALAYA_TRY(
      tx.query("SELECT language, text FROM commitment_texts WHERE commitment = $1", {ends.later}));
  for (const auto& text : texts) {
    texts_of_later[text.text(0)] = text.text(1);
  }
  const auto source = ATALAYA_TRY(
      tx.query("SELECT a.source FROM appearances a JOIN source_documents s ON s.id = a.source "
               "WHERE a.commitment = $1 ORDER BY s.position DESC LIMIT 1",
               {ends.later}));
  RowRecord record(*parts.database);
  ATALAYA_TRY(move_texts(tx, ends));
  ATALAYA_TRY(move_appearances(tx, ends, record));
  ATALAYA_TRY(move_clauses(tx, recogniser, ends, texts_of_later, record));
  ATALAYA_TRY(move_links(tx, ends));
  for (const auto& id : {ends.commitment, ends.later}) {
    ATALAYA_TRY(tx.execute(kSettleTheme, {id}));
  }
  ATALAYA_TRY(make_rule_links(tx, recogniser, ends.commitment));
  ATALAYA_TRY(move_antecedents(tx, ends, said.by, said.at));
  ATALAYA_TRY(
      tx.execute("UPDATE commitments SET held = 0, gone_from = $2 WHERE id = $1",
                 {ends.later, source.empty() ? std::string("wording") : source.front().text(0)}));
  ATALAYA_TRY(tx.execute(
      "UPDATE commitments SET gone_from = CASE WHEN EXISTS (SELECT 1 FROM appearances a JOIN "
      "source_documents s ON s.id = a.source WHERE a.commitment = $1 AND NOT EXISTS (SELECT 1 "
      "FROM source_documents n WHERE n.follows = s.id)) THEN '' ELSE gone_from END, held = CASE "
      "WHEN EXISTS (SELECT 1 FROM commitment_texts t WHERE t.commitment = $1) THEN 1 ELSE 0 END "
      "WHERE id = $1",
      {ends.commitment}));
  for (const auto& id : {ends.commitment, ends.later}) {
    ATALAYA_TRY(tx.execute(kRecount, {id}));
  }
  ATALAYA_TRY(write_wording(tx, *parts.ledger, said));
  ATALAYA_TRY(parts.ledger->append(tx, record.leaves(ends.commitment)));
  return feed(tx, {ends.commitment, ends.later});
}

}  // namespace detail

Result<void> Desk::say_same(std::string_view later, std::string_view commitment,
                            std::string_view reason, std::string_view by) {
  if (trim(reason).empty() || reason.size() > 2000 || find_invalid_utf8(reason) ||
      detail::has_controls(reason)) {
    return fail(ErrorCode::invalid_argument, "commitments.same.reason",
                "a reason of 1 to 2000 bytes is needed");
  }
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    detail::Ends ends{std::string(commitment), std::string(later)};
    ATALAYA_TRY(detail::check_ends(tx, ends));
    return detail::join_commitments(tx, state_->parts,
                                    {ends.commitment, ends.later, std::string(trim(reason)),
                                     std::string(by), to_string(state_->parts.clock->now())});
  }));
  ++state_->version;
  return {};
}

Result<std::vector<CommitmentRow>> Desk::like_worded(std::string_view id, Language language,
                                                     std::int32_t limit) const {
  constexpr double kLikenessMin = 0.35;  // fewer words in common say nothing
  std::vector<CommitmentRow> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto texts = ATALAYA_TRY(tx.query(
        "SELECT o.commitment, o.text, t.text FROM commitments c JOIN commitment_texts t ON "
        "t.commitment = c.id JOIN commitments d ON d.meeting = c.meeting AND d.id <> c.id "
        "JOIN commitment_texts o ON o.commitment = d.id AND o.language = t.language WHERE "
        "c.id = $1 ORDER BY o.commitment LIMIT 5000",
        {std::string(id)}));
    std::map<std::string, double> best;
    for (const auto& row : texts) {
      double& likeness = best[row.text(0)];
      likeness = std::max(likeness, word_likeness(row.text(1), row.text(2)));
    }
    std::vector<std::pair<double, std::string>> ranked;
    for (const auto& [other, likeness] : best) {
      if (likeness >= kLikenessMin) {
        ranked.emplace_back(-likeness, other);
      }
    }
    std::ranges::sort(ranked);
    std::vector<std::string> ids;
    for (const auto& [likeness, other] : ranked) {
      if (ids.size() < static_cast<std::size_t>(std::max(0, limit))) {
        ids.push_back(other);
      }
    }
    out = ATALAYA_TRY(detail::rows_of(tx, catalogue(), language, ids));
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
