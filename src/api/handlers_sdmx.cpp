// SDMX REST.
#include "routes.hpp"

namespace atalaya::api {

std::vector<Route> sdmx_routes() { return {}; }

}  // namespace atalaya::api
