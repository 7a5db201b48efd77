#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/charts.hpp>
#include <atalaya/figures/locale.hpp>

#include "commitment_charts.hpp"
#include "pages_parts.hpp"

namespace atalaya::api {
namespace {

using figures::number;

// The parts add up to the whole: what stands in no meeting of the catalogue is named too.
std::string lead_of(const PageContext& context, const commitments::Overview& overview) {
  const Say say(context);
  const std::int32_t others =
      overview.commitments - overview.summit - overview.ministers - overview.parliaments;
  const std::string of_others =
      others > 0 ? ", " + say("home.lead.others", {{"n", number(context.language, others)}}) : "";
  const std::int32_t official = overview.held - overview.translated;
  const std::string lines =
      official == overview.commitments ? say("home.lead.lines.all")
      : overview.held == 0             ? say("home.lead.lines.none")
                                       : say("home.lead.lines.some",
                                             {{"official", number(context.language, official)},
                                              {"translated", number(context.language, overview.translated)}});
  const std::string subject =
      overview.on_subject == overview.commitments
          ? ""
          : " " + say("home.lead.subject", {{"n", number(context.language, overview.on_subject)}});
  return say.count("home.lead", overview.commitments,
                   {{"summits", number(context.language, overview.summit)},
                    {"ministers", number(context.language, overview.ministers)},
                    {"parliaments", number(context.language, overview.parliaments)},
                    {"others", of_others}}) +
         subject + " " + lines;
}

void write_hero(Html& h, const PageContext& context, const commitments::Overview& overview) {
  const Say say(context);
  h.open("div", {{"class", "wrap hero"}}).open("div");
  h.element("h1", say("home.title"));
  h.element("p", {{"class", "lead"}}, lead_of(context, overview));
  write_big_search(h, context, "");
  h.close("div");
  h.open("div", {{"class", "side-rule stack-s"}});
  h.element("h2", {{"class", "as-h3"}}, say("home.reading"));
  h.open("dl");
  for (const std::string_view part : {"home.official", "home.ours", "home.rules"}) {
    h.element("dt", say(part));
    h.element("dd", say(std::string(part) + ".text"));
  }
  h.close("dl").close("div").close("div");
}

// Where a reader goes on: by state, by figure, or to check it all.
void write_ways_on(Html& h, const PageContext& context) {
  const Say say(context);
  h.open("section", {{"class", "band"}, {"aria-label", say("home.ways")}});
  h.open("div", {{"class", "wrap cols-3"}});
  for (const auto& [path, key] : {std::pair{"/countries", "home.way.countries"},
                                  {"/figures", "home.way.figures"},
                                  {"/data", "home.way.data"}}) {
    h.open("div", {{"class", "stack-s"}});
    h.open("h2", {{"class", "as-h3"}}).element("a", {{"href", link(context, path)}}, say(key));
    h.close("h2").element("p", {{"class", "small"}}, say(std::string(key) + ".text")).close("div");
  }
  h.close("div").close("section");
}

struct ThemeSum {
  std::string id;
  std::int32_t total = 0;
  std::int32_t first_year = 9999;
  std::map<std::int32_t, figures::YearBar> bars;
};

// Sub-themes counted under their main theme, largest first.
std::vector<ThemeSum> sums_of(const PageContext& context, const commitments::Overview& overview) {
  std::map<std::string, ThemeSum> by_id;
  for (const auto& cell : overview.cells) {
    const std::string id = main_theme(context, cell.theme);
    auto& sum = by_id[id];
    sum.id = id;
    const std::int32_t n = cell.acts + cell.declarations;
    sum.total += n;
    if (n > 0) {
      sum.first_year = std::min(sum.first_year, cell.year);
    }
    auto& bar = sum.bars[cell.year];
    bar.year = cell.year;
    bar.solid += cell.acts;
    bar.hollow += cell.declarations;
  }
  std::vector<ThemeSum> sums;
  for (auto& [id, sum] : by_id) {
    sums.push_back(std::move(sum));
  }
  std::ranges::stable_sort(sums, std::ranges::greater(), &ThemeSum::total);
  return sums;
}

// In a sentence, "Peace and defence" needs its quotation marks.
std::string quoted_theme(const PageContext& context, std::string_view id) {
  return Say(context)("row.quoted_short", {{"text", theme_name(context, id)}});
}

// The title says what the panels show, from the same sums that they are drawn from.
std::string finding_of(const PageContext& context, const std::vector<ThemeSum>& sums,
                       std::int32_t total) {
  const Say say(context);
  std::vector<const ThemeSum*> themes;  // "no theme yet" is none
  for (const auto& sum : sums) {
    if (!sum.id.empty()) {
      themes.push_back(&sum);
    }
  }
  if (themes.size() < 2) {
    return say("home.finding.none");
  }
  const ThemeSum& first = *themes[0];
  const ThemeSum& second = *themes[1];
  std::string finding = say("home.finding", {{"first", quoted_theme(context, first.id)},
                                             {"second", quoted_theme(context, second.id)},
                                             {"n", number(context.language, first.total + second.total)},
                                             {"total", number(context.language, total)}});
  const ThemeSum* latest = nullptr;
  for (const ThemeSum* sum : themes) {
    if (sum->total >= 4 && (latest == nullptr || sum->first_year > latest->first_year)) {
      latest = sum;
    }
  }
  if (latest != nullptr && latest->first_year > first.first_year) {
    finding += say("home.finding.latest", {{"theme", quoted_theme(context, latest->id)},
                                           {"year", std::to_string(latest->first_year)}});
  }
  return finding;
}

// Each summit has a year of its own, so the years with a commitment are the summits drawn.
std::int64_t summits_in(const commitments::Overview& overview) {
  std::set<std::int32_t> years;
  for (const auto& cell : overview.cells) {
    if (cell.acts + cell.declarations > 0) {
      years.insert(cell.year);
    }
  }
  return static_cast<std::int64_t>(years.size());
}

// Documents of one form hold both: so what asks and what declares is counted by clauses too.
void write_clause_years(Html& h, const PageContext& context,
                        const commitments::Overview& overview) {
  const Say say(context);
  if (overview.clause_years.empty()) {
    return;
  }
  const std::vector<std::string> heads = {say("home.clauses.year"), say("home.clauses.asking"),
                                          say("home.clauses.declaring")};
  h.open("details", {{"class", "disclose stack-s"}});
  h.element("summary", {{"id", "clauses-by-year"}}, say("home.clauses"));
  h.element("p", {{"class", "sub"}}, say("home.clauses.sub"));
  h.open("table", {{"class", "stacks narrow"}, {"aria-labelledby", "clauses-by-year"}});
  h.open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}, attribute_if(&head != &heads.front(), "class", "num")},
              head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& year : overview.clause_years) {
    h.open("tr").element("th", {{"scope", "row"}}, std::to_string(year.year));
    h.element("td", {{"data-l", heads[1]}, {"class", "num"}},
              number(context.language, year.asking));
    h.element("td", {{"data-l", heads[2]}, {"class", "num"}},
              number(context.language, year.declaring));
    h.close("tr");
  }
  h.close("tbody").close("table").close("details");
}

}  // namespace

FigureChart chart_of_themes(const PageContext& context, const commitments::Overview& overview) {
  const Say say(context);
  const auto sums = sums_of(context, overview);
  figures::MultiplesSpec spec;
  spec.language = context.language;
  spec.ticks = {1994, 2001, 2009, 2015, 2022};
  spec.solid_label = say("chart.acts");
  spec.hollow_label = say("chart.declarations");
  spec.panel_header = say("field.theme");
  spec.all_title = say("chart.all_themes");
  std::int32_t total = 0;
  for (const auto& sum : sums) {
    figures::Panel panel;
    panel.title = theme_name(context, sum.id);
    panel.url = sum.id.empty() ? std::string() : link(context, "/themes/" + sum.id);
    for (const auto& [year, bar] : sum.bars) {
      panel.bars.push_back(bar);
    }
    total += sum.total;
    spec.panels.push_back(std::move(panel));
  }
  spec.all_note = say.count("chart.all_note", summits_in(overview));
  figures::FigureFrame frame;
  frame.language = context.language;
  frame.id = "by-theme";
  frame.finding = finding_of(context, sums, total);
  frame.subtitle = say("home.figure.sub");
  frame.source = say("home.figure.source", {{"n", number(context.language, total)}});
  frame.links = {{"CSV", "/api/v1/commitments/export?format=csv"},
                 {say("footer.methods"), link(context, "/methods")}};
  return {std::move(frame), std::move(spec)};
}

Html drawn_as(const PageContext& context, FigureChart chart, std::string_view name) {
  for (const auto& [suffix, label] : {std::pair{"svg", "SVG"}, std::pair{"png", "PNG"}}) {
    chart.frame.links.push_back(
        {label, link(context, fmt::format("/charts/{}.{}", name, suffix))});
  }
  return figures::figure(chart.frame, figures::chart_of(chart.spec));
}

namespace {

void write_themes_figure(Html& h, const PageContext& context,
                         const commitments::Overview& overview) {
  h.append(drawn_as(context, chart_of_themes(context, overview), "themes"));
  write_clause_years(h, context, overview);
}

void write_by_meeting(Html& h, const PageContext& context, const Counts& counts) {
  const Say say(context);
  figures::BarsSpec spec;
  spec.language = context.language;
  spec.label_header = say("field.meeting");
  spec.value_header = say("field.commitments");
  auto meetings = context.catalogue->meetings();
  std::ranges::stable_sort(meetings, {}, &commitments::Meeting::begins);
  for (const auto& meeting : meetings) {
    const std::int32_t n = count_of(counts, meeting.id);
    if (n > 0) {
      const std::string city = meeting.city.in(context.language);
      spec.bars.push_back({fmt::format("{} {}", meeting.year,
                                       city.empty() ? meeting.name.in(context.language) : city),
                           link(context, "/meetings/" + meeting.id), n});
    }
  }
  for (const auto& other : other_meetings(context, counts)) {
    spec.bars.push_back({other.label, link(context, other.path), other.value});
  }
  h.element("h2", say("home.by_meeting"));
  h.append(figures::bar_strip(spec));
}

std::vector<Pair> top_instruments(const PageContext& context, Counts counts, std::size_t most) {
  std::ranges::stable_sort(counts, std::ranges::greater(),
                           &commitments::CountedTarget::commitments);
  std::vector<Pair> pairs;
  for (const auto& count : counts) {
    if (pairs.size() < most) {
      pairs.push_back(
          {instrument_short(context, count.id), "/treaties/" + count.id, count.commitments});
    }
  }
  return pairs;
}

// One choice of a filter, with how many commitments each value has under the other filters.
struct Choice {
  std::string name, label;
  std::vector<std::string> chosen;
  std::vector<Pair> options;  // path holds the value
};

void write_choice(Html& h, const PageContext& context, const Choice& choice) {
  const Say say(context);
  const std::string id = "f-" + choice.name;
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", id}}, choice.label);
  h.open("select", {{"id", id}, {"name", choice.name}});
  h.element("option", {{"value", ""}}, say("filter.all"));
  for (const auto& option : choice.options) {
    const bool selected = contains(choice.chosen, option.path);
    if (option.value > 0 || selected) {
      h.element("option", {{"value", option.path}, attribute_if(selected, "selected")},
                fmt::format("{} ({})", option.label, number(context.language, option.value)));
    }
  }
  h.close("select").close("div");
}

const Counts& counts_for(const BrowseView& view, std::string_view field) {
  static const Counts kNone;
  const auto it = view.counts.find(std::string(field));
  return it == view.counts.end() ? kNone : it->second;
}

Choice choice_of(const PageContext& context, const BrowseView& view, std::string_view field) {
  Choice choice;
  choice.name = field;
  choice.label =
      Say(context)(field == "theme" ? "theme.with_narrower" : std::string("field.").append(field));
  const auto add = [&](const std::string& value, std::string label) {
    choice.options.push_back({std::move(label), value, count_of(counts_for(view, field), value)});
  };
  const auto& catalogue = *context.catalogue;
  if (field == "theme") {
    choice.chosen = view.filter.themes;
    for (const auto& theme : catalogue.themes()) {
      add(theme.id, theme.label.in(context.language));
    }
  } else if (field == "meeting") {
    choice.chosen = view.filter.meetings;
    for (const auto& meeting : catalogue.meetings()) {
      add(meeting.id, fmt::format("{} {}", meeting.year, meeting.name.in(context.language)));
    }
    for (auto& other : other_meetings(context, counts_for(view, field))) {
      choice.options.push_back({std::move(other.label), other.id, other.value});
    }
  } else if (field == "document") {
    choice.chosen = view.filter.documents;
    for (const auto& document : catalogue.documents()) {
      add(document.id, document.title.in(context.language));
    }
  } else if (field == "role") {
    choice.chosen = view.filter.roles;
    for (const std::string_view role : {"operative", "chapeau", "priority"}) {
      add(std::string(role), Say(context).value("role", role));
    }
  } else {
    for (const auto year : view.filter.years) {
      choice.chosen.push_back(std::to_string(year));
    }
    for (const auto& count : counts_for(view, "year")) {
      if (count.id != "0") {
        add(count.id, count.id);
      }
    }
  }
  return choice;
}

void write_filters(Html& h, const PageContext& context, const BrowseView& view) {
  const Say say(context);
  h.open("details", {{"class", "on-phones disclose"}}).element("summary", say("filter.title"));
  h.open("form", {{"class", "filters"}, {"action", link(context, "/commitments")}});
  for (const std::string_view field : {"theme", "year", "meeting", "document", "role"}) {
    write_choice(h, context, choice_of(context, view, field));
  }
  // Filters that came by a link and have no field of their own stay in force.
  const auto keep = [&](std::string_view name, const std::vector<std::string>& values) {
    for (const auto& value : values) {
      h.empty("input", {{"type", "hidden"}, {"name", name}, {"value", value}});
    }
  };
  keep("instrument", view.filter.instruments);
  keep("institution", view.filter.institutions);
  keep("series", view.filter.series);
  const auto flag = [&](std::string_view name, const std::optional<bool>& value) {
    if (value) {
      keep(name, {*value ? "yes" : "no"});
    }
  };
  flag("actionable", view.filter.actionable);
  flag("held", view.filter.held);
  flag("dated", view.filter.dated);
  h.element("button", {{"class", "primary"}}, say("filter.show"));
  h.close("form").close("details");
}

// What is filtered, each with a link that takes it away.
void write_active(Html& h, const PageContext& context, const commitments::Filter& filter) {
  const Say say(context);
  std::vector<std::pair<std::string, commitments::Filter>> active;
  const auto add = [&](auto member, auto&& name) {
    for (const auto& value : filter.*member) {
      commitments::Filter without = filter;
      std::erase((without.*member), value);
      active.emplace_back(name(value), std::move(without));
    }
  };
  using F = commitments::Filter;
  add(&F::themes, [&](const std::string& id) { return theme_name(context, id); });
  add(&F::years, [&](std::int32_t year) { return std::to_string(year); });
  add(&F::meetings, [&](const std::string& id) { return meeting_name(context, id); });
  add(&F::documents, [&](const std::string& id) { return document_name(context, id); });
  add(&F::roles, [&](const std::string& id) { return say.value("role", id); });
  add(&F::instruments, [&](const std::string& id) { return instrument_short(context, id); });
  add(&F::institutions, [&](const std::string& id) { return institution_name(context, id); });
  add(&F::series, [&](const std::string& id) { return say.value("series", id); });
  const auto add_flag = [&](auto member, std::string_view key) {
    if (filter.*member) {
      commitments::Filter without = filter;
      (without.*member).reset();
      active.emplace_back(
          say(std::string("filter.").append(key).append(*(filter.*member) ? ".yes" : ".no")),
          std::move(without));
    }
  };
  add_flag(&F::actionable, "actionable");
  add_flag(&F::held, "held");
  add_flag(&F::dated, "dated");
  if (active.empty()) {
    return;
  }
  h.open("p", {{"class", "tags"}}).element("span", {{"class", "small"}}, say("filter.active"));
  for (const auto& [label, without] : active) {
    h.element("a",
              {{"class", "tag"},
               {"href", link(context, "/commitments" + query_of(without))},
               {"aria-label", say("filter.remove", {{"what", label}})}},
              label + " ×");
  }
  h.close("p");
}

}  // namespace

std::string render_home(const PageContext& context, const HomeView& view) {
  const Say say(context);
  Html h;
  write_hero(h, context, view.overview);
  open_band(h);
  write_themes_figure(h, context, view.overview);
  close_band(h);
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols"}});
  h.open("div", {{"class", "stack"}});
  write_by_meeting(h, context, view.meetings);
  h.close("div").open("div", {{"class", "stack"}});
  h.element("h2", say("home.treaties"));
  h.element("p", {{"class", "sub"}}, say("home.treaties.sub"));
  write_pairs(h, context, top_instruments(context, view.instruments, 8));
  h.open("p")
      .element("a", {{"href", link(context, "/treaties")}}, say("home.treaties.all"))
      .close();
  h.close("div").close("div").close("section");
  write_ways_on(h, context);
  Shell frame;
  frame.title = say("home.title");
  frame.description = say("home.description");
  frame.search_in_header = false;
  return shell(context, std::move(frame), h);
}

std::string render_browse(const PageContext& context, const BrowseView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("nav.commitments"), say("browse.lead")});
  h.open("p", {{"class", "wrap"}});
  h.element("a", {{"class", "button"}, {"href", link(context, "/follow-up")}},
            say("followup.matrix"));
  h.close("p");
  open_band(h);
  write_filters(h, context, view);
  write_active(h, context, view.filter);
  h.element("h2", say.count("browse.found", view.rows.total));
  if (view.rows.rows.empty()) {
    h.element("p", say("browse.empty"));
  } else {
    h.element("p", {{"class", "small"}}, say("row.ours"));
    write_rows(h, context, view.rows.rows, RowDetail::full);
    const std::int64_t pages = (view.rows.total + kRowsPerPage - 1) / kRowsPerPage;
    write_pager(h, context, pages, view.page,
                [&](std::int32_t page) { return "/commitments" + query_of(view.filter, page); });
  }
  close_band(h);
  Shell frame;
  frame.title = say("nav.commitments");
  frame.description = say("browse.lead");
  frame.nav = "commitments";
  frame.crumbs = {{say("nav.commitments"), ""}};
  frame.indexed = view.page == 1;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
