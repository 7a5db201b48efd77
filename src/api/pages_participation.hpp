#pragma once
// Pages of alternative reports and corrections: the form for everybody, what became of one, the
// public counts, and the pages of those who decide and of organisations that vouch. Pure functions.

#include <optional>
#include <string>
#include <vector>

#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/packages.hpp>
#include <atalaya/followup/participation_check.hpp>

#include "pages_followup_cells.hpp"

namespace atalaya::api {

struct SubmissionFormView {
  bool had_files = false;  // a browser does not send them a second time by itself
  followup::Member member;
  followup::SubmissionDraft draft;
  std::vector<std::string> actors;  // whom the commitment asks today; the chosen one is draft's
  bool actor_fixed = false;         // the form stands on a cell: of its actor, if that one is asked
  std::vector<followup::Finding> findings;  // to look at before it is sent
  std::string token;
  std::optional<Error> error;
};

struct SubmissionSentView {
  followup::Member member;
  std::string code;  // "" where this form was sent before
  bool vouching = false;
};

struct ReceiptView {
  std::string code;
  std::optional<followup::Submission> submission;  // none: the code is asked for
  std::string title;                               // of the commitment
  std::string done;                                // message key
  std::string text;                                // of an appeal that was refused, as it was typed
  std::optional<Error> error;
};

struct ParticipationView {
  followup::ParticipationCounts counts;
  std::vector<followup::AlternativeReport> reports;
  std::map<std::string, std::string> titles;  // of commitments
  std::vector<followup::Peer> peers;
};

struct ModerationView {
  std::vector<followup::Submission> open, decided;
  std::map<std::string, std::string> titles;
};

struct SubmissionView {
  std::vector<followup::SearchedFile> searched;  // of its attached files
  followup::Submission submission;
  followup::Member member;
  followup::Decision draft;
  std::optional<followup::Submissions::Preview> preview;  // what publishing the draft would show
  bool own_state = false;    // the account speaks for the state that it is about
  bool same_person = false;  // who refused or withdrew, so somebody else decides the appeal
  std::string done;
  std::optional<Error> error;
};

struct VouchingView {
  std::string organisation;
  std::vector<followup::Submission> waiting;
  std::vector<followup::Voucher> vouchers;
  std::string code, pseudonym;  // just issued
  std::optional<Error> error;
};

[[nodiscard]] std::string render_submission_form(const PageContext& context,
                                                 const SubmissionFormView& view);
[[nodiscard]] std::string render_submission_sent(const PageContext& context,
                                                 const SubmissionSentView& view);
[[nodiscard]] std::string render_receipt(const PageContext& context, const ReceiptView& view);
[[nodiscard]] std::string render_participation(const PageContext& context,
                                               const ParticipationView& view);
[[nodiscard]] std::string render_moderation(const PageContext& context, const ModerationView& view);
[[nodiscard]] std::string render_submission(const PageContext& context, const SubmissionView& view);
[[nodiscard]] std::string render_vouching(const PageContext& context, const VouchingView& view);

/// "Refused"; an appeal that was granted where nothing is left to publish is not called published.
[[nodiscard]] std::string step_name(const PageContext& context,
                                    const followup::SubmissionStep& step);
/// Published ones as a cell's or a commitment's page shows them, under an h2 of their own, with the
/// way to send another. `path` of the form, without language.
void write_alternative_reports(Html& h, const PageContext& context,
                               const std::vector<followup::AlternativeReport>& reports,
                               std::string_view path);

}  // namespace atalaya::api
