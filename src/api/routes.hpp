#pragma once
// The table of this node, put together from its parts.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <atalaya/api/node.hpp>
#include <atalaya/api/router.hpp>

#include "pages.hpp"

namespace atalaya::api {

/// Who may read /metrics: by default a token with the scope metrics:read, because behind a reverse
/// proxy every request comes from this machine.
enum class MetricsAccess { token, open };

/// Every route that this program serves, in one table.
[[nodiscard]] std::vector<Route> all_routes(MetricsAccess metrics = MetricsAccess::token);

[[nodiscard]] std::vector<Route> page_routes();
[[nodiscard]] std::vector<Route> desk_routes();         // editors' pages
[[nodiscard]] std::vector<Route> commitments_routes();  // the JSON API
[[nodiscard]] std::vector<Route> ledger_routes();
[[nodiscard]] std::vector<Route> followup_routes();       // the JSON API of what came of it
[[nodiscard]] std::vector<Route> followup_page_routes();  // its public pages
[[nodiscard]] std::vector<Route> followup_json_routes();  // the JSON API of the cube
[[nodiscard]] std::vector<Route> followup_cell_routes();  // the cube
[[nodiscard]] std::vector<Route> followup_report_routes();  // States' reports, and everybody's tasks
[[nodiscard]] std::vector<Route> followup_coding_routes();  // assessments
/// The band of a state's page about States' reports, assessments and data.
[[nodiscard]] Result<std::shared_ptr<const MatrixView>> country_followup(const Call& call,
                                                                         const Node& node,
                                                                         std::string_view country);
[[nodiscard]] std::vector<Route> register_routes();       // small tables beside the commitments
[[nodiscard]] std::vector<Route> participation_routes();  // alternative reports and corrections
[[nodiscard]] std::vector<Route> participation_json_routes();
[[nodiscard]] std::vector<Route> brief_routes();
[[nodiscard]] std::vector<Route> followup_feed_routes();  // feeds, everything in one package
[[nodiscard]] std::vector<Route> round_routes();          // evaluation rounds
[[nodiscard]] std::vector<Route> round_json_routes();
[[nodiscard]] std::vector<Route> round_input_routes();    // of organisations; the report as a file
[[nodiscard]] std::vector<Route> checklist_routes();      // legislation by article and state
/// The band of a state's page about legislation checklists.
[[nodiscard]] Result<std::shared_ptr<const ChecklistsView>> country_checklists(const Call& call,
                                                                               const Node& node);
[[nodiscard]] std::vector<Route> followup_desk_routes();  // what a cell rests on; treaty import
[[nodiscard]] std::vector<Route> deadline_routes();       // dates, periodic reports
/// What a page about one state or one treaty shows of treaty acts; empty: of all.
[[nodiscard]] Result<std::shared_ptr<const TreatyActs>> treaty_acts(const Node& node,
                                                                    std::string_view party,
                                                                    std::string_view instrument);

[[nodiscard]] std::vector<Route> figure_page_routes();        // the observatory's public pages
[[nodiscard]] std::vector<Route> figure_desk_routes();        // analysts' and publishers' pages
[[nodiscard]] std::vector<Route> observatory_routes();        // the JSON API of figures
[[nodiscard]] std::vector<Route> sdmx_routes();
[[nodiscard]] std::vector<Route> weekly_routes();  // quality, bulletins, alerts, linkages

/// What every page needs, whoever asks: for pages of errors too.
[[nodiscard]] PageContext public_context(Language language, const http::Request& request,
                                         const Node& node);
/// What every page needs, for this call.
[[nodiscard]] Result<PageContext> page_context(const Call& call, Node& node);
/// A page that is not cached: for signed-in people and errors.
[[nodiscard]] http::Response html_response(int status, std::string html);

}  // namespace atalaya::api
