// Briefs: the page on which a reader chooses what one holds, and the same as a file.
#include <functional>

#include <fmt/format.h>

#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/progress.hpp>

#include "pages_parts.hpp"
#include "paper_file.hpp"
#include "route_parts.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::BriefLayer;
using followup::BriefRequest;
using followup::kBriefLayers;

// The layers that a link or a form chose; nothing chosen: `otherwise`.
std::set<BriefLayer> chosen_layers(const Call& call, std::set<BriefLayer> otherwise) {
  const auto layers = call.all("layer");
  if (layers.empty()) {
    return otherwise;
  }
  std::set<BriefLayer> out;
  for (const std::string_view layer : layers) {
    out.insert(*followup::parse_brief_layer(layer));
  }
  return out;
}

figures::PaperSize chosen_paper(const Call& call) {
  return call.text("paper") == "letter" ? figures::PaperSize::letter : figures::PaperSize::a4;
}

// A brief tells what stands today; taken for one of another day it would mislead. Fails with
// invalid_argument (followup.brief.day).
Result<void> check_today(const Call& call, const Node& node) {
  const CivilDate today = utc_date(node.clock->now());
  if (call.date("as_of").value_or(today) != today) {
    return fail(Error{ErrorCode::invalid_argument,
                      "followup.brief.day",
                      "briefs are made of today",
                      {{"today", to_string(today)}}});
  }
  return {};
}

// Links of the page itself begin at the node's root.
BriefRequest request_of(const Call& call, const PageContext& context) {
  BriefRequest out;
  out.country = call.text("country");
  out.language = call.language;
  out.node_name = context.node_name;
  out.origin = context.origin.empty() ? "/" : context.origin;
  out.theme = call.text("theme");
  out.size = chosen_paper(call);
  out.layers = chosen_layers(call, out.layers);
  return out;
}

std::string query_of(const BriefRequest& request, std::string_view format) {
  std::string out = fmt::format("?lang={}&format={}", to_string(request.language), format);
  if (!request.theme.empty()) {
    out += "&theme=" + request.theme;
  }
  if (request.layers.size() != std::size(kBriefLayers)) {
    for (const BriefLayer layer : request.layers) {
      out += fmt::format("&layer={}", followup::to_string(layer));
    }
  }
  return out;
}

void write_layers(Html& h, const PageContext& context, const std::set<BriefLayer>& offered,
                  const std::set<BriefLayer>& chosen) {
  const Say say(context);
  h.open("fieldset").element("legend", say("brief.choose"));
  for (const BriefLayer layer : kBriefLayers) {
    if (!offered.contains(layer)) {
      continue;
    }
    const std::string name(followup::to_string(layer));
    h.open("label", {{"class", "check"}});
    h.empty("input", {{"type", "checkbox"},
                      {"name", "layer"},
                      {"value", name},
                      attribute_if(chosen.contains(layer), "checked")});
    h.text(say("brief.layer." + name)).close("label");
  }
  h.close("fieldset");
}

void write_choice(Html& h, const PageContext& context, const BriefRequest& request) {
  const Say say(context);
  const std::string action = link(context, "/briefs/" + request.country);
  h.open("details", {{"class", "disclose no-print"}}).element("summary", say("brief.choose"));
  h.open("p", {{"class", "row"}});
  h.element("a", {{"href", action + "?layer=reports&layer=treaties"}},
            say("brief.preset.intergovernmental"));
  h.element("a", {{"href", action}}, say("brief.preset.all")).close("p");
  h.open("form", {{"class", "narrow stack"}, {"method", "get"}, {"action", action}});
  h.open("div", {{"class", "field"}})
      .element("label", {{"for", "theme"}}, say("theme.with_narrower"));
  h.open("select", {{"id", "theme"}, {"name", "theme"}});
  h.element("option", {{"value", ""}}, say("brief.all_themes"));
  for (const auto& theme : context.catalogue->themes()) {
    h.element("option", {{"value", theme.id}, attribute_if(theme.id == request.theme, "selected")},
              theme_name(context, theme.id));
  }
  h.close("select").close("div");
  write_layers(h, context, {std::begin(kBriefLayers), std::end(kBriefLayers)}, request.layers);
  h.element("button", say("brief.build")).close("form").close("details");
}

void write_files(Html& h, const PageContext& context, std::string_view path,
                 const std::function<std::string(std::string_view)>& query) {
  const Say say(context);
  h.open("p", {{"class", "row"}}).text(say("brief.download"));
  for (const std::string_view format : {"pdf", "docx", "html"}) {
    h.element("a", {{"href", fmt::format("/api/v1/{}{}", path, query(format))}},
              say(fmt::format("brief.{}", format)));
  }
  h.close("p");
}

http::Response as_page(const Call& call, const PageContext& context, const Shell& frame,
                       const Html& h) {
  auto response = html_response(200, shell(context, frame, h));
  response.headers.set("Cache-Control", call.caller.account.empty() ? "no-cache" : "no-store");
  return response;
}

Result<http::Response> get_brief(const Call& call, Node& node) {
  ATALAYA_TRY(check_today(call, node));
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Say say(context);
  const BriefRequest request = request_of(call, context);
  const figures::Paper paper =
      ATALAYA_TRY(followup::compose_brief(node.followup->parts(), request));
  Html h;
  open_band(h, {{"class", "paper"}});
  h.append(figures::paper_html(paper));
  close_band(h);
  open_band(h, {{"class", "no-print"}});
  write_files(h, context, "briefs/" + request.country,
              [&](std::string_view format) { return query_of(request, format); });
  write_choice(h, context, request);
  close_band(h);
  Shell frame;
  frame.title = fmt::format("{}: {}", say("brief.title"), paper.title);
  frame.nav = "countries";
  frame.crumbs = {{say("nav.countries"), "/countries"},
                  {paper.title, "/countries/" + request.country},
                  {say("brief.title"), ""}};
  frame.indexed = false;
  return as_page(call, context, frame, h);
}

constexpr BriefLayer kProgressLayers[] = {BriefLayer::reports, BriefLayer::assessments,
                                          BriefLayer::treaties};

followup::ProgressRequest progress_of(const Call& call, const PageContext& context) {
  followup::ProgressRequest request;
  request.meeting = call.text("meeting");
  request.language = context.language;
  request.node_name = context.node_name;
  request.origin = context.origin;
  request.layers = chosen_layers(call, request.layers);
  request.size = chosen_paper(call);
  return request;
}

Result<http::Response> get_progress(const Call& call, Node& node) {
  ATALAYA_TRY(check_today(call, node));
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const Say say(context);
  auto request = progress_of(call, context);
  if (request.origin.empty()) {
    request.origin = "/";
  }
  const figures::Paper paper =
      ATALAYA_TRY(followup::compose_progress(node.followup->parts(), request));
  Html h;
  open_band(h, {{"class", "paper"}});
  h.append(figures::paper_html(paper));
  close_band(h);
  open_band(h, {{"class", "no-print"}});
  write_files(h, context, "progress/" + request.meeting, [&](std::string_view format) {
    std::string out = fmt::format("?lang={}&format={}", to_string(request.language), format);
    for (const BriefLayer layer : request.layers) {
      out += fmt::format("&layer={}", followup::to_string(layer));
    }
    return out;
  });
  h.open("details", {{"class", "disclose no-print"}}).element("summary", say("brief.choose"));
  h.open("form", {{"class", "narrow stack"},
                  {"method", "get"},
                  {"action", link(context, "/progress/" + request.meeting)}});
  write_layers(h, context, {std::begin(kProgressLayers), std::end(kProgressLayers)},
               request.layers);
  h.element("button", say("brief.build")).close("form").close("details");
  close_band(h);
  Shell frame;
  frame.title = fmt::format("{}: {}", paper.title, paper.subtitle);
  frame.nav = "meetings";
  frame.crumbs = {{say("nav.meetings"), "/meetings"}, {paper.title, ""}};
  frame.indexed = false;
  return as_page(call, context, frame, h);
}

Result<http::Response> get_progress_file(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  const auto request = progress_of(call, context);
  const figures::Paper paper =
      ATALAYA_TRY(followup::compose_progress(node.followup->parts(), request));
  return paper_file(paper, call.text("format"),
                    fmt::format("progress-{}-{}", request.meeting, to_string(request.language)));
}

Result<http::Response> get_brief_file(const Call& call, Node& node) {
  const PageContext context = ATALAYA_TRY(page_context(call, node));
  BriefRequest request;
  request.country = call.text("country");
  request.theme = call.text("theme");
  request.language = context.language;
  request.node_name = context.node_name;
  request.origin = context.origin;
  request.size = chosen_paper(call);
  request.layers = chosen_layers(call, request.layers);
  const figures::Paper paper =
      ATALAYA_TRY(followup::compose_brief(node.followup->parts(), request));
  return paper_file(
      paper, call.text("format"),
      fmt::format("{}-{}-{}", request.country, request.theme.empty() ? "brief" : request.theme,
                  to_string(request.language)));
}

}  // namespace

std::vector<Route> brief_routes() {
  const Param theme{.name = "theme",
                    .type = ParamType::id,
                    .about = "One theme, with its narrower ones; all without it"};
  const Param layer{.name = "layer",
                    .type = ParamType::choice,
                    .about = "What it holds; everything without it",
                    .repeats = true,
                    .values = {"reports", "assessments", "treaties", "figures", "deadlines",
                               "practices", "questions"}};
  const Param as_of{.name = "as_of", .type = ParamType::date, .about = "Today: of no other day"};
  Route file = with_query(data_route("/api/v1/briefs/{country}", "get_brief_file",
                                     "What one country committed to, what came of it and what to "
                                     "ask",
                                     {}, &get_brief_file),
                          {theme, layer, paper_param(), format_param()});
  file.answers = paper_answers("The brief");
  Route progress_file =
      with_query(data_route("/api/v1/progress/{meeting}", "get_progress_file",
                            "What states report on the commitments of a meeting or a series", {},
                            &get_progress_file),
                 {layer, paper_param(), format_param()});
  progress_file.answers = file.answers;
  for (Route* one : {&file, &progress_file}) {
    one->rate = RateClass::export_data;
    one->cross_origin = false;
  }
  return {with_query(page_route("/{lang}/briefs/{country}", "get_brief", &get_brief),
                     {theme, layer, paper_param(), as_of}),
          std::move(file),
          with_query(page_route("/{lang}/progress/{meeting}", "get_progress", &get_progress),
                     {layer, paper_param(), as_of}),
          std::move(progress_file)};
}

}  // namespace atalaya::api
