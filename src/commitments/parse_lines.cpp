#include "parse_lines.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include <atalaya/base/text.hpp>

#include "parse_citation.hpp"

// Outlines are printed in a dozen ways, and the blanks before them carry the level. What counts
// as a marker is decided here once:
//   bullet          one of • · ● ▪ ■ ◦ ○ ‣ ➢ ► and others followed by a blank, which those that are
//                   nothing else than bullets do not need; * - – — followed by a blank; what
//                   Word's Symbol and Wingdings bullets become (U+F020 to U+F0FF)
//   question, check ? and ✓ ✔ ☑ followed by a blank (the primer's key questions and steps)
//   enumerator      1.  1)  (1)  1.-  1º  6.1  6.1.  a.  a)  (a)  iv.  IV.  A.; "1)" and "1." also
//                   right before a capital; "Article 3." and the like where such words are counted
// A bullet may stand before an enumerator ("• g."). A number of four digits or more is a label only
// where it continues the list ("1000." after "999."), so that a wrapped line that starts with a
// year is not taken for an item, and a long list does not end in one endless item.

namespace atalaya::commitments::parsing {
namespace {

// The first kTightBullets are nothing else than bullets, so the text may follow them at once.
constexpr std::array<std::string_view, 26> kBullets = {
    "•", "●", "▪", "■", "◦", "○", "‣", "➢", "►", "▸", "▶", "❖",
    "◆", "◇", "□", "❑", "➤", "·", "→", "*", "-", "–", "—", "−",
    "\\*", "\\-"};
constexpr std::size_t kTightBullets = 17;
constexpr std::array<std::string_view, 3> kChecks = {"✓", "✔", "☑"};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_ascii_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Bytes of white space at the start, of any kind that Unicode has.
std::size_t blanks_at(std::string_view text) noexcept {
  const std::string_view rest = trim(text);
  return rest.empty() ? text.size() : static_cast<std::size_t>(rest.data() - text.data());
}

// Columns of white space at the start; a tab goes to the next multiple of eight, wide blanks count
// as the reader of html counts them.
std::int32_t columns_at(std::string_view text) noexcept {
  constexpr std::array<std::pair<std::string_view, std::int32_t>, 11> kWide = {
      {{"\u2000", 2},
       {"\u2001", 4},
       {"\u2002", 2},
       {"\u2003", 4},
       {"\u3000", 4},
       {"\u200B", 0},
       {"\u200E", 0},
       {"\u200F", 0},
       {"\u2060", 0},
       {"\u202B", 0},
       {"\uFEFF", 0}}};
  std::int32_t columns = 0;
  const std::size_t end = blanks_at(text);
  for (std::size_t i = 0; i < end;) {
    const std::string_view rest = text.substr(i);
    const auto wide = std::ranges::find_if(
        kWide, [&](const auto& blank) { return rest.starts_with(blank.first); });
    const bool narrow = text[i] == '\f' || text[i] == '\v' || text[i] == '\r';
    columns = text[i] == '\t'                   ? (columns / 8 + 1) * 8
              : narrow                          ? columns
              : wide == kWide.end()             ? columns + 1
                                                : columns + wide->second;
    do {
      ++i;
    } while (i < end && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U);
  }
  return columns;
}

std::int32_t roman(std::string_view text) noexcept {
  const auto digit = [](char c) -> std::int32_t {
    switch (c | 0x20) {
      case 'i':
        return 1;
      case 'v':
        return 5;
      case 'x':
        return 10;
      case 'l':
        return 50;
      default:
        return 0;
    }
  };
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::int32_t here = digit(text[i]);
    if (here == 0) {
      return 0;
    }
    const std::int32_t next = i + 1 < text.size() ? digit(text[i + 1]) : 0;
    sum += here < next ? -here : here;
  }
  // Written out again it must be the same, or "iiv" and "vx" would count.
  constexpr std::array<std::pair<std::int32_t, std::string_view>, 7> kParts = {
      {{50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}}};
  std::string again;
  std::int32_t rest = sum;
  for (const auto& [value, letters] : kParts) {
    while (rest >= value) {
      again += letters;
      rest -= value;
    }
  }
  return again == fold(text) ? sum : 0;
}

struct Enumerator {
  Marker marker;
  std::size_t size = 0;  // without the blanks after it
};

constexpr std::size_t kFreeDigitsMax = 3;  // a number with more must continue a list
constexpr std::size_t kDigitsMax = 7;
constexpr std::int32_t kLastFree = 999;

bool may_follow(std::size_t digits, std::int32_t number, std::int32_t after) noexcept {
  return digits <= kFreeDigitsMax || (after >= kLastFree && number == after + 1);
}

// "1\." is what programs that turn pages into Markdown make of "1.".
bool is_escape(std::string_view text, std::size_t at) noexcept {
  return at + 1 < text.size() && text[at] == '\\' && (text[at + 1] == '.' || text[at + 1] == ')');
}

// "1.", "12)", "6.1", "6.1.", "1.-" at the start of `text`, which may stand in parentheses.
std::optional<Enumerator> read_number(std::string_view text, std::int32_t after) {
  std::size_t i = 0;
  std::int32_t first = 0;
  bool decimal = false;
  const bool paren = text.starts_with('(');
  i = paren ? 1 : 0;
  std::size_t digits = 0;
  while (i < text.size() && is_digit(text[i]) && digits <= kDigitsMax) {
    first = first * 10 + (text[i] - '0');
    ++i;
    ++digits;
  }
  if (digits == 0 || digits > kDigitsMax || !may_follow(digits, first, after)) {
    return std::nullopt;
  }
  while (i + 1 < text.size() && text[i] == '.' && is_digit(text[i + 1])) {
    std::size_t part = 0;
    ++i;
    while (i < text.size() && is_digit(text[i])) {
      ++i;
      ++part;
    }
    if (part > 2) {
      return std::nullopt;  // a number such as 1.500
    }
    decimal = true;
  }
  bool closed = decimal && !paren;
  if (!paren && (text.substr(i).starts_with("º") || text.substr(i).starts_with("°"))) {
    i += 2;  // "1º", "1º.", "1º.-"
    closed = true;
  }
  const std::size_t escape = is_escape(text, i) ? 1 : 0;
  const std::size_t label_end = i + escape;
  if (label_end < text.size() &&
      (text[label_end] == ')' || (!paren && text[label_end] == '.'))) {
    i = label_end + 1;
    closed = true;
    if (i < text.size() && text[i - 1] == '.' && text[i] == '-') {
      ++i;
    }
  }
  if (!closed) {
    return std::nullopt;
  }
  Enumerator found;
  found.marker.kind = decimal ? MarkerKind::decimal : MarkerKind::number;
  found.marker.label = std::string(text.substr(0, i));
  std::erase(found.marker.label, '\\');
  found.marker.value = first;
  found.size = i;
  return found;
}

std::optional<Enumerator> read_letter(std::string_view text) {
  const bool paren = text.starts_with('(');
  const std::size_t start = paren ? 1 : 0;
  std::size_t i = start;
  while (i < text.size() && is_ascii_letter(text[i])) {
    ++i;
  }
  const std::string_view letters = text.substr(start, i - start);
  i += is_escape(text, i) ? 1U : 0U;
  if (letters.empty() || letters.size() > 6 || i >= text.size() ||
      !(text[i] == ')' || (!paren && text[i] == '.'))) {
    return std::nullopt;
  }
  Marker marker;
  marker.roman_value = roman(letters);
  if (letters.size() == 1) {
    marker.kind = MarkerKind::letter;
    marker.value = (letters[0] | 0x20) - 'a' + 1;
  } else if (marker.roman_value > 0) {
    marker.kind = MarkerKind::roman;
    marker.value = marker.roman_value;
  } else {
    return std::nullopt;
  }
  marker.label = std::string(text.substr(0, i + 1));
  std::erase(marker.label, '\\');
  return Enumerator{.marker = std::move(marker), .size = i + 1};
}

// "Article 3. Each State …", "Numeral 3: …": a word that counts paragraphs, a number and a mark.
// Others ("Table 1.") count what is no text.
std::optional<Enumerator> read_word_and_number(std::string_view text) {
  constexpr std::array<std::string_view, 33> kWords = {
      "Article",    "Artículo",      "Artigo",        "Numeral",        "Point",
      "Punto",      "Ponto",         "Paragraph",     "Párrafo",        "Parágrafo",
      "Paragraphe", "Priority",      "Prioridad",     "Prioridade",     "Priorité",
      "Mandate",    "Mandato",       "Mandat",        "Recommendation", "Recomendación",
      "Recomendação", "Recommandation", "Commitment", "Compromiso",     "Compromisso",
      "Engagement", "Action",        "Acción",        "Ação",           "Decision",
      "Decisión",   "Decisão",       "Décision"};
  const std::size_t word = text.find(' ');
  if (word == std::string_view::npos ||
      std::ranges::find(kWords, text.substr(0, word)) == kWords.end()) {
    return std::nullopt;
  }
  std::size_t i = word + 1;
  std::int32_t value = 0;
  while (i < text.size() && is_digit(text[i]) && i - word <= kFreeDigitsMax) {
    value = value * 10 + (text[i++] - '0');
  }
  if (i == word + 1) {
    return std::nullopt;
  }
  const std::size_t number_end = i;
  i += text.substr(i).starts_with("º") || text.substr(i).starts_with("°") ? 2U : 0U;
  i += i < text.size() && std::string_view(".:)").find(text[i]) != std::string_view::npos ? 1U : 0U;
  i += i > number_end && i < text.size() && text[i] == '-' ? 1U : 0U;
  if (i == number_end || !starts_upper(text.substr(std::min(text.size(), i + 1)))) {
    return std::nullopt;
  }
  Marker marker{.kind = MarkerKind::number,
                .label = std::string(text.substr(0, i)),
                .value = value,
                .roman_value = 0};
  return Enumerator{.marker = std::move(marker), .size = i};
}

// "1)Promote" and "a)Promote"; but not "U.S." and "1.500".
bool stands_tight(const Marker& marker, std::string_view rest) {
  const bool closed = marker.label.ends_with(')') ||
                      (marker.kind == MarkerKind::number && marker.label.ends_with('.'));
  return closed && starts_upper(rest);
}

// U+F020 to U+F0FF: what the bullets of Word's Symbol and Wingdings become.
bool is_symbol_of_fonts(std::string_view text) noexcept {
  return text.size() >= 3 && text[0] == '\xEF' &&
         (static_cast<unsigned char>(text[1]) & 0xFCU) == 0x80U;
}

// Upper-case letters and roman numbers are also initials of names ("J. Smith"): they count only in
// a document that has the first of them.
bool is_upper_label(const Marker& marker) noexcept {
  return (marker.kind == MarkerKind::letter || marker.kind == MarkerKind::roman) &&
         std::any_of(marker.label.begin(), marker.label.end(),
                     [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_rule(std::string_view text) noexcept {
  return text.size() >= 3 && (text.find_first_not_of('_') == std::string_view::npos ||
                              text.find_first_not_of('-') == std::string_view::npos ||
                              text.find_first_not_of('=') == std::string_view::npos ||
                              text.find_first_not_of('*') == std::string_view::npos);
}

// The width at which a file is hard-wrapped, 0 where it is not: many lines, none of them long, and
// a good share of them close to the longest.
std::size_t wrap_width(const std::vector<files::Line>& lines) {
  std::vector<std::size_t> lengths;
  for (const files::Line& line : lines) {
    if (const std::string_view text = trim(line.text); !text.empty()) {
      lengths.push_back(length_of(line.text));
    }
  }
  if (lengths.size() < 8) {
    return 0;
  }
  std::sort(lengths.begin(), lengths.end());
  const std::size_t longest = lengths[lengths.size() * 98 / 100];
  const auto close = std::count_if(lengths.begin(), lengths.end(),
                                   [&](std::size_t n) { return n * 10 >= longest * 8; });
  const bool wrapped = longest >= 40 && longest <= 140 && lengths.back() <= longest + 30 &&
                       static_cast<std::size_t>(close) * 3 >= lengths.size();
  return wrapped ? longest : 0;
}

// How the lines of a file stand to its items.
struct Layout {
  bool spaced = false;            // an empty line stands above each item
  std::vector<bool> closes = {};  // by line: the unmarked lines from it on end with a mark, and an
                                  // item follows; only where all items end with marks
};

Layout layout_of(const std::vector<files::Line>& lines) {
  constexpr std::size_t kItemsMin = 3;
  Layout out;
  out.closes.assign(lines.size(), false);
  std::size_t all = 0;
  std::size_t apart = 0;
  std::size_t ended = 0;
  std::size_t run = 0;  // the first of the unmarked lines without an empty one between them
  std::string_view above;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view text = trim(lines[i].text);
    if (text.empty()) {
      continue;
    }
    const bool is_apart = i > 0 && trim(lines[i - 1].text).empty();
    if (find_marker(text, 0)) {
      all += above.empty() ? 0U : 1U;
      apart += is_apart ? 1U : 0U;
      ended += ends_clause(above) ? 1U : 0U;
      std::fill(out.closes.begin() + static_cast<std::ptrdiff_t>(run),
                out.closes.begin() + static_cast<std::ptrdiff_t>(i), ends_clause(above));
      run = i + 1;
    } else if (is_apart) {
      run = i;
    }
    above = text;
  }
  out.spaced = all >= kItemsMin && apart * 10 >= all * 9;
  if (all < kItemsMin || ended * 10 < all * 9) {
    out.closes.assign(lines.size(), false);
  }
  return out;
}

struct Joiner {
  std::size_t width = 0;        // 0: the file is not wrapped
  std::size_t last_length = 0;  // of the line before, in code points

  // Whether an unmarked line that directly follows `previous` continues it.
  [[nodiscard]] bool joins(const Paragraph& previous, std::string_view text, std::int32_t indent,
                           bool goes_on = false) const {
    if (previous.rule || previous.heading) {
      return false;
    }
    // A clause goes on behind a word that ends none, whatever the next line starts with.
    if (previous.marked() && !ends_clause(previous.text) &&
        (goes_on || ends_with_joint(previous.text))) {
      return true;
    }
    if (width > 0) {
      const std::size_t first_word = length_of(text.substr(0, text.find(' ')));
      const bool would_not_fit = last_length + 1 + first_word + 2 >= width;
      return would_not_fit || starts_lower(text) ||
             (previous.marked() && indent >= previous.body && !ends_clause(previous.text));
    }
    return previous.marked() && !ends_clause(previous.text) &&
           (indent > previous.indent || starts_lower(text));
  }

  // Whether a line starts with a dash, or with a number that counts nothing ("… by the year / 5. The
  // …"), only because the sentence was wrapped there.
  [[nodiscard]] bool wraps(const Paragraph& previous, const Paragraph& line,
                           std::string_view text) const {
    if (width == 0 || ends_clause(previous.text) || !joins(previous, text, line.indent)) {
      return false;
    }
    if (line.marker.kind == MarkerKind::bullet) {
      return (text.starts_with('-') || text.starts_with("–") || text.starts_with("—")) &&
             starts_lower(line.text);
    }
    const bool counts = line.marker.value == 1 || line.marker.roman_value == 1 ||
                        (line.marker.kind == previous.marker.kind &&
                         previous.marker.value + 1 == line.marker.value);
    return line.marker.kind == MarkerKind::number && !counts && previous.marked() &&
           (line.indent >= previous.body || starts_lower(line.text));
  }
};

// "3", "- 3 -": nothing but the number of a page.
bool is_page_number(std::string_view text) noexcept {
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    digits += is_digit(text[i]) ? 1U : 0U;
    if (!is_digit(text[i]) && text[i] != ' ' && text[i] != '-') {
      return false;
    }
  }
  return digits > 0 && digits <= 3;
}

// "o Promote": what a bullet of Courier New becomes; the word itself stands before no capital at the
// start of a paragraph but in Portuguese ("o Brasil"), where a line may be wrapped before it.
bool starts_with_small_o(std::string_view text) {
  const std::size_t blanks = text.starts_with('o') ? blanks_at(text.substr(1)) : 0;
  return blanks > 0 && starts_upper(text.substr(1 + blanks));
}

Paragraph make_paragraph(const files::Line& line, std::string_view text, std::int32_t gap,
                         std::int32_t after, bool small_o = false) {
  Paragraph p;
  p.line = line.number;
  p.line_end = line.number;
  p.indent = columns_at(line.text);
  p.body = p.indent;
  p.gap = gap;
  p.heading = line.heading;
  p.list = line.list;
  p.rule = is_rule(text);
  if (small_o && starts_with_small_o(text)) {
    text.remove_prefix(1 + blanks_at(text.substr(1)));
    p.body = p.indent + 2;
    p.marker.kind = MarkerKind::bullet;
  } else if (!p.rule && !is_page_number(text)) {
    if (auto found = find_marker(text, after)) {
      p.body = p.indent + static_cast<std::int32_t>(length_of(text.substr(0, found->size)));
      p.marker = std::move(found->marker);
      text.remove_prefix(found->size);
    }
  }
  p.text = std::string(text);
  return p;
}

// A marker that stands alone on its line takes the paragraph after it.
bool is_lone_marker(std::string_view text, std::int32_t after) {
  const std::string with_text = std::string(text) + " x";
  const auto found = find_marker(with_text, after);
  return found && found->size == text.size() + 1;
}

// The number that a label of four digits must be one more than; `last` where `p` has none.
std::int32_t number_after(const Paragraph& p, std::int32_t last) noexcept {
  const bool counts = p.marker.kind == MarkerKind::number && p.marker.value >= kLastFree;
  return counts ? p.marker.value : last;
}

void undo_label(Paragraph& p) {
  p.text = p.marker.label + " " + p.text;
  p.body = p.indent;
  p.marker = {};
}

void drop_initials(std::vector<Paragraph>& paragraphs) {
  const bool has_first = std::any_of(paragraphs.begin(), paragraphs.end(), [](const Paragraph& p) {
    return is_upper_label(p.marker) && (p.marker.value == 1 || p.marker.roman_value == 1);
  });
  for (Paragraph& p : paragraphs) {
    if (!has_first && is_upper_label(p.marker)) {
      undo_label(p);
    }
  }
}

// A word and a number are a label where the same word counts on from it or up to it: "Article 4."
// at the start of one line goes on with a sentence.
void drop_lone_words(std::vector<Paragraph>& paragraphs) {
  const auto word_of = [](const Paragraph& p) {
    const std::size_t blank = p.marker.label.find(' ');
    return blank == std::string::npos ? std::string_view()
                                      : std::string_view(p.marker.label).substr(0, blank);
  };
  Paragraph* last = nullptr;
  bool counted = false;  // `last` counts on from the one before
  for (Paragraph& p : paragraphs) {
    if (word_of(p).empty()) {
      continue;
    }
    const bool on = last != nullptr && word_of(*last) == word_of(p) &&
                    last->marker.value + 1 == p.marker.value;
    if (last != nullptr && !on && !counted) {
      undo_label(*last);
    }
    counted = on;
    last = &p;
  }
  if (last != nullptr && !counted) {
    undo_label(*last);
  }
}

// In a table the number of an item stands in a cell of its own, without a mark: "1", "2" … each
// above a text.
void label_by_cells(std::vector<Paragraph>& paragraphs, files::Format format) {
  if (format != files::Format::html && format != files::Format::docx) {
    return;
  }
  std::vector<std::size_t> cells;
  for (std::size_t i = 0; i + 1 < paragraphs.size(); ++i) {
    const Paragraph& next = paragraphs[i + 1];
    if (!paragraphs[i].marked() &&
        paragraphs[i].text == std::to_string(cells.size() + 1) && !next.marked() && !next.rule &&
        !is_page_number(next.text)) {
      cells.push_back(i);
    }
  }
  if (cells.size() < 2) {
    return;
  }
  for (const std::size_t i : cells) {
    Paragraph& text = paragraphs[i + 1];
    text.marker = {.kind = MarkerKind::number,
                   .label = paragraphs[i].text,
                   .value = static_cast<std::int32_t>(&i - cells.data()) + 1,
                   .roman_value = 0};
    text.line = paragraphs[i].line;
    text.first = paragraphs[i].first;
    text.indent = paragraphs[i].indent;
    text.gap = paragraphs[i].gap;
  }
  std::size_t k = 0;
  std::size_t i = 0;
  std::erase_if(paragraphs, [&](const Paragraph&) {
    const bool cell = k < cells.size() && cells[k] == i++;
    k += cell ? 1U : 0U;
    return cell;
  });
}

// Page numbers, and short lines that stand in the text three times or more with no other difference
// than a number: what is printed at the edge of each page. The first one stays, which may be the
// title.
void leave_out_running_lines(std::vector<Paragraph>& paragraphs) {
  constexpr std::size_t kLengthMax = 160;
  constexpr std::size_t kTimesMin = 3;
  std::unordered_map<std::string, std::size_t> times;
  const auto key_of = [](const Paragraph& p) {
    std::string key;
    const bool cites = p.text.starts_with('(') && p.text.ends_with(')');  // in a table, each row
    if (!p.marked() && !p.rule && p.text.size() <= kLengthMax && !ends_clause(p.text) && !cites) {
      for (const char c : p.text) {
        key += is_digit(c) ? '0' : c;
      }
    }
    return key;
  };
  for (const Paragraph& p : paragraphs) {
    if (const std::string key = key_of(p); !key.empty()) {
      ++times[key];
    }
  }
  std::unordered_set<std::string> met;
  bool in_list = false;
  for (Paragraph& p : paragraphs) {
    const std::string key = key_of(p);
    in_list = in_list || p.marked();
    const bool page_number = in_list && !key.empty() && is_page_number(p.text);
    if (page_number || (!key.empty() && times[key] >= kTimesMin && !met.insert(key).second)) {
      p.rule = true;
      p.running = true;
    }
  }
}

}  // namespace

std::size_t length_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

bool ends_clause(std::string_view text) noexcept {
  for (const std::string_view closing : {"”", "\"", "»", "'", "’", ")", "]", "*"}) {
    if (text.ends_with(closing)) {
      text.remove_suffix(closing.size());
      break;
    }
  }
  return !text.empty() && std::string_view(".;:!?").find(text.back()) != std::string_view::npos;
}

bool ends_with_joint(std::string_view text) {
  constexpr auto kJoints = std::to_array<std::string_view>(
      {"of", "the", "for", "in",  "and",  "on",  "to",  "with", "by", "from", "a",
       "an", "or",  "de",  "del", "la",   "las", "el",  "los",  "en", "y",    "con",
       "da", "das", "do",  "dos", "e",    "em",  "des", "du",   "et", "le",   "les",
       "au", "aux", "ao",  "aos", "para", "por", "par", "pour"});
  if (const std::size_t at = text.rfind(' ') + 1; starts_upper(text.substr(at))) {
    return false;  // "Annex A"
  }
  const std::string folded = plain(text.substr(text.rfind(' ') + 1));
  const std::string_view last = std::string_view(folded).substr(folded.rfind(' ') + 1);
  return std::ranges::find(kJoints, last) != kJoints.end();
}

bool starts_lower(std::string_view text) {
  if (text.empty()) {
    return false;
  }
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) {
    return first >= 'a' && first <= 'z';
  }
  // Latin small letters U+00DF to U+00FF are C3 9F to C3 BF.
  return first == 0xC3 && text.size() > 1 && static_cast<unsigned char>(text[1]) >= 0x9F;
}

bool starts_upper(std::string_view text) {
  if (text.empty()) {
    return false;
  }
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) {
    return first >= 'A' && first <= 'Z';
  }
  return first == 0xC3 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0x9F;
}

std::size_t find_word(std::string_view hay, std::string_view needle) {
  const auto is_word = [](char c) {
    return is_ascii_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  };
  if (needle.empty()) {
    return std::string_view::npos;
  }
  for (std::size_t at = hay.find(needle); at != std::string_view::npos;
       at = hay.find(needle, at + 1)) {
    const bool left = at == 0 || !is_word(hay[at - 1]);
    const std::size_t end = at + needle.size();
    if (left && (end == hay.size() || !is_word(hay[end]))) {
      return at;
    }
  }
  return std::string_view::npos;
}

bool has_word(std::string_view hay, std::string_view needle) {
  return find_word(hay, needle) != std::string_view::npos;
}

std::optional<MarkerAt> find_marker(std::string_view trimmed, std::int32_t after) {
  MarkerAt found;
  std::string_view rest = trimmed;
  const auto take_symbol = [&](std::string_view symbol, MarkerKind kind, bool tight = false) {
    if (!rest.starts_with(symbol)) {
      return false;
    }
    const std::size_t blanks = blanks_at(rest.substr(symbol.size()));
    if (blanks == 0 && !tight) {
      return false;
    }
    found.marker.kind = kind;
    rest.remove_prefix(symbol.size() + blanks);
    return true;
  };
  for (std::size_t i = 0; i < kBullets.size(); ++i) {
    if (take_symbol(kBullets[i], MarkerKind::bullet, i < kTightBullets)) {
      break;
    }
  }
  if (is_symbol_of_fonts(rest)) {
    take_symbol(rest.substr(0, 3), MarkerKind::bullet, true);
  }
  for (const std::string_view check : kChecks) {
    if (take_symbol(check, MarkerKind::check)) {
      break;
    }
  }
  if (found.marker.kind != MarkerKind::check && !take_symbol("?", MarkerKind::question)) {
    auto enumerator = read_number(rest, after);
    if (!enumerator) {
      enumerator = read_letter(rest);
    }
    if (!enumerator && found.marker.kind == MarkerKind::none) {
      enumerator = read_word_and_number(rest);
    }
    if (enumerator) {
      const std::size_t blanks = blanks_at(rest.substr(enumerator->size));
      // "5.8 homicides" at the start of a wrapped line is a number, "6.8 Pay" is a label.
      const bool open_decimal = enumerator->marker.kind == MarkerKind::decimal &&
                                is_digit(enumerator->marker.label.back());
      const bool label = !open_decimal || !starts_lower(rest.substr(enumerator->size + blanks));
      const bool tight = stands_tight(enumerator->marker, rest.substr(enumerator->size));
      if ((blanks > 0 || tight) && label) {
        found.marker = std::move(enumerator->marker);
        rest.remove_prefix(enumerator->size + blanks);
      }
    }
  }
  if (found.marker.kind == MarkerKind::none || trim(rest).empty()) {
    return std::nullopt;
  }
  found.size = trimmed.size() - rest.size();
  return found;
}

std::vector<Paragraph> read_paragraphs(const files::TextDocument& document) {
  std::vector<Paragraph> out;
  constexpr std::ptrdiff_t kSmallOMin = 2;
  const bool small_o = std::ranges::count_if(document.lines, [](const files::Line& line) {
                         return starts_with_small_o(trim(line.text));
                       }) >= kSmallOMin;
  // The reader of pdf joins lines itself: it knows where they stand.
  const bool has_lines = document.format != files::Format::pdf;
  Joiner joiner{.width = has_lines ? wrap_width(document.lines) : 0};
  const Layout layout = has_lines ? layout_of(document.lines) : Layout{};
  // A list whose items stand apart breaks a line only within one.
  const auto goes_on = [&](std::size_t at) {
    return layout.spaced || (has_lines && layout.closes[at] && !out.back().text.ends_with(')'));
  };
  std::int32_t gap = 0;
  std::optional<Paragraph> lone;
  std::int32_t last = 0;  // the last number of 999 or more that labelled a paragraph
  const auto put = [&](Paragraph paragraph) {
    last = number_after(paragraph, last);
    out.push_back(std::move(paragraph));
  };
  for (std::size_t at = 0; at < document.lines.size(); ++at) {
    const files::Line& line = document.lines[at];
    const std::string_view text = trim(line.text);
    if (text.empty()) {
      ++gap;
      continue;
    }
    const std::int32_t after = lone ? number_after(*lone, last) : last;
    if (is_lone_marker(text, after)) {
      if (lone) {
        put(*std::exchange(lone, std::nullopt));
      }
      lone = make_paragraph(line, text, gap, after);
      lone->first = lone->last = at;
      gap = 0;
      continue;
    }
    const bool may_list = gap > 0 || out.empty() || ends_clause(out.back().text);
    Paragraph p = make_paragraph(line, text, gap, after, small_o && may_list);
    p.first = p.last = at;
    if (lone) {
      if (!p.marked() && !p.rule && gap <= 1) {
        const std::string joined = lone->text + " " + p.text;
        const files::Line start{
            .text = std::string(static_cast<std::size_t>(lone->indent), ' ') + joined,
            .number = lone->line,
            .heading = false,
            .list = lone->list};
        p = make_paragraph(start, joined, lone->gap, last);
        p.line_end = line.number;
        p.first = lone->first;
        p.last = at;
      } else {
        put(*lone);
      }
      lone.reset();
    } else if (gap == 0 && !out.empty() && !p.rule &&
               (p.marked() ? joiner.wraps(out.back(), p, text)
                           : joiner.joins(out.back(), text, p.indent, goes_on(at)))) {
      out.back().text += ' ';
      out.back().text += text;
      out.back().line_end = line.number;
      out.back().last = at;
      joiner.last_length = length_of(line.text);
      continue;
    }
    put(std::move(p));
    joiner.last_length = length_of(line.text);
    gap = 0;
  }
  if (lone) {
    out.push_back(*lone);
  }
  drop_initials(out);
  drop_lone_words(out);
  label_by_cells(out, document.format);
  leave_out_running_lines(out);
  return out;
}

}  // namespace atalaya::commitments::parsing
