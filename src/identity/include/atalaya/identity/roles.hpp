#pragma once
// Which roles may be given for one territory.

#include <string_view>

namespace atalaya::identity {

/// A focal point writes for one state, or with "PAN.parliament" for its parliament; a reader's territory says where somebody comes from. All
/// other roles are of the whole node: with a territory they would open nothing.
[[nodiscard]] constexpr bool takes_territory(std::string_view role) noexcept {
  return role == "focal_point" || role == "reader";
}

}  // namespace atalaya::identity
