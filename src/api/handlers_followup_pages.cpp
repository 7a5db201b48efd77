// Public pages of the follow-up. Kept for readers without an account until something changes.
#include <algorithm>

#include <fmt/format.h>

#include "followup_access.hpp"
#include "kept_page.hpp"
#include "pages_followup.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using Render = RenderPage;

Result<http::Response> page(const Call& call, Node& node, const Render& render) {
  return kept_page(call, node, followup_version(node), render);
}

Result<http::Response> get_treaty_matrix(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    TreatyMatrixView view;
    view.today = to_string(utc_date(node.clock->now()));
    const CivilDate day = ATALAYA_TRY(asked_day(call, node));
    view.matrix = ATALAYA_TRY(node.followup->treaties().matrix(day));
    return render_treaty_matrix(context, view);
  });
}

}  // namespace

Result<std::shared_ptr<const TreatyActs>> treaty_acts(const Node& node, std::string_view party,
                                                      std::string_view instrument) {
  auto acts = std::make_shared<TreatyActs>();
  const CivilDate today = utc_date(node.clock->now());
  acts->today = to_string(today);
  const auto treaties = node.followup->treaties();
  acts->matrix = ATALAYA_TRY(treaties.matrix(today, party, instrument));
  acts->events = ATALAYA_TRY(treaties.events(party, instrument));
  return acts;
}

std::vector<Route> followup_page_routes() {
  return {with_query(page_route("/{lang}/treaties/matrix", "get_treaty_matrix", &get_treaty_matrix),
                     {{.name = "as_of", .type = ParamType::date, .about = "At the end of this day"}})};
}

}  // namespace atalaya::api
