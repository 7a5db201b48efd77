// What a person sets of a clause in the place of what rules read. Every decision is kept with who,
// when and why; whoever changes a clause names the version that he or she saw, so that nobody's
// work is overwritten unread; and what rules read is never lost.
#include <algorithm>

#include <fmt/format.h>

#include "characters.hpp"
#include "desk_state.hpp"
#include "governing.hpp"
#include "row_digest.hpp"
#include "wordings.hpp"

namespace atalaya::commitments {
namespace {

constexpr std::string_view kFormulations[] = {"firm", "qualified", "hortatory", "declaratory"};
constexpr std::size_t kQualifiersMax = 50;

// One day, month, year or decade that exists ("2031", "2031-12", "2031-12-01", "203X"), with "~" or
// "?" behind it where it is not certain; its first day, for comparing.
std::optional<CivilDate> first_day(std::string_view date) {
  if (date.ends_with('~') || date.ends_with('?')) {
    date.remove_suffix(1);
  }
  std::string whole(date);
  if (date.size() == 4 && date.back() == 'X') {
    whole.back() = '1';
  }
  constexpr std::string_view kRest = "0001-01-01";
  if (whole.size() != 4 && whole.size() != 7 && whole.size() != kRest.size()) {
    return std::nullopt;
  }
  whole += kRest.substr(whole.size());
  const auto day = parse_civil_date(whole);
  return day ? std::optional(*day) : std::nullopt;
}

bool is_duration(std::string_view text) {
  if (text.size() < 3 || text.size() > 5 || text.front() != 'P') {
    return false;
  }
  return std::string_view("YMD").find(text.back()) != std::string_view::npos &&
         text.substr(1, text.size() - 2).find_first_not_of("0123456789") == std::string_view::npos;
}

// The part of EDTF (ISO 8601-2, level 1, and "203X") that rules write and pages can say.
bool is_due(std::string_view due) {
  if (due.empty() || is_duration(due) || (due.starts_with("R/") && is_duration(due.substr(2)))) {
    return true;
  }
  const std::size_t slash = due.find('/');
  if (slash == std::string_view::npos) {
    return first_day(due).has_value();
  }
  const std::string_view from = due.substr(0, slash);
  const std::string_view to = due.substr(slash + 1);
  const auto begin = first_day(from);
  const auto end = first_day(to);
  return (begin && (to == ".." || (end && *begin <= *end))) || (from == ".." && end);
}

// A browser sends line breaks as CR LF, and counts each as one character.
std::string unix_lines(std::string_view text) {
  std::string out(trim(text));
  std::erase(out, '\r');
  return out;
}

std::unexpected<Error> bad(std::string_view reason, std::string detail,
                           std::vector<std::pair<std::string, std::string>> params = {}) {
  return fail(Error{ErrorCode::invalid_argument, fmt::format("commitments.clause.{}", reason),
                    std::move(detail), std::move(params)});
}

Result<void> check_texts(const ClauseEdit& edit) {
  std::string qualifiers;
  for (const auto& qualifier : edit.qualifiers) {
    qualifiers += qualifier + "\n";
  }
  for (const std::string_view text :
       {std::string_view(edit.verb), std::string_view(edit.addressee),
        std::string_view(edit.deliverable), std::string_view(edit.due),
        std::string_view(qualifiers), std::string_view(edit.reason)}) {
    if (find_invalid_utf8(text) || detail::has_controls(text)) {
      return bad("controls", "the clause or the reason has characters that cannot be seen");
    }
  }
  if (detail::characters(edit.verb) > kClauseVerbMax ||
      detail::characters(edit.deliverable) > kClauseTextMax ||
      detail::characters(qualifiers) > kClauseTextMax || edit.qualifiers.size() > kQualifiersMax) {
    return bad("bad",
               "the verb has at most 200 characters, what is asked and the qualifiers at "
               "most 4000 each; at most 50 qualifiers");
  }
  if (edit.reason.empty() || detail::characters(edit.reason) > kReasonMax) {
    return bad("reason", "a reason of 1 to 500 characters is needed");
  }
  return {};
}

Result<void> check_values(const ClauseEdit& edit) {
  if (std::ranges::find(kFormulations, edit.formulation) == std::end(kFormulations)) {
    return bad("formulation", "the formulation is none of firm, qualified, hortatory, declaratory");
  }
  if (!is_due(edit.due)) {
    return bad("due",
               "the due date is no date that exists; EDTF like 2031, 2031-12, 2031-12-01, "
               "../2031-12, 2030/2031, 203X, P3Y or R/P1Y is taken, or nothing",
               {{"due", edit.due.substr(0, 40)}});
  }
  if (edit.verb.empty() && edit.deliverable.empty() && edit.due.empty() &&
      edit.qualifiers.empty()) {
    return bad("empty",
               "a clause without any words says nothing; to undo what a person set, go "
               "back to what rules read");
  }
  if (trim(edit.verb).empty() && edit.formulation != "declaratory") {
    return bad("verb",
               "a clause that asks for something says with a verb what; without one it is "
               "declaratory");
  }
  return {};
}

std::string json_of(const std::vector<std::string>& qualifiers) {
  json::array out;
  for (const auto& qualifier : qualifiers) {
    out.emplace_back(qualifier);
  }
  return json::serialize(out);
}

ClauseVersion version_from(const store::Row& row) {
  ClauseVersion out;
  out.ordinal = static_cast<std::int32_t>(row.integer(0));
  out.version = row.integer(1);
  out.decision = row.text(2);
  out.verb = row.text(3);
  out.addressee = row.text(4);
  out.deliverable = row.text(5);
  out.due = row.text(6);
  out.formulation = row.text(7);
  const auto parsed = parse_json(row.text(8), "qualifiers");
  if (parsed && parsed->is_array()) {
    for (const auto& qualifier : parsed->as_array()) {
      if (const auto* text = qualifier.if_string()) {
        out.qualifiers.emplace_back(*text);
      }
    }
  }
  out.reason = row.text(9);
  out.set_by = row.text(10);
  out.set_at = row.text(11);
  return out;
}

Result<std::vector<ClauseVersion>> read_versions(store::Transaction& tx, const std::string& id) {
  std::vector<ClauseVersion> out;
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT ordinal, version, decision, verb, addressee, deliverable, due, formulation, "
      "qualifiers, reason, set_by, set_at FROM clause_versions WHERE commitment = $1 ORDER "
      "BY ordinal, version",
      {id}));
  std::ranges::transform(rows, std::back_inserter(out), version_from);
  return out;
}

// One act of a person: the clause as it is, and as it is to be.
class Act {
 public:
  Act(store::Transaction& tx, const Catalogue& catalogue, std::string id, ClauseEdit edit)
      : tx_(tx), catalogue_(catalogue), id_(std::move(id)), edit_(std::move(edit)) {}

  Result<void> check_and_write(const std::string& now) {
    ATALAYA_TRY(read());
    ATALAYA_TRY(keep_reading());
    if (edit_.back) {
      ATALAYA_TRY(take_reading());
    }
    if (edit_.addressee != std::get<std::string>(held_[7]) && !edit_.back && !is_addressee()) {
      return bad("addressee",
                 "whom a clause asks is one of the list: a kind of addressee or a body "
                 "of the catalogue",
                 {{"addressee", edit_.addressee.substr(0, 60)}});
    }
    const auto dates = ATALAYA_TRY(standing());
    ATALAYA_TRY(write(now));
    ATALAYA_TRY(detail::settle_dues(tx_, id_));
    ATALAYA_TRY(detail::set_actionable(tx_, id_));
    return keep_outcomes(dates);
  }

  [[nodiscard]] json::object payload() const {
    json::object out{{"ordinal", edit_.ordinal},
                     {"version", edit_.version + 1},
                     {"verb", edit_.verb},
                     {"addressee", edit_.addressee},
                     {"deliverable", edit_.deliverable},
                     {"due", edit_.due},
                     {"formulation", edit_.formulation},
                     {"reason", edit_.reason},
                     {"by", edit_.back ? std::string("rule") : edit_.set_by}};
    json::array qualifiers;
    for (const auto& qualifier : edit_.qualifiers) {
      qualifiers.emplace_back(qualifier);
    }
    out["qualifiers"] = qualifiers;
    if (edit_.back) {
      out["back_by"] = edit_.set_by;
    }
    if (!edit_.account.empty()) {
      out["account"] = edit_.account;
    }
    return out;
  }

  /// The row as it is now.
  [[nodiscard]] Result<store::Parameters> row() const {
    const auto rows = ATALAYA_TRY(
        tx_.query(fmt::format("SELECT {} FROM clauses WHERE commitment = $1 AND ordinal = $2",
                              detail::recorded_table("clauses").columns),
                  {id_, std::int64_t{edit_.ordinal}}));
    if (rows.empty()) {
      return fail(ErrorCode::not_found, "commitments.clause.not_found",
                  "this commitment has no clause of that number");
    }
    return detail::values_of(rows.front());
  }

 private:
  Result<void> read() {
    held_ = ATALAYA_TRY(row());
    versions_ = ATALAYA_TRY(read_versions(tx_, id_));
    std::erase_if(versions_, [&](const auto& one) { return one.ordinal != edit_.ordinal; });
    const std::int64_t newest = versions_.empty() ? 0 : versions_.back().version;
    if (newest != edit_.version) {
      return fail(
          Error{ErrorCode::conflict,
                "commitments.clause.changed",
                fmt::format("somebody changed this clause in the meantime: version {} is the "
                            "newest; read it first",
                            newest),
                {{"version", std::to_string(newest)}}});
    }
    return {};
  }

  [[nodiscard]] bool read_by_rules() const { return std::get<std::string>(held_[13]) == "rule"; }

  // Version 0: of a clause that rules read, as it stands; of one that a person set before readings
  // were kept, what rules read in the text that is shown.
  Result<void> keep_reading() {
    std::optional<store::Parameters> reading;
    if (read_by_rules()) {
      reading = held_;
    } else if (versions_.empty() || versions_.front().version != 0) {
      const Recogniser recogniser(catalogue_);
      const auto read = ATALAYA_TRY(
          detail::read_shown_clauses(tx_, recogniser, id_, std::get<std::string>(held_[4])));
      const auto same = std::ranges::find_if(
          read, [&](const store::Parameters& one) { return one[1] == held_[1]; });
      if (same != read.end()) {
        reading = *same;
      }
    }
    if (reading) {
      ATALAYA_TRY(tx_.execute(detail::kKeepReading, detail::reading_of(*reading)));
      versions_ = ATALAYA_TRY(read_versions(tx_, id_));
      std::erase_if(versions_, [&](const auto& one) { return one.ordinal != edit_.ordinal; });
    }
    return {};
  }

  Result<void> take_reading() {
    if (read_by_rules() || versions_.empty() || versions_.front().version != 0) {
      return fail(ErrorCode::conflict, "commitments.clause.unread",
                  "rules read this clause, or nothing is known of what they read");
    }
    const ClauseVersion& reading = versions_.front();
    edit_.verb = reading.verb;
    edit_.addressee = reading.addressee;
    edit_.deliverable = reading.deliverable;
    edit_.due = reading.due;
    edit_.formulation = reading.formulation;
    edit_.qualifiers = reading.qualifiers;
    return {};
  }

  [[nodiscard]] bool is_addressee() const {
    return std::ranges::find(kAddressees, edit_.addressee) != std::end(kAddressees) ||
           catalogue_.find_institution(edit_.addressee) != nullptr;
  }

  Result<void> write(const std::string& now) {
    const std::string qualifiers = json_of(edit_.qualifiers);
    const std::int64_t ordinal = edit_.ordinal;
    ATALAYA_TRY(tx_.execute(
        "UPDATE clauses SET verb = $3, addressee = $4, deliverable = $5, due = $6, formulation = "
        "$7, qualifiers = $8, set_by = $9 WHERE commitment = $1 AND ordinal = $2",
        {id_, ordinal, edit_.verb, edit_.addressee, edit_.deliverable, edit_.due, edit_.formulation,
         qualifiers, edit_.back ? std::string("rule") : edit_.set_by}));
    if (edit_.back) {
      ATALAYA_TRY(tx_.execute(
          "UPDATE clauses SET due_latest = (SELECT v.due_latest FROM clause_versions v WHERE "
          "v.commitment = $1 AND v.ordinal = $2 AND v.version = 0), due_event = (SELECT "
          "v.due_event "
          "FROM clause_versions v WHERE v.commitment = $1 AND v.ordinal = $2 AND v.version = 0) "
          "WHERE commitment = $1 AND ordinal = $2",
          {id_, ordinal}));
    }
    ATALAYA_TRY(tx_.execute(
        "INSERT INTO clause_versions(commitment, ordinal, version, decision, verb, addressee, "
        "deliverable, due, formulation, qualifiers, reason, set_by, set_at) VALUES ($1, $2, $3, "
        "$4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        {id_, ordinal, edit_.version + 1, std::string(edit_.back ? "back" : "set"), edit_.verb,
         edit_.addressee, edit_.deliverable, edit_.due, edit_.formulation, qualifiers, edit_.reason,
         edit_.set_by, now}));
    return {};
  }

  // The numbers of the dates that count, and of those in whose place they stand.
  Result<std::vector<std::int64_t>> standing() {
    std::vector<std::int64_t> out;
    const auto rows = ATALAYA_TRY(tx_.query(
        "SELECT ordinal, replaces FROM dues WHERE commitment = $1 AND withdrawn_by = ''", {id_}));
    for (const auto& row : rows) {
      out.push_back(row.integer(0));
      out.push_back(row.integer(1));
    }
    return out;
  }

  // What was recorded of a date goes with the one in its place; without one it would be of nothing.
  Result<void> keep_outcomes(const std::vector<std::int64_t>& before) {
    const auto after = ATALAYA_TRY(standing());
    for (const std::int64_t number : edit_.dates_recorded) {
      const bool lost = number == 0 ? !before.empty() && after.empty()
                                    : std::ranges::find(before, number) != before.end() &&
                                          std::ranges::find(after, number) == after.end();
      if (lost) {
        return fail(Error{ErrorCode::conflict,
                          "commitments.clause.outcome",
                          fmt::format("the register of outcomes records what became of date {}, "
                                      "which would be no more: withdraw that record first",
                                      number),
                          {{"number", std::to_string(number)}}});
      }
    }
    return {};
  }

  store::Transaction& tx_;
  const Catalogue& catalogue_;
  const std::string id_;
  ClauseEdit edit_;
  store::Parameters held_;
  std::vector<ClauseVersion> versions_;  // of this clause
};

// The readings that are not held of the clauses that persons set; false where none can be had.
Result<bool> keep_readings(store::Transaction& tx, const Recogniser& recogniser,
                           const std::string& id) {
  const auto held = ATALAYA_TRY(detail::rows_of_owner(tx, detail::recorded_table("clauses"), id));
  const std::string language = ATALAYA_TRY(detail::clause_language(tx, id));
  const auto read = ATALAYA_TRY(detail::read_shown_clauses(tx, recogniser, id, language));
  bool any = false;
  for (const auto& clause : held) {
    const auto reading = std::ranges::find_if(
        read, [&](const store::Parameters& one) { return one[1] == clause[1]; });
    if (std::get<std::string>(clause[13]) != "rule" && reading != read.end()) {
      ATALAYA_TRY(tx.execute(detail::kKeepReading, detail::reading_of(*reading)));
      any = true;
    }
  }
  return any;
}

}  // namespace

Result<void> detail::settle_older_dates(const DeskParts& parts) {
  std::vector<std::string> ids;
  ATALAYA_TRY(parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(tx.query(
        "SELECT DISTINCT v.commitment FROM clause_versions v JOIN clauses k ON k.commitment = "
        "v.commitment AND k.ordinal = v.ordinal WHERE v.version = 1 AND v.set_at = '' AND k.set_by "
        "<> 'rule' AND NOT EXISTS (SELECT 1 FROM clause_versions r WHERE r.commitment = "
        "v.commitment AND r.ordinal = v.ordinal AND r.version = 0) ORDER BY v.commitment"));
    for (const auto& row : rows) {
      ids.push_back(row.text(0));
    }
    return {};
  }));
  if (ids.empty()) {
    return {};
  }
  const Recogniser recogniser(*parts.catalogue);
  return parts.database->write([&](store::Transaction& tx) -> Result<void> {
    for (const std::string& id : ids) {
      const bool read = ATALAYA_TRY(keep_readings(tx, recogniser, id));
      if (!read) {
        continue;  // its text is held no more
      }
      ATALAYA_TRY(settle_dues(tx, id));
      ATALAYA_TRY(set_actionable(tx, id));
      RowRecord record(*parts.database);
      ATALAYA_TRY(record_clauses(tx, id, record));
      ATALAYA_TRY(parts.ledger->append(tx, record.leaves(id)));
      ATALAYA_TRY(feed(tx, {id}));
    }
    return {};
  });
}

Result<void> Desk::set_clause(std::string_view id, const ClauseEdit& given) {
  ClauseEdit edit = given;
  for (std::string* text : {&edit.verb, &edit.deliverable, &edit.due, &edit.reason}) {
    *text = unix_lines(*text);
  }
  ATALAYA_TRY(check_texts(edit));
  if (!edit.back) {
    ATALAYA_TRY(check_values(edit));
  }
  const Recogniser recogniser(catalogue());
  ATALAYA_TRY(state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    Act act(tx, catalogue(), std::string(id), edit);
    ATALAYA_TRY(act.check_and_write(to_string(state_->parts.clock->now())));
    const auto held = ATALAYA_TRY(act.row());
    json::object payload = act.payload();
    payload["row"] = to_hex(detail::digest_of(held));
    detail::RowRecord record(*state_->parts.database);
    ATALAYA_TRY(detail::record_clauses(tx, std::string(id), record));
    std::vector<std::string> changed = ATALAYA_TRY(detail::follow_above(
        tx, recogniser, std::string(id),
        {edit.reason, edit.set_by, to_string(state_->parts.clock->now())}, record));
    if (!changed.empty()) {
      payload["followed"] = json::array(changed.begin(), changed.end());
    }
    const ledger::Event leaf = detail::event("commitments.clause", id, payload);
    ATALAYA_TRY(state_->parts.ledger->append(tx, {&leaf, 1}));
    ATALAYA_TRY(state_->parts.ledger->append(tx, record.leaves(id)));
    changed.emplace_back(id);
    return detail::feed(tx, changed);
  }));
  ++state_->version;
  return {};
}

Result<std::vector<ClauseVersion>> Desk::clause_history(std::string_view id) const {
  std::vector<ClauseVersion> out;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_versions(tx, std::string(id)));
    return {};
  }));
  return out;
}

}  // namespace atalaya::commitments
