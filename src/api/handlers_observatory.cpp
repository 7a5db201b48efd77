// The JSON API of figures.
#include "routes.hpp"

namespace atalaya::api {

std::vector<Route> observatory_routes() { return {}; }

}  // namespace atalaya::api
