// Legislation checklists: matrix, comparison, one state's provision, and what coders and focal
// points send.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "followup_access.hpp"
#include "followup_forms.hpp"
#include "form.hpp"
#include "kept_page.hpp"
#include "pages_checklists.hpp"
#include "rounds_access.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::ChecklistItem;
using followup::ChecklistMatrix;
using followup::Checklists;
using followup::Entry;

constexpr std::size_t kFormBytesMax = 200UL * 1024;
constexpr std::size_t kFileBytesMax = 6UL << 20U;
constexpr std::size_t kComparedMax = 6;

Checklists checklists_of(const Node& node) {
  return Checklists(node.followup->parts());
}

std::int32_t number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 0 ? value : 0;
}

Result<const ChecklistItem*> item_of(const ChecklistMatrix& matrix, std::string_view id) {
  const ChecklistItem* item = matrix.checklist->find(id);
  if (item == nullptr) {
    return fail(Error{ErrorCode::not_found,
                      "followup.checklist.item",
                      "no such article",
                      {{"id", std::string(id)}}});
  }
  return item;
}

// Fails with not_found (followup.actor): a page of all states would look like that state's.
Result<void> check_state(const ChecklistMatrix& matrix, std::string_view asked) {
  if (asked.empty() || contains(matrix.states, std::string(asked))) {
    return {};
  }
  return fail(Error{
      ErrorCode::not_found, "followup.actor", "no such state", {{"id", std::string(asked)}}});
}

Result<ChecklistsView> all_view(const Call& call, const Node& node) {
  ChecklistsView view;
  view.reference = node.followup->parts().reference.get();
  view.may_code = call.caller.roles.has(Role::coder);
  for (const auto& checklist : Checklists::all()) {
    auto matrix = ATALAYA_TRY(checklists_of(node).matrix(checklist.id));
    view.matrices.push_back(std::move(matrix));
  }
  return view;
}

Result<http::Response> get_checklists(const Call& call, Node& node) {
  return kept_page(call, node, followup_version(node),
                   [&](const PageContext& context) -> Result<std::string> {
                     ChecklistsView view = ATALAYA_TRY(all_view(call, node));
                     const auto done = call.request.query_value("done").value_or("");
                     if (done == "saved" || done == "unchanged") {
                       view.done = fmt::format("rounds.done.{}", done);
                     }
                     return render_checklists(context, view);
                   });
}

Result<http::Response> post_file(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto coder = ATALAYA_TRY(checklist_coder(call, node));
  Result<void> done;
  bool news = false;
  std::vector<followup::EntryImportRow> differences;
  if (form.files.empty()) {
    done = fail(ErrorCode::invalid_argument, "commitments.import.no_file", "");
  } else {
    const auto plan =
        checklists_of(node).plan(form.files.front().bytes, form.files.front().name, coder);
    news = plan && plan->count(followup::RecordChange::unchanged) != std::ssize(plan->rows);
    differences = plan ? plan->rows : std::vector<followup::EntryImportRow>();
    done = plan ? checklists_of(node).apply(*plan, coder, form.get("accept") == "yes")
                : Result<void>(fail(plan.error()));
  }
  if (!done) {
    if (!is_users(done.error()) && done.error().code != ErrorCode::not_found) {
      return fail(done.error());
    }
    const PageContext context = ATALAYA_TRY(page_context(call, node));
    ChecklistsView view = ATALAYA_TRY(all_view(call, node));
    view.error = done.error();
    view.differences = std::move(differences);
    return private_response(done.error().code == ErrorCode::conflict ? 409 : 400,
                            render_checklists(context, view));
  }
  return http::redirect(303, fmt::format("/{}/checklists?done={}", to_string(call.language),
                                         news ? "saved" : "unchanged"));
}

Result<http::Response> get_checklist(const Call& call, Node& node) {
  return kept_page(
      call, node, followup_version(node), [&](const PageContext& context) -> Result<std::string> {
        ChecklistView view;
        view.matrix = ATALAYA_TRY(checklists_of(node).matrix(call.text("checklist")));
        view.reference = node.followup->parts().reference.get();
        view.state = call.text("state");
        ATALAYA_TRY(check_state(view.matrix, view.state));
        return render_checklist(context, view);
      });
}

Result<http::Response> get_item(const Call& call, Node& node) {
  return kept_page(call, node, followup_version(node),
                   [&](const PageContext& context) -> Result<std::string> {
                     ChecklistItemView view;
                     view.matrix = ATALAYA_TRY(checklists_of(node).matrix(call.text("checklist")));
                     view.item = ATALAYA_TRY(item_of(view.matrix, call.text("item")));
                     view.reference = node.followup->parts().reference.get();
                     for (const std::string_view state : call.all("state")) {
                       ATALAYA_TRY(check_state(view.matrix, state));
                       if (view.states.size() < kComparedMax && !contains(view.states, std::string(state))) {
                         view.states.emplace_back(state);
                       }
                     }
                     return render_checklist_item(context, view);
                   });
}

Result<ChecklistCellView> cell_view(const Call& call, const Node& node) {
  ChecklistCellView view;
  view.matrix = ATALAYA_TRY(checklists_of(node).matrix(call.text("checklist")));
  view.item = ATALAYA_TRY(item_of(view.matrix, call.text("item")));
  view.state = call.text("country");
  view.versions =
      ATALAYA_TRY(checklists_of(node).versions(call.text("checklist"), view.item->id, view.state));
  view.reference = node.followup->parts().reference.get();
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  const auto coder = ATALAYA_TRY(checklist_coder(call, node));
  view.may_code = call.caller.roles.has(Role::coder) && !contains(coder.own, view.state);
  view.may_reply = caller.writer.may_write_for(view.state) &&
                   view.matrix.value(view.item->id, view.state) != nullptr;
  return view;
}

Result<http::Response> get_cell(const Call& call, Node& node) {
  return kept_page(call, node, followup_version(node),
                   [&](const PageContext& context) -> Result<std::string> {
                     const ChecklistCellView view = ATALAYA_TRY(cell_view(call, node));
                     return render_checklist_cell(context, view);
                   });
}

Result<http::Response> after_save(const Call& call, Node& node, const Result<Entry>& saved,
                                  const Entry& draft) {
  if (saved) {
    return http::redirect(
        303, fmt::format("/{}/checklists/{}/{}/{}", to_string(call.language),
                         call.text("checklist"), call.text("item"), call.text("country")));
  }
  // Where the mark was taken out meanwhile, the words that were sent to it are not lost.
  const bool gone = draft.kind == "reply" && saved.error().code == ErrorCode::not_found;
  if (!is_users(saved.error()) && !gone) {
    return fail(saved.error());
  }
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  ChecklistCellView view = ATALAYA_TRY(cell_view(call, node));
  view.error = saved.error();
  view.draft = draft;
  view.may_reply = view.may_reply || gone;
  return private_response(saved.error().code == ErrorCode::conflict ? 409 : 400,
                          render_checklist_cell(context, view));
}

Entry entry_from(const Call& call, const Form& form,
                 std::initializer_list<std::string_view> fields) {
  Entry entry;
  entry.container = call.text("checklist");
  entry.name = call.text("item");
  entry.country = call.text("country");
  entry.version = number(form.get("version"));
  for (const std::string_view field : fields) {
    entry.values[std::string(field)] = form.get(field);
  }
  return entry;
}

Result<http::Response> post_value(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto coder = ATALAYA_TRY(checklist_coder(call, node));
  const Entry entry = entry_from(
      call, form, {"value", "law", "article", "quote", "language", "url", "read_on", "note"});
  Entry draft = entry;
  draft.kind = "value";
  return after_save(call, node, checklists_of(node).save(entry, coder), draft);
}

Result<http::Response> post_reply(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  Entry entry = entry_from(call, form, {"text", "mark"});
  entry.values["language"] = form_language(form, call);
  Entry draft = entry;
  draft.kind = "reply";
  return after_save(call, node, checklists_of(node).reply(entry, caller.writer), draft);
}

// --- JSON ----------------------------------------------------------------------------------------

struct ChecklistEntry {
  std::string id, kind, instrument, title, source, read_on;
  std::int32_t items = 0;
};
BOOST_DESCRIBE_STRUCT(ChecklistEntry, (), (id, kind, instrument, title, source, read_on, items))

struct ChecklistList {
  std::vector<ChecklistEntry> checklists;
};
BOOST_DESCRIBE_STRUCT(ChecklistList, (), (checklists))

struct ChecklistMark {
  std::string country, value, law, article, quote, language, url, read_on, note, coder, at, reply;
  std::int32_t version = 0, reply_to = 0;
};
BOOST_DESCRIBE_STRUCT(ChecklistMark, (),
                      (country, value, law, article, quote, language, url, read_on, note, coder, at,
                       reply, version, reply_to))

struct ChecklistItemAnswer {
  std::string id, article, title, about;
  std::map<std::string, std::int32_t> counts;
  std::vector<ChecklistMark> marks;
};
BOOST_DESCRIBE_STRUCT(ChecklistItemAnswer, (), (id, article, title, about, counts, marks))

struct ChecklistAnswer {
  std::string id, title, source, read_on;
  std::vector<std::string> states;
  std::vector<ChecklistItemAnswer> items;
};
BOOST_DESCRIBE_STRUCT(ChecklistAnswer, (), (id, title, source, read_on, states, items))

struct ChecklistMarkRequest {
  std::string item, country, value;
  std::int32_t version = 0;
  std::optional<std::string> law, article, quote, language, url, read_on, note;
};
BOOST_DESCRIBE_STRUCT(ChecklistMarkRequest, (),
                      (item, country, value, version, law, article, quote, language, url, read_on,
                       note))

struct EntryVersion {
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(EntryVersion, (), (version))

Result<http::Response> list_json(const Call& call, Node&) {
  ChecklistList out;
  for (const auto& one : Checklists::all()) {
    out.checklists.push_back({one.id, one.kind, one.instrument, one.label.in(call.language),
                              one.source, one.read_on,
                              static_cast<std::int32_t>(one.items.size())});
  }
  return json_response(out);
}

ChecklistMark mark_answer(const ChecklistMatrix& matrix, const std::string& item,
                          const std::string& state, const Entry& entry) {
  const auto text = [&](std::string_view field) { return std::string(entry.value(field)); };
  ChecklistMark out{state,         text("value"),
                    text("law"),   text("article"),
                    text("quote"), text("language"),
                    text("url"),   text("read_on"),
                    text("note"),  text("coder"),
                    entry.at,      {},
                    entry.version, matrix.replied_to(item, state)};
  if (const Entry* reply = matrix.reply(item, state)) {
    out.reply = reply->value("text");
  }
  return out;
}

Result<http::Response> get_json(const Call& call, Node& node) {
  if (call.text("format") == "csv") {
    std::string csv = ATALAYA_TRY(checklists_of(node).csv(call.text("checklist")));
    auto response = http::respond(200, "text/csv; charset=utf-8", std::move(csv));
    response.headers.set("Content-Disposition",
                         fmt::format("attachment; filename=\"{}.csv\"", call.text("checklist")));
    return response;
  }
  const auto matrix = ATALAYA_TRY(checklists_of(node).matrix(call.text("checklist")));
  const auto& checklist = *matrix.checklist;
  ChecklistAnswer out{checklist.id,     checklist.label.in(call.language),
                      checklist.source, checklist.read_on,
                      matrix.states,    {}};
  for (const ChecklistItem& item : checklist.items) {
    ChecklistItemAnswer answer{item.id,
                               item.article,
                               item.label.in(call.language),
                               item.about.in(call.language),
                               matrix.counts.at(item.id),
                               {}};
    for (const std::string& state : matrix.states) {
      if (const Entry* entry = matrix.value(item.id, state)) {
        answer.marks.push_back(mark_answer(matrix, item.id, state, *entry));
      }
    }
    out.items.push_back(std::move(answer));
  }
  return json_response(out);
}

Result<http::Response> post_json(const Call& call, Node& node) {
  const auto body = ATALAYA_TRY(read_body<ChecklistMarkRequest>(call));
  const auto coder = ATALAYA_TRY(checklist_coder(call, node));
  Entry entry;
  entry.container = call.text("checklist");
  entry.name = body.item;
  entry.country = body.country;
  entry.version = body.version;
  entry.values = {{"value", body.value},
                  {"law", body.law.value_or("")},
                  {"article", body.article.value_or("")},
                  {"quote", body.quote.value_or("")},
                  {"language", body.language.value_or("")},
                  {"url", body.url.value_or("")},
                  {"read_on", body.read_on.value_or("")},
                  {"note", body.note.value_or("")}};
  const auto saved = ATALAYA_TRY(checklists_of(node).save(entry, coder));
  return json_response(EntryVersion{saved.version}, 201);
}

}  // namespace

Result<std::shared_ptr<const ChecklistsView>> country_checklists(const Call& call,
                                                                 const Node& node) {
  auto view = std::make_shared<ChecklistsView>();
  *view = ATALAYA_TRY(all_view(call, node));
  return view;
}

std::vector<Route> checklist_routes() {
  const RoleSet coders = {Role::coder};
  const Param state{.name = "state", .type = ParamType::id, .about = "A state, like PAN"};
  Param states = state;
  states.repeats = true;
  const std::string_view cell = "/{lang}/checklists/{checklist}/{item}/{country}";
  return {
      page_route("/{lang}/checklists", "get_checklists", &get_checklists),
      with_files(form_route("/{lang}/checklists", "post_checklists", &post_file, coders,
                            kFormBytesMax),
                 kFileBytesMax),
      with_query(page_route("/{lang}/checklists/{checklist}", "get_checklist", &get_checklist),
                 {state}),
      with_query(page_route("/{lang}/checklists/{checklist}/{item}", "get_checklist_item", &get_item),
                 {states}),
      page_route(cell, "get_checklist_cell", &get_cell),
      form_route(cell, "post_checklist_mark", &post_value, coders, kFormBytesMax),
      form_route("/{lang}/checklists/{checklist}/{item}/{country}/reply", "post_checklist_reply",
                 &post_reply, {Role::focal_point}, kFormBytesMax),
      data_route("/api/v1/checklists", "list_checklists_json",
                 "Which legislation checklists there are", schema_of<ChecklistList>(), &list_json),
      or_csv(data_route("/api/v1/checklists/{checklist}", "get_checklist_json",
                        "A checklist: each article with its counts and every state's quoted "
                        "provision",
                        schema_of<ChecklistAnswer>(), &get_json),
             "The marks as CSV"),
      write_route({.method = http::Method::post,
                   .path = "/api/v1/checklists/{checklist}/marks",
                   .name = "post_checklist_mark_json",
                   .summary = "One state's mark; `version` is the newest one seen, or 0",
                   .roles = coders,
                   .scope = "followup:write",
                   .body_bytes_max = kFormBytesMax,
                   .request = schema_of<ChecklistMarkRequest>(),
                   .answers = {{.status = 201,
                                .about = "Its number",
                                .schema = schema_of<EntryVersion>()}},
                   .handler = &post_json})};
}

}  // namespace atalaya::api
