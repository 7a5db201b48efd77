// Evaluation rounds: public pages, the review page of those who take part, and what they send. What
// a viewer may see was decided in the module; nothing here adds to it.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>

#include "followup_forms.hpp"
#include "kept_page.hpp"
#include "pages_rounds.hpp"
#include "rounds_access.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::Entry;
using followup::Review;
using followup::Round;
using followup::Rounds;
using followup::RoundStage;
using followup::RoundViewer;

// A questionnaire's answers are sent together, each of as many characters as its field takes.
constexpr std::size_t kFormBytesMax = 4UL << 20U;
constexpr std::size_t kFileBytesMax = 2UL << 20U;

Rounds rounds_of(const Node& node) {
  return Rounds(node.followup->parts());
}

bool is_users(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::conflict;
}

int status_of(const std::optional<Error>& error) {
  return !error ? 200 : error->code == ErrorCode::conflict ? 409 : 400;
}

std::int32_t number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value >= 0 ? value : -1;
}

bool may_open(const Call& call) {
  return call.caller.roles.has(Role::publisher);
}

Result<http::Response> get_rounds(const Call& call, Node& node) {
  return kept_page(call, node, followup_version(node),
                   [&](const PageContext& context) -> Result<std::string> {
                     RoundsView view;
                     const auto all = ATALAYA_TRY(rounds_of(node).list());
                     for (const Round& round : all) {
                       const auto report = ATALAYA_TRY(rounds_of(node).report(round));
                       view.rounds.push_back({round, std::ssize(report.published)});
                     }
                     view.forms = ATALAYA_TRY(rounds_of(node).questionnaires());
                     view.may_open = may_open(call);
                     return render_rounds(context, view);
                   });
}

Result<http::Response> get_questionnaire(const Call& call, Node& node) {
  return kept_page(call, node, followup_version(node),
                   [&](const PageContext& context) -> Result<std::string> {
                     QuestionnaireView view;
                     view.form = ATALAYA_TRY(rounds_of(node).questionnaire(call.text("form")));
                     view.reference = node.followup->parts().reference.get();
                     return render_questionnaire(context, view);
                   });
}

Result<http::Response> get_round(const Call& call, Node& node) {
  return kept_page(call, node, followup_version(node),
                   [&](const PageContext& context) -> Result<std::string> {
                     const auto viewer = ATALAYA_TRY(round_viewer(call, node));
                     RoundView view;
                     view.round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
                     view.report = ATALAYA_TRY(rounds_of(node).report(view.round));
                     view.reviews = ATALAYA_TRY(rounds_of(node).reviews(view.round, viewer));
                     view.windows = ATALAYA_TRY(rounds_of(node).windows(view.round));
                     view.follow_ups = ATALAYA_TRY(rounds_of(node).list());
                     std::erase_if(view.follow_ups,
                                   [&](const Round& one) { return one.follows != view.round.id; });
                     view.reference = node.followup->parts().reference.get();
                     view.may_open = may_open(call);
                     return render_round(context, view);
                   });
}

Offered experts_for(const std::vector<identity::Account>& accounts, std::string_view country,
                    Language language) {
  Offered out;
  for (const identity::Account& account : accounts) {
    const auto states = states_of(account);
    const bool expert = std::ranges::any_of(account.roles, [](const identity::RoleGrant& grant) {
      return grant.role == "expert" && grant.territory.empty();
    });
    const bool own = std::ranges::find(states, country) != states.end();
    if (expert && !account.disabled && !states.empty() && !own) {
      out.push_back(offered(account, language));
    }
  }
  return out;
}

Result<ReviewView> review_view(const Call& call, const Node& node, const RoundViewer& viewer) {
  ReviewView view;
  view.round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  view.review = ATALAYA_TRY(rounds_of(node).review(view.round, call.text("country"), viewer));
  view.reference = node.followup->parts().reference.get();
  for (const std::string_view step : followup::kRoundSteps) {
    if (followup::may_step(view.review.steps, step, view.review.hats)) {
      view.may_step.emplace_back(step);
    }
  }
  if (view.review.hats.secretariat) {
    auto accounts = ATALAYA_TRY(node.accounts->list());
    std::erase_if(accounts, [&](const identity::Account& account) {
      return std::ranges::find(view.review.reviewers, identity::shown_name(account),
                               &Entry::name) != view.review.reviewers.end();
    });
    view.experts = experts_for(accounts, view.review.country, call.language);
  }
  return view;
}

Result<http::Response> get_review(const Call& call, Node& node) {
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const auto show = [&](const PageContext& context) -> Result<std::string> {
    ReviewView view = ATALAYA_TRY(review_view(call, node, viewer));
    const auto done = call.request.query_value("done").value_or("");
    if (done == "saved" || done == "unchanged") {
      view.done = fmt::format("rounds.done.{}", done);
    }
    return render_review(context, view);
  };
  return kept_page(call, node, followup_version(node), show);
}

Result<http::Response> back_to_review(const Call& call, std::string_view done) {
  return http::redirect(303, fmt::format("/{}/rounds/{}/{}?done={}", to_string(call.language),
                                         call.text("round"), call.text("country"), done));
}

// What was wrong stands on the review's page, with what was sent.
Result<http::Response> refused(const Call& call, Node& node, const RoundViewer& viewer,
                               const Error& error, std::vector<Entry> drafts,
                               std::vector<followup::EntryImportRow> differences = {}) {
  if (!is_users(error)) {
    return fail(error);
  }
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  ReviewView view = ATALAYA_TRY(review_view(call, node, viewer));
  view.error = error;
  view.drafts = std::move(drafts);
  view.differences = std::move(differences);
  return private_response(status_of(error), render_review(context, view));
}

// Fields "a.<version>.<question>", "r.…" and "s.…": value, remark, sources.
std::vector<Entry> answers_from(const Form& form, Language language) {
  std::vector<Entry> out;
  for (const auto& [name, value] : form.fields) {
    const std::size_t dot = name.find('.', 2);
    if (name.size() < 4 || name[1] != '.' || dot == std::string::npos) {
      continue;
    }
    const std::string question = name.substr(dot + 1);
    const auto found = std::ranges::find(out, question, &Entry::name);
    Entry& entry = found == out.end() ? out.emplace_back() : *found;
    entry.kind = "answer";
    entry.name = question;
    entry.version = number(std::string_view(name).substr(2, dot - 2));
    entry.values[name[0] == 'a' ? "value" : name[0] == 'r' ? "remark" : "sources"] = trim(value);
  }
  for (Entry& entry : out) {
    std::erase_if(entry.values, [](const auto& pair) { return pair.second.empty(); });
    if (!entry.values.empty()) {
      entry.values["language"] = to_string(language);
    }
  }
  return out;
}

bool is_same(const Entry& sent, const Entry& held) {
  return sent.value("value") == held.value("value") &&
         sent.value("remark") == held.value("remark") &&
         sent.value("sources") == held.value("sources");
}

Result<http::Response> post_answers(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const ReviewView view = ATALAYA_TRY(review_view(call, node, viewer));
  auto entries = answers_from(form, call.language);
  // Only what the writer touched is sent on: others may have answered other questions meanwhile.
  std::erase_if(entries, [&](const Entry& entry) {
    const Entry* held = view.review.answer(entry.name);
    return held == nullptr ? entry.values.empty()
                           : entry.version == held->version && is_same(entry, *held);
  });
  if (entries.empty()) {
    return back_to_review(call, "unchanged");
  }
  const auto saved = rounds_of(node).save(view.round, view.review.country, entries, viewer);
  return saved ? back_to_review(call, "saved")
               : refused(call, node, viewer, saved.error(), std::move(entries));
}

// The account that is meant and its states; one that is taken out goes by the name that is shown, too.
Result<void> name_reviewer(const Node& node, std::string_view country, Entry& entry) {
  const auto accounts = ATALAYA_TRY(node.accounts->list());
  if (entry.removed) {
    const auto shown = std::ranges::find(accounts, entry.name, &identity::shown_name);
    entry.name = shown == accounts.end() ? entry.name : shown->name;
    return {};
  }
  // What the form does not offer, a request made by hand does not get either.
  const std::string name =
      account_meant(experts_for(accounts, country, Language::en), accounts, entry.name);
  if (name.empty()) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.round.reviewer",
                      "no expert of another state",
                      {{"value", entry.name.substr(0, 80)}, {"country", std::string(country)}}});
  }
  const auto account = std::ranges::find(accounts, name, &identity::Account::name);
  entry.name = name;
  entry.values["states"] = fmt::format("{}", fmt::join(states_of(*account), " "));
  return {};
}

Result<http::Response> post_entry(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const Round round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  Entry entry;
  entry.kind = form.get("kind");
  entry.name = form.get("name");
  entry.version = number(form.get("version"));
  entry.removed = form.get("remove") == "yes";
  for (const std::string_view field :
       {"text", "rating", "question", "organisation", "url", "date", "reply_to"}) {
    if (!form.get(field).empty() && !entry.removed) {
      entry.values[std::string(field)] = form.get(field);
    }
  }
  if (entry.kind == "reviewer") {
    if (const auto added = name_reviewer(node, call.text("country"), entry); !added) {
      return refused(call, node, viewer, added.error(), {entry});
    }
  } else if (!entry.values.empty()) {
    entry.values["language"] = to_string(call.language);
  }
  if (entry.values.empty() && !entry.removed) {
    // An empty form takes nothing out.
    entry.values["text"] = "";
  }
  const auto saved =
      entry.values.contains("text") && entry.value("text").empty()
          ? Result<void>(fail(Error{ErrorCode::invalid_argument,
                                    "followup.entry.field",
                                    "no text",
                                    {{"field", "text"}, {"value", ""}, {"rule", "required"}}}))
          : rounds_of(node).save(round, call.text("country"), {entry}, viewer);
  return saved ? back_to_review(call, "saved")
               : refused(call, node, viewer, saved.error(), {entry});
}

Result<http::Response> post_step(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const Round round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  Entry step;
  step.kind = "step";
  step.values = {{"step", std::string(form.get("step"))}, {"date", std::string(form.get("date"))}};
  if (!trim(form.get("note")).empty()) {
    step.values["note"] = trim(form.get("note"));
    step.values["language"] = to_string(call.language);
  }
  if (step.value("step") == "consented") {
    step.values["scope"] = form.get("scope");
  }
  if (step.value("step") == "civil_society_opened") {
    step.values["until"] = form.get("until");
  }
  const std::int32_t seen = number(form.get("seen"));
  const auto saved = rounds_of(node).step(round, call.text("country"), step,
                                          static_cast<std::size_t>(std::max(seen, 0)), viewer);
  return saved ? back_to_review(call, "saved") : refused(call, node, viewer, saved.error(), {step});
}

// Fields "agenda.<version>", "met.…" and "findings.…": only what the writer touched is sent on.
Result<http::Response> post_visit(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const ReviewView view = ATALAYA_TRY(review_view(call, node, viewer));
  std::vector<Entry> entries;
  for (const auto& [name, value] : form.fields) {
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) {
      continue;
    }
    Entry entry;
    entry.kind = "visit";
    entry.name = name.substr(0, dot);
    entry.version = number(std::string_view(name).substr(dot + 1));
    std::string words(trim(value));
    std::erase(words, '\r');
    const auto held = std::ranges::find(view.review.visit, entry.name, &Entry::name);
    const std::string_view kept =
        held == view.review.visit.end() ? std::string_view() : held->value("text");
    if (words == kept) {
      continue;
    }
    if (!words.empty()) {
      entry.values = {{"text", words}, {"language", std::string(to_string(call.language))}};
      if (form.get("confirmed") == "yes") {
        entry.values["confirmed"] = "yes";
      }
    }
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) {
    return back_to_review(call, "unchanged");
  }
  const auto saved = rounds_of(node).save(view.round, view.review.country, entries, viewer);
  return saved ? back_to_review(call, "saved")
               : refused(call, node, viewer, saved.error(), std::move(entries));
}

Result<http::Response> post_round_file(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const Round round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  Entry file;
  file.kind = form.get("kind");
  file.values = {{"title", std::string(trim(form.get("title")))},
                 {"question", std::string(form.get("question"))},
                 {"language", std::string(to_string(call.language))}};
  Result<void> saved = fail(ErrorCode::invalid_argument, "commitments.import.no_file", "");
  if (!form.files.empty()) {
    file.values["file_name"] = form.files.front().name;
    saved = rounds_of(node).add_file(round, call.text("country"), file, form.files.front().bytes,
                                     viewer);
  }
  return saved ? back_to_review(call, "saved")
               : refused(call, node, viewer, saved.error(), {file});
}

Result<http::Response> get_round_file(const Call& call, Node& node) {
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const Round round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  auto file = ATALAYA_TRY(
      rounds_of(node).file(round, call.text("country"), call.integer("number"), viewer));
  // Names that people gave may hold anything; a header takes letters, digits and ".-_" of them.
  std::string name;
  for (const char c : file.first.value("file_name")) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    name += plain ? c : '_';
  }
  auto response = http::respond(200, "application/octet-stream", std::move(file.second));
  response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}\"", name));
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> get_answers(const Call& call, Node& node) {
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const Round round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  std::string csv = ATALAYA_TRY(rounds_of(node).csv(round, call.text("country"), viewer));
  auto response = http::respond(200, "text/csv; charset=utf-8", std::move(csv));
  response.headers.set("Content-Disposition", fmt::format("attachment; filename=\"{}-{}.csv\"",
                                                          round.id, call.text("country")));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Result<http::Response> post_file(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const Round round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  const std::string country(call.text("country"));
  Result<void> done;
  bool news = false;
  std::vector<followup::EntryImportRow> differences;
  if (form.files.empty()) {
    done = fail(ErrorCode::invalid_argument, "commitments.import.no_file", "");
  } else {
    const auto plan = rounds_of(node).plan(round, country, form.files.front().bytes,
                                           form.files.front().name, viewer);
    news = plan && plan->count(followup::RecordChange::unchanged) != std::ssize(plan->rows);
    differences = plan ? plan->rows : std::vector<followup::EntryImportRow>();
    done = plan ? rounds_of(node).apply(round, country, *plan, viewer, form.get("accept") == "yes")
                : Result<void>(fail(plan.error()));
  }
  return done ? back_to_review(call, news ? "saved" : "unchanged")
              : refused(call, node, viewer, done.error(), {}, std::move(differences));
}

Result<http::Response> show_new(const Call& call, Node& node, NewRoundView view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  view.forms = ATALAYA_TRY(rounds_of(node).questionnaires());
  view.rounds = ATALAYA_TRY(rounds_of(node).list());
  return private_response(status_of(view.error), render_new_round(context, view));
}

Result<http::Response> get_new(const Call& call, Node& node) {
  NewRoundView view;
  view.draft.questionnaire = call.request.query_value("questionnaire").value_or("");
  view.draft.date = to_string(utc_date(node.clock->now()));
  return show_new(call, node, std::move(view));
}

Result<http::Response> post_new(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  NewRoundView view;
  view.draft.id = form.get("id");
  view.draft.questionnaire = form.get("questionnaire");
  view.draft.follows = form.get("follows");
  view.draft.title = form.get("title");
  view.draft.language = to_string(call.language);
  view.draft.date = form.get("date");
  view.draft.adds = form.get("adds") == "yes";
  for (const std::string_view country : split(form.get("countries"), ' ')) {
    if (!trim(country).empty()) {
      view.draft.countries.emplace_back(trim(country));
    }
  }
  const auto opened = rounds_of(node).open(view.draft, viewer);
  if (!opened) {
    if (!is_users(opened.error()) && opened.error().code != ErrorCode::not_found) {
      return fail(opened.error());
    }
    view.error = opened.error();
    return show_new(call, node, std::move(view));
  }
  return http::redirect(303, fmt::format("/{}/rounds/{}", to_string(call.language), view.draft.id));
}

}  // namespace

std::vector<Route> round_routes() {
  // Whose part it is depends on the state and on the stage: the module knows.
  const RoleSet parties = {Role::focal_point, Role::expert, Role::publisher};
  const RoleSet states = {Role::focal_point};
  const RoleSet openers = {Role::publisher};
  Route file =
      page_route("/{lang}/rounds/{round}/{country}/answers", "get_review_answers", &get_answers);
  file.kind = Kind::file;
  file.answers = {{.status = 200, .about = "Answers as CSV", .media_type = "text/csv"}};
  Route kept = page_route("/{lang}/rounds/{round}/{country}/files/{number}", "get_round_file",
                          &get_round_file);
  kept.kind = Kind::file;
  kept.answers = {{.status = 200, .about = "The bytes", .media_type = "application/octet-stream"}};
  return {
      page_route("/{lang}/rounds", "get_rounds", &get_rounds),
      page_route("/{lang}/questionnaires/{form}", "get_questionnaire", &get_questionnaire),
      page_route("/{lang}/rounds/{round}", "get_round", &get_round),
      page_route("/{lang}/rounds/{round}/{country}", "get_review", &get_review),
      std::move(file),
      form_route("/{lang}/rounds/{round}/{country}/answers", "post_review_answers", &post_answers,
                 states, kFormBytesMax),
      with_files(form_route("/{lang}/rounds/{round}/{country}/file", "post_review_file", &post_file,
                            states, kFormBytesMax),
                 kFileBytesMax),
      form_route("/{lang}/rounds/{round}/{country}/entries", "post_review_entry", &post_entry,
                 parties, kFormBytesMax),
      std::move(kept),
      with_files(form_route("/{lang}/rounds/{round}/{country}/files", "post_round_file",
                            &post_round_file, parties, kFormBytesMax),
                 followup::kRoundFileBytesMax + kFormBytesMax),
      form_route("/{lang}/rounds/{round}/{country}/visit", "post_round_visit", &post_visit, parties,
                 kFormBytesMax),
      form_route("/{lang}/rounds/{round}/{country}/steps", "post_review_step", &post_step, parties,
                 kFormBytesMax),
      page_route("/{lang}/desk/rounds/new", "get_round_new", &get_new, openers),
      form_route("/{lang}/desk/rounds/new", "post_round_new", &post_new, openers, kFormBytesMax)};
}

}  // namespace atalaya::api
