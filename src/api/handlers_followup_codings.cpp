// Assessments: a cell is opened for two coders, coded, decided, replied to and published.
#include <algorithm>
#include <functional>

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

Result<CodingView> coding_view(const Call& call, Node& node) {
  const auto& parts = node.followup->parts();
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  CodingView view;
  view.reference = parts.reference.get();
  view.coding = ATALAYA_TRY(CodingDesk(parts).get(call.integer("coding"), caller.viewer));
  view.member = ATALAYA_TRY(Cube(parts).member(view.coding.commitment, call.language));
  const auto& coding = view.coding;
  view.may_code =
      coding.stage == CodingStage::coding && coding.of_viewer && !coding.viewer_submitted;
  const bool runs = caller.viewer.runs_coding && !of_own_state(caller, coding.actor);
  view.may_decide = coding.stage == CodingStage::adjudication && runs && !coding.of_viewer;
  view.may_reply = coding.stage == CodingStage::reply && coding.reply.empty() &&
                   caller.writer.may_write_for(coding.actor);
  view.may_publish = coding.stage == CodingStage::reply && runs;
  view.shows_waiting = runs && !coding.of_viewer;
  view.may_withdraw = runs && !coding.of_viewer && coding.node.empty() && coding.stage != CodingStage::published &&
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

// One act on one coding. What is wrong is shown on its page, with the coding as it is now and what
// was written: in its form or, where somebody else was faster and the form is gone, beside it.
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
    return private_page(form_status(done.error()), render_coding(context, now));
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
  return act(call, node, "reply",
             [&](const CodingDesk& desk, const Form& form, const FollowupCaller& caller,
                 CodingView& view) {
               return desk.reply(view.coding.id, form.get("text"), form_language(form, call),
                                 caller.writer);
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
    const bool coder = std::ranges::any_of(account.roles, [](const identity::RoleGrant& grant) {
      return grant.role == "coder" && grant.territory.empty();
    });
    // Nobody assesses the state that the account comes from, as in rounds and checklists.
    const auto states = states_of(account);
    const bool own = std::ranges::find(states, view.draft.actor.substr(0, 3)) != states.end();
    if (coder && !own && !account.disabled) {
      view.coders.push_back(offered(account, call.language));
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
  return private_page(view.error ? form_status(*view.error) : 200,
                      render_new_coding(context, view));
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
  const auto accounts = ATALAYA_TRY(node.accounts->list());
  const auto run = [&]() -> Result<std::int64_t> {
    followup::NewCoding asked = view.draft;
    asked.coder_a = account_meant(view.coders, accounts, view.draft.coder_a);
    asked.coder_b = account_meant(view.coders, accounts, view.draft.coder_b);
    if (asked.coder_a.empty() || asked.coder_b.empty()) {
      return fail(Error{ErrorCode::invalid_argument,
                        "followup.coders",
                        "not two coders",
                        {{"value", view.draft.coder_a}}});
    }
    if (view.criteria.empty()) {
      return fail(Error{
          ErrorCode::invalid_argument, "followup.text", "a rule has words", {{"value", "0"}}});
    }
    asked.criteria = view.criteria;
    return desk.open(asked, caller.viewer.name);
  };
  const auto opened = run();
  if (!opened) {
    if (!is_users(opened.error())) {
      return fail(opened.error());
    }
    view.error = opened.error();
    return private_page(form_status(opened.error()), render_new_coding(context, view));
  }
  return http::redirect(303, local(call, fmt::format("/desk/codings/{}", *opened)));
}

}  // namespace

std::vector<Route> followup_coding_routes() {
  const RoleSet runners = {Role::publisher, Role::expert};
  const auto form = [](std::string_view path, std::string_view name, Handler handler,
                       RoleSet roles) {
    return form_route(path, name, handler, roles, kFollowupFormBytesMax);
  };
  const std::string_view coding = "/{lang}/desk/codings/{coding}";
  Route code =
      form("/{lang}/desk/codings/{coding}/code", "post_code_form", &post_code, {Role::coder});
  code.consumes.emplace_back("multipart/form-data");
  code.body_bytes_max = kFollowupFilesBytesMax;
  return {page_route("/{lang}/desk/codings/new", "get_new_coding", &get_new_coding, runners),
          form("/{lang}/desk/codings/new", "post_new_coding", &post_new_coding, runners),
          page_route(coding, "get_coding", &get_coding, kFollowupWorkers),
          std::move(code),
          form("/{lang}/desk/codings/{coding}/decide", "post_decide_form", &post_decide, runners),
          form("/{lang}/desk/codings/{coding}/reply", "post_reply_form", &post_reply,
               {Role::focal_point}),
          form("/{lang}/desk/codings/{coding}/publish", "post_publish_coding_form", &post_publish,
               runners),
          form("/{lang}/desk/codings/{coding}/withdraw", "post_withdraw_coding_form",
               &post_withdraw, runners)};
}

}  // namespace atalaya::api
