#include <algorithm>

#include <fmt/format.h>

#include <atalaya/figures/data_charts.hpp>

namespace atalaya::figures {
namespace {

std::string percent(double value) {
  return fmt::format("{:.2f}%", value);
}

void write_dot(Html& h, const Datum& row, double largest) {
  // The ends of the scale stay clear, so that a dot at zero or at the top is whole.
  const auto x = [&](double value) { return percent(2 + 96 * value / largest); };
  h.open("svg", {{"class", "chart"}, {"width", "100%"}, {"height", "20"}, {"aria-hidden", "true"}});
  h.empty("line", {{"class", "grid"}, {"x1", "2%"}, {"x2", "98%"}, {"y1", "10"}, {"y2", "10"}});
  if (row.mark == DatumMark::suppressed) {
    for (int i = 0; i < 24; ++i) {
      const std::string at = percent(2 + 4 * i);
      h.empty("line", {{"class", "hatch"}, {"x1", at}, {"x2", at}, {"y1", "4"}, {"y2", "16"}});
    }
  } else if (row.value) {
    if (row.low && row.high) {
      h.empty("line", {{"class", "whisker"},
                       {"x1", x(*row.low)},
                       {"x2", x(*row.high)},
                       {"y1", "10"},
                       {"y2", "10"}});
    }
    const bool hollow = row.mark == DatumMark::unstable || row.mark == DatumMark::provisional;
    h.empty("circle", {{"class", hollow ? "dot hollow" : "dot"},
                       {"cx", x(*row.value)},
                       {"cy", "10"},
                       {"r", row.chosen ? "6" : "4.5"}});
  }
  h.close("svg");
}

void write_bar(Html& h, std::optional<double> value, double largest, bool leftward) {
  h.open("svg", {{"class", "chart"}, {"width", "100%"}, {"height", "16"}, {"aria-hidden", "true"}});
  if (value) {
    const double share = 100 * std::max(0.0, *value) / largest;
    h.empty("rect", {{"class", leftward ? "b-bar" : "b-bar two"},
                     {"x", percent(leftward ? 100 - share : 0)},
                     {"width", percent(share)},
                     {"height", "16"}});
  } else {
    for (int i = 0; i < 5; ++i) {
      const std::string at = percent(leftward ? 98 - 4 * i : 2 + 4 * i);
      h.empty("line", {{"class", "hatch"}, {"x1", at}, {"x2", at}, {"y1", "2"}, {"y2", "14"}});
    }
  }
  h.close("svg");
}

}  // namespace

Html dot_strip(const DotsSpec& spec) {
  double largest = 0;
  for (const auto& row : spec.rows) {
    largest = std::max({largest, row.value.value_or(0), row.high.value_or(0)});
  }
  largest = largest > 0 ? largest : 1;
  Html h;
  h.open("table", {{"class", "bars dots"}}).open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, spec.label_header);
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.value_header);
  h.open("td", {{"class", "bar-cell"}}).close("td");
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.interval_header);
  h.close("tr").close("thead").open("tbody");
  for (const auto& row : spec.rows) {
    h.open("tr", {attribute_if(row.chosen, "class", "chosen")}).open("th", {{"scope", "row"}});
    if (row.url.empty()) {
      h.text(row.label);
    } else {
      h.element("a", {{"href", row.url}}, row.label);
    }
    h.close("th").open("td", {{"class", "num"}}).text(row.value_text);
    if (!row.note.empty()) {
      h.text(" ").element("span", {{"class", "xs"}}, row.note);
    }
    h.close("td").open("td", {{"class", "bar-cell"}});
    write_dot(h, row, largest);
    h.close("td").element("td", {{"class", "num xs"}}, row.interval_text).close("tr");
  }
  h.close("tbody").close("table");
  return h;
}

Html pyramid(const PyramidSpec& spec) {
  double largest = 0;
  for (const auto& band : spec.bands) {
    largest = std::max({largest, band.left.value_or(0), band.right.value_or(0)});
  }
  largest = largest > 0 ? largest : 1;
  Html h;
  h.open("table", {{"class", "bars pyramid"}}).open("thead").open("tr");
  h.element("th", {{"scope", "col"}}, spec.label_header);
  h.element("th", {{"scope", "col"}, {"class", "num"}}, spec.left_header);
  h.open("td").close("td").open("td").close("td");
  h.element("th", {{"scope", "col"}}, spec.right_header);
  h.close("tr").close("thead").open("tbody");
  for (const auto& band : spec.bands) {
    h.open("tr").element("th", {{"scope", "row"}}, band.label);
    h.element("td", {{"class", "num"}}, band.left_text);
    h.open("td", {{"class", "half left"}});
    write_bar(h, band.left, largest, true);
    h.close("td").open("td", {{"class", "half"}});
    write_bar(h, band.right, largest, false);
    h.close("td").element("td", band.right_text).close("tr");
  }
  h.close("tbody").close("table");
  return h;
}

}  // namespace atalaya::figures
