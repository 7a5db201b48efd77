#include "routes.hpp"

#include <iterator>

#include <atalaya/api/dispatcher.hpp>

#include "handlers_identity.hpp"

namespace atalaya::api {

std::vector<Route> all_routes(MetricsAccess metrics) {
  std::vector<Route> all;
  // Metrics hold counts of routes and statuses, no address, name or query; yet how much a node is
  // used is its operator's to tell.
  const RoleSet readers = metrics == MetricsAccess::open
                              ? kAnyone
                              : RoleSet{Role::auditor, Role::administrator};
  for (auto part : {system_routes(readers), page_routes(), identity_routes(), desk_routes(),
                    commitments_routes(), figure_page_routes(), figure_desk_routes(),
                    observatory_routes(), sdmx_routes(), weekly_routes(), ledger_routes(),
                    followup_routes(), followup_page_routes(), followup_cell_routes(),
                    followup_report_routes(), followup_coding_routes(),
                    followup_json_routes(), register_routes(), brief_routes(), deadline_routes(),
                    followup_feed_routes(), followup_desk_routes(), round_routes(), round_json_routes(),
                    round_input_routes(),
                    checklist_routes(), participation_routes(), participation_json_routes()}) {
    std::ranges::move(part, std::back_inserter(all));
  }
  return all;
}

}  // namespace atalaya::api
