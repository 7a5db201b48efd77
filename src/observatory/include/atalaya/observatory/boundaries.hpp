#pragma once
// Shapes of territories, brought by the operator as TopoJSON or GeoJSON: read with limits, matched
// to the codes that figures have, simplified for a page, kept in the store.
// Source: RFC 7946 (GeoJSON); TopoJSON format specification 1.0. Pure but for what takes a desk.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <atalaya/base/json.hpp>
#include <atalaya/base/result.hpp>
#include <atalaya/observatory/desk.hpp>

namespace atalaya::observatory {

/// Bounds of one file; each refusal says how to get below it.
inline constexpr std::size_t kBoundaryBytesMax = 32U << 20U;
inline constexpr std::size_t kBoundaryFeaturesMax = 20'000;
inline constexpr std::size_t kBoundaryPointsMax = 4'000'000;

/// Longitude and latitude in degrees, WGS 84.
struct GeoPoint {
  double longitude = 0, latitude = 0;
  auto operator<=>(const GeoPoint&) const = default;
};
using GeoRing = std::vector<GeoPoint>;  // closed: the first point is not repeated at the end

/// One area of a file as it stands there.
struct BoundaryFeature {
  std::string id;                                               // may be empty
  std::vector<std::pair<std::string, std::string>> properties;  // texts and whole numbers
  std::vector<GeoRing> rings;                                   // outer rings and holes alike
};

/// One named layer: a TopoJSON object, or the whole of a GeoJSON file ("").
struct BoundaryLayer {
  std::string name;
  std::vector<BoundaryFeature> features;
};

/// Fails with invalid_argument (observatory.boundaries.bad) naming the place in the file, and with
/// exhausted (observatory.boundaries.size).
[[nodiscard]] Result<std::vector<BoundaryLayer>> parse_boundaries(std::string_view text,
                                                                  std::string_view file);

/// Codes given by hand: a file's id or name to a territory's code. CSV with the columns id and
/// code. Fails with invalid_argument (observatory.boundaries.map).
using BoundaryMap = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] Result<BoundaryMap> parse_boundary_map(std::string_view csv, std::string_view file);

/// How one feature came to its code. `code` empty: left out, and `how` says why.
struct BoundaryMatch {
  std::string id, name, code;
  std::string how;  // "map", "code", "national code", "name exact", "name spelling distance 1" …
  bool is_guess = false;
};

struct BoundaryShape {
  std::string code, name;
  std::vector<GeoRing> rings;  // filled by the even-odd rule
};

/// What the node keeps of one country and level. `country` is AMERICAS for the countries of the
/// hemisphere.
struct BoundarySet {
  std::string country, level;  // country | admin1 | admin2
  std::string file, file_sha256, source, licence, loaded_at;
  std::vector<BoundaryShape> shapes;  // ascending by code; of level country: "" is other land
};

struct BoundaryReport {
  std::string layer;
  std::vector<BoundaryMatch> matches;  // in the order of the file
  std::vector<std::string> missing;    // codes of the level that have no shape, by code
  std::size_t points_read = 0, points_kept = 0;
};

struct BoundaryOptions {
  std::string country;           // ISO 3166-1 alpha-3, or AMERICAS with level country
  std::string level = "admin1";  // country | admin1 | admin2
  BoundaryMap map;
  /// What may be lost, as a share of the diagonal of all shapes: 1/1500 is under half a pixel of a
  /// map 640 pixels wide.
  double tolerance = 1.0 / 1500;
};

/// Takes the layer that fits the codes best, gives each feature a code, simplifies lines between
/// neighbours once for both, so that no gap opens. Fails with not_found
/// (observatory.boundaries.none) when no feature has a code; the detail lists what the file calls
/// its features.
[[nodiscard]] Result<std::pair<BoundarySet, BoundaryReport>> match_boundaries(
    const std::vector<BoundaryLayer>& layers, const BoundaryOptions& options,
    const Territories& territories);

/// Lines shared by two rings stay shared. Rings too small to be seen are left out, but never the
/// largest of a shape.
void simplify_shapes(std::vector<BoundaryShape>& shapes, double tolerance_degrees);

/// As it is stored and shipped: rings as differences of whole ten-thousandths of a degree.
[[nodiscard]] json::object boundaries_json(const BoundarySet& set);
/// Fails with data_loss (observatory.boundaries.stored).
[[nodiscard]] Result<BoundarySet> boundaries_from_json(const json::value& value);

/// The countries of the hemisphere that the program ships (Natural Earth, public domain). Read
/// once; any thread.
[[nodiscard]] const BoundarySet& americas_boundaries();

}  // namespace atalaya::observatory
