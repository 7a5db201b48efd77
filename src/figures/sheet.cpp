#include <atalaya/figures/sheet.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

namespace atalaya::figures {
namespace {

constexpr double kWidth = 960;
constexpr double kEdge = 32;
constexpr double kLetter = 0.53;  // of the size: the mean of the sans faces that machines have

// The light theme's tokens, written out: a file may stand anywhere.
constexpr std::string_view kStyle =
    "<style>text{font-family:'Source Sans 3','Source Sans Pro','DejaVu Sans',sans-serif;"
    "font-size:14px;fill:#14212A}.title{font-size:24px;font-weight:600}.sub{font-size:16px;"
    "fill:#43525B}.small{font-size:12px;fill:#43525B}.grid{stroke:#DAD7CC}.axis{stroke:#14212A}"
    ".line{fill:none;stroke:#0B5563;stroke-width:2.5;stroke-linejoin:round}.ribbon{fill:#B5D4D5}"
    ".dot{fill:#0B5563;stroke:#fff}.hollow{fill:#fff;stroke:#0B5563;stroke-width:2}"
    ".whisker{stroke:#7C878D;stroke-width:2.5}.break{stroke:#9C3F06;stroke-width:2;"
    "stroke-dasharray:6 4}.bar{fill:#0B5563}.two{fill:#74AEB4}.hatch{stroke:#43525B;"
    "stroke-width:1.5;stroke-dasharray:3 3}.frame{fill:none;stroke:#7C878D}"
    ".m1{fill:#E4EFEE}.m2{fill:#B5D4D5}.m3{fill:#74AEB4}.m4{fill:#2F7E89}.m5{fill:#0A4854}"
    ".m4t,.m5t{fill:#fff}.m-land{fill:#E7E4DA}.m-ground{fill:#fff}.m-point{fill:#43525B}"
    ".m-stripe{stroke:#43525B;stroke-width:2}.map path,.map circle,.map rect{stroke:#5F6C74;"
    "stroke-width:.6}.map .m-land path,.map .m-ground,.map .m-point{stroke:none}"
    ".map.dense path{stroke-width:.25}.map .chosen path{stroke:#14212A;stroke-width:2}</style>";

std::string px(double value) {
  return fmt::format("{:g}", std::round(value * 10) / 10);
}

// Letters, not bytes.
std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
}

std::vector<std::string> wrapped(std::string_view text, double size, double width) {
  const auto most = static_cast<std::size_t>(width / (size * kLetter));
  std::vector<std::string> lines;
  std::string line;
  for (const std::string_view word : split(text, ' ')) {
    if (!line.empty() && letters(line) + 1 + letters(word) > most) {
      lines.push_back(std::move(line));
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  if (!line.empty()) {
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string cut(std::string_view text, std::size_t most) {
  if (letters(text) <= most) {
    return std::string(text);
  }
  std::string out;
  std::size_t n = 0;
  for (const char c : text) {
    n += (c & '\xC0') != '\x80' ? 1U : 0U;
    if (n >= most) {
      break;
    }
    out += c;
  }
  return out + "…";
}

// A scale's steps: 1, 2 or 5 times a power of ten, at most six.
double step_of(double largest) {
  const double rough = largest / 5;
  const double power = std::pow(10, std::floor(std::log10(std::max(rough, 1e-9))));
  for (const double times : {1.0, 2.0, 5.0, 10.0}) {
    if (rough <= times * power) {
      return times * power;
    }
  }
  return 10 * power;
}

class Sheet {
 public:
  explicit Sheet(Language language) : language_(language) {}

  std::string finish(const FigureFrame& frame, std::string_view address) {
    Html head;
    double y = 44;
    const auto text = [&](Html& h, std::string_view name, double at, std::string_view line) {
      h.element("text", {{"class", name}, {"x", px(kEdge)}, {"y", px(at)}}, line);
    };
    for (const auto& line : wrapped(frame.finding, 24, kWidth - 2 * kEdge)) {
      text(head, "title", y, line);
      y += 30;
    }
    for (const auto& line : wrapped(frame.subtitle, 16, kWidth - 2 * kEdge)) {
      text(head, "sub", y, line);
      y += 22;
    }
    const double top = y + 8;
    y = top + height_ + 28;
    Html foot;
    for (const auto& source : {frame.source, std::string(address)}) {
      for (const auto& line : wrapped(source, 12, kWidth - 2 * kEdge)) {
        text(foot, "small", y, line);
        y += 17;
      }
    }
    Html h;
    h.unsafe_raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    h.open("svg", {{"xmlns", "http://www.w3.org/2000/svg"},
                   {"width", px(kWidth)},
                   {"height", px(y + 10)},
                   {"viewBox", fmt::format("0 0 {} {}", px(kWidth), px(y + 10))},
                   {"role", "img"},
                   {"lang", to_string(language_)}});
    h.element("title", frame.finding);
    h.unsafe_raw(kStyle);
    h.empty("rect", {{"width", "100%"}, {"height", "100%"}, {"fill", "#fff"}});
    h.append(head);
    h.open("g", {{"transform", fmt::format("translate(0 {})", px(top))}});
    h.append(body_).close("g").append(foot).close("svg");
    return h.take();
  }

  void draw(const SeriesSpec& spec) {
    constexpr double kHeight = 380;
    constexpr double kLeft = kEdge + 56;
    constexpr double kRight = kWidth - kEdge - 60;
    double largest = 0;
    for (const auto& p : spec.points) {
      largest = std::max({largest, p.value.value_or(0), p.high.value_or(0)});
    }
    const double step = step_of(largest > 0 ? largest : 1);
    const double top = std::max(step, std::ceil(largest / step) * step);
    const double first = spec.points.empty() ? 0 : spec.points.front().x;
    const double last = spec.points.empty() ? 1 : spec.points.back().x;
    const auto x = [&](double at) {
      return last > first ? kLeft + (kRight - kLeft) * (at - first) / (last - first)
                          : (kLeft + kRight) / 2;
    };
    const auto y = [&](double value) { return 20 + (kHeight - 60) * (1 - value / top); };
    const int digits = tick_digits(step, spec.decimals);
    for (double tick = 0; tick <= top * 1.0001; tick += step) {
      line(tick == 0 ? "axis" : "grid", kLeft, y(tick), kRight, y(tick));
      label(kLeft - 8, y(tick) + 5, decimal(language_, tick, digits), "end");
    }
    draw_run(spec, x, y);
    draw_breaks(spec, x, y(top), y(0));
    double before = -1e9;
    for (const auto& p : spec.points) {
      if (x(p.x) - before > 64) {
        label(x(p.x), y(0) + 22, p.label, "middle");
        before = x(p.x);
      }
    }
    height_ = kHeight;
    write_key({{"ribbon", spec.interval_label}});
    for (const auto& b : spec.breaks) {
      note(spec.break_label + ", " + b.period + ": " + b.note);
    }
  }

  void draw(const DotsSpec& spec) {
    constexpr double kLeft = kEdge + 270;
    constexpr double kRight = kWidth - kEdge - 250;
    double largest = 0;
    for (const auto& row : spec.rows) {
      largest = std::max({largest, row.value.value_or(0), row.high.value_or(0)});
    }
    largest = largest > 0 ? largest : 1;
    double y = 16;
    for (const auto& row : spec.rows) {
      label(kLeft - 12, y + 5, cut(row.label, 36), "end");
      line("grid", kLeft, y, kRight, y);
      const auto x = [&](double v) { return kLeft + 6 + (kRight - kLeft - 12) * v / largest; };
      if (row.mark == DatumMark::suppressed) {
        hatch(kLeft, kRight, y);
      } else if (row.value) {
        if (row.low && row.high) {
          line("whisker", x(*row.low), y, x(*row.high), y);
        }
        dot(x(*row.value), y, row);
      }
      label(kRight + 12, y + 5,
            row.value_text + (row.interval_text.empty() ? "" : " (" + row.interval_text + ")") +
                (row.note.empty() ? "" : " · " + row.note),
            "start");
      y += 24;
    }
    height_ = y;
  }

  void draw(const PyramidSpec& spec) {
    constexpr double kMiddle = kWidth / 2;
    constexpr double kNames = 70;
    constexpr double kBar = 270;
    double largest = 0;
    for (const auto& band : spec.bands) {
      largest = std::max({largest, band.left.value_or(0), band.right.value_or(0)});
    }
    largest = largest > 0 ? largest : 1;
    label(kMiddle - kNames, 14, spec.left_header, "end");
    label(kMiddle + kNames, 14, spec.right_header, "start");
    double y = 28;
    for (const auto& band : spec.bands) {
      label(kMiddle, y + 14, band.label, "middle");
      const auto side = [&](std::optional<double> value, const std::string& text, bool left) {
        const double width = value ? kBar * *value / largest : 0;
        const double from = left ? kMiddle - kNames - width : kMiddle + kNames;
        if (value) {
          rect(left ? "bar" : "bar two", from, y, width, 18);
        }
        label(left ? kMiddle - kNames - width - 6 : kMiddle + kNames + width + 6, y + 14, text,
              left ? "end" : "start");
      };
      side(band.left, band.left_text, true);
      side(band.right, band.right_text, false);
      y += 23;
    }
    height_ = y;
  }

  void draw(const TilesSpec& spec) {
    constexpr double kTile = 84;
    constexpr double kHigh = 54;
    double bottom = 0;
    body_.open("g", {{"class", "map"}});
    for (const auto& tile : spec.tiles) {
      if (tile.row <= 0 || tile.column <= 0) {
        continue;
      }
      const double x = kEdge + (tile.column - 1) * (kTile + 4);
      const double y = (tile.row - 1) * (kHigh + 4);
      const bool is_step = tile.step >= 1 && tile.step <= 5;
      rect(is_step ? fmt::format("m{}", tile.step) : "frame", x, y, kTile, kHigh);
      const std::string name = is_step ? fmt::format("m{}t", tile.step) : "";
      label(x + kTile / 2, y + 20, cut(tile.name, 14), "middle", name);
      const std::string& value = tile.on_tile.empty() ? tile.value : tile.on_tile;
      label(x + kTile / 2, y + 42, value.empty() ? "–" : value, "middle", name);
      bottom = std::max(bottom, y + kHigh);
    }
    body_.close("g");
    height_ = bottom;
    write_classes(spec.bounds);
  }

  // Panels in three columns on one scale; the last is the sum on a scale of its own, which says so.
  void draw(const MultiplesSpec& spec) {
    constexpr double kPanel = 284;
    constexpr double kHigh = 96;
    std::int32_t most = 1;
    for (const auto& panel : spec.panels) {
      for (const auto& bar : panel.bars) {
        most = std::max(most, bar.solid + bar.hollow);
      }
    }
    double x = kEdge;
    double y = 0;
    for (const auto& panel : spec.panels) {
      label(x, y + 14, cut(panel.title, 34), "start");
      label(x + kPanel - 4, y + 14, number(language_, panel.total()), "end", "small");
      draw_years(panel, spec, {x, y + 24, kPanel - 4, kHigh - 46}, most);
      x += kPanel + 22;
      if (x + kPanel > kWidth - kEdge + 2) {
        x = kEdge;
        y += kHigh + 16;
      }
    }
    height_ = x > kEdge ? y + kHigh + 10 : y;
    write_key({{"bar", spec.solid_label}, {"hollow", spec.hollow_label}});
  }

  // A row a text, from the oldest down; what it was taken from is joined to it and named below.
  void draw(const TimelineSpec& spec) {
    constexpr double kLeft = kEdge + 400;
    constexpr double kRight = kWidth - kEdge - 16;
    std::vector<const TimelineNode*> nodes;
    for (const auto& node : spec.nodes) {
      nodes.push_back(&node);
    }
    std::ranges::stable_sort(nodes, {}, &TimelineNode::year);
    const double span = std::max(1.0, spec.year_end - spec.year_begin);
    const auto x = [&](double year) {
      return kLeft + (kRight - kLeft) * (year - spec.year_begin) / span;
    };
    std::map<std::string, std::pair<double, double>> places;
    const double bottom = 20 + 46 * static_cast<double>(nodes.size());
    for (double year = std::ceil(spec.year_begin / 5) * 5; year <= spec.year_end; year += 5) {
      line("grid", x(year), 0, x(year), bottom);
      label(x(year), bottom + 16, fmt::format("{:.0f}", year), "middle", "small");
    }
    double y = 20;
    for (const auto* node : nodes) {
      places[node->id] = {x(node->year), y};
      label(kEdge, y, cut(node->meeting, 50), "start");
      label(kEdge, y + 17, cut(node->title, 64), "start", "small");
      y += 46;
    }
    for (const auto& joined : spec.links) {
      if (places.contains(joined.earlier) && places.contains(joined.later)) {
        const auto& [x1, y1] = places.at(joined.earlier);
        const auto& [x2, y2] = places.at(joined.later);
        line("whisker", x1, y1, x2, y2);
      }
    }
    for (const auto* node : nodes) {
      const auto& [at, high] = places.at(node->id);
      body_.empty("circle", {{"class", node->here ? "dot" : "hollow"},
                             {"cx", px(at)},
                             {"cy", px(high)},
                             {"r", node->here ? "7" : "5"}});
    }
    height_ = bottom + 24;
    write_links(spec);
  }

  void draw(const BarsSpec& spec) {
    constexpr double kLeft = kEdge + 290;
    constexpr double kRight = kWidth - kEdge - 70;
    std::int64_t most = std::max<std::int64_t>(spec.scale_max, 1);
    for (const auto& bar : spec.bars) {
      most = std::max(most, bar.value);
    }
    double y = 4;
    for (const auto& bar : spec.bars) {
      const double width =
          (kRight - kLeft) * static_cast<double>(bar.value) / static_cast<double>(most);
      label(kLeft - 12, y + 14, cut(bar.label, 38), "end");
      rect("bar", kLeft, y, width, 18);
      label(kLeft + width + 8, y + 14, number(language_, bar.value), "start");
      y += 24;
    }
    height_ = y;
  }

  void draw(const MapSpec& spec) {
    constexpr double kColumn = 208;
    const auto panels = map_panels(spec);
    // Many insets stand two beside each other at half their size.
    const double factor = panels.size() > 4 ? 0.48 : 1;
    double x = kWidth - kEdge - kColumn;
    double y = 0;
    double row = 0;
    double bottom = 0;
    for (std::size_t i = 0; i < panels.size(); ++i) {
      const auto& panel = panels[i];
      if (i == 0) {
        draw_panel(panel, kEdge, 0, 1);
        bottom = panel.height;
        continue;
      }
      if (x + panel.width * factor > kWidth - kEdge + 1) {
        x = kWidth - kEdge - kColumn;
        y += row;
        row = 0;
      }
      draw_panel(panel, x, y, factor);
      rect("frame", x, y, panel.width * factor, panel.height * factor);
      const auto most = static_cast<std::size_t>(panel.width * factor / (12 * kLetter));
      label(x, y + panel.height * factor + 16, cut(panel.title, std::max<std::size_t>(most, 14)),
            "start", "small");
      x += factor == 1 ? kColumn + 2 : kColumn / 2 + 2;
      row = std::max(row, panel.height * factor + 28);
      bottom = std::max(bottom, y + row);
    }
    height_ = bottom;
    write_classes(spec.bounds);
    note(spec.no_data_label + ": ···   " + spec.suppressed_label + ": ///");
    note(spec.source);
  }

 private:
  using Key = std::vector<std::pair<std::string, std::string>>;

  struct Box {
    double x, y, width, height;
  };

  void draw_years(const Panel& panel, const MultiplesSpec& spec, const Box& box,
                  std::int32_t most) {
    if (spec.ticks.size() < 2) {
      return;
    }
    const double first = spec.ticks.front();
    const double years = spec.ticks.back() - first + 1;
    const double wide = std::max(2.0, box.width / years - 2);
    const auto x = [&](double year) { return box.x + (year - first) * box.width / years; };
    const double base = box.y + box.height;
    line("axis", box.x, base, box.x + box.width, base);
    for (const auto& bar : panel.bars) {
      const auto high = [&](std::int32_t n) {
        return box.height * static_cast<double>(n) / static_cast<double>(most);
      };
      rect("bar", x(bar.year), base - high(bar.solid), wide, high(bar.solid));
      if (bar.hollow > 0) {
        rect("hollow", x(bar.year), base - high(bar.solid) - high(bar.hollow), wide,
             high(bar.hollow));
      }
    }
    label(box.x, base + 15, std::to_string(spec.ticks.front()), "start", "small");
    label(box.x + box.width, base + 15, std::to_string(spec.ticks.back()), "end", "small");
  }

  void write_links(const TimelineSpec& spec) {
    const auto meeting = [&](const std::string& id) {
      const auto at = std::ranges::find(spec.nodes, id, &TimelineNode::id);
      return at == spec.nodes.end() ? std::string() : at->meeting;
    };
    for (const auto& joined : spec.links) {
      if (!meeting(joined.earlier).empty() && !meeting(joined.later).empty()) {
        note(meeting(joined.earlier) + " → " + meeting(joined.later) + ": " + joined.label);
      }
    }
    for (const auto& treaty : spec.treaties) {
      if (treaty.adopted > 0) {
        note(fmt::format("{} ({:.0f})", treaty.name, std::floor(treaty.adopted)));
      }
    }
  }

  void draw_panel(const MapPanel& panel, double x, double y, double factor) {
    body_.open("svg", {{"class", panel.dense ? "map dense" : "map"},
                       {"x", px(x)},
                       {"y", px(y)},
                       {"width", px(panel.width * factor)},
                       {"height", px(panel.height * factor)},
                       {"viewBox", fmt::format("0 0 {:g} {:g}", panel.width, panel.height)}});
    body_.append(panel.shapes).close("svg");
  }

  void line(std::string_view name, double x1, double y1, double x2, double y2) {
    body_.empty("line",
                {{"class", name}, {"x1", px(x1)}, {"y1", px(y1)}, {"x2", px(x2)}, {"y2", px(y2)}});
  }

  void rect(std::string_view name, double x, double y, double width, double height) {
    body_.empty("rect", {{"class", name},
                         {"x", px(x)},
                         {"y", px(y)},
                         {"width", px(width)},
                         {"height", px(height)}});
  }

  void label(double x, double y, std::string_view text, std::string_view anchor,
             std::string_view name = {}) {
    body_.element("text",
                  {{"x", px(x)},
                   {"y", px(y)},
                   {"text-anchor", anchor},
                   attribute_if(!name.empty(), "class", name)},
                  text);
  }

  void dot(double x, double y, const Datum& datum) {
    const bool hollow = datum.mark == DatumMark::unstable || datum.mark == DatumMark::provisional;
    body_.empty("circle", {{"class", hollow ? "hollow" : "dot"},
                           {"cx", px(x)},
                           {"cy", px(y)},
                           {"r", datum.chosen ? "6" : "4.5"}});
  }

  void hatch(double left, double right, double y) {
    for (double x = left + 6; x < right; x += 14) {
      line("hatch", x, y - 6, x, y + 6);
    }
  }

  template <class X, class Y>
  void draw_run(const SeriesSpec& spec, const X& x, const Y& y) {
    std::string path;
    std::string upper;
    std::string lower;
    Html ribbons;
    const auto end_ribbon = [&] {
      if (!upper.empty()) {
        ribbons.empty("path", {{"class", "ribbon"}, {"d", "M" + upper + lower + "Z"}});
      }
      upper.clear();
      lower.clear();
    };
    bool runs = false;
    for (const auto& p : spec.points) {
      if (!p.value) {
        end_ribbon();
        runs = false;
        continue;
      }
      path += fmt::format("{}{} {}", runs ? "L" : "M", px(x(p.x)), px(y(*p.value)));
      runs = true;
      if (p.low && p.high) {
        upper += fmt::format("{}{} {}", upper.empty() ? "" : "L", px(x(p.x)), px(y(*p.high)));
        lower = fmt::format("L{} {}", px(x(p.x)), px(y(*p.low))) + lower;
      } else {
        end_ribbon();
      }
    }
    end_ribbon();
    body_.append(ribbons);
    if (!path.empty()) {
      body_.empty("path", {{"class", "line"}, {"d", path}});
    }
    const Datum* last = nullptr;
    for (const auto& p : spec.points) {
      if (p.value) {
        dot(x(p.x), y(*p.value), p);
        last = &p;
      }
    }
    if (last != nullptr) {
      label(x(last->x) + 9, y(*last->value) + 5, last->value_text, "start");
    }
  }

  template <class X>
  void draw_breaks(const SeriesSpec& spec, const X& x, double top, double bottom) {
    for (const auto& b : spec.breaks) {
      const double at = x(b.x - spec.step / 2);
      line("break", at, top, at, bottom);
    }
  }

  void write_key(const Key& key) {
    for (const auto& [name, text] : key) {
      height_ += 24;
      rect(name, kEdge, height_ - 13, 28, 14);
      label(kEdge + 36, height_, text, "start", "small");
    }
  }

  void write_classes(const std::vector<std::string>& bounds) {
    double x = kEdge;
    height_ += 30;
    body_.open("g", {{"class", "map"}});
    for (std::size_t i = 0; i < std::min<std::size_t>(bounds.size(), 5); ++i) {
      rect(fmt::format("m{}", i + 1), x, height_ - 13, 28, 14);
      label(x + 36, height_ - 1, bounds[i], "start", "small");
      x += 60 + static_cast<double>(letters(bounds[i])) * 12 * kLetter;
    }
    body_.close("g");
  }

  void note(std::string_view text) {
    for (const auto& row : wrapped(text, 12, kWidth - 2 * kEdge)) {
      height_ += 18;
      label(kEdge, height_, row, "start", "small");
    }
  }

  Language language_;
  Html body_;
  double height_ = 0;
};

}  // namespace

Chart chart_of(const ChartSpec& spec) {
  struct Draw {
    Chart operator()(const SeriesSpec& s) const { return series(s); }

    Chart operator()(const TilesSpec& s) const { return tile_grid(s); }

    Chart operator()(const MapSpec& s) const { return map_chart(s); }

    Chart operator()(const MultiplesSpec& s) const { return small_multiples(s); }

    Chart operator()(const TimelineSpec& s) const { return timeline(s); }

    Chart operator()(const BarsSpec& s) const {
      Chart chart;
      chart.view = bar_strip(s);
      return chart;
    }

    Chart operator()(const DotsSpec& s) const {
      Chart chart;
      chart.view = dot_strip(s);
      return chart;
    }

    Chart operator()(const PyramidSpec& s) const {
      Chart chart;
      chart.view = pyramid(s);
      return chart;
    }
  };

  return std::visit(Draw{}, spec);
}

std::string sheet_svg(const FigureFrame& frame, const ChartSpec& spec, std::string_view address) {
  Sheet sheet(frame.language);
  std::visit([&](const auto& s) { sheet.draw(s); }, spec);
  return sheet.finish(frame, address);
}

}  // namespace atalaya::figures
