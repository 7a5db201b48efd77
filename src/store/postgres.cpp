#include "engines.hpp"

namespace atalaya::store {

Result<std::unique_ptr<Database>> open_postgres(const std::string&) {
  return fail(ErrorCode::unimplemented, "store.open", "PostgreSQL is not in this version");
}

}  // namespace atalaya::store
