// What editors and experts record: indicator links, laws and documents, participations, treaty
// acts.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "followup_access.hpp"
#include "followup_forms.hpp"
#include "form.hpp"
#include "handler_parts.hpp"
#include "pages_followup_data.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::Cube;
using followup::DataSources;

bool comes_back(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict ||
         error.code == ErrorCode::not_found;
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Result<CellDataFormView> form_view(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  CellDataFormView view;
  const Cube cube(parts);
  view.member = ATALAYA_TRY(cube.member(call.text("id"), call.language));
  view.actor = call.text("actor");
  if (!followup::actor_kind(view.actor, node.desk->catalogue())) {
    return fail(
        Error{ErrorCode::not_found, "followup.actor", "no such actor", {{"id", view.actor}}});
  }
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  const std::string state(followup::country_of(view.actor));
  const bool own = std::ranges::find(caller.viewer.own, state) != caller.viewer.own.end();
  view.own_word = own && !call.caller.roles.has(Role::editor);
  if (!call.caller.roles.meets({Role::editor, Role::expert})) {
    // A focal point says in what its own actor takes part, where nobody knows, and nothing else.
    view.own_word = true;
    if (!caller.writer.may_write_for(view.actor)) {
      return fail(Error{ErrorCode::permission_denied,
                        "followup.not_yours",
                        "this account is not the focal point of that state",
                        {{"actor", view.actor}}});
    }
    view.participation_only = true;
  }
  // Data stand beside what a state says of itself: nobody from there writes or takes back both.
  const bool editor = call.caller.roles.has(Role::editor);
  view.may_enter = !view.participation_only && !view.own_word;
  view.may_link = view.may_enter && (editor || caller.viewer.own.empty());
  const DataSources sources(parts);
  view.links = ATALAYA_TRY(sources.links(view.member.row.id));
  const auto data =
      ATALAYA_TRY(sources.cell(view.member.row.id, view.actor, parts.today(), call.language));
  view.entries = data.entries;
  view.participations = ATALAYA_TRY(cube.participations(view.member.row.document, view.actor));
  return view;
}

Result<http::Response> get_cell_data(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto view = ATALAYA_TRY(form_view(call, node));
  return private_page(200, render_cell_data_form(context, view));
}

Result<void> record_entry(const Call& call, Node& node, const Form& form,
                          const CellDataFormView& view) {
  const auto& parts = node.followup->parts();
  followup::DataEntry entry;
  entry.commitment = view.member.row.id;
  entry.actor = view.actor;
  entry.kind = form.get("kind");
  entry.date = form.get("date");
  entry.title = trim(form.get("title"));
  entry.url = trim(form.get("url"));
  entry.source = trim(form.get("source"));
  entry.read_on = form.get("read_on");
  entry.note = trim(form.get("note"));
  if (!form.files.empty()) {
    const FormFile& file = form.files.front();
    if (file.bytes.empty()) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.file.empty",
                        "",
                        {{"name", file.name.substr(0, 80)}}});
    }
    const auto caller = ATALAYA_TRY(followup_caller(call, node));
    entry.file = ATALAYA_TRY(followup::Reports(parts).keep_file(
        file.name, "application/octet-stream", entry.url, file.bytes, caller.writer.name));
  }
  ATALAYA_TRY(DataSources(parts).add_entry(entry, call.caller.name));
  return {};
}

Result<void> record(const Call& call, Node& node, const Form& form, const CellDataFormView& view) {
  const auto& parts = node.followup->parts();
  const std::string_view part = form.get("part");
  if (view.participation_only && part != "participation") {
    return fail(ErrorCode::permission_denied, "api.role");
  }
  const bool links = part == "link" || part == "withdraw";
  const bool entries = part == "entry" || part == "withdraw_entry";
  if ((links && !view.may_link) || (entries && !view.may_enter)) {
    return fail(Error{ErrorCode::permission_denied,
                      "followup.own_state",
                      "the account comes from a state that this speaks of",
                      {{"actor", view.actor}}});
  }
  if (part == "link") {
    followup::IndicatorLink one;
    one.commitment = view.member.row.id;
    one.indicator = trim(form.get("indicator"));
    one.kind = form.get("kind");
    one.reason = trim(form.get("reason"));
    one.name = trim(form.get("name"));
    ATALAYA_TRY(DataSources(parts).link_indicator(one, call.caller.name));
    return {};
  }
  if (part == "withdraw") {
    return DataSources(parts).withdraw_link(number(form.get("link")), form.get("reason"),
                                            call.caller.name);
  }
  if (part == "participation") {
    followup::Participation row;
    row.document = view.member.row.document;
    row.actor = view.actor;
    row.kind = form.get("kind");
    row.date = trim(form.get("date"));
    row.source = trim(form.get("source"));
    row.read_on = form.get("read_on");
    row.note = trim(form.get("note"));
    const auto itself = view.own_word ? Cube::ForItself::yes : Cube::ForItself::no;
    ATALAYA_TRY(Cube(parts).add_participation(row, call.caller.name, itself));
    return {};
  }
  if (part == "retract") {
    const std::int64_t id = number(form.get("row"));
    const bool listed = std::ranges::find(view.participations, id, &followup::Participation::id) !=
                        view.participations.end();
    if (view.own_word || !listed || id == 0) {
      return fail(ErrorCode::permission_denied, "api.role");
    }
    return Cube(parts).retract_participation(id, form.get("reason"), call.caller.name);
  }
  if (part == "withdraw_entry") {
    const std::int64_t id = number(form.get("entry"));
    const bool listed =
        std::ranges::find(view.entries, id, &followup::DataEntry::id) != view.entries.end();
    return DataSources(parts).withdraw_entry(listed ? id : 0, form.get("reason"), call.caller.name);
  }
  return record_entry(call, node, form, view);
}

Result<http::Response> post_cell_data(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  auto view = ATALAYA_TRY(form_view(call, node));
  const auto done = record(call, node, form, view);
  if (done) {
    return http::redirect(303,
                          fmt::format("/{}/follow-up/cells/{}/{}/data", to_string(call.language),
                                      view.member.row.id, view.actor));
  }
  if (!comes_back(done.error())) {
    return fail(done.error());
  }
  view.part = form.get("part");
  for (const auto& [name, value] : form.fields) {
    view.sent[name] = value;
  }
  view.error = done.error();
  return private_page(done.error().code == ErrorCode::conflict ? 409 : 400,
                      render_cell_data_form(context, view));
}

Result<http::Response> get_treaty_import(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  TreatyImportView view;
  view.done = call.request.query_value("done").value_or("") == "yes";
  return private_page(200, render_treaty_import(context, view));
}

// First the differences are shown; the same content comes back with the answer and is compared
// again, so that nothing is taken over that nobody saw.
Result<http::Response> post_treaty_import(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  TreatyImportView view;
  view.file_name = form.files.empty() ? std::string(form.get("name")) : form.files.front().name;
  view.content = form.files.empty() ? std::string(form.get("content")) : form.files.front().bytes;
  if (form.files.empty() && form.get("encoding") == "base64") {
    const auto bytes = from_base64(view.content);
    view.content = bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
  }
  view.binary = find_invalid_utf8(view.content).has_value();
  view.instrument = form.get("instrument");
  view.snapshot = form.get("snapshot");
  view.source = trim(form.get("source"));
  view.reason = trim(form.get("reason"));
  const auto treaties = node.followup->treaties();
  followup::TreatyImportOptions options;
  options.instrument = view.instrument;
  options.snapshot = view.snapshot;
  options.source = view.source;
  options.by = call.caller.name;
  options.accept_changes = form.get("accept") == "yes";
  options.accept_names = form.get("accept_names") == "yes";
  options.reason = view.reason;
  auto plan = treaties.plan(view.content, view.file_name, options);
  if (!plan) {
    if (!comes_back(plan.error())) {
      return fail(plan.error());
    }
    view.error = plan.error();
    return private_page(400, render_treaty_import(context, view));
  }
  if (form.get("apply") == "yes") {
    const auto done = treaties.apply(*plan, options);
    if (done) {
      return http::redirect(303,
                            fmt::format("/{}/desk/treaties?done=yes", to_string(call.language)));
    }
    if (!comes_back(done.error())) {
      return fail(done.error());
    }
    view.error = done.error();
  }
  view.plan = *std::move(plan);
  const int status = !view.error ? 200 : view.error->code == ErrorCode::conflict ? 409 : 400;
  return private_page(status, render_treaty_import(context, view));
}

// Files may come with it, or not. More is read than is kept: what was typed comes back beside a
// file that is too large, and a file that was shown comes back as text.
Route recording(std::string_view path, std::string_view name, Handler handler, RoleSet roles) {
  Route route = form_route(path, name, handler, roles, kFollowupFilesBytesMax);
  route.consumes.push_back("multipart/form-data");
  return route;
}

}  // namespace

std::vector<Route> followup_desk_routes() {
  const RoleSet recorders = {Role::editor, Role::expert, Role::focal_point};
  const RoleSet editors = {Role::editor};
  const std::string_view data = "/{lang}/follow-up/cells/{id}/{actor}/data";
  return {page_route(data, "get_cell_data", &get_cell_data, recorders),
          recording(data, "post_cell_data", &post_cell_data, recorders),
          page_route("/{lang}/desk/treaties", "get_treaty_import", &get_treaty_import, editors),
          recording("/{lang}/desk/treaties", "post_treaty_import", &post_treaty_import, editors)};
}

}  // namespace atalaya::api
