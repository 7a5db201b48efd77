// The public page on the quality of data, a source at a time, and on how far sources lie apart.
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_figure_parts.hpp"
#include "pages_weekly.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

std::string percent(const PageContext& context, double share) {
  return figures::decimal(context.language, share * 100, 1) + "\u00A0%";
}

std::string percent_or_not(const PageContext& context, const std::optional<double>& share) {
  return share ? percent(context, *share) : Say(context)("quality.not_measured");
}

std::string dimension_name(const QualityView& view, const PageContext& context,
                           const std::string& dimension) {
  const auto* list = view.territories->lists().find(dimension);
  return list == nullptr ? dimension : std::string(list->name().in(context.language));
}

std::string indicator_name(const QualityView& view, const PageContext& context,
                           const std::string& indicator) {
  const auto* found = view.indicators->find(indicator);
  return found == nullptr ? indicator : std::string(found->name.in(context.language));
}

void write_dimensions(Html& h, const PageContext& context, const QualityView& view,
                      const obs::QualityReport& report) {
  const Say say(context);
  const std::vector<std::string> heads = {say("figdesk.quality.dimension"),
                                          say("figdesk.quality.share")};
  h.element("h4", say("quality.completeness"));
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {1});
  h.open("tbody");
  for (const auto& d : report.dimensions) {
    h.open("tr").element("th", {{"scope", "row"}}, dimension_name(view, context, d.dimension));
    h.element("td", {{"data-l", heads[1]}, {"class", "num"}},
              percent_or_not(context, d.unknown_share));
    h.close("tr");
  }
  h.close("tbody").close("table");
}

// Beside protected tables: what share something is, by and large. Empty where nothing is told.
std::string band_text(const PageContext& context, const obs::QualityReport& report,
                      const std::string& rule) {
  const auto at = report.bands.find(rule);
  return at == report.bands.end() ? std::string()
                                  : Say(context).value("figures.quality.band", at->second);
}

// What stands beside the published figures; of a source that no release rated, what it is now.
std::string rating_text(const PageContext& context, const QualityView& view,
                        const obs::QualityReport& report) {
  const Say say(context);
  const auto letter = [&](std::string_view rating) {
    return rating == "not_rated" ? say("figdesk.quality.not_rated")
                                 : say("quality.rating.of", {{"letter", rating}});
  };
  const auto at = view.published.find({report.source, report.country});
  return at == view.published.end()
             ? letter(to_string(report.rating.letter))
             : say("quality.rating.published", {{"letter", letter(at->second.letter)},
                                                {"period", at->second.period},
                                                {"release", at->second.release}});
}

void write_measures(Html& h, const PageContext& context, const QualityView& view,
                    const obs::QualityReport& report) {
  const Say say(context);
  h.open("dl", {{"class", "facts two"}});
  write_fact(h, say("figdesk.quality.rating"), rating_text(context, view, report));
  write_fact(h, say("quality.period"), period_text(context, report.period_from, report.period_to));
  write_fact(h, say("quality.seen_through"),
             report.indicator.empty() ? say("quality.not_measured")
                                      : indicator_name(view, context, report.indicator));
  write_fact(
      h, say("figdesk.quality.timeliness"),
      report.days ? say.count("figdesk.quality.days", *report.days) : say("quality.not_measured"));
  if (!report.bands.empty()) {
    for (const auto& rule : obs::rating_rules()) {
      if (const std::string band = band_text(context, report, rule.id); !band.empty()) {
        write_fact(h, rule.names.at(context.language), band);
      }
    }
    write_fact(h, say("quality.bands"), say("quality.bands.why"));
    h.close("dl");
    return;
  }
  write_fact(
      h, say("quality.coverage"),
      report.coverage ? percent(context, report.coverage->share) : say("quality.not_measured"));
  write_fact(h, say("quality.duplicates"), percent_or_not(context, report.duplicate_share));
  write_fact(h, say("quality.undetermined"), percent_or_not(context, report.undetermined_share));
  write_fact(h, say("quality.outliers"),
             report.cells_tested == 0
                 ? say("quality.not_measured")
                 : say("quality.outliers.of",
                       {{"n", figures::number(context.language,
                                              static_cast<std::int64_t>(report.outliers_found))},
                        {"all", figures::number(context.language,
                                                static_cast<std::int64_t>(report.cells_tested))}}));
  h.close("dl");
}

std::string measure_text(const PageContext& context, const obs::Criterion& criterion,
                         double value) {
  const Say say(context);
  if (criterion.unit == "months") {
    return say("quality.months", {{"n", figures::decimal(context.language, value, 1)}});
  }
  if (criterion.unit == "share") {
    return percent(context, value);
  }
  return say(value >= 1 ? "quality.yes" : "quality.no");
}

void write_sheet(Html& h, const PageContext& context, const obs::ProtocolSheet& sheet,
                 const std::vector<obs::ProtocolAnswer>& answers) {
  const Say say(context);
  h.element("h4", say("figdesk.protocol"));
  h.element("p", {{"class", "sub"}},
            say("quality.protocol.sub", {{"measured", std::to_string(sheet.measured)},
                                         {"all", std::to_string(sheet.results.size())}}));
  const std::vector<std::string> heads = {say("quality.criterion"), say("quality.measured"),
                                          say("quality.threshold"), say("quality.state")};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {1, 2});
  h.open("tbody");
  for (const auto& result : sheet.results) {
    const auto& c = *result.criterion;
    h.open("tr").element("th", {{"scope", "row"}},
                         fmt::format("{}. {}", c.number, c.names.at(context.language)));
    h.element("td", {{"data-l", heads[1]}, {"class", "num"}},
              result.value ? measure_text(context, c, *result.value) : "–");
    h.open("td", {{"data-l", heads[2]}, {"class", "num"}});
    // One box, so that the mark stays beside the number where cells stack.
    h.open("span").text(measure_text(context, c, c.threshold));
    if (!c.confirmed) {
      h.text(" ").element("span", {{"class", "tag draft"}}, say("figdesk.protocol.unconfirmed"));
    }
    h.close("span").close("td").open("td", {{"data-l", heads[3]}});
    const bool warn = result.state == obs::CriterionState::not_met;
    h.element("span", {{"class", warn ? "tag warn" : "tag"}},
              say(fmt::format("figdesk.protocol.{}", to_string(result.state))));
    if (const auto at = std::ranges::find(answers, c.id, &obs::ProtocolAnswer::criterion);
        at != answers.end()) {
      h.element(
          "span", {{"class", "xs muted"}},
          " " + say("protocol.said", {{"who", at->answered_by},
                                      {"date", figures::edtf(context.language, at->answered_on)},
                                      {"reason", at->reason}}));
    }
    h.close("td").close("tr");
  }
  h.close("tbody").close("table");
}

void write_source(Html& h, const PageContext& context, const QualityView& view,
                  const obs::QualityReport& report) {
  const Say say(context);
  h.open("section", {{"class", "stack"}});
  h.open("h3").text(report.titles.empty() ? report.source : report.titles.back());
  if (report.synthetic) {
    h.text(" ").element("span", {{"class", "tag draft"}}, say("figdesk.synthetic"));
  }
  h.close("h3");
  h.open("p", {{"class", "meta"}}).element("code", report.source);
  h.text(" · ").text(say.value("source_kind", report.source_kind)).close("p");
  if (report.too_large) {
    h.element("p", {{"class", "note"}}, say("quality.too_large"));
  }
  write_measures(h, context, view, report);
  if (!report.dimensions.empty()) {
    write_dimensions(h, context, view, report);
  }
  if (report.protocol) {
    write_sheet(h, context, *report.protocol, report.answers);
  }
  h.close("section");
}

using Pair = std::tuple<std::string, std::string, std::string, std::string>;

void write_pair(Html& h, const PageContext& context, const QualityView& view, const Pair& pair,
                const std::vector<const obs::SourceAgreement*>& rows) {
  const Say say(context);
  const auto& [indicator, country, first, second] = pair;
  const bool linked =
      std::ranges::any_of(rows, [](const auto* row) { return row->agreement.both.has_value(); });
  std::vector<std::string> heads = {say("figures.period"), first, second, say("quality.difference"),
                                    say("quality.difference.percent")};
  if (linked) {
    heads.push_back(say("quality.both"));
  }
  h.element("h3", fmt::format("{}, {}", indicator_name(view, context, indicator),
                              country_name(context, country)));
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {1, 2, 3, 4, 5});
  h.open("tbody");
  for (const auto* row : rows) {
    const auto& a = row->agreement;
    const auto number = [&](std::size_t at, const std::string& text) {
      h.element("td", {{"data-l", heads[at]}, {"class", "num"}}, text);
    };
    h.open("tr").element("th", {{"scope", "row"}}, figures::edtf(context.language, row->period));
    number(1, figures::number(context.language, a.first));
    number(2, figures::number(context.language, a.second));
    number(3, figures::number(context.language, std::abs(a.difference)));
    number(4, figures::decimal(context.language, a.difference_percent, 1) + "\u00A0%");
    if (linked) {
      number(5, a.both ? figures::number(context.language, *a.both) : "–");
    }
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_agreements(Html& h, const PageContext& context, const QualityView& view) {
  const Say say(context);
  h.element("h2", say("quality.agreement"));
  h.element("p", {{"class", "sub"}}, say("quality.agreement.sub"));
  std::map<Pair, std::vector<const obs::SourceAgreement*>> pairs;
  for (const auto& a : view.agreements) {
    pairs[{a.indicator, a.country, a.first_source, a.second_source}].push_back(&a);
  }
  if (pairs.empty() && view.linkages.empty()) {
    h.element("p", say("quality.agreement.none"));
  }
  for (const auto& [pair, rows] : pairs) {
    write_pair(h, context, view, pair, rows);
  }
  for (const auto& linkage : view.linkages) {
    write_agreement(h, context, linkage);
  }
}

void write_reading(Html& h, const PageContext& context) {
  const Say say(context);
  h.element("h2", say("quality.reading"));
  h.open("ul", {{"class", "plain"}});
  for (const std::string_view key :
       {"quality.reading.states", "quality.reading.unknown", "quality.reading.coverage",
        "quality.reading.outliers", "quality.reading.rating", "quality.reading.missing"}) {
    h.element("li", say(key));
  }
  h.close("ul");
}

}  // namespace

std::string render_quality(const PageContext& context, const QualityView& view) {
  const Say say(context);
  const std::string title =
      view.country.empty()
          ? say("quality.title")
          : say("quality.title.country", {{"country", country_name(context, view.country)}});
  Html h;
  write_head(h, {say("nav.figures"), title, say("quality.lead")});
  open_band(h);
  h.element("h2", say("quality.sources"));
  if (view.reports.empty()) {
    h.element("p", {{"class", "note"}},
              say(view.country.empty() ? "quality.none" : "quality.none.country"));
  }
  std::string country = "none yet";
  for (const auto& report : view.reports) {
    if (view.country.empty() && report.country != country) {
      country = report.country;
      h.element("p", {{"class", "eyebrow"}},
                country.empty() ? say("quality.several")
                                : view.territories->name(country, context.language));
    }
    write_source(h, context, view, report);
  }
  close_band(h);
  open_band(h);
  write_agreements(h, context, view);
  close_band(h);
  open_band(h);
  write_reading(h, context);
  close_band(h);
  Shell frame;
  frame.title = title;
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}};
  if (!view.country.empty()) {
    frame.crumbs.push_back({say("quality.title"), "/figures/quality"});
  }
  frame.crumbs.push_back({title, ""});
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
