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

// Rows of one table; the codes that every list has where `special`.
void write_table(Html& h, const PageContext& context, const FigureBase& base, const Codelist& list,
                 const std::vector<const Code*>& codes, bool special) {
  const Say say(context);
  const auto& lists = base.territories->lists();
  const std::vector<std::string> heads = {say("figures.codes.code"), say("figures.codes.meaning"),
                                          say("figures.codes.within"), "SDMX"};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {});
  h.open("tbody");
  for (const auto* code : codes) {
    const std::string parent = code->parent.empty()
                                   ? std::string()
                                   : lists.label(list.dimension(), code->parent, context.language);
    write_code(h, heads, code->id, code->name.in(context.language), parent, code->sdmx);
  }
  for (const std::string_view id :
       {observatory::kUnknown, observatory::kNotApplicable, observatory::kTotal}) {
    if (special) {
      write_code(h, heads, std::string(id), lists.label(list.dimension(), id, context.language), "",
                 std::string(id));
    }
  }
  h.close("tbody").close("table");
}

// The codes below each of the top, in the list's order.
struct Section {
  const Code* top = nullptr;
  std::vector<const Code*> codes;
};

std::vector<Section> sections_of(const Codelist& list) {
  std::vector<Section> out;
  for (const auto& code : list.codes()) {
    const Code* top = &code;
    for (const Code* outer = top; outer != nullptr; outer = list.find(outer->parent)) {
      top = outer;
    }
    auto at = std::ranges::find(out, top, &Section::top);
    at = at == out.end() ? out.insert(at, {top, {}}) : at;
    at->codes.push_back(&code);
  }
  return out;
}

// A long list in parts: links to them at its head; on phones, where each part is closed until asked
// for, the parts themselves are as short as links.
void write_sections(Html& h, const PageContext& context, const FigureBase& base,
                    const Codelist& list, const std::vector<Section>& sections) {
  const Say say(context);
  const auto anchor = [](const Section& s) { return "code-" + s.top->id; };
  const auto title = [&](const Section& s) {
    return fmt::format("{} · {}", s.top->id, s.top->name.in(context.language));
  };
  h.open("nav", {{"class", "jumps"}, {"aria-label", say("figures.codes.jump")}});
  h.element("p", {{"class", "small"}}, say("figures.codes.jump"));
  h.open("ul", {{"class", "plain"}});
  for (const auto& section : sections) {
    h.open("li").element("a", {{"href", "#" + anchor(section)}}, title(section)).close("li");
  }
  h.close("ul").close("nav");
  for (const auto& section : sections) {
    h.open("section", {{"class", "part"}, {"id", anchor(section)}}).element("h2", title(section));
    h.open("details", {{"class", "on-phones disclose"}});
    h.element("summary",
              say.count("figures.codes.count", static_cast<std::int64_t>(section.codes.size())));
    write_table(h, context, base, list, section.codes, false);
    h.close("details").close("section");
  }
  h.open("section", {{"class", "part"}}).element("h2", say("figures.codes.special"));
  write_table(h, context, base, list, {}, true);
  h.close("section");
}

void write_codes(Html& h, const PageContext& context, const FigureBase& base,
                 const Codelist& list) {
  constexpr std::size_t kLong = 60;
  const auto sections = sections_of(list);
  if (list.codes().size() > kLong && sections.size() > 1 &&
      sections.size() * 2 < list.codes().size()) {
    write_sections(h, context, base, list, sections);
    return;
  }
  std::vector<const Code*> all;
  for (const auto& code : list.codes()) {
    all.push_back(&code);
  }
  write_table(h, context, base, list, all, true);
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
