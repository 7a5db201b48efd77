// Public pages: each handler reads the desk once and renders. Answers to readers without an account
// are kept until the desk changes.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>
#include <atalaya/commitments/export.hpp>
#include <atalaya/figures/assets.hpp>
#include <atalaya/figures/page.hpp>
#include <atalaya/followup/brief.hpp>

#include "kept_page.hpp"
#include "pages_parts.hpp"
#include "pages_source.hpp"
#include "route_parts.hpp"
#include "router_json.hpp"
#include "routes.hpp"

namespace atalaya::api {
namespace {

using commitments::CountedTarget;
using commitments::Filter;

constexpr std::int32_t kTopicRows = 100;

using Render = std::function<Result<std::string>(const PageContext&)>;

std::unexpected<Error> no_topic(std::string_view id) {
  return fail(Error{ErrorCode::not_found,
                    "api.page.missing",
                    "the catalogue has nothing of that name",
                    {{"id", std::string(id.substr(0, 60))}}});
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host == "::1" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

// The operator's name for this node. Without one only who sits at the machine itself gets absolute
// addresses, by the name they used: a Host that anybody can invent must not come to stand in
// citations and canonical links, where a cache or a search engine would keep it. Others get
// addresses that begin at the node's root.
std::string origin_of(const http::Request& request, const Node& node) {
  if (!node.origin.empty()) {
    return node.origin;
  }
  const std::string_view host = request.headers.get("Host");
  const std::size_t colon = host.rfind(':');
  const bool with_port = colon != std::string_view::npos && colon + 1 < host.size() &&
                         host.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  const bool here =
      is_loopback(with_port ? host.substr(0, colon) : host) && is_loopback(request.peer);
  return here ? fmt::format("{}://{}", request.secure ? "https" : "http", host) : std::string();
}

Result<http::Response> page(const Call& call, Node& node, const Render& render) {
  return kept_page(call, node, std::to_string(node.desk->version()), render);
}

Result<std::vector<CountedTarget>> counted(Node& node, std::string_view field,
                                           const Filter& filter = {}) {
  return node.desk->counts(field, filter);
}

Result<http::Response> get_root(const Call& call, Node&) {
  auto response = http::redirect(302, fmt::format("/{}/", to_string(call.language)));
  response.headers.add_token("Vary", "Accept-Language");
  return response;
}

Result<http::Response> get_home(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    HomeView view;
    view.overview = ATALAYA_TRY(node.desk->overview());
    view.meetings = ATALAYA_TRY(counted(node, "meeting"));
    view.instruments = ATALAYA_TRY(counted(node, "instrument"));
    return render_home(context, view);
  });
}

Result<http::Response> get_browse(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    BrowseView view;
    view.filter = filter_from(call.request.query);
    view.page = std::min(page_from(call.request.query), 100'000);
    view.rows = ATALAYA_TRY(node.desk->list(view.filter, call.language, kRowsPerPage,
                                            (view.page - 1) * kRowsPerPage));
    for (const std::string_view field : {"theme", "year", "meeting", "document", "role"}) {
      view.counts[std::string(field)] = ATALAYA_TRY(counted(node, field, view.filter));
    }
    return render_browse(context, view);
  });
}

Result<http::Response> get_search(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    SearchView view;
    view.query.text = call.request.query_value("q").value_or("");
    view.query.language = call.language;
    view.page = std::min(page_from(call.request.query), 400);
    view.query.limit = kRowsPerPage;
    view.query.offset = (view.page - 1) * kRowsPerPage;
    for (const auto& [name, value] : call.request.query) {
      for (const std::string_view facet : {"year", "meeting", "theme", "institution", "instrument",
                                           "formulation", "document", "role"}) {
        if (name == facet && !value.empty() && value.size() <= 120) {
          view.query.facets[name].push_back(value);
        }
      }
    }
    if (node.places != nullptr && view.page == 1 && view.query.facets.empty()) {
      view.places = node.places->find(view.query.text, call.language);
    }
    if (!trim(view.query.text).empty() || !view.query.facets.empty()) {
      auto answer = node.desk->search(view.query);
      if (answer) {
        view.answer = *std::move(answer);
      } else {
        view.error = std::move(answer).error();
      }
    }
    return render_search(context, view);
  });
}

Result<http::Response> get_commitment_page(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto view = ATALAYA_TRY(node.desk->get(call.text("id"), call.language));
    return render_commitment(context, view);
  });
}

Result<http::Response> get_documents(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    DocumentsView view;
    view.documents = ATALAYA_TRY(counted(node, "document"));
    view.sources = ATALAYA_TRY(node.desk->sources());
    return render_documents(context, view);
  });
}

// The newest version of a file; empty where that is the file itself.
std::string newest_of(const std::vector<commitments::SourceView>& sources, std::string_view id) {
  std::string newest;
  auto next = std::ranges::find(sources, id, &commitments::SourceView::follows);
  for (std::size_t step = 0; next != sources.end() && step < sources.size(); ++step) {
    newest = next->id;
    next = std::ranges::find(sources, newest, &commitments::SourceView::follows);
  }
  return newest;
}

Result<http::Response> get_source_page(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto detail = ATALAYA_TRY(node.desk->get_source(call.text("id")));
    const auto sources = ATALAYA_TRY(node.desk->sources());
    return render_source(context, detail, page_from(call.request.query, "from"),
                         newest_of(sources, detail.source.id));
  });
}

// One page for each thing of the catalogue: what differs is the filter and the renderer.
struct Topic {
  bool (*known)(const commitments::Catalogue&, std::string_view);
  std::vector<std::string> Filter::*field;
  std::string (*render)(const PageContext&, const TopicView&);
};

Result<http::Response> topic_page(const Call& call, Node& node, const Topic& topic) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    TopicView view;
    view.id = std::string(call.text("id"));
    if (!topic.known(node.desk->catalogue(), view.id)) {
      return no_topic(view.id);
    }
    Filter filter;
    filter.*topic.field = {view.id};
    view.rows = ATALAYA_TRY(node.desk->list(filter, call.language, kTopicRows, 0));
    if (topic.field == &Filter::meetings) {
      if (view.rows.total == 0 && is_other_meeting(node.desk->catalogue(), view.id)) {
        return no_topic(view.id);
      }
      view.places = ATALAYA_TRY(node.desk->places_of_meeting(view.id));
    }
    view.documents = ATALAYA_TRY(counted(node, "document", filter));
    view.meetings = ATALAYA_TRY(counted(node, "meeting", filter));
    view.themes = ATALAYA_TRY(counted(node, "theme", filter));
    view.instruments = ATALAYA_TRY(counted(node, "instrument", filter));
    view.years = ATALAYA_TRY(counted(node, "year", filter));
    auto sources = ATALAYA_TRY(node.desk->sources());
    for (const commitments::SourceView& source : sources) {
      if (!source.theme.empty() &&
          std::ranges::find(view.source_themes, source.theme) == view.source_themes.end()) {
        view.source_themes.push_back(source.theme);
      }
    }
    std::erase_if(sources, [&](const commitments::SourceView& source) {
      return source.document != view.id && source.meeting != view.id;
    });
    view.sources = std::move(sources);
    const auto* treaty = node.desk->catalogue().find_instrument(view.id);
    if (treaty != nullptr && treaty->kind == "treaty") {
      view.treaty_acts = ATALAYA_TRY(treaty_acts(node, {}, view.id));
    }
    if (topic.field == &Filter::instruments || topic.field == &Filter::institutions) {
      view.named = ATALAYA_TRY(node.desk->named_in(
          topic.field == &Filter::instruments ? "instrument" : "institution", view.id));
    }
    return topic.render(context, view);
  });
}

Result<http::Response> get_document(const Call& call, Node& node) {
  return topic_page(call, node,
                    {[](const commitments::Catalogue& c, std::string_view id) {
                       return c.find_document(id) != nullptr;
                     },
                     &Filter::documents, &render_document});
}

Result<http::Response> get_meeting(const Call& call, Node& node) {
  return topic_page(call, node,
                    {[](const commitments::Catalogue&, std::string_view id) {
                       return !id.empty();  // what it is, the documents say that are held of it
                     },
                     &Filter::meetings, &render_meeting});
}

Result<http::Response> get_theme(const Call& call, Node& node) {
  return topic_page(call, node,
                    {[](const commitments::Catalogue& c, std::string_view id) {
                       return c.find_theme(id) != nullptr;
                     },
                     &Filter::themes, &render_theme});
}

Result<http::Response> get_treaty(const Call& call, Node& node) {
  return topic_page(call, node,
                    {[](const commitments::Catalogue& c, std::string_view id) {
                       return c.find_instrument(id) != nullptr;
                     },
                     &Filter::instruments, &render_treaty});
}

Result<http::Response> get_institution(const Call& call, Node& node) {
  return topic_page(call, node,
                    {[](const commitments::Catalogue& c, std::string_view id) {
                       return c.find_institution(id) != nullptr;
                     },
                     &Filter::institutions, &render_institution});
}

Result<http::Response> counts_page(const Call& call, Node& node, std::string_view field,
                                   std::string (*render)(const PageContext&, const Counts&)) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto counts = ATALAYA_TRY(counted(node, field));
    return render(context, counts);
  });
}

Result<http::Response> get_meetings(const Call& call, Node& node) {
  return counts_page(call, node, "meeting", &render_meetings);
}

Result<http::Response> get_themes(const Call& call, Node& node) {
  return counts_page(call, node, "theme", &render_themes);
}

Result<http::Response> get_treaties(const Call& call, Node& node) {
  return counts_page(call, node, "instrument", &render_treaties);
}

Result<http::Response> get_institutions(const Call& call, Node& node) {
  return counts_page(call, node, "institution", &render_institutions);
}

Result<http::Response> get_countries(const Call& call, Node& node) {
  return counts_page(call, node, "document", &render_countries);
}

Result<CountryView> country_view(Node& node, Language language, std::string id) {
  CountryView view;
  view.documents = ATALAYA_TRY(counted(node, "document"));
  const auto statements = ATALAYA_TRY(followup::position_statements(node.followup->parts(), id));
  for (const auto& one : statements) {
    view.statements.push_back({one.source, one.text, one.language, one.line, one.lines, one.role,
                               one.ordinal, one.commitment, one.document, one.note, one.cited});
  }
  const auto& parts = node.followup->parts();
  view.parts = ATALAYA_TRY(followup::Cube(parts).parts_of(id, parts.today()));
  Filter filter;
  filter.documents = documents_of(view.parts);
  view.id = std::move(id);
  if (filter.documents.empty()) {
    return view;
  }
  const auto all = ATALAYA_TRY(node.desk->list(filter, language, 1, 0));
  view.commitments = all.total;
  view.themes = ATALAYA_TRY(counted(node, "theme", filter));
  view.instruments = ATALAYA_TRY(counted(node, "instrument", filter));
  filter.dated = true;
  view.dated = ATALAYA_TRY(node.desk->list(filter, language, kTopicRows, 0));
  return view;
}

Result<http::Response> get_country(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const std::string id(call.text("id"));
    if (node.desk->catalogue().find_country(id) == nullptr) {
      return no_topic(id);
    }
    auto view = ATALAYA_TRY(country_view(node, call.language, id));
    if (node.desk->catalogue().find_country(id)->is_state) {
      view.treaty_acts = ATALAYA_TRY(treaty_acts(node, id, {}));
      view.followup = ATALAYA_TRY(country_followup(call, node, id));
      view.checklists = ATALAYA_TRY(country_checklists(call, node));
    }
    return render_country(context, view);
  });
}

Result<MethodsView> methods_view(Node& node) {
  MethodsView view;
  view.overview = ATALAYA_TRY(node.desk->overview());
  view.sources = ATALAYA_TRY(node.desk->sources());
  return view;
}

Result<http::Response> get_methods(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto view = ATALAYA_TRY(methods_view(node));
    return render_methods(context, view);
  });
}

Result<http::Response> get_data(const Call& call, Node& node) {
  return page(call, node, [&](const PageContext& context) -> Result<std::string> {
    const auto view = ATALAYA_TRY(methods_view(node));
    return render_data(context, view);
  });
}

Result<http::Response> get_asset(const Call& call, Node&) {
  const figures::Asset* asset = figures::find_asset(call.request.path);
  if (asset == nullptr) {
    return fail(ErrorCode::not_found, "api.asset.missing", "no such file");
  }
  http::Response response;
  response.headers.set("Content-Type", asset->content_type);
  response.headers.set("Cache-Control", "public, max-age=31536000, immutable");
  response.headers.set("ETag", asset->etag);
  const std::string_view accepts = call.request.headers.get("Accept-Encoding");
  response.body = asset->bytes;
  if (!asset->brotli.empty() && accepts.find("br") != std::string_view::npos) {
    response.body = asset->brotli;
    response.headers.set("Content-Encoding", "br");
  } else if (!asset->gzip.empty() && accepts.find("gzip") != std::string_view::npos) {
    response.body = asset->gzip;
    response.headers.set("Content-Encoding", "gzip");
  }
  response.headers.add_token("Vary", "Accept-Encoding");
  return response;
}

Result<http::Response> get_robots(const Call&, Node&) {
  return http::respond(200, "text/plain", "User-agent: *\nDisallow: /api/\n");
}

}  // namespace

http::Response html_response(int status, std::string html) {
  auto response = http::respond(status, "text/html", std::move(html));
  response.headers.set("Cache-Control", "no-cache");
  return response;
}

PageContext public_context(Language language, const http::Request& request, const Node& node) {
  PageContext context;
  context.language = language;
  context.catalogue = &node.desk->catalogue();
  context.node_name = node.name;
  context.origin = origin_of(request, node);
  const std::string& target = request.target;
  const auto slash = target.find('/', 1);
  context.path = slash == std::string::npos ? "/" : target.substr(slash);
  if (const auto checkpoint = node.ledger->find_last_checkpoint(); checkpoint && *checkpoint) {
    context.log_size = static_cast<std::int64_t>((*checkpoint)->size);
    context.log_root = to_hex((*checkpoint)->root);
    if (const auto newest = node.ledger->find_newest()) {
      context.as_of = *newest ? to_string(utc_date((*newest)->leaf.at)) : std::string();
    }
  }
  return context;
}

Result<PageContext> page_context(const Call& call, Node& node) {
  PageContext context = public_context(call.language, call.request, node);
  context.account = who_name(context, call.caller.name);
  context.may_edit = call.caller.roles.has(Role::editor) && !call.caller.roles.anyone();
  if (!call.caller.session.empty()) {
    context.csrf = node.accounts->csrf_token(call.caller.session);
  }
  return context;
}

std::vector<Route> page_routes() {
  Route search = page_route("/{lang}/search", "get_search", &get_search);
  search.rate = RateClass::search;
  Route assets = page_route("/assets/{file...}", "get_asset", &get_asset);
  assets.kind = Kind::file;
  assets.rate = RateClass::none;
  assets.params = {{.name = "file", .type = ParamType::rest, .about = "Its path"}};
  assets.answers = {{.status = 200, .about = "The file", .media_type = "*/*"}};
  Route robots = page_route("/robots.txt", "get_robots", &get_robots);
  robots.kind = Kind::file;
  robots.answers = {{.status = 200, .about = "For search engines", .media_type = "text/plain"}};
  return {page_route("/", "get_root", &get_root),
          page_route("/{lang}/", "get_home", &get_home),
          page_route("/{lang}/commitments", "get_browse", &get_browse),
          page_route("/{lang}/commitments/{id}", "get_commitment_page", &get_commitment_page),
          std::move(search),
          page_route("/{lang}/documents", "get_documents", &get_documents),
          page_route("/{lang}/documents/{id}", "get_document", &get_document),
          page_route("/{lang}/sources/{id}", "get_source_page", &get_source_page),
          page_route("/{lang}/meetings", "get_meetings", &get_meetings),
          page_route("/{lang}/meetings/{id}", "get_meeting", &get_meeting),
          page_route("/{lang}/themes", "get_themes", &get_themes),
          page_route("/{lang}/themes/{id}", "get_theme", &get_theme),
          page_route("/{lang}/treaties", "get_treaties", &get_treaties),
          page_route("/{lang}/treaties/{id}", "get_treaty", &get_treaty),
          page_route("/{lang}/institutions", "get_institutions", &get_institutions),
          page_route("/{lang}/institutions/{id}", "get_institution", &get_institution),
          page_route("/{lang}/countries", "get_countries", &get_countries),
          page_route("/{lang}/countries/{id}", "get_country", &get_country),
          page_route("/{lang}/methods", "get_methods", &get_methods),
          page_route("/{lang}/data", "get_data", &get_data),
          std::move(assets),
          std::move(robots)};
}

}  // namespace atalaya::api
