#include <atalaya/base/embedded.hpp>
#include <atalaya/observatory/quality.hpp>

ATALAYA_EMBEDDED(observatory_catalogue);

namespace atalaya::observatory {

std::span<const Criterion> embedded_protocol() {
  static const std::vector<Criterion> criteria = [] {
    const auto* const file = embedded::observatory_catalogue("observatory/bogota_protocol.json");
    ATALAYA_CHECK(file != nullptr);
    auto read = read_protocol(file->bytes);
    ATALAYA_CHECK(read.has_value());
    return std::move(*read);
  }();
  return criteria;
}

const RatingScheme& rating_scheme() {
  static const RatingScheme scheme = [] {
    const auto* const file = embedded::observatory_catalogue("observatory/quality_rating.json");
    ATALAYA_CHECK(file != nullptr);
    auto read = read_rating_scheme(file->bytes);
    ATALAYA_CHECK(read.has_value());
    return std::move(*read);
  }();
  return scheme;
}

}  // namespace atalaya::observatory
