// What a bulletin says, from released tables alone.
#include "bulletin.hpp"

#include <algorithm>
#include <ranges>
#include <set>

#include <fmt/format.h>

#include <atalaya/api/bulletin.hpp>
#include <atalaya/base/text.hpp>
#include <atalaya/figures/assets.hpp>
#include <atalaya/figures/messages.hpp>
#include <atalaya/observatory/codelists_rules.hpp>
#include <atalaya/observatory/quality.hpp>

namespace atalaya::api {
namespace {

namespace obs = observatory;

constexpr std::size_t kSeriesMax = 12;

std::unexpected<Error> refuse(ErrorCode code, std::string_view reason, std::string_view what,
                              std::string detail) {
  return fail(Error{code, std::string(reason), std::move(detail), {{"what", std::string(what)}}});
}

void cut(obs::Table& table, std::size_t place, const std::optional<obs::Period>& until) {
  if (until) {
    std::erase_if(table.cells, [&](const obs::Cell& cell) {
      const auto period = obs::parse_period(cell.codes[place]);
      return !period || until->end < period->end;
    });
  }
}

std::optional<std::int32_t> delay_of(const FigureSlice& slice, const std::string& period) {
  const auto ended = obs::parse_period(period);
  const auto published = parse_civil_date(std::string_view(slice.held.published_at).substr(0, 10));
  if (!ended || !published) {
    return std::nullopt;
  }
  const auto days = obs::days_to_load(ended->end, *published);
  return days ? std::optional(*days) : std::nullopt;
}

// The period up to whose end the figure speaks: of a part that was sent, its last month.
std::string last_period(const obs::Cell& cell) {
  return cell.sent.empty() ? cell.codes[0] : cell.sent.substr(cell.sent.size() - 7);
}

// What an earlier release said of the same cell, where it said something else.
Result<std::optional<double>> said_before(const obs::Desk& desk, const FigureBase& base,
                                          const BulletinSeries& series) {
  const auto revision = ATALAYA_TRY(revision_of(desk, base, series.slice.held));
  if (!revision) {
    return std::optional<double>();
  }
  for (const auto& change : revision->changes) {
    const bool same_period = contains(change.codes, series.newest->codes[0]);
    const bool same_place =
        change.codes.size() == 1 || contains(change.codes, series.slice.territory);
    const bool same_months = change.from && change.to && change.from->sent == change.to->sent;
    if (same_period && same_place && same_months && change.from && change.from->count &&
        change.to && change.to->count && *change.from->count != *change.to->count) {
      return change.from->count;
    }
  }
  return std::optional<double>();
}

std::optional<obs::PeriodKind> kind_of(const obs::Cell& cell) {
  const auto period = obs::parse_period(cell.codes[0]);
  return period ? std::optional(period->kind) : std::nullopt;
}

// The months of "2025-01/2025-03", so many years earlier.
std::vector<std::string> months_before(std::string_view sent, std::int32_t years) {
  std::vector<std::string> out;
  for (const auto part : std::views::split(sent, std::string_view(", "))) {
    const std::string_view span(part.begin(), part.end());
    const auto slash = span.find('/');
    auto month = obs::parse_period(span.substr(0, slash));
    const auto last =
        obs::parse_period(slash == std::string_view::npos ? span : span.substr(slash + 1));
    for (; month && last && month->begin <= last->begin; month = obs::next_period(*month)) {
      out.push_back(fmt::format("{:04}-{:02}", month->begin.year - years, month->begin.month));
    }
  }
  return out;
}

// What was released of these months, where each of them is whole and not hidden.
Result<std::optional<double>> sum_of_months(const obs::Desk& desk, const FigureBase& base,
                                            const BulletinSeries& series,
                                            const std::vector<std::string>& months) {
  const auto by_month = ATALAYA_TRY(find_series(desk, base, series.slice.table.indicator->id,
                                                series.slice.territory, {}, "month"));
  if (!by_month || by_month->held.source_ids != series.slice.held.source_ids) {
    return std::optional<double>();
  }
  double sum = 0;
  for (const auto& code : months) {
    const auto at = std::ranges::find_if(
        by_month->table.cells, [&](const obs::Cell& cell) { return cell.codes[0] == code; });
    if (at == by_month->table.cells.end() || !at->count || at->count_high ||
        at->status == obs::CellStatus::incomplete) {
      return std::optional<double>();
    }
    sum += *at->count;
  }
  return std::optional(sum);
}

// The part of a period that follows the newest whole one.
Result<void> find_to_date(const obs::Desk& desk, const FigureBase& base, BulletinSeries& series) {
  for (const auto& cell : series.slice.partly) {
    if (series.newest != nullptr && cell.count && cell.codes[0] > series.newest->codes[0]) {
      series.to_date = YearToDate{cell};
    }
  }
  if (series.to_date && !series.to_date->cell.count_high &&
      series.to_date->cell.status == obs::CellStatus::part_of_period) {
    series.to_date->before =
        ATALAYA_TRY(sum_of_months(desk, base, series, months_before(series.to_date->cell.sent, 1)));
  }
  return {};
}

Result<void> judge(const obs::Desk& desk, const FigureBase& base, BulletinSeries& series) {
  const auto& indicator = *series.slice.table.indicator;
  const auto& cells = series.slice.table.cells;
  for (std::size_t i = cells.size(); i > 0 && series.newest == nullptr; --i) {
    if (shown(indicator, cells[i - 1])) {
      series.newest = &cells[i - 1];
      // A month is no change against a year, nor is a part of a period against a whole one.
      const bool comparable = i > 1 && cells[i - 1].sent.empty() && cells[i - 2].sent.empty() &&
                              shown(indicator, cells[i - 2]) &&
                              kind_of(cells[i - 2]) == kind_of(cells[i - 1]);
      series.previous = comparable ? &cells[i - 2] : nullptr;
    }
  }
  if (series.newest == nullptr) {
    return {};
  }
  series.delay_days = delay_of(series.slice, last_period(*series.newest));
  series.count_before = ATALAYA_TRY(said_before(desk, base, series));
  series.state = series.newest->status == obs::CellStatus::provisional ? FigureState::provisional
                 : series.count_before                                 ? FigureState::revised
                                                                       : FigureState::consolidated;
  return find_to_date(desk, base, series);
}

// Addresses that begin at the node's root lead nowhere from a file.
std::string with_origin(const std::string& html, const std::string& origin) {
  constexpr std::string_view kHref = " href=\"/";
  std::string out;
  std::size_t at = 0;
  for (auto next = html.find(kHref); next != std::string::npos; next = html.find(kHref, at)) {
    out.append(html, at, next - at);
    const auto end = html.find('"', next + kHref.size());
    if (!origin.empty()) {
      out += " href=\"" + figures::escape(origin) +
             html.substr(next + kHref.size() - 1, end - next - kHref.size() + 2);
    }
    at = end + 1;
  }
  return out.append(html, at);
}

// The stylesheet with its fonts within.
std::string style() {
  const auto* css = figures::find_asset(figures::asset_url("atalaya.css"));
  std::string out(css == nullptr ? std::string_view() : css->bytes);
  for (const std::string_view name :
       {"source-sans-3-latin.woff2", "source-sans-3-latin-ext.woff2"}) {
    const auto url = figures::asset_url(name);
    const auto* font = figures::find_asset(url);
    const auto at = out.find(url.substr(url.rfind('/') + 1));
    if (font != nullptr && at != std::string::npos) {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(font->bytes.data());
      out.replace(at, url.size() - url.rfind('/') - 1,
                  "data:font/woff2;base64," + to_base64({bytes, font->bytes.size()}));
    }
  }
  return out;
}

}  // namespace

std::string_view to_string(FigureState state) noexcept {
  switch (state) {
    case FigureState::provisional:
      return "provisional";
    case FigureState::revised:
      return "revised";
    case FigureState::consolidated:
      break;
  }
  return "consolidated";
}

Result<BulletinView> bulletin_view(const obs::Desk& desk, std::string_view country,
                                   std::string_view period, UtcTime now, Language language) {
  BulletinView view;
  view.base = ATALAYA_TRY(figure_base(desk, country, language));
  view.country = country;
  view.period = period;
  view.made_on = to_string(utc_date(now));
  if (country.size() != 3 || !view.base.territories->knows(country)) {
    return refuse(ErrorCode::not_found, "observatory.bulletin.country", country,
                  fmt::format("\"{}\" is no country of the catalogue; write its three letters, "
                              "like COL",
                              country));
  }
  const auto until = obs::parse_period(period);
  if (!period.empty() && !until) {
    return refuse(
        ErrorCode::invalid_argument, "observatory.bulletin.period", period,
        fmt::format("\"{}\" is no period; write 2024, 2024-Q1, 2024-06 or 2024-W05", period));
  }
  std::set<std::string> releases;
  for (const auto& indicator : view.base.indicators->all()) {
    auto slice = ATALAYA_TRY(find_series(desk, view.base, indicator.id, country));
    if (!slice) {
      continue;
    }
    cut(slice->table, 0, until);
    std::erase_if(slice->partly, [&](const obs::Cell& cell) {
      const auto own = obs::parse_period(cell.codes[0]);
      return until && (!own || until->end < own->end);
    });
    if (view.series.size() == kSeriesMax) {
      view.left_out += slice->table.cells.empty() ? 0 : 1;
      continue;
    }
    BulletinSeries series;
    series.slice = *std::move(slice);
    view.series.push_back(std::move(series));
    ATALAYA_TRY(judge(desk, view.base, view.series.back()));
    if (view.series.back().newest == nullptr) {
      view.series.pop_back();
      continue;
    }
    view.synthetic = view.synthetic || view.series.back().slice.held.synthetic;
    releases.insert(view.series.back().slice.held.release);
    if (!view.below && !until) {
      view.below = ATALAYA_TRY(find_below(desk, view.base, indicator.id, country));
    }
  }
  if (view.series.empty()) {
    return refuse(ErrorCode::not_found, "observatory.bulletin.none", country,
                  fmt::format("nothing released of {}{} is held; publish a release first: "
                              "atalaya observatory release",
                              country, period.empty() ? "" : fmt::format(" up to {}", period)));
  }
  view.releases.assign(releases.begin(), releases.end());
  return view;
}

Result<std::string> bulletin_document(const BulletinRequest& request) {
  const auto view = ATALAYA_TRY(
      bulletin_view(*request.observatory, request.country, request.period, request.now,
                    request.language));
  PageContext context;
  context.language = request.language;
  context.catalogue = request.catalogue;
  context.node_name = request.node_name;
  context.origin = request.origin;
  const Say say(context);
  Html h;
  h.unsafe_raw("<!doctype html>\n");
  h.open("html", {{"lang", to_string(request.language)}}).open("head");
  h.empty("meta", {{"charset", "utf-8"}});
  h.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  h.empty("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  h.element("title",
            say("bulletin.title",
                {{"country", view.base.territories->name(view.country, request.language)}}));
  h.unsafe_raw("<style>").unsafe_raw(style()).unsafe_raw("</style>");
  h.close("head").open("body").open("main", {{"id", "main"}});
  h.append(bulletin_body(context, view, false));
  h.close("main").close("body").close("html");
  return with_origin(h.take(), request.origin);
}

}  // namespace atalaya::api
