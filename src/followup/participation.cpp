// Submissions as they come in, and what readers see of them. Nothing in here answers a text that
// nobody decided about, but to those who hold its code.
#include <atalaya/followup/participation.hpp>

#include <algorithm>
#include <map>
#include <ranges>

#include <fmt/format.h>

#include <atalaya/followup/deadlines.hpp>

#include "checks.hpp"
#include "cube_cache.hpp"
#include "cube_rules.hpp"
#include "packages_rows.hpp"
#include "participation_rows.hpp"
#include "personal_data.hpp"

namespace atalaya::followup {
namespace {

using detail::code_hash;
using detail::invalid;
using detail::missing;

constexpr std::size_t kNameMin = 2;  // characters
constexpr std::size_t kNameMax = 120;
constexpr std::size_t kContactMax = 200;

// What a draft says after cleaning; what is found in it.
struct Checked {
  SubmissionDraft draft;
  std::vector<SourceRef> sources;
  std::vector<Finding> findings;
  std::vector<AttachedFile> files;
};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Result<std::string> field(std::string_view text, std::size_t max, std::string_view reason,
                          Lines lines = Lines::one) {
  std::string clean = ATALAYA_TRY(clean_text(text, lines));
  if (characters(clean) > max) {
    return invalid(reason, std::to_string(max), "too long");
  }
  return clean;
}

Result<void> check_place(const Parts& parts, const SubmissionDraft& draft) {
  const CivilDate day = ATALAYA_TRY(detail::check_day(parts, draft.as_of));
  if (draft.actor.empty()) {
    if (draft.kind != "correction") {
      return invalid("submission.actor");
    }
    ATALAYA_TRY(Cube(parts).member(draft.commitment, Language::en));
    return {};
  }
  auto rules = ATALAYA_TRY(detail::CellRules::load(parts));
  return rules.check(draft.commitment, draft.actor, day);
}

Result<Checked> checked(const Parts& parts, const SubmissionDraft& given) {
  Checked out;
  SubmissionDraft& draft = out.draft;
  draft = given;
  if (draft.kind != "alternative_report" && draft.kind != "correction") {
    return invalid("submission.kind", draft.kind);
  }
  ATALAYA_TRY(check_place(parts, draft));
  draft.title = ATALAYA_TRY(field(given.title, kSubmissionTitleMax, "submission.title"));
  draft.text = ATALAYA_TRY(field(given.text, kSubmissionTextMax, "submission.text", Lines::many));
  draft.name = ATALAYA_TRY(field(given.name, kNameMax, "submission.name"));
  draft.organisation = ATALAYA_TRY(field(given.organisation, kNameMax, "submission.name"));
  draft.contact = ATALAYA_TRY(field(given.contact, kContactMax, "submission.contact"));
  if (characters(draft.title) < 5) {
    return invalid("submission.title");
  }
  if (characters(draft.text) < 40) {
    return invalid("submission.text");
  }
  if (!parse_language(draft.language)) {
    return invalid("submission.language", draft.language);
  }
  const std::string sources = ATALAYA_TRY(field(given.sources, 20'000, "sources", Lines::many));
  out.sources = ATALAYA_TRY(parse_sources_text(sources));
  const bool file = std::ranges::any_of(
      out.sources, [](const SourceRef& source) { return !source.file.empty(); });
  if (file || out.sources.size() > kSubmissionSourcesMax) {
    return invalid("sources", std::to_string(out.sources.size()));
  }
  const bool vouched = draft.attribution == "vouched";
  if (!vouched && draft.attribution != "named") {
    return invalid("submission.name");
  }
  // Only a code that counts brings a name.
  if (!vouched) {
    draft.voucher.clear();
  }
  if (draft.voucher.empty() && characters(draft.name) < kNameMin) {
    return invalid("submission.name");
  }
  if (vouched && draft.voucher.empty() && !draft.organisation_known) {
    return invalid("submission.vouching", draft.organisation);
  }
  out.files = ATALAYA_TRY(detail::check_files(given.files));
  out.findings =
      parts.cube->personal_data(parts.catalogue())
          ->find(detail::searched_words(draft.title, draft.text, out.sources, out.files));
  return out;
}

std::unexpected<Error> too_many(std::string_view what, std::int64_t minutes) {
  return fail(Error{ErrorCode::exhausted,
                    "followup.submission.rate",
                    fmt::format("too many submissions {}", what),
                    {{"minutes", std::to_string(minutes)}}});
}

Result<void> take_all(const Parts& parts, store::Transaction& tx, const std::string& commitment) {
  // The commitment's first: a flood of one does not empty the others' bucket.
  const std::pair<std::string, std::int64_t> buckets[] = {{commitment, kSubmissionsCommitment},
                                                          {"node", kSubmissionsNode}};
  for (const auto& [name, per_hour] : buckets) {
    if (!parts.cube->take_from(name, per_hour, parts.clock->now())) {
      return too_many("came in this hour", 1 + 60 / per_hour);
    }
  }
  const auto waiting = ATALAYA_TRY(
      tx.query_one("SELECT COUNT(*) FROM followup_submissions WHERE stage IN ('vouching', "
                   "'received')",
                   {}));
  if (waiting.integer(0) >= kSubmissionsWaitingMax) {
    return too_many("wait for a decision", 1440);
  }
  return {};
}

std::string findings_json(const std::vector<Finding>& findings) {
  json::array out;
  for (const Finding& one : findings) {
    out.push_back(json::array{one.kind, one.text});
  }
  return canonical_json(out);
}

Result<std::int64_t> insert(const Parts& parts, store::Transaction& tx, const Checked& one,
                            const std::string& receipt) {
  const SubmissionDraft& draft = one.draft;
  const std::int64_t id = ATALAYA_TRY(detail::next_ids(tx, 1));
  const bool waits = draft.attribution == "vouched" && draft.voucher.empty();
  const std::string stage = waits ? "vouching" : "received";
  const std::string sources = canonical_json(sources_json(one.sources));
  const std::string findings = findings_json(one.findings);
  const std::string today = detail::today_text(parts);
  // The contact is in no leaf: it is nobody's business but the moderators'.
  detail::Leaf leaf{"followup.submission",
                    fmt::format("submission/{}", id),
                    {{"kind", draft.kind},
                     {"commitment", draft.commitment},
                     {"actor", draft.actor},
                     {"as_of", draft.as_of},
                     {"language", draft.language},
                     {"title", draft.title},
                     {"text", draft.text},
                     {"sources", sources_json(one.sources)},
                     {"name", draft.name},
                     {"organisation", draft.organisation},
                     {"attribution", draft.attribution},
                     {"findings", findings},
                     {"received_on", today},
                     {"stage", stage}}};
  if (!one.files.empty()) {
    leaf.payload["files"] = detail::files_json(one.files);
  }
  const std::int64_t index = ATALAYA_TRY(detail::record_at(parts, tx, leaf, {}));
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_submissions(id, kind, commitment, actor, as_of, language, title, text, "
      "sources, name, organisation, attribution, contact, findings, stage, received_on, receipt, "
      "form, leaf, published_title, published_text, published_sources, redacted, published_on, "
      "published_leaf, erased) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
      "$14, $15, $16, $17, $18, $19, '', '', '[]', 0, '', -1, 0)",
      {id, draft.kind, draft.commitment, draft.actor, draft.as_of, draft.language, draft.title,
       draft.text, sources, draft.name, draft.organisation, draft.attribution, draft.contact,
       findings, stage, today, receipt, code_hash(draft.form), index}));
  ATALAYA_TRY(detail::write_files(tx, id, draft.files, one.files));
  return id;
}

Result<AlternativeReport> report_from(const store::Row& row) {
  AlternativeReport out;
  ATALAYA_TRY(detail::read_beginning(row, out));
  out.published_on = row.text(12);
  out.redacted = row.integer(13) != 0;
  return out;
}

// The first refusal's reason counts, and that of every withdrawal by the editors of what they had
// published; what came of an appeal is the step after it.
Result<void> count_refusals(store::Transaction& tx, std::map<std::string, RefusalCount>& counts) {
  struct Refused {
    RefusalCount* count = nullptr;
    bool appealed = false;
  };

  std::map<std::int64_t, Refused> by_id;
  return tx.for_each(
      "SELECT submission, step, reason FROM followup_submission_steps ORDER BY submission, ordinal",
      {}, [&](const store::Row& row) -> Result<void> {
        Refused& one = by_id[row.integer(0)];
        const std::string step = row.text(1);
        const bool refusal = step == "refuse" || step == "not_vouched";
        if (step == "withdraw" && !row.text(2).empty()) {
          one.count = &counts[row.text(2)];
          one.count->withdrawn += 1;
          one.appealed = false;
        } else if (refusal && one.count == nullptr) {
          one.count = &counts[step == "refuse" ? row.text(2) : step];
          one.count->refused += 1;
        } else if (one.count != nullptr && step == "appeal") {
          one.appealed = true;
          one.count->appealed += 1;
        } else if (one.appealed && (refusal || step == "publish")) {
          (refusal ? one.count->upheld : one.count->reversed) += 1;
          one.appealed = false;
        } else if (one.count != nullptr && step == "erase" && !row.text(2).empty()) {
          one.count->erased += 1;
        }
        return {};
      });
}

}  // namespace

std::string_view to_string(SubmissionStage stage) noexcept {
  switch (stage) {
    case SubmissionStage::vouching:
      return "vouching";
    case SubmissionStage::received:
      return "received";
    case SubmissionStage::held:
      return "held";
    case SubmissionStage::published:
      return "published";
    case SubmissionStage::refused:
      return "refused";
    case SubmissionStage::appealed:
      return "appealed";
    case SubmissionStage::withdrawn:
      return "withdrawn";
  }
  return "received";
}

const SubmissionStep* Submission::find_step(std::string_view step) const {
  const auto it = std::ranges::find(steps, step, &SubmissionStep::step);
  return it == steps.end() ? nullptr : &*it;
}

bool Submission::may_appeal() const {
  // What the law makes editors erase takes no appeal away.
  const auto last = std::ranges::find_if(steps | std::views::reverse, [](const auto& step) {
    return step.step != "erase" || step.reason.empty();
  });
  if (last == steps.rend()) {
    return false;
  }
  if (stage == SubmissionStage::refused) {
    return last->step == "refuse" && find_step("appeal") == nullptr;
  }
  if (stage != SubmissionStage::withdrawn || last->step != "withdraw" || last->by == "submitter") {
    return false;
  }
  // Once against each publication's end: an appeal before it was against something else.
  for (const SubmissionStep& step : steps | std::views::reverse) {
    if (step.step == "appeal" || step.step == "publish") {
      return step.step == "publish";
    }
  }
  return false;
}

std::optional<CivilDate> Submission::protected_until() const {
  if (!may_appeal()) {
    return std::nullopt;
  }
  const auto decided = std::ranges::find_if(steps | std::views::reverse, [](const auto& step) {
    return step.step == "refuse" || step.step == "withdraw";
  });
  const auto day = parse_civil_date(decided->at);
  return day ? std::optional(plus_days(*day, kAppealDays)) : std::nullopt;
}

Result<std::vector<Finding>> Submissions::check(const SubmissionDraft& draft) const {
  auto one = ATALAYA_TRY(checked(parts_, draft));
  return std::move(one.findings);
}

Result<Submissions::Receipt> Submissions::submit(const SubmissionDraft& draft) const {
  Checked one = ATALAYA_TRY(checked(parts_, draft));
  if (!one.findings.empty() && !draft.confirmed) {
    return invalid("submission.findings", one.findings.front().text);
  }
  if (draft.form.empty()) {
    return invalid("submission.form");
  }
  Receipt out;
  out.code = detail::fresh_code();
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto sent = ATALAYA_TRY(
        tx.query("SELECT id FROM followup_submissions WHERE form = $1", {code_hash(draft.form)}));
    if (!sent.empty()) {
      out = {sent.front().integer(0), {}, true};
      return {};
    }
    ATALAYA_TRY(take_all(parts_, tx, draft.commitment));
    if (!one.draft.voucher.empty()) {
      // Pseudonym and organisation come from the code, never from what was typed.
      const auto vouched = ATALAYA_TRY(detail::use_voucher(parts_, tx, one.draft.voucher));
      one.draft.name = vouched.first;
      one.draft.organisation = vouched.second;
    }
    out.id = ATALAYA_TRY(insert(parts_, tx, one, code_hash(out.code)));
    return {};
  }));
  return out;
}

Result<Submission> Submissions::find_by_code(std::string_view code) const {
  Submission out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    auto found = ATALAYA_TRY(detail::read_submissions(tx, "receipt = $1", {code_hash(code)}));
    if (found.empty()) {
      return missing("submission", {});
    }
    out = std::move(found.front());
    return {};
  }));
  return out;
}

Result<void> Submissions::appeal(std::string_view code, std::string_view text) const {
  const std::string words = ATALAYA_TRY(field(text, 4'000, "submission.text", Lines::many));
  if (words.empty()) {
    return invalid("submission.text");
  }
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto found = ATALAYA_TRY(detail::read_submissions(tx, "receipt = $1", {code_hash(code)}));
    if (found.empty()) {
      return missing("submission", {});
    }
    if (!found.front().may_appeal()) {
      return detail::wrong_stage(found.front());
    }
    return detail::write_step(parts_, tx, found.front(), SubmissionStage::appealed,
                              {"appeal", "", words, "submitter", {}});
  });
}

Result<void> Submissions::withdraw(std::string_view code) const {
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto found = ATALAYA_TRY(detail::read_submissions(tx, "receipt = $1", {code_hash(code)}));
    if (found.empty()) {
      return missing("submission", {});
    }
    const Submission& held = found.front();
    if (held.stage == SubmissionStage::withdrawn || held.stage == SubmissionStage::refused) {
      return detail::wrong_stage(held);
    }
    std::vector<detail::Change> changes;
    if (held.stage == SubmissionStage::published) {
      changes.push_back(detail::shown_change(held, "published", "withdrawn", "submitter"));
    }
    return detail::write_step(parts_, tx, held, SubmissionStage::withdrawn,
                              {"withdraw", "", "", "submitter", {}}, changes);
  }));
  return detail::noticed(parts_);
}

Result<std::vector<AlternativeReport>> Submissions::published(std::string_view commitment,
                                                              std::string_view actor) const {
  std::vector<AlternativeReport> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    std::string sql =
        "SELECT id, kind, commitment, actor, as_of, language, published_title, published_text, "
        "published_sources, name, organisation, attribution, published_on, redacted FROM "
        "followup_submissions WHERE stage = 'published'";
    store::Parameters parameters;
    const std::pair<std::string_view, std::string_view> filters[] = {{"commitment", commitment},
                                                                     {"actor", actor}};
    for (const auto& [column, value] : filters) {
      if (!value.empty()) {
        parameters.emplace_back(std::string(value));
        sql += fmt::format(" AND {} = ${}", column, parameters.size());
      }
    }
    const auto rows = ATALAYA_TRY(tx.query(sql, parameters));
    for (const auto& row : rows) {
      AlternativeReport one = ATALAYA_TRY(report_from(row));
      out.push_back(std::move(one));
    }
    return detail::add_peer_reports(tx, commitment, actor, out);
  }));
  std::ranges::stable_sort(out, [](const AlternativeReport& a, const AlternativeReport& b) {
    return std::pair(a.as_of, a.id) > std::pair(b.as_of, b.id);
  });
  return out;
}

Result<ParticipationCounts> Submissions::counts() const {
  ParticipationCounts out;
  std::map<std::string, RefusalCount> by_reason;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto stages = ATALAYA_TRY(tx.query(
        "SELECT stage, COUNT(*), MIN(received_on) FROM followup_submissions GROUP BY stage", {}));
    for (const auto& row : stages) {
      const std::string stage = row.text(0);
      const bool decided = stage == "published" || stage == "withdrawn" || stage == "refused";
      if (!decided && (out.waiting_since.empty() || row.text(2) < out.waiting_since)) {
        out.waiting_since = row.text(2);
      }
      out.held += stage == "held" ? row.integer(1) : 0;
      out.received += row.integer(1);
      out.published += stage == "published" ? row.integer(1) : 0;
      out.withdrawn += stage == "withdrawn" ? row.integer(1) : 0;
      out.refused += stage == "refused" ? row.integer(1) : 0;
    }
    out.waiting = out.received - out.published - out.withdrawn - out.refused;
    return count_refusals(tx, by_reason);
  }));
  const auto add = [&](std::string_view reason) {
    RefusalCount count = by_reason[std::string(reason)];
    count.reason = reason;
    out.refusals.push_back(std::move(count));
  };
  std::ranges::for_each(kRefusalReasons, add);
  add("not_vouched");
  return out;
}

}  // namespace atalaya::followup
