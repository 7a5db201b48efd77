#include <atalaya/followup/desk.hpp>

#include <atalaya/followup/reference.hpp>

namespace atalaya::followup {

Result<std::unique_ptr<Desk>> Desk::open(Parts parts) {
  if (parts.reference == nullptr) {
    parts.reference = Reference::embedded(parts.catalogue());
  }
  auto desk = std::unique_ptr<Desk>(new Desk(std::move(parts)));
  ATALAYA_TRY(desk->treaties().sync_catalogue());
  return desk;
}

}  // namespace atalaya::followup
