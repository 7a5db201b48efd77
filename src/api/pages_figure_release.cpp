// The release wizard: a plan, what disclosure control makes of it, and each leak in plain words.
#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_figure_desk.hpp"
#include "pages_figure_parts.hpp"
#include "pages_figures.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

constexpr std::size_t kLeaksShown = 50;
constexpr std::size_t kTermsShown = 12;

std::int64_t whole(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::string text(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

bool flag(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->as_bool();
}

const json::array& list(const json::object& object, std::string_view key) {
  static const json::array kNone;
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->as_array() : kNone;
}

std::string code_label(const PageContext& context, const obs::Territories* territories,
                       const std::string& name, const std::string& code) {
  return territories == nullptr ? code
         : code == "_T"         ? Say(context)("figdesk.leak.all")
         : name == "territory"  ? territories->name(code, context.language)
                                : territories->lists().label(name, code, context.language);
}

// A code, or what is left of codes: "F: _T − F + M".
std::string label_text(const PageContext& context, const obs::Territories* territories,
                       const std::string& name, std::string_view text) {
  constexpr std::array<std::string_view, 3> kBetween = {" − ", " + ", ": "};
  std::size_t first = std::string_view::npos;
  std::string_view between;
  for (const auto mark : kBetween) {
    if (const auto at = text.find(mark); at < first) {
      first = at;
      between = mark;
    }
  }
  const std::string label =
      code_label(context, territories, name, std::string(text.substr(0, first)));
  return first == std::string_view::npos
             ? label
             : label + (between == ": " ? std::string(colon(context)) : std::string(between)) +
                   label_text(context, territories, name, text.substr(first + between.size()));
}

// "Antioquia, 2023, women": place and time first; dimensions that are totalled over go without
// saying, unless all are.
std::string cell_text(const PageContext& context, const obs::Territories* territories,
                      const json::object& cell) {
  std::vector<std::string> places;
  std::vector<std::string> times;
  std::vector<std::string> others;
  for (const auto& [name, value] : cell) {
    if (!value.is_string() || value.as_string() == "_T") {
      continue;
    }
    const std::string code(value.as_string());
    const std::string label = label_text(context, territories, std::string(name), code);
    (name == "territory" ? places : name == "period" ? times : others).push_back(label);
  }
  std::ranges::move(times, std::back_inserter(places));
  std::ranges::move(others, std::back_inserter(places));
  return places.empty() ? Say(context)("figdesk.leak.all")
                        : fmt::format("{}", fmt::join(places, ", "));
}

// Which table prints it, as the plan numbers them.
std::string table_text(const PageContext& context, const FigureReleaseView& view,
                       const json::object& cell) {
  const Say say(context);
  const auto* table = cell.if_contains("table");
  if (table != nullptr && table->is_int64()) {
    const auto at = static_cast<std::size_t>(std::max<std::int64_t>(0, table->get_int64()));
    const auto* indicator =
        at < view.preview->tables.size() ? view.preview->tables[at].indicator : nullptr;
    return say(
        "figdesk.leak.table",
        {{"n", std::to_string(at + 1)},
         {"name", indicator == nullptr ? std::string()
                                       : std::string(indicator->name.in(context.language))}});
  }
  const std::string release = text(cell, "release");
  return flag(cell, "rest") ? say("figdesk.leak.rest")
         : release.empty()  ? std::string()
                            : say("figdesk.leak.release", {{"release", release}});
}

// How a reader gets there: "CO-ANT, 2023: 34, taken away CO-ANT, 2023, men: 30".
void write_terms(Html& h, const PageContext& context, const FigureReleaseView& view,
                 const json::array& terms, std::string_view key) {
  if (terms.empty()) {
    return;
  }
  const Say say(context);
  h.element("p", {{"class", "small"}}, say(key));
  h.open("ul", {{"class", "plain small"}});
  for (std::size_t i = 0; i < std::min(terms.size(), kTermsShown); ++i) {
    if (!terms[i].is_object()) {
      continue;
    }
    const auto& term = terms[i].as_object();
    const auto* times = term.if_contains("times");
    const double factor = times != nullptr && times->is_number() ? times->to_number<double>() : 0;
    const auto* cell = term.if_contains("cell");
    h.open("li").element("b", factor < 0 ? "− " : "+ ");
    if (factor != 1 && factor != -1) {
      h.text(figures::decimal(context.language, factor < 0 ? -factor : factor, 2) + " × ");
    }
    h.text(cell != nullptr && cell->is_object()
               ? cell_text(context, view.territories.get(), cell->as_object())
               : "");
    if (const auto where = table_text(context, view, term); !where.empty()) {
      h.text(" (" + where + ")");
    }
    const std::string value = figures::number(context.language, whole(term, "value"));
    h.text(colon(context));
    h.element("b", flag(term, "hidden") ? say("figdesk.leak.not_zero", {{"n", value}}) : value);
    h.close("li");
  }
  h.close("ul");
  if (terms.size() > kTermsShown) {
    h.element("p", {{"class", "small"}},
              say.count("figdesk.more", static_cast<std::int64_t>(terms.size() - kTermsShown)));
  }
}

void write_leak(Html& h, const PageContext& context, const FigureReleaseView& view,
                const json::object& leak) {
  const Say say(context);
  const auto* cell = leak.if_contains("cell");
  const std::string kind = text(leak, "kind");
  const std::string low = figures::number(context.language, whole(leak, "low"));
  const auto* high_value = leak.if_contains("high");
  const bool bounded = high_value != nullptr && high_value->is_number();
  const std::string high = bounded ? figures::number(context.language, whole(leak, "high")) : "∞";
  h.open("li").open("h4", {{"class", "as-h3"}});
  h.text(cell != nullptr && cell->is_object()
             ? cell_text(context, view.territories.get(), cell->as_object())
             : "");
  h.close("h4");
  if (const auto where = table_text(context, view, leak); !where.empty()) {
    h.element("p", {{"class", "meta"}}, where);
  }
  h.element("p", say("figdesk.leak.what." + kind,
                     {{"low", low}, {"high", high}, {"past", text(leak, "past")}}));
  const auto& lower = list(leak, "lower_from");
  const auto& upper = list(leak, "upper_from");
  const bool same = lower == upper;
  write_terms(h, context, view, lower, same ? "figdesk.leak.combine" : "figdesk.leak.at_least");
  if (!same) {
    write_terms(h, context, view, upper, "figdesk.leak.at_most");
  }
  h.close("li");
}

void write_leaks(Html& h, const PageContext& context, const FigureReleaseView& view) {
  const Say say(context);
  const auto& leaks = list(view.preview->audit, "leaks");
  if (leaks.empty()) {
    return;
  }
  const std::int64_t all =
      std::max(whole(view.preview->audit, "leaks_in_all"), static_cast<std::int64_t>(leaks.size()));
  h.element("h3", say.count("figdesk.leaks", all));
  h.element("p", {{"class", "sub"}}, say("figdesk.leaks.sub"));
  h.open("ol", {{"class", "rows tight"}});
  const std::size_t shown = std::min(leaks.size(), kLeaksShown);
  for (std::size_t i = 0; i < shown; ++i) {
    if (leaks[i].is_object()) {
      write_leak(h, context, view, leaks[i].as_object());
    }
  }
  h.close("ol");
  if (all > static_cast<std::int64_t>(shown)) {
    h.element("p", {{"class", "note"}},
              say.count("figdesk.leaks.more", all - static_cast<std::int64_t>(shown)));
  }
  h.element("h3", say("figdesk.mend"));
  h.open("ul", {{"class", "plain"}});
  for (const std::string_view way : {"figdesk.mend.1", "figdesk.mend.2", "figdesk.mend.3"}) {
    h.element("li", say(way));
  }
  h.close("ul");
}

// One row a table of the plan, in its order.
void write_tables(Html& h, const PageContext& context, const FigureReleaseView& view) {
  const Say say(context);
  const std::vector<std::string> heads = {
      say("figdesk.table"),        say("figdesk.table.treatment"), say("figdesk.table.cells"),
      say("figdesk.table.shown"),  say("figdesk.table.rule"),      say("figdesk.table.protect"),
      say("figdesk.table.rounded")};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {2, 3, 4, 5, 6});
  h.open("tbody");
  for (const auto& entry : list(view.preview->audit, "tables")) {
    const auto& row = entry.as_object();
    const auto at = static_cast<std::size_t>(std::max<std::int64_t>(0, whole(row, "table")));
    const auto* table = at < view.preview->tables.size() ? &view.preview->tables[at] : nullptr;
    std::string name = table != nullptr && table->indicator != nullptr
                           ? std::string(table->indicator->name.in(context.language))
                           : text(row, "name");
    if (flag(row, "whole")) {
      name = say("figdesk.table.whole", {{"name", name}});
    }
    const std::string by =
        table == nullptr ? std::string() : by_name(context, view.base, table->query);
    h.open("tr").open("th", {{"scope", "row"}}).text(fmt::format("{}. {}", at + 1, name));
    h.text(" ").element("span", {{"class", "xs muted"}}, by).close("th");
    h.element("td", {{"data-l", heads[1]}},
              say(flag(row, "exempt") ? "figdesk.table.exempt" : "figdesk.table.protected"));
    const auto number = [&](std::size_t head, std::int64_t n) {
      h.element("td", {{"data-l", heads[head]}, {"class", "num"}},
                figures::number(context.language, n));
    };
    number(2, table == nullptr ? 0 : static_cast<std::int64_t>(table->cells.size()));
    number(3, whole(row, "shown"));
    number(4, whole(row, "primary"));
    number(5, whole(row, "complement"));
    number(6, whole(row, "rounded"));
    h.close("tr");
  }
  h.close("tbody").close("table");
  h.element("p", {{"class", "small"}}, say("figdesk.table.note"));
}

void write_publish(Html& h, const PageContext& context, const FigureReleaseView& view) {
  const Say say(context);
  if (!view.preview->safe) {
    return;
  }
  if (!view.may_publish) {
    h.element("p", {{"class", "note"}}, say("figdesk.publish.other"));
    return;
  }
  h.open("form", {{"class", "stack-s"},
                  {"method", "post"},
                  {"action", link(context, "/desk/figures/release/publish")}});
  write_csrf(h, context);
  h.empty("input", {{"type", "hidden"}, {"name", "plan"}, {"value", view.plan}});
  h.open("p", {{"class", "check"}});
  h.empty("input", {{"type", "checkbox"},
                    {"id", "decided"},
                    {"name", "decided"},
                    {"value", "yes"},
                    {"required"}});
  h.element("label", {{"for", "decided"}}, say("figdesk.publish.decided")).close("p");
  h.element("button", {{"class", "primary"}}, say("figdesk.publish")).close("form");
}

// What readers would see change. A table that nothing published has is new and has no revision.
void write_revisions(Html& h, const PageContext& context, const FigureReleaseView& view) {
  const Say say(context);
  h.element("h3", say("figdesk.revisions"));
  if (view.revisions.empty()) {
    h.element("p", say("figdesk.revisions.none"));
    return;
  }
  h.element("p", {{"class", "sub"}}, say("figdesk.revisions.sub"));
  for (const auto& revision : view.revisions) {
    write_revision(h, context, view.base, revision);
  }
  const auto fresh = view.preview->tables.size() - view.revisions.size();
  if (fresh > 0) {
    h.element("p", {{"class", "small"}},
              say.count("figdesk.revisions.new", static_cast<std::int64_t>(fresh)));
  }
}

// Rounding changes numbers and not only hides them: it says so before anybody decides.
void write_rounding(Html& h, const PageContext& context, const FigureReleaseView& view) {
  std::int64_t base = 0;
  std::int64_t tables = 0;
  for (const auto& table : view.preview->tables) {
    base = std::max(base, table.rounded_to);
    tables += table.rounded_to > 0 ? 1 : 0;
  }
  if (tables > 0) {
    h.element("p", {{"class", "note"}},
              Say(context).count("figdesk.rounded", tables,
                                 {{"base", figures::number(context.language, base)}}));
  }
}

void write_preview(Html& h, const PageContext& context, const FigureReleaseView& view) {
  const Say say(context);
  const bool safe = view.preview->safe;
  h.element("h2", say("figdesk.audit"));
  write_verdict(h, safe, say(safe ? "figdesk.safe" : "figdesk.unsafe"),
                say(safe ? "figdesk.safe.sub" : "figdesk.unsafe.sub"));
  write_tables(h, context, view);
  for (const std::string_view kind : {"same_cases", "same_cases_in_doubt", "different_cases"}) {
    write_same_cases(h, context, view.preview->audit, kind, "note");
  }
  if (!list(view.preview->audit, "same_cases_in_doubt").empty()) {
    h.element("p", {{"class", "note"}}, say("figdesk.different_cases"));
  }
  write_rounding(h, context, view);
  write_leaks(h, context, view);
  write_revisions(h, context, view);
  write_publish(h, context, view);
}

void write_plan(Html& h, const PageContext& context, const FigureReleaseView& view) {
  const Say say(context);
  h.open("form", {{"class", "wide stack"},
                  {"method", "post"},
                  {"action", link(context, "/desk/figures/release")}});
  write_csrf(h, context);
  h.open("div", {{"class", "field"}}).element("label", {{"for", "plan"}}, say("figdesk.plan"));
  h.element("span", {{"class", "hint"}, {"id", "plan-hint"}},
            say(view.proposed ? "figdesk.plan.proposed" : "figdesk.plan.hint"));
  h.element("textarea",
            {{"id", "plan"},
             {"name", "plan"},
             {"rows", "24"},
             {"spellcheck", "false"},
             {"class", "code"},
             {"required"},
             {"aria-describedby", "plan-hint"}},
            view.plan);
  h.close("div").open("p", {{"class", "row"}});
  const bool first = !view.preview || !view.preview->safe || !view.may_publish;
  h.element("button", {attribute_if(first, "class", "primary")}, say("figdesk.audit.show"));
  h.element("a", {{"class", "button"}, {"href", link(context, "/desk/figures")}},
            say("form.cancel"));
  h.close("p").close("form");
}

}  // namespace

Shell figure_shell(const PageContext& context, std::string title, const std::string& parent) {
  Shell frame;
  frame.crumbs = {{Say(context)("footer.desk"), "/desk"}};
  if (!parent.empty()) {
    frame.crumbs.push_back({parent, "/desk/figures"});
  }
  frame.crumbs.push_back({title, ""});
  frame.title = std::move(title);
  frame.indexed = false;
  return frame;
}

void write_figure_error(Html& h, const PageContext& context, const std::optional<Error>& error) {
  if (!error) {
    return;
  }
  h.open("div", {{"class", "error-summary stack-s"}, {"role", "alert"}, {"tabindex", "-1"}});
  h.element("h2", Say(context)("form.problem"));
  h.element("p", figures::Messages::embedded().error(context.language, *error));
  const bool shown = error->reason.starts_with("observatory.") ||
                     error->reason.starts_with("columns.") || error->reason.starts_with("files.");
  if (shown && !error->detail.empty()) {
    h.open("p", {{"class", "small"}, attribute_if(context.language != Language::en, "lang", "en")});
    h.element("code", error->detail).close("p");
  }
  h.close("div");
}

std::string period_text(const PageContext& context, const std::string& from,
                        const std::string& to) {
  if (from.empty() || to.empty()) {
    return "–";
  }
  std::string last = to;
  if (const auto day = parse_utc_time(to + "T00:00:00Z")) {
    last = to_string(utc_date(UtcTime{day->ms - 86'400'000}));
  }
  return Say(context)("figdesk.period", {{"from", figures::edtf(context.language, from)},
                                         {"to", figures::edtf(context.language, last)}});
}

void write_heads(Html& h, const std::vector<std::string>& heads,
                 const std::vector<std::size_t>& numbers) {
  h.open("thead").open("tr");
  for (std::size_t i = 0; i < heads.size(); ++i) {
    h.element("th", {{"scope", "col"}, attribute_if(contains(numbers, i), "class", "num")},
              heads[i]);
  }
  h.close("tr").close("thead");
}

void write_verdict(Html& h, bool good, std::string_view verdict, std::string_view detail) {
  h.open("div", {{"class", good ? "note action stack-s" : "note warn stack-s"}}).open("p");
  h.open("svg", {{"viewBox", "0 0 20 20"},
                 {"width", "20"},
                 {"height", "20"},
                 {"aria-hidden", "true"},
                 {"focusable", "false"},
                 {"fill", "none"},
                 {"stroke", "currentColor"},
                 {"stroke-width", "2"}});
  h.empty("path", {{"d", good ? "M4 10.5l4 4 8-9" : "M10 2.5L1.5 17.5h17zM10 8v4.5M10 14.5v1"}});
  h.close("svg").text(" ").element("b", verdict).close("p");
  h.element("p", detail).close("div");
}

std::string render_figure_release(const PageContext& context, const FigureReleaseView& view) {
  const Say say(context);
  Html h;
  write_head(h, {"", say("figdesk.release"), say("figdesk.release.lead")});
  open_band(h);
  write_figure_error(h, context, view.error);
  if (view.preview) {
    write_preview(h, context, view);
    close_band(h);
    open_band(h);
  }
  h.element("h2", say("figdesk.plan.title"));
  write_plan(h, context, view);
  close_band(h);
  return shell(context, figure_shell(context, say("figdesk.release"), say("figdesk.title")), h);
}

}  // namespace atalaya::api
