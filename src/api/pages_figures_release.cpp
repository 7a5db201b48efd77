// One release: what it holds, who decided it, how it was protected, what it changed.
#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/observatory/release_public.hpp>

#include "pages_figure_parts.hpp"
#include "pages_figures.hpp"

namespace atalaya::api {
namespace {

constexpr std::size_t kChangesShown = 40;

std::string text_of(const json::value& value, std::string_view key) {
  const auto* object = value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::int64_t number_of(const json::value& value, std::string_view key) {
  const auto* object = value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(key);
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

bool flag_of(const json::value& value, std::string_view key) {
  const auto* object = value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(key);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const json::array& list_of(const json::object& object, std::string_view key) {
  static const json::array none;
  const auto* found = object.if_contains(key);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

std::string indicator_name(const PageContext& context, const FigureBase& base,
                           std::string_view id) {
  const auto* indicator = base.indicators->find(id);
  return indicator == nullptr ? std::string(id) : indicator->name.in(context.language);
}

void write_tables(Html& h, const PageContext& context, const ReleaseView& view) {
  const Say say(context);
  const std::vector<std::string> heads = {say("figures.indicator"), say("figures.by"),
                                          say("figures.cells.head"), say("figures.hidden"),
                                          say("figures.download")};
  open_band(h);
  h.element("h2", titled(context,
                         say.count("figures.tables",
                                   static_cast<std::int64_t>(view.release.tables.size())),
                         view.release.synthetic));
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {2, 3});
  h.open("tbody");
  for (const auto& held : view.base.held) {
    if (held.release != view.release.id) {
      continue;
    }
    h.open("tr").open("th", {{"scope", "row"}});
    h.element("a", {{"href", link(context, explorer_path(held))}},
              indicator_name(context, view.base, held.query.indicator));
    h.close("th").element("td", {{"data-l", heads[1]}}, by_name(context, view.base, held.query));
    h.element("td", {{"data-l", heads[2]}, {"class", "num"}},
              figures::number(context.language, held.cells));
    h.element("td", {{"data-l", heads[3]}, {"class", "num"}},
              figures::number(context.language, held.suppressed));
    h.open("td", {{"data-l", heads[4]}}).open("span");
    h.element("a", {{"href", link(context, csv_path(held))}}, "CSV").text(" · ");
    h.element("a", {{"href", link(context, file_path(held, "xlsx"))}}, "xlsx");
    h.close("span").close("td").close("tr");
  }
  h.close("tbody").close("table");
  close_band(h);
}

const json::object* rounding_of(const ReleaseView& view) {
  const auto* rounding = view.release.policy.if_contains("rounding");
  return rounding == nullptr ? nullptr : rounding->if_object();
}

std::string rounding_base(const PageContext& context, const ReleaseView& view) {
  const auto* rounding = rounding_of(view);
  return rounding == nullptr
             ? std::string()
             : figures::number(context.language, number_of(json::value(*rounding), "base"));
}

// What this release and an earlier one say together.
void write_differences(Html& h, const PageContext& context, const ReleaseView& view) {
  const Say say(context);
  const std::string treatment = text_of(json::value(view.release.policy), "differences");
  for (const auto& entry : list_of(view.release.audit, "differences")) {
    if (number_of(entry, "revised") + number_of(entry, "sums") == 0) {
      continue;
    }
    const auto number = [&](std::string_view key) {
      return figures::number(context.language, number_of(entry, key));
    };
    h.element("p", {{"class", "small"}},
              say("figures.audit.differences",
                  {{"release", text_of(entry, "release")},
                   {"compared", number("compared")},
                   {"revised", number("revised")},
                   {"small", number("small")},
                   {"sums", number("sums")},
                   {"hidden", number("hidden_then")},
                   {"treatment", say.value("figures.audit.differences",
                                           treatment.empty() ? "protect" : treatment)}}));
  }
}

// One source's newest year of a country, as it was measured for the release.
struct RatedSource {
  std::string period, rating;
  std::optional<std::int64_t> score;  // of protected tables none is told
  json::object measures, bands;
  std::map<std::string, std::string, std::greater<>> earlier;  // ratings by period, newest first
};

std::string measures_text(const PageContext& context, const RatedSource& source) {
  const Say say(context);
  std::string out;
  for (const auto& rule : observatory::rating_rules()) {
    if (const auto* band = source.bands.if_contains(rule.id); band != nullptr) {
      out += out.empty() ? "" : "; ";
      out += rule.names.at(context.language) + ": " +
             say.value("figures.quality.band", std::string_view(band->as_string()));
      continue;
    }
    const auto* value = source.measures.if_contains(rule.id);
    if (value == nullptr || !value->is_number()) {
      continue;
    }
    const double number = value->to_number<double>();
    out += out.empty() ? "" : "; ";
    out +=
        rule.names.at(context.language) + std::string(colon(context)) +
        (rule.unit == "days" ? say.count("figures.quality.days", static_cast<std::int64_t>(number))
                             : figures::decimal(context.language, 100 * number, 1) + "\u00A0%");
  }
  return out;
}

// "2022 B, 2016–2021 C": years of one rating together.
std::string earlier_ratings(const PageContext& context, const RatedSource& source) {
  std::string out;
  auto at = source.earlier.upper_bound(source.period);
  while (at != source.earlier.end()) {
    const auto newest = at;
    auto oldest = at;
    for (; at != source.earlier.end() && at->second == newest->second; ++at) {
      oldest = at;
    }
    out += (out.empty() ? "" : ", ") +
           (oldest == newest ? newest->first : oldest->first + "–" + newest->first) + " " +
           (newest->second == "not_rated" ? Say(context)("figures.quality.not_rated")
                                          : newest->second);
  }
  return out;
}

std::map<std::pair<std::string, std::string>, RatedSource> rated_sources(const ReleaseView& view) {
  std::map<std::pair<std::string, std::string>, RatedSource> out;
  for (const auto& table : view.release.tables) {
    for (const auto& entry : list_of(table.query, "quality")) {
      auto& held = out[{text_of(entry, "source"), text_of(entry, "territory")}];
      const std::string period = text_of(entry, "period");
      held.earlier[period] = text_of(entry, "rating");
      const auto* object = entry.if_object();
      const auto* score = object == nullptr ? nullptr : object->if_contains("score");
      const auto* measures = object == nullptr ? nullptr : object->if_contains("measures");
      if (period < held.period || measures == nullptr || !measures->is_object()) {
        continue;
      }
      held.period = period;
      held.rating = text_of(entry, "rating");
      held.score = score != nullptr && score->is_number()
                       ? std::optional(static_cast<std::int64_t>(score->to_number<double>() + 0.5))
                       : std::nullopt;
      held.measures = measures->get_object();
      const auto* bands = object->if_contains("bands");
      held.bands = bands != nullptr && bands->is_object() ? bands->get_object() : json::object();
    }
  }
  return out;
}

void write_quality(Html& h, const PageContext& context, const ReleaseView& view) {
  constexpr std::size_t kRatedShown = 40;
  const Say say(context);
  const auto rated = rated_sources(view);
  if (rated.empty()) {
    return;
  }
  open_band(h, {{"id", "quality"}});
  h.element("h2", say("figures.quality.table"));
  h.element("p", {{"class", "sub"}}, say("figures.quality.table.lead"));
  const std::vector<std::string> heads = {say("figures.source"), say("figures.period"),
                                          say("figures.quality"), say("figures.quality.score"),
                                          say("figures.quality.measure")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  std::size_t n = 0;
  for (const auto& [key, source] : rated) {
    if (n++ == kRatedShown) {
      break;
    }
    const bool is_rated = source.rating != "not_rated";
    h.open("tr").element(
        "th", {{"scope", "row"}},
        key.first + " · " + code_name(context, view.base, "territory", key.second));
    h.element("td", {{"data-l", heads[1]}}, source.period);
    h.open("td", {{"data-l", heads[2]}});
    h.text(is_rated ? source.rating : say("figures.quality.not_rated"));
    if (const std::string before = earlier_ratings(context, source); !before.empty()) {
      h.empty("br").element("span", {{"class", "xs muted"}},
                            say("figures.quality.years", {{"list", before}}));
    }
    h.close("td");
    h.element("td", {{"data-l", heads[3]}},
              is_rated && source.score ? figures::number(context.language, *source.score) : "–");
    h.element("td", {{"data-l", heads[4]}}, measures_text(context, source)).close("tr");
  }
  h.close("tbody").close("table");
  if (rated.size() > kRatedShown) {
    h.element(
        "p", {{"class", "small"}},
        say.count("figures.not_shown", static_cast<std::int64_t>(rated.size() - kRatedShown)));
  }
  close_band(h);
}

void write_policy(Html& h, const PageContext& context, const ReleaseView& view) {
  const Say say(context);
  const auto leaks = list_of(view.release.audit, "leaks").size();
  h.element("h2", say("figures.audit"));
  h.element("p", leaks == 0 ? say("figures.audit.safe")
                            : say.count("figures.audit.leaks", static_cast<std::int64_t>(leaks)));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& table : list_of(view.release.audit, "tables")) {
    if (flag_of(table, "whole")) {
      continue;
    }
    const auto number = [&](std::string_view key) {
      return figures::number(context.language, number_of(table, key));
    };
    h.open("li").open("p");
    h.element("b", indicator_name(context, view.base, text_of(table, "name")));
    // One indicator has a line for each of its tables.
    const auto held = std::ranges::find_if(view.base.held, [&](const HeldTable& t) {
      return t.release == view.release.id && t.position == number_of(table, "table") + 1;
    });
    if (held != view.base.held.end()) {
      h.text(", ").text(by_name(context, view.base, held->query));
    }
    h.text(colon(context));
    // As the list above counts them: zeros that only the table shows are no cells of the audit.
    const bool is_held = held != view.base.held.end();
    const auto hidden = is_held ? held->suppressed
                                : number_of(table, "primary") + number_of(table, "complement") +
                                      number_of(table, "zeros_hidden");
    const std::string shown =
        is_held ? figures::number(context.language, held->cells - held->suppressed)
                : number("shown");
    const bool rounded = number_of(table, "rounded") > 0;
    h.text(flag_of(table, "exempt") ? say("figures.audit.exempt", {{"shown", shown}})
           // How many were rounded to nothing stays unsaid: they have no rows, and a number of rows
           // that are not zero would tell that each of them is somebody.
           : rounded
               ? say("figures.audit.rounded", {{"base", rounding_base(context, view)}})
               // Which are hidden for themselves stays unsaid: they are below the threshold.
               : say("figures.audit.table",
                     {{"shown", shown}, {"hidden", figures::number(context.language, hidden)}}));
    h.close("p").close("li");
  }
  h.close("ul");
  const auto policy = observatory::public_policy(view.release.policy);
  for (const auto& group : list_of(policy, "groups")) {
    if (const auto threshold = number_of(group, "threshold");
        threshold > 0 && rounding_of(view) == nullptr) {
      h.element(
          "p", {{"class", "small"}},
          say("figures.policy.threshold", {{"n", figures::number(context.language, threshold)}}));
    }
    if (flag_of(group, "may_hide_zeros")) {
      h.element("p", {{"class", "small"}}, say("figures.policy.zeros"));
    }
  }
  if (const auto* rounding = rounding_of(view); rounding != nullptr) {
    h.element("p", {{"class", "small"}},
              say("figures.policy.rounding",
                  {{"base", rounding_base(context, view)},
                   {"method", say.value("figures.policy.rounding",
                                        text_of(json::value(*rounding), "method"))}}));
  }
  write_same_cases(h, context, view.release.audit, "same_cases", "small");
  const auto rests = number_of(json::value(view.release.audit), "rests");
  if (rests > 0) {
    h.element("p", {{"class", "small"}}, say.count("figures.audit.rests", rests));
  }
  if (view.release.audit.if_contains("rests_complete") != nullptr) {
    h.element("p", {{"class", "small"}}, say("figures.audit.rests_incomplete"));
  }
  write_differences(h, context, view);
}

void write_submissions(Html& h, const PageContext& context, const ReleaseView& view) {
  const Say say(context);
  h.element("h2", say("figures.rests_on"));
  h.open("ul", {{"class", "rows tight"}});
  for (const auto& submission : view.release.submissions) {
    h.open("li").element("h3", text_of(submission, "title")).open("p", {{"class", "meta"}});
    h.text(
        say("figures.submission", {{"id", std::to_string(number_of(submission, "id"))},
                                   {"source", text_of(submission, "source")},
                                   {"date", day_of(context, text_of(submission, "loaded_at"))}}));
    if (const auto mapping = text_of(submission, "mapping"); !mapping.empty()) {
      h.text(" · ").text(
          say("figures.mapping",
              {{"mapping", mapping},
               {"version", std::to_string(number_of(submission, "mapping_version"))}}));
    }
    h.close("p");
    h.close("li");
  }
  h.close("ul");
}

std::string cell_text(const PageContext& context, const observatory::Indicator& indicator,
                      const std::optional<observatory::Cell>& cell) {
  const Say say(context);
  if (!cell) {
    return say("figures.revision.absent");
  }
  // A row that only a release has to show: a rate of 0.0 beside "not in the table" says nothing.
  if (cell->count && *cell->count == 0 && cell->status != observatory::CellStatus::suppressed) {
    return say("figures.revision.nobody");
  }
  std::string text = shown_text(context, indicator, *cell);
  // Of a small place the count is said already.
  if (indicator.denominator.kind != observatory::DenominatorKind::none && cell->count &&
      !cell->small_population) {
    text += " (" +
            say("figures.n_of", {{"n", figures::decimal(context.language, *cell->count, 0)}}) + ")";
  }
  return text;
}

std::string reason_text(const PageContext& context, const observatory::ChangeReason& reason) {
  const Say say(context);
  const auto param = [&](const std::string& key) {
    const auto at = reason.params.find(key);
    return at == reason.params.end() ? std::string() : at->second;
  };
  const std::string date = param("date").empty() ? std::string() : day_of(context, param("date"));
  const std::string key = reason.kind == "protection" ? "figures.change.protection." + param("to")
                                                      : "figures.change." + reason.kind;
  return say(key, {{"submission", param("submission")},
                   {"source", param("source")},
                   {"date", date},
                   {"mapping", param("mapping")},
                   {"from", param("from")},
                   {"to", param("to")}});
}

void write_reasons(Html& h, const PageContext& context, const TableRevision& revision) {
  const Say say(context);
  h.element("p", {{"class", "eyebrow"}}, say("figures.revision.why"));
  if (revision.reasons.empty()) {
    h.element("p", {{"class", "small"}}, say("figures.revision.unexplained"));
    return;
  }
  h.open("ul", {{"class", "plain small"}});
  for (const auto& reason : revision.reasons) {
    h.element("li", reason_text(context, reason));
  }
  h.close("ul");
}

}  // namespace

void write_revision(Html& h, const PageContext& context, const FigureBase& base,
                    const TableRevision& revision) {
  const Say say(context);
  const auto* indicator = base.indicators->find(revision.to.query.indicator);
  if (indicator == nullptr) {
    return;
  }
  const std::string title =
      indicator->name.in(context.language) + " · " + by_name(context, base, revision.to.query);
  h.element("h3", title);
  h.element("p", {{"class", "sub"}},
            say.count("figures.revision.n", static_cast<std::int64_t>(revision.changes.size()),
                      {{"release", revision.from.release_name}}));
  if (revision.changes.empty()) {
    return;
  }
  write_reasons(h, context, revision);
  h.open("div",
         {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", title}});
  h.open("table").open("thead").open("tr");
  for (const auto& dimension : revision.to.query.by) {
    h.element("th", {{"scope", "col"}}, dimension_name(context, base, dimension));
  }
  h.element("th", {{"scope", "col"}, {"class", "num"}}, say("figures.revision.from"));
  h.element("th", {{"scope", "col"}, {"class", "num"}}, say("figures.revision.to"));
  h.close("tr").close("thead").open("tbody");
  const auto n = std::min(kChangesShown, revision.changes.size());
  for (std::size_t i = 0; i < n; ++i) {
    const auto& change = revision.changes[i];
    h.open("tr");
    for (std::size_t d = 0; d < change.codes.size() && d < revision.to.query.by.size(); ++d) {
      h.element("td", code_name(context, base, revision.to.query.by[d].name, change.codes[d]));
    }
    h.element("td", {{"class", "num"}}, cell_text(context, *indicator, change.from));
    h.element("td", {{"class", "num"}}, cell_text(context, *indicator, change.to)).close("tr");
  }
  h.close("tbody").close("table").close("div");
  if (n < revision.changes.size()) {
    h.element(
        "p", {{"class", "small"}},
        say.count("figures.not_shown", static_cast<std::int64_t>(revision.changes.size() - n)));
  }
}

std::string render_release(const PageContext& context, const ReleaseView& view) {
  const Say say(context);
  const auto& release = view.release;
  Html h;
  write_head(h, {say("figures.release.eyebrow",
                     {{"id", release.id}, {"date", day_of(context, release.published_at)}}),
                 titled(context, release.name, release.synthetic), ""});
  h.open("div", {{"class", "wrap stack country-keys"}});
  write_synthetic(h, context, release.synthetic);
  h.open("dl", {{"class", "facts two"}});
  write_fact(h, say("figures.decided_by"), text_of(release.decision, "by"));
  std::string reason = text_of(release.decision, "reason");
  if (const auto* reasons = release.decision.if_contains("reasons");
      reasons != nullptr && reasons->is_object()) {
    reason = observatory::words_in(reasons->get_object(), context.language, reason);
  }
  write_fact(h, say("figures.reason"), reason);
  write_fact(h, say("figures.published"),
             who_and_when(context, release.published_by, release.published_at));
  h.close("dl").open("p", {{"class", "row small no-print"}});
  for (const auto& [suffix, label] :
       {std::pair{"xlsx", "xlsx"}, std::pair{"zip", "Data Package"}}) {
    const std::string path = "/figures/releases/" + release.id + "." + suffix;
    h.element("a", {{"href", link(context, path)}},
              say("figures.release.all_tables") + std::string(colon(context)) + label);
  }
  h.element("a", {{"href", link(context, "/figures/releases/" + release.id + ".toml")}},
            say("figures.plan.download"));
  h.close("p").close("div");
  write_tables(h, context, view);
  if (!view.revisions.empty()) {
    open_band(h, {{"id", "revision"}});
    h.element("h2", say("figures.revision"));
    if (const auto words = text_of(release.decision, "changes"); !words.empty()) {
      h.element("p", say("figures.revision.publisher", {{"text", words}}));
    }
    for (const auto& revision : view.revisions) {
      write_revision(h, context, view.base, revision);
    }
    close_band(h);
  }
  write_quality(h, context, view);
  open_band(h);
  write_policy(h, context, view);
  close_band(h);
  open_band(h);
  write_submissions(h, context, view);
  h.open("p", {{"class", "note"}}).text(say("figures.log", {{"subject", "release/" + release.id}}));
  h.text(" ");
  if (view.leaf) {
    const std::string n = std::to_string(*view.leaf);
    h.text(say("figures.log.leaf", {{"n", n}})).text(colon(context));
    h.element("a", {{"href", "/api/v1/ledger/inclusion?leaf=" + n}}, say("figures.log.proof"));
    h.text(" · ");
  }
  h.element("a", {{"href", "/api/v1/ledger/checkpoint"}}, say("figures.log.link"));
  h.close("p");
  close_band(h);
  Shell frame;
  frame.title = release.name;
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"},
                  {say("figures.releases"), "/figures/releases"},
                  {release.name, ""}};
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
