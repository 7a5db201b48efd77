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
  const Say say(context);
  h.open("dl", {{"class", "keys"}});
  write_key_figure(h, context, "methods.commitments", overview.commitments, "/commitments");
  write_key_figure(h, context, "methods.summit", overview.summit, "/commitments?series=summit");
  write_key_figure(h, context, "methods.ministers", overview.ministers,
                   "/commitments?series=mispa");
  write_key_figure(h, context, "methods.parliaments", overview.parliaments,
                   "/commitments?series=pns");
  if (const std::int32_t others = overview.commitments - overview.summit - overview.ministers -
                                  overview.parliaments;
      others > 0) {
    write_key_figure(h, context, "methods.others", others, "");
  }
  write_key_figure(h, context, "methods.held", overview.held, "/commitments?held=yes");
  write_key_figure(h, context, "methods.actionable", overview.actionable,
                   "/commitments?actionable=yes");
  write_key_figure(h, context, "methods.dated", overview.dated, "/commitments?dated=yes");
  write_key_figure(h, context, "methods.clauses", overview.clauses, "");
  write_key_figure(h, context, "methods.not_printed", overview.citations_not_printed, "");
  write_key_figure(h, context, "methods.inferred", overview.inferred_citations, "");
  write_key_figure(h, context, "methods.sources", overview.sources, "/documents");
  h.close("dl");
  h.element("p", {{"class", "small"}}, say("methods.not_printed.text"));
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
              source_name(source.title, source.theme, source.file_name));
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

// The key of a title; where "<key>.text" exists, it says more than the message does.
std::string_view kind_of(const ErrorView& view) {
  switch (view.status) {
    case 404:
      return "error.page.not_found";
    case 400:
      return view.reason.starts_with("http.target") ? "error.page.address" : "error.page.asked";
    case 405:
      return "error.page.method";
    case 409:
      return "error.page.conflict";
    case 413:
      return view.bytes_max == 0 ? "error.page.method" : "error.page.too_large";
    case 421:
      return "error.page.name";
    case 401:
      return "error.page.sign_in";
    case 403: {
      const bool form = view.reason == "api.cross_site" || view.reason == "api.csrf";
      return form ? "error.page.form" : "error.page.denied";
    }
    case 429:
    case 503:
      return "error.page.busy";
    default:
      return "error.page.other";
  }
}

std::string megabytes(const PageContext& context, std::int64_t bytes) {
  constexpr std::int64_t kMegabyte = 1024 * 1024;
  return bytes >= kMegabyte ? number(context.language, bytes / kMegabyte) + " MB"
                            : number(context.language, (bytes + 1023) / 1024) + " kB";
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
  h.open("section", {{"class", "band"}}).open("div", {{"class", "wrap cols-even"}});
  for (const std::string_view part : {"methods.what", "methods.citations", "methods.once",
                                      "methods.reading", "methods.titles", "methods.limits"}) {
    h.open("div", {{"class", "stack-s"}}).element("h2", {{"class", "as-h3"}}, say(part));
    h.element("p", say(std::string(part) + ".text")).close("div");
  }
  h.close("div").close("section");
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
  h.element("h2", say("data.figures"));
  h.element("p", say("data.figures.text"));
  h.open("ul", {{"class", "pairs"}});
  const auto figure_link = [&](std::string_view address, std::string_view label,
                               std::string_view about) {
    h.open("li").open("span").element("a", {{"href", address}}, label).text(" ");
    h.element("span", {{"class", "muted"}}, about).close("span").close("li");
  };
  figure_link(link(context, "/figures/releases"), say("figures.releases"),
              say("data.figures.releases"));
  figure_link("/sdmx/v1/dataflow/all/all/latest", "SDMX 2.1", say("data.figures.sdmx"));
  figure_link("/sdmx/v2/structure/dataflow/*/*/*", "SDMX 3.0", say("data.figures.sdmx"));
  figure_link(link(context, "/figures/method"), say("figures.method.title"),
              say("data.figures.method"));
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
  h.open("p", {{"class", "command"}}).element("code", "atalaya ledger verify --node DIR");
  h.close("p");
  close_band(h);
  Shell frame;
  frame.title = say("data.title");
  frame.description = say("data.lead");
  frame.crumbs = {{frame.title, ""}};
  return shell(context, std::move(frame), h);
}

std::string render_error(const PageContext& context, const ErrorView& view) {
  const Say say(context);
  const std::string kind(kind_of(view));
  const bool told = figures::Messages::embedded().has(context.language, kind + ".text");
  Html h;
  write_head(h, {"", say(kind),
                 told ? say(kind + ".text", {{"size", megabytes(context, view.bytes_max)}})
                      : view.message});
  open_band(h);
  if (view.status == 401 || view.status == 403) {
    h.open("p").element("a", {{"class", "button"}, {"href", link(context, "/sign-in")}},
                        say("footer.sign_in"));
    h.close("p");
  }
  if (view.status == 404) {
    write_big_search(h, context, "");
  }
  h.element("h2", {{"class", "as-h3"}}, say("error.page.next"));
  write_starts(h, context);
  h.open("p").element("a", {{"href", link(context, "/")}}, say("error.page.home")).close("p");
  if (!view.request_id.empty()) {
    h.element("p", {{"class", "xs"}}, say("error.page.id", {{"id", view.request_id}}));
  }
  close_band(h);
  Shell frame;
  frame.title = say(kind);
  frame.indexed = false;
  frame.search_in_header = view.status != 404;
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
