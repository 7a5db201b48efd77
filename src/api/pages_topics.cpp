#include <algorithm>
#include <functional>
#include <set>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>
#include <atalaya/figures/charts.hpp>
#include <atalaya/figures/locale.hpp>

#include "pages_followup.hpp"

namespace atalaya::api {
namespace {

using commitments::Filter;

void write_commitments_band(Html& h, const PageContext& context, const TopicView& view,
                            const Filter& filter) {
  const Say say(context);
  open_band(h);
  h.element("h2", say.count("browse.found", view.rows.total));
  h.element("p", {{"class", "small"}}, say("row.ours"));
  write_rows(h, context, view.rows.rows, RowDetail::full);
  h.open("p").element(
      "a", {{"class", "button"}, {"href", link(context, "/commitments" + query_of(filter))}},
      say("topic.filter"));
  h.close("p");
  close_band(h);
}

// By the year of the meeting, oldest first.
std::vector<Pair> meeting_pairs(const PageContext& context, const Counts& counts) {
  std::vector<Pair> pairs;
  auto meetings = context.catalogue->meetings();
  std::ranges::stable_sort(meetings, {}, &commitments::Meeting::begins);
  for (const auto& meeting : meetings) {
    const std::string city = meeting.city.in(context.language);
    pairs.push_back({fmt::format("{} {}", meeting.year,
                                 city.empty() ? meeting.name.in(context.language) : city),
                     "/meetings/" + meeting.id, count_of(counts, meeting.id)});
  }
  for (auto& pair : other_meetings(context, counts)) {
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

std::vector<Pair> theme_pairs(const PageContext& context, const Counts& counts) {
  std::vector<Pair> pairs;
  for (const auto& count : counts) {
    if (commitments::is_subject(*context.catalogue, count.id)) {
      continue;  // says how many there are
    }
    pairs.push_back({theme_name(context, count.id), "/themes/" + count.id, count.commitments});
  }
  return pairs;
}

void write_counted(Html& h, const PageContext& context, std::string_view title_key,
                   const std::vector<Pair>& pairs) {
  if (!std::ranges::any_of(pairs, [](const Pair& pair) { return pair.value > 0; })) {
    return;
  }
  h.open("div", {{"class", "stack-s"}})
      .element("h2", {{"class", "as-h3"}}, Say(context)(title_key));
  write_pairs(h, context, pairs);
  h.close("div");
}

// When it was committed: the same bars in the same order on every page of this kind.
void write_by_meeting(Html& h, const PageContext& context, const Counts& counts) {
  const Say say(context);
  figures::BarsSpec spec;
  spec.language = context.language;
  spec.label_header = say("field.meeting");
  spec.value_header = say("field.commitments");
  for (auto& pair : meeting_pairs(context, counts)) {
    if (pair.value > 0) {
      spec.bars.push_back({std::move(pair.label), link(context, pair.path), pair.value});
    }
  }
  if (!spec.bars.empty()) {
    h.open("div", {{"class", "stack-s"}});
    h.element("h2", {{"class", "as-h3"}}, say("topic.by_meeting"));
    h.append(figures::bar_strip(spec)).close("div");
  }
}

// Recitals, guidance, notes and lists that name it, by file.
void write_places(Html& h, const PageContext& context, const TopicView& view) {
  if (view.named.empty()) {
    return;
  }
  const Say say(context);
  open_band(h);
  h.element("h2", say("topic.named"));
  h.element("p", {{"class", "sub"}}, say("topic.named.sub"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& place : view.named) {
    const auto& named = place.link;
    const std::string line = std::to_string(named.line);
    const std::string what =
        named.role.empty()
            ? say("topic.named.document", {{"line", line}})
            : say("topic.named.paragraph", {{"role", say.value("role", named.role)},
                                            {"n", std::to_string(named.ordinal)},
                                            {"line", line}});
    h.open("li").open("h3").element(
        "a",
        {{"href", link(context, fmt::format("/sources/{0}?from={1}#L{1}", place.source, line))}},
        what);
    h.close("h3").open("p", {{"class", "meta"}});
    h.text(source_name(place.source_title, place.source_theme, place.source_file));
    if (named.printed_year != 0) {
      h.text(" · ");
      h.text(say("source.treaty.year", {{"year", std::to_string(named.printed_year)}}));
    }
    h.close("p");
    if (const auto note = year_note(context, view.id, named.printed_year); !note.empty()) {
      h.element("p", {{"class", "note"}}, note);
    }
    h.close("li");
  }
  h.close("ul");
  close_band(h);
}

void write_two_counts(Html& h, const PageContext& context, const TopicView& view) {
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols-even"}});
  write_by_meeting(h, context, view.meetings);
  write_counted(h, context, "topic.by_theme", theme_pairs(context, view.themes));
  h.close("div").close("section");
}

std::string topic_page(const PageContext& context, std::string title, std::string nav,
                       std::pair<std::string, std::string> parent, const Html& body) {
  Shell frame;
  frame.title = title;
  frame.nav = std::move(nav);
  frame.crumbs = {{std::move(parent.first), std::move(parent.second)}, {std::move(title), ""}};
  return shell(context, std::move(frame), body);
}

std::string list_page(const PageContext& context, std::string_view key, std::string nav,
                      const Html& body) {
  const Say say(context);
  Shell frame;
  frame.title = say(key);
  frame.nav = std::move(nav);
  frame.crumbs = {{frame.title, ""}};
  return shell(context, std::move(frame), body);
}

std::string date_or_year(const PageContext& context, std::string_view date, std::int32_t year) {
  if (!date.empty()) {
    return figures::edtf(context.language, date);
  }
  return year == 0 ? std::string() : std::to_string(year);
}

using Instrument = commitments::Instrument;

struct TreatyColumn {
  std::string head, css;
  std::function<std::string(const Instrument&)> value;
};

std::vector<TreatyColumn> treaty_columns(const PageContext& context) {
  const Say say(context);
  return {{say("treaty.adopted"), "date",
           [&](const Instrument& row) {
             return date_or_year(context, row.adopted, row.adopted_year);
           }},
          {say("treaty.in_force"), "date",
           [&](const Instrument& row) {
             return date_or_year(context, row.in_force, row.in_force_year);
           }},
          {say("treaty.depositary"), "", [&](const Instrument& row) {
             return row.depositary.empty() ? std::string()
                                           : institution_name(context, row.depositary);
           }}};
}

// A column without a value in any row says nothing and is left out; the others have one width in
// every table of the page.
void write_treaty_rows(Html& h, const PageContext& context, const Counts& counts,
                       std::string_view kind) {
  const Say say(context);
  std::vector<const Instrument*> rows;
  for (const auto& instrument : context.catalogue->instruments()) {
    if (instrument.kind == kind) {
      rows.push_back(&instrument);
    }
  }
  auto columns = treaty_columns(context);
  std::erase_if(columns, [&](const TreatyColumn& column) {
    return std::ranges::all_of(rows, [&](const auto* row) { return column.value(*row).empty(); });
  });
  h.open("table", {{"class", "stacks treaties"}}).open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, say("field.instrument"));
  for (const auto& column : columns) {
    h.element("th", {{"scope", "col"}, {"class", "side"}}, column.head);
  }
  h.element("th", {{"scope", "col"}, {"class", "num"}}, say("treaty.named_by"));
  h.close("tr").close("thead").open("tbody");
  for (const auto* row : rows) {
    h.open("tr").open("th", {{"scope", "row"}});
    h.element("a", {{"href", link(context, "/treaties/" + row->id)}},
              row->name.in(context.language));
    h.close("th");
    for (const auto& column : columns) {
      h.element("td",
                {{"data-l", column.head}, attribute_if(!column.css.empty(), "class", column.css)},
                column.value(*row));
    }
    h.element("td", {{"data-l", say("treaty.named_by")}, {"class", "num"}},
              figures::number(context.language, count_of(counts, row->id)));
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_theme_branch(Html& h, const PageContext& context, const Counts& counts,
                        const commitments::Theme& theme) {
  h.open("li").open("h3").element("a", {{"href", link(context, "/themes/" + theme.id)}},
                                  theme.label.in(context.language));
  h.text(" ").element("span", {{"class", "muted"}},
                      figures::number(context.language, count_of(counts, theme.id)));
  h.close("h3").element("p", theme.definition.in(context.language));
  std::vector<const commitments::Theme*> narrower;
  for (const auto& candidate : context.catalogue->themes()) {
    if (candidate.broader == theme.id && count_of(counts, candidate.id) > 0) {
      narrower.push_back(&candidate);
    }
  }
  if (!narrower.empty()) {
    h.open("p", {{"class", "tags"}});
    for (const auto* child : narrower) {
      h.element(
          "a", {{"class", "tag"}, {"href", link(context, "/themes/" + child->id)}},
          fmt::format("{} {}", child->label.in(context.language), count_of(counts, child->id)));
    }
    h.close("p");
  }
  h.close("li");
}

// Of pages that stand beside what the program is about; shown where commitments name it.
bool is_beside(const PageContext& context, const Counts& counts, const commitments::Theme& theme) {
  return theme.broader.empty() && !commitments::is_subject(*context.catalogue, theme.id) &&
         count_of(counts, theme.id) > 0;
}

// What the numbers below hold besides what names the theme itself.
void write_narrower(Html& h, const PageContext& context, const std::string& id) {
  const auto held = commitments::with_narrower(*context.catalogue, {id});
  if (held.size() < 2) {
    return;
  }
  open_band(h);
  h.element("p", Say(context)("theme.narrower")).open("p", {{"class", "tags"}});
  for (auto it = held.begin() + 1; it != held.end(); ++it) {
    h.element("a", {{"class", "tag"}, {"href", link(context, "/themes/" + *it)}},
              theme_name(context, *it));
  }
  h.close("p");
  close_band(h);
}

// The files whose commitments belong to no document that the catalogue lists.
void write_held_files(Html& h, const PageContext& context, const TopicView& view) {
  const Say say(context);
  h.element("h2", {{"class", "as-h3"}}, say("documents.held"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& place : view.places) {
    const std::string file = source_name(place.source_title, place.source_theme, place.source_file);
    const std::string printed =
        place.document + (place.document.empty() || place.place.empty() ? "" : ", ") + place.place;
    h.open("li").open("h3").element(
        "a",
        {{"href",
          link(context, fmt::format("/sources/{0}?from={1}#L{1}", place.source, place.line))}},
        printed.empty() ? file : printed);
    h.close("h3").open("p", {{"class", "meta"}});
    h.text(printed.empty() ? "" : file + " · ").text(say.count("browse.found", place.commitments));
    h.close("p").close("li");
  }
  h.close("ul").element("p", {{"class", "note"}}, say("document.unlisted"));
}

// A meeting that the catalogue does not know, or several of a year: what the documents print.
std::string render_held_meeting(const PageContext& context, const TopicView& view) {
  const Say say(context);
  const auto dash = view.id.find('-');
  const std::string year = dash == std::string::npos ? "" : view.id.substr(dash + 1);
  // Where all that is held of it names one place, that is where it was.
  std::set<std::string> places;
  for (const auto& place : view.places) {
    places.insert(place.place);
  }
  const std::string where = places.size() == 1 ? *places.begin() : std::string();
  const std::string_view between = where.empty() || year.empty() ? "" : ", ";
  Html h;
  write_head(h, {fmt::format("{}{}{}", where, between, year), meeting_name(context, view.id),
                 say("meeting.other.lead")});
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols-even"}});
  h.open("div", {{"class", "stack-s"}});
  write_held_files(h, context, view);
  h.close("div");
  write_counted(h, context, "topic.by_theme", theme_pairs(context, view.themes));
  h.close("div").close("section");
  Filter filter;
  filter.meetings = {view.id};
  write_commitments_band(h, context, view, filter);
  return topic_page(context, meeting_name(context, view.id) + (year.empty() ? "" : ", " + year),
                    "meetings", {say("nav.meetings"), "/meetings"}, h);
}

}  // namespace

std::string render_meeting(const PageContext& context, const TopicView& view) {
  if (is_other_meeting(*context.catalogue, view.id)) {
    return render_held_meeting(context, view);
  }
  const Say say(context);
  const std::string city = meeting_city(context, view.id);
  const std::string dates = meeting_dates(context, view.id);
  Html h;
  write_head(h, {city.empty() ? dates : city + ", " + dates, meeting_name(context, view.id), ""});
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols-even"}});
  std::vector<Pair> documents;
  for (const auto& document : context.catalogue->documents()) {
    if (document.meeting == view.id &&
        (document.form == "guidance" || has_commitments(context, document, view.documents))) {
      documents.push_back({document.title.in(context.language), "/documents/" + document.id,
                           count_of(view.documents, document.id)});
    }
  }
  h.open("div", {{"class", "stack-s"}});
  if (!documents.empty()) {
    h.element("h2", {{"class", "as-h3"}}, say("nav.documents"));
    h.open("ul", {{"class", "pairs"}});
    for (const Pair& one : documents) {
      h.open("li").element("a", {{"href", link(context, one.path)}}, one.label);
      h.element("span", figures::number(context.language, one.value)).close("li");
    }
    h.close("ul");
  }
  if (!view.places.empty()) {
    write_held_files(h, context, view);
  } else if (documents.empty()) {
    h.element("h2", {{"class", "as-h3"}}, say("nav.documents"));
    h.element("p", say("meetings.no_text"));
  }
  h.close("div");
  write_counted(h, context, "topic.by_theme", theme_pairs(context, view.themes));
  h.close("div").close("section");
  Filter filter;
  filter.meetings = {view.id};
  write_commitments_band(h, context, view, filter);
  if (!view.rows.rows.empty()) {
    open_band(h);
    h.open("p").element("a", {{"class", "button"}, {"href", link(context, "/progress/" + view.id)}},
                        say("progress.open"));
    h.close("p");
    close_band(h);
  }
  return topic_page(context, meeting_name(context, view.id), "meetings",
                    {say("nav.meetings"), "/meetings"}, h);
}

std::string render_theme(const PageContext& context, const TopicView& view) {
  const Say say(context);
  const auto* theme = context.catalogue->find_theme(view.id);
  Html h;
  write_head(h, {say("theme.eyebrow"), theme_name(context, view.id),
                 theme == nullptr ? "" : theme->definition.in(context.language)});
  write_narrower(h, context, view.id);
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols-even"}});
  write_by_meeting(h, context, view.meetings);
  std::vector<Pair> instruments;
  for (const auto& count : view.instruments) {
    instruments.push_back(
        {instrument_short(context, count.id), "/treaties/" + count.id, count.commitments});
  }
  write_counted(h, context, "topic.instruments", instruments);
  h.close("div").close("section");
  Filter filter;
  filter.themes = {view.id};
  write_commitments_band(h, context, view, filter);
  open_band(h);
  h.open("p").element("a",
                      {{"href", fmt::format("/api/v1/follow-up/feed?lang={}&theme={}",
                                            to_string(context.language), view.id)},
                       {"type", "application/atom+xml"}},
                      say("followup.feed"));
  h.close("p");
  close_band(h);
  return topic_page(context, theme_name(context, view.id), "themes", {say("nav.themes"), "/themes"},
                    h);
}

std::string render_treaty(const PageContext& context, const TopicView& view) {
  const Say say(context);
  const auto* instrument = context.catalogue->find_instrument(view.id);
  Html h;
  write_head(h, {instrument == nullptr ? "" : say.value("instrument", instrument->kind),
                 instrument_name(context, view.id), ""});
  if (instrument != nullptr) {
    open_band(h);
    h.element("h2", {{"class", "visually-hidden"}}, say("treaty.about"));
    h.open("dl", {{"class", "facts two"}});
    write_fact(h, say("treaty.short"), instrument->short_name.in(context.language));
    write_fact(h, say("treaty.adopted"),
               date_or_year(context, instrument->adopted, instrument->adopted_year));
    write_fact(h, say("treaty.in_force"),
               date_or_year(context, instrument->in_force, instrument->in_force_year));
    write_fact(h, say("treaty.depositary"),
               instrument->depositary.empty() ? std::string()
                                              : institution_name(context, instrument->depositary));
    write_source(h, context, say("treaty.source"), instrument->source);
    h.close("dl");
    close_band(h);
  }
  if (view.treaty_acts != nullptr) {
    write_treaty_states(h, context, *view.treaty_acts);
  }
  write_two_counts(h, context, view);
  Filter filter;
  filter.instruments = {view.id};
  write_commitments_band(h, context, view, filter);
  write_places(h, context, view);
  return topic_page(context, instrument_name(context, view.id), "treaties",
                    {say("nav.treaties"), "/treaties"}, h);
}

std::string render_institution(const PageContext& context, const TopicView& view) {
  const Say say(context);
  const auto* institution = context.catalogue->find_institution(view.id);
  Html h;
  write_head(h, {institution == nullptr ? "" : institution->acronym.in(context.language),
                 institution_name(context, view.id), ""});
  write_two_counts(h, context, view);
  Filter filter;
  filter.institutions = {view.id};
  write_commitments_band(h, context, view, filter);
  write_places(h, context, view);
  return topic_page(context, institution_name(context, view.id), "",
                    {say("nav.institutions"), "/institutions"}, h);
}

std::string render_meetings(const PageContext& context, const Counts& counts) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("nav.meetings"), say("meetings.lead")});
  for (const std::string_view series : {"summit", "mispa", "pns", "primer"}) {
    open_band(h);
    h.element("h2", say.value("series", series));
    h.open("ul", {{"class", "rows tight"}});
    for (const auto& meeting : context.catalogue->meetings()) {
      if (meeting.series != series) {
        continue;
      }
      const std::string city = meeting.city.in(context.language);
      const std::string dates = meeting_dates(context, meeting.id);
      h.open("li").open("h3").element("a", {{"href", link(context, "/meetings/" + meeting.id)}},
                                      meeting.name.in(context.language));
      h.close("h3").open("p", {{"class", "meta"}});
      h.text(city.empty() ? dates : city + ", " + dates).text(" · ");
      const std::int32_t n = count_of(counts, meeting.id);
      h.text(n == 0 ? say("meetings.no_text") : say.count("browse.found", n));
      h.close("p").close("li");
    }
    h.close("ul");
    close_band(h);
  }
  if (const auto others = other_meetings(context, counts); !others.empty()) {
    open_band(h);
    h.element("h2", say("series.other"));
    write_pairs(h, context, others);
    close_band(h);
  }
  return list_page(context, "nav.meetings", "meetings", h);
}

std::string render_themes(const PageContext& context, const Counts& counts) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("nav.themes"), say("themes.lead")});
  open_band(h);
  h.element("h2", {{"class", "visually-hidden"}}, say("themes.all"));
  h.open("ul", {{"class", "rows"}});
  bool beside = false;
  for (const auto& theme : context.catalogue->themes()) {
    const auto* parent = context.catalogue->find_theme(theme.broader);
    if (parent != nullptr && parent->broader.empty()) {
      write_theme_branch(h, context, counts, theme);
    }
    beside = beside || is_beside(context, counts, theme);
  }
  h.close("ul");
  close_band(h);
  if (beside) {
    open_band(h);
    h.element("h2", say("themes.beside")).open("ul", {{"class", "rows"}});
    for (const auto& theme : context.catalogue->themes()) {
      if (is_beside(context, counts, theme)) {
        write_theme_branch(h, context, counts, theme);
      }
    }
    h.close("ul");
    close_band(h);
  }
  return list_page(context, "nav.themes", "themes", h);
}

std::string render_treaties(const PageContext& context, const Counts& counts) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("treaties.title"), say("treaties.lead")});
  h.open("div", {{"class", "wrap"}}).open("p", {{"class", "row"}});
  h.element("a", {{"class", "button primary"}, {"href", link(context, "/treaties/matrix")}},
            say("treaties.matrix"));
  h.element("a", {{"class", "button"}, {"href", link(context, "/checklists")}},
            say("checklists.title"));
  h.close("p").close("div");
  for (const std::string_view kind :
       {"treaty", "treaty_set", "political", "model_law", "register"}) {
    const bool any = std::ranges::any_of(context.catalogue->instruments(),
                                         [&](const auto& row) { return row.kind == kind; });
    if (any) {
      open_band(h);
      h.element("h2", say.value("instruments", kind));
      write_treaty_rows(h, context, counts, kind);
      close_band(h);
    }
  }
  return list_page(context, "treaties.title", "treaties", h);
}

std::string render_institutions(const PageContext& context, const Counts& counts) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("nav.institutions"), say("institutions.lead")});
  open_band(h);
  h.element("h2", {{"class", "visually-hidden"}}, say("institutions.all"));
  std::vector<const commitments::Institution*> order;
  for (const auto& institution : context.catalogue->institutions()) {
    order.push_back(&institution);
  }
  std::ranges::stable_sort(order, [&](const auto* a, const auto* b) {
    return count_of(counts, a->id) > count_of(counts, b->id);
  });
  h.open("ul", {{"class", "pairs two"}});
  for (const auto* institution : order) {
    const std::string acronym = institution->acronym.in(context.language);
    h.open("li").open("span");
    h.element("a", {{"href", link(context, "/institutions/" + institution->id)}},
              institution->name.in(context.language));
    if (!acronym.empty()) {
      h.text(" ").element("span", {{"class", "muted"}}, acronym);
    }
    h.close("span");
    h.element("span", figures::number(context.language, count_of(counts, institution->id)));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
  return list_page(context, "nav.institutions", "", h);
}

}  // namespace atalaya::api
