#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/figures/data_charts.hpp>
#include <atalaya/figures/locale.hpp>

namespace atalaya::figures {
namespace {

// Lines and ribbons stand in an inner drawing of 1000 units that stretches; texts and dots stand
// in the outer one at percentages, so that no type is ever scaled.
constexpr double kWidth = 1000;
constexpr double kTop = 30;
constexpr double kPlot = 230;
constexpr double kBottom = 30;
constexpr double kBase = kTop + kPlot;

std::string percent(double value) {
  return fmt::format("{:.2f}%", value);
}

std::string units(double value) {
  return fmt::format("{:.1f}", value);
}

// 1, 2 or 5 times a power of ten, so that about four lines fit under `largest`.
double tick_step(double largest) {
  const double raw = std::max(largest, 1e-6) / 4;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) {
      return factor * power;
    }
  }
  return 10 * power;
}

struct Frame {
  double first = 0, last = 1, top = 1, step = 1;

  [[nodiscard]] double x(double at) const {
    return last > first ? 0.07 + 0.87 * (at - first) / (last - first) : 0.5;
  }

  [[nodiscard]] double y(double value) const { return kBase - kPlot * value / top; }
};

Frame frame_of(const SeriesSpec& spec) {
  Frame frame;
  double largest = 0;
  for (const auto& point : spec.points) {
    largest = std::max({largest, point.value.value_or(0), point.high.value_or(0)});
  }
  frame.step = tick_step(largest);
  frame.top = std::max(frame.step, std::ceil(largest / frame.step) * frame.step);
  if (!spec.points.empty()) {
    frame.first = spec.points.front().x;
    frame.last = spec.points.back().x;
  }
  return frame;
}

// Neighbours with values; a gap or a hidden value ends a run.
std::vector<std::vector<const Datum*>> runs_of(const SeriesSpec& spec) {
  std::vector<std::vector<const Datum*>> runs;
  const Datum* before = nullptr;
  for (const auto& point : spec.points) {
    if (!point.value) {
      before = nullptr;
      continue;
    }
    if (before == nullptr || point.x - before->x > spec.step * 1.5) {
      runs.emplace_back();
    }
    runs.back().push_back(&point);
    before = &point;
  }
  return runs;
}

void write_run(Html& h, const Frame& frame, const std::vector<const Datum*>& run) {
  const bool ribbon = run.size() > 1 && std::ranges::all_of(run, [](const Datum* point) {
                        return point->low && point->high;
                      });
  std::string upper;
  std::string lower;
  std::string line;
  for (const auto* point : run) {
    const std::string x = units(frame.x(point->x) * kWidth);
    line += fmt::format("{},{} ", x, units(frame.y(*point->value)));
    if (ribbon) {
      upper += fmt::format("{},{} ", x, units(frame.y(*point->high)));
      lower.insert(0, fmt::format("{},{} ", x, units(frame.y(*point->low))));
    }
  }
  if (ribbon) {
    h.empty("polygon", {{"class", "ribbon"}, {"points", upper + lower}});
  }
  h.empty("polyline",
          {{"class", "series-line"}, {"points", line}, {"vector-effect", "non-scaling-stroke"}});
}

void write_grid(Html& h, const SeriesSpec& spec, const Frame& frame) {
  const int digits = tick_digits(frame.step, spec.decimals);
  for (double value = 0; value <= frame.top * 1.0001; value += frame.step) {
    const std::string y = units(frame.y(value));
    h.empty("line", {{"class", value == 0 ? "axis" : "grid"},
                     {"x1", "0"},
                     {"x2", "100%"},
                     {"y1", y},
                     {"y2", y}});
    h.element("text", {{"x", "0"}, {"y", units(frame.y(value) - 5)}},
              decimal(spec.language, value, value > 0 ? digits : 0));
  }
}

void write_periods(Html& h, const SeriesSpec& spec, const Frame& frame) {
  const std::size_t n = spec.points.size();
  const std::size_t every = std::max<std::size_t>(1, (n + 6) / 7);
  for (std::size_t i = 0; i < n; ++i) {
    const bool first = i == 0;
    const bool last = i + 1 == n;
    if (!first && !last && (i % every != 0 || n - 1 - i < (every + 1) / 2)) {
      continue;
    }
    const std::string x = percent(100 * frame.x(spec.points[i].x));
    h.empty(
        "line",
        {{"class", "axis"}, {"x1", x}, {"x2", x}, {"y1", units(kBase)}, {"y2", units(kBase + 5)}});
    h.element("text",
              {attribute_if(!first && !last, "class", "minor"),
               {"x", x},
               {"y", units(kBase + 21)},
               {"text-anchor", first ? "start" : "middle"}},
              spec.points[i].label);
  }
}

void write_breaks(Html& h, const SeriesSpec& spec, const Frame& frame) {
  for (std::size_t i = 0; i < spec.breaks.size(); ++i) {
    const double at = spec.breaks[i].x - spec.step / 2;
    if (at < frame.first - spec.step || at > frame.last) {
      continue;
    }
    const std::string x = percent(100 * frame.x(at));
    h.empty("line", {{"class", "break-line"},
                     {"x1", x},
                     {"x2", x},
                     {"y1", units(kTop - 8)},
                     {"y2", units(kBase)}});
    h.element(
        "text",
        {{"class", "break-text"}, {"x", x}, {"y", units(kTop - 14)}, {"text-anchor", "middle"}},
        std::to_string(i + 1));
  }
}

// What has no number: a hatched column for what is hidden, a gap with a dash for what is missing.
void write_marks(Html& h, const SeriesSpec& spec, const Frame& frame) {
  for (const auto& point : spec.points) {
    const double x = 100 * frame.x(point.x);
    if (point.mark == DatumMark::suppressed) {
      for (int i = -1; i <= 1; ++i) {
        const std::string at = percent(x + 0.35 * i);
        h.empty("line", {{"class", "hatch"},
                         {"x1", at},
                         {"x2", at},
                         {"y1", units(kTop + 10)},
                         {"y2", units(kBase)}});
      }
      continue;
    }
    if (!point.value) {
      h.element("text",
                {{"class", "minor"},
                 {"x", percent(x)},
                 {"y", units(kBase - 8)},
                 {"text-anchor", "middle"}},
                "–");
      continue;
    }
    const bool hollow = point.mark == DatumMark::unstable || point.mark == DatumMark::provisional;
    h.empty("circle", {{"class", hollow ? "dot hollow" : "dot"},
                       {"cx", percent(x)},
                       {"cy", units(frame.y(*point.value))},
                       {"r", "3.5"}});
  }
}

// Only the last value stands beside the line; all others are one click away in the table.
void write_last(Html& h, const SeriesSpec& spec, const Frame& frame) {
  for (auto point = spec.points.rbegin(); point != spec.points.rend(); ++point) {
    if (point->value) {
      const double above = frame.y(point->high.value_or(*point->value)) - 10;
      h.element("text",
                {{"class", "strong on-paper"},
                 {"x", percent(100 * frame.x(point->x))},
                 {"y", units(std::max(16.0, above))},
                 {"text-anchor", frame.x(point->x) > 0.85 ? "end" : "middle"}},
                point->value_text);
      return;
    }
  }
}

void key_item(Html& h, std::string_view label, const Html& mark) {
  h.open("li").open("svg", {{"width", "14"}, {"height", "14"}, {"aria-hidden", "true"}});
  h.append(mark).close("svg").text(label).close("li");
}

Html key_of(const SeriesSpec& spec) {
  const auto any = [&](DatumMark mark) {
    return std::ranges::any_of(spec.points, [&](const Datum& p) { return p.mark == mark; });
  };
  Html h;
  h.open("ul", {{"class", "key"}});
  if (std::ranges::any_of(spec.points, [](const Datum& p) { return p.low.has_value(); })) {
    Html mark;
    mark.empty("rect", {{"class", "ribbon"}, {"width", "14"}, {"height", "14"}});
    key_item(h, spec.interval_label, mark);
  }
  if (!spec.breaks.empty()) {
    Html mark;
    mark.empty("line",
               {{"class", "break-line"}, {"x1", "7"}, {"x2", "7"}, {"y1", "0"}, {"y2", "14"}});
    key_item(h, spec.break_label, mark);
  }
  if (any(DatumMark::unstable)) {
    Html mark;
    mark.empty("circle", {{"class", "dot hollow"}, {"cx", "7"}, {"cy", "7"}, {"r", "4"}});
    key_item(h, spec.unstable_label, mark);
  }
  if (any(DatumMark::suppressed)) {
    Html mark;
    for (const std::string_view x : {"3", "7", "11"}) {
      mark.empty("line", {{"class", "hatch"}, {"x1", x}, {"x2", x}, {"y1", "0"}, {"y2", "14"}});
    }
    key_item(h, spec.suppressed_label, mark);
  }
  if (any(DatumMark::missing)) {
    Html mark;
    mark.empty("line", {{"class", "axis"}, {"x1", "2"}, {"x2", "12"}, {"y1", "7"}, {"y2", "7"}});
    key_item(h, spec.missing_label, mark);
  }
  h.close("ul");
  return h;
}

Html table_of(const SeriesSpec& spec) {
  Html h;
  h.open("div",
         {{"class", "scroll"}, {"tabindex", "0"}, {"role", "region"}, {"aria-label", spec.name}});
  h.open("table").open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, spec.label_header);
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.value_header);
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.interval_header);
  h.element("th", {{"scope", "col"}}, spec.note_header);
  h.close("tr").close("thead").open("tbody");
  for (const auto& point : spec.points) {
    h.open("tr").element("th", {{"scope", "row"}}, point.label);
    h.element("td", {{"class", "num"}}, point.value_text);
    h.element("td", {{"class", "num nowrap"}}, point.interval_text);
    h.element("td", point.note).close("tr");
  }
  h.close("tbody").close("table").close("div");
  return h;
}

}  // namespace

std::string measure(Language language, double value, int decimals) {
  constexpr int kDigitsMax = 6;
  const double size = std::abs(value);
  int digits = decimals;
  if (size > 0 && size < 1) {
    // 0.07 is said by one digit, 0.067 by two; nobody reads 0.070.
    const int first = static_cast<int>(std::ceil(-std::log10(size)));
    for (digits = std::clamp(first + 1, decimals, kDigitsMax); digits > decimals; --digits) {
      const double shorter = std::pow(10.0, digits - 1);
      const double longer = shorter * 10;
      if (std::round(size * longer) != std::round(size * shorter) * 10) {
        break;
      }
    }
  }
  return decimal(language, value, digits);
}

int tick_digits(double step, int decimals) {
  if (step >= 1) {
    return 0;
  }
  const int needed = static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  return std::clamp(needed, std::max(1, decimals), 6);
}

Chart series(const SeriesSpec& spec) {
  Chart chart;
  chart.key = key_of(spec);
  const Frame frame = frame_of(spec);
  auto& h = chart.view;
  h.open("svg", {{"class", "chart"},
                 {"width", "100%"},
                 {"height", units(kBase + kBottom)},
                 {"role", "img"},
                 {"aria-label", spec.name}});
  write_grid(h, spec, frame);
  h.open("svg", {{"width", "100%"},
                 {"height", units(kBase + kBottom)},
                 {"viewBox", fmt::format("0 0 {} {}", kWidth, kBase + kBottom)},
                 {"preserveAspectRatio", "none"}});
  for (const auto& run : runs_of(spec)) {
    write_run(h, frame, run);
  }
  h.close("svg");
  write_breaks(h, spec, frame);
  write_marks(h, spec, frame);
  write_last(h, spec, frame);
  write_periods(h, spec, frame);
  h.close("svg");
  if (!spec.breaks.empty()) {
    h.open("ol", {{"class", "numbered xs"}});
    for (const auto& entry : spec.breaks) {
      h.element("li", fmt::format("{}: {}", entry.period, entry.note));
    }
    h.close("ol");
  }
  chart.table = table_of(spec);
  return chart;
}

std::vector<double> quintile_bounds(std::vector<double> values) {
  std::vector<double> bounds;
  std::ranges::sort(values);
  for (std::size_t i = 1; i <= 5 && !values.empty(); ++i) {
    const double bound = values[(values.size() * i + 4) / 5 - 1];
    if (bounds.empty() || bound > bounds.back()) {
      bounds.push_back(bound);
    }
  }
  return bounds;
}

}  // namespace atalaya::figures
