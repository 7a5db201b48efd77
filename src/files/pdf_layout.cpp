#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <atalaya/base/text.hpp>
#include <atalaya/files/limits.hpp>

#include "blocks.hpp"
#include "pdf_columns.hpp"
#include "pdf_words.hpp"

// A pdf has words at places and nothing else. Words that overlap vertically are a line. A line
// continues the paragraph of the line above when that one had no room left for its first word,
// when it follows at the usual distance, in the same size of type, and starts with no marker.
// Page numbers and running heads are dropped, footnotes go to the end of the text, so that a
// paragraph that a page break cuts is whole again. A distance clearly wider than the usual one
// between paragraphs becomes two empty lines, as sections are set apart in the plain-text pages.
//
// Columns are read one after the other, as if each were a page (pdf_columns.hpp).

namespace atalaya::files {
namespace {

struct TextLine {
  std::int32_t page = 0;
  double left = 0, top = 0, right = 0, bottom = 0;
  double size = 0;
  double first_word_width = 0;
  double second_left = 0;  // where the text after a marker starts
  double limit = 0;        // where full lines of its column end; 0: the page's margin
  std::string text;
  bool dropped = false;
  bool footnote = false;

  [[nodiscard]] double height() const { return bottom - top; }
};

struct Measures {
  double body_size = 10;
  double pitch = 12;        // from line to line inside a paragraph
  double right_margin = 0;  // where full lines end
  double left_margin = 0;
  double paragraph_gap = 0;  // most frequent distance from line to line between paragraphs
};

// A level of lists: markers stand at `left`, their text at `body`.
struct ListLevel {
  double left = 0;
  double body = 0;
  bool numbered = false;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_small_letter(char c) {
  return c >= 'a' && c <= 'z';
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  return values[at];
}

// A label or bullet and a blank at the start; see the parser of commitments for what it makes of
// them. Here it only says that a new paragraph starts.
bool starts_with_marker(std::string_view text) {
  for (const std::string_view bullet : {"•", "·", "●", "▪", "■", "◦", "○", "‣", "➢", "►", "✓", "✔",
                                        "-", "–", "*", "?", "\uF0B7", "\uF0A7", "\uF0FC"}) {
    if (text.starts_with(bullet) && text.substr(bullet.size()).starts_with(' ')) {
      return true;
    }
  }
  std::size_t i = text.starts_with('(') || text.starts_with('[') ? 1 : 0;
  const std::size_t begin = i;
  bool decimal = false;
  while (i < text.size() && is_digit(text[i])) {
    ++i;
  }
  if (i - begin >= 1 && i - begin <= 3) {
    while (i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1])) {
      decimal = true;
      for (++i; i < text.size() && is_digit(text[i]);) {
        ++i;
      }
    }
  } else if (i == begin) {
    while (i < text.size() && i - begin < 6 &&
           (is_small_letter(text[i]) || (text[i] >= 'A' && text[i] <= 'Z'))) {
      ++i;
    }
    const std::string_view letters = text.substr(begin, i - begin);
    const bool roman = letters.find_first_not_of("ivxlIVXL") == std::string_view::npos;
    if (letters.empty() || (letters.size() > 1 && !roman)) {
      return false;
    }
  } else {
    return false;
  }
  const std::size_t label = i;
  while (i < text.size() &&
         (text[i] == '.' || text[i] == ')' || text[i] == ']' || text[i] == '-')) {
    ++i;
  }
  if (i == label && decimal && begin == 0) {
    // "6.1 Adopt" is a label; "5.8 homicides" is a number that starts a wrapped line.
    return i + 1 < text.size() && text[i] == ' ' && text[i + 1] >= 'A' && text[i + 1] <= 'Z';
  }
  return i > label && i < text.size() && text[i] == ' ';
}

bool starts_lower(std::string_view text) {
  return !text.empty() && is_small_letter(text.front());
}

bool ends_sentence(std::string_view text) {
  return !text.empty() && std::string_view(".;:!?").find(text.back()) != std::string_view::npos;
}

bool is_all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// Joins the words of one line, left to right; raised small digits become superscript characters.
TextLine make_line(std::vector<const PdfWord*>& words) {
  std::sort(words.begin(), words.end(),
            [](const PdfWord* a, const PdfWord* b) { return a->left < b->left; });
  TextLine line;
  line.page = words.front()->page;
  line.left = words.front()->left;
  line.first_word_width = words.front()->right - words.front()->left;
  line.second_left = words.size() > 1 ? words[1]->left : line.left;
  line.top = 1e9;
  std::map<int, std::size_t> sizes;  // letters by size in tenths of a point
  for (const PdfWord* word : words) {
    const double size = word->size > 0 ? word->size : (word->bottom - word->top) * 0.8;
    sizes[static_cast<int>(std::lround(size * 10))] += word->text.size();
  }
  const auto most = std::max_element(
      sizes.begin(), sizes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  line.size = most->first / 10.0;
  double middle = 0;
  std::size_t letters = 0;
  for (const PdfWord* word : words) {
    middle += (word->top + word->bottom) / 2 * static_cast<double>(word->text.size());
    letters += word->text.size();
  }
  middle /= static_cast<double>(std::max<std::size_t>(letters, 1));
  const PdfWord* before = nullptr;
  for (const PdfWord* word : words) {
    if (before != nullptr) {
      const double gap = word->left - before->right;
      if (before->space_after || gap > 0.2 * line.size) {
        line.text += ' ';
      }
    }
    const double size = word->size > 0 ? word->size : line.size;
    const bool raised = size < 0.85 * line.size && is_all_digits(word->text) &&
                        (word->top + word->bottom) / 2 < middle;
    line.text += raised ? superscript(word->text) : word->text;
    line.right = std::max(line.right, word->right);
    line.top = std::min(line.top, word->top);
    line.bottom = std::max(line.bottom, word->bottom);
    before = word;
  }
  line.text = std::string(trim(line.text));
  return line;
}

std::vector<TextLine> lines_of_page(std::vector<const PdfWord*> words) {
  struct Open {
    double top = 0, bottom = 0;
    std::vector<const PdfWord*> words;
  };

  constexpr std::size_t kOpenLinesMax = 12;  // how far above a word its line may have started
  std::sort(words.begin(), words.end(),
            [](const PdfWord* a, const PdfWord* b) { return a->top < b->top; });
  std::vector<Open> open;
  for (const PdfWord* word : words) {
    Open* target = nullptr;
    for (std::size_t k = open.size(); k > 0 && open.size() - k < kOpenLinesMax; --k) {
      Open& line = open[k - 1];
      const double overlap = std::min(line.bottom, word->bottom) - std::max(line.top, word->top);
      const double smaller = std::min(line.bottom - line.top, word->bottom - word->top);
      if (overlap > 0.5 * smaller) {
        target = &line;
        break;
      }
    }
    if (target == nullptr) {
      open.push_back({.top = word->top, .bottom = word->bottom, .words = {}});
      target = &open.back();
    } else if (word->bottom - word->top > target->bottom - target->top) {
      target->top = word->top;  // the tallest word stands for the line
      target->bottom = word->bottom;
    }
    target->words.push_back(word);
  }
  std::vector<TextLine> lines;
  for (Open& line : open) {
    lines.push_back(make_line(line.words));
  }
  std::sort(lines.begin(), lines.end(),
            [](const TextLine& a, const TextLine& b) { return a.top < b.top; });
  return lines;
}

constexpr std::int32_t kRegionsMax = 1024;  // of a page

// How far `column` stands right of `first`, both read from left to right: as their right margins
// do, and so that most lines of the one start where lines of the other do.
double shift_between(const std::vector<TextLine>& first, const std::vector<TextLine>& column) {
  constexpr double kSlack = 2;
  constexpr std::size_t kSampled = 60;
  const auto edges = [=](const std::vector<TextLine>& lines, double TextLine::* edge) {
    std::vector<double> out;
    for (std::size_t i = 0; i < std::min(lines.size(), kSampled); ++i) {
      out.push_back(lines[i].*edge);
    }
    return out;
  };
  const std::vector<double> ours = edges(column, &TextLine::left);
  std::vector<double> theirs = edges(first, &TextLine::left);
  const double right = percentile(edges(column, &TextLine::right), 0.97) -
                       percentile(edges(first, &TextLine::right), 0.97);
  double shift = percentile(ours, 0.05) - percentile(theirs, 0.05);
  const double width = percentile(edges(first, &TextLine::right), 0.97) - percentile(theirs, 0.05);
  std::sort(theirs.begin(), theirs.end());
  theirs.erase(std::unique(theirs.begin(), theirs.end(),
                           [](double a, double b) { return std::abs(a - b) < kSlack; }),
               theirs.end());
  std::ptrdiff_t most = 0;
  for (const double from : ours) {
    for (const double to : theirs) {
      const double tried = from - to;
      if (std::abs(tried - right) > 0.08 * width) {
        continue;
      }
      const auto same = std::count_if(ours.begin(), ours.end(), [&](double edge) {
        const auto at = std::lower_bound(theirs.begin(), theirs.end(), edge - tried - kSlack);
        return at != theirs.end() && *at < edge - tried + kSlack;
      });
      if (same > most ||
          (same == most && std::abs(tried - right) < std::abs(shift - right))) {
        most = same;
        shift = tried;
      }
    }
  }
  return shift;
}

// The lines of a page, region after region. Each region counts as a page of its own; columns are
// moved to the left edge of the page's first, so that the same indentation stands at one place.
std::vector<TextLine> lines_in_reading_order(PdfRegions regions) {
  std::vector<TextLine> all;
  std::vector<TextLine> first;  // column
  std::int32_t number = 0;
  for (PdfRegion& region : regions.in_order) {
    std::vector<TextLine> lines = lines_of_page(std::move(region.words));
    std::vector<double> rights;
    for (const TextLine& line : lines) {
      rights.push_back(line.right);
    }
    if (region.column && first.empty()) {
      first = lines;
    }
    const double shift = region.column ? shift_between(first, lines) : 0;
    for (TextLine& line : lines) {
      line.left -= shift;
      line.right -= shift;
      line.second_left -= shift;
      line.limit = region.column ? percentile(rights, 0.97) - shift : 0;
      line.page = line.page * kRegionsMax + std::min(number, kRegionsMax - 1);
      all.push_back(std::move(line));
    }
    ++number;
  }
  return all;
}

// Those that stand apart, and no more than pages have.
void thin_out(std::vector<double>& gutters) {
  constexpr double kSame = 6;
  constexpr std::size_t kGuttersMax = 8;
  std::sort(gutters.begin(), gutters.end());
  gutters.erase(std::unique(gutters.begin(), gutters.end(),
                            [](double a, double b) { return b - a < kSame; }),
                gutters.end());
  gutters.resize(std::min(gutters.size(), kGuttersMax));
}

// One page for each region.
std::vector<std::vector<TextLine>> parted(std::vector<std::vector<TextLine>> pages) {
  std::vector<std::vector<TextLine>> regions;
  for (std::vector<TextLine>& page : pages) {
    for (TextLine& line : page) {
      if (regions.empty() || regions.back().front().page != line.page) {
        regions.emplace_back();
      }
      regions.back().push_back(std::move(line));
    }
  }
  return regions;
}

// "3", "- 3 -", "Page 3 of 9", "3/9".
bool is_page_number(std::string_view text) {
  std::size_t letters = 0;
  std::size_t digits = 0;
  for (const char c : text) {
    digits += is_digit(c) ? 1U : 0U;
    letters += is_small_letter(c) || (c >= 'A' && c <= 'Z') ? 1U : 0U;
  }
  // "2022)." is the end of a citation that a page break cut off.
  const bool cut = text.find(')') != std::string_view::npos && text.find('(') == text.npos;
  return digits > 0 && digits <= 8 && text.size() <= 24 && !cut &&
         (letters == 0 || starts_with_folded(text, "pag"));
}

std::string without_digits(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return !is_digit(c); });
  return out;
}

// Whether the line right above goes on in this one: the end of a sentence, whatever stands below.
bool ends_sentence_above(const std::vector<TextLine>& page, std::size_t i) {
  constexpr double kPitch = 1.6;  // of the size of the type
  return i > 0 && !ends_sentence(page[i - 1].text) && starts_lower(page[i].text) &&
         page[i].bottom - page[i - 1].bottom < kPitch * page[i].size;
}

// Page numbers, and lines that stand first or last, at one height, on most pages.
void drop_running_heads(std::vector<std::vector<TextLine>>& pages) {
  constexpr std::size_t kEdgeLines = 2;
  constexpr double kSameHeight = 4;
  std::map<std::string, std::vector<double>> seen;  // tops, by text
  const auto edges = [&](std::vector<TextLine>& page, const auto& visit) {
    for (std::size_t i = 0; i < page.size(); ++i) {
      if (i < kEdgeLines || i + kEdgeLines >= page.size()) {
        visit(page[i], i);
      }
    }
  };
  for (std::vector<TextLine>& page : pages) {
    edges(page, [&](TextLine& line, std::size_t) {
      seen[without_digits(line.text)].push_back(line.top);
    });
  }
  for (std::vector<TextLine>& page : pages) {
    edges(page, [&](TextLine& line, std::size_t i) {
      const auto same = std::ranges::count_if(seen[without_digits(line.text)], [&](double top) {
        return std::abs(top - line.top) < kSameHeight;
      });
      const bool repeated = pages.size() >= 3 && !starts_with_marker(line.text) &&
                            static_cast<std::size_t>(same) * 10 >= pages.size() * 6 &&
                            !ends_sentence_above(page, i);
      const bool outermost = i == 0 || i + 1 == page.size();
      line.dropped = repeated || (outermost && is_page_number(line.text));
    });
    std::erase_if(page, [](const TextLine& line) { return line.dropped; });
  }
}

// Small type at the foot of a page that starts with a number.
void find_footnotes(std::vector<TextLine>& page, double body_size) {
  std::size_t first = page.size();
  while (first > 0 && page[first - 1].size < 0.93 * body_size) {
    --first;
  }
  const auto starts_note = [](const TextLine& line) {
    constexpr std::array<std::string_view, 10> kRaised = {"⁰", "¹", "²", "³", "⁴",
                                                          "⁵", "⁶", "⁷", "⁸", "⁹"};
    return is_digit(line.text.front()) || line.text.front() == '[' ||
           std::any_of(kRaised.begin(), kRaised.end(),
                       [&](std::string_view digit) { return line.text.starts_with(digit); });
  };
  while (first < page.size() && !starts_note(page[first])) {
    ++first;
  }
  for (std::size_t i = first; i < page.size(); ++i) {
    page[i].footnote = true;
    std::size_t digits = 0;
    while (digits < page[i].text.size() && is_digit(page[i].text[digits])) {
      ++digits;
    }
    if (digits > 0 && digits <= 3 && page[i].text.substr(digits).starts_with(' ')) {
      page[i].text = superscript(page[i].text.substr(0, digits)) + page[i].text.substr(digits);
    }
  }
}

double body_size_of(const std::vector<std::vector<TextLine>>& pages) {
  std::map<int, std::size_t> sizes;
  for (const std::vector<TextLine>& page : pages) {
    for (const TextLine& line : page) {
      sizes[static_cast<int>(std::lround(line.size * 10))] += line.text.size();
    }
  }
  std::size_t most = 0;
  double size = 10;
  for (const auto& [tenths, count] : sizes) {
    if (count > most) {
      most = count;
      size = tenths / 10.0;
    }
  }
  return size;
}

Measures measure(const std::vector<TextLine>& lines, double body_size) {
  Measures m;
  m.body_size = body_size;
  std::vector<double> pitches;
  std::vector<double> rights;
  std::vector<double> lefts;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    rights.push_back(lines[i].right);
    lefts.push_back(lines[i].left);
    if (i > 0 && lines[i].page == lines[i - 1].page) {
      const double pitch = lines[i].bottom - lines[i - 1].bottom;
      if (pitch > 0.5 * body_size && pitch < 4 * body_size) {
        pitches.push_back(pitch);
      }
    }
  }
  m.pitch = pitches.empty() ? body_size * 1.2 : percentile(pitches, 0.15);
  m.right_margin = percentile(rights, 0.97);
  m.left_margin = percentile(lefts, 0.05);
  std::map<int, int> gaps;
  for (const double pitch : pitches) {
    if (pitch > 1.25 * m.pitch) {
      ++gaps[static_cast<int>(std::lround(pitch))];
    }
  }
  int most = 0;
  for (const auto& [gap, count] : gaps) {
    if (count > most) {
      most = count;
      m.paragraph_gap = gap;
    }
  }
  return m;
}

bool had_room(const TextLine& line, const TextLine& next, const Measures& m) {
  const double margin = line.limit > 0 ? line.limit : m.right_margin;
  return line.right + 0.25 * line.size + next.first_word_width + 1 < margin;
}

// A paragraph while its lines are collected.
struct Paragraph {
  std::vector<const TextLine*> lines;

  [[nodiscard]] const TextLine& first() const { return *lines.front(); }

  [[nodiscard]] const TextLine& last() const { return *lines.back(); }

  [[nodiscard]] bool marked() const { return starts_with_marker(first().text); }
};

// The second line may hang below the text of a marker or start left of a first-line indent; from
// the third on all start where the second did.
bool aligned(const Paragraph& paragraph, const TextLine& line) {
  constexpr double kSlack = 8;
  if (paragraph.lines.size() > 1) {
    return std::abs(line.left - paragraph.last().left) < kSlack ||
           line.page != paragraph.last().page;
  }
  const TextLine& first = paragraph.first();
  const double hanging = paragraph.marked() ? first.second_left : first.left;
  return line.left < hanging + kSlack;
}

// Where the lines after the first of a marked paragraph start: below its text.
double hanging_left(const Paragraph& paragraph) {
  return paragraph.lines.size() > 1 ? paragraph.last().left : paragraph.first().second_left;
}

// Whether a line starts with what looks like a marker only because the line above was full: a
// dash inside a sentence, or the "2)" of a list that runs inside an unmarked paragraph.
bool wrapped_marker(const Paragraph& paragraph, const TextLine& line, const Measures& m) {
  const TextLine& before = paragraph.last();
  const bool close = before.page != line.page ||
                     line.bottom - before.bottom < 1.25 * std::max(m.pitch, before.size);
  const bool at_marker = paragraph.marked() && std::abs(line.left - paragraph.first().left) < 4;
  if (!close) {
    return false;
  }
  for (const std::string_view dash : {"– ", "— ", "- "}) {
    if (line.text.starts_with(dash)) {
      const bool list_of_dashes = at_marker && paragraph.first().text.starts_with(dash);
      return !list_of_dashes && !ends_sentence(before.text) &&
             starts_lower(std::string_view(line.text).substr(dash.size()));
    }
  }
  if (paragraph.marked() && line.left < hanging_left(paragraph) - 4) {
    return false;  // a wrapped line stands below the text of its item
  }
  const bool first_label = line.text.starts_with('1') || line.text.starts_with("a") ||
                           line.text.starts_with("i.") || line.text.starts_with("i)");
  return !at_marker && !had_room(before, line, m) && !first_label && !line.text.starts_with("•");
}

// "… (Plan of Action, Québec, 2001).": a year in parentheses, with which a mandate ends.
bool ends_in_citation(std::string_view text) {
  if (text.ends_with('.')) {
    text.remove_suffix(1);
  }
  constexpr std::size_t kYear = 4;
  return text.size() > kYear && text.ends_with(')') &&
         is_all_digits(text.substr(text.size() - kYear - 1, kYear));
}

bool continues(const Paragraph& paragraph, const TextLine& line, const Measures& m) {
  const TextLine& before = paragraph.last();
  const bool upper = !line.text.empty() && line.text.front() >= 'A' && line.text.front() <= 'Z';
  if (!paragraph.marked() && upper && ends_in_citation(before.text)) {
    return false;  // the next one, whose bullet is drawn
  }
  const bool marker = starts_with_marker(line.text);
  const bool marked_by_wrap = marker && wrapped_marker(paragraph, line, m);
  if ((marker && !marked_by_wrap) || std::abs(before.size - line.size) > 0.07 * m.body_size) {
    return false;
  }
  if (before.page != line.page) {
    const bool hangs = paragraph.marked() && std::abs(line.left - hanging_left(paragraph)) < 4;
    // No paragraph starts with a parenthesis: it is the end of the one above.
    return marked_by_wrap || starts_lower(line.text) || line.text.starts_with('(') ||
           (!had_room(before, line, m) && (hangs || !ends_sentence(before.text)));
  }
  const double pitch = line.bottom - before.bottom;
  if (pitch > 1.25 * std::max(m.pitch, before.size)) {
    return false;
  }
  if (line.size > 1.1 * m.body_size) {
    return true;  // a title may break anywhere
  }
  return marked_by_wrap || starts_lower(line.text) ||
         (aligned(paragraph, line) && !had_room(before, line, m));
}

void append_line(std::string& text, std::string_view more) {
  if (text.ends_with("\xC2\xAD")) {
    text.resize(text.size() - 2);  // a soft hyphen was only for the line end
  } else if (!text.empty() && (!text.ends_with('-') || text.ends_with(" -"))) {
    text += ' ';
  }
  text += more;
}

// A number or a bullet sets its level; labels such as "6.1" and "g." may stand behind a bullet
// that is drawn and not written, so they join a level before they make one.
bool sets_level(std::string_view text) {
  const bool label =
      (text.front() >= 'a' && text.front() <= 'z') || (text.front() >= 'A' && text.front() <= 'Z');
  const std::size_t digits = text.find_first_not_of("0123456789");
  const bool decimal = digits != std::string_view::npos && digits > 0 && text[digits] == '.' &&
                       digits + 1 < text.size() && is_digit(text[digits + 1]);
  return !label && !decimal;
}

constexpr double kLevelSlack = 6;

// The level that a paragraph starting at `left` belongs to, from 1; 0 for none.
std::size_t level_at(const std::vector<ListLevel>& levels, double left) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (left > levels[i].left - kLevelSlack && left < levels[i].body + kLevelSlack / 2) {
      found = i + 1;
    }
  }
  return found;
}

std::vector<ListLevel> find_levels(const std::vector<Paragraph>& paragraphs) {
  std::vector<ListLevel> levels;
  const auto add = [&](const TextLine& line) {
    for (ListLevel& level : levels) {
      // Browsers and word processors set numbers flush right: "9." stands further right than
      // "10.", and only the text after them is in one column.
      const bool flush_right = is_digit(line.text.front()) && level.numbered &&
                               std::abs(level.body - line.second_left) < kLevelSlack / 2;
      if (flush_right || std::abs(level.left - line.left) < kLevelSlack) {
        level.left = std::min(level.left, line.left);
        level.body = std::max(level.body, std::min(line.second_left, line.left + 40));
        return;
      }
    }
    if (levels.size() >= std::size_t{4} * kListDepthMax) {
      return;
    }
    levels.push_back({.left = line.left,
                      .body = std::min(line.second_left, line.left + 40),
                      .numbered = is_digit(line.text.front())});
    std::sort(levels.begin(), levels.end(),
              [](const ListLevel& a, const ListLevel& b) { return a.left < b.left; });
  };
  for (const bool setting : {true, false}) {
    for (const Paragraph& paragraph : paragraphs) {
      if (paragraph.marked() && sets_level(paragraph.first().text) == setting &&
          (setting || level_at(levels, paragraph.first().left) == 0)) {
        add(paragraph.first());
      }
    }
  }
  return levels;
}

// `drawn` is set where the paragraph is an item whose bullet is drawn, not written.
std::int32_t indent_of(const Paragraph& paragraph, const std::vector<ListLevel>& levels,
                       const Measures& m, bool in_list, bool& drawn) {
  const double left = paragraph.first().left;
  if (levels.empty() || (!paragraph.marked() && (!in_list || left < m.left_margin + 4))) {
    return 0;
  }
  std::size_t depth = level_at(levels, left);
  if (depth == 0) {
    // Deeper than the text of the nearest level.
    drawn = drawn || !paragraph.marked();
    for (const ListLevel& level : levels) {
      depth += level.left < left ? 1U : 0U;
    }
    ++depth;
  }
  return 2 * static_cast<std::int32_t>(std::min<std::size_t>(depth, kListDepthMax));
}

std::vector<Paragraph> find_paragraphs(const std::vector<TextLine>& lines, const Measures& m) {
  std::vector<Paragraph> paragraphs;
  for (const TextLine& line : lines) {
    if (paragraphs.empty() || !continues(paragraphs.back(), line, m)) {
      paragraphs.emplace_back();
    }
    paragraphs.back().lines.push_back(&line);
  }
  return paragraphs;
}

// The columns at which several paragraphs start, of a text whose bullets are all drawn: its levels,
// behind that of the margin.
std::vector<ListLevel> drawn_levels(const std::vector<Paragraph>& paragraphs, const Measures& m) {
  constexpr int kParagraphsMin = 2;
  std::map<long, std::pair<double, int>> columns;
  for (const Paragraph& paragraph : paragraphs) {
    const TextLine& first = paragraph.first();
    const bool hangs = paragraph.lines.size() > 1 && std::abs(paragraph.lines[1]->left - first.left) < 2;
    if (first.left > m.left_margin + 4 && hangs) {
      auto& [left, count] = columns[std::lround(first.left / kLevelSlack)];
      left = count == 0 ? first.left : std::min(left, first.left);
      ++count;
    }
  }
  std::vector<ListLevel> levels;
  for (const auto& [key, column] : columns) {
    const auto& [left, count] = column;
    if (count >= kParagraphsMin && (levels.empty() || left > levels.back().left + kLevelSlack)) {
      levels.push_back({.left = left, .body = left});
    }
  }
  return levels;
}

// The page, from 1, where bullets seem to be drawn first; 0 where they do not.
std::int32_t write_paragraphs(const std::vector<TextLine>& lines, const Measures& m,
                              BlockWriter& writer) {
  std::int32_t drawn_on = 0;
  const std::vector<Paragraph> paragraphs = find_paragraphs(lines, m);
  std::vector<ListLevel> levels = find_levels(paragraphs);
  const bool drawn = levels.empty();
  if (drawn) {
    levels = drawn_levels(paragraphs, m);
  }
  const TextLine* before = nullptr;
  bool in_list = false;
  for (const Paragraph& paragraph : paragraphs) {
    const TextLine& first = paragraph.first();
    in_list = paragraph.marked() || ((in_list || drawn) && first.left > m.left_margin + 4);
    const bool same_page = before != nullptr && before->page == first.page;
    const double distance = same_page ? first.bottom - before->bottom : 0;
    if (m.paragraph_gap > 0 && distance > m.paragraph_gap + 0.6 * m.pitch) {
      writer.write(Block{});
    }
    Block block;
    for (const TextLine* line : paragraph.lines) {
      append_line(block.text, line->text);
    }
    block.heading = first.size > 1.1 * m.body_size;
    bool unwritten = drawn && in_list && level_at(levels, first.left) > 0;
    block.indent = indent_of(paragraph, levels, m, in_list, unwritten);
    drawn_on = drawn_on == 0 && unwritten ? first.page / kRegionsMax + 1 : drawn_on;
    writer.write(block);
    before = &paragraph.last();
  }
  return drawn_on;
}

// Once, of the first page.
void warn_of_page(TextDocument& document, const std::string& reason, std::int32_t page) {
  if (document.warning_pages.emplace(reason, page).second) {
    document.warnings.push_back(reason);
  }
}

}  // namespace

void lay_out_pdf(const PdfText& text, TextDocument& document) {
  std::int32_t last = -1;
  for (const PdfWord& word : text.words) {
    last = std::max(last, word.page);
  }
  std::vector<std::vector<const PdfWord*>> words(static_cast<std::size_t>(last + 1));
  for (const PdfWord& word : text.words) {
    if (!trim(word.text).empty() && word.page >= 0) {
      words[static_cast<std::size_t>(word.page)].push_back(&word);
    }
  }
  std::vector<PdfRegions> regions;
  std::vector<double> gutters;
  for (const std::vector<const PdfWord*>& page : words) {
    regions.push_back(find_regions(page));
    gutters.insert(gutters.end(), regions.back().gutters.begin(), regions.back().gutters.end());
  }
  thin_out(gutters);
  std::vector<std::vector<TextLine>> pages;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (regions[i].gutters.empty() && !gutters.empty()) {
      regions[i] = find_regions(words[i], gutters);
    }
    if (regions[i].doubtful) {
      warn_of_page(document, "files.side_by_side", static_cast<std::int32_t>(i + 1));
    }
    pages.push_back(lines_in_reading_order(std::move(regions[i])));
    std::erase_if(pages.back(), [](const TextLine& line) { return line.text.empty(); });
  }
  drop_running_heads(pages);
  pages = parted(std::move(pages));
  const double body_size = body_size_of(pages);
  std::vector<TextLine> body;
  std::vector<TextLine> notes;
  for (std::vector<TextLine>& page : pages) {
    find_footnotes(page, body_size);
    for (TextLine& line : page) {
      (line.footnote ? notes : body).push_back(std::move(line));
    }
  }
  BlockWriter writer(document);
  const std::int32_t drawn = write_paragraphs(body, measure(body, body_size), writer);
  if (drawn > 0) {
    warn_of_page(document, "files.drawn_bullets", drawn);
  }
  if (!notes.empty()) {
    write_paragraphs(notes, measure(notes, notes.front().size), writer);
  }
}

}  // namespace atalaya::files
