#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_parts.hpp"

namespace atalaya::api {
namespace {

using figures::number;

void write_key_figure(Html& h, const PageContext& context, std::string_view key, std::int64_t n,
                      std::string_view path) {
  const Say say(context);
  h.open("div").element("dt", say(key)).open("dd");
  if (path.empty()) {
    h.element("b", number(context.language, n));
  } else {
    h.open("a", {{"href", link(context, path)}}).element("b", number(context.language, n)).close();
  }
  h.close("dd").close("div");
}

void write_counts(Html& h, const PageContext& context, const commitments::Overview& overview) {
  h.open("dl", {{"class", "keys"}});
  write_key_figure(h, context, "methods.commitments", overview.commitments, "/commitments");
  write_key_figure(h, context, "methods.summit", overview.summit, "/commitments?series=summit");
  write_key_figure(h, context, "methods.ministers", overview.ministers,
                   "/commitments?series=mispa");
  write_key_figure(h, context, "methods.parliaments", overview.parliaments,
                   "/commitments?series=pns");
  write_key_figure(h, context, "methods.held", overview.held, "/commitments?held=yes");
  write_key_figure(h, context, "methods.actionable", overview.actionable,
                   "/commitments?actionable=yes");
  write_key_figure(h, context, "methods.dated", overview.dated, "/commitments?dated=yes");
  write_key_figure(h, context, "methods.clauses", overview.clauses, "");
  write_key_figure(h, context, "methods.inferred", overview.inferred_citations, "");
  write_key_figure(h, context, "methods.sources", overview.sources, "/documents");
  h.close("dl");
}

void write_sources_table(Html& h, const PageContext& context,
                         const std::vector<commitments::SourceView>& sources) {
  const Say say(context);
  const std::vector<std::string> heads = {say("source.title"), say("source.kind"),
                                          say("methods.items"), say("methods.level_1"),
                                          say("methods.lines")};
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    const bool is_number = &head >= &heads[2];
    h.element("th", {{"scope", "col"}, attribute_if(is_number, "class", "num")}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto& source : sources) {
    h.open("tr").open("th", {{"scope", "row"}});
    h.element("a", {{"href", link(context, "/sources/" + source.id)}},
              source.title.empty() ? source.file_name : source.title);
    h.close("th").element("td", {{"data-l", heads[1]}}, say.value("kind", source.kind));
    h.element("td", {{"data-l", heads[2]}, {"class", "num"}},
              number(context.language, source.items));
    h.element("td", {{"data-l", heads[3]}, {"class", "num"}},
              number(context.language, source.level_1));
    h.element("td", {{"data-l", heads[4]}, {"class", "num"}},
              number(context.language, source.line_count));
    h.close("tr");
  }
  h.close("tbody").close("table");
}

void write_download(Html& h, const PageContext& context, std::string_view format,
                    std::string_view label) {
  h.open("li").open("span").element(
      "a", {{"href", fmt::format("/api/v1/commitments/export?format={}", format)}}, label);
  h.text(" ").element("span", {{"class", "muted"}},
                      Say(context)(std::string("data.").append(format)));
  h.close("span").close("li");
}

// A refusal of the protocol knows its status better than its code.
ErrorCode code_of(int status, ErrorCode given) {
  switch (status) {
    case 400:
      return ErrorCode::invalid_argument;
    case 401:
      return ErrorCode::unauthenticated;
    case 403:
      return ErrorCode::permission_denied;
    case 404:
      return ErrorCode::not_found;
    case 409:
      return ErrorCode::conflict;
    case 413:
    case 429:
      return ErrorCode::exhausted;
    case 503:
      return ErrorCode::unavailable;
    default:
      return given;
  }
}

}  // namespace

std::string render_methods(const PageContext& context, const MethodsView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("footer.methods"), say("methods.lead")});
  open_band(h);
  h.element("h2", say("methods.numbers"));
  write_counts(h, context, view.overview);
  close_band(h);
  for (const std::string_view part : {"methods.what", "methods.citations", "methods.once",
                                      "methods.reading", "methods.titles", "methods.limits"}) {
    open_band(h);
    h.element("h2", say(part));
    h.element("p", say(std::string(part) + ".text"));
    close_band(h);
  }
  if (!view.sources.empty()) {
    open_band(h);
    h.element("h2", say("methods.per_source"));
    write_sources_table(h, context, view.sources);
    close_band(h);
  }
  Shell frame;
  frame.title = say("footer.methods");
  frame.description = say("methods.lead");
  frame.crumbs = {{frame.title, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_data(const PageContext& context, const MethodsView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("data.title"), say("data.lead")});
  open_band(h);
  h.element("h2", say("data.download"));
  h.element("p", {{"class", "sub"}},
            say.count("browse.found", view.overview.commitments) + ". " + say("data.licence"));
  h.open("ul", {{"class", "pairs"}});
  write_download(h, context, "json", "JSON");
  write_download(h, context, "csv", "CSV");
  write_download(h, context, "jsonld", "JSON-LD");
  write_download(h, context, "akn", "Akoma Ntoso");
  h.close("ul");
  close_band(h);
  open_band(h);
  h.element("h2", say("data.api"));
  Html address;
  address.element("a", {{"href", "/api/openapi.json"}}, "/api/openapi.json");
  h.open("p").append(figures::Messages::embedded().rich(context.language, "data.api.text",
                                                        {{"address", &address}}));
  h.close("p");
  close_band(h);
  open_band(h, {{"id", "log"}});
  h.element("h2", say("data.log"));
  h.element("p", say("data.log.text"));
  if (context.log_size >= 0) {
    h.open("dl", {{"class", "facts two"}});
    write_fact(h, say("data.log.size"), number(context.language, context.log_size));
    write_fact(h, say("data.log.root"), context.log_root);
    h.close("dl");
  }
  h.open("p").element("code", "atalaya ledger verify --node DIR").close("p");
  close_band(h);
  Shell frame;
  frame.title = say("data.title");
  frame.description = say("data.lead");
  frame.crumbs = {{frame.title, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_error(const PageContext& context, int status, const Error& given,
                         std::string_view request_id) {
  const Say say(context);
  Error error = given;
  error.code = code_of(status, given.code);
  std::string group = "error.page.other";
  if (status == 404) {
    group = "error.page.not_found";
  } else if (status == 401 || status == 403) {
    group = "error.page.denied";
  } else if (status == 503 || status == 429) {
    group = "error.page.busy";
  }
  Html h;
  write_head(h, {"", say(group), figures::Messages::embedded().error(context.language, error)});
  open_band(h);
  h.element("h2", {{"class", "as-h3"}}, say("error.page.next"));
  h.open("ul", {{"class", "plain"}});
  h.open("li")
      .element("a", {{"href", link(context, "/commitments")}}, say("search.browse"))
      .close();
  h.open("li").element("a", {{"href", link(context, "/search")}}, say("search.label")).close();
  h.open("li").element("a", {{"href", link(context, "/")}}, say("error.page.home")).close();
  h.close("ul");
  if (!request_id.empty()) {
    h.element("p", {{"class", "xs"}}, say("error.page.id", {{"id", request_id}}));
  }
  close_band(h);
  Shell frame;
  frame.title = say(group);
  frame.indexed = false;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
