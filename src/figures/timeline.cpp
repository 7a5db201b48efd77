// The antecedents of a commitment as a drawing in time.
//
// Problem: some ten texts between 1994 and 2025, related to one text, must be readable as "this
// came from that" without crossing lines, at any width from 1086 px, in four languages.
// Idea: one chain of relations through the page's own commitment is the main row; every other text
// hangs on a row above it, its link leaving upwards from the text that it relates to. Rows are
// filled greedily, nearest texts first, so a link only ever passes over rows that end before it:
// as long as all links touch the main row (which is how antecedents are confirmed), none cross.
// x is a percentage of the width; text widths are estimated at the smallest width that is drawn.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>

#include <fmt/format.h>

#include <atalaya/figures/charts.hpp>
#include <atalaya/figures/messages.hpp>

namespace atalaya::figures {
namespace {

constexpr double kWidthLeast = 1086;  // px, of the container at the width where drawing begins
constexpr double kPlotBegin = 1.2;    // percent
constexpr double kPlotEnd = 89.0;     // the last label needs room to its right
constexpr double kCharacter = 6.9;    // px of an average letter at 14 px
constexpr double kLine = 17;          // px between lines of a label
constexpr double kHeader = 44;
constexpr double kRadius = 9;
constexpr std::size_t kNodesMax = 16;
constexpr std::size_t kLabelLinesMax = 4;
constexpr double kLinkMargin = 20;  // px of a link that its word leaves free

std::string percent(double value) {
  return fmt::format("{:.2f}%", value);
}

std::string px(double value) {
  return fmt::format("{:g}", std::round(value * 10) / 10);
}

struct Placed {
  const TimelineNode* node = nullptr;
  double x = 0;  // percent
  std::int32_t row = -1;
  std::vector<std::string> label;
  bool link_word_in_label = false;
};

struct Drawn {
  const TimelineLink* link = nullptr;
  std::size_t earlier = 0, later = 0;  // indexes of Placed
  std::int32_t row = 0;                // the row of the horizontal part
  double leave = 0, arrive = 0;        // px that its upright part stands beside the text's middle
};

struct Layout {
  std::vector<Placed> nodes;  // by year
  std::vector<Drawn> links;
  std::vector<double> row_y;
  double height = 0;
};

double to_px(double x) {
  return x * kWidthLeast / 100;
}

std::size_t letters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::vector<std::string> wrap(std::string_view text, double width) {
  const auto most = static_cast<std::size_t>(std::max(10.0, width / kCharacter));
  std::vector<std::string> lines(1);
  for (const auto word : split(text, ' ')) {
    if (!lines.back().empty() && letters(lines.back()) + 1 + letters(word) > most) {
      if (lines.size() == kLabelLinesMax) {
        lines.back() += "…";
        return lines;
      }
      lines.emplace_back();
    }
    lines.back().append(lines.back().empty() ? "" : " ").append(word);
  }
  return lines;
}

std::int32_t rank_of(std::string_view type) {
  constexpr std::array<std::string_view, 6> kOrder = {"strengthens", "supersedes", "restates",
                                                      "fulfils",     "weakens",    "reports_on"};
  return static_cast<std::int32_t>(std::ranges::find(kOrder, type) - kOrder.begin());
}

class Planner {
 public:
  explicit Planner(const TimelineSpec& spec) : spec_(spec) {}

  Layout plan() {
    place_nodes();
    choose_main_row();
    place_branches();
    fan_out(&Drawn::earlier, &Drawn::leave, 1);
    fan_out(&Drawn::later, &Drawn::arrive, -1);
    wrap_labels();
    measure();
    return std::move(layout_);
  }

 private:
  struct Interval {
    double begin, end;
  };

  void place_nodes() {
    for (const auto& node : spec_.nodes) {
      Placed placed;
      placed.node = &node;
      const double share = (node.year - spec_.year_begin) / (spec_.year_end - spec_.year_begin);
      placed.x = kPlotBegin + std::clamp(share, 0.0, 1.0) * (kPlotEnd - kPlotBegin);
      layout_.nodes.push_back(std::move(placed));
    }
    std::ranges::stable_sort(layout_.nodes, {}, [](const Placed& p) { return p.node->year; });
    std::map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < layout_.nodes.size(); ++i) {
      index.emplace(layout_.nodes[i].node->id, i);
    }
    for (const auto& link : spec_.links) {
      const auto earlier = index.find(link.earlier);
      const auto later = index.find(link.later);
      if (earlier != index.end() && later != index.end() && earlier->second < later->second) {
        layout_.links.push_back({&link, earlier->second, later->second, 0});
      }
    }
    std::ranges::stable_sort(layout_.links, {},
                             [](const Drawn& drawn) { return drawn.later - drawn.earlier; });
  }

  // The best link that leads on from `at` in one direction; main links are marked by their rows.
  std::optional<std::size_t> step(std::size_t at, bool forward) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < layout_.links.size(); ++i) {
      const auto& drawn = layout_.links[i];
      if ((forward ? drawn.earlier : drawn.later) != at) {
        continue;
      }
      if (!best || rank_of(drawn.link->type) < rank_of(layout_.links[*best].link->type)) {
        best = i;
      }
    }
    return best;
  }

  void choose_main_row() {
    done_.assign(layout_.links.size(), false);
    for (std::size_t i = 0; i < layout_.nodes.size(); ++i) {
      if (!layout_.nodes[i].node->here) {
        continue;
      }
      layout_.nodes[i].row = 0;
      for (const bool forward : {false, true}) {
        std::size_t at = i;
        while (const auto next = step(at, forward)) {
          done_[*next] = true;
          at = forward ? layout_.links[*next].later : layout_.links[*next].earlier;
          layout_.nodes[at].row = 0;
        }
      }
      return;
    }
  }

  std::int32_t free_row(double begin, double end) {
    for (std::size_t row = 1;; ++row) {
      if (rows_.size() <= row) {
        rows_.resize(row + 1);
      }
      const bool taken = std::ranges::any_of(rows_[row], [&](const Interval& other) {
        return begin + 8 < other.end && other.begin + 8 < end;
      });
      if (!taken) {
        rows_[row].push_back({begin, end});
        return static_cast<std::int32_t>(row);
      }
    }
  }

  void place_branches() {
    constexpr double kLabelWidth = 150;
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t i = 0; i < layout_.links.size(); ++i) {
        auto& drawn = layout_.links[i];
        auto& earlier = layout_.nodes[drawn.earlier];
        auto& later = layout_.nodes[drawn.later];
        if (done_[i] || (earlier.row < 0 && later.row < 0)) {
          continue;
        }
        // Room for the label of whichever end is new; a bridge between two placed texts needs none.
        const double label = later.row < 0 ? kLabelWidth : 0;
        drawn.row = free_row(to_px(earlier.x), to_px(later.x) + label);
        earlier.row = earlier.row < 0 ? drawn.row : earlier.row;
        later.row = later.row < 0 ? drawn.row : later.row;
        done_[i] = true;
        moved = true;
      }
    }
    for (auto& node : layout_.nodes) {
      if (node.row < 0) {
        node.row = free_row(to_px(node.x), to_px(node.x) + kLabelWidth);
      }
    }
  }

  // Links that rise from (or fall to) one text stand side by side, the highest nearest to the
  // text's middle, so that no upright part runs over another or through a level one.
  void fan_out(std::size_t Drawn::* end, double Drawn::* shift, double side) {
    constexpr double kSpread = 9;
    std::map<std::size_t, std::vector<Drawn*>> by_node;
    for (auto& drawn : layout_.links) {
      if (drawn.row > layout_.nodes[drawn.*end].row) {
        by_node[drawn.*end].push_back(&drawn);
      }
    }
    for (auto& [node, group] : by_node) {
      std::ranges::stable_sort(group, std::ranges::greater(), &Drawn::row);
      const double step = std::min(4.0, kSpread / static_cast<double>(group.size()));
      for (std::size_t i = 0; i < group.size(); ++i) {
        group[i]->*shift = side * step * (static_cast<double>(i) + 0.5);
      }
    }
  }

  // A label runs to the next text on its row, or to a link that comes down to the main row.
  double room(const Placed& placed) const {
    double end = to_px(100);
    for (const auto& other : layout_.nodes) {
      if (other.x > placed.x && (other.row == placed.row || (placed.row > 0 && other.row == 0))) {
        end = std::min(end, to_px(other.x));
      }
    }
    return std::clamp(end - to_px(placed.x) - 6, 84.0, 170.0);
  }

  void wrap_labels() {
    for (auto& placed : layout_.nodes) {
      placed.label = wrap(placed.node->title, room(placed));
    }
    for (const auto& drawn : layout_.links) {
      const double length =
          to_px(layout_.nodes[drawn.later].x) - to_px(layout_.nodes[drawn.earlier].x);
      if (length >= static_cast<double>(letters(drawn.link->label)) * kCharacter + kLinkMargin) {
        continue;
      }
      // Too short a line to carry its word: the text at its free end says it instead.
      auto& later = layout_.nodes[drawn.later];
      auto& at = later.node->here ? layout_.nodes[drawn.earlier] : later;
      at.label.insert(at.label.begin(), drawn.link->label + ":");
      at.link_word_in_label = true;
    }
  }

  void measure() {
    std::int32_t rows = 0;
    for (const auto& placed : layout_.nodes) {
      rows = std::max(rows, placed.row);
    }
    for (const auto& drawn : layout_.links) {
      rows = std::max(rows, drawn.row);
    }
    std::vector<std::size_t> lines(static_cast<std::size_t>(rows) + 1, 0);
    for (const auto& placed : layout_.nodes) {
      auto& most = lines[static_cast<std::size_t>(placed.row)];
      most = std::max(most, placed.label.size() + placed.node->names.size());
    }
    layout_.row_y.assign(lines.size(), 0);
    double y = kHeader + 32;
    for (std::size_t row = lines.size(); row-- > 0;) {
      layout_.row_y[row] = y;
      y += 40 + kLine * static_cast<double>(lines[row]);
    }
    layout_.height = y;
  }

  const TimelineSpec& spec_;
  Layout layout_;
  std::vector<bool> done_;
  std::vector<std::vector<Interval>> rows_;
};

double y_of(const Layout& layout, std::int32_t row) {
  return layout.row_y[static_cast<std::size_t>(row)];
}

bool has_word(const Layout& layout, const Drawn& drawn) {
  const double length = to_px(layout.nodes[drawn.later].x) - to_px(layout.nodes[drawn.earlier].x);
  return length >= static_cast<double>(letters(drawn.link->label)) * kCharacter + kLinkMargin;
}

// A nested drawing from one text to the other: its own 100 % is the later one, which lets the
// parts that must not stretch (corner, arrow) stand at either end in pixels.
void write_link(Html& h, const Layout& layout, const Drawn& drawn) {
  const auto& earlier = layout.nodes[drawn.earlier];
  const auto& later = layout.nodes[drawn.later];
  const double y = y_of(layout, drawn.row);
  const double rise = y_of(layout, earlier.row) - y;
  const double fall = y_of(layout, later.row) - y;
  const std::string line_class = "l-" + drawn.link->type;
  const std::string arrow_class = "a-" + drawn.link->type;
  h.open("svg", {{"x", percent(earlier.x)},
                 {"y", px(y)},
                 {"width", percent(later.x - earlier.x)},
                 {"height", "1"},
                 {"overflow", "visible"}});
  const double begin = rise > 0 ? drawn.leave + 12 : kRadius;
  const double end = fall > 0 ? 12 - drawn.arrive : kRadius + 8;
  if (rise > 0) {
    h.empty("path", {{"class", line_class},
                     {"d", fmt::format("M{0} {1}V12Q{0} 0 {2} 0", px(drawn.leave),
                                       px(rise - kRadius + 2), px(drawn.leave + 12))}});
  }
  h.empty("line", {{"class", line_class},
                   {"x1", px(begin + end)},
                   {"x2", "100%"},
                   {"transform", fmt::format("translate(-{} 0)", px(end))}});
  h.open("svg", {{"x", "100%"}, {"overflow", "visible"}, {"width", "1"}, {"height", "1"}});
  if (fall > 0) {
    h.empty("path", {{"class", line_class},
                     {"d", fmt::format("M{0} 0Q{1} 0 {1} 12V{2}", px(drawn.arrive - 12),
                                       px(drawn.arrive), px(fall - kRadius - 8))}});
    h.empty("path",
            {{"class", arrow_class},
             {"d", fmt::format("M{} {}h8l-4 9z", px(drawn.arrive - 4), px(fall - kRadius - 10))}});
  } else {
    h.empty("path", {{"class", arrow_class}, {"d", "M-19-5V5L-10 0z"}});
  }
  h.close("svg");
  if (has_word(layout, drawn)) {
    h.element("text", {{"class", "on-paper"}, {"x", "50%"}, {"y", "-8"}, {"text-anchor", "middle"}},
              drawn.link->label);
  }
  h.close("svg");
}

void write_label_line(Html& h, std::string_view css, double x, double y, std::string_view text) {
  h.element("text", {{"class", css}, {"x", percent(x)}, {"dx", "-8"}, {"y", px(y)}},
            std::string(text) + " ");
}

void write_node(Html& h, const TimelineSpec& spec, const Layout& layout, const Placed& placed,
                std::string_view name) {
  const auto& node = *placed.node;
  const double y = y_of(layout, placed.row);
  const std::string label(name);
  if (node.here || node.url.empty()) {
    h.open("g", {{"role", "img"}, {"aria-label", label}});
  } else {
    h.open("a", {{"href", node.url}, {"aria-label", label}});
  }
  h.empty("circle", {{"class", node.here ? "n-here" : "n-node"},
                     {"cx", percent(placed.x)},
                     {"cy", px(y)},
                     {"r", node.here ? "10" : "7.5"}});
  double line_y = y + 28;
  for (std::size_t i = 0; i < placed.label.size(); ++i) {
    const bool word = i == 0 && placed.link_word_in_label;
    write_label_line(h,
                     word        ? "on-paper"
                     : node.here ? "on-paper strong"
                                 : "on-paper ink",
                     placed.x, line_y, placed.label[i]);
    line_y += kLine;
  }
  for (const auto& treaty : node.names) {
    h.open("svg", {{"x", percent(placed.x)},
                   {"y", px(line_y)},
                   {"overflow", "visible"},
                   {"width", "1"},
                   {"height", "1"}});
    h.empty("rect",
            {{"class", "t-force"}, {"x", "-7"}, {"y", "-9"}, {"width", "7"}, {"height", "7"}});
    h.element("text", {{"class", "on-paper"}, {"x", "6"}, {"y", "-1"}},
              Messages::embedded().text(spec.language, "timeline.names", {{"name", treaty}}));
    h.close("svg");
    line_y += kLine;
  }
  h.close();
}

// Years over the texts; where two stand too near for two labels, they lean away.
void write_years(Html& h, const Layout& layout, double bottom) {
  std::vector<const Placed*> columns;
  for (const auto& placed : layout.nodes) {
    if (columns.empty() || placed.x - columns.back()->x > 0.2) {
      columns.push_back(&placed);
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& placed = *columns[i];
    const double left = i == 0 ? 200 : to_px(placed.x - columns[i - 1]->x);
    const double right = i + 1 == columns.size() ? 120 : to_px(columns[i + 1]->x - placed.x);
    const bool lean_left = right < 36 && left > 70;
    h.empty("line", {{"class", "grid"},
                     {"x1", percent(placed.x)},
                     {"x2", percent(placed.x)},
                     {"y1", px(kHeader)},
                     {"y2", px(bottom)}});
    const std::string_view anchor = lean_left ? "end" : "start";
    const std::string_view shift = lean_left ? "8" : "-8";
    h.element("text",
              {{"class", "strong"},
               {"x", percent(placed.x)},
               {"dx", shift},
               {"y", "14"},
               {"text-anchor", anchor}},
              fmt::format("{}", static_cast<std::int32_t>(placed.node->year)));
    const double place_width = static_cast<double>(letters(placed.node->place)) * kCharacter;
    if (place_width < (lean_left ? left - 70 : right - 4)) {
      h.element("text",
                {{"x", percent(placed.x)}, {"dx", shift}, {"y", "32"}, {"text-anchor", anchor}},
                placed.node->place);
    }
  }
}

double treaty_x(const TimelineSpec& spec, double year) {
  const double share = (year - spec.year_begin) / (spec.year_end - spec.year_begin);
  return kPlotBegin + std::clamp(share, 0.0, 1.0) * (kPlotEnd - kPlotBegin);
}

void write_square(Html& h, std::string_view css, double x, double y) {
  h.open(
      "svg",
      {{"x", percent(x)}, {"y", px(y)}, {"overflow", "visible"}, {"width", "1"}, {"height", "1"}});
  h.empty("rect", {{"class", css}, {"x", "-5"}, {"y", "-5"}, {"width", "10"}, {"height", "10"}});
  h.close("svg");
}

// Returns the y below the lane.
double write_treaties(Html& h, const TimelineSpec& spec, double y) {
  if (spec.treaties.empty()) {
    return y;
  }
  h.element("text", {{"x", "0.5%"}, {"y", px(y + 6)}},
            Messages::embedded().text(spec.language, "timeline.treaties"));
  std::vector<double> row_ends;
  for (const auto& treaty : spec.treaties) {
    const double begin = treaty_x(spec, treaty.adopted);
    const double end = treaty.in_force > 0 ? treaty_x(spec, treaty.in_force) : begin;
    const std::string label =
        treaty.adopted < spec.year_begin
            ? fmt::format("{} ({})", treaty.name, static_cast<std::int32_t>(treaty.adopted))
            : treaty.name;
    const double right = to_px(end) + 14 + static_cast<double>(letters(label)) * kCharacter;
    const auto row =
        std::ranges::find_if(row_ends, [&](double taken) { return taken + 12 < to_px(begin); });
    const auto index = static_cast<std::size_t>(row - row_ends.begin());
    if (row == row_ends.end()) {
      row_ends.push_back(right);
    } else {
      *row = right;
    }
    const double at = y + 30 + 24 * static_cast<double>(index);
    h.open("g");
    h.empty("line", {{"class", "t-line"},
                     {"x1", percent(begin)},
                     {"x2", percent(end)},
                     {"y1", px(at)},
                     {"y2", px(at)}});
    write_square(h, "t-adopted", begin, at);
    if (treaty.in_force > 0) {
      write_square(h, "t-force", end, at);
    }
    h.element("text", {{"class", "on-paper"}, {"x", percent(end)}, {"dx", "12"}, {"y", px(at + 5)}},
              label);
    h.close("g");
  }
  return y + 30 + 24 * static_cast<double>(row_ends.size());
}

// "strengthens 1998: Ratify the convention", for each text that this one relates to.
std::vector<std::string> relations_of(const TimelineSpec& spec, const TimelineNode& node) {
  std::vector<std::string> all;
  for (const auto& link : spec.links) {
    if (link.later != node.id) {
      continue;
    }
    const auto other = std::ranges::find(spec.nodes, link.earlier, &TimelineNode::id);
    if (other != spec.nodes.end()) {
      all.push_back(fmt::format("{} {}: {}", link.label, static_cast<std::int32_t>(other->year),
                                other->title));
    }
  }
  return all;
}

// Begins with the very words that are drawn, so that a person who speaks to the browser can say
// what they see (WCAG 2.5.3).
std::string node_name(const TimelineSpec& spec, const Placed& placed) {
  const auto& node = *placed.node;
  std::string name;
  for (const auto& line : placed.label) {
    name += line + " ";
  }
  for (const auto& treaty : node.names) {
    name += Messages::embedded().text(spec.language, "timeline.names", {{"name", treaty}}) + " ";
  }
  name += fmt::format("({})", static_cast<std::int32_t>(node.year));
  for (const auto& relation : relations_of(spec, node)) {
    name += "; " + relation;
  }
  return name;
}

Html drawing(const TimelineSpec& spec) {
  const Layout layout = Planner(spec).plan();
  Html inner;
  const double bottom = write_treaties(inner, spec, layout.height);
  Html h;
  h.open("svg", {{"class", "chart timeline-drawn"},
                 {"width", "100%"},
                 {"height", px(bottom + 8)},
                 {"role", "group"},
                 {"aria-label", Messages::embedded().text(spec.language, "timeline.label")}});
  write_years(h, layout, bottom);
  for (const auto& drawn : layout.links) {
    write_link(h, layout, drawn);
  }
  for (const auto& placed : layout.nodes) {
    write_node(h, spec, layout, placed, node_name(spec, placed));
  }
  h.append(inner).close("svg");
  return h;
}

Html as_list(const TimelineSpec& spec, const std::vector<const TimelineNode*>& order, bool behind) {
  const auto& messages = Messages::embedded();
  Html h;
  h.open("ol", {{"class", behind ? "timeline-list behind" : "timeline-list"}});
  for (const auto* node : order) {
    h.open("li", {attribute_if(node->here, "class", "here")});
    h.element("span", {{"class", "meta"}}, node->meeting);
    if (node->here || node->url.empty()) {
      h.element("b", node->title);
      h.text(" ").element("span", {{"class", "meta"}},
                          messages.text(spec.language, "timeline.here"));
    } else {
      h.element("a", {{"href", node->url}}, node->title);
    }
    for (const auto& relation : relations_of(spec, *node)) {
      h.element("span", {{"class", "meta"}}, relation);
    }
    for (const auto& treaty : node->names) {
      h.element("span", {{"class", "meta"}},
                messages.text(spec.language, "timeline.names", {{"name", treaty}}));
    }
    h.close("li");
  }
  h.close("ol");
  return h;
}

Html as_table(const TimelineSpec& spec, const std::vector<const TimelineNode*>& order) {
  const auto& messages = Messages::embedded();
  const std::array<std::string, 3> heads = {messages.text(spec.language, "timeline.when"),
                                            messages.text(spec.language, "timeline.text"),
                                            messages.text(spec.language, "timeline.relation")};
  Html h;
  h.open("table", {{"class", "stacks"}}).open("thead").open("tr");
  for (const auto& head : heads) {
    h.element("th", {{"scope", "col"}}, head);
  }
  h.close("tr").close("thead").open("tbody");
  for (const auto* node : order) {
    h.open("tr").element("td", {{"data-l", heads[0]}}, node->meeting);
    h.element("td", {{"data-l", heads[1]}}, node->title);
    h.open("td", {{"data-l", heads[2]}});
    std::string_view separator;
    for (const auto& relation : relations_of(spec, *node)) {
      h.text(separator).text(relation);
      separator = "; ";
    }
    h.close("td").close("tr");
  }
  h.close("tbody").close("table");
  return h;
}

}  // namespace

Chart timeline(const TimelineSpec& spec) {
  std::vector<const TimelineNode*> order;
  for (const auto& node : spec.nodes) {
    order.push_back(&node);
  }
  std::ranges::stable_sort(order, {}, [](const TimelineNode* node) { return node->year; });
  Chart chart;
  const bool drawn = spec.nodes.size() <= kNodesMax;
  if (drawn) {
    chart.view.append(drawing(spec));
  }
  chart.view.append(as_list(spec, order, drawn));
  chart.table = as_table(spec, order);
  return chart;
}

}  // namespace atalaya::figures
