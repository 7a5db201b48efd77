// Forms and tasks of focal points and coders: plain forms, one act each, that say what becomes
// public and when.
#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_followup_cells.hpp"
#include "pages_rounds_parts.hpp"

namespace atalaya::api {
namespace {

using followup::Coding;
using followup::CodingStage;
using followup::Scale;

Shell desk_shell(const PageContext& context, std::string title) {
  const Say say(context);
  Shell frame;
  frame.title = std::move(title);
  frame.indexed = false;
  frame.crumbs = {{say("tasks.title"), "/desk/follow-up"}, {frame.title, ""}};
  return frame;
}

struct Area {
  std::string_view name;
  std::string label, hint, value;
  std::string_view rows = "4";
  std::int64_t characters_max = 20'000;
};

// The limit is said before anything is typed, and browsers keep to it: what they send is taken.
void write_area(Html& h, const PageContext& context, const Area& area) {
  const std::string id = fmt::format("i-{}", area.name);
  const std::string hint = id + "-hint";
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, area.label);
  const std::string limit = Say(context)(
      "form.characters_max", {{"n", figures::number(context.language, area.characters_max)}});
  h.element("span", {{"class", "hint"}, {"id", hint}},
            area.hint.empty() ? limit : fmt::format("{} · {}", area.hint, limit));
  h.element("textarea",
            {{"id", id},
             {"name", area.name},
             {"rows", area.rows},
             {"maxlength", std::to_string(area.characters_max)},
             {"aria-describedby", hint}},
            area.value);
  h.close("div");
}

void write_line(Html& h, std::string_view name, std::string_view label, std::string_view value,
                std::string_view type = "text") {
  const std::string id = fmt::format("i-{}", name);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, label);
  h.empty("input", {{"id", id}, {"name", name}, {"type", type}, {"value", value}});
  h.close("div");
}

void write_values(Html& h, const PageContext& context, const Scale& scale, std::string_view chosen,
                  std::string_view legend) {
  h.open("fieldset", {{"class", "stack-s"}}).element("legend", legend);
  for (const auto& value : scale.values) {
    const std::string id = "v-" + std::to_string(&value - scale.values.data());
    h.open("div", {{"class", "check"}});
    h.empty("input", {{"type", "radio"},
                      {"id", id},
                      {"name", "value"},
                      {"value", value.id},
                      {"required", ""},
                      attribute_if(value.id == chosen, "checked")});
    h.open("label", {{"for", id}}).element("b", value.label.in(context.language));
    h.text(". " + value.definition.in(context.language)).close("label").close("div");
  }
  h.close("fieldset");
}

constexpr int kFilesAForm = 3;

void open_form(Html& h, const PageContext& context, std::string_view action,
               bool with_files = false) {
  h.open("form", {{"method", "post"},
                  {"action", link(context, action)},
                  {"class", "wide stack"},
                  attribute_if(with_files, "enctype", "multipart/form-data")});
  write_csrf(h, context);
}

// Files and cited pages as they were saved; what was kept before an error stands among the sources,
// what was said of a file that was not kept in its fields.
void write_file_fields(Html& h, const PageContext& context,
                       const std::map<std::string, std::string>& said) {
  const Say say(context);
  const auto typed = [&](const std::string& name) {
    const auto found = said.find(name);
    return found == said.end() ? std::string() : found->second;
  };
  const bool any = std::ranges::any_of(said, [](const auto& one) { return !one.second.empty(); });
  h.open("details", {{"class", "disclose"}, attribute_if(any, "open")});
  h.element("summary", say("followup.files"));
  h.element(
      "p", {{"class", "xs"}},
      say("followup.files.hint", {{"mb", std::to_string(followup::kKeptFileBytesMax >> 20U)}}));
  for (int i = 1; i <= kFilesAForm; ++i) {
    const std::string number = std::to_string(i);
    const std::string id = "i-file_" + number;
    h.open("fieldset", {{"class", "stack-s"}});
    h.element("legend", say("followup.files.one", {{"n", number}}));
    h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say("celldata.file"));
    h.empty("input", {{"id", id}, {"name", "file_" + number}, {"type", "file"}});
    h.close("div");
    for (const auto& [name, label, type] :
         {std::tuple("file_title_" + number, "followup.files.title", "text"),
          std::tuple("file_url_" + number, "followup.files.url", "url")}) {
      write_line(h, name, say(label), typed(name), type);
    }
    h.close("fieldset");
  }
  h.close("details");
}

void write_codings(Html& h, const PageContext& context, const TasksView& view,
                   std::string_view title, const std::vector<Coding>& codings) {
  if (codings.empty()) {
    return;
  }
  const Say say(context);
  open_band(h);
  h.element("h2", say(title)).open("ul", {{"class", "rows tight"}});
  for (const Coding& coding : codings) {
    const auto name = view.titles.find(coding.commitment);
    h.open("li").open("h3");
    h.element("a", {{"href", link(context, fmt::format("/desk/codings/{}", coding.id))}},
              labelled(context, actor_name(context, coding.actor),
                       name == view.titles.end() ? coding.commitment : name->second));
    h.close("h3");
    h.element(
        "p", {{"class", "meta"}},
        fmt::format("{}, {}", view.reference->find_scale(coding.scale)->label.in(context.language),
                    shown_date(context, coding.as_of)));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
}

void write_reviews(Html& h, const PageContext& context, const TasksView& view) {
  if (view.reviews.empty()) {
    return;
  }
  const Say say(context);
  open_band(h);
  h.element("h2", say("tasks.reviews")).open("ul", {{"class", "rows tight"}});
  for (const auto& review : view.reviews) {
    h.open("li").open("h3");
    h.element("a",
              {{"href", link(context, fmt::format("/rounds/{}/{}", review.round, review.country))}},
              labelled(context, actor_name(context, review.country), review.title));
    h.close("h3");
    h.element("p", {{"class", "meta"}}, say.value("rounds.stage", to_string(review.stage)));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
}

void write_todo(Html& h, const PageContext& context, const TasksView::Todo& todo) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("tasks.report", {{"actor", actor_name(context, todo.actor)}}));
  h.element("p", {{"class", "sub"}},
            say("tasks.report.sub", {{"reported", std::to_string(todo.counts.reported)},
                                     {"all", std::to_string(todo.counts.applicable)}}));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& member : todo.not_reported) {
    h.open("li").open("h3");
    h.element("a",
              {{"href", link(context, fmt::format("/follow-up/cells/{}/{}/report", member.row.id,
                                                  todo.actor))}},
              row_title(context, member.row));
    h.close("h3").element("p", {{"class", "meta"}}, row_place(context, member.row)).close("li");
  }
  h.close("ul").open("p", {{"class", "row"}});
  h.element("a", {{"class", "button"}, {"href", link(context, "/follow-up/actors/" + todo.actor)}},
            say("followup.country.all"));
  h.element(
      "a",
      {{"class", "button"}, {"href", "/api/v1/follow-up/reports?format=csv&actor=" + todo.actor}},
      say("followup.reports.csv"));
  h.close("p");
  close_band(h);
}

// What the form of a report calls the column of a file.
std::string report_field(const Say& say, std::string_view column) {
  constexpr std::pair<std::string_view, std::string_view> kLabels[] = {
      {"as_of", "report.as_of"},         {"value", "report.value"},
      {"actions", "followup.actions"},   {"law", "followup.law"},
      {"programme", "followup.programme"}, {"budget", "followup.budget"},
      {"text", "followup.words"},        {"language", "registers.language"},
      {"sources", "followup.sources"}};
  const auto* label =
      std::ranges::find(kLabels, column, &std::pair<std::string_view, std::string_view>::first);
  return label == std::end(kLabels) ? std::string(column) : say(label->second);
}

std::string field_words(const PageContext& context, const TasksView& view, std::string_view column,
                        const std::string& value) {
  return value.empty()         ? std::string()
         : column == "value"    ? value_name(context, *view.reference, "state_report", value)
         : column == "as_of"    ? shown_date(context, value)
         : column == "language" ? Say(context).value("language", value)
                                : value;
}

// What a file would change, field by field, and the same file to be sent again.
void write_import_plan(Html& h, const PageContext& context, const TasksView& view) {
  const Say say(context);
  const auto& plan = *view.plan;
  open_band(h);
  h.element("h2", say("treatyimport.plan", {{"file", plan.file_name}}));
  h.element("p", say("tasks.plan.counts",
                     {{"added", std::to_string(plan.count(followup::ReportChange::added))},
                      {"changed", std::to_string(plan.count(followup::ReportChange::changed))},
                      {"unchanged", std::to_string(plan.count(followup::ReportChange::unchanged))}}));
  std::vector<Difference> all;
  for (const auto& row : plan.rows) {
    if (row.change != followup::ReportChange::changed) {
      continue;
    }
    const auto title = view.titles.find(row.report.commitment);
    const std::string where =
        say("rounds.diff.line",
            {{"line", std::to_string(row.line)},
             {"country", actor_name(context, row.report.actor)},
             {"name", title == view.titles.end() ? row.report.commitment : title->second}});
    for (const auto& [field, held, now] : followup::differences(row.held, row.report)) {
      all.push_back({where, report_field(say, field), field_words(context, view, field, held),
                     field_words(context, view, field, now)});
    }
  }
  write_difference_table(h, context, all);
  h.open("form", {{"method", "post"},
                  {"action", link(context, "/desk/follow-up/reports")},
                  {"enctype", "multipart/form-data"},
                  {"class", "wide stack"}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "name"}, {"value", plan.file_name}});
  h.element("textarea", {{"name", "content"}, {"hidden"}, {"aria-hidden", "true"}}, view.content);
  h.open("div", {{"class", "check"}});
  h.empty("input", {{"type", "checkbox"},
                    {"id", "i-accept-plan"},
                    {"name", "accept"},
                    {"value", "yes"},
                    {"required", ""}});
  h.element("label", {{"for", "i-accept-plan"}}, say("tasks.accept")).close("div");
  h.element("button", {{"class", "primary"}}, say("tasks.plan.send")).close("form");
  close_band(h);
}

void write_upload(Html& h, const PageContext& context) {
  const Say say(context);
  open_band(h);
  h.element("h2", say("tasks.upload"));
  h.element("p", {{"class", "sub"}}, say("tasks.upload.sub"));
  h.open("form", {{"method", "post"},
                  {"action", link(context, "/desk/follow-up/reports")},
                  {"enctype", "multipart/form-data"},
                  {"class", "wide stack"}});
  write_csrf(h, context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", "i-file"}}, say("tasks.file"));
  h.empty("input", {{"id", "i-file"}, {"name", "file"}, {"type", "file"}, {"required", ""}});
  h.close("div").open("div", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", "i-accept"}, {"name", "accept"}, {"value", "yes"}});
  h.element("label", {{"for", "i-accept"}}, say("tasks.accept")).close("div");
  h.element("button", say("tasks.upload.send")).close("form");
  close_band(h);
}

// What was sent and refused, for its form to show again.
std::string sent(const CodingView& view, std::string_view part, const std::string& field) {
  const auto found = view.sent.find(field);
  return view.part == part && found != view.sent.end() ? found->second : std::string();
}

// Where somebody else was faster the form is gone; what was written is not.
void write_unsaved(Html& h, const PageContext& context, const CodingView& view) {
  const bool shown = (view.part == "code" && view.may_code) ||
                     (view.part == "decide" && view.may_decide) ||
                     (view.part == "reply" && view.may_reply) ||
                     (view.part == "withdraw" && view.may_withdraw);
  if (!view.error || shown || view.part == "publish") {
    return;  // who publishes writes nothing
  }
  const Say say(context);
  const std::pair<const char*, const char*> fields[] = {{"reasons", "followup.reasons"},
                                                        {"provision", "followup.provision"},
                                                        {"sources", "followup.sources"},
                                                        {"interest", "followup.interest"},
                                                        {"text", "followup.reply"},
                                                        {"reason", "followup.reasons"}};
  h.element("h2", say("coding.unsaved"));
  h.element("p", {{"class", "note"}}, say("coding.unsaved.sub"));
  const std::string value = sent(view, view.part, "value");
  if (!value.empty()) {
    h.element("p", labelled(context, say("coding.value"),
                            value_name(context, *view.reference, view.coding.scale, value)));
  }
  for (const auto& [field, label] : fields) {
    const std::string words = sent(view, view.part, field);
    if (!words.empty()) {
      const std::string id = fmt::format("unsaved-{}", field);
      h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say(label));
      h.element("textarea", {{"id", id}, {"rows", "4"}, {"readonly", ""}}, words);
      h.close("div");
    }
  }
}

void write_code_form(Html& h, const PageContext& context, const CodingView& view,
                     const Scale& scale) {
  const Say say(context);
  const auto typed = [&](const char* field) { return sent(view, "code", field); };
  h.element("h2", say("coding.yours"));
  h.element("p", {{"class", "note"}}, say("coding.blind"));
  open_form(h, context, fmt::format("/desk/codings/{}/code", view.coding.id), true);
  write_values(h, context, scale, typed("value"), say("coding.value"));
  write_area(h, context,
             {"reasons", say("followup.reasons"), say("coding.reasons.hint"), typed("reasons")});
  if (scale.needs_provision) {
    write_area(h, context, {"provision", say("followup.provision"), "", typed("provision")});
  }
  write_area(h, context,
             {"sources", say("followup.sources"), say("followup.sources.hint"), typed("sources")});
  write_file_fields(h, context, view.files);
  write_area(
      h, context,
      {"no_copy", say("coding.no_copy"), say("coding.no_copy.hint"), typed("no_copy"), "2", 1000});
  write_area(h, context,
             {"interest", say("followup.interest"), say("coding.interest.hint"), typed("interest"),
              "2", 2000});
  h.element("button", {{"class", "primary"}}, say("coding.submit")).close("form");
}

void write_codes(Html& h, const PageContext& context, const CodingView& view) {
  const Say say(context);
  for (const auto& code : view.coding.codes) {
    h.element("h3", labelled(context, who_name(context, code.coder),
                             value_name(context, *view.reference, view.coding.scale, code.value)));
    h.element("p", code.reasons);
    if (!code.provision.empty()) {
      h.element("p", {{"class", "small"}}, code.provision);
    }
    if (!code.sources.empty()) {
      h.open("ul", {{"class", "plain small"}});
      for (const auto& source : code.sources) {
        h.open("li").text(source.title);
        if (!source.url.empty()) {
          h.text(" ").element(
              "a", {{"href", figures::safe_url(source.url)}, {"rel", "nofollow noopener"}},
              source.url);
        }
        if (!source.file.empty()) {
          // Whoever may read this code may open what it rests on: codes_seen() decides both.
          h.text(" ").element("a", {{"href", "/api/v1/follow-up/files/" + source.file}},
                              say("followup.kept_file"));
          h.text(" ").element("span", {{"class", "xs"}},
                              fmt::format("SHA-256 {}…", source.file.substr(0, 16)));
        }
        write_no_copy(h, context, source, !view.coding.node.empty());
        h.close("li");
      }
      h.close("ul");
    }
    h.element("p", {{"class", "xs"}}, labelled(context, say("followup.interest"), code.interest));
  }
}

// Why a third person decided so, and what the state answered: whoever replies or publishes has read
// it.
void write_outcome(Html& h, const PageContext& context, const CodingView& view) {
  const Say say(context);
  const Coding& coding = view.coding;
  if (!coding.value.empty()) {
    h.open("p").element(
        "b", say("coding.stands",
                 {{"value", value_name(context, *view.reference, coding.scale, coding.value)}}));
    h.close("p");
  }
  if (!coding.decision.empty()) {
    h.element("h3", decision_heading(context, coding)).element("p", coding.decision);
  }
  if (!coding.reply.empty()) {
    h.element("h3", say("followup.reply"));
    h.element("p", {{"lang", coding.reply_language}}, coding.reply);
  }
}

// Who of the two has sent, never what: for those who run codings.
void write_waiting(Html& h, const PageContext& context, const CodingView& view) {
  const Say say(context);
  h.element("p", {{"class", "note"}}, say("coding.waiting"));
  if (!view.shows_waiting) {
    return;
  }
  h.open("ul", {{"class", "plain small"}});
  for (const std::string& coder : {view.coding.coder_a, view.coding.coder_b}) {
    const bool sent =
        std::ranges::find(view.coding.submitted, coder) != view.coding.submitted.end();
    if (!coder.empty()) {
      h.element("li", say(sent ? "coding.has_sent" : "coding.not_sent", {{"name", who_name(context, coder)}}));
    }
  }
  h.close("ul");
}

void write_decision_forms(Html& h, const PageContext& context, const CodingView& view,
                          const Scale& scale) {
  const Say say(context);
  if (view.may_decide) {
    h.element("h2", say("coding.decide"));
    open_form(h, context, fmt::format("/desk/codings/{}/decide", view.coding.id));
    write_values(h, context, scale, sent(view, "decide", "value"), say("coding.value"));
    write_area(h, context,
               {"reasons", say("followup.reasons"), "", sent(view, "decide", "reasons")});
    h.element("button", {{"class", "primary"}}, say("coding.decide.send")).close("form");
  }
  if (view.may_reply) {
    h.element("h2", say("coding.reply"));
    h.element("p", {{"class", "sub"}},
              say("coding.reply.sub", {{"date", shown_date(context, view.coding.reply_until)}}));
    open_form(h, context, fmt::format("/desk/codings/{}/reply", view.coding.id));
    write_area(h, context, {"text", say("followup.reply"), "", sent(view, "reply", "text")});
    write_language_choice(h, context, sent(view, "reply", "language"));
    h.element("button", {{"class", "primary"}}, say("coding.reply.send")).close("form");
  }
  if (view.may_publish) {
    h.element("h2", say("coding.publish"));
    h.element("p", {{"class", "sub"}},
              say("coding.publish.sub", {{"date", shown_date(context, view.coding.reply_until)}}));
    open_form(h, context, fmt::format("/desk/codings/{}/publish", view.coding.id));
    h.element("button", {{"class", "primary"}}, say("coding.publish")).close("form");
  }
  if (view.may_withdraw) {
    h.open("details", {{"class", "disclose"}, attribute_if(view.part == "withdraw", "open")});
    h.element("summary", say("coding.withdraw"));
    h.element("p", {{"class", "sub"}}, say("coding.withdraw.sub"));
    open_form(h, context, fmt::format("/desk/codings/{}/withdraw", view.coding.id));
    write_area(h, context,
               {"reason", say("followup.reasons"), say("coding.withdraw.hint"),
                sent(view, "withdraw", "reason"), "3", 2000});
    h.element("button", say("coding.withdraw")).close("form").close("details");
  }
}

}  // namespace

std::string decision_heading(const PageContext& context, const Coding& coding) {
  const Say say(context);
  return coding.decided_by.empty() ? say("followup.decision")
                                   : say("followup.decision.by", {{"name", who_name(context, coding.decided_by)}});
}

std::string render_report_form(const PageContext& context, const ReportFormView& view) {
  const Say say(context);
  const auto& draft = view.draft;
  Html h;
  write_head(h, {actor_name(context, draft.actor), row_title(context, view.member.row),
                 say("report.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (view.other) {
    h.element("h2", say("report.other", {{"n", std::to_string(view.other->version)}}));
    h.element("p", {{"class", "note"}}, say("report.other.sub"));
    h.open("p").element("b", value_name(context, *view.reference, "state_report",
                                        view.other->value));
    h.close("p");
    write_report_words(h, context, *view.other);
  }
  h.element("h2", say(report_layer(draft.actor)));
  open_form(h, context,
            fmt::format("/follow-up/cells/{}/{}/report", draft.commitment, draft.actor), true);
  h.empty("input",
          {{"type", "hidden"}, {"name", "version"}, {"value", std::to_string(draft.version)}});
  write_values(h, context, *view.reference->find_scale("state_report"), draft.value,
               say("report.value"));
  write_line(h, "as_of", say("report.as_of"), draft.as_of, "date");
  write_area(h, context, {"actions", say("followup.actions"), "", draft.actions});
  write_area(h, context, {"law", say("followup.law"), "", draft.law, "2"});
  write_area(h, context, {"programme", say("followup.programme"), "", draft.programme, "2"});
  write_area(h, context,
             {"budget", say("followup.budget"), say("report.budget.hint"), draft.budget, "2"});
  write_area(h, context, {"text", say(own_words(draft.actor)), "", draft.text});
  write_language_choice(h, context, draft.language);
  write_area(h, context,
             {"sources", say("followup.sources"), say("followup.sources.hint"), view.sources});
  write_file_fields(h, context, view.files);
  if (draft.version > 0) {
    write_area(h, context,
               {"why", say("report.why"), say("report.why.hint"), draft.why, "2", 1000});
  }
  h.element("button", {{"class", "primary"}}, say("report.send")).close("form");
  close_band(h);
  return shell(context, desk_shell(context, say("followup.write_report")), h);
}

std::string render_coding(const PageContext& context, const CodingView& view) {
  const Say say(context);
  const Coding& coding = view.coding;
  const Scale& scale = *view.reference->find_scale(coding.scale);
  Html h;
  write_head(h, {actor_name(context, coding.actor), row_title(context, view.member.row),
                 say.value("coding.stage", to_string(coding.stage))});
  open_band(h);
  write_error_summary(h, context, view.error);
  h.element("h2", say("followup.criteria"));
  h.element("p", {{"class", "sub"}},
            say("coding.window", {{"scale", scale.label.in(context.language)},
                                  {"from", shown_date(context, coding.window_from)},
                                  {"to", shown_date(context, coding.window_to)},
                                  {"date", shown_date(context, coding.as_of)},
                                  {"version", std::to_string(coding.criteria.version)}}));
  h.element("p", coding.criteria.text);
  h.open("p").element("a",
                      {{"href", link(context, fmt::format("/follow-up/cells/{}/{}",
                                                          coding.commitment, coding.actor))}},
                      say("coding.cell"));
  h.close("p");
  write_unsaved(h, context, view);
  if (view.may_code) {
    write_code_form(h, context, view, scale);
  } else if (coding.stage == CodingStage::coding) {
    write_waiting(h, context, view);
  }
  write_codes(h, context, view);
  write_outcome(h, context, view);
  if (coding.stage == CodingStage::withdrawn) {
    h.element("h3", say("coding.withdrawn",
                        {{"name", who_name(context, coding.withdrawn_by)},
                         {"date", shown_date(context, coding.withdrawn_at.substr(0, 10))}}));
    h.element("p", coding.withdrawal);
  }
  write_decision_forms(h, context, view, scale);
  close_band(h);
  return shell(context, desk_shell(context, say("coding.title")), h);
}

std::string render_new_coding(const PageContext& context, const NewCodingView& view) {
  const Say say(context);
  const auto& draft = view.draft;
  Html h;
  write_head(h, {actor_name(context, draft.actor), row_title(context, view.member.row),
                 say("coding.new.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  h.element("h2", say("followup.new_coding"));
  if (!view.possible) {
    h.open("p").element("a",
                        {{"href", link(context, "/follow-up/commitments/" + view.member.row.id)}},
                        row_title(context, view.member.row));
    h.close("p");
    close_band(h);
    return shell(context, desk_shell(context, say("followup.new_coding")), h);
  }
  open_form(h, context, "/desk/codings/new");
  h.empty("input", {{"type", "hidden"}, {"name", "commitment"}, {"value", draft.commitment}});
  h.empty("input", {{"type", "hidden"}, {"name", "actor"}, {"value", draft.actor}});
  h.open("div", {{"class", "field"}}).element("label", {{"for", "i-scale"}}, say("followup.scale"));
  h.open("select", {{"id", "i-scale"}, {"name", "scale"}});
  for (const Scale& scale : view.reference->scales()) {
    if (scale.layer == "assessment") {
      h.element("option", {{"value", scale.id}, attribute_if(scale.id == draft.scale, "selected")},
                scale.label.in(context.language));
    }
  }
  h.close("select").close("div");
  write_line(h, "as_of", say("coding.as_of"), draft.as_of, "date");
  write_line(h, "window_from", say("coding.window_from"), draft.window_from, "date");
  write_line(h, "window_to", say("coding.window_to"), draft.window_to, "date");
  for (const auto& [name, chosen] : {std::pair<std::string, std::string>{"coder_a", draft.coder_a},
                                     {"coder_b", draft.coder_b}}) {
    const std::string id = "i-" + name;
    h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say("coding." + name));
    h.open("select", {{"id", id}, {"name", name}});
    for (const auto& [coder, label] : view.coders) {
      h.element("option", {{"value", coder}, attribute_if(coder == chosen, "selected")}, label);
    }
    h.close("select").close("div");
  }
  write_area(
      h, context,
      {"criteria", say("followup.criteria"), say("coding.criteria.hint"), view.criteria, "6"});
  h.element("button", {{"class", "primary"}}, say("coding.new.send")).close("form");
  close_band(h);
  return shell(context, desk_shell(context, say("followup.new_coding")), h);
}

std::string render_tasks(const PageContext& context, const TasksView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("tasks.title"), say("tasks.lead")});
  if (!view.done.empty() || view.error) {
    open_band(h);
    if (!view.done.empty()) {
      h.element("p", {{"class", "note action"}, {"role", "status"}}, say(view.done));
    }
    write_error_summary(h, context, view.error);
    close_band(h);
  }
  if (view.plan) {
    write_import_plan(h, context, view);
  }
  const bool none = view.reports.empty() && view.to_code.empty() && view.to_decide.empty() &&
                    view.to_reply.empty() && view.to_publish.empty() && view.reviews.empty();
  if (none) {
    open_band(h);
    h.element("p", say("tasks.none"));
    if (view.runs_coding) {
      h.open("p").text(say("tasks.none.open") + " ");
      h.element("a", {{"href", link(context, "/follow-up")}}, say("followup.matrix")).close("p");
    }
    close_band(h);
  }
  write_reviews(h, context, view);
  write_codings(h, context, view, "tasks.code", view.to_code);
  write_codings(h, context, view, "tasks.decide", view.to_decide);
  write_codings(h, context, view, "tasks.reply", view.to_reply);
  write_codings(h, context, view, "tasks.publish", view.to_publish);
  for (const auto& todo : view.reports) {
    write_todo(h, context, todo);
  }
  if (!view.reports.empty()) {
    write_upload(h, context);
  }
  Shell frame = desk_shell(context, say("tasks.title"));
  frame.crumbs = {{say("footer.desk"), "/desk"}, {frame.title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
