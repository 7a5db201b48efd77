// Analysts' pages: what stands out this week, and what was linked.
#include "pages_weekly.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_figure_parts.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

constexpr std::size_t kRecentShown = 8;
constexpr std::size_t kQuietShown = 30;

std::int64_t number_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::string text_in(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

// ---- alerts ----

// "2024-W52 (23–29 December 2024)": few people count weeks.
std::string period_text(const PageContext& context, const std::string& code) {
  const auto period = obs::parse_period(code);
  if (!period || period->kind != obs::PeriodKind::week) {
    return figures::edtf(context.language, code);
  }
  auto sunday = obs::period_of(period->begin, obs::PeriodKind::day);
  for (std::int32_t day = 1; day < obs::days_in(*period); ++day) {
    sunday = obs::next_period(sunday);
  }
  return fmt::format("{} ({})", code,
                     figures::date_range(context.language, period->begin, sunday.begin));
}

struct Choice {
  std::string value, label;
};

void write_select(Html& h, const std::string& name, const std::string& label,
                  const std::vector<Choice>& choices, const std::string& chosen) {
  h.open("div", {{"class", "field"}}).element("label", {{"for", name}}, label);
  h.open("select", {{"id", name}, {"name", name}});
  for (const auto& choice : choices) {
    h.element("option", {{"value", choice.value}, attribute_if(choice.value == chosen, "selected")},
              choice.label);
  }
  h.close("select").close("div");
}

void write_form(Html& h, const PageContext& context, const AlertsView& view) {
  const Say say(context);
  h.open("form", {{"class", "wide stack"},
                  {"method", "get"},
                  {"action", link(context, "/desk/figures/alerts")}});
  std::vector<Choice> indicators;
  for (const auto& indicator : view.indicators->all()) {
    if (indicator.kind == obs::NumeratorKind::count) {
      indicators.push_back({indicator.id, std::string(indicator.name.in(context.language))});
    }
  }
  std::ranges::stable_sort(indicators, {}, &Choice::label);
  write_select(h, "indicator", say("figures.indicator"), indicators, view.indicator);
  write_select(h, "by", say("alerts.by"),
               {{"", say("alerts.by.none")},
                {"territory:admin1", say("alerts.by.admin1")},
                {"territory:admin2", say("alerts.by.admin2")}},
               view.by);
  write_select(h, "period", say("alerts.period"),
               {{"week", say("alerts.period.week")},
                {"month", say("alerts.period.month")},
                {"day", say("alerts.period.day")}},
               view.period);
  write_select(h, "late", say("alerts.late"),
               {{"0", "0"}, {"1", "1"}, {"2", "2"}, {"4", "4"}, {"8", "8"}}, view.late);
  std::vector<Choice> sources = {{"", say("alerts.source.any")}};
  for (const auto& [id, title] : view.sources) {
    sources.push_back({id, title.empty() ? id : title + " (" + id + ")"});
  }
  write_select(h, "source", say("figdesk.source"), sources, view.source);
  h.open("p").element("button", {{"class", "primary"}}, say("alerts.show")).close("p");
  h.close("form");
}

std::string series_name(const PageContext& context, const AlertsView& view,
                        const obs::SeriesAlert& series) {
  if (series.code == obs::kTotal) {
    return Say(context)("figure.all");
  }
  return view.report->query.by.name == "territory"
             ? view.territories->name(series.code, context.language)
             : series.code;
}

std::string recent_text(const PageContext& context, const obs::SeriesAlert& series) {
  std::string out;
  const std::size_t n = series.recent.size();
  for (std::size_t i = n > kRecentShown ? n - kRecentShown : 0; i < n; ++i) {
    const double count = series.recent[i];
    out += out.empty() ? "" : " · ";
    out += std::isnan(count) ? "–" : figures::number(context.language, std::llround(count));
  }
  return out;
}

void write_series(Html& h, const PageContext& context, const AlertsView& view,
                  obs::SeriesState state, std::size_t limit) {
  const Say say(context);
  const std::vector<std::string> heads = {say("alerts.series"),   say("alerts.observed"),
                                          say("alerts.expected"), say("alerts.limit"),
                                          say("alerts.method"),   say("alerts.recent")};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {1, 2, 3});
  h.open("tbody");
  std::size_t n = 0;
  for (const auto& series : view.report->series) {
    if (series.state != state || n++ >= limit) {
      continue;
    }
    h.open("tr").element("th", {{"scope", "row"}}, series_name(context, view, series));
    h.element("td", {{"data-l", heads[1]}, {"class", "num"}},
              figures::number(context.language, std::llround(series.observed)));
    h.element("td", {{"data-l", heads[2]}, {"class", "num"}},
              figures::decimal(context.language, series.expected, 1));
    h.element("td", {{"data-l", heads[3]}, {"class", "num"}},
              figures::decimal(context.language, series.threshold, 1));
    h.element("td", {{"data-l", heads[4]}}, say.value("alert_method", series.method));
    h.element("td", {{"data-l", heads[5]}}, recent_text(context, series));
    h.close("tr");
  }
  h.close("tbody").close("table");
  if (n > limit) {
    h.element("p", {{"class", "small"}},
              say.count("figdesk.more", static_cast<std::int64_t>(n - limit)));
  }
}

void write_report(Html& h, const PageContext& context, const AlertsView& view) {
  const Say say(context);
  const auto& report = *view.report;
  const auto count = [&](obs::SeriesState state) {
    return std::ranges::count(report.series, state, &obs::SeriesAlert::state);
  };
  const auto alarms = count(obs::SeriesState::alarm);
  h.element("h2", say("alerts.of", {{"indicator", report.indicator->name.in(context.language)},
                                    {"period", period_text(context, report.period)}}));
  if (report.synthetic) {
    h.element("p", {{"class", "note warn"}}, say("figdesk.synthetic.long"));
  }
  write_verdict(
      h, alarms == 0, alarms == 0 ? say("alerts.found.none") : say.count("alerts.found", alarms),
      say("alerts.chance",
          {{"judged", figures::number(context.language, static_cast<std::int64_t>(report.judged))},
           {"n", figures::decimal(context.language, report.alarms_by_chance, 1)}}));
  if (alarms > 0) {
    write_series(h, context, view, obs::SeriesState::alarm, report.series.size());
  }
  h.open("ul", {{"class", "plain small"}});
  h.element("li", say("alerts.since", {{"period", period_text(context, report.first_period)}}));
  if (report.days_since > 0) {
    h.element("li", say.count("alerts.ended", report.days_since));
  }
  if (count(obs::SeriesState::few_events) > 0) {
    h.element("li", say.count("alerts.few", count(obs::SeriesState::few_events)));
  }
  if (count(obs::SeriesState::not_judged) > 0) {
    h.element("li", say.count("alerts.not_judged", count(obs::SeriesState::not_judged)));
  }
  if (report.facts_too_coarse > 0) {
    h.element("li", say.count("alerts.coarse", static_cast<std::int64_t>(report.facts_too_coarse)));
  }
  h.close("ul");
  if (count(obs::SeriesState::quiet) > 0) {
    h.element("h3", say("alerts.quiet"));
    write_series(h, context, view, obs::SeriesState::quiet, kQuietShown);
  }
}

// ---- linkages ----

std::string count_text(const PageContext& context, const json::value& value) {
  return value.is_null() ? Say(context)("cell_status.suppressed")
                         : figures::number(context.language, value.to_number<std::int64_t>());
}

std::string list_title(const obs::Linkage& linkage, std::string_view id) {
  for (const auto& value : linkage.lists) {
    if (text_in(value.as_object(), "list") == id) {
      return text_in(value.as_object(), "title");
    }
  }
  return std::string(id);
}

// "police+forensic" in the words of the lists.
std::string pattern_text(const PageContext& context, const obs::Linkage& linkage,
                         std::string_view pattern) {
  std::vector<std::string> titles;
  std::size_t at = 0;
  while (at <= pattern.size()) {
    const auto end = std::min(pattern.find('+', at), pattern.size());
    titles.push_back(list_title(linkage, pattern.substr(at, end - at)));
    at = end + 1;
  }
  // A case of some lists and no other, or of all.
  const std::string lists = figures::list(context.language, titles);
  return titles.size() < linkage.lists.size() ? Say(context)("linkage.only", {{"list", lists}})
                                              : Say(context)("linkage.in", {{"lists", lists}});
}

void write_agreement_row(Html& h, const PageContext& context, const std::string& group,
                         const json::object& line, const std::vector<std::string>& heads) {
  h.open("tr").element("th", {{"scope", "row"}}, group);
  std::size_t at = 0;
  const auto cell = [&](const json::value& value) {
    h.element("td", {{"data-l", heads[++at]}, {"class", "num"}}, count_text(context, value));
  };
  for (const auto& [list, value] : line.at("lists").as_object()) {
    cell(value);
  }
  for (const auto& [pattern, value] : line.at("found").as_object()) {
    cell(value);
  }
  cell(line.at("cases"));
  h.close("tr");
}

void write_unseen(Html& h, const PageContext& context, const obs::Linkage& linkage) {
  const Say say(context);
  const auto* value = linkage.result.if_contains("unseen");
  const auto* estimate = value == nullptr ? nullptr : value->if_object();
  h.element("h2", say("linkage.unseen"));
  if (estimate == nullptr) {
    h.element("p", say("linkage.unseen.two"));
    return;
  }
  if (estimate->contains("refused")) {
    h.element("p", say("linkage.unseen.refused"));
    return;
  }
  h.element("p", {{"class", "note warn"}}, say("linkage.unseen.warning"));
  const auto whole = [&](std::string_view key) {
    return figures::number(context.language, std::llround(estimate->at(key).to_number<double>()));
  };
  h.element("p", say("linkage.unseen.range", {{"low", whole("total_low")},
                                              {"high", whole("total_high")},
                                              {"low_all", whole("total_low_all")},
                                              {"high_all", whole("total_high_all")}}));
  const std::vector<std::string> heads = {say("linkage.model"), say("linkage.model.unseen"),
                                          say("figures.interval"), "AIC"};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {1, 2, 3});
  h.open("tbody");
  for (const auto& entry : estimate->at("models").as_array()) {
    const auto& model = entry.as_object();
    std::vector<std::string> pairs;
    for (const auto& pair : model.at("dependent").as_array()) {
      const auto& lists = pair.as_array();
      pairs.push_back(list_title(linkage, std::string_view(lists[0].as_string())) + " × " +
                      list_title(linkage, std::string_view(lists[1].as_string())));
    }
    const auto n = [&](std::string_view key) {
      return figures::number(context.language, std::llround(model.at(key).to_number<double>()));
    };
    h.open("tr").element("th", {{"scope", "row"}},
                         pairs.empty() ? say("linkage.model.independent")
                                       : say("linkage.model.dependent",
                                             {{"pairs", figures::list(context.language, pairs)}}));
    h.element("td", {{"data-l", heads[1]}, {"class", "num"}}, n("unseen"));
    h.element("td", {{"data-l", heads[2]}, {"class", "num"}},
              n("unseen_low") + "–" + n("unseen_high"));
    h.element("td", {{"data-l", heads[3]}, {"class", "num"}},
              figures::decimal(context.language, model.at("aic").to_number<double>(), 1));
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_counts(Html& h, const PageContext& context, const obs::Linkage& linkage) {
  const Say say(context);
  const auto& r = linkage.result;
  const auto n = [&](std::string_view key) {
    return figures::number(context.language, number_in(r, key));
  };
  h.open("dl", {{"class", "facts"}});
  for (const auto& value : linkage.lists) {
    const auto& list = value.as_object();
    const auto* within = r.if_contains("duplicates");
    write_fact(
        h, text_in(list, "title"),
        say("linkage.list",
            {{"rows", figures::number(context.language, number_in(list, "rows"))},
             {"pairs", figures::number(context.language,
                                       within == nullptr ? 0
                                                         : number_in(within->as_object(),
                                                                     text_in(list, "list")))}}));
  }
  write_fact(h, say("linkage.cases"), n("cases"));
  write_fact(h, say("linkage.linked"), n("pairs_linked"));
  write_fact(h, say("linkage.review"), n("pairs_for_review"));
  write_fact(h, say("linkage.conflict"), n("pairs_in_conflict"));
  write_fact(h, say("linkage.decided"), n("pairs_decided_by_persons"));
  write_fact(h, say("linkage.made"), who_and_when(context, linkage.made_by, linkage.made_at));
  h.close("dl");
}

}  // namespace

std::string render_alerts(const PageContext& context, const AlertsView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("alerts.title"), say("alerts.lead")});
  open_band(h);
  write_figure_error(h, context, view.error);
  h.element("p", {{"class", "note"}}, say("alerts.not_public"));
  write_form(h, context, view);
  close_band(h);
  if (view.report) {
    open_band(h);
    write_report(h, context, view);
    close_band(h);
  }
  return shell(context, figure_shell(context, say("alerts.title"), say("figdesk.title")), h);
}

void write_agreement(Html& h, const PageContext& context, const obs::Linkage& linkage) {
  const Say say(context);
  const auto& agreement = linkage.agreement;
  h.element("h3", linkage.title);
  if (linkage.synthetic) {
    h.element("p", {{"class", "note warn"}}, say("figdesk.synthetic.long"));
  }
  h.element("p", {{"class", "sub"}},
            say("linkage.agreement.sub",
                {{"n", figures::number(context.language, number_in(agreement, "hidden"))}}));
  const auto* total = agreement.at("total").if_object();
  if (total == nullptr) {
    h.element("p", say("figure.no_data"));
    return;
  }
  std::vector<std::string> heads = {say("linkage.group")};
  for (const auto& [list, value] : total->at("lists").as_object()) {
    heads.push_back(say("linkage.all", {{"list", list_title(linkage, list)}}));
  }
  for (const auto& [pattern, value] : total->at("found").as_object()) {
    heads.push_back(pattern_text(context, linkage, pattern));
  }
  heads.push_back(say("linkage.cases"));
  std::vector<std::size_t> numbers;
  for (std::size_t i = 1; i < heads.size(); ++i) {
    numbers.push_back(i);
  }
  h.open(
      "div",
      {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", linkage.title}});
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, numbers);
  h.open("tbody");
  for (const auto& value : agreement.at("groups").as_array()) {
    const auto& line = value.as_object();
    const std::string group = text_in(line, "group");
    write_agreement_row(h, context, group == obs::kUnknown ? say("linkage.group.unknown") : group,
                        line, heads);
  }
  write_agreement_row(h, context, say("figure.all"), *total, heads);
  h.close("tbody").close("table").close("div");
}

std::string render_linkages(const PageContext& context, const std::vector<obs::Linkage>& linkages) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("linkage.title"), say("linkage.lead")});
  open_band(h);
  if (linkages.empty()) {
    h.element("p", say("linkage.none"));
    h.open("p").element("code", "atalaya observatory link --node DIR --plan FILE A.csv B.csv");
    h.close("p");
  }
  h.element("h2", {{"class", "visually-hidden"}}, say("linkage.title"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& linkage : linkages) {
    h.open("li").open("h3");
    h.element("a", {{"href", link(context, fmt::format("/desk/figures/linkages/{}", linkage.id))}},
              linkage.title);
    if (linkage.synthetic) {
      h.text(" ").element("span", {{"class", "tag draft"}}, say("figdesk.synthetic"));
    }
    if (linkage.published) {
      h.text(" ").element("span", {{"class", "tag"}}, say("linkage.published"));
    }
    h.close("h3").open("p", {{"class", "meta"}}).element("code", linkage.linkage);
    h.text(" · ").text(who_and_when(context, linkage.made_by, linkage.made_at)).close("p");
    h.element("p",
              say("linkage.row",
                  {{"cases", figures::number(context.language, number_in(linkage.result, "cases"))},
                   {"review", figures::number(context.language,
                                              number_in(linkage.result, "pairs_for_review"))}}));
    h.close("li");
  }
  h.close("ul");
  close_band(h);
  return shell(context, figure_shell(context, say("linkage.title"), say("figdesk.title")), h);
}

std::string render_linkage(const PageContext& context, const obs::Linkage& linkage) {
  const Say say(context);
  Html h;
  write_head(h, {say("linkage.title"), linkage.title, say("linkage.no_names")});
  open_band(h);
  write_counts(h, context, linkage);
  close_band(h);
  open_band(h);
  h.element("h2", say(linkage.published ? "linkage.agreement.published" : "linkage.agreement"));
  write_agreement(h, context, linkage);
  close_band(h);
  open_band(h);
  write_unseen(h, context, linkage);
  close_band(h);
  open_band(h);
  h.element("h2", say("linkage.plan"));
  h.open("div", {{"class", "scroll"},
                 {"tabindex", "0"},
                 {"role", "region"},
                 {"aria-label", say("linkage.plan")}});
  h.open("pre").element("code", linkage.plan).close("pre").close("div");
  close_band(h);
  return shell(context, figure_shell(context, linkage.title, say("figdesk.title")), h);
}

}  // namespace atalaya::api
