// Lambert's azimuthal equal-area projection around the middle of what is drawn.
// Source: J. P. Snyder, Map Projections: A Working Manual, USGS 1987, p. 182.
#include <atalaya/figures/map.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include <fmt/format.h>

#include <atalaya/figures/messages.hpp>

namespace atalaya::figures {
namespace {

constexpr double kWidth = 640;  // of the map, in units that are pixels where there is room
constexpr double kHeightMax = 760;
constexpr double kInsetWidth = 200;
constexpr double kInsetHeightMax = 260;
constexpr double kMargin = 8;
constexpr double kApart = 0.1;  // of the diagonal: farther islands do not widen the frame
constexpr double kSeen = 6;     // smaller areas get a circle around them
constexpr double kRadius = 5;
constexpr std::size_t kDense = 300;  // so many areas are a surface: thin lines, no circles

struct Flat {
  double x = 0, y = 0;
};

struct Box {
  double left = 1e12, top = 1e12, right = -1e12, bottom = -1e12;

  void add(const Flat& p) {
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }

  void add(const Box& other) {
    add(Flat{other.left, other.top});
    add(Flat{other.right, other.bottom});
  }

  [[nodiscard]] bool is_empty() const { return left > right; }

  [[nodiscard]] double diagonal() const {
    return is_empty() ? 0 : std::hypot(right - left, bottom - top);
  }

  [[nodiscard]] double gap(const Box& other) const {
    const double dx = std::max({0.0, other.left - right, left - other.right});
    const double dy = std::max({0.0, other.top - bottom, top - other.bottom});
    return std::hypot(dx, dy);
  }
};

class Projection {
 public:
  explicit Projection(const std::vector<const MapArea*>& areas) {
    double x = 0;
    double y = 0;
    double z = 0;
    for (const auto* area : areas) {
      for (const auto& ring : area->rings) {
        add_ring(ring, x, y, z);
      }
    }
    const double length = std::sqrt(x * x + y * y + z * z);
    if (length > 0) {
      latitude_ = std::asin(z / length);
      longitude_ = std::atan2(y, x);
    }
  }

  [[nodiscard]] Flat operator()(const MapPoint& p) const {
    const double lat = p.latitude * kRadian;
    const double turn = p.longitude * kRadian - longitude_;
    const double cosine =
        std::sin(latitude_) * std::sin(lat) + std::cos(latitude_) * std::cos(lat) * std::cos(turn);
    const double k = std::sqrt(2 / std::max(1e-3, 1 + cosine));
    return {k * std::cos(lat) * std::sin(turn),
            -k * (std::cos(latitude_) * std::sin(lat) -
                  std::sin(latitude_) * std::cos(lat) * std::cos(turn))};
  }

 private:
  static constexpr double kRadian = std::numbers::pi / 180;

  // The middle of what is drawn, each ring by its area on the globe.
  static void add_ring(const MapRing& ring, double& x, double& y, double& z) {
    double area = 0;
    double lon = 0;
    double lat = 0;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const auto& a = ring[i];
      const auto& b = ring[(i + 1) % ring.size()];
      area += a.longitude * b.latitude - b.longitude * a.latitude;
      lon += a.longitude;
      lat += a.latitude;
    }
    if (ring.empty()) {
      return;
    }
    lon = lon / static_cast<double>(ring.size()) * kRadian;
    lat = lat / static_cast<double>(ring.size()) * kRadian;
    const double weight = (std::abs(area) + 1e-9) * std::cos(lat);
    x += weight * std::cos(lat) * std::cos(lon);
    y += weight * std::cos(lat) * std::sin(lon);
    z += weight * std::sin(lat);
  }

  double longitude_ = 0, latitude_ = 0;
};

using FlatRing = std::vector<Flat>;

struct FlatArea {
  const MapArea* area = nullptr;
  std::vector<FlatRing> rings;
  std::vector<Box> boxes;  // of the rings
  Box box;
};

FlatArea flatten(const MapArea& area, const Projection& projection) {
  FlatArea out;
  out.area = &area;
  for (const auto& ring : area.rings) {
    FlatRing flat;
    Box box;
    for (const auto& p : ring) {
      flat.push_back(projection(p));
      box.add(flat.back());
    }
    if (flat.size() >= 3) {
      out.rings.push_back(std::move(flat));
      out.boxes.push_back(box);
      out.box.add(box);
    }
  }
  return out;
}

struct Piece {
  Box box;
  std::size_t area = 0;  // index of whose ring it is
};

// From the largest piece on, whatever lies near to what is in the group already; taken out of
// `left`.
std::pair<Box, std::set<std::size_t>> group_of(std::vector<Piece>& left) {
  std::vector<Box> in;
  std::pair<Box, std::set<std::size_t>> out;
  bool grows = true;
  while (grows) {
    grows = false;
    for (auto piece = left.begin(); piece != left.end();) {
      const double reach = kApart * out.first.diagonal();
      const bool near = in.empty() || std::ranges::any_of(in, [&](const Box& other) {
                          return other.gap(piece->box) <= reach;
                        });
      if (!near) {
        ++piece;
        continue;
      }
      in.push_back(piece->box);
      out.first.add(piece->box);
      out.second.insert(piece->area);
      piece = left.erase(piece);
      grows = true;
    }
  }
  return out;
}

// The frame holds the group with the most areas: not Alaska, large as it is.
Box frame_of(const std::vector<FlatArea>& areas) {
  std::vector<Piece> left;
  for (std::size_t i = 0; i < areas.size(); ++i) {
    for (const auto& box : areas[i].boxes) {
      left.push_back({box, i});
    }
  }
  std::ranges::sort(left, std::ranges::greater(),
                    [](const Piece& piece) { return piece.box.diagonal(); });
  std::pair<Box, std::set<std::size_t>> best;
  while (!left.empty()) {
    auto group = group_of(left);
    if (best.second.size() < group.second.size()) {
      best = std::move(group);
    }
  }
  return best.first;
}

std::string_view fill_class(const MapArea& area) {
  static constexpr std::string_view kSteps[] = {"m1", "m2", "m3", "m4", "m5"};
  switch (area.fill) {
    case MapFill::value:
      return area.step >= 1 && area.step <= 5 ? kSteps[area.step - 1] : kSteps[0];
    case MapFill::no_data:
      return "m-none";
    case MapFill::suppressed:
      return "m-hidden";
    case MapFill::land:
      return "m-land";
  }
  return "m-none";
}

void write_patterns(Html& h, std::string_view id) {
  h.open("defs");
  h.open("pattern", {{"id", fmt::format("{}-none", id)},
                     {"width", "7"},
                     {"height", "7"},
                     {"patternUnits", "userSpaceOnUse"}});
  h.empty("rect", {{"class", "m-ground"}, {"width", "7"}, {"height", "7"}});
  h.empty("circle", {{"class", "m-point"}, {"cx", "3.5"}, {"cy", "3.5"}, {"r", "0.9"}});
  h.close("pattern");
  h.open("pattern", {{"id", fmt::format("{}-hidden", id)},
                     {"width", "6"},
                     {"height", "6"},
                     {"patternUnits", "userSpaceOnUse"},
                     {"patternTransform", "rotate(45)"}});
  h.empty("rect", {{"class", "m-ground"}, {"width", "6"}, {"height", "6"}});
  h.empty("line", {{"class", "m-stripe"}, {"x1", "0"}, {"y1", "0"}, {"x2", "0"}, {"y2", "6"}});
  h.close("pattern").close("defs");
}

std::string pattern_of(const MapSpec& spec, const MapArea& area) {
  return area.fill == MapFill::no_data      ? fmt::format("url(#{}-none)", spec.id)
         : area.fill == MapFill::suppressed ? fmt::format("url(#{}-hidden)", spec.id)
                                            : std::string();
}

struct Fit {
  double scale = 1, left = 0, top = 0, width = 0, height = 0;

  [[nodiscard]] Flat operator()(const Flat& p) const {
    return {(p.x - left) * scale + kMargin, (p.y - top) * scale + kMargin};
  }
};

Fit fit_of(const Box& box, double width, double height_max) {
  Fit fit;
  if (box.is_empty()) {
    fit.width = width;
    fit.height = 2 * kMargin;
    return fit;
  }
  const double w = std::max(box.right - box.left, 1e-6);
  const double h = std::max(box.bottom - box.top, 1e-6);
  fit.scale = std::min((width - 2 * kMargin) / w, (height_max - 2 * kMargin) / h);
  fit.left = box.left;
  fit.top = box.top;
  fit.width = w * fit.scale + 2 * kMargin;
  fit.height = h * fit.scale + 2 * kMargin;
  return fit;
}

double tenth(std::int64_t value) {
  return static_cast<double>(value) / 10;
}

void write_area(Html& h, const MapSpec& spec, const FlatArea& flat, const Fit& fit) {
  std::string path;
  for (const auto& ring : flat.rings) {
    // Steps from point to point in whole tenths: half as long as places, and no error adds up.
    std::int64_t x = 0;
    std::int64_t y = 0;
    bool first = true;
    for (const auto& p : ring) {
      const Flat at = fit(p);
      const std::int64_t to_x = std::llround(at.x * 10);
      const std::int64_t to_y = std::llround(at.y * 10);
      if (!first && std::abs(to_x - x) < 3 && std::abs(to_y - y) < 3) {
        continue;
      }
      path += first ? fmt::format("M{:g} {:g}l", tenth(to_x), tenth(to_y))
                    : fmt::format("{:g} {:g} ", tenth(to_x - x), tenth(to_y - y));
      x = to_x;
      y = to_y;
      first = false;
    }
    path.back() = path.back() == ' ' || path.back() == 'l' ? 'z' : path.back();
  }
  const auto& area = *flat.area;
  const std::string name = std::string(fill_class(area)) + (area.chosen ? " chosen" : "");
  const std::string pattern = pattern_of(spec, area);
  h.open("g", {{"class", name}, attribute_if(!pattern.empty(), "fill", pattern)});
  if (!area.name.empty()) {
    h.element("title", area.name + ": " + area.value_text +
                           (area.note.empty() ? "" : " (" + area.note + ")"));
  }
  h.empty("path", {{"d", path}, {"fill-rule", "evenodd"}});
  const double size = std::max(flat.box.right - flat.box.left, flat.box.bottom - flat.box.top);
  if (size * fit.scale < kSeen && area.fill != MapFill::land && spec.areas.size() <= kDense) {
    const Flat middle =
        fit({(flat.box.left + flat.box.right) / 2, (flat.box.top + flat.box.bottom) / 2});
    h.empty("circle", {{"cx", fmt::format("{:.1f}", middle.x)},
                       {"cy", fmt::format("{:.1f}", middle.y)},
                       {"r", fmt::format("{:g}", kRadius)}});
  }
  h.close("g");
}

bool touches(const FlatArea& flat, const Box& frame) {
  return std::ranges::any_of(flat.boxes, [&](const Box& box) { return box.gap(frame) <= 0; });
}

MapPanel panel_of(const MapSpec& spec, const std::vector<FlatArea>& areas, const Box& frame,
                  std::string title, bool with_patterns) {
  const bool is_map = title.empty();
  const Fit fit =
      fit_of(frame, is_map ? kWidth : kInsetWidth, is_map ? kHeightMax : kInsetHeightMax);
  MapPanel panel;
  panel.title = std::move(title);
  panel.dense = spec.areas.size() > kDense;
  panel.width = std::ceil(fit.width);
  panel.height = std::ceil(fit.height);
  if (with_patterns) {
    write_patterns(panel.shapes, spec.id);
  }
  for (const bool land : {true, false}) {  // nameless land lies below
    for (const auto& flat : areas) {
      if ((flat.area->fill == MapFill::land) == land && touches(flat, frame)) {
        write_area(panel.shapes, spec, flat, fit);
      }
    }
  }
  return panel;
}

void write_swatch(Html& h, const MapSpec& spec, std::string_view name, std::string_view pattern,
                  std::string_view label) {
  const std::string fill = pattern.empty() ? "" : fmt::format("url(#{}-{})", spec.id, pattern);
  h.open("li").open(
      "svg", {{"class", "map swatch"}, {"width", "28"}, {"height", "16"}, {"aria-hidden", "true"}});
  h.open("g", {{"class", name}, attribute_if(!fill.empty(), "fill", fill)});
  h.empty("rect", {{"x", "0.5"}, {"y", "0.5"}, {"width", "27"}, {"height", "15"}});
  h.close("g").close("svg").text(label).close("li");
}

Html key_of(const MapSpec& spec) {
  Html h;
  h.open("ul", {{"class", "map-key"}});
  const std::size_t classes = std::min<std::size_t>(spec.bounds.size(), 5);
  for (std::size_t i = 0; i < classes; ++i) {
    write_swatch(h, spec, fmt::format("m{}", i + 1), "", spec.bounds[i]);
  }
  const auto any = [&](MapFill fill) {
    return std::ranges::any_of(
        spec.areas, [&](const MapArea& a) { return a.fill == fill && !a.rings.empty(); });
  };
  if (any(MapFill::no_data)) {
    write_swatch(h, spec, "m-none", "none", spec.no_data_label);
  }
  if (any(MapFill::suppressed)) {
    write_swatch(h, spec, "m-hidden", "hidden", spec.suppressed_label);
  }
  h.close("ul");
  return h;
}

Html table_of(const MapSpec& spec) {
  Html h;
  h.open("table").open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, spec.name_header);
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.value_header);
  h.element("th", {{"scope", "col"}}, spec.note_header).close("tr").close("thead").open("tbody");
  for (const auto& area : spec.areas) {
    if (area.fill == MapFill::land) {
      continue;
    }
    h.open("tr").open("th", {{"scope", "row"}});
    if (area.url.empty()) {
      h.text(area.name);
    } else {
      h.element("a", {{"href", area.url}}, area.name);
    }
    h.close("th").element("td", {{"class", "num"}, {"data-l", spec.value_header}}, area.value_text);
    h.element("td", {{"data-l", spec.note_header}}, area.note).close("tr");
  }
  h.close("tbody").close("table");
  return h;
}

}  // namespace

std::vector<MapPanel> map_panels(const MapSpec& spec) {
  std::vector<const MapArea*> named;
  for (const auto& area : spec.areas) {
    if (area.fill != MapFill::land) {
      named.push_back(&area);
    }
  }
  const Projection projection(named);
  std::vector<FlatArea> areas;
  std::vector<FlatArea> framed;
  for (const auto& area : spec.areas) {
    auto flat = flatten(area, projection);
    if (!flat.rings.empty()) {
      if (area.fill != MapFill::land) {
        framed.push_back(flat);
      }
      areas.push_back(std::move(flat));
    }
  }
  const Box frame = frame_of(framed);
  std::vector<MapPanel> panels;
  panels.push_back(panel_of(spec, areas, frame, "", true));
  for (const auto& inset : spec.insets) {
    Box box;
    for (const auto& flat : framed) {
      if (std::ranges::find(inset.codes, flat.area->code) != inset.codes.end()) {
        box.add(flat.box);
      }
    }
    if (!box.is_empty()) {
      panels.push_back(panel_of(spec, areas, box, inset.title, false));
    }
  }
  for (const auto& flat : framed) {
    if (!touches(flat, frame)) {
      panels.push_back(panel_of(spec, areas, frame_of({flat}), flat.area->name, false));
    }
  }
  return panels;
}

Chart map_chart(const MapSpec& spec) {
  Chart chart;
  chart.key = key_of(spec);
  chart.view.open("div", {{"class", "map-panels"}});
  bool first = true;
  for (const auto& panel : map_panels(spec)) {
    chart.view.open("div", {{"class", first ? "map-main" : "map-inset"}});
    const std::string box = fmt::format("0 0 {:g} {:g}", panel.width, panel.height);
    chart.view.open("svg", {{"class", panel.dense ? "map dense" : "map"},
                            {"viewBox", box},
                            {"width", fmt::format("{:g}", panel.width)},
                            {"height", fmt::format("{:g}", panel.height)},
                            {"role", "img"},
                            {"aria-label", first ? spec.name : panel.title}});
    chart.view.append(panel.shapes).close("svg");
    if (!first) {
      chart.view.element("p", {{"class", "xs"}}, panel.title);
    }
    chart.view.close("div");
    first = false;
  }
  chart.view.close("div");
  chart.view.element("p", {{"class", "xs map-source"}}, spec.source);
  chart.table = table_of(spec);
  return chart;
}

}  // namespace atalaya::figures
