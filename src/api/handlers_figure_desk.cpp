// Pages of analysts and publishers: what was loaded, loads with a preview, releases with their
// audit. Nothing is stored before somebody has seen what it will be.
#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/mapping_draft.hpp>
#include <atalaya/observatory/protocol_answers.hpp>
#include <atalaya/observatory/quality_report.hpp>

#include "figure_desk_quality.hpp"
#include "form.hpp"
#include "handler_parts.hpp"
#include "pages_figure_desk.hpp"
#include "pages_parts.hpp"
#include "pending_imports.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

constexpr std::size_t kUploadBytesMax = 81UL * 1024 * 1024;  // 80 MB of files and their form
constexpr std::size_t kFilesBytesMax = 80UL * 1024 * 1024;
constexpr std::size_t kPlanFormBytesMax = 1024UL * 1024;
constexpr std::size_t kFormBytesMax = 64UL * 1024;
constexpr RoleSet kFigures = {Role::analyst, Role::publisher};
constexpr RoleSet kAnalysts = {Role::analyst};
constexpr RoleSet kPublishers = {Role::publisher};

bool has(const Call& call, Role role) {
  return call.caller.roles.has(role) && !call.caller.roles.anyone();
}

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict ||
         error.code == ErrorCode::not_found || error.code == ErrorCode::exhausted ||
         error.code == ErrorCode::unavailable;
}

int status_of(const Error& error) {
  return error.code == ErrorCode::conflict      ? 409
         : error.code == ErrorCode::not_found   ? 404
         : error.code == ErrorCode::exhausted   ? 503
         : error.code == ErrorCode::unavailable ? 503
                                                : 400;
}

Error busy() {
  return {ErrorCode::exhausted, "figdesk.busy", "other files or a plan are being worked on", {}};
}

// Where the files lie in this machine is nobody's business.
Error without_folder(Error error, const UploadFolder& folder) {
  const std::string path = folder.path().string() + "/";
  for (auto at = error.detail.find(path); at != std::string::npos; at = error.detail.find(path)) {
    error.detail.erase(at, path.size());
  }
  return error;
}

Result<http::Response> get_figures(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  FigureDeskView view;
  view.submissions = ATALAYA_TRY(node.observatory->submissions());
  std::ranges::reverse(view.submissions);
  for (auto& s : view.submissions) {
    s.title = obs::words_in(s.titles, call.language, s.title);
  }
  view.releases = ATALAYA_TRY(node.observatory->releases());
  for (auto& release : view.releases) {
    release.name = obs::words_in(release.names, call.language, release.name);
  }
  view.may_load = has(call, Role::analyst);
  return private_page(200, render_figure_desk(context, view));
}

Result<http::Response> get_load(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  return private_page(200, render_figure_load(context, FigureLoadView{}));
}

Result<http::Response> load_page(const PageContext& context, FigureLoadView view) {
  const int status = view.error ? status_of(*view.error) : 200;
  auto response = private_page(status, render_figure_load(context, view));
  if (status == 503) {
    response.headers.set("Retry-After", "30");
  }
  return response;
}

std::vector<std::pair<std::string, std::uint64_t>> list_files(const UploadFolder& folder) {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  for (const auto& file : folder.files()) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    out.emplace_back(file.filename().string(), error ? 0 : bytes);
  }
  return out;
}

// The files of this form; without any, those of its token.
Result<PendingFigures::Kept> upload_of(const Call& call, Node& node, Form& form) {
  PendingFigures::Kept upload;
  std::size_t bytes = 0;
  for (auto& file : form.files) {
    if (file.field == "mapping_file") {
      upload.mapping = std::move(file.bytes);
      continue;
    }
    bytes += file.bytes.size();
    if (bytes > kFilesBytesMax) {
      return fail(ErrorCode::invalid_argument, "figdesk.upload.too_large",
                  "more than 80 MB were sent at once");
    }
    if (!upload.folder) {
      upload.folder = ATALAYA_TRY(UploadFolder::create());
    }
    ATALAYA_TRY(upload.folder->add(file.name, file.bytes));
    file.bytes = {};
  }
  const std::string token(form.get("token"));
  if (!upload.folder && !token.empty()) {
    upload.folder = node.pending_imports->figures()
                        .find(token, call.caller.account, node.clock->now().ms)
                        .folder;
    if (!upload.folder) {
      return fail(ErrorCode::not_found, "figdesk.upload.expired",
                  "the files were kept for half an hour and are gone");
    }
  }
  if (!upload.folder) {
    return fail(ErrorCode::invalid_argument, "figdesk.upload.no_file", "no file was chosen");
  }
  if (upload.mapping.empty()) {
    upload.mapping = std::string(form.get("mapping"));
  }
  upload.source = std::string(trim(form.get("source")));
  upload.country = std::string(trim(form.get("country")));
  upload.account = call.caller.account;
  return upload;
}

Result<std::string> draft(Node& node, const PendingFigures::Kept& upload, Language language) {
  const auto table = ATALAYA_TRY(obs::read_for_draft(upload.folder->files().front().string(), ""));
  const auto territories = ATALAYA_TRY(node.observatory->territories());
  return obs::draft_mapping(table, upload.country.empty() ? node.country : upload.country,
                            *territories, language);
}

obs::LoadOptions options_of(const Call& call, const PendingFigures::Kept& upload) {
  obs::LoadOptions options;
  options.source = upload.source;
  options.country = upload.country;
  options.by = call.caller.name;
  return options;
}

Result<obs::LoadResult> load(Node& node, const PendingFigures::Kept& upload,
                             const obs::LoadOptions& options) {
  const auto mapping = ATALAYA_TRY(obs::parse_mapping(upload.mapping, "mapping"));
  return node.observatory->load(mapping, upload.folder->files(), options);
}

// Fills the view with what the form held, also where something is wrong with it.
void show_upload(FigureLoadView& view, const PendingFigures::Kept& upload) {
  view.source = upload.source;
  view.country = upload.country;
  view.mapping = upload.mapping;
  view.files = list_files(*upload.folder);
}

Result<http::Response> post_load(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  FigureLoadView view;
  const auto slot = node.pending_imports->begin_reading();
  if (!slot.got()) {
    view.error = busy();
    return load_page(context, std::move(view));
  }
  Form form = ATALAYA_TRY(read_form(call.request));
  auto upload = upload_of(call, node, form);
  if (!upload) {
    view.source = std::string(form.get("source"));
    view.country = std::string(form.get("country"));
    view.mapping = std::string(form.get("mapping"));
    view.error = upload.error();
    return load_page(context, std::move(view));
  }
  if (trim(upload->mapping).empty()) {
    auto text = draft(node, *upload, call.language);
    if (!text) {
      view.error = without_folder(text.error(), *upload->folder);
    } else {
      upload->mapping = *std::move(text);
      view.drafted = true;
    }
  } else {
    auto options = options_of(call, *upload);
    options.dry_run = true;
    auto preview = load(node, *upload, options);
    if (!preview) {
      view.error = without_folder(preview.error(), *upload->folder);
    } else {
      view.preview = *std::move(preview);
    }
  }
  if (view.error && !is_users(*view.error)) {
    return fail(*view.error);
  }
  show_upload(view, *upload);
  view.token = node.pending_imports->figures().keep(*std::move(upload), node.clock->now().ms);
  return load_page(context, std::move(view));
}

Result<http::Response> post_apply(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  FigureLoadView view;
  const auto slot = node.pending_imports->begin_reading();
  if (!slot.got()) {
    view.error = busy();
    return load_page(context, std::move(view));
  }
  auto& pending = node.pending_imports->figures();
  const std::string token(form.get("token"));
  const auto upload = pending.find(token, call.caller.account, node.clock->now().ms);
  if (!upload.folder) {
    view.error = Error{ErrorCode::not_found,
                       "figdesk.upload.expired",
                       "the files were kept for half an hour and are gone",
                       {}};
    return load_page(context, std::move(view));
  }
  auto options = options_of(call, upload);
  options.accept_changes = form.get("accept") == "yes";
  options.accept_copies = form.get("copies") == "yes";
  const auto loaded = load(node, upload, options);
  if (!loaded) {
    if (!is_users(loaded.error())) {
      return fail(without_folder(loaded.error(), *upload.folder));
    }
    view.error = without_folder(loaded.error(), *upload.folder);
    show_upload(view, upload);
    view.token = token;
    return load_page(context, std::move(view));
  }
  pending.forget(token, call.caller.account);
  return http::redirect(
      303, local(call, fmt::format("/desk/figures/submissions/{}?done={}", loaded->submission,
                                   loaded->unchanged ? "unchanged" : "loaded")));
}

// A page of one of the lists; the first for anything else than a number.
std::int32_t page_asked(const Call& call, std::string_view list) {
  const std::string_view text = call.request.query_value(list).value_or("1");
  std::int32_t page = 1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), page);
  const bool good = error == std::errc() && end == text.data() + text.size();
  return good ? std::clamp(page, 1, 1'000'000) : 1;
}

Result<http::Response> get_submission(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const std::int64_t id = call.integer("number");
  FigureSubmissionView view;
  view.submission = ATALAYA_TRY(node.observatory->submission(id));
  auto& title = view.submission.title;
  title = obs::words_in(view.submission.titles, call.language, title);
  view.findings = ATALAYA_TRY(node.observatory->findings(id));
  view.findings_page = page_asked(call, "findings");
  view.rejects_page = page_asked(call, "rejects");
  view.rejects = ATALAYA_TRY(
      node.observatory->rejects(id, kRejectsShown, (view.rejects_page - 1) * kRejectsShown));
  const auto text =
      node.observatory->mapping_text(view.submission.mapping, view.submission.mapping_version);
  view.mapping = text.value_or("");
  const auto all = ATALAYA_TRY(node.observatory->submissions());
  for (const auto& other : all) {
    if (other.follows == id) {
      view.followed_by = other.id;
    }
  }
  view.quality = ATALAYA_TRY(
      submission_quality(*node.observatory, view.submission, view.mapping, call.language));
  const std::string_view done = call.request.query_value("done").value_or("");
  view.done = done == "loaded" || done == "unchanged" ? std::string(done) : std::string();
  return private_page(200, render_figure_submission(context, view));
}

// Browsers send a text area's lines with CR LF; the plan is kept, hashed and shown with LF.
std::string lines_of(std::string_view text) {
  std::string out(text);
  std::erase(out, '\r');
  return out;
}

Result<ProtocolFormView> protocol_view(const Call& call, Node& node) {
  ProtocolFormView view;
  view.submission = call.integer("number");
  const auto submission = ATALAYA_TRY(node.observatory->submission(view.submission));
  obs::QualityQuery query;
  query.country = submission.country;
  query.source = submission.source;
  query.outliers = false;
  auto reports = ATALAYA_TRY(obs::quality_reports(*node.observatory, query));
  if (!reports.empty()) {
    view.report = std::move(reports.front());
  }
  view.report.source = submission.source;
  view.report.country = submission.country;
  return view;
}

Result<http::Response> get_protocol(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  auto view = ATALAYA_TRY(protocol_view(call, node));
  view.date = to_string(utc_date(node.clock->now()));
  view.done = call.request.query_value("done").has_value();
  return private_page(200, render_protocol_form(context, view));
}

// "yes", "no", "partly" in the reader's language, or a number as people write it; of a share in per
// cent. Nothing for anything else.
std::optional<double> answer_of(const PageContext& context, const obs::Criterion& criterion,
                                std::string_view text) {
  const Say say(context);
  const std::string word = fold(squeeze(text));
  const std::pair<std::string_view, double> words[] = {
      {"quality.yes", 1}, {"protocol.partly", 0.5}, {"quality.no", 0}};
  for (const auto& [key, value] : words) {
    if (criterion.unit == "yes_no" && word == fold(say(key))) {
      return value;
    }
  }
  std::string number;
  for (const char c : word) {
    number += c == ',' ? '.' : c;
  }
  while (!number.empty() && (number.back() == '%' || number.back() == ' ')) {
    number.pop_back();
  }
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (criterion.unit == "yes_no" || error != std::errc() || number.empty() ||
      end != number.data() + number.size()) {
    return std::nullopt;
  }
  return criterion.unit == "share" ? value / 100 : value;
}

Result<http::Response> post_protocol(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  auto view = ATALAYA_TRY(protocol_view(call, node));
  view.criterion = form.get("criterion");
  view.value = form.get("value");
  view.who = form.get("who");
  view.date = form.get("date");
  view.reason = form.get("reason");
  obs::ProtocolAnswer answer;
  answer.source = view.report.source;
  answer.country = view.report.country;
  answer.criterion = view.criterion;
  answer.reason = lines_of(view.reason);
  answer.answered_by = view.who;
  answer.answered_on = view.date;
  answer.recorded_by = call.caller.name;
  const auto criteria = obs::embedded_protocol();
  const auto at = std::ranges::find(criteria, view.criterion, &obs::Criterion::id);
  const auto value =
      at == criteria.end() ? std::nullopt : answer_of(context, *at, form.get("value"));
  answer.value = value.value_or(-1);
  const auto recorded = obs::record_protocol_answer(*node.observatory, std::move(answer));
  if (!recorded) {
    if (!is_users(recorded.error())) {
      return fail(recorded.error());
    }
    view.error = recorded.error();
    return private_page(status_of(*view.error), render_protocol_form(context, view));
  }
  return http::redirect(303, local(call, protocol_path(view.submission) + "?done=yes"));
}

Result<http::Response> release_page(const Call& call, Node& node, FigureReleaseView view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  view.may_publish = has(call, Role::publisher);
  if (view.preview) {
    view.base = ATALAYA_TRY(figure_base(*node.observatory, node.country, call.language));
    view.revisions = planned_revisions(view.base, *view.preview);
  }
  view.territories = ATALAYA_TRY(node.observatory->territories());
  const int status = view.error ? status_of(*view.error) : 200;
  return private_page(status, render_figure_release(context, view));
}

Result<http::Response> get_release_plan(const Call& call, Node& node) {
  FigureReleaseView view;
  view.plan = ATALAYA_TRY(propose_plan(*node.observatory, node.country, call.caller.name,
                                       node.clock->now(), call.language));
  view.proposed = true;
  return release_page(call, node, std::move(view));
}

Result<http::Response> post_release_plan(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  FigureReleaseView view;
  view.plan = lines_of(form.get("plan"));
  const auto slot = node.pending_imports->begin_reading();
  if (!slot.got()) {
    view.error = busy();
    return release_page(call, node, std::move(view));
  }
  auto preview = node.observatory->preview_release(view.plan);
  if (!preview) {
    if (!is_users(preview.error())) {
      return fail(std::move(preview).error());
    }
    view.error = preview.error();
  } else {
    view.preview = *std::move(preview);
  }
  return release_page(call, node, std::move(view));
}

Result<http::Response> post_publish(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  FigureReleaseView view;
  view.plan = lines_of(form.get("plan"));
  if (form.get("decided") != "yes") {
    view.error = Error{ErrorCode::invalid_argument,
                       "figdesk.undecided",
                       "nobody said that the decision named in the plan was taken",
                       {}};
    return release_page(call, node, std::move(view));
  }
  const auto slot = node.pending_imports->begin_reading();
  if (!slot.got()) {
    view.error = busy();
    return release_page(call, node, std::move(view));
  }
  const auto published = node.observatory->publish_release(view.plan, call.caller.name);
  if (!published) {
    if (!is_users(published.error())) {
      return fail(published.error());
    }
    view.error = published.error();
    if (published.error().reason == "observatory.release.unsafe") {
      if (auto preview = node.observatory->preview_release(view.plan)) {
        view.preview = *std::move(preview);
      }
    }
    return release_page(call, node, std::move(view));
  }
  return http::redirect(303, local(call, "/figures/releases/" + published->id));
}

}  // namespace

std::vector<Route> figure_desk_routes() {
  const std::string_view protocol = "/{lang}/desk/figures/submissions/{number}/protocol";
  return {page_route("/{lang}/desk/figures", "get_figure_desk", &get_figures, kFigures),
          page_route("/{lang}/desk/figures/load", "get_figure_load", &get_load, kAnalysts),
          with_files(shows_page(form_route("/{lang}/desk/figures/load", "post_figure_load",
                                           &post_load, kAnalysts, kFormBytesMax)),
                     kUploadBytesMax),
          form_route("/{lang}/desk/figures/load/apply", "post_figure_load_apply", &post_apply,
                     kAnalysts, kFormBytesMax),
          page_route("/{lang}/desk/figures/submissions/{number}", "get_figure_submission",
                     &get_submission, kFigures),
          page_route(protocol, "get_figure_protocol", &get_protocol, kAnalysts),
          shows_page(form_route(protocol, "post_figure_protocol", &post_protocol, kAnalysts,
                                kFormBytesMax)),
          page_route("/{lang}/desk/figures/release", "get_figure_release_plan", &get_release_plan,
                     kFigures),
          shows_page(form_route("/{lang}/desk/figures/release", "post_figure_release_plan",
                                &post_release_plan, kFigures, kPlanFormBytesMax)),
          form_route("/{lang}/desk/figures/release/publish", "post_figure_release", &post_publish,
                     kPublishers, kPlanFormBytesMax)};
}

}  // namespace atalaya::api
