#include "participation_rows.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/crypto/hash.hpp>

#include "checks.hpp"

namespace atalaya::followup::detail {
namespace {

constexpr std::string_view kColumns =
    "id, kind, commitment, actor, as_of, language, title, text, sources, name, organisation, "
    "attribution, contact, findings, stage, received_on, erased, published_title, published_text, "
    "published_sources, redacted";

Result<std::vector<Finding>> findings_from(std::string_view text) {
  std::vector<Finding> out;
  const json::value value = ATALAYA_TRY(parse_json(text, "findings"));
  if (value.is_array()) {
    for (const json::value& one : value.get_array()) {
      const auto* pair = one.if_array();
      if (pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() &&
          (*pair)[1].is_string()) {
        out.push_back({std::string((*pair)[0].get_string()), std::string((*pair)[1].get_string())});
      }
    }
  }
  return out;
}

Result<Submission> submission_from(const store::Row& row) {
  Submission out;
  ATALAYA_TRY(read_beginning(row, out));
  out.contact = row.text(12);
  out.findings = ATALAYA_TRY(findings_from(row.text(13)));
  for (const SubmissionStage stage : kSubmissionStages) {
    if (to_string(stage) == row.text(14)) {
      out.stage = stage;
    }
  }
  out.received_on = row.text(15);
  out.erased = row.integer(16) != 0;
  out.published.title = row.text(17);
  out.published.text = row.text(18);
  const json::value sources = ATALAYA_TRY(parse_json(row.text(19), "sources"));
  out.published.sources = ATALAYA_TRY(parse_sources(sources));
  out.published.redacted = row.integer(20) != 0;
  return out;
}

}  // namespace

Result<std::vector<Submission>> read_submissions(store::Transaction& tx, std::string_view where,
                                                 const store::Parameters& parameters) {
  const auto rows = ATALAYA_TRY(tx.query(
      fmt::format("SELECT {} FROM followup_submissions WHERE {} ORDER BY id", kColumns, where),
      parameters));
  std::vector<Submission> out;
  for (const auto& row : rows) {
    Submission one = ATALAYA_TRY(submission_from(row));
    const auto steps = ATALAYA_TRY(
        tx.query("SELECT step, reason, text, by_name, at FROM followup_submission_steps WHERE "
                 "submission = $1 ORDER BY ordinal",
                 {one.id}));
    for (const auto& step : steps) {
      one.steps.push_back({step.text(0), step.text(1), step.text(2), step.text(3), step.text(4)});
    }
    one.files = ATALAYA_TRY(read_files(tx, one.id));
    out.push_back(std::move(one));
  }
  return out;
}

Result<Submission> read_submission(store::Transaction& tx, std::int64_t id) {
  auto found = ATALAYA_TRY(read_submissions(tx, "id = $1", {id}));
  if (found.empty()) {
    return missing("submission", std::to_string(id));
  }
  return std::move(found.front());
}

std::string searched_words(std::string_view title, std::string_view text,
                           const std::vector<SourceRef>& sources,
                           const std::vector<AttachedFile>& files) {
  std::string out = fmt::format("{}\n{}\n{}", title, text, sources_text(sources));
  for (const AttachedFile& attached : files) {
    // "carta_de_juan_perez.pdf" names him.
    std::string name = attached.name;
    std::ranges::replace_if(name, [](char c) { return c == '_' || c == '-' || c == '.'; }, ' ');
    out += "\n" + name;
  }
  return out;
}

Result<void> write_step(const Parts& parts, store::Transaction& tx, const Submission& held,
                        SubmissionStage to, const SubmissionStep& step,
                        const std::vector<Change>& changes) {
  const auto ordinal = static_cast<std::int64_t>(held.steps.size()) + 1;
  ATALAYA_TRY(tx.execute(
      "INSERT INTO followup_submission_steps(submission, ordinal, step, reason, text, "
      "by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {held.id, ordinal, step.step, step.reason, step.text, step.by, today_text(parts)}));
  ATALAYA_TRY(tx.execute("UPDATE followup_submissions SET stage = $2 WHERE id = $1",
                         {held.id, std::string(to_string(to))}));
  const Leaf leaf{"followup.submission.step",
                  fmt::format("submission/{}/{}", held.id, ordinal),
                  {{"step", step.step},
                   {"reason", step.reason},
                   {"text", step.text},
                   {"stage", to_string(to)},
                   {"by", step.by},
                   {"at", today_text(parts)}}};
  return record(parts, tx, leaf, changes);
}

std::unexpected<Error> wrong_stage(const Submission& held) {
  return fail(Error{ErrorCode::conflict,
                    "followup.submission.stage",
                    "somebody decided about it in the meantime; look at it again",
                    {{"stage", std::string(to_string(held.stage))}}});
}

Change shown_change(const Submission& held, std::string_view before, std::string_view after,
                    std::string_view by) {
  // The title is not in it: a history cannot be taken back, a title may have to be.
  Change change;
  change.kind = held.kind;
  change.commitment = held.commitment;
  change.actor = held.actor;
  change.before = before;
  change.after = after;
  change.why = fmt::format("{}", held.id);
  change.by = by;
  return change;
}

std::string today_text(const Parts& parts) {
  return to_string(parts.today());
}

std::string code_hash(std::string_view code) {
  std::string plain;
  for (const char c : code) {
    if (c != ' ' && c != '-') {
      plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return to_hex(sha256(plain));
}

std::string fresh_code() {
  std::array<std::uint8_t, 15> bytes{};
  crypto::random_bytes(bytes);
  return to_base32(bytes).substr(0, 20);
}

Result<std::pair<std::string, std::string>> use_voucher(const Parts& parts, store::Transaction& tx,
                                                        std::string_view code) {
  const auto rows = ATALAYA_TRY(
      tx.query("UPDATE followup_vouchers SET state = 'used' WHERE code = $1 AND state = 'open' AND "
               "expires_on >= $2 AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.name = issued_by "
               "AND a.disabled <> 0) RETURNING pseudonym, organisation",
               {code_hash(code), today_text(parts)}));
  if (rows.empty()) {
    return invalid("submission.voucher");
  }
  return std::pair{rows.front().text(0), rows.front().text(1)};
}

}  // namespace atalaya::followup::detail
