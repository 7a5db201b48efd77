#include <algorithm>
#include <array>
#include <map>
#include <ranges>
#include <utility>

#include <fmt/core.h>

#include <atalaya/base/text.hpp>

#include "parse_context.hpp"

// A declaration of a meeting: an opening sentence, recitals without numbers, numbered operatives,
// footnotes. The page dropped the headings of its sections; what is left of them is a wider gap.
// "Wider" is measured against the gap that most paragraphs of the document have, so that a file
// with two blank lines everywhere has no sections.

namespace atalaya::commitments::parsing {
namespace {

constexpr std::array<std::string_view, 34> kRecitalStems = {
    "consider",    "recogni",     "recalling", "convinced",   "bearing in mind", "taking note",
    "reaffirm",    "noting",      "aware",     "concerned",   "acknowledg",      "whereas",
    "reconoc",     "recordando",  "convencid", "teniendo en", "tomando nota",    "conscientes",
    "preocupad",   "reafirmando", "reconhec",  "tendo em",    "preocup",         "reconnaiss",
    "rappelant",   "convaincu",   "ayant",     "tenant",      "prenant note",    "conscient",
    "reaffirmant", "destacando",  "emphasi",   "subrayando"};
constexpr std::array<std::string_view, 26> kOperativeStems = {
    "agree",       "commit",    "resolve",   "decide",    "declare",     "adopt",      "undertake",
    "recommend",   "acuerda",   "acordamos", "compromet", "resuelve",    "resolvemos", "decidimos",
    "deciden",     "declara",   "recomend",  "acordam",   "concordamos", "resolvem",   "decidem",
    "conviennent", "convenons", "engage",    "decidons",  "recommand"};

std::ptrdiff_t to_offset(std::size_t index) {
  return static_cast<std::ptrdiff_t>(index);
}

template <std::size_t N>
bool has_stem(std::string_view folded, const std::array<std::string_view, N>& stems) {
  return std::any_of(stems.begin(), stems.end(), [&](std::string_view stem) {
    const std::size_t at = folded.find(stem);
    return at != std::string_view::npos && (at == 0 || folded[at - 1] == ' ');
  });
}

bool is_lead_in(const Paragraph& p) {
  return !p.marked() && !p.rule &&
         (p.text.ends_with(':') || p.text.ends_with(',') || is_heading(p)) &&
         length_of(p.text) <= 400;
}

// The blank lines between most paragraphs.
std::int32_t usual_gap(const std::vector<Paragraph>& paragraphs) {
  std::map<std::int32_t, int> counts;
  for (std::size_t i = 1; i < paragraphs.size(); ++i) {
    ++counts[paragraphs[i].gap];
  }
  std::int32_t gap = 0;
  int most = 0;
  for (const auto& [blank_lines, count] : counts) {
    if (count > most) {
      gap = blank_lines;
      most = count;
    }
  }
  return gap;
}

struct Reader {
  Context& context;
  std::vector<Footnote> footnotes{};
  NoteMarks defined{};  // the marks of the footnotes
  std::vector<Paragraph> body{};  // without footnotes and rules
  std::size_t first_operative = 0;
  std::int32_t gap = 0;
  ItemRole role = ItemRole::operative;
  const Paragraph* heading = nullptr;  // of the section that the next item stands in
  std::vector<bool> is_section{};      // by paragraph of the body: a numbered heading

  void split_footnotes();
  [[nodiscard]] std::vector<std::optional<Footnote>> find_footnotes() const;
  [[nodiscard]] std::size_t find_numbered_notes(const NoteMarks& explained) const;
  [[nodiscard]] std::vector<bool> find_notes_between(const NoteMarks& explained) const;
  void take_headed_notes(std::vector<std::optional<Footnote>>& notes) const;
  [[nodiscard]] Paragraph without_marks(const Paragraph& p) const;
  [[nodiscard]] bool lost_note(const Paragraph& p) const;
  void find_first_operative();
  void find_numbered_headings();
  void mark_lettered_headings();
  [[nodiscard]] bool names_section(const Paragraph& p) const;
  void read_recitals();
  void read_items();
  void hang_notes();
  void warn_if_sections_lost();
  void unmarked(const Paragraph& p, const Outline& outline);
  void aside(const Paragraph& p);
  [[nodiscard]] bool is_drawn_item(const Paragraph& p, const Outline& outline) const;
};

// A rule that somebody drew, not the edge of a page.
bool is_drawn_rule(const Paragraph& p) {
  return p.rule && !p.running;
}

// The first paragraph of notes that are typed as a list ("1. The Government of …"); the number of
// paragraphs where there are none. Such a list is the last one, its numbers begin again, and all of
// them are called in the text above and one speaks for a State, or each is a State's position on
// the text, or they stand below a rule and none but a position asks for something. `explained` are
// the marks of the notes that are typed as notes.
std::size_t Reader::find_numbered_notes(const NoteMarks& explained) const {
  const std::vector<Paragraph>& all = context.paragraphs;
  std::size_t first = all.size();
  std::size_t before = all.size();  // the marked paragraph above `first`
  for (std::size_t i = all.size(); i-- > 0;) {
    if (!all[i].marked()) {
      continue;
    }
    const bool continues = first == all.size() || all[i].marker.value + 1 == all[first].marker.value;
    if (all[i].marker.kind != MarkerKind::number || !continues) {
      before = i;
      break;
    }
    first = i;
  }
  if (first == all.size() || before == all.size()) {
    return all.size();  // nothing, or the only list
  }
  const std::int32_t value = all[first].marker.value;
  if (value != 1 && (all[before].marker.kind != MarkerKind::number ||
                     value > all[before].marker.value)) {
    return all.size();
  }
  NoteMarks called;
  for (std::size_t i = 0; i < first; ++i) {
    add_called_marks(all[i].text, called);
  }
  bool all_called = true;
  bool any_speaks = false;
  bool all_positions = value == 1;
  bool below_rule = value == 1 && std::any_of(all.begin() + to_offset(before),
                                              all.begin() + to_offset(first), is_drawn_rule);
  for (std::size_t i = first; i < all.size(); ++i) {
    if (!all[i].marked()) {
      continue;
    }
    const Footnote note{.mark = fmt::format("{}", all[i].marker.value), .text = all[i].text};
    const bool begins = begins_with_state(note.text, context.catalogue);
    const bool position = states_position(note.text, context.catalogue);
    all_called = all_called && called.contains(note.mark) && !explained.contains(note.mark);
    any_speaks = any_speaks || begins || position;
    all_positions =
        all_positions && (position || (begins && speaks_for_state(note, context.catalogue)));
    below_rule = below_rule && (position || !reads_like_duty(note.text, context.result.language));
  }
  return (all_called && any_speaks) || all_positions || below_rule ? first : all.size();
}

// What stands below the heading of notes behind the items, each labelled paragraph and each that
// states a position.
void Reader::take_headed_notes(std::vector<std::optional<Footnote>>& notes) const {
  const std::vector<Paragraph>& all = context.paragraphs;
  const auto below = std::ranges::find_if(all.rbegin(), all.rend(), heads_notes).base();
  const auto is_item = [&](const Paragraph& p) {
    return p.marked() && !states_position(p.text, context.catalogue);
  };
  const auto asks = [&](const Paragraph& p) {
    return is_item(p) && reads_like_duty(p.text, context.result.language);
  };
  // Without such a heading this is the start, and nothing stands above it.
  const bool behind =
      std::any_of(all.begin(), below, [](const Paragraph& p) { return p.marked(); });
  const bool duties = behind && std::count_if(below, all.end(), asks) * 2 >
                                    std::count_if(below, all.end(), is_item);
  for (auto i = static_cast<std::size_t>(below - all.begin()); behind && !duties && i < all.size();
       ++i) {
    const Paragraph& p = all[i];
    if (!notes[i] && (p.marked() || states_position(p.text, context.catalogue))) {
      const bool numbered = p.marker.kind == MarkerKind::number;
      notes[i] = Footnote{.mark = numbered ? fmt::format("{}", p.marker.value) : std::string("-"),
                          .text = p.text,
                          .line = p.line};
    }
  }
}

// In capitals, with a word of some letters.
bool in_capitals(std::string_view text) {
  std::size_t letters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (starts_lower(text.substr(i))) {
      return false;
    }
    letters += starts_upper(text.substr(i)) ? 1U : 0U;
  }
  return letters >= 4;
}

// Notes typed as lists at the foot of each page ("1. The Government of …" amid "11) …" and
// "12) …"): numbers that break off the items', are all called above, and below which the items count
// on where they were.
std::vector<bool> Reader::find_notes_between(const NoteMarks& explained) const {
  const std::vector<Paragraph>& all = context.paragraphs;
  std::vector<bool> notes(all.size(), false);
  std::map<std::string, std::int32_t, std::less<>> counted;  // the last value of each style
  NoteMarks called;
  const Paragraph* item = nullptr;
  std::int32_t last_note = 0;
  const auto counts_on = [&](const Paragraph& p) {
    const auto at = counted.find(label_shape(p.marker));
    return at != counted.end() &&
           (p.marker.kind == MarkerKind::bullet || at->second + 1 == p.marker.value);
  };
  const auto is_called = [&](const Paragraph& p) {
    const std::string mark = fmt::format("{}", p.marker.value);
    return p.marker.kind == MarkerKind::number && called.contains(mark) && !explained.contains(mark);
  };
  const auto ends_open = [&](const Paragraph& p) {  // "Develop:²" leads a list
    ParsedItem bare;
    bare.text = p.text;
    take_note_marks(bare, called);
    return bare.text.ends_with(':');
  };
  for (std::size_t i = 0; i < all.size();) {
    const Paragraph& p = all[i];
    if (!p.marked()) {
      add_called_marks(p.text, called);
      ++i;
      continue;
    }
    const bool begins = p.marker.value == 1 || p.marker.value == last_note + 1;
    if (item != nullptr && begins && is_called(p) && !counts_on(p) && !ends_open(*item)) {
      std::size_t end = i;  // behind the notes
      std::int32_t value = p.marker.value;
      while (end < all.size() &&
             (!all[end].marked() || (all[end].marker.value == value && is_called(all[end])))) {
        value += all[end].marked() ? 1 : 0;
        ++end;
      }
      if (end < all.size() && counts_on(all[end])) {
        last_note = value - 1;
        for (; i < end; ++i) {  // with their further lines
          notes[i] = all[i].marked() || (!all[i].rule && (all[i].gap == 0 || all[i].indent > 0));
        }
        continue;
      }
    }
    add_called_marks(p.text, called);
    counted[label_shape(p.marker)] = p.marker.value;
    item = &p;
    ++i;
  }
  return notes;
}

// The paragraphs that are footnotes. A plain number or a star in front of one is its mark where a
// paragraph above ends with that mark, or where it stands below the last item and a State speaks in
// it of its position: a reservation must never become a commitment.
std::vector<std::optional<Footnote>> Reader::find_footnotes() const {
  const std::vector<Paragraph>& all = context.paragraphs;
  std::vector<std::optional<Footnote>> notes(all.size());
  std::vector<std::optional<Footnote>> plain_notes(all.size());
  NoteMarks explained;
  for (std::size_t i = 0; i < all.size(); ++i) {
    notes[i] = read_footnote(all[i]);
    const auto line = static_cast<std::size_t>(std::max(all[i].line, 1)) - 1;
    if (!notes[i] && !all[i].rule && line < context.result.lines.size()) {
      plain_notes[i] = read_plain_footnote(all[i], context.result.lines[line]);
    }
    const auto& note = notes[i] ? notes[i] : plain_notes[i];
    explained.insert(note ? note->mark : std::string());
  }
  NoteLines lines;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (lines.goes_on(all[i], notes[i].has_value(), context.result.language)) {
      notes[i] = Footnote{
          .mark = {}, .text = all[i].marker.label + " " + all[i].text, .line = all[i].line};
    }
  }
  take_headed_notes(notes);
  const std::size_t numbered = find_numbered_notes(explained);
  const std::vector<bool> between = find_notes_between(explained);
  std::size_t below = 0;  // the first paragraph below the last item
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!notes[i] && ((i >= numbered && all[i].marked()) || between[i])) {
      notes[i] = Footnote{
          .mark = all[i].marked() ? fmt::format("{}", all[i].marker.value) : std::string(),
          .text = all[i].text,
          .line = all[i].line};
    }
    below = all[i].marked() && !plain_notes[i] && !notes[i] ? i + 1 : below;
  }
  // A list whose items are marked with stars is a list, unless a State speaks in each.
  const bool stars_are_items = std::ranges::any_of(
      std::views::iota(below, all.size()), [&](std::size_t i) {
        return all[i].marked() && plain_notes[i] &&
               !speaks_for_state(*plain_notes[i], context.catalogue);
      });
  NoteMarks marks;  // of the paragraphs above
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (notes[i]) {
      continue;
    }
    if (!plain_notes[i]) {
      add_called_marks(all[i].text, marks);
      continue;
    }
    const bool called = marks.contains(plain_notes[i]->mark);
    const bool is_below = below > 0 && i >= below;
    const bool may_be = all[i].marked() ? is_below && (called || !stars_are_items)
                                        : called || is_below;
    if (may_be && (called || speaks_for_state(*plain_notes[i], context.catalogue))) {
      notes[i] = std::move(plain_notes[i]);
    }
  }
  return notes;
}

// As it reads without the note marks at its end, by which a clause looks like a heading.
Paragraph Reader::without_marks(const Paragraph& p) const {
  ParsedItem item;
  item.text = p.text;
  take_note_marks(item, defined);
  Paragraph out = p;
  out.text = std::move(item.text);
  return out;
}

void Reader::split_footnotes() {
  std::vector<std::optional<Footnote>> notes = find_footnotes();
  std::size_t last_marked = 0;
  for (std::size_t i = 0; i < context.paragraphs.size(); ++i) {
    last_marked = context.paragraphs[i].marked() && !notes[i] ? i : last_marked;
  }
  for (std::size_t i = 0; i < context.paragraphs.size(); ++i) {
    const Paragraph& p = context.paragraphs[i];
    if (p.rule) {
      continue;
    }
    if (notes[i] && notes[i]->mark.empty() && !footnotes.empty()) {
      context.take(p, LineUse::note);
      footnotes.back().text += ' ';
      footnotes.back().text += notes[i]->text;
      continue;
    }
    if (notes[i]) {
      context.take(p, LineUse::note);
      defined.insert(notes[i]->mark);
      footnotes.push_back(std::move(*notes[i]));
      continue;
    }
    // A footnote's further lines stand below the first one, after the last item.
    if (!footnotes.empty() && i > last_marked && p.gap == 0 && !p.marked()) {
      context.take(p, LineUse::note);
      footnotes.back().text += ' ';
      footnotes.back().text += p.text;
      continue;
    }
    body.push_back(p);
  }
}

// The operatives start at the first marked paragraph, or at the heading above it. Where recitals
// are numbered too, they start after the lead-in that says so ("agree:").
void Reader::find_first_operative() {
  const auto marked =
      std::find_if(body.begin(), body.end(), [](const Paragraph& p) { return p.marked(); });
  first_operative = static_cast<std::size_t>(marked - body.begin());
  if (first_operative == 0 || first_operative == body.size() ||
      context.result.kind != DocumentKind::ministers_commitment) {
    return;
  }
  const Paragraph before = without_marks(body[first_operative - 1]);
  const std::string folded = plain(before.text);
  if (is_lead_in(before) && has_stem(folded, kRecitalStems) && !has_stem(folded, kOperativeStems)) {
    std::size_t last_marked = first_operative;
    for (std::size_t i = first_operative; i < body.size(); ++i) {
      last_marked = body[i].marked() ? i : last_marked;
    }
    for (std::size_t i = first_operative; i < last_marked; ++i) {
      const Paragraph lead_in = without_marks(body[i]);
      if (is_lead_in(lead_in) && has_stem(plain(lead_in.text), kOperativeStems)) {
        first_operative = i + 1;
        return;
      }
    }
  }
  if (is_heading(before) && first_operative > 1) {
    --first_operative;
  }
}

bool opens(std::string_view folded) {
  constexpr std::array<std::string_view, 17> kOpenings = {
      "we, ",       "we the ",    "we ",           "nosotros",   "nosotras",   "las minist",
      "los minist", "las y los",  "nos, ",         "nos os",     "os ministr", "as ministr",
      "nous, ",     "nous ",      "les ministres", "the minist", "les minis"};
  return std::any_of(kOpenings.begin(), kOpenings.end(),
                     [&](std::string_view opening) { return folded.starts_with(opening); });
}

// "Recognising the work of the towns," is one, however short; "Recognising that:" leads to some.
bool is_recital(const Paragraph& p) {
  constexpr std::size_t kLeadInLengthMax = 24;
  return starts_as_recital(p) && p.text.ends_with(',') && length_of(p.text) > kLeadInLengthMax;
}

// Whether it ends with the mark of a note that the file has lost.
bool Reader::lost_note(const Paragraph& p) const {
  const std::string_view mark = plain_mark_at_end(p.text);
  const std::size_t size = mark.size();
  const bool decimal =
      p.text.size() >= size + 2 && std::string_view("0123456789").find(
                                       p.text[p.text.size() - size - 2]) != std::string_view::npos;
  return size > 0 && !decimal && !defined.contains(mark);
}

void Reader::read_recitals() {
  std::size_t i = 0;
  while (i < first_operative && !opens(plain(body[i].text))) {
    ++i;
  }
  // The ministers speak first, unless the page leaves that out.
  const std::size_t opening = i;
  if (opening == first_operative) {
    const auto recital = std::find_if(body.begin(), body.begin() + to_offset(first_operative),
                                      [](const Paragraph& p) {
                                        return starts_as_recital(p) && ends_clause(p.text);
                                      });
    i = static_cast<std::size_t>(recital - body.begin());
  } else {
    if (only_opens(body[i].text)) {
      context.take(body[i], LineUse::head);
    }
    ++i;
  }
  std::int32_t block = 1;
  bool any = false;
  for (; i < first_operative; ++i) {
    const Paragraph& p = body[i];
    const Paragraph bare = without_marks(p);
    const bool may_be = is_heading(bare) || (is_lead_in(bare) && length_of(bare.text) < 80);
    const bool title = may_be && !is_recital(bare) && !lost_note(p);
    const bool section = any && (p.gap > gap || title);
    block += section ? 1 : 0;
    any = any && !section;
    // "Prevention: Adopt laws." grounds nothing.
    const bool duty = !p.marked() && !starts_as_recital(p) &&
                      begins_with_verb(behind_label(p.text), context.result.language);
    if (title || duty) {
      continue;
    }
    const auto ordinal = static_cast<std::int32_t>(context.result.recitals.size()) + 1;
    ParsedItem item = make_item(context, p, ordinal, {}, LineUse::recital);
    item.role = ItemRole::recital;
    item.block = fmt::format("{}", block);
    context.result.recitals.push_back(std::move(item));
    any = true;
  }
}

// "Police Management:" in a paragraph of its own, as headings are typed where none are marked up.
bool is_heading_with_colon(const Paragraph& p) {
  constexpr std::size_t kHeadingLengthMax = 60;
  return p.text.ends_with(':') && length_of(p.text) <= kHeadingLengthMax && starts_upper(p.text);
}

// Bullets that a pdf draws are no text. Its reader joins the lines of a paragraph, so a clause that
// stands deeper than the text of the item above, or beside another such one, is an item.
bool Reader::is_drawn_item(const Paragraph& p, const Outline& outline) const {
  if (p.marked() || context.document.format != files::Format::pdf || outline.empty() ||
      context.result.items.empty()) {
    return false;
  }
  const ParsedItem& above = context.result.items.back();
  const bool deeper = p.indent > outline.indent();
  const bool beside = p.indent > 0 && p.indent == outline.indent() && above.label.empty() &&
                      above.level > 1;
  return (deeper || beside) && ends_clause(p.text) && ends_clause(above.text) && !p.heading;
}

void Reader::unmarked(const Paragraph& p, const Outline& outline) {
  std::vector<ParsedItem>& items = context.result.items;
  const bool after_clause = items.empty() || ends_clause(items.back().text);
  const Paragraph bare = without_marks(p);
  if (is_heading(bare) || (after_clause && is_heading_with_colon(bare))) {
    // Only ministers' texts keep their headings, and of two headings the one above the items.
    const bool kept = context.result.kind == DocumentKind::ministers_commitment;
    heading = kept ? &p : heading;
    return;
  }
  const bool open = !items.empty() && !ends_clause(items.back().text);
  const bool inside = !outline.empty() && p.indent > 0 && p.indent > outline.indent();
  if (!items.empty() && (inside || (open && starts_lower(p.text)))) {
    append_text(context, items.back(), p);
  }
}

// "I. Public Security Management": the heading of a section, numbered as the document's parts are.
bool is_numbered_heading(const Paragraph& p) {
  const bool upper = !p.marker.label.empty() && p.marker.label.find_first_of("IVXABCDEFGH") <= 1;
  return upper && length_of(p.text) <= 90 && !ends_clause(p.text);
}

// Whether a numbered paragraph may name a section: it is short, ends no clause and starts with no
// verb, or stands in capitals, or the file calls it a heading.
bool Reader::names_section(const Paragraph& p) const {
  constexpr std::size_t kLengthMax = 110;
  const Paragraph bare = without_marks(p);
  const std::string_view text = bare.text;
  if (!(p.marker.kind == MarkerKind::number || p.marker.kind == MarkerKind::decimal) ||
      length_of(text) > kLengthMax || text.ends_with(';') || text.ends_with(',') ||
      !starts_upper(text)) {
    return false;
  }
  return p.heading || in_capitals(text) ||
         (reads_like_title(text) &&
          !starts_with_verb(text, context.result.language.value_or(Language::en)));
}

// "1. PUBLIC SECURITY MANAGEMENT" above a list that begins or begins again. Words in capitals, or
// that the file calls a heading, need no more than such a list. Others are headings where all
// paragraphs that are labelled so are, count from one, and lead lists of clauses.
void Reader::find_numbered_headings() {
  is_section.assign(body.size(), false);
  if (context.result.kind == DocumentKind::parliamentary_priorities) {
    return;
  }
  struct Candidate {
    std::size_t at = 0;
    bool names = false;
    bool leads = false;  // another list begins below it
    std::string shape;
  };
  std::vector<Candidate> all;
  for (std::size_t i = first_operative; i < body.size(); ++i) {
    if (body[i].marked()) {
      all.push_back({.at = i, .names = names_section(body[i]), .shape = label_shape(body[i].marker)});
    }
  }
  std::map<std::string, std::int32_t, std::less<>> last;  // values of those that lead lists
  std::map<std::string, bool, std::less<>> uneven;        // whose others are no headings
  const auto capitals = std::ranges::count_if(
      all, [&](const Candidate& one) { return in_capitals(body[one.at].text); });
  const bool capitals_tell = static_cast<std::size_t>(capitals) * 2 <= all.size();
  std::size_t clauses = 0;
  for (std::size_t k = all.size(); k-- > 0;) {
    Candidate& here = all[k];
    const Paragraph& p = body[here.at];
    clauses += here.names ? 0U : ends_clause(without_marks(p).text) ? 2U : 0U;
    if (!here.names || k + 1 == all.size()) {
      continue;
    }
    const Candidate& next = all[k + 1];
    const bool other = next.shape != here.shape;
    here.leads = other || body[next.at].marker.value != p.marker.value + 1;
    const bool sure = p.heading || (capitals_tell && in_capitals(p.text));
    is_section[here.at] = sure && (other || !next.names);
  }
  std::size_t items = 0;
  std::map<std::string, std::size_t, std::less<>> leading;
  for (const Candidate& one : all) {
    const std::int32_t value = body[one.at].marker.value;
    if (one.names && one.leads) {
      std::int32_t& before = last[one.shape];
      uneven[one.shape] = uneven[one.shape] || value != before + 1;
      before = value;
      ++leading[one.shape];
    } else {
      ++items;
      uneven[one.shape] = uneven[one.shape] || one.names;
    }
  }
  for (const Candidate& one : all) {
    const bool even = !uneven[one.shape] && leading[one.shape] >= 2 && clauses >= items;
    if (one.names && one.leads && even && !is_section[one.at]) {
      is_section[one.at] = true;
      context.warn_of("heading_numbered", body[one.at].line, body[one.at].text);
    }
  }
}

// Those of ministers' texts are headings by their labels alone.
void Reader::mark_lettered_headings() {
  if (context.result.kind != DocumentKind::unknown) {
    return;
  }
  const std::vector<bool> lettered =
      find_lettered_headings(body, context.result.language.value_or(Language::en));
  for (std::size_t i = first_operative; i < body.size(); ++i) {
    if (lettered[i] && !is_section[i]) {
      is_section[i] = true;
      context.warn_of("heading_numbered", body[i].line, body[i].text);
    }
  }
}

void Reader::read_items() {
  Outline outline;
  std::int32_t block = 0;
  std::string block_title;
  std::string last_title;
  const bool sections = context.result.kind == DocumentKind::ministers_commitment;
  for (std::size_t i = first_operative; i < body.size(); ++i) {
    const Paragraph& p = body[i];
    const bool drawn = is_drawn_item(p, outline);
    if (!p.marked() && !drawn) {
      unmarked(p, outline);
      block_title = heading != nullptr ? heading->text : block_title;
      continue;
    }
    const bool headed = sections || (context.result.kind == DocumentKind::unknown &&
                                     in_capitals(without_marks(p).text));
    if (is_section[i] || (headed && !drawn && is_numbered_heading(without_marks(p)))) {
      context.take(p, LineUse::heading);
      heading = &p;
      block_title = p.text;
      outline.clear();
      continue;
    }
    const Paragraph* const above = std::exchange(heading, nullptr);
    // "Publish the figures by 2027" may be an item that lost its number: it is told, too.
    const bool breaks = above != nullptr && above->gap == 0 && !context.result.items.empty() &&
                        !ends_clause(context.result.items.back().text);
    if (above != nullptr && !breaks &&
        (above->heading || !reads_like_duty(above->text, context.result.language))) {
      context.take(*above, LineUse::heading);
    }
    if (is_question(without_marks(p).text)) {
      aside(p);
      continue;
    }
    const auto ordinal = static_cast<std::int32_t>(context.result.items.size()) + 1;
    const Outline::Place place = drawn ? outline.put_unmarked(p, ordinal) : outline.put(p, ordinal);
    if (drawn) {
      context.warn_of("marker_lost", p.line, p.text.substr(0, p.text.find(' ')));
      context.result.warnings.back().params = {{"level", std::to_string(place.level)}};
    }
    ParsedItem item = make_item(context, p, ordinal, place);
    item.role = role;
    if (sections) {
      const bool wider = p.gap > gap && item.level == 1;
      if (block == 0 || wider || block_title != last_title) {
        ++block;
        last_title = block_title;
      }
      item.block = fmt::format("{}", block);
      item.block_title = block_title;
    }
    context.result.items.push_back(std::move(item));
  }
}

// A question of a list is kept as one, and said: nobody is bound by it.
void Reader::aside(const Paragraph& p) {
  std::vector<ParsedItem>& guidance = context.result.guidance;
  ParsedItem item =
      make_item(context, p, static_cast<std::int32_t>(guidance.size()) + 1, {}, LineUse::guidance);
  item.role = ItemRole::key_question;
  take_note_marks(item, defined);
  item.effective.meeting = context.result.meeting;
  item.effective.document = context.result.document;
  guidance.push_back(std::move(item));
  context.warn_of("question", p.line, p.text);
}

// Ministers' texts stand in sections. Where a format dropped their headings and gaps, nothing in the
// file says where they begin, and a person has to know.
void Reader::warn_if_sections_lost() {
  constexpr std::size_t kItemsOfOneSectionMax = 12;
  const std::vector<ParsedItem>& items = context.result.items;
  const bool one = std::all_of(items.begin(), items.end(), [&](const ParsedItem& item) {
    return item.block == items.front().block;
  });
  if (context.result.kind == DocumentKind::ministers_commitment &&
      items.size() > kItemsOfOneSectionMax && one) {
    context.warn("sections_lost", items.front().line,
                 "no headings and no wider gaps between the sections; import a version of the "
                 "document that shows them");
  }
}

void Reader::hang_notes() {
  ParsedDocument& result = context.result;
  hang_statements(context, footnotes, defined);
  if (result.kind != DocumentKind::parliamentary_priorities) {
    return;
  }
  for (const Footnote& note : footnotes) {
    auto states = read_states(note.text, note.line, context.catalogue);
    auto treaties = read_treaties(note.text, note.line, context.catalogue);
    result.states.insert(result.states.end(), states.begin(), states.end());
    result.treaties.insert(result.treaties.end(), treaties.begin(), treaties.end());
  }
  for (const NamedState& state : result.states) {
    if (state.code.empty()) {
      context.warn_of("state_unknown", state.line, state.printed);
    }
  }
}

}  // namespace

bool starts_as_recital(const Paragraph& p) {
  const std::string folded = plain(p.text);
  return std::ranges::any_of(kRecitalStems,
                             [&](std::string_view stem) { return folded.starts_with(stem); });
}

bool leads_to_operatives(std::string_view folded) {
  return has_stem(folded, kOperativeStems);
}

void parse_numbered(Context& context) {
  Reader reader{.context = context};
  if (context.result.kind == DocumentKind::parliamentary_priorities) {
    reader.role = ItemRole::priority;
  }
  reader.split_footnotes();
  reader.gap = usual_gap(reader.body);
  reader.find_first_operative();
  reader.find_numbered_headings();
  reader.mark_lettered_headings();
  if (context.result.kind == DocumentKind::ministers_commitment) {
    reader.read_recitals();
  }
  reader.read_items();
  reader.warn_if_sections_lost();
  reader.hang_notes();
  if (context.result.kind == DocumentKind::unknown) {
    take_headings(context);
  }
  for (ParsedItem& item : context.result.items) {
    if (!item.effective.meeting.empty()) {
      // A heading that names the text's own meeting says less than its title.
      const bool own = item.effective.meeting == context.result.meeting;
      item.effective.document = own && item.effective.document.empty() ? context.result.document
                                                                       : item.effective.document;
      continue;
    }
    item.effective.meeting = context.result.meeting;
    item.effective.document = context.result.document;
    item.effective.place = context.result.place;
    if (const Meeting* meeting = context.catalogue.find_meeting(context.result.meeting)) {
      item.effective.country = meeting->country;
      item.effective.year = meeting->year;
    } else if (context.result.adopted) {
      item.effective.year = context.result.adopted->year;
    } else if (context.year_read != 0) {
      item.effective.year = context.year_read;
    }
  }
  mark_chapeaus(context.result.items);
  warn_if_levels_guessed(context);
  warn_of_order(context);
  warn_if_cut(context);
}

}  // namespace atalaya::commitments::parsing
