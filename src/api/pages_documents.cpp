#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_parts.hpp"
#include "pages_source.hpp"

namespace atalaya::api {
namespace {

using commitments::ParsedItem;
using commitments::SourceDetail;
using commitments::SourceView;

void write_source_rows(Html& h, const PageContext& context,
                       const std::vector<SourceView>& sources) {
  const Say say(context);
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& source : sources) {
    // The title is the document's own, in its language.
    h.open("li").open("h3").element(
        "a",
        {{"href", link(context, "/sources/" + source.id)},
         attribute_if(!source.language.empty() && source.language != to_string(context.language),
                      "lang", source.language)},
        source_name(source.title, source.theme, source.file_name));
    h.close("h3");
    h.open("p", {{"class", "meta"}});
    h.text(say.value("kind", source.kind)).text(" · ");
    h.text(say.count("source.items", source.items)).text(" · ");
    h.text(say.value("standing", source.standing)).text(" · ").text(source.file_name);
    h.close("p");
    if (std::ranges::find(sources, source.id, &SourceView::follows) != sources.end()) {
      h.open("p").element("span", {{"class", "tag warn"}}, say("source.older")).close("p");
    }
    if (!source.theme.empty()) {
      h.element("p", {{"class", "meta"}}, say("source.extract", {{"theme", source.theme}}));
    }
    h.close("li");
  }
  h.close("ul");
}

// The lines that a page shows: [first, last], of all.
struct Window {
  std::int32_t first = 1, last = 0, lines = 0;
};

Window window_of(const SourceDetail& detail, std::int32_t from) {
  const auto lines = static_cast<std::int32_t>(detail.lines.size());
  if (lines <= kSourceLines) {
    return {1, lines, lines};
  }
  const std::int32_t at = std::clamp(from, 1, lines);
  const std::int32_t first = (at - 1) / kSourceLines * kSourceLines + 1;
  return {first, std::min(lines, first + kSourceLines - 1), lines};
}

// One row of the two columns: the lines [begin, end) and what was read in them.
struct Reading {
  std::int32_t line = 0, line_end = 0;
  const ParsedItem* item = nullptr;
  std::string commitment;
  const commitments::StatementOfPosition* statement = nullptr;
};

std::vector<Reading> readings_of(const SourceDetail& detail, const Window& window) {
  std::vector<Reading> readings;
  for (const auto& [item, commitment] : detail.items) {
    readings.push_back({item.line, item.line_end, &item, commitment, nullptr});
  }
  for (const auto& paragraph : detail.paragraphs) {
    readings.push_back({paragraph.line, paragraph.line_end, &paragraph, "", nullptr});
  }
  for (const auto& statement : detail.statements) {
    readings.push_back({statement.line, statement.line, nullptr, "", &statement});
  }
  std::erase_if(readings, [&](const Reading& reading) {
    return reading.line > window.last || std::max(reading.line, reading.line_end) < window.first;
  });
  for (auto& reading : readings) {
    reading.line_end = std::min(reading.line_end, window.last);
    reading.line = std::max(reading.line, window.first);
  }
  std::ranges::stable_sort(readings, {}, &Reading::line);
  return readings;
}

void write_lines(Html& h, const SourceDetail& detail, std::int32_t begin, std::int32_t end,
                 bool own) {
  h.open("ol", {{"class", "lines"},
                attribute_if(!detail.source.language.empty(), "lang", detail.source.language)});
  const auto last = std::min(end, static_cast<std::int32_t>(detail.lines.size()) + 1);
  for (std::int32_t n = begin; n < last; ++n) {
    const auto& text = detail.lines[static_cast<std::size_t>(n - 1)];
    if (!own && trim(text).empty()) {
      continue;
    }
    h.open("li", {{"id", fmt::format("L{}", n)}, attribute_if(own, "class", "own")});
    h.element("span", {{"class", "n"}}, std::to_string(n));
    h.element("span", {{"class", "t"}}, trim(text)).close("li");
  }
  h.close("ol");
}

std::string citation_word(const PageContext& context, const ParsedItem& item) {
  return Say(context).value("citation_status", to_string(item.citation.status));
}

// The acronym, where there is one.
std::string institution_short(const PageContext& context, std::string_view id) {
  const auto* institution = context.catalogue->find_institution(id);
  const std::string acronym =
      institution == nullptr ? std::string() : institution->acronym.in(context.language);
  return acronym.empty() ? institution_name(context, id) : acronym;
}

// Names of the catalogue as a line of links.
void write_named(Html& h, const PageContext& context, const std::vector<std::string>& instruments,
                 const std::vector<std::string>& institutions) {
  if (instruments.empty() && institutions.empty()) {
    return;
  }
  h.open("p", {{"class", "tags"}});
  for (const auto& id : instruments) {
    h.element("a", {{"class", "tag"}, {"href", link(context, "/treaties/" + id)}},
              instrument_short(context, id));
  }
  for (const auto& id : institutions) {
    h.element("a", {{"class", "tag"}, {"href", link(context, "/institutions/" + id)}},
              institution_short(context, id));
  }
  h.close("p");
}

void write_item(Html& h, const PageContext& context, const Reading& reading,
                const SourceDetail& detail) {
  const Say say(context);
  const ParsedItem& item = *reading.item;
  h.open("h3").text(fmt::format("{} {}", say.value("role", to_string(item.role)), item.ordinal));
  h.close("h3");
  if (!reading.commitment.empty()) {
    h.open("p").element("a", {{"href", link(context, "/commitments/" + reading.commitment)}},
                        reading.commitment);
    h.close("p");
  } else {
    const std::string_view role = to_string(item.role);
    write_named(h, context, detail.linked("instrument", role, item.ordinal),
                detail.linked("institution", role, item.ordinal));
  }
  h.open("p", {{"class", "tags"}});
  h.element("span", {{"class", "tag"}}, say("item.level", {{"n", std::to_string(item.level)}}));
  if (!item.label.empty()) {
    h.element("span", {{"class", "tag"}}, say("item.label", {{"label", item.label}}));
  }
  const bool cited = item.citation.status == commitments::CitationStatus::own;
  if (!item.citation.raw.empty() || item.citation.status != commitments::CitationStatus::none) {
    h.element("span", {{"class", cited ? "tag" : "tag warn"}}, citation_word(context, item));
  }
  h.close("p");
  if (!item.effective.document.empty()) {
    h.element("p", {{"class", "xs"}},
              fmt::format("{} · {}", document_name(context, item.effective.document),
                          meeting_name(context, item.effective.meeting)));
  }
}

void write_reading(Html& h, const PageContext& context, const Reading& reading,
                   const SourceDetail& detail) {
  if (reading.item != nullptr) {
    write_item(h, context, reading, detail);
  } else if (reading.statement != nullptr) {
    h.element("h3", Say(context)("statement.title",
                                 {{"state", country_name(context, reading.statement->actor)}}));
  }
}

void write_beside(Html& h, const PageContext& context, const SourceDetail& detail,
                  const Window& window) {
  h.open("ol", {{"class", "beside"}});
  std::int32_t next = window.first;
  const auto gap = [&](std::int32_t end) {
    const bool any =
        std::ranges::any_of(std::views::iota(next, std::max(next, end)), [&](std::int32_t n) {
          return n <= static_cast<std::int32_t>(detail.lines.size()) &&
                 !trim(detail.lines[static_cast<std::size_t>(n - 1)]).empty();
        });
    if (any) {
      h.open("li");
      write_lines(h, detail, next, end, false);
      h.close("li");
    }
  };
  for (const auto& reading : readings_of(detail, window)) {
    if (reading.line < next) {
      // Two readings of one line (a paragraph and its reservation) share its row's lines.
      h.open("li").open("div").close("div").open("div", {{"class", "reading"}});
      write_reading(h, context, reading, detail);
      h.close("div").close("li");
      continue;
    }
    gap(reading.line);
    const std::int32_t end = std::max(reading.line, reading.line_end) + 1;
    h.open("li");
    write_lines(h, detail, reading.line, end, true);
    h.open("div", {{"class", "reading"}});
    write_reading(h, context, reading, detail);
    h.close("div").close("li");
    next = end;
  }
  gap(window.last + 1);
  h.close("ol");
}

// What the catalogue says of the one document that all of a file's items belong to; that it says
// nothing where it lists none of them. On a page of many documents each item leads to its own.
void write_source_nature(Html& h, const PageContext& context, const SourceDetail& detail) {
  const Say say(context);
  std::set<std::string> documents;
  for (const auto& [item, id] : detail.items) {
    documents.insert(item.effective.document);
  }
  if (documents.size() != 1) {
    return;
  }
  const auto* document = context.catalogue->find_document(*documents.begin());
  if (document == nullptr) {
    write_fact(h, say("document.nature"), say("document.not_recorded"));
    write_fact(h, say("document.adoption"), say("document.not_recorded"));
    return;
  }
  h.open("div").element("dt", say("field.document"));
  h.open("dd").element("a", {{"href", link(context, "/documents/" + document->id)}},
                       document->title.in(context.language));
  h.close("dd").close("div");
  write_fact(h, say("document.nature"), say.value("nature", document->nature));
  write_fact(h, say("document.adoption"), say.value("adoption", document->adoption));
}

void write_source_facts(Html& h, const PageContext& context, const SourceDetail& detail) {
  const Say say(context);
  const SourceView& source = detail.source;
  h.open("dl", {{"class", "facts two"}});
  write_fact(h, say("source.kind"), say.value("kind", source.kind));
  write_fact(h, say("source.file"), source.file_name);
  write_fact(h, say("source.language"),
             source.language.empty() ? "" : say.value("language", source.language));
  write_fact(h, say("source.standing"), say.value("standing", source.standing));
  write_source_nature(h, context, detail);
  write_fact(h, say("source.read"),
             say.count("source.items", source.items) + ", " +
                 say.count("source.lines", source.line_count));
  write_fact(h, say("source.imported"),
             source.imported_at.size() >= 10
                 ? figures::edtf(context.language, source.imported_at.substr(0, 10))
                 : std::string());
  write_fact(h, "SHA-256", source.id);
  h.close("dl");
}

void write_adoption(Html& h, const PageContext& context, const commitments::Document& document) {
  const Say say(context);
  h.open("dl", {{"class", "facts two"}});
  write_fact(h, say("document.meeting"), meeting_name(context, document.meeting));
  write_fact(h, say("document.date"), meeting_dates(context, document.meeting));
  write_fact(h, say("document.form"), say.value("form", document.form));
  write_fact(h, say("document.nature"), say.value("nature", document.nature));
  write_fact(h, say("document.adoption"), say.value("adoption", document.adoption));
  write_source(h, context, say("document.source"), document.source);
  h.close("dl");
  if (const auto& note = document.adoption_note.in(context.language); !note.empty()) {
    h.open("p", {{"class", "note"}}).text(note).text(" ");
    h.element("span", {{"class", "muted"}, {"lang", "en"}}, document.adoption_source).close("p");
  }
  if (const auto& note = document.cited_note.in(context.language); !note.empty()) {
    h.element("p", {{"class", "note"}}, note);
  }
}

void write_participants(Html& h, const PageContext& context,
                        const commitments::Document& document) {
  const Say say(context);
  if (document.took_part.empty()) {
    if (document.form != "guidance") {
      open_band(h);
      h.element("h2", say("document.no_list"));
      h.element("p", {{"class", "sub"}}, say("document.no_list.text"));
      close_band(h);
    }
    return;
  }
  std::vector<std::pair<std::string, std::string>> states;
  for (const auto& code : document.took_part) {
    states.emplace_back(country_name(context, code), code);
  }
  std::ranges::sort(states, {}, [](const auto& state) { return fold(state.first); });
  open_band(h);
  h.element("h2", say.count("document.states", static_cast<std::int64_t>(states.size())));
  h.open("ul", {{"class", "row small"}});
  for (const auto& [name, code] : states) {
    h.open("li").element("a", {{"href", link(context, "/countries/" + code)}}, name).close();
  }
  h.close("ul");
  close_band(h);
}

}  // namespace

std::string render_documents(const PageContext& context, const DocumentsView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("nav.documents"), say("documents.lead")});
  open_band(h);
  h.element("h2", say("documents.adopted"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& document : context.catalogue->documents()) {
    const std::int32_t n = count_of(view.documents, document.id);
    if (document.form != "guidance" && !has_commitments(context, document, view.documents)) {
      continue;
    }
    h.open("li").open("h3").element("a", {{"href", link(context, "/documents/" + document.id)}},
                                    document.title.in(context.language));
    h.close("h3").open("p", {{"class", "meta"}});
    h.text(meeting_name(context, document.meeting)).text(" · ");
    h.text(meeting_dates(context, document.meeting)).text(" · ");
    h.text(say.count("browse.found", n)).close("p").close("li");
  }
  h.close("ul");
  close_band(h);
  open_band(h);
  h.element("h2", say("documents.held"));
  if (view.sources.empty()) {
    h.element("p", say("documents.none_held"));
  } else {
    h.element("p", {{"class", "sub"}}, say("documents.held.sub"));
    write_source_rows(h, context, view.sources);
  }
  close_band(h);
  Shell frame;
  frame.title = say("nav.documents");
  frame.description = say("documents.lead");
  frame.crumbs = {{say("nav.documents"), ""}};
  return shell(context, std::move(frame), h);
}

namespace {

// Which part of the document is held: what the pages that print from it are about.
std::string extract_note(const Say& say, const TopicView& view) {
  const std::vector<std::string>& themes = view.source_themes;
  return themes.empty()
             ? say("document.extract.part")
             : say("document.extract", {{"themes", fmt::format("{}", fmt::join(themes, " · "))}});
}

}  // namespace

std::string render_document(const PageContext& context, const TopicView& view) {
  const Say say(context);
  const auto* document = context.catalogue->find_document(view.id);
  Html h;
  write_head(h, {document == nullptr ? "" : say.value("form", document->form),
                 document_name(context, view.id), ""});
  if (document != nullptr) {
    open_band(h);
    h.element("h2", {{"class", "visually-hidden"}}, say("document.about"));
    write_adoption(h, context, *document);
    close_band(h);
  }
  open_band(h);
  h.element("h2", say.count("browse.found", view.rows.total));
  const bool whole = std::ranges::any_of(view.sources, [&](const commitments::SourceView& source) {
    return source.document == view.id && source.theme.empty();
  });
  if (!whole) {
    h.element("p", {{"class", "sub"}}, extract_note(say, view));
  }
  if (!view.rows.rows.empty()) {
    h.element("p", {{"class", "small"}}, say("row.ours"));
  }
  write_rows(h, context, view.rows.rows, RowDetail::title);
  close_band(h);
  if (!view.sources.empty()) {
    open_band(h);
    h.element("h2", say("documents.held"));
    write_source_rows(h, context, view.sources);
    close_band(h);
  }
  if (document != nullptr) {
    write_participants(h, context, *document);
  }
  Shell frame;
  frame.title = document_name(context, view.id);
  frame.crumbs = {{say("nav.documents"), "/documents"}, {document_name(context, view.id), ""}};
  return shell(context, std::move(frame), h);
}

namespace {

std::string lines_shown(const PageContext& context, const Window& window) {
  return Say(context)("source.lines_shown",
                      {{"first", figures::number(context.language, window.first)},
                       {"last", figures::number(context.language, window.last)},
                       {"lines", figures::number(context.language, window.lines)}});
}

void write_windows(Html& h, const PageContext& context, const SourceDetail& detail,
                   const Window& window) {
  if (window.lines <= kSourceLines) {
    return;
  }
  const std::int64_t pages = (window.lines + kSourceLines - 1) / kSourceLines;
  write_pager(h, context, pages, (window.first - 1) / kSourceLines + 1, [&](std::int32_t page) {
    return fmt::format("/sources/{}?from={}", detail.source.id, (page - 1) * kSourceLines + 1);
  });
}

}  // namespace

namespace {

// The year printed beside a treaty, and what it is where it is not that of its adoption.

void write_source_treaties(Html& h, const PageContext& context, const SourceDetail& detail) {
  const Say say(context);
  if (detail.treaties.empty()) {
    return;
  }
  h.element("h2", {{"class", "as-h3"}}, say("source.treaties"));
  h.open("ul", {{"class", "plain small"}});
  for (const auto& treaty : detail.treaties) {
    h.open("li");
    if (context.catalogue->find_instrument(treaty.instrument) != nullptr) {
      h.element("a", {{"href", link(context, "/treaties/" + treaty.instrument)}},
                instrument_name(context, treaty.instrument));
    } else {
      h.text(treaty.printed);
    }
    if (treaty.year != 0) {
      h.text(", ").text(say("source.treaty.year", {{"year", std::to_string(treaty.year)}}));
    }
    if (const std::string note = year_note(context, treaty.instrument, treaty.year);
        !note.empty()) {
      h.text(". ").element("span", {{"class", "muted"}}, note);
    }
    h.close("li");
  }
  h.close("ul");
}

// Of the whole file, notes and lists included. A year that is not the adoption's is explained, unless
// the list of treaties above did so.
void write_source_named(Html& h, const PageContext& context, const SourceDetail& detail) {
  const auto instruments = detail.linked("instrument");
  const auto institutions = detail.linked("institution");
  if (instruments.empty() && institutions.empty()) {
    return;
  }
  const Say say(context);
  h.element("h2", {{"class", "as-h3"}}, say("source.named"));
  write_named(h, context, instruments, institutions);
  for (const auto& link : detail.links) {
    const bool listed = contains(detail.treaties | std::views::transform([](const auto& treaty) {
                                   return treaty.instrument;
                                 }),
                                 link.target);
    const std::string note = year_note(context, link.target, link.printed_year);
    if (!link.role.empty() || listed || note.empty()) {
      continue;
    }
    h.open("p", {{"class", "note"}});
    h.element("b", instrument_short(context, link.target)).text(", ");
    h.text(say("source.treaty.year", {{"year", std::to_string(link.printed_year)}})).text(". ");
    h.text(note).close("p");
  }
}

}  // namespace

std::string render_source(const PageContext& context, const SourceDetail& detail,
                          std::int32_t from) {
  return render_source(context, detail, from, {});
}

std::string render_source(const PageContext& context, const SourceDetail& detail, std::int32_t from,
                          const std::string& newest) {
  const Say say(context);
  const std::string title =
      detail.source.title.empty() ? detail.source.file_name : detail.source.title;
  Html h;
  write_head(
      h,
      {say.value("kind", detail.source.kind), title,
       detail.source.theme.empty() ? "" : say("source.extract", {{"theme", detail.source.theme}}),
       detail.source.language});
  open_band(h);
  h.element("h2", {{"class", "visually-hidden"}}, say("source.about"));
  if (!newest.empty()) {
    h.open("p", {{"class", "note"}}).text(say("source.older.note")).text(" ");
    h.element("a", {{"href", link(context, "/sources/" + newest)}}, say("commitment.gone.newer"));
    h.close("p");
  }
  write_source_facts(h, context, detail);
  h.open("p", {{"class", "row"}});
  h.element("a", {{"class", "button"}, {"href", "/api/v1/sources/" + detail.source.id + "/bytes"}},
            say("source.bytes"));
  if (context.may_edit && !detail.items.empty()) {
    h.element(
        "a",
        {{"class", "button"}, {"href", link(context, "/sources/" + detail.source.id + "/themes")}},
        say("sources.themes.edit"));
  }
  h.close("p");
  write_source_treaties(h, context, detail);
  write_source_named(h, context, detail);
  close_band(h);
  open_band(h);
  h.element("h2", say("source.beside"));
  h.element("p", {{"class", "sub"}}, say("source.beside.sub"));
  const Window window = window_of(detail, from);
  if (window.lines > kSourceLines) {
    h.element("p", lines_shown(context, window));
  }
  write_windows(h, context, detail, window);
  write_beside(h, context, detail, window);
  if (window.last < window.lines) {
    const Window next = window_of(detail, window.last + 1);
    h.open("p").element(
        "a",
        {{"href", link(context, fmt::format("/sources/{}?from={}", detail.source.id, next.first))}},
        lines_shown(context, next));
    h.close("p");
  }
  close_band(h);
  Shell frame;
  frame.title = title;
  frame.crumbs = {{say("nav.documents"), "/documents"}, {title, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
