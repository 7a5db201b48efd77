#include "pages_desk_words.hpp"

#include <fmt/format.h>

#include <atalaya/commitments/word_diff.hpp>
#include <atalaya/figures/locale.hpp>

namespace atalaya::api {
namespace {

using commitments::CommitmentView;
using commitments::DiffPart;
using commitments::LinkDecision;
using commitments::Rewording;

// A mark is told in words too, for who hears the page.
void write_marked(Html& h, const PageContext& context, std::string_view words,
                  DiffPart::Kind kind) {
  const Say say(context);
  if (kind == DiffPart::Kind::removed) {
    h.open("del").element("span", {{"class", "visually-hidden"}}, say("words.removed") + " ");
    h.text(words).close("del").text(" ");
  } else {
    h.open("ins").element("span", {{"class", "visually-hidden"}}, say("words.added") + " ");
    h.text(words).close("ins").text(" ");
  }
}

void write_words(Html& h, const PageContext& context, std::string_view before,
                 std::string_view after, DiffPart::Kind shown) {
  h.open("div", {{"class", "diff"}});
  for (const DiffPart& part : commitments::word_diff(before, after)) {
    if (part.kind == DiffPart::Kind::same) {
      h.text(part.text);
    } else if (part.kind == shown) {
      write_marked(h, context, trim(part.text), shown);
    }
  }
  h.close("div");
}

void write_heads(Html& h, const std::vector<std::string>& heads) {
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
}

void write_reworded_row(Html& h, const PageContext& context, const ImportFile& file,
                        const Rewording& item, const std::vector<std::string>& heads) {
  const Say say(context);
  const auto& parsed = file.rows[static_cast<std::size_t>(item.ordinal - 1)].item;
  const Attribute language = attribute_if(!file.language.empty(), "lang", file.language);
  const Attribute held =
      attribute_if(!file.language.empty() && !item.across, "lang", file.language);
  h.open("tr").open("th", {{"scope", "row"}}).text(std::to_string(item.ordinal));
  h.text(" ").element("span", {{"class", "muted xs"}},
                      say("import.at_line", {{"line", std::to_string(parsed.line)}}));
  // Of words in two languages there is nothing to mark.
  h.close("th").open("td", {{"data-l", heads[1]}, held});
  if (item.across) {
    h.element("div", {{"class", "diff"}}, item.before);
  } else {
    write_old_words(h, context, item.before, item.after);
  }
  h.close("td").open("td", {{"data-l", heads[2]}, language});
  if (item.across) {
    h.element("div", {{"class", "diff"}}, item.after);
  } else {
    write_new_words(h, context, item.before, item.after);
  }
  h.close("td").open("td", {{"data-l", heads[3]}}).open("div");
  if (item.kind == Rewording::Kind::suggested) {
    const std::string id = fmt::format("same-{}-{}", item.earlier, item.ordinal);
    h.open("p", {{"class", "check"}});
    h.empty("input", {{"type", "checkbox"},
                      {"id", id},
                      {"name", "same"},
                      {"form", "apply-import"},
                      {"value", item.earlier + "=" + item.commitment}});
    h.element("label", {{"for", id}}, say("words.same")).close("p");
    if (item.across) {
      h.element("p", {{"class", "xs"}}, say("words.across"));
    }
  } else {
    h.text(say(item.kind == Rewording::Kind::said     ? "words.said"
               : item.kind == Rewording::Kind::joined ? "words.twin"
                                                      : "words.mended"));
  }
  h.text(" ").element("a", {{"href", link(context, "/commitments/" + item.earlier)}},
                      item.earlier);
  h.close("div").close("td").close("tr");
}

// Where no pair was found the old words stand alone.
void write_gone_alone(Html& h, const PageContext& context, const ImportFile& file) {
  const Say say(context);
  std::vector<std::size_t> alone;
  for (std::size_t i = 0; i < file.gone.size() && i < file.gone_texts.size(); ++i) {
    if (std::ranges::find(file.rewordings, file.gone[i], &Rewording::earlier) ==
        file.rewordings.end()) {
      alone.push_back(i);
    }
  }
  if (alone.empty()) {
    return;
  }
  h.open("details", {{"class", "disclose"}, attribute_if(alone.size() < 6, "open")});
  h.element("summary", say.count("words.gone", static_cast<std::int64_t>(alone.size())));
  h.open("ul", {{"class", "plain small"}});
  for (const std::size_t i : alone) {
    h.open("li").element("a", {{"href", link(context, "/commitments/" + file.gone[i])}},
                         file.gone[i]);
    h.text(" ").element("span", {attribute_if(!file.language.empty(), "lang", file.language)},
                        file.gone_texts[i]);
    h.close("li");
  }
  h.close("ul").close("details");
}

void write_reason_field(Html& h, const PageContext& context, const std::string& id) {
  const Say say(context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", id}}, say("words.reason"));
  h.empty("input", {{"id", id}, {"name", "reason"}, {"required"}, {"maxlength", "500"}});
  h.close("div");
}

Shell words_shell(const PageContext& context, std::string title) {
  Shell frame;
  frame.crumbs = {{Say(context)("footer.desk"), "/desk"}, {title, ""}};
  frame.title = std::move(title);
  frame.indexed = false;
  return frame;
}

const commitments::TextView* text_like(const CommitmentView& view, std::string_view language) {
  const auto same = std::ranges::find(view.texts, language, &commitments::TextView::language);
  return same != view.texts.end()  ? &*same
         : view.texts.empty() ? nullptr
                              : &view.texts.front();
}

void write_candidate(Html& h, const PageContext& context, const CommitmentView& here,
                     const CommitmentView& candidate, std::size_t n) {
  const Say say(context);
  const auto* mine = here.texts.empty() ? nullptr : &here.texts.front();
  const auto* other = mine == nullptr ? nullptr : text_like(candidate, mine->language);
  h.open("li").element("p", {{"class", "meta"}}, row_place(context, candidate.row));
  h.open("h3").element("a", {{"href", link(context, "/commitments/" + candidate.row.id)}},
                       row_title(context, candidate.row));
  h.close("h3");
  if (!candidate.gone_from.empty()) {
    h.open("p").element("span", {{"class", "tag warn"}}, say("words.is_gone")).close("p");
  }
  if (mine != nullptr && other != nullptr) {
    h.open("div", {{"class", "cols-even"}, {"lang", mine->language}}).open("div");
    h.element("h4", say("words.before"));
    write_old_words(h, context, other->text, mine->text);
    h.close("div").open("div").element("h4", say("words.after"));
    write_new_words(h, context, other->text, mine->text);
    h.close("div").close("div");
  }
  h.open("form", {{"class", "row fields"},
                  {"method", "post"},
                  {"action", link(context, "/commitments/" + here.row.id + "/wording")}});
  write_csrf(h, context);
  h.empty("input",
          {{"type", "hidden"}, {"name", "commitment"}, {"value", candidate.row.id}});
  write_reason_field(h, context, fmt::format("reason-{}", n));
  h.element("button", say("words.say_same")).close("form").close("li");
}

std::string target_name(const PageContext& context, std::string_view kind,
                        std::string_view target) {
  return kind == "theme"        ? theme_name(context, target)
         : kind == "instrument" ? instrument_name(context, target)
                                : institution_name(context, target);
}

void write_link_rows(Html& h, const PageContext& context, const CommitmentView& view,
                     std::string_view kind, const std::vector<std::string>& targets) {
  const Say say(context);
  h.element("h2", say(fmt::format("links.{}", kind)));
  if (targets.empty()) {
    h.element("p", say("links.none"));
    return;
  }
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& target : targets) {
    const auto who = view.link_set_by.find(fmt::format("{}:{}", kind, target));
    const std::string set_by = who == view.link_set_by.end() ? std::string() : who->second;
    h.open("li").element("h3", target_name(context, kind, target));
    h.element("p", {{"class", "meta"}},
              set_by == "rule"        ? say("set_by.rule")
              : set_by == "catalogue" ? say("set_by.catalogue")
                                      : say("set_by.person", {{"name", who_name(context, set_by)}}));
    h.open("form", {{"class", "row fields"},
                    {"method", "post"},
                    {"action", link(context, "/commitments/" + view.row.id + "/links")}});
    write_csrf(h, context);
    h.empty("input", {{"type", "hidden"}, {"name", "decision"}, {"value", "remove"}});
    h.empty("input",
            {{"type", "hidden"}, {"name", "link"}, {"value", fmt::format("{}:{}", kind, target)}});
    write_reason_field(h, context, fmt::format("reason-{}-{}", kind, target));
    h.element("button", {{"class", "danger"}}, say("links.remove")).close("form").close("li");
  }
  h.close("ul");
}

void write_link_choice(Html& h, const PageContext& context, const CommitmentView& view,
                       std::string_view kind) {
  const Say say(context);
  std::vector<std::pair<std::string, std::string>> names;
  const auto add = [&](const std::string& id) {
    const auto& held = kind == "theme"        ? view.themes
                       : kind == "instrument" ? view.instruments
                                              : view.institutions;
    if (!contains(held, id)) {
      names.emplace_back(target_name(context, kind, id), id);
    }
  };
  if (kind == "theme") {
    std::ranges::for_each(context.catalogue->themes(), add, &commitments::Theme::id);
  } else if (kind == "instrument") {
    std::ranges::for_each(context.catalogue->instruments(), add, &commitments::Instrument::id);
  } else {
    std::ranges::for_each(context.catalogue->institutions(), add, &commitments::Institution::id);
  }
  std::ranges::sort(names);
  h.open("optgroup", {{"label", say(fmt::format("links.{}", kind))}});
  for (const auto& [name, id] : names) {
    h.element("option", {{"value", fmt::format("{}:{}", kind, id)}}, name);
  }
  h.close("optgroup");
}

void write_link_history(Html& h, const PageContext& context,
                        const std::vector<LinkDecision>& history) {
  const Say say(context);
  h.element("h2", say("titles.history"));
  if (history.empty()) {
    h.element("p", say("links.no_history"));
    return;
  }
  h.open("ol", {{"class", "rows tight"}});
  for (const LinkDecision& decision : history) {
    h.open("li").element("p", {{"class", "meta"}},
                         who_and_when(context, decision.set_by, decision.set_at));
    h.element("p", say(decision.decision == "add" ? "links.added" : "links.removed",
                       {{"name", target_name(context, decision.kind, decision.target)}}));
    h.element("p", {{"class", "xs"}}, decision.reason).close("li");
  }
  h.close("ol");
}

}  // namespace

void write_old_words(Html& h, const PageContext& context, std::string_view before,
                     std::string_view after) {
  write_words(h, context, before, after, DiffPart::Kind::removed);
}

void write_new_words(Html& h, const PageContext& context, std::string_view before,
                     std::string_view after) {
  write_words(h, context, before, after, DiffPart::Kind::added);
}

void write_rewordings(Html& h, const PageContext& context, const ImportFile& file) {
  const Say say(context);
  if (!file.rewordings.empty()) {
    h.element("h3", say.count("words.title", static_cast<std::int64_t>(file.rewordings.size())));
    h.element("p", {{"class", "sub"}}, say("words.sub"));
    const std::vector<std::string> heads = {say("import.ordinal"), say("words.before"),
                                            say("words.after"), say("import.change")};
    write_heads(h, heads);
    for (const Rewording& item : file.rewordings) {
      write_reworded_row(h, context, file, item, heads);
    }
    h.close("tbody").close("table");
  }
  write_gone_alone(h, context, file);
}

std::string reason_of(const PageContext& context,
                      const std::pair<std::string, std::string>& reason) {
  const Say say(context);
  const auto& [kind, what] = reason;
  std::string detail = what;
  if (kind == "instrument") {
    detail = instrument_short(context, what);
  } else if (kind == "institution") {
    detail = institution_name(context, what);
  } else if (kind == "theme") {
    detail = theme_name(context, what);
  } else if (kind == "time") {
    detail = say.value("reason_time", what);
  }
  return say.value("reason", kind) + std::string(colon(context)) + detail;
}

std::string warning_text(const PageContext& context, const commitments::Warning& warning) {
  auto params = warning.params;
  for (auto& [name, value] : params) {
    if (name == "document") {
      value = document_name(context, value);
    } else if (name == "instrument") {
      value = instrument_short(context, value);
    }
  }
  return figures::Messages::embedded().text_with(context.language, "warning." + warning.reason,
                                                 params);
}

void write_wording_history(Html& h, const PageContext& context, const CommitmentView& view) {
  const Say say(context);
  std::vector<std::pair<const commitments::AppearanceView*, const commitments::TextView*>> old;
  for (const auto& appearance : view.appearances) {
    const auto* text = text_like(view, appearance.language);
    if (!appearance.newest && text != nullptr && text->language == appearance.language &&
        text->text != appearance.item.text) {
      old.emplace_back(&appearance, text);
    }
  }
  if (old.empty()) {
    return;
  }
  h.open("details", {{"class", "disclose"}});
  h.element("summary", say.count("words.earlier", static_cast<std::int64_t>(old.size())));
  for (const auto& [appearance, text] : old) {
    h.element("p", {{"class", "meta"}},
              say("words.held_since", {{"date", figures::edtf(context.language,
                                                             appearance->imported_at.substr(0, 10))},
                                       {"file", appearance->source_file}}));
    h.open("blockquote", {{"class", "official"}, {"lang", appearance->language}});
    write_old_words(h, context, appearance->item.text, text->text);
    h.close("blockquote");
  }
  for (const auto& wording : view.wordings) {
    h.open("p", {{"class", "xs"}})
        .text(say("words.said"))
        .text(colon(context))
        .text(wording.reason);
    h.text(" ").element("span", {{"class", "muted"}},
                        who_and_when(context, wording.said_by, wording.said_at));
    h.close("p");
  }
  h.close("details");
}

namespace {

// What was said to be the same commitment, each with a form that takes it back.
void write_taken_back(Html& h, const PageContext& context, const CommitmentView& view) {
  if (view.wordings.empty()) {
    return;
  }
  const Say say(context);
  h.element("h2", say("words.joined"));
  h.element("p", {{"class", "sub"}}, say("words.joined.sub"));
  h.open("ul", {{"class", "rows tight"}});
  for (std::size_t i = 0; i < view.wordings.size(); ++i) {
    const auto& wording = view.wordings[i];
    h.open("li").element("p", {{"class", "meta"}},
                         who_and_when(context, wording.said_by, wording.said_at));
    h.element("p", wording.reason);
    h.open("form",
           {{"class", "row fields"},
            {"method", "post"},
            {"action", link(context, "/commitments/" + view.row.id + "/wording/withdraw")}});
    write_csrf(h, context);
    h.empty("input", {{"type", "hidden"}, {"name", "later"}, {"value", wording.later}});
    write_reason_field(h, context, fmt::format("withdraw-reason-{}", i + 1));
    h.element("button", {{"class", "danger"}}, say("words.take_back")).close("form").close("li");
  }
  h.close("ul");
}

}  // namespace

std::string render_wording(const PageContext& context, const WordingPageView& view) {
  const Say say(context);
  const auto& row = view.commitment.row;
  Html h;
  write_head(h, {row_place(context, row), say("words.of", {{"title", row_title(context, row)}}),
                 say("words.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (!view.commitment.texts.empty()) {
    const auto& text = view.commitment.texts.front();
    h.open("blockquote", {{"class", "official"}, {"lang", text.language}});
    h.element("p", text.text).close("blockquote");
  }
  write_wording_history(h, context, view.commitment);
  write_taken_back(h, context, view.commitment);
  h.element("h2", say("words.candidates"));
  if (view.candidates.empty()) {
    h.element("p", say("words.no_candidates"));
  }
  h.open("ol", {{"class", "rows"}});
  for (std::size_t i = 0; i < view.candidates.size(); ++i) {
    write_candidate(h, context, view.commitment, view.candidates[i], i + 1);
  }
  h.close("ol");
  h.open("p").element("a", {{"href", link(context, "/commitments/" + row.id)}}, say("desk.back"));
  h.close("p");
  close_band(h);
  return shell(context, words_shell(context, say("words.edit")), h);
}

std::string render_links(const PageContext& context, const LinksPageView& view) {
  const Say say(context);
  const auto& row = view.commitment.row;
  Html h;
  write_head(h, {row_place(context, row), say("links.of", {{"title", row_title(context, row)}}),
                 say("links.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  write_link_rows(h, context, view.commitment, "theme", view.commitment.themes);
  write_link_rows(h, context, view.commitment, "instrument", view.commitment.instruments);
  write_link_rows(h, context, view.commitment, "institution", view.commitment.institutions);
  h.element("h2", say("links.add"));
  h.open("form", {{"class", "narrow stack"},
                  {"method", "post"},
                  {"action", link(context, "/commitments/" + row.id + "/links")}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "decision"}, {"value", "add"}});
  h.open("div", {{"class", "field"}}).element("label", {{"for", "link"}}, say("links.which"));
  h.open("select", {{"id", "link"}, {"name", "link"}});
  write_link_choice(h, context, view.commitment, "theme");
  write_link_choice(h, context, view.commitment, "instrument");
  write_link_choice(h, context, view.commitment, "institution");
  h.close("select").close("div");
  write_reason_field(h, context, "reason-add");
  h.element("button", {{"class", "primary"}}, say("links.add_button")).close("form");
  close_band(h);
  open_band(h);
  write_link_history(h, context, view.history);
  h.open("p").element("a", {{"href", link(context, "/commitments/" + row.id)}}, say("desk.back"));
  h.close("p");
  close_band(h);
  return shell(context, words_shell(context, say("links.edit")), h);
}

std::string render_source_themes(const PageContext& context, const SourceThemesView& view) {
  const Say say(context);
  const auto& source = view.source;
  const std::string path = "/sources/" + source.id;
  Html h;
  write_head(h, {say.value("kind", source.kind),
                 say("sources.themes.of",
                     {{"title", source_name(source.title, source.theme, source.file_name)}}),
                 say("sources.themes.lead")});
  open_band(h);
  write_error_summary(h, context, view.error);
  if (view.changed) {
    h.element("p", {{"class", "note action"}, {"role", "status"}},
              say("themes.changed", {{"changed", std::to_string(view.changed->changed)},
                                     {"unchanged", std::to_string(view.changed->unchanged)}}));
  }
  h.open(
      "form",
      {{"class", "narrow stack"}, {"method", "post"}, {"action", link(context, path + "/themes")}});
  write_csrf(h, context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", "theme"}}, say("field.theme"));
  h.open("select", {{"id", "theme"}, {"name", "theme"}});
  for (const auto& theme : context.catalogue->themes()) {
    h.element("option", {{"value", theme.id}}, theme_name(context, theme.id));
  }
  h.close("select").close("div");
  h.open("div", {{"class", "field"}}).element("label", {{"for", "decision"}}, say("import.change"));
  h.open("select", {{"id", "decision"}, {"name", "decision"}});
  for (const std::string_view decision : {"add", "remove"}) {
    h.element("option", {{"value", decision}}, say(fmt::format("sources.themes.{}", decision)));
  }
  h.close("select").close("div");
  write_reason_field(h, context, "reason");
  h.element("button", {{"class", "primary"}}, say("sources.themes.save")).close("form");
  h.open("p").element("a", {{"href", link(context, path)}}, say("desk.back")).close("p");
  close_band(h);
  return shell(context, words_shell(context, say("sources.themes.edit")), h);
}

}  // namespace atalaya::api
