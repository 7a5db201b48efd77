// Pages of the cube: read the desk once, render. And what focal points and coders send.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "followup_access.hpp"
#include "form.hpp"
#include "kept_page.hpp"
#include "pages_followup_cells.hpp"
#include "rounds_access.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::CodingDesk;
using followup::CodingStage;
using followup::Cube;
using followup::DataSources;
using followup::Reports;

constexpr std::size_t kFormBytesMax = 200UL * 1024;
constexpr std::size_t kFileBytesMax = 6UL << 20U;
constexpr std::size_t kTodoShown = 20;
constexpr std::int32_t kCommitmentsMax = 20'000;  // no list of the follow-up is cut in silence

using Render = RenderPage;

http::Response private_page(int status, std::string html) {
  auto response = html_response(status, std::move(html));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

std::string asked(const Call& call, std::string_view name) {
  const std::string_view value = call.request.query_value(name).value_or("");
  return value.size() <= 120 ? std::string(value) : std::string();
}

Result<http::Response> page(const Call& call, Node& node, const Render& render) {
  auto out = kept_page(call, node, followup_version(node), render);
  const std::string day = asked(call, "as_of");
  const auto parsed = parse_civil_date(day);
  if (out && out->status == 200 && !day.empty() &&
      (!parsed || *parsed > utc_date(node.clock->now()))) {
    out->status = 400;  // the page says so and shows today
  }
  return out;
}

std::string local(const Call& call, std::string_view path) {
  return fmt::format("/{}{}", to_string(call.language), path);
}

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict;
}

int status_of(const Error& error) {
  return error.code == ErrorCode::conflict ? 409 : 400;
}

std::int64_t number(std::string_view text) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

// A day before today as of whose knowledge a page is asked for.
std::optional<CivilDate> known_on(const Call& call, const Node& node) {
  const auto day = parse_civil_date(asked(call, "known_on"));
  return day && *day < utc_date(node.clock->now()) ? std::optional(*day) : std::nullopt;
}

// Nobody runs the assessment of the state that the account comes from: neither opens nor decides,
// publishes nor withdraws it.
bool of_own_state(const FollowupCaller& caller, std::string_view actor) {
  const std::string_view state = followup::country_of(actor);
  return !state.empty() &&
         std::ranges::find(caller.viewer.own, state) != caller.viewer.own.end();
}

Result<void> check_not_own(const FollowupCaller& caller, const std::string& actor) {
  if (of_own_state(caller, actor)) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.own_state",
                      "the account comes from the state assessed",
                      {{"actor", actor}}});
  }
  return {};
}

Result<MatrixView> matrix_view(const Call& call, const Node& node, followup::MatrixQuery query) {
  MatrixView view;
  const auto& parts = node.followup->parts();
  view.reference = parts.reference.get();
  const std::string scale = asked(call, "scale");
  view.g20 = scale == "g20";
  const auto* known = parts.reference->find_scale(scale);
  if (known != nullptr && known->layer == "assessment") {
    query.scale = scale;
  }
  const CivilDate today = utc_date(node.clock->now());
  const std::string day = asked(call, "as_of");
  const auto parsed = parse_civil_date(day);
  query.as_of = std::min(parsed.value_or(today), today);
  if (!day.empty() && !parsed) {
    view.error = Error{ErrorCode::invalid_argument, "followup.date", "", {}};
  } else if (const auto past = check_not_future(parsed.value_or(today), node); !past) {
    view.error = past.error();
  }
  query.known_on = known_on(call, node);
  query.language = call.language;
  const Cube cube(parts);
  view.matrix = ATALAYA_TRY(cube.matrix(query));
  view.counts = followup::count_matrix(view.matrix, parts.reference->find_scale(query.scale));
  view.query = std::move(query);
  return view;
}

// The institutions that a commitment asks, in the catalogue's order.
Result<std::vector<std::string>> asked_institutions(const Node& node, Language language) {
  const auto members = ATALAYA_TRY(Cube(node.followup->parts()).members(language));
  std::set<std::string_view> organs;
  for (const auto& member : members) {
    organs.insert(member.organs.begin(), member.organs.end());
  }
  std::vector<std::string> out;
  for (const auto& institution : node.desk->catalogue().institutions()) {
    if (organs.contains(institution.id)) {
      out.push_back(institution.id);
    }
  }
  return out;
}

// Counted is the whole list, shown one page of it.
void show_page(MatrixView& view) {
  followup::Matrix& matrix = view.matrix;
  const std::size_t all = matrix.commitments.size();
  const auto rows = static_cast<std::size_t>(kMatrixRows);
  const std::size_t from = std::min(all, static_cast<std::size_t>(view.page - 1) * rows);
  const std::size_t to = std::min(all, from + rows);
  const auto cell = [&](std::size_t row) {
    return matrix.cells.begin() + static_cast<std::ptrdiff_t>(row * matrix.actors.size());
  };
  matrix.cells = std::vector<followup::Cell>(cell(from), cell(to));
  const auto member = [&](std::size_t row) {
    return matrix.commitments.begin() + static_cast<std::ptrdiff_t>(row);
  };
  matrix.commitments = std::vector<followup::Member>(member(from), member(to));
}

Result<http::Response> get_matrix(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    followup::MatrixQuery query;
    query.theme = asked(call, "theme");
    query.series = asked(call, "series");
    const std::int32_t number = std::clamp(page_from(call.request.query), 1, 10'000);
    query.limit = kCommitmentsMax;
    const auto& catalogue = node.desk->catalogue();
    const std::string who = asked(call, "who");
    if (who == "parliaments") {
      query.series = "pns";  // priorities are followed per parliament
      for (const auto& country : catalogue.countries()) {
        query.actors.push_back(country.id + ".parliament");
      }
    } else if (who == "institutions") {
      query.actors = ATALAYA_TRY(asked_institutions(node, call.language));
    }
    if (query.series.empty()) {
      query.series_not = "pns";
    }
    MatrixView view = ATALAYA_TRY(matrix_view(call, node, std::move(query)));
    view.who = who == "parliaments" || who == "institutions" ? who : std::string("states");
    view.page = number;
    show_page(view);
    return render_matrix(context, view);
  });
}

Result<http::Response> get_commitment(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const Cube cube(node.followup->parts());
    const auto member =
        ATALAYA_TRY(cube.member(call.text("id"), call.language, known_on(call, node)));
    followup::MatrixQuery query;
    query.commitments = {member.row.id};
    for (const auto& country : node.desk->catalogue().countries()) {
      if (member.parliamentary) {
        query.actors.push_back(country.id + ".parliament");
      } else if (country.is_state) {
        query.actors.push_back(country.id);
      }
    }
    query.actors.insert(query.actors.end(), member.organs.begin(), member.organs.end());
    MatrixView view = ATALAYA_TRY(matrix_view(call, node, std::move(query)));
    view.alternatives =
        ATALAYA_TRY(followup::Submissions(node.followup->parts()).published(member.row.id, {}));
    return render_commitment_followup(context, view);
  });
}

Result<http::Response> get_actor(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    followup::MatrixQuery query;
    query.actors = {std::string(call.text("actor"))};
    query.limit = kCommitmentsMax;
    const MatrixView view = ATALAYA_TRY(matrix_view(call, node, std::move(query)));
    return render_actor_followup(context, view);
  });
}

// Whether the node wrote it after the day as of whose knowledge the page was asked for.
bool later(const CellView& view, std::string_view at) {
  return !view.known_on.empty() && at.substr(0, 10) > view.known_on;
}

Result<CellView> cell_view(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  CellView view;
  view.reference = parts.reference.get();
  view.actor = call.text("actor");
  const Cube cube(parts);
  const std::optional<CivilDate> known = known_on(call, node);
  view.known_on = known ? to_string(*known) : std::string();
  view.member = ATALAYA_TRY(cube.member(call.text("id"), call.language, known));
  const CivilDate today = utc_date(node.clock->now());
  const std::string wanted = asked(call, "as_of");
  const auto parsed = parse_civil_date(wanted);
  if (!wanted.empty() && !parsed) {
    return fail(Error{ErrorCode::invalid_argument, "followup.date", "", {}});
  }
  ATALAYA_TRY(check_not_future(parsed.value_or(today), node));
  const CivilDate day = parsed.value_or(today);
  view.as_of = to_string(day);
  view.cell = ATALAYA_TRY(cube.cell(view.member.row.id, view.actor, day, "implementation", known));
  view.reports = ATALAYA_TRY(Reports(parts).versions(view.member.row.id, view.actor));
  std::erase_if(view.reports, [&](const followup::Report& report) {
    return report.as_of > view.as_of || later(view, report.reported_at);
  });
  std::ranges::stable_sort(view.reports, std::ranges::greater(), &followup::Report::as_of);
  const CodingDesk coding(parts);
  view.codings = ATALAYA_TRY(coding.list(view.member.row.id, view.actor, caller.viewer));
  std::erase_if(view.codings, [&](const followup::Coding& one) {
    const bool unpublished = !view.known_on.empty() && one.published_at.empty();
    return one.as_of > view.as_of || unpublished || later(view, one.published_at);
  });
  for (const auto& one : view.codings) {
    view.agreement[one.scale] = ATALAYA_TRY(coding.agreement(one.scale));
  }
  view.data = ATALAYA_TRY(
      DataSources(parts).cell(view.member.row.id, view.actor, day, call.language, known));
  view.alternatives =
      ATALAYA_TRY(followup::Submissions(parts).published(view.member.row.id, view.actor));
  std::erase_if(view.alternatives, [&](const followup::AlternativeReport& one) {
    return one.as_of > view.as_of || later(view, one.published_on);
  });
  view.participations = ATALAYA_TRY(cube.participations(view.member.row.document, view.actor));
  followup::ChangeQuery changes;
  changes.commitment = view.member.row.id;
  changes.actor = view.actor;
  view.changes = ATALAYA_TRY(cube.changes(changes));
  std::erase_if(view.changes,
                [&](const followup::ChangeView& change) { return later(view, change.at); });
  const bool counted = view.cell.applicability == followup::Applicability::applicable;
  const bool exists =
      counted || view.cell.applicability == followup::Applicability::participation_unknown;
  const bool mine = caller.writer.may_write_for(view.actor);
  view.may_report = counted && mine;
  view.may_say_part = !counted && exists && mine;
  view.may_open = counted && caller.viewer.runs_coding && !of_own_state(caller, view.actor);
  view.may_record =
      !call.caller.account.empty() && call.caller.roles.meets({Role::editor, Role::expert});
  return view;
}

Result<http::Response> get_cell(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const CellView view = ATALAYA_TRY(cell_view(call, node));
    return render_cell(context, view);
  });
}

// ---- a state's report

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
  if (!versions.empty()) {
    view.draft = versions.front();
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
  return private_page(200, render_report_form(context, view));
}

std::unexpected<Error> wrong_file(std::string_view rule, std::string_view number,
                                  std::string_view name) {
  return fail(Error{ErrorCode::invalid_argument,
                    fmt::format("followup.file.{}", rule),
                    "",
                    {{"n", std::string(number)},
                     {"name", std::string(name.substr(0, 80))},
                     {"mb", std::to_string(followup::kKeptFileBytesMax >> 20U)}}});
}

// Every file of the form is one that can be kept, and no title or address waits for a file that did
// not come: all of it is looked at before anything is kept.
Result<void> check_files(const Form& form) {
  for (const FormFile& file : form.files) {
    if (!file.field.starts_with("file_")) {
      continue;
    }
    const std::string_view number = std::string_view(file.field).substr(5);
    if (file.bytes.empty()) {
      return wrong_file("empty", number, file.name);
    }
    if (file.bytes.size() > followup::kKeptFileBytesMax) {
      return wrong_file("too_large", number, file.name);
    }
  }
  for (const auto& [name, value] : form.fields) {
    const bool about = name.starts_with("file_title_") || name.starts_with("file_url_");
    if (!about || trim(value).empty()) {
      continue;
    }
    const std::string number = name.substr(name.rfind('_') + 1);
    if (std::ranges::find(form.files, "file_" + number, &FormFile::field) == form.files.end()) {
      return wrong_file("not_chosen", number, trim(value));
    }
  }
  return {};
}

// What was said of files that have to be chosen anew stays in the form.
std::map<std::string, std::string> said_of_files(const Form& form) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : form.fields) {
    if (name.starts_with("file_")) {
      out[name] = value;
    }
  }
  return out;
}

// The files of a form join its sources, each with its hash. They are kept even where the form has
// something to put right: its sources name them then.
Result<void> keep_files(const Node& node, const Form& form, std::string_view by,
                        std::vector<followup::SourceRef>& sources) {
  const Reports reports(node.followup->parts());
  ATALAYA_TRY(check_files(form));
  for (const FormFile& file : form.files) {
    if (!file.field.starts_with("file_")) {
      continue;
    }
    const std::string number = file.field.substr(5);
    followup::SourceRef source;
    source.title = trim(form.get("file_title_" + number));
    source.url = trim(form.get("file_url_" + number));
    if (source.title.empty()) {
      source.title = file.name;
    }
    ATALAYA_TRY(followup::check_source(source));
    source.file = ATALAYA_TRY(
        reports.keep_file(file.name, "application/octet-stream", source.url, file.bytes, by));
    sources.push_back(std::move(source));
  }
  return {};
}

Result<http::Response> post_report(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  ReportFormView view = ATALAYA_TRY(report_form(call, node));
  followup::Report& draft = view.draft;
  draft.version = number(form.get("version"));
  draft.as_of = form.get("as_of");
  draft.value = form.get("value");
  draft.actions = trim(form.get("actions"));
  draft.law = trim(form.get("law"));
  draft.programme = trim(form.get("programme"));
  draft.budget = trim(form.get("budget"));
  draft.text = trim(form.get("text"));
  draft.why = trim(form.get("why"));
  draft.language = to_string(call.language);
  view.sources = form.get("sources");
  bool kept = false;
  const auto run = [&]() -> Result<std::int64_t> {
    draft.sources = ATALAYA_TRY(followup::parse_sources_text(view.sources));
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
    return private_page(status_of(done.error()), render_report_form(context, view));
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
    followup::MatrixQuery query;
    query.actors = {actor};
    query.limit = kCommitmentsMax;
    const MatrixView matrix = ATALAYA_TRY(matrix_view(call, node, std::move(query)));
    TasksView::Todo todo{actor, matrix.counts, {}};
    for (std::size_t i = 0; i < matrix.matrix.cells.size(); ++i) {
      const auto& cell = matrix.matrix.cells[i];
      if (cell.applicability == followup::Applicability::applicable &&
          cell.report == followup::kNotReported && todo.not_reported.size() < kTodoShown) {
        todo.not_reported.push_back(matrix.matrix.commitments[i]);
      }
    }
    view.reports.push_back(std::move(todo));
  }
  const auto codings = ATALAYA_TRY(CodingDesk(parts).list({}, {}, caller.viewer));
  const std::string today = to_string(utc_date(node.clock->now()));
  for (const auto& coding : codings) {
    const bool coder = caller.viewer.name == coding.coder_a || caller.viewer.name == coding.coder_b;
    const bool runs = caller.viewer.runs_coding && !of_own_state(caller, coding.actor);
    const bool submitted =
        std::ranges::find(coding.submitted, caller.viewer.name) != coding.submitted.end();
    if (coding.stage == CodingStage::coding && coder && !submitted) {
      view.to_code.push_back(coding);
    } else if (coding.stage == CodingStage::adjudication && runs && !coder) {
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
      view.content = to_base64(std::span(
          reinterpret_cast<const std::uint8_t*>(file.bytes.data()), file.bytes.size()));
    }
    return private_page(status_of(done.error()), render_tasks(context, view));
  }
  return http::redirect(
      303, local(call, fmt::format("/desk/follow-up?done={}", news ? "reports" : "unchanged")));
}

// ---- codings

Result<CodingView> coding_view(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  CodingView view;
  view.reference = parts.reference.get();
  view.coding = ATALAYA_TRY(CodingDesk(parts).get(call.integer("coding"), caller.viewer));
  view.member = ATALAYA_TRY(Cube(parts).member(view.coding.commitment, call.language));
  const auto& coding = view.coding;
  const bool coder = caller.viewer.name == coding.coder_a || caller.viewer.name == coding.coder_b;
  const bool submitted =
      std::ranges::find(coding.submitted, caller.viewer.name) != coding.submitted.end();
  view.may_code = coding.stage == CodingStage::coding && coder && !submitted;
  const bool runs = caller.viewer.runs_coding && !of_own_state(caller, coding.actor);
  view.may_decide = coding.stage == CodingStage::adjudication && runs && !coder;
  view.may_reply = coding.stage == CodingStage::reply && coding.reply.empty() &&
                   caller.writer.may_write_for(coding.actor);
  view.may_publish = coding.stage == CodingStage::reply && runs;
  view.may_withdraw = runs && coding.node.empty() &&
                      coding.stage != CodingStage::published &&
                      coding.stage != CodingStage::withdrawn;
  return view;
}

Result<http::Response> get_coding(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const CodingView view = ATALAYA_TRY(coding_view(call, node));
  return private_page(200, render_coding(context, view));
}

using Act =
    std::function<Result<void>(const CodingDesk&, const Form&, const FollowupCaller&, CodingView&)>;

// One act on one coding. What is wrong is shown on its page, with the coding as it is now and what was
// written: in its form or, where somebody else was faster and the form is gone, beside it.
Result<http::Response> act(const Call& call, Node& node, std::string_view part, const Act& run) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  CodingView view = ATALAYA_TRY(coding_view(call, node));
  const auto done = run(CodingDesk(node.followup->parts()), form, caller, view);
  if (!done) {
    if (!is_users(done.error())) {
      return fail(done.error());
    }
    CodingView now = ATALAYA_TRY(coding_view(call, node));
    now.error = done.error();
    now.part = part;
    now.files = view.files;
    for (const auto& [name, value] : form.fields) {
      now.sent[name] = value;
    }
    if (!view.kept_sources.empty()) {
      now.sent["sources"] = view.kept_sources;
    }
    return private_page(status_of(done.error()), render_coding(context, now));
  }
  return http::redirect(303, local(call, fmt::format("/desk/codings/{}", view.coding.id)));
}

// One reason for every page of which no copy came with the form.
void say_no_copy(std::string_view reason, std::vector<followup::SourceRef>& sources) {
  for (followup::SourceRef& source : sources) {
    if (source.url.empty() || !source.file.empty() || !source.no_copy.empty()) {
      continue;
    }
    source.no_copy = squeeze(reason);
    std::ranges::replace(source.no_copy, '[', '(');
    std::ranges::replace(source.no_copy, ']', ')');
  }
}

Result<http::Response> post_code(const Call& call, Node& node) {
  return act(call, node, "code",
             [&](const CodingDesk& desk, const Form& form, const FollowupCaller& caller,
                 CodingView& view) -> Result<void> {
               followup::Code code;
               view.files = said_of_files(form);
               code.value = form.get("value");
               code.reasons = trim(form.get("reasons"));
               code.provision = trim(form.get("provision"));
               code.interest = trim(form.get("interest"));
               code.sources = ATALAYA_TRY(followup::parse_sources_text(form.get("sources")));
               ATALAYA_TRY(keep_files(node, form, caller.viewer.name, code.sources));
               view.files.clear();
               view.kept_sources = followup::sources_text(code.sources);
               say_no_copy(trim(form.get("no_copy")), code.sources);
               return desk.submit(view.coding.id, code, caller.viewer.name);
             });
}

Result<http::Response> post_decide(const Call& call, Node& node) {
  return act(call, node, "decide",
             [&](const CodingDesk& desk, const Form& form, const FollowupCaller& caller,
                 CodingView& view) -> Result<void> {
               ATALAYA_TRY(check_not_own(caller, view.coding.actor));
               return desk.adjudicate(view.coding.id, form.get("value"), form.get("reasons"),
                                      caller.viewer.name);
             });
}

Result<http::Response> post_reply(const Call& call, Node& node) {
  const std::string language(to_string(call.language));
  return act(call, node, "reply",
             [&](const CodingDesk& desk, const Form& form, const FollowupCaller& caller,
                 CodingView& view) {
               return desk.reply(view.coding.id, form.get("text"), language, caller.writer);
             });
}

Result<http::Response> post_publish(const Call& call, Node& node) {
  return act(call, node, "publish",
             [](const CodingDesk& desk, const Form&, const FollowupCaller& caller,
                CodingView& view) -> Result<void> {
               ATALAYA_TRY(check_not_own(caller, view.coding.actor));
               return desk.publish(view.coding.id, caller.viewer.name);
             });
}

Result<http::Response> post_withdraw(const Call& call, Node& node) {
  return act(call, node, "withdraw",
             [](const CodingDesk& desk, const Form& form, const FollowupCaller& caller,
                CodingView& view) -> Result<void> {
               ATALAYA_TRY(check_not_own(caller, view.coding.actor));
               return desk.withdraw(view.coding.id, form.get("reason"), caller.viewer.name);
             });
}

// ---- a new coding

Result<NewCodingView> new_coding(const Call& call, Node& node, std::string commitment,
                                 std::string actor) {
  const auto& parts = node.followup->parts();
  NewCodingView view;
  view.reference = parts.reference.get();
  view.member = ATALAYA_TRY(Cube(parts).member(commitment, call.language));
  view.draft.commitment = std::move(commitment);
  view.draft.actor = std::move(actor);
  view.draft.scale = "implementation";
  view.draft.as_of = to_string(utc_date(node.clock->now()));
  view.draft.window_from = view.member.adopted;
  view.draft.window_to = view.draft.as_of;
  const auto cell = ATALAYA_TRY(
      Cube(parts).cell(view.draft.commitment, view.draft.actor, parts.today(), view.draft.scale));
  const bool unknown = cell.applicability == followup::Applicability::participation_unknown;
  if (unknown || cell.applicability == followup::Applicability::not_applicable) {
    view.error = Error{ErrorCode::invalid_argument,
                       unknown ? "followup.participation_unknown" : "followup.not_applicable",
                       "no cell to code",
                       {{"value", view.draft.commitment}}};
    view.possible = false;
  }
  const auto accounts = ATALAYA_TRY(node.accounts->list());
  for (const auto& account : accounts) {
    const bool coder = std::ranges::any_of(
        account.roles, [](const identity::RoleGrant& grant) {
          return grant.role == "coder" && grant.territory.empty();
        });
    // Nobody assesses the state that the account comes from, as in rounds and checklists.
    const auto states = states_of(account);
    const bool own = std::ranges::find(states, view.draft.actor.substr(0, 3)) != states.end();
    if (coder && !own && !account.disabled) {
      const std::string who =
          account.organisation.empty()
              ? account.display_name
              : fmt::format("{}, {}", account.display_name, account.organisation);
      view.coders.emplace_back(
          account.name, who.empty() ? account.name : fmt::format("{} ({})", who, account.name));
    }
  }
  // Two different people, whom the form proposes so that nobody has to be told.
  view.draft.coder_a = view.coders.empty() ? std::string() : view.coders.front().first;
  view.draft.coder_b = view.coders.size() < 2 ? std::string() : view.coders[1].first;
  const auto rule = CodingDesk(parts).criteria(view.draft.commitment, view.draft.scale);
  view.criteria = rule ? rule->text : std::string();
  return view;
}

Result<http::Response> get_new_coding(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  ATALAYA_TRY(check_not_own(caller, asked(call, "actor")));
  const NewCodingView view =
      ATALAYA_TRY(new_coding(call, node, asked(call, "commitment"), asked(call, "actor")));
  return private_page(view.error ? status_of(*view.error) : 200, render_new_coding(context, view));
}

Result<http::Response> post_new_coding(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  ATALAYA_TRY(check_not_own(caller, std::string(form.get("actor"))));
  NewCodingView view = ATALAYA_TRY(
      new_coding(call, node, std::string(form.get("commitment")), std::string(form.get("actor"))));
  view.draft.scale = form.get("scale");
  view.draft.as_of = form.get("as_of");
  view.draft.window_from = form.get("window_from");
  view.draft.window_to = form.get("window_to");
  view.draft.coder_a = form.get("coder_a");
  view.draft.coder_b = form.get("coder_b");
  view.criteria = trim(form.get("criteria"));
  const CodingDesk desk(node.followup->parts());
  const auto run = [&]() -> Result<std::int64_t> {
    const auto listed = [&](const std::string& coder) {
      return std::ranges::any_of(view.coders, [&](const auto& one) { return one.first == coder; });
    };
    if (!listed(view.draft.coder_a) || !listed(view.draft.coder_b)) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.coders",
                        "not two coders",
                        {{"value", view.draft.coder_a}}});
    }
    if (view.criteria.empty()) {
      return fail(Error{
          ErrorCode::invalid_argument, "followup.text", "a rule has words", {{"value", "0"}}});
    }
    view.draft.criteria = view.criteria;
    return desk.open(view.draft, caller.viewer.name);
  };
  const auto opened = run();
  if (!opened) {
    if (!is_users(opened.error())) {
      return fail(opened.error());
    }
    view.error = opened.error();
    return private_page(status_of(opened.error()), render_new_coding(context, view));
  }
  return http::redirect(303, local(call, fmt::format("/desk/codings/{}", *opened)));
}

// ---- routes

Route page_route(http::Method method, std::string_view path, std::string_view name, Handler handler,
                 RoleSet roles = kAnyone) {
  Route route;
  route.method = method;
  route.path = path;
  route.name = name;
  route.kind = Kind::page;
  route.roles = roles;
  route.handler = handler;
  const bool get = method == http::Method::get;
  route.rate = get ? RateClass::page : RateClass::write;
  route.answers = {{.status = get ? 200 : 303,
                    .about = get ? "The page" : "Done; look there",
                    .media_type = get ? "text/html" : ""}};
  if (path.find("{id}") != std::string_view::npos) {
    route.params.push_back({.name = "id", .type = ParamType::id, .about = "The commitment"});
  }
  if (path.find("{actor}") != std::string_view::npos) {
    route.params.push_back(
        {.name = "actor", .type = ParamType::id, .about = "PAN, PAN.parliament or cicad"});
  }
  if (path.find("{coding}") != std::string_view::npos) {
    route.params.push_back({.name = "coding",
                            .type = ParamType::integer,
                            .about = "The coding",
                            .min = 1,
                            .max = 1'000'000'000});
  }
  if (!get) {
    route.body_bytes_max = kFormBytesMax;
    route.consumes = {"application/x-www-form-urlencoded"};
    route.event = name;
    route.problems = {409};
  }
  return route;
}

}  // namespace

Result<std::shared_ptr<const MatrixView>> country_followup(const Call& call, const Node& node,
                                                           std::string_view country) {
  followup::MatrixQuery query;
  query.actors = {std::string(country)};
  query.limit = kCommitmentsMax;
  auto view = ATALAYA_TRY(matrix_view(call, node, std::move(query)));
  return std::shared_ptr<const MatrixView>(std::make_shared<MatrixView>(std::move(view)));
}

std::vector<Route> followup_cell_routes() {
  using http::Method;
  const RoleSet reporters = {Role::focal_point};
  const RoleSet runners = {Role::publisher, Role::expert};
  const RoleSet workers = {Role::focal_point, Role::coder, Role::expert, Role::publisher};
  std::vector<Route> routes = {
      page_route(Method::get, "/{lang}/follow-up", "get_followup_matrix", &get_matrix),
      page_route(Method::get, "/{lang}/follow-up/commitments/{id}", "get_followup_commitment",
                 &get_commitment),
      page_route(Method::get, "/{lang}/follow-up/actors/{actor}", "get_followup_actor", &get_actor),
      page_route(Method::get, "/{lang}/follow-up/cells/{id}/{actor}", "get_followup_cell",
                 &get_cell),
      page_route(Method::get, "/{lang}/follow-up/cells/{id}/{actor}/report", "get_report_form",
                 &get_report, reporters),
      page_route(Method::post, "/{lang}/follow-up/cells/{id}/{actor}/report", "post_report_form",
                 &post_report, reporters),
      page_route(Method::get, "/{lang}/desk/follow-up", "get_followup_tasks", &get_tasks, workers),
      page_route(Method::get, "/{lang}/desk/codings/new", "get_new_coding", &get_new_coding,
                 runners),
      page_route(Method::post, "/{lang}/desk/codings/new", "post_new_coding", &post_new_coding,
                 runners),
      page_route(Method::get, "/{lang}/desk/codings/{coding}", "get_coding", &get_coding, workers),
      page_route(Method::post, "/{lang}/desk/codings/{coding}/code", "post_code_form", &post_code,
                 {Role::coder}),
      page_route(Method::post, "/{lang}/desk/codings/{coding}/decide", "post_decide_form",
                 &post_decide, runners),
      page_route(Method::post, "/{lang}/desk/codings/{coding}/reply", "post_reply_form",
                 &post_reply, reporters),
      page_route(Method::post, "/{lang}/desk/codings/{coding}/publish", "post_publish_coding_form",
                 &post_publish, runners),
      page_route(Method::post, "/{lang}/desk/codings/{coding}/withdraw",
                 "post_withdraw_coding_form", &post_withdraw, runners)};
  Route upload = page_route(Method::post, "/{lang}/desk/follow-up/reports", "post_reports_file",
                            &post_reports, reporters);
  upload.body_bytes_max = kFileBytesMax * 4 / 3 + kFormBytesMax;  // the file again comes in base64
  upload.consumes = {"multipart/form-data"};
  routes.push_back(std::move(upload));
  for (Route& route : routes) {
    if (route.name == "post_report_form" || route.name == "post_code_form") {
      route.consumes.emplace_back("multipart/form-data");
      route.body_bytes_max = 3 * followup::kKeptFileBytesMax + kFileBytesMax;
    }
  }
  return routes;
}

}  // namespace atalaya::api
