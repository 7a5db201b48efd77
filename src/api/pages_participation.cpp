// What everybody sees of participation: form, receipt, counts, and published reports.
#include "pages_participation.hpp"

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

namespace atalaya::api {
namespace {

using followup::AlternativeReport;
using followup::SubmissionStage;

Shell public_shell(const PageContext& context, std::string title, bool indexed) {
  Shell frame;
  frame.nav = "follow_up";
  frame.title = std::move(title);
  frame.indexed = indexed;
  frame.crumbs = {{Say(context)("nav.follow_up"), "/follow-up"},
                  {Say(context)("participation.title"), "/participation"},
                  {frame.title, ""}};
  return frame;
}

struct Field {
  std::string_view name;
  std::string label, hint, value;
  std::string_view type = "text";
  std::string_view max = "";
  bool required = false;
};

void write_field(Html& h, const Field& field) {
  const std::string id = fmt::format("i-{}", field.name);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, field.label);
  if (!field.hint.empty()) {
    h.element("span", {{"class", "hint"}, {"id", id + "-hint"}}, field.hint);
  }
  const std::string hint = id + "-hint";
  const auto described = attribute_if(!field.hint.empty(), "aria-describedby", hint);
  if (field.type == "textarea") {
    h.element("textarea",
              {{"id", id},
               {"name", field.name},
               {"rows", field.max == "8000" ? "9" : "4"},
               {"maxlength", field.max},
               described,
               attribute_if(field.required, "required")},
              field.value);
  } else {
    h.empty("input", {{"id", id},
                      {"name", field.name},
                      {"type", field.type},
                      {"value", field.value},
                      {"autocomplete", "off"},
                      attribute_if(!field.max.empty(), "maxlength", field.max),
                      described,
                      attribute_if(field.required, "required")});
  }
  h.close("div");
}

void write_radio(Html& h, std::string_view name, std::string_view value, std::string_view chosen,
                 std::string_view label, std::string_view hint) {
  const std::string id = fmt::format("r-{}-{}", name, value);
  h.open("div", {{"class", "check"}});
  h.empty("input", {{"type", "radio"},
                    {"id", id},
                    {"name", name},
                    {"value", value},
                    attribute_if(value == chosen, "checked")});
  h.open("label", {{"for", id}}).element("b", label).text(fmt::format(". {}", hint));
  h.close("label").close("div");
}

// Only what would be taken: where the commitment asks nobody, its own record can be corrected.
void write_kinds(Html& h, const PageContext& context, const SubmissionFormView& view) {
  const Say say(context);
  h.open("fieldset", {{"class", "stack-s"}}).element("legend", say("participation.kind"));
  for (const std::string_view kind : {"alternative_report", "correction"}) {
    if (kind == "correction" || !view.actors.empty()) {
      write_radio(h, "kind", kind, view.draft.kind, say.value("participation.kind", kind),
                  say(fmt::format("participation.kind.{}.hint", kind)));
    }
  }
  h.close("fieldset");
}

// On a cell that does not exist: what can be sent, and where.
void write_closed(Html& h, const PageContext& context, const std::string& commitment) {
  const Say say(context);
  h.element("p", {{"class", "note"}}, say("participation.not_here"));
  h.open("p").element(
      "a",
      {{"class", "button"},
       {"href", link(context, fmt::format("/follow-up/commitments/{}/participate", commitment))},
       {"rel", "nofollow"}},
      say("participation.correct_instead"));
  h.close("p");
  close_band(h);
}

void write_actor(Html& h, const PageContext& context, const SubmissionFormView& view) {
  const Say say(context);
  if (view.actor_fixed || view.actors.empty()) {
    return;
  }
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "i-actor"}}, say("participation.actor"));
  h.element("span", {{"class", "hint"}, {"id", "i-actor-hint"}}, say("participation.actor.hint"));
  h.open("select", {{"id", "i-actor"}, {"name", "actor"}, {"aria-describedby", "i-actor-hint"}});
  h.element("option", {{"value", ""}, attribute_if(view.draft.actor.empty(), "selected")},
            say("participation.actor.none"));
  for (const std::string& actor : view.actors) {
    h.element("option", {{"value", actor}, attribute_if(actor == view.draft.actor, "selected")},
              actor_name(context, actor));
  }
  h.close("select").close("div");
}

void write_findings(Html& h, const PageContext& context, const SubmissionFormView& view) {
  if (view.findings.empty()) {
    return;
  }
  const Say say(context);
  h.open("div", {{"class", "note warn stack-s"}});
  h.element("h3", say("participation.findings"));
  h.element("p", say("participation.findings.sub"));
  h.open("ul", {{"class", "small bullets"}});
  for (const auto& one : view.findings) {
    h.open("li").element("b", one.text);
    h.text(fmt::format(" ({})", say.value("participation.finding", one.kind))).close("li");
  }
  h.close("ul").open("div", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", "i-confirmed"}, {"name", "confirmed"}, {"value", "yes"}});
  h.element("label", {{"for", "i-confirmed"}}, say("participation.findings.confirm"));
  h.close("div").close("div");
}

void write_who(Html& h, const PageContext& context, const followup::SubmissionDraft& draft) {
  const Say say(context);
  h.open("fieldset", {{"class", "stack-s"}}).element("legend", say("participation.who"));
  write_radio(h, "attribution", "named", draft.attribution, say("participation.named"),
              say("participation.named.hint"));
  write_radio(h, "attribution", "vouched", draft.attribution, say("participation.vouched"),
              say("participation.vouched.hint"));
  h.close("fieldset");
  write_field(h, {"name", say("participation.name"), say("participation.name.hint"), draft.name,
                  "text", "120"});
  write_field(h, {"organisation", say("participation.organisation"),
                  say("participation.organisation.hint"), draft.organisation, "text", "120"});
  write_field(h, {"voucher", say("participation.voucher"), say("participation.voucher.hint"),
                  draft.voucher, "text", "40"});
  write_field(h, {"contact", say("participation.contact"), say("participation.contact.hint"),
                  draft.contact, "text", "200"});
}

void write_files(Html& h, const PageContext& context, const SubmissionFormView& view) {
  const Say say(context);
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "i-files"}}, say("participation.files"));
  h.element("span", {{"class", "hint"}, {"id", "i-files-hint"}}, say("participation.files.hint"));
  h.empty("input", {{"id", "i-files"},
                    {"name", "files"},
                    {"type", "file"},
                    {"multiple", ""},
                    {"accept", ".pdf,.png,.jpg,.jpeg,.csv,.txt,.xlsx,.docx,.odt,.ods"},
                    {"aria-describedby", "i-files-hint"}});
  if (view.had_files) {
    h.element("p", {{"class", "note"}}, say("participation.files.again"));
  }
  h.close("div");
}

void write_status(Html& h, const PageContext& context, const ReceiptView& view) {
  const Say say(context);
  const auto& one = *view.submission;
  h.element("h2", say.value("participation.stage", to_string(one.stage)));
  h.element("p", say.value("participation.stage.about", to_string(one.stage)));
  h.open("dl", {{"class", "facts"}});
  write_fact(h, say("participation.about"), view.title);
  if (!one.actor.empty()) {
    write_fact(h, say("followup.actor"), actor_name(context, one.actor));
  }
  write_fact(h, say("participation.sent_on"), shown_date(context, one.received_on));
  write_fact(h, say("participation.subject"),
             one.title.empty() ? say("moderation.erased") : one.title);
  h.close("dl");
  for (const auto& step : one.steps) {
    if (step.step == "erase" && step.reason.empty()) {
      continue;
    }
    h.open("p").element("b", step_name(context, step));
    h.text(fmt::format(", {}. ", shown_date(context, step.at)));
    if (!step.reason.empty()) {
      h.text(say.value("participation.reason", step.reason) + ". ");
    }
    h.text(step.text).close("p");
  }
}

void open_code_form(Html& h, const PageContext& context, std::string_view path,
                    std::string_view code) {
  h.open("form", {{"method", "post"}, {"action", link(context, path)}, {"class", "wide stack"}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "code"}, {"value", code}});
}

void write_counts(Html& h, const PageContext& context,
                  const followup::ParticipationCounts& counts) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("participation.counts"));
  h.element("p", {{"class", "sub"}},
            say("participation.counts.sub",
                {{"received", figures::number(context.language, counts.received)},
                 {"published", figures::number(context.language, counts.published)},
                 {"refused", figures::number(context.language, counts.refused)},
                 {"withdrawn", figures::number(context.language, counts.withdrawn)},
                 {"waiting", figures::number(context.language, counts.waiting)}}));
  if (!counts.waiting_since.empty()) {
    h.element("p", {{"class", "sub"}},
              say("participation.counts.waiting",
                  {{"date", shown_date(context, counts.waiting_since)},
                   {"held", figures::number(context.language, counts.held)}}));
  }
  const std::string heads[] = {say("participation.reason"),
                               say("participation.refused"),
                               say("participation.withdrawn_by_editors"),
                               say("participation.appealed"),
                               say("participation.reversed"),
                               say("participation.upheld"),
                               say("participation.erased_at_once")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const std::string& head : heads) {
    h.element("th", {{"scope", "col"}, attribute_if(&head != heads, "class", "num")}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& count : counts.refusals) {
    h.open("tr").element("th", {{"scope", "row"}}, say.value("participation.reason", count.reason));
    const std::int64_t values[] = {count.refused,  count.withdrawn, count.appealed,
                                   count.reversed, count.upheld,    count.erased};
    for (std::size_t i = 0; i < std::size(values); ++i) {
      h.open("td", {{"class", "num"}, {"data-l", heads[i + 1]}});
      h.element("span", figures::number(context.language, values[i])).close("td");
    }
    h.close("tr");
  }
  h.close("tbody").close("table");
  close_band(h);
}

void write_report(Html& h, const PageContext& context, const AlternativeReport& report,
                  bool of_many_actors) {
  const Say say(context);
  h.open("p", {{"class", "tags"}});
  if (of_many_actors && !report.actor.empty()) {
    h.element("span", {{"class", "tag"}}, actor_name(context, report.actor));
  }
  h.element("span", {{"class", "tag"}}, say.value("participation.kind", report.kind));
  if (report.redacted) {
    h.element("span", {{"class", "tag line"}}, say("participation.redacted"));
  }
  h.close("p").element("h3", {{"lang", report.language}}, report.title);
  const bool vouched = report.attribution == "vouched";
  std::string who =
      vouched
          ? say("participation.by_vouched", {{"name", report.name}, {"org", report.organisation}})
      : report.organisation.empty()
          ? say("participation.by_name", {{"name", report.name}})
          : say("participation.by_both", {{"name", report.name}, {"org", report.organisation}});
  h.element("p", {{"class", "xs"}},
            fmt::format("{} {}. {}", who,
                        say("followup.speaks_of", {{"date", shown_date(context, report.as_of)}}),
                        say("participation.published_on",
                            {{"date", shown_date(context, report.published_on)}})));
  h.element("p", {{"class", "xs"}},
            report.node.empty() ? say("participation.decided_here", {{"node", context.node_name}})
                                : say("participation.decided_there", {{"node", report.node}}));
  for (const std::string_view line : split(report.text, '\n')) {
    if (!trim(line).empty()) {
      h.element("p", {{"lang", report.language}}, line);
    }
  }
  if (!report.sources.empty()) {
    h.open("ul", {{"class", "plain small"}});
    for (const auto& source : report.sources) {
      h.open("li");
      if (!source.file.empty()) {
        const std::string words = say("participation.file", {{"name", source.title}});
        if (report.node.empty()) {
          h.element("a", {{"href", "/api/v1/follow-up/files/" + source.file}, {"rel", "nofollow"}},
                    words);
        } else {
          h.text(fmt::format("{} ({})", words, say("followup.kept_elsewhere")));
        }
        h.text(" ").element("span", {{"class", "xs break"}}, "SHA-256 " + source.file);
      } else if (source.url.empty()) {
        h.text(source.title);
      } else {
        h.element(
            "a",
            {{"href", figures::safe_url(source.url)}, {"rel", "nofollow ugc noopener noreferrer"}},
            source.title.empty() ? source.url : source.title);
        h.text(fmt::format(" {}", source.title.empty() ? std::string() : source.url));
      }
      h.close("li");
    }
    h.close("ul");
  }
}

// Of one actor where it is known, else of the commitment's own record.
std::string form_path(const std::string& commitment, const std::string& actor) {
  return actor.empty() ? fmt::format("/follow-up/commitments/{}/participate", commitment)
                       : fmt::format("/follow-up/cells/{}/{}/participate", commitment, actor);
}

}  // namespace

std::string step_name(const PageContext& context, const followup::SubmissionStep& step) {
  const bool on_record = step.step == "publish" && !step.reason.empty();
  return Say(context).value("participation.step", on_record ? "grant" : step.step);
}

void write_alternative_reports(Html& h, const PageContext& context,
                               const std::vector<AlternativeReport>& reports,
                               std::string_view path) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("participation.title"));
  h.element("p", {{"class", "sub"}}, say("participation.sub"));
  if (reports.empty()) {
    h.element("p", say("participation.none"));
  }
  for (const AlternativeReport& report : reports) {
    h.open("article", {{"class", "stack-s alt"}});
    write_report(h, context, report, path.contains("/commitments/"));
    h.close("article");
  }
  h.open("p", {{"class", "row"}});
  h.element("a", {{"class", "button"}, {"href", link(context, path)}, {"rel", "nofollow"}},
            say("participation.send_one"));
  h.text(" ").element("a", {{"href", link(context, "/participation")}}, say("participation.how"));
  h.close("p");
  close_band(h);
}

std::string render_submission_form(const PageContext& context, const SubmissionFormView& view) {
  const Say say(context);
  const auto& draft = view.draft;
  const bool cell = view.actor_fixed;
  const std::string path = form_path(draft.commitment, cell ? draft.actor : std::string());
  Html h;
  write_head(h, {cell ? actor_name(context, draft.actor) : row_place(context, view.member.row),
                 say("participation.form"), row_title(context, view.member.row)});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (cell && view.actors.empty()) {
    write_closed(h, context, draft.commitment);
    return shell(context, public_shell(context, say("participation.form"), false), h);
  }
  h.open("div", {{"class", "note warn stack-s"}}).element("p", say("participation.not_anonymous"));
  h.element("p", say("participation.no_names")).close("div");
  h.element("p", {{"class", "small"}}, say("participation.what_happens"));
  h.open("form", {{"method", "post"},
                  {"action", link(context, path)},
                  {"enctype", "multipart/form-data"},
                  {"class", "wide stack"}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "form"}, {"value", view.token}});
  write_kinds(h, context, view);
  write_actor(h, context, view);
  write_field(h, {"as_of", say("report.as_of"), "", draft.as_of, "date", "", true});
  write_field(h, {"title", say("participation.subject"), say("participation.subject.hint"),
                  draft.title, "text", "200", true});
  const auto limited = [&](std::string_view hint, std::int64_t characters) {
    return fmt::format(
        "{} · {}", say(hint),
        say("form.characters_max", {{"n", figures::number(context.language, characters)}}));
  };
  write_field(h, {"text", say("participation.text"), limited("participation.text.hint", 8000),
                  draft.text, "textarea", "8000", true});
  write_field(h, {"sources", say("followup.sources"), limited("followup.sources.hint", 20'000),
                  draft.sources, "textarea", "20000"});
  write_files(h, context, view);
  write_who(h, context, draft);
  write_findings(h, context, view);
  h.element("button", {{"class", "primary"}}, say("participation.send")).close("form");
  close_band(h);
  return shell(context, public_shell(context, say("participation.form"), false), h);
}

std::string render_submission_sent(const PageContext& context, const SubmissionSentView& view) {
  const Say say(context);
  Html h;
  write_head(h, {row_title(context, view.member.row), say("participation.sent"),
                 say(view.vouching ? "participation.sent.vouching" : "participation.sent.sub")});
  open_band(h);
  if (view.code.empty()) {
    h.element("p", say("participation.sent.again"));
  } else {
    h.element("h2", say("participation.code"));
    h.open("p", {{"class", "as-h3"}}).element("code", view.code).close("p");
    h.element("p", say("participation.code.sub"));
  }
  h.open("p").element("a", {{"href", link(context, "/participation/receipt")}},
                      say("participation.receipt"));
  h.close("p");
  close_band(h);
  return shell(context, public_shell(context, say("participation.sent"), false), h);
}

std::string render_receipt(const PageContext& context, const ReceiptView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("participation.receipt"), say("participation.receipt.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (!view.done.empty()) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say(view.done));
  }
  if (!view.submission) {
    h.open("form", {{"method", "post"},
                    {"action", link(context, "/participation/receipt")},
                    {"class", "wide stack"}});
    write_csrf(h, context);
    write_field(h, {"code", say("participation.code"), "", "", "text", "40", true});
    h.element("button", {{"class", "primary"}}, say("participation.look")).close("form");
  } else {
    write_status(h, context, view);
    const auto stage = view.submission->stage;
    if (view.submission->may_appeal()) {
      h.element("h2", say("participation.appeal"));
      h.element("p", {{"class", "sub"}}, say("participation.appeal.sub"));
      const auto until = view.submission->protected_until();
      h.element("p", {{"class", "small"}},
                view.submission->erased
                    ? say("participation.appeal.erased")
                    : say("participation.appeal.until",
                          {{"date", shown_date(context, until ? to_string(*until) : "")}}));
      if (view.submission->erased) {
        h.open("p").element("a",
                            {{"href", link(context, form_path(view.submission->commitment,
                                                              view.submission->actor))}},
                            say("participation.appeal.anew"));
        h.close("p");
      }
      open_code_form(h, context, "/participation/appeal", view.code);
      write_field(h, {"text", say("participation.appeal.text"),
                      say("form.characters_max", {{"n", figures::number(context.language, 4000)}}),
                      view.text, "textarea", "4000", true});
      h.element("button", {{"class", "primary"}}, say("participation.appeal.send")).close("form");
    }
    if (stage != SubmissionStage::refused && stage != SubmissionStage::withdrawn) {
      h.element("h2", say("participation.withdraw"));
      h.element("p", {{"class", "sub"}}, say("participation.withdraw.sub"));
      open_code_form(h, context, "/participation/withdraw", view.code);
      // It cannot be taken back, so one click is not enough.
      h.open("div", {{"class", "check"}});
      h.empty("input", {{"type", "checkbox"},
                        {"id", "i-withdraw"},
                        {"name", "sure"},
                        {"value", "yes"},
                        {"required"}});
      h.element("label", {{"for", "i-withdraw"}}, say("participation.withdraw.sure")).close("div");
      h.element("button", say("participation.withdraw.send")).close("form");
    }
  }
  close_band(h);
  return shell(context, public_shell(context, say("participation.receipt"), false), h);
}

std::string render_participation(const PageContext& context, const ParticipationView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("participation.title"), say("participation.lead")});
  open_band(h);
  h.element("h2", say("participation.how"));
  h.open("ul", {{"class", "bullets"}});
  for (const char* key :
       {"participation.how.where", "participation.how.who", "participation.how.decide",
        "participation.how.appeal", "participation.how.data", "participation.not_anonymous"}) {
    h.element("li", say(key, {{"days", std::to_string(followup::kAppealDays)}}));
  }
  h.close("ul").open("p").element("a", {{"href", link(context, "/participation/receipt")}},
                                  say("participation.receipt"));
  h.close("p");
  close_band(h);
  write_counts(h, context, view.counts);
  open_band(h);
  h.element("h2", say("participation.published"));
  if (view.reports.empty()) {
    h.element("p", say("participation.none"));
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const AlternativeReport& report : view.reports) {
    const auto title = view.titles.find(report.commitment);
    const std::string where = report.actor.empty() ? "/follow-up/commitments/" + report.commitment
                                                   : fmt::format("/follow-up/cells/{}/{}",
                                                                 report.commitment, report.actor);
    h.open("li").open("h3");
    h.element("a", {{"href", link(context, where)}, {"lang", report.language}}, report.title);
    h.close("h3").element(
        "p", {{"class", "meta"}},
        fmt::format("{} · {}{} · {}", say.value("participation.kind", report.kind),
                    report.actor.empty() ? "" : actor_name(context, report.actor) + ": ",
                    title == view.titles.end() ? report.commitment : title->second,
                    report.node.empty() ? context.node_name : report.node));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
  open_band(h);
  h.element("h2", say("participation.peers"));
  h.element("p", {{"class", "sub"}}, say("participation.peers.sub"));
  h.open("ul", {{"class", "bullets"}});
  for (const auto& peer : view.peers) {
    h.open("li").element("b", peer.name);
    h.text(fmt::format(" {} ", say("participation.peer", {{"number", std::to_string(peer.newest)},
                                                          {"n", std::to_string(peer.records)}})));
    h.element("code", {{"class", "xs brk"}}, peer.verifier_key).close("li");
  }
  h.close("ul");
  if (view.peers.empty()) {
    h.element("p", say("participation.peers.none"));
  }
  close_band(h);
  Shell frame = public_shell(context, say("participation.title"), true);
  frame.crumbs = {{say("followup.matrix"), "/follow-up"}, {frame.title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
