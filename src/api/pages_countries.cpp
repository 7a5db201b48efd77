// The states: who took part in what, and one page a state that an adviser can read in two minutes.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>
#include <atalaya/figures/charts.hpp>
#include <atalaya/figures/locale.hpp>
#include <atalaya/followup/brief.hpp>

#include "commitment_charts.hpp"
#include "pages_checklists.hpp"
#include "pages_followup_cells.hpp"

namespace atalaya::api {
namespace {

using commitments::Document;
using figures::number;
using followup::DocumentPart;

// Guidance is nobody's commitment: it has no participants to list. Nor has a text of which the node
// counts nothing (`counts`) and the catalogue has no commitment.
std::vector<const Document*> adopted(const PageContext& context,
                                     const std::vector<commitments::CountedTarget>& counts) {
  std::vector<const Document*> documents;
  for (const auto& document : context.catalogue->documents()) {
    if (document.form != "guidance" && has_commitments(context, document, counts)) {
      documents.push_back(&document);
    }
  }
  std::ranges::stable_sort(documents, {}, [&](const Document* document) {
    const auto* meeting = context.catalogue->find_meeting(document->meeting);
    return meeting == nullptr ? std::string() : meeting->begins;
  });
  return documents;
}

figures::TilesSpec tiles_of(const PageContext& context) {
  const Say say(context);
  figures::TilesSpec spec;
  spec.language = context.language;
  spec.name_header = say("countries.name");
  spec.value_header = say("nav.documents");
  const auto documents = adopted(context, {});
  for (const auto& country : context.catalogue->countries()) {
    figures::Tile tile;
    tile.code = country.id;
    tile.name = country.tile_name.in(context.language);
    tile.full_name = country.name.in(context.language);
    tile.url = link(context, "/countries/" + country.id);
    tile.row = country.tile_row;
    tile.column = country.tile_column;
    const std::int64_t n = std::ranges::count_if(documents, [&](const Document* document) {
      return contains(document->took_part, country.id);
    });
    tile.value = n == 0 ? std::string() : number(context.language, n);
    spec.tiles.push_back(std::move(tile));
  }
  return spec;
}

// Beside the grid: which lists its numbers come from, and which are missing.
void write_lists(Html& h, const PageContext& context) {
  const Say say(context);
  h.open("div", {{"class", "stack-s"}});
  h.element("h3", say("countries.lists"));
  h.element("p", {{"class", "sub"}}, say("countries.lists.sub"));
  h.open("ul", {{"class", "pairs"}});
  for (const Document* document : adopted(context, {})) {
    h.open("li").open("span");
    h.element("a", {{"href", link(context, "/documents/" + document->id)}},
              document->title.in(context.language));
    const auto* meeting = context.catalogue->find_meeting(document->meeting);
    h.text(meeting == nullptr ? "" : fmt::format(" {}", meeting->year)).close("span");
    if (document->took_part.empty()) {
      h.element("span", {{"class", "muted"}}, say("country.no_list"));
    } else {
      h.element("span",
                number(context.language, static_cast<std::int64_t>(document->took_part.size())));
    }
    h.close("li");
  }
  h.close("ul").close("div");
}

DocumentPart part_of(const CountryView& view, std::string_view document) {
  const auto found = view.parts.find(document);
  return found == view.parts.end() ? DocumentPart{} : found->second;
}

// Nothing is held that says it, whatever the follow-up's own rows know.
bool is_unknown(const DocumentPart& part) {
  return !part.takes_part && !part.left && !part.absent && !part.listed;
}

// A filter for the lists of commitments: what the state took part in, and one thing more.
std::string filtered(const CountryView& view,
                     void (*narrow)(commitments::Filter&, const std::string&) = nullptr,
                     const std::string& value = {}) {
  commitments::Filter filter;
  filter.documents = documents_of(view.parts);
  if (narrow != nullptr) {
    narrow(filter, value);
  }
  return "/commitments" + query_of(filter);
}

void write_key(Html& h, const PageContext& context, std::string_view key, std::int64_t n,
               std::string_view path, std::string_view of = {}) {
  h.open("div").element("dt", Say(context)(key)).open("dd");
  if (path.empty()) {
    h.element("b", number(context.language, n));
  } else {
    const bool here = path.starts_with('#');
    h.open("a", {{"href", here ? std::string(path) : link(context, path)}});
    h.element("b", number(context.language, n)).close("a");
  }
  h.text(of.empty() ? "" : " ").text(of).close("dd").close("div");
}

void write_keys(Html& h, const PageContext& context, const CountryView& view) {
  const Say say(context);
  const auto documents = adopted(context, view.documents);
  std::int64_t took_part = 0;
  std::int64_t no_list = 0;
  for (const Document* document : documents) {
    const DocumentPart part = part_of(view, document->id);
    took_part += part.takes_part && !part.left ? 1 : 0;
    no_list += is_unknown(part) ? 1 : 0;
  }
  const std::string of = say(
      "country.of", {{"n", number(context.language, static_cast<std::int64_t>(documents.size()))}});
  h.open("dl", {{"class", "keys"}});
  if (view.followup != nullptr) {
    write_key(h, context, "country.key.asked", view.followup->counts.applicable,
              "/follow-up/actors/" + view.id);
  }
  if (view.commitments > 0) {
    write_key(h, context, "country.key.commitments", view.commitments, filtered(view));
    write_key(h, context, "country.key.dated", view.dated.total,
              filtered(view, [](auto& filter, const auto&) { filter.dated = true; }));
  }
  write_key(h, context, "country.key.documents", took_part, "#texts", of);
  write_key(h, context, "country.key.no_list", no_list, "#texts", of);
  h.close("dl");
}

// How much on each main theme, which holds its narrower ones; the one above all is no bar beside
// them. Of a state: what it is asked to do, the list whose length stands above.
std::map<std::string, std::int64_t> by_main_theme(const PageContext& context,
                                                  const CountryView& view) {
  std::map<std::string, std::int64_t> sums;
  const auto add = [&](const std::string& theme, std::int64_t n) {
    if (main_theme(context, theme) == theme &&
        !commitments::is_subject(*context.catalogue, theme)) {
      sums[theme] += n;
    }
  };
  if (view.followup == nullptr) {
    for (const auto& count : view.themes) {
      add(count.id, count.commitments);
    }
    return sums;
  }
  const followup::Matrix& matrix = view.followup->matrix;
  for (std::size_t i = 0; i < matrix.commitments.size(); ++i) {
    if (matrix.at(i, 0).applicability == followup::Applicability::applicable) {
      for (const auto& theme :
           commitments::with_broader(*context.catalogue, matrix.commitments[i].themes)) {
        add(theme, 1);
      }
    }
  }
  return sums;
}

void write_themes(Html& h, const PageContext& context, const CountryView& view) {
  const Say say(context);
  const auto sums = by_main_theme(context, view);
  std::vector<std::pair<std::string, std::int64_t>> order(sums.begin(), sums.end());
  std::ranges::stable_sort(order, std::ranges::greater(),
                           &std::pair<std::string, std::int64_t>::second);
  const bool asked = view.followup != nullptr;
  figures::BarsSpec spec;
  spec.language = context.language;
  spec.label_header = say("field.theme");
  spec.value_header = say("field.commitments");
  for (const auto& [id, n] : order) {
    const std::string path =
        asked ? fmt::format("/follow-up/actors/{}?theme={}", view.id, id)
              : filtered(view, [](auto& filter, const auto& one) { filter.themes = {one}; }, id);
    spec.bars.push_back({theme_name(context, id), link(context, path), n});
  }
  h.open("div", {{"class", "stack"}}).element("h2", say("country.themes"));
  h.element("p", {{"class", "sub"}}, say(asked ? "country.themes.asked" : "country.themes.sub"));
  h.append(figures::bar_strip(spec)).close("div");
}

void write_dated(Html& h, const PageContext& context, const CountryView& view) {
  constexpr std::size_t kShown = 8;
  const Say say(context);
  h.open("div", {{"class", "stack"}}).element("h2", say("country.dated"));
  if (view.dated.rows.empty()) {
    h.element("p", {{"class", "sub"}}, say("country.dated.none")).close("div");
    return;
  }
  h.element("p", {{"class", "sub"}}, say("country.dated.sub"));
  auto rows = view.dated.rows;
  std::ranges::stable_sort(rows, std::ranges::greater(), &commitments::CommitmentRow::year);
  rows.resize(std::min(rows.size(), kShown));
  h.element("p", {{"class", "small"}}, say("row.ours"));
  write_rows(h, context, rows, RowDetail::brief);
  if (static_cast<std::int64_t>(kShown) < view.dated.total) {
    const std::string path = filtered(view, [](auto& filter, const auto&) { filter.dated = true; });
    h.open("p").element("a", {{"href", link(context, path)}},
                        say.count("country.dated.all", view.dated.total));
    h.close("p");
  }
  h.close("div");
}

std::string part_words(const Say& say, const DocumentPart& part) {
  if (is_unknown(part)) {
    return say("country.no_list");
  }
  return say(part.left         ? "country.left"
             : part.takes_part ? "country.took_part"
             : part.absent     ? "country.absent"
                               : "country.not_listed");
}

void write_texts(Html& h, const PageContext& context, const CountryView& view) {
  const Say say(context);
  const std::vector<std::string> heads = {say("field.document"), say("field.meeting"),
                                          say("country.part"), say("document.adoption"),
                                          say("country.paragraphs")};
  h.element("h2", {{"id", "texts"}}, say("country.documents"));
  h.element("p", {{"class", "sub"}}, say("country.documents.sub"));
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}, attribute_if(&head == &heads.back(), "class", "num")}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const Document* document : adopted(context, view.documents)) {
    const DocumentPart part = part_of(view, document->id);
    const bool known = !is_unknown(part);
    h.open("tr").open("th", {{"scope", "row"}});
    h.element("a", {{"href", link(context, "/documents/" + document->id)}},
              document->title.in(context.language));
    const std::string city = meeting_city(context, document->meeting);
    const auto* meeting = context.catalogue->find_meeting(document->meeting);
    const std::string year = meeting == nullptr ? "" : std::to_string(meeting->year);
    h.close("th").element("td", {{"data-l", heads[1]}}, city.empty() ? year : city + ", " + year);
    h.open("td", {{"data-l", heads[2]}});
    h.element("span", {{"class", known ? "nowrap" : "tag draft nowrap"}}, part_words(say, part));
    h.close("td").element("td", {{"data-l", heads[3]}}, say.value("adoption", document->adoption));
    h.element("td", {{"data-l", heads[4]}, {"class", "num"}},
              number(context.language, count_of(view.documents, document->id)));
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_statements(Html& h, const PageContext& context, const CountryView& view) {
  const Say say(context);
  open_band(h);
  h.element("h2",
            say.count("country.statements", static_cast<std::int64_t>(view.statements.size())));
  for (const auto& statement : view.statements) {
    if (statement.text.empty()) {
      h.open("p").element("b", document_name(context, statement.document));
      h.text(fmt::format(". {}", statement.note)).close("p");
      h.element("p", {{"class", "small"}}, statement.cited);
      continue;
    }
    h.open("blockquote", {{"class", "note"},
                          attribute_if(!statement.language.empty(), "lang", statement.language)});
    h.element("p", statement.text).close("blockquote");
    h.open("p").element(
        "a",
        {{"href", link(context, source_line(statement.source, statement.line, statement.lines))}},
        say("source.open"));
    if (!statement.role.empty()) {
      const std::string place = say("statement.on." + statement.role,
                                    {{"n", number(context.language, statement.ordinal)}});
      h.text(" · ");
      if (statement.commitment.empty()) {
        h.text(place);
      } else {
        h.element("a", {{"href", link(context, "/commitments/" + statement.commitment)}}, place);
      }
    }
    h.close("p");
  }
  close_band(h);
}

// The treaties that these commitments ask the states to join or to carry out.
void write_treaties(Html& h, const PageContext& context, const CountryView& view) {
  const Say say(context);
  std::vector<Pair> pairs;
  for (const auto& count : view.instruments) {
    const auto* instrument = context.catalogue->find_instrument(count.id);
    if (instrument != nullptr && instrument->kind == "treaty") {
      pairs.push_back(
          {instrument_short(context, count.id), "/treaties/" + count.id, count.commitments});
    }
  }
  h.open("div", {{"class", "stack-s"}}).element("h2", say("country.treaties"));
  h.element("p", {{"class", "sub"}}, say("country.treaties.sub"));
  std::ranges::stable_sort(pairs, std::ranges::greater(), &Pair::value);
  write_pairs(h, context, pairs);
  h.close("div");
}

// A state: the brief's own sentences with the same numbers. A territory with a parliament of its
// own: the texts.
std::string lead_of(const PageContext& context, const CountryView& view) {
  const Say say(context);
  if (view.followup == nullptr) {
    return view.commitments == 0 ? say("country.none")
                                 : say.count("country.lead", view.commitments);
  }
  const auto& counts = view.followup->counts;
  if (counts.applicable == 0) {
    return say("brief.committed.none");
  }
  const auto& matrix = view.followup->matrix;
  std::string out = say.count("brief.committed", counts.applicable,
                              {{"year", std::to_string(followup::first_year(matrix))}});
  if (const auto unread = followup::count_without_text(matrix); unread > 0) {
    out += " " + say.count("brief.without_text", unread);
  }
  return out;
}

// From the parliamentary primer, in our words; the same for every state, so that a hearing can
// begin from them.
void write_questions(Html& h, const PageContext& context, const CountryView& view) {
  const Say say(context);
  h.open("div", {{"class", "stack-s"}}).element("h2", say("country.questions"));
  std::string document;
  Html list;
  list.open("ol", {{"class", "numbered small"}});
  for (const auto& guidance : context.catalogue->guidance()) {
    if (guidance.kind == "key_question") {
      list.element("li", guidance.title.in(context.language));
      document = guidance.document;
    }
  }
  list.close("ol");
  h.open("p", {{"class", "sub"}}).text(say("country.questions.sub")).text(" ");
  if (!document.empty()) {
    h.element("a", {{"href", link(context, "/documents/" + document)}},
              document_name(context, document));
  }
  h.close("p").append(list);
  for (const auto& guidance : context.catalogue->guidance()) {
    if (guidance.kind == "good_practice" && guidance.country == view.id) {
      h.element("h3", say("country.practice"));
      h.open("p", {{"class", "small"}}).element("b", guidance.title.in(context.language)).text(" ");
      h.text(guidance.summary.in(context.language)).close("p");
    }
  }
  h.close("div");
}

}  // namespace

std::vector<std::string> documents_of(const DocumentParts& parts) {
  std::vector<std::string> documents;
  for (const auto& [document, part] : parts) {
    if (part.takes_part && !part.left) {
      documents.push_back(document);
    }
  }
  return documents;
}

FigureChart chart_of_all_states(const PageContext& context) {
  const Say say(context);
  figures::FigureFrame frame;
  frame.language = context.language;
  frame.id = "states";
  frame.finding = say("countries.finding");
  frame.subtitle = say("countries.sub");
  frame.source = say("countries.source");
  return {std::move(frame), tiles_of(context)};
}

std::string render_countries(const PageContext& context, const Counts&) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("nav.countries"), say("countries.lead")});
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols"}});
  h.append(drawn_as(context, chart_of_all_states(context), "states"));
  write_lists(h, context);
  h.close("div").close("section");
  open_band(h);
  h.element("h2", say("countries.territories"));
  h.element("p", {{"class", "sub"}}, say("countries.territories.sub"));
  h.open("ul", {{"class", "row"}});
  for (const auto& country : context.catalogue->countries()) {
    if (!country.is_state) {
      h.open("li").element("a", {{"href", link(context, "/countries/" + country.id)}},
                           country.name.in(context.language));
      h.close("li");
    }
  }
  h.close("ul");
  close_band(h);
  Shell page;
  page.title = say("nav.countries");
  page.nav = "countries";
  page.crumbs = {{page.title, ""}};
  return shell(context, std::move(page), h);
}

std::string render_country(const PageContext& context, const CountryView& view) {
  const Say say(context);
  const auto* country = context.catalogue->find_country(view.id);
  const std::string name = country_name(context, view.id);
  Html h;
  write_head(h, {country == nullptr ? "" : say.value("region", country->region), name,
                 lead_of(context, view)});
  h.open("div", {{"class", "wrap stack country-keys"}});
  write_keys(h, context, view);
  h.open("p").element("a", {{"href", link(context, "/figures/countries/" + view.id)}},
                      say("figures.country", {{"country", name}}));
  h.close("p");
  h.element("button", {{"data-print", ""}, {"hidden", ""}}, say("country.print"));
  h.close("div");
  if (view.commitments > 0) {
    h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols"}});
    write_themes(h, context, view);
    write_dated(h, context, view);
    h.close("div").close("section");
  }
  open_band(h);
  write_texts(h, context, view);
  h.element("p", {{"class", "note"}}, say("country.note"));
  h.open("p", {{"class", "row"}});
  if (country != nullptr && country->is_state) {  // briefs are made of States
    h.element("a", {{"class", "button"}, {"href", link(context, "/briefs/" + view.id)}},
              say("brief.open"));
  }
  h.element("a", {{"class", "button"}, {"href", link(context, "/deadlines?actor=" + view.id)}},
            say("deadlines.title"));
  h.close("p");
  close_band(h);
  if (!view.statements.empty()) {
    write_statements(h, context, view);
  }
  if (view.followup != nullptr) {
    write_country_followup(h, context, *view.followup);
  }
  if (view.treaty_acts != nullptr) {
    write_country_treaties(h, context, *view.treaty_acts);
  }
  if (view.checklists != nullptr) {
    write_country_checklists(h, context, *view.checklists, view.id);
  }
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols-even"}});
  if (view.commitments > 0) {
    write_treaties(h, context, view);
  }
  write_questions(h, context, view);
  h.close("div").close("section");
  Shell frame;
  frame.title = name;
  frame.description = say("country.description", {{"name", name}});
  frame.nav = "countries";
  frame.crumbs = {{say("nav.countries"), "/countries"}, {name, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
