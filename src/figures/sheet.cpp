#include <atalaya/figures/sheet.hpp>

#include <algorithm>
#include <cmath>

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
    ".map .chosen path{stroke:#14212A;stroke-width:2}</style>";

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
    const int digits = step < 1 ? std::max(1, spec.decimals) : 0;
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
      label(x + kTile / 2, y + 42, tile.value.empty() ? "–" : tile.value, "middle", name);
      bottom = std::max(bottom, y + kHigh);
    }
    body_.close("g");
    height_ = bottom;
    write_classes(spec.bounds);
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

  void draw_panel(const MapPanel& panel, double x, double y, double factor) {
    body_.open("svg", {{"class", "map"},
                       {"x", px(x)},
                       {"y", px(y)},
                       {"width", px(panel.width * factor)},
                       {"height", px(panel.height * factor)},
                       {"viewBox", fmt::format("0 0 {:g} {:g}", panel.width, panel.height)}});
    body_.append(panel.shapes).close("svg");
  }

  void line(std::string_view name, double x1, double y1, double x2, double y2) {
    body_.empty("line", {{"class", name},
                         {"x1", px(x1)},
                         {"y1", px(y1)},
                         {"x2", px(x2)},
                         {"y2", px(y2)}});
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
    const bool hollow =
        datum.mark == DatumMark::unstable || datum.mark == DatumMark::provisional;
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
