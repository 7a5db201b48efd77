// What focal points send, by form or by file, and the list of what waits for whoever signs in.
#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "followup_forms.hpp"
#include "handler_parts.hpp"
#include "pages_followup_cells.hpp"
#include "rounds_access.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::CodingDesk;
using followup::CodingStage;
using followup::Cube;
using followup::Reports;

constexpr std::size_t kFileBytesMax = 6UL << 20U;
constexpr std::size_t kTodoShown = 20;

Result<ReportFormView> report_form(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  ReportFormView view;
  view.reference = parts.reference.get();
  view.member = ATALAYA_TRY(Cube(parts).member(call.text("id"), call.language));
  if (!followup::actor_kind(call.text("actor"), node.desk->catalogue())) {
    return fail(Error{ErrorCode::not_found,
                      "followup.actor",
                      "no such actor",
                      {{"id", std::string(call.text("actor"))}}});
  }
  const auto versions = ATALAYA_TRY(Reports(parts).versions(call.text("id"), call.text("actor")));
  view.draft.language = to_string(call.language);
  if (!versions.empty()) {
    // What stands is written on; the version is the newest, whichever day it speaks of.
    view.draft = *std::ranges::max_element(versions, {}, &followup::Report::as_of);
    view.draft.version = versions.front().version;
  }
  view.draft.commitment = call.text("id");
  view.draft.actor = call.text("actor");
  view.draft.as_of = to_string(utc_date(node.clock->now()));
  view.sources = followup::sources_text(view.draft.sources);
  return view;
}

Result<http::Response> get_report(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const ReportFormView view = ATALAYA_TRY(report_form(call, node));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  if (!caller.writer.may_write_for(view.draft.actor)) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.not_yours",
                      "this account is not the focal point of that state",
                      {{"actor", view.draft.actor}}});
  }
  // Nobody fills in what would be refused.
  ATALAYA_TRY(Reports(node.followup->parts()).check_asked(view.draft.commitment, view.draft.actor));
  return private_page(200, render_report_form(context, view));
}

Result<http::Response> post_report(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  ReportFormView view = ATALAYA_TRY(report_form(call, node));
  followup::Report& draft = view.draft;
  draft.version = form_number(form.get("version"));
  draft.as_of = form.get("as_of");
  draft.value = form.get("value");
  draft.actions = trim(form.get("actions"));
  draft.law = trim(form.get("law"));
  draft.programme = trim(form.get("programme"));
  draft.budget = trim(form.get("budget"));
  draft.text = trim(form.get("text"));
  draft.why = trim(form.get("why"));
  draft.language = form_language(form, call);
  view.sources = form.get("sources");
  bool kept = false;
  const auto run = [&]() -> Result<std::int64_t> {
    draft.sources = followup::read_sources_text(view.sources);
    ATALAYA_TRY(keep_files(node, form, caller.writer.name, draft.sources));
    kept = true;
    view.sources = followup::sources_text(draft.sources);
    return Reports(node.followup->parts()).submit(draft, caller.writer);
  };
  const auto done = run();
  if (!done) {
    if (!is_users(done.error())) {
      return fail(done.error());
    }
    view.error = done.error();
    view.files = kept ? std::map<std::string, std::string>() : said_of_files(form);
    if (done.error().reason == "followup.report.changed") {
      // The other version stands beside what was typed; sending again then answers that one.
      const auto versions =
          ATALAYA_TRY(Reports(node.followup->parts()).versions(draft.commitment, draft.actor));
      if (!versions.empty()) {
        view.other = versions.front();
        draft.version = versions.front().version;
      }
    }
    return private_page(form_status(done.error()), render_report_form(context, view));
  }
  return http::redirect(
      303, local(call, fmt::format("/follow-up/cells/{}/{}", draft.commitment, draft.actor)));
}

// ---- tasks

Result<std::vector<TasksView::ReviewTask>> review_tasks(const Call& call, const Node& node) {
  const followup::Rounds rounds(node.followup->parts());
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const auto all = ATALAYA_TRY(rounds.list());
  std::vector<TasksView::ReviewTask> out;
  for (const auto& round : all) {
    const auto reviews = ATALAYA_TRY(rounds.reviews(round, viewer));
    for (const auto& review : reviews) {
      if (followup::awaits(review)) {
        out.push_back({round.id, round.title, review.country, review.stage});
      }
    }
  }
  return out;
}

Result<TasksView> tasks_view(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  TasksView view;
  view.reference = node.followup->parts().reference.get();
  view.runs_coding = caller.viewer.runs_coding;
  std::vector<std::string> actors;
  if (!caller.writer.everywhere) {
    for (const std::string& country : caller.writer.countries) {
      if (followup::actor_kind(country, node.desk->catalogue())) {
        actors.push_back(country);
      }
    }
  }
  for (const std::string& actor : actors) {
    const auto own = ATALAYA_TRY(country_followup(call, node, actor));
    TasksView::Todo todo{actor, own->counts, {}};
    for (std::size_t i = 0; i < own->matrix.cells.size(); ++i) {
      const auto& cell = own->matrix.cells[i];
      if (cell.applicability == followup::Applicability::applicable &&
          cell.report == followup::kNotReported && todo.not_reported.size() < kTodoShown) {
        todo.not_reported.push_back(own->matrix.commitments[i]);
      }
    }
    view.reports.push_back(std::move(todo));
  }
  const auto codings = ATALAYA_TRY(CodingDesk(parts).list({}, {}, caller.viewer));
  const std::string today = to_string(utc_date(node.clock->now()));
  for (const auto& coding : codings) {
    const bool runs = caller.viewer.runs_coding && !of_own_state(caller, coding.actor);
    if (coding.stage == CodingStage::coding && coding.of_viewer && !coding.viewer_submitted) {
      view.to_code.push_back(coding);
    } else if (coding.stage == CodingStage::adjudication && runs && !coding.of_viewer) {
      view.to_decide.push_back(coding);
    } else if (coding.stage == CodingStage::reply && coding.reply.empty() &&
               caller.writer.may_write_for(coding.actor)) {
      view.to_reply.push_back(coding);
    } else if (coding.stage == CodingStage::reply && runs &&
               (!coding.reply.empty() || today > coding.reply_until)) {
      view.to_publish.push_back(coding);
    }
  }
  view.reviews = ATALAYA_TRY(review_tasks(call, node));
  const auto members = ATALAYA_TRY(Cube(parts).members(call.language));
  for (const auto& member : members) {
    view.titles[member.row.id] =
        member.row.title.empty() ? member.row.text_start : member.row.title;
  }
  return view;
}

Result<http::Response> get_tasks(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  TasksView view = ATALAYA_TRY(tasks_view(call, node));
  const std::string done = asked(call, "done");
  if (done == "reports" || done == "unchanged") {
    view.done = "tasks.done." + done;
  }
  return private_page(200, render_tasks(context, view));
}

// The file that was chosen or, after its differences were shown, the same one as the page held it.
struct ReportsFile {
  std::string name, bytes;
};

ReportsFile sent_file(const Form& form) {
  if (!form.files.empty()) {
    return {form.files.front().name, form.files.front().bytes};
  }
  const auto bytes = from_base64(form.get("content"));
  return {std::string(form.get("name")),
          bytes ? std::string(bytes->begin(), bytes->end()) : std::string()};
}

Result<http::Response> post_reports(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  const Reports reports(node.followup->parts());
  Result<void> done;
  bool news = false;
  const ReportsFile file = sent_file(form);
  std::optional<followup::ReportImportPlan> seen;
  if (file.bytes.empty()) {
    done = fail(ErrorCode::invalid_argument, "commitments.import.no_file", "");
  } else {
    auto plan = reports.plan_csv(file.bytes, file.name, caller.writer);
    news = plan && plan->count(followup::ReportChange::unchanged) != std::ssize(plan->rows);
    done = plan ? reports.apply(*plan, caller.writer, form.get("accept") == "yes")
                : Result<void>(fail(plan.error()));
    if (plan) {
      seen = *std::move(plan);
    }
  }
  if (!done) {
    if (!is_users(done.error()) && done.error().code != ErrorCode::not_found) {
      return fail(done.error());
    }
    TasksView view = ATALAYA_TRY(tasks_view(call, node));
    view.error = done.error();
    if (seen && done.error().reason == "followup.reports.changes") {
      view.plan = std::move(seen);
      view.content = to_base64(
          std::span(reinterpret_cast<const std::uint8_t*>(file.bytes.data()), file.bytes.size()));
    }
    return private_page(form_status(done.error()), render_tasks(context, view));
  }
  return http::redirect(
      303, local(call, fmt::format("/desk/follow-up?done={}", news ? "reports" : "unchanged")));
}

}  // namespace

std::vector<Route> followup_report_routes() {
  const RoleSet reporters = {Role::focal_point};
  const std::string_view report = "/{lang}/follow-up/cells/{id}/{actor}/report";
  Route form =
      form_route(report, "post_report_form", &post_report, reporters, kFollowupFilesBytesMax);
  form.consumes.emplace_back("multipart/form-data");
  // The file comes again in base64 once its differences were seen.
  Route upload = with_files(form_route("/{lang}/desk/follow-up/reports", "post_reports_file",
                                       &post_reports, reporters, 0),
                            kFileBytesMax * 4 / 3 + kFollowupFormBytesMax);
  return {page_route(report, "get_report_form", &get_report, reporters), std::move(form),
          page_route("/{lang}/desk/follow-up", "get_followup_tasks", &get_tasks, kFollowupWorkers),
          std::move(upload)};
}

}  // namespace atalaya::api
