// Goal: an operator's file of shapes becomes the shapes of the right territories, or says what is
// wrong. Method: small files written by hand from RFC 7946 and the TopoJSON specification; a
// property of simplification (neighbours keep one line); real files where they are at hand.
#include <atalaya/observatory/boundaries.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atalaya::observatory {
namespace {

Territories territories() {
  return {Codelists::embedded(), {}};
}

std::string geojson(std::string_view id, std::string_view name) {
  return R"({"type":"FeatureCollection","features":[{"type":"Feature","id":")" + std::string(id) +
         R"(","properties":{"NOMBRE":")" + std::string(name) +
         R"("},"geometry":{"type":"Polygon","coordinates":[[[-75,5],[-74,5],[-74,6],[-75,5]]]}}]})";
}

BoundaryMatch matched(std::string_view id, std::string_view name, BoundaryMap map = {}) {
  const auto layers = parse_boundaries(geojson(id, name), "file.geojson");
  BoundaryOptions options;
  options.country = "COL";
  options.map = std::move(map);
  const auto out = match_boundaries(*layers, options, territories());
  if (out) {
    return out->second.matches.front();
  }
  BoundaryMatch none;
  none.how = out.error().reason;
  return none;
}

TEST(Boundaries, areas_are_known_by_code_name_or_list) {
  EXPECT_EQ(matched("CO-ANT", "").code, "CO-ANT");
  EXPECT_EQ(matched("ANT", "").code, "CO-ANT");
  EXPECT_EQ(matched("5", "").code, "CO-ANT");
  EXPECT_FALSE(matched("05", "ANTIOQUIA").is_guess);
  EXPECT_EQ(matched("x", "Bolivar").code, "CO-BOL");
  EXPECT_EQ(matched("x", "Nowhere", {{"x", "CO-ANT"}}).how, "map");
  EXPECT_EQ(matched("x", "Nowhere").how, "observatory.boundaries.none");
  EXPECT_EQ(matched("x", "Nowhere", {{"x", "MX-BCN"}}).how, "observatory.boundaries.none");
  // A misspelt name is taken, and reported.
  const auto guess = matched("", "Antioqiua");
  EXPECT_EQ(guess.code, "CO-ANT");
  EXPECT_TRUE(guess.is_guess);
  // Two offices' codes: what the letters and the name say must agree.
  EXPECT_EQ(matched("CO-ANT", "Boyacá").how, "observatory.boundaries.none");
}

TEST(Boundaries, refusals_say_what_to_do) {
  const auto why = [](std::string_view text) {
    const auto layers = parse_boundaries(text, "file");
    return layers ? std::string("read") : layers.error().detail;
  };
  EXPECT_NE(why("PK\x03\x04").find("convert it"), std::string::npos);
  EXPECT_NE(why("{").find("line 1"), std::string::npos);
  EXPECT_NE(why(R"({"type":"Feature","geometry":{"type":"Polygon","coordinates":)"
                R"([[[623000,1],[1,1],[2,2]]]}})")
                .find("EPSG:4326"),
            std::string::npos);
  EXPECT_NE(why(R"({"type":"Topology","arcs":[],"objects":{"a":{"type":"Polygon","arcs":[[0]]}}})")
                .find("names an arc that is not there"),
            std::string::npos);
  EXPECT_EQ(parse_boundary_map("id,code\nx\n", "m.csv").error().reason,
            "observatory.boundaries.map");
}

// TopoJSON specification 1.0, section 1.1: quantised arcs are differences; ~i is an arc reversed.
TEST(Boundaries, arcs_are_shared_and_reversed) {
  const auto layers = parse_boundaries(
      R"({"type":"Topology","transform":{"scale":[0.5,0.5],"translate":[-75,4]},)"
      R"("objects":{"o":{"type":"GeometryCollection","geometries":[)"
      R"({"type":"Polygon","id":1,"arcs":[[0,1]]},{"type":"Polygon","id":2,"arcs":[[-2,2]]}]}},)"
      R"("arcs":[[[2,2],[-2,0],[0,-2],[2,0]],[[2,0],[0,2]],[[2,0],[2,0],[0,2],[-2,0]]]})",
      "t.json");
  ASSERT_TRUE(layers.has_value());
  const auto& features = layers->front().features;
  ASSERT_EQ(features.size(), 2);
  EXPECT_EQ(features[0].rings.front(),
            (GeoRing{{-74, 5}, {-75, 5}, {-75, 4}, {-74, 4}}));
  EXPECT_EQ(features[1].rings.front(),
            (GeoRing{{-74, 5}, {-74, 4}, {-73, 4}, {-73, 5}}));
}

// Two squares with a ragged border between them, simplified: every point of the border that one
// kept, the other kept too.
RC_GTEST_PROP(BoundariesProperty, neighbours_keep_one_line, ()) {
  const auto offsets = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-400, 400));
  GeoRing left = {{-1, 0}};
  GeoRing right = {{1, 1}};
  std::vector<GeoPoint> border = {{0, 0}};
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    border.push_back({offsets[i] / 1000.0, static_cast<double>(i + 1) /
                                               static_cast<double>(offsets.size() + 1)});
  }
  border.push_back({0, 1});
  left.insert(left.end(), border.begin(), border.end());
  left.push_back({-1, 1});
  right.insert(right.end(), border.rbegin(), border.rend());
  right.push_back({1, 0});
  std::vector<BoundaryShape> shapes = {{"a", "", {left}}, {"b", "", {right}}};
  simplify_shapes(shapes, 0.05);
  const auto inner = [](const GeoRing& ring) {
    std::set<GeoPoint> out;
    for (const auto& p : ring) {
      if (std::abs(p.longitude) < 1) {
        out.insert(p);
      }
    }
    return out;
  };
  RC_ASSERT(inner(shapes[0].rings.front()) == inner(shapes[1].rings.front()));
}

TEST(Boundaries, the_shipped_map_has_every_state) {
  const auto& set = americas_boundaries();
  std::set<std::string> codes;
  for (const auto& shape : set.shapes) {
    codes.insert(shape.code);
    EXPECT_FALSE(shape.rings.empty()) << shape.code;
  }
  for (const char* code : {"ATG", "ARG", "BHS", "BRB", "BLZ", "BOL", "BRA", "CAN", "CHL",
                           "COL", "CRI", "CUB", "DMA", "DOM", "ECU", "SLV", "USA", "GRD",
                           "GTM", "GUY", "HTI", "HND", "JAM", "MEX", "NIC", "PAN", "PRY",
                           "PER", "KNA", "LCA", "VCT", "SUR", "TTO", "URY", "VEN"}) {
    EXPECT_TRUE(codes.contains(code)) << code;
  }
  EXPECT_FALSE(set.source.empty());
  EXPECT_FALSE(set.licence.empty());
}

// Layers of municipalities whose rows name a department first: neither that name nor that of a
// namesake elsewhere makes an area another's.
TEST(Boundaries, names_do_not_cross_what_the_row_says) {
  const Territories known(Codelists::embedded(), {{"COL_13673", "admin2", "CO-BOL", "Santa Catalina"},
                                                  {"COL_17616", "admin2", "CO-CAL", "Risaralda"},
                                                  {"COL_41206", "admin2", "CO-HUI", "Colombia"},
                                                  {"COL_66045", "admin2", "CO-RIS", "Apía"},
                                                  {"COL_88001", "admin2", "CO-SAP", "San Andrés"}});
  const auto area = [](std::string_view id, std::string_view department, std::string_view name) {
    return fmt::format(
        R"({{"type":"Feature","id":"{}","properties":{{"NAME_0":"Colombia","NAME_1":"{}",)"
        R"("NAME_2":"{}"}},"geometry":{{"type":"Polygon",)"
        R"("coordinates":[[[-75,5],[-74,5],[-74,6],[-75,5]]]}}}})",
        id, department, name);
  };
  const auto codes = [&](const std::vector<std::string>& areas, BoundaryReport* report = nullptr) {
    const auto layers = parse_boundaries(
        fmt::format(R"({{"type":"FeatureCollection","features":[{}]}})", fmt::join(areas, ",")),
        "f.json");
    BoundaryOptions options;
    options.country = "COL";
    options.level = "admin2";
    const auto out = match_boundaries(*layers, options, known);
    std::vector<std::string> found;
    for (const auto& match : out->second.matches) {
      found.push_back(match.code);
    }
    if (report != nullptr) {
      *report = out->second;
    }
    return found;
  };
  // Numbers of the country's own: the unknown 88000 is not the Santa Catalina of Bolívar.
  EXPECT_EQ(codes({area("13673", "BOLIVAR", "SANTA CATALINA"),
                   area("88000", "ARCHIPIELAGO DE SAN ANDRES", "SANTA CATALINA"),
                   area("88001", "ARCHIPIELAGO DE SAN ANDRES", "SAN ANDRES")}),
            (std::vector<std::string>{"COL_13673", "COL_88000", "COL_88001"}));
  // No numbers: the department's name comes first and is also a municipality's.
  EXPECT_EQ(codes({area("", "Risaralda", "Apía"), area("", "Caldas", "Risaralda"),
                   area("", "San Andrés", "Santa Catalina"), area("", "Bolívar", "Santa Catalna")}),
            (std::vector<std::string>{"COL_66045", "COL_17616", "", "COL_13673"}));
  // No department to tell them apart: the one that the file has by its code keeps the name.
  const auto bare = [](std::string_view id) {
    return fmt::format(
        R"({{"type":"Feature","id":"{}","properties":{{"name":"Santa Catalina"}},"geometry":)"
        R"({{"type":"Polygon","coordinates":[[[-75,5],[-74,5],[-74,6],[-75,5]]]}}}})",
        id);
  };
  BoundaryReport report;
  EXPECT_EQ(codes({bare("13673"), bare("88000")}, &report),
            (std::vector<std::string>{"COL_13673", ""}));
  EXPECT_NE(report.matches[1].how.find("--map"), std::string::npos) << report.matches[1].how;
}

// Counts by hand: 33 departments with the capital, 1,122 municipalities of which two are in two
// pieces of the file.
TEST(Boundaries, real_files_find_their_codes) {
  const char* named = std::getenv("ATALAYA_SHARED");
  const std::filesystem::path data =
      std::filesystem::path(named != nullptr ? named : ATALAYA_SOURCE_DIR "/../shared") / "data";
  const auto file = data / "boundaries-americas/admin1/COL.topo.json";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << file << " is absent: set ATALAYA_SHARED to what holds data/";
  }
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  const auto layers = parse_boundaries(text.str(), "COL.topo.json");
  ASSERT_TRUE(layers.has_value()) << layers.error().detail;
  BoundaryOptions options;
  options.country = "COL";
  const auto out = match_boundaries(*layers, options, territories());
  ASSERT_TRUE(out.has_value()) << out.error().detail;
  EXPECT_EQ(out->first.shapes.size(), 33);
  EXPECT_TRUE(out->second.missing.empty());
  EXPECT_LT(out->second.points_kept * 3, out->second.points_read);
}

}  // namespace
}  // namespace atalaya::observatory
