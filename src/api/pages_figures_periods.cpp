// What a page says of figures that are not all of their period or not all that there was, and of
// series of other sources.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <ranges>

#include <fmt/format.h>

#include <atalaya/figures/locale.hpp>
#include <atalaya/observatory/codelists_rules.hpp>

#include "pages_figures.hpp"

namespace atalaya::api {

using observatory::Cell;
using observatory::CellStatus;

namespace {

std::string whole(const PageContext& context, const Cell& cell) {
  const auto text = [&](double n) { return figures::number(context.language, std::llround(n)); };
  return text(*cell.count) + (cell.count_high ? "–" + text(*cell.count_high) : "");
}

}  // namespace

std::string bound_text(const PageContext& context, const Cell& cell) {
  const bool is_bound = cell.status == CellStatus::masked ||
                        cell.status == CellStatus::incomplete ||
                        (cell.count_high.has_value() && cell.status != CellStatus::suppressed);
  return is_bound ? Say(context)("figures.lower_bound") : std::string();
}

std::string sent_text(const PageContext& context, std::string_view sent) {
  std::vector<std::string> spans;
  for (const auto part : std::views::split(sent, std::string_view(", "))) {
    const std::string span(std::string_view(part.begin(), part.end()));
    // "2025-01/2025-03" is January to March of one year.
    const bool one_year = span.size() == 15 && span.substr(0, 4) == span.substr(8, 4);
    const auto month = one_year ? std::atoi(span.substr(5, 2).c_str()) : 0;
    spans.push_back(month >= 1 && month <= 12
                        ? fmt::format("{}–{}", figures::month_name(context.language, month),
                                      figures::edtf(context.language, span.substr(8)))
                        : figures::edtf(context.language, span));
  }
  return figures::list(context.language, spans);
}

std::string period_name(const PageContext& context, const FigureBase& base,
                        const std::vector<Cell>& cells, std::string_view code) {
  const auto at = std::ranges::find_if(cells, [&](const Cell& cell) {
    const bool is_fixed = std::ranges::none_of(cell.codes, [](const std::string& own) {
      return observatory::parse_period(own).has_value();
    });
    return !cell.sent.empty() &&
           (is_fixed || std::ranges::find(cell.codes, code) != cell.codes.end());
  });
  return at == cells.end() ? code_name(context, base, "period", code)
                           : sent_text(context, at->sent);
}

std::string years_text(const std::vector<std::string>& years) {
  std::string out;
  for (std::size_t i = 0; i < years.size();) {
    std::size_t last = i;
    while (last + 1 < years.size() && years[last + 1].size() == 4 &&
           std::atoi(years[last + 1].c_str()) == std::atoi(years[last].c_str()) + 1) {
      ++last;
    }
    out += (out.empty() ? "" : ", ") + years[i] + (last > i ? "–" + years[last] : "");
    i = last + 1;
  }
  return out;
}

void write_beside(Html& h, const PageContext& context, const FigureSlice& slice) {
  const Say say(context);
  const auto& indicator = *slice.table.indicator;
  for (const auto& cell : slice.partly) {
    const bool is_drawn =
        std::ranges::find(slice.table.cells, cell.codes, &Cell::codes) != slice.table.cells.end();
    if (is_drawn || !cell.count) {
      continue;
    }
    const std::string rate = cell.rate && shown(indicator, cell)
                                 ? " (" + shown_text(context, indicator, cell) + ")"
                                 : std::string();
    h.element("p", {{"class", "note"}},
              say("figures.partly_sent", {{"months", sent_text(context, cell.sent)},
                                          {"n", whole(context, cell)},
                                          {"rate", rate}}));
  }
  for (const auto& other : slice.others) {
    h.open("p", {{"class", "note"}});
    h.text(say("figures.other_series",
               {{"sources", figures::list(context.language, other.held.sources)},
                {"years", years_text(other.periods)}}));
    h.text(" ").element("a", {{"href", link(context, explorer_path(other.held))}},
                        say("figures.link.explorer"));
    h.close("p");
  }
}

}  // namespace atalaya::api
