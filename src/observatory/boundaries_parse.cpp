// TopoJSON and GeoJSON into rings. The bytes come from outside: every index and count is checked,
// and arcs that are named many times count each time.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/observatory/boundaries.hpp>

namespace atalaya::observatory {
namespace {

constexpr std::size_t kPropertiesMax = 60;
constexpr std::size_t kPropertyBytesMax = 300;
constexpr int kCollectionsMax = 4;  // of collections within collections

std::unexpected<Error> bad(std::string_view file, std::string what) {
  return fail(Error{ErrorCode::invalid_argument,
                    "observatory.boundaries.bad",
                    fmt::format("{}: {}", file, what),
                    {{"file", std::string(file)}}});
}

std::unexpected<Error> too_large(std::string_view file, std::string_view what, std::size_t most) {
  return fail(Error{ErrorCode::exhausted,
                    "observatory.boundaries.size",
                    fmt::format("{}: more than {} {}; simplify the file first, for example with "
                                "mapshaper.org, and load it again",
                                file, most, what),
                    {{"file", std::string(file)}}});
}

const json::value* member(const json::object& object, std::string_view name) {
  return object.if_contains(name);
}

std::string text_member(const json::object& object, std::string_view name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<double> number_of(const json::value& value) {
  if (!value.is_number()) {
    return std::nullopt;
  }
  const double number = value.to_number<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

// What a feature is called or coded by: texts and whole numbers; a fraction is a measurement.
std::string short_text(const json::value& value) {
  if (value.is_string()) {
    std::string text = squeeze(std::string_view(value.get_string()));
    return text.size() <= kPropertyBytesMax ? text : std::string();
  }
  if (value.is_int64()) {
    return std::to_string(value.get_int64());
  }
  if (value.is_uint64()) {
    return std::to_string(value.get_uint64());
  }
  return {};
}

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Result<std::vector<BoundaryLayer>> read(const json::value& root) {
    if (!root.is_object()) {
      return bad(file_, "neither TopoJSON nor GeoJSON: its top is no object");
    }
    const auto& top = root.get_object();
    const std::string type = text_member(top, "type");
    if (type == "Topology") {
      ATALAYA_TRY(read_topology(top));
    } else if (type == "FeatureCollection" || type == "Feature") {
      BoundaryLayer layer;
      ATALAYA_TRY(read_features(top, type, layer));
      layers_.push_back(std::move(layer));
    } else {
      return bad(file_, fmt::format("its type is \"{}\"; Topology (TopoJSON) and FeatureCollection "
                                    "(GeoJSON) can be read. A shapefile can be converted with "
                                    "mapshaper.org or ogr2ogr",
                                    type.substr(0, 40)));
    }
    return std::move(layers_);
  }

 private:
  Result<void> add_points(std::size_t n) {
    points_ += n;
    return points_ > kBoundaryPointsMax
               ? Result<void>(too_large(file_, "points", kBoundaryPointsMax))
               : Result<void>();
  }

  Result<GeoPoint> point(double x, double y) const {
    if (std::abs(x) > 540 || std::abs(y) > 90.001) {
      return bad(file_, fmt::format("{}, {} is no longitude and latitude in degrees; export the "
                                    "file in WGS 84 (EPSG:4326)",
                                    x, y));
    }
    return GeoPoint{x, std::clamp(y, -90.0, 90.0)};
  }

  static void close_open(GeoRing& ring) {
    ring.erase(std::unique(ring.begin(), ring.end()), ring.end());
    if (ring.size() > 1 && ring.front() == ring.back()) {
      ring.pop_back();
    }
  }

  void keep(BoundaryFeature& feature, GeoRing ring) const {
    close_open(ring);
    if (ring.size() >= 3) {
      feature.rings.push_back(std::move(ring));
    }
  }

  void read_names(const json::object& object, BoundaryFeature& feature) const {
    if (const auto* id = member(object, "id")) {
      feature.id = short_text(*id);
    }
    const auto* properties = member(object, "properties");
    if (properties == nullptr || !properties->is_object()) {
      return;
    }
    for (const auto& property : properties->get_object()) {
      std::string text = short_text(property.value());
      if (!text.empty() && feature.properties.size() < kPropertiesMax) {
        feature.properties.emplace_back(property.key(), std::move(text));
      }
    }
  }

  Result<void> add_feature(BoundaryLayer& layer, BoundaryFeature feature) {
    if (++features_ > kBoundaryFeaturesMax) {
      return too_large(file_, "areas", kBoundaryFeaturesMax);
    }
    layer.features.push_back(std::move(feature));
    return {};
  }

  // ---- GeoJSON ----

  Result<GeoRing> read_ring(const json::value& value, std::string_view where) {
    const auto* array = value.if_array();
    if (array == nullptr) {
      return bad(file_, fmt::format("{}: a ring is no list of points", where));
    }
    ATALAYA_TRY(add_points(array->size()));
    GeoRing ring;
    ring.reserve(array->size());
    for (const auto& item : *array) {
      const auto* pair = item.if_array();
      const auto x = pair != nullptr && pair->size() >= 2 ? number_of((*pair)[0]) : std::nullopt;
      const auto y = pair != nullptr && pair->size() >= 2 ? number_of((*pair)[1]) : std::nullopt;
      if (!x || !y) {
        return bad(file_, fmt::format("{}: a point is no pair of numbers", where));
      }
      ring.push_back(ATALAYA_TRY(point(*x, *y)));
    }
    return ring;
  }

  // Type by type: lines and points are no areas and give nothing.
  Result<void> read_geometry(const json::object& geometry, BoundaryFeature& feature,
                             std::string_view where, int depth) {
    const std::string type = text_member(geometry, "type");
    if (type == "GeometryCollection" && depth < kCollectionsMax) {
      const auto* parts = member(geometry, "geometries");
      for (std::size_t i = 0; parts != nullptr && parts->is_array() && i < parts->get_array().size();
           ++i) {
        if (const auto* part = parts->get_array()[i].if_object()) {
          ATALAYA_TRY(read_geometry(*part, feature, where, depth + 1));
        }
      }
      return {};
    }
    if (type != "Polygon" && type != "MultiPolygon") {
      return {};
    }
    const auto* coordinates = member(geometry, "coordinates");
    if (coordinates == nullptr || !coordinates->is_array()) {
      return bad(file_, fmt::format("{}: a {} without coordinates", where, type));
    }
    return each_ring(coordinates->get_array(), type, where, [&](const json::value& value) {
      return read_ring(value, where);
    }, feature);
  }

  template <class Read>
  Result<void> each_ring(const json::array& all, std::string_view type, std::string_view where,
                         const Read& read, BoundaryFeature& feature) {
    const auto polygon = [&](const json::array& rings) -> Result<void> {
      for (const auto& value : rings) {
        auto ring = ATALAYA_TRY(read(value));
        keep(feature, std::move(ring));
      }
      return {};
    };
    if (type == "Polygon") {
      return polygon(all);
    }
    for (const auto& value : all) {
      const auto* rings = value.if_array();
      if (rings == nullptr) {
        return bad(file_, fmt::format("{}: a part of a MultiPolygon is no list of rings", where));
      }
      ATALAYA_TRY(polygon(*rings));
    }
    return {};
  }

  Result<void> read_feature(const json::object& object, std::size_t number, BoundaryLayer& layer) {
    BoundaryFeature feature;
    read_names(object, feature);
    const std::string where = fmt::format("feature {} \"{}\"", number, feature.id);
    const auto* geometry = member(object, "geometry");
    if (geometry != nullptr && geometry->is_object()) {
      ATALAYA_TRY(read_geometry(geometry->get_object(), feature, where, 0));
    }
    return add_feature(layer, std::move(feature));
  }

  Result<void> read_features(const json::object& top, std::string_view type, BoundaryLayer& layer) {
    if (type == "Feature") {
      return read_feature(top, 1, layer);
    }
    const auto* features = member(top, "features");
    if (features == nullptr || !features->is_array()) {
      return bad(file_, "a FeatureCollection without a list of features");
    }
    std::size_t number = 0;
    for (const auto& value : features->get_array()) {
      ++number;
      const auto* object = value.if_object();
      if (object == nullptr) {
        return bad(file_, fmt::format("feature {} is no object", number));
      }
      ATALAYA_TRY(read_feature(*object, number, layer));
    }
    return {};
  }

  // ---- TopoJSON ----

  Result<void> read_transform(const json::object& top) {
    const auto* transform = member(top, "transform");
    if (transform == nullptr) {
      return {};
    }
    const auto pair = [&](std::string_view name, double& x, double& y) {
      const auto* object = transform->if_object();
      const auto* value = object == nullptr ? nullptr : member(*object, name);
      const auto* array = value == nullptr ? nullptr : value->if_array();
      if (array == nullptr || array->size() != 2 || !number_of((*array)[0]) ||
          !number_of((*array)[1])) {
        return false;
      }
      x = *number_of((*array)[0]);
      y = *number_of((*array)[1]);
      return true;
    };
    if (!pair("scale", scale_x_, scale_y_) || !pair("translate", move_x_, move_y_)) {
      return bad(file_, "its transform has no scale and translate of two numbers each");
    }
    is_delta_ = true;
    return {};
  }

  Result<void> read_arcs(const json::object& top) {
    const auto* arcs = member(top, "arcs");
    if (arcs == nullptr || !arcs->is_array()) {
      return bad(file_, "a Topology without a list of arcs");
    }
    for (const auto& value : arcs->get_array()) {
      const std::string where = fmt::format("arc {}", arcs_.size());
      const auto* points = value.if_array();
      if (points == nullptr) {
        return bad(file_, where + " is no list of points");
      }
      ATALAYA_TRY(add_points(points->size()));
      GeoRing arc;
      double x = 0;
      double y = 0;
      for (const auto& item : *points) {
        const auto* pair = item.if_array();
        const auto px = pair != nullptr && pair->size() >= 2 ? number_of((*pair)[0]) : std::nullopt;
        const auto py = pair != nullptr && pair->size() >= 2 ? number_of((*pair)[1]) : std::nullopt;
        if (!px || !py) {
          return bad(file_, where + ": a point is no pair of numbers");
        }
        x = is_delta_ ? x + *px : *px;
        y = is_delta_ ? y + *py : *py;
        arc.push_back(ATALAYA_TRY(point(x * scale_x_ + move_x_, y * scale_y_ + move_y_)));
      }
      arcs_.push_back(std::move(arc));
    }
    return {};
  }

  Result<GeoRing> ring_of_arcs(const json::value& value, std::string_view where) {
    const auto* indexes = value.if_array();
    if (indexes == nullptr) {
      return bad(file_, fmt::format("{}: a ring is no list of arcs", where));
    }
    GeoRing ring;
    for (const auto& item : *indexes) {
      const auto* index = item.if_int64();
      const std::int64_t at = index == nullptr ? -1 : (*index < 0 ? ~*index : *index);
      if (index == nullptr || static_cast<std::uint64_t>(at) >= arcs_.size()) {
        return bad(file_, fmt::format("{} names an arc that is not there ({} arcs)", where,
                                      arcs_.size()));
      }
      const GeoRing& arc = arcs_[static_cast<std::size_t>(at)];
      ATALAYA_TRY(add_points(arc.size() + 1));
      if (*index < 0) {
        ring.insert(ring.end(), arc.rbegin(), arc.rend());
      } else {
        ring.insert(ring.end(), arc.begin(), arc.end());
      }
    }
    return ring;
  }

  Result<void> read_object(const json::object& object, BoundaryLayer& layer, int depth) {
    const std::string type = text_member(object, "type");
    const auto* parts = member(object, "geometries");
    if (type == "GeometryCollection" && parts != nullptr && parts->is_array() &&
        depth < kCollectionsMax) {
      for (const auto& part : parts->get_array()) {
        if (const auto* inner = part.if_object()) {
          ATALAYA_TRY(read_object(*inner, layer, depth + 1));
        }
      }
      return {};
    }
    BoundaryFeature feature;
    read_names(object, feature);
    const std::string where = fmt::format("object \"{}\", area {} \"{}\"", layer.name,
                                          layer.features.size() + 1, feature.id);
    if (type == "Polygon" || type == "MultiPolygon") {
      const auto* arcs = member(object, "arcs");
      if (arcs == nullptr || !arcs->is_array()) {
        return bad(file_, where + " has no arcs");
      }
      ATALAYA_TRY(each_ring(
          arcs->get_array(), type, where,
          [&](const json::value& value) { return ring_of_arcs(value, where); }, feature));
    }
    return add_feature(layer, std::move(feature));
  }

  Result<void> read_topology(const json::object& top) {
    ATALAYA_TRY(read_transform(top));
    ATALAYA_TRY(read_arcs(top));
    const auto* objects = member(top, "objects");
    if (objects == nullptr || !objects->is_object() || objects->get_object().empty()) {
      return bad(file_, "a Topology without objects");
    }
    for (const auto& entry : objects->get_object()) {
      if (const auto* object = entry.value().if_object()) {
        BoundaryLayer layer;
        layer.name = entry.key();
        ATALAYA_TRY(read_object(*object, layer, 0));
        layers_.push_back(std::move(layer));
      }
    }
    return {};
  }

  std::string_view file_;
  std::vector<BoundaryLayer> layers_;
  std::vector<GeoRing> arcs_;
  double scale_x_ = 1, scale_y_ = 1, move_x_ = 0, move_y_ = 0;
  bool is_delta_ = false;
  std::size_t points_ = 0, features_ = 0;
};

}  // namespace

Result<std::vector<BoundaryLayer>> parse_boundaries(std::string_view text, std::string_view file) {
  if (text.size() > kBoundaryBytesMax) {
    return too_large(file, "bytes", kBoundaryBytesMax);
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.remove_prefix(3);
  }
  if (text.starts_with("PK") || text.starts_with(std::string_view("\0\0\x27\x0a", 4))) {
    return bad(file, "this is a packed or shape file; convert it to GeoJSON or TopoJSON first, for "
                     "example with mapshaper.org");
  }
  auto root = parse_json(text, file);
  if (!root) {
    return bad(file, root.error().detail);
  }
  return Reader(file).read(*root);
}

}  // namespace atalaya::observatory
