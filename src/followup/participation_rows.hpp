#pragma once
// Submissions as the store has them, and the one way in which their steps are written. Private to
// the module.

#include <string>
#include <string_view>
#include <vector>

#include <atalaya/followup/participation.hpp>

#include "record.hpp"

namespace atalaya::followup::detail {

/// The twelve columns with which a submission and what readers see of it begin: id, kind,
/// commitment, actor, as_of, language, title, text, sources, name, organisation, attribution.
template <class Record>
[[nodiscard]] Result<void> read_beginning(const store::Row& row, Record& out) {
  out.id = row.integer(0);
  out.kind = row.text(1);
  out.commitment = row.text(2);
  out.actor = row.text(3);
  out.as_of = row.text(4);
  out.language = row.text(5);
  out.title = row.text(6);
  out.text = row.text(7);
  const json::value sources = ATALAYA_TRY(parse_json(row.text(8), "sources"));
  out.sources = ATALAYA_TRY(parse_sources(sources));
  out.name = row.text(9);
  out.organisation = row.text(10);
  out.attribution = row.text(11);
  return {};
}

/// `where` is a condition with parameters; " ORDER BY id" follows.
[[nodiscard]] Result<std::vector<Submission>> read_submissions(store::Transaction& tx,
                                                               std::string_view where,
                                                               const store::Parameters& parameters);
/// Fails with not_found (followup.submission).
[[nodiscard]] Result<Submission> read_submission(store::Transaction& tx, std::int64_t id);

/// The words of a submission in which personal data are looked for.
[[nodiscard]] std::string searched_words(std::string_view title, std::string_view text,
                                         const std::vector<SourceRef>& sources,
                                         const std::vector<AttachedFile>& files);

/// Writes a step of moderation, the stage that it leads to, leaf and history.
[[nodiscard]] Result<void> write_step(const Parts& parts, store::Transaction& tx,
                                      const Submission& held, SubmissionStage to,
                                      const SubmissionStep& step,
                                      const std::vector<Change>& changes = {});

[[nodiscard]] std::unexpected<Error> wrong_stage(const Submission& held);
/// "correction" or "alternative_report" of a cell becoming public, or no longer being it.
[[nodiscard]] Change shown_change(const Submission& held, std::string_view before,
                                  std::string_view after, std::string_view by);
[[nodiscard]] std::string today_text(const Parts& parts);
[[nodiscard]] std::string code_hash(std::string_view code);
/// Uses a voucher up: pseudonym and organisation. Fails with invalid_argument
/// (followup.submission.voucher) where it is unknown, used, revoked or too old.
[[nodiscard]] Result<std::pair<std::string, std::string>> use_voucher(const Parts& parts,
                                                                      store::Transaction& tx,
                                                                      std::string_view code);
/// Attached files (participation_files.cpp): checked, as the log has them, written, read.
[[nodiscard]] Result<std::vector<AttachedFile>> check_files(
    const std::vector<SubmittedFile>& files);
[[nodiscard]] json::array files_json(const std::vector<AttachedFile>& files);
[[nodiscard]] Result<void> write_files(store::Transaction& tx, std::int64_t submission,
                                       const std::vector<SubmittedFile>& given,
                                       const std::vector<AttachedFile>& files);
[[nodiscard]] Result<std::vector<AttachedFile>> read_files(store::Transaction& tx,
                                                           std::int64_t submission);
/// Marks the chosen ones as shown, as sources of what is published. What was withdrawn shows no
/// file more than it did: fails with not_found (followup.file).
[[nodiscard]] Result<std::vector<SourceRef>> publish_files(store::Transaction& tx,
                                                           const Submission& held,
                                                           const std::vector<std::int64_t>& chosen);
/// All of them; of something that is published, those that are not shown and the others' names.
[[nodiscard]] Result<void> erase_files(store::Transaction& tx, const Submission& held);
/// 20 letters and digits that can be read aloud: 100 random bits.
[[nodiscard]] std::string fresh_code();

}  // namespace atalaya::followup::detail
