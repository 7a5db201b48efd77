// Pages of analysts and publishers.
#include "routes.hpp"

namespace atalaya::api {

std::vector<Route> figure_desk_routes() { return {}; }

}  // namespace atalaya::api
