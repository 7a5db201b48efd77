// How far sources of one thing lie apart, by year: totals, and cases where a linkage counted them.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include <atalaya/observatory/linkage_desk.hpp>
#include <atalaya/observatory/quality_report.hpp>

#include "desk_state.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::array<std::string_view, 3> kCompared = {"homicide_victims", "suicide_rate",
                                                       "road_traffic_deaths"};

// Country and year to what each source counts.
using Totals = std::map<std::pair<std::string, std::string>, std::map<std::string, std::int64_t>>;

Result<void> add_pairs(const Totals& totals, std::string_view indicator,
                       std::vector<SourceAgreement>& out) {
  for (const auto& [key, by_source] : totals) {
    for (auto first = by_source.begin(); first != by_source.end(); ++first) {
      for (auto second = std::next(first); second != by_source.end(); ++second) {
        SourceAgreement row;
        row.indicator = indicator;
        row.country = key.first;
        row.period = key.second;
        row.first_source = first->first;
        row.second_source = second->first;
        row.agreement = ATALAYA_TRY(agreement(first->second, second->second));
        out.push_back(std::move(row));
      }
    }
  }
  return {};
}

Result<void> add_drafts(const Desk& desk, const std::set<std::string>& countries,
                        std::vector<SourceAgreement>& out) {
  for (const auto indicator : kCompared) {
    Totals totals;
    for (const auto& country : countries) {
      TableQuery query;
      query.indicator = indicator;
      query.by = {{"source", ""}, {"period", "year"}};
      query.where = {{"territory", {country}}};
      query.draft = true;
      const auto table = desk.table(query);
      if (!table) {
        continue;
      }
      for (const auto& cell : table->cells) {
        totals[{country, cell.codes[1]}][cell.codes[0]] = std::llround(cell.count.value_or(0));
      }
    }
    ATALAYA_TRY(add_pairs(totals, indicator, out));
  }
  return {};
}

// Tables of one country by year and nothing else; without `source` several may be in it.
Result<void> add_released(const Desk& desk, const std::set<std::string>& countries,
                          std::vector<SourceAgreement>& out) {
  const auto releases = ATALAYA_TRY(desk.releases());
  std::map<std::string, Totals> by_indicator;
  for (const auto& release : releases) {
    for (const auto& entry : release.tables) {
      const auto query = ATALAYA_TRY(detail::query_from_json(entry.query));
      const bool plain = query.by.size() == 1 && query.by[0].name == "period" &&
                         query.by[0].level == "year" && !query.source.empty() &&
                         query.where.size() == 1 && query.where[0].first == "territory" &&
                         query.where[0].second.size() == 1;
      if (!plain || !countries.contains(query.where[0].second[0])) {
        continue;
      }
      // A rate's table holds the same counts as its own.
      const std::string indicator =
          entry.indicator == "homicide_rate" ? "homicide_victims" : entry.indicator;
      const auto table = ATALAYA_TRY(desk.release_table(release.id, entry.position));
      for (const auto& cell : table.cells) {
        if (cell.count) {
          // Releases come newest first, and the newest stays.
          by_indicator[indicator][{query.where[0].second[0], cell.codes[0]}].emplace(
              query.source, std::llround(*cell.count));
        }
      }
    }
  }
  for (const auto& [indicator, totals] : by_indicator) {
    ATALAYA_TRY(add_pairs(totals, indicator, out));
  }
  return {};
}

const json::object* line_of(const Linkage& linkage, std::string_view period) {
  for (const auto& line : linkage.agreement.at("groups").as_array()) {
    if (std::string_view(line.as_object().at("group").as_string()) == period) {
      return &line.as_object();
    }
  }
  return nullptr;
}

std::optional<std::int64_t> count_in(const json::object& object, const std::string& key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? std::optional(value->to_number<std::int64_t>())
                                                : std::nullopt;
}

// Cases on both lists of a linkage of two, of one year.
Result<void> add_linked(const Linkage& linkage, std::vector<SourceAgreement>& out) {
  if (linkage.lists.size() != 2 || linkage.country.empty()) {
    return {};
  }
  const auto text = [&](std::size_t list, const char* key) {
    return std::string(linkage.lists[list].as_object().at(key).as_string());
  };
  for (const auto& value : linkage.agreement.at("groups").as_array()) {
    const std::string period(value.as_object().at("group").as_string());
    const auto* line = line_of(linkage, period);
    if (line == nullptr || period.size() != 4) {
      continue;
    }
    const auto first = count_in(line->at("lists").as_object(), text(0, "list"));
    const auto second = count_in(line->at("lists").as_object(), text(1, "list"));
    const auto both =
        count_in(line->at("found").as_object(), text(0, "list") + "+" + text(1, "list"));
    if (!first || !second || !both) {
      continue;
    }
    SourceAgreement row;
    row.indicator = std::string(linkage.agreement.at("indicator").as_string());
    row.country = linkage.country;
    row.period = period;
    row.first_source = text(0, "source").empty() ? text(0, "list") : text(0, "source");
    row.second_source = text(1, "source").empty() ? text(1, "list") : text(1, "source");
    row.linkage = linkage.linkage;
    row.agreement = ATALAYA_TRY(agreement(*first, *second, *both));
    out.push_back(std::move(row));
  }
  return {};
}

}  // namespace

Result<std::vector<SourceAgreement>> source_agreements(const Desk& desk,
                                                       const QualityQuery& query) {
  const auto submissions = ATALAYA_TRY(desk.submissions());
  std::set<std::string> countries;
  for (const auto& s : submissions) {
    if (!s.country.empty() && (query.country.empty() || s.country == query.country)) {
      countries.insert(s.country);
    }
  }
  std::vector<SourceAgreement> out;
  if (query.released_only) {
    ATALAYA_TRY(add_released(desk, countries, out));
  } else {
    ATALAYA_TRY(add_drafts(desk, countries, out));
  }
  const auto linked = ATALAYA_TRY(linkages(desk));
  std::set<std::string> seen;
  for (const auto& linkage : linked) {
    const bool shown = (linkage.published || !query.released_only) &&
                       (query.country.empty() || linkage.country == query.country);
    if (shown && seen.insert(linkage.linkage).second) {
      ATALAYA_TRY(add_linked(linkage, out));
    }
  }
  if (!query.source.empty()) {
    std::erase_if(out, [&](const SourceAgreement& a) {
      return a.first_source != query.source && a.second_source != query.source;
    });
  }
  std::ranges::stable_sort(out, [](const SourceAgreement& a, const SourceAgreement& b) {
    return std::tie(a.indicator, a.country, a.first_source, a.second_source, a.period) <
           std::tie(b.indicator, b.country, b.first_source, b.second_source, b.period);
  });
  return out;
}

json::object agreement_json(const SourceAgreement& a) {
  json::object out{{"indicator", a.indicator},
                   {"country", a.country},
                   {"period", a.period},
                   {"first_source", a.first_source},
                   {"second_source", a.second_source},
                   {"first", a.agreement.first},
                   {"second", a.agreement.second},
                   {"difference", a.agreement.difference},
                   {"difference_percent", a.agreement.difference_percent},
                   {"linkage", a.linkage}};
  out["both"] = a.agreement.both ? json::value(*a.agreement.both) : json::value(nullptr);
  out["either"] = a.agreement.either ? json::value(*a.agreement.either) : json::value(nullptr);
  return out;
}

json::object quality_json(const QualityReport& report, Language language) {
  const auto optional = [](const auto& value) {
    return value ? json::value(*value) : json::value(nullptr);
  };
  json::array dimensions;
  for (const auto& d : report.dimensions) {
    dimensions.push_back(
        json::object{{"dimension", d.dimension}, {"unknown_share", optional(d.unknown_share)}});
  }
  json::array outliers;
  for (const auto& o : report.outliers) {
    outliers.push_back(json::object{{"territory", o.territory},
                                    {"period", o.period},
                                    {"count", o.count},
                                    {"expected", o.result.expected},
                                    {"low", o.result.low},
                                    {"high", o.result.high},
                                    {"p_value", o.result.p_value}});
  }
  json::value protocol = nullptr;
  if (report.protocol) {
    json::array criteria;
    for (const auto& result : report.protocol->results) {
      const auto& c = *result.criterion;
      criteria.push_back(json::object{{"criterion", c.id},
                                      {"number", c.number},
                                      {"name", c.names.at(language)},
                                      {"state", to_string(result.state)},
                                      {"value", optional(result.value)},
                                      {"threshold", c.threshold},
                                      {"unit", c.unit},
                                      {"threshold_confirmed", c.confirmed},
                                      {"source", c.source}});
    }
    protocol = json::object{{"criteria", std::move(criteria)},
                            {"measured", report.protocol->measured},
                            {"score", optional(report.protocol->score)}};
  }
  json::object out{{"source", report.source},
                   {"source_kind", report.source_kind},
                   {"country", report.country},
                   {"indicator", report.indicator},
                   {"period_from", report.period_from},
                   {"period_to", report.period_to},
                   {"loaded_at", report.loaded_at},
                   {"synthetic", report.synthetic},
                   {"dimensions", std::move(dimensions)},
                   {"days_to_load", optional(report.days)},
                   {"duplicate_share", optional(report.duplicate_share)},
                   {"undetermined_share", optional(report.undetermined_share)},
                   {"outliers", std::move(outliers)},
                   {"cells_tested", report.cells_tested},
                   {"protocol", std::move(protocol)},
                   {"rating", to_string(report.rating.letter)},
                   {"rating_score", optional(report.rating.score)}};
  if (!report.bands.empty()) {
    auto& bands = out["bands"].emplace_object();
    for (const auto& [rule, band] : report.bands) {
      bands[rule] = band;
    }
  }
  if (!report.release.empty()) {
    out["release"] = report.release;
  }
  if (report.coverage) {
    out["coverage"] = json::object{{"expected", report.coverage->expected},
                                   {"present", report.coverage->present},
                                   {"share", report.coverage->share}};
  }
  return out;
}

}  // namespace atalaya::observatory
