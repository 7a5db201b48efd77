#include "routes.hpp"

#include <iterator>

#include <atalaya/api/dispatcher.hpp>

#include "handlers_identity.hpp"

namespace atalaya::api {

std::vector<Route> all_routes() {
  std::vector<Route> all;
  // Metrics hold counts of routes and statuses, no address, name or query: open, as /healthz is.
  for (auto part : {system_routes(kAnyone), page_routes(), identity_routes(), desk_routes(),
                    commitments_routes(), figure_page_routes(), figure_desk_routes(),
                    observatory_routes(), sdmx_routes(), ledger_routes()}) {
    std::ranges::move(part, std::back_inserter(all));
  }
  return all;
}

}  // namespace atalaya::api
