// What the codes of figures mean: every dimension, every code of one.
#include <algorithm>

#include <fmt/format.h>

#include "pages_figure_parts.hpp"
#include "pages_figures.hpp"

namespace atalaya::api {
namespace {

using observatory::Code;
using observatory::Codelist;

std::string codes_path(std::string_view dimension) {
  return fmt::format("/figures/codes/{}", dimension);
}

// "190 codes", "codes by a rule", "codes of this form, and others"
std::string extent_text(const PageContext& context, const Codelist& list) {
  const Say say(context);
  if (list.is_rule()) {
    return say("figures.codes.rule");
  }
  const auto n = static_cast<std::int64_t>(list.codes().size());
  return say.count("figures.codes.count", n) +
         (list.is_open() ? " " + say("figures.codes.open") : std::string());
}

void write_code(Html& h, const std::vector<std::string>& heads, const std::string& id,
                const std::string& name, const std::string& parent, const std::string& sdmx) {
  h.open("tr").open("th", {{"scope", "row"}}).element("code", id).close("th");
  h.element("td", {{"data-l", heads[1]}}, name);
  h.element("td", {{"data-l", heads[2]}}, parent);
  h.open("td", {{"data-l", heads[3]}});
  if (!sdmx.empty()) {
    h.element("code", sdmx);
  }
  h.close("td").close("tr");
}

void write_codes(Html& h, const PageContext& context, const FigureBase& base,
                 const Codelist& list) {
  const Say say(context);
  const auto& lists = base.territories->lists();
  const std::vector<std::string> heads = {say("figures.codes.code"), say("figures.codes.meaning"),
                                          say("figures.codes.within"), "SDMX"};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {});
  h.open("tbody");
  for (const auto& code : list.codes()) {
    const std::string parent =
        code.parent.empty() ? std::string()
                            : lists.label(list.dimension(), code.parent, context.language);
    write_code(h, heads, code.id, code.name.in(context.language), parent, code.sdmx);
  }
  for (const std::string_view special :
       {observatory::kUnknown, observatory::kNotApplicable, observatory::kTotal}) {
    write_code(h, heads, std::string(special),
               lists.label(list.dimension(), special, context.language), "", std::string(special));
  }
  h.close("tbody").close("table");
}

void write_one(Html& h, const PageContext& context, const FigureBase& base, const Codelist& list) {
  const Say say(context);
  open_band(h);
  h.element("p", {{"class", "sub"}}, extent_text(context, list));
  if (!list.source().empty()) {
    h.element("p", {{"class", "small"}}, say("figures.codes.source", {{"source", list.source()}}));
  }
  if (list.dimension() == "territory") {
    h.element("p", {{"class", "note"}}, say("figures.codes.local"));
  }
  if (!list.codes().empty()) {
    write_codes(h, context, base, list);
  }
  close_band(h);
}

}  // namespace

std::string render_figure_codes(const PageContext& context, const FigureBase& base,
                                const Codelist* list) {
  const Say say(context);
  const std::string title =
      list == nullptr ? say("figures.codes") : list->name().in(context.language);
  Html h;
  write_head(h, {"", title, say("figures.codes.lead")});
  if (list != nullptr) {
    write_one(h, context, base, *list);
  } else {
    open_band(h);
    h.open("ul", {{"class", "rows tight"}});
    for (const auto& one : base.territories->lists().all()) {
      h.open("li").open("p").element("a", {{"href", link(context, codes_path(one.dimension()))}},
                                     one.name().in(context.language));
      h.text(" · ").element("code", one.dimension());
      h.text(" · ").text(extent_text(context, one)).close("p").close("li");
    }
    h.close("ul");
    close_band(h);
  }
  Shell frame;
  frame.title = title;
  frame.nav = "figures";
  frame.crumbs = {{say("nav.figures"), "/figures"}};
  if (list != nullptr) {
    frame.crumbs.push_back({say("figures.codes"), "/figures/codes"});
  }
  frame.crumbs.push_back({title, ""});
  return shell(context, std::move(frame), h);
}

}  // namespace atalaya::api
