#pragma once
// One commitment in new words: its clauses are read anew, what a person set is kept, and another
// commitment's rows become its own. Private to the module.

#include <string>
#include <vector>

#include <atalaya/commitments/analysis.hpp>
#include <atalaya/commitments/desk.hpp>

#include "row_digest.hpp"

namespace atalaya::commitments::detail {

/// Columns of recorded_table("clauses").
namespace clause_column {
inline constexpr std::size_t kOwner = 0, kOrdinal = 1, kBegin = 2, kEnd = 3, kVerb = 5,
                             kAddressee = 7, kDeliverable = 9, kDue = 10, kFormulation = 11,
                             kQualifiers = 12, kSetBy = 13, kDueLatest = 16, kDueEvent = 17;
}  // namespace clause_column

/// A link that a rule or the catalogue says; one that a person removed stays removed.
/// $1 commitment, $2 kind, $3 target, $4 position, $5 set_by.
inline constexpr std::string_view kInsertLink =
    "INSERT INTO commitment_links(commitment, kind, target, position, set_by) SELECT $1, $2, $3, "
    "CAST($4 AS INTEGER), CAST($5 AS TEXT) WHERE NOT EXISTS (SELECT 1 FROM link_decisions d WHERE "
    "d.commitment = $1 AND d.kind = $2 AND d.target = $3 AND d.decision = 'remove' AND NOT EXISTS "
    "(SELECT 1 FROM link_decisions n WHERE n.commitment = $1 AND n.kind = $2 AND n.target = $3 AND "
    "n.version > d.version)) ON CONFLICT (commitment, kind, target) DO NOTHING";

/// The main theme is the first that the commitment names. Whoever changes links of themes runs this
/// after. $1 commitment.
inline constexpr std::string_view kSettleTheme =
    "UPDATE commitments SET theme = COALESCE((SELECT l.target FROM commitment_links l WHERE "
    "l.commitment = $1 AND l.kind = 'theme' ORDER BY l.position, l.target LIMIT 1), '') WHERE id = "
    "$1 AND theme <> COALESCE((SELECT l.target FROM commitment_links l WHERE l.commitment = $1 AND "
    "l.kind = 'theme' ORDER BY l.position, l.target LIMIT 1), '')";

/// Links that rules find are those of the texts that are held now: those of words that are held no
/// more go. What persons and the catalogue linked stays.
[[nodiscard]] Result<void> make_rule_links(store::Transaction& tx, const Recogniser& recogniser,
                                           const std::string& commitment);

/// Rows in the order of recorded_table("clauses") and ("dues"); those that are held already stay.
[[nodiscard]] Result<void> insert_clauses(store::Transaction& tx,
                                          const std::vector<store::Parameters>& clauses,
                                          const std::vector<store::Parameters>& dues);

/// What rules read of a clause while a person's words stand: version 0. $1 commitment, $2 ordinal,
/// $3 verb, $4 addressee, $5 deliverable, $6 due, $7 formulation, $8 qualifiers, $9 due_latest,
/// $10 due_event, $11 now.
inline constexpr std::string_view kKeepReading =
    "INSERT INTO clause_versions(commitment, ordinal, version, decision, verb, addressee, "
    "deliverable, due, formulation, qualifiers, due_latest, due_event, reason, set_by, set_at) "
    "VALUES ($1, $2, 0, 'read', $3, $4, $5, $6, $7, $8, $9, $10, '', 'rule', '') ON CONFLICT "
    "(commitment, ordinal, version) DO UPDATE SET verb = $3, addressee = $4, deliverable = $5, due "
    "= $6, formulation = $7, qualifiers = $8, due_latest = $9, due_event = $10";
/// The parameters of kKeepReading, from a row of recorded_table("clauses").
[[nodiscard]] store::Parameters reading_of(const store::Parameters& clause);

/// Says which dates stand: those that rules read, but what persons replaced or withdrew, and those
/// that persons set. Everything that shows or counts dates reads `dues` where nobody withdrew them.
[[nodiscard]] Result<void> settle_dues(store::Transaction& tx, const std::string& commitment);

/// The rows of a commitment in a table that has its id and `ordinal`, by that.
[[nodiscard]] Result<std::vector<store::Parameters>> rows_of_owner(store::Transaction& tx,
                                                                   const RecordedTable& table,
                                                                   const std::string& owner);

/// Puts rule-made rows in the place of those held. What a person set of a clause goes with its
/// number to the new words, as what persons said of `others` does where nobody said anything of the
/// commitment's own; where there is no such number any more, its versions alone keep it. Says
/// again whether the commitment asks for something and which rules read it, and adds what is held
/// then to `record`.
[[nodiscard]] Result<void> replace_clauses(store::Transaction& tx, const std::string& commitment,
                                           std::vector<store::Parameters> clauses,
                                           std::vector<store::Parameters> dues, RowRecord& record,
                                           const std::vector<store::Parameters>& others = {});

/// Gives `clauses` what persons said of the clauses `before` that have the same numbers.
void keep_persons_words(const std::vector<store::Parameters>& before,
                        std::vector<store::Parameters>& clauses);

/// The clauses that rules read now in the text of `language` that is shown; none where no place has
/// that text.
[[nodiscard]] Result<std::vector<store::Parameters>> read_shown_clauses(
    store::Transaction& tx, const Recogniser& recogniser, const std::string& commitment,
    const std::string& language);

/// Reads the clauses anew from the text of `language` that is shown, so that no span is one of
/// other words. `others` are clauses of the commitment that it was joined with: what persons said
/// of them is kept where the text shown is `others_text`.
[[nodiscard]] Result<void> read_clauses_anew(store::Transaction& tx, const Recogniser& recogniser,
                                             const std::string& commitment,
                                             const std::string& language,
                                             const std::vector<store::Parameters>& others,
                                             const std::string& others_text, RowRecord& record);

/// Adds the clauses and dates that are held of a commitment to `record`.
[[nodiscard]] Result<void> record_clauses(store::Transaction& tx, const std::string& commitment,
                                          RowRecord& record);

/// The language whose text the clauses were read from; empty where there are none.
[[nodiscard]] Result<std::string> clause_language(store::Transaction& tx,
                                                  const std::string& commitment);

/// Counts again what `commitments` keeps of clauses, dates and citations of the one with id $1.
inline constexpr std::string_view kRecount =
    "UPDATE commitments SET asking = (SELECT COUNT(*) FROM clauses k WHERE k.commitment = $1 AND "
    "k.formulation <> 'declaratory'), declaring = (SELECT COUNT(*) FROM clauses k WHERE "
    "k.commitment = $1 AND k.formulation = 'declaratory'), dated = CASE WHEN EXISTS (SELECT 1 FROM "
    "dues d WHERE d.commitment = $1 AND d.soft = 0 AND d.withdrawn_by = '') THEN 1 ELSE 0 END, "
    "citation_inferred = CASE "
    "WHEN EXISTS (SELECT 1 FROM appearances a WHERE a.commitment = $1 AND a.citation_status = "
    "'inferred') THEN 1 ELSE 0 END, citation_unprinted = CASE WHEN EXISTS (SELECT 1 FROM "
    "appearances a WHERE a.commitment = $1 AND a.citation_status IN ('from_child', 'from_sibling', "
    "'inferred')) AND NOT EXISTS (SELECT 1 FROM appearances a WHERE a.commitment = $1 AND "
    "a.citation_status = 'own') THEN 1 ELSE 0 END WHERE id = $1";

/// Says again, from its clauses, whether the commitment asks for something, and recounts.
[[nodiscard]] Result<void> set_actionable(store::Transaction& tx, const std::string& commitment);

struct SameWording {
  std::string commitment, later;  // the id that stays, the id of the new words
  std::string reason, by, at;
};

/// Keeps in `wordings` and in the log that `later` is `commitment` in new words.
[[nodiscard]] Result<void> write_wording(store::Transaction& tx, ledger::Ledger& ledger,
                                         const SameWording& said);

/// Makes `said.later` other words of `said.commitment`: its texts, places, clauses, links and
/// antecedents become the commitment's, and its id leads there. Both must have rows.
[[nodiscard]] Result<void> join_commitments(store::Transaction& tx, const DeskParts& parts,
                                            const SameWording& said);

/// Settles the dates of clauses that a person set before readings were kept (migration 0021): until
/// then the rule's date stands beside the person's.
[[nodiscard]] Result<void> settle_older_dates(const DeskParts& parts);

}  // namespace atalaya::commitments::detail
