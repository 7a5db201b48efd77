// What everybody, moderators and vouching organisations send and see; and the same as JSON.
#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include <atalaya/identity/shown_names.hpp>

#include "followup_access.hpp"
#include "form.hpp"
#include "pages_participation.hpp"
#include "participation_token.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::Cube;
using followup::Submissions;
using followup::SubmissionStage;

constexpr std::size_t kFormBytesMax = 96UL * 1024;
constexpr std::size_t kDecidedShown = 200;

Submissions submissions_of(const Node& node) {
  return Submissions(node.followup->parts());
}

http::Response private_page(int status, std::string html) {
  auto response = html_response(status, std::move(html));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict ||
         error.code == ErrorCode::exhausted || error.code == ErrorCode::permission_denied;
}

int status_for(const Error& error) {
  return error.code == ErrorCode::conflict            ? 409
         : error.code == ErrorCode::exhausted         ? 429
         : error.code == ErrorCode::permission_denied ? 403
                                                      : 400;
}

std::string local(const Call& call, std::string_view path) {
  return fmt::format("/{}{}", to_string(call.language), path);
}

Result<std::map<std::string, std::string>> titles_of(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto members = ATALAYA_TRY(Cube(node.followup->parts()).members(call.language));
  std::map<std::string, std::string> out;
  for (const auto& member : members) {
    out.emplace(member.row.id, row_title(context, member.row));
  }
  return out;
}

// ---- the form for everybody

std::string token_subject(const followup::SubmissionDraft& draft) {
  return draft.commitment;
}

// Of these, whom the commitment asks today: about others nothing is taken.
Result<std::vector<std::string>> asked_actors(const Call& call, const Node& node,
                                              const followup::Member& member,
                                              std::vector<std::string> actors) {
  followup::MatrixQuery query;
  query.commitments = {member.row.id};
  query.actors = std::move(actors);
  query.as_of = utc_date(node.clock->now());
  query.language = call.language;
  const auto matrix = ATALAYA_TRY(Cube(node.followup->parts()).matrix(query));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < matrix.actors.size() && !matrix.commitments.empty(); ++i) {
    const auto applies = matrix.at(0, i).applicability;
    if (applies == followup::Applicability::applicable ||
        applies == followup::Applicability::participation_unknown) {
      out.push_back(matrix.actors[i]);
    }
  }
  return out;
}

Result<SubmissionFormView> form_view(const Call& call, Node& node) {
  SubmissionFormView view;
  view.member = ATALAYA_TRY(Cube(node.followup->parts()).member(call.text("id"), call.language));
  view.draft.commitment = view.member.row.id;
  view.draft.kind = "alternative_report";
  view.draft.language = to_string(call.language);
  view.draft.as_of = to_string(utc_date(node.clock->now()));
  if (call.request.path.contains("/cells/")) {
    view.actor_fixed = true;
    view.draft.actor = call.text("actor");
    if (!followup::actor_kind(view.draft.actor, node.desk->catalogue())) {
      return fail(Error{
          ErrorCode::not_found, "followup.actor", "no such actor", {{"id", view.draft.actor}}});
    }
    view.actors = ATALAYA_TRY(asked_actors(call, node, view.member, {view.draft.actor}));
  } else {
    view.draft.kind = "correction";
    for (const auto& country : node.desk->catalogue().countries()) {
      if (view.member.parliamentary) {
        view.actors.push_back(country.id + ".parliament");
      } else if (country.is_state) {
        view.actors.push_back(country.id);
      }
    }
    view.actors.insert(view.actors.end(), view.member.organs.begin(), view.member.organs.end());
    view.actors = ATALAYA_TRY(asked_actors(call, node, view.member, std::move(view.actors)));
  }
  return view;
}

Result<http::Response> show_form(const Call& call, Node& node, SubmissionFormView view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  view.token = make_form_token(token_subject(view.draft), node.clock->now());
  const int status = view.error ? status_for(*view.error) : 200;
  return private_page(status, render_submission_form(context, view));
}

Result<http::Response> get_participate(const Call& call, Node& node) {
  auto view = ATALAYA_TRY(form_view(call, node));
  return show_form(call, node, std::move(view));
}

// An organisation that has accounts here can be asked to vouch.
Result<void> know_organisation(const Node& node, followup::SubmissionDraft& draft) {
  if (draft.attribution != "vouched" || draft.organisation.empty()) {
    return {};
  }
  const auto accounts = ATALAYA_TRY(node.accounts->list());
  const std::string wanted = fold(trim(draft.organisation));
  for (const auto& account : accounts) {
    if (!account.disabled && fold(account.organisation) == wanted) {
      draft.organisation = account.organisation;
      draft.organisation_known = true;
    }
  }
  return {};
}

void read_draft(const Form& form, SubmissionFormView& view) {
  followup::SubmissionDraft& draft = view.draft;
  draft.kind = form.get("kind");
  if (!view.actor_fixed) {
    draft.actor = form.get("actor");
  }
  draft.as_of = form.get("as_of");
  draft.title = form.get("title");
  draft.text = form.get("text");
  draft.sources = form.get("sources");
  draft.attribution = form.get("attribution");
  draft.name = form.get("name");
  draft.organisation = form.get("organisation");
  draft.voucher = trim(form.get("voucher"));
  draft.contact = form.get("contact");
  draft.confirmed = form.get("confirmed") == "yes";
  draft.form = form.get("form");
  for (const FormFile& file : form.files) {
    if (file.field == "files" && !(file.name.empty() && file.bytes.empty())) {
      draft.files.push_back({file.name, file.bytes});
    }
  }
  view.had_files = !draft.files.empty();
}

Result<Submissions::Receipt> take_in(const Node& node, followup::SubmissionDraft& draft) {
  ATALAYA_TRY(check_form_token(draft.form, token_subject(draft), node.clock->now()));
  ATALAYA_TRY(know_organisation(node, draft));
  return submissions_of(node).submit(draft);
}

Result<http::Response> post_participate(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Form form = ATALAYA_TRY(read_form(call.request));
  auto view = ATALAYA_TRY(form_view(call, node));
  read_draft(form, view);
  const auto receipt = take_in(node, view.draft);
  if (!receipt) {
    if (!is_users(receipt.error())) {
      return fail(receipt.error());
    }
    view.error = receipt.error();
    auto findings = submissions_of(node).check(view.draft);
    if (findings) {
      view.findings = *std::move(findings);
    }
    return show_form(call, node, std::move(view));
  }
  SubmissionSentView sent;
  sent.member = std::move(view.member);
  sent.code = receipt->code;
  sent.vouching = view.draft.attribution == "vouched" && view.draft.voucher.empty();
  return private_page(200, render_submission_sent(context, sent));
}

// ---- with the code that only the submitter has

Result<http::Response> show_receipt(const Call& call, Node& node, ReceiptView view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  if (!view.code.empty()) {
    auto found = submissions_of(node).find_by_code(view.code);
    if (found) {
      const auto titles = ATALAYA_TRY(titles_of(call, node));
      const auto title = titles.find(found->commitment);
      view.title = title == titles.end() ? found->commitment : title->second;
      view.submission = *std::move(found);
    } else if (found.error().code != ErrorCode::not_found) {
      return fail(found.error());
    } else {
      view.error = found.error();
    }
  }
  const int status = !view.error                                ? 200
                     : view.error->code == ErrorCode::not_found ? 404
                                                                : status_for(*view.error);
  return private_page(status, render_receipt(context, view));
}

Result<http::Response> get_receipt(const Call& call, Node& node) {
  return show_receipt(call, node, {});
}

Result<http::Response> post_receipt(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  ReceiptView view;
  view.code = trim(form.get("code"));
  return show_receipt(call, node, std::move(view));
}

Result<http::Response> act_by_code(const Call& call, Node& node, std::string_view done,
                                   const std::function<Result<void>(const Form&)>& act) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto acted = act(form);
  ReceiptView view;
  view.code = trim(form.get("code"));
  if (acted) {
    view.done = done;
  } else if (is_users(acted.error()) || acted.error().code == ErrorCode::not_found) {
    view.error = acted.error();
    view.text = form.get("text");
  } else {
    return fail(acted.error());
  }
  return show_receipt(call, node, std::move(view));
}

Result<http::Response> post_appeal(const Call& call, Node& node) {
  return act_by_code(call, node, "participation.appeal.done", [&](const Form& form) {
    return submissions_of(node).appeal(trim(form.get("code")), form.get("text"));
  });
}

Result<http::Response> post_withdraw(const Call& call, Node& node) {
  return act_by_code(
      call, node, "participation.withdraw.done", [&](const Form& form) -> Result<void> {
        if (form.get("sure") != "yes") {  // it cannot be taken back, whatever sent the form
          return fail(ErrorCode::invalid_argument, "followup.submission.sure",
                      "the withdrawal was not confirmed");
        }
        return submissions_of(node).withdraw(trim(form.get("code")));
      });
}

Result<http::Response> get_participation(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  ParticipationView view;
  view.counts = ATALAYA_TRY(submissions_of(node).counts());
  view.reports = ATALAYA_TRY(submissions_of(node).published({}, {}));
  view.titles = ATALAYA_TRY(titles_of(call, node));
  view.peers = ATALAYA_TRY(followup::Peers(node.followup->parts()).list());
  std::erase_if(view.peers, [](const followup::Peer& peer) { return !peer.removed_at.empty(); });
  auto response = html_response(200, render_participation(context, view));
  response.headers.set("Cache-Control", call.caller.account.empty() ? "no-cache" : "no-store");
  return response;
}

// ---- moderators

Result<http::Response> get_moderation(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  ModerationView view;
  view.titles = ATALAYA_TRY(titles_of(call, node));
  auto all = ATALAYA_TRY(submissions_of(node).list({}));
  for (auto& one : all) {
    const bool open = one.stage == SubmissionStage::received ||
                      one.stage == SubmissionStage::held || one.stage == SubmissionStage::appealed;
    (open ? view.open : view.decided).push_back(std::move(one));
  }
  std::ranges::reverse(view.decided);
  view.decided.resize(std::min(view.decided.size(), kDecidedShown));
  return private_page(200, render_moderation(context, view));
}

// An appeal is decided by somebody else than who refused or withdrew.
bool is_same_person(const followup::Submission& held, std::string_view name) {
  return held.stage == SubmissionStage::appealed &&
         std::ranges::any_of(held.steps, [&](const followup::SubmissionStep& step) {
           return (step.step == "refuse" || step.step == "withdraw") && step.by == name;
         });
}

// Nobody decides about what others say of the state that the account speaks for.
Result<void> check_not_own(const FollowupCaller& caller, const followup::Submission& held) {
  return speaks_for(caller, held.actor)
             ? Result<void>(fail(Error{ErrorCode::permission_denied,
                                       "followup.submission.own_state",
                                       "the account speaks for the state that it is about",
                                       {{"actor", held.actor}}}))
             : Result<void>();
}

Result<http::Response> show_submission(const Call& call, Node& node, SubmissionView view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  view.submission = ATALAYA_TRY(submissions_of(node).get(call.integer("submission")));
  view.searched = ATALAYA_TRY(followup::search_files(node.followup->parts(), view.submission));
  view.member =
      ATALAYA_TRY(Cube(node.followup->parts()).member(view.submission.commitment, call.language));
  view.same_person = is_same_person(view.submission, caller.writer.name);
  // Colleagues are shown who signs, never the name that somebody signs in with.
  ATALAYA_TRY(node.followup->parts().database->read([&](store::Transaction& tx) -> Result<void> {
    const auto names = ATALAYA_TRY(identity::ShownNames::read(tx));
    for (auto& step : view.submission.steps) {
      step.by = names.of(step.by);
    }
    return {};
  }));
  view.own_state = speaks_for(caller, view.submission.actor);
  return private_page(view.error ? status_for(*view.error) : 200, render_submission(context, view));
}

Result<http::Response> get_submission(const Call& call, Node& node) {
  return show_submission(call, node, {});
}

SubmissionStage stage_of(std::string_view name) {
  const auto it = std::ranges::find(followup::kSubmissionStages, name,
                                    [](SubmissionStage stage) { return to_string(stage); });
  return it == std::end(followup::kSubmissionStages) ? SubmissionStage::received : *it;
}

Result<http::Response> after(const Call& call, Node& node, const Result<void>& done,
                             SubmissionView view) {
  if (done) {
    return http::redirect(
        303, local(call, fmt::format("/desk/participation/{}", call.integer("submission"))));
  }
  if (!is_users(done.error())) {
    return fail(done.error());
  }
  view.error = done.error();
  return show_submission(call, node, std::move(view));
}

Result<http::Response> post_decide(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  SubmissionView view;
  followup::Decision& decision = view.draft;
  decision.step = form.get("step");
  decision.reason = form.get("reason");
  decision.text = form.get("text");
  decision.held_back = form.get("held_back");
  decision.confirmed = form.get("confirmed") == "yes";
  for (const auto& [name, value] : form.fields) {
    std::int64_t ordinal = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ordinal);
    if (name == "checked") {
      decision.checked.push_back(value);
    }
    if (name == "file" && error == std::errc{} && end == value.data() + value.size()) {
      decision.files.push_back(ordinal);
    }
  }
  decision.seen = stage_of(form.get("seen"));
  const auto held = ATALAYA_TRY(submissions_of(node).get(call.integer("submission")));
  ATALAYA_TRY(check_not_own(caller, held));
  if (decision.step == "publish" && !held.gone()) {
    auto preview = submissions_of(node).preview(call.integer("submission"), decision.held_back);
    if (!preview) {
      return after(call, node, fail(preview.error()), std::move(view));
    }
    const bool may = held.stage == decision.seen && !is_same_person(held, caller.writer.name);
    const bool looked = form.get("looked") == preview->seal;
    view.preview = *std::move(preview);
    if (may && !looked) {
      // What goes out is what was looked at: a passage more to hold back is shown anew.
      return show_submission(call, node, std::move(view));
    }
  }
  const auto done =
      submissions_of(node).decide(call.integer("submission"), decision, caller.writer.name);
  return after(call, node, done, std::move(view));
}

// What a stranger attached is never shown as a page of this node.
Result<http::Response> get_attached(const Call& call, Node& node) {
  auto file = ATALAYA_TRY(
      submissions_of(node).attached(call.integer("submission"), call.integer("number")));
  auto response = http::respond(200, "application/octet-stream", std::move(file.bytes));
  response.headers.set("Content-Disposition",
                       fmt::format("attachment; filename=\"{}\"", file.name));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> post_erase(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  const auto held = ATALAYA_TRY(submissions_of(node).get(call.integer("submission")));
  ATALAYA_TRY(check_not_own(caller, held));
  const auto done = submissions_of(node).erase(call.integer("submission"), form.get("reason"),
                                               caller.writer.name);
  return after(call, node, done, {});
}

// ---- organisations that vouch

Result<http::Response> show_vouching(const Call& call, Node& node, VouchingView view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  view.organisation = call.caller.organisation;
  if (!view.organisation.empty()) {
    view.waiting = ATALAYA_TRY(submissions_of(node).to_vouch(view.organisation));
    view.vouchers = ATALAYA_TRY(submissions_of(node).vouchers(view.organisation));
  }
  return private_page(view.error ? status_for(*view.error) : 200, render_vouching(context, view));
}

Result<http::Response> get_vouching(const Call& call, Node& node) {
  return show_vouching(call, node, {});
}

Result<http::Response> post_issue(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  VouchingView view;
  view.pseudonym = form.get("pseudonym");
  auto code = submissions_of(node).issue_voucher(call.caller.organisation, view.pseudonym,
                                                 caller.writer.name);
  if (code) {
    view.code = *std::move(code);
  } else if (is_users(code.error())) {
    view.error = code.error();
  } else {
    return fail(code.error());
  }
  return show_vouching(call, node, std::move(view));
}

Result<http::Response> vouched(const Call& call, Node& node, const Result<void>& done) {
  if (done) {
    return http::redirect(303, local(call, "/desk/vouching"));
  }
  if (!is_users(done.error())) {
    return fail(done.error());
  }
  VouchingView view;
  view.error = done.error();
  return show_vouching(call, node, std::move(view));
}

Result<http::Response> post_revoke(const Call& call, Node& node) {
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  return vouched(call, node,
                 submissions_of(node).revoke_voucher(call.integer("submission"),
                                                     call.caller.organisation, caller.writer.name));
}

Result<http::Response> post_vouch(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto caller = ATALAYA_TRY(followup_caller(call, node));
  return vouched(call, node,
                 submissions_of(node).vouch(call.integer("submission"), form.get("yes") == "yes",
                                            call.caller.organisation, caller.writer.name));
}

// ---- routes

// What everybody may send is bounded by buckets that know no sender (docs/threat-model.md): the
// limit by address would have to look at addresses. Nor is it audited; the answer is a page.
Route open_form(std::string_view path, std::string_view name, Handler handler) {
  Route route = shows_page(form_route(path, name, handler, kAnyone, kFormBytesMax));
  route.rate = RateClass::none;
  route.event = {};
  return route;
}

// The same, and files may come with it. More is read than is kept: a form whose files are too large
// comes back with what was typed, while a request above this number would be answered unread.
Route or_files(Route form) {
  form.body_bytes_max = kFormBytesMax + 3 * followup::kSubmissionFileBytesMax;
  form.consumes.emplace_back("multipart/form-data");
  return form;
}

}  // namespace

std::vector<Route> participation_routes() {
  const RoleSet editors = {Role::editor};
  const auto form = [](std::string_view path, std::string_view name, Handler handler,
                       RoleSet roles) {
    return form_route(path, name, handler, roles, kFormBytesMax);
  };
  return {page_route("/{lang}/follow-up/cells/{id}/{actor}/participate", "get_participate_cell",
                     &get_participate),
          or_files(open_form("/{lang}/follow-up/cells/{id}/{actor}/participate",
                             "post_participate_cell", &post_participate)),
          page_route("/{lang}/follow-up/commitments/{id}/participate", "get_participate_commitment",
                     &get_participate),
          or_files(open_form("/{lang}/follow-up/commitments/{id}/participate",
                             "post_participate_commitment", &post_participate)),
          page_route("/{lang}/participation", "get_participation", &get_participation),
          page_route("/{lang}/participation/receipt", "get_receipt", &get_receipt),
          open_form("/{lang}/participation/receipt", "post_receipt", &post_receipt),
          open_form("/{lang}/participation/appeal", "post_appeal", &post_appeal),
          open_form("/{lang}/participation/withdraw", "post_withdraw", &post_withdraw),
          page_route("/{lang}/desk/participation", "get_moderation", &get_moderation, editors),
          page_route("/{lang}/desk/participation/{submission}", "get_submission", &get_submission,
                     editors),
          page_route("/{lang}/desk/participation/{submission}/files/{number}", "get_attached_file",
                     &get_attached, editors),
          form("/{lang}/desk/participation/{submission}/decide", "post_submission_decision",
               &post_decide, editors),
          form("/{lang}/desk/participation/{submission}/erase", "post_submission_erase",
               &post_erase, editors),
          page_route("/{lang}/desk/vouching", "get_vouching", &get_vouching, kSignedIn),
          form("/{lang}/desk/vouching/issue", "post_voucher", &post_issue, kSignedIn),
          form("/{lang}/desk/vouching/{submission}/revoke", "post_voucher_revoke", &post_revoke,
               kSignedIn),
          form("/{lang}/desk/vouching/{submission}/vouch", "post_vouch", &post_vouch, kSignedIn)};
}

}  // namespace atalaya::api
