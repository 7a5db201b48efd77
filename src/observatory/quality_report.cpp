// One report a source and country: everything it sent, seen through the indicator that it answers.
#include <atalaya/observatory/quality_report.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/observatory/codelists_rules.hpp>
#include <atalaya/observatory/linkage_desk.hpp>

#include "quality_frozen.hpp"

namespace atalaya::observatory {
namespace {

constexpr std::int64_t kFactsMax = 20'000'000;
constexpr std::size_t kNeighbours = 6;  // years that a year is held against, the nearest ones

// The first that the facts answer stands for them.
constexpr std::array<std::string_view, 14> kIndicators = {
    "homicide_victims",          "robbery_rate",         "theft_rate",
    "serious_assault_rate",      "extortion_rate",       "kidnapping_rate",
    "sexual_violence_rate",      "family_violence_rate", "trafficking_victims_rate",
    "killed_by_law_enforcement", "suicide_rate",         "road_traffic_deaths",
    "undetermined_intent_share", "firearm_deaths"};
constexpr std::array<std::string_view, 6> kMinimumFields = {
    "sex", "age", "period", "territory", "mechanism", "relationship"};
constexpr std::array<std::string_view, 4> kRatedFields = {"sex", "age", "territory", "mechanism"};
constexpr std::array<std::string_view, 4> kRecords = {"police", "forensic", "health", "justice"};

template <class Range>
bool has(const Range& range, std::string_view value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

// Everything of one source and country, by the end of its period and then by load.
struct Sent {
  std::vector<Submission> submissions;
  Mapping mapping;  // of the newest, where its text can be read

  [[nodiscard]] const Submission& newest() const { return submissions.back(); }
};

TableQuery query_of(const Submission& s, std::string_view indicator,
                    std::vector<TableDimension> by) {
  TableQuery query;
  query.indicator = indicator;
  query.by = std::move(by);
  query.source = s.source;
  query.draft = true;
  if (!s.country.empty()) {
    query.where.emplace_back("territory", std::vector<std::string>{s.country});
  }
  return query;
}

// Dimensions that are read from a column: those with one code for all rows say nothing.
std::vector<std::string> read_dimensions(const Mapping& mapping) {
  std::vector<std::string> out;
  for (const auto& dimension : mapping.dimensions) {
    if (!dimension.columns.empty() && dimension.name != "iccs" && dimension.name != "unit" &&
        dimension.name != "status") {
      out.push_back(dimension.name);
    }
  }
  return out;
}

std::optional<Table> answered(const Desk& desk, const TableQuery& query) {
  auto table = desk.table(query);
  // What the facts cannot be broken down by says nothing about them.
  if (!table || table->cells.empty()) {
    return std::nullopt;
  }
  return *std::move(table);
}

std::string find_indicator(const Desk& desk, const Submission& s) {
  for (const auto indicator : kIndicators) {
    if (answered(desk, query_of(s, indicator, {{"period", "year"}}))) {
      return std::string(indicator);
    }
  }
  return {};
}

// Whether the mapping says anything of a dimension, be it the same for all rows.
bool gives(const Mapping& mapping, std::string_view name) {
  const auto is = [&](const auto& pair) { return pair.first == name; };
  return std::ranges::find(mapping.dimensions, name, &DimensionMapping::name) !=
             mapping.dimensions.end() ||
         std::ranges::any_of(mapping.defaults, is) ||
         std::ranges::any_of(mapping.measures, [&](const MeasureMapping& measure) {
           return std::ranges::any_of(measure.set, is);
         });
}

// What the source does not record at all, of what the indicator is to be broken down by, is unknown
// of every case.
Result<void> measure_unrecorded(const Desk& desk, const Sent& sent, QualityReport& out) {
  const auto* indicator = desk.indicators().find(out.indicator);
  const auto all = answered(desk, query_of(sent.newest(), out.indicator, {}));
  const std::int64_t cases = all ? std::llround(all->cells.front().count.value_or(0)) : 0;
  for (const std::string_view field : kMinimumFields) {
    if (indicator == nullptr || cases == 0 || !has(indicator->breakdowns, field) ||
        gives(sent.mapping, field)) {
      continue;
    }
    auto measured = ATALAYA_TRY(
        completeness({.dimension = std::string(field), .all = cases, .unknown = cases}));
    out.dimensions.push_back(std::move(measured));
  }
  return {};
}

Result<void> measure_dimensions(const Desk& desk, const Sent& sent, QualityReport& out) {
  for (const auto& dimension : read_dimensions(sent.mapping)) {
    const auto table = answered(desk, query_of(sent.newest(), out.indicator, {{dimension, ""}}));
    if (!table) {
      continue;
    }
    DimensionCounts counts{.dimension = dimension};
    for (const auto& cell : table->cells) {
      const std::int64_t n = std::llround(cell.count.value_or(0));
      counts.all += n;
      counts.unknown += cell.codes.front() == kUnknown ? n : 0;
      counts.not_applicable += cell.codes.front() == "_Z" ? n : 0;
    }
    auto measured = ATALAYA_TRY(completeness(counts));
    out.dimensions.push_back(std::move(measured));
  }
  return measure_unrecorded(desk, sent, out);
}

// Years of which every month was sent.
std::vector<std::string> whole_years(const Sent& sent) {
  std::set<std::string> months;
  for (const auto& submission : sent.submissions) {
    months.insert(submission.months.begin(), submission.months.end());
  }
  std::map<std::string, int> by_year;
  for (const auto& month : months) {
    ++by_year[month.substr(0, 4)];
  }
  std::vector<std::string> out;
  for (const auto& [year, n] : by_year) {
    if (n == 12) {
      out.push_back(year);
    }
  }
  return out;
}

using ByYear = std::map<std::string, std::map<std::string, double>>;  // territory, year

ByYear by_year_of(const Table& table) {
  ByYear out;
  for (const auto& cell : table.cells) {
    out[cell.codes[0]][cell.codes[1]] += cell.count.value_or(0);
  }
  return out;
}

Result<void> measure_coverage(const std::vector<std::string>& territories,
                              const std::vector<std::string>& years, const ByYear& counts,
                              QualityReport& out) {
  std::vector<std::pair<std::string, std::string>> present;
  for (const auto& [territory, by_year] : counts) {
    for (const auto& [year, count] : by_year) {
      present.emplace_back(territory, year);
    }
  }
  out.coverage = ATALAYA_TRY(coverage(territories, years, present));
  return {};
}

Result<void> measure_outliers(const std::vector<std::string>& years, const ByYear& counts,
                              QualityReport& out) {
  for (const auto& [territory, by_year] : counts) {
    if (territory.starts_with('_')) {
      continue;
    }
    std::vector<double> series;
    for (const auto& year : years) {
      const auto at = by_year.find(year);
      series.push_back(at == by_year.end() ? 0 : at->second);
    }
    for (std::size_t i = 0; i < series.size(); ++i) {
      const std::size_t half = kNeighbours / 2;
      std::size_t from = i > half ? i - half : 0;
      const std::size_t to = std::min(series.size(), from + kNeighbours + 1);
      from = to > kNeighbours + 1 ? to - kNeighbours - 1 : 0;
      std::vector<double> others;
      for (std::size_t j = from; j < to; ++j) {
        if (j != i) {
          others.push_back(series[j]);
        }
      }
      if (others.size() < kHistoryMin) {
        continue;
      }
      const auto result = ATALAYA_TRY(count_outlier(series[i], others));
      ++out.cells_tested;
      if (result.outlier) {
        out.outliers.push_back({territory, years[i], series[i], result});
      }
    }
  }
  std::ranges::stable_sort(out.outliers, {}, [](const YearOutlier& o) { return o.result.p_value; });
  return {};
}

Result<void> measure_places(const Desk& desk, const Sent& sent, const QualityQuery& query,
                            QualityReport& out) {
  const auto& s = sent.newest();
  const auto years = whole_years(sent);
  if (s.country.empty() || years.empty()) {
    return {};
  }
  const auto table =
      answered(desk, query_of(s, out.indicator, {{"territory", "admin1"}, {"period", "year"}}));
  const auto known = ATALAYA_TRY(desk.territories());
  std::vector<std::string> territories;
  for (const auto& code : known->children(s.country)) {
    if (known->level(code) == "admin1") {
      territories.push_back(code);
    }
  }
  if (!table || territories.empty()) {
    return {};
  }
  const ByYear counts = by_year_of(*table);
  // A source of one city or of totals alone is not meant to cover the country.
  const auto seen = std::ranges::count_if(
      territories, [&](const std::string& code) { return counts.contains(code); });
  if (seen < 2) {
    return {};
  }
  ATALAYA_TRY(measure_coverage(territories, years, counts, out));
  if (query.outliers) {
    ATALAYA_TRY(measure_outliers(years, counts, out));
  }
  return {};
}

void measure_undetermined(const Desk& desk, const Sent& sent, QualityReport& out) {
  const auto table = answered(desk, query_of(sent.newest(), "undetermined_intent_share", {}));
  if (table && table->cells.front().count && table->cells.front().population.value_or(0) > 0) {
    out.undetermined_share = *table->cells.front().count / *table->cells.front().population;
  }
}

// Of the source's newest file that was linked with others: pairs within it over its rows.
Result<void> measure_duplicates(const Desk& desk, bool released_only, QualityReport& out) {
  const auto all = ATALAYA_TRY(linkages(desk));
  for (const auto& linkage : all) {
    const auto* within = linkage.result.if_contains("duplicates");
    for (const auto& value : linkage.lists) {
      const auto& list = value.as_object();
      const std::string id(list.at("list").as_string());
      const auto rows = list.at("rows").to_number<std::int64_t>();
      if (within == nullptr || out.duplicate_share || rows == 0 ||
          linkage.synthetic != out.synthetic || (released_only && !linkage.published) ||
          std::string_view(list.at("source").as_string()) != out.source) {
        continue;
      }
      if (const auto* n = within->as_object().if_contains(id); n != nullptr) {
        out.duplicate_share =
            static_cast<double>(n->to_number<std::int64_t>()) / static_cast<double>(rows);
      }
    }
  }
  return {};
}

// What the node itself can see of the Protocol's criteria. What only people know (definition,
// validation) stays unmeasured.
void fill_protocol(const Sent& sent, const std::optional<double>& difference,
                   const std::optional<std::string>& published_at, QualityReport& out) {
  if (out.indicator != "homicide_victims" || !has(kRecords, out.source_kind)) {
    return;
  }
  std::map<std::string, double> measures;
  double present = 0;
  for (const auto field : kMinimumFields) {
    const auto dimensions = read_dimensions(sent.mapping);
    present += has(dimensions, field) ? 1 : 0;
  }
  // Of the eight minimum fields the victim's identity and the hour never reach the facts.
  measures["minimum_fields"] = present / 8;
  for (const auto& dimension : out.dimensions) {
    if (has(kMinimumFields, dimension.dimension) && dimension.unknown_share) {
      auto& worst = measures["missing_fields"];
      worst = std::max(worst, *dimension.unknown_share);
    }
  }
  if (sent.mapping.count_rows) {
    measures["victim_as_unit"] = 1;
  }
  if (out.coverage) {
    measures["territorial_coverage"] = out.coverage->share;
  }
  if (out.undetermined_share) {
    measures["undetermined_intent"] = *out.undetermined_share;
  }
  if (difference) {
    measures["source_convergence"] = *difference;
  }
  const auto end = parse_civil_date(out.period_to);
  if (published_at && end) {
    const auto published = parse_civil_date(std::string_view(*published_at).substr(0, 10));
    if (published) {
      if (const auto days = days_to_load(*end, *published)) {
        measures["timely_release"] = *days / 30.4375;
      }
    }
  }
  add_answers(out.answers, measures);
  out.protocol = assess_protocol(embedded_protocol(), measures);
}

void rate(const std::optional<double>& difference, QualityReport& out) {
  std::map<std::string, double> values;
  for (const auto& dimension : out.dimensions) {
    if (has(kRatedFields, dimension.dimension) && dimension.unknown_share) {
      values["unknown_share"] = std::max(values["unknown_share"], *dimension.unknown_share);
    }
  }
  if (out.days) {
    values["days_to_load"] = *out.days;
  }
  if (out.coverage) {
    values["coverage_gap"] = 1 - out.coverage->share;
  }
  if (out.duplicate_share) {
    values["duplicate_share"] = *out.duplicate_share;
  }
  if (out.undetermined_share) {
    values["undetermined_share"] = *out.undetermined_share;
  }
  if (difference) {
    values["source_difference"] = *difference;
  }
  if (auto rating = rate_quality(values)) {
    out.rating = *std::move(rating);
  }
}

struct Released {
  std::set<std::int64_t> submissions;
  std::map<std::int64_t, std::string> first_published;  // by submission
};

Released released_of(const std::vector<Release>& releases) {
  Released out;
  for (const auto& release : releases) {
    for (const auto& value : release.submissions) {
      const auto* object = value.if_object();
      const auto* id = object == nullptr ? nullptr : object->if_contains("id");
      if (id != nullptr && id->is_int64()) {
        out.submissions.insert(id->get_int64());
        auto& first = out.first_published[id->get_int64()];
        first = first.empty() ? release.published_at : std::min(first, release.published_at);
      }
    }
  }
  return out;
}

// The newest year in which both sources have a number.
std::optional<double> newest_difference(const std::vector<SourceAgreement>& agreements,
                                        const QualityReport& report) {
  const SourceAgreement* newest = nullptr;
  for (const auto& a : agreements) {
    if (a.country == report.country && a.indicator == report.indicator &&
        (a.first_source == report.source || a.second_source == report.source) &&
        (newest == nullptr || newest->period < a.period)) {
      newest = &a;
    }
  }
  return newest == nullptr ? std::nullopt
                           : std::optional(newest->agreement.difference_percent / 100);
}

Result<QualityReport> report_of(const Desk& desk, const Sent& sent, const QualityQuery& query,
                                const std::vector<SourceAgreement>& agreements,
                                const Released& released) {
  QualityReport out;
  const auto& s = sent.newest();
  out.source = s.source;
  out.source_kind = s.source_kind;
  out.country = s.country;
  out.loaded_at = s.loaded_at;
  std::int64_t facts = 0;
  for (const auto& submission : sent.submissions) {
    facts += submission.segment_rows;
    out.synthetic = out.synthetic || submission.synthetic;
    out.period_from = out.period_from.empty() ? submission.period_from
                                              : std::min(out.period_from, submission.period_from);
    out.period_to = std::max(out.period_to, submission.period_to);
    if (!has(out.titles, submission.title)) {
      out.titles.push_back(submission.title);
    }
  }
  const auto end = parse_civil_date(out.period_to);
  const auto loaded = parse_civil_date(std::string_view(s.loaded_at).substr(0, 10));
  if (end && loaded) {
    if (const auto days = days_to_load(*end, *loaded)) {
      out.days = *days;
    }
  }
  out.too_large = facts > kFactsMax;
  if (!out.too_large) {
    out.indicator = find_indicator(desk, s);
  }
  if (!out.indicator.empty()) {
    ATALAYA_TRY(measure_dimensions(desk, sent, out));
    ATALAYA_TRY(measure_places(desk, sent, query, out));
    measure_undetermined(desk, sent, out);
  }
  ATALAYA_TRY(measure_duplicates(desk, query.released_only, out));
  const auto difference = newest_difference(agreements, out);
  std::optional<std::string> published;
  if (const auto at = released.first_published.find(s.id); at != released.first_published.end()) {
    published = at->second;
  }
  out.answers = ATALAYA_TRY(protocol_answers(desk, out.source, out.country));
  fill_protocol(sent, difference, published, out);
  rate(difference, out);
  return out;
}

Result<std::vector<QualityReport>> live_reports(const Desk& desk, const QualityQuery& query,
                                                const std::set<std::int64_t>* only) {
  const auto submissions = ATALAYA_TRY(desk.submissions());
  const auto releases = ATALAYA_TRY(desk.releases());
  const Released released = released_of(releases);
  std::map<std::pair<std::string, std::string>, Sent> sources;
  for (const auto& s : submissions) {
    const bool wanted = s.kind == "facts" && !s.segment.empty() &&
                        (query.country.empty() || s.country == query.country) &&
                        (query.source.empty() || s.source == query.source) &&
                        (only == nullptr || only->contains(s.id));
    if (!wanted) {
      continue;
    }
    auto& sent = sources[{s.country, s.source}];
    sent.submissions.push_back(s);
  }
  for (auto& [key, sent] : sources) {
    std::ranges::stable_sort(sent.submissions, {}, &Submission::period_to);
    const auto& newest = sent.newest();
    if (const auto text = desk.mapping_text(newest.mapping, newest.mapping_version)) {
      if (auto mapping = parse_mapping(*text, newest.mapping)) {
        sent.mapping = *std::move(mapping);
      }
    }
  }
  const auto agreements = ATALAYA_TRY(source_agreements(desk, query));
  std::vector<QualityReport> out;
  for (const auto& [key, sent] : sources) {
    auto report = ATALAYA_TRY(report_of(desk, sent, query, agreements, released));
    report.outliers_found = report.outliers.size();
    out.push_back(std::move(report));
  }
  return out;
}

// ---- what a release keeps of it ----

// Only what this release shows of the report's own kind of figures.
void keep_shown(const std::set<std::string>& shown, QualityReport& report) {
  std::erase_if(report.dimensions,
                [&](const Completeness& d) { return !shown.contains(d.dimension); });
  if (!report.protocol) {
    return;
  }
  std::map<std::string, double> measures;
  for (const auto& result : report.protocol->results) {
    if (result.value && result.criterion->id != "missing_fields") {
      measures[result.criterion->id] = *result.value;
    }
  }
  for (const auto& d : report.dimensions) {
    if (has(kMinimumFields, d.dimension) && d.unknown_share) {
      auto& worst = measures["missing_fields"];
      worst = std::max(worst, *d.unknown_share);
    }
  }
  report.protocol = assess_protocol(embedded_protocol(), measures);
}

// Of protected figures: the newest year's rating, bands and whole months.
void keep_coarse(const std::vector<Table>& tables, QualityReport& report) {
  QualityReport out;
  out.source = report.source;
  out.source_kind = report.source_kind;
  out.country = report.country;
  out.titles = report.titles;
  out.period_from = report.period_from;
  out.period_to = report.period_to;
  out.loaded_at = report.loaded_at;
  out.synthetic = report.synthetic;
  std::string newest;
  for (const auto& table : tables) {
    for (const auto& q : table.quality) {
      if (q.source != out.source || (!out.country.empty() && q.territory != out.country) ||
          q.period < newest) {
        continue;
      }
      newest = q.period;
      out.rating.letter = q.letter;
      out.bands.clear();
      out.bands.insert(q.bands.begin(), q.bands.end());
      for (const auto& [rule, value] : q.measures) {
        if (rule == "days_to_load") {
          out.days = 30 * static_cast<std::int32_t>(std::ceil(value / 30));
        }
      }
    }
  }
  report = std::move(out);
}

Result<std::vector<QualityReport>> released_reports(const Desk& desk, const QualityQuery& query) {
  const auto submissions = ATALAYA_TRY(desk.submissions());
  const auto releases = ATALAYA_TRY(desk.releases());
  std::map<std::pair<std::string, std::string>, QualityReport> found;  // the newest stays
  for (const auto& release : releases) {
    auto reports = detail::frozen_reports(release, submissions);
    for (auto& report : reports) {
      if ((query.country.empty() || report.country == query.country) &&
          (query.source.empty() || report.source == query.source)) {
        found.emplace(std::pair{report.country, report.source}, std::move(report));
      }
    }
  }
  std::vector<QualityReport> out;
  for (auto& [key, report] : found) {
    out.push_back(std::move(report));
  }
  return out;
}

}  // namespace

Result<json::array> freeze_quality(const Desk& desk, const std::vector<Table>& tables) {
  std::set<std::int64_t> ids;
  for (const auto& table : tables) {
    ids.insert(table.submissions.begin(), table.submissions.end());
  }
  const QualityQuery query{.released_only = true};  // of sources side by side, what is public
  auto reports = ATALAYA_TRY(live_reports(desk, query, &ids));
  json::array out;
  for (auto& report : reports) {
    const auto* indicator = desk.indicators().find(report.indicator);
    std::set<std::string> shown;
    bool is_open = false;
    bool is_coarse = false;
    for (const auto& table : tables) {
      const bool is_its = indicator != nullptr && table.indicator->group == indicator->group &&
                          std::ranges::find(table.quality, report.source, &SourceQuality::source) !=
                              table.quality.end();
      if (!is_its) {
        continue;
      }
      is_open = true;
      is_coarse = is_coarse || std::ranges::any_of(table.quality, [](const SourceQuality& q) {
                    return !q.bands.empty();
                  });
      for (const auto& dimension : table.by) {
        shown.insert(dimension.name);
      }
    }
    if (is_open && !is_coarse) {
      keep_shown(shown, report);
    } else {
      keep_coarse(tables, report);
    }
    out.push_back(detail::frozen_quality(report));
  }
  return out;
}

Result<std::vector<QualityReport>> quality_reports(const Desk& desk, const QualityQuery& query) {
  return query.released_only ? released_reports(desk, query) : live_reports(desk, query, nullptr);
}

}  // namespace atalaya::observatory
