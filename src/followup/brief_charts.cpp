#include "brief_charts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <atalaya/figures/html.hpp>
#include <atalaya/figures/locale.hpp>

namespace atalaya::followup::detail {
namespace {

using figures::Html;

constexpr std::string_view kInk = "#1f2a2e";
constexpr std::string_view kSoft = "#5b6a70";
constexpr std::string_view kRule = "#c9d2d4";
constexpr std::string_view kBlue = "#0b5d66";
constexpr std::string_view kPale = "#8fb6bb";
constexpr double kWidth = 640;

std::string px(double value) {
  return fmt::format("{:.1f}", value);
}

void begin(Html& h, double height, std::string_view name) {
  h.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                 {"width", px(kWidth)},
                 {"height", px(height)},
                 {"viewBox", fmt::format("0 0 {} {}", px(kWidth), px(height))},
                 {"role", "img"},
                 {"aria-label", name},
                 {"font-family", "'Source Sans 3', sans-serif"},
                 {"font-size", "12"}});
  h.element("title", name);
}

void words(Html& h, double x, double y, std::string_view anchor, std::string_view fill,
           std::string_view text, bool strong = false) {
  h.element("text",
            {{"x", px(x)},
             {"y", px(y)},
             {"text-anchor", anchor},
             {"fill", fill},
             {"font-weight", strong ? "600" : "400"}},
            text);
}

void line(Html& h, double x1, double y1, double x2, double y2, std::string_view stroke,
          std::string_view width) {
  h.empty("line", {{"x1", px(x1)},
                   {"y1", px(y1)},
                   {"x2", px(x2)},
                   {"y2", px(y2)},
                   {"stroke", stroke},
                   {"stroke-width", width}});
}

// A round number that `most` divided into a few steps is not larger than.
double step_of(double most) {
  double step = 1;
  while (step * 4 < most) {
    step *= step * 10 <= most ? 10 : 2;
  }
  while (step > most && step > 0.001) {
    step /= 10;
  }
  return step;
}

}  // namespace

std::string year_bars(Language language, const std::vector<YearCount>& counts,
                      std::string_view name) {
  constexpr double kHigh = 150;
  constexpr double kBase = 124;
  constexpr double kTallest = 96;
  constexpr double kEdge = 24;
  std::int64_t most = 1;
  for (const YearCount& one : counts) {
    most = std::max(most, one.count);
  }
  Html h;
  begin(h, kHigh, name);
  line(h, 0, kBase, kWidth, kBase, kRule, "1");
  const std::int32_t first = counts.empty() ? 0 : counts.front().year;
  const std::int32_t last = counts.empty() ? 0 : counts.back().year;
  const double step = (kWidth - 2 * kEdge) / std::max(1, last - first);
  const double bar = std::clamp(step * 0.7, 6.0, 22.0);
  double written = -100;
  for (const YearCount& one : counts) {
    const double x = kEdge + step * (one.year - first);
    const double high = kTallest * static_cast<double>(one.count) / static_cast<double>(most);
    h.empty("rect", {{"x", px(x - bar / 2)},
                     {"y", px(kBase - high)},
                     {"width", px(bar)},
                     {"height", px(high)},
                     {"fill", kBlue}});
    words(h, x, kBase - high - 5, "middle", kInk, figures::number(language, one.count), true);
    if (x - written >= 34) {  // years that would run into each other are left to the table
      words(h, x, kBase + 17, "middle", kSoft, std::to_string(one.year));
      written = x;
    }
  }
  h.close("svg");
  return h.take();
}

std::string year_line(Language language, const std::vector<YearValue>& values,
                      std::string_view name) {
  constexpr double kHigh = 210;
  constexpr double kBase = 180;
  constexpr double kTop = 16;
  constexpr double kLeft = 56;
  constexpr double kRight = kWidth - 24;
  double most = 0;
  for (const YearValue& one : values) {
    most = std::max({most, one.value, one.high.value_or(0)});
  }
  most = most > 0 ? most : 1;
  const std::int32_t first = values.front().year;
  const double step = (kRight - kLeft) / std::max(1, values.back().year - first);
  const auto x_of = [&](std::int32_t year) { return kLeft + step * (year - first); };
  const auto y_of = [&](double value) { return kBase - (kBase - kTop) * value / most; };
  Html h;
  begin(h, kHigh, name);
  const double rule = step_of(most);
  for (double value = 0; value <= most; value += rule) {
    line(h, kLeft - 8, y_of(value), kWidth, y_of(value), kRule, "1");
    words(h, kLeft - 14, y_of(value) + 4, "end", kSoft,
          figures::decimal(language, value, rule < 1 ? 1 : 0));
  }
  double written = -100;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const YearValue& one = values[i];
    const double x = x_of(one.year);
    if (i > 0 && values[i - 1].year + 1 == one.year) {
      line(h, x_of(values[i - 1].year), y_of(values[i - 1].value), x, y_of(one.value), kBlue, "2");
    }
    if (one.low && one.high) {
      line(h, x, y_of(*one.low), x, y_of(*one.high), kPale, "3");
    }
    if (x - written >= 34) {  // years that would run into each other are left to the table
      words(h, x, kBase + 20, "middle", kSoft, std::to_string(one.year));
      written = x;
    }
  }
  for (const YearValue& one : values) {
    h.empty(
        "circle",
        {{"cx", px(x_of(one.year))}, {"cy", px(y_of(one.value))}, {"r", "3.5"}, {"fill", kBlue}});
  }
  h.close("svg");
  return h.take();
}

std::string dot_rows(const std::vector<DotRow>& rows, std::string_view name) {
  constexpr double kRow = 18;
  constexpr double kLeft = 190;
  constexpr double kRight = kWidth - 60;
  double most = 0;
  for (const DotRow& row : rows) {
    most = std::max({most, row.value, row.high.value_or(0)});
  }
  const auto at = [&](double value) {
    return kLeft + (kRight - kLeft) * (most > 0 ? value / most : 0);
  };
  Html h;
  const double high = kRow * static_cast<double>(rows.size()) + 8;
  begin(h, high, name);
  line(h, kLeft, 0, kLeft, high, kRule, "1");
  double y = kRow / 2 + 4;
  for (const DotRow& row : rows) {
    words(h, kLeft - 10, y + 4, "end", row.chosen ? kInk : kSoft, row.label, row.chosen);
    line(h, kLeft, y, at(row.value), y, kRule, "1");
    if (row.low && row.high) {
      line(h, at(*row.low), y, at(*row.high), y, row.chosen ? kBlue : kPale, "3");
    }
    h.empty("circle", {{"cx", px(at(row.value))},
                       {"cy", px(y)},
                       {"r", row.chosen ? "5" : "4"},
                       {"fill", row.chosen ? kBlue : kPale}});
    words(h, kWidth, y + 4, "end", row.chosen ? kInk : kSoft, row.text, row.chosen);
    y += kRow;
  }
  h.close("svg");
  return h.take();
}

}  // namespace atalaya::followup::detail
