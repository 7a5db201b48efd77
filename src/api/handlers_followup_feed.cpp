// The follow-up to take away: a feed of changes per topic, and everything in one package.
#include <fmt/format.h>

#include <atalaya/followup/tables.hpp>

#include "pages_followup_cells.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

constexpr std::int64_t kFeedEntries = 100;

std::unexpected<Error> nothing(std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    "api.page.missing",
                    "no such topic",
                    {{"id", std::string(id.substr(0, 60))}}});
}

Result<http::Response> get_feed(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto& catalogue = node.desk->catalogue();
  followup::ChangeFeedRequest request;
  request.query.commitment = call.text("commitment");
  request.query.actor = call.text("actor");
  request.query.instrument = call.text("instrument");
  request.query.theme = call.text("theme");
  request.query.limit = kFeedEntries;
  request.title = Say(context)("followup.matrix");
  request.path = "/follow-up";
  if (!request.query.commitment.empty()) {
    const auto member = ATALAYA_TRY(
        followup::Cube(node.followup->parts()).member(request.query.commitment, call.language));
    request.title = row_title(context, member.row);
    request.path = "/follow-up/commitments/" + member.row.id;
  } else if (!request.query.actor.empty()) {
    if (!followup::actor_kind(request.query.actor, catalogue)) {
      return nothing(request.query.actor);
    }
    request.title = actor_name(context, request.query.actor);
    request.path = "/follow-up/actors/" + request.query.actor;
  } else if (!request.query.theme.empty()) {
    if (catalogue.find_theme(request.query.theme) == nullptr) {
      return nothing(request.query.theme);
    }
    request.title = theme_name(context, request.query.theme);
    request.path = "/themes/" + request.query.theme;
  } else if (!request.query.instrument.empty()) {
    if (catalogue.find_instrument(request.query.instrument) == nullptr) {
      return nothing(request.query.instrument);
    }
    request.title = instrument_short(context, request.query.instrument);
    request.path = "/treaties/" + request.query.instrument;
  }
  // The same feed has one address, however it was asked for.
  request.self = fmt::format("/api/v1/follow-up/feed?lang={}", to_string(call.language));
  for (const std::string_view topic : {"commitment", "actor", "theme", "instrument"}) {
    if (call.has(topic)) {
      request.self += fmt::format("&{}={}", topic, figures::url_encode(call.text(topic)));
    }
  }
  request.archive = call.has("archive") ? call.integer("archive") : 0;
  request.language = call.language;
  request.node_name = context.node_name;
  request.origin = context.origin;
  std::string feed = ATALAYA_TRY(followup::change_feed(node.followup->parts(), request));
  return http::respond(200, "application/atom+xml; charset=utf-8", std::move(feed));
}

Result<http::Response> get_package(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  std::string zip = ATALAYA_TRY(followup::bulk_package(
      node.followup->parts(),
      {.language = call.language, .node_name = context.node_name, .origin = context.origin}));
  auto response = http::respond(200, "application/zip", std::move(zip));
  response.headers.set("Content-Disposition", "attachment; filename=\"follow-up.zip\"");
  return response;
}

}  // namespace

std::vector<Route> followup_feed_routes() {
  Route feed;
  feed.path = "/api/v1/follow-up/feed";
  feed.name = "get_followup_feed";
  feed.summary = "What changed, newest first, as an Atom feed: of one topic or of everything";
  feed.cross_origin = true;
  feed.params = {
      {.name = "commitment", .type = ParamType::id, .about = "A commitment"},
      {.name = "actor", .type = ParamType::id, .about = "PAN, PAN.parliament or cicad"},
      {.name = "theme", .type = ParamType::id, .about = "A theme, with its narrower ones"},
      {.name = "instrument", .type = ParamType::id, .about = "A treaty"},
      {.name = "archive",
       .type = ParamType::integer,
       .about = "An archive (RFC 5005): 1 has the oldest hundred entries, for ever",
       .min = 1,
       .max = 1'000'000}};
  feed.answers = {{.status = 200, .about = "The feed", .media_type = "application/atom+xml"}};
  feed.handler = &get_feed;
  Route package;
  package.path = "/api/v1/follow-up/download";
  package.name = "get_followup_package";
  package.summary = "Every table of the follow-up with a data dictionary, as a Data Package";
  package.rate = RateClass::export_data;
  package.answers = {{.status = 200, .about = "A zip", .media_type = "application/zip"}};
  package.handler = &get_package;
  return {std::move(feed), std::move(package)};
}

}  // namespace atalaya::api
