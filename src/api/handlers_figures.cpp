// The public pages of the observatory.
#include "routes.hpp"

namespace atalaya::api {

std::vector<Route> figure_page_routes() { return {}; }

}  // namespace atalaya::api
