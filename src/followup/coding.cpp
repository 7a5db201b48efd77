// Codings in the store. What a viewer may see is decided in one place (reveal()), and no query
// answers a code to anybody before it.
#include <atalaya/followup/coding.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/identity/shown_names.hpp>

#include "checks.hpp"
#include "cube_rules.hpp"
#include "packages_rows.hpp"
#include "record.hpp"
#include "said_values.hpp"

namespace atalaya::followup {
namespace {

using detail::invalid;
using detail::missing;

constexpr std::string_view kColumns =
    "id, commitment, actor, scale, criteria_commitment, criteria_version, as_of, window_from, "
    "window_to, coder_a, coder_b, stage, value, reply_until, node, opened_at, published_at, "
    "published_by";

std::optional<CodingStage> parse_stage(std::string_view name) {
  for (const CodingStage stage :
       {CodingStage::coding, CodingStage::adjudication, CodingStage::reply, CodingStage::published,
        CodingStage::withdrawn}) {
    if (to_string(stage) == name) {
      return stage;
    }
  }
  return std::nullopt;
}

Coding coding_from(const store::Row& row) {
  Coding out;
  out.id = row.integer(0);
  out.number = out.id;
  out.commitment = row.text(1);
  out.actor = row.text(2);
  out.scale = row.text(3);
  out.criteria.commitment = row.text(4);
  out.criteria.scale = out.scale;
  out.criteria.version = row.integer(5);
  out.as_of = row.text(6);
  out.window_from = row.text(7);
  out.window_to = row.text(8);
  out.coder_a = row.text(9);
  out.coder_b = row.text(10);
  out.stage = parse_stage(row.text(11)).value_or(CodingStage::coding);
  out.value = row.text(12);
  out.reply_until = row.text(13);
  out.node = row.text(14);
  out.opened_at = row.text(15);
  out.published_at = row.text_or_empty(16);
  out.published_by = row.text_or_empty(17);
  return out;
}

Result<void> add_details(store::Transaction& tx, Coding& coding) {
  const auto criteria = ATALAYA_TRY(tx.query_one(
      "SELECT text, set_at, set_by FROM followup_criteria WHERE commitment = $1 AND scale = $2 AND "
      "version = $3",
      {coding.criteria.commitment, coding.scale, coding.criteria.version}));
  coding.criteria.text = criteria.text(0);
  coding.criteria.set_at = criteria.text(1);
  coding.criteria.set_by = criteria.text(2);
  const auto codes = ATALAYA_TRY(
      tx.query("SELECT coder, value, reasons, provision, interest, submitted_at, sources FROM "
               "followup_codes WHERE coding = $1 ORDER BY coder",
               {coding.id}));
  for (const auto& row : codes) {
    Code code{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), {}};
    const json::value sources = ATALAYA_TRY(parse_json(row.text(6), "sources"));
    code.sources = ATALAYA_TRY(parse_sources(sources));
    coding.submitted.push_back(code.coder);
    coding.codes.push_back(std::move(code));
  }
  coding.dissent = coding.codes.size() == 2 && coding.codes[0].value != coding.codes[1].value;
  const auto decisions = ATALAYA_TRY(tx.query(
      "SELECT decided_by, reasons FROM followup_adjudications WHERE coding = $1", {coding.id}));
  if (!decisions.empty()) {
    coding.decided_by = decisions.front().text(0);
    coding.decision = decisions.front().text(1);
  }
  const auto replies = ATALAYA_TRY(tx.query(
      "SELECT text, language, replied_by, replied_at FROM followup_replies WHERE coding = $1",
      {coding.id}));
  if (!replies.empty()) {
    coding.reply = replies.front().text(0);
    coding.reply_language = replies.front().text(1);
    coding.replied_by = replies.front().text(2);
    coding.replied_at = replies.front().text(3);
  }
  const auto withdrawals = ATALAYA_TRY(
      tx.query("SELECT reason, withdrawn_at, withdrawn_by FROM followup_coding_withdrawals WHERE "
               "coding = $1",
               {coding.id}));
  if (!withdrawals.empty()) {
    coding.stage = CodingStage::withdrawn;
    coding.withdrawal = withdrawals.front().text(0);
    coding.withdrawn_at = withdrawals.front().text(1);
    coding.withdrawn_by = withdrawals.front().text(2);
  }
  return {};
}

Result<Coding> read_coding(store::Transaction& tx, std::int64_t id) {
  const auto rows = ATALAYA_TRY(
      tx.query(fmt::format("SELECT {} FROM followup_codings WHERE id = $1", kColumns), {id}));
  if (rows.empty()) {
    return missing("coding", std::to_string(id));
  }
  Coding coding = coding_from(rows.front());
  ATALAYA_TRY(add_details(tx, coding));
  return coding;
}

CodingHats hats_of(const Coding& coding, const Viewer& viewer) {
  const std::string_view state = country_of(coding.actor);
  CodingHats out;
  out.coder =
      !viewer.name.empty() && (viewer.name == coding.coder_a || viewer.name == coding.coder_b);
  out.runs = viewer.runs_coding;
  out.own_state =
      !state.empty() && std::ranges::find(viewer.own, state) != viewer.own.end();
  out.focal_point =
      std::ranges::find(viewer.countries, coding.actor) != viewer.countries.end();
  return out;
}

// Leaves what this viewer may see; false where he may not know that the coding exists. Its coders and
// who runs it know of it, the state once it may reply, everybody once it is published.
bool reveal(Coding& coding, const Viewer& viewer) {
  const CodingHats hats = hats_of(coding, viewer);
  coding.of_viewer = hats.coder;
  coding.viewer_submitted =
      hats.coder && std::ranges::find(coding.submitted, viewer.name) != coding.submitted.end();
  const CodesSeen seen = codes_seen(coding.stage, hats);
  if (seen == CodesSeen::none && !hats.coder && !hats.runs) {
    return false;
  }
  if (seen == CodesSeen::all) {
    return true;
  }
  coding.dissent = false;
  coding.value.clear();
  coding.decided_by.clear();
  coding.decision.clear();
  coding.reply.clear();
  coding.replied_at.clear();
  std::erase_if(coding.codes, [&](const Code& code) {
    return seen == CodesSeen::none || code.coder != viewer.name;
  });
  if (hats.coder || hats.own_state || !hats.runs) {
    // Not even that the other has submitted: it would tell whose turn it is to give way.
    std::erase_if(coding.submitted, [&](const std::string& name) { return name != viewer.name; });
  }
  return true;
}

// Rows keep the account; whoever reads is shown the name.
void sign(Coding& coding, const identity::ShownNames& names) {
  for (std::string* name :
       {&coding.criteria.set_by, &coding.coder_a, &coding.coder_b, &coding.decided_by,
        &coding.withdrawn_by, &coding.replied_by, &coding.published_by}) {
    *name = names.of(*name);
  }
  for (std::string& name : coding.submitted) {
    name = names.of(name);
  }
  for (Code& code : coding.codes) {
    code.coder = names.of(code.coder);
  }
}

Result<Scale> scale_of(const Parts& parts, std::string_view id) {
  const Scale* scale = parts.reference->find_scale(id);
  if (scale == nullptr || scale->layer != "assessment") {
    return invalid("scale", id);
  }
  return *scale;
}

std::unexpected<Error> wrong_stage(const Coding& coding) {
  return fail(Error{ErrorCode::conflict,
                    "followup.coding.stage",
                    "the coding is at another step",
                    {{"stage", std::string(to_string(coding.stage))}}});
}

std::string reply_day(const Parts& parts) {
  const UtcTime end{parts.clock->now().ms + std::int64_t{kReplyDays} * 24 * 60 * 60 * 1000};
  return to_string(utc_date(end));
}

// Scale and day, then in words what decided: the third person's reasons or the coders' own.
std::string why_of(const Coding& coding) {
  std::string out = fmt::format("{} {}", coding.scale, coding.as_of);
  if (!coding.decision.empty()) {
    return fmt::format("{} {}", out, coding.decision);
  }
  for (const Code& code : coding.codes) {
    out += fmt::format("{} {}", &code == &coding.codes.front() ? "" : " /", code.reasons);
  }
  return out;
}

Result<void> set_stage(store::Transaction& tx, const Parts& parts, std::int64_t id,
                       CodingStage stage, const std::string& value) {
  const std::string until = stage == CodingStage::reply ? reply_day(parts) : std::string();
  ATALAYA_TRY(tx.execute(
      "UPDATE followup_codings SET stage = $2, value = $3, reply_until = $4 WHERE id = $1",
      {id, std::string(to_string(stage)), value, until}));
  return {};
}

Result<void> check_on_scale(const Scale& scale, std::string_view value) {
  if (value.empty()) {
    return invalid("value_missing");
  }
  return scale.find(value) == nullptr ? Result<void>(detail::not_on_scale(&scale, value))
                                      : Result<void>();
}

Result<void> check_code(const Parts& parts, const Coding& coding, const Code& code) {
  const Scale scale = ATALAYA_TRY(scale_of(parts, coding.scale));
  ATALAYA_TRY(check_on_scale(scale, code.value));
  ATALAYA_TRY(detail::check_text(code.reasons));
  ATALAYA_TRY(detail::check_text(code.provision));
  ATALAYA_TRY(detail::check_text(code.interest, 2000));
  if (trim(code.reasons).empty()) {
    return invalid("reasons");
  }
  if (trim(code.interest).empty()) {
    return invalid("interest");
  }
  // Who marks "?" has found no words that could be quoted; the reasons say what is not clear.
  const bool found = code.value != "NA" && code.value != "?";
  if (scale.needs_provision && found && trim(code.provision).empty()) {
    return invalid("provision");
  }
  for (const SourceRef& source : code.sources) {
    ATALAYA_TRY(check_source(source));
    // A page changes or goes: what was read there is kept, or it is said why it cannot be.
    if (!source.url.empty() && source.file.empty()) {
      if (source.no_copy.empty()) {
        return invalid("source_copy", source.url);
      }
      ATALAYA_TRY(detail::check_reason(source.no_copy));
    }
  }
  if (code.sources.empty() && code.value != "no_evidence") {
    return invalid("sources.none");
  }
  return {};
}

// Whoever has read the other's value of a coding that was given up is not blind any more: the two
// would agree, and nothing would show that they had not.
Result<void> check_blind(store::Transaction& tx, const NewCoding& coding) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT coder_a, coder_b FROM followup_codings WHERE commitment = $1 AND actor = $2 AND "
      "scale = $3 AND window_from <= $5 AND window_to >= $4 AND id IN (SELECT coding FROM "
      "followup_coding_withdrawals) AND (SELECT COUNT(*) FROM followup_codes WHERE coding = "
      "followup_codings.id) = 2 ORDER BY id",
      {coding.commitment, coding.actor, coding.scale, coding.window_from, coding.window_to}));
  const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
  for (const auto& row : rows) {
    for (const std::string& coder : {row.text(0), row.text(1)}) {
      if (coder == coding.coder_a || coder == coding.coder_b) {
        return fail(Error{ErrorCode::conflict,
                          "followup.coders.seen",
                          "one of the coders has read the other's value in a withdrawn coding",
                          {{"name", names.of(coder)}}});
      }
    }
  }
  return {};
}

Result<void> check_rule(std::string_view text) {
  ATALAYA_TRY(detail::check_text(text));
  return trim(text).empty() ? Result<void>(invalid("text", "0", "a rule has words"))
                            : Result<void>();
}

Result<std::int64_t> write_criteria(const Parts& parts, store::Transaction& tx,
                                    const Criteria& criteria, std::string_view by) {
  const auto newest = ATALAYA_TRY(tx.query_one(
      "SELECT COALESCE(MAX(version), 0) FROM followup_criteria WHERE commitment = $1 AND scale = "
      "$2",
      {criteria.commitment, criteria.scale}));
  const std::int64_t version = newest.integer(0) + 1;
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_criteria(commitment, scale, version, text, set_at, set_by) VALUES "
      "($1, $2, $3, $4, $5, $6)",
      {criteria.commitment, criteria.scale, version, criteria.text, to_string(parts.clock->now()),
       std::string(by)}));
  ATALAYA_TRY(detail::record(
      parts, tx,
      {"followup.criteria",
       fmt::format("criteria/{}/{}/{}", criteria.commitment.empty() ? "all" : criteria.commitment,
                   criteria.scale, version),
       {{"text", criteria.text}, {"by", by}}},
      {}));
  return version;
}

Result<Criteria> read_criteria(store::Transaction& tx, std::string_view commitment,
                               std::string_view scale) {
  const auto rows = ATALAYA_TRY(tx.query(
      "SELECT commitment, scale, version, text, set_at, set_by FROM followup_criteria WHERE "
      "scale = $1 AND (commitment = $2 OR commitment = '') ORDER BY commitment DESC, version "
      "DESC LIMIT 1",
      {std::string(scale), std::string(commitment)}));
  if (rows.empty()) {
    return missing("criteria", scale);
  }
  const auto& row = rows.front();
  const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
  return Criteria{row.text(0), row.text(1), row.integer(2),
                  row.text(3), row.text(4), names.of(row.text(5))};
}

// The rule that a new coding goes by: the one in force, or the words that came with it as its next
// version, in the same transaction.
Result<Criteria> rule_for(const Parts& parts, store::Transaction& tx, const NewCoding& coding,
                          std::string_view by) {
  const auto held = read_criteria(tx, coding.commitment, coding.scale);
  if (!held && held.error().code != ErrorCode::not_found) {
    return held;
  }
  if (coding.criteria.empty() || (held && held->text == coding.criteria)) {
    return held;
  }
  Criteria rule;
  rule.commitment = coding.commitment;
  rule.scale = coding.scale;
  rule.text = coding.criteria;
  rule.version = ATALAYA_TRY(write_criteria(parts, tx, rule, by));
  return rule;
}

}  // namespace

std::string_view to_string(CodingStage stage) noexcept {
  switch (stage) {
    case CodingStage::coding:
      return "coding";
    case CodingStage::adjudication:
      return "adjudication";
    case CodingStage::reply:
      return "reply";
    case CodingStage::published:
      return "published";
    case CodingStage::withdrawn:
      return "withdrawn";
  }
  return "coding";
}

CodesSeen codes_seen(CodingStage stage, const CodingHats& hats) noexcept {
  const CodesSeen own = hats.coder ? CodesSeen::own : CodesSeen::none;
  const bool party = hats.coder || (hats.runs && !hats.own_state);
  switch (stage) {
    case CodingStage::coding:
    case CodingStage::withdrawn:  // its coders may be asked for the same cell again
      return own;
    case CodingStage::adjudication:
      return party ? CodesSeen::all : own;
    case CodingStage::reply:
      return party || hats.focal_point ? CodesSeen::all : own;
    case CodingStage::published:
      return CodesSeen::all;
  }
  return CodesSeen::none;
}

Result<std::int64_t> CodingDesk::set_criteria(const Criteria& criteria, std::string_view by) const {
  ATALAYA_TRY(scale_of(parts_, criteria.scale));
  ATALAYA_TRY(check_rule(criteria.text));
  if (!criteria.commitment.empty()) {
    ATALAYA_TRY(Cube(parts_).member(criteria.commitment, Language::en));
  }
  std::int64_t version = 0;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    version = ATALAYA_TRY(write_criteria(parts_, tx, criteria, by));
    return {};
  }));
  return version;
}

Result<Criteria> CodingDesk::criteria(std::string_view commitment, std::string_view scale) const {
  Criteria out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_criteria(tx, commitment, scale));
    return {};
  }));
  return out;
}

Result<std::int64_t> CodingDesk::open(const NewCoding& coding, std::string_view by) const {
  ATALAYA_TRY(scale_of(parts_, coding.scale));
  const CivilDate day = ATALAYA_TRY(detail::check_day(parts_, coding.as_of));
  const auto from = parse_civil_date(coding.window_from);
  const auto to = parse_civil_date(coding.window_to);
  if (!from || !to) {
    return invalid("date", !from ? coding.window_from : coding.window_to);
  }
  if (*from > *to) {
    return invalid("window", coding.window_from + "/" + coding.window_to);
  }
  // What happened after a day says nothing of how it stood on that day.
  if (*to > day) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.window.late",
                      "the days that count end after the day that is assessed",
                      {{"value", coding.window_to}, {"date", coding.as_of}}});
  }
  if (coding.coder_a.empty() || coding.coder_b.empty() || coding.coder_a == coding.coder_b) {
    return invalid("coders", coding.coder_a);
  }
  auto rules = ATALAYA_TRY(detail::CellRules::load(parts_));
  ATALAYA_TRY(rules.check_counted(coding.commitment, coding.actor, day));
  if (!coding.criteria.empty()) {
    ATALAYA_TRY(check_rule(coding.criteria));
  }
  std::int64_t id = 0;
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto same = ATALAYA_TRY(
        tx.query("SELECT 1 FROM followup_codings WHERE commitment = $1 AND actor = $2 AND scale = "
                 "$3 AND as_of = $4 AND stage <> 'published' AND id NOT IN (SELECT coding FROM "
                 "followup_coding_withdrawals)",
                 {coding.commitment, coding.actor, coding.scale, coding.as_of}));
    if (!same.empty()) {
      return fail(ErrorCode::conflict, "followup.coding.open",
                  "this cell is being coded on this scale for this day already");
    }
    ATALAYA_TRY(check_blind(tx, coding));
    const Criteria rule = ATALAYA_TRY(rule_for(parts_, tx, coding, by));
    id = ATALAYA_TRY(detail::next_ids(tx, 1));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_codings(id, commitment, actor, scale, criteria_commitment, "
        "criteria_version, as_of, window_from, window_to, coder_a, coder_b, stage, value, "
        "reply_until, node, opened_at, opened_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$11, 'coding', '', '', '', $12, $13)",
        {id, coding.commitment, coding.actor, coding.scale, rule.commitment, rule.version,
         coding.as_of, coding.window_from, coding.window_to, coding.coder_a, coding.coder_b,
         to_string(parts_.clock->now()), std::string(by)}));
    return detail::record(parts_, tx,
                          {"followup.coding.open",
                           fmt::format("coding/{}", id),
                           {{"commitment", coding.commitment},
                            {"actor", coding.actor},
                            {"scale", coding.scale},
                            {"criteria_version", rule.version},
                            {"as_of", coding.as_of},
                            {"coders", json::array{coding.coder_a, coding.coder_b}},
                            {"by", by}}},
                          {});
  }));
  return id;
}

Result<void> CodingDesk::submit(std::int64_t id, const Code& code, std::string_view coder) const {
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const Coding coding = ATALAYA_TRY(read_coding(tx, id));
    if (coder.empty() || (coder != coding.coder_a && coder != coding.coder_b)) {
      return missing("coding", std::to_string(id));
    }
    if (std::ranges::find(coding.submitted, coder) != coding.submitted.end()) {
      return fail(ErrorCode::conflict, "followup.code.again", "this coder has submitted already");
    }
    if (coding.stage != CodingStage::coding) {
      return wrong_stage(coding);
    }
    ATALAYA_TRY(check_code(parts_, coding, code));
    ATALAYA_TRY(detail::check_named_files(parts_, tx, code.sources, coder));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_codes(coding, coder, value, reasons, provision, sources, interest, "
        "submitted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {id, std::string(coder), code.value, code.reasons, code.provision,
         canonical_json(sources_json(code.sources)), code.interest,
         to_string(parts_.clock->now())}));
    if (coding.codes.size() == 1) {
      const bool agree = coding.codes.front().value == code.value;
      ATALAYA_TRY(set_stage(tx, parts_, id, agree ? CodingStage::reply : CodingStage::adjudication,
                            agree ? code.value : std::string()));
    }
    return detail::record(parts_, tx,
                          {"followup.code",
                           fmt::format("coding/{}", id),
                           {{"coder", coder},
                            {"value", code.value},
                            {"reasons", code.reasons},
                            {"provision", code.provision},
                            {"sources", sources_json(code.sources)},
                            {"interest", code.interest}}},
                          {});
  });
}

Result<void> CodingDesk::adjudicate(std::int64_t id, std::string_view value,
                                    std::string_view reasons, std::string_view by) const {
  ATALAYA_TRY(detail::check_text(reasons));
  if (trim(reasons).empty()) {
    return invalid("reasons");
  }
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const Coding coding = ATALAYA_TRY(read_coding(tx, id));
    if (coding.stage != CodingStage::adjudication) {
      return wrong_stage(coding);
    }
    if (by == coding.coder_a || by == coding.coder_b) {
      return fail(ErrorCode::permission_denied, "followup.adjudicator",
                  "one of the two coders cannot decide between them");
    }
    const Scale scale = ATALAYA_TRY(scale_of(parts_, coding.scale));
    ATALAYA_TRY(check_on_scale(scale, value));
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_adjudications(coding, value, reasons, decided_at, decided_by) VALUES "
        "($1, $2, $3, $4, $5)",
        {id, std::string(value), std::string(reasons), to_string(parts_.clock->now()),
         std::string(by)}));
    ATALAYA_TRY(set_stage(tx, parts_, id, CodingStage::reply, std::string(value)));
    return detail::record(parts_, tx,
                          {"followup.adjudication",
                           fmt::format("coding/{}", id),
                           {{"value", value}, {"reasons", reasons}, {"by", by}}},
                          {});
  });
}

Result<void> CodingDesk::reply(std::int64_t id, std::string_view text, std::string_view language,
                               const Writer& writer) const {
  ATALAYA_TRY(detail::check_text(text));
  if (trim(text).empty() || !parse_language(language)) {
    return invalid("text", "0");
  }
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const Coding coding = ATALAYA_TRY(read_coding(tx, id));
    if (!writer.may_write_for(coding.actor)) {
      return fail(Error{ErrorCode::permission_denied,
                        "followup.not_yours",
                        "this account is not the focal point of that state",
                        {{"actor", coding.actor}}});
    }
    if (coding.stage != CodingStage::reply) {
      return wrong_stage(coding);
    }
    if (!coding.reply.empty()) {
      return fail(ErrorCode::conflict, "followup.reply.again", "the state has replied already");
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_replies(coding, text, language, replied_at, replied_by) VALUES ($1, "
        "$2, $3, $4, $5)",
        {id, std::string(text), std::string(language), to_string(parts_.clock->now()),
         writer.name}));
    return detail::record(parts_, tx,
                          {"followup.reply",
                           fmt::format("coding/{}", id),
                           {{"text", text}, {"language", language}, {"by", writer.name}}},
                          {});
  });
}

Result<void> CodingDesk::publish(std::int64_t id, std::string_view by) const {
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const Coding coding = ATALAYA_TRY(read_coding(tx, id));
    if (coding.stage != CodingStage::reply) {
      return wrong_stage(coding);
    }
    if (coding.reply.empty() && to_string(parts_.today()) <= coding.reply_until) {
      return fail(Error{ErrorCode::conflict,
                        "followup.reply.open",
                        "the state may still reply",
                        {{"date", coding.reply_until}}});
    }
    const auto before = ATALAYA_TRY(
        tx.query("SELECT value FROM followup_codings WHERE commitment = $1 AND actor = $2 AND "
                 "scale = $3 AND stage = 'published' ORDER BY as_of DESC, id DESC LIMIT 1",
                 {coding.commitment, coding.actor, coding.scale}));
    ATALAYA_TRY(tx.execute(
        "UPDATE followup_codings SET stage = 'published', published_at = $2, published_by = $3 "
        "WHERE id = $1",
        {id, to_string(parts_.clock->now()), std::string(by)}));
    // The record is what packages for other nodes carry: signed as readers see it.
    Coding published = ATALAYA_TRY(read_coding(tx, id));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    sign(published, names);
    detail::Change change;
    change.kind = "assessment";
    change.commitment = coding.commitment;
    change.actor = coding.actor;
    change.before = before.empty() ? std::string(kNotAssessed) : before.front().text(0);
    change.after = coding.value;
    change.why = why_of(coding);
    change.by = by;
    return detail::record(parts_, tx,
                          {"followup.assessment",
                           fmt::format("coding/{}", id),
                           detail::assessment_record(published)},
                          {change});
  }));
  return detail::noticed(parts_);
}

Result<void> CodingDesk::withdraw(std::int64_t id, std::string_view reason,
                                  std::string_view by) const {
  reason = trim(reason);
  ATALAYA_TRY(detail::check_text(reason, 2000));
  ATALAYA_TRY(detail::check_reason(reason));
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const Coding coding = ATALAYA_TRY(read_coding(tx, id));
    if (coding.stage == CodingStage::published || coding.stage == CodingStage::withdrawn) {
      return wrong_stage(coding);
    }
    if (by == coding.coder_a || by == coding.coder_b) {
      return fail(ErrorCode::permission_denied, "followup.withdrawer",
                  "one of the two coders cannot withdraw what the other has written");
    }
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_coding_withdrawals(coding, reason, withdrawn_at, withdrawn_by) "
        "VALUES ($1, $2, $3, $4)",
        {id, std::string(reason), to_string(parts_.clock->now()), std::string(by)}));
    detail::Change change;
    change.kind = "coding_withdrawn";
    change.commitment = coding.commitment;
    change.actor = coding.actor;
    change.before = std::to_string(coding.codes.size());  // how many values go with it
    change.why = fmt::format("{} {} {}", coding.scale, coding.as_of, reason);
    change.by = by;
    return detail::record(parts_, tx,
                          {"followup.coding.withdrawn",
                           fmt::format("coding/{}", id),
                           {{"values", coding.codes.size()}, {"reason", reason}, {"by", by}}},
                          {change});
  }));
  return detail::noticed(parts_);
}

Result<Coding> CodingDesk::get(std::int64_t id, const Viewer& viewer) const {
  Coding out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(read_coding(tx, id));
    if (!reveal(out, viewer)) {
      return missing("coding", std::to_string(id));
    }
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    sign(out, names);
    return {};
  }));
  return out;
}

Result<std::vector<Coding>> CodingDesk::list(std::string_view commitment, std::string_view actor,
                                             const Viewer& viewer) const {
  std::vector<Coding> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    std::string sql = fmt::format("SELECT {} FROM followup_codings", kColumns);
    store::Parameters parameters;
    const std::pair<std::string_view, std::string_view> filters[] = {{"commitment", commitment},
                                                                     {"actor", actor}};
    for (const auto& [column, value] : filters) {
      if (!value.empty()) {
        sql += fmt::format(" {} {} = ${}", parameters.empty() ? "WHERE" : "AND", column,
                           parameters.size() + 1);
        parameters.emplace_back(std::string(value));
      }
    }
    const auto rows = ATALAYA_TRY(tx.query(sql + " ORDER BY as_of DESC, id DESC", parameters));
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (const auto& row : rows) {
      Coding coding = coding_from(row);
      ATALAYA_TRY(add_details(tx, coding));
      if (reveal(coding, viewer)) {
        sign(coding, names);
        out.push_back(std::move(coding));
      }
    }
    return detail::add_peer_codings(tx, commitment, actor, out);
  }));
  return out;
}

Result<bool> CodingDesk::shows_file(store::Transaction& tx, std::string_view sha256,
                                    const Viewer& viewer) const {
  const auto rows =
      ATALAYA_TRY(tx.query("SELECT DISTINCT coding FROM followup_codes WHERE sources LIKE '%' || $1 "
                           "|| '%' ORDER BY coding",
                           {std::string(sha256)}));
  for (const auto& row : rows) {
    Coding coding = ATALAYA_TRY(read_coding(tx, row.integer(0)));
    if (!reveal(coding, viewer)) {
      continue;
    }
    for (const Code& code : coding.codes) {
      if (std::ranges::find(code.sources, sha256, &SourceRef::file) != code.sources.end()) {
        return true;
      }
    }
  }
  return false;
}

Result<Agreement> CodingDesk::agreement(std::string_view scale_id) const {
  const Scale scale = ATALAYA_TRY(scale_of(parts_, scale_id));
  std::vector<CodedUnit> units;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT k.coding, k.value FROM followup_codes k JOIN followup_codings c ON c.id = "
                 "k.coding WHERE c.scale = $1 AND c.stage = 'published' ORDER BY k.coding",
                 {std::string(scale_id)}));
    std::int64_t current = 0;
    for (const auto& row : rows) {
      const auto it = std::ranges::find(scale.values, row.text(1), &ScaleValue::id);
      if (row.integer(0) != current) {
        current = row.integer(0);
        units.emplace_back();
      }
      units.back().push_back(static_cast<std::int32_t>(it - scale.values.begin()));
    }
    return {};
  }));
  // "Nothing found" is outside the order: where a scale has such values they are compared as names.
  const bool ordered =
      scale.level == "ordinal" && std::ranges::all_of(scale.values, [](const ScaleValue& value) {
        return value.order.has_value();
      });
  return krippendorff_alpha(units, ordered ? DataLevel::ordinal : DataLevel::nominal);
}

}  // namespace atalaya::followup
