// Any bytes as a file of boundaries: what is read keeps to the limits and stays simplified within
// the globe, what is refused says why.
#include <atalaya/observatory/boundaries.hpp>

#include <cmath>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atalaya::observatory;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto layers = parse_boundaries(text, "fuzz");
  if (!layers) {
    ATALAYA_CHECK(layers.error().reason.starts_with("observatory.boundaries.") &&
                  !layers.error().detail.empty());
    return 0;
  }
  BoundarySet set;
  auto& shapes = set.shapes;
  for (const auto& layer : *layers) {
    for (const auto& feature : layer.features) {
      shapes.push_back({feature.id, "", feature.rings});
      for (const auto& ring : feature.rings) {
        ATALAYA_CHECK(ring.size() >= 3);
      }
    }
  }
  simplify_shapes(shapes, 0.01);
  for (const auto& shape : shapes) {
    for (const auto& ring : shape.rings) {
      ATALAYA_CHECK(ring.size() >= 3);
      for (const auto& p : ring) {
        ATALAYA_CHECK(std::abs(p.latitude) <= 90.001 && std::abs(p.longitude) <= 541);
      }
    }
  }
  const auto back = boundaries_from_json(boundaries_json(set));
  ATALAYA_CHECK(back.has_value() && back->shapes.size() == shapes.size());
  return 0;
}
