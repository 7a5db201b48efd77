#include <atalaya/followup/desk.hpp>

#include <atalaya/followup/reference.hpp>

#include "cube_cache.hpp"

namespace atalaya::followup {

Result<std::unique_ptr<Desk>> Desk::open(Parts parts) {
  if (parts.reference == nullptr) {
    parts.reference = Reference::embedded(parts.catalogue());
  }
  if (parts.cube == nullptr) {
    parts.cube = std::make_shared<CubeCache>();
  }
  auto desk = std::unique_ptr<Desk>(new Desk(std::move(parts)));
  ATALAYA_TRY(desk->treaties().sync_catalogue());
  return desk;
}

}  // namespace atalaya::followup
