// Shapes as JSON, in the store, and those that the program ships.
#include <cmath>

#include <fmt/format.h>

#include <atalaya/base/embedded.hpp>
#include <atalaya/observatory/boundaries.hpp>

#include "desk_state.hpp"

ATALAYA_EMBEDDED(observatory_boundaries);

namespace atalaya::observatory {
namespace {

constexpr double kUnitsPerDegree = 10'000;
constexpr std::int64_t kUnitsMax = 5'400'000;  // 540 degrees

std::unexpected<Error> damaged(std::string_view what) {
  return fail(ErrorCode::data_loss, "observatory.boundaries.stored",
              fmt::format("stored boundaries: {}; load the file again", what));
}

json::array ring_json(const GeoRing& ring) {
  json::array out;
  std::int64_t x = 0;
  std::int64_t y = 0;
  for (const auto& p : ring) {
    const std::int64_t px = std::llround(p.longitude * kUnitsPerDegree);
    const std::int64_t py = std::llround(p.latitude * kUnitsPerDegree);
    out.push_back(px - x);
    out.push_back(py - y);
    x = px;
    y = py;
  }
  return out;
}

Result<GeoRing> ring_of(const json::value& value) {
  const auto* numbers = value.if_array();
  if (numbers == nullptr || numbers->size() % 2 != 0) {
    return damaged("a ring is no list of pairs");
  }
  GeoRing out;
  std::int64_t x = 0;
  std::int64_t y = 0;
  for (std::size_t i = 0; i < numbers->size(); i += 2) {
    const auto* dx = (*numbers)[i].if_int64();
    const auto* dy = (*numbers)[i + 1].if_int64();
    const auto leads_out = [](std::int64_t from, const std::int64_t* by) {
      return by == nullptr || *by > 2 * kUnitsMax || *by < -2 * kUnitsMax ||
             std::abs(from + *by) > kUnitsMax;
    };
    if (leads_out(x, dx) || leads_out(y, dy)) {
      return damaged("a point is out of range");
    }
    x += *dx;
    y += *dy;
    out.push_back({static_cast<double>(x) / kUnitsPerDegree,
                   static_cast<double>(y) / kUnitsPerDegree});
  }
  return out;
}

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<BoundaryShape> shape_of(const json::value& value) {
  const auto* object = value.if_object();
  const auto* rings = object == nullptr ? nullptr : object->if_contains("rings");
  if (rings == nullptr || !rings->is_array()) {
    return damaged("a shape has no rings");
  }
  BoundaryShape out;
  out.code = text_of(*object, "code");
  out.name = text_of(*object, "name");
  for (const auto& ring : rings->get_array()) {
    out.rings.push_back(ATALAYA_TRY(ring_of(ring)));
  }
  return out;
}

ledger::Event leaf_of(const BoundarySet& set, std::int64_t id) {
  return {"observatory.boundaries", fmt::format("boundaries/{}", id),
          canonical_json(json::object{{"country", set.country},
                                      {"level", set.level},
                                      {"file", set.file},
                                      {"file_sha256", set.file_sha256},
                                      {"source", set.source},
                                      {"licence", set.licence},
                                      {"shapes", set.shapes.size()}})};
}

}  // namespace

json::object boundaries_json(const BoundarySet& set) {
  json::array shapes;
  for (const auto& shape : set.shapes) {
    json::array rings;
    for (const auto& ring : shape.rings) {
      rings.push_back(ring_json(ring));
    }
    shapes.push_back(
        json::object{{"code", shape.code}, {"name", shape.name}, {"rings", std::move(rings)}});
  }
  return {{"country", set.country}, {"level", set.level},
          {"file", set.file},       {"file_sha256", set.file_sha256},
          {"source", set.source},   {"licence", set.licence},
          {"shapes", std::move(shapes)}};
}

Result<BoundarySet> boundaries_from_json(const json::value& value) {
  const auto* object = value.if_object();
  const auto* shapes = object == nullptr ? nullptr : object->if_contains("shapes");
  if (shapes == nullptr || !shapes->is_array()) {
    return damaged("there are no shapes");
  }
  BoundarySet out;
  out.country = text_of(*object, "country");
  out.level = text_of(*object, "level");
  out.file = text_of(*object, "file");
  out.file_sha256 = text_of(*object, "file_sha256");
  out.source = text_of(*object, "source");
  out.licence = text_of(*object, "licence");
  for (const auto& shape : shapes->get_array()) {
    out.shapes.push_back(ATALAYA_TRY(shape_of(shape)));
  }
  return out;
}

const BoundarySet& americas_boundaries() {
  static const BoundarySet set = [] {
    const auto* const file = embedded::observatory_boundaries("boundaries/americas.json");
    ATALAYA_CHECK(file != nullptr);
    const auto value = parse_json(file->bytes, "boundaries/americas.json");
    ATALAYA_CHECK(value.has_value());
    auto read = boundaries_from_json(*value);
    ATALAYA_CHECK(read.has_value());
    return *std::move(read);
  }();
  return set;
}

Result<void> Desk::store_boundaries(const BoundarySet& set, std::string_view by) {
  const std::string body = json::serialize(boundaries_json(set));
  const std::string now = to_string(state_->parts.clock->now());
  return state_->parts.database->write([&](store::Transaction& tx) -> Result<void> {
    const auto top =
        ATALAYA_TRY(tx.query_one("SELECT COALESCE(MAX(id), 0) FROM observatory_boundaries"));
    const std::int64_t id = top.integer(0) + 1;
    ATALAYA_TRY(tx.execute(
        "INSERT INTO observatory_boundaries (id, country, level, file, file_sha256, source, "
        "licence, shapes, body, loaded_at, loaded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
        "$10, $11)",
        {id, set.country, set.level, set.file, set.file_sha256, set.source, set.licence,
         static_cast<std::int64_t>(set.shapes.size()), body, now, std::string(by)}));
    const ledger::Event leaf = leaf_of(set, id);
    ATALAYA_TRY(state_->parts.ledger->append(tx, {&leaf, 1}));
    return {};
  });
}

Result<std::shared_ptr<const BoundarySet>> Desk::boundaries(std::string_view country,
                                                            std::string_view level) const {
  if (level == "country") {
    return std::shared_ptr<const BoundarySet>(&americas_boundaries(), [](const BoundarySet*) {});
  }
  const std::string key = fmt::format("{} {}", country, level);
  std::int64_t id = 0;
  std::string body;
  std::string loaded_at;
  ATALAYA_TRY(state_->parts.database->read([&](store::Transaction& tx) -> Result<void> {
    const auto top = ATALAYA_TRY(tx.query_one(
        "SELECT COALESCE(MAX(id), 0) FROM observatory_boundaries WHERE country = $1 AND level = $2",
        {std::string(country), std::string(level)}));
    id = top.integer(0);
    const std::lock_guard lock(state_->mutex);
    const auto held = state_->boundaries.find(key);
    if (id == 0 || (held != state_->boundaries.end() && held->second.first == id)) {
      return {};
    }
    const auto row = ATALAYA_TRY(
        tx.query_one("SELECT body, loaded_at FROM observatory_boundaries WHERE id = $1", {id}));
    body = row.text(0);
    loaded_at = row.text(1);
    return {};
  }));
  if (id == 0) {
    return nullptr;
  }
  if (!body.empty()) {
    const auto value = ATALAYA_TRY(parse_json(body, "observatory_boundaries"));
    auto read = ATALAYA_TRY(boundaries_from_json(value));
    read.loaded_at = loaded_at;
    const std::lock_guard lock(state_->mutex);
    state_->boundaries[key] = {id, std::make_shared<const BoundarySet>(std::move(read))};
  }
  const std::lock_guard lock(state_->mutex);
  return state_->boundaries[key].second;
}

}  // namespace atalaya::observatory
