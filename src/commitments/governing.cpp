#include "governing.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "desk_state.hpp"
#include "wordings.hpp"

namespace atalaya::commitments::detail {
namespace {

// Only what differs from what rules read: the rest of a person's clause is the rule's words.
Result<void> read_set(store::Transaction& tx, const std::string& source, GovernedItems& out) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT k.commitment, k.ordinal, k.verb, k.addressee, k.due, v.verb, v.addressee, v.due, "
      "(SELECT COUNT(*) FROM clauses n WHERE n.commitment = k.commitment AND n.ordinal > "
      "k.ordinal) "
      "FROM clauses k JOIN clause_versions v ON v.commitment = k.commitment AND v.ordinal = "
      "k.ordinal AND v.version = 0 WHERE k.set_by <> 'rule' AND k.commitment IN (SELECT commitment "
      "FROM appearances WHERE source = $1) ORDER BY k.commitment, k.ordinal",
      {source}));
  for (const auto& row : rows) {
    SetClause clause;
    clause.ordinal = static_cast<std::int32_t>(row.integer(1));
    clause.last = row.integer(8) == 0;
    const auto differing = [&](std::size_t column) {
      std::string value = row.text(column);
      return value == row.text(column + 3) ? std::nullopt : std::optional(std::move(value));
    };
    clause.verb = differing(2);
    clause.addressee = differing(3);
    clause.due = differing(4);
    out.set[row.text(0)].push_back(std::move(clause));
  }
  return {};
}

using namespace clause_column;

// Version 0 where there is none yet: what was read before; then what is read now, and why.
Result<void> write_history(store::Transaction& tx, const store::Parameters& before,
                           const store::Parameters& after, const ChangedAbove& change) {
  const auto versions = ATALAYA_TRY(
      tx.query_one("SELECT COUNT(*), COALESCE(MAX(version), 0) FROM clause_versions WHERE "
                   "commitment = $1 AND ordinal = $2",
                   {before[kOwner], before[kOrdinal]}));
  if (versions.integer(0) == 0) {
    ATALAYA_TRY(tx.execute(kKeepReading, reading_of(before)));
  }
  store::Parameters row = reading_of(after);
  row.insert(row.end(), {versions.integer(1) + 1, change.reason, change.by, change.at});
  ATALAYA_TRY(tx.execute(
      "INSERT INTO clause_versions(commitment, ordinal, verb, addressee, deliverable, due, "
      "formulation, qualifiers, due_latest, due_event, version, decision, reason, set_by, set_at) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'read', $12, $13, $14)",
      row));
  return {};
}

// Whether the clauses of the commitment, which stands below a text that was changed, did too.
Result<bool> follow(store::Transaction& tx, const Recogniser& recogniser, const std::string& id,
                    const ChangedAbove& change, RowRecord& record) {
  const auto now =
      ATALAYA_TRY(tx.query_one("SELECT CASE WHEN held = 1 AND reading >= $2 THEN 1 ELSE 0 END FROM "
                               "commitments WHERE id = $1",
                               {id, kReadingRules}));
  const std::string language = ATALAYA_TRY(clause_language(tx, id));
  const auto before = ATALAYA_TRY(rows_of_owner(tx, recorded_table("clauses"), id));
  auto after = ATALAYA_TRY(read_shown_clauses(tx, recogniser, id, language));
  if (now.integer(0) == 0 || after.empty()) {
    return false;
  }
  keep_persons_words(before, after);
  const auto by_rule = [](const store::Parameters& clause) {
    return std::get<std::string>(clause[kSetBy]) == "rule";
  };
  // Beneath a person's words the reading may be another one, to which he or she may go back.
  if (after == before && std::ranges::all_of(before, by_rule)) {
    return false;
  }
  ATALAYA_TRY(read_clauses_anew(tx, recogniser, id, language, {}, "", record));
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (!change.reason.empty() && by_rule(before[i]) && before[i] != after[i]) {
      ATALAYA_TRY(write_history(tx, before[i], after[i], change));
    }
  }
  return after != before;
}

}  // namespace

Result<std::vector<std::string>> follow_above(store::Transaction& tx, const Recogniser& recogniser,
                                              const std::string& commitment,
                                              const ChangedAbove& change, RowRecord& record) {
  std::set<std::string> below;
  const auto sources = ATALAYA_TRY(
      tx.query("SELECT DISTINCT source FROM appearances WHERE commitment = $1", {commitment}));
  for (const auto& source : sources) {
    const auto held = ATALAYA_TRY(read_governed(tx, source.text(0)));
    for (const GovernedItem& one : held.items) {
      if (one.commitment != commitment && held.governs(commitment, one)) {
        below.insert(one.commitment);
      }
    }
  }
  std::vector<std::string> changed;
  for (const std::string& id : below) {
    const bool followed = ATALAYA_TRY(follow(tx, recogniser, id, change, record));
    if (followed) {
      changed.push_back(id);
    }
  }
  return changed;
}

std::vector<GoverningText> GovernedItems::texts_above(const GovernedItem& one) const {
  std::vector<GoverningText> out;
  for (const TextAbove& above : one.above) {
    out.push_back({above.text, {}});
    if (above.ordinal > 0) {
      const auto found = set.find(items[static_cast<std::size_t>(above.ordinal - 1)].commitment);
      out.back().set = found == set.end() ? std::vector<SetClause>() : found->second;
    }
  }
  return out;
}

bool GovernedItems::governs(std::string_view commitment, const GovernedItem& one) const {
  return std::ranges::any_of(one.above, [&](const TextAbove& above) {
    return above.ordinal > 0 &&
           items[static_cast<std::size_t>(above.ordinal - 1)].commitment == commitment;
  });
}

Result<GovernedItems> read_governed(store::Transaction& tx, const std::string& source) {
  GovernedItems out;
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {}, a.commitment FROM appearances a WHERE a.source = $1 ORDER BY "
                  "a.ordinal",
                  kItemColumns),
      {source}));
  std::vector<ParsedItem> items;
  for (const auto& row : rows) {
    items.push_back(item_from(row, 0));
    out.items.push_back({items.back(), row.text(kItemColumnCount), {}});
  }
  const auto held =
      ATALAYA_TRY(tx.query_one("SELECT lines FROM source_documents WHERE id = $1", {source}));
  std::vector<std::string> lines;
  for (const std::string_view line : split(held.text(0), '\n')) {
    lines.emplace_back(line);
  }
  out.leads = leads_of(lines, items);
  ChapeauWalk walk(out.leads);
  for (std::size_t i = 0; i < items.size(); ++i) {
    out.items[i].above = walk.at(items[i], i == 0 ? nullptr : &items[i - 1]);
  }
  ATALAYA_TRY(read_set(tx, source, out));
  return out;
}

}  // namespace atalaya::commitments::detail
