// Reading held texts again. The walk is the same for the report and for the act: it goes through the
// documents in the order of import and reads each text in the place that it is shown from, as an
// import does. The act is one transaction; it writes what differs and says of all that it was read.
#include <atalaya/commitments/reread.hpp>

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include <atalaya/commitments/analysis.hpp>

#include "desk_state.hpp"
#include "governing.hpp"
#include "import_batch.hpp"
#include "wordings.hpp"

namespace atalaya::commitments {
namespace {

using namespace detail::clause_column;
using Rows = std::vector<store::Parameters>;

constexpr std::size_t kDateOrdinal = 1, kDateEdtf = 2, kDateSoft = 5;  // of recorded_table("dues")

const std::string& text_of(const store::Parameters& row, std::size_t column) {
  return std::get<std::string>(row[column]);
}

std::int64_t number_of(const store::Parameters& row, std::size_t column) {
  return std::get<std::int64_t>(row[column]);
}

bool by_rule(const store::Parameters& clause) { return text_of(clause, kSetBy) == "rule"; }

// "instrument:untoc"
using Links = std::set<std::string>;

// The clauses, dates and links of one commitment, as they are held and as they are read now.
struct Pair {
  std::string id, text;
  Rows clauses_before, dates_before;  // dates: those that rules read
  ReadRows after;                     // with persons' words in the clauses
  Rows read;                          // the clauses without them
  Links links_before, links_after;    // those that rules say

  [[nodiscard]] bool persons() const { return !std::ranges::all_of(clauses_before, by_rule); }

  /// Each clause that a person set is a clause of the same words still.
  [[nodiscard]] bool same_cut() const {
    return persons() ? std::ranges::equal(clauses_before, after.clauses,
                                          [](const auto& one, const auto& other) {
                                            return by_rule(one) || overlap(one, other);
                                          })
                     : true;
  }

  /// With a person's words they are always written: what rules read beneath them may differ.
  [[nodiscard]] bool clauses_differ() const {
    return persons() || clauses_before != after.clauses || dates_before != after.dues;
  }

  [[nodiscard]] bool differs() const { return clauses_differ() || links_before != links_after; }

  static bool overlap(const store::Parameters& one, const store::Parameters& other) {
    return number_of(one, kBegin) < number_of(other, kEnd) &&
           number_of(other, kBegin) < number_of(one, kEnd);
  }
};

RereadCounts counts_of(const Rows& clauses, const Rows& dates) {
  RereadCounts out;
  for (const auto& clause : clauses) {
    ++(text_of(clause, kFormulation) == "declaratory" ? out.declaring : out.asking);
  }
  out.actionable = out.asking > 0 ? 1 : 0;
  out.dates = std::ranges::count_if(
      dates, [](const auto& date) { return number_of(date, kDateSoft) == 0; });
  return out;
}

ReadClause shown(const store::Parameters& row, const std::string& text) {
  const auto begin = static_cast<std::size_t>(number_of(row, kBegin));
  const auto end = static_cast<std::size_t>(number_of(row, kEnd));
  return {begin < end && end <= text.size() ? text.substr(begin, end - begin) : std::string(),
          text_of(row, kVerb),
          text_of(row, kAddressee),
          text_of(row, kDeliverable),
          text_of(row, kDue),
          text_of(row, kFormulation),
          text_of(row, kSetBy)};
}

std::vector<std::string> edtf_of(const Rows& dates) {
  std::vector<std::string> out;
  for (const auto& date : dates) {
    out.push_back(text_of(date, kDateEdtf));
  }
  return out;
}

RereadCommitment report_of(const Pair& pair, const std::string& file, std::int32_t line) {
  RereadCommitment out;
  out.id = pair.id;
  out.file = file;
  out.line = line;
  const std::size_t count = std::max(pair.clauses_before.size(), pair.after.clauses.size());
  for (std::size_t i = 0; i < count; ++i) {
    RereadClause clause;
    clause.ordinal = static_cast<std::int32_t>(i) + 1;
    if (i < pair.clauses_before.size()) {
      clause.before = shown(pair.clauses_before[i], pair.text);
    }
    if (i < pair.after.clauses.size()) {
      clause.after = shown(pair.after.clauses[i], pair.text);
    }
    if (clause.before != clause.after) {
      out.clauses.push_back(std::move(clause));
    }
  }
  if (pair.dates_before != pair.after.dues) {
    out.dates_before = edtf_of(pair.dates_before);
    out.dates_after = edtf_of(pair.after.dues);
  }
  std::ranges::set_difference(pair.links_before, pair.links_after,
                              std::back_inserter(out.links_before));
  std::ranges::set_difference(pair.links_after, pair.links_before,
                              std::back_inserter(out.links_after));
  out.kept = pair.same_cut() ? RereadCommitment::Kept::no : RereadCommitment::Kept::clause;
  return out;
}

// What a person or the catalogue linked is not said by rules, and what a person removed is not said.
Result<void> read_links(store::Transaction& tx, const Recogniser& recogniser, Pair& pair) {
  const auto key = [](const store::Row& row) { return row.text(0) + ":" + row.text(1); };
  Links others;
  const auto held = ATALAYA_TRY(tx.query(
      "SELECT kind, target, set_by FROM commitment_links WHERE commitment = $1 AND kind IN "
      "('instrument', 'institution')",
      {pair.id}));
  for (const auto& row : held) {
    (row.text(2) == "rule" ? pair.links_before : others).insert(key(row));
  }
  const auto removed = ATALAYA_TRY(tx.query(
      "SELECT d.kind, d.target FROM link_decisions d WHERE d.commitment = $1 AND d.decision = "
      "'remove' AND NOT EXISTS (SELECT 1 FROM link_decisions n WHERE n.commitment = d.commitment "
      "AND n.kind = d.kind AND n.target = d.target AND n.version > d.version)",
      {pair.id}));
  for (const auto& row : removed) {
    others.insert(key(row));
  }
  const auto texts = ATALAYA_TRY(
      tx.query("SELECT text FROM commitment_texts WHERE commitment = $1", {pair.id}));
  for (const auto& text : texts) {
    for (const auto& id : distinct_ids(recogniser.instruments(text.text(0)))) {
      pair.links_after.insert("instrument:" + id);
    }
    for (const auto& id : distinct_ids(recogniser.institutions(text.text(0)))) {
      pair.links_after.insert("institution:" + id);
    }
  }
  std::erase_if(pair.links_after, [&](const std::string& link) { return others.contains(link); });
  return {};
}

class Walk {
 public:
  using Visit = std::function<Result<void>(const Pair&, const std::string& file, std::int32_t line)>;

  Walk(store::Transaction& tx, const Recogniser& recogniser, Visit visit)
      : tx_(tx), recogniser_(recogniser), visit_(std::move(visit)) {}

  Result<void> run() {
    const auto sources = ATALAYA_TRY(
        tx_.query("SELECT id, file_name, language FROM source_documents ORDER BY position"));
    for (const auto& source : sources) {
      ATALAYA_TRY(walk_source(source.text(0), source.text(1), source.text_or_empty(2)));
    }
    return {};
  }

 private:
  Result<void> walk_source(const std::string& source, const std::string& file,
                           const std::string& language) {
    // Of commitments that an earlier program read: the text that is shown from here, and the
    // language that its clauses were read in.
    const auto rows = ATALAYA_TRY(tx_.query(
        "SELECT a.ordinal, t.text, (SELECT k.language FROM clauses k WHERE k.commitment = "
        "t.commitment ORDER BY k.ordinal LIMIT 1) FROM appearances a JOIN commitments c ON c.id = "
        "a.commitment AND c.held = 1 AND c.reading < $2 JOIN commitment_texts t ON t.commitment = "
        "c.id AND t.source = a.source WHERE a.source = $1 ORDER BY a.ordinal",
        {source, kReadingRules}));
    if (rows.empty()) {
      return {};
    }
    const auto held = ATALAYA_TRY(detail::read_governed(tx_, source));
    for (const auto& row : rows) {
      const detail::GovernedItem& one = held.items.at(static_cast<std::size_t>(row.integer(0) - 1));
      const bool here = row.text(1) == one.item.text && (row.is_null(2) || row.text(2) == language);
      if (here && done_.insert(one.commitment).second) {
        ATALAYA_TRY(read(one.commitment, one.item, language, held.texts_above(one), file));
      }
    }
    return {};
  }

  Result<void> read(const std::string& id, const ParsedItem& item, const std::string& language,
                    const std::vector<GoverningText>& above, const std::string& file) {
    Pair pair{id, item.text, {}, {}, read_item(id, item, language, above, recogniser_), {}, {}, {}};
    ATALAYA_TRY(read_links(tx_, recogniser_, pair));
    pair.read = pair.after.clauses;
    pair.clauses_before =
        ATALAYA_TRY(detail::rows_of_owner(tx_, detail::recorded_table("clauses"), id));
    pair.dates_before = ATALAYA_TRY(detail::rows_of_owner(tx_, detail::recorded_table("dues"), id));
    std::erase_if(pair.dates_before, [](const auto& date) {
      return number_of(date, kDateOrdinal) > kDateOfClause;
    });
    detail::keep_persons_words(pair.clauses_before, pair.after.clauses);
    return visit_(pair, file, item.line);
  }

  store::Transaction& tx_;
  const Recogniser& recogniser_;
  const Visit visit_;
  std::set<std::string> done_;  // commitments
};

Result<HeldReadings> count_readings(store::Transaction& tx) {
  const auto row = ATALAYA_TRY(tx.query_one(
      "SELECT COUNT(*), COALESCE(SUM(CASE WHEN reading < $1 THEN 1 ELSE 0 END), 0) FROM "
      "commitments WHERE held = 1",
      {kReadingRules}));
  return HeldReadings{row.integer(0), row.integer(1)};
}

Result<RereadCounts> count_held(store::Transaction& tx) {
  const auto row = ATALAYA_TRY(
      tx.query_one("SELECT COALESCE(SUM(asking), 0), COALESCE(SUM(declaring), 0), "
                   "COALESCE(SUM(actionable), 0) FROM commitments WHERE held = 1"));
  const auto dates = ATALAYA_TRY(
      tx.query_one("SELECT COUNT(*) FROM dues d JOIN commitments c ON c.id = d.commitment WHERE "
                   "c.held = 1 AND d.set_by = 'rule' AND d.soft = 0"));
  return RereadCounts{row.integer(0), row.integer(1), row.integer(2), dates.integer(0)};
}

// Every write moves one of them.
Result<std::int64_t> state_of_desk(store::Transaction& tx) {
  const auto row = ATALAYA_TRY(tx.query_one("SELECT COALESCE(SUM(value), 0) FROM counters"));
  return row.integer(0);
}

// An outcome is recorded of a date by its number: that date must be the same one afterwards.
bool loses_date(const Pair& pair, const std::vector<std::int64_t>& recorded) {
  const auto find = [](const Rows& dates, std::int64_t number) {
    const auto at = std::ranges::find_if(
        dates, [&](const auto& date) { return number_of(date, kDateOrdinal) == number; });
    return at == dates.end() ? std::string() : text_of(*at, kDateEdtf);
  };
  return std::ranges::any_of(recorded, [&](std::int64_t number) {
    const bool of_rule = number > 0 && number <= kDateOfClause;
    return (number == 0 && pair.dates_before.size() != pair.after.dues.size()) ||
           (of_rule && find(pair.dates_before, number) != find(pair.after.dues, number));
  });
}

json::object json_of(const RereadCounts& counts) {
  return {{"asking", counts.asking},
          {"declaring", counts.declaring},
          {"actionable", counts.actionable},
          {"dates", counts.dates}};
}

void add(RereadCounts& sum, const RereadCounts& less, const RereadCounts& more) {
  sum.asking += more.asking - less.asking;
  sum.declaring += more.declaring - less.declaring;
  sum.actionable += more.actionable - less.actionable;
  sum.dates += more.dates - less.dates;
}

// What reading again would change, before persons are asked for the outcomes that they recorded.
struct Plan {
  RereadReport report;
  std::vector<Pair> dates_change;  // of commitments some of whose dates would be others
  std::int64_t based_on = 0;
};

Result<Plan> make_plan(store::Transaction& tx, const Recogniser& recogniser) {
  Plan plan;
  plan.based_on = ATALAYA_TRY(state_of_desk(tx));
  const HeldReadings readings = ATALAYA_TRY(count_readings(tx));
  plan.report.held = readings.held;
  plan.report.earlier = readings.earlier;
  plan.report.before = plan.report.after = ATALAYA_TRY(count_held(tx));
  if (readings.earlier == 0) {
    return plan;
  }
  Walk walk(tx, recogniser,
            [&](const Pair& pair, const std::string& file, std::int32_t line) -> Result<void> {
              if (!pair.differs()) {
                return {};
              }
              RereadCommitment one = report_of(pair, file, line);
              const bool dates = pair.dates_before != pair.after.dues;
              if (one.kept == RereadCommitment::Kept::no) {
                add(plan.report.after, counts_of(pair.clauses_before, pair.dates_before),
                    counts_of(pair.after.clauses, pair.after.dues));
              }
              if (dates && one.kept == RereadCommitment::Kept::no) {
                plan.dates_change.push_back(pair);
              }
              const bool links = pair.links_before != pair.links_after;
              if (!one.clauses.empty() || dates || links || one.kept != RereadCommitment::Kept::no) {
                plan.report.changed.push_back(std::move(one));
              }
              return {};
            });
  ATALAYA_TRY(walk.run());
  return plan;
}

Result<void> keep_outcomes(Plan& plan, const RereadOptions& options) {
  for (const Pair& pair : plan.dates_change) {
    const auto recorded =
        options.recorded ? ATALAYA_TRY(options.recorded(pair.id)) : std::vector<std::int64_t>();
    if (loses_date(pair, recorded)) {
      std::ranges::find(plan.report.changed, pair.id, &RereadCommitment::id)->kept =
          RereadCommitment::Kept::date;
      add(plan.report.after, counts_of(pair.after.clauses, pair.after.dues),
          counts_of(pair.clauses_before, pair.dates_before));
    }
  }
  return {};
}

Result<void> apply_plan(store::Transaction& tx, const DeskParts& parts, const Recogniser& recogniser,
                        const Plan& plan, const RereadOptions& options) {
  const std::int64_t now = ATALAYA_TRY(state_of_desk(tx));
  if (now != plan.based_on) {
    return fail(ErrorCode::conflict, "commitments.reread.stale",
                "somebody changed commitments meanwhile; read again once more");
  }
  std::set<std::string> kept;
  for (const auto& one : plan.report.changed) {
    if (one.kept != RereadCommitment::Kept::no) {
      kept.insert(one.id);
    }
  }
  std::vector<std::string> changed;
  detail::RowRecord record(*parts.database);
  Walk walk(tx, recogniser, [&](const Pair& pair, const std::string&, std::int32_t) -> Result<void> {
    if (!pair.differs() || kept.contains(pair.id)) {
      return {};
    }
    changed.push_back(pair.id);
    if (pair.links_before != pair.links_after) {
      ATALAYA_TRY(detail::make_rule_links(tx, recogniser, pair.id));
    }
    return pair.clauses_differ()
               ? detail::replace_clauses(tx, pair.id, pair.read, pair.after.dues, record)
               : Result<void>();
  });
  ATALAYA_TRY(walk.run());
  ATALAYA_TRY(tx.execute("UPDATE commitments SET reading = $1 WHERE held = 1 AND reading < $1",
                         {kReadingRules}));
  std::vector<ledger::Event> leaves = record.leaves("commitments");
  leaves.push_back(detail::event("commitments.reread", fmt::format("rules-{}", kReadingRules),
                                 {{"rules", kReadingRules},
                                  {"texts", plan.report.earlier},
                                  {"changed", changed.size()},
                                  {"kept", kept.size()},
                                  {"before", json_of(plan.report.before)},
                                  {"after", json_of(plan.report.after)},
                                  {"by", options.by}}));
  ATALAYA_TRY(parts.ledger->append(tx, leaves));
  return detail::feed(tx, changed);
}

}  // namespace

Result<HeldReadings> Desk::held_readings() const {
  HeldReadings out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(count_readings(tx));
    return {};
  }));
  return out;
}

Result<RereadReport> Desk::reread(const RereadOptions& options) {
  const Recogniser recogniser(catalogue());
  Plan plan;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    plan = ATALAYA_TRY(make_plan(tx, recogniser));
    return {};
  }));
  ATALAYA_TRY(keep_outcomes(plan, options));
  if (!options.dry_run && plan.report.earlier > 0) {
    ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) {
      return apply_plan(tx, state_->parts, recogniser, plan, options);
    }));
    ++state_->version;
  }
  return std::move(plan.report);
}

}  // namespace atalaya::commitments
