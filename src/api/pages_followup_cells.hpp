#pragma once
// Pages of the cube: matrix, one commitment, one state, one cell, forms and tasks. Pure functions.

#include <map>
#include <string>
#include <vector>

#include <atalaya/followup/change_words.hpp>
#include <atalaya/followup/coding.hpp>
#include <atalaya/followup/cube.hpp>
#include <atalaya/followup/data_sources.hpp>
#include <atalaya/followup/participation.hpp>
#include <atalaya/followup/reports.hpp>
#include <atalaya/followup/round_rules.hpp>

#include "pages_followup.hpp"

namespace atalaya::api {

struct MatrixView {
  followup::MatrixQuery query;
  followup::Matrix matrix;
  followup::Counts counts;
  std::vector<followup::AlternativeReport> alternatives;  // of the page of one commitment
  const followup::Reference* reference = nullptr;
  bool g20 = false;            // assessments shown as −1, 0, +1
  std::string who = "states";  // states | parliaments | institutions
  std::int32_t page = 1;
};

inline constexpr std::int32_t kMatrixRows = 50;

[[nodiscard]] std::string render_matrix(const PageContext& context, const MatrixView& view);
/// One row or one column of the matrix in words, each cell with its own page.
[[nodiscard]] std::string render_commitment_followup(const PageContext& context,
                                                     const MatrixView& view);
[[nodiscard]] std::string render_actor_followup(const PageContext& context, const MatrixView& view);
/// The band of a state's page.
void write_country_followup(Html& h, const PageContext& context, const MatrixView& view);

struct CellView {
  followup::Member member;
  std::string actor, as_of;
  std::string known_on;  // empty: as it is known now
  followup::Cell cell;
  const followup::Reference* reference = nullptr;
  std::vector<followup::Report> reports;  // newest first
  std::vector<followup::Coding> codings;  // that the viewer may know of
  followup::CellData data;
  std::vector<followup::AlternativeReport> alternatives;  // what others than the state say
  std::vector<followup::Participation> participations;
  std::vector<std::pair<followup::ChangeView, followup::ChangeWords>> changes;
  std::map<std::string, followup::Agreement> agreement;  // by scale
  bool may_report = false, may_open = false, may_record = false;
  bool may_say_part = false;  // would report, but nobody recorded whether the state took part
};

[[nodiscard]] std::string render_cell(const PageContext& context, const CellView& view);
/// What one version of a report says, with who wrote it and its sources.
void write_report_words(Html& h, const PageContext& context, const followup::Report& report);
/// "How it was decided, by Xena".
[[nodiscard]] std::string decision_heading(const PageContext& context,
                                           const followup::Coding& coding);

struct ReportFormView {
  followup::Member member;
  followup::Report draft;
  std::optional<followup::Report> other;  // what somebody else wrote in the meantime
  std::string sources;                    // as typed, or as kept where they could be read
  std::map<std::string, std::string> files;  // what was said of files to be chosen anew, by field
  const followup::Reference* reference = nullptr;
  std::optional<Error> error;
};

[[nodiscard]] std::string render_report_form(const PageContext& context,
                                             const ReportFormView& view);

struct CodingView {
  followup::Coding coding;
  followup::Member member;
  const followup::Reference* reference = nullptr;
  std::string part;                         // "code", "decide", …: whose form was refused
  std::map<std::string, std::string> sent;  // its fields
  std::map<std::string, std::string> files;  // what was said of files to be chosen anew, by field
  std::string kept_sources;                  // of a code: with the files that were kept
  bool may_code = false, may_decide = false, may_reply = false, may_publish = false;
  bool may_withdraw = false;
  bool shows_waiting = false;  // which of the two coders has sent
  std::optional<Error> error;
};

[[nodiscard]] std::string render_coding(const PageContext& context, const CodingView& view);

struct NewCodingView {
  followup::NewCoding draft;
  followup::Member member;
  const followup::Reference* reference = nullptr;
  std::vector<std::pair<std::string, std::string>> coders;  // account and what people call it
  std::string criteria;
  bool possible = true;  // false: nobody can code this cell; `error` says why
  std::optional<Error> error;
};

[[nodiscard]] std::string render_new_coding(const PageContext& context, const NewCodingView& view);

struct TasksView {
  const followup::Reference* reference = nullptr;
  bool runs_coding = false;  // may have cells assessed

  struct Todo {
    std::string actor;
    followup::Counts counts;
    std::vector<followup::Member> not_reported;  // the first of them
  };

  std::vector<Todo> reports;

  struct ReviewTask {
    std::string round, title, country;
    followup::RoundStage stage = followup::RoundStage::none;
  };

  std::vector<ReviewTask> reviews;  // that wait for a step of this person
  std::vector<followup::Coding> to_code, to_decide, to_reply, to_publish;
  std::map<std::string, std::string> titles;  // of commitments
  std::string done;                           // message key
  std::optional<followup::ReportImportPlan> plan;  // of a file that would change what is held
  std::string content;                             // its bytes, in base64, to be sent again
  std::optional<Error> error;
};

[[nodiscard]] std::string render_tasks(const PageContext& context, const TasksView& view);

/// "Panama", "Parliament of Panama", "CICAD".
[[nodiscard]] std::string actor_name(const PageContext& context, std::string_view actor);
/// Beside a cited page: that no copy of it is kept, and why. `elsewhere`: the node whose coders cited
/// it keeps its files itself.
void write_no_copy(Html& h, const PageContext& context, const followup::SourceRef& source,
                   bool elsewhere);
/// A value of a scale in the page's language; "not reported" and "not assessed" too.
[[nodiscard]] std::string value_name(const PageContext& context,
                                     const followup::Reference& reference, std::string_view scale,
                                     std::string_view value);

/// "PAN.parliament"; and the keys of what an actor's reports and its own words are called, which are
/// those of a state only where it is one.
bool is_parliament(std::string_view actor);
const char* report_layer(std::string_view actor);
const char* own_words(std::string_view actor);

/// Why an indicator is linked, who stands for it and who recorded that.
std::string link_words(const PageContext& context, const followup::IndicatorLink& link);

}  // namespace atalaya::api
