// The Bogotá Protocol's criteria of one source, for analysts: what was measured, what people said,
// and a small form for what only people know.
#include <algorithm>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>

#include "pages_figure_desk.hpp"
#include "pages_figure_parts.hpp"

namespace atalaya::api {
namespace {

namespace obs = observatory;

const obs::ProtocolAnswer* find_answer(const ProtocolFormView& view, std::string_view criterion) {
  const auto at =
      std::ranges::find(view.report.answers, criterion, &obs::ProtocolAnswer::criterion);
  return at == view.report.answers.end() ? nullptr : &*at;
}

std::string value_text(const PageContext& context, const obs::Criterion& criterion, double value) {
  const Say say(context);
  if (criterion.unit == "yes_no") {
    return say(value >= 1 ? "quality.yes" : value > 0 ? "protocol.partly" : "quality.no");
  }
  return criterion.unit == "share"
             ? figures::decimal(context.language, value * 100, 1) + "\u00A0%"
             : say("quality.months", {{"n", figures::decimal(context.language, value, 1)}});
}

void write_criteria(Html& h, const PageContext& context, const ProtocolFormView& view) {
  const Say say(context);
  const std::vector<std::string> heads = {say("quality.criterion"), say("protocol.answer"),
                                          say("protocol.known_by")};
  h.open("table", {{"class", "stacks"}});
  write_heads(h, heads, {});
  h.open("tbody");
  for (const auto& result : view.report.protocol->results) {
    const auto& criterion = *result.criterion;
    const auto* answer = find_answer(view, criterion.id);
    h.open("tr").element(
        "th", {{"scope", "row"}},
        fmt::format("{}. {}", criterion.number, criterion.names.at(context.language)));
    h.element("td", {{"data-l", heads[1]}},
              result.value ? value_text(context, criterion, *result.value) : "–");
    h.open("td", {{"data-l", heads[2]}});
    if (answer != nullptr) {
      h.text(say("protocol.said", {{"who", answer->answered_by},
                                   {"date", figures::edtf(context.language, answer->answered_on)},
                                   {"reason", answer->reason}}));
    } else {
      h.text(say(result.value ? "protocol.measured" : "figdesk.protocol.not_measured"));
    }
    h.close("td").close("tr");
  }
  h.close("tbody").close("table");
}

void write_input(Html& h, std::string_view name, std::string_view type, const std::string& label,
                 const std::string& value) {
  h.open("div", {{"class", "field"}}).element("label", {{"for", name}}, label);
  h.empty("input", {{"id", name}, {"name", name}, {"type", type}, {"value", value}, {"required"}});
  h.close("div");
}

// Only what the files do not show can be answered. A share or a number of months is a number; a
// yes or no is one of three words.
void write_form(Html& h, const PageContext& context, const ProtocolFormView& view) {
  const Say say(context);
  h.open("form", {{"class", "wide stack"},
                  {"method", "post"},
                  {"action", link(context, protocol_path(view.submission))}});
  write_csrf(h, context);
  h.open("div", {{"class", "field"}});
  h.element("label", {{"for", "criterion"}}, say("quality.criterion"));
  h.open("select", {{"id", "criterion"}, {"name", "criterion"}});
  for (const auto& result : view.report.protocol->results) {
    const auto& criterion = *result.criterion;
    if (!result.value || find_answer(view, criterion.id) != nullptr) {
      h.element("option",
                {{"value", criterion.id}, attribute_if(criterion.id == view.criterion, "selected")},
                fmt::format("{}. {}", criterion.number, criterion.names.at(context.language)));
    }
  }
  h.close("select").close("div");
  h.open("div", {{"class", "field"}}).element("label", {{"for", "value"}}, say("protocol.answer"));
  h.element("span", {{"class", "hint"}, {"id", "value-hint"}}, say("protocol.answer.hint"));
  h.empty("input", {{"id", "value"},
                    {"name", "value"},
                    {"value", view.value},
                    {"list", "values"},
                    {"autocomplete", "off"},
                    {"required"},
                    {"aria-describedby", "value-hint"}});
  h.open("datalist", {{"id", "values"}});
  for (const std::string_view key : {"quality.yes", "protocol.partly", "quality.no"}) {
    h.element("option", {{"value", say(key)}}, "");
  }
  h.close("datalist").close("div");
  write_input(h, "who", "text", say("protocol.who"), view.who);
  write_input(h, "date", "date", say("protocol.date"), view.date);
  h.open("div", {{"class", "field"}}).element("label", {{"for", "reason"}}, say("protocol.reason"));
  h.element("textarea", {{"id", "reason"}, {"name", "reason"}, {"rows", "4"}, {"required"}},
            view.reason);
  h.close("div");
  h.open("p", {{"class", "row"}}).element("button", {{"class", "primary"}}, say("protocol.record"));
  h.element("a",
            {{"class", "button"},
             {"href", link(context, fmt::format("/desk/figures/submissions/{}", view.submission))}},
            say("form.cancel"));
  h.close("p").close("form");
}

}  // namespace

std::string protocol_path(std::int64_t submission) {
  return fmt::format("/desk/figures/submissions/{}/protocol", submission);
}

std::string render_protocol_form(const PageContext& context, const ProtocolFormView& view) {
  const Say say(context);
  const std::string title = say("protocol.title");
  Html h;
  write_head(h, {view.report.source, title, say("protocol.lead")});
  open_band(h);
  write_figure_error(h, context, view.error);
  if (view.done) {
    h.element("p", {{"class", "note action"}, {"role", "status"}}, say("protocol.done"));
  }
  if (!view.report.protocol) {
    h.element("p", {{"class", "note"}}, say("protocol.none"));
  } else {
    write_criteria(h, context, view);
    close_band(h);
    open_band(h);
    h.element("h2", say("protocol.form"));
    write_form(h, context, view);
  }
  close_band(h);
  return shell(context, figure_shell(context, title, say("figdesk.title")), h);
}

}  // namespace atalaya::api
