#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>

#include "analysis_verbs.hpp"
#include "parse_context.hpp"
#include "parse_dates.hpp"

// Levels. A list item stands below the nearest item before it with a smaller indentation. Numbers
// aligned to the right (" 9." above "10.") differ by one column and are the same level. Where two
// styles share one indentation, a list of letters that starts with its first letter, or bullets
// after a colon, stand below the item before them; the outer style coming back closes them.
//
// Citations. A mandate prints its own, or takes its first child's that has one (the page cites
// once, at the end of a list), or, being a child, the next sibling's. What is left stands between
// mandates of one text and is inferred from the one before it; that is marked and warned about.

namespace atalaya::commitments::parsing {
namespace {

bool is_number(MarkerKind style) noexcept {
  return style == MarkerKind::number || style == MarkerKind::decimal;
}

std::size_t index_of(std::int32_t ordinal) {
  return static_cast<std::size_t>(ordinal - 1);
}

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// For every item the index of the first one below it, of the next and of the last sibling before
// it that print a citation. One pass each way: a file may hold a million items.
struct Relatives {
  std::vector<std::size_t> child;
  std::vector<std::size_t> next;
  std::vector<std::size_t> previous;
};

Relatives find_relatives(const std::vector<ParsedItem>& items) {
  const auto own = [&](std::size_t i) { return items[i].citation.status == CitationStatus::own; };
  const auto parent = [&](std::size_t i) {
    return static_cast<std::size_t>(items[i].parent_ordinal);
  };
  Relatives found{.child = std::vector<std::size_t>(items.size(), kNone),
                  .next = std::vector<std::size_t>(items.size(), kNone),
                  .previous = std::vector<std::size_t>(items.size(), kNone)};
  std::vector<std::size_t> seen(items.size() + 1, kNone);  // by parent ordinal
  for (std::size_t i = items.size(); i-- > 0;) {
    const std::size_t cited = own(i) ? i : found.child[i];
    if (parent(i) > 0 && cited != kNone) {
      found.child[parent(i) - 1] = cited;  // earlier children come later in this pass
    }
    found.next[i] = seen[parent(i)];
    seen[parent(i)] = own(i) ? i : seen[parent(i)];
  }
  std::fill(seen.begin(), seen.end(), kNone);
  for (std::size_t i = 0; i < items.size(); ++i) {
    found.previous[i] = seen[parent(i)];
    seen[parent(i)] = own(i) ? i : seen[parent(i)];
  }
  return found;
}

void inherit(Context& context) {
  std::vector<ParsedItem>& items = context.result.items;
  for (ParsedItem& item : items) {
    if (item.citation.status == CitationStatus::own) {
      item.effective = context.citations.resolve(item.citation);
    }
  }
  const Relatives relatives = find_relatives(items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    ParsedItem& item = items[i];
    if (item.citation.status == CitationStatus::own || !context.may_infer(i)) {
      continue;
    }
    std::size_t from = relatives.child[i];
    CitationStatus status = CitationStatus::from_child;
    if (from == kNone && item.level > 1) {
      from = relatives.next[i] != kNone ? relatives.next[i] : relatives.previous[i];
      status = CitationStatus::from_sibling;
    }
    if (from != kNone) {
      item.citation.status = status;
      item.effective = items[from].effective;
    }
  }
}

// Of the first known item in each reach, its index; kNone where there is none.
std::vector<std::size_t> first_known(const std::vector<ParsedItem>& items,
                                     const std::vector<std::size_t>& reach_of, std::size_t count) {
  std::vector<std::size_t> first(count, kNone);
  for (std::size_t i = items.size(); i-- > 0;) {
    if (items[i].citation.status != CitationStatus::none) {
      first[reach_of[i]] = i;
    }
  }
  return first;
}

// From neighbours below the same heading.
void infer(Context& context, const std::vector<Reach>& reaches) {
  std::vector<ParsedItem>& items = context.result.items;
  std::vector<std::size_t> reach_of(items.size());  // 0 above all headings
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto below = std::ranges::upper_bound(reaches, items[i].line, {}, &Reach::line);
    reach_of[i] = static_cast<std::size_t>(below - reaches.begin());
  }
  const auto first = first_known(items, reach_of, reaches.size() + 1);
  std::vector<bool> stopped(items.size());  // at or behind one whose citation is not understood
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto speaks = [&](std::size_t other) {
      return reach_of[other] == reach_of[i] && items[other].citation.status != CitationStatus::none;
    };
    if (speaks(i)) {
      continue;
    }
    const std::int32_t parent = items[i].parent_ordinal;
    const bool below_known = parent > 0 && speaks(index_of(parent));
    stopped[i] = !context.may_infer(i) ||
                 (i > 0 && stopped[i - 1] && reach_of[i - 1] == reach_of[i] && !below_known);
    // What its heading names, its neighbours contradict; what it prints, they do not know.
    const bool closed = stopped[i] || (reach_of[i] > 0 && reaches[reach_of[i] - 1].closed);
    const std::size_t before = i > 0 && speaks(i - 1) ? i - 1 : first[reach_of[i]];
    const std::size_t from = closed ? kNone : below_known ? index_of(parent) : before;
    if (!context.may_infer(i)) {
      continue;  // said where it stands
    }
    if (from == kNone) {
      context.warn("citation_missing", items[i].line, "no citation near this paragraph");
      continue;
    }
    items[i].citation.status = CitationStatus::inferred;
    items[i].effective = items[from].effective;
    const std::string& document = items[from].effective.document;
    context.warn("citation_inferred", items[i].line, document);
    context.result.warnings.back().params = {{"document", document}};
  }
}

// Whether a text reads like a clause: some words that end as one does, or so many that no entry of
// a menu has them. An entry of news starts with its day.
bool reads_like_clause(std::string_view text) {
  constexpr std::ptrdiff_t kWordsMin = 5;
  constexpr std::ptrdiff_t kWordsOfNoEntry = 10;
  constexpr std::size_t kDayBytes = 32;
  const auto words = std::count(text.begin(), text.end(), ' ') + 1;
  const std::size_t day_end = text.find(' ', std::min(text.size(), kDayBytes));
  const bool dated = !text.empty() && text.front() >= '0' && text.front() <= '9' &&
                     find_date(plain(text.substr(0, day_end)));
  const bool joins = text.ends_with(',') || text.ends_with(" and") || text.ends_with(" y") ||
                     text.ends_with(" e") || text.ends_with(" et") || text.ends_with(" or");
  const bool ends = ends_clause(text) || joins;
  return !dated && ((words >= kWordsMin && ends) || words >= kWordsOfNoEntry);
}

// A list as the file has it: the paragraphs with its number, or, in formats without such, marked
// ones that no paragraph without mark and indentation parts.
struct ListAt {
  std::vector<std::size_t> paragraphs;
  std::int32_t number = 0;
  std::size_t marked = 0;
  std::size_t reading = 0;  // of the marked ones
  std::size_t short_ones = 0;
  std::size_t for_visitors = 0;
  std::size_t asking = 0;  // short ones that begin with a verb
  bool cited = false;
  bool led_in = false;  // stands below a colon
  bool closed = false;  // stands below the page's last line

  [[nodiscard]] bool is_for_visitors() const noexcept {
    return number > 0 && marked > 0 && for_visitors == marked;
  }

  /// "1. Firearms 2. Youth": names of what stands elsewhere. In a file without numbers of lists
  /// what says so is that none of several asks for anything.
  [[nodiscard]] bool is_titles() const noexcept {
    constexpr std::size_t kTitlesMin = 3;
    return short_ones == marked && (number > 0 || (marked >= kTitlesMin && asking == 0));
  }

  [[nodiscard]] bool reads() const noexcept { return reading * 2 > marked; }

  [[nodiscard]] std::size_t first() const noexcept { return paragraphs.front(); }

  [[nodiscard]] std::size_t last() const noexcept { return paragraphs.back(); }
};

std::vector<ListAt> find_lists(const Context& context) {
  constexpr std::ptrdiff_t kEntryWordsMax = 5;
  const std::vector<Paragraph>& all = context.paragraphs;
  std::vector<ListAt> lists;
  const Paragraph* above = nullptr;
  bool open = false;  // the last list, where it has no number
  bool closed = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Paragraph& p = all[i];
    if (p.rule) {
      continue;
    }
    const bool cited = context.citations.find(p.text).has_value();
    const bool joins = p.list == 0 && open && (p.marked() || p.indent > 0 || cited);
    const bool same = p.list > 0 && !lists.empty() && lists.back().number == p.list;
    if (!joins && !same && (p.marked() || p.list > 0)) {
      lists.push_back({.paragraphs = {}, .number = p.list});
      lists.back().led_in =
          above != nullptr && (above->text.ends_with(':') || cites_in_heading(context, *above));
      lists.back().closed = closed;
    }
    if (joins || same || p.marked() || p.list > 0) {
      ListAt& list = lists.back();
      const bool reads = reads_like_clause(p.text);
      const auto words = std::count(p.text.begin(), p.text.end(), ' ') + 1;
      list.paragraphs.push_back(i);
      list.marked += p.marked() ? 1U : 0U;
      list.for_visitors += p.marked() && tells_visitors(p.text) ? 1U : 0U;
      list.reading += p.marked() && reads ? 1U : 0U;
      list.asking += p.marked() && words <= kEntryWordsMax && begins_with_verb(p.text) ? 1U : 0U;
      list.short_ones += p.marked() && words <= kEntryWordsMax && !ends_clause(p.text) ? 1U : 0U;
      list.cited = list.cited || cited;
    }
    open = joins || (p.marked() && p.list == 0);
    closed = closed || p.text.starts_with("©");
    above = &p;
  }
  return lists;
}

enum class Belonging { inside, doubtful, apart };

// `first` and `last`: the paragraphs between which the lists stand that surely are of the text.
Belonging judge_list(const ListAt& list, std::size_t first, std::size_t last, bool cites) {
  const bool outside = list.last() < first || list.first() > last;
  if (list.is_for_visitors() && !list.led_in) {
    return Belonging::apart;
  }
  if (list.cited || list.led_in || list.marked == 0 || (!outside && list.number == 0)) {
    return Belonging::inside;
  }
  if (!cites) {
    // Without citations only lists of a few words each are told apart, and only around the text.
    return outside && list.is_titles() ? Belonging::apart : Belonging::inside;
  }
  if (!list.reads() || list.closed) {
    return Belonging::apart;
  }
  return outside ? Belonging::doubtful : Belonging::inside;
}

// The item of the first level with this number; none for 0.
const ParsedItem* find_numbered(const std::vector<ParsedItem>& items, std::int32_t number) {
  const auto found = std::ranges::find_if(items, [&](const ParsedItem& item) {
    std::string digits = item.label;
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
    return number > 0 && item.level == 1 && digits == std::to_string(number);
  });
  return found == items.end() ? nullptr : &*found;
}

void warn_of_list(Context& context, std::string_view reason, const ListAt& list) {
  constexpr std::size_t kEntriesNamed = 6;
  std::string words;
  for (std::size_t i = 0; i < std::min(list.paragraphs.size(), kEntriesNamed); ++i) {
    words += i > 0 ? " · " : "";
    words += first_words(context.paragraphs[list.paragraphs[i]].text);
  }
  words += list.paragraphs.size() > kEntriesNamed ? " · …" : "";
  context.warn_of(reason, context.paragraphs[list.first()].line, words);
  context.result.warnings.back().params = {
      {"last", std::to_string(context.paragraphs[list.last()].line_end)}};
}

void warn_of_running_lines(Context& context) {
  const auto first = std::ranges::find_if(context.paragraphs, &Paragraph::running);
  if (first != context.paragraphs.end()) {
    const auto count = std::ranges::count_if(context.paragraphs, &Paragraph::running);
    context.warn_of("running_lines", first->line, first->text);
    context.result.warnings.back().params = {{"count", std::to_string(count)}};
  }
}

}  // namespace

void leave_out_lists(Context& context) {
  warn_of_running_lines(context);
  const std::vector<ListAt> lists = find_lists(context);
  const bool cites = std::ranges::any_of(lists, &ListAt::cited);
  std::size_t first = context.paragraphs.size();
  std::size_t last = 0;
  for (const ListAt& list : lists) {
    if ((cites ? list.cited : list.reads()) && !list.is_for_visitors()) {
      first = std::min(first, list.first());
      last = std::max(last, list.last());
    }
  }
  if (first > last) {
    return;  // nothing that they could stand beside
  }
  std::vector<bool> left_out(context.paragraphs.size(), false);
  for (const ListAt& list : lists) {
    switch (judge_list(list, first, last, cites)) {
      case Belonging::inside:
        break;
      case Belonging::doubtful:
        warn_of_list(context, "list_doubtful", list);
        break;
      case Belonging::apart:
        warn_of_list(context, "list_left_out", list);
        for (const std::size_t i : list.paragraphs) {
          left_out[i] = true;
          context.take(context.paragraphs[i], LineUse::furniture);
        }
        break;
    }
  }
  std::size_t i = 0;
  std::erase_if(context.paragraphs, [&](const Paragraph&) { return left_out[i++]; });
}

// 1 for "2.", 2 for "2.1".
std::int32_t number_parts(const Marker& marker) {
  std::int32_t parts = 0;
  bool inside = false;
  for (const char c : marker.label) {
    const bool digit = c >= '0' && c <= '9';
    parts += digit && !inside ? 1 : 0;
    inside = digit;
  }
  return parts;
}

bool Outline::nests(const Open& above, const Paragraph& paragraph, MarkerKind style) const {
  if (is_number(style) && is_number(above.style)) {
    // "2.1" below "2.", "2.1.3" below "2.1".
    return above.value == paragraph.marker.value && above.parts < number_parts(paragraph.marker);
  }
  if (style == above.style) {
    return false;
  }
  if (style == MarkerKind::bullet) {
    return above.ends_colon;
  }
  if (style == MarkerKind::number || style == MarkerKind::decimal) {
    return paragraph.marker.value == 1 && above.ends_colon;
  }
  return paragraph.marker.value == 1 ||
         (style == MarkerKind::roman && paragraph.marker.roman_value == 1);
}

Outline::Place Outline::push(const Paragraph& paragraph, MarkerKind style, std::int32_t value,
                             std::int32_t ordinal) {
  Place place;
  place.parent_ordinal = open_.empty() ? 0 : open_.back().ordinal;
  open_.push_back({.indent = paragraph.indent,
                   .body = paragraph.body,
                   .style = style,
                   .value = value,
                   .parts = number_parts(paragraph.marker),
                   .ordinal = ordinal,
                   .ends_colon = paragraph.text.ends_with(':')});
  place.level = level();
  return place;
}

Outline::Place Outline::put(const Paragraph& paragraph, std::int32_t ordinal) {
  MarkerKind style = paragraph.marker.kind;
  std::int32_t value = paragraph.marker.value;
  if (style == MarkerKind::letter && paragraph.marker.roman_value > 0) {
    // "i." after "h." is a letter; at the start of a list, or after a roman number, it is roman.
    const bool after_letter = std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
      return open.style == MarkerKind::letter && open.value + 1 == value;
    });
    const bool after_roman = std::any_of(open_.begin(), open_.end(), [&](const Open& open) {
      return open.style == MarkerKind::roman && open.value + 1 == paragraph.marker.roman_value;
    });
    if (!after_letter && (after_roman || paragraph.marker.roman_value == 1)) {
      style = MarkerKind::roman;
      value = paragraph.marker.roman_value;
    }
  }
  const auto same_column = [&](const Open& open) {
    const std::int32_t distance = std::abs(open.indent - paragraph.indent);
    return distance == 0 || (distance == 1 && is_number(open.style) && is_number(style) &&
                             open.body == paragraph.body);
  };
  // "8." counts on from "7." also where it stands in another column of the page, or flush right.
  const auto continued = [&](const Open& open) {
    return value > 1 && open.value + 1 == value && open.parts == number_parts(paragraph.marker) &&
           (open.style == style || (is_number(open.style) && is_number(style)));
  };
  if (std::ranges::count_if(open_, continued) == 1 && std::ranges::none_of(open_, same_column)) {
    open_.erase(std::ranges::find_if(open_, continued), open_.end());
    return push(paragraph, style, value, ordinal);
  }
  while (!open_.empty() && open_.back().indent > paragraph.indent && !same_column(open_.back())) {
    open_.pop_back();
  }
  if (!open_.empty() && same_column(open_.back())) {
    // Siblings of the same style, also above a nested style at the same column.
    const auto same_style = std::find_if(open_.begin(), open_.end(), [&](const Open& open) {
      return same_column(open) &&
             (open.style == style || (is_number(open.style) && is_number(style))) &&
             !nests(open, paragraph, style);
    });
    if (same_style != open_.end()) {
      open_.erase(same_style, open_.end());
    } else if (!nests(open_.back(), paragraph, style)) {
      open_.pop_back();
    }
  }
  return push(paragraph, style, value, ordinal);
}

Outline::Place Outline::put_unmarked(const Paragraph& paragraph, std::int32_t ordinal) {
  Paragraph beside = paragraph;
  while (!open_.empty() && open_.back().indent >= paragraph.indent) {
    beside.indent = std::max(beside.indent, open_.front().indent);
    open_.pop_back();
  }
  return push(open_.empty() ? beside : paragraph, MarkerKind::none, 0, ordinal);
}

std::int32_t Outline::outer_at(std::int32_t column) const noexcept {
  for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
    if (open_[i].body == column) {
      return open_[i].ordinal;
    }
  }
  return 0;
}

void Outline::close_below(std::int32_t ordinal) {
  while (!open_.empty() && open_.back().ordinal != ordinal) {
    open_.pop_back();
  }
}

ParsedItem make_item(Context& context, const Paragraph& paragraph, std::int32_t ordinal,
                     Outline::Place place, LineUse use) {
  context.take(paragraph, use);
  ParsedItem item;
  item.ordinal = ordinal;
  item.level = place.level;
  item.parent_ordinal = place.parent_ordinal;
  item.label = paragraph.marker.label;
  item.line = paragraph.line;
  item.line_end = paragraph.line_end;
  item.text = paragraph.text;
  return item;
}

void append_text(Context& context, ParsedItem& item, const Paragraph& paragraph, LineUse use) {
  context.take(paragraph, use);
  item.text += ' ';
  item.text += paragraph.text;
  item.line_end = std::max(item.line_end, paragraph.line_end);
}

void mark_chapeaus(std::vector<ParsedItem>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    ParsedItem& item = items[i];
    const bool has_child = i + 1 < items.size() && items[i + 1].parent_ordinal == item.ordinal;
    const bool ends_open = item.text.ends_with(':') && i + 1 < items.size();
    if (item.role == ItemRole::operative && (has_child || ends_open)) {
      item.role = ItemRole::chapeau;
    }
  }
}

void take_citations(Context& context) {
  context.unread.assign(context.result.items.size(), false);
  for (ParsedItem& item : context.result.items) {
    const auto found = context.citations.find(item.text);
    if (!found || found->body.empty()) {
      if (const auto unread = context.citations.find_unread(item.text); !unread.empty()) {
        context.unread[index_of(item.ordinal)] = true;
        context.warn_of("citation_unread", item.line, unread);
      }
      continue;
    }
    item.citation = found->citation;
    if (found->lost_parenthesis) {
      context.warn_of("citation_parenthesis", item.line, found->citation.raw);
    }
    if (context.citations.cites_several(*found)) {
      context.warn_of("citation_several", item.line, found->citation.raw);
    } else if (context.citations.place_contradicts(found->citation)) {
      context.warn_of("citation_place", item.line, found->citation.raw);
    }
    item.text = fmt::format("{}{}", found->body, found->tail);
  }
  inherit(context);
  infer(context, take_headings(context));
  for (const ParsedItem& item : context.result.items) {
    if (item.citation.status != CitationStatus::own) {
      continue;
    }
    if (context.catalogue.find_meeting(item.effective.meeting) == nullptr) {
      context.warn_of("meeting_unknown", item.line, item.citation.raw);
    } else if (item.effective.document.empty()) {
      context.warn_of("document_unknown", item.line, item.citation.raw);
    }
  }
}

void warn_of_doubtful_items(Context& context) {
  const std::vector<ParsedItem>& items = context.result.items;
  std::vector<bool> cited_below(items.size(), false);
  for (std::size_t i = items.size(); i-- > 0;) {
    const bool cited = cited_below[i] || items[i].citation.status == CitationStatus::own;
    if (items[i].parent_ordinal > 0 && cited) {
      cited_below[index_of(items[i].parent_ordinal)] = true;
    }
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const ParsedItem* parent =
        items[i].parent_ordinal > 0 ? &items[index_of(items[i].parent_ordinal)] : nullptr;
    const bool first_child = parent != nullptr && parent->ordinal + 1 == items[i].ordinal;
    if (first_child && parent->citation.status == CitationStatus::own &&
        ends_clause(parent->text) && !parent->text.ends_with(':') &&
        !cited_below[index_of(parent->ordinal)]) {
      context.warn_of("list_doubtful", items[i].line, first_words(items[i].text));
    }
  }
}

void hang_statements(Context& context, const std::vector<Footnote>& footnotes,
                     const NoteMarks& defined) {
  constexpr std::size_t kStatementsMax = 1000;
  ParsedDocument& result = context.result;
  std::map<std::string, std::vector<const ParsedItem*>, std::less<>> hangs_on;
  for (std::vector<ParsedItem>* group : {&result.recitals, &result.items}) {
    for (ParsedItem& item : *group) {
      take_note_marks(item, defined);
      for (const std::string& mark : item.notes) {
        hangs_on[mark].push_back(&item);
        if (!defined.contains(mark)) {
          context.warn_of("note_missing", item.line, mark);
        }
      }
    }
  }
  for (const Footnote& note : footnotes) {
    auto statement = result.statements.size() < kStatementsMax
                         ? read_statement(note, context.catalogue)
                         : std::nullopt;
    if (!statement) {
      continue;
    }
    if (const auto at = hangs_on.find(note.mark); at != hangs_on.end()) {
      // Marks begin again on each page: the last one above the note; else the last one.
      const auto above =
          std::find_if(at->second.rbegin(), at->second.rend(),
                       [&](const ParsedItem* item) { return item->line <= note.line; });
      const ParsedItem* item = above == at->second.rend() ? at->second.back() : *above;
      statement->role = item->role;
      statement->ordinal = item->ordinal;
    } else if (const ParsedItem* item = find_numbered(result.items, paragraph_named(note.text))) {
      statement->role = item->role;
      statement->ordinal = item->ordinal;
    } else {
      context.warn_of("statement_without_paragraph", note.line, note.text);
    }
    if (statement->actor.empty()) {
      context.warn_of("statement_without_state", note.line, note.text);
    }
    result.statements.push_back(std::move(*statement));
  }
}

void warn_if_levels_guessed(Context& context) {
  const std::vector<ParsedItem>& items = context.result.items;
  std::vector<const Paragraph*> places;  // beside the items; of one without a mark too
  for (const Paragraph& p : context.paragraphs) {
    if (places.size() < items.size() && p.line == items[places.size()].line) {
      places.push_back(&p);
    }
  }
  const auto other_column = [&](const Paragraph* p) { return p->indent != places[0]->indent; };
  if (places.size() < items.size() || std::ranges::any_of(places, other_column)) {
    return;
  }
  for (std::size_t i = 1; i < places.size(); ++i) {
    const Marker& before = places[i - 1]->marker;
    const Marker& here = places[i]->marker;
    const bool again = is_number(here.kind) && here.value == 1 && before.value > 0 &&
                       items[i - 1].text.ends_with(':');
    const bool roman = here.roman_value > 0 && before.roman_value > 0;
    const bool lost = here.kind == MarkerKind::none || before.kind == MarkerKind::none;
    if (again || (here.kind != before.kind && !roman && !lost)) {
      context.warn("levels_guessed", items[i].line, "no item is indented");
      return;
    }
  }
}

void warn_of_links(Context& context) {
  std::vector<std::int32_t> ends(context.result.lines.size() + 1, 0);  // of the item at each line
  for (const ParsedItem& item : context.result.items) {
    const auto line = static_cast<std::size_t>(std::max(item.line, 0));
    if (line < ends.size()) {
      ends[line] = std::max(ends[line], item.line_end);
    }
  }
  for (std::size_t i = 1; i < ends.size(); ++i) {
    ends[i] = std::max(ends[i], ends[i - 1]);
  }
  std::int32_t count = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
  for (const files::Line& line : context.document.lines) {
    const bool taken = line.number > 0 && static_cast<std::size_t>(line.number) < ends.size() &&
                       ends[static_cast<std::size_t>(line.number)] >= line.number;
    if (line.link && !taken) {
      first = count == 0 ? line.number : first;
      last = line.number;
      ++count;
    }
  }
  if (count > 0) {
    context.warn("links_left_out", first, std::to_string(count));
    context.result.warnings.back().params = {{"count", std::to_string(count)},
                                             {"last", std::to_string(last)}};
  }
}

// "… programme 37. Establish …" in item 36 where no item 37 follows: two columns read as one line.
void warn_of_swallowed(Context& context, std::size_t i, const std::string& next) {
  const std::vector<ParsedItem>& items = context.result.items;
  const std::size_t at = items[i].text.find(" " + next + " ");
  const std::size_t word = at + next.size() + 2;
  if (at == std::string::npos || word >= items[i].text.size() || items[i].text[word] < 'A' ||
      items[i].text[word] > 'Z') {
    return;
  }
  if (std::ranges::find(items, next, &ParsedItem::label) == items.end()) {
    context.warn("number_inside", items[i].line, next);
    context.result.warnings.back().params = {{"label", next}};
  }
}

void warn_of_lost_bullets(Context& context) {
  if (context.document.format != files::Format::pdf) {
    return;
  }
  constexpr std::size_t kEntriesMin = 2;
  const auto in_item = [&](const Paragraph& p) {
    return context.result.uses[p.first] == LineUse::item;
  };
  std::size_t entries = 0;  // in a row that end as those of a list do
  for (const Paragraph& p : context.paragraphs) {
    std::size_t inside = 0;  // entries that run together
    for (std::size_t at = p.text.find("; "); at != std::string::npos;
         at = p.text.find("; ", at + 1)) {
      inside += starts_upper(std::string_view(p.text).substr(at + 2)) ? 1U : 0U;
    }
    const bool entry = !p.marked() && !p.rule && p.text.ends_with(';') && !starts_as_recital(p);
    entries = entry && !in_item(p) ? entries + 1 : 0;
    if (inside >= kEntriesMin || entries >= kEntriesMin) {
      context.warn_of("bullets_lost", p.line, first_words(p.text));
      return;
    }
  }
}

// "Menu 1. Establish …" above the first item: the menu beside it was read as one line with it.
void warn_of_swallowed_first(Context& context) {
  for (const Paragraph& p : context.paragraphs) {
    if (context.result.items.empty() || p.line >= context.result.items.front().line) {
      return;
    }
    for (const std::string_view label : {"1.", "1)"}) {
      const std::size_t at = p.text.find(fmt::format(" {} ", label));
      const std::size_t word = at + label.size() + 2;
      constexpr std::size_t kTextMin = 20;
      if (at != std::string::npos && word + kTextMin < p.text.size() && p.text[word] >= 'A' &&
          p.text[word] <= 'Z') {
        context.warn("number_inside", p.line, label);
        context.result.warnings.back().params = {{"label", std::string(label)}};
      }
    }
  }
}

// Whether nothing but notes and the edges of pages stands between these lines.
bool is_nothing_between(const Context& context, std::int32_t above, std::int32_t below) {
  const std::vector<files::Line>& lines = context.document.lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const LineUse use = context.result.uses[i];
    if (lines[i].number > above && lines[i].number < below && use != LineUse::blank &&
        use != LineUse::furniture && use != LineUse::note) {
      return false;
    }
  }
  return true;
}

void warn_of_order(Context& context) {
  warn_of_swallowed_first(context);
  bool again_said = false;
  // By parent: the number before, and those passed over since the list began.
  struct Run {
    std::int32_t last = 0;
    std::map<std::int32_t, std::int32_t> missing;  // the number, and the line that it is missing at
  };
  std::map<std::pair<std::int32_t, std::string>, Run> runs;  // of what is still open
  constexpr std::int32_t kMissingMax = 3;  // more of them is an extract of a text
  const auto say_missing = [&](Run& run) {
    const bool few = static_cast<std::int32_t>(run.missing.size()) <= kMissingMax &&
                     static_cast<std::int32_t>(run.missing.size()) * 4 < run.last;
    for (const auto& [number, line] : few ? run.missing : decltype(run.missing){}) {
      context.warn("number_missing", line, fmt::format("{}", number));
      context.result.warnings.back().params = {{"number", fmt::format("{}", number)}};
    }
    run = {};
  };
  for (std::size_t i = 0; i < context.result.items.size(); ++i) {
    const ParsedItem& item = context.result.items[i];
    // "7." and "(7)"; not "7.1", which a heading that the page lost stands above.
    const std::size_t first = item.label.find_first_of("0123456789");
    if (first == std::string::npos) {
      continue;
    }
    const std::size_t end =
        std::min(item.label.find_first_not_of("0123456789", first), item.label.size());
    const std::string shape = item.label.substr(0, first) + item.label.substr(end);
    if (end - first > 5 || shape.size() > 2 ||
        shape.find_first_of("0123456789") != std::string::npos) {
      continue;
    }
    const std::int32_t value = std::stoi(item.label.substr(first, end - first));
    warn_of_swallowed(
        context, i,
        fmt::format("{}{}{}", item.label.substr(0, first), value + 1, item.label.substr(end)));
    Run& run = runs[{item.parent_ordinal, shape}];
    constexpr std::int32_t kListMin = 2;
    // On pages of mandates each number may be that of another text.
    const bool again = context.result.kind != DocumentKind::summit_mandates &&
                       run.last >= kListMin && value <= run.last && !run.missing.contains(value) &&
                       is_nothing_between(context, context.result.items[i - 1].line_end, item.line);
    if (again && !again_said) {
      context.warn("numbers_again", item.line, item.label);
      context.result.warnings.back().params = {{"label", item.label}};
      again_said = true;
    }
    if (value == 1 || run.last == 0) {
      say_missing(run);
    } else if (run.missing.contains(value)) {
      context.warn("numbers_out_of_order", item.line, item.label);
      context.result.warnings.back().params = {{"label", item.label}};
      run.missing.erase(value);
      continue;
    }
    for (std::int32_t n = run.last + 1; run.last > 0 && n < value && n <= run.last + kMissingMax + 1;
         ++n) {
      run.missing.emplace(n, item.line);
    }
    run.last = value;
  }
  for (auto& [where, run] : runs) {
    say_missing(run);
  }
}

bool is_heading(const Paragraph& paragraph) {
  if (paragraph.marked() || paragraph.rule || paragraph.text.empty()) {
    return false;
  }
  return paragraph.heading || (length_of(paragraph.text) <= 90 && !ends_clause(paragraph.text) &&
                               !paragraph.text.ends_with(',') && !starts_lower(paragraph.text));
}

}  // namespace atalaya::commitments::parsing
