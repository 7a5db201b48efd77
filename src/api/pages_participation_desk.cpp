// Pages of those who decide about submissions, and of organisations that vouch for pseudonyms.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_participation.hpp"

namespace atalaya::api {
namespace {

using followup::Submission;
using followup::SubmissionStage;

Shell desk_shell(const PageContext& context, std::string title, bool inner) {
  const Say say(context);
  Shell frame;
  frame.title = std::move(title);
  frame.indexed = false;
  frame.crumbs = {{say("footer.desk"), "/desk"}};
  if (inner) {
    frame.crumbs.push_back({say("moderation.title"), "/desk/participation"});
  }
  frame.crumbs.push_back({frame.title, ""});
  return frame;
}

void open_form(Html& h, const PageContext& context, std::string_view path) {
  h.open("form", {{"method", "post"}, {"action", link(context, path)}, {"class", "wide stack"}});
  write_csrf(h, context);
}

void write_area(Html& h, std::string_view name, const std::string& label, const std::string& hint,
                std::string_view value) {
  const std::string id = fmt::format("i-{}", name);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  h.element("span", {{"class", "hint"}, {"id", id + "-hint"}}, hint);
  h.element("textarea",
            {{"id", id},
             {"name", name},
             {"rows", "3"},
             {"maxlength", "20000"},
             {"aria-describedby", id + "-hint"}},
            value);
  h.close("div");
}

std::string shown_name(const Say& say, const Submission& one) {
  return one.attribution == "vouched"
             ? say("participation.by_vouched", {{"name", one.name}, {"org", one.organisation}})
         : one.organisation.empty()
             ? say("participation.by_name", {{"name", one.name}})
             : say("participation.by_both", {{"name", one.name}, {"org", one.organisation}});
}

void write_list(Html& h, const PageContext& context, const ModerationView& view,
                std::string_view title, const std::vector<Submission>& list) {
  const Say say(context);
  open_band(h);
  h.element("h2", say(title));
  if (list.empty()) {
    h.element("p", say("moderation.none"));
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const Submission& one : list) {
    const auto name = view.titles.find(one.commitment);
    h.open("li").open("h3");
    h.element("a", {{"href", link(context, fmt::format("/desk/participation/{}", one.id))}},
              one.title.empty() ? say("moderation.erased") : one.title);
    h.close("h3").open("p", {{"class", "meta"}});
    h.element("span", {{"class", one.stage == SubmissionStage::appealed ? "tag warn" : "tag"}},
              say.value("participation.stage", to_string(one.stage)));
    h.text(fmt::format(" {} · {}{} · {}", say.value("participation.kind", one.kind),
                       one.actor.empty() ? "" : actor_name(context, one.actor) + ": ",
                       name == view.titles.end() ? one.commitment : name->second,
                       shown_date(context, one.received_on)));
    h.close("p").close("li");
  }
  h.close("ul");
  close_band(h);
}

std::string found_words(const Say& say, const std::vector<followup::Finding>& findings) {
  std::string out;
  for (const auto& finding : findings) {
    out += fmt::format("{}{} ({})", out.empty() ? "" : "; ", finding.text,
                       say.value("participation.finding", finding.kind));
  }
  return out;
}

// What a file was searched for, so that nobody takes silence for a result.
void write_searched(Html& h, const PageContext& context, const SubmissionView& view,
                    std::int64_t ordinal) {
  const Say say(context);
  const auto file = std::ranges::find(view.searched, ordinal, &followup::SearchedFile::ordinal);
  if (file == view.searched.end() || !file->read) {
    const auto& files = view.submission.files;
    const auto held = std::ranges::find(files, ordinal, &followup::AttachedFile::ordinal);
    const bool picture =
        held != files.end() && (held->extension == "png" || held->extension == "jpg");
    h.element("p", {{"class", "note warn"}},
              say(picture ? "moderation.file.picture" : "moderation.file.unread"));
    return;
  }
  if (file->findings.empty()) {
    h.element("p", {{"class", "xs"}}, say("moderation.file.nothing"));
  } else {
    h.element("p", {{"class", "note warn"}},
              say("moderation.file.found", {{"list", found_words(say, file->findings)}}));
  }
  if (!file->whole) {
    h.element("p", {{"class", "note warn"}}, say("moderation.file.part"));
  }
}

void write_attached(Html& h, const PageContext& context, const SubmissionView& view) {
  const Submission& one = view.submission;
  if (one.files.empty()) {
    return;
  }
  const Say say(context);
  h.element("h3", say("participation.files")).open("ul", {{"class", "plain small"}});
  for (const auto& file : one.files) {
    const std::string path = fmt::format("/desk/participation/{}/files/{}", one.id, file.ordinal);
    h.open("li").element("a", {{"href", link(context, path)}},
                         fmt::format("{}.{}", file.ordinal, file.extension));
    h.text(fmt::format(" {} · {} kB ", file.name,
                       figures::number(context.language, (file.size + 1023) / 1024)));
    if (file.published) {
      h.element("span", {{"class", "tag"}}, say.value("participation.stage", "published"));
    }
    h.empty("br").element("span", {{"class", "xs break"}}, "SHA-256 " + file.sha256);
    write_searched(h, context, view, file.ordinal);
    h.close("li");
  }
  h.close("ul").element("p", {{"class", "xs"}}, say("moderation.files"));
}

void write_original(Html& h, const PageContext& context, const SubmissionView& view) {
  const Say say(context);
  const Submission& one = view.submission;
  h.open("p", {{"class", "tags"}});
  h.element("span", {{"class", "tag"}}, say.value("participation.stage", to_string(one.stage)));
  h.element("span", {{"class", "tag"}}, say.value("participation.kind", one.kind));
  h.close("p");
  const std::string shown_at =
      one.actor.empty() ? "/follow-up/commitments/" + one.commitment
                        : fmt::format("/follow-up/cells/{}/{}", one.commitment, one.actor);
  h.open("p").element("a", {{"href", link(context, shown_at)}}, say("moderation.where"));
  h.close("p");
  if (one.erased) {
    h.element("p", {{"class", "note"}}, say("moderation.erased.sub"));
    return;
  }
  h.element("h2", {{"lang", one.language}}, one.title);
  h.element("p", {{"class", "xs"}},
            fmt::format("{} {}.", shown_name(say, one),
                        say("followup.speaks_of", {{"date", shown_date(context, one.as_of)}})));
  for (const std::string_view line : split(one.text, '\n')) {
    if (!trim(line).empty()) {
      h.element("p", {{"lang", one.language}}, line);
    }
  }
  if (!one.sources.empty()) {
    h.element("h3", say("followup.sources")).open("ul", {{"class", "plain small"}});
    for (const auto& source : one.sources) {
      // Not a link: who moderates does not open a stranger's address by a slip.
      h.element("li", fmt::format("{} {}", source.title, source.url));
    }
    h.close("ul");
  }
  write_attached(h, context, view);
  if (!one.contact.empty()) {
    h.open("p").element("b", say("participation.contact"));
    h.text(fmt::format(": {}", one.contact)).close("p");
    h.element("p", {{"class", "xs"}}, say("moderation.contact"));
  }
}

void write_findings(Html& h, const PageContext& context, const Submission& one) {
  const Say say(context);
  h.open("div", {{"class", "note warn stack-s"}}).element("h3", say("moderation.findings"));
  if (one.findings.empty()) {
    h.element("p", say("moderation.findings.none"));
  } else {
    h.open("ul", {{"class", "small bullets"}});
    for (const auto& finding : one.findings) {
      h.open("li").element("b", finding.text);
      h.text(fmt::format(" ({})", say.value("participation.finding", finding.kind))).close("li");
    }
    h.close("ul");
  }
  h.close("div");
}

void write_steps(Html& h, const PageContext& context, const Submission& one) {
  const Say say(context);
  if (one.steps.empty()) {
    return;
  }
  h.element("h3", say("moderation.steps")).open("ul", {{"class", "bullets"}});
  for (const auto& step : one.steps) {
    h.open("li").element("b", step_name(context, step));
    h.text(fmt::format(
        ", {}, {}. {}{}", step.by == "submitter" ? say("moderation.submitter") : step.by,
        shown_date(context, step.at),
        step.reason.empty() ? std::string() : say.value("participation.reason", step.reason) + ". ",
        step.text));
    h.close("li");
  }
  h.close("ul");
}

void write_seen(Html& h, const Submission& one, std::string_view step) {
  h.empty("input", {{"type", "hidden"}, {"name", "seen"}, {"value", to_string(one.stage)}});
  h.empty("input", {{"type", "hidden"}, {"name", "step"}, {"value", step}});
}

void write_tick(Html& h, const std::string& id, std::string_view name, std::string_view value,
                const std::string& label, bool ticked) {
  h.open("div", {{"class", "check"}});
  h.empty("input", {{"type", "checkbox"},
                    {"id", id},
                    {"name", name},
                    {"value", value},
                    attribute_if(ticked, "checked")});
  h.element("label", {{"for", id}}, label).close("div");
}

// What everybody would read, before anybody does.
void write_preview(Html& h, const PageContext& context, const SubmissionView& view) {
  if (!view.preview) {
    return;
  }
  const Say say(context);
  const std::string& language = view.submission.language;
  h.open("article", {{"class", "stack-s alt"}, {"id", "preview"}});
  h.element("p", {{"class", "note action"}, {"role", "status"}}, say("moderation.preview"));
  h.element("h3", {{"lang", language}}, view.preview->title);
  for (const std::string_view line : split(view.preview->text, '\n')) {
    if (!trim(line).empty()) {
      h.element("p", {{"lang", language}}, line);
    }
  }
  h.open("ul", {{"class", "plain small"}});
  for (const auto& source : view.preview->sources) {
    h.element("li", fmt::format("{} {}", source.title, source.url));
  }
  for (const auto& file : view.submission.files) {
    if (std::ranges::find(view.draft.files, file.ordinal) != view.draft.files.end()) {
      h.open("li").text(say("participation.file",
                            {{"name", fmt::format("{}.{}", file.ordinal, file.extension)}}));
      write_searched(h, context, view, file.ordinal);
      h.close("li");
    }
  }
  h.close("ul").close("article");
}

// What was found in the words and in the chosen files and would be read by everybody.
std::vector<followup::Finding> to_look_at(const SubmissionView& view) {
  std::vector<followup::Finding> out = view.preview->standing;
  for (const auto& file : view.searched) {
    if (std::ranges::find(view.draft.files, file.ordinal) == view.draft.files.end()) {
      continue;
    }
    for (const auto& finding : file.findings) {
      if (std::ranges::find(out, finding.text, &followup::Finding::text) == out.end()) {
        out.push_back(finding);
      }
    }
  }
  return out;
}

void write_publish(Html& h, const PageContext& context, const SubmissionView& view,
                   std::string_view path) {
  const Say say(context);
  const Submission& one = view.submission;
  const bool again = !one.published.title.empty();
  h.element("h2", say("moderation.publish"));
  if (again) {
    h.element("p", {{"class", "note"}}, say("moderation.restore"));
  }
  write_findings(h, context, one);
  write_preview(h, context, view);
  // What would be read is looked at first: the answer opens there.
  open_form(h, context, view.preview ? std::string(path) : fmt::format("{}#preview", path));
  write_seen(h, one, "publish");
  write_area(h, "held_back", say("moderation.held_back"), say("moderation.held_back.hint"),
             view.draft.held_back);
  for (const auto& file : one.files) {
    if (again && !file.published) {
      continue;
    }
    const std::string id = fmt::format("i-file-{}", file.ordinal);
    h.open("div", {{"class", "check"}});
    h.empty("input", {{"type", "checkbox"},
                      {"id", id},
                      {"name", "file"},
                      {"value", std::to_string(file.ordinal)},
                      attribute_if(std::ranges::find(view.draft.files, file.ordinal) !=
                                       view.draft.files.end(),
                                   "checked")});
    h.element("label", {{"for", id}},
              say("moderation.files.show",
                  {{"name", fmt::format("{}.{}", file.ordinal, file.extension)}}));
    h.close("div");
  }
  if (!view.preview) {
    h.element("button", {{"class", "primary"}}, say("moderation.preview.send")).close("form");
    return;
  }
  h.empty("input", {{"type", "hidden"}, {"name", "looked"}, {"value", view.preview->seal}});
  std::size_t n = 0;
  for (const followup::Finding& finding : to_look_at(view)) {
    write_tick(
        h, fmt::format("i-checked-{}", n++), "checked", finding.text,
        say("moderation.checked",
            {{"text", finding.text}, {"kind", say.value("participation.finding", finding.kind)}}),
        std::ranges::find(view.draft.checked, finding.text) != view.draft.checked.end());
  }
  write_tick(h, "i-confirmed", "confirmed", "yes", say("moderation.confirm"), view.draft.confirmed);
  h.element("button", {{"class", "primary"}}, say("moderation.publish.send")).close("form");
}

void write_refuse(Html& h, const PageContext& context, const SubmissionView& view,
                  std::string_view path, std::string_view step) {
  const Say say(context);
  const bool withdraw = step == "withdraw";
  h.element("h2", say(withdraw ? "moderation.withdraw" : "moderation.refuse"));
  h.element("p", {{"class", "sub"}},
            say(withdraw                                             ? "moderation.withdraw.sub"
                : view.submission.stage == SubmissionStage::appealed ? "moderation.refuse.final"
                                                                     : "moderation.refuse.sub"));
  open_form(h, context, path);
  write_seen(h, view.submission, step);
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "i-reason"}}, say("participation.reason"));
  // A person chooses it: one that stands there already would be sent unread.
  h.open("select", {{"id", "i-reason"}, {"name", "reason"}, {"required"}});
  h.element("option", {{"value", ""}}, "–");
  for (const std::string_view reason : followup::kRefusalReasons) {
    h.element("option", {{"value", reason}, attribute_if(reason == view.draft.reason, "selected")},
              say.value("participation.reason", reason));
  }
  h.close("select").close("div");
  write_area(h, "text", say("moderation.text"), say("moderation.text.hint"), view.draft.text);
  h.element("button", say(withdraw ? "moderation.withdraw.send" : "moderation.refuse.send"));
  h.close("form");
}

void write_grant(Html& h, const PageContext& context, const Submission& one,
                 std::string_view path) {
  const Say say(context);
  h.element("h2", say("moderation.grant"));
  h.element("p", {{"class", "sub"}}, say("moderation.grant.sub"));
  open_form(h, context, path);
  write_seen(h, one, "publish");
  h.element("button", {{"class", "primary"}}, say("moderation.grant.send")).close("form");
}

// While somebody may appeal, or waits for what comes of it, only a named reason erases.
void write_erase(Html& h, const PageContext& context, const Submission& one) {
  const Say say(context);
  using enum SubmissionStage;
  const bool open = one.stage == appealed;
  const bool decided = one.stage == published || one.stage == refused || one.stage == withdrawn;
  if (one.gone() || (one.erased && one.stage == published) || (!decided && !open)) {
    return;
  }
  const auto until = one.protected_until();
  h.element("h2", say("moderation.erase"));
  h.element("p", {{"class", "sub"}}, say("moderation.erase.sub"));
  if (open || until) {
    h.element(
        "p", {{"class", "note warn"}},
        open ? say("moderation.erase.open")
             : say("moderation.erase.until", {{"date", shown_date(context, to_string(*until))}}));
  }
  open_form(h, context, fmt::format("/desk/participation/{}/erase", one.id));
  if (open || until) {
    h.open("div", {{"class", "field"}});
    h.element("label", {{"for", "i-erasure"}}, say("moderation.erase.reason"));
    h.open("select", {{"id", "i-erasure"}, {"name", "reason"}});
    h.element("option", {{"value", ""}, {"selected", ""}}, say("moderation.erase.none"));
    for (const std::string_view reason : followup::kErasureReasons) {
      h.element("option", {{"value", reason}}, say.value("participation.reason", reason));
    }
    h.close("select").close("div");
  }
  h.element("button", say("moderation.erase.send")).close("form");
}

void write_acts(Html& h, const PageContext& context, const SubmissionView& view) {
  const Say say(context);
  const Submission& one = view.submission;
  using enum SubmissionStage;
  const std::string path = fmt::format("/desk/participation/{}/decide", one.id);
  if (view.own_state) {
    h.element("p", {{"class", "note warn"}}, say("moderation.own_state"));
    return;
  }
  if (view.same_person) {
    h.element("p", {{"class", "note warn"}}, say("moderation.same_person"));
    write_erase(h, context, one);
    return;
  }
  if (one.stage == received || one.stage == SubmissionStage::held || one.stage == appealed) {
    if (one.gone()) {
      write_grant(h, context, one, path);
    } else {
      write_publish(h, context, view, path);
    }
    write_refuse(h, context, view, path, "refuse");
  }
  if (one.stage == received) {
    h.element("h2", say("moderation.hold"));
    h.element("p", {{"class", "sub"}}, say("moderation.hold.sub"));
    open_form(h, context, path);
    write_seen(h, one, "hold");
    h.element("button", say("moderation.hold.send")).close("form");
  }
  if (one.stage == published) {
    write_refuse(h, context, view, path, "withdraw");
  }
  write_erase(h, context, one);
}

void write_waiting(Html& h, const PageContext& context, const VouchingView& view) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("vouching.waiting"));
  if (view.waiting.empty()) {
    h.element("p", say("moderation.none"));
  }
  for (const Submission& one : view.waiting) {
    h.open("article", {{"class", "stack-s alt"}})
        .element("h3", {{"lang", one.language}}, one.title);
    h.element("p", {{"class", "xs"}}, say("vouching.as", {{"name", one.name}}));
    h.element("p", {{"lang", one.language}}, one.text);
    open_form(h, context, fmt::format("/desk/vouching/{}/vouch", one.id));
    h.open("p", {{"class", "row"}});
    h.element("button", {{"name", "yes"}, {"value", "yes"}, {"class", "primary"}},
              say("vouching.yes"));
    h.element("button", {{"name", "yes"}, {"value", "no"}}, say("vouching.no"));
    h.close("p").close("form").close("article");
  }
  close_band(h);
}

void write_vouchers(Html& h, const PageContext& context, const VouchingView& view) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("vouching.codes"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& voucher : view.vouchers) {
    h.open("li").element("h3", voucher.pseudonym);
    h.element("p", {{"class", "meta"}},
              fmt::format("{} · {} · {} {}", say.value("vouching.state", voucher.state),
                          who_and_when(context, voucher.issued_by, voucher.issued_on),
                          say("vouching.until"), shown_date(context, voucher.expires_on)));
    if (voucher.state == "open") {
      open_form(h, context, fmt::format("/desk/vouching/{}/revoke", voucher.id));
      h.element("button", say("vouching.revoke")).close("form");
    }
    h.close("li");
  }
  h.close("ul");
  close_band(h);
}

}  // namespace

std::string render_moderation(const PageContext& context, const ModerationView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("moderation.title"), say("moderation.lead")});
  write_list(h, context, view, "moderation.open", view.open);
  write_list(h, context, view, "moderation.decided", view.decided);
  return shell(context, desk_shell(context, say("moderation.title"), false), h);
}

std::string render_submission(const PageContext& context, const SubmissionView& view) {
  const Say say(context);
  const Submission& one = view.submission;
  Html h;
  write_head(h,
             {one.actor.empty() ? say("participation.actor.none") : actor_name(context, one.actor),
              row_title(context, view.member.row), ""});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (!view.done.empty()) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say(view.done));
  }
  write_original(h, context, view);
  write_steps(h, context, one);
  close_band(h);
  open_band(h);
  write_acts(h, context, view);
  close_band(h);
  return shell(context,
               desk_shell(context, fmt::format("{} {}", say("moderation.one"), one.id), true), h);
}

std::string render_vouching(const PageContext& context, const VouchingView& view) {
  const Say say(context);
  Html h;
  write_head(h, {view.organisation, say("vouching.title"), say("vouching.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (view.organisation.empty()) {
    h.element("p", say("vouching.no_organisation"));
    close_band(h);
    return shell(context, desk_shell(context, say("vouching.title"), false), h);
  }
  if (!view.code.empty()) {
    h.open("div", {{"class", "note action stack-s"}, {"role", "status"}});
    h.element("p", say("vouching.issued", {{"name", view.pseudonym}}));
    h.open("p", {{"class", "as-h3"}}).element("code", view.code).close("p").close("div");
  }
  h.element("h2", say("vouching.issue"));
  open_form(h, context, "/desk/vouching/issue");
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "i-pseudonym"}}, say("vouching.pseudonym"));
  h.element("span", {{"class", "hint"}, {"id", "i-pseudonym-hint"}},
            say("vouching.pseudonym.hint"));
  h.empty("input", {{"id", "i-pseudonym"},
                    {"name", "pseudonym"},
                    {"type", "text"},
                    {"maxlength", "120"},
                    {"required", ""},
                    {"aria-describedby", "i-pseudonym-hint"}});
  h.close("div").element("button", {{"class", "primary"}}, say("vouching.issue.send"));
  h.close("form");
  close_band(h);
  write_waiting(h, context, view);
  write_vouchers(h, context, view);
  return shell(context, desk_shell(context, say("vouching.title"), false), h);
}

}  // namespace atalaya::api
