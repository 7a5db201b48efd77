// What people decide about submissions, and what organisations vouch for.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/crypto/hash.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/participation_check.hpp>

#include "checks.hpp"
#include "cube_cache.hpp"
#include "hold_back.hpp"
#include "participation_rows.hpp"
#include "personal_data.hpp"

namespace atalaya::followup {
namespace {

using detail::code_hash;
using detail::invalid;
using detail::missing;

constexpr std::size_t kWordsMax = 4'000;  // bytes
constexpr std::size_t kHeldBackMax = 60;  // passages

// What a reader meets where something was held back: words, so that a screen reader says them.
std::string_view held_back_mark(std::string_view language) {
  return language == "es"   ? "[no se publica]"
         : language == "pt" ? "[não publicado]"
         : language == "fr" ? "[non publié]"
                            : "[held back]";
}

// What a decision to publish starts from. After a withdrawal it is what was published then: nothing
// that was held back comes out by an appeal.
PublishedWords words_to_publish(const Submission& held) {
  if (held.published.title.empty()) {
    return {held.title, held.text, held.sources, false};
  }
  PublishedWords out = held.published;
  std::erase_if(out.sources, [](const SourceRef& source) { return !source.file.empty(); });
  return out;
}

// Fails where a passage does not stand in the text: it would be published unseen.
Result<PublishedWords> hold_back(const Submission& held, std::string_view passages) {
  PublishedWords out = words_to_publish(held);
  const std::string_view mark = held_back_mark(held.language);
  std::vector<std::string_view> parts;
  for (const std::string_view line : split(passages, '\n')) {
    if (!trim(line).empty()) {
      parts.push_back(trim(line));
    }
  }
  if (parts.size() > kHeldBackMax) {
    return invalid("held_back", std::to_string(parts.size()));
  }
  // The longest first: "Ana Ruiz Vega" is not to leave "Vega" behind where "Ana Ruiz" stands too.
  std::ranges::stable_sort(parts, std::ranges::greater(), &std::string_view::size);
  for (const std::string_view part : parts) {
    if (detail::says(mark, part) || part.size() < 2) {
      return invalid("held_back", part);
    }
    bool any = detail::hold_back(out.title, part, mark);
    any |= detail::hold_back(out.text, part, mark);
    for (SourceRef& source : out.sources) {
      any |= detail::hold_back(source.title, part, mark);
      if (detail::address_says(source.url, part)) {
        source.url.clear();
        any = true;
      }
    }
    for (const std::string* author : {&held.name, &held.organisation}) {
      if (detail::says(*author, part)) {
        return invalid("held_back_author", part, "it is published under this name");
      }
    }
    const bool longer = std::ranges::any_of(parts, [&](std::string_view other) {
      return other.size() > part.size() && detail::says(other, part);
    });
    if (!any && !longer) {
      return invalid("held_back", part);
    }
    out.redacted = true;
  }
  return out;
}

// As today's rules find them: what waits since before an upgrade was searched by older ones.
void search_anew(const Parts& parts, Submission& held) {
  if (!held.erased) {
    held.findings =
        parts.cube->personal_data(parts.catalogue())
            ->find(detail::searched_words(held.title, held.text, held.sources, held.files));
  }
}

// What is found in it and would be read by everybody.
std::vector<Finding> standing(const Submission& held, const PublishedWords& shown) {
  std::vector<Finding> out;
  for (const Finding& finding : held.findings) {
    const bool stands = detail::says(shown.title, finding.text) ||
                        detail::says(shown.text, finding.text) ||
                        std::ranges::any_of(shown.sources, [&](const SourceRef& source) {
                          return detail::says(source.title, finding.text) ||
                                 detail::address_says(source.url, finding.text);
                        });
    if (stands && std::ranges::find(out, finding) == out.end()) {
      out.push_back(finding);
    }
  }
  return out;
}

// The same of the attached files that would be shown.
Result<void> check_file_findings(const Parts& parts, const Submission& held,
                                 const Decision& decision) {
  const auto searched = ATALAYA_TRY(search_files(parts, held));
  for (const SearchedFile& file : searched) {
    if (std::ranges::find(decision.files, file.ordinal) == decision.files.end()) {
      continue;
    }
    for (const Finding& finding : file.findings) {
      if (std::ranges::find(decision.checked, finding.text) == decision.checked.end()) {
        return invalid("submission.finding_stands", finding.text);
      }
    }
  }
  return {};
}

// A name or a number that was found goes out only where somebody looked at that very one.
Result<void> check_findings(const Submission& held, const PublishedWords& shown,
                            const Decision& decision) {
  for (const Finding& finding : standing(held, shown)) {
    if (std::ranges::find(decision.checked, finding.text) == decision.checked.end()) {
      return invalid("submission.finding_stands", finding.text);
    }
  }
  return {};
}

json::object public_record(const Submission& held, const PublishedWords& shown,
                           std::string_view day) {
  return {{"v", 1},
          {"id", held.id},
          {"kind", held.kind},
          {"commitment", held.commitment},
          {"actor", held.actor},
          {"as_of", held.as_of},
          {"language", held.language},
          {"title", shown.title},
          {"text", shown.text},
          {"sources", sources_json(shown.sources)},
          {"name", held.name},
          {"organisation", held.organisation},
          {"attribution", held.attribution},
          {"redacted", shown.redacted},
          {"published_on", day}};
}

bool decided_by(const Submission& held, std::string_view by) {
  return std::ranges::any_of(held.steps, [&](const SubmissionStep& step) {
    return (step.step == "refuse" || step.step == "withdraw") && step.by == by;
  });
}

Result<void> check_decision(const Submission& held, const Decision& decision, std::string_view by) {
  using Stage = SubmissionStage;
  if (held.stage != decision.seen) {
    return detail::wrong_stage(held);
  }
  const bool open = held.stage == Stage::received || held.stage == Stage::held;
  const bool appealed_now = held.stage == Stage::appealed;
  const bool ok = decision.step == "publish"    ? open || appealed_now
                  : decision.step == "hold"     ? held.stage == Stage::received
                  : decision.step == "refuse"   ? open || appealed_now
                  : decision.step == "withdraw" ? held.stage == Stage::published
                                                : false;
  if (!ok) {
    return detail::wrong_stage(held);
  }
  if (appealed_now && decided_by(held, by)) {
    return fail(ErrorCode::permission_denied, "followup.submission.same_person",
                "an appeal is decided by somebody else than who refused or withdrew");
  }
  ATALAYA_TRY(detail::check_text(decision.text, kWordsMax));
  ATALAYA_TRY(detail::check_text(decision.held_back));
  const bool reasoned = decision.step == "refuse" || decision.step == "withdraw";
  if (reasoned &&
      std::ranges::find(kRefusalReasons, decision.reason) == std::end(kRefusalReasons)) {
    return invalid("submission.reason", decision.reason);
  }
  if (reasoned && trim(decision.text).empty()) {
    return invalid("submission.decision_text");
  }
  if (decision.step == "publish" && !decision.confirmed && !held.gone()) {
    return invalid("submission.confirm");
  }
  return {};
}

// The title and text as published of something that no longer is.
Result<void> erase_published(const Parts& parts, store::Transaction& tx, const Submission& held) {
  const auto row = ATALAYA_TRY(
      tx.query_one("SELECT published_leaf FROM followup_submissions WHERE id = $1", {held.id}));
  if (row.integer(0) >= 0) {
    ATALAYA_TRY(parts.ledger->erase(tx, static_cast<std::uint64_t>(row.integer(0))));
    ATALAYA_TRY(
        tx.execute("UPDATE followup_submissions SET published_title = '', published_text = '', "
                   "published_sources = '[]' WHERE id = $1",
                   {held.id}));
  }
  return {};
}

// The appeal is right, and nothing is left to publish: that stays on record.
Result<void> grant_on_record(const Parts& parts, store::Transaction& tx, const Submission& held,
                             const Decision& decision, std::string_view by) {
  return detail::write_step(
      parts, tx, held, SubmissionStage::withdrawn,
      {"publish", "erased", std::string(trim(decision.text)), std::string(by), {}});
}

Result<void> publish(const Parts& parts, store::Transaction& tx, const Submission& held,
                     const Decision& decision, std::string_view by) {
  if (held.gone()) {
    return grant_on_record(parts, tx, held, decision, by);
  }
  PublishedWords shown = ATALAYA_TRY(hold_back(held, decision.held_back));
  ATALAYA_TRY(check_findings(held, shown, decision));
  // After an appeal against a withdrawal: the words of then go as what is erased goes.
  ATALAYA_TRY(erase_published(parts, tx, held));
  const auto files = ATALAYA_TRY(detail::publish_files(tx, held, decision.files));
  shown.sources.insert(shown.sources.end(), files.begin(), files.end());
  const std::string day = detail::today_text(parts);
  ATALAYA_TRY(
      detail::write_step(parts, tx, held, SubmissionStage::published,
                         {"publish", "", std::string(trim(decision.text)), std::string(by), {}},
                         {detail::shown_change(held, "", "published", by)}));
  const detail::Leaf leaf{"followup.alternative_report", fmt::format("submission/{}", held.id),
                          public_record(held, shown, day)};
  const std::int64_t index = ATALAYA_TRY(detail::record_at(parts, tx, leaf, {}));
  ATALAYA_TRY(tx.execute(
      "UPDATE followup_submissions SET published_title = $2, published_text = $3, "
      "published_sources = $4, redacted = $5, published_on = $6, published_leaf = $7 WHERE id = $1",
      {held.id, shown.title, shown.text, canonical_json(sources_json(shown.sources)),
       std::int64_t{shown.redacted ? 1 : 0}, day, index}));
  return {};
}

bool has_appeal_words(const Submission& held) {
  return std::ranges::any_of(held.steps, [](const SubmissionStep& step) {
    return step.step == "appeal" && !step.text.empty();
  });
}

// Answers whether it goes before its time, for a reason that counts in public: while an appeal is
// open, or while one could still be made.
Result<bool> check_erasure(const Submission& held, std::string_view reason, CivilDate today) {
  using Stage = SubmissionStage;
  const bool decided = held.stage == Stage::published || held.stage == Stage::refused ||
                       held.stage == Stage::withdrawn;
  const bool open = held.stage == Stage::appealed;
  const bool nothing_left = held.erased && (open || !has_appeal_words(held)) &&
                            (held.stage == Stage::published || held.published.title.empty());
  if ((!decided && !open) || nothing_left) {
    return detail::wrong_stage(held);
  }
  if (!reason.empty() && std::ranges::find(kErasureReasons, reason) == std::end(kErasureReasons)) {
    return invalid("submission.erasure_reason", reason);
  }
  const auto until = held.protected_until();
  const bool at_once = open || (until && today <= *until);
  if (at_once && reason.empty()) {
    const std::string day = until ? to_string(*until) : std::string();
    return fail(
        Error{ErrorCode::conflict,
              open ? "followup.submission.appeal_open" : "followup.submission.appeal_window",
              "the submitter may still appeal, or waits for what comes of the appeal",
              {{"until", day}}});
  }
  return at_once;
}

// An appeal is the submitter's words, too.
Result<void> erase_appeal(const Parts& parts, store::Transaction& tx, const Submission& held) {
  for (std::size_t i = 0; i < held.steps.size(); ++i) {
    if (held.steps[i].step != "appeal") {
      continue;
    }
    const auto ordinal = static_cast<std::int64_t>(i) + 1;
    ATALAYA_TRY(tx.execute(
        "UPDATE followup_submission_steps SET text = '' WHERE submission = $1 AND ordinal = $2",
        {held.id, ordinal}));
    const auto entries = ATALAYA_TRY(
        parts.ledger->entries_of(tx, fmt::format("submission/{}/{}", held.id, ordinal), 1));
    for (const auto& entry : entries) {
      ATALAYA_TRY(parts.ledger->erase(tx, entry.index));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<Submission>> Submissions::list(std::optional<SubmissionStage> stage) const {
  std::vector<Submission> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(
        stage ? detail::read_submissions(tx, "stage = $1", {std::string(to_string(*stage))})
              : detail::read_submissions(tx, "id > $1", {0}));
    return {};
  }));
  return out;
}

Result<Submission> Submissions::get(std::int64_t id) const {
  Submission out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(detail::read_submission(tx, id));
    return {};
  }));
  search_anew(parts_, out);
  return out;
}

Result<Submissions::Preview> Submissions::preview(std::int64_t id,
                                                  std::string_view held_back) const {
  Preview out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    Submission held = ATALAYA_TRY(detail::read_submission(tx, id));
    search_anew(parts_, held);
    ATALAYA_TRY(detail::check_text(held_back));
    PublishedWords shown = ATALAYA_TRY(hold_back(held, held_back));
    out.standing = standing(held, shown);
    out.title = std::move(shown.title);
    out.text = std::move(shown.text);
    out.sources = std::move(shown.sources);
    return {};
  }));
  out.seal = to_hex(sha256(
      fmt::format("{}\n{}\n{}", out.title, out.text, canonical_json(sources_json(out.sources)))));
  return out;
}

Result<void> Submissions::decide(std::int64_t id, const Decision& decision,
                                 std::string_view by) const {
  if (decision.step == "publish" && decision.confirmed && !decision.files.empty()) {
    // What is attached never changes: it is searched before the store is locked.
    const Submission held = ATALAYA_TRY(get(id));
    ATALAYA_TRY(check_file_findings(parts_, held, decision));
  }
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    Submission held = ATALAYA_TRY(detail::read_submission(tx, id));
    ATALAYA_TRY(check_decision(held, decision, by));
    if (decision.step == "publish") {
      search_anew(parts_, held);
      return publish(parts_, tx, held, decision, by);
    }
    const SubmissionStep step{decision.step,
                              decision.step == "hold" ? "" : decision.reason,
                              std::string(trim(decision.text)),
                              std::string(by),
                              {}};
    if (decision.step == "withdraw") {
      return detail::write_step(parts_, tx, held, SubmissionStage::withdrawn, step,
                                {detail::shown_change(held, "published", "withdrawn", by)});
    }
    return detail::write_step(
        parts_, tx, held,
        decision.step == "hold" ? SubmissionStage::held : SubmissionStage::refused, step);
  }));
  return detail::noticed(parts_);
}

Result<void> Submissions::erase(std::int64_t id, std::string_view reason,
                                std::string_view by) const {
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const Submission held = ATALAYA_TRY(detail::read_submission(tx, id));
    const bool at_once = ATALAYA_TRY(check_erasure(held, reason, parts_.today()));
    const auto row =
        ATALAYA_TRY(tx.query_one("SELECT leaf FROM followup_submissions WHERE id = $1", {id}));
    ATALAYA_TRY(parts_.ledger->erase(tx, static_cast<std::uint64_t>(row.integer(0))));
    ATALAYA_TRY(tx.execute(
        "UPDATE followup_submissions SET title = '', text = '', sources = '[]', contact = '', "
        "findings = '[]', erased = 1 WHERE id = $1",
        {id}));
    if (held.stage != SubmissionStage::published) {
      ATALAYA_TRY(erase_published(parts_, tx, held));
    }
    if (held.stage != SubmissionStage::appealed) {
      ATALAYA_TRY(erase_appeal(parts_, tx, held));
    }
    ATALAYA_TRY(detail::erase_files(tx, held));
    return detail::write_step(
        parts_, tx, held, held.stage,
        {"erase", at_once ? std::string(reason) : std::string(), "", std::string(by), {}});
  });
}

Result<std::string> Submissions::issue_voucher(std::string_view organisation,
                                               std::string_view pseudonym,
                                               std::string_view by) const {
  const std::string name = ATALAYA_TRY(clean_text(pseudonym, Lines::one));
  if (organisation.empty()) {
    return fail(ErrorCode::conflict, "followup.voucher.organisation",
                "this account belongs to no organisation");
  }
  if (name.size() < 3 || name.size() > 120) {
    return invalid("voucher.pseudonym", name);
  }
  const std::string code = detail::fresh_code();
  ATALAYA_TRY(parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const std::int64_t id = ATALAYA_TRY(detail::next_ids(tx, 1));
    const UtcTime end{parts_.clock->now().ms + std::int64_t{kVoucherDays} * 24 * 60 * 60 * 1000};
    const std::string expires = to_string(utc_date(end));
    const std::string today = detail::today_text(parts_);
    ATALAYA_TRY(tx.execute(
        "INSERT INTO followup_vouchers(id, code, organisation, pseudonym, issued_on, issued_by, "
        "expires_on, state) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open')",
        {id, code_hash(code), std::string(organisation), name, today, std::string(by), expires}));
    return detail::record(parts_, tx,
                          {"followup.voucher",
                           fmt::format("voucher/{}", id),
                           {{"organisation", organisation},
                            {"pseudonym", name},
                            {"issued_on", today},
                            {"expires_on", expires},
                            {"by", by}}},
                          {});
  }));
  return code;
}

Result<std::vector<Voucher>> Submissions::vouchers(std::string_view organisation) const {
  std::vector<Voucher> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto rows = ATALAYA_TRY(
        tx.query("SELECT id, organisation, pseudonym, issued_on, issued_by, expires_on, state FROM "
                 "followup_vouchers WHERE organisation = $1 ORDER BY id DESC",
                 {std::string(organisation)}));
    for (const auto& row : rows) {
      out.push_back({row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4),
                     row.text(5), row.text(6)});
    }
    return {};
  }));
  return out;
}

Result<void> Submissions::revoke_voucher(std::int64_t id, std::string_view organisation,
                                         std::string_view by) const {
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto changed = ATALAYA_TRY(
        tx.query("UPDATE followup_vouchers SET state = 'revoked' WHERE id = $1 AND organisation = "
                 "$2 AND state = 'open' RETURNING id",
                 {id, std::string(organisation)}));
    if (changed.empty()) {
      return missing("voucher", std::to_string(id));
    }
    return detail::record(
        parts_, tx,
        {"followup.voucher", fmt::format("voucher/{}", id), {{"state", "revoked"}, {"by", by}}},
        {});
  });
}

Result<std::vector<Submission>> Submissions::to_vouch(std::string_view organisation) const {
  std::vector<Submission> out;
  ATALAYA_TRY(parts_.database->read([&](store::Transaction& tx) -> Result<void> {
    out = ATALAYA_TRY(detail::read_submissions(tx, "stage = 'vouching' AND organisation = $1",
                                               {std::string(organisation)}));
    return {};
  }));
  return out;
}

Result<void> Submissions::vouch(std::int64_t id, bool yes, std::string_view organisation,
                                std::string_view by) const {
  return parts_.database->write([&](store::Transaction& tx) -> Result<void> {
    const Submission held = ATALAYA_TRY(detail::read_submission(tx, id));
    if (organisation.empty() || held.organisation != organisation) {
      return missing("submission", std::to_string(id));
    }
    if (held.stage != SubmissionStage::vouching) {
      return detail::wrong_stage(held);
    }
    return detail::write_step(parts_, tx, held,
                              yes ? SubmissionStage::received : SubmissionStage::refused,
                              {yes ? "vouch" : "not_vouched", "", "", std::string(by), {}});
  });
}

}  // namespace atalaya::followup
