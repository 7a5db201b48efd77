// Input of organisations on a state's review, and the hemispheric report as a file.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/text.hpp>
#include <atalaya/followup/round_report.hpp>

#include "form.hpp"
#include "pages_rounds.hpp"
#include "paper_file.hpp"
#include "rounds_access.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::Rounds;
using followup::RoundViewer;

constexpr std::size_t kFormBytesMax = 96UL * 1024;

Rounds rounds_of(const Node& node) {
  return Rounds(node.followup->parts());
}

int status_of(const std::optional<Error>& error) {
  if (!error) {
    return 200;
  }
  return error->code == ErrorCode::exhausted           ? 429
         : error->code == ErrorCode::permission_denied ? 403
                                                       : 400;
}

// Where no window is open the address is that of nothing, but for who sent something before.
Result<InputView> input_view(const Call& call, const Node& node, const RoundViewer& viewer) {
  InputView view;
  view.round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  view.country = call.text("country");
  const auto windows = ATALAYA_TRY(rounds_of(node).windows(view.round));
  const auto open = std::ranges::find(windows, view.country, &followup::InputWindow::country);
  if (open != windows.end()) {
    view.window = *open;
  }
  view.own = ATALAYA_TRY(rounds_of(node).own_inputs(view.round, view.country, viewer));
  if (!view.window && view.own.empty()) {
    return fail(ErrorCode::not_found, "followup.round.unknown", "no window is open");
  }
  view.organisation = followup::is_organisation(viewer) ? viewer.organisation : std::string();
  view.takes_part = !viewer.name.empty() && view.organisation.empty();
  return view;
}

Result<http::Response> show(const Call& call, Node& node, const InputView& view) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  return private_response(status_of(view.error), render_input(context, view));
}

Result<http::Response> get_input(const Call& call, Node& node) {
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  auto view = ATALAYA_TRY(input_view(call, node, viewer));
  if (call.request.query_value("done").value_or("") == "withdrawn") {
    view.done = "rounds.input.withdrawn";
  }
  return show(call, node, view);
}

// The answer is a page, so that nothing in an address tells that somebody without an account wrote.
Result<http::Response> post_input(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  auto view = ATALAYA_TRY(input_view(call, node, viewer));
  view.draft.voucher = trim(form.get("voucher"));
  view.draft.text = form.get("text");
  view.draft.url = trim(form.get("url"));
  view.draft.language = to_string(call.language);
  view.draft.confirmed = form.get("confirmed") == "yes";
  const auto sent = rounds_of(node).send_input(view.round, view.country, view.draft, viewer);
  if (sent) {
    view.draft = {};
    view.done = "rounds.input.sent";
    view.own = ATALAYA_TRY(rounds_of(node).own_inputs(view.round, view.country, viewer));
  } else if (sent.error().code == ErrorCode::not_found ||
             sent.error().code == ErrorCode::internal) {
    return fail(sent.error());
  } else {
    view.error = sent.error();
  }
  return show(call, node, view);
}

Result<http::Response> post_withdraw(const Call& call, Node& node) {
  const Form form = ATALAYA_TRY(read_form(call.request));
  const auto viewer = ATALAYA_TRY(round_viewer(call, node));
  const auto round = ATALAYA_TRY(rounds_of(node).get(call.text("round")));
  ATALAYA_TRY(
      rounds_of(node).withdraw_input(round, call.text("country"), form.get("name"), viewer));
  return http::redirect(303, fmt::format("/{}/rounds/{}/{}/input?done=withdrawn",
                                         to_string(call.language), round.id, call.text("country")));
}

Result<http::Response> get_report(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  followup::RoundReportRequest request;
  request.round = call.text("round");
  request.language = context.language;
  request.node_name = context.node_name;
  request.origin = context.origin;
  request.size =
      call.text("paper") == "letter" ? figures::PaperSize::letter : figures::PaperSize::a4;
  const figures::Paper paper =
      ATALAYA_TRY(followup::compose_round_report(node.followup->parts(), request));
  return paper_file(paper, call.text("format"),
                    fmt::format("{}-{}", request.round, to_string(request.language)));
}

}  // namespace

std::vector<Route> round_input_routes() {
  // Like every form for everybody: no limit by address, no audit of who sent it.
  Route send = shows_page(form_route("/{lang}/rounds/{round}/{country}/input", "post_round_input",
                                     &post_input, kAnyone, kFormBytesMax));
  send.rate = RateClass::none;
  send.event = {};
  Route report = data_route("/api/v1/rounds/{round}/report", "get_round_report",
                            "The hemispheric report of a round as a document", {}, &get_report);
  report.cross_origin = false;
  report.rate = RateClass::export_data;
  report = with_query(std::move(report), {paper_param(), format_param()});
  report.answers = paper_answers("The report");
  return {page_route("/{lang}/rounds/{round}/{country}/input", "get_round_input", &get_input),
          std::move(send),
          form_route("/{lang}/rounds/{round}/{country}/input/withdraw", "post_round_input_withdraw",
                     &post_withdraw, kSignedIn, kFormBytesMax),
          std::move(report)};
}

}  // namespace atalaya::api
