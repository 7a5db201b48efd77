#include <algorithm>
#include <array>
#include <utility>

#include "analysis_verbs.hpp"
#include "analysis_words.hpp"
#include "parse_context.hpp"
#include "parse_dates.hpp"

// Some pages print the source once, above the items: "II Summit of the Americas, Santiago, 1998",
// "Plan of Action of Santiago". Such a heading speaks for what stands below it, up to the next one,
// unless one of these items is cited from another meeting: then it is a link, or the site's own
// name. An item's own citation says more than a heading, and a heading more than a neighbour. One
// that names a text and does not count still ends the reach of the one above it.

namespace atalaya::commitments::parsing {
namespace {

struct CitingHeading {
  const Paragraph* paragraph = nullptr;
  Effective effective;  // empty of one that only ends the reach of another
};

// "Improve the courts (Plan of Action, 2001)." is an item's text, with a colon it may be a heading.
bool is_cited(const Context& context, const Paragraph& p) {
  const auto found = context.citations.find(p.text);
  return found && found->tail.empty();
}

// Headings that name a meeting or text and stand above an item, other headings between them or not.
// Where one that names no text stands beside one that does ("Plan of Action" below "Santiago,
// 1998"), both speak.
std::vector<CitingHeading> find_headings(const Context& context) {
  std::vector<CitingHeading> found;
  std::size_t open = 0;  // those above which no item has stood yet begin here
  const Paragraph* above = nullptr;  // a heading directly above
  for (const Paragraph& p : context.paragraphs) {
    if (p.rule) {
      continue;
    }
    if (p.marked() || !is_heading(p) || is_cited(context, p)) {
      open = p.marked() ? found.size() : open;
      above = nullptr;
      continue;
    }
    auto cited = context.citations.in_heading(p.text);
    const bool both =
        above != nullptr && (cited || (found.size() > open && found.back().paragraph == above));
    if (both && (!cited || context.citations.resolve(*cited).document.empty())) {
      const auto joined = context.citations.in_heading(above->text + ", " + p.text);
      const bool more = joined && !context.citations.resolve(*joined).document.empty();
      cited = more ? joined : cited;
    }
    above = &p;
    if (!cited) {
      if (context.citations.speaks_of_text(p.text)) {
        found.push_back({&p, {}});
      }
      continue;
    }
    // Of several in a row the last one that names a text speaks, else the last.
    const Effective effective = context.citations.resolve(*cited);
    const bool vaguer = found.size() > open && effective.document.empty() &&
                        found.back().effective.meeting == effective.meeting;
    if (!vaguer) {
      found.push_back({&p, effective});
    }
  }
  found.resize(open);
  return found;
}

// A capital as the label: "I." and "B)", not "i." and "b)".
bool has_capital_label(const Paragraph& p) {
  return (p.marker.kind == MarkerKind::letter || p.marker.kind == MarkerKind::roman) &&
         std::ranges::any_of(p.marker.label, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "Strengthen institutions", "The States shall strengthen institutions".
bool asks(std::string_view text, Language language) {
  constexpr std::array<std::string_view, 8> kDuties = {"shall",   "must",  "deberan", "deben",
                                                       "deverao", "devem", "doivent", "devront"};
  const std::string folded = plain(text);
  return starts_with_verb(text, language) ||
         std::ranges::any_of(kDuties,
                             [&](std::string_view word) { return has_word(folded, word); });
}

// The labels in capitals of one style, "I." or "A.", as a text uses them.
struct CapitalLabels {
  std::vector<std::size_t> names{};  // paragraphs that may name a section
  std::size_t all = 0;
  std::size_t leading = 0;     // of those that may: another list begins below
  std::size_t asking = 0;      // likewise: for something
  std::int32_t last = 0;
  bool anew = false;   // below one of the other style they may begin again
  bool counts = true;  // from one, without a gap

  [[nodiscard]] bool are_headings() const {
    return counts && leading >= 2 && names.size() * 2 > all && asking * 2 <= names.size();
  }
};

// "E. Creation of a register by 2023", "F. Reporting" in a row at the end, with nothing below them,
// are items of their own.
void undo_last_headings(const std::vector<Paragraph>& paragraphs, std::vector<bool>& headings) {
  std::vector<std::size_t> last;
  for (std::size_t i = paragraphs.size(); i-- > 0;) {
    const Paragraph& p = paragraphs[i];
    if (!headings[i] && (p.marked() || (!p.rule && !is_heading(p)))) {
      break;  // something stands below those above
    }
    if (headings[i] && !p.heading) {
      last.push_back(i);
    }
  }
  const bool dated = last.size() == 1 && find_last_year(paragraphs[last.front()].text) > 0;
  for (const std::size_t i : last.size() > 1 || dated ? last : std::vector<std::size_t>{}) {
    headings[i] = false;
  }
}

}  // namespace

bool reads_like_title(std::string_view text) {
  constexpr std::array<std::string_view, 9> kJoints = {" and", " y",  " e",  " et", " or",
                                                       " o",   " ou", " de", " of"};
  return starts_upper(text) && !text.ends_with(',') && !ends_clause(text) &&
         std::ranges::none_of(kJoints,
                              [&](std::string_view joint) { return text.ends_with(joint); });
}

bool starts_with_verb(std::string_view text, Language language) {
  const std::vector<Word> words = words_of(text);
  const auto verb = words.empty() ? std::nullopt : find_verb(words.front().key, language);
  return words.empty() || (verb && verb->form != VerbForm::gerund) ||
         looks_infinitive(words.front().key, language);
}

std::vector<bool> find_lettered_headings(const std::vector<Paragraph>& paragraphs,
                                         Language language) {
  constexpr std::size_t kLengthMax = 150;
  CapitalLabels roman;
  CapitalLabels letters;
  CapitalLabels* leads = nullptr;  // the style of the paragraph above that may lead a list
  const Paragraph* above = nullptr;
  for (std::size_t i = 0; i < paragraphs.size(); ++i) {
    const Paragraph& p = paragraphs[i];
    if (!p.marked()) {
      continue;
    }
    const Paragraph* const before = std::exchange(above, &p);
    const bool capital = has_capital_label(p);
    // "I." is a letter only behind "H.".
    const bool is_roman = p.marker.roman_value > 0 && (p.marker.kind == MarkerKind::roman ||
                                                       letters.last + 1 != p.marker.value);
    CapitalLabels* const style = !capital ? nullptr : is_roman ? &roman : &letters;
    if (leads != nullptr && style != leads) {
      ++leads->leading;
    }
    leads = nullptr;
    if (style == nullptr) {
      continue;
    }
    const std::int32_t value = is_roman ? p.marker.roman_value : p.marker.value;
    const bool begins = value == 1 && (style->all == 0 || style->anew);
    const bool of_item = begins && before != nullptr && before->text.ends_with(':');
    style->counts = style->counts && !of_item && (begins || value == style->last + 1);
    style->last = value;
    style->anew = false;
    (is_roman ? letters : roman).anew = true;
    ++style->all;
    if (length_of(p.text) <= kLengthMax && (p.heading || reads_like_title(p.text))) {
      style->names.push_back(i);
      style->asking += !p.heading && asks(p.text, language) ? 1U : 0U;
      leads = style;
    }
  }
  std::vector<bool> headings(paragraphs.size(), false);
  for (const CapitalLabels* style : {&roman, &letters}) {
    for (const std::size_t i : style->are_headings() ? style->names : std::vector<std::size_t>{}) {
      headings[i] = true;
    }
  }
  undo_last_headings(paragraphs, headings);
  return headings;
}

bool cites_in_heading(const Context& context, const Paragraph& p) {
  return is_heading(p) && !is_cited(context, p) && context.citations.in_heading(p.text).has_value();
}

std::vector<Reach> take_headings(Context& context) {
  std::vector<ParsedItem>& items = context.result.items;
  const std::vector<CitingHeading> headings = find_headings(context);
  std::vector<Reach> reaches;
  for (std::size_t k = 0; k < headings.size(); ++k) {
    const std::int32_t line = headings[k].paragraph->line;
    reaches.push_back({line, false});
    if (headings[k].effective.meeting.empty()) {
      continue;
    }
    const auto begin = std::ranges::lower_bound(items, line, {}, &ParsedItem::line);
    const auto end =
        k + 1 < headings.size()
            ? std::ranges::lower_bound(begin, items.end(), headings[k + 1].paragraph->line, {},
                                       &ParsedItem::line)
            : items.end();
    const Effective& effective = headings[k].effective;
    const bool contradicted = std::any_of(begin, end, [&](const ParsedItem& item) {
      return !item.effective.meeting.empty() && item.effective.meeting != effective.meeting;
    });
    if (contradicted) {
      reaches.back().closed = begin != items.begin();  // above all items: the site's own name
      continue;
    }
    std::int32_t count = 0;
    for (auto item = begin; item != end; ++item) {
      if (!context.may_infer(static_cast<std::size_t>(item - items.begin()))) {
        continue;
      }
      if (item->citation.status == CitationStatus::none) {
        item->citation.status = CitationStatus::inferred;
        item->effective = effective;
        ++count;
      } else if (item->effective.document.empty()) {
        item->effective.document = effective.document;
      }
    }
    context.take(*headings[k].paragraph, LineUse::heading);
    if (count > 0) {
      context.warn_of("citation_heading", line, headings[k].paragraph->text);
      context.result.warnings.back().params = {
          {"count", std::to_string(count)},
          {"document", effective.document.empty() ? effective.meeting : effective.document}};
    }
  }
  return reaches;
}

}  // namespace atalaya::commitments::parsing
