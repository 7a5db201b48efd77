// The editors' pages: plain forms, one act each, that say what will change before it changes.

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_desk_words.hpp"
#include "pages_figure_desk.hpp"
#include "pages_parts.hpp"

namespace atalaya::api {
namespace {

using commitments::CommitmentRow;

struct Input {
  std::string_view name, label, type = "text", autocomplete = "off";
  std::string value = {}, hint = {};
  bool required = true;
};

void write_input(Html& h, const Input& input) {
  const std::string id = "i-" + std::string(input.name);
  const std::string hint_id = id + "-hint";
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", id}}, input.label);
  if (!input.hint.empty()) {
    h.element("span", {{"class", "hint"}, {"id", hint_id}}, input.hint);
  }
  h.empty("input", {{"id", id},
                    {"name", input.name},
                    {"type", input.type},
                    {"value", input.value},
                    {"autocomplete", input.autocomplete},
                    attribute_if(!input.hint.empty(), "aria-describedby", hint_id),
                    attribute_if(input.required, "required")});
  h.close("div");
}

struct Area {
  std::string id, name, label, value;
  std::string_view rows = "3";
};

void write_area(Html& h, const PageContext& context, const Area& area) {
  h.open("div", {{"class", "field"}}).element("label", {{"for", area.id}}, area.label);
  h.element("textarea",
            {{"id", area.id},
             {"name", area.name},
             {"rows", area.rows},
             {"lang", to_string(context.language)}},
            area.value);
  h.close("div");
}

Shell desk_shell(const PageContext& context, std::string title) {
  Shell frame;
  frame.crumbs = {{Say(context)("footer.desk"), "/desk"}, {title, ""}};
  frame.title = std::move(title);
  frame.indexed = false;
  return frame;
}

void write_import_rows(Html& h, const PageContext& context, const ImportFile& file) {
  const Say say(context);
  const std::vector<std::string> heads = {say("import.ordinal"), say("import.line"),
                                          say("import.text"), say("import.citation"),
                                          say("import.change")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& row : file.rows) {
    h.open("tr").element("th", {{"scope", "row"}}, std::to_string(row.item.ordinal));
    h.element("td", {{"data-l", heads[1]}}, std::to_string(row.item.line));
    h.element("td",
              {{"data-l", heads[2]}, attribute_if(!file.language.empty(), "lang", file.language)},
              row.item.text);
    h.open("td", {{"data-l", heads[3]}});
    h.text(row.item.citation.raw).text(" ");
    if (row.item.citation.status != commitments::CitationStatus::own) {
      h.element("span", {{"class", "tag warn"}},
                say.value("citation_status", to_string(row.item.citation.status)));
    }
    h.close("td")
        .element("td", {{"data-l", heads[4]}}, say.value("change", row.change))
        .close("tr");
  }
  h.close("tbody").close("table");
}

void write_import_file(Html& h, const PageContext& context, const ImportFile& file) {
  const Say say(context);
  h.element("h2", file.name);
  h.open("p", {{"class", "meta"}});
  h.text(say.value("kind", file.kind)).text(" · ").text(file.title).close("p");
  if (file.known) {
    h.element("p", {{"class", "note"}}, say("import.known"));
    return;
  }
  h.open("dl", {{"class", "keys"}});
  const auto figure = [&](std::string_view key, std::int64_t n) {
    h.open("div").element("dt", say(key)).open("dd");
    h.element("b", figures::number(context.language, n)).close("dd").close("div");
  };
  figure("import.items", static_cast<std::int64_t>(file.rows.size()));
  figure("import.added", file.added);
  figure("import.unchanged", file.unchanged);
  figure("import.duplicates", file.duplicates);
  figure("import.gone", static_cast<std::int64_t>(file.gone.size()));
  h.close("dl");
  if (!file.twin_of.empty()) {
    h.element("p", {{"class", "note"}}, say("import.twin"));
  }
  if (file.themed > 0) {
    std::vector<std::string> names;
    for (const auto& id : file.themes) {
      names.push_back(theme_name(context, id));
    }
    h.element("p", {{"class", "note"}},
              say("import.themed", {{"n", figures::number(context.language, file.themed)},
                                    {"themes", fmt::format("{}", fmt::join(names, ", "))}}));
  }
  if (file.needs_acceptance) {
    h.element("p", {{"class", "note warn"}}, say("import.changes_much"));
  }
  if (!file.warnings.empty()) {
    h.open("details", {{"class", "disclose"}, attribute_if(file.warnings.size() < 12, "open")});
    h.element("summary",
              say.count("import.warnings", static_cast<std::int64_t>(file.warnings.size())));
    h.open("ul", {{"class", "plain small"}});
    for (const auto& warning : file.warnings) {
      h.open("li");
      if (warning.line > 0) {
        h.element("b", say("import.at_line", {{"line", std::to_string(warning.line)}})).text(" ");
      }
      h.text(warning_text(context, warning));
      if (warning.printed && !warning.detail.empty()) {
        h.text(colon(context))
            .element("span", {attribute_if(!file.language.empty(), "lang", file.language)},
                     warning.detail);
      }
      h.close("li");
    }
    h.close("ul").close("details");
  }
  write_rewordings(h, context, file);
  h.open("details", {{"class", "disclose"}}).element("summary", say("import.all_items"));
  write_import_rows(h, context, file);
  h.close("details");
}

void write_apply(Html& h, const PageContext& context, const ImportView& view) {
  const Say say(context);
  h.open("form",
         {{"class", "stack"},
          {"id", "apply-import"},
          {"method", "post"},
          {"action", link(context, "/desk/import/apply")}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "token"}, {"value", view.token}});
  if (std::ranges::any_of(view.files, &ImportFile::needs_acceptance)) {
    h.element("p", {{"class", "note warn"}}, say("import.accept.text"));
    h.open("p", {{"class", "check"}});
    h.empty("input",
            {{"type", "checkbox"}, {"id", "accept"}, {"name", "accept"}, {"value", "yes"},
             {"required"}});
    h.element("label", {{"for", "accept"}}, say("import.accept")).close("p");
  }
  h.open("p", {{"class", "row"}});
  h.element("button", {{"class", "primary"}}, say("import.apply"));
  h.element("a", {{"class", "button"}, {"href", link(context, "/desk")}}, say("form.cancel"));
  h.close("p").close("form");
}

void write_upload(Html& h, const PageContext& context) {
  const Say say(context);
  h.open("form", {{"class", "narrow stack"},
                  {"method", "post"},
                  {"enctype", "multipart/form-data"},
                  {"action", link(context, "/desk/import")}});
  write_csrf(h, context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", "files"}}, say("import.files"));
  h.element("span", {{"class", "hint"}, {"id", "files-hint"}}, say("import.files.hint"));
  h.empty("input", {{"type", "file"},
                    {"id", "files"},
                    {"name", "files"},
                    {"multiple"},
                    {"required"},
                    {"aria-describedby", "files-hint"},
                    {"accept", ".txt,.html,.htm,.docx,.pdf"}});
  h.close("div").open("p", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", "translation"}, {"name", "translation"}, {"value", "yes"}});
  h.element("label", {{"for", "translation"}}, say("import.translation")).close("p");
  h.open("p", {{"class", "check"}});
  h.empty("input",
          {{"type", "checkbox"}, {"id", "incomplete"}, {"name", "incomplete"}, {"value", "yes"}});
  h.element("label", {{"for", "incomplete"}}, say("import.incomplete")).close("p");
  h.element("button", {{"class", "primary"}}, say("import.read")).close("form");
}

void write_candidate(Html& h, const PageContext& context, const CommitmentRow& here,
                     const commitments::CandidateView& candidate, std::size_t n) {
  const Say say(context);
  const bool is_earlier = candidate.row.year <= here.year;
  const std::string& later = is_earlier ? here.id : candidate.row.id;
  const std::string& earlier = is_earlier ? candidate.row.id : here.id;
  const std::string& own_language = candidate.row.title_language;
  h.open("li").element("p", {{"class", "meta"}}, row_place(context, candidate.row));
  h.open("h3").element("a",
                       {{"href", link(context, "/commitments/" + candidate.row.id)},
                        attribute_if(!own_language.empty(), "lang", own_language)},
                       row_title(context, candidate.row));
  h.close("h3");
  if (!candidate.row.summary.empty()) {
    h.element("p", {attribute_if(!own_language.empty(), "lang", own_language)},
              candidate.row.summary);
  }
  h.open("ul", {{"class", "tags"}});
  for (const auto& reason : candidate.reasons) {
    h.element("li", {{"class", "tag"}}, reason_of(context, reason));
  }
  h.close("ul");
  h.open("form", {{"class", "row fields"},
                  {"method", "post"},
                  {"action", link(context, "/commitments/" + here.id + "/antecedents")}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "later"}, {"value", later}});
  h.empty("input", {{"type", "hidden"}, {"name", "earlier"}, {"value", earlier}});
  const std::string type_id = fmt::format("type-{}", n);
  const std::string reason_id = fmt::format("reason-{}", n);
  h.open("div", {{"class", "field"}}).element("label", {{"for", type_id}}, say("antecedents.type"));
  h.open("select", {{"id", type_id}, {"name", "type"}});
  for (const std::string_view type :
       {"restates", "strengthens", "weakens", "fulfils", "supersedes", "reports_on"}) {
    h.element("option",
              {{"value", type}, attribute_if(type == candidate.suggested_type, "selected")},
              say.value("relation", type));
  }
  h.close("select").close("div");
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", reason_id}}, say("antecedents.reason"));
  h.empty("input", {{"id", reason_id}, {"name", "reason"}, {"required"}, {"maxlength", "500"}});
  h.close("div").element("button", say("antecedents.confirm")).close("form").close("li");
}

void write_confirmed(Html& h, const PageContext& context, const commitments::CommitmentView& view) {
  const Say say(context);
  h.element("h2", say("antecedents.confirmed"));
  if (view.antecedents.empty()) {
    h.element("p", say("antecedents.none"));
    return;
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& antecedent : view.antecedents) {
    h.open("li").element("p", {{"class", "meta"}}, row_place(context, antecedent.other));
    h.open("h3").element("a", {{"href", link(context, "/commitments/" + antecedent.other.id)}},
                         row_title(context, antecedent.other));
    h.close("h3").open("p");
    h.text(say.value("relation", antecedent.type))
        .text(colon(context))
        .text(antecedent.reason)
        .text(" ");
    h.element("span", {{"class", "muted"}},
              who_and_when(context, antecedent.confirmed_by, antecedent.confirmed_at));
    h.close("p");
    if (!antecedent.suggested_because.empty()) {
      h.open("ul", {{"class", "tags"}, {"aria-label", say("antecedents.because")}});
      for (const auto& reason : antecedent.suggested_because) {
        h.element("li", {{"class", "tag"}}, reason_of(context, reason));
      }
      h.close("ul");
    }
    h.open("form",
           {{"method", "post"},
            {"action", link(context, "/commitments/" + view.row.id + "/antecedents/withdraw")}});
    write_csrf(h, context);
    h.empty("input",
            {{"type", "hidden"}, {"name", "id"}, {"value", std::to_string(antecedent.id)}});
    h.element("button", {{"class", "danger"}}, say("antecedents.withdraw"))
        .close("form")
        .close("li");
  }
  h.close("ul");
}

// The newest version in one language; the catalogue's row comes first where nobody changed it.
const commitments::TitleVersion* newest(const TitlesView& view, std::string_view language) {
  const commitments::TitleVersion* best = nullptr;
  for (const auto& version : view.history) {
    if (version.language == language && (best == nullptr || version.version > best->version)) {
      best = &version;
    }
  }
  return best;
}

void write_title_form(Html& h, const PageContext& context, const TitlesView& view,
                      Language language) {
  const Say say(context);
  const std::string code(to_string(language));
  const auto* current = newest(view, code);
  PageContext in_language = context;
  in_language.language = language;
  h.open("form", {{"class", "wide stack"},
                  {"method", "post"},
                  {"action", link(context, "/commitments/" + view.commitment.row.id + "/titles")}});
  h.element("h3", {{"lang", code}}, figures::own_name(language));
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "language"}, {"value", code}});
  h.empty("input", {{"type", "hidden"},
                    {"name", "version"},
                    {"value", std::to_string(current == nullptr ? 0 : current->version)}});
  write_area(h, in_language,
             {"title-" + code, "title", say("titles.title"),
              current == nullptr ? "" : current->title, "2"});
  write_area(h, in_language,
             {"summary-" + code, "summary", say("titles.summary"),
              current == nullptr ? "" : current->summary});
  const std::string reason_id = "reason-" + code;
  h.open("div", {{"class", "field"}}).element("label", {{"for", reason_id}}, say("titles.reason"));
  h.empty("input", {{"id", reason_id}, {"name", "reason"}, {"required"}, {"maxlength", "500"}});
  h.close("div").element("button", say("titles.save", {{"language", say.value("language", code)}}));
  h.close("form");
}

void write_title_history(Html& h, const PageContext& context, const TitlesView& view) {
  const Say say(context);
  h.element("h2", say("titles.history"));
  h.open("ol", {{"class", "rows tight"}});
  for (const auto& version : view.history) {
    h.open("li").element(
        "p", {{"class", "meta"}},
        fmt::format("{} · {}", say.value("language", version.language),
                    version.version == 0
                        ? say("set_by.catalogue")
                        : say("titles.version", {{"n", std::to_string(version.version)}}) + " · " +
                              who_and_when(context, version.set_by, version.set_at)));
    h.element("h3", {{"lang", version.language}}, version.title);
    h.element("p", {{"lang", version.language}}, version.summary);
    if (!version.reason.empty()) {
      h.element("p", {{"class", "xs"}}, version.reason);
    }
    h.close("li");
  }
  h.close("ol");
}

}  // namespace

std::string render_sign_in(const PageContext& context, const SignInView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("sign_in.title"), say("sign_in.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  h.open("form",
         {{"class", "narrow stack"}, {"method", "post"}, {"action", link(context, "/sign-in")}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "next"}, {"value", view.next}});
  if (view.second_factor) {
    h.empty("input", {{"type", "hidden"}, {"name", "ticket"}, {"value", view.ticket}});
    Input code{.name = "code", .label = "", .autocomplete = "one-time-code"};
    const std::string label = say("sign_in.code");
    code.label = label;
    code.hint = say("sign_in.code.hint");
    write_input(h, code);
  } else {
    const std::string name = say("sign_in.name");
    const std::string password = say("sign_in.password");
    write_input(h, {.name = "name", .label = name, .autocomplete = "username", .value = view.name});
    write_input(h, {.name = "password",
                    .label = password,
                    .type = "password",
                    .autocomplete = "current-password"});
  }
  h.element("button", {{"class", "primary"}}, say("sign_in.button")).close("form");
  close_band(h);
  Shell frame;
  frame.title = say("sign_in.title");
  frame.indexed = false;
  return shell(context, std::move(frame), h);
}

std::string render_desk(const PageContext& context, const DeskView& view) {
  return render_desk(context, view, false);
}

std::string render_desk(const PageContext& context, const DeskView& view, bool figures) {
  const Say say(context);
  Html h;
  write_head(h, {context.account, say("footer.desk"), ""});
  open_band(h);
  if (view.done) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say(*view.done));
  }
  if (view.index_behind > 0) {
    h.element("p", {{"class", "note warn"}}, say.count("search.behind", view.index_behind));
  }
  if (view.read_earlier > 0) {
    h.element("p", {{"class", "note warn"}}, say.count("desk.read_earlier", view.read_earlier));
  }
  if (view.tasks) {
    h.element("h2", say("tasks.title"));
    h.element("p", say("tasks.lead"));
    h.open("p").element("a", {{"class", "button"}, {"href", link(context, "/desk/follow-up")}},
                        say("tasks.title"));
    h.close("p");
  }
  if (figures) {
    h.element("h2", say("figdesk.title"));
    h.element("p", say("figdesk.lead"));
    h.open("p").element("a", {{"class", "button"}, {"href", link(context, "/desk/figures")}},
                        say("figdesk.open"));
    h.close("p");
  }
  h.element("h2", say("participation.title"));
  h.element("p", say("moderation.desk.sub"));
  h.open("p", {{"class", "row"}});
  if (context.may_edit) {
    h.element("a", {{"class", "button"}, {"href", link(context, "/desk/participation")}},
              say("moderation.title"));
  }
  h.element("a", {{"class", "button"}, {"href", link(context, "/desk/vouching")}},
            say("vouching.title"));
  h.close("p");
  if (context.may_edit) {
    h.element("h2", say("desk.import"));
    write_upload(h, context);
  }
  close_band(h);
  open_band(h);
  h.element("h2", say("documents.held"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& source : view.sources) {
    h.open("li").open("h3").element("a", {{"href", link(context, "/sources/" + source.id)}},
                                    source.title.empty() ? source.file_name : source.title);
    h.close("h3").open("p", {{"class", "meta"}});
    h.text(say.value("kind", source.kind)).text(source.theme.empty() ? "" : ", " + source.theme);
    h.text(" · ").text(say.count("source.items", source.items)).text(" · ");
    h.text(who_and_when(context, source.imported_by, source.imported_at)).close("p").close("li");
  }
  h.close("ul");
  h.open("form", {{"method", "post"}, {"action", link(context, "/sign-out")}});
  write_csrf(h, context);
  h.element("button", say("desk.sign_out")).close("form");
  close_band(h);
  Shell frame;
  frame.title = say("footer.desk");
  frame.indexed = false;
  return shell(context, std::move(frame), h);
}

std::string render_import(const PageContext& context, const ImportView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("import.title"),
                 view.token.empty() || std::ranges::all_of(view.files, &ImportFile::known)
                     ? ""
                     : say("import.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (view.token.empty()) {
    h.element("h2", say("desk.import"));
    write_upload(h, context);
  }
  for (const auto& file : view.files) {
    write_import_file(h, context, file);
  }
  if (!view.token.empty() && std::ranges::all_of(view.files, &ImportFile::known)) {
    if (view.files.size() > 1) {
      h.element("p", {{"class", "note action"}, {"role", "status"}}, say("import.nothing"));
    }
    h.open("p").element("a", {{"class", "button"}, {"href", link(context, "/desk")}},
                        say("import.back"));
    h.close("p");
  } else if (!view.token.empty()) {
    write_apply(h, context, view);
  }
  close_band(h);
  return shell(context, desk_shell(context, say("import.title")), h);
}

std::string render_antecedents(const PageContext& context, const AntecedentsView& view) {
  const Say say(context);
  const auto& row = view.commitment.row;
  Html h;
  write_head(h, {row_place(context, row),
                 say("antecedents.of", {{"title", row_title(context, row)}}), ""});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (!view.commitment.texts.empty()) {
    const auto& text = view.commitment.texts.front();
    h.element("h2", {{"class", "as-h3"}}, say("commitment.text"));
    h.open("blockquote", {{"class", "official"}, {"lang", text.language}});
    h.element("p", text.text).close("blockquote");
  }
  write_confirmed(h, context, view.commitment);
  close_band(h);
  open_band(h);
  h.element("h2", say("antecedents.candidates"));
  h.element("p", {{"class", "sub"}}, say("antecedents.candidates.sub"));
  h.open("ol", {{"class", "rows"}});
  for (std::size_t i = 0; i < view.candidates.size(); ++i) {
    write_candidate(h, context, row, view.candidates[i], i + 1);
  }
  h.close("ol");
  h.open("p").element("a", {{"href", link(context, "/commitments/" + row.id)}}, say("desk.back"));
  h.close("p");
  close_band(h);
  return shell(context, desk_shell(context, say("antecedents.title")), h);
}

std::string render_titles(const PageContext& context, const TitlesView& view) {
  const Say say(context);
  const auto& row = view.commitment.row;
  Html h;
  write_head(h, {row_place(context, row), say("titles.of", {{"title", row_title(context, row)}}),
                 say("titles.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  // The text stays beside the forms while they scroll.
  h.open("div", {{"class", "cols-even"}}).open("div", {{"class", "stack-s beside-forms"}});
  if (!view.commitment.texts.empty()) {
    const auto& text = view.commitment.texts.front();
    h.element("h2", {{"class", "as-h3"}}, say("commitment.text"));
    h.open("blockquote", {{"class", "official"}, {"lang", text.language}});
    h.element("p", text.text).close("blockquote");
  }
  h.close("div").open("div", {{"class", "stack"}});
  h.element("h2", {{"class", "as-h3"}}, say("titles.now"));
  for (const Language language : kLanguages) {
    write_title_form(h, context, view, language);
  }
  h.close("div").close("div");
  close_band(h);
  open_band(h);
  write_title_history(h, context, view);
  h.open("p").element("a", {{"href", link(context, "/commitments/" + row.id)}}, say("desk.back"));
  h.close("p");
  close_band(h);
  return shell(context, desk_shell(context, say("titles.edit")), h);
}

}  // namespace atalaya::api
