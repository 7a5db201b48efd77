// Registers: public pages and JSON, and the forms of those who keep them.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "followup_access.hpp"
#include "form.hpp"
#include "pages_registers.hpp"
#include "router_json.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::RegisterKind;
using followup::RegisterRecord;
using followup::Registers;

constexpr std::size_t kFormBytesMax = 256UL * 1024;

Registers registers_of(const Node& node) {
  return Registers(node.followup->parts());
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 0 ? value : 0;
}

bool is_editor(const Call& call) {
  return call.caller.roles.has(Role::editor) && !call.caller.roles.anyone();
}

// Whose rows an account keeps besides the editors: "PAN" those of the state, "PAN.parliament" the
// hearings, in which a parliament asks the government.
std::string keeper_of(const RegisterKind& kind, std::string_view country) {
  return fmt::format("{}{}", country, kind.id == "hearings" ? ".parliament" : "");
}

// Whether the account answers for whom the row is about, whatever else it may do.
Result<bool> is_own(const Call& call, const Node& node, const RegisterKind& kind,
                    std::string_view country) {
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  return !country.empty() && std::ranges::find(caller.writer.countries, keeper_of(kind, country)) !=
                                 caller.writer.countries.end();
}

Result<bool> may_keep(const Call& call, const Node& node, const RegisterKind& kind,
                      std::string_view country) {
  return is_editor(call) ? Result<bool>(true) : is_own(call, node, kind, country);
}

// Whether there could be a row of this register that the account may keep.
Result<bool> may_add(const Call& call, const Node& node, const RegisterKind& kind) {
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  return is_editor(call) || (followup::has_country(kind) &&
                             std::ranges::any_of(caller.writer.countries, [&](const auto& actor) {
                               return actor == keeper_of(kind, followup::country_of(actor));
                             }));
}

std::unexpected<Error> not_yours() {
  return fail(ErrorCode::permission_denied, "followup.register.not_yours",
              "a focal point keeps the rows of its own state");
}

Result<void> check_keeper(const Call& call, const Node& node, const RegisterKind& kind,
                          const RegisterRecord& record) {
  const bool allowed =
      ATALAYA_TRY(may_keep(call, node, kind, followup::register_country(kind, record)));
  return allowed ? Result<void>() : not_yours();
}

http::Response page_answer(const Call& call, int status, std::string html) {
  auto response = html_response(status, std::move(html));
  response.headers.set("Cache-Control",
                       call.caller.account.empty() && status == 200 ? "no-cache" : "no-store");
  return response;
}

Result<http::Response> get_registers(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  RegistersView view;
  for (const RegisterKind& kind : Registers::kinds()) {
    const auto rows = ATALAYA_TRY(registers_of(node).list({.kind = kind.id}));
    view.rows.push_back(static_cast<std::int64_t>(rows.size()));
  }
  return page_answer(call, 200, render_registers(context, view));
}

Result<http::Response> get_register(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  RegisterView view;
  view.kind = ATALAYA_TRY(Registers::find_kind(call.text("register")));
  view.country = call.text("country");
  if (!view.country.empty() && node.desk->catalogue().find_country(view.country) == nullptr) {
    return fail(
        Error{ErrorCode::not_found, "followup.actor", "no such state", {{"id", view.country}}});
  }
  view.records =
      ATALAYA_TRY(registers_of(node).list({.kind = view.kind->id, .country = view.country}));
  view.may_edit = ATALAYA_TRY(may_add(call, node, *view.kind));
  return page_answer(call, 200, render_register(context, view));
}

Result<http::Response> get_row(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  RegisterRowView view;
  view.kind = ATALAYA_TRY(Registers::find_kind(call.text("register")));
  view.versions = ATALAYA_TRY(registers_of(node).versions(view.kind->id, call.integer("row")));
  view.may_edit = ATALAYA_TRY(may_keep(
      call, node, *view.kind, followup::register_country(*view.kind, view.versions.front())));
  return page_answer(call, 200, render_register_row(context, view));
}

Result<http::Response> show_form(const Call& call, Node& node, RegisterFormView view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const int status = !view.error ? 200 : view.error->code == ErrorCode::conflict ? 409 : 400;
  return page_answer(call, status, render_register_form(context, view));
}

Result<http::Response> get_form(const Call& call, Node& node) {
  RegisterFormView view;
  view.kind = ATALAYA_TRY(Registers::find_kind(call.text("register")));
  if (call.has("row")) {
    auto versions = ATALAYA_TRY(registers_of(node).versions(view.kind->id, call.integer("row")));
    view.record = std::move(versions.front());
    view.record.why.clear();
    ATALAYA_TRY(check_keeper(call, node, *view.kind, view.record));
    // What somebody else changes is the state's word only where that is said anew.
    const bool own = ATALAYA_TRY(
        is_own(call, node, *view.kind, followup::register_country(*view.kind, view.record)));
    if (!own) {
      view.record.values.erase("said_by");
    }
  } else {
    const bool allowed = ATALAYA_TRY(may_add(call, node, *view.kind));
    if (!allowed) {
      return not_yours();
    }
  }
  return show_form(call, node, std::move(view));
}

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict;
}

Result<http::Response> post_form(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  RegisterFormView view;
  view.kind = ATALAYA_TRY(Registers::find_kind(call.text("register")));
  RegisterRecord& record = view.record;
  record.kind = view.kind->id;
  record.id = call.has("row") ? call.integer("row") : 0;
  record.version = static_cast<std::int32_t>(number(form.get("version")) % 1'000'000);
  record.language = form.get("language");
  record.why = form.get("why");
  record.by = call.caller.name;
  for (const auto& field : view.kind->fields) {
    record.values[field.id] = form.get("f." + field.id);
  }
  ATALAYA_TRY(check_keeper(call, node, *view.kind, record));
  if (record.id != 0) {
    const auto versions = ATALAYA_TRY(registers_of(node).versions(record.kind, record.id));
    ATALAYA_TRY(check_keeper(call, node, *view.kind, versions.front()));
  }
  // Who speaks for a state keeps its rows as its own word, whatever else the account may do.
  record.by_itself =
      ATALAYA_TRY(is_own(call, node, *view.kind, followup::register_country(*view.kind, record)));
  const auto saved = registers_of(node).save(record);
  if (!saved) {
    if (!is_users(saved.error())) {
      return fail(saved.error());
    }
    view.error = saved.error();
    if (saved.error().reason == "followup.register.changed") {
      // The other version stands above what was typed; sending again then answers that one.
      auto versions = ATALAYA_TRY(registers_of(node).versions(record.kind, record.id));
      view.other = std::move(versions.front());
      record.version = view.other->version;
    }
    return show_form(call, node, std::move(view));
  }
  return http::redirect(
      303, fmt::format("/{}/registers/{}/{}", to_string(call.language), view.kind->id, saved->id));
}

Result<http::Response> post_remove(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const RegisterKind* kind = ATALAYA_TRY(Registers::find_kind(call.text("register")));
  const auto row = call.integer("row");
  const auto held = ATALAYA_TRY(registers_of(node).versions(kind->id, row));
  ATALAYA_TRY(check_keeper(call, node, *kind, held.front()));
  const auto removed = registers_of(node).remove(
      kind->id, row, static_cast<std::int32_t>(number(form.get("version")) % 1'000'000),
      call.caller.name, form.get("why"));
  if (!removed) {
    if (!is_users(removed.error())) {
      return fail(removed.error());
    }
    RegisterFormView view;
    view.kind = kind;
    auto versions = ATALAYA_TRY(registers_of(node).versions(kind->id, row));
    view.record = std::move(versions.front());
    view.record.why.clear();
    view.why_remove = form.get("why");
    view.error = removed.error();
    return show_form(call, node, std::move(view));
  }
  return http::redirect(303, fmt::format("/{}/registers/{}", to_string(call.language), kind->id));
}

// --- JSON ----------------------------------------------------------------------------------------

struct RegisterValueAnswer {
  std::string field, value;
};
BOOST_DESCRIBE_STRUCT(RegisterValueAnswer, (), (field, value))

struct RegisterRowAnswer {
  std::int64_t id = 0;
  std::int32_t version = 0;
  std::string language, at;
  std::vector<RegisterValueAnswer> values;
};
BOOST_DESCRIBE_STRUCT(RegisterRowAnswer, (), (id, version, language, at, values))

struct RegisterAnswer {
  std::string id, title;
  std::vector<RegisterRowAnswer> rows;
};
BOOST_DESCRIBE_STRUCT(RegisterAnswer, (), (id, title, rows))

struct RegisterEntry {
  std::string id, title, about;
};
BOOST_DESCRIBE_STRUCT(RegisterEntry, (), (id, title, about))

struct RegisterList {
  std::vector<RegisterEntry> registers;
};
BOOST_DESCRIBE_STRUCT(RegisterList, (), (registers))

Result<http::Response> list_json(const Call& call, Node&) {
  RegisterList out;
  for (const RegisterKind& kind : Registers::kinds()) {
    out.registers.push_back({kind.id, kind.label.in(call.language), kind.about.in(call.language)});
  }
  return json_response(out);
}

Result<http::Response> get_json(const Call& call, Node& node) {
  const RegisterKind* kind = ATALAYA_TRY(Registers::find_kind(call.text("register")));
  if (call.text("format") == "csv") {
    std::string csv = ATALAYA_TRY(registers_of(node).csv(kind->id));
    auto response = http::respond(200, "text/csv; charset=utf-8", std::move(csv));
    response.headers.set("Content-Disposition",
                         fmt::format("attachment; filename=\"{}.csv\"", kind->id));
    return response;
  }
  RegisterAnswer out{.id = kind->id, .title = kind->label.in(call.language), .rows = {}};
  const auto records = ATALAYA_TRY(registers_of(node).list({.kind = kind->id}));
  for (const RegisterRecord& record : records) {
    RegisterRowAnswer row{record.id, record.version, record.language, record.at, {}};
    for (const auto& [field, value] : record.values) {
      row.values.push_back({field, value});
    }
    out.rows.push_back(std::move(row));
  }
  return json_response(out);
}

}  // namespace

std::vector<Route> register_routes() {
  const RoleSet editors = {Role::editor, Role::focal_point};
  return {page_route("/{lang}/registers", "get_registers", &get_registers),
          with_query(page_route("/{lang}/registers/{register}", "get_register", &get_register),
                     {{.name = "country", .type = ParamType::id, .about = "A state, like PAN"}}),
          page_route("/{lang}/registers/{register}/new", "get_register_new", &get_form, editors),
          form_route("/{lang}/registers/{register}/new", "post_register_new", &post_form, editors,
                     kFormBytesMax),
          page_route("/{lang}/registers/{register}/{row}", "get_register_row", &get_row),
          page_route("/{lang}/registers/{register}/{row}/edit", "get_register_edit", &get_form,
                     editors),
          form_route("/{lang}/registers/{register}/{row}/edit", "post_register_edit", &post_form,
                     editors, kFormBytesMax),
          form_route("/{lang}/registers/{register}/{row}/remove", "post_register_remove",
                     &post_remove, editors, kFormBytesMax),
          data_route("/api/v1/registers", "list_registers_json", "Which registers this node keeps",
                     schema_of<RegisterList>(), &list_json),
          or_csv(data_route("/api/v1/registers/{register}", "get_register_json",
                            "The rows of one register", schema_of<RegisterAnswer>(), &get_json))};
}

}  // namespace atalaya::api
