// Briefs: the page on which a reader chooses what one holds, and the same as a file.
#include <functional>

#include <fmt/format.h>

#include <atalaya/figures/paper.hpp>
#include <atalaya/followup/brief.hpp>
#include <atalaya/followup/progress.hpp>

#include "pages_parts.hpp"
#include "paper_file.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using followup::BriefLayer;
using followup::BriefRequest;
using followup::kBriefLayers;

// Wrong layers of a link are left out; a country and a theme must be one, or the reader would take
// the whole brief for that of a theme. Links of the page itself begin at the node's root.
BriefRequest request_of(const Call& call, const PageContext& context) {
  BriefRequest out;
  out.country = call.text("country");
  out.language = call.language;
  out.node_name = context.node_name;
  out.origin = context.origin.empty() ? "/" : context.origin;
  bool chosen = false;
  std::set<BriefLayer> layers;
  for (const auto& [name, value] : call.request.query) {
    if (name == "theme") {
      out.theme = value;
    } else if (name == "paper") {
      out.size = value == "letter" ? figures::PaperSize::letter : figures::PaperSize::a4;
    } else if (name == "layer") {
      chosen = true;
      if (const auto layer = followup::parse_brief_layer(value)) {
        layers.insert(*layer);
      }
    }
  }
  if (chosen) {
    out.layers = layers;
  }
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
  h.open("div", {{"class", "field"}}).element("label", {{"for", "theme"}}, say("brief.theme"));
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

// What a link or a form chose; nothing chosen: `otherwise`.
std::set<BriefLayer> chosen_layers(const Call& call, std::set<BriefLayer> otherwise) {
  std::set<BriefLayer> out;
  bool chosen = false;
  for (const auto& [name, value] : call.request.query) {
    if (name == "layer") {
      chosen = true;
      if (const auto layer = followup::parse_brief_layer(value)) {
        out.insert(*layer);
      }
    }
  }
  return chosen ? out : otherwise;
}

followup::ProgressRequest progress_of(const Call& call, const PageContext& context) {
  followup::ProgressRequest request;
  request.meeting = call.text("meeting");
  request.language = context.language;
  request.node_name = context.node_name;
  request.origin = context.origin;
  request.layers = chosen_layers(call, request.layers);
  request.size = call.request.query_value("paper").value_or("") == "letter"
                     ? figures::PaperSize::letter
                     : figures::PaperSize::a4;
  return request;
}

Result<http::Response> get_progress(const Call& call, Node& node) {
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
  request.size =
      call.text("paper") == "letter" ? figures::PaperSize::letter : figures::PaperSize::a4;
  const auto layers = call.all("layer");
  if (!layers.empty()) {
    request.layers.clear();
    for (const std::string_view layer : layers) {
      request.layers.insert(*followup::parse_brief_layer(layer));
    }
  }
  const figures::Paper paper =
      ATALAYA_TRY(followup::compose_brief(node.followup->parts(), request));
  return paper_file(
      paper, call.text("format"),
      fmt::format("{}-{}-{}", request.country, request.theme.empty() ? "brief" : request.theme,
                  to_string(request.language)));
}

}  // namespace

std::vector<Route> brief_routes() {
  const Param country{.name = "country", .type = ParamType::id, .about = "A country, like PAN"};
  Route page;
  page.path = "/{lang}/briefs/{country}";
  page.name = "get_brief";
  page.kind = Kind::page;
  page.rate = RateClass::page;
  page.params = {country};
  page.answers = {{.status = 200, .about = "The page", .media_type = "text/html"}};
  page.handler = &get_brief;
  Route file;
  file.path = "/api/v1/briefs/{country}";
  file.name = "get_brief_file";
  file.summary = "What one country committed to, what came of it and what to ask";
  file.rate = RateClass::export_data;
  file.params = {country,
                 {.name = "theme", .type = ParamType::id, .about = "One theme; all without it"},
                 {.name = "layer",
                  .type = ParamType::choice,
                  .about = "What it holds; everything without it",
                  .repeats = true,
                  .values = {"reports", "assessments", "treaties", "figures", "deadlines",
                             "practices", "questions"}},
                 paper_param(),
                 format_param()};
  file.answers = paper_answers("The brief");
  file.handler = &get_brief_file;
  const Param meeting{.name = "meeting",
                      .type = ParamType::id,
                      .about = "A meeting, like summit-2022, or a series: summit, mispa, pns"};
  Route progress = page;
  progress.path = "/{lang}/progress/{meeting}";
  progress.name = "get_progress";
  progress.params = {meeting};
  progress.handler = &get_progress;
  Route progress_file = file;
  progress_file.path = "/api/v1/progress/{meeting}";
  progress_file.name = "get_progress_file";
  progress_file.summary = "What states report on the commitments of a meeting or a series";
  std::erase_if(progress_file.params, [](const Param& param) {
    return param.name == "country" || param.name == "theme";
  });
  progress_file.params.insert(progress_file.params.begin(), meeting);
  progress_file.handler = &get_progress_file;
  return {std::move(page), std::move(file), std::move(progress), std::move(progress_file)};
}

}  // namespace atalaya::api
