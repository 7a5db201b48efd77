// Editors' pages: import review, antecedents, titles. Forms that say what will change, one act each;
// after an act the browser is sent on (303), so that going back repeats nothing.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/commitments/import.hpp>
#include <atalaya/crypto/hash.hpp>
#include <atalaya/followup/deadlines.hpp>

#include "form.hpp"
#include "pages_desk_words.hpp"
#include "pages_figure_desk.hpp"
#include "pending_imports.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

constexpr std::size_t kPlansMax = 8;
constexpr std::size_t kAppliedMax = 32;
constexpr std::int64_t kPlanMs = 30LL * 60 * 1000;
constexpr std::size_t kUploadBytesMax = 80UL * 1024 * 1024;  // one largest file and its form
constexpr std::size_t kFormBytesMax = 64UL * 1024;
constexpr std::int32_t kCandidates = 15;

std::string_view to_text(commitments::ItemPlan::Change change) {
  switch (change) {
    case commitments::ItemPlan::Change::added:
      return "added";
    case commitments::ItemPlan::Change::joined:
      return "joined";
    case commitments::ItemPlan::Change::unchanged:
      return "unchanged";
    case commitments::ItemPlan::Change::text_differs:
      return "text_differs";
  }
  return "added";
}

http::Response private_page(int status, std::string html) {
  auto response = html_response(status, std::move(html));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

std::string local(const Call& call, std::string_view path) {
  return fmt::format("/{}{}", to_string(call.language), path);
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : -1;
}

// The status of an answer that shows the form again with its error.
int status_of(const Error& error) {
  return error.code == ErrorCode::conflict    ? 409
         : error.code == ErrorCode::not_found ? 404
                                              : 400;
}

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict ||
         error.code == ErrorCode::exhausted;
}

Result<http::Response> get_desk(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  DeskView view;
  view.sources = ATALAYA_TRY(node.desk->sources());
  view.index_behind = node.desk->index_behind().value_or(0);
  view.read_earlier = ATALAYA_TRY(node.desk->held_readings()).earlier;
  const std::string_view done = call.request.query_value("done").value_or("");
  if (done == "imported" || done == "unchanged") {
    view.done = fmt::format("desk.done.{}", done);
  }
  view.tasks = call.caller.roles.meets(
      {Role::focal_point, Role::coder, Role::expert, Role::publisher});
  const RoleSet figures = {Role::analyst, Role::publisher};
  return private_page(200, render_desk(context, view, call.caller.roles.meets(figures)));
}

Result<http::Response> get_import(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  return private_page(200, render_import(context, {}));
}

ImportFile review(const commitments::FilePlan& plan) {
  ImportFile file;
  file.name = plan.file_name;
  file.kind = to_string(plan.document.kind);
  file.format = plan.format;
  file.language =
      plan.document.language ? std::string(to_string(*plan.document.language)) : std::string();
  file.title = plan.document.theme.empty() ? plan.document.title : plan.document.theme;
  file.known = plan.known;
  file.needs_acceptance = plan.needs_acceptance;
  file.follows = plan.follows;
  file.twin_of = plan.twin_of;
  file.standing = plan.standing;
  file.duplicates = plan.duplicates;
  file.added = plan.added;
  file.unchanged = plan.unchanged;
  file.themes = plan.themes;
  file.themed = std::ranges::count(plan.items, true, &commitments::ItemPlan::themed);
  file.warnings = plan.document.warnings;
  file.gone = plan.gone;
  file.gone_texts = plan.gone_texts;
  file.rewordings = plan.rewordings;
  for (std::size_t i = 0; i < plan.items.size() && i < plan.document.items.size(); ++i) {
    file.rows.push_back({plan.document.items[i], plan.items[i].commitment,
                         std::string(to_text(plan.items[i].change))});
  }
  return file;
}

std::vector<ImportFile> reviews(const commitments::ImportPlan& plan) {
  std::vector<ImportFile> files;
  for (const auto& file : plan.files) {
    files.push_back(review(file));
  }
  return files;
}

Result<commitments::ImportPlan> plan_upload(Node& node, Form& form,
                                            const commitments::ImportOptions& options) {
  std::vector<commitments::InputFile> files;
  for (auto& file : form.files) {
    files.push_back({file.name, std::move(file.bytes)});
  }
  if (files.empty()) {
    return fail(ErrorCode::invalid_argument, "commitments.import.no_file",
                "no file was chosen");
  }
  return commitments::Importer(*node.desk).plan(std::move(files), options);
}

Result<http::Response> post_import(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  Form form = ATALAYA_TRY(read_form(call.request));
  commitments::ImportOptions options;
  options.by = call.caller.name;
  options.translation = form.get("translation") == "yes";
  options.incomplete = form.get("incomplete") == "yes";
  ImportView view;
  const auto slot = node.pending_imports->begin_reading();
  if (!slot.got()) {
    view.error = Error{ErrorCode::exhausted, "commitments.import.busy",
                       "another upload is being read", {}};
    auto response = private_page(503, render_import(context, view));
    response.headers.set("Retry-After", "30");
    return response;
  }
  auto plan = plan_upload(node, form, options);
  if (!plan) {
    if (!is_users(plan.error())) {
      return fail(std::move(plan).error());
    }
    view.error = plan.error();
    return private_page(status_of(plan.error()), render_import(context, view));
  }
  view.files = reviews(*plan);
  view.token = node.pending_imports->keep(*std::move(plan), options, call.caller.account,
                                          node.clock->now().ms);
  return private_page(200, render_import(context, view));
}

// The plan made anew, with what the editor ticked as the same commitment in new words.
Result<commitments::ImportPlan> plan_again(Node& node, const commitments::ImportPlan& plan,
                                           const commitments::ImportOptions& options) {
  std::vector<commitments::InputFile> files;
  for (std::size_t i = 0; i < plan.files.size(); ++i) {
    files.push_back({plan.files[i].file_name, plan.bytes[i]});
  }
  return commitments::Importer(*node.desk).plan(std::move(files), options);
}

Result<void> apply_kept(Node& node, const Form& form, PendingImports::Kept& kept) {
  kept.options.same.clear();
  for (const auto& [name, value] : form.fields) {
    const std::size_t at = value.find('=');
    if (name == "same" && at != std::string::npos) {
      kept.options.same.push_back({value.substr(0, at), value.substr(at + 1)});
    }
  }
  if (!kept.options.same.empty()) {
    commitments::ImportPlan plan = ATALAYA_TRY(plan_again(node, kept.plan, kept.options));
    if (plan.based_on != kept.plan.based_on) {
      return fail(ErrorCode::conflict, "commitments.import.stale",
                  "another import finished after this plan was made");
    }
    kept.plan = std::move(plan);
  }
  return commitments::Importer(*node.desk).apply(kept.plan, kept.options);
}

http::Response applied_page(const Call& call, bool unchanged) {
  return http::redirect(
      303, local(call, fmt::format("/desk?done={}", unchanged ? "unchanged" : "imported")));
}

Result<http::Response> apply_once(const Call& call, Node& node, const Form& form,
                                  std::vector<PendingImports::Applied>& applied_before) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  ImportView view;
  const std::string token(form.get("token"));
  const auto before = std::ranges::find_if(applied_before, [&](const auto& one) {
    return one.token == token && one.account == call.caller.account;
  });
  if (before != applied_before.end()) {
    return applied_page(call, before->unchanged);
  }
  auto kept = node.pending_imports->take(token, call.caller.account, node.clock->now().ms);
  if (!kept) {
    view.error = Error{ErrorCode::not_found,
                       "commitments.import.expired",
                       "this plan is older than half an hour, or made room for others",
                       {}};
    return private_page(404, render_import(context, view));
  }
  const bool unchanged = std::ranges::all_of(kept->plan.files, &commitments::FilePlan::known);
  kept->options.accept_changes = form.get("accept") == "yes";
  const auto applied = apply_kept(node, form, *kept);
  if (!applied) {
    if (!is_users(applied.error())) {
      return fail(applied.error());
    }
    view.error = applied.error();
    if (applied.error().reason == "commitments.import.changes") {
      // Nothing is lost by forgetting the tick: the same review is shown again.
      view.files = reviews(kept->plan);
      view.token = token;
      node.pending_imports->put_back(token, *std::move(kept));
    }
    return private_page(status_of(applied.error()), render_import(context, view));
  }
  if (applied_before.size() >= kAppliedMax) {
    applied_before.erase(applied_before.begin());
  }
  applied_before.push_back({token, call.caller.account, unchanged});
  return applied_page(call, unchanged);
}

Result<http::Response> post_apply(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  return node.pending_imports->applied().with(
      [&](std::vector<PendingImports::Applied>& applied) -> Result<http::Response> {
        return apply_once(call, node, form, applied);
      });
}

Result<http::Response> show_antecedents(const Call& call, Node& node, std::optional<Error> error) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  AntecedentsView view;
  view.commitment = ATALAYA_TRY(node.desk->get(call.text("id"), call.language));
  view.candidates =
      ATALAYA_TRY(node.desk->candidates(call.text("id"), call.language, kCandidates));
  // What is linked already is not proposed again.
  std::erase_if(view.candidates, [&](const commitments::CandidateView& candidate) {
    return std::ranges::any_of(view.commitment.antecedents, [&](const auto& antecedent) {
      return antecedent.other.id == candidate.row.id;
    });
  });
  const int status = error ? status_of(*error) : 200;
  view.error = std::move(error);
  return private_page(status, render_antecedents(context, view));
}

Result<http::Response> get_antecedents(const Call& call, Node& node) {
  return show_antecedents(call, node, std::nullopt);
}

Result<http::Response> post_antecedent(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto confirmed =
      node.desk->confirm_antecedent(form.get("later"), form.get("earlier"), form.get("type"),
                                    form.get("reason"), call.caller.name);
  if (!confirmed) {
    if (!is_users(confirmed.error())) {
      return fail(confirmed.error());
    }
    return show_antecedents(call, node, confirmed.error());
  }
  return http::redirect(
      303, local(call, fmt::format("/commitments/{}/antecedents", call.text("id"))));
}

Result<http::Response> post_withdraw(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  ATALAYA_TRY(node.desk->withdraw_antecedent(number(form.get("id")), call.caller.name));
  return http::redirect(
      303, local(call, fmt::format("/commitments/{}/antecedents", call.text("id"))));
}

Result<http::Response> show_titles(const Call& call, Node& node, std::optional<Error> error) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  TitlesView view;
  view.commitment = ATALAYA_TRY(node.desk->get(call.text("id"), call.language));
  view.history = ATALAYA_TRY(node.desk->title_history(call.text("id")));
  std::ranges::stable_sort(view.history, std::greater<>(), &commitments::TitleVersion::version);
  const int status = error ? status_of(*error) : 200;
  view.error = std::move(error);
  return private_page(status, render_titles(context, view));
}

Result<http::Response> get_titles(const Call& call, Node& node) {
  return show_titles(call, node, std::nullopt);
}

Result<http::Response> post_title(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  commitments::TitleVersion title;
  title.language = std::string(form.get("language"));
  title.version = number(form.get("version"));
  title.title = std::string(form.get("title"));
  title.summary = std::string(form.get("summary"));
  title.reason = std::string(form.get("reason"));
  title.set_by = call.caller.name;
  const auto set = node.desk->set_title(call.text("id"), title);
  if (!set) {
    if (!is_users(set.error())) {
      return fail(set.error());
    }
    return show_titles(call, node, set.error());
  }
  return http::redirect(303,
                        local(call, fmt::format("/commitments/{}/titles", call.text("id"))));
}

Result<http::Response> show_clauses(const Call& call, Node& node, std::optional<Error> error,
                                    std::optional<commitments::ClauseEdit> mine = {}) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  ClausesView view;
  view.commitment = ATALAYA_TRY(node.desk->get(call.text("id"), call.language));
  view.history = ATALAYA_TRY(node.desk->clause_history(call.text("id")));
  view.mine = std::move(mine);
  const int status = error ? status_of(*error) : 200;
  view.error = std::move(error);
  return private_page(status, render_clauses(context, view));
}

Result<http::Response> get_clauses(const Call& call, Node& node) {
  return show_clauses(call, node, std::nullopt);
}

commitments::ClauseEdit edit_of(const Form& form) {
  commitments::ClauseEdit edit;
  edit.ordinal = static_cast<std::int32_t>(std::clamp<std::int64_t>(
      number(form.get("ordinal")), 0, 100'000));
  edit.version = number(form.get("version"));
  edit.back = form.get("back") == "yes";
  edit.verb = std::string(form.get("verb"));
  edit.addressee = std::string(form.get("addressee"));
  edit.deliverable = std::string(form.get("deliverable"));
  edit.due = std::string(trim(form.get("due")));
  edit.formulation = std::string(form.get("formulation"));
  edit.reason = std::string(form.get("reason"));
  for (const std::string_view line : split(form.get("qualifiers"), '\n')) {
    for (const std::string_view part : split(line, ';')) {
      if (!trim(part).empty()) {
        edit.qualifiers.emplace_back(trim(part));
      }
    }
  }
  return edit;
}

Result<http::Response> post_clause(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  commitments::ClauseEdit edit = edit_of(form);
  edit.set_by = call.caller.name;
  edit.account = call.caller.account;
  edit.dates_recorded =
      ATALAYA_TRY(followup::Deadlines(node.followup->parts()).recorded(call.text("id")));
  const auto set = node.desk->set_clause(call.text("id"), edit);
  if (!set) {
    if (!is_users(set.error())) {
      return fail(set.error());
    }
    return show_clauses(call, node, set.error(), std::move(edit));
  }
  return http::redirect(303,
                        local(call, fmt::format("/commitments/{}/clauses", call.text("id"))));
}

constexpr std::int32_t kLikeWorded = 6;

Result<http::Response> show_wording(const Call& call, Node& node, std::optional<Error> error) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  WordingPageView view;
  view.commitment = ATALAYA_TRY(node.desk->get(call.text("id"), call.language));
  const auto rows =
      ATALAYA_TRY(node.desk->like_worded(call.text("id"), call.language, kLikeWorded));
  for (const auto& row : rows) {
    auto candidate = ATALAYA_TRY(node.desk->get(row.id, call.language));
    view.candidates.push_back(std::move(candidate));
  }
  const int status = error ? status_of(*error) : 200;
  view.error = std::move(error);
  return private_page(status, render_wording(context, view));
}

Result<http::Response> get_wording(const Call& call, Node& node) {
  return show_wording(call, node, std::nullopt);
}

Result<http::Response> post_wording(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const std::string commitment(form.get("commitment"));
  const auto said =
      node.desk->say_same(call.text("id"), commitment, form.get("reason"), call.caller.name);
  if (!said) {
    if (!is_users(said.error())) {
      return fail(said.error());
    }
    return show_wording(call, node, said.error());
  }
  return http::redirect(303, local(call, fmt::format("/commitments/{}", commitment)));
}

Result<http::Response> post_wording_withdraw(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const std::string later(form.get("later"));
  const auto taken = node.desk->take_back_same(later, form.get("reason"), call.caller.name);
  if (!taken) {
    if (!is_users(taken.error())) {
      return fail(taken.error());
    }
    return show_wording(call, node, taken.error());
  }
  return http::redirect(303, local(call, fmt::format("/commitments/{}", later)));
}

Result<http::Response> show_links(const Call& call, Node& node, std::optional<Error> error) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  LinksPageView view;
  view.commitment = ATALAYA_TRY(node.desk->get(call.text("id"), call.language));
  view.history = ATALAYA_TRY(node.desk->link_history(call.text("id")));
  const int status = error ? status_of(*error) : 200;
  view.error = std::move(error);
  return private_page(status, render_links(context, view));
}

Result<http::Response> get_links(const Call& call, Node& node) {
  return show_links(call, node, std::nullopt);
}

Result<http::Response> post_link(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const std::string_view chosen = form.get("link");
  const std::size_t at = std::min(chosen.find(':'), chosen.size());
  commitments::LinkDecision link;
  link.kind = chosen.substr(0, at);
  link.target = chosen.substr(std::min(at + 1, chosen.size()));
  link.decision = form.get("decision");
  link.reason = form.get("reason");
  link.set_by = call.caller.name;
  const auto set = node.desk->set_link(call.text("id"), link);
  if (!set) {
    if (!is_users(set.error())) {
      return fail(set.error());
    }
    return show_links(call, node, set.error());
  }
  return http::redirect(303, local(call, fmt::format("/commitments/{}/links", call.text("id"))));
}

Result<http::Response> show_source_themes(const Call& call, Node& node,
                                          std::optional<commitments::LinkedPage> changed,
                                          std::optional<Error> error) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  SourceThemesView view;
  view.source = ATALAYA_TRY(node.desk->get_source(call.text("id"))).source;
  view.changed = changed;
  const int status = error ? status_of(*error) : 200;
  view.error = std::move(error);
  return private_page(status, render_source_themes(context, view));
}

Result<http::Response> get_source_themes(const Call& call, Node& node) {
  return show_source_themes(call, node, std::nullopt, std::nullopt);
}

Result<http::Response> post_source_theme(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto set =
      node.desk->set_link_of_source(call.text("id"), {"theme",
                                                      std::string(form.get("theme")),
                                                      std::string(form.get("decision")),
                                                      std::string(form.get("reason")),
                                                      call.caller.name,
                                                      {}});
  if (set) {
    return show_source_themes(call, node, *set, std::nullopt);
  }
  return is_users(set.error()) ? show_source_themes(call, node, std::nullopt, set.error())
                               : Result<http::Response>(fail(set.error()));
}

Route desk_route(http::Method method, std::string_view path, std::string_view name,
                 Handler handler) {
  Route route;
  route.method = method;
  route.path = path;
  route.name = name;
  route.kind = Kind::page;
  route.roles = {Role::editor};
  route.rate = method == http::Method::get ? RateClass::page : RateClass::write;
  route.handler = handler;
  route.answers = {{.status = method == http::Method::get ? 200 : 303,
                    .about = method == http::Method::get ? "The page" : "Done; look there",
                    .media_type = method == http::Method::get ? "text/html" : ""}};
  if (path.find("{id}") != std::string_view::npos) {
    route.params.push_back({.name = "id", .type = ParamType::id, .about = "The commitment"});
  }
  if (method == http::Method::post) {
    route.body_bytes_max = kFormBytesMax;
    route.consumes = {"application/x-www-form-urlencoded"};
    route.event = name;
    route.problems = {409};
  }
  return route;
}

}  // namespace

std::string PendingImports::keep(commitments::ImportPlan plan, commitments::ImportOptions options,
                                 std::string account, std::int64_t now_ms) {
  std::array<std::uint8_t, 16> bytes{};
  crypto::random_bytes(bytes);
  const std::string token = to_hex(bytes);
  plans_.with([&](std::map<std::string, Kept>& plans) {
    std::erase_if(plans, [&](const auto& entry) { return now_ms - entry.second.kept_ms > kPlanMs; });
    while (plans.size() >= kPlansMax) {
      plans.erase(std::ranges::min_element(
          plans, {}, [](const auto& entry) { return entry.second.kept_ms; }));
    }
    plans.emplace(token, Kept{std::move(plan), std::move(options), std::move(account), now_ms});
  });
  return token;
}

std::optional<PendingImports::Kept> PendingImports::take(const std::string& token,
                                                         const std::string& account,
                                                         std::int64_t now_ms) {
  return plans_.with([&](std::map<std::string, Kept>& plans) -> std::optional<Kept> {
    const auto it = plans.find(token);
    if (it == plans.end() || it->second.account != account ||
        now_ms - it->second.kept_ms > kPlanMs) {
      return std::nullopt;
    }
    auto kept = std::optional<Kept>(std::move(it->second));
    plans.erase(it);
    return kept;
  });
}

void PendingImports::put_back(const std::string& token, Kept kept) {
  plans_.with(
      [&](std::map<std::string, Kept>& plans) { plans.insert_or_assign(token, std::move(kept)); });
}

std::vector<Route> desk_routes() {
  using http::Method;
  std::vector<Route> routes;
  Route desk = desk_route(Method::get, "/{lang}/desk", "get_desk", &get_desk);
  desk.roles = kSignedIn;
  routes.push_back(std::move(desk));
  routes.push_back(desk_route(Method::get, "/{lang}/desk/import", "get_import", &get_import));
  Route upload = desk_route(Method::post, "/{lang}/desk/import", "post_import", &post_import);
  upload.body_bytes_max = kUploadBytesMax;
  upload.consumes = {"multipart/form-data"};
  upload.answers = {{.status = 200, .about = "The plan", .media_type = "text/html"}};
  routes.push_back(std::move(upload));
  routes.push_back(
      desk_route(Method::post, "/{lang}/desk/import/apply", "post_import_apply", &post_apply));
  routes.push_back(desk_route(Method::get, "/{lang}/commitments/{id}/antecedents",
                              "get_antecedents_page", &get_antecedents));
  routes.push_back(desk_route(Method::post, "/{lang}/commitments/{id}/antecedents",
                              "post_antecedent_form", &post_antecedent));
  routes.push_back(desk_route(Method::post, "/{lang}/commitments/{id}/antecedents/withdraw",
                              "post_antecedent_withdraw_form", &post_withdraw));
  routes.push_back(desk_route(Method::get, "/{lang}/commitments/{id}/titles", "get_titles_page",
                              &get_titles));
  routes.push_back(desk_route(Method::post, "/{lang}/commitments/{id}/titles", "post_title_form",
                              &post_title));
  routes.push_back(desk_route(Method::get, "/{lang}/commitments/{id}/clauses", "get_clauses_page",
                              &get_clauses));
  routes.push_back(desk_route(Method::post, "/{lang}/commitments/{id}/clauses", "post_clause_form",
                              &post_clause));
  routes.push_back(desk_route(Method::get, "/{lang}/commitments/{id}/wording", "get_wording_page",
                              &get_wording));
  routes.push_back(desk_route(Method::post, "/{lang}/commitments/{id}/wording",
                              "post_wording_form", &post_wording));
  routes.push_back(desk_route(Method::post, "/{lang}/commitments/{id}/wording/withdraw",
                              "post_wording_withdraw_form", &post_wording_withdraw));
  routes.push_back(
      desk_route(Method::get, "/{lang}/commitments/{id}/links", "get_links_page", &get_links));
  routes.push_back(
      desk_route(Method::post, "/{lang}/commitments/{id}/links", "post_link_form", &post_link));
  Route themes = desk_route(Method::get, "/{lang}/sources/{id}/themes", "get_source_themes_page",
                            &get_source_themes);
  themes.params.back().about = "The imported document";
  routes.push_back(std::move(themes));
  Route theme = desk_route(Method::post, "/{lang}/sources/{id}/themes", "post_source_theme_form",
                           &post_source_theme);
  theme.params.back().about = "The imported document";
  theme.answers = {{.status = 200, .about = "What was changed", .media_type = "text/html"}};
  routes.push_back(std::move(theme));
  return routes;
}

}  // namespace atalaya::api
