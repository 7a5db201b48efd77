#include <algorithm>

#include <fmt/format.h>

#include <atalaya/commitments/themes.hpp>
#include <atalaya/figures/locale.hpp>

#include "pages_parts.hpp"

namespace atalaya::api {
namespace {

using Facets = std::map<std::string, std::vector<std::string>>;

std::string search_path(std::string_view text, const Facets& facets, std::int32_t page = 1) {
  std::string out = "/search?q=" + figures::url_encode(text);
  for (const auto& [name, values] : facets) {
    for (const auto& value : values) {
      out += "&" + name + "=" + figures::url_encode(value);
    }
  }
  if (page > 1) {
    out += "&page=" + std::to_string(page);
  }
  return out;
}

std::string facet_value(const PageContext& context, std::string_view field,
                        const std::string& value) {
  if (field == "theme") {
    return theme_name(context, value);
  }
  if (field == "meeting") {
    const std::string city = meeting_city(context, value);
    return meeting_name(context, value) + (city.empty() ? "" : ", " + city);
  }
  if (field == "institution") {
    return institution_name(context, value);
  }
  if (field == "instrument" || field == "treaty") {
    return instrument_short(context, value);
  }
  if (field == "document") {
    return document_name(context, value);
  }
  if (field == "year") {
    return value == "0" ? Say(context)("year.none") : value;
  }
  return Say(context).value(field, value);
}

void write_facet(Html& h, const PageContext& context, const SearchView& view,
                 const std::string& field,
                 const std::vector<std::pair<std::string, std::int64_t>>& values) {
  constexpr std::size_t kShown = 8;
  const Say say(context);
  const auto chosen = view.query.facets.find(field);
  h.open("div")
      .element("h3", say(field == "theme" ? "theme.with_narrower" : "field." + field))
      .open("ul");
  std::size_t shown = 0;
  for (const auto& [value, n] : values) {
    const bool is_chosen = chosen != view.query.facets.end() && contains(chosen->second, value);
    const bool all = field == "theme" && commitments::is_subject(*context.catalogue, value);
    if ((shown >= kShown || all) && !is_chosen) {
      continue;
    }
    ++shown;
    Facets facets = view.query.facets;
    if (is_chosen) {
      std::erase(facets[field], value);
    } else {
      facets[field].push_back(value);
    }
    h.open("li").open("a", {{"href", link(context, search_path(view.query.text, facets))},
                            attribute_if(is_chosen, "aria-current", "true")});
    h.element("b", facet_value(context, field, value) + (is_chosen ? " ×" : "")).text(" ");
    h.element("span", figures::number(context.language, n)).close("a").close("li");
  }
  h.close("ul").close("div");
}

void write_facets(Html& h, const PageContext& context, const SearchView& view) {
  h.open("aside", {{"class", "facets"}, {"id", "narrow"}, {"aria-labelledby", "narrow-title"}});
  h.element("h2", {{"id", "narrow-title"}, {"class", "as-h3"}}, Say(context)("search.narrow"));
  for (const std::string field :
       {"theme", "year", "meeting", "instrument", "institution", "formulation",
        "role"}) {
    const auto it = view.answer.facets.find(field);
    if (it != view.answer.facets.end() && !it->second.empty()) {
      write_facet(h, context, view, field, it->second);
    }
  }
  h.close("aside");
}

void write_snippet(Html& h, const PageContext& context, std::string_view standing,
                   std::string_view language,
                   const std::vector<std::pair<std::string, bool>>& snippet) {
  if (snippet.empty()) {
    return;
  }
  h.open("p", {attribute_if(!language.empty(), "lang", language)});
  for (const auto& [text, match] : snippet) {
    if (match) {
      h.element("mark", text);
    } else {
      h.text(text);
    }
  }
  h.close("p");
  h.element("p", {{"class", "xs muted"}}, whose_text(context, standing, language));
}

// Recitals, guidance and statements of position, each called what it is.
void write_texts(Html& h, const PageContext& context, const commitments::SearchAnswer& answer) {
  const Say say(context);
  h.element("h2", {{"id", "beside"}}, say.count("search.texts", answer.texts_total));
  h.element("p", {{"class", "small"}}, say("search.texts.sub"));
  h.open("ol", {{"class", "rows"}});
  for (const auto& text : answer.texts) {
    h.open("li").open("p", {{"class", "meta"}});
    h.element("span", {attribute_if(!text.language.empty(), "lang", text.language)},
              text.source_title);
    h.close("p");
    const std::string line = std::to_string(text.line);
    const std::string name =
        text.actor.empty()
            ? say("topic.named.paragraph", {{"role", say.value("role", text.role)},
                                            {"n", std::to_string(text.ordinal)},
                                            {"line", line}})
            : say("statement.title", {{"state", country_name(context, text.actor)}});
    h.open("h3").element(
        "a",
        {{"href", link(context, fmt::format("/sources/{0}?from={1}#L{1}", text.source, line))}},
        name);
    h.close("h3");
    write_snippet(h, context, text.standing, text.language, text.snippet);
    h.close("li");
  }
  h.close("ol");
}

void write_hit(Html& h, const PageContext& context, const commitments::SearchHit& hit) {
  h.open("li").element("p", {{"class", "meta"}}, row_place(context, hit.row));
  h.open("h3").element(
      "a",
      {{"href", link(context, "/commitments/" + hit.row.id)},
       attribute_if(!hit.row.title_language.empty(), "lang", hit.row.title_language)},
      row_title(context, hit.row));
  h.close("h3");
  write_snippet(h, context, hit.snippet_standing, hit.snippet_language, hit.snippet);
  h.close("li");
}

// Countries, indicators, treaties, institutions and themes of this name.
void write_places(Html& h, const PageContext& context, const std::vector<Place>& places) {
  const Say say(context);
  h.element("h2", {{"class", "as-h3"}}, say("search.places"));
  h.open("ul", {{"class", "pairs"}});
  for (const Place& place : places) {
    h.open("li").element("a", {{"href", link(context, place.path)}}, place.name);
    h.element("span", {{"class", "muted"}}, say.value("place", place.kind)).close("li");
  }
  h.close("ul");
}

// What was searched for instead, and why: only words that no text has are replaced.
void write_corrected(Html& h, const PageContext& context, const SearchView& view) {
  Html words;
  words.element("a", {{"href", link(context, search_path(view.answer.did_you_mean, {}))}},
                view.answer.did_you_mean);
  Html query;
  query.element("b", view.query.text);
  h.open("p", {{"class", "note"}});
  h.append(figures::Messages::embedded().rich(context.language, "search.did_you_mean",
                                              {{"query", &query}, {"words", &words}}));
  h.close("p");
}

void write_results(Html& h, const PageContext& context, const SearchView& view) {
  const Say say(context);
  const auto& answer = view.answer;
  h.open("div", {{"class", "stack"}});
  if (!view.places.empty()) {
    write_places(h, context, view.places);
  }
  h.element("h2", say.count("search.found", answer.total));
  if (!answer.did_you_mean.empty()) {
    write_corrected(h, context, view);
  }
  if (answer.any_word && !answer.hits.empty()) {
    h.element("p", {{"class", "note"}}, say("search.any_word"));
  }
  if (!answer.hits.empty() && !answer.texts.empty()) {
    h.open("p", {{"class", "small"}});
    h.element("a", {{"href", "#beside"}}, say.count("search.texts", answer.texts_total));
    h.close("p");
  }
  if (!answer.hits.empty()) {
    h.open("p", {{"class", "narrow-only small"}});
    h.element("a", {{"href", "#narrow"}}, say("search.narrow_below")).close("p");
  }
  if (answer.index_behind > 0) {
    h.element("p", {{"class", "note warn"}}, say.count("search.behind", answer.index_behind));
  }
  if (answer.hits.empty() && answer.texts.empty()) {
    h.element("p", say(answer.no_words       ? "search.no_words"
                       : view.places.empty() ? "search.nothing"
                                             : "search.no_commitment"));
    write_starts(h, context);
  } else if (!answer.hits.empty()) {
    h.element("p", {{"class", "small"}}, say("row.ours"));
    h.open("ol", {{"class", "rows"}});
    for (const auto& hit : answer.hits) {
      write_hit(h, context, hit);
    }
    h.close("ol");
  }
  if (!answer.texts.empty()) {
    write_texts(h, context, answer);
  }
  // Both lists turn their pages together.
  const std::int64_t per_page = std::max(1, view.query.limit);
  write_pager(
      h, context, (std::max(answer.total, answer.texts_total) + per_page - 1) / per_page, view.page,
      [&](std::int32_t page) { return search_path(view.query.text, view.query.facets, page); });
  h.close("div");
}

void write_search_icon(Html& h) {
  h.open("svg", {{"viewBox", "0 0 20 20"},
                 {"fill", "none"},
                 {"stroke", "currentColor"},
                 {"stroke-width", "2.2"},
                 {"stroke-linecap", "round"},
                 {"aria-hidden", "true"}});
  h.empty("path", {{"d", "M8.5 3a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11zM13 13l4.5 4.5"}});
  h.close("svg");
}

}  // namespace

void write_big_search(Html& h, const PageContext& context, std::string_view value) {
  const Say say(context);
  h.open("form",
         {{"class", "big-search"}, {"role", "search"}, {"action", link(context, "/search")}});
  h.element("label", {{"for", "q"}}, say("search.label"));
  h.open("div", {{"class", "fields"}});
  h.empty("input", {{"type", "search"},
                    {"id", "q"},
                    {"name", "q"},
                    attribute_if(!value.empty(), "value", value),
                    {"maxlength", "300"},
                    {"autocomplete", "off"}});
  h.open("button", {{"class", "primary"}, {"aria-label", say("search.button")}});
  write_search_icon(h);
  h.element("span", say("search.button")).close("button");
  h.close("div").close("form");
  h.open("p", {{"class", "try"}}).text(say("search.try"));
  for (const std::string_view example :
       {"search.example1", "search.example2", "search.example3", "search.example4"}) {
    const std::string words = say(example);
    h.text(" ").element("a", {{"href", link(context, "/search?q=" + figures::url_encode(words))}},
                        words);
  }
  h.close("p");
}

void write_starts(Html& h, const PageContext& context) {
  const Say say(context);
  h.open("ul", {{"class", "starts"}});
  for (const auto& [path, key] : {std::pair{"/commitments", "search.browse"},
                                  {"/themes", "nav.themes"},
                                  {"/meetings", "nav.meetings"},
                                  {"/treaties", "nav.treaties"},
                                  {"/countries", "nav.countries"},
                                  {"/figures", "nav.figures"}}) {
    h.open("li").element("a", {{"href", link(context, path)}}, say(key)).close("li");
  }
  h.close("ul");
}

std::string render_search(const PageContext& context, const SearchView& view) {
  const Say say(context);
  const bool asked = !trim(view.query.text).empty() || !view.query.facets.empty();
  Html h;
  write_head(
      h, {"", asked ? say("search.title", {{"query", view.query.text}}) : say("search.empty_title"),
          asked ? "" : say("search.hint")});
  h.open("section", {{"class", "band"}, {"aria-label", say("search.results")}});
  h.open("div", {{"class", asked ? "wrap cols" : "wrap stack"}});
  if (view.error) {
    h.open("div");
    write_error_summary(h, context, view.error);
    h.close("div");
  } else if (asked) {
    write_results(h, context, view);
    if (view.answer.total + view.answer.texts_total > 0) {
      write_facets(h, context, view);
    }
  } else {
    write_big_search(h, context, "");
    h.element("h2", {{"class", "as-h3"}}, say("search.start"));
    write_starts(h, context);
  }
  h.close("div").close("section");
  Shell frame;
  frame.title =
      asked ? say("search.title", {{"query", view.query.text}}) : say("search.empty_title");
  frame.search = view.query.text;
  frame.search_in_header = asked;
  frame.indexed = false;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
