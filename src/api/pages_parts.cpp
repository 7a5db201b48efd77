#include "pages_parts.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/identity/accounts.hpp>
#include <atalaya/observatory/codelists.hpp>

namespace atalaya::api {
namespace {

template <class T>
std::string name_of(const T* found, Language language, std::string_view id) {
  if (found == nullptr) {
    return std::string(id);
  }
  const std::string& name = found->name.in(language);
  return name.empty() ? std::string(id) : name;
}

std::optional<bool> yes_or_no(std::string_view value) {
  if (value == "yes") {
    return true;
  }
  return value == "no" ? std::optional(false) : std::nullopt;
}

// Ids of the catalogue and roles are short words: anything else was typed by a stranger and would
// only make a cache larger.
bool is_id(std::string_view value) {
  return !value.empty() && value.size() <= 64 && std::ranges::all_of(value, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::optional<std::int32_t> small_number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string>* field_of(commitments::Filter& filter, std::string_view name) {
  if (name == "theme") {
    return &filter.themes;
  }
  if (name == "meeting") {
    return &filter.meetings;
  }
  if (name == "document") {
    return &filter.documents;
  }
  if (name == "instrument") {
    return &filter.instruments;
  }
  if (name == "institution") {
    return &filter.institutions;
  }
  if (name == "role") {
    return &filter.roles;
  }
  return name == "series" ? &filter.series : nullptr;
}

void write_row_tags(Html& h, const PageContext& context, const commitments::CommitmentRow& row) {
  const Say say(context);
  h.open("p", {{"class", "tags"}});
  if (!row.theme.empty()) {
    h.element("span", {{"class", "tag"}}, theme_name(context, row.theme));
  }
  if (row.role != "operative") {
    h.element("span", {{"class", "tag line"}}, say.value("role", row.role));
  }
  if (!row.actionable) {
    h.element("span", {{"class", "tag line"}}, say("row.declares"));
  }
  if (!row.held) {
    h.element("span", {{"class", "tag draft"}}, say("row.not_held"));
  } else if (row.text_standing == "translation") {
    h.element("span", {{"class", "tag draft"}}, say("standing.translation"));
  }
  h.close("p");
}

}  // namespace

std::string Say::value(std::string_view group, std::string_view value) const {
  const auto& messages = figures::Messages::embedded();
  const std::string key = std::string(group).append(".").append(value);
  return messages.has(language_, key) ? messages.text(language_, key) : std::string(value);
}

std::string link(const PageContext& context, std::string_view path) {
  return figures::localised(context.language, path);
}

commitments::Filter filter_from(const Query& query) {
  commitments::Filter filter;
  for (const auto& [name, value] : query) {
    if (auto* field = field_of(filter, name); field != nullptr) {
      if (is_id(value) && field->size() < 40 && !contains(*field, value)) {
        field->push_back(value);
      }
    } else if (name == "year") {
      if (const auto year = small_number(value); year && *year >= 1 && *year <= 9999) {
        filter.years.push_back(*year);
      }
    } else if (name == "actionable") {
      filter.actionable = yes_or_no(value);
    } else if (name == "held") {
      filter.held = yes_or_no(value);
    } else if (name == "dated") {
      filter.dated = yes_or_no(value);
    }
  }
  return filter;
}

std::string query_of(const commitments::Filter& filter, std::int32_t page) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(out.empty() ? "?" : "&").append(name).append("=").append(figures::url_encode(value));
  };
  const auto add_all = [&](std::string_view name, const std::vector<std::string>& values) {
    for (const auto& value : values) {
      add(name, value);
    }
  };
  add_all("theme", filter.themes);
  for (const auto year : filter.years) {
    add("year", std::to_string(year));
  }
  add_all("meeting", filter.meetings);
  add_all("document", filter.documents);
  add_all("role", filter.roles);
  add_all("instrument", filter.instruments);
  add_all("institution", filter.institutions);
  add_all("series", filter.series);
  const auto add_flag = [&](std::string_view name, const std::optional<bool>& flag) {
    if (flag) {
      add(name, *flag ? "yes" : "no");
    }
  };
  add_flag("actionable", filter.actionable);
  add_flag("held", filter.held);
  add_flag("dated", filter.dated);
  if (page > 1) {
    add("page", std::to_string(page));
  }
  return out;
}

std::int32_t page_from(const Query& query, std::string_view name) {
  for (const auto& [given, value] : query) {
    if (given == name) {
      return std::clamp(small_number(value).value_or(1), 1, 100'000'000);
    }
  }
  return 1;
}

std::string theme_name(const PageContext& context, std::string_view id) {
  if (id.empty()) {
    return Say(context)("theme.none");
  }
  const auto* theme = context.catalogue->find_theme(id);
  return theme == nullptr ? std::string(id) : theme->label.in(context.language);
}

std::string main_theme(const PageContext& context, std::string_view id) {
  std::string at(id);
  // The catalogue's themes are a tree; the bound only guards against one that is not.
  for (int steps = 0; steps < 8; ++steps) {
    const auto* theme = context.catalogue->find_theme(at);
    if (theme == nullptr || theme->broader.empty()) {
      return at;
    }
    const auto* parent = context.catalogue->find_theme(theme->broader);
    if (parent == nullptr || parent->broader.empty()) {
      return at;
    }
    at = parent->id;
  }
  return at;
}

bool is_other_meeting(const commitments::Catalogue& catalogue, std::string_view id) {
  return catalogue.find_meeting(id) == nullptr;
}

std::string meeting_name(const PageContext& context, std::string_view id) {
  const Say say(context);
  if (const auto* meeting = context.catalogue->find_meeting(id)) {
    return name_of(meeting, context.language, id);
  }
  constexpr std::string_view kSeries[] = {"summit", "mispa", "pns", "primer"};
  const std::string_view series = id.substr(0, id.find('-'));
  return std::ranges::find(kSeries, series) == std::end(kSeries) ? say("meeting.other.short")
                                                                 : say.value("series", series);
}

std::string meeting_city(const PageContext& context, std::string_view id) {
  const auto* meeting = context.catalogue->find_meeting(id);
  return meeting == nullptr ? std::string() : meeting->city.in(context.language);
}

std::string meeting_dates(const PageContext& context, std::string_view id) {
  const auto* meeting = context.catalogue->find_meeting(id);
  if (meeting == nullptr) {
    return {};
  }
  const auto begin = parse_civil_date(meeting->begins);
  const auto end = parse_civil_date(meeting->ends);
  if (meeting->city.in(context.language).empty() || !begin || !end) {
    return std::to_string(meeting->year);
  }
  return figures::date_range(context.language, *begin, *end);
}

std::string document_name(const PageContext& context, std::string_view id) {
  const auto* document = context.catalogue->find_document(id);
  return document == nullptr ? std::string(id) : document->title.in(context.language);
}

std::string instrument_name(const PageContext& context, std::string_view id) {
  return name_of(context.catalogue->find_instrument(id), context.language, id);
}

std::string instrument_short(const PageContext& context, std::string_view id) {
  const auto* found = context.catalogue->find_instrument(id);
  if (found == nullptr) {
    return std::string(id);
  }
  const auto& name = found->short_name.in(context.language);
  return name.empty() ? found->name.in(context.language) : name;
}

std::string institution_name(const PageContext& context, std::string_view id) {
  return name_of(context.catalogue->find_institution(id), context.language, id);
}

std::string labelled(const PageContext& context, std::string_view label, std::string_view text) {
  return Say(context)("label.text", {{"label", label}, {"text", text}});
}

std::string country_name(const PageContext& context, std::string_view id) {
  const auto* country = context.catalogue->find_country(id);
  if (country == nullptr) {
    // Countries beyond the 35 states, and the demo's that does not exist, are places of figures.
    static const auto places = observatory::Codelists::embedded();
    return places->label("territory", id, context.language);
  }
  return name_of(country, context.language, id);
}

std::string source_name(std::string_view title, std::string_view theme, std::string_view file) {
  if (title.empty()) {
    return std::string(file);
  }
  return theme.empty() ? std::string(title) : fmt::format("{} · {}", title, theme);
}

std::string_view colon(const PageContext& context) {
  return context.language == Language::fr ? "\u00A0: " : ": ";
}

std::string whose_text(const PageContext& context, std::string_view standing,
                       std::string_view language) {
  const Say say(context);
  const std::string key = "text.whose." + std::string(standing);
  return language.empty() ? say(key)
                          : say(key + ".in", {{"language", say.value("language", language)}});
}

std::string row_title(const PageContext& context, const commitments::CommitmentRow& row) {
  if (!row.title.empty()) {
    return row.title;
  }
  if (row.text_start.empty()) {
    return row.id;
  }
  // A short text is quoted whole: nothing follows its full stop.
  const bool whole = std::string_view(".!?").contains(row.text_start.back());
  return Say(context)(whole ? "row.quoted_short" : "row.quoted", {{"text", row.text_start}});
}

std::string row_place(const PageContext& context, const commitments::CommitmentRow& row) {
  std::string out = !row.document.empty()    ? document_name(context, row.document)
                    : row.printed_in.empty() ? meeting_name(context, row.meeting)
                                             : row.printed_in;
  const std::string city = meeting_city(context, row.meeting);
  if (row.year == 0) {
    return out;  // a document that no citation and no catalogue dates
  }
  out += city.empty() ? " · " : " · " + city + ", ";
  out += std::to_string(row.year);
  return row.citation_status.empty() ? out : out + " " + citation_mark(context, row);
}

std::string citation_mark(const PageContext& context, const commitments::CommitmentRow& row) {
  return row.citation_status.empty() ? std::string() : Say(context)("citation.mark");
}

void write_rows(Html& h, const PageContext& context,
                const std::vector<commitments::CommitmentRow>& rows, RowDetail detail) {
  h.open("ol", {{"class", detail == RowDetail::full ? "rows" : "rows tight"}});
  for (const auto& row : rows) {
    h.open("li");
    if (detail != RowDetail::title) {
      h.element("p", {{"class", "meta"}}, row_place(context, row));
    }
    h.open("h3").element("a",
                         {{"href", link(context, "/commitments/" + row.id)},
                          attribute_if(!row.title_language.empty(), "lang", row.title_language)},
                         row_title(context, row));
    h.close("h3");
    if (detail == RowDetail::title && (!row.theme.empty() || !row.citation_status.empty())) {
      const std::string mark = citation_mark(context, row);
      const std::string theme = row.theme.empty() ? std::string() : theme_name(context, row.theme);
      h.element("p", {{"class", "meta"}},
                theme + (theme.empty() || mark.empty() ? "" : " ") + mark);
    }
    if (detail == RowDetail::full) {
      if (!row.summary.empty()) {
        h.element("p", {attribute_if(!row.title_language.empty(), "lang", row.title_language)},
                  row.summary);
      }
      write_row_tags(h, context, row);
    }
    h.close("li");
  }
  h.close("ol");
}

void open_band(Html& h, std::initializer_list<Attribute> attributes) {
  // One attribute of each name: a second class would be lost.
  std::string classes = "band";
  std::vector<Attribute> all = {{"class", classes}};
  for (const Attribute& attribute : attributes) {
    if (attribute.name.view() == "class" && attribute.value) {
      classes += fmt::format(" {}", *attribute.value);
    } else {
      all.push_back(attribute);
    }
  }
  all.front() = {"class", classes};
  h.open("section", std::span<const Attribute>(all)).open("div", {{"class", "wrap stack"}});
}

void close_band(Html& h) {
  h.close("div").close("section");
}

void write_head(Html& h, const Head& head) {
  h.open("div", {{"class", "wrap page-head"}});
  if (!head.eyebrow.empty()) {
    h.element("p", {{"class", "eyebrow"}}, head.eyebrow);
  }
  h.element("h1", {attribute_if(!head.title_language.empty(), "lang", head.title_language)},
            head.title);
  if (!head.lead.empty()) {
    h.element("p", {{"class", "lead"}}, head.lead);
  }
  h.close("div");
}

std::vector<std::int32_t> pager_pages(std::int64_t pages, std::int32_t current) {
  std::vector<std::int32_t> out;
  std::int32_t last = 0;
  for (std::int32_t page = 1; page <= pages; ++page) {
    if (page == 1 || page == pages || std::abs(page - current) <= 2) {
      if (page - last > 1) {
        out.push_back(0);
      }
      out.push_back(page);
      last = page;
    } else if (page < current) {
      page = std::max(page, current - 3);
    } else {
      page = static_cast<std::int32_t>(std::max<std::int64_t>(page, pages - 1));
    }
  }
  return out;
}

void write_pager_links(Html& h, const PageContext& context,
                       const std::vector<std::pair<std::int32_t, std::string>>& pages,
                       std::int32_t current) {
  if (pages.size() < 2) {
    return;
  }
  const Say say(context);
  h.open("nav", {{"class", "pager"}, {"aria-label", say("pager.label")}});
  for (const auto& [page, path] : pages) {
    const std::string number = figures::number(context.language, page);
    if (page == 0) {
      h.element("span", {{"aria-hidden", "true"}}, "…");
    } else if (page == current) {
      h.element("span",
                {{"aria-current", "page"},
                 {"aria-label", say("pager.page", {{"n", number}})},
                 {"role", "img"}},
                number);
    } else {
      h.element("a",
                {{"href", link(context, path)}, {"aria-label", say("pager.page", {{"n", number}})}},
                number);
    }
  }
  h.close("nav");
}

std::vector<Pair> other_meetings(const PageContext& context,
                                 const std::vector<commitments::CountedTarget>& counts) {
  std::vector<Pair> pairs;
  for (const auto& count : counts) {
    if (is_other_meeting(*context.catalogue, count.id)) {
      const auto year = count.id.find('-');
      pairs.push_back({(year == std::string::npos ? "" : count.id.substr(year + 1) + " ") +
                           meeting_name(context, count.id),
                       "/meetings/" + figures::url_encode(count.id), count.commitments, count.id});
    }
  }
  std::ranges::sort(pairs, {}, &Pair::label);
  return pairs;
}

void write_pairs(Html& h, const PageContext& context, const std::vector<Pair>& pairs) {
  h.open("ul", {{"class", "pairs"}});
  for (const auto& pair : pairs) {
    if (pair.value == 0) {
      continue;
    }
    h.open("li").element("a", {{"href", link(context, pair.path)}}, pair.label);
    h.element("span", figures::number(context.language, pair.value)).close("li");
  }
  h.close("ul");
}

void write_fact(Html& h, std::string_view label, std::string_view value) {
  if (value.empty()) {
    return;
  }
  h.open("div").element("dt", label).element("dd", value).close("div");
}

void write_source(Html& h, const PageContext& context, std::string_view label,
                  std::string_view source) {
  if (source.empty()) {
    return;
  }
  h.open("div").element("dt", label);
  h.element("dd", {attribute_if(context.language != Language::en, "lang", "en")}, source);
  h.close("div");
}

void write_error_summary(Html& h, const PageContext& context, const std::optional<Error>& error) {
  if (!error) {
    return;
  }
  h.open("div", {{"class", "error-summary stack-s"}, {"role", "alert"}, {"tabindex", "-1"}});
  h.element("h2", Say(context)("form.problem"));
  h.element("p", figures::Messages::embedded().error(context.language, *error));
  h.close("div");
}

void write_csrf(Html& h, const PageContext& context) {
  h.empty("input", {{"type", "hidden"}, {"name", "csrf"}, {"value", context.csrf}});
}

std::string who_name(const PageContext& context, std::string_view who) {
  const Say say(context);
  if (who == "catalogue") {
    return say("who.catalogue");
  }
  if (who == "submitter") {
    return say("moderation.submitter");
  }
  if (who.starts_with(identity::kUnnamedPrefix)) {
    return say("who.unnamed");
  }
  return who == "command line" ? say("who.command_line") : std::string(who);
}

std::string who_and_when(const PageContext& context, std::string_view who, std::string_view when) {
  return Say(context)("antecedents.by",
                      {{"name", who_name(context, who)},
                       {"date", figures::edtf(context.language, when.substr(0, 10))}});
}

std::string source_line(std::string_view source, std::int32_t line, std::int32_t lines) {
  return lines > kSourceLines ? fmt::format("/sources/{0}?from={1}#L{1}", source, line)
                              : fmt::format("/sources/{}#L{}", source, line);
}

std::string year_note(const PageContext& context, std::string_view instrument,
                      std::int32_t printed) {
  const auto* known = context.catalogue->find_instrument(instrument);
  if (known == nullptr || printed == 0 || known->adopted_year == 0 ||
      printed == known->adopted_year) {
    return {};
  }
  return Say(context)(
      printed == known->in_force_year ? "source.treaty.in_force" : "source.treaty.differs",
      {{"printed", std::to_string(printed)}, {"adopted", std::to_string(known->adopted_year)}});
}

std::int32_t count_of(const std::vector<commitments::CountedTarget>& counts, std::string_view id) {
  const auto it = std::ranges::find(counts, id, &commitments::CountedTarget::id);
  return it == counts.end() ? 0 : it->commitments;
}

bool has_commitments(const PageContext& context, const commitments::Document& document,
                     const std::vector<commitments::CountedTarget>& counts) {
  return count_of(counts, document.id) > 0 ||
         std::ranges::any_of(context.catalogue->entries(), [&](const commitments::Entry& entry) {
           return entry.document == document.id;
         });
}

std::string shell(const PageContext& context, Shell shell, const Html& body) {
  figures::PageFrame frame;
  frame.language = context.language;
  frame.path = context.path;
  frame.title = std::move(shell.title);
  frame.description = std::move(shell.description);
  frame.nav = std::move(shell.nav);
  frame.node_name = context.node_name;
  frame.origin = context.origin;
  frame.as_of = context.as_of;
  frame.log_size = context.log_size;
  frame.log_root = context.log_root;
  frame.crumbs = std::move(shell.crumbs);
  frame.search = std::move(shell.search);
  frame.search_in_header = shell.search_in_header;
  frame.indexed = shell.indexed;
  frame.account = context.account;
  return figures::page(frame, body);
}

}  // namespace atalaya::api
