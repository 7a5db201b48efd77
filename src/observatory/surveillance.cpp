#include <atalaya/observatory/surveillance.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include <atalaya/observatory/alerts.hpp>
#include <atalaya/observatory/quality.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::size_t kRecent = 26;
constexpr double kEarsSigmaMin = 0.5;  // a flat baseline must not make one case an alarm

std::unexpected<Error> bad(std::string_view reason, std::string_view what) {
  return fail(Error{ErrorCode::invalid_argument,
                    std::string(reason),
                    std::string(what),
                    {{"what", std::string(what)}}});
}

// The months that the submissions under a table sent.
Result<std::set<std::string>> months_sent(const Desk& desk, const std::vector<std::int64_t>& ids,
                                          CivilDate& end) {
  std::set<std::string> months;
  for (const std::int64_t id : ids) {
    const auto submission = ATALAYA_TRY(desk.submission(id));
    months.insert(submission.months.begin(), submission.months.end());
    if (const auto day = parse_civil_date(submission.period_to)) {
      end = std::max(end, *day);
    }
  }
  return months;
}

bool is_sent(const Period& period, const std::set<std::string>& months) {
  for (Period month = period_of(period.begin, PeriodKind::month); month.begin < period.end;
       month = next_period(month)) {
    if (!months.contains(period_code(month))) {
      return false;
    }
  }
  return true;
}

struct Grid {
  std::vector<std::string> periods;           // every one from the first sent to the last whole
  std::map<std::string, std::size_t> places;  // of their codes
  std::vector<bool> sent;
};

Result<Grid> grid_of(const std::set<std::string>& months, CivilDate end, PeriodKind kind) {
  Grid grid;
  const auto first = months.empty() ? std::nullopt : parse_period(*months.begin());
  if (!first) {
    return bad("observatory.alerts.no_periods", "no facts of this are held");
  }
  Period period = period_of(first->begin, kind);
  if (period.begin < first->begin) {
    period = next_period(period);
  }
  for (; !(end < period.end); period = next_period(period)) {
    grid.places.emplace(period_code(period), grid.periods.size());
    grid.periods.push_back(period_code(period));
    grid.sent.push_back(is_sent(period, months));
  }
  return grid;
}

struct Series {
  std::vector<double> counts;
};

std::map<std::string, Series> series_of(const Table& table, const Grid& grid, PeriodKind kind,
                                        std::uint64_t& too_coarse) {
  std::map<std::string, Series> out;
  const bool alone = table.by.size() == 1;
  for (const auto& cell : table.cells) {
    const std::string code = alone ? std::string(kTotal) : cell.codes[1];
    auto& series = out[code];
    if (series.counts.empty()) {
      for (const bool sent : grid.sent) {
        series.counts.push_back(sent ? 0 : kNotReported);
      }
    }
    const auto period = parse_period(cell.codes[0]);
    if (!period || period->kind != kind) {
      too_coarse += static_cast<std::uint64_t>(std::llround(cell.count.value_or(0)));
      continue;
    }
    const auto at = grid.places.find(cell.codes[0]);
    if (at != grid.places.end() && cell.count) {
      series.counts[at->second] = *cell.count;
    }
  }
  return out;
}

std::string last_part(std::string_view reason) {
  return std::string(reason.substr(reason.rfind('.') + 1));
}

bool try_farrington(const std::vector<double>& counts, std::size_t at,
                    const SurveillanceQuery& query, SeriesAlert& out) {
  if (query.period == PeriodKind::day) {
    return false;
  }
  FarringtonOptions options;
  options.alpha = query.alpha;
  if (query.period == PeriodKind::month) {
    options.frequency = 12;
    options.half_window = 1;
    options.seasons = 4;
    options.recent_left_out = 6;
    options.events_periods = 2;
  }
  const auto alert = farrington_alert(counts, at, options);
  if (!alert) {
    out.reason = last_part(alert.error().reason);
    return out.reason != "short";
  }
  out.method = "farrington_flexible";
  out.reason.clear();
  out.state = !alert->enough_events ? SeriesState::few_events
              : alert->alarm        ? SeriesState::alarm
                                    : SeriesState::quiet;
  out.expected = alert->expected;
  out.threshold = alert->threshold.high;
  out.score = alert->threshold.score;
  out.p_value = alert->threshold.p_value;
  return true;
}

void try_ears(const std::vector<double>& counts, std::size_t at, const SurveillanceQuery& query,
              SeriesAlert& out) {
  EarsOptions options;
  options.sigma_min = kEarsSigmaMin;
  options.alpha = query.alpha;
  const auto alert = ears_alert(counts, at, options);
  if (!alert) {
    out.reason = last_part(alert.error().reason);
    return;
  }
  out.method = "ears_c1";
  out.reason.clear();
  out.state = alert->alarm ? SeriesState::alarm : SeriesState::quiet;
  double sum = 0;
  for (std::size_t i = at - options.baseline; i < at; ++i) {
    sum += counts[i];
  }
  out.expected = sum / static_cast<double>(options.baseline);
  out.threshold = alert->upper;
  out.score = (out.observed - out.expected) / std::max(out.threshold - out.expected, 1e-9);
}

SeriesAlert judge(std::string code, const std::vector<double>& counts, std::size_t at,
                  const SurveillanceQuery& query) {
  SeriesAlert out;
  out.code = std::move(code);
  const std::size_t from = at + 1 > kRecent ? at + 1 - kRecent : 0;
  out.recent.assign(counts.begin() + static_cast<std::ptrdiff_t>(from),
                    counts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  if (std::isnan(counts[at])) {
    out.reason = "not_reported";
    return out;
  }
  out.observed = counts[at];
  if (!try_farrington(counts, at, query, out)) {
    try_ears(counts, at, query, out);
  }
  return out;
}

int order_of(SeriesState state) {
  switch (state) {
    case SeriesState::alarm:
      return 0;
    case SeriesState::quiet:
      return 1;
    case SeriesState::few_events:
      return 2;
    case SeriesState::not_judged:
      break;
  }
  return 3;
}

TableQuery table_query(const SurveillanceQuery& query) {
  TableQuery out;
  out.indicator = query.indicator;
  out.by = {{"period", std::string(to_string(query.period))}};
  if (!query.by.name.empty()) {
    out.by.push_back(query.by);
  }
  out.where = query.where;
  out.source = query.source;
  out.draft = true;
  return out;
}

Result<void> check(const SurveillanceQuery& query) {
  const bool fine = query.period == PeriodKind::day || query.period == PeriodKind::week ||
                    query.period == PeriodKind::month;
  if (!fine || !(query.alpha > 0) || !(query.alpha < 0.5) || query.by.name == "period") {
    return bad("observatory.alerts.bad_options",
               "series are of days, weeks or months, broken down by another dimension than the "
               "period, and alpha lies between 0 and 0.5");
  }
  return {};
}

}  // namespace

std::string_view to_string(SeriesState state) noexcept {
  switch (state) {
    case SeriesState::alarm:
      return "alarm";
    case SeriesState::quiet:
      return "quiet";
    case SeriesState::few_events:
      return "few_events";
    case SeriesState::not_judged:
      break;
  }
  return "not_judged";
}

Result<SurveillanceReport> find_alerts(const Desk& desk, const SurveillanceQuery& query) {
  ATALAYA_TRY(check(query));
  const auto table = ATALAYA_TRY(desk.table(table_query(query)));
  SurveillanceReport out;
  out.indicator = table.indicator;
  out.query = query;
  out.synthetic = table.synthetic;
  out.submissions = table.submissions;
  CivilDate end{1, 1, 1};
  const auto months = ATALAYA_TRY(months_sent(desk, table.submissions, end));
  const auto grid = ATALAYA_TRY(grid_of(months, end, query.period));
  const auto series = series_of(table, grid, query.period, out.facts_too_coarse);
  const bool dated = std::ranges::any_of(table.cells, [&](const Cell& cell) {
    const auto period = parse_period(cell.codes[0]);
    return period && period->kind == query.period;
  });
  if (!dated || grid.periods.size() <= query.recent_left_out) {
    return bad("observatory.alerts.no_periods",
               fmt::format("no facts of this are dated by {} or more finely; try --period month",
                           to_string(query.period)));
  }
  const std::size_t at = grid.periods.size() - 1 - query.recent_left_out;
  out.period = grid.periods[at];
  out.first_period = grid.periods.front();
  if (const auto period = parse_period(out.period)) {
    // A period that goes on has no such number.
    out.days_since = days_to_load(period->end, utc_date(desk.parts().clock->now())).value_or(0);
  }
  for (const auto& [code, one] : series) {
    out.series.push_back(judge(code, one.counts, at, query));
    const auto state = out.series.back().state;
    out.judged += state == SeriesState::alarm || state == SeriesState::quiet ? 1 : 0;
  }
  out.alarms_by_chance = static_cast<double>(out.judged) * query.alpha;
  std::ranges::stable_sort(out.series, [](const SeriesAlert& a, const SeriesAlert& b) {
    return order_of(a.state) != order_of(b.state) ? order_of(a.state) < order_of(b.state)
                                                  : a.score > b.score;
  });
  return out;
}

json::object surveillance_json(const SurveillanceReport& report, const Territories& territories,
                               Language language) {
  json::array series;
  for (const auto& one : report.series) {
    json::array recent;
    for (const double count : one.recent) {
      recent.push_back(std::isnan(count) ? json::value(nullptr) : json::value(count));
    }
    const bool known = report.query.by.name == "territory";
    json::object entry{{"code", one.code},
                       {"name", known ? territories.name(one.code, language) : one.code},
                       {"state", to_string(one.state)},
                       {"method", one.method},
                       {"reason", one.reason},
                       {"observed", one.observed},
                       {"recent", std::move(recent)}};
    if (!one.method.empty() && one.state != SeriesState::few_events) {
      entry["expected"] = one.expected;
      entry["threshold"] = one.threshold;
      entry["score"] = one.score;
    }
    series.push_back(std::move(entry));
  }
  json::array submissions;
  for (const auto id : report.submissions) {
    submissions.push_back(id);
  }
  return {{"indicator", report.indicator->id},
          {"period", report.period},
          {"first_period", report.first_period},
          {"days_since_period", report.days_since},
          {"by", report.query.by.name},
          {"alpha", report.query.alpha},
          {"synthetic", report.synthetic},
          {"judged", report.judged},
          {"alarms_by_chance", report.alarms_by_chance},
          {"facts_too_coarse", report.facts_too_coarse},
          {"submissions", std::move(submissions)},
          {"series", std::move(series)}};
}

}  // namespace atalaya::observatory
