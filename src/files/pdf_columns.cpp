#include "pdf_columns.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include <atalaya/base/text.hpp>

// Columns are parted by a gutter: a strip that no word touches over many lines, with words on both
// sides. Gaps between justified words and gaps behind markers also part words; but the first do not
// stand below one another, and left of the second stand nothing but markers.

namespace atalaya::files {
namespace {

struct Row {
  double top = 0, bottom = 0;
  std::vector<const PdfWord*> words;  // left to right
};

double height_of(const PdfWord& word) {
  return word.bottom - word.top;
}

// Words of one height, whatever column they stand in.
std::vector<Row> find_rows(std::vector<const PdfWord*> words) {
  std::sort(words.begin(), words.end(),
            [](const PdfWord* a, const PdfWord* b) { return a->top < b->top; });
  std::vector<Row> rows;
  for (const PdfWord* word : words) {
    const double middle = (word->top + word->bottom) / 2;
    if (rows.empty() || middle > rows.back().bottom) {
      rows.push_back({.top = word->top, .bottom = word->bottom, .words = {}});
    }
    rows.back().words.push_back(word);
  }
  for (Row& row : rows) {
    std::sort(row.words.begin(), row.words.end(),
              [](const PdfWord* a, const PdfWord* b) { return a->left < b->left; });
  }
  return rows;
}

double body_height(const std::vector<const PdfWord*>& words) {
  std::vector<double> heights;
  for (const PdfWord* word : words) {
    heights.push_back(height_of(*word));
  }
  const auto middle = heights.begin() + static_cast<std::ptrdiff_t>(heights.size() / 2);
  std::nth_element(heights.begin(), middle, heights.end());
  return heights.empty() ? 0 : *middle;
}

// "1.", "•", "(iv)", "g.": nothing that a column of text would hold alone.
bool is_marker(std::string_view text) {
  std::size_t letters = 0;
  for (const char c : text) {
    letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? 1U : 0U;
  }
  return letters == 0 || (letters <= 4 && (text.ends_with('.') || text.ends_with(')')));
}

// One side of a gutter in one row.
struct Side {
  double left = 0, right = 0, top = 0, bottom = 0;
  std::size_t words = 0;
  bool text = false;     // more than a marker
  bool goes_on = false;  // starts in lower case, as a wrapped line does
  bool ends_in_marker = false;
};

std::optional<Side> side_of(const Row& row, double x, bool left) {
  Side side;
  for (const PdfWord* word : row.words) {
    if ((word->left < x) != left) {
      continue;
    }
    if (side.words++ == 0) {
      side = {.left = word->left,
              .right = word->right,
              .top = word->top,
              .bottom = word->bottom,
              .words = 1,
              .goes_on = word->text.front() >= 'a' && word->text.front() <= 'z'};
    }
    side.left = std::min(side.left, word->left);
    side.right = std::max(side.right, word->right);
    side.top = std::min(side.top, word->top);
    side.bottom = std::max(side.bottom, word->bottom);
    side.text = side.text || !is_marker(word->text);
    side.ends_in_marker = is_marker(word->text);
  }
  return side.words > 0 ? std::optional(side) : std::nullopt;
}

struct Gutter {
  double x = 0;
  std::size_t first = 0, last = 0;  // rows
  std::size_t lines = 0;            // on the side that has fewer
  double width = 0;
  double middle = 0;
  bool parts = false;     // is wider than a blank may be
  bool doubtful = false;  // a table's
  bool thin = false;      // no wider than blanks are
};

constexpr std::size_t kLinesMin = 4;
constexpr std::size_t kLinesMinNarrow = 8;
constexpr std::size_t kLinesMinKnown = 2;  // where other pages have a gutter
constexpr double kWide = 1.1;              // of the height of the words
constexpr double kNarrow = 0.45;
// Wider than a blank; those of justified lines do not stand below one another.
constexpr double kThin = 0.32;
constexpr double kBlankMax = 0.7;

// Whether most of these edges are one.
bool share_an_edge(const std::vector<Side>& sides) {
  std::map<long, std::size_t> edges;
  std::size_t most = 0;
  for (const Side& side : sides) {
    const long edge = std::lround(side.left / 3);
    ++edges[edge];
    const auto next = edges.find(edge + 1);
    most = std::max(most, edges[edge] + (next == edges.end() ? 0 : next->second));
  }
  return most * 5 >= sides.size() * 2;
}

// The two sides of a gutter over many rows.
struct Sides {
  std::vector<Side> lefts, rights;
  double edge = 0;        // where the left side ends
  double start = 1e9;     // where the right side starts
  std::size_t level = 0;  // rows whose sides stand at one height

  void add(const Row& row, double x, double height) {
    const auto left = side_of(row, x, true);
    const auto right = side_of(row, x, false);
    if (left) {
      edge = std::max(edge, left->right);
      lefts.push_back(*left);
    }
    if (right) {
      start = std::min(start, right->left);
      rights.push_back(*right);
    }
    const bool both = left && right && left->text;
    level += both && std::abs(left->bottom - right->bottom) < 0.25 * height ? 1U : 0U;
  }

  [[nodiscard]] double overlap() const {
    return std::min(lefts.back().bottom, rights.back().bottom) -
           std::max(lefts.front().top, rights.front().top);
  }

  // What reaches the gutter from the left must be text: markers do where it is the gap behind them.
  [[nodiscard]] bool is_behind_markers(double height) const {
    std::size_t reaching = 0;
    std::size_t markers = 0;
    for (const Side& side : lefts) {
      reaching += side.right > edge - 2 * height ? 1U : 0U;
      markers += side.right > edge - 2 * height && side.ends_in_marker ? 1U : 0U;
    }
    return markers * 2 > reaching;
  }

  // Text that flows fills its lines and goes on in the next; the cells of a table do neither.
  [[nodiscard]] bool flows(std::size_t texts) const {
    double left_edge = 1e9;
    for (const Side& side : lefts) {
      left_edge = std::min(left_edge, side.left);
    }
    std::size_t full = 0;
    std::size_t goes_on = 0;
    for (const Side& side : lefts) {
      full += side.right > edge - 0.3 * (edge - left_edge) && side.words > 1 ? 1U : 0U;
      goes_on += side.goes_on ? 1U : 0U;
    }
    return full * 2 >= texts && goes_on * 3 >= texts;
  }
};

std::size_t count_texts(const std::vector<Side>& sides) {
  return static_cast<std::size_t>(std::ranges::count(sides, true, &Side::text));
}

std::optional<Gutter> judge(const std::vector<Row>& rows, double x, std::size_t first,
                            std::size_t last, double height, bool known) {
  // A line on the left far below (or above) the others stands below the columns, not in one.
  const auto far = [&](std::size_t upper, std::size_t outer) {
    return !side_of(rows[outer], x, false) &&
           rows[upper + 1].top - rows[upper].bottom > 2.5 * height;
  };
  while (last > first && far(last - 1, last)) {
    --last;
  }
  while (first < last && far(first, first)) {
    ++first;
  }
  Sides sides;
  for (std::size_t i = first; i <= last; ++i) {
    sides.add(rows[i], x, height);
  }
  const std::size_t texts = count_texts(sides.lefts);
  Gutter gutter{.x = x,
                .first = first,
                .last = last,
                .lines = std::min(texts, count_texts(sides.rights)),
                .width = sides.start - sides.edge,
                .middle = (sides.start + sides.edge) / 2};
  gutter.parts = gutter.width >= kBlankMax * height;
  gutter.thin = gutter.width < kNarrow * height;
  const bool wide = gutter.width >= kWide * height;
  const std::size_t needed = known ? kLinesMinKnown : wide ? kLinesMin : kLinesMinNarrow;
  if (gutter.width < kThin * height || gutter.lines < needed || sides.is_behind_markers(height) ||
      sides.overlap() < (known ? 0.5 : 2.5) * height || !share_an_edge(sides.rights) ||
      !share_an_edge(sides.lefts)) {
    return std::nullopt;
  }
  gutter.doubtful = gutter.thin || (!known && !sides.flows(texts) && sides.level * 10 >= texts * 6);
  return gutter;
}

// Of two strips the one over clearly more lines, else the wider one; but a strip is wider, too,
// where it leaves out the longest lines of its columns. One as narrow as a blank may be a title's.
bool is_better(const Gutter& found, const Gutter& best) {
  if (found.thin != best.thin) {
    return best.thin;
  }
  const auto holds = [](const Gutter& more, const Gutter& less) {
    return more.parts && more.first <= less.first && more.last >= less.last &&
           more.lines > less.lines;
  };
  if (holds(found, best) || holds(best, found)) {
    return holds(found, best);
  }
  return found.lines * 10 > best.lines * 12 ||
         (found.lines * 12 >= best.lines * 10 && found.width > best.width);
}

std::optional<Gutter> find_gutter(const std::vector<Row>& rows, double height,
                                  const std::vector<double>& known) {
  constexpr std::size_t kTriedMax = 400;
  double left = 1e9;
  double right = 0;
  for (const Row& row : rows) {
    left = std::min(left, row.words.front()->left);
    for (const PdfWord* word : row.words) {
      right = std::max(right, word->right);
    }
  }
  std::optional<Gutter> best;
  const double step = std::max(0.4 * height, (right - left) / static_cast<double>(kTriedMax));
  std::vector<double> places = known;
  for (double x = left + step; places.size() < 2 * kTriedMax && x < right; x += step) {
    places.push_back(x);
  }
  for (std::size_t k = 0; k < places.size(); ++k) {
    const double x = places[k];
    const bool is_known = k < known.size();
    std::size_t first = 0;
    for (std::size_t i = 0; i <= rows.size(); ++i) {
      const bool crossed =
          i == rows.size() ||
          std::any_of(rows[i].words.begin(), rows[i].words.end(),
                      [&](const PdfWord* word) { return word->left < x && word->right > x; });
      if (!crossed) {
        continue;
      }
      if (i >= first + (is_known ? kLinesMinKnown : kLinesMin)) {
        const auto found = judge(rows, x, first, i - 1, height, is_known);
        best = found && (!best || is_better(*found, *best)) ? found : best;
      }
      first = i + 1;
    }
  }
  return best;
}

void split(const std::vector<const PdfWord*>& words, int depth, bool column,
           const std::vector<double>& known, PdfRegions& out) {
  constexpr int kDepthMax = 8;
  constexpr std::size_t kWordsMax = 20'000;  // no page that people read has more
  const std::vector<Row> rows = find_rows(words);
  const double height = body_height(words);
  const bool tried = depth < kDepthMax && height > 0 && words.size() <= kWordsMax;
  const auto gutter =
      tried && rows.size() >= kLinesMinKnown ? find_gutter(rows, height, known) : std::nullopt;
  if (!gutter || gutter->doubtful) {
    out.doubtful = out.doubtful || gutter.has_value();
    if (!words.empty()) {
      out.in_order.push_back({.words = words, .column = column});
    }
    return;
  }
  std::vector<const PdfWord*> above;
  std::vector<const PdfWord*> left;
  std::vector<const PdfWord*> right;
  std::vector<const PdfWord*> below;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const PdfWord* word : rows[i].words) {
      (i < gutter->first        ? above
       : i > gutter->last       ? below
       : word->left < gutter->x ? left
                                : right)
          .push_back(word);
    }
  }
  out.gutters.push_back(gutter->middle);
  split(above, depth + 1, column, known, out);
  split(left, depth + 1, true, known, out);
  split(right, depth + 1, true, known, out);
  split(below, depth + 1, column, known, out);
}

}  // namespace

PdfRegions find_regions(const std::vector<const PdfWord*>& words,
                        const std::vector<double>& known) {
  PdfRegions regions;
  split(words, 0, false, known, regions);
  return regions;
}

}  // namespace atalaya::files
