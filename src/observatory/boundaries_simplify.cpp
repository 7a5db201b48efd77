// Lines are cut where three areas meet or a border reaches the coast; each piece is simplified by
// Douglas and Peucker's rule in one direction, so both neighbours get the same points.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <unordered_map>
#include <unordered_set>

#include <atalaya/observatory/boundaries.hpp>

namespace atalaya::observatory {
namespace {

constexpr double kStepsPerDegree = 10'000;  // 11 m: neighbours of most files meet exactly
constexpr double kPartsOfIsland = 40;       // an island keeps its form however small it is

using PointKey = std::int64_t;

PointKey key_of(const GeoPoint& p) {
  return std::llround(p.longitude * kStepsPerDegree) * 10'000'000 +
         std::llround(p.latitude * kStepsPerDegree);
}

GeoPoint snapped(const GeoPoint& p) {
  return {std::round(p.longitude * kStepsPerDegree) / kStepsPerDegree,
          std::round(p.latitude * kStepsPerDegree) / kStepsPerDegree};
}

struct Extent {
  double west = 1e9, east = -1e9, south = 1e9, north = -1e9;

  void add(const GeoPoint& p) {
    west = std::min(west, p.longitude);
    east = std::max(east, p.longitude);
    south = std::min(south, p.latitude);
    north = std::max(north, p.latitude);
  }

  [[nodiscard]] double diagonal(double squeeze) const {
    return west > east ? 0 : std::hypot((east - west) * squeeze, north - south);
  }
};

Extent extent_of(const GeoRing& ring) {
  Extent out;
  for (const auto& p : ring) {
    out.add(p);
  }
  return out;
}

double area_of(const GeoRing& ring) {
  double sum = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const auto& a = ring[i];
    const auto& b = ring[(i + 1) % ring.size()];
    sum += a.longitude * b.latitude - b.longitude * a.latitude;
  }
  return std::abs(sum) / 2;
}

class Simplifier {
 public:
  Simplifier(std::vector<BoundaryShape>& shapes, double tolerance)
      : shapes_(shapes), tolerance_(tolerance) {
    Extent all;
    for (auto& shape : shapes_) {
      for (auto& ring : shape.rings) {
        for (auto& p : ring) {
          p = snapped(p);
          all.add(p);
        }
        ring.erase(std::unique(ring.begin(), ring.end()), ring.end());
        if (ring.size() > 1 && ring.front() == ring.back()) {
          ring.pop_back();
        }
      }
    }
    const double middle = all.west > all.east ? 0 : (all.south + all.north) / 2;
    squeeze_ = std::max(0.1, std::cos(middle * std::numbers::pi / 180));
  }

  void run() {
    find_junctions();
    for (auto& shape : shapes_) {
      std::ranges::sort(shape.rings, std::ranges::greater(), area_of);
      std::vector<GeoRing> kept;
      for (const auto& ring : shape.rings) {
        const double size = extent_of(ring).diagonal(squeeze_);
        if (!kept.empty() && size < 2 * tolerance_) {
          continue;
        }
        GeoRing simple = simplified(ring, size);
        if (simple.size() < 3 && kept.empty()) {
          simple = corners(ring);
        }
        if (simple.size() >= 3) {
          kept.push_back(std::move(simple));
        }
      }
      shape.rings = std::move(kept);
    }
  }

 private:
  // A point is a junction when two visits of it come from and go to different points.
  void find_junctions() {
    std::unordered_map<PointKey, std::pair<PointKey, PointKey>> seen;
    for (const auto& shape : shapes_) {
      for (const auto& ring : shape.rings) {
        for (std::size_t i = 0; i < ring.size(); ++i) {
          const PointKey before = key_of(ring[(i + ring.size() - 1) % ring.size()]);
          const PointKey after = key_of(ring[(i + 1) % ring.size()]);
          const auto sides = std::minmax(before, after);
          const PointKey here = key_of(ring[i]);
          const auto [at, is_new] = seen.try_emplace(here, sides);
          if (!is_new && at->second != std::pair<PointKey, PointKey>(sides)) {
            junctions_.insert(here);
          }
        }
      }
    }
  }

  [[nodiscard]] double distance(const GeoPoint& p, const GeoPoint& a, const GeoPoint& b) const {
    const double dx = (b.longitude - a.longitude) * squeeze_;
    const double dy = b.latitude - a.latitude;
    const double px = (p.longitude - a.longitude) * squeeze_;
    const double py = p.latitude - a.latitude;
    const double length = dx * dx + dy * dy;
    const double along = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0;
    return std::hypot(px - along * dx, py - along * dy);
  }

  // The points of an open line that stay, its ends included.
  [[nodiscard]] GeoRing thinned(const GeoRing& line, double tolerance) const {
    std::vector<char> keep(line.size(), 0);
    keep.front() = keep.back() = 1;
    std::vector<std::pair<std::size_t, std::size_t>> open = {{0, line.size() - 1}};
    while (!open.empty()) {
      const auto [begin, end] = open.back();
      open.pop_back();
      double farthest = tolerance;
      std::size_t at = 0;
      for (std::size_t i = begin + 1; i < end; ++i) {
        const double d = distance(line[i], line[begin], line[end]);
        if (d > farthest) {
          farthest = d;
          at = i;
        }
      }
      if (at > 0) {
        keep[at] = 1;
        open.emplace_back(begin, at);
        open.emplace_back(at, end);
      }
    }
    GeoRing out;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (keep[i] != 0) {
        out.push_back(line[i]);
      }
    }
    return out;
  }

  // In the direction that both neighbours agree on.
  [[nodiscard]] GeoRing thinned_either_way(GeoRing line, double tolerance) const {
    const bool closed = line.front() == line.back();
    const bool turned = closed && line.size() > 2 ? line[line.size() - 2] < line[1]
                                                  : line.back() < line.front();
    if (turned) {
      std::ranges::reverse(line);
    }
    GeoRing out = thinned(line, tolerance);
    if (turned) {
      std::ranges::reverse(out);
    }
    return out;
  }

  [[nodiscard]] GeoRing simplified(const GeoRing& ring, double size) const {
    if (ring.size() < 3) {
      return {};
    }
    std::vector<std::size_t> cuts;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      if (junctions_.contains(key_of(ring[i]))) {
        cuts.push_back(i);
      }
    }
    double tolerance = tolerance_;
    if (cuts.empty()) {
      tolerance = std::min(tolerance, size / kPartsOfIsland);
      const auto least = std::ranges::min_element(ring);
      cuts.push_back(static_cast<std::size_t>(least - ring.begin()));
    }
    if (cuts.size() == 1) {
      cuts.push_back(farthest_from(ring, cuts.front()));
      std::ranges::sort(cuts);
    }
    GeoRing out;
    for (std::size_t c = 0; c < cuts.size(); ++c) {
      GeoRing line;
      const std::size_t end = cuts[(c + 1) % cuts.size()];
      for (std::size_t i = cuts[c];; i = (i + 1) % ring.size()) {
        line.push_back(ring[i]);
        if (i == end && line.size() > 1) {
          break;
        }
      }
      const GeoRing part = thinned_either_way(std::move(line), tolerance);
      out.insert(out.end(), part.begin(), part.end() - 1);
    }
    return out;
  }

  [[nodiscard]] std::size_t farthest_from(const GeoRing& ring, std::size_t from) const {
    std::size_t out = (from + 1) % ring.size();
    double farthest = -1;
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const double d = std::hypot((ring[i].longitude - ring[from].longitude) * squeeze_,
                                  ring[i].latitude - ring[from].latitude);
      // Ties by the point itself, so that a ring read the other way answers the same.
      if (i != from && (d > farthest || (d == farthest && ring[i] < ring[out]))) {
        farthest = d;
        out = i;
      }
    }
    return out;
  }

  static GeoRing corners(const GeoRing& ring) {
    const Extent e = extent_of(ring);
    if (e.west > e.east) {
      return {};
    }
    return {{e.west, e.south}, {e.east, e.south}, {e.east, e.north}, {e.west, e.north}};
  }

  std::vector<BoundaryShape>& shapes_;
  double tolerance_, squeeze_ = 1;
  std::unordered_set<PointKey> junctions_;
};

}  // namespace

void simplify_shapes(std::vector<BoundaryShape>& shapes, double tolerance_degrees) {
  Simplifier(shapes, tolerance_degrees).run();
}

}  // namespace atalaya::observatory
